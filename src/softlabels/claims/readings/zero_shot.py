"""What is read off figure 7: a class without images, or without its entry in the labels of others."""

import pandas as pd

from softlabels.claims.readings.images import gap, level, pick
from softlabels.errors import NotRun
from softlabels.store import curves_of


def on_treated(rows: pd.DataFrame, removal: str, removed: str | None = None, unit: str = "draw", **points) -> dict:
    """Mean accuracy on the treated classes, in percent.

    removal: what was taken from the students, `images` or `labels`; `none`: untreated students on the same classes.
    removed: only these classes, as the rows name those that were removed together (`3`, `3 8`); None: all of them.
    """
    if removal != "none":
        only = {} if removed is None else {"removed": removed}
        return level(rows, "class_accuracy", unit=unit, removal=removal, **points | only)
    names = groups(rows, **points) if removed is None else [removed]
    classes = {int(name) for group in names for name in group.split()}
    untreated, curves = pick(rows, labels="soft", **points), curves_of(rows)
    if curves.empty:
        raise NotRun("the rows have no curves")
    own = curves[(curves["name"] == "class_accuracy") & curves["step"].isin(classes)]
    return {"": 100 * own.merge(untreated[["identity", unit]]).groupby(unit)["value"].mean()}


def groups(rows: pd.DataFrame, **points) -> list[str]:
    """The treated classes, as the rows name those that were removed together: `3`, or `3 8`."""
    treated = pick(rows, ("removal",), **points)
    names = treated.loc[treated["removal"] != "none", "removed"].astype(str).unique()
    return sorted(names, key=lambda name: [int(c) for c in name.split()])


def by_class(rows: pd.DataFrame, removal: str, **points) -> pd.Series:
    """Accuracy in percent by treated class, or group of classes that were removed together: mean over draws."""
    return pd.Series(
        {name: on_treated(rows, removal, removed=name, **points)[""].mean() for name in groups(rows, **points)}
    )


def without_best(rows: pd.DataFrame, removal: str, unit: str = "draw", **points) -> tuple[str, float, pd.Series]:
    """The treated class that is recognised best, its accuracy, and the mean accuracy on the others by unit."""
    classes = by_class(rows, removal, **points)
    best = classes.idxmax()
    others = {
        name: on_treated(rows, removal, removed=name, unit=unit, **points)[""] for name in classes.index.drop(best)
    }
    return best, classes[best], pd.DataFrame(others).mean(axis=1)


def lost_by_removal(rows: pd.DataFrame, removal: str, unit: str = "draw", **points) -> dict:
    """Accuracy on the treated classes of students from whom nothing was removed, minus that of those treated."""
    classes = " ".join(groups(rows, removal=removal, **points))
    control = on_treated(rows, "none", removed=classes, unit=unit, **points)[""]
    return {"": (control - on_treated(rows, removal, unit=unit, **points)[""]).dropna()}


def along_entropy(rows: pd.DataFrame, data: str) -> pd.DataFrame:
    """The same images with labels of ever later epochs: a line an IPC and epoch, in the order of both.

    Columns: ipc, epoch, entropy (nats); accuracy on the treated classes in percent by what was removed (none, images,
    labels); `ahead`, that without images minus that without entries, in points; `ahead_by_draw`, its values.
    """
    cells = pick(rows, labels="soft", data=data)[["ipc", "teacher_epoch"]].drop_duplicates()
    lines = []
    for ipc, epoch in sorted(cells.itertuples(index=False)):
        cell = {"data": data, "ipc": ipc, "teacher_epoch": epoch}
        entropy = level(rows, "label_entropy", labels="soft", **cell)[""].mean()
        means = {removal: on_treated(rows, removal, **cell)[""].mean() for removal in ("none", "images", "labels")}
        ahead = gap(rows, metric="class_accuracy", of={"removal": "images"}, to={"removal": "labels"}, **cell)[""]
        lines.append(
            {"ipc": ipc, "epoch": epoch, "entropy": entropy} | means | {"ahead": ahead.mean(), "ahead_by_draw": ahead}
        )
    return pd.DataFrame(lines)

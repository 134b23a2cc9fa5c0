"""What is read off figure 1 and tables 1, 2 and 4: soft and hard labels of random and of made images."""

from collections.abc import Iterator

import pandas as pd

from softlabels import hyperparameters, published
from softlabels.claims.readings.images import by_unit, level, pick, reported
from softlabels.claims.readings.points import curve
from softlabels.errors import NotRun

OVER = ["teacher_epoch"]  # what is chosen where soft labels leave it open

# ---- cells of the tables


def reporting(rows: pd.DataFrame, labels: str, **points) -> pd.DataFrame:
    """The rows that a cell's number comes from; of soft labels, those of the best teacher epoch.

    One half of the students chooses it and the other half reports. Students that are too few to split report what
    they have chosen.
    """
    over = OVER if labels == "soft" else []
    cell = pick(rows, over, labels=labels, **points)
    try:
        return reported(cell, over)
    except NotRun:
        return cell[cell["teacher_epoch"] == cell.groupby("teacher_epoch")["accuracy_last"].mean().idxmax()]


def accuracy(rows: pd.DataFrame, labels: str, metric: str = "accuracy_last", **points) -> dict:
    """Accuracy in percent of each draw of images, with the best teacher epoch where the points name none."""
    return {"": by_unit(reporting(rows, labels, **points), metric, "draw")}


def gain(rows: pd.DataFrame, of: dict, to: dict, **points) -> dict:
    """Accuracy at `of` minus that at `to` in points, by draw, each with its best teacher epoch."""
    return {"": (accuracy(rows, **points | of)[""] - accuracy(rows, **points | to)[""]).dropna()}


def label_kinds(rows: pd.DataFrame) -> dict[str, dict]:
    """The kinds of labels that rows hold: name -> points."""
    kinds = {"hard": {"labels": "hard"}}
    for teacher, student in sorted(set(zip(rows["teacher_network"], rows["network"], strict=True))):
        who = {"teacher_network": teacher, "network": student} if rows["network"].nunique() > 1 else {}
        kinds["fixed soft" + (f", {teacher} to {student}" if who else "")] = {"labels": "soft"} | who
    for epoch in sorted(rows.loc[rows["labels"] == "cutmix", "teacher_epoch"].unique(), reverse=True):
        kinds[f"CutMix, teacher's epoch {epoch}"] = {"labels": "cutmix", "teacher_epoch": int(epoch)}
    return kinds


def cells(rows: pd.DataFrame) -> Iterator[tuple[str, int, int, pd.DataFrame]]:
    """Table 2's cells that rows hold: data, IPC, the student's epochs, and the cell's rows."""
    for data in rows["data"].unique():
        for (ipc, epochs), cell in rows[rows["data"] == data].groupby(["ipc", "epochs"]):
            if (cell["labels"] == "soft").any():
                yield data, int(ipc), int(epochs), cell


def against_printed(rows: pd.DataFrame, series: str, data: str, ipc: int, **points) -> dict:
    """Accuracy with table 7's teacher epoch minus a printed one, in points."""
    epoch, printed = hyperparameters.chosen(data, ipc).teacher_epoch, published.find(series).value(ipc)
    return level(rows, minus=printed, labels="soft", data=data, ipc=ipc, teacher_epoch=epoch, **points)


# ---- images against labels (figure 1)


def added_by_labels(rows: pd.DataFrame) -> pd.Series:
    """What soft labels add to random images, in points, by IPC."""
    return curve(rows, "ipc", gain, of={"labels": "soft"}, to={"labels": "hard"}, images="real").mean()


def added_by_images(rows: pd.DataFrame, labels: str) -> pd.Series:
    """What the better kind of made images adds to random ones with the same kind of labels, in points, by IPC."""
    made = [kind for kind in rows["images"].unique() if kind != "real"]
    gains = {kind: curve(rows, "ipc", gain, of={"images": kind}, to={"images": "real"}, labels=labels) for kind in made}
    return pd.DataFrame({kind: points.mean() for kind, points in gains.items()}).max(axis=1)


def labels_over_images(rows: pd.DataFrame) -> pd.DataFrame:
    """What soft labels add to random images minus what the better made images add: points, draws × IPC.

    Images with hard labels on both sides; the better kind is read off means.
    """
    to = {"images": "real", "labels": "hard"}
    of_labels = curve(rows, "ipc", gain, of={"images": "real", "labels": "soft"}, to=to)
    made = [kind for kind in rows["images"].unique() if kind != "real"]
    of_images = {kind: curve(rows, "ipc", gain, of={"images": kind, "labels": "hard"}, to=to) for kind in made}
    better = pd.DataFrame({kind: points.mean() for kind, points in of_images.items()}).idxmax(axis=1)
    return pd.DataFrame({ipc: of_labels[ipc] - of_images[kind][ipc] for ipc, kind in better.items()})


# ---- the teacher, and how long a student trains


def full_data(rows: pd.DataFrame) -> float:
    """Accuracy in percent of the fully trained teacher, which saw all images."""
    last = rows["teacher_epoch"].max()
    return level(rows, "teacher_accuracy", labels="soft", teacher_epoch=int(last))[""].mean()


def longer_training(rows: pd.DataFrame, labels: str) -> float:
    """What most epochs give beyond fewest, in points: mean over the learning rates tried with every number."""
    by_rate = rows[rows["labels"] == labels].pivot_table(index="lr", columns="epochs", values="accuracy_last").dropna()
    return 100 * (by_rate.iloc[:, -1] - by_rate.iloc[:, 0]).mean() if by_rate.shape[1] > 1 else float("nan")


def best_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """The tuned learning rates: a line for data, labels, IPC and epochs, wherever several rates were tried.

    lr: that with the best mean validation accuracy, of equal ones the lowest; validation_accuracy: in percent;
    bracketed: whether lower and higher rates were tried. Raises NotRun where rows are without validation accuracy,
    or where several rates were tried nowhere.
    """
    if "validation_accuracy" not in rows or rows["validation_accuracy"].isna().any():
        raise NotRun("some rows were stored before validation accuracy was; run them with --rerun")
    lines = {}
    for cell, part in rows.groupby(["data", "labels", "ipc", "epochs"]):
        tried = by_unit(part, "validation_accuracy", "lr")
        if len(tried) > 1:
            best = tried.idxmax()
            bracketed = tried.index.min() < best < tried.index.max()
            lines[cell] = {"lr": best, "validation_accuracy": tried[best], "bracketed": bracketed}
    if not lines:
        raise NotRun("no cell has several learning rates")
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis(["data", "labels", "ipc", "epochs"])


def gain_at_best_rates(rows: pd.DataFrame) -> float:
    """Soft minus hard labels in points, each at the learning rate that is best for it on average."""
    best = rows.groupby(["labels", "lr"])["accuracy_last"].mean().groupby("labels").max()
    return 100 * (best["soft"] - best["hard"])

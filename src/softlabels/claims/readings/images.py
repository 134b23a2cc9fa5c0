"""What all pages of paper Q read rows with.

Accuracies are in percent here and differences of them in points, as paper Q prints them; rows hold fractions. A number
belongs to a unit: a draw of images, or a teacher; students are averaged within it first. A best teacher epoch or
temperature is chosen on one half of the students and reported on the other, both ways round, so that no student reports
what it chose. Where a claim names no treatment of images or labels, untreated runs count.
"""

import pandas as pd

from softlabels import store
from softlabels.claims.readings.points import at
from softlabels.errors import NotRun
from softlabels.intervals import Means, spearman
from softlabels.studies.images.settings import FROM_TEACHER
from softlabels.study import Study

MAIN = {  # scale -> the images that its figures are about
    "smoke": "noisy digits", "quick": "noisy digits", "reduced": "tiny-imagenet-32", "paper": "cifar100"
}  # fmt: skip
OF_IMAGES = {"selection": "random", "images": "real", "removal": "none"}  # column -> what counts as untreated
OF_LABELS = {  # the same of labels that a teacher gives; and `top`, the number of entries left, is that of all
    "teacher_augmented": True, "tau": 1.0, "renormalised": False, "swapped": 0, "shuffled": False, "noise_share": 0
}  # fmt: skip

# ---- rows, cells, units


def photographs(study: Study | str, scale: str) -> pd.DataFrame | None:
    """The stored rows of a study on the images that a scale's figures are about; None where there are none."""
    rows = store.stored(study, scale=scale)
    main = None if rows is None else rows[rows["data"] == MAIN[scale]]
    return None if main is None or main.empty else main


def pick(rows: pd.DataFrame, free: tuple[str, ...] | list[str] = (), **points) -> pd.DataFrame:
    """The rows at the named points, untreated but for what the points name and the columns that are left `free`."""
    of_labels, named = OF_LABELS, {*free, *points}
    if "top" in rows:
        of_labels = of_labels | {"top": rows.groupby("data")["top"].transform("max")}  # all entries
    rows = at(rows, **points)
    taught = rows["labels"].isin(FROM_TEACHER) if "labels" in rows else pd.Series(True, index=rows.index)
    untreated = pd.Series(True, index=rows.index)
    for column in rows.columns.intersection([*OF_IMAGES]).difference(named):
        untreated &= rows[column] == OF_IMAGES[column]
    for column in rows.columns.intersection([*of_labels]).difference(named):
        value = of_labels[column]
        untreated &= ~taught | (rows[column] == (value[rows.index] if column == "top" else value))
    if not untreated.any():
        raise NotRun(f"no untreated run has {', '.join(f'{column} = {value}' for column, value in points.items())}")
    return rows[untreated]


def by_unit(rows: pd.DataFrame, metric: str, unit: str | list[str]) -> pd.Series:
    """Mean of a metric over the students of each unit; accuracies in percent."""
    for column in (metric, *([unit] if isinstance(unit, str) else unit)):
        if column not in rows:
            raise NotRun(f"the rows have no {column}")
    return rows.groupby(unit)[metric].mean() * (100 if "accuracy" in metric else 1)


def table(rows: pd.DataFrame, metric: str, axes: list[str], unit: str) -> pd.DataFrame:
    """The same as units × points of the axes, without units that lack a point. Raises NotRun where none is left."""
    values = by_unit(rows, metric, [unit, *axes]).unstack(axes).sort_index(axis=1).dropna()
    if values.empty:
        raise NotRun("there is no replicate that has every point")
    return values


def halves(rows: pd.DataFrame) -> pd.Series:
    """0 or 1 a row: to which half of the students it belongs, alternating over draws, teachers and students."""
    group = rows.groupby(["draw", "teacher"]).ngroup() if "teacher" in rows else rows.groupby("draw").ngroup()
    return (group + rows.groupby("seed").ngroup()) % 2


def reported(rows: pd.DataFrame, over: tuple[str, ...] | list[str]) -> pd.DataFrame:
    """Of the cells that `over` tells apart, the rows that report: those of the best cell of the other half's choosing.

    Best by mean last accuracy, among the cells that every draw has. Where that is only one, the draws that have others
    too have chosen it and do not report. With a single cell in all, nothing is chosen and every row reports.
    """
    if not over or rows.groupby(list(over)).ngroups == 1:
        return rows
    rows = rows.assign(cell=rows.groupby(list(over)).ngroup())
    has = pd.crosstab(rows["draw"], rows["cell"]) > 0  # draws × cells
    common = has.columns[has.all()]
    if common.empty:
        raise NotRun("the draws share no cell to choose from")
    rows = rows[rows["cell"].isin(common)]
    if len(common) == 1:
        return rows[~rows["draw"].isin(has.index[has.sum(axis=1) > 1])]
    half, reporting = halves(rows), []
    for side in (0, 1):
        chooses, reports = rows[half == side], rows[half != side]
        if chooses.empty or reports.empty:
            raise NotRun("a single student cannot both choose and report")
        best = chooses.groupby(["cell", "draw"])["accuracy_last"].mean().groupby("cell").mean().idxmax()
        reporting.append(reports[reports["cell"] == best])
    return pd.concat(reporting)


# ---- accuracies and differences


def level(
    rows: pd.DataFrame, metric: str = "accuracy_last", minus: float = 0.0, over=(), unit: str = "draw", **points
) -> dict:
    """Mean of a metric at the points, minus a number; of the best cell where `over` names what is chosen."""
    return {"": by_unit(reported(pick(rows, over, **points), list(over)), metric, unit) - minus}


def gap(
    rows: pd.DataFrame, of: dict, to: dict, over=(), times: float = 1.0, metric: str = "accuracy_last",
    to_metric: str | None = None, unit: str = "draw", **points,
) -> dict:  # fmt: skip
    """Mean of a metric at the points `of` minus `times` its mean (or that of `to_metric`) at `to`, within each unit.

    On both sides the best cell counts of those that `over` tells apart.
    """
    left = level(rows, metric, over=over, unit=unit, **points | of)[""]
    right = level(rows, to_metric or metric, over=over, unit=unit, **points | to)[""]
    return {"": (left - times * right).dropna()}


def rank_order(
    rows: pd.DataFrame, axis: str, metric: str = "accuracy_last", unit: str = "draw", each_unit: bool = False, **points
) -> dict:
    """Spearman's rank correlation of an axis and a metric: of its mean, or (`each_unit`) within each unit."""
    rows = pick(rows, (axis,), **points)
    if each_unit:  # units may have different points
        return {"": by_unit(rows, metric, [unit, axis]).groupby(unit).agg(lambda part: spearman(part.droplevel(unit)))}
    return {"": Means(table(rows, metric, [axis], unit), spearman, reach=(-1, 1))}

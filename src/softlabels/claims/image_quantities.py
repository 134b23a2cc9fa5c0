"""What the claims of paper Q measure, from the rows of its studies: small functions, by the rules of `quantities`.

Accuracies are in percent here and differences of them in points, as paper Q prints them; rows hold fractions. A number
belongs to a unit: a draw of images, or a teacher; students are averaged within it first. A best teacher epoch or
temperature is chosen on one half of the students and reported on the other, both ways round, so that no student reports
what it chose. A treatment of images or labels that a claim does not name is the neutral one.
"""

import math

import numpy as np
import pandas as pd

from softlabels import hyperparameters, published
from softlabels.claims.quantities import at
from softlabels.claims.rules import Means, NotRun

OF_IMAGES = {"selection": "random", "images": "real", "removal": "none"}  # column -> what counts as untreated
OF_LABELS = {  # the same, where a teacher is asked; `top` is neutral where it keeps every entry
    "teacher_augmented": True, "tau": 1.0, "renormalised": False, "swapped": 0, "shuffled": False, "noise_share": 0
}  # fmt: skip
ASKS_TEACHER = ("soft", "cutmix")
OVERFITS = 10  # points by which an overfitting teacher is better on its training images than on the test set
LEAST_DECILES = 5

# ---- rows, cells, units --------------------------------------------------------------------------------------------


def pick(rows: pd.DataFrame, free: tuple[str, ...] | list[str] = (), **points) -> pd.DataFrame:
    """The rows at the named points, untreated but for what the points name and the columns that are left `free`."""
    whole = rows.groupby("data")["top"].transform("max") if "top" in rows else None  # all entries
    found = at(rows, **points)
    asked = found["labels"].isin(ASKS_TEACHER) if "labels" in found else pd.Series(True, index=found.index)
    neutral = pd.Series(True, index=found.index)
    for column, value in (OF_IMAGES | OF_LABELS | {"top": whole}).items():
        if column in found and column not in free and column not in points:
            value = whole[found.index] if column == "top" else value
            neutral &= (found[column] == value) | (~asked if column not in OF_IMAGES else False)
    if not neutral.any():
        raise NotRun(f"no untreated run has {', '.join(f'{column} = {value}' for column, value in points.items())}")
    return found[neutral]


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
    half, kept = halves(rows), []
    for side in (0, 1):
        chooses, reports = rows[half == side], rows[half != side]
        if chooses.empty or reports.empty:
            raise NotRun("a single student cannot both choose and report")
        best = chooses.groupby(["cell", "draw"])["accuracy_last"].mean().groupby("cell").mean().idxmax()
        kept.append(reports[reports["cell"] == best])
    return pd.concat(kept)


def spearman(values: pd.Series) -> float:
    """Spearman's rank correlation of a curve with its own axis; 0 for a curve that does not move."""
    ranks = values.rank()
    return 0.0 if ranks.nunique() == 1 else float(np.corrcoef(ranks, pd.Series(values.index).rank())[0, 1])


# ---- accuracies and differences ------------------------------------------------------------------------------------


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
    return {"": Means(table(rows, metric, [axis], unit), spearman)}


def against_printed(rows: pd.DataFrame, series: str, data: str, ipc: int, unit: str = "draw") -> dict:
    """Accuracy with table 7's teacher epoch minus a printed one, in points, by the student's epochs E."""
    epoch = hyperparameters.chosen(data, ipc).teacher_epoch
    rows = pick(rows, labels="soft", data=data, ipc=ipc, teacher_epoch=epoch)
    printed = published.find(series).value(ipc)
    return {f"E = {e}": by_unit(part, "accuracy_last", unit) - printed for e, part in rows.groupby("epochs")}


# ---- the best teacher epoch (figure 2, table 7) --------------------------------------------------------------------

TRENDS = {
    "first to last": lambda values: values[-1] - values[0],
    "smallest step": lambda values: min(np.diff(values)),
    "largest step": lambda values: max(np.diff(values)),
}


def at_best_epoch(rows: pd.DataFrame, value: str, trend: str, ipcs: list[int], unit: str = "draw", **points) -> dict:
    """How the best teacher epoch, or the labels' entropy there, moves from one IPC to the next.

    Read off means; `trend` is first to last, smallest step or largest step.
    """
    columns, epochs = {}, ("teacher_epoch",)
    for n in ipcs:
        cell = pick(rows, epochs, labels="soft", ipc=n, **points)
        for metric in ("accuracy_last", "label_entropy"):
            columns[metric, n] = table(cell, metric, list(epochs), unit)
    values = pd.concat(columns, axis=1).dropna()

    def read(mean):
        best = [mean["accuracy_last"][n].idxmax() for n in ipcs]
        if value == "label_entropy":
            best = [mean["label_entropy"][n][epoch] for n, epoch in zip(ipcs, best, strict=True)]
        return float(TRENDS[trend](best))

    return {"": Means(values, read)}


# ---- temperature (figure 4) ----------------------------------------------------------------------------------------


def smoothing(rows: pd.DataFrame, last: int, teacher_augmented: bool = True, **points) -> dict:
    """The last epoch at its best τ minus the best earlier epoch and τ, where the teachers' own rows say they overfit.

    Raises NotRun where the teachers have no rows, or do not overfit.
    """
    if "labels" not in rows or not rows["labels"].isna().any():
        raise NotRun("the teachers have no rows")
    own = at(rows[rows["labels"].isna()], data=points["data"], augmented=teacher_augmented, epoch=last)
    too_good = 100 * (own["train_accuracy"] - own["accuracy"]).mean()
    if too_good < OVERFITS:
        raise NotRun(f"regime not reached: the teacher is only {too_good:.0f} points better on its training images")
    points |= {"labels": "soft", "teacher_augmented": teacher_augmented}
    of, to = {"teacher_epoch": last}, {"teacher_epoch": [1, last - 1]}
    return gap(rows, of, to, over=("teacher_epoch", "tau"), **points)


def equal_entropy(rows: pd.DataFrame, last: int, unit: str = "draw", **points) -> dict:
    """The best earlier epoch at τ = 1 minus the last at the τ, between those of the grid, of equal label entropy."""
    rows = pick(rows, ("teacher_epoch", "tau"), labels="soft", **points)
    late = rows[rows["teacher_epoch"] == last]
    early = reported(rows[(rows["teacher_epoch"] < last) & (rows["tau"] == 1)], ["teacher_epoch"])
    if late.empty:
        raise NotRun(f"no run has teacher_epoch = {last}")
    entropy, accuracy = late.groupby("tau")["label_entropy"].mean(), table(late, "accuracy_last", ["tau"], unit)
    wanted = early["label_entropy"].mean()
    if not entropy.min() <= wanted <= entropy.max():
        raise NotRun(f"no temperature of epoch {last} has the entropy {wanted:.2f} of the best earlier epoch")
    entropy = entropy.sort_values()  # rises with the temperature
    matched = accuracy[entropy.index].apply(lambda row: np.interp(wanted, entropy, row), axis=1)
    return {"": (by_unit(early, "accuracy_last", unit) - matched).dropna()}


# ---- luck and choice (tables 5, 6, figure 9) -----------------------------------------------------------------------


def spread(rows: pd.DataFrame, unit: str, of: dict, to: dict, **points) -> dict:
    """Three standard deviations over units, less what students add, as a share of the gain of `of` over `to`.

    Its interval is that of the variance of normal units, by χ²; the gain is taken as known beside it.
    """
    from scipy.stats import chi2

    treated = pick(rows, **points | of)
    students = treated.groupby(unit)["accuracy_last"].agg(["mean", "var", "count"])
    plain = by_unit(pick(rows, **points | to), "accuracy_last", unit)
    plain = plain.reindex(students.index) if unit == "draw" else plain.mean()  # hard labels know no teacher
    mean = 100 * students["mean"]
    noise = (1e4 * students["var"] / students["count"]).fillna(0)  # of a unit's mean; unknown with one student
    values = pd.DataFrame({"mean": mean, "square": mean**2, "noise": noise, "plain": plain}).dropna()
    if len(values) < 2:
        raise NotRun("one unit has no spread")
    free = len(values) - 1

    def read(of_means, times=1.0):
        variance = times * len(values) / free * (of_means["square"] - of_means["mean"] ** 2) - of_means["noise"]
        gain = of_means["mean"] - of_means["plain"]
        return 3 * math.sqrt(max(variance, 0)) / gain if gain > 0 else math.inf

    low, high = (read(values.mean(), free / chi2.ppf(quantile, free)) for quantile in (0.975, 0.025))
    return {"": Means(values, read, interval=(low, high))}


def order_of_deciles(rows: pd.DataFrame, unit: str = "draw", **points) -> dict:
    """Spearman's rank correlation of the decile of difficulty and the accuracy that its images give."""
    rows = pick(rows, ("selection",), labels="soft", **points)
    rows = rows[rows["selection"].str.startswith("decile")]
    rows = rows.assign(decile=rows["selection"].str.removeprefix("decile").astype(int))
    if rows["decile"].nunique() < LEAST_DECILES:
        raise NotRun(f"fewer than {LEAST_DECILES} deciles were run")
    return {"": Means(table(rows, "accuracy_last", ["decile"], unit), spearman)}

"""What the claims measure: small functions from a study's rows to a number a seed, or to means and how to read them.

Each takes the rows of one study at one scale and the points that the claim names (column = value, or [low, high]), and
returns what it measured by part: a Series indexed by seed, or `rules.Means`. Raises NotRun where the rows lack a point.
α is n/d where a study has n, and n/(dc) = k/d where it has k examples a class: each figure's own axis.
"""

import math
from functools import partial

import numpy as np
import pandas as pd

from softlabels.claims.rules import Means, NotRun

NEAR = 0.04  # a named point may lie this far, relatively, from the grid's: sample sizes are whole numbers
LEVEL = 0.99  # where a mean accuracy counts as perfect; the notebooks of paper B also use 1.0, which one error moves


# ---- points and curves ---------------------------------------------------------------------------------------------


def with_alpha(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their figure's axis as column `alpha`."""
    if "alpha" in rows or "d" not in rows:
        return rows
    return rows.assign(alpha=rows["n" if "n" in rows else "per_class"] / rows["d"])


def at(rows: pd.DataFrame, **points) -> pd.DataFrame:
    """The rows at the named points. A pair is a range; a number takes the nearest value within 4 %; else equality."""
    rows = with_alpha(rows)
    for column, wanted in points.items():
        if column not in rows:
            raise NotRun(f"the rows have no {column}")
        values = rows[column]
        if isinstance(wanted, (list, tuple)):
            kept = values.between(wanted[0] * (1 - 1e-9), wanted[1] * (1 + 1e-9))
        elif isinstance(wanted, (str, bool)):
            kept = values == wanted
        else:
            nearest = values[(values - wanted).abs() <= NEAR * abs(wanted)]
            kept = values == nearest.loc[(nearest - wanted).abs().idxmin()] if len(nearest) else values != values
        rows = rows[kept]
        if rows.empty:
            raise NotRun(f"no run has {column} = {wanted}")
    return rows


def pivot(rows: pd.DataFrame, metric: str, *axes: str) -> pd.DataFrame:
    """A metric as seeds × points of the axes, averaged over what else varies; seeds that lack a point are left out."""
    table = rows.pivot_table(index="seed", columns=list(axes), values=metric, aggfunc="mean")
    return table.dropna()


def falls(curve: pd.Series, level: float = LEVEL) -> float:
    """Where a curve falls below a level: midway between the last point at or above it and the first below."""
    above, below = curve.index[curve >= level], curve.index[curve < level]
    if not len(above):
        return -math.inf
    return (above.max() + below.min()) / 2 if len(below) else math.inf


def rises(curve: pd.Series, level: float = LEVEL) -> float:
    """Where a curve first reaches a level: midway between that point and the one before."""
    reached = np.flatnonzero(curve.to_numpy() >= level)
    if not len(reached):
        return math.inf
    return (curve.index[reached[0] - 1] + curve.index[reached[0]]) / 2 if reached[0] else -math.inf


def first(curve: pd.Series, level: float = LEVEL) -> float:
    """The first point at or above a level."""
    reached = curve.index[curve >= level]
    return reached.min() if len(reached) else math.inf


def last(curve: pd.Series, level: float = LEVEL) -> float:
    """The last point at or above a level."""
    reached = curve.index[curve >= level]
    return reached.max() if len(reached) else -math.inf


def threshold(rows, metric, axis, read, level=LEVEL, scale=1.0) -> Means:
    """A threshold of a metric's seed-mean along an axis, times `scale`."""
    values = pivot(rows, metric, axis)
    grid = values.columns.to_numpy(dtype=float) * scale
    return Means(values, lambda mean: read(mean, level) * scale, (grid.min(), grid.max()) if len(grid) else (0, 0))


# ---- averages at points --------------------------------------------------------------------------------------------


def average(rows: pd.DataFrame, metric: str, minus: str | None = None, **points) -> dict:
    """Mean of a metric, or of its difference to another of the same run, over the runs at the points."""
    rows = at(rows, **points)
    values = rows[metric] - rows[minus] if minus else rows[metric]
    return {"": values.groupby(rows["seed"]).mean()}


def paired(rows: pd.DataFrame, metric: str, of: dict, to: dict, times: float = 1.0, **points) -> dict:
    """Mean of a metric at the points `of` minus `times` its mean at the points `to`, within each seed."""
    rows = at(rows, **points)
    left, right = (at(rows, **side).groupby("seed")[metric].mean() for side in (of, to))
    return {"": (left - times * right).dropna()}


def log_drop(rows: pd.DataFrame, metric: str, of: dict, to: dict, **points) -> dict:
    """How many powers of ten a metric falls from the points `of` to the points `to`, within each seed."""
    positive = rows.assign(**{metric: np.log10(rows[metric].clip(lower=1e-300))})
    return paired(positive, metric, of, to, **points)


def pooled_held_out(rows: pd.DataFrame, **points) -> dict:
    """Held-out accuracy pooled over all held-out examples of the cells at the points, by input dimension."""
    rows = at(rows, **points)
    count = rows["n"] * (1 - rows["rho"])  # cells hold out from ten examples to thousands
    sums = pd.DataFrame({"right": rows["held_out_accuracy"] * count, "all": count}).groupby([rows["d"], rows["seed"]])
    share = sums["right"].sum() / sums["all"].sum()
    return {f"d = {d}": share.loc[d] for d in share.index.unique("d")}


def chance_deviation(rows: pd.DataFrame, **points) -> dict:
    """Accuracy on fresh data minus 1/c, over all runs, by number of classes."""
    rows = at(rows, **points)
    classes = rows["c" if "c" in rows else "classes"]
    deviation = (rows["fresh_accuracy"] - 1 / classes).groupby([classes, rows["seed"]]).mean()
    return {f"c = {c}": deviation.loc[c] for c in deviation.index.unique(0)}


# ---- logistic regression (figures 3, 10) ---------------------------------------------------------------------------


def by_dimension(rows, measure) -> dict:
    """What `measure` gives for each input dimension."""
    return {f"d = {d}": measure(part) for d, part in rows.groupby("d")}


def teacher_capacity(rows: pd.DataFrame, **points) -> dict:
    """α at which the teacher's mean accuracy falls below .99, by input dimension."""
    return by_dimension(at(rows, **points), partial(threshold, metric="teacher_accuracy", axis="alpha", read=falls))


def recovery_point(rows: pd.DataFrame, **points) -> dict:
    """Median over ρ of ρ × the first α whose mean student–teacher agreement is .99, by input dimension.

    Only those ρ count for which the grid reaches well beyond 1/ρ.
    """

    def measure(part):
        part = part[part["rho"] * part["alpha"].max() > 1.2]
        if part.empty:
            raise NotRun("the grid ends before any student could identify its teacher")
        values = pivot(part, "agreement", "rho", "alpha")
        rhos = values.columns.unique("rho")
        return Means(values, lambda mean: float(np.median([rho * first(mean.loc[rho]) for rho in rhos])))

    return by_dimension(at(rows, **points), measure)


def shuffled_capacity(rows: pd.DataFrame, **points) -> dict:
    """ρ × the α at which the shuffled student's mean accuracy on its own part falls below .99, by input dimension."""

    def measure(part):
        rho = part["rho"].iloc[0]
        return threshold(part, "student_train_accuracy", "alpha", falls, scale=rho)

    return by_dimension(at(rows, shuffled=True, **points), measure)


# ---- temperature (figures 4a, 13) ----------------------------------------------------------------------------------


def critical_temperature(rows: pd.DataFrame, **points) -> dict:
    """The lowest τ at which the mean held-out accuracy reaches .99 at any α."""
    values = pivot(at(rows, shuffled=False, **points), "held_out_accuracy", "tau", "alpha")
    taus = values.columns.unique("tau")
    reach = (min(taus, default=0), max(taus, default=0))
    return {"": Means(values, lambda mean: first(mean.groupby("tau").max()), reach)}


def recovery_begins(rows: pd.DataFrame, **points) -> dict:
    """The first α at which the mean held-out accuracy is .99."""
    return {"": threshold(at(rows, shuffled=False, **points), "held_out_accuracy", "alpha", first)}


def recovery_ends(rows: pd.DataFrame, **points) -> dict:
    """The last α at which the mean held-out accuracy is .99."""
    return {"": threshold(at(rows, shuffled=False, **points), "held_out_accuracy", "alpha", last)}


def teacher_fits(rows: pd.DataFrame, **points) -> dict:
    """The last α at which the teacher's mean accuracy is .99."""
    return {"": threshold(at(rows, **points), "teacher_accuracy", "alpha", last)}


def spread_over_temperature(rows: pd.DataFrame, **points) -> dict:
    """Largest minus smallest, over τ, of the last α at which the teacher's mean accuracy is .99."""
    values = pivot(at(rows, **points), "teacher_accuracy", "tau", "alpha")

    def read(mean):
        ends = [last(mean.loc[tau]) for tau in values.columns.unique("tau")]
        return max(ends) - min(ends)

    return {"": Means(values, read)}


def shuffled_capacity_lost(rows: pd.DataFrame, low: float, high: float, **points) -> dict:
    """How far the last α, at which a shuffled student fits its part, moves down from temperature `low` to `high`."""
    rows = at(rows, shuffled=True, **points)
    ends = {"low": at(rows, tau=low), "high": at(rows, tau=high)}
    values = pd.concat({end: pivot(part, "student_train_accuracy", "alpha") for end, part in ends.items()}, axis=1)
    values = values.dropna()
    return {"": Means(values, lambda mean: last(mean.loc["low"]) - last(mean.loc["high"]))}


# ---- number of classes (figure 4b) ---------------------------------------------------------------------------------


def by_classes(rows, metric, read, level, axis) -> dict:
    """A threshold in α × axis(c) for each number of classes."""
    return {
        f"c = {c}": threshold(part, metric, "alpha", read, level=level, scale=axis(c)) for c, part in rows.groupby("c")
    }


def capacity_of_classes(rows: pd.DataFrame, **points) -> dict:
    """α log c at which the teacher's mean accuracy falls below .99, by number of classes."""
    return by_classes(at(rows, **points), "teacher_accuracy", falls, LEVEL, math.log)


def identification_of_classes(rows: pd.DataFrame, **points) -> dict:
    """αc = n/d at which the mean held-out accuracy first reaches .9, by number of classes."""
    return by_classes(at(rows, shuffled=False, **points), "held_out_accuracy", rises, 0.9, float)


def shuffled_capacity_of_classes(rows: pd.DataFrame, **points) -> dict:
    """α√c at which the shuffled student's mean accuracy on its own part falls below .99, by number of classes."""
    return by_classes(at(rows, shuffled=True, **points), "student_train_accuracy", falls, LEVEL, math.sqrt)


# ---- utility and leakage -------------------------------------------------------------------------------------------


def leak_of_controls(rows: pd.DataFrame, **points) -> dict:
    """Mean leak, within each replicate, of the runs whose labels say nothing about held-out canaries."""
    rows = at(rows, **points)
    silent = rows["labels"].isin(["hard", "corrected hard"])
    silent |= (rows["labels"] == "soft") & ~rows["teacher_saw_canaries"].astype(bool)
    return {"": rows[silent].groupby("seed")["leak"].mean()}

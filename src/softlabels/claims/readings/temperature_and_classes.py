"""What is read off figures 4a, 4b, 11, 12 and 13: temperature and number of classes."""

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from softlabels.claims.readings.points import (
    LEVEL,
    at,
    falls,
    first,
    last,
    pivot,
    read_off,
    rises,
    step,
    threshold,
    thresholds_by,
)
from softlabels.errors import NotRun
from softlabels.intervals import Means

# ---- temperature (figures 4a and 13)


def critical_temperature(rows: pd.DataFrame, **points) -> dict:
    """The lowest τ at which the mean held-out accuracy reaches .99 at any α."""
    values = pivot(at(rows, shuffled=False, **points), "held_out_accuracy", "tau", "alpha")
    taus = values.columns.unique("tau")
    reach = (min(taus, default=0), max(taus, default=0))
    best = lambda mean: mean.groupby("tau").max()  # noqa: E731
    return {"": Means(values, lambda mean: first(best(mean)), reach, between=lambda mean: step(best(mean), first))}


def recovery_begins(rows: pd.DataFrame, level: float = LEVEL, **points) -> dict:
    """The first α at which the mean held-out accuracy is .99."""
    return {"": threshold(at(rows, shuffled=False, **points), "held_out_accuracy", "alpha", first, level)}


def recovery_ends(rows: pd.DataFrame, level: float = LEVEL, **points) -> dict:
    """The last α at which the mean held-out accuracy is .99."""
    return {"": threshold(at(rows, shuffled=False, **points), "held_out_accuracy", "alpha", last, level)}


def teacher_fits(rows: pd.DataFrame, level: float = LEVEL, **points) -> dict:
    """The last α at which the teacher's mean accuracy is .99."""
    return {"": threshold(at(rows, **points), "teacher_accuracy", "alpha", last, level)}


def shuffled_fits(rows: pd.DataFrame, level: float = LEVEL, **points) -> dict:
    """The last α at which a shuffled student's mean accuracy on its own part is .99."""
    return {"": threshold(at(rows, shuffled=True, **points), "student_train_accuracy", "alpha", last, level)}


def thresholds_by_temperature(rows: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """The four thresholds in α that figure 4a draws, by temperature; ±infinity where no α reaches the level."""
    rows = at(rows)  # α once, not for each reading
    readings = {"teacher": teacher_fits, "begins": recovery_begins, "ends": recovery_ends, "shuffled": shuffled_fits}
    by_tau = {
        tau: {name: read_off(reading(part, level)[""]) for name, reading in readings.items()}
        for tau, part in rows.groupby("tau")
    }
    return pd.DataFrame.from_dict(by_tau, orient="index").rename_axis("tau")


def high_temperature(table: pd.DataFrame, wanted: float = 31.6) -> float:
    """Of the temperatures at which a student recovers all, the one nearest to `wanted` on a log scale.

    table: of `thresholds_by_temperature`.
    """
    taus = table.index[np.isfinite(table["begins"])]
    return min(taus, key=lambda tau: abs(math.log(tau / wanted)))


def moved_by_level(rows: pd.DataFrame) -> dict:
    """At how many τ figure 4a's thresholds differ at level 1.0, as in the official notebook, from those at .99.

    `moved` by threshold, of so many `temperatures`; `most`: the largest finite shift in α.
    """
    near, exact = (thresholds_by_temperature(rows, level) for level in (LEVEL, 1.0))
    names = {"teacher": "teacher", "recovery": "begins", "shuffled": "shuffled"}
    shifts = {name: (exact - near)[column][exact[column] != near[column]].abs() for name, column in names.items()}
    finite = pd.concat(shifts.values()).loc[lambda shift: shift < math.inf]
    moved, most = {name: len(values) for name, values in shifts.items()}, float(finite.max()) if len(finite) else 0.0
    about = {"scale": rows.attrs["scale"], "seeds": rows.attrs["seeds"]}
    return about | {"temperatures": len(near), "moved": moved, "most": most}


def spread_over_temperature(rows: pd.DataFrame, **points) -> dict:
    """Largest minus smallest, over τ, of the last α at which the teacher's mean accuracy is .99."""
    values = pivot(at(rows, **points), "teacher_accuracy", "tau", "alpha")

    def read(mean):
        ends = [last(mean.loc[tau]) for tau in values.columns.unique("tau")]
        return max(ends) - min(ends)

    return {"": Means(values, read)}


def shuffled_capacity_lost(rows: pd.DataFrame, low: float, high: float, **points) -> dict:
    """By how much the last α at which shuffled students fit their part is lower at τ = `high` than at τ = `low`."""
    rows = at(rows, shuffled=True, **points)
    ends = {"low": at(rows, tau=low), "high": at(rows, tau=high)}
    values = pd.concat({end: pivot(part, "student_train_accuracy", "alpha") for end, part in ends.items()}, axis=1)
    values = values.dropna()

    def lost(mean):
        (low, beyond_low), (high, beyond_high) = (step(mean.loc[end], last) for end in ("low", "high"))
        return round(low - beyond_high, 9), round(beyond_low - high, 9)  # points of the grid have few digits

    return {"": Means(values, lambda mean: last(mean.loc["low"]) - last(mean.loc["high"]), between=lost)}


# ---- temperature and train fraction (figure 11)


def inside_the_wedge(rows: pd.DataFrame) -> pd.Series:
    """Mean held-out accuracy over the cells with αρ > 0.55 and α < 0.9, where a student could recover all, by τ."""
    cells = at(rows).groupby(["tau", "rho", "alpha"])["held_out_accuracy"].mean().reset_index()
    cells = cells[(cells["alpha"] * cells["rho"] > 0.55) & (cells["alpha"] < 0.9)]
    return cells.groupby("tau")["held_out_accuracy"].mean()


# ---- number of classes (figure 4b)


CAPACITY = {"metric": "teacher_accuracy", "read": falls}
IDENTIFICATION = {"metric": "held_out_accuracy", "read": rises, "level": 0.9, "shuffled": False}
SHUFFLED_CAPACITY = {"metric": "student_train_accuracy", "read": falls, "shuffled": True}


def capacity_of_classes(rows: pd.DataFrame, **points) -> dict:
    """α log c at which the teacher's mean accuracy falls below .99, by number of classes."""
    return thresholds_by(rows, "c", scale=math.log, **CAPACITY, **points)


def identification_of_classes(rows: pd.DataFrame, **points) -> dict:
    """αc = n/d at which the mean held-out accuracy first reaches .9, by number of classes."""
    return thresholds_by(rows, "c", scale=float, **IDENTIFICATION, **points)


def shuffled_capacity_of_classes(rows: pd.DataFrame, **points) -> dict:
    """α√c at which the shuffled student's mean accuracy on its own part falls below .99, by number of classes."""
    return thresholds_by(rows, "c", scale=math.sqrt, **SHUFFLED_CAPACITY, **points)


LAWS = {"1/ln c": lambda c: 1 / math.log(c), "1/√c": lambda c: c**-0.5, "1/c": lambda c: 1 / c}  # of α, up to a factor


def power_of(law: str, counts: Iterable[int]) -> float:
    """The power of c that is nearest to one of `LAWS` over some class counts: the slope of ln α on ln c."""
    counts = list(counts)
    return _slope(counts, [LAWS[law](c) for c in counts])


def capacity_power(rows: pd.DataFrame, minus: str | None = None, **points) -> dict:
    """The power of c with which the α falls at which the teacher's mean accuracy falls below .99.

    minus: one of `LAWS`, whose power over the same class counts is subtracted.
    """
    return {"": _power(rows, **CAPACITY, minus=minus, **points)}


def identification_power(rows: pd.DataFrame, **points) -> dict:
    """The same of the α at which the mean held-out accuracy first reaches .9."""
    return {"": _power(rows, **IDENTIFICATION, **points)}


def shuffled_capacity_power(rows: pd.DataFrame, **points) -> dict:
    """The same of the α at which the shuffled student's mean accuracy on its own part falls below .99."""
    return {"": _power(rows, **SHUFFLED_CAPACITY, **points)}


def _power(rows, metric, read, level=LEVEL, minus=None, **points):
    values = pivot(at(rows, **points), metric, "c", "alpha")
    counts = list(values.columns.unique("c"))
    if len(counts) < 2:
        raise NotRun("a power of c takes two class counts")
    other = power_of(minus, counts) if minus else 0.0

    def power(mean):
        return _slope(counts, [read(mean.loc[c], level) for c in counts]) - other

    def between(mean):
        low, high = np.array([step(mean.loc[c], read, level) for c in counts]).T
        if not np.isfinite([low, high]).all():
            return -math.inf, math.inf
        few = np.log(counts) < np.log(counts).mean()  # where a larger threshold makes the slope smaller
        return _slope(counts, np.where(few, high, low)) - other, _slope(counts, np.where(few, low, high)) - other

    if not math.isfinite(power(values.mean())):
        raise NotRun("the grid ends before a threshold is reached")
    return Means(values, power, between=between)


def _slope(counts, thresholds):
    """The least-squares slope of ln threshold on ln c; NaN where a threshold lies beyond its grid."""
    return float(np.polyfit(np.log(counts), np.log(thresholds), 1)[0]) if np.isfinite(thresholds).all() else math.nan


def chance_deviation(rows: pd.DataFrame, **points) -> dict:
    """Accuracy on fresh data minus 1/c, over all runs, by number of classes."""
    rows = at(rows, **points)
    classes = rows["c" if "c" in rows else "classes"]
    deviation = (rows["fresh_accuracy"] - 1 / classes).groupby([classes, rows["seed"]]).mean()
    return {f"c = {c}": deviation.loc[c] for c in deviation.index.unique(0)}

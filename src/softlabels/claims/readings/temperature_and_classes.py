"""What is read off figures 4a, 4b, 11, 12 and 13: temperature and number of classes."""

import math

import pandas as pd

from softlabels.claims.readings.points import LEVEL, at, falls, first, last, pivot, rises, threshold
from softlabels.intervals import Means

# ---- temperature (figures 4a, 13)


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


# ---- number of classes (figure 4b)


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


def chance_deviation(rows: pd.DataFrame, **points) -> dict:
    """Accuracy on fresh data minus 1/c, over all runs, by number of classes."""
    rows = at(rows, **points)
    classes = rows["c" if "c" in rows else "classes"]
    deviation = (rows["fresh_accuracy"] - 1 / classes).groupby([classes, rows["seed"]]).mean()
    return {f"c = {c}": deviation.loc[c] for c in deviation.index.unique(0)}

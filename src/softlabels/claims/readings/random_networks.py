"""What is read off figures 5, 6, 14 and 15: networks of one hidden layer on random data."""

import pandas as pd

from softlabels.claims.readings.points import LEVEL, at, pivot
from softlabels.errors import NotRun
from softlabels.store import curves_of


def above_fresh(rows: pd.DataFrame, times: float = 1.0, **points) -> dict:
    """Held-out accuracy minus `times` the accuracy on fresh inputs of the same run, mean over the runs."""
    rows = at(rows, **points)
    return {"": (rows["held_out_accuracy"] - times * rows["fresh_accuracy"]).groupby(rows["seed"]).mean()}


def times_chance(rows: pd.DataFrame, metric: str, **points) -> dict:
    """An accuracy in units of 1/c, what a guess gets, mean over the runs."""
    rows = at(rows, **points)
    return {"": (rows[metric] * rows["c"]).groupby(rows["seed"]).mean()}


def largest_jump(rows: pd.DataFrame, metric: str, axis: str, **points) -> dict:
    """By how much a metric rises, at most, from one value of an axis to the next."""
    return {"": pivot(at(rows, **points), metric, axis).diff(axis=1).max(axis=1)}


def early_lead(rows: pd.DataFrame, own: float, held_out: float, **points) -> dict:
    """How far accuracy on the student's own part leads held-out accuracy while they are below `own` and `held_out`.

    The largest lead over time, within each seed.
    """
    rows = at(rows, **points)
    curves = curves_of(rows)
    if curves.empty:
        raise NotRun("the rows have no curves")
    curves = curves.merge(rows[["identity", "seed"]]).pivot_table(
        index=["seed", "step"], columns="name", values="value"
    )
    train, test = curves["student_train_accuracy"], curves["held_out_accuracy"]
    return {"": (train - test)[(train < own) & (test < held_out)].groupby("seed").max()}


def leak_of_widths(rows: pd.DataFrame, times: float, **points) -> dict:
    """Held-out minus `times` fresh accuracy, mean over the ρ at which a width fits its part, by the student's width."""
    rows = at(rows, **points)
    fits = rows.groupby(["student_hidden", "rho"])["student_train_accuracy"].transform("mean") >= LEVEL
    if not fits.any():
        raise NotRun("no student fits its own part")
    return {
        f"{width} hidden units": above_fresh(part, times)[""] for width, part in rows[fits].groupby("student_hidden")
    }

"""What the claims about networks with hidden layers measure; the rules are those of `quantities`."""

import dataclasses
from functools import cache

import pandas as pd

from softlabels.claims.quantities import LEVEL, at, paired, pivot
from softlabels.claims.rules import NotRun
from softlabels.store import curves_of
from softlabels.studies import find
from softlabels.study import identity

# ---- modular addition (figures 2, 8, 9) ----------------------------------------------------------------------------


def least(rows: pd.DataFrame, metric: str, **points) -> dict:
    """The smallest value of a metric over the runs at the points, in each seed that ran them all."""
    return {"": whole(rows, **points).groupby("seed")[metric].min()}


def most(rows: pd.DataFrame, metric: str, minus: str | None = None, **points) -> dict:
    """The same with the largest value of a metric, or of its difference to another of the same run."""
    rows = whole(rows, **points)
    values = rows[metric] - rows[minus] if minus else rows[metric]
    return {"": values.groupby(rows["seed"]).max()}


def whole(rows: pd.DataFrame, **points) -> pd.DataFrame:
    """The rows at the points, of the seeds that have every run which their study's grid has there.

    An extreme over half of a grid is none over the grid. Raises NotRun where no seed is whole.
    """
    found = at(rows, **points)
    if "identity" not in rows:  # rows that belong to no study
        return found
    wanted = at(_grid(rows.attrs["study"], rows.attrs["scale"]), **points)
    lacking = wanted.loc[~wanted["identity"].isin(found["identity"]), "seed"]
    found = found[~found["seed"].isin(lacking)]
    if found.empty:
        raise NotRun("no replicate has every run of the grid there")
    return found


@cache
def _grid(study: str, scale: str) -> pd.DataFrame:
    """Every run of a study's grid, as a row without results."""
    return pd.DataFrame([dataclasses.asdict(s) | {"identity": identity(s)} for s in find(study).grid(scale)])


# ---- treatments of labels (figure 16) ------------------------------------------------------------------------------


def against_untreated(
    rows: pd.DataFrame, metric: str, treatment: str, fraction: float = 0.0, times: float = 1.0, **points
) -> dict:
    """Mean of a metric under a treatment minus `times` its mean on untreated labels, within each seed."""
    of = {"treatment": treatment, "fraction": fraction}
    return paired(rows, metric, of=of, to={"treatment": "none"}, times=times, **points)


# ---- random data, one hidden layer (figures 5, 6, 14, 15) ----------------------------------------------------------


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


def rank_correlation(rows: pd.DataFrame, metric: str, axis: str, **points) -> dict:
    """Spearman's rank correlation of a metric and an axis."""
    values = pivot(at(rows, **points), metric, axis)
    return {"": values.rank(axis=1).T.corrwith(pd.Series(values.columns, values.columns).rank())}


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

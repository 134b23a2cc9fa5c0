"""What is read off the page of routes: students one at a time, and K at a time for the privacy reader's questions.

All metrics are fractions, one per replicate, but bounds on ε. Points that a caller leaves out take the usual value: the
base of the grid, at the teacher's last step.
"""

import pandas as pd

from softlabels.claims.readings.points import along, at, average

ROUTES = {  # name -> points
    "clean part of the teacher's images": {},
    "the same with canaries of its own": {"canaries_in_student": True},
    "images that the teacher never saw": {"images": "fresh"},
}


def at_base(rows: pd.DataFrame, **points) -> pd.DataFrame:
    """The rows at the points and, where these leave something out, at the base of the grid."""
    base = {"labels": "soft", "canaries_in_student": False, "teacher_step": rows["teacher_step"].max()}
    if "start" in rows:
        base |= {"images": "part", "start": "own"}
        base |= {field: rows[field].mode()[0] for field in ("canary_share", "rho", "hidden")}
    else:
        base |= {"canaries": "random", "epsilon": 0.0}
    return at(rows, **base | points)


def by_route(rows: pd.DataFrame, metric: str, minus: str | None = None, **points) -> dict:
    """A metric, or its difference to another one of the same run, at the points."""
    return average(at_base(rows, **points), metric, minus)


def between_routes(rows: pd.DataFrame, metric: str, of: dict, to: dict, **points) -> dict:
    """A metric at the points `of` minus at the points `to`, within each replicate."""
    left, right = (by_route(rows, metric, **points | side)[""] for side in (of, to))
    return {"": (left - right).dropna()}


def routes_along(rows: pd.DataFrame, axis: str, metric: str = "leak", **points) -> pd.DataFrame:
    """A metric as replicates × values of an axis."""
    every = [rows[axis].min() * (1 - 1e-9), rows[axis].max()]
    return along(at_base(rows, **{axis: every} | points), metric, axis)


def beyond_nominal(rows: pd.DataFrame, metric: str) -> dict:
    """By how much a bound exceeds the ε that holds for sure, at most over all private teachers of a replicate."""
    private = at(rows, labels="soft")
    private = private[private["epsilon"] > 0]
    return {"": (private[metric] - private["epsilon"]).groupby(private["seed"]).max()}

"""What is read off figures 3 and 10: logistic regression on random labels."""

from functools import partial

import numpy as np
import pandas as pd

from softlabels.claims.readings.points import at, falls, first, pivot, threshold
from softlabels.errors import NotRun
from softlabels.intervals import Means


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


def pooled_held_out(rows: pd.DataFrame, **points) -> dict:
    """Held-out accuracy pooled over all held-out examples of the cells at the points, by input dimension."""
    rows = at(rows, **points)
    count = rows["n"] * (1 - rows["rho"])  # cells hold out from ten examples to thousands
    sums = pd.DataFrame({"right": rows["held_out_accuracy"] * count, "all": count}).groupby([rows["d"], rows["seed"]])
    share = sums["right"].sum() / sums["all"].sum()
    return {f"d = {d}": share.loc[d] for d in share.index.unique("d")}

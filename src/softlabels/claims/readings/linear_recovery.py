"""What is read off figures 3 and 10: logistic regression on random labels."""

import numpy as np
import pandas as pd

from softlabels.claims.readings.points import (
    LEVEL,
    at,
    falls,
    first,
    mean_map,
    pivot,
    stays,
    step,
    threshold,
    thresholds_by,
)
from softlabels.errors import NotRun
from softlabels.intervals import Means, bootstrap_interval, t_interval

FIGURE_RHO = 0.80306  # the train fraction of figure 3's curves, a point of the official grid
PUBLISHED = {  # what `beside_published` gives, read off the rows that the authors released for figure 3: d -> number
    "teacher stops fitting, α": {1600: 1.949, 200: 1.79},
    "student stops fitting its part, α (ρ = .80)": {1600: 1.949, 200: 1.79},
    "all held-out labels recovered from α (ρ = .80)": {1600: 1.3425, 200: 1.24},
    "first α of agreement times ρ, median over ρ ≥ .19": {1600: 1.027, 200: 1.029},
    "shuffled student stops fitting its part, αρ (ρ = .80)": {1600: 1.02, 200: 1.04},
    "shuffled student, held-out accuracy": {1600: 0.5, 200: 0.5},
}
PUBLISHED_CURVES = {  # role in figure 3: the d of the released rows, and their mean accuracies by α (ρ = .80)
    "teacher": (
        1600,
        {
            0.4: 1.0, 0.8: 1.0, 1.07: 1.0, 1.34: 1.0, 1.75: 1.0, 1.88: 1.0, 2.02: 0.889, 2.15: 0.854, 2.56: 0.801,
            2.96: 0.762, 3.5: 0.737,
        },
    ),
    "held_out": (
        200,
        {
            1.0: 0.715, 1.24: 0.992, 1.48: 1.0, 1.73: 1.0, 1.85: 0.943, 1.97: 0.954, 2.22: 0.841, 2.46: 0.8,
            2.95: 0.786, 3.44: 0.729,
        },
    ),
}  # fmt: skip


def figure_rho(rows: pd.DataFrame) -> float:
    """The grid's train fraction nearest to that of figure 3's curves."""
    return float(min(rows["rho"].unique(), key=lambda rho: abs(rho - FIGURE_RHO)))


# ---- thresholds (figure 3)


def teacher_capacity(rows: pd.DataFrame, **points) -> dict:
    """α at which the teacher's mean accuracy falls below .99, by input dimension."""
    return thresholds_by(rows, "d", "teacher_accuracy", falls, **points)


def recovery_point(rows: pd.DataFrame, **points) -> dict:
    """Median over ρ of ρ × the first α whose mean student–teacher agreement is .99, by input dimension.

    Only those ρ count for which the grid reaches well beyond 1/ρ.
    """

    def first_steps(agreement: pd.Series) -> np.ndarray:
        """ρ × the last α below and the first α at the level, for each ρ."""
        return np.array([rho * np.array(step(agreement.loc[rho], first)) for rho in agreement.index.unique("rho")])

    measured = {}
    for d, part in at(rows, **points).groupby("d"):
        part = part[part["rho"] * part["alpha"].max() > 1.2]
        if part.empty:
            raise NotRun("the grid ends before any student could identify its teacher")
        measured[f"d = {d}"] = Means(
            pivot(part, "agreement", "rho", "alpha"),
            lambda agreement: float(np.median(first_steps(agreement)[:, 1])),
            between=lambda agreement: tuple(np.median(first_steps(agreement), axis=0)),
        )
    return measured


def identification_point(rows: pd.DataFrame, **points) -> dict:
    """ρα from which on mean student–teacher agreement is .99 whatever ρ, midway between two cells, by input dimension.

    The cells of all ρ together lie far closer in ρα than those of a single one, whose grid has steps of up to a tenth.
    """
    return {
        f"d = {d}": threshold(part.assign(labels=part["rho"] * part["alpha"]), "agreement", "labels", stays)
        for d, part in at(rows, **points).groupby("d")
    }


def shuffled_capacity(rows: pd.DataFrame, **points) -> dict:
    """ρ × the α at which the shuffled student's mean accuracy on its own part falls below .99, by input dimension."""
    rows = at(rows, shuffled=True, **points)
    return thresholds_by(
        rows, "d", "student_train_accuracy", falls, scale=lambda d: rows["rho"][rows["d"] == d].iloc[0]
    )


def pooled_held_out(rows: pd.DataFrame, **points) -> dict:
    """Held-out accuracy pooled over all held-out examples of the cells at the points, by input dimension."""
    rows = at(rows, **points)
    count = rows["n"] * (1 - rows["rho"])  # cells hold out from ten examples to thousands
    sums = pd.DataFrame({"right": rows["held_out_accuracy"] * count, "all": count}).groupby([rows["d"], rows["seed"]])
    share = sums["right"].sum() / sums["all"].sum()
    return {f"d = {d}": share.loc[d] for d in share.index.unique("d")}


def thresholds_of_figure_3(rows: pd.DataFrame, d: int) -> dict[str, tuple[float, float, float]]:
    """The thresholds in α of figure 3's three curves, each with its 95 % interval (value, low, high).

    Where teacher and student no longer fit the labels that they were trained on, and from where on the student
    predicts all held-out labels.
    """
    students = at(rows, d=d, rho=figure_rho(rows), shuffled=False)
    measured = {
        "teacher": teacher_capacity(rows, d=d, rho=figure_rho(rows))[f"d = {d}"],
        "train": threshold(students, "student_train_accuracy", "alpha", falls),
        "held_out": threshold(students, "held_out_accuracy", "alpha", first),
    }
    return {role: bootstrap_interval(means) for role, means in measured.items()}


def beside_published(rows: pd.DataFrame, d: int) -> dict[str, tuple[float, float, float]]:
    """What `PUBLISHED` has, measured in our rows, each with its 95 % interval (value, low, high)."""
    name = f"d = {d}"
    measured = [
        *thresholds_of_figure_3(rows, d).values(),
        bootstrap_interval(recovery_point(rows, d=d, shuffled=False, rho=[0.19, 0.95])[name]),
        bootstrap_interval(shuffled_capacity(rows, d=d, rho=figure_rho(at(rows, shuffled=True)))[name]),
        t_interval(pooled_held_out(rows, d=d, shuffled=True)[name]),
    ]
    return dict(zip(PUBLISHED, measured, strict=True))


# ---- curves and maps over α (figures 3 and 10)


def mean_between(curve: pd.Series, low: float, high: float) -> float:
    """The mean of a curve's points with low < α < high."""
    return curve[(curve.index > low) & (curve.index < high)].mean()


def phases(rows: pd.DataFrame, d: int) -> pd.DataFrame:
    """The phase of each cell, ρ × α, by the paper's rule for panel B of figure 3, applied to means over replicates.

    0: the student recovers all held-out labels; 1: some; 2: it stores its part and recovers none. Where it does not
    store its part, 3: it copies its teacher; 4: it does so in part.
    """
    maps = {
        metric: mean_map(rows, metric, "rho", d=d, shuffled=False)
        for metric in ("student_train_accuracy", "held_out_accuracy", "agreement")
    }
    stores, held_out = maps["student_train_accuracy"] >= LEVEL, maps["held_out_accuracy"]
    rules = [stores & (held_out >= LEVEL), stores & (held_out >= 0.55), stores, maps["agreement"] >= LEVEL]
    return pd.DataFrame(np.select(rules, range(4), 4), index=held_out.index, columns=held_out.columns)


def own_part_against_teacher(rows: pd.DataFrame) -> dict:
    """How far the student's accuracy on its own part, averaged over ρ, is at most from the teacher's, and at which α.

    The official notebook draws the former in figure 10's panel of the teacher. In the largest dimension.
    """
    d = int(rows["d"].max())
    means = at(rows, d=d, shuffled=False).groupby("alpha")
    off = (means["student_train_accuracy"].mean() - means["teacher_accuracy"].mean()).abs()
    about = {"scale": rows.attrs["scale"], "seeds": rows.attrs["seeds"], "d": d}
    return about | {"most": off.max(), "alpha": off.idxmax()}

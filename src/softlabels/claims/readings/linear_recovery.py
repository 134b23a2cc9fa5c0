"""What is read off figures 3 and 10: logistic regression on random labels."""

from functools import partial

import numpy as np
import pandas as pd

from softlabels.claims.readings.points import LEVEL, at, average, falls, first, mean_map, pivot, threshold
from softlabels.claims.rules import NotRun
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


def figure_rho(rows: pd.DataFrame) -> float:
    """The grid's train fraction nearest to that of figure 3's curves."""
    return float(min(rows["rho"].unique(), key=lambda rho: abs(rho - FIGURE_RHO)))


# ---- thresholds (figure 3)


def by_dimension(rows, measure) -> dict:
    """What `measure` gives for each input dimension."""
    return {f"d = {d}": measure(part) for d, part in rows.groupby("d")}


def teacher_capacity(rows: pd.DataFrame, **points) -> dict:
    """α at which the teacher's mean accuracy falls below .99, by input dimension."""
    return by_dimension(at(rows, **points), partial(threshold, metric="teacher_accuracy", axis="alpha", read=falls))


def student_capacity(rows: pd.DataFrame, **points) -> dict:
    """α at which a student's mean accuracy on its own part falls below .99, by input dimension."""
    measure = partial(threshold, metric="student_train_accuracy", axis="alpha", read=falls)
    return by_dimension(at(rows, shuffled=False, **points), measure)


def full_recovery(rows: pd.DataFrame, **points) -> dict:
    """The first α at which the mean held-out accuracy is .99, by input dimension."""
    measure = partial(threshold, metric="held_out_accuracy", axis="alpha", read=first)
    return by_dimension(at(rows, shuffled=False, **points), measure)


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


def thresholds(rows: pd.DataFrame, d: int) -> dict[str, tuple[float, float, float]]:
    """The thresholds in α of figure 3's three curves, each with its 95 % interval (value, low, high)."""
    points = {"d": d, "rho": figure_rho(rows)}
    readings = {"teacher": teacher_capacity, "train": student_capacity, "held_out": full_recovery}
    return {role: bootstrap_interval(reading(rows, **points)[f"d = {d}"]) for role, reading in readings.items()}


def beside_published(rows: pd.DataFrame, d: int) -> dict[str, tuple[float, float, float]]:
    """What `PUBLISHED` has, measured in our rows, each with its 95 % interval (value, low, high)."""
    name = f"d = {d}"
    measured = [
        *thresholds(rows, d).values(),
        bootstrap_interval(recovery_point(rows, d=d, shuffled=False, rho=[0.19, 0.95])[name]),
        bootstrap_interval(shuffled_capacity(rows, d=d, rho=figure_rho(at(rows, shuffled=True)))[name]),
        t_interval(pooled_held_out(rows, d=d, shuffled=True)[name]),
    ]
    return dict(zip(PUBLISHED, measured, strict=True))


# ---- curves and maps over α (figures 3 and 10)


def mean_curve(rows: pd.DataFrame, metric: str, **points) -> pd.Series:
    """A metric's mean over replicates, by α."""
    return pivot(at(rows, **points), metric, "alpha").mean()


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


def error_at_the_line(rows: pd.DataFrame, d: int) -> tuple[float, float]:
    """Squared error of held-out logits at figure 3's ρ: at the last α below 1/ρ, and at the last of the grid."""
    rho = figure_rho(rows)
    error = mean_curve(rows, "held_out_mse", d=d, rho=rho, shuffled=False)
    return error[error.index < 1 / rho].iloc[-1], error.iloc[-1]


def leak_before_identification(rows: pd.DataFrame, d: int) -> tuple[float, float]:
    """At figure 3's ρ and the last α below 0.9/ρ: soft labels a dimension, and held-out accuracy."""
    rho = figure_rho(rows)
    alphas = at(rows, d=d, rho=rho, shuffled=False)["alpha"]
    alpha = alphas[alphas < 0.9 / rho].max()
    return alpha * rho, average(rows, "held_out_accuracy", d=d, rho=rho, shuffled=False, alpha=alpha)[""].mean()


def own_part_against_teacher(rows: pd.DataFrame) -> dict:
    """How far the student's accuracy on its own part, averaged over ρ, is at most from the teacher's, and at which α.

    The official notebook draws the former in figure 10's panel of the teacher. In the largest dimension.
    """
    d = int(rows["d"].max())
    means = at(rows, d=d, shuffled=False).groupby("alpha")
    off = (means["student_train_accuracy"].mean() - means["teacher_accuracy"].mean()).abs()
    about = {"scale": rows.attrs["scale"], "seeds": rows.attrs["seeds"], "d": d}
    return about | {"most": off.max(), "alpha": off.idxmax()}


# ---- other students: trained, or with inputs of their own


def trained_students(rows: pd.DataFrame, student: str, tau: float, student_start: str) -> pd.DataFrame:
    """The rows of students on the teacher's inputs, trained in one way, at the largest ρ, with their `alpha`."""
    rows = at(rows, inputs="teacher's")
    return at(rows, student=student, tau=tau, student_start=student_start, rho=rows["rho"].max())


def students_of_fresh_inputs(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of students with inputs of their own; `share`: their labels a dimension, n_S/d."""
    rows = at(rows, inputs="fresh")
    return rows.assign(share=rows["student_n"] / rows["d"])


def fresh_labels_needed(rows: pd.DataFrame) -> pd.Series:
    """The fewest fresh labels a dimension with a mean agreement of .99 with the teacher on its examples, by α."""
    return mean_map(students_of_fresh_inputs(rows), "agreement", "alpha", "share").apply(first, axis=1)

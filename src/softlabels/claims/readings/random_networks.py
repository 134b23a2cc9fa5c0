"""What is read off figures 5, 6, 14 and 15: networks of one hidden layer on random data."""

import numpy as np
import pandas as pd

from softlabels.claims.readings.points import LEVEL, along, at, average, learning, pivot
from softlabels.errors import NotRun

SLICES = {  # the runs that figures show, by scale; `one share`: at the one ρ of figure 15
    "map": {"smoke": {"c": 6}, "quick": {"c": 32}, "paper": {"c": 100}},
    "one share": {"smoke": {"c": 6, "rho": 0.5}, "quick": {"c": 32, "rho": 0.45}, "paper": {"c": 100, "rho": 0.45}},
    "leaking": {
        "smoke": {"per_class": 4, "rho": 0.5},
        "quick": {"c": 32, "per_class": 8, "rho": 0.65},
        "paper": {"c": 100, "per_class": 250, "rho": 0.65},
    },
    "few examples": {"smoke": {"per_class": 4}, "quick": {"c": 100}, "paper": {"per_class": 250}},
    "many examples": {"smoke": {"per_class": 8}, "quick": {"c": 32, "per_class": 32}, "paper": {"per_class": 1000}},
    "widths": {"smoke": {"hidden": 16}, "quick": {"c": 100}, "paper": {"hidden": 500, "per_class": 250}},
}
MAPPED = ["teacher_accuracy", "student_train_accuracy", "held_out_accuracy", "agreement"]


def shown(rows: pd.DataFrame, which: str) -> pd.DataFrame:
    """The rows of one of the `SLICES`."""
    return at(rows, **SLICES[which][rows.attrs["scale"]])


# ---- figure 5: phases, and learning over time


def labels_a_dimension(rows: pd.DataFrame) -> pd.Series:
    """ρn/d, of whole examples per class."""
    return (rows["rho"] * rows["per_class"] + 1e-9).astype(int) * rows["c"] / rows["d"]


def phase_map(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over replicates by (ρ, n/d), at every ρ that has several n, with soft labels per dimension and the phase.

    Phases follow the paper's rule on the means: 0 where the student takes over its teacher, 1 where it stores all its
    labels, 2 where it stores a part of them; and where the teacher fails, 3 if the student copies it, else 4.
    """
    rows = shown(rows, "map")
    rows = rows.assign(ratio=rows["c"] * rows["per_class"] / rows["d"], labels=labels_a_dimension(rows))
    rows = rows[rows.groupby("rho")["ratio"].transform("nunique") > 1]
    cells = rows.groupby(["rho", "ratio"])[["labels", *MAPPED]].mean()
    fits, held_out = cells["teacher_accuracy"] >= LEVEL, cells["held_out_accuracy"]
    stores = cells["student_train_accuracy"] >= LEVEL
    rules = [fits & stores & (held_out >= LEVEL), fits & stores, fits, held_out > 0.1]
    return cells.assign(phase=np.select(rules, range(4), 4))


def labels_to_take_over(cells: pd.DataFrame) -> pd.Series:
    """The fewest soft labels per dimension with which a student takes over its teacher, by n/d."""
    return cells[cells["phase"] == 0].groupby("ratio")["labels"].min()


def just_under(cells: pd.DataFrame) -> pd.Series:
    """Held-out accuracy in the cells of a phase map that miss the first phase by less than 0.1."""
    return cells.loc[(cells["phase"] == 1) & (cells["held_out_accuracy"] >= 0.9), "held_out_accuracy"]


def early_lead(rows: pd.DataFrame, own: float, held_out: float, **points) -> dict:
    """How far accuracy on the student's own part leads held-out accuracy while they are below `own` and `held_out`.

    The largest lead over time, within each seed.
    """
    train, test = (learning(rows, f"{part}_accuracy", **points) for part in ("student_train", "held_out"))
    return {"": (train - test)[(train < own) & (test < held_out)].max(axis=1)}


def times_chance(rows: pd.DataFrame, metric: str, **points) -> dict:
    """An accuracy in units of 1/c, what a guess gets, mean over the runs."""
    return average(rows.assign(times=rows[metric] * rows["c"]), "times", **points)


# ---- figures 6 and 15: ρ, classes and widths


def above_fresh(rows: pd.DataFrame, times: float = 1.0, **points) -> dict:
    """Held-out accuracy minus `times` the accuracy on fresh inputs of the same run, mean over the runs."""
    return average(rows.assign(fresh=times * rows["fresh_accuracy"]), "held_out_accuracy", minus="fresh", **points)


def steepest_rise(curve: pd.Series) -> tuple[float, float]:
    """The neighbouring points between which a curve rises most. Raises NotRun for a curve of a single point."""
    if len(curve) < 2:
        raise NotRun("a single point cannot rise")
    after = int(np.argmax(curve.diff().iloc[1:])) + 1
    return curve.index[after - 1], curve.index[after]


def largest_jump(rows: pd.DataFrame, metric: str, axis: str, **points) -> dict:
    """By how much a metric rises, at most, from one value of an axis to the next."""
    curves = {}
    for seed, curve in pivot(at(rows, **points), metric, axis).iterrows():
        before, after = steepest_rise(curve)
        curves[seed] = curve[after] - curve[before]
    return {"": pd.Series(curves, dtype=float)}


def leak_of_widths(rows: pd.DataFrame, times: float, **points) -> dict:
    """Held-out minus `times` fresh accuracy, mean over the ρ at which a width fits its part, by the student's width."""
    rows = at(rows, **points)
    fits = rows.groupby(["student_hidden", "rho"])["student_train_accuracy"].transform("mean") >= LEVEL
    if not fits.any():
        raise NotRun("no student fits its own part")
    by_width = rows[fits].groupby("student_hidden")
    return {f"{width} hidden units": above_fresh(part, times)[""] for width, part in by_width}


def other_sizes(rows: pd.DataFrame, widths: pd.DataFrame, by_class: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The runs of figure 15's panels by title, with the panel's parameter as `value` and n/d as `x`."""
    base = shown(rows, "one share")
    c, rho, width = base[["c", "rho", "hidden"]].iloc[0]
    widths = at(widths, c=c, rho=rho)
    equal = widths[widths["hidden"] == widths["student_hidden"]]
    other = widths[(widths["hidden"] == width) & (widths["student_hidden"] != width)]
    other = other[other.groupby("student_hidden")["per_class"].transform("nunique") > 1]
    classes, other, equal = (pd.concat([part, base]) for part in (by_class, other, equal))
    panels = {
        "classes c": (classes, "c"),
        "student's width": (other, "student_hidden"),
        "equal widths": (equal, "hidden"),
    }
    return {
        title: runs.assign(value=runs[parameter], x=runs["c"] * runs["per_class"] / runs["d"])
        for title, (runs, parameter) in panels.items()
    }


# ---- inputs of the student's own, and the border of the phases


def beside_fresh_inputs(rows: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Students of fresh inputs, and those of a part of the teacher's at the same n, with soft labels per dimension."""
    part = rows[rows["per_class"].isin(fresh["per_class"]) & (rows["c"] == fresh["c"].iloc[0])]
    both = pd.concat([part, fresh])
    return both.assign(labels=labels_a_dimension(both))


def _switched(rows):
    """Held-out accuracy with many examples, ρ × replicates, and the share of replicates that have switched, by ρ."""
    table = along(shown(rows, "many examples"), "held_out_accuracy", "rho").T
    return table, table.ge(0.5).sum(axis=1) / table.notna().sum(axis=1)


def undecided(rows: pd.DataFrame) -> pd.DataFrame:
    """Held-out accuracy with many examples, ρ × replicates: where some switch and others do not, and the ρ beside."""
    table, switched = _switched(rows)
    mixed = np.flatnonzero((switched > 0) & (switched < 1))
    near = sorted({i + step for i in mixed for step in (-1, 0, 1)} & set(range(len(table))))
    return table.iloc[near]


def border(rows: pd.DataFrame) -> tuple[float, float]:
    """The last ρ at which no replicate has switched, with many examples, and the first at which all have.

    Where that is no range, the points of the steepest rise.
    """
    table, switched = _switched(rows)
    none, every = switched.index[switched == 0], switched.index[switched == 1]
    if len(none) and len(every) and none.max() < every.min():
        return none.max(), every.min()
    return steepest_rise(table.mean(axis=1))

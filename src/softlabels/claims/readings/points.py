"""Rows at points, curves over an axis, and the numbers that are read off them: what all pages share.

Each reading takes the rows of one study at one scale and the points that a claim names (column = value, or
[low, high]), and returns what it measured by part: a Series indexed by unit, or `Means`. Raises NotRun where the
rows lack a point. α is n/d where a study has n, and n/(dc) = k/d where it has k examples per class: each figure's own
axis.
"""

import math
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
import pandas as pd

from softlabels.errors import NotRun
from softlabels.intervals import Means, spearman
from softlabels.store import curves_of
from softlabels.studies import find
from softlabels.study import identity

NEAR = 0.04  # a named fraction may lie this far, relatively, from the grid's
LEVEL = 0.99  # where a mean accuracy counts as perfect; the notebooks of paper B also use 1.0, which one error moves


def with_alpha(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their figure's axis as column `alpha`."""
    if "alpha" in rows or "d" not in rows:
        return rows
    return rows.assign(alpha=rows["n" if "n" in rows else "per_class"] / rows["d"])


def at(rows: pd.DataFrame, **points) -> pd.DataFrame:
    """The rows at the named points.

    A pair is a range, a longer list are the values themselves; in a column of fractions a number takes the nearest
    value within 4 %, for α follows from whole sample sizes; else equality.
    """
    rows = with_alpha(rows)
    for column, wanted in points.items():
        if column not in rows:
            raise NotRun(f"the rows have no {column}")
        values = rows[column]
        if isinstance(wanted, (list, tuple)) and len(wanted) > 2:
            if lacking := set(wanted) - set(values):
                raise NotRun(f"no run has {column} = {min(lacking)}")
            chosen = values.isin(wanted)
        elif isinstance(wanted, (list, tuple)):
            chosen = values.between(wanted[0] * (1 - 1e-9), wanted[1] * (1 + 1e-9))
        elif isinstance(wanted, (str, bool)) or pd.api.types.is_integer_dtype(values):
            chosen = values == wanted
        else:
            nearest = values[(values - wanted).abs() <= NEAR * abs(wanted)]
            chosen = values == nearest.loc[(nearest - wanted).abs().idxmin()] if len(nearest) else values != values
        rows = rows[chosen]
        if rows.empty:
            raise NotRun(f"no run has {column} = {wanted}")
    return rows


def pool(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The rows of studies with the same settings as one table; a run that several of them hold counts once."""
    rows = pd.concat(list(frames), ignore_index=True)
    return rows.drop_duplicates("identity") if "identity" in rows else rows


def pivot(rows: pd.DataFrame, metric: str, *axes: str) -> pd.DataFrame:
    """A metric as seeds × points of the axes, averaged over what else varies; seeds that lack a point are left out."""
    table = rows.pivot_table(index="seed", columns=list(axes), values=metric, aggfunc="mean")
    return table.dropna()


def whole(rows: pd.DataFrame, **points) -> pd.DataFrame:
    """The rows at the points, of the seeds that have every run which their study's grid has there.

    The largest value over half of a grid need not be that over the grid. Raises NotRun where no seed has them all.
    """
    chosen = at(rows, **points)
    if "identity" not in rows:  # rows that belong to no study
        return chosen
    wanted = at(grid_of(rows.attrs["study"], rows.attrs["scale"]), **points)
    runs = wanted.groupby("seed").size()
    lacking = wanted.loc[~wanted["identity"].isin(chosen["identity"]), "seed"]
    lacking = {*lacking, *runs.index[runs < runs.max()]}  # some replicates are there for a few cells only
    chosen = chosen[~chosen["seed"].isin(lacking)]
    if chosen.empty:
        raise NotRun("no replicate has every run of the grid there")
    return chosen


@cache
def grid_of(study: str, scale: str) -> pd.DataFrame:
    """Every run of a study's grid, as a row without results."""
    return pd.DataFrame([vars(s) | {"identity": identity(s)} for s in find(study).grid(scale)])


# ---- curves


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


def stays(curve: pd.Series, level: float = LEVEL) -> float:
    """From where on a curve is at or above a level: midway between the last point below it and the next."""
    return sum(step(curve, stays, level)) / 2


def first(curve: pd.Series, level: float = LEVEL) -> float:
    """The first point at or above a level."""
    reached = curve.index[curve >= level]
    return reached.min() if len(reached) else math.inf


def last(curve: pd.Series, level: float = LEVEL) -> float:
    """The last point at or above a level."""
    reached = curve.index[curve >= level]
    return reached.max() if len(reached) else -math.inf


def step(curve: pd.Series, read: Callable, level: float = LEVEL) -> tuple[float, float]:
    """The points of the grid between which a threshold lies that `read`, one of the five above, takes off a curve.

    They are neighbours; but a curve that `falls` below the level and rises again does so anywhere from the first fall
    to the last. ±infinity where the grid ends.
    """
    above, below = (np.flatnonzero(side) for side in (curve >= level, ~(curve >= level)))
    begins, ends = (above[0], above[-1] + 1) if len(above) else (len(curve), 0)  # the first point above; past the last
    low, high = {
        falls: (below[0] if len(below) else len(curve), ends),
        last: (ends, ends),
        stays: (below[-1] + 1 if len(below) else 0,) * 2,
    }.get(read, (begins, begins))
    grid = [-math.inf, *curve.index, math.inf]  # the curve's point i is point i + 1 here
    return grid[low], grid[high + 1]


def threshold(rows, metric, axis, read, level=LEVEL, scale=1.0) -> Means:
    """A threshold of a metric's mean over replicates along an axis, times `scale`."""
    values = pivot(rows, metric, axis)
    grid = values.columns.to_numpy(dtype=float) * scale
    return Means(
        values,
        lambda mean: read(mean, level) * scale,
        (grid.min(), grid.max()) if len(grid) else (0, 0),
        between=lambda mean: tuple(end * scale for end in step(mean, read, level)),
    )


def thresholds_by(rows, column, metric, read, level=LEVEL, scale: Callable = lambda value: 1.0, **points) -> dict:
    """A threshold along α, times `scale` of the value, for each value of a column: `d = 200` -> `Means`."""
    return {
        f"{column} = {value}": threshold(part, metric, "alpha", read, level, scale(value))
        for value, part in at(rows, **points).groupby(column)
    }


def read_off(measured: Means) -> float:
    """The number alone, read off the means over all replicates."""
    return measured.read(measured.values.mean())


def learning(rows: pd.DataFrame, name: str, **points) -> pd.DataFrame:
    """A learning curve of the runs at the points: replicates × steps. Raises NotRun where it was not recorded."""
    rows = at(rows, **points)
    curves = curves_of(rows)
    curves = curves[curves["name"] == name].merge(rows[["identity", "seed"]])
    if curves.empty:
        raise NotRun(f"the rows have no curve of {name}")
    return curves.pivot_table(index="seed", columns="step", values="value")


# ---- averages at points


def average(rows: pd.DataFrame, metric: str, minus: str | None = None, **points) -> dict:
    """Mean of a metric, or of its difference to another of the same run, over the runs at the points."""
    rows = at(rows, **points)
    values = rows[metric] - rows[minus] if minus else rows[metric]
    return {"": values.groupby(rows["seed"]).mean()}


def if_run(reading: Callable, *rows, **points) -> pd.Series:
    """What a reading measured, for tables; empty, with a mean of NaN, where the rows do not hold it."""
    try:
        return reading(*rows, **points)[""]
    except NotRun:
        return pd.Series(dtype=float)


def curve(rows: pd.DataFrame, axis: str, reading: Callable, **points) -> pd.DataFrame:
    """A reading at each value of an axis: units × values. Values without a run are left out."""
    values = {x: if_run(reading, rows, **{axis: x}, **points) for x in sorted(rows[axis].unique())}
    return pd.DataFrame({x: value for x, value in values.items() if len(value)}).rename_axis(columns=axis)


def along(rows: pd.DataFrame, metric: str, axis: str, **points) -> pd.DataFrame:
    """`average` at each value of an axis: replicates × values, NaN where a replicate lacks a value."""
    return curve(at(rows, **points), axis, average, metric=metric)


def mean_curve(rows: pd.DataFrame, metric: str, axis: str = "alpha", **points) -> pd.Series:
    """A metric's mean over the replicates that have every value of an axis, by its value."""
    return pivot(at(rows, **points), metric, axis).mean()


def mean_map(rows: pd.DataFrame, metric: str, y: str, x: str = "alpha", **points) -> pd.DataFrame:
    """A metric's mean over replicates in a plane: values of `y` × values of `x`."""
    return at(rows, **points).groupby([y, x])[metric].mean().unstack()


def paired(rows: pd.DataFrame, metric: str, of: dict, to: dict, times: float = 1.0, **points) -> dict:
    """Mean of a metric at the points `of` minus `times` its mean at the points `to`, within each seed."""
    rows = at(rows, **points)
    left, right = (at(rows, **side).groupby("seed")[metric].mean() for side in (of, to))
    return {"": (left - times * right).dropna()}


def log_drop(rows: pd.DataFrame, metric: str, of: dict, to: dict, **points) -> dict:
    """How many powers of ten a metric falls from the points `of` to the points `to`, within each seed."""
    positive = rows.assign(**{metric: np.log10(rows[metric].clip(lower=1e-300))})
    return paired(positive, metric, of, to, **points)


def least(rows: pd.DataFrame, metric: str, **points) -> dict:
    """The smallest value of a metric over the runs at the points, in each seed that ran them all."""
    return {"": whole(rows, **points).groupby("seed")[metric].min()}


def most(rows: pd.DataFrame, metric: str, minus: str | None = None, **points) -> dict:
    """The same with the largest value of a metric, or of its difference to another of the same run."""
    rows = whole(rows, **points)
    values = rows[metric] - rows[minus] if minus else rows[metric]
    return {"": values.groupby(rows["seed"]).max()}


def rank_correlation(rows: pd.DataFrame, metric: str, axis: str, **points) -> dict:
    """Spearman's rank correlation of a metric and an axis."""
    values = pivot(at(rows, **points), metric, axis)
    return {"": values.apply(spearman, axis=1)}


def chosen_by_others(table: pd.DataFrame, best: Callable[[pd.Series], object]) -> pd.Series:
    """By replicate, the column that is best on average over the other half of the replicates, which alternate.

    best: of a mean by column, the column. Raises NotRun for a single replicate.
    """
    if len(table) < 2:
        raise NotRun("a single replicate cannot both choose and report")
    half = pd.Series(range(len(table)), index=table.index) % 2
    return half.map({side: best(table[half != side].mean()) for side in (0, 1)})


def at_own(table: pd.DataFrame, columns: pd.Series) -> pd.Series:
    """Of a table of replicates × columns, the value at each replicate's own column."""
    return pd.Series({replicate: table.at[replicate, column] for replicate, column in columns.items()})

"""The grids of paper B's studies, made from base settings and the fields that vary.

A grid is a function from a number of replicates (None: the grid's own number) to a list of runs.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product

Grid = Callable[[int | None], list]


def crossed(base, replicates: int, *joint: Iterable[dict], **axes: Iterable) -> Grid:
    """For each replicate, `base` with every combination of the axes (field = its values); the last varies fastest.

    joint: axes whose points set several fields at once, such as {"c": 10, "per_class": 5}. They vary slowest.
    """
    every = [list(points) for points in joint]
    every += [[{field: value} for value in values] for field, values in axes.items()]

    def runs(seeds: int | None = None) -> list:
        return [
            replace(base, seed=seed, **{field: value for point in points for field, value in point.items()})
            for seed in range(seeds or replicates)
            for points in product(*every)
        ]

    return runs


def pooled(*grids: Grid) -> Grid:
    """Several grids as one, one after another; a run that occurs twice counts once."""
    return lambda seeds=None: list(dict.fromkeys(run for grid in grids for run in grid(seeds)))

"""The grids of paper Q's studies, put together from parts with different numbers of replicates.

A part is a function from a number of replicates (None: the part's own number) to a list of runs.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product

from softlabels.studies.images.defaults import PUBLISHED_DRAW, Defaults
from softlabels.studies.images.settings import Settings, teacher_of

Part = Callable[[int | None], list]


def grid(*parts: Part) -> Part:
    """All runs of several parts, one part after another; a run that occurs twice counts once."""
    return lambda seeds=None: list(dict.fromkeys(run for part in parts for run in part(seeds)))


# ---- students ------------------------------------------------------------------------------------------------------


def runs(
    cells: Callable[..., list[Settings]], defaults: Defaults, *, ipc: int | tuple[int, ...], draws: int, students: int,
    **values,
) -> Part:  # fmt: skip
    """A part: settings on an image set for one or several IPC, each with its `replicates`.

    cells: the function that lists these settings: `soft`, `hard`, `soft_and_hard` or one of a study, which gets
    `values`.
    """
    ipcs = ipc if isinstance(ipc, tuple) else (ipc,)
    return grid(*(replicates(cells(defaults, one, **values), draws=draws, students=students) for one in ipcs))


def replicates(cells: Iterable[Settings], *, draws: int, students: int) -> Part:
    """A part: every cell on `draws` random choices of images, with `students` students on each.

    The number of replicates is the number of draws.
    """
    return lambda seeds: [
        replace(cell, draw=PUBLISHED_DRAW + draw, seed=seed)
        for draw in range(seeds or draws)
        for cell in cells
        for seed in range(students)
    ]


def soft(defaults: Defaults, ipc: int, **values) -> list[Settings]:
    """Soft labels with every combination of values: tuples vary, the last one fastest; other values hold for all."""
    return [defaults.soft(ipc, **combination) for combination in combinations(values)]


def hard(defaults: Defaults, ipc: int, **values) -> list[Settings]:
    """As `soft`, with labels of the class alone: hard ones, unless `labels` says another kind."""
    return [defaults.hard(ipc, **combination) for combination in combinations(values)]


def combinations(values: dict) -> list[dict]:
    """Every combination of values: tuples vary, the last one fastest."""
    lists = [value if isinstance(value, tuple) else (value,) for value in values.values()]
    return [dict(zip(values, combination, strict=True)) for combination in product(*lists)]


def soft_and_hard(defaults: Defaults, ipc: int, **values) -> list[Settings]:
    """As `soft`, and hard labels."""
    return [*soft(defaults, ipc, **values), defaults.hard(ipc)]


# ---- teachers ------------------------------------------------------------------------------------------------------


def teachers(defaults: Defaults, *, epochs: Iterable[int], seeds: int, **changed) -> Part:
    """A part: `seeds` teachers of an image set, each after several of its epochs."""
    own = replace(teacher_of(defaults.base), **changed)
    return lambda count: [replace(own, epoch=epoch, seed=seed) for seed in range(count or seeds) for epoch in epochs]


def single_teacher(defaults: Defaults, *, epochs: Iterable[int], **changed) -> Part:
    """A part: one teacher after several of its epochs, whatever the number of replicates."""
    return lambda _: teachers(defaults, epochs=epochs, seeds=1, **changed)(1)

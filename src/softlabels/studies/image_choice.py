"""How much is luck: easy and hard images, draws of images, teachers (paper Q, figure 9, tables 5 and 6)."""

from collections.abc import Iterable
from dataclasses import replace

from softlabels.data.selection import PARTS
from softlabels.studies.image_scales import DIGITS, REDUCED, SMOKE, TINY, Scale, grid, students
from softlabels.studies.image_students import study
from softlabels.studies.soft_labels import Settings


def deciles(scale: Scale, ipc: int, chosen: Iterable[int] = range(1, PARTS + 1)) -> list[Settings]:
    """Random images, and those of each chosen tenth of their class, 1 the easiest."""
    return [scale.soft(ipc), *(scale.soft(ipc, selection=f"decile {decile}") for decile in chosen)]


IMAGE_CHOICE = study(  # figure 9
    "image_choice",
    smoke=grid((deciles(SMOKE, 1, (1, 10)), 3, 2)),
    quick=grid(
        (deciles(DIGITS, 1), 12, 1),
        (deciles(DIGITS, 5), 10, 1),
        (deciles(DIGITS, 10, (1, 3, 5, 8, 10)), 6, 1),
    ),
    reduced=grid(*((deciles(REDUCED, ipc, (1, 3, 5, 8, 10)), 3, 1) for ipc in (1, 10))),
    paper=grid(*((deciles(TINY, ipc), 3, 2) for ipc in (1, 10, 50))),
)


def both(scale: Scale, ipc: int) -> list[Settings]:
    """Soft and hard labels."""
    return [scale.soft(ipc), scale.hard(ipc)]


IMAGE_DRAWS = study(  # table 5
    "image_draws",
    smoke=grid((both(SMOKE, 1), 3, 2)),
    quick=grid((both(DIGITS, 1), 6, 5), (both(DIGITS, 10), 6, 3), (both(DIGITS, 50), 6, 2)),
    reduced=grid((both(REDUCED, 1), 6, 2), (both(REDUCED, 10), 6, 1)),
    paper=grid(*((both(TINY, ipc), 6, 5) for ipc in (1, 10, 50))),
)


EARLIER = replace(REDUCED, epochs=REDUCED.epochs | {10: 10})  # six teachers are trained for 10 epochs only


def of_teachers(scale: Scale, ipc: int, teachers: int, of_each: int, seeds: int | None) -> list[Settings]:
    """One draw of images labelled by several teachers, and hard labels of the same images."""
    labelled = [scale.soft(ipc, teacher=teacher) for teacher in range(seeds or teachers)]
    return students([*labelled, scale.hard(ipc)], 1, of_each)


def teacher_grid(*parts):
    """A grid of parts (scale, IPC, teachers, students of each); `seeds` asks for another number of teachers."""
    return lambda seeds=None: list(dict.fromkeys(s for part in parts for s in of_teachers(*part, seeds)))


TEACHER_DRAWS = study(  # table 6
    "teacher_draws",
    smoke=teacher_grid((SMOKE, 1, 3, 2)),
    quick=teacher_grid((DIGITS, 1, 6, 5), (DIGITS, 10, 6, 3), (DIGITS, 50, 6, 2)),
    reduced=teacher_grid((REDUCED, 1, 6, 2), (EARLIER, 10, 6, 1)),
    paper=teacher_grid(*((TINY, ipc, 6, 5) for ipc in (1, 10, 50))),
)

"""How much is luck? Easy and hard images, other draws of images, other teachers (paper Q, figure 9, tables 5 and 6)."""

from dataclasses import replace

from softlabels.data.selection import PARTS
from softlabels.studies.images.defaults import CIFAR100, DIGITS, REDUCED, SMOKE, TINY, Defaults
from softlabels.studies.images.grids import Part, grid, replicates, runs, soft, soft_and_hard
from softlabels.studies.images.students import study

TENTHS = ("random", *(f"decile {tenth}" for tenth in range(1, PARTS + 1)))  # of each class, "decile 1" the easiest
FIVE_TENTHS = ("random", *(f"decile {tenth}" for tenth in (1, 3, 5, 8, 10)))

IMAGE_CHOICE = study(  # figure 9
    "image_choice",
    smoke=grid(runs(soft, SMOKE, ipc=1, selection=("random", "decile 1", "decile 10"), draws=3, students=2)),
    quick=grid(
        runs(soft, DIGITS, ipc=1, selection=TENTHS, draws=12, students=1),
        runs(soft, DIGITS, ipc=5, selection=TENTHS, draws=10, students=1),
        runs(soft, DIGITS, ipc=10, selection=FIVE_TENTHS, draws=6, students=1),
    ),
    reduced=grid(runs(soft, REDUCED, ipc=(1, 10), selection=FIVE_TENTHS, draws=3, students=1)),
    paper=grid(
        runs(soft, TINY, ipc=(1, 10, 50), selection=TENTHS, draws=3, students=2),
        runs(soft, CIFAR100, ipc=1, selection=FIVE_TENTHS, draws=3, students=1),
    ),
)

IMAGE_DRAWS = study(  # table 5
    "image_draws",
    smoke=grid(runs(soft_and_hard, SMOKE, ipc=1, draws=3, students=2)),
    quick=grid(
        runs(soft_and_hard, DIGITS, ipc=1, draws=6, students=5),
        runs(soft_and_hard, DIGITS, ipc=10, draws=6, students=3),
        runs(soft_and_hard, DIGITS, ipc=50, draws=6, students=2),
    ),
    reduced=grid(
        runs(soft_and_hard, REDUCED, ipc=1, draws=6, students=2),
        runs(soft_and_hard, REDUCED, ipc=10, draws=6, students=1),
    ),
    paper=grid(
        runs(soft_and_hard, TINY, ipc=(1, 10, 50), draws=6, students=5),
        runs(soft_and_hard, CIFAR100, ipc=1, draws=6, students=1),
    ),
)


def of_teachers(defaults: Defaults, *, ipc: int, teachers: int, students: int) -> Part:
    """A part: one draw of images with hard labels and labels of several teachers, which are the replicates."""

    def part(seeds):
        cells = soft_and_hard(defaults, ipc, teacher=tuple(range(seeds or teachers)))
        return replicates(cells, draws=1, students=students)(1)

    return part


STOPPED_AT_10 = replace(REDUCED, epochs=REDUCED.epochs | {10: 10})  # six teachers are trained for 10 epochs only

TEACHER_DRAWS = study(  # table 6
    "teacher_draws",
    smoke=grid(of_teachers(SMOKE, ipc=1, teachers=3, students=2)),
    quick=grid(
        of_teachers(DIGITS, ipc=1, teachers=6, students=5),
        of_teachers(DIGITS, ipc=10, teachers=6, students=3),
        of_teachers(DIGITS, ipc=50, teachers=6, students=2),
    ),
    reduced=grid(
        of_teachers(REDUCED, ipc=1, teachers=6, students=2),
        of_teachers(STOPPED_AT_10, ipc=10, teachers=6, students=1),
    ),
    paper=grid(
        *(of_teachers(TINY, ipc=ipc, teachers=6, students=5) for ipc in (1, 10, 50)),
        of_teachers(CIFAR100, ipc=1, teachers=6, students=1),
    ),
)

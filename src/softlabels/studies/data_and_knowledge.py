"""How many images is a label entry worth? The K largest entries, at several IPC (paper Q, figures 6 and 11)."""

from softlabels.studies.images.defaults import CIFAR100, DIGITS, PAIRS, REDUCED, SMOKE, TINY, Defaults
from softlabels.studies.images.grids import grid, runs, soft, soft_and_hard
from softlabels.studies.images.settings import Settings
from softlabels.studies.images.students import study


def cut(defaults: Defaults, ipc: int, *, top: tuple, renormalised: tuple, **values) -> list[Settings]:
    """Labels cut to their K largest entries, hard labels, and labels that are cut and then renormalised to sum to 1.

    The last are a control: without renormalisation a small K also means small gradients.
    """
    as_cut = soft_and_hard(defaults, ipc, top=top, **values)
    return as_cut + soft(defaults, ipc, top=renormalised, renormalised=True, **values)


def whole_and_cut(defaults: Defaults, ipc: int, *, teacher_epoch: tuple, top: tuple) -> list[Settings]:
    """Whole labels of several teacher epochs, hard labels, and labels of the first of these epochs, cut."""
    whole = soft_and_hard(defaults, ipc, teacher_epoch=teacher_epoch)
    return whole + soft_and_hard(defaults, ipc, top=top, teacher_epoch=teacher_epoch[0])


OF_HUNDRED, OF_TWO_HUNDRED = (1, 4, 16, 25, 100), (1, 4, 16, 50, 200)
PUBLISHED = (1, 2, 4, 8, 16, 32, 64, 128, 200)
OF_CIFAR100 = (1, 4, 10, 25, 100)
OF_DIGITS = (2, 8, 16, 40)  # epochs
EARLY, LATE = 14, 40  # epochs of a teacher of digit pairs

DATA_AND_KNOWLEDGE = study(
    "data_and_knowledge",
    smoke=grid(
        runs(cut, SMOKE, ipc=1, top=(1, 3, 10), renormalised=(1, 3), draws=3, students=2),
        runs(whole_and_cut, SMOKE, ipc=(1, 2), teacher_epoch=(1, 2), top=(1, 3, 10), draws=3, students=2),
    ),
    quick=grid(
        runs(cut, PAIRS, ipc=1, top=OF_HUNDRED, renormalised=(1, 4, 16), teacher_epoch=EARLY, draws=4, students=1),
        runs(soft_and_hard, PAIRS, ipc=2, top=OF_HUNDRED, teacher_epoch=EARLY, draws=3, students=1),
        runs(soft_and_hard, PAIRS, ipc=(5, 10), top=(1, 4, 16, 100), teacher_epoch=EARLY, draws=3, students=1),
        runs(soft_and_hard, PAIRS, ipc=1, top=(1, 16, 100), teacher_epoch=LATE, draws=4, students=1),
        runs(soft_and_hard, PAIRS, ipc=(2, 5), top=(1, 16, 100), teacher_epoch=LATE, draws=3, students=1),
        runs(soft_and_hard, PAIRS, ipc=10, top=100, teacher_epoch=LATE, draws=3, students=1),
        runs(soft_and_hard, DIGITS, ipc=(1, 2), teacher_epoch=OF_DIGITS, draws=8, students=2),
        runs(soft_and_hard, DIGITS, ipc=5, teacher_epoch=OF_DIGITS, draws=5, students=2),
        runs(soft_and_hard, DIGITS, ipc=(10, 20, 50), teacher_epoch=OF_DIGITS, draws=3, students=1),
    ),
    reduced=grid(
        runs(soft_and_hard, REDUCED, ipc=(1, 2, 5, 10, 20), top=OF_TWO_HUNDRED, teacher_epoch=10, draws=3, students=1),
        runs(soft, REDUCED, ipc=(1, 10), top=(1, 4, 16), renormalised=True, teacher_epoch=10, draws=1, students=1),
        runs(soft_and_hard, REDUCED, ipc=50, teacher_epoch=2, draws=3, students=1),
        runs(soft_and_hard, REDUCED, ipc=(20, 50), teacher_epoch=(1, 2), draws=1, students=1),
    ),
    paper=grid(
        runs(
            soft_and_hard, TINY, ipc=(1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 40), top=PUBLISHED, teacher_epoch=11,
            draws=3, students=2,
        ),
        runs(soft, TINY, ipc=(1, 10, 40), top=50, teacher_epoch=11, draws=3, students=2),  # a quarter: claim L23
        runs(soft_and_hard, TINY, ipc=(5, 10, 20, 50, 100), top=PUBLISHED, teacher_epoch=46, draws=3, students=2),
        runs(
            soft_and_hard, TINY, ipc=(1, 2, 5, 10, 20, 50, 100, 200), teacher_epoch=(11, 20, 50, 90),
            draws=3, students=2,
        ),
        runs(
            cut, CIFAR100, ipc=1, top=OF_CIFAR100, renormalised=(1, 4, 10), teacher_epoch=13, draws=3, students=1
        ),
        runs(soft_and_hard, CIFAR100, ipc=(2, 5), top=OF_CIFAR100, teacher_epoch=13, draws=3, students=1),
        runs(soft_and_hard, CIFAR100, ipc=10, top=OF_CIFAR100, teacher_epoch=13, draws=1, students=1),
    ),
)  # fmt: skip

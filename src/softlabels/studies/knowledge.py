"""How many images a label entry is worth: the K largest entries, for several numbers of images (paper Q, 6 and 11)."""

from collections.abc import Iterable

from softlabels.studies.image_scales import DIGITS, PAIRS, REDUCED, SMOKE, TINY, Scale, grid
from softlabels.studies.image_students import study
from softlabels.studies.soft_labels import Settings


def cut(scale: Scale, ipc: int, tops: Iterable[int], **changed) -> list[Settings]:
    """The K largest entries of one teacher's labels, for each K, and hard labels."""
    return [*(scale.soft(ipc, top=k, **changed) for k in tops), scale.hard(ipc)]


def renormalised(scale: Scale, ipc: int, tops: Iterable[int], **changed) -> list[Settings]:
    """The same, made to sum to 1 again: without it a small K is also a small step."""
    return [scale.soft(ipc, top=k, renormalised=True, **changed) for k in tops]


def frontier(scale: Scale, ipc: int, epochs: Iterable[int]) -> list[Settings]:
    """Whole labels of several teacher epochs, and hard ones."""
    return [*(scale.soft(ipc, teacher_epoch=epoch) for epoch in epochs), scale.hard(ipc)]


OF_HUNDRED, OF_TWO_HUNDRED = (1, 4, 16, 32, 100), (1, 4, 16, 50, 200)
PUBLISHED = (1, 2, 4, 8, 16, 32, 64, 128, 200)
EARLY, LATE = 14, 40  # epochs of a teacher of digit pairs

DATA_AND_KNOWLEDGE = study(  # figures 6 and 11
    "data_and_knowledge",
    smoke=grid(
        (cut(SMOKE, 1, (1, 3, 10)) + renormalised(SMOKE, 1, (1, 3)), 3, 2),
        *((frontier(SMOKE, ipc, (1, 2)) + cut(SMOKE, ipc, (1, 3, 10), teacher_epoch=1), 3, 2) for ipc in (1, 2)),
    ),
    quick=grid(
        (cut(PAIRS, 1, OF_HUNDRED, teacher_epoch=EARLY) + renormalised(PAIRS, 1, (1, 4, 16)), 4, 1),
        (cut(PAIRS, 2, OF_HUNDRED, teacher_epoch=EARLY), 3, 1),
        *((cut(PAIRS, ipc, (1, 4, 16, 100), teacher_epoch=EARLY), 3, 1) for ipc in (5, 10)),
        (cut(PAIRS, 1, (1, 16, 100), teacher_epoch=LATE), 4, 1),
        *((cut(PAIRS, ipc, (1, 16, 100), teacher_epoch=LATE), 3, 1) for ipc in (2, 5)),
        (cut(PAIRS, 10, (100,), teacher_epoch=LATE), 3, 1),
        *((frontier(DIGITS, ipc, (2, 8, 16, 40)), 8, 2) for ipc in (1, 2)),
        (frontier(DIGITS, 5, (2, 8, 16, 40)), 5, 2),
        *((frontier(DIGITS, ipc, (2, 8, 16, 40)), 3, 1) for ipc in (10, 20, 50)),
    ),
    reduced=grid(
        *((cut(REDUCED, ipc, OF_TWO_HUNDRED, teacher_epoch=10), 3, 1) for ipc in (1, 2, 5, 10, 20)),
        *((renormalised(REDUCED, ipc, (1, 4, 16), teacher_epoch=10), 1, 1) for ipc in (1, 10)),
        (frontier(REDUCED, 20, (1, 2)), 1, 1),
        (frontier(REDUCED, 50, (1, 2)), 1, 1),
    ),
    paper=grid(
        *((cut(TINY, ipc, PUBLISHED, teacher_epoch=11), 3, 2) for ipc in (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 40)),
        *((cut(TINY, ipc, PUBLISHED, teacher_epoch=46), 3, 2) for ipc in (5, 10, 20, 50, 100)),
        *((frontier(TINY, ipc, (11, 20, 50, 90)), 3, 2) for ipc in (1, 2, 5, 10, 20, 50, 100, 200)),
    ),
)

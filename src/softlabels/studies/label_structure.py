"""Not softness but structure: entries exchanged, shuffled, drawn at random, blurred (paper Q, figure 3).

The last three are experiments of the independent reproduction.
"""

from collections.abc import Iterable
from dataclasses import replace

from softlabels.studies.image_scales import DIGITS, PAIRS, REDUCED, SMOKE, TINY, Scale, grid
from softlabels.studies.image_students import study
from softlabels.studies.soft_labels import Settings


def swaps(scale: Scale, ipc: int, ranks: Iterable[int], **changed) -> list[Settings]:
    """The labels as they are, and with each rank's entry exchanged with the smallest."""
    return [scale.soft(ipc, swapped=rank, **changed) for rank in (0, *ranks)]


OF_TEN = tuple(range(1, 10))
OF_HUNDRED = (1, 2, 4, 8, 16, 32, 64, 99)
OF_TWO_HUNDRED = (1, 2, 3, 4, 8, 16, 32, 64, 128, 199)
PUBLISHED = tuple(range(1, 200))

RANK_SWAPS = study(  # figure 3; beside the epoch that suits an IPC, one epoch for all of them
    "rank_swaps",
    smoke=grid((swaps(SMOKE, 1, (1, 9)), 3, 2)),
    quick=grid(
        (swaps(DIGITS, 1, OF_TEN, teacher_epoch=20), 6, 2),
        (swaps(DIGITS, 5, (1, 2, 3, 4, 6, 9), teacher_epoch=20), 6, 1),
        (swaps(DIGITS, 10, (1, 2, 3, 4, 6, 9), teacher_epoch=20), 6, 1),
        (swaps(PAIRS, 1, OF_HUNDRED), 4, 1),
    ),
    reduced=grid(
        *((swaps(REDUCED, ipc, (1, 2, 4, 128, 199), teacher_epoch=20), 3, 1) for ipc in (10, 1)),
        *((swaps(REDUCED, ipc, OF_TWO_HUNDRED, teacher_epoch=20), 1, 1) for ipc in (10, 1)),
        (swaps(REDUCED, 1, OF_TWO_HUNDRED), 1, 1),
    ),
    paper=grid(
        *((swaps(TINY, ipc, PUBLISHED, teacher_epoch=epoch), 1, 2) for ipc, epoch in ((1, 7), (10, 50), (50, 90))),
        *((swaps(TINY, ipc, OF_TWO_HUNDRED, teacher_epoch=50), 3, 2) for ipc in (1, 10, 50)),
    ),
)


def unstructured(scale: Scale, ipc: int) -> list[Settings]:
    """Soft and hard labels; the soft ones shuffled but for the top; random ones around the class."""
    soft = scale.soft(ipc)
    random = scale.hard(ipc, labels="random soft")
    return [
        soft, scale.hard(ipc), replace(soft, shuffled=True),
        *(replace(random, certainty=p) for p in (0.8, 0.9, 0.95)),
    ]  # fmt: skip


def noisy(scale: Scale, ipc: int, shares: Iterable[float], amounts: Iterable[float]) -> list[Settings]:
    """Noise in the surest labels."""
    return [scale.soft(ipc, noise_share=share, noise_amount=a) for a in amounts for share in shares]


SHARES, AMOUNTS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5), (0.01, 0.05, 0.1)  # as the reproduction has them

SHUFFLED_AND_RANDOM = study(  # the independent reproduction's three experiments
    "shuffled_and_random",
    smoke=grid((unstructured(SMOKE, 1) + noisy(SMOKE, 1, (0.5,), (0.3,)), 3, 2)),
    quick=grid(
        *((unstructured(DIGITS, ipc), 10, 1 + (ipc == 1)) for ipc in (1, 5, 10)),
        *((noisy(DIGITS, ipc, (0.1, 0.5), (0.05, 0.3)), 6, 1 + (ipc == 1)) for ipc in (1, 5, 10)),
    ),
    reduced=grid(
        *((unstructured(REDUCED, ipc) + noisy(REDUCED, ipc, (0.5,), (0.1,)), 3, 1) for ipc in (1, 10)),
    ),
    paper=grid(
        *((unstructured(TINY, ipc) + noisy(TINY, ipc, SHARES, AMOUNTS), 3, 5) for ipc in (1, 10)),
        (unstructured(TINY, 50), 3, 5),
    ),
)

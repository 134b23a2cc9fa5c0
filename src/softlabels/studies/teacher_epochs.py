"""When a teacher should stop: students of its epochs and temperatures (paper Q, figures 2 and 4, tables 2, 4 and 7)."""

from dataclasses import replace

from softlabels.studies.image_scales import (
    CIFAR10,
    CIFAR100,
    CLEAN,
    CLEAN_SMOKE,
    DIGITS,
    IMAGENET64,
    REDUCED,
    SMOKE,
    TINY,
    Scale,
    grid,
)  # fmt: skip
from softlabels.studies.image_students import study
from softlabels.studies.soft_labels import Settings

PAPER_TEMPERATURES = (1.0, *(round(1 + 4 * i / 9, 3) for i in range(1, 9)), 5.0)  # ten, at equal distances


def sweep(scale: Scale, ipc: int, epochs) -> list[Settings]:
    """Soft labels of each teacher epoch, and hard ones."""
    return [*(scale.soft(ipc, teacher_epoch=epoch) for epoch in epochs), scale.hard(ipc)]


EVERY_SECOND = tuple(range(2, 105, 2))
COARSE = (2, 4, 7, 11, 15, 20, 30, 40, 50, 70, 90, 102)
OF_CIFAR100 = (2, 4, 7, 10, 13, 15, 24, 36, 41, 57, 75, 100, 125)
OF_CIFAR10 = (5, 10, 20, 30, 44, 64, 90, 128, 164, 200, 300, 400)
QUICK = (2, 4, 8, 12, 16, 20, 30, 40)

TEACHER_EPOCHS = study(  # figure 2, and with it tables 2 and 7
    "teacher_epochs",
    smoke=grid((sweep(SMOKE, 1, (1, 2)), 3, 2)),
    quick=grid(
        (sweep(DIGITS, 1, QUICK), 10, 2),
        (sweep(DIGITS, 5, QUICK), 6, 2),
        (sweep(DIGITS, 10, QUICK), 6, 1),
        (sweep(DIGITS, 50, (2, 8, 16, 30, 40)), 6, 1),
    ),
    reduced=grid(
        (sweep(REDUCED, 1, (1, 2, 3, 4, 5, 7, 10, 20, 40)), 3, 1),
        (sweep(REDUCED, 10, (3, 5, 10, 15, 20, 30, 40)), 3, 1),
        (sweep(REDUCED, 50, (10, 20, 40)), 1, 1),
    ),
    paper=grid(
        *((sweep(TINY, ipc, EVERY_SECOND), 1, 5) for ipc in (1, 10, 50)),
        *((sweep(TINY, ipc, COARSE), 3, 2) for ipc in (1, 10, 50, 100)),
        *((sweep(CIFAR100, ipc, OF_CIFAR100), 3, 2) for ipc in (1, 10, 50, 100)),
        *((sweep(CIFAR10, ipc, OF_CIFAR10), 3, 2) for ipc in (1, 10, 50)),
    ),
)


def table(scale: Scale, ipc: int, epochs, temperatures) -> list[Settings]:
    """Every epoch at every temperature."""
    return [scale.soft(ipc, teacher_epoch=epoch, tau=tau) for epoch in epochs for tau in temperatures]


def unaugmented(scale: Scale, ipc: int, epochs, temperatures) -> list[Settings]:
    """The same for a teacher that saw its images as they are, and overfits."""
    return [replace(s, teacher_augmented=False) for s in table(scale, ipc, epochs, temperatures)]


TO_40, HOT = (8, 16, 30, 40), (1.0, 1.5, 2.0, 3.0)

TEMPERATURES = study(  # figure 4; beside its teacher one that overfits more, and one that does not overfit
    "temperatures",
    smoke=grid(
        (table(SMOKE, 1, (1, 2), (1.0, 2.0)), 3, 2),
        (unaugmented(SMOKE, 1, (1, 2), (1.0, 2.0)), 3, 2),
        (table(CLEAN_SMOKE, 1, (1, 2), (1.0, 2.0)), 3, 2),
    ),
    quick=grid(
        (table(DIGITS, 1, TO_40, HOT), 10, 2),
        (table(DIGITS, 5, TO_40, HOT), 8, 2),
        (unaugmented(DIGITS, 1, TO_40, HOT), 4, 2),
        (table(CLEAN, 1, TO_40, (1.0, 2.0, 3.0, 5.0)), 6, 2),
    ),
    reduced=grid(
        (table(REDUCED, 1, (3, 5, 10, 40), (1.0, 1.5, 2.0, 3.0)), 1, 1),
        (table(REDUCED, 10, (5, 10, 20, 40), (1.0, 1.5, 2.0, 3.0)), 1, 1),
        (unaugmented(REDUCED, 1, (2, 5, 20), (1.0, 2.0, 3.0)), 3, 1),
        (unaugmented(REDUCED, 10, (5, 10, 20), (1.0, 2.0, 3.0)), 3, 1),
    ),
    paper=grid((table(TINY, 10, range(1, 105, 6), PAPER_TEMPERATURES), 3, 2)),
)


def trained(scale: Scale, ipc: int, rates, epochs, **soft) -> list[Settings]:
    """Soft and hard labels at every learning rate and number of epochs of the student."""
    both = scale.soft(ipc, **soft), scale.hard(ipc)
    return [replace(s, lr=lr, epochs=E) for s in both for lr in rates for E in epochs]


def twice_as_long(scale: Scale, ipc: int) -> list[Settings]:
    """Soft and hard labels, each as it is trained elsewhere, for twice the epochs."""
    return [replace(s, epochs=2 * s.epochs) for s in (scale.soft(ipc), scale.hard(ipc))]


STUDENT_EPOCHS = study(  # how long students are trained, and how fast; at paper scale, table 2 on Tiny ImageNet
    "student_epochs",
    smoke=grid((trained(SMOKE, 1, (0.1,), (2, 4)), 3, 1)),
    quick=grid(
        (trained(DIGITS, 1, (0.03, 0.1, 0.3), (50, 150, 450)), 3, 1),
        (trained(DIGITS, 10, (0.03, 0.1, 0.3), (50, 150)), 3, 1),
    ),
    reduced=grid(
        (trained(REDUCED, 1, (0.01, 0.03, 0.1, 0.3, 1.0), (600,), teacher_epoch=5), 1, 1),  # from which rates are taken
        (trained(REDUCED, 10, (0.05, 0.1, 0.2, 0.4), (150,), teacher_epoch=20), 1, 1),
        *((twice_as_long(REDUCED, ipc), 1, 1) for ipc in (1, 10)),
    ),
    paper=grid(
        ([TINY.soft(1), TINY.hard(1), replace(TINY.soft(1), epochs=3000)], 1, 3),
        ([TINY.soft(10), TINY.hard(10)], 1, 1),
        ([s for ipc in (50, 100) for s in trained(TINY, ipc, (0.1,), (300,))], 1, 3),
        ([TINY.soft(50)], 1, 1),  # whether 300 epochs are enough
    ),
)

LOW_IPC = study(  # table 4
    "low_ipc",
    smoke=grid((sweep(SMOKE, 1, (1, 2)), 3, 2)),
    quick=grid(*((sweep(DIGITS, ipc, (12, 16, 20)), 6, 2) for ipc in (1, 2))),
    paper=grid(*((sweep(IMAGENET64, ipc, (2, 4, 6, 8, 10, 12, 16, 20)), 3, 2) for ipc in (1, 2))),
)

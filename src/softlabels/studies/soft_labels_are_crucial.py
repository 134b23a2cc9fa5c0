"""Is it the images or the labels? Synthetic and real images, labels of mixed images, how long students train.

Paper Q, figure 1 and tables 1, 2 and 4; table 2 also reads `teacher_epochs`.
"""

from dataclasses import replace

from softlabels.studies.images.defaults import CIFAR100, DIGITS, IMAGENET, IMAGENET64, REDUCED, SMOKE, TINY, Defaults
from softlabels.studies.images.grids import grid, hard, replicates, runs, soft, soft_and_hard
from softlabels.studies.images.settings import IMAGES, Settings
from softlabels.studies.images.students import study


def sources(defaults: Defaults, ipc: int, **values) -> list[Settings]:
    """Real, inverted and matched images, each with soft and hard labels."""
    cells = soft_and_hard(defaults, ipc, **values)
    return [replace(cell, images=source) for source in IMAGES for cell in cells]


def matched_and_real(defaults: Defaults, ipc: int, **values) -> list[Settings]:
    """Matched images with hard labels and real ones with soft labels, which claim L09 compares."""
    return [defaults.hard(ipc, images="distribution matching"), *soft(defaults, ipc, **values)]


SYNTHETIC_IMAGES = study(  # figure 1
    "synthetic_images",
    smoke=grid(runs(sources, SMOKE, ipc=1, teacher_epoch=2, draws=3, students=1)),
    quick=grid(  # one student per draw, because draws differ more than students
        runs(sources, DIGITS, ipc=(1, 5, 10), teacher_epoch=(16, 30), draws=5, students=1),
        runs(matched_and_real, DIGITS, ipc=10, teacher_epoch=(16, 30), draws=15, students=1),
    ),
    paper=grid(runs(sources, TINY, ipc=(1, 10, 50), teacher_epoch=(11, 50, 90), draws=3, students=2)),
)

CUTMIX_DIGITS = {"labels": "cutmix", "augmentation": "cutmix digits"}


def kinds(defaults: Defaults, ipc: int, *, fixed: tuple[int, ...], mixed: tuple[int, ...]) -> list[Settings]:
    """Hard labels, fixed soft labels and labels of mixed images (CutMix), the last two of several teacher epochs."""
    of_images = soft(defaults, ipc, teacher_epoch=fixed)
    return [defaults.hard(ipc), *of_images, *soft(defaults, ipc, teacher_epoch=mixed, **CUTMIX_DIGITS)]


def published_kinds(defaults: Defaults, ipc: int, *, student: str, teacher: str, epoch: int, lr: float):
    """Cells of table 1. Fixed labels are those of a teacher with learning rate `lr` that stopped after `epoch`.

    Labels of mixed images come from a fully trained ResNet18, for a ResNet18: the table has no other pair.
    """
    fixed = defaults.soft(ipc, network=student, teacher_network=teacher, teacher_epoch=epoch, teacher_lr=lr)
    mixed = defaults.soft(ipc, teacher_epoch=90, labels="cutmix", augmentation="cutmix", lr=1e-3, batch=1024)
    return [defaults.hard(ipc), fixed, mixed]


PUBLISHED = {  # teacher -> IPC, the epoch at which it stops, its learning rate
    "ResNet18": ((1, 12, 5e-4), (10, 44, 5e-4), (50, 31, 0.1), (100, 35, 0.1), (200, 35, 0.1)),
    "ResNet50": ((1, 10, 5e-4), (10, 25, 5e-4), (50, 31, 0.1), (100, 33, 0.1), (200, 62, 0.1)),
}

DEEPER = replace(REDUCED, base=replace(REDUCED.base, network="ConvNetD4 w64"))  # than its teacher, at the same rates

LABEL_KINDS = study(  # table 1
    "label_kinds",
    smoke=grid(
        runs(kinds, SMOKE, ipc=1, fixed=(1,), mixed=(2,), draws=3, students=2),
        runs(soft, SMOKE, ipc=1, images="inversion", teacher_epoch=2, **CUTMIX_DIGITS, draws=3, students=2),
    ),
    quick=grid(
        runs(kinds, DIGITS, ipc=1, fixed=(8, 16, 30), mixed=(12, 40), draws=4, students=2),
        runs(kinds, DIGITS, ipc=(5, 10), fixed=(16, 30, 40), mixed=(12, 40), draws=3, students=2),
        runs(soft, DIGITS, ipc=10, images="inversion", teacher_epoch=40, **CUTMIX_DIGITS, draws=3, students=2),
    ),
    reduced=grid(  # a second student; `image_draws` has the same labels and images for the teacher's own network
        runs(soft_and_hard, DEEPER, ipc=(1, 10), draws=3, students=1),
    ),
    paper=grid(
        *(
            runs(
                published_kinds, IMAGENET, ipc=ipc, student=student, teacher=teacher, epoch=epoch, lr=lr,
                draws=3, students=1,
            )
            for teacher, rows in PUBLISHED.items()
            for student in ("ResNet18", "ResNet50")
            for ipc, epoch, lr in rows
        )
    ),
)  # fmt: skip


def trained(defaults: Defaults, ipc: int, *, lr: tuple[float, ...], epochs: tuple[int, ...], **teacher):
    """Soft and hard labels at every learning rate and number of epochs of the student."""
    both = defaults.soft(ipc, **teacher), defaults.hard(ipc)
    return [replace(s, lr=rate, epochs=E) for s in both for rate in lr for E in epochs]


def twice_as_long(defaults: Defaults, ipc: int) -> list[Settings]:
    """Soft and hard labels, each for twice as many epochs as elsewhere."""
    return [replace(s, epochs=2 * s.epochs) for s in soft_and_hard(defaults, ipc)]


RATES_AT_1, RATES_AT_10 = (
    (0.01, 0.03, 0.1, 0.3, 1.0),
    (0.05, 0.1, 0.2, 0.4),
)  # the best ones are the defaults of REDUCED

STUDENT_EPOCHS = study(  # table 2: how long students are trained, and how fast
    "student_epochs",
    smoke=grid(runs(trained, SMOKE, ipc=1, lr=(0.1,), epochs=(2, 4), draws=3, students=1)),
    quick=grid(
        runs(trained, DIGITS, ipc=1, lr=(0.03, 0.1, 0.3), epochs=(50, 150, 450), draws=3, students=1),
        runs(trained, DIGITS, ipc=10, lr=(0.03, 0.1, 0.3), epochs=(50, 150), draws=3, students=1),
        runs(trained, DIGITS, ipc=(1, 10), lr=(0.003, 0.01, 1.0, 3.0), epochs=(150,), draws=3, students=1),
    ),
    reduced=grid(
        runs(trained, REDUCED, ipc=1, lr=RATES_AT_1, epochs=(600,), teacher_epoch=5, draws=1, students=1),
        runs(trained, REDUCED, ipc=10, lr=RATES_AT_10, epochs=(150,), teacher_epoch=20, draws=1, students=1),
        runs(hard, REDUCED, ipc=1, lr=(0.0003, 0.001, 0.003), epochs=600, draws=1, students=1),
        runs(hard, REDUCED, ipc=10, lr=(0.002, 0.005, 0.01, 0.02), epochs=150, draws=1, students=1),
        runs(soft, REDUCED, ipc=1, lr=3.0, epochs=600, teacher_epoch=5, draws=1, students=1),
        runs(soft, REDUCED, ipc=10, lr=(0.8, 1.6), epochs=150, teacher_epoch=20, draws=1, students=1),
        runs(twice_as_long, REDUCED, ipc=(1, 10), draws=1, students=1),
    ),
    paper=grid(
        replicates([TINY.soft(1), TINY.hard(1), TINY.soft(1, epochs=3000)], draws=1, students=3),
        runs(soft_and_hard, TINY, ipc=10, draws=1, students=1),
        replicates([s for ipc in (50, 100) for s in trained(TINY, ipc, lr=(0.1,), epochs=(300,))], draws=1, students=3),
        runs(soft, TINY, ipc=50, draws=1, students=1),  # whether 300 epochs are enough
        # `image_draws` and `teacher_epochs` have the cells of CIFAR-100 with 1000 epochs
        runs(soft, CIFAR100, ipc=1, epochs=3000, draws=6, students=1),
        runs(hard, CIFAR100, ipc=1, epochs=3000, draws=6, students=1),
        runs(soft, CIFAR100, ipc=10, epochs=3000, draws=1, students=1),
        runs(soft_and_hard, CIFAR100, ipc=50, draws=1, students=1),
        runs(soft, CIFAR100, ipc=50, epochs=1000, draws=1, students=1),
    ),
)

LOW_IPC = study(  # table 4
    "low_ipc",
    smoke=grid(runs(soft_and_hard, SMOKE, ipc=1, teacher_epoch=(1, 2), draws=3, students=2)),
    quick=grid(runs(soft_and_hard, DIGITS, ipc=(1, 2), teacher_epoch=(12, 16, 20), draws=6, students=2)),
    paper=grid(
        runs(soft_and_hard, IMAGENET64, ipc=(1, 2), teacher_epoch=(2, 4, 6, 8, 10, 12, 16, 20), draws=3, students=2),
    ),
)

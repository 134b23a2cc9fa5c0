"""When should a teacher stop? The teachers themselves, and students of their epochs and temperatures.

Paper Q, figures 2 and 4 and table 7; figure 2's students give table 2 as well.
"""

from softlabels.studies.images import teacher_labels
from softlabels.studies.images.defaults import (
    CIFAR10,
    CIFAR100,
    CLEAN,
    CLEAN_SMOKE,
    DIGITS,
    IMAGENET,
    IMAGENET64,
    REDUCED,
    SMOKE,
    TINY,
)
from softlabels.studies.images.grids import grid, runs, single_teacher, soft, soft_and_hard, teachers
from softlabels.studies.images.students import study

CURVE = (0, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 20, 25, 30, 35, 40)
REDUCED_CURVE = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40)
OF_CIFAR10 = (5, 10, 20, 30, 44, 64, 90, 128, 164, 200, 300, 400)

TEACHERS = teacher_labels.study(
    "teachers",
    run_pack=teacher_labels.accuracy_rows,
    pack_key=teacher_labels.up_to_a_stop,
    flops=teacher_labels.training_flops,
    smoke=grid(
        teachers(SMOKE, epochs=(0, 1, 2), seeds=3),
        teachers(SMOKE, epochs=(0, 1, 2), seeds=1, augmented=False),
        teachers(CLEAN_SMOKE, epochs=(0, 1, 2), seeds=1),
    ),
    quick=grid(
        teachers(DIGITS, epochs=CURVE, seeds=3),
        teachers(DIGITS, epochs=CURVE, seeds=1, augmented=False),
        teachers(CLEAN, epochs=CURVE, seeds=1),
    ),
    reduced=grid(
        teachers(REDUCED, epochs=REDUCED_CURVE, seeds=1),
        teachers(REDUCED, epochs=(3, 5, 10), seeds=6),
        single_teacher(REDUCED, epochs=(2, 5, 10, 20), augmented=False),
    ),
    paper=grid(
        teachers(TINY, epochs=(0, 1, *range(2, 105, 2), 11), seeds=6),
        teachers(CIFAR100, epochs=(*range(14), 15, 24, 36, 57, 91, 125), seeds=1),
        teachers(CIFAR100, epochs=(0, 1, 2, 4, 7, 10, 13, 15, 24, 36), seeds=6),
        single_teacher(CIFAR100, epochs=(2, 4, 13, 36), augmented=False),
        teachers(CIFAR10, epochs=range(0, 401, 10), seeds=3),
        single_teacher(CIFAR10, epochs=(0, 1, 2, *OF_CIFAR10)),
        single_teacher(CIFAR10, epochs=(0, 1, 2, *OF_CIFAR10), lr=1e-3),  # as the official commands have it
        teachers(IMAGENET64, epochs=range(0, 21, 2), seeds=1),
        teachers(IMAGENET, epochs=range(0, 91, 5), seeds=1),
    ),
)

QUICK = (2, 4, 8, 12, 16, 20, 30, 40)
EVERY_SECOND = tuple(range(2, 105, 2))
OF_TINY = (2, 4, 7, 11, 15, 20, 30, 40, 50, 70, 90, 102)
OF_CIFAR100 = (1, 2, 4, 7, 10, 13, 15, 24, 36, 57, 91, 125)
FEW_OF_CIFAR100 = (4, 13, 36, 57, 125)

TEACHER_EPOCHS = study(  # figure 2, tables 2 and 7
    "teacher_epochs",
    smoke=grid(runs(soft_and_hard, SMOKE, ipc=1, teacher_epoch=(1, 2), draws=3, students=2)),
    quick=grid(
        runs(soft_and_hard, DIGITS, ipc=1, teacher_epoch=QUICK, draws=10, students=2),
        runs(soft_and_hard, DIGITS, ipc=5, teacher_epoch=QUICK, draws=6, students=2),
        runs(soft_and_hard, DIGITS, ipc=10, teacher_epoch=QUICK, draws=6, students=1),
        runs(soft_and_hard, DIGITS, ipc=20, teacher_epoch=(8, 16, 30, 40), draws=6, students=1),
        runs(soft_and_hard, DIGITS, ipc=50, teacher_epoch=(2, 8, 16, 30, 40), draws=6, students=1),
    ),
    reduced=grid(
        runs(soft_and_hard, REDUCED, ipc=1, teacher_epoch=(1, 2, 3, 4, 5, 7, 10, 20, 40), draws=3, students=1),
        runs(soft_and_hard, REDUCED, ipc=10, teacher_epoch=(3, 5, 10, 15, 20, 30, 40), draws=3, students=1),
        runs(soft_and_hard, REDUCED, ipc=50, teacher_epoch=(10, 20, 40), draws=1, students=1),
    ),
    paper=grid(
        runs(soft_and_hard, TINY, ipc=(1, 10, 50), teacher_epoch=EVERY_SECOND, draws=1, students=5),
        runs(soft_and_hard, TINY, ipc=(1, 10, 50, 100), teacher_epoch=OF_TINY, draws=3, students=2),
        runs(soft_and_hard, CIFAR100, ipc=1, teacher_epoch=OF_CIFAR100, draws=3, students=1),
        runs(soft_and_hard, CIFAR100, ipc=10, teacher_epoch=FEW_OF_CIFAR100, draws=3, students=1),
        runs(soft_and_hard, CIFAR10, ipc=(1, 10, 50), teacher_epoch=OF_CIFAR10, draws=3, students=1),
    ),
)

TO_40, HOT = (8, 16, 30, 40), (1.0, 1.5, 2.0, 3.0)
PAPER_TEMPERATURES = (1.0, *(round(1 + 4 * i / 9, 3) for i in range(1, 9)), 5.0)  # ten, equally spaced
OVERFITTING = {"teacher_augmented": False}  # without augmentation a teacher memorises its images

TEMPERATURES = study(  # figure 4
    "temperatures",
    smoke=grid(
        runs(soft, SMOKE, ipc=1, teacher_epoch=(1, 2), tau=(1.0, 2.0), draws=3, students=2),
        runs(soft, SMOKE, ipc=1, **OVERFITTING, teacher_epoch=(1, 2), tau=(1.0, 2.0), draws=3, students=2),
        runs(soft, CLEAN_SMOKE, ipc=1, teacher_epoch=(1, 2), tau=(1.0, 2.0), draws=3, students=2),
    ),
    quick=grid(
        runs(soft, DIGITS, ipc=1, teacher_epoch=TO_40, tau=HOT, draws=20, students=1),
        runs(soft, DIGITS, ipc=5, teacher_epoch=TO_40, tau=HOT, draws=18, students=1),
        runs(soft, DIGITS, ipc=1, **OVERFITTING, teacher_epoch=TO_40, tau=HOT, draws=4, students=2),
        runs(soft, CLEAN, ipc=1, teacher_epoch=TO_40, tau=(1.0, 2.0, 3.0, 5.0), draws=6, students=2),
    ),
    reduced=grid(
        runs(soft, REDUCED, ipc=1, teacher_epoch=(3, 5, 10, 40), tau=HOT, draws=1, students=1),
        runs(soft, REDUCED, ipc=10, teacher_epoch=(5, 10, 20, 40), tau=HOT, draws=1, students=1),
        runs(soft, REDUCED, ipc=1, teacher_epoch=(5, 40), tau=(1.0, 2.0, 3.0), draws=3, students=1),
        runs(soft, REDUCED, ipc=10, teacher_epoch=(10, 20, 40), tau=(1.0, 2.0, 3.0), draws=3, students=1),
        runs(soft, REDUCED, ipc=1, **OVERFITTING, teacher_epoch=(2, 5, 20), tau=(1.0, 2.0, 3.0), draws=3, students=1),
        runs(soft, REDUCED, ipc=10, **OVERFITTING, teacher_epoch=(5, 10, 20), tau=(1.0, 2.0, 3.0), draws=3, students=1),
    ),
    paper=grid(
        runs(soft, TINY, ipc=10, teacher_epoch=tuple(range(1, 105, 6)), tau=PAPER_TEMPERATURES, draws=3, students=2),
        runs(soft, CIFAR100, ipc=1, teacher_epoch=(13, 36, 125), tau=(1.0, 2.0, 3.0), draws=3, students=1),
        runs(soft, CIFAR100, ipc=1, **OVERFITTING, teacher_epoch=(4, 13, 36), tau=(1.0, 2.0, 3.0), draws=3, students=1),
        runs(soft, CIFAR100, ipc=10, teacher_epoch=(13, 36, 125), tau=(1.0, 2.0), draws=1, students=1),
    ),
)

"""What does a soft label contain besides its entropy? Labels of single images, mean labels, changed labels.

Paper Q, figures 3, 5 and 10, three experiments of its independent reproduction, and fair baselines beside them.
"""

from collections.abc import Iterable

from softlabels.studies.images import teacher_labels
from softlabels.studies.images.defaults import CIFAR100, DIGITS, PAIRS, REDUCED, SMOKE, TINY, Defaults
from softlabels.studies.images.grids import Part, grid, hard, runs, soft, teachers
from softlabels.studies.images.settings import Settings
from softlabels.studies.images.students import study
from softlabels.studies.images.teacher_labels import Example


def examples(chosen: Iterable[tuple[int, int]], labelled_by: Part) -> Part:
    """A part: the chosen images, as pairs of class and number, labelled by every teacher and epoch of another part."""
    return lambda seeds: [
        Example(**vars(t), label=label, image=image) for label, image in chosen for t in labelled_by(seeds)
    ]


A_THREE = ((3, 0),)  # shown at more epochs than the claim about figure 5 needs
THREE_OF_EACH = tuple((digit, image) for digit in range(10) for image in range(3))
OF_CIFAR100 = ((97, 0), (12, 0), (53, 0))  # the first wolf, bridge and orange
PUBLISHED_IMAGES = ((28, 115), (96, 143), (188, 311))  # German shepherd, dam, banana: those of the paper's figure 1
EXAMPLES = {"cifar100": OF_CIFAR100} | dict.fromkeys(("tiny-imagenet", "tiny-imagenet-32"), PUBLISHED_IMAGES)
DIGIT_EPOCHS = (0, 1, 2, 4, 6, 8, 12, 16, 20, 25, 30, 40)
REDUCED_EPOCHS = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40)
PAPER_EPOCHS = (0, 2, 5, 11, 15, 20, 30, 40, 50, 70, 90)  # the claim about figure 5 needs 11, 20, 50 and 90

EXAMPLE_LABELS = teacher_labels.study(  # figure 5: the label of an image while its teacher trains
    "example_labels",
    run_pack=teacher_labels.example_rows,
    pack_key=teacher_labels.up_to_a_stop,
    flops=teacher_labels.example_flops,
    settings=Example,
    smoke=grid(examples(A_THREE, teachers(SMOKE, epochs=(0, 1, 2), seeds=3))),
    quick=grid(
        examples(A_THREE, teachers(DIGITS, epochs=DIGIT_EPOCHS, seeds=6)),
        examples(THREE_OF_EACH, teachers(DIGITS, epochs=(4, 12, 20, 40), seeds=6)),
    ),
    reduced=grid(
        examples(PUBLISHED_IMAGES, teachers(REDUCED, epochs=REDUCED_EPOCHS, seeds=1)),
        examples(PUBLISHED_IMAGES, teachers(REDUCED, epochs=REDUCED_EPOCHS[:8], seeds=6)),
    ),
    paper=grid(
        examples(PUBLISHED_IMAGES, teachers(TINY, epochs=PAPER_EPOCHS, seeds=3)),
        examples(OF_CIFAR100, teachers(CIFAR100, epochs=(0, 1, 2, 4, 7, 13, 24, 36, 57, 91, 125), seeds=1)),
        examples(OF_CIFAR100, teachers(CIFAR100, epochs=(2, 4, 7, 13, 36), seeds=6)),
    ),
)

CLASS_STRUCTURE = teacher_labels.study(  # figure 10: the mean label of each class
    "class_structure",
    run_pack=teacher_labels.structure_rows,
    pack_key=teacher_labels.one_teacher,
    flops=teacher_labels.prediction_flops,
    smoke=grid(teachers(PAIRS, epochs=(1,), seeds=1, network="ConvNetD2 w4")),
    quick=grid(teachers(PAIRS, epochs=(14,), seeds=3)),
    reduced=grid(  # few, because each table takes 0.8 MB
        teachers(REDUCED, epochs=(20,), seeds=1),
        teachers(REDUCED, epochs=(10,), seeds=3),
    ),
    paper=grid(teachers(TINY, epochs=(50,), seeds=3), teachers(CIFAR100, epochs=(36,), seeds=3)),
)

OF_TEN = tuple(range(10))  # ranks; 0 leaves the labels as they are
OF_HUNDRED = (0, 1, 2, 4, 8, 16, 32, 64, 99)
OF_REPRODUCTION = (0, 1, 2, 3, 4, 8, 16, 32, 64, 99)  # of a hundred, those of the independent reproduction
OF_EACH_DRAW = (0, 1, 2, 4, 16, 64, 128, 199)  # at reduced scale; the first draw has those of OF_TWO_HUNDRED too
OF_TWO_HUNDRED = (0, 1, 2, 3, 4, 8, 16, 32, 64, 128, 199)
ALL_OF_TWO_HUNDRED = tuple(range(200))

RANK_SWAPS = study(  # figure 3, at the epoch that suits an IPC, and at one epoch for every IPC
    "rank_swaps",
    smoke=grid(runs(soft, SMOKE, ipc=1, swapped=(0, 1, 9), draws=3, students=2)),
    quick=grid(
        runs(soft, DIGITS, ipc=1, swapped=OF_TEN, teacher_epoch=20, draws=6, students=2),
        runs(soft, DIGITS, ipc=(5, 10), swapped=(0, 1, 2, 3, 4, 6, 9), teacher_epoch=20, draws=6, students=1),
        runs(soft, PAIRS, ipc=1, swapped=OF_HUNDRED, draws=4, students=1),
    ),
    reduced=grid(
        runs(soft, REDUCED, ipc=(10, 1), swapped=OF_EACH_DRAW, teacher_epoch=20, draws=3, students=1),
        runs(soft, REDUCED, ipc=(10, 1), swapped=OF_TWO_HUNDRED, teacher_epoch=20, draws=1, students=1),
        runs(soft, REDUCED, ipc=1, swapped=OF_TWO_HUNDRED, draws=1, students=1),
    ),
    paper=grid(
        runs(soft, TINY, ipc=1, swapped=ALL_OF_TWO_HUNDRED, teacher_epoch=7, draws=1, students=2),
        runs(soft, TINY, ipc=10, swapped=ALL_OF_TWO_HUNDRED, teacher_epoch=50, draws=1, students=2),
        runs(soft, TINY, ipc=50, swapped=ALL_OF_TWO_HUNDRED, teacher_epoch=90, draws=1, students=2),
        runs(soft, TINY, ipc=(1, 10, 50), swapped=OF_TWO_HUNDRED, teacher_epoch=50, draws=3, students=2),
        runs(soft, CIFAR100, ipc=1, swapped=OF_REPRODUCTION, draws=3, students=1),
        runs(soft, CIFAR100, ipc=10, swapped=OF_REPRODUCTION, draws=1, students=1),
    ),
)


def unstructured(defaults: Defaults, ipc: int, **noise: tuple[float, ...]) -> list[Settings]:
    """Soft and hard labels, soft ones with all but the largest entry shuffled, random soft ones, soft ones with noise.

    noise: values of `noise_amount` and `noise_share`; without them there are no labels with noise.
    """
    cells = [defaults.soft(ipc), defaults.hard(ipc), defaults.soft(ipc, shuffled=True)]
    cells += [defaults.hard(ipc, labels="random soft", certainty=p) for p in (0.8, 0.9, 0.95)]
    return cells + (soft(defaults, ipc, **noise) if noise else [])


def fair(defaults: Defaults, ipc: int) -> list[Settings]:
    """What soft labels must beat: smoothed hard labels, the teacher's class, the mean of the class's soft labels.

    A label of one class is trained as hard labels are, a mean label as soft ones are.
    """
    like_hard = defaults.hard(ipc)
    return [
        *hard(defaults, ipc, labels="smoothed hard", certainty=(0.8, 0.9)),
        defaults.soft(ipc, labels="teacher's class", lr=like_hard.lr, epochs=like_hard.epochs),
        defaults.soft(ipc, labels="class mean"),
    ]


QUICK_NOISE = {"noise_amount": (0.05, 0.3), "noise_share": (0.1, 0.5)}
PUBLISHED_NOISE = {"noise_amount": (0.01, 0.05, 0.1), "noise_share": (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)}

SHUFFLED_AND_RANDOM = study(  # the independent reproduction's three experiments, and fair baselines
    "shuffled_and_random",
    smoke=grid(
        runs(unstructured, SMOKE, ipc=1, noise_amount=(0.3,), noise_share=(0.5,), draws=3, students=2),
        runs(fair, SMOKE, ipc=1, draws=3, students=2),
    ),
    quick=grid(
        runs(unstructured, DIGITS, ipc=1, draws=10, students=2),
        runs(unstructured, DIGITS, ipc=(5, 10), draws=10, students=1),
        runs(soft, DIGITS, ipc=1, **QUICK_NOISE, draws=6, students=2),
        runs(soft, DIGITS, ipc=(5, 10), **QUICK_NOISE, draws=6, students=1),
        runs(fair, DIGITS, ipc=1, draws=10, students=2),
        runs(fair, DIGITS, ipc=(5, 10), draws=10, students=1),
    ),
    reduced=grid(
        runs(unstructured, REDUCED, ipc=(1, 10), noise_amount=(0.1,), noise_share=(0.5,), draws=3, students=1),
        runs(fair, REDUCED, ipc=(1, 10), draws=3, students=1),
    ),
    paper=grid(
        runs(unstructured, TINY, ipc=(1, 10), **PUBLISHED_NOISE, draws=3, students=5),
        runs(unstructured, TINY, ipc=50, draws=3, students=5),
        runs(fair, TINY, ipc=(1, 10), draws=3, students=2),
        runs(unstructured, CIFAR100, ipc=1, noise_amount=(0.1,), noise_share=(0.1, 0.5), draws=3, students=1),
        runs(fair, CIFAR100, ipc=1, draws=3, students=1),
    ),
)

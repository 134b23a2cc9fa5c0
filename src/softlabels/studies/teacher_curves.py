"""Which teachers of paper Q are asked what: the grids of their curves, of figure 5 and of figure 10."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from softlabels.hyperparameters import CHOICES
from softlabels.studies import image_costs
from softlabels.studies.image_scales import (
    CIFAR10,
    CIFAR100,
    CLEAN,
    CLEAN_SMOKE,
    DIGITS,
    IMAGENET,
    IMAGENET64,
    PAIRS,
    REDUCED,
    SMOKE,
    TINY,
    Scale,
)
from softlabels.studies.image_teachers import Teacher
from softlabels.studies.soft_labels import teacher_of
from softlabels.studies.teacher_labels import Example, as_teacher, example_rows, structure_rows, teacher_rows
from softlabels.study import Study


def of(scale: Scale, epochs: Iterable[int], seeds: int = 1, **changed) -> list[Teacher]:
    """A scale's teachers after each of the epochs."""
    teacher = replace(teacher_of(scale.base), **changed)
    return [replace(teacher, epoch=epoch, seed=seed) for seed in range(seeds) for epoch in epochs]


def grid(*parts: Callable[[int | None], list]) -> Callable[[int | None], list]:
    """Several parts, each a function of the number of teachers that is asked for (None: the part's own)."""
    return lambda seeds=None: list(dict.fromkeys(t for part in parts for t in part(seeds)))


def some(scale: Scale, epochs: Iterable[int], own: int, **changed):
    """A part of a grid: `own` teachers where no other number is asked for."""
    return lambda seeds: of(scale, epochs, seeds or own, **changed)


def images(chosen: Iterable[tuple[int, int]], part):
    """The chosen images, as pairs of class and number, of every teacher and epoch of a part."""
    return lambda seeds: [Example(**vars(t), label=label, image=image) for label, image in chosen for t in part(seeds)]


def alike(t: Teacher) -> Teacher:
    """All epochs of a teacher, and all images that it labels, are a pack."""
    return replace(as_teacher(t), epoch=0)


def stretch(t: Teacher) -> tuple[Teacher, int]:
    """The same, but a pack ends at each epoch that the paper stops this teacher at: a CPU gets through the first."""
    return alike(t), sum(t.epoch > stop for stop in stops(t))


def stops(t: Teacher) -> list[int]:
    """The epochs at which table 7 stops ConvNets of a set, in order; a stop costs a ResNet its momentum."""
    network = t.network.partition(" ")[0]
    same = [choice for choice in CHOICES if (choice.data, choice.teacher) == (t.data, network)]
    return sorted({choice.completed_epochs for choice in same if not network.startswith("ResNet")})


def training_flops(pack: list[Teacher]) -> float:
    """Multiplications and additions of training a teacher from one stop to its last epoch here; asking is left out."""
    t, last = pack[0], max(t.epoch for t in pack)
    begun = max((stop for stop in stops(t) if stop < last), default=0)
    return (last - begun) * image_costs.sizes(t.data).train * image_costs.image_flops(t.network, t.data)[1]


def asking_flops(pack: list[Teacher]) -> float:
    """Multiplications and additions of asking a teacher about every training image once an epoch."""
    t = pack[0]
    return len(pack) * image_costs.sizes(t.data).train * image_costs.image_flops(t.network, t.data)[0]


def example_flops(pack: list[Teacher]) -> float:
    """Multiplications and additions of asking a teacher about one image a row."""
    return len(pack) * image_costs.image_flops(pack[0].network, pack[0].data)[0]


def memory(pack: list[Teacher]) -> float:
    """Bytes held at once: the training images, a byte or four a pixel, their logits, a batch's activations."""
    t, size = pack[0], image_costs.sizes(pack[0].data)
    pixel = 4 if "digit" in t.data else 1
    numbers = size.classes + 2 * image_costs.activations(t.network, t.data) * t.batch / size.train
    return size.train * (pixel * size.channels * size.height * size.breadth + 4.0 * numbers)


CURVE = (0, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 20, 25, 30, 35, 40)
REDUCED_CURVE = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40)
PAPER_EXAMPLES = (0, 2, 5, 11, 15, 20, 30, 40, 50, 70, 90)  # those of figure 5's claim, 11, 20, 50 and 90, among them
A_THREE = ((3, 0),)  # shown at more epochs than the claim about figure 5 asks
OF_EACH_DIGIT = tuple((digit, image) for digit in range(10) for image in range(3))
PUBLISHED_IMAGES = ((28, 115), (96, 143), (188, 311))  # German shepherd, dam, banana: those of the paper's figure 1

TEACHERS = Study(
    id="label_worth/teachers",
    settings=Teacher,
    grids={
        "smoke": grid(
            some(SMOKE, (0, 1, 2), 3),
            some(SMOKE, (0, 1, 2), 1, augmented=False),
            some(CLEAN_SMOKE, (0, 1, 2), 1),
        ),
        "quick": grid(some(DIGITS, CURVE, 3), some(DIGITS, CURVE, 1, augmented=False), some(CLEAN, CURVE, 1)),
        "reduced": grid(
            some(REDUCED, REDUCED_CURVE, 1),
            some(REDUCED, (3, 5, 10), 6),
            lambda seeds: of(REDUCED, (2, 5, 10, 20), 1, augmented=False),
        ),
        "paper": grid(
            some(TINY, (0, 1, *range(2, 105, 2), 11), 6),
            some(CIFAR100, range(0, 151, 5), 3),
            some(CIFAR10, range(0, 401, 10), 3),
            some(IMAGENET64, range(0, 21, 2), 1),
            some(IMAGENET, range(0, 91, 5), 1),
        ),
    },
    pack_key=stretch,
    run_pack=teacher_rows,
    flops=training_flops,
    bytes=memory,
)

EXAMPLE_LABELS = Study(  # figure 5
    id="label_worth/example_labels",
    settings=Example,
    grids={
        "smoke": grid(images(A_THREE, some(SMOKE, (0, 1, 2), 3))),
        "quick": grid(
            images(A_THREE, some(DIGITS, (0, 1, 2, 4, 6, 8, 12, 16, 20, 25, 30, 40), 6)),
            images(OF_EACH_DIGIT, some(DIGITS, (4, 12, 20, 40), 6)),
        ),
        "reduced": grid(
            images(PUBLISHED_IMAGES, some(REDUCED, REDUCED_CURVE, 1)),
            images(PUBLISHED_IMAGES, some(REDUCED, REDUCED_CURVE[:8], 6)),
        ),
        "paper": grid(images(PUBLISHED_IMAGES, some(TINY, PAPER_EXAMPLES, 3))),
    },
    pack_key=stretch,
    run_pack=example_rows,
    flops=example_flops,
    bytes=memory,
)

CLASS_STRUCTURE = Study(  # figure 10
    id="label_worth/class_structure",
    settings=Teacher,
    grids={
        "smoke": grid(some(PAIRS, (1,), 1, network="ConvNetD2 w4")),
        "quick": grid(some(PAIRS, (14,), 3)),
        "reduced": grid(some(REDUCED, (20,), 1), some(REDUCED, (10,), 3)),  # a table takes 0.8 MB to store
        "paper": grid(some(TINY, (50,), 3)),
    },
    pack_key=alike,
    run_pack=structure_rows,
    flops=asking_flops,
    bytes=memory,
)

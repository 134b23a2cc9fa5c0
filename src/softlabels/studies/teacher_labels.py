"""What teachers of paper Q say while they train, without any student: their curves, figures 5 and 10.

Letters: n images, c classes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels
from softlabels.data import relations
from softlabels.seeds import torch_stream
from softlabels.studies import image_costs, image_teachers
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
)  # fmt: skip
from softlabels.studies.image_teachers import Teacher
from softlabels.studies.soft_labels import teacher_of
from softlabels.study import Row, Study

PERMUTATIONS = 1000  # of the classes, for what a ratio of related to unrelated ones would be by chance


@dataclass(frozen=True)
class Example(Teacher):
    """One training image."""

    label: int  # its class
    image: int  # its number among the training images of its class, from 0, in the order of the files


def teacher_rows(pack: list[Teacher], device: str, cache: Path) -> list[Row]:
    """How good one teacher is after each of its epochs, and how sure."""
    data, found = image_teachers.load(pack[0].data, device, cache), []
    weights = image_teachers.teachers(pack[0], [t.epoch for t in pack], device, cache)
    for t in pack:
        numbers = {}
        for name, part in (("train_", data.train), ("validation_", data.validation), ("", data.test)):
            logits = image_teachers.answers(t, weights[t.epoch], data, part, device)
            numbers[f"{name}accuracy"] = float((logits.argmax(-1) == part.classes).double().mean())
            numbers[f"{name}entropy"] = float(labels.entropy(labels.soften(logits, 1.0)).double().mean())
        found.append(Row(t, numbers))
    return found


def example_rows(pack: list[Example], device: str, cache: Path) -> list[Row]:
    """The whole soft label of one image at each epoch, as a curve "label": class, probability."""
    data, found = image_teachers.load(pack[0].data, device, cache), []
    plain = [as_teacher(t) for t in pack]
    weights = image_teachers.teachers(plain[0], [t.epoch for t in pack], device, cache)
    for s, teacher in zip(pack, plain, strict=True):
        row = (data.train.classes == s.label).nonzero().flatten()[s.image : s.image + 1]
        with torch.no_grad():
            ask = image_teachers.module(teacher, weights[s.epoch], data, device)
            soft = labels.soften(ask(data.batch(data.train, row, device)), 1.0)[0].double().cpu()  # (c,)
        others = soft.clone()
        others[s.label] = -1.0
        second = int(others.argmax())
        numbers = {
            "probability": float(soft[s.label]),
            "entropy": float(labels.entropy(soft)),
            "runner_up": float(second),  # the likeliest other class
            "runner_up_probability": float(soft[second]),
            "rank": float(1 + (soft > soft[s.label]).sum()),  # of the true class
        }
        found.append(Row(s, numbers, {"label": list(enumerate(soft.tolist()))}))
    return found


def structure_rows(pack: list[Teacher], device: str, cache: Path) -> list[Row]:
    """The mean soft label of each class's training images, as a curve "label": c·true + named, probability."""
    data, found = image_teachers.load(pack[0].data, device, cache), []
    weights = image_teachers.teachers(pack[0], [t.epoch for t in pack], device, cache)
    for t in pack:
        soft = labels.soften(image_teachers.answers(t, weights[t.epoch], data, data.train, device), 1.0)
        table = mean_labels(soft, data.train.classes, len(data.names))
        numbers = neighbours(table, relations.related(t.data), torch_stream("classes exchanged", t.data))
        numbers |= {"entropy": float(labels.entropy(soft).double().mean()), "symmetry": symmetry(table)}
        curve = list(enumerate(table.flatten().tolist())) if t.seed == 0 else []
        found.append(Row(t, numbers, {"label": curve} if curve else {}))
    return found


def mean_labels(soft: Tensor, classes: Tensor, c: int) -> Tensor:
    """The mean label (c, c) of the images of each class: row = true class, column = class named."""
    total = torch.zeros(c, c, dtype=torch.double, device=soft.device).index_add_(0, classes, soft.double())
    return (total / classes.bincount(minlength=c).unsqueeze(1)).cpu()


def neighbours(table: Tensor, alike: Tensor, generator: torch.Generator) -> dict[str, float]:
    """Mean entry (c, c) of related and of other classes off the diagonal, and the ratio with its interval by chance.

    By chance: 95 % of PERMUTATIONS in which the classes exchange their relatives.
    """
    other = ~alike & ~torch.eye(len(alike), dtype=torch.bool)

    def ratio(order):
        mixed = table[order][:, order]
        return mixed[alike].mean() / mixed[other].mean()

    chance = [ratio(torch.randperm(len(table), generator=generator)) for _ in range(PERMUTATIONS)]
    low, high = torch.stack(chance).quantile(torch.tensor([0.025, 0.975], dtype=torch.double)).tolist()
    found = ratio(torch.arange(len(table)))
    related, unrelated = float(table[alike].mean()), float(table[other].mean())
    return {"related": related, "unrelated": unrelated, "ratio": float(found), "chance_low": low, "chance_high": high}


def symmetry(table: Tensor) -> float:
    """How much class a names class b where b names a: the correlation of a table with its transpose, diagonal aside."""
    off = ~torch.eye(len(table), dtype=torch.bool)
    return float(torch.corrcoef(torch.stack([table[off], table.T[off]]))[0, 1])


def as_teacher(t: Teacher) -> Teacher:
    """The teacher alone of an example."""
    return Teacher(**{field.name: getattr(t, field.name) for field in fields(Teacher)})


# ---- grids ---------------------------------------------------------------------------------------------------------


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


def training_flops(pack: list[Teacher]) -> float:
    """Multiplications and additions of training a teacher to its last epoch here; asking it is left out."""
    t = pack[0]
    training = image_costs.image_flops(t.network, t.data)[1]
    return max(t.epoch for t in pack) * image_costs.sizes(t.data).train * training


def asking_flops(pack: list[Teacher]) -> float:
    """Multiplications and additions of asking a teacher about every training image once an epoch."""
    t = pack[0]
    return len(pack) * image_costs.sizes(t.data).train * image_costs.image_flops(t.network, t.data)[0]


def memory(pack: list[Teacher]) -> float:
    """Bytes held at once: the training images, a byte or four a pixel, their logits, a batch's activations."""
    t, size = pack[0], image_costs.sizes(pack[0].data)
    pixel = 4 if "digit" in t.data else 1
    numbers = size.classes + 2 * image_costs.activations(t.network, t.data) * t.batch / size.train
    return size.train * (pixel * size.channels * size.height * size.breadth + 4.0 * numbers)


CURVE = (0, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 20, 25, 30, 35, 40)
REDUCED_CURVE = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40)
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
    pack_key=alike,
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
        "paper": grid(images(PUBLISHED_IMAGES, some(TINY, (0, 11, 20, 50, 90), 3))),
    },
    pack_key=alike,
    run_pack=example_rows,
    flops=asking_flops,
    bytes=memory,
)

CLASS_STRUCTURE = Study(  # figure 10
    id="label_worth/class_structure",
    settings=Teacher,
    grids={
        "smoke": grid(some(PAIRS, (1,), 1, network="ConvNetD2 w4")),
        "quick": grid(some(PAIRS, (14,), 3)),
        "reduced": grid(some(REDUCED, (20,), 1), some(REDUCED, (10,), 6)),
        "paper": grid(some(TINY, (50,), 3)),
    },
    pack_key=alike,
    run_pack=structure_rows,
    flops=asking_flops,
    bytes=memory,
)

"""Soft labels carry the accuracy: made images beside real ones, labels of mixed images (paper Q, figure 1, table 1)."""

from collections.abc import Iterable
from dataclasses import replace

from softlabels.studies.image_scales import DIGITS, IMAGENET, SMOKE, TINY, Scale, grid
from softlabels.studies.image_students import study
from softlabels.studies.soft_labels import IMAGES, Settings


def sources(scale: Scale, ipc: int, epochs: Iterable[int]) -> list[Settings]:
    """Real images, inverted and matched ones, each with hard labels and with soft ones of several epochs."""
    cells = [*(scale.soft(ipc, teacher_epoch=epoch) for epoch in epochs), scale.hard(ipc)]
    return [replace(cell, images=source) for source in IMAGES for cell in cells]


SYNTHETIC_IMAGES = study(  # figure 1
    "synthetic_images",
    smoke=grid((sources(SMOKE, 1, (2,)), 3, 1)),
    quick=grid(*((sources(DIGITS, ipc, (16, 30)), 5, 1) for ipc in (1, 5, 10))),  # draws differ more than students
    paper=grid(*((sources(TINY, ipc, (11, 50, 90)), 3, 2) for ipc in (1, 10, 50))),
)


def kinds(scale: Scale, ipc: int, epochs: Iterable[int], mixing: Iterable[int]) -> list[Settings]:
    """Hard labels, fixed soft ones of several epochs, and those of mixed images, by a teacher after some epochs."""
    fixed = [scale.soft(ipc, teacher_epoch=epoch) for epoch in epochs]
    mixed = [scale.soft(ipc, teacher_epoch=epoch, labels="cutmix", augmentation="cutmix digits") for epoch in mixing]
    return [scale.hard(ipc), *fixed, *mixed]


def published(ipc: int, epoch: int, rate: float, **networks) -> list[Settings]:
    """Cells of table 1: a teacher that may learn slowly for fixed labels, a fully trained one for mixed images."""
    fixed = IMAGENET.soft(ipc, teacher_epoch=epoch, teacher_lr=rate, **networks)
    mixed = IMAGENET.soft(ipc, teacher_epoch=90, labels="cutmix", augmentation="cutmix", lr=1e-3, batch=1024)
    return [IMAGENET.hard(ipc), fixed, mixed]


LABEL_KINDS = study(  # table 1
    "label_kinds",
    smoke=grid((kinds(SMOKE, 1, (1,), (2,)), 3, 2)),
    quick=grid(
        (kinds(DIGITS, 1, (8, 16, 30), (12, 40)), 4, 2),
        (kinds(DIGITS, 5, (16, 30, 40), (12, 40)), 3, 2),
        (kinds(DIGITS, 10, (16, 30, 40), (12, 40)), 3, 2),
    ),
    paper=grid(
        *(
            (published(ipc, epoch, rate, teacher_network=teacher, network=student), 3, 1)
            for teacher, row in (
                ("ResNet18", ((1, 12, 5e-4), (10, 44, 5e-4), (50, 31, 0.1), (100, 35, 0.1), (200, 35, 0.1))),
                ("ResNet50", ((1, 10, 5e-4), (10, 25, 5e-4), (50, 31, 0.1), (100, 33, 0.1), (200, 62, 0.1))),
            )
            for student in ("ResNet18", "ResNet50")
            for ipc, epoch, rate in row
        )
    ),
)

"""Images as tensors: the sets that paper Q's chapters train on, each in three parts.

The training part of photographs is the official one. A fifth of each class's official test images is the validation
part: epochs, rates and temperatures are chosen on it. The others are the test part, which is reported. Digits have no
official parts: all three are cut from one pool. No teacher trains on validation or test images.

Letters: n images, c classes, ch channels, h height, w width, m images of a batch.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from softlabels.data import decoded, noisy
from softlabels.data.catalogue import find
from softlabels.data.prepare import prepare
from softlabels.errors import SoftLabelsError

VALIDATION = 5  # one in five official test images of a class is for validation


@dataclass(frozen=True, eq=False)
class Part:
    """Images and their classes."""

    images: Tensor  # (n, ch, h, w): uint8 levels, or float32, which need no further normalisation
    classes: Tensor  # (n,), int64

    def __len__(self) -> int:
        return len(self.classes)


@dataclass(frozen=True, eq=False)
class ImageSet:
    """A named set in three parts, with its normalisation."""

    name: str
    names: tuple[str, ...]  # of the c classes
    train: Part
    validation: Part
    test: Part
    mean: Tensor | None = None  # (ch,), of pixels on the scale 0–1; None where images are float32
    std: Tensor | None = None

    def batch(self, part: Part, rows: Tensor | slice, device: str | torch.device = "cpu") -> Tensor:
        """Images `rows` of a part as float32, normalised, on `device`: (m, ch, h, w)."""
        images = part.images[rows].to(device)
        if self.mean is None:
            return images
        mean, std = (255 * values.to(device).reshape(-1, 1, 1) for values in (self.mean, self.std))  # (ch, 1, 1)
        return images.float().sub_(mean).div_(std)

    def ipc_rows(self, ipc: int, draw: int) -> Tensor:
        """`ipc` training images of each class, class by class, as indices (c·ipc,).

        Drawn as in paper Q's code since October 2024, which uses draw 42: one NumPy stream permutes the images of each
        class in turn. So the images of a smaller IPC are among those of a larger one. Raises SoftLabelsError where a
        class has too few images.
        """
        classes = self.train.classes.cpu()
        counts = torch.bincount(classes, minlength=len(self.names))
        least = int(counts.min())
        if not 0 < ipc <= least:
            raise SoftLabelsError(f"{self.name} has between 1 and {least} training images a class to draw, not {ipc}.")
        stream = np.random.RandomState(draw)  # the official code's generator, which NumPy no longer changes
        order = torch.argsort(classes, stable=True).split(counts.tolist())
        return torch.cat([torch.from_numpy(stream.permutation(rows.numpy())[:ipc]) for rows in order])

    def on(self, device: str | torch.device) -> "ImageSet":
        """The same set with its tensors on `device`."""
        parts = [Part(p.images.to(device), p.classes.to(device)) for p in (self.train, self.validation, self.test)]
        return ImageSet(self.name, self.names, *parts, self.mean, self.std)


def load(name: str, cache: Path) -> ImageSet:
    """A set by its name. Photographs are memory-mapped from `cache`/data; `prepare` downloads and decodes them first.

    Raises SoftLabelsError for an unknown name, and where the official files are damaged or cannot be downloaded.
    """
    if name in noisy.NOISE:
        parts = {part: Part(*tensors) for part, tensors in noisy.digit_set(name).items()}
        return ImageSet(name, noisy.class_names(name), **parts)
    official = find(name)
    tensors, about = decoded.read(prepare(official, cache))
    train, images, classes = (tensors[key] for key in ("train_images", "test_images", "test_classes"))
    chosen = selecting(classes)
    mean, std = map(torch.tensor, official.normalisation) if official.normalisation else (None, None)
    return ImageSet(
        name,
        tuple(json.loads(about["names"])),
        Part(train, tensors["train_classes"]),
        Part(images[chosen], classes[chosen]),
        Part(images[~chosen], classes[~chosen]),
        mean,
        std,
    )


def selecting(classes: Tensor) -> Tensor:
    """A mask (n,) of the official test images that are the validation part: the first fifth of each class."""
    chosen = torch.zeros(len(classes), dtype=torch.bool)
    for c in classes.unique():
        rows = (classes == c).nonzero().flatten()
        chosen[rows[: len(rows) // VALIDATION]] = True
    return chosen

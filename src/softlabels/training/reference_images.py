"""The plain loops of paper Q: one image network as its code trains it, and augmentation one image after another.

Tests hold the fast versions equal to these, and `softlabels bench` measures against them.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import affine_grid, cross_entropy, grid_sample
from torch.utils.data import DataLoader, TensorDataset

from softlabels.training import augmentation


def train_reference_images(
    network: nn.Module,
    images: Tensor,
    targets: Tensor,
    *,
    lr: float,
    epochs: int,
    batch: int,
    generator: torch.Generator,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    quarters: bool = False,
    augmented=None,
) -> tuple[nn.Module, list[float]]:
    """Train `network` in place: a loader over tensors, float32, and a number read off every batch.

    images (n, ch, h, w), normalised; targets (n, c) need not sum to 1; `quarters`: the learning rate times 0.3 after
    every quarter of the epochs; `augmented(batch, generator)` changes a batch. Also returns each epoch's mean loss.
    """
    optimiser = torch.optim.SGD(network.parameters(), lr=lr, momentum=momentum, weight_decay=weight_decay)
    drops = [i * max(1, epochs // 4) for i in (1, 2, 3)]
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, drops, 0.3 if quarters else 1.0)
    data, losses = TensorDataset(images, targets), []
    for _ in range(epochs):
        order, total = torch.randperm(len(data), generator=generator).tolist(), 0.0
        for x, q in DataLoader(data, batch, sampler=order, generator=torch.Generator()):
            if augmented is not None:
                x = augmented(x, generator)
            loss = cross_entropy(network(x), q)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(x)
        schedule.step()
        losses.append(total / len(data))
    return network, losses


# ---- augmentation: image (ch, h, w), its random numbers u, the whole batch -> image ----------------------------------


def augment_reference(images: Tensor, kind: str, generator: torch.Generator) -> Tensor:
    """What `augmentation.augment` does, image by image."""
    family, u = augmentation.draw(kind, len(images), generator)
    return torch.stack([FAMILIES[family](image, row) for image, row in zip(images, u.tolist(), strict=True)])


def colour(image, u):
    image = image + (u[0] - 0.5)
    grey = image.mean(0)
    image = (image - grey) * (2 * u[1]) + grey
    mean = image.mean()
    return (image - mean) * (u[2] + 0.5) + mean


def crop(image, u):
    _, h, w = image.shape
    a, b = (math.floor(0.125 * side + 0.5) for side in (h, w))
    down, right = (int(u[i] * (2 * most + 1)) for i, most in enumerate((a, b)))
    padded = torch.nn.functional.pad(image, (b, b, a, a))
    return padded[:, down : down + h, right : right + w]


def cutout(image, u):
    image, block = image.clone(), []
    for i, side in enumerate(image.shape[1:]):
        size = int(side * 0.5 + 0.5)
        first = int(u[i] * (side + 1 - size % 2)) - size // 2
        block.append(slice(max(0, first), max(0, first + size)))
    image[:, block[0], block[1]] = 0
    return image


def flip(image, u):
    return image.flip(2) if u[0] < 0.5 else image


def scale(image, u):
    x, y = (1 / 1.2 + u[i] * (1.2 - 1 / 1.2) for i in (0, 1))
    return _read_at(image, [[x, 0, 0], [0, y, 0]])


def rotate(image, u, degrees=15.0):
    angle = math.radians((2 * u[0] - 1) * degrees)
    sine, cosine = math.sin(angle), math.cos(angle)
    form = (image.shape[1] - 1) / (image.shape[2] - 1)
    return _read_at(image, [[cosine, -sine * form, 0], [sine / form, cosine, 0]])


def rotate_less(image, u):
    return rotate(image, u, degrees=10.0)


def _read_at(image, matrix):
    grid = affine_grid(torch.tensor([matrix], dtype=image.dtype), [1, *image.shape], align_corners=True)
    return grid_sample(image.unsqueeze(0), grid, align_corners=True)[0]


FAMILIES = {
    getattr(augmentation, plain.__name__): plain for plain in (colour, crop, cutout, flip, scale, rotate, rotate_less)
}

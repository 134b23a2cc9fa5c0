"""Image networks against the plain loop. A step is one image of one network, forward and back."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch

from softlabels.bench.contest import Contest
from softlabels.data.synthetic import gaussian
from softlabels.models import convnet
from softlabels.models.convnet import ConvNet, Shape
from softlabels.seeds import torch_stream
from softlabels.training.augmentation import augment
from softlabels.training.images import Recipe, train_one, train_stack
from softlabels.training.precision import decide, memory_handed_back
from softlabels.training.reference import augment_reference, train_reference_images

TEACHER = Recipe(0.01, 1, 256, augmentation="dsa")
STUDENT = Recipe(0.01, 2, 256, momentum=0.9, weight_decay=5e-4, schedule="quarters", augmentation="dsa")
D3 = Shape(3, 128, 3, 32, 32, 100)  # CIFAR-100's
D3_REDUCED = Shape(3, 64, 3, 32, 32, 200)  # Tiny ImageNet's at reduced scale
D4 = Shape(4, 128, 3, 64, 64, 200)  # Tiny ImageNet's
DIGITS, PAIRS = Shape(2, 16, 1, 8, 8, 10), Shape(2, 16, 1, 8, 16, 100)


def large(shape: Shape, recipe: Recipe, n: int, device: str = "cpu", compiled: bool = True) -> Contest:
    """One network on n images. The plain loop is the paper's code, except that it augments whole batches too.

    compiled=False shows the gain from the compiler.
    """
    precision = decide(device, compiled)
    images, targets = (tensor.to(device) for tensor in _images(shape, n, 1))
    fast, plain = (ConvNet(shape, torch_stream("bench start", 0)).to(device) for _ in range(2))

    def fleet():
        batches = torch_stream("bench batches", 0)
        how = {"device": device, "precision": precision}
        return train_one(fast, lambda rows: images[rows], targets[0], recipe, batches, **how)

    def reference():
        return _plain(plain, images, targets[0], recipe)

    dtype = getattr(torch, precision.dtype)
    return Contest(fleet, reference, 1, n * recipe.epochs, flops(shape), traffic(shape, dtype), dtype, device)


def small(shape: Shape, recipe: Recipe, n: int, count: int) -> Contest:
    """Small students that share n images and have soft labels of their own."""
    images, targets = _images(shape, n, count)
    start = convnet.start(shape, [torch_stream("bench start", r) for r in range(count)])

    def fleet():
        return train_stack(start, images, targets, recipe, [torch_stream("bench batches", 0) for _ in range(count)])

    def reference():
        return _plain(convnet.one(start, 0), images, targets[0], recipe)

    how = flops(shape), traffic(shape, torch.float32)
    return Contest(fleet, reference, count, n * recipe.epochs, *how)


def dsa(n: int = 256, side: int = 64) -> Contest:
    """Augmentation of whole batches against image by image, with enough batches to draw every family."""
    images, batches = gaussian(n, 3 * side * side, "bench", n, side).view(n, 3, side, side), 20

    def fleet():
        generator = torch_stream("bench augmentation", n)
        return [augment(images, "dsa", generator) for _ in range(batches)]

    def reference():
        generator = torch_stream("bench augmentation", n)
        return [augment_reference(images, "dsa", generator) for _ in range(batches)]

    numbers = 3.0 * side * side
    return Contest(fleet, reference, 1, n * batches, 4 * numbers, 8 * numbers)


def _plain(network, images, targets, recipe):
    def augmented(batch, generator):
        return augment(batch, recipe.augmentation, generator)

    how = {name: getattr(recipe, name) for name in ("lr", "epochs", "batch", "momentum", "weight_decay")}
    how |= {"augmented": augmented, "generator": torch_stream("bench batches", 0)}
    with memory_handed_back():  # a plain loop would not change them
        return train_reference_images(network, images, targets, quarters=recipe.schedule == "quarters", **how)[0]


def _images(shape, n, count):
    size = n, shape.channels, shape.height, shape.breadth
    images = gaussian(n, size[1] * size[2] * size[3], "bench", *size).view(size)
    scores = torch.stack([gaussian(n, shape.classes, "bench logits", n, shape.classes, r) for r in range(count)])
    return images, scores.softmax(-1)


def flops(shape: Shape) -> float:
    """Of one image, forward and back; the first block needs no gradient of its image."""
    total, channels, pixels = 6.0 * shape.features * shape.classes, shape.channels, shape.height * shape.breadth
    for block in range(shape.depth):
        total += (6 if block else 4) * 9.0 * channels * shape.width * pixels
        channels, pixels = shape.width, pixels // 4
    return total


def traffic(shape: Shape, dtype: torch.dtype) -> float:
    """Bytes of one image where nothing stays in a cache.

    A convolution's result is written, then read for its mean and to be normalised. On the way back it is read once
    more, and its gradient is written and read.
    """
    numbers = sum(shape.width * shape.height * shape.breadth / 4**block for block in range(shape.depth))
    return 6.0 * dtype.itemsize * numbers


def tiny_student(ipc: int, compiled: bool = True) -> Contest:
    """A student of Tiny ImageNet on a GPU, on `ipc` images of each class, for 10,000 images in all."""
    return large(D4, replace(STUDENT, epochs=50 // ipc), D4.classes * ipc, "cuda", compiled)


ENTRIES: dict[str, Callable[[], Contest]] = {
    "d3_teacher": lambda: large(D3, TEACHER, 512),
    "d3_student": lambda: large(D3, replace(STUDENT, epochs=8), 100),  # one image per class of CIFAR-100
    "d3_reduced_teacher": lambda: large(D3_REDUCED, TEACHER, 1024),
    "d4_teacher": lambda: large(D4, TEACHER, 256),
    "d4_student": lambda: large(D4, STUDENT, 200),
    "digit_students": lambda: small(DIGITS, Recipe(0.1, 20, 256, 0.9, 5e-4, "quarters"), 50, 40),
    "pair_students": lambda: small(PAIRS, Recipe(0.3, 4, 256, 0.9, 5e-4, "quarters"), 500, 16),
    "digit_teachers": lambda: small(DIGITS, Recipe(0.05, 2, 64, augmentation="dsa digits"), 1000, 6),
    "dsa": dsa,
    "d3_teacher_cuda": lambda: large(D3, TEACHER, 8192, "cuda"),
    "d4_teacher_cuda": lambda: large(D4, TEACHER, 4096, "cuda"),
    "d4_teacher_eager_cuda": lambda: large(D4, TEACHER, 4096, "cuda", compiled=False),
    **{f"d4_student_ipc{ipc}_cuda": partial(tiny_student, ipc) for ipc in (1, 10, 50)},
    **{f"d4_student_ipc{ipc}_eager_cuda": partial(tiny_student, ipc, compiled=False) for ipc in (1, 10, 50)},
}

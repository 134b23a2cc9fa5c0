"""Synthetic images: from a teacher's weights, or with the mean features of real images (paper Q, figure 1).

Letters: n images, c classes, ch channels, h × w pixels, F features.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from softlabels.models import convnet

STEPS, RATE, SHRINKING = 150, 0.1, 1e-3  # of inversion
MATCHES, MATCHING_RATE, MOMENTUM, REAL = 100, 1.0, 0.5, 50  # of matching


def invert(teacher: nn.Module, classes: Tensor, shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Images (n, ch, h, w), normalised, to which a teacher gives these classes (n,) with certainty; shape (ch, h, w).

    Adam moves them away from noise. The loss is the teacher's cross-entropy, summed over images, plus a small multiple
    of the squared pixels. This stands in for SRe2L, which inverts a ResNet and also matches the running statistics of
    its batch norm: our networks have instance norm, and no such statistics.
    """
    images = torch.randn(len(classes), *shape, generator=generator).to(classes.device).requires_grad_()
    optimiser = torch.optim.Adam([images], lr=RATE)
    for _ in range(STEPS):
        loss = cross_entropy(teacher(images), classes, reduction="sum") + SHRINKING * images.square().sum()
        (images.grad,) = torch.autograd.grad(loss, [images])
        optimiser.step()
    return images.detach()


def match_means(
    real: Tensor, classes: Tensor, shape: convnet.Shape, ipc: int, generator: torch.Generator
) -> Tensor:  # fmt: skip
    """Images (c·ipc, ch, h, w), class by class, with the mean features of real ones: distribution matching.

    real (n, ch, h, w), normalised, with their classes (n,). The images begin as real ones. Each step draws an untrained
    network and 50 real images per class, and moves the mean feature of each class's synthetic images towards that of
    its real ones. After Zhao & Bilen (2023), without augmentation.
    """
    of_class = [(classes == label).nonzero().flatten().cpu() for label in range(shape.classes)]

    def draw(count):
        rows = [rows[torch.randperm(len(rows), generator=generator)[:count]] for rows in of_class]
        return real[torch.cat(rows).to(real.device)]

    images = draw(ipc).clone().requires_grad_()
    optimiser = torch.optim.SGD([images], lr=MATCHING_RATE, momentum=MOMENTUM)
    most = min(REAL, *(len(rows) for rows in of_class))
    for _ in range(MATCHES):
        *layers, _ = convnet.ConvNet(shape, generator)
        features = nn.Sequential(*layers).to(real.device)
        with torch.no_grad():
            real_means = features(draw(most)).view(shape.classes, most, -1).mean(1)  # (c, F)
        means = features(images).view(shape.classes, ipc, -1).mean(1)
        (images.grad,) = torch.autograd.grad((means - real_means).square().sum(), [images])
        optimiser.step()
    return images.detach()

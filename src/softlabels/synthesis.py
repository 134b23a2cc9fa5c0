"""Images that are made, not taken: from a teacher's weights, or from the means of real ones (paper Q, figure 1).

Letters: n images, c classes, ch channels, h × w pixels, F features.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from softlabels.models import convnet

STEPS, RATE, SHRINKING = 150, 0.1, 1e-3  # of inversion
MATCHES, MATCHING_RATE, MOMENTUM, REAL = 100, 1.0, 0.5, 50  # of matching


def invert(teacher: nn.Module, classes: Tensor, shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Images (n, ch, h, w), normalised, that a teacher is sure of: noise, moved by Adam until it has its class.

    classes (n,); shape (ch, h, w); the loss is the teacher's cross-entropy, summed over images, and a little of the
    squared pixels. Our stand-in for SRe2L, which inverts a ResNet and matches its running statistics too: networks with
    instance norm have none.
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
    """Images (c·ipc, ch, h, w), class by class, whose mean features are those of real ones: distribution matching.

    real (n, ch, h, w), normalised, with their classes (n,). They begin as real images; each step draws a network that
    has never trained and 50 real images a class, and moves the synthetic images of each class towards having the same
    mean feature. After Zhao & Bilen (2023), without augmentation.
    """
    of_class = [(classes == label).nonzero().flatten().cpu() for label in range(shape.classes)]

    def drawn(count):
        rows = [rows[torch.randperm(len(rows), generator=generator)[:count]] for rows in of_class]
        return real[torch.cat(rows).to(real.device)]

    images = drawn(ipc).clone().requires_grad_()
    optimiser = torch.optim.SGD([images], lr=MATCHING_RATE, momentum=MOMENTUM)
    most = min(REAL, *(len(rows) for rows in of_class))
    for _ in range(MATCHES):
        *layers, _ = convnet.ConvNet(shape, generator)
        features = nn.Sequential(*layers).to(real.device)
        with torch.no_grad():
            wanted = features(drawn(most)).view(shape.classes, most, -1).mean(1)  # (c, F)
        found = features(images).view(shape.classes, ipc, -1).mean(1)
        (images.grad,) = torch.autograd.grad((found - wanted).square().sum(), [images])
        optimiser.step()
    return images.detach()

"""Learning labels against the plain double-backward loop. A step is one outer step of one set of labels."""

from collections.abc import Callable

import torch
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from softlabels.bench.contest import Contest
from softlabels.bench.images import DIGITS, flops
from softlabels.data.synthetic import gaussian
from softlabels.labels import harden
from softlabels.models import convnet
from softlabels.models.convnet import Shape
from softlabels.seeds import torch_stream
from softlabels.training import distill
from softlabels.training.distill import Inner, Matching, Unroll
from softlabels.training.reference import reference_label_gradient

STEPS = 3  # outer steps of a contest


def bptt(shape: Shape = DIGITS, sets: int = 4, steps: int = 25, window: int = 10, real: int = 256) -> Contest:
    """Through the last steps of new networks, as on the page: one image per class, 25 steps, a window of 10."""
    images, labels = _sets(shape, sets)
    seen = gaussian(real, images[0, 0].numel(), "bench real images", real).view(real, *images.shape[2:])
    of_seen, inner = torch.arange(real) % shape.classes, Inner("sgd", 0.1, momentum=0.9)

    def real_images(generators):
        return seen.expand(sets, *seen.shape), of_seen.expand(sets, real)

    objective = distill.through_time(distill.convnets(shape), images, real_images, inner, Unroll(steps, window))

    def fleet():
        streams = [torch_stream("bench start", r) for r in range(sets)]
        return [objective(step, {"labels": labels}, streams)[1]["labels"] for step in range(STEPS)]

    def reference():
        stream, gradients = torch_stream("bench start", 0), []
        for _ in range(STEPS):
            network = convnet.ConvNet(shape, stream)

            def loss_of(weights, network=network):
                return cross_entropy(functional_call(network, weights, seen), of_seen)

            how = {"lr": inner.lr, "momentum": inner.momentum, "steps": steps, "window": window}
            gradients.append(reference_label_gradient(network, images[0], labels[0], loss_of, **how)[1])
        return gradients

    seen_images = images.shape[1] * (steps + 2 * window) + real  # a step of the window costs three times as much
    return Contest(fleet, reference, sets, STEPS, flops(shape) * seen_images, 4.0 * seen.numel())


def mtt(shape: Shape = DIGITS, sets: int = 4, steps: int = 10) -> Contest:
    """Along a teacher's training, as on the page: ten steps on one image per class."""
    images, labels = _sets(shape, sets)
    ways = [convnet.take(convnet.start(shape, [torch_stream("bench teacher", e)]), 0) for e in range(3)]
    student, inner = distill.convnets(shape), Inner("sgd", 0.05)
    objective = distill.along_trajectories(student, [ways], images, inner, Matching(steps, epochs=2, latest=0))
    values = {"labels": labels, "log lr": torch.full((sets,), inner.lr).log()}

    def fleet():
        streams = [torch_stream("bench matching", r) for r in range(sets)]
        return [objective(step, values, streams)[1]["labels"] for step in range(STEPS)]

    def reference():
        network = convnet.one({name: value.unsqueeze(0) for name, value in ways[0].items()}, 0)
        way = sum((ways[0][name] - ways[2][name]).square().sum() for name in ways[0])

        def loss_of(weights):
            return sum((weights[name] - ways[2][name]).square().sum() for name in weights) / way

        how = {"lr": inner.lr, "steps": steps, "window": steps}
        return [reference_label_gradient(network, images[0], labels[0], loss_of, **how)[1] for _ in range(STEPS)]

    weights = sum(value.numel() for value in ways[0].values())
    return Contest(fleet, reference, sets, STEPS, flops(shape) * images.shape[1] * 3 * steps, 4.0 * weights * steps)


def _sets(shape, sets):
    """One image of each class a set (R, c, ch, h, w), and hard labels (R, c, c)."""
    size = sets, shape.classes, shape.channels, shape.height, shape.breadth
    images = gaussian(sets * shape.classes, size[2] * size[3] * size[4], "bench labels", *size).view(size)
    return images, harden(torch.arange(shape.classes).expand(sets, -1), shape.classes)


ENTRIES: dict[str, Callable[[], Contest]] = {"bptt_digits": bptt, "mtt_digits": mtt}

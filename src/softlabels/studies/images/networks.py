"""The networks of paper Q by their names: "ConvNetD3 w64" (of depth 3 and width 64), "ResNet18" and "ResNet50"."""

import torch
from torch import nn

from softlabels.data.images import ImageSet
from softlabels.errors import SoftLabelsError
from softlabels.models import convnet
from softlabels.training.precision import PLAIN, Precision, decide

COMPILED_WIDTH = 32  # from this width on a ConvNet is worth compiling; narrower ones train as fleets


def network(name: str, data: ImageSet, generator: torch.Generator) -> nn.Module:
    """A new network for the images and classes of a set. Raises SoftLabelsError for an unknown name."""
    if name in ("ResNet18", "ResNet50"):
        from softlabels.models import resnet

        return resnet.start(name, len(data.names), generator)
    return convnet.ConvNet(convnet_shape(name, data), generator)


def convnet_shape(name: str, data: ImageSet) -> convnet.Shape:
    """The sizes of a ConvNet for a set. Raises SoftLabelsError for an unknown name."""
    depth, width = convnet_sizes(name)
    return convnet.Shape(depth, width, *data.train.images.shape[1:], len(data.names))


def convnet_sizes(name: str) -> tuple[int, int]:
    """Depth and width of a ConvNet. Raises SoftLabelsError for an unknown name."""
    kind, _, width = name.partition(" w")
    if kind[:-1] != "ConvNetD" or not (kind[-1:].isdigit() and width.isdigit()):
        raise SoftLabelsError(f"There is no network {name!r}; write ConvNetD3 w64 for depth 3, width 64, or ResNet18.")
    return int(kind[-1]), int(width)


def is_small(name: str) -> bool:
    """Whether several networks of this name train together as a fleet, uncompiled."""
    return not name.startswith("ResNet") and convnet_sizes(name)[1] < COMPILED_WIDTH


def precision(name: str, device: str) -> Precision:
    """The number type in which a network of this name trains and predicts on a device, and whether it is compiled."""
    return PLAIN if is_small(name) else decide(device)

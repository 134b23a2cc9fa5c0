"""The arithmetic and memory that image networks need, computed from names alone, before anything is loaded."""

from itertools import pairwise
from typing import NamedTuple

from softlabels.data import catalogue, digits, noisy
from softlabels.models import convnet
from softlabels.studies.images.networks import convnet_sizes

RESNETS = {"ResNet18": (4.75e9, 3.3e6), "ResNet50": (1.07e10, 1.45e7)}  # FLOPs and activations forward, 256 × 256


class Sizes(NamedTuple):
    """The sizes of an image set."""

    channels: int
    height: int
    breadth: int
    classes: int
    train: int  # images
    evaluated: int  # validation and test images together


def sizes(data: str) -> Sizes:
    """The sizes of a set by its name. Raises SoftLabelsError for an unknown name."""
    if data not in noisy.NOISE:
        official = catalogue.find(data)
        return Sizes(3, official.side, official.side, official.classes, official.train, official.test)
    if data.endswith("pairs"):
        return Sizes(1, 8, 16, 100, 100 * noisy.PAIRS["train"], 100 * (noisy.PAIRS["validation"] + noisy.PAIRS["test"]))
    return Sizes(1, 8, 8, 10, 10 * noisy.TRAIN, digits.IMAGES - 10 * noisy.TRAIN)


def image_flops(network: str, data: str) -> tuple[float, float]:
    """Multiplications and additions of one image forward, and forward and back; images need no gradient."""
    if network in RESNETS:
        forward = RESNETS[network][0]
        return forward, 3 * forward
    shape = _shape(network, data)
    convolutions = [18.0 * a * b * pixels for (a, _), (b, pixels) in pairwise(_layers(shape))]
    forward = sum(convolutions) + 2.0 * shape.features * shape.classes
    return forward, 3 * forward - convolutions[0]


def activations(network: str, data: str) -> float:
    """The number of activations that one image has in a network."""
    if network in RESNETS:
        return RESNETS[network][1]
    return float(sum(3 * width * pixels for width, pixels in _layers(_shape(network, data))))


def _shape(network: str, data: str) -> convnet.Shape:
    return convnet.Shape(*convnet_sizes(network), *sizes(data)[:4])


def _layers(shape: convnet.Shape) -> list[tuple[int, int]]:
    """Channels and pixels of the image, then of each block's convolution."""
    pixels = [(shape.height >> block) * (shape.breadth >> block) for block in range(shape.depth)]
    return [(shape.channels, pixels[0]), *((shape.width, p) for p in pixels)]

"""torchvision's ResNets for ImageNet, initialised from a generator of their own (paper Q, table 1)."""

import torch
from torch import nn

from softlabels.errors import SoftLabelsError

NAMES = ("ResNet18", "ResNet50")


def start(name: str, classes: int, generator: torch.Generator) -> nn.Module:
    """One network: images (n, 3, h, w), normalised, to logits (n, c). Weights are drawn from `generator`.

    As in torchvision, convolutions are normal with variance 2 / fan-out, the linear layer is uniform in ±1/√fan-in, and
    norms start at 1 and 0.
    Raises SoftLabelsError for a name that NAMES does not list.
    """
    if name not in NAMES:
        raise SoftLabelsError(f"There is no ResNet {name!r}; choose one of {', '.join(NAMES)}.")
    import torchvision

    with torch.device("meta"):  # on this device layers draw nothing from the global generator
        network = getattr(torchvision.models, name.lower())(num_classes=classes)
    network.to_empty(device="cpu")
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu", generator=generator)
        elif isinstance(layer, nn.BatchNorm2d):
            layer.reset_parameters()  # running statistics too
        elif isinstance(layer, nn.Linear):
            bound = layer.in_features**-0.5
            nn.init.kaiming_uniform_(layer.weight, a=5**0.5, generator=generator)
            nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return network

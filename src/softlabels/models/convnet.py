"""ConvNetD{depth}, the small network of dataset distillation: one as a module, or R of them in one set of tensors.

A block is a 3×3 convolution with bias, instance norm (a group norm with one channel a group: affine, no running
statistics), ReLU and 2×2 average pooling; after `depth` of them comes one linear layer (paper Q, appendix, and its
code). A stack's tensors have the names of the module's parameters and one dimension more, so that a file of weights
serves both.

Letters: R networks, n images, ch channels, h × w pixels, F features before the linear layer, c classes.
"""

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, group_norm

from softlabels.errors import SoftLabelsError
from softlabels.models.mlp import join as join
from softlabels.models.mlp import take as take

EPSILON = 1e-5  # of the instance norm, PyTorch's default


@dataclass(frozen=True)
class Shape:
    """The sizes of a ConvNet and of the images that it reads."""

    depth: int  # blocks; each halves the image
    width: int  # channels of each block; 128 in paper Q
    channels: int  # of an image
    height: int  # pixels
    breadth: int
    classes: int

    def __post_init__(self):
        side, least = min(self.height, self.breadth), 2**self.depth
        if min(self.depth, self.width, self.channels, self.classes) < 1 or side < least:
            raise SoftLabelsError(
                f"A ConvNet has at least one block, channel and class, and images of 2^depth pixels a side; {self} "
                f"would need {least} pixels a side."
            )

    @property
    def features(self) -> int:
        """F, how many numbers the linear layer reads."""
        return self.width * (self.height >> self.depth) * (self.breadth >> self.depth)


class Pool(nn.Module):
    """2 × 2 average pooling, the last row or column of an odd side left out; images (n, C, h, w)."""

    def forward(self, images: Tensor) -> Tensor:
        if torch.compiler.is_compiling() and images.shape[2] % 2 == images.shape[3] % 2 == 0:
            return images.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).mean((3, 5))  # can be fused
        return avg_pool2d(images, 2)


class ConvNet(nn.Sequential):
    """One network: images (n, ch, h, w), normalised, to logits (n, c).

    Padding is 1 for grey images too; the official code pads those by 3. Weights are drawn from `generator` as PyTorch's
    layers draw them. Without a generator they have no values before `load_state_dict(…, assign=True)`.
    """

    def __init__(self, shape: Shape, generator: torch.Generator | None = None):
        layers = OrderedDict()
        channels = shape.channels
        with torch.device("meta"):  # on this device layers draw nothing from the global generator
            for block in range(1, shape.depth + 1):
                layers[f"conv{block}"] = nn.Conv2d(channels, shape.width, 3, padding=1)
                layers[f"norm{block}"] = nn.GroupNorm(shape.width, shape.width, EPSILON)
                layers[f"relu{block}"] = nn.ReLU()
                layers[f"pool{block}"] = Pool()
                channels = shape.width
            layers["flatten"] = nn.Flatten()
            layers["linear"] = nn.Linear(shape.features, shape.classes)
        super().__init__(layers)
        if generator is not None:
            self.to_empty(device="cpu")
            _draw(self, generator)


def _draw(network, generator):
    """PyTorch's default initialisation, in its order: uniform in ±1/√fan-in; norms start at 1 and 0."""
    for layer in network:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            bound = layer.weight[0].numel() ** -0.5
            nn.init.kaiming_uniform_(layer.weight, a=5**0.5, generator=generator)
            nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
        elif isinstance(layer, nn.GroupNorm):
            layer.reset_parameters()


def start(
    shape: Shape,
    generators: list[torch.Generator],
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
) -> dict[str, Tensor]:
    """Initial parameters of one network per generator, drawn in float32: {name in the module: (R, …)}.

    conv1.weight (R, width, ch, 3, 3), conv1.bias (R, width), norm1.weight, norm1.bias (R, width), …,
    linear.weight (R, c, F), linear.bias (R, c). Raises SoftLabelsError for an empty list.
    """
    if not generators:
        raise SoftLabelsError("A stack of networks needs at least one generator.")
    return {name: tensor.to(device, dtype) for name, tensor in stack([ConvNet(shape, g) for g in generators]).items()}


def stack(networks: list[nn.Module]) -> dict[str, Tensor]:
    """Copies of the parameters of networks of one shape, as a stack."""
    named = [dict(network.named_parameters()) for network in networks]
    return {name: torch.stack([parameters[name].detach() for parameters in named]) for name in named[0]}


def one(params: dict[str, Tensor], r: int) -> ConvNet:
    """Network r of a stack as a module with its own copy of the parameters."""
    (width, channels), (classes, features) = params["conv1.weight"].shape[1:3], params["linear.weight"].shape[1:]
    blocks = depth(params)  # any image size with this number of features will do
    network = ConvNet(Shape(blocks, width, channels, features // width << blocks, 1 << blocks, classes))
    network.load_state_dict({name: tensor[r].detach().clone() for name, tensor in params.items()}, assign=True)
    return network


def logits(params: dict[str, Tensor], images: Tensor) -> Tensor:
    """Logits (R, n, c) of a stack on shared images (n, ch, h, w) or on each network's own (R, n, ch, h, w).

    Raises SoftLabelsError for images of another number of channels or pixels, or of another number of networks.
    """
    R, width, channels = params["conv1.weight"].shape[:3]
    activations, groups = _side_by_side(images, R, channels), R if images.ndim == 5 else 1  # (n, ch or R·ch, h, w)
    for block in range(1, depth(params) + 1):
        weight, bias, scale, shift = (
            params[f"{name}{block}.{kind}"].flatten(0, 1) for name in ("conv", "norm") for kind in ("weight", "bias")
        )
        activations = conv2d(activations, weight, bias, padding=1, groups=groups)  # (n, R·width, h, w)
        activations = avg_pool2d(group_norm(activations, R * width, scale, shift, EPSILON).relu_(), 2)
        groups = R
    features = activations.reshape(len(activations), R, -1).transpose(0, 1)  # (R, n, F)
    if features.shape[2] != params["linear.weight"].shape[2]:
        raise SoftLabelsError(
            f"Images of {images.shape[-2]} × {images.shape[-1]} pixels give {features.shape[2]} features; these "
            f"networks read {params['linear.weight'].shape[2]}."
        )
    return torch.baddbmm(params["linear.bias"].unsqueeze(1), features, params["linear.weight"].mT)


def _side_by_side(images, R, channels):
    """Images as one batch: shared images as they are, each network's own side by side as channels (n, R·ch, h, w)."""
    if images.ndim == 4 and images.shape[1] == channels:
        return images
    if images.ndim == 5 and images.shape[0] == R and images.shape[2] == channels:
        return images.transpose(0, 1).flatten(1, 2)
    raise SoftLabelsError(
        f"{R} networks of {channels} channels take images (n, {channels}, h, w) or ({R}, n, {channels}, h, w), "
        f"not {tuple(images.shape)}."
    )


def depth(params: dict[str, Tensor]) -> int:
    """The number of blocks of a stack's networks."""
    return sum(name.startswith("conv") for name in params) // 2

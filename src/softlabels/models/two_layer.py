"""Networks with one hidden layer of ReLUs, R of them stacked in one set of tensors.

Letters: R networks, n rows, d inputs, h hidden units, c classes.
"""

import math

import torch
from torch import Tensor, nn

from softlabels.errors import SoftLabelsError

NAMES = ("weight1", "bias1", "weight2", "bias2")  # the keys of a stack's dictionary, in drawing order


def start(
    sizes: tuple[int, int, int],
    generators: list[torch.Generator],
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
) -> dict[str, Tensor]:
    """Initial parameters of one network a generator: PyTorch's default, uniform in ±1/√fan-in.

    sizes (d, h, c); returns weight1 (R, d, h), bias1 (R, h), weight2 (R, h, c), bias2 (R, c). Each network takes from
    its generator what `nn.Linear(d, h)` and then `nn.Linear(h, c)` would take from the global one, in that order, so
    that a published `torch.manual_seed` can be replayed; a generator may occur more than once.
    Raises SoftLabelsError for sizes below 1 and for an empty list.
    """
    if len(sizes) != 3 or min(sizes) < 1 or not generators:
        raise SoftLabelsError(
            f"A stack of two-layer networks needs sizes (d, h, c) of at least 1 and at least one generator, "
            f"not {sizes} and {len(generators)}."
        )
    d, h, c = sizes
    drawn = [(*_linear(d, h, g, dtype), *_linear(h, c, g, dtype)) for g in generators]
    stacked = [torch.stack(tensors).to(device) for tensors in zip(*drawn, strict=True)]
    return dict(zip(NAMES, stacked, strict=True))


def _linear(fan_in, fan_out, generator, dtype):
    weight, bias = torch.empty(fan_out, fan_in, dtype=dtype), torch.empty(fan_out, dtype=dtype)
    nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)  # the very call of nn.Linear: ±1/√fan-in
    bound = 1 / math.sqrt(fan_in)
    bias.uniform_(-bound, bound, generator=generator)
    return weight.T, bias


def logits(params: dict[str, Tensor], inputs: Tensor) -> Tensor:
    """Logits (R, n, c) of a stack on inputs that all networks share (n, d) or that each has for itself (R, n, d)."""
    R, d, _ = params["weight1"].shape
    if inputs.shape[-1] != d or inputs.ndim not in (2, 3) or (inputs.ndim == 3 and len(inputs) != R):
        raise SoftLabelsError(f"{R} networks of {d} inputs take (n, {d}) or ({R}, n, {d}), not {tuple(inputs.shape)}.")
    inputs = inputs.expand(R, -1, -1)
    hidden = torch.baddbmm(params["bias1"].unsqueeze(1), inputs, params["weight1"]).relu_()  # (R, n, h)
    return torch.baddbmm(params["bias2"].unsqueeze(1), hidden, params["weight2"])


def one(params: dict[str, Tensor], r: int) -> nn.Sequential:
    """Network r of a stack as an ordinary module with its own copy of the parameters."""
    (d, h), c = params["weight1"].shape[1:], params["bias2"].shape[1]
    like = {"dtype": params["bias2"].dtype, "device": params["bias2"].device}
    network = nn.Sequential(nn.Linear(d, h, **like), nn.ReLU(), nn.Linear(h, c, **like))
    with torch.no_grad():
        for parameter, name in zip(network.parameters(), NAMES, strict=True):
            parameter.copy_(params[name][r].mT if parameter.ndim == 2 else params[name][r])
    return network


def take(params: dict[str, Tensor], rows) -> dict[str, Tensor]:
    """Some networks of a stack, in the order of `rows` (a slice, a list or a tensor of indices)."""
    return {name: tensor[rows] for name, tensor in params.items()}


def join(stacks: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Several stacks of equal sizes as one."""
    return {name: torch.cat([stack[name] for stack in stacks]) for name in NAMES}

"""Multilayer perceptrons (MLPs): linear layers with ReLUs between them, R networks stacked in one set of tensors.

Paper B's networks have one hidden layer; those of its modular addition have two and read pairs of numbers. A stack is a
dictionary of tensors, weight1 (R, d, h), bias1 (R, h), weight2 and so on, to the last layer's bias (R, c).

Letters: R networks, n rows, d inputs, h hidden units, c classes, p the modulus.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from softlabels.errors import SoftLabelsError

ROOM = {"cpu": 2**22}  # bytes of activations held at a time while logits are computed
ROOM_ELSEWHERE = 2**28


def start(
    sizes: tuple[int, ...],
    generators: list[torch.Generator],
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
) -> dict[str, Tensor]:
    """Initial parameters of one network per generator: PyTorch's default, uniform in ±1/√fan-in.

    sizes (d, h, …, c), one number more than layers. Each network draws from its generator, layer by layer, as
    `nn.Linear` draws from the global one, so that a published `torch.manual_seed` can be replayed. A generator may
    occur several times.
    Raises SoftLabelsError for fewer than one layer, sizes below 1 and an empty list.
    """
    if len(sizes) < 2 or min(sizes) < 1 or not generators:
        raise SoftLabelsError(
            f"A stack of networks needs two sizes or more, from inputs to classes, of at least 1 each, and at least "
            f"one generator, not {sizes} and {len(generators)}."
        )
    drawn = [[t for fan in pairwise(sizes) for t in _linear(*fan, g, dtype)] for g in generators]
    names = [f"{kind}{layer}" for layer in range(1, len(sizes)) for kind in ("weight", "bias")]
    stacked = [torch.stack(tensors).to(device) for tensors in zip(*drawn, strict=True)]
    return dict(zip(names, stacked, strict=True))


def _linear(fan_in, fan_out, generator, dtype):
    weight, bias = torch.empty(fan_out, fan_in, dtype=dtype), torch.empty(fan_out, dtype=dtype)
    nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)  # as nn.Linear calls it: ±1/√fan-in
    bound = 1 / math.sqrt(fan_in)
    bias.uniform_(-bound, bound, generator=generator)
    return weight.T, bias


def sizes(params: dict[str, Tensor]) -> tuple[int, ...]:
    """The sizes (d, h, …, c) of a stack's networks."""
    biases = [params[f"bias{layer}"].shape[1] for layer in range(1, len(params) // 2 + 1)]
    return params["weight1"].shape[1], *biases


def logits(params: dict[str, Tensor], inputs: Tensor) -> Tensor:
    """Logits (R, n, c) of a stack on shared inputs (n, d) or on each network's own (R, n, d)."""
    R, d, _ = params["weight1"].shape
    if inputs.ndim not in (2, 3) or inputs.shape[-1] != d or (inputs.ndim == 3 and len(inputs) != R):
        raise SoftLabelsError(f"{R} networks of {d} inputs take (n, {d}) or ({R}, n, {d}), not {tuple(inputs.shape)}.")

    def of_some(params, inputs):
        return _later_layers(params, torch.baddbmm(params["bias1"].unsqueeze(1), inputs, params["weight1"]))

    return in_parts(of_some, params, inputs.expand(R, -1, -1), sum(sizes(params)[1:]))


def _later_layers(params, activations):
    """Logits (R, n, c) from the first layer's outputs before ReLU (R, n, h)."""
    for layer in range(2, len(params) // 2 + 1):
        activations = torch.baddbmm(params[f"bias{layer}"].unsqueeze(1), activations.relu_(), params[f"weight{layer}"])
    return activations


def in_parts(logits_of: Callable, params: dict[str, Tensor], inputs: Tensor, width: int) -> Tensor:
    """Logits of a stack on inputs (R, n, …), computed for as many networks at a time as ROOM allows.

    width: the number of activations of one network for one row.
    """
    R, n = inputs.shape[:2]
    size = n * width * next(iter(params.values())).element_size()
    m = max(1, ROOM.get(inputs.device.type, ROOM_ELSEWHERE) // max(1, size))
    if m >= R:
        return logits_of(params, inputs)
    return torch.cat([logits_of(take(params, slice(r, r + m)), inputs[r : r + m]) for r in range(0, R, m)])


def one(params: dict[str, Tensor], r: int) -> nn.Sequential:
    """Network r of a stack as an ordinary module with its own copy of the parameters; it takes inputs (n, d)."""
    like = {"dtype": params["weight1"].dtype, "device": params["weight1"].device}
    layers = [module for fan in pairwise(sizes(params)) for module in (nn.Linear(*fan, **like), nn.ReLU())]
    network = nn.Sequential(*layers[:-1])
    with torch.no_grad():
        for layer, linear in enumerate(network[::2], 1):
            linear.weight.copy_(params[f"weight{layer}"][r].mT)
            linear.bias.copy_(params[f"bias{layer}"][r])
    return network


def take(params: dict[str, Tensor], rows) -> dict[str, Tensor]:
    """Some networks of a stack of any kind, in the order of `rows` (a slice, a list or a tensor of indices)."""
    return {name: tensor[rows] for name, tensor in params.items()}


def join(stacks: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Several stacks of one kind and of equal sizes as one."""
    return {name: torch.cat([stack[name] for stack in stacks]) for name in stacks[0]}


# ---- pairs (a, b) of integers below p: one-hot inputs, of which the first layer looks up two rows of its weights -----


def one_hot_pairs(pairs: Tensor, p: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Pairs (…, 2) of integers below p as inputs (…, 2p): the one-hot vector of a, then that of b."""
    return nn.functional.one_hot(pairs, p).flatten(-2).to(dtype)


def pair_logits(params: dict[str, Tensor], pairs: Tensor) -> Tensor:
    """Logits (R, n, c) of a stack on pairs: equal to `logits` of `one_hot_pairs`, and faster.

    params of d = 2p inputs; pairs (n, 2) or (R, n, 2), integers from 0 to p − 1.
    """
    R, d, _ = params["weight1"].shape
    if d % 2:
        raise SoftLabelsError(
            f"Networks that read pairs have an even number of inputs, one for each value of either number, not {d}."
        )
    check_pairs(pairs, R, d // 2)

    def of_some(params, pairs):
        (m, n, _), weight = pairs.shape, params["weight1"].flatten(0, 1)
        first = embedding_bag(table_rows(pairs, d // 2, d).flatten(0, 1), weight, mode="sum").view(m, n, -1)
        return _later_layers(params, first + params["bias1"].unsqueeze(1))

    return in_parts(of_some, params, pairs.expand(R, -1, -1), sum(sizes(params)[1:]))


def table_rows(pairs: Tensor, p: int, length: int) -> Tensor:
    """The rows (R, n, 2) of each pair's two numbers in R tables of `length` rows, concatenated.

    pairs (R, n, 2). A table begins with p rows for the first number, then p rows for the second.
    """
    table = torch.arange(len(pairs), device=pairs.device).view(-1, 1, 1) * length
    return pairs + torch.tensor([0, p], device=pairs.device) + table


def check_pairs(pairs: Tensor, R: int, p: int) -> None:
    """Raise SoftLabelsError unless pairs are integers (n, 2) or (R, n, 2) from 0 to p − 1."""
    if pairs.ndim not in (2, 3) or pairs.shape[-1] != 2 or (pairs.ndim == 3 and len(pairs) != R):
        raise SoftLabelsError(f"{R} networks take pairs (n, 2) or ({R}, n, 2), not {tuple(pairs.shape)}.")
    if pairs.dtype != torch.int64 or (pairs.numel() and not 0 <= int(pairs.min()) <= int(pairs.max()) < p):
        raise SoftLabelsError(f"Pairs for the modulus {p} are integers (int64) from 0 to {p - 1}.")

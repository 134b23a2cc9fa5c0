"""A fleet of two-layer ReLU networks, trained as one tensor program with gradients written by hand.

The losses of the networks are summed, never averaged, so that a fleet is the same run as its networks one by one, up
to rounding. Inside, classes and hidden units come before rows: the hidden layers of a few networks are then one wide
matrix product whose result is each network's block, the softmax runs along the rows' axis, and the networks are worked
through a few at a time so that what passes between two products stays in the cache.

Letters: R networks (m of them at a time), n rows, d inputs, h hidden units, c classes.
"""

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError
from softlabels.training.products import product

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # Adam's, as in both papers
CACHE = {"cpu": 2**21}  # bytes of hidden activations held at a time: about a core's second-level cache
ELSEWHERE = 2**28


def train(
    params: dict[str, Tensor],
    inputs: Tensor,
    targets: Tensor,
    *,
    lr: float | Tensor,
    steps: int,
    weights: Tensor | None = None,
    evaluate: Callable[[int, dict[str, Tensor]], bool | None] | None = None,
    at: Iterable[int] | None = None,
) -> dict[str, Tensor]:
    """Full-batch Adam on each network's cross-entropy against `targets`; returns new parameters, leaves `params`.

    params as `models.two_layer.start` makes them; inputs (n, d), shared by all networks, or (R, n, d); targets
    (R, n, c), probabilities, soft or one-hot; weights (R, n) is what a row counts in its network's loss (they sum to 1;
    default 1/n; 0 for padding and for rows that are held out); lr a number or one a network (R,).
    `evaluate(step, params)` is called after the steps in `at` (default: every 1 % of them; 0 is the start); it must not
    change the parameters, which are the live ones, and ends the training where it returns True.
    The student's own temperature is 1, as in paper B.
    Raises SoftLabelsError for shapes that do not fit, targets that are no probabilities, and training that diverges.
    """
    weights = _check(params, inputs, targets, weights, lr, steps)
    at = set(at) if at is not None else set(range(steps, 0, -max(1, steps // 100)))
    if evaluate is None:
        at = set()
    fleet = _Fleet(params, inputs, targets, weights)
    if 0 in at:
        evaluate(0, fleet.params())
    for step in range(1, steps + 1):
        fleet.gradients()
        fleet.adam(lr, step)
        if step in at and evaluate(step, fleet.params()):
            break
    trained = {name: tensor.contiguous().clone() for name, tensor in fleet.params().items()}
    if not all(torch.isfinite(tensor).all() for tensor in trained.values()):
        raise SoftLabelsError("Training diverged: the weights hold NaN or infinity; take a smaller learning rate.")
    return trained


def snapshots(params, inputs, targets, *, at: Iterable[int], steps=None, **how) -> dict[int, dict[str, Tensor]]:
    """Train as `train` does (same keywords) and return the parameters after each step in `at`: {step: params}.

    `steps` defaults to the last of them.
    """
    at = sorted(set(at))
    kept = {}

    def keep(step, live):
        kept[step] = {name: tensor.contiguous().clone() for name, tensor in live.items()}

    train(params, inputs, targets, steps=at[-1] if steps is None else steps, evaluate=keep, at=at, **how)
    return kept


class _Part(NamedTuple):
    """What m networks need for a step: views into the fleet, and room that all parts share."""

    rows: Tensor  # (n, d+1) or (m, n, d+1)
    columns: Tensor  # the same, transposed
    wanted: Tensor  # (m, c, n), minus weights · targets
    weights: Tensor  # (m, 1, n)
    first: Tensor  # (m, h, d+1), the bias last
    second: Tensor  # (m, c, h)
    bias: Tensor  # (m, c, 1)
    d_first: Tensor
    d_second: Tensor
    d_bias: Tensor
    hidden: Tensor  # (m, h, n)
    back: Tensor  # (m, h, n)
    out: Tensor  # (m, c, n)


class _Fleet:
    """Parameters, gradients and Adam's moments as four flat tensors, and views of them a few networks at a time."""

    def __init__(self, params, inputs, targets, weights):
        (R, d, h), c, n = params["weight1"].shape, targets.shape[2], targets.shape[1]
        self.shape = R, d, h, c
        like = {"dtype": targets.dtype, "device": targets.device}
        size = R * (h * (d + 1) + c * h + c)
        self.flat, self.gradient, self.mean, self.square, self.scratch = torch.zeros(5, size, **like)
        first, second, bias = self._views(self.flat)
        first[:, :, :d], first[:, :, d] = params["weight1"].mT, params["bias1"]
        second[:], bias[:, :, 0] = params["weight2"].mT, params["bias2"]

        rows = torch.cat([inputs, torch.ones_like(inputs[..., :1])], -1)  # (…, n, d+1): a constant carries the bias
        columns = rows.mT.contiguous()
        wanted = (targets * weights.unsqueeze(-1)).mT.neg().contiguous()  # (R, c, n)
        weights = weights.unsqueeze(1)  # (R, 1, n)
        room = CACHE.get(targets.device.type, ELSEWHERE) // (2 * h * n * targets.element_size())
        m = min(R, max(1, room))
        hidden, back, out = (torch.empty(m, size, n, **like) for size in (h, h, c))
        self.parts = []
        for a, b in pairwise([*range(0, R, m), R]):
            own = (rows, columns) if rows.ndim == 2 else (rows[a:b], columns[a:b])
            mine = (view[a:b] for flat in (self.flat, self.gradient) for view in self._views(flat))
            buffers = (buffer[: b - a] for buffer in (hidden, back, out))
            self.parts.append(_Part(*own, wanted[a:b], weights[a:b], *mine, *buffers))

    def _views(self, flat):
        """Weights and bias of the first layer (R, h, d+1), weights (R, c, h) and bias (R, c, 1) of the second."""
        R, d, h, c = self.shape
        first, second, bias = flat.split([R * h * (d + 1), R * c * h, R * c])
        return first.view(R, h, d + 1), second.view(R, c, h), bias.view(R, c, 1)

    def params(self):
        first, second, bias = self._views(self.flat)
        return {"weight1": first[:, :, :-1].mT, "bias1": first[:, :, -1], "weight2": second.mT, "bias2": bias[:, :, 0]}

    def gradients(self):
        """The gradient of the summed losses: for every part, forward and back in place."""
        for p in self.parts:
            torch.clamp_min(_product(p.first, p.columns, p.hidden), 0, out=p.hidden)
            torch.baddbmm(p.bias, p.second, p.hidden, out=p.out)
            torch.softmax(p.out, 1, out=p.out)
            torch.addcmul(p.wanted, p.out, p.weights, out=p.out)  # weights · (prediction − target)
            torch.bmm(p.out, p.hidden.mT, out=p.d_second)
            torch.sum(p.out, 2, keepdim=True, out=p.d_bias)
            torch.bmm(p.second.mT, p.out, out=p.back)
            torch.ops.aten.threshold_backward(p.back, p.hidden, 0, grad_input=p.back)  # autograd's own: one pass
            p.d_first.copy_(_product(p.back, p.rows, p.d_first))  # nothing to do where it is there already

    def adam(self, lr, step):
        self.mean.lerp_(self.gradient, 1 - BETA1)
        self.square.mul_(BETA2).addcmul_(self.gradient, self.gradient, value=1 - BETA2)
        correction = math.sqrt(1 - BETA2**step)
        torch.sqrt(self.square, out=self.scratch).add_(EPSILON * correction)
        scale = correction / (1 - BETA1**step)
        if isinstance(lr, Tensor):
            for view in self._views(self.scratch):
                view.div_(lr.view(-1, 1, 1))
            lr = 1.0
        self.flat.addcdiv_(self.mean, self.scratch, value=-lr * scale)


def _product(left, right, out):
    """left (m, h, k) times right, shared (k, s) as one wide product or own (m, k, s): `out` (m, h, s), or another."""
    if right.ndim == 3:
        return torch.bmm(left, right, out=out)
    found = product(left.flatten(0, 1), right, out.flatten(0, 1))
    return out if found.data_ptr() == out.data_ptr() else found.view(out.shape)


def _check(params, inputs, targets, weights, lr, steps):
    R, d, h = params["weight1"].shape
    n, c = inputs.shape[-2] if inputs.ndim > 1 else None, params["bias2"].shape[-1]
    if weights is None and n:
        weights = targets.new_full((1, 1), 1 / n).expand(R, n)
    if inputs.shape not in ((n, d), (R, n, d)) or targets.shape != (R, n, c) or weights.shape != (R, n) or not n:
        raise SoftLabelsError(
            f"A fleet of {R} networks of {d} inputs and {c} classes needs inputs (n, {d}) or ({R}, n, {d}), targets "
            f"({R}, n, {c}) and weights ({R}, n); given were {tuple(inputs.shape)}, {tuple(targets.shape)} and "
            f"{None if weights is None else tuple(weights.shape)}."
        )
    numbers = {"parameters": params["weight1"], "inputs": inputs, "targets": targets, "weights": weights}
    if len({(tensor.dtype, tensor.device) for tensor in numbers.values()}) > 1:
        listed = ", ".join(f"{name} {tensor.dtype} on {tensor.device}" for name, tensor in numbers.items())
        raise SoftLabelsError(f"A fleet needs one number type on one device throughout; given were {listed}.")
    for name, tensor in numbers.items():
        if not torch.isfinite(tensor).all():
            raise SoftLabelsError(f"The fleet's {name} hold NaN or infinity; a loss on them means nothing.")
    counted = targets[weights > 0]
    if (counted < 0).any() or ((counted.sum(-1) - 1).abs() > 1e-3).any():
        raise SoftLabelsError("Targets must be probabilities: rows (…, c) of non-negative numbers that sum to 1.")
    if (weights < 0).any() or ((weights.sum(1) - 1).abs() > 1e-3).any():
        raise SoftLabelsError("Row weights must be non-negative and sum to 1 a network; divide them by their sum.")
    rates = torch.as_tensor(lr, dtype=torch.float64)
    if rates.shape not in ((), (R,)) or not (torch.isfinite(rates) & (rates > 0)).all():
        raise SoftLabelsError(f"A learning rate is a positive number, or {R} of them, one a network; given was {lr}.")
    if steps < 1:
        raise SoftLabelsError(f"Training takes at least one step, not {steps}.")
    return weights

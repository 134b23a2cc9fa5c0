"""A fleet of two-layer ReLU networks, trained as one tensor program with gradients written by hand.

Here classes and hidden units come before rows. On shared inputs the hidden layers of several networks are then one wide
matrix product, and the softmax over classes handles many rows at once. A few networks are computed at a time, so that
their activations stay in the cache.

Letters: R networks (m of them at a time), n rows, d inputs, h hidden units, c classes.
"""

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError
from softlabels.training import fleet, graphs
from softlabels.training.products import product

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # Adam's, as in both papers
CACHE = {"cpu": 2**21}  # bytes of hidden activations held at a time: about a core's second-level cache
ELSEWHERE = 2**28


@torch.no_grad()
def train(
    params: dict[str, Tensor],
    inputs: Tensor,
    targets: Tensor,
    *,
    lr: float | Tensor | list[float],
    steps: int,
    weights: Tensor | None = None,
    evaluate: Callable[[int, dict[str, Tensor]], bool | None] | None = None,
    at: Iterable[int] | None = None,
) -> dict[str, Tensor]:
    """Full-batch Adam on each network's cross-entropy against `targets`; returns new parameters, leaves `params`.

    params as `models.mlp.start` returns them for sizes (d, h, c); inputs (n, d), shared by all networks, or (R, n, d);
    targets (R, n, c), probabilities, soft or one-hot; weights (R, n), the weight of each row in its network's loss:
    they sum to 1 (default 1/n each) and are 0 for padding and held-out rows; lr a number, or one per network (R,).
    `evaluate(step, params)` is called after the steps in `at` (default: every 1 % of them; 0 is the start). It must not
    change the parameters, which are the live ones. If it returns True, training ends.
    The student's own temperature is 1, as in paper B.
    Raises SoftLabelsError for shapes that do not fit, targets that are no probabilities, and training that diverges.
    """
    (R, d, _), c = params["weight1"].shape, params["bias2"].shape[-1]
    weights = fleet.check(params, inputs, targets, weights, c, d)
    if not inputs.is_floating_point():
        raise SoftLabelsError(f"These networks read inputs of the type of their weights, not {inputs.dtype}.")
    rates = torch.as_tensor(lr, dtype=torch.float64)
    if rates.shape not in ((), (R,)) or not (torch.isfinite(rates) & (rates > 0)).all():
        raise SoftLabelsError(f"A learning rate is a positive number, or {R} of them, one a network; given was {lr}.")
    lr = lr if isinstance(lr, int | float) else torch.as_tensor(lr, dtype=targets.dtype, device=targets.device)
    networks = _Networks(params, inputs, targets, weights)
    gradients = graphs.repeated(networks.gradients, targets.device)

    def take_step(step):
        gradients()
        networks.adam(lr, step)

    return fleet.run(take_step, networks.params, steps, evaluate, at)


def snapshots(params, inputs, targets, *, at: Iterable[int], steps=None, **how) -> dict[int, dict[str, Tensor]]:
    """Train as `train` does (same keywords) and return the parameters after each step in `at`: {step: params}.

    `steps` defaults to the last step in `at`. Raises SoftLabelsError for a step that training does not reach.
    """
    at, copies = sorted(set(at)), {}
    steps = at[-1] if steps is None else steps
    if at[0] < 0 or at[-1] > steps:
        raise SoftLabelsError(f"Training of {steps} steps has been asked for its networks after steps {at}.")

    def copy(step, live):
        copies[step] = fleet.copy(live)

    train(params, inputs, targets, steps=steps, evaluate=copy, at=at, **how)
    return copies


class _Part(NamedTuple):
    """What a step of m networks needs: views of the fleet's tensors, and buffers that all parts share."""

    rows: Tensor  # (n, d+1) or (m, n, d+1)
    columns: Tensor  # the same, transposed
    targets: Tensor  # (m, c, n), −weights · targets
    weights: Tensor  # (m, 1, n)
    live: dict[str, Tensor]  # first (m, h, d+1), the bias last; second (m, c, h); bias (m, c, 1)
    gradients: dict[str, Tensor]
    hidden: Tensor  # (m, h, n)
    back: Tensor  # (m, h, n)
    out: Tensor  # (m, c, n)


class _Networks:
    """Parameters, gradients and Adam's moments as flat tensors, and views of them a few networks at a time."""

    def __init__(self, params, inputs, targets, weights):
        first = torch.cat([params["weight1"].mT, params["bias1"].unsqueeze(2)], 2)  # (R, h, d+1)
        stack = {"first": first, "second": params["weight2"].mT, "bias": params["bias2"].unsqueeze(2)}
        size = sum(tensor.numel() for tensor in stack.values())
        self.flat, self.gradient, self.mean, self.square, self.scratch = targets.new_zeros(5, size)
        self.live, gradients, self.scratch_views = (
            fleet.views(flat, stack) for flat in (self.flat, self.gradient, self.scratch)
        )
        for name, tensor in stack.items():
            self.live[name].copy_(tensor)

        rows = torch.cat([inputs, torch.ones_like(inputs[..., :1])], -1)  # (…, n, d+1): a constant input, for the bias
        columns = rows.mT.contiguous()
        self.shared = rows.ndim == 2
        targets = (targets * weights.unsqueeze(-1)).mT.neg().contiguous()  # (R, c, n)
        weights = weights.unsqueeze(1)  # (R, 1, n)
        (R, h, _), (c, n) = first.shape, targets.shape[1:]
        room = CACHE.get(targets.device.type, ELSEWHERE) // (2 * h * targets.element_size())
        parts = fleet.parts([n] * R, room)
        hidden, back, out = (targets.new_empty(parts[0].stop, units, n) for units in (h, h, c))
        self.parts = []
        for part in parts:
            own = (rows, columns) if self.shared else (rows[part], columns[part])
            mine = ({name: view[part] for name, view in views.items()} for views in (self.live, gradients))
            buffers = (buffer[: part.stop - part.start] for buffer in (hidden, back, out))
            self.parts.append(_Part(*own, targets[part], weights[part], *mine, *buffers))

    def params(self):
        """The live parameters with the names and shapes of `models.mlp`."""
        first, second, bias = self.live.values()
        return {"weight1": first[:, :, :-1].mT, "bias1": first[:, :, -1], "weight2": second.mT, "bias2": bias[:, :, 0]}

    def gradients(self):
        """The gradient of the summed losses: for every part, forward and back in place."""
        multiply = product if self.shared else torch.bmm
        for p in self.parts:
            first, second, bias = p.live.values()
            d_first, d_second, d_bias = p.gradients.values()
            torch.clamp_min(multiply(first, p.columns, out=p.hidden), 0, out=p.hidden)
            torch.baddbmm(bias, second, p.hidden, out=p.out)
            torch.softmax(p.out, 1, out=p.out)
            torch.addcmul(p.targets, p.out, p.weights, out=p.out)  # weights · (prediction − target)
            torch.bmm(p.out, p.hidden.mT, out=d_second)
            torch.sum(p.out, 2, keepdim=True, out=d_bias)
            torch.bmm(second.mT, p.out, out=p.back)
            torch.ops.aten.threshold_backward(p.back, p.hidden, 0, grad_input=p.back)  # ReLU's gradient in one pass
            d_first.copy_(multiply(p.back, p.rows, out=d_first))  # copies only a new tensor from oneDNN

    def adam(self, lr, step):
        self.mean.lerp_(self.gradient, 1 - BETA1)
        self.square.mul_(BETA2).addcmul_(self.gradient, self.gradient, value=1 - BETA2)
        correction = math.sqrt(1 - BETA2**step)
        torch.sqrt(self.square, out=self.scratch).add_(EPSILON * correction)
        scale = correction / (1 - BETA1**step)
        if isinstance(lr, Tensor):
            for view in self.scratch_views.values():
                view.div_(lr.view(-1, 1, 1))
            lr = 1.0
        self.flat.addcdiv_(self.mean, self.scratch, value=-lr * scale)

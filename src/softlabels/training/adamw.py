"""Fleets of networks of any kind, trained with AdamW as one tensor program, for paper B's modular addition.

A few networks with similar numbers of rows are computed at a time, so that their activations stay in the cache, or at
least in memory. Rows of weight 0 cost nothing. The gradient of MLPs that read pairs of numbers is written by hand; all
other networks use autograd.

Letters: R networks (m of them at a time), n rows, p the modulus, h hidden units, c classes.
"""

from collections.abc import Callable, Iterable
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from softlabels.models import mlp, transformer
from softlabels.training import fleet, graphs
from softlabels.training.products import product

CACHE = {"cpu": 2**22}  # bytes of activations computed at a time: about the second-level caches of two cores
MEMORY = {"cpu": 2**26}  # the same with autograd, whose overhead per part outweighs what the cache saves
ELSEWHERE = 2**30

Logits = Callable[[dict[str, Tensor], Tensor], Tensor]


def train(
    logits_of: Logits,
    params: dict[str, Tensor],
    inputs: Tensor,
    targets: Tensor,
    *,
    lr: float,
    steps: int,
    weight_decay: float = 1.0,
    betas: tuple[float, float] = (0.9, 0.98),
    warm_up: int = 10,
    weights: Tensor | None = None,
    evaluate: Callable[[int, dict[str, Tensor]], bool | None] | None = None,
    at: Iterable[int] | None = None,
) -> dict[str, Tensor]:
    """Full-batch AdamW on each network's cross-entropy against `targets`; returns new parameters, leaves `params`.

    logits_of(params, inputs) computes the stack's logits (R, n, c): `models.mlp.pair_logits`, `models.mlp.logits`,
    `models.transformer.logits` or another differentiable function. The first axis of all params is R. inputs (n, k),
    shared by all networks, or (R, n, k); k = 2 for pairs. targets (R, n, c), probabilities, soft or one-hot. weights
    (R, n), the weight of each row in its network's loss: they sum to 1 (default 1/n each) and are 0 for padding and
    held-out rows, which then cost nothing.
    The learning rate rises over `warm_up` steps and is 0 at the first, as in paper B's code: that step changes only
    AdamW's moments. Decay is decoupled: each step subtracts lr · weight_decay of every parameter, biases included.
    `evaluate(step, params)` is called after the steps in `at` (default: every 1 % of them; 0 is the start). It must not
    change the parameters, which may be the live ones. If it returns True, training ends.
    The student's own temperature is 1, as in paper B.
    Raises SoftLabelsError for shapes that do not fit, targets that are no probabilities, and training that diverges.
    """
    fleet.check_rate(lr)
    weights = fleet.check(params, inputs, targets, weights, _classes(logits_of, params, inputs), inputs.shape[-1])
    networks = _Fleet(logits_of, params, inputs.expand(len(weights), -1, -1), targets, weights)
    gradients = graphs.repeated(networks.gradients, targets.device)
    adamw = torch.optim.AdamW([networks.flat], lr=lr, betas=betas, weight_decay=weight_decay, fused=True)

    def take_step(step):
        adamw.param_groups[0]["lr"] = lr * min((step - 1) / warm_up, 1) if warm_up else lr
        gradients()
        adamw.step()

    return fleet.run(take_step, networks.params, steps, evaluate, at)


@torch.no_grad()
def _classes(logits_of, params, inputs):
    """The number of classes, from one network's logits of one row; None for inputs of a wrong shape."""
    if inputs.ndim not in (2, 3):
        return None
    row = inputs[:1] if inputs.ndim == 2 else inputs[:1, :1]
    return logits_of(mlp.take(params, slice(1)), row).shape[2]


class _Fleet:
    """Parameters and gradients as two flat tensors, networks ordered by their number of rows and cut into parts."""

    def __init__(self, logits_of, params, inputs, targets, weights):
        counts = (weights > 0).sum(1)
        order = counts.argsort(stable=True)
        self.order = None if bool((order.diff() > 0).all()) else order.argsort()
        self.flat, self.live = fleet.flatten({name: tensor.detach()[order] for name, tensor in params.items()})
        self.flat.grad = torch.zeros_like(self.flat)
        gradients = fleet.views(self.flat.grad, self.live)

        self.parts = []
        make_part, width, room = _kind(logits_of, params)
        counts = counts[order].tolist()
        room = room.get(weights.device.type, ELSEWHERE) // (width * weights.element_size())
        for part in fleet.parts(counts, room):
            networks, n = order[part], counts[part.stop - 1]
            counted_first = (weights[networks] > 0).int().argsort(dim=1, descending=True, stable=True)
            own = networks.unsqueeze(1), counted_first[:, :n]  # (m, n): rows that count; padding in smaller networks
            weighted_targets = weights[own].unsqueeze(2) * targets[own]  # (m, n, c)
            mine = mlp.take(self.live, part), mlp.take(gradients, part)
            self.parts.append(make_part(*mine, inputs[own], weighted_targets, weights[own]))

    def params(self):
        """The parameters in the caller's order: the live ones where the networks were in order, else copies."""
        return self.live if self.order is None else mlp.take(self.live, self.order)

    def gradients(self):
        for part in self.parts:
            part.gradients()


def _kind(logits_of, params):
    """The class of the parts, the activations per row of one network, and the bytes allowed for them by device."""
    if logits_of is mlp.pair_logits and len(params) > 2:
        return _Pairs, 2 * sum(mlp.sizes(params)[1:]), CACHE
    width = 4 * sum(tensor.shape[-1] for tensor in params.values())  # a rough estimate, autograd's gradients included
    return _Transformers if logits_of is transformer.logits else partial(_Autograd, logits_of), width, MEMORY


class _Autograd:
    """The gradient of m networks' summed losses, by autograd, copied to `into`."""

    def __init__(self, logits_of, params, into, inputs, weighted_targets, weights):
        self.logits_of, self.inputs, self.weighted_targets = logits_of, inputs, weighted_targets
        self.params = {name: tensor.detach().requires_grad_() for name, tensor in params.items()}  # views of the fleet
        self.into = into

    @torch.enable_grad
    def gradients(self):
        log_predictions = self.logits_of(self.params, self.inputs).log_softmax(-1)
        loss = -(self.weighted_targets * log_predictions).sum()
        gradients = torch.autograd.grad(loss, list(self.params.values()))
        for into, gradient in zip(self.into.values(), gradients, strict=True):
            into.copy_(gradient)


class _Transformers(_Autograd):
    """`_Autograd` for transformers, whose pairs are turned into rows of tables once, not at every step."""

    def __init__(self, params, into, pairs, weighted_targets, weights):
        m, p = len(pairs), params["unembed"].shape[2]
        mlp.check_pairs(pairs, m, p)
        rows = mlp.table_rows(pairs, p, 2 * p + 1)
        super().__init__(transformer.logits_of_rows, params, into, rows, weighted_targets, weights)


class _Pairs:
    """The gradient of m MLPs on pairs, by hand and in place.

    In the first layer's activations (m, n, h) rows come before units, because each is the sum of two rows of weights.
    In all others (m, h, n) units come first, so that the softmax over classes handles many rows at once.
    """

    def __init__(self, params, into, pairs, weighted_targets, weights):
        (m, n, _), (d, *widths) = pairs.shape, mlp.sizes(params)
        mlp.check_pairs(pairs, m, d // 2)
        self.params, self.into = params, into
        self.targets, self.weights = weighted_targets.mT.contiguous(), weights.unsqueeze(1)  # (m, c, n), (m, 1, n)
        self.rows = mlp.table_rows(pairs, d // 2, d).flatten(0, 1)  # (m·n, 2)
        self.each = [column.contiguous() for column in self.rows.unbind(1)]
        self.first = weights.new_empty(m, n, widths[0])
        self.out = [weights.new_empty(m, h, n) for h in widths[1:]]
        self.back = [weights.new_empty(m, h, n) for h in widths[1:-1]]

    def gradients(self):
        p, into = self.params, self.into
        last = len(self.out) + 1
        first = embedding_bag(self.rows, p["weight1"].flatten(0, 1), mode="sum").view_as(self.first)
        hidden = [first.add_(p["bias1"].unsqueeze(1)).relu_().mT]  # (m, h, n), like the later layers
        for layer, out in enumerate(self.out, 2):
            z = product(p[f"weight{layer}"].mT, hidden[-1], out).add_(p[f"bias{layer}"].unsqueeze(2))
            hidden.append(z if layer == last else z.relu_())
        slope = torch.softmax(hidden[-1], 1, out=hidden[-1])
        slope.mul_(self.weights).sub_(self.targets)  # weights · (prediction − target)
        for layer in range(last, 1, -1):
            below = hidden[layer - 2]
            into[f"weight{layer}"].copy_(product(below, slope.mT, into[f"weight{layer}"]))
            torch.sum(slope, 2, out=into[f"bias{layer}"])
            if layer > 2:
                slope = product(p[f"weight{layer}"], slope, self.back[layer - 3])
            else:
                slope, below = product(slope.mT, p["weight2"].mT, self.first), first
            torch.ops.aten.threshold_backward(slope, below, 0, grad_input=slope)  # ReLU's gradient in one pass
        torch.sum(slope, 1, out=into["bias1"])
        self._add_to_rows(slope.flatten(0, 1), into["weight1"].flatten(0, 1))

    def _add_to_rows(self, slope, gradient):
        """The first layer's gradient: each pair adds its slope to the rows of its two numbers."""
        if gradient.device.type == "cpu":
            gradient.zero_()
            for rows in self.each:
                gradient.index_add_(0, rows, slope)
        else:  # on a GPU index_add_ adds in no fixed order, and two equal runs would differ
            backward = torch.ops.aten.embedding_dense_backward
            torch.add(*(backward(slope, rows, len(gradient), -1, False) for rows in self.each), out=gradient)

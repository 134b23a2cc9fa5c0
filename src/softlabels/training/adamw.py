"""Fleets of networks of any kind, trained with AdamW as one tensor program: paper B's modular addition.

The losses of the networks are summed, never averaged, so that a fleet is the same run as its networks one by one, up
to rounding. Networks of about as many rows are worked through together, a few at a time, so that what passes between
two products stays in the cache, or at least in memory; rows that do not count cost nothing. What reads pairs of numbers
with layers of ReLUs has its gradient written by hand; any other network leaves it to autograd.

Letters: R networks (m of them at a time), n rows, p the modulus, h hidden units, c classes.
"""

from collections.abc import Callable, Iterable
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from softlabels.errors import SoftLabelsError
from softlabels.models import layers, transformer
from softlabels.training.products import product

CACHE = {"cpu": 2**22}  # bytes of activations that a few networks hold at a time: about two cores' second-level caches
MEMORY = {"cpu": 2**26}  # the same with autograd, whose bookkeeping for each part costs more than what the cache saves
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

    logits_of(params, inputs) are the stack's logits (R, n, c): `models.layers.pair_logits`, `models.layers.logits`,
    `models.transformer.logits` or another function that autograd can follow; params all have R in front; inputs
    (n, k), shared by all networks, or (R, n, k), for pairs k = 2; targets (R, n, c), probabilities, soft or one-hot;
    weights (R, n) is what a row counts in its network's loss (they sum to 1; default 1/n; 0 for padding and for rows
    that are held out, which then cost nothing).
    The learning rate rises over `warm_up` steps, from 0 at the first (paper B's code: that step changes nothing but
    AdamW's moments), and decay is decoupled: each step takes lr · weight_decay of every parameter, biases as well.
    `evaluate(step, params)` is called after the steps in `at` (default: every 1 % of them; 0 is the start); it must not
    change the parameters, which may be the live ones, and ends the training where it returns True.
    The student's own temperature is 1, as in paper B.
    Raises SoftLabelsError for shapes that do not fit, targets that are no probabilities, and training that diverges.
    """
    weights = _check(logits_of, params, inputs, targets, weights, lr, steps)
    at = set(at) if at is not None else set(range(steps, 0, -max(1, steps // 100)))
    if evaluate is None:
        at = set()
    fleet = _Fleet(logits_of, params, inputs.expand(len(weights), -1, -1), targets, weights)
    # One tensor of all parameters, updated in one pass.
    adamw = torch.optim.AdamW([fleet.flat], lr=lr, betas=betas, weight_decay=weight_decay, fused=True)
    if 0 in at:
        evaluate(0, fleet.params())
    for step in range(1, steps + 1):
        adamw.param_groups[0]["lr"] = lr * min((step - 1) / warm_up, 1) if warm_up else lr
        fleet.gradients()
        adamw.step()
        if step in at and evaluate(step, fleet.params()):
            break
    trained = {name: tensor.clone() for name, tensor in fleet.params().items()}
    if not all(torch.isfinite(tensor).all() for tensor in trained.values()):
        raise SoftLabelsError("Training diverged: the weights hold NaN or infinity; take a smaller learning rate.")
    return trained


def snapshots(logits_of, params, inputs, targets, *, at: Iterable[int], steps=None, **how) -> dict[int, dict]:
    """Train as `train` does (same keywords) and return the parameters after each step in `at`: {step: params}.

    `steps` defaults to the last of them.
    """
    at = sorted(set(at))
    kept = {}

    def keep(step, live):
        kept[step] = {name: tensor.clone() for name, tensor in live.items()}

    train(logits_of, params, inputs, targets, steps=at[-1] if steps is None else steps, evaluate=keep, at=at, **how)
    return kept


class _Fleet:
    """All parameters and gradients as two flat tensors, networks ordered by their number of rows, and parts of them."""

    def __init__(self, logits_of, params, inputs, targets, weights):
        counts = (weights > 0).sum(1)
        order = counts.argsort(stable=True)
        self.order = None if bool((order.diff() > 0).all()) else order.argsort()
        stacked = {name: tensor.detach()[order] for name, tensor in params.items()}
        self.flat = torch.cat([tensor.flatten() for tensor in stacked.values()])
        self.flat.grad = torch.zeros_like(self.flat)
        self.live = self._views(self.flat, stacked)
        slopes = self._views(self.flat.grad, stacked)

        self.parts = []
        make, width, room = _kind(logits_of, params)
        counts = counts[order].tolist()
        room = room.get(weights.device.type, ELSEWHERE) // (width * weights.element_size())
        for a, b in _cuts(counts, room):
            mine, n = order[a:b], counts[b - 1]
            first = (weights[mine] > 0).int().argsort(dim=1, descending=True, stable=True)
            own = mine.unsqueeze(1), first[:, :n]  # (m, n): the rows that count and, in smaller networks, padding
            wanted = weights[own].unsqueeze(2) * targets[own]  # (m, n, c)
            live, slope = ({name: view[a:b] for name, view in views.items()} for views in (self.live, slopes))
            self.parts.append(make(live, slope, inputs[own], wanted, weights[own]))

    @staticmethod
    def _views(flat, stacked):
        sizes = [tensor.numel() for tensor in stacked.values()]
        return {
            name: flat_part.view(tensor.shape)
            for (name, tensor), flat_part in zip(stacked.items(), flat.split(sizes), strict=True)
        }

    def params(self):
        """The parameters in the order in which they came: the live ones where that is no work."""
        return self.live if self.order is None else {name: live[self.order] for name, live in self.live.items()}

    def gradients(self):
        for part in self.parts:
            part.gradients()


def _cuts(counts, room):
    """Where to cut networks of so many rows each, in rising order, so that no part holds more than `room` rows."""
    a, cuts = 0, []
    for b, count in enumerate(counts):
        if b > a and (b - a + 1) * count > room:
            cuts.append((a, b))
            a = b
    return [*cuts, (a, len(counts))]


def _kind(logits_of, params):
    """The class of the parts, how many numbers a row of one network holds in a step, and the room for them."""
    if logits_of is layers.pair_logits and len(params) > 2:
        return _Pairs, 2 * sum(layers.sizes(params)[1:]), CACHE
    width = 4 * sum(tensor.shape[-1] for tensor in params.values())  # a guess: what autograd keeps, and its gradients
    return _Transformers if logits_of is transformer.logits else partial(_Autograd, logits_of), width, MEMORY


class _Autograd:
    """The gradient of m networks' summed losses, by autograd."""

    def __init__(self, logits_of, params, slopes, inputs, wanted, weights):
        self.logits_of, self.inputs, self.wanted = logits_of, inputs, wanted
        self.params = {name: tensor.detach().requires_grad_() for name, tensor in params.items()}  # the same memory
        self.slopes = slopes

    @torch.enable_grad
    def gradients(self):
        found = self.logits_of(self.params, self.inputs).log_softmax(-1)
        slopes = torch.autograd.grad(-(self.wanted * found).sum(), list(self.params.values()))
        for to, slope in zip(self.slopes.values(), slopes, strict=True):
            to.copy_(slope)


class _Transformers(_Autograd):
    """The same for transformers, whose pairs are looked up once."""

    def __init__(self, params, slopes, pairs, wanted, weights):
        m, p = len(pairs), params["unembed"].shape[2]
        layers.check_pairs(pairs, m, p)
        rows = layers.table_rows(pairs, p, 2 * p + 1)
        super().__init__(transformer.logits_of_rows, params, slopes, rows, wanted, weights)


class _Pairs:
    """The gradient of m networks of ReLU layers on pairs, in place.

    The first layer's activations (m, n, h) have rows first, for a row is the sum of two rows of its weights; all others
    (m, h, n) have units first, so that the softmax runs along the rows' axis.
    """

    def __init__(self, params, slopes, pairs, wanted, weights):
        (m, n, _), (d, *widths) = pairs.shape, layers.sizes(params)
        layers.check_pairs(pairs, m, d // 2)
        self.params, self.slopes = params, slopes
        self.wanted, self.weights = wanted.mT.contiguous(), weights.unsqueeze(1)  # (m, c, n), (m, 1, n)
        self.rows = layers.table_rows(pairs, d // 2, d).flatten(0, 1)  # (m·n, 2)
        self.each = [column.contiguous() for column in self.rows.unbind(1)]
        self.first = wanted.new_empty(m, n, widths[0])
        self.found = [wanted.new_empty(m, h, n) for h in widths[1:]]
        self.back = [wanted.new_empty(m, h, n) for h in widths[1:-1]]

    def gradients(self):
        p, d = self.params, self.slopes
        last = len(self.found) + 1
        first = embedding_bag(self.rows, p["weight1"].flatten(0, 1), mode="sum").view_as(self.first)
        hidden = [first.add_(p["bias1"].unsqueeze(1)).relu_().mT]  # (m, h, n), as what follows
        for layer, out in enumerate(self.found, 2):
            found = _products(p[f"weight{layer}"].mT, hidden[-1], out).add_(p[f"bias{layer}"].unsqueeze(2))
            hidden.append(found if layer == last else found.relu_())
        slope = torch.softmax(hidden[-1], 1, out=hidden[-1])
        slope.mul_(self.weights).sub_(self.wanted)  # weights · (prediction − target)
        for layer in range(last, 1, -1):
            below = hidden[layer - 2]
            d[f"weight{layer}"].copy_(_products(below, slope.mT, d[f"weight{layer}"]))
            torch.sum(slope, 2, out=d[f"bias{layer}"])
            if layer > 2:
                slope = _products(p[f"weight{layer}"], slope, self.back[layer - 3])
            else:
                slope, below = _products(slope.mT, p["weight2"].mT, self.first), first
            torch.ops.aten.threshold_backward(slope, below, 0, grad_input=slope)  # autograd's own: one pass
        torch.sum(slope, 1, out=d["bias1"])
        self._to_rows(slope.flatten(0, 1), d["weight1"].flatten(0, 1))

    def _to_rows(self, slope, weight):
        """Add what each pair's two numbers are told to their rows of the first layer's weights."""
        if weight.device.type == "cpu":
            weight.zero_()
            for rows in self.each:
                weight.index_add_(0, rows, slope)
        else:  # index_add_ adds in any order there, and a run would not repeat itself
            found = (torch.ops.aten.embedding_dense_backward(slope, rows, len(weight), -1, False) for rows in self.each)
            torch.add(*found, out=weight)


def _products(left, right, out):
    """left (m, r, k) times right (m, k, s): in `out` (m, r, s) or, for one network, where `product` computes it."""
    return torch.bmm(left, right, out=out) if len(left) > 1 else product(left[0], right[0], out[0]).unsqueeze(0)


def _check(logits_of, params, inputs, targets, weights, lr, steps):
    """The row weights, filled in."""
    if steps < 1:
        raise SoftLabelsError(f"Training takes at least one step, not {steps}.")
    if not (isinstance(lr, int | float) and 0 < lr < float("inf")):
        raise SoftLabelsError(f"A learning rate is a positive number, the same for the whole fleet; given was {lr}.")
    R, n = len(next(iter(params.values()))), inputs.shape[-2] if inputs.ndim in (2, 3) else 0
    if weights is None and n:
        weights = targets.new_full((1, 1), 1 / n).expand(R, n)
    fits = n and inputs.shape[:-1] in ((n,), (R, n)) and targets.shape[:-1] == weights.shape == (R, n)
    if fits:
        with torch.no_grad():
            row = inputs[..., :1, :] if inputs.ndim == 2 else inputs[:1, :1]
            c = logits_of(layers.take(params, slice(1)), row).shape[2]
    if not fits or targets.shape[2] != c:
        raise SoftLabelsError(
            f"A fleet of {R} networks{f' of {c} classes' if fits else ''} needs inputs (n, k) or ({R}, n, k), targets "
            f"({R}, n, c) and weights ({R}, n); given were {tuple(inputs.shape)}, {tuple(targets.shape)} and "
            f"{None if weights is None else tuple(weights.shape)}."
        )
    numbers = params | {"inputs": inputs, "targets": targets, "weights": weights}
    if len({(t.dtype if t.is_floating_point() else targets.dtype, t.device) for t in numbers.values()}) > 1:
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
    return weights

"""A fleet of linear softmax models: many students trained as one tensor program.

Students that share inputs (temperatures, train fractions, treatments) are rows of one wide matrix product; data sets
(replicates, sample sizes) are the batch of a `bmm`. Losses are summed, never averaged, over students: so a fleet is the
same run as its students one by one, up to rounding.

Letters: B data sets, K students of one data set, m training rows, n rows, d inputs, c classes.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError
from softlabels.training.products import product


def start(count: int, c: int, d: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
    """Initial weights (count, c, d), uniform in ±1/√d: PyTorch's default for a linear layer."""
    return (torch.rand((count, c, d), generator=generator, dtype=torch.float64) * 2 - 1).div(d**0.5).to(dtype)


def logits(weights: Tensor, inputs: Tensor) -> Tensor:
    """Logits (B, K, c, n) of weights (B, K, c, d) on inputs (B, n, d)."""
    B, K, c, d = weights.shape
    return torch.bmm(weights.view(B, K * c, d), inputs.mT).view(B, K, c, -1)


def train(
    inputs: Tensor,
    targets: Tensor,
    weights: Tensor,
    *,
    lr: float,
    steps: int,
    row_weights: Tensor | None = None,
    every: int = 0,
    evaluate: Callable[[int, Tensor], None] | None = None,
) -> Tensor:
    """Full-batch Adam on soft-label cross-entropy for every student of the fleet; returns final weights (B, K, c, d).

    inputs (B, m, d); targets (B, K, c, m), probabilities, classes before rows; weights (B, K, c, d), the start, which
    is left untouched; row_weights (B, K, m), what each row counts in its student's mean (default 1/m; 0 for rows that
    are padding or held out). `evaluate(step, weights)` is called after every `every` steps.
    Raises SoftLabelsError for shapes that do not fit and for numbers that are not finite.
    """
    _check(inputs, targets, weights, row_weights)
    if row_weights is None:
        row_weights = torch.tensor(1 / inputs.shape[1], dtype=inputs.dtype, device=inputs.device).expand(1, 1, 1)
    if weights.shape[2] == 2:
        return _train_two_classes(inputs, targets, weights, row_weights, lr, steps, every, evaluate)

    B, K, c, d = weights.shape
    weights = weights.clone()
    weights.grad = torch.empty_like(weights)
    z = torch.empty_like(targets)  # (B, K, c, m)
    row_weights = row_weights.unsqueeze(2)  # (B, K, 1, m)
    optimiser = torch.optim.Adam([weights], lr=lr, fused=True)
    for step in range(1, steps + 1):
        z = _product(weights.view(B, K * c, d), inputs.mT, z.view(B, K * c, -1)).view(targets.shape)
        residual = torch.softmax(z, 2).sub_(targets).mul_(row_weights)  # (B, K, c, m)
        gradient = _product(residual.view(B, K * c, -1), inputs, weights.grad.view(B, K * c, d))
        weights.grad = gradient.view(weights.shape)
        optimiser.step()
        if every and step % every == 0:
            evaluate(step, weights)
    return _finite(weights)


def _train_two_classes(inputs, targets, weights, row_weights, lr, steps, every, evaluate):
    """Half the arithmetic: with two classes the rows' gradients are opposite, so Adam moves them oppositely.

    Their sum never changes; their difference moves twice as far as either, hence twice the learning rate.
    """
    total = weights.sum(2)  # (B, K, d), constant

    def both(difference):
        return torch.stack([total - difference, total + difference], 2) / 2  # (B, K, 2, d)

    difference = weights[:, :, 1] - weights[:, :, 0]  # (B, K, d)
    difference.grad = torch.empty_like(difference)
    wanted = targets[:, :, 1].contiguous()  # (B, K, m)
    z = torch.empty_like(wanted)
    optimiser = torch.optim.Adam([difference], lr=2 * lr, fused=True)
    for step in range(1, steps + 1):
        z = _product(difference, inputs.mT, z)
        residual = z.sigmoid_().sub_(wanted).mul_(row_weights)  # (B, K, m)
        difference.grad = _product(residual, inputs, difference.grad)
        optimiser.step()
        if every and step % every == 0:
            evaluate(step, both(difference))
    return _finite(both(difference))


def _product(left, right, out):
    """left (B, r, k) times right (B, k, s): in `out` (B, r, s), or, for one data set, where `product` computes it."""
    if len(left) > 1:
        return torch.bmm(left, right, out=out)
    return product(left[0], right[0], out[0]).unsqueeze(0)


def _check(inputs, targets, weights, row_weights):
    B, K, c, d = weights.shape if weights.ndim == 4 else (None,) * 4
    m = inputs.shape[1] if inputs.ndim == 3 else None
    rows_fit = row_weights is None or torch.broadcast_shapes(row_weights.shape, (B, K, m)) == (B, K, m)
    if m is None or inputs.shape != (B, m, d) or targets.shape != (B, K, c, m) or not rows_fit:
        raise SoftLabelsError(
            "A linear fleet needs inputs (B, m, d), targets (B, K, c, m), weights (B, K, c, d) and row weights "
            f"(B, K, m); given were {tuple(inputs.shape)}, {tuple(targets.shape)}, {tuple(weights.shape)} and "
            f"{None if row_weights is None else tuple(row_weights.shape)}."
        )
    for name, tensor in (("inputs", inputs), ("targets", targets), ("weights", weights)):
        if not torch.isfinite(tensor).all():
            raise SoftLabelsError(f"The {name} of the fleet hold NaN or infinity; a loss on them means nothing.")


def _finite(weights):
    if not torch.isfinite(weights).all():
        raise SoftLabelsError("Training diverged: the weights hold NaN or infinity; take a smaller learning rate.")
    return weights

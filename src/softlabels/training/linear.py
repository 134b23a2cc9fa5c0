"""A fleet of linear softmax models: hundreds of students trained together, with one matrix product for all.

One student's logits are W x. Students of the same data set differ in temperature, train fraction or treatment. Their
weights are stacked into one tall matrix, so that one product with the inputs gives the logits of all of them. Several
data sets (replicates, sample sizes) are the batch of that product. The gradient is written by hand: a second product.

Letters: B data sets, K students of each, n rows of inputs, m of them for training, d inputs, c classes.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError
from softlabels.training import fleet, graphs
from softlabels.training.products import product


def start(count: int, c: int, d: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
    """Initial weights (count, c, d), uniform in ±1/√d: PyTorch's default for a linear layer."""
    return (torch.rand((count, c, d), generator=generator, dtype=torch.float64) * 2 - 1).div(d**0.5).to(dtype)


def logits(weights: Tensor, inputs: Tensor) -> Tensor:
    """Logits (B, K, c, n) of weights (B, K, c, d) on inputs (B, n, d). Raises SoftLabelsError for other shapes."""
    if weights.ndim != 4 or inputs.ndim != 3 or inputs.shape[::2] != weights.shape[::3]:
        raise SoftLabelsError(
            "A linear fleet's logits need weights (B, K, c, d) and inputs (B, n, d); given were "
            f"{tuple(weights.shape)} and {tuple(inputs.shape)}."
        )
    B, K, c, d = weights.shape
    return torch.bmm(weights.reshape(B, K * c, d), inputs.mT).view(B, K, c, -1)


@torch.no_grad()
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
    """Full-batch Adam on cross-entropy with soft labels, for every student of the fleet; returns weights (B, K, c, d).

    inputs (B, m, d); targets (B, K, c, m) with classes before rows, probabilities that sum to 1
    (`labels.as_training_targets` makes them so where entries were cut). weights (B, K, c, d), the start, left
    unchanged; row_weights (B, K, m), the weight of each row in its student's loss, which sum to 1: 1/m by default, 0
    for rows that are padding or held out. `evaluate(step, weights)` is called once every `every` steps; 0 means never.
    Raises SoftLabelsError for shapes that do not fit, targets that are no probabilities, numbers that are not finite,
    and training that diverges.
    """
    row_weights = _check(inputs, targets, weights, row_weights).unsqueeze(2)  # (B, K, 1, m)
    fleet.check_rate(lr)
    if steps < 1 or every < 0 or (every and evaluate is None):
        raise SoftLabelsError(
            f"Training takes at least one step, and something to call every so many steps; given were {steps} steps, "
            f"every {every} of them {evaluate}."
        )
    B, K, c, d = weights.shape
    weights = weights.contiguous()

    # With two classes, the gradients of the two rows of a student's weights are opposite, so Adam moves the rows by
    # opposite steps: their sum never changes, and their difference moves twice as far as each. Training the difference
    # alone, at twice the learning rate, is the same run with half the arithmetic.
    two_classes = c == 2
    total = weights.sum(2, keepdim=True)
    live = weights[:, :, 1:] - weights[:, :, :1] if two_classes else weights.clone()  # (B, K, r, d), r = 1 or c
    targets = (targets[:, :, 1:] if two_classes else targets).contiguous()  # (B, K, r, m)

    def class_weights():
        return torch.cat([total - live, total + live], 2) / 2 if two_classes else live  # (B, K, c, d)

    r = live.shape[2]
    live.grad = torch.empty_like(live)
    z = torch.empty_like(targets)

    def gradient():  # results are written into the tensors of the step before, to save memory traffic
        nonlocal z
        z = product(live.view(B, K * r, d), inputs.mT, z.view(B, K * r, -1)).view(targets.shape)
        predictions = z.sigmoid_() if two_classes else torch.softmax(z, 2)
        residuals = predictions.sub_(targets).mul_(row_weights)  # the gradient of the loss with respect to the logits
        by_weights = product(residuals.view(B, K * r, -1), inputs, live.grad.view(B, K * r, d))
        live.grad = by_weights.view(live.shape)

    take_gradient = graphs.repeated(gradient, inputs.device)
    optimiser = torch.optim.Adam([live], lr=2 * lr if two_classes else lr, fused=True)
    for step in range(1, steps + 1):
        take_gradient()
        optimiser.step()
        if every and step % every == 0:
            evaluate(step, class_weights())
    trained = class_weights()
    fleet.check_finite([trained])
    return trained


def _check(inputs, targets, weights, row_weights):
    B, K, c, d = weights.shape if weights.ndim == 4 else (None,) * 4
    m = inputs.shape[1] if inputs.ndim == 3 else None
    rows_fit = row_weights is None or row_weights.shape == (B, K, m)
    if not m or inputs.shape != (B, m, d) or targets.shape != (B, K, c, m) or not rows_fit:
        raise SoftLabelsError(
            "A linear fleet needs inputs (B, m, d), targets (B, K, c, m), weights (B, K, c, d) and row weights "
            f"(B, K, m); given were {tuple(inputs.shape)}, {tuple(targets.shape)}, {tuple(weights.shape)} and "
            f"{None if row_weights is None else tuple(row_weights.shape)}."
        )
    if row_weights is None:
        row_weights = targets.new_full((1, 1, 1), 1 / m).expand(B, K, m)
    fleet.check_numbers({"inputs": inputs, "targets": targets, "weights": weights, "row weights": row_weights})
    fleet.check_labels(targets.mT, row_weights)
    return row_weights

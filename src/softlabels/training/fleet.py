"""What fleets share: checks, parameters in one flat tensor, parts that fit memory, and the loop over steps.

A fleet is many small networks trained as one tensor program. Their losses are summed, never averaged, so that a fleet
is the same run as its networks one by one, up to rounding.

Letters: R networks, n rows, d inputs, c classes.
"""

from collections.abc import Callable, Iterable
from numbers import Real

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError


def run(
    take_step: Callable[[int], None],
    params: Callable[[], dict[str, Tensor]],
    steps: int,
    evaluate: Callable[[int, dict[str, Tensor]], bool | None] | None,
    at: Iterable[int] | None,
) -> dict[str, Tensor]:
    """Call `take_step(1)` to `take_step(steps)`, then return a copy of `params()`.

    `evaluate(step, params())` is called after the steps in `at` (default: every 1 % of them; 0 is the start). If it
    returns True, training ends. Raises SoftLabelsError for fewer than one step, for an evaluation that training does
    not reach, and for training that diverges.
    """
    if steps < 1:
        raise SoftLabelsError(f"Training takes at least one step, not {steps}.")
    at = set() if evaluate is None else set(range(steps, 0, -max(1, steps // 100)) if at is None else at)
    check_reached(at, steps)
    if 0 in at:
        evaluate(0, params())
    for step in range(1, steps + 1):
        take_step(step)
        if step in at and evaluate(step, params()):
            break
    trained = copy(params())
    check_finite(trained.values())
    return trained


def check_reached(at: Iterable[int], steps: int) -> None:
    """Raise SoftLabelsError where one of the steps (or epochs) `at` which to evaluate is not among 0 … `steps`."""
    at = set(at)
    if at and not 0 <= min(at) <= max(at) <= steps:
        raise SoftLabelsError(f"Training from 0 to {steps} has been asked for evaluations at {min(at)} to {max(at)}.")


def check_rate(lr: float) -> None:
    """Raise SoftLabelsError unless a learning rate is a positive number."""
    if not (isinstance(lr, Real) and 0 < lr < float("inf")):
        raise SoftLabelsError(f"A learning rate is a positive number, the same for the whole fleet; given was {lr}.")


def copy(params: dict[str, Tensor]) -> dict[str, Tensor]:
    """Copies of parameters, which further training does not change."""
    return {name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in params.items()}


def flatten(params: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Copies of parameters in one flat tensor, which an optimiser updates in one pass, and views of it by name."""
    flat = torch.cat([tensor.flatten() for tensor in params.values()])
    return flat, views(flat, params)


def views(flat: Tensor, params: dict[str, Tensor]) -> dict[str, Tensor]:
    """A flat tensor as views with the names, shapes and order of `params`."""
    parts = flat.split([tensor.numel() for tensor in params.values()])
    return {name: part.view(params[name].shape) for name, part in zip(params, parts, strict=True)}


def parts(counts: list[int], room: int) -> list[slice]:
    """Cut networks into parts of at most `room` rows; a larger network is a part of its own.

    counts: the rows of each network, in rising order. In a part every network counts as many rows as the largest, to
    which it is padded.
    """
    cuts, first = [], 0
    for r, count in enumerate(counts):
        if r > first and (r - first + 1) * count > room:
            cuts.append(slice(first, r))
            first = r
    return [*cuts, slice(first, len(counts))]


def check(
    params: dict[str, Tensor], inputs: Tensor, targets: Tensor, weights: Tensor | None, c: int | None, d: int
) -> Tensor:
    """Check that the tensors of a fleet fit together; returns its row weights (R, n), 1/n each where they are None.

    inputs (n, d) or (R, n, d); targets (R, n, c), probabilities where the weight is not 0; weights sum to 1 for each
    network. Raises SoftLabelsError where this does not hold, for different number types or devices, and for NaN and
    infinity.
    """
    R, n = len(next(iter(params.values()))), inputs.shape[-2] if inputs.ndim > 1 else 0
    if weights is None and n:
        weights = targets.new_full((1, 1), 1 / n).expand(R, n)
    if not n or inputs.shape not in ((n, d), (R, n, d)) or targets.shape != (R, n, c) or weights.shape != (R, n):
        raise SoftLabelsError(
            f"A fleet of {R} networks{f' of {c} classes' if c else ''} needs inputs (n, {d}) or ({R}, n, {d}), targets "
            f"({R}, n, c) and weights ({R}, n); given were {tuple(inputs.shape)}, {tuple(targets.shape)} and "
            f"{None if weights is None else tuple(weights.shape)}."
        )
    numbers = params | {"inputs": inputs, "targets": targets, "weights": weights}
    if len({(t.dtype if t.is_floating_point() else targets.dtype, t.device) for t in numbers.values()}) > 1:
        listed = ", ".join(f"{name} {tensor.dtype} on {tensor.device}" for name, tensor in numbers.items())
        raise SoftLabelsError(f"A fleet needs one number type on one device throughout; given were {listed}.")
    check_numbers(numbers)
    check_labels(targets, weights)
    return weights


def check_labels(targets: Tensor, weights: Tensor) -> None:
    """Raise SoftLabelsError unless row weights (…, n) sum to 1, and targets (…, n, c) do where they have a weight."""
    counted = targets[weights > 0]
    if (counted < 0).any() or ((counted.sum(-1) - 1).abs() > 1e-3).any():
        raise SoftLabelsError("Targets must be probabilities: rows (…, c) of non-negative numbers that sum to 1.")
    if (weights < 0).any() or ((weights.sum(-1) - 1).abs() > 1e-3).any():
        raise SoftLabelsError("Row weights must be non-negative and sum to 1 per network; divide them by their sum.")


def check_numbers(tensors: dict[str, Tensor]) -> None:
    """Raise SoftLabelsError where one of the named tensors holds NaN or infinity."""
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise SoftLabelsError(f"The {name} hold NaN or infinity, which give no loss to minimise.")


def check_finite(trained: Iterable[Tensor]) -> None:
    """Raise SoftLabelsError where trained weights hold NaN or infinity."""
    if not all(torch.isfinite(tensor).all() for tensor in trained):
        raise SoftLabelsError("Training diverged: the weights hold NaN or infinity; take a smaller learning rate.")

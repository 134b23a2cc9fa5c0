"""Newton's method in float64 for one linear student of two classes: the optimum of a convex loss, which Adam nears."""

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError
from softlabels.training.fleet import check_numbers


def train_newton(inputs: Tensor, labels: Tensor, *, steps: int = 500, tolerance: float = 1e-15) -> Tensor:
    """The weights v (d,) of the logit v·x that minimise the soft-label cross-entropy, from v = 0.

    inputs (m, d) in float64; labels (m,), the soft label of class 1, from 0 to 1. A step is halved until it lowers the
    loss. Where rounding hides every descent, the whole step is taken if it shrinks the gradient. The Hessian is damped
    by a thousandth of the gradient's norm: this vanishes at the optimum and keeps steps finite where sigmoids saturate.
    Raises SoftLabelsError for other shapes, number types and labels.
    """
    if inputs.ndim != 2 or labels.shape != inputs.shape[:1] or {inputs.dtype, labels.dtype} != {torch.float64}:
        raise SoftLabelsError(
            f"Newton's method takes float64 inputs (m, d) and labels (m,), not {inputs.dtype} {tuple(inputs.shape)} "
            f"and {labels.dtype} {tuple(labels.shape)}."
        )
    check_numbers({"inputs": inputs, "labels": labels})
    if ((labels < 0) | (labels > 1)).any():
        raise SoftLabelsError("The soft label of class 1 is a probability, from 0 to 1.")
    m, d = inputs.shape

    def loss_of(v):
        z = inputs @ v
        return (torch.nn.functional.softplus(z) - labels * z).mean()

    def gradient_of(v):
        return inputs.T @ (torch.sigmoid(inputs @ v) - labels) / m

    v = inputs.new_zeros(d)
    gradient = gradient_of(v)
    for _ in range(steps):
        norm = gradient.norm()
        if norm < tolerance:
            break
        p = torch.sigmoid(inputs @ v)  # (m,)
        hessian = (inputs.T * (p * (1 - p))) @ inputs / m
        hessian.diagonal().add_(1e-3 * norm)
        direction = torch.linalg.solve(hessian, gradient)
        loss, sizes = loss_of(v), 0.5 ** torch.arange(40, dtype=v.dtype)
        size = next((size for size in sizes if loss_of(v - size * direction) < loss), None)
        if size is None and not gradient_of(v - direction).norm() < norm:
            break
        v = v - (1.0 if size is None else size) * direction
        gradient = gradient_of(v)
    return v

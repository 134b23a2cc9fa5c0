"""Least squares on every prefix of one data set: the student of paper B's figures 3 and 10, at all train fractions.

Letters: n rows, d inputs, s problems.
"""

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError
from softlabels.training.fleet import check_numbers


def prefix_least_squares(x: Tensor, targets: Tensor, sizes: Tensor) -> Tensor:
    """The minimum-norm w that minimises ‖x[:m] w − targets[:m, j]‖ with m = sizes[j]: `pinv(x[:m]) @ targets[:m, j]`.

    x (n, d) float64; targets (n, s), of which problem j reads the first sizes[j] rows; sizes (s,), integers.
    Returns w (d, s). Raises SoftLabelsError for shapes that do not fit, for numbers that are not finite, and where a
    prefix is not of full rank. Paper B, section on logistic regression. No prefix is factored twice.
    """
    n, d = x.shape
    if targets.shape != (n, len(sizes)) or not 0 < int(sizes.min()) <= int(sizes.max()) <= n:
        raise SoftLabelsError(
            f"Least squares on prefixes of x {(n, d)} needs targets ({n}, s) and s sizes from 1 to {n}; "
            f"given were targets {tuple(targets.shape)} and {len(sizes)} sizes from {sizes.min()} to {sizes.max()}."
        )
    check_numbers({"inputs": x, "targets": targets})
    sizes = sizes.to(x.device)
    rows = torch.arange(n, device=x.device)
    targets = targets * (rows[:, None] < sizes)  # (n, s), 0 beyond each problem's rows
    w = x.new_empty((d, len(sizes)))
    short = sizes <= d
    if short.any():
        w[:, short] = _fewer_rows_than_inputs(x, targets[:, short], sizes[short])
    if not short.all():
        w[:, ~short] = _more_rows_than_inputs(x, targets[:, ~short], sizes[~short])
    return w


def _fewer_rows_than_inputs(x, targets, sizes):
    """One QR for all prefixes: xᵀ = q r. The columns q[:, :m] span prefix m, and its solution is q[:, :m] @ y[:m]."""
    top = int(sizes.max())
    q, r = torch.linalg.qr(x[:top].mT)  # (d, top), (top, top)
    _full_rank(r.diagonal().abs(), 1e-11)
    y = torch.linalg.solve_triangular(r.mT, targets[:top], upper=False)  # row i depends on the targets up to i only
    y = y * (torch.arange(top, device=x.device)[:, None] < sizes)
    return q @ y


def _more_rows_than_inputs(x, targets, sizes):
    """Normal equations with a running Gram matrix, each solution refined once: as accurate as a QR of the prefix."""
    moments = x.mT @ targets  # (d, s)
    gram = x.new_zeros((x.shape[1], x.shape[1]))
    w = torch.empty_like(moments)
    done = 0
    for size in sizes.unique().tolist():
        gram.addmm_(x[done:size].mT, x[done:size])
        done = size
        j = sizes == size
        factor, failed = torch.linalg.cholesky_ex(gram)
        if failed:
            raise SoftLabelsError(f"The first {size} rows do not span the {x.shape[1]} inputs; draw other data.")
        _full_rank(factor.diagonal(), 1e-7)  # the Gram matrix holds the pivots' squares
        w[:, j] = torch.cholesky_solve(moments[:, j], factor)
        residual = targets[:size, j] - x[:size] @ w[:, j]
        w[:, j] += torch.cholesky_solve(x[:size].mT @ residual, factor)
    return w


def _full_rank(pivots, rounding):
    """Raise SoftLabelsError for a pivot at rounding level, where the formulas above would divide by noise."""
    if pivots.min() <= rounding * pivots.max():
        raise SoftLabelsError(
            "Least squares on prefixes needs data of full rank, and these rows (or inputs) depend on each other; "
            "use torch.linalg.pinv for them."
        )

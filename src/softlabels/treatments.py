"""What may be taken away from soft labels before a student sees them (paper B, figure 16).

Shapes: n examples, c classes. Labels (n, c) are probabilities; a treated label keeps what is left of them, so that its
entries may sum to less than 1. `as_training_targets` says how such labels are trained.
"""

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError


def cut_tail(labels: Tensor, fraction: float) -> Tensor:
    """Labels (n, c) with the int(c·f) smallest entries of each set to zero; among equal ones the first classes go.

    Raises SoftLabelsError for labels that are no table and for fractions outside 0 ≤ f < 1. Paper B's figure 16 names
    this treatment; its code applies another, `cut_tail_as_coded`.
    """
    _check_table(labels)
    count = entries_cut(labels.shape[1], fraction)
    return labels.scatter(1, labels.argsort(dim=1, stable=True)[:, :count], 0.0)


def cut_tail_as_coded(labels: Tensor, fraction: float) -> Tensor:
    """What the official code does instead of `cut_tail`: as many entries of each label go, but not the smallest.

    It sorts a label's classes from the likeliest down, marks the places in that list that hold one of the first
    int(c·f) classes, and then empties the entries at these places of the label as it was, unsorted. So entry j goes
    where the j-th likeliest class is below int(c·f), which has nothing to do with how large entry j is. An example of
    class 0 with a sure teacher always loses its own class. Errors as in `cut_tail`.
    """
    _check_table(labels)
    count = entries_cut(labels.shape[1], fraction)
    ranked = labels.argsort(dim=1, descending=True, stable=True)  # (n, c): the classes, likeliest first
    return labels.masked_fill(ranked < count, 0.0)


def entries_cut(c: int, fraction: float) -> int:
    """int(c·f): how many of a label's c entries a fraction f cuts. Raises SoftLabelsError outside 0 ≤ f < 1."""
    if not 0 <= fraction < 1:
        raise SoftLabelsError(f"A fraction of a label that is cut lies in 0 ≤ f < 1; given was {fraction}.")
    return int(c * fraction + 1e-9)  # 0.29 · 100 is a little less than 29


def remove_entry(labels: Tensor, classes: Tensor, removed: int) -> Tensor:
    """Labels (n, c) without the entry of one class, except on the examples (classes (n,)) of that class themselves.

    Nobody else's label then says how near its example is to that class. Raises SoftLabelsError for shapes that do not
    fit and for a class outside 0 … c−1. Paper B, figure 16 B.
    """
    _check_table(labels)
    n, c = labels.shape
    if classes.shape != (n,):
        raise SoftLabelsError(f"Labels of {n} examples need as many classes ({n},), not {tuple(classes.shape)}.")
    if not 0 <= removed < c:
        raise SoftLabelsError(f"The entry that is removed must be a class in 0 … {c - 1}, not {removed}.")
    treated = labels.clone()
    treated[classes != removed, removed] = 0.0
    return treated


def remove_class(classes: Tensor, removed: int) -> Tensor:
    """Which examples are left, (n,) of booleans, when those of one class go.

    The labels of the others keep their entry for it. Raises SoftLabelsError where no example has that class, or all
    have it. Paper B, figure 16 B.
    """
    left = classes != removed
    if left.all() or not left.any():
        raise SoftLabelsError(
            f"To remove class {removed} takes examples of it and others; of these {len(classes)}, "
            f"{int((~left).sum())} are of it."
        )
    return left


def as_training_targets(labels: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities and row weights that train as treated labels t (…, n, c) with row weights w (…, n) do.

    Cross-entropy against t is that against t / Σt, weighted by w·Σt, up to a constant: the loss is −Σ t log p, linear
    in t. The weights are then scaled to sum to 1; a factor on a network's whole loss does not change Adam's steps, but
    for its ε = 1e-8. An empty label becomes a row of zeros with weight 0. Paper B trains on t as it is.
    Raises SoftLabelsError where nothing is left in any label that counts.
    """
    mass = labels.sum(-1)
    weights = weights * mass
    total = weights.sum(-1, keepdim=True)
    if not (total > 0).all():
        raise SoftLabelsError("The treatment leaves nothing in any label, so there is nothing to learn; cut less.")
    return labels / mass.clamp_min(torch.finfo(mass.dtype).tiny).unsqueeze(-1), weights / total


def _check_table(labels):
    if labels.ndim != 2:
        raise SoftLabelsError(f"Treatments take one table of soft labels (n, c), not {tuple(labels.shape)}.")

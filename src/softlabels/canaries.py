"""Canaries: training images with a random wrong label, planted so that one can count who learns it.

The planted label is drawn independently of everything else, so whoever has no news of it names it, among the c − 1
wrong labels, exactly once in c − 1 times: chance does not depend on how good a classifier is.

Letters: n examples, c classes.
"""

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError


def plant(classes: Tensor, c: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Give the first `count` examples a random wrong label; the others keep theirs. The examples come in random order.

    classes (n,) of integers 0 … c−1. Returns two (n,): the labels with the planted ones among them, and the same with a
    second wrong label, never planted anywhere and never equal to the first, whose rate is what plain recall must beat.
    Raises SoftLabelsError for fewer than three classes and for a count that leaves no canary or nothing else.
    """
    if c < 3:
        raise SoftLabelsError(f"Canaries need at least three classes, so that there are two wrong labels, not {c}.")
    if not 0 < count < len(classes):
        none = "no canary" if count <= 0 else "no clean image"
        raise SoftLabelsError(
            f"{count} canaries among {len(classes)} images leave {none}; take a share of canaries above 0 and below 1."
        )
    shift = torch.randint(1, c, (count,), generator=generator)
    other = torch.randint(1, c - 1, (count,), generator=generator)
    other += other >= shift  # skips the planted one
    planted, unplanted = classes.clone(), classes.clone()
    planted[:count] = (planted[:count] + shift.to(classes)) % c
    unplanted[:count] = (unplanted[:count] + other.to(classes)) % c
    return planted, unplanted


def told(scores: Tensor, classes: Tensor, planted: Tensor) -> tuple[Tensor, Tensor]:
    """What scores say of a planted label among the wrong ones: whether it is their top, and its rank (1 = top).

    scores (…, n, c), logits or probabilities; classes and planted (n,), the true and the planted label. Returns two
    (…, n). Ties share the top place and take the mean rank, so that chance is exactly 1/(c − 1) and c/2 for any scores.
    """
    value = scores.gather(-1, planted.expand(scores.shape[:-1]).unsqueeze(-1))  # (…, n, 1)
    wrong = torch.arange(scores.shape[-1], device=scores.device) != classes.unsqueeze(-1)  # (n, c)
    above = ((scores > value) & wrong).sum(-1)
    tied = ((scores == value) & wrong).sum(-1) - 1
    return (above == 0) / (1 + tied), 1 + above + tied / 2

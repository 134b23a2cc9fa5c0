"""What can be done to a soft label, and read off it.

Shapes: n examples, c classes. Logits and probabilities have classes last unless a function says otherwise.
"""

import math

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError


def soften(logits: Tensor, tau: float) -> Tensor:
    """Soft labels at temperature τ: softmax(logits / τ).

    logits (…, n, c) of any float type; returns probabilities of the same shape. Raises SoftLabelsError for τ ≤ 0 and
    for logits that are not finite. Paper B, section 2; paper Q multiplies by an inverse temperature instead.
    """
    check_temperature(tau)
    if not torch.isfinite(logits).all():
        raise SoftLabelsError("The teacher's logits hold NaN or infinity, so they have no soft label; train it anew.")
    return torch.softmax(logits / tau, dim=-1)


def check_temperature(tau: float) -> None:
    """Raises SoftLabelsError unless τ is a positive number."""
    if not (math.isfinite(tau) and tau > 0):
        raise SoftLabelsError(
            f"A temperature must be a positive number, not {tau}; τ = 1 leaves the logits as they are."
        )


def harden(classes: Tensor, c: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Hard labels: classes (…, n) of integers 0 … c−1 become one-hot rows (…, n, c)."""
    if classes.numel() and not (0 <= int(classes.min()) and int(classes.max()) < c):
        raise SoftLabelsError(
            f"Classes must lie in 0 … {c - 1}; these reach {int(classes.min())} … {int(classes.max())}."
        )
    return torch.nn.functional.one_hot(classes.long(), c).to(dtype)


def shuffle_within_class(classes: Tensor, generator: torch.Generator) -> Tensor:
    """A permutation (n,) that gives each example the label of another example of its own class.

    `labels[permutation]` keeps every top class and destroys what a label says about its own image: the shuffled control
    of both papers. classes (n,); the generator is the only source of chance.
    """
    permutation = torch.arange(len(classes))
    for label in classes.unique():
        members = (classes == label).nonzero().flatten()
        permutation[members] = members[torch.randperm(len(members), generator=generator)]
    return permutation


def entropy(labels: Tensor) -> Tensor:
    """Label entropy in nats: probabilities (…, n, c) to (…, n); 0 for a hard label, ln c for a flat one."""
    return torch.special.entr(labels).sum(-1)


def divergence(labels: Tensor, predictions: Tensor) -> Tensor:
    """KL(label ‖ prediction) in nats: probabilities (…, n, c) twice, to (…, n); 0 where the label has been learned."""
    return (torch.special.xlogy(labels, labels) - torch.special.xlogy(labels, predictions)).sum(-1)

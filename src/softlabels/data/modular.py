"""Modular addition: every ordered pair of numbers below p, and its sum modulo p. Paper B, figures 2, 8 and 9.

A network can memorise these data or learn the rule. Its accuracy on pairs that it has not seen shows which it did.

Letters: p modulus, N = p² pairs, n of them the teacher's, m of those the student's.
"""

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError


def shuffled_pairs(p: int, generator: torch.Generator) -> Tensor:
    """All ordered pairs of numbers 0 … p−1 in random order, (p², 2) of integers.

    The first n are the teacher's, the first m of those the student's, so parts of all sizes nest. Raises
    SoftLabelsError for p below 2, where there is nothing to add.
    """
    if p < 2:
        raise SoftLabelsError(f"Addition modulo p needs p of at least 2, not {p}.")
    numbers = torch.arange(p)
    return torch.cartesian_prod(numbers, numbers)[torch.randperm(p * p, generator=generator)]


def sums(pairs: Tensor, p: int) -> Tensor:
    """The classes of pairs (…, 2): their sums modulo p, (…)."""
    return pairs.sum(-1) % p


def parts(p: int, fraction: float, rho: float) -> tuple[int, int]:
    """n, the number of the p² pairs that the teacher gets, and m, how many of those the student gets; rounded down.

    fraction and rho (ρ) are shares 0–1. Raises SoftLabelsError where one of the three parts (the student's pairs, those
    held out from it, the fresh ones that neither sees) would be empty.
    """
    n = _part(fraction, p * p)
    if not 0 < n < p * p:
        raise SoftLabelsError(
            f"A fraction {fraction} of the {p * p} pairs below p = {p} leaves "
            f"{'none to the teacher' if n <= 0 else 'no fresh ones'}; take one that leaves some of both."
        )
    m = _part(rho, n)
    if not 0 < m < n:
        raise SoftLabelsError(
            f"A train fraction ρ = {rho} of the teacher's {n} pairs leaves "
            f"{'none to the student' if m <= 0 else 'none held out'}; take one that leaves some of both."
        )
    return n, m


def _part(share: float, whole: int) -> int:
    """share · whole, rounded down, at most `whole`; 0 unless the share is positive and finite."""
    return min(int(share * whole + 1e-9), whole) if 0 < share < float("inf") else 0

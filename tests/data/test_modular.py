"""Modular addition: all pairs once, their sums, and parts that nest."""

import pytest
import torch

from softlabels.data import modular
from softlabels.errors import SoftLabelsError


def pairs(p=7, seed=0):
    return modular.shuffled_pairs(p, torch.Generator().manual_seed(seed))


def test_every_ordered_pair_is_there_once_in_an_order_of_its_own():
    assert sorted(map(tuple, pairs().tolist())) == [(a, b) for a in range(7) for b in range(7)]
    assert torch.equal(pairs(), pairs()) and not torch.equal(pairs(), pairs(seed=1))


def test_sums_by_hand():
    assert modular.sums(torch.tensor([[[3, 3], [6, 1]], [[0, 5], [6, 6]]]), 7).tolist() == [[6, 0], [5, 5]]


def test_parts_are_the_papers():
    assert modular.parts(113, 0.3, 0.9) == (3830, 3447)  # of 12,769 pairs
    assert [modular.parts(113, 0.3, rho)[1] for rho in (0.05, 0.1, 0.3)] == [191, 383, 1149]
    assert modular.parts(10, 0.3, 0.7) == (30, 21)  # 0.3 · 100 and 0.7 · 30 fall short of whole numbers by rounding


@pytest.mark.parametrize("p", [1, 0, -3])
def test_a_modulus_below_two_is_refused(p):
    with pytest.raises(SoftLabelsError, match=f"needs p of at least 2, not {p}"):
        pairs(p)


@pytest.mark.parametrize(
    ("fraction", "rho", "says"),
    [
        (0.0, 0.5, "leaves none to the teacher"),
        (0.01, 0.5, "leaves none to the teacher"),
        (1.0, 0.5, "leaves no fresh ones"),
        (0.5, 0.0, "leaves none to the student"),
        (0.5, 0.03, "leaves none to the student"),
        (0.5, 1.0, "leaves none held out"),
        (0.5, 1.2, "leaves none held out"),
        (0.5, -0.2, "leaves none to the student"),
        (float("nan"), 0.5, "leaves none to the teacher"),
        (0.5, float("inf"), "leaves none to the student"),
    ],
)
def test_a_part_that_would_be_empty_is_refused(fraction, rho, says):
    with pytest.raises(SoftLabelsError, match=says):
        modular.parts(7, fraction, rho)

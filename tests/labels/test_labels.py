"""Soft labels by hand, and properties that hold for any."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from softlabels import labels
from softlabels.errors import SoftLabelsError

LOGITS = st.lists(st.lists(st.floats(-30, 30), min_size=3, max_size=3), min_size=1, max_size=6).map(
    lambda rows: torch.tensor(rows, dtype=torch.float64)
)
TAUS = st.floats(0.05, 1000)


@pytest.mark.parametrize(
    ("logits", "tau", "expected"),
    [
        (torch.tensor([[70.0, 1.0, 0.0]]).half(), 1e-3, [[1, 0, 0]]),
        (torch.tensor([[70.0, 1.0, 70.0], [0.0, 0.0, -1.0]]), 1e-38, [[0.5, 0, 0.5], [0.5, 0.5, 0]]),
        (torch.tensor([[2.0, 1.0]], dtype=torch.float64), 1e-320, [[1, 0]]),
        (torch.tensor([[3e38, -3e38]]), 0.5, [[1, 0]]),
        (torch.tensor([[3e38, 3e38 * (1 - 2**-23)]]), 0.5, [[1, 0]]),
    ],
)
def test_logits_beyond_a_types_range_when_divided_are_softened_all_the_same(logits, tau, expected):
    softened = labels.soften(logits, tau)
    assert softened.dtype == logits.dtype and softened.tolist() == expected


def test_soften_by_hand():
    z = torch.tensor([[math.log(9.0), 0.0]], dtype=torch.float64)
    torch.testing.assert_close(labels.soften(z, 1.0), torch.tensor([[0.9, 0.1]], dtype=torch.float64))
    torch.testing.assert_close(labels.soften(z, 2.0), torch.tensor([[0.75, 0.25]], dtype=torch.float64))


@given(LOGITS, TAUS)
@settings(deadline=None)
def test_soften_gives_probabilities_that_do_not_depend_on_a_shift(z, tau):
    q = labels.soften(z, tau)
    torch.testing.assert_close(q.sum(-1), torch.ones(len(z), dtype=z.dtype))
    torch.testing.assert_close(labels.soften(z + 7, tau), q)


@given(LOGITS, st.floats(0.5, 20), st.floats(1.1, 5))
@settings(deadline=None)
def test_heat_never_lowers_entropy(z, tau, factor):
    assert (labels.entropy(labels.soften(z, tau * factor)) >= labels.entropy(labels.soften(z, tau)) - 1e-12).all()


@pytest.mark.parametrize("tau", [0, -1.0, math.nan, math.inf])
def test_a_temperature_is_positive(tau):
    with pytest.raises(SoftLabelsError, match="must be a positive number"):
        labels.soften(torch.zeros(1, 2), tau)


def test_logits_that_are_not_finite_have_no_soft_label():
    with pytest.raises(SoftLabelsError, match="NaN or infinity"):
        labels.soften(torch.tensor([[0.0, math.nan]]), 1.0)


def test_logits_and_classes_have_their_number_types():
    with pytest.raises(SoftLabelsError, match="Logits are real numbers, not torch.int64"):
        labels.soften(torch.tensor([[0, 1]]), 1.0)
    with pytest.raises(SoftLabelsError, match="Classes are integers, not torch.float32"):
        labels.harden(torch.tensor([0.9]), 2)


def test_harden():
    assert labels.harden(torch.tensor([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    with pytest.raises(SoftLabelsError, match=r"0 … 1; these reach 0 … 2"):
        labels.harden(torch.tensor([2, 0]), 2)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers(0, 2**31))
@settings(deadline=None)
def test_shuffle_within_class_is_a_permutation_that_keeps_classes(classes, seed):
    classes = torch.tensor(classes)
    order = labels.shuffle_within_class(classes, torch.Generator().manual_seed(seed))
    assert order.sort().values.tolist() == list(range(len(classes)))
    assert (classes[order] == classes).all()


def test_shuffle_within_class_moves_labels():
    order = labels.shuffle_within_class(torch.zeros(50, dtype=torch.long), torch.Generator().manual_seed(0))
    assert (order != torch.arange(50)).sum() > 40


def test_entropy_and_divergence_by_hand():
    q = torch.tensor([[1.0, 0.0], [0.5, 0.5]], dtype=torch.float64)
    p = torch.tensor([[0.5, 0.5], [0.5, 0.5]], dtype=torch.float64)
    torch.testing.assert_close(labels.entropy(q), torch.tensor([0.0, math.log(2)], dtype=torch.float64))
    torch.testing.assert_close(labels.divergence(q, p), torch.tensor([math.log(2), 0.0], dtype=torch.float64))


def test_jensen_shannon_by_hand():
    p, q = (torch.tensor(rows, dtype=torch.float64) for rows in ([[1.0, 0], [2, 2]], [[0.0, 3], [0.5, 0.5]]))
    torch.testing.assert_close(labels.jensen_shannon(p, q), torch.tensor([1.0, 0.0], dtype=torch.float64))
    half = q[1]
    expected = 0.5 * math.log2(1 / 0.75) + 0.25 * (math.log2(0.5 / 0.75) + math.log2(0.5 / 0.25))
    assert float(labels.jensen_shannon(p[0], half)) == pytest.approx(expected)
    assert float(labels.jensen_shannon(half, p[0])) == pytest.approx(expected)  # whichever comes first
    with pytest.raises(SoftLabelsError, match="without a positive entry"):
        labels.jensen_shannon(torch.zeros(1, 2), half)


def test_labels_get_the_entropy_that_is_asked_for():
    logits = torch.randn(5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    soft = logits.softmax(-1)
    for wanted in (0.2, 0.9, 1.3):
        tempered = labels.with_entropy(soft, wanted)
        assert float(labels.entropy(tempered).mean()) == pytest.approx(wanted, abs=1e-9)
        assert torch.equal(tempered.argsort(-1), soft.argsort(-1))
    torch.testing.assert_close(labels.with_entropy(soft, float(labels.entropy(soft).mean())), soft)
    with pytest.raises(SoftLabelsError, match="entropy of 1.5 nats"):
        labels.with_entropy(soft, 1.5)

"""Treatments of soft labels by hand, as properties, and as a network trains on them."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from softlabels import labels
from softlabels.errors import SoftLabelsError
from softlabels.labels import soften
from softlabels.models import mlp
from softlabels.training.two_layer import train

BOTH = (labels.cut_tail, labels.cut_tail_as_coded)


@st.composite
def tables(draw):
    """Soft labels (n, c) whose entries all differ, and a fraction."""
    n, c, seed = draw(st.integers(1, 5)), draw(st.integers(2, 12)), draw(st.integers(0, 2**31))
    logits = torch.randn(n, c, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return soften(logits, 2.0), draw(st.floats(0, 0.999))


def test_cut_tail_by_hand():
    t = torch.tensor([[0.1, 0.5, 0.15, 0.25], [0.4, 0.3, 0.2, 0.1]])
    torch.testing.assert_close(labels.cut_tail(t, 0.5), torch.tensor([[0, 0.5, 0, 0.25], [0.4, 0.3, 0, 0]]))
    assert torch.equal(labels.cut_tail(t, 0.24), t)  # int(4 · 0.24) = 0


def test_cut_tail_as_coded_by_hand():
    # classes from the likeliest down: 1 3 2 0 and 0 1 2 3; classes 0 and 1 stand at places 3 and 0, and at 0 and 1
    t = torch.tensor([[0.1, 0.5, 0.15, 0.25], [0.4, 0.3, 0.2, 0.1]])
    treated = labels.cut_tail_as_coded(t, 0.5)
    torch.testing.assert_close(treated, torch.tensor([[0, 0.5, 0.15, 0], [0, 0, 0.2, 0.1]]))


def test_equal_entries_go_from_the_first_class_on():
    flat = torch.full((1, 4), 0.25)
    assert labels.cut_tail(flat, 0.5).tolist() == [[0, 0, 0.25, 0.25]]


@given(tables())
@settings(deadline=None)
def test_both_empty_the_same_number_of_entries_and_leave_the_others(drawn):
    t, fraction = drawn
    for cut in BOTH:
        treated = cut(t, fraction)
        emptied = treated == 0
        assert (emptied.sum(1) == labels.entries_cut(t.shape[1], fraction)).all()
        assert torch.equal(treated[~emptied], t[~emptied])


@given(tables())
@settings(deadline=None)
def test_the_tail_is_the_smallest_and_never_the_answer(drawn):
    t, fraction = drawn
    treated = labels.cut_tail(t, fraction)
    assert torch.equal(treated.argmax(1), t.argmax(1))
    kept = torch.where(treated > 0, t, torch.inf).min(1).values
    assert (torch.where(treated == 0, t, -torch.inf).max(1).values < kept).all()


@given(tables())
@settings(deadline=None)
def test_as_coded_a_sure_label_of_class_0_loses_its_answer(drawn):
    t, fraction = drawn
    t = torch.cat([t.max(1, keepdim=True).values + 0.1, t], 1)  # class 0 leads
    if labels.entries_cut(t.shape[1], fraction):
        assert (labels.cut_tail_as_coded(t, fraction)[:, 0] == 0).all()


@pytest.mark.parametrize("cut", BOTH)
@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan")])
def test_a_fraction_of_a_label(cut, fraction):
    with pytest.raises(SoftLabelsError, match="lies in 0 ≤ f < 1; given was"):
        cut(torch.ones(2, 3), fraction)


@pytest.mark.parametrize("treat", [lambda t: labels.cut_tail(t, 0.1), lambda t: labels.remove_entry(t, t, 0)])
def test_a_table_of_labels(treat):
    with pytest.raises(SoftLabelsError, match=r"one table of soft labels \(n, c\), not \(3,\)"):
        treat(torch.ones(3))


def test_remove_entry_by_hand():
    t = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.3, 0.5]])
    treated = labels.remove_entry(t, torch.tensor([0, 1, 2]), 1)
    torch.testing.assert_close(treated, torch.tensor([[0.7, 0, 0.1], [0.1, 0.8, 0.1], [0.2, 0, 0.5]]))
    assert t[0, 1] == 0.2  # the labels given are left alone


@pytest.mark.parametrize("removed", [-1, 3])
def test_the_entry_removed_is_a_class(removed):
    with pytest.raises(SoftLabelsError, match=rf"a class in 0 … 2, not {removed}"):
        labels.remove_entry(torch.ones(2, 3), torch.tensor([0, 1]), removed)


def test_entries_need_everybodys_class():
    with pytest.raises(SoftLabelsError, match=r"2 examples need as many classes \(2,\), not \(3,\)"):
        labels.remove_entry(torch.ones(2, 3), torch.tensor([0, 1, 2]), 0)


def test_remove_class():
    assert labels.remove_class(torch.tensor([0, 1, 2, 1]), 1).tolist() == [True, False, True, False]


@pytest.mark.parametrize(("classes", "says"), [([0, 0], "of these 2, 2 are of it"), ([1, 2], "of these 2, 0 are")])
def test_a_class_that_can_be_removed(classes, says):
    with pytest.raises(SoftLabelsError, match=says):
        labels.remove_class(torch.tensor(classes), 0)


def test_training_targets_by_hand():
    t = torch.tensor([[0.4, 0.1], [0.0, 0.0], [0.25, 0.75]])
    targets, weights = labels.as_training_targets(t, torch.full((3,), 1 / 3))
    torch.testing.assert_close(targets, torch.tensor([[0.8, 0.2], [0, 0], [0.25, 0.75]]))
    torch.testing.assert_close(weights, torch.tensor([1 / 3, 0, 2 / 3]))


def test_labels_with_nothing_left():
    with pytest.raises(SoftLabelsError, match="leaves nothing in any label"):
        labels.as_training_targets(torch.zeros(2, 3), torch.full((2,), 0.5))


def test_a_network_trains_on_them_as_the_plain_loss_does_on_what_is_left_of_the_labels():
    """The official loss: cross-entropy, averaged over examples, against labels that sum to less than one."""
    g = torch.Generator().manual_seed(0)
    inputs = torch.randn(24, 5, generator=g, dtype=torch.float64)
    classes = torch.arange(24) % 6
    t = soften(2 * torch.randn(24, 6, generator=g, dtype=torch.float64), 2.0)
    start = mlp.start((5, 16, 6), [g], dtype=torch.float64)
    for treated in (labels.cut_tail_as_coded(t, 0.5), labels.remove_entry(t, classes, 0)):
        targets, weights = labels.as_training_targets(treated[None], torch.full((1, 24), 1 / 24).double())
        ours = mlp.logits(train(start, inputs, targets, weights=weights, lr=1e-2, steps=100), inputs)[0]
        network = mlp.one(start, 0)
        optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
        for _ in range(100):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(inputs), treated).backward()
            optimiser.step()
        assert not torch.allclose(treated.sum(1), torch.ones(24).double())
        torch.testing.assert_close(ours, network(inputs), rtol=1e-4, atol=1e-4)  # all but Adam's ε

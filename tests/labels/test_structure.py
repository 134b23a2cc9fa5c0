"""What is done to the structure of soft labels, by hand and as properties."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from softlabels import labels
from softlabels.errors import SoftLabelsError


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@st.composite
def tables(draw):
    """Soft labels (n, c) whose entries all differ, their classes, and a seed."""
    n, c, seed = draw(st.integers(1, 6)), draw(st.integers(2, 12)), draw(st.integers(0, 2**31))
    logits = torch.randn(n, c, generator=generator(seed), dtype=torch.float64)
    return labels.soften(logits, 1.0), seed


def test_top_k_by_hand():
    t = torch.tensor([[0.1, 0.5, 0.15, 0.25], [0.4, 0.3, 0.2, 0.1]])
    torch.testing.assert_close(labels.top_k(t, 2), torch.tensor([[0, 0.5, 0, 0.25], [0.4, 0.3, 0, 0]]))
    torch.testing.assert_close(labels.top_k(t, 1), torch.tensor([[0, 0.5, 0, 0], [0.4, 0, 0, 0]]))
    torch.testing.assert_close(labels.top_k(t, 1, renormalise=True), torch.tensor([[0, 1.0, 0, 0], [1.0, 0, 0, 0]]))
    assert labels.top_k(t, 4) is t and labels.top_k(t, 4, renormalise=True) is t  # all entries: no treatment


def test_swap_rank_by_hand():
    t = torch.tensor([[0.1, 0.5, 0.15, 0.25], [0.4, 0.3, 0.2, 0.1]])
    assert torch.equal(labels.swap_rank(t, 1), torch.tensor([[0.5, 0.1, 0.15, 0.25], [0.1, 0.3, 0.2, 0.4]]))
    assert torch.equal(labels.swap_rank(t, 3), torch.tensor([[0.15, 0.5, 0.1, 0.25], [0.4, 0.3, 0.1, 0.2]]))


@given(tables(), st.data())
@settings(deadline=None)
def test_swaps_change_no_value_and_no_entropy(drawn, data):
    t, _ = drawn
    rank = data.draw(st.integers(1, t.shape[1] - 1))
    swapped = labels.swap_rank(t, rank)
    assert torch.equal(swapped.sort(1).values, t.sort(1).values)
    assert (swapped != t).sum() == 2 * len(t)
    assert float((labels.entropy(swapped) - labels.entropy(t)).abs().max()) < 1e-12


@given(tables())
@settings(deadline=None)
def test_shuffling_keeps_the_first_guess_and_every_value(drawn):
    t, seed = drawn
    shuffled = labels.shuffle_rest(t, generator(seed))
    assert torch.equal(shuffled.argmax(1), t.argmax(1)) and torch.equal(shuffled.amax(1), t.amax(1))
    assert torch.equal(shuffled.sort(1).values, t.sort(1).values)
    assert torch.equal(shuffled, labels.shuffle_rest(t, generator(seed)))


def test_each_label_is_shuffled_its_own_way():
    t = labels.soften(torch.arange(8.0).expand(50, 8), 4.0)
    shuffled = labels.shuffle_rest(t, generator())
    assert len(shuffled.unique(dim=0)) > 40
    assert float(shuffled[:, :7].std(0).mean()) > 0 and (shuffled[:, 7] == t[:, 7]).all()


@given(tables(), st.sampled_from([0.5, 0.8, 0.9, 1.0]))
@settings(deadline=None)
def test_random_labels_say_the_class_alone(drawn, certainty):
    t, seed = drawn
    classes = t.argmax(1)
    random = labels.random_soft(classes, t.shape[1], certainty, generator(seed))
    torch.testing.assert_close(random.sum(1), torch.ones(len(t)))
    assert torch.equal(random.gather(1, classes[:, None]).flatten(), torch.full((len(t),), certainty))
    if certainty == 1:
        assert torch.equal(random, labels.harden(classes, t.shape[1]))


def test_smoothing_shares_the_rest_evenly():
    found = labels.smooth(torch.tensor([2, 0]), 4, 0.7)
    torch.testing.assert_close(found, torch.tensor([[0.1, 0.1, 0.7, 0.1], [0.7, 0.1, 0.1, 0.1]]))
    assert torch.equal(labels.smooth(torch.tensor([1]), 3, 1.0), torch.tensor([[0.0, 1.0, 0.0]]))


def test_noise_goes_into_the_surest_labels():
    t = torch.tensor([[0.7, 0.2, 0.1], [0.98, 0.01, 0.01], [0.4, 0.3, 0.3], [0.9, 0.05, 0.05]])
    blurred = labels.mix_noise(t, 0.5, 0.1, generator())
    assert torch.equal(blurred[[0, 2]], t[[0, 2]]) and not torch.equal(blurred[[1, 3]], t[[1, 3]])
    torch.testing.assert_close(blurred.sum(1), torch.ones(4))
    assert (blurred[[1, 3]] >= 0.9 * t[[1, 3]] - 1e-6).all()
    assert torch.equal(labels.mix_noise(t, 0.5, 0.0, generator()), t)
    assert torch.equal(labels.mix_noise(t, 0.0, 0.5, generator()), t)
    torch.testing.assert_close(labels.mix_noise(t, 1.0, 1.0, generator()).sum(1), torch.ones(4))


def test_a_label_of_zeros_has_nothing_to_renormalise():
    assert not labels.top_k(torch.zeros(2, 4), 2, renormalise=True).any()


def test_bits_do_not_depend_on_the_number_type():
    for dtype in (torch.float16, torch.bfloat16):
        t = torch.tensor([[0.0, 0.5, 1.0]], dtype=dtype)
        assert torch.equal(labels.round_to_bits(t, 16), t)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda t: labels.top_k(t, 0), "4 entries takes 1 to 4 of them, not 0"),
        (lambda t: labels.top_k(t, 5), "not 5"),
        (lambda t: labels.swap_rank(t, 4), "are 1 … 3, not 4"),
        (lambda t: labels.swap_rank(t, 0), "not 0"),
        (lambda t: labels.random_soft(torch.zeros(2, dtype=torch.int64), 4, 0.0, generator()), "not 0.0"),
        (lambda t: labels.smooth(torch.zeros(2, dtype=torch.int64), 4, 0.2), "1/4 … 1, not 0.2"),
        (lambda t: labels.mix_noise(t, 1.5, 0.1, generator()), "not 1.5 and 0.1"),
        (lambda t: labels.shuffle_rest(t[None], generator()), "one table of soft labels"),
        (lambda t: labels.top_k(t[:, :1], 1), "two classes or more"),
        (lambda t: labels.random_soft(torch.tensor([0, 4]), 4, 0.5, generator()), "0 … 3; these reach 0 … 4"),
        (lambda t: labels.smooth(torch.tensor([-1, 0]), 4, 0.5), "0 … 3; these reach -1 … 0"),
        (lambda t: labels.smooth(torch.zeros(2, dtype=torch.int64), 1, 1.0), "takes 2 classes or more, not 1"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(SoftLabelsError, match=says):
        call(torch.full((2, 4), 0.25))

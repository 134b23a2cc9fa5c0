"""The digits are the ones that the book was computed on, and their splits are random, disjoint and repeatable."""

import pytest
import torch
from sklearn import datasets

from softlabels.data import digits
from softlabels.errors import SoftLabelsError


def test_two_tensors():
    inputs, classes = digits.digits()
    assert inputs.shape == (1797, 64) and inputs.dtype == torch.float32
    assert classes.shape == (1797,) and classes.dtype == torch.int64
    assert torch.bincount(classes).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_pixels_are_standardised_but_rare_ink_is_not_blown_up():
    grey, _ = digits.raw_digits()
    inputs, _ = digits.digits()
    spread = grey.double().std(0, correction=0)
    inked = spread > 1
    assert inputs.mean(0).abs().max() < 1e-5
    assert torch.allclose(inputs[:, inked].std(0, correction=0), torch.tensor(1.0), atol=1e-5)
    assert 0 < (~inked).sum() and (inputs[:, ~inked].std(0) <= spread[~inked] + 1e-3).all()


def test_other_data_are_refused(monkeypatch):
    bunch = datasets.load_digits()
    bunch.data[5, 20] += 1
    monkeypatch.setattr(datasets, "load_digits", lambda: bunch)
    with pytest.raises(SoftLabelsError, match="checksum.*install scikit-learn afresh"):
        digits.digits()


def test_a_split_repeats_itself_and_shares_nothing():
    draw = lambda first, seed=0: digits.split(first, torch.Generator().manual_seed(seed))  # noqa: E731
    first, rest = draw(1200)
    assert len(first) == 1200 and len(rest) == 597
    assert sorted(torch.cat([first, rest]).tolist()) == list(range(1797))
    assert torch.equal(first, draw(1200)[0]) and not torch.equal(first, draw(1200, seed=1)[0])
    assert torch.equal(first[:300], draw(300)[0])


@pytest.mark.parametrize("first", [0, 1797, -5])
def test_a_split_needs_two_parts(first):
    with pytest.raises(SoftLabelsError, match="between 1 and 1796"):
        digits.split(first, torch.Generator())

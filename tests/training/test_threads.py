"""Networks shared out among cores."""

import pytest
import torch

from softlabels.training.threads import shares, side_by_side


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 30])
def test_shares_cover_all_and_are_nearly_equal(count):
    parts = shares(count, "cpu")
    assert len(parts) == min(count, 3)
    assert [r for part in parts for r in range(count)[part]] == list(range(count))
    sizes = [part.stop - part.start for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert shares(count, "cuda") == [slice(0, count)]


def test_each_works_on_one_core_and_the_caller_keeps_its_own():
    assert side_by_side(lambda i: (i, torch.get_num_threads()), 3) == [(0, 1), (1, 1), (2, 1)]
    assert side_by_side(lambda i: (i, torch.get_num_threads()), 1) == [(0, 3)]
    assert torch.get_num_threads() == 3


def test_an_error_comes_out():
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda i: 1 // i, 2)
    assert torch.get_num_threads() == 3

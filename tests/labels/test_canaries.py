"""Planting wrong labels, and counting who has learned them."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from softlabels import labels
from softlabels.errors import SoftLabelsError


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_planted_labels_are_wrong_and_the_second_is_another():
    classes = torch.arange(900) % 10
    planted, unplanted = labels.plant_canaries(classes, 10, 600, generator())
    assert (planted[600:] == classes[600:]).all() and (unplanted[600:] == classes[600:]).all()
    true, first, second = classes[:600], planted[:600], unplanted[:600]
    assert not ((first == true) | (second == true) | (first == second)).any()
    for wrong in (first, second):
        occurs = torch.bincount((wrong - true) % 10, minlength=10)
        assert (occurs[1:] > 40).all()  # 67 are expected of each
    assert (classes == torch.arange(900) % 10).all()  # nothing is changed in place


def test_planting_repeats_itself():
    classes = torch.arange(50) % 5
    one, other = (labels.plant_canaries(classes, 5, 20, generator(3)) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("c", "count"), [(2, 3), (5, 0), (5, 10), (5, -1)])
def test_planting_says_what_it_cannot_do(c, count):
    with pytest.raises(SoftLabelsError, match="three classes|canar"):
        labels.plant_canaries(torch.zeros(10, dtype=torch.long), c, count, generator())


@pytest.mark.parametrize("classes", [torch.full((10,), 5), torch.zeros(10)])
def test_planting_takes_integer_classes(classes):
    with pytest.raises(SoftLabelsError, match="Classes must lie in 0 … 4|Classes are integers"):
        labels.plant_canaries(classes, 5, 3, generator())


def test_told_by_hand():
    scores = torch.tensor(
        [
            [9.0, 1.0, 2.0, 0.0],  # true 0, planted 2: its top wrong label, though not its top label
            [9.0, 1.0, 2.0, 0.0],  # true 0, planted 3: the last of three
            [1.0, 9.0, 2.0, 0.0],  # true 0, planted 2: second, behind label 1
            [0.0, 5.0, 5.0, 1.0],  # true 0, planted 2: shares the top with label 1
        ]
    )
    top, rank = labels.canary_recall(scores, torch.zeros(4, dtype=torch.long), torch.tensor([2, 3, 2, 2]))
    assert top.tolist() == [1, 0, 0, 0.5]
    assert rank.tolist() == [1, 3, 2, 1.5]


@given(st.lists(st.lists(st.integers(-3, 3), min_size=5, max_size=5), min_size=1, max_size=6), st.integers(0, 4))
def test_chance_is_exact_for_any_scores(scores, true):
    """Averaged over the wrong labels that might have been planted, everybody tells one in c − 1, at mean rank c/2."""
    scores = torch.tensor(scores, dtype=torch.float32)
    classes = torch.full((len(scores),), true)
    measured = [
        labels.canary_recall(scores, classes, torch.full_like(classes, wrong)) for wrong in range(5) if wrong != true
    ]
    top, rank = (torch.stack(values).mean(0) for values in zip(*measured, strict=True))
    assert torch.allclose(top, torch.tensor(1 / 4)) and torch.allclose(rank, torch.tensor(5 / 2))


def test_told_of_a_stack_is_told_of_each():
    scores = torch.randn(3, 8, 6, generator=generator(1))
    classes, planted = torch.arange(8) % 6, (torch.arange(8) + 2) % 6
    top, rank = labels.canary_recall(scores, classes, planted)
    for r in range(3):
        assert torch.equal(top[r], labels.canary_recall(scores[r], classes, planted)[0])
        assert torch.equal(rank[r], labels.canary_recall(scores[r], classes, planted)[1])


def test_a_canary_is_a_wrong_label_and_scores_are_numbers():
    scores, classes = torch.zeros(3, 4), torch.zeros(3, dtype=torch.long)
    with pytest.raises(SoftLabelsError, match="1 of 3 planted labels are the true ones"):
        labels.canary_recall(scores, classes, torch.tensor([1, 0, 2]))
    scores[1, 2] = torch.nan
    with pytest.raises(SoftLabelsError, match="scores hold NaN"):
        labels.canary_recall(scores, classes, classes + 1)

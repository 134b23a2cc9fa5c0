"""Random data: prefixes, balance, the student's part."""

import pytest
import torch

from softlabels.data.synthetic import balanced_classes, gaussian, students_part
from softlabels.errors import SoftLabelsError


def test_more_examples_keep_the_first_ones():
    assert torch.equal(gaussian(50, 7, "x", 3)[:20], gaussian(20, 7, "x", 3))


def test_streams_differ_by_name_and_by_replicate():
    draws = [gaussian(5, 4, *stream) for stream in (("x", 0), ("x", 1), ("y", 0))]
    assert all(not torch.equal(draws[i], draws[j]) for i, j in ((0, 1), (0, 2), (1, 2)))


def test_inputs_are_standard_normal():
    x = gaussian(20_000, 3, "moments", 0)
    assert x.mean().abs() < 0.02 and (x.std() - 1).abs() < 0.02


def test_every_prefix_of_whole_rounds_is_balanced():
    assert balanced_classes(12, 3)[:6].bincount().tolist() == [2, 2, 2]


@pytest.mark.parametrize(("per_class", "rho", "kept"), [(300, 0.8, 240), (20, 0.55, 11), (10, 0.7, 7), (100, 0.29, 29)])
def test_the_students_part_is_the_whole_part(per_class, rho, kept):
    assert students_part(per_class, rho) == kept


@pytest.mark.parametrize(("per_class", "rho", "what"), [(1, 0.5, "none to train on"), (4, 1.0, "none held out")])
def test_an_empty_part_is_refused(per_class, rho, what):
    with pytest.raises(SoftLabelsError, match=what):
        students_part(per_class, rho)


def test_no_data_is_refused():
    with pytest.raises(SoftLabelsError, match="at least one example"):
        gaussian(0, 3, "x")

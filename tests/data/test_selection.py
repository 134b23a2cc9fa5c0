"""Tenths of a class by how well a teacher names its images."""

import pytest
import torch

from softlabels.data import selection
from softlabels.errors import SoftLabelsError


@pytest.fixture
def graded():
    """A cross-entropy and a class for 4 · 35 images in random order."""
    g = torch.Generator().manual_seed(0)
    order = torch.randperm(140, generator=g)
    return torch.rand(140, generator=g)[order], (torch.arange(140) % 4)[order]


def test_easier_tenths_have_smaller_cross_entropies(graded):
    difficulty, classes = graded
    parts = selection.deciles(difficulty, classes)
    for label in range(4):
        mine = classes == label
        assert parts[mine].bincount(minlength=11)[1:].tolist() == [4, 3, 4, 3, 4, 3, 4, 3, 4, 3]
        assert parts[mine][difficulty[mine].argmax()] == 10 and parts[mine][difficulty[mine].argmin()] == 1
        for tenth in range(1, 10):
            assert difficulty[mine & (parts == tenth)].max() < difficulty[mine & (parts == tenth + 1)].min()


def test_images_of_a_tenth_are_nested_and_in_order_of_classes(graded):
    difficulty, classes = graded
    parts = selection.deciles(difficulty, classes)
    few, more = (selection.of_decile(parts, classes, 7, n, torch.Generator().manual_seed(3)) for n in (1, 3))
    assert torch.equal(few, more.view(4, 3)[:, 0]) and (parts[more] == 7).all()
    assert classes[more].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3] and len(more.unique()) == 12
    other = selection.of_decile(parts, classes, 7, 3, torch.Generator().manual_seed(4))
    assert not torch.equal(other, more)


def test_bad_input(graded):
    difficulty, classes = graded
    with pytest.raises(SoftLabelsError, match="Tenth 2 of class 0 has 3 images, 4 are wanted"):
        parts = selection.deciles(difficulty, classes)
        selection.of_decile(parts, classes, 2, 4, torch.Generator())
    with pytest.raises(SoftLabelsError, match="a finite cross-entropy and a class for each image"):
        selection.deciles(difficulty[:3], classes)
    with pytest.raises(SoftLabelsError, match="finite"):
        selection.deciles(difficulty.log() * torch.inf, classes)

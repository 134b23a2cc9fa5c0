"""Which classes are related."""

import pytest

from softlabels.data import relations
from softlabels.errors import SoftLabelsError


def test_pairs_of_digits_that_share_one():
    alike = relations.related("noisy digit pairs")
    assert alike.shape == (100, 100) and (alike == alike.T).all() and not alike.diagonal().any()
    assert (alike.sum(1) == 18).all()  # nine with the same left digit, nine with the same right one
    assert alike[37, 30] and alike[37, 57] and not alike[37, 73]


def test_neighbours_in_wordnet():
    alike = relations.related("tiny-imagenet-32")
    assert alike.shape == (200, 200) and (alike == alike.T).all() and not alike.diagonal().any()
    assert int(alike.sum()) == 100 and int(alike.any(1).sum()) == 63
    assert alike[30, 31] and alike[30, 32] and not alike[30, 33]  # cats: domestic ones, and a cougar
    assert relations.family("tiny-imagenet", 28) == [24, 25, 26, 27, 29]  # a German shepherd's: the other dogs
    assert relations.family("tiny-imagenet", 30) == [31, 32] and relations.family("tiny-imagenet", 0) == []


def test_superclasses_of_cifar_100():
    alike, names = relations.related("cifar100"), relations.names("cifar100")
    assert alike.shape == (100, 100) and (alike == alike.T).all() and not alike.diagonal().any()
    assert (alike.sum(1) == 4).all()  # twenty superclasses of five
    assert names[97] == "wolf" and names[12] == "bridge" and names[53] == "orange"
    assert [names[other] for other in relations.family("cifar100", 97)] == ["bear", "leopard", "lion", "tiger"]


def test_names_of_photographs_without_the_photographs():
    names = relations.names("tiny-imagenet")
    assert len(set(names)) == 200
    assert [names[i] for i in (28, 32, 66, 96, 161, 188, 195)] == [
        "German shepherd", "Egyptian cat", "barn", "dam", "teddy", "banana", "cliff"
    ]  # fmt: skip


def test_of_other_sets_nothing_is_known():
    with pytest.raises(SoftLabelsError, match="which classes of cifar10 are related"):
        relations.related("cifar10")

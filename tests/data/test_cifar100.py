"""The real CIFAR-100, where SOFTLABELS_DATA holds a copy: the official bytes, and what is read off them."""

import pickle

import numpy as np
import pytest
import torch

from softlabels.data import catalogue, relations
from softlabels.data.images import load
from softlabels.paths import data_folder

HERE = data_folder() is not None and (data_folder() / catalogue.CIFAR100.folder).is_dir()
pytestmark = pytest.mark.skipif(not HERE, reason="SOFTLABELS_DATA holds no cifar-100-python/")


@pytest.fixture(scope="module")
def cifar100(tmp_path_factory):
    """The set, decoded for these tests (some seconds)."""
    return load("cifar100", tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def official():
    """Its two batches and its names, read without our loader."""
    folder = data_folder() / catalogue.CIFAR100.folder
    return {part: pickle.loads((folder / part).read_bytes(), encoding="latin1") for part in ("train", "test", "meta")}


def test_it_is_the_official_set(cifar100, official):
    assert cifar100.train.images.shape == (50_000, 3, 32, 32) and cifar100.train.images.dtype == torch.uint8
    assert cifar100.train.classes.bincount().tolist() == [500] * 100
    assert cifar100.validation.classes.bincount().tolist() == [20] * 100
    assert cifar100.test.classes.bincount().tolist() == [80] * 100
    assert list(cifar100.names) == official["meta"]["fine_label_names"] and cifar100.names[0] == "apple"


def test_superclasses_are_those_of_the_files(official):
    names = [official["meta"]["coarse_label_names"][i].replace("_", " ") for i in official["train"]["coarse_labels"]]
    of_class = dict(zip(official["train"]["fine_labels"], names, strict=True))
    table = relations._table("cifar100_superclasses")
    assert [row["superclass"] for row in table] == [of_class[c] for c in range(100)]
    assert [row["name"] for row in table] == [n.replace("_", " ") for n in official["meta"]["fine_label_names"]]


def test_pixels_and_fine_classes_are_those_of_the_files(cifar100, official):
    assert np.array_equal(cifar100.train.images.flatten(1).numpy(), official["train"]["data"])
    assert cifar100.train.classes.tolist() == official["train"]["fine_labels"]
    assert len(set(official["train"]["coarse_labels"])) == 20  # which are something else
    seen = torch.cat([cifar100.validation.images, cifar100.test.images]).flatten(1).numpy()
    assert np.array_equal(
        np.sort(seen.sum(1, dtype=np.int64)), np.sort(official["test"]["data"].sum(1, dtype=np.int64))
    )
    for part in (cifar100.validation, cifar100.test):
        first = part.images[0].flatten().numpy()
        (row,) = (official["test"]["data"] == first).all(1).nonzero()[0]
        assert official["test"]["fine_labels"][row] == part.classes[0]


def test_the_random_images_are_nested_and_balanced(cifar100):
    one, ten = cifar100.ipc_rows(1, 42), cifar100.ipc_rows(10, 42)
    assert set(one.tolist()) < set(ten.tolist()) and set(ten.tolist()) != set(cifar100.ipc_rows(10, 43).tolist())
    assert cifar100.train.classes[ten].tolist() == [c for c in range(100) for _ in range(10)]


def test_it_is_normalised_as_in_the_official_code(cifar100):
    batch = cifar100.batch(cifar100.train, slice(0, 5000))
    assert batch.mean((0, 2, 3)).abs().max() < 0.15 and (batch.std((0, 2, 3)) - 1).abs().max() < 0.4
    assert cifar100.mean.tolist() == pytest.approx(catalogue.CIFAR10_MEAN)  # CIFAR-10's constants

"""The real Tiny ImageNet, where SOFTLABELS_DATA holds a copy: what is read off it, and a few steps on it."""

import numpy as np
import pytest
import torch
from PIL import Image

from softlabels.data import catalogue
from softlabels.data.images import load
from softlabels.labels import harden
from softlabels.models.convnet import ConvNet, Shape
from softlabels.paths import data_folder
from softlabels.training.images import Recipe, train_one
from softlabels.training.precision import PLAIN

HERE = data_folder() is not None and (data_folder() / catalogue.TINY.folder).is_dir()
pytestmark = pytest.mark.skipif(not HERE, reason="SOFTLABELS_DATA holds no tiny-imagenet-200/")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The set at 32×32, decoded for these tests (some fifteen seconds)."""
    return load("tiny-imagenet-32", tmp_path_factory.mktemp("cache"))


def test_it_is_the_official_set(tiny):
    assert tiny.train.images.shape == (100_000, 3, 32, 32) and tiny.train.images.dtype == torch.uint8
    assert tiny.train.classes.bincount().tolist() == [500] * 200
    assert tiny.validation.classes.bincount().tolist() == [10] * 200
    assert tiny.test.classes.bincount().tolist() == [40] * 200
    names = {
        28: "German shepherd",
        32: "Egyptian cat",
        66: "barn",
        96: "dam",
        161: "teddy",
        188: "banana",
        195: "cliff",
    }
    assert {c: tiny.names[c] for c in names} == names


def test_grey_images_have_three_equal_channels(tiny):
    grey = (tiny.train.images == tiny.train.images[:, :1]).flatten(1).all(1).double().mean()
    assert 0.01 < grey < 0.03


def test_the_random_images_are_those_of_torchvisions_order(tiny):
    root = data_folder() / catalogue.TINY.folder / "train"
    files = [file for wnid in sorted(root.iterdir()) for file in sorted((wnid / "images").iterdir())]
    rows = tiny.ipc_rows(1, 42)
    assert rows[0] == 361 and rows[28] == 14191
    for row in rows[::20].tolist():
        pixels = np.asarray(Image.open(files[row]).convert("RGB"), dtype=float).reshape(32, 2, 32, 2, 3).mean((1, 3))
        assert np.array_equal(tiny.train.images[row].permute(1, 2, 0).numpy(), np.floor(pixels + 0.5))


def test_a_few_steps_learn_something(tiny):
    rows = tiny.ipc_rows(5, 42)
    targets = harden(tiny.train.classes[rows], 200)
    network = ConvNet(Shape(3, 16, 3, 32, 32, 200), torch.Generator().manual_seed(0))
    losses = []

    def evaluate(epoch, network):
        with torch.no_grad():
            found = network(tiny.batch(tiny.train, rows)).log_softmax(-1)
        losses.append(-(targets * found).sum(1).mean().item())

    train_one(
        network, lambda some: tiny.batch(tiny.train, rows[some]), targets, Recipe(lr=0.05, epochs=3, batch=100),
        torch.Generator().manual_seed(1), evaluate, at=(0, 3), precision=PLAIN,
    )  # fmt: skip
    assert losses[1] < losses[0] - 0.05

"""Image sets: batches, random images of each class as the official code draws them, and names."""

from pathlib import Path

import photographs
import pytest
import torch

from softlabels.data import catalogue
from softlabels.data.images import ImageSet, Part, load, selecting
from softlabels.errors import SoftLabelsError


def image_set(classes, images=None, mean=None, std=None):
    classes = torch.tensor(classes)
    part = Part(torch.zeros(len(classes), 3, 2, 2, dtype=torch.uint8) if images is None else images, classes)
    return ImageSet("a test's", tuple(map(str, range(int(classes.max()) + 1))), part, part, part, mean, std)


def test_digits_by_name():
    pairs = load("noisy digit pairs", Path("unused"))
    assert pairs.train.images.shape == (3000, 1, 8, 16) and len(pairs.validation) == 1000 and len(pairs.test) == 2000
    assert len(pairs.names) == 100 and pairs.mean is None


def test_a_batch_is_normalised():
    images = torch.arange(2 * 3 * 4, dtype=torch.uint8).reshape(2, 3, 2, 2) * 10
    one = image_set([0, 1], images, torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0.5, 0.25, 0.2]))
    batch = one.batch(one.train, torch.tensor([1]))
    assert batch.shape == (1, 3, 2, 2) and batch.dtype == torch.float32
    assert batch[0, 2, 0, 1].item() == pytest.approx((210 / 255 - 0.3) / 0.2, rel=1e-5)
    assert torch.equal(one.batch(one.train, slice(1, 2)), batch)


def test_a_batch_of_float_images_is_as_it_is():
    digits = load("noisy digits", Path("unused"))
    assert torch.equal(digits.batch(digits.test, slice(0, 5)), digits.test.images[:5])


def test_the_official_random_images_of_tiny_imagenet():
    """Anchors: with 500 images a class in order, draw 42 gives image 361 of class 0 and 14191 of class 28."""
    tiny = image_set(torch.arange(200).repeat_interleave(500).tolist(), torch.zeros(100_000, 1, 1, 1))
    one, ten = tiny.ipc_rows(1, 42), tiny.ipc_rows(10, 42)
    assert one.shape == (200,) and one[0] == 361 and one[28] == 14191
    assert torch.equal(ten.reshape(200, 10)[:, 0], one)
    assert torch.equal(tiny.ipc_rows(50, 42).reshape(200, 50)[:, :10], ten.reshape(200, 10))
    assert torch.equal(tiny.train.classes[ten], torch.arange(200).repeat_interleave(10))
    assert not torch.equal(tiny.ipc_rows(1, 43), one) and len(set(ten.tolist())) == 2000


def test_random_images_where_classes_are_mixed():
    mixed = image_set([2, 0, 1, 0, 2, 1, 0, 1, 2, 2])
    rows = mixed.ipc_rows(3, 0)
    assert mixed.train.classes[rows].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert set(rows[:3].tolist()) == {1, 3, 6}


@pytest.mark.parametrize("ipc", [0, 4, -1])
def test_more_images_than_there_are(ipc):
    with pytest.raises(SoftLabelsError, match=f"between 1 and 3 training images a class to draw, not {ipc}"):
        image_set([0, 0, 0, 1, 1, 1, 1]).ipc_rows(ipc, 0)


def test_a_set_moves_to_a_device():
    moved = load("clean digits", Path("unused")).on("meta")
    assert moved.train.images.device.type == "meta" and moved.test.classes.device.type == "meta"


# ---- photographs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", photographs.MAKERS)
def test_photographs_by_name(tmp_path, monkeypatch, name):
    small = photographs.SMALL[name]
    photographs.MAKERS[name](tmp_path)
    monkeypatch.setenv("SOFTLABELS_DATA", str(tmp_path))
    monkeypatch.setitem(catalogue.OFFICIAL, name, small)
    found = load(name, tmp_path / "cache")
    assert found.name == name and len(found.names) == small.classes
    assert [len(part) for part in (found.train, found.validation, found.test)] == [
        small.train, small.test // 5, small.test - small.test // 5,
    ]  # fmt: skip
    batch = found.batch(found.test, torch.tensor([3, 1]))
    assert batch.shape == (2, 3, small.side, small.side) and batch.dtype == torch.float32
    if small.whitened:
        assert found.mean is None and torch.equal(batch, found.test.images[[3, 1]])
    else:
        mean, std = small.normalisation
        expected = (found.test.images[1, 2, 0, 0].item() / 255 - mean[2]) / std[2]
        assert batch[1, 2, 0, 0].item() == pytest.approx(expected, rel=1e-5)


def test_a_fifth_of_each_class_selects():
    classes = torch.arange(4).repeat(50)
    chosen = selecting(classes)
    assert classes[chosen].bincount().tolist() == [10] * 4 and chosen[:40].all() and not chosen[40:].any()


def test_sizes_of_the_official_sets():
    assert {name: (o.classes, o.train, o.test, o.side) for name, o in catalogue.OFFICIAL.items()} == {
        "tiny-imagenet-32": (200, 100_000, 10_000, 32),
        "tiny-imagenet": (200, 100_000, 10_000, 64),
        "cifar10": (10, 50_000, 10_000, 32),
        "cifar100": (100, 50_000, 10_000, 32),
        "imagenet64": (1000, 1_281_167, 50_000, 64),
        "imagenet": (1000, 1_281_167, 50_000, 256),
    }
    cifar10, cifar100 = catalogue.OFFICIAL["cifar10"], catalogue.OFFICIAL["cifar100"]
    assert cifar10.whitened and cifar100.normalisation[0] == (0.4914, 0.4822, 0.4465)  # CIFAR-10's, as the paper's code


def test_another_name_is_refused():
    with pytest.raises(SoftLabelsError, match="no image set 'digits'; there are noisy and clean digits, .*imagenet"):
        load("digits", Path("unused"))

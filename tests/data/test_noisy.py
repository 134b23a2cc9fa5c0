"""Noisy digits and pairs: sizes, parts that share nothing, noise of the right size, the same set every time."""

import pytest
import torch

from softlabels.data import noisy
from softlabels.data.digits import raw_digits
from softlabels.errors import SoftLabelsError


def rows(images):
    return {tuple(image.tolist()) for image in images.flatten(1)}


@pytest.mark.parametrize(
    ("name", "sizes", "shape"),
    [("noisy digits", [1000, 200, 597], (1, 8, 8)), ("noisy digit pairs", [3000, 1000, 2000], (1, 8, 16))],
)
def test_sizes_and_order(name, sizes, shape):
    parts = noisy.digit_set(name)
    assert list(parts) == ["train", "validation", "test"]
    for (images, classes), n in zip(parts.values(), sizes, strict=True):
        assert images.shape == (n, *shape) and images.dtype == torch.float32
        assert classes.shape == (n,) and classes.dtype == torch.int64 and (classes.diff() >= 0).all()
    counts = parts["train"][1].bincount()
    assert (counts == sizes[0] // len(noisy.class_names(name))).all()


def test_every_digit_is_in_one_part():
    parts = noisy.digit_set("clean digits")
    found = torch.cat([images for images, _ in parts.values()]).flatten(1)
    grey, classes = raw_digits()
    ink = torch.cat([found, torch.cat([c for _, c in parts.values()])[:, None].float()], 1)
    scale = 16 / (found.max() - found.min())
    restored = ((ink[:, :64] - found.min()) * scale).round()
    expected = torch.cat([grey.float(), classes[:, None].float()], 1)
    assert rows(torch.cat([restored, ink[:, 64:]], 1)) == rows(expected) and len(found) == 1797


def test_training_digits_are_standardised():
    images, _ = noisy.digit_set("clean digits")["train"]
    assert images.mean().abs() < 1e-5 and (images.std(correction=0) - 1).abs() < 1e-5


def test_pairs_are_made_of_the_digits_of_their_part():
    digits, pairs = noisy.digit_set("clean digits"), noisy.digit_set("clean digit pairs")
    for part, (images, classes) in pairs.items():
        x, y = digits[part]
        of_class = [rows(x[y == c]) for c in range(10)]
        for image, c in zip(images, classes.tolist(), strict=True):
            left, right = image[..., :8], image[..., 8:]
            assert rows(left) <= of_class[c // 10] and rows(right) <= of_class[c % 10]


@pytest.mark.parametrize(("name", "size"), [("digits", 1.5), ("digit pairs", 1.0)])
def test_noise_is_all_that_tells_noisy_from_clean(name, size):
    noisy_set, clean = noisy.digit_set(f"noisy {name}"), noisy.digit_set(f"clean {name}")
    added = [noisy_set[part][0] - clean[part][0] for part in clean]
    assert all(torch.equal(noisy_set[part][1], clean[part][1]) for part in clean)
    assert all((noise.std() - size).abs() < 0.03 and noise.mean().abs() < 0.03 for noise in added)
    assert not torch.equal(added[0][:100], added[1][:100])


def test_the_same_set_every_time():
    first, again = noisy.digit_set("noisy digit pairs"), noisy.digit_set("noisy digit pairs")
    assert all(torch.equal(a, b) for part in first for a, b in zip(first[part], again[part], strict=True))


def test_names_of_classes():
    assert noisy.class_names("clean digits")[3] == "3" and noisy.class_names("noisy digit pairs")[42] == "42"


def test_another_name_is_refused():
    with pytest.raises(SoftLabelsError, match="no set of digits 'digits'; there are noisy digits"):
        noisy.digit_set("digits")

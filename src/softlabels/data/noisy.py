"""Digits made hard enough for soft labels to matter: noise on every pixel, and two digits side by side.

Clean digits are too easy: a teacher is nearly always right, and its labels are nearly hard. With noise the ten classes
are confused with each other. Pairs have a hundred classes, and those that share a digit are known to be related.
"""

import torch
from torch import Tensor

from softlabels.data.digits import raw_digits
from softlabels.data.synthetic import gaussian
from softlabels.errors import SoftLabelsError
from softlabels.seeds import torch_stream

TRAIN, VALIDATION = 100, 20  # images of each digit; the other 54 to 63 are the test part
PAIRS = {"train": 30, "validation": 10, "test": 20}  # images of each pair of digits
NOISE = {"noisy digits": 1.5, "clean digits": 0.0, "noisy digit pairs": 1.0, "clean digit pairs": 0.0}

Parts = dict[str, tuple[Tensor, Tensor]]  # "train", "validation", "test": images and classes, class by class


def digit_set(name: str) -> Parts:
    """One of the sets that NOISE lists, the same at every call.

    Digits: images (n, 1, 8, 8), n = 1000, 200 and 597, ten classes. Pairs: (n, 1, 8, 16), n = 3000, 1000 and 2000,
    class 10·left + right; each part combines only its own digits. Pixels are float32, standardised by the mean and
    standard deviation of the training digits. Then NOISE[name] times a standard normal number is added to each, once.
    A clean set is the noisy one without this last step.
    """
    if name not in NOISE:
        raise SoftLabelsError(f"There is no set of digits {name!r}; there are {', '.join(NOISE)}.")
    parts = _digits()
    if name.endswith("pairs"):
        parts = {part: _pairs(*parts[part], PAIRS[part], part) for part in parts}
    if NOISE[name]:
        parts = {part: (x + NOISE[name] * _noise(x, name, part), y) for part, (x, y) in parts.items()}
    return parts


def class_names(name: str) -> tuple[str, ...]:
    """The names of a set's classes: 0 … 9, or 00 … 99."""
    return tuple(f"{c:02d}" for c in range(100)) if name.endswith("pairs") else tuple(map(str, range(10)))


def _digits() -> Parts:
    """scikit-learn's digits, each class split at random, standardised by the training part's mean and deviation."""
    grey, classes = raw_digits()
    generator = torch_stream("parts of the digits", TRAIN, VALIDATION)
    shares: dict[str, list[Tensor]] = {"train": [], "validation": [], "test": []}
    for c in range(10):
        rows = (classes == c).nonzero().flatten()
        rows = rows[torch.randperm(len(rows), generator=generator)]
        for part, share in zip(shares, rows.tensor_split([TRAIN, TRAIN + VALIDATION]), strict=True):
            shares[part].append(share)
    ink = grey.double() / 16  # 0 paper, 1 ink
    train = ink[torch.cat(shares["train"])]
    inputs = ((ink - train.mean()) / train.std(correction=0)).float().reshape(-1, 1, 8, 8)
    return {part: (inputs[torch.cat(rows)], classes[torch.cat(rows)]) for part, rows in shares.items()}


def _pairs(digits: Tensor, classes: Tensor, count: int, part: str) -> tuple[Tensor, Tensor]:
    """`count` images (1, 8, 16) of every pair of digits, each half drawn at random from `digits` of its class."""
    generator = torch_stream("pairs of digits", part, count)
    of_class = [digits[classes == c] for c in range(10)]

    def draw(c: int) -> Tensor:
        return of_class[c][torch.randint(len(of_class[c]), (count,), generator=generator)]

    pairs = [torch.cat([draw(tens), draw(ones)], dim=-1) for tens in range(10) for ones in range(10)]
    return torch.cat(pairs), torch.arange(100).repeat_interleave(count)


def _noise(images: Tensor, name: str, part: str) -> Tensor:
    return gaussian(len(images), images[0].numel(), "noise", name, part).reshape(images.shape)

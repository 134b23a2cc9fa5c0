"""Handwriting that needs no download: scikit-learn's 1,797 digits, 8×8 pixels, ten classes, as two tensors.

They are the test part of the UCI set of handwritten digits (Alpaydin & Kaynak 1998).
"""

import hashlib

import torch
from torch import Tensor

from softlabels.code_hash import pinned
from softlabels.errors import SoftLabelsError

IMAGES, PIXELS, CLASSES = 1797, 64, 10
# of the grey levels, then the classes, a byte each
SHA256 = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"


def digits(device: str | torch.device = "cpu") -> tuple[Tensor, Tensor]:
    """The whole set on `device`: inputs (1797, 64), float32, each pixel standardised, and classes (1797,), int64.

    Each pixel is standardised over the whole set. The standard deviation counts as at least one grey level, so that
    pixels that hardly ever carry ink stay small. Raises SoftLabelsError where the installed scikit-learn ships other
    digits than this book was computed on.
    """
    grey, classes = raw_digits()
    grey = grey.double()
    inputs = (grey - grey.mean(0)) / grey.std(0, correction=0).clamp(min=1.0)
    return inputs.float().to(device), classes.to(device)


@pinned(SHA256)
def raw_digits() -> tuple[Tensor, Tensor]:
    """Grey levels 0 (paper) … 16 (ink), (1797, 64), uint8, and classes (1797,), int64; errors as in `digits`."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    grey, classes = bunch.data.astype("uint8"), bunch.target.astype("uint8")
    checksum = hashlib.sha256(grey.tobytes() + classes.tobytes()).hexdigest()
    if checksum != SHA256:
        raise SoftLabelsError(
            f"scikit-learn's digits have the checksum {checksum[:12]}…, not {SHA256[:12]}…: this installation ships "
            f"other data than the book was computed on; install scikit-learn afresh."
        )
    return torch.from_numpy(grey), torch.from_numpy(classes).long()


def split(first: int, generator: torch.Generator, n: int = IMAGES) -> tuple[Tensor, Tensor]:
    """A random part of `first` of n images and the rest, as indices (first,) and (n − first,) in random order.

    The parts are nested: from equal generators a larger first part begins with the smaller one.
    """
    if not 0 < first < n:
        raise SoftLabelsError(f"A part of the {n} digits has between 1 and {n - 1} images, not {first}.")
    order = torch.randperm(n, generator=generator)
    return order[:first], order[first:]

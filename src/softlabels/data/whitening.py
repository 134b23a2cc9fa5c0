"""ZCA whitening, as paper Q's code prepares CIFAR-10 (through kornia, with ε = 0.1).

Letters: n images, d = ch·h·w pixels.
"""

import numpy as np
import torch
from torch import Tensor

EPSILON = 0.1
CHUNK = 1000  # images at once


def fit(images: np.ndarray) -> tuple[Tensor, Tensor]:
    """The mean (d,) and the symmetric matrix U (S + ε)^(−1/2) Uᵀ (d, d) of images (n, ch, h, w), levels 0–255.

    The columns of U are the eigenvectors, S the eigenvalues of the covariance (over n − 1) of pixels on the scale 0–1.
    """
    n, d = len(images), images[0].size
    total, products = torch.zeros(d, dtype=torch.float64), torch.zeros(d, d, dtype=torch.float64)
    for x in _chunks(images):
        total += x.double().sum(0)
        products += (x.T @ x).double()
    mean = total / n
    values, vectors = torch.linalg.eigh((products - n * torch.outer(mean, mean)) / (n - 1))
    matrix = (vectors / (values.clamp_min(0) + EPSILON).sqrt()) @ vectors.T
    return mean.float(), matrix.float()


def apply(images: np.ndarray, mean: Tensor, matrix: Tensor) -> np.ndarray:
    """Images (n, ch, h, w), levels 0–255, whitened: float32 of the same shape."""
    return torch.cat([(x - mean) @ matrix for x in _chunks(images)]).reshape(images.shape).numpy()


def _chunks(images: np.ndarray):
    for i in range(0, len(images), CHUNK):
        yield torch.from_numpy(np.array(images[i : i + CHUNK])).flatten(1).float() / 255

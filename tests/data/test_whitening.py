"""ZCA whitening by its definition, and what it does to a covariance."""

import numpy as np
import torch

from softlabels.data import whitening


def images(n=2300):
    stream = np.random.default_rng(0)
    smooth = stream.standard_normal((n, 12)) @ stream.standard_normal((12, 12))
    return np.clip(128 + 40 * smooth, 0, 255).astype(np.uint8).reshape(n, 3, 2, 2)


def test_the_matrix_is_that_of_the_singular_vectors():
    x = torch.from_numpy(images()).flatten(1).double() / 255
    centred = x - x.mean(0)
    u, s, _ = torch.linalg.svd(centred.T @ centred / (len(x) - 1))
    expected = u @ torch.diag((s + 0.1).rsqrt()) @ u.T
    mean, matrix = whitening.fit(images())
    assert torch.allclose(mean.double(), x.mean(0), atol=1e-6)
    assert torch.allclose(matrix.double(), expected, atol=1e-4)
    whitened = whitening.apply(images(), mean, matrix)
    assert whitened.shape == (2300, 3, 2, 2) and whitened.dtype == np.float32
    assert np.allclose(whitened.reshape(2300, 12), centred @ expected, atol=1e-4)


def test_large_variances_come_close_to_one_and_small_ones_vanish():
    x = torch.from_numpy(whitening.apply(images(), *whitening.fit(images()))).flatten(1)
    before = torch.linalg.eigvalsh((torch.from_numpy(images()).flatten(1).float() / 255).T.cov())
    assert torch.allclose(torch.linalg.eigvalsh(x.T.cov()), before / (before + 0.1), atol=1e-3)


def test_other_images_are_treated_alike():
    mean, matrix = whitening.fit(images())
    one, all_of_them = whitening.apply(images()[7:8], mean, matrix), whitening.apply(images(), mean, matrix)
    assert np.allclose(one[0], all_of_them[7], atol=1e-5)

"""The grouped program is autograd on the networks one by one."""

import pytest
import torch

from softlabels.errors import SoftLabelsError
from softlabels.models import convnet
from softlabels.models.convnet import Shape
from softlabels.training import grouped

SHAPES = {
    "digits": Shape(2, 16, 1, 8, 8, 10),
    "pairs": Shape(2, 8, 1, 8, 16, 7),
    "colour": Shape(3, 4, 3, 16, 8, 5),
    "one block": Shape(1, 3, 2, 4, 6, 4),
}
R, N = 4, 7


def problem(shape, own, dtype=torch.float64):
    g = torch.Generator().manual_seed(1)
    params = convnet.start(shape, [g] * R, dtype=dtype)
    params = {name: t + 0.2 * torch.randn(t.shape, generator=g, dtype=dtype) for name, t in params.items()}
    size = (R,) * own + (N, shape.channels, shape.height, shape.breadth)
    images = torch.randn(size, generator=g, dtype=dtype)
    targets = torch.rand(R, N, shape.classes, generator=g, dtype=dtype)  # rows need not sum to 1
    return params, images, targets


def by_autograd(params, images, targets):
    live = {name: tensor.clone().requires_grad_() for name, tensor in params.items()}
    logits = convnet.logits(live, images)
    (-(targets * logits.log_softmax(-1)).sum() / targets.shape[1]).backward()
    return logits.detach(), {name: tensor.grad for name, tensor in live.items()}


@pytest.mark.parametrize("room", [1, 4000, 2**21])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", SHAPES)
def test_logits_and_gradients(name, own, room, monkeypatch):
    monkeypatch.setitem(grouped.ROOM, "cpu", room)
    monkeypatch.setattr(grouped, "WIDE", 16)
    params, images, targets = problem(SHAPES[name], own)
    logits, expected = by_autograd(params, images, targets)
    seen = grouped.patches(images)
    torch.testing.assert_close(grouped.logits(params, seen), logits, rtol=1e-10, atol=1e-10)
    found = {name: torch.zeros_like(tensor) for name, tensor in params.items()}
    for _ in range(2):  # they add up
        grouped.add_gradients(params, seen, targets, found)
    for name in params:
        torch.testing.assert_close(found[name] / 2, expected[name], rtol=1e-8, atol=1e-12)


def test_rows_of_patches_are_patches_of_rows():
    for own in (False, True):
        _, images, _ = problem(SHAPES["pairs"], own)
        seen, rows = grouped.patches(images), torch.tensor([[3, 1], [0, 6], [2, 2], [5, 4]])
        picked = images[:, rows[0]] if own else images[rows[0]]
        theirs = images[torch.arange(R).unsqueeze(1), rows] if own else images[rows]
        for found, expected in ((seen.rows(rows[0]), picked), (seen.rows(rows), theirs)):
            again = grouped.patches(expected)
            torch.testing.assert_close(found.columns, again.columns)
            torch.testing.assert_close(found.covariance, again.covariance)


@pytest.mark.parametrize("size", [(1, 6, 6), (1, 4, 8), (1, 8, 7)])
def test_images_that_do_not_halve(size):
    params, _, _ = problem(SHAPES["digits"], own=False)
    with pytest.raises(SoftLabelsError, match="divide by 4|even sides"):
        grouped.logits(params, grouped.patches(torch.zeros(3, *size, dtype=torch.float64)))

"""Both libraries that may multiply large matrices give the product."""

import pytest
import torch

from softlabels.models import mlp
from softlabels.training import linear, products
from softlabels.training import two_layer as fleet
from softlabels.training.reference import linear_network, train_reference

ONEDNN = getattr(torch.ops.mkldnn, "_linear_pointwise", None) if torch.backends.mkldnn.is_available() else None


@pytest.fixture(params=["mkl", "onednn"])
def library(request, monkeypatch):
    if request.param == "onednn" and ONEDNN is None:
        pytest.skip("this PyTorch has no oneDNN")
    monkeypatch.setattr(products, "onednn_linear", lambda: ONEDNN if request.param == "onednn" else None)
    monkeypatch.setattr(products, "WORTH_IT", 0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_product(library, dtype):
    g = torch.Generator().manual_seed(0)
    left, right = torch.randn(40, 30, generator=g, dtype=dtype), torch.randn(50, 30, generator=g, dtype=dtype).mT
    wanted, out = left.double() @ right.double(), torch.empty(40, 50, dtype=dtype)
    tolerance = {torch.float32: 2e-5, torch.float64: 1e-12}[dtype]
    torch.testing.assert_close(products.product(left, right, out).double(), wanted, rtol=0, atol=tolerance)
    torch.testing.assert_close(products.product(left, right.contiguous(), out).double(), wanted, rtol=0, atol=tolerance)


def test_a_float32_fleet_errs_no_more_than_the_plain_loop(library):
    """In the median network: now and then rounding takes a ReLU over its kink, in either loop, and moves a network."""
    networks = 9
    g = torch.Generator().manual_seed(1)
    params, inputs = mlp.start((6, 20, 4), [g] * networks), torch.randn(30, 6, generator=g)
    targets = torch.randn(networks, 30, 4, generator=g).softmax(-1)
    exact = fleet.train(
        {k: v.double() for k, v in params.items()}, inputs.double(), targets.double(), lr=3e-3, steps=200
    )
    fast = fleet.train(params, inputs, targets, lr=3e-3, steps=200)
    ours, theirs = torch.zeros(networks, dtype=torch.float64), torch.zeros(networks, dtype=torch.float64)
    for r in range(networks):
        plain = train_reference(mlp.one(params, r), inputs, targets[r], lr=3e-3, steps=200)
        for name, parameter in zip(fast, plain.parameters(), strict=True):
            want = exact[name][r].mT if parameter.ndim == 2 else exact[name][r]
            got = fast[name][r].mT if parameter.ndim == 2 else fast[name][r]
            ours[r] += (got - want).square().sum()
            theirs[r] += (parameter.detach() - want).square().sum()
    assert ours.median().sqrt() <= 2 * theirs.median().sqrt()


def test_a_float32_linear_fleet_errs_at_most_twice_as_much_as_the_plain_loop(library):
    g = torch.Generator().manual_seed(2)
    inputs = torch.randn(1, 40, 30, generator=g)
    for c in (2, 3):
        targets = torch.randn(1, 4, 40, c, generator=g).softmax(-1).mT.contiguous()
        start = linear.start(4, c, 30, g)[None]
        exact = linear.train(inputs.double(), targets.double(), start.double(), lr=1e-3, steps=200)
        fast = linear.train(inputs, targets, start, lr=1e-3, steps=200)
        networks = [linear_network(start[0, k]) for k in range(4)]
        for k, network in enumerate(networks):
            train_reference(network, inputs[0], targets[0, k].T, lr=1e-3, steps=200)
        plain = torch.stack([network.weight.detach() for network in networks])
        assert (fast[0] - exact[0]).norm() <= 2 * (plain - exact[0]).norm()

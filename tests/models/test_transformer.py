"""The stack of transformers is the network as it is usually written down, and starts as the paper's does."""

import pytest
import torch

from softlabels.errors import SoftLabelsError
from softlabels.models import mlp, transformer
from softlabels.models.transformer import Shape

SMALL = Shape(p=5, d_model=8, heads=2, d_mlp=12)


def generators(R):
    return [torch.Generator().manual_seed(r) for r in range(R)]


def stack(R=3, shape=SMALL):
    """A stack whose biases are not 0, so that a test sees them."""
    params = transformer.start(shape, generators(R), dtype=torch.float64)
    return {name: tensor + 0.3 if name.startswith("bias") else tensor for name, tensor in params.items()}


def every_pair(p):
    return torch.cartesian_prod(torch.arange(p), torch.arange(p))


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("room", [1, 2**28])
def test_the_stack_is_the_plain_network(own, room, monkeypatch):
    monkeypatch.setitem(mlp.ROOM, "cpu", room)  # one network at a time, or all
    params, asked = stack(), every_pair(5)
    if own:
        asked = torch.stack([asked.roll(r, 0) for r in range(3)])
    found = transformer.logits(params, asked)
    assert found.shape == (3, 25, 5)
    for r in range(3):
        plain = transformer.one(params, r)(asked[r] if own else asked)
        torch.testing.assert_close(found[r], plain.detach(), rtol=1e-12, atol=1e-12)


def test_so_are_its_gradients():
    params, asked = stack(1), every_pair(5)
    leaves = {name: tensor.requires_grad_() for name, tensor in params.items()}
    plain = transformer.one(params, 0)
    (transformer.logits(leaves, asked)[0] ** 3).sum().backward()
    (plain(asked) ** 3).sum().backward()
    for name, parameter in plain.named_parameters():
        torch.testing.assert_close(leaves[name].grad[0], parameter.grad, rtol=1e-10, atol=1e-10)


def test_the_last_place_sees_all_whether_or_not_attention_is_causal():
    plain, asked = transformer.one(stack(1), 0), every_pair(5)
    causal = plain(asked)
    plain.causal.fill_(True)
    torch.testing.assert_close(plain(asked), causal, rtol=0, atol=0)
    plain.causal[-1, 1] = False  # and without the second number it would answer otherwise
    assert not torch.allclose(plain(asked), causal)


def test_the_order_of_the_numbers_matters():
    params = stack(1)
    assert not torch.allclose(
        transformer.logits(params, every_pair(5)), transformer.logits(params, every_pair(5).flip(1))
    )


def test_start_has_the_papers_deviations():
    shape = Shape()
    params = transformer.start(shape, generators(2))
    assert transformer.shape_of(params) == shape
    for name, tensor in params.items():
        expected = 0 if name.startswith("bias") else 113**-0.5 if name == "unembed" else 128**-0.5
        # A sample's deviation is off by its own standard error, 1/√(2·size), times four.
        assert abs(float(tensor.std()) - expected) <= 4 * expected / (2 * tensor.numel()) ** 0.5, name
        assert abs(float(tensor.mean())) <= 4 * expected / tensor.numel() ** 0.5, name
        assert expected == 0 or not torch.equal(tensor[0], tensor[1])


def test_the_papers_network_has_its_parameters():
    tokens, places, attention, mlp, out = 114 * 128, 3 * 128, 4 * 128 * 128, 2 * 128 * 512 + 512 + 128, 128 * 113
    network = transformer.one(transformer.start(Shape(), generators(1)), 0)
    assert sum(parameter.numel() for parameter in network.parameters()) == tokens + places + attention + mlp + out


@pytest.mark.parametrize("sizes", [{"d_model": 30}, {"p": 0}, {"heads": 0}])
def test_bad_sizes(sizes):
    with pytest.raises(SoftLabelsError, match="heads that divide d_model"):
        Shape(**sizes)


def test_bad_input():
    with pytest.raises(SoftLabelsError, match="at least one generator"):
        transformer.start(SMALL, [])
    with pytest.raises(SoftLabelsError, match="from 0 to 4"):
        transformer.logits(stack(), torch.full((3, 2), 5))  # the sign that asks is no number
    with pytest.raises(SoftLabelsError, match="take pairs"):
        transformer.logits(stack(), torch.zeros(2, 4, 2, dtype=torch.int64))

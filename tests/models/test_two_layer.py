"""A stack of two-layer networks: its start, its logits, and one of them as a module."""

import pytest
import torch
from torch import nn

from softlabels.errors import SoftLabelsError
from softlabels.models import two_layer


def stack(R=3, sizes=(2, 5, 4)):
    return two_layer.start(sizes, [torch.Generator().manual_seed(r) for r in range(R)])


def test_start_replays_the_global_stream_of_nn_linear():
    with torch.random.fork_rng():
        torch.manual_seed(13)
        theirs = [nn.Sequential(nn.Linear(2, 150), nn.ReLU(), nn.Linear(150, 3)) for _ in range(2)]
    ours = two_layer.start((2, 150, 3), [torch.Generator().manual_seed(13)] * 1)
    shared = torch.Generator().manual_seed(13)
    both = two_layer.start((2, 150, 3), [shared, shared])  # one stream, two networks after each other
    for r in (0, 1):
        for name, parameter in zip(two_layer.NAMES, theirs[r].parameters(), strict=True):
            assert torch.equal(both[name][r], parameter.mT if parameter.ndim == 2 else parameter)
    assert torch.equal(ours["weight1"][0], both["weight1"][0])


@pytest.mark.parametrize("own", [False, True])
def test_logits_are_each_networks_own(own):
    params = stack()
    inputs = torch.randn((3, 6, 2) if own else (6, 2), generator=torch.Generator().manual_seed(9))
    found = two_layer.logits(params, inputs)
    for r in range(3):
        torch.testing.assert_close(found[r], two_layer.one(params, r)(inputs[r] if own else inputs).detach())


def test_take_and_join_are_inverse():
    params = stack(4)
    joined = two_layer.join([two_layer.take(params, [2, 3]), two_layer.take(params, slice(0, 2))])
    back = two_layer.take(joined, [2, 3, 0, 1])
    assert all(torch.equal(back[name], params[name]) for name in two_layer.NAMES)


@pytest.mark.parametrize(("sizes", "count"), [((2, 0, 3), 1), ((2, 5), 1), ((2, 5, 3), 0)])
def test_bad_sizes(sizes, count):
    with pytest.raises(SoftLabelsError, match="needs sizes"):
        two_layer.start(sizes, [torch.Generator()] * count)


@pytest.mark.parametrize("shape", [(6, 3), (2, 6, 2), (2,)])
def test_bad_inputs(shape):
    with pytest.raises(SoftLabelsError, match="take"):
        two_layer.logits(stack(), torch.zeros(shape))

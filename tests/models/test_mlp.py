"""Stacks of MLPs: their start, their logits, one of them as a module, and what they make of pairs of numbers."""

import pytest
import torch
from torch import nn

from softlabels.errors import SoftLabelsError
from softlabels.models import mlp

P, N = 5, 12


def generators(R):
    return [torch.Generator().manual_seed(r) for r in range(R)]


def stack(R=3, sizes=(2 * P, 7, 6, P)):
    return mlp.start(sizes, generators(R))


def pairs(*shape):
    return torch.randint(P, (*shape, 2), generator=torch.Generator().manual_seed(9))


def test_start_replays_the_global_stream_of_nn_linear():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        theirs = nn.Sequential(nn.Linear(10, 7), nn.ReLU(), nn.Linear(7, 6), nn.ReLU(), nn.Linear(6, 5))
    ours = mlp.one(stack(), 1)
    for mine, parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(mine, parameter)


def test_one_stream_starts_networks_after_each_other():
    with torch.random.fork_rng():
        torch.manual_seed(13)
        theirs = [nn.Sequential(nn.Linear(2, 150), nn.ReLU(), nn.Linear(150, 3)) for _ in range(2)]
    ours = mlp.start((2, 150, 3), [torch.Generator().manual_seed(13)] * 1)
    shared = torch.Generator().manual_seed(13)
    both = mlp.start((2, 150, 3), [shared, shared])
    for r in (0, 1):
        for name, parameter in zip(both, theirs[r].parameters(), strict=True):
            assert torch.equal(both[name][r], parameter.mT if parameter.ndim == 2 else parameter)
    assert torch.equal(ours["weight1"][0], both["weight1"][0])


def test_the_papers_network_has_its_parameters():
    params = mlp.start((226, 200, 200, 113), generators(2))
    assert mlp.sizes(params) == (226, 200, 200, 113)
    assert list(params) == ["weight1", "bias1", "weight2", "bias2", "weight3", "bias3"]
    assert sum(tensor[0].numel() for tensor in params.values()) == 227 * 200 + 201 * 200 + 201 * 113


@pytest.mark.parametrize("sizes", [(2 * P, P), (2 * P, 4, P), (2 * P, 7, 6, 3, P)])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("room", [1, 2**28])
def test_logits_are_each_networks_own(sizes, own, room, monkeypatch):
    monkeypatch.setitem(mlp.ROOM, "cpu", room)  # one network at a time, or all
    params, asked = stack(3, sizes), pairs(3, N) if own else pairs(N)
    inputs = mlp.one_hot_pairs(asked, P)
    assert inputs.shape == (*asked.shape[:-1], 2 * P) and (inputs.sum(-1) == 2).all()
    expected = torch.stack([mlp.one(params, r)(inputs[r] if own else inputs).detach() for r in range(3)])
    torch.testing.assert_close(mlp.logits(params, inputs), expected)
    torch.testing.assert_close(mlp.pair_logits(params, asked), expected)


def test_the_first_number_comes_first():
    a, b = mlp.one_hot_pairs(torch.tensor([[3, 1]]), 4)[0].split(4)
    assert a.argmax() == 3 and b.argmax() == 1


def test_take_and_join_are_inverse():
    params = stack(4)
    joined = mlp.join([mlp.take(params, [2, 3]), mlp.take(params, slice(0, 2))])
    back = mlp.take(joined, [2, 3, 0, 1])
    assert all(torch.equal(back[name], params[name]) for name in params)


@pytest.mark.parametrize(("sizes", "count"), [((2, 0, 3), 1), ((2,), 1), ((2, 5, 3), 0)])
def test_bad_sizes(sizes, count):
    with pytest.raises(SoftLabelsError, match="needs two sizes or more"):
        mlp.start(sizes, [torch.Generator()] * count)


@pytest.mark.parametrize("shape", [(6, 3), (2, 6, 2 * P), (2 * P,)])
def test_bad_inputs(shape):
    with pytest.raises(SoftLabelsError, match="take"):
        mlp.logits(stack(), torch.zeros(shape))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (torch.zeros(N, 3, dtype=torch.int64), "take pairs"),
        (torch.zeros(2, N, 2, dtype=torch.int64), "take pairs"),
        (torch.zeros(N, 2), "from 0 to 4"),
        (torch.full((N, 2), P), "from 0 to 4"),
        (torch.full((N, 2), -1), "from 0 to 4"),
    ],
)
def test_bad_pairs(asked, says):
    with pytest.raises(SoftLabelsError, match=says):
        mlp.pair_logits(stack(), asked)


def test_pairs_need_an_even_number_of_inputs():
    with pytest.raises(SoftLabelsError, match="even number of inputs"):
        mlp.pair_logits(stack(sizes=(9, 4, 5)), pairs(N))

"""ConvNets: their sizes, their starts, and stacks of them."""

import pytest
import torch
from torch import nn

from softlabels.errors import SoftLabelsError
from softlabels.models import convnet
from softlabels.models.convnet import ConvNet, Shape

DIGITS = Shape(2, 16, 1, 8, 8, 10)


def generators(R, first=0):
    return [torch.Generator().manual_seed(first + r) for r in range(R)]


@pytest.mark.parametrize(
    ("shape", "published"),
    [
        (Shape(3, 128, 3, 32, 32, 10), 320_010),
        (Shape(3, 128, 3, 32, 32, 100), 504_420),
        (Shape(4, 128, 3, 64, 64, 200), 857_160),
    ],
)
def test_parameter_counts_are_the_papers(shape, published):
    assert sum(parameter.numel() for parameter in ConvNet(shape).parameters()) == published


def test_features_are_the_last_map():
    assert Shape(4, 128, 3, 64, 64, 200).features == 2048
    assert Shape(2, 16, 1, 8, 16, 100).features == 128


def test_a_start_replays_pytorchs_own_and_leaves_the_global_generator_alone():
    with torch.random.fork_rng():
        torch.manual_seed(13)
        plain = nn.Sequential(
            *(nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(8, 8), nn.ReLU(), nn.AvgPool2d(2)),
            *(nn.Conv2d(8, 8, 3, padding=1), nn.GroupNorm(8, 8), nn.ReLU(), nn.AvgPool2d(2)),
            *(nn.Flatten(), nn.Linear(8 * 2 * 4, 5)),
        )
        before = torch.random.get_rng_state()
        network = ConvNet(Shape(2, 8, 3, 8, 16, 5), torch.Generator().manual_seed(13))
        convnet.one(convnet.stack([network]), 0)
        assert torch.equal(before, torch.random.get_rng_state())
    for mine, theirs in zip(network.parameters(), plain.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    images = torch.randn(4, 3, 8, 16, generator=generators(1)[0])
    assert torch.equal(network(images), plain(images))


@pytest.mark.parametrize("own", [False, True])
def test_logits_of_a_stack_are_each_networks_own(own):
    params = convnet.start(DIGITS, generators(3))
    images = torch.randn((3, 6, 1, 8, 8) if own else (6, 1, 8, 8), generator=generators(1)[0])
    found = convnet.logits(params, images)
    for r in range(3):
        network = convnet.one(params, r)
        torch.testing.assert_close(found[r], network(images[r] if own else images).detach())


def test_stack_one_take_and_join():
    params = convnet.start(DIGITS, generators(4))
    assert {name: tuple(tensor.shape[1:]) for name, tensor in params.items()} == {
        name: tuple(parameter.shape) for name, parameter in ConvNet(DIGITS).named_parameters()
    }
    again = convnet.stack([convnet.one(params, r) for r in range(4)])
    back = convnet.join([convnet.take(again, slice(0, 1)), convnet.take(again, [1, 2, 3])])
    assert list(back) == list(params)
    assert all(torch.equal(back[name], params[name]) for name in params)


def test_one_is_a_copy():
    params = convnet.start(DIGITS, generators(1))
    network = convnet.one(params, 0)
    with torch.no_grad():
        network.linear.bias.add_(1)
    assert not torch.equal(network.linear.bias, params["linear.bias"][0])


def test_starts_have_their_number_type():
    assert convnet.start(DIGITS, generators(1), dtype=torch.float64)["conv1.weight"].dtype == torch.float64


@pytest.mark.parametrize("sizes", [(0, 16, 1, 8, 8, 10), (4, 16, 1, 8, 16, 10), (2, 16, 1, 8, 8, 0)])
def test_bad_shapes(sizes):
    with pytest.raises(SoftLabelsError, match="at least one block"):
        Shape(*sizes)


def test_an_empty_stack():
    with pytest.raises(SoftLabelsError, match="at least one generator"):
        convnet.start(DIGITS, [])


@pytest.mark.parametrize(
    ("images", "says"),
    [
        ((6, 3, 8, 8), "take images"),
        ((2, 6, 1, 8, 8), "take images"),
        ((6, 8, 8), "take images"),
        ((6, 1, 8, 16), "features"),
    ],
)
def test_images_that_do_not_fit(images, says):
    with pytest.raises(SoftLabelsError, match=says):
        convnet.logits(convnet.start(DIGITS, generators(3)), torch.zeros(images))


def test_the_layout_of_images_changes_no_logits():
    params = convnet.start(Shape(2, 16, 3, 8, 8, 10), generators(1))
    images = torch.randn(4, 3, 8, 8, generator=generators(1)[0])
    last = convnet.logits(params, images.to(memory_format=torch.channels_last))
    torch.testing.assert_close(last, convnet.logits(params, images))

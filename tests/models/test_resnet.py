"""ResNets are torchvision's, but for their random stream."""

import pytest
import torch
import torchvision

from softlabels.errors import SoftLabelsError
from softlabels.models import resnet


def test_it_is_torchvisions_with_a_start_of_its_own():
    before = torch.random.get_rng_state()
    one, again, other = (resnet.start("ResNet18", 7, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert torch.equal(torch.random.get_rng_state(), before)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        plain = torchvision.models.resnet18(num_classes=7)
    assert {name: t.shape for name, t in one.state_dict().items()} == {
        name: t.shape for name, t in plain.state_dict().items()
    }
    for name, tensor in one.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name
        drawn = "conv" in name or name.startswith("fc") or name.endswith("downsample.0.weight")
        assert torch.equal(tensor, other.state_dict()[name]) != drawn, name
        if drawn:  # as wide as torchvision's
            assert float(tensor.std()) == pytest.approx(float(plain.state_dict()[name].std()), rel=0.15, abs=0.02), name
    one.eval()
    with torch.no_grad():
        assert one(torch.zeros(2, 3, 32, 32)).shape == (2, 7)


def test_other_names():
    with pytest.raises(SoftLabelsError, match="no ResNet 'ResNet34'; choose one of ResNet18, ResNet50"):
        resnet.start("ResNet34", 10, torch.Generator())

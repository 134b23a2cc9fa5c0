import pytest
import torch

from softlabels.errors import SoftLabelsError
from softlabels.training import nested
from softlabels.training.reference import train_reference_logistic


def a_fleet(dtype, sizes=(40, 64, 24, 64), d=12):
    generator = torch.Generator().manual_seed(5)
    n, K = max(sizes), len(sizes)
    inputs = (torch.randn(n, d, generator=generator, dtype=torch.float64) * 2 + 0.5).to(dtype)
    targets = torch.rand(K, n, generator=generator, dtype=torch.float64).to(dtype)
    start = torch.randn(K, d, generator=generator, dtype=torch.float64).to(dtype)
    standards = [nested.standardisation(inputs, m) for m in sizes]
    shift = torch.stack([mean for mean, _ in standards])
    scale = torch.stack([deviation for _, deviation in standards])
    return inputs, targets, torch.tensor(sizes), start, shift, scale


def separate_runs(inputs, targets, sizes, start, shift, scale, **training):
    runs = []
    for k, m in enumerate(sizes.tolist()):
        standard = (inputs[:m] - shift[k]) / scale[k]
        runs.append(train_reference_logistic(standard, targets[k, :m], start[k], **training))
    return torch.stack(runs)


@pytest.mark.parametrize("block", [1, 30, 512])
def test_nested_models_equal_separate_runs(monkeypatch, block):
    monkeypatch.setattr(nested, "BLOCK", block)
    fleet = a_fleet(torch.float64)
    together = nested.train_nested(*fleet, lr=1e-2, steps=500)
    separate = separate_runs(*fleet, lr=1e-2, steps=500)
    assert (together - separate).norm() <= 1e-10 * separate.norm()
    assert (together - fleet[3]).norm() > 0.1 * fleet[3].norm()  # and they did train


def test_float32_is_no_worse_nested_than_alone():
    exact = separate_runs(*a_fleet(torch.float64), lr=1e-2, steps=500)
    fleet = a_fleet(torch.float32)
    together = nested.train_nested(*fleet, lr=1e-2, steps=500)
    separate = separate_runs(*fleet, lr=1e-2, steps=500)
    assert (together - exact).norm() <= 2 * (separate - exact).norm()


def test_rows_beyond_a_models_size_do_not_matter():
    inputs, targets, sizes, *rest = a_fleet(torch.float64)
    once = nested.train_nested(inputs, targets, sizes, *rest, lr=1e-2, steps=20)
    targets[2, 24:] = 0.123
    assert torch.equal(nested.train_nested(inputs, targets, sizes, *rest, lr=1e-2, steps=20), once)


def test_wrong_shapes_and_divergence_are_one_sentence():
    inputs, targets, sizes, start, shift, scale = a_fleet(torch.float64)
    with pytest.raises(SoftLabelsError, match="needs inputs"):
        nested.train_nested(inputs, targets[:, :-1], sizes, start, shift, scale, lr=1e-2, steps=1)
    with pytest.raises(SoftLabelsError, match="diverged"):
        nested.train_nested(inputs, targets, sizes, start, shift, scale, lr=1e308, steps=5)
    with pytest.raises(SoftLabelsError, match="inputs hold NaN"):
        nested.train_nested(inputs * torch.nan, targets, sizes, start, shift, scale, lr=1e-2, steps=1)
    for change in ({"sizes": sizes * 0}, {"sizes": sizes + 1}, {"scale": scale * 0}, {"steps": 0}):
        given = {"sizes": sizes, "scale": scale, "steps": 1} | change
        with pytest.raises(SoftLabelsError, match="sizes from 1 to 64"):
            nested.train_nested(inputs, targets, start=start, shift=shift, lr=1e-2, **given)

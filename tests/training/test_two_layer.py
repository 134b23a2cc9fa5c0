"""The fleet of two-layer networks is the plain loop, run many times at once."""

import pytest
import torch

from softlabels.errors import SoftLabelsError
from softlabels.models import mlp
from softlabels.training import two_layer as fleet
from softlabels.training.reference import train_reference

R, N, D, H, C = 5, 14, 3, 7, 4


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def problem(own, soft, dtype=torch.float64):
    g = generator(1)
    params = mlp.start((D, H, C), [generator(10 + r) for r in range(R)], dtype=dtype)
    inputs = torch.randn((R, N, D) if own else (N, D), generator=g, dtype=dtype)
    scores = torch.randn((R, N, C), generator=g, dtype=dtype)
    targets = scores.softmax(-1) if soft else torch.nn.functional.one_hot(scores.argmax(-1), C).to(dtype)
    return params, inputs, targets


def assert_close(fast, r, plain, rtol):
    for name, want in zip(fast, plain.parameters(), strict=True):
        got = fast[name][r].mT if want.ndim == 2 else fast[name][r]
        assert (got - want.detach()).norm() <= rtol * want.detach().norm(), name


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("soft", [False, True])
def test_float64_fleet_is_the_reference(own, soft, monkeypatch):
    params, inputs, targets = problem(own, soft)
    plain = [
        train_reference(mlp.one(params, r), inputs[r] if own else inputs, targets[r], lr=3e-3, steps=500)
        for r in range(R)
    ]
    for at_a_time in (1, 2, R):
        monkeypatch.setitem(fleet.CACHE, "cpu", at_a_time * 2 * H * N * 8)
        trained = fleet.train(params, inputs, targets, lr=3e-3, steps=500)
        for r in range(R):
            assert_close(trained, r, plain[r], 1e-10)


def test_masks_and_own_learning_rates_are_separate_runs():
    params, inputs, targets = problem(own=False, soft=True)
    kept = [torch.randperm(N, generator=generator(20 + r))[: 4 + 2 * r] for r in range(R)]
    weights, rates = torch.zeros(R, N, dtype=torch.float64), torch.logspace(-3, -2, R, dtype=torch.float64)
    for r in range(R):
        weights[r, kept[r]] = 1 / len(kept[r])
    targets[0][weights[0] == 0] = 7.0  # what stands in a row of weight 0 does not matter
    trained = fleet.train(params, inputs, targets, weights=weights, lr=rates, steps=300)
    for r in range(R):
        plain = train_reference(mlp.one(params, r), inputs[kept[r]], targets[r, kept[r]], lr=float(rates[r]), steps=300)
        assert_close(trained, r, plain, 1e-10)


def test_the_start_is_untouched_and_a_run_repeats_itself():
    params, inputs, targets = problem(own=True, soft=True)
    before = {name: tensor.clone() for name, tensor in params.items()}
    first = fleet.train(params, inputs, targets, lr=1e-2, steps=20)
    again = fleet.train(params, inputs, targets, lr=1e-2, steps=20)
    for name in params:
        assert torch.equal(params[name], before[name])
        assert torch.equal(first[name], again[name])
        assert not torch.equal(first[name], before[name])


def test_evaluation_sees_every_percent_and_snapshots_are_shorter_runs():
    params, inputs, targets = problem(own=False, soft=True)
    seen = []
    fleet.train(params, inputs, targets, lr=1e-2, steps=200, evaluate=lambda step, _: seen.append(step))
    assert seen == list(range(2, 201, 2))
    seen.clear()
    stopped = fleet.train(
        params,
        inputs,
        targets,
        lr=1e-2,
        steps=200,
        at=range(200),
        evaluate=lambda step, _: seen.append(step) or step == 30,
    )
    assert seen == list(range(31))
    kept = fleet.snapshots(params, inputs, targets, at=[0, 30, 60], lr=1e-2)
    assert list(kept) == [0, 30, 60]
    assert torch.equal(kept[0]["weight1"], params["weight1"])
    for step in (30, 60):
        shorter = fleet.train(params, inputs, targets, lr=1e-2, steps=step)
        assert all(torch.equal(kept[step][name], shorter[name]) for name in params)
    assert torch.equal(stopped["weight1"], kept[30]["weight1"])
    with pytest.raises(SoftLabelsError, match=r"Training of 20 steps has been asked .* after steps \[0, 30\]"):
        fleet.snapshots(params, inputs, targets, at=[0, 30], steps=20, lr=1e-2)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"inputs": torch.zeros(N, D + 1, dtype=torch.float64)}, "needs inputs"),
        ({"inputs": torch.zeros(D, dtype=torch.float64)}, "needs inputs"),
        ({"targets": torch.zeros(R, N, C + 1, dtype=torch.float64)}, "needs inputs"),
        ({"weights": torch.full((R, N + 1), 1 / N, dtype=torch.float64)}, "needs inputs"),
        ({"inputs": torch.full((N, D), torch.nan, dtype=torch.float64)}, "inputs hold NaN"),
        ({"inputs": torch.zeros(N, D)}, "one number type"),
        ({"targets": torch.full((R, N, C), 1.0, dtype=torch.float64)}, "must be probabilities"),
        ({"weights": torch.full((R, N), 1.0, dtype=torch.float64)}, "sum to 1"),
        ({"lr": 0.0}, "learning rate"),
        ({"lr": float("nan")}, "learning rate"),
        ({"lr": torch.ones(R + 1)}, "learning rate"),
        ({"steps": 0}, "at least one step"),
        ({"inputs": torch.zeros(N, D, dtype=torch.uint8)}, "not torch.uint8"),
        ({"evaluate": print, "at": [1, 3]}, "Training from 0 to 2 has been asked for evaluations at 1 to 3"),
    ],
)
def test_bad_input_says_what_is_wrong(change, says):
    params, inputs, targets = problem(own=False, soft=True)
    given = {"inputs": inputs, "targets": targets, "lr": 1e-3, "steps": 2} | change
    with pytest.raises(SoftLabelsError, match=says):
        fleet.train(params, **given)


def test_divergence_is_an_error():
    params, inputs, targets = problem(own=False, soft=True)
    with pytest.raises(SoftLabelsError, match="diverged"):
        fleet.train(params, inputs, targets, lr=1e308, steps=20)


def test_rates_may_be_a_list_and_parameters_may_ask_for_gradients():
    params, inputs, targets = problem(own=False, soft=True)
    rates = [1e-3 * (r + 1) for r in range(R)]
    listed = fleet.train({name: t.clone().requires_grad_() for name, t in params.items()}, inputs, targets,
                         lr=rates, steps=5)  # fmt: skip
    given = fleet.train(params, inputs, targets, lr=torch.tensor(rates, dtype=torch.float64), steps=5)
    assert all(torch.equal(listed[name], given[name]) and not listed[name].requires_grad for name in params)

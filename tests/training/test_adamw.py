"""A fleet under AdamW is the plain loop, run many times at once, whatever the networks."""

from functools import cache

import pytest
import torch

from softlabels.errors import SoftLabelsError
from softlabels.models import mlp, transformer
from softlabels.training import adamw, products
from softlabels.training.fleet import copy
from softlabels.training.reference import train_reference_adamw

R, N, P = 5, 20, 7
ROWS = (20, 5, 9, 14, 7)  # rows that count in each network, for fleets whose networks differ in them


def traced(params, pairs):
    """The layers' own logits, under a name for which the fleet has no gradient written by hand."""
    return mlp.pair_logits(params, pairs)


def generator(seed):
    return torch.Generator().manual_seed(seed)


def perceptrons(dtype, hidden=(9, 8)):
    return mlp.start((2 * P, *hidden, P), [generator(10 + r) for r in range(R)], dtype=dtype)


def attention(dtype):
    return transformer.start(transformer.Shape(P, 8, 2, 12), [generator(20 + r) for r in range(R)], dtype=dtype)


KINDS = {  # logits, start, one network as a module that takes pairs
    "layers": (mlp.pair_logits, perceptrons),
    "layers traced": (traced, perceptrons),
    "transformer": (transformer.logits, attention),
}


def plain(params, r):
    """Network r of either kind as a module that takes pairs."""
    if "token" in params:
        return transformer.one(params, r)
    return torch.nn.Sequential(OneHot(params["weight1"].dtype), *mlp.one(params, r))


class OneHot(torch.nn.Module):
    def __init__(self, dtype):
        super().__init__()
        self.dtype = dtype

    def forward(self, pairs):
        return mlp.one_hot_pairs(pairs, P, self.dtype)


def problem(dtype=torch.float64, own=True):
    g = generator(1)
    pairs = torch.randint(P, (R, N, 2) if own else (N, 2), generator=g)
    targets = torch.randn(R, N, P, generator=g, dtype=torch.float64).softmax(-1)
    weights = torch.zeros(R, N, dtype=torch.float64)
    for r, rows in enumerate(ROWS):
        weights[r, torch.randperm(N, generator=g)[:rows]] = 1 / rows
    return pairs, targets.to(dtype), weights.to(dtype)


def one_by_one(params, pairs, targets, weights, **how):
    """What the plain loop makes of each network's counted rows: each network's parameters in one vector."""
    trained = []
    for r in range(R):
        counted = weights[r] > 0
        own = pairs[r] if pairs.ndim == 3 else pairs
        network = train_reference_adamw(plain(params, r), own[counted], targets[r, counted], **how)
        trained.append(torch.nn.utils.parameters_to_vector(network.parameters()).detach())
    return torch.stack(trained)


def vectors(params):
    return torch.stack([torch.nn.utils.parameters_to_vector(plain(params, r).parameters()).detach() for r in range(R)])


def error(found, exact):
    return float(((found.double() - exact).norm(dim=1) / exact.norm(dim=1)).max())


def snapshots(*given, at, **how):
    """The parameters after each step in `at`."""
    copies = {}
    adamw.train(*given, steps=max(at), at=at, evaluate=lambda step, live: copies.update({step: copy(live)}), **how)
    return copies


@cache
def exactly(start, own, **how):
    """What the plain loop makes of the problem in double precision; both kinds of gradient are held to it."""
    return one_by_one(start(torch.float64), *problem(own=own), **how)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_in_double_precision_the_fleet_equals_the_reference(kind, own, monkeypatch):
    logits_of, start = KINDS[kind]
    params, (pairs, targets, weights) = start(torch.float64), problem(own=own)
    exact = exactly(start, own, lr=3e-3, steps=300)
    for room in (1, 30_000, 2**28):  # one network at a time, some, all
        monkeypatch.setitem(adamw.CACHE, "cpu", room)
        monkeypatch.setitem(adamw.MEMORY, "cpu", room)
        fleet = adamw.train(logits_of, params, pairs, targets, weights=weights, lr=3e-3, steps=300)
        assert error(vectors(fleet), exact) < 1e-9


@pytest.mark.parametrize("kind", [*KINDS, "large layers"])
def test_in_single_precision_the_fleet_errs_at_most_twice_as_much_as_the_reference(kind, monkeypatch):
    if kind == "large layers":  # a network that is worked through alone takes its products where `product` makes them
        kind = "layers"
        monkeypatch.setitem(adamw.CACHE, "cpu", 1)
        monkeypatch.setattr(products, "WORTH_IT", 0)
    logits_of, start = KINDS[kind]
    how = {"lr": 1e-3, "steps": 200}
    params = start(torch.float32)
    double = {name: tensor.double() for name, tensor in params.items()}
    pairs, targets, weights = problem(torch.float32)
    exact = one_by_one(double, pairs, targets.double(), weights, **how)
    fleet = vectors(adamw.train(logits_of, params, pairs, targets, weights=weights, **how))
    assert error(fleet, exact) <= 2 * error(one_by_one(params, pairs, targets, weights, **how), exact)


@pytest.mark.parametrize("hidden", [(6,), (9, 8), (5, 7, 6)])
def test_the_gradient_written_by_hand_is_autograds(hidden):
    params, (pairs, targets, weights) = perceptrons(torch.float64, hidden), problem()
    hand, traces = (adamw._Fleet(kind, params, pairs, targets, weights) for kind in (mlp.pair_logits, traced))
    for fleet in (hand, traces):
        fleet.gradients()
    assert type(hand.parts[0]) is not type(traces.parts[0])
    torch.testing.assert_close(hand.flat.grad, traces.flat.grad, rtol=1e-12, atol=1e-14)
    hand.gradients()  # nothing is left over from the last time
    torch.testing.assert_close(hand.flat.grad, traces.flat.grad, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("hidden", [(), (6,)])
def test_other_inputs_and_depths_train_as_well(hidden):
    params, (pairs, targets, weights) = perceptrons(torch.float64, hidden), problem()
    how = {"weights": weights, "lr": 1e-2, "steps": 50}
    on_pairs = adamw.train(mlp.pair_logits, params, pairs, targets, **how)
    on_inputs = adamw.train(mlp.logits, params, mlp.one_hot_pairs(pairs, P, torch.float64), targets, **how)
    for name in params:
        torch.testing.assert_close(on_pairs[name], on_inputs[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_in_rows_of_weight_0_does_not_matter(kind):
    logits_of, start = KINDS[kind]
    params, (pairs, targets, weights) = start(torch.float64), problem()
    how = {"weights": weights, "lr": 1e-2, "steps": 40}
    before = adamw.train(logits_of, params, pairs, targets, **how)
    pairs[weights == 0], targets[weights == 0] = 0, 7.0
    after = adamw.train(logits_of, params, pairs, targets, **how)
    for name in params:
        torch.testing.assert_close(before[name], after[name], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_step_changes_nothing_and_the_second_decays(kind):
    logits_of, start = KINDS[kind]
    params, (pairs, targets, _) = start(torch.float64), problem()
    how = {"lr": 1e-2, "weight_decay": 1.0}
    kept = snapshots(logits_of, params, pairs, targets, at=[0, 1, 2], **how)
    plain_decay = snapshots(logits_of, params, pairs, targets, at=[2], lr=1e-2, weight_decay=0.0)
    for name, tensor in params.items():
        assert torch.equal(kept[0][name], tensor) and torch.equal(kept[1][name], tensor)
        # After a tenth of the warm-up a step takes lr/10 of the weights; what else it does is the same.
        torch.testing.assert_close(plain_decay[2][name] - kept[2][name], 1e-3 * tensor)
    at_once = adamw.train(logits_of, params, pairs, targets, lr=1e-2, steps=1, warm_up=0)
    assert not any(torch.equal(at_once[name], tensor) for name, tensor in params.items())


def test_the_start_is_untouched_and_a_run_repeats_itself():
    params, (pairs, targets, weights) = perceptrons(torch.float64), problem()
    before = {name: tensor.clone() for name, tensor in params.items()}
    runs = [adamw.train(mlp.pair_logits, params, pairs, targets, weights=weights, lr=1e-2, steps=20) for _ in range(2)]
    for name in params:
        assert torch.equal(params[name], before[name])
        assert torch.equal(runs[0][name], runs[1][name]) and not torch.equal(runs[0][name], before[name])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("kind", KINDS)
def test_a_gpu_trains_the_same_networks_and_repeats_itself(kind):
    logits_of, start = KINDS[kind]
    params, given = start(torch.float64), problem()

    def trained(device):
        moved = {name: tensor.to(device) for name, tensor in params.items()}
        pairs, targets, weights = (tensor.to(device) for tensor in given)
        fleet = adamw.train(logits_of, moved, pairs, targets, weights=weights, lr=3e-3, steps=100)
        return {name: tensor.cpu() for name, tensor in fleet.items()}

    here, there, again = trained("cpu"), trained("cuda"), trained("cuda")
    assert error(vectors(there), vectors(here)) < 1e-9
    assert all(torch.equal(there[name], again[name]) for name in params)


@pytest.mark.parametrize("rows", [ROWS, (N,) * R], ids=["networks in another order inside", "in the same"])
def test_evaluation_sees_every_percent_and_snapshots_are_shorter_runs(rows):
    params, (pairs, targets, weights) = perceptrons(torch.float64), problem()
    if len(set(rows)) == 1:
        weights = torch.full_like(weights, 1 / N)
    given = mlp.pair_logits, params, pairs, targets
    how, seen = {"weights": weights, "lr": 1e-2}, []
    adamw.train(*given, steps=200, evaluate=lambda step, _: seen.append(step), **how)
    assert seen == list(range(2, 201, 2))
    seen.clear()

    def until_30(step, live):
        seen.append(step)
        return step == 30

    stopped = adamw.train(*given, steps=200, at=range(200), evaluate=until_30, **how)
    assert seen == list(range(31))
    kept = snapshots(*given, at=[0, 30, 60], **how)
    assert list(kept) == [0, 30, 60]
    assert all(torch.equal(kept[0][name], params[name]) for name in params)
    for step in (30, 60):
        shorter = adamw.train(*given, steps=step, **how)
        assert all(torch.equal(kept[step][name], shorter[name]) for name in params)
    assert all(torch.equal(stopped[name], kept[30][name]) for name in params)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"inputs": torch.zeros(N, 3, dtype=torch.int64)}, "take pairs"),
        ({"inputs": torch.zeros(N, dtype=torch.int64)}, "needs inputs"),
        ({"inputs": torch.zeros(R + 1, N, 2, dtype=torch.int64)}, "needs inputs"),
        ({"inputs": torch.full((N, 2), P)}, "from 0 to 6"),
        ({"targets": torch.zeros(R, N, P + 1, dtype=torch.float64)}, "of 7 classes needs inputs"),
        ({"targets": torch.zeros(N, P, dtype=torch.float64)}, "needs inputs"),
        ({"weights": torch.full((R, N + 1), 1 / N, dtype=torch.float64)}, "needs inputs"),
        ({"targets": torch.full((R, N, P), torch.nan, dtype=torch.float64)}, "targets hold NaN"),
        ({"targets": torch.full((R, N, P), 1 / P)}, "one number type"),
        ({"targets": torch.full((R, N, P), 1.0, dtype=torch.float64)}, "must be probabilities"),
        ({"weights": torch.full((R, N), 1.0, dtype=torch.float64)}, "sum to 1"),
        ({"lr": 0.0}, "learning rate"),
        ({"lr": float("nan")}, "learning rate"),
        ({"lr": torch.ones(R)}, "learning rate"),
        ({"steps": 0}, "at least one step"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_bad_input_says_what_is_wrong(kind, change, says):
    logits_of, start = KINDS[kind]
    pairs, targets, _ = problem()
    given = {"inputs": pairs, "targets": targets, "lr": 1e-3, "steps": 2} | change
    with pytest.raises(SoftLabelsError, match=says):
        adamw.train(logits_of, start(torch.float64), **given)


@pytest.mark.parametrize("kind", KINDS)
def test_divergence_is_an_error(kind):
    logits_of, start = KINDS[kind]
    pairs, targets, _ = problem()
    with pytest.raises(SoftLabelsError, match="diverged"):
        adamw.train(logits_of, start(torch.float64), pairs, targets, lr=1e308, steps=20)

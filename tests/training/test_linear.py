"""The linear fleet is the plain loop, many times at once."""

import pytest
import torch

from softlabels import labels
from softlabels.errors import SoftLabelsError
from softlabels.seeds import torch_stream
from softlabels.training import linear
from softlabels.training.reference import linear_network, train_reference

D, M, K, B = 30, 48, 2, 2
TAUS = (0.5, 4.0)  # still on their way after 2,000 steps: Adam amplifies rounding around a minimum it has reached
LR, STEPS = 1e-4, 2000  # the students' learning rate in paper B


def problem(c, dtype):
    """B data sets, each with its K soft labels (B, K, c, m) at two temperatures, and starts (B, K, c, d)."""
    g = torch_stream("test of the fleet", c)
    inputs = torch.randn(B, M, D, generator=g, dtype=torch.float64)
    z = 5 * torch.randn(B, M, c, generator=g, dtype=torch.float64)
    targets = torch.stack([labels.soften(z, tau).mT for tau in TAUS], 1)
    start = linear.start(B * K, c, D, g, torch.float64).view(B, K, c, D)
    return inputs.to(dtype), targets.to(dtype), start.to(dtype)


def one_by_one(inputs, targets, start, rows, lr, steps):
    trained = [
        train_reference(linear_network(start[b, k]), inputs[b, :rows], targets[b, k, :, :rows].T, lr=lr, steps=steps)
        for b in range(B)
        for k in range(K)
    ]
    return torch.stack([network.weight.detach() for network in trained]).view(start.shape)


def error(weights, exact):
    return float((weights.double() - exact).norm() / exact.norm())


@pytest.fixture(scope="module", params=[2, 5], ids=["two classes", "five classes"])
def exact(request):
    """The number of classes, and what the plain loop makes of the problem in double precision."""
    return request.param, one_by_one(*problem(request.param, torch.float64), M, LR, STEPS)


def test_in_double_precision_the_fleet_equals_the_reference(exact):
    c, reference = exact
    assert error(linear.train(*problem(c, torch.float64), lr=LR, steps=STEPS), reference) < 1e-10


def test_in_single_precision_the_fleet_errs_at_most_twice_as_much_as_the_reference(exact):
    c, reference = exact
    single = problem(c, torch.float32)
    fleet = linear.train(*single, lr=LR, steps=STEPS)
    assert error(fleet, reference) <= 2 * error(one_by_one(*single, M, LR, STEPS), reference)


@pytest.mark.parametrize("c", [2, 5])
def test_row_weights_leave_out_rows(c):
    inputs, targets, start = problem(c, torch.float64)
    kept = 40
    weights = (torch.arange(M) < kept).double().expand(B, K, M) / kept
    fleet = linear.train(inputs, targets, start, lr=1e-3, steps=300, row_weights=weights)
    assert error(fleet, one_by_one(inputs, targets, start, kept, 1e-3, 300)) < 1e-10


def test_the_start_is_left_alone_and_evaluations_come_on_time():
    inputs, targets, start = problem(2, torch.float64)
    before, seen = start.clone(), []
    final = linear.train(
        inputs, targets, start, lr=1e-3, steps=20, every=5, evaluate=lambda s, w: seen.append((s, w.clone()))
    )
    assert torch.equal(start, before)
    assert [step for step, _ in seen] == [5, 10, 15, 20] and torch.equal(seen[-1][1], final)


def test_logits_are_those_of_a_linear_layer():
    inputs, _, start = problem(5, torch.float64)
    z = linear.logits(start, inputs)
    torch.testing.assert_close(z[1, 1].T, linear_network(start[1, 1])(inputs[1]).detach())


def test_start_is_pytorchs_default():
    start = linear.start(400, 2, 25, torch_stream("start"))
    assert start.abs().max() <= 1 / 5 and abs(float(start.std()) - 0.2 / 3**0.5) < 2e-3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, q, w: (x[0], q, w), "needs inputs"),
        (lambda x, q, w: (x[:, :-1], q, w), "needs inputs"),
        (lambda x, q, w: (x[:, :0], q[..., :0], w), "needs inputs"),
        (lambda x, q, w: (x * float("nan"), q, w), "inputs hold NaN"),
        (lambda x, q, w: (x, q * float("inf"), w), "targets hold NaN"),
        (lambda x, q, w: (x, q * 2, w), "must be probabilities"),
        (lambda x, q, w: (x, q - 1, w), "must be probabilities"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    with pytest.raises(SoftLabelsError, match=message):
        linear.train(*change(*problem(2, torch.float32)), lr=1e-3, steps=1)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"row_weights": torch.full((B, K, M + 1), 1 / M)}, "row weights"),
        ({"row_weights": torch.full((B, K, M), torch.nan)}, "row weights hold NaN"),
        ({"row_weights": torch.full((B, K, M), 1.0)}, "sum to 1"),
        ({"lr": 0.0}, "learning rate"),
        ({"lr": torch.ones(K)}, "learning rate"),
        ({"steps": 0}, "at least one step"),
        ({"every": 5}, "something to call"),
        ({"every": -1, "evaluate": print}, "something to call"),
    ],
)
def test_how_to_train_is_checked(how, message):
    with pytest.raises(SoftLabelsError, match=message):
        linear.train(*problem(2, torch.float32), **({"lr": 1e-3, "steps": 1} | how))


def test_rows_without_a_weight_need_no_label():
    inputs, targets, start = problem(5, torch.float64)
    targets[..., 40:] = 0.0
    weights = (torch.arange(M) < 40).double().expand(B, K, M) / 40
    trained = linear.train(inputs, targets, start, lr=1e-3, steps=3, row_weights=weights)
    assert torch.isfinite(trained).all()


@pytest.mark.parametrize("c", [2, 5])
def test_the_layout_of_tensors_and_gradients_asked_of_them_change_nothing(c):
    given = problem(c, torch.float64)
    strided = [tensor.mT.contiguous().mT.requires_grad_() for tensor in given]
    plain, other = (linear.train(*tensors, lr=1e-3, steps=20) for tensors in (given, strided))
    assert not other.requires_grad and error(other, plain) < 1e-12
    torch.testing.assert_close(linear.logits(strided[2], strided[0]), linear.logits(given[2], given[0]))


@pytest.mark.parametrize("change", [lambda x, w: (x[0], w), lambda x, w: (x[..., 1:], w), lambda x, w: (x, w[0])])
def test_logits_of_what_does_not_fit_are_refused(change):
    inputs, _, start = problem(2, torch.float32)
    inputs, start = change(inputs, start)
    with pytest.raises(SoftLabelsError, match="logits need weights"):
        linear.logits(start, inputs)


def test_divergence_is_said():
    inputs, targets, start = problem(5, torch.float32)
    with pytest.raises(SoftLabelsError, match="diverged"):
        linear.train(inputs, targets, start, lr=1e38, steps=5)

import pytest
import torch

from softlabels.errors import SoftLabelsError
from softlabels.training.least_squares import prefix_least_squares

D = 30
SIZES = (1, 2, 14, 28, 29, 30, 31, 32, 33, 60, 61, 89, 90, 14, 60)  # both sides of d, neighbours of it, repeats


def problem(consistent, d=D, sizes=SIZES):
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(max(sizes), d, generator=generator, dtype=torch.float64)
    x = x - x.mean(0)
    if consistent:
        targets = x @ torch.randn(d, len(sizes), generator=generator, dtype=torch.float64)
    else:
        targets = torch.randn(max(sizes), len(sizes), generator=generator, dtype=torch.float64)
    return x, targets, torch.tensor(sizes)


@pytest.mark.parametrize("consistent", [True, False])
def test_every_prefix_equals_its_pseudo_inverse(consistent):
    x, targets, sizes = problem(consistent)
    w = prefix_least_squares(x, targets, sizes)
    for j, m in enumerate(SIZES):
        by_svd = torch.linalg.lstsq(x[:m], targets[:m, j : j + 1], driver="gelsd").solution[:, 0]
        by_pinv = torch.linalg.pinv(x[:m]) @ targets[:m, j]
        assert (w[:, j] - by_svd).norm() <= 1e-11 * by_svd.norm(), m
        assert (w[:, j] - by_pinv).norm() <= 1e-11 * by_pinv.norm(), m


def test_normal_equations_lose_nothing_just_above_the_threshold():
    x, targets, sizes = problem(False, d=200, sizes=(200, 201, 202, 204))
    w = prefix_least_squares(x, targets, sizes)
    for j, m in enumerate(sizes.tolist()):
        by_qr = torch.linalg.lstsq(x[:m], targets[:m, j : j + 1], driver="gelsd").solution[:, 0]
        assert (w[:, j] - by_qr).norm() <= 1e-10 * by_qr.norm(), m


def test_a_consistent_problem_gives_its_weights_back_once_the_rows_span_the_inputs():
    x, _, _ = problem(True)
    truth = torch.arange(1.0, D + 1, dtype=torch.float64)
    targets = (x @ truth)[:, None].expand(-1, 3)
    w = prefix_least_squares(x, targets, torch.tensor([D - 1, D, D + 1]))
    errors = (w - truth[:, None]).norm(dim=0) / truth.norm()
    assert errors[0] > 1e-2  # one row too few leaves a direction unseen
    assert (errors[1:] < 1e-10).all()


def test_targets_beyond_a_prefix_are_not_read():
    x, targets, sizes = problem(False)
    once = prefix_least_squares(x, targets, sizes)
    beyond = torch.arange(len(x))[:, None] >= sizes
    assert torch.equal(prefix_least_squares(x, torch.where(beyond, 1e9, targets), sizes), once)


def test_bad_problems_are_one_sentence():
    x, targets, sizes = problem(False)
    with pytest.raises(SoftLabelsError, match="sizes from 1 to"):
        prefix_least_squares(x, targets, sizes * 0)
    with pytest.raises(SoftLabelsError, match="sizes from 1 to"):
        prefix_least_squares(x, targets[:, :-1], sizes)
    with pytest.raises(SoftLabelsError, match="inputs hold NaN"):
        prefix_least_squares(x * torch.nan, targets, sizes)
    x[1] = x[0]
    with pytest.raises(SoftLabelsError, match="full rank"):
        prefix_least_squares(x, targets[:, :1], torch.tensor([5]))
    x[:, 1] = x[:, 0]
    with pytest.raises(SoftLabelsError, match="full rank|span"):
        prefix_least_squares(x, targets[:, :1], torch.tensor([60]))

"""Newton's method finds what the labels hold."""

import pytest
import torch
from scipy.optimize import minimize

from softlabels.data.synthetic import gaussian
from softlabels.errors import SoftLabelsError
from softlabels.training.newton import train_newton


def test_it_finds_the_teacher_behind_the_labels():
    inputs = gaussian(60, 20, "newton", 0, dtype=torch.float64)
    teacher = 4 * gaussian(1, 20, "newton's teacher", 0, dtype=torch.float64)[0]
    found = train_newton(inputs, torch.sigmoid(inputs @ teacher))
    assert float((found - teacher).norm() / teacher.norm()) < 1e-8


def test_it_agrees_with_scipy_where_no_teacher_fits():
    inputs = gaussian(80, 6, "newton", 1, dtype=torch.float64)
    wanted = torch.rand(80, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def loss(v):
        z = inputs @ torch.from_numpy(v)
        p = torch.sigmoid(z)
        return float((torch.nn.functional.softplus(z) - wanted * z).mean()), (inputs.T @ (p - wanted) / 80).numpy()

    best = minimize(loss, torch.zeros(6, dtype=torch.float64).numpy(), jac=True, method="BFGS", options={"gtol": 1e-12})
    torch.testing.assert_close(train_newton(inputs, wanted), torch.from_numpy(best.x), atol=1e-8, rtol=1e-8)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda x, q: (x, q[1:]), r"inputs \(m, d\) and labels"),
        (lambda x, q: (x.float(), q), "float64"),
        (lambda x, q: (x * torch.nan, q), "inputs hold NaN"),
        (lambda x, q: (x, q * torch.nan), "labels hold NaN"),
        (lambda x, q: (x, q + 1), "probability"),
    ],
)
def test_bad_input_is_one_sentence(change, says):
    inputs = gaussian(10, 3, "newton", 2, dtype=torch.float64)
    with pytest.raises(SoftLabelsError, match=says):
        train_newton(*change(inputs, torch.sigmoid(inputs[:, 0])))

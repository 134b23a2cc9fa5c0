"""What the official code of paper B does, re-enacted in a few lines of our own, beside what this book does.

`notebooks/record/reference_code.py` has a section for each and names these tests; the code is at commit 9e19b00.
"""

import dataclasses
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.optimize import linprog
from torch import nn
from torch.nn.functional import cross_entropy

from softlabels.claims.readings.points import first, last, with_alpha
from softlabels.data.modular import shuffled_pairs, sums
from softlabels.data.synthetic import balanced_classes, gaussian, students_part
from softlabels.errors import SoftLabelsError
from softlabels.intervals import t_interval
from softlabels.labels import as_training_targets, cut_tail, cut_tail_as_coded, harden, shuffle_within_class, soften
from softlabels.models import mlp
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies import find
from softlabels.training import linear
from softlabels.training.adamw import train as train_adamw
from softlabels.training.least_squares import prefix_least_squares
from softlabels.training.nested import standardisation
from softlabels.training.two_layer import train

ROOT = Path(__file__).parents[1]
RHOS = np.linspace(0.05, 0.95, 10)  # the train fractions of the drivers of figures 5 and 6


@pytest.fixture
def global_stream():
    """Torch's global generator, as it was before, once the test is over."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(67280421310721)  # where a new process starts
        yield


def double(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# ---- modular addition ------------------------------------------------------------------------------------------------


def test_networks_after_the_first_start_equal(global_stream):
    def trainer(seed=0):
        network = nn.Linear(6, 4)  # made before any seed is set
        torch.manual_seed(seed + 23)  # the constructor's last word; full-batch training draws nothing
        return network.weight

    first_teacher, *others = [trainer() for _ in range(5)]
    assert not torch.equal(first_teacher, others[0])
    assert all(torch.equal(weight, others[0]) for weight in others[1:])

    sizes = (6, 4, 3)
    ours = [mlp.start(sizes, [torch_stream(who, *sizes, seed)])["weight1"] for who in "TS" for seed in range(3)]
    assert not any(torch.equal(ours[i], ours[j]) for i in range(6) for j in range(i))


def test_repeats_share_one_split():
    parts = [np.random.RandomState(0).choice(3830, 1915, replace=False) for _ in range(3)]
    assert all(np.array_equal(part, parts[0]) for part in parts[1:])
    ours = [shuffled_pairs(23, torch_stream("pairs", seed)) for seed in range(3)]  # prefixes are the parts
    assert not any(torch.equal(ours[i][:100], ours[j][:100]) for i in range(3) for j in range(i))


def test_the_first_step_has_learning_rate_0():
    weight = nn.Parameter(torch.ones(3))
    optimizer = torch.optim.AdamW([weight], lr=1e-3, weight_decay=1.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(step / 10, 1))
    moved = []
    for _ in range(11):
        before = weight.detach().clone()
        weight.grad = torch.ones(3)
        optimizer.step()
        schedule.step()
        moved.append(float((before - weight.detach()).mean()))
    assert moved[0] == 0 and 0 < moved[1] < 0.2 * moved[10]


def test_float32_rounds_small_losses_to_0():
    sure = torch.tensor([[20.0, 0.0]])
    loss = [float(cross_entropy(sure.to(dtype), torch.tensor([0]))) for dtype in (torch.float32, torch.float64)]
    assert loss[0] == 0 and loss[1] == pytest.approx(math.exp(-20))


def test_the_last_log_repeats_an_older_accuracy():
    logged, epochs, every = [], 250, 100
    for epoch in range(epochs):
        if epoch % every == 0:
            tested = epoch
            logged.append((epoch, tested))
    logged.append((epoch, tested))  # once more after the loop, and nothing was tested in between
    assert logged[-1] == (249, 200)

    evaluated, start = [], mlp.start((2, 3, 2), [torch_stream("last log", 0)])
    labels = harden(torch.tensor([[0, 1]]), 2)
    train(start, double(2, 2).float(), labels, lr=1e-3, steps=epochs, evaluate=lambda step, _: evaluated.append(step))
    assert evaluated[-1] == epochs


def test_one_rounding_grows():
    p, n = 23, 158
    pairs = shuffled_pairs(p, torch_stream("one rounding", 0))[:n]
    y = sums(pairs, p)
    moved = {}
    for dtype in (torch.float32, torch.float64):
        same = [torch_stream("one rounding", 1) for _ in range(2)]
        start = {name: weight.to(dtype) for name, weight in mlp.start((2 * p, 64, 64, p), same).items()}
        first, second = start["weight1"]
        second.copy_(torch.nextafter(first, torch.tensor(9.0, dtype=dtype)))  # the next numbers that there are
        assert 0 < float((second - first).max()) < 1e-7
        labels = harden(y, p, dtype).expand(2, n, p)
        both = train_adamw(mlp.pair_logits, start, pairs, labels, lr=1e-2, steps=300)
        one, other = mlp.pair_logits(both, pairs)
        moved[dtype] = float((one - other).abs().max())
    assert moved[torch.float32] > 1e-2 and moved[torch.float64] < 1e-9


def test_the_shuffle_mode_cannot_run():
    with pytest.raises(TypeError):
        torch.permute(torch.arange(5))


# ---- linear students -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("c", "low", "high", "axis", "inside"), [(2, 0.3, 1.25, (0.3, 1.2), 7), (10, 0.005, 0.55, (0.05, 0.5), 2)]
)
def test_drivers_leave_the_axis(c, low, high, axis, inside):
    d, a = 1000, np.linspace(low, high, 20)
    coded = np.array([int(x * d * c) for x in a]) / d
    assert ((axis[0] <= coded) & (coded <= axis[1])).sum() == inside
    name = {2: "memorized/temperature", 10: "memorized/temperature_ten_classes"}[c]
    ours = np.unique([run.per_class / run.d for run in find(name).grid("paper")])
    assert len(ours) >= 20 and np.allclose(ours[[0, -1]], a[[0, -1]], rtol=0.02)


def test_half_of_figure_3_lies_outside_its_plot():
    alpha = np.array([int(a * 1600) for a in np.linspace(0.2, 3.5, 50)]) * 2 / 1600
    assert (alpha > 3.5).sum() == 26
    assert max(run.n / run.d for run in find("memorized/linear_recovery").grid("paper")) <= 3.51


def test_one_error_moves_a_threshold():
    alphas, held_out = [0.6, 0.65, 0.7, 0.75], 260
    accuracy = pd.DataFrame(1.0, index=range(5), columns=alphas)  # five seeds that recover everything
    accuracy[0.6] = 0.9
    assert first(accuracy.mean(), 1.0) == first(accuracy.mean(), 0.99) == 0.65
    accuracy.loc[3, 0.65] -= 1 / held_out
    assert first(accuracy.mean(), 1.0) == 0.7 and first(accuracy.mean(), 0.99) == 0.65


def test_the_level_moves_figure_4a():
    rows = with_alpha(stored("memorized/temperature"))
    means = rows[rows.shuffled].groupby(["tau", "alpha"])["student_train_accuracy"].mean()
    ends = {level: [last(means.loc[tau], level) for tau in rows.tau.unique()] for level in (0.99, 1.0)}
    moved = np.subtract(ends[0.99], ends[1.0])
    assert (moved >= 0).all() and 0 < (moved > 0).sum() < len(moved) / 2 and moved.max() < 0.06


def test_standardised_inputs_span_one_direction_less():
    d = 30
    drawn, fresh = double(d, d) / math.sqrt(d), torch.rand(5000, d, generator=torch.Generator().manual_seed(1)).double()
    shift, scale = drawn.mean(0), drawn.std(0, unbiased=False)  # as sklearn's StandardScaler
    ours = standardisation(drawn, d)
    torch.testing.assert_close(ours, (shift, scale))
    assert torch.linalg.matrix_rank(drawn) == d
    assert torch.linalg.matrix_rank((drawn - shift) / scale) == d - 1
    fresh = (fresh - shift) / scale  # what was uniform between 0 and 1
    assert float(fresh.min()) == pytest.approx(0, abs=1.5) and float(fresh.max()) == pytest.approx(
        math.sqrt(d), rel=0.5
    )
    assert float(fresh.mean()) == pytest.approx(math.sqrt(d) / 2, rel=0.1)


def test_training_accuracy_is_from_before_the_step():
    x, y = double(40, 5).float(), balanced_classes(40, 2)
    network, logged, known = nn.Linear(5, 2, bias=False), [], []
    with torch.no_grad():
        network.weight.copy_(double(2, 5, seed=1))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.3)
    for _ in range(8):
        known.append(float((network(x).argmax(1) == y).float().mean()))  # before this step
        optimizer.zero_grad()
        output = network(x)
        cross_entropy(output, y).backward()
        optimizer.step()
        logged.append(float((output.argmax(1) == y).float().mean()))
    after = [*known[1:], float((network(x).argmax(1) == y).float().mean())]
    assert logged == known != after


def test_uniform_inputs_get_one_answer():
    d, n, networks = 200, 40, 400  # 20 examples a class; two classes decided by the sign of x·w
    w, y = double(d, networks), torch.arange(n) % 2
    inputs = {"normal": double(n, d, seed=1), "uniform": torch.rand(n, d, generator=torch.Generator().manual_seed(2))}
    share, accuracy = {}, {}
    for name, x in inputs.items():
        answers = (x.double() @ w > 0).long()  # (n, networks)
        ones = answers.double().mean(0)
        share[name] = float(torch.maximum(ones, 1 - ones).mean())
        accuracy[name] = (answers == y[:, None]).double().mean(0)
    assert share["normal"] < 0.6 and share["uniform"] == pytest.approx(5 / 6, abs=0.03)
    assert all(float(accuracy[name].mean()) == pytest.approx(0.5, abs=0.02) for name in inputs)
    assert accuracy["uniform"].std() < 0.8 * accuracy["normal"].std()


def test_shuffled_labels_fit_and_do_not_leak():
    d, n, part = 60, 72, 48  # ρn = 48 < d: any logits can be fitted
    x, y = double(n, d), balanced_classes(n, 2)
    wanted = double(n, seed=1).abs() * (2.0 * y - 1)  # a perfect teacher's logits
    moved = shuffle_within_class(y[:part], torch_stream("shuffle", 0))
    w = torch.linalg.lstsq(x[:part], wanted[moved].unsqueeze(1), driver="gelsd").solution[:, 0]
    right = ((x @ w > 0) == (y == 1)).double()
    assert right[:part].mean() == 1 and right[part:].mean() < 0.75


def test_a_budget_ends_before_the_labels_are_fitted():
    d, n, seeds = 40, 76, 12  # n/d = 1.9
    y = balanced_classes(n, 2)
    x = torch.stack([gaussian(n, d, "near capacity", seed) for seed in range(seeds)])  # (seeds, n, d)
    signed = x.double() * (2.0 * y - 1)[:, None]
    can = [linprog(np.zeros(d), -rows.numpy(), -np.ones(n), bounds=(None, None)).status == 0 for rows in signed]
    start = torch.stack([linear.start(1, 2, d, torch_stream("near capacity: start", seed)) for seed in range(seeds)])
    hard = harden(y, 2).T.expand(seeds, 1, 2, n)
    trained = linear.train(x, hard, start, lr=1e-2, steps=1000)
    fitted = (linear.logits(trained, x)[:, 0].argmax(1) == y).float().mean(1)  # (seeds,)
    missed = [bool(can[i] and fitted[i] < 1) for i in range(seeds)]
    assert all(fitted[i] < 1 for i in range(seeds) if not can[i])
    assert sum(missed) > sum(can) / 2  # most of what a longer training would have fitted


def test_the_teacher_panel_is_nearly_the_teacher():
    rows = with_alpha(stored("memorized/linear_recovery"))
    both = ["student_train_accuracy", "teacher_accuracy"]
    means = rows[~rows.shuffled & (rows.d == 1600)].groupby("alpha")[both].mean()
    off = (means[both[0]] - means[both[1]]).abs()
    assert 0 < off.max() < 0.02


def test_float32_pinv_stops_at_rounding():
    d, n = 60, 90
    x, teacher = double(n, d), 20 * double(d, seed=1)
    z = x @ teacher
    part = 66  # ρn/d = 1.1
    coded = torch.linalg.pinv(x[:part].float()) @ z[:part].float()
    ours = prefix_least_squares(x, z[:, None], torch.tensor([part]))[:, 0]
    errors = [float(((x[part:] @ w.double() - z[part:]) ** 2).mean()) for w in (coded, ours)]
    assert 1e-12 < errors[0] < 1e-4 and errors[1] < 1e-20


# ---- random data -----------------------------------------------------------------------------------------------------


def test_a_part_is_cut_down():
    assert [int(0.55 * k) / k for k in (10, 12, 20)] == [0.5, 0.5, 0.55]
    assert int(RHOS[4] * 500) == 224 and students_part(500, 0.45) == 225
    nothing = torch.empty(0, 3)
    assert int(0.55 * 1) == 0 and cross_entropy(nothing, nothing).isnan()
    with pytest.raises(SoftLabelsError, match="none to train on"):
        students_part(1, 0.55)


def test_045_is_not_on_the_grid():
    rows = pd.DataFrame({"rho": np.concatenate([RHOS, [0.45]]), "driver": ["5-1"] * 10 + ["5-4"]})
    assert (rows.rho == 0.65).sum() == 1
    assert rows[rows.rho == 0.45].driver.tolist() == ["5-4"]
    assert rows[np.isclose(rows.rho, 0.45)].driver.tolist() == ["5-1", "5-4"]


def test_seeds_are_not_logged():
    draws = np.random.default_rng(0)  # the drivers leave the process's own generator unseeded

    @dataclasses.dataclass
    class Config:
        samples: int = 100

        @property
        def data_seed(self):
            if not hasattr(self, "_seed"):
                self._seed = int(draws.integers(1000))
            return self._seed

    plain, shuffled = Config(), Config()
    assert plain.data_seed == plain.data_seed and plain.data_seed != shuffled.data_seed
    assert dataclasses.asdict(plain) == dataclasses.asdict(shuffled) == {"samples": 100}
    runs = find("memorized/temperature").grid("smoke")
    pairs = {(run.per_class, run.tau, run.seed) for run in runs if run.shuffled}
    assert "seed" in dataclasses.asdict(runs[0])
    assert pairs == {(run.per_class, run.tau, run.seed) for run in runs if not run.shuffled}


def test_a_deviation_is_not_an_error():
    values = np.array([0.31, 0.35, 0.28, 0.40, 0.33, 0.37, 0.30, 0.36, 0.29, 0.34])  # ten runs
    deviation = values.std(ddof=1)
    assert deviation / pd.Series(values).sem() == pytest.approx(math.sqrt(10))
    _, low, high = t_interval(values)
    assert high - low == pytest.approx(2 * 2.262 / math.sqrt(10) * deviation, rel=1e-3)


def test_the_teacher_of_seed_13_misses_two_points():
    rows = stored("memorized/two_dimensions")
    known = rows[(rows.published_seed == 13) & (rows.classes == 3)].teacher_accuracy.unique()
    assert known * 60 == pytest.approx([58], abs=1e-3)


# ---- treatments of labels --------------------------------------------------------------------------------------------


def test_cut_tail_takes_the_true_class():
    n, c, fraction = 2000, 50, 0.5
    y = torch.arange(n) % c
    labels = soften(double(n, c) + 8 * harden(y, c, torch.float64), tau=2)  # the teacher knows every class
    coded, removed = labels.clone(), int(c * fraction)
    for row, ranked in zip(coded, labels.argsort(1, descending=True).tolist(), strict=True):
        for place, which in enumerate(ranked):
            if which < removed:
                row[place] = 0  # the place in the sorted list, used in the unsorted one
    assert torch.equal(coded, cut_tail_as_coded(labels, fraction))
    lost = coded[torch.arange(n), y] == 0
    assert lost[y == 0].all() and float(lost.double().mean()) == pytest.approx(fraction, abs=0.03)
    assert torch.equal(cut_tail(labels, fraction).argmax(1), y)


def test_agreement_is_taken_with_treated_labels():
    n, c = 2000, 50
    y = torch.arange(n) % c
    labels = soften(double(n, c) + 8 * harden(y, c, torch.float64), tau=2)
    still = {f: float((cut_tail_as_coded(labels, f).argmax(1) == y).double().mean()) for f in (0.02, 0.1, 0.5)}
    assert all(kept == pytest.approx(1 - f, abs=0.03) for f, kept in still.items())


def test_a_smaller_target_is_a_smaller_weight():
    targets = torch.softmax(double(30, 5), 1)
    targets[:20, 0] = 0  # no longer sum to 1
    mass, outputs = targets.sum(1), double(30, 5, seed=1).requires_grad_()
    coded = torch.autograd.grad(cross_entropy(outputs, targets), outputs)[0]
    one_each = (mass * cross_entropy(outputs, targets / mass[:, None], reduction="none")).mean()
    torch.testing.assert_close(torch.autograd.grad(one_each, outputs)[0], coded)
    whole, weights = as_training_targets(targets, torch.full((30,), 1 / 30, dtype=torch.float64))
    torch.testing.assert_close(whole.sum(1), torch.ones(30, dtype=torch.float64))
    ours = torch.autograd.grad((weights * cross_entropy(outputs, whole, reduction="none")).sum(), outputs)[0]
    torch.testing.assert_close(ours * mass.mean(), coded)  # one factor for the whole loss, which Adam does not see


# ---- language model --------------------------------------------------------------------------------------------------


def test_the_old_adamw_starts_slower():
    lr, epsilon, gradient = 5e-4, 1e-6, 1e-5
    m, v, corrected = 0.1 * gradient, 0.001 * gradient**2, math.sqrt(0.001) / 0.1
    old = lr * corrected * m / (math.sqrt(v) + epsilon)  # ε is added before the second moment is corrected
    weight = nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = torch.optim.AdamW([weight], lr=lr, eps=epsilon, weight_decay=0)
    weight.grad = torch.full((1,), gradient, dtype=torch.float64)
    optimizer.step()
    now = -weight.item()
    assert now == pytest.approx(lr * gradient / (gradient + epsilon))
    assert old == pytest.approx(lr * gradient / (gradient + epsilon / math.sqrt(0.001)))
    assert old < 0.3 * now


# ---- the page --------------------------------------------------------------------------------------------------------


def test_every_test_that_the_page_names_exists_and_every_test_is_named():
    page = (ROOT / "notebooks" / "record" / "reference_code.py").read_text(encoding="utf-8")
    there = {
        name: file.relative_to(ROOT).as_posix()
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", page))
    assert named <= set(there), named - set(there)
    assert all(f"`{there[name]}`" in page for name in named)
    here = {name for name, file in there.items() if file.startswith("tests/test_reference_code")}
    assert here - named == {
        "test_every_test_that_the_page_names_exists_and_every_test_is_named",
        "test_the_table_on_top_has_a_line_for_every_section_and_links_to_it",
    }


def test_the_table_on_top_has_a_line_for_every_section_and_links_to_it():
    page = (ROOT / "notebooks" / "record" / "reference_code.py").read_text(encoding="utf-8")
    sections = re.findall(r"^# ### (.+)$", page, re.MULTILINE)
    (cell,) = re.findall(r"^FOUND = \{\n.*?^\}", page, re.MULTILINE | re.DOTALL)
    names: dict = {}
    exec(cell, names)
    lines = [(paper, section) for entries in names["FOUND"].values() for paper, section, _, _ in entries]
    assert sorted(section for _, section in lines) == sorted(sections)
    of_q = page[page.index("# ## Paper Q") :]
    assert all((f"# ### {section}\n" in of_q) == (paper == "Q") for paper, section in lines)

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.preprocessing import StandardScaler

from softlabels.data.synthetic import gaussian
from softlabels.errors import SoftLabelsError
from softlabels.seeds import torch_stream
from softlabels.studies.linear_recovery import LINEAR_RECOVERY, LINEAR_STUDENTS, Settings, run_pack, sizes_of
from softlabels.training import linear
from softlabels.training.reference import train_reference_logistic

D, D_SMOKE = 12, 20
PLAIN = Settings(
    D, 20, 0.8, False, "pseudo_inverse", "teacher's", 0, 1.0, 1e-2, 1500, 0.0, 0, "zero", seed=1
)  # fmt: skip
DESCENT = replace(PLAIN, student="cross_entropy", tau=20.0, student_lr=1e-2, student_steps=3000, student_start="random")


def metrics(*settings):
    return [row.metrics for row in run_pack(list(settings), "cpu", None)]


@pytest.fixture(scope="module")
def by_hand():
    """The whole chain of figure 3 for PLAIN, written down once more with the ordinary tools."""
    x = gaussian(20, D, "linear recovery", D, 1, dtype=torch.float64)
    x = torch.from_numpy(StandardScaler().fit_transform(x.numpy()))
    y = torch.arange(20) % 2 == 1
    start = linear.start(1, 1, D, torch_stream("linear recovery: teacher's start", D, 20, 1))[0, 0].double()
    w = train_reference_logistic(x, y.double(), start, lr=1e-2, steps=1500)
    z = x @ w
    student = x @ (torch.linalg.pinv(x[:16]) @ z[:16])
    return y, z, student


def test_a_row_equals_the_same_run_written_by_hand(by_hand):
    y, z, student = by_hand
    [got] = metrics(PLAIN)
    assert got["teacher_accuracy"] == ((z > 0) == y).double().mean()
    assert got["student_train_accuracy"] == ((student[:16] > 0) == y[:16]).double().mean()
    assert got["held_out_accuracy"] == ((student[16:] > 0) == y[16:]).double().mean()
    assert got["agreement"] == ((student[16:] > 0) == (z[16:] > 0)).double().mean()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y.double())
    assert got["teacher_loss"] == pytest.approx(float(loss), rel=1e-4)  # the study's teacher is a float32 one
    assert got["held_out_mse"] == pytest.approx(float(((student - z)[16:] ** 2).mean()), abs=1e-6)


def test_rows_do_not_depend_on_what_else_is_in_the_pack():
    others = [
        replace(PLAIN, n=n, rho=rho, shuffled=s) for n in (10, 20, 30) for rho in (0.5, 0.8) for s in (True, False)
    ]
    together = dict(zip(others, metrics(*others), strict=True))
    for settings in (others[3], others[8]):
        [alone] = metrics(settings)
        for (
            name,
            value,
        ) in alone.items():  # the inputs of smaller sets are a prefix, so the numbers agree, not only in law
            assert together[settings][name] == pytest.approx(value, rel=2e-3, abs=1e-5), name


def test_d_labels_identify_the_teacher_and_fewer_do_not():
    enough, fewer = metrics(replace(PLAIN, n=20, rho=0.7), replace(PLAIN, n=20, rho=0.5))  # 14 and 10 labels for d = 12
    assert enough["agreement"] == 1 and enough["held_out_mse"] < 1e-12
    assert fewer["agreement_train"] == 1 and fewer["train_mse"] < 1e-12 and fewer["held_out_mse"] > 1e-2


def test_shuffled_labels_keep_their_class_and_can_be_stored_up_to_d():
    sizes = [replace(PLAIN, n=20, rho=0.5, shuffled=True, seed=s) for s in range(4)]
    stored = [metrics(s)[0] for s in sizes]
    assert all(m["student_train_accuracy"] == 1 and m["train_mse"] < 1e-12 for m in stored)
    too_many = [metrics(replace(s, n=40, rho=0.8))[0] for s in sizes]
    assert all(m["train_mse"] > 1e-2 for m in too_many)
    plain = [metrics(replace(s, n=40, rho=0.8, shuffled=False))[0] for s in sizes]
    assert all(m["train_mse"] < 1e-12 for m in plain)


def test_fresh_inputs_recover_the_memorised_classes_from_d_on_whatever_n():
    fresh = replace(PLAIN, rho=0.0, inputs="fresh", student_n=14)
    small, large, too_few = metrics(replace(fresh, n=8), replace(fresh, n=40), replace(fresh, n=8, student_n=4))
    assert small["held_out_accuracy"] == 1 and small["held_out_mse"] < 1e-12
    assert large["agreement"] == 1
    assert large["held_out_accuracy"] == pytest.approx(large["teacher_accuracy"])
    assert too_few["held_out_mse"] > 1e-2


def test_a_descent_reaches_the_pseudo_inverse_where_the_labels_identify_the_teacher():
    solved, descended = metrics(PLAIN, DESCENT)
    assert descended["agreement"] == 1
    assert descended["held_out_mse"] < 1e-3 * error_before_identification(PLAIN)
    assert solved["held_out_mse"] < descended["held_out_mse"]


def error_before_identification(settings):
    """The error before identification: what a descent has to come down from."""
    return metrics(replace(settings, rho=0.5))[0]["held_out_mse"]


def test_a_descent_from_zero_stays_in_the_span_of_what_it_saw():
    fewer = replace(DESCENT, rho=0.4)
    zero, random = metrics(replace(fewer, student_start="zero"), fewer)
    assert zero["held_out_mse"] < random["held_out_mse"]


@pytest.mark.parametrize(
    ("s", "says"),
    [
        (replace(DESCENT, tau=0.0), "temperature"),
        (replace(PLAIN, n=4, rho=0.9999999999), "held out"),
        (replace(PLAIN, student="newton"), "'student' is one of"),
        (replace(PLAIN, inputs="its own"), "'inputs' is one of"),
        (replace(DESCENT, student_start="warm"), "'student_start' is one of"),
        (replace(DESCENT, shuffled=True), "three kinds"),
        (replace(DESCENT, inputs="fresh", student_n=9), "three kinds"),
        (replace(PLAIN, shuffled=True, inputs="fresh", student_n=9), "three kinds"),
        (replace(PLAIN, inputs="fresh"), "how many says student_n"),
    ],
)
def test_settings_that_mean_nothing_are_one_sentence(s, says, monkeypatch):
    monkeypatch.setattr("softlabels.studies.linear_recovery.train_nested", lambda *_, **__: pytest.fail("it trained"))
    with pytest.raises(SoftLabelsError, match=says):
        metrics(s)


def test_students_at_two_rates_are_each_trained_at_its_own():
    slow = replace(DESCENT, student_steps=30)
    fast = replace(slow, student_lr=3 * slow.student_lr)
    alone = [metrics(s)[0]["held_out_mse"] for s in (slow, fast)]
    assert [found["held_out_mse"] for found in metrics(slow, fast)] == pytest.approx(alone, rel=1e-6)
    assert alone[1] < 0.9 * alone[0]


@pytest.mark.parametrize("study", [LINEAR_RECOVERY, LINEAR_STUDENTS])
def test_grids_are_whole_and_without_repeats(study):
    for scale in study.grids:
        packs = study.packs(scale)
        runs = [s for pack in packs for s in pack]
        assert len(set(runs)) == len(runs) and {s.seed for s in runs} >= {0, 1, 2}
        assert all(0 < s.part < s.n or s.inputs == "fresh" for s in runs)
        assert study.flops(packs[0]) > 0 and study.bytes(packs[0]) > 0


def test_the_paper_grid_is_the_drivers_up_to_the_plotted_range():
    a = np.linspace(0.2, 3.5, 50)
    assert sizes_of(a, 1600)[:3] == [640, 854, 1070] and sizes_of(a, 1600)[-1] == 5596 and len(sizes_of(a, 1600)) == 24
    paper = LINEAR_RECOVERY.grid("paper")
    assert len(paper) == 2 * 5 * 24 * (50 + 25)
    assert any(s.rho == 0.80306 and s.shuffled for s in paper)


def test_smoke_shows_the_phenomenon():
    rows = [row for pack in LINEAR_RECOVERY.packs("smoke") for row in LINEAR_RECOVERY.run_pack(pack, "cpu", None)]
    plain = [row for row in rows if not row.settings.shuffled]
    identified = [row.metrics for row in plain if row.settings.part >= D_SMOKE]
    assert identified and all(m["agreement"] == 1 and m["held_out_mse"] < 1e-12 for m in identified)
    early = [row.metrics["agreement"] for row in plain if row.settings.part < 0.9 * D_SMOKE]
    assert 0.5 < np.mean(early) < 0.9
    shuffled = [row.metrics["held_out_accuracy"] for row in rows if row.settings.shuffled]
    assert abs(np.mean(shuffled) - 0.5) < 0.1

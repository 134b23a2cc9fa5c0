"""Linear students over temperature, train fraction and classes: rows, grids, and the phenomenon itself."""

import dataclasses
from pathlib import Path

import pytest
import torch

from softlabels import labels
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.errors import SoftLabelsError
from softlabels.studies import find
from softlabels.studies.temperature_and_classes import LOW_TEMPERATURE, Settings, run_pack
from softlabels.sweep import live
from softlabels.training import linear
from softlabels.training.reference import linear_network, train_reference

STUDIES = ("temperature", "temperature_ten_classes", "temperature_and_fraction", "classes")
ONE = Settings(20, 2, 16, 0.75, 20.0, False, 1e-2, 1000, 1e-2, 1000, seed=0)


@pytest.mark.parametrize("name", STUDIES)
def test_smoke_rows_are_whole(name):
    study = find(f"memorized/{name}")
    rows = live(study, "smoke", "cpu")
    assert len(rows) == len(study.grid("smoke")) and rows.attrs["seeds"] == 3
    accuracies = rows.filter(like="accuracy").join(rows.agreement)
    assert accuracies.shape[1] == 5 and ((accuracies >= 0) & (accuracies <= 1)).all(axis=None)
    assert (rows.train_kl >= 0).all()
    assert abs(rows.fresh_accuracy.mean() - (1 / rows.c).mean()) < 0.05  # no rule, nothing to generalise


def test_the_held_out_labels_come_back_and_shuffling_stops_it():
    pack = [dataclasses.replace(ONE, shuffled=shuffled, seed=seed) for seed in range(5) for shuffled in (False, True)]
    rows = run_pack(pack, "cpu", Path())
    plain, shuffled = (torch.tensor([r.metrics["held_out_accuracy"] for r in rows[i::2]]) for i in (0, 1))
    assert plain.min() == 1 and shuffled.mean() < 0.8


def test_a_run_is_the_plain_loop_of_its_settings():
    """Teacher, soft labels and student once more, one network at a time."""
    row = run_pack([dataclasses.replace(ONE, tau=3.0), ONE], "cpu", Path())[0]
    n, kept = 32, 24
    inputs, classes = gaussian(n, 20, "random data", 20, 2, 16, 0), balanced_classes(n, 2)
    from softlabels.studies.temperature_and_classes import _stream

    def network(stream):
        return linear_network(linear.start(1, 2, 20, _stream(stream, ONE, 16, 0))[0])

    teacher = train_reference(network("teacher's start"), inputs, labels.harden(classes, 2), lr=1e-2, steps=1000)
    soft = labels.soften(teacher(inputs).detach(), 3.0)
    student = train_reference(network("student's start"), inputs[:kept], soft[:kept], lr=1e-2, steps=1000)
    guess = student(inputs).argmax(-1)
    assert row.metrics["held_out_accuracy"] == float((guess == classes)[kept:].float().mean())
    kl = labels.divergence(soft, torch.softmax(student(inputs).detach(), -1))[:kept].mean()
    assert row.metrics["train_kl"] == pytest.approx(float(kl), rel=1e-2)


def test_rows_do_not_depend_on_their_pack():
    alone = run_pack([ONE], "cpu", Path())[0].metrics
    other = dataclasses.replace(ONE, per_class=24, tau=5.0)
    together = run_pack(
        [other, dataclasses.replace(ONE, tau=5.0), dataclasses.replace(other, tau=20.0), ONE], "cpu", Path()
    )
    assert together[3].metrics == pytest.approx(alone, rel=1e-3, abs=1e-6)


def test_paper_grids_are_the_papers():
    sizes = {name: [len(find(f"memorized/{name}").grid("paper", seeds)) for seeds in (None, 1)] for name in STUDIES}
    assert sizes["temperature"] == [8000, 1600]  # 20 sizes × 40 temperatures × shuffled or not × 5 seeds
    assert sizes["temperature_ten_classes"] == [4000, 800]
    assert sizes["temperature_and_fraction"] == [2250, 450]
    grid = find("memorized/temperature").grid("paper")
    assert (
        {s.d for s in grid} == {1000}
        and min(s.per_class for s in grid) == 300
        and max(s.per_class for s in grid) == 1250
    )
    assert {(s.teacher_lr, s.teacher_steps, s.student_lr, s.student_steps) for s in grid} == {
        (1e-3, 10_000, 1e-4, 10_000)
    }


def test_the_costs_of_figure_4a_are_counted():
    study = find("memorized/temperature")
    total = sum(study.flops(pack) for pack in study.packs("paper"))
    assert total == pytest.approx(9.3e14 / 2, rel=0.15)  # the published settings, and half of it saved on two classes


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tau": 0.0}, "temperature must be a positive number"),
        ({"rho": 0.01}, "none to train on"),
        ({"rho": 1.0}, "none held out"),
        ({"teacher_lr": 1e38}, "NaN or infinity"),
    ],
)
def test_settings_that_cannot_work_are_refused(change, message):
    with pytest.raises(SoftLabelsError, match=message):
        run_pack([dataclasses.replace(ONE, **change)], "cpu", Path())


@pytest.mark.parametrize("rho", [0.01, 1.0])
def test_a_part_that_cannot_be_is_refused_before_a_teacher_trains(rho, monkeypatch):
    monkeypatch.setattr(linear, "train", lambda *_, **__: pytest.fail("it trained"))
    with pytest.raises(SoftLabelsError, match="none"):
        run_pack([dataclasses.replace(ONE, rho=rho)], "cpu", Path())


@pytest.mark.parametrize("change", [{"solver": "hope"}, {"precision": "float8"}, {"tau": 0.0}])
def test_a_solver_that_is_not_there_is_refused_before_a_teacher_trains(change, monkeypatch):
    monkeypatch.setattr(linear, "train", lambda *_, **__: pytest.fail("it trained"))
    one = LOW_TEMPERATURE.grid("smoke")[0]
    with pytest.raises(SoftLabelsError, match="'solver' is one of|'precision' is one of|temperature"):
        LOW_TEMPERATURE.run_pack([dataclasses.replace(one, **change)], "cpu", Path())


def test_newton_and_least_squares_recover_the_teacher_where_adam_has_not_arrived():
    rows = live(LOW_TEMPERATURE, "smoke", "cpu")
    assert len(rows) == len(LOW_TEMPERATURE.grid("smoke"))
    hot = rows[rows.tau == 10]
    newton, adam = hot[hot.solver == "newton"], hot[hot.solver == "adam"]
    assert (newton.agreement == 1).all() and newton.weight_error.max() < 1e-6
    solved = rows[rows.solver == "least squares"]
    assert (solved.agreement == 1).all() and solved.weight_error.max() < 1e-9
    assert adam.weight_error.min() > 0.01 and adam.gradient_norm.min() > newton.gradient_norm.max()


@pytest.mark.parametrize("name", ["temperature", "temperature_and_fraction", "temperature_ten_classes", "classes"])
def test_packs_of_a_gpu_are_whole_packs_of_a_cpu_together(name):
    """Data sets of a pack train together whatever their sizes; so few large packs keep a GPU busy."""
    study = find(f"memorized/{name}")
    small, large = study.packs("paper"), study.packs("paper", device="cuda")
    assert len(large) < len(small) / 5
    where = {run: i for i, pack in enumerate(large) for run in pack}
    assert len(where) == sum(map(len, small)) and all(len({where[run] for run in pack}) == 1 for pack in small)
    assert max(map(study.bytes, large)) < 4e9  # a small GPU's memory has room

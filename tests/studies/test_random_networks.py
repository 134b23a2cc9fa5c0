"""Networks with one hidden layer on random data: rows, packs, grids, costs, and the phenomenon itself."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch

from softlabels import labels
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.errors import SoftLabelsError
from softlabels.models import mlp
from softlabels.store import curves_of
from softlabels.studies import find
from softlabels.studies import random_networks as study
from softlabels.sweep import live
from softlabels.training.reference import train_reference

STUDIES = ("random_networks", "random_network_curves", "student_widths", "network_classes", "fresh_inputs")
ONE = replace(study.SMOKE, teacher_steps=80, student_steps=80)


def metrics(*pack):
    return [row.metrics for row in study.run_pack(list(pack), "cpu", Path())]


@pytest.mark.parametrize("name", STUDIES)
def test_smoke_rows_are_whole(name):
    a_study = find(f"memorized/{name}")
    rows = live(a_study, "smoke", "cpu")
    assert len(rows) == len(a_study.grid("smoke")) and rows.attrs["seeds"] == 3
    shares = rows.filter(like="accuracy").join(rows[["agreement", "train_agreement"]])
    assert shares.shape[1] == 6 and ((shares >= 0) & (shares <= 1)).all(axis=None)
    assert (rows.filter(like="kl") >= 0).all(axis=None) and (rows.label_entropy > 0).all()
    assert abs(rows.fresh_accuracy.mean() - (1 / rows.c).mean()) < 0.03  # no rule, nothing to generalise
    assert curves_of(rows).empty == (name != "random_network_curves")


def test_a_curve_ends_where_its_row_does():
    rows = live(study.RANDOM_NETWORK_CURVES, "smoke", "cpu")
    curves = curves_of(rows).pivot_table(index=["identity", "step"], columns="name", values="value")
    assert set(curves) == {"student_train_accuracy", "held_out_accuracy", "train_kl", "held_out_kl"}
    ends = curves.xs(study.SMOKE.student_steps, level="step").loc[rows.identity]
    pd.testing.assert_frame_equal(
        ends, rows.set_index("identity")[ends.columns], rtol=1e-3, atol=1e-6, check_names=False
    )
    assert curves.index.unique("step").min() == 0


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_run_is_the_plain_loop_of_its_settings(shuffled):
    """Teacher, soft labels and student once more, one network at a time."""
    (row,) = metrics(replace(ONE, tau=3.0, shuffled=shuffled))
    n, m, sizes = 6 * 8, 6 * 5, (12, 16, 6)
    inputs, classes = gaussian(n, 12, "random data", 12, 6, 8, 0), balanced_classes(n, 6)

    def network(name):
        return mlp.one(mlp.start(sizes, [study._stream(name, ONE, 16, 0)]), 0)

    teacher = train_reference(network("teacher's start"), inputs, labels.harden(classes, 6), lr=1e-2, steps=80)
    soft = labels.soften(teacher(inputs).detach(), 3.0)
    told = soft[:m]
    if shuffled:
        told = told[labels.shuffle_within_class(classes[:m], study._stream("shuffle", ONE, 16, 0))]
        assert not torch.equal(told, soft[:m])
    student = train_reference(network("student's start"), inputs[:m], told, lr=ONE.student_lr, steps=80)
    z = student(inputs).detach()
    right = z.argmax(-1) == classes
    assert row["held_out_accuracy"] == pytest.approx(float(right[m:].float().mean()))
    assert row["student_train_accuracy"] == pytest.approx(float(right[:m].float().mean()))
    assert row["agreement"] == pytest.approx(float((z.argmax(-1) == soft.argmax(-1))[m:].float().mean()))
    assert row["train_kl"] == pytest.approx(
        float(labels.divergence(told, torch.softmax(z[:m], -1)).mean()), rel=1e-3, abs=1e-6
    )


def test_rows_do_not_depend_on_their_pack():
    others = [replace(ONE, seed=1), replace(ONE, rho=0.25), replace(ONE, shuffled=True), replace(ONE, student_hidden=9)]
    together = metrics(*others, ONE)[-1]
    assert metrics(ONE)[0] == pytest.approx(together, rel=1e-3, abs=1e-5)  # alone it shares its inputs: another product


def test_students_of_one_seed_share_a_teacher_whose_start_is_not_theirs():
    pack = [ONE, replace(ONE, student_hidden=9, rho=0.25, tau=2.0, shuffled=True)]
    assert len({m["teacher_accuracy"] for m in metrics(*pack)}) == 1
    teachers = [study.teach([s], "cpu").networks for s in pack]
    assert all(torch.equal(teachers[0][name], teachers[1][name]) for name in teachers[0])
    starts = [mlp.start((12, 16, 6), [study._stream(f"{who}'s start", ONE, 16, 0)]) for who in ("teacher", "student")]
    assert all((starts[0][name] != starts[1][name]).all() for name in starts[0])


def test_a_leak_that_shuffling_stops():
    base = replace(study.MANY_CLASSES, rho=0.8)
    plain, shuffled = metrics(base, replace(base, shuffled=True))
    assert plain["student_train_accuracy"] == 1 and plain["held_out_accuracy"] > 0.4
    assert shuffled["held_out_accuracy"] < plain["held_out_accuracy"] / 3


def test_enough_fresh_inputs_give_the_teacher_away():
    """A student that never sees an input of the teacher's is asked about all of them."""
    base = replace(study.SMOKE, inputs="fresh", teacher_steps=300, student_lr=1e-2, student_steps=1500)
    few, many = metrics(replace(base, rho=0.25), replace(base, rho=15.0))
    assert many["held_out_accuracy"] > few["held_out_accuracy"] + 0.3
    assert abs(many["student_train_accuracy"] - 1 / 6) < 0.1  # against classes that nobody was told


def test_paper_grids_are_the_papers():
    grids = {name: find(f"memorized/{name}").grid("paper") for name in STUDIES}
    assert (
        len(grids["random_networks"]) == 21 * 10 * 5 and len(find("memorized/random_networks").grid("paper", 1)) == 210
    )
    (shape,) = {replace(s, per_class=0, rho=0.0, seed=0) for s in grids["random_networks"]}
    assert shape == replace(study.PAPER, per_class=0, rho=0.0)
    assert {s.c * s.per_class for s in grids["random_networks"]} >= {5_000, 25_000, 100_000, 250_000}
    assert {s.rho for s in grids["random_networks"]} == {round(0.05 + 0.1 * i, 2) for i in range(10)}
    assert {s.c for s in grids["network_classes"]} == {20, 50, 90, 110}
    for name, grid in grids.items():
        assert len(set(grid)) == len(grid)
        assert all(len({s.seed for s in pack}) == 1 for pack in find(f"memorized/{name}").packs("paper"))
        assert max(find(f"memorized/{name}").bytes(pack) for pack in find(f"memorized/{name}").packs("paper")) < 8e9


def official(runs):
    """What the official drivers compute beside training: every epoch, held-out and validation data go through."""
    forward = lambda s, h: 2.0 * h * (s.d + s.c)  # noqa: E731
    teachers = {(s.c, s.hidden, s.per_class, s.seed): s for s in runs}.values()
    teaching = sum(20 * s.c * forward(s, s.hidden) * s.teacher_steps for s in teachers)
    held_out = lambda s: (s.per_class - study.part_of(s)) * s.c  # noqa: E731
    return teaching + sum((held_out(s) + 20 * s.c) * forward(s, s.student_hidden) * s.student_steps for s in runs)


@pytest.mark.parametrize(
    ("name", "chosen", "published"),
    [
        ("random_networks", lambda s: True, 2.3e18),
        ("random_network_curves", lambda s: s.shuffled, 4.4e16),
        ("student_widths", lambda s: s.hidden == 500 and s.per_class == 250, 2.7e17),
        ("student_widths", lambda s: s.student_hidden in (200, 400) and s.hidden == 500 and s.rho == 0.45, 3.2e17),
        ("student_widths", lambda s: s.hidden != 500, 7.5e17),
        ("network_classes", lambda s: True, 7.4e17),
    ],
)
def test_the_costs_of_the_figures_are_counted(name, chosen, published):
    """Within 5 %: training as we count it, and the evaluations of every epoch that we leave out."""
    found = find(f"memorized/{name}")
    packs = [[s for s in pack if chosen(s)] for pack in found.packs("paper")]
    total = sum(found.flops(pack) + official(pack) for pack in packs if pack)
    assert total == pytest.approx(published, rel=0.05)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tau": 0.0}, "temperature must be a positive number"),
        ({"rho": 0.05}, "none to train on"),
        ({"rho": 1.0}, "none held out"),
        ({"inputs": "fresh", "rho": 0.05}, "leaves the student none"),
        ({"inputs": "borrowed"}, "inputs are \"teacher's\" or 'fresh', not 'borrowed'"),
        ({"teacher_lr": 1e38}, "NaN or infinity"),
    ],
)
def test_settings_that_cannot_work_are_refused(change, message):
    with pytest.raises(SoftLabelsError, match=message):
        metrics(replace(ONE, **change))

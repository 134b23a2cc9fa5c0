"""Figure 16: what each treatment does to a student, and what a row says."""

import dataclasses

import pytest
import torch

from softlabels import labels
from softlabels.data.synthetic import balanced_classes, students_part
from softlabels.errors import SoftLabelsError
from softlabels.models import mlp
from softlabels.studies import find
from softlabels.studies import label_treatments as study
from softlabels.training.reference import train_reference
from softlabels.training.two_layer import train

STUDY = find("memorized/label_treatments")
OFFICIAL = [("none", 0), ("shuffled", 0), ("removed entry", 0), ("removed class", 0)]
OFFICIAL += [("cut tail, as coded", fraction) for fraction in (0.01, 0.02, 0.1, 0.5)]


@pytest.fixture(scope="module")
def rows():
    return {
        (r.settings.treatment, r.settings.fraction): r for r in STUDY.run_pack(STUDY.packs("smoke")[0], "cpu", None)
    }


def test_smoke_rows(rows):
    pack = STUDY.packs("smoke")[0]
    assert [row.settings for row in rows.values()] == pack
    assert [row.metrics for row in STUDY.run_pack(pack, "cpu", None)] == [row.metrics for row in rows.values()]
    for row in rows.values():
        assert set(row.metrics) == {
            "teacher_accuracy", "student_train_accuracy", "held_out_accuracy", "fresh_accuracy", "agreement",
            "class0_held_out_accuracy", "label_mass",
        }  # fmt: skip
        assert all(0 <= value <= 1 + 1e-6 for value in row.metrics.values())


def test_what_is_left_of_a_label(rows):
    mass = {key: row.metrics["label_mass"] for key, row in rows.items()}
    untouched = {"none", "shuffled", "removed class", "fewer examples"}
    assert all(value == pytest.approx(1) for (name, _), value in mass.items() if name in untouched)
    assert all(value < 0.99 for (name, _), value in mass.items() if name not in untouched)
    assert mass["cut tail", 0.5] > mass["cut tail, as coded", 0.5]  # the smallest half weighs less than any other


def test_the_student_of_removed_entry_is_the_plain_loops():
    """The loss as the paper has it, on labels that sum to less than 1; in float64, so that rounding plays no part."""
    s = dataclasses.replace(STUDY.grid("smoke")[0], student_steps=60)
    inputs, classes, *_ = study.data(s)
    teacher = study.networks(s, "teacher's start", "cpu")  # untrained: any labels do
    m = students_part(s.per_class, s.rho) * s.c
    soft = labels.soften(mlp.logits(teacher, inputs)[0, :m].double(), 0.1)
    treated, counts = study.removed_entry(s, soft, classes[:m])
    targets, weights = labels.as_training_targets(treated[None], counts[None] / m)
    start = {name: t.double() for name, t in study.networks(s, "student's start", "cpu").items()}
    how = {"lr": s.student_lr, "steps": s.student_steps}
    fast = train(start, inputs[:m].double(), targets, weights=weights, **how)
    plain = train_reference(mlp.one(start, 0), inputs[:m].double(), treated, **how)
    torch.testing.assert_close(mlp.logits(fast, inputs.double())[0], plain(inputs.double()), rtol=1e-4, atol=1e-4)


def test_a_removed_class_counts_nothing_and_its_control_as_many_of_any():
    s = STUDY.grid("smoke")[0]
    classes = balanced_classes(40, s.c)
    soft = torch.full((40, s.c), 1 / s.c)
    _, counts = study.removed_class(s, soft, classes)
    assert counts.sum() == 35 and counts[classes == 0].sum() == 0
    _, control = study.fewer_examples(s, soft, classes)
    assert control.sum() == 35 and 0 < control[classes == 0].sum()


def test_shuffling_keeps_classes_and_moves_labels():
    s = STUDY.grid("smoke")[0]
    classes = balanced_classes(80, s.c)
    soft = torch.eye(s.c)[classes] * 0.5 + torch.rand(80, s.c, generator=torch.Generator().manual_seed(0)) * 0.1
    moved, _ = study.shuffled(s, soft, classes)
    assert torch.equal(moved.argmax(1), classes) and not torch.equal(moved, soft)
    assert torch.equal(moved.sort(0).values, soft.sort(0).values)


def test_treatments_share_data_teacher_and_start():
    for pack in STUDY.packs("smoke"):
        assert len({dataclasses.replace(s, treatment="", fraction=0) for s in pack}) == 1
        assert len(pack) == len(set(pack)) == 5 + 2 * 2
    one, other = (dataclasses.replace(pack[0], rho=rho, tau=tau) for rho, tau in ((0.7, 20.0), (0.5, 1.0)))
    assert all(torch.equal(a, b) for a, b in zip(study.data(one), study.data(other), strict=True))
    teacher, student = (study.networks(one, name, "cpu")["weight1"] for name in ("teacher's start", "student's start"))
    assert not torch.equal(teacher, student)


def test_scales_name_the_papers_numbers():
    paper = STUDY.grid("paper")
    assert {(s.d, s.c, s.hidden, s.rho, s.tau) for s in paper} == {(1000, 100, 500, 0.7, 20.0)}
    assert {(s.teacher_lr, s.teacher_steps, s.student_lr, s.student_steps) for s in paper} == {
        (1e-3, 1000, 1e-4, 10_000)
    }
    assert sorted({s.per_class for s in paper}) == list(range(250, 2001, 250)) and {s.seed for s in paper} == {
        *range(5)
    }
    assert len(STUDY.packs("paper")) == 40 and len(STUDY.grid("quick", seeds=2)) == 2 * 5 * 11
    treated = {(s.treatment, s.fraction) for s in paper}
    assert set(OFFICIAL) < treated and len(treated) == len(OFFICIAL) + 4 + 1  # with the tail as intended, and a control
    official = [[s for s in pack if (s.treatment, s.fraction) in OFFICIAL] for pack in STUDY.packs("paper")]
    # the spec's 7.2e17 counts two evaluations a step as well, on the held-out examples and on fresh ones
    assert sum(map(STUDY.flops, official)) == pytest.approx(7.2e17 / 1.2, rel=0.03)
    assert STUDY.bytes(STUDY.packs("paper")[-1]) < 24 * 2**30


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"treatment": "cut"}, "no treatment 'cut'; choose one of none, shuffled, cut tail"),
        ({"treatment": "cut tail", "fraction": 1.0}, "lies in 0 ≤ f < 1"),
        ({"rho": 0.1}, "none to train on"),
        ({"tau": 0.0}, "temperature must be a positive number"),
    ],
)
def test_bad_settings(changed, says, monkeypatch):
    monkeypatch.setattr(study, "train", lambda *_, **__: pytest.fail("it trained"))
    with pytest.raises(SoftLabelsError, match=says):
        STUDY.run_pack([dataclasses.replace(STUDY.grid("smoke")[0], **changed)], "cpu", None)

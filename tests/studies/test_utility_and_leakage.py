"""The study that joins both papers: who sees what, what is measured, and a small replicate of it."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from softlabels.errors import SoftLabelsError
from softlabels.studies import find
from softlabels.studies import utility_and_leakage as study

SMALL = {"teacher_images": 200, "canary_share": 0.1, "hidden": 16}
SHORT = {"teacher_lr": 1e-2, "teacher_steps": 60, "student_lr": 1e-2, "student_steps": 40}
TINY = study.all_students(replace(study.PROTOCOL, **SMALL, **SHORT), 1, steps=(10, 60))()
SOFT = next(s for s in TINY if s.labels == "soft" and s.canaries_in_student)


@pytest.fixture(scope="module")
def rows():
    return study.run_pack(TINY, "cpu", Path("unused"))


def test_who_sees_what():
    w = study.replicate(SOFT)
    canary = torch.arange(200) < 20
    assert torch.equal(w.planted != w.classes, canary)
    assert len(w.part) == 100 and w.own.sum() == 10 and torch.equal(w.own, canary[w.part])
    assert len(w.held_out) == 10 and canary[w.held_out].all() and not torch.isin(w.held_out, w.part).any()
    assert len(w.test_inputs) == len(w.test_classes) == 1797 - 200


def test_data_do_not_depend_on_what_the_student_is_given():
    w = study.replicate(SOFT)
    other = study.replicate(replace(SOFT, labels="hard", tau=3.0, canaries_in_student=False, teacher_step=60))
    for name in ("inputs", "planted", "part", "held_out"):
        assert torch.equal(getattr(w, name), getattr(other, name))
    wider = study.replicate(replace(SOFT, rho=0.7))
    assert torch.equal(wider.inputs, w.inputs) and torch.isin(w.part, wider.part).all()
    assert not torch.equal(study.replicate(replace(SOFT, seed=1)).inputs, w.inputs)


@pytest.mark.parametrize(
    "changed",
    [{"rho": 0.001}, {"rho": 0.0}, {"rho": 1.0}, {"rho": 0.99}, {"canary_share": 0.0}, {"canary_share": 1.0}],
)
def test_shares_that_leave_nothing_are_refused(changed):
    with pytest.raises(SoftLabelsError, match="held out and .* clean images"):
        study.replicate(replace(SOFT, **changed))


def test_hard_labels():
    w = study.replicate(SOFT)
    hard, corrected = (
        study.student_labels(replace(SOFT, labels=kind), w, torch.zeros(200, 10)) for kind in ("hard", "corrected hard")
    )
    assert torch.equal(hard.argmax(1), w.planted[w.part]) and torch.equal(corrected.argmax(1), w.classes[w.part])
    assert torch.equal((hard != corrected).any(1), w.own)


@pytest.mark.parametrize("own", [True, False])
def test_a_shuffle_keeps_the_planted_class(own):
    s = replace(SOFT, labels="shuffled", canaries_in_student=own)
    w = study.replicate(s)
    numbered = torch.arange(200.0).unsqueeze(1) / 200 * torch.ones(10)  # logits that say whose they are, once softened
    numbered[:, 0] = 0
    given = study.student_labels(s, w, numbered)
    plain = study.student_labels(replace(s, labels="soft"), w, numbered)
    source = torch.cdist(given, plain).argmin(1)
    assert sorted(source.tolist()) == list(range(100)) and (source != torch.arange(100)).sum() > 50
    trains = torch.ones(100, dtype=torch.bool) if own else ~w.own
    assert torch.equal(w.planted[w.part][source][trains], w.planted[w.part][trains])
    assert trains[source[trains]].all()  # a clean set gets the labels of its own images only


def test_unknown_labels_are_refused():
    with pytest.raises(SoftLabelsError, match="no 'softer' labels; choose"):
        study.student_labels(replace(SOFT, labels="softer"), study.replicate(SOFT), torch.zeros(200, 10))


def hand_made_replicate():
    points = torch.tensor([[0.0], [1.0], [2.0], [3.0], [4.0]])  # two canaries (0 held out, 1 in the part), three clean
    classes, planted = torch.tensor([0, 1, 1, 2, 2]), torch.tensor([3, 0, 1, 2, 2])
    return study.Replicate(
        inputs=points,
        classes=classes,
        planted=planted,
        unplanted=torch.tensor([1, 2, 1, 2, 2]),
        part=torch.tensor([1, 2, 4]),
        own=torch.tensor([True, False, False]),
        held_out=torch.tensor([0]),
        test_inputs=torch.tensor([[1.9], [4.2]]),
        test_classes=torch.tensor([1, 3]),
    )


def test_nearest_neighbours_by_hand():
    said = torch.eye(4)[torch.tensor([3, 3, 1, 2, 2])]
    test, unseen, gap = study.neighbours(SOFT, hand_made_replicate(), said)
    assert test.argmax(1).tolist() == [1, 2] and unseen.argmax(1).tolist() == [3] and gap == 0
    _, unseen, _ = study.neighbours(replace(SOFT, canaries_in_student=False), hand_made_replicate(), said)
    assert unseen.argmax(1).tolist() == [1]  # its own canary is dropped: the next nearest is image 2


def test_measures_by_hand():
    w = hand_made_replicate()
    test = torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    assert study.measure(w, test, torch.tensor([[5.0, 1.0, 0.0, 2.0]])) == {
        "test_accuracy": 0.5,
        "leak": 1.0,
        "leak_n": 1,
        "plain_recall": 0.0,
        "unplanted_rate": 0.0,
        "planted_rank": 1.0,
    }
    parrot = study.measure(w, test, torch.tensor([[0.0, 1.0, 0.0, 2.0]]))
    assert parrot["plain_recall"] == 1 and parrot["unplanted_rate"] == 0


def test_a_random_student_leaks_chance():
    w = study.replicate(replace(SOFT, teacher_images=1600, canary_share=0.9, rho=0.1))  # 1,296 canaries held out
    scores = torch.randn(len(w.held_out), 10, generator=torch.Generator().manual_seed(0))
    measured = study.measure(w, torch.zeros(len(w.test_classes), 10), scores)
    assert abs(measured["leak"] - 1 / 9) < 4 * (1 / 9 * 8 / 9 / 1296) ** 0.5
    assert abs(measured["planted_rank"] - 5) < 4 * (60 / 9 / 1296) ** 0.5  # the variance of a rank 1 … 9 is 60/9


def test_smoke_rows(rows):
    assert [row.settings for row in rows] == TINY
    names = set(rows[0].metrics)
    assert names >= {
        "teacher_test_accuracy", "teacher_canary_recall", "test_accuracy", "leak", "leak_n", "plain_recall",
        "unplanted_rate", "planted_rank", "train_kl",
    }  # fmt: skip
    for row in rows:
        assert set(row.metrics) == names and all(map(math.isfinite, row.metrics.values()))
        assert row.metrics["leak_n"] == 10 and 0 <= row.metrics["leak"] <= 1 and 1 <= row.metrics["planted_rank"] <= 9


def test_the_teacher_memorises_its_canaries_and_its_twin_does_not(rows):
    last = [row for row in rows if row.settings.teacher_step == 60]
    saw = {row.settings.teacher_saw_canaries: row.metrics["teacher_canary_recall"] for row in last}
    assert saw[True] > 0.5 and saw[False] == 0


def test_a_row_does_not_depend_on_its_pack(rows):
    alone = [s for s in TINY if (s.teacher_step == 10 and s.tau == 10.0) or s.student_steps == 160]
    assert len(alone) == 3
    for row in study.run_pack(alone, "cpu", Path("unused")):
        together = next(r for r in rows if r.settings == row.settings)
        assert together.metrics == pytest.approx(row.metrics, abs=1e-4)


def test_grids():
    joined = find("joined/utility_and_leakage")
    quick = joined.grid("quick")
    assert len({s.seed for s in quick}) >= 12 and len(set(quick)) == len(quick)
    assert all(len({s.seed for s in pack}) == 1 for scale in joined.grids for pack in joined.packs(scale, 2))
    kinds = {(s.labels, s.canaries_in_student, s.teacher_saw_canaries) for s in quick}
    assert kinds == {
        *((kind, own, True) for kind in ("soft", "hard", "shuffled", "nearest neighbours") for own in (True, False)),
        ("corrected hard", True, True),
        ("soft", False, False),
    }
    for scale, lengths in {"quick": {1000, 4000}, "reduced": {2000, 8000}}.items():
        assert {s.student_steps for s in joined.grid(scale, 1)} == lengths
    assert len(joined.grid("smoke", 1)) == len(joined.grid("smoke")) // 3
    assert joined.flops(joined.packs("quick", 1)[0]) > joined.flops(joined.packs("smoke", 1)[0]) > 0
    assert joined.bytes(joined.packs("quick", 1)[0]) > 0

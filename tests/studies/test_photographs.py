"""Canaries among photographs, on digits in their place: who sees what, and that planted labels reach students."""

from dataclasses import replace

import pytest
import torch

from softlabels.errors import SoftLabelsError
from softlabels.studies.images import teachers
from softlabels.studies.photographs import PHOTOGRAPHS, SMOKE, replicate, run_pack


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return teachers.load("noisy digits", "cpu", tmp_path_factory.mktemp("cache"))


def test_who_sees_what(data):
    own = replicate(SMOKE, data, "cpu")
    canaries = own.planted != own.classes
    assert canaries.tolist() == [True] * 10 + [False] * 90
    assert len(own.clean) == 45 and not canaries[own.clean].any()
    assert own.held_out.tolist() == list(range(5, 10))
    assert ((own.unplanted != own.planted) & (own.unplanted != own.classes))[canaries].all()
    assert len(own.rows.unique()) == 100
    other = replicate(replace(SMOKE, seed=1), data, "cpu")
    assert not torch.equal(own.rows, other.rows)
    alike = replicate(replace(SMOKE, labels="hard", tau=1.0, teacher_epoch=0), data, "cpu")
    assert torch.equal(own.rows, alike.rows) and torch.equal(own.planted, alike.planted)


@pytest.mark.parametrize("changed", [{"teacher_images": 10**6}, {"rho": 1.0}, {"rho": 0.0}, {"canary_share": 0.0}])
def test_parts_that_would_be_empty(data, changed):
    with pytest.raises(SoftLabelsError, match="images"):
        replicate(replace(SMOKE, **changed), data, "cpu")


def test_labels_that_are_not_there(tmp_path):
    beyond = SMOKE.teacher_epochs + 1
    for changed, says in (
        ({"labels": "mixed"}, "'labels' is one of 'soft', 'hard', not 'mixed'"),
        ({"teacher_epoch": beyond}, f"has been asked for epoch {beyond}"),
        ({"teacher_epoch": 0}, "has been asked for epoch 0"),
        ({"tau": 0.0}, "temperature must be a positive number"),
        ({"student_lr": 0.0}, "positive learning rate"),
    ):
        with pytest.raises(SoftLabelsError, match=says):  # before any teacher trains
            run_pack([SMOKE, replace(SMOKE, **changed)], "cpu", tmp_path)


def test_a_student_of_a_memorising_teacher_leaks_and_one_of_hard_labels_does_not(tmp_path):
    base = replace(
        SMOKE, network="ConvNetD2 w16", canary_share=0.2, teacher_images=400, teacher_epochs=60, teacher_epoch=60,
        student_lr=1e-2, student_epochs=200,
    )  # fmt: skip
    hard = replace(base, labels="hard", teacher_epoch=0, tau=1.0)
    rows = {row.settings.labels: row.metrics for row in run_pack([base, hard], "cpu", tmp_path)}
    assert rows["soft"]["teacher_canary_recall"] > 0.9
    assert rows["soft"]["planted_rank"] < 4 < rows["hard"]["planted_rank"]  # by chance 5, of 40 canaries
    assert rows["soft"]["leak_n"] == 40 and "teacher_leak" not in rows["hard"]


def test_a_pack_is_a_replicate():
    packs = PHOTOGRAPHS.packs("reduced")
    assert [len(pack) for pack in packs] == [9, 9, 9]
    assert {s.seed for s in packs[0]} != {s.seed for s in packs[1]}

"""A run has the same row whichever other runs train with it, so a pack may be computed in parts."""

import dataclasses
import random

import pytest

from softlabels.store import six_digits
from softlabels.studies import STUDIES, find

BY_CODE = {find(name).run_pack: name for name in STUDIES}  # one study for each way to compute a pack


@pytest.mark.parametrize("name", BY_CODE.values())
def test_a_part_of_a_pack_has_the_rows_of_the_whole(name, tmp_path):
    study = find(name)
    pack = max(study.packs("smoke", 2), key=len)
    if len(pack) < 3:
        pytest.skip("each pack of the smoke grid is a run or two")
    part = random.Random(0).sample(pack, len(pack) // 2)  # no product of settings: a run here and a run there
    whole = {row.settings: row for row in study.run_pack(pack, "cpu", tmp_path / "whole")}
    for row in study.run_pack(part, "cpu", tmp_path / "part"):
        other = whole[row.settings]
        assert rounded(row.metrics.values()) == pytest.approx(rounded(other.metrics.values()), rel=1e-4, abs=1e-6)
        assert row.curves.keys() == other.curves.keys()
        for curve, points in row.curves.items():
            assert [step for step, _ in points] == [step for step, _ in other.curves[curve]]
            values = ([value for _, value in each] for each in (points, other.curves[curve]))
            assert rounded(next(values)) == pytest.approx(rounded(next(values)), rel=1e-4, abs=1e-6)


SHARED = {  # what all runs of a pack have in common, since its first run stands for it
    "memorized/label_treatments": ("rho", "tau", "teacher_lr", "teacher_steps", "student_lr", "student_steps"),
    "memorized/low_temperature": ("teacher_lr", "teacher_steps"),
    "joined/photographs": ("canary_share", "rho", "teacher_images", "teacher_lr", "teacher_epochs", "batch"),
}


@pytest.mark.parametrize(("name", "setting"), [(name, setting) for name in SHARED for setting in SHARED[name]])
def test_runs_that_differ_in_what_their_pack_shares_are_in_two(name, setting):
    study = find(name)
    run = study.grid("smoke")[0]
    other = dataclasses.replace(run, **{setting: getattr(run, setting) * 2})
    assert study.pack_key(run) != study.pack_key(other)


def rounded(values):
    """Numbers as they are stored."""
    return [six_digits(value) for value in values]

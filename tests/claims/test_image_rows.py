"""The measures of paper Q's claims on real rows: every study's smoke grid, trained here, at points that it has."""

import dataclasses

import pytest

from softlabels import claims, store
from softlabels.claims.readings import sensitivity, teacher_and_entropy
from softlabels.claims.readings.points import pool
from softlabels.studies import find
from softlabels.study import pack_name

CLAIMS = {c.id: c for c in claims.of("label_worth") if c.checks and c.names("quick")}
CHECKS = [
    (name, i) for name, claim in CLAIMS.items() for i, check in enumerate(claim.checks) if "quick" in check.points
]
SMALL = {  # what stands in the points at quick scale: what the smoke grids have in its place
    "teacher_epoch": {40: 2}, "last": {40: 2}, "early": {14: 1}, "late": {40: 2}, "few": {4: 3},
    "epoch": {14: 1, (3, 999): [0, 2]}, "steps": {(4, 12, 20, 40): [1, 2]}, "top": {100: 10, 25: 3},
    "swapped": {2: 9, 4: 9, (50, 99): [5, 9], (1, 50): [1, 9]},
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Study -> its smoke rows, as the store gives them."""
    cache, found = tmp_path_factory.mktemp("cache"), {}
    for name in dict.fromkeys(study for claim in CLAIMS.values() for study in claim.studies):
        kept, study = store.Store(None), find(name)
        for pack in study.packs("smoke"):
            about = {"seconds": 1.0, "code": "none"}
            kept.add(pack_name(pack), "cpu", study.run_pack(pack, "cpu", cache), about)
        found[name] = store.frame_of(name, "smoke", store.table(kept.packs()))
    return found


def small(column, value):
    """A point of quick scale as one of the smoke grids; None where it is left out."""
    if isinstance(value, dict):
        inner = {key: small(key, inner) for key, inner in value.items()}
        return {key: inner for key, inner in inner.items() if inner is not None}
    if column in ("ipc", "ipcs", "as_ipc", "soft_ipc"):
        return [1] if isinstance(value, list) else 1
    known = SMALL.get(column, {})
    key = tuple(value) if isinstance(value, list) else value
    if column == "teacher_epoch" and key not in known:
        return None  # whatever epoch is there
    return known.get(key, value)


@pytest.mark.parametrize(("name", "i"), CHECKS)
def test_a_measure_finds_its_columns_in_real_rows(name, i, rows, monkeypatch):
    monkeypatch.setattr(teacher_and_entropy, "OVERFITS", -100)  # two epochs do not overfit
    monkeypatch.setattr(sensitivity, "LEAST_DECILES", 2)
    claim, check = CLAIMS[name], CLAIMS[name].checks[i]
    points = small("", check.points["quick"])
    arguments = small("", check.arguments)
    if check.measure == "later_teacher_needs":
        points["share"] = 0.0  # nobody reaches half of a teacher's accuracy here
    if check.measure == "at_best_epoch":
        arguments["trend"] = "first to last"  # there is one IPC
    if check.measure == "relative_steps":
        points["ipcs"] = [1, 1]
    asked = dataclasses.replace(check, arguments=arguments, points={"smoke": points})
    if name != "L38":  # whose smoke grid is of pairs too
        points["data"] = "noisy digits"
    frames = [rows[study] for study in claim.studies]
    frame = pool(frames) if claim.pooled else frames[0]
    verdicts = asked.judge("smoke", frame)
    why = [verdict.why for verdict in verdicts if not verdict.n]
    assert verdicts and not [words for words in why if "has the entropy" not in words]  # L21: after two epochs none may

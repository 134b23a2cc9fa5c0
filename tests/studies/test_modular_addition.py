"""Modular addition: who sees which pairs, who starts as whom, teachers that are kept, and what a row says."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from softlabels.data import modular
from softlabels.errors import SoftLabelsError
from softlabels.labels import soften
from softlabels.models import mlp
from softlabels.studies import find, modular_teachers
from softlabels.studies import modular_addition as study
from softlabels.training.adamw import train

MLP, TRANSFORMER = find("memorized/modular_mlp"), find("memorized/modular_transformer")
STUDIES = [MLP, TRANSFORMER]
KINDS = [study.SMOKE_9, study.SMOKE_2]
METRICS = {
    "teacher_accuracy", "teacher_fresh_accuracy", "student_train_accuracy", "held_out_accuracy", "fresh_accuracy",
    "agreement",
}  # fmt: skip


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """Each study's smoke rows: {study id: rows}."""
    cache = tmp_path_factory.mktemp("cache")
    packs = {each.id: each.packs("smoke") for each in STUDIES}
    assert [len(found) for found in packs.values()] == [1, 1]  # small students train together
    rows = {each.id: each.run_pack(packs[each.id][0], "cpu", cache) for each in STUDIES}
    assert not any(cache.iterdir())  # and their teachers are not worth keeping
    return rows


@pytest.mark.parametrize("s", KINDS, ids=["mlp", "transformer"])
def test_starts_differ_or_agree_as_they_are_named(s):
    head = modular_teachers.NETWORKS[type(s)].head
    teacher, other = (
        modular_teachers.first_weights(s, "teacher"),
        modular_teachers.first_weights(replace(s, seed=1), "teacher"),
    )
    drawn = [name for name, tensor in teacher.items() if tensor.any()]  # the transformer's biases start at 0
    assert set(head) <= set(drawn) and len(drawn) > len(head)
    assert not any(torch.equal(teacher[name], other[name]) for name in drawn)  # replicates are no copies
    for start, (hidden, output) in modular_teachers.STARTS.items():
        begun = modular_teachers.start(replace(s, start=start))
        assert list(begun) == list(teacher)
        for name in drawn:
            assert torch.equal(begun[name], teacher[name]) == (output if name in head else hidden), (start, name)
    own = [
        modular_teachers.start(replace(s, start="independent", tau=tau, rho=rho))
        for tau, rho in ((10.0, 0.5), (0.1, 0.9))
    ]
    assert all(torch.equal(own[0][name], own[1][name]) for name in drawn)  # students differ in what they learn


def test_the_names_of_starts_say_what_they_share():
    assert modular_teachers.STARTS["independent"] == (False, False) and modular_teachers.STARTS["shared"] == (
        True,
        True,
    )
    assert study.SMOKE_9.start == study.FIGURE_9.start == study.FIGURE_2.start == "independent"
    with pytest.raises(
        SoftLabelsError, match="'start' is one of 'independent', 'shared', 'shared hidden', .* not 'common'"
    ):
        modular_teachers.start(replace(study.SMOKE_9, start="common"))


def test_pairs_depend_on_modulus_and_seed_alone():
    s = study.SMOKE_9
    changed = {"rho": 0.5, "tau": 1.0, "teacher_step": 9, "start": "shared", "hidden": 9, "fraction": 0.5, "lr": 0.1}
    assert torch.equal(modular_teachers.order(s), modular_teachers.order(replace(s, **changed)))
    assert torch.equal(modular_teachers.order(s), modular_teachers.order(study.SMOKE_2))
    assert not torch.equal(modular_teachers.order(s), modular_teachers.order(replace(s, seed=1)))


def test_shares_by_hand():
    right = torch.tensor([[1, 1, 0, 1, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]], dtype=torch.bool)
    found = study.accuracies(right, n=5, m=3)
    assert found["student_train_accuracy"].tolist() == pytest.approx([2 / 3, 0])
    assert found["held_out_accuracy"].tolist() == [0.5, 0] and found["fresh_accuracy"].tolist() == [0.2, 1]


def test_smoke_rows(smoke):
    for each in STUDIES:
        (pack,), rows = each.packs("smoke"), smoke[each.id]
        assert [row.settings for row in rows] == pack
        for row in rows:
            assert set(row.metrics) == METRICS and all(0 <= value <= 1 for value in row.metrics.values())
            assert bool(row.curves) == study.learning_curve(row.settings)
        drawn = [row for row in rows if row.curves]
        assert drawn
        for row in drawn:
            for name in ("student_train_accuracy", "held_out_accuracy", "fresh_accuracy"):
                (first, _), (last, value) = row.curves[name][0], row.curves[name][-1]
                assert (first, last) == (0, row.settings.student_steps) and value == row.metrics[name]
        taught = [row for row in drawn if "teacher_accuracy" in row.curves]
        assert {row.settings.teacher_step for row in taught} == {s.teacher_step for s in pack}
        for row in taught:
            for name in ("teacher_accuracy", "teacher_fresh_accuracy"):
                step, value = row.curves[name][-1]
                assert step == row.settings.teacher_step and value == pytest.approx(row.metrics[name])


def test_a_student_by_the_lines_of_the_page(smoke):
    """One row of the fleet again, with one teacher and one student and none of the study's bookkeeping."""
    row = next(r for r in smoke[MLP.id] if r.settings.start == "shared hidden" and r.settings.rho == 0.9)
    s = row.settings
    pairs = modular_teachers.order(s)
    n, m = modular.parts(s.p, s.fraction, s.rho)
    classes = torch.nn.functional.one_hot(modular.sums(pairs, s.p), s.p).float()
    begin, how = modular_teachers.first_weights(s, "teacher"), {"lr": s.lr, "weight_decay": s.weight_decay}
    teacher = train(mlp.pair_logits, begin, pairs[:n], classes[None, :n], steps=s.teacher_step, **how)
    soft = soften(mlp.pair_logits(teacher, pairs[:m]), s.tau)
    student = train(mlp.pair_logits, modular_teachers.start(s), pairs[:m], soft, steps=s.student_steps, **how)
    right = mlp.pair_logits(student, pairs)[0].argmax(-1) == modular.sums(pairs, s.p)
    assert float(right[m:n].double().mean()) == pytest.approx(row.metrics["held_out_accuracy"], abs=1.01 / (n - m))
    assert float(right[n:].double().mean()) == pytest.approx(row.metrics["fresh_accuracy"], abs=1.01 / (len(pairs) - n))


def test_a_replicate_may_lack_a_share_of_pairs_that_others_have(smoke):
    some = [s for s in MLP.grid("smoke") if (s.seed, s.rho) in {(0, 0.5), (1, 0.9)} and s.tau == 10.0]
    together = {row.settings: row.metrics for row in smoke[MLP.id]}
    for row in study.run_pack(some, "cpu", Path("unused")):
        assert row.metrics == pytest.approx(together[row.settings], abs=0.15)  # rounding may move a pair or two


@pytest.mark.parametrize("each", STUDIES, ids=["mlp", "transformer"])
def test_large_students_are_packed_apart_and_share_their_teachers_on_disk(each, smoke, tmp_path, monkeypatch):
    """The paper's way through the code at smoke size: small packs, teachers kept, the same rows."""
    monkeypatch.setattr(modular_teachers, "LARGE", 0.0)
    packs = each.packs("smoke", 1)
    kinds = {(s.seed, s.rho, s.start) for pack in packs for s in pack}
    assert len(packs) == len(kinds) > 1
    rows = {row.settings: row for row in each.run_pack(packs[0], "cpu", tmp_path)}
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}
    steps = sorted({s.teacher_step for s in packs[0]})
    assert sorted(path.name for path in files) == [f"e{step:06d}.safetensors" for step in steps]
    monkeypatch.setattr(modular_teachers, "train", lambda *_, **how: pytest.fail("the teachers are on disk"))
    for pack in packs[1:]:
        if all(s.teacher_step in steps for s in pack):
            rows |= {row.settings: row for row in each.run_pack(pack, "cpu", tmp_path)}
    assert files == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}
    together = {row.settings: row for row in smoke[each.id]}
    assert len(rows) == len(each.grid("smoke", 1))
    for s, row in rows.items():
        assert row.metrics == pytest.approx(together[s].metrics, abs=0.15)  # rounding may move a pair or two
        assert row.curves.keys() == together[s].curves.keys()


def kept_teacher(tmp_path, monkeypatch):
    monkeypatch.setattr(modular_teachers, "LARGE", 0.0)
    pack = [replace(study.SMOKE_9, teacher_step=5, student_steps=5)]
    study.run_pack(pack, "cpu", tmp_path)
    (file,) = tmp_path.rglob("*.safetensors")
    return pack, file


def test_a_teacher_that_is_not_whole_is_named(tmp_path, monkeypatch):
    pack, file = kept_teacher(tmp_path, monkeypatch)
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(SoftLabelsError, match="e000005.safetensors is not a whole file of a network; delete it"):
        study.run_pack(pack, "cpu", tmp_path)


def test_a_teacher_of_another_modulus_is_refused(tmp_path, monkeypatch):
    pack, file = kept_teacher(tmp_path, monkeypatch)
    other = [replace(pack[0], p=11)]
    (path, _), tensors = modular_teachers._file(other[0], 5, "cpu", tmp_path), load_file(file)
    _, about = modular_teachers._file(pack[0], 5, "cpu", tmp_path)
    path.parent.mkdir(parents=True)
    save_file(tensors, path, about)  # somebody has moved the file
    with pytest.raises(SoftLabelsError, match="holds a network of p = 7, not 11; delete it and run again"):
        study.run_pack(other, "cpu", tmp_path)


def test_grids_are_the_papers():
    for each, stops in ((MLP, (5_000, 10_000, 20_000)), (TRANSFORMER, (2_500, 5_000, 10_000))):
        whole = each.grid("paper")
        paper = [s for s in whole if s.seed < 3]
        assert len(set(whole)) == len(whole) and len(paper) == 3 * (2 * 81 + 2 * 9)
        for start in ("independent", "shared"):
            runs = [s for s in paper if s.start == start]
            assert len(runs) == 243 and {s.teacher_step for s in runs} == set(stops)
        apart = [s for s in paper if s.start in ("shared hidden", "shared head")]
        assert {(s.teacher_step, s.tau) for s in apart} == {(stops[0], 10.0)}
        one = paper[0]
        assert (one.p, one.fraction, one.lr, one.weight_decay, one.student_steps) == (113, 0.3, 1e-3, 1.0, 40_000)
        assert all(len({(s.seed, s.rho, s.start) for s in pack}) == 1 for pack in each.packs("paper"))
        assert len(each.packs("quick")) == 1
        assert all(each.bytes(pack) < 4 * 2**30 for pack in each.packs("quick"))
    assert {s.hidden for s in MLP.grid("paper")} == {200}
    assert {(s.d_model, s.heads, s.d_mlp) for s in TRANSFORMER.grid("paper")} == {(128, 4, 512)}


def test_arithmetic_is_the_papers_where_no_identity_saves_any():
    """One start: the pairs and steps that are counted, at the price that the official code pays for each."""
    for each, published, a_pair in (
        # One-hot pairs are multiplied, but need no gradient.
        (MLP, 8.1e15, 4 * (226 * 200 + 200 * 200 + 200 * 113) + 2 * (200 * 200 + 200 * 113)),
        (TRANSFORMER, 5.4e16, 6 * 3 * (12 * 128**2 + 128 * 113)),  # all three positions in full
    ):
        packs = [pack for pack in each.packs("paper") if pack[0].start == "independent"]
        ours = sum(map(each.flops, packs))
        ours_a_pair = 6 * modular_teachers.NETWORKS[type(packs[0][0])].products(packs[0][0])
        assert ours / ours_a_pair * a_pair == pytest.approx(published, rel=0.08)  # which has teachers and evaluations
        assert ours < published
    small = replace(study.QUICK_9, teacher_step=100)
    assert MLP.flops([small]) == pytest.approx(6 * 64 * (64 + 23) * 0.7 * 529 * (0.9 * 1500 + 100))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"rho": 1.0}, "leaves none held out"),
        ({"rho": 0.01}, "leaves none to the student"),
        ({"fraction": 1.0}, "leaves no fresh ones"),
        ({"p": 1}, "leaves none to the teacher|at least 2"),
        ({"tau": 0.0}, "temperature"),
        ({"tau": math.nan}, "temperature"),
    ],
)
def test_bad_settings(changed, says, tmp_path):
    for s in KINDS:
        with pytest.raises(SoftLabelsError, match=says):
            study.run_pack([replace(s, teacher_step=2, **changed)], "cpu", tmp_path)

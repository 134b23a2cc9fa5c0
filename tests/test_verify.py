"""Stored rows that are computed again: what makes them current, and what does not."""

import dataclasses
import json
import math
import subprocess

import pandas as pd
import pytest
import torch
import toy_study
from safetensors import safe_open

from softlabels import studies, verify
from softlabels.code_hash import PACKAGE, code_hash
from softlabels.errors import SoftLabelsError
from softlabels.store import _contents, _facts, committed, publish, rows_of
from softlabels.study import Tolerance
from softlabels.sweep import sweep
from softlabels.training import checkpoints

TOY, TABLE = "memorized/toy", "results/memorized/toy.paper"


@pytest.fixture
def toy(project, monkeypatch):
    """Eight stored packs of the toy study, made by code that has changed since."""
    monkeypatch.setitem(studies.STUDIES, TOY, "toy_study:STUDY")
    sweep(toy_study.STUDY, "paper", seeds=1)
    publish(TOY, "paper")
    for file in (project / "runs/memorized/toy.paper").iterdir():
        file.unlink()
    edit(project, lambda sidecar: [about.update(code="older") for about in sidecar["packs"].values()])
    return project


def edit(project, change):
    """Change the provenance of the stored rows."""
    path = project / f"{TABLE}.json"
    sidecar = json.loads(path.read_text())
    change(sidecar)
    path.write_text(json.dumps(sidecar))


def rewrite(project, rows, file=f"{TABLE}.csv"):
    """Put other rows in the place of the stored ones, as if they had been stored so."""
    rows.to_csv(project / file, index=False)
    edit(project, lambda sidecar: sidecar.update(files=_facts(_contents(project / f"{TABLE}.csv"))))


def in_place_of(monkeypatch, **fields):
    """The toy study with other fields."""
    study = dataclasses.replace(toy_study.STUDY, **fields)
    monkeypatch.setattr(toy_study, "STUDY", study)
    return study


def findings(study=None, **how):
    return list(verify.verify(study or toy_study.STUDY, ["paper"], ["cpu"], **how))


def older():
    return rows_of(TOY, "paper").attrs["older_code"]


def test_a_run_of_two_devices_is_compared_with_its_own_row(toy, monkeypatch):
    """The other device's numbers differ, and its evidence says nothing about this one."""
    table = committed(TOY, "paper")
    first = table.rows["pack"] == table.rows["pack"].iloc[0]
    packs = json.loads((toy / f"{TABLE}.json").read_text())["packs"]
    both = pd.concat(
        [table.rows, table.rows[first].assign(device="cuda", score=lambda rows: (rows["score"] + 0.5).round(6))]
    )
    edit(toy, lambda sidecar: sidecar["packs"].update({name.replace(".cpu", ".cuda"): packs[name] for name in packs}))
    rewrite(toy, both.sort_values(["identity", "device"]))
    study = toy_study.STUDY

    def on_both(pack, device, cache):
        more = 0.5 * (device == "cuda")
        return [
            dataclasses.replace(row, metrics=row.metrics | {"score": row.metrics["score"] + more})
            for row in study.run_pack(pack, device, cache)
        ]

    monkeypatch.setattr(verify, "code_hash", lambda function: "today")
    monkeypatch.setattr(verify, "device_name", lambda device: device)
    found = list(verify.verify(dataclasses.replace(study, run_pack=on_both), ["paper"], ["cpu", "cuda"]))
    assert {finding.evidence["device"] for finding in found} == {"cpu", "cuda"}
    assert not any(finding.differing for finding in found) and max(each.difference for each in found) < 1e-6
    same = list(verify.verify(study, ["paper"], ["cuda"]))  # with the CPU's numbers on a GPU
    assert any("score of run" in line for each in same for line in each.differing)


def test_rows_become_current_by_evidence_alone(toy):
    assert older() == 16
    (found,) = findings()
    assert found.difference == 0 and not found.differing and "2 runs, recomputed: the same" in str(found)
    assert older() == 16  # looking writes nothing
    assert verify.record([found]) == ["memorized/toy.paper"]
    assert older() == 0
    (evidence,) = json.loads((toy / f"{TABLE}.json").read_text())["evidence"]
    assert (evidence["from"], evidence["to"]) == ("older", code_hash(toy_study.run_pack))
    assert evidence["largest_difference"] == 0 and {"pack", "machine", "date", "device", "kinds"} <= evidence.keys()
    verify.record(findings())
    assert len(committed(TOY, "paper").evidence) == 1  # said once


def test_evidence_is_kept_when_rows_are_added(toy):
    verify.record(findings())
    sweep(toy_study.STUDY, "paper", seeds=2)
    publish(TOY, "paper")
    assert len(committed(TOY, "paper").evidence) == 1 and older() == 0


def test_rows_that_are_taken_over_bring_their_evidence_along(toy, monkeypatch):
    verify.record(findings())
    twin = dataclasses.replace(toy_study.STUDY, id="memorized/twin")
    monkeypatch.setattr(toy_study, "TWIN", twin, raising=False)
    monkeypatch.setitem(studies.STUDIES, twin.id, "toy_study:TWIN")
    sweep(twin, "paper", seeds=1)
    publish(twin.id, "paper")
    copied = committed(twin.id, "paper")
    assert {about["taken_from"] for about in copied.packs.values()} == {TOY}
    assert rows_of(twin.id, "paper").attrs["older_code"] == 0 and copied.evidence == committed(TOY, "paper").evidence


def test_evidence_is_no_longer_any_when_the_code_changes_again(toy, monkeypatch):
    verify.record(findings())
    monkeypatch.setattr("softlabels.store.code_hash", lambda run: "newest")
    assert older() == 16


def test_evidence_about_another_code_than_todays_goes(toy, monkeypatch):
    verify.record(findings())
    for module in ("store", "verify"):
        monkeypatch.setattr(f"softlabels.{module}.code_hash", lambda run: "newest")
    verify.record(findings())
    assert [each["to"] for each in committed(TOY, "paper").evidence] == ["newest"] and older() == 0


@pytest.mark.parametrize("column, line", [("score", "score of run"), ("curve", "loss at 1 of run")])
def test_a_number_that_differs_is_named_and_is_no_evidence(toy, column, line):
    if column == "curve":
        curves = pd.read_csv(toy / f"{TABLE}.curves.csv.gz")
        rewrite(toy, curves.assign(value=curves.value + 1e-3), f"{TABLE}.curves.csv.gz")
    else:
        rows = pd.read_csv(toy / f"{TABLE}.csv")
        rewrite(toy, rows.assign(score=rows.score + 1e-3))
    (found,) = findings()
    assert found.difference == pytest.approx(1e-3) and line in found.differing[0] and "NOT the same" in str(found)
    assert verify.record([found]) == [] and older() == 16


def test_a_metric_that_older_rows_are_without_is_not_compared(toy):
    rows = pd.read_csv(toy / f"{TABLE}.csv")
    rewrite(toy, rows.drop(columns="score"))  # of no row
    assert not findings()[0].differing
    first = rows["pack"] == rows["pack"].iloc[0]
    rewrite(toy, rows.assign(score=rows["score"].where(~first)))  # of one pack
    edit(toy, lambda sidecar: sidecar.update(without={"score": int(first.sum())}))
    assert not any(found.differing for found in findings(every=True))
    rewrite(toy, rows.assign(other=1.0))  # but what is stored must come out
    edit(toy, lambda sidecar: sidecar.pop("without"))
    assert "other of run" in findings()[0].differing[0]


def test_a_tolerance_has_a_reason_which_stands_in_the_evidence(toy, monkeypatch):
    rows = pd.read_csv(toy / f"{TABLE}.csv")
    rewrite(toy, rows.assign(score=rows.score + 1e-3))
    study = in_place_of(monkeypatch, tolerance=Tolerance(2e-3, "another processor rounds otherwise"))
    (found,) = findings(study)
    assert not found.differing and found.evidence["because"] == "another processor rounds otherwise"
    assert found.evidence["tolerance"] == 2e-3 and found.evidence["largest_difference"] == pytest.approx(1e-3)
    (strict,) = findings(in_place_of(monkeypatch, tolerance=Tolerance(5e-4, "less")))
    assert strict.differing


def test_evidence_covers_packs_of_its_kind_alone(toy, monkeypatch):
    study = in_place_of(monkeypatch, kind=lambda settings: "odd" if settings.group % 2 else "even")
    odd, even = sorted(findings(study), key=lambda found: found.kinds, reverse=True)
    assert (odd.kinds, even.kinds) == (("odd",), ("even",))
    verify.record([odd])
    assert older() == 8 and [found.kinds for found in findings(study)] == [("even",)]  # the others need no more
    verify.record([even])
    assert older() == 0
    assert len(findings(study, every=True)) == 8
    assert [found.kinds for found in findings(study, every=True, only=["group=3"])] == [("odd",)]


def test_a_part_of_a_pack_is_verified_as_it_was_stored(project, monkeypatch):
    monkeypatch.setitem(studies.STUDIES, TOY, "toy_study:STUDY")
    sweep(toy_study.STUDY, "paper", seeds=1, only=["rate=0.1", "group=2"])
    sweep(toy_study.STUDY, "paper", seeds=1, only=["group=2,3"])
    publish(TOY, "paper")
    assert sorted(found.runs for found in findings(every=True)) == [1, 1, 2]
    assert not any(found.differing for found in findings(every=True))
    assert [found.runs for found in findings(every=True, only=["rate=0.1", "group=3"])] == [2]  # the pack, whole


def test_packs_of_a_device_that_is_not_here_stay_unverified(toy):
    def on_gpu(sidecar):
        first = next(iter(sidecar["packs"]))
        sidecar["packs"][first.replace(".cpu", ".cuda")] = sidecar["packs"].pop(first)

    edit(toy, on_gpu)
    rows = pd.read_csv(toy / f"{TABLE}.csv")
    names = {name for name in json.loads((toy / f"{TABLE}.json").read_text())["packs"] if name.endswith(".cuda")}
    rows.loc[rows["pack"].isin({name.split(".")[0] for name in names}), "device"] = "cuda"
    rewrite(toy, rows)
    said = []
    verify.record(findings(say=said.append))
    assert "1 packs are from a device that is not here; they stay unverified" in said[0]
    assert older() == 2


def test_a_kind_is_computed_once_at_the_scale_where_it_is_cheaper(toy, monkeypatch):
    study = in_place_of(monkeypatch, grids=toy_study.STUDY.grids | {"reduced": lambda seeds: toy_study.grid(3)[-6:]})
    sweep(study, "reduced")
    publish(TOY, "reduced")
    for file in (toy / "runs/memorized/toy.reduced").iterdir():
        file.unlink()
    for scale, seconds in (("paper", 5.0), ("reduced", 1.0)):
        path = toy / f"results/memorized/toy.{scale}.json"
        sidecar = json.loads(path.read_text())
        for about in sidecar["packs"].values():
            about.update(code="older", seconds=seconds)
        path.write_text(json.dumps(sidecar))
    (finding,) = verify.verify(study, ["paper", "reduced"], ["cpu"])
    assert finding.scale == "reduced"
    assert verify.record([finding]) == [f"{TOY}.paper", f"{TOY}.reduced"]
    assert older() == 0 and rows_of(TOY, "reduced").attrs["older_code"] == 0


def test_nothing_stored_is_said(project, monkeypatch):
    monkeypatch.setitem(studies.STUDIES, TOY, "toy_study:STUDY")
    with pytest.raises(SoftLabelsError, match="no stored rows at paper scale"):
        findings()


def rows_of_old_code(study, pack, nudge):
    """What the old code would make of a pack, its score off by `nudge`."""
    return [[row.metrics | {"score": row.metrics["score"] + nudge}, row.curves] for row in study.run_pack(pack, "", "")]


def test_first_steps_are_compared_with_the_old_code_bit_by_bit(toy, monkeypatch):
    asked = {}

    def old(study, about, pack, device, commit):
        asked.update(code=about["code"], runs=len(pack), commit=commit)
        return rows_of_old_code(study, pack, nudge)

    monkeypatch.setattr(verify, "_with_old_code", old)
    study, nudge = in_place_of(monkeypatch, first_steps=lambda pack: pack[:1]), 0.0
    with pytest.raises(SoftLabelsError, match="drop --old"):
        findings(study, old="abc")
    (whole,) = findings(study)
    assert not asked and "2 runs, recomputed: the same" in str(whole)
    (found,) = findings(study, first_steps=True, old="abc")
    assert asked == {"code": "older", "runs": 1, "commit": "abc"}
    assert "1 runs, first steps, bit by bit: the same" in str(found)
    assert findings(in_place_of(monkeypatch, reproducible=False))[0].evidence["how"] == found.evidence["how"]
    nudge = 1e-12
    assert findings(study, first_steps=True)[0].differing


@pytest.mark.parametrize(("nudge", "says"), [(0.0, "the same"), (1e-12, "NOT the same: score of run")])
def test_a_study_without_first_steps_is_computed_whole_by_both_codes(toy, monkeypatch, nudge, says):
    monkeypatch.setattr(
        verify, "_with_old_code", lambda study, about, pack, device, commit: rows_of_old_code(study, pack, nudge)
    )
    rows = committed(TOY, "paper").rows
    rewrite(toy, rows.assign(score=rows["score"] + 1))  # as another machine might have stored them
    (found,) = findings(first_steps=True)
    assert f"2 runs, old code and new, bit by bit: {says}" in str(found)


@pytest.mark.parametrize(
    "study_id",
    [
        "label_worth/temperatures", "label_worth/teachers", "label_worth/rank_swaps", "label_worth/learned_labels",
        "memorized/modular_mlp",
    ],
)  # fmt: skip
def test_first_steps_keep_what_kind_a_run_is_and_take_moments(study_id):
    study = studies.find(study_id)
    for pack in study.packs("paper"):
        short = study.first_steps(pack)
        assert {study.kind(s) for s in short} == {study.kind(s) for s in pack}
        assert study.first_steps(short) == short and len(short) <= len(pack)
    longest = max(study.packs("paper"), key=study.flops)
    assert study.flops(study.first_steps(longest)) < 0.02 * study.flops(longest)


def committed_package():
    """The hash of a cheap study's code, where the package is as its last commit has it."""
    state = subprocess.run(["git", "-C", PACKAGE, "status", "--porcelain", "."], capture_output=True, text=True)
    if state.returncode or state.stdout:
        pytest.skip("the package differs from its last commit, or lies in no repository")
    study = studies.find("memorized/two_dimensions")
    return study, code_hash(study.run_pack), study.packs("smoke", 1)[0][:1]


def test_old_code_is_run_as_its_commit_has_it(tmp_path):
    study, code, pack = committed_package()
    rows = verify._with_old_code(study, {"commit": "HEAD", "code": code}, pack, "cpu", None)
    (today,) = study.run_pack(pack, "cpu", tmp_path)
    assert rows[0][0] == json.loads(json.dumps(today.metrics))


def test_another_code_than_that_of_the_rows_is_refused():
    study, _, pack = committed_package()
    with pytest.raises(SoftLabelsError, match="is not the code that made these rows"):
        verify._with_old_code(study, {"commit": "HEAD", "code": "another"}, pack, "cpu", None)


def test_a_commit_that_is_not_there_is_said():
    with pytest.raises(SoftLabelsError, match="code of commit no-such-commit cannot be had"):
        verify._with_old_code(toy_study.STUDY, {"commit": "", "code": ""}, [], "cpu", "no-such-commit")


# ---- kept networks -------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A cache with one network of each kind, as if older code had left it: folder by kind."""
    from softlabels.studies import language_model, modular_teachers
    from softlabels.studies.images import teachers
    from softlabels.studies.images.defaults import SMOKE
    from softlabels.studies.images.settings import teacher_of

    monkeypatch.setattr(modular_teachers, "LARGE", 0)  # small ones are not kept
    t = dataclasses.replace(teacher_of(SMOKE.base), epoch=1)
    teachers.weights_after(t, [1], "cpu", tmp_path)
    student = studies.find("memorized/modular_mlp").packs("smoke", 1)[0][0]
    student = dataclasses.replace(student, teacher_step=10)
    (taught,) = modular_teachers.teach([student], [10], "cpu").values()
    path, about = modular_teachers._file(student, 10, "cpu", tmp_path)
    checkpoints.save(path, taught.weights | {"curve": taught.curve}, about)
    language_model.run(language_model.SMOKE, "cpu", tmp_path)
    return {path.name: path for path in age(tmp_path)}


def age(cache):
    """Give every network in a cache to older code: in its folder's name and in its files."""
    for folder in [path for path in (cache / "teachers").iterdir() if path.is_dir()]:
        older = folder.with_name(folder.name.split("-")[0] + "-00000000-cpu")
        folder.rename(older)
        for file in older.glob("*.safetensors"):
            with safe_open(file, framework="pt") as opened:
                about = opened.metadata()
            checkpoints.save(file, checkpoints.load(file, {}), about | {"code": "0" * 16})
        yield older


def test_networks_of_older_code_are_used_again_once_they_are_found_to_be_the_same(kept, tmp_path, monkeypatch):
    found = dict(verify.networks(tmp_path, ["cpu"]))
    assert {folder.name for folder in found} == set(kept) and set(found.values()) == {0.0} and len(kept) == 3
    for folder in found:
        (finding,) = checkpoints.verified(folder)
        assert finding["from"] == "0" * 16 and finding["machine"] and finding["date"]
        assert checkpoints.folder(tmp_path, folder.name.split("-")[0], finding["to"], "cpu") == (folder, "0" * 16)
    for module, _ in verify.TRAINED_BY.values():
        monkeypatch.delattr(f"{module}.train_again")
    assert list(verify.networks(tmp_path, ["cpu"])) == []  # nothing is left to say, and nothing is trained for it


def changed(kept, change):
    """Put other tensors, or other words about them, in the place of every kept network's."""
    for folder in kept.values():
        for file in folder.glob("*.safetensors"):
            with safe_open(file, framework="pt") as opened:
                about = opened.metadata()
            checkpoints.save(file, *change(checkpoints.load(file, {}), about))


def first_and_one(tensors, about):
    first = next(name for name, tensor in tensors.items() if tensor.is_floating_point())
    return tensors | {first: tensors[first] + 1}, about


def last_is_nan(tensors, about):
    last = [name for name, tensor in tensors.items() if tensor.is_floating_point()][-1]
    return tensors | {last: torch.full_like(tensors[last], math.nan)}, about


@pytest.mark.parametrize(
    "change",
    [
        last_is_nan,
        lambda tensors, about: (tensors | {"more": torch.zeros(1)}, about),
        lambda tensors, about: (dict(list(tensors.items())[1:]), about),
        lambda tensors, about: ({name: torch.zeros(99) for name in tensors}, about),
    ],
    ids=["not a number", "one more", "one less", "another shape"],
)
def test_networks_that_cannot_be_compared_differ(kept, tmp_path, change):
    changed(kept, change)
    assert set(dict(verify.networks(tmp_path, ["cpu"])).values()) == {math.inf}
    assert not any(checkpoints.verified(folder) for folder in kept.values())


def test_a_network_of_a_kind_that_is_gone_is_named(kept, tmp_path):
    changed(kept, lambda tensors, about: (tensors, about | {"network": "Gone"} if "step" in about else about))
    said = []
    assert len(dict(verify.networks(tmp_path, ["cpu"], say=said.append))) == 2
    assert len(said) == 1 and "stays unverified" in said[0]


def test_a_network_that_differs_stays_and_is_not_used(kept, tmp_path):
    changed(kept, first_and_one)
    found = dict(verify.networks(tmp_path, ["cpu"]))
    assert len(found) == 3 and all(difference == pytest.approx(1) for difference in found.values())
    assert all(folder.is_dir() and not checkpoints.verified(folder) for folder in kept.values())


def test_a_damaged_network_is_named_and_the_others_are_verified(kept, tmp_path):
    first, second, _ = sorted(kept.values())
    for file in first.glob("*.safetensors"):
        file.write_bytes(b"no weights")
    for file in second.glob("*.safetensors"):
        checkpoints.save(file, checkpoints.load(file, {}), {"nobody": "knows"})
    said = []
    found = dict(verify.networks(tmp_path, ["cpu"], say=said.append))
    assert set(found) == set(kept.values()) - {first, second}
    assert [line.split(" stays unverified: ")[0] for line in said] == [str(first), str(second)]
    assert "does not say what trained it" in said[1]


def test_networks_of_a_device_that_is_not_here_are_named(kept, tmp_path):
    for folder in kept.values():
        folder.rename(folder.with_name(folder.name.replace("cpu", "cuda")))
    said = []
    assert list(verify.networks(tmp_path, ["cpu"], say=said.append)) == []
    assert len(said) == 3 and all("from a device that is not here" in line for line in said)

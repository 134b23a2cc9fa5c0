"""TF32: off unless it was compared, a no-op on a CPU, and what the comparison finds."""

import dataclasses
import json

import pytest
import torch
import toy_study
from typer.testing import CliRunner

from softlabels import records, studies, sweep, tf32, verify, verify_tf32
from softlabels.cli import app
from softlabels.errors import SoftLabelsError
from softlabels.store import committed, publish, rows_of
from softlabels.studies import find
from softlabels.tf32 import products
from softlabels.training.products import product

TOY = "memorized/toy"


def said(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def flags():
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


@pytest.fixture
def gpu(monkeypatch):
    """A GPU that computes what the toy study does on a CPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    monkeypatch.setattr(sweep, "machine_speed", lambda device, dtype: (5e12, 1e12))
    for module in (sweep, verify, verify_tf32):
        monkeypatch.setattr(module, "device_name", lambda device: f"a {device}")
    sweep.ceiling.cache_clear()
    yield
    sweep.ceiling.cache_clear()


class Toy:
    """The toy study, whose rows have an accuracy that TF32 moves by `move`; `seen`: the flags of each pack."""

    def __init__(self):
        self.move, self.seen = 0.0, []

    def run_pack(self, pack, device, cache):
        self.seen.append(flags())
        return [
            dataclasses.replace(row, metrics={"accuracy": 0.5 + 0.01 * row.settings.seed + self.move * flags()[0]})
            for row in toy_study.run_pack(pack, device, cache)
        ]


@pytest.fixture
def toy(project, gpu, monkeypatch):
    """The same, with two replicates of eight packs stored of a GPU in float32."""
    toy = Toy()
    monkeypatch.setattr(toy_study, "STUDY", dataclasses.replace(toy_study.STUDY, run_pack=toy.run_pack))
    for module in (tf32, verify_tf32, sweep, verify):
        monkeypatch.setattr(module, "code_hash", lambda function: "today")
    monkeypatch.setattr("softlabels.store.code_hash", lambda function: "today")
    monkeypatch.setitem(studies.STUDIES, TOY, "toy_study:STUDY")
    monkeypatch.setattr(records, "STUDIES", studies.STUDIES)
    sweep.sweep(toy_study.STUDY, "paper", device="cuda")
    publish(TOY, "paper")
    return toy


def again():
    return sweep.sweep(toy_study.STUDY, "paper", device="cuda", rerun=True, only=["group=1"])


def test_both_kinds_of_products_are_set_and_put_back():
    before = flags()
    for on in (True, False):
        with products("cuda", on):
            assert flags() == (on, on)
        assert flags() == before
    with pytest.raises(KeyError), products("cuda", not before[0]):
        raise KeyError
    assert flags() == before


def test_on_a_cpu_nothing_changes(project, monkeypatch):
    monkeypatch.setenv(tf32.SWITCH, "1")
    torch.manual_seed(0)
    a, b = torch.randn(2, 70, 70)
    plain = product(a, b, torch.empty(70, 70))
    with products("cpu", tf32=True):
        assert flags() == (False, torch.backends.cudnn.allow_tf32)
        assert torch.equal(product(a, b, torch.empty(70, 70)), plain)
    study = find("memorized/temperature")
    pack = study.packs("smoke")[0]
    rows = [sweep.timed_pack(study.run_pack, "float32", pack, "cpu", project, tf32=on)[0] for on in (False, True)]
    assert rows[0] == rows[1]
    assert not tf32.wanted(study, "cpu", pack)


def test_a_gpu_computes_in_float32_unless_asked(toy, monkeypatch):
    assert set(toy.seen) == {(False, False)}
    assert not any("tf32" in about for about in committed(TOY, "paper").packs.values())
    monkeypatch.setenv(tf32.SWITCH, "0")
    again()
    assert set(toy.seen) == {(False, False)}


def test_tf32_waits_for_a_comparison(toy, monkeypatch):
    monkeypatch.setenv(tf32.SWITCH, "1")
    with pytest.raises(SoftLabelsError, match=f"{TOY}; run it without the variable, then .softlabels verify {TOY} --t"):
        again()
    assert verify_tf32.record(verify_tf32.compare(toy_study.STUDY, "paper"))
    del toy.seen[:]
    again()
    assert toy.seen == [(True, True)]
    publish(TOY, "paper")
    assert [about.get("tf32") for about in committed(TOY, "paper").packs.values()].count(True) == 1
    monkeypatch.setattr(tf32, "code_hash", lambda function: "tomorrow")
    with pytest.raises(SoftLabelsError, match="was not compared"):
        again()


def test_another_kind_of_run_needs_its_own(toy, monkeypatch):
    study = dataclasses.replace(toy_study.STUDY, kind=lambda settings: f"group {settings.group}")
    monkeypatch.setattr(toy_study, "STUDY", study)
    monkeypatch.setenv(tf32.SWITCH, "1")
    assert verify_tf32.record(verify_tf32.compare(study, "paper", ["group=2"]))
    with pytest.raises(SoftLabelsError, match=r"memorized/toy \(group 1\); run"):
        again()


@pytest.mark.parametrize(
    ("move", "same"),
    [(0.0, True), (0.004, True), (0.05, True), (-0.05, True), (0.07, False), (-0.07, False), (float("nan"), False)],
)
def test_a_cell_may_move_within_its_interval(toy, move, same):
    """Of two replicates 0.01 apart half the 95 % t interval is 0.0635."""
    toy.move = move
    comparison = verify_tf32.compare(toy_study.STUDY, "paper")
    assert comparison.cells == 16 and (comparison.largest == pytest.approx(abs(move), abs=1e-6) or move != move)
    assert bool(comparison.differing) != same and ("NOT the same" in str(comparison)) != same
    assert verify_tf32.record(comparison) == same
    assert len(committed(TOY, "paper").evidence) == same


@pytest.mark.parametrize(("move", "same"), [(0.004, True), (0.006, False)])
def test_without_replicates_half_a_point(toy, project, move, same):
    path = project / f"runs/{TOY}.paper"
    for file in path.iterdir():
        file.unlink()
    for file in (project / "results/memorized").iterdir():
        file.unlink()
    sweep.sweep(toy_study.STUDY, "paper", device="cuda", seeds=1)
    publish(TOY, "paper")
    toy.move = move
    assert bool(verify_tf32.compare(toy_study.STUDY, "paper", ["rate=0.1"]).differing) != same


def test_it_is_no_evidence_for_older_code(toy, project):
    verify_tf32.record(verify_tf32.compare(toy_study.STUDY, "paper"))
    path = project / f"results/{TOY}.paper.json"
    sidecar = json.loads(path.read_text())
    for about in sidecar["packs"].values():
        about["code"] = "older"
    for finding in sidecar["evidence"]:
        finding["from"] = "older"
    path.write_text(json.dumps(sidecar))
    for file in (project / f"runs/{TOY}.paper").iterdir():
        file.unlink()
    assert rows_of(TOY, "paper").attrs["older_code"] == 32
    with pytest.raises(SoftLabelsError, match="that today's code made on a GPU in float32"):
        verify_tf32.compare(toy_study.STUDY, "paper")


def test_rows_in_tf32_are_no_measure_and_are_verified_in_tf32(toy, monkeypatch):
    monkeypatch.setenv(tf32.SWITCH, "1")
    verify_tf32.record(verify_tf32.compare(toy_study.STUDY, "paper"))
    toy.move = 0.004
    sweep.sweep(toy_study.STUDY, "paper", device="cuda", rerun=True)
    publish(TOY, "paper")
    with pytest.raises(SoftLabelsError, match="nothing to compare TF32 with"):
        verify_tf32.compare(toy_study.STUDY, "paper")
    assert not any(each.differing for each in verify.verify(toy_study.STUDY, ["paper"], ["cuda"], every=True))


def test_what_needs_more_than_float32_or_has_no_accuracy(toy, monkeypatch):
    with pytest.raises(SoftLabelsError, match="computes in float64, so TF32 is not for it"):
        verify_tf32.compare(dataclasses.replace(toy_study.STUDY, dtype="float64"), "paper")
    monkeypatch.setattr(verify_tf32, "SHARES", ("loss",))
    with pytest.raises(SoftLabelsError, match="hold no loss to compare"):
        verify_tf32.compare(toy_study.STUDY, "paper")


def test_the_command(toy, monkeypatch):
    done = said("verify", TOY, "--tf32", "--record")
    assert done.exit_code == 0 and "16 cells in TF32, no mean moved by more than 0.00 points: the same" in done.output
    assert f"written beside {TOY}.paper" in done.output
    toy.move = 0.1
    done = said("verify", TOY, "--tf32")
    assert done.exit_code == 1 and "NOT the same" in done.output and "they stay in float32" in done.output
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    done = said("verify", TOY, "--tf32")
    assert done.exit_code == 1 and "sees no CUDA GPU" in done.output

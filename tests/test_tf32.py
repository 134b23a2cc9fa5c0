"""TF32: off unless it was compared, a no-op on a CPU, and what the comparison finds."""

import dataclasses
import json
import math
import re

import pytest
import torch
import toy_study
from typer.testing import CliRunner

from softlabels import records, status, studies, sweep, tf32, verify, verify_tf32
from softlabels.cli import app
from softlabels.errors import SoftLabelsError
from softlabels.store import committed, publish, rows_of
from softlabels.studies import find
from softlabels.tf32 import products

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
    """The toy study with an accuracy, which TF32 moves by `move`, of seed 1 by `other`; `seen`: flags and cache."""

    def __init__(self):
        self.move = self.other = 0.0
        self.seen = []

    def run_pack(self, pack, device, cache):
        self.seen.append((*flags(), cache.name == "tf32"))
        moves = [(self.other if settings.seed else self.move) * flags()[0] for settings in pack]
        return [
            dataclasses.replace(row, metrics={"accuracy_last": 0.5 + 0.01 * row.settings.seed + move, "loss": move})
            for row, move in zip(toy_study.run_pack(pack, device, cache), moves, strict=True)
        ]

    def moved(self, move, other=None):
        self.move, self.other = move, move if other is None else other


IN_FLOAT32, IN_TF32 = (False, False, False), (True, True, True)


@pytest.fixture
def toy(project, gpu, monkeypatch):
    """The same, with two replicates of eight packs stored of a GPU in float32."""
    toy = Toy()
    monkeypatch.setattr(toy_study, "STUDY", dataclasses.replace(toy_study.STUDY, run_pack=toy.run_pack))
    for module in ("tf32", "verify_tf32", "sweep", "verify", "store"):
        monkeypatch.setattr(f"softlabels.{module}.code_hash", lambda function: "today")
    monkeypatch.setitem(studies.STUDIES, TOY, "toy_study:STUDY")
    monkeypatch.setattr(records, "STUDIES", studies.STUDIES)
    sweep.sweep(toy_study.STUDY, "paper", device="cuda")
    publish(TOY, "paper")
    return toy


@pytest.fixture
def twin(toy, monkeypatch):
    """Another study of the same runs, which takes them over."""
    twin = dataclasses.replace(toy_study.STUDY, id="memorized/twin")
    monkeypatch.setattr(toy_study, "TWIN", twin, raising=False)
    monkeypatch.setitem(studies.STUDIES, twin.id, "toy_study:TWIN")
    return twin


def compared(*only):
    """A recorded comparison."""
    comparison = verify_tf32.compare(toy_study.STUDY, "paper", only)
    verify_tf32.record(comparison)
    return comparison


def again(toy, *only):
    """How packs are computed now: those of one group, unless `only` says which."""
    del toy.seen[:]
    sweep.sweep(toy_study.STUDY, "paper", device="cuda", rerun=True, only=only or ["group=1"])
    return set(toy.seen)


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
    before = flags()
    with products("cpu", tf32=True):
        assert flags() == before
    study = find("memorized/temperature")
    pack = study.packs("smoke")[0]
    rows = [sweep.timed_pack(study.run_pack, "float32", pack, "cpu", project, tf32=on)[0] for on in (False, True)]
    assert rows[0] == rows[1]
    assert not tf32.wanted(study, "cpu", pack)


def test_a_gpu_computes_in_float32_unless_asked(toy, monkeypatch):
    assert set(toy.seen) == {IN_FLOAT32}
    assert not any("tf32" in about for about in committed(TOY, "paper").packs.values())
    compared()
    monkeypatch.setenv(tf32.SWITCH, "0")
    assert again(toy) == {IN_FLOAT32}


def test_tf32_waits_for_a_comparison(toy, monkeypatch, capsys):
    monkeypatch.setenv(tf32.SWITCH, "1")
    assert again(toy) == {IN_FLOAT32}
    assert f"{TOY} runs in float32: TF32 waits for `softlabels verify {TOY} --tf32 --record`" in capsys.readouterr().err
    del toy.seen[:]
    assert not compared().differing and set(toy.seen) == {IN_TF32}
    assert again(toy) == {IN_TF32}
    assert "runs in float32" not in capsys.readouterr().err
    publish(TOY, "paper")
    assert [about.get("tf32") for about in committed(TOY, "paper").packs.values()].count(True) == 1
    monkeypatch.setattr(tf32, "code_hash", lambda function: "tomorrow")
    assert again(toy) == {IN_FLOAT32}


def test_another_kind_of_run_needs_its_own(toy, monkeypatch):
    study = dataclasses.replace(toy_study.STUDY, kind=lambda settings: f"group {settings.group}")
    monkeypatch.setattr(toy_study, "STUDY", study)
    monkeypatch.setenv(tf32.SWITCH, "1")
    compared("group=2")
    assert again(toy) == {IN_FLOAT32} and again(toy, "group=2") == {IN_TF32}


def test_what_was_found_to_differ_stays_in_float32(toy, monkeypatch):
    """Until the same comparison finds it the same; an easier one beside it is not enough."""
    monkeypatch.setenv(tf32.SWITCH, "1")
    compared()
    toy.moved(0.1)
    assert compared("group=2").differing
    assert again(toy) == {IN_FLOAT32}
    toy.moved(0.0)
    compared("group=3")
    assert again(toy) == {IN_FLOAT32}
    compared("group=2")
    assert again(toy) == {IN_TF32}


def test_a_comparison_is_of_one_study(toy, twin, monkeypatch):
    """Rows that are taken over from another study bring its evidence, but not this."""
    monkeypatch.setenv(tf32.SWITCH, "1")
    compared()
    sweep.sweep(twin, "paper", device="cuda", only=["group=1"])
    publish(twin.id, "paper")
    assert committed(twin.id, "paper").evidence == committed(TOY, "paper").evidence
    assert not tf32.wanted(twin, "cuda", twin.grid("paper"))


def test_rows_in_tf32_are_not_taken_over(toy, twin, monkeypatch):
    monkeypatch.setenv(tf32.SWITCH, "1")
    compared()
    again(toy)
    monkeypatch.delenv(tf32.SWITCH)
    del toy.seen[:]
    sweep.sweep(twin, "paper", device="cuda")
    assert toy.seen == [IN_FLOAT32]  # one group; the others are taken over


@pytest.mark.parametrize(
    ("moves", "same"),
    [
        ((0.0, 0.0), True), ((0.004, 0.004), True), ((-0.004, -0.004), True), ((0.006, 0.006), False),
        ((-0.006, -0.006), False), ((0.05, -0.03), True), ((0.05, -0.005), False), ((float("nan"), 0.0), False),
    ],
)  # fmt: skip
def test_how_far_a_cell_may_move(toy, moves, same):
    """Half a point for certain; two points on average where replicates move either way."""
    toy.moved(*moves)
    comparison = compared()
    assert comparison.cells == 16 and bool(comparison.differing) != same
    if moves[0] == moves[0]:
        assert comparison.largest == pytest.approx(abs(sum(moves)) / 2, abs=1e-6)
    assert (
        bool(re.search(r"NOT the same: accuracy_last at group = \d, rate = 0\.\d+ moved by", str(comparison))) != same
    )
    (finding,) = committed(TOY, "paper").evidence
    assert finding["same"] == same


def test_metrics_that_older_rows_lack_are_no_difference():
    pairs = [({"accuracy": was}, {"accuracy": 0.5, "new_accuracy": 0.1}) for was in (0.5, math.nan, 0.5)]
    assert list(verify_tf32._moves(pairs)) == [("accuracy", 0.0, verify_tf32.BY_CHANCE)]
    lost = [({"accuracy": 0.5}, {"accuracy": math.nan})] * 3
    assert [size for _, size, _ in verify_tf32._moves(lost)] == [math.inf]


def test_what_is_no_share_may_move(toy, monkeypatch):
    monkeypatch.setattr(verify_tf32, "SHARES", ("loss",))
    toy.moved(0.1)
    assert compared().differing[0].startswith("loss at")
    monkeypatch.setattr(verify_tf32, "SHARES", ("agreement",))
    with pytest.raises(SoftLabelsError, match="hold no agreement to compare"):
        compared()


def test_it_is_no_evidence_for_older_code(toy, project):
    compared()
    path = project / f"results/{TOY}.paper.json"
    sidecar = json.loads(path.read_text())
    for entry in (*sidecar["packs"].values(), *sidecar["evidence"]):
        entry["code" if "code" in entry else "from"] = "older"
    path.write_text(json.dumps(sidecar))
    for file in (project / f"runs/{TOY}.paper").iterdir():
        file.unlink()
    assert rows_of(TOY, "paper").attrs["older_code"] == 32
    with pytest.raises(SoftLabelsError, match="that today's code made on a GPU in float32"):
        compared()


def test_rows_in_tf32_are_no_measure_and_are_verified_in_tf32(toy, monkeypatch):
    monkeypatch.setenv(tf32.SWITCH, "1")
    compared()
    toy.moved(0.004)
    again(toy, "rate=0.1,0.3333333333333333")
    publish(TOY, "paper")
    with pytest.raises(SoftLabelsError, match="nothing to compare TF32 with"):
        compared()
    assert status.packs_measured(toy_study.STUDY).empty
    del toy.seen[:]
    assert not any(each.differing for each in verify.verify(toy_study.STUDY, ["paper"], ["cuda"], every=True))
    assert set(toy.seen) == {IN_TF32}


@pytest.mark.parametrize("other", [{"dtype": "float64"}, {"id": "label_worth/toy"}])
def test_what_tf32_is_not_for(toy, monkeypatch, capsys, other):
    monkeypatch.setenv(tf32.SWITCH, "1")
    study = dataclasses.replace(toy_study.STUDY, **other)
    with pytest.raises(SoftLabelsError, match=f"TF32 is for float32 studies of paper B, and {study.id} is none"):
        verify_tf32.compare(study, "paper")
    assert not tf32.wanted(study, "cuda", study.grid("paper"))
    assert capsys.readouterr().err == ""  # nobody need be told


def test_the_command(toy, monkeypatch):
    done = said("verify", TOY, "--tf32", "--record")
    assert done.exit_code == 0, done.output
    assert f"{TOY} paper, 16 cells in TF32, the largest move of a mean is 0.00 points: the same" in done.output
    assert f"written beside {TOY}.paper" in done.output
    toy.moved(0.1)
    done = said("verify", TOY, "--tf32")
    assert done.exit_code == 1 and "NOT the same" in done.output and "1 comparison in TF32 found another" in done.output
    for words in (("--all",), ("--first-steps",), ("--networks",), ("--old", "HEAD")):
        assert said("verify", TOY, "--tf32", *words).exit_code == 2
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    done = said("verify", TOY, "--tf32")
    assert done.exit_code == 1 and "sees no CUDA GPU" in done.output


def test_a_scale_without_rows_of_a_gpu_does_not_end_the_command(toy, monkeypatch):
    grids = toy_study.STUDY.grids | {"reduced": toy_study.grid}
    monkeypatch.setattr(toy_study, "STUDY", dataclasses.replace(toy_study.STUDY, grids=grids))
    sweep.sweep(toy_study.STUDY, "reduced", device="cpu")
    publish(TOY, "reduced")
    done = said("verify", TOY, "--tf32")
    assert done.exit_code == 0 and "no rows at reduced scale" in done.output and "paper, 16 cells" in done.output
    done = said("verify", TOY, "--tf32", "--scale", "reduced")
    assert done.exit_code == 1 and "Nothing was compared in TF32." in done.output

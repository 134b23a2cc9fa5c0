"""Plans for lent machines: each step exists, all of it runs at smoke scale, and what comes home is whole."""

import io
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from softlabels import plans, sweep
from softlabels.cli import app
from softlabels.errors import SoftLabelsError
from softlabels.paths import cache_folder, runs_folder
from softlabels.plans import Step
from softlabels.store import everything
from softlabels.studies import STUDIES
from softlabels.sweep import with_settings

PLANS = ("gpu-30",)
FEW = [Step("memorized/two_dimensions", "smoke"), Step("label_worth/teachers", "smoke")]


def said(*words):
    return CliRunner().invoke(app, list(map(str, words)))


def home(tmp_path, monkeypatch):
    """Another machine: a project and a cache of its own."""
    there = tmp_path / "home"
    (there / "notebooks").mkdir(parents=True)
    (there / "results").mkdir()
    (there / "_config.yml").write_bytes((tmp_path / "_config.yml").read_bytes())
    monkeypatch.chdir(there)
    monkeypatch.setenv("SOFTLABELS_CACHE", str(there / "cache"))


def stored(steps):
    return {study.id: len(everything(study.id, "smoke").rows) for step in steps for study in plans.studies(step)}


@pytest.mark.parametrize("name", PLANS)
def test_every_step_names_runs_that_there_are(name):
    for step in plans.read(name):
        assert plans.studies(step), step
        for study in plans.studies(step):
            assert with_settings(study, step.scale, study.grid(step.scale), step.only), step


@pytest.mark.parametrize("name", PLANS)
def test_a_whole_plan_at_smoke_scale(name, project, tmp_path, monkeypatch):
    pytest.importorskip("transformers")
    done = said("run", "--plan", name, "--scale", "smoke", "--device", "cpu", "--archive", tmp_path / "out")
    assert done.exit_code == 0, done.output
    steps = plans.read(name, "smoke")
    rows = stored(steps)
    assert min(rows.values()) > 0 and set(rows) == set(STUDIES)
    assert all(plans._missing(study, step, "cpu") == 0 for step in steps for study in plans.studies(step))
    again = said("run", "--plan", name, "--scale", "smoke", "--device", "cpu")
    assert "0 packs now, 0 left" in again.output and " 1 pack now" not in again.output
    home(tmp_path, monkeypatch)
    assert "0 files" not in said("store", "merge", tmp_path / "out").output
    assert stored(steps) == rows
    assert "0 packs of rows and 0 files" in said("store", "merge", tmp_path / "out").output  # nothing is new any more


def test_no_pack_begins_when_time_is_up(project, tmp_path, monkeypatch):
    lines = []
    assert plans.run(FEW, "cpu", 0.0, None, lines.append) == [] and stored(FEW) == dict.fromkeys(stored(FEW), 0)
    clock = iter([0.0, 59.0, 59.0, *[61.0] * 9])  # a minute is over when the first pack ends
    monkeypatch.setattr(plans, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    plans.run([FEW[0]], "cpu", 1.0, None, lines.append)
    assert lines[-1] == "memorized/two_dimensions smoke: 1 pack now, 1 left, 2 s"


def test_what_fails_is_named_and_the_rest_runs(project, monkeypatch):
    def fails(pack, device, cache):
        raise RuntimeError("no such kernel")

    broken = sweep.find("memorized/two_dimensions")
    monkeypatch.setattr(type(broken), "__setattr__", object.__setattr__)
    monkeypatch.setattr(broken, "run_pack", fails)
    lines = []
    wrong = plans.run(FEW, "cpu", 9.0, None, lines.append)
    assert wrong == ["memorized/two_dimensions smoke: RuntimeError: no such kernel"] and wrong[0] in lines
    assert stored(FEW)["label_worth/teachers"] > 0


def test_archives_are_parts_and_older_ones_stay(project, tmp_path, monkeypatch):
    monkeypatch.setattr(plans, "PART", {"rows": 1, "teachers": 1})  # a file each
    plans.run([FEW[0]], "cpu", 9.0, tmp_path / "out", print)
    packs = len(list(runs_folder().rglob("*.json")))
    first = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in first] == [f"rows-{i}.tar.gz" for i in range(1, packs + 1)]
    plans.run(FEW, "cpu", 9.0, tmp_path / "out", print)
    assert set(first) < set((tmp_path / "out").iterdir())
    with tarfile.open(first[0]) as tar:
        assert tar.getnames()[0].startswith("rows/memorized/two_dimensions.smoke/")


def test_of_a_teacher_what_is_wanted_goes_home(project, tmp_path, monkeypatch):
    folder = cache_folder() / "teachers" / "one-two-cpu"
    folder.mkdir(parents=True)
    before = plans._files()
    for epoch in (0, 1, 2, 100):
        (folder / f"e{epoch:03d}.safetensors").write_bytes(bytes(10))
    steps = [Step("label_worth/teachers", "smoke")]  # which wants epochs 0 and 2, among others
    wanted = plans._wanted(steps)
    assert wanted == {0} | {run.epoch for run in plans.studies(steps[0])[0].grid("smoke")}
    names = [path.name for path in plans._new(before, wanted)["teachers"]]
    assert names[0] == "e100.safetensors"  # the last, with which training goes on
    assert set(names) == {f"e{epoch:03d}.safetensors" for epoch in {100} | wanted & {0, 1, 2}}
    monkeypatch.setattr(plans, "ROOM", 15)
    assert [path.name for path in plans._new(before, wanted)["teachers"]] == ["e100.safetensors"]


def archive_of(folder: Path, **files: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / "rows-1.tar.gz", "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return folder


@pytest.mark.parametrize(
    "name",
    ["../../outside", "rows/../../outside", "teachers/../../outside", "rows/memorized/two_dimensions.smoke/outside"],
)
def test_archives_of_something_else(project, tmp_path, name):
    with pytest.raises(SoftLabelsError, match="neither a pack of rows nor a teacher"):
        plans.merge(archive_of(tmp_path / "out", **{name: b"x"}))
    assert not list(tmp_path.rglob("outside"))


def test_a_damaged_archive(project, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "rows-1.tar.gz").write_bytes(b"no archive")
    done = said("store", "merge", tmp_path / "out")
    assert done.exit_code == 1 and "rows-1.tar.gz is not a whole archive" in done.output
    assert "There is no folder" in said("store", "merge", tmp_path / "nowhere").output


def test_bad_plans(project):
    for words in (("run",), ("run", "fig4a", "--plan", "gpu-30")):
        done = said(*words)
        assert done.exit_code == 2 and "Usage" in done.output and "or a --plan" in done.output
    for words in (("--only", "ipc=1"), ("--seeds", 2), ("--workers", 2), ("--rerun",), ("--scheduler", "local")):
        done = said("run", "--plan", "gpu-30", *words)
        assert done.exit_code == 2 and "has its own settings" in done.output
    for words in (("--minutes", 9), ("--archive", "out")):
        done = said("run", "fig4a", *words)
        assert done.exit_code == 2 and "go with a --plan" in done.output
    for words, says in (
        (("run", "--plan", "gpu-99"), "There is no plan 'gpu-99'; there is gpu-30."),
        (("run", "--plan", "gpu-30", "--scale", "huge"), "There is no scale 'huge'"),
    ):
        done = said(*words)
        assert done.exit_code == 1 and says in done.output


def test_a_plan_says_what_it_would_take(project):
    done = said("run", "--plan", "gpu-30", "--dry-run", "--device", "cuda")
    assert done.exit_code == 0, done.output
    assert "label_worth/teacher_epochs paper on cuda:" in done.output

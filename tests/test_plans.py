"""Plans for lent machines: each step exists, all of it runs at smoke scale, and what comes home is whole."""

import gzip
import io
import re
import tarfile
from pathlib import Path
from threading import Event
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


@pytest.mark.parametrize("options", [(), ("--device", "cuda")])
def test_what_a_plan_would_take_is_said_with_any_device(options, project):
    """Also where there is no GPU, and where none is named."""
    asked = said("run", "--plan", PLANS[0], "--scale", "smoke", "--dry-run", *options)
    assert asked.exit_code == 0 and "packs to run" in asked.output
    wrong = said("run", "--plan", PLANS[0], "--scale", "smoke", "--dry-run", "--device", "tpu")
    assert wrong.exit_code == 1 and "no device 'tpu'" in wrong.output


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
    assert set(re.findall(r": (\d+) packs? now, (\d+) left", again.output)) == {("0", "0")}
    home(tmp_path, monkeypatch)
    merged = said("store", "merge", tmp_path / "out").output
    assert all(int(number) > 0 for number in re.search(r"(\d+) packs? of rows and (\d+) files?", merged).groups())
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


def test_a_table_that_cannot_be_read_ends_nothing(project, monkeypatch):
    """Not even where it cannot be read before or after its packs run."""
    missing = plans._missing

    def fails(study, step, device):
        if study.id == "memorized/two_dimensions":
            raise SoftLabelsError("a pack of it is corrupt")
        return missing(study, step, device)

    monkeypatch.setattr(plans, "_missing", fails)
    wrong = plans.run(FEW, "cpu", 9.0, None, print)
    assert wrong == ["memorized/two_dimensions smoke: SoftLabelsError: a pack of it is corrupt"]
    assert stored(FEW)["label_worth/teachers"] > 0


def test_archiving_goes_on_after_an_error(project, tmp_path, monkeypatch):
    monkeypatch.setattr(plans, "EVERY", 0.01)
    works, lines, said_once = plans.archive, [], Event()

    def archive(*args):
        if not said_once.is_set():
            raise OSError("no space left")
        works(*args)

    def say(line):
        lines.append(line)
        said_once.set()

    monkeypatch.setattr(plans, "archive", archive)
    with plans._archiving(tmp_path / "out", [FEW[0]], say):
        pack = runs_folder() / "memorized/two_dimensions.smoke/0.cpu.json"
        pack.parent.mkdir(parents=True)
        pack.write_text("{}")
        assert said_once.wait(60)
    assert lines == ["not archived yet: OSError: no space left"] and (tmp_path / "out" / "rows-1.tar.gz").is_file()


def test_archives_are_parts_and_older_ones_stay(project, tmp_path, monkeypatch):
    monkeypatch.setattr(plans, "PART", {"rows": 1, "teachers": 1})  # a file each
    plans.run([FEW[0]], "cpu", 9.0, tmp_path / "out", print)
    packs = len(list(runs_folder().rglob("*.json")))
    first = sorted((tmp_path / "out").iterdir())
    assert [file.name for file in first] == [f"rows-{i}.tar.gz" for i in range(1, packs + 1)]
    plans.run(FEW, "cpu", 9.0, tmp_path / "out", print)
    assert set(first) < set((tmp_path / "out").iterdir())
    for file in set((tmp_path / "out").iterdir()) - {first[-1]}:  # taken home
        file.unlink()
    kept = first[-1].read_bytes()
    write_again = [Step("label_worth/teacher_epochs", "smoke")]
    plans.run(write_again, "cpu", 9.0, tmp_path / "out", print)
    assert first[-1].read_bytes() == kept and len(list((tmp_path / "out").iterdir())) > 1
    with tarfile.open(first[-1]) as tar:
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


def test_an_archive_with_one_wrong_bit(project, tmp_path):
    out = archive_of(tmp_path / "out", **{"teachers/a-b-cpu/e000.safetensors": bytes(range(256)) * 40})
    whole = (out / "rows-1.tar.gz").read_bytes()
    for place in (len(whole) // 2, len(whole) - 6):  # in what is compressed, and in its checksum
        (out / "rows-1.tar.gz").write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(SoftLabelsError, match="rows-1.tar.gz is not a whole archive"):
            plans.merge(out)
    assert not list(cache_folder().rglob("*.safetensors"))


def test_beside_a_damaged_archive_the_others_are_taken_in(project, tmp_path, monkeypatch):
    """Their rows are published too, and again where the last merge was cut off between the two."""
    published = []
    monkeypatch.setattr(plans, "publish", lambda study, scale: published.append((study, scale)))
    monkeypatch.setattr(plans, "pack_in", lambda content: {})
    out = archive_of(tmp_path / "out", **{"rows/memorized/two_dimensions.paper/0.cpu.json": b"{}"})
    (out / "rows-0.tar.gz").write_bytes(gzip.compress(b"no archive"))
    for _ in range(2):
        with pytest.raises(SoftLabelsError, match="rows-0.tar.gz is not a whole archive"):
            plans.merge(out)
    assert published == [("memorized/two_dimensions", "paper")] * 2
    assert (runs_folder() / "memorized/two_dimensions.paper/0.cpu.json").read_bytes() == b"{}"


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
    done = said("run", "fig4a", "--side", 32)
    assert done.exit_code == 2 and "--side goes with --data" in done.output
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

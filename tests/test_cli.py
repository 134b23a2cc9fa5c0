"""The commands: what they print, and one clear sentence and a status for everything that goes wrong."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import photographs
import pytest
import toy_study
from typer.testing import CliRunner

from softlabels import labels, records, store, studies
from softlabels.cli import _cores, _share_cores, app
from softlabels.data import catalogue
from softlabels.errors import SoftLabelsError
from softlabels.study import Row

SMOKE = ["run", "linear_recovery", "--scale", "smoke", "--device", "cpu", "--seeds", "2"]


def said(*words, status=0):
    """What a command prints on stdout, or, where it fails with `status`, its sentence on stderr."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == status, (result.output, result.stderr, result.exception)
    if status == 0:
        return result.stdout
    assert result.stdout == "" and "Traceback" not in result.stderr
    return result.stderr


def sentence(*words):
    """The one line that a command which fails with status 1 says."""
    text = said(*words, status=1)
    assert text.startswith("softlabels: ") and text.count("\n") == 1 and text.rstrip().endswith(".")
    return text


def packs(project):
    return sorted(project.glob("runs/**/*.json"))


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from typer.testing import CliRunner; from softlabels.cli import app\n"
        "result = CliRunner().invoke(app, ['--help']); assert result.exit_code == 0 and 'claims' in result.output\n"
        "heavy = {'torch', 'pandas', 'sklearn', 'scipy', 'matplotlib'} & set(sys.modules); assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


# ---- run -----------------------------------------------------------------------------------------------------------


def test_run_stores_whole_packs_and_does_nothing_twice(project):
    assert "memorized/linear_recovery smoke: " in said(*SMOKE) and "2 replicates" in said(*SMOKE)
    stored = {path: path.stat().st_mtime_ns for path in packs(project)}
    assert len(stored) == 2
    said(*SMOKE)
    assert {path: path.stat().st_mtime_ns for path in packs(project)} == stored
    said(*SMOKE, "--rerun")
    assert all(path.stat().st_mtime_ns > stored[path] for path in packs(project))


@pytest.fixture
def half_the_cores():
    """Each of two workers gets half the cores; sums are rounded in another order where the threads differ."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(max(1, _cores() // 2))
    yield
    torch.set_num_threads(before)


def test_processes_give_the_same_rows(project, half_the_cores):
    said(*SMOKE)
    alone = store.rows_of("memorized/linear_recovery", "smoke")
    for path in packs(project):
        path.unlink()
    said(*SMOKE, "--workers", 2)
    together = store.rows_of("memorized/linear_recovery", "smoke")
    assert alone.drop(columns="seconds").equals(together.drop(columns="seconds"))


def test_rows_of_paper_scale_become_a_table_also_when_a_pack_fails(project, monkeypatch):
    monkeypatch.setitem(studies.STUDIES, "memorized/toy", "toy_study:STUDY")
    monkeypatch.setenv("TOY_FAIL", "5")
    result = CliRunner().invoke(app, ["run", "memorized/toy", "--scale", "paper", "--device", "cpu"])
    assert isinstance(result.exception, ValueError)
    assert len(pd.read_csv(project / "results/memorized/toy.paper.csv")) == 5 * 4
    monkeypatch.delenv("TOY_FAIL")
    assert "toy.paper.csv is up to date" in said("run", "memorized/toy", "--scale", "paper", "--device", "cpu")
    assert len(pd.read_csv(project / "results/memorized/toy.paper.csv")) == 8 * 4


def test_workers_share_the_cores(monkeypatch):
    import torch

    asked = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    _share_cores(3)
    assert asked == [3] and os.environ["OMP_NUM_THREADS"] == "3"


def test_dry_run_says_what_is_missing_and_runs_nothing(project):
    text = said(*SMOKE, "--dry-run")
    for word in ("2 of 2 packs", "FLOPs", "bytes", "seconds", "a rough bound: none of its packs was measured on cpu"):
        assert word in text
    assert not packs(project)
    said(*SMOKE)
    assert "0 of 2 packs" in said(*SMOKE, "--dry-run")
    again = said(*SMOKE, "--dry-run", "--rerun")
    assert "2 of 2 packs" in again and "of computing (as 2 measured packs took)" in again
    on_gpu = said(*SMOKE, "--dry-run", "--device", "cuda")
    assert "a rough bound: none of its packs was measured on cuda" in on_gpu


def test_a_dry_run_predicts_what_measured_packs_took(project, monkeypatch):
    monkeypatch.setitem(studies.STUDIES, "memorized/toy", "toy_study:STUDY")
    monkeypatch.setattr(records, "STUDIES", studies.STUDIES)
    dry = ["run", "memorized/toy", "--scale", "paper", "--device", "cpu", "--dry-run"]
    assert "32 runs, 32 FLOPs, 4 bytes at once, about 0 seconds of computing (a rough bound" in said(*dry)
    pack = toy_study.STUDY.packs("smoke")[0]  # four runs of a FLOP each
    rows = [Row(settings, {"score": 0.5}) for settings in pack]
    store.Store(project / "runs/memorized/toy.smoke").add("one", "cpu", rows, {"code": "", "seconds": 8000.0})
    assert "about 64,000 seconds of computing (as 1 measured pack took)" in said(*dry)
    assert "about 4,000 seconds" in said(*dry, "--only", "rate=0.1", "--only", "group=2")
    provenance = {"code": "", "seconds": 8000.0, "dtype": "bfloat16"}
    store.Store(project / "runs/memorized/toy.smoke").add("two", "cuda", rows, provenance)
    without = "took on processors with bfloat16; this one has none and may take several times as long)"
    for device, here, says in (("cuda", False, "took)"), ("cpu", True, "took)"), ("cpu", False, without)):
        if device == "cpu":
            store.Store(project / "runs/memorized/toy.smoke").add("one", "cpu", rows, provenance)
        monkeypatch.setattr("softlabels.training.precision.multiplies_bfloat16", lambda here=here: here)
        assert f"(as 1 measured pack {says}" in said(*dry)


def test_the_commands_for_a_gpu_that_the_book_names_are_commands(project):
    page = (Path(__file__).parents[1] / "book/start.md").read_text(encoding="utf-8").replace("\\\n", "")
    lines = re.findall(r"^softlabels (run .+--device cuda.*)$", page, re.MULTILINE)
    assert len(lines) >= 10
    for line in lines:
        for estimate in said(*line.split(), "--dry-run").splitlines():
            assert " on cuda: " in estimate and " 0 runs" not in estimate


def test_some_settings_alone_can_be_run(project):
    some = [*SMOKE, "--only", "seed=1", "--only", "n=16,24.0", "--only", "shuffled=false"]
    assert "1 of 1 packs" in said(*some, "--dry-run")
    said(*some)
    (pack,) = (json.loads(path.read_text()) for path in packs(project))
    assert {(row["seed"], row["n"], row["shuffled"]) for row in pack["rows"]} == {(1, 16, False), (1, 24, False)}
    grid, rows = studies.find("memorized/linear_recovery").grid("smoke", 2), len(pack["rows"])
    assert f"2 of 2 packs to run, {len(grid) - rows} runs" in said(*SMOKE, "--dry-run")
    assert "0 of 1 packs" in said(*some, "--dry-run")
    assert f": {len(grid)} rows, 2 replicates" in said(*SMOKE)
    assert sorted(len(json.loads(path.read_text())["rows"]) for path in packs(project)) == sorted(
        [rows, len(grid) // 2, len(grid) // 2 - rows]
    )  # nothing was computed twice


def test_a_page_leaves_out_studies_that_lack_the_scale(project):
    result = CliRunner().invoke(app, ["run", "notebooks/memorized/linear_recovery.py", "--scale", "paper", "--dry-run"])
    assert result.exit_code == 0
    assert "memorized/linear_students has no paper scale" in result.stderr
    assert result.stdout.startswith("memorized/linear_recovery paper") and result.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["run", "nonsense"], "no record, study, page or part 'nonsense'"),
        (["run", "fig1"], "label_worth/fig1 or memorized/fig1"),
        (["run", "fig4a", "--scale", "huge"], "no scale 'huge'; choose one of smoke, quick, reduced, paper"),
        (["run", "fig4a", "--only", "size=3"], "has no setting 'size' to choose by; it has d, c, per_class"),
        (["run", "fig4a", "--only", "c=2,3"], "at quick scale has c=3; there are 2."),
        (["run", "fig4a", "--only", "c=2", "--only", "c=3"], "'c' is given twice; give all its values at once"),
        (["run", "fig4a", "--only", "c"], "at quick scale has c=; there are 2."),
        (["run", "fig4a", "--scale", "reduced"], "no scale 'reduced'"),
        (["run", "fig4a", "--device", "tpu"], "no device 'tpu'; choose auto, cpu or cuda"),
        (["bench", "nonsense"], "no bench entry 'nonsense'"),
        (["data", "verify", "nonsense"], "no data set 'nonsense'"),
        (["data", "fetch", "cifar-10"], "no data set 'cifar-10'; there are digits, noisy digits, "),
        (["data", "fetch", "imagenet"], "licensed and cannot be fetched for you: get it at image-net.org"),
        (["data", "verify", "cifar10"], "CIFAR-10 is not on this machine. `softlabels data fetch cifar10` puts"),
    ],
)
def test_what_does_not_exist_is_named_in_one_sentence(project, words, part):
    assert part in sentence(*words)


def test_a_device_that_is_not_there(project, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert "sees no CUDA GPU" in sentence("run", "fig4a", "--device", "cuda")
    assert " paper on cuda: " in said("run", "fig13", "--scale", "paper", "--device", "cuda", "--dry-run")


@pytest.mark.parametrize(
    "words",
    [["run"], ["run", "fig4a", "--workers", "0"], ["run", "fig4a", "--seeds", "x"], ["nonsense"], ["data", "get"]],
)
def test_a_command_line_without_sense_has_status_two(words):
    assert "Usage" in said(*words, status=2)


def test_a_full_disk_loses_nothing(project, monkeypatch):
    replace, moved = os.replace, []

    def full_at_the_second(source, target):
        if moved:
            raise OSError(errno.ENOSPC, "No space left on device")
        moved.append(target)
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(store.os, "replace", full_at_the_second)
        assert "disk is full" in sentence_after_progress(*SMOKE)
    assert len(packs(project)) == 1 and len(list(project.glob("runs/**/*.*"))) == 2  # the pack, and its folder
    said(*SMOKE)
    assert len(packs(project)) == 2


def sentence_after_progress(*words):
    """Like `sentence`, for a command whose progress bar is on stderr too."""
    text = said(*words, status=1).splitlines()[-1]
    assert text.startswith("softlabels: ")
    return text


def test_a_disk_that_fills_up_elsewhere(project, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("softlabels.sweep.sweep", full)
    assert "disk is full" in sentence(*SMOKE)


def test_a_cache_that_is_a_file_is_named(project, monkeypatch):
    (project / "file").touch()
    monkeypatch.setenv("SOFTLABELS_CACHE", str(project / "file"))
    text = sentence("data", "fetch", "cifar100")
    assert f"{project / 'file'}" in text and "set SOFTLABELS_CACHE to a folder" in text


def test_runs_that_cannot_be_kept_are_not_computed(project, monkeypatch):
    (project / "runs").touch()
    monkeypatch.setattr("softlabels.sweep.timed_pack", lambda *_: pytest.fail("a pack was computed"))
    assert "runs" in sentence_after_progress(*SMOKE)


def test_claims_can_be_written_to_a_file_of_eight_bits(project):
    """As under Windows, whose redirected output has the letters of one language."""
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    words = [sys.executable, "-m", "softlabels.cli", "claims"]
    written = subprocess.run(words, env=environment, check=True, capture_output=True).stdout.decode("utf-8")
    with pytest.raises(UnicodeEncodeError):
        written.encode("cp1252")


def test_help_is_there_without_docstrings(project):
    words = [sys.executable, "-OO", "-m", "softlabels.cli", "data", "--help"]
    helped = subprocess.run(words, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    assert "Bring a data set to this machine" in helped and "Every data set that the book uses" in helped


def test_other_errors_of_the_system_are_not_hidden(project, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("softlabels.sweep.sweep", broken)
    result = CliRunner().invoke(app, SMOKE)
    assert isinstance(result.exception, OSError)


def test_stopping_says_how_to_go_on(project, monkeypatch):
    def stopped(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("softlabels.sweep.sweep", stopped)
    assert "type the same command again" in said(*SMOKE, status=130)


@pytest.mark.parametrize("words", [["status"], ["claims"], SMOKE])
def test_a_corrupt_pack_is_named(project, words):
    said(*SMOKE)
    folder = project / "runs" / "memorized"
    scale = "smoke" if words is SMOKE else "paper"
    bad = folder / f"linear_recovery.{scale}" / "0000000000000000.cpu.json"
    bad.parent.mkdir(exist_ok=True)
    bad.write_text('{"pack": "0000')
    text = sentence(*words)
    assert str(bad) in text and "delete it" in text


def test_a_corrupt_table_is_named(project):
    said(*SMOKE)
    table = store.publish("memorized/linear_recovery", "smoke")
    for written in (table, table.with_suffix(".json")):
        written.rename(written.with_name(written.name.replace("smoke", "paper")))
    bad = table.with_name(table.name.replace("smoke", "paper"))
    assert "memorized/fig3" in said("status")
    bad.write_text("identity,seed\nabc\n,,,,\n")
    text = sentence("status")
    assert str(bad) in text and "corrupt" in text


# ---- what is printed -----------------------------------------------------------------------------------------------


def test_status_and_claims_as_json_and_as_text(project):
    records = json.loads(said("status", "--json"))["records"]
    assert len(records) == 49 and records[0]["scales"] == {"quick": None, "reduced": None, "paper": None}
    claims = json.loads(said("claims", "--json"))["claims"]
    assert {claim["quick"]["verdict"] for claim in claims if claim["quick"]} == {"not run"}
    not_quick = {claim["id"] for claim in claims if not claim["quick"]}
    printed, of_gpt_2 = {"L04", "L07", "L08", "L41"}, {"M38", "M39"}
    assert not_quick == printed | of_gpt_2 | {"L11", "N6", "J37", "J38", "J39"}  # the last ones are of photographs
    assert "memorized/fig4a" in said("status") and "M17" in said("claims")


def test_bench_as_json_and_as_text(monkeypatch):
    entry = {
        "id": "fig4a_fleet", "seconds": 1e-3, "reference_seconds": 1e-2, "ratio_to_reference": 10.0,
        "floor_seconds": 5e-4, "ratio_to_floor": 2.0, "flops": 1e6, "bytes": 1e3, "device": "cpu", "threads": 2,
    }  # fmt: skip
    asked = []
    monkeypatch.setattr("softlabels.bench.run", lambda entries: asked.append(entries) or [entry])
    assert json.loads(said("bench", "fig4a", "--json")) == {"entries": [entry]}
    assert "fig4a_fleet" in said("bench") and asked == [["fig4a"], None]


def test_data_that_ships_is_there_and_whole():
    assert "digits" in said("data", "list") and "ships with scikit-learn" in said("data", "fetch", "digits")
    assert "as they should be" in said("data", "verify", "digits")
    assert "made of 1,797 digits" in said("data", "verify", "noisy digit pairs")


def test_photographs_are_listed_fetched_and_verified(project, monkeypatch):
    monkeypatch.setitem(catalogue.OFFICIAL, "tiny-imagenet", photographs.TINY)
    listed = said("data", "list")
    assert "248 MB to download" in listed and "to be had from image-net.org by yourself" in listed
    photographs.tiny(project)
    monkeypatch.setenv("SOFTLABELS_DATA", str(project))
    assert f"to be decoded from {project}" in said("data", "list")
    assert "tiny-imagenet is ready: " in said("data", "fetch", "tiny-imagenet")
    assert "8×8; ready;" in said("data", "list")
    assert "27 images and their classes, as they should be" in said("data", "verify", "tiny-imagenet")
    path = project / "cache" / "data" / "tiny-imagenet.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert "its checksum is another. `softlabels data fetch" in sentence("data", "verify", "tiny-imagenet")
    said("data", "fetch", "tiny-imagenet")
    said("data", "verify", "tiny-imagenet")


# ---- bad numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tau", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_is_positive(tau):
    with pytest.raises(SoftLabelsError, match="positive number"):
        labels.check_temperature(tau)


def test_logits_without_a_soft_label():
    import torch

    with pytest.raises(SoftLabelsError, match="NaN or infinity"):
        labels.soften(torch.tensor([[0.0, float("nan")]]), 1.0)


# ---- verify --------------------------------------------------------------------------------------------------------


@pytest.fixture
def stored_toy(project, monkeypatch):
    """Stored rows of the toy study, which `softlabels verify memorized/toy` finds."""
    from softlabels.sweep import sweep

    monkeypatch.setitem(studies.STUDIES, "memorized/toy", "toy_study:STUDY")
    monkeypatch.setattr(records, "STUDIES", studies.STUDIES)
    sweep(toy_study.STUDY, "paper", seeds=1)
    return store.publish("memorized/toy", "paper")


def test_verify_says_that_rows_still_come_out(stored_toy):
    assert "2 runs, recomputed: the same" in said("verify", "memorized/toy")
    assert said("verify", "memorized/toy", "--scale", "paper", "--all").count("the same") == 8


def test_verify_fails_where_they_do_not_and_writes_no_evidence(stored_toy):
    rows = pd.read_csv(stored_toy)
    rows.assign(score=rows.score + 1).to_csv(stored_toy, index=False)
    about = json.loads(stored_toy.with_suffix(".json").read_text())
    sidecar = json.dumps(about | {"files": store._facts(store._contents(stored_toy))})  # as if they had been stored so
    stored_toy.with_suffix(".json").write_text(sidecar)
    result = CliRunner().invoke(app, ["verify", "memorized/toy", "--record"])
    assert result.exit_code == 1 and "NOT the same: score of run" in result.stdout
    assert "1 packs no longer come out as they are stored." in result.stderr
    assert stored_toy.with_suffix(".json").read_text() == sidecar


def test_verify_needs_stored_rows_and_a_scale_that_stores_them(project):
    assert "Nothing is stored of memorized/two_dimensions at reduced scale" in sentence(
        "verify", "memorized/two_dimensions", "--scale", "reduced"
    )
    assert "not at 'quick'" in sentence("verify", "memorized/two_dimensions", "--scale", "quick")
    assert "no record, study, page or part" in sentence("verify", "nothing_like_it")


def test_store_verify_names_every_table_that_is_not_what_was_written(stored_toy):
    assert "1 tables, each as its .json says." in said("store", "verify")
    text = stored_toy.read_text()
    sidecar = json.loads(stored_toy.with_suffix(".json").read_text())

    def wrong(changed, about=None):
        stored_toy.write_text(changed)
        about = about or sidecar | {"files": store._facts(store._contents(stored_toy))}  # as if it had been written so
        stored_toy.with_suffix(".json").write_text(json.dumps(about))
        return said("store", "verify", status=1)

    assert "table was changed after it had been written" in wrong(text.replace("0.1", "0.2"), sidecar)
    first = pd.read_csv(stored_toy.with_suffix(".csv"), dtype=str).identity[0]
    said_of_rate = wrong(text.replace("0.1", "0.2"))
    assert (
        "whose settings are those of" in said_of_rate and "1 of 1 tables are not as they were written" in said_of_rate
    )
    assert f"has the run {'0' * 16}" in wrong(text.replace(first, "0" * 16))
    other = next(iter(sidecar["packs"]))
    lost = {name: about for name, about in sidecar["packs"].items() if name != other}
    assert f"rows of the pack {other}" in wrong(text, sidecar | {"packs": lost})
    stored_toy.unlink()
    assert "toy.paper.csv is missing beside its .json" in said("store", "verify", status=1)

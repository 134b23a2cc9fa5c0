"""A sweep can be killed, resumed, spread over processes and doubled; the table is the same."""

import dataclasses
import datetime
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import torch
import toy_study

from softlabels import studies
from softlabels import sweep as sweep_module
from softlabels.errors import SoftLabelsError
from softlabels.store import Store, everything, publish, rows_of, stored
from softlabels.study import Row, pack_name
from softlabels.sweep import choose_device, live, stored_elsewhere, sweep, timed_pack, with_settings

HERE = Path(__file__).resolve().parent
SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from softlabels import studies
studies.STUDIES["memorized/toy"] = "toy_study:STUDY"
from softlabels.sweep import sweep
sweep(studies.find("memorized/toy"), "smoke")
"""


@pytest.fixture
def toy(project, monkeypatch):
    monkeypatch.setitem(studies.STUDIES, "memorized/toy", "toy_study:STUDY")
    monkeypatch.setenv("TOY_LOG", str(project / "log"))
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    return studies.find("memorized/toy")


def numbers(rows):
    """What must not depend on how a table came about."""
    return rows.drop(columns=["seconds"]).reset_index(drop=True)


def ran(project):
    return sorted(map(int, (project / "log").read_text().split()))


@pytest.fixture
def asked(monkeypatch):
    """A GPU that answers at once: what its speed was asked for."""
    asked = []

    def machine_speed(device, dtype):
        asked.append((device, dtype))
        return 5e12, 1e12

    sweep_module.ceiling.cache_clear()
    monkeypatch.setattr(sweep_module, "machine_speed", machine_speed)
    monkeypatch.setattr(sweep_module, "device_name", lambda device: "a GPU")
    monkeypatch.setattr("torch.cuda.synchronize", lambda: None)
    yield asked
    sweep_module.ceiling.cache_clear()


@pytest.mark.parametrize("said", ["bfloat16", *dict.fromkeys(studies.find(name).dtype for name in studies.STUDIES)])
def test_rows_of_a_gpu_say_what_it_could_do_at_most(said, asked):
    """Whatever a study calls its number types: no pack must be lost once it has been computed."""
    pack = toy_study.STUDY.packs("smoke")[0]
    _, where = timed_pack(toy_study.run_pack, said, pack, "cuda", Path())
    assert where["flops_per_second"] == 5e12 and where["device"] == "a GPU"
    assert asked == [("cuda", getattr(torch, re.split(r"\W", said)[0]))]


def test_a_second_sweep_runs_nothing(toy, project):
    first = sweep(toy, "smoke")
    assert len(first) == 32 and ran(project) == list(range(8))
    second = sweep(toy, "smoke")
    assert ran(project) == list(range(8))
    pd.testing.assert_frame_equal(first, second)


@pytest.fixture
def twin(toy, monkeypatch):
    """Another study of the same runs, with replicates that the first one has not."""
    study = dataclasses.replace(toy, id="memorized/twin", grids={"smoke": lambda seeds: toy_study.grid(seeds or 3)})
    monkeypatch.setattr(toy_study, "TWIN", study, raising=False)
    monkeypatch.setitem(studies.STUDIES, "memorized/twin", "toy_study:TWIN")
    return study


def test_runs_that_another_study_has_stored_are_taken_over(toy, twin, project):
    first = sweep(toy, "smoke")
    rows = sweep(twin, "smoke")
    assert len(rows) == 48 and ran(project) == sorted([*range(8)] * 2)  # each group's third replicate is new
    shared = rows[rows["seed"] < 2].drop(columns=["seconds", "pack"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(shared, first.drop(columns=["seconds", "pack"]), check_like=True)
    curves, of_first = (pd.DataFrame(frame.attrs["curves"]) for frame in (rows, first))
    pd.testing.assert_frame_equal(
        curves[curves["identity"].isin(first["identity"])].reset_index(drop=True), of_first.reset_index(drop=True)
    )
    assert rows["seconds"].notna().all() and rows.attrs["older_code"] == 0
    packs = everything("memorized/twin", "smoke").packs.values()
    assert sum(about.get("taken_from") == "memorized/toy" for about in packs) == 32

    sweep(twin, "smoke", rerun=True)
    assert ran(project) == sorted([*range(8)] * 3)


def test_runs_of_older_code_or_another_function_are_not_taken_over(toy, twin, project, monkeypatch):
    sweep(toy, "smoke")
    packs = twin.packs("smoke")
    assert len(stored_elsewhere(twin, "smoke", "cpu", packs)) == 32
    assert stored_elsewhere(twin, "smoke", "cuda", packs) == {}
    other = dataclasses.replace(twin, run_pack=lambda pack, device, cache: [])
    assert stored_elsewhere(other, "smoke", "cpu", packs) == {}
    monkeypatch.setattr("softlabels.store.code_hash", lambda function: "newer")
    assert stored_elsewhere(twin, "smoke", "cpu", packs) == {}


def test_rerun_runs_everything_again(toy, project):
    sweep(toy, "smoke")
    sweep(toy, "smoke", rerun=True)
    assert ran(project) == sorted(2 * list(range(8)))


def test_more_seeds_keep_what_is_there(toy, project):
    sweep(toy, "smoke", seeds=1)
    rows = sweep(toy, "smoke", seeds=2)
    assert rows.seed.nunique() == 2 and not rows.duplicated(["identity", "device"]).any()
    assert len(computed(project)) == len(set(computed(project))) == 32


def computed(project):
    """The identities in all packs that were stored, as often as they were computed."""
    packs = Store(project / "runs/memorized/toy.smoke").packs()
    return [row["identity"] for pack in packs for row in pack["rows"]]


def test_a_part_of_a_pack_is_a_pack_and_the_rest_is_run_later(toy, project):
    undisturbed = sweep(toy, "smoke", store=Store(None))
    part = sweep(toy, "smoke", only=["rate=0.1", "group=0", "seed=1"])
    assert part[["group", "rate", "seed"]].values.tolist() == [[0, 0.1, 1]]
    assert part["pack"].tolist() == [pack_name([toy_study.Settings(0, 0.1, 1)])]
    more = sweep(toy, "smoke", only=["rate=0.1", "group=0,1"])
    assert len(more) == 4 and part["identity"].isin(more["identity"]).all()
    whole = sweep(toy, "smoke")
    assert len(computed(project)) == len(set(computed(project))) == 32
    pd.testing.assert_frame_equal(*(numbers(rows).drop(columns="pack") for rows in (whole, undisturbed)))
    sweep(toy, "smoke", only=["rate=0.1"])
    assert len(computed(project)) == 32


def nudged(pack, device, cache):
    """The toy's rows by other code."""
    return [Row(row.settings, row.metrics | {"score": 200.0}) for row in toy_study.run_pack(pack, device, cache)]


def test_a_part_can_be_run_again_alone_and_its_rows_are_the_newer_ones(toy, project):
    sweep(toy, "smoke")
    part = ["rate=0.1", "group=4"]
    rows = sweep(dataclasses.replace(toy, run_pack=nudged), "smoke", only=part, rerun=True)
    assert len(rows) == 32 and len(computed(project)) == 34
    assert (rows.score == 200).tolist() == ((rows.group == 4) & (rows.rate == 0.1)).tolist()
    rows = sweep(toy, "smoke", rerun=True)
    assert len(rows) == 32 and (rows.score < 2).all()  # the part is old now, and the whole packs have its rows


def test_what_a_gpu_has_computed_is_still_to_be_done_on_a_cpu(toy, project):
    pack = toy.packs("smoke")[0]
    into = Store(project / "runs/memorized/toy.smoke")
    into.add(pack_name(pack), "cuda", [Row(s, {"score": 0.0, "whole": 1.0}) for s in pack], {"code": "", "seconds": 1})
    rows = sweep(toy, "smoke")
    assert ran(project) == list(range(8)) and len(rows) == 32 and set(rows.device) == {"cpu"}


@pytest.mark.parametrize("after", [0.0, 0.15, 0.5])
def test_killed_at_any_moment_and_resumed_it_is_the_same_table(toy, project, monkeypatch, tmp_path_factory, after):
    undisturbed = sweep(toy, "smoke", store=Store(tmp_path_factory.mktemp("undisturbed")))
    sweep(toy, "smoke", only=["group=7", "seed=0"])  # a part of a pack, which is not done again either
    (project / "log").write_text("")
    monkeypatch.setenv("TOY_WAIT", "0.1")
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(HERE)], cwd=project, stderr=subprocess.DEVNULL)
    while process.poll() is None and not ran(project):
        time.sleep(0.01)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    packs = Store(project / "runs/memorized/toy.smoke").packs()
    whole = {pack["rows"][0]["group"] for pack in packs if {row["seed"] for row in pack["rows"]} != {0}}
    assert len(whole) < 8
    (project / "log").write_text("")
    monkeypatch.setenv("TOY_WAIT", "0")
    resumed = sweep(toy, "smoke")
    assert ran(project) == sorted(set(range(8)) - whole) and len(computed(project)) == 32  # no run is done twice
    pd.testing.assert_frame_equal(*(numbers(rows).drop(columns="pack") for rows in (resumed, undisturbed)))


def test_a_pool_gives_the_same_table(toy, tmp_path):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        spread = sweep(toy, "smoke", pool, store=Store(tmp_path / "spread"))
    alone = sweep(toy, "smoke", store=Store(tmp_path / "alone"))
    pd.testing.assert_frame_equal(numbers(spread), numbers(alone))


def test_packs_of_a_worker_that_dies_are_run_once_more(toy, project, monkeypatch, capsys):
    monkeypatch.setenv("TOY_DIE", str(project / "fuse"))
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        rows = sweep(toy, "smoke", pool)
    assert len(rows) == 32 and rows.group.nunique() == 8
    assert "A worker died; what it left is computed here, one by one: " in capsys.readouterr().err


def test_the_longest_packs_are_handed_out_first(toy, project):
    with ThreadPoolExecutor(1) as one:
        sweep(toy, "smoke", one, cost=lambda pack: pack[0].group % 5)
    order = [group % 5 for group in map(int, (project / "log").read_text().split())]
    assert order == sorted(order, reverse=True) and len(order) == 8


def test_a_pool_of_other_code_is_refused(toy, project, monkeypatch):
    packs = toy.packs("smoke")
    code = sweep_module.code_hash(toy.run_pack)
    rows, where = timed_pack(toy.run_pack, "float32", packs[0], "cpu", project, code)
    assert len(rows) == 4 and where["code"] == code
    with pytest.raises(SoftLabelsError, match=f"has another version of the package's code \\({code}, not older\\)"):
        timed_pack(toy.run_pack, "float32", packs[1], "cpu", project, "older")
    assert ran(project) == [0]


@pytest.mark.parametrize("blocked", ["runs", "runs/memorized/toy.smoke"])
def test_a_folder_that_cannot_be_written_is_noticed_before_a_pack_is_computed(toy, project, blocked):
    (project / blocked).parent.mkdir(parents=True, exist_ok=True)
    (project / blocked).write_text("no folder")
    with pytest.raises(SoftLabelsError, match="Nothing can be written to .*toy.smoke: .* Nothing was computed"):
        sweep(toy, "smoke")
    assert not (project / "log").exists()


def test_a_rerun_counts_as_newer_although_the_clock_was_set_back(toy, project, monkeypatch):
    sweep(toy, "smoke", only=["group=0,1"])
    clock = type("clock", (datetime.datetime,), {"now": classmethod(lambda of, zone: of(1990, 1, 1, tzinfo=zone))})
    set_back = SimpleNamespace(datetime=clock, UTC=datetime.UTC, timedelta=datetime.timedelta)
    monkeypatch.setattr(sweep_module, "datetime", set_back)
    again = dataclasses.replace(toy, run_pack=nudged)
    rows = sweep(again, "smoke", only=["group=0", "seed=1"], rerun=True)  # a part: the older pack has these runs too
    assert (rows.score == 200).tolist() == ((rows.group == 0) & (rows.seed == 1)).tolist()
    rows = sweep(toy, "smoke", rerun=True)
    assert len(rows) == 32 and (rows.score < 2).all()
    starts = [pack["provenance"]["started"] for pack in Store(project / "runs/memorized/toy.smoke").packs()]
    assert sum(start.startswith("1990") for start in starts) == 6  # of the packs that replace nothing


def test_an_error_in_one_pack_loses_no_other(toy, project, monkeypatch, capsys):
    monkeypatch.setenv("TOY_FAIL", "5")
    with (
        ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool,
        pytest.raises(ValueError, match="the toy broke"),
    ):
        sweep(toy, "smoke", pool)
    assert len(Store(project / "runs/memorized/toy.smoke").packs()) == 7
    assert re.search(r"pack \w+ failed: ValueError: the toy broke", capsys.readouterr().err)


def test_where_one_pack_cannot_be_kept_no_other_is_computed(toy, project, monkeypatch):
    monkeypatch.setenv("TOY_LOG", str(project / "log"))
    monkeypatch.setenv("TOY_WAIT", "0.2")

    def full(*_):
        raise SoftLabelsError("The disk is full")

    monkeypatch.setattr(Store, "add", full)
    with ThreadPoolExecutor(1) as one, pytest.raises(SoftLabelsError, match="The disk is full"):
        sweep(toy, "smoke", one)
    assert len((project / "log").read_text().split()) <= 3  # of eight: those that had begun


def test_a_pack_with_a_number_that_is_not_finite_loses_no_other(toy, project, monkeypatch):
    monkeypatch.setenv("TOY_NAN", "5")
    with ThreadPoolExecutor(2) as two, pytest.raises(SoftLabelsError, match="loss of run .* is nan; the pack was not"):
        sweep(toy, "smoke", two)
    assert len(Store(project / "runs/memorized/toy.smoke").packs()) == 7


def test_two_processes_on_one_store_do_not_corrupt_it(toy, project, monkeypatch):
    monkeypatch.setenv("TOY_WAIT", "0.02")
    command = [sys.executable, "-c", SCRIPT, str(HERE)]
    processes = [subprocess.Popen(command, cwd=project, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    rows = rows_of("memorized/toy", "smoke")
    assert len(rows) == 32 and not rows.duplicated("identity").any()
    assert [name for name in os.listdir(project / "runs/memorized/toy.smoke") if not name.endswith(".json")] == []


def test_published_rows_count_as_done_and_come_back_whole(toy, project):
    before = sweep(toy, "paper")
    publish("memorized/toy", "paper")
    for file in (project / "runs/memorized/toy.paper").iterdir():
        file.unlink()
    (project / "log").write_text("")
    after = sweep(toy, "paper")
    assert ran(project) == []
    pd.testing.assert_frame_equal(numbers(after), numbers(before), check_like=True)
    assert stored("memorized/toy").attrs["scale"] == "paper"
    assert len(pd.DataFrame(after.attrs["curves"])) == 64


def test_changed_code_marks_rows_as_older(toy):
    assert sweep(toy, "smoke").attrs["older_code"] == 0
    store = Store(Path("runs/memorized/toy.smoke"))
    pack = store.packs()[0]
    rows = [Row(s, {"score": 1.0, "whole": 1.0}) for s in toy.grid("smoke") if s.group == pack["rows"][0]["group"]]
    store.add(pack["pack"], "cpu", rows, pack["provenance"] | {"code": "another"})
    assert rows_of("memorized/toy", "smoke").attrs["older_code"] == 4


def test_a_study_may_borrow_its_pack_from_another_module(project):
    borrowed = studies.find("memorized/many_classes")
    assert borrowed.run_pack.__module__ != "softlabels.studies.language_model"
    few = dataclasses.replace(borrowed, grids={"smoke": lambda seeds: borrowed.grid("smoke", 1)})
    assert sweep(few, "smoke").attrs["older_code"] == 0


def test_live_rows_stay_in_memory_unless_a_store_is_named(toy, project, monkeypatch):
    monkeypatch.delenv("SOFTLABELS_LIVE", raising=False)
    assert len(live(toy, "smoke", "cpu")) == 32
    assert not (project / "runs").exists()
    monkeypatch.setenv("SOFTLABELS_LIVE", str(project / "runs/live/memorized/page/key"))
    live(toy, "smoke", "cpu")
    assert len(list((project / "runs/live/memorized/page/key/memorized/toy.smoke").glob("*.json"))) == 8


def test_a_page_at_a_scale_that_a_study_lacks_computes_the_next_smaller(toy, capsys):
    assert toy.grids.keys() == {"smoke", "paper"}
    rows = live(toy, "reduced", "cpu")
    assert (rows.attrs["scale"], len(rows)) == ("smoke", 32)
    assert "memorized/toy has no reduced scale: this is its smoke scale." in capsys.readouterr().err
    with pytest.raises(SoftLabelsError, match="has no scale 'huge'"):
        live(toy, "huge", "cpu")
    with pytest.raises(SoftLabelsError, match="has no scale 'smoke'"):
        live(dataclasses.replace(toy, grids={"paper": toy.grids["paper"]}), "smoke", "cpu")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (lambda toy: sweep(toy, "huge"), "has no scale 'huge'; choose one of smoke, paper"),
        (lambda toy: sweep(toy, "smoke", seeds=0), "--seeds must be at least 1"),
        (lambda toy: studies.find("memorized/nothing"), "There is no study 'memorized/nothing'; there are"),
        (lambda toy: choose_device("tpu"), "no device 'tpu'; choose auto, cpu or cuda"),
    ],
)
def test_what_does_not_exist_is_said(toy, words, message):
    with pytest.raises(SoftLabelsError, match=message):
        words(toy)


def test_no_gpu_is_said(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SoftLabelsError, match="sees no CUDA GPU"):
        choose_device("cuda")
    assert choose_device("auto") == "cpu"


def test_how_image_networks_were_trained_stands_beside_their_rows():
    def run_pack(pack, device, cache):
        return [Row(s, {"accuracy_last": 0.5, "bf16": 1.0, "compiled": 1.0}) for s in pack]

    _, where = timed_pack(run_pack, "float32", [toy_study.Settings(0, 0.1, 0)], "cpu", None)
    assert (where["dtype"], where["compiled"]) == ("bfloat16", True)
    _, where = timed_pack(toy_study.run_pack, "float64", [toy_study.Settings(0, 0.1, 0)], "cpu", None)
    assert (where["dtype"], where["compiled"]) == ("float64", False)


def test_a_value_may_have_a_comma():
    study = studies.find("memorized/label_treatments")

    def chosen(text):
        return {s.treatment for s in with_settings(study, "quick", study.grid("quick"), [text])}

    assert chosen("treatment=cut tail, as coded") == {"cut tail, as coded"}
    assert chosen("treatment=none,shuffled") == {"none", "shuffled"}

"""The status: every record, what ran of it, and what its claims came to."""

import json
import re

import pandas as pd
import pytest
import toy_study

from softlabels import records, status, studies
from softlabels.claims.rules import CONSISTENT
from softlabels.store import PUBLISHED_SCALES, Store, committed, everything, frame_of, lacking, table
from softlabels.studies import find
from softlabels.study import Row, identity, pack_name

STUDY = "memorized/two_dimensions"
METRICS = {"held_out_accuracy": 0.5, "fresh_accuracy": 0.33}
OF_TEACHERS = "label_worth/teachers"  # a pack takes as long as what the cache lacks of its teachers: no row says that


@pytest.fixture
def stored(project):
    """The whole smoke grid as if it were quick's, in the live store of a page."""

    def store(count, scale="quick", folder=project / "runs" / "live" / "memorized" / "two_dimensions" / "k"):
        pack = find(STUDY).grid("quick")[:count]
        where = {"seconds": 2.0, "device": "a CPU", "code": "0"}
        Store(folder / f"{STUDY}.{scale}").add(pack_name(pack), "cpu", [Row(s, METRICS) for s in pack], where)
        (folder.parent / "current").write_text("k")
        return pack

    return store


def test_an_empty_project_has_every_record_and_no_rows(project):
    said = status.status()
    json.dumps(said, allow_nan=False)
    assert [record["id"] for record in said["records"]] == [record.id for record in records.all()]
    for record in said["records"]:
        assert list(record) == [
            "id", "paper", "kind", "number", "number_published", "title", "notebook", "scales", "claims"
        ]  # fmt: skip
        assert record["scales"] == {"quick": None, "reduced": None, "paper": None}
        for claim in record["claims"]:
            assert list(claim) == ["id", "quick", "reduced", "paper"]
            named = [claim[scale] for scale in ("quick", "reduced", "paper") if claim[scale]]
            assert named and all(verdict["verdict"] in ("not run", CONSISTENT) for verdict in named)
    by_id = {record["id"]: record for record in said["records"]}
    assert [claim["id"] for claim in by_id["memorized/fig1"]["claims"]] == ["M1", "M2"]


def test_live_rows_count(stored):
    pack = stored(10)
    record = next(record for record in status.status()["records"] if record["id"] == "memorized/fig1")
    assert record["scales"]["quick"] == {
        "rows": 10, "seeds": len({s.seed for s in pack}), "device": "cpu", "seconds": 2.0, "finished": False
    }  # fmt: skip
    assert record["scales"]["paper"] is None


def test_a_whole_grid_is_finished(stored):
    stored(None)
    record = next(record for record in status.status()["records"] if record["id"] == "memorized/fig7")
    assert record["scales"]["quick"]["finished"]
    claim = next(claim for claim in record["claims"] if claim["id"] == "M3")
    assert claim["quick"]["verdict"] == "not reproduced" and claim["paper"]["verdict"] == "not run"  # soft = hard here


def test_whole_means_every_run(project):
    grid = find(STUDY).grid("smoke")
    rows = pd.DataFrame({"identity": [identity(settings) for settings in grid]})
    assert status.is_whole(STUDY, "smoke", rows)
    assert not status.is_whole(STUDY, "smoke", rows.iloc[1:])
    assert not status.is_whole(STUDY, "reduced", rows)
    packs = find(STUDY).packs("smoke")
    assert lacking(STUDY, "smoke", rows) == lacking(STUDY, "reduced", None) == []
    assert lacking(STUDY, "smoke", rows.iloc[1:]) == [grid[:1]] and lacking(STUDY, "smoke", None) == packs


def test_the_text_has_a_line_a_record(stored):
    stored(10)
    lines = status.as_text(status.status()).splitlines()
    assert len(lines) == 1 + len(records.all())
    line = next(line for line in lines if line.startswith("memorized/fig1 "))
    assert "10 rows so far" in line and "M1" in line


def test_the_seeds_of_paper_q_are_its_draws_of_images():
    study = "label_worth/image_draws"
    runs = [s for s in find(study).grid("quick") if s.draw < 44]
    store = Store(None)
    store.add("one", "cpu", [Row(s, {"accuracy_last": 0.5}) for s in runs], {"seconds": 1.0, "code": ""})
    rows = {study: {"quick": frame_of(study, "quick", table(store.packs()))}}
    ran = status.ran(records.find("label_worth/table5"), "quick", rows)
    assert ran["seeds"] == len({s.draw for s in runs}) == 2 < len({s.seed for s in runs})


def test_the_landing_page_says_how_many_figures_have_rows():
    shown = [record for record in records.all() if record.kind != "finding"]
    rows = {study: {"quick": toy_rows(study)} for record in shown for study in record.studies}
    assert status.coverage(rows) == f"All {len(shown)} figures and tables have rows."
    del rows[records.find("memorized/fig1").studies[0]]
    less = status.coverage(rows)
    assert less.startswith(f"{len(shown) - 2} of {len(shown)} figures and tables have rows; no rows yet: ")
    assert less.endswith(" figure 1, figure 7 of paper B.")
    assert "GPT-2" in status.coverage({})


def toy_rows(study):
    """Two rows of a study, enough to count as rows."""
    return pd.DataFrame({"identity": ["a", "b"], "seed": [0, 1], "device": "cpu", "seconds": 1.0})


TEXTS = ("README.md", "book/index.md", "CITATION.cff", "pyproject.toml", "src/softlabels/cli.py")


@pytest.mark.parametrize("file", TEXTS)
def test_no_text_promises_every_figure_while_some_have_no_rows(root, file):
    text = (root / file).read_text(encoding="utf-8")
    promises = re.findall(r"(?:all|every|the) figures?(?: and|,) tables? of", text)
    assert not promises
    if file == "book/index.md":  # it counts them, and the page of figures names those without rows
        assert "<!-- rows: covered -->" in text and "(figures.md)" in text
        assert "<!-- rows: coverage -->" in (root / "book/figures.md").read_text(encoding="utf-8")


# ---- what it would take


@pytest.fixture
def toy(project, monkeypatch):
    monkeypatch.setitem(studies.STUDIES, "memorized/toy", "toy_study:STUDY")
    return toy_study.STUDY  # a FLOP a run


def measured(project, pack, seconds, scale="paper", device="cpu", folder="runs/memorized", started=""):
    """A stored pack of the toy study that took some seconds."""
    about = {"code": "", "seconds": seconds, "started": started}
    rows = [Row(s, {"score": 0.5}) for s in pack]
    Store(project / f"{folder}/toy.{scale}").add(pack_name(pack), device, rows, about)


def test_a_prediction_is_what_packs_of_that_size_took(toy, project):
    packs = toy.packs("paper")
    for pack in packs[:5]:
        measured(project, pack, 8.0)  # 2 s a FLOP, for packs of 4
    large = [run for pack in packs[:5] for run in pack]
    measured(project, large, 20.0, scale="smoke")  # 1 s a FLOP, for one of 20
    measured(project, packs[0], 100.0, device="cuda")
    assert status.predicted(toy, packs[5:7], "cpu") == (16.0, 5)
    assert status.predicted(toy, packs[5:7], "cuda") == (200.0, 1)
    assert status.predicted(toy, [], "cpu").seconds == 0


def test_packs_that_pages_computed_live_count_too(toy, project):
    measured(project, toy.packs("smoke")[0], 12.0, "smoke", folder="runs/live/memorized/page/k/memorized")
    (project / "runs/live/memorized/page/current").write_text("k")
    assert status.predicted(toy, toy.packs("paper"), "cpu") == (32 * 3.0, 1)


def test_without_a_measured_pack_the_yardstick_bounds(toy, project):
    measured(project, toy.packs("paper")[0], 8.0)
    cost = status.predicted(toy, toy.packs("paper"), "cuda")
    assert cost == (pytest.approx(32 / status.YARDSTICK["cuda"]), 0)


def test_a_pack_whose_runs_are_partly_newer_elsewhere_took_its_share(toy, project):
    pack = toy.packs("paper")[0]
    measured(project, pack, 8.0)
    measured(project, pack[:1], 5.0, started="2026-01-01")
    costs = status.costs_by_pack(toy, everything("memorized/toy", "paper"))
    assert sorted((len(runs), seconds) for _, runs, seconds in costs) == [(1, 5.0), (3, 6.0)]


def test_stored_packs_predict_each_other_within_a_factor_of_two():
    """Every second pack of each committed table foretells what the others took, and the other way round."""
    tables = 0
    for study in map(find, studies.STUDIES):
        for whole in (committed(study.id, scale) for scale in PUBLISHED_SCALES):
            by_device = {}
            for name, runs, seconds in status.costs_by_pack(study, whole):
                by_device.setdefault(name.rpartition(".")[2], []).append((runs, seconds))
            for device, packs in by_device.items():
                if len(packs) < 10 or study.id == OF_TEACHERS:  # of a few packs, none is like another
                    continue
                tables += 1
                for wanted, measured in ((packs[::2], packs[1::2]), (packs[1::2], packs[::2])):
                    took = [(device, float(study.flops(runs)), seconds) for runs, seconds in measured]
                    took = pd.DataFrame(took, columns=["device", "flops", "seconds"])
                    foretold = status.predicted(study, [runs for runs, _ in wanted], device, took).seconds
                    really = sum(seconds for _, seconds in wanted)
                    assert really / 2 < foretold < really * 2, (study.id, device)
    assert tables


def test_the_cost_of_a_pack_is_what_is_predicted_of_it(toy, project):
    small, large = toy.packs("paper")[0], [run for pack in toy.packs("paper")[1:6] for run in pack]
    measured(project, small, 40.0)
    measured(project, large, 20.0)  # the larger took less
    cost = status.pack_cost(toy, "cpu")
    assert [cost(small), cost(large)] == [status.predicted(toy, [pack], "cpu").seconds for pack in (small, large)]

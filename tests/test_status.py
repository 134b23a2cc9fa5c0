"""The status: every record, what ran of it, and what its claims came to."""

import json

import pytest

from softlabels import records, status
from softlabels.claims.rules import CONSISTENT
from softlabels.store import Store, lacking
from softlabels.studies import find
from softlabels.study import Row, identity, pack_name

STUDY = "memorized/two_dimensions"
METRICS = {"held_out_accuracy": 0.5, "fresh_accuracy": 0.33}


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
            named = [claim[scale] for scale in ("quick", "paper") if claim[scale]]
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
    import pandas as pd

    grid = find(STUDY).grid("smoke")
    rows = pd.DataFrame({"identity": [identity(settings) for settings in grid]})
    assert status.is_whole(STUDY, "smoke", rows)
    assert not status.is_whole(STUDY, "smoke", rows.iloc[1:])
    assert not status.is_whole(STUDY, "reduced", rows)
    packs = find(STUDY).packs("smoke")
    assert lacking(STUDY, "smoke", rows) == lacking(STUDY, "reduced", None) == []
    assert lacking(STUDY, "smoke", rows.iloc[1:]) == packs[:1] and lacking(STUDY, "smoke", None) == packs


def test_the_text_has_a_line_a_record(stored):
    stored(10)
    lines = status.as_text(status.status()).splitlines()
    assert len(lines) == 1 + len(records.all())
    line = next(line for line in lines if line.startswith("memorized/fig1 "))
    assert "10 rows so far" in line and "M1" in line

"""What is whole stays whole on a disk that is full, nothing half is left, and one sentence says so."""

import errno

import photographs
import pytest
import torch
from full_disk import fill, small_disk
from test_store import PROVENANCE, a_pack

from softlabels import studies
from softlabels.data import prepare
from softlabels.errors import SoftLabelsError
from softlabels.store import Store, publish
from softlabels.training import checkpoints


@pytest.fixture
def disk(tmp_path):
    """A disk of a megabyte."""
    with small_disk(tmp_path / "small", megabytes=1) as folder:
        yield folder


def test_rows(disk):
    store = Store(disk / "runs")
    store.add("first", "cpu", a_pack(0), PROVENANCE)
    filler = fill(disk)
    with pytest.raises(SoftLabelsError, match="The disk is full.*Earlier packs are safe"):
        store.add("second", "cpu", a_pack(1), PROVENANCE)
    assert [path.name for path in store.folder.iterdir()] == ["first.cpu.json"] and len(store.packs()) == 1
    filler.unlink()
    store.add("second", "cpu", a_pack(1), PROVENANCE)
    assert len(store.packs()) == 2


def test_tables(project, disk, monkeypatch):
    monkeypatch.setitem(studies.STUDIES, "memorized/toy", "toy_study:STUDY")
    (project / "results").rmdir()
    (disk / "results").mkdir()
    (project / "results").symlink_to(disk / "results")
    store = Store(project / "runs" / "memorized/toy.paper")
    store.add("first", "cpu", a_pack(0), PROVENANCE)
    publish("memorized/toy", "paper")
    before = {path: path.read_bytes() for path in (disk / "results").rglob("*.*")}
    store.add("second", "cpu", a_pack(1), PROVENANCE)
    fill(disk)
    with pytest.raises(SoftLabelsError, match="The disk is full"):
        publish("memorized/toy", "paper")
    assert {path: path.read_bytes() for path in (disk / "results").rglob("*.*")} == before


def test_decoded_data(tmp_path, disk, monkeypatch):
    monkeypatch.setenv("SOFTLABELS_DATA", str(tmp_path / "local"))
    photographs.tiny(tmp_path / "local")
    filler = fill(disk)
    with pytest.raises((SoftLabelsError, OSError)) as full:
        prepare.prepare(photographs.TINY, disk)
    assert isinstance(full.value, SoftLabelsError) or full.value.errno == errno.ENOSPC  # which the command translates
    filler.unlink()
    assert not [path for path in disk.rglob("*.safetensors*") if path.suffix != ".lock"]
    prepare.prepare(photographs.TINY, disk)


def test_a_kept_teacher(disk):
    first, second = disk / "a" / "1.safetensors", disk / "a" / "2.safetensors"
    weights = {"w": torch.arange(20_000.0)}
    checkpoints.save(first, weights, {"of": "one"})
    fill(disk)
    with pytest.raises(SoftLabelsError, match="2.safetensors could not be written: .*space"):
        checkpoints.save(second, weights, {"of": "two"})
    assert [path.name for path in first.parent.iterdir()] == [first.name]
    assert torch.equal(checkpoints.load(first, {"of": "one"})["w"], weights["w"])
    assert checkpoints.load(second, {"of": "two"}) is None

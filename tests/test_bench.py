"""The bench reports what the contract says; how fast is nobody's test."""

import pytest

from softlabels import bench
from softlabels.errors import SoftLabelsError

FIELDS = {
    *("id", "device", "threads", "flops", "bytes"),
    *("seconds", "reference_seconds", "ratio_to_reference", "floor_seconds", "ratio_to_floor"),
}


def test_entries_carry_every_field(monkeypatch):
    monkeypatch.setitem(bench.ENTRIES, "tiny", lambda: bench._linear(d=5, c=3, n=20, taus=2, steps=100))
    monkeypatch.setattr(bench, "machine_speed", lambda: (1e9, 1e9))
    (entry,) = bench.run(["tiny"], threads=1)
    assert entry.keys() == FIELDS and entry["threads"] == 1
    assert entry["flops"] == 4 * 16 * 5 * 3
    assert entry["ratio_to_reference"] == entry["reference_seconds"] / entry["seconds"]
    assert entry["ratio_to_floor"] == entry["seconds"] / entry["floor_seconds"]


def test_the_figure_4a_contest_is_the_one_that_was_promised():
    contest = bench.fig4a_fleet()
    assert contest.students == 40 and contest.flops == 4 * 2400 * 1000


def test_an_unknown_entry_is_said():
    with pytest.raises(SoftLabelsError, match="no bench entry 'fig99'; there are fig4a_fleet"):
        bench.run(["fig99"])

"""What the paper printed, as numbers: spot checks, and what cannot be there."""

import pytest

from softlabels import published
from softlabels.errors import SoftLabelsError


def test_every_series_is_there_once_and_whole():
    names = [series.name for series in published.all()]
    assert len(names) == len(set(names))
    for series in published.all():
        assert list(series.at) == sorted(set(series.at))
        assert series.by in ("paper", "reproduction") and series.unit in ("percent", "nats", "ratio")
        top = {"percent": 100, "nats": 4.61, "ratio": 1.001}[series.unit]
        assert all(0 <= mean <= top for mean in series.mean)


@pytest.mark.parametrize(
    ("name", "place", "mean", "sd"),
    [
        ("table 1, hard labels", 1, 0.6, 0.1),
        ("table 1, soft labels of ResNet18", 50, 47.9, 0.6),
        ("table 1, soft labels of ResNet50, student ResNet50", 200, 62.7, 0.4),
        ("table 1, CutMix labels", 1, 1.6, 0.1),
        ("table 1, SRe2L", 10, 21.3, 0.6),
        ("table 2, Tiny ImageNet, soft labels", 1, 7.6, 0.3),
        ("table 2, CIFAR-100, MTT", 50, 47.7, 0.3),
        ("table 2, CIFAR-10, soft labels", 10, 46.3, 0.8),
        ("reproduction, soft labels", 100, 48.7, 0.2),
    ],
)
def test_printed_values(name, place, mean, sd):
    series = published.find(name)
    assert series.value(place) == mean and series.sd[series.at.index(place)] == sd


def test_what_was_read_off_a_picture_says_so():
    assert all(s.read_off == 0.3 for s in published.all() if s.where == "figure 1")
    assert all(s.read_off is None and s.sd for s in published.all() if s.where.startswith("table"))


def test_nothing_of_the_paper_is_shown_that_stands_only_in_its_figures():
    assert {s.where for s in published.all() if s.by == "paper"} == {"table 1", "table 2", "figure 1"}


def test_a_blank_cell_stays_blank():
    with pytest.raises(SoftLabelsError, match="has no ipc 100; it has 1, 10, 50"):
        published.find("table 2, CIFAR-10, soft labels").value(100)


def test_names_are_helped():
    with pytest.raises(SoftLabelsError, match="did you mean 'table 1, SRe2L'"):
        published.find("table 1, SReL")
    with pytest.raises(SoftLabelsError, match="Nothing published is from table 3"):
        published.frame("table 3")


def test_a_table_as_one_row_a_number():
    rows = published.frame("table 2")
    assert len(rows) == 12 + 13 + 12
    soft = rows[(rows["data"] == "tiny-imagenet") & (rows["images"] == "random")].set_index("at")
    assert soft.loc[100, "mean"] == 38.2 and soft.loc[100, "full"] == 38.5
    assert published.frame("figure 1")["sd"].isna().all()


def test_a_series_needs_as_many_means_as_places():
    with pytest.raises(SoftLabelsError, match="as many means"):
        published.Series("x", "table 1", "imagenet", "random", "hard", "ResNet18", at=(1, 2), mean=(0.5,))


def test_a_number_as_a_table_prints_it():
    series = published.find("table 2, Tiny ImageNet, soft labels")
    assert series.printed(1) == "7.6 (0.3)"
    assert series.printed(7) == "–"
    assert published.find("reproduction, hard labels").printed(1) == "4.7"


def test_series_by_what_follows_the_beginning_of_their_names():
    found = published.beginning("reproduction, swapped labels, IPC ")
    assert list(found) == ["1", "10", "50"]
    assert found["1"] is published.find("reproduction, swapped labels, IPC 1")

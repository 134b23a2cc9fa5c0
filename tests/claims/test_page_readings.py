"""Readings that pages and claims share, on rows with a known answer."""

import math

import numpy as np
import pandas as pd
import pytest

from softlabels.claims.readings import language_model, modular_addition, points, random_networks
from softlabels.errors import NotRun

from .worlds import WORLDS

# ---- all pages


def test_along_an_axis_each_column_is_the_average_that_a_verdict_reads():
    rows = pd.DataFrame(
        {"seed": [0, 0, 1, 1, 2], "rho": [0.5, 0.9, 0.5, 0.9, 0.9], "accuracy": [0.2, 0.6, 0.4, 0.8, 1.0]}
    )
    table = points.along(rows, "accuracy", "rho")
    assert list(table.columns) == [0.5, 0.9]
    for rho in table:
        pd.testing.assert_series_equal(
            table[rho].dropna(), points.average(rows, "accuracy", rho=rho)[""], check_names=False
        )
    assert math.isnan(table.loc[2, 0.5])


def test_learning_curves_are_replicates_by_steps():
    rows = WORLDS["memorized/random_network_curves"]()
    curve = points.learning(rows, "held_out_accuracy", per_class=28, shuffled=False)
    assert list(curve.index) == [0, 1, 2] and list(curve.columns) == [0, 100, 200, 300, 400]
    assert curve.loc[0].tolist() == [0.05, 0.2, 0.5, 0.9, 1.0]
    with pytest.raises(NotRun, match="no curve of train_kl"):
        points.learning(rows, "train_kl", per_class=28)


# ---- networks of one hidden layer


def test_the_phase_map_follows_the_papers_rule():
    rows = WORLDS["memorized/random_networks"]().assign(agreement=1.0)
    cells = random_networks.phase_map(rows)
    assert cells.index.unique("rho").tolist() == [0.1, 0.25, 0.45, 0.65, 0.85]  # of the other ρ there is one n only
    phases = cells["phase"].unstack()
    assert phases.loc[0.85, 4.0] == 1  # few examples: all stored
    assert phases.loc[0.85, 16.0] == 0  # more: the teacher
    assert phases.loc[0.25, 16.0] == 2  # with fewer of them, a part
    assert phases.loc[0.85, 32.0] == 3  # too many for the teacher
    assert random_networks.labels_to_take_over(cells)[16.0] == 10.0  # 20 of 32 examples a class, at ρ = 0.65


def test_a_phase_map_names_what_nearly_takes_over():
    cells = pd.DataFrame({"phase": [0, 1, 1], "held_out_accuracy": [1.0, 0.95, 0.5]})
    assert random_networks.just_under(cells).tolist() == [0.95]


def test_the_largest_jump_is_between_the_points_of_the_steepest_rise():
    curve = pd.Series([0.1, 0.2, 0.9, 1.0], [0.25, 0.45, 0.55, 0.75])
    assert random_networks.steepest_rise(curve) == (0.45, 0.55)
    rows = pd.DataFrame({"seed": 0, "rho": curve.index, "accuracy": curve.to_numpy()})
    assert random_networks.largest_jump(rows, "accuracy", "rho")[""].tolist() == [pytest.approx(0.7)]
    with pytest.raises(NotRun, match="single point"):
        random_networks.largest_jump(rows[:1], "accuracy", "rho")


def test_the_border_shows_each_replicate_and_the_shares_beside():
    rows = WORLDS["memorized/random_networks"]()
    many = random_networks.shown(rows, "many examples")
    assert random_networks.undecided(rows).empty  # all replicates switch at the same ρ
    assert random_networks.border(rows) == (0.45, 0.55)
    late = rows.index.isin(many.index[(many["rho"] == 0.55) & (many["seed"] == 0)])
    rows = rows.assign(held_out_accuracy=np.where(late, 0.1, rows["held_out_accuracy"]))
    assert random_networks.border(rows) == (0.45, 0.65)
    table = random_networks.undecided(rows)
    assert table.index.tolist() == [0.45, 0.55, 0.65]
    assert table.loc[0.55, [0, 1, 2]].tolist() == [0.1, 1.0, 1.0]


# ---- modular addition


@pytest.fixture
def modular():
    return WORLDS["memorized/modular_mlp"]()


def test_what_a_start_adds_is_what_the_verdict_on_starts_reads(modular):
    lift = modular_addition.lifts(modular)
    assert list(lift) == ["shared", "shared hidden", "shared head"]
    cell = {"teacher_step": 100, "tau": 10.0, "rho": 0.9}
    verdict = points.paired(modular, "held_out_accuracy", {"start": "shared"}, {"start": "independent"}, **cell)[""]
    assert (lift["shared"] == 100 * verdict).all()
    assert modular_addition.adds(lift["shared"]) and not modular_addition.adds(lift["shared head"])
    assert modular_addition.whole_adds_more(modular)


def test_starts_that_lack_a_replicate_are_not_compared(modular):
    lacking = modular[~((modular["start"] == "shared head") & (modular["seed"] == 0))]
    assert list(modular_addition.by_start(lacking)) == ["shared", "shared hidden", "independent"]
    assert not modular_addition.whole_adds_more(lacking)


def test_both_starts_and_their_mixture(modular):
    found = modular_addition.both_starts(modular)
    values = modular_addition.by_start(modular).mean()
    assert found["shared"] == values["shared"] and found["independent"] == values["independent"]
    assert found["mixture"] == pytest.approx((2 * values["shared"] + values["independent"]) / 3)
    assert found["replicates"] == modular["seed"].nunique()
    assert modular_addition.both_starts(modular[modular["start"] == "independent"]) is None


def test_the_mixture_is_the_papers_where_it_gives_all_of_its_points(modular):
    paper = modular_addition.PAPER_FIRST
    runs = [
        {"seed": 0, "teacher_step": 5000, "tau": 10.0, "rho": rho, "start": start, "held_out_accuracy": value}
        for rho, value in paper.items()
        for start in ("shared", "independent")
    ]
    rows = pd.DataFrame(runs)
    assert modular_addition.mixture_is_the_papers(rows)
    rows.loc[0, "held_out_accuracy"] += 0.09
    assert modular_addition.off_the_paper(rows).idxmax() == 0.05
    assert not modular_addition.mixture_is_the_papers(rows)


def test_the_student_of_hot_labels_is_shown_where_it_has_half_of_the_pairs_right(modular):
    runs = [{"identity": str(i), "rho": rho} for i, rho in enumerate((0.5, 0.9))]
    rows = pd.DataFrame(runs).assign(seed=0, start="independent", teacher_step=2000, tau=10.0)
    points_of = [(run, step, "held_out_accuracy", 0.5) for run in rows["identity"] for step in (0, 10)]
    points_of += [(run, step, "fresh_accuracy", 0.25) for run in rows["identity"] for step in (0, 10)]
    names = ("identity", "step", "name", "value")
    rows.attrs["curves"] = dict(zip(names, map(list, zip(*points_of, strict=True)), strict=True))
    for right, rho in (([0.6, 1.0], 0.5), ([0.1, 0.6], 0.9), ([0.1, 0.2], 0.9)):
        hot, cold = modular_addition.students_over_time(rows.assign(held_out_accuracy=right))
        assert (hot["rho"], hot["tau"], cold["rho"], cold["tau"]) == (rho, 10.0, 0.9, 0.1)
    assert modular_addition.held_out_lead(rows, rho=0.5) == 0.25


# ---- GPT-2 and its stand-in


def test_the_control_leaves_out_classes_with_a_single_example():
    runs = {"seed": [0, 0, 0], "rho": [0.2, 0.4, 0.8], "per_class": 5, "held_out_accuracy": [0.9, 0.1, 0.3]}
    rows = pd.DataFrame(runs).assign(shuffled=True)
    assert language_model.shuffled(rows)["rho"].tolist() == [0.4, 0.8]
    assert points.average(language_model.shuffled(rows), "held_out_accuracy")[""].tolist() == [pytest.approx(0.2)]


def test_the_page_reads_the_accuracies_that_the_verdict_reads():
    rows = WORLDS["memorized/language_model"]("paper")
    table = points.along(rows, "held_out_accuracy", "rho")
    assert list(table) == list(language_model.PRINTED)
    assert (table[0.8] == points.average(rows, "held_out_accuracy", rho=0.8)[""]).all()

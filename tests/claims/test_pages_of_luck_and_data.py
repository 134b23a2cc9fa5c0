"""What the pages on data, removal, luck and leakage show beside the verdicts, on a few rows by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from softlabels import claims
from softlabels.claims.readings import data_and_knowledge, sensitivity, utility_and_leakage, zero_shot
from softlabels.claims.readings.images import MAIN
from softlabels.intervals import bootstrap_interval

from . import image_worlds
from .test_image_readings import one, students
from .worlds import joined

# ---- data and knowledge


def cut_labels():
    """Accuracy doubles with the images, and K = 4 of 10 entries give half of what all give; hard labels a quarter."""
    share = {"hard": 0.25, "soft": 1.0}
    return students(
        lambda r: 0.1 * r["ipc"] * share[r["labels"]] * (0.5 if r["top"] == 4 and r["labels"] == "soft" else 1),
        ipc=[1, 2, 4],
        top=[4, 10],
        labels=["soft", "hard"],
    )


def test_accuracies_by_entries_and_images():
    rows = cut_labels()
    table = data_and_knowledge.table_of(rows, columns="ipc", index="top")
    assert table.loc[4].to_dict() == pytest.approx({1: 5, 2: 10, 4: 20})
    assert table.loc[10].to_dict() == pytest.approx({1: 10, 2: 20, 4: 40})
    assert data_and_knowledge.accuracies(rows, labels="hard").to_dict() == pytest.approx({1: 2.5, 2: 5, 4: 10})
    assert data_and_knowledge.table_of(rows, columns="ipc", index="top", renormalised=True).empty
    assert data_and_knowledge.accuracies(rows, labels="hard", data="noisy digit pairs").empty


def test_an_image_is_worth_as_many_hard_ones_as_reach_its_accuracy():
    rows = cut_labels()
    table = data_and_knowledge.table_of(rows, columns="ipc", index="top")
    worth = data_and_knowledge.hard_per_image(table, data_and_knowledge.accuracies(rows, labels="hard"))
    assert worth[1].to_dict() == pytest.approx({4: 2, 10: 4})
    assert worth[2].to_dict() == pytest.approx({4: 2, 10: math.inf})


def test_exchange_rates_are_the_claims_reading_at_each_number_of_images(monkeypatch):
    rows = cut_labels().query("top == 10")
    rates = data_and_knowledge.exchange_rates(rows)
    assert rates.loc[1].tolist() == pytest.approx([4, 4, 4])
    assert rates.value.to_dict() == pytest.approx({1: 4, 2: math.inf})
    monkeypatch.setattr(data_and_knowledge, "exchange_rate", lambda *rows, **points: {"": measured_as(7.0)})
    assert data_and_knowledge.exchange_rates(rows).value.tolist() == [7, 7]


def measured_as(value):
    """Something measured that has this value whatever is resampled."""
    return data_and_knowledge.Means(pd.DataFrame({"value": [value, value]}), lambda mean: mean["value"])


def test_entries_that_bring_most_of_what_all_bring():
    line = pd.Series({1: 10.0, 4: 18.0, 16: 20.0})
    assert data_and_knowledge.entries_for(line, share=0.8) == 4
    assert data_and_knowledge.entries_for(line, share=0.9) == 16


def test_where_soft_labels_fall_behind():
    soft, hard = pd.Series({1: 20.0, 5: 30.0, 10: 31.0}), pd.Series({1: 10.0, 5: 25.0, 10: 40.0, 50: 60.0})
    assert data_and_knowledge.falls_behind(soft, hard) == (5, 10)
    assert data_and_knowledge.falls_behind(soft + 20, hard) is None
    assert data_and_knowledge.falls_behind(soft - 20, hard) is None  # never ahead


def test_the_price_of_a_later_teacher_along_accuracy():
    early, late = pd.Series({1: 10.0, 4: 30.0}), pd.Series({1: 10.0, 2: 10.0, 8: 30.0})
    ratio = data_and_knowledge.along_accuracy(late, early, steps=2)
    assert ratio.index.tolist() == [10, 20]
    assert ratio.tolist() == pytest.approx([1, 2])  # at 20 %: 4 images over 2
    assert data_and_knowledge.along_accuracy(late + 30, early).empty
    assert data_and_knowledge.times_as_many(late, early, 90) == 1  # both beyond the grid


def test_printed_numbers():
    soft, hard = data_and_knowledge.printed_frontier()
    assert soft.loc[1].max() == 15.3
    assert hard[1] == 4.7
    rates = {name: data_and_knowledge.printed_rates(*series) for name, series in data_and_knowledge.PRINTED.items()}
    assert [round(rates[name][10], 1) for name in rates] == [6.8, 3.5]


# ---- a class that was removed


def removals(**varied):
    """Classes 3 and 5, 60 and 80 % right; 20 % less without images, 40 % less without entries. Each on its own row."""
    less = {"none": 0.0, "images": 0.2, "labels": 0.4}
    rows = students(lambda r: 0.5, removal=list(less), removed=["3", "5"], **varied)
    rows = rows[(rows["removal"] != "none") | (rows["removed"] == "3")].reset_index(drop=True)
    rows["removed"] = rows["removed"].where(rows["removal"] != "none", "none")
    right = rows["removed"].map({"3": 0.6, "5": 0.8, "none": 0.0}) - rows["removal"].map(less)
    rows = rows.assign(class_accuracy=right, identity=rows.index.astype(str), label_entropy=1.5)
    own = [(run, c, "class_accuracy", {3: 0.6, 5: 0.8}.get(c, 0.1)) for run in rows["identity"] for c in range(10)]
    columns = zip(*own, strict=True)
    rows.attrs["curves"] = dict(zip(("identity", "step", "name", "value"), map(list, columns), strict=True))
    return rows


def test_accuracy_on_the_classes_that_were_treated():
    rows = removals()
    assert zero_shot.groups(rows) == ["3", "5"]
    for removal, right in (("none", 70), ("images", 50), ("labels", 30)):
        assert one(zero_shot.on_treated(rows, removal)).tolist() == pytest.approx([right] * 3)
    assert zero_shot.by_class(rows, "none").to_dict() == pytest.approx({"3": 60, "5": 80})
    assert zero_shot.by_class(rows, "images").to_dict() == pytest.approx({"3": 40, "5": 60})
    best, accuracy, others = zero_shot.without_best(rows, "images")
    assert (best, accuracy) == ("5", pytest.approx(60))
    assert others.tolist() == pytest.approx([40] * 3)


def test_removals_along_the_entropy_of_labels():
    cells = zero_shot.along_entropy(removals(ipc=[1, 5]), "noisy digits")
    assert cells.ipc.tolist() == [1, 5]
    expected = {"epoch": 8, "entropy": 1.5, "none": 70, "images": 50, "labels": 30, "ahead": 20}
    assert cells.drop(columns=["ipc", "ahead_by_draw"]).iloc[1].to_dict() == pytest.approx(expected)
    assert cells.ahead_by_draw[1].tolist() == pytest.approx([20] * 3)


# ---- luck


def lucky(**varied):
    """Draws at 40, 50 and 60 %, students 10 points apart; hard labels at 20 %."""
    return students(
        lambda r: 0.2 if r["labels"] == "hard" else 0.4 + 0.1 * (r["draw"] + r["teacher"]) + 0.1 * (r["seed"] - 0.5),
        labels=["soft", "hard"],
        **varied,
    )


def test_luck_of_the_draw_and_its_share_are_read_off_the_same_units():
    luck = sensitivity.luck(lucky(), "draw")
    expected = {"mean": 50, "sd": 10, "student": math.sqrt(50), "own": math.sqrt(75), "gain": 30, "n": 3}
    assert luck.drop(["low", "high"]).to_dict() == pytest.approx(expected)
    assert (luck["low"], luck["high"]) == pytest.approx((10 * math.sqrt(2 / 7.37776), 10 * math.sqrt(2 / 0.0506356)))
    share = bootstrap_interval(one(sensitivity.spread(lucky(), "draw", of=sensitivity.SOFT, to=sensitivity.HARD)))
    assert share[0] == pytest.approx(3 * luck["own"] / luck["gain"])


def test_three_standard_deviations_and_that_of_a_new_run():
    draws, teachers = lucky(ipc=[1, 5]), lucky(ipc=[1], draw=[0], teacher=[0, 1, 2])
    table = sensitivity.three_deviations(draws, teachers)
    assert table.loc[1].to_dict() == pytest.approx({"students": math.sqrt(50), "draws": 10, "teachers": 10})
    assert list(table.index) == [1]
    both = sensitivity.luck(draws, "draw", ipc=1), sensitivity.luck(teachers, "teacher", ipc=1)
    assert sensitivity.of_a_new_run(*both) == pytest.approx(math.sqrt(50 + 75 + 75))
    single = draws[draws["seed"] == 0]
    assert sensitivity.three_deviations(single, teachers).empty  # what students add is not known


def test_tenths_against_random_images():
    gain = {"random": 0.0, "decile 1": 0.1, "decile 10": -0.2}
    rows = students(lambda r: 0.5 + 0.1 * r["draw"] + gain[r["selection"]], selection=list(gain))
    assert sensitivity.against_random(rows).mean().to_dict() == pytest.approx({1: 10, 10: -20})
    assert bootstrap_interval(one(sensitivity.order_of_deciles(rows, least=2)))[0] == pytest.approx(-1)


# ---- teaching and leaking


def test_the_landing_page_and_the_picture_read_the_same_numbers():
    rows = joined()
    headline = utility_and_leakage.headline(rows, canaries_in_student=False)
    assert headline["last"]["leak"].to_numpy() == pytest.approx(0.9)
    assert headline["hard"]["leak"].to_numpy() == pytest.approx(1 / 9)
    assert headline["best"]["gained"].to_numpy() == pytest.approx(0.04)
    table = utility_and_leakage.by_step(rows, "leak", canaries_in_student=False, tau=10.0)
    assert list(table) == [60, 120, 250, 500, 2000]
    assert headline["best"]["leak"].mean() == pytest.approx(
        utility_and_leakage.at_own(table, utility_and_leakage.best_step_of_others(rows)).mean()
    )


def test_the_best_step_is_chosen_by_the_other_half():
    rows = joined()
    rows = rows[rows["seed"] < 3]
    early = (rows["teacher_step"] == 120) & (rows["seed"] % 2 == 0)
    late = (rows["teacher_step"] == 500) & (rows["seed"] % 2 == 1)
    rows = rows.assign(test_accuracy=np.where(rows["labels"] == "soft", 0.9 + 0.05 * (early | late), 0.8))
    steps = utility_and_leakage.best_step_of_others(rows)
    assert steps.to_dict() == {0: 500, 1: 120, 2: 500}
    table = utility_and_leakage.by_step(rows, "test_accuracy", canaries_in_student=True, tau=1.0)
    assert utility_and_leakage.at_own(table, steps).tolist() == pytest.approx([0.9] * 3)


def test_conditions_that_were_run():
    rows = joined()
    conditions = utility_and_leakage.conditions(rows)
    assert ("hard labels", False) in conditions
    assert ("hard labels, corrected", False) not in conditions
    patient = conditions["… trained four times as long", False]
    assert utility_and_leakage.values(rows, "leak", **patient).to_numpy() == pytest.approx(0.6)


def test_the_pooled_count_has_an_exact_interval():
    low, high = utility_and_leakage.pooled_interval(pd.DataFrame({"leak": [0.0, 0.0], "leak_n": [5, 5]}))
    assert low == 0
    assert high == pytest.approx(1 - 0.025 ** (1 / 10))


# ---- which photographs a page leads with


@pytest.mark.parametrize(
    ("draws", "order"),
    [
        ({"paper": 3, "reduced": 3}, ["paper", "reduced"]),
        ({"paper": 1, "reduced": 3}, ["reduced", "paper"]),
        ({"paper": 1, "reduced": 1}, ["paper", "reduced"]),
        ({"reduced": 1}, ["reduced"]),
        ({}, []),
    ],
)
def test_a_page_leads_with_the_largest_scale_that_decides_and_shows_the_others_after_it(monkeypatch, draws, order):
    def rows(scale):
        rows = image_worlds.students("label_worth/zero_shot", scale)
        few = rows[(rows.data == MAIN[scale]) & rows.draw.isin(sorted(rows.draw.unique())[: draws[scale]])].copy()
        few.attrs["scale"] = scale
        return few

    stored = {scale: rows(scale) for scale in draws}
    monkeypatch.setattr(claims.images, "photographs", lambda _, scale: stored.get(scale))
    monkeypatch.setattr(claims, "committed", lambda _: [rows for scale, rows in stored.items() if draws[scale]])
    shown = claims.all_photographs("label_worth/zero_shot", "L28")
    assert [frame.attrs["scale"] for frame in shown] == order
    lead = claims.photographs("label_worth/zero_shot", "L28")
    assert lead is (shown[0] if shown else None)

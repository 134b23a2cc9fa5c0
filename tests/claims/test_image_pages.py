"""What pages of paper Q show beside the verdicts: the same readings at more points, on a few rows by hand."""

import math

import pandas as pd
import pytest

from softlabels.claims.readings import images, points, small_data_sets, structure, teacher_and_entropy
from softlabels.claims.readings import soft_labels_are_crucial as crucial
from softlabels.claims.readings import softness_without_structure as softness
from softlabels.errors import NotRun

from .test_image_readings import one, students

# ---- a reading along an axis


def test_a_curve_is_the_reading_at_each_value():
    rows = students(lambda r: 0.1 * r["ipc"] + 0.2 * (r["labels"] == "soft"), ipc=[1, 2], labels=["soft", "hard"])
    gains = points.curve(rows, "ipc", images.gap, of={"labels": "soft"}, to={"labels": "hard"})
    assert gains.shape == (3, 2)
    assert gains.mean().to_dict() == pytest.approx({1: 20, 2: 20})
    only_hard = rows[(rows["ipc"] == 1) | (rows["labels"] == "hard")]
    assert list(points.curve(only_hard, "ipc", images.level, labels="soft")) == [1]


# ---- structure


def swapped(**varied):
    """Rank 1 costs half of the accuracy, rank 4 a quarter, rank 8 nothing; with ten images rank 4 costs nothing."""
    left = {0: 1, 1: 0.5, 4: 0.75, 8: 1}
    return students(
        lambda r: 0.4 * (1 if r["swapped"] == 4 and r["ipc"] == 10 else left[r["swapped"]]),
        swapped=list(left),
        **varied,
    )


def test_the_curve_of_ranks_is_the_claims_reading_at_each_rank():
    rows = swapped(ipc=[1, 10])
    curves = structure.rank_curves(rows)
    assert list(curves) == [("noisy digits", 1, 8), ("noisy digits", 10, 8)]
    assert curves["noisy digits", 1, 8].mean().to_dict() == pytest.approx({1: 0.5, 4: 0.75, 8: 1})
    assert curves["noisy digits", 10, 8][4].tolist() == pytest.approx(
        one(structure.relative(rows, {"swapped": 4}, ipc=10)).tolist()
    )


def test_a_changed_reading_changes_the_curve(monkeypatch):
    monkeypatch.setattr(structure, "relative", lambda rows, of, **points: {"": pd.Series([7.0])})
    assert structure.rank_curves(swapped())["noisy digits", 1, 8].iloc[0].tolist() == [7, 7, 7]


def test_the_epoch_that_most_numbers_of_images_share():
    rows = pd.concat([swapped(ipc=[1, 10]), swapped(ipc=[1], teacher_epoch=[20])])
    assert structure.shared_epoch(rows, "noisy digits") == 8


def test_gains_of_treated_labels_against_hard_ones():
    value = {"soft": 0.5, "hard": 0.3, "random soft": 0.2}
    soft = students(lambda r: 0.25 if r["shuffled"] else 0.5, shuffled=[False, True])
    others = students(lambda r: value[r["labels"]], labels=["hard", "random soft"], certainty=[0.8, 0.9])
    rows = pd.concat([soft, others], ignore_index=True)
    gains = {kind: table.mean().to_dict() for kind, table in softness.gains(rows).items() if len(table)}
    assert gains["soft"] == pytest.approx({1: 20})
    assert gains["shuffled"] == pytest.approx({1: -5})
    assert gains["random 0.8"] == gains["random 0.9"] == pytest.approx({1: -10})


def test_noise_is_held_against_the_same_labels_without_it():
    plain = students(lambda r: 0.5).assign(noise_amount=0.0)
    noisy = students(lambda r: 0.5 - r["noise_share"] / 10, noise_share=[0.1, 0.5]).assign(noise_amount=0.3)
    loss = softness.noise_loss(pd.concat([plain, noisy], ignore_index=True))
    assert loss.mean().to_dict() == pytest.approx({(1, 0.3, 0.1): -1, (1, 0.3, 0.5): -5})


def test_epochs_that_all_examples_have():
    rows = pd.DataFrame({"epoch": [0, 0, 2, 4, 4], "label": [1, 2, 1, 1, 2]})
    assert structure.common_epochs(rows) == [4]


# ---- the best teacher epoch and temperature


def by_epochs(**varied):
    """Accuracy 0.3, 0.5, 0.45 after 4, 8, 40 epochs; each label has as many nats as 40 has more epochs, over 10."""
    rows = students(lambda r: {4: 0.3, 8: 0.5, 40: 0.45}[r["teacher_epoch"]], teacher_epoch=[4, 8, 40], **varied)
    return rows.assign(label_entropy=(40 - rows["teacher_epoch"]) / 10, teacher_accuracy=rows["teacher_epoch"] / 50)


def test_table_7s_choice_is_read_off_means():
    choice = teacher_and_entropy.choices(by_epochs(ipc=[1, 5]), "noisy digits").loc[5]
    assert (choice["epoch"], choice["last"]) == (8, 40)
    assert (choice["student"], choice["student_last"]) == pytest.approx((50, 45))
    assert (choice["teacher"], choice["teacher_last"], choice["entropy"]) == pytest.approx((16, 80, 3.2))
    assert choice["near"] == [8]
    assert math.isnan(choice["hard"])


def test_a_changed_choice_changes_table_and_claim(monkeypatch):
    rows, steps = by_epochs(ipc=[1, 5]), {"value": "teacher_epoch", "trend": "first to last", "ipcs": [1, 5]}
    assert one(teacher_and_entropy.at_best_epoch(rows, **steps)).values.shape == (3, 12)
    seen = iter([4, 4, 40])  # with fewest images, then with each number of them
    monkeypatch.setattr(teacher_and_entropy, "best_epoch", lambda accuracy: next(seen))
    means = one(teacher_and_entropy.at_best_epoch(rows, **steps))
    assert means.read(means.values.mean()) == 36
    monkeypatch.setattr(teacher_and_entropy, "best_epoch", lambda accuracy: 4)
    assert teacher_and_entropy.choices(rows, "noisy digits")["epoch"].tolist() == [4, 4]


def test_an_epoch_that_was_not_chosen_among_earlier_ones_is_no_choice():
    rows, steps = by_epochs(ipc=[1, 5]), {"value": "teacher_epoch", "trend": "first to last", "ipcs": [1, 5]}
    known = rows[(rows["ipc"] == 1) | (rows["teacher_epoch"] >= 8)]  # 8 is best with one image
    assert len(teacher_and_entropy.choices(known, "noisy digits")) == 2
    assert one(teacher_and_entropy.at_best_epoch(known, **steps)).values.shape == (3, 10)
    known = rows[(rows["ipc"] == 1) | (rows["teacher_epoch"] == 40)]
    assert teacher_and_entropy.choices(known, "noisy digits").index.tolist() == [1]
    with pytest.raises(NotRun, match="no run with ipc = 5 has a teacher_epoch up to 8, the best with ipc = 1"):
        teacher_and_entropy.at_best_epoch(known, **steps)


def test_what_training_on_loses_is_the_claims_gap():
    lost = teacher_and_entropy.lost_at_the_end(by_epochs(), "noisy digits", 1)
    assert lost.tolist() == pytest.approx([5, 5, 5])
    alone = by_epochs(draw=[0], seed=[0])
    assert teacher_and_entropy.lost_at_the_end(alone, "noisy digits", 1).empty


def test_students_that_choose_for_themselves_look_no_better_where_all_agree():
    assert teacher_and_entropy.optimism(by_epochs(), "noisy digits") == pytest.approx({1: 0})
    assert teacher_and_entropy.optimism(by_epochs(draw=[0], seed=[0]), "noisy digits") == {}


def test_accuracy_at_an_entropy_lies_between_temperatures():
    taus = pd.Index([1.0, 2.0, 4.0])
    accuracy, entropy = pd.Series([40.0, 50.0, 60.0], taus), pd.Series([0.5, 1.0, 2.0], taus)
    assert teacher_and_entropy.at_entropy(accuracy, entropy, 1.5) == pytest.approx(55)
    assert math.isnan(teacher_and_entropy.at_entropy(accuracy, entropy, 2.5))


def test_maps_stand_in_order_and_know_whether_their_teacher_overfits():
    rows = by_epochs(teacher_augmented=[False, True])
    rows.attrs["scale"] = "quick"
    own = {"data": "noisy digits", "augmented": True, "epoch": 40, "train_accuracy": 0.9, "accuracy": 0.6}
    first, second = teacher_and_entropy.panels(rows, pd.DataFrame([own]))
    assert first.points == {"data": "noisy digits", "teacher_augmented": True, "ipc": 1}
    assert (first.last, first.too_good) == (40, True)
    assert first.overfits == pytest.approx(30)
    assert math.isnan(second.overfits)
    assert not second.too_good
    assert all(math.isnan(panel.overfits) for panel in teacher_and_entropy.panels(rows, None))


def test_a_smoothed_last_epoch_is_held_against_three_others():
    rows = students(
        lambda r: {(8, 1): 0.5, (8, 2): 0.6, (40, 1): 0.3, (40, 2): 0.45}[r["teacher_epoch"], r["tau"]],
        teacher_epoch=[8, 40],
        tau=[1.0, 2.0],
    )
    panel = {"data": "noisy digits", "ipc": 1, "teacher_augmented": True}
    expected = {"itself at τ = 1": 15, "earlier at τ = 1": -5, "earlier": -15}
    for against, difference in expected.items():
        values = points.if_run(teacher_and_entropy.smoothed, rows, 40, against, **panel)
        assert values.tolist() == pytest.approx([difference] * 3)
    assert points.if_run(
        teacher_and_entropy.smoothed, rows[rows["draw"] + rows["seed"] == 0], 40, "earlier", **panel
    ).empty


def test_the_reproductions_curves_as_rows():
    rows = teacher_and_entropy.reproduction_rows()
    choices = teacher_and_entropy.choices(rows, "cifar100")
    assert choices["epoch"].to_dict() == {1: 15, 5: 24, 10: 57, 50: 125, 100: 125}
    assert choices.loc[1, "hard"] == pytest.approx(4.7, abs=0.1)


# ---- soft labels are crucial


def test_a_single_student_chooses_and_reports():
    alone = by_epochs(draw=[0], seed=[0])
    assert set(crucial.reporting(alone, "soft")["teacher_epoch"]) == {8}
    assert one(crucial.accuracy(alone, "soft")).tolist() == pytest.approx([50])
    assert one(crucial.accuracy(by_epochs(), "soft")).tolist() == pytest.approx([50] * 3)


def test_what_labels_and_what_images_add():
    base = {"real": 0.2, "inversion": 0.3, "distribution matching": 0.35}
    rows = students(
        lambda r: base[r["images"]] + 0.25 * (r["labels"] == "soft") * (r["images"] == "real"),
        images=list(base),
        labels=["soft", "hard"],
        ipc=[1, 10],
    )
    assert crucial.labels_over_images(rows).mean().to_dict() == pytest.approx({1: 25 - 15, 10: 25 - 15})


def test_best_rates_are_chosen_by_validation_accuracy():
    rates, validation = [0.01, 0.1, 1.0], {"hard": [0.2, 0.3, 0.1], "soft": [0.4, 0.5, 0.6]}
    lines = [
        {"data": "digits", "labels": kind, "ipc": 1, "epochs": 50, "lr": lr, "validation_accuracy": known + by}
        | {"accuracy_last": 1 - known}  # on the test set the order is the other way round
        for kind, values in validation.items()
        for lr, known in zip(rates, values, strict=True)
        for by in (-0.05, 0.05)  # two students
    ]
    rows = pd.DataFrame([*lines, lines[0] | {"epochs": 100}])  # where one rate was tried there is nothing to choose
    found = small_data_sets.best_rates(rows)
    assert found["lr"].to_dict() == {("digits", "hard", 1, 50): 0.1, ("digits", "soft", 1, 50): 1.0}
    assert found["validation_accuracy"].tolist() == pytest.approx([30, 60]) and found["bracketed"].tolist() == [
        True,
        False,
    ]
    for older in (rows.drop(columns="validation_accuracy"), rows.assign(validation_accuracy=[math.nan, *[0.1] * 12])):
        with pytest.raises(NotRun, match="--rerun"):
            small_data_sets.best_rates(older)


def test_longer_training_counts_rates_and_draws_that_have_every_number_of_epochs():
    rows = pd.DataFrame(
        [
            ("soft", 0.1, 42, 50, 0.2),
            ("soft", 0.1, 42, 150, 0.3),
            ("soft", 0.1, 43, 50, 0.1),  # a worse draw, which was not trained for longer
            ("soft", 0.3, 42, 50, 0.5),
            ("hard", 0.1, 42, 50, 0.1),
        ],
        columns=["labels", "lr", "draw", "epochs", "accuracy_last"],
    )
    assert small_data_sets.by_length(rows, "soft").to_dict() == pytest.approx({50: 20, 150: 30})
    assert small_data_sets.by_length(rows, "hard").to_dict() == pytest.approx({50: 10})
    assert [small_data_sets.shared_draws(rows, labels) for labels in ("soft", "hard")] == [1, 1]
    short = small_data_sets.at_usual_length(rows[rows["draw"] == 42])
    assert set(short["epochs"]) == {50}
    assert small_data_sets.gain_at_best_rates(short) == pytest.approx(40)
    assert small_data_sets.gains_by_rate(short).to_dict() == pytest.approx({0.1: 10})


def test_labels_against_the_better_images_draw_by_draw():
    value = {"real": 0.2, "inversion": 0.25, "distribution matching": 0.5}
    rows = students(
        lambda r: value[r["images"]] + 0.3 * (r["labels"] == "soft") + 0.01 * r["draw"] * (r["images"] != "real"),
        images=list(value),
        labels=["soft", "hard"],
        ipc=[1, 10],
    )
    lead = crucial.labels_over_images(rows)  # 30 points of labels, 30 of the better images and a point more each draw
    draws = sorted(rows["draw"].unique())
    assert lead[1].tolist() == lead[10].tolist() == pytest.approx([-d for d in draws])
    hard_random = (rows["images"] == "real") & (rows["labels"] == "hard")
    without = rows[~(hard_random & (rows["draw"] == draws[-1]))]  # such labels cancel out, so no draw needs them
    assert crucial.labels_over_images(without)[10].tolist() == pytest.approx([-d for d in draws])


def test_what_a_temperature_adds_to_earlier_epochs():
    rows = students(
        lambda r: {(8, 1): 0.5, (8, 2): 0.6, (40, 1): 0.9, (40, 2): 0.9}[r["teacher_epoch"], r["tau"]],
        teacher_epoch=[8, 40],
        tau=[1.0, 2.0],
    )
    assert one(teacher_and_entropy.tempered(rows, 40)).tolist() == pytest.approx([10, 10, 10])


def test_an_images_own_label_against_its_classs_mean():
    value = {"soft": 0.5, "class mean": 0.4, "hard": 0.3}
    rows = students(lambda r: value[r["labels"]], labels=list(value), ipc=[1, 5])
    assert softness.own_or_mean(rows).mean().to_dict() == pytest.approx({1: 10, 5: 10})
    assert softness.gains(rows)["class mean"].mean().to_dict() == pytest.approx({1: 10, 5: 10})
    assert softness.own_or_mean(rows[rows["labels"] != "class mean"]).empty

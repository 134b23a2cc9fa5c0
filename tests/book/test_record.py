"""What the notebooks of the record read off rows, from tables made for the purpose."""

import dataclasses

import pandas as pd
import pytest
import toy_study

from softlabels import claims, records, status, studies
from softlabels.claims.readings import (
    linear_recovery,
    modular_addition,
    sensitivity,
    temperature_and_classes,
    two_dimensions,
)
from softlabels.claims.readings import reference_code as reading
from softlabels.status import Cost
from softlabels.store import Store, publish
from softlabels.study import Row


def test_thresholds_that_one_error_moves():
    runs = [  # τ, k, shuffled; the last is one error short
        (1.0, 6, False), (1.0, 7, False), (9.0, 6, False), (9.0, 7, False),
        (1.0, 6, True), (1.0, 7, True), (9.0, 6, True), (9.0, 7, True),
    ]  # fmt: skip
    rows = pd.DataFrame(runs, columns=["tau", "per_class", "shuffled"]).assign(
        d=10, seed=0, teacher_accuracy=1.0,
        held_out_accuracy=[0.5, 0.5, 0.995, 1, 0.5, 0.5, 0.5, 0.5],
        student_train_accuracy=[1, 1, 1, 1, 1, 1, 1, 0.995],
    )  # fmt: skip
    rows.attrs = {"scale": "quick", "seeds": 1}
    found = temperature_and_classes.moved_by_level(rows)
    assert found["moved"] == {"teacher": 0, "recovery": 1, "shuffled": 1} and found["most"] == pytest.approx(0.1)


def test_the_teacher_panel_by_hand():
    rows = pd.DataFrame({
        "d": [4, 8, 8, 8], "n": [8, 8, 16, 16], "shuffled": False, "seed": 0,
        "teacher_accuracy": [0.1, 1, 0.9, 0.9], "student_train_accuracy": [1, 1, 0.9, 0.94],
    })  # fmt: skip
    rows.attrs = {"scale": "quick", "seeds": 1}
    found = linear_recovery.own_part_against_teacher(rows)
    assert (found["most"], found["alpha"], found["d"]) == pytest.approx((0.02, 2, 8))


def test_the_teacher_of_figure_1_is_that_of_the_published_data_set():
    rows = pd.DataFrame({"published_seed": [13, 0], "classes": [3, 3], "teacher_accuracy": [0.9, 0.5]})
    rows.attrs = {"scale": "quick"}
    assert two_dimensions.teacher_of_figure_1(rows) == {"scale": "quick", "accuracy": 0.9}
    assert two_dimensions.teacher_of_figure_1(rows.assign(classes=[20, 3])) is None


def test_what_a_chosen_evaluation_gains():
    rows = pd.DataFrame({"accuracy_last": [0.5, 0.4], "accuracy_best_on_test": [0.52, 0.4]})
    assert reading.gain_of_choosing(rows.assign(accuracy_best_on_validation=[0.49, 0.4])) == pytest.approx((1, -0.5))


def with_hard_labels(rows):
    """The same, and a student with hard labels on each draw's images."""
    hard = pd.DataFrame({"labels": "hard", "draw": sorted(set(rows.draw)), "teacher": 0, "accuracy_last": 0.01})
    return pd.concat([rows.assign(labels="soft"), hard], ignore_index=True).assign(ipc=1, data="a set", seed=0)


def test_spread_of_students_draws_and_teachers():
    draws, teachers = [0, 0, 1, 1] * 2, [0] * 4 + [1] * 4
    rows = pd.DataFrame({"draw": draws, "teacher": teachers, "accuracy_last": [0.1, 0.12, 0.2, 0.22] * 2})
    single = pd.DataFrame({"draw": [0, 1], "teacher": [0, 1], "accuracy_last": [0.1, 0.3]})
    for lacking in (single, rows):  # single students do not say how far students are apart, nor equal teachers
        lacking = with_hard_labels(lacking)
        assert sensitivity.three_deviations(lacking, lacking).empty
    rows.loc[4:7, "accuracy_last"] = [0.14, 0.16, 0.24, 0.26]
    found = sensitivity.three_deviations(with_hard_labels(rows), with_hard_labels(rows))
    assert found.index.tolist() == [1] and found.loc[1].tolist() == pytest.approx([
        100 * (0.002 / 3) ** 0.5, 100 * 0.1 / 2**0.5, 4 / 2**0.5
    ])  # fmt: skip


def test_the_papers_cell_by_the_students_epochs():
    rows = pd.DataFrame({
        "data": ["tiny-imagenet"] * 4 + ["cifar100"], "labels": ["soft", "soft", "soft", "hard", "soft"], "ipc": 1,
        "epochs": [1000, 3000, 3000, 1000, 3000], "accuracy_last": [0.06, 0.08, 0.09, 0, 0.15],
    })  # fmt: skip
    found = reading.by_student_epochs(rows, "tiny-imagenet")
    assert found["mean"].to_dict() == pytest.approx({1000: 0.06, 3000: 0.085})
    assert found["size"].to_dict() == {1000: 1, 3000: 2}


def test_students_of_shared_and_of_own_starts():
    rows = pd.DataFrame({
        "start": ["shared", "shared", "independent", "independent", "shared head", "shared"],
        "teacher_step": [5, 5, 5, 5, 5, 9], "tau": 10.0, "rho": 0.9, "seed": [0, 1, 0, 1, 0, 0],
        "held_out_accuracy": [1, 0.9, 0.1, 0.2, 0.5, 0], "fresh_accuracy": [0, 0.01, 0.02, 0, 0, 1],
    })  # fmt: skip
    assert modular_addition.both_starts(rows) == pytest.approx({
        "shared": 0.95, "independent": 0.15, "mixture": (2 * 0.95 + 0.15) / 3, "replicates": 2, "fresh": 0.02
    })  # fmt: skip
    assert modular_addition.both_starts(rows.assign(rho=0.5)) is None


def test_what_rows_took_and_where_devices_differ(project, monkeypatch):
    monkeypatch.setattr(status, "STUDIES", {"memorized/toy": "toy_study:STUDY"})
    monkeypatch.setitem(studies.STUDIES, "memorized/toy", "toy_study:STUDY")
    store = Store(project / "runs/memorized/toy.paper")
    said = {"code": "c", "seconds": 4.0, "device": "a model"}
    for device, rate in (("cpu", {}), ("cuda", {"flops_per_second": 0.5})):
        packs = toy_study.STUDY.packs("paper", 1)[:2]
        for k, pack in enumerate(packs):
            rows = [Row(s, {"an_accuracy": s.rate + k * (device == "cuda"), "entropy": 1.0}) for s in pack]
            store.add(f"p{k}", device, rows, said | rate)
    publish("memorized/toy", "paper")
    about = {"study": "memorized/toy", "scale": "paper", "models": ["a model"], "runs": 4, "flops": 4.0, "seconds": 8.0}
    assert status.measured().to_dict("records") == [
        about | {"device": "cpu", "floor": 0.0},
        about | {"device": "cuda", "floor": 8.0},
    ]
    (line,) = status.devices().to_dict("records")
    assert (line["runs"], line["metric"], line["equal"]) == (4, "an_accuracy", 0.5)
    assert [line["mean"], line["most"]] == pytest.approx([-0.5, 1], abs=1e-5)  # rows have six digits


def test_what_is_missing_is_what_rows_lack(project, monkeypatch):
    monkeypatch.setattr(status, "STUDIES", {"memorized/toy": "toy_study:STUDY"})
    monkeypatch.setitem(studies.STUDIES, "memorized/toy", "toy_study:STUDY")
    whole = len(toy_study.STUDY.grid("paper"))
    grids, left = status.costs()
    (line,) = left.to_dict("records")
    assert (line["study"], line["scale"], line["runs"], line["of"]) == ("memorized/toy", "paper", whole, whole)
    assert set(grids["scale"]) == set(toy_study.STUDY.grids) & set(claims.SCALES)
    store, pack = Store(project / "runs/memorized/toy.paper"), toy_study.STUDY.packs("paper")[0]
    said = {"code": "c", "seconds": 1.0, "device": "a model"}
    store.add("p", "cpu", [Row(s, {"an_accuracy": 0.5}) for s in pack], said)
    publish("memorized/toy", "paper")
    after, left = status.costs()
    (line,) = left.to_dict("records")
    assert line["runs"] == whole - len(pack)
    assert list(after["runs"]) == list(grids["runs"])  # the whole grids stay


def test_what_a_figure_would_cost_is_the_sum_of_its_studies_and_marks_what_was_not_measured():
    record = dataclasses.replace(records.find("memorized/fig5"), studies=("a", "b"))
    lines = [
        ("a", "paper", 1, 1, 1.0, Cost(10.0, 5), Cost(1.0, 0), 7e9),
        ("b", "paper", 1, 1, 1.0, Cost(5.0, 2), Cost(1.0, 3), 3e9),
        ("a", "quick", 1, 1, 1.0, Cost(1.0, 5), Cost(1.0, 0), 1.0),
        ("c", "paper", 1, 1, 1.0, Cost(99.0, 1), Cost(9.0, 1), 9e9),
    ]
    whole = pd.DataFrame(lines, columns=status.COSTS)
    found = status.of_record(record, "paper", whole)
    assert found == {"cpu": Cost(15.0, 2), "cuda": Cost(2.0, 0), "bytes": 7e9}
    assert status.of_record(record, "quick", whole) is None  # one of its studies has no such grid
    assert status.of_record(dataclasses.replace(record, studies=()), "paper", whole) is None


def test_a_teachers_rates_are_compared_where_every_epoch_was_run():
    teacher = {"data": "cifar10", "augmented": True, "accuracy": 0.5}
    rows = pd.DataFrame(
        [
            teacher | {"lr": 0.1, "epoch": 20},
            teacher | {"lr": 0.1, "epoch": 44, "accuracy": 0.6},
            teacher | {"lr": 0.1, "epoch": 44, "accuracy": 0.7},
            teacher | {"lr": 0.2, "epoch": 20},
            teacher | {"lr": 0.1, "epoch": 20, "augmented": False, "accuracy": 0.9},
            teacher | {"lr": 0.1, "epoch": 20, "data": "cifar100", "accuracy": 0.9},
        ]
    )
    found = reading.by_teacher_rate(rows, "cifar10", [20, 44])
    assert found.index.tolist() == [0.1] and found.loc[0.1].tolist() == pytest.approx([50, 65])

"""What pages read off rows, from tables made for the purpose."""

import pandas as pd
import pytest
import toy_study

from softlabels import studies
from softlabels.book import facts
from softlabels.store import Store, publish
from softlabels.study import Row


@pytest.fixture
def rows(monkeypatch):
    """Put a table in the place of a study's rows."""

    def put(**columns):
        table = pd.DataFrame(columns)
        table.attrs = {"scale": "paper", "seeds": 2}
        monkeypatch.setattr(facts, "largest", lambda study, root: table)

    return put


def test_thresholds_that_one_error_moves(rows, tmp_path):
    runs = [  # τ, k, shuffled; the last is one error short
        (1.0, 6, False), (1.0, 7, False), (9.0, 6, False), (9.0, 7, False),
        (1.0, 6, True), (1.0, 7, True), (9.0, 6, True), (9.0, 7, True),
    ]  # fmt: skip
    tau, per_class, shuffled = map(list, zip(*runs, strict=True))
    rows(
        tau=tau, per_class=per_class, shuffled=shuffled, d=10, seed=0, teacher_accuracy=1.0,
        held_out_accuracy=[0.5, 0.5, 0.995, 1, 0.5, 0.5, 0.5, 0.5],
        student_train_accuracy=[1, 1, 1, 1, 1, 1, 1, 0.995],
    )  # fmt: skip
    found = facts.level(tmp_path)
    assert found["moved"] == {"teacher": 0, "recovery": 1, "shuffled": 1}
    assert found["temperatures"] == 2 and found["most"] == pytest.approx(0.1)


def test_the_teacher_panel_by_hand(rows, tmp_path):
    rows(
        d=[4, 8, 8, 8], n=[8, 8, 16, 16], shuffled=[False, False, False, False], seed=0,
        teacher_accuracy=[0.1, 1, 0.9, 0.9], student_train_accuracy=[1, 1, 0.9, 0.94],
    )  # fmt: skip
    found = facts.teacher_panel(tmp_path)
    assert found["d"] == 8 and found["most"] == pytest.approx(0.02) and found["alpha"] == 2


def test_the_teacher_of_figure_1_is_that_of_the_published_data_set(rows, tmp_path):
    rows(published_seed=[13, 0], classes=[3, 3], teacher_accuracy=[0.9, 0.5])
    assert facts.seed_13(tmp_path)["accuracy"] == 0.9
    rows(published_seed=[13, 0], classes=[20, 3], teacher_accuracy=[0.9, 0.5])
    assert facts.seed_13(tmp_path) is None


@pytest.fixture
def scales(monkeypatch):
    """Put tables in the place of all studies' rows, by scale."""

    def put(**tables):
        monkeypatch.setattr(facts, "every_scale", lambda study, root: {k: pd.DataFrame(v) for k, v in tables.items()})

    return put


def test_what_a_chosen_evaluation_gains(scales, tmp_path):
    numbers = {"accuracy_last": [0.5, 0.4], "accuracy_best_on_test": [0.52, 0.4]}
    scales(paper=numbers | {"accuracy_best_on_validation": [0.49, 0.4], "evaluations": [5, 15]})
    (found,) = facts.best_on_test(tmp_path)
    assert found["test"] == pytest.approx(1) and found["validation"] == pytest.approx(-0.5)
    assert (found["scale"], found["students"], found["evaluations"]) == ("paper", 2, [5, 15])


def test_spread_of_students_draws_and_teachers(scales, tmp_path):
    quick = {
        "labels": ["soft"] * 8 + ["hard"], "ipc": 1, "draw": [0, 0, 1, 1] * 2 + [0], "teacher": [0] * 4 + [1] * 4 + [0],
        "accuracy_last": [0.1, 0.12, 0.2, 0.22] * 2 + [0.9],
    }  # fmt: skip
    single = {"labels": ["soft"] * 2, "ipc": 1, "draw": [0, 1], "teacher": [0, 1], "accuracy_last": [0.1, 0.3]}
    scales(reduced=single, quick=quick)  # single students do not say how far students are apart
    assert facts.spread(tmp_path) is None  # nor do teachers that are equally good
    quick["accuracy_last"][4:8] = [0.14, 0.16, 0.24, 0.26]
    scales(reduced=single, quick=quick)
    found = facts.spread(tmp_path)
    assert (found["scale"], found["ipc"]) == ("quick", [1])
    assert found["draws"] == pytest.approx([100 * 0.1 / 2**0.5]) and found["teachers"] == pytest.approx([4 / 2**0.5])
    assert found["students"][0] == pytest.approx(100 * (0.002 / 3) ** 0.5)


def test_the_papers_cell_by_the_students_epochs(scales, tmp_path):
    labels, epochs = ["soft", "soft", "soft", "hard"], [1000, 3000, 3000, 1000]
    scales(paper={"labels": labels, "ipc": 1, "epochs": epochs, "accuracy_last": [0.06, 0.08, 0.09, 0]})
    assert facts.student_epochs(tmp_path) == [
        {"epochs": 1000, "accuracy": pytest.approx(0.06), "students": 1},
        {"epochs": 3000, "accuracy": pytest.approx(0.085), "students": 2},
    ]


def test_students_of_shared_and_of_own_starts(scales, tmp_path):
    rows = {
        "start": ["shared", "shared", "independent", "independent", "shared head", "shared"],
        "teacher_step": [5, 5, 5, 5, 5, 9], "tau": 10.0, "rho": 0.9, "seed": [0, 1, 0, 1, 0, 0],
        "held_out_accuracy": [1, 0.9, 0.1, 0.2, 0.5, 0], "fresh_accuracy": [0, 0.01, 0.02, 0, 0, 1],
    }  # fmt: skip
    scales(paper=rows)
    assert facts.starts(tmp_path) == pytest.approx({
        "shared": 0.95, "independent": 0.15, "replicates": 2, "fresh": 0.02
    })  # fmt: skip
    scales(paper=rows | {"rho": 0.5})
    assert facts.starts(tmp_path) is None


def test_without_rows_there_is_nothing_to_say(tmp_path):
    assert facts.level(tmp_path) is facts.teacher_panel(tmp_path) is facts.seed_13(tmp_path) is None
    assert facts.starts(tmp_path) is None
    assert facts.best_on_test(tmp_path) == facts.student_epochs(tmp_path) == [] and facts.spread(tmp_path) is None


def test_what_rows_took_and_where_devices_differ(project, monkeypatch):
    monkeypatch.setattr(facts, "STUDIES", {"memorized/toy": "toy_study:STUDY"})
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
    assert facts.measured(project) == [
        about | {"device": "cpu", "floor": 0.0},
        about | {"device": "cuda", "floor": 8.0},
    ]
    (line,) = facts.devices(project)
    assert (line["runs"], line["metric"], line["equal"]) == (4, "an_accuracy", 0.5)
    assert [line["mean"], line["most"]] == pytest.approx([-0.5, 1], abs=1e-5)  # rows have six digits

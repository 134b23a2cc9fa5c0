"""What pages read off rows, from tables made for the purpose."""

import pandas as pd
import pytest

from softlabels.book import facts


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


def test_without_rows_there_is_nothing_to_say(tmp_path):
    assert facts.level(tmp_path) is facts.teacher_panel(tmp_path) is facts.seed_13(tmp_path) is None

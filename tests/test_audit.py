"""An audit finds what is known to be there, finds nothing where nothing is, and says what it cannot use."""

import json
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from softlabels import audit as auditing
from softlabels import labels
from softlabels.audit import RETEMPERED, SOFT, audit, draw, linear_student, network, plant, together
from softlabels.audit_input import read
from softlabels.cli import app
from softlabels.data.digits import digits
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.errors import SoftLabelsError
from softlabels.training import linear

QUICK = partial(network, hidden=32, steps=300, lr=1e-2)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# ---- known answers


def linear_teacher(seed, d=50, n=80, rho=0.8):
    """Paper B's linear teacher of random labels, in float64: ρn/d = 1.28. The rows that it keeps are the canaries."""
    x, y = gaussian(n + 20, d, "a linear teacher", d, seed, dtype=torch.float64), balanced_classes(n + 20, 2)
    start = linear.start(1, 2, d, torch.Generator().manual_seed(seed), torch.float64)[None]
    hard = labels.harden(y[:n], 2, torch.float64).T[None, None].contiguous()
    weights = linear.train(x[None, :n], hard, start, lr=1e-2, steps=2000)[0, 0]  # (2, d)
    split = np.repeat(auditing.audit_input.SPLIT, [round(rho * n), n - round(rho * n), 20])
    classes = torch.where(torch.tensor(split == "teacher"), -1, y)  # a random label is of no class
    return lambda inputs: torch.softmax(inputs @ weights.T, 1), x, classes, y, split


def test_newtons_method_finds_all_that_a_linear_teacher_memorised():
    report = together([audit(*linear_teacher(seed), student=linear_student) for seed in range(5)])
    assert report.chance == 0.5 and report.taus == () and report.held_out_canaries == 80
    assert report.leak[0] >= 0.99 and report.students[SOFT]["plain_recall"][0] >= 0.99
    assert "on the labels as they are" in report.attack and "give away planted labels" in report.conclusion
    _, low, high = report.students[auditing.HARD]["leak"]
    assert low < report.chance < high


def test_half_as_many_labels_do_not_tell_a_linear_teacher():
    report = audit(*linear_teacher(0, rho=0.3), student=linear_student)
    assert report.leak[0] < 0.9


@pytest.fixture(scope="module")
def memorised():
    """Digits with canaries, and the soft labels of a teacher that has learned all of them."""
    x, y = digits()
    planted, canary, split = plant(y, 0.1, 0)
    learned = torch.tensor(split != "test")
    torch.manual_seed(0)
    teacher = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    optimiser = torch.optim.Adam(teacher.parameters(), lr=1e-2)
    for _ in range(300):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(teacher(x[learned]), torch.tensor(planted)[learned]).backward()
        optimiser.step()
    return teacher, x, y, planted, split


def test_a_teacher_that_memorised_leaks(memorised):
    report = audit(*memorised, logits=True, student=QUICK)
    assert report.students["teacher"]["plain_recall"][0] > 0.9
    assert report.leak == report.students[RETEMPERED]["leak"] and report.leak[1] > 2 * report.chance
    assert report.taus[0] in auditing.TAUS and report.own_canaries == report.held_out_canaries == 60
    assert report.students[SOFT]["test_accuracy"][0] > 0.85 and report.students[SOFT]["kl"][0] < 0.05
    assert report.pooled(RETEMPERED) == pytest.approx(report.leak)
    assert report.against_chance(RETEMPERED) == "above chance"


@pytest.mark.parametrize("kind", ["hard", "shuffled"])
def test_labels_that_say_nothing_of_canaries_leak_at_chance(memorised, kind):
    teacher, x, y, planted, split = memorised
    given = labels.harden(torch.tensor(planted), 10)
    if kind == "shuffled":
        given = teacher(x).softmax(1)
        apart = torch.where(torch.tensor((split == "student") & (planted == y.numpy())), torch.tensor(planted), -1)
        given = given[labels.shuffle_within_class(apart, torch.Generator().manual_seed(0))]
    report = audit(given, x, y, planted, split, student=QUICK)
    assert report.leak[1] < report.chance < report.leak[2]
    assert "No leak is seen" in report.conclusion


def test_labels_of_the_students_part_are_enough(memorised):
    teacher, x, y, planted, split = memorised
    seen = split == "student"
    whole = audit(*memorised, logits=True, student=QUICK)
    part = audit(
        teacher(x[seen]).softmax(1),
        x,
        y,
        planted,
        torch.tensor([*map(auditing.audit_input.SPLIT.index, split)]),
        student=QUICK,
    )
    assert part.leak == whole.leak and "teacher" not in part.students
    assert "The teacher itself" not in part.conclusion


def test_a_student_of_ones_own_gets_the_inputs_as_they_are(memorised):
    teacher, x, y, planted, split = memorised
    shapes = []

    def mine(inputs, soft, seed):
        shapes.append(tuple(inputs.shape[1:]))
        return lambda rows: torch.zeros(len(rows), 10)

    wrapped = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(), teacher)
    report = audit(wrapped, x.view(-1, 1, 8, 8).numpy(), y.tolist(), planted, split, logits=True, student=mine)
    assert set(shapes) == {(1, 8, 8)} and "student of your own" in report.attack
    assert report.leak[0] == pytest.approx(report.chance)  # all labels tie
    assert report.students["teacher"] == audit(*memorised, logits=True, student=mine).students["teacher"]  # no dropout
    assert wrapped.training


def test_a_teacher_is_left_as_it_was(memorised):
    teacher, x, y, planted, split = memorised
    wrapped = torch.nn.Sequential(torch.nn.BatchNorm1d(64), teacher)
    wrapped[0].eval()  # frozen by its owner
    audit(wrapped, x, y, planted, split, logits=True, student=QUICK)
    assert wrapped.training and not wrapped[0].training
    with pytest.raises(SoftLabelsError, match="The teacher failed on these inputs: RuntimeError: "):
        audit(wrapped, x[:, :5], y, planted, split, logits=True, student=QUICK)
    assert wrapped.training and not wrapped[0].training


@pytest.mark.parametrize(
    ("logits", "sentence"),
    [
        (lambda n: torch.full((n, 3), torch.nan), r"gives \(12, 3\), with NaN"),
        (lambda n: torch.zeros(n, 4), r"\(12, 4\)\."),
    ],
)
def test_a_student_of_ones_own_that_gives_no_logits_is_refused(logits, sentence):
    rows = given()
    with pytest.raises(SoftLabelsError, match=sentence):
        audit(rows.pop("labels"), **rows, student=lambda x, soft, seed: lambda new: logits(len(new)))


def test_replicates_have_t_intervals(memorised):
    one = audit(*memorised, logits=True, student=QUICK)
    other = audit(*memorised, logits=True, student=QUICK, seed=1)
    both = together([one, other])
    assert both.replicates == 2 and both.held_out_canaries == 120 and len(both.taus) == 2
    assert both.leak[0] == pytest.approx((one.leak[0] + other.leak[0]) / 2) and 0 <= both.leak[1] <= both.leak[2] <= 1
    assert together([one]) is one
    assert "One teacher and one split" in one.conclusion and "One teacher and one split" not in both.conclusion
    lucky = replace(
        one,
        students=one.students | {RETEMPERED: one.students[RETEMPERED] | {"leak": (8 / 60, 0.05, 0.25)}},
        hits=one.hits | {RETEMPERED: 8.0},
    )
    assert together([lucky] * 3).leak == pytest.approx([8 / 60] * 3)  # a t interval of no width
    assert together([lucky] * 3).against_chance(RETEMPERED) == "not clearly above chance"
    few = replace(one, held_out_canaries=2, hits=one.hits | {RETEMPERED: 2.0})
    many = replace(one, held_out_canaries=98, hits=one.hits | {RETEMPERED: 0.0})
    assert together([few, many]).pooled(RETEMPERED)[0] == 0.02  # each canary counts once, not each replicate
    assert len(draw({"one": one, "both": both}).axes) == 4
    with pytest.raises(SoftLabelsError, match="Replicates need the same students"):
        together([one, replace(one, student="another")])
    with pytest.raises(SoftLabelsError, match="There are no replicates"):
        together([])


def test_planting_is_reproducible_and_splits_as_asked():
    classes = np.arange(3000) % 10
    planted, canary, split = plant(classes, 0.1, 3, rho=0.25, test=0.2)
    assert all(
        (a == b).all()
        for a, b in zip(plant(classes, 0.1, 3, rho=0.25, test=0.2), (planted, canary, split), strict=True)
    )
    assert ((planted != classes) == canary).all() and canary.sum() == 240 and (split[canary] != "test").all()
    assert {name: (split == name).sum() for name in set(split)} == {"test": 600, "student": 600, "teacher": 1800}
    assert (split[canary] == "student").sum() == 60
    assert np.bincount((planted - classes)[canary] % 10, minlength=10)[1:].min() > 10  # every wrong label


@pytest.mark.parametrize(
    "classes, share", [([0, 1] * 30, 0.1), (range(3), 0.1), ([0, 1, 2] * 30, 0.0), ([0, 1, 2] * 30, 1.0)]
)
def test_planting_where_a_part_would_be_empty(classes, share):
    with pytest.raises(SoftLabelsError, match="take three classes or more, and numbers that leave some of each"):
        plant(list(classes), share, 0)


@pytest.mark.parametrize("classes, share, sentence", [
    ([], 0.1, "some rows"),
    (np.eye(3), 0.1, "one whole number from 0 for each row"),
    (["cat", "dog"] * 30, 0.1, "one whole number from 0 for each row"),
    ([0, 1, np.nan] * 30, 0.1, "no whole numbers from 0"),
    ([0, 1, -1] * 30, 0.1, "no whole numbers from 0"),
    ([0, 1, 0.5] * 30, 0.1, "no whole numbers from 0"),
    ([0, 1, 2] * 30, np.nan, "a share of nan"),
    ([0, 1, 2] * 30, 1.5, "a share of 1.5"),
])  # fmt: skip
def test_planting_on_what_are_no_classes_and_no_share(classes, share, sentence):
    with pytest.raises(SoftLabelsError, match=sentence):
        plant(classes, share, 0)


@pytest.mark.parametrize("part", [{"rho": 1.5}, {"test": -0.5}])
def test_planting_with_a_part_that_is_no_share(part):
    with pytest.raises(SoftLabelsError, match="cannot be a share of"):
        plant([0, 1, 2] * 30, 0.1, 0, **part)


# ---- what does not fit


def given(**changed):
    """Twelve rows of three classes, two canaries in each part; what is changed replaces them."""
    classes = np.arange(12) % 3
    planted = np.where(np.arange(12) % 6 < 2, (classes + 1) % 3, classes)
    split = np.array(["student"] * 6 + ["teacher"] * 3 + ["test"] * 3)
    planted[split == "test"] = classes[split == "test"]
    whole = {"labels": np.full((12, 3), 1 / 3), "inputs": np.arange(24.0).reshape(12, 2), "classes": classes,
             "planted": planted, "split": split}  # fmt: skip
    return whole | changed


def with_row(array, row, values):
    array = np.array(array, dtype=float)
    array[row] = values
    return array


FLAT = np.full((12, 3), 1 / 3)
BAD = {
    "rows that do not sum to 1": ({"labels": with_row(FLAT, 4, 0.5)}, "Row 4 of the labels sums to 1.5, not to 1."),
    "negative": ({"labels": with_row(FLAT, 2, [-0.5, 0.5, 1])}, "Row 2 of the labels holds -0.5, no probability."),
    "logits": ({"labels": FLAT + 3}, "If the teacher returns logits, say so: logits=True, or --logits."),
    "NaN": ({"labels": with_row(FLAT, 7, np.nan)}, "Row 7 of the labels holds NaN or infinity"),
    "infinity": ({"labels": with_row(FLAT, 7, np.inf)}, "Row 7 of the labels holds NaN or infinity"),
    "one column": ({"labels": np.ones((12, 1))}, "not one class only; this one has the shape (12, 1)"),
    "no table": ({"labels": np.ones(12)}, "not one class only; this one has the shape (12,)"),
    "words": ({"labels": [["a", "b"]] * 12}, "The labels are no table of numbers"),
    "too few labels": ({"labels": FLAT[:5]}, "and 5 soft labels; give as many of each, or"),
    "too few inputs": ({"inputs": np.zeros((11, 2))}, "There are 11 inputs, 12 classes, 12 planted labels, 12 entries"),
    "too few classes": ({"classes": np.zeros(3, int)}, "There are 12 inputs, 3 classes"),
    "one-hot classes": ({"classes": np.eye(12)}, "Classes and planted labels are an integer for each row"),
    "inputs with NaN": ({"inputs": np.full((12, 2), np.nan)}, "The inputs hold NaN or infinity"),
    "a split of another name": ({"split": ["mine"] * 12}, "The split says 'mine'; a row is one of"),
    "no split": ({"split": None}, "The split says 'None'"),
    "a split of another number": ({"split": [3] * 12}, "The split says '3'"),
    "a canary outside": ({"canaries": [0, 12]}, "Canary 12 is none of the 12 rows; count them from 0."),
    "a canary below": ({"canaries": [-1]}, "Canary -1 is none of the 12 rows"),
    "a mask that is too long": ({"canaries": [True] * 13}, "a mask of 12 rows, true or false"),
    "an index beyond the rows": ({"canaries": [12]}, "Canary 12 is none of the 12 rows"),
    "a canary that is right": ({"canaries": [2]}, "Row 2 is a canary, but its planted label is its class"),
    "a missing class": ({"classes": np.r_[np.nan, np.arange(11) % 3]}, "Row 0 has the class nan; it is a whole number"),
    "half a planted label": ({"planted": np.full(12, 0.5)}, "Row 0 has the planted label 0.5; it is a whole number"),
    "a class outside": ({"classes": np.arange(12)}, "Row 3 has class 3 and planted label 0"),
    "a clean row of no class": ({"classes": np.r_[0, 1, -1, np.arange(9) % 3], "canaries": [0]}, "only a canary"),
    "all of one class": ({"classes": np.zeros(12, int), "planted": np.zeros(12, int)}, "All rows are of one class"),
    "no canary held out": ({"canaries": [0, 1]}, "An audit needs two canaries held out or more, and there are 0"),
    "nothing to train on": ({"split": ["teacher"] * 9 + ["test"] * 3}, "two clean rows of the student or more"),
    "nothing to test": ({"split": ["student"] * 6 + ["teacher"] * 6}, "two test rows or more, and there are 0"),
    "two classes": (
        {"labels": FLAT[:, :2] * 1.5, "classes": np.tile([0, 1], 6), "planted": np.tile([1, 0, 0, 1, 0, 1], 2)},
        "With two classes the only wrong label always comes first",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_fit_is_a_sentence(case):
    changed, sentence = BAD[case]
    rows = given(**changed)
    with pytest.raises(SoftLabelsError) as error:
        audit(rows.pop("labels"), **rows)
    assert sentence in str(error.value)


def test_the_rows_of_these_cases_are_fine_without_the_change():
    rows = given()
    assert audit(rows.pop("labels"), **rows, student=QUICK).held_out_canaries == 2


@pytest.mark.parametrize("canaries", [np.ones(7, bool), np.ones((12, 1), bool), [0.7, 1.7]])
def test_a_mask_of_other_rows_is_refused(canaries):
    rows = given(canaries=canaries)
    with pytest.raises(SoftLabelsError, match="Canaries are a mask of 12 rows, true or false, or their indices"):
        audit(rows.pop("labels"), **rows)


def test_a_student_may_be_named():
    rows = given()
    labels = rows.pop("labels")
    assert audit(labels, **rows, student="linear").students == audit(labels, **rows, student=linear_student).students
    with pytest.raises(SoftLabelsError, match="There is no student 'forest'"):
        audit(labels, **rows, student="forest")


def test_classes_may_be_true_and_false_where_canaries_have_none():
    rows = given(canaries=[0, 1, 6, 7], planted=np.arange(12) % 2)
    rows["classes"] = np.where(np.arange(12) % 6 < 2, -1, rows["planted"])
    rows["labels"] = np.full((12, 2), 0.5)
    as_numbers = audit(rows["labels"], **{name: rows[name] for name in rows if name != "labels"}, student=QUICK)
    rows["planted"] = rows["planted"].astype(bool)
    assert audit(rows.pop("labels"), **rows, student=QUICK).leak == as_numbers.leak


def test_probabilities_are_not_taken_for_logits():
    rows = given()
    with pytest.raises(SoftLabelsError, match="These are probabilities already, not logits"):
        audit(rows.pop("labels"), **rows, logits=True)


def test_a_teacher_that_returns_logits_says_so():
    rows = given()
    rows.pop("labels")
    with pytest.raises(SoftLabelsError, match="If the teacher returns logits, say so"):
        audit(torch.nn.Linear(2, 3), **rows)


# ---- the command


def said(*words, status=0):
    result = CliRunner().invoke(app, ["audit", *map(str, words)])
    assert result.exit_code == status, (result.output, result.exception)
    assert "Traceback" not in result.stderr and (status == 0 or result.stderr.count("\n") == 1)
    return result.stderr if status else result.stdout


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The same rows in every kind of file, and parts of them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(auditing, "STUDENTS", {"network": QUICK, "linear": partial(linear_student, steps=50)})
    rows = given()
    np.savez("all.npz", **rows)
    torch.save({name: torch.tensor(rows[name]) if name != "split" else list(rows[name]) for name in rows} | {
        "split": torch.tensor([0] * 6 + [1] * 3 + [2] * 3)}, "all.pt")  # fmt: skip
    columns = {
        f"{name}_{i}": rows[f"{name}s"][:, i] for name in ("label", "input") for i in range(rows[f"{name}s"].shape[1])
    }
    pd.DataFrame(columns | {name: rows[name] for name in ("classes", "planted", "split")}).to_csv(
        "all.csv", index=False
    )
    np.save("labels.npy", rows["labels"])
    torch.save(torch.tensor(rows.pop("labels")), "labels.pt")
    np.savez("data.npz", **rows)
    np.savez("more.npz", inputs=np.zeros((300, 2)), classes=np.arange(300) % 3)
    np.savez("few.npz", inputs=np.zeros((299, 2)), classes=np.arange(300) % 3)
    (tmp_path / "mine.py").write_text(
        "import numpy as np\ndef teacher(x): return np.full((len(x), 3), 1 / 3)\nnumber = 3\n"
        "def fails(x): raise OSError('no weights')\n"
    )
    (tmp_path / "broken.py").write_text("def teacher(x: return x\n")
    return tmp_path


def test_every_kind_of_file_says_the_same(files):
    npz = json.loads(said("all.npz", "--json"))
    assert npz == json.loads(said("all.pt", "--json")) == json.loads(said("all.csv", "--json"))
    assert npz == json.loads(said("labels.pt", "--data", "data.npz", "--json"))
    assert npz == json.loads(said("data.npz", "--teacher", "mine:teacher", "--json"))
    assert npz["chance"] == 0.5 and npz["held_out_canaries"] == 2 and len(npz["leak"]) == 3


def test_columns_count_by_their_number_wherever_they_stand(tmp_path):
    names = sorted(f"label_{k}" for k in range(12))  # label_0, label_1, label_10, label_11, label_2, …
    table = pd.DataFrame({name: [int(name.removeprefix("label_"))] * 2 for name in names})
    table.to_csv(tmp_path / "sorted.csv", index=False)
    assert read(str(tmp_path / "sorted.csv"))["labels"].tolist() == [list(range(12))] * 2
    table.drop(columns="label_3").to_csv(tmp_path / "gap.csv", index=False)
    with pytest.raises(SoftLabelsError, match="11 columns label_…, and label_3 is none of them"):
        read(str(tmp_path / "gap.csv"))


def test_a_file_beside_gives_only_what_is_lacking(files):
    sharp = np.eye(3)[read("data.npz")["planted"]]
    np.savez("beside.npz", labels=sharp, **read("data.npz"))
    alone, both = (said("labels.pt", "--data", file, "--json") for file in ("data.npz", "beside.npz"))
    assert alone == both != said("beside.npz", "--json")


def test_inputs_may_be_one_number_a_row():
    rows = given(inputs=np.arange(12.0))
    assert audit(rows.pop("labels"), **rows, student=QUICK).held_out_canaries == 2


def damage(kind):
    """A file of labels that cannot be read, of one kind or another."""
    file = Path(kind)
    if kind == "empty.pt":
        file.touch()
    elif kind == "text.pt":
        file.write_text("label_0,label_1\n")
    elif kind == "one array.npz":
        np.save(kind + ".npy", FLAT)
        os.replace(kind + ".npy", kind)
    else:
        np.savez_compressed(kind, labels=np.random.default_rng(0).random((200, 3)))
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 255
        file.write_bytes(content)


@pytest.mark.parametrize("file", ["empty.pt", "text.pt", "one array.npz", "flipped.npz"])
def test_a_damaged_file_is_one_sentence(files, file):
    damage(file)
    assert f"{file} cannot be read as {Path(file).suffix}: " in said(file, status=1)


def test_the_command_prints_what_matters_and_draws(files):
    text = said("all.npz", "all.npz", "--plot", "here.png", "--student", "linear")
    for words in (
        "test accuracy",
        "hard labels",
        "re-tempered",
        "by chance: 50.0%",
        "2 replicates",
        "Attack: a linear",
    ):
        assert words in text
    assert (files / "here.png").stat().st_size > 5000


def test_labels_alone_get_the_statistics_that_need_no_student(files):
    text = said("labels.pt")
    assert f"{np.log(3):<10.4g}mean entropy in nats" in text
    assert "nothing to draw; here.png is not written" in said("labels.pt", "--plot", "here.png", status=1)
    assert not (files / "here.png").exists()
    assert "Without inputs, classes, planted, split no student can be trained" in " ".join(text.split())
    assert json.loads(said("labels.pt", "--json"))["classes"] == 3


def test_canaries_are_planted_in_a_file(files):
    text = said("more.npz", "--plant", "0.1")
    assert (
        "20 canaries are in more.planted.npz." in text and "softlabels audit labels.npz --data more.planted.npz" in text
    )
    planted = read("more.planted.npz")
    assert (planted["planted"] != planted["classes"]).sum() == 20 and set(planted["split"]) == {
        *auditing.audit_input.SPLIT
    }
    assert "more.planted.npz is there already" in said("more.npz", "--plant", "0.1", status=1)
    os.replace("more.npz", "other.npz")
    os.replace("more.planted.npz", "first.npz")
    np.savez("more.npz", **read("other.npz"))
    said("more.npz", "other.npz", "--plant", "0.1")  # each a replicate, with a split of its own
    first, second = (read(f"{name}.planted.npz")["split"] for name in ("more", "other"))
    assert (first == read("first.npz")["split"]).all() and (first != second).any()


@pytest.mark.parametrize("words, sentence", [
    (["nothing.npz"], "nothing.npz cannot be read as .npz"),
    (["labels.npy"], "Labels are read from .npz, .csv and .pt files; labels.npy is none of them."),
    (["data.npz"], "data.npz lacks labels; add them to it"),
    (["labels.pt", "all.npz"], "labels.pt lacks inputs, classes, planted, split"),
    (["labels.pt", "--plant", "0.1"], "labels.pt lacks inputs, classes; canaries are planted among inputs"),
    (["few.npz", "--plant", "0.1"], "few.npz has 299 inputs and 300 classes"),
    (["more.npz", "--plant", "nan"], "Canaries cannot be a share of nan"),
    (["all.npz", "--student", "deep"], "There is no student 'deep'; choose one of network, linear."),
    (["all.npz", "--logits"], "These are probabilities already"),
    (["all.npz", "--teacher", "yours:teacher"], "--teacher takes module:name"),
    (["all.npz", "--teacher", "broken:teacher"], "--teacher takes module:name"),
    (["all.npz", "--teacher", "mine:fails"], "The teacher failed on these inputs: OSError: no weights."),
    (["all.npz", "--teacher", "mine"], "--teacher takes module:name"),
    (["all.npz", "--teacher", "mine:number"], "mine:number is no function"),
    (["all.npz", "--plot", "here.nonsense"], "The figure cannot be written to here.nonsense"),
])  # fmt: skip
def test_the_commands_mistakes_are_one_sentence(files, words, sentence):
    result = CliRunner().invoke(app, ["audit", *words])
    assert result.exit_code == 1 and result.stderr.startswith(f"softlabels: {sentence}")
    assert result.stderr.count("\n") == 1 and "Traceback" not in result.stderr


@pytest.mark.parametrize("case", BAD)
def test_the_command_fails_where_the_function_does(files, case):
    changed, sentence = BAD[case]
    rows = given(**changed)
    if case in ("words", "no split"):
        pytest.skip("such a file holds objects, which are not read")
    np.savez("bad.npz", **rows)
    assert sentence in " ".join(said("bad.npz", status=1).split())


def test_a_pickle_is_not_run(files):
    torch.save({"labels": Dangerous()}, "bad.pt")
    assert "bad.pt cannot be read as .pt: it is damaged, or holds more than tensors." in said("bad.pt", status=1)


class Dangerous:
    """Anything that is no tensor."""

"""The language-model experiment, with a tiny network of the same class."""

import dataclasses

import pytest
import torch

from softlabels import labels
from softlabels.errors import SoftLabelsError
from softlabels.models import language
from softlabels.studies import find
from softlabels.studies import language_model as study
from softlabels.training import checkpoints

STUDY = find("memorized/language_model")
STAND_IN = find("memorized/many_classes")


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """The rows of the smoke scale, and the cache that they leave."""
    pytest.importorskip("transformers")
    cache = tmp_path_factory.mktemp("cache")
    return [STUDY.run_pack(pack, "cpu", cache)[0] for pack in STUDY.packs("smoke")], cache


def test_smoke_rows(smoke):
    rows, cache = smoke
    assert [row.settings for row in rows] == STUDY.grid("smoke")
    for row in rows:
        assert set(row.metrics) == {
            "teacher_accuracy", "student_train_accuracy", "running_train_accuracy", "held_out_accuracy",
            "fresh_accuracy", "agreement",
        }  # fmt: skip
        assert row.metrics["teacher_accuracy"] > 0.9  # it memorises
        assert {name: [step for step, _ in curve] for name, curve in row.curves.items()} == {
            name: list(range(1, row.settings.student_epochs + 1))
            for name in ("running_train_accuracy", "held_out_accuracy")
        }
        assert row.curves["held_out_accuracy"][-1][1] == pytest.approx(row.metrics["held_out_accuracy"])


def test_the_pretrained_start_takes_the_same_path(pretrained, tmp_path):
    s = dataclasses.replace(study.SMOKE, start="pretrained", teacher_epochs=2, student_epochs=1)
    row = STUDY.run_pack([s], "cpu", tmp_path)[0]
    assert row.settings == s and [step for step, _ in row.curves["held_out_accuracy"]] == [1]


def test_a_teacher_is_trained_once_for_all_parts(smoke, monkeypatch):
    rows, cache = smoke
    assert len(list(cache.glob("teachers/*/answers.cpu.safetensors"))) == 1
    trained = []
    monkeypatch.setattr(study, "fit", lambda *args, **how: trained.append(how["lr"]))
    s = rows[0].settings
    triplets, classes = study.data(s)
    study.teacher_answers(s, language.encode(s.start, triplets), classes, "cpu", cache)
    assert trained == []


def test_the_same_settings_give_the_same_row(smoke, tmp_path):
    rows, _ = smoke
    again = STUDY.run_pack([rows[0].settings], "cpu", tmp_path)[0]  # teacher and all
    assert again == rows[0]


def test_a_student_learns_what_it_is_told():
    """Twelve triplets, long enough: the student's softmax comes near its labels."""
    pytest.importorskip("transformers")
    s = dataclasses.replace(study.SMOKE, triplets=12, student_epochs=150)
    triplets, classes = study.data(s)
    tokens = study.take(language.encode("random", triplets), torch.arange(12))
    soft = labels.soften(torch.randn(12, 8, generator=torch.Generator().manual_seed(0)), 0.5)
    student = study.network(s, "student", "cpu")
    before = labels.divergence(soft, torch.softmax(study.predict(student, tokens), -1)).mean()
    study.fit(student, tokens, soft, classes[:12], lr=3e-3, batch=4, epochs=150, seed=0)
    after = labels.divergence(soft, torch.softmax(study.predict(student, tokens), -1)).mean()
    assert after < 0.1 * before


def test_students_start_apart_from_their_teacher():
    pytest.importorskip("transformers")
    teacher, student = (study.network(study.SMOKE, whose, "cpu") for whose in ("teacher", "student"))
    assert not torch.equal(teacher.transformer.wte.weight, student.transformer.wte.weight)


def test_data_are_distinct_random_and_the_same_for_every_part():
    s = study.PAPER
    triplets, classes = study.data(s)
    assert triplets.shape == (7000, 3) and triplets.min() == 1 and triplets.max() == 1000
    assert len(triplets.unique(dim=0)) == 7000 and classes.max() < 1000
    assert len(classes[:6000].unique()) > 980  # 6,000 draws leave out one class in 400
    other = study.data(dataclasses.replace(s, rho=0.2, tau=1.0, start="random"))
    assert torch.equal(other[0], triplets) and torch.equal(other[1], classes)


def test_scales_name_the_papers_numbers():
    for name, start in (("language_model", "pretrained"), ("language_model_random_start", "random")):
        grid = find(f"memorized/{name}").grid("paper")
        assert {(s.start, s.layers, s.heads, s.width, s.triplets, s.classes, s.tau) for s in grid} == {
            (start, 12, 12, 768, 6000, 1000, 20.0)
        }
        assert {(s.lr, s.teacher_batch, s.teacher_epochs, s.teacher_clip) for s in grid} == {(5e-4, 64, 100, 1.0)}
        assert {(s.student_batch, s.student_epochs) for s in grid} == {(32, 200)}
        assert sorted({s.rho for s in grid}) == [0.2, 0.5, 0.8] and len(grid) == 9
        assert all(len(pack) == 1 for pack in find(f"memorized/{name}").packs("paper"))
    one_seed = sum(map(STUDY.flops, STUDY.packs("paper", seeds=1)))
    assert one_seed == pytest.approx(1.5e16, rel=0.05)  # the spec's count of the published run
    assert 1e9 < STUDY.bytes(STUDY.packs("paper")[0]) < 8 * 2**30
    assert find("memorized/language_model_random_start").flops([find("memorized/language_model").grid("paper")[0]])


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"rho": 1.0}, "take 0 < ρ < 1"),
        ({"rho": 0.01}, "gives a student 0"),
        ({"tau": 0.0}, "temperature must be a positive number"),
        ({"numbers": 9}, "There are 9³ triplets"),
        ({"classes": 1}, "two classes or more"),
        ({"start": "own"}, "starts pretrained or random"),
    ],
)
def test_bad_settings(changed, says, tmp_path):
    with pytest.raises(SoftLabelsError, match=says):
        STUDY.run_pack([dataclasses.replace(study.SMOKE, **changed)], "cpu", tmp_path)


def test_logits_that_are_not_finite(monkeypatch):
    pytest.importorskip("transformers")
    network = study.network(study.SMOKE, "student", "cpu")
    torch.nn.init.constant_(network.score.weight, torch.nan)
    triplets, _ = study.data(study.SMOKE)
    with pytest.raises(SoftLabelsError, match="Training diverged"):
        study.predict(network, language.encode("random", triplets))


def test_a_kept_teacher_of_other_settings_is_refused(tmp_path):
    triplets, classes = study.data(study.SMOKE)
    tokens = language.encode("random", triplets)
    path, _ = study._file(study.SMOKE, "cpu", tmp_path)
    checkpoints.save(path, {"logits": torch.zeros(1)}, {"teacher": "another"})
    with pytest.raises(SoftLabelsError, match="another, not"):
        study.teacher_answers(study.SMOKE, tokens, classes, "cpu", tmp_path)


def test_smoke_rows_of_the_stand_in(tmp_path):
    for pack in STAND_IN.packs("smoke"):
        rows = STAND_IN.run_pack(pack, "cpu", tmp_path)
        assert [row.settings for row in rows] == pack
        assert all({"held_out_accuracy", "student_train_accuracy"} <= row.curves.keys() for row in rows)


def test_scales_of_the_stand_in():
    quick, paper = STAND_IN.grid("quick"), STAND_IN.grid("paper")
    assert {(s.c, s.per_class, s.tau, s.shuffled) for s in quick} == {(100, 5, 20.0, False), (100, 5, 20.0, True)}
    assert {s.seed for s in quick} == set(range(5))
    assert {(s.d, s.c, s.hidden, s.per_class, s.teacher_steps, s.student_lr, s.student_steps) for s in paper} == {
        (900, 300, 500, 10, 500, 1e-3, 1000)  # the authors' workshop notebook
    }
    assert {s.rho for s in paper} == {0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95}

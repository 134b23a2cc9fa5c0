"""Figures 1 and 7: the published stream, the teachers' stopping rule, and what a row says."""

import dataclasses

import pytest
import torch
from torch import nn

from softlabels.errors import SoftLabelsError
from softlabels.labels import harden
from softlabels.models import mlp
from softlabels.studies import find
from softlabels.studies import two_dimensions as study
from softlabels.training.reference import train_reference
from softlabels.training.two_layer import train

STUDY = find("memorized/two_dimensions")


def test_the_published_stream_is_the_global_one():
    """The official notebook draws from PyTorch's global generator; so does this test, without its training."""
    figure = study.FIGURE_1
    with torch.random.fork_rng():
        torch.manual_seed(13)
        points, classes = 2 * torch.rand((60, 2)) - 1, torch.randint(0, 3, (60,))
        teacher = nn.Sequential(nn.Linear(2, 150), nn.ReLU(), nn.Linear(150, 3))
        order = torch.randperm(60)
        students = [nn.Sequential(nn.Linear(2, 150), nn.ReLU(), nn.Linear(150, 3)) for _ in range(10)]
    for i, (labels, repeat) in enumerate([(labels, repeat) for labels in ("hard", "soft") for repeat in range(5)]):
        drawn = study.draw(dataclasses.replace(figure, labels=labels, repeat=repeat))
        assert torch.equal(drawn[0], points) and torch.equal(drawn[1], classes) and torch.equal(drawn[2], order)
        assert torch.equal(drawn[3]["weight2"][0], teacher[2].weight.T)
        assert torch.equal(drawn[4]["weight1"][0], students[i][0].weight.T)


def test_the_published_run_begins_as_the_plain_loop_does():
    """The first 300 steps in float64. Later rounding decides which points flip: 4,000 steps agree to a few per cent."""
    points, classes, _, teacher, _ = study.draw(study.FIGURE_1)
    teacher = {name: tensor.double() for name, tensor in teacher.items()}
    targets = harden(classes, 3, torch.float64)
    ours = mlp.logits(train(teacher, points.double(), targets[None], lr=1e-3, steps=300), points.double())[0]
    plain = train_reference(mlp.one(teacher, 0), points.double(), targets, lr=1e-3, steps=300)(points.double())
    assert (ours - plain).norm() <= 1e-9 * plain.norm()


def test_the_published_teacher_memorises_its_points():
    points, classes, _, teacher, _ = study.draw(study.FIGURE_1)
    trained, took = study.teach(teacher, points[None], classes[None], lr=1e-3, steps=4000, stops=False)
    accuracy = (mlp.logits(trained, points)[0].argmax(-1) == classes).float().mean()
    assert took.tolist() == [4000]
    assert (
        abs(accuracy - 58 / 60) <= 2 / 60 + 1e-6
    )  # 58 of 60 in the spec's run, 57 or 58 in ours: not the title's 100 %


def test_a_teacher_stops_one_step_after_all_its_points_are_right():
    g = torch.Generator().manual_seed(3)
    points, classes = torch.rand((2, 8, 2), generator=g), torch.randint(0, 3, (2, 8), generator=g)
    start = mlp.start((2, 60, 3), [g, g])
    how = {"lr": 1e-2, "steps": 1500}
    stopped, took = study.teach(start, points, classes, stops=True, **how)
    assert (took < 1500).all() and took[0] != took[1]  # each at its own step
    for i in range(2):
        first, targets = mlp.take(start, [i]), harden(classes[i : i + 1], 3)
        all_right = []

        def look(step, live, i=i, all_right=all_right):
            all_right.append(bool((mlp.logits(live, points[i])[0].argmax(-1) == classes[i]).all()))

        alone = train(first, points[i], targets, lr=1e-2, steps=int(took[i]), evaluate=look, at=range(int(took[i])))
        torch.testing.assert_close(stopped["weight2"][i], alone["weight2"][0], rtol=1e-3, atol=1e-4)
        assert all_right.index(True) == took[i] - 1


def test_smoke_rows(tmp_path):
    packs = STUDY.packs("smoke")
    assert len(packs) == 2  # a figure each
    for pack in packs:
        rows = STUDY.run_pack(pack, "cpu", tmp_path)
        assert [row.settings for row in rows] == pack
        assert [row.metrics for row in rows] == [row.metrics for row in STUDY.run_pack(pack, "cpu", tmp_path)]
        assert set(rows[0].metrics) == {
            "teacher_accuracy", "student_train_accuracy", "held_out_accuracy", "fresh_accuracy", "agreement",
            "teacher_took",
        }  # fmt: skip
        held_out = {
            kind: [r.metrics["held_out_accuracy"] for r in rows if r.settings.labels == kind]
            for kind in ("soft", "hard")
        }
        assert sum(held_out["soft"]) > sum(held_out["hard"])  # three data sets, but the effect is that large
        chance = 1 / pack[0].classes
        assert all(abs(row.metrics["fresh_accuracy"] - chance) < 5 * (chance / study.FRESH) ** 0.5 for row in rows)
    assert not any(tmp_path.iterdir())


def test_a_student_is_the_same_in_any_pack(tmp_path):
    pack = STUDY.packs("smoke")[0]
    alone = STUDY.run_pack([pack[-1]], "cpu", tmp_path)[0]
    together = STUDY.run_pack(pack, "cpu", tmp_path)[-1]
    for name, value in alone.metrics.items():
        assert abs(value - together.metrics[name]) <= 3 / 24, name  # rounding may move a point or two across a boundary


def test_scales_name_the_papers_numbers():
    paper = STUDY.grid("paper")
    published = [s for s in paper if s.published_seed == 13]
    assert {(s.classes, s.hidden, s.tau, s.student_lr, s.student_steps, s.teacher_steps) for s in paper} == {
        (3, 150, 10.0, 1e-3, 4000, 4000),
        (20, 300, 20.0, 1e-2, 4000, 8000),
    }
    assert len(published) == 20 and len(set(paper)) == len(paper) == 20 + 2 * 40 * 2 * 2
    assert {s.rho for s in paper} == {0.6} and study.students_part(paper[0]) == 36
    assert len(STUDY.grid("quick", seeds=2)) == 8
    assert STUDY.flops(STUDY.packs("paper")[0]) == pytest.approx(6.6e9, rel=0.15)  # the spec's 6.6e9


def test_data_do_not_depend_on_what_is_done_with_them():
    one, other = study.QUICK_1, dataclasses.replace(study.QUICK_1, rho=0.8, tau=3.0, labels="hard", student_lr=0.1)
    for ours, theirs in zip(study.draw(one)[:3], study.draw(other)[:3], strict=True):
        assert torch.equal(ours, theirs)
    assert torch.equal(study.draw(one)[4]["weight1"], study.draw(other)[4]["weight1"])
    assert not torch.equal(study.draw(one)[4]["weight1"], study.draw(one)[3]["weight1"])  # independent of the teacher


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"rho": 1.0}, "take 0 < ρ < 1"), ({"rho": 0.0}, "take 0 < ρ < 1"), ({"tau": 0.0}, "temperature"),
        ({"labels": "sfot"}, "'labels' is one of 'hard', 'soft', not 'sfot'"),
    ],
)  # fmt: skip
def test_bad_settings(changed, says, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "train", lambda *_, **__: pytest.fail("it trained"))
    with pytest.raises(SoftLabelsError, match=says):
        STUDY.run_pack([dataclasses.replace(study.SMOKE_1, **changed)], "cpu", tmp_path)


def test_the_published_stream_has_five_repeats():
    with pytest.raises(SoftLabelsError, match="repeats 0 … 4"):
        study.draw(dataclasses.replace(study.FIGURE_1, repeat=5))

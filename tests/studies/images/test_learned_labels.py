"""Table 3's students: whose labels they have, what chooses among learned ones, and what these are compared with."""

from dataclasses import replace

import pytest
import torch

from softlabels import labels
from softlabels.errors import SoftLabelsError
from softlabels.studies import learned_labels
from softlabels.studies.images.defaults import SMOKE
from softlabels.studies.images.task import ImageTask
from softlabels.studies.learned_labels import BPTT, LEARNED_LABELS, MTT, SHORT, of_kind

SOFT = of_kind(SMOKE.soft(1, teacher_epoch=2), teachers=1)
LEARNED = of_kind(SMOKE.soft(1, teacher_epoch=0), **BPTT | SHORT | {"unroll": 3, "window": 2})


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    return ImageTask("noisy digits", "cpu", tmp_path_factory.mktemp("cache"))


def targets(s, task):
    (own,) = learned_labels.training_sets([s], task)
    return own.targets


def test_several_teachers_give_their_mean_label(task):
    each = [targets(replace(SOFT, teacher=t), task) for t in range(3)]
    assert torch.equal(targets(SOFT, task), task.training_set(SMOKE.soft(1, teacher_epoch=2)).targets)
    torch.testing.assert_close(targets(replace(SOFT, teachers=3), task), torch.stack(each).mean(0))
    hard = of_kind(SMOKE.hard(1), teachers=0)
    assert torch.equal(targets(hard, task), labels.harden(torch.arange(10), 10))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"labels": "cutmix"}, "'labels' is one of 'hard', 'soft', 'bptt', 'mtt', not 'cutmix'"),
        ({"top": 2}, "labels are not cut, exchanged"),
        ({"swapped": 2}, "labels are not cut, exchanged"),
        ({"selection": "decile 1"}, "Images are random real ones"),
        ({"tau": 0.0}, "temperature must be a positive number"),
        ({"compared": ""}, "Epochs to compare with lie in 0"),
        ({"compared": "1 two"}, "given was '1 two'"),
        ({"compared": "1 999"}, "given was '1 999'"),
    ],
)
def test_settings_that_are_not_heeded_or_not_there(changed, says):
    with pytest.raises(SoftLabelsError, match=says):
        learned_labels.check(replace(LEARNED, **changed), 10)
    learned_labels.check(LEARNED, 10)


def test_what_chooses_is_neither_the_students_nor_learned_from(task):
    seen, held_out = learned_labels.parts(LEARNED, task)
    own, n = task.data.ipc_rows(1, LEARNED.draw), len(task.data.train)
    assert len(held_out) == n // 5 and len(seen) + len(held_out) == n
    assert not torch.isin(held_out, own).any() and not torch.isin(held_out, seen).any()
    drawn = learned_labels.real_images([replace(LEARNED, real_images=400)], task)
    images, classes = drawn([torch.Generator().manual_seed(0)])
    known = {image.numpy().tobytes() for image in task.data.train.images[seen]}
    assert images.shape == (1, 400, 1, 8, 8) and classes.shape == (1, 400)
    assert all(image.numpy().tobytes() in known for image in images[0])


@pytest.mark.parametrize("way", [BPTT | {"unroll": 3}, MTT | {"unroll": 2, "matched_epochs": 1, "latest_epoch": 1}])
def test_each_draw_learns_as_if_it_were_alone(way, task):
    s = of_kind(SMOKE.soft(1, teacher_epoch=0), **way | SHORT | {"window": 2})
    fleet = [replace(s, draw=draw) for draw in (42, 43)]
    together = [own.targets for own in learned_labels.training_sets(fleet, task)]
    for one, own in zip(fleet, together, strict=True):
        torch.testing.assert_close(targets(one, task), own)
        assert not torch.equal(own, labels.harden(torch.arange(10), 10)) and (own >= 0).all()


def test_a_teachers_own_labels_are_at_no_distance_from_it(task):
    given = learned_labels.mean_label(LEARNED, 1, learned_labels.ENSEMBLE, task)
    metrics, curves = learned_labels.compared_with_teachers(LEARNED, given, task)
    assert metrics["nearest_epoch"] == 1 and metrics["nearest_distance"] == pytest.approx(0, abs=1e-9)
    assert metrics["label_sum"] == pytest.approx(1)
    assert [epoch for epoch, _ in curves["distance"]] == [0, 1, 2]
    values = {name: dict(points) for name, points in curves.items()}
    assert values["last tempered"][1] > 1e-6 and values["rest shuffled"][1] > 1e-6
    assert values["last tempered"][2] == pytest.approx(values["distance"][2])  # the last epoch, left as it is
    assert values["distance"][0] == pytest.approx(sum(values[f"image {i}"][0] for i in range(10)) / 10)
    assert 0 <= min(values["scaled"].values()) and max(values["scaled"].values()) <= 1


def test_the_accuracy_of_several_teachers_is_that_of_their_mean_label(task):
    assert learned_labels.accuracy_together(SOFT, task) == task.teacher_accuracy(SOFT)
    assert learned_labels.accuracy_together(replace(SOFT, teachers=6), task) > 0


def test_learned_labels_are_counted_and_kept_whole():
    packs = LEARNED_LABELS.packs("quick")
    assert {len({run.ipc for run in pack}) for pack in packs} == {1}
    learned, given = ([pack for pack in packs if (pack[0].labels in ("bptt", "mtt")) is of] for of in (True, False))
    assert min(map(LEARNED_LABELS.flops, learned)) > max(map(LEARNED_LABELS.flops, given))
    assert all(LEARNED_LABELS.bytes(pack) > 0 for pack in packs)

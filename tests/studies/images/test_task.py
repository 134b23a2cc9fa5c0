"""What a student of paper Q sees: its images, its labels, and what they take to store."""

from dataclasses import replace

import pytest
import torch

from softlabels import labels
from softlabels.errors import SoftLabelsError
from softlabels.models import convnet
from softlabels.studies.images import teachers
from softlabels.studies.images.defaults import DIGITS, SMOKE
from softlabels.studies.images.settings import teacher_of
from softlabels.studies.images.task import ImageTask, mean_entropy, stored_bytes, treated_labels

SOFT = SMOKE.soft(2)


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    return ImageTask("noisy digits", "cpu", tmp_path_factory.mktemp("cache"))


def shown(training_set):
    return training_set.batches_of(torch.arange(len(training_set.classes)))


def test_images_of_a_draw_with_the_teachers_answers(task):
    training_set = task.training_set(SOFT)
    rows = task.data.ipc_rows(2, 42)
    assert torch.equal(shown(training_set), task.data.train.images[rows])
    assert training_set.classes.tolist() == [c for c in range(10) for _ in range(2)]
    teacher = teachers.weights_after(teacher_of(SOFT), [2], "cpu", task.cache_folder)[2]
    said = convnet.logits({name: tensor[None] for name, tensor in teacher.items()}, shown(training_set))[0]
    torch.testing.assert_close(training_set.targets, labels.soften(said, 1.0), rtol=1e-4, atol=1e-5)
    warm = task.training_set(replace(SOFT, tau=3.0, seed=7))
    torch.testing.assert_close(warm.targets, labels.soften(said, 3.0), rtol=1e-4, atol=1e-5)
    assert torch.equal(shown(warm), shown(training_set))
    assert not torch.equal(shown(task.training_set(replace(SOFT, draw=43))), shown(training_set))


def test_hard_and_random_labels_ask_no_teacher(task):
    hard = task.training_set(SMOKE.hard(2))
    assert torch.equal(hard.targets, labels.harden(hard.classes, 10)) and task.teacher_accuracy(SMOKE.hard(2)) == 0
    random = SMOKE.hard(2, labels="random soft", certainty=0.8)
    assert float(task.training_set(random).targets.amax(1).min()) == pytest.approx(0.8)
    assert not torch.equal(task.training_set(random).targets, task.training_set(replace(random, seed=1)).targets)
    assert task.teacher_accuracy(SOFT) > 0


def test_fair_baselines(task):
    """Smoothed hard labels ask no teacher; the teacher's class and class means are read off its own answers."""
    smoothed = task.training_set(SMOKE.hard(2, labels="smoothed hard", certainty=0.82))
    own = torch.nn.functional.one_hot(smoothed.classes, 10).bool()
    assert torch.equal(smoothed.targets, torch.where(own, 0.82, (1 - 0.82) / 9))
    assert task.teacher_accuracy(SMOKE.hard(2, labels="smoothed hard", certainty=0.82)) == 0

    soft, named = task.training_set(SOFT), task.training_set(replace(SOFT, labels="teacher's class"))
    assert torch.equal(named.targets, labels.harden(soft.targets.argmax(1), 10))
    assert not torch.equal(named.targets, labels.harden(soft.classes, 10))  # this teacher is often wrong

    teacher = teachers.weights_after(teacher_of(SOFT), [2], "cpu", task.cache_folder)[2]
    network = {name: tensor[None] for name, tensor in teacher.items()}
    train = task.data.train
    said = labels.soften(convnet.logits(network, train.images)[0], 3.0)
    s = replace(SOFT, labels="class mean", tau=3.0)
    mean = task.training_set(s)
    for label, target in zip(mean.classes, mean.targets, strict=True):
        torch.testing.assert_close(target, said[train.classes == label].mean(0), rtol=1e-4, atol=1e-5)
    assert task.teacher_accuracy(s) == task.teacher_accuracy(SOFT) > 0
    assert torch.equal(shown(mean), shown(soft))
    assert torch.equal(task.training_set(replace(s, draw=43)).targets, mean.targets)  # of all images, not of the draw


@pytest.mark.parametrize(
    ("changed", "treatment"),
    [
        ({"top": 3}, lambda t, _: labels.top_k(t, 3)),
        ({"top": 3, "renormalised": True}, lambda t, _: labels.top_k(t, 3, renormalise=True)),
        ({"swapped": 2}, lambda t, _: labels.swap_rank(t, 2)),
        (
            {"removal": "labels", "removed": "3 8"},
            lambda t, y: labels.remove_entry(labels.remove_entry(t, y, 3), y, 8),
        ),
        ({}, lambda t, _: t),
    ],
)
def test_each_treatment(changed, treatment):
    classes = torch.arange(10).repeat(3)
    logits = torch.randn(30, 10, generator=torch.Generator().manual_seed(0))
    found = treated_labels(replace(SOFT, **changed), classes, 10, logits)
    torch.testing.assert_close(found, treatment(labels.soften(logits, 1.0), classes))


def test_treatments_by_chance_are_each_students_own():
    classes, logits = torch.arange(10), torch.randn(10, 10, generator=torch.Generator().manual_seed(0))
    for changed in ({"shuffled": True}, {"noise_share": 0.5, "noise_amount": 0.3}):
        s = replace(SOFT, **changed)
        found = treated_labels(s, classes, 10, logits)
        assert torch.equal(found, treated_labels(s, classes, 10, logits))
        assert not torch.equal(found, treated_labels(replace(s, seed=1), classes, 10, logits))
        assert not torch.equal(found, treated_labels(SOFT, classes, 10, logits))


def test_removing_images_leaves_the_column_in_the_other_labels(task):
    whole, rest = task.training_set(SOFT), task.training_set(replace(SOFT, removal="images", removed="0 9"))
    assert torch.equal(rest.classes, whole.classes[2:-2]) and torch.equal(rest.targets, whole.targets[2:-2])
    assert torch.equal(shown(rest), shown(whole)[2:-2])


def test_images_of_a_tenth(task):
    easy, hard = (task.training_set(replace(SOFT, selection=f"decile {i}")) for i in (1, 10))
    own = [float(training_set.targets.gather(1, training_set.classes[:, None]).mean()) for training_set in (easy, hard)]
    assert own[0] > own[1]  # the teacher that sorts them labels them too
    again = task.training_set(replace(SOFT, selection="decile 1", seed=5))
    assert torch.equal(shown(again), shown(easy))


def test_mixed_batches_are_labelled_as_they_are_mixed(task):
    training_set = task.training_set(replace(SOFT, labels="cutmix", augmentation="cutmix digits"))
    images = shown(training_set)
    torch.testing.assert_close(training_set.relabel(images), training_set.targets)
    pair = torch.stack([images, images.flip(0)])
    torch.testing.assert_close(
        training_set.relabel(pair), torch.stack([training_set.targets, training_set.targets.flip(0)])
    )


@pytest.mark.parametrize("source", ["inversion", "distribution matching"])
def test_made_images_are_of_every_class_and_always_the_same(task, source):
    s = replace(SOFT, images=source)
    training_set = task.training_set(s)
    assert shown(training_set).shape == (20, 1, 8, 8) and training_set.classes.tolist() == [
        c for c in range(10) for _ in range(2)
    ]
    other = ImageTask("noisy digits", "cpu", task.cache_folder)
    assert torch.equal(shown(other.training_set(replace(s, labels="hard", teacher_epoch=0))), shown(training_set))
    assert not torch.equal(shown(task.training_set(replace(s, draw=43))), shown(training_set))


def test_what_labels_take_to_store():
    hard, soft = DIGITS.hard(1), DIGITS.soft(1)
    assert stored_bytes(hard, 10, 10) == 20
    assert stored_bytes(soft, 10, 10) == 400
    assert stored_bytes(replace(soft, top=3), 10, 10) == 180
    assert stored_bytes(replace(soft, top=9), 10, 10) == 400  # then all of them take less
    assert stored_bytes(replace(soft, labels="cutmix"), 10, 10) == 400 * soft.epochs
    assert stored_bytes(replace(soft, labels="teacher's class"), 50, 10) == 100
    assert stored_bytes(replace(soft, labels="class mean"), 50, 10) == 100 + 400  # a class each, and ten labels


def test_mean_entropy_of_labels_with_holes():
    assert mean_entropy(torch.tensor([[0.25, 0.25, 0.0, 0.0]])) == pytest.approx(0.693147, rel=1e-5)
    assert mean_entropy(torch.zeros(2, 3)) == 0


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"labels": "softer"}, "labels are one of hard, smoothed hard, random soft, soft, .*, not 'softer'"),
        ({"labels": "smoothed hard"}, "'smoothed hard' and certainty 0.0 do not go together"),
        ({"certainty": 0.9}, "'soft' and certainty 0.9 do not go together; only smoothed hard and random soft"),
        ({"labels": "teacher's class", "tau": 2.0}, "it takes τ = 1, not 2.0"),
        ({"images": "dreams"}, "images are one of real"),
        ({"removal": "both"}, "removal are one of none"),
        ({"selection": "decile 11"}, '"decile 1" … "decile 10", not \'decile 11\''),
        ({"removal": "labels"}, "do not go together"),
        ({"removal": "labels", "removed": "10"}, "lie in 0 … 9"),
        *(
            ({"labels": "cutmix"} | treatment, "CutMix labels are new in every batch")
            for treatment in (
                {"top": 3},
                {"swapped": 2},
                {"shuffled": True},
                {"noise_share": 0.5},
                {"removal": "labels", "removed": "1"},
            )
        ),
        ({"evaluations": 9}, "evaluated 1 to 4 times"),
        ({"tau": 0.0}, "temperature must be a positive number"),
        ({"top": 0}, "Of 10 entries 1 to 10 stay"),
        ({"swapped": 10}, "one of rank 1 to 9 is exchanged"),
        ({"noise_share": 1.5}, "shares of noise lie in 0 … 1"),
        ({"labels": "random soft", "certainty": 1.5}, "not 1.5 sure of one"),
        ({"labels": "smoothed hard", "certainty": 0.05}, "smoothed ones are 1/10 to 1"),
        ({"labels": "cutmix"}, "'cutmix' and augmentation 'none' do not go together"),
        ({"augmentation": "cutmix digits"}, "'soft' and augmentation 'cutmix digits' do not go together"),
        ({"selection": "decile 1", "teacher_epoch": 0}, "tenths after training, not at epoch 0"),
        ({"teacher_epoch": 3}, "A teacher of 2 epochs has been asked for epochs"),
    ],
)
def test_bad_settings(task, changed, says):
    with pytest.raises(SoftLabelsError, match=says):
        task.training_set(replace(SOFT, **changed))

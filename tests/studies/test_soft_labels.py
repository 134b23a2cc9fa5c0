"""What a student of paper Q sees: its images, its labels, and what they take to store."""

from dataclasses import replace

import pytest
import torch

from softlabels import labels
from softlabels.errors import SoftLabelsError
from softlabels.models import convnet
from softlabels.studies import image_teachers, soft_labels
from softlabels.studies.image_scales import DIGITS, SMOKE

SOFT = SMOKE.soft(2)


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    return soft_labels.School("noisy digits", "cpu", tmp_path_factory.mktemp("cache"))


def shown(lesson):
    return lesson.batches_of(torch.arange(len(lesson.classes)))


def test_images_of_a_draw_with_the_teachers_answers(school):
    lesson = school.lesson(SOFT)
    rows = school.data.ipc_rows(2, 42)
    assert torch.equal(shown(lesson), school.data.train.images[rows])
    assert lesson.classes.tolist() == [c for c in range(10) for _ in range(2)]
    teacher = image_teachers.teachers(soft_labels.teacher_of(SOFT), [2], "cpu", school.cache_folder)[2]
    said = convnet.logits({name: tensor[None] for name, tensor in teacher.items()}, shown(lesson))[0]
    torch.testing.assert_close(lesson.targets, labels.soften(said, 1.0), rtol=1e-4, atol=1e-5)
    warm = school.lesson(replace(SOFT, tau=3.0, seed=7))
    torch.testing.assert_close(warm.targets, labels.soften(said, 3.0), rtol=1e-4, atol=1e-5)
    assert torch.equal(shown(warm), shown(lesson))
    assert not torch.equal(shown(school.lesson(replace(SOFT, draw=43))), shown(lesson))


def test_hard_and_random_labels_ask_no_teacher(school):
    hard = school.lesson(SMOKE.hard(2))
    assert torch.equal(hard.targets, labels.harden(hard.classes, 10)) and school.teacher_accuracy(SMOKE.hard(2)) == 0
    random = SMOKE.hard(2, labels="random soft", certainty=0.8)
    assert float(school.lesson(random).targets.amax(1).min()) == pytest.approx(0.8)
    assert not torch.equal(school.lesson(random).targets, school.lesson(replace(random, seed=1)).targets)
    assert school.teacher_accuracy(SOFT) > 0


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
    answers = torch.randn(30, 10, generator=torch.Generator().manual_seed(0))
    found = soft_labels.label(replace(SOFT, **changed), classes, 10, answers)
    torch.testing.assert_close(found, treatment(labels.soften(answers, 1.0), classes))


def test_treatments_by_chance_are_each_students_own():
    classes, answers = torch.arange(10), torch.randn(10, 10, generator=torch.Generator().manual_seed(0))
    for changed in ({"shuffled": True}, {"noise_share": 0.5, "noise_amount": 0.3}):
        s = replace(SOFT, **changed)
        found = soft_labels.label(s, classes, 10, answers)
        assert torch.equal(found, soft_labels.label(s, classes, 10, answers))
        assert not torch.equal(found, soft_labels.label(replace(s, seed=1), classes, 10, answers))
        assert not torch.equal(found, soft_labels.label(SOFT, classes, 10, answers))


def test_removing_images_leaves_the_column_in_the_other_labels(school):
    whole, rest = school.lesson(SOFT), school.lesson(replace(SOFT, removal="images", removed="0 9"))
    assert torch.equal(rest.classes, whole.classes[2:-2]) and torch.equal(rest.targets, whole.targets[2:-2])
    assert torch.equal(shown(rest), shown(whole)[2:-2])


def test_images_of_a_tenth(school):
    easy, hard = (school.lesson(replace(SOFT, selection=f"decile {i}")) for i in (1, 10))
    own = [float(lesson.targets.gather(1, lesson.classes[:, None]).mean()) for lesson in (easy, hard)]
    assert own[0] > own[1]  # the teacher that sorts them labels them too
    again = school.lesson(replace(SOFT, selection="decile 1", seed=5))
    assert torch.equal(shown(again), shown(easy))


def test_mixed_batches_are_labelled_as_they_are_mixed(school):
    lesson = school.lesson(replace(SOFT, labels="cutmix", augmentation="cutmix digits"))
    images = shown(lesson)
    torch.testing.assert_close(lesson.relabel(images), lesson.targets)
    pair = torch.stack([images, images.flip(0)])
    torch.testing.assert_close(lesson.relabel(pair), torch.stack([lesson.targets, lesson.targets.flip(0)]))


@pytest.mark.parametrize("source", ["inversion", "distribution matching"])
def test_made_images_are_of_every_class_and_always_the_same(school, source):
    s = replace(SOFT, images=source)
    lesson = school.lesson(s)
    assert shown(lesson).shape == (20, 1, 8, 8) and lesson.classes.tolist() == [c for c in range(10) for _ in range(2)]
    other = soft_labels.School("noisy digits", "cpu", school.cache_folder)
    assert torch.equal(shown(other.lesson(replace(s, labels="hard", teacher_epoch=0))), shown(lesson))
    assert not torch.equal(shown(school.lesson(replace(s, draw=43))), shown(lesson))


def test_what_labels_take_to_store():
    hard, soft = DIGITS.hard(1), DIGITS.soft(1)
    assert soft_labels.stored_bytes(hard, 10, 10) == 20
    assert soft_labels.stored_bytes(soft, 10, 10) == 400
    assert soft_labels.stored_bytes(replace(soft, top=3), 10, 10) == 180
    assert soft_labels.stored_bytes(replace(soft, top=9), 10, 10) == 400  # then all of them take less
    assert soft_labels.stored_bytes(replace(soft, labels="cutmix"), 10, 10) == 400 * soft.epochs


def test_mean_entropy_of_labels_with_holes():
    assert soft_labels.mean_entropy(torch.tensor([[0.25, 0.25, 0.0, 0.0]])) == pytest.approx(0.693147, rel=1e-5)
    assert soft_labels.mean_entropy(torch.zeros(2, 3)) == 0


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"labels": "softer"}, "labels are one of hard, soft, cutmix, random soft, not 'softer'"),
        ({"images": "dreams"}, "images are one of real"),
        ({"removal": "both"}, "removal are one of none"),
        ({"selection": "decile 11"}, '"decile 1" … "decile 10", not \'decile 11\''),
        ({"removal": "labels"}, "do not go together"),
        ({"removal": "labels", "removed": "10"}, "lie in 0 … 9"),
        ({"evaluations": 9}, "evaluated once to 4 times"),
        ({"tau": 0.0}, "temperature must be a positive number"),
        ({"top": 0}, "not 0"),
        ({"teacher_epoch": 3}, "A teacher of 2 epochs has been asked for epochs"),
    ],
)
def test_bad_settings(school, changed, says):
    with pytest.raises(SoftLabelsError, match=says):
        school.lesson(replace(SOFT, **changed))

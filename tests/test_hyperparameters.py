"""Table 7, as printed, and what contradicts it."""

import itertools

import pytest

from softlabels.errors import SoftLabelsError
from softlabels.hyperparameters import CHOICES, Choice, chosen


def test_the_table_has_its_twenty_two_rows_once():
    keys = [(c.data, c.teacher, c.ipc) for c in CHOICES]
    assert len(keys) == len(set(keys)) == 22


@pytest.mark.parametrize(
    ("data", "ipc", "teacher", "printed"),
    [
        ("tiny-imagenet", 1, None, (1e-2, 1e-2, 11, 19.2)),
        ("tiny-imagenet", 100, None, (1e-2, 1e-1, 102, 38.8)),
        ("cifar100", 10, None, (1e-2, 1e-2, 36, 47.6)),
        ("cifar10", 50, None, (5e-4, 1e-2, 128, 74.9)),
        ("imagenet", 10, "ResNet18", (5e-4, 5e-3, 43, 35.8)),
        ("imagenet", 200, "ResNet50", (1e-1, 2e-3, 61, 73.3)),
    ],
)
def test_rows_as_printed(data, ipc, teacher, printed):
    found = chosen(data, ipc, teacher)
    assert (found.teacher_lr, found.student_lr, found.teacher_epoch, found.teacher_accuracy) == printed


def test_epochs_and_accuracies_do_not_fall_with_more_images_at_one_learning_rate():
    def rate(choice):
        return choice.data, choice.teacher, choice.teacher_lr

    for _, rows in itertools.groupby(CHOICES, rate):
        rows = list(rows)
        for less, more in itertools.pairwise(rows):
            assert less.ipc < more.ipc
            assert less.teacher_epoch <= more.teacher_epoch and less.teacher_accuracy <= more.teacher_accuracy


def test_every_conflict_is_about_a_field_and_says_another_value():
    names = set(Choice.__dataclass_fields__)
    for choice in CHOICES:
        for conflict in choice.conflicts:
            assert conflict.field in names and conflict.where
            assert conflict.value != getattr(choice, conflict.field)
    fields = {(c.data, c.ipc, x.field) for c in CHOICES for x in c.conflicts}
    assert {
        ("tiny-imagenet", 1, "student_epochs"),
        ("cifar100", 50, "teacher_epoch"),
        ("imagenet", 1, "student_lr"),
    } <= fields


def test_an_epoch_no_source_names_is_not_invented():
    assert chosen("tiny-imagenet", 1).student_epochs == 1000
    assert [c.student_epochs for c in CHOICES if c.data == "tiny-imagenet"][1:] == [None] * 3
    assert all(c.epochs_from for c in CHOICES)


def test_files_of_resnets_are_numbered_from_zero():
    assert chosen("imagenet", 50, "ResNet18").completed_epochs == 31
    assert chosen("tiny-imagenet", 1).completed_epochs == 11


def test_a_row_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(SoftLabelsError, match="0 rows of cifar100 at IPC 5 .*cifar100 ConvNetD3 IPC 10"):
        chosen("cifar100", 5)
    with pytest.raises(SoftLabelsError, match="2 rows of imagenet"):
        chosen("imagenet", 1)

"""Paper Q's table 7, the hyperparameters of each data set and number of images per class (IPC), and its conflicts.

Every value is the printed one. `conflicts` name other values, from the official code's sample commands, from other
tables or from an independent reproduction's logs. The student's epochs E are not in the table; they come from the
sample commands. The teacher's epochs are completed epochs for ConvNets, where 0 is the initialisation. For ImageNet's
ResNets they are numbers of checkpoint files, which begin at 0: one more epoch has been completed.
"""

import dataclasses

from softlabels.errors import SoftLabelsError

COMMANDS = "the official code's sample commands"


@dataclasses.dataclass(frozen=True)
class Conflict:
    """Another value of one field of a choice, and who has it."""

    field: str
    value: float | str
    where: str


@dataclasses.dataclass(frozen=True)
class Choice:
    """One row of table 7. Accuracy in percent, as printed."""

    data: str
    teacher: str  # architecture; the student has the same, except among ResNets (table 1)
    ipc: int  # images per class
    teacher_lr: float
    student_lr: float
    teacher_epoch: int  # where the teacher is stopped (paper's e); of ResNets the number of the checkpoint file
    teacher_accuracy: float  # on the test set, at that epoch
    student_epochs: int | None  # E; None where no source says it
    epochs_from: str  # the source of E, or why E is not known
    conflicts: tuple[Conflict, ...] = ()

    @property
    def completed_epochs(self) -> int:
        """Epochs that the teacher has trained."""
        return self.teacher_epoch + self.teacher.startswith("ResNet")


# data, teacher, IPC, teacher's learning rate, student's, teacher's epoch, its test accuracy at that epoch
PRINTED = (
    ("imagenet", "ResNet18", 1, 5e-4, 1e-3, 11, 17.3),
    ("imagenet", "ResNet18", 10, 5e-4, 5e-3, 43, 35.8),
    ("imagenet", "ResNet18", 50, 1e-1, 5e-3, 30, 60.9),
    ("imagenet", "ResNet18", 100, 1e-1, 5e-3, 34, 62.8),
    ("imagenet", "ResNet18", 200, 1e-1, 2e-3, 34, 62.8),
    ("imagenet", "ResNet50", 1, 5e-4, 1e-3, 9, 15.4),
    ("imagenet", "ResNet50", 10, 5e-4, 5e-3, 24, 31.0),
    ("imagenet", "ResNet50", 50, 1e-1, 5e-3, 30, 66.6),
    ("imagenet", "ResNet50", 100, 1e-1, 5e-3, 32, 68.6),
    ("imagenet", "ResNet50", 200, 1e-1, 2e-3, 61, 73.3),
    ("tiny-imagenet", "ConvNetD4", 1, 1e-2, 1e-2, 11, 19.2),
    ("tiny-imagenet", "ConvNetD4", 10, 1e-2, 1e-1, 50, 35.0),
    ("tiny-imagenet", "ConvNetD4", 50, 1e-2, 1e-1, 90, 38.1),
    ("tiny-imagenet", "ConvNetD4", 100, 1e-2, 1e-1, 102, 38.8),
    ("cifar100", "ConvNetD3", 1, 1e-2, 1e-2, 13, 33.1),
    ("cifar100", "ConvNetD3", 10, 1e-2, 1e-2, 36, 47.6),
    ("cifar100", "ConvNetD3", 50, 1e-2, 1e-2, 125, 52.7),
    ("cifar100", "ConvNetD3", 100, 1e-2, 1e-2, 125, 52.7),
    ("cifar10", "ConvNetD3", 1, 5e-4, 1e-2, 20, 56.0),
    ("cifar10", "ConvNetD3", 10, 5e-4, 1e-2, 44, 65.1),
    ("cifar10", "ConvNetD3", 50, 5e-4, 1e-2, 128, 74.9),
    ("cifar10", "ConvNetD3", 100, 5e-4, 1e-2, 164, 76.5),
)

OTHER_FIGURES = f"{COMMANDS} for figures 3, 6 and 7"
FILE_NUMBERS = "epochs completed: files are numbered from 0 (a log in the repository's history: 60.9 % for model_30)"
REPRODUCED_RATE = f"{COMMANDS}; at 0.01 the independent reproduction's teacher follows the table: 31.9 % after epoch 13"

# which rows (data, teacher, IPC; None for any), and another value of one of their fields
CONFLICTS = (
    (("imagenet", None, None), Conflict("teacher_epoch", "one more", FILE_NUMBERS)),
    (("imagenet", None, None), Conflict("student_epochs", 300, "the protocol of table 1's CutMix labels")),
    (("imagenet", "ResNet18", 1), Conflict("student_lr", 5e-3, COMMANDS)),
    (("imagenet", "ResNet18", 1), Conflict("teacher_epoch", 17, COMMANDS)),
    (("tiny-imagenet", None, 1), Conflict("teacher_epoch", 7, OTHER_FIGURES)),
    (("tiny-imagenet", None, 1), Conflict("student_epochs", 3000, OTHER_FIGURES)),
    (("tiny-imagenet", None, None), Conflict("teacher", "ConvNetD3", "the official README's example, 60 epochs")),
    (("tiny-imagenet", None, 100), Conflict("teacher_accuracy", 38.5, "table 2's full training, which is less")),
    (("cifar100", None, None), Conflict("teacher_lr", 1e-3, REPRODUCED_RATE)),
    (("cifar100", None, 50), Conflict("teacher_epoch", 104, COMMANDS)),
    (("cifar10", None, None), Conflict("teacher_lr", 1e-3, COMMANDS)),
    (("cifar10", None, 100), Conflict("ipc", "none", "table 2 leaves this cell blank")),
)


def _choice(data: str, teacher: str, ipc: int, *printed) -> Choice:
    student_epochs, epochs_from = 3000, COMMANDS
    if data == "tiny-imagenet" and ipc == 1:
        student_epochs, epochs_from = 1000, f"{COMMANDS}, main result"
    elif data == "tiny-imagenet":
        student_epochs, epochs_from = None, "no source: the code's default is 3000, its command for IPC 1 has 1000"
    conflicts = tuple(
        conflict
        for (of_data, of_teacher, of_ipc), conflict in CONFLICTS
        if of_data == data and of_teacher in (None, teacher) and of_ipc in (None, ipc)
    )
    return Choice(data, teacher, ipc, *printed, student_epochs, epochs_from, conflicts)


CHOICES: tuple[Choice, ...] = tuple(_choice(*row) for row in PRINTED)


def chosen(data: str, ipc: int, teacher: str | None = None) -> Choice:
    """The row of table 7 of a data set and a number of images per class; ImageNet also needs the teacher.

    Raises SoftLabelsError where the table has no such row, or two.
    """
    rows = [c for c in CHOICES if (c.data, c.ipc) == (data, ipc) and teacher in (None, c.teacher)]
    if len(rows) != 1:
        known = ", ".join(f"{c.data} {c.teacher} IPC {c.ipc}" for c in CHOICES)
        raise SoftLabelsError(
            f"Table 7 has {len(rows)} rows of {data} at IPC {ipc} with teacher {teacher}; its rows are: {known}."
        )
    return rows[0]

"""What all of paper Q's grids begin with: a student's settings for each set of images, and how grids are made of them.

Learning rates and teacher's epochs of the photographs' full sizes are those of the paper's table 7. Where it leaves the
student's epochs open we take those of its published commands: 1000 on Tiny ImageNet, 3000 elsewhere; 300 for ResNets.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from softlabels.studies.soft_labels import Settings

PUBLISHED_DRAW = 42


@dataclass(frozen=True)
class Scale:
    """The settings of a student of one image set, by the number of images a class."""

    base: Settings
    training: dict[int, tuple[float, int]]  # ipc -> learning rate and epochs of the student
    hard_training: dict[int, tuple[float, int]] = field(default_factory=dict)  # where hard labels take others
    epochs: dict[int, int] = field(default_factory=dict)  # ipc -> the teacher's epoch, where a grid names none

    def soft(self, ipc: int, **changed) -> Settings:
        """A student of soft labels."""
        lr, epochs = self.training[ipc]
        own = {"ipc": ipc, "lr": lr, "epochs": epochs, "teacher_epoch": self.epochs.get(ipc, 0)}
        return replace(self.base, **own | changed)

    def hard(self, ipc: int, **changed) -> Settings:
        """A student of hard labels: nothing about a teacher matters, so it stands at what is neutral."""
        lr, epochs = self.hard_training.get(ipc, self.training[ipc])
        return self.soft(ipc, **{"labels": "hard", "teacher_epoch": 0, "lr": lr, "epochs": epochs} | changed)


SGD = {"optimiser": "sgd", "momentum": 0.9, "weight_decay": 5e-4, "schedule": "quarters"}
UNTREATED = {
    "selection": "random", "images": "real", "labels": "soft", "tau": 1.0, "renormalised": False, "swapped": 0,
    "shuffled": False, "certainty": 0.0, "noise_share": 0.0, "noise_amount": 0.0, "removal": "none", "removed": "none",
}  # fmt: skip


def base(data: str, network: str, c: int, teacher: tuple[float, int, int], **changed) -> Settings:
    """A student with nothing done to its labels; teacher: its learning rate, batch and epochs."""
    lr, batch, epochs = teacher
    of_teacher = {"teacher_network": network, "teacher_lr": lr, "teacher_batch": batch, "teacher_epochs": epochs}
    plain = {"ipc": 1, "draw": PUBLISHED_DRAW, "teacher": 0, "teacher_epoch": 0, "teacher_augmented": True, "top": c}
    how = {"lr": 0.1, "epochs": 1, "batch": 256, "augmentation": "dsa", "evaluations": 5, "seed": 0}
    return Settings(data=data, network=network, **UNTREATED | of_teacher | plain | how | SGD | changed)


# ---- quick: digits -------------------------------------------------------------------------------------------------

ON_DIGITS = {"augmentation": "none", "evaluations": 3}
DIGITS = Scale(
    base("noisy digits", "ConvNetD2 w16", 10, (0.05, 64, 40), **ON_DIGITS),
    training={1: (0.1, 150), 2: (0.1, 150), 5: (0.1, 150), 10: (0.1, 150), 20: (0.1, 100), 50: (0.1, 60)},
    epochs={1: 16, 2: 16, 5: 20, 10: 30, 20: 30, 50: 30},
)
CLEAN = replace(DIGITS, base=replace(DIGITS.base, data="clean digits"))  # whose teachers do not overfit
PAIRS = Scale(
    base("noisy digit pairs", "ConvNetD2 w16", 100, (0.1, 64, 40), **ON_DIGITS),
    training={1: (0.3, 100), 2: (0.3, 100), 5: (0.3, 60), 10: (0.3, 40)},
    epochs={1: 14, 2: 14, 5: 14, 10: 30},
)
SMOKE = Scale(
    replace(DIGITS.base, network="ConvNetD2 w4", teacher_network="ConvNetD2 w4", teacher_epochs=2, evaluations=2),
    training={1: (0.1, 4), 2: (0.1, 4)},
    epochs={1: 1, 2: 2},
)
CLEAN_SMOKE = replace(SMOKE, base=replace(SMOKE.base, data="clean digits"))

# ---- reduced: photographs on a CPU ---------------------------------------------------------------------------------

REDUCED_EPOCHS = {1: 600, 2: 300, 5: 200, 10: 150, 20: 100, 50: 60}
REDUCED = Scale(
    base("tiny-imagenet-32", "ConvNetD3 w64", 200, (0.05, 250, 40), batch=200, evaluations=2),
    # The rates with the best validation accuracy in `student_epochs`: IPC 1 and 2 as at 1, the others as at 10.
    training={ipc: (0.3 if ipc <= 2 else 0.4, epochs) for ipc, epochs in REDUCED_EPOCHS.items()},
    hard_training={ipc: (0.01 if ipc <= 2 else 0.05, epochs) for ipc, epochs in REDUCED_EPOCHS.items()},
    epochs={1: 5, 2: 5, 5: 10, 10: 20, 20: 20, 50: 40},
)

# ---- paper ---------------------------------------------------------------------------------------------------------

TINY = Scale(
    base("tiny-imagenet", "ConvNetD4 w128", 200, (1e-2, 256, 104)),
    training={1: (1e-2, 1000)} | dict.fromkeys((2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 40, 50, 100, 200), (0.1, 1000)),
    epochs={1: 11, 2: 11, 5: 11, 10: 50, 20: 50, 50: 90, 100: 102},
)
CIFAR100 = Scale(
    base("cifar100", "ConvNetD3 w128", 100, (1e-2, 256, 150)),
    training=dict.fromkeys((1, 10, 50, 100), (0.01, 3000)),
    epochs={1: 13, 10: 36, 50: 125, 100: 125},
)
CIFAR10 = Scale(
    base("cifar10", "ConvNetD3 w128", 10, (5e-4, 256, 400)),
    training=dict.fromkeys((1, 10, 50, 100), (0.01, 3000)),
    epochs={1: 20, 10: 44, 50: 128, 100: 164},
)
IMAGENET64 = Scale(
    base("imagenet64", "ConvNetD4 w128", 1000, (1e-2, 256, 20)),
    training={1: (1e-2, 3000), 2: (1e-2, 3000)},
    epochs={1: 10, 2: 10},
)
ADAMW = {"optimiser": "adamw", "momentum": 0.0, "weight_decay": 0.01, "schedule": "cosine"}
IMAGENET = Scale(
    base("imagenet", "ResNet18", 1000, (0.1, 256, 90), **ADAMW),
    training={1: (1e-3, 300), 10: (5e-3, 300), 50: (5e-3, 300), 100: (5e-3, 300), 200: (2e-3, 300)},
    epochs={1: 12, 10: 44, 50: 31, 100: 35, 200: 35},  # completed ones: the paper counts from 0
)


# ---- grids ---------------------------------------------------------------------------------------------------------

Part = tuple[Iterable[Settings], int, int]  # cells, how many draws of images, how many students of each


def grid(*parts: Part) -> Callable[[int | None], list[Settings]]:
    """A grid: every cell of each part for its draws and students. `seeds` asks for another number of draws."""

    def runs(seeds: int | None = None) -> list[Settings]:
        return list(dict.fromkeys(s for part in parts for s in students(*part, seeds)))

    return runs


def students(cells: Iterable[Settings], draws: int, of_each: int, seeds: int | None = None) -> list[Settings]:
    """Each cell with its images drawn `draws` times, `of_each` students a time; whole draws come one after another."""
    return [
        replace(cell, draw=PUBLISHED_DRAW + draw, seed=seed)
        for draw in range(seeds or draws)
        for cell in cells
        for seed in range(of_each)
    ]

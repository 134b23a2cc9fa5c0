"""One student of paper Q as the fields of a dataclass: its images, its labels and its training."""

from dataclasses import dataclass, replace

from softlabels.data import selection
from softlabels.errors import SoftLabelsError
from softlabels.labels import check_temperature
from softlabels.studies.images.teachers import Teacher

FROM_TEACHER = ("soft", "class mean", "teacher's class", "cutmix")  # the labels that a teacher gives
LABELS = ("hard", "smoothed hard", "random soft", *FROM_TEACHER)
WITH_CERTAINTY = ("smoothed hard", "random soft")  # these say how sure they are of the true class
IMAGES = ("real", "inversion", "distribution matching")
REMOVALS = ("none", "images", "labels")


@dataclass(frozen=True)
class Settings:
    """One student. A treatment that is not applied has its neutral value."""

    data: str  # name of an image set
    network: str  # the student's, as `networks` names them
    # images
    ipc: int  # images per class
    draw: int  # seed of their random choice; the published one is 42
    selection: str  # "random", or from one tenth of each class: "decile 1" (easiest) … "decile 10"
    images: str  # one of IMAGES
    # labels
    labels: str  # one of LABELS
    teacher: int  # its replicate; 0 for labels without a teacher
    teacher_epoch: int  # the epoch after which it labels; 0 for labels without a teacher
    teacher_network: str
    teacher_lr: float
    teacher_batch: int
    teacher_epochs: int  # of its complete training, after which images are inverted
    teacher_augmented: bool
    tau: float  # τ; the official code multiplies logits by 1/τ
    top: int  # K, how many of the largest entries stay; c leaves all
    renormalised: bool  # whether a cut label sums to 1 again
    swapped: int  # rank of the entry that is exchanged with the smallest; 0: none
    shuffled: bool  # whether all entries but the largest are shuffled
    certainty: float  # p on the true class, of WITH_CERTAINTY; else 0
    noise_share: float  # share of the labels that get noise, the most certain ones; 0: none
    noise_amount: float  # a, how much noise
    removal: str  # one of REMOVALS
    removed: str  # the classes that lose them, separated by spaces, or "none"
    # training
    lr: float
    epochs: int  # E
    batch: int
    optimiser: str
    momentum: float
    weight_decay: float
    schedule: str
    augmentation: str
    evaluations: int  # at equal distances, the last one at the end
    seed: int  # replicate of the student


@dataclass(frozen=True)
class Images:
    """Everything that the choice of a student's images depends on; equal values give equal images."""

    ipc: int
    draw: int
    selection: str
    images: str
    network: str | None  # whose features are matched
    teacher: Teacher | None  # which sorts the images into tenths, or is inverted


def images_of(s: Settings) -> Images:
    """The choice of a student's images."""
    network = teacher = None
    if s.images == "distribution matching":
        network = s.network
    elif s.images == "inversion":
        teacher = replace(teacher_of(s), epoch=s.teacher_epochs)
    elif s.selection != "random":
        teacher = teacher_of(s)
    return Images(s.ipc, s.draw, s.selection, s.images, network, teacher)


def teacher_of(s: Settings) -> Teacher:
    """A student's teacher, after the epoch at which it labels."""
    return Teacher(
        data=s.data, network=s.teacher_network, lr=s.teacher_lr, batch=s.teacher_batch, epochs=s.teacher_epochs,
        augmented=s.teacher_augmented, epoch=s.teacher_epoch, seed=s.teacher,
    )  # fmt: skip


def has_teacher(s: Settings) -> bool:
    """Whether a student's labels come from a teacher."""
    return s.labels in FROM_TEACHER


def removed_classes(s: Settings) -> list[int]:
    """The classes that lose their images or their label entries."""
    return [] if s.removed == "none" else [int(removed) for removed in s.removed.split()]


def check(s: Settings, c: int) -> None:
    """Raise SoftLabelsError for values that do not exist and for settings that contradict each other."""
    named = ("labels", s.labels, LABELS), ("images", s.images, IMAGES), ("removal", s.removal, REMOVALS)
    for name, value, allowed in named:
        if value not in allowed:
            raise SoftLabelsError(f"A student's {name} are one of {', '.join(allowed)}, not {value!r}.")
    if s.selection != "random" and s.selection not in {f"decile {i}" for i in range(1, selection.PARTS + 1)}:
        raise SoftLabelsError(f'A selection is "random" or "decile 1" … "decile 10", not {s.selection!r}.')
    if s.selection != "random" and s.images == "real" and s.teacher_epoch == 0:
        raise SoftLabelsError("A teacher sorts images into tenths after training, not at epoch 0.")
    check_temperature(s.tau)
    if not (1 <= s.top <= c and 0 <= s.swapped < c and 0 <= s.noise_share <= 1 and 0 <= s.noise_amount <= 1):
        raise SoftLabelsError(
            f"Of {c} entries 1 to {c} stay, one of rank 1 to {c - 1} is exchanged (0: none), and shares of noise lie "
            f"in 0 … 1; given were {s.top}, {s.swapped}, {s.noise_share} and {s.noise_amount}."
        )
    if (s.labels in WITH_CERTAINTY) != (s.certainty > 0):
        raise SoftLabelsError(
            f"Labels {s.labels!r} and certainty {s.certainty} do not go together; only {' and '.join(WITH_CERTAINTY)} "
            "labels have a certainty above 0."
        )
    if s.certainty > 1 or (s.labels == "smoothed hard" and s.certainty < 1 / c):
        raise SoftLabelsError(f"Labels of {c} classes are not {s.certainty} sure of one; smoothed ones are 1/{c} to 1.")
    if s.labels == "teacher's class" and s.tau != 1:
        raise SoftLabelsError(f"The teacher's class is the same at every temperature, so it takes τ = 1, not {s.tau}.")
    if s.labels == "cutmix" and (s.top != c or s.swapped or s.shuffled or s.noise_share or s.removal != "none"):
        raise SoftLabelsError(
            "CutMix labels are new in every batch, as the teacher gives them; they cannot be cut, exchanged, shuffled, "
            "mixed with noise or removed."
        )
    if (s.labels == "cutmix") != s.augmentation.startswith("cutmix"):
        raise SoftLabelsError(f"Labels {s.labels!r} and augmentation {s.augmentation!r} do not go together.")
    if (s.removal == "none") != (s.removed == "none"):
        raise SoftLabelsError(f"Removal {s.removal!r} and removed classes {s.removed!r} do not go together.")
    if not all(0 <= removed < c for removed in removed_classes(s)):
        raise SoftLabelsError(f"The classes that are removed lie in 0 … {c - 1}; given was {s.removed!r}.")
    if not 1 <= s.evaluations <= s.epochs:
        raise SoftLabelsError(f"A student of {s.epochs} epochs can be evaluated 1 to {s.epochs} times.")

"""What a student of paper Q sees: which images, and which labels they carry.

Letters: n images of one student, c classes, ch channels, h × w pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels, synthesis
from softlabels.data import selection
from softlabels.errors import SoftLabelsError
from softlabels.seeds import torch_stream
from softlabels.studies import image_teachers
from softlabels.studies.image_teachers import Teacher
from softlabels.training.grouped import Patches, patches
from softlabels.training.images import predict
from softlabels.training.precision import PLAIN

LABELS = ("hard", "soft", "cutmix", "random soft")
IMAGES = ("real", "inversion", "distribution matching")
REMOVALS = ("none", "images", "labels")
ENTRY, INDEX = 4, 2  # bytes that store a label's entry, and a class
KEPT = 64  # of a school's answers are remembered for the students to come
AT_HAND = 2**30  # bytes of images that are normalised once, not batch by batch


@dataclass(frozen=True)
class Settings:
    """One student: its images, its labels, its training. What is not asked for stands at its neutral value."""

    data: str  # name of an image set
    network: str  # the student's, as `image_teachers.Teacher` names networks
    # images
    ipc: int  # images a class
    draw: int  # which random choice of them; the published one is 42
    selection: str  # "random", or from one tenth of each class: "decile 1" (easiest) … "decile 10"
    images: str  # one of IMAGES
    # labels
    labels: str  # one of LABELS
    teacher: int  # its replicate; 0 where no teacher is asked
    teacher_epoch: int  # after which it labels; 0 where no teacher is asked
    teacher_network: str
    teacher_lr: float
    teacher_batch: int
    teacher_epochs: int  # of a fully trained one, which CutMix asks and inversion inverts
    teacher_augmented: bool
    tau: float  # τ; the official code multiplies logits by 1/τ
    top: int  # K, how many of the largest entries are kept; all c: nothing is cut
    renormalised: bool  # whether a cut label sums to 1 again
    swapped: int  # rank of the entry that changes places with the smallest; 0: none does
    shuffled: bool  # whether all entries but the largest are
    certainty: float  # p on the class, of random soft labels; else 0
    noise_share: float  # of the surest labels, blurred; 0 none
    noise_amount: float  # a, how much
    removal: str  # one of REMOVALS
    removed: str  # classes, separated by spaces, or "none"
    # training
    lr: float
    epochs: int  # E
    batch: int
    optimiser: str
    momentum: float
    weight_decay: float
    schedule: str
    augmentation: str
    evaluations: int  # times that it is evaluated, at equal distances, the last one at the end
    seed: int  # replicate of the student


@dataclass(frozen=True, eq=False)
class Lesson:
    """A student's images and labels."""

    batches_of: Callable[[Tensor], Tensor]  # indices (m,) -> normalised images (m, ch, h, w)
    classes: Tensor  # (n,), the true ones
    targets: Tensor  # (n, c)
    relabel: Callable[[Tensor], Tensor] | None = None  # a mixed batch (…, ch, h, w) -> labels (…, c)


def remembered(method: Callable) -> Callable:
    """A school's method that computes once for each argument; the oldest of KEPT results is forgotten first."""

    @wraps(method)
    def ask(self, *key):
        if (found := self.memory.get((method, key))) is None:
            found = self.memory[method, key] = method(self, *key)
            if len(self.memory) > KEPT:
                del self.memory[next(iter(self.memory))]
        return found

    return ask


class School:
    """The image set and the teachers of a pack's students; what several students ask is computed once."""

    def __init__(self, data: str, device: str, cache_folder: Path):
        self.device, self.cache_folder = device, cache_folder
        self.data = image_teachers.load(data, device, cache_folder)
        self.memory: dict[tuple, object] = {}

    @remembered
    def exam(self) -> tuple[Patches, Tensor]:
        """Validation and test images of a small set as fleets read them, and their classes (N,)."""
        parts = (self.data.validation, self.data.test)
        images = torch.cat([self.data.batch(part, slice(None), self.device) for part in parts])
        return patches(images), torch.cat([part.classes for part in parts])

    def lesson(self, s: Settings) -> Lesson:
        """What one student sees. Raises SoftLabelsError for settings that name nothing we have."""
        check(s, len(self.data.names))
        batches_of, classes = self.chosen(images_of(s))
        targets = label(s, classes, len(self.data.names), self._asked(s))
        if s.removal == "images":
            left = torch.ones_like(classes, dtype=torch.bool)
            for removed in removed_classes(s):
                left &= labels.remove_class(classes, removed)
            rows = left.nonzero().flatten()
            return Lesson(lambda some: batches_of(rows[some]), classes[rows], targets[rows])
        return Lesson(batches_of, classes, targets, self._relabel(s) if s.labels == "cutmix" else None)

    def teacher_accuracy(self, s: Settings) -> float:
        """Of a student's teacher on the test part; 0 where no teacher is asked."""
        return self.accuracy(teacher_of(s)) if asks_teacher(s) else 0.0

    def _asked(self, s):
        return self.answers(teacher_of(s), images_of(s)) if asks_teacher(s) else None

    @remembered
    def weights(self, teacher: Teacher) -> dict[str, Tensor]:
        found = image_teachers.teachers(teacher, [teacher.epoch], self.device, self.cache_folder)
        return found[teacher.epoch]

    def _module(self, teacher: Teacher):
        return image_teachers.module(teacher, self.weights(teacher), self.data, self.device)

    @remembered
    def answers(self, teacher: Teacher, key: tuple) -> Tensor:
        """A teacher's logits (n, c) on the images of `images_of`, in float32 whatever it was trained with."""
        batches_of, classes = self.chosen(key)
        return predict(self._module(teacher), batches_of, len(classes), self.device, PLAIN)

    @remembered
    def accuracy(self, teacher: Teacher) -> float:
        found = image_teachers.answers(teacher, self.weights(teacher), self.data, self.data.test, self.device)
        return float((found.argmax(-1) == self.data.test.classes).double().mean())

    @remembered
    def parts(self, teacher: Teacher) -> Tensor:
        """Which tenth of its class each training image belongs to, by this teacher's cross-entropy."""
        found = image_teachers.answers(teacher, self.weights(teacher), self.data, self.data.train, self.device)
        classes = self.data.train.classes
        return selection.deciles(-found.log_softmax(-1).gather(1, classes.unsqueeze(1)).squeeze(1), classes)

    @remembered
    def chosen(self, key: tuple) -> tuple[Callable, Tensor]:
        """Images, as a function of indices, and classes (n,), of the key that `images_of` makes."""
        s = dict(key)
        train, c = self.data.train, len(self.data.names)
        if s["images"] != "real":
            classes = torch.arange(c, device=self.device).repeat_interleave(s["ipc"])
            made = self._made(s, classes)
            return made.__getitem__, classes
        if s["selection"] == "random":
            rows = self.data.ipc_rows(s["ipc"], s["draw"])
        else:
            stream = torch_stream("images of a tenth", s["selection"], s["draw"])
            decile = int(s["selection"].removeprefix("decile "))
            rows = selection.of_decile(self.parts(s["teacher"]), train.classes, decile, s["ipc"], stream)
        rows = rows.to(self.device)
        if 4 * len(rows) * train.images[0].numel() <= AT_HAND:
            return self.data.batch(train, rows, self.device).__getitem__, train.classes[rows]
        return lambda some: self.data.batch(train, rows[some], self.device), train.classes[rows]

    def _made(self, s, classes):
        """Synthetic images (n, ch, h, w), normalised."""
        if s["images"] == "inversion":
            stream = torch_stream("images from noise", self.data.name, s["ipc"], s["draw"])
            return synthesis.invert(self._module(s["teacher"]), classes, self.data.train.images.shape[1:], stream)
        stream = torch_stream("images by matching", self.data.name, s["ipc"], s["draw"])
        real = self.data.batch(self.data.train, slice(None), self.device)
        shape = image_teachers.shape(s["network"], self.data)
        return synthesis.match_means(real, self.data.train.classes, shape, s["ipc"], stream)

    def _relabel(self, s):
        """What the teacher says about any batch, as labels."""
        ask = self._module(teacher_of(s))

        @torch.no_grad()
        def relabel(batch):
            found = ask(batch.flatten(0, -4)) if batch.ndim > 4 else ask(batch)
            return labels.soften(found.float().view(*batch.shape[:-3], -1), s.tau)

        return relabel


@lru_cache(maxsize=1)
def school(data: str, device: str, cache_folder: Path) -> School:
    """The school of an image set; the last one is kept for the packs to come."""
    return School(data, device, cache_folder)


def check(s: Settings, c: int) -> None:
    """Raises SoftLabelsError for settings that name nothing we have, or contradict each other."""
    for name, allowed in (("labels", LABELS), ("images", IMAGES), ("removal", REMOVALS)):
        if getattr(s, name) not in allowed:
            raise SoftLabelsError(f"A student's {name} are one of {', '.join(allowed)}, not {getattr(s, name)!r}.")
    if s.selection != "random" and s.selection not in {f"decile {i}" for i in range(1, selection.PARTS + 1)}:
        raise SoftLabelsError(f'A selection is "random" or "decile 1" … "decile 10", not {s.selection!r}.')
    if (s.removal == "none") != (s.removed == "none"):
        raise SoftLabelsError(f"Removal {s.removal!r} and removed classes {s.removed!r} do not go together.")
    if not all(0 <= removed < c for removed in removed_classes(s)):
        raise SoftLabelsError(f"The classes that are removed lie in 0 … {c - 1}; given was {s.removed!r}.")
    if not 1 <= s.evaluations <= s.epochs:
        raise SoftLabelsError(f"A student of {s.epochs} epochs is evaluated once to {s.epochs} times.")


def removed_classes(s: Settings) -> list[int]:
    """The classes that lose their images or their label entries."""
    return [] if s.removed == "none" else [int(removed) for removed in s.removed.split()]


def asks_teacher(s: Settings) -> bool:
    """Whether a student's labels come from a teacher."""
    return s.labels in ("soft", "cutmix")


def teacher_of(s: Settings) -> Teacher:
    """The teacher, after the epoch at which it labels."""
    return Teacher(
        s.data, s.teacher_network, s.teacher_lr, s.teacher_batch, s.teacher_epochs, s.teacher_augmented,
        s.teacher_epoch, s.teacher,
    )  # fmt: skip


def images_of(s: Settings) -> tuple:
    """What a student's images depend on, as pairs: students with equal ones share them."""
    key = {"ipc": s.ipc, "draw": s.draw, "selection": s.selection, "images": s.images}
    if s.images == "distribution matching":
        key["network"] = s.network
    elif s.images == "inversion":
        teacher = teacher_of(s)
        key["teacher"] = Teacher(**{**vars(teacher), "epoch": teacher.epochs})
    elif s.selection != "random":
        key["teacher"] = teacher_of(s)
    return tuple(key.items())


def label(s: Settings, classes: Tensor, c: int, answers: Tensor | None) -> Tensor:
    """The labels (n, c) of images of these classes (n,); answers (n, c) are the teacher's logits, where it is asked."""
    stream = torch_stream("label treatment", s.data, s.ipc, s.draw, s.teacher, s.seed)
    if s.labels == "hard":
        found = labels.harden(classes, c)
    elif s.labels == "random soft":
        found = labels.random_soft(classes, c, s.certainty, stream)
    else:
        found = labels.soften(answers, s.tau)
    if s.top != c:
        found = labels.top_k(found, s.top, s.renormalised)
    if s.swapped:
        found = labels.swap_rank(found, s.swapped)
    if s.shuffled:
        found = labels.shuffle_rest(found, stream)
    if s.noise_share:
        found = labels.mix_noise(found, s.noise_share, s.noise_amount, stream)
    for removed in removed_classes(s) if s.removal == "labels" else ():
        found = labels.remove_entry(found, classes, removed)
    return found


def mean_entropy(targets: Tensor) -> float:
    """Mean label entropy in nats; what has been cut from a label is left out and the rest taken to sum to 1."""
    share = targets / targets.sum(-1, keepdim=True).clamp_min(torch.finfo(targets.dtype).tiny)
    return float(labels.entropy(share).double().mean())


def stored_bytes(s: Settings, n: int, c: int) -> float:
    """What the labels of n images take to store: a class each, c entries, or K entries with their classes.

    CutMix needs c entries for each image and epoch.
    """
    if s.labels == "hard":
        return float(n * INDEX)
    a_label = min(c * ENTRY, s.top * (ENTRY + INDEX))
    return float(n * a_label * (s.epochs if s.labels == "cutmix" else 1))

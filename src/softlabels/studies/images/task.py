"""The training sets of paper Q's students: their images and labels.

Letters: n images of one student, c classes, ch channels, h × w pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels
from softlabels.data import selection
from softlabels.seeds import torch_stream
from softlabels.studies.images import networks, settings, synthesis, teachers
from softlabels.studies.images.settings import Images, Settings, removed_classes
from softlabels.studies.images.teacher_labels import mean_labels
from softlabels.studies.images.teachers import Teacher
from softlabels.training.grouped import Patches, patches
from softlabels.training.images import predict
from softlabels.training.precision import PLAIN

ENTRY, INDEX = 4, 2  # bytes that store a label's entry, and a class
REMEMBERED = 64  # results in a task's cache
NORMALISED_AT_ONCE = 2**30  # bytes; more images than this are normalised batch by batch


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """A student's images and labels."""

    batches_of: Callable[[Tensor], Tensor]  # indices (m,) -> normalised images (m, ch, h, w)
    classes: Tensor  # (n,), true classes
    targets: Tensor  # (n, c)
    relabel: Callable[[Tensor], Tensor] | None = None  # a mixed batch (…, ch, h, w) -> its labels (…, c)


def remembered(method: Callable) -> Callable:
    """Cache the results of a method of `ImageTask`; of more than REMEMBERED results the oldest is dropped."""

    @wraps(method)
    def compute_once(self, *arguments):
        key = method.__name__, arguments
        if key not in self.memory:
            self.memory[key] = method(self, *arguments)
            if len(self.memory) > REMEMBERED:
                del self.memory[next(iter(self.memory))]
        return self.memory[key]

    return compute_once


class ImageTask:
    """An image set and its teachers. What several students need is computed once."""

    def __init__(self, data: str, device: str, cache_folder: Path):
        self.device, self.cache_folder = device, cache_folder
        self.data = teachers.load(data, device, cache_folder)
        self.memory: dict[tuple, object] = {}

    def training_set(self, s: Settings) -> TrainingSet:
        """The images and labels of one student. Raises SoftLabelsError for settings that are not valid."""
        c = len(self.data.names)
        settings.check(s, c)
        batches_of, classes = self.images(settings.images_of(s))
        logits = means = None
        if s.labels == "class mean":
            means = self.class_means(settings.teacher_of(s), s.tau)
        elif settings.has_teacher(s):
            logits = self.logits(settings.teacher_of(s), settings.images_of(s))
        targets = treated_labels(s, classes, c, logits, means)
        if s.removal == "images":
            left = torch.ones_like(classes, dtype=torch.bool)
            for removed in removed_classes(s):
                left &= labels.remove_class(classes, removed)
            rows = left.nonzero().flatten()
            return TrainingSet(lambda some: batches_of(rows[some]), classes[rows], targets[rows])
        return TrainingSet(batches_of, classes, targets, self._relabel(s) if s.labels == "cutmix" else None)

    @remembered
    def evaluation_images(self) -> tuple[Patches, Tensor]:
        """The validation and test images of a small set as patches, which fleets read, and their classes (N,)."""
        parts = (self.data.validation, self.data.test)
        images = torch.cat([self.data.batch(part, slice(None), self.device) for part in parts])
        return patches(images), torch.cat([part.classes for part in parts])

    def teacher_accuracy(self, s: Settings) -> float:
        """Accuracy of a student's teacher on the test part; 0 for labels without a teacher."""
        return self.accuracy(settings.teacher_of(s)) if settings.has_teacher(s) else 0.0

    # ---- images ----------------------------------------------------------------------------------------------------

    @remembered
    def images(self, choice: Images) -> tuple[Callable, Tensor]:
        """The chosen images as a function of indices, as in `TrainingSet`, and their classes (n,)."""
        train, c = self.data.train, len(self.data.names)
        if choice.images != "real":
            classes = torch.arange(c, device=self.device).repeat_interleave(choice.ipc)
            return self._synthetic_images(choice, classes).__getitem__, classes
        if choice.selection == "random":
            rows = self.data.ipc_rows(choice.ipc, choice.draw)
        else:
            stream = torch_stream("images of a tenth", choice.selection, choice.draw)
            decile = int(choice.selection.removeprefix("decile "))
            rows = selection.of_decile(self.tenths(choice.teacher), train.classes, decile, choice.ipc, stream)
        rows = rows.to(self.device)
        if 4 * len(rows) * train.images[0].numel() <= NORMALISED_AT_ONCE:
            return self.data.batch(train, rows, self.device).__getitem__, train.classes[rows]
        return lambda some: self.data.batch(train, rows[some], self.device), train.classes[rows]

    def _synthetic_images(self, choice: Images, classes: Tensor) -> Tensor:
        """Images (n, ch, h, w), normalised, of these classes (n,)."""
        train = self.data.train
        if choice.images == "inversion":
            stream = torch_stream("images from noise", self.data.name, choice.ipc, choice.draw)
            return synthesis.invert(self._network(choice.teacher), classes, train.images.shape[1:], stream)
        stream = torch_stream("images by matching", self.data.name, choice.ipc, choice.draw)
        real = self.data.batch(train, slice(None), self.device)
        shape = networks.convnet_shape(choice.network, self.data)
        return synthesis.match_means(real, train.classes, shape, choice.ipc, stream)

    # ---- teachers --------------------------------------------------------------------------------------------------

    @remembered
    def weights(self, teacher: Teacher) -> dict[str, Tensor]:
        """A teacher's weights after its epoch."""
        epochs = teachers.weights_after(teacher, [teacher.epoch], self.device, self.cache_folder)
        return epochs[teacher.epoch]

    def _network(self, teacher: Teacher):
        return teachers.as_network(teacher, self.weights(teacher), self.data, self.device)

    @remembered
    def logits(self, teacher: Teacher, choice: Images) -> Tensor:
        """A teacher's logits (n, c) on the chosen images, in float32 even if it was trained in another type."""
        batches_of, classes = self.images(choice)
        return predict(self._network(teacher), batches_of, len(classes), self.device, PLAIN)

    @remembered
    def class_means(self, teacher: Teacher, tau: float) -> Tensor:
        """The mean of a teacher's labels over all training images of each class, (c, c): row = class.

        They are predicted in the type that the teacher was trained in, as is all that is said of a whole part.
        """
        logits = teachers.logits_on(teacher, self.weights(teacher), self.data, self.data.train, self.device)
        soft = labels.soften(logits, tau)
        return mean_labels(soft, self.data.train.classes, len(self.data.names)).float().to(self.device)

    @remembered
    def accuracy(self, teacher: Teacher) -> float:
        """A teacher's accuracy on the test part."""
        logits = teachers.logits_on(teacher, self.weights(teacher), self.data, self.data.test, self.device)
        return float((logits.argmax(-1) == self.data.test.classes).double().mean())

    @remembered
    def tenths(self, teacher: Teacher) -> Tensor:
        """The tenth of its class, 1 … 10, to which each training image belongs by this teacher's cross-entropy."""
        logits = teachers.logits_on(teacher, self.weights(teacher), self.data, self.data.train, self.device)
        classes = self.data.train.classes
        return selection.deciles(-logits.log_softmax(-1).gather(1, classes.unsqueeze(1)).squeeze(1), classes)

    def _relabel(self, s: Settings) -> Callable[[Tensor], Tensor]:
        """A function that labels any batch by the student's teacher."""
        network = self._network(settings.teacher_of(s))

        @torch.no_grad()
        def relabel(batch):
            logits = network(batch.flatten(0, -4)) if batch.ndim > 4 else network(batch)
            return labels.soften(logits.float().view(*batch.shape[:-3], -1), s.tau)

        return relabel


@lru_cache(maxsize=1)
def image_task(data: str, device: str, cache_folder: Path) -> ImageTask:
    """The task of an image set; the last one is cached for the next packs."""
    return ImageTask(data, device, cache_folder)


# ---- labels --------------------------------------------------------------------------------------------------------


def treated_labels(
    s: Settings, classes: Tensor, c: int, logits: Tensor | None = None, means: Tensor | None = None
) -> Tensor:  # fmt: skip
    """A student's labels (n, c) for images of these classes (n,).

    logits (n, c) are the teacher's, if it has one; means (c, c), its mean label of each class, stand in their place for
    labels of kind "class mean".
    """
    stream = torch_stream("label treatment", s.data, s.ipc, s.draw, s.teacher, s.seed)
    if s.labels == "hard":
        treated = labels.harden(classes, c)
    elif s.labels == "random soft":
        treated = labels.random_soft(classes, c, s.certainty, stream)
    elif s.labels == "smoothed hard":
        treated = labels.smooth(classes, c, s.certainty)
    elif s.labels == "teacher's class":
        treated = labels.harden(logits.argmax(-1), c)
    elif s.labels == "class mean":
        treated = means[classes]
    else:
        treated = labels.soften(logits, s.tau)
    if s.top != c:
        treated = labels.top_k(treated, s.top, s.renormalised)
    if s.swapped:
        treated = labels.swap_rank(treated, s.swapped)
    if s.shuffled:
        treated = labels.shuffle_rest(treated, stream)
    if s.noise_share:
        treated = labels.mix_noise(treated, s.noise_share, s.noise_amount, stream)
    if s.removal == "labels":
        for removed in removed_classes(s):
            treated = labels.remove_entry(treated, classes, removed)
    return treated


def mean_entropy(targets: Tensor) -> float:
    """Mean entropy in nats of labels (n, c), each divided by its sum, because entries may have been cut."""
    share = targets / targets.sum(-1, keepdim=True).clamp_min(torch.finfo(targets.dtype).tiny)
    return float(labels.entropy(share).double().mean())


def stored_bytes(s: Settings, n: int, c: int) -> float:
    """The bytes that store the labels of n images: a class each, c entries, or K entries with their classes.

    A mean label is stored once a class. CutMix needs new labels for each image in every epoch.
    """
    if s.labels in ("hard", "smoothed hard", "teacher's class"):
        return float(n * INDEX)
    one_label = min(c * ENTRY, s.top * (ENTRY + INDEX))
    if s.labels == "class mean":
        return float(n * INDEX + c * one_label)
    return float(n * one_label * (s.epochs if s.labels == "cutmix" else 1))

"""Labels that are learned while the images stay as they are, beside those of one teacher and of several.

Paper Q, table 3 and figures 8 and 12. The official code for it was never released.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels
from softlabels.code_hash import code_hash
from softlabels.errors import SoftLabelsError
from softlabels.models import convnet
from softlabels.seeds import torch_stream
from softlabels.studies.images import costs, networks, settings, students, teachers
from softlabels.studies.images.defaults import DIGITS, REDUCED, SMOKE, TINY, Defaults
from softlabels.studies.images.grids import Part, grid, replicates
from softlabels.studies.images.task import ImageTask, TrainingSet, image_task, mean_entropy
from softlabels.study import Row, Study, identity, one_of
from softlabels.training import distill
from softlabels.training.augmentation import augment_each
from softlabels.training.distill import Inner, Matching, Outer, Unroll
from softlabels.training.images import predict

HELD_OUT = 5  # one in five training images, none of them the student's, chooses among learned labels
LEARNED = ("bptt", "mtt")


@dataclass(frozen=True)
class Learned(settings.Settings):
    """One student of `images.settings` whose labels are hard, the mean of some teachers' ("soft"), or learned.

    What labels are learned with is 0 or empty where they are not.
    """

    teachers: int  # replicates `teacher` and the next ones: they label together, or their training is matched
    form: str  # of learned labels, see `distill.FORMS`
    outer_steps: int
    outer_lr: float
    checks: int  # how often the labels are tried on held-out images
    check_steps: int  # that a network trains on them for it
    inner_optimiser: str  # of the networks that the labels are learned through
    inner_lr: float
    inner_momentum: float
    inner_images: int  # 0: all of a set
    inner_augmentation: str
    unroll: int  # steps of one network on the labels
    window: int  # the last of them, which the gradient goes through
    random_window: bool
    real_images: int  # that such a network is tried on, of BPTT
    matched_epochs: int  # of MTT
    latest_epoch: int  # that it begins with
    compared: str  # epochs of six teachers whose labels learned ones are compared with, separated by spaces


NOT_LEARNED = {
    "form": "", "outer_steps": 0, "outer_lr": 0.0, "checks": 0, "check_steps": 0, "inner_optimiser": "",
    "inner_lr": 0.0, "inner_momentum": 0.0, "inner_images": 0, "inner_augmentation": "", "unroll": 0, "window": 0,
    "random_window": False, "real_images": 0, "matched_epochs": 0, "latest_epoch": 0, "compared": "",
}  # fmt: skip
ENSEMBLE = 6  # teachers


def run_pack(pack: list[Learned], device: str, cache: Path) -> list[Row]:
    """Learn the labels of a pack, where they are learned, and train every student on its own."""
    task, rows = image_task(pack[0].data, device, cache), {}
    for s in pack:
        check(s, len(task.data.names))
    for fleet in students.fleets(pack):
        sets = training_sets(fleet, task)
        train = students.train_together if networks.is_small(fleet[0].network) else students.train_alone
        correct, train_accuracy = train(fleet, sets, task)
        for r, (s, own) in enumerate(zip(fleet, sets, strict=True)):
            row = students.row_of(s, own, correct[:, r], train_accuracy[r], task, by_class=False)
            metrics, curves = {}, {}
            if s.labels in LEARNED:
                metrics, curves = compared_with_teachers(s, own.targets, task)
            elif s.teachers > 1:
                metrics = {"teacher_accuracy": accuracy_together(s, task)}
            rows[s] = replace(row, metrics=row.metrics | metrics, curves=curves)
    return [rows[s] for s in pack]


def check(s: Learned, c: int) -> None:
    """Raise SoftLabelsError for labels that do not exist, and for settings of other studies, which are not heeded."""
    one_of("labels", s.labels, ("hard", "soft", *LEARNED))
    plain = replace(
        s, selection="random", images="real", top=c, renormalised=False, swapped=0, shuffled=False, certainty=0.0,
        noise_share=0.0, noise_amount=0.0, removal="none", removed="none",
    )  # fmt: skip
    if s != plain:
        raise SoftLabelsError(
            "Images are random real ones here, and labels are not cut, exchanged, blurred or removed."
        )
    labels.check_temperature(s.tau)
    if s.labels in LEARNED:
        compared_epochs(s)


def compared_epochs(s: Learned) -> list[int]:
    """The teachers' epochs with whose labels learned ones are compared. Raises SoftLabelsError for others."""
    epochs = [int(epoch) for epoch in s.compared.split() if epoch.isdecimal()]
    if len(epochs) != len(s.compared.split()) or not epochs or max(epochs) > s.teacher_epochs:
        raise SoftLabelsError(f"Epochs to compare with lie in 0 … {s.teacher_epochs}; given was {s.compared!r}.")
    return epochs


def training_sets(fleet: list[Learned], task: ImageTask) -> list[TrainingSet]:
    """The images and labels of students; learned labels are learned for all of them together."""
    chosen = [task.images(settings.images_of(s)) for s in fleet]
    if fleet[0].labels in LEARNED:
        targets = learned(fleet, chosen, task)
    elif fleet[0].labels == "soft":
        targets = [mean_label(s, s.teacher_epoch, s.teachers, task) for s in fleet]
    else:
        targets = [labels.harden(classes, len(task.data.names)) for _, classes in chosen]
    return [TrainingSet(*images, own) for images, own in zip(chosen, targets, strict=True)]


def mean_label(s: Learned, epoch: int, count: int, task: ImageTask) -> Tensor:
    """The mean label (n, c) that `count` teachers give a student's images after an epoch."""
    choice = settings.images_of(s)
    each = (task.logits(replace(t, epoch=epoch), choice) for t in teachers_of(s, count))
    return torch.stack([labels.soften(logits, s.tau) for logits in each]).mean(0)


def teachers_of(s: Learned, count: int) -> list[teachers.Teacher]:
    """A student's teacher and the next replicates of it, after the epoch at which it labels."""
    first = settings.teacher_of(s)
    return [replace(first, seed=first.seed + t) for t in range(count)]


def accuracy_together(s: Learned, task: ImageTask) -> float:
    """The accuracy on the test part of the mean label of a student's teachers."""
    test, total = task.data.test, 0.0
    for teacher in teachers_of(s, s.teachers):
        logits = teachers.logits_on(teacher, task.weights(teacher), task.data, test, task.device)
        total = total + labels.soften(logits, s.tau)
    return float((total.argmax(-1) == test.classes).double().mean())


# ---- learning ------------------------------------------------------------------------------------------------------


def learned(fleet: list[Learned], chosen: list[tuple], task: ImageTask) -> Tensor:
    """The learned labels (R, n, c) of students whose images and classes are `chosen`."""
    s, c = fleet[0], len(task.data.names)
    every = torch.arange(len(chosen[0][1]), device=task.device)
    images = torch.stack([batches_of(every) for batches_of, _ in chosen])
    start = torch.stack([labels.harden(classes, c) for _, classes in chosen]).to(task.device)
    network = distill.convnets(networks.convnet_shape(s.network, task.data), task.device)
    inner = Inner(s.inner_optimiser, s.inner_lr, s.inner_momentum, s.inner_images, s.inner_augmentation)
    extra = None
    if s.labels == "bptt":
        unroll = Unroll(s.unroll, s.window, s.random_window)
        objective = distill.through_time(network, images, real_images(fleet, task), inner, unroll)
    else:
        matching = Matching(s.unroll, s.matched_epochs, s.latest_epoch)
        objective = distill.along_trajectories(network, trajectories(s, task), images, inner, matching)
        extra = {"log lr": images.new_full((len(fleet),), s.inner_lr).log()}
    file = None
    if not networks.is_small(s.network):  # small ones take moments
        names = " ".join(sorted(map(identity, fleet)))
        file = task.cache_folder / "labels" / f"{code_hash(learned)[:8]}-{names}-{task.device}.safetensors"
    return distill.learn(
        start, objective, on_held_out(fleet, images, network, task), Outer(s.outer_steps, s.outer_lr, s.form, s.checks),
        [torch_stream("learned labels", own.data, own.labels, own.draw, own.seed) for own in fleet], extra, file,
        {"labels": s.labels},
    )[0]  # fmt: skip


def parts(s: Learned, task: ImageTask) -> tuple[Tensor, Tensor]:
    """Rows of the training part: those to learn from, and those held out, of which none is the student's."""
    n = len(task.data.train)
    order = torch.randperm(n, generator=torch_stream("held-out training images", s.data, s.draw))
    order = order[~torch.isin(order, task.data.ipc_rows(s.ipc, s.draw))]
    held_out = order[: n // HELD_OUT]
    seen = torch.ones(n, dtype=torch.bool)
    seen[held_out] = False
    return seen.nonzero().flatten(), held_out


def real_images(fleet: list[Learned], task: ImageTask):
    """A function that draws each set's real images (R, b, ch, h, w) and their classes (R, b) by its own generator."""
    s, pools = fleet[0], [parts(own, task)[0] for own in fleet]

    def draw(generators):
        rows = [
            pool[torch.randint(len(pool), (s.real_images,), generator=own)]
            for pool, own in zip(pools, generators, strict=True)
        ]
        rows = torch.stack(rows).to(task.device)
        images = task.data.batch(task.data.train, rows.flatten(), task.device).unflatten(0, rows.shape)
        if s.inner_augmentation != "none":
            images = augment_each(images, s.inner_augmentation, generators)
        return images, task.data.train.classes[rows]

    return draw


def on_held_out(fleet: list[Learned], images: Tensor, network: distill.Student, task: ImageTask):
    """A function of labels (R, n, c): the accuracy (R,) on held-out training images of networks trained on them.

    They train by SGD on all images at once, with the student's rate, momentum and augmentation, for fewer steps, at one
    rate and without weight decay; at every check the same networks.
    """
    s, held_out = fleet[0], [parts(own, task)[1] for own in fleet]
    inner = Inner("sgd", s.lr, s.momentum, augmentation=s.augmentation)

    def score(some):
        generators = [torch_stream("a check of learned labels", own.data, own.draw, own.seed) for own in fleet]
        state = distill.begin(network.start(generators), inner)
        for first in range(0, s.check_steps, 50):
            steps = distill.steps_of(images, min(50, s.check_steps - first), inner, generators)
            state = distill.advance(state, steps, {"labels": some}, network, inner, graph=False)
        weights, right = distill.weights_of(state), []
        for r, rows in enumerate(held_out):
            images_of = partial(_train_images, task, rows.to(task.device))
            predicted = predict(convnet.one(weights, r), images_of, len(rows), task.device).argmax(-1)
            right.append((predicted == task.data.train.classes[rows]).double().mean())
        return torch.stack(right)

    return score


def _train_images(task: ImageTask, rows: Tensor, some: Tensor) -> Tensor:
    return task.data.batch(task.data.train, rows[some], task.device)


def trajectories(s: Learned, task: ImageTask) -> list[list[dict[str, Tensor]]]:
    """The weights of each teacher after every epoch that is matched."""
    epochs = range(s.latest_epoch + s.matched_epochs + 1)
    return [
        list(teachers.weights_after(t, epochs, task.device, task.cache_folder).values())
        for t in teachers_of(s, s.teachers)
    ]


# ---- figures 8 and 12 ----------------------------------------------------------------------------------------------


def compared_with_teachers(s: Learned, targets: Tensor, task: ImageTask) -> tuple[dict, dict]:
    """How far learned labels (n, c) are from those of six teachers, by these teachers' epoch: metrics and curves.

    Curves over epochs: "distance", the mean Jensen-Shannon divergence; "scaled", the mean after each image's values
    have been stretched to 0 … 1; "image i", each one's own. A label as sure as the learned one may be near it for that
    alone, so two controls are as sure as the teachers of an epoch: "rest shuffled" has their labels with all entries
    but the largest in random order, "last tempered" those of the last epoch at a temperature that gives the entropy.
    """
    epochs = compared_epochs(s)
    by_epoch = [mean_label(s, epoch, ENSEMBLE, task).double() for epoch in epochs]
    last, own = by_epoch[-1], targets.double()
    each = torch.stack([labels.jensen_shannon(own, other) for other in by_epoch])  # (epochs, n)
    least, most = each.min(0).values, each.max(0).values
    stream = torch_stream("shuffled for comparison", s.data, s.draw)
    values = {
        "distance": each.mean(1),
        "scaled": ((each - least) / (most - least).clamp_min(1e-12)).mean(1),
        "rest shuffled": torch.stack(
            [labels.jensen_shannon(own, labels.shuffle_rest(other, stream)).mean() for other in by_epoch]
        ),
        "last tempered": torch.stack(
            [labels.jensen_shannon(own, labels.with_entropy(last, mean_entropy(other))).mean() for other in by_epoch]
        ),
        **{f"image {i}": each[:, i] for i in range(each.shape[1])},
    }
    curves = {name: list(zip(epochs, of.tolist(), strict=True)) for name, of in values.items()}
    nearest = int(each.mean(1).argmin())
    metrics = {
        "nearest_epoch": float(epochs[nearest]),
        "nearest_distance": float(each.mean(1)[nearest]),
        "first_distance": float(each.mean(1)[0]),
        "last_distance": float(each.mean(1)[-1]),
        "label_sum": float(own.sum(-1).mean()),
    }
    return metrics, curves


# ---- the grid ------------------------------------------------------------------------------------------------------


def of_kind(student: settings.Settings, **changed) -> Learned:
    """A student with some of the settings changed; its labels are not learned unless these say so."""
    return Learned(**vars(student) | NOT_LEARNED | changed)


def ways(
    defaults: Defaults, *, ipc: int, draws: int, epochs: tuple[int, ...], learned: tuple[tuple[dict, int], ...]
) -> Part:
    """Table 3's columns: hard labels, one teacher's and six teachers' by epoch, and labels learned in some ways.

    learned: what differs from hard labels, and on how many draws of images. From learned labels a student learns as
    from soft ones.
    """
    soft = defaults.soft(ipc, teacher_epoch=0)
    given = [
        of_kind(defaults.hard(ipc), teachers=0),
        *(of_kind(soft, teachers=count, teacher_epoch=epoch) for epoch in epochs for count in (1, ENSEMBLE)),
    ]
    return grid(
        replicates(given, draws=draws, students=1),
        *(replicates([of_kind(soft, **way)], draws=few, students=1) for way, few in learned),
    )


def listed(epochs: Iterable[int]) -> str:
    """Epochs as one setting."""
    return " ".join(map(str, epochs))


def pack_of(s: Learned) -> Hashable:
    """The key of a pack: small students whose labels are learned together, or one large student."""
    return replace(s, draw=0, seed=0) if networks.is_small(s.network) else s


def flops(pack: list[Learned]) -> float:
    """Multiplications and additions of learning the labels and of the students; teachers have their own study.

    A step of the window costs three times an ordinary one: its gradient is differentiated.
    """
    total = students.flops(pack)
    for s in pack:
        forward, training = costs.image_flops(s.network, s.data)
        n = students.image_count(s)
        steps = (s.inner_images or n) * (s.unroll + 2 * s.window)
        checks = s.check_steps * n * training + forward * costs.sizes(s.data).train / HELD_OUT
        total += s.outer_steps * (steps + s.real_images) * training + s.checks * checks
    return total


def memory(pack: list[Learned]) -> float:
    """Bytes held at once: those of the students, or the graph of the window, of which less is held where it must be."""
    s = pack[0]
    step = costs.activations(s.network, s.data) * (s.inner_images or students.image_count(s))
    return max(students.memory(pack), 6.0 * len(pack) * step * s.window)


def first_steps(pack: list[Learned]) -> list[Learned]:
    """The pack cut to two outer steps and two epochs, with at most two teachers of one epoch."""
    short = [replace(s, teachers=min(s.teachers, 2)) for s in pack]
    if pack[0].labels in LEARNED:
        cut = {"outer_steps": 2, "checks": 1, "check_steps": 2, "latest_epoch": 0, "compared": "0"}
        short = [replace(s, matched_epochs=min(s.matched_epochs, 1), **cut) for s in short]
    return students.first_steps(short)


BPTT = {  # on digits
    "labels": "bptt", "teachers": 0, "form": "clipped", "outer_steps": 80, "outer_lr": 0.05, "checks": 8,
    "check_steps": 100, "inner_optimiser": "sgd", "inner_lr": 0.1, "inner_momentum": 0.9, "inner_images": 0,
    "inner_augmentation": "none", "unroll": 25, "window": 10, "real_images": 256, "compared": listed(range(41)),
}  # fmt: skip
MTT = BPTT | {
    "labels": "mtt", "teachers": ENSEMBLE, "inner_lr": 0.05, "inner_momentum": 0.0, "unroll": 10, "real_images": 0,
    "matched_epochs": 2, "latest_epoch": 20,
}  # fmt: skip
FEWER = {"outer_steps": 60, "checks": 6}
SHORT = {"outer_steps": 2, "checks": 1, "check_steps": 2, "compared": "0 1 2"}

# Fewer steps, and a rate so much higher: of 1e-3, 3e-3 and 1e-2, it led to the best labels after 30 to 50 steps
REDUCED_BPTT = BPTT | {
    "outer_steps": 240, "outer_lr": 3e-3, "checks": 5, "check_steps": 150, "inner_optimiser": "adam", "inner_lr": 1e-3,
    "inner_momentum": 0.0, "inner_images": 50, "unroll": 20, "real_images": 500,
    "compared": listed((*range(11), 12, 15, 20)),
}  # fmt: skip
REDUCED_MTT = REDUCED_BPTT | {
    "labels": "mtt", "teachers": ENSEMBLE, "inner_optimiser": "sgd", "inner_lr": 0.03, "unroll": 10, "real_images": 0,
    "matched_epochs": 1, "latest_epoch": 5,
}  # fmt: skip

OF_TINY = listed((*range(0, 31, 2), 40, 50, 70, 90, 102))

# RaT-BPTT's settings on Tiny ImageNet, but for what paper Q changes: images are fixed (spec of its one checkpoint)
PAPER_BPTT = BPTT | {
    "outer_steps": 5000, "outer_lr": 3e-4, "checks": 50, "check_steps": 400, "inner_optimiser": "adam",
    "inner_lr": 1e-3, "inner_momentum": 0.0, "inner_images": 50, "inner_augmentation": "dsa", "unroll": 130,
    "window": 90, "real_images": 2000, "compared": OF_TINY,
}  # fmt: skip
PAPER_MTT = MTT | {
    "outer_steps": 5000, "outer_lr": 3e-4, "checks": 50, "check_steps": 400, "inner_lr": 1e-2,
    "inner_augmentation": "dsa", "window": 10, "compared": OF_TINY,
}  # fmt: skip
LATER = {"unroll": 20, "window": 20, "latest_epoch": 40}  # with more images per class

LEARNED_LABELS = Study(
    "label_worth/learned_labels",
    Learned,
    {
        "smoke": ways(SMOKE, ipc=1, draws=3, epochs=(1, 2), learned=(
            (BPTT | SHORT | {"unroll": 3, "window": 2}, 3),
            (MTT | SHORT | {"unroll": 2, "window": 2, "matched_epochs": 1, "latest_epoch": 1}, 3),
        )),
        "quick": grid(
            ways(DIGITS, ipc=1, draws=10, epochs=(8, 16, 30, 40), learned=(
                (BPTT, 8), (BPTT | {"form": "softmax"}, 4), (MTT, 4),
            )),
            ways(DIGITS, ipc=5, draws=10, epochs=(8, 16, 30, 40), learned=((BPTT | FEWER, 4), (MTT | FEWER, 4))),
        ),
        "reduced": ways(REDUCED, ipc=1, draws=3, epochs=(3, 5, 10), learned=((REDUCED_BPTT, 3), (REDUCED_MTT, 3))),
        "paper": grid(
            ways(TINY, ipc=1, draws=3, epochs=(7, 11, 20, 50), learned=((PAPER_BPTT, 3), (PAPER_MTT, 3))),
            ways(TINY, ipc=10, draws=3, epochs=(20, 50, 90), learned=(
                (PAPER_BPTT | {"unroll": 300, "window": 100}, 3), (PAPER_MTT | LATER, 3),
            )),
        ),
    },
    pack_of,
    run_pack,
    flops,
    memory,
    kind=lambda s: f"{'small ConvNet' if networks.is_small(s.network) else 'ConvNet'}, {s.labels} labels",
    first_steps=first_steps,
)  # fmt: skip

"""Students of paper Q: trained, evaluated, one row each. Small ones train as fleets, large ones one at a time.

Letters: R students of a fleet, n images of each, c classes; N images of the validation and test part together.
"""

from collections.abc import Hashable, Iterator
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from softlabels.models import convnet
from softlabels.seeds import torch_stream
from softlabels.studies.images import costs, networks, teachers
from softlabels.studies.images.settings import Settings, removed_classes, teacher_of
from softlabels.studies.images.task import ImageTask, TrainingSet, image_task, mean_entropy, stored_bytes
from softlabels.study import Row, Study
from softlabels.training import grouped
from softlabels.training.images import Recipe, predict, train_one, train_stack

IMAGES_AT_ONCE = 8192  # of all the students of a fleet together; larger fleets are no faster


def run_pack_by_class(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """As `run_pack`; students without a removed class also have a curve "class_accuracy", class by class."""
    return run_pack(pack, device, cache, by_class=True)


def run_pack(pack: list[Settings], device: str, cache: Path, by_class: bool = False) -> list[Row]:
    """Train every student of a pack, on one image set. Raises SoftLabelsError for settings that are not valid."""
    task, rows = image_task(pack[0].data, device, cache), {}
    for fleet in fleets(pack):
        sets = [task.training_set(s) for s in fleet]
        train = train_together if networks.is_small(fleet[0].network) else train_alone
        correct, train_accuracy = train(fleet, sets, task)  # (times, R, N), (R,)
        for r, (s, own) in enumerate(zip(fleet, sets, strict=True)):
            rows[s] = row_of(s, own, correct[:, r], train_accuracy[r], task, by_class and s.removal == "none")
    return [rows[s] for s in pack]


def fleets(pack: list[Settings]) -> Iterator[list[Settings]]:
    """The students of a pack in groups that train together; large networks one by one."""
    groups: dict[Hashable, list[Settings]] = {}
    for s in pack:
        groups.setdefault(shape_of(s), []).append(s)
    for group in groups.values():
        size = fleet_size(group[0])
        yield from (group[first : first + size] for first in range(0, len(group), size))


def shape_of(s: Settings) -> Hashable:
    """A key that is equal for students that can train together; images, labels and seeds may differ."""
    labelling = (teacher_of(s), s.tau) if s.labels == "cutmix" else None  # labels the batches of the whole fleet
    removed = len(removed_classes(s)) if s.removal == "images" else 0
    return s.data, s.network, s.ipc, removed, s.evaluations, recipe(s), labelling


def fleet_size(s: Settings) -> int:
    """The largest number of students like this one that train together."""
    return max(1, IMAGES_AT_ONCE // image_count(s)) if networks.is_small(s.network) else 1


def recipe(s: Settings) -> Recipe:
    """How a student is trained."""
    return Recipe(
        lr=s.lr, epochs=s.epochs, batch=s.batch, momentum=s.momentum, weight_decay=s.weight_decay,
        schedule=s.schedule, optimiser=s.optimiser, augmentation=s.augmentation,
    )  # fmt: skip


def evaluation_epochs(s: Settings) -> set[int]:
    """The epochs after which a student is evaluated."""
    return {round(s.epochs * i / s.evaluations) for i in range(1, s.evaluations + 1)}


def stream(name: str, s: Settings) -> torch.Generator:
    """A student's own random stream; it does not depend on the treatment of its labels."""
    return torch_stream(f"image student's {name}", s.data, s.network, s.draw, s.teacher, s.seed)


def train_together(fleet: list[Settings], sets: list[TrainingSet], task: ImageTask) -> tuple[Tensor, Tensor]:
    """Train small students at once; returns where they were right at each evaluation and their training accuracy.

    The first is (times, R, N) of booleans, over validation and test images; the second is (R,).
    """
    s, correct = fleet[0], []
    evaluation_images, evaluation_classes = task.evaluation_images()
    every = torch.arange(len(sets[0].classes), device=evaluation_classes.device)
    images = torch.stack([own.batches_of(every) for own in sets])  # (R, n, ch, h, w)

    def evaluate(epoch, params):
        correct.append(grouped.logits(params, evaluation_images).argmax(-1) == evaluation_classes)

    shape = networks.convnet_shape(s.network, task.data)
    params = convnet.start(shape, [stream("start", s) for s in fleet], task.device)
    targets, streams = torch.stack([own.targets for own in sets]), [stream("batches", s) for s in fleet]
    relabel, epochs = sets[0].relabel, evaluation_epochs(s)
    trained = train_stack(params, images, targets, recipe(s), streams, evaluate, epochs, relabel=relabel)
    predicted = grouped.logits(trained, grouped.patches(images)).argmax(-1)  # (R, n)
    on_training_set = predicted == torch.stack([own.classes for own in sets])
    return torch.stack(correct).cpu(), on_training_set.double().mean(1)


def train_alone(fleet: list[Settings], sets: list[TrainingSet], task: ImageTask) -> tuple[Tensor, Tensor]:
    """As `train_together`, for one large student."""
    (s,), (own,), correct = fleet, sets, []
    precision, data = networks.precision(s.network, task.device), task.data

    def evaluate(epoch, network):
        by_part = []
        for part in (data.validation, data.test):
            logits = teachers.logits_of(network, data, part, task.device, precision)
            by_part.append(logits.argmax(-1) == part.classes)
        correct.append(torch.cat(by_part))

    trained = train_one(
        networks.network(s.network, data, stream("start", s)), own.batches_of, own.targets, recipe(s),
        stream("batches", s), evaluate, evaluation_epochs(s), task.device, precision, relabel=own.relabel,
    )  # fmt: skip
    predicted = predict(trained, own.batches_of, len(own.classes), task.device, precision).argmax(-1)
    return torch.stack(correct).unsqueeze(1).cpu(), (predicted == own.classes).double().mean().unsqueeze(0)


def row_of(
    s: Settings, own: TrainingSet, correct: Tensor, train_accuracy: Tensor, task: ImageTask, by_class: bool
) -> Row:  # fmt: skip
    """A student's metrics; correct (times, N): where it was right, validation images first, then test images."""
    v, c, correct = len(task.data.validation), len(task.data.names), correct.double()
    validation, test, both = correct[:, :v].mean(1), correct[:, v:].mean(1), correct.mean(1)
    best = len(validation) - 1 - int(validation.flip(0).argmax())  # of equal accuracies the last
    classes, removed = task.data.test.classes.cpu(), removed_classes(s)
    right_of_class = torch.zeros(c, dtype=torch.double).index_add_(0, classes, correct[-1, v:])
    class_accuracy = right_of_class / classes.bincount(minlength=c)
    precision = networks.precision(s.network, task.device)
    metrics = {
        "accuracy_last": test[-1],
        "validation_accuracy": validation[-1],  # of the same last weights; learning rates are chosen by it
        "accuracy_best_on_validation": test[best],
        "accuracy_best_on_test": both.max(),  # of all the official test images, as the official code chooses
        "train_accuracy": train_accuracy,
        "class_accuracy": class_accuracy[removed].mean() if removed else test[-1],
        "teacher_accuracy": task.teacher_accuracy(s),
        "label_entropy": mean_entropy(own.targets),
        "label_bytes": stored_bytes(s, *own.targets.shape),
        "bf16": precision.dtype == "bfloat16",
        "compiled": precision.compiled,
    }
    curves = {"class_accuracy": list(enumerate(class_accuracy.tolist()))} if by_class else {}
    return Row(s, {name: float(value) for name, value in metrics.items()}, curves)


# ---- studies -------------------------------------------------------------------------------------------------------


def study(name: str, run_pack=run_pack, **grids) -> Study:
    """A study of paper Q's students, with a grid for each scale."""
    return Study(
        f"label_worth/{name}", Settings, grids, pack_of, run_pack, flops, memory, kind=kind_of, first_steps=first_steps
    )


def first_steps(pack: list[Settings]) -> list[Settings]:
    """The pack cut to two epochs, with teachers of one."""
    short = [
        replace(
            s, epochs=2, evaluations=1, teacher_epoch=min(s.teacher_epoch, 1), teacher_epochs=min(s.teacher_epochs, 1)
        )
        for s in pack
    ]
    return list(dict.fromkeys(short))


def kind_of(s: Settings) -> str:
    """The branches of the code that a run takes: its network, the choice of images, the treatments of labels."""
    treatments = {
        s.images: s.images != "real",
        "images of a tenth": s.selection != "random",
        f"without {s.removal} of a class": s.removal != "none",
        "teacher without augmentation": not s.teacher_augmented,
        "largest entries": s.top < costs.sizes(s.data).classes,
        "entries exchanged": s.swapped > 0,
        "entries shuffled": s.shuffled,
        "noise": s.noise_share > 0,
    }
    network = "small ConvNet" if networks.is_small(s.network) else s.network.partition("D")[0]
    return ", ".join([network, f"{s.labels} labels", *(name for name, applies in treatments.items() if applies)])


def pack_of(s: Settings) -> Hashable:
    """The key of a pack: small students that can train together, or one large student."""
    return shape_of(s) if networks.is_small(s.network) else s


def image_count(s: Settings) -> int:
    """n, the number of a student's images."""
    removed = len(removed_classes(s)) if s.removal == "images" else 0
    return s.ipc * (costs.sizes(s.data).classes - removed)


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of training and evaluating; teachers are counted by their own study."""
    total = 0.0
    for s in pack:
        forward, training = costs.image_flops(s.network, s.data)
        seen = s.epochs * image_count(s) * (training + forward * (s.labels == "cutmix"))
        total += seen + forward * len(evaluation_epochs(s)) * costs.sizes(s.data).evaluated
    return total


def memory(pack: list[Settings]) -> float:
    """Bytes held at once: labels and images, and the activations of a batch and their gradients."""
    s = pack[0]
    size = costs.sizes(s.data)
    n, together = image_count(s), min(len(pack), fleet_size(s))
    activations = costs.activations(s.network, s.data) * min(n, s.batch)
    return 4.0 * together * (n * (size.classes + size.channels * size.height * size.breadth) + 2 * activations)

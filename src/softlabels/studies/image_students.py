"""Students of paper Q: trained, evaluated, one row each. Small ones train as fleets, large ones one at a time.

Letters: R students of a fleet, n images of each, c classes; N images of validation and test part together.
"""

from collections.abc import Hashable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from softlabels.models import convnet
from softlabels.seeds import torch_stream
from softlabels.studies import image_costs, image_teachers
from softlabels.studies.soft_labels import (
    Lesson,
    School,
    Settings,
    mean_entropy,
    removed_classes,
    school,
    stored_bytes,
    teacher_of,
)  # fmt: skip
from softlabels.study import Row, Study
from softlabels.training import grouped
from softlabels.training.images import Recipe, predict, train_one, train_stack

AT_ONCE = 8192  # images of all the students of a fleet; more gain nothing


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """Every student of a pack, on one image set. Raises SoftLabelsError for settings that name nothing we have."""
    return _run(pack, device, cache, by_class=False)


def run_pack_by_class(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """As `run_pack`; students from whom nothing was removed also have a curve "class_accuracy", class by class."""
    return _run(pack, device, cache, by_class=True)


def _run(pack, device, cache, by_class):
    taught, rows = school(pack[0].data, device, cache), {}
    for fleet in fleets(pack):
        lessons = [taught.lesson(s) for s in fleet]
        train = _together if image_teachers.small(fleet[0].network) else _alone
        marks, own = train(fleet, lessons, taught)  # (times, R, N), (R,)
        for r, (s, lesson) in enumerate(zip(fleet, lessons, strict=True)):
            rows[s] = _row(s, lesson, marks[:, r], own[r], taught, by_class and s.removal == "none")
    return [rows[s] for s in pack]


def fleets(pack: list[Settings]) -> Iterator[list[Settings]]:
    """The students of a pack that train together: alike but for images, labels and seeds, and not too many."""
    groups: dict[Hashable, list[Settings]] = {}
    for s in pack:
        groups.setdefault(alike(s), []).append(s)
    for students in groups.values():
        most = max(1, AT_ONCE // image_count(students[0])) if image_teachers.small(students[0].network) else 1
        yield from (students[first : first + most] for first in range(0, len(students), most))


def alike(s: Settings) -> Hashable:
    """What students that can train together have in common."""
    asked = teacher_of(s) if s.labels == "cutmix" else None  # which labels batches while they train
    removed = len(removed_classes(s)) if s.removal == "images" else 0
    return s.data, s.network, s.ipc, removed, s.evaluations, recipe(s), asked


def recipe(s: Settings) -> Recipe:
    """How a student is trained."""
    how = {"momentum": s.momentum, "weight_decay": s.weight_decay, "schedule": s.schedule, "optimiser": s.optimiser}
    return Recipe(s.lr, s.epochs, s.batch, augmentation=s.augmentation, **how)


def exam_epochs(s: Settings) -> set[int]:
    """The epochs after which a student is evaluated."""
    return {round(s.epochs * i / s.evaluations) for i in range(1, s.evaluations + 1)}


def stream(name: str, s: Settings) -> torch.Generator:
    """A student's own random stream; students who differ in what their labels say have equal ones."""
    return torch_stream(f"image student's {name}", s.data, s.network, s.draw, s.teacher, s.seed)


def _together(fleet: list[Settings], lessons: list[Lesson], taught: School) -> tuple[Tensor, Tensor]:
    """Train students as one program: whether each was right on each image, each time (times, R, N); on its own (R,)."""
    s, marks = fleet[0], []
    exam, answers = taught.exam()
    every = torch.arange(len(lessons[0].classes), device=answers.device)
    images = torch.stack([lesson.batches_of(every) for lesson in lessons])  # (R, n, ch, h, w)

    def look(epoch, params):
        marks.append(grouped.logits(params, exam).argmax(-1) == answers)

    trained = train_stack(
        convnet.start(image_teachers.shape(s.network, taught.data), [stream("start", s) for s in fleet], taught.device),
        images,
        torch.stack([lesson.targets for lesson in lessons]),
        recipe(s),
        [stream("batches", s) for s in fleet],
        look,
        exam_epochs(s),
        relabel=lessons[0].relabel,
    )
    own = grouped.logits(trained, grouped.patches(images)).argmax(-1) == torch.stack(
        [lesson.classes for lesson in lessons]
    )
    return torch.stack(marks).cpu(), own.double().mean(1)


def _alone(fleet: list[Settings], lessons: list[Lesson], taught: School) -> tuple[Tensor, Tensor]:
    """Train a large student: whether it was right on each image, each time (times, 1, N); on its own (1,)."""
    (s,), (lesson,), marks = fleet, lessons, []
    precision, data, n = image_teachers.precision(s.network, taught.device), taught.data, len(lesson.classes)

    def look(epoch, live):
        for part in (data.validation, data.test):
            found = image_teachers.ask(live, data, part, taught.device, precision)
            marks.append(found.argmax(-1) == part.classes)

    trained = train_one(
        image_teachers.network(s.network, data, stream("start", s)),
        lesson.batches_of,
        lesson.targets,
        recipe(s),
        stream("batches", s),
        look,
        exam_epochs(s),
        taught.device,
        precision,
        relabel=lesson.relabel,
    )
    own = predict(trained, lesson.batches_of, n, taught.device, precision).argmax(-1) == lesson.classes
    marks = [torch.cat(pair) for pair in zip(marks[::2], marks[1::2], strict=True)]
    return torch.stack(marks).unsqueeze(1).cpu(), own.double().mean().unsqueeze(0)


def _row(s: Settings, lesson: Lesson, marks: Tensor, own: Tensor, taught: School, by_class: bool) -> Row:
    """A student's numbers, from whether it was right (times, N) and how often on its own images."""
    v, c, marks = len(taught.data.validation), len(taught.data.names), marks.double()
    validation, test, both = marks[:, :v].mean(1), marks[:, v:].mean(1), marks.mean(1)
    classes, removed = taught.data.test.classes.cpu(), removed_classes(s)
    of_class = torch.zeros(c, dtype=torch.double).index_add_(0, classes, marks[-1, v:]) / classes.bincount(minlength=c)
    chosen = len(validation) - 1 - int(validation.flip(0).argmax())  # the last of the best
    precision = image_teachers.precision(s.network, taught.device)
    numbers = {
        "accuracy_last": test[-1],
        "accuracy_best_on_validation": test[chosen],
        "accuracy_best_on_test": both.max(),  # of all the official test images, as the official code chooses
        "train_accuracy": own,
        "class_accuracy": of_class[removed].mean() if removed else test[-1],
        "teacher_accuracy": taught.teacher_accuracy(s),
        "label_entropy": mean_entropy(lesson.targets),
        "label_bytes": stored_bytes(s, *lesson.targets.shape),
        "bf16": precision.dtype == "bfloat16",
        "compiled": precision.compiled,
    }
    curves = {"class_accuracy": list(enumerate(of_class.tolist()))} if by_class else {}
    return Row(s, {name: float(value) for name, value in numbers.items()}, curves)


# ---- sizes and packs -----------------------------------------------------------------------------------------------


def image_count(s: Settings) -> int:
    """n, how many images a student has."""
    removed = len(removed_classes(s)) if s.removal == "images" else 0
    return s.ipc * (image_costs.sizes(s.data).classes - removed)


def pack_of(s: Settings) -> Hashable:
    """Small students of one shape are a pack; a large one is a pack of its own."""
    return alike(s) if image_teachers.small(s.network) else s


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of training and evaluating; teachers are counted by their own study."""
    total = 0.0
    for s in pack:
        forward, training = image_costs.image_flops(s.network, s.data)
        seen = s.epochs * image_count(s) * (training + forward * (s.labels == "cutmix"))
        total += seen + forward * len(exam_epochs(s)) * image_costs.sizes(s.data).evaluated
    return total


def memory(pack: list[Settings]) -> float:
    """Bytes held at once: labels and images, and what a batch's activations take, there and back."""
    s = pack[0]
    size = image_costs.sizes(s.data)
    n, together = image_count(s), min(len(pack), max(1, AT_ONCE // image_count(s)))
    if not image_teachers.small(s.network):
        together = 1
    activations = image_costs.activations(s.network, s.data) * min(n, s.batch)
    return 4.0 * together * (n * (size.classes + size.channels * size.height * size.breadth) + 2 * activations)


def study(name: str, run=run_pack, **grids) -> Study:
    """A study of paper Q's students."""
    return Study(f"label_worth/{name}", Settings, grids, pack_of, run, flops, memory)

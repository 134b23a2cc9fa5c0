"""Paper B, figures 1 and 7: points in the plane with random classes, a teacher that memorises them, and two students.

One student learns the teacher's soft labels of a part of the points, the other the true classes of the same part. Both
are asked for the points that they never saw.

Letters: D data sets, R students, n points, m = int(ρn) of them the students' part, h hidden units, c classes.
"""

import dataclasses
from pathlib import Path

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError
from softlabels.labels import check_temperature, harden, soften
from softlabels.models import mlp
from softlabels.seeds import torch_stream
from softlabels.study import Row, Study
from softlabels.training.two_layer import train

REPEATS = 5  # students of each kind in the published notebooks
FRESH = 1000  # points that neither network saw


@dataclasses.dataclass(frozen=True)
class TwoDimensions:
    """One student: of which data set, taught how."""

    classes: int  # c
    points: int  # n
    hidden: int  # p, the same for teacher and student
    rho: float  # ρ, the share of the points that a student gets
    tau: float  # τ of the soft labels
    teacher_lr: float
    teacher_steps: int
    teacher_stops: bool  # one step after every point is right (figure 7), or never (figure 1)
    student_lr: float
    student_steps: int
    labels: str  # "soft", or "hard": the paper's independent model
    repeat: int  # which student of this data set and split
    published_seed: int  # 13 replays the authors' random stream; 0 draws a data set of our own
    seed: int  # replicate: points, classes, split, teacher


def draw(settings: TwoDimensions) -> tuple[Tensor, Tensor, Tensor, dict, dict]:
    """Everything random about one run: points (n, 2) in [−1, 1]², classes (n,), order (n,), two networks' starts.

    The first m places of the order are the students' part. With a published seed all comes from one stream, in the
    official notebook's order: points, classes, teacher, order, then the hard-label models and then the students;
    otherwise each from a stream of its own, and the soft-label and the hard-label student start alike.
    """
    n, sizes = settings.points, (2, settings.hidden, settings.classes)
    if settings.published_seed:
        if settings.repeat >= REPEATS:
            raise SoftLabelsError(f"The published stream has repeats 0 … {REPEATS - 1}, not {settings.repeat}.")
        g = torch.Generator().manual_seed(settings.published_seed)
        points, classes = plane(n, settings.classes, g)
        teacher = mlp.start(sizes, [g])
        order = torch.randperm(n, generator=g)
        hard, soft = mlp.start(sizes, [g] * REPEATS), mlp.start(sizes, [g] * REPEATS)
        student = mlp.take(soft if settings.labels == "soft" else hard, [settings.repeat])
        return points, classes, order, teacher, student
    stream = lambda name, *more: torch_stream(f"two dimensions {name}", *more, settings.seed)  # noqa: E731
    points, classes = plane(n, settings.classes, stream("data", n, settings.classes))
    order = torch.randperm(n, generator=stream("split", n))
    teacher = mlp.start(sizes, [stream("teacher", *sizes)])
    student = mlp.start(sizes, [stream("student", *sizes, settings.repeat)])
    return points, classes, order, teacher, student


def plane(n: int, c: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """n points, uniform in the square [−1, 1]², and for each a class that has nothing to do with it: (n, 2), (n,)."""
    return 2 * torch.rand((n, 2), generator=generator) - 1, torch.randint(0, c, (n,), generator=generator)


def teach(params: dict, points: Tensor, classes: Tensor, *, lr: float, steps: int, stops: bool) -> tuple[dict, Tensor]:
    """Teachers (D) trained on the true classes (D, n) of their points (D, n, 2); and how many steps each took (D,).

    With `stops` a teacher is kept as it is one step after all of its points were right: the official loop measures
    before it steps. Those that never get there train to the end.
    """
    D, c = len(points), params["bias2"].shape[1]
    took = torch.full((D,), steps)
    right = torch.zeros(D, dtype=torch.bool, device=points.device)  # after the step before
    kept = {name: tensor.clone() for name, tensor in params.items()}

    def keep_the_finished(step, live):
        nonlocal right
        for i in (right.cpu() & (took == steps)).nonzero().flatten().tolist():
            took[i] = step
            for name, tensor in kept.items():
                tensor[i] = live[name][i]
        right = (mlp.logits(live, points).argmax(-1) == classes).all(1)
        return bool((took < steps).all())

    how = {"evaluate": keep_the_finished, "at": range(steps)} if stops else {}
    trained = train(params, points, harden(classes, c), lr=lr, steps=steps, **how)
    for i in (took < steps).nonzero().flatten().tolist():
        for name, tensor in trained.items():
            tensor[i] = kept[name][i]
    return trained, took


def run_pack(pack: list[TwoDimensions], device: str, cache: Path) -> list[Row]:
    """Teachers of the pack's data sets, then all students at once: only labels, repeat and seed differ in a pack."""
    first = pack[0]
    c, m = first.classes, students_part(first)
    draws = [draw(settings) for settings in pack]
    seeds = list(dict.fromkeys(settings.seed for settings in pack))  # a data set each
    which = torch.tensor([seeds.index(settings.seed) for settings in pack], device=device)  # (R,)
    of_seed = {settings.seed: drawn for settings, drawn in zip(pack, draws, strict=True)}
    points, classes, order = (torch.stack([of_seed[s][i] for s in seeds]).to(device) for i in (0, 1, 2))

    start = to(mlp.join([of_seed[seed][3] for seed in seeds]), device)
    how = {"lr": first.teacher_lr, "steps": first.teacher_steps, "stops": first.teacher_stops}
    teachers, took = teach(start, points, classes, **how)
    logits = mlp.logits(teachers, points)  # (D, n, c)
    teacher_accuracy = (logits.argmax(-1) == classes).float().mean(1)

    def part(tensor, chosen):  # (D, n, …) and indices (D, k): what each student has of its own data set, (R, k, …)
        return torch.stack([tensor[i, chosen[i]] for i in which.tolist()])

    seen, held_out = order[:, :m], order[:, m:]
    soft = torch.tensor([settings.labels == "soft" for settings in pack], device=device).view(-1, 1, 1)
    labels = torch.where(soft, soften(part(logits, seen), first.tau), harden(part(classes, seen), c))
    start = to(mlp.join([drawn[4] for drawn in draws]), device)
    students = train(start, part(points, seen), labels, lr=first.student_lr, steps=first.student_steps)

    def accuracy(chosen, wanted):
        return (mlp.logits(students, part(points, chosen)).argmax(-1) == part(wanted, chosen)).float().mean(1)

    columns = {
        "teacher_accuracy": teacher_accuracy[which],
        "student_train_accuracy": accuracy(seen, classes),
        "held_out_accuracy": accuracy(held_out, classes),
        "fresh_accuracy": fresh_accuracy(students, pack),
        "agreement": accuracy(held_out, logits.argmax(-1)),
        "teacher_took": took.to(device)[which],
    }
    columns = {name: column.tolist() for name, column in columns.items()}
    return [
        Row(settings, {name: float(column[r]) for name, column in columns.items()}) for r, settings in enumerate(pack)
    ]


def fresh_accuracy(students: dict, pack: list[TwoDimensions]) -> Tensor:
    """Accuracy (R,) on points that neither network saw, whose classes are as random as the teacher's were."""
    device, found = students["bias2"].device, []
    for r, settings in enumerate(pack):
        g = torch_stream("two dimensions fresh", settings.classes, settings.published_seed, settings.seed)
        points, classes = plane(FRESH, settings.classes, g)
        answer = mlp.logits(mlp.take(students, [r]), points.to(device))[0].argmax(-1)
        found.append((answer == classes.to(device)).float().mean())
    return torch.stack(found)


def students_part(settings: TwoDimensions) -> int:
    """m, the number of points that a student gets. Raises SoftLabelsError where it, or the rest, is empty."""
    check_temperature(settings.tau)
    m = int(settings.rho * settings.points + 1e-9)
    if not 0 < m < settings.points:
        raise SoftLabelsError(
            f"ρ = {settings.rho} of {settings.points} points gives a student {m}; take 0 < ρ < 1 and more points."
        )
    return m


def to(params: dict, device: str) -> dict:
    return {name: tensor.to(device) for name, tensor in params.items()}


# ---- the grids: figure 1 has three classes, figure 7 twenty ----------------------------------------------------------

FIGURE_1 = TwoDimensions(
    classes=3, points=60, hidden=150, rho=0.6, tau=10.0, teacher_lr=1e-3, teacher_steps=4000, teacher_stops=False,
    student_lr=1e-3, student_steps=4000, labels="soft", repeat=0, published_seed=13, seed=0,
)  # fmt: skip
FIGURE_7 = dataclasses.replace(
    FIGURE_1, classes=20, hidden=300, tau=20.0, teacher_steps=8000, teacher_stops=True, student_lr=1e-2
)


def runs(figure: TwoDimensions, seeds: int, repeats: int = 1) -> list[TwoDimensions]:
    """Both kinds of student for `seeds` data sets of our own, and for the published one where the figure names it."""
    sets = [(figure.published_seed, 0, REPEATS)] if figure.published_seed else []
    return [
        dataclasses.replace(figure, labels=labels, repeat=repeat, published_seed=published, seed=seed)
        for published, seed, count in sets + [(0, seed, repeats) for seed in range(seeds)]
        for labels in ("hard", "soft")
        for repeat in range(count)
    ]


def quick(figure: TwoDimensions, **changed) -> TwoDimensions:
    """A figure with larger steps and fewer of them, on data sets of our own."""
    return dataclasses.replace(figure, published_seed=0, **changed)


SMOKE_1 = quick(FIGURE_1, hidden=40, teacher_lr=1e-2, teacher_steps=300, student_lr=1e-2, student_steps=200)
SMOKE_7 = quick(FIGURE_7, hidden=60, teacher_lr=1e-2, teacher_steps=300, student_lr=2e-2, student_steps=200)
QUICK_1 = quick(FIGURE_1, teacher_lr=5e-3, teacher_steps=1000, student_lr=5e-3, student_steps=1000)
QUICK_7 = quick(FIGURE_7, teacher_lr=2e-3, teacher_steps=2000, student_steps=1000)


def flops(pack: list[TwoDimensions]) -> float:
    """Arithmetic of a pack: forward and back 4(dh + hc) + 2hc a point and step, with d = 2."""
    first = pack[0]
    step = 4 * (2 + first.classes) * first.hidden + 2 * first.hidden * first.classes
    teachers = len({settings.seed for settings in pack}) * first.points * first.teacher_steps
    return step * (teachers + len(pack) * students_part(first) * first.student_steps)


def held(pack: list[TwoDimensions]) -> float:
    """Bytes that a pack holds at once: five numbers a parameter, two a hidden activation."""
    first = pack[0]
    network = 5 * (first.hidden * 3 + first.hidden * first.classes + first.classes) + 2 * first.hidden * first.points
    return 4.0 * len(pack) * network


TWO_DIMENSIONS = Study(
    id="memorized/two_dimensions",
    settings=TwoDimensions,
    grids={
        "smoke": lambda seeds: runs(SMOKE_1, seeds or 3) + runs(SMOKE_7, seeds or 3),
        "quick": lambda seeds: runs(QUICK_1, seeds or 24) + runs(QUICK_7, seeds or 12),
        "paper": lambda seeds: runs(FIGURE_1, seeds or 40, 2) + runs(FIGURE_7, seeds or 40, 2),
    },
    pack_key=lambda settings: dataclasses.replace(settings, labels="", repeat=0, seed=0),
    run_pack=run_pack,
    flops=flops,
    bytes=held,
)

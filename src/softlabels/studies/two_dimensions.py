"""Paper B, figures 1 and 7: points in the plane with random classes, a teacher that memorises them, and two students.

One student learns the teacher's soft labels of a part of the points, the other the true classes of the same part. Both
are evaluated on the points that they never saw.

Letters: D data sets, R students, n points, m = int(ρn) of them the students' part, h hidden units, c classes.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from softlabels.data.synthetic import part_of_all
from softlabels.errors import SoftLabelsError
from softlabels.labels import check_temperature, harden, soften
from softlabels.models import mlp
from softlabels.seeds import torch_stream
from softlabels.studies.grids import crossed, pooled
from softlabels.study import Row, Study, one_of
from softlabels.training.two_layer import train

REPEATS = 5  # students of each kind in the published notebooks
FRESH = 1000  # points that neither network saw


@dataclass(frozen=True)
class TwoDimensions:
    """One student, its teacher and its data set."""

    classes: int  # c
    points: int  # n
    hidden: int  # p, the same for teacher and student
    rho: float  # ρ, the share of the points that a student gets
    tau: float  # τ of the soft labels
    teacher_lr: float
    teacher_steps: int
    teacher_stops: bool  # whether it stops one step after it is right on all points (as in figure 7, not in figure 1)
    student_lr: float
    student_steps: int
    labels: str  # "soft", or "hard": the true classes, the paper's independent model
    repeat: int  # which student of this data set and split
    published_seed: int  # 13 replays the authors' random stream; 0 draws a data set of our own
    seed: int  # replicate: points, classes, split, teacher


def draw(settings: TwoDimensions) -> tuple[Tensor, Tensor, Tensor, dict, dict]:
    """Everything random about one run: points (n, 2), classes (n,), order (n,), both networks' initial weights.

    The first m points of the order are the students' part. With a published seed everything comes from one stream, in
    the official notebook's order: points, classes, teacher, order, hard-label models, soft-label students. Otherwise
    each comes from a stream of its own, and the hard-label and the soft-label student have the same initial weights.
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
    """n points, uniform in the square [−1, 1]² (n, 2), and a random class for each (n,)."""
    return 2 * torch.rand((n, 2), generator=generator) - 1, torch.randint(0, c, (n,), generator=generator)


def teach(params: dict, points: Tensor, classes: Tensor, *, lr: float, steps: int, stops: bool) -> tuple[dict, Tensor]:
    """Teachers (D) trained on the true classes (D, n) of their points (D, n, 2), and the steps that each took (D,).

    With `stops` a teacher stops one step after it was first right on all its points, because the official loop
    evaluates before it steps. A teacher that is never right on all takes all the steps.
    """
    D, c = len(points), params["bias2"].shape[1]
    took = torch.full((D,), steps)
    was_right = torch.zeros(D, dtype=torch.bool)  # on all points, a step earlier
    stopped = {name: tensor.clone() for name, tensor in params.items()}

    def stop_the_finished(step, live):
        nonlocal was_right
        for i in (was_right & (took == steps)).nonzero().flatten().tolist():
            took[i] = step
            for name, tensor in stopped.items():
                tensor[i] = live[name][i]
        was_right = (mlp.logits(live, points).argmax(-1) == classes).all(1).cpu()
        return bool((took < steps).all())

    how = {"evaluate": stop_the_finished, "at": range(steps)} if stops else {}
    trained = train(params, points, harden(classes, c), lr=lr, steps=steps, **how)
    for i in (took < steps).nonzero().flatten().tolist():
        for name, tensor in trained.items():
            tensor[i] = stopped[name][i]
    return trained, took


def run_pack(pack: list[TwoDimensions], device: str, cache: Path) -> list[Row]:
    """Teachers of the pack's data sets, then all students at once: only labels, repeat and seed differ in a pack."""
    for s in pack:
        one_of("labels", s.labels, KINDS)
        check_temperature(s.tau)
    one, draws = pack[0], [draw(s) for s in pack]
    c, m = one.classes, students_part(one)
    seeds = list(dict.fromkeys(s.seed for s in pack))  # a data set each
    which = torch.tensor([seeds.index(s.seed) for s in pack], device=device)  # (R,)
    of_seed = {s.seed: drawn for s, drawn in zip(pack, draws, strict=True)}
    points, classes, order = (torch.stack([of_seed[seed][i] for seed in seeds]).to(device) for i in (0, 1, 2))

    start = mlp.join([of_seed[seed][3] for seed in seeds])
    how = {"lr": one.teacher_lr, "steps": one.teacher_steps, "stops": one.teacher_stops}
    teachers, took = teach(_to(start, device), points, classes, **how)
    logits = mlp.logits(teachers, points)  # (D, n, c)

    def part(tensor, chosen):
        """Each student's rows of its own data set: (D, n, …) and indices (D, k) to (R, k, …)."""
        return torch.stack([tensor[i, chosen[i]] for i in which.tolist()])

    own, held_out = order[:, :m], order[:, m:]
    is_soft = torch.tensor([s.labels == "soft" for s in pack], device=device).view(-1, 1, 1)
    labels = torch.where(is_soft, soften(part(logits, own), one.tau), harden(part(classes, own), c))
    start = mlp.join([drawn[4] for drawn in draws])
    students = train(_to(start, device), part(points, own), labels, lr=one.student_lr, steps=one.student_steps)

    def accuracy(chosen, truth):
        return (mlp.logits(students, part(points, chosen)).argmax(-1) == part(truth, chosen)).float().mean(1)

    columns = {
        "teacher_accuracy": (logits.argmax(-1) == classes).float().mean(1)[which],
        "student_train_accuracy": accuracy(own, classes),
        "held_out_accuracy": accuracy(held_out, classes),
        "fresh_accuracy": fresh_accuracy(students, pack),
        "agreement": accuracy(held_out, logits.argmax(-1)),
        "teacher_took": took.to(device)[which],
    }
    return [Row(s, {name: float(column[r]) for name, column in columns.items()}) for r, s in enumerate(pack)]


def fresh_accuracy(students: dict, pack: list[TwoDimensions]) -> Tensor:
    """Accuracy (R,) on points that neither network saw, whose classes are as random as the teacher's were."""
    device, accuracies = students["bias2"].device, []
    for r, s in enumerate(pack):
        g = torch_stream("two dimensions fresh", s.classes, s.published_seed, s.seed)
        points, classes = plane(FRESH, s.classes, g)
        guess = mlp.logits(mlp.take(students, [r]), points.to(device))[0].argmax(-1)
        accuracies.append((guess == classes.to(device)).float().mean())
    return torch.stack(accuracies)


def students_part(s: TwoDimensions) -> int:
    """m, the number of points that a student gets. Raises SoftLabelsError where it, or the rest, is empty."""
    check_temperature(s.tau)
    return part_of_all(s.points, s.rho, "points")


def _to(params: dict, device: str) -> dict:
    return {name: tensor.to(device) for name, tensor in params.items()}


def flops(pack: list[TwoDimensions]) -> float:
    """Arithmetic of a pack: forward and back 4(dh + hc) + 2hc per point and step, with d = 2."""
    one = pack[0]
    step = 4 * (2 + one.classes) * one.hidden + 2 * one.hidden * one.classes
    teachers = len({s.seed for s in pack}) * one.points * one.teacher_steps
    return step * (teachers + len(pack) * students_part(one) * one.student_steps)


def peak_bytes(pack: list[TwoDimensions]) -> float:
    """Bytes that a pack holds at once: five numbers per parameter, two per hidden activation."""
    one = pack[0]
    network = 5 * (one.hidden * 3 + one.hidden * one.classes + one.classes) + 2 * one.hidden * one.points
    return 4.0 * len(pack) * network


# ---- grids ---------------------------------------------------------------------------------------------------------

FIGURE_1 = TwoDimensions(
    classes=3, points=60, hidden=150, rho=0.6, tau=10.0, teacher_lr=1e-3, teacher_steps=4000, teacher_stops=False,
    student_lr=1e-3, student_steps=4000, labels="soft", repeat=0, published_seed=13, seed=0,
)  # fmt: skip
FIGURE_7 = replace(FIGURE_1, classes=20, hidden=300, tau=20.0, teacher_steps=8000, teacher_stops=True, student_lr=1e-2)
OWN_1, OWN_7 = (replace(figure, published_seed=0) for figure in (FIGURE_1, FIGURE_7))  # on data sets of our own
SMOKE_1 = replace(OWN_1, hidden=40, teacher_lr=1e-2, teacher_steps=300, student_lr=1e-2, student_steps=200)
SMOKE_7 = replace(OWN_7, hidden=60, teacher_lr=1e-2, teacher_steps=300, student_lr=2e-2, student_steps=200)
QUICK_1 = replace(OWN_1, teacher_lr=5e-3, teacher_steps=1000, student_lr=5e-3, student_steps=1000)
QUICK_7 = replace(OWN_7, teacher_lr=2e-3, teacher_steps=2000, student_steps=1000)
KINDS = ("hard", "soft")


def published(figure: TwoDimensions):
    """The published data set with all its students, whatever the number of replicates."""
    return lambda seeds: crossed(figure, 1, labels=KINDS, repeat=range(REPEATS))(1)


TWO_DIMENSIONS = Study(
    id="memorized/two_dimensions",
    settings=TwoDimensions,
    grids={
        "smoke": pooled(crossed(SMOKE_1, 3, labels=KINDS), crossed(SMOKE_7, 3, labels=KINDS)),
        "quick": pooled(crossed(QUICK_1, 24, labels=KINDS), crossed(QUICK_7, 12, labels=KINDS)),
        "paper": pooled(
            published(FIGURE_1), crossed(OWN_1, 40, labels=KINDS, repeat=range(2)),
            published(FIGURE_7), crossed(OWN_7, 40, labels=KINDS, repeat=range(2)),
        ),
    },
    pack_key=lambda s: replace(s, labels="", repeat=0, seed=0),
    run_pack=run_pack,
    flops=flops,
    bytes=peak_bytes,
)  # fmt: skip

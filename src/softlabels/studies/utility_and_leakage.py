"""Utility of soft labels against their leak, during the teacher's training (both papers together).

A teacher learns real digits, a few of them canaries with a random wrong label. Students learn its soft labels of a part
of its images, taken at several steps of its training. The leak is how often they predict the wrong label of canaries
that they never saw.

Letters: R networks, n images, c classes; T teacher's images, S student's part of them.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels
from softlabels.data.digits import CLASSES, PIXELS, digits, split
from softlabels.errors import SoftLabelsError
from softlabels.models import mlp
from softlabels.seeds import torch_stream
from softlabels.studies.grids import Grid, crossed
from softlabels.study import Row, Study
from softlabels.training.two_layer import snapshots, train


@dataclass(frozen=True)
class Settings:
    """One student (or the nearest neighbour in a student's place) and where its labels come from."""

    labels: str  # "soft", "shuffled" (soft, within the planted class), "hard", "corrected hard" or "nearest neighbours"
    teacher_step: int  # the step of the teacher's training at which it labels; 0 for hard labels
    tau: float  # τ, temperature of the soft labels; 1 where it has no effect
    canaries_in_student: bool  # whether the student trains on the canaries in its part
    teacher_saw_canaries: bool  # False: the teacher saw the same images with their true labels
    canary_share: float  # f, share of the teacher's images with a planted label
    rho: float  # ρ, part of the teacher's images (and of its canaries) that the student gets
    teacher_images: int
    hidden: int  # width of both networks
    teacher_lr: float  # Adam's learning rates
    teacher_steps: int
    student_lr: float
    student_steps: int
    seed: int  # replicate: one split, one teacher, one student's start


@dataclass(frozen=True)
class Replicate:
    """One replicate's data: the teacher's images and labels, and which part of them the student gets."""

    inputs: Tensor  # (T, 64), canaries first
    classes: Tensor  # (T,), true
    planted: Tensor  # (T,), the teacher's labels: wrong for the canaries
    unplanted: Tensor  # (T,), a second wrong label for the canaries, which no network is given
    part: Tensor  # (S,), indices of the student's images
    own: Tensor  # (S,), which of those are canaries
    held_out: Tensor  # (H,), indices of the canaries that the student never sees
    test_inputs: Tensor  # (1797 − T, 64)
    test_classes: Tensor


def replicate(s: Settings, device: str = "cpu") -> Replicate:
    """Split, canaries and student's part of one replicate; none depends on labels or τ, and parts nest in ρ.

    Raises SoftLabelsError where the share f or the part ρ leaves the student no clean image or holds out no canary.
    """
    count = round(s.canary_share * s.teacher_images)
    own, clean = round(s.rho * count), round(s.rho * (s.teacher_images - count))
    if not (0 < s.canary_share < 1 and 0 < s.rho < 1 and own < count and clean > 0):
        raise SoftLabelsError(
            f"A share f = {s.canary_share} of canaries among {s.teacher_images} images and a part ρ = {s.rho} "
            f"leave {count - own} canaries held out and {clean} clean images to train on; both must be at least 1, "
            f"with 0 < f < 1 and 0 < ρ < 1."
        )
    inputs, classes = digits()
    mine, test = split(s.teacher_images, torch_stream("digits split", s.seed))
    planted, unplanted = labels.plant_canaries(classes[mine], CLASSES, count, torch_stream("canaries", s.seed))
    part = torch.cat([torch.arange(own), torch.arange(count, count + clean)])
    tensors = (inputs[mine], classes[mine], planted, unplanted, part, part < count, torch.arange(own, count))
    return Replicate(*(tensor.to(device) for tensor in (*tensors, inputs[test], classes[test])))


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """One replicate: the teachers with and without canaries as one fleet, then their students as another."""
    one, data = pack[0], replicate(pack[0], device)
    of_teachers = teacher_logits(one, data, sorted({s.teacher_step for s in pack}))
    students = [s for s in pack if s.labels != "nearest neighbours"]
    of_students = {}
    for steps in sorted({s.student_steps for s in students}):
        of_students |= train_students([s for s in students if s.student_steps == steps], data, of_teachers)
    rows = []
    for s in pack:
        own, test = of_teachers[s.teacher_saw_canaries, s.teacher_step]
        teacher = measure(data, test, own[data.held_out])
        test, unseen, train_kl = of_students[s] if s in of_students else neighbours(s, data, own)
        metrics = {
            "train_kl": float(train_kl),
            "teacher_test_accuracy": teacher["test_accuracy"],
            "teacher_canary_recall": teacher["plain_recall"],
            "teacher_leak": teacher["leak"],
        }
        rows.append(Row(s, measure(data, test, unseen) | metrics))
    return rows


def teacher_logits(s: Settings, data: Replicate, steps: list[int]) -> dict[tuple[bool, int], tuple[Tensor, Tensor]]:
    """Logits of both teachers after each of `steps`: {(saw canaries, step): (on its images, on the test set)}.

    They have the same initial weights and images. The one that did not see the canaries has only true labels.
    """
    begin = torch_stream("teacher's start", s.hidden, s.seed)
    start = mlp.take(mlp.start((PIXELS, s.hidden, CLASSES), [begin], data.inputs.device), [0, 0])
    hard = labels.harden(torch.stack([data.classes, data.planted]), CLASSES)  # (2, T, c)
    at_steps = snapshots(start, data.inputs, hard, lr=s.teacher_lr, steps=s.teacher_steps, at=steps)
    both = {step: (mlp.logits(p, data.inputs), mlp.logits(p, data.test_inputs)) for step, p in at_steps.items()}
    return {(bool(saw), step): (own[saw], test[saw]) for step, (own, test) in both.items() for saw in (0, 1)}


def train_students(students: list[Settings], data: Replicate, of_teachers: dict) -> dict[Settings, tuple]:
    """Train students with equal numbers of steps as one fleet, on labels from the teachers' logits.

    Returns for each student its logits on the test set and on the held-out canaries, and the mean KL(label ‖ student)
    on its training examples.
    """
    one = students[0]
    given = [student_labels(s, data, of_teachers[s.teacher_saw_canaries, s.teacher_step][0]) for s in students]
    soft = torch.stack(given)  # (R, S, c)
    trains = torch.stack(
        [torch.ones_like(data.own) if s.canaries_in_student else ~data.own for s in students]
    )  # (R, S)
    weights = trains / trains.sum(1, keepdim=True)
    begin = torch_stream("student's start", one.hidden, one.seed)  # the same for all: only their labels differ
    start = mlp.start((PIXELS, one.hidden, CLASSES), [begin], data.inputs.device)
    fleet = mlp.take(start, [0] * len(students))
    part = data.inputs[data.part]
    fleet = train(fleet, part, soft, weights=weights, lr=one.student_lr, steps=one.student_steps)
    test, unseen, own = (mlp.logits(fleet, x) for x in (data.test_inputs, data.inputs[data.held_out], part))
    kl = (labels.divergence(soft, torch.softmax(own, -1)) * weights).sum(1).clamp_min(0)  # (R,)
    return {s: (test[r], unseen[r], kl[r]) for r, s in enumerate(students)}


def student_labels(s: Settings, data: Replicate, teacher_logits: Tensor) -> Tensor:
    """The labels (S, c) of the student's part, from the teacher's logits (T, c) on its own images."""
    if s.labels in ("hard", "corrected hard"):
        return labels.harden((data.planted if s.labels == "hard" else data.classes)[data.part], CLASSES)
    soft = labels.soften(teacher_logits[data.part], s.tau)
    if s.labels == "soft":
        return soft
    if s.labels == "shuffled":  # without canaries, labels move among clean images only
        apart = data.planted[data.part] if s.canaries_in_student else torch.where(data.own, -1, data.planted[data.part])
        return soft[labels.shuffle_within_class(apart.cpu(), torch_stream("shuffle", s.seed)).to(soft.device)]
    raise SoftLabelsError(f"There are no {s.labels!r} labels; choose soft, shuffled, hard, corrected hard.")


def neighbours(s: Settings, data: Replicate, teacher_logits: Tensor) -> tuple[Tensor, Tensor, float]:
    """In place of a student: each image gets the label of the nearest image in the student's part.

    τ would not change the ranks of its entries.
    """
    part = data.part if s.canaries_in_student else data.part[~data.own]
    test, unseen = (
        teacher_logits[part[torch.cdist(x, data.inputs[part]).argmin(1)]]
        for x in (data.test_inputs, data.inputs[data.held_out])
    )
    return test, unseen, 0.0  # it reproduces its labels


def measure(data: Replicate, test: Tensor, unseen: Tensor) -> dict[str, float]:
    """Utility and leak of logits on the test set and on the canaries held out (H, c); fractions 0–1, ranks 1 … c−1."""
    top, rank = labels.canary_recall(unseen, data.classes[data.held_out], data.planted[data.held_out])
    guess = unseen.argmax(-1)
    return {
        "test_accuracy": _mean(test.argmax(-1) == data.test_classes),
        "leak": _mean(top),
        "leak_n": len(data.held_out),
        "plain_recall": _mean(guess == data.planted[data.held_out]),
        "unplanted_rate": _mean(guess == data.unplanted[data.held_out]),
        "planted_rank": _mean(rank),
    }


def _mean(values: Tensor) -> float:
    return float(values.double().mean())


def pack_of(s: Settings):
    return s.seed, s.canary_share, s.rho, s.teacher_images, s.hidden, s.teacher_lr, s.teacher_steps, s.student_lr


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of training one replicate: two teachers and its students."""
    s = pack[0]
    a_row = 2 * s.hidden * (2 * PIXELS + 3 * CLASSES)  # per image and step, forward and back; inputs need no gradient
    steps = sum(run.student_steps for run in pack if run.labels != "nearest neighbours")
    return a_row * s.teacher_images * (2 * s.teacher_steps + s.rho * steps)


def peak_bytes(pack: list[Settings]) -> float:
    """Bytes that one replicate holds at once: labels and logits of its students, and the images."""
    s = pack[0]
    return 4.0 * s.teacher_images * (PIXELS + len(pack) * s.rho * (4 * CLASSES + s.hidden))


# ---- grids ---------------------------------------------------------------------------------------------------------

PROTOCOL = Settings(
    labels="soft", teacher_step=2000, tau=10.0, canaries_in_student=False, teacher_saw_canaries=True, canary_share=0.05,
    rho=0.5, teacher_images=1200, hidden=64, teacher_lr=3e-3, teacher_steps=2000, student_lr=3e-3, student_steps=2000,
    seed=0,
)  # fmt: skip
SMOKE = replace(
    PROTOCOL, teacher_images=300, canary_share=0.1, hidden=32,
    teacher_lr=1e-2, teacher_steps=100, student_lr=1e-2, student_steps=100,
)  # fmt: skip
QUICK = replace(PROTOCOL, student_lr=6e-3, student_steps=1000)  # half as many steps, each twice as long


def all_students(base: Settings, replicates: int, *, steps: tuple[int, ...]) -> Grid:
    """Every run of each replicate: soft labels at each teacher's step, τ and student set, and the controls."""
    hard, last = {"labels": "hard", "teacher_step": 0, "tau": 1.0}, {"teacher_step": steps[-1]}
    students = [
        hard | {"labels": "corrected hard", "canaries_in_student": True},
        last | {"teacher_saw_canaries": False},
        last | {"tau": 1.0, "student_steps": 4 * base.student_steps},  # the lower τ, trained four times as long
    ]
    for own in ({"canaries_in_student": False}, {"canaries_in_student": True}):
        students += [own | hard, own | last | {"labels": "shuffled"}]
        for step in steps:
            for kind in ({"tau": 1.0}, {"tau": 10.0}, {"tau": 1.0, "labels": "nearest neighbours"}):
                students.append(own | kind | {"teacher_step": step})
    return crossed(base, replicates, students)


UTILITY_AND_LEAKAGE = Study(
    id="joined/utility_and_leakage",
    settings=Settings,
    grids={
        "smoke": all_students(SMOKE, 3, steps=(20, 100)),
        "quick": all_students(QUICK, 12, steps=(60, 120, 250, 500, 2000)),
        "reduced": all_students(PROTOCOL, 24, steps=(30, 60, 120, 180, 250, 500, 1000, 2000)),
    },
    pack_key=pack_of,
    run_pack=run_pack,
    flops=flops,
    bytes=peak_bytes,
)

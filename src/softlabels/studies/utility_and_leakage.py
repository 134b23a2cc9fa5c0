"""What a soft label teaches against what it leaks, along the teacher's training (both papers in one picture).

A teacher learns real digits, a few of them canaries with a random wrong label. Students learn from what it says about a
part of its images, at several points of its training; what they say about canaries that they never saw is the leak.

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
from softlabels.study import Row, Study
from softlabels.training.two_layer import snapshots, train


@dataclass(frozen=True)
class Settings:
    """One student (or the nearest neighbour in a student's place) and where its labels come from."""

    labels: str  # "soft", "shuffled" (soft, within the planted class), "hard", "corrected hard" or "nearest neighbours"
    teacher_step: int  # steps that the teacher had trained when it labelled; 0 where no teacher is asked
    tau: float  # τ, temperature of the soft labels; 1 where it plays no part
    canaries_in_student: bool  # whether the student's part keeps its own canaries
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
class World:
    """One replicate's data: what the teacher sees, and which part of it the student gets."""

    inputs: Tensor  # (T, 64), canaries first
    classes: Tensor  # (T,), true
    planted: Tensor  # (T,), what the teacher is told: wrong for the canaries
    unplanted: Tensor  # (T,), a second wrong label for the canaries, told to nobody
    part: Tensor  # (S,), indices of the student's images
    own: Tensor  # (S,), which of those are canaries
    held_out: Tensor  # (H,), indices of the canaries that the student never sees
    test_inputs: Tensor  # (1797 − T, 64)
    test_classes: Tensor


def world(s: Settings, device: str = "cpu") -> World:
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
    return World(*(tensor.to(device) for tensor in (*tensors, inputs[test], classes[test])))


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """One replicate: the teachers with and without canaries as one fleet, then their students as another."""
    one, w = pack[0], world(pack[0], device)
    said = teachers(one, w, sorted({s.teacher_step for s in pack}))
    students = [s for s in pack if s.labels != "nearest neighbours"]
    answers = {}
    for steps in sorted({s.student_steps for s in students}):
        answers |= taught([s for s in students if s.student_steps == steps], w, said)
    rows = []
    for s in pack:
        teacher = said[s.teacher_saw_canaries, s.teacher_step]
        test, unseen, train_kl = answers[s] if s in answers else neighbours(s, w, teacher[0])
        rows.append(Row(s, measure(w, test, unseen) | {"train_kl": float(train_kl)} | asked(w, *teacher)))
    return rows


def teachers(s: Settings, w: World, steps: list[int]) -> dict[tuple[bool, int], tuple[Tensor, Tensor]]:
    """Logits of both teachers after each of `steps`: {(saw canaries, step): (on its images, on the test set)}.

    They start alike; the one that did not see the canaries was told the true labels of the same images.
    """
    begin = torch_stream("teacher's start", s.hidden, s.seed)
    start = mlp.take(mlp.start((PIXELS, s.hidden, CLASSES), [begin], w.inputs.device), [0, 0])
    told = labels.harden(torch.stack([w.classes, w.planted]), CLASSES)  # (2, T, c)
    kept = snapshots(start, w.inputs, told, lr=s.teacher_lr, steps=s.teacher_steps, at=steps)
    both = {step: (mlp.logits(p, w.inputs), mlp.logits(p, w.test_inputs)) for step, p in kept.items()}
    return {(bool(saw), step): (z[saw], test[saw]) for step, (z, test) in both.items() for saw in (0, 1)}


def taught(students: list[Settings], w: World, said: dict) -> dict[Settings, tuple[Tensor, Tensor, Tensor]]:
    """Train students of equal length as one fleet, from what the teachers `said`.

    For each its logits on the test set and on the canaries held out, and the mean KL(label ‖ student) on what it saw.
    """
    one = students[0]
    wanted = torch.stack([student_labels(s, w, said[s.teacher_saw_canaries, s.teacher_step][0]) for s in students])
    kept = torch.stack([torch.ones_like(w.own) if s.canaries_in_student else ~w.own for s in students])  # (R, S)
    weights = kept / kept.sum(1, keepdim=True)
    begin = torch_stream("student's start", one.hidden, one.seed)  # the same start for all: they differ in labels only
    start = mlp.start((PIXELS, one.hidden, CLASSES), [begin], w.inputs.device)
    fleet = mlp.take(start, [0] * len(students))
    fleet = train(fleet, w.inputs[w.part], wanted, weights=weights, lr=one.student_lr, steps=one.student_steps)
    test, unseen, part = (mlp.logits(fleet, x) for x in (w.test_inputs, w.inputs[w.held_out], w.inputs[w.part]))
    gap = (labels.divergence(wanted, torch.softmax(part, -1)) * weights).sum(1).clamp_min(0)  # (R,)
    return {s: (test[r], unseen[r], gap[r]) for r, s in enumerate(students)}


def student_labels(s: Settings, w: World, teacher_logits: Tensor) -> Tensor:
    """The labels (S, c) of the student's part, from the teacher's logits (T, c) on its own images."""
    if s.labels in ("hard", "corrected hard"):
        return labels.harden((w.planted if s.labels == "hard" else w.classes)[w.part], CLASSES)
    soft = labels.soften(teacher_logits[w.part], s.tau)
    if s.labels == "soft":
        return soft
    if s.labels == "shuffled":  # a clean set exchanges labels among its own images only
        apart = w.planted[w.part] if s.canaries_in_student else torch.where(w.own, -1, w.planted[w.part])
        return soft[labels.shuffle_within_class(apart.cpu(), torch_stream("shuffle", s.seed)).to(soft.device)]
    raise SoftLabelsError(f"There are no {s.labels!r} labels; choose soft, shuffled, hard, corrected hard.")


def neighbours(s: Settings, w: World, teacher_logits: Tensor) -> tuple[Tensor, Tensor, float]:
    """No student at all: each image gets the label of the nearest one in the student's part. τ changes no rank."""
    part = w.part if s.canaries_in_student else w.part[~w.own]
    test, unseen = (
        teacher_logits[part[torch.cdist(x, w.inputs[part]).argmin(1)]] for x in (w.test_inputs, w.inputs[w.held_out])
    )
    return test, unseen, 0.0  # it repeats its labels


def measure(w: World, test: Tensor, unseen: Tensor) -> dict[str, float]:
    """Utility and leak of logits on the test set and on the canaries held out (H, c); fractions 0–1, ranks 1 … c−1."""
    top, rank = labels.canary_recall(unseen, w.classes[w.held_out], w.planted[w.held_out])
    guess = unseen.argmax(-1)
    return {
        "test_accuracy": _mean(test.argmax(-1) == w.test_classes),
        "leak": _mean(top),
        "leak_n": len(w.held_out),
        "plain_recall": _mean(guess == w.planted[w.held_out]),
        "unplanted_rate": _mean(guess == w.unplanted[w.held_out]),
        "planted_rank": _mean(rank),
    }


def asked(w: World, own: Tensor, test: Tensor) -> dict[str, float]:
    """The teacher itself: its test accuracy, and what it answers for, and ranks in, the canaries held out."""
    measured = measure(w, test, own[w.held_out])
    return {
        "teacher_test_accuracy": measured["test_accuracy"],
        "teacher_canary_recall": measured["plain_recall"],
        "teacher_leak": measured["leak"],
    }


def _mean(values: Tensor) -> float:
    return float(values.double().mean())


# ---- grids ---------------------------------------------------------------------------------------------------------


def replicate(seed: int, steps: tuple[int, ...], taus: tuple[float, ...] = (1.0, 10.0), **changed) -> list[Settings]:
    """Every run of one replicate: soft labels at each teacher's step, τ and student set, and the controls.

    One of them is a student at the lowest τ that trains four times as long as the others.
    """
    soft = Settings(
        labels="soft",
        teacher_step=steps[-1],
        tau=taus[-1],
        canaries_in_student=False,
        teacher_saw_canaries=True,
        canary_share=0.05,
        rho=0.5,
        teacher_images=1200,
        hidden=64,
        teacher_lr=3e-3,
        teacher_steps=2000,
        student_lr=3e-3,
        student_steps=2000,
        seed=seed,
    )
    soft = replace(soft, **changed)
    hard = replace(soft, labels="hard", teacher_step=0, tau=1.0)
    runs = [
        replace(hard, labels="corrected hard", canaries_in_student=True),
        replace(soft, teacher_saw_canaries=False),
        replace(soft, tau=taus[0], student_steps=4 * soft.student_steps),
    ]
    for own in (False, True):
        runs += [replace(hard, canaries_in_student=own), replace(soft, labels="shuffled", canaries_in_student=own)]
        for step in steps:
            at = replace(soft, teacher_step=step, canaries_in_student=own)
            runs += [replace(at, tau=tau) for tau in taus] + [replace(at, labels="nearest neighbours", tau=1.0)]
    return runs


def smoke(seeds: int | None = None) -> list[Settings]:
    """Three small replicates, for tests: 300 images, 100 steps."""
    small = {"teacher_images": 300, "canary_share": 0.1, "hidden": 32}
    short = {"teacher_lr": 1e-2, "teacher_steps": 100, "student_lr": 1e-2, "student_steps": 100}
    return [s for seed in range(seeds or 3) for s in replicate(seed, (20, 100), **small, **short)]


def quick(seeds: int | None = None) -> list[Settings]:
    """Twelve replicates; students take half of the protocol's steps, each twice as long (`reduced` takes all)."""
    half = {"student_lr": 6e-3, "student_steps": 1000}
    return [s for seed in range(seeds or 12) for s in replicate(seed, (60, 120, 250, 500, 2000), **half)]


def reduced(seeds: int | None = None) -> list[Settings]:
    """Twenty-four replicates of the whole protocol, at more of the teacher's steps."""
    steps = (30, 60, 120, 180, 250, 500, 1000, 2000)
    return [s for seed in range(seeds or 24) for s in replicate(seed, steps)]


def _together(s: Settings):
    return s.seed, s.canary_share, s.rho, s.teacher_images, s.hidden, s.teacher_lr, s.teacher_steps, s.student_lr


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of training one replicate: two teachers and its students."""
    s = pack[0]
    a_row = 2 * s.hidden * (2 * PIXELS + 3 * CLASSES)  # forward and back, a step; the inputs need no gradient
    taught = sum(run.student_steps for run in pack if run.labels != "nearest neighbours")
    return a_row * s.teacher_images * (2 * s.teacher_steps + s.rho * taught)


def memory(pack: list[Settings]) -> float:
    """Bytes that one replicate holds at once: labels and answers of its students, and the images."""
    s = pack[0]
    return 4.0 * s.teacher_images * (PIXELS + len(pack) * s.rho * (4 * CLASSES + s.hidden))


UTILITY_AND_LEAKAGE = Study(
    id="joined/utility_and_leakage",
    settings=Settings,
    grids={"smoke": smoke, "quick": quick, "reduced": reduced},
    pack_key=_together,
    run_pack=run_pack,
    flops=flops,
    bytes=memory,
)

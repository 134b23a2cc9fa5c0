"""What can be done to soft labels before they are published: what students still learn, and what still leaks.

Replicates, canaries and the leak are those of `utility_and_leakage`. A teacher's labels are treated, then published for
the student's part. A naive student trains on them as they come. An adaptive one knows the treatment: it undoes what can
be undone and re-tempers the rest. It sets the canaries of its own part aside, trains a student on the clean images for
each way of re-tempering, and keeps the way by which these rank most of its own planted labels first. The held-out
canaries, on which the leak is measured, choose nothing.

Letters: M teachers, T their images, S the student's part of them, c classes.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels
from softlabels.data.digits import CLASSES, PIXELS
from softlabels.errors import SoftLabelsError
from softlabels.models import mlp
from softlabels.seeds import torch_stream
from softlabels.studies.grids import Grid, crossed
from softlabels.studies.utility_and_leakage import Replicate, measure, replicate, teacher_logits
from softlabels.study import Row, Study, one_of
from softlabels.training.two_layer import snapshots, train

TREATMENTS = ("none", "rounding", "top k", "top k renormalised", "noise", "smoothing", "arg-max", "given")
TIMES = (1.0, 3.0, 10.0)  # by what an adaptive student may multiply τ; 1: it takes the labels as they come


@dataclass(frozen=True)
class Settings:
    """Labels that are published, and one student that trains on them."""

    treatment: str  # one of TREATMENTS; "given": the images' own labels, wrong ones among them, without a teacher
    amount: float  # bits, entries kept, share of noise or smoothing, or scale of Laplace noise on votes; else 0
    tau: float  # τ at which the teacher's labels are softened before the treatment
    teacher_step: int  # the step of the teachers' training at which they label; 0 for given labels
    teachers: int  # M: 1, or how many teachers of disjoint parts of the T images label together
    teacher_saw_canaries: bool  # False: a single teacher that saw the same images with their true labels
    student: str  # "naive" or "adaptive"
    canaries_in_student: bool  # whether the student trains on the canaries in its part
    canary_share: float  # from here on as in `utility_and_leakage`
    rho: float
    teacher_images: int
    hidden: int
    teacher_lr: float
    teacher_steps: int
    student_lr: float
    student_steps: int
    seed: int


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """One replicate: its teachers, then students of clean images for every way of re-tempering, then the others."""
    for s in pack:
        check(s)
    one, data = pack[0], replicate(pack[0], device)
    of_teachers = all_teachers(pack, data)
    published = {p: publish(p, data, of_teachers[team(p)][0][:, data.part]) for p in dict.fromkeys(map(naive, pack))}
    ways = {(p, times): way for p, table in published.items() for times, way in adaptations(p, table).items()}
    clean = train_students(one, data, ways, with_canaries=False)
    chosen = {p: choose({t: clean[q, t].own for q, t in ways if q == p}, data) for p in published}
    wanted = {s: (naive(s), chosen[naive(s)] if s.student == "adaptive" else TIMES[0]) for s in pack}
    also = {way: ways[way] for s, way in wanted.items() if s.canaries_in_student}
    students = {False: clean, True: train_students(one, data, also, with_canaries=True) if also else {}}
    rows = []
    for s, way in wanted.items():
        student, (own, test) = students[s.canaries_in_student][way], of_teachers[team(s)]
        mean_test, mean_own = (labels.soften(logits, 1.0).mean(0) for logits in (test, own))
        of_teacher = measure(data, mean_test, mean_own[data.held_out])
        metrics = {
            "train_kl": student.train_kl,
            "times": way[1],
            "own_leak": own_leak(clean[way].own, data)[0],
            "label_accuracy": float((ways[way].argmax(-1) == data.classes[data.part]).double().mean()),
            "teacher_test_accuracy": of_teacher["test_accuracy"],
            "teacher_canary_recall": of_teacher["plain_recall"],
        }
        rows.append(Row(s, measure(data, student.test, student.unseen) | metrics))
    return rows


def check(s: Settings) -> None:
    """Raise SoftLabelsError for values that do not exist, and for amounts that a treatment does not take."""
    one_of("student", s.student, ("naive", "adaptive"))
    one_of("treatment", s.treatment, TREATMENTS)
    labels.check_temperature(s.tau)
    whole, none = s.treatment in ("rounding", "top k", "top k renormalised"), s.treatment in ("none", "given")
    if (whole and s.amount != int(s.amount)) or (none and s.amount):
        raise SoftLabelsError(f"{s.treatment!r} takes {'a whole amount' if whole else 'no amount'}, not {s.amount}.")


def naive(s: Settings) -> Settings:
    """The settings of the published labels alone, which all students of them share."""
    return replace(s, student="naive", canaries_in_student=False)


# ---- teachers ------------------------------------------------------------------------------------------------------


def team(s: Settings) -> tuple[int, bool, int]:
    """Which teachers label."""
    return s.teachers, s.teacher_saw_canaries, s.teacher_step


def all_teachers(pack: list[Settings], data: Replicate) -> dict[tuple, tuple[Tensor, Tensor]]:
    """Logits of each team of M teachers: {`team`: (M, T, c) on the T images, (M, n, c) on the test set}."""
    found, one = {}, pack[0]
    for M in sorted({s.teachers for s in pack}):
        steps = sorted({s.teacher_step for s in pack if s.teachers == M})
        if M == 1:
            both = teacher_logits(one, data, steps)
            found |= {(1, saw, step): (own[None], test[None]) for (saw, step), (own, test) in both.items()}
        else:
            found |= {(M, True, step): logits for step, logits in disjoint_logits(one, data, M, steps).items()}
    if unknown := {team(s) for s in pack} - found.keys():
        raise SoftLabelsError(f"Several teachers saw the canaries; teams without them are not trained: {unknown}.")
    return found


def disjoint_logits(s: Settings, data: Replicate, M: int, steps: list[int]) -> dict[int, tuple[Tensor, Tensor]]:
    """The same of M teachers by step, each with every M-th image, so that each canary is known to one of them."""
    T = len(data.inputs)
    if T % M:
        raise SoftLabelsError(f"{T} images can't be dealt evenly to {M} teachers; take a number that divides {T}.")
    hands = torch.arange(T, device=data.inputs.device).view(T // M, M).mT  # (M, T/M); canaries come first of the T
    begin = [torch_stream("disjoint teacher's start", s.hidden, s.seed, m) for m in range(M)]
    start = mlp.start((PIXELS, s.hidden, CLASSES), begin, data.inputs.device)
    hard = labels.harden(data.planted[hands], CLASSES)  # (M, T/M, c)
    at_steps = snapshots(start, data.inputs[hands], hard, lr=s.teacher_lr, steps=s.teacher_steps, at=steps)
    return {step: (mlp.logits(p, data.inputs), mlp.logits(p, data.test_inputs)) for step, p in at_steps.items()}


# ---- what the publisher does ---------------------------------------------------------------------------------------


def publish(s: Settings, data: Replicate, logits: Tensor) -> Tensor:
    """The published labels (S, c) of the student's part, from its teachers' logits (M, S, c) there."""
    if s.treatment == "given":
        return labels.harden(data.planted[data.part], CLASSES)
    stream = torch_stream("before publishing", s.treatment, s.amount, s.tau, *team(s), s.seed)
    soft = labels.soften(logits, s.tau)  # (M, S, c)
    if s.treatment == "arg-max":
        return vote(soft, s.amount, stream)
    return treat(soft.mean(0), s.treatment, s.amount, stream)


def treat(soft: Tensor, treatment: str, amount: float, stream: torch.Generator) -> Tensor:
    """Labels (n, c) after a treatment; rounded and cut ones need not sum to 1. Raises SoftLabelsError for others."""
    if treatment == "none":
        return soft
    if treatment == "rounding":
        return labels.round_to_bits(soft, int(amount))
    if treatment in ("top k", "top k renormalised"):
        return labels.top_k(soft, int(amount), renormalise=treatment != "top k")
    if treatment in ("noise", "smoothing") and not 0 <= amount < 1:
        raise SoftLabelsError(f"A share of {treatment} lies in 0 ≤ a < 1, not {amount}; at 1 no label would be left.")
    if treatment == "noise":
        return labels.mix_noise(soft, 1.0, amount, stream)
    if treatment == "smoothing":
        return (1 - amount) * soft + amount / soft.shape[-1]
    raise SoftLabelsError(f"There is no treatment {treatment!r}; choose one of {', '.join(TREATMENTS)}.")


def vote(soft: Tensor, noise: float, stream: torch.Generator) -> Tensor:
    """The class that most of M teachers predict, as a hard label: (M, n, c) to (n, c). Of one teacher, its arg-max.

    noise: the scale of Laplace noise on the counts (PATE, Papernot et al. 2017). Among classes with equally many votes
    the one with the larger mean probability wins. Raises SoftLabelsError for negative noise.
    """
    if not noise >= 0:
        raise SoftLabelsError(f"Noise on votes has a scale of 0 or more, not {noise}.")
    c = soft.shape[-1]
    votes = labels.harden(soft.argmax(-1), c).sum(0)
    drawn = torch.empty(2, *votes.shape).exponential_(generator=stream).to(votes)  # their difference is Laplace's
    return labels.harden((votes + 0.5 * soft.mean(0) + noise * (drawn[0] - drawn[1])).argmax(-1), c)


# ---- what students do ----------------------------------------------------------------------------------------------


def adaptations(s: Settings, published: Tensor) -> dict[float, Tensor]:
    """What a student may train on, by the factor on τ: the labels (S, c) as they come, and undone and re-tempered.

    Smoothing, or the mean of the noise, is subtracted; what comes out below 0 is 0. Factors that change nothing, as of
    hard labels, are left out.
    """
    undone = published
    if s.treatment in ("noise", "smoothing"):
        undone = ((published - s.amount / CLASSES) / (1 - s.amount)).clamp_min(0)
    ways = {TIMES[0]: published} | {times: labels.retemper(undone, times) for times in TIMES[1:]}
    return {times: way for times, way in ways.items() if times == TIMES[0] or not torch.equal(way, published)}


@dataclass(frozen=True)
class Student:
    """A student's logits on the test set, on held-out canaries and on its own, and its mean KL to its labels."""

    test: Tensor
    unseen: Tensor
    own: Tensor
    train_kl: float


def train_students(s: Settings, data: Replicate, given: dict, with_canaries: bool) -> dict[object, Student]:
    """Train a student on each table of labels (S, c) in `given`, all from the same initial weights.

    A label that sums to less than 1 weighs less, and one without any entry is left out (`as_training_targets`).
    """
    tables = torch.stack(list(given.values()))  # (R, S, c)
    trains = torch.ones_like(data.own) if with_canaries else ~data.own  # (S,)
    soft, weights = labels.as_training_targets(tables, (trains / trains.sum()).expand(len(tables), -1))
    begin = torch_stream("student's start", s.hidden, s.seed)
    fleet = mlp.take(mlp.start((PIXELS, s.hidden, CLASSES), [begin], data.inputs.device), [0] * len(tables))
    part = data.inputs[data.part]
    fleet = train(fleet, part, soft, weights=weights, lr=s.student_lr, steps=s.student_steps)
    test, unseen, own = (mlp.logits(fleet, x) for x in (data.test_inputs, data.inputs[data.held_out], part))
    kl = (labels.divergence(soft, torch.softmax(own, -1)) * weights).sum(1).clamp_min(0)
    return {name: Student(test[r], unseen[r], own[r, data.own], float(kl[r])) for r, name in enumerate(given)}


def choose(own: dict[float, Tensor], data: Replicate) -> float:
    """The factor on τ by which most canaries of its own part, unseen too, come first; else by mean rank; else least."""
    return max(own, key=lambda times: (*own_leak(own[times], data), -times))


def own_leak(scores: Tensor, data: Replicate) -> tuple[float, float]:
    """Of the canaries in the student's own part (K, c): the share ranked first, and minus the mean rank."""
    own = data.part[data.own]
    top, rank = labels.canary_recall(scores, data.classes[own], data.planted[own])
    return float(top.double().mean()), -float(rank.double().mean())


def pack_of(s: Settings):
    learning = (s.teacher_lr, s.teacher_steps, s.student_lr, s.student_steps)
    return s.seed, s.canary_share, s.rho, s.teacher_images, s.hidden, *learning


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of one replicate: two teachers, teams as one each, and at most all students."""
    s, published = pack[0], len(set(map(naive, pack)))
    a_row = 2 * s.hidden * (2 * PIXELS + 3 * CLASSES)
    teams = 2 + len({run.teachers for run in pack} - {1})
    students = len(TIMES) * published + sum(run.canaries_in_student for run in pack)
    return a_row * s.teacher_images * (teams * s.teacher_steps + s.rho * students * s.student_steps)


def peak_bytes(pack: list[Settings]) -> float:
    """Bytes that one replicate holds at once: labels and logits of its students, and the images."""
    s, students = pack[0], len(TIMES) * len(set(map(naive, pack)))
    return 4.0 * s.teacher_images * (PIXELS + students * s.rho * (6 * CLASSES + s.hidden))


# ---- grids ---------------------------------------------------------------------------------------------------------

PROTOCOL = Settings(
    treatment="none", amount=0.0, tau=1.0, teacher_step=2000, teachers=1, teacher_saw_canaries=True, student="naive",
    canaries_in_student=True, canary_share=0.05, rho=0.5, teacher_images=1200, hidden=64, teacher_lr=3e-3,
    teacher_steps=2000, student_lr=3e-3, student_steps=2000, seed=0,
)  # fmt: skip
SMOKE = replace(
    PROTOCOL, teacher_images=300, canary_share=0.1, hidden=32, teacher_lr=1e-2, teacher_step=100, teacher_steps=100,
    student_lr=1e-2, student_steps=60,
)  # fmt: skip
QUICK = replace(PROTOCOL, student_lr=2e-2, student_steps=200)  # a tenth of the steps, each almost seven times as long


def all_treatments(base: Settings, replicates: int, *, early: tuple[int, int, int]) -> Grid:
    """Every treatment with both students on both sets. early: steps of earlier teachers; the middle one is treated."""
    last, (_, middle, _) = base.teacher_steps, early
    table = [  # treatment, amount, τ, step, teachers
        *(("none", 0, tau, last, 1) for tau in (1, 0.5, 10)),
        *(("rounding", bits, tau, last, 1) for bits in (8, 4, 2) for tau in (1, 10)),
        *(("top k", k, 10, last, 1) for k in (1, 2, 3)),
        *(("top k renormalised", k, tau, last, 1) for k, tau in ((2, 1), (2, 10), (3, 10))),
        *(("noise", share, tau, last, 1) for share, tau in ((0.1, 1), (0.1, 10), (0.5, 10))),
        ("smoothing", 0.1, 1, last, 1),
        ("arg-max", 0, 1, last, 1),
        *(("none", 0, 1, step, 1) for step in early),
        ("rounding", 2, 1, middle, 1),
        ("arg-max", 0, 1, middle, 1),
        *(("none", 0, 1, step, 5) for step in (last, middle)),
        ("noise", 0.1, 1, last, 5),
        *(("arg-max", 0, 1, step, 5) for step in (last, middle)),
        ("arg-max", 1, 1, last, 5),
        ("given", 0, 1, 0, 1),
    ]
    treatments = [
        {"treatment": name, "amount": float(amount), "tau": float(tau), "teacher_step": step, "teachers": M}
        for name, amount, tau, step, M in table
    ]
    treatments.append({"teacher_saw_canaries": False})
    return crossed(base, replicates, treatments, student=("naive", "adaptive"), canaries_in_student=(True, False))


BEFORE_PUBLISHING = Study(
    id="joined/before_publishing",
    settings=Settings,
    grids={
        "smoke": all_treatments(SMOKE, 3, early=(10, 20, 50)),
        "quick": all_treatments(QUICK, 12, early=(60, 120, 250)),
        "reduced": all_treatments(PROTOCOL, 24, early=(60, 120, 250)),
    },
    pack_key=pack_of,
    run_pack=run_pack,
    flops=flops,
    bytes=peak_bytes,
)

"""Paper B, figures 2, 8 and 9: modular addition, where a teacher first memorises its pairs and later finds the rule.

Students learn the soft labels of a teacher stopped before, during or after it finds the rule, on a part of its pairs.
They start from initial weights of their own or, as in the official code by accident, from the teacher's: finding N1.

Letters: R students, N = p² pairs in random order, n of them the teacher's, m of those the student's, c = p classes.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from softlabels.data import modular
from softlabels.labels import check_temperature, soften
from softlabels.models import mlp
from softlabels.studies.grids import Grid, crossed, pooled
from softlabels.studies.modular_teachers import (
    NETWORKS,
    STARTS,
    Perceptron,
    Student,
    Teacher,
    Transformer,
    large,
    order,
    shape_of,
    start,
    student_flops,
    teachers,
)
from softlabels.study import Row, Study, one_of
from softlabels.training.adamw import train
from softlabels.training.precision import keep_memory


def run_pack(pack: list[Student], device: str, cache: Path) -> list[Row]:
    """The pack's teachers, then its students: those of one ρ see equally many pairs and train as one fleet."""
    for s in pack:
        modular.parts(s.p, s.fraction, s.rho)
        check_temperature(s.tau)
        one_of("start", s.start, STARTS)
    if large(pack[0]):
        keep_memory()  # else glibc frees and requests the memory of a step's tensors each time
    stopped, rows = teachers(pack, device, cache), {}
    for rho in sorted({s.rho for s in pack}):
        rows |= train_students([s for s in pack if s.rho == rho], stopped, device)
    return [rows[s] for s in pack]


def train_students(fleet: list[Student], stopped: dict[tuple[int, int], Teacher], device: str) -> dict[Student, Row]:
    """Train students of one ρ as one fleet on the soft labels of teachers `stopped` at {(seed, step)}; a row each."""
    one, logits = fleet[0], NETWORKS[type(fleet[0])].logits
    n, m = modular.parts(one.p, one.fraction, one.rho)
    pairs = torch.stack([order(s, device) for s in fleet])  # (R, N, 2)
    classes = modular.sums(pairs, one.p)
    a_student = {(s.seed, s.teacher_step): r for r, s in enumerate(fleet)}  # any student of each teacher
    of_teacher = {which: logits(stopped[which].weights, pairs[r])[0] for which, r in a_student.items()}
    teacher_logits = [of_teacher[s.seed, s.teacher_step] for s in fleet]  # (N, c) each
    soft = torch.stack([soften(z[:m], s.tau) for z, s in zip(teacher_logits, fleet, strict=True)])  # (R, m, c)

    drawn = [r for r, s in enumerate(fleet) if learning_curve(s)]
    history: list[tuple[int, dict]] = []

    def evaluate(step, live):
        some = {name: tensor[drawn] for name, tensor in live.items()}
        history.append((step, accuracies(logits(some, pairs[drawn]).argmax(-1) == classes[drawn], n, m)))

    every = max(1, one.student_steps // 100)
    students = train(
        logits, mlp.join([start(s, device) for s in fleet]), pairs[:, :m], soft,
        lr=one.lr, steps=one.student_steps, weight_decay=one.weight_decay,
        evaluate=evaluate if drawn else None, at=range(0, one.student_steps + 1, every),
    )  # fmt: skip

    guess = logits(students, pairs).argmax(-1)  # (R, N)
    teachers_guess = torch.stack([z.argmax(-1) for z in teacher_logits])
    of_teachers = accuracies(teachers_guess == classes, n, m)
    metrics = {
        "teacher_accuracy": (of_teachers["student_train_accuracy"] * m + of_teachers["held_out_accuracy"] * (n - m))
        / n,
        "teacher_fresh_accuracy": of_teachers["fresh_accuracy"],
        **accuracies(guess == classes, n, m),
        "agreement": accuracies(guess == teachers_guess, n, m)["held_out_accuracy"],
    }
    rows = {s: Row(s, {name: float(values[r]) for name, values in metrics.items()}) for r, s in enumerate(fleet)}
    for place, r in enumerate(drawn):
        for name in history[0][1]:
            rows[fleet[r]].curves[name] = [(step, float(shares[name][place])) for step, shares in history]
        rows[fleet[r]].curves.update(teachers_curves(fleet[r], stopped))
    return rows


def accuracies(right: Tensor, n: int, m: int) -> dict[str, Tensor]:
    """Accuracies (R,) on the three parts of a student's pairs, from whether it is right on each (R, N)."""
    shares = (part.double().mean(1).cpu() for part in right.tensor_split((m, n), dim=1))
    return dict(zip(("student_train_accuracy", "held_out_accuracy", "fresh_accuracy"), shares, strict=True))


def learning_curve(s: Student) -> bool:
    """Whether the figures draw this student's learning curve."""
    return (s.rho, s.tau) in NETWORKS[type(s)].learning and s.start in ("independent", "shared")


def teachers_curves(s: Student, stopped: dict[tuple[int, int], Teacher]) -> dict[str, list[tuple[int, float]]]:
    """The teacher's own accuracies up to its stop; only one student of each teacher has them in its row."""
    if s.start != "independent" or (s.rho, s.tau) != NETWORKS[type(s)].learning[-1]:
        return {}
    curve = stopped[s.seed, s.teacher_step].curve.tolist()
    names = ("teacher_accuracy", "teacher_fresh_accuracy")
    return {name: [(int(point[0]), point[i]) for point in curve] for i, name in enumerate(names, start=1)}


def pack_of(s: Student):
    """The key of a pack: all small students, or large ones by seed, ρ and start, so that interruptions cost little.

    Large students of the first teacher at the first τ are packs of their own: N1 needs no others, and a CPU suffices.
    """
    first = (s.teacher_step, s.tau) == (STOPS[type(s)][0], TAUS[0])
    return (shape_of(s), s.seed, s.rho, s.start, first) if large(s) else shape_of(s)


def flops(pack: list[Student]) -> float:
    """Arithmetic of training a pack. Large teachers, which many packs share, are 2 % of the whole and not counted."""
    one, total = pack[0], sum(map(student_flops, pack))
    if not large(one):
        for seed in {s.seed for s in pack}:
            last = max(s.teacher_step for s in pack if s.seed == seed)
            total += student_flops(replace(one, rho=1.0, student_steps=last))
    return total


def peak_bytes(pack: list[Student]) -> float:
    """Soft labels and logits of the largest fleet of a pack, and its networks' activations, in float32."""
    rho = max(s.rho for s in pack)
    one, size = pack[0], sum(s.rho == rho for s in pack)
    width = 3 * one.hidden if isinstance(one, Perceptron) else 3 * (6 * one.d_model + 2 * one.d_mlp)
    return 4.0 * size * one.p**2 * (2 * one.p + width)


# ---- grids ---------------------------------------------------------------------------------------------------------

RHOS, TAUS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9), (10.0, 1.0, 0.1)  # the published grid
STOPS = {Perceptron: (5_000, 10_000, 20_000), Transformer: (2_500, 5_000, 10_000)}  # the published teachers
ANY = {"teacher_step": 0, "rho": 0.9, "tau": 10.0, "start": "independent", "weight_decay": 1.0, "seed": 0}
FIGURE_9 = Perceptron(p=113, fraction=0.3, hidden=200, lr=1e-3, student_steps=40_000, **ANY)
FIGURE_2 = Transformer(p=113, fraction=0.3, d_model=128, heads=4, d_mlp=512, lr=1e-3, student_steps=40_000, **ANY)
QUICK_9 = Perceptron(p=23, fraction=0.7, hidden=64, lr=1e-2, student_steps=1500, **ANY)
QUICK_2 = Transformer(p=31, fraction=0.4, d_model=32, heads=4, d_mlp=128, lr=3e-3, student_steps=800, **ANY)
SMOKE_9 = replace(QUICK_9, p=7, hidden=16, student_steps=60)
SMOKE_2 = replace(QUICK_2, p=7, d_model=8, heads=2, d_mlp=16, fraction=0.7, lr=1e-2, student_steps=40)


def runs(
    base: Student, replicates: int, *, rhos: Iterable[float], taus: Iterable[float], stops: Iterable[int],
    shared: Iterable[tuple[int, float]] | None = None, half: Iterable[tuple[int, float]] = (),
) -> Grid:  # fmt: skip
    """For each seed every stop of the teacher × τ × ρ: independent students, then those that share its start.

    shared: the (stop, τ) of students with the teacher's initial weights, None for all; half: of those that share only
    the hidden layers, or only the head.
    """
    every = [(stop, tau) for stop in stops for tau in taus]
    cells = {
        "independent": every,
        "shared": every if shared is None else shared,
        "shared hidden": half,
        "shared head": half,
    }
    students = [
        {"start": start, "teacher_step": stop, "tau": tau} for start, chosen in cells.items() for stop, tau in chosen
    ]
    return crossed(base, replicates, students, rho=rhos)


def paper(base: Student) -> Grid:
    """The published grid; the cells that claim N1 compares come first, so that they can be run alone."""
    stops = STOPS[type(base)]
    return pooled(
        runs(base, 3, rhos=RHOS, taus=TAUS[:1], stops=stops[:1], half=[(stops[0], TAUS[0])]),
        runs(base, 3, rhos=RHOS, taus=TAUS, stops=stops),
    )


def _study(name: str, settings: type, **grids: Grid) -> Study:
    return Study(
        id=f"memorized/{name}",
        settings=settings,
        grids=grids,
        pack_key=pack_of,
        run_pack=run_pack,
        flops=flops,
        bytes=peak_bytes,
        kind=lambda s: f"start {s.start}",
        first_steps=first_steps,
        reproducible=False,
    )


def first_steps(pack: list[Student]) -> list[Student]:
    """The pack cut to 40 steps: one rounding moves the loss by 5e-3 in 400 steps, so only the first can be compared."""
    return [replace(s, teacher_step=20, student_steps=40) for s in pack]


FIRST = [(100, 10.0)]  # the first teacher's stop and τ at quick scale
MLP = _study(
    "modular_mlp",
    Perceptron,
    smoke=runs(SMOKE_9, 3, rhos=(0.5, 0.9), taus=TAUS, stops=(10, 20, 40), shared=[(10, 10.0)], half=[(10, 10.0)]),
    quick=pooled(  # four replicates of everything, twelve of what claims M6, M8, M9 and N1 compare
        runs(
            QUICK_9, 4, rhos=(0.1, 0.3, 0.5, 0.7, 0.9), taus=TAUS, stops=(100, 200, 2000),
            shared=[*FIRST, (200, 10.0)], half=FIRST,
        ),
        runs(QUICK_9, 12, rhos=(0.1, 0.9), taus=(10.0,), stops=(100,), shared=FIRST, half=FIRST),
        runs(QUICK_9, 12, rhos=(0.9,), taus=(0.1,), stops=(100,), shared=[]),
        runs(QUICK_9, 12, rhos=(0.7,), taus=(10.0, 0.1), stops=(2000,), shared=[]),
    ),
    paper=pooled(  # six replicates of what claim M6 compares: the first three spread by 0.05, 0.06 above its limit
        paper(FIGURE_9),
        runs(FIGURE_9, 6, rhos=(0.1, 0.9), taus=TAUS[:1], stops=STOPS[Perceptron][:1], shared=[]),
    ),
)  # fmt: skip

TRANSFORMER = _study(
    "modular_transformer",
    Transformer,
    smoke=runs(SMOKE_2, 1, rhos=(0.3, 0.9), taus=(10.0, 0.1), stops=(20,)),
    quick=runs(QUICK_2, 4, rhos=(0.3, 0.5, 0.7, 0.9), taus=(10.0, 0.1), stops=(200,), shared=[(200, 10.0)]),
    paper=paper(FIGURE_2),
)

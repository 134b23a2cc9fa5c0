"""Finding N2: whether linear students fail at low temperature because of the labels or because of the optimiser.

The same teacher and the same soft labels, given to Adam with the paper's budget, to Adam with ten times as many steps,
and to Newton's method in float64. Paper B, figure 4a, taken further.
"""

from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import torch

from softlabels import labels
from softlabels.data.synthetic import balanced_classes, gaussian, students_part
from softlabels.seeds import torch_stream
from softlabels.study import Row, Study
from softlabels.training import linear
from softlabels.training.newton import train_newton

DTYPE = {"float32": torch.float32, "float64": torch.float64}


@dataclass(frozen=True)
class Settings:
    """One student of two classes and its teacher."""

    d: int  # input dimension
    per_class: int  # k, examples a class: n = 2k
    rho: float  # ρ, fraction of each class that the student trains on
    tau: float  # τ, temperature of the soft labels
    solver: str  # "adam" or "newton"
    precision: str  # "float32" or "float64", of the student
    student_steps: int  # Adam's steps; Newton stops by itself
    student_lr: float
    teacher_lr: float
    teacher_steps: int
    seed: int  # replicate


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """All teachers as one fleet, Adam's students as one a budget; on the CPU, where float64 is at home.

    Letters: B replicates, K students of a fleet, m training rows of n.
    """
    one = pack[0]
    seeds = list(dict.fromkeys(s.seed for s in pack))
    n, m = 2 * one.per_class, 2 * students_part(one.per_class, one.rho)
    classes = balanced_classes(n, 2)
    inputs = torch.stack([gaussian(n, one.d, *_stream("data", one, seed), dtype=torch.float64) for seed in seeds])
    hard = labels.harden(classes, 2, torch.float64).T  # (2, n)
    teachers = linear.train(
        inputs,
        hard.expand(len(seeds), 1, 2, n),
        _starts("teacher's start", one, seeds),
        lr=one.teacher_lr,
        steps=one.teacher_steps,
    )[:, 0]  # (B, 2, d)
    z = inputs @ teachers.mT  # (B, n, 2)

    students = {}
    for budget in dict.fromkeys((s.precision, s.student_steps, s.student_lr) for s in pack if s.solver == "adam"):
        precision, steps, lr = budget
        taus = [s.tau for s in pack if (s.precision, s.student_steps, s.student_lr, s.seed) == (*budget, seeds[0])]
        wanted = torch.stack([labels.soften(z, tau).mT for tau in taus], 1)  # (B, K, 2, n)
        dtype = DTYPE[precision]
        start = _starts("student's start", one, seeds).expand(-1, len(taus), -1, -1)
        trained = linear.train(
            inputs[:, :m].to(dtype), wanted[..., :m].to(dtype), start.to(dtype), lr=lr, steps=steps
        ).double()
        for (b, seed), (k, tau) in product(enumerate(seeds), enumerate(taus)):
            students[(*budget, seed, tau)] = trained[b, k]
    rows = []
    for s in pack:
        b = seeds.index(s.seed)
        if s.solver == "newton":
            v = train_newton(inputs[b, :m], labels.soften(z[b], s.tau)[:m, 1])
            student = torch.stack([-v / 2, v / 2])
        else:
            student = students[s.precision, s.student_steps, s.student_lr, s.seed, s.tau]
        rows.append(Row(s, _measure(s, inputs[b], classes, teachers[b], student, m)))
    return rows


def _stream(name, one, seed):
    return f"low temperature, {name}", one.d, one.per_class, seed


def _starts(name, one, seeds):
    """Initial weights (B, 1, 2, d), a draw a replicate."""
    draws = [linear.start(1, 2, one.d, torch_stream(*_stream(name, one, seed)), torch.float64) for seed in seeds]
    return torch.stack(draws)


def _measure(s, inputs, classes, teacher, student, m):
    """Accuracies 0–1, and how far the student's weights, times τ, are from the teacher's."""
    z, teacher_logits = inputs @ student.T, inputs @ teacher.T  # (n, 2)
    wanted = labels.soften(teacher_logits, s.tau)
    guess, said = z.argmax(-1), teacher_logits.argmax(-1)
    residual = (torch.softmax(z, -1) - wanted)[:m, 1]
    goal, reached = teacher[1] - teacher[0], s.tau * (student[1] - student[0])
    return {
        "teacher_accuracy": float((said == classes).double().mean()),
        "student_train_accuracy": float((guess == classes)[:m].double().mean()),
        "held_out_accuracy": float((guess == classes)[m:].double().mean()),
        "agreement": float((guess == said)[m:].double().mean()),
        "train_kl": float(labels.divergence(wanted, torch.softmax(z, -1))[:m].mean().clamp_min(0)),
        "weight_error": float((reached - goal).norm() / goal.norm()),
        "gradient_norm": float((inputs[:m].T @ residual / m).norm()),
    }


SOLVERS = (  # solver, precision, steps
    ("adam", "float32", 10_000),
    ("adam", "float64", 10_000),
    ("adam", "float64", 100_000),
    ("newton", "float64", 0),
)


def grid(d: int, per_class: int, taus, solvers, teacher_steps: int, replicates: int, seeds: int | None = None):
    """Every solver at every temperature, at ρ = 0.8."""
    return [
        Settings(d, per_class, 0.8, tau, *solver, 1e-4 if solver[0] == "adam" else 0.0, 1e-3, teacher_steps, seed)
        for seed, tau, solver in product(range(seeds or replicates), taus, solvers)
    ]


def flops(pack: list[Settings]) -> float:
    """Products of the teachers and of Adam's students; Newton's are as nothing beside them."""
    one, replicates = pack[0], len({s.seed for s in pack})
    steps = one.teacher_steps * replicates + sum(s.rho * s.student_steps for s in pack)
    return 8.0 * one.per_class * one.d * steps


TAUS = (0.1, 0.316, 1.0, 3.16, 10.0, 31.6, 100.0)

LOW_TEMPERATURE = Study(
    id="memorized/low_temperature",
    settings=Settings,
    grids={
        "smoke": partial(grid, 10, 8, (1.0, 10.0), (("adam", "float32", 100), SOLVERS[-1]), 300, 3),
        "quick": partial(grid, 50, 40, TAUS, SOLVERS, 10_000, 8),
    },
    pack_key=lambda s: (s.d, s.per_class, s.rho),
    run_pack=run_pack,
    flops=flops,
    bytes=lambda pack: 8.0 * 2 * pack[0].per_class * (pack[0].d + 4 * len(pack)),
    dtype="float64, or as the settings say",
)

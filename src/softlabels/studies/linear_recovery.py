"""Logistic regression, and when a student's labels pin its teacher down (paper B, figures 3 and 10, and two questions).

A teacher with one logit and no bias memorises n random labels in d dimensions; a student gets a fraction ρ of them,
softened. Sample sizes and train fractions are nested: the replicate's inputs are drawn once, a teacher takes the first
n rows of them, a student the first ρn of those.

Letters: n rows, d inputs, s students of one teacher, K models in one fleet.
"""

from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from softlabels import labels
from softlabels.data.synthetic import balanced_classes, gaussian, students_part
from softlabels.seeds import torch_stream
from softlabels.study import Row, Study
from softlabels.training import linear
from softlabels.training.least_squares import prefix_least_squares
from softlabels.training.nested import standardisation, train_nested


@dataclass(frozen=True)
class Settings:
    """One student and its teacher."""

    d: int  # input dimension
    n: int  # examples that the teacher memorises, half of them of each class; the figures' axis is α = n/d
    rho: float  # ρ, fraction of them that the student trains on; 0 where it has inputs of its own
    shuffled: bool  # soft labels permuted within each class
    student: str  # "pseudo_inverse": minimum-norm least squares on logits; "cross_entropy": Adam on soft labels
    inputs: str  # "teacher's": the first ρn of what the teacher memorised; "fresh": drawn anew, labelled by the teacher
    student_n: int  # how many fresh inputs; 0 where they are the teacher's
    tau: float  # τ, temperature of a cross-entropy student's soft labels; logits have none (1)
    teacher_lr: float
    teacher_steps: int
    student_lr: float  # of a cross-entropy student; 0 where there is nothing to train
    student_steps: int
    student_start: str  # "random": uniform in ±1/√d, PyTorch's default; "zero", as the pseudo-inverse has it
    seed: int  # replicate

    @property
    def part(self) -> int:
        """How many rows the student trains on: a prefix, balanced like the whole."""
        return self.student_n or 2 * students_part(self.n // 2, self.rho)


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """All teachers of one replicate as one fleet, then the students of each teacher."""
    one, sizes = pack[0], sorted({s.n for s in pack})
    x = gaussian(sizes[-1], one.d, "linear recovery", one.d, one.seed, dtype=torch.float64).to(device)
    teachers = _teachers(one, sizes, x)
    descended = _cross_entropy_students([s for s in pack if s.student == "cross_entropy"], x, teachers)
    rows = {}
    for n, (w, shift, scale) in teachers.items():
        memorised = (x[:n] - shift) / scale  # float64: least squares is then exact up to rounding
        z, classes = memorised @ w, balanced_classes(n, 2).to(device) == 1
        of_teacher = {
            "teacher_accuracy": float(((z > 0) == classes).double().mean()),
            "teacher_loss": float(binary_cross_entropy_with_logits(z, classes.double())),
        }
        for kind in ("teacher's", "fresh"):
            students = [s for s in pack if s.n == n and s.inputs == kind]
            if not students:
                continue
            given, truth = memorised, classes
            if kind == "fresh":
                given = (_fresh_inputs(students).to(device) - shift) / scale
                truth = given @ w > 0  # a fresh input has no class but the teacher's
            part = torch.tensor([s.part for s in students], device=device)
            wanted = _labels(students, given @ w)
            found = _least_squares_students(students, given, wanted, part, descended)
            seen = torch.arange(len(given), device=device)[:, None] < part  # (rows, s)
            held_out = ~seen if kind == "teacher's" else torch.ones((n, len(students)), dtype=torch.bool, device=device)
            on_train = _compare(given @ found, wanted, truth, seen)
            on_rest = _compare(memorised @ found, z[:, None], classes, held_out)
            for j, settings in enumerate(students):
                rows[settings] = Row(settings, of_teacher | _metrics(on_train[:, j], on_rest[:, j]))
    return [rows[settings] for settings in pack]


def _teachers(one: Settings, sizes: list[int], x: Tensor) -> dict[int, tuple[Tensor, Tensor, Tensor]]:
    """Weights, and the mean and deviation that standardise the inputs they act on (each (d,), float64), by n."""
    shift, scale = (torch.stack(part) for part in zip(*(standardisation(x, n) for n in sizes), strict=True))
    start = torch.cat([linear.start(1, 1, one.d, _stream("teacher's start", one, n))[0] for n in sizes])  # (K, d)
    y = balanced_classes(len(x), 2).to(x.device, torch.float32).expand(len(sizes), -1)
    weights = train_nested(
        x.float(), y, torch.tensor(sizes), start.to(x.device), shift.float(), scale.float(),
        lr=one.teacher_lr, steps=one.teacher_steps,
    )  # fmt: skip
    return dict(zip(sizes, zip(weights.double(), shift, scale, strict=True), strict=True))


def _cross_entropy_students(students: list[Settings], x: Tensor, teachers: dict) -> dict[Settings, Tensor]:
    """Weights (d,) by Adam on soft labels, as one fleet; scaled by τ, so that their logits are to be the teacher's."""
    if not students:
        return {}
    for s in students:
        labels.check_temperature(s.tau)
    one = students[0]
    of_teacher = [teachers[s.n] for s in students]
    w, shift, scale = (torch.stack(part) for part in zip(*of_teacher, strict=True))  # (K, d)
    logits = (w / scale) @ x.mT - torch.linalg.vecdot(w / scale, shift)[:, None]  # (K, n)
    tau = torch.tensor([s.tau for s in students], dtype=x.dtype, device=x.device)[:, None]
    start = torch.cat([linear.start(1, 1, s.d, _stream("student's start", s, s.n))[0] for s in students])
    start *= torch.tensor([s.student_start == "random" for s in students])[:, None]
    weights = train_nested(
        x.float(), torch.sigmoid(logits / tau).float(), torch.tensor([s.part for s in students]),
        start.to(x.device), shift.float(), scale.float(), lr=one.student_lr, steps=one.student_steps,
    )  # fmt: skip
    return dict(zip(students, weights.double() * tau, strict=True))


def _least_squares_students(students, given, wanted, part, descended):
    """Weights (d, s): solved on each student's prefix, or taken from those that descended a gradient."""
    found = given.new_empty((given.shape[1], len(students)))
    solved = torch.tensor([s.student == "pseudo_inverse" for s in students], device=given.device)
    if solved.any():
        found[:, solved] = prefix_least_squares(given, wanted[:, solved], part[solved])
    for j in (~solved).nonzero().flatten().tolist():
        found[:, j] = descended[students[j]]
    return found


def _labels(students, logits):
    """The logits (rows, s) that each student is given for its part; a shuffled student gets others of its own class."""
    wanted = logits[:, None].repeat(1, len(students))
    for j, s in enumerate(students):
        if s.shuffled:
            order = labels.shuffle_within_class(balanced_classes(s.part, 2), _stream("shuffle", s, s.n, s.part))
            wanted[: s.part, j] = logits[order.to(logits.device)]
    return wanted


def _fresh_inputs(students):
    most, one = max(s.student_n for s in students), students[0]
    return gaussian(most, one.d, "fresh inputs", one.d, one.seed, dtype=torch.float64)


def _stream(name, s, *sizes):
    return torch_stream(f"linear recovery: {name}", s.d, *sizes, s.seed)


def _compare(logits, wanted, classes, rows):
    """Accuracy, agreement with the labels' side, mean squared distance to their logits: (3, s), over a mask (n, s)."""
    right = (logits > 0) == classes[:, None]
    agree = (logits > 0) == (wanted > 0)
    return torch.stack([(values * rows).sum(0) / rows.sum(0) for values in (right, agree, (logits - wanted) ** 2)])


def _metrics(on_train, on_rest):
    """Accuracies against the true labels and agreements with the teacher are fractions; errors are squared logits."""
    names = ("student_train_accuracy", "agreement_train", "train_mse", "held_out_accuracy", "agreement", "held_out_mse")
    return dict(zip(names, (*on_train.tolist(), *on_rest.tolist()), strict=True))


# ---- grids ---------------------------------------------------------------------------------------------------------

PAPER_A = np.linspace(0.2, 3.5, 50)  # examples a class and dimension, as in the official driver
PLOTTED = 3.5  # the figures end at α = 3.5; the driver's grid goes on to 7
PAPER_RHO = [round(float(rho), 5) for rho in np.linspace(0.05, 0.95, 50)]
QUICK_SHARES = np.linspace(0.2, 1.8, 9)  # n_S/d, fresh inputs a dimension
QUICK_RHO = [round(float(rho), 5) for rho in np.linspace(0.05, 0.95, 13)]
DESCENTS = ((1.0, "random"), (20.0, "random"), (20.0, "zero"))  # a cross-entropy student's temperature and start
FAST = (1e-2, 2000)  # a teacher's learning rate and steps in seconds; the paper has 1e-3 and 10 000


def sizes_of(a, d: int) -> list[int]:
    """n = 2·int(a·d) for every a, up to the end of the plotted range."""
    return [n for n in (2 * int(float(value) * d) for value in a) if n <= PLOTTED * d]


def pseudo_inverse_grid(dimensions, a, rhos, shuffled_rhos, teacher, default_seeds, seeds=None) -> list[Settings]:
    """Figures 3 and 10: every train fraction of every teacher, plain and shuffled."""
    return [
        Settings(d, n, rho, shuffled, "pseudo_inverse", "teacher's", 0, 1.0, *teacher, 0.0, 0, "zero", seed)
        for d, seed in product(dimensions, range(seeds or default_seeds))
        for n, shuffled in product(sizes_of(a, d), (False, True))
        for rho in (shuffled_rhos if shuffled else rhos)
    ]


def student_grid(d, a, rhos, descents, shares, teacher, student, default_seeds, seeds=None) -> list[Settings]:
    """Two questions: descents (τ, start) instead of the pseudo-inverse, at each ρ; and fresh inputs, n_S = share·d."""
    grid = []
    for seed, n in product(range(seeds or default_seeds), sizes_of(a, d)):
        run = partial(Settings, d, n, teacher_lr=teacher[0], teacher_steps=teacher[1], shuffled=False, seed=seed)
        solve = partial(run, student="pseudo_inverse", tau=1.0, student_lr=0.0, student_steps=0, student_start="zero")
        descend = partial(run, student="cross_entropy", student_lr=student[0], student_steps=student[1])
        for rho in rhos:
            same = {"rho": rho, "inputs": "teacher's", "student_n": 0}
            grid += [solve(**same), *(descend(**same, tau=tau, student_start=start) for tau, start in descents)]
        grid += [solve(rho=0.0, inputs="fresh", student_n=2 * round(share * d / 2)) for share in shares]
    return grid


def pack_of(s: Settings):
    """One replicate in one dimension: its inputs serve all teachers and students."""
    return (s.d, s.seed, s.teacher_lr, s.teacher_steps)


def flops(pack: list[Settings]) -> float:
    """Products of the descents; least squares: QR up to d rows, then a Gram matrix and a Cholesky factor a prefix."""
    d = pack[0].d
    total = sum(4.0 * n * d * pack[0].teacher_steps for n in {s.n for s in pack})
    total += sum(4.0 * s.part * d * s.student_steps for s in pack if s.student == "cross_entropy")
    for n, kind in {(s.n, s.inputs) for s in pack}:
        parts = {s.part for s in pack if (s.n, s.inputs, s.student) == (n, kind, "pseudo_inverse")}
        short, long = [m for m in parts if m <= d], [m for m in parts if m > d]
        top = max(short, default=0)
        total += 4.0 * d * top**2 - 4 / 3 * top**3 + 2.0 * max(long, default=0) * d**2 + len(long) * d**3 / 3
    return total


def peak_bytes(pack: list[Settings]) -> float:
    """The inputs in both precisions, a standardised copy, and a teacher's students' logits with two temporaries."""
    n, d = max(s.n for s in pack), pack[0].d
    students = sum(s.n == n for s in pack)
    return n * (d * (4 + 8 + 8) + students * 8 * 4) + 3 * 8.0 * d**2


LINEAR_RECOVERY = Study(
    id="memorized/linear_recovery",
    settings=Settings,
    grids={
        "smoke": partial(
            pseudo_inverse_grid, [20], np.linspace(0.4, 1.6, 7), [0.2, 0.5, 0.8, 0.9], [0.5, 0.8], (1e-2, 1000), 3
        ),
        "quick": partial(
            pseudo_inverse_grid, [100, 200], np.linspace(0.2, 1.75, 16), QUICK_RHO, QUICK_RHO, FAST, 6
        ),
        "paper": partial(
            pseudo_inverse_grid, [200, 1600], PAPER_A, PAPER_RHO, PAPER_RHO[1::2], (1e-3, 10_000), 5
        ),
    },
    pack_key=pack_of,
    run_pack=run_pack,
    flops=flops,
    bytes=peak_bytes,
    dtype="float32 teachers, float64 least squares",
)  # fmt: skip

LINEAR_STUDENTS = Study(
    id="memorized/linear_students",
    settings=Settings,
    grids={
        "smoke": partial(
            student_grid, 20, [0.4, 0.8], [0.8], DESCENTS, [0.5, 1.2], (1e-2, 1000), (1e-2, 1000), 3
        ),
        "quick": partial(
            student_grid, 100, np.linspace(0.3, 1.5, 13), [0.8], DESCENTS, QUICK_SHARES, FAST, (1e-3, 5000), 8
        ),
    },
    pack_key=pack_of,
    run_pack=run_pack,
    flops=flops,
    bytes=peak_bytes,
    dtype="float32 descents, float64 least squares",
)  # fmt: skip

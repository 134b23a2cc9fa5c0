"""Logistic regression: when do soft labels identify the teacher? (Paper B, figures 3 and 10, and two more questions.)

A teacher with one logit and no bias memorises n random labels in d dimensions; a student gets a fraction ρ of them,
softened. Sample sizes and train fractions are nested: a replicate's inputs are drawn once, a teacher takes the first n
rows of them, and a student the first ρn of those.

Letters: n rows, d inputs, s students of one teacher, K models in one fleet.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from softlabels import labels
from softlabels.data.synthetic import balanced_classes, gaussian, students_part
from softlabels.errors import SoftLabelsError
from softlabels.seeds import torch_stream
from softlabels.studies.grids import Grid, crossed, pooled
from softlabels.study import Row, Study, Tolerance, one_of
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
    inputs: str  # "teacher's": the first ρn of what the teacher memorised; "fresh": new ones that the teacher labels
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
        """The number of rows that the student trains on: a prefix, balanced like the whole."""
        return self.student_n or 2 * students_part(self.n // 2, self.rho)


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """All teachers of one replicate as one fleet, then the students of each teacher."""
    one, sizes = pack[0], sorted({s.n for s in pack})
    for s in pack:
        _check(s)
    x = gaussian(sizes[-1], one.d, "linear recovery", one.d, one.seed, dtype=torch.float64).to(device)
    teachers = _teachers(one, sizes, x)
    adams = {}
    by_gradient = [s for s in pack if s.student == "cross_entropy"]
    for how in dict.fromkeys((s.student_lr, s.student_steps) for s in by_gradient):
        fleet = [s for s in by_gradient if (s.student_lr, s.student_steps) == how]
        adams |= _cross_entropy_students(fleet, x, teachers)
    rows = {}
    for n, teacher in teachers.items():
        for inputs in ("teacher's", "fresh"):
            if students := [s for s in pack if (s.n, s.inputs) == (n, inputs)]:
                rows |= {row.settings: row for row in _evaluated(students, x[:n], *teacher, adams)}
    return [rows[s] for s in pack]


def _check(s):
    """Raise SoftLabelsError for values that do not exist, and for pairs of them that no student stands for."""
    one_of("student", s.student, ("pseudo_inverse", "cross_entropy"))
    one_of("inputs", s.inputs, ("teacher's", "fresh"))
    one_of("student_start", s.student_start, ("random", "zero"))
    labels.check_temperature(s.tau)
    fresh = s.inputs == "fresh"
    if s.shuffled + fresh + (s.student == "cross_entropy") > 1 or fresh != (s.student_n > 0):
        raise SoftLabelsError(
            "Students with shuffled labels, with fresh inputs (how many says student_n, else 0), and by cross-entropy "
            f"are three kinds; none is two of them. Given was {s}."
        )
    _ = s.part  # it has an error of its own


def _evaluated(students: list[Settings], x: Tensor, w: Tensor, shift: Tensor, scale: Tensor, adams: dict) -> list[Row]:
    """Rows of the students (s) of one teacher that all have its inputs x (n, d), or all fresh ones."""
    memorised = (x - shift) / scale  # float64: least squares is then exact up to rounding
    z, classes = memorised @ w, balanced_classes(len(x), 2).to(x.device) == 1
    own, own_classes = memorised, classes
    if fresh := students[0].inputs == "fresh":
        own = (_fresh_inputs(students).to(x.device) - shift) / scale
        own_classes = own @ w > 0  # a fresh input has no class but the teacher's
    part = torch.tensor([s.part for s in students], device=x.device)
    trains = torch.arange(len(own), device=x.device)[:, None] < part  # (rows, s)
    held_out = torch.ones((len(x), len(students)), dtype=torch.bool, device=x.device) if fresh else ~trains

    given = _given_logits(students, own @ w)  # (rows, s)
    weights = own.new_empty((own.shape[1], len(students)))  # (d, s)
    solved = torch.tensor([s.student == "pseudo_inverse" for s in students], device=x.device)
    if solved.any():
        weights[:, solved] = prefix_least_squares(own, given[:, solved], part[solved])
    for j in (~solved).nonzero().flatten().tolist():
        weights[:, j] = adams[students[j]]

    metrics = {  # accuracies against the true labels and agreements are fractions 0–1; errors are squared logits
        "teacher_accuracy": ((z > 0) == classes).double().mean().expand(len(students)),
        "teacher_loss": binary_cross_entropy_with_logits(z, classes.double()).expand(len(students)),
    }
    names = ("student_train_accuracy", "agreement_train", "train_mse")
    metrics |= zip(names, _compare(own @ weights, given, own_classes, trains), strict=True)
    names = ("held_out_accuracy", "agreement", "held_out_mse")
    metrics |= zip(names, _compare(memorised @ weights, z[:, None], classes, held_out), strict=True)
    columns = {name: values.tolist() for name, values in metrics.items()}
    return [Row(s, {name: column[j] for name, column in columns.items()}) for j, s in enumerate(students)]


def _compare(logits, given, classes, rows):
    """Accuracy, agreement with the sign of the given logits, mean squared distance to them: each (s,), over a mask."""
    right = (logits > 0) == classes[:, None]
    agree = (logits > 0) == (given > 0)
    return [(values * rows).sum(0) / rows.sum(0) for values in (right, agree, (logits - given) ** 2)]


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
    """Weights (d,) by Adam on soft labels, as one fleet, times τ: their logits should then be the teacher's own.

    The students have learning rate and steps in common.
    """
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


def _given_logits(students, logits):
    """The logits (rows, s) that each student learns; those of a shuffled student's part are permuted in each class."""
    given = logits[:, None].repeat(1, len(students))
    for j, s in enumerate(students):
        if s.shuffled:
            order = labels.shuffle_within_class(balanced_classes(s.part, 2), _stream("shuffle", s, s.n, s.part))
            given[: s.part, j] = logits[order.to(logits.device)]
    return given


def _fresh_inputs(students):
    most, one = max(s.student_n for s in students), students[0]
    return gaussian(most, one.d, "fresh inputs", one.d, one.seed, dtype=torch.float64)


def _stream(name, s, *sizes):
    return torch_stream(f"linear recovery: {name}", s.d, *sizes, s.seed)


def pack_of(s: Settings):
    """The key of a pack: one replicate in one dimension, whose inputs serve all teachers and students."""
    return (s.d, s.seed, s.teacher_lr, s.teacher_steps)


def flops(pack: list[Settings]) -> float:
    """Matrix products of gradient descent; of least squares a QR up to d rows, then a Cholesky factor per prefix."""
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
    """Bytes held at once: the inputs in both precisions and standardised, the logits of one teacher's students."""
    n, d = max(s.n for s in pack), pack[0].d
    students = sum(s.n == n for s in pack)
    return n * (d * (4 + 8 + 8) + students * 8 * 4) + 3 * 8.0 * d**2


# ---- grids ---------------------------------------------------------------------------------------------------------

PAPER = Settings(
    d=1600, n=0, rho=0.0, shuffled=False, student="pseudo_inverse", inputs="teacher's", student_n=0, tau=1.0,
    teacher_lr=1e-3, teacher_steps=10_000, student_lr=0.0, student_steps=0, student_start="zero", seed=0,
)  # fmt: skip
QUICK = replace(PAPER, d=100, teacher_lr=1e-2, teacher_steps=2000)
SMOKE = replace(PAPER, d=20, teacher_lr=1e-2, teacher_steps=1000)
PLOTTED = 3.5  # the figures end at α = 3.5; the driver's grid goes on to 7
PAPER_RHOS = [round(float(rho), 5) for rho in np.linspace(0.05, 0.95, 50)]
QUICK_RHOS = [round(float(rho), 5) for rho in np.linspace(0.05, 0.95, 13)]


def sizes_of(a, d: int) -> list[int]:
    """n = 2·int(a·d) for every a, examples a class and dimension, up to the end of the plotted range."""
    return [n for n in (2 * int(float(value) * d) for value in a) if n <= PLOTTED * d]


def pseudo_inverses(base: Settings, replicates: int, *, a, rhos, shuffled_rhos) -> Grid:
    """Figures 3 and 10: every train fraction of every teacher, plain and, at some of them, shuffled."""
    grid = crossed(base, replicates, n=sizes_of(a, base.d), shuffled=(False, True), rho=rhos)
    return lambda seeds=None: [s for s in grid(seeds) if not s.shuffled or s.rho in shuffled_rhos]


def other_students(base: Settings, replicates: int, *, a, shares, lr: float, steps: int) -> Grid:
    """Two questions, at ρ = 0.8: Adam instead of the pseudo-inverse; and fresh inputs, n_S = share·d of them."""
    adam = {"student": "cross_entropy", "student_lr": lr, "student_steps": steps}
    students = [
        {"rho": 0.8},
        {"rho": 0.8, "tau": 1.0, "student_start": "random"} | adam,
        {"rho": 0.8, "tau": 20.0, "student_start": "random"} | adam,
        {"rho": 0.8, "tau": 20.0, "student_start": "zero"} | adam,
        *({"inputs": "fresh", "student_n": 2 * round(share * base.d / 2)} for share in shares),
    ]
    return crossed(base, replicates, [{"n": n} for n in sizes_of(a, base.d)], students)


def _study(name: str, dtype: str, **grids: Grid) -> Study:
    return Study(
        id=f"memorized/{name}",
        settings=Settings,
        grids=grids,
        pack_key=pack_of,
        run_pack=run_pack,
        flops=flops,
        bytes=peak_bytes,
        dtype=dtype,
        kind=lambda s: f"{s.student.replace('_', ' ')} on {s.inputs} inputs",
        tolerance=Tolerance(1e-6, "an error that only rounding keeps from 0, some 1e-30, differs between processors"),
    )


QUICK_3 = {"a": np.linspace(0.2, 1.75, 31), "rhos": QUICK_RHOS, "shuffled_rhos": QUICK_RHOS}
PAPER_3 = {"a": np.linspace(0.2, 3.5, 50), "rhos": PAPER_RHOS, "shuffled_rhos": PAPER_RHOS[1::2]}  # as in the driver
LINEAR_RECOVERY = _study(
    "linear_recovery",
    "float32 teachers, float64 least squares",
    smoke=pseudo_inverses(SMOKE, 3, a=np.linspace(0.4, 1.6, 7), rhos=(0.2, 0.5, 0.8, 0.9), shuffled_rhos=(0.5, 0.8)),
    quick=pooled(*(pseudo_inverses(replace(QUICK, d=d), 6, **QUICK_3) for d in (100, 200))),
    paper=pooled(*(pseudo_inverses(replace(PAPER, d=d), 5, **PAPER_3) for d in (200, 1600))),
)

LINEAR_STUDENTS = _study(
    "linear_students",
    "float32 descents, float64 least squares",
    smoke=other_students(SMOKE, 3, a=(0.4, 0.8), shares=(0.5, 1.2), lr=1e-2, steps=1000),
    quick=other_students(QUICK, 8, a=np.linspace(0.3, 1.5, 13), shares=np.linspace(0.2, 1.8, 9), lr=1e-3, steps=5000),
)

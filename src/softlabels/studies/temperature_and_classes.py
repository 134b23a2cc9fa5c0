"""Linear softmax students: temperature, train fraction and number of classes (paper B, figures 4, 11, 12 and 13).

A teacher memorises n = c·k random labels. A student learns the teacher's soft labels of some of the examples, and is
then evaluated on the others. The last study of this module asks why students fail at low temperature: because of the
labels or because of the optimiser.

Letters: B data sets (one for each size and replicate), K students of each, n examples, m of them a student's, d inputs,
c classes, k examples of each class.
"""

from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from softlabels import labels
from softlabels.data.synthetic import balanced_classes, fresh, gaussian, memorised, students_part
from softlabels.seeds import torch_stream
from softlabels.studies.grids import crossed, pooled
from softlabels.study import Row, Study, Tolerance, one_of
from softlabels.training import linear
from softlabels.training.newton import train_newton

FRESH = 1000  # new examples that neither network saw, for the accuracy that should stay at chance


@dataclass(frozen=True)
class Settings:
    """One student and its teacher."""

    d: int  # input dimension
    c: int  # number of classes
    per_class: int  # k, examples of each class: the teacher memorises n = c·k
    rho: float  # ρ, fraction of each class that the student trains on
    tau: float  # τ, temperature of the soft labels
    shuffled: bool  # soft labels permuted within each class
    teacher_lr: float
    teacher_steps: int
    student_lr: float
    student_steps: int
    seed: int  # replicate


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """Train the teachers of all data sets as one fleet, then all their students as another.

    A pack is a set of runs that train together: here every data set crossed with every condition, where all other
    settings are equal. A student's part is always the first examples of its data set (see `balanced_classes`).
    """
    one = pack[0]  # d, c, learning rates and steps are those of every run
    data_sets = list(dict.fromkeys((s.per_class, s.seed) for s in pack))
    conditions = list(dict.fromkeys((s.rho, s.tau, s.shuffled) for s in pack))
    for _, tau, _ in conditions:
        labels.check_temperature(tau)
    parts = [[students_part(k, rho) * one.c for rho, _, _ in conditions] for k, _ in data_sets]
    data = [memorised(one.d, one.c, *data_set) for data_set in data_sets]
    inputs = pad_sequence([x for x, _ in data], batch_first=True).to(device)  # (B, n, d); smaller sets end in zeros
    classes = pad_sequence([y for _, y in data], batch_first=True).to(device)  # (B, n)
    sizes = torch.tensor([len(y) for _, y in data], device=device)  # (B,)
    rows = torch.arange(inputs.shape[1], device=device)
    exists = (rows < sizes[:, None]).unsqueeze(1)  # (B, 1, n), false where a smaller set is padded

    teachers = linear.train(
        inputs,
        labels.harden(classes, one.c).mT.unsqueeze(1),  # (B, 1, c, n)
        _starts("teacher's start", one, data_sets).to(device),
        lr=one.teacher_lr,
        steps=one.teacher_steps,
        row_weights=exists / sizes[:, None, None],
    )
    teacher_logits = linear.logits(teachers, inputs)[:, 0].mT  # (B, n, c)

    parts = torch.tensor(parts, device=device)  # (B, K), how many examples a student gets
    most = int(parts.max())  # no student trains on a row beyond this
    trains = rows < parts[:, :, None]  # (B, K, n)
    soft = torch.stack(
        [_students_labels(one, which, z, conditions) for which, z in zip(data_sets, teacher_logits, strict=True)]
    )  # (B, K, c, n)
    students = linear.train(
        inputs[:, :most].contiguous(),
        soft[..., :most].contiguous(),
        _starts("student's start", one, data_sets).to(device).expand(-1, len(conditions), -1, -1),
        lr=one.student_lr,
        steps=one.student_steps,
        row_weights=trains[..., :most] / parts[:, :, None],
    )

    held_out = exists & ~trains
    z = linear.logits(students, inputs)  # (B, K, c, n)
    guess, teachers_guess = z.argmax(2), teacher_logits.argmax(-1)
    right = guess == classes.unsqueeze(1)
    kl = labels.divergence(soft.mT, torch.softmax(z, 2).mT)  # (B, K, n)
    new_inputs, new_classes = zip(*(fresh(FRESH, one.d, one.c, *data_set) for data_set in data_sets), strict=True)
    new_guess = linear.logits(students, torch.stack(new_inputs).to(device)).argmax(2)
    metrics = {  # accuracies 0–1 and divergences in nats, each (B, K)
        "student_train_accuracy": _mean(right, trains),
        "held_out_accuracy": _mean(right, held_out),
        "agreement": _mean(guess == teachers_guess.unsqueeze(1), held_out),
        "train_kl": _mean(kl, trains).clamp_min(0),
        "held_out_kl": _mean(kl, held_out).clamp_min(0),
        "teacher_accuracy": _mean((teachers_guess == classes).unsqueeze(1), exists).expand_as(parts),
        "fresh_accuracy": (new_guess == new_classes[0].to(device)).float().mean(-1),
    }
    places = [(data_sets.index((s.per_class, s.seed)), conditions.index((s.rho, s.tau, s.shuffled))) for s in pack]
    return [
        Row(s, {name: float(values[place]) for name, values in metrics.items()})
        for s, place in zip(pack, places, strict=True)
    ]


def _stream(name, one, per_class, seed):
    return torch_stream(name, one.d, one.c, per_class, seed)


def _starts(name, one, data_sets):
    """Initial weights (B, 1, c, d): one draw for each data set, with which all its students start."""
    return torch.stack([linear.start(1, one.c, one.d, _stream(name, one, *data_set)) for data_set in data_sets])


def _students_labels(one, data_set, teacher_logits, conditions):
    """Soft labels (K, c, n) of one data set, by condition.

    Where they are shuffled, each example of the student's part has the label of another one of its class and part.
    """
    students_labels = []
    for rho, tau, shuffled in conditions:
        soft = labels.soften(teacher_logits, tau)
        if shuffled:
            part = students_part(data_set[0], rho) * one.c
            order = labels.shuffle_within_class(balanced_classes(part, one.c), _stream("shuffle", one, *data_set))
            soft = torch.cat([soft[:part][order.to(soft.device)], soft[part:]])
        students_labels.append(soft.T)
    return torch.stack(students_labels)


def _mean(values, mask):
    """Mean (B, K) of values (B, K, n) over the rows that a mask selects."""
    return (values * mask).sum(-1) / mask.sum(-1)


def pack_of(s: Settings):
    """What runs of one pack share. Small data sets train together, all sizes and replicates; large ones one by one."""
    return shape_of(s) if _is_small(s) else (*shape_of(s), s.per_class, s.seed)


def gpu_pack_of(s: Settings):
    """All sizes of a replicate, the smaller padded to the largest: a GPU would wait for one alone to be launched."""
    return shape_of(s) if _is_small(s) else (*shape_of(s), s.seed)


def _is_small(s):
    """Whether a data set has so few numbers that all replicates train together."""
    return s.c * s.per_class * s.d <= 50_000


def shape_of(s: Settings):
    """What runs must have in common to train together."""
    return s.d, s.c, s.teacher_lr, s.teacher_steps, s.student_lr, s.student_steps


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of forward and backward products; with two classes, of their difference alone."""
    width = 1 if pack[0].c == 2 else pack[0].c
    teachers = {(s.per_class, s.seed): s for s in pack}.values()
    teaching = sum(4.0 * s.c * s.per_class * s.d * width * s.teacher_steps for s in teachers)
    return teaching + sum(4.0 * s.c * int(s.rho * s.per_class) * s.d * width * s.student_steps for s in pack)


def peak_bytes(pack: list[Settings]) -> float:
    """Inputs, and soft labels, logits and residuals of all students, in float32."""
    rows = max(s.per_class for s in pack) * pack[0].c
    return 4.0 * rows * (pack[0].d * len({(s.per_class, s.seed) for s in pack}) + 4 * pack[0].c * len(pack))


# ---- the same labels with other optimisers (finding N2) ------------------------------------------------------------


@dataclass(frozen=True)
class SolverSettings:
    """One student of two classes and its teacher; the student is trained by Adam, or solved for."""

    d: int  # input dimension
    per_class: int  # k, examples of each class: n = 2k
    rho: float  # ρ, fraction of each class that the student trains on
    tau: float  # τ, temperature of the soft labels
    solver: str  # "adam", "newton", or "least squares" on the labels' logarithms
    precision: str  # "float32" or "float64", of the student
    student_steps: int  # of Adam; Newton's method stops by itself, least squares take none
    student_lr: float
    teacher_lr: float
    teacher_steps: int
    seed: int  # replicate


PRECISIONS = {"float32": torch.float32, "float64": torch.float64}


def run_solvers(pack: list[SolverSettings], device: str, cache: Path) -> list[Row]:
    """Train all teachers as one fleet, and Adam's students as one fleet for each precision, steps and learning rate.

    Always on the CPU, where float64 is fast.
    """
    one, seeds = pack[0], list(dict.fromkeys(s.seed for s in pack))
    for s in pack:
        one_of("solver", s.solver, ("adam", "newton", "least squares"))
        one_of("precision", s.precision, PRECISIONS)
        labels.check_temperature(s.tau)
    n, m = 2 * one.per_class, 2 * students_part(one.per_class, one.rho)
    stream = lambda name, seed: (f"low temperature, {name}", one.d, one.per_class, seed)  # noqa: E731

    def starts(name):  # (B, 1, 2, d), one draw for each replicate
        return torch.stack([linear.start(1, 2, one.d, torch_stream(*stream(name, s)), torch.float64) for s in seeds])

    classes = balanced_classes(n, 2)
    inputs = torch.stack([gaussian(n, one.d, *stream("data", seed), dtype=torch.float64) for seed in seeds])
    hard = labels.harden(classes, 2, torch.float64).T.expand(len(seeds), 1, 2, n)
    how = {"lr": one.teacher_lr, "steps": one.teacher_steps}
    teachers = linear.train(inputs, hard, starts("teacher's start"), **how)[:, 0]  # (B, 2, d)
    z = inputs @ teachers.mT  # (B, n, 2)

    students = {}
    for budget in dict.fromkeys((s.precision, s.student_steps, s.student_lr) for s in pack if s.solver == "adam"):
        precision, steps, lr = budget
        taus = list(dict.fromkeys(s.tau for s in pack if (s.precision, s.student_steps, s.student_lr) == budget))
        soft = torch.stack([labels.soften(z, tau).mT for tau in taus], 1)  # (B, K, 2, n)
        dtype = PRECISIONS[precision]
        start = starts("student's start").expand(-1, len(taus), -1, -1).to(dtype)
        fleet = linear.train(inputs[:, :m].to(dtype), soft[..., :m].to(dtype), start, lr=lr, steps=steps).double()
        for (b, seed), (k, tau) in product(enumerate(seeds), enumerate(taus)):
            students[(*budget, seed, tau)] = fleet[b, k]
    rows = []
    for s in pack:
        b = seeds.index(s.seed)
        if s.solver == "newton":
            v = train_newton(inputs[b, :m], labels.soften(z[b], s.tau)[:m, 1])
            student = torch.stack([-v / 2, v / 2])
        elif s.solver == "least squares":  # log p₁ − log p₀ is a linear equation, unless one of them is rounded to zero
            logs = labels.soften(z[b, :m], s.tau).log()
            told = logs.isfinite().all(1)
            v = torch.linalg.lstsq(inputs[b, :m][told], (logs[:, 1:] - logs[:, :1])[told], driver="gelsd").solution[
                :, 0
            ]
            student = torch.stack([-v / 2, v / 2])
        else:
            student = students[s.precision, s.student_steps, s.student_lr, s.seed, s.tau]
        rows.append(Row(s, _evaluate(student, teachers[b], inputs[b], classes, m, s.tau)))
    return rows


def _evaluate(student, teacher, inputs, classes, m, tau):
    """Accuracies 0–1, divergence, gradient, and how far τ times the student's weights are from the teacher's."""
    z, teacher_logits = inputs @ student.T, inputs @ teacher.T  # (n, 2)
    soft = labels.soften(teacher_logits, tau)
    guess, teachers_guess = z.argmax(-1), teacher_logits.argmax(-1)
    residual = (torch.softmax(z, -1) - soft)[:m, 1]
    goal, reached = teacher[1] - teacher[0], tau * (student[1] - student[0])
    return {
        "teacher_accuracy": float((teachers_guess == classes).double().mean()),
        "student_train_accuracy": float((guess == classes)[:m].double().mean()),
        "held_out_accuracy": float((guess == classes)[m:].double().mean()),
        "agreement": float((guess == teachers_guess)[m:].double().mean()),
        "train_kl": float(labels.divergence(soft, torch.softmax(z, -1))[:m].mean().clamp_min(0)),
        "weight_error": float((reached - goal).norm() / goal.norm()),
        "gradient_norm": float((inputs[:m].T @ residual / m).norm()),
    }


def solvers_flops(pack: list[SolverSettings]) -> float:
    """Products of the teachers and of Adam's students; Newton's method needs so few that they are left out."""
    one, replicates = pack[0], len({s.seed for s in pack})
    steps = one.teacher_steps * replicates + sum(s.rho * s.student_steps for s in pack)
    return 8.0 * one.per_class * one.d * steps


# ---- grids ---------------------------------------------------------------------------------------------------------

PAPER = Settings(
    d=1000, c=2, per_class=0, rho=0.8, tau=10.0, shuffled=False,
    teacher_lr=1e-3, teacher_steps=10_000, student_lr=1e-4, student_steps=10_000, seed=0,
)  # fmt: skip
SMOKE = replace(PAPER, d=20, teacher_lr=1e-2, teacher_steps=300, student_lr=1e-2, student_steps=300)
BOTH = (False, True)  # labels as they are, and shuffled within each class


def temperatures(low: float, high: float, count: int) -> list[float]:
    """`count` temperatures evenly spaced in log τ between 10^low and 10^high, with five digits."""
    return [float(f"{tau:.5g}") for tau in np.logspace(low, high, count)]


def per_class_of(alphas, d: int) -> list[int]:
    """k = α·d, where α = n/(dc) is the axis of figures 4a and 11–13. (The official drivers take k = α·d·c.)"""
    return [round(float(alpha) * d) for alpha in alphas]


def class_sizes(d: int, counts, most: float, points: int) -> list[dict]:
    """c and k: for each class count, `points` sizes in geometric steps from n = d to `most` times n = dc / ln c."""
    ranges = {c: np.geomspace(max(d / c, 2), most * d / np.log(c), points) for c in counts}
    return _sizes((c, round(float(k))) for c in counts for k in ranges[c])


def sizes_near_thresholds(d: int, counts) -> list[dict]:
    """c and k: for each class count, close to where α ln c, α√c and αc are what figure 4b's lines have for all c."""
    near = ((np.log, 0.7, 1.1), (np.sqrt, 0.45, 1.05), (float, 1.4, 2.6))
    ends = [(c, by(c) / d, low, high) for c in counts for by, low, high in near]
    return _sizes((c, round(value / unit)) for c, unit, low, high in ends for value in np.linspace(low, high, 8))


def _sizes(pairs) -> list[dict]:
    return [{"c": c, "per_class": k} for c, k in dict.fromkeys(pairs)]


# Figure 4b pools three sweeps, each over ten values from 0.5 to 2: of k·ln c / d and of k·√c / d at d = 100, and of
# k·c / d at d = 1000. The figure's own line lies at the end of the last one, so two values more show what is beyond.
SCALED, COUNTS = np.linspace(0.5, 2, 10), (2, 10, 20, 30, 40, 50)
SIZES_100 = _sizes((c, int(a * 100 / by)) for c in COUNTS for by in (np.log(c), np.sqrt(c)) for a in SCALED)
SIZES_1000 = [{"c": c, "per_class": int(a * 1000 / c)} for c in COUNTS for a in (*SCALED, 2.25, 2.5)]


def _study(name: str, **grids) -> Study:
    return Study(
        id=f"memorized/{name}",
        settings=Settings,
        grids=grids,
        pack_key=pack_of,
        run_pack=run_pack,
        flops=flops,
        bytes=peak_bytes,
        kind=lambda s: "two classes" if s.c == 2 else "more classes",
        gpu_pack_key=gpu_pack_of,
        tolerance=Tolerance(1e-4, "Adam carries a processor's rounding into the fifth digit of a divergence"),
    )


QUICK_SIZES = [45, 50, 55, 58, 60, 62, 65, 68, 70, 75, 80, 85, 88, 90, 92, 95, 98, 100, 105, 110]  # close at thresholds
TEMPERATURE = _study(  # figures 4a and 12
    "temperature",
    smoke=crossed(SMOKE, 3, per_class=per_class_of((0.5, 0.8), 20), shuffled=BOTH, tau=temperatures(0, 1, 2)),
    quick=crossed(
        replace(PAPER, d=100), 3,
        per_class=QUICK_SIZES, shuffled=BOTH, tau=temperatures(-0.5, 3.5, 9),
    ),
    paper=crossed(
        PAPER, 5,
        per_class=per_class_of(np.linspace(0.3, 1.25, 20), 1000), shuffled=BOTH, tau=temperatures(-0.5, 3.5, 40),
    ),
)  # fmt: skip

TEMPERATURE_TEN_CLASSES = _study(  # figure 13
    "temperature_ten_classes",
    smoke=crossed(
        replace(SMOKE, c=10), 3, per_class=per_class_of((0.25, 0.4), 20), shuffled=BOTH, tau=temperatures(0, 1, 2)
    ),
    quick=crossed(
        replace(PAPER, d=50, c=10, student_lr=2e-4, student_steps=5_000), 3,
        per_class=per_class_of((0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.24, 0.34, 0.4, 0.44), 50),
        shuffled=BOTH, tau=temperatures(-0.5, 1.5, 7),
    ),
    paper=crossed(
        replace(PAPER, c=10), 5,
        per_class=per_class_of(np.linspace(0.005, 0.55, 20), 1000), shuffled=BOTH, tau=temperatures(-0.5, 1.5, 20),
    ),
)  # fmt: skip

TEMPERATURE_AND_FRACTION = _study(  # figure 11, whose driver is not published: the grid is our proposal
    "temperature_and_fraction",
    smoke=crossed(SMOKE, 3, per_class=per_class_of((0.5, 0.8), 20), rho=(0.5, 0.8), tau=(0.5, 10.0)),
    quick=crossed(
        replace(PAPER, d=100), 3,
        per_class=per_class_of(np.linspace(0.2, 1.4, 9), 100),
        rho=np.linspace(0.05, 0.95, 7).round(3).tolist(), tau=(0.5, 1.0, 10.0),
    ),
    paper=crossed(
        PAPER, 5,
        per_class=per_class_of(np.linspace(0.05, 1.5, 15), 1000),
        rho=np.linspace(0.05, 0.95, 10).round(3).tolist(), tau=(0.5, 1.0, 10.0),
    ),
)  # fmt: skip

FIGURE_4B = replace(PAPER, rho=0.55, teacher_steps=5_000)
QUICK_4B = replace(FIGURE_4B, d=50, teacher_lr=3e-3, teacher_steps=1_500, student_lr=1e-3, student_steps=1_500)
CLASSES = _study(
    "classes",
    smoke=crossed(replace(SMOKE, rho=0.55), 3, class_sizes(20, (2, 5), 1.5, 3), shuffled=BOTH),
    quick=pooled(
        crossed(QUICK_4B, 5, class_sizes(50, (2, 5, 10, 20), 1.5, 10), shuffled=BOTH),
        crossed(QUICK_4B, 5, sizes_near_thresholds(50, (5, 10, 20)), shuffled=BOTH),
    ),
    paper=pooled(
        crossed(replace(FIGURE_4B, d=100), 5, SIZES_100, shuffled=BOTH),
        crossed(FIGURE_4B, 5, SIZES_1000, shuffled=BOTH),
    ),
)  # fmt: skip

SOLVERS = SolverSettings(
    d=50, per_class=40, rho=0.8, tau=1.0, solver="adam", precision="float64", student_steps=10_000, student_lr=1e-4,
    teacher_lr=1e-3, teacher_steps=10_000, seed=0,
)  # fmt: skip
NEWTON, LOGARITHMS = ({"solver": s, "student_steps": 0, "student_lr": 0.0} for s in ("newton", "least squares"))
LOW_TEMPERATURE = Study(
    id="memorized/low_temperature",
    settings=SolverSettings,
    grids={
        "smoke": crossed(
            replace(SOLVERS, d=10, per_class=8, teacher_steps=300), 3,
            [{"tau": tau} | solver for tau in (1.0, 10.0)
             for solver in ({"precision": "float32", "student_steps": 100}, NEWTON, LOGARITHMS)],
        ),
        "quick": crossed(
            SOLVERS, 8,
            [{"tau": tau} | solver for tau in (0.1, 0.316, 1.0, 3.16, 10.0, 31.6, 100.0)
             for solver in ({"precision": "float32"}, {}, {"student_steps": 100_000}, NEWTON, LOGARITHMS)],
        ),
        "paper": crossed(  # figure 4a's size at α = 0.8
            replace(SOLVERS, d=1000, per_class=800), 5,
            [{"tau": tau} | solver for tau in (0.316, 1.0, 3.16, 10.0)
             for solver in ({"precision": "float32"}, NEWTON, LOGARITHMS)],
        ),
    },
    pack_key=lambda s: (s.d, s.per_class, s.rho, s.teacher_lr, s.teacher_steps),
    run_pack=run_solvers,
    flops=solvers_flops,
    bytes=lambda pack: 8.0 * 2 * pack[0].per_class * (pack[0].d + 4 * len(pack)),
    dtype="float64, or as the settings say",
)  # fmt: skip

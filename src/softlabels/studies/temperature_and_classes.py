"""Linear softmax students: temperature, train fraction and number of classes (paper B, figures 4, 11, 12 and 13).

One teacher memorises n = c·k random labels; every student of a pack gets a part of its soft labels.
"""

from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import torch

from softlabels import labels
from softlabels.data.synthetic import balanced_classes, gaussian, students_part
from softlabels.seeds import torch_stream
from softlabels.study import Row, Study
from softlabels.training import linear

FRESH = 1000  # new examples that neither network saw, for the accuracy that should stay at chance


@dataclass(frozen=True)
class Settings:
    """One student and its teacher."""

    d: int  # input dimension
    c: int  # number of classes
    per_class: int  # k, examples a class: the teacher memorises n = c·k
    rho: float  # ρ, fraction of each class that the student trains on
    tau: float  # τ, temperature of the soft labels
    shuffled: bool  # soft labels permuted within each class
    teacher_lr: float
    teacher_steps: int
    student_lr: float
    student_steps: int
    seed: int  # replicate


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """Train the teachers of all data sets of the pack, then all their students, each as one fleet."""
    one = pack[0]
    problems = list(dict.fromkeys((s.per_class, s.seed) for s in pack))  # B data sets
    conditions = list(dict.fromkeys((s.rho, s.tau, s.shuffled) for s in pack))  # K students of each
    for _, tau, _ in conditions:
        labels.check_temperature(tau)
    data = [_data(one.d, one.c, per_class, seed) for per_class, seed in problems]
    n = max(len(inputs) for inputs, _, _ in data)
    inputs = torch.stack([_padded(x, n) for x, _, _ in data]).to(device)  # (B, n, d)
    classes = torch.stack([_padded(y, n) for _, y, _ in data]).to(device)  # (B, n)
    sizes = torch.tensor([len(y) for _, y, _ in data], device=device)  # (B,)

    starts = [linear.start(1, one.c, one.d, _stream("teacher's start", one, *p)) for p in problems]
    rows = torch.arange(n, device=device)
    exists = (rows < sizes[:, None]).unsqueeze(1)  # (B, 1, n)
    hard = labels.harden(classes, one.c).mT.unsqueeze(1)  # (B, 1, c, n)
    teachers = linear.train(
        inputs,
        hard,
        torch.stack(starts).to(device),
        lr=one.teacher_lr,
        steps=one.teacher_steps,
        row_weights=exists / sizes[:, None, None],
    )
    teacher_logits = linear.logits(teachers, inputs)[:, 0].mT  # (B, n, c)

    kept = torch.tensor(
        [[students_part(k, rho) * one.c for rho, _, _ in conditions] for k, _ in problems], device=device
    )
    m = int(kept.max())
    trains = rows < kept[:, :, None]  # (B, K, n)
    wanted = torch.stack(
        [_students_labels(one, p, z, conditions, device) for p, z in zip(problems, teacher_logits, strict=True)]
    )
    starts = [linear.start(1, one.c, one.d, _stream("student's start", one, *p)) for p in problems]
    students = linear.train(
        inputs[:, :m].contiguous(),
        wanted[..., :m].contiguous(),
        torch.stack(starts).to(device).expand(-1, len(conditions), -1, -1),
        lr=one.student_lr,
        steps=one.student_steps,
        row_weights=trains[..., :m] / kept[:, :, None],
    )
    measured = _measure(inputs, classes, teacher_logits, students, wanted, trains, exists & ~trains)
    measured["teacher_accuracy"] = _mean((teacher_logits.argmax(-1) == classes).unsqueeze(1), exists).expand_as(kept)
    fresh = torch.stack([x for _, _, x in data]).to(device)
    truth = balanced_classes(FRESH, one.c).to(device)
    measured["fresh_accuracy"] = (linear.logits(students, fresh).argmax(2) == truth).float().mean(-1)
    return [
        Row(s, {name: float(value[b, k]) for name, value in measured.items()})
        for s in pack
        for b, k in [(problems.index((s.per_class, s.seed)), conditions.index((s.rho, s.tau, s.shuffled)))]
    ]


def _stream(name, one, per_class, seed):
    return torch_stream(name, one.d, one.c, per_class, seed)


def _data(d, c, per_class, seed):
    """Inputs (n, d) and classes (n,) to memorise, and fresh inputs (FRESH, d)."""
    inputs = gaussian(c * per_class, d, "random data", d, c, per_class, seed)
    return inputs, balanced_classes(c * per_class, c), gaussian(FRESH, d, "fresh data", d, c, per_class, seed)


def _padded(rows, n):
    return torch.cat([rows, rows.new_zeros(n - len(rows), *rows.shape[1:])])


def _students_labels(one, problem, teacher_logits, conditions, device):
    """Soft labels (K, c, n) of one data set; shuffled ones are permuted within the classes of the student's part."""
    per_class, seed = problem
    wanted = []
    for rho, tau, shuffled in conditions:
        soft = labels.soften(teacher_logits, tau)
        if shuffled:
            part = students_part(per_class, rho) * one.c
            order = labels.shuffle_within_class(balanced_classes(part, one.c), _stream("shuffle", one, per_class, seed))
            soft = torch.cat([soft[:part][order.to(device)], soft[part:]])
        wanted.append(soft.T)
    return torch.stack(wanted)


def _mean(values, mask):
    """Mean of values (B, K, n) over the rows of a mask."""
    return (values * mask).sum(-1) / mask.sum(-1)


def _measure(inputs, classes, teacher_logits, students, wanted, trains, held_out):
    """Accuracies (fractions 0–1) against the true labels and divergences (nats), each (B, K)."""
    z = linear.logits(students, inputs)  # (B, K, c, n)
    guess = z.argmax(2)
    right = guess == classes.unsqueeze(1)
    agree = guess == teacher_logits.argmax(-1).unsqueeze(1)
    kl = labels.divergence(wanted.mT, torch.softmax(z, 2).mT)  # (B, K, n)
    return {
        "student_train_accuracy": _mean(right, trains),
        "held_out_accuracy": _mean(right, held_out),
        "agreement": _mean(agree, held_out),
        "train_kl": _mean(kl, trains).clamp_min(0),
        "held_out_kl": _mean(kl, held_out).clamp_min(0),
    }


# ---- grids ---------------------------------------------------------------------------------------------------------

PAPER_TRAINING = ((1e-3, 10_000), (1e-4, 10_000))  # the paper's (learning rate, steps), teacher's and student's


def temperatures(low: float, high: float, count: int) -> list[float]:
    """`count` temperatures evenly spaced in log τ between 10^low and 10^high, with five digits."""
    return [float(f"{tau:.5g}") for tau in np.logspace(low, high, count)]


def per_class_of(alphas, d: int, c: int) -> list[tuple[int, int]]:
    """(c, k) with k = α·d: α = n/(dc), the axis of figures 4a and 11–13 (the drivers have k = α·d·c: quirk Q3)."""
    return [(c, round(float(alpha) * d)) for alpha in alphas]


def crossed(d, sizes, rhos, taus, shuffles, training, replicates, seeds=None) -> list[Settings]:
    """Every student of the product, for `seeds` replicates (None: `replicates`); sizes are pairs (c, k)."""
    (teacher_lr, teacher_steps), (student_lr, student_steps) = training
    return [
        Settings(d, c, k, float(rho), tau, shuffled, teacher_lr, teacher_steps, student_lr, student_steps, seed)
        for seed in range(seeds or replicates)
        for (c, k), rho, shuffled, tau in product(sizes, rhos, shuffles, taus)
    ]


def class_sizes(d: int, counts, most: float, points: int) -> list[tuple[int, int]]:
    """(c, k) for each class count: `points` sizes in geometric steps from n = d to `most` times n = dc / ln c."""
    ranges = {c: np.geomspace(max(d / c, 2), most * d / np.log(c), points) for c in counts}
    return list(dict.fromkeys((c, round(float(k))) for c in counts for k in ranges[c]))


def paper_classes(seeds=None) -> list[Settings]:
    """Figure 4b, three sweeps pooled: k·ln c / d, k·√c / d and (d = 1000) k·c / d, each at ten values from 0.5 to 2."""
    counts, scaled = (2, 10, 20, 30, 40, 50), np.linspace(0.5, 2, 10)
    small = [(c, int(a * 100 / by)) for c in counts for by in (np.log(c), np.sqrt(c)) for a in scaled]
    large = [(c, int(a * 1000 / c)) for c in counts for a in scaled]
    training = ((1e-3, 5_000), (1e-4, 10_000))
    return [
        settings
        for d, sizes in ((100, list(dict.fromkeys(small))), (1000, large))
        for settings in crossed(d, sizes, [0.55], [10.0], (False, True), training, 5, seeds)
    ]


def pack_of(s: Settings):
    """Small data sets train together, all sizes and replicates as one batch; large ones one by one."""
    shape = (s.d, s.c, s.teacher_lr, s.teacher_steps, s.student_lr, s.student_steps)
    return shape if s.c * s.per_class * s.d <= 50_000 else (*shape, s.per_class, s.seed)


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of forward and backward products; two classes train only their difference."""
    width = 1 if pack[0].c == 2 else pack[0].c
    teachers = {(s.per_class, s.seed): s for s in pack}.values()
    teaching = sum(4.0 * s.c * s.per_class * s.d * width * s.teacher_steps for s in teachers)
    return teaching + sum(4.0 * s.c * int(s.rho * s.per_class) * s.d * width * s.student_steps for s in pack)


def peak_bytes(pack: list[Settings]) -> float:
    """Inputs, and soft labels, logits and residuals of all students, in float32."""
    rows = max(s.per_class for s in pack) * pack[0].c
    return 4.0 * rows * (pack[0].d * len({(s.per_class, s.seed) for s in pack}) + 4 * pack[0].c * len(pack))


def _study(name: str, **grids) -> Study:
    return Study(f"memorized/{name}", Settings, grids, pack_of, run_pack, flops, peak_bytes)


BRIEF = ((1e-2, 300), (1e-2, 300))  # smoke: long enough to run every line
BOTH = (False, True)  # as they are, and shuffled within each class

TEMPERATURE = _study(  # figures 4a and 12
    "temperature",
    smoke=partial(crossed, 20, per_class_of((0.5, 0.8), 20, 2), [0.8], temperatures(0, 1, 2), BOTH, BRIEF, 3),
    quick=partial(
        crossed,
        100,
        per_class_of(np.linspace(0.4, 1.2, 17), 100, 2),
        [0.8],
        temperatures(-0.5, 3.5, 9),
        BOTH,
        PAPER_TRAINING,
        3,
    ),
    paper=partial(
        crossed,
        1000,
        per_class_of(np.linspace(0.3, 1.25, 20), 1000, 2),
        [0.8],
        temperatures(-0.5, 3.5, 40),
        BOTH,
        PAPER_TRAINING,
        5,
    ),
)

TEMPERATURE_TEN_CLASSES = _study(  # figure 13
    "temperature_ten_classes",
    smoke=partial(crossed, 20, per_class_of((0.25, 0.4), 20, 10), [0.8], temperatures(0, 1, 2), BOTH, BRIEF, 3),
    quick=partial(
        crossed,
        60,
        per_class_of((0.067, 0.1, 0.133, 0.167, 0.25, 0.35, 0.4, 0.45), 60, 10),
        [0.8],
        temperatures(-0.5, 1.5, 7),
        BOTH,
        ((1e-3, 10_000), (2e-4, 5_000)),
        3,
    ),
    paper=partial(
        crossed,
        1000,
        per_class_of(np.linspace(0.005, 0.55, 20), 1000, 10),
        [0.8],
        temperatures(-0.5, 1.5, 20),
        BOTH,
        PAPER_TRAINING,
        5,
    ),
)

TEMPERATURE_AND_FRACTION = _study(  # figure 11, whose driver is not published: the grid is our proposal
    "temperature_and_fraction",
    smoke=partial(crossed, 20, per_class_of((0.5, 0.8), 20, 2), [0.5, 0.8], [0.5, 10.0], [False], BRIEF, 3),
    quick=partial(
        crossed,
        100,
        per_class_of(np.linspace(0.2, 1.4, 9), 100, 2),
        np.linspace(0.05, 0.95, 7).round(3),
        [0.5, 1.0, 10.0],
        [False],
        PAPER_TRAINING,
        3,
    ),
    paper=partial(
        crossed,
        1000,
        per_class_of(np.linspace(0.05, 1.5, 15), 1000, 2),
        np.linspace(0.05, 0.95, 10).round(3),
        [0.5, 1.0, 10.0],
        [False],
        PAPER_TRAINING,
        5,
    ),
)

CLASSES = _study(  # figure 4b
    "classes",
    smoke=partial(crossed, 20, class_sizes(20, (2, 5), 1.5, 3), [0.55], [10.0], BOTH, BRIEF, 3),
    quick=partial(
        crossed,
        50,
        class_sizes(50, (2, 5, 10, 20), 1.5, 10),
        [0.55],
        [10.0],
        BOTH,
        ((3e-3, 1_500), (1e-3, 1_500)),
        5,
    ),
    paper=paper_classes,
)

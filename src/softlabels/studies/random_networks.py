"""Networks with one hidden layer on random data (paper B, figures 5 and 6, and the panels we number 14 and 15).

A teacher memorises n = c·k random labels; each student gets the soft labels of a part of its inputs, or of fresh ones.

Letters: S seeds, each with its data and teacher; R students of one fleet; n examples, m of them the students' part;
d inputs, h hidden units, c classes, k examples per class.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels
from softlabels.data.synthetic import balanced_classes, fresh, gaussian, memorised, students_part
from softlabels.errors import SoftLabelsError
from softlabels.models import mlp
from softlabels.seeds import torch_stream
from softlabels.studies.grids import Grid, crossed, pooled
from softlabels.study import Row, Study
from softlabels.training.two_layer import train

FRESH = 2000  # new examples that neither network saw, for the accuracy that should stay at chance
INPUTS = ("teacher's", "fresh")


@dataclass(frozen=True)
class Settings:
    """One student and its teacher."""

    d: int  # input dimension
    c: int  # number of classes
    hidden: int  # p^T, the teacher's hidden units
    student_hidden: int  # p^S
    per_class: int  # k, examples per class: the teacher memorises n = c·k
    rho: float  # ρ, the inputs per class that the student gets, as a fraction of k
    tau: float  # τ, temperature of the soft labels
    shuffled: bool  # soft labels permuted within each class
    inputs: str  # "teacher's": a part of what it memorised; "fresh": new ones that it labels, where ρ may exceed 1
    teacher_lr: float
    teacher_steps: int
    student_lr: float
    student_steps: int
    seed: int  # replicate


@dataclass(frozen=True)
class Teachers:
    """What the students of a pack share: for each seed a trained teacher, the data it memorised, its logits on them."""

    seeds: list[int]
    inputs: Tensor  # (S, n, d)
    classes: Tensor  # (n,)
    networks: dict[str, Tensor]
    logits: Tensor  # (S, n, c)


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """Train the teachers of the pack's seeds as one fleet, then the students, one fleet for each shape."""
    return _run(pack, device, curves=False)


def run_pack_with_curves(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """As `run_pack`, and each row has the student's accuracies and losses after every hundredth of its steps."""
    return _run(pack, device, curves=True)


def _run(pack, device, curves):
    for s in pack:
        labels.check_temperature(s.tau)
        part_of(s)
    teachers = teach(pack, device)
    rows = {row.settings: row for fleet in fleets(pack) for row in _train_students(fleet, teachers, curves)}
    return [rows[s] for s in pack]


def part_of(s: Settings) -> int:
    """The number of inputs per class that the student gets.

    Raises SoftLabelsError if there is none, or if none of the teacher's is held out.
    """
    if s.inputs not in INPUTS:
        raise SoftLabelsError(f"A student's inputs are {' or '.join(map(repr, INPUTS))}, not {s.inputs!r}.")
    if s.inputs == "teacher's":
        return students_part(s.per_class, s.rho)
    if (part := int(s.rho * s.per_class + 1e-9)) < 1:
        raise SoftLabelsError(f"ρ = {s.rho} of {s.per_class} inputs a class leaves the student none; take a larger ρ.")
    return part


def fleets(pack: list[Settings]) -> list[list[Settings]]:
    """The students of a pack in groups within which only seed, temperature and shuffling differ."""
    groups: dict[Settings, list[Settings]] = {}
    for s in pack:
        groups.setdefault(replace(s, tau=1.0, shuffled=False, seed=0), []).append(s)
    return list(groups.values())


def teach(pack: list[Settings], device: str) -> Teachers:
    """The teachers of a pack's seeds, trained on the true classes of all their inputs."""
    one, seeds = pack[0], list(dict.fromkeys(s.seed for s in pack))
    inputs = torch.stack([memorised(one.d, one.c, one.per_class, seed)[0] for seed in seeds]).to(device)
    classes = balanced_classes(inputs.shape[1], one.c).to(device)
    streams = [_stream("teacher's start", one, one.hidden, seed) for seed in seeds]
    start = mlp.start((one.d, one.hidden, one.c), streams, device)
    hard = labels.harden(classes, one.c).expand(len(seeds), -1, -1)
    shared = inputs[0] if len(seeds) == 1 else inputs
    networks = train(start, shared, hard, lr=one.teacher_lr, steps=one.teacher_steps)
    return Teachers(seeds, inputs, classes, networks, mlp.logits(networks, inputs))


def _stream(name, s, hidden, seed):
    return torch_stream(name, s.d, s.c, hidden, s.per_class, seed)


def _train_students(fleet, teachers, curves):
    """Rows of the students of one fleet."""
    one, device = fleet[0], teachers.classes.device
    m, which = part_of(one) * one.c, [teachers.seeds.index(s.seed) for s in fleet]
    if one.inputs == "fresh":
        inputs = torch.stack([_fresh_inputs(m, one, seed) for seed in teachers.seeds]).to(device)
        logits, first_held_out = mlp.logits(teachers.networks, inputs), 0
    else:
        inputs, logits, first_held_out = teachers.inputs[:, :m], teachers.logits[:, :m], m
    soft = torch.stack([_soft_labels(s, logits[i]) for s, i in zip(fleet, which, strict=True)])  # (R, m, c)

    def of_each(tensor):
        """The part of each student's seed: (S, …) to (R, …); for a single seed (…), shared and not copied."""
        return tensor[0] if len(teachers.seeds) == 1 else tensor[which]

    own, held_out = of_each(inputs), of_each(teachers.inputs)[..., first_held_out:, :]
    own_classes, held_out_classes = balanced_classes(m, one.c).to(device), teachers.classes[first_held_out:]
    teachers_logits = teachers.logits[which, first_held_out:]
    held_out_soft = torch.stack([labels.soften(z, s.tau) for z, s in zip(teachers_logits, fleet, strict=True)])

    def evaluate(params):
        of_own = _compare(mlp.logits(params, own), own_classes, soft)
        of_held_out = _compare(mlp.logits(params, held_out), held_out_classes, held_out_soft)
        names = "student_train_accuracy", "train_agreement", "train_kl", "held_out_accuracy", "agreement", "held_out_kl"
        return {name: values.tolist() for name, values in zip(names, (*of_own, *of_held_out), strict=True)}

    history = {}  # step -> what `evaluate` returns
    every = range(0, one.student_steps + 1, max(1, one.student_steps // 100))
    how = {"evaluate": lambda step, live: history.update({step: evaluate(live)}), "at": every} if curves else {}
    streams = [_stream("student's start", one, one.student_hidden, s.seed) for s in fleet]
    start = mlp.start((one.d, one.student_hidden, one.c), streams, device)
    students = train(start, own, soft, lr=one.student_lr, steps=one.student_steps, **how)
    columns = evaluate(students) | {
        "teacher_accuracy": (teachers.logits[which].argmax(-1) == teachers.classes).float().mean(1).tolist(),
        "fresh_accuracy": [_fresh_accuracy(mlp.take(students, [r]), s, device) for r, s in enumerate(fleet)],
        "label_entropy": labels.entropy(soft).mean(1).tolist(),
    }
    as_curves = ("student_train_accuracy", "held_out_accuracy", "train_kl", "held_out_kl") if curves else ()
    return [
        Row(
            settings,
            {name: column[r] for name, column in columns.items()},
            {name: [(step, at[name][r]) for step, at in history.items()] for name in as_curves},
        )
        for r, settings in enumerate(fleet)
    ]


def _fresh_inputs(m, s, seed):
    return gaussian(m, s.d, "student's inputs", s.d, s.c, s.per_class, seed)


def _soft_labels(s, logits):
    """The soft labels (m, c) of a student's part; for a shuffled student, permuted within each class."""
    soft = labels.soften(logits, s.tau)
    if not s.shuffled:
        return soft
    order = labels.shuffle_within_class(balanced_classes(len(soft), s.c), _stream("shuffle", s, s.hidden, s.seed))
    return soft[order.to(soft.device)]


def _compare(z, classes, soft):
    """Accuracy against the true classes, agreement with the labels' top class, mean divergence in nats: each (R,)."""
    guess = z.argmax(-1)
    kl = labels.divergence(soft, torch.softmax(z, -1)).mean(1).clamp_min(0)
    return (guess == classes).float().mean(1), (guess == soft.argmax(-1)).float().mean(1), kl


def _fresh_accuracy(student, s, device):
    """Accuracy of a stack of one on inputs that neither network saw, whose classes are as random as the teacher's."""
    inputs, classes = fresh(FRESH, s.d, s.c, s.per_class, s.seed)
    guess = mlp.logits(student, inputs.to(device))[0].argmax(-1)
    return float((guess == classes.to(device)).float().mean())


def pack_of(s: Settings):
    """The key of a pack: small teachers of all seeds with their students, or one large teacher with its students."""
    teacher = (s.d, s.c, s.hidden, s.per_class, s.teacher_lr, s.teacher_steps)
    return teacher if s.c * s.per_class * s.d < 1_000_000 else (*teacher, s.seed)


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of training a pack; the inputs need no gradient."""
    one = pack[0]
    a_row = {h: 4.0 * (one.d * h + h * one.c) + 2 * h * one.c for h in {one.hidden, *(s.student_hidden for s in pack)}}
    teaching = len({s.seed for s in pack}) * one.c * one.per_class * a_row[one.hidden] * one.teacher_steps
    return teaching + sum(part_of(s) * s.c * a_row[s.student_hidden] * s.student_steps for s in pack)


def peak_bytes(pack: list[Settings]) -> float:
    """Bytes held at once: inputs and two copies of them; labels, logits, residuals; hidden layers and gradients."""
    one, h = pack[0], max(max(s.student_hidden, s.hidden) for s in pack)
    rows = one.c * max(one.per_class, *(part_of(s) for s in pack))
    together = max(len({s.seed for s in pack}), *(len(fleet) for fleet in fleets(pack)))
    return 4.0 * rows * together * (3 * one.d + 6 * one.c + 2 * h)


# ---- grids ---------------------------------------------------------------------------------------------------------

PAPER = Settings(
    d=1000, c=100, hidden=500, student_hidden=500, per_class=250, rho=0.65, tau=20.0, shuffled=False,
    inputs="teacher's", teacher_lr=1e-3, teacher_steps=2_000, student_lr=1e-4, student_steps=10_000, seed=0,
)  # fmt: skip
QUICK = replace(
    PAPER, d=64, c=32, hidden=32, student_hidden=32, per_class=8,
    teacher_lr=3e-3, teacher_steps=1_500, student_lr=2e-3, student_steps=2_000,
)  # fmt: skip
MANY_CLASSES = replace(  # labels leak much here, long before they identify the teacher
    QUICK, d=60, c=100, hidden=60, student_hidden=60, per_class=5, teacher_steps=500, student_lr=3e-3, student_steps=800
)
SLOW = replace(QUICK, student_lr=1e-3, student_steps=4_000)  # for curves over time
SMOKE = replace(QUICK, d=12, c=6, hidden=16, student_hidden=16, teacher_lr=1e-2, teacher_steps=150, student_steps=60)

PAPER_SIZES = (50, *range(125, 2501, 125))  # k, 21 of them: n from 5,000 to 250,000
PAPER_RHOS = tuple(round(0.05 + 0.1 * i, 2) for i in range(10))
BOTH = (False, True)  # as they are, and shuffled within each class


def students(base: Settings, replicates: int, **axes) -> Grid:
    """Every combination of the axes (a field's name = its values) that gives the student an input of each class."""
    grid = crossed(base, replicates, **axes)
    return lambda seeds=None: [s for s in grid(seeds) if s.rho * s.per_class >= 1]


def equal_widths(base: Settings, replicates: int, *widths: int, **axes) -> Grid:
    """Students as wide as their teachers, for several widths."""
    return pooled(*(students(replace(base, hidden=h, student_hidden=h), replicates, **axes) for h in widths))


def study(name: str, run=run_pack, **grids: Grid) -> Study:
    """A study of these students."""
    return Study(
        id=f"memorized/{name}",
        settings=Settings,
        grids=grids,
        pack_key=pack_of,
        run_pack=run,
        flops=flops,
        bytes=peak_bytes,
    )


RANDOM_NETWORKS = study(  # figures 5A, 5B, 6A and 6B
    "random_networks",
    smoke=students(SMOKE, 3, per_class=(4, 8), rho=(0.25, 0.5, 0.75)),
    quick=pooled(
        students(QUICK, 3, per_class=(4, 8, 12, 16, 24, 28, 32, 64), rho=(0.1, 0.25, 0.45, 0.65, 0.85)),
        students(QUICK, 3, per_class=(32,), rho=(0.05, 0.15, 0.35, 0.55, 0.75, 0.95)),
        students(MANY_CLASSES, 3, rho=(0.2, 0.4, 0.6, 0.8)),
        students(QUICK, 6, per_class=(32,), rho=(0.45,)),  # more replicates where they differ most
    ),
    paper=students(PAPER, 5, per_class=PAPER_SIZES, rho=PAPER_RHOS),
)

RANDOM_NETWORK_CURVES = study(  # figure 5C, and 14: losses and shuffled students
    "random_network_curves",
    run_pack_with_curves,
    smoke=students(SMOKE, 3, per_class=(4, 8), rho=(0.5,), shuffled=BOTH),
    quick=students(SLOW, 3, per_class=(8, 16, 28, 64), shuffled=BOTH),
    paper=students(PAPER, 5, per_class=(250, 500, 1000, 2000), shuffled=BOTH),
)

STUDENT_WIDTHS = study(  # figure 6's widths over ρ, and 15's at ρ = 0.45: other widths, and equal ones
    "student_widths",
    smoke=pooled(
        students(SMOKE, 3, student_hidden=(8, 24), rho=(0.25, 0.75)),
        equal_widths(SMOKE, 3, 8, 24, per_class=(4, 8), rho=(0.5,)),
    ),
    quick=pooled(
        students(MANY_CLASSES, 3, student_hidden=(15, 30, 45, 60, 120), rho=(0.2, 0.4, 0.6, 0.8)),
        students(QUICK, 2, student_hidden=(24, 48), per_class=(8, 16, 24, 32), rho=(0.45,)),
        equal_widths(QUICK, 2, 16, per_class=(4, 8, 16, 24, 32), rho=(0.45,)),
        equal_widths(QUICK, 2, 48, per_class=(16, 32, 48), rho=(0.45,)),
    ),
    paper=pooled(
        students(PAPER, 5, student_hidden=(100, 200, 250, 300, 400, 500, 600, 750, 1000, 2000), rho=PAPER_RHOS),
        students(  # the driver has 200 and 400, the plot needs 400 and 600; 500 is in the phase map
            PAPER, 5, student_hidden=(200, 400, 600), per_class=[k for k in PAPER_SIZES if k != 250], rho=(0.45,)
        ),
        equal_widths(PAPER, 5, 100, 250, 350, 650, per_class=PAPER_SIZES, rho=(0.45,)),
    ),
)

NETWORK_CLASSES = study(  # figure 15: number of classes; the base's own count is in the phase map
    "network_classes",
    smoke=students(SMOKE, 3, c=(4, 8), per_class=(4, 8), rho=(0.5,)),
    quick=pooled(
        students(QUICK, 2, c=(16,), per_class=(16, 32, 48, 64), rho=(0.45,)),
        students(QUICK, 2, c=(48,), per_class=(6, 12, 16, 20, 28), rho=(0.45,)),
    ),
    paper=students(PAPER, 5, c=(20, 50, 90, 110), per_class=PAPER_SIZES, rho=(0.45,)),
)

QUICK_FRESH, PAPER_FRESH = replace(QUICK, inputs="fresh"), replace(PAPER, inputs="fresh")
FRESH_INPUTS = study(  # a reviewer's question: what if the student sees none of the teacher's inputs?
    "fresh_inputs",
    smoke=students(replace(SMOKE, inputs="fresh"), 3, per_class=(4, 8), rho=(0.5, 1.5)),
    quick=pooled(
        students(QUICK_FRESH, 3, per_class=(8,), rho=(0.25, 0.65, 1.25, 2.0)),
        students(QUICK_FRESH, 3, per_class=(16,), rho=(0.45, 0.65, 0.85, 1.25)),
        students(QUICK_FRESH, 3, per_class=(32,), rho=(0.25, 0.45, 0.65)),
    ),
    paper=pooled(
        students(PAPER_FRESH, 5, rho=(0.25, 0.65, 0.95, 1.5, 2.5, 3.5)),
        students(PAPER_FRESH, 5, per_class=(500, 1000), rho=(0.25, 0.45, 0.65, 0.95)),
    ),
)

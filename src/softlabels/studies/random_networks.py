"""Networks with one hidden layer on random data (paper B, figures 5 and 6, and the panels we number 14 and 15).

A teacher memorises n = c·k random labels; each student gets the soft labels of a part of its inputs, or of fresh ones.

Letters: S seeds, each with its data and teacher; R students of one fleet; n examples, m of them the students' part;
d inputs, h hidden units, c classes, k examples a class.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels
from softlabels.data.synthetic import balanced_classes, gaussian, students_part
from softlabels.errors import SoftLabelsError
from softlabels.models import mlp
from softlabels.seeds import torch_stream
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
    per_class: int  # k, examples a class: the teacher memorises n = c·k
    rho: float  # ρ, how many inputs a class the student gets, as a part of k
    tau: float  # τ, temperature of the soft labels
    shuffled: bool  # soft labels permuted within each class
    inputs: str  # "teacher's": a part of what it memorised; "fresh": drawn anew, labelled by it, ρ may exceed 1
    teacher_lr: float
    teacher_steps: int
    student_lr: float
    student_steps: int
    seed: int  # replicate


@dataclass(frozen=True)
class World:
    """What the students of a pack share: the teachers, what they memorised and what they say about it."""

    seeds: list[int]
    inputs: Tensor  # (S, n, d)
    classes: Tensor  # (n,)
    teachers: dict[str, Tensor]
    answers: Tensor  # (S, n, c), the teachers' logits


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """Train the teachers of the pack's seeds as one fleet, then the students, a fleet a shape."""
    return _run(pack, device, curves=False)


def run_pack_with_curves(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """As `run_pack`, and each row has what the student could do after every hundredth of its steps."""
    return _run(pack, device, curves=True)


def _run(pack, device, curves):
    for settings in pack:
        labels.check_temperature(settings.tau)
        part_of(settings)
    world = teach(pack, device)
    rows: dict[Settings, Row] = {}
    for fleet in fleets(pack):
        rows |= {row.settings: row for row in _train_students(fleet, world, curves)}
    return [rows[settings] for settings in pack]


def part_of(s: Settings) -> int:
    """How many inputs a class the student gets. Raises SoftLabelsError where that is none, or holds none out."""
    if s.inputs not in INPUTS:
        raise SoftLabelsError(f"A student's inputs are {' or '.join(map(repr, INPUTS))}, not {s.inputs!r}.")
    if s.inputs == "teacher's":
        return students_part(s.per_class, s.rho)
    if (part := int(s.rho * s.per_class + 1e-9)) < 1:
        raise SoftLabelsError(f"ρ = {s.rho} of {s.per_class} inputs a class leaves the student none; take a larger ρ.")
    return part


def teach(pack: list[Settings], device: str) -> World:
    """The teachers of a pack's seeds, trained on the true classes of all their inputs."""
    one, seeds = pack[0], list(dict.fromkeys(s.seed for s in pack))
    n, sizes = one.c * one.per_class, (one.d, one.hidden, one.c)
    inputs = torch.stack([_inputs("random data", n, one, seed) for seed in seeds]).to(device)
    classes = balanced_classes(n, one.c).to(device)
    start = mlp.start(sizes, [_stream("teacher's start", one, one.hidden, seed) for seed in seeds], device)
    hard = labels.harden(classes, one.c).expand(len(seeds), -1, -1)
    shared = inputs[0] if len(seeds) == 1 else inputs
    teachers = train(start, shared, hard, lr=one.teacher_lr, steps=one.teacher_steps)
    return World(seeds, inputs, classes, teachers, mlp.logits(teachers, inputs))


def _inputs(name, n, s, seed):
    return gaussian(n, s.d, name, s.d, s.c, s.per_class, seed)


def _stream(name, s, hidden, seed):
    return torch_stream(name, s.d, s.c, hidden, s.per_class, seed)


def fleets(pack: list[Settings]) -> Iterator[list[Settings]]:
    """The students of a pack that have one shape; seeds, temperatures and shuffles train together."""
    groups: dict[Settings, list[Settings]] = {}
    for s in pack:
        groups.setdefault(replace(s, tau=1.0, shuffled=False, seed=0), []).append(s)
    yield from groups.values()


def _train_students(fleet, world, curves):
    """Rows of the students of one fleet."""
    one, device = fleet[0], world.classes.device
    m, which = part_of(one) * one.c, [world.seeds.index(s.seed) for s in fleet]
    if one.inputs == "fresh":
        drawn = torch.stack([_inputs("student's inputs", m, one, seed) for seed in world.seeds]).to(device)
        answers, first_held_out = mlp.logits(world.teachers, drawn), 0
    else:
        drawn, answers, first_held_out = world.inputs[:, :m], world.answers[:, :m], m
    wanted = torch.stack([_told(s, answers[i]) for s, i in zip(fleet, which, strict=True)])  # (R, m, c)

    def of_each(tensor):
        """Of every student's own seed: (S, …) to (R, …), or to what all share, without a copy."""
        return tensor[0] if len(world.seeds) == 1 else tensor[which]

    own, memorised = of_each(drawn), of_each(world.inputs)
    held_out = memorised[..., first_held_out:, :]
    said = world.answers[which, first_held_out:]
    hidden = torch.stack([labels.soften(z, s.tau) for z, s in zip(said, fleet, strict=True)])

    def measure(params):
        of_own = _compare(mlp.logits(params, own), balanced_classes(m, one.c).to(device), wanted)
        of_held_out = _compare(mlp.logits(params, held_out), world.classes[first_held_out:], hidden)
        names = "student_train_accuracy", "train_agreement", "train_kl", "held_out_accuracy", "agreement", "held_out_kl"
        return {name: values.tolist() for name, values in zip(names, (*of_own, *of_held_out), strict=True)}

    history = {}

    def look(step, live):
        history[step] = measure(live)

    start = mlp.start(
        (one.d, one.student_hidden, one.c),
        [_stream("student's start", one, one.student_hidden, s.seed) for s in fleet],
        device,
    )
    every = range(0, one.student_steps + 1, max(1, one.student_steps // 100))
    how = {"evaluate": look, "at": every} if curves else {}
    students = train(start, own, wanted, lr=one.student_lr, steps=one.student_steps, **how)
    columns = measure(students) | {
        "teacher_accuracy": (world.answers[which].argmax(-1) == world.classes).float().mean(1).tolist(),
        "fresh_accuracy": _fresh_accuracy(students, fleet),
        "label_entropy": labels.entropy(wanted).mean(1).tolist(),
    }
    drawn_over_time = ("student_train_accuracy", "held_out_accuracy", "train_kl", "held_out_kl")
    return [
        Row(
            settings,
            {name: column[r] for name, column in columns.items()},
            {name: [(step, at[name][r]) for step, at in history.items()] for name in drawn_over_time if history},
        )
        for r, settings in enumerate(fleet)
    ]


def _told(s, answers):
    """The soft labels (m, c) that a student is given, those of one class permuted where it is a shuffled one."""
    soft = labels.soften(answers, s.tau)
    if not s.shuffled:
        return soft
    order = labels.shuffle_within_class(balanced_classes(len(soft), s.c), _stream("shuffle", s, s.hidden, s.seed))
    return soft[order.to(soft.device)]


def _compare(z, classes, wanted):
    """Accuracy against the true classes, agreement with the labels' top class, mean divergence in nats: each (R,)."""
    guess = z.argmax(-1)
    kl = labels.divergence(wanted, torch.softmax(z, -1)).mean(1).clamp_min(0)
    return (guess == classes).float().mean(1), (guess == wanted.argmax(-1)).float().mean(1), kl


def _fresh_accuracy(students, fleet):
    """Accuracy of each student on inputs that neither network saw, whose classes are as random as the teacher's."""
    device, found = students["bias2"].device, []
    for r, s in enumerate(fleet):
        guess = mlp.logits(mlp.take(students, [r]), _inputs("fresh data", FRESH, s, s.seed).to(device))
        found.append(float((guess[0].argmax(-1) == balanced_classes(FRESH, s.c).to(device)).float().mean()))
    return found


# ---- grids ---------------------------------------------------------------------------------------------------------

PAPER = Settings(
    d=1000, c=100, hidden=500, student_hidden=500, per_class=250, rho=0.65, tau=20.0, shuffled=False,
    inputs="teacher's", teacher_lr=1e-3, teacher_steps=2_000, student_lr=1e-4, student_steps=10_000, seed=0,
)  # fmt: skip
QUICK = replace(
    PAPER, d=64, c=32, hidden=32, student_hidden=32, per_class=8,
    teacher_lr=3e-3, teacher_steps=1_500, student_lr=2e-3, student_steps=2_000,
)  # fmt: skip
MANY_CLASSES = replace(  # leaks much and long before it identifies anything: d = 60, c = 100
    QUICK, d=60, c=100, hidden=60, student_hidden=60, per_class=5, teacher_steps=500, student_lr=3e-3, student_steps=800
)
SLOW = replace(QUICK, student_lr=1e-3, student_steps=4_000)  # for curves over time
SMOKE = replace(QUICK, d=12, c=6, hidden=16, student_hidden=16, teacher_lr=1e-2, teacher_steps=150, student_steps=60)

PAPER_SIZES = (50, *range(125, 2501, 125))  # k, 21 of them: n from 5,000 to 250,000
PAPER_RHOS = tuple(round(0.05 + 0.1 * i, 2) for i in range(10))
QUICK_SIZES, QUICK_RHOS = (4, 8, 12, 16, 24, 28, 32, 64), (0.1, 0.25, 0.45, 0.65, 0.85)
BOTH = (False, True)  # as they are, and shuffled within each class


def vary(base: Settings, seeds: int, **axes) -> list[Settings]:
    """Every student of the product of the axes (a field's name = its values), where each class has inputs for it."""
    values = [dict(zip(axes, chosen, strict=True)) for chosen in product(*axes.values())]
    runs = [replace(base, seed=seed, **changed) for seed in range(seeds) for changed in values]
    return [s for s in runs if s.rho * s.per_class >= 1]


def equal_widths(base: Settings, seeds: int, widths, **axes) -> list[Settings]:
    """Students as wide as their teachers, for several widths."""
    return [s for h in widths for s in vary(replace(base, hidden=h, student_hidden=h), seeds, **axes)]


def pack_of(s: Settings):
    """Small teachers of all seeds train together; a large one is a pack of its own, with all its students."""
    teacher = (s.d, s.c, s.hidden, s.per_class, s.teacher_lr, s.teacher_steps)
    return teacher if s.c * s.per_class * s.d < 1_000_000 else (*teacher, s.seed)


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of training a pack; the inputs need no gradient."""
    one = pack[0]
    a_row = {h: 4.0 * (one.d * h + h * one.c) + 2 * h * one.c for h in {one.hidden, *(s.student_hidden for s in pack)}}
    teaching = len({s.seed for s in pack}) * one.c * one.per_class * a_row[one.hidden] * one.teacher_steps
    return teaching + sum(part_of(s) * s.c * a_row[s.student_hidden] * s.student_steps for s in pack)


def peak_bytes(pack: list[Settings]) -> float:
    """Inputs and two copies that a fleet makes of them; labels, logits and residuals; hidden layers, there and back."""
    one, h = pack[0], max(max(s.student_hidden, s.hidden) for s in pack)
    rows = one.c * max(one.per_class, *(part_of(s) for s in pack))
    together = max(len({s.seed for s in pack}), *(len(fleet) for fleet in fleets(pack)))
    return 4.0 * rows * together * (3 * one.d + 6 * one.c + 2 * h)


def _study(name: str, run=run_pack, **grids) -> Study:
    return Study(f"memorized/{name}", Settings, grids, pack_of, run, flops, peak_bytes)


def _grid(*parts):
    """A grid of several parts, each a function of the number of seeds and how many it has by itself."""
    return lambda seeds=None: list(dict.fromkeys(s for part, own in parts for s in part(seeds=seeds or own)))


RANDOM_NETWORKS = _study(  # figures 5A, 5B, 6A and 6B
    "random_networks",
    smoke=_grid((partial(vary, SMOKE, per_class=(4, 8), rho=(0.25, 0.5, 0.75)), 3)),
    quick=_grid(
        (partial(vary, QUICK, per_class=QUICK_SIZES, rho=QUICK_RHOS), 3),
        (partial(vary, QUICK, per_class=(32,), rho=(0.05, 0.15, 0.35, 0.55, 0.75, 0.95)), 3),
        (partial(vary, MANY_CLASSES, rho=(0.2, 0.4, 0.6, 0.8)), 3),
        (partial(vary, QUICK, per_class=(32,), rho=(0.45,)), 6),  # more replicates where they differ most
    ),
    paper=_grid((partial(vary, PAPER, per_class=PAPER_SIZES, rho=PAPER_RHOS), 5)),
)

RANDOM_NETWORK_CURVES = _study(  # figure 5C, and 14: losses and shuffled students
    "random_network_curves",
    run_pack_with_curves,
    smoke=_grid((partial(vary, SMOKE, per_class=(4, 8), rho=(0.5,), shuffled=BOTH), 3)),
    quick=_grid((partial(vary, SLOW, per_class=(8, 16, 28, 64), shuffled=BOTH), 3)),
    paper=_grid((partial(vary, PAPER, per_class=(250, 500, 1000, 2000), shuffled=BOTH), 5)),
)

STUDENT_WIDTHS = _study(  # figure 6's widths over ρ, and 15's at ρ = 0.45: other widths, and equal ones
    "student_widths",
    smoke=_grid(
        (partial(vary, SMOKE, student_hidden=(8, 24), rho=(0.25, 0.75)), 3),
        (partial(equal_widths, SMOKE, widths=(8, 24), per_class=(4, 8), rho=(0.5,)), 3),
    ),
    quick=_grid(
        (partial(vary, MANY_CLASSES, student_hidden=(15, 30, 45, 60, 120), rho=(0.2, 0.4, 0.6, 0.8)), 3),
        (partial(vary, QUICK, student_hidden=(24, 48), per_class=(8, 16, 24, 32), rho=(0.45,)), 2),
        (partial(equal_widths, QUICK, widths=(16,), per_class=(4, 8, 16, 24, 32), rho=(0.45,)), 2),
        (partial(equal_widths, QUICK, widths=(48,), per_class=(16, 32, 48), rho=(0.45,)), 2),
    ),
    paper=_grid(
        (
            partial(vary, PAPER, student_hidden=(100, 200, 250, 300, 400, 500, 600, 750, 1000, 2000), rho=PAPER_RHOS),
            5,
        ),
        (  # the driver has 200 and 400, the plot asks for 400 and 600; 500 is in the phase map
            partial(
                vary,
                PAPER,
                student_hidden=(200, 400, 600),
                per_class=[k for k in PAPER_SIZES if k != PAPER.per_class],
                rho=(0.45,),
            ),
            5,
        ),
        (partial(equal_widths, PAPER, widths=(100, 250, 350, 650), per_class=PAPER_SIZES, rho=(0.45,)), 5),
    ),
)

NETWORK_CLASSES = _study(  # figure 15: number of classes; the base's own count is in the phase map
    "network_classes",
    smoke=_grid((partial(vary, SMOKE, c=(4, 8), per_class=(4, 8), rho=(0.5,)), 3)),
    quick=_grid(
        (partial(vary, QUICK, c=(16,), per_class=(16, 32, 48, 64), rho=(0.45,)), 2),
        (partial(vary, QUICK, c=(48,), per_class=(6, 12, 16, 20, 28), rho=(0.45,)), 2),
    ),
    paper=_grid((partial(vary, PAPER, c=(20, 50, 90, 110), per_class=PAPER_SIZES, rho=(0.45,)), 5)),
)

FRESH_INPUTS = _study(  # a reviewer's question: what if the student's inputs are none of the teacher's?
    "fresh_inputs",
    smoke=_grid((partial(vary, SMOKE, per_class=(4, 8), rho=(0.5, 1.5), inputs=("fresh",)), 3)),
    quick=_grid(
        (partial(vary, QUICK, inputs=("fresh",), per_class=(8,), rho=(0.25, 0.65, 1.25, 2.0)), 3),
        (partial(vary, QUICK, inputs=("fresh",), per_class=(16,), rho=(0.45, 0.65, 0.85, 1.25)), 3),
        (partial(vary, QUICK, inputs=("fresh",), per_class=(32,), rho=(0.25, 0.45, 0.65)), 3),
    ),
    paper=_grid(
        (partial(vary, PAPER, inputs=("fresh",), rho=(0.25, 0.65, 0.95, 1.5, 2.5, 3.5)), 5),
        (partial(vary, PAPER, inputs=("fresh",), per_class=(500, 1000), rho=(0.25, 0.45, 0.65, 0.95)), 5),
    ),
)

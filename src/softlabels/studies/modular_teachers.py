"""Modular addition: settings, order of the pairs, initial weights, and teachers, the large ones kept on disk.

Letters: R networks, N = p² pairs in random order, n of them the teacher's, c = p classes.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from softlabels.code_hash import code_hash
from softlabels.data import modular
from softlabels.labels import harden
from softlabels.models import mlp, transformer
from softlabels.seeds import torch_stream
from softlabels.study import identity, one_of
from softlabels.training import checkpoints
from softlabels.training.adamw import train

LARGE = 1e12  # multiplications and additions of one student from which on its teacher is worth keeping on disk


@dataclass(frozen=True)
class Student:
    """One student and its teacher. Both are trained by AdamW with the same settings."""

    p: int  # modulus, and number of classes
    fraction: float  # share of all pairs that the teacher learns
    teacher_step: int  # the teacher's step at which it gave its soft labels
    rho: float  # ρ, share of the teacher's pairs that the student gets
    tau: float  # τ of the soft labels
    start: str  # initial weights: see STARTS
    lr: float
    weight_decay: float
    student_steps: int
    seed: int  # replicate: order of the pairs, teacher, student's own initial weights


@dataclass(frozen=True)
class Perceptron(Student):
    """Figure 9: one-hot pairs, two hidden layers of ReLUs."""

    hidden: int  # units of each hidden layer


@dataclass(frozen=True)
class Transformer(Student):
    """Figures 2 and 8: one block, read at the last of three positions."""

    d_model: int
    heads: int
    d_mlp: int


STARTS = {  # start -> whether the student has the teacher's initial weights: (hidden layers, output layer)
    "independent": (False, False),
    "shared": (True, True),
    "shared hidden": (True, False),
    "shared head": (False, True),
}


class Network(NamedTuple):
    """What the study needs to know of a kind of network."""

    begin: Callable  # (settings, generators, device) -> initial weights, one network a generator
    logits: Callable  # (weights, pairs (…, 2)) -> (R, …, c)
    head: tuple[str, ...]  # names of the output layer's weights
    products: Callable  # settings -> multiplications of one pair's forward pass
    learning: tuple[tuple[float, float], ...]  # (ρ, τ) of the students whose learning curves are recorded


NETWORKS = {
    Perceptron: Network(
        lambda s, *where: mlp.start((2 * s.p, s.hidden, s.hidden, s.p), *where),
        mlp.pair_logits,
        ("weight3", "bias3"),
        lambda s: s.hidden * (s.hidden + s.p),  # the first layer looks a pair's weights up
        ((0.5, 10.0), (0.9, 10.0), (0.9, 0.1)),
    ),
    Transformer: Network(
        lambda s, *where: transformer.start(transformer.Shape(s.p, s.d_model, s.heads, s.d_mlp), *where),
        transformer.logits,
        ("unembed",),
        lambda s: s.d_model * (s.d_model + 2 * s.d_mlp + s.p),  # keys and values are looked up
        ((0.3, 10.0), (0.9, 10.0), (0.9, 0.1)),
    ),
}


def order(s: Student, device: str = "cpu") -> Tensor:
    """All pairs of a replicate in random order (N, 2): first the student's, then those held out, then the fresh."""
    return modular.shuffled_pairs(s.p, torch_stream("modular addition pairs", s.p, s.seed)).to(device)


def first_weights(s: Student, whose: str, device: str = "cpu") -> dict[str, Tensor]:
    """Initial weights, as a stack of one, of the "teacher" or an independent "student" of a replicate."""
    widths = [getattr(s, field.name) for field in fields(s)[len(fields(Student)) :]]
    stream = torch_stream(f"modular addition {whose}", type(s).__name__, s.p, *widths, s.seed)
    return NETWORKS[type(s)].begin(s, [stream], device)


def start(s: Student, device: str = "cpu") -> dict[str, Tensor]:
    """A student's initial weights, as a stack of one: its own, the teacher's, or some of each.

    Raises SoftLabelsError for a start that STARTS does not list.
    """
    one_of("start", s.start, STARTS)
    own, shared = (first_weights(s, whose, device) for whose in ("student", "teacher"))
    hidden, head = STARTS[s.start]
    from_teacher = {name: head if name in NETWORKS[type(s)].head else hidden for name in own}
    return {name: (shared if from_teacher[name] else own)[name] for name in own}


def shape_of(s: Student) -> Student:
    """The settings that students must have in common to train together."""
    return replace(s, seed=0, rho=0.0, start="", teacher_step=0, tau=1.0)


def large(s: Student) -> bool:
    """Whether students of this size take so long that a pack should hold few of them."""
    return student_flops(replace(s, rho=1.0)) >= LARGE


def student_flops(s: Student) -> float:
    """Arithmetic of training a student: forward and back, 6 for each multiplication of a pair's forward pass."""
    return 6.0 * NETWORKS[type(s)].products(s) * s.rho * s.fraction * s.p**2 * s.student_steps


# ---- teachers ------------------------------------------------------------------------------------------------------


class Teacher(NamedTuple):
    """A teacher at one of its stops."""

    weights: dict[str, Tensor]  # a stack of one
    curve: Tensor  # (k, 3): step, accuracy on its own pairs and on fresh ones, up to here


def teachers(pack: list[Student], device: str, cache: Path) -> dict[tuple[int, int], Teacher]:
    """The teachers of a pack: {(seed, step): teacher}. Each trains once, and is copied at all its stops.

    Large ones are kept under `cache` for other packs. Raises SoftLabelsError for a file there that is incomplete or
    belongs to another teacher.
    """
    one, stops = pack[0], sorted({s.teacher_step for s in pack})
    replicates = [replace(one, seed=seed) for seed in sorted({s.seed for s in pack})]
    if not large(one):
        return teach(replicates, stops, device)
    with checkpoints.alone(_file(one, 0, device, cache)[0].parent):  # of several processes one trains them
        stopped = {
            (s.seed, step): teacher for s in replicates for step in stops if (teacher := _read(s, step, device, cache))
        }
        missing = [s for s in replicates if any((s.seed, step) not in stopped for step in stops)]
        trained = teach(missing, stops, device) if missing else {}
        for (seed, step), teacher in trained.items():
            path, about = _file(replace(one, seed=seed), step, device, cache)
            checkpoints.save(path, teacher.weights | {"curve": teacher.curve}, about)
    return stopped | trained


def teach(replicates: list[Student], stops: list[int], device: str) -> dict[tuple[int, int], Teacher]:
    """Train one teacher a replicate on the classes of its pairs, all as one fleet, and copy each at every stop."""
    one = replicates[0]
    n, _ = modular.parts(one.p, one.fraction, one.rho)
    pairs = torch.stack([order(s, device) for s in replicates])  # (R, N, 2)
    classes = modular.sums(pairs, one.p)
    logits = NETWORKS[type(one)].logits
    weights, points = {}, []

    def look(step, live):
        right = (logits(live, pairs).argmax(-1) == classes).double()
        points.append([torch.full((len(pairs),), float(step)), right[:, :n].mean(1).cpu(), right[:, n:].mean(1).cpu()])
        if step in stops:
            weights[step] = {name: tensor.contiguous().clone() for name, tensor in live.items()}

    begin = mlp.join([first_weights(s, "teacher", device) for s in replicates])
    every = max(1, one.student_steps // 400)
    train(
        logits, begin, pairs[:, :n], harden(classes[:, :n], one.p), lr=one.lr, steps=stops[-1],
        weight_decay=one.weight_decay, evaluate=look, at={*range(0, stops[-1], every), *stops},
    )  # fmt: skip
    curves = torch.stack([torch.stack(point) for point in points]).permute(2, 0, 1)  # (R, k, 3)
    return {
        (s.seed, step): Teacher(
            {name: tensor[r : r + 1] for name, tensor in weights[step].items()}, curves[r][curves[r, :, 0] <= step]
        )
        for r, s in enumerate(replicates)
        for step in stops
    }


def _read(s: Student, step: int, device: str, cache: Path) -> Teacher | None:
    """A teacher from its file; None where there is none."""
    tensors = checkpoints.load(*_file(s, step, device, cache), device)
    return Teacher(tensors, tensors.pop("curve").cpu()) if tensors else None


OF_STUDENTS = {"teacher_step": 0, "rho": 0.0, "tau": 1.0, "start": ""}  # settings that a teacher does not have


def _file(s: Student, step: int, device: str, cache: Path) -> tuple[Path, dict[str, str]]:
    """Where a teacher is kept, and what its file says it is: its settings and the code that trained it."""
    teacher = replace(s, **OF_STUDENTS)
    folder, code = checkpoints.folder(cache, identity(teacher), code_hash(teach), device)
    about = {name: json.dumps(value) for name, value in asdict(teacher).items() if name not in OF_STUDENTS}
    about |= {"network": type(s).__name__, "step": str(step), "code": code, "torch": torch.__version__}
    return folder / f"e{step:06d}.safetensors", about


def train_again(about: dict[str, str], device: str, cache: Path) -> Path:
    """Train the teacher that a file's metadata describe, in an empty cache; the file that should be equal."""
    (kind,) = (kind for kind in NETWORKS if kind.__name__ == about["network"])
    values = {field.name: json.loads(about[field.name]) for field in fields(kind) if field.name not in OF_STUDENTS}
    student = kind(**values, **OF_STUDENTS | {"teacher_step": int(about["step"]), "rho": 0.5})
    teachers([student], device, cache)
    return _file(student, student.teacher_step, device, cache)[0]

"""Which part of a soft label leaks: students of treated labels on random data (paper B, figure 16).

One teacher with one hidden layer memorises n = c·k random labels. Its students get the same part of its soft labels,
each with something else taken away; all of them train as one fleet from one start, so that they differ in nothing else.

Letters: R students, n examples, m of them the students' part, d inputs, h hidden units, c classes.
"""

from dataclasses import dataclass
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

REMOVED = 0  # the class that loses its entry or its examples, as in the paper; classes are exchangeable
FRESH = 1000  # examples that neither network saw


@dataclass(frozen=True)
class Settings:
    """One student and what was done to its labels."""

    d: int  # input dimension
    c: int  # number of classes
    hidden: int  # h, width of both networks
    per_class: int  # k, examples a class: the teacher memorises n = c·k
    rho: float  # ρ, fraction of each class that the student trains on
    tau: float  # τ, temperature of the soft labels
    treatment: str  # one of TREATMENTS
    fraction: float  # f, share of a label's entries that is cut; 0 where none is
    teacher_lr: float
    teacher_steps: int
    student_lr: float
    student_steps: int
    seed: int  # replicate


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """The teacher of one data set and all its students, which differ in the treatment of their labels alone."""
    one = pack[0]
    inputs, classes, fresh, fresh_classes = (tensor.to(device) for tensor in data(one))
    start = networks(one, "teacher's start", device)
    hard = labels.harden(classes, one.c)[None]
    teacher = train(start, inputs, hard, lr=one.teacher_lr, steps=one.teacher_steps)
    said = mlp.logits(teacher, inputs)[0]  # (n, c)

    m = students_part(one.per_class, one.rho) * one.c
    soft = labels.soften(said[:m], one.tau)
    treated = [treatment(s.treatment)(s, soft, classes[:m]) for s in pack]
    wanted, counts = (torch.stack(tensors) for tensors in zip(*treated, strict=True))  # (R, m, c), (R, m)
    targets, weights = labels.as_training_targets(wanted, counts / m)
    starts = mlp.take(networks(one, "student's start", device), [0] * len(pack))
    how = {"lr": one.student_lr, "steps": one.student_steps, "weights": weights}
    students = train(starts, inputs[:m].contiguous(), targets, **how)

    guess = mlp.logits(students, inputs).argmax(-1)  # (R, n)
    right, agree = guess == classes, guess == said.argmax(-1)
    of_removed = classes[m:] == REMOVED
    columns = {
        "teacher_accuracy": (said.argmax(-1) == classes).float().mean().expand(len(pack)),
        "student_train_accuracy": (right[:, :m] * counts).sum(1) / counts.sum(1),
        "held_out_accuracy": right[:, m:].float().mean(1),
        "fresh_accuracy": (mlp.logits(students, fresh).argmax(-1) == fresh_classes).float().mean(1),
        "agreement": agree[:, m:].float().mean(1),
        "class0_held_out_accuracy": right[:, m:][:, of_removed].float().mean(1),
        "label_mass": (wanted.sum(-1) * counts).sum(1) / counts.sum(1),  # what is left of a label's sum of 1
    }
    columns = {name: column.tolist() for name, column in columns.items()}
    return [Row(s, {name: float(column[r]) for name, column in columns.items()}) for r, s in enumerate(pack)]


def data(s: Settings) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Inputs (n, d) and classes (n,) to memorise, and fresh ones (FRESH, d), (FRESH,)."""
    n = s.c * s.per_class
    inputs = gaussian(n, s.d, "random data", s.d, s.c, s.per_class, s.seed)
    fresh = gaussian(FRESH, s.d, "fresh data", s.d, s.c, s.per_class, s.seed)
    return inputs, balanced_classes(n, s.c), fresh, balanced_classes(FRESH, s.c)


def networks(s: Settings, name: str, device: str) -> dict:
    """The start of one network, as a stack of one."""
    stream = torch_stream(name, s.d, s.c, s.hidden, s.per_class, s.seed)
    return mlp.start((s.d, s.hidden, s.c), [stream], device)


# ---- the treatments: (settings, soft labels (m, c), classes (m,)) -> labels (m, c), what each example counts (m,) ----


def none(s, soft, classes):
    """The labels as they are."""
    return soft, torch.ones_like(soft[:, 0])


def shuffled(s, soft, classes):
    """Each example gets the label of another one of its class."""
    stream = torch_stream("shuffle", s.d, s.c, s.per_class, s.seed)
    return none(s, soft[labels.shuffle_within_class(classes.cpu(), stream).to(soft.device)], classes)


def cut_tail(s, soft, classes):
    """The smallest entries set to zero: what the paper says."""
    return none(s, labels.cut_tail(soft, s.fraction), classes)


def cut_tail_as_coded(s, soft, classes):
    """As many entries set to zero, wherever the official code finds them."""
    return none(s, labels.cut_tail_as_coded(soft, s.fraction), classes)


def removed_entry(s, soft, classes):
    """No label of another class says anything about class 0."""
    return none(s, labels.remove_entry(soft, classes, REMOVED), classes)


def removed_class(s, soft, classes):
    """No example of class 0, only what the labels of others say about it."""
    return soft, labels.remove_class(classes, REMOVED).to(soft.dtype)


def fewer_examples(s, soft, classes):
    """As many examples less as class 0 has, of whatever class: what removing a class costs in number alone."""
    left = torch.ones_like(soft[:, 0])
    stream = torch_stream("fewer examples", s.d, s.c, s.per_class, s.seed)
    left[torch.randperm(len(soft), generator=stream)[: int((classes == REMOVED).sum())]] = 0
    return soft, left


TREATMENTS = {
    "none": none,
    "shuffled": shuffled,
    "cut tail": cut_tail,
    "cut tail, as coded": cut_tail_as_coded,
    "removed entry": removed_entry,
    "removed class": removed_class,
    "fewer examples": fewer_examples,  # ours: a control
}


def treatment(name: str):
    """The treatment called `name`. Raises SoftLabelsError, which lists them."""
    if name not in TREATMENTS:
        raise SoftLabelsError(f"There is no treatment {name!r}; choose one of {', '.join(TREATMENTS)}.")
    return TREATMENTS[name]


# ---- grids ---------------------------------------------------------------------------------------------------------


def grid(sizes, per_class, fractions, training, replicates, seeds=None) -> list[Settings]:
    """Every treatment of every data set. sizes (d, c, h); training as pairs (learning rate, steps)."""
    (d, c, hidden), ((teacher_lr, teacher_steps), (student_lr, student_steps)) = sizes, training
    how = (teacher_lr, teacher_steps, student_lr, student_steps)
    treated = [(name, 0.0) for name in TREATMENTS if not name.startswith("cut tail")]
    treated += [(name, fraction) for name in ("cut tail", "cut tail, as coded") for fraction in fractions]
    return [
        Settings(d, c, hidden, k, 0.7, 20.0, name, fraction, *how, seed)
        for seed in range(seeds or replicates)
        for k in per_class
        for name, fraction in treated
    ]


def smoke(seeds: int | None = None) -> list[Settings]:
    """Small networks that train for moments."""
    return grid((12, 8, 12), (4, 8), (1 / 8, 0.5), ((1e-2, 200), (1e-2, 200)), 3, seeds)


def quick(seeds: int | None = None) -> list[Settings]:
    """A sixteenth of the paper's dimension: one entry of 32, a tenth and half of them."""
    return grid((64, 32, 32), (8, 12, 16, 20, 24), (1 / 32, 0.1, 0.5), ((3e-3, 1500), (3e-3, 1500)), 8, seeds)


def paper(seeds: int | None = None) -> list[Settings]:
    """The published sizes, with both ways of cutting; k/d from 1/4 to 2."""
    return grid(
        (1000, 100, 500), range(250, 2001, 250), (0.01, 0.02, 0.1, 0.5), ((1e-3, 1000), (1e-4, 10_000)), 5, seeds
    )


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of one data set's teacher and students, forward and back."""
    s = pack[0]
    row = 4 * s.hidden * (s.d + s.c) + 2 * s.hidden * s.c  # the inputs need no gradient
    m = students_part(s.per_class, s.rho) * s.c
    return float(row) * (s.c * s.per_class * s.teacher_steps + len(pack) * m * s.student_steps)


def memory(pack: list[Settings]) -> float:
    """Bytes held at once: the inputs, and for each student labels, answers and the hidden layer of its part."""
    s = pack[0]
    m = students_part(s.per_class, s.rho) * s.c
    return 4.0 * (2 * s.c * s.per_class * s.d + len(pack) * m * (4 * s.c + 2 * s.hidden))


LABEL_TREATMENTS = Study(
    id="memorized/label_treatments",
    settings=Settings,
    grids={"smoke": smoke, "quick": quick, "paper": paper},
    pack_key=lambda s: (s.d, s.c, s.hidden, s.per_class, s.seed),
    run_pack=run_pack,
    flops=flops,
    bytes=memory,
)

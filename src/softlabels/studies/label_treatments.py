"""Which part of a soft label leaks: students of treated labels on random data (paper B, figure 16).

One teacher with one hidden layer memorises n = c·k random labels. Its students get the same part of its soft labels,
each with another treatment. All train as one fleet from the same initial weights, so that nothing else differs.

Letters: R students, n examples, m of them the students' part, d inputs, h hidden units, c classes.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels
from softlabels.data.synthetic import fresh, memorised, students_part
from softlabels.errors import SoftLabelsError
from softlabels.models import mlp
from softlabels.seeds import torch_stream
from softlabels.studies.grids import crossed
from softlabels.study import Row, Study
from softlabels.training.two_layer import train

REMOVED = 0  # the class that loses its entry or its examples, as in the paper; classes are exchangeable
FRESH = 1000  # examples that neither network saw


@dataclass(frozen=True)
class Settings:
    """One student and the treatment of its labels."""

    d: int  # input dimension
    c: int  # number of classes
    hidden: int  # h, width of both networks
    per_class: int  # k, examples per class: the teacher memorises n = c·k
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
    """The teacher of one data set and all its students, which differ only in the treatment of their labels."""
    one, m = pack[0], students_part(pack[0].per_class, pack[0].rho) * pack[0].c
    labels.check_temperature(one.tau)
    for s in pack:
        treatment(s.treatment)
        labels.entries_cut(s.c, s.fraction)
    inputs, classes, fresh_inputs, fresh_classes = (tensor.to(device) for tensor in data(one))
    start = networks(one, "teacher's start", device)
    hard = labels.harden(classes, one.c)[None]
    teacher = train(start, inputs, hard, lr=one.teacher_lr, steps=one.teacher_steps)
    logits = mlp.logits(teacher, inputs)[0]  # (n, c)

    soft = labels.soften(logits[:m], one.tau)
    treated = [treatment(s.treatment)(s, soft, classes[:m]) for s in pack]
    treated, counts = (torch.stack(tensors) for tensors in zip(*treated, strict=True))  # (R, m, c), (R, m)
    targets, weights = labels.as_training_targets(treated, counts / m)
    starts = mlp.take(networks(one, "student's start", device), [0] * len(pack))
    how = {"lr": one.student_lr, "steps": one.student_steps, "weights": weights}
    students = train(starts, inputs[:m].contiguous(), targets, **how)

    guess, teachers_guess = mlp.logits(students, inputs).argmax(-1), logits.argmax(-1)  # (R, n), (n,)
    right, held_out = guess == classes, (guess == classes)[:, m:]
    columns = {
        "teacher_accuracy": (teachers_guess == classes).float().mean().expand(len(pack)),
        "student_train_accuracy": (right[:, :m] * counts).sum(1) / counts.sum(1),
        "held_out_accuracy": held_out.float().mean(1),
        "fresh_accuracy": (mlp.logits(students, fresh_inputs).argmax(-1) == fresh_classes).float().mean(1),
        "agreement": (guess == teachers_guess)[:, m:].float().mean(1),
        "class0_held_out_accuracy": held_out[:, classes[m:] == REMOVED].float().mean(1),
        "label_mass": (treated.sum(-1) * counts).sum(1) / counts.sum(1),  # the mean sum of a label's entries
    }
    return [Row(s, {name: float(column[r]) for name, column in columns.items()}) for r, s in enumerate(pack)]


def data(s: Settings) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Inputs (n, d) and classes (n,) to memorise, and fresh ones (FRESH, d), (FRESH,)."""
    of_data_set = s.d, s.c, s.per_class, s.seed
    return *memorised(*of_data_set), *fresh(FRESH, *of_data_set)


def networks(s: Settings, name: str, device: str) -> dict:
    """The initial weights of one network, as a stack of one."""
    stream = torch_stream(name, s.d, s.c, s.hidden, s.per_class, s.seed)
    return mlp.start((s.d, s.hidden, s.c), [stream], device)


# ---- the treatments: (settings, soft labels (m, c), classes (m,)) -> (treated labels (m, c), row weights (m,)) ------


def none(s, soft, classes):
    """The labels as they are."""
    return soft, torch.ones_like(soft[:, 0])


def shuffled(s, soft, classes):
    """Each example gets the label of another example of its class."""
    stream = torch_stream("shuffle", s.d, s.c, s.per_class, s.seed)
    return none(s, soft[labels.shuffle_within_class(classes.cpu(), stream).to(soft.device)], classes)


def cut_tail(s, soft, classes):
    """The smallest entries are set to zero, as the paper says."""
    return none(s, labels.cut_tail(soft, s.fraction), classes)


def cut_tail_as_coded(s, soft, classes):
    """The same number of entries is set to zero, but the ones that the official code chooses."""
    return none(s, labels.cut_tail_as_coded(soft, s.fraction), classes)


def removed_entry(s, soft, classes):
    """The labels of all other classes lose their entry for class 0."""
    return none(s, labels.remove_entry(soft, classes, REMOVED), classes)


def removed_class(s, soft, classes):
    """The examples of class 0 are left out; the labels of other classes still have an entry for it."""
    return soft, labels.remove_class(classes, REMOVED).to(soft.dtype)


def fewer_examples(s, soft, classes):
    """Random examples of any class are left out, as many as class 0 has: the effect of fewer examples alone."""
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


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of one data set's teacher and students, forward and back."""
    s = pack[0]
    row = 4 * s.hidden * (s.d + s.c) + 2 * s.hidden * s.c  # the inputs need no gradient
    m = students_part(s.per_class, s.rho) * s.c
    return float(row) * (s.c * s.per_class * s.teacher_steps + len(pack) * m * s.student_steps)


def peak_bytes(pack: list[Settings]) -> float:
    """Bytes held at once: the inputs, and for each student labels, logits and the hidden layer of its part."""
    s = pack[0]
    m = students_part(s.per_class, s.rho) * s.c
    return 4.0 * (2 * s.c * s.per_class * s.d + len(pack) * m * (4 * s.c + 2 * s.hidden))


# ---- grids ---------------------------------------------------------------------------------------------------------

PAPER = Settings(
    d=1000, c=100, hidden=500, per_class=250, rho=0.7, tau=20.0, treatment="none", fraction=0.0,
    teacher_lr=1e-3, teacher_steps=1000, student_lr=1e-4, student_steps=10_000, seed=0,
)  # fmt: skip
QUICK = replace(PAPER, d=64, c=32, hidden=32, teacher_lr=3e-3, teacher_steps=1500, student_lr=3e-3, student_steps=1500)
SMOKE = replace(PAPER, d=12, c=8, hidden=12, teacher_lr=1e-2, teacher_steps=200, student_lr=1e-2, student_steps=200)


def grid(base: Settings, replicates: int, *, per_class, fractions):
    """Every treatment on every data set, the two cut tails with several fractions."""
    treated = [(name, 0.0) for name in TREATMENTS if not name.startswith("cut tail")]
    treated += [(name, fraction) for name in ("cut tail", "cut tail, as coded") for fraction in fractions]
    treated = [{"treatment": name, "fraction": fraction} for name, fraction in treated]
    return crossed(base, replicates, [{"per_class": k} for k in per_class], treated)


CLASS_0 = [{"treatment": name} for name in ("none", "removed entry", "removed class")]

LABEL_TREATMENTS = Study(
    id="memorized/label_treatments",
    settings=Settings,
    grids={
        "smoke": grid(SMOKE, 3, per_class=(4, 8), fractions=(1 / 8, 0.5)),
        "quick": grid(QUICK, 8, per_class=(8, 12, 16, 20, 24), fractions=(1 / 32, 0.1, 0.5)),
        # Quick networks, for claims M35 and M36 alone. A replicate holds out few examples of one class: its accuracy on
        # them spreads by 0.15 without the entry, by 0.34 without the class. From 96 both are known to 0.03 and 0.07.
        "reduced": crossed(QUICK, 96, [{"per_class": k} for k in (8, 16, 24)], CLASS_0),
        "paper": grid(PAPER, 5, per_class=range(250, 2001, 250), fractions=(0.01, 0.02, 0.1, 0.5)),
    },
    pack_key=lambda s: replace(s, treatment="", fraction=0.0),
    run_pack=run_pack,
    flops=flops,
    bytes=peak_bytes,
)

"""Paper B, figures 2, 8 and 9: modular addition, where a teacher first learns by heart and later finds the rule.

Students learn the soft labels of a teacher stopped before, during or after it finds the rule, on a part of its pairs.
They begin from weights of their own or, as in the official code by accident, from the teacher's: finding N1.

Letters: R students, N = p² pairs in random order, n of them the teacher's, m of those the student's, c = p classes.
"""

import dataclasses
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from softlabels.data import modular
from softlabels.labels import check_temperature, soften
from softlabels.models import mlp
from softlabels.studies.modular_teachers import (
    NETWORKS,
    Perceptron,
    Student,
    Teacher,
    Transformer,
    alike,
    large,
    order,
    start,
    student_flops,
    teachers,
)
from softlabels.study import Row, Study
from softlabels.training.adamw import train
from softlabels.training.precision import keep_memory


def run_pack(pack: list[Student], device: str, cache: Path) -> list[Row]:
    """The pack's teachers, then its students: those of one ρ see equally many pairs and train as one fleet."""
    for s in pack:
        modular.parts(s.p, s.fraction, s.rho)
        check_temperature(s.tau)
    if large(pack[0]):
        keep_memory()  # a step's tensors are blocks that glibc would hand back each time
    known, rows = teachers(pack, device, cache), {}
    for rho in sorted({s.rho for s in pack}):
        rows |= taught([s for s in pack if s.rho == rho], known, device)
    return [rows[s] for s in pack]


def taught(fleet: list[Student], known: dict[tuple[int, int], Teacher], device: str) -> dict[Student, Row]:
    """Train students of one ρ as one fleet on what the `known` teachers say of their pairs; a row each."""
    one, logits = fleet[0], NETWORKS[type(fleet[0])].logits
    n, m = modular.parts(one.p, one.fraction, one.rho)
    pairs = torch.stack([order(s, device) for s in fleet])  # (R, N, 2)
    classes = modular.sums(pairs, one.p)
    asks = {(s.seed, s.teacher_step): r for r, s in enumerate(fleet)}  # each teacher once
    said = {key: logits(known[key].weights, pairs[r])[0] for key, r in asks.items()}
    asked = [said[s.seed, s.teacher_step] for s in fleet]  # (N, c) each
    wanted = torch.stack([soften(z[:m], s.tau) for z, s in zip(asked, fleet, strict=True)])  # (R, m, c)

    drawn = [r for r, s in enumerate(fleet) if learning_curve(s)]
    points: list[tuple[int, dict]] = []

    def look(step, live):
        some = {name: tensor[drawn] for name, tensor in live.items()}
        points.append((step, accuracies(logits(some, pairs[drawn]).argmax(-1) == classes[drawn], n, m)))

    every = max(1, one.student_steps // 100)
    begin = mlp.join([start(s, device) for s in fleet])
    students = train(
        logits, begin, pairs[:, :m], wanted, lr=one.lr, steps=one.student_steps, weight_decay=one.weight_decay,
        evaluate=look if drawn else None, at=range(0, one.student_steps + 1, every),
    )  # fmt: skip

    answers = logits(students, pairs).argmax(-1)  # (R, N)
    teachers_answers = torch.stack([z.argmax(-1) for z in asked])
    own = accuracies(teachers_answers == classes, n, m)
    metrics = {
        "teacher_accuracy": (own["student_train_accuracy"] * m + own["held_out_accuracy"] * (n - m)) / n,
        "teacher_fresh_accuracy": own["fresh_accuracy"],
        **accuracies(answers == classes, n, m),
        "agreement": accuracies(answers == teachers_answers, n, m)["held_out_accuracy"],
    }
    rows = {s: Row(s, {name: float(value[r]) for name, value in metrics.items()}) for r, s in enumerate(fleet)}
    for place, r in enumerate(drawn):
        for name in points[0][1]:
            rows[fleet[r]].curves[name] = [(step, float(found[name][place])) for step, found in points]
        rows[fleet[r]].curves.update(teachers_curves(fleet[r], known))
    return rows


def accuracies(right: Tensor, n: int, m: int) -> dict[str, Tensor]:
    """What is right of a student's answers (R, N), as shares (R,) of the three parts of its pairs."""
    shares = (part.double().mean(1).cpu() for part in right.tensor_split((m, n), dim=1))
    return dict(zip(("student_train_accuracy", "held_out_accuracy", "fresh_accuracy"), shares, strict=True))


def learning_curve(s: Student) -> bool:
    """Whether a student is one of those whose learning the figures draw."""
    return (s.rho, s.tau) in NETWORKS[type(s)].learning and s.start in ("independent", "shared")


def teachers_curves(s: Student, known: dict[tuple[int, int], Teacher]) -> dict[str, list[tuple[int, float]]]:
    """The teacher's own accuracies on the way to its stop, beside one student of each."""
    if s.start != "independent" or (s.rho, s.tau) != NETWORKS[type(s)].learning[-1]:
        return {}
    curve = known[s.seed, s.teacher_step].curve.tolist()
    names = ("teacher_accuracy", "teacher_fresh_accuracy")
    return {name: [(int(point[0]), point[i]) for point in curve] for i, name in enumerate(names, start=1)}


# ---- grids ---------------------------------------------------------------------------------------------------------


def runs(
    student: Student, seeds: int, rhos: Iterable[float], taus: Iterable[float], stops: Iterable[int], *,
    shared: Iterable[tuple[int, float]] | None = None, half: Iterable[tuple[int, float]] = (),
) -> list[Student]:  # fmt: skip
    """Every ρ × τ × teacher's stop for each seed, students independent; then those that share their start.

    shared: the (stop, τ) of students that begin as their teacher did, None for all; half: of those that share only the
    hidden layers, or only the head.
    """
    rhos, every = list(rhos), [(step, tau) for step in stops for tau in taus]
    kinds = {"independent": every, "shared": every if shared is None else list(shared)}
    kinds |= {start: list(half) for start in ("shared hidden", "shared head")}
    return [
        dataclasses.replace(student, seed=seed, rho=rho, start=start, teacher_step=step, tau=tau)
        for seed in range(seeds)
        for start, wanted in kinds.items()
        for step, tau in wanted
        for rho in rhos
    ]


RHOS, TAUS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9), (10.0, 1.0, 0.1)  # the published grid
STOPS = {Perceptron: (5_000, 10_000, 20_000), Transformer: (2_500, 5_000, 10_000)}  # the published teachers
ANY = {"teacher_step": 0, "rho": 0.9, "tau": 10.0, "start": "independent", "weight_decay": 1.0, "seed": 0}
FIGURE_9 = Perceptron(p=113, fraction=0.3, hidden=200, lr=1e-3, student_steps=40_000, **ANY)
FIGURE_2 = Transformer(p=113, fraction=0.3, d_model=128, heads=4, d_mlp=512, lr=1e-3, student_steps=40_000, **ANY)
QUICK_9 = Perceptron(p=23, fraction=0.7, hidden=64, lr=1e-2, student_steps=1500, **ANY)
QUICK_2 = Transformer(p=31, fraction=0.4, d_model=32, heads=4, d_mlp=128, lr=3e-3, student_steps=800, **ANY)
SMOKE_9 = dataclasses.replace(QUICK_9, p=7, hidden=16, student_steps=60)
SMOKE_2 = dataclasses.replace(QUICK_2, p=7, d_model=8, heads=2, d_mlp=16, fraction=0.7, lr=1e-2, student_steps=40)


def quick_9(seeds: int | None = None) -> list[Perceptron]:
    """Figure 9 in small: four replicates of everything, twelve of the cells that M6, M8, M9 and N1 are about."""
    first = [(100, 10.0)]
    grid = runs(
        QUICK_9, seeds or 4, (0.1, 0.3, 0.5, 0.7, 0.9), TAUS, (100, 200, 2000), shared=[*first, (200, 10.0)], half=first
    )
    grid += runs(QUICK_9, seeds or 12, (0.1, 0.9), (10.0,), (100,), shared=first, half=first)
    grid += runs(QUICK_9, seeds or 12, (0.9,), (0.1,), (100,), shared=[])
    grid += runs(QUICK_9, seeds or 12, (0.7,), (10.0, 0.1), (2000,), shared=[])
    return list(dict.fromkeys(grid))


def paper(student: Student, seeds: int | None) -> list[Student]:
    """The published grid: its first cells, which N1 compares, ahead of the rest, so that they can be run alone."""
    stops = STOPS[type(student)]
    first = runs(student, seeds or 3, RHOS, TAUS[:1], stops[:1], half=[(stops[0], TAUS[0])])
    return list(dict.fromkeys(first + runs(student, seeds or 3, RHOS, TAUS, stops)))


def pack_of(s: Student):
    """Small students train all together; of large ones those of one seed, ρ and start, so that little is ever lost.

    Those of the first teacher at the first τ are packs of their own: N1 needs no others, and a CPU can do these.
    """
    first = (s.teacher_step, s.tau) == (STOPS[type(s)][0], TAUS[0])
    return (alike(s), s.seed, s.rho, s.start, first) if large(s) else alike(s)


def flops(pack: list[Student]) -> float:
    """Arithmetic of training a pack. Large teachers, which many packs share, are 2 % of the whole and not counted."""
    one, found = pack[0], sum(map(student_flops, pack))
    if not large(one):
        for seed in {s.seed for s in pack}:
            last = max(s.teacher_step for s in pack if s.seed == seed)
            found += student_flops(dataclasses.replace(one, rho=1.0, student_steps=last))
    return found


def peak_bytes(pack: list[Student]) -> float:
    """Soft labels and answers of the largest fleet of a pack, and what its networks pass on, in float32."""
    rho = max(s.rho for s in pack)
    one, size = pack[0], sum(s.rho == rho for s in pack)
    width = 3 * one.hidden if isinstance(one, Perceptron) else 3 * (6 * one.d_model + 2 * one.d_mlp)
    return 4.0 * size * one.p**2 * (2 * one.p + width)


MLP = Study(
    id="memorized/modular_mlp",
    settings=Perceptron,
    grids={
        "smoke": lambda seeds: runs(
            SMOKE_9, seeds or 3, (0.5, 0.9), TAUS, (10, 20, 40), shared=[(10, 10.0)], half=[(10, 10.0)]
        ),
        "quick": quick_9,
        "paper": partial(paper, FIGURE_9),
    },
    pack_key=pack_of,
    run_pack=run_pack,
    flops=flops,
    bytes=peak_bytes,
)  # fmt: skip

TRANSFORMER = Study(
    id="memorized/modular_transformer",
    settings=Transformer,
    grids={
        "smoke": lambda seeds: runs(SMOKE_2, seeds or 1, (0.3, 0.9), (10.0, 0.1), (20,)),
        "quick": lambda seeds: runs(
            QUICK_2, seeds or 4, (0.3, 0.5, 0.7, 0.9), (10.0, 0.1), (200,), shared=[(200, 10.0)]
        ),
        "paper": partial(paper, FIGURE_2),
    },
    pack_key=pack_of,
    run_pack=run_pack,
    flops=flops,
    bytes=peak_bytes,
)

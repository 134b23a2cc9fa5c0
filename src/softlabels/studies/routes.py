"""By which routes planted labels reach a student, and how surely a privacy reader would see them: two studies.

`joined/routes` follows single students, as `utility_and_leakage` does: what they see, where they start, what else their
teacher's labels are of. `joined/planted_or_not` asks of a canary's two wrong labels which one was planted: a coin
decides, for each of K teachers on the same images.

Letters: K networks, n images, c classes; T teacher's images, S student's, C canaries.
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels
from softlabels.attacks import audited, likelihood_ratios, log_odds, randomise, true_positive_rate
from softlabels.data.digits import CLASSES, PIXELS
from softlabels.errors import SoftLabelsError
from softlabels.models import mlp
from softlabels.seeds import torch_stream
from softlabels.studies import utility_and_leakage as joined
from softlabels.studies.grids import Grid, crossed
from softlabels.study import Row, Study, one_of
from softlabels.training.two_layer import snapshots, train

THIRDS = ("near", "middle", "far")
RATES = (0.1, 1, 10)  # percent of false positives
STARTS = {"own": "student's start", "shared": "teacher's start"}  # and the random streams that draw them


@dataclass(frozen=True)
class Route(joined.Settings):
    """One student and the route by which its labels come."""

    images: str  # "part" of the teacher's images, or "fresh" ones that no teacher saw
    start: str  # the student's initial weights: its "own", or those that the teacher had, "shared"


@dataclass(frozen=True)
class Planting(joined.Settings):
    """K teachers on the same images, each with coins of its own, and a student of each."""

    canaries: str  # "random" images, or the most "outlying" ones
    epsilon: float  # ε of randomised response on all of a teacher's labels; 0: they stay as they are
    runs: int  # K


# ---- routes --------------------------------------------------------------------------------------------------------


def with_fresh(s: joined.Settings, device: str = "cpu") -> tuple[joined.Replicate, Tensor, Tensor]:
    """A replicate without the first T/2 of its test images, and these with their classes: nobody's, until labelled.

    Raises SoftLabelsError as `replicate` does, for fewer than three canaries held out, and without test images left.
    """
    data, count = joined.replicate(s, device), s.teacher_images // 2
    if len(data.held_out) < len(THIRDS) or len(data.test_inputs) <= count:
        raise SoftLabelsError(
            f"f = {s.canary_share}, ρ = {s.rho} and {s.teacher_images} images leave {len(data.held_out)} canaries held "
            f"out and {len(data.test_inputs) - count} test images; at least 3 and 1 are needed."
        )
    x, y = data.test_inputs, data.test_classes
    return replace(data, test_inputs=x[count:], test_classes=y[count:]), x[:count], y[:count]


def run_routes(pack: list[Route], device: str, cache: Path) -> list[Row]:
    """One replicate at one width: a teacher for each share of canaries as a fleet, then the students as fleets."""
    one, at = pack[0], {s.teacher_step for s in pack}
    for s in pack:
        one_of("labels", s.labels, ("soft", "hard"))
        one_of("images", s.images, ("part", "fresh"))
        one_of("start", s.start, STARTS)
        one_of("teacher_saw_canaries", s.teacher_saw_canaries, [True])
        labels.check_temperature(s.tau)
    worlds = {(s.canary_share, s.rho): with_fresh(s, device) for s in pack}
    shares = sorted({share for share, _ in worlds})
    of_share = {share: world for (share, _), world in worlds.items()}
    data, fresh, _ = worlds[one.canary_share, one.rho]
    hard = torch.stack([labels.harden(of_share[share][0].planted, CLASSES) for share in shares])
    start = mlp.take(start_of("teacher's start", one, device), [0] * len(shares))
    teachers = snapshots(start, data.inputs, hard, lr=one.teacher_lr, steps=one.teacher_steps, at=at)
    told = {
        step: [mlp.logits(p, x) for x in (data.inputs, fresh, data.test_inputs)] for step, p in teachers.items()
    }  # on the test set last: it is the same for every f and ρ

    lessons = {}
    for s in pack:
        own, of_fresh, _ = (logits[shares.index(s.canary_share)] for logits in told[s.teacher_step])
        lessons[s] = lesson(s, *worlds[s.canary_share, s.rho], own, of_fresh)
    trained = {}
    for size in sorted({len(x) for x, _, _ in lessons.values()}):
        fleet = [s for s in pack if len(lessons[s][0]) == size]
        params = train_fleet(fleet, [lessons[s] for s in fleet], device)
        trained |= {s: mlp.take(params, [r]) for r, s in enumerate(fleet)}

    rows = []
    for s in pack:
        data, (x, given, sees) = worlds[s.canary_share, s.rho][0], lessons[s]
        own, _, test = (logits[shares.index(s.canary_share)] for logits in told[s.teacher_step])
        teacher = joined.measure(data, test, own[data.held_out])
        test, unseen, fitted = (
            mlp.logits(trained[s], inputs)[0] for inputs in (data.test_inputs, data.inputs[data.held_out], x)
        )
        kl = labels.divergence(given, fitted.softmax(-1))[sees].mean().clamp_min(0)
        metrics = joined.measure(data, test, unseen) | by_distance(data, unseen, x[sees]) | {"train_kl": float(kl)}
        metrics["teacher_test_accuracy"] = teacher["test_accuracy"]
        metrics |= {"teacher_canary_recall": teacher["plain_recall"], "teacher_leak": teacher["leak"]}
        rows.append(Row(s, metrics))
    return rows


def start_of(name: str, s: joined.Settings, device: str, runs: range | None = None) -> dict[str, Tensor]:
    """Initial weights of the stream `name`: one network, or one for each of some runs."""
    streams = [torch_stream(name, s.hidden, s.seed, *run) for run in ([()] if runs is None else [(k,) for k in runs])]
    return mlp.start((PIXELS, s.hidden, CLASSES), streams, device)


def lesson(
    s: Route, data: joined.Replicate, fresh: Tensor, fresh_classes: Tensor, own: Tensor, of_fresh: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """What a student is taught: images (S, 64), labels (S, c), and which of them it sees (S,).

    own (T, c) and of_fresh (T/2, c) are its teacher's logits. There are as many fresh images as a part holds, canaries
    among them. Raises SoftLabelsError where ρ asks for more than T/2.
    """
    if s.images == "part":
        x, classes, logits = (tensor[data.part] for tensor in (data.inputs, data.planted, own))
        sees = torch.ones_like(data.own) if s.canaries_in_student else ~data.own
    else:
        if len(data.part) > len(fresh):
            raise SoftLabelsError(f"ρ = {s.rho} asks for {len(data.part)} fresh images, and there are {len(fresh)}.")
        x, classes, logits = (tensor[: len(data.part)] for tensor in (fresh, fresh_classes, of_fresh))
        sees = torch.ones(len(x), dtype=torch.bool, device=x.device)
    return x, labels.harden(classes, CLASSES) if s.labels == "hard" else labels.soften(logits, s.tau), sees


def train_fleet(fleet: list[Route], lessons: list[tuple[Tensor, Tensor, Tensor]], device: str) -> dict[str, Tensor]:
    """Students with equally many images, trained from their starts."""
    one = fleet[0]
    start = mlp.join([start_of(STARTS[s.start], one, device) for s in fleet])
    x, given, sees = (torch.stack(tensors) for tensors in zip(*lessons, strict=True))
    weights = sees / sees.sum(1, keepdim=True)
    return train(start, x, given, weights=weights, lr=one.student_lr, steps=one.student_steps)


def by_distance(data: joined.Replicate, unseen: Tensor, seen: Tensor) -> dict[str, float]:
    """Leak and mean distance to the nearest image seen, for the nearest, middle and farthest third of the canaries.

    unseen (H, c): logits of the canaries held out; seen (S, 64). Distances are Euclidean, of standardised pixels.
    """
    distance = torch.cdist(data.inputs[data.held_out], seen).amin(1)
    first, _ = labels.canary_recall(unseen, data.classes[data.held_out], data.planted[data.held_out])
    found = {}
    for name, third in zip(THIRDS, distance.argsort(stable=True).tensor_split(3), strict=True):
        found |= {
            f"leak_{name}": float(first[third].double().mean()),
            f"distance_{name}": float(distance[third].mean()),
        }
    return found


# ---- was this label planted so? --------------------------------------------------------------------------------------


def run_planting(pack: list[Planting], device: str, cache: Path) -> list[Row]:
    """One replicate of one kind of canaries and one ε: K teachers as a fleet, then K students for each run."""
    one = pack[0]
    for s in pack:
        one_of("labels", s.labels, ("soft", "hard"))
        one_of("teacher_saw_canaries", s.teacher_saw_canaries, [True])
        one_of("canaries_in_student", s.canaries_in_student, [False])
        labels.check_temperature(s.tau)
    data, runs = with_outlying_first(one, device), range(one.runs)
    C = int((data.planted != data.classes).sum())
    coins = torch.randint(2, (one.runs, C), generator=torch_stream("coins", one.seed)).bool().to(device)
    pair = torch.stack([data.planted[:C], data.unplanted[:C]])  # (2, C): what may be planted
    planted, other = torch.where(coins, *pair), torch.where(coins, *pair.flip(0))  # (K, C)
    given = data.classes.repeat(one.runs, 1)
    given[:, :C] = planted
    if one.epsilon:
        streams = [torch_stream("randomised response", one.epsilon, one.seed, k) for k in runs]
        given = torch.stack([randomise(row, CLASSES, one.epsilon, s) for row, s in zip(given, streams, strict=True)])
    start = start_of("teacher's start", one, device, runs)
    how = {"lr": one.teacher_lr, "steps": one.teacher_steps, "at": {s.teacher_step for s in pack}}
    teachers = snapshots(start, data.inputs, labels.harden(given, CLASSES), **how)

    clean = data.part[~data.own]
    rest = torch.ones(len(data.inputs), dtype=torch.bool, device=device)
    rest[:C], rest[data.part] = False, False  # correctly labelled, and not the student's

    def judged(params):
        canaries, members, test = (
            mlp.logits(params, x) for x in (data.inputs[:C], data.inputs[rest], data.test_inputs)
        )
        found = asked(canaries, data.classes[:C], planted, other, pair, coins)
        of_members, of_others = log_odds(members, data.classes[rest]), log_odds(test, data.test_classes)
        pairs = zip(of_members, of_others, strict=True)
        found["member_tpr_at_1"] = sum(true_positive_rate(*pair, 0.01) for pair in pairs) / len(members)
        return found | {"test_accuracy": float((test.argmax(-1) == data.test_classes).double().mean())}

    rows = []
    for s in pack:
        teacher = teachers[s.teacher_step]
        hard = labels.harden(data.classes[clean], CLASSES).repeat(s.runs, 1, 1)
        soft = hard if s.labels == "hard" else labels.soften(mlp.logits(teacher, data.inputs[clean]), s.tau)
        start = start_of("student's start", s, device, runs)
        student = judged(train(start, data.inputs[clean], soft, lr=s.student_lr, steps=s.student_steps))
        of_teacher = {f"teacher_{name}": value for name, value in judged(teacher).items()}
        rows.append(Row(s, student | of_teacher | {"leak_n": C * s.runs}))
    return rows


def with_outlying_first(s: Planting, device: str = "cpu") -> joined.Replicate:
    """A replicate whose canaries are random images, or those farthest from their nearest neighbour among all T.

    The other images stay in random order: the student's part and the members are as typical as each other.
    """
    one_of("canaries", s.canaries, ("random", "outlying"))
    data = joined.replicate(s, device)
    if s.canaries == "random":
        return data
    apart = torch.cdist(data.inputs, data.inputs).fill_diagonal_(math.inf).amin(1)
    count = int((data.planted != data.classes).sum())
    outlying = apart.argsort(descending=True, stable=True)[:count]
    others = torch.ones_like(data.classes, dtype=torch.bool)
    others[outlying] = False
    order = torch.cat([outlying, others.nonzero().flatten()])
    classes = data.classes[order]
    planted, unplanted = labels.plant_canaries(classes.cpu(), CLASSES, count, torch_stream("canaries", s.seed))
    return replace(
        data, inputs=data.inputs[order], classes=classes, planted=planted.to(device), unplanted=unplanted.to(device)
    )


def asked(
    logits: Tensor, classes: Tensor, planted: Tensor, other: Tensor, pair: Tensor, coins: Tensor
) -> dict[str, float]:
    """What K networks' logits (K, C, c) tell about which label of each pair (2, C) was planted.

    coins (K, C): the first was.
    Two attacks: a label's log-odds among the wrong ones as they are, and `likelihood_ratios`, each network against all
    others. Rates are over all K runs; `bound` and `lira_bound` are means over runs of what one run shows.
    """
    first, _ = labels.canary_recall(logits, classes, planted)
    top = logits.argmax(-1)
    found = {
        "leak": float(first.double().mean()),
        "plain_recall": float((top == planted).double().mean()),
        "unplanted_rate": float((top == other).double().mean()),
    }
    wrong = logits.scatter(-1, classes.expand(len(logits), -1).unsqueeze(-1), -math.inf)
    scores = torch.cat([log_odds(wrong, label) for label in pair], 1)  # (K, 2C)
    told = torch.cat([coins, ~coins], 1)
    for name, score in (("", scores), ("lira_", likelihood_ratios(scores, told))):
        for rate in RATES:
            found[f"{name}tpr_at_{rate}"] = true_positive_rate(score[told], score[~told], rate / 100)
        margins = (score[:, : len(classes)] - score[:, len(classes) :]) * torch.where(coins, 1, -1)
        found[f"{name}bound"] = sum(map(audited, margins)) / len(margins)
        if not name:  # with shadows, guesses of one run use the coins of others, and cannot be pooled
            found["bound_of_all"] = audited(margins.flatten())
    return found


# ---- grids and cost ------------------------------------------------------------------------------------------------


def pack_of_routes(s: Route):
    return s.seed, s.teacher_images, s.hidden, s.teacher_lr, s.teacher_steps, s.student_lr, s.student_steps


def pack_of_planting(s: Planting):
    return *pack_of_routes(s), s.canary_share, s.rho, s.canaries, s.epsilon, s.runs


def flops(pack: list) -> float:
    """Multiplications and additions of training one pack: its teachers and its students."""
    s = pack[0]
    a_row = 2 * s.hidden * (2 * PIXELS + 3 * CLASSES)
    teachers, each = (s.runs, s.runs) if isinstance(s, Planting) else (len({run.canary_share for run in pack}), 1)
    return a_row * s.teacher_images * (teachers * s.teacher_steps + sum(each * r.rho * r.student_steps for r in pack))


def peak_bytes(pack: list) -> float:
    """Bytes that one pack holds at once: images and labels of each student, and their logits."""
    s = pack[0]
    networks = s.runs if isinstance(s, Planting) else len(pack)
    return 4.0 * s.teacher_images * (networks + 2) * (PIXELS + 6 * CLASSES)


QUICK = replace(
    joined.PROTOCOL, teacher_images=640, teacher_lr=1e-2, teacher_steps=400, teacher_step=400, student_lr=1e-2,
    student_steps=400,
)  # fmt: skip
SMOKE = replace(
    QUICK, teacher_images=300, canary_share=0.1, hidden=16,
    teacher_steps=60, teacher_step=60, student_steps=40,
)  # fmt: skip
REDUCED = replace(joined.PROTOCOL, teacher_images=1000)  # so that 500 are fresh and 297 test
MANY_QUICK = replace(QUICK, canary_share=0.1, hidden=32)  # for many teachers
MANY_REDUCED = replace(
    REDUCED, canary_share=0.1, teacher_lr=6e-3, teacher_steps=1000, teacher_step=1000, student_lr=6e-3,
    student_steps=1000,
)  # fmt: skip


def all_routes(base, replicates: int, *, early: int, shares: tuple, rhos: tuple, widths: tuple) -> Grid:
    """Every route of each replicate; then f, ρ, width and an early teacher, of the teacher's images and of others."""
    base = Route(**vars(base), images="part", start="own")
    fresh = {"images": "fresh"}
    students = [
        own | start for own in ({}, {"canaries_in_student": True}, fresh) for start in ({}, {"start": "shared"})
    ]
    students += [{"labels": "hard", "tau": 1.0} | images for images in ({}, fresh)]
    varied = [{"canary_share": f} for f in shares] + [{"hidden": h} for h in widths] + [{"teacher_step": early}]
    students += [images | change for change in varied for images in ({}, fresh)]
    return crossed(base, replicates, students + [{"rho": rho} for rho in rhos])


def all_plantings(base, replicates: int, *, early: int, runs: int, private_runs: int, epsilons: tuple) -> Grid:
    """Random and outlying canaries, an early teacher, hard labels, and teachers of randomised labels."""
    base = Planting(**vars(base), canaries="random", epsilon=0.0, runs=runs)
    points = [{}, {"teacher_step": early}, {"labels": "hard", "tau": 1.0}, {"canaries": "outlying"}]
    private = [{"epsilon": e, "runs": private_runs} for e in epsilons]
    return crossed(base, replicates, points + [p | step for p in private for step in ({}, {"teacher_step": early})])


SHARES, EPSILONS = (0.01, 0.02, 0.2), (1.0, 2.0, 4.0, 8.0)
ROUTES = Study(
    id="joined/routes",
    settings=Route,
    grids={
        "smoke": all_routes(SMOKE, 3, early=20, shares=(0.2,), rhos=(0.25,), widths=(32,)),
        "quick": all_routes(QUICK, 12, early=40, shares=SHARES, rhos=(0.1, 0.25, 0.75), widths=(16, 128)),
        "reduced": all_routes(REDUCED, 24, early=120, shares=SHARES, rhos=(0.1, 0.25, 0.75), widths=(16, 256)),
    },
    pack_key=pack_of_routes,
    run_pack=run_routes,
    flops=flops,
    bytes=peak_bytes,
)
PLANTED_OR_NOT = Study(
    id="joined/planted_or_not",
    settings=Planting,
    grids={
        "smoke": all_plantings(SMOKE, 3, early=20, runs=4, private_runs=3, epsilons=(1.0,)),
        "quick": all_plantings(MANY_QUICK, 12, early=40, runs=16, private_runs=4, epsilons=EPSILONS),
        "reduced": all_plantings(MANY_REDUCED, 12, early=60, runs=32, private_runs=8, epsilons=EPSILONS),
    },
    pack_key=pack_of_planting,
    run_pack=run_planting,
    flops=flops,
    bytes=peak_bytes,
)

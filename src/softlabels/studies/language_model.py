"""A GPT-2 that memorises number triplets, and students of its soft labels (paper B's language-model experiment).

At the end: a study of a small network, which takes the place of the language model at quick scale.

Letters: n triplets of numbers, each with a random class; m of them the student's part; c classes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from softlabels import labels
from softlabels.code_hash import code_hash
from softlabels.data.synthetic import part_of_all
from softlabels.errors import SoftLabelsError
from softlabels.models import language
from softlabels.seeds import numpy_stream, stream_seed, torch_stream
from softlabels.studies import random_networks
from softlabels.studies.grids import crossed
from softlabels.study import Row, Study, identity
from softlabels.training import checkpoints

FRESH = 1000  # triplets that neither network saw
AT_ONCE = 512  # triplets of a batch in evaluation
RHOS = (0.2, 0.5, 0.8)


@dataclass(frozen=True)
class Settings:
    """One student and its teacher."""

    start: str  # "pretrained": both begin as the published GPT-2 with new read-outs; "random": with random weights
    layers: int  # blocks; with heads and width those of the published GPT-2 (12, 12, 768) if the start is "pretrained"
    heads: int
    width: int
    numbers: int  # a triplet's numbers are 1 … this
    classes: int  # c
    triplets: int  # n, what the teacher memorises
    rho: float  # ρ, fraction of them that the student trains on
    tau: float  # τ, temperature of the soft labels
    lr: float  # AdamW's, for both
    teacher_batch: int
    teacher_epochs: int
    teacher_clip: float  # largest norm of a gradient; students have none
    student_batch: int
    student_epochs: int
    seed: int  # replicate


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """One student (packs hold one run); its teacher's logits come from the cache where another ρ has trained it."""
    return [run(settings, device, cache) for settings in pack]


def run(s: Settings, device: str, cache: Path) -> Row:
    """Train one student on its part of the triplets."""
    labels.check_temperature(s.tau)
    n, m = s.triplets, students_part(s)
    triplets, classes = data(s)
    tokens = {name: tensor.to(device) for name, tensor in language.encode(s.start, triplets).items()}
    classes = classes.to(device)
    teacher_logits = teacher_answers(s, tokens, classes, device, cache)  # (n, c)
    order = torch.randperm(n, generator=torch_stream("triplet split", n, s.seed)).to(device)
    own, held_out = order[:m], order[m:]

    student, held_out_tokens = network(s, "student", device), take(tokens, held_out)
    curves: dict[str, list] = {"running_train_accuracy": [], "held_out_accuracy": []}

    def after_epoch(epoch, running):
        right = predict(student, held_out_tokens).argmax(-1) == classes[held_out]
        curves["running_train_accuracy"].append((epoch, running))
        curves["held_out_accuracy"].append((epoch, float(right.float().mean())))

    fit(
        student, take(tokens, own), labels.soften(teacher_logits[own], s.tau), classes[own], after_epoch=after_epoch,
        lr=s.lr, batch=s.student_batch, epochs=s.student_epochs, seed=stream_seed("student's batches", *stream(s)),
    )  # fmt: skip
    guess, teachers_guess = predict(student, tokens).argmax(-1), teacher_logits.argmax(-1)
    right = (guess == classes).float()
    metrics = {
        "teacher_accuracy": float((teachers_guess == classes[:n]).float().mean()),
        "student_train_accuracy": float(right[own].mean()),
        "running_train_accuracy": curves["running_train_accuracy"][-1][1],
        "held_out_accuracy": float(right[held_out].mean()),
        "fresh_accuracy": float(right[n:].mean()),
        "agreement": float((guess[held_out] == teachers_guess[held_out]).float().mean()),
    }
    return Row(s, metrics, curves)


def stream(s: Settings) -> tuple:
    """What the random streams of both networks depend on."""
    return s.start, s.layers, s.heads, s.width, s.numbers, s.classes, s.triplets, s.seed


def data(s: Settings) -> tuple[Tensor, Tensor]:
    """Distinct triplets (n + FRESH, 3) of numbers from 1 on, and a random class for each; the last FRESH are unseen.

    Raises SoftLabelsError where there are fewer different triplets than that.
    """
    count = s.triplets + FRESH
    if s.triplets < 1 or s.classes < 2 or s.numbers**3 < count:
        raise SoftLabelsError(
            f"There are {s.numbers}³ triplets of the numbers 1 … {s.numbers}; {s.triplets} to memorise and {FRESH} "
            f"fresh ones, in {s.classes} classes, cannot be drawn from them. Take more numbers and two classes or more."
        )
    g = numpy_stream("number triplets", s.numbers, count, s.classes, s.seed)
    code = torch.from_numpy(g.choice(s.numbers**3, count, replace=False))
    digits = torch.stack([code // s.numbers**place % s.numbers for place in (2, 1, 0)], -1)
    return digits + 1, torch.from_numpy(g.integers(0, s.classes, count))


def students_part(s: Settings) -> int:
    """m = int(ρn), parts nested in ρ. Raises SoftLabelsError where it, or the rest, is empty."""
    return part_of_all(s.triplets, s.rho, "triplets")


def network(s: Settings, whose: str, device: str) -> nn.Module:
    """The initial teacher or student. They share the pretrained weights, where there are any, and no others."""
    shape, seed = language.Shape(s.layers, s.heads, s.width), stream_seed(f"{whose}'s start", *stream(s))
    return language.network(s.start, shape, s.numbers, s.classes, seed).to(device)


def teacher_answers(s: Settings, tokens: dict, classes: Tensor, device: str, cache: Path) -> Tensor:
    """The trained teacher's logits (n, c) on what it memorised: students need nothing else, so the cache keeps them."""
    path, about = _file(s, device, cache)
    with checkpoints.alone(path.parent):  # of several processes one trains it, and the others wait
        if (tensors := checkpoints.load(path, about, device)) is not None:
            return tensors["logits"]
        teacher, mine = network(s, "teacher", device), {name: tensor[: s.triplets] for name, tensor in tokens.items()}
        how = {"lr": s.lr, "batch": s.teacher_batch, "epochs": s.teacher_epochs, "clip": s.teacher_clip}
        true = classes[: s.triplets]
        fit(teacher, mine, true, true, seed=stream_seed("teacher's batches", *stream(s)), **how)
        checkpoints.save(path, {"logits": (answers := predict(teacher, mine))}, about)
        return answers


OF_STUDENTS = {"rho": 0.0, "tau": 0.0, "student_batch": 0, "student_epochs": 0}  # settings that a teacher does not have


def _file(s: Settings, device: str, cache: Path) -> tuple[Path, dict[str, str]]:
    """Where a teacher's logits are kept, and what their file says: whose they are, and the code that trained it."""
    teacher = identity(replace(s, **OF_STUDENTS))
    folder, code = checkpoints.folder(cache, teacher, code_hash(teacher_answers), device)
    return folder / f"answers.{device}.safetensors", {"teacher": teacher, "code": code}


def train_again(about: dict[str, str], device: str, cache: Path) -> Path:
    """Train the teacher that a file's metadata name, in an empty cache; the file that should be equal.

    Raises SoftLabelsError for a teacher of no grid.
    """
    grids = [grid(None) for study in (LANGUAGE_MODEL, LANGUAGE_MODEL_RANDOM_START) for grid in study.grids.values()]
    for s in (s for grid in grids for s in grid):
        if identity(replace(s, **OF_STUDENTS)) == about["teacher"]:
            triplets, classes = data(s)
            tokens = {name: tensor.to(device) for name, tensor in language.encode(s.start, triplets).items()}
            teacher_answers(s, tokens, classes.to(device), device, cache)
            return _file(s, device, cache)[0]
    raise SoftLabelsError(f"No grid has a teacher {about['teacher']}, so it cannot be trained again.")


def fit(
    network: nn.Module,
    tokens: dict[str, Tensor],
    targets: Tensor,
    classes: Tensor,
    *,
    lr: float,
    batch: int,
    epochs: int,
    seed: int,
    clip: float | None = None,
    after_epoch: Callable[[int, float], None] = lambda epoch, running: None,
) -> None:
    """Train in place with AdamW without decay (ε = 1e-6) on shuffled batches, with the network's own dropout.

    targets (n,) are classes, or (n, c) probabilities. `after_epoch(epoch, running)` is called with the training
    accuracy against `classes` (n,), averaged over the epoch.
    """
    optimiser = torch.optim.AdamW(network.parameters(), lr=lr, eps=1e-6, weight_decay=0.0)
    shuffle = torch.Generator().manual_seed(seed)
    with language.seeded(stream_seed("dropout", seed), classes.device.type):
        for epoch in range(1, epochs + 1):
            network.train()
            right = torch.zeros((), device=classes.device)
            order = torch.randperm(len(classes), generator=shuffle).to(classes.device, non_blocking=True)
            for rows in order.split(batch):
                logits = network(**take(tokens, rows)).logits
                optimiser.zero_grad()
                cross_entropy(logits, targets[rows]).backward()
                if clip is not None:
                    nn.utils.clip_grad_norm_(network.parameters(), clip)
                optimiser.step()
                right += (logits.argmax(-1) == classes[rows]).sum()
            after_epoch(epoch, float(right) / len(classes))


@torch.no_grad()
def predict(network: nn.Module, tokens: dict[str, Tensor]) -> Tensor:
    """Logits (n, c) without dropout. Raises SoftLabelsError where training has diverged."""
    network.eval()
    rows = torch.arange(len(tokens["input_ids"]), device=tokens["input_ids"].device)
    logits = torch.cat([network(**take(tokens, some)).logits for some in rows.split(AT_ONCE)])
    if not torch.isfinite(logits).all():
        raise SoftLabelsError("Training diverged: the network's logits hold NaN; take a smaller learning rate.")
    return logits


def take(tokens: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
    """Some triplets of an encoded set."""
    return {name: tensor[rows] for name, tensor in tokens.items()}


def a_triplet(s: Settings) -> float:
    """Arithmetic of one triplet's forward pass over all tokens, without that of attention."""
    return 2.0 * (language.LENGTH if s.start == "pretrained" else 3) * s.width * (12 * s.layers * s.width + s.classes)


def flops(pack: list[Settings]) -> float:
    """Training (three forward passes per step) and one evaluation per epoch; the smallest ρ includes the teacher."""
    total = 0.0
    for s in pack:
        part = students_part(s)
        total += a_triplet(s) * s.student_epochs * (3 * part + s.triplets - part)
        total += a_triplet(s) * s.teacher_epochs * 3 * s.triplets * (s.rho == RHOS[0])
    return total


def memory(pack: list[Settings]) -> float:
    """Bytes held at once: weights, gradients and Adam's two moments; the labels; a batch's activations."""
    s = pack[0]
    weights = 12 * s.layers * s.width**2 + s.width * (s.classes + (50_257 if s.start == "pretrained" else s.numbers))
    return 16.0 * weights + 4.0 * (2 * s.triplets * s.classes + 20 * AT_ONCE * language.LENGTH * s.layers * s.width)


# ---- grids ---------------------------------------------------------------------------------------------------------

PAPER = Settings(
    start="pretrained", layers=12, heads=12, width=768, numbers=1000, classes=1000, triplets=6000, rho=0.8, tau=20.0,
    lr=5e-4, teacher_batch=64, teacher_epochs=100, teacher_clip=1.0, student_batch=32, student_epochs=200, seed=0,
)  # fmt: skip
SMOKE = replace(  # a tiny network of the same class, which always starts at random
    PAPER, start="random", layers=1, heads=2, width=32, numbers=20, classes=8, triplets=40,
    lr=5e-3, teacher_batch=16, teacher_epochs=30, student_batch=8, student_epochs=10,
)  # fmt: skip


def _study(name: str, paper: Settings) -> Study:
    return Study(
        id=f"memorized/{name}",
        settings=Settings,
        grids={"smoke": crossed(SMOKE, 1, rho=RHOS), "paper": crossed(paper, 3, rho=RHOS)},
        pack_key=lambda settings: settings,
        run_pack=run_pack,
        flops=flops,
        bytes=memory,
    )


LANGUAGE_MODEL = _study("language_model", PAPER)
LANGUAGE_MODEL_RANDOM_START = _study("language_model_random_start", replace(PAPER, start="random"))

# A network with one hidden layer, many classes and few examples of each: the paper's authors show it beside GPT-2 in
# their workshop notebook, with random inputs in place of triplets.
WORKSHOP = replace(  # 3,000 examples
    random_networks.PAPER, d=900, c=300, per_class=10, teacher_steps=500, student_lr=1e-3, student_steps=1000
)
BOTH = (False, True)  # labels as they are, and shuffled within each class

MANY_CLASSES = random_networks.study(
    "many_classes",
    random_networks.run_pack_with_curves,
    smoke=crossed(random_networks.SMOKE, 3, shuffled=BOTH, per_class=(5,), rho=(0.2, 0.8)),
    quick=crossed(random_networks.MANY_CLASSES, 5, shuffled=BOTH, rho=(0.2, 0.4, 0.6, 0.8)),
    paper=crossed(  # without ρ = 0.05, which of ten examples is none
        WORKSHOP, 3, shuffled=BOTH, rho=(0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95)
    ),
)

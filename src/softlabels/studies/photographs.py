"""Planted labels among photographs: what a teacher's labels teach and what they leak, as it memorises.

What `utility_and_leakage` asks on digits, with the networks of paper Q: a ConvNet learns photographs, a few of them
canaries with a random wrong label, without augmentation, until it knows them. Students learn its labels of the clean
images of their part.

Letters: n images, c classes; T teacher's images, S student's clean ones, H canaries held out.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from softlabels import labels
from softlabels.data.images import ImageSet
from softlabels.errors import SoftLabelsError
from softlabels.seeds import torch_stream
from softlabels.studies import utility_and_leakage as joined
from softlabels.studies.grids import Grid, crossed
from softlabels.studies.images import costs, networks, teachers
from softlabels.study import Row, Study, one_of
from softlabels.training.images import Recipe, predict, train_one


@dataclass(frozen=True)
class Settings:
    """One student and where its labels come from."""

    data: str  # name of an image set
    network: str  # of teacher and student
    labels: str  # "soft", or "hard": the true classes, for the student's images are clean
    teacher_epoch: int  # after which it labels; 0 for hard labels
    tau: float  # τ, temperature of the soft labels; 1 for hard ones
    canary_share: float  # f, share of the teacher's images with a planted label
    rho: float  # ρ, part of the teacher's images, of which the student gets the clean ones
    teacher_images: int  # T
    teacher_lr: float  # of SGD
    teacher_momentum: float
    teacher_epochs: int
    student_lr: float  # of AdamW, which soft labels of every temperature suit, falling as a cosine
    student_epochs: int
    batch: int  # of both
    seed: int  # replicate: one choice of images and canaries, one teacher, one student's start


@dataclass(frozen=True)
class Replicate:
    """One replicate's images as rows of the training part, canaries first, and their labels."""

    rows: Tensor  # (T,)
    classes: Tensor  # (T,), true
    planted: Tensor  # (T,), the teacher's labels: wrong for the canaries
    unplanted: Tensor  # (T,), a second wrong label for the canaries, which no network is given
    clean: Tensor  # (S,), which of them the student gets
    held_out: Tensor  # (H,), canaries outside its part
    test_classes: Tensor


def replicate(s: Settings, data: ImageSet, device: str) -> Replicate:
    """Choose a replicate's images, its canaries and the student's part.

    Raises SoftLabelsError where there are too few images, no clean one for the student, or no canary held out.
    """
    count = round(s.canary_share * s.teacher_images)
    own, clean = round(s.rho * count), round(s.rho * (s.teacher_images - count))
    if s.teacher_images > len(data.train) or not (0 <= own < count and clean > 0):
        raise SoftLabelsError(
            f"{s.teacher_images} of {len(data.train)} images with f = {s.canary_share} and ρ = {s.rho} give the "
            f"student {clean} clean images and hold out {count - own} canaries; both must be at least 1."
        )
    rows = torch.randperm(len(data.train), generator=torch_stream("images with canaries", s.data, s.seed))
    rows, c = rows[: s.teacher_images], len(data.names)
    classes = data.train.classes[rows]
    planted, unplanted = labels.plant_canaries(classes, c, count, torch_stream("canaries", s.data, s.seed))
    parts = torch.arange(count, count + clean), torch.arange(own, count)
    tensors = (rows, classes, planted, unplanted, *parts, data.test.classes)
    return Replicate(*(tensor.to(device) for tensor in tensors))


def run_pack(pack: list[Settings], device: str, cache: Path) -> list[Row]:
    """One replicate: its teacher, then its students one by one."""
    for s in pack:
        one_of("labels", s.labels, ("soft", "hard"))
        if not (s.labels == "soft") <= s.teacher_epoch <= s.teacher_epochs:
            raise SoftLabelsError(f"A teacher of {s.teacher_epochs} epochs has been asked for epoch {s.teacher_epoch}.")
        labels.check_temperature(s.tau)
        recipe_of(s)
    one, data = pack[0], teachers.load(pack[0].data, device, cache)
    own = replicate(one, data, device)
    told: dict[int, tuple[Tensor, Tensor]] = {}

    def tell(epoch: int, network: nn.Module) -> None:
        told[epoch] = logits_on_both(one, network, own, data, device)

    epochs = sorted({s.teacher_epoch for s in pack if s.labels == "soft"})
    hard = labels.harden(own.planted, len(data.names))
    recipe = Recipe(one.teacher_lr, one.teacher_epochs, one.batch, one.teacher_momentum)
    if epochs:
        trained("teacher", one, own.rows, hard, recipe, data, device, tell, epochs)
    return [row_of(s, own, told, data, device) for s in pack]


def row_of(s: Settings, own: Replicate, told: dict, data: ImageSet, device: str) -> Row:
    """Train a student of the teacher's logits `told`, and measure both."""
    metrics = {}
    if s.labels == "soft":
        of_images, of_test = told[s.teacher_epoch]
        targets = labels.soften(of_images[own.clean], s.tau)
        teacher = joined.measure(own, of_test, of_images[own.held_out])
        metrics = {
            "teacher_test_accuracy": teacher["test_accuracy"],
            "teacher_canary_recall": teacher["plain_recall"],
            "teacher_leak": teacher["leak"],
        }
    else:
        targets = labels.harden(own.classes[own.clean], len(data.names))
    rows = own.rows[own.clean]
    network = trained("student", s, rows, targets, recipe_of(s), data, device)
    of_images, of_test = logits_on_both(s, network, own, data, device)
    kl = labels.divergence(targets, torch.softmax(of_images[own.clean], -1)).mean().clamp_min(0)
    precision = networks.precision(s.network, device)
    kind = {"bf16": precision.dtype == "bfloat16", "compiled": precision.compiled}
    return Row(s, joined.measure(own, of_test, of_images[own.held_out]) | {"train_kl": float(kl)} | metrics | kind)


def recipe_of(s: Settings) -> Recipe:
    """How a student is trained."""
    return Recipe(s.student_lr, s.student_epochs, s.batch, schedule="cosine", optimiser="adamw")


def trained(
    who: str, s: Settings, rows: Tensor, targets: Tensor, recipe: Recipe, data: ImageSet, device: str,
    evaluate=None, at=(),
) -> nn.Module:  # fmt: skip
    """A new network, trained on rows of the training part with targets (n, c), without augmentation."""
    start = torch_stream(f"{who}'s start among photographs", s.data, s.network, s.seed)
    batches = torch_stream(f"{who}'s batches of photographs", s.data, s.seed)
    return train_one(
        networks.network(s.network, data, start), partial(images_of, data, rows, device), targets, recipe, batches,
        evaluate, at, device, networks.precision(s.network, device),
    )  # fmt: skip


def images_of(data: ImageSet, rows: Tensor, device: str, some: Tensor) -> Tensor:
    """Images (b, ch, h, w) of some of these rows of the training part."""
    return data.batch(data.train, rows[some], device)


def logits_on_both(s: Settings, network: nn.Module, own: Replicate, data: ImageSet, device: str) -> tuple:
    """Logits of a network on the replicate's images (T, c) and on the test part."""
    precision = networks.precision(s.network, device)
    of_images = predict(network, partial(images_of, data, own.rows, device), len(own.rows), device, precision)
    return of_images, teachers.logits_of(network, data, data.test, device, precision)


def pack_of(s: Settings):
    """The key of a pack: one replicate, with one teacher for all its students."""
    return replace(s, labels="", teacher_epoch=0, tau=1.0, student_lr=0.0, student_epochs=0)


def flops(pack: list[Settings]) -> float:
    """Multiplications and additions of training one teacher and its students."""
    s, (_, a_step) = pack[0], costs.image_flops(pack[0].network, pack[0].data)
    clean = s.rho * (1 - s.canary_share) * s.teacher_images
    return a_step * (s.teacher_images * s.teacher_epochs + sum(clean * run.student_epochs for run in pack))


def peak_bytes(pack: list[Settings]) -> float:
    """Bytes held at once: a batch's activations, and the teacher's logits of every epoch in use."""
    s, epochs = pack[0], {run.teacher_epoch for run in pack}
    sizes = costs.sizes(s.data)
    logits = len(epochs) * (s.teacher_images + sizes.evaluated) * sizes.classes
    return 4.0 * (2 * s.batch * costs.activations(s.network, s.data) + logits)


# ---- grids ---------------------------------------------------------------------------------------------------------

SMOKE = Settings(
    data="noisy digits", network="ConvNetD2 w4", labels="soft", teacher_epoch=2, tau=10.0, canary_share=0.1, rho=0.5,
    teacher_images=100, teacher_lr=0.05, teacher_momentum=0.9, teacher_epochs=2, student_lr=1e-3, student_epochs=2,
    batch=50, seed=0,
)  # fmt: skip
REDUCED = Settings(
    data="tiny-imagenet-32", network="ConvNetD3 w64", labels="soft", teacher_epoch=24, tau=10.0, canary_share=0.1,
    rho=0.5, teacher_images=20_000, teacher_lr=0.02, teacher_momentum=0.9, teacher_epochs=24, student_lr=3e-3,
    student_epochs=10, batch=100, seed=0,
)  # fmt: skip


def students(base: Settings, replicates: int, epochs: tuple[int, ...]) -> Grid:
    """Hard labels, and soft ones after each of the teacher's epochs at two temperatures."""
    soft = [{"teacher_epoch": epoch, "tau": tau} for epoch in epochs for tau in (1.0, 10.0)]
    return crossed(base, replicates, [{"labels": "hard", "teacher_epoch": 0, "tau": 1.0}, *soft])


PHOTOGRAPHS = Study(
    id="joined/photographs",
    settings=Settings,
    grids={"smoke": students(SMOKE, 3, (1, 2)), "reduced": students(REDUCED, 3, (4, 8, 14, 24))},
    pack_key=pack_of,
    run_pack=run_pack,
    flops=flops,
    bytes=peak_bytes,
    kind=lambda s: s.network,
)

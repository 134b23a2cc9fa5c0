"""Image networks trained on labels of any kind: many small ones as one grouped program, or one large one.

The loss is −Σ_c q_c log p_c, averaged over the batch; a row of labels q need not sum to 1 and weighs by its sum. An
epoch is a pass over the images in a random order of its own, the last batch short where the batch does not divide them.

Letters: R networks, n images, m of them a batch, ch channels, h × w pixels, c classes.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from softlabels.errors import SoftLabelsError
from softlabels.models import convnet
from softlabels.training import precision as precisions
from softlabels.training.precision import Precision

SCHEDULES = ("constant", "quarters", "cosine")
OPTIMISERS = ("sgd", "adamw")
AUGMENTATIONS = ("none", "dsa", "dsa digits", "dsa pairs")


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, teacher or student."""

    lr: float
    epochs: int
    batch: int
    momentum: float = 0.0
    weight_decay: float = 0.0
    schedule: str = "constant"  # "quarters": ×0.3 every quarter of the epochs; "cosine": an epoch at a time towards 0
    optimiser: str = "sgd"  # or "adamw"
    augmentation: str = "none"

    def __post_init__(self):
        for name, allowed in (("schedule", SCHEDULES), ("optimiser", OPTIMISERS), ("augmentation", AUGMENTATIONS)):
            if getattr(self, name) not in allowed:
                raise SoftLabelsError(f"The {name} is one of {', '.join(allowed)}, not {getattr(self, name)!r}.")
        if not (math.isfinite(self.lr) and self.lr > 0 and self.epochs > 0 and self.batch > 0):
            raise SoftLabelsError(f"A recipe needs a positive learning rate, epochs and batch, not {self}.")

    def rate(self, epoch: int) -> float:
        """The learning rate of the epoch that follows `epoch` completed ones."""
        if self.schedule == "quarters":
            return self.lr * 0.3 ** (epoch // max(1, self.epochs // 4))
        if self.schedule == "cosine":
            return self.lr * (1 + math.cos(math.pi * epoch / self.epochs)) / 2
        return self.lr


def train_stack(
    params: dict[str, Tensor],
    images: Tensor,
    targets: Tensor,
    recipe: Recipe,
    generators: list[torch.Generator],
    evaluate: Callable[[int, dict[str, Tensor]], None] | None = None,
    at: Iterable[int] = (),
) -> dict[str, Tensor]:
    """Train R small networks at once, each as if it were alone; returns new parameters, leaves `params`.

    params as `models.convnet.start` makes them; images normalised float32, shared (n, ch, h, w) or each network's own
    (R, n, ch, h, w); targets (R, n, c); one generator a network, for its batches and augmentation.
    `evaluate(epoch, params)` is called with copies after the epochs in `at` (0: the start).
    Raises SoftLabelsError for shapes that do not fit and for training that diverges.
    """
    R, n = targets.shape[:2]
    if len(generators) != R or len(params["linear.bias"]) != R or images.shape[-4] != n:
        raise SoftLabelsError(
            f"{len(params['linear.bias'])} networks, {len(generators)} generators, images {tuple(images.shape)} and "
            f"targets {tuple(targets.shape)} do not fit together."
        )
    live = {name: tensor.clone().requires_grad_() for name, tensor in params.items()}
    optimiser = _optimiser(live.values(), recipe)
    at = set(at) if evaluate else set()
    if 0 in at:
        evaluate(0, _copies(live))
    whole = recipe.batch >= n and recipe.augmentation == "none"  # then the order of the images changes nothing
    for epoch in range(recipe.epochs):
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate(epoch)
        if not whole:
            order = torch.stack([torch.randperm(n, generator=g) for g in generators]).to(targets.device)  # (R, n)
        for first in range(0, n, recipe.batch):
            if whole:
                batch, wanted = images, targets
            else:
                rows = order[:, first : first + recipe.batch]  # (R, m)
                networks = torch.arange(R, device=rows.device).unsqueeze(1)
                batch = images[rows] if images.ndim == 4 else images[networks, rows]
                wanted = targets[networks, rows]
            found = convnet.logits(live, batch)
            loss = -(wanted * found.log_softmax(-1)).sum() / wanted.shape[1]  # summed over networks
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        if epoch + 1 in at:
            evaluate(epoch + 1, _copies(live))
    return _finite(_copies(live))


def _copies(live):
    return {name: tensor.detach().clone() for name, tensor in live.items()}


def _finite(trained):
    if not all(torch.isfinite(tensor).all() for tensor in trained.values()):
        raise SoftLabelsError("Training diverged: the weights hold NaN or infinity; take a smaller learning rate.")
    return trained


def train_one(
    network: nn.Module,
    batches_of: Callable[[Tensor], Tensor],
    targets: Tensor,
    recipe: Recipe,
    generator: torch.Generator,
    evaluate: Callable[[int, nn.Module], None] | None = None,
    at: Iterable[int] = (),
    device: str | torch.device = "cpu",
    precision: Precision | None = None,
) -> nn.Module:
    """Train one large network in place, as fast as this machine can; returns it, on `device`.

    `batches_of(rows)` gives the normalised float32 images (m, ch, h, w) of indices (m,) on `device`; targets (n, c) on
    `device` too. `evaluate(epoch, network)` is called after the epochs in `at` (0: the start) with the live network;
    `kept` copies its weights. `precision`: default `precision.decide(device)`.
    Raises SoftLabelsError for training that diverges.
    """
    precision = precision or precisions.decide(device)
    precisions.prepare(network, device, precision)
    optimiser = _optimiser(network.parameters(), recipe)
    forward = torch.compile(network) if precision.compiled else network
    at = set(at) if evaluate else set()
    n = len(targets)
    if 0 in at:
        evaluate(0, network)
    for epoch in range(recipe.epochs):
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate(epoch)
        network.train()
        order = torch.randperm(n, generator=generator).to(targets.device)
        for first in range(0, n, recipe.batch):
            rows = order[first : first + recipe.batch]
            with precision.autocast(device):
                found = forward(batches_of(rows))
            loss = -(targets[rows] * found.float().log_softmax(-1)).sum() / len(rows)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        if epoch + 1 in at:
            evaluate(epoch + 1, network)
    _finite(kept(network))
    return network


def kept(network: nn.Module) -> dict[str, Tensor]:
    """Copies of a network's weights on the CPU, which further training leaves alone."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in network.state_dict().items()}


def _optimiser(parameters, recipe):
    how = {"lr": recipe.lr, "weight_decay": recipe.weight_decay, "fused": True}
    if recipe.optimiser == "adamw":
        return torch.optim.AdamW(parameters, **how)
    return torch.optim.SGD(parameters, momentum=recipe.momentum, **how)

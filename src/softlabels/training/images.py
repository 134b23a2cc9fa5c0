"""Training of image networks on labels of any kind: many small networks at once, or one large one.

The loss is −Σ_c q_c log p_c, averaged over the batch; labels q need not sum to 1. Every epoch has a new random order,
and its last batch may be short.

Letters: R networks, n images, m of them in a batch, ch channels, h × w pixels, c classes.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from softlabels.errors import SoftLabelsError
from softlabels.models import convnet
from softlabels.training import fleet, grouped
from softlabels.training import precision as precisions
from softlabels.training.augmentation import FAMILIES, augment, augment_each
from softlabels.training.precision import PLAIN, Precision
from softlabels.training.threads import shares, side_by_side

SCHEDULES = ("constant", "quarters", "thirds", "cosine")
OPTIMISERS = ("sgd", "adamw")
AUGMENTATIONS = ("none", *FAMILIES)


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, teacher or student."""

    lr: float
    epochs: int
    batch: int
    momentum: float = 0.0
    weight_decay: float = 0.0
    schedule: str = "constant"  # "quarters": ×0.3 after each quarter; "thirds": ×0.1 after each third; or "cosine"
    optimiser: str = "sgd"  # or "adamw"
    augmentation: str = "none"

    def __post_init__(self):
        for name, allowed in (("schedule", SCHEDULES), ("optimiser", OPTIMISERS), ("augmentation", AUGMENTATIONS)):
            if getattr(self, name) not in allowed:
                raise SoftLabelsError(f"The {name} is one of {', '.join(allowed)}, not {getattr(self, name)!r}.")
        if not (math.isfinite(self.lr) and self.lr > 0 and self.epochs > 0 and self.batch > 0):
            raise SoftLabelsError(f"A recipe needs a positive learning rate, epochs and batch, not {self}.")

    @property
    def remembers(self) -> bool:
        """Whether a step depends on earlier gradients, so that weights alone are not enough to go on from."""
        return self.optimiser == "adamw" or self.momentum > 0

    def rate(self, epoch: int) -> float:
        """The learning rate of the epoch after `epoch` completed epochs."""
        if self.schedule == "quarters":
            return self.lr * 0.3 ** min(3, epoch // max(1, self.epochs // 4))
        if self.schedule == "thirds":
            return self.lr * 0.1 ** (epoch // max(1, self.epochs // 3))
        if self.schedule == "cosine":
            return self.lr * (1 + math.cos(math.pi * epoch / self.epochs)) / 2
        return self.lr


@torch.no_grad()
def train_stack(
    params: dict[str, Tensor],
    images: Tensor,
    targets: Tensor | None,
    recipe: Recipe,
    generators: list[torch.Generator],
    evaluate: Callable[[int, dict[str, Tensor]], None] | None = None,
    at: Iterable[int] = (),
    relabel: Callable[[Tensor], Tensor] | None = None,
) -> dict[str, Tensor]:
    """Train R small networks at once, each as if it were alone; returns new parameters, leaves `params`.

    params as `models.convnet.start` makes them; images normalised, shared (n, ch, h, w) or each network's own
    (R, n, ch, h, w); targets (R, n, c); one generator per network, for its batches and augmentation.
    `relabel(batch)` gives the targets (r, b, c) of augmented batches (r, b, ch, h, w) of some r of the networks, in
    place of `targets` (CutMix); on a CPU several threads call it.
    `evaluate(epoch, params)` is called with copies after the epochs in `at` (0: the start). By then the generators have
    drawn the batches of these epochs and nothing else.
    Raises SoftLabelsError for shapes and number types that do not fit, for an epoch in `at` that training does not
    reach, and for training that diverges.
    """
    R = _check(params, images, targets, generators, relabel)
    precisions.keep_memory()
    patches = grouped.patches(images) if recipe.augmentation == "none" and relabel is None else None
    stacks = []
    for part in shares(R, images.device):
        own = images[part] if images.ndim == 5 else images, patches and patches.part(part, slice(None))
        own_targets = None if relabel else targets[part]
        stacks.append(_Stack(convnet.take(params, part), *own, own_targets, recipe, generators[part], relabel))

    def copies():
        return convnet.join([stack.live for stack in stacks])

    at = set(at) if evaluate else set()
    fleet.check_reached(at, recipe.epochs)
    if 0 in at:
        evaluate(0, copies())
    for first, last in pairwise(sorted({0, *at, recipe.epochs})):
        side_by_side(lambda i, epochs=range(first, last): stacks[i].train(epochs), len(stacks))
        if last in at:
            evaluate(last, copies())
    trained = copies()
    fleet.check_finite(trained.values())
    return trained


class _Stack:
    """The networks of one thread. Their parameters are views of one flat tensor, and so are their gradients."""

    def __init__(self, params, images, patches, targets, recipe, generators, relabel):
        self.images, self.patches, self.targets = images, patches, targets
        self.recipe, self.generators, self.relabel = recipe, generators, relabel
        self.flat, self.live = fleet.flatten(params)
        self.flat.grad = torch.zeros_like(self.flat)
        self.gradients = fleet.views(self.flat.grad, params)
        self.optimiser = _optimiser([self.flat], recipe)

    @torch.no_grad()
    def train(self, epochs):
        for epoch in epochs:
            self.optimiser.param_groups[0]["lr"] = self.recipe.rate(epoch)
            for patches, targets in self._batches():
                self.flat.grad.zero_()
                grouped.add_gradients(self.live, patches, targets, self.gradients)
                self.optimiser.step()

    def _batches(self):
        """An epoch's batches: patches, and targets (R, b, c)."""
        n, device = self.images.shape[-4], self.images.device
        if self.patches and self.recipe.batch >= n:  # in one batch the order of the images changes nothing
            yield self.patches, self.targets
            return
        order = torch.stack([torch.randperm(n, generator=generator) for generator in self.generators])
        order = order.to(device, non_blocking=True)
        network = torch.arange(len(order), device=device).unsqueeze(1)
        for rows in order.split(self.recipe.batch, 1):  # (R, b)
            if self.patches:
                yield self.patches.rows(rows), self.targets[network, rows]
                continue
            batch = self.images[rows] if self.images.ndim == 4 else self.images[network, rows]
            batch = augment_each(batch, self.recipe.augmentation, self.generators)
            yield grouped.patches(batch), self.relabel(batch) if self.relabel else self.targets[network, rows]


def _check(params, images, targets, generators, relabel):
    R, c = params["linear.bias"].shape
    n = images.shape[-4] if images.ndim in (4, 5) else 0
    fits = relabel is not None or (targets is not None and targets.shape == (R, n, c))
    if not n or (images.ndim == 5 and len(images) != R) or len(generators) != R or not fits:
        raise SoftLabelsError(
            f"{R} networks of {c} classes need as many generators, images (n, ch, h, w) or ({R}, n, ch, h, w) and "
            f"targets ({R}, n, {c}); given were {len(generators)}, {tuple(images.shape)} and "
            f"{None if targets is None else tuple(targets.shape)}."
        )
    channels, (*_, ch, h, w), blocks = params["conv1.weight"].shape[2], images.shape, convnet.depth(params)
    features = params["conv1.weight"].shape[1] * (h >> blocks) * (w >> blocks)
    if ch != channels or features != params["linear.weight"].shape[2] or images.dtype != params["linear.bias"].dtype:
        raise SoftLabelsError(
            f"These networks read {params['linear.bias'].dtype} images of {channels} channels that become "
            f"{params['linear.weight'].shape[2]} features, not {images.dtype} ones of {ch} × {h} × {w}."
        )
    return R


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
    relabel: Callable[[Tensor], Tensor] | None = None,
    done: int = 0,
    stop: int | None = None,
) -> nn.Module:
    """Train one large network in place, as fast as this machine can; returns it, on `device`.

    `batches_of(rows)` gives the normalised float32 images (b, ch, h, w) of indices (b,) on `device`; targets (n, c) on
    `device` too. `evaluate(epoch, network)` is called after the epochs in `at` (0: the start) with the live network;
    `weights_of` copies its weights. `precision`: default `precision.decide(device)`; `relabel` as in `train_stack`,
    where targets still say how many images there are. A network that has completed `done` epochs is trained up to
    epoch `stop` (None: the recipe's last). If `generator` is in the state that it had then, and the recipe is SGD
    without momentum, the result is that of uninterrupted training. Raises SoftLabelsError for targets of another shape
    than the logits, for an epoch in `at` beyond the recipe's last, and for training that diverges.
    """
    precision = precision or precisions.decide(device)
    precisions.prepare(network, device, precision)
    optimiser, scaler = _optimiser(network.parameters(), recipe), precision.scaler(device)
    at = set(at) if evaluate else set()
    fleet.check_reached(at, recipe.epochs)
    n = len(targets)
    if done in at:
        evaluate(done, network)
    for epoch in range(done, recipe.epochs if stop is None else stop):
        optimiser.param_groups[0]["lr"] = recipe.rate(epoch)
        network.train()
        order = torch.randperm(n, generator=generator).to(device, non_blocking=True)
        for rows in order.split(recipe.batch):
            batch = augment(batches_of(rows), recipe.augmentation, generator)
            labels = relabel(batch) if relabel else targets[rows]
            logits = precision.run(network, batch, min(n, recipe.batch))
            if labels.shape != logits.shape:
                raise SoftLabelsError(
                    f"Logits {tuple(logits.shape)} need targets of that shape, not {tuple(labels.shape)}."
                )
            loss = -(labels * logits.to(labels.dtype).log_softmax(-1)).sum() / len(rows)
            optimiser.zero_grad()
            scaler.scale(loss).backward()
            scaler.step(optimiser)
            scaler.update()
        if epoch + 1 in at:
            evaluate(epoch + 1, network)
    fleet.check_finite(network.state_dict().values())
    return network


def predict(
    network: nn.Module,
    batches_of: Callable[[Tensor], Tensor],
    n: int,
    device: str | torch.device = "cpu",
    precision: Precision = PLAIN,
    batch: int = 500,
) -> Tensor:
    """Logits (n, c), float32, of a network in evaluation mode on images 0 … n − 1; `batches_of` as in `train_one`.

    The default is float32 because soft labels differ visibly in bfloat16. Accuracies hardly differ.
    """
    modes, logits = {module: module.training for module in network.modules()}, []
    network.eval()
    with torch.no_grad():
        for rows in torch.arange(n, device=device).split(batch):
            logits.append(precision.run(network, batches_of(rows), min(n, batch)).float())
    for module, training in modes.items():  # each its own: some of a network in training may be in evaluation mode
        module.training = training
    return torch.cat(logits)


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    """Copies of a network's weights on the CPU, which further training does not change."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in network.state_dict().items()}


def _optimiser(parameters, recipe):
    how = {"lr": recipe.lr, "weight_decay": recipe.weight_decay, "fused": True}
    if recipe.optimiser == "adamw":
        return torch.optim.AdamW(parameters, **how)
    return torch.optim.SGD(parameters, momentum=recipe.momentum, **how)

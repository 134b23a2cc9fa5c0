"""Teachers of paper Q: trained once, with the weights of every epoch kept in the cache, and what they predict.

Epoch e means e completed epochs; 0 is the initialisation. Each epoch is one file, which also holds the state of the
random stream: training that was stopped goes on after the last epoch that is there. Where the optimiser remembers
earlier gradients, which no file holds, it begins anew.

Letters: n images, c classes.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn

from softlabels.code_hash import code_hash
from softlabels.data import images
from softlabels.data.images import ImageSet, Part
from softlabels.errors import SoftLabelsError
from softlabels.labels import harden
from softlabels.models import convnet
from softlabels.seeds import torch_stream
from softlabels.studies.images import networks
from softlabels.study import identity
from softlabels.training import checkpoints
from softlabels.training.images import Recipe, predict, train_one, train_stack, weights_of
from softlabels.training.precision import Precision


@dataclass(frozen=True)
class Teacher:
    """A network that learns the whole training part with hard labels, as it is after one of its epochs."""

    data: str  # name of an image set
    network: str  # as `networks` names them
    lr: float
    batch: int
    epochs: int  # of the complete training; only those up to the last one in use are computed
    augmented: bool  # by differentiable Siamese augmentation; a ResNet by resized crops and flips
    epoch: int  # e, completed epochs
    seed: int  # replicate


def recipe(t: Teacher) -> Recipe:
    """ConvNets learn by plain SGD at one rate, ResNets as torchvision's reference has it."""
    if t.network.startswith("ResNet"):
        sgd = {"momentum": 0.9, "weight_decay": 1e-4, "schedule": "thirds"}
        return Recipe(t.lr, t.epochs, t.batch, augmentation="crop" if t.augmented else "none", **sgd)
    return Recipe(t.lr, t.epochs, t.batch, augmentation=augmentation(t.data) if t.augmented else "none")


def augmentation(data: str) -> str:
    """The differentiable Siamese augmentation that suits a set: a mirrored digit is none, and a pair turns less."""
    if "digit" in data:
        return "dsa pairs" if data.endswith("pairs") else "dsa digits"
    return "dsa"


@lru_cache(maxsize=2)
def load(data: str, device: str, cache: Path) -> ImageSet:
    """An image set on the device; the last two stay there for the next packs."""
    return images.load(data, cache).on(device)


# ---- weights -------------------------------------------------------------------------------------------------------


def weights_after(t: Teacher, epochs: Iterable[int], device: str, cache: Path) -> dict[int, dict[str, Tensor]]:
    """The weights of a teacher after each of `epochs`: {epoch: {name: tensor}}. What is not in the cache is trained.

    Raises SoftLabelsError for epochs below 0 or beyond the teacher's own, and for a file that is not whole.
    """
    wanted = sorted(set(epochs))
    if not wanted or wanted[0] < 0 or wanted[-1] > t.epochs:
        raise SoftLabelsError(f"A teacher of {t.epochs} epochs has been asked for epochs {wanted}.")
    folder = _file(t, 0, device, cache)[0].parent
    if not {0, wanted[-1]} <= _kept(folder):
        with checkpoints.alone(folder):
            kept = {epoch for epoch in _kept(folder) if epoch <= wanted[-1]}
            if not {0, wanted[-1]} <= kept:
                if recipe(t).remembers:  # what its optimiser remembers is not kept, so it trains in one go
                    _train(t, 0, t.epochs, device, cache)
                else:
                    _train(t, max(kept, default=0), wanted[-1], device, cache)
    return {epoch: _read(t, epoch, device, cache)[0] for epoch in wanted}


def _train(t: Teacher, first: int, last: int, device: str, cache: Path) -> None:
    """Train a teacher from epoch `first`, which is in the cache unless it is 0, to `last`, and keep each epoch.

    A small one takes moments: it is trained from its initialisation through all its epochs.
    """
    data = load(t.data, device, cache)
    generator = torch_stream("image teacher's batches", t.data, t.network, t.seed)
    network = networks.network(t.network, data, torch_stream("image teacher's start", t.data, t.network, t.seed))
    targets = harden(data.train.classes, len(data.names))

    def keep(epoch: int, weights: dict[str, Tensor]) -> None:
        path, about = _file(t, epoch, device, cache)
        checkpoints.save(path, weights | {"generator": generator.get_state()}, about)

    if networks.is_small(t.network):
        train_stack(
            {name: tensor.to(device) for name, tensor in convnet.stack([network]).items()},
            data.batch(data.train, slice(None), device), targets[None], recipe(t), [generator],
            lambda epoch, params: keep(epoch, convnet.take(params, 0)), range(t.epochs + 1),
        )  # fmt: skip
        return
    if first:
        weights, state = _read(t, first, device, cache)
        network.load_state_dict(weights)
        generator.set_state(state)
    train_one(
        network, lambda rows: data.batch(data.train, rows, device), targets, recipe(t), generator,
        lambda epoch, live: keep(epoch, weights_of(live)), range(first + bool(first), last + 1),
        device, networks.precision(t.network, device), done=first, stop=last,
    )  # fmt: skip


def _read(t: Teacher, epoch: int, device: str, cache: Path) -> tuple[dict[str, Tensor], Tensor]:
    """The weights of one epoch, and the state of the random stream after it."""
    path, about = _file(t, epoch, device, cache)
    tensors = checkpoints.load(path, about)
    if tensors is None:
        raise SoftLabelsError(f"{path} is missing though later epochs are there; delete {path.parent} and run again.")
    state = tensors.pop("generator")
    return {name: tensor.to(device) for name, tensor in tensors.items()}, state


def _kept(folder: Path) -> set[int]:
    """The epochs whose weights are in a teacher's folder."""
    return {int(file.stem.removeprefix("e")) for file in folder.glob("e*.safetensors")}


def _file(t: Teacher, epoch: int, device: str, cache: Path) -> tuple[Path, dict[str, str]]:
    """Where an epoch of a teacher is kept, and what the file says about it: the settings, code and torch it is from."""
    own = replace(t, epoch=0)
    folder, code = checkpoints.folder(cache, identity(own), code_hash(_train), device)
    about = {name: json.dumps(value) for name, value in asdict(own).items()}
    return folder / f"e{epoch:03d}.safetensors", about | {"epoch": str(epoch), "code": code, "torch": torch.__version__}


def train_again(about: dict[str, str], device: str, cache: Path) -> Path:
    """Train the teacher that a file's metadata describe, in an empty cache; the file that should be equal."""
    values = {field.name: json.loads(about[field.name]) for field in fields(Teacher)}
    epoch = int(about["epoch"])
    weights_after(Teacher(**values | {"epoch": epoch}), [epoch], device, cache)
    return _file(Teacher(**values), epoch, device, cache)[0]


# ---- predictions ---------------------------------------------------------------------------------------------------


def as_network(t: Teacher, weights: dict[str, Tensor], data: ImageSet, device: str) -> nn.Module:
    """A teacher as a network with its own copy of the weights, in evaluation mode."""
    network = networks.network(t.network, data, torch.Generator())
    network.load_state_dict(weights)
    return network.to(device).requires_grad_(False).eval()


def logits_of(network: nn.Module, data: ImageSet, part: Part, device: str, precision: Precision) -> Tensor:
    """Logits (n, c) of a network on a whole part of a set, without augmentation."""
    return predict(network, lambda rows: data.batch(part, rows, device), len(part), device, precision)


def logits_on(t: Teacher, weights: dict[str, Tensor], data: ImageSet, part: Part, device: str) -> Tensor:
    """Logits (n, c) of a teacher on a whole part of its set, in the number type that it was trained in."""
    precision = networks.precision(t.network, device)
    return logits_of(as_network(t, weights, data, device), data, part, device, precision)

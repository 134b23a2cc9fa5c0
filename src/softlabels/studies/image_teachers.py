"""Teachers of paper Q: trained once, every epoch's weights kept, and what they say about images.

Epoch e is e completed epochs; 0 is the start. A teacher lies under the cache as one file an epoch, with the state of
its random stream, so that a run that was stopped goes on after its last epoch.

Letters: n images, c classes, ch channels, h × w pixels.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
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
from softlabels.study import identity
from softlabels.training import checkpoints
from softlabels.training.images import Recipe, kept, predict, train_one, train_stack
from softlabels.training.precision import PLAIN, Precision, decide

LEAST_WIDTH = 32  # of a ConvNet that is worth compiling; narrower ones are small, and their students train as fleets


@dataclass(frozen=True)
class Teacher:
    """A network trained on the classes of a whole training part, as it is after one of its epochs."""

    data: str  # name of an image set
    network: str  # "ConvNetD3 w64": depth 3, width 64; or "ResNet18", "ResNet50"
    lr: float
    batch: int
    epochs: int  # of a fully trained one; how many are trained is how many are asked for
    augmented: bool  # by differentiable Siamese augmentation; a ResNet by resized crops and flips
    epoch: int  # e, completed epochs
    seed: int  # replicate


@lru_cache(maxsize=2)
def load(data: str, device: str, cache: Path) -> ImageSet:
    """An image set on the device; the last two stay there for the packs to come."""
    return images.load(data, cache).on(device)


def network(name: str, data: ImageSet, generator: torch.Generator) -> nn.Module:
    """A new network by its name, for the images and classes of a set. Raises SoftLabelsError for other names."""
    if name in ("ResNet18", "ResNet50"):
        from softlabels.models import resnet

        return resnet.start(name, len(data.names), generator)
    return convnet.ConvNet(shape(name, data), generator)


def shape(name: str, data: ImageSet) -> convnet.Shape:
    """The sizes of a ConvNet by its name. Raises SoftLabelsError for a name that is none."""
    depth, width = convnet_sizes(name)
    return convnet.Shape(depth, width, *data.train.images.shape[1:], len(data.names))


def convnet_sizes(name: str) -> tuple[int, int]:
    """Depth and width of a name like "ConvNetD3 w64". Raises SoftLabelsError for a name that is no such."""
    kind, _, width = name.partition(" w")
    if kind[:-1] != "ConvNetD" or not (kind[-1:].isdigit() and width.isdigit()):
        raise SoftLabelsError(f"There is no network {name!r}; write ConvNetD3 w64 for depth 3, width 64, or ResNet18.")
    return int(kind[-1]), int(width)


def small(name: str) -> bool:
    """Whether a network is so small that compiling it does not pay and several train together."""
    return not name.startswith("ResNet") and convnet_sizes(name)[1] < LEAST_WIDTH


def recipe(t: Teacher) -> Recipe:
    """How a teacher is trained: by plain SGD at one rate, a ResNet as torchvision's reference has it."""
    if t.network.startswith("ResNet"):
        how = {"momentum": 0.9, "weight_decay": 1e-4, "schedule": "thirds"}
        return Recipe(t.lr, t.epochs, t.batch, augmentation="crop" if t.augmented else "none", **how)
    return Recipe(t.lr, t.epochs, t.batch, augmentation=augmentation(t.data) if t.augmented else "none")


def augmentation(data: str) -> str:
    """The differentiable Siamese augmentation of a set."""
    if "digit" in data:
        return "dsa pairs" if data.endswith("pairs") else "dsa digits"
    return "dsa"


# ---- training and keeping ------------------------------------------------------------------------------------------


def teachers(t: Teacher, epochs: Iterable[int], device: str, cache: Path) -> dict[int, dict[str, Tensor]]:
    """The weights of a teacher after each of `epochs`: {epoch: {name: tensor}}; what no file has is trained first.

    Raises SoftLabelsError for epochs below 0 or beyond the teacher's own, and for a file that is not whole.
    """
    wanted = sorted(set(epochs))
    if not wanted or wanted[0] < 0 or wanted[-1] > t.epochs:
        raise SoftLabelsError(f"A teacher of {t.epochs} epochs has been asked for epochs {wanted}.")
    last = wanted[-1]
    while last and not _file(t, last, device, cache)[0].exists():
        last -= 1
    if last < wanted[-1] or not _file(t, 0, device, cache)[0].exists():
        _train(t, last, wanted[-1], device, cache)
    return {epoch: _read(t, epoch, device, cache)[0] for epoch in wanted}


def _train(t: Teacher, first: int, last: int, device: str, cache: Path) -> None:
    """Train a teacher on from epoch `first`, which is on disk unless it is 0, to `last`, and keep each epoch.

    A small one is trained from its start to its own last epoch: that takes moments.
    """
    data = load(t.data, device, cache)
    generator = torch_stream("image teacher's batches", t.data, t.network, t.seed)
    model = network(t.network, data, torch_stream("image teacher's start", t.data, t.network, t.seed))
    targets = harden(data.train.classes, len(data.names))

    def keep(epoch: int, weights: dict[str, Tensor]) -> None:
        path, about = _file(t, epoch, device, cache)
        checkpoints.keep(path, weights | {"generator": generator.get_state()}, about)

    if small(t.network):
        images = data.batch(data.train, slice(None), device)
        stack = {name: tensor.to(device) for name, tensor in convnet.stack([model]).items()}
        keep_one = lambda epoch, live: keep(epoch, convnet.take(live, 0))  # noqa: E731
        train_stack(stack, images, targets[None], recipe(t), [generator], keep_one, range(t.epochs + 1))
        return
    if first:
        weights, state = _read(t, first, device, cache)
        model.load_state_dict(weights)
        generator.set_state(state)
    keep_live = lambda epoch, live: keep(epoch, kept(live))  # noqa: E731
    train_one(
        model, lambda rows: data.batch(data.train, rows, device), targets, recipe(t), generator, keep_live,
        range(first + bool(first), last + 1), device, precision(t.network, device), done=first, stop=last,
    )  # fmt: skip


def precision(name: str, device: str) -> Precision:
    """How a network of this name is trained and asked on a device."""
    return PLAIN if small(name) else decide(device)


def _read(t, epoch, device, cache):
    path, about = _file(t, epoch, device, cache)
    tensors = checkpoints.kept(path, about)
    if tensors is None:
        raise SoftLabelsError(f"{path} is missing though later epochs are there; delete {path.parent} and run again.")
    state = tensors.pop("generator")
    return {name: tensor.to(device) for name, tensor in tensors.items()}, state


def _file(t: Teacher, epoch: int, device: str, cache: Path) -> tuple[Path, dict[str, str]]:
    """Where a teacher is kept, and what its file says it is: its settings and the code that trained it."""
    own = replace(t, epoch=0)
    about = {name: json.dumps(value) for name, value in asdict(own).items()} | {"epoch": str(epoch)}
    about |= {"code": code_hash(_train), "torch": torch.__version__}
    folder = f"{identity(own)}-{about['code'][:8]}-{torch.device(device).type}"
    return cache / "teachers" / folder / f"e{epoch:03d}.safetensors", about


# ---- asking --------------------------------------------------------------------------------------------------------


def module(t: Teacher, weights: dict[str, Tensor], data: ImageSet, device: str) -> nn.Module:
    """A teacher as a network to ask, with its own copy of the weights."""
    model = network(t.network, data, torch.Generator())
    model.load_state_dict(weights)
    return model.to(device).requires_grad_(False).eval()


def ask(model: nn.Module, data: ImageSet, part: Part, device: str, precision: Precision) -> Tensor:
    """Logits (n, c) of a network on a whole part of a set, un-augmented."""
    return predict(model, lambda rows: data.batch(part, rows, device), len(part), device, precision)


def answers(t: Teacher, weights: dict[str, Tensor], data: ImageSet, part: Part, device: str) -> Tensor:
    """Logits (n, c) of a teacher on a whole part of its set, in the number type that it was trained with."""
    return ask(module(t, weights, data, device), data, part, device, precision(t.network, device))

"""Teachers of paper Q during their training, without students: accuracy, labels of single images, mean labels.

Letters: n images, c classes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels
from softlabels.data import relations
from softlabels.hyperparameters import CHOICES
from softlabels.seeds import torch_stream
from softlabels.studies.images import costs, networks, teachers
from softlabels.studies.images.teachers import Teacher
from softlabels.study import Row, Study

PERMUTATIONS = 1000  # of the classes, for the ratio of related to unrelated classes at chance


@dataclass(frozen=True)
class Example(Teacher):
    """A teacher's label of one training image."""

    label: int  # the image's class
    image: int  # its number among the training images of its class, from 0, in the order of the files


def teacher_alone(t: Teacher) -> Teacher:
    """The teacher of an example."""
    return Teacher(**{name: value for name, value in vars(t).items() if name not in ("label", "image")})


# ---- rows ----------------------------------------------------------------------------------------------------------


def accuracy_rows(pack: list[Teacher], device: str, cache: Path) -> list[Row]:
    """One teacher's accuracy and mean label entropy on each part of the images, after each of its epochs."""
    data, rows = teachers.load(pack[0].data, device, cache), []
    weights = teachers.weights_after(pack[0], [t.epoch for t in pack], device, cache)
    for t in pack:
        metrics = {}
        for name, part in (("train_", data.train), ("validation_", data.validation), ("", data.test)):
            logits = teachers.logits_on(t, weights[t.epoch], data, part, device)
            metrics[f"{name}accuracy"] = float((logits.argmax(-1) == part.classes).double().mean())
            metrics[f"{name}entropy"] = float(labels.entropy(labels.soften(logits, 1.0)).double().mean())
        rows.append(Row(t, metrics))
    return rows


def example_rows(pack: list[Example], device: str, cache: Path) -> list[Row]:
    """The whole soft label of one image after each epoch, as a curve "label": class, probability."""
    teacher = teacher_alone(pack[0])
    data, rows = teachers.load(teacher.data, device, cache), []
    weights = teachers.weights_after(teacher, [t.epoch for t in pack], device, cache)
    for s in pack:
        row = (data.train.classes == s.label).nonzero().flatten()[s.image : s.image + 1]
        with torch.no_grad():
            network = teachers.as_network(teacher, weights[s.epoch], data, device)
            soft = labels.soften(network(data.batch(data.train, row, device)), 1.0)[0].double().cpu()  # (c,)
        others = soft.clone()
        others[s.label] = -1.0
        second = int(others.argmax())
        metrics = {
            "probability": float(soft[s.label]),
            "entropy": float(labels.entropy(soft)),
            "runner_up": float(second),  # the likeliest other class
            "runner_up_probability": float(soft[second]),
            "rank": float(1 + (soft > soft[s.label]).sum()),  # of the true class
        }
        rows.append(Row(s, metrics, {"label": list(enumerate(soft.tolist()))}))
    return rows


def structure_rows(pack: list[Teacher], device: str, cache: Path) -> list[Row]:
    """Each class's mean soft label over its training images, as a curve "label": c·true class + entry's class."""
    data, rows = teachers.load(pack[0].data, device, cache), []
    weights = teachers.weights_after(pack[0], [t.epoch for t in pack], device, cache)
    for t in pack:
        soft = labels.soften(teachers.logits_on(t, weights[t.epoch], data, data.train, device), 1.0)
        table = mean_labels(soft, data.train.classes, len(data.names))
        metrics = related_and_unrelated(table, relations.related(t.data), torch_stream("classes exchanged", t.data))
        metrics |= {"entropy": float(labels.entropy(soft).double().mean()), "symmetry": symmetry(table)}
        curves = {"label": list(enumerate(table.flatten().tolist()))} if t.seed == 0 else {}
        rows.append(Row(t, metrics, curves))
    return rows


def mean_labels(soft: Tensor, classes: Tensor, c: int) -> Tensor:
    """The mean label of each class's images (c, c): row = true class, column = class of the entry."""
    total = torch.zeros(c, c, dtype=torch.double, device=soft.device).index_add_(0, classes, soft.double())
    return (total / classes.bincount(minlength=c).unsqueeze(1)).cpu()


def related_and_unrelated(table: Tensor, related: Tensor, generator: torch.Generator) -> dict[str, float]:
    """The mean entry of related classes, that of all other pairs of classes, and the ratio of the two.

    table (c, c) of labels, related (c, c) of booleans. The interval at chance holds the ratio of 95 % of PERMUTATIONS
    random permutations of the classes.
    """
    unrelated = ~related & ~torch.eye(len(related), dtype=torch.bool)

    def ratio(order):
        permuted = table[order][:, order]
        return permuted[related].mean() / permuted[unrelated].mean()

    by_chance = torch.stack([ratio(torch.randperm(len(table), generator=generator)) for _ in range(PERMUTATIONS)])
    low, high = by_chance.quantile(torch.tensor([0.025, 0.975], dtype=torch.double)).tolist()
    return {
        "related": float(table[related].mean()),
        "unrelated": float(table[unrelated].mean()),
        "ratio": float(ratio(torch.arange(len(table)))),
        "chance_low": low,
        "chance_high": high,
    }


def symmetry(table: Tensor) -> float:
    """The correlation of a table with its transpose, off the diagonal: 1 if labels of a give b what b's give a."""
    off = ~torch.eye(len(table), dtype=torch.bool)
    return float(torch.corrcoef(torch.stack([table[off], table.T[off]]))[0, 1])


# ---- studies -------------------------------------------------------------------------------------------------------


def study(name: str, *, run_pack: Callable, pack_key: Callable, flops: Callable, settings=Teacher, **grids) -> Study:
    """A study of paper Q's teachers, with a grid for each scale."""
    return Study(
        f"label_worth/{name}", settings, grids, pack_key, run_pack, flops, memory, kind=kind_of, first_steps=first_steps
    )


def first_steps(pack: list[Teacher]) -> list[Teacher]:
    """The pack cut to the first epoch."""
    return list(dict.fromkeys(replace(t, epoch=min(t.epoch, 1)) for t in pack))


def kind_of(t: Teacher) -> str:
    """What code a teacher's run reaches: its network, and whether its images are augmented."""
    network = "small ConvNet" if networks.is_small(t.network) else t.network.partition("D")[0]
    return f"{network}{'' if t.augmented else ', without augmentation'}"


def one_teacher(t: Teacher) -> Teacher:
    """The key of a pack: all epochs of a teacher, and all images that it labels."""
    return replace(teacher_alone(t), epoch=0)


def up_to_a_stop(t: Teacher) -> tuple[Teacher, int]:
    """The key of a pack: a teacher's epochs between two of its `stops`, so that a CPU can compute the first alone."""
    return one_teacher(t), sum(t.epoch > stop for stop in stops(t))


def stops(t: Teacher) -> list[int]:
    """The epochs at which table 7 stops this teacher, in order; none for ResNets, which would lose their momentum."""
    network = t.network.partition(" ")[0]
    chosen = [choice for choice in CHOICES if (choice.data, choice.teacher) == (t.data, network)]
    return sorted({choice.completed_epochs for choice in chosen if not network.startswith("ResNet")})


def training_flops(pack: list[Teacher]) -> float:
    """Multiplications and additions of training a teacher from one stop to its last epoch here, without predictions."""
    t, last = pack[0], max(t.epoch for t in pack)
    begun = max((stop for stop in stops(t) if stop < last), default=0)
    return (last - begun) * costs.sizes(t.data).train * costs.image_flops(t.network, t.data)[1]


def prediction_flops(pack: list[Teacher]) -> float:
    """Multiplications and additions of labelling every training image once an epoch."""
    t = pack[0]
    return len(pack) * costs.sizes(t.data).train * costs.image_flops(t.network, t.data)[0]


def example_flops(pack: list[Teacher]) -> float:
    """Multiplications and additions of labelling one image per row."""
    return len(pack) * costs.image_flops(pack[0].network, pack[0].data)[0]


def memory(pack: list[Teacher]) -> float:
    """Bytes held at once: the training images (a byte or four a pixel), their logits, a batch's activations."""
    t, size = pack[0], costs.sizes(pack[0].data)
    pixel = 4 if "digit" in t.data else 1
    numbers = size.classes + 2 * costs.activations(t.network, t.data) * t.batch / size.train
    return size.train * (pixel * size.channels * size.height * size.breadth + 4.0 * numbers)

"""What teachers of paper Q say while they train, without any student: their curves, figures 5 and 10.

Letters: n images, c classes.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import torch
from torch import Tensor

from softlabels import labels
from softlabels.data import relations
from softlabels.seeds import torch_stream
from softlabels.studies import image_teachers
from softlabels.studies.image_teachers import Teacher
from softlabels.study import Row

PERMUTATIONS = 1000  # of the classes, for what a ratio of related to unrelated ones would be by chance


@dataclass(frozen=True)
class Example(Teacher):
    """One training image."""

    label: int  # its class
    image: int  # its number among the training images of its class, from 0, in the order of the files


def teacher_rows(pack: list[Teacher], device: str, cache: Path) -> list[Row]:
    """How good one teacher is after each of its epochs, and how sure."""
    data, found = image_teachers.load(pack[0].data, device, cache), []
    weights = image_teachers.teachers(pack[0], [t.epoch for t in pack], device, cache)
    for t in pack:
        numbers = {}
        for name, part in (("train_", data.train), ("validation_", data.validation), ("", data.test)):
            logits = image_teachers.answers(t, weights[t.epoch], data, part, device)
            numbers[f"{name}accuracy"] = float((logits.argmax(-1) == part.classes).double().mean())
            numbers[f"{name}entropy"] = float(labels.entropy(labels.soften(logits, 1.0)).double().mean())
        found.append(Row(t, numbers))
    return found


def example_rows(pack: list[Example], device: str, cache: Path) -> list[Row]:
    """The whole soft label of one image at each epoch, as a curve "label": class, probability."""
    data, found = image_teachers.load(pack[0].data, device, cache), []
    plain = [as_teacher(t) for t in pack]
    weights = image_teachers.teachers(plain[0], [t.epoch for t in pack], device, cache)
    for s, teacher in zip(pack, plain, strict=True):
        row = (data.train.classes == s.label).nonzero().flatten()[s.image : s.image + 1]
        with torch.no_grad():
            ask = image_teachers.module(teacher, weights[s.epoch], data, device)
            soft = labels.soften(ask(data.batch(data.train, row, device)), 1.0)[0].double().cpu()  # (c,)
        others = soft.clone()
        others[s.label] = -1.0
        second = int(others.argmax())
        numbers = {
            "probability": float(soft[s.label]),
            "entropy": float(labels.entropy(soft)),
            "runner_up": float(second),  # the likeliest other class
            "runner_up_probability": float(soft[second]),
            "rank": float(1 + (soft > soft[s.label]).sum()),  # of the true class
        }
        found.append(Row(s, numbers, {"label": list(enumerate(soft.tolist()))}))
    return found


def structure_rows(pack: list[Teacher], device: str, cache: Path) -> list[Row]:
    """The mean soft label of each class's training images, as a curve "label": c·true + named, probability."""
    data, found = image_teachers.load(pack[0].data, device, cache), []
    weights = image_teachers.teachers(pack[0], [t.epoch for t in pack], device, cache)
    for t in pack:
        soft = labels.soften(image_teachers.answers(t, weights[t.epoch], data, data.train, device), 1.0)
        table = mean_labels(soft, data.train.classes, len(data.names))
        numbers = neighbours(table, relations.related(t.data), torch_stream("classes exchanged", t.data))
        numbers |= {"entropy": float(labels.entropy(soft).double().mean()), "symmetry": symmetry(table)}
        curve = list(enumerate(table.flatten().tolist())) if t.seed == 0 else []
        found.append(Row(t, numbers, {"label": curve} if curve else {}))
    return found


def mean_labels(soft: Tensor, classes: Tensor, c: int) -> Tensor:
    """The mean label (c, c) of the images of each class: row = true class, column = class named."""
    total = torch.zeros(c, c, dtype=torch.double, device=soft.device).index_add_(0, classes, soft.double())
    return (total / classes.bincount(minlength=c).unsqueeze(1)).cpu()


def neighbours(table: Tensor, alike: Tensor, generator: torch.Generator) -> dict[str, float]:
    """Mean entry (c, c) of related and of other classes off the diagonal, and the ratio with its interval by chance.

    By chance: 95 % of PERMUTATIONS in which the classes exchange their relatives.
    """
    other = ~alike & ~torch.eye(len(alike), dtype=torch.bool)

    def ratio(order):
        mixed = table[order][:, order]
        return mixed[alike].mean() / mixed[other].mean()

    chance = [ratio(torch.randperm(len(table), generator=generator)) for _ in range(PERMUTATIONS)]
    low, high = torch.stack(chance).quantile(torch.tensor([0.025, 0.975], dtype=torch.double)).tolist()
    found = ratio(torch.arange(len(table)))
    related, unrelated = float(table[alike].mean()), float(table[other].mean())
    return {"related": related, "unrelated": unrelated, "ratio": float(found), "chance_low": low, "chance_high": high}


def symmetry(table: Tensor) -> float:
    """How much class a names class b where b names a: the correlation of a table with its transpose, diagonal aside."""
    off = ~torch.eye(len(table), dtype=torch.bool)
    return float(torch.corrcoef(torch.stack([table[off], table.T[off]]))[0, 1])


def as_teacher(t: Teacher) -> Teacher:
    """The teacher alone of an example."""
    return Teacher(**{field.name: getattr(t, field.name) for field in fields(Teacher)})

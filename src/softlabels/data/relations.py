"""Which classes are related: pairs of digits that share a digit, neighbours in WordNet, and official superclasses.

No training is needed. `tiny_imagenet_families.csv` is from WordNet 3.0 (Princeton University). It has, for each class
of Tiny ImageNet, the first of its names, its parent, and its families: the ancestors that hold 2 to 20 of the 200
classes, nearest first. Of several parents the first counts. `cifar100_superclasses.csv` has the classes of CIFAR-100,
each with the superclass of five that the official files give it.
"""

import csv
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError


def related(data: str) -> Tensor:
    """Which classes of a set are related, (c, c) of booleans, symmetric; no class is related to itself.

    Pairs of digits are related if they share the left or the right digit; classes of Tiny ImageNet, if they have the
    same parent in WordNet (100 of the 39,800 ordered pairs do); classes of CIFAR-100, if they have the same superclass
    (400 of 9,900). Raises SoftLabelsError for other sets.
    """
    if data.endswith("digit pairs"):
        tens, ones = (torch.arange(100) // place % 10 for place in (10, 1))
        same = (tens[:, None] == tens) | (ones[:, None] == ones)
    elif data.startswith("tiny-imagenet"):
        same = _equal([row["parent"] for row in _table("tiny_imagenet_families")])
    elif data == "cifar100":
        same = _equal([row["superclass"] for row in _table("cifar100_superclasses")])
    else:
        raise SoftLabelsError(f"It is not known which classes of {data} are related.")
    return same & ~torch.eye(len(same), dtype=torch.bool)


def family(data: str, label: int) -> list[int]:
    """The other classes in a class's nearest family: of Tiny ImageNet in WordNet, or its superclass of CIFAR-100.

    Some classes of Tiny ImageNet have none.
    """
    if data == "cifar100":
        return related(data)[label].nonzero().flatten().tolist()
    families = [row["families"].split(" < ") for row in _table("tiny_imagenet_families")]
    nearest = families[label][0]
    return [other for other, own in enumerate(families) if nearest and nearest in own and other != label]


def names(data: str) -> tuple[str, ...]:
    """A name of each class of Tiny ImageNet or CIFAR-100, for pages that show rows without the photographs."""
    return tuple(
        row["name"] for row in _table("cifar100_superclasses" if data == "cifar100" else "tiny_imagenet_families")
    )


def _equal(values: list[str]) -> Tensor:
    """Where two of the values are equal, (c, c) of booleans."""
    return torch.tensor([[one == other for other in values] for one in values])


@cache
def _table(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

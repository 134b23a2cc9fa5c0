"""Which classes are related: pairs of digits that share a digit, and neighbours in WordNet. No training is needed.

`tiny_imagenet_families.csv` is from WordNet 3.0 (Princeton University). It has, for each class of Tiny ImageNet, the
first of its names, its parent, and its families: the ancestors that hold 2 to 20 of the 200 classes, nearest first. Of
several parents the first counts.
"""

import csv
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError

FILE = Path(__file__).with_name("tiny_imagenet_families.csv")


def related(data: str) -> Tensor:
    """Which classes of a set are related, (c, c) of booleans, symmetric; no class is related to itself.

    Pairs of digits are related if they share the left or the right digit. Classes of Tiny ImageNet are related if they
    have the same parent in WordNet: 100 of the 39,800 ordered pairs do. Raises SoftLabelsError for other sets.
    """
    if data.endswith("digit pairs"):
        tens, ones = (torch.arange(100) // place % 10 for place in (10, 1))
        same = (tens[:, None] == tens) | (ones[:, None] == ones)
    elif data.startswith("tiny-imagenet"):
        parents = [row["parent"] for row in _families()]
        same = torch.tensor([[one == other for other in parents] for one in parents])
    else:
        raise SoftLabelsError(f"It is not known which classes of {data} are related.")
    return same & ~torch.eye(len(same), dtype=torch.bool)


def family(label: int) -> list[int]:
    """The other classes of Tiny ImageNet in the nearest family of this one; none for a class without a family."""
    families = [row["families"].split(" < ") for row in _families()]
    nearest = families[label][0]
    return [other for other, own in enumerate(families) if nearest and nearest in own and other != label]


def tiny_imagenet_names() -> tuple[str, ...]:
    """The first name of each class of Tiny ImageNet, for pages that show stored rows without the photographs."""
    return tuple(row["name"] for row in _families())


@cache
def _families() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

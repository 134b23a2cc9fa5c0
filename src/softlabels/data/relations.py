"""Which classes are alike, known before anybody trains: pairs that share a digit, neighbours in WordNet.

`tiny_imagenet_families.csv` has for each class of Tiny ImageNet what WordNet 3.0 (Princeton University) says of it: the
first of its names, its parent, and its families, nearest first: those ancestors that hold 2 to 20 of the 200 classes. A
class with several parents counts under the first.
"""

import csv
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError

FILE = Path(__file__).with_name("tiny_imagenet_families.csv")


def related(data: str) -> Tensor:
    """Which classes of a set are alike, (c, c) of booleans, symmetric, nobody with itself.

    Pairs of digits: they share the left digit or the right one. Tiny ImageNet: they have one parent in WordNet, as 100
    of the 39,800 ordered pairs do. Raises SoftLabelsError for a set of whose classes nothing is known.
    """
    if data.endswith("digit pairs"):
        tens, ones = (torch.arange(100) // place % 10 for place in (10, 1))
        alike = (tens[:, None] == tens) | (ones[:, None] == ones)
    elif data.startswith("tiny-imagenet"):
        parents = [row["parent"] for row in _families()]
        alike = torch.tensor([[one == other for other in parents] for one in parents])
    else:
        raise SoftLabelsError(f"Nothing is known of which classes of {data} are alike.")
    return alike & ~torch.eye(len(alike), dtype=torch.bool)


def family(label: int) -> list[int]:
    """The other classes of Tiny ImageNet in the nearest family of this one; none for a class that has no family."""
    rows = _families()
    families = rows[label]["families"].split(" < ")
    return [
        i for i, row in enumerate(rows) if i != label and families[0] in row["families"].split(" < ") if families[0]
    ]


def tiny_imagenet_names() -> tuple[str, ...]:
    """The first name of each class of Tiny ImageNet, for pages that show stored rows where the photographs are not."""
    return tuple(row["name"] for row in _families())


@cache
def _families() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

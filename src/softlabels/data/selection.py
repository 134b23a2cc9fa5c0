"""Easy and hard images: each class in ten parts by how well a teacher names it (paper Q, figure 9).

Shapes: n images, c classes.
"""

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError

PARTS = 10


def deciles(cross_entropy: Tensor, classes: Tensor) -> Tensor:
    """Which tenth of its own class each image belongs to, (n,) of 1 (easiest: smallest cross-entropy) … 10.

    cross_entropy (n,), −ln of the probability of the image's class, and classes (n,). Of m images of a class, the first
    tenth are the ⌈m/10⌉ or ⌊m/10⌋ easiest, and so on; the hardest image is part of the last tenth. Among equals the
    first image is the easier one. Raises SoftLabelsError for shapes that do not fit and values that are no numbers.
    """
    if cross_entropy.shape != classes.shape or classes.ndim != 1 or not torch.isfinite(cross_entropy).all():
        raise SoftLabelsError(
            f"Tenths take a finite cross-entropy and a class for each image, not {tuple(cross_entropy.shape)} and "
            f"{tuple(classes.shape)}."
        )
    found = torch.zeros_like(classes)
    for label in classes.unique():
        members = (classes == label).nonzero().flatten()
        order = cross_entropy[members].argsort(stable=True)
        found[members[order]] = 1 + torch.arange(len(members), device=classes.device) * PARTS // len(members)
    return found


def of_decile(parts: Tensor, classes: Tensor, decile: int, ipc: int, generator: torch.Generator) -> Tensor:
    """`ipc` random images a class from one tenth, (c·ipc,) of indices, class by class and nested in ipc.

    parts (n,) as `deciles` gives them. Raises SoftLabelsError where a class's tenth has fewer images.
    """
    rows = []
    for label in classes.unique():
        members = ((classes == label) & (parts == decile)).nonzero().flatten()
        if len(members) < ipc:
            raise SoftLabelsError(
                f"Tenth {decile} of class {int(label)} has {len(members)} images, {ipc} are wanted; take a smaller IPC."
            )
        rows.append(members[torch.randperm(len(members), generator=generator)[:ipc].to(members.device)])
    return torch.cat(rows)

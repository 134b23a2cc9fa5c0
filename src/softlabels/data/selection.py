"""Easy and hard images: each class is cut into tenths by a teacher's cross-entropy (paper Q, figure 9).

Shapes: n images, c classes.
"""

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError

PARTS = 10


def deciles(cross_entropy: Tensor, classes: Tensor) -> Tensor:
    """Which tenth of its class each image belongs to, (n,) of integers: 1, the smallest cross-entropies, … 10.

    cross_entropy (n,), −ln of the probability of the image's class, and classes (n,). A tenth of m images has ⌈m/10⌉ or
    ⌊m/10⌋; of equal values the first counts as smaller. Raises SoftLabelsError for shapes that do not fit and for
    values that are not finite.
    """
    if cross_entropy.shape != classes.shape or classes.ndim != 1 or not torch.isfinite(cross_entropy).all():
        raise SoftLabelsError(
            f"Tenths take a finite cross-entropy and a class for each image, not {tuple(cross_entropy.shape)} and "
            f"{tuple(classes.shape)}."
        )
    tenths = torch.zeros_like(classes)
    for label in classes.unique():
        members = (classes == label).nonzero().flatten()
        order = cross_entropy[members].argsort(stable=True)
        tenths[members[order]] = 1 + torch.arange(len(members), device=classes.device) * PARTS // len(members)
    return tenths


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

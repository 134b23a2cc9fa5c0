"""What the structure of a soft label is made of: its entries cut, exchanged, shuffled, drawn or blurred (paper Q).

`treatments` has what both papers take away (one class's entry, one class's examples). Shapes: n examples, c classes.
Labels (n, c) are probabilities; where entries are cut, a label is not made to sum to 1 again unless that is asked.
"""

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError
from softlabels.labels import entropy


def top_k(labels: Tensor, k: int, renormalise: bool = False) -> Tensor:
    """The k largest entries of each label (n, c), the others 0; `renormalise` makes it sum to 1 again.

    Without, as in paper Q, a cut label also weighs less in the loss. k = 1 is no hard label: it is the teacher's first
    guess, with that guess's probability. Raises SoftLabelsError unless 1 ≤ k ≤ c. Paper Q, figure 6.
    """
    _check(labels)
    if not 1 <= k <= labels.shape[1]:
        raise SoftLabelsError(f"The K largest entries of {labels.shape[1]} are 1 to all of them, not {k}.")
    if k == labels.shape[1]:
        return labels
    order = labels.argsort(dim=1, descending=True, stable=True)  # (n, c): the classes, likeliest first
    kept = labels.scatter(1, order[:, k:], 0.0)
    return kept / kept.sum(1, keepdim=True) if renormalise else kept


def swap_rank(labels: Tensor, rank: int) -> Tensor:
    """Each label (n, c) with its entry of this rank (1 = the largest) and its smallest one exchanged.

    The values stay what they are, so entropy does. Raises SoftLabelsError unless 1 ≤ rank < c. Paper Q, figure 3.
    """
    _check(labels)
    if not 1 <= rank < labels.shape[1]:
        raise SoftLabelsError(f"Ranks that can change places with the last of {labels.shape[1]} are 1 … "
                              f"{labels.shape[1] - 1}, not {rank}.")  # fmt: skip
    order = labels.argsort(dim=1, descending=True, stable=True)
    pair = order[:, [rank - 1, -1]]  # (n, 2)
    return labels.scatter(1, pair, labels.gather(1, pair.flip(1)))


def shuffle_rest(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Labels (n, c) whose largest entry stays, while the other values go to random places, of each label its own.

    As soft as before, and without structure. The generator, on the CPU, is the only source of chance. From the
    independent reproduction of paper Q.
    """
    _check(labels)
    order = labels.argsort(dim=1, descending=True, stable=True)
    places = torch.rand(len(labels), labels.shape[1] - 1, generator=generator).argsort(1).to(labels.device)
    rest = order[:, 1:]  # (n, c−1)
    return labels.scatter(1, rest.gather(1, places), labels.gather(1, rest))


def random_soft(classes: Tensor, c: int, certainty: float, generator: torch.Generator) -> Tensor:
    """Labels (n, c) that say nothing but the class: p on it, and 1 − p over the others in uniformly drawn shares.

    classes (n,); 0 < p ≤ 1, and p = 1 is the hard label. The generator is on the CPU. From the independent reproduction
    of paper Q.
    """
    if not 0 < certainty <= 1:
        raise SoftLabelsError(f"A random soft label gives its class p in 0 < p ≤ 1, not {certainty}.")
    shares = torch.rand(len(classes), c, generator=generator).to(classes.device)
    own = classes.unsqueeze(1)
    shares = shares.scatter(1, own, 0.0)
    return (shares * ((1 - certainty) / shares.sum(1, keepdim=True))).scatter(1, own, certainty)


def mix_noise(labels: Tensor, share: float, amount: float, generator: torch.Generator) -> Tensor:
    """The `share` of labels (n, c) with the lowest entropy, blurred: q becomes (1 − a) q + a u, u uniformly drawn.

    u sums to 1; share and a = amount are fractions 0 … 1, and round(share · n) labels change. The generator is on the
    CPU. From the independent reproduction of paper Q.
    """
    _check(labels)
    if not (0 <= share <= 1 and 0 <= amount <= 1):
        raise SoftLabelsError(f"Share and amount of noise lie in 0 … 1, not {share} and {amount}.")
    noise = torch.rand(labels.shape, generator=generator).to(labels)
    surest = entropy(labels).argsort(stable=True)[: round(share * len(labels))]
    blurred = labels.clone()
    blurred[surest] = (1 - amount) * labels[surest] + amount * noise[surest] / noise[surest].sum(1, keepdim=True)
    return blurred


def _check(labels):
    if labels.ndim != 2 or labels.shape[1] < 2:
        raise SoftLabelsError(
            f"Treatments take one table of soft labels (n, c) of two classes or more, not {tuple(labels.shape)}."
        )

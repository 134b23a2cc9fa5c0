"""What can be done to a soft label, and read off it.

In order: a label and its entropy; what is taken from a label before a student sees it (paper B, figure 16, and both
papers' experiments without a class); what its structure is made of (paper Q, figures 3 and 6, and the independent
reproduction's controls); canaries, wrong labels that are planted to count who learns them (the joined chapter).

Letters: n examples, c classes. Logits and probabilities have classes last unless a function says otherwise. Tables of
labels (n, c) are probabilities; where entries are cut, a label is not made to sum to 1 again unless that is asked.
"""

import math

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError


def soften(logits: Tensor, tau: float) -> Tensor:
    """Soft labels at temperature τ: softmax(logits / τ).

    logits (…, n, c) of any float type; returns probabilities of the same shape. Raises SoftLabelsError for τ ≤ 0 and
    for logits that are not finite. Paper B, section 2; paper Q multiplies by an inverse temperature instead.
    """
    check_temperature(tau)
    if not torch.isfinite(logits).all():
        raise SoftLabelsError("The teacher's logits hold NaN or infinity, so they have no soft label; train it anew.")
    return torch.softmax(logits / tau, dim=-1)


def check_temperature(tau: float) -> None:
    """Raises SoftLabelsError unless τ is a positive number."""
    if not (math.isfinite(tau) and tau > 0):
        raise SoftLabelsError(
            f"A temperature must be a positive number, not {tau}; τ = 1 leaves the logits as they are."
        )


def harden(classes: Tensor, c: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Hard labels: classes (…, n) of integers 0 … c−1 become one-hot rows (…, n, c)."""
    if classes.numel() and not (0 <= int(classes.min()) and int(classes.max()) < c):
        raise SoftLabelsError(
            f"Classes must lie in 0 … {c - 1}; these reach {int(classes.min())} … {int(classes.max())}."
        )
    return torch.nn.functional.one_hot(classes.long(), c).to(dtype)


def shuffle_within_class(classes: Tensor, generator: torch.Generator) -> Tensor:
    """A permutation (n,) that gives each example the label of another example of its own class.

    `labels[permutation]` keeps every top class and destroys what a label says about its own image: the shuffled control
    of both papers. classes (n,); the generator is the only source of chance.
    """
    permutation = torch.arange(len(classes))
    for label in classes.unique():
        members = (classes == label).nonzero().flatten()
        permutation[members] = members[torch.randperm(len(members), generator=generator)]
    return permutation


def entropy(labels: Tensor) -> Tensor:
    """Label entropy in nats: probabilities (…, n, c) to (…, n); 0 for a hard label, ln c for a flat one."""
    return torch.special.entr(labels).sum(-1)


def divergence(labels: Tensor, predictions: Tensor) -> Tensor:
    """KL(label ‖ prediction) in nats: probabilities (…, n, c) twice, to (…, n); 0 where the label has been learned."""
    return (torch.special.xlogy(labels, labels) - torch.special.xlogy(labels, predictions)).sum(-1)


# ---- what is taken away (paper B, figure 16) -------------------------------------------------------------------------


def cut_tail(labels: Tensor, fraction: float) -> Tensor:
    """Labels (n, c) with the int(c·f) smallest entries of each set to zero; among equal ones the first classes go.

    Raises SoftLabelsError for labels that are no table and for fractions outside 0 ≤ f < 1. Paper B's figure 16 names
    this treatment; its code applies another, `cut_tail_as_coded`.
    """
    _check(labels)
    count = entries_cut(labels.shape[1], fraction)
    return labels.scatter(1, labels.argsort(dim=1, stable=True)[:, :count], 0.0)


def cut_tail_as_coded(labels: Tensor, fraction: float) -> Tensor:
    """What the official code does instead of `cut_tail`: as many entries of each label go, but not the smallest.

    It sorts a label's classes from the likeliest down, marks the places in that list that hold one of the first
    int(c·f) classes, and then empties the entries at these places of the label as it was, unsorted. So entry j goes
    where the j-th likeliest class is below int(c·f), which has nothing to do with how large entry j is. An example of
    class 0 with a sure teacher always loses its own class. Errors as in `cut_tail`.
    """
    _check(labels)
    count = entries_cut(labels.shape[1], fraction)
    ranked = labels.argsort(dim=1, descending=True, stable=True)  # (n, c): the classes, likeliest first
    return labels.masked_fill(ranked < count, 0.0)


def entries_cut(c: int, fraction: float) -> int:
    """int(c·f): how many of a label's c entries a fraction f cuts. Raises SoftLabelsError outside 0 ≤ f < 1."""
    if not 0 <= fraction < 1:
        raise SoftLabelsError(f"A fraction of a label that is cut lies in 0 ≤ f < 1; given was {fraction}.")
    return int(c * fraction + 1e-9)  # 0.29 · 100 is a little less than 29


def remove_entry(labels: Tensor, classes: Tensor, removed: int) -> Tensor:
    """Labels (n, c) without the entry of one class, except on the examples (classes (n,)) of that class themselves.

    Nobody else's label then says how near its example is to that class. Raises SoftLabelsError for shapes that do not
    fit and for a class outside 0 … c−1. Paper B, figure 16 B.
    """
    _check(labels)
    n, c = labels.shape
    if classes.shape != (n,):
        raise SoftLabelsError(f"Labels of {n} examples need as many classes ({n},), not {tuple(classes.shape)}.")
    if not 0 <= removed < c:
        raise SoftLabelsError(f"The entry that is removed must be a class in 0 … {c - 1}, not {removed}.")
    treated = labels.clone()
    treated[classes != removed, removed] = 0.0
    return treated


def remove_class(classes: Tensor, removed: int) -> Tensor:
    """Which examples are left, (n,) of booleans, when those of one class go.

    The labels of the others keep their entry for it. Raises SoftLabelsError where no example has that class, or all
    have it. Paper B, figure 16 B.
    """
    left = classes != removed
    if left.all() or not left.any():
        raise SoftLabelsError(
            f"To remove class {removed} takes examples of it and others; of these {len(classes)}, "
            f"{int((~left).sum())} are of it."
        )
    return left


def as_training_targets(labels: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities and row weights that train as treated labels t (…, n, c) with row weights w (…, n) do.

    Cross-entropy against t is that against t / Σt, weighted by w·Σt, up to a constant: the loss is −Σ t log p, linear
    in t. The weights are then scaled to sum to 1; a factor on a network's whole loss does not change Adam's steps, but
    for its ε = 1e-8. An empty label becomes a row of zeros with weight 0. Paper B trains on t as it is.
    Raises SoftLabelsError where nothing is left in any label that counts.
    """
    mass = labels.sum(-1)
    weights = weights * mass
    total = weights.sum(-1, keepdim=True)
    if not (total > 0).all():
        raise SoftLabelsError("The treatment leaves nothing in any label, so there is nothing to learn; cut less.")
    return labels / mass.clamp_min(torch.finfo(mass.dtype).tiny).unsqueeze(-1), weights / total


# ---- entries cut, exchanged, shuffled, drawn, blurred (paper Q) ------------------------------------------------------


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


# ---- canaries --------------------------------------------------------------------------------------------------------


def plant_canaries(classes: Tensor, c: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Give the first `count` examples a random wrong label; the others keep theirs. The examples come in random order.

    classes (n,) of integers 0 … c−1. Returns two (n,): the labels with the planted ones among them, and the same with a
    second wrong label, never planted anywhere and never equal to the first, whose rate is what plain recall must beat.
    Raises SoftLabelsError for fewer than three classes and for a count that leaves no canary or nothing else.
    """
    if c < 3:
        raise SoftLabelsError(f"Canaries need at least three classes, so that there are two wrong labels, not {c}.")
    if not 0 < count < len(classes):
        none = "no canary" if count <= 0 else "no clean image"
        raise SoftLabelsError(
            f"{count} canaries among {len(classes)} images leave {none}; take a share of canaries above 0 and below 1."
        )
    shift = torch.randint(1, c, (count,), generator=generator)
    other = torch.randint(1, c - 1, (count,), generator=generator)
    other += other >= shift  # skips the planted one
    planted, unplanted = classes.clone(), classes.clone()
    planted[:count] = (planted[:count] + shift.to(classes)) % c
    unplanted[:count] = (unplanted[:count] + other.to(classes)) % c
    return planted, unplanted


def canary_recall(scores: Tensor, classes: Tensor, planted: Tensor) -> tuple[Tensor, Tensor]:
    """What scores say of a planted label among the wrong ones: whether it is their top, and its rank (1 = top).

    scores (…, n, c), logits or probabilities; classes and planted (n,), the true and the planted label. Returns two
    (…, n). Ties share the top place and take the mean rank, so that chance is exactly 1/(c − 1) and c/2 for any scores.
    """
    value = scores.gather(-1, planted.expand(scores.shape[:-1]).unsqueeze(-1))  # (…, n, 1)
    wrong = torch.arange(scores.shape[-1], device=scores.device) != classes.unsqueeze(-1)  # (n, c)
    above = ((scores > value) & wrong).sum(-1)
    tied = ((scores == value) & wrong).sum(-1) - 1
    return (above == 0) / (1 + tied), 1 + above + tied / 2


def _check(labels):
    if labels.ndim != 2 or labels.shape[1] < 2:
        raise SoftLabelsError(
            f"Labels of two classes or more are treated as one table of soft labels (n, c), not {tuple(labels.shape)}."
        )

"""What can be done to a soft label, and read off it.

Paper B is Behrens and Zdeborová (2026), paper Q is Qin, Deng and Alvarez-Melis (2024). In this order: soft and hard
labels and their entropy; entries and classes taken away (paper B, figure 16); entries exchanged, shuffled or blurred
(paper Q, figures 3 and 6, and controls of paper Q's independent reproduction), and hard labels smoothed; canaries,
which are wrong labels planted on purpose, to count how many of them a student names.

Letters: n examples, c classes. Classes are the last dimension unless a function says otherwise. A table of labels has
shape (n, c) and holds probabilities. A label that lost entries sums to less than 1, and no function that takes entries
away renormalises it unless it is asked to.
"""

import math

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError


def soften(logits: Tensor, tau: float) -> Tensor:
    """Soft labels at temperature τ: softmax(logits / τ).

    logits (…, n, c) of any float type; returns probabilities of the same shape. Raises SoftLabelsError for τ ≤ 0, for
    integers and for logits that are not finite. Paper B, section 2; paper Q multiplies by an inverse temperature.
    """
    check_temperature(tau)
    if not logits.is_floating_point():
        raise SoftLabelsError(f"Logits are real numbers, not {logits.dtype}: probabilities of that type would be 0.")
    if not torch.isfinite(logits).all():
        raise SoftLabelsError("The teacher's logits hold NaN or infinity, so they give no soft labels; train it again.")
    scaled = logits / tau
    if not torch.isfinite(scaled).all():  # beyond the type's range, which differences from the largest are not
        scaled = (logits - logits.amax(-1, keepdim=True)).double() / tau
    return torch.softmax(scaled, dim=-1).to(logits.dtype)


def check_temperature(tau: float) -> None:
    """Raises SoftLabelsError unless τ is a positive number."""
    if not (math.isfinite(tau) and tau > 0):
        raise SoftLabelsError(
            f"A temperature must be a positive number, not {tau}; τ = 1 leaves the logits as they are."
        )


def harden(classes: Tensor, c: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Hard labels: integer classes 0 … c−1 (…, n) become one-hot rows (…, n, c). Raises SoftLabelsError for others."""
    _check_classes(classes, c)
    return torch.nn.functional.one_hot(classes.long(), c).to(dtype)


def shuffle_within_class(classes: Tensor, generator: torch.Generator) -> Tensor:
    """A permutation (n,) that gives each example the label of a random example of its own class, at times its own.

    `labels[permutation]` still names the right class, but no longer says anything about its own example: paper B's
    shuffled control, which the joined chapter uses too. classes (n,); the generator is the only source of randomness.
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


def with_entropy(labels: Tensor, wanted: float) -> Tensor:
    """Labels (n, c) at the temperature that gives them this mean entropy in nats: each entry to one common power.

    Raises SoftLabelsError for an entropy outside 0 … ln c, and where no temperature reaches it, as for hard labels.
    """
    logarithms, low, high = labels.log(), -10.0, 10.0  # bounds of the power's logarithm

    def at(power: float) -> Tensor:
        return (logarithms * math.exp(power)).softmax(-1)

    if not entropy(at(high)).mean() <= wanted <= entropy(at(low)).mean():
        raise SoftLabelsError(f"No temperature gives these labels a mean entropy of {wanted} nats.")
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if entropy(at(middle)).mean() < wanted else (middle, high)
    return at((low + high) / 2)


def retemper(labels: Tensor, times: float) -> Tensor:
    """Labels (n, c) at `times` their temperature: p^(1/times) over its sum. An entry of 0, and a label of 0s, stays."""
    check_temperature(times)
    top = labels.amax(-1, keepdim=True).clamp_min(torch.finfo(labels.dtype).tiny)
    powers = (labels / top).pow(1 / times)  # of the label as it is, all entries could underflow
    return powers / powers.sum(-1, keepdim=True).clamp_min(torch.finfo(labels.dtype).tiny)


def jensen_shannon(labels: Tensor, others: Tensor) -> Tensor:
    """Jensen-Shannon divergence of labels (…, n, c) from others, to (…, n), in base 2: 0 for equal ones, at most 1.

    Half the sum of each one's divergence from their mean; SciPy's `jensenshannon` is its root. Labels need not sum to
    1: each is divided by its sum. Raises SoftLabelsError for a label without a positive entry. Paper Q, figures 8, 12.
    """
    if (labels.sum(-1) <= 0).any() or (others.sum(-1) <= 0).any():
        raise SoftLabelsError("A label without a positive entry names no class, so it has no divergence from another.")
    p, q = labels / labels.sum(-1, keepdim=True), others / others.sum(-1, keepdim=True)
    mean = (p + q) / 2
    return (divergence(p, mean) + divergence(q, mean)) / (2 * math.log(2))


# ---- entries and classes taken away (paper B, figure 16) -------------------------------------------------------------


def cut_tail(labels: Tensor, fraction: float) -> Tensor:
    """Labels (n, c) with the int(c·f) smallest entries of each set to zero; of equal entries the first classes go.

    Raises SoftLabelsError for labels that are not a table and for fractions outside 0 ≤ f < 1. This is what paper B's
    figure 16 describes; the official code does something else, `cut_tail_as_coded`.
    """
    _check(labels)
    count = entries_cut(labels.shape[1], fraction)
    return labels.scatter(1, labels.argsort(dim=1, stable=True)[:, :count], 0.0)


def cut_tail_as_coded(labels: Tensor, fraction: float) -> Tensor:
    """What the official code does instead of `cut_tail`: as many entries of each label go, but not the smallest.

    It lists a label's classes from the likeliest to the least likely, finds the places of that list which hold one of
    the classes 0 … int(c·f) − 1, and zeroes the entries with these places' numbers in the unsorted label. So entry j is
    zeroed if the j-th likeliest class is below int(c·f), however large entry j is. For example, a label whose likeliest
    class is 0 always loses that very entry. Errors as in `cut_tail`.
    """
    _check(labels)
    count = entries_cut(labels.shape[1], fraction)
    ranked = labels.argsort(dim=1, descending=True, stable=True)  # (n, c): the classes, likeliest first
    return labels.masked_fill(ranked < count, 0.0)


def entries_cut(c: int, fraction: float) -> int:
    """int(c·f): how many of a label's c entries are cut for a fraction f. Raises SoftLabelsError outside 0 ≤ f < 1."""
    if not 0 <= fraction < 1:
        raise SoftLabelsError(f"The fraction of a label to cut lies in 0 ≤ f < 1; given was {fraction}.")
    return int(c * fraction + 1e-9)  # 0.29 · 100 is a little less than 29


def remove_entry(labels: Tensor, classes: Tensor, removed: int) -> Tensor:
    """Labels (n, c) without their entry for class `removed`, which only examples of that class keep.

    The labels of all other examples then say nothing about that class. classes (n,) are the true ones. Raises
    SoftLabelsError for shapes that do not fit and for a class outside 0 … c−1. Paper B, figure 16 B.
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
    """Which examples are left, (n,) of booleans, when those of class `removed` are taken out.

    The labels of the others keep their entry for it. Raises SoftLabelsError where no example or every example is of
    that class. Paper B, figure 16 B.
    """
    left = classes != removed
    if left.all() or not left.any():
        raise SoftLabelsError(
            f"Removing class {removed} needs examples of it and of other classes; of these {len(classes)}, "
            f"{int((~left).sum())} are of it."
        )
    return left


def as_training_targets(labels: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities and row weights that train exactly like cut labels t (…, n, c) with row weights w (…, n).

    Fleets take probabilities, but a label that lost entries sums to less than 1. The loss −Σ t log p is linear in t, so
    training on t with weight w is training on t / Σt with weight w·Σt. These weights are then scaled to sum to 1; apart
    from its ε = 1e-8, Adam's steps do not depend on a factor on the whole loss. A label with nothing left becomes a row
    of zeros with weight 0. Paper B trains on t itself.
    Raises SoftLabelsError where no label with a weight has anything left.
    """
    mass = labels.sum(-1)
    weights = weights * mass
    total = weights.sum(-1, keepdim=True)
    if not (total > 0).all():
        raise SoftLabelsError("The treatment leaves nothing in any label, so there is nothing to learn; cut less.")
    return labels / mass.clamp_min(torch.finfo(mass.dtype).tiny).unsqueeze(-1), weights / total


# ---- entries cut, exchanged, shuffled, drawn, blurred (paper Q) ------------------------------------------------------


def top_k(labels: Tensor, k: int, renormalise: bool = False) -> Tensor:
    """The k largest entries of each label (n, c), the others 0; with `renormalise` a label that lost some sums to 1.

    Without it, as in paper Q, a cut label also weighs less in the loss. k = 1 does not give a hard label: it keeps the
    class that the teacher predicts, with the teacher's probability. A label of 0s stays. Raises SoftLabelsError unless
    1 ≤ k ≤ c. Paper Q, figure 6.
    """
    _check(labels)
    if not 1 <= k <= labels.shape[1]:
        raise SoftLabelsError(f"Top K of {labels.shape[1]} entries takes 1 to {labels.shape[1]} of them, not {k}.")
    if k == labels.shape[1]:
        return labels
    order = labels.argsort(dim=1, descending=True, stable=True)  # (n, c): the classes, likeliest first
    kept = labels.scatter(1, order[:, k:], 0.0)
    return kept / kept.sum(1, keepdim=True).clamp_min(torch.finfo(kept.dtype).tiny) if renormalise else kept


def swap_rank(labels: Tensor, rank: int) -> Tensor:
    """Each label (n, c) with two entries exchanged: the one of this rank (1 = the largest) and the smallest.

    A label keeps its values, hence its entropy. Raises SoftLabelsError unless 1 ≤ rank < c. Paper Q, figure 3.
    """
    _check(labels)
    if not 1 <= rank < labels.shape[1]:
        raise SoftLabelsError(f"Ranks to exchange with the last one of {labels.shape[1]} are 1 … "
                              f"{labels.shape[1] - 1}, not {rank}.")  # fmt: skip
    order = labels.argsort(dim=1, descending=True, stable=True)
    pair = order[:, [rank - 1, -1]]  # (n, 2)
    return labels.scatter(1, pair, labels.gather(1, pair.flip(1)))


def shuffle_rest(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Labels (n, c) whose largest entry stays; the other values are shuffled, in each label differently.

    A label stays as soft as it was, but which classes are alike is lost. The generator, on the CPU, is the only source
    of randomness. From the independent reproduction of paper Q.
    """
    _check(labels)
    order = labels.argsort(dim=1, descending=True, stable=True)
    places = torch.rand(len(labels), labels.shape[1] - 1, generator=generator).argsort(1).to(labels.device)
    rest = order[:, 1:]  # (n, c−1)
    return labels.scatter(1, rest.gather(1, places), labels.gather(1, rest))


def random_soft(classes: Tensor, c: int, certainty: float, generator: torch.Generator) -> Tensor:
    """Labels (n, c) that say nothing but the class: p = `certainty` on it, 1 − p in random shares on the others.

    The shares are drawn uniformly and scaled. classes (n,) of integers 0 … c−1, c ≥ 2; 0 < p ≤ 1, and p = 1 gives hard
    labels. The generator is on the CPU. Raises SoftLabelsError for other classes and p. From the independent
    reproduction of paper Q.
    """
    _check_classes(classes, c, least=2)
    if not 0 < certainty <= 1:
        raise SoftLabelsError(f"A random soft label gives its class p in 0 < p ≤ 1, not {certainty}.")
    shares = torch.rand(len(classes), c, generator=generator).to(classes.device)
    own = classes.long().unsqueeze(1)
    shares = shares.scatter(1, own, 0.0)
    return (shares * ((1 - certainty) / shares.sum(1, keepdim=True))).scatter(1, own, certainty)


def smooth(classes: Tensor, c: int, certainty: float) -> Tensor:
    """Label smoothing: labels (n, c) with p = `certainty` on the class and the rest evenly on the others.

    classes (n,) of integers 0 … c−1, c ≥ 2; 1/c ≤ p ≤ 1, and p = 1 gives hard labels. The usual ε is
    c (1 − p) / (c − 1). Raises SoftLabelsError for other classes and p.
    """
    _check_classes(classes, c, least=2)
    if not 1 / c <= certainty <= 1:
        raise SoftLabelsError(f"Label smoothing gives the class of {c} p in 1/{c} … 1, not {certainty}.")
    others = torch.full((len(classes), c), (1 - certainty) / (c - 1), device=classes.device)
    return others.scatter(1, classes.long().unsqueeze(1), certainty)


def mix_noise(labels: Tensor, share: float, amount: float, generator: torch.Generator) -> Tensor:
    """Labels (n, c) of which the `share` with the lowest entropy is blurred: q becomes (1 − a) q + a u.

    u is drawn uniformly and scaled to sum to 1; a = `amount`. Both fractions lie in 0 … 1; round(share · n) labels
    change. The generator is on the CPU. From the independent reproduction of paper Q.
    """
    _check(labels)
    if not (0 <= share <= 1 and 0 <= amount <= 1):
        raise SoftLabelsError(f"The share of labels and the amount of noise lie in 0 … 1, not {share} and {amount}.")
    noise = torch.rand(labels.shape, generator=generator).to(labels)
    surest = entropy(labels).argsort(stable=True)[: round(share * len(labels))]
    blurred = labels.clone()
    blurred[surest] = (1 - amount) * labels[surest] + amount * noise[surest] / noise[surest].sum(1, keepdim=True)
    return blurred


def round_to_bits(labels: Tensor, bits: int) -> Tensor:
    """Each entry on its own to the nearest of 2^b levels from 0 to 1. Raises SoftLabelsError unless 1 ≤ b ≤ 16."""
    if not 1 <= bits <= 16:
        raise SoftLabelsError(f"Labels are rounded to 1 … 16 bits an entry, not {bits}.")
    wide = labels.to(torch.promote_types(labels.dtype, torch.float32))  # half precision ends at 65,504
    return (torch.round(wide * (2**bits - 1)) / (2**bits - 1)).to(labels.dtype)


# ---- canaries --------------------------------------------------------------------------------------------------------


def plant_canaries(classes: Tensor, c: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Plant a random wrong label on the first `count` examples, which the caller has put in random order.

    classes (n,) of integers 0 … c−1. Returns two (n,): the classes with the planted labels, and the classes with a
    control in their place. The control is a second wrong label, drawn like the first and different from it, which no
    network is ever trained on. A student that names planted labels more often than controls has learned of them.
    Raises SoftLabelsError for other classes, for c < 3, and unless there are both canaries and clean examples.
    """
    _check_classes(classes, c)
    if c < 3:
        raise SoftLabelsError(f"Canaries need at least three classes, so that there are two wrong labels, not {c}.")
    if not 0 < count < len(classes):
        none = "no canary" if count <= 0 else "no clean image"
        raise SoftLabelsError(
            f"{count} canaries among {len(classes)} images leave {none}; take a share of canaries above 0 and below 1."
        )
    shift = torch.randint(1, c, (count,), generator=generator)
    other = torch.randint(1, c - 1, (count,), generator=generator)
    other += other >= shift  # never the planted label
    planted, unplanted = classes.clone(), classes.clone()
    planted[:count] = (planted[:count] + shift.to(classes)) % c
    unplanted[:count] = (unplanted[:count] + other.to(classes)) % c
    return planted, unplanted


def canary_recall(scores: Tensor, classes: Tensor, planted: Tensor) -> tuple[Tensor, Tensor]:
    """Where a planted label stands among the c − 1 wrong ones: whether it scores highest, and its rank (from 1).

    scores (…, n, c), logits or probabilities; classes and planted (n,), the true label and the planted one. Returns two
    (…, n). k labels that tie at the top count 1/k each, and ties take their mean rank; so the expectation by chance is
    exactly 1/(c − 1) and c/2, whatever the scores. Raises SoftLabelsError for NaN, and for an example whose planted
    label is the true one, which is no canary.
    """
    if scores.isnan().any():
        raise SoftLabelsError("The scores hold NaN, so no label stands before another.")
    if (planted == classes).any():
        raise SoftLabelsError(f"{int((planted == classes).sum())} of {len(classes)} planted labels are the true ones.")
    value = scores.gather(-1, planted.expand(scores.shape[:-1]).unsqueeze(-1))  # (…, n, 1)
    wrong = torch.arange(scores.shape[-1], device=scores.device) != classes.unsqueeze(-1)  # (n, c)
    above = ((scores > value) & wrong).sum(-1)
    tied = ((scores == value) & wrong).sum(-1) - 1
    return (above == 0) / (1 + tied), 1 + above + tied / 2


def _check_classes(classes, c, least=1):
    if c < least:
        raise SoftLabelsError(f"This takes {least} classes or more, not {c}.")
    if classes.is_floating_point():
        raise SoftLabelsError(f"Classes are integers, not {classes.dtype}.")
    if classes.numel() and not (0 <= int(classes.min()) and int(classes.max()) < c):
        raise SoftLabelsError(
            f"Classes must lie in 0 … {c - 1}; these reach {int(classes.min())} … {int(classes.max())}."
        )


def _check(labels):
    if labels.ndim != 2 or labels.shape[1] < 2:
        raise SoftLabelsError(
            f"This takes one table of soft labels (n, c), not {tuple(labels.shape)}, with two classes or more."
        )

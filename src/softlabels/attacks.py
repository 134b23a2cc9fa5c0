"""Attacks that ask of a label whether it was planted, what they prove about ε, and a mechanism with a known ε.

Letters: K networks, n examples, c classes, m coins.
"""

import math

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError

GUESSED = (1.0, 0.5, 0.25)  # shares of the canaries, the surest first, about which the audit guesses


def log_odds(logits: Tensor, label: Tensor) -> Tensor:
    """Log-odds of a label (n,) against all others with finite logits: (K, n, c) to (K, n), in float64."""
    logits, at = logits.double(), label.expand(logits.shape[:-1]).unsqueeze(-1)
    return logits.gather(-1, at).squeeze(-1) - logits.scatter(-1, at, -math.inf).logsumexp(-1)


def true_positive_rate(positives: Tensor, negatives: Tensor, rate: float) -> float:
    """Share of positives (m,) above the lowest threshold that at most a share `rate` of the negatives (m,) passes.

    Raises SoftLabelsError unless 0 ≤ rate < 1 and both have scores, all of them numbers.
    """
    _check_numbers(positives, negatives)
    if not (0 <= rate < 1 and len(positives) and len(negatives)):
        given = f"a rate of {rate} with {len(positives)} positives and {len(negatives)} negatives"
        raise SoftLabelsError(
            f"A true positive rate needs scores of both kinds and a rate from 0 to below 1, not {given}."
        )
    allowed = int(rate * len(negatives) + 1e-9)
    threshold = negatives.sort(descending=True).values[allowed]
    return float((positives > threshold).double().mean())


def likelihood_ratios(scores: Tensor, told: Tensor) -> Tensor:
    """Log-likelihood ratio of each score (K, n), "told" against "not told", by the other K − 1 networks as shadows.

    told (K, n), bool: whether network k was given that label. Two normal distributions for each label, whose deviations
    are one for all labels, as Carlini et al. (2022, arXiv 2112.03570) advise for few shadows. A label that all shadows
    were given, or none, has a ratio of 0: they say nothing about it. Raises SoftLabelsError for fewer than three
    networks and for other shapes and types.
    """
    if scores.ndim != 2 or told.shape != scores.shape:
        raise SoftLabelsError(f"Scores and `told` are (K, n) both, not {tuple(scores.shape)} and {tuple(told.shape)}.")
    if told.dtype != torch.bool:
        raise SoftLabelsError(f"`told` is true or false for each network and label, not {told.dtype}.")
    if len(scores) < 3:
        raise SoftLabelsError(f"A likelihood ratio needs at least two shadows beside a network, not {len(scores) - 1}.")
    ratios = []
    for k in range(len(scores)):
        shadows = torch.arange(len(scores), device=scores.device) != k
        log = []
        for side in (told[shadows], ~told[shadows]):
            mean = (scores[shadows] * side).sum(0) / side.sum(0).clamp_min(1)
            freedom = (side.sum() - (side.sum(0) > 0).sum()).clamp_min(1)
            deviation = ((((scores[shadows] - mean) ** 2) * side).sum() / freedom).sqrt().clamp_min(1e-9)
            log.append(-(((scores[k] - mean) / deviation) ** 2) / 2 - deviation.log())
        both = told[shadows].any(0) & ~told[shadows].all(0)
        ratios.append(torch.where(both, log[0] - log[1], 0.0))
    return torch.stack(ratios)


def audited(margins: Tensor) -> float:
    """A lower bound on ε, at 95 % confidence, from how far each canary's planted label scores above its other one.

    margins (m,), one for each coin. The audit guesses the higher label, of all canaries or of the surest half or
    quarter; it keeps the largest of the three bounds, each at a third of the error. Raises SoftLabelsError for margins
    that are no numbers, and without any.
    """
    _check_numbers(margins)
    bounds = []
    for share in GUESSED:
        surest = margins[margins.abs().argsort(descending=True, stable=True)[: math.ceil(share * len(margins))]]
        bounds.append(epsilon_bound(int((surest > 0).sum()), len(surest), 1 - 0.05 / len(GUESSED)))
    return max(bounds)


def epsilon_bound(right: int, guesses: int, confidence: float = 0.95) -> float:
    """The largest ε that so many right guesses of fair coins refute: Steinke, Nasr and Jagielski (2023), δ = 0.

    Under ε-differential privacy, their number is at most binomial with probability e^ε / (e^ε + 1) (arXiv 2305.08846,
    theorem 5.2). So ε is the logit of the Clopper–Pearson bound. Raises SoftLabelsError for impossible counts.
    """
    from scipy.stats import binomtest

    if not 0 <= right <= guesses or guesses < 1:
        raise SoftLabelsError(f"Of {guesses} guesses {right} cannot be right; give 0 ≤ right ≤ guesses, at least one.")
    least = binomtest(right, guesses, alternative="greater").proportion_ci(confidence, method="exact").low
    return max(0.0, float(math.log(least / (1 - least)))) if least > 0 else 0.0


def randomise(classes: Tensor, c: int, epsilon: float, generator: torch.Generator) -> Tensor:
    """Randomised response: each class (n,) stays with probability e^ε / (e^ε + c − 1), else becomes any other one.

    This is ε-label-differentially private (Warner 1965). Raises SoftLabelsError unless ε is positive and the classes
    are integers 0 … c−1, c ≥ 2.
    """
    if c < 2 or classes.is_floating_point() or ((classes < 0) | (classes >= c)).any():
        raise SoftLabelsError("Randomised response takes integer classes 0 … c − 1 of two classes or more.")
    if not (math.isfinite(epsilon) and epsilon > 0):
        raise SoftLabelsError(f"Randomised response takes a positive ε, not {epsilon}.")
    moves = torch.rand(len(classes), generator=generator) >= 1 / (1 + (c - 1) * math.exp(-epsilon))
    shift = torch.randint(1, c, (len(classes),), generator=generator)
    return ((classes.long() + (shift * moves).to(classes.device)) % c).to(classes.dtype)  # a byte holds no sums


def _check_numbers(*scores):
    for each in scores:
        if each.ndim != 1 or each.isnan().any():
            raise SoftLabelsError(f"Scores are numbers in one row, (m,); these are {tuple(each.shape)} or hold NaN.")

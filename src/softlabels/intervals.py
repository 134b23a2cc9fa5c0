"""What chance leaves open: 95 % intervals over units, by Student's t or the bootstrap, and Spearman's rank correlation.

A unit is a replicate: a seed in paper B; a draw of images or a teacher in paper Q.
"""

import dataclasses
import itertools
import math
from collections.abc import Callable

import numpy as np
import pandas as pd

ALL_RESAMPLES = 6  # up to so many units every bootstrap sample is taken, with its probability; there are 462 of them
RESAMPLES = 2000  # beyond that, so many are drawn


@dataclasses.dataclass(frozen=True)
class Means:
    """A number read off means over units, such as the place where an averaged curve crosses a level.

    values: one row a unit, one column a point; `read` takes the mean of each column (a Series, indexed as the columns)
    to the number, ±infinity where the grid ends before it is reached. `reach` is what could have been found: from the
    first to the last point of the grid, or −1 to 1 for a correlation. `between` takes the means to the ends between
    which the number lies for sure, where a grid shows it no closer: its neighbouring points. `interval` is the number's
    95 % interval where units cannot be resampled: of six, too few are different to tell how far they spread.
    """

    values: pd.DataFrame
    read: Callable[[pd.Series], float]
    reach: tuple[float, float] = (-math.inf, math.inf)
    interval: tuple[float, float] | None = None
    between: Callable[[pd.Series], tuple[float, float]] | None = None


def t_interval(values) -> tuple[float, float, float]:
    """Mean of values (n,), one a unit, and its 95 % t interval; without an interval (NaN) for a single one."""
    from scipy.stats import t

    values = np.asarray(values, dtype=float)
    mean, n = values.mean(), len(values)
    if n < 2:
        return mean, math.nan, math.nan
    if np.ptp(values) == 0:  # their rounded mean and deviation need not be exactly theirs and zero
        return values[0], values[0], values[0]
    half = t.ppf(0.975, n - 1) * values.std(ddof=1) / math.sqrt(n)
    return mean, mean - half, mean + half


def compared(difference, more="more than", less="less than", neither="neither clearly more nor less than") -> str:
    """The words for a paired difference (n,), one a unit, by its 95 % t interval."""
    _, low, high = t_interval(difference)
    return more if low > 0 else less if high < 0 else neither


def bootstrap_interval(means: Means) -> tuple[float, float, float]:
    """The number read off the means, and its 95 % interval when the units are resampled.

    That is the percentile interval, made as wide as Student's t would be with the resamples' standard error: of few
    units percentiles alone are too narrow (Hesterberg 2015), and of three they are the least and the largest unit. With
    few units every resample is taken with its probability, so nothing here is drawn by chance. Where a grid shows the
    number only `between` two points, the percentiles are the 2.5 % of the lower and the 97.5 % of the upper ones: they
    hold the grid's step too. Where the means bring an interval of their own, that one; a single unit has no interval
    (NaN) but for the grid's step.
    """
    from scipy.stats import t

    if means.interval is not None:
        return means.read(means.values.mean()), *means.interval
    if len(means.values) == 1 and not means.between:
        return means.read(means.values.mean()), math.nan, math.nan
    values = means.values.to_numpy(dtype=float)  # (units, points)
    counts, weights = _resamples(len(values))
    resampled = [pd.Series(row, index=means.values.columns) for row in counts @ values / len(values)]
    numbers = np.array([means.read(mean) for mean in resampled])
    lower, upper = np.array([means.between(mean) for mean in resampled]).T if means.between else (numbers, numbers)
    value = means.read(means.values.mean())
    low, high = _quantile(lower, weights, 0.025), _quantile(upper, weights, 0.975)
    if (n := len(values)) > 1 and np.isfinite([value, *numbers]).all():
        half = t.ppf(0.975, n - 1) * math.sqrt(n / (n - 1) * np.cov(numbers, aweights=weights, ddof=0))
        low, high = min(low, max(value - half, means.reach[0])), max(high, min(value + half, means.reach[1]))
    return value, low, high


def _quantile(numbers: np.ndarray, weights: np.ndarray, q: float) -> float:
    """The smallest of some numbers below or at which lies at least a share `q` of the weights, whose sum is 1."""
    order = np.argsort(numbers)
    reached = np.cumsum(weights[order])
    return numbers[order][min(np.searchsorted(reached, q - 1e-12), len(order) - 1)]


def _resamples(n: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each of n units is in each resample (resamples, n), and each resample's probability."""
    if n > ALL_RESAMPLES:
        drawn = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
        return drawn, np.full(RESAMPLES, 1 / RESAMPLES)
    picks = itertools.combinations_with_replacement(range(n), n)
    counts = np.array([np.bincount(pick, minlength=n) for pick in picks])
    ways = [math.factorial(n) / math.prod(map(math.factorial, row.tolist())) for row in counts]
    return counts, np.array(ways) / n**n


def spearman(values: pd.Series) -> float:
    """Spearman's rank correlation of a curve with its own axis; 0 for a curve that does not move."""
    ranks = values.rank()
    return 0.0 if ranks.nunique() == 1 else float(np.corrcoef(ranks, pd.Series(values.index).rank())[0, 1])

"""Random data: the labels are independent of the inputs, so a network can fit them only by memorising them.

Letters: n examples, d input dimension, c classes, k examples per class.
"""

import numpy as np
import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError
from softlabels.seeds import numpy_stream


def gaussian(n: int, d: int, *stream, dtype: torch.dtype = torch.float32) -> Tensor:
    """Standard normal inputs (n, d), drawn row by row: the first rows stay the same when more are drawn.

    `stream` names the random stream (a name, the settings it depends on, the replicate's seed). Paper B, appendix.
    """
    if n < 1 or d < 1:
        raise SoftLabelsError(f"Random data need at least one example and one dimension, not n = {n} and d = {d}.")
    return torch.from_numpy(numpy_stream(*stream).standard_normal((n, d), dtype=np.float64)).to(dtype)


def balanced_classes(n: int, c: int) -> Tensor:
    """Classes 0, 1, …, c−1, 0, 1, … (n,).

    The inputs are exchangeable, so a fixed order is as random as any. Every prefix of whole rounds is balanced, so a
    student's part can be a prefix, and one set of inputs serves every train fraction.
    """
    return torch.arange(n) % c


def memorised(d: int, c: int, per_class: int, seed: int) -> tuple[Tensor, Tensor]:
    """What the teachers of several studies memorise: inputs (n, d) and classes (n,), n = c·k examples."""
    return gaussian(c * per_class, d, "random data", d, c, per_class, seed), balanced_classes(c * per_class, c)


def fresh(count: int, d: int, c: int, per_class: int, seed: int) -> tuple[Tensor, Tensor]:
    """New examples that neither network sees, (count, d) and (count,); accuracy on them stays at chance."""
    return gaussian(count, d, "fresh data", d, c, per_class, seed), balanced_classes(count, c)


def students_part(per_class: int, rho: float) -> int:
    """The number of examples per class that the student gets: ρ·k rounded down, as in the official code.

    Raises SoftLabelsError where ρ leaves a class without a training or without a held-out example.
    """
    part = int(rho * per_class + 1e-9)
    if not 0 < part < per_class:
        raise SoftLabelsError(
            f"A train fraction ρ = {rho} of {per_class} examples a class leaves "
            f"{'none to train on' if part <= 0 else 'none held out'}; take more examples a class or another ρ."
        )
    return part


def part_of_all(n: int, rho: float, what: str) -> int:
    """m = int(ρn), the size of the student's part of n points or triplets whose classes are not balanced.

    what: "points" or "triplets", for the error. Raises SoftLabelsError where the part or the rest is empty.
    """
    part = int(rho * n + 1e-9)
    if not 0 < part < n:
        raise SoftLabelsError(f"ρ = {rho} of {n} {what} gives a student {part}; take 0 < ρ < 1 and more {what}.")
    return part

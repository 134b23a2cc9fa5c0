"""Random data: inputs without structure and labels without reason, so that to fit them is to memorise them.

Letters: n examples, d input dimension, c classes.
"""

import numpy as np
import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError
from softlabels.seeds import numpy_stream


def gaussian(n: int, d: int, *stream, dtype: torch.dtype = torch.float32) -> Tensor:
    """Standard normal inputs (n, d), drawn row by row: the first rows stay the same when more are asked for.

    `stream` names the random stream (a word, the settings it depends on, the replicate's seed). Paper B, appendix.
    """
    if n < 1 or d < 1:
        raise SoftLabelsError(f"Random data need at least one example and one dimension, not n = {n} and d = {d}.")
    return torch.from_numpy(numpy_stream(*stream).standard_normal((n, d), dtype=np.float64)).to(dtype)


def balanced_classes(n: int, c: int) -> Tensor:
    """Classes 0, 1, …, c−1, 0, 1, … (n,).

    The inputs are exchangeable, so a fixed order is as random as any, and every prefix of whole rounds is balanced:
    a student's part is a prefix and one set of inputs serves every train fraction.
    """
    return torch.arange(n) % c


def students_part(per_class: int, rho: float) -> int:
    """How many of a class's examples the student gets: the whole part of ρ·k, as in the official code.

    Raises SoftLabelsError where ρ leaves a class without a training or without a held-out example.
    """
    kept = int(rho * per_class + 1e-9)
    if not 0 < kept < per_class:
        raise SoftLabelsError(
            f"A train fraction ρ = {rho} of {per_class} examples a class leaves "
            f"{'none to train on' if kept <= 0 else 'none held out'}; take more examples a class or another ρ."
        )
    return kept

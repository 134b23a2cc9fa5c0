"""Small networks on several cores: each thread has networks of its own.

An operation of a tenth of a millisecond is not worth splitting among cores: waiting for the last one costs as much as
is saved, and many times that where another process occupies one of them.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Result = TypeVar("Result")


def shares(count: int, device: str | torch.device) -> list[slice]:
    """`count` networks in as many nearly equal parts as PyTorch may use threads; in one on any other device."""
    parts = min(count, torch.get_num_threads()) if torch.device(device).type == "cpu" else 1
    ends = [count * i // parts for i in range(parts + 1)]
    return [slice(first, last) for first, last in zip(ends, ends[1:], strict=False)]


def side_by_side(work: Callable[[int], Result], count: int) -> list[Result]:
    """[work(0), …, work(count − 1)] at once, on one core each; one alone has all cores."""
    if count == 1:
        return [work(0)]
    cores = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return list(pool.map(work, range(count)))
    finally:
        torch.set_num_threads(cores)  # the number that later threads begin with

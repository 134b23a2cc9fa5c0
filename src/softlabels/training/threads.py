"""Small networks on several cores: each thread has networks of its own.

Where an operation takes a tenth of a millisecond, sharing it out among cores and waiting for the last one costs as much
as it saves, and many times that where another process is on one of them.
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
        torch.set_num_threads(cores)  # what threads that are yet to come begin with

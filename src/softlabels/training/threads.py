"""Small networks on several CPU cores: each thread computes some of the networks.

Splitting an operation of 0.1 ms among cores does not pay. Waiting for the slowest core takes as long as was saved, and
many times as long where another process uses that core.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Result = TypeVar("Result")


def shares(count: int, device: str | torch.device) -> list[slice]:
    """Slices that cut `count` networks into one nearly equal part per PyTorch thread; a single slice on a GPU."""
    parts = min(count, torch.get_num_threads()) if torch.device(device).type == "cpu" else 1
    ends = [count * i // parts for i in range(parts + 1)]
    return [slice(first, last) for first, last in zip(ends, ends[1:], strict=False)]


def side_by_side(work: Callable[[int], Result], count: int) -> list[Result]:
    """[work(0), …, work(count − 1)], computed at the same time on one thread each; a single one uses all threads."""
    if count == 1:
        return [work(0)]
    cores = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return list(pool.map(work, range(count)))
    finally:
        torch.set_num_threads(cores)  # or every later thread would begin with one

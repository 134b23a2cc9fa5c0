"""CUDA graphs: the kernels of a step, recorded once and then launched together.

A fleet of small networks asks a GPU for dozens of kernels of a few microseconds each; one by one, launching them takes
longer than computing them. This is off unless the variable SOFTLABELS_CUDA_GRAPHS is 1, because no GPU has measured it.
"""

import os
from collections.abc import Callable

import torch

SWITCH = "SOFTLABELS_CUDA_GRAPHS"
WARM_UP = 3  # calls before the recording, in which libraries choose kernels and take their memory


def repeated(work: Callable[[], None], device: str | torch.device) -> Callable[[], None]:
    """`work` as it is to be called at every step: on a GPU, where graphs are on, a replay of its recording.

    `work` uses the same tensors at every call, and what it writes depends only on what it does not write: so it may be
    called more often than necessary. It must not wait for the GPU.
    """
    return record(work) if torch.device(device).type == "cuda" and os.environ.get(SWITCH) == "1" else work


def record(work: Callable[[], None]) -> Callable[[], None]:
    """The replay of one call of `work` on the current GPU, recorded after WARM_UP calls on a stream of their own."""
    own = torch.cuda.Stream()
    own.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(own):
        for _ in range(WARM_UP):
            work()
    torch.cuda.current_stream().wait_stream(own)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay

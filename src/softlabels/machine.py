"""The name of this machine, and its speed for a large matrix product and a large copy."""

import platform
import time
from collections.abc import Callable
from pathlib import Path

import torch

from softlabels.training.products import product

ROUNDS = 5  # the fastest counts
SIDE = {"cpu": 2048, "cuda": 8192}  # of the matrices: large enough to occupy the device


def machine_speed(device: str = "cpu", dtype: torch.dtype = torch.float32) -> tuple[float, float]:
    """FLOP/s of a product of square matrices and bytes/s of a copy of 128 MB; the best of ROUNDS measurements."""
    side, generator = SIDE[device], torch.Generator(device).manual_seed(0)
    a, b = (torch.randn(side, side, generator=generator, device=device).to(dtype) for _ in range(2))
    source, out = torch.randn(2**25, generator=generator, device=device), torch.empty_like(a)
    target = torch.empty_like(source)
    multiply = min(seconds_of(lambda: product(a, b, out), device) for _ in range(ROUNDS))
    copy = min(seconds_of(lambda: target.copy_(source), device) for _ in range(ROUNDS))
    return 2 * side**3 / multiply, 2 * source.nbytes / copy


def seconds_of(work: Callable[[], object], device: str = "cpu") -> float:
    """Wall-clock seconds of `work()`, including what it leaves running on a GPU."""
    begin = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - begin


def device_name(device: str) -> str:
    """The model name of this machine's GPU or processor."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines() if cpuinfo.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()

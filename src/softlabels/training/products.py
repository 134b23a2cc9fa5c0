"""Which library multiplies large float32 matrices on the CPU.

PyTorch calls Intel's MKL, which does not use the widest instructions of other makers' processors. oneDNN, which PyTorch
also ships, does. Measured with this package's products on one thread of an AMD EPYC with AVX-512: MKL 80 to 100
GFLOP/s, oneDNN 160 to 200.
"""

from functools import cache
from pathlib import Path

import torch
from torch import Tensor

WORTH_IT = 4e6  # operations of a product; below, oneDNN's overhead per call outweighs its gain


def product(left: Tensor, right: Tensor, out: Tensor) -> Tensor:
    """left (r, k) times right (k, s), written to `out` (r, s), or returned in a new tensor where oneDNN computes it.

    For m networks: left (m, r, k), right (m, k, s) or one matrix (k, s) for all, out (m, r, s).
    """
    if right.ndim == 3:
        if len(left) > 1:
            return torch.bmm(left, right, out=out)
        return product(left[0], right[0], out[0]).unsqueeze(0)
    if left.ndim == 3:  # all networks in one product
        return product(left.flatten(0, 1), right, out.flatten(0, 1)).view(out.shape)
    large = 2 * left.shape[0] * left.shape[1] * right.shape[1] >= WORTH_IT
    if large and left.dtype == torch.float32 and left.device.type == "cpu" and (linear := onednn_linear()):
        return linear(left, right.mT, None, "none", [], "")
    return torch.mm(left, right, out=out)


@cache
def onednn_linear():
    """oneDNN's linear layer, which `torch.compile` uses on CPUs; None where MKL is as fast or oneDNN is missing."""
    processor = Path("/proc/cpuinfo")
    amd = processor.is_file() and "AuthenticAMD" in processor.read_text(encoding="utf-8", errors="replace")
    if amd and torch.backends.mkldnn.is_available() and torch.backends.cpu.get_cpu_capability() == "AVX512":
        return getattr(torch.ops.mkldnn, "_linear_pointwise", None)
    return None

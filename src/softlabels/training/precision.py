"""How a large network is trained on this machine: number type, compiled or not, memory format.

On CPUs bfloat16 is faster where the processor has instructions for it (AMX, AVX512-BF16), and slower elsewhere.
`torch.compile` makes a step about twice as fast again. glibc must be set to reuse the memory of large tensors, which it
otherwise returns to the system and requests again at every step.
"""

import ctypes
import os
import platform
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn
from torch.utils._triton import has_triton

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD, M_MMAP_MAX = -1, -2, -3, -4  # glibc's malloc.h


@dataclass(frozen=True)
class Precision:
    """Number type, compilation and memory format of training; weights, loss and optimiser are always float32."""

    dtype: str  # of convolutions and products: "bfloat16", "float16" or "float32"
    compiled: bool
    channels_last: bool

    def run(self, network: nn.Module, images: Tensor, size: int) -> Tensor:
        """Logits (n, c) of images (n, ch, h, w); `size` is the batch size for which a network is compiled.

        A compiled network gets a shorter batch filled up with blank images, unless it normalises over the batch.
        """
        n = len(images)
        if self.channels_last:
            images = images.contiguous(memory_format=torch.channels_last)
        if self.compiled and n < size and not _normalises_batches(network):
            images = torch.cat([images, images.new_zeros(size - n, *images.shape[1:])])
        with self._autocast(images.device.type):
            return _run(self.compiled)(network, images)[:n]

    def _autocast(self, device):
        return nullcontext() if self.dtype == "float32" else torch.autocast(device, getattr(torch, self.dtype))

    def scaler(self, device: str | torch.device) -> torch.amp.GradScaler:
        """A scaler of the loss: without it small float16 gradients vanish. It does nothing for other types."""
        return torch.amp.GradScaler(torch.device(device).type, enabled=self.dtype == "float16")


PLAIN = Precision("float32", compiled=False, channels_last=False)


def decide(device: str | torch.device, compiled: bool = True) -> Precision:
    """The fastest precision on this machine; `compiled=False` is for runs too short to wait for a compiler."""
    compiled = compiled and has_compiler()
    if torch.device(device).type == "cuda":
        compiled = compiled and has_triton()
        dtype = "bfloat16" if torch.cuda.get_device_capability(device) >= (8, 0) else "float16"
        return Precision(dtype, compiled, channels_last=True)
    return Precision("bfloat16" if multiplies_bfloat16() else "float32", compiled, channels_last=compiled)


@cache
def _run(compiled):
    """One function for all networks, so that a second network with the same layers is not compiled again."""

    def run(network, images):
        return network(images)

    if not compiled:
        return run
    torch._dynamo.config.recompile_limit = 64  # one process may need more shapes and types than the default 8
    return torch.compile(run, dynamic=False)


def _normalises_batches(network):
    return any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in network.modules())


def multiplies_bfloat16() -> bool:
    """Whether this processor has instructions for products of bfloat16, and oneDNN may use them."""
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA", os.environ.get("DNNL_MAX_CPU_ISA", "")).upper()
    if limit and limit not in ("ALL", "DEFAULT") and "BF16" not in limit and "AMX" not in limit:
        return False
    return bool({"amx_bf16", "avx512_bf16"} & _flags())


@cache
def _flags():
    try:
        with open("/proc/cpuinfo") as file:
            return set(next(line for line in file if line.startswith("flags")).split())
    except (OSError, StopIteration):
        return set()


@cache
def has_compiler() -> bool:
    """Whether `torch.compile` has a C++ compiler; prints one warning per process if it has none."""
    from torch._inductor import cpp_builder, exc

    try:
        cpp_builder.get_cpp_compiler()
    except (exc.InvalidCxxCompiler, RuntimeError, OSError):
        print("No C++ compiler was found: networks train at about half the speed.", file=sys.stderr)
        return False
    return True


@cache
def keep_memory() -> bool:
    """Make glibc keep the memory of freed tensors instead of handing it back; returns whether that was possible.

    Only for processes that train, because they then stay at their peak memory. Call it before the first large tensor.
    """
    return _set_malloc({M_MMAP_MAX: 0, M_TRIM_THRESHOLD: 2**31 - 1, M_TOP_PAD: 2**28})


@contextmanager
def memory_handed_back():
    """Run a block with the settings that glibc itself reaches after some large tensors, to time the plain loop."""
    usual = {M_MMAP_MAX: 65536, M_MMAP_THRESHOLD: 2**25, M_TRIM_THRESHOLD: 2**26, M_TOP_PAD: 2**17}
    if _set_malloc(usual):
        ctypes.CDLL(None).malloc_trim(0)
    try:
        yield
    finally:
        if keep_memory.cache_info().currsize:  # it was in effect before
            keep_memory.cache_clear()
            keep_memory()


def _set_malloc(options):
    if platform.system() != "Linux" or platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    return all(libc.mallopt(option, value) for option, value in options.items())


def prepare(network: nn.Module, device: str | torch.device, precision: Precision) -> nn.Module:
    """The network, moved to its device and memory format."""
    keep_memory()
    layout = torch.channels_last if precision.channels_last else torch.contiguous_format
    return network.to(device).to(memory_format=layout)

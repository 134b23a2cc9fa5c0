"""Random streams. Each is named, and seeded from the settings that it depends on and a replicate number.

No global generator is touched: the same stream gives the same numbers wherever and in whatever order it is asked for.
"""

import hashlib
import json

import numpy as np
import torch


def stream_seed(name: str, *settings) -> int:
    """A 63-bit seed for the stream `name` of these settings (the replicate's number among them)."""
    text = json.dumps([name, *settings], separators=(",", ":"), allow_nan=False)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def numpy_stream(name: str, *settings) -> np.random.Generator:
    """NumPy's generator for a stream: its normal draws are stable under taking more of them."""
    return np.random.default_rng(stream_seed(name, *settings))


def torch_stream(name: str, *settings) -> torch.Generator:
    """PyTorch's generator (on the CPU, so that every device starts alike) for a stream."""
    return torch.Generator().manual_seed(stream_seed(name, *settings))

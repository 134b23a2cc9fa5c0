"""Random streams. Each is named, and seeded from the settings that it depends on and a replicate number.

No global generator is used: a stream gives the same numbers wherever, and in whatever order, streams are created.
"""

import hashlib
import json

import numpy as np
import torch


def stream_seed(name: str, *settings) -> int:
    """A 63-bit seed for the stream `name` with these settings, which include the replicate's number."""
    text = json.dumps([name, *settings], separators=(",", ":"), allow_nan=False)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def numpy_stream(name: str, *settings) -> np.random.Generator:
    """NumPy's generator for a stream; more normal draws leave the first ones as they were."""
    return np.random.default_rng(stream_seed(name, *settings))


def torch_stream(name: str, *settings) -> torch.Generator:
    """PyTorch's generator for a stream, on the CPU, so that its numbers are the same for every device."""
    return torch.Generator().manual_seed(stream_seed(name, *settings))

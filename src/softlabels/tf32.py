"""TF32: float32 products on a GPU that read ten bits of each factor's mantissa, and are several times as fast.

Soft labels at a high temperature differ in their fourth digit, which TF32 rounds away. So it is off. The variable
SOFTLABELS_TF32=1 turns it on for those studies of paper B of which `softlabels verify STUDY --tf32 --record` has found
that no cell moves further than is allowed. Paper Q's networks have bfloat16. No GPU has measured any of this yet.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from tqdm.auto import tqdm

from softlabels.code_hash import code_hash
from softlabels.store import PUBLISHED_SCALES, committed
from softlabels.study import Study

SWITCH = "SOFTLABELS_TF32"
DEVICE = "cuda, TF32"  # of its evidence, which shows nothing of rows in float32


@contextmanager
def products(device: str, tf32: bool = False) -> Iterator[None]:
    """A block in which a GPU's float32 products and convolutions are TF32's, or float32's; nothing changes on a CPU.

    It sets both either way, for PyTorch's own choice is float32 for products and TF32 for convolutions.
    """
    backends = (torch.backends.cuda.matmul, torch.backends.cudnn) if device == "cuda" else ()
    before = [backend.allow_tf32 for backend in backends]
    for backend in backends:
        backend.allow_tf32 = tf32
    try:
        yield
    finally:
        for backend, was in zip(backends, before, strict=True):
            backend.allow_tf32 = was


def cache_of(cache: Path, tf32: bool) -> Path:
    """The cache folder of a pack: teachers that were trained in TF32 are kept apart from the others."""
    return cache / "tf32" if tf32 else cache


def is_for(study: Study) -> bool:
    """Whether TF32 can make a study faster: its arithmetic is float32, and not bfloat16 or float64."""
    return study.id.startswith("memorized/") and study.dtype == "float32"


def wanted(study: Study, device: str, runs: list) -> bool:
    """Whether runs of a study go in TF32; where somebody wants it and it was not compared, a line says that they don't.

    A kind of runs needs a comparison by today's code that found it the same, and none that found it different.
    """
    if device != "cuda" or os.environ.get(SWITCH) != "1" or not is_for(study):
        return False
    today, found = code_hash(study.run_pack), {True: set(), False: set()}
    for scale in PUBLISHED_SCALES:
        for each in committed(study.id, scale).evidence:  # some may have come with rows taken from another study
            if (each["device"], each["to"]) == (DEVICE, today) and each["pack"].startswith(f"{study.id}."):
                found[each["same"]].update(each["kinds"])
    allowed = {study.kind(run) for run in runs} <= found[True] - found[False]
    if not allowed:
        tqdm.write(
            f"{study.id} runs in float32: TF32 waits for `softlabels verify {study.id} --tf32 --record` to find its "
            "rows the same.",
            file=sys.stderr,
        )
    return allowed

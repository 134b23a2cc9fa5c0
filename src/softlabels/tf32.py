"""TF32: float32 products on a GPU that read ten bits of each factor's mantissa, and are several times as fast.

Soft labels at a high temperature differ in their fourth digit, which TF32 rounds away. So it is off. The variable
SOFTLABELS_TF32=1 turns it on for studies whose stored float32 rows `softlabels verify STUDY --tf32 --record` has found
to come out the same. No GPU has measured it yet.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from softlabels.code_hash import code_hash
from softlabels.errors import SoftLabelsError
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


def wanted(study: Study, device: str, runs: list) -> bool:
    """Whether runs of a study go in TF32. Raises SoftLabelsError where they should and it was not compared."""
    if device != "cuda" or os.environ.get(SWITCH) != "1":
        return False
    today, compared = code_hash(study.run_pack), set()
    for scale in PUBLISHED_SCALES:
        for finding in committed(study.id, scale).evidence:
            if (finding["device"], finding["to"]) == (DEVICE, today):
                compared.update(finding["kinds"])
    if missing := sorted({study.kind(run) for run in runs} - compared):
        which = f" ({'; '.join(missing)})" if any(missing) else ""
        raise SoftLabelsError(
            f"{SWITCH} is 1, but TF32 was not compared with float32 in {study.id}{which}; run it without the variable, "
            f"then `softlabels verify {study.id} --tf32 --record`."
        )
    return True

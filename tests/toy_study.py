"""A study of eight packs that costs nothing, for tests of the sweep; importable in worker processes."""

import importlib
import math
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from softlabels.study import Row, Study


@dataclass(frozen=True)
class Settings:
    """One toy run."""

    group: int  # runs of a group train together
    rate: float
    seed: int


def run_pack(pack, device, cache):
    """Say in TOY_LOG which group ran; wait TOY_WAIT seconds; die once in group 3 while TOY_DIE names a missing file."""
    if log := os.environ.get("TOY_LOG"):
        with Path(log).open("a") as file:
            file.write(f"{pack[0].group}\n")
    time.sleep(float(os.environ.get("TOY_WAIT", 0)))
    fuse = os.environ.get("TOY_DIE")
    if fuse and pack[0].group == 3 and not Path(fuse).exists():
        Path(fuse).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ.get("TOY_FAIL") == str(pack[0].group):
        raise ValueError("the toy broke")
    curve = [(1, 0.5), (2, math.nan if os.environ.get("TOY_NAN") == str(pack[0].group) else 0.25)]
    return [Row(s, {"score": s.rate * (s.seed + 1) / 3, "whole": 1.0}, {"loss": curve}) for s in pack]


def grid(seeds=None):
    """Eight groups of two rates and `seeds` replicates."""
    return [
        Settings(group, rate, seed) for group in range(8) for rate in (0.1, 1 / 3) for seed in range(seeds or 2)
    ]  # fmt: skip


def flops(pack):
    """One a run."""
    return float(len(pack))


def set_environment(**names):
    """On a worker: environment variables."""
    os.environ.update(names)


def put(module, name, value):
    """On a worker: another value for what a module holds."""
    setattr(importlib.import_module(module), name, value)


STUDY = Study(
    id="memorized/toy",
    settings=Settings,
    grids={"smoke": grid, "paper": grid},
    pack_key=lambda s: s.group,
    run_pack=run_pack,
    flops=flops,
    bytes=flops,
)

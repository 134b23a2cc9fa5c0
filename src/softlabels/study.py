"""What a study is: a grid of settings at each scale, and a function that turns a pack of them into rows."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Set
from pathlib import Path
from typing import Any

from softlabels.errors import SoftLabelsError

SCALES = ("smoke", "quick", "reduced", "paper")


@dataclasses.dataclass(frozen=True)
class Row:
    """What one run returns: its settings, its numbers and, where there are any, its curves."""

    settings: Any
    metrics: dict[str, float]
    curves: dict[str, list[tuple[int, float]]] = dataclasses.field(default_factory=dict)  # name -> [(step, value)]


@dataclasses.dataclass(frozen=True)
class Tolerance:
    """How far a metric computed anew may lie from the stored one, and why it need not be equal to six digits."""

    absolute: float
    because: str


@dataclasses.dataclass(frozen=True)
class Study:
    """One section of a paper as runs. `id` names its files: `results/<id>.<scale>.csv`.

    `kind` to `reproducible` say how `softlabels verify` compares stored rows with today's code.
    """

    id: str
    settings: type  # a frozen dataclass with a field `seed`
    grids: dict[str, Callable[[int | None], list]]  # scale -> grid(seeds): every run of that scale
    pack_key: Callable[[Any], Hashable]  # runs with equal keys have one shape and train together
    run_pack: Callable[[list, str, Path], list[Row]]  # (pack, device, cache folder) -> a row a run, in the pack's order
    flops: Callable[[list], float]  # arithmetic of one pack
    bytes: Callable[[list], float]  # memory that one pack holds at once
    dtype: str = "float32"
    kind: Callable[[Any], str] = lambda settings: ""  # which branch of `run_pack` a run takes: evidence covers one kind
    tolerance: Tolerance | None = None  # None: equal to six digits
    first_steps: Callable[[list], list] | None = None  # a pack cut short, which takes old and new code moments
    reproducible: bool = True  # False: rounding grows so fast that only first steps can be compared
    gpu_pack_key: Callable[[Any], Hashable] | None = None  # of larger packs, where the others leave a GPU idle

    def grid(self, scale: str, seeds: int | None = None) -> list:
        """Every run of `scale`, with `seeds` replicates (None: as many as the study wants)."""
        if scale not in self.grids:
            raise SoftLabelsError(f"{self.id} has no scale {scale!r}; choose one of {', '.join(self.grids)}.")
        if seeds is not None and seeds < 1:
            raise SoftLabelsError(f"--seeds must be at least 1, not {seeds}.")
        return self.grids[scale](seeds)

    def packs(self, scale: str, seeds: int | None = None, device: str = "cpu") -> list[list]:
        """The grid, grouped by shape; a pack trains and is stored as a whole. A part of one is a pack too."""
        key = self.gpu_pack_key if self.gpu_pack_key and device == "cuda" else self.pack_key
        groups: dict[Hashable, list] = {}
        for settings in self.grid(scale, seeds):
            groups.setdefault(key(settings), []).append(settings)
        return list(groups.values())


def one_of(name: str, value: object, allowed: Iterable) -> None:
    """Raise SoftLabelsError unless a setting has one of the values that it may have."""
    if value not in (allowed := tuple(allowed)):
        raise SoftLabelsError(f"The setting {name!r} is one of {', '.join(map(repr, allowed))}, not {value!r}.")


def identity(settings: Any) -> str:
    """16 hexadecimal digits: the SHA-256 of the settings' canonical JSON (sorted names, floats by `repr`)."""
    text = json.dumps(dataclasses.asdict(settings), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def pack_name(pack: list) -> str:
    """The name of a pack's file: a hash of the identities of its runs."""
    return hashlib.sha256(" ".join(sorted(map(identity, pack))).encode()).hexdigest()[:16]


def left_of(packs: list[list], done: Set[str]) -> list[list]:
    """What is left of packs without the runs of some identities; what is left of a pack trains as a pack of its own."""
    left = ([run for run in pack if identity(run) not in done] for pack in packs)
    return [pack for pack in left if pack]

"""What must never change unnoticed: `python tests/pinned_runs.py` prints identities and random streams as JSON.

An identity names a stored row, and a stream's name seeds its random numbers: if either changes, rows are orphaned or
come out differently. Run it only to add a study or a grid; an entry that changes by it needs a reason.
"""

import hashlib
import json
import tempfile
from pathlib import Path

from softlabels import seeds
from softlabels.studies import STUDIES, find
from softlabels.study import identity

SAMPLE = (
    "memorized/two_dimensions", "memorized/linear_recovery", "memorized/temperature", "memorized/random_networks",
    "memorized/label_treatments", "memorized/modular_mlp", "memorized/many_classes", "joined/utility_and_leakage",
    "label_worth/teacher_epochs", "label_worth/synthetic_images", "label_worth/image_choice",
    "label_worth/shuffled_and_random",
)  # fmt: skip


def identities() -> dict[str, dict[str, str]]:
    """Study -> scale -> how many runs its grid has, and a hash of their identities in order."""
    found: dict[str, dict[str, str]] = {}
    for name in STUDIES:
        study = find(name)
        for scale in study.grids:
            runs = [identity(settings) for settings in study.grid(scale)]
            digest = hashlib.sha256(" ".join(runs).encode()).hexdigest()[:12]
            found.setdefault(name, {})[scale] = f"{len(runs)} runs, {digest}"
    return found


def streams() -> dict[str, list[str]]:
    """Study -> the names of the streams that its last smoke pack draws from, each with a hash of its seeds."""
    calls: dict[str, set[int]] = {}
    plain = seeds.stream_seed

    def noted(name, *settings):
        calls.setdefault(name, set()).add(seed := plain(name, *settings))
        return seed

    seeds.stream_seed = noted
    found = {}
    with tempfile.TemporaryDirectory() as cache:
        for name in SAMPLE:
            calls.clear()
            study = find(name)
            study.run_pack(study.packs("smoke", 1)[-1], "cpu", Path(cache))
            found[name] = [f"{stream} {_hash(calls[stream])}" for stream in sorted(calls)]
    return found


def _hash(numbers: set[int]) -> str:
    return hashlib.sha256(" ".join(map(str, sorted(numbers))).encode()).hexdigest()[:12]


if __name__ == "__main__":
    print(json.dumps({"identities": identities(), "streams": streams()}, indent=1))

"""Whether rows come out in TF32 as they are stored in float32: the cells of a study, compared on a GPU."""

import dataclasses
import datetime
import math
from collections.abc import Iterable, Sequence

from softlabels.code_hash import code_hash
from softlabels.errors import SoftLabelsError
from softlabels.intervals import t_interval
from softlabels.machine import device_name
from softlabels.paths import cache_folder
from softlabels.store import add_evidence, committed, older_packs, settings_by_pack, six_digits
from softlabels.study import Study, identity
from softlabels.sweep import with_settings
from softlabels.tf32 import DEVICE, products
from softlabels.words import count

SHARES = ("accuracy", "agreement")  # the metrics that are compared: they tell one phase from the next
ALLOWED = 0.005  # how far TF32 may move a cell's mean, or by half its 95 % t interval over replicates


@dataclasses.dataclass(frozen=True)
class Comparison:
    """How far TF32 moves the cells of a study. A cell is runs that are equal but for their seed."""

    study: str
    scale: str
    cells: int
    largest: float  # move of a cell's mean
    differing: tuple[str, ...]  # a line for each mean that moved further than is allowed
    evidence: dict

    def __str__(self) -> str:
        moved = f"{count(self.cells, 'cell')} in TF32, no mean moved by more than {100 * self.largest:.2f} points"
        said = f"NOT the same: {'; '.join(self.differing[:5])}{' …' if len(self.differing) > 5 else ''}"
        return f"{self.study} {self.scale}, {moved}: {said if self.differing else 'the same'}"


def compare(study: Study, scale: str, only: Sequence[str] = (), device: str = "cuda") -> Comparison:
    """Compute a study's stored float32 packs again in TF32, and compare the accuracies and agreements of each cell.

    only: settings, as in `sweep.with_settings`, best of a phase's boundary; a pack that holds such a run is computed
    whole. device: `cpu`, where TF32 is nothing, is for tests. Raises SoftLabelsError where no rows of today's code are
    stored of the device, and for a study that needs more than float32.
    """
    if study.dtype != "float32":
        raise SoftLabelsError(f"{study.id} computes in {study.dtype}, so TF32 is not for it.")
    whole = committed(study.id, scale)
    older = set(older_packs(study.id, whole))
    packs = {
        name: pack
        for name, pack in settings_by_pack(study, whole).items()
        if name.endswith(f".{device}") and name not in older and not whole.packs[name].get("tf32")
    }
    if only and packs:
        chosen = set(with_settings(study, scale, [run for pack in packs.values() for run in pack], only))
        packs = {name: pack for name, pack in packs.items() if chosen.intersection(pack)}
    if not packs:
        raise SoftLabelsError(
            f"{study.id} has no rows at {scale} scale that today's code made on a GPU in float32, so there is nothing "
            "to compare TF32 with."
        )
    stored = whole.rows[whole.rows["device"] == device].set_index("identity").to_dict("index")
    pairs: dict[tuple, list[tuple[dict, dict]]] = {}
    with products(device, tf32=True):
        for pack in packs.values():
            for row in study.run_pack(pack, device, cache_folder()):
                cell = tuple(value for name, value in dataclasses.asdict(row.settings).items() if name != "seed")
                pairs.setdefault(cell, []).append((stored[identity(row.settings)], row.metrics))
    moves = [move for of_cell in pairs.values() for move in _moves(of_cell)]
    if not moves:
        raise SoftLabelsError(f"The rows of {study.id} hold no {' or '.join(SHARES)} to compare TF32 by.")
    evidence = {
        "from": code_hash(study.run_pack),
        "to": code_hash(study.run_pack),
        "kinds": sorted({study.kind(run) for pack in packs.values() for run in pack}),
        "device": DEVICE,
        "pack": f"{study.id}.{scale} {' '.join(only) or 'all'}",
        "how": f"recomputed in TF32, {count(len(pairs), 'cell')}",
        "largest_difference": six_digits(max(move for _, move, _ in moves)),
        "tolerance": ALLOWED,
        "because": "or half a cell's 95 % t interval over replicates, where that is more",
        "machine": device_name(device),
        "date": datetime.date.today().isoformat(),
    }
    differing = [
        f"{metric} of a cell moved by {move:.4f}, allowed are {allowed:.4f}"
        for metric, move, allowed in moves
        if not move <= allowed
    ]
    return Comparison(study.id, scale, len(pairs), max(move for _, move, _ in moves), tuple(differing), evidence)


def _moves(cell: list[tuple[dict, dict]]) -> Iterable[tuple[str, float, float]]:
    """(metric, move of its mean, what is allowed) of one cell, whose runs are pairs of stored and new metrics."""
    for metric in cell[0][1]:
        if metric.endswith(SHARES):
            mean, low, _ = t_interval([was[metric] for was, _ in cell])
            again, _, _ = t_interval([six_digits(new[metric]) for _, new in cell])
            yield metric, abs(again - mean), max(ALLOWED, 0.0 if math.isnan(low) else mean - low)


def record(comparison: Comparison) -> bool:
    """Write a comparison beside the rows that it was made with, unless something differs; whether it was written."""
    if not comparison.differing:
        add_evidence(comparison.study, comparison.scale, [comparison.evidence])
    return not comparison.differing

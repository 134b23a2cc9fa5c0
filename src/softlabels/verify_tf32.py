"""Whether rows come out in TF32 as they are stored in float32: the cells of a study, compared on a GPU."""

import dataclasses
import datetime
import math
from collections.abc import Iterator, Sequence

import pandas as pd
from tqdm.auto import tqdm

from softlabels.code_hash import code_hash
from softlabels.errors import SoftLabelsError
from softlabels.intervals import t_interval
from softlabels.machine import device_name
from softlabels.paths import cache_folder
from softlabels.store import add_evidence, committed, older_packs, packs_in_tf32, settings_by_pack, six_digits
from softlabels.study import Study, identity
from softlabels.tf32 import DEVICE, cache_of, is_for, products
from softlabels.verify import holding, not_the_same
from softlabels.words import count

SHARES = ("accuracy", "agreement")  # in the names of the metrics that are compared: they tell one phase from the next
CERTAIN, BY_CHANCE = 0.005, 0.02  # how far a cell's mean may move; and where the replicates' moves have both signs


@dataclasses.dataclass(frozen=True)
class Comparison:
    """How far TF32 moves the cells of a study. A cell is runs that are equal but for their seed."""

    study: str
    scale: str
    cells: int
    largest: float  # move of a cell's mean; infinite where a number is missing
    differing: tuple[str, ...]  # a line for each mean that moved further than is allowed
    evidence: dict

    def __str__(self) -> str:
        found = not_the_same(self.differing) if self.differing else "the same"
        moved = f"the largest move of a mean is {100 * self.largest:.2f} points"
        return f"{self.study} {self.scale}, {count(self.cells, 'cell')} in TF32, {moved}: {found}"


def compare(study: Study, scale: str, only: Sequence[str] = ()) -> Comparison:
    """Compute a study's stored float32 packs again in TF32, and compare accuracies and agreements, cell by cell.

    only: settings, as in `sweep.with_settings`: those on the boundary of a phase, where TF32 shows first; a pack that
    holds such a run is computed whole. A cell may move by CERTAIN on average, by BY_CHANCE where the 95 % t interval of
    its replicates' moves holds 0. Raises SoftLabelsError where no rows of today's code are stored of a GPU, and for
    a study that TF32 is not for.
    """
    if not is_for(study):
        raise SoftLabelsError(f"TF32 is for float32 studies of paper B, and {study.id} is none.")
    whole = committed(study.id, scale)
    left_out = [*older_packs(study.id, whole), *packs_in_tf32(whole)]
    packs = {
        name: pack
        for name, pack in settings_by_pack(study, whole).items()
        if name.endswith(".cuda") and name not in left_out
    }
    if only and packs:
        packs = holding(study, scale, packs, only)
    if not packs:
        raise SoftLabelsError(
            f"{study.id} has no rows at {scale} scale that today's code made on a GPU in float32, so there is nothing "
            "to compare TF32 with."
        )
    stored = whole.rows[whole.rows["device"] == "cuda"].set_index("identity").to_dict("index")
    cells: dict[tuple, list[tuple[dict, dict]]] = {}
    with products("cuda", tf32=True):
        for pack in tqdm(packs.values(), desc=f"{study.id} {scale} in TF32", unit="pack"):
            for row in study.run_pack(pack, "cuda", cache_of(cache_folder(), tf32=True)):
                cell = tuple(item for item in dataclasses.asdict(row.settings).items() if item[0] != "seed")
                cells.setdefault(cell, []).append((stored[identity(row.settings)], row.metrics))
    alike = set.intersection(*map(set, cells))  # the settings that all cells share
    moves = [(_words(cell, alike), *move) for cell, pairs in cells.items() for move in _moves(pairs)]
    if not moves:
        raise SoftLabelsError(f"The rows of {study.id} hold no {' or '.join(SHARES)} to compare TF32 by.")
    moves.sort(key=lambda move: -move[2])
    differing = [f"{metric} at {where} moved by {move:.4f}" for where, metric, move, allowed in moves if move > allowed]
    largest, today = moves[0][2], code_hash(study.run_pack)
    evidence = {
        "from": today,
        "to": today,
        "kinds": sorted({study.kind(run) for pack in packs.values() for run in pack}),
        "device": DEVICE,
        "pack": f"{study.id}.{scale} {' '.join(only) or 'all'}",
        "how": f"recomputed in TF32, {count(len(cells), 'cell')}",
        "same": not differing,
        "largest_difference": six_digits(largest) if math.isfinite(largest) else "a number is missing",
        "machine": device_name("cuda"),
        "date": datetime.date.today().isoformat(),
    }
    return Comparison(study.id, scale, len(cells), largest, tuple(differing), evidence)


def _words(cell: tuple, alike: set) -> str:
    """Which cell this is, by its settings that are not alike in all cells."""
    return ", ".join(f"{name} = {value}" for name, value in cell if (name, value) not in alike) or "its only cell"


def _moves(pairs: list[tuple[dict, dict]]) -> Iterator[tuple[str, float, float]]:
    """(metric, size of its mean's move, what is allowed) of a cell, whose runs are pairs of stored and new metrics."""
    for metric in pairs[0][1]:
        if any(share in metric for share in SHARES):
            both = [(was[metric], new[metric]) for was, new in pairs if pd.notna(was.get(metric))]
            if not both:  # older rows may lack a metric
                continue
            mean, low, high = t_interval([six_digits(new) - was for was, new in both])
            size = abs(mean) if math.isfinite(mean) else math.inf
            yield metric, size, BY_CHANCE if low <= 0 <= high else CERTAIN


def record(comparison: Comparison) -> None:
    """Write what was found beside the rows that it was found with; the same comparison's older finding goes."""
    add_evidence(comparison.study, comparison.scale, [comparison.evidence])

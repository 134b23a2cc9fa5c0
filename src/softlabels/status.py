"""What there is and what is missing: what ran of every record and study, what it took, and what the rest would cost."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from softlabels import claims, records
from softlabels.store import (
    PUBLISHED_SCALES,
    Table,
    committed,
    devices_compared,
    everything,
    lacking,
    live_tables,
    pack_names,
    replicates,
    settings_by_pack,
    stored,
)
from softlabels.studies import STUDIES, find
from softlabels.study import Study
from softlabels.words import listed


def status(rows: claims.Rows | None = None) -> dict:
    """The `status` JSON: what ran of every record at each scale, and the verdict on each of its claims.

    rows: {study: {scale: rows}}; None takes what is known on this machine.
    """
    rows = claims.known_rows() if rows is None else rows
    about: dict[str, list] = {}
    for claim in claims.claims(rows)["claims"]:
        about.setdefault(claim["record"], []).append({key: claim[key] for key in ("id", *claims.SCALES)})
    fields = ("id", "paper", "kind", "number", "number_published", "title", "notebook")
    return {
        "records": [
            {field: getattr(record, field) for field in fields}
            | {"scales": {scale: ran(record, scale, rows) for scale in claims.SCALES}}
            | {"claims": about.get(record.id, [])}
            for record in records.all()
        ]
    }


def ran(record: records.Record, scale: str, rows: Mapping) -> dict | None:
    """What has run of a record at a scale: rows, seeds, device, summed seconds of compute, and whether that is all.

    Seeds are the units that verdicts count: for paper Q draws of images or teachers (`store.replicates`).
    """
    frames = {study: rows[study][scale] for study in record.studies if scale in rows.get(study, {})}
    if not frames:
        return None
    return {
        "rows": sum(map(len, frames.values())),
        "seeds": min(replicates(frame)[0] for frame in frames.values()),
        "device": " and ".join(sorted({device for frame in frames.values() for device in frame["device"]})),
        "seconds": round(sum(frame["seconds"].sum() for frame in frames.values()), 1),
        "finished": all(study in frames and is_whole(study, scale, frames[study]) for study in record.studies),
    }


def is_whole(study_id: str, scale: str, frame: pd.DataFrame) -> bool:
    """Whether rows hold every run of a study's grid at a scale."""
    return scale in find(study_id).grids and not lacking(study_id, scale, frame)


def as_text(status: dict) -> str:
    """The status for a terminal: a line a record, with the verdicts of the largest scale that has one."""
    lines = [f"{'record':34} {'number':8} {'quick':>14} {'reduced':>14} {'paper':>14}  claims"]
    for record in status["records"]:
        scales = " ".join(f"{_runs(record['scales'][scale]):>14}" for scale in claims.SCALES)
        said = ", ".join(f"{claim['id']} {_best(claim)}" for claim in record["claims"])
        lines.append(f"{record['id']:34} {record['number'] or '–':8} {scales}  {said}".rstrip())
    return "\n".join(lines)


def _best(claim: dict) -> str:
    """A claim's kind or verdict at the largest scale that has one."""
    judged = [claim[scale] for scale in reversed(claims.SCALES) if claim[scale]]
    return next((at["kind"] or at["verdict"] for at in judged if at["verdict"] != "not run"), "not run")


def _runs(scale: dict | None) -> str:
    if scale is None:
        return "–"
    return f"{scale['rows']} rows{'' if scale['finished'] else ' so far'}"


def coverage(rows: claims.Rows) -> str:
    """How many figures and tables have rows at some scale, and which have none: a sentence for the landing page.

    rows: {study: {scale: rows}}.
    """
    shown = [record for record in records.all() if record.kind != "finding"]
    without: dict[str, list] = {}
    for record in shown:
        if not any(scale in rows.get(study, {}) for study in record.studies for scale in claims.SCALES):
            without.setdefault(record.paper, []).append(record.name if record.number else f"“{record.title}”")
    if not without:
        return f"All {len(shown)} figures and tables have rows."
    named = "; ".join(f"{listed(names)} of paper {paper}" for paper, names in without.items())
    have = len(shown) - sum(map(len, without.values()))
    return f"{have} of {len(shown)} figures and tables have rows; no rows yet: {named}."


# ---- what it costs, for the page of costs and for `run --dry-run` ----------------------------------------------------

YARDSTICK = {"cpu": 3e10, "cuda": 5e12}  # FLOP/s that small full-batch training reaches on one core, on a small GPU
NEAREST = 5  # measured packs that a prediction rests on


class Cost(NamedTuple):
    """What running some packs should take."""

    seconds: float  # of a CPU, summed over its cores; or of a GPU's wall clock
    packs: int  # how many measured packs say so; 0: a rough bound, from the yardstick


def predicted(study: Study, packs: list[list], device: str, took: pd.DataFrame | None = None) -> Cost:
    """What some packs of a study should take on a kind of device.

    Each pack's arithmetic is taken at the median seconds per FLOP of the study's measured packs of the most similar
    size: of any scale, stored or computed live. Where none was measured, at the yardstick's FLOP/s. took: the study's
    `packs_measured`, where several predictions need them; None reads them.
    """
    flops = [study.flops(pack) for pack in packs]
    took = packs_measured(study) if took is None else took
    took = took[(took["device"] == device) & (took["flops"] > 0)]
    if took.empty:
        return Cost(sum(flops) / YARDSTICK[device], 0)
    sizes, rates = np.log(took["flops"].to_numpy()), (took["seconds"] / took["flops"]).to_numpy()
    used: set[int] = set()
    seconds = 0.0
    for each in flops:
        if each:  # a pack without arithmetic, such as labels of a teacher that is kept, takes no time to speak of
            near = np.argsort(abs(sizes - np.log(each)), kind="stable")[:NEAREST]
            used.update(near.tolist())
            seconds += each * float(np.median(rates[near]))
    return Cost(seconds, len(used) or len(sizes))


def pack_cost(study: Study, device: str) -> Callable[[list], float]:
    """A function from a pack to the seconds that it should take."""
    took, known = packs_measured(study), {}

    def cost(pack: list) -> float:
        flops = study.flops(pack)
        if flops not in known:
            known[flops] = predicted(study, [pack], device, took).seconds
        return known[flops]

    return cost


def packs_measured(study: Study) -> pd.DataFrame:
    """Device, flops and seconds of each pack of a study that this project knows: of any scale, stored or live."""
    tables = [everything(study.id, scale) for scale in study.grids] + list(live_tables(study.id).values())
    took = [
        (name.rpartition(".")[2], float(study.flops(runs)), seconds)
        for each in tables
        for name, runs, seconds in costs_by_pack(study, each)
        if not each.packs[name].get("tf32")
    ]
    return pd.DataFrame(took, columns=["device", "flops", "seconds"])


def costs_by_pack(study: Study, whole: Table) -> list[tuple[str, list, float]]:
    """Each pack of a table as `<pack>.<device>`, its runs, and the seconds that these took."""
    if whole.rows.empty:
        return []
    seconds = whole.rows.groupby(pack_names(whole.rows))["seconds"].sum()
    return [(name, runs, float(seconds[name])) for name, runs in settings_by_pack(study, whole).items()]


def paper_grids(record: records.Record) -> dict[str, float]:
    """What a record's studies count at the paper's sizes: runs, steps (of their students' optimisers) and flops."""
    counts = {"runs": 0, "steps": 0, "flops": 0.0}
    for study in map(find, record.studies):
        if "paper" in study.grids:
            packs = study.packs("paper")
            runs = [run for pack in packs for run in pack]
            counts["runs"] += len(runs)
            counts["steps"] += sum(getattr(run, "student_steps", getattr(run, "steps", 0)) for run in runs)
            counts["flops"] += float(sum(map(study.flops, packs)))
    return counts


COSTS = ["study", "scale", "runs", "of", "flops", *YARDSTICK, "bytes"]


def costs() -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each study's whole grids take, and what the committed rows lack of them, the cheapest first.

    Columns: study, scale, runs, of, flops, the `Cost` on a cpu and on cuda, and the bytes that the largest pack holds
    at once. Whole grids are given at quick scale too, of which nothing is committed.
    """
    whole, left = [], []
    for study in map(find, STUDIES):
        took = packs_measured(study)
        for scale in (scale for scale in claims.SCALES if scale in study.grids):
            whole.append(_line(study, scale, study.packs(scale), took))
            if scale in PUBLISHED_SCALES and (packs := lacking(study.id, scale, stored(study, scale=scale))):
                left.append(_line(study, scale, packs, took))
    left.sort(key=lambda line: line["flops"])
    return pd.DataFrame(whole, columns=COSTS), pd.DataFrame(left, columns=COSTS)


def _line(study: Study, scale: str, packs: list, took: pd.DataFrame) -> dict:
    """What some packs of a study's grid take; took: the study's `packs_measured`."""
    return {
        "study": study.id, "scale": scale, "runs": sum(map(len, packs)), "of": len(study.grid(scale)),
        "flops": float(sum(map(study.flops, packs))),
        **{device: predicted(study, packs, device, took) for device in YARDSTICK},
        "bytes": float(max(map(study.bytes, packs))),
    }  # fmt: skip


def of_record(record: records.Record, scale: str, whole: pd.DataFrame) -> dict | None:
    """What a record's studies take at a scale, by device and in memory; None where one of them has no such grid.

    whole: the first frame of `costs`. A device's `Cost` counts no packs where one of the studies has none measured.
    """
    lines = whole[(whole["scale"] == scale) & whole["study"].isin(record.studies)]
    if not record.studies or len(lines) < len(record.studies):
        return None
    sums = {
        device: Cost(sum(cost.seconds for cost in lines[device]), min(cost.packs for cost in lines[device]))
        for device in YARDSTICK
    }
    return sums | {"bytes": lines["bytes"].max()}


def measured() -> pd.DataFrame:
    """What the committed rows took, a line a study, scale and device.

    Columns: study, scale, device, models (of the device), runs, flops, seconds, and floor: the least of seconds. The
    floor is the arithmetic at the rate of a matrix product on the machine that computed the rows, where it was
    measured: on GPUs. 0 elsewhere.
    """
    lines: dict[tuple, dict] = {}
    for study in map(find, STUDIES):
        for scale in PUBLISHED_SCALES:
            whole = committed(study.id, scale)
            for pack, runs, seconds in costs_by_pack(study, whole):
                device, made = pack.rpartition(".")[2], whole.packs[pack]
                line = lines.setdefault((study.id, scale, device), {
                    "study": study.id, "scale": scale, "device": device, "models": [],
                    "runs": 0, "flops": 0.0, "seconds": 0.0, "floor": 0.0,
                })  # fmt: skip
                if made["device"] not in line["models"]:
                    line["models"].append(made["device"])
                line["runs"] += len(runs)
                line["flops"] += study.flops(runs)
                line["seconds"] += seconds
                line["floor"] += study.flops(runs) / made.get("flops_per_second", float("inf"))
    columns = ["study", "scale", "device", "models", "runs", "flops", "seconds", "floor"]
    return pd.DataFrame(list(lines.values()), columns=columns)


def devices() -> pd.DataFrame:
    """How far each accuracy differs between a CPU and a GPU that computed the same runs, a line a study and accuracy.

    Columns: study, scale, metric, runs, equal (share of runs), and of CPU minus GPU the mean and the largest size.
    """
    lines = []
    for study in map(find, STUDIES):
        settings = [field.name for field in dataclasses.fields(study.settings)]
        for scale in PUBLISHED_SCALES:
            off = devices_compared(committed(study.id, scale), settings)
            lines += [
                {
                    "study": study.id, "scale": scale, "metric": metric, "runs": len(off),
                    "equal": (off[metric] == 0).mean(), "mean": off[metric].mean(), "most": off[metric].abs().max(),
                }
                for metric in off
                if len(off) and "accuracy" in metric
            ]  # fmt: skip
    return pd.DataFrame(lines, columns=["study", "scale", "metric", "runs", "equal", "mean", "most"])

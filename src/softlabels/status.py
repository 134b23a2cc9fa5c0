"""What there is and what is missing: what ran of every record and study, what it took, and what the rest would cost."""

import dataclasses
from collections.abc import Mapping

import pandas as pd

from softlabels import claims, records
from softlabels.store import PUBLISHED_SCALES, committed, devices_compared, lacking, settings_by_pack, stored
from softlabels.studies import STUDIES, find


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
    """What has run of a record at a scale: rows, seeds, device, summed seconds of compute, and whether that is all."""
    frames = {study: rows[study][scale] for study in record.studies if scale in rows.get(study, {})}
    if not frames:
        return None
    return {
        "rows": sum(map(len, frames.values())),
        "seeds": min(int(frame["seed"].nunique()) for frame in frames.values()),
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
    verdicts = [claim[scale]["verdict"] for scale in reversed(claims.SCALES) if claim[scale]]
    return next((verdict for verdict in verdicts if verdict != "not run"), "not run")


def _runs(scale: dict | None) -> str:
    if scale is None:
        return "–"
    return f"{scale['rows']} rows{'' if scale['finished'] else ' so far'}"


# ---- what it costs, for the page of costs ----------------------------------------------------------------------------


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


def missing() -> pd.DataFrame:
    """What the committed rows lack of each study's grids, the cheapest first.

    Columns: study, scale, runs, of, flops of what is left, and the bytes that its largest pack holds at once.
    """
    lines = []
    for study in map(find, STUDIES):
        for scale in PUBLISHED_SCALES:
            if packs := lacking(study.id, scale, stored(study, scale=scale)):
                lines.append({
                    "study": study.id, "scale": scale, "runs": sum(map(len, packs)), "of": len(study.grid(scale)),
                    "flops": float(sum(map(study.flops, packs))), "bytes": float(max(map(study.bytes, packs))),
                })  # fmt: skip
    columns = ["study", "scale", "runs", "of", "flops", "bytes"]
    return pd.DataFrame(lines, columns=columns).sort_values("flops", ignore_index=True)


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
            for pack, runs in settings_by_pack(study, whole).items():
                device, made = pack.rpartition(".")[2], whole.packs[pack]
                line = lines.setdefault((study.id, scale, device), {
                    "study": study.id, "scale": scale, "device": device, "models": [],
                    "runs": 0, "flops": 0.0, "seconds": 0.0, "floor": 0.0,
                })  # fmt: skip
                if made["device"] not in line["models"]:
                    line["models"].append(made["device"])
                line["runs"] += len(runs)
                line["flops"] += study.flops(runs)
                line["seconds"] += made["seconds"]
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

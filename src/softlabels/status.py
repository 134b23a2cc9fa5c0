"""What is there and what is missing: the `status` JSON, computed from committed rows and the last build's live ones."""

from collections.abc import Mapping

import pandas as pd

from softlabels import claims, records
from softlabels.store import lacking
from softlabels.studies import find


def status(rows: claims.Rows | None = None) -> dict:
    """Every record of both papers: what ran at each scale, and the verdict on each of its claims.

    rows: {study: {scale: rows}}; None takes what is known on this machine.
    """
    if rows is None:
        rows = claims.known_rows(dict.fromkeys(study for record in records.all() for study in record.studies))
    judged = {claim["id"]: claim for claim in claims.claims(rows)["claims"]}
    about: dict[str, list] = {}
    for claim in judged.values():
        about.setdefault(claim["record"], []).append({key: claim[key] for key in ("id", *claims.SCALES)})
    return {"records": [_record(record, rows, about.get(record.id, [])) for record in records.all()]}


def _record(record: records.Record, rows: claims.Rows, judged: list[dict]) -> dict:
    said = ("id", "paper", "kind", "number", "number_published", "title", "notebook")
    return {
        **{field: getattr(record, field) for field in said},
        "scales": {scale: ran(record, scale, rows) for scale in claims.SCALES},
        "claims": judged,
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

"""After all chapters: judge the claims. `python -m softlabels.book.second_stage JOB`.

JOB is a JSON object: `pages`, by name of chapter [its executed copy, where Sphinx reads it with its verdicts];
`landing`, the landing page's text; `cache`, the folder that takes the verdicts, the landing page's generated parts with
the `key` of JOB, and the rows that the chapters computed. It is a process of its own, so that torch does not stay in
memory while Sphinx works.
"""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import nbformat

from softlabels import claims
from softlabels.book import landing
from softlabels.book.produced import write_thumbnail
from softlabels.claims import rules
from softlabels.claims.deferred import MARKER
from softlabels.claims.rules import Verdict
from softlabels.store import live_rows, write_atomically
from softlabels.studies import STUDIES

Judged = Mapping[str, Mapping[str, Verdict]]  # claim -> scale -> verdict


def fill(text: str, judged: Judged) -> str:
    """A displayed text with the table or the words in place of every marker of `claims.deferred`."""

    def filled(found) -> str:
        call = json.loads(found.group(1))
        if "table" in call:
            return claims.Table(claims.of(call["table"]), judged)._repr_html_()
        return claims.said(judged[call["word"]], call["scale"], call["words"])

    return MARKER.sub(filled, text)


def filled(part, judged: Judged):
    """A part of a notebook with all its texts filled in."""
    if isinstance(part, str):
        return fill(part, judged)
    if isinstance(part, dict):
        return type(part)({key: filled(value, judged) for key, value in part.items()})
    return [filled(value, judged) for value in part] if isinstance(part, list) else part


def publish(stored: Path, produced: Path, judged: Judged) -> None:
    """Write what Sphinx reads, with its thumbnail, unless it is there as it should be."""
    notebook = nbformat.read(stored, as_version=4)
    for cell in notebook.cells:
        cell.metadata = filled(cell.metadata, judged)
        if cell.cell_type == "markdown":
            cell.source = fill(cell.source, judged)
        if cell.cell_type == "code":
            cell.outputs = filled(cell.outputs, judged)
    text = nbformat.writes(notebook) + "\n"
    if produced.is_file() and produced.read_text(encoding="utf-8") == text:
        return
    produced.parent.mkdir(parents=True, exist_ok=True)
    write_thumbnail(notebook, produced)
    write_atomically(produced, text)


def write_live_rows(folder: Path) -> None:
    """The rows that this build's chapters computed, as CSV: the site shows them beside the committed ones."""
    shutil.rmtree(folder, ignore_errors=True)
    for study in STUDIES:
        for scale, frame in live_rows(study).items():
            write_atomically(folder / f"{study}.{scale}.csv", frame.to_csv(index=False, lineterminator="\n"))


def main(job: dict) -> None:
    """Judge, publish every chapter, write the landing page's parts; rows are read only where one of them asks."""
    cache = Path(job["cache"])
    landing_asks = "<!-- rows:" in Path(job["landing"]).read_text(encoding="utf-8")
    needs_rows = landing_asks or any(
        "<!-- claims:" in Path(stored).read_text(encoding="utf-8") for stored, _ in job["pages"].values()
    )
    rows = claims.known_rows() if needs_rows else {}
    judged = claims.verdicts(None, rows)
    for stored, produced in job["pages"].values():
        publish(Path(stored), Path(produced), judged)
    notebooks = {name: nbformat.read(produced, as_version=4) for name, (_, produced) in job["pages"].items()}
    parts = landing.parts(notebooks, rows, claims.Table(claims.of(None), judged)) if landing_asks else {}
    write_live_rows(cache / "rows")
    write_atomically(cache / "verdicts.json", json.dumps(rules.as_json(judged)))
    write_atomically(cache / "index.json", json.dumps({"key": job["key"], "parts": parts}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

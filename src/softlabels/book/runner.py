"""Execute one notebook: `python -m softlabels.book.runner JOB`, JOB a JSON object.

Run by `softlabels.book.execute`, one process a notebook, so that it can be timed out and killed. It reports on stdout
by lines that begin with `@@`: a JSON object with `cell` and `of` as it goes, or `error`: what went wrong and where.
"""

import json
import os
import re
import sys
import threading
import time
from pathlib import Path
from typing import ClassVar

import jupytext
import nbformat
import papermill
import psutil
from nbclient.exceptions import DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines

from softlabels.book.produced import page_notebook
from softlabels.errors import SoftLabelsError

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def say(**message) -> None:
    """One line of progress for the parent."""
    print("@@" + json.dumps(message), flush=True)


class Reporting(NBClientEngine):
    """Papermill's own engine, which also says the code cell that it is at."""

    here: ClassVar[dict] = {}  # that cell, as `first_error` describes one

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **options):
        total = sum(cell.cell_type == "code" and not injected(cell) for cell in nb_man.nb.cells)
        start, at = nb_man.cell_start, iter(range(1, total + 1))

        def cell_start(cell, *positional, **named):
            if cell.cell_type == "code" and not injected(cell):
                code = cell.source.strip().split("\n")[0]
                Reporting.here = {
                    "line": cell.metadata.get("softlabels_line", 1),
                    "cell": next(at),
                    "of": total,
                    "code": code,
                }
                say(cell=Reporting.here["cell"], of=total)
            return start(cell, *positional, **named)

        nb_man.cell_start = cell_start
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


def read_notebook(source: Path):
    """A py:percent file as a notebook that papermill accepts; each cell knows the line that its text begins at."""
    text = source.read_text(encoding="utf-8-sig")
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    begins = [number + 1 for number, line in enumerate(text.splitlines(), 1) if re.match(r"# ?%%", line)]
    begins = [1] * (len(notebook.cells) - len(begins)) + begins  # text before the first marker is a cell too
    for cell, line in zip(notebook.cells, begins, strict=False):
        cell.metadata["softlabels_line"] = line
    return notebook


def execute(source: Path, output: Path, parameters: dict, folder: Path):
    """Run the notebook `source` in `folder`; the executed notebook, which is also at `output`, errors included."""
    notebook = read_notebook(source)
    tagged = any("parameters" in cell.metadata.get("tags", []) for cell in notebook.cells)
    if not tagged and any(re.search(r"^scale = ", cell.source, re.MULTILINE) for cell in notebook.cells):
        raise SoftLabelsError(  # it would compute its own scale, whatever was asked for
            f'{source.name} sets its scale in a cell without the tag that says so: write # %% tags=["parameters"].'
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, output)
    papermill_engines.register("reporting", Reporting)
    try:
        papermill.execute_notebook(
            output, output, parameters if tagged else None, engine_name="reporting", kernel_name="python3",
            progress_bar=False, cwd=folder,
        )  # fmt: skip
    except papermill.PapermillExecutionError:
        pass  # the cell with the error says more
    return nbformat.read(output, as_version=4)


def first_error(notebook) -> dict | None:
    """What went wrong in an executed notebook: `line` in the source, `cell` and `of` (code cells), `error`, `code`."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and not injected(cell)]
    for number, cell in enumerate(cells, 1):
        for output in cell.outputs:
            if output.output_type != "error":
                continue
            trace = ANSI.sub("", "\n".join(output.traceback))
            inner = re.search(r"Cell In\[\d+\], line (\d+)", trace)
            offset = int(inner.group(1)) - 1 if inner else 0
            lines = cell.source.splitlines()
            return {
                "line": cell.metadata.get("softlabels_line", 1) + offset,
                "cell": number,
                "of": len(cells),
                "error": f"{output.ename}: {output.evalue}",
                "code": lines[offset].strip() if offset < len(lines) else "",
            }
    return None


def injected(cell) -> bool:
    """Whether papermill added the cell: the parameters, or its banners above an error."""
    tags = cell.metadata.get("tags", [])
    return "injected-parameters" in tags or "papermill-error-cell-tag" in tags


def end_with(parent: int) -> None:
    """End this process, and with it the kernel, which watches it, soon after the build that started it was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def main(job: dict) -> int:
    """Execute, report, and write the page's notebook to `stored`; 1 if a cell failed."""
    threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
    stored, partial = Path(job["stored"]), Path(job["partial"])
    began = time.monotonic()
    try:
        executed = execute(Path(job["source"]), partial, job["parameters"], Path(job["folder"]))
    except DeadKernelError:
        memory = psutil.virtual_memory()
        died = (
            f"its kernel died, perhaps of too little memory: of this machine's {memory.total / 1e9:.1f} GB "
            f"{memory.available / 1e9:.1f} GB are free without it. Let fewer notebooks run at a time: SOFTLABELS_JOBS=1"
        )
        say(error=Reporting.here | {"error": died})
        return 1
    if error := first_error(executed):
        say(error=error)
        return 1
    for cell in executed.cells:
        cell.metadata.pop("softlabels_line", None)
    facts = {"key": job["key"], "seconds": round(time.monotonic() - began, 1), **job["parameters"]}
    stored.parent.mkdir(parents=True, exist_ok=True)
    unfinished = stored.with_name(f"{stored.name}.{os.getpid()}")
    nbformat.write(page_notebook(executed, facts), unfinished)
    os.replace(unfinished, stored)
    partial.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))

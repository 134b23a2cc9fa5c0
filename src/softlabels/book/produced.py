"""From what papermill leaves to what Sphinx reads: figures with captions, nothing that changes by itself."""

import base64
import hashlib
import re
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from softlabels.paths import project_root

DROPPED_MIMES = ("application/vnd.jupyter.widget-view+json",)  # a widget would fetch its code from a CDN
HIDDEN = "# shown by the cell above"  # the text of a cell made for one figure: the reader drops cells without any
ANSWER = "## Answer"


def page_notebook(executed, facts: dict):
    """The notebook of a page from an `executed` one; `facts` (key, seconds, scale) go into its metadata."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata = {
        "kernelspec": executed.metadata.kernelspec,
        "language_info": {"name": "python"},
        "softlabels": dict(facts),
    }
    for cell in executed.cells:
        notebook.cells.extend(page_cells(cell))
    answer_first(notebook)
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        cell.id = cell_id(cell.source, seen)
    return notebook


def page_cells(cell) -> list:
    """A cell without traces of its execution; each figure that it shows has a cell of its own, for its caption."""
    kept = nbformat.from_dict({key: value for key, value in cell.items() if key != "attachments" or value})
    kept.metadata = {key: value for key, value in cell.metadata.items() if key not in ("execution", "papermill")}
    tags = kept.metadata.get("tags", [])
    if "injected-parameters" in tags:
        kept.metadata["tags"] = [*tags, "remove-cell"]
    if cell.cell_type != "code":
        return [kept]
    groups = output_groups([clean_output(output) for output in cell.outputs if is_shown(output)])
    folded = ["hide-output"] if {"hide-cell", "hide-output"} & set(tags) else []  # so are its figures
    cells = [kept] + [new_code_cell(HIDDEN, metadata={"tags": ["remove-input", *folded]}) for _ in groups[1:]]
    for part, outputs in zip(cells, groups or [[]], strict=True):
        part.outputs = outputs
        if "thumbnail" in tags and part is not kept:
            part.metadata["tags"] = ["remove-input", "thumbnail"]
        if outputs and (figure := figure_of(outputs[0])):
            part.metadata["mystnb"] = {
                "figure": {"caption": figure["caption"], "name": f"fig-{figure['name'].removeprefix('fig-')}"},
                "image": {"alt": figure["alt"]},
            }
    return cells


def answer_first(notebook) -> None:
    """Move a page's answer, which its last cell computes, and its main figure to the top, under the title.

    The answer is the text that begins with `## Answer`; the main figure is the first of a cell tagged `thumbnail`, and
    leaves a reference in its place. A page without an answer stays as it is.
    """
    cells = notebook.cells
    by_answer = ((cell, output) for cell in cells for output in cell.get("outputs", ()) if is_answer(output))
    if (found := next(by_answer, None)) is None:
        return
    cell, answer = found
    cell.outputs.remove(answer)
    title, _, rest = cells[0].source.partition("\n")
    opening = [new_markdown_cell(title), new_markdown_cell(answer.data["text/markdown"])]
    figures = [cell for cell in cells if "figure" in cell.metadata.get("mystnb", {})]
    main = next((cell for cell in figures if "thumbnail" in cell.metadata.get("tags", [])), None)
    if main is not None:
        figure = main.metadata.pop("mystnb")
        metadata = {"mystnb": figure, "tags": ["remove-input", "thumbnail"]}
        opening.append(new_code_cell(HIDDEN, metadata=metadata, outputs=main.outputs))
        reference = new_markdown_cell(f"*Drawn here: {{numref}}`{figure['figure']['name']}`, at the top of the page.*")
        at = cells.index(main)
        main.outputs = []
        cells[at : at + 1] = [reference] if main.source == HIDDEN else [main, reference]
    notebook.cells = [*opening, new_markdown_cell(rest.strip()), *cells[1:]]


def is_answer(output) -> bool:
    """Whether an output is the page's answer."""
    return output.get("data", {}).get("text/markdown", "").startswith(ANSWER)


def is_shown(output) -> bool:
    """Whether the page shows an output: no progress bars and other words on stderr, no widgets."""
    if output.output_type == "stream":
        return output.name != "stderr"
    return not any(mime in output.get("data", {}) for mime in DROPPED_MIMES)


def clean_output(output):
    """An output without what differs from run to run for no reason."""
    output = nbformat.from_dict(output)
    output.get("metadata", {}).pop("execution", None)
    return output


def figure_of(output) -> dict | None:
    """What `softlabels.plots` said of a figure (name, caption, alt); None for every other output."""
    return output.get("metadata", {}).get("softlabels")


def output_groups(outputs: list) -> list[list]:
    """Outputs in order, in runs of plain ones and single figures: a caption belongs to a whole cell."""
    groups: list[list] = []
    for output in outputs:
        alone = figure_of(output) or not groups or figure_of(groups[-1][0])
        if alone:
            groups.append([output])
        else:
            groups[-1].append(output)
    return groups


def cell_id(source: str, seen: dict[str, int]) -> str:
    """8 hexadecimal digits from a cell's text and how often that text came before: the same at every conversion."""
    seen[source] = seen.get(source, 0) + 1
    return hashlib.sha256(f"{seen[source]} {source}".encode()).hexdigest()[:8]


def thumbnail(notebook) -> tuple[bytes, dict] | None:
    """A page's picture (PNG) with its name, caption and alt text; None without one.

    That of the first cell tagged `thumbnail` that shows one; failing that (no stored rows yet), the first figure's.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tagged = [cell for cell in cells if "thumbnail" in cell.metadata.get("tags", [])]
    figures = [cell for cell in cells if "figure" in cell.metadata.get("mystnb", {})]
    for cell in tagged + figures:
        for output in cell.outputs:
            if image := output.get("data", {}).get("image/png"):
                return base64.b64decode(image), dict(figure_of(output) or {})
    return None


def write_thumbnail(notebook, produced: Path) -> None:
    """A page's picture beside its notebook, as `<page>.png`: written pages can show it."""
    if found := thumbnail(notebook):
        produced.with_suffix(".png").write_bytes(found[0])


def last_run(page: str) -> dict | None:
    """Title, scale and seconds of a notebook as the last build executed it; None where none has."""
    root = project_root()
    current = root / "runs" / "live" / page / "current"
    file = root / ".cache" / "papermill" / page / f"{current.read_text().strip()}.ipynb" if current.is_file() else None
    if file is None or not file.is_file():
        return None
    notebook = nbformat.read(file, as_version=4)
    about = notebook.metadata["softlabels"]
    return {"title": title_of(notebook), "scale": about["scale"], "seconds": about["seconds"]}


def title_of(notebook) -> str:
    """A notebook's title: the heading of its first text."""
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.search(r"^# (.+)$", first, re.MULTILINE).group(1)

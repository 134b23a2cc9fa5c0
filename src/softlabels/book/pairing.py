"""Keep the `.ipynb` beside each notebook's `.py` in step: `python -m softlabels.book.pairing [--check]`.

The `.py` (py:percent) is what people write. The `.ipynb`, which Colab opens, is made from it: no outputs, the same
bytes each time. It says in its metadata what its cells were when it was made: one that somebody edited since, or that
has no `.py` beside it, is left alone and named. The first code cell of a notebook installs the package on Colab; this
module writes that cell too, because it holds the repository's address, which stands in `_config.yml` alone.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

import jupytext
import nbformat
import yaml

from softlabels.book.produced import cell_id
from softlabels.paths import project_root

# In its own folder Colab has neither the package nor the committed rows: fetch the repository, and work inside it. What
# an earlier run of the cell did is not done again. (find_spec would take the repository's folder for the package.)
INSTALL_CELL = """\
# On Google Colab: fetch the book's repository and install its package. Anywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    import os
    import subprocess
    from importlib.metadata import distributions

    address, folder, did = "{address}", "/content/softlabels", []
    if not os.path.isdir(folder):
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", address, folder], check=True)
        did.append("fetched the book")
    if not any(distributions(name="softlabels")):
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", folder], check=True)
        did.append("installed its package")
    os.chdir(folder)
    print((" and ".join(did) or "the book and its package are there already") + f"; working in {{folder}}")\
"""
MARKER = '# %% tags=["remove-cell"]\n'
METADATA = {
    "accelerator": "GPU",
    "colab": {"gpuType": "T4", "provenance": [], "toc_visible": True},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def repository_address(root: Path) -> str:
    """Where the project lives, from `_config.yml`."""
    return yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]


def install_cell(root: Path) -> str:
    """The text of the cell that installs the package on Colab."""
    return INSTALL_CELL.format(address=repository_address(root))


def with_install_cell(text: str, cell: str) -> str:
    """A notebook's `text` with `cell` as its first code cell, in place of the one that was there, if it had one."""
    block = MARKER + cell + "\n\n"
    old = re.search(r"^# %%[^\n]*\n# On Google Colab.*?(?=^# %%|\Z)", text, re.MULTILINE | re.DOTALL)
    if old:
        return text[: old.start()] + block + text[old.end() :]
    first = re.search(r"^# %%(?! \[markdown\])", text, re.MULTILINE)
    at = first.start() if first else len(text)
    return text[:at] + block + text[at:]


def paired(text: str) -> str:
    """The `.ipynb` of a py:percent notebook's text: no outputs, ids that follow from the cells."""
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA | {"softlabels": {"made": digest(notebook.cells)}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        cell.id = cell_id(cell.source, seen)
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def digest(cells) -> str:
    """A hash of what somebody may have written in cells: kinds, texts and tags, but no outputs."""
    written = [(cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in cells]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()[:16]


def differing(root: Path, *, write: bool) -> tuple[list[Path], dict[Path, str]]:
    """The files below `notebooks/` that were not what they should be, and those that were left alone, with the reason.

    With `write` the first are now what they should be.
    """
    cell, changed, left = install_cell(root), [], {}
    sources = [path for path in sorted((root / "notebooks").glob("*/*.py")) if not path.name.startswith(".")]
    for source in sources:
        wanted = with_install_cell(source.read_text(encoding="utf-8-sig"), cell)
        pair = source.with_suffix(".ipynb")
        for file, content in ((source, wanted), (pair, paired(wanted))):
            if file.is_file() and file.read_text(encoding="utf-8") == content:
                continue
            if file == pair and file.is_file() and (why := edited(file)):
                left[file] = why
                continue
            changed.append(file)
            if write:
                file.write_text(content, encoding="utf-8", newline="\n")
    for pair in sorted((root / "notebooks").glob("*/*.ipynb")):
        if pair.with_suffix(".py") not in sources and not pair.name.startswith("."):
            left[pair] = f"has no {pair.stem}.py beside it; make one of it (jupytext --to py:percent), or move it away"
    return changed, left


def edited(pair: Path) -> str:
    """Why an `.ipynb` that is not what its `.py` gives must not be overwritten; empty where nothing would be lost."""
    try:
        notebook = nbformat.reads(pair.read_text(encoding="utf-8"), as_version=4)
        if notebook.metadata.get("softlabels", {}).get("made") == digest(notebook.cells):
            return ""
    except (ValueError, AttributeError, nbformat.reader.NotJSONError):
        return "is no notebook; delete it, and it will be made again"
    return "was edited since it was made; move the change into the .py beside it, and delete it"


def main(arguments: list[str]) -> int:
    """`--check`: say what is out of date and return 1; without it: bring everything up to date."""
    if arguments not in ([], ["--check"]):
        print(
            f"unknown arguments {' '.join(arguments)}; use python -m softlabels.book.pairing [--check]", file=sys.stderr
        )
        return 2
    root, check = project_root(), arguments == ["--check"]
    changed, left = differing(root, write=not check)
    for file in changed:
        print(f"{'out of date' if check else 'written'}: {file.relative_to(root).as_posix()}")
    for file, why in left.items():
        print(f"left alone: {file.relative_to(root).as_posix()} {why}", file=sys.stderr)
    if check and changed:
        print("run make notebooks", file=sys.stderr)
    return int(bool(left) or (check and bool(changed)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Keep the `.ipynb` beside each notebook's `.py` in step: `python -m softlabels.book.pairing [--check]`.

The `.py` (py:percent) is what people write. The `.ipynb`, which Colab opens, is made from it: no outputs, the same
bytes each time. The first code cell of a notebook installs the package on Colab; this module writes that cell too,
because it holds the repository's address, which stands in `_config.yml` alone.
"""

import re
import sys
from pathlib import Path

import jupytext
import nbformat
import yaml

from softlabels.book.produced import cell_id
from softlabels.paths import project_root

# In its own folder Colab has neither the package nor the committed rows: fetch the repository, work inside it.
INSTALL_CELL = """\
# On Google Colab: fetch the book's repository and install its package. Anywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    import os
    import subprocess

    address, folder = "{address}", "/content/softlabels"
    if not os.path.isdir(folder):
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", address, folder], check=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", folder], check=True)
    os.chdir(folder)\
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
    old = re.search(r'^# %% tags=\["remove-cell"\]\n# On Google Colab.*?(?=^# %%|\Z)', text, re.MULTILINE | re.DOTALL)
    if old:
        return text[: old.start()] + block + text[old.end() :]
    first = re.search(r"^# %%(?! \[markdown\])", text, re.MULTILINE)
    at = first.start() if first else len(text)
    return text[:at] + block + text[at:]


def paired(text: str) -> str:
    """The `.ipynb` of a py:percent notebook's text: no outputs, ids that follow from the cells."""
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        cell.id = cell_id(cell.source, seen)
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def differing(root: Path, *, write: bool) -> list[Path]:
    """The files below `notebooks/` that were not what they should be; with `write` they are now."""
    cell, changed = install_cell(root), []
    sources = sorted((root / "notebooks").glob("*/*.py"))
    for source in sources:
        text = source.read_text(encoding="utf-8")
        wanted = with_install_cell(text, cell)
        pair = source.with_suffix(".ipynb")
        for file, content in ((source, wanted), (pair, paired(wanted))):
            if not file.is_file() or file.read_text(encoding="utf-8") != content:
                changed.append(file)
                if write:
                    file.write_text(content, encoding="utf-8", newline="\n")
    for pair in sorted((root / "notebooks").glob("*/*.ipynb")):
        if pair.with_suffix(".py") not in sources:
            changed.append(pair)
            if write:
                pair.unlink()
    return changed


def main(arguments: list[str]) -> int:
    """`--check`: say what is out of date and return 1; without it: bring everything up to date."""
    if arguments not in ([], ["--check"]):
        print(
            f"unknown arguments {' '.join(arguments)}; use python -m softlabels.book.pairing [--check]", file=sys.stderr
        )
        return 2
    root, check = project_root(), arguments == ["--check"]
    changed = differing(root, write=not check)
    for file in changed:
        print(f"{'out of date' if check else 'written'}: {file.relative_to(root).as_posix()}")
    if check and changed:
        print("run make notebooks", file=sys.stderr)
    return int(check and bool(changed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

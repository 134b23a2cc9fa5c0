"""Books in temporary folders: a toy of two pages, and this very book at smoke scale, which the browser then opens."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]

CONFIG = """
title: Toy
only_build_toc_files: true
execute: {execute_notebooks: "off"}
repository: {url: "https://github.com/someone/toy", branch: main, path_to_book: ""}
launch_buttons: {colab_url: "https://colab.research.google.com"}
sphinx:
  recursive_update: true
  local_extensions: {softlabels.book: src}
  config:
    extensions: [sphinx_comments, myst_nb, jupyter_book, sphinx_external_toc, sphinx_book_theme, softlabels.book]
"""
TOC = """
format: jb-book
root: index
chapters:
- file: notebooks/toy/one
- file: notebooks/toy/two
"""
ONE = """# %% [markdown]
# # One
#
# Uses a module and a committed table.

# %% tags=["parameters"]
scale = "quick"
device = "auto"

# %%
import softlabels.errors

print(scale, softlabels.errors.SoftLabelsError.__name__, "memorized/temperature")
"""
TWO = """# %% [markdown]
# # Two

# %%
1 + 1
"""


def git_files(*options: str) -> list[str]:
    """Paths that git lists, from the project's root; skips the test outside a checkout."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", *options], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this needs a git checkout of the book")
    return [path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file()]


def copy_package(folder: Path) -> Path:
    """A copy of the package's sources at `folder`/softlabels, which a test may edit."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(ROOT / "src" / "softlabels", folder / "softlabels", ignore=ignored))


def build(root: Path, *options: str, **settings: str) -> subprocess.CompletedProcess:
    """`jupyter-book build book/` in a project, with its own copy of the package; output and errors in `stdout`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOFTLABELS_")}
    environment |= {"PYTHONPATH": str(root / "src"), "SOFTLABELS_CACHE": str(root / "user-cache"), **settings}
    environment["OMP_NUM_THREADS"] = "1"  # beside other tests, threads would wait for each other
    return subprocess.run(
        [str(Path(sys.executable).with_name("jupyter-book")), "build", "book/", *options], cwd=root, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", timeout=1800,
    )  # fmt: skip


@pytest.fixture
def toy(tmp_path) -> Path:
    """A project of two notebooks and a copy of the package."""
    copy_package(tmp_path / "src")
    for path, text in {
        "_config.yml": CONFIG,
        "_toc.yml": TOC,
        "book/_toc.yml": "format: jb-book\nroot: index\n",
        "book/index.md": "# Toy\n",
        "notebooks/toy/one.py": ONE,
        "notebooks/toy/two.py": TWO,
    }.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def smoke_book(tmp_path_factory) -> Path:
    """This book, built at smoke scale from a copy of the working tree, warnings being errors; the site's folder.

    Where several processes run the tests, one of them builds it for all.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    root, said = shared / "smoke-book", shared / "smoke-book.txt"
    with FileLock(shared / "smoke-book.lock"):
        if not said.is_file():
            for path in git_files("--cached", "--others", "--exclude-standard"):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / path, root / path)
            built = build(root, "-W", "-n", "--keep-going", SOFTLABELS_SCALE="smoke")
            said.write_text("" if built.returncode == 0 else f"failed: {built.stdout[-8000:]}", encoding="utf-8")
    assert not said.read_text(encoding="utf-8")
    return root / "_build" / "html"

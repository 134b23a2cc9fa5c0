"""Every notebook in an imitation of Colab: a kernel that has google.colab, a clone, the package beside it, and a GPU.

The GPU is pretended (`pretended_gpu`), and device "auto" takes it. The build of the book runs the same on the CPU.
"""

import asyncio
import os

import nbformat
import pytest
from nbclient import NotebookClient

from softlabels.book import notebook_pages

from .conftest import ROOT, copy_package, git_files

KERNEL = f"""
import sys
import google.colab
sys.path.append({str(ROOT / "tests")!r})
from pretended_gpu import pretended_gpu
gpu = pretended_gpu()
gpu.__enter__()
"""
WHERE = "import os\nimport softlabels\nprint(os.getcwd(), softlabels.__file__)"


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """Two folders: Colab's own with a copy of the repository in it, and what its Python finds."""
    folder = tmp_path_factory.mktemp("colab")
    for path in git_files("--cached", "--others", "--exclude-standard"):
        copy = folder / "content" / "softlabels" / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / path).read_bytes())
    copy_package(folder / "site")
    (folder / "site" / "google" / "colab").mkdir(parents=True)
    (folder / "site" / "google" / "colab" / "__init__.py").touch()
    return folder / "content", folder / "site"


@pytest.fixture(scope="module")
def executed(colab):
    """Page -> its notebook as it is after *Run all* at smoke scale, or the error; two run at a time."""
    content, site = colab
    repository = str(content / "softlabels")

    async def run_all(page, free):
        notebook = nbformat.read(ROOT / "notebooks" / f"{page}.ipynb", as_version=4)
        for cell in code_cells(notebook):
            cell.source = cell.source.replace("/content/softlabels", repository)
            if "parameters" in cell.metadata.get("tags", []):
                assert all(f"{form}  # @param [" in cell.source for form in ('scale = "quick"', 'device = "auto"'))
                cell.source = cell.source.replace('scale = "quick"', 'scale = "smoke"')
        notebook.cells.insert(0, nbformat.v4.new_code_cell(KERNEL))
        notebook.cells.append(nbformat.v4.new_code_cell(WHERE))
        where = {"metadata": {"path": content}}
        async with free:
            return await NotebookClient(notebook, timeout=900, kernel_name="python3", resources=where).async_execute()

    async def run_pages():
        free = asyncio.Semaphore(2)
        pages = notebook_pages(ROOT)
        done = await asyncio.gather(*(run_all(page, free) for page in pages), return_exceptions=True)
        return dict(zip(pages, done, strict=True))

    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SOFTLABELS_")]:
            patch.delenv(name)
        for name, value in {"PYTHONPATH": site, "SOFTLABELS_CACHE": site / "cache", "OMP_NUM_THREADS": 1}.items():
            patch.setenv(name, str(value))
        return asyncio.run(run_pages())


@pytest.mark.parametrize("page", notebook_pages(ROOT))
def test_notebook_runs_on_colab(colab, executed, page):
    repository, package = colab[0] / "softlabels", colab[1] / "softlabels"
    if isinstance(executed[page], Exception):
        raise executed[page]
    code = code_cells(executed[page])
    assert code[1].outputs[0].text == f"the book and its package are there already; working in {repository}\n"
    assert code[-1].outputs[0].text == f"{repository} {package / '__init__.py'}\n"

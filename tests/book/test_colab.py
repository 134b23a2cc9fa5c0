"""Every notebook in an imitation of Colab: a kernel that has google.colab, a clone, the package installed beside it."""

import os

import nbformat
import pytest
from nbclient import NotebookClient

from softlabels.book import notebook_pages

from .conftest import ROOT, copy_package, git_files


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """Colab's folder with a copy of the repository in it; beside it, what its Python finds."""
    folder = tmp_path_factory.mktemp("colab")
    for path in git_files("--cached", "--others", "--exclude-standard"):
        copy = folder / "content" / "softlabels" / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / path).read_bytes())
    copy_package(folder / "site")
    (folder / "site" / "google" / "colab").mkdir(parents=True)
    (folder / "site" / "google" / "colab" / "__init__.py").touch()
    return folder / "content"


@pytest.mark.parametrize("page", notebook_pages(ROOT))
def test_notebook_runs_on_colab(content, monkeypatch, page):
    repository, site = content / "softlabels", content.parent / "site"
    for name in [name for name in os.environ if name.startswith("SOFTLABELS_")]:
        monkeypatch.delenv(name)
    for name, value in {"PYTHONPATH": site, "SOFTLABELS_CACHE": content.parent / "cache", "OMP_NUM_THREADS": 1}.items():
        monkeypatch.setenv(name, str(value))
    notebook = nbformat.read(ROOT / "notebooks" / f"{page}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code[0].source = code[0].source.replace("/content/softlabels", str(repository))
    if settings := [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]:
        assert all(f"{form}  # @param [" in settings[0].source for form in ('scale = "quick"', 'device = "auto"'))
        settings[0].source = settings[0].source.replace('scale = "quick"', 'scale = "smoke"')
    notebook.cells.insert(0, nbformat.v4.new_code_cell("import google.colab"))  # as Colab's kernel does
    where = "import os\nimport softlabels\nprint(os.getcwd(), softlabels.__file__)"
    notebook.cells.append(nbformat.v4.new_code_cell(where))
    NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": content}}).execute()
    assert code[0].outputs[0].text == f"the book and its package are there already; working in {repository}\n"
    assert notebook.cells[-1].outputs[0].text == f"{repository} {site / 'softlabels' / '__init__.py'}\n"

"""The `.ipynb` beside each notebook is made from its `.py`, install cell included."""

import json

import pytest

from softlabels.book import pairing
from softlabels.book.pairing import differing, install_cell, paired, with_install_cell

from .conftest import CONFIG, ROOT, TWO


@pytest.fixture
def project(tmp_path):
    (tmp_path / "_config.yml").write_text(CONFIG)
    (tmp_path / "notebooks" / "toy").mkdir(parents=True)
    (tmp_path / "notebooks" / "toy" / "two.py").write_text(TWO)
    return tmp_path


def test_every_notebook_of_the_book_agrees_with_its_pair():
    assert differing(ROOT, write=False) == []


def test_writing_once_is_enough_and_changes_nothing_the_second_time(project):
    source, pair = project / "notebooks" / "toy" / "two.py", project / "notebooks" / "toy" / "two.ipynb"
    assert differing(project, write=True) == [source, pair]
    text = pair.read_bytes()
    assert differing(project, write=True) == []
    pair.unlink()
    assert differing(project, write=True) == [pair]
    assert pair.read_bytes() == text


def test_pair_has_no_outputs_and_installs_on_colab_first(project):
    differing(project, write=True)
    cells = json.loads((project / "notebooks" / "toy" / "two.ipynb").read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert code[0]["metadata"]["tags"] == ["remove-cell"]
    assert "https://github.com/someone/toy" in "".join(code[0]["source"])
    assert "".join(code[1]["source"]) == "1 + 1"


def test_install_cell_does_nothing_off_colab(monkeypatch):
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("the install cell ran something"))
    exec(compile(install_cell(ROOT), "install cell", "exec"), {})


def test_a_moved_repository_replaces_the_cell():
    old = with_install_cell(TWO, pairing.INSTALL_CELL.format(address="https://github.com/a/b"))
    new = with_install_cell(old, pairing.INSTALL_CELL.format(address="https://github.com/c/d"))
    assert new == old.replace("github.com/a/b", "github.com/c/d")


def test_an_edit_of_one_cell_changes_that_cell_alone():
    before, after = (json.loads(paired(text))["cells"] for text in (TWO, TWO.replace("1 + 1", "1 + 2")))
    assert before[0] == after[0] and before[1] != after[1]


def test_check_reports_and_writes_nothing(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    assert pairing.main(["--check"]) == 1
    said = capsys.readouterr()
    assert "out of date: notebooks/toy/two.ipynb" in said.out and "make notebooks" in said.err
    assert not (project / "notebooks" / "toy" / "two.ipynb").exists()
    assert pairing.main([]) == 0
    assert pairing.main(["--check"]) == 0
    assert pairing.main(["--chekc"]) == 2


def test_a_pair_without_source_goes(project):
    orphan = project / "notebooks" / "toy" / "gone.ipynb"
    orphan.write_text("{}")
    assert orphan in differing(project, write=True)
    assert not orphan.exists()

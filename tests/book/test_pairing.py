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
    assert differing(ROOT, write=False) == ([], {})


def test_writing_once_is_enough_and_changes_nothing_the_second_time(project):
    source, pair = project / "notebooks" / "toy" / "two.py", project / "notebooks" / "toy" / "two.ipynb"
    assert differing(project, write=True) == ([source, pair], {})
    text = pair.read_bytes()
    assert differing(project, write=True) == ([], {})
    pair.unlink()
    assert differing(project, write=True) == ([pair], {})
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


def test_a_notebook_of_someones_own_is_left_alone(project, monkeypatch, capsys):
    differing(project, write=True)
    mine = project / "notebooks" / "toy" / "mine.ipynb"
    mine.write_text((project / "notebooks" / "toy" / "two.ipynb").read_text())
    monkeypatch.chdir(project)
    assert pairing.main([]) == 1 and mine.exists()
    assert "left alone: notebooks/toy/mine.ipynb has no mine.py beside it" in capsys.readouterr().err


@pytest.mark.parametrize("edit", ["a cell", "a tag", "no word of how it was made", "no notebook"])
def test_what_was_edited_in_the_notebook_is_not_overwritten(project, edit):
    differing(project, write=True)
    pair = project / "notebooks" / "toy" / "two.ipynb"
    notebook = json.loads(pair.read_text())
    if edit == "a cell":
        notebook["cells"][-1]["source"] = ["1 + 3"]
    elif edit == "a tag":
        notebook["cells"][-1]["metadata"]["tags"] = ["mine"]
    elif edit == "no word of how it was made":
        del notebook["metadata"]["softlabels"]
    text = json.dumps(notebook) if edit != "no notebook" else "<<<<<<< HEAD"
    pair.write_text(text)
    changed, left = differing(project, write=True)
    assert changed == [] and list(left) == [pair] and pair.read_text() == text
    assert ("was edited" if edit != "no notebook" else "is no notebook") in left[pair]


def test_a_notebook_that_was_only_run_is_made_anew(project):
    differing(project, write=True)
    source, pair = (project / "notebooks" / "toy" / f"two{ending}" for ending in (".py", ".ipynb"))
    notebook = json.loads(pair.read_text())
    notebook["cells"][-1] |= {"execution_count": 3, "outputs": []}
    pair.write_text(json.dumps(notebook))
    source.write_text(source.read_text().replace("1 + 1", "1 + 5"))
    assert differing(project, write=True) == ([pair], {})
    assert "1 + 5" in pair.read_text()


def test_hidden_files_are_nobodys_notebooks(project):
    (project / "notebooks" / "toy" / "._two.py").write_bytes(b"\x00\x05\xff")
    (project / "notebooks" / "toy" / "._two.ipynb").write_bytes(b"\x00\x05\xff")
    changed, left = differing(project, write=True)
    assert [path.name for path in changed] == ["two.py", "two.ipynb"] and left == {}


@pytest.mark.parametrize("marker", ['# %% tags=["remove-cell"] id="x"', '# %% id="x" colab={"a": 1}', "# %%"])
def test_an_install_cell_is_known_whatever_an_editor_adds(marker):
    cell = pairing.INSTALL_CELL.format(address="https://github.com/a/b")
    text = with_install_cell(TWO, cell)
    assert with_install_cell(text.replace('# %% tags=["remove-cell"]', marker), cell) == text


def test_a_byte_order_mark_is_no_text(project):
    source = project / "notebooks" / "toy" / "two.py"
    source.write_bytes(b"\xef\xbb\xbf" + TWO.encode())
    differing(project, write=True)
    assert source.read_text(encoding="utf-8").startswith("# %% [markdown]")

"""A page's key changes with what the page depends on, and with nothing else."""

import pytest

from softlabels import code_hash
from softlabels.book import key
from softlabels.book.key import named_studies, page_key, with_tables

from .conftest import copy_package

IMPORTER = 'import softlabels.store\n\nsettings = {"study": "memorized/classes"}\n'
OTHER = "import softlabels.errors\n"
PARAMETERS = {"scale": "smoke"}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Two notebooks, committed rows, and a copy of the package that the key is taken of."""
    package = copy_package(tmp_path)
    monkeypatch.setattr(code_hash, "PACKAGE", package)
    monkeypatch.setattr(key, "PACKAGE", package)
    for name, text in {"importer": IMPORTER, "other": OTHER}.items():
        file = tmp_path / "notebooks" / "toy" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "results" / "memorized").mkdir(parents=True)
    return tmp_path


def keys(project, parameters=PARAMETERS):
    results = project / "results"
    return {file.stem: page_key(file, parameters, results) for file in (project / "notebooks" / "toy").glob("*.py")}


def changed(before, after):
    return {name for name in before if before[name] != after[name]}


def append(file, text="\n# edited\n"):
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_nothing_changed_keeps_every_key(project):
    before = keys(project)
    (project / "notebooks" / "toy" / "importer.py").touch()
    assert keys(project) == before


def test_edited_notebook_changes_its_own_key(project):
    before = keys(project)
    append(project / "notebooks" / "toy" / "other.py")
    assert changed(before, keys(project)) == {"other"}


def test_edited_module_changes_the_keys_of_its_importers(project):
    before = keys(project)
    append(project / "softlabels" / "store.py")
    assert changed(before, keys(project)) == {"importer"}


def test_module_imported_by_an_imported_module_counts(project):
    before = keys(project)
    append(project / "softlabels" / "study.py")  # store imports it
    assert changed(before, keys(project)) == {"importer"}


def test_the_study_that_a_notebook_names_counts(project):
    before = keys(project)
    append(project / "softlabels" / "studies" / "temperature_and_classes.py")
    assert changed(before, keys(project)) == {"importer"}


def test_the_runner_itself_does_not_count(project):
    before = keys(project)
    append(project / "softlabels" / "book" / "execute.py")
    assert keys(project) == before


def test_new_rows_change_the_keys_of_the_pages_that_read_them(project):
    before = keys(project)
    (project / "results" / "memorized" / "classes.paper.csv").write_text("identity,seed\n")
    assert changed(before, keys(project)) == {"importer"}


def test_rows_of_a_study_whose_name_only_begins_alike_do_not_count(project):
    before = keys(project)
    (project / "results" / "memorized" / "classes_and_widths.paper.csv").write_text("identity,seed\n")
    assert keys(project) == before


def test_parameters_and_versions_count(project, monkeypatch):
    before = keys(project)
    assert changed(before, keys(project, {"scale": "quick"})) == {"importer", "other"}
    monkeypatch.setattr(key, "library_versions", lambda: {"torch": "0"})
    assert changed(before, keys(project)) == {"importer", "other"}


def test_tables_beside_a_module_count(project):
    folder = project / "softlabels" / "claims"
    files = with_tables([folder / "rules.py"])
    assert folder / "records.toml" in files and folder / "rules.py" in files


def test_studies_of_the_pages_figures_count(project):
    page = project / "notebooks" / "memorized" / "linear_recovery.py"
    page.parent.mkdir()
    page.write_text(OTHER)
    before = page_key(page, PARAMETERS, project / "results")
    (project / "results" / "memorized" / "linear_recovery.paper.csv").write_text("identity,seed\n")
    assert page_key(page, PARAMETERS, project / "results") != before


def test_named_studies_are_string_literals_and_nothing_else():
    text = 'a = "memorized/classes"\n# "memorized/temperature"\nb = "see memorized/low_temperature"\n'
    assert named_studies(text) == ["memorized/classes"]

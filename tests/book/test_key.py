"""A page's key changes with what the page depends on, and with nothing else."""

import pytest

from softlabels import code_hash, records
from softlabels.book import key
from softlabels.book.key import chapter_key, code_files, imported_studies, record_key, rows_key
from softlabels.code_hash import imported_modules

from .conftest import copy_package

IMPORTER = "import softlabels.store\nfrom softlabels.studies.temperature_and_classes import CLASSES\n"
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
    return {file.stem: chapter_key(file, parameters, results) for file in (project / "notebooks" / "toy").glob("*.py")}


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


def test_the_study_that_a_notebook_imports_counts(project):
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


def test_tables_that_a_module_names_count(project):
    files = code_files(["softlabels.published", "softlabels.records"])
    assert project / "softlabels" / "published.toml" in files
    assert project / "softlabels" / "claims" / "records.toml" in files
    assert project / "softlabels" / "claims" / "memorized.toml" not in files
    families = project / "softlabels" / "data" / "tiny_imagenet_families.csv"
    assert families in code_files(["softlabels.data.relations"])


@pytest.mark.parametrize("file", ["memorized.toml", "__init__.py", "rules.py", "arithmetic.py", "table.py"])
def test_what_judges_is_no_part_of_a_chapter(project, file):
    chapter = project / "notebooks" / "toy" / "importer.py"
    reading = "from softlabels import claims, plots\nfrom softlabels.claims.readings.images import pick\n"
    chapter.write_text(IMPORTER + reading)
    before, all_rows = keys(project), rows_key([], project)
    append(project / "softlabels" / "claims" / file)
    assert keys(project) == before
    assert rows_key([], project) != all_rows
    append(project / "softlabels" / "claims" / "readings" / "images.py")
    assert changed(before, keys(project)) == {"importer"}


@pytest.mark.parametrize("asks", ['claims.of("M1")', 'claims.all_photographs(CLASSES, "M1")'])
def test_a_chapter_that_asks_for_a_claim_as_it_runs_counts_it(project, asks):
    chapter = project / "notebooks" / "toy" / "importer.py"
    chapter.write_text(f"{IMPORTER}from softlabels import claims\n{asks}\n")
    file = project / "softlabels" / "claims" / "memorized.toml"
    text, before = file.read_text(encoding="utf-8"), keys(project)
    for claim, pages in {"N4": set(), "M1": {"importer"}}.items():
        file.write_text(text.replace(f'id = "{claim}"\n', f'id = "{claim}"\nbecause = "of another reason"\n'), "utf-8")
        assert changed(before, keys(project)) == pages
    file.write_text(text, encoding="utf-8")
    (judged_by,) = records.find("memorized/fig1").studies  # M1's, which the chapter does not import
    rows = project / "results" / f"{judged_by}.paper.csv"
    rows.write_text("identity,seed\n")
    assert changed(before, keys(project)) == {"importer"}
    rows.unlink()
    append(project / "softlabels" / "claims" / "rules.py")
    assert changed(before, keys(project)) == {"importer"}


def test_plots_know_no_claims(project):
    names = {file.relative_to(project / "softlabels").as_posix() for file in code_files(["softlabels.plots"])}
    assert "plots.py" in names and not any(name.startswith("claims") for name in names)


def test_a_notebook_of_the_record_depends_on_all_rows(project):
    source = project / "notebooks" / "toy" / "other.py"
    assert record_key(source, PARAMETERS, "a") == record_key(source, PARAMETERS, "a") != record_key(source, {}, "a")
    assert record_key(source, PARAMETERS, "b") != record_key(source, PARAMETERS, "a")
    before = rows_key(["a chapter's"], project)
    assert rows_key(["another"], project) != before
    (project / "runs" / "memorized" / "classes.paper").mkdir(parents=True)
    (project / "runs" / "memorized" / "classes.paper" / "pack.cpu.json").write_text("{}")
    with_pack = rows_key(["a chapter's"], project)
    (project / "results" / "memorized" / "classes.paper.csv").write_text("identity,seed\n")
    assert len({before, with_pack, rows_key(["a chapter's"], project)}) == 3


def test_the_studies_of_a_chapter_are_those_that_it_imports():
    text = """
from softlabels.studies import temperature_and_classes
from softlabels.studies.random_networks import STUDENT_WIDTHS, train
from softlabels.studies.temperature_and_classes import CLASSES
# from softlabels.studies.linear_recovery import LINEAR_RECOVERY
"""
    assert imported_studies(imported_modules(text)) == ["memorized/classes", "memorized/student_widths"]


def test_every_chapter_imports_the_studies_of_its_figures(root):
    """Its key counts their rows, and the rows of no other study."""
    for page in {record.page for record in records.all() if record.studies}:
        text = (root / "notebooks" / f"{page}.py").read_text(encoding="utf-8")
        figures = {study for record in records.of(page) for study in record.studies}
        assert figures <= set(imported_studies(imported_modules(text))), page

"""The table of contents, the stub that jupyter-book wants, and the address that stands in one place."""

import yaml

from softlabels.book import notebook_pages
from softlabels.book.pairing import repository_address

from .conftest import ROOT, git_files


def read(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def entries(toc):
    chapters = toc.get("chapters", []) + [chapter for part in toc.get("parts", []) for chapter in part["chapters"]]
    below = [(chapter, *chapter.get("sections", [])) for chapter in chapters]
    return [toc["root"], *(page["file"] for pages in below for page in pages)]


def test_every_entry_has_a_source():
    for name in entries(read("_toc.yml")):
        source = ROOT / f"{name}.py" if name.startswith("notebooks/") else ROOT / "book" / f"{name}.md"
        assert source.is_file(), f"_toc.yml names {name}, but there is no {source}"


def test_every_notebook_and_page_is_in_the_table_of_contents():
    named = set(entries(read("_toc.yml")))
    book = ROOT / "book"
    pages = {path.relative_to(book).with_suffix("").as_posix() for path in [*book.glob("*.md"), *book.glob("api/*.md")]}
    notebooks = {path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "notebooks").glob("*/*.py")}
    assert pages | notebooks == named


def test_notebook_pages_are_the_notebooks_in_order():
    named = [name.removeprefix("notebooks/") for name in entries(read("_toc.yml")) if name.startswith("notebooks/")]
    assert notebook_pages(ROOT) == named


def test_the_stub_stays_a_stub():
    stub = read("book/_toc.yml")
    assert stub == {"format": "jb-book", "root": read("_toc.yml")["root"]}


def test_the_address_stands_in_the_config_alone():
    address = repository_address(ROOT).removeprefix("https://")
    generated = {".ipynb", ".py"}  # install cells: the pairing check holds them equal to the config
    holders = []
    for path in git_files("--cached", "--others", "--exclude-standard"):
        if path.startswith("notebooks/") and (ROOT / path).suffix in generated:
            continue
        if address.encode() in (ROOT / path).read_bytes():
            holders.append(path)
    assert holders == ["_config.yml"]

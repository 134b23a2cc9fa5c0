"""The built book, read as files: what it links to, what it would fetch, what it says of its figures."""

import html
import re
from html.parser import HTMLParser

import nbformat
import pytest

from softlabels import claims, records
from softlabels.book import notebook_pages
from softlabels.book.pairing import repository_address
from softlabels.book.site import join_links

from .conftest import ROOT, git_files

FETCHED = {"src", "srcset", "data", "poster"}  # attributes that make a browser fetch something by itself


class Page(HTMLParser):
    """The tags of a page, as (name, attributes)."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


@pytest.fixture(scope="session")
def pages(smoke_book):
    """Every HTML page of the book, by its path in the site."""
    files = {file.relative_to(smoke_book).as_posix(): file for file in smoke_book.rglob("*.html")}
    return {
        name: Page(file.read_text(encoding="utf-8")) for name, file in files.items() if not name.startswith("_static")
    }


def test_every_chapter_is_there(pages):
    assert {f"notebooks/{page}.html" for page in notebook_pages(ROOT)} <= set(pages)


def test_nothing_is_fetched_from_elsewhere(pages):
    external = [
        (name, tag, attributes)
        for name, page in pages.items()
        for tag, attributes in page.tags
        for attribute, value in attributes.items()
        if (attribute in FETCHED or (tag == "link" and attribute == "href"))
        and re.match(r"(https?:)?//", value or "")
        and attributes.get("rel") != "canonical"
    ]
    assert external == []


def test_styles_and_scripts_of_the_site_name_no_other_host(smoke_book):
    for file in smoke_book.rglob("*.css"):
        assert not re.search(r"(url\(|@import )[\"']?(https?:)?//", file.read_text(encoding="utf-8")), file
    own = {file.name for file in (ROOT / "book" / "_static").glob("*.js")}
    assert own
    for name in own:
        script = (smoke_book / "_static" / name).read_text(encoding="utf-8")
        addresses = set(re.findall(r"[\"'`](?:https?:)?//[^\"'`]+", script))
        assert {address[1:] for address in addresses} <= {"http://www.w3.org/2000/svg"}, name  # a name, never fetched


def test_colab_opens_a_notebook_that_is_in_the_repository(pages):
    tracked = set(git_files("--cached", "--others", "--exclude-standard"))
    start = repository_address(ROOT).replace("https://github.com", "https://colab.research.google.com/github")
    for name in notebook_pages(ROOT):
        links = {
            attributes["href"]
            for tag, attributes in pages[f"notebooks/{name}.html"].tags
            if tag == "a" and "colab" in attributes.get("href", "") and "btn" in attributes.get("class", "")
        }
        assert links == {f"{start}/blob/main/notebooks/{name}.ipynb"}
        assert f"notebooks/{name}.ipynb" in tracked


def test_suggested_edits_lead_to_what_people_write(pages):
    for name, page in pages.items():
        for tag, attributes in page.tags:
            href = attributes.get("href") or ""
            if tag == "a" and "/edit/main/" in href:
                source = href.split("/edit/main/")[1]
                assert (ROOT / source).is_file(), f"{name} suggests to edit {source}"


def test_links_within_the_site_lead_somewhere(smoke_book, pages):
    broken = []
    for name, page in pages.items():
        for tag, attributes in page.tags:
            target = attributes.get("href" if tag == "a" else "src") or ""
            path = re.split(r"[?#]", target)[0]
            if not path or re.match(r"\w+:|//", target):
                continue
            if not (smoke_book / name).parent.joinpath(path).exists():
                broken.append((name, target))
    assert broken == []


def test_every_figure_of_a_notebook_is_on_its_page(smoke_book, pages):
    for name in notebook_pages(ROOT):
        produced = nbformat.read(smoke_book.parents[1] / "book" / "notebooks" / f"{name}.ipynb", as_version=4)
        drawn = {cell.metadata.mystnb.figure.name for cell in produced.cells if "mystnb" in cell.metadata}
        shown = {attributes.get("id") for _, attributes in pages[f"notebooks/{name}.html"].tags}
        assert drawn <= shown, f"{name} lost {drawn - shown}"
        assert drawn or name.startswith("record/")


def test_injected_parameters_and_install_cells_are_hidden(smoke_book):
    for name in notebook_pages(ROOT):
        text = (smoke_book / "notebooks" / f"{name}.html").read_text(encoding="utf-8")
        assert "google.colab" not in re.sub(r"<[^>]+>", "", text)
        assert "# Parameters" not in re.sub(r"<[^>]+>", "", text)


def test_no_page_has_a_marker_left(smoke_book):
    for page in smoke_book.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<!-- rows:" not in text and "&lt;!-- claims:" not in text and "<!-- claims:" not in text, page


def text_of(smoke_book, page):
    """A page's words, as one line."""
    words = re.sub(r"<[^>]+>", "", (smoke_book / "notebooks" / f"{page}.html").read_text(encoding="utf-8"))
    return " ".join(html.unescape(words).split())


def test_every_chapter_shows_its_verdicts_and_the_claims_page_all_of_them(smoke_book):
    for page in notebook_pages(ROOT):
        if records.of(page):  # the pages of the record and the one on audits have no record of their own
            table = (smoke_book / "notebooks" / f"{page}.html").read_text(encoding="utf-8")
            assert table.count('class="softlabels-claims"') == 1, page
            assert all(f"<strong>{claim.id}</strong>" in table for claim in claims.of(page))
    said = (smoke_book / "notebooks" / "record" / "claims.html").read_text(encoding="utf-8")
    assert all(f"<strong>{claim.id}</strong>" in said for claim in claims.all())
    words = text_of(smoke_book, "record/claims")
    assert re.search(r"Of \d+ claims of the two papers, \d+ are reproduced at .* Not run: \d+\.", words)
    assert all(f'id="claim-{claim.id}"' in said for claim in claims.all())


def test_the_page_of_data_has_sizes_checksums_and_digits_that_are_hard_with_noise(smoke_book):
    said = text_of(smoke_book, "record/data_and_teachers")
    assert "50,000 + 10,000" in said and "CIFAR-10's numbers: mean 0.4914" in said.replace("’", "'") and "ZCA" in said
    assert "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821 tiny-imagenet-200.zip" in said
    right = re.search(r"names (\d+)% of the clean digits, (\d+)% of the noisy digits, (\d+)% of the clean", said)
    clean, noisy, pairs = map(int, right.groups())
    assert clean > 85 > 70 > noisy > 30 and pairs > 70
    assert "Crosses: what table 7 of paper Q prints." in said and "right on" in said


def test_the_page_on_the_reference_code_has_numbers_from_rows(smoke_book):
    said = text_of(smoke_book, "record/reference_code")
    assert said.count("In our rows") == 2 * 6  # six sentences, and the folded cells that make them
    assert "N1, Where a student begins." in said


def test_the_page_of_costs_has_a_line_a_figure(smoke_book):
    table = (smoke_book / "notebooks" / "record" / "cost.html").read_text(encoding="utf-8")
    pages = {record.page for record in records.all()} & set(notebook_pages(ROOT))
    assert all(f'<a href="../{page}.html">' in table for page in pages)
    assert "which of the two grids that was is not known" in text_of(smoke_book, "record/cost")


def test_links_of_the_book_as_one_page_stay_within_it(tmp_path):
    page = tmp_path / "index.html"
    links = {
        "notebooks/record/claims.html?paper=B&amp;verdict=not%20run": "#document-notebooks/record/claims",
        "../memorized/two_dimensions.html": "#document-notebooks/memorized/two_dimensions",
        "../record/claims.html#claim-M1": "#claim-M1",
        "../../about.html": "#document-about",
        "../../rows/memorized/two_dimensions.paper.csv": "rows/memorized/two_dimensions.paper.csv",
        "genindex.html": "genindex.html",
        "https://example.org/about.html": "https://example.org/about.html",
    }
    parts = ("notebooks/record/claims", "notebooks/memorized/two_dimensions", "about")
    text = "".join(f'<span id="document-{name}"></span>' for name in parts)
    page.write_text(text + "".join(f'<a href="{link}">' for link in links), encoding="utf-8")
    join_links(page)
    assert re.findall('href="([^"]*)"', page.read_text(encoding="utf-8")) == list(links.values())


def test_equations_come_from_the_site_itself(smoke_book):
    assert (smoke_book / "_static" / "mathjax" / "tex-chtml-full.js").is_file()
    assert len(list((smoke_book / "_static" / "mathjax" / "output").rglob("*.woff"))) > 10

"""The landing page's parts and the counts of verdicts, from rows and notebooks made for the purpose."""

import re
from collections import Counter
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from claims.worlds import joined

from softlabels import claims, records
from softlabels.book import landing
from softlabels.claims.rules import CONSISTENT, KINDS, Verdict
from softlabels.claims.table import SIGNS, Table, badge, counted

PAGE = "memorized/two_dimensions"
ROOT = Path(__file__).parents[2]


def judged(**changed):
    """Every claim not run at any scale, but for `changed`: claim -> scale -> verdict."""
    verdicts = {claim.id: {scale: claim.judge(scale, {}) for scale in claims.SCALES} for claim in claims.all()}
    for name, at in changed.items():
        verdicts[name] |= {scale: Verdict(verdict, 0.98, 0.97, 0.99, 5) for scale, verdict in at.items()}
    return verdicts


def table(*about, **changed):
    return Table([claim for claim in claims.all() if not about or claim.id in about], judged(**changed))


def test_what_was_not_run_is_counted():
    said = table("M1", "M2", "M3", "L04", M1={"quick": "reproduced"}).summary
    assert said == (
        "At quick scale: 1 same direction, 2 not run. At paper scale: 3 not run. "
        "By arithmetic on the papers' own tables, which reproduces nothing, also of claims that were run: "
        "1 published numbers consistent."
    )
    assert counted(["inconclusive", "not run", "reproduced", "not run"]) == "1 reproduced, 1 inconclusive, 2 not run"


def test_a_tally_counts_each_claim_once_by_paper_and_kind_at_its_largest_scale_that_has_a_verdict():
    found = table(
        "M1", "M2", "M3", "M4", "L04", "L06", "N1",
        M1={"quick": "inconclusive", "paper": "reproduced"}, M2={"paper": "reproduced"},
        M3={"quick": "reproduced"}, L06={"quick": "reproduced", "reduced": "not reproduced"},
    )  # fmt: skip
    counts = found.tally()
    assert {paper: {word: n for word, n in by.items() if n} for paper, by in counts.items()} == {
        "Q": {"not reproduced": 1, CONSISTENT: 1},
        "B": {"reproduced": 1, "same direction": 1, "by construction": 1, "not run": 1},
        "this book": {"not run": 1},
    }
    assert sum(map(sum, (by.values() for by in table().tally().values()))) == len(claims.all())
    said = found.tally_html("notebooks/record/claims.html")
    assert "claims.html?paper=B&amp;scale=largest&amp;verdict=same%20direction" in said
    assert "<td>1</td><td>" not in said and said.count("<tr") == 2 + 6 and "<td>2</td><td>4</td><td>1</td>" in said


def test_a_cell_counts_verdicts_and_what_was_not_run():
    record = records.find("memorized/fig1")
    of_record = table("M1", "M2", M1={"quick": "inconclusive"})
    cell = landing.scale_cell(record, "quick", of_record, {})
    assert "? 1" in cell and "– 1 not run" in cell


def test_a_record_without_verdicts_says_how_many_rows_it_has():
    record = records.find("memorized/fig1")
    rows = {record.studies[0]: {"quick": pd.DataFrame({"x": range(1600)})}}
    assert "1600 rows" in landing.scale_cell(record, "quick", table("M1"), rows)


def test_what_was_not_run_says_so_with_its_cost():
    cell = landing.scale_cell(records.find("memorized/fig4a"), "paper", table("M17"), {})
    assert "not run" in cell and "9.3 × 10¹⁴ FLOP" in cell


def test_a_scale_that_a_study_does_not_have_stays_empty():
    assert landing.scale_cell(records.find("memorized/fig4a"), "reduced", table("M17"), {}) == ""


def test_arithmetic_stands_at_paper_scale_where_there_is_nothing_to_run():
    (claim,) = claims.of("L04")
    cell = landing.scale_cell(records.find(claim.record), "paper", table("L04"), {})
    assert "= 1" in cell and f'title="{CONSISTENT}"' in cell


def test_the_largest_scale_that_has_a_verdict_counts():
    best = claims.at_largest_scale
    assert best(judged(M1={"quick": "inconclusive", "paper": "reproduced"})["M1"]) == "reproduced"
    assert best(judged(M1={"quick": "inconclusive"})["M1"]) == "inconclusive"
    assert best(judged()["M1"]) == "not run"


def test_the_conferences_number_stands_beside_where_it_differs():
    assert records.find("memorized/fig4a").numbered == "figure 4a (5A)"
    assert records.find("memorized/low_temperature").numbered == "finding"


BADGE = re.compile(r'<strong class="verdict [\w-]+"(?: title="([^"]*)")?>(\S+) ([^<]+)</strong>')


def test_every_place_counts_the_same_kinds_with_the_same_signs(notebook):
    some = table(
        M1={"quick": "reproduced"}, M2={"quick": "inconclusive", "paper": "reproduced"}, M4={"paper": "reproduced"},
        M3={"quick": "reproduced"}, L06={"quick": "reproduced", "reduced": "not reproduced"},
        L39={"quick": "reproduced"},
    )  # fmt: skip
    counts = sum((Counter(by) for by in some.tally().values()), Counter())
    assert min(counts[kind] for kind in KINDS) > 0
    pages = dict.fromkeys((record.page for record in records.all()), notebook)
    listed = "".join(landing.line(page, notebook, some) for page in pages)
    key = {sign: word for _, sign, word in BADGE.findall(landing.key_to_signs(some))}
    assert key == {sign: word for word, sign in SIGNS.items()}
    found = Counter()
    for title, sign, number in BADGE.findall(listed):
        found[key[sign]] += int(number)
        assert title.split(":")[0] == key[sign]
    assert found == +counts
    rows = landing.figures(pages, some, {})
    at_paper = Counter(some.outcome(claim, "paper") for claim in some.claims if claim.names("paper"))
    at_quick = Counter(some.outcome(claim, "quick") for claim in some.claims if claim.names("quick"))
    assert at_paper["same direction"] == 0 and at_quick["reproduced"] == 0
    for word in KINDS:
        shown = sum(int(number) for _, sign, number in BADGE.findall(rows) if key[sign] == word and number.isdecimal())
        assert shown == at_quick[word] + at_paper[word], word


def test_a_badge_has_a_sign_a_word_and_a_class():
    assert badge("not reproduced") == '<strong class="verdict not-reproduced">✗ not reproduced</strong>'
    assert badge("by construction", "3") == (
        '<strong class="verdict by-construction" title="by construction: for any rows">≡ 3</strong>'
    )
    assert badge(CONSISTENT, "3") == (
        '<strong class="verdict published-numbers-consistent" title="published numbers consistent">= 3</strong>'
    )


@pytest.fixture
def notebook():
    text = "# In the plane\n\n**Question.** What does a\nsoft label say?\n\nMore."
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    notebook.metadata["softlabels"] = {"key": "k", "seconds": 12.3, "scale": "quick"}
    return notebook


def test_a_chapters_line_has_its_verdicts(notebook):
    said = landing.line(PAGE, notebook, table(M1={"quick": "reproduced"}))
    assert f"[In the plane](notebooks/{PAGE})" in said
    assert "(✓) 1" in said and "– 2" in said


def test_both_papers_in_a_minute_are_read_off_rows():
    said = landing.minute()
    assert said.count("grid-item-card") == 3
    rows = landing.stored("memorized/two_dimensions")
    turned = rows.assign(labels=rows.labels.map({"soft": "hard", "hard": "soft"}))
    shares = [re.findall(r"\*\*(\d+)%", landing.what_it_gives_away(of)) for of in (rows, turned)]
    assert shares[0] == shares[1][::-1] and len(set(shares[0])) == 2


def test_all_parts_are_there_before_anything_has_run(project, notebook):
    said = landing.parts({PAGE: notebook, "record/claims": notebook}, {}, table())
    texts = [(ROOT / "book" / f"{page}.md").read_text("utf-8") for page in ("index", "figures")]
    asked = set(re.findall(r"<!-- rows: (\w+) -->", " ".join(texts)))
    assert asked == set(said)
    assert (
        said["picture"] == ""
        and "grid-item-card" not in said["minute"]
        and not any(letter.isdigit() for letter in said["joined_finding"])
    )
    assert said["coverage"].startswith(said["covered"][:-1]) and re.fullmatch(r"0 of \d+ [\w ]+\.", said["covered"])
    assert "record/claims" not in said["chapters"] and said["figures"].count("| figure 4a (5A) |") == 1
    assert f"{len(claims.all())} claims" in said["key_to_signs"]


@pytest.mark.parametrize("name", landing.FINDINGS)
def test_a_finding_turns_with_its_verdict(name):
    claim = landing.FINDINGS[name]["claim"]
    said = {v: landing.finding(name, table(**{claim: {"quick": v}})) for v in ("reproduced", "not reproduced")}
    said["undecided"] = landing.finding(name, table(**{claim: {"quick": "inconclusive"}}))
    assert len(set(said.values())) == 3
    assert "*same direction* at quick scale" in said["reproduced"] and "*not reproduced*" in said["not reproduced"]
    assert said["undecided"] == landing.finding(name, table())


def test_the_largest_scale_that_decides_makes_the_finding():
    some = table(M1={"quick": "not reproduced", "reduced": "reproduced", "paper": "inconclusive"})
    assert "*same direction* at reduced scale, *inconclusive* at paper scale)" in landing.finding("leak", some)
    assert "*reproduced* at paper scale" in landing.finding("leak", table(M1={"paper": "reproduced"}))


def test_the_finding_about_images_has_the_papers_own_condition():
    assert landing.printed_images() == "7.6 % against 20.1 % at one image per class, 27.2 % against 24.4 % at ten"


def test_the_joined_finding_turns_with_its_rows(monkeypatch):
    def said(**world):
        rows = joined(**world)
        rows.attrs |= {"scale": "quick", "seeds": 3}
        monkeypatch.setattr(landing, "stored", lambda study: rows)
        return landing.joined_finding(table(J1={"quick": "reproduced"}))

    useful, useless = said(useful=0.97), said(useful=0.8)
    assert "more than hard ones" in useful and "less than hard ones" in useless
    assert "90% with the fully trained teacher" in useful and "predict it for 12%, 22% and" in useful
    assert "90%" not in said(leak=0.2)
    assert "At τ = 1 the early teacher's labels leak more than" in useful  # where cold labels hide the leak
    assert "At τ = 1 the early teacher's labels leak less than" in said(cold=0.8)
    assert "(Quick scale, 3 replicates; claims [J1](notebooks/record/claims): *same direction*, [J2](" in useful


def test_a_claim_links_to_its_page_where_that_is_written(project):
    written = project / "notebooks" / f"{PAGE}.py"
    written.parent.mkdir()
    written.touch()
    said = table()._repr_html_()
    assert said.count(f'<a href="../{PAGE}.html">') == 1 + 3 == said.count('<a href="../')  # its heading and its claims
    assert "several" in said and 'class="where"' in said and 'class="where"' not in table("M1")._repr_html_()

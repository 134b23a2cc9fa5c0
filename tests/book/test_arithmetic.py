"""Arithmetic on published numbers in the book: under the paper's value, never among ours."""

import pytest

from softlabels.book import claims_page, landing
from softlabels.book.rendering import badge

from .test_pages import book, claim  # noqa: F401 (a fixture)

CONSISTENT = {"verdict": "published numbers consistent", "value": 3.7, "low": 3.7, "high": 3.7, "n": 0}


@pytest.fixture
def with_arithmetic(book):  # noqa: F811
    """M17 has rows and arithmetic, L04 arithmetic alone."""
    book.facts["claims"].append(claim(id="L04", quick=None, paper=CONSISTENT))
    book.facts["arithmetic"] = {"M17": CONSISTENT | {"verdict": "published numbers not consistent"}, "L04": CONSISTENT}
    return book


def test_it_stands_under_the_papers_value(with_arithmetic):
    lines = claims_page.claim_table(with_arithmetic).splitlines()
    cells = {
        line.split(" | ")[0].strip("| "): line.split(" | ") for line in lines if line.startswith(("| M17", "| L04"))
    }
    assert "= published numbers consistent" in cells["L04"][3] and "0.98" in cells["L04"][3]
    assert "≠ published numbers not consistent" in cells["M17"][3]
    assert all("not run" in cell for cell in cells["L04"][4:])  # nothing of it is ours
    assert "✓ reproduced" in cells["M17"][4]


def test_the_summary_counts_it_apart(with_arithmetic):
    said = claims_page.claim_summary(with_arithmetic)
    assert said == (
        "At quick scale: 1 reproduced. By arithmetic on the papers' own tables, which reproduces nothing: "
        "1 published numbers consistent, 1 published numbers not consistent."
    )


def test_without_rows_it_is_all_there_is_to_say(with_arithmetic):
    with_arithmetic.facts["claims"] = []
    assert claims_page.claim_summary(with_arithmetic).startswith("No claim has rows yet. By arithmetic")


def test_a_badge_has_a_sign_a_word_and_a_class():
    said = badge("published numbers consistent", "3")
    assert 'class="verdict published-numbers-consistent"' in said and "= 3" in said
    assert 'title="published numbers consistent"' in said


def test_a_card_and_the_key_know_it(with_arithmetic):
    assert landing.best_verdict({"quick": None, "reduced": None, "paper": CONSISTENT}) == CONSISTENT["verdict"]
    assert "published numbers consistent" in landing.key_to_signs(with_arithmetic)

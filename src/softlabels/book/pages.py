"""Pages made from rows: what `<!-- rows: NAME -->` in a written page is replaced by, after all notebooks are done."""

import re
from collections.abc import Callable
from pathlib import Path

from softlabels.book import claims_page, cost_page, data_page, landing, reference_page, teachers_page
from softlabels.book.rendering import Book

PAGES = ("index", "claims", "reference_code", "cost", "data_and_teachers")

MARKERS: dict[str, Callable[[Book], str]] = {
    "picture": landing.picture,
    "joined_finding": landing.joined_finding,
    "cards": landing.cards,
    "figures": landing.figures,
    "key_to_signs": landing.key_to_signs,
    "claims": claims_page.claim_table,
    "claim_summary": claims_page.claim_summary,
    "costs": cost_page.cost_table,
    "machine": cost_page.machine,
    "figure_4a": cost_page.figure_4a,
    "measured": cost_page.measured_table,
    "devices": cost_page.devices_table,
    "missing": cost_page.missing_table,
    "build": cost_page.build_table,
    "data_sets": data_page.sets,
    "checksums": data_page.checksums,
    "digits": data_page.digits,
    "digit_sets": data_page.digit_sets,
    "teacher_curves": teachers_page.curves,
    "teacher_ends": teachers_page.ends,
    "findings": reference_page.findings,
    "level": reference_page.level,
    "teacher_panel": reference_page.teacher_panel,
    "seed_13": reference_page.seed_13,
    "best_on_test": reference_page.best_on_test,
    "spread": reference_page.spread,
    "student_epochs": reference_page.student_epochs,
    "starts": reference_page.starts,
}


def fill(text: str, root: Path, folder: Path, pages: list[str]) -> str:
    """A written page's text with every marker replaced. Raises KeyError for a marker that means nothing."""
    book = Book(root, folder, pages)
    return re.sub(r"<!-- rows: (\w+) -->", lambda found: MARKERS[found.group(1)](book), text)

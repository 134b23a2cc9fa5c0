"""What the pages made from rows share: the book's facts at hand, and words for numbers, verdicts and records."""

import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from softlabels.book.facts import facts

SCALES = ("quick", "reduced", "paper")
SIGNS = {
    "reproduced": "✓",
    "not reproduced": "✗",
    "inconclusive": "?",
    "published numbers consistent": "=",
    "published numbers not consistent": "≠",
    "not run": "–",
}


@dataclass
class Book:
    """What the markers read: the executed notebooks, and what the rows say."""

    root: Path
    folder: Path  # book/
    pages: list[str]

    @cached_property
    def facts(self) -> dict:
        return facts(self.root)

    @cached_property
    def notebooks(self) -> dict:
        """The executed notebooks, by page."""
        import nbformat

        files = {page: self.folder / "notebooks" / f"{page}.ipynb" for page in self.pages}
        return {page: nbformat.read(file, as_version=4) for page, file in files.items() if file.is_file()}

    def page_of(self, record: dict) -> str:
        return record["notebook"].removeprefix("notebooks/").removesuffix(".py")


def opening(notebook) -> tuple[str, str]:
    """A notebook's title and the first sentence or two below it."""
    text = next(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    title = re.search(r"^# (.+)$", text, re.MULTILINE).group(1)
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if not part.strip().startswith("#")]
    question = " ".join(paragraphs[0].split()) if paragraphs else ""
    return title, re.sub(r"^\*\*Question[.:]?\*\*:?\s*", "", question)


def numbered(record: dict) -> str:
    """What the papers call it: "figure 4a", with the conference's number where that differs."""
    if not record["number"]:
        return record["kind"]
    later = record.get("number_published")
    return f"{record['kind']} {record['number']}" + (f" ({later})" if later and later != record["number"] else "")


def linked(book: Book, record: dict) -> str:
    """A record's title, as a link where its page is in the book."""
    title = cell_text(record["title"])
    return f"[{title}](notebooks/{book.page_of(record)})" if book.page_of(record) in book.notebooks else title


def table(heads: Iterable[str], lines: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table in Markdown; `kind`, classes of the style sheet, makes it one that readers can sort."""
    heads = list(heads)
    rows = [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *lines)]
    return "\n".join([f":::{{div}} sortable {kind}", *rows, ":::"] if kind else rows)


def badge(verdict: str, text: str) -> str:
    """A verdict as a sign, a word and a colour: never as a colour alone."""
    sign = SIGNS.get(verdict, "")
    title = f' title="{verdict}"' if verdict in SIGNS else ""
    return f'<span class="verdict {verdict.replace(" ", "-")}"{title}>{f"{sign} {text}".strip()}</span>'


def verdict_counts(record: dict, scale: str) -> Counter:
    return Counter(claim[scale]["verdict"] for claim in record["claims"] if claim.get(scale))


def cell_text(text: str) -> str:
    """Text that may stand in a table's cell."""
    return " ".join(html.escape(text, quote=False).split()).replace("|", "\\|")


def shown(value) -> str:
    """A value of whatever kind a claim has, for a reader."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown, value))
    return cell_text(str(value))


def power(number: float | None) -> str:
    """9.3e14 as a reader's power of ten; a dash for nothing."""
    if not number:
        return "–"
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{mantissa} · 10<sup>{int(exponent)}</sup>"


def duration(seconds: float) -> str:
    """Seconds in the largest unit that leaves a number above one."""
    for name, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.1f} {name}" if seconds < 100 * length else f"{seconds / length:,.0f} {name}"
    return f"{seconds:.1f} s" if seconds >= 0.1 else "< 0.1 s"

"""Pages made from rows."""

from pathlib import Path

PAGES = ("index", "claims", "cost")


def fill(text: str, root: Path, book: Path, pages: list[str]) -> str:
    """A written page's text with its markers replaced."""
    return text

"""What a chapter shows of verdicts is filled in after all notebooks: a changed criterion executes no chapter again.

While the book executes a chapter, `claims.table` and `claims.word` leave a marker in what is displayed. Its second
stage, `softlabels.book.second_stage`, puts the table or the words in its place, judged by the rows that are then known.
"""

import json
import os
import re

MARKER = re.compile(r"<!-- claims: (\{.*?\}) -->")


def wanted() -> bool:
    """Whether a chapter of the book is being executed; the runner says so."""
    return os.environ.get("SOFTLABELS_BOOK") == "chapter"


def marker(**call) -> str:
    """A comment that says what to fill in; nothing in it can end the comment."""
    return f"<!-- claims: {json.dumps(call).replace('>', chr(92) + 'u003e')} -->"


class Deferred:
    """A table that is not there yet."""

    def __init__(self, markup: str):
        self.markup = markup

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return "The verdicts stand here once the book is complete."

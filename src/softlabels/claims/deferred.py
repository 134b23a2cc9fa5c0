"""What a chapter shows of verdicts is filled in after all notebooks: a changed criterion executes no chapter again.

While the book executes a chapter, `claims.table` and `claims.word` leave a marker in what is displayed. Its second
stage, `softlabels.book.second_stage`, puts the table or the words in its place, judged by the rows that are then known.
"""

import json
import os
import re

from softlabels.errors import SoftLabelsError

MARKER = re.compile(r"<!-- claims: (\{.*?\}) -->")


def wanted() -> bool:
    """Whether a chapter of the book is being executed; the runner says so."""
    return os.environ.get("SOFTLABELS_BOOK") == "chapter"


def marker(**call) -> str:
    """A comment that says what to fill in; nothing in it can end the comment."""
    return f"<!-- claims: {json.dumps(call).replace('>', chr(92) + 'u003e')} -->"


class Later(str):
    """Words that are not known yet: a chapter may put them into a text, but not ask whether there are any."""

    def __bool__(self) -> bool:
        raise SoftLabelsError(
            "A verdict's words are filled in after the chapters have run, so a chapter cannot depend on them; "
            "what depends on a verdict belongs into the words themselves."
        )


class Deferred:
    """A table that is not there yet."""

    def __init__(self, markup: str):
        self.markup = markup

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return "The verdicts stand here once the book is complete."

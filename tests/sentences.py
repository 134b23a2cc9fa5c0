"""What a page of the book says of given rows: its cells run here, on made-up rows, and nothing is drawn or trained.

A test gives a page rows of two worlds, one in which its claims hold and one in which they do not, and asks which
sentences stayed: see `unturned`.
"""

import ast
import contextlib
import io
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import matplotlib
import matplotlib.pyplot as plt
import pandas as pd
import pytest

from softlabels import claims, plots, store, sweep

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
CELL = re.compile(r"^# %%(?P<about>.*)$", re.MULTILINE)
BOLD = re.compile(r"(?:^|(?<=\n\n))\*\*(.+?)\*\*", re.DOTALL)  # what a caption or paragraph begins with
ANSWER = "## Answer"


class Sentence(NamedTuple):
    """A sentence with a finding, and where it stands: `headline of <figure>`, `bold`, or `answer`."""

    where: str
    text: str

    @property
    def words(self) -> str:
        """The sentence without its numbers, which change with the rows whatever it says of them."""
        return re.sub(r"[+−-]?\d[\d.,]*", "#", self.text)


def cells(page: str) -> list[str]:
    """The code cells of a notebook, `label_worth/structure`, in order."""
    text = (NOTEBOOKS / f"{page}.py").read_text(encoding="utf-8")
    heads = list(CELL.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [text[head.end() : end] for head, end in zip(heads, ends, strict=True) if "[markdown]" not in head["about"]]


def says(
    page: str,
    rows: Callable[[str, str], pd.DataFrame | None],
    scale: str = "quick",
    given: Mapping[str, object] | None = None,
    instead: Mapping[str, object] | None = None,
) -> list[Sentence]:
    """Every headline, bold sentence and sentence of the Answer of a page, in order, when it runs on given rows.

    rows(study id, scale): what there is of a study, None for nothing; the page computes `scale` and finds the others
    stored. The verdicts that its sentences quote are judged by the same rows. given: name -> value, put in the place of
    what a cell has computed itself. instead: `module.name` -> what replaces it, for cells that train.
    """
    said = []

    def there(study, scale):
        frame = rows(study if isinstance(study, str) else study.id, scale)
        return frame if frame is None else as_stored(frame)

    def show(*_, name, caption, alt, **__):
        assert re.search(r"\d", alt), f"figure {name} has an alt text without a number: {alt}"
        bold = BOLD.match(caption.strip())
        said.append(Sentence(f"headline of {name}", bold[1] if bold else caption))
        plt.close("all")

    def answer(markdown):
        if markdown.startswith(ANSWER):
            text = " ".join(markdown.removeprefix(ANSWER).split())
            said.extend(Sentence("answer", part) for part in re.split(r"(?<=[.!?]) (?=[A-Z])", text))
        else:
            said.extend(Sentence("bold", text) for text in BOLD.findall(markdown))

    def known(study, scale=None):
        frames = (there(study, name) for name in (("paper", "reduced") if scale is None else (scale,)))
        return next((frame for frame in frames if frame is not None), None)

    def by_scale(study):
        frames = {name: there(study, name) for name in claims.SCALES}
        return {name: frame for name, frame in frames.items() if frame is not None}

    def silent(*_, **__):
        pass

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        for name in ("SOFTLABELS_BOOK", "SOFTLABELS_VERDICTS", "SOFTLABELS_LIVE"):
            patch.delenv(name, raising=False)
        patch.setattr(sweep, "live", lambda study, scale="quick", device="auto": there(study, scale))
        patch.setattr(store, "stored", known)
        patch.setattr(claims, "rows_by_scale", by_scale)
        patch.setattr(claims, "table", silent)
        patch.setattr(plots, "show", show)
        patch.setattr(plots, "slider", show)
        patch.setattr(plots, "answer", answer)
        patch.setattr(plots, "stored", known)
        for name in ("missing", "table", "sortable", "raw", "display"):
            patch.setattr(plots, name, silent)
        patch.setattr("IPython.display.display", silent)
        for name, value in (instead or {}).items():
            patch.setattr(name, value)
        with matplotlib.rc_context():
            run(page, scale, given or {})
    return said


def as_stored(rows: pd.DataFrame) -> pd.DataFrame:
    """Made-up rows with what stored ones say of themselves, and curves that pandas does not copy."""
    curves = store.Curves(rows.attrs.get("curves", {name: [] for name in ("identity", "step", "name", "value")}))
    about = {"device": "cpu", "seconds": 1.0, "seeds": int(rows["seed"].nunique()), "older_code": 0}
    rows = rows.copy(deep=False)
    rows.attrs = {"study": rows.attrs["study"], "scale": rows.attrs["scale"], "curves": curves} | about
    return rows


def run(page: str, scale: str, given: Mapping[str, object]) -> None:
    """Execute a page's cells one after the other in one namespace, as a kernel does."""
    names = {"__name__": f"page of {page}"}
    for number, code in enumerate(cells(page)):
        try:
            exec(compile(code, f"{page}, code cell {number}", "exec"), names)
        except Exception as error:
            error.add_note(f"in code cell {number} of {page}, which begins {code.strip()[:80]!r}")
            raise
        if "scale" in names and "plots" not in names:  # the cell of parameters
            names |= {"scale": scale, "device": "cpu"}
        names |= {name: value for name, value in given.items() if name in names}
    plt.close("all")


def unturned(true: Iterable[Sentence], false: Iterable[Sentence], no_finding: Iterable[str] = ()) -> list[Sentence]:
    """The sentences of a true world that a false one says in the same words, but for those that state no finding.

    no_finding: how such a sentence begins, or the figure whose headline it is.
    """
    stays = {sentence.words for sentence in false}
    titles = tuple(Sentence("", beginning).words for beginning in no_finding)
    figures = {f"headline of {name}" for name in no_finding}
    return [
        sentence
        for sentence in true
        if sentence.words in stays and not sentence.words.startswith(titles) and sentence.where not in figures
    ]


# ---- headlines that are constants


def constant_headlines(page: str) -> list[str]:
    """The bold beginnings of captions that no rows can change: plain text where `plots.show` is called."""
    found = []
    for code in cells(page):
        for call in (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr in ("show", "slider"):
                found += [constant(word.value) for word in call.keywords if word.arg == "caption"]
    return [headline for headline in found if headline]


def constant(caption: ast.expr) -> str | None:
    """The bold beginning of a caption where it is plain text, with numbers or without; None where it is computed."""
    while isinstance(caption, ast.BinOp):  # "…" + (…): the beginning is on the left
        caption = caption.left
    parts = caption.values if isinstance(caption, ast.JoinedStr) else [caption]
    first = parts[0].value if isinstance(parts[0], ast.Constant) else ""
    bold = BOLD.match(first)
    return bold[1] if bold else None

"""Every figure, table and finding of both papers, from the first day: what is missing is visible.

The records are data, in `claims/records.toml`.
"""

import dataclasses
import difflib
import tomllib
from functools import cache
from pathlib import Path

from softlabels.errors import SoftLabelsError
from softlabels.paths import project_root
from softlabels.studies import STUDIES

PARTS = ("label_worth", "memorized", "joined")
FILE = Path(__file__).parent / "claims" / "records.toml"


@dataclasses.dataclass(frozen=True)
class Record:
    """One figure, table or finding. `claims/records.toml` says what each field holds."""

    id: str  # part/name
    paper: str  # B, Q or both
    title: str
    page: str  # part/page; its notebook is notebooks/<page>.py
    kind: str  # figure, table or finding
    number: str | None = None
    number_published: str | None = None
    studies: tuple[str, ...] = ()
    flops: float | None = None
    flops_as_coded: float | None = None
    reported: str | None = None
    cost_note: str | None = None

    @property
    def notebook(self) -> str:
        """Path of its notebook from the project's root."""
        return f"notebooks/{self.page}.py"

    @property
    def name(self) -> str:
        """What a reader calls it: figure 4a, table 2, or its title."""
        return f"{self.kind} {self.number}" if self.number else self.title

    @property
    def numbered(self) -> str:
        """What the papers call it: "figure 4a", with the conference's number where that differs; else its kind."""
        if not self.number:
            return self.kind
        later = self.number_published
        return f"{self.kind} {self.number}" + (f" ({later})" if later and later != self.number else "")

    def link(self, words: str) -> str:
        """HTML of `words`, as a link from another notebook's page of the book where this record's page is written."""
        written = (project_root() / self.notebook).is_file()
        return f'<a href="../{self.page}.html">{words}</a>' if written else words


@cache
def _file() -> dict:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def all() -> tuple[Record, ...]:
    """Every record of both papers, in the order of the book."""
    return tuple(map(_record, _file()["record"]))


def _record(entry: dict) -> Record:
    part, name = entry["id"].split("/")
    entry = {"kind": "table" if name.startswith("table") else "figure"} | entry
    return Record(**entry | {"page": f"{part}/{entry['page']}", "studies": tuple(entry.get("studies", ()))})


def find(record_id: str) -> Record:
    """The record called `record_id`, with or without its part. Raises SoftLabelsError, which names the nearest."""
    return of(_full(record_id, [record.id for record in all()], "record"))[0]


def of(name: str) -> list[Record]:
    """The records that `name` means: one record, or all of a page or of a part; in the order of the book."""
    return [record for record in all() if name in (record.id, record.page, record.id.split("/")[0])]


def judged_by(claim: dict) -> tuple[str, ...]:
    """The studies of a claim, as a table of claims has it: those that it names, else those of its record."""
    return tuple(claim.get("studies") or find(claim["record"]).studies)


def studies_of(name: str) -> list[str]:
    """Ids of the studies that `name` means: a record, a study, a page or a part.

    `name` may lack its part (`fig4a`) where only one part has it. A study's name comes before a page's; the path of a
    page's notebook always means the page. Raises SoftLabelsError for a name that means nothing or several things.
    """
    pages = list(dict.fromkeys(record.page for record in all()))
    if name.startswith("notebooks/"):
        name = _full(name.removeprefix("notebooks/").removesuffix(".py"), pages, "page")
    elif name not in PARTS:
        name = _full(name, [*(record.id for record in all()), *STUDIES, *pages], "record, study, page or part")
        if name in STUDIES:
            return [name]
    found = [study for record in of(name) for study in record.studies]
    for page in dict.fromkeys(record.page for record in of(name)) if name in (*pages, *PARTS) else ():
        found += _file()["also"].get(page, [])
    return list(dict.fromkeys(found))


def _full(name: str, known: list[str], what: str) -> str:
    """`name` with its part. Raises SoftLabelsError where it is none of `known`, or more than one of them."""
    if name in known:
        return name
    matches = sorted({full for full in known if full.split("/")[-1] == name})
    if len(matches) > 1:
        raise SoftLabelsError(f"{name!r} means {' or '.join(matches)}; type one of them in full.")
    if not matches:
        near = difflib.get_close_matches(name, [*known, *(full.split("/")[-1] for full in known)], n=3)
        hint = f"did you mean {' or '.join(dict.fromkeys(near))}? " if near else ""
        raise SoftLabelsError(f"There is no {what} {name!r}; {hint}`softlabels status` lists all of them.")
    return matches[0]

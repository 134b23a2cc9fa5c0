"""The papers' claims as data, and the verdict that the rows give on each: computed, never typed.

The `.toml` files hold the claims: id, record, statement in our words, quantity, the paper's value and where it is
printed, an independent value where there is one, and checks. A check names what is measured (a function of
`readings`), at which points of each scale, and the rule that an interval over replicates must
meet. Beside checks, or in their place, stands `arithmetic` on the paper's own tables. `because` argues for a margin
that is wider than usual (`rules.MARGIN`) or for what is measured, or says why a claim can't be false or what its
verdict leaves open.
"""

import dataclasses
import itertools
import json
import math
import os
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from softlabels import records, store
from softlabels.claims import deferred, rules
from softlabels.claims.arithmetic import Arithmetic
from softlabels.claims.readings import READINGS, images
from softlabels.claims.readings.points import grid_of, pool
from softlabels.claims.rules import Verdict
from softlabels.claims.table import SCALES, Table, largest_scale
from softlabels.errors import NotRun, SoftLabelsError
from softlabels.studies import STUDIES, find
from softlabels.study import Study
from softlabels.words import significant

FILES = ("label_worth.toml", "memorized.toml", "joined.toml")
SYMBOLS = {
    "alpha": "α", "rho": "ρ", "tau": "τ", "classes": "c", "low": "low τ", "high": "high τ",
    "ipc": "IPC", "ipcs": "IPC", "as_ipc": "as IPC", "soft_ipc": "soft IPC", "top": "K", "epochs": "E",
    "swapped": "rank", "minus": "chance", "steps": "epochs",
}  # fmt: skip

Rows = Mapping[str, Mapping[str, pd.DataFrame]]  # study -> scale -> rows


@dataclasses.dataclass(frozen=True)
class Check:
    """One condition of a claim: a measure, the points of each scale that it is taken at, and the rule it must meet."""

    measure: str  # a function of `readings`
    rule: dict  # see `rules.bounds`
    points: dict  # scale -> points; a scale that is not named is not run; `each` column of values is a part a value
    arguments: dict  # what else the measure takes
    part: str = ""  # what tells this condition from the claim's others
    random: bool = True  # whether chance enters at all
    studies: tuple[str, ...] = ()  # which of the claim's studies it is about; none: all of them

    def judge(self, scale: str, rows: pd.DataFrame) -> list[Verdict]:
        """The verdict on each part of what is measured. Raises NotRun where the rows do not hold it."""
        if rows.empty:
            raise NotRun("no rows")
        points = dict(self.points[scale])
        each = points.pop("each", None)
        if each is None:
            return self._judge(rows, points, self.part)
        verdicts = []
        ((column, values),) = each.items()
        for value in values:
            part = ", ".join(filter(None, (self.part, f"{_name(column)} {significant(value)}")))
            try:
                verdicts += self._judge(rows, points | {column: value}, part)
            except NotRun as reason:
                verdicts.append(Verdict("not run", part=part, why=str(reason)))
        return verdicts

    def _judge(self, rows: pd.DataFrame, points: dict, part: str) -> list[Verdict]:
        measured = READINGS[self.measure](rows, **self.arguments, **points)
        if not measured:
            raise NotRun("no rows")
        return [
            rules.judge(self.rule, values, random=self.random, part=", ".join(filter(None, (part, name))))
            for name, values in measured.items()
        ]

    @property
    def place(self) -> str:
        """The points of each scale in words."""
        at = {scale: _points(points) for scale, points in self.points.items()}
        if len(set(at.values())) == 1:
            return next(iter(at.values()))
        return "; ".join(f"{scale}: {words}" for scale, words in at.items())


@dataclasses.dataclass(frozen=True)
class Claim:
    """A claim of a paper, or of ours, about one record."""

    id: str
    record: str
    studies: tuple[str, ...]
    statement: str  # in our words
    quantity: str
    published: dict  # value and where it is printed
    other: dict | None  # the same of somebody else, who is named in `by`: see `table.SOURCES`
    checks: tuple[Check, ...] = ()  # none: only arithmetic
    arithmetic: tuple[Arithmetic, ...] = ()
    pooled: bool = False  # whether the rows of its studies are one table; else each study is judged by itself
    because: str = ""  # why its margin is wide, why it holds by construction, or what its verdict leaves open
    by_construction: bool = False  # no rows that the code can give make it false
    stand_in: bool = False  # something else stands for a method of the paper, at every scale

    @property
    def paper(self) -> str:
        """Whose claim it is: paper Q's, paper B's, or this book's own."""
        return {"L": "Q", "M": "B"}.get(self.id[0], "this book")

    def kind(self, scale: str, verdict: str) -> str | None:
        """What *reproduced* means at a scale: see `rules.KINDS`. None for every other verdict."""
        if verdict != "reproduced":
            return None
        if self.by_construction:
            return "by construction"
        return "reproduced" if scale == "paper" and not self.stand_in else "same direction"

    @property
    def criterion(self) -> str:
        """What the 95 % interval over replicates must meet, with the points of each scale, and the printed numbers."""
        said = [_conditions(self.checks)] if self.checks else []
        said += [f"the paper's own numbers: {_conditions(self.arithmetic)}"] if self.arithmetic else []
        return "; ".join(said)

    def names(self, scale: str) -> bool:
        """Whether the claim says what is to be measured at a scale; arithmetic stands at paper scale."""
        return any(scale in check.points for check in self.checks) or (self.only_arithmetic and scale == "paper")

    @property
    def only_arithmetic(self) -> bool:
        """Whether there is nothing to run: its verdict, the same whatever rows there are, stands at paper scale."""
        return bool(self.arithmetic) and not self.checks

    @property
    def consistency(self) -> Verdict | None:
        """What arithmetic on the paper's own numbers says; None where the claim asks for none."""
        parts = [verdict for each in self.arithmetic for verdict in each.judge()]
        return rules.together(parts) if parts else None

    def judge(self, scale: str, rows: Rows) -> Verdict:
        """The verdict at one scale; *not run* where the rows lack a study, a point, or reach of the grid.

        Of a claim about several studies, those that have rows at this scale count; of its checks, those that name it.
        """
        if self.only_arithmetic and scale == "paper":
            return self.consistency
        frames = {study: rows[study][scale] for study in self.studies if scale in rows.get(study, {})}
        named = [check for check in self.checks if scale in check.points]
        parts = []
        for study, check in [("", c) for c in named] if self.pooled else itertools.product(frames, named):
            asked = [one for one in check.studies or self.studies if one in frames and study in ("", one)]
            if not asked:
                continue
            name = study.split("/")[-1].replace("_", " ") if len(self.studies) > 1 else ""
            try:
                judged = check.judge(scale, pool(frames[one] for one in asked) if self.pooled else frames[study])
            except NotRun as reason:
                judged = [Verdict("not run", part=check.part, why=str(reason))]
            parts += [dataclasses.replace(v, part=", ".join(filter(None, (name, v.part)))) for v in judged]
        verdict = rules.together(parts)
        if verdict.verdict not in ("inconclusive", "not run"):
            return verdict
        part = f"{verdict.part}: " if verdict.parts and verdict.part else ""
        why = f"{part}{verdict.why}; {self._there(scale, rows)}" if parts else self._nothing_ran(scale)
        return dataclasses.replace(verdict, why=why)

    def _nothing_ran(self, scale: str) -> str:
        """Why there is nothing to judge at a scale."""
        if not self.names(scale) or self.only_arithmetic:
            return "the claim names no points of this scale"
        return f"nothing has run: softlabels run {' '.join(self._with_grid(scale))} --scale {scale}"

    def _with_grid(self, scale: str) -> list[str]:
        """Its studies that have a grid at a scale, of those that its checks there are about."""
        asked = {study for check in self.checks if scale in check.points for study in check.studies or self.studies}
        return [study for study in self.studies if study in asked and scale in find(study).grids]

    def _there(self, scale: str, rows: Rows) -> str:
        """How much of the grids of its studies has run, on the sets of images that its points name."""
        there = whole = 0
        sets = {check.points[scale].get("data") for check in self.checks if scale in check.points}
        for study in self._with_grid(scale):
            grid = grid_of(study, scale)
            asked = grid["data"].isin(sets) if "data" in grid and None not in sets else slice(None)
            wanted = grid.loc[asked, "identity"]
            known = rows.get(study, {}).get(scale, {})
            there += int(wanted.isin(known["identity"]).sum()) if "identity" in known else 0
            whole += len(wanted)
        return "the grid is complete" if there == whole else f"{there:,} of {whole:,} runs of the grid are there"


def _conditions(checks: Iterable["Check | Arithmetic"]) -> str:
    places = {check.place for check in checks}
    shared = f" ({places.pop()})" if len(places) == 1 and places != {""} else ""
    return " and ".join(_condition(check, bool(shared)) for check in checks) + shared


def _condition(check: "Check | Arithmetic", place_is_shared: bool) -> str:
    place = "" if place_is_shared or not check.place else f" ({check.place})"
    return f"{check.part + ' ' if check.part else ''}{_rule(check.rule)}{place}"


def _rule(rule: dict) -> str:
    kind = rules.kind_of(rule)
    if kind == "between" and rule["between"][1] == math.inf:
        return f"at least {significant(rule['between'][0])}"
    if kind == "between" and rule["between"][0] == -math.inf:
        return f"at most {significant(rule['between'][1])}"
    if kind == "between":
        return f"between {significant(rule['between'][0])} and {significant(rule['between'][1])}"
    if kind == "same" and rule["margin"] == 0:
        return f"exactly {significant(rule['same'])}"
    if kind == "same":
        return f"within {significant(rule['margin'])} of {significant(rule['same'])}"
    return f"{kind} {significant(rule[kind])}"


def _name(column: str) -> str:
    """A column in words or by its letter."""
    return SYMBOLS.get(column, column.replace("_", " "))


def _points(points: dict) -> str:
    """ρ = 0.8, 2.2 ≤ α ≤ 3.5"""
    words = []
    for column, value in points.items():
        name = _name(column)
        if column in ("each", "ipcs", "steps"):
            several = value if column == "each" else {column: value}
            words += [f"{_name(key)} = {', '.join(map(significant, some))}" for key, some in several.items()]
        elif column == "data":
            words.append(value)
        elif isinstance(value, list) and len(value) > 2:
            words.append(f"{name} = {', '.join(map(significant, value))}")
        elif isinstance(value, list):
            words.append(f"{significant(value[0])} ≤ {name} ≤ {significant(value[1])}")
        elif isinstance(value, dict):
            words.append(f"{name} {_points(value)}")
        else:
            words.append(f"{name} = {value if isinstance(value, (str, bool)) else significant(value, 4)}")
    return ", ".join(words)


@cache
def all() -> tuple[Claim, ...]:
    """Every claim, in the order of the files."""
    folder = Path(__file__).parent
    return tuple(
        _claim(entry) for name in FILES for entry in tomllib.loads((folder / name).read_text("utf-8"))["claim"]
    )


def _claim(entry: dict) -> Claim:
    checks, arithmetic = (
        tuple(_condition_of(kind, check) for check in entry.get(name, ()))
        for name, kind in (("check", Check), ("arithmetic", Arithmetic))
    )
    studies = records.judged_by(entry)
    texts = {key: entry[key] for key in ("id", "record", "statement", "quantity", "published")}
    said = {"other": entry.get("other")}
    said |= {name: entry[name] for name in ("pooled", "because", "by_construction", "stand_in") if name in entry}
    return Claim(**texts, **said, studies=studies, checks=checks, arithmetic=arithmetic)


def _condition_of(kind: type, entry: dict) -> "Check | Arithmetic":
    entry = dict(entry)
    rule = {key: entry.pop(key) for key in (*rules.RULES, "margin") if key in entry}
    return kind(rule=rule, arguments=entry.pop("with", {}), **entry)


def of(name: str | None) -> list[Claim]:
    """The claims of a claim id, a record, a page or a part, in the order of the files; None: all of them."""
    if name is None:
        return list(all())
    about = {record.id for record in records.of(name)}
    found = [claim for claim in all() if name == claim.id or claim.record in about]
    if not found and not about:
        raise SoftLabelsError(f"There is no claim, record, page or part {name!r}; `softlabels claims` lists them.")
    return found


def rows_by_scale(study: Study | str) -> dict[str, pd.DataFrame]:
    """What there is of a study at each scale: at quick the last build's live rows, if any, else what is stored."""
    study_id = study.id if isinstance(study, Study) else study
    found = {scale: store.rows_of(study_id, scale) for scale in SCALES}
    found["quick"] = store.live_rows(study_id).get("quick", found["quick"])
    return {scale: rows for scale, rows in found.items() if len(rows)}


def known_rows(studies: Iterable[str] = STUDIES) -> dict[str, dict[str, pd.DataFrame]]:
    """What there is to judge by, of these studies or of all: study -> scale -> rows."""
    return {study: rows_by_scale(study) for study in studies}


def verdicts(name: str | None, rows: "Rows | Iterable[pd.DataFrame | None]" = ()) -> dict[str, dict[str, Verdict]]:
    """Claim id -> scale -> verdict, for a claim, a record, a page, a part or (None) all of them.

    rows: {study: {scale: rows}}, by which alone is judged; or data frames, as `sweep.live` and `store.stored` return
    them, which are laid over what is known on this machine. While the book's record is executed, all claims have been
    judged before (see `book.second_stage`).
    """
    claims = of(name)
    if not rows and (judged := os.environ.get("SOFTLABELS_VERDICTS")) and not isinstance(rows, Mapping):
        read = json.loads(Path(judged).read_text(encoding="utf-8"))
        return {claim.id: {scale: rules.verdict_of(read[claim.id][scale]) for scale in SCALES} for claim in claims}
    if not isinstance(rows, Mapping):
        known = known_rows(dict.fromkeys(study for claim in claims for study in claim.studies))
        for frame in (frame for frame in rows if frame is not None):
            known.setdefault(frame.attrs["study"], {})[frame.attrs["scale"]] = frame
        rows = known
    return {claim.id: {scale: claim.judge(scale, rows) for scale in SCALES} for claim in claims}


def table(
    name: str | None = None, rows: "Rows | Iterable[pd.DataFrame | None]" = ()
) -> "Table | deferred.Deferred":  # fmt: skip
    """What a page shows: its claims, what each asks for, the paper's value, ours with interval, and the verdict.

    rows: as in `verdicts`. While a chapter of the book is executed, the table is left for later: see `claims.deferred`.
    """
    if deferred.wanted():
        return deferred.Deferred(deferred.marker(table=name))
    return Table(of(name), verdicts(name, rows))


def word(claim: str, scale: str | None = None, rows: "Rows | Iterable[pd.DataFrame | None]" = (), **words) -> str:
    """A claim's verdict as part of a sentence, or what `words` say in its place: `word("L06", reproduced="it pays")`.

    scale: None is the largest that has a verdict. words: a text a verdict, its spaces as underscores; a verdict that is
    not among them says its own name. While a chapter of the book is executed, the word is left for later.
    """
    if deferred.wanted():
        return deferred.Later(deferred.marker(word=claim, scale=scale, words=words))
    return said(verdicts(claim, rows)[claim], scale, words)


def sentence(claim: str, rows: pd.DataFrame, yes: str, no: str, unclear: str) -> str:
    """What rows say of a claim at their scale: `yes` where it is reproduced, `no` where it is not, else `unclear`."""
    words = {"reproduced": yes, "not_reproduced": no, "inconclusive": unclear, "not_run": unclear}
    return word(claim, rows.attrs["scale"], [rows], **words)


def by_scale(claim: str, frames: Iterable[pd.DataFrame]) -> str:
    """What rows say of a claim, each at its scale: `not run at paper scale, open at reduced scale`."""
    short = {"reproduced": "yes", "not_reproduced": "no", "inconclusive": "open"}
    by_frame = ((rows.attrs["scale"], [rows]) for rows in frames)
    return ", ".join(f"{word(claim, scale, rows, **short)} at {scale} scale" for scale, rows in by_frame)


def photographs(study: Study | str, claim: str) -> pd.DataFrame | None:
    """The stored rows on photographs that a page leads with; None where there are none."""
    return next(iter(all_photographs(study, claim)), None)


def all_photographs(study: Study | str, claim: str) -> list[pd.DataFrame]:
    """The stored rows on photographs, a table per scale: first those that a page leads with.

    A page leads with the largest scale that decides the claim; where none does, with the largest. The others follow in
    order of their scales, the larger first. Judged is by committed rows alone, which are what a page shows.
    """
    found = [rows for scale in store.PUBLISHED_SCALES if (rows := images.photographs(study, scale)) is not None]
    (asked,) = of(claim)
    known = {study: {rows.attrs["scale"]: rows for rows in committed(study)} for study in asked.studies}
    verdicts = (asked.judge(rows.attrs["scale"], known).verdict for rows in found)
    leads = next((i for i, verdict in enumerate(verdicts) if verdict in ("reproduced", "not reproduced")), 0)
    return found[leads : leads + 1] + found[:leads] + found[leads + 1 :]


def committed(study: str) -> list[pd.DataFrame]:
    """The committed rows of a study, a table per scale."""
    found = (store.stored(study, scale=scale) for scale in store.PUBLISHED_SCALES)
    return [rows for rows in found if rows is not None]


def said(judged: Mapping[str, Verdict], scale: str | None, words: Mapping[str, str]) -> str:
    """One claim's verdict at a scale (None: the largest that has one) in its own word, or in that of `words`."""
    at_scale = judged[scale].verdict if scale in judged else "not run"  # the smoke scale judges nothing
    verdict = at_scale if scale else at_largest_scale(judged)
    return words.get(verdict.replace(" ", "_"), verdict)


def at_largest_scale(judged: Mapping[str, Verdict]) -> str:
    """A claim's verdict at the largest scale that has one; *not run* where none has."""
    scale = largest_scale(judged)
    return judged[scale].verdict if scale else "not run"


def claims(rows: "Rows | tuple" = ()) -> dict:
    """The `claims` JSON: every claim and its verdict at each scale; null where it names no points of that scale.

    Beside a verdict stands its `kind`, one of `rules.KINDS`; null where the claim is not reproduced. Of a claim that is
    arithmetic on the paper's own numbers and nothing else, that verdict stands at paper scale.
    """
    judged = verdicts(None, rows)

    def at(claim, scale):
        verdict = judged[claim.id][scale]
        return verdict.json() | {"kind": claim.kind(scale, verdict.verdict)} if claim.names(scale) else None

    texts = ("id", "record", "statement", "quantity", "criterion")
    return {
        "claims": [
            {
                **{field: getattr(claim, field) for field in texts},
                "published": {"value": claim.published.get("value"), "where": claim.published["where"]},
                "other": claim.other,
                **{scale: at(claim, scale) for scale in SCALES},
            }
            for claim in all()
        ]
    }

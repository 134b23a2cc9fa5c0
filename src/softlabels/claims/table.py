"""Verdicts for readers: as a badge, counted by paper and kind, as cards on a page, as a table in a terminal."""

import html
from collections import Counter
from collections.abc import Iterable, Mapping

from softlabels import records
from softlabels.claims.rules import CONSISTENT, INCONSISTENT, KINDS, Verdict
from softlabels.words import significant

SCALES = ("quick", "reduced", "paper")
PAPERS = {"Q": "paper Q", "B": "paper B", "this book": "this book’s own"}
SIGNS = {
    "reproduced": "✓",
    "same direction": "(✓)",
    "by construction": "≡",
    "not reproduced": "✗",
    "inconclusive": "?",
    CONSISTENT: "=",
    INCONSISTENT: "≠",
    "not run": "–",
}
MEANINGS = dict(
    zip(
        KINDS,
        ("at the paper’s own size", "on smaller data, or with a stand-in", "for any rows"),
        strict=True,
    )
)
# Whose numbers stand in a claim's `other`: the address of the text or the code that has them.
SOURCES = {
    "COMP6258": "https://github.com/COMP6258-Reproducibility-Challenge/no-distillation-reproduction/tree/85d0d458807bdcef2be8df02345f97fca401da6a",
    "torchvision": "https://docs.pytorch.org/vision/stable/models.html",
}


def badge(word: str, text: str | None = None) -> str:
    """A verdict or its kind as a sign, a word (or another `text`) and a colour: never as a colour alone."""
    said = f"{SIGNS.get(word, '')} {word if text is None else text}".strip()
    meaning = f"{word}: {MEANINGS[word]}" if word in MEANINGS else "" if text is None else word
    title = f' title="{meaning}"' if meaning and word in SIGNS else ""
    return f'<strong class="verdict {word.replace(" ", "-")}"{title}>{said}</strong>'


def counted(words: Iterable[str]) -> str:
    """3 reproduced, 1 inconclusive, 12 not run"""
    counts = Counter(words)
    return ", ".join(f"{counts[word]} {word}" for word in SIGNS if counts[word])


def largest_scale(judged: Mapping[str, Verdict]) -> str | None:
    """The largest scale at which a claim has a verdict; None where it has not been run."""
    return next((scale for scale in reversed(SCALES) if judged[scale].verdict != "not run"), None)


def measured(verdict: Verdict) -> str:
    """0.98 [0.97, 0.99], n = 5; of arithmetic the number alone; of what is not run the parts that are."""
    if verdict.verdict == "not run":
        there = "; ".join(measured(part) for part in verdict.parts if part.verdict != "not run")
        return f"in part: {there}" if there else "–"
    value = (f"{verdict.part}: " if verdict.part else "") + significant(verdict.value)
    if verdict.n < 2 or verdict.low is None or verdict.low != verdict.low:  # one replicate has no interval
        return value + (f", n = {verdict.n}" if verdict.n else "")
    if verdict.low == verdict.high:
        return f"{value}, n = {verdict.n}, all equal"
    return f"{value} [{significant(verdict.low)}, {significant(verdict.high)}], n = {verdict.n}"


def decided_by(verdict: Verdict) -> str:
    """Which part of several the number of a verdict is of, and how many came to the same; empty for a claim of one."""
    if not verdict.parts:
        return ""
    same = sum(part.verdict == verdict.verdict for part in verdict.parts)
    return f"{same} of {len(verdict.parts)} parts came to this" + "; the number is of the first" * (same > 1)


def printed(source: dict | None) -> str:
    """A published value with where it is printed; – where there is none."""
    if not source or source.get("value") is None:
        return "–"
    value = source["value"]
    if isinstance(value, list):
        value = " to ".join(map(significant, value))
    elif isinstance(value, bool):
        value = "yes" if value else "no"
    return f"{value if isinstance(value, str) else significant(value)} ({source['where']})"


def small(text: str) -> str:
    """A line in small print below a cell's own; nothing for no text."""
    return f"<br><small>{html.escape(text)}</small>" if text else ""


def chapter(record: records.Record) -> str:
    """What a claim's chapter is called where claims of several stand together: linear recovery."""
    return record.page.split("/")[1].replace("_", " ")


def source(by: str) -> str:
    """Whose number it is, as a link to where it is printed."""
    return f'<a href="{SOURCES[by]}">{by}</a>'


class Table:
    """Claims with their verdicts: HTML in a notebook, text elsewhere."""

    def __init__(self, claims: list, verdicts: dict[str, dict[str, Verdict]]):
        self.claims, self.verdicts = claims, verdicts

    @property
    def scales(self) -> list[str]:
        """The scales at which any claim, or a part of one, has been run; quick if none has."""
        run = {
            scale
            for claim in self.claims
            if not claim.only_arithmetic  # which nobody runs
            for scale, verdict in self.verdicts[claim.id].items()
            if any(part.verdict != "not run" for part in (verdict, *verdict.parts))
        }
        return [scale for scale in SCALES if scale in run] or ["quick"]

    def _named(self, scale: str) -> list:
        """The claims that say what is to be measured at a scale; arithmetic is left out."""
        return [claim for claim in self.claims if claim.names(scale) and not claim.only_arithmetic]

    def outcome(self, claim, scale: str) -> str:
        """What a claim came to at a scale: the kind of a claim that is reproduced, else the verdict."""
        verdict = self.verdicts[claim.id][scale].verdict
        return claim.kind(scale, verdict) or verdict

    def came_to(self, claim) -> str:
        """What a claim came to at the largest scale that has a verdict; *not run* where none has."""
        scale = largest_scale(self.verdicts[claim.id])
        return self.outcome(claim, scale) if scale else "not run"

    def tally(self) -> dict[str, dict[str, int]]:
        """Paper -> outcome -> how many claims, each counted once, at the largest scale that has a verdict.

        Papers as in `PAPERS`, outcomes as in `SIGNS`; zeros are there. `not run` has no verdict at any scale.
        """
        counts = {paper: dict.fromkeys(SIGNS, 0) for paper in PAPERS}
        for claim in self.claims:
            counts[claim.paper][self.came_to(claim)] += 1
        return counts

    def failed_at_paper_size(self, papers: str) -> list[str]:
        """The ids of claims of these papers (`Q`, `QB`) not reproduced at a paper's size, by the method itself."""
        return [
            claim.id
            for claim in self.claims
            if claim.paper in papers
            and not claim.stand_in
            and self.verdicts[claim.id]["paper"].verdict == "not reproduced"
        ]

    def tally_html(self, page: str = "") -> str:
        """The tally as a table: a line an outcome, a column a paper. page: address of the page of claims, for links."""
        counts = self.tally()
        heads = "".join(f'<th scope="col">{words}</th>' for words in PAPERS.values())
        lines = []
        for word in SIGNS:
            if not any(counts[paper][word] for paper in PAPERS):
                continue
            cells = "".join(f"<td>{self._cell(counts[paper][word], paper, word, page)}</td>" for paper in PAPERS)
            meaning = f" <small>{MEANINGS[word]}</small>" if word in MEANINGS else ""
            if word == "not reproduced":
                meaning = f" <small>{len(self.failed_at_paper_size('QB'))} at a paper’s own size</small>"
            lines.append(f'<tr><th scope="row">{badge(word)}{meaning}</th>{cells}</tr>')
        total = "".join(f"<td>{sum(counts[paper].values())}</td>" for paper in PAPERS)
        lines.append(f'<tr class="total"><th scope="row">claims</th>{total}</tr>')
        head = f'<thead><tr><th scope="col">came to</th>{heads}</tr></thead>'
        return f'<table class="table softlabels-tally">{head}<tbody>{"".join(lines)}</tbody></table>'

    def _cell(self, count: int, paper: str, word: str, page: str) -> str:
        """A count of the tally, as a link to the claims that it counts."""
        asked = f"{page}?paper={paper}&scale=largest&verdict={word}".replace(" ", "%20").replace("&", "&amp;")
        return f'<a href="{asked}">{count}</a>' if count else "–"

    @property
    def summary(self) -> str:
        """How many claims came to what, at each scale and by arithmetic on the papers' own tables; Markdown."""
        said = []
        for scale in SCALES:
            if words := counted(self.outcome(claim, scale) for claim in self._named(scale)):
                said.append(f"At {scale} scale: {words}.")
        if arithmetic := counted(claim.consistency.verdict for claim in self.claims if claim.arithmetic):
            said.append(
                "By arithmetic on the papers' own tables, which reproduces nothing, also of claims that were run: "
                f"{arithmetic}."
            )
        return " ".join(said)

    def _repr_html_(self) -> str:
        by_page = {record.page: [] for record in records.all()}  # in the order of the book
        for claim in self.claims:
            by_page[records.find(claim.record).page].append(claim)
        chapters = [about for about in by_page.values() if about]
        if len(chapters) < 2:
            return f'<div class="softlabels-claims"><ul>{"".join(map(self._card, self.claims))}</ul></div>'
        groups = []
        for about in chapters:
            record = records.find(about[0].record)
            cards = "".join(self._card(claim, folded=True) for claim in about)
            groups.append(f"<section><h3>{record.link(chapter(record).capitalize())}</h3><ul>{cards}</ul></section>")
        return f'<div class="softlabels-claims several">{"".join(groups)}</div>'

    def _card(self, claim, folded: bool = False) -> str:
        """A claim: its best verdict, what it says, the printed numbers and ours; its criterion unfolds.

        folded: all but the verdict's sign and what the claim says unfolds too; the card then names its figure or table.
        """
        record = records.find(claim.record)
        best = largest_scale(self.verdicts[claim.id])
        word = self.came_to(claim)
        where = f" at {best} scale" if best and not claim.only_arithmetic else ""
        place = f'<span class="where">{record.link(record.numbered)}</span>' if folded else ""
        value = claim.published["where"] if claim.published.get("value") is None else printed(claim.published)
        lines = [(f"paper {claim.paper}" if claim.paper in "QB" else "papers", html.escape(value))]
        if claim.arithmetic:
            lines.append(
                (
                    "arithmetic on its tables",
                    f"{html.escape(measured(claim.consistency))} {badge(claim.consistency.verdict)}",
                )
            )
        if claim.other:
            lines.append((source(claim.other["by"]), html.escape(printed(claim.other))))
        reasons = ""  # why a scale is not run, with the command that runs it
        for scale in reversed(SCALES if folded else self.scales):
            if claim.names(scale) and not claim.only_arithmetic:
                verdict = self.verdicts[claim.id][scale]
                number = "" if measured(verdict) == "–" else f"{html.escape(measured(verdict))} "
                said = f"{number}{badge(self.outcome(claim, scale))}" + small(decided_by(verdict) if number else "")
                if verdict.verdict == "not run":
                    reasons += small(f"{scale} scale: {verdict.why}")
                else:
                    said += small(verdict.why)
                lines.append((f"ours, {scale}", said))
        values = "".join(f"<div><dt>{name}</dt><dd>{said}</dd></div>" for name, said in lines)
        criterion = html.escape(f"{claim.quantity}: {claim.criterion}") + small(claim.because) + reasons
        came_to = f'<p class="came-to">{badge(word)}{where}{place}</p>'
        statement = f"<strong>{claim.id}</strong> {html.escape(claim.statement)}"
        rest = f"<dl>{values}</dl><details><summary>Criterion of {claim.id}</summary><p>{criterion}</p></details>"
        card = f"{came_to}<p>{statement}</p>{rest}"
        if folded:
            sign = f'{badge(word, "")}<span class="visually-hidden">{word}:</span>'
            line = f'{sign} <span class="statement">{statement}</span>'
            card = f"<details><summary>{line}</summary>{came_to}{rest}</details>"
        return f'<li id="claim-{claim.id}" class="claim" {self._filtered_by(claim, record, word)}>{card}</li>'

    def _filtered_by(self, claim, record, best: str) -> str:
        """What `claims.js` filters cards by, as attributes."""
        about = {"paper": claim.paper, "chapter": chapter(record), "at-largest": best}
        about |= {f"at-{scale}": self.outcome(claim, scale) for scale in SCALES if claim.names(scale)}
        return " ".join(f'data-{name}="{html.escape(value)}"' for name, value in about.items())

    def __repr__(self) -> str:
        lines = []
        for claim in self.claims:
            found = [(scale, self.verdicts[claim.id][scale]) for scale in self.scales if claim.names(scale)]
            if claim.arithmetic:  # stands beside what was run, or alone
                found = [*(found if claim.checks else ()), ("printed", claim.consistency)]
            for where, v in found:
                lines += [
                    f"{claim.id:5} {where:8} {claim.kind(where, v.verdict) or v.verdict:15} {measured(v)}",
                    *([f"      {v.why}"] if v.why else []),
                ]
            lines.append(f"      {claim.statement}")
        return "\n".join(lines)

"""Verdicts for readers: as a badge, counted in a sentence, as a table in a notebook, a terminal, the page of claims."""

import html
from collections import Counter
from collections.abc import Iterable

from softlabels import records
from softlabels.claims.rules import CONSISTENT, INCONSISTENT, Verdict
from softlabels.words import significant

SCALES = ("quick", "reduced", "paper")
SIGNS = {
    "reproduced": "✓",
    "not reproduced": "✗",
    "inconclusive": "?",
    "not run": "–",
    CONSISTENT: "=",
    INCONSISTENT: "≠",
}


def badge(verdict: str, text: str | None = None) -> str:
    """A verdict as a sign, a word (or another `text`) and a colour: never as a colour alone."""
    said = f"{SIGNS.get(verdict, '')} {verdict if text is None else text}".strip()
    title = "" if text is None or verdict not in SIGNS else f' title="{verdict}"'
    return f'<strong class="verdict {verdict.replace(" ", "-")}"{title}>{said}</strong>'


def counted(verdicts: Iterable[str]) -> str:
    """3 reproduced, 1 inconclusive, 12 not run"""
    counts = Counter(verdicts)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in SIGNS if counts[verdict])


def measured(verdict: Verdict) -> str:
    """0.98 [0.97, 0.99], n = 5; of arithmetic the number alone; of what is not run the parts that are."""
    if verdict.verdict == "not run":
        return "; ".join(measured(part) for part in verdict.parts if part.verdict != "not run") or "–"
    known = verdict.n and verdict.low is not None and verdict.low == verdict.low  # one replicate has no interval
    interval = f" [{significant(verdict.low)}, {significant(verdict.high)}]" if known else ""
    part = f"{verdict.part}: " if verdict.part else ""
    return f"{part}{significant(verdict.value)}{interval}" + (f", n = {verdict.n}" if verdict.n else "")


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

    def at(self, scale: str) -> list[str]:
        """The verdicts at a scale of all claims that say what is to be measured there; arithmetic is left out."""
        named = [claim for claim in self.claims if claim.names(scale) and not claim.only_arithmetic]
        return [self.verdicts[claim.id][scale].verdict for claim in named]

    @property
    def summary(self) -> str:
        """How many claims came to what, at each scale and by arithmetic on the papers' own tables; Markdown."""
        said = [f"At {scale} scale: {words}." for scale in SCALES if (words := counted(self.at(scale)))]
        if arithmetic := counted(claim.consistency.verdict for claim in self.claims if claim.arithmetic):
            said.append(f"By arithmetic on the papers' own tables, which reproduces nothing: {arithmetic}.")
        return " ".join(said)

    def _repr_html_(self) -> str:
        several = len({records.find(claim.record).page for claim in self.claims}) > 1
        heads = ["Claim", *(["Where"] if several else []), "Criterion", "Paper", *(f"Ours, {s}" for s in self.scales)]
        head = "".join(f"<th>{name}</th>" for name in heads)
        body = "".join(f"<tr>{self._row(claim, several)}</tr>" for claim in self.claims)
        kind = "softlabels-claims sortable" if several else "softlabels-claims"
        return (
            f'<div class="{kind}" style="overflow-x:auto"><table class="table">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def _row(self, claim, several: bool) -> str:
        record = records.find(claim.record)
        cells = [f"<strong>{claim.id}</strong> {html.escape(claim.statement)}"]
        cells += [record.link(record.numbered)] if several else []
        elsewhere = f"<br>elsewhere: {html.escape(printed(claim.other))}" if claim.other else ""
        arithmetic = f"<br>{badge(claim.consistency.verdict)}" if claim.arithmetic else ""
        cells += [
            html.escape(f"{claim.quantity}: {claim.criterion}") + small(claim.because),
            html.escape(printed(claim.published)) + elsewhere + arithmetic,
        ]
        for scale in self.scales:
            verdict = Verdict("not run") if claim.only_arithmetic else self.verdicts[claim.id][scale]
            cells.append(f"{html.escape(measured(verdict))}<br>{badge(verdict.verdict)}{small(verdict.why)}")
        return "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells)

    def __repr__(self) -> str:
        lines = []
        for claim in self.claims:
            found = [(scale, self.verdicts[claim.id][scale]) for scale in self.scales if claim.names(scale)]
            if claim.arithmetic:  # stands beside what was run, or alone
                found = [*(found if claim.checks else ()), ("printed", claim.consistency)]
            for where, v in found:
                lines += [
                    f"{claim.id:5} {where:8} {v.verdict:15} {measured(v)}",
                    *([f"      {v.why}"] if v.why else []),
                ]
            lines.append(f"      {claim.statement}")
        return "\n".join(lines)

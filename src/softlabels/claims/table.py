"""Verdicts as a table for readers: in a notebook, in a terminal, on the page of all claims."""

import html

import pandas as pd

from softlabels.claims.rules import Verdict


def number(value: float | None) -> str:
    """Three digits, with a true minus sign; infinity is what lies beyond the grid."""
    if value is None or value != value:
        return "–"
    if abs(value) == float("inf"):
        return "beyond the grid"
    return f"{value:.3g}".replace("-", "−")


def measured(verdict: Verdict) -> str:
    """0.98 [0.97, 0.99], n = 5; of arithmetic the number alone; of what is not run the parts that are."""
    if verdict.verdict == "not run":
        return "; ".join(measured(part) for part in verdict.parts if part.verdict != "not run") or "–"
    known = verdict.n and verdict.low is not None and verdict.low == verdict.low  # one replicate has no interval
    interval = f" [{number(verdict.low)}, {number(verdict.high)}]" if known else ""
    part = f"{verdict.part}: " if verdict.part else ""
    return f"{part}{number(verdict.value)}{interval}" + (f", n = {verdict.n}" if verdict.n else "")


def sign(verdict: Verdict) -> str:
    """A verdict's word, for a page."""
    return f'<strong class="verdict {verdict.verdict.replace(" ", "-")}">{verdict.verdict}</strong>'


def printed(source: dict | None) -> str:
    """A published value with where it is printed; – where there is none."""
    if not source or source.get("value") is None:
        return "–"
    value = source["value"]
    if isinstance(value, list):
        value = " to ".join(map(number, value))
    return f"{value if isinstance(value, str) else number(value)} ({source['where']})"


class Table:
    """Claims with their verdicts: HTML in a notebook, text elsewhere; `frame` is the tidy table."""

    def __init__(self, claims: list, verdicts: dict[str, dict[str, Verdict]]):
        self.claims, self.verdicts = claims, verdicts

    @property
    def scales(self) -> list[str]:
        """The scales at which any claim, or a part of one, has been run; quick if none has."""
        checked = [claim.id for claim in self.claims if not claim.only_arithmetic]  # which nobody runs
        found = [(s, part) for name in checked for s, v in self.verdicts[name].items() for part in (v, *v.parts)]
        run = {scale for scale, part in found if part.verdict != "not run"}
        return [scale for scale in ("quick", "reduced", "paper") if scale in run] or ["quick"]

    @property
    def frame(self) -> pd.DataFrame:
        """One row a claim and scale: the JSON of its verdict, beside the claim's words."""
        return pd.DataFrame(
            {
                "claim": claim.id,
                "statement": claim.statement,
                "quantity": claim.quantity,
                "criterion": claim.criterion,
                "published": claim.published.get("value"),
                "scale": scale,
                **self.verdicts[claim.id][scale].json(),
            }
            for claim in self.claims
            for scale in self.scales
        )

    def _repr_html_(self) -> str:
        heads = ["Claim", "Criterion", "Paper", *(f"Ours, {scale}" for scale in self.scales)]
        head = "".join(f"<th>{name}</th>" for name in heads)
        body = "".join(f"<tr>{self._row(claim)}</tr>" for claim in self.claims)
        return (
            '<div class="softlabels-claims" style="overflow-x:auto"><table class="table">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def _row(self, claim) -> str:
        cells = [
            f"<strong>{claim.id}</strong> {html.escape(claim.statement)}",
            html.escape(f"{claim.quantity}: {claim.criterion}"),
            html.escape(printed(claim.published)) + (f"<br>{sign(claim.consistency)}" if claim.arithmetic else ""),
        ]
        for scale in self.scales:
            verdict = Verdict("not run") if claim.only_arithmetic else self.verdicts[claim.id][scale]
            cells.append(f"{html.escape(measured(verdict))}<br>{sign(verdict)}")
        return "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells)

    def __repr__(self) -> str:
        lines = []
        for claim in self.claims:
            found = [(scale, self.verdicts[claim.id][scale]) for scale in self.scales]
            if claim.arithmetic:  # stands beside what was run, or alone
                found = [*(found if claim.checks else ()), ("printed", claim.consistency)]
            lines += [f"{claim.id:5} {where:8} {v.verdict:15} {measured(v)}" for where, v in found]
            lines.append(f"      {claim.statement}")
        return "\n".join(lines)

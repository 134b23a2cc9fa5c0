"""The page of claims: each with its criterion, the paper's value, ours and the verdict."""

from collections import Counter

from softlabels.book.rendering import SCALES, SIGNS, Book, badge, cell_text, numbered, shown, table

OF_PRINTED = ("published numbers consistent", "published numbers not consistent")


def claim_table(book: Book) -> str:
    """Every claim: criterion, the paper's value, ours with its interval, the verdict."""
    records = {record["id"]: record for record in book.facts["records"]}
    scales = [scale for scale in SCALES if scale != "reduced" or was_run(book, scale)]
    heads = ["claim", "where", "statement and criterion", "paper", *(f"ours, {scale}" for scale in scales)]
    lines = []
    for claim in book.facts["claims"]:
        record = records[claim["record"]]
        page = book.page_of(record)
        where = f"[{numbered(record)}](notebooks/{page})" if page in book.notebooks else numbered(record)
        criterion = cell_text(f"{claim['quantity']}: {claim['criterion']}")
        statement = f"{cell_text(claim['statement'])}<br><small>{criterion}</small>"
        ours = [claim_cell(claim.get(scale)) for scale in scales]
        theirs = published(claim, book.facts.get("arithmetic", {}).get(claim["id"]))
        lines.append([claim["id"], where, statement, theirs, *ours])
    return table(heads, lines, "claims")


def was_run(book: Book, scale: str) -> bool:
    """Whether any claim has rows at a scale."""
    return any(claim.get(scale) and claim[scale]["verdict"] != "not run" for claim in book.facts["claims"])


def published(claim: dict, arithmetic: dict | None = None) -> str:
    """The paper's value, an independent reproduction's where there is one, and what arithmetic on the paper's says."""
    values = [claim.get("published"), claim.get("other")]
    said = [shown(value["value"]) for value in values if value and value.get("value") is not None]
    sign = f"<br>{badge(arithmetic['verdict'], arithmetic['verdict'])}" if arithmetic else ""
    return (" / ".join(said) if said else "–") + sign


def claim_cell(verdict: dict | None) -> str:
    """A verdict with the number that decided it, its 95 % interval and the number of replicates."""
    if not verdict or verdict["verdict"] in ("not run", *OF_PRINTED):  # arithmetic stands under the paper's value
        return badge("not run", "not run")
    number = ""
    if verdict.get("value") is not None:
        number = f"<br>{shown(float(verdict['value']))}"
        if verdict.get("low") is not None and verdict.get("high") is not None:
            number += f" [{shown(float(verdict['low']))}, {shown(float(verdict['high']))}]"
        number += f"<br><small>{verdict['n']} replicates</small>" if verdict.get("n") else ""
    return badge(verdict["verdict"], verdict["verdict"]) + number


def claim_summary(book: Book) -> str:
    """How many claims came to what, at each scale and by arithmetic on the paper's own tables."""
    parts = []
    for scale in SCALES:
        counts = Counter(claim[scale]["verdict"] for claim in book.facts["claims"] if claim.get(scale))
        if said := counted(counts, leaving_out=("not run", *OF_PRINTED)):
            parts.append(f"At {scale} scale: {said}.")
    parts = parts or ["No claim has rows yet."]
    if said := counted(Counter(found["verdict"] for found in book.facts.get("arithmetic", {}).values())):
        parts.append(f"By arithmetic on the papers' own tables, which reproduces nothing: {said}.")
    return " ".join(parts)


def counted(counts: Counter, leaving_out: tuple[str, ...] = ()) -> str:
    """3 reproduced, 1 inconclusive"""
    return ", ".join(f"{counts[v]} {v}" for v in SIGNS if counts[v] and v not in leaving_out)

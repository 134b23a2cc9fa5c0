"""The landing page's generated parts: the picture, what it found, a card a chapter, every figure with its verdict."""

import html

from softlabels import claims, records
from softlabels.book.produced import opening, thumbnail
from softlabels.claims.readings.utility_and_leakage import headline
from softlabels.claims.table import SIGNS, Table, badge
from softlabels.status import coverage
from softlabels.store import live_rows, stored
from softlabels.studies import find
from softlabels.words import power_of_ten

PARTS = {
    "label_worth": "Paper Q: a label is worth a thousand images",
    "memorized": "Paper B: soft labels can leak",
    "joined": "Both papers together",
}
JOINED = "joined/utility_and_leakage"


def parts(notebooks: dict, rows: claims.Rows, table: Table) -> dict[str, str]:
    """Markdown by the name that `<!-- rows: NAME -->` in `book/index.md` gives it.

    notebooks: the executed ones by page, in the book's order; rows: {study: {scale: rows}}; table: of all claims.
    """
    chapters = {page: notebook for page, notebook in notebooks.items() if page.split("/")[0] in PARTS}
    return {
        "picture": picture(chapters),
        "joined_finding": joined_finding(),
        "cards": cards(chapters, table),
        "coverage": coverage(rows),
        "claim_summary": table.summary,
        "key_to_signs": key_to_signs(table),
        "figures": figures(chapters, table, rows),
    }


def picture(chapters: dict) -> str:
    """The one strong picture: the joined page's thumbnail with its own caption; nothing before that page has run."""
    if JOINED not in chapters or (found := thumbnail(chapters[JOINED])) is None:
        return ""
    caption = found[1].get("caption", "").replace("../../", "")
    alt = " ".join(found[1].get("alt", "").split())
    return (
        f"```{{figure}} notebooks/{JOINED}.png\n:name: fig-landing\n:alt: {alt}\n:figclass: landing\n\n{caption}\n```"
    )


def joined_finding() -> str:
    """Both papers on one data set, in a sentence whose numbers come from rows."""
    rows = stored(JOINED)
    rows = next(iter(live_rows(JOINED).values()), None) if rows is None else rows
    if rows is None:
        return (
            "Put together on real handwriting, one teacher's training decides both: what its labels teach, and how "
            "many planted secrets they give away."
        )
    found = headline(rows)
    return (
        f"Put together on real handwriting, students that saw only clean, rightly labelled images name "
        f"**{found['leak']:.0%}** of a fully trained teacher's planted lies about images that nobody showed them "
        f"(hard labels: {found['hard_leak']:.0%}, chance {found['chance']:.0%}); at teacher step {found['best_step']}, "
        f"where the labels teach best, it is {found['best_leak']:.0%} already "
        f"({rows.attrs['scale']} scale, {rows.attrs['seeds']} replicates)."
    )


def cards(chapters: dict, table: Table) -> str:
    """A card a chapter: its thumbnail, its question, what its claims came to and how long it ran in this build."""
    each = "\n".join(card(page, notebook, table) for page, notebook in chapters.items())
    return f"::::{{grid}} 1 2 2 2\n:gutter: 3\n\n{each}\n::::"


def card(page: str, notebook, table: Table) -> str:
    """One card of the landing page."""
    title, question = opening(notebook)
    lines = [f":::{{grid-item-card}} {title}", f":link: notebooks/{page}", ":link-type: doc", ":class-card: chapter"]
    if found := thumbnail(notebook):
        alt = " ".join((found[1].get("alt") or title).split())
        lines += [f":img-top: notebooks/{page}.thumb.png", f":img-alt: {alt}"]
    verdicts = [
        claims.at_largest_scale(table.verdicts[claim.id])
        for claim in table.claims
        if records.find(claim.record).page == page
    ]
    badges = [badge(verdict, f"{verdicts.count(verdict)} {verdict}") for verdict in SIGNS if verdict in verdicts]
    ran = notebook.metadata["softlabels"]
    badges.append(f'<span class="runtime">ran in {ran["seconds"]:.0f} s at {ran["scale"]} scale</span>')
    return "\n".join([*lines, "", question, "", "+++", " ".join(badges), ":::", ""])


def figures(chapters: dict, table: Table, rows: claims.Rows) -> str:
    """Every figure, table and finding, by part, with what its claims came to at each scale."""
    blocks = []
    for part, heading in PARTS.items():
        lines = ["| | what it shows | quick | reduced | paper |", "|---|---|---|---|---|"]
        for record in records.of(part):
            title = html.escape(record.title, quote=False).replace("|", "\\|")
            title = f"[{title}](notebooks/{record.page})" if record.page in chapters else title
            of_record = Table([claim for claim in table.claims if claim.record == record.id], table.verdicts)
            cells = [scale_cell(record, scale, of_record, rows) for scale in claims.SCALES]
            lines.append(f"| {' | '.join([record.numbered, title, *cells])} |")
        blocks += [f"### {heading}", "", ":::{div} verdicts", *lines, ":::", ""]
    return "\n".join(blocks)


def scale_cell(record: records.Record, scale: str, of_record: Table, rows: claims.Rows) -> str:
    """What a record came to at one scale: counted verdicts, else that it has rows, else what running it would cost."""
    verdicts = of_record.at(scale)
    if scale == "paper":  # where arithmetic stands that has nothing to run
        verdicts += [claim.consistency.verdict for claim in of_record.claims if claim.only_arithmetic]
    ran = sum(len(rows[study][scale]) for study in record.studies if scale in rows.get(study, {}))
    if set(verdicts) - {"not run"}:
        numbers = {v: f"{verdicts.count(v)}{' not run' * (v == 'not run')}" for v in SIGNS if v in verdicts}
        return " ".join(badge(verdict, number) for verdict, number in numbers.items())
    if ran:
        return badge("rows", f"{ran} rows")
    if record.studies and not any(scale in find(study).grids for study in record.studies):
        return ""  # there is no such scale of it
    flops = f"<br><small>{power_of_ten(record.flops)} FLOP</small>" if scale == "paper" and record.flops else ""
    return badge("not run") + flops


def key_to_signs(table: Table) -> str:
    """What the badges mean, and how many claims there are."""
    signs = ", ".join(map(badge, SIGNS))
    page = "[the page of claims](notebooks/record/claims)"
    return f"{signs}: {len(table.claims)} claims, each with its criterion and our number, on {page}."

"""The landing page's markers: the picture, what it found, a card a chapter, every figure with its verdict."""

from collections import Counter

from softlabels.book.produced import thumbnail
from softlabels.book.rendering import (
    SCALES,
    SIGNS,
    Book,
    badge,
    linked,
    numbered,
    opening,
    power,
    table,
    verdict_counts,
)  # fmt: skip

PARTS = {
    "label_worth": "Paper Q: a label is worth a thousand images",
    "memorized": "Paper B: soft labels can leak",
    "joined": "Both papers together",
}
JOINED = "joined/utility_and_leakage"


def picture(book: Book) -> str:
    """The one strong picture: the joined page's thumbnail with its own caption; nothing before that page has run."""
    if JOINED not in book.notebooks or (found := thumbnail(book.notebooks[JOINED])) is None:
        return ""
    said = found[1]
    caption = said.get("caption", "").replace("../../", "")
    alt = " ".join(said.get("alt", "").split())
    return (
        f"```{{figure}} notebooks/{JOINED}.png\n:name: fig-landing\n:alt: {alt}\n:figclass: landing\n\n{caption}\n```"
    )


def joined_finding(book: Book) -> str:
    """Both papers on one data set, in a sentence whose numbers come from rows."""
    found = book.facts["joined"]
    if found is None:
        return (
            "Put together on real handwriting, one teacher's training decides both: what its labels teach, and how "
            "many planted secrets they give away."
        )
    return (
        f"Put together on real handwriting, students that saw only clean, rightly labelled images name "
        f"**{found['leak']:.0%}** of a fully trained teacher's planted lies about images that nobody showed them "
        f"(hard labels: {found['hard_leak']:.0%}, chance {found['chance']:.0%}); at teacher step {found['best_step']}, "
        f"where the labels teach best, it is {found['best_leak']:.0%} already "
        f"({found['scale']} scale, {found['seeds']} replicates)."
    )


def cards(book: Book) -> str:
    """A card a notebook: its thumbnail, its question, what its claims came to and how long it ran in this build."""
    return "\n".join(["::::{grid} 1 2 2 2", ":gutter: 3", "", *(card(book, page) for page in book.notebooks), "::::"])


def card(book: Book, page: str) -> str:
    """One card of the landing page."""
    title, question = opening(book.notebooks[page])
    lines = [f":::{{grid-item-card}} {title}", f":link: notebooks/{page}", ":link-type: doc", ":class-card: chapter"]
    if (book.folder / "notebooks" / f"{page}.thumb.png").is_file():
        alt = (thumbnail(book.notebooks[page]) or (b"", {}))[1].get("alt") or title
        lines += [f":img-top: notebooks/{page}.thumb.png", f":img-alt: {' '.join(alt.split())}"]
    said = book.notebooks[page].metadata["softlabels"]
    counts = Counter()
    for record in book.facts["records"]:
        if book.page_of(record) == page:
            counts.update(map(best_verdict, record["claims"]))
    badges = [badge(verdict, f"{counts[verdict]} {verdict}") for verdict in SIGNS if counts[verdict]]
    badges.append(f'<span class="runtime">ran in {said["seconds"]:.0f} s at {said["scale"]} scale</span>')
    return "\n".join([*lines, "", question, "", "+++", " ".join(badges), ":::", ""])


def best_verdict(claim: dict) -> str:
    """A claim's verdict at the largest scale that has one."""
    verdicts = [claim[scale]["verdict"] for scale in reversed(SCALES) if claim.get(scale)]
    return next((verdict for verdict in verdicts if verdict != "not run"), "not run")


def figures(book: Book) -> str:
    """Every figure, table and finding, by part, with what its claims came to at each scale."""
    blocks = []
    for part, heading in PARTS.items():
        records = [record for record in book.facts["records"] if record["id"].startswith(f"{part}/")]
        lines = [
            [numbered(record), linked(book, record), *(scale_cell(record, scale) for scale in SCALES)]
            for record in records
        ]
        written = table(["", "what it shows", *SCALES], lines)
        blocks += [f"### {heading}", "", ":::{div} verdicts", written, ":::", ""]
    return "\n".join(blocks)


def scale_cell(record: dict, scale: str) -> str:
    """What a record came to at one scale: counted verdicts, else that it has rows, else what running it would cost."""
    counts = verdict_counts(record, scale)
    counts.pop("not run", None)
    if counts:
        return " ".join(badge(verdict, str(counts[verdict])) for verdict in SIGNS if counts[verdict])
    if (ran := record["scales"].get(scale)) and ran["rows"]:
        return badge("rows", f"{ran['rows']} rows")
    cost = record["cost"]
    if cost["studies"] and not any(scale in study for study in cost["studies"].values()):
        return ""  # there is no such scale of it
    flops = f"<br><small>{power(cost['flops'])} FLOP</small>" if scale == "paper" and cost["flops"] else ""
    return badge("not run", "not run") + flops


def key_to_signs(book: Book) -> str:
    """What the badges mean, and how many claims there are."""
    claims = book.facts["claims"]
    signs = ", ".join(f"{badge(verdict, verdict)}" for verdict in SIGNS)
    return f"{signs}: {len(claims)} claims, each with its criterion and our number, on [the page of claims](claims.md)."

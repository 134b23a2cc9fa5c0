"""Generated parts of the landing page and of the page of figures: a picture, a minute, findings, chapters, verdicts."""

import html
import re
import tomllib
from pathlib import Path

from softlabels import claims, published, records
from softlabels.book.produced import thumbnail, title_of
from softlabels.claims.readings.points import average
from softlabels.claims.readings.soft_labels_are_crucial import accuracy
from softlabels.claims.readings.structure import class_names, label_history
from softlabels.claims.readings.utility_and_leakage import CHANCE, best_steps, headline, temperatures
from softlabels.claims.table import SCALES, SIGNS, Table, badge
from softlabels.data.catalogue import OFFICIAL
from softlabels.intervals import compared
from softlabels.status import coverage
from softlabels.store import live_rows, stored
from softlabels.studies import find
from softlabels.studies.structure import EXAMPLES, PUBLISHED_IMAGES
from softlabels.words import count, power_of_ten, signed

PARTS = {
    "label_worth": "Paper Q: a label is worth a thousand images",
    "memorized": "Paper B: soft labels can leak",
    "joined": "Both papers together",
}
JOINED = "joined/utility_and_leakage"
OPENS_WITH = "memorized/two_dimensions"
FINDINGS = tomllib.loads(Path(__file__).with_name("findings.toml").read_text("utf-8"))
DISTILLED = ("Ra-BPTT", "MTT", "DM")  # the methods of table 2 that distil Tiny ImageNet


def parts(notebooks: dict, rows: claims.Rows, table: Table) -> dict[str, str]:
    """Markdown by the name that `<!-- rows: NAME -->` in `book/index.md` or `book/figures.md` gives it.

    notebooks: the executed ones by page, in the book's order; rows: {study: {scale: rows}}; table: of all claims.
    """
    chapters = {page: notebook for page, notebook in notebooks.items() if page.split("/")[0] in PARTS}
    return {
        "picture": picture(chapters),
        "minute": minute(),
        **{name: finding(name, table) for name in FINDINGS},
        "printed_images": printed_images(),
        "joined_finding": joined_finding(table),
        "chapters": listed_chapters(chapters, table),
        "coverage": (covered := coverage(rows)),
        "covered": covered.split(";")[0].rstrip(".") + ".",
        "tally": table.tally_html("notebooks/record/claims.html"),
        "claim_summary": table.summary,
        "key_to_signs": key_to_signs(table),
        "figures": figures(chapters, table, rows),
    }


def picture(chapters: dict) -> str:
    """The one strong picture: the main figure of a chapter with the bold sentence of its caption, if that has run."""
    if OPENS_WITH not in chapters or (found := thumbnail(chapters[OPENS_WITH])) is None:
        return ""
    caption, alt = (" ".join(found[1].get(part, "").split()) for part in ("caption", "alt"))
    bold = re.match(r"\*\*.+?\*\*", caption)
    caption = f"{bold[0] if bold else caption} [How that comes about](notebooks/{OPENS_WITH})."
    options = f":name: fig-landing\n:alt: {alt}\n:figclass: landing"
    return f"```{{figure}} notebooks/{OPENS_WITH}.png\n{options}\n\n{caption}\n```"


def minute() -> str:
    """A label, what it teaches and what it gives away: a card each, where there are stored rows."""
    cards = []
    for title, page, study, said in (
        ("1. What a soft label is", "label_worth/structure", "label_worth/example_labels", a_label),
        ("2. What it teaches", "label_worth/small_data_sets", "label_worth/image_draws", what_it_teaches),
        ("3. What it gives away", "memorized/two_dimensions", "memorized/two_dimensions", what_it_gives_away),
    ):
        if (rows := stored_for(study)) is not None:
            cards += [f":::{{grid-item-card}} {title}", f":link: notebooks/{page}", ":link-type: doc", "", said(rows)]
            cards += [":::", ""]
    return "\n".join(["::::{grid} 1 1 3 3", ":gutter: 2", "", *cards, "::::"])


def stored_for(study: str):
    """The stored rows that a card is about, on one set of images; None where there are none."""
    if study == "label_worth/image_draws":
        return claims.photographs(study, "L01")
    rows = stored(study)
    if rows is None or "data" not in rows:
        return rows
    data = min(sorted(set(rows["data"])), key=lambda name: EXAMPLES.get(name) != PUBLISHED_IMAGES)  # the paper's first
    return rows[rows["data"] == data]


def a_label(rows) -> str:
    """The soft label of the first example image, after the last stored epoch."""
    label, image = EXAMPLES[rows.data.iloc[0]][0]
    names, history = class_names(rows.data.iloc[0]), label_history(rows, label, image)
    largest = history.iloc[-1].sort_values(ascending=False).head(3)
    return (
        f"The hard label of a photograph: *{names[label]}*. Its soft label, from a network after {history.index[-1]} "
        f"epochs: {', '.join(f'{share:.0%} {names[i]}' for i, share in largest.items())}, and so on for {len(names)} "
        "classes."
    )


def what_it_teaches(rows) -> str:
    """Students of the same photographs with hard and with soft labels."""
    ipc = max(rows.ipc)
    few = "One random photograph" if ipc == 1 else count(ipc, "random photograph")
    soft, hard = (accuracy(rows, labels, ipc=ipc)[""] for labels in ("soft", "hard"))
    return (
        f"{few} per class. Students trained on hard labels get "
        f"**{hard.mean():.0f}%** of new photographs right, those trained on soft labels **{soft.mean():.0f}%** "
        f"({OFFICIAL[rows.data.iloc[0]].title}, {len(soft)} draws)."
    )


def what_it_gives_away(rows) -> str:
    """Points that a student never saw, whose classes are random."""
    c = max(rows.classes)
    soft, hard = (average(rows, "held_out_accuracy", classes=c, labels=labels)[""] for labels in ("soft", "hard"))
    return (
        f"A teacher has memorised random labels of points ({c} classes, chance {1 / c:.0%}). Of those that they never "
        f"saw, students of hard labels get **{hard.mean():.0%}** right, those of the teacher's soft labels "
        f"**{soft.mean():.0%}** ({len(soft)} data sets)."
    )


def finding(name: str, table: Table) -> str:
    """One of `findings.toml` as the verdict on its claim has it, with where that stands."""
    entry = FINDINGS[name]
    verdict, where = decided(entry["claim"], table)
    return f"{entry[verdict]} (claim {where})"


def decided(name: str, table: Table) -> tuple[str, str]:
    """A claim's verdict at the largest scale that decides it, else `undecided`; and a link with what it came to."""
    (claim,) = claims.of(name)
    link, larger = f"[{claim.id}](notebooks/record/claims)", ""
    for scale in reversed(SCALES):
        verdict = table.verdicts[claim.id][scale].verdict
        if verdict in ("reproduced", "not reproduced"):
            return verdict, f"{link}: *{table.outcome(claim, scale)}* at {scale} scale{larger}"
        if verdict == "inconclusive":
            larger += f", *inconclusive* at {scale} scale"
    return "undecided", link


def printed_images() -> str:
    """Random images with soft labels against the best distilled ones, as the paper's table 2 prints them."""
    soft, *distilled = (published.find(f"table 2, Tiny ImageNet, {name}") for name in ("soft labels", *DISTILLED))
    return ", ".join(
        f"{soft.value(ipc)} % against {max(other.value(ipc) for other in distilled if ipc in other.at)} % at {images}"
        for ipc, images in ((1, "one image per class"), (10, "ten"))
    )


def joined_finding(table: Table) -> str:
    """Both papers on one data set, in sentences whose numbers come from rows; each compares the same students."""
    rows = stored(JOINED)
    rows = next(iter(live_rows(JOINED).values()), None) if rows is None else rows
    if rows is None:
        return "Put together on real handwriting: what do a teacher's labels teach, and how much do they give away?"
    low, *_, high = temperatures(rows)
    mislabelled = headline(rows, True)

    def share(of, metric):
        return f"{of[metric].mean():.0%}"

    best, last, hard = (mislabelled[name] for name in ("best", "last", "hard"))
    first = [share(labels, "leak") for labels in (best, last, hard)]
    predicted = [share(labels, "plain_recall") for labels in (best, last, hard)]
    early, full = (headline(rows, True, low)[name]["leak"] for name in ("best", "last"))
    teach, teach_clean, teach_cold = (
        f"{compared(gained, neither='about as much as')} hard ones ({signed(100 * gained.mean())} points)"
        for gained in (of["best"]["gained"] for of in (mislabelled, headline(rows, False), headline(rows, False, low)))
    )
    outcomes = ", ".join(decided(name, table)[1] for name in ("J1", "J2", "J3"))
    outcomes = outcomes.replace(f" at {rows.attrs['scale']} scale", "")  # which the bracket begins with
    return (
        f"On handwriting with a few images mislabelled on purpose, labels of a teacher stopped at step "
        f"{best_steps(rows)} teach, at τ = {high:g}, {teach}. For **{first[0]}** of the mislabelled images that they "
        f"never saw, their students rank the teacher's wrong label first of the nine wrong ones: {first[1]} with the "
        f"fully trained teacher, {first[2]} with hard labels, {CHANCE:.0%} by chance. They predict it for "
        f"{predicted[0]}, {predicted[1]} and {predicted[2]}. At τ = {low:g} the early teacher's labels leak "
        f"{compared(early - full)} the fully trained one's ({early.mean():.0%}, {full.mean():.0%}). "
        f"To students of clean images alone such labels teach {teach_clean} at τ = {high:g} and {teach_cold} at "
        f"τ = {low:g}. "
        f"({rows.attrs['scale'].capitalize()} scale, {rows.attrs['seeds']} replicates; claims {outcomes})"
    )


def listed_chapters(chapters: dict, table: Table) -> str:
    """A line a chapter, by part: its title and what its claims came to."""
    lines = []
    for part, heading in PARTS.items():
        lines += [f"**{heading}**", ""]
        lines += [line(page, notebook, table) for page, notebook in chapters.items() if page.startswith(f"{part}/")]
        lines.append("")
    return "\n".join(lines)


def line(page: str, notebook, table: Table) -> str:
    """A chapter's line of the landing page."""
    outcomes = [table.came_to(claim) for claim in table.claims if records.find(claim.record).page == page]
    badges = " ".join(badge(word, str(outcomes.count(word))) for word in SIGNS if word in outcomes)
    return f"- [{title_of(notebook)}](notebooks/{page}) {badges}"


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
        blocks += [f"## {heading}", "", ":::{div} verdicts", *lines, ":::", ""]
    return "\n".join(blocks)


def scale_cell(record: records.Record, scale: str, of_record: Table, rows: claims.Rows) -> str:
    """What a record came to at one scale: counted outcomes, else that it has rows, else what running it would cost."""
    outcomes = [of_record.outcome(claim, scale) for claim in of_record.claims if claim.names(scale)]
    ran = sum(len(rows[study][scale]) for study in record.studies if scale in rows.get(study, {}))
    if set(outcomes) - {"not run"}:
        numbers = {word: f"{outcomes.count(word)}{' not run' * (word == 'not run')}" for word in SIGNS}
        return " ".join(badge(word, number) for word, number in numbers.items() if word in outcomes)
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

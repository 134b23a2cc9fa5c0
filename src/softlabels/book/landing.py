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
from softlabels.claims.readings.utility_and_leakage import CHANCE, best_steps, headline
from softlabels.claims.table import SCALES, SIGNS, Table, badge
from softlabels.data.catalogue import OFFICIAL
from softlabels.intervals import compared, t_interval
from softlabels.status import coverage
from softlabels.store import live_rows, stored
from softlabels.studies import find
from softlabels.studies.structure import EXAMPLES, PUBLISHED_IMAGES
from softlabels.words import count, interval, power_of_ten, signed

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
        "joined_finding": joined_finding(),
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
    soft, hard = (average(rows, "held_out_accuracy", classes=20, labels=labels)[""] for labels in ("soft", "hard"))
    return (
        "A teacher has memorised points of twenty random classes, so chance is 5%. Of those that they never saw, "
        f"students of hard labels get **{hard.mean():.0%}** right, those of the teacher's soft labels "
        f"**{soft.mean():.0%}** ({len(soft)} data sets)."
    )


def finding(name: str, table: Table) -> str:
    """One of `findings.toml` as the verdict on its claim has it, with where that stands."""
    entry = FINDINGS[name]
    (claim,) = claims.of(entry["claim"])
    link, larger = f"claim [{claim.id}](notebooks/record/claims)", ""
    for scale in reversed(SCALES):
        verdict = table.verdicts[claim.id][scale].verdict
        if verdict in entry:
            return f"{entry[verdict]} ({link}: *{table.outcome(claim, scale)}* at {scale} scale{larger})"
        if verdict == "inconclusive":
            larger += f", *inconclusive* at {scale} scale"
    return f"{entry['undecided']} ({link})"


def printed_images() -> str:
    """Random images with soft labels against the best distilled ones, as the paper's table 2 prints them."""
    soft, *distilled = (published.find(f"table 2, Tiny ImageNet, {name}") for name in ("soft labels", *DISTILLED))
    return ", ".join(
        f"{soft.value(ipc)} % against {max(other.value(ipc) for other in distilled if ipc in other.at)} % at {images}"
        for ipc, images in ((1, "one image per class"), (10, "ten"))
    )


def joined_finding() -> str:
    """Both papers on one data set, in sentences whose numbers come from rows; each compares the same students."""
    rows = stored(JOINED)
    rows = next(iter(live_rows(JOINED).values()), None) if rows is None else rows
    if rows is None:
        return "Put together on real handwriting: what do a teacher's labels teach, and how much do they give away?"
    mislabelled, clean = (headline(rows, whether) for whether in (True, False))

    def share(of, metric):
        return f"{of[metric].mean():.0%}"

    best, last, hard = (mislabelled[name] for name in ("best", "last", "hard"))
    first = [share(labels, "leak") for labels in (best, last, hard)]
    predicted = [share(labels, "plain_recall") for labels in (best, last, hard)]
    teach, teach_clean = (
        f"{compared(gained, neither='about as much as')} hard ones "
        f"({interval(t_interval(100 * gained), 1, signed, ' points')})"
        for gained in (of["best"]["gained"] for of in (mislabelled, clean))
    )
    return (
        f"On handwriting of which a few images are mislabelled on purpose, labels of a teacher stopped at step "
        f"{best_steps(rows)} teach {teach}. For **{first[0]}** of the mislabelled images that "
        f"they were never shown, their students rank first, among the nine wrong classes, the label that the teacher "
        f"had learned. With labels of the fully trained teacher it is {first[1]}, with hard labels {first[2]}, by "
        f"chance {CHANCE:.0%}. They predict it outright for {predicted[0]}, {predicted[1]} and {predicted[2]}. "
        f"To students that are shown clean images alone, such labels teach {teach_clean}. "
        f"(Claims J1 to J3; {rows.attrs['scale']} scale, {rows.attrs['seeds']} replicates.)"
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

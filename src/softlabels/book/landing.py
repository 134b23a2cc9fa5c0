"""The landing page's generated parts: the picture, what it found, a card a chapter, every figure with its verdict."""

import html
import tomllib
from pathlib import Path

from softlabels import claims, published, records
from softlabels.book.produced import opening, thumbnail
from softlabels.claims.readings.utility_and_leakage import CHANCE, best_step, headline
from softlabels.claims.table import SCALES, SIGNS, Table, badge
from softlabels.intervals import t_interval
from softlabels.status import coverage
from softlabels.store import live_rows, stored
from softlabels.studies import find
from softlabels.words import interval, power_of_ten, signed

PARTS = {
    "label_worth": "Paper Q: a label is worth a thousand images",
    "memorized": "Paper B: soft labels can leak",
    "joined": "Both papers together",
}
JOINED = "joined/utility_and_leakage"
FINDINGS = tomllib.loads(Path(__file__).with_name("findings.toml").read_text("utf-8"))
DISTILLED = ("Ra-BPTT", "MTT", "DM")  # the methods of table 2 that distil Tiny ImageNet


def parts(notebooks: dict, rows: claims.Rows, table: Table) -> dict[str, str]:
    """Markdown by the name that `<!-- rows: NAME -->` in `book/index.md` gives it.

    notebooks: the executed ones by page, in the book's order; rows: {study: {scale: rows}}; table: of all claims.
    """
    chapters = {page: notebook for page, notebook in notebooks.items() if page.split("/")[0] in PARTS}
    return {
        "picture": picture(chapters),
        **{name: finding(name, table.verdicts) for name in FINDINGS},
        "printed_images": printed_images(),
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


def finding(name: str, verdicts: dict) -> str:
    """One of `findings.toml` as the verdict on its claim has it, with where that stands."""
    entry = FINDINGS[name]
    claim = f"[{entry['claim']}](notebooks/record/claims)"
    for scale in reversed(SCALES):
        if (verdict := verdicts[entry["claim"]][scale].verdict) in entry:
            return f"{entry[verdict]} ({claim}, *{verdict}* at {scale} scale)"
    return f"{entry['undecided']} ({claim})"


def printed_images() -> str:
    """Random images with soft labels against the best distilled ones, as the paper's table 2 prints them."""
    soft, *distilled = (published.find(f"table 2, Tiny ImageNet, {name}") for name in ("soft labels", *DISTILLED))
    return ", ".join(
        f"{soft.value(ipc)} % against {max(other.value(ipc) for other in distilled if ipc in other.at)} % at {images}"
        for ipc, images in ((1, "one image a class"), (10, "ten"))
    )


def joined_finding() -> str:
    """Both papers on one data set, in sentences whose numbers come from rows; each compares the same students."""
    rows = stored(JOINED)
    rows = next(iter(live_rows(JOINED).values()), None) if rows is None else rows
    if rows is None:
        return "Put together on real handwriting: what do a teacher's labels teach, and how much do they give away?"
    mislabelled, clean = headline(rows, True), headline(rows, False)

    def share(of, metric):
        return f"{of[metric].mean():.0%}"

    def leaks(labels):
        return f"{share(labels, 'leak')} (and predict it for {share(labels, 'plain_recall')})"

    def compared(gained):
        _, low, high = t_interval(gained)
        more = "more than" if low > 0 else "less than" if high < 0 else "about as much as"
        return f"{more} hard ones ({interval(t_interval(100 * gained), 1, signed, ' points')})"

    best, last, hard = (mislabelled[name] for name in ("best", "last", "hard"))
    early, of_clean = (compared(of["best"]["gained"]) for of in (mislabelled, clean))
    return (
        "On real handwriting, where a few images are mislabelled on purpose, labels of a teacher stopped at step "
        f"{best_step(rows)} teach {early}. Of images that nobody showed them, these students rank the planted label "
        f"first among the nine wrong ones for **{leaks(best)}**; with hard labels for {leaks(hard)}, by chance for "
        f"{CHANCE:.0%}. From the fully trained teacher it is {leaks(last)}. Students that saw only clean, rightly "
        f"labelled images: {leaks(clean['best'])} and {leaks(clean['last'])}; to them early labels teach {of_clean}. "
        f"({rows.attrs['scale'].capitalize()} scale, {rows.attrs['seeds']} replicates.)"
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

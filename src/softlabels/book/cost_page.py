"""The page of costs: what is in a figure, what it must take, what it took."""

from softlabels.book.rendering import SCALES, Book, duration, linked, numbered, opening, power


def cost_table(book: Book) -> str:
    """A line a figure: arithmetic, the least time that it can take here, what it took, what its authors say."""
    heads = ["figure", "FLOP", "as coded", "students", "their steps", "floor here", *SCALES, "authors"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for record in book.facts["records"]:
        cost = record["cost"]
        ours = [cost["studies"][study]["paper"] for study in cost["studies"] if "paper" in cost["studies"][study]]
        flops = cost["flops"] or sum(study["flops"] for study in ours) or None
        cells = [
            f"{linked(book, record)}, {numbered(record)}" if record["number"] else linked(book, record),
            power(flops),
            power(cost["flops_as_coded"]),
            f"{sum(study['runs'] for study in ours):,}" if ours else "–",
            power(sum(study["steps"] for study in ours)) if ours else "–",
            duration(flops / book.facts["machine"]["flops_per_second"]) if flops else "–",
            *(measured(record, scale) for scale in SCALES),
            cost["reported"] or "–",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([":::{div} sortable costs", *lines, ":::"])


def measured(record: dict, scale: str) -> str:
    """Summed seconds of compute of a record's rows at a scale."""
    ran = record["scales"].get(scale)
    if not ran or not ran["rows"]:
        return "not run"
    return duration(ran["seconds"]) + ("" if ran["finished"] else " so far")


def machine(book: Book) -> str:
    """What "here" means on the page of costs."""
    here = book.facts["machine"]
    return f"{here['flops_per_second'] / 1e9:.0f} GFLOP/s on {here['threads']} threads"


def figure_4a(book: Book) -> str:
    """Both grids of figure 4a, what its authors report, and what the arithmetic alone would take."""
    record = next(record for record in book.facts["records"] if record["id"] == "memorized/fig4a")
    cost, rate = record["cost"], book.facts["machine"]["flops_per_second"]
    days = float(cost["reported"].split()[0])
    floors = [duration(flops / rate) for flops in (cost["flops"], cost["flops_as_coded"])]
    text = (
        f"The grid as plotted takes {power(cost['flops'])} FLOP, the grid as the official driver codes it "
        f"{power(cost['flops_as_coded'])}. The authors report {cost['reported']}; which of the two grids that was is "
        f"not known. At the rate of a matrix product on this build's machine ({machine(book)}) the arithmetic "
        f"takes {floors[0]} for the one and {floors[1]} for the other: {days * 86400 * rate / cost['flops']:.0f} and "
        f"{days * 86400 * rate / cost['flops_as_coded']:.0f} times less than {days:.0f} days. The days went into "
        "starting small kernels one by one, not into arithmetic."
    )
    ran = record["scales"].get("paper")
    if ran and ran["rows"]:
        whole = "The whole figure" if ran["finished"] else f"So far {ran['rows']:,} students of it"
        text += (
            f" {whole}, {ran['seeds']} seeds, took us {duration(ran['seconds'])} of computing time on {ran['device']}."
        )
    return text


def build_table(book: Book) -> str:
    """How long each notebook took when it last ran."""
    lines = ["| page | scale | seconds |", "|---|---|---|"]
    total = 0.0
    for page, notebook in book.notebooks.items():
        said = notebook.metadata["softlabels"]
        total += said["seconds"]
        lines.append(f"| [{opening(notebook)[0]}](notebooks/{page}) | {said['scale']} | {said['seconds']:.0f} |")
    return "\n".join([*lines, f"| all | | {total:.0f} |"])

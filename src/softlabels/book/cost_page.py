"""The page of costs: what is in a figure, what it must take, what it took."""

from softlabels.book.rendering import SCALES, Book, duration, numbered, opening, power, table

DAY = 86400.0


def cost_table(book: Book) -> str:
    """A line a figure: arithmetic, the least time that it can take here, what it took, what its authors say."""
    heads = ["figure", "FLOP", "as coded", "students", "their steps", "our FLOP", "floor here", *SCALES, "authors"]
    lines = []
    for record in book.facts["records"]:
        cost, ours = record["cost"], paper_grids(record)
        own = sum(grid["flops"] for grid in ours)
        flops = own or cost["flops"]
        lines.append([
            where(book, record),
            power(cost["flops"]),
            power(cost["flops_as_coded"]),
            f"{sum(grid['runs'] for grid in ours):,}" if ours else "–",
            power(sum(grid["steps"] for grid in ours)),
            power(own),
            duration(flops / book.facts["machine"]["flops_per_second"]) if flops else "–",
            *(measured(record, scale) for scale in SCALES),
            cost["reported"] or "–",
        ])  # fmt: skip
    return table(heads, lines, "costs")


def missing_table(book: Book) -> str:
    """A line a study and scale whose committed rows end before its grid, the cheapest first."""
    here, gpu = (book.facts[device]["flops_per_second"] for device in ("machine", "gpu"))
    heads = ["study", "scale", "runs", "FLOP", "floor here", f"a GPU at {gpu / 1e12:g} TFLOP/s", "memory"]
    lines = [
        [
            f"`{part['study']}`",
            part["scale"],
            f"{part['runs']:,} of {part['of']:,}",
            power(part["flops"]),
            duration(part["flops"] / here),
            duration(part["flops"] / gpu),
            f"{part['bytes'] / 1e9:,.{0 if part['bytes'] >= 1e10 else 2}f} GB",
        ]
        for part in book.facts["missing"]
    ]
    return table(heads, lines, "missing") if lines else "Every grid is stored whole."


def measured_table(book: Book) -> str:
    """A line a study, scale and device: what its committed rows took, and how near to a GPU's floor that is."""
    heads = ["study", "scale", "device", "runs", "FLOP", "seconds"]
    lines = [
        [
            f"`{part['study']}`",
            part["scale"],
            f"{part['device'].upper()} ({', '.join(part['models'])})",
            f"{part['runs']:,}",
            power(part["flops"]),
            f"{part['seconds']:,.0f}",
        ]
        for part in book.facts["measured"]
    ]
    floors = [part["floor"] for part in book.facts["measured"]]
    if not any(floors):
        return table(heads, lines, "missing")
    for line, part, floor in zip(lines, book.facts["measured"], floors, strict=True):
        line += [f"{floor:,.1f}", f"{floor / part['seconds']:.0%}"] if floor else ["–", "–"]
    said = (
        "*Floor* is the arithmetic at the rate that the same GPU reached in a matrix product of the same number type, "
        "measured when the rows were; rows from a CPU have none. Where teachers had been kept, the last column can "
        "exceed 100 %."
    )
    return table([*heads, "floor", "floor ÷ seconds"], lines, "missing") + "\n\n" + said


def devices_table(book: Book) -> str:
    """Where a study ran on a CPU and on a GPU: how far the same runs differ."""
    heads = ["study", "scale", "runs", "metric", "equal", "mean difference", "largest"]
    lines = [
        [
            f"`{part['study']}`",
            part["scale"],
            f"{part['runs']:,}",
            part["metric"].replace("_", " "),
            f"{part['equal']:.0%}",
            f"{part['mean']:.1g}".replace("-", "−"),
            f"{part['most']:.1g}",
        ]
        for part in book.facts["devices"]
    ]
    if not lines:
        return "No run has been computed on a CPU and on a GPU yet."
    said = (
        "The same runs on a CPU and on a GPU, CPU minus GPU; the book reads the CPU's. What differs is the rounding, "
        "which over thousands of steps may move an example from one side of a border to the other."
    )
    return said + "\n\n" + table(heads, lines, "missing")


def paper_grids(record: dict) -> list[dict]:
    """What our own studies of a record count at the paper's sizes: runs, steps, flops."""
    return [study["paper"] for study in record["cost"]["studies"].values() if "paper" in study]


def where(book: Book, record: dict) -> str:
    """A record in a few words, with its paper, as a link where its page is in the book."""
    name = numbered(record) if record["number"] else record["id"].split("/")[1].replace("_", " ")
    name = f"{record['paper']}, {name}" if record["paper"] in ("B", "Q") else name
    return f"[{name}](notebooks/{book.page_of(record)})" if book.page_of(record) in book.notebooks else name


def measured(record: dict, scale: str) -> str:
    """Summed seconds of compute of a record's rows at a scale."""
    ran = record["scales"].get(scale)
    if not ran or not ran["rows"]:
        return "–"
    return duration(ran["seconds"]) + ("" if ran["finished"] else " so far")


def machine(book: Book) -> str:
    """What "here" means on the page of costs."""
    here = book.facts["machine"]
    return f"{here['flops_per_second'] / 1e9:.0f} GFLOP/s on {here['threads']} threads"


def figure_4a(book: Book) -> str:
    """Both grids of figure 4a, what its authors report, and what the arithmetic alone would take."""
    record = next(record for record in book.facts["records"] if record["id"] == "memorized/fig4a")
    cost, rate = record["cost"], book.facts["machine"]["flops_per_second"]
    seconds = float(cost["reported"].split()[0]) * DAY
    plotted, coded = cost["flops"], cost["flops_as_coded"]
    text = (
        f"The grid as plotted takes {power(plotted)} FLOP, the grid as the official driver codes it {power(coded)}. "
        f"The authors report {cost['reported']}; which of the two grids that was is not known. At the rate of a "
        f"matrix product on this build's machine, {machine(book)}, the arithmetic takes {duration(plotted / rate)} "
        f"for the one and {duration(coded / rate)} for the other, which is {seconds * rate / plotted:.0f} and "
        f"{seconds * rate / coded:.0f} times less than {cost['reported'].split()[0]} days, without a GPU."
    )
    if runs := sum(grid["runs"] for grid in paper_grids(record)):
        text += (
            f" Our reading: {runs:,} small students trained one after the other wait for kernels to start. Trained "
            "side by side, as one wide matrix product, they wait for arithmetic alone."
        )
        own = sum(grid["flops"] for grid in paper_grids(record))
        text += f" Ours train the difference of the two classes' weights, which leaves {power(own)} FLOP of the plotted"
        text += f" grid, {duration(own / rate)} at that rate."
    if (ran := record["scales"].get("paper")) and ran["rows"]:
        whole = "The whole figure" if ran["finished"] else f"So far {ran['rows']:,} of its students"
        text += f" {whole}, {ran['seeds']} seeds, took us {duration(ran['seconds'])} of computing on {ran['device']}."
    return text


def build_table(book: Book) -> str:
    """How long each notebook took when it last ran."""
    said = {page: notebook.metadata["softlabels"] for page, notebook in book.notebooks.items()}
    lines = [
        [f"[{opening(book.notebooks[page])[0]}](notebooks/{page})", about["scale"], f"{about['seconds']:.0f}"]
        for page, about in said.items()
    ]
    total = sum(about["seconds"] for about in said.values())
    return table(["page", "scale", "seconds"], [*lines, ["all", "", f"{total:.0f}"]])

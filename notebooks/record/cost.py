# %% [markdown]
# # What each figure costs

# %% tags=["remove-cell"]
# On Google Colab: fetch the book's repository and install its package. Anywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    import os
    import subprocess
    from importlib.metadata import distributions

    address, folder, did = "https://github.com/softlabels/softlabels", "/content/softlabels", []
    if not os.path.isdir(folder):
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", address, folder], check=True)
        did.append("fetched the book")
    if not any(distributions(name="softlabels")):
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", folder], check=True)
        did.append("installed its package")
    os.chdir(folder)
    print((" and ".join(did) or "the book and its package are there already") + f"; working in {folder}")

# %% [markdown]
# ## Answer

# %% tags=["hide-input"]
import os

import pandas as pd
import torch

from softlabels import claims, plots, records, status
from softlabels.book.produced import last_run
from softlabels.machine import machine_speed
from softlabels.words import duration, power_of_ten, size

torch.set_num_threads(os.cpu_count())  # while the book is built, a notebook has one
RATE = machine_speed()[0]  # FLOP/s of a matrix product
rows = claims.known_rows()
here = f"{RATE / 1e9:.0f} GFLOP/s on {torch.get_num_threads()} thread{'s' * (torch.get_num_threads() > 1)}"
whole, left = status.costs()
at_paper = [cost for record in records.all() if (cost := status.of_record(record, "paper", whole))]
seconds = [cost["cpu"].seconds for cost in at_paper]
cheap, slowest = sum(each < 86400 for each in seconds), max(seconds)
total = whole.groupby("scale")[["cpu", "cuda"]].agg(lambda costs: sum(cost.seconds for cost in costs))
plots.answer(
    f"At *quick* scale the runs of all figures of this book together take {duration(total.loc['quick', 'cpu'])} of a CPU's computing; a build, with the pages' examples and exercises, takes longer (last table). At the papers' own sizes {cheap} of {len(at_paper)} figures, tables and findings take less than a day of a CPU's computing, the others up to {duration(slowest)}. All of it together takes about {duration(total.loc['paper', 'cuda'])} of a small GPU.\n\n"
    "These are predictions: a study's measured runs that are most like a run in size say how long it takes. A star marks those for which no run was measured on such a device; they are the arithmetic, at a rate that such training may reach. A time without a star may rest on runs that are far smaller than those that it predicts."
)

# %% [markdown]
# ## What would this figure cost me?
#
# *Quick*, *reduced* and *paper*: time at each scale on a CPU like the one that computed our rows, summed over its cores. *GPU*: time at the paper's own size on a small GPU. *Memory*: what the largest pack of runs holds at once. Packs whose memory exceeds a GPU's do not fit on one; the time assumes that they do.
#
# The command runs the largest scale that there is; it may be stopped at any moment and goes on when it is called again. `--scale quick` runs the small version, `--device cuda` uses a GPU, `--dry-run` estimates on your own machine.


# %% tags=["hide-input"]
def expected(cost):
    """A predicted time; starred where no measured pack says so."""
    return duration(cost.seconds).replace("<", "&lt;") + " *" * (not cost.packs)


def name_of(record):
    name = record.numbered if record.number else record.id.split("/")[1].replace("_", " ")
    return f"{record.paper}, {name}" if record.paper in "BQ" else name


lines = []
for record in records.all():
    at = {scale: status.of_record(record, scale, whole) for scale in claims.SCALES}
    largest = next((scale for scale in reversed(claims.SCALES) if at[scale]), None)
    run = f"<br><code>softlabels run {record.id} --scale {largest}</code>" if largest else "<br>not written yet"
    line = {"figure": record.link(name_of(record)) + run}
    line |= {scale: expected(at[scale]["cpu"]) if at[scale] else "–" for scale in claims.SCALES}
    line["GPU"] = expected(at["paper"]["cuda"]) if at["paper"] else "–"
    line["memory"] = size(at[largest]["bytes"]) if largest else "–"
    lines.append(line)
plots.sortable(pd.DataFrame(lines), "asked record")

# %% [markdown]
# Figures that share their runs (4a and 12, 3 and 10) show the whole cost each. Teachers of paper Q's photographs are trained once, with `softlabels run label_worth/teachers`, and count in its figure 2 and table 7 alone.

# %% [markdown]
# ## The rest, folded

# %% tags=["hide-input"]
core, small_gpu = (status.YARDSTICK[device] / 1e9 for device in ("cpu", "cuda"))


def folded(title, note, *tables):
    plots.raw(f'<details class="record"><summary>{title}</summary><p>{note}</p>{"".join(tables)}</details>')


def by_study(frame, shown):
    """`shown` with the study of each line in front."""
    return pd.concat([frame["study"].map("<code>{}</code>".format), shown], axis=1)


figure = records.find("memorized/fig4a")
ours = status.paper_grids(figure)
days = float(figure.reported.split()[0])
plotted, coded = figure.flops / RATE, figure.flops_as_coded / RATE  # seconds
sentences = [
    f"The grid as plotted takes {power_of_ten(figure.flops)} FLOP, the grid as the official driver codes it {power_of_ten(figure.flops_as_coded)}. The authors report {figure.reported}; which of the two grids that was is not known.",
    f"At the rate of a matrix product on the machine that built this page, {here}, the arithmetic takes {duration(plotted)} for the one and {duration(coded)} for the other. That is {days * 86400 / plotted:.0f} and {days * 86400 / coded:.0f} times less than {days:g} days, without a GPU.",
    f"Our reading: {ours['runs']:,} small students trained one after the other wait for kernels to start. Trained side by side, as one wide matrix product, they wait for arithmetic alone. Ours train the difference of the two classes' weights, which leaves {power_of_ten(ours['flops'])} FLOP of the plotted grid, {duration(ours['flops'] / RATE)} at that rate.",
]
if ran := status.ran(figure, "paper", rows):
    portion = "The whole figure" if ran["finished"] else f"So far {ran['rows']:,} of its students"
    sentences.append(
        f"{portion}, {ran['seeds']} seeds, took us {duration(ran['seconds'])} of computing on {ran['device']}."
    )
folded("Figure 4a of paper B and its GPU-days", " ".join(sentences))

# %% tags=["hide-input"]
lines = []
for record in records.all():
    ours = status.paper_grids(record)
    flops = ours["flops"] or record.flops
    line = {
        "figure": record.link(name_of(record)),
        "FLOP": power_of_ten(record.flops),
        "as coded": power_of_ten(record.flops_as_coded),
        "students": f"{ours['runs']:,}" if ours["runs"] else "–",
        "their steps": power_of_ten(ours["steps"]),
        "our FLOP": power_of_ten(ours["flops"]),
        "at that rate": duration(flops / RATE) if flops else "–",
    }
    for scale in claims.SCALES:
        ran = status.ran(record, scale, rows)
        line[scale] = duration(ran["seconds"]) + " so far" * (not ran["finished"]) if ran else "–"
    lines.append(line | {"authors": record.reported or "–"})
folded(
    "Figure by figure: arithmetic, and what our rows took",
    f"<i>FLOP</i> counts the multiplications and additions of the whole figure at the paper's own sizes, teachers included, on the grid that the paper plots; <i>as coded</i> is the official driver's grid where that is another one. <i>Our FLOP</i> is what our code does for its grid of that size. <i>At that rate</i> divides the last FLOP that is known by what a plain matrix product in float32 reached on the machine that built this page, while it built it: {here}. It is a scale, and no bound: image networks compute in bfloat16 where a processor can, and a machine that is busy with a build is slower than one that is not. <i>Quick</i>, <i>reduced</i> and <i>paper</i> are measured: the summed computing time of the rows that this book shows; a teacher that an earlier run had kept costs nothing there, and a machine that was busy took longer than the first table predicts. Click on a heading to sort.",
    plots.sortable_markup(pd.DataFrame(lines), "costs"),
)

# %% tags=["hide-input"]
took = status.measured()
share = (took["floor"] / took["seconds"]).where(took["floor"] > 0)
shown = took[["scale"]].assign(
    device=[
        f"{device.upper()} ({', '.join(models)})" for device, models in zip(took["device"], took["models"], strict=True)
    ],
    runs=took["runs"].map("{:,}".format),
    FLOP=took["flops"].map(power_of_ten),
    seconds=took["seconds"].map("{:,.0f}".format),
    floor=took["floor"].map(lambda seconds: f"{seconds:,.1f}" if seconds else "–"),
)
shown["floor ÷ seconds"] = share.map("{:.0%}".format, na_action="ignore").fillna("–")
folded(
    "Study by study, as it was measured",
    "What computing the stored rows took, and on which device, by the provenance that lies beside each table. <i>Seconds</i> are a CPU's, of all its cores together, or a GPU's on the clock; <i>FLOP</i> counts a study's own teachers, which took no seconds where an earlier run had kept them. <i>Floor</i> is the arithmetic at the rate that the same GPU reached in a matrix product when the rows were computed; rows from a CPU have none. Where teachers had been kept, the last column can exceed 100 %.",
    plots.sortable_markup(by_study(took, shown), "studies"),
)

# %% tags=["hide-input"]
off = status.devices()
if off.empty:
    folded("The same runs on a CPU and on a GPU", "No run has been computed on both yet.")
else:
    shown = off[["scale"]].assign(
        runs=off["runs"].map("{:,}".format),
        metric=off["metric"].str.replace("_", " "),
        equal=off["equal"].map("{:.0%}".format),
        **{"mean difference": off["mean"].map("{:.1g}".format).str.replace("-", "−")},
        largest=off["most"].map("{:.1g}".format),
    )
    folded(
        "The same runs on a CPU and on a GPU",
        "CPU minus GPU; the book reads the CPU's. What differs is the rounding, which over thousands of steps may move an example from one side of a border to the other.",
        plots.sortable_markup(by_study(off, shown), "studies"),
    )

# %% tags=["hide-input"]
shown = left[["scale"]].assign(
    runs=[f"{runs:,} of {of:,}" for runs, of in zip(left["runs"], left["of"], strict=True)],
    FLOP=left["flops"].map(power_of_ten),
    **{
        "at that rate": (left["flops"] / RATE).map(duration),
        "CPU": left["cpu"].map(expected),
        "GPU": left["cuda"].map(expected),
        "memory": left["bytes"].map(size),
    },
)
folded(
    "What is not stored yet",
    f"What is left of each study's grid, the cheapest first. <code>softlabels run STUDY --scale SCALE</code> computes a line; <code>--seeds 1</code> only its first replicate, <code>--only</code> a part of its grid; <a href='../../start.html'>the start page</a> has the commands in a good order. Starred times are at {core:,.0f} GFLOP/s on a core and {small_gpu:,.0f} GFLOP/s on a small GPU.",
    plots.sortable_markup(by_study(left, shown), "studies") if len(left) else "Every grid is stored whole.",
)

# %% tags=["hide-input"]
pages = dict.fromkeys(record.page for record in records.all())
ran = [
    about | {"page": f'<a href="../{page}.html">{about["title"]}</a>'} for page in pages if (about := last_run(page))
]
if ran:
    whole_build = {"page": "all of these", "scale": "", "seconds": sum(about["seconds"] for about in ran)}
    shown = pd.DataFrame([*ran, whole_build])[["page", "scale", "seconds"]]
    folded(
        "What a build of this book takes",
        "Each chapter's own seconds when it was last executed.",
        plots.sortable_markup(shown.assign(seconds=shown["seconds"].map("{:.0f}".format)), "build"),
    )
else:
    folded("What a build of this book takes", "No build has executed its chapters here.")

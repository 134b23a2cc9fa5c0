# %% [markdown]
# # What each figure costs
#
# **How much arithmetic is in a figure, and how long must it take?** *FLOP* counts the multiplications and additions of a whole figure. A *floor* divides them by what a plain matrix product reaches on the machine that built this page: no training on it can be faster. What the rows of this book took stands beside it, and so does what is still missing.

# %% tags=["remove-cell"]
# On Google Colab: fetch the book's repository and install its package. Anywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    import os
    import subprocess

    address, folder = "https://github.com/softlabels/softlabels", "/content/softlabels"
    if not os.path.isdir(folder):
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", address, folder], check=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", folder], check=True)
    os.chdir(folder)

# %% tags=["hide-input"]
import os

import pandas as pd
import torch

from softlabels import claims, plots, records, status
from softlabels.book.produced import last_run
from softlabels.machine import machine_speed
from softlabels.words import duration, power_of_ten

torch.set_num_threads(os.cpu_count())  # while the book is built, a notebook has one
RATE = machine_speed()[0]  # FLOP/s of a matrix product
rows = claims.known_rows()
here = f"{RATE / 1e9:.0f} GFLOP/s on {torch.get_num_threads()} thread{'s' * (torch.get_num_threads() > 1)}"


def by_study(frame, shown):
    """`shown` with the study of each line in front."""
    return pd.concat([frame["study"].map("<code>{}</code>".format), shown], axis=1)


plots.answer(f"The machine that built this page reaches {here} in a matrix product.")

# %% [markdown]
# ## Figure 4a and its GPU-days

# %% tags=["hide-input"]
figure = records.find("memorized/fig4a")
ours = status.paper_grids(figure)
days = float(figure.reported.split()[0])
plotted, coded = figure.flops / RATE, figure.flops_as_coded / RATE  # seconds
sentences = [
    f"The grid as plotted takes {power_of_ten(figure.flops)} FLOP, the grid as the official driver codes it {power_of_ten(figure.flops_as_coded)}. The authors report {figure.reported}; which of the two grids that was is not known.",
    f"At the rate of a matrix product on this build's machine, {here}, the arithmetic takes {duration(plotted)} for the one and {duration(coded)} for the other. That is {days * 86400 / plotted:.0f} and {days * 86400 / coded:.0f} times less than {days:g} days, without a GPU.",
    f"Our reading: {ours['runs']:,} small students trained one after the other wait for kernels to start. Trained side by side, as one wide matrix product, they wait for arithmetic alone. Ours train the difference of the two classes' weights, which leaves {power_of_ten(ours['flops'])} FLOP of the plotted grid, {duration(ours['flops'] / RATE)} at that rate.",
]
if ran := status.ran(figure, "paper", rows):
    whole = "The whole figure" if ran["finished"] else f"So far {ran['rows']:,} of its students"
    sentences.append(
        f"{whole}, {ran['seeds']} seeds, took us {duration(ran['seconds'])} of computing on {ran['device']}."
    )
plots.answer(" ".join(sentences))

# %% [markdown]
# ## Figure by figure
#
# *FLOP* is the arithmetic of the whole figure at the paper's own sizes, teachers included, on the grid that the paper plots; *as coded* is the grid of the official driver where that is another one. *Our FLOP* is what our own code does for its grid of that size, less where an identity saves work. *Students* and *their steps* count that grid; figures that share their runs (4a and 12, 3 and 10) share them here too. *Floor here* takes the last FLOP that is known. *Quick*, *reduced* and *paper* are measured: the summed computing time of the rows that this book shows at each scale, on the device that their CSV names; a teacher that an earlier run had kept costs nothing there. Click on a heading to sort.

# %% tags=["hide-input"]
lines = []
for record in records.all():
    ours = status.paper_grids(record)
    flops = ours["flops"] or record.flops
    name = record.numbered if record.number else record.id.split("/")[1].replace("_", " ")
    line = {
        "figure": record.link(f"{record.paper}, {name}" if record.paper in "BQ" else name),
        "FLOP": power_of_ten(record.flops),
        "as coded": power_of_ten(record.flops_as_coded),
        "students": f"{ours['runs']:,}" if ours["runs"] else "–",
        "their steps": power_of_ten(ours["steps"]),
        "our FLOP": power_of_ten(ours["flops"]),
        "floor here": duration(flops / RATE) if flops else "–",
    }
    for scale in claims.SCALES:
        ran = status.ran(record, scale, rows)
        line[scale] = duration(ran["seconds"]) + " so far" * (not ran["finished"]) if ran else "–"
    lines.append(line | {"authors": record.reported or "–"})
plots.sortable(pd.DataFrame(lines), "costs")

# %% [markdown]
# ## Study by study, as it was measured
#
# The rows that this book stores: what computing them took, and on which device, by the provenance that lies beside each table. *Seconds* are a CPU's, of all its cores together, or a GPU's on the clock; *FLOP* counts a study's own teachers, which took no seconds where an earlier run had kept them. *Floor* is the arithmetic at the rate that the same GPU reached in a matrix product of the same number type, measured when the rows were; rows from a CPU have none. Where teachers had been kept, the last column can exceed 100 %.

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
plots.sortable(by_study(took, shown), "studies")

# %% tags=["hide-input"]
off = status.devices()
if off.empty:
    plots.answer("No run has been computed on a CPU and on a GPU yet.")
else:
    plots.answer(
        "The same runs on a CPU and on a GPU, CPU minus GPU; the book reads the CPU's. What differs is the rounding, which over thousands of steps may move an example from one side of a border to the other."
    )
    shown = off[["scale"]].assign(
        runs=off["runs"].map("{:,}".format),
        metric=off["metric"].str.replace("_", " "),
        equal=off["equal"].map("{:.0%}".format),
        **{"mean difference": off["mean"].map("{:.1g}".format).str.replace("-", "−")},
        largest=off["most"].map("{:.1g}".format),
    )
    plots.sortable(by_study(off, shown), "studies")

# %% [markdown]
# ## What is not stored yet
#
# For each study whose stored rows end before its grid: what is left, the cheapest first. *CPU* and *GPU* say what that should take, by those measured packs of the same study that are most like it in size, of any scale; a CPU's seconds are of all its cores together. Where nothing of a study was measured, *bound* marks the arithmetic at a rate that training of this kind may reach. *Memory* is what one pack of runs holds at once. `softlabels run STUDY --scale SCALE` computes a line and puts its rows where this book reads them, also when it is stopped half way; call it again and it goes on. `--device cuda` runs it on a GPU, `--seeds 1` only its first replicate, `--only` a part of its grid, `--dry-run` estimates; [the start page](../../start.md) has the commands in a good order. Teachers of paper Q count with `label_worth/teachers` alone.


# %% tags=["hide-input"]
def expected(cost):
    """A predicted time; marked where no measured pack says so."""
    return duration(cost.seconds) + " (bound)" * (not cost.packs)


left = status.missing()
shown = left[["scale"]].assign(
    runs=[f"{runs:,} of {of:,}" for runs, of in zip(left["runs"], left["of"], strict=True)],
    FLOP=left["flops"].map(power_of_ten),
    **{
        "floor here": (left["flops"] / RATE).map(duration),
        "CPU": left["cpu"].map(expected),
        "GPU": left["cuda"].map(expected),
        "memory": [f"{size / 1e9:,.{0 if size >= 1e10 else 2}f} GB" for size in left["bytes"]],
    },
)
plots.sortable(by_study(left, shown), "studies") if len(left) else plots.answer("Every grid is stored whole.")
core, small_gpu = (status.YARDSTICK[device] / 1e9 for device in ("cpu", "cuda"))
plots.answer(f"The bounds are at {core:,.0f} GFLOP/s on a core and {small_gpu:,.0f} GFLOP/s on a small GPU.")

# %% [markdown]
# ## What a build of this book takes
#
# Each chapter's own seconds when it was last executed:

# %% tags=["hide-input"]
pages = dict.fromkeys(record.page for record in records.all())
ran = [
    about | {"page": f'<a href="../{page}.html">{about["title"]}</a>'} for page in pages if (about := last_run(page))
]
if ran:
    total = {"page": "all", "scale": "", "seconds": sum(about["seconds"] for about in ran)}
    shown = pd.DataFrame([*ran, total])[["page", "scale", "seconds"]]
    plots.sortable(shown.assign(seconds=shown["seconds"].map("{:.0f}".format)), "build")
else:
    plots.answer("No build has executed them here.")

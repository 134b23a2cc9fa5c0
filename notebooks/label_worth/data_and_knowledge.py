# %% [markdown]
# # Knowledge buys data
#
# **Question.** A student with few images can be helped in two ways: by more images, or by more of what a teacher knows about those it has. How many images is a label entry worth?
#
# This page computes figures 6 and 11 of [Qin, Deng and Alvarez-Melis (2024)](https://arxiv.org/abs/2406.10485) again. *Data* is the number of images a class (IPC). *Knowledge* is the number K of entries of each soft label that the student gets: the K largest, the others set to zero. K = 1 is the teacher's first guess alone, K = c the whole label. Hard labels come from people, not from the teacher, and are shown for comparison.

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

# %% tags=["parameters"]
scale = "quick"  # "smoke" takes seconds; "quick" is what each build of the book computes
device = "auto"  # "cpu", "cuda", or "auto": a GPU where there is one

# %% tags=["hide-input"]
import math
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from softlabels import claims, plots, published
from softlabels.claims.readings import data_and_knowledge as read
from softlabels.claims.readings import points
from softlabels.claims.readings.images import level, pick
from softlabels.data.images import load
from softlabels.labels import harden, soften, top_k
from softlabels.models import convnet
from softlabels.paths import cache_folder
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.data_and_knowledge import DATA_AND_KNOWLEDGE
from softlabels.studies.images.costs import sizes
from softlabels.studies.images.task import ENTRY, INDEX
from softlabels.studies.teacher_and_entropy import TEACHER_EPOCHS
from softlabels.sweep import live
from softlabels.training.images import Recipe, train_stack

plots.use_house_style()
shorten = 10 if scale == "smoke" else 1  # the smoke scale only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# Noisy pairs of digits make a hundred classes ([where the images come from](../record/data_and_teachers)). A small ConvNet learns them from 3,000 images and labels one image of each class. Five students start from the same weights and see the same hundred images. Four of them get more or fewer entries of each soft label, the fifth gets hard labels. A sixth has two images of each class, with hard labels.

# %%
pairs = load("noisy digit pairs", cache_folder())
x, y = pairs.batch(pairs.train, slice(None)), pairs.train.classes  # (n, 1, 8, 16), (n,)
test = pairs.batch(pairs.test, slice(None))
shape = convnet.Shape(depth=2, width=16, channels=1, height=8, breadth=16, classes=100)
stream = partial(torch_stream, "knowledge in ten lines")

recipe = Recipe(lr=0.1, epochs=14 // shorten, batch=64, augmentation="dsa pairs")
start = convnet.start(shape, [stream("teacher")])
teacher = train_stack(start, x, harden(y, 100)[None], recipe, [stream("batches")])

one, two = (pairs.ipc_rows(ipc, draw=42) for ipc in (1, 2))  # which images: (100,), (200,)
soft = soften(convnet.logits(teacher, x[one])[0], tau=1)  # (100, c)
recipe = Recipe(lr=0.3, epochs=100 // shorten, batch=256, momentum=0.9, weight_decay=5e-4, schedule="quarters")
training_sets = {f"{k} of 100 entries": (one, top_k(soft, k)) for k in (1, 4, 16, 100)}
training_sets |= {"hard labels": (one, harden(y[one], 100)), "hard labels, two images": (two, harden(y[two], 100))}

for name, (images, labels) in training_sets.items():
    start = convnet.start(shape, [stream("student")])
    student = train_stack(start, x[images], labels[None], recipe, [stream("order")])
    right = convnet.logits(student, test)[0].argmax(1) == pairs.test.classes
    print(f"{name:24} right on {right.float().mean():5.1%} of the test images")

# %% tags=["hide-input"]
EXAMPLE = 37  # a class, named before anything was looked at
label, entries = soft[EXAMPLE], (1, 4, 16, 100)
fig, axes = plt.subplots(1, 5, figsize=(9.4, 2.9), width_ratios=(1.25, 1, 1, 1, 1))
axes[0].imshow(x[one[EXAMPLE], 0], cmap="Greys")
axes[0].set(xticks=[], yticks=[])
axes[0].set_title(f"“{pairs.names[EXAMPLE]}”", loc="center")
for ax, k in zip(axes[1:], entries, strict=True):
    cut = top_k(soft, k)[EXAMPLE]
    ax.imshow(cut.view(10, 10), cmap="Purples", vmin=0, vmax=float(label.max()))
    ax.plot(EXAMPLE % 10, EXAMPLE // 10, "s", markersize=13, markerfacecolor="none", markeredgecolor="#d55e00")
    ax.set(xticks=[0, 5, 9], yticks=[0, 5, 9], xlabel="right digit")
    ax.tick_params(labelsize=8, length=2)
    ax.set_title(f"K = {k}: {cut.sum():.2f}", loc="center")
axes[1].set_ylabel("left digit")
related = [k for k in range(100) if (k // 10 == EXAMPLE // 10) != (k % 10 == EXAMPLE % 10)]
largest = label.argsort(descending=True)[:4].tolist()
sums = ", ".join(f"{float(top_k(soft, k)[EXAMPLE].sum()):.2f}" for k in entries)
plots.show(
    fig,
    name="knowledge-label",
    caption=f"**What K entries of a label say.** The image of class {pairs.names[EXAMPLE]} of the example and its soft label, as a table of left and right digit (the orange square is its class). Above each, what is left of a sum of 1. The four largest entries are {', '.join(pairs.names[k] for k in largest)}; {sum(k in related for k in largest)} of them share one digit with the image, as {len(related)} of the 99 other classes do. The {len(related)} together hold {float(label[related].sum()):.2f}.",
    alt=f"A noisy image of two digits and its soft label with 1, 4, 16 and 100 entries, which sum to {sums}.",
)

# %% [markdown]
# A cut label is not rescaled to sum to one, as in the paper's code. It then counts less in the loss, so a small K also means a small step; whether that matters is asked below.
#
# ## The sweep

# %%
rows = live(DATA_AND_KNOWLEDGE, scale, device)
larger = stored(DATA_AND_KNOWLEDGE)

# %% tags=["hide-input"]
AT = {  # what a scale's figures are about: the images and the epoch of the law, the later epoch, the frontier's images
    "smoke": ({"data": "noisy digits", "teacher_epoch": 1}, 2, "noisy digits"),
    "quick": ({"data": "noisy digit pairs", "teacher_epoch": 14}, 40, "noisy digits"),
    "reduced": ({"data": "tiny-imagenet-32", "teacher_epoch": 10}, 40, "tiny-imagenet-32"),
    "paper": ({"data": "tiny-imagenet", "teacher_epoch": 11}, 46, "tiny-imagenet"),
}
HARD = {"color": plots.ROLE["independent"], "linestyle": "--", "marker": "s", "markersize": 4, "label": "hard labels"}
SOFT = {"marker": "o", "markersize": 4}
both = [("", rows, rows)]  # end of the figures' names; rows; the same with the teacher's other epochs
if larger is not None:  # which are a study of their own
    epochs = stored(TEACHER_EPOCHS, scale=larger.attrs["scale"])
    pooled = larger if epochs is None else points.pool([larger, epochs])
    pooled.attrs = larger.attrs
    both = [("-stored", larger, pooled), *both]
_, main, main_pooled = both[0]  # what the page concludes from: stored rows where there are any

settings = {}  # scale -> what was trained, in words
laws = {}  # end of the figures' names -> accuracy by K × IPC, of hard labels by IPC, of rescaled cut labels by K × IPC
for end, about, _ in both:
    law, *_ = AT[about.attrs["scale"]]
    part = pick(about, ("top",), labels="soft", **law)
    s = part.iloc[0]
    settings[about.attrs["scale"]] = (
        f"{plots.set_name(s.data)}, {part.top.max()} classes, {s.network}, teacher of epoch {s.teacher_epoch} ({s.teacher_accuracy:.0%} right on the test set)"
    )
    table = read.table_of(about, columns="ipc", index="top", **law)
    hard = read.accuracies(about, labels="hard", data=law["data"])
    rescaled = read.table_of(about, columns="ipc", index="top", renormalised=True, **law)
    laws[end] = table, hard[hard.index.isin(table.columns)], rescaled
plots.answer(
    f"{rows.draw.nunique()} draws of images at most, {rows.draw.groupby(rows.ipc).nunique().min()} at least: {settings[scale]}."
)
plots.missing(DATA_AND_KNOWLEDGE)

# %% [markdown]
# ## Figure 6, left: entries against images


# %%
def law_plot(table, hard, rescaled):
    """Left: accuracy over IPC, a curve a K. Right: over K, a curve an IPC, hard labels dashed; diamonds: rescaled."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.5), sharey=True)
    for k, colour in plots.shades(table.index).items():
        left.plot(table.loc[k].dropna(), color=colour, label=f"K = {k}", **SOFT)
    left.plot(hard, **HARD)
    for ipc, colour in plots.shades(table.columns, "plasma").items():
        right.plot(table[ipc].dropna(), color=colour, label=f"IPC {ipc}", **SOFT)
        if ipc in hard:
            right.axhline(hard[ipc], color=colour, linestyle="--", linewidth=1.1)
        if ipc in rescaled:
            right.plot(rescaled[ipc], "D", markersize=6, markerfacecolor="none", markeredgecolor=colour)
    plots.log_axis(left, table.columns)
    plots.log_axis(right, table.index, "entries of each label, K")
    left.set(ylabel="student’s accuracy, %", ylim=(0, 1.25 * max(table.max().max(), hard.max())))
    left.set_title("data", fontweight="bold", loc="center")
    right.set_title("knowledge", fontweight="bold", loc="center")
    left.legend(fontsize=9, loc="upper left")
    right.legend(fontsize=9, loc="upper left", ncols=2)
    return fig


# %% tags=["hide-input", "thumbnail"]
for end, about, _ in both:
    table, hard, rescaled = laws[end]
    few, many, c = table.columns[0], table.columns[-1], table.index[-1]
    most = read.widest_interval(about, "top", **AT[about.attrs["scale"]][0])
    curves = [
        f"K = {k}: {', '.join(f'{v:.1f} at IPC {ipc}' for ipc, v in line.dropna().items())}"
        for k, line in table.iterrows()
    ]
    of_hard = ", ".join(f"{v:.1f} at IPC {ipc}" for ipc, v in hard.items())
    headline = claims.sentence(
        "L23",
        about,
        "More entries of each label help, until more add nothing.",
        "It is not so that more entries help until more add nothing.",
        "Whether more entries help until more add nothing, these rows do not decide.",
    )
    buys = claims.sentence(
        "L24",
        about,
        "With more entries fewer images reach the same accuracy. ",
        "With more entries it takes no fewer images to the same accuracy. ",
        "",
    )
    plots.show(
        law_plot(*laws[end]),
        name=f"knowledge-law{end}",
        caption=f"**{headline}** {buys}With {few} image{'s' if few > 1 else ''} a class, accuracy goes from {table[few].iloc[0]:.1f} % for the largest entry alone to {table[few][c]:.1f} % for all {c}; with {many}, from {table[many].iloc[0]:.1f} to {table[many][c]:.1f} %. Hard labels (dashed): {hard[few]:.1f} and {hard[many]:.1f} %. "
        + ("Diamonds: cut labels rescaled to sum to one. " if len(rescaled) else "")
        + f"{plots.capital(settings[about.attrs['scale']])}. "
        + (
            f"Means over draws of images; the widest 95 % t interval is ±{most:.1f} points."
            if most == most
            else "One draw of images, one student each."
        ),
        alt=f"Two panels of accuracy in percent. {'; '.join(curves)}; hard labels: {of_hard}.",
        rows=[about],
    )

# %% tags=["hide-input"]
for table, hard, rescaled in reversed(laws.values()):
    paragraphs = []
    if len(rescaled):
        few = rescaled.columns[0]
        cut, full = table[few].dropna(), rescaled[few].dropna()
        steps = cut.iloc[1] - cut.iloc[0], full.iloc[1] - full.iloc[0]
        by_k = ", ".join(f"{cut[k]:.1f} and {full[k]:.1f} % with K = {k}" for k in full.index)
        weight = "Weight is a part of it for the smallest K" if (full - cut).iloc[0] > 1 else "Weight changes little"
        weight += "; the entries do the rest" if steps[1] > 1 else "; more entries do not help rescaled labels"
        paragraphs.append(
            f"**Is a small K poor only because its labels weigh little?** With {few} image{'s' if few > 1 else ''} a class, as cut and rescaled to sum to one: {by_k}. {weight}: the next step, to {cut.index[1]} entries, adds {steps[0]:.1f} points to cut labels and {steps[1]:.1f} to rescaled ones."
        )
    first = table.iloc[0].dropna()
    below = [ipc for ipc in first.index if ipc in hard and first[ipc] < hard[ipc]]
    if below:
        paragraphs.append(
            f"**The teacher's first guess teaches less than the true class.** It is wrong where the teacher is. At IPC {below[0]} the largest entries alone give {first[below[0]]:.1f} %, hard labels {hard[below[0]]:.1f} %."
        )
    plots.answer("\n\n".join(paragraphs))

# %% [markdown]
# ## The exchange rate
#
# Read along a line of equal accuracy, the same numbers are a price: how many images with hard labels do as well as one image with K entries? Between the grid's numbers of images we interpolate on a log scale. Where hard labels never reach the accuracy, the price lies beyond the grid.


# %%
def price(value):
    """`2.6`, or that it lies beyond what was run."""
    return f"{value:.1f}" if math.isfinite(value) else "more than the grid has"


def exchange_plot(by_entries, ours, printed, data):
    """Left: images that one image is worth, by K, for one teacher epoch. Right: by IPC, whole labels, best epoch."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.3))
    for ipc, colour in plots.shades(by_entries.columns, "plasma").items():
        line = by_entries[ipc].replace(np.inf, np.nan).dropna()
        left.plot(line, color=colour, label=f"IPC {ipc}", **SOFT)
    ours = ours[np.isfinite(ours.value)]
    printed = {label: rates[np.isfinite(rates)] for label, rates in printed.items()}
    top = max([*ours.value, *(rate for rates in printed.values() for rate in rates)], default=2)
    high = ours.high.where(np.isfinite(ours.high), 1.3 * top)  # an interval may end beyond the grid
    style = {"color": plots.ROLE["held_out"], "marker": "o", "markersize": 5, "capsize": 2}
    bars = [ours.value - ours.low, high - ours.value]
    right.errorbar(ours.index, ours.value, bars, label=f"ours, {plots.set_name(data)}", **style)
    for (label, rates), colour in zip(printed.items(), ("0.25", "0.6"), strict=True):
        right.plot(rates, color=colour, marker="D", markersize=4, linewidth=1.2, label=label)
    plots.log_axis(left, by_entries.index, "entries of each label, K")
    plots.log_axis(right, sorted({1, 5, 10, *ours.index}))
    left.set(ylabel="images with hard labels\nthat one image is worth", ylim=(0, None))
    right.set_ylim(0, 1.25 * top)
    for ax, title in ((left, "one teacher epoch"), (right, "whole labels, best epoch")):
        ax.axhline(1, color="0.2", linewidth=1.1, linestyle=":")
        ax.set_title(title, fontweight="bold", loc="center")
        ax.legend(fontsize=9)
    return fig


# %% tags=["hide-input"]
printed = {label: read.printed_rates(*series) for label, series in read.PRINTED.items()}
for end, about, pooled in both:
    table, hard, _ = laws[end]
    *_, data = AT[about.attrs["scale"]]
    by_entries = read.hard_per_image(table, hard)
    ours = read.exchange_rates(pooled, data=data)
    few, c = by_entries.columns[0], by_entries.index[-1]
    rates = [
        f"at IPC {n} {price(r.value)}" + (f" [{r.low:.1f}, {price(r.high)}]" if r.high != r.low else "")
        for n, r in ours.iterrows()
    ]
    by_k = [
        f"IPC {n}: {', '.join(f'{price(v)} at K = {k}' for k, v in by_entries[n].dropna().items())}" for n in by_entries
    ]
    by_ipc = ", ".join(f"{price(r.value)} at IPC {n}" for n, r in ours.iterrows())
    headline = claims.sentence(
        "L40",
        about,
        "An image with its soft label is worth more than one with a hard label.",
        "An image with its soft label is worth less than one and a half with hard labels.",
        "How many images with hard labels a soft label is worth, these rows do not decide.",
    )
    of_printed = [
        f"{label}: {', '.join(f'{price(v)} at IPC {n}' for n, v in line.items())}" for label, line in printed.items()
    ]
    plots.show(
        exchange_plot(by_entries, ours, printed, data),
        name=f"knowledge-price{end}",
        caption=f"**{headline}** Left: at IPC {few}, an image with its largest entry alone is worth {price(by_entries[few].iloc[0])} images with hard labels, with all {c} entries {price(by_entries[few][c])}. Right: with the best teacher epoch for each number of images, which one half of the students chooses and the other reports, {'; '.join(rates)}. In grey what follows from printed numbers. Dotted: no gain.",
        alt=f"Two panels. By K: {'; '.join(by_k)}. By IPC, best epoch: {by_ipc}. {'; '.join(of_printed)}.",
        rows=[about],
    )

# %% tags=["hide-input"]
table, hard, _ = laws[both[0][0]]
by_entries = read.hard_per_image(table, hard)
few, k = by_entries.columns[0], 16
worth = by_entries.loc[k, few] if k in by_entries.index else by_entries[few].iloc[-1]
size = sizes("tiny-imagenet")
pixels, label_bytes = size.channels * size.height * size.breadth, size.classes * ENTRY
more_images = f"{worth - 1:.0%} more" if math.isfinite(worth) and worth > 1 else price(worth) + " times as many"
share = k * (ENTRY + INDEX) / pixels  # of an image's size
cheaper = (
    "So entries are the cheaper way to store what a student needs."
    if worth - 1 > share
    else "So entries are not the cheaper way here to store what a student needs."
)
plots.answer(
    f"**And in bytes.** An entry takes {ENTRY + INDEX} bytes, {ENTRY} for its value and {INDEX} for its class; a whole label of {size.classes} classes {label_bytes}, an image of Tiny ImageNet {pixels:,}. {k} entries add {share:.1%} to an image's size and a whole label {label_bytes / pixels:.0%}, where an exchange rate of {price(worth)} asks for {more_images} images. {cheaper} The teacher, which has to see all the data first, is not in this account."
)

# %% [markdown]
# ## Figure 6, right: which teacher for how many images
#
# Whole labels, several epochs of the teacher. The upper envelope is what the best teacher for each number of images gives; the paper calls it a Pareto frontier.


# %%
def frontier_plot(panels):
    """A panel a title: accuracy over IPC, a curve a teacher epoch (columns), hard labels, the envelope behind them."""
    fig, axes = plt.subplots(1, len(panels), figsize=(9.2, 4.6))
    for ax, (title, (table, hard)) in zip(axes, panels.items(), strict=True):
        best = table.max(axis=1)
        ax.plot(best, color="0.87", linewidth=9, solid_capstyle="round", zorder=0, label="the best epoch")
        for epoch, colour in plots.shades(table.columns).items():
            ax.plot(table[epoch].dropna(), color=colour, label=f"epoch {epoch:g}", **SOFT)
        ax.plot(hard, **HARD)
        plots.log_axis(ax, table.index)
        ax.set_ylim(0, None)
        ax.set_title(title, fontweight="bold", loc="center")
        ax.legend(fontsize=9, loc="upper left", ncols=1 if len(table.columns) < 6 else 2)
    axes[0].set_ylabel("student’s accuracy, %")
    return fig


# %% tags=["hide-input"]
for end, about, pooled in both:
    *_, data = AT[about.attrs["scale"]]
    table = read.table_of(pooled, columns="teacher_epoch", data=data)
    hard = read.accuracies(pooled, labels="hard", data=data)
    theirs, their_hard = read.printed_frontier()
    most = read.widest_interval(pooled, "teacher_epoch", data=data)
    overtaken = []  # ours, theirs: in words, where hard labels overtake each epoch's
    for accuracies, plain in ((table, hard), (theirs, their_hard)):
        where = {epoch: read.falls_behind(accuracies[epoch], plain) for epoch in accuracies}
        said = [f"of epoch {epoch:g} between IPC {ends[0]:g} and {ends[1]:g}" for epoch, ends in where.items() if ends]
        never = [f"{epoch:g}" for epoch in where if where[epoch] is None and (accuracies[epoch] > plain).any()]
        said += [f"of epoch {', '.join(never)} not within the grid"] if never else []
        overtaken.append("; ".join(said))
    lead = (table.max(axis=1) - hard).dropna()
    envelope = (
        f"The envelope stays above hard labels, by {lead.min():.1f} points or more."
        if (lead > 0).all()
        else f"Here the envelope itself falls behind hard labels from IPC {lead.index[lead <= 0][0]:g} on, by at most {-lead.min():.1f} points."
    )
    best = ", ".join(f"{epoch:g} at IPC {ipc:g}" for ipc, epoch in table.idxmax(axis=1).items())
    headline = claims.sentence(
        "L26",
        pooled,
        "An early teacher's labels pay with few images and fall behind hard labels with many.",
        "It is not so that an early teacher's labels pay with few images and fall behind hard labels with many.",
        "Whether an early teacher's labels fall behind hard labels with many images, these rows do not decide.",
    )
    curves = [
        f"epoch {epoch:g}: {', '.join(f'{v:.1f} at IPC {n:g}' for n, v in table[epoch].dropna().items())}"
        for epoch in table
    ]
    of_hard, of_their_hard = (
        ", ".join(f"{v:.1f} at IPC {n:g}" for n, v in line.items()) for line in (hard, their_hard)
    )
    of_theirs = ", ".join(f"{v:.1f}" for v in theirs.max(axis=1))
    plots.show(
        frontier_plot(
            {
                f"ours: {plots.set_name(data)}": (table, hard),
                "an independent reproduction: CIFAR-100": (theirs, their_hard),
            }
        ),
        name=f"knowledge-frontier{end}",
        caption=f"**{headline}** Best epoch: {best}. Hard labels overtake the labels {overtaken[0]}. {envelope} In the reproduction, which we read off to 0.3 points: {overtaken[1]}. "
        + (
            f"Ours are means over draws of images, the widest 95 % t interval is ±{most:.1f} points."
            if most == most
            else ""
        ),
        alt=f"Two panels of accuracy in percent over images a class. Ours: {'; '.join(curves)}; hard labels: {of_hard}. CIFAR-100, hard labels: {of_their_hard}; best of {len(theirs.columns)} epochs: {of_theirs}.",
        rows=[about],
    )

# %% [markdown]
# Labels of a teacher can end behind hard ones on digits: fifty images a class are half of what the teacher had, and with so many their true classes are worth more than its guesses. With five hundred images a class, as in Tiny ImageNet or CIFAR-100, fifty are a tenth.
#
# One explanation: a label of an early teacher says which classes look similar and little about the single image. That is what a student with one image needs most. With fifty images it knows as much itself, and the teacher's errors remain. [Cho and Hariharan (2019)](https://arxiv.org/abs/1910.01348) found early stopping to help students that are much smaller than their teacher; here the two are equal and it is the data that are small.
#
# ## Figure 11: a later teacher
#
# The left panel of figure 6 once more, with labels of a later epoch. They are nearer to hard labels: their small entries are smaller.


# %%
def later_plot(curves, hard, ratio, early, late):
    """Left: accuracy over IPC of both epochs, some K. Right: how many times as many images the later epoch needs."""
    colours = {early: plots.ROLE["fresh"], late: plots.ROLE["train"]}
    widths = ({"linewidth": 2.2}, {"linewidth": 1.3, "alpha": 0.75}, {"linewidth": 1, "alpha": 0.5})
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.4))
    for epoch, lines in curves.items():
        for (k, line), style in zip(lines.items(), widths, strict=False):
            left.plot(line.dropna(), color=colours[epoch], label=f"epoch {epoch}, K = {k}", **SOFT, **style)
    left.plot(hard, **HARD)
    plots.log_axis(left, hard.index)
    left.set(ylabel="student’s accuracy, %", ylim=(0, None))
    left.legend(fontsize=9)
    right.plot(ratio, color=colours[late])
    right.axhline(1, color="0.2", linewidth=1.1, linestyle=":")
    right.set(xlabel="accuracy to be reached, %", ylabel=f"images with epoch {late},\nof those with epoch {early}")
    if len(ratio) and ratio.max() < 1.2:
        right.set_ylim(0, 1.3)
    return fig


# %% tags=["hide-input"]
for end, about, pooled in both:
    law, late, _ = AT[about.attrs["scale"]]
    early = law["teacher_epoch"]
    curves = {epoch: read.table_of(pooled, columns="top", **law | {"teacher_epoch": epoch}) for epoch in (early, late)}
    shown = curves[late].columns[::-1][:3]  # K, all entries first
    curves = {epoch: lines.reindex(columns=shown) for epoch, lines in curves.items()}
    full = {epoch: lines.iloc[:, 0].dropna() for epoch, lines in curves.items()}
    hard = read.accuracies(pooled, labels="hard", data=law["data"])
    hard = hard[hard.index.isin(set().union(*(lines.index for lines in curves.values())))]
    ratio = read.along_accuracy(full[late], full[early])
    few, many = full[early].index[0], full[late].index[-1]
    quarter = ratio.iloc[: max(1, len(ratio) // 4)].mean() if len(ratio) else math.nan
    headline = claims.sentence(
        "L27",
        pooled,
        "A later teacher's labels need more images for the same low accuracy.",
        "A later teacher's labels need no more images for the same low accuracy.",
        "Whether a later teacher's labels need more images for the same low accuracy, these rows do not decide.",
    )
    of_early, of_late = (", ".join(f"{v:.1f} at IPC {n}" for n, v in full[epoch].items()) for epoch in (early, late))
    plots.show(
        later_plot(curves, hard, ratio, early, late),
        name=f"knowledge-later{end}",
        caption=f"**{headline}** Whole labels at IPC {few}: {full[early][few]:.1f} % from epoch {early}, {full[late].get(few, math.nan):.1f} % from epoch {late}; at IPC {many}: {full[early].get(many, math.nan):.1f} and {full[late][many]:.1f} %. "
        + (
            f"For the lowest quarter of the accuracies that both reach, epoch {late} needs {quarter:.1f} times as many images, for the highest {ratio.iloc[-1]:.1f} times."
            if len(ratio)
            else "There is no accuracy that both reach."
        ),
        alt=f"Left: accuracy over images a class. Epoch {early}: {of_early}; epoch {late}: {of_late}. Right: the ratio of images needed"
        + (
            f" goes from {ratio.iloc[0]:.2f} at {ratio.index[0]:.1f} % to {ratio.iloc[-1]:.2f} at {ratio.index[-1]:.1f} %."
            if len(ratio)
            else ", of 0 points."
        ),
        rows=[about],
    )

# %% [markdown]
# ## The paper's figures, in words
#
# Figure 6, left, is on Tiny ImageNet with a teacher of epoch 11: curves of K from 1 to 200 and of hard labels over IPC 1 to 40. More entries raise every point, and a larger K reaches an accuracy with fewer images. Right: whole labels of several epochs, with hard labels beneath the envelope. Figure 11: as the left panel, with a teacher of epoch 46; the same accuracy takes more images. None of their values is printed, so the numbers are only in the paper's figures. Below is what can be computed from printed numbers: the gain of soft labels, and the exchange rate that it means.

# %% tags=["hide-input"]
lines = []
for label, series in read.PRINTED.items():
    soft, hard = map(published.find, series)
    for n in [int(n) for n in soft.at if n in hard.at]:
        rate = printed[label].get(n, math.nan)
        lines.append(
            (label, n, soft.value(n), hard.value(n), "beyond the grid" if rate == math.inf else plots.number(rate))
        )
for _, about, pooled in both[::-1]:
    *_, data = AT[about.attrs["scale"]]
    hard = read.accuracies(pooled, labels="hard", data=data)
    for n, rate in read.exchange_rates(pooled, data=data).value.items():
        soft = level(pooled, over=("teacher_epoch",), labels="soft", data=data, ipc=int(n))[""].mean()
        lines.append((f"ours, {plots.set_name(data)}", n, soft, hard[n], price(rate)))
plots.table(
    pd.DataFrame(
        {
            "": label,
            "IPC": n,
            "soft, %": f"{soft:.1f}",
            "hard, %": f"{hard:.1f}",
            "gain": plots.signed(soft - hard),
            "images an image is worth": rate,
        }
        for label, n, soft, hard, rate in lines
    ),
    index=False,
)

# %% [markdown]
# ## Where we depart, and why
#
# - **Images.** The official code draws new images for every cell of IPC and K. Ours are nested: ten images a class contain the five, and all K share them, so that curves differ by their labels alone.
# - **Zero entries.** K = 0 in the official code means hard labels; its printed *training* accuracy then means nothing ([reference code](../record/reference_code)). Here hard labels are a curve of their own.
# - **Which teacher.** The paper's text and its commands name different epochs for figure 6 (11 and 7). Ours is the best one for one image a class.
# - **The envelope.** In the figure it is read off the same students that are drawn. The exchange rates and verdicts choose the epoch on one half of the students and report the other.
# - **The learning rate** of students does not depend on K. Rescaled labels are the control.
# - **Accuracy** is that of the last epoch on images that chose nothing; the paper's is the best of several evaluations on the test set.
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("label_worth/data_and_knowledge", [rows])

# %% tags=["hide-input"]
law, _, data = AT[main.attrs["scale"]]
table, hard, _ = laws[both[0][0]]
few, c = table.columns[0], table.index[-1]
most_of_it = read.entries_for(table[few].dropna(), share=0.8)
ours = read.exchange_rates(main_pooled, data=data)
if ours.empty:
    ours, data = read.exchange_rates(rows, data=AT[scale][2]), AT[scale][2]
finite = ours.value[np.isfinite(ours.value)]
draws = pick(main, ("top",), labels="soft", ipc=int(few), **law).draw.nunique()
worth_it = claims.sentence(
    "L40",
    main,
    "A soft label is worth images",
    "A soft label is worth less than half an image",
    "How many images a soft label is worth is open",
)
plots.answer(
    "## Answer\n\n"
    f"{worth_it}: on {plots.set_name(law['data'])}, IPC {few} ({plots.count(draws, 'draw')} of images), an image with its whole soft label is worth {price(by_entries[few][c])} images with hard labels, with the largest entry alone {price(by_entries[few].iloc[0])}, and the first {most_of_it} of {c} entries bring four fifths of what all of them add. "
    + (
        f"With the best teacher for each number of images of {plots.set_name(data)} the rate is highest at IPC {finite.idxmax():g}, {finite.max():.1f}; a later teacher needs {ratio.iloc[0]:.1f} times as many images for a low accuracy and {ratio.iloc[-1]:.1f} times for the highest that both reach."
        if len(finite) and len(ratio)
        else f"With the best teacher for each number of images the rate is highest at IPC {finite.idxmax():g}, {finite.max():.1f}."
        if len(finite)
        else "With the best teacher for each number of images it lies beyond the grid."
    )
)

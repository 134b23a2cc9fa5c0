# %% [markdown]
# # Knowledge buys data
#
# **Question.** A student with few images can be helped in two ways: by more images, or by more of what a teacher knows about those it has. How many images is a label entry worth?
#
# This page computes figures 6 and 11 of [Qin, Deng and Alvarez-Melis (2024)](https://arxiv.org/abs/2406.10485) again. *Data* is the number of images a class (IPC). *Knowledge* is the number K of entries of each soft label that the student is told: the K largest, the others set to zero. K = 1 is the teacher's first guess alone, K = c the whole label. Hard labels come from people, not from the teacher, and stand beside.

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

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import NullLocator

from softlabels import claims, plots, published
from softlabels.claims.readings.data_and_knowledge import exchange_rate
from softlabels.claims.readings.images import level, pick
from softlabels.claims.readings.points import pool
from softlabels.claims.readings.printed import exchange, images_needed
from softlabels.data.images import load
from softlabels.errors import NotRun
from softlabels.intervals import bootstrap_interval, t_interval
from softlabels.labels import harden, soften, top_k
from softlabels.models import convnet
from softlabels.paths import cache_folder
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.images.costs import sizes
from softlabels.studies.images.task import ENTRY, INDEX
from softlabels.sweep import live
from softlabels.training.images import Recipe, train_stack

plots.use_house_style()
shorten = 10 if scale == "smoke" else 1  # the smoke scale only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# Noisy pairs of digits make a hundred classes ([where the images come from](../record/data_and_teachers)). A small ConvNet learns them from 3,000 images and labels one image of each class. Five students start from the same weights and see the same hundred images; they are told more or less of each label. A sixth has two images of each class, with hard labels.

# %%
pairs = load("noisy digit pairs", cache_folder())
x, y = pairs.batch(pairs.train, slice(None)), pairs.train.classes  # (n, 1, 8, 16), (n,)
test = pairs.batch(pairs.test, slice(None))
shape = convnet.Shape(depth=2, width=16, channels=1, height=8, breadth=16, classes=100)
new = lambda who: torch_stream("knowledge in ten lines", who)  # noqa: E731

how = Recipe(lr=0.1, epochs=14 // shorten, batch=64, augmentation="dsa pairs")
teacher = train_stack(convnet.start(shape, [new("teacher")]), x, harden(y, 100)[None], how, [new("batches")])

one, two = (pairs.ipc_rows(ipc, draw=42) for ipc in (1, 2))  # which images: (100,), (200,)
soft = soften(convnet.logits(teacher, x[one])[0], tau=1)  # (100, c)
how = Recipe(lr=0.3, epochs=100 // shorten, batch=256, momentum=0.9, weight_decay=5e-4, schedule="quarters")
told = {f"{k} of 100 entries": (one, top_k(soft, k)) for k in (1, 4, 16, 100)}
told |= {"hard labels": (one, harden(y[one], 100)), "hard labels, two images": (two, harden(y[two], 100))}

for name, (rows, labels) in told.items():
    student = train_stack(convnet.start(shape, [new("student")]), x[rows], labels[None], how, [new("order")])
    right = convnet.logits(student, test)[0].argmax(1) == pairs.test.classes
    print(f"{name:24} right on {right.float().mean():5.1%} of the test images")

# %% tags=["hide-input"]
EXAMPLE = 37  # a class, named before anything was looked at
fig, axes = plt.subplots(1, 5, figsize=(9.4, 2.9), width_ratios=(1.25, 1, 1, 1, 1))
axes[0].imshow(x[one[EXAMPLE], 0], cmap="Greys")
axes[0].set(xticks=[], yticks=[])
axes[0].set_title(f"“{pairs.names[EXAMPLE]}”", loc="center")
most = float(soft[EXAMPLE].max())
for ax, k in zip(axes[1:], (1, 4, 16, 100), strict=True):
    kept = top_k(soft, k)[EXAMPLE]
    ax.imshow(kept.view(10, 10), cmap="Purples", vmin=0, vmax=most)
    ax.plot(EXAMPLE % 10, EXAMPLE // 10, "s", markersize=13, markerfacecolor="none", markeredgecolor="#d55e00")
    ax.set(xticks=[0, 5, 9], yticks=[0, 5, 9], xlabel="right digit")
    ax.tick_params(labelsize=8, length=2)
    ax.set_title(f"K = {k}: {kept.sum():.2f}", loc="center")
axes[1].set_ylabel("left digit")
related = [k for k in range(100) if (k // 10 == EXAMPLE // 10) != (k % 10 == EXAMPLE % 10)]
largest = soft[EXAMPLE].argsort(descending=True)[:4].tolist()
sharing = sum(k in related for k in largest)
plots.show(
    fig,
    name="knowledge-label",
    caption=f"**What K entries of a label say.** The image of class {pairs.names[EXAMPLE]} of the example and its soft label, as a table of left and right digit (the orange square is its class). Above each, what is left of a sum of 1. The four largest entries are {', '.join(pairs.names[k] for k in largest)}; {sharing} of them share one digit with the image, as {len(related)} of the 99 other classes do. The {len(related)} together hold {float(soft[EXAMPLE][related].sum()):.2f}.",
    alt=f"A noisy image of two digits and its soft label with 1, 4, 16 and 100 entries kept, which sum to {', '.join(f'{float(top_k(soft, k)[EXAMPLE].sum()):.2f}' for k in (1, 4, 16, 100))}.",
)

# %% [markdown]
# A cut label is not made to sum to one again, as in the paper's code. It then counts less in the loss, so a small K is also a small step; whether that matters is asked below.
#
# ## The sweep

# %%
rows = live("label_worth/data_and_knowledge", scale, device)
larger = stored("label_worth/data_and_knowledge")

# %% tags=["hide-input"]
AT = {  # what a scale's figures are about: the images and the epoch of the law, the later epoch, the frontier's images
    "smoke": ({"data": "noisy digits", "teacher_epoch": 1}, 2, "noisy digits"),
    "quick": ({"data": "noisy digit pairs", "teacher_epoch": 14}, 40, "noisy digits"),
    "reduced": ({"data": "tiny-imagenet-32", "teacher_epoch": 10}, 40, "tiny-imagenet-32"),
    "paper": ({"data": "tiny-imagenet", "teacher_epoch": 11}, 46, "tiny-imagenet"),
}
HARD = {"color": plots.ROLE["independent"], "linestyle": "--", "marker": "s", "markersize": 4, "label": "hard labels"}
if larger is not None:  # the teacher's other epochs are a study of its own
    epochs = stored("label_worth/teacher_epochs")
    beside = [] if epochs is None or epochs.attrs["scale"] != larger.attrs["scale"] else [epochs]
    larger_all = pool([larger, *beside]) if beside else larger
    larger_all.attrs = larger.attrs


def chosen(rows, free=(), **points):
    """Rows at the points; none where there are none."""
    try:
        return pick(rows, free, **points)
    except NotRun:
        return rows.iloc[:0]


def curve(rows, axis="ipc"):
    """Accuracy in percent by an axis: students averaged within their draw of images, then draws."""
    return 100 * rows.groupby([axis, "draw"]).accuracy_last.mean().groupby(axis).mean()


def widest(rows, by):
    """Half the width of the widest 95 % t interval over draws, in points; NaN with single draws."""
    cells = (100 * rows.groupby([*by, "draw"]).accuracy_last.mean()).groupby(by)
    halves = [(high - low) / 2 for _, low, high in (t_interval(cell) for _, cell in cells if len(cell) > 1)]
    return max(halves, default=math.nan)


def shades(names, palette="viridis", end=0.88):
    """A colour a name, light to dark or along a palette."""
    return dict(zip(names, plt.get_cmap(palette)(np.linspace(end, 0.05, len(names))), strict=True))


def log_axis(ax, values, label):
    """A log axis with a tick at each value."""
    ax.set(xscale="log", xlabel=label)
    ax.set_xticks(list(values), [f"{value:g}" for value in values])
    ax.xaxis.set_minor_locator(NullLocator())


def setting(rows):
    """What was trained, in words."""
    law, _, _ = AT[rows.attrs["scale"]]
    part = pick(rows, ("top",), labels="soft", **law)
    s = part.iloc[0]
    return f"{plots.set_name(s.data)}, {part.top.max()} classes, {s.network}, teacher of epoch {s.teacher_epoch} ({s.teacher_accuracy:.0%} right on the test set)"


plots.answer(
    f"{rows.draw.nunique()} draws of images at most, {rows.draw.groupby(rows.ipc).nunique().min()} at least: {setting(rows)}."
)


# %% tags=["hide-input"]
plots.missing("label_worth/data_and_knowledge")

# %% [markdown]
# ## Figure 6, left: entries against images


# %% tags=["hide-input"]
def law_figure(rows, name):
    """Accuracy over IPC, a curve a K; and over K, a curve an IPC. Returns accuracy, K × IPC, and of hard labels."""
    law, _, _ = AT[rows.attrs["scale"]]
    soft, hard = pick(rows, ("top",), labels="soft", **law), pick(rows, labels="hard", data=law["data"])
    renormalised = chosen(rows, ("top",), labels="soft", renormalised=True, **law)
    table = pd.DataFrame({ipc: curve(part, "top") for ipc, part in soft.groupby("ipc")})
    plain = curve(hard[hard.ipc.isin(table)])
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.5), sharey=True)
    for k, colour in shades(table.index).items():
        line = table.loc[k].dropna()
        left.plot(line.index, line, color=colour, marker="o", markersize=4, label=f"K = {k}")
    left.plot(plain.index, plain, **HARD)
    for ipc, colour in shades(table.columns, "plasma").items():
        line = table[ipc].dropna()
        right.plot(line.index, line, color=colour, marker="o", markersize=4, label=f"IPC {ipc}")
        if ipc in plain:
            right.axhline(plain[ipc], color=colour, linestyle="--", linewidth=1.1)
        rescaled = curve(renormalised[renormalised.ipc == ipc], "top")
        right.plot(rescaled.index, rescaled, "D", markersize=6, markerfacecolor="none", markeredgecolor=colour)
    log_axis(left, table.columns, "images a class (IPC)")
    log_axis(right, table.index, "entries of each label, K")
    left.set(ylabel="student’s accuracy, %", ylim=(0, 1.25 * max(table.max().max(), plain.max())))
    left.set_title("data", fontweight="bold", loc="center")
    right.set_title("knowledge", fontweight="bold", loc="center")
    left.legend(fontsize=9, loc="upper left")
    right.legend(fontsize=9, loc="upper left", ncols=2)
    few, many, c = table.columns[0], table.columns[-1], table.index[-1]
    most = widest(soft, ["ipc", "top"])
    plots.show(
        fig,
        name=name,
        caption=f"**More entries do what more images do, and the first entries do most of it.** With {few} image{'s' if few > 1 else ''} a class, accuracy goes from {table[few].iloc[0]:.1f} % for the largest entry alone to {table[few][c]:.1f} % for all {c}; with {many}, from {table[many].iloc[0]:.1f} to {table[many][c]:.1f} %. Hard labels (dashed): {plain[few]:.1f} and {plain[many]:.1f} %. "
        + ("Diamonds: the kept entries made to sum to one again. " if len(renormalised) else "")
        + f"{plots.capital(setting(rows))}. "
        + (
            f"Means over draws of images; the widest 95 % t interval is ±{most:.1f} points."
            if most == most
            else "One draw of images, one student each."
        ),
        alt="Two panels of accuracy in percent. "
        + "; ".join(
            f"K = {k}: " + ", ".join(f"{v:.1f} at IPC {ipc}" for ipc, v in line.dropna().items())
            for k, line in table.iterrows()
        )
        + "; hard labels: "
        + ", ".join(f"{v:.1f} at IPC {ipc}" for ipc, v in plain.items())
        + ".",
        rows=[rows],
    )
    return table, plain


law_larger = None if larger is None else law_figure(larger, "knowledge-law-stored")

# %% tags=["hide-input", "thumbnail"]
law = law_figure(rows, "knowledge-law")


# %% tags=["hide-input"]
def weight_of_labels(rows):
    """Whether a small K is poor because it weighs little: cut labels beside the same made to sum to one."""
    law, _, _ = AT[rows.attrs["scale"]]
    rescaled = chosen(rows, ("top",), labels="soft", renormalised=True, **law)
    if rescaled.empty:
        return ""
    ipc = rescaled.ipc.min()
    cut, full = (curve(part[part.ipc == ipc], "top") for part in (pick(rows, ("top",), labels="soft", **law), rescaled))
    said = ", ".join(f"{cut[k]:.1f} and {full[k]:.1f} % with K = {k}" for k in full.index)
    return f"**Is a small K poor only because its labels weigh little?** With {ipc} image{'s' if ipc > 1 else ''} a class, as cut and made to sum to one again: {said}. {'Weight is part of it for the smallest K, entries are the rest' if (full - cut).iloc[0] > 1 else 'Weight changes little; the entries make the difference'}: the next step, to {cut.index[1]} entries, adds {cut.iloc[1] - cut.iloc[0]:.1f} points to cut labels and {full[full.index[1]] - full.iloc[0]:.1f} to rescaled ones."


def first_guess(table, plain):
    """What the largest entry alone is worth against hard labels, as images become many."""
    first = table.iloc[0].dropna()
    below = [ipc for ipc in first.index if ipc in plain and first[ipc] < plain[ipc]]
    if not below:
        return ""
    return f"**The teacher's first guess is no hard label.** It is wrong where the teacher is. At IPC {below[0]} the largest entries alone give {first[below[0]]:.1f} %, hard labels {plain[below[0]]:.1f} %."


for about, tables in ((rows, law), (larger, law_larger)):
    if about is not None:
        plots.answer("\n\n".join(filter(None, (weight_of_labels(about), first_guess(*tables)))))

# %% [markdown]
# ## The exchange rate
#
# Read along a line of equal accuracy, the same numbers are a price: how many images with hard labels do as well as one image with K entries? Between the grid's numbers of images we interpolate on a log scale; where hard labels never get there, the price is beyond the grid.


# %% tags=["hide-input"]
def hard_per_image(table, plain):
    """Images with hard labels that one image with K entries is worth: K × IPC; infinity beyond the grid."""
    return pd.DataFrame(
        {
            ipc: {k: images_needed(plain.index, plain.to_numpy(), v) / ipc for k, v in table[ipc].dropna().items()}
            for ipc in table
        }
    )


def price(value):
    """`2.6`, or that it lies beyond what was run."""
    return f"{value:.1f}" if math.isfinite(value) else "more than the grid has"


def best_epochs(rows):
    """The same for whole labels of the best teacher epoch: (mean, low, high) by IPC, epochs chosen on other students."""
    _, _, data = AT[rows.attrs["scale"]]
    hard = curve(pick(rows, labels="hard", data=data))
    found = {}
    for ipc in hard.index[:-1]:
        try:
            measured = exchange_rate(rows, int(ipc), [int(n) for n in hard.index], data=data)[""]
        except NotRun:
            continue
        value, low, high = bootstrap_interval(measured)
        found[ipc] = (value, low, high) if len(measured.values) > 1 else (value, value, value)
    return pd.DataFrame(found, index=["value", "low", "high"]).T


PRINTED = {  # soft labels, hard labels of the same images, who
    "ImageNet, paper’s table 1": ("table 1, soft labels of ResNet18", "table 1, hard labels"),
    "CIFAR-100, reproduction": ("reproduction, best teacher epoch", "reproduction, hard labels"),
}


def printed_rates(of, to):
    """Exchange rates of printed series, by IPC, where both have a number and the grid goes on."""
    ipcs = [int(n) for n in published.find(of).at if n in published.find(to).at][:-1]
    return pd.Series({n: value for n, (value, _) in zip(ipcs, exchange(of, to, ipcs).values(), strict=True)})


def exchange_figure(rows, pooled, tables, name):
    """Left: the price by K, for one teacher epoch. Right: whole labels of the best epoch, by IPC, beside printed ones."""
    by_entries = hard_per_image(*tables)
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.3))
    for ipc, colour in shades(by_entries.columns, "plasma").items():
        line = by_entries[ipc].replace(np.inf, np.nan).dropna()
        left.plot(line.index, line, color=colour, marker="o", markersize=4, label=f"IPC {ipc}")
    log_axis(left, by_entries.index, "entries of each label, K")
    left.set_title("one teacher epoch", fontweight="bold", loc="center")
    left.set(ylabel="images with hard labels\nthat one image is worth", ylim=(0, None))
    left.legend(fontsize=9)
    ours = best_epochs(pooled)
    data = AT[rows.attrs["scale"]][2]
    fine = ours[np.isfinite(ours.value)]
    reach = np.isfinite(fine.high)
    top = max([*fine.value, *(v for p in PRINTED.values() for v in printed_rates(*p) if math.isfinite(v))], default=2)
    high = fine.high.where(reach, 1.3 * top)
    bars = [fine.value - fine.low, high - fine.value]
    style = {"color": plots.ROLE["held_out"], "marker": "o", "markersize": 5, "capsize": 2}
    right.errorbar(fine.index, fine.value, bars, label=f"ours, {plots.set_name(data)}", **style)
    for (label, series), colour in zip(PRINTED.items(), ("0.25", "0.6"), strict=True):
        rates = printed_rates(*series)
        rates = rates[np.isfinite(rates)]
        right.plot(rates.index, rates, color=colour, marker="D", markersize=4, linewidth=1.2, label=label)
    for ax in (left, right):
        ax.axhline(1, color="0.2", linewidth=1.1, linestyle=":")
    right.set(ylim=(0, 1.25 * top))
    log_axis(right, sorted({1, 5, 10, *fine.index}), "images a class (IPC)")
    right.set_title("whole labels, best epoch", fontweight="bold", loc="center")
    right.legend(fontsize=9)
    few, c = by_entries.columns[0], by_entries.index[-1]
    plots.show(
        fig,
        name=name,
        caption=f"**What an image is worth, in images.** Left: at IPC {few}, an image with its largest entry alone is worth {price(by_entries[few].iloc[0])} images with hard labels, with all {c} entries {price(by_entries[few][c])}. Right: with the best teacher epoch for each number of images, chosen by other students than report, "
        + "; ".join(
            f"at IPC {n} {price(r.value)}" + (f" [{r.low:.1f}, {price(r.high)}]" if r.high != r.low else "")
            for n, r in ours.iterrows()
        )
        + ". In grey what follows from printed numbers. Dotted: no gain.",
        alt="Two panels. By K: "
        + "; ".join(
            f"IPC {n}: " + ", ".join(f"{price(v)} at K = {k}" for k, v in by_entries[n].dropna().items())
            for n in by_entries
        )
        + ". By IPC, best epoch: "
        + ", ".join(f"{price(r.value)} at IPC {n}" for n, r in ours.iterrows())
        + ". "
        + "; ".join(
            f"{label}: " + ", ".join(f"{price(v)} at IPC {n}" for n, v in printed_rates(*series).items())
            for label, series in PRINTED.items()
        )
        + ".",
        rows=[rows],
    )
    return by_entries, ours


rates_larger = None if larger is None else exchange_figure(larger, larger_all, law_larger, "knowledge-price-stored")
rates = exchange_figure(rows, rows, law, "knowledge-price")


# %% tags=["hide-input"]
def storage(rows, by_entries):
    """What label entries cost to store, beside pixels."""
    size = sizes("tiny-imagenet")
    pixels = size.channels * size.height * size.breadth
    label, k = size.classes * ENTRY, 16
    few = by_entries.columns[0]
    worth = by_entries.loc[k, few] if k in by_entries.index else by_entries[few].iloc[-1]
    return f"**And in bytes.** An entry takes {ENTRY + INDEX} bytes, {ENTRY} for its value and {INDEX} for its class; a whole label of {size.classes} classes {label}, an image of Tiny ImageNet {pixels:,}. {k} entries add {k * (ENTRY + INDEX) / pixels:.1%} to an image's size and a whole label {label / pixels:.0%}, where an exchange rate of {price(worth)} asks for {(worth - 1):.0%} more images. As long as soft labels help at all, entries are the cheaper way to store what a student needs; the teacher, which has to see all the data first, is not in this account."


plots.answer(storage(*((rows, rates[0]) if larger is None else (larger, rates_larger[0]))))

# %% [markdown]
# ## Figure 6, right: which teacher for how many images
#
# Whole labels, several epochs of the teacher. The upper envelope is what the best teacher for each number of images gives; the paper calls it a Pareto frontier.


# %% tags=["hide-input"]
def draw_epochs(ax, table, plain, names):
    """A curve an epoch (columns) over IPC, hard labels, and the envelope behind them."""
    best = table.max(axis=1)
    ax.plot(best.index, best, color="0.87", linewidth=9, solid_capstyle="round", zorder=0, label="the best epoch")
    for epoch, colour in shades(table.columns).items():
        line = table[epoch].dropna()
        ax.plot(line.index, line, color=colour, marker="o", markersize=4, label=f"epoch {epoch:g}")
    ax.plot(plain.index, plain, **HARD)
    log_axis(ax, names, "images a class (IPC)")


def crossing(line, plain):
    """The numbers of images between which hard labels overtake, or None."""
    both = pd.concat([line, plain], axis=1, keys=["soft", "hard"]).dropna()
    ahead = both.soft > both.hard
    for less, more in zip(both.index, both.index[1:], strict=False):
        if ahead[less] and not ahead[more]:
            return less, more
    return None


def crossings(table, plain):
    """In words: where each epoch's labels fall behind hard ones."""
    found = {epoch: crossing(table[epoch], plain) for epoch in table}
    said = [f"of epoch {epoch:g} between IPC {pair[0]:g} and {pair[1]:g}" for epoch, pair in found.items() if pair]
    never = [f"{epoch:g}" for epoch in table if found[epoch] is None and (table[epoch] > plain).any()]
    said += [f"of epoch {', '.join(never)} not within the grid"] if never else []
    return "; ".join(said)


def below_hard(table, plain):
    """Whether the envelope itself stays above hard labels."""
    lead = (table.max(axis=1) - plain).dropna()
    if (lead > 0).all():
        return f"The envelope stays above hard labels, by {lead.min():.1f} points or more."
    return f"Here the envelope itself falls behind hard labels from IPC {lead.index[lead <= 0][0]:g} on, by at most {-lead.min():.1f} points."


def frontier_figure(rows, name):
    """Ours on the left; on the right the independent reproduction's curves of CIFAR-100."""
    _, _, data = AT[rows.attrs["scale"]]
    soft, hard = pick(rows, ("teacher_epoch",), labels="soft", data=data), pick(rows, labels="hard", data=data)
    table = pd.DataFrame({epoch: curve(part) for epoch, part in soft.groupby("teacher_epoch")}).sort_index()
    plain = curve(hard)
    printed = published.frame("the reproduction's figures")
    printed = printed[
        (printed.axis == "ipc") & (printed.labels == "soft") & printed.name.str.contains("teacher epoch ")
    ]
    printed = printed.assign(epoch=printed.name.str.extract(r"(\d+)$", expand=False).astype(int))
    theirs = printed.pivot(index="at", columns="epoch", values="mean")
    their_hard = published.find("reproduction, hard labels")
    their_hard = pd.Series(their_hard.mean, index=their_hard.at)
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.6))
    draw_epochs(left, table, plain, table.index)
    draw_epochs(right, theirs, their_hard, theirs.index)
    left.set_title(f"ours: {plots.set_name(data)}", fontweight="bold", loc="center")
    right.set_title("an independent reproduction: CIFAR-100", fontweight="bold", loc="center")
    left.set(ylabel="student’s accuracy, %", ylim=(0, None))
    right.set_ylim(0, None)
    for ax in (left, right):
        ax.legend(fontsize=9, loc="upper left", ncols=1 + (len(ax.get_legend_handles_labels()[0]) > 7))
    steps = table.idxmax(axis=1)
    most = widest(soft, ["ipc", "teacher_epoch"])
    plots.show(
        fig,
        name=name,
        caption=f"**Early teachers for few images, later ones for many.** Best epoch: {', '.join(f'{epoch:g} at IPC {ipc:g}' for ipc, epoch in steps.items())}. Hard labels overtake the labels {crossings(table, plain)}. {below_hard(table, plain)} In the reproduction, which we read off to 0.3 points: {crossings(theirs, their_hard)}. "
        + (
            f"Ours are means over draws of images, the widest 95 % t interval is ±{most:.1f} points."
            if most == most
            else ""
        ),
        alt="Two panels of accuracy in percent over images a class. Ours: "
        + "; ".join(
            f"epoch {epoch:g}: " + ", ".join(f"{v:.1f} at IPC {n:g}" for n, v in table[epoch].dropna().items())
            for epoch in table
        )
        + "; hard labels: "
        + ", ".join(f"{v:.1f} at IPC {n:g}" for n, v in plain.items())
        + ". CIFAR-100, hard labels: "
        + ", ".join(f"{v:.1f} at IPC {n:g}" for n, v in their_hard.items())
        + f"; best of {len(theirs.columns)} epochs: "
        + ", ".join(f"{v:.1f}" for v in theirs.max(axis=1))
        + ".",
        rows=[rows],
    )
    return table, plain


if larger is not None:
    frontier_figure(larger_all, "knowledge-frontier-stored")
frontier = frontier_figure(rows, "knowledge-frontier")

# %% [markdown]
# On digits all labels of the one teacher fall behind hard ones at last. There it can: fifty images a class are half of what the teacher had, and with so many their true classes are worth more than its guesses. With five hundred images a class, as in Tiny ImageNet or CIFAR-100, fifty are a tenth.
#
# A label of an early teacher says which classes are alike and little about the single image. That is what a student with one image needs most; with fifty it knows as much itself, and the teacher's errors remain. [Cho and Hariharan (2019)](https://arxiv.org/abs/1910.01348) found early stopping to help students that are much smaller than their teacher; here the two are equal and it is the data that are small.
#
# ## Figure 11: a later teacher
#
# The law of figure 6 once more with labels of a later epoch. They are nearer to hard labels, their tails are thinner.


# %% tags=["hide-input"]
def targets(tables):
    """Accuracies that both curves pass, from the higher of their lowest to the lower of their highest points."""
    low, high = max(line.min() for line in tables), min(line.max() for line in tables)
    return np.linspace(low, high, 40)[:-1] if high > low else np.array([])


def later_figure(rows, name):
    """Left: both epochs over IPC, some K. Right: how many times as many images the later one needs."""
    law, late, _ = AT[rows.attrs["scale"]]
    both = {
        epoch: pick(rows, ("top",), labels="soft", **law | {"teacher_epoch": epoch})
        for epoch in (law["teacher_epoch"], late)
    }
    c = both[late].top.max()
    shown = sorted(set(both[late].top))
    colours = dict(zip(both, (plots.ROLE["fresh"], plots.ROLE["train"]), strict=True))
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.4))
    full, ipcs = {}, set()
    for epoch, part in both.items():
        for k, style in zip(
            shown[::-1],
            ({"linewidth": 2.2}, {"linewidth": 1.3, "alpha": 0.75}, {"linewidth": 1, "alpha": 0.5}),
            strict=False,
        ):
            line = curve(part[part.top == k])
            left.plot(
                line.index,
                line,
                color=colours[epoch],
                marker="o",
                markersize=4,
                label=f"epoch {epoch}, K = {k}",
                **style,
            )
            ipcs |= set(line.index)
            if k == c:
                full[epoch] = line
    plain = curve(pick(rows, labels="hard", data=law["data"]))
    plain = plain[plain.index.isin(ipcs)]
    left.plot(plain.index, plain, **HARD)
    log_axis(left, sorted(ipcs), "images a class (IPC)")
    left.set(ylabel="student’s accuracy, %", ylim=(0, None))
    left.legend(fontsize=9)
    early = full[law["teacher_epoch"]]
    wanted = targets([early, full[late]])
    ratio = pd.Series(
        {
            a: images_needed(full[late].index, full[late].to_numpy(), a)
            / images_needed(early.index, early.to_numpy(), a)
            for a in wanted
        }
    )
    right.plot(ratio.index, ratio, color=colours[late])
    right.axhline(1, color="0.2", linewidth=1.1, linestyle=":")
    if len(ratio) and ratio.max() < 1.2:
        right.set_ylim(0, 1.3)
    right.set(
        xlabel="accuracy to be reached, %",
        ylabel=f"images with epoch {late},\nof those with epoch {law['teacher_epoch']}",
    )
    few = early.index[0]
    low = ratio.iloc[: max(1, len(ratio) // 4)].mean() if len(ratio) else math.nan
    plots.show(
        fig,
        name=name,
        caption=f"**With few images a later teacher costs images; with many it pays them back.** Whole labels at IPC {few}: {early[few]:.1f} % from epoch {law['teacher_epoch']}, {full[late].get(few, math.nan):.1f} % from epoch {late}; at IPC {full[late].index[-1]}: {early.get(full[late].index[-1], math.nan):.1f} and {full[late].iloc[-1]:.1f} %. "
        + (
            f"For the lowest quarter of the accuracies that both reach, epoch {late} needs {low:.1f} times as many images, for the highest {ratio.iloc[-1]:.1f} times."
            if len(ratio)
            else "There is no accuracy that both reach."
        ),
        alt=f"Left: accuracy over images a class. Epoch {law['teacher_epoch']}: {', '.join(f'{v:.1f} at IPC {n}' for n, v in early.items())}; epoch {late}: {', '.join(f'{v:.1f} at IPC {n}' for n, v in full[late].items())}. Right: the ratio of images needed"
        + (
            f" goes from {ratio.iloc[0]:.2f} at {ratio.index[0]:.1f} % to {ratio.iloc[-1]:.2f} at {ratio.index[-1]:.1f} %."
            if len(ratio)
            else ", of 0 points."
        ),
        rows=[rows],
    )
    return ratio


if larger is not None:
    later_figure(larger_all, "knowledge-later-stored")
ratio = later_figure(rows, "knowledge-later")

# %% [markdown]
# ## The paper's figures, in words
#
# Figure 6, left, is on Tiny ImageNet with a teacher of epoch 11: curves of K from 1 to 200 and of hard labels over IPC 1 to 40; more entries raise every point, and a larger K reaches an accuracy with fewer images. Right: whole labels of several epochs with hard labels beneath the envelope. Figure 11: as the left panel, with a teacher of epoch 46; the same accuracy takes more images. None of their values is printed, so the numbers are only in the paper's figures. What can be computed from printed numbers is below: the gain of soft labels, and the exchange rate that it means.

# %% tags=["hide-input"]
lines = []
for label, (of, to) in PRINTED.items():
    soft, hard = published.find(of), published.find(to)
    rates_of = printed_rates(of, to)
    for n in [int(n) for n in soft.at if n in hard.at]:
        rate = (
            f"{rates_of[n]:.1f}"
            if n in rates_of and math.isfinite(rates_of[n])
            else "beyond the grid"
            if n in rates_of
            else "–"
        )
        lines.append(
            (
                label,
                n,
                f"{soft.value(n):.1f}",
                f"{hard.value(n):.1f}",
                plots.signed(soft.value(n) - hard.value(n)),
                rate,
            )
        )
for about, pooled in [(rows, rows)] + ([] if larger is None else [(larger, larger_all)]):
    data = AT[about.attrs["scale"]][2]
    plain, ours = curve(pick(pooled, labels="hard", data=data)), best_epochs(pooled)
    for n in ours.index:
        soft = level(pooled, over=("teacher_epoch",), labels="soft", data=data, ipc=int(n))[""].mean()
        lines.append(
            (
                f"ours, {plots.set_name(data)}",
                n,
                f"{soft:.1f}",
                f"{plain[n]:.1f}",
                plots.signed(soft - plain[n]),
                price(ours.value[n]),
            )
        )
beside = pd.DataFrame(lines, columns=["", "IPC", "soft, %", "hard, %", "gain", "images an image is worth"])
plots.raw(f'<div style="overflow-x:auto">{beside.to_html(index=False, border=0, classes="table")}</div>')

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

# %% [markdown]
# The page of [all claims](../record/claims) pools the rows of this build with those of [the teacher's epochs](teacher_and_entropy), which share settings and images, as it is done here with stored ones; its intervals at quick scale can be narrower than these.

# %% tags=["hide-input"]
by_entries = rates[0] if larger is None else rates_larger[0]
table, plain = law if larger is None else law_larger
law_of, _, frontier_data = AT[(rows if larger is None or rates_larger[1].empty else larger).attrs["scale"]]
data = law_of["data"] if larger is None else AT[larger.attrs["scale"]][0]["data"]
few, c = table.columns[0], table.index[-1]
half = next(
    k for k in table.index if table[few][k] - table[few].iloc[0] >= 0.8 * (table[few].max() - table[few].iloc[0])
)
ours = rates[1] if larger is None or rates_larger[1].empty else rates_larger[1]
best = ours.value.replace(np.inf, np.nan).idxmax() if np.isfinite(ours.value).any() else None
plots.answer(
    "## Answer\n\n"
    f"{plots.capital(plots.set_name(data))}, IPC {few}: an image with its whole soft label is worth {price(by_entries[few][c])} images with hard labels, with the largest entry alone {price(by_entries[few].iloc[0])}, and the first {half} of {c} entries bring four fifths of what all of them add. "
    + (
        f"With the best teacher for each number of images of {plots.set_name(frontier_data)} the rate is highest at IPC {best:g}, {ours.value[best]:.1f}; a later teacher needs {ratio.iloc[0]:.1f} times as many images for a low accuracy and {ratio.iloc[-1]:.1f} times for the highest that both reach."
        if best is not None and len(ratio)
        else "With the best teacher for each number of images it lies beyond the grid."
    )
)

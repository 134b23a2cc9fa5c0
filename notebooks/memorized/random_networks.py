# %% [markdown]
# # The phases of a nonlinear student
#
# **Question.** A linear student with enough soft labels has no choice: it recovers its teacher. A network with a hidden layer can fit the same labels in many ways. When does it only fit them, when does it also get some labels right that it never saw, and when does it recover its teacher?
#
# This page computes figures 5 and 6 of [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457) again, and the panels of its appendix about losses, shuffled labels, classes and widths. Teacher and student are networks with one hidden layer of ReLUs. The teacher memorises $n = ck$ random labels, $k$ examples of each of $c$ classes in $d$ dimensions. The student trains on the teacher's soft labels of a share $\rho$ of these examples, its *own part*; the others are *held out*.

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

# %% tags=["parameters"]
# "smoke" takes seconds; "quick" is what each build of the book computes
scale = "quick"  # @param ["smoke", "quick", "reduced", "paper"]
# "auto" takes a GPU where there is one
device = "auto"  # @param ["auto", "cpu", "cuda"]

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from softlabels import claims, plots
from softlabels.claims.readings import points
from softlabels.claims.readings import random_networks as read
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.labels import harden, soften
from softlabels.models.mlp import logits, start
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.random_networks import (
    FRESH_INPUTS,
    NETWORK_CLASSES,
    RANDOM_NETWORK_CURVES,
    RANDOM_NETWORKS,
    STUDENT_WIDTHS,
)
from softlabels.sweep import live
from softlabels.training.two_layer import train

plots.use_house_style()
shorten = 20 if scale == "smoke" else 1  # the smoke scale only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# A teacher with 32 hidden units memorises 768 random labels of 32 classes. Four students of the same shape, each from an initialisation of its own, learn its soft labels of a share of the examples.

# %%
d, c, h, k = 64, 32, 32, 24
inputs, classes = gaussian(c * k, d, "phases in ten lines"), balanced_classes(c * k, c)
first = start((d, h, c), [torch_stream("phases in ten lines, teacher")])
teacher = train(first, inputs, harden(classes, c)[None], lr=3e-3, steps=1500 // shorten)
soft = soften(logits(teacher, inputs), tau=20)  # (1, n, c)
first = start((d, h, c), [torch_stream("phases in ten lines, student")])

for rho in (0.25, 0.45, 0.65, 0.85):
    m = int(rho * k) * c  # the student's part: the first examples of each class
    student = train(first, inputs[:m], soft[:, :m], lr=2e-3, steps=2000 // shorten)
    right = (logits(student, inputs)[0].argmax(-1) == classes).float()
    print(f"ρ = {rho}: own part {right[:m].mean():4.0%}, held out {right[m:].mean():4.0%}")

# %% [markdown]
# The labels are random, so no label says anything about another. What a student predicts of held-out labels above chance, it has from its teacher. Three things can happen:
#
# - **Leaking.** The student learns *some* function that fits the soft labels of its part. This function resembles the teacher more than chance would, so it is right on some held-out examples. With more examples it is harder to fit them all.
# - **Between.** The student fits its soft labels in part only, and does not have its teacher's function.
# - **Recovering the teacher.** The student can no longer fit the soft labels of its part one by one, and learns the one function that fits them all: the teacher's, and with it every held-out label.
#
# ## The phases (figure 5)
#
# The same experiment for many sample sizes and shares.

# %%
rows = live(RANDOM_NETWORKS, scale, device)
paths = live(RANDOM_NETWORK_CURVES, scale, device)
paper, paper_paths = stored(RANDOM_NETWORKS), stored(RANDOM_NETWORK_CURVES)
both_stored = paper is not None and paper_paths is not None
largest, largest_paths = (paper, paper_paths) if both_stored else (rows, paths)

# %% tags=["hide-input"]
fewest, most = largest.groupby(["c", "per_class", "rho"]).seed.nunique().agg(["min", "max"])
one = read.shown(largest, "map").iloc[0]
extra = f"; those where replicates differ most have {most}" if most > fewest else ""
plots.answer(
    f"At {largest.attrs['scale']} scale d = {one.d}, c = {one.c}, both networks have {one.hidden} hidden units, and labels have τ = {one.tau:g}. Each point has {fewest} replicates{extra}."
)

# %% tags=["hide-input"]
PHASES = {  # the phases of `read.phase_map` in its order, and our names for them
    "recovers the teacher": "#2fa176",
    "fits all its labels": "#5fa8dc",
    "fits them in part": "#c3dcf0",
    "teacher fails, held-out accuracy above 0.1": "#f2bd6b",
    "teacher fails, at most 0.1": "#c0654f",
}


def draw_phases(cells, marked):
    """Two maps over n/d and ρ: the phases, with rings at the marked points, and held-out accuracy."""
    fig, axes = plt.subplots(1, 2, figsize=(9.4, 4.4))
    of_phases = {"cmap": ListedColormap(list(PHASES.values())), "vmin": -0.5, "vmax": 4.5}
    for ax, column, title in zip(axes, ("phase", "held_out_accuracy"), ("phase", "held-out accuracy"), strict=True):
        table = cells[column].unstack()
        colours = of_phases if column == "phase" else {"cmap": "viridis", "vmin": 0, "vmax": 1}
        mesh = ax.pcolormesh(table, edgecolors="white", linewidth=0.5, **colours)
        at = np.arange(0, len(table.columns), max(1, len(table.columns) // 8))
        ax.set_xticks(at + 0.5, [f"{table.columns[i]:.3g}" for i in at])
        ax.set_yticks(np.arange(len(table)) + 0.5, [f"{rho:g}" for rho in table.index])
        ax.tick_params(length=0)
        ax.set(xlabel="n/d")
        ax.set_title(title, fontweight="bold")
    if table.size > 60:
        fig.colorbar(mesh, ax=axes[1])
    for (i, j), value in np.ndenumerate(table.to_numpy()) if table.size <= 60 else ():
        text = f"{value:.2f}".removeprefix("0") if np.isfinite(value) else ""
        axes[1].text(j + 0.5, i + 0.5, text, ha="center", va="center", color="white" if value < 0.6 else "0.1")
    for number, (x, y) in enumerate(marked, 1):
        place = np.abs(table.columns - x).argmin() + 0.5, np.abs(table.index - y).argmin() + 0.5
        axes[0].scatter(*place, s=220, facecolors="white", edgecolors="0.1", linewidths=1.2, alpha=0.9)
        axes[0].text(*place, str(number), ha="center", va="center", fontsize=10)
    axes[0].set_ylabel("ρ, share that the student sees")
    patches = [Patch(color=colour, label=text) for text, colour in PHASES.items()]
    fig.legend(handles=patches, loc="outside lower center", ncols=3)
    return fig


def show_phases(table, over_time, name):
    """The figure with its caption."""
    cells = read.phase_map(table)
    taken, close = read.labels_to_take_over(cells), read.just_under(cells)
    region, where = "No student of this grid recovers its teacher.", ""
    if len(taken):
        region = "The student recovers its teacher in a region between too few examples (it fits its own labels and few others) and too many (the teacher fails)."
        where = f"There it has at least {taken.min():.1f} soft labels per dimension (ρn/d)."
    near = ", ".join(f"{value:.3f} at n/d = {x:g}, ρ = {rho:g}" for (rho, x), value in close.items())
    shares = cells.phase.value_counts(normalize=True).reindex(range(5), fill_value=0.0)
    named = ", ".join(f"{text} {share:.0%}" for text, share in zip(PHASES, shares, strict=True))
    rhos, ratios = cells.index.levels
    marked = sorted(set(zip(over_time.c * over_time.per_class / over_time.d, over_time.rho, strict=True)))
    plots.show(
        draw_phases(cells, marked),
        name=name,
        caption=f"**{region}** {where} Colour: each cell's phase, by the paper's rule (stated under the figure). Rings: n and ρ of the next figure's students. Blank: a class would have no example.",
        alt=f"Two maps over n/d from {ratios[0]:g} to {ratios[-1]:g} and ρ from {rhos[0]:g} to {rhos[-1]:g}. Share of cells: {named}. {region} {where} Held-out accuracy is {cells.held_out_accuracy.min():.2f} at least and {cells.held_out_accuracy.max():.2f} at most.{f' Just under the level: {near}.' if near else ''}",
        rows=[table],
    )


# %% tags=["hide-input", "thumbnail"]
show_phases(largest, largest_paths, "phases")

# %% tags=["hide-input", "hide-output"]
if largest is not rows:
    show_phases(rows, paths, "phases-quick")
else:
    plots.missing(RANDOM_NETWORKS, "so this page shows figure 5 at the size of a laptop only")

# %% tags=["hide-input"]
close = read.just_under(read.phase_map(largest))
near = ", ".join(f"{value:.3f} at n/d = {x:g}, ρ = {rho:g}" for (rho, x), value in close.items())
before, after = read.border(largest)
with_many = {
    part: points.along(read.shown(largest, "many examples"), f"{metric}_accuracy", "rho").mean()
    for part, metric in (("its own part", "student_train"), ("the held-out part", "held_out"))
}
rise = " and ".join(f"{line[before]:.2f} to {line[after]:.2f} on {part}" for part, line in with_many.items())
plots.answer(
    claims.sentence(
        "M29",
        largest,
        "With many examples, the student switches abruptly to the teacher's function as its share grows.",
        "With many examples, the student does not switch abruptly to the teacher's function as its share grows.",
        "Whether, with many examples, the student switches abruptly to the teacher's function as its share grows, these rows do not decide.",
    )
    + f" From ρ = {before:g} to {after:g}, its accuracy goes from {rise}. The rule for the phases, on mean accuracies: a teacher or a student fits its labels from {points.LEVEL} on, and the student recovers its teacher if its held-out accuracy is as high. Where the teacher fails, the phase says whether held-out accuracy is above 0.1. None of these phases asks whether held-out accuracy is above chance; the map beside them shows it."
    + (f" Just below the level of {points.LEVEL}: {near}." if near else "")
)

# %% [markdown]
# How many soft labels should recovery take? The teacher has $h(d + c + 1) + c$ weights and a soft label is $c - 1$ numbers.

# %% tags=["hide-input"]
taken = read.labels_to_take_over(read.phase_map(largest))
weights = one.hidden * (one.d + one.c + 1) + one.c
counted = weights / (one.c - 1) / one.d  # soft labels per dimension that make as many equations as weights
measured = "No student of this grid recovers its teacher."
if len(taken):
    measured = f"Depending on n/d, students need {taken.min():.1f} to {taken.max():.1f} soft labels per dimension."
    if taken.min() > 1.5 * counted:
        measured += (
            " So counting equations does not explain the border. It may be a limit of training; we did not test that."
        )
plots.answer(
    f"With {one.hidden} hidden units, {weights:,.0f} weights and {one.c - 1} numbers per label, counting asks for {counted:.1f} soft labels per dimension. {measured}"
)

# %% [markdown]
# ### Over time

# %% tags=["hide-input"]
slow, longer = largest_paths.iloc[0], ""
if slow.student_lr < one.student_lr and slow.student_steps > one.student_steps:
    longer = ", trained with smaller steps for longer than those of the map"
plots.answer(
    f"Students at the marked points (same n and ρ){longer}, against epochs (with a full batch, an epoch is one step of Adam)."
)

# %% tags=["hide-input"]
OWN = {"color": plots.ROLE["train"], "linestyle": "--", "label": "student, own part"}
HELD_OUT = {"color": plots.ROLE["held_out"], "label": "student, held out"}


def panels_by_size(paths, height):
    """One panel per sample size, two in a row: [(examples per class, axis)], and the figure."""
    sizes = sorted(paths.per_class.unique())
    inches = (8.6, height * -(-len(sizes) // 2))
    fig, axes = plt.subplots(-(-len(sizes) // 2), 2, figsize=inches, sharex=True, sharey=True, squeeze=False)
    for number, (ax, size) in enumerate(zip(axes.flat, sizes, strict=False), 1):
        ax.set_title(f"{number}: n = {size * paths.c.iloc[0]:,}", fontweight="bold")
    for ax in axes[-1]:
        ax.set_xlabel("epoch")
    return fig, list(zip(sizes, axes.flat, strict=False))


def draw_over_time(paths):
    """Accuracy against epochs, one panel per sample size."""
    fig, panels = panels_by_size(paths, 2.5)
    for size, ax in panels:
        these = {"per_class": size, "shuffled": False}
        plots.with_replicates(ax, points.learning(paths, "student_train_accuracy", **these), **OWN)
        plots.with_replicates(ax, points.learning(paths, "held_out_accuracy", **these), **HELD_OUT)
        teacher, fresh = (points.average(paths, f"{who}_accuracy", **these)[""].mean() for who in ("teacher", "fresh"))
        ax.axhline(teacher, color=plots.ROLE["teacher"], linestyle=":", linewidth=1.4, label="teacher")
        ax.axhline(fresh, color=plots.ROLE["fresh"], linewidth=1.2, label="student, fresh")
        ax.set(ylim=(-0.02, 1.04))
    for _, ax in panels[::2]:
        ax.set_ylabel("accuracy")
    fig.legend(*panels[0][1].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig


ends, faded = [], ""
for size in sorted(largest_paths.per_class.unique()):
    these = {"per_class": size, "shuffled": False}
    held_out = points.learning(largest_paths, "held_out_accuracy", **these).mean()
    own, last, of_teacher = (
        points.average(largest_paths, f"{part}_accuracy", **these)[""].mean()
        for part in ("student_train", "held_out", "teacher")
    )
    if not ends and held_out.max() > last + 0.02:
        faded = f"With the fewest examples the leak is largest early, {held_out.max():.2f} at epoch {held_out.idxmax():,}, and {last:.2f} at the end: as the student fits more, it gets fewer held-out labels right."
    ends.append(
        f"n = {size * largest_paths.c.iloc[0]:,}: own part {own:.2f}, held out {last:.2f}, teacher {of_teacher:.2f}"
    )
in_time = claims.sentence(
    "M30",
    largest_paths,
    "At the third point the student first fits a part of its labels, then own part and held-out labels rise to 1 together.",
    "At the third point, fitting its own part does not clearly come before recovering the teacher.",
    "Whether fitting its own part comes before recovering the teacher at the third point, these rows do not decide.",
)
plots.show(
    draw_over_time(largest_paths),
    name="phases-over-time",
    caption=f"**{in_time}** Accuracy over training at ρ = {largest_paths.rho.iloc[0]} at the marked points, one thin line per replicate; fresh: new examples, where only chance is possible. Students take {slow.student_steps:,} steps at rate {slow.student_lr:g}, those of the map {one.student_steps:,} at {one.student_lr:g}.",
    alt=f"{len(ends)} panels of accuracy against epochs. At the end: {'; '.join(ends)}. {faded}",
    rows=[largest_paths],
)
if faded:
    plots.answer(faded)

# %% [markdown]
# ## Labels shuffled within each class, and losses (figure 14)
#
# A control: soft labels permuted at random within each class. A label still has the right top class and the right temperature, but on average only one label of a class stays with its own example. Shuffled labels are no longer the outputs of one network, so what a student fits of them measures its memory.


# %% tags=["hide-input"]
def draw_shuffled(paths):
    """Accuracies at the end of training, of students trained on plain and on shuffled labels, one dot per replicate."""
    fig, ax = plt.subplots(figsize=(7.8, 4))
    looks = {
        ("student_train_accuracy", False): (plots.ROLE["train"], "--", "own part"),
        ("held_out_accuracy", False): (plots.ROLE["held_out"], "-", "held out"),
        ("student_train_accuracy", True): (plots.ROLE["shuffled"], "--", "own part, shuffled"),
        ("held_out_accuracy", True): (plots.ROLE["shuffled"], "-", "held out, shuffled"),
    }
    ends = {}
    for (metric, shuffled), (colour, line, text) in looks.items():
        values = points.along(paths, metric, "per_class", shuffled=shuffled)
        x = values.columns * paths.c.iloc[0]
        ax.plot(x, values.mean(), color=colour, linestyle=line, marker="o", markersize=4)
        ax.plot(x, values.T, ".", markersize=5, color=colour, alpha=0.4)
        ends[text] = (x[-1], values.mean().iloc[-1], colour)
    ax.set(xlabel="examples n", ylabel="accuracy", ylim=(-0.02, 1.04), xlim=(0, 1.45 * x[-1]), xticks=x)
    plots.name_lines(ax, ends, gap=0.07)
    return fig


chance = 1 / largest_paths.c.iloc[0]
own, held_out = (
    points.along(largest_paths, f"{part}_accuracy", "per_class", shuffled=True).mean()
    for part in ("student_train", "held_out")
)
right = read.times_chance(largest_paths, "held_out_accuracy", shuffled=True)[""].mean() * chance
removes = claims.sentence(
    "M32",
    largest_paths,
    "Shuffled within classes, soft labels leak next to nothing.",
    "Shuffled within classes, soft labels leak all the same.",
    "Whether soft labels that are shuffled within classes leak, these rows do not decide.",
)
plots.show(
    draw_shuffled(largest_paths),
    name="phases-shuffled",
    caption=f"**{removes}** Accuracy at the end of training at ρ = {largest_paths.rho.iloc[0]}, one dot per replicate. Students trained on shuffled labels get {right:.3f} of the held-out labels right; chance is {chance:.3f}.",
    alt=f"Accuracy against n. Students trained on shuffled labels: own part {', '.join(f'{value:.2f}' for value in own)}; held out {', '.join(f'{value:.3f}' for value in held_out)}, at n = {', '.join(f'{size * largest_paths.c.iloc[0]:,}' for size in own.index)}.",
    rows=[largest_paths],
)

# %% [markdown]
# The paper draws the losses as well. The folded figure shows them above their minimum, the entropy of the labels: the divergence $\mathrm{KL}(\text{label}\,\|\,\text{student})$.


# %% tags=["hide-input", "hide-output"]
def draw_losses(paths):
    """Divergence between student and soft labels against epochs, one panel per sample size."""
    fig, panels = panels_by_size(paths, 2.5)
    for size, ax in panels:
        for metric, style in (("train_kl", OWN), ("held_out_kl", HELD_OUT)):
            curves = points.learning(paths, metric, per_class=size, shuffled=False).clip(lower=1e-9)
            plots.with_replicates(ax, curves, **style)
        ax.set(yscale="log")
    for _, ax in panels[::2]:
        ax.set_ylabel("divergence, nats")
    fig.legend(*panels[0][1].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return fig


divergence = []
for size in sorted(largest_paths.per_class.unique()):
    left = [
        points.learning(largest_paths, metric, per_class=size, shuffled=False).iloc[:, -1].mean()
        for metric in ("train_kl", "held_out_kl")
    ]
    divergence.append(f"{left[0]:.1g} and {left[1]:.1g} at n = {size * largest_paths.c.iloc[0]:,}")
plots.show(
    draw_losses(largest_paths),
    name="phases-losses",
    caption=f"Divergence at the end, in nats, own part and held out: {'; '.join(divergence)}. The floor of single precision is about 1e-9.",
    alt=f"{len(divergence)} panels of divergences against epochs. At the end, own part and held out: {'; '.join(divergence)}.",
    rows=[largest_paths],
)

# %% [markdown]
# ## The share (figure 6)
#
# The figure shows accuracy against $\rho$, with few and with many examples.

# %% tags=["hide-input"]
with_few = read.shown(largest, "few examples").iloc[0]
if (with_few.c, with_few.d) != (one.c, one.d):
    plots.answer(
        f"Students with few examples are not those of the map. They have c = {with_few.c} classes in d = {with_few.d} dimensions (the map: c = {one.c}, d = {one.d}), with {with_few.per_class} examples per class. That is a small stand-in of ours for the authors' c = 300."
    )

# %% [markdown]
# We know of no printed number of figures 5 and 6, and their rows are not released. A workshop version by the same authors has two such curves, which we read off its plots to about 0.01 (diamonds): with many examples $d = 900$, $c = 100$, $n = 100{,}000$, 500 hidden units; with few, $c = 300$ and $n = 3{,}000$.

# %%
widths = live(STUDENT_WIDTHS, scale, device)
paper_widths = stored(STUDENT_WIDTHS)
largest_widths = widths if paper_widths is None else paper_widths

# %% tags=["hide-input"]
LINES = {  # metric -> colour, line and name, as in the paper's legend
    "held_out_accuracy": ("held_out", "-", "student, held out"),
    "student_train_accuracy": ("train", "--", "student, own part"),
    "fresh_accuracy": ("fresh", "-", "student, fresh"),
    "teacher_accuracy": ("teacher", ":", "teacher"),
}
WORKSHOP = {  # held-out accuracy by ρ, read off the plots of the authors' workshop notebook
    "few examples": {0.05: 0.01, 0.25: 0.08, 0.45: 0.31, 0.65: 0.52, 0.95: 0.76},
    "many examples": {0.05: 0.017, 0.15: 0.02, 0.25: 0.024, 0.35: 0.028, 0.45: 0.035}
    | dict.fromkeys((0.55, 0.65, 0.75, 0.85, 0.95), 1.0),
}


def draw_shares(rows):
    """Accuracy against ρ with few and with many examples, one dot per replicate; diamonds: the authors' workshop version."""
    fig, axes = plt.subplots(1, 2, figsize=(8.8, 4.4), sharey=True, sharex=True)
    for ax, which in zip(axes, WORKSHOP, strict=True):
        runs = read.shown(rows, which)
        for metric, (role, line, label) in LINES.items():
            values, colour = points.along(runs, metric, "rho"), plots.ROLE[role]
            ax.plot(values.mean(), marker="o", markersize=4, color=colour, linestyle=line, label=label)
            ax.plot(values.columns, values.T, ".", markersize=5, color=colour, alpha=0.4)
        workshop = WORKSHOP[which]
        ax.plot(list(workshop), list(workshop.values()), "D", color="0.35", markerfacecolor="none", label="workshop")
        one = runs.iloc[0]
        ax.set_title(f"{which}: n = {one.c * one.per_class:,}, c = {one.c}", fontweight="bold")
        ax.set(xlabel="ρ", ylim=(-0.02, 1.04), xlim=(0, 1))
    axes[0].set_ylabel("accuracy")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=9)
    return fig


few = points.along(read.shown(largest, "few examples"), "held_out_accuracy", "rho").mean()
many = with_many["the held-out part"]
grows = claims.sentence(
    "M33",
    largest,
    "With few examples the leak grows with the share",
    "With few examples the leak does not grow with the share",
    "Whether the leak grows with the share of few examples is not decided by these rows",
)
switches = claims.sentence(
    "M29",
    largest,
    "with many it is all or nothing",
    "with many there is no abrupt switch",
    "whether there is an abrupt switch with many is not decided by these rows",
)
plots.show(
    draw_shares(largest),
    name="phases-shares",
    caption=f"**{grows}; {switches}.** Dots are replicates, diamonds the authors' workshop version. With many examples held-out accuracy goes from {many[before]:.2f} at ρ = {before:g} to {many[after]:.2f} at {after:g}.",
    alt=f"Two panels of accuracy against ρ. Held-out accuracy with few examples: {', '.join(f'{value:.2f} at {rho:g}' for rho, value in few.items())}. With many: {', '.join(f'{value:.2f} at {rho:g}' for rho, value in many.items())}.",
    rows=[largest],
)

# %% [markdown]
# Of the paper's figures 5 and 6 we have the plotting code, not the values. The titles in that code name four cases: students that memorise their part, students that only approximate it (both better on held-out than on fresh data), students that learn the teacher, and teachers that fail, where own and held-out part are alike. From the titles and the workshop curves we expect for figure 6, with $n = 25{,}000$, accuracy 1 on the own part throughout and held-out accuracy that grows with $\rho$; with $n = 100{,}000$, accuracy on the own part that first falls, then a jump of both to 1.
#
# ### At the border
#
# Near the border, replicates with equal settings may end on either side. Their mean is then a number that none of them has, and a verdict there has an interval as wide as the gap. The table lists each replicate's held-out accuracy at the shares where some have switched and others have not, and at the shares next to them. An empty table means that there is no such share.

# %% tags=["hide-input"]
mixed = read.undecided(largest)
mixed.round(2).astype(object).where(mixed.notna(), "–").rename_axis(index="ρ", columns="replicate")

# %% [markdown]
# ## Widths and classes (figures 6 and 15)


# %% tags=["hide-input"]
def draw_widths(runs):
    """Held-out accuracy at the largest ρ and accuracy on the own part, by the student's width, one dot per replicate."""
    fig, ax = plt.subplots(figsize=(7.8, 3.8))
    ends = {}
    for metric, (role, line, label) in list(LINES.items())[:3]:
        values, colour = points.along(runs, metric, "student_hidden"), plots.ROLE[role]
        ax.plot(values.mean(), marker="o", markersize=4, color=colour, linestyle=line)
        ax.plot(values.columns, values.T, ".", markersize=5, color=colour, alpha=0.4)
        ends[label] = (values.columns[-1], values.mean().iloc[-1], colour)
    ax.axvline(runs.hidden.iloc[0], color="0.75", linewidth=1, zorder=0)
    ax.set(ylim=(-0.02, 1.04), ylabel="accuracy")
    plots.log_axis(ax, values.columns, "student's hidden units")
    ax.set_xlim(right=values.columns[-1] * (values.columns[-1] / values.columns[0]) ** 0.4)
    plots.name_lines(ax, ends)
    return fig


runs = read.shown(largest_widths, "widths")
runs = runs[runs.rho == runs.rho.max()]
by_width = points.along(runs, "held_out_accuracy", "student_hidden").mean()
every = claims.sentence(
    "M34",
    largest_widths,
    "Every student wide enough to fit its own part leaks.",
    "Not every student wide enough to fit its own part leaks.",
    "Whether every student wide enough to fit its own part leaks, these rows do not decide.",
)
plots.show(
    draw_widths(runs),
    name="phases-widths",
    caption=f"**{every}** Few examples, ρ = {runs.rho.iloc[0]:g}, one dot per replicate. Vertical line: the teacher's width.",
    alt=f"Accuracy against the student's width. Held-out: {', '.join(f'{value:.2f} with {width} hidden units' for width, value in by_width.items())}.",
    rows=[largest_widths],
)

# %%
by_class = live(NETWORK_CLASSES, scale, device)
paper_by_class = stored(NETWORK_CLASSES)

# %% tags=["hide-input"]
tables = (paper, paper_widths, paper_by_class)
if any(table is None for table in tables):
    tables = (rows, widths, by_class)
NAMED = {"classes c": "c = {}", "student's width": "{} units", "equal widths": "{} units"}


def draw_sizes(panels):
    """Held-out accuracy against n/d, one line per class count or width, its own part dashed."""
    fig, axes = plt.subplots(1, 3, figsize=(9.4, 3.8), sharey=True, sharex=True)
    for ax, (title, runs) in zip(axes, panels.items(), strict=True):
        for (value, part), colour in zip(
            runs.groupby("value"), plots.shades(runs.value.unique()).values(), strict=True
        ):
            held_out, own = (points.along(part, f"{who}_accuracy", "x").mean() for who in ("held_out", "student_train"))
            ax.plot(held_out, marker="o", markersize=4, color=colour, label=NAMED[title].format(value))
            ax.plot(own, linestyle="--", linewidth=1, color=colour)
        ax.set(xlabel="n/d", ylim=(-0.02, 1.04))
        ax.set_title(title, fontweight="bold")
        ax.legend(fontsize=9, loc="best")
    axes[0].set_ylabel("accuracy")
    return fig


panels, best, recovers = read.other_sizes(*tables), [], []
for title, runs in panels.items():
    for value, part in runs.groupby("value"):
        mean = points.along(part, "held_out_accuracy", "x").mean()
        best.append(f"{title} {value}: at most {mean.max():.2f}, at n/d = {mean.idxmax():.3g}")
        recovers.append(mean.max() >= 0.9)
depends = "No kind of student shown here gets nine tenths of the held-out examples right."
if all(recovers):
    depends = "At some size every kind of student shown here gets nine tenths of the held-out examples right."
elif any(recovers):
    depends = "Whether a student gets nine tenths of the held-out examples right depends on the number of classes and on the widths."
plots.show(
    draw_sizes(panels),
    name="phases-other-sizes",
    caption=f"**{depends}** Accuracy on held-out examples (solid) and on the own part (dashed) at ρ = {read.shown(tables[0], 'one share').rho.iloc[0]}: for other class counts, students of other widths, and both networks of another width.",
    alt=f"Three panels of accuracy against n/d. Held-out accuracy, {'; '.join(best)}.",
    rows=[tables[2], tables[1]],
)

# %% [markdown]
# ## What if the student's inputs are not the teacher's?
#
# A reviewer of the paper asked this. Here the student never sees an input that the teacher was trained on. Its inputs are drawn anew, the teacher labels them, and the student is evaluated on *everything* that the teacher memorised. There may now be more inputs than the teacher ever had.

# %%
fresh = live(FRESH_INPUTS, scale, device)
paper_fresh = stored(FRESH_INPUTS)
whose, own_inputs = (rows, fresh) if paper is None or paper_fresh is None else (paper, paper_fresh)

# %% tags=["hide-input"]
INPUTS = {"teacher's": ("a part of the teacher's inputs", "--", "s"), "fresh": ("inputs of its own", "-", "o")}


def draw_fresh(both):
    """Held-out accuracy against soft labels per dimension by the student's inputs, one panel per sample size."""
    sizes = sorted(both.per_class.unique())
    fig, axes = plt.subplots(1, len(sizes), figsize=(9.4, 3.6), sharey=True, sharex=True)
    for ax, size in zip(axes, sizes, strict=True):
        runs = both[both.per_class == size]
        for inputs, (text, line, marker) in INPUTS.items():
            colour = plots.ROLE["held_out" if inputs == "teacher's" else "fresh"]
            values = points.along(runs, "held_out_accuracy", "labels", inputs=inputs)
            ax.plot(values.mean(), color=colour, linestyle=line, marker=marker, markersize=4, label=text)
            ax.plot(values.columns, values.T, ".", markersize=5, color=colour, alpha=0.4)
        ax.axhline(1 / both.c.iloc[0], color="0.4", linewidth=1, linestyle=":", label="chance")
        ax.set_title(f"n = {size * runs.c.iloc[0]:,}", fontweight="bold")
        ax.set(xlabel="soft labels per dimension", ylim=(-0.02, 1.04))
    axes[0].set_ylabel("accuracy on what only\nthe teacher saw")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return fig


both, said, fewest = read.beside_fresh_inputs(whose, own_inputs), [], {"teacher's": [], "fresh": []}
for size, runs in both.groupby("per_class"):
    for kind, text in (("teacher's", "a part"), ("fresh", "fresh inputs")):
        passed = points.first(points.along(runs, "held_out_accuracy", "labels", inputs=kind).mean(), 0.9)
        fewest[kind].append(passed)
        from_ = f"from {passed:.3g} on" if np.isfinite(passed) else "nowhere"
        said.append(f"n = {size * runs.c.iloc[0]:,}, {text}: {from_}")
without_inputs = (
    "On this grid, students that see none of the teacher's inputs do not predict nine tenths of what it has memorised."
)
if np.isfinite(fewest["fresh"]).any():
    without_inputs = "A student can learn what its teacher has memorised without one of the teacher's inputs."
with_own, with_fresh = (min(fewest[inputs]) for inputs in INPUTS)  # soft labels per dimension, over all n
plots.show(
    draw_fresh(both),
    name="phases-fresh-inputs",
    caption=f"**{without_inputs}** Accuracy on everything that the teacher memorised, for students trained on inputs of their own, and on the held-out part for students trained on a part of the teacher's inputs. Dots are replicates.",
    alt=f"Held-out accuracy against soft labels per dimension for {both.per_class.nunique()} sample sizes. It passes 0.9, in soft labels per dimension: {'; '.join(said)}.",
    rows=[own_inputs],
)
of_fresh = points.along(both[both.inputs == "fresh"], "held_out_accuracy", "labels").mean().max()
not_its_inputs = f"On this grid, students with inputs of their own predict at most {100 * of_fresh:.0f} % of what the teacher has memorised (chance: {100 / both.c.iloc[0]:.0f} %), at no sample size nine tenths."
if np.isfinite(with_fresh):
    suffice = f"{with_own:.3g}" if np.isfinite(with_own) else "more than were tried"
    not_its_inputs = f"In these experiments, students trained on new random inputs of the same distribution came to predict up to {100 * of_fresh:.0f} % of the labels that their teacher had memorised (means over sample sizes). To predict nine tenths, they needed at least {with_fresh:.3g} soft labels per dimension; on the teacher's own inputs, {suffice}."
plots.answer(not_its_inputs)

# %% [markdown]
# ## What is not stored

# %% tags=["hide-input", "hide-output"]
plots.missing(STUDENT_WIDTHS, "so this page shows the widths of figures 6 and 15 at the size of a laptop only")
plots.missing(NETWORK_CLASSES, "so this page shows figure 15 at the size of a laptop only")
plots.missing(FRESH_INPUTS, "so this page shows this figure at the size of a laptop only")

# %% [markdown]
# ## Exercises
#
# Each changes one thing in the ten lines. Say what you expect, and why, before you unfold the solution.
#
# 1. Lower the temperature: τ = 1 instead of 20, at ρ = 0.85. Does the student still recover its teacher?
# 2. Halve the student's part at ρ = 0.85; the teacher stays as it is. What do you expect on the own part, and on the held-out?
# 3. Count for the paper's networks, d = 1,000, c = 100, h = 500: how many soft labels per dimension make as many equations as weights?


# %% tags=["hide-cell"]
def taught(given, m):
    """What a student trained on the given labels of the first m examples gets right, own part and held out."""
    student = train(first, inputs[:m], given[:, :m], lr=2e-3, steps=2000 // shorten)
    right = (logits(student, inputs)[0].argmax(-1) == classes).float()
    return f"{right[:m].mean():.0%} of its own labels and {right[m:].mean():.0%} of the held-out"


m = int(0.85 * k) * c
print(f"1. At τ = 1 the student gets {taught(soften(logits(teacher, inputs), tau=1), m)} right.")

# %% tags=["hide-cell"]
print(f"2. That is ρ = {int(0.85 * k) // 2 / k:.2f}: it gets {taught(soft, int(0.85 * k) // 2 * c)} right.")

# %% tags=["hide-cell"]
print(f"3. {(500 * (1000 + 100 + 1) + 100) / 99 / 1000:.1f} soft labels per dimension.")

# %% [markdown]
# ## Where we depart, and why
#
# :::{dropdown} Axes, time, losses, replicates and sizes
# - **Axis.** The paper calls the axis of figure 5 α. It is $n/d$, not the $n/(dc)$ of the figures before. We write $n/d$, also where the official plots have other axes, $n/(dc)$ and $n/(dch)$. Which panels are figures 14 and 15 we took from the code's order.
# - **Time.** The published x axis over time counts the history points that the authors' logging service returned, about 40 epochs each. Ours counts epochs.
# - **Loss.** The paper draws cross-entropy. At τ = 20 that is almost all the entropy of the labels; we draw what is above it, and shuffled students at the end of training only.
# - **Fresh examples** are drawn like the others. In the official code they are uniform on [0, 1); chance stays chance.
# - **Error bars.** The published figure 6 shows standard deviations, under a variable named for standard errors. We show every replicate.
# - **Teachers** train for 2,000 steps throughout at the paper's scale, as in the official drivers; the plot of figure 6 asks for teachers of 1,000.
# - **Shuffled and plain** students share data, teacher and initialisation here; the official driver draws all anew. Replicates are paired the same way across ρ and the student's width.
# - **Widths.** The driver of the slice at ρ = 0.45 has students of 200 and 400 hidden units and the plot asks for 400, 500 and 600; at paper scale we run all four.
# - **Parts.** As in the official code, a student gets the integer part of ρk examples of each class. At the quick scale classes have few examples, so ρ takes few different values; a ρ that leaves a class without an example is refused.
# - **Phases.** The rule is the official code's. It calls the second and third phase perfect and imperfect memorisation.
# - **Few examples.** At the quick scale c = 100, d = 60, 60 hidden units and five examples per class stand for the workshop's c = 300, d = 900, 500 and ten.
# - **Size.** At the quick scale d = 64, c = 32 and 32 hidden units in place of 1000, 100 and 500; teachers take 1,500 steps at 0.003, students 2,000 at 0.002 (over time: 4,000 at 0.001). With larger steps, students that have recovered the teacher leave the solution for a while and come back, so that the last step shows one or the other by chance.
# :::
#
# ## Verdicts

# %% tags=["hide-input"]
everything = [rows, paths, widths, by_class, fresh, paper, paper_paths, paper_widths, paper_by_class, paper_fresh]
claims.table("memorized/random_networks", everything)

# %% tags=["hide-input"]
leaking = read.shown(largest, "leaking")
student = "With few examples, a network with one hidden layer that is trained on its teacher's soft labels"
fits = claims.sentence(
    "M27",
    largest,
    f"{student} fits them all and also predicts random labels that only its teacher saw",
    f"{student} does not both fit them all and predict random labels that only its teacher saw",
    f"These rows do not decide whether {student[0].lower()}{student[1:]} fits them all and predicts random labels that only its teacher saw",
)
switches = claims.sentence(
    "M29",
    largest,
    "With more examples than it can fit one by one, it switches to its teacher's function",
    "With more examples, it does not switch abruptly to its teacher's function",
    "Whether it switches abruptly to its teacher's function with more examples, these rows do not decide",
)
text = (
    "## Answer\n\n"
    f"{fits}: shown {leaking.rho.iloc[0]:.0%} of the labels, it gets {leaking.held_out_accuracy.mean():.0%} of the others right, where chance is {1 / leaking.c.iloc[0]:.0%} ({largest.attrs['scale']} scale, {leaking.seed.nunique()} replicates). "
    f"{switches}: shown {after:.0%} of the labels instead of {before:.0%}, it gets {many[after]:.0%} of the others right instead of {many[before]:.0%}."
)
switched = mixed.ge(0.5)
either = [f"{rho:.0%}" for rho in mixed.index if 0 < switched.loc[rho].sum() < mixed.loc[rho].notna().sum()]
if either:
    text += f" At the border, shown {' and '.join(either)}, some replicates have switched and others have not."
plots.answer(text)

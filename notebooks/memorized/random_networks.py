# %% [markdown]
# # The phases of a nonlinear student
#
# **Question.** A linear student with enough soft labels has no choice: it becomes its teacher. A network with a hidden layer can fit the same labels in many ways. When does it only store them, when does it also get some labels right that it never saw, and when does it *become* its teacher?
#
# This page computes figures 5 and 6 of [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457) again, and the panels of its appendix about losses, shuffled labels, classes and widths. Teacher and student are networks with one hidden layer of ReLUs. The teacher memorises $n = ck$ random labels, $k$ examples of each of $c$ classes in $d$ dimensions. The student trains on the teacher's soft labels of a share $\rho$ of these examples, its *own part*; the others are *held out*.

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
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
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
    print(f"ρ = {rho}: right on {right[:m].mean():4.0%} of its own labels, on {right[m:].mean():4.0%} of the held-out")

# %% [markdown]
# The labels are random, so no label says anything about another. Whatever a student knows of held-out labels, it has from its teacher. Two different things can happen:
#
# - **Leaking.** The student learns *some* function that fits the soft labels of its part. This function resembles the teacher more than chance would, so it is right on some held-out examples. The more examples there are, the *harder* it is to store them all.
# - **Taking over the teacher.** The student can no longer store the soft labels of its part one by one, and learns the one function that fits them all: the teacher's, and with it every held-out label.
#
# ## Figure 5: the phases
#
# The same experiment for many sample sizes and shares, with three replicates each; then what the four students at the marked points do over time.

# %%
rows = live(RANDOM_NETWORKS, scale, device)
paths = live(RANDOM_NETWORK_CURVES, scale, device)
paper, paper_paths = stored(RANDOM_NETWORKS), stored(RANDOM_NETWORK_CURVES)

# %% tags=["hide-input"]
PHASES = {  # the phases of `read.phase_map` in its order, and our names for them
    "takes over the teacher": "#2fa176",
    "stores all its labels, leaks": "#5fa8dc",
    "stores them in part, leaks": "#c3dcf0",
    "teacher fails, student copies": "#f2bd6b",
    "teacher fails, student stores in part": "#c0654f",
}
PANELS = {
    "phase": "A  phases",
    "teacher_accuracy": "B.1  teacher",
    "student_train_accuracy": "B.2  student, own part",
    "held_out_accuracy": "B.3  student, held out",
    "agreement": "student = teacher, held out",
}


def draw_phases(cells, marked):
    """Five maps over n/d and ρ: the phases, with rings at the marked points, three accuracies and the agreement."""
    fig, axes = plt.subplots(2, 3, figsize=(11.6, 6.6))
    of_phases = {"cmap": ListedColormap(list(PHASES.values())), "vmin": -0.5, "vmax": 4.5}
    for ax, (column, title) in zip(axes.flat, PANELS.items(), strict=False):
        table = cells[column].unstack()
        colours = of_phases if column == "phase" else {"cmap": "viridis", "vmin": 0, "vmax": 1}
        mesh = ax.pcolormesh(table, edgecolors="white", linewidth=0.5, **colours)
        at = np.arange(0, len(table.columns), max(1, len(table.columns) // 8))
        ax.set_xticks(at + 0.5, [f"{table.columns[i]:.3g}" for i in at], fontsize=9)
        ax.set_yticks(np.arange(len(table)) + 0.5, [f"{rho:g}" for rho in table.index], fontsize=9)
        ax.tick_params(length=0)
        ax.set(title=title, xlabel="n/d", ylabel="ρ")
        for (i, j), value in np.ndenumerate(table.to_numpy()) if column != "phase" and table.size <= 60 else ():
            text = f"{value:.2f}".removeprefix("0") if np.isfinite(value) else ""
            colour = "white" if value < 0.6 else "0.1"
            ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=8, color=colour)
    for number, (x, y) in enumerate(marked, 1):
        place = np.abs(table.columns - x).argmin() + 0.5, np.abs(table.index - y).argmin() + 0.5
        axes[0, 0].scatter(*place, s=190, facecolors="white", edgecolors="0.1", linewidths=1.2, alpha=0.9)
        axes[0, 0].text(*place, str(number), ha="center", va="center", fontsize=9)
    axes[1, 2].axis("off")
    patches = [Patch(color=colour, label=text) for text, colour in PHASES.items()]
    axes[1, 2].legend(handles=patches, loc="upper left", fontsize=10, borderaxespad=0)
    fig.colorbar(mesh, ax=axes[1, 2], location="bottom", label="accuracy; agreement", shrink=0.9)
    return fig


# %% tags=["hide-input", "thumbnail"]
for name, table, over_time in (("phases-paper", paper, paper_paths), ("phases", rows, paths)):
    if table is None or over_time is None:
        plots.missing(RANDOM_NETWORKS, "so this page shows figure 5 at the size of a laptop only")
        continue
    cells, one = read.phase_map(table), read.shown(table, "map").iloc[0]
    taken, close = read.labels_to_take_over(cells), read.just_under(cells)
    region, where = "No student of this grid takes over its teacher.", ""
    if len(taken):
        region = "Between students that store their labels and teachers that fail lies a region where the student is its teacher."
        where = f"Where a student takes over its teacher, it needs {taken.min():.1f} to {taken.max():.1f} soft labels a dimension (ρn/d)."
    if len(close):
        near = ", ".join(f"{value:.3f} at n/d = {x:g}, ρ = {rho:g}" for (rho, x), value in close.items())
        where += f" Just under the level: {near}."
    shares = cells.phase.value_counts(normalize=True).reindex(range(5), fill_value=0.0)
    named = ", ".join(f"{text} {share:.0%}" for text, share in zip(PHASES, shares, strict=True))
    rhos, ratios = cells.index.levels
    marked = sorted(set(zip(over_time.c * over_time.per_class / over_time.d, over_time.rho, strict=True)))
    plots.show(
        draw_phases(cells, marked),
        name=name,
        caption=f"**{region}** A: phases by the paper's rule on means, at level {points.LEVEL}; B: the accuracies behind it, and the share of held-out examples on which student and teacher agree. {where} Rings: the four students of the next figure. d = {one.d}, c = {one.c}, {one.hidden} hidden units, τ = {one.tau:g}; blank where a class would have no example.",
        alt=f"Five maps over n/d from {ratios[0]:g} to {ratios[-1]:g} and ρ from {rhos[0]:g} to {rhos[-1]:g}. Share of cells: {named}. {region} {where} Held-out accuracy is {cells.held_out_accuracy.min():.2f} at least and {cells.held_out_accuracy.max():.2f} at most.",
        rows=[table],
    )

# %% tags=["hide-input"]
plots.answer(
    claims.sentence(
        "M29",
        table,
        "Read the map from bottom to top along a column of many examples. As its share grows, the student switches abruptly to the teacher's function: its own part and the rest are suddenly right.",
        "As the student's share grows, held-out accuracy rises without the abrupt switch that the paper describes.",
        "Whether the student switches abruptly to the teacher's function as its share grows, these rows do not decide.",
    )
)

# %% [markdown]
# How many soft labels should it take? The teacher has $h(d + c + 1) + c$ weights and a soft label is $c - 1$ numbers.

# %% tags=["hide-input"]
weights = one.hidden * (one.d + one.c + 1) + one.c
counted = weights / (one.c - 1) / one.d  # soft labels a dimension that make as many equations as weights
measured = "No student of this grid takes over its teacher."
if len(taken):
    measured = f"Students take over with {taken.min():.1f} to {taken.max():.1f}."
    if taken.min() > 1.5 * counted:
        measured += " So counting equations does not explain the border: it is where *training* finds the teacher."
plots.answer(
    f"With d = {one.d}, c = {one.c} and {one.hidden} hidden units, {weights:,.0f} weights against {one.c - 1} numbers a label make {counted:.1f} labels a dimension. {measured}"
)

# %% [markdown]
# ### Over time
#
# The four marked students while they train, against epochs (with a full batch, an epoch is one step of Adam).

# %%
OWN = {"color": plots.ROLE["train"], "linestyle": "--", "label": "student, own part"}
HELD_OUT = {"color": plots.ROLE["held_out"], "label": "student, held out"}


def draw_over_time(paths):
    """Accuracy against epochs, a panel a sample size."""
    sizes = sorted(paths.per_class.unique())
    fig, axes = plt.subplots(1, len(sizes), figsize=(11.6, 3.6), sharey=True)
    for number, (ax, size) in enumerate(zip(axes, sizes, strict=True), 1):
        these = {"per_class": size, "shuffled": False}
        plots.with_replicates(ax, points.learning(paths, "student_train_accuracy", **these), **OWN)
        plots.with_replicates(ax, points.learning(paths, "held_out_accuracy", **these), **HELD_OUT)
        teacher, fresh = (points.average(paths, f"{who}_accuracy", **these)[""].mean() for who in ("teacher", "fresh"))
        ax.axhline(teacher, color=plots.ROLE["teacher"], linestyle=":", linewidth=1.4, label="teacher")
        ax.axhline(fresh, color=plots.ROLE["fresh"], linewidth=1.2, label="student, fresh")
        ax.set(title=f"C.{number}  n = {size * paths.c.iloc[0]:,}", xlabel="epoch", ylim=(-0.02, 1.04))
    axes[0].set_ylabel("accuracy")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=10)
    return fig


# %% tags=["hide-input"]
for name, table in (("phases-over-time-paper", paper_paths), ("phases-over-time", paths)):
    if table is None:
        continue
    ends, course, faded = [], [], ""
    for size in sorted(table.per_class.unique()):
        these = {"per_class": size, "shuffled": False}
        own, held_out = (points.learning(table, f"{part}_accuracy", **these) for part in ("student_train", "held_out"))
        end = {
            part: points.average(table, f"{part}_accuracy", **these)[""].mean()
            for part in ("student_train", "held_out", "teacher")
        }
        best, most = held_out.mean().idxmax(), held_out.mean().max()
        apart = (own - held_out).mean().idxmax()
        if not ends and most > end["held_out"] + 0.02:
            faded = f" With fewest examples the leak is largest early, {most:.2f} at epoch {best:,}: as the student stores more, it gets fewer held-out labels right."
        ends.append(
            f"n = {size * table.c.iloc[0]:,}: own part {end['student_train']:.2f}, held out {end['held_out']:.2f}, teacher {end['teacher']:.2f}"
        )
        course.append(
            f"{ends[-1]}; held out at most {most:.2f}, at epoch {best:,}; farthest apart at epoch {apart:,} ({own.mean()[apart]:.2f} and {held_out.mean()[apart]:.2f})"
        )
    in_time = claims.sentence(
        "M30",
        table,
        "First stored, then understood: at the third point the student begins with its own part, then both parts rise to 1.",
        "At the third point, storing does not clearly come before understanding.",
        "Whether storing comes before understanding at the third point, these rows do not decide.",
    )
    plots.show(
        draw_over_time(table),
        name=name,
        caption=f"**{in_time}** Accuracy over training at ρ = {table.rho.iloc[0]}, a thin line a replicate. At the end: {'; '.join(ends)}.{faded}",
        alt=f"{len(course)} panels of accuracy against epochs. {'. '.join(course)}.",
        rows=[table],
    )

# %% [markdown]
# ## Figure 14: losses, and labels shuffled within each class
#
# How far is the loss above its minimum, the entropy of the labels? That is the divergence $\mathrm{KL}(\text{label}\,\|\,\text{student})$, shown on the student's part and on held-out examples. Below is a control: soft labels shuffled within each class. A shuffled label still has the right top class and the right temperature, but it belongs to another example. What a student can store of *these* labels measures its memory: its own labels follow from no function that it could find.


# %% tags=["hide-input"]
def draw_losses(paths):
    """Divergences against epochs above; below, accuracies of students of plain and of shuffled labels."""
    sizes = sorted(paths.per_class.unique())
    fig, axes = plt.subplots(2, len(sizes), figsize=(11.6, 6.2), sharey="row", sharex=True)
    control = {"color": plots.ROLE["shuffled"]}
    stored_, leaked = control | {"linestyle": "--"}, control | {"linestyle": ":"}
    for (above, below), size in zip(axes.T, sizes, strict=True):
        plain, shuffled = ({"per_class": size, "shuffled": kind} for kind in (False, True))
        for metric, style in (("train_kl", OWN), ("held_out_kl", HELD_OUT)):
            plots.with_replicates(above, points.learning(paths, metric, **plain).clip(lower=1e-9), **style)
        for metric, which, style in (
            ("student_train_accuracy", plain, OWN),
            ("student_train_accuracy", shuffled, stored_ | {"label": "shuffled labels, own part"}),
            ("held_out_accuracy", shuffled, leaked | {"label": "shuffled labels, held out"}),
        ):
            plots.with_replicates(below, points.learning(paths, metric, **which), **style)
        above.set(title=f"n = {size * paths.c.iloc[0]:,}", yscale="log")
        below.set(xlabel="epoch", ylim=(-0.02, 1.04))
    axes[0, 0].set_ylabel("divergence from the labels, nats")
    axes[1, 0].set_ylabel("accuracy")
    handles = {label: line for ax in axes[:, 0] for line, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    fig.legend(handles.values(), handles, loc="outside lower center", ncols=4, fontsize=10)
    return fig


for name, table in (("phases-losses-paper", paper_paths), ("phases-losses", paths)):
    if table is None:
        continue
    course, divergence, chance = [], [], 1 / table.c.iloc[0]
    own = points.along(table, "student_train_accuracy", "per_class", shuffled=True).mean()
    held_out = points.along(table, "held_out_accuracy", "per_class", shuffled=True).mean()
    for size in own.index:
        left = [
            points.learning(table, metric, per_class=size, shuffled=False).iloc[:, -1].mean()
            for metric in ("train_kl", "held_out_kl")
        ]
        divergence.append(f"{left[0]:.1g} and {left[1]:.1g} at n = {size * table.c.iloc[0]:,}")
        course.append(
            f"n = {size * table.c.iloc[0]:,}: divergence {left[0]:.1g} and {left[1]:.1g} nats, shuffled own part {own[size]:.2f} and held out {held_out[size]:.3f}"
        )
    right = read.times_chance(table, "held_out_accuracy", shuffled=True)[""].mean() * chance
    removes = claims.sentence(
        "M32",
        table,
        "Shuffled within classes, soft labels leak next to nothing.",
        "Shuffled within classes, soft labels leak all the same.",
        "Whether soft labels that are shuffled within classes leak, these rows do not decide.",
    )
    plots.show(
        draw_losses(table),
        name=name,
        caption=f"**{removes}** Above: divergence between student and soft labels; about 1e-9 is the floor of single precision. At the end it is, on the own part and on held-out examples, {'; '.join(divergence)} nats. Below: students of shuffled labels store {', '.join(f'{value:.2f}' for value in own)} of their own part as n grows, and are right on {right:.3f} of the held-out examples; a guess is right on {chance:.3f}.",
        alt=f"Two rows of {len(course)} panels against epochs. {'. '.join(course)}.",
        rows=[table],
    )

# %% [markdown]
# ## Figure 6: the share, and the student's width
#
# Two slices of the map against the share $\rho$, one with few examples and one with many; and students that are narrower or wider than their teacher. For a leak without a takeover we use the authors' own setting of many classes: $c = 100$ in $d = 60$ dimensions, five examples a class.

# %%
widths = live(STUDENT_WIDTHS, scale, device)
paper_widths = stored(STUDENT_WIDTHS)
LINES = {  # metric -> colour, line and name, as in the paper's legend
    "held_out_accuracy": ("held_out", "-", "student, held out"),
    "student_train_accuracy": ("train", "--", "student, own part"),
    "fresh_accuracy": ("fresh", "-", "student, fresh"),
    "teacher_accuracy": ("teacher", ":", "teacher"),
}


def draw_shares(rows, widths):
    """Accuracy against ρ with few and with many examples, a dot a replicate; and by the student's width."""
    fig, axes = plt.subplots(1, 3, figsize=(11.6, 4), sharey=True)
    for ax, head, which in zip(axes, "AB", ("few examples", "many examples"), strict=False):
        runs = read.shown(rows, which)
        for metric, (role, line, label) in LINES.items():
            values, colour = points.along(runs, metric, "rho"), plots.ROLE[role]
            ax.plot(values.mean(), marker="o", markersize=4, color=colour, linestyle=line, label=label)
            ax.plot(values.columns, values.T, ".", markersize=5, color=colour, alpha=0.4)
        one = runs.iloc[0]
        ax.set(title=f"{head}  n = {one.c * one.per_class:,}, c = {one.c}, d = {one.d}", xlabel="ρ", ylim=(-0.02, 1.04))
    runs = read.shown(widths, "widths")
    shades = plt.get_cmap("Oranges")(np.linspace(0.3, 1, runs.student_hidden.nunique()))
    for colour, (width, part) in zip(shades, runs.groupby("student_hidden"), strict=True):
        values = points.along(part, "held_out_accuracy", "rho")
        axes[2].plot(values.mean(), marker="o", markersize=4, color=colour, label=f"{width}")
    axes[2].plot(points.along(runs, "fresh_accuracy", "rho").mean(), color=plots.ROLE["fresh"], linewidth=1.2)
    axes[2].set(title=f"C  student's width (teacher {runs.hidden.iloc[0]})", xlabel="ρ")
    axes[2].legend(title="hidden units", fontsize=9, ncols=2, loc="upper left")
    axes[0].set_ylabel("accuracy")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=10)
    return fig


# %% tags=["hide-input"]
for name, table, by_width in (("phases-shares-paper", paper, paper_widths), ("phases-shares", rows, widths)):
    if table is None or by_width is None:
        plots.missing(STUDENT_WIDTHS, "so this page shows the widths of figures 6 and 15 at the size of a laptop only")
        continue
    few, many = (
        points.along(read.shown(table, which), "held_out_accuracy", "rho").mean()
        for which in ("few examples", "many examples")
    )
    before = many.index.get_loc(read.steepest_rise(many)[0])
    few, steepest, many = (
        ", ".join(f"{value:.2f} at ρ = {rho:g}" for rho, value in curve.items())
        for curve in (few, many.iloc[max(0, before - 1) : before + 3], many)
    )
    runs = read.shown(by_width, "widths")
    said = ", ".join(
        f"{points.along(part, 'held_out_accuracy', 'rho').mean().iloc[-1]:.2f} with {width} hidden units ({points.average(part, 'student_train_accuracy')[''].mean():.2f})"
        for width, part in runs.groupby("student_hidden")
    )
    grows = claims.sentence(
        "M33",
        table,
        "With few examples the leak grows with the share",
        "With few examples the leak does not grow with the share",
        "Whether the leak grows with the share of few examples is not decided by these rows",
    )
    switches = claims.sentence(
        "M29",
        table,
        "with many it is all or nothing",
        "with many there is no abrupt switch",
        "whether there is an abrupt switch with many is not decided by these rows",
    )
    plots.show(
        draw_shares(table, by_width),
        name=name,
        caption=f"**{grows}; {switches}.** Dots are replicates. Held-out accuracy: A, {few}; B, around its steepest rise, {steepest}. C: held-out accuracy by the student's width, at ρ = {runs.rho.max():g}: {said}; in brackets its accuracy on its own part, mean over ρ.",
        alt=f"Three panels of accuracy against ρ. Held-out accuracy with few examples: {few}. With many: {many}. By the student's width at the largest ρ, own part in brackets: {said}.",
        rows=[table, by_width],
    )

# %% [markdown]
# ## Figure 15: classes and widths
#
# The slice at $\rho = 0.45$ for other numbers of classes, for students narrower or wider than their teacher, and for teacher and student of equal width.

# %%
by_class = live(NETWORK_CLASSES, scale, device)
paper_by_class = stored(NETWORK_CLASSES)
AXES = {"classes c": "n/d", "student's width": "n/(dc)", "equal widths": "n/(dch)"}


def draw_sizes(panels, reach):
    """Own part dashed, held out solid, the teacher dotted; a colour a class count or width."""
    fig, axes = plt.subplots(1, 3, figsize=(11.6, 4), sharey=True)
    for ax, (title, runs) in zip(axes, panels.items(), strict=True):
        colours = plt.get_cmap("viridis")(np.linspace(0, 0.85, runs.value.nunique()))
        for colour, (value, part) in zip(colours, runs.groupby("value"), strict=True):
            held_out, own, teacher = (
                points.along(part, f"{who}_accuracy", "x").mean() for who in ("held_out", "student_train", "teacher")
            )
            ax.plot(held_out, marker="o", markersize=4, color=colour, label=f"{value}")
            ax.plot(own, linestyle="--", color=colour)
            ax.plot(teacher, linestyle=":", color="0.6", linewidth=1.2)
        ax.set(title=title, xlabel=AXES[title], ylim=(-0.02, 1.04))
        ax.legend(fontsize=9, loc="best")
    axes[0].set_ylabel("accuracy")
    axes[2].set_xlim(right=reach)
    lines = {"student, held out": "-", "student, own part": "--", "teacher": ":"}
    handles = [plt.Line2D([], [], color="0.35", linestyle=line, label=text) for text, line in lines.items()]
    fig.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=10)
    return fig


# %% tags=["hide-input"]
for name, tables, reach in (  # the paper cuts the axis of equal widths at 0.0075
    ("phases-other-sizes-paper", (paper, paper_widths, paper_by_class), 0.0075),
    ("phases-other-sizes", (rows, widths, by_class), None),
):
    if any(table is None for table in tables):
        plots.missing(NETWORK_CLASSES, "so this page shows figure 15 at the size of a laptop only")
        continue
    panels, best, takes_over = read.other_sizes(*tables), [], []
    for title, runs in panels.items():
        for value, part in runs.groupby("value"):
            mean = points.along(part, "held_out_accuracy", "x").mean()
            best.append(f"{title} {value}: at most {mean.max():.2f}, at {AXES[title]} = {mean.idxmax():.3g}")
            takes_over.append(mean.max() >= 0.9)
    depends = "No kind of student shown here comes to be right on nine tenths of the held-out examples."
    if all(takes_over):
        depends = (
            "At some size every kind of student shown here comes to be right on nine tenths of the held-out examples."
        )
    elif any(takes_over):
        depends = (
            "Whether a student comes to be right on nine tenths of the held-out examples depends on classes and widths."
        )
    plots.show(
        draw_sizes(panels, reach),
        name=name,
        caption=f"**{depends}** ρ = {read.shown(tables[0], 'one share').rho.iloc[0]}. Held-out accuracy, {'; '.join(best)}.",
        alt=f"Three panels of accuracy against sample size. Held-out accuracy, {'; '.join(best)}.",
        rows=[tables[2], tables[1]],
    )

# %% [markdown]
# ## What if the student's inputs are not the teacher's?
#
# A reviewer of the paper asked this. Here the student never sees an input that the teacher was trained on. Its inputs are drawn anew, the teacher labels them, and the student is evaluated on *everything* that the teacher memorised. There may now be more inputs than the teacher ever had.

# %%
fresh = live(FRESH_INPUTS, scale, device)
paper_fresh = stored(FRESH_INPUTS)
INPUTS = {"teacher's": ("a part of the teacher’s", "--", "s"), "fresh": ("inputs of its own", "-", "o")}


def draw_fresh(both):
    """Held-out accuracy against soft labels a dimension, by sample size and the student's inputs."""
    fig, ax = plt.subplots(figsize=(8.2, 4.3))
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.8, both.per_class.nunique()))
    for colour, (size, runs) in zip(colours, both.groupby("per_class"), strict=True):
        for inputs, (text, line, marker) in INPUTS.items():
            values = points.along(runs, "held_out_accuracy", "labels", inputs=inputs)
            label = f"n = {size * runs.c.iloc[0]:,}, {text}"
            ax.plot(values.mean(), color=colour, linestyle=line, marker=marker, markersize=4, label=label)
            ax.plot(values.columns, values.T, ".", markersize=5, color=colour, alpha=0.4)
    ax.axhline(1 / both.c.iloc[0], color="0.4", linewidth=1, linestyle=":")
    ax.set(xlabel="soft labels a dimension, $\\rho n/d$", ylabel="held-out accuracy", ylim=(-0.02, 1.04))
    ax.legend(fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return fig


# %% tags=["hide-input"]
for name, table, own in (("phases-fresh-inputs-paper", paper, paper_fresh), ("phases-fresh-inputs", rows, fresh)):
    if table is None or own is None:
        plots.missing(FRESH_INPUTS, "so this page shows this figure at the size of a laptop only")
        continue
    both, said, fewest = read.beside_fresh_inputs(table, own), [], {"teacher's": [], "fresh": []}
    for size, runs in both.groupby("per_class"):
        for inputs, text in (("teacher's", "a part"), ("fresh", "fresh inputs")):
            passed = points.first(points.along(runs, "held_out_accuracy", "labels", inputs=inputs).mean(), 0.9)
            fewest[inputs].append(passed)
            from_ = f"from {passed:.3g} on" if np.isfinite(passed) else "nowhere"
            said.append(f"n = {size * runs.c.iloc[0]:,}, {text}: {from_}")
    without_inputs = (
        "On this grid, students that see none of the teacher's inputs do not take over what it has memorised."
    )
    if np.isfinite(fewest["fresh"]).any():
        without_inputs = "A student can take over what its teacher has memorised without one of its inputs."
    plots.show(
        draw_fresh(both),
        name=name,
        caption=f"**{without_inputs}** Accuracy on everything that the teacher memorised, for students of fresh inputs (solid), beside held-out accuracy of students of a part of the teacher's inputs (dashed). It passes 0.9, in soft labels a dimension: {'; '.join(said)}. Dotted: a guess.",
        alt=f"Held-out accuracy against soft labels a dimension for {both.per_class.nunique()} sample sizes. It passes 0.9, in soft labels a dimension: {'; '.join(said)}.",
        rows=[own],
    )

# %% tags=["hide-input"]
with_own, with_fresh = (min(fewest[inputs]) for inputs in INPUTS)  # soft labels a dimension, over all n
not_its_inputs = "On this grid, inputs of one's own do not give away what the teacher has memorised."
if np.isfinite(with_fresh):
    suffice = f"{with_own:.3g}" if np.isfinite(with_own) else "more than were tried"
    not_its_inputs = f"What leaks is the teacher's function, not its training set: whoever can query a network that has memorised data, on *any* inputs, can take over what it has memorised without knowing a single example. The fewest soft labels a dimension that suffice are {with_fresh:.3g}; on the teacher's own inputs, {suffice}."
plots.answer(not_its_inputs)

# %% [markdown]
# ## The paper's numbers beside ours
#
# The paper prints no number of figures 5 and 6, and their rows are not released. What survives is a workshop version by the same authors with two curves over $\rho$, which we read off to about 0.01: $d = 900$, $c = 100$, $n = 100{,}000$, 500 hidden units, students trained for 2,000 epochs at a learning rate of 0.001; and, for few examples, $c = 300$, $n = 3{,}000$.
#
# In words, the paper's figure 5 shows a green band of students that generalise the teacher. To its left students store their labels, perfectly or imperfectly; to its right teachers fail. Figure 6: at $n = 25{,}000$ accuracy on the own part is 1 throughout and held-out accuracy grows smoothly with $\rho$; at $n = 100{,}000$ accuracy on the own part sinks, then both jump to 1.

# %% tags=["hide-input"]
WORKSHOP = pd.DataFrame(  # read off the plots of the authors' workshop notebook
    {
        "own part, workshop": [1.00, 0.82, 0.54, 0.395, 0.31, 1, 1, 1, 1, 1],
        "held out, workshop": [0.017, 0.02, 0.024, 0.028, 0.035, 1, 1, 1, 1, 1],
    },
    index=pd.Index([0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95], name="ρ"),
)
largest = rows if paper is None else paper
many_rows, few_rows = read.shown(largest, "many examples"), read.shown(largest, "few examples")
many = points.along(many_rows, "held_out_accuracy", "rho").mean()
few = points.along(few_rows, "held_out_accuracy", "rho").mean()
own = points.along(many_rows, "student_train_accuracy", "rho").mean()
beside = WORKSHOP.assign(**{"own part, ours": own, "held out, ours": many})
beside[sorted(beside, reverse=True)].round(3).astype(object).where(beside.notna(), "–")

# %% tags=["hide-input"]
said = ", ".join(f"{value:.2f} at ρ = {rho:g}" for rho, value in few.items())
guess = 1 / few_rows.c.iloc[0]
plots.answer(
    f"With few examples and many classes the workshop version has held-out accuracies of 0.01, 0.08, 0.31, 0.52 and 0.76 at ρ = 0.05, 0.25, 0.45, 0.65 and 0.95, where a guess is right for 0.003; ours are {said}, where a guess is right for {guess:.3g}."
)

# %% [markdown]
# ## On the border the replicate may decide
#
# At the border of the green region students with equal settings may end on either side. Their mean is then a number that none of them has. Where a criterion names such a point, its interval is as wide as the gap. The shares at which some replicates switch and others do not, with their neighbours (no line: there is none):

# %%
mixed = read.undecided(largest)
mixed.round(2).astype(object).where(mixed.notna(), "–").rename_axis(index="ρ", columns="replicate")

# %% [markdown]
# ## Where we depart, and why
#
# - **Axis.** The paper calls the axis of figure 5 α. It is $n/d$, not the $n/(dc)$ of the figures before. We write $n/d$.
# - **Time.** The published x axis of panels C counts the history points that the authors' logging service returned, about 40 epochs each. Ours counts epochs.
# - **Loss.** The paper draws cross-entropy. At τ = 20 that is almost all the entropy of the labels; we draw what is above it.
# - **Fresh examples** are drawn like the others. In the official code they are uniform on [0, 1); chance stays chance.
# - **Error bars.** The published figure 6 shows standard deviations, under a variable named for standard errors. We show every replicate.
# - **Teachers** train for 2,000 steps throughout at the paper's scale, as in the official drivers; the plot of figure 6 asks for teachers of 1,000.
# - **Shuffled and plain** students share data, teacher and initialisation here; the official driver draws all anew. Replicates are paired the same way across ρ and the student's width.
# - **Widths.** The driver of the slice at ρ = 0.45 has students of 200 and 400 hidden units and the plot asks for 400, 500 and 600; at paper scale we run all four.
# - **Parts.** As in the official code, a student gets the integer part of ρk examples of each class. At the quick scale classes have few examples, so ρ takes few different values; a ρ that leaves a class without an example is refused.
# - **Size.** At the quick scale d = 64, c = 32 and 32 hidden units in place of 1000, 100 and 500; teachers take 1,500 steps at 0.003, students 2,000 at 0.002 (over time: 4,000 at 0.001). With larger steps, students that have taken over leave the solution for a while and come back, so that luck decides what the last step shows.
#
# ## Verdicts

# %%
everything = [rows, paths, widths, by_class, fresh, paper, paper_paths, paper_widths, paper_by_class, paper_fresh]
claims.table("memorized/random_networks", everything)

# %% tags=["hide-input"]
before, after = read.steepest_rise(many)
taken = read.labels_to_take_over(read.phase_map(largest))
stores = claims.sentence(
    "M27",
    largest,
    "With few examples a student stores all its soft labels and leaks",
    "With few examples a student does not both store all its soft labels and leak",
    "Whether a student of few examples both stores all its soft labels and leaks is not decided by these rows",
)
grows = claims.sentence(
    "M33",
    largest,
    ", the more the larger its share",
    ", and not the more the larger its share",
    "; whether it leaks more with a larger share is not decided",
)
switches = claims.sentence(
    "M29",
    largest,
    "With more examples than it can store it switches",
    "With more examples it does not switch abruptly",
    "Whether it switches abruptly with more examples is not decided by these rows",
)
then = "No student of this grid agrees with its teacher throughout."
if len(taken):
    then = f"Given {taken.min():.1f} to {taken.max():.1f} soft labels a dimension it is its teacher."
plots.answer(
    "## Answer\n\n"
    f"{stores}{grows}: it gets {few.iloc[0]:.0%} of the held-out labels right at ρ = {few.index[0]:g} and {few.iloc[-1]:.0%} at ρ = {few.index[-1]:g}, where a guess is right for {guess:.0%}. "
    f"{switches}: from ρ = {before:g} to {after:g} held-out accuracy goes from {many[before]:.2f} to {many[after]:.2f}. {then} {not_its_inputs}"
)

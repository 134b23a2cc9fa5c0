# %% [markdown]
# # The phases of a nonlinear student
#
# **Question.** A linear student has no choice: enough soft labels make it its teacher. A network with a hidden layer can learn the same labels in many ways. When does it merely store them, when does something of the labels that it never saw leak through, and when does it *become* its teacher?
#
# This page computes figures 5 and 6 of [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457) again, and the panels of its appendix about losses, shuffled labels, classes and widths. Teacher and student are networks with one hidden layer of ReLUs; the teacher memorises $n = ck$ random labels, $k$ examples of each of $c$ classes in $d$ dimensions; the student gets the soft labels of a share $\rho$ of them.

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
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.labels import harden, soften
from softlabels.models.mlp import logits, start
from softlabels.seeds import torch_stream
from softlabels.store import curves_of, stored
from softlabels.sweep import live
from softlabels.training.two_layer import train

plots.use_house_style()
shorten = 20 if scale == "smoke" else 1  # the smoke scale only checks that everything runs
LEVEL = 0.99  # of the mean accuracy over replicates, where a phase begins

# %% [markdown]
# ## The idea in ten lines
#
# A teacher with 32 hidden units learns 768 random labels of 32 classes by heart. Four students of the same shape, but with starts of their own, learn its soft labels of a share of its examples.

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
# No share of the labels says anything about the others as such, and yet at some share the student knows them all. Between knowing nothing and knowing all lie two different things:
#
# - **Leaking.** The student has found *some* function that gives the soft labels of its part. It resembles the teacher more than chance would have it, so it is right on a few held-out examples. More examples make it *harder* to store them all.
# - **Taking over.** The soft labels of its part can no longer be stored one by one; the only function at hand that gives them all is the teacher's. The student finds it, and with it every held-out label.
#
# ## Figure 5: the phases
#
# The same over sample sizes and shares, three replicates each, and what the four students at the marked points do over time.

# %%
rows = live("memorized/random_networks", scale, device)
paths = live("memorized/random_network_curves", scale, device)
paper, paper_paths = stored("memorized/random_networks"), stored("memorized/random_network_curves")

# %% tags=["hide-input"]
PHASES = {  # the paper's rule for panel A, applied to means over replicates in this order, and our names for it
    "takes over the teacher": "#2fa176",
    "stores all its labels, leaks": "#5fa8dc",
    "stores them in part, leaks": "#c3dcf0",
    "teacher fails, student copies": "#f2bd6b",
    "teacher fails, student stores in part": "#c0654f",
}
MAPS = {
    "B.1  teacher": "teacher_accuracy",
    "B.2  student, own part": "student_train_accuracy",
    "B.3  student, held out": "held_out_accuracy",
    "student = teacher, held out": "agreement",
}
AT = {  # which runs a figure of one scale is about: the phase map's, few and many examples, the widths', and ρ of figure 15
    "smoke": {"map": {"c": 6}, "few": {"per_class": 4}, "many": {"per_class": 8}, "widths": {"hidden": 16}, "rho": 0.5},
    "quick": {
        "map": {"c": 32},
        "few": {"c": 100},
        "many": {"c": 32, "per_class": 32},
        "widths": {"c": 100},
        "rho": 0.45,
    },
    "paper": {
        "map": {"c": 100},
        "few": {"per_class": 250},
        "many": {"per_class": 1000},
        "widths": {"hidden": 500, "per_class": 250},
        "rho": 0.45,
        "reach": 0.0075,  # where the paper cuts the axis of equal widths
    },
}


def pick(rows, **points):
    """The rows at the points; there may be none."""
    for column, value in points.items():
        rows = rows[np.isclose(rows[column], value)]
    return rows


def ratio(rows):
    """n/d, the paper's axis, called α there."""
    return rows.c * rows.per_class / rows.d


def labels_a_dimension(rows):
    """ρn/d, of whole examples a class."""
    return (rows.rho * rows.per_class + 1e-9).astype(int) * rows.c / rows.d


def map_of(rows):
    """Means over replicates by (ρ, n/d): the shares that the whole map has."""
    rows = rows.assign(ratio=ratio(rows), labels=labels_a_dimension(rows))
    rows = pick(rows, **AT[rows.attrs["scale"]]["map"])
    sizes = rows.groupby("rho").ratio.nunique()
    rows = rows[rows.rho.isin(sizes.index[sizes > 1])]
    return rows.groupby(["rho", "ratio"])[["labels", *MAPS.values()]].mean()


def phases(cells):
    """Which phase (0–4) each cell is in."""
    fits, held_out = cells.teacher_accuracy >= LEVEL, cells.held_out_accuracy
    stores = cells.student_train_accuracy >= LEVEL
    return np.select([fits & stores & (held_out >= LEVEL), fits & stores, fits, held_out > 0.1], range(4), 4)


def draw_cells(ax, table, points, **style):
    """A table as cells of one size, its axes named by their values; white rings at the marked points."""
    mesh = ax.pcolormesh(table, edgecolors="white", linewidth=0.5, **style)
    every = max(1, len(table.columns) // 8)
    at = np.arange(0, len(table.columns), every)
    ax.set_xticks(at + 0.5, [f"{table.columns[i]:.3g}" for i in at], fontsize=9)
    ax.set_yticks(np.arange(len(table)) + 0.5, [f"{rho:g}" for rho in table.index], fontsize=9)
    ax.tick_params(length=0)
    for number, (x, y) in enumerate(points, 1):
        place = np.abs(table.columns - x).argmin() + 0.5, np.abs(table.index - y).argmin() + 0.5
        ax.scatter(*place, s=190, facecolors="white", edgecolors="0.1", linewidths=1.2, alpha=0.9)
        ax.text(*place, str(number), ha="center", va="center", fontsize=9)
    return mesh


def phase_figure(rows, paths, name):
    """Panels A and B, the student's agreement with its teacher, and where the student takes over."""
    cells = map_of(rows)
    marked = sorted({(x, y) for x, y in zip(ratio(paths), paths.rho, strict=True)})
    table = cells.assign(phase=phases(cells)).phase.unstack()
    fig, axes = plt.subplots(2, 3, figsize=(11.6, 6.6))
    panels = [axes[0, 1], axes[0, 2], axes[1, 0], axes[1, 1]]
    draw_cells(axes[0, 0], table, marked, cmap=ListedColormap(list(PHASES.values())), vmin=-0.5, vmax=4.5)
    axes[0, 0].set_title("A  phases")
    for ax, (title, metric) in zip(panels, MAPS.items(), strict=True):
        values = cells[metric].unstack()
        mesh = draw_cells(ax, values, (), cmap="viridis", vmin=0, vmax=1)
        ax.set_title(title)
        if values.size <= 60:
            for (i, j), value in np.ndenumerate(values.to_numpy()):
                colour = "white" if value < 0.6 else "0.1"
                text = f"{value:.2f}".removeprefix("0") if np.isfinite(value) else ""
                ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=8, color=colour)
    for ax in axes.flat:
        ax.set(xlabel="n/d", ylabel="ρ")
    axes[1, 2].axis("off")
    patches = [Patch(color=colour, label=text) for text, colour in PHASES.items()]
    axes[1, 2].legend(handles=patches, loc="upper left", fontsize=10, borderaxespad=0)
    fig.colorbar(mesh, ax=axes[1, 2], location="bottom", label="accuracy; agreement", shrink=0.9)

    shown = cells[phases(cells) == 0].groupby("ratio").labels.min()
    shares = pd.Series(phases(cells)).value_counts(normalize=True).reindex(range(5), fill_value=0.0)
    named = ", ".join(f"{text} {share:.0%}" for text, share in zip(PHASES, shares, strict=True))
    where = (
        f"Where the teacher is taken over at all, it takes {shown.min():.1f} to {shown.max():.1f} soft labels a dimension (ρn/d)."
        if len(shown)
        else "No student of this grid takes over its teacher."
    )
    close = cells.held_out_accuracy[(phases(cells) == 1) & (cells.held_out_accuracy >= 0.9)]
    if len(close):
        where += " Just under the level: " + ", ".join(
            f"{value:.3f} at n/d = {x:g}, ρ = {rho:g}" for (rho, x), value in close.items()
        )
        where += "."
    one = pick(rows, **AT[rows.attrs["scale"]]["map"]).iloc[0]
    plots.show(
        fig,
        name=name,
        caption=f"**Between storing and failing lies a region where the student is its teacher.** A: phases by the paper's rule on means at level {LEVEL}; B: the accuracies behind it, and the share of held-out examples on which student and teacher agree. {where} Rings: the four students of the next figure. d = {one.d}, c = {one.c}, {one.hidden} hidden units, τ = {one.tau:g}; blank where a class would have no example.",
        alt=f"Five maps over n/d from {table.columns[0]:g} to {table.columns[-1]:g} and ρ from {table.index[0]:g} to {table.index[-1]:g}. Share of cells: {named}. {where} Held-out accuracy is {cells.held_out_accuracy.min():.2f} at least and {cells.held_out_accuracy.max():.2f} at most.",
        rows=[rows],
    )
    return shown


if paper is None or paper_paths is None:
    plots.missing("memorized/random_networks", "so this page shows figure 5 at the size of a laptop only")
else:
    switches_paper = phase_figure(paper, paper_paths, "phases-paper")

# %% tags=["hide-input", "thumbnail"]
switches = phase_figure(rows, paths, "phases")

# %% [markdown]
# Read the map from left to right along a row. Few examples: the student stores them all, and leaks. More: its memory is full, it stores them in part. Still more: suddenly all is right, its own part and the rest. The border of the green region runs down to the right, because what counts is how many soft labels there are, $\rho n$, and not which share of the memory they are. On the right the teacher itself gives up; a student then copies what it says, errors included.
#
# It is not a matter of counting equations alone. The teacher has $h(d + c + 1) + c$ weights and a soft label is $c - 1$ numbers, so a few labels a dimension would do on paper. The students that take over need several times as many: this is what their *training* can find.

# %% tags=["hide-input"]
one = pick(rows, **AT[scale]["map"]).iloc[0]
weights = one.hidden * (one.d + one.c + 1) + one.c
counted = weights / (one.c - 1) / one.d
plots.answer(
    f"With d = {one.d}, c = {one.c} and {one.hidden} hidden units: {weights:,.0f} weights against {one.c - 1} numbers a label make {counted:.1f} labels a dimension. "
    + (f"Measured: {switches.min():.1f} to {switches.max():.1f}." if len(switches) else "Measured: none at this scale.")
)

# %% [markdown]
# ### Over time
#
# The four marked students while they train, on an axis of epochs (a full batch: an epoch is a step of Adam).


# %% tags=["hide-input"]
def over_time(paths, shuffled=False):
    """Values by sample size: curves of one kind of labels, indexed (name, step), a column a seed."""
    known = paths.loc[paths.shuffled == shuffled, ["identity", "seed", "per_class"]]
    curves = curves_of(paths).merge(known)
    return {
        size: part.pivot_table(index=["name", "step"], columns="seed", values="value")
        for size, part in curves.groupby("per_class")
    }


def draw_curve(ax, curve, **style):
    """A thin line a replicate, and their mean."""
    label = style.pop("label", None)
    ax.plot(curve.index, curve, linewidth=0.6, alpha=0.5, **style)
    ax.plot(curve.index, curve.mean(axis=1), label=label, **style)


OWN = {"color": plots.ROLE["train"], "linestyle": "--", "label": "student, own part"}
HELD_OUT = {"color": plots.ROLE["held_out"], "label": "student, held out"}


def time_figure(paths, name):
    """Panels C.1 to C.4: accuracies against epochs."""
    plain = paths[~paths.shuffled]
    curves = over_time(paths)
    fig, axes = plt.subplots(1, len(curves), figsize=(11.6, 3.6), sharey=True)
    said, faded = [], ""
    for number, (ax, (size, table)) in enumerate(zip(axes, curves.items(), strict=True), 1):
        own, held_out = table.loc["student_train_accuracy"], table.loc["held_out_accuracy"]
        ends = plain[plain.per_class == size]
        draw_curve(ax, own, **OWN)
        draw_curve(ax, held_out, **HELD_OUT)
        teacher, fresh = ends.teacher_accuracy.mean(), ends.fresh_accuracy.mean()
        ax.axhline(teacher, color=plots.ROLE["teacher"], linestyle=":", linewidth=1.4, label="teacher")
        ax.axhline(fresh, color=plots.ROLE["fresh"], linewidth=1.2, label="student, fresh")
        n = size * ends.c.iloc[0]
        ax.set(title=f"C.{number}  n = {n:,}", xlabel="epoch", ylim=(-0.02, 1.04))
        early, best = (own - held_out).mean(axis=1).idxmax(), held_out.mean(axis=1).idxmax()
        if number == 1 and held_out.mean(axis=1).max() > held_out.iloc[-1].mean() + 0.02:
            faded = f" With fewest examples the leak is largest early, {held_out.mean(axis=1)[best]:.2f} at epoch {best:,}: storing on, the student loses some of what it had found."
        said.append(
            f"n = {n:,}: own part {own.iloc[-1].mean():.2f}, held out {held_out.iloc[-1].mean():.2f}, teacher {teacher:.2f}; "
            f"held out at most {held_out.mean(axis=1)[best]:.2f}, at epoch {best:,}; "
            f"farthest apart at epoch {early:,} ({own.mean(axis=1)[early]:.2f} and {held_out.mean(axis=1)[early]:.2f})"
        )
    axes[0].set_ylabel("accuracy")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=10)
    plots.show(
        fig,
        name=name,
        caption=f"**First stored, then understood.** Accuracy over training at ρ = {paths.rho.iloc[0]}, a thin line a replicate. At the third point the student first stores its own part, as at the first two; then both parts rise to 1 together. At the end: {'; '.join(text.split(';')[0] for text in said)}.{faded}",
        alt=f"{len(curves)} panels of accuracy against epochs. {'. '.join(said)}.",
        rows=[paths],
    )


if paper_paths is not None:
    time_figure(paper_paths, "phases-over-time-paper")
time_figure(paths, "phases-over-time")

# %% [markdown]
# ## Figure 14: losses, and labels shuffled within each class
#
# What is left of the loss above its least value, the label's own entropy: the divergence $\mathrm{KL}(\text{label}\,\|\,\text{student})$, on the student's part and on held-out examples. And the control: soft labels permuted within each class keep their top class and their heat, and lose what they say about their own example. What a student can store of *them* measures its memory, since there is nothing to understand.


# %% tags=["hide-input"]
def loss_figure(paths, name):
    """Divergences over time above, shuffled students below."""
    plain, shuffled = over_time(paths), over_time(paths, shuffled=True)
    fig, axes = plt.subplots(2, len(plain), figsize=(11.6, 6.2), sharey="row", sharex=True)
    said = []
    control = {"color": plots.ROLE["shuffled"]}
    for (above, below), size in zip(axes.T, plain, strict=True):
        kl, labels = plain[size], shuffled[size]
        draw_curve(above, kl.loc["train_kl"].clip(lower=1e-9), **OWN)
        draw_curve(above, kl.loc["held_out_kl"].clip(lower=1e-9), **HELD_OUT)
        draw_curve(below, kl.loc["student_train_accuracy"], **OWN)
        draw_curve(
            below, labels.loc["student_train_accuracy"], linestyle="--", label="shuffled labels, own part", **control
        )
        draw_curve(below, labels.loc["held_out_accuracy"], linestyle=":", label="shuffled labels, held out", **control)
        n = size * paths.c.iloc[0]
        above.set(title=f"n = {n:,}", yscale="log")
        below.set(xlabel="epoch", ylim=(-0.02, 1.04))
        own, other = (labels.loc[metric].iloc[-1].mean() for metric in ("student_train_accuracy", "held_out_accuracy"))
        left = [kl.loc[metric].iloc[-1].mean() for metric in ("train_kl", "held_out_kl")]
        said.append(
            f"n = {n:,}: divergence {left[0]:.1g} and {left[1]:.1g} nats, shuffled own part {own:.2f} and held out {other:.3f}"
        )
    axes[0, 0].set_ylabel("divergence from the labels, nats")
    axes[1, 0].set_ylabel("accuracy")
    handles = {label: line for ax in axes[:, 0] for line, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    fig.legend(handles.values(), handles, loc="outside lower center", ncols=4, fontsize=10)
    ends = paths[paths.shuffled].groupby("per_class")[["student_train_accuracy", "held_out_accuracy"]].mean()
    plots.show(
        fig,
        name=name,
        caption=f"**Only a student that has become its teacher gets to the bottom of the loss, and does so on examples that it never saw.** Above: divergence between student and soft labels; about 1e-9 is the floor of single precision. Below: shuffled students store {', '.join(f'{value:.2f}' for value in ends.student_train_accuracy)} of their own part as n grows, and are right on {ends.held_out_accuracy.mean():.3f} of the held-out examples, a guess ({1 / paths.c.iloc[0]:.3f}).",
        alt=f"Two rows of {len(plain)} panels against epochs. {'. '.join(said)}.",
        rows=[paths],
    )


if paper_paths is not None:
    loss_figure(paper_paths, "phases-losses-paper")
loss_figure(paths, "phases-losses")

# %% [markdown]
# ## Figure 6: the share, and the student's width
#
# Two slices of the map against the share $\rho$, one with few examples and one with many; and students that are narrower or wider than their teacher. For leakage without recovery we take the authors' own recipe, many classes: $c = 100$ in $d = 60$ dimensions, five examples a class.

# %%
widths = live("memorized/student_widths", scale, device)
paper_widths = stored("memorized/student_widths")


# %% tags=["hide-input"]
def draw_means(ax, rows, x, metric, dots=True, **style):
    """The mean over replicates against x, and a dot a replicate."""
    means = rows.groupby(x)[metric].mean()
    ax.plot(means.index, means, **{"marker": "o", "markersize": 4} | style)
    if dots:
        ax.scatter(rows[x], rows[metric], s=9, color=style["color"], alpha=0.4, linewidths=0)
    return means


LINES = {  # as in the paper's legend
    "student, held out": ("held_out", "held_out_accuracy", "-"),
    "student, own part": ("train", "student_train_accuracy", "--"),
    "student, fresh": ("fresh", "fresh_accuracy", "-"),
    "teacher": ("teacher", "teacher_accuracy", ":"),
}


def share_figure(rows, widths, name):
    """Panels A and B over ρ, and the widths."""
    points = AT[rows.attrs["scale"]]
    fig, axes = plt.subplots(1, 3, figsize=(11.6, 4), sharey=True)
    found = {}
    for ax, head, which in zip(axes, "AB", ("few", "many"), strict=False):
        slice_ = pick(rows, **points[which])
        for label, (role, metric, line) in LINES.items():
            style = {"color": plots.ROLE[role], "linestyle": line, "label": label}
            found[which, metric] = draw_means(ax, slice_, "rho", metric, **style)
        s = slice_.iloc[0]
        ax.set(title=f"{head}  n = {s.c * s.per_class:,}, c = {s.c}, d = {s.d}", xlabel="ρ", ylim=(-0.02, 1.04))
    by_width = pick(widths, **points["widths"])
    sizes = sorted(by_width.student_hidden.unique())
    shades = plt.get_cmap("Oranges")(np.linspace(0.3, 1, len(sizes)))
    for colour, width in zip(shades, sizes, strict=True):
        style = {"color": colour, "label": f"{width}", "dots": False}
        of_width = by_width[by_width.student_hidden == width]
        found["width", width] = draw_means(axes[2], of_width, "rho", "held_out_accuracy", **style)
    chance = by_width.groupby("rho").fresh_accuracy.mean()
    axes[2].plot(chance.index, chance, color=plots.ROLE["fresh"], linewidth=1.2)
    axes[2].set(title=f"C  student's width (teacher {by_width.hidden.iloc[0]})", xlabel="ρ")
    axes[2].legend(title="hidden units", fontsize=9, ncols=2, loc="upper left")
    axes[0].set_ylabel("accuracy")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=10)
    curves = [found[which, "held_out_accuracy"] for which in ("few", "many")]
    few, many = (", ".join(f"{value:.2f} at ρ = {rho:g}" for rho, value in curve.items()) for curve in curves)
    jump = int(np.argmax(curves[1].diff().iloc[1:]))
    steepest = ", ".join(
        f"{value:.2f} at ρ = {rho:g}" for rho, value in curves[1].iloc[max(0, jump - 1) : jump + 3].items()
    )
    fits = by_width.groupby("student_hidden").student_train_accuracy.mean()
    said = ", ".join(f"{found['width', w].iloc[-1]:.2f} with {w} hidden units ({fits[w]:.2f})" for w in sizes)
    plots.show(
        fig,
        name=name,
        caption=f"**With few examples leakage grows smoothly with the share; with many it is all or nothing.** Dots are replicates. Held-out accuracy: A, {few}; B, around its steepest rise, {steepest}. C: held-out accuracy by the student's width, at ρ = {by_width.rho.max():g} {said}; in brackets its accuracy on its own part, mean over ρ.",
        alt=f"Three panels of accuracy against ρ. Held-out accuracy with few examples: {few}. With many: {many}. By the student's width at the largest ρ, own part in brackets: {said}.",
        rows=[rows, widths],
    )


if paper is None or paper_widths is None:
    plots.missing(
        "memorized/student_widths", "so this page shows the widths of figures 6 and 15 at the size of a laptop only"
    )
else:
    share_figure(paper, paper_widths, "phases-shares-paper")
share_figure(rows, widths, "phases-shares")

# %% [markdown]
# ## Figure 15: classes and widths
#
# The slice at $\rho = 0.45$ for other numbers of classes, for students narrower or wider than their teacher, and for teacher and student of equal width.

# %%
by_class = live("memorized/network_classes", scale, device)
paper_by_class = stored("memorized/network_classes")


# %% tags=["hide-input"]
def other_sizes_figure(rows, widths, by_class, name):
    """Three panels: own part dashed, held out solid, the teacher dotted; a colour a class count or width."""
    points = AT[rows.attrs["scale"]]
    base = pick(rows, rho=points["rho"], **points["map"])
    one = base.iloc[0]
    at_rho = pick(widths, rho=points["rho"], c=one.c)
    other = at_rho[(at_rho.hidden == one.hidden) & (at_rho.student_hidden != one.hidden)]
    other = other[other.groupby("student_hidden").per_class.transform("nunique") > 1]
    equal = at_rho[at_rho.hidden == at_rho.student_hidden]
    panels = {
        "classes c": (pd.concat([by_class, base]), "c", "n/d", lambda r: ratio(r)),
        "student's width": (pd.concat([other, base]), "student_hidden", "n/(dc)", lambda r: r.per_class / r.d),
        "equal widths": (pd.concat([equal, base]), "hidden", "n/(dch)", lambda r: r.per_class / r.d / r.hidden),
    }
    fig, axes = plt.subplots(1, 3, figsize=(11.6, 4), sharey=True)
    said = []
    for ax, (title, (part, column, axis, of)) in zip(axes, panels.items(), strict=True):
        part = part.assign(x=of(part))
        values = sorted(part[column].unique())
        for colour, value in zip(plt.get_cmap("viridis")(np.linspace(0, 0.85, len(values))), values, strict=True):
            chosen = part[part[column] == value]
            style = {"color": colour, "dots": False, "markersize": 4}
            held_out = draw_means(ax, chosen, "x", "held_out_accuracy", label=f"{value}", **style)
            draw_means(ax, chosen, "x", "student_train_accuracy", linestyle="--", **style | {"markersize": 0})
            draw_means(
                ax,
                chosen,
                "x",
                "teacher_accuracy",
                **style | {"markersize": 0, "linestyle": ":", "color": "0.6", "linewidth": 1.2},
            )
            best = held_out.idxmax()
            said.append(f"{title} {value}: at most {held_out[best]:.2f}, at {axis} = {best:.3g}")
        ax.set(title=title, xlabel=axis, ylim=(-0.02, 1.04))
        ax.legend(fontsize=9, loc="best")
    axes[0].set_ylabel("accuracy")
    axes[2].set_xlim(right=points.get("reach"))
    lines = {"student, held out": "-", "student, own part": "--", "teacher": ":"}
    handles = [plt.Line2D([], [], color="0.35", linestyle=line, label=text) for text, line in lines.items()]
    fig.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=10)
    plots.show(
        fig,
        name=name,
        caption=f"**Where the student switches depends on classes and widths.** ρ = {points['rho']}. Held-out accuracy, {'; '.join(said)}.",
        alt=f"Three panels of accuracy against sample size. Held-out accuracy, {'; '.join(said)}.",
        rows=[by_class, widths],
    )


if paper is None or paper_widths is None or paper_by_class is None:
    plots.missing("memorized/network_classes", "so this page shows figure 15 at the size of a laptop only")
else:
    other_sizes_figure(paper, paper_widths, paper_by_class, "phases-other-sizes-paper")
other_sizes_figure(rows, widths, by_class, "phases-other-sizes")

# %% [markdown]
# ## What if the student's inputs are not the teacher's?
#
# A reviewer of the paper asked. Here the student never meets an input that the teacher was trained on: its inputs are drawn anew, the teacher answers them, and the student is asked about *all* that the teacher memorised. Now there may be more inputs than the teacher ever had.

# %%
fresh = live("memorized/fresh_inputs", scale, device)
paper_fresh = stored("memorized/fresh_inputs")


# %% tags=["hide-input"]
def fresh_figure(rows, fresh, name):
    """What students of fresh inputs say about the teacher's, beside students of a part of those."""
    sizes = sorted(fresh.per_class.unique())
    both = pd.concat([rows[rows.per_class.isin(sizes) & (rows.c == fresh.c.iloc[0])], fresh])
    both = both.assign(labels=labels_a_dimension(both))
    fig, ax = plt.subplots(figsize=(8.2, 4.3))
    said = []
    for colour, size in zip(plt.get_cmap("viridis")(np.linspace(0, 0.8, len(sizes))), sizes, strict=True):
        n = size * both.c.iloc[0]
        for kind, line, marker in (("teacher's", "--", "s"), ("fresh", "-", "o")):
            chosen = both[(both.per_class == size) & (both.inputs == kind)]
            text = f"n = {n:,}, {'inputs of its own' if kind == 'fresh' else 'a part of the teacher’s'}"
            style = {"color": colour, "linestyle": line, "marker": marker, "label": text}
            means = draw_means(ax, chosen, "labels", "held_out_accuracy", **style)
            reached = means.index[means >= 0.9]
            from_ = f"from {reached.min():.3g} on" if len(reached) else "nowhere"
            said.append(f"n = {n:,}, {'fresh inputs' if kind == 'fresh' else 'a part'}: {from_}")
    ax.axhline(1 / both.c.iloc[0], color="0.4", linewidth=1, linestyle=":")
    ax.set(xlabel="soft labels a dimension, $\\rho n/d$", ylabel="held-out accuracy", ylim=(-0.02, 1.04))
    ax.legend(fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))
    plots.show(
        fig,
        name=name,
        caption=f"**The teacher can be taken over, with all that it has memorised, without one of its inputs.** Accuracy on everything that the teacher memorised, for students of fresh inputs (solid), beside held-out accuracy of students of a part of it (dashed). It passes 0.9, in soft labels a dimension: {'; '.join(said)}. Dotted: a guess.",
        alt=f"Held-out accuracy against soft labels a dimension for {len(sizes)} sample sizes. It passes 0.9, in soft labels a dimension: {'; '.join(said)}.",
        rows=[fresh],
    )


if paper is None or paper_fresh is None:
    plots.missing("memorized/fresh_inputs", "so this page shows this figure at the size of a laptop only")
else:
    fresh_figure(paper, paper_fresh, "phases-fresh-inputs-paper")
fresh_figure(rows, fresh, "phases-fresh-inputs")

# %% [markdown]
# So what leaks is the function, not the part: whoever can ask a memorising network about *any* inputs can take over what it has memorised, without knowing a single example of it. It takes about as many answers as with the teacher's own inputs.
#
# ## The paper's numbers beside ours
#
# No number of figures 5 and 6 is printed; their published rows are not released. What survives is a workshop version by the same authors with two curves over $\rho$, which we read off to about 0.01: $d = 900$, $c = 100$, $n = 100{,}000$, 500 hidden units, students of 2,000 epochs at a learning rate of 0.001; and, for few examples, $c = 300$, $n = 3{,}000$.
#
# In words, the paper's figure 5: a green band of students that generalise the teacher, between perfect and imperfect storage on the left and failing teachers on the right; figure 6: at $n = 25{,}000$ own part 1 throughout and held-out accuracy growing smoothly with $\rho$, at $n = 100{,}000$ own part sinking, then both jumping to 1.

# %% tags=["hide-input"]
WORKSHOP = pd.DataFrame(  # read off the plots of the authors' workshop notebook
    {
        "own part, workshop": [1.00, 0.82, 0.54, 0.395, 0.31, 1, 1, 1, 1, 1],
        "held out, workshop": [0.017, 0.02, 0.024, 0.028, 0.035, 1, 1, 1, 1, 1],
    },
    index=pd.Index([0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95], name="ρ"),
)
largest = rows if paper is None else paper
many, few = (pick(largest, **AT[largest.attrs["scale"]][which]).groupby("rho") for which in ("many", "few"))
beside = WORKSHOP.assign(
    **{"own part, ours": many.student_train_accuracy.mean(), "held out, ours": many.held_out_accuracy.mean()}
)
beside[sorted(beside, reverse=True)].round(3).astype(object).where(beside.notna(), "–")

# %% tags=["hide-input"]
said = ", ".join(f"{value:.2f} at ρ = {rho:g}" for rho, value in few.held_out_accuracy.mean().items())
plots.answer(
    f"With few examples and many classes the workshop version has held-out accuracies of 0.01, 0.08, 0.31, 0.52 and 0.76 at ρ = 0.05, 0.25, 0.45, 0.65 and 0.95, where a guess is right for 0.003; ours are {said}, where a guess is right for {1 / few.c.first().iloc[0]:.3g}."
)

# %% [markdown]
# ## On the border the replicate decides
#
# At the border of the green region students of equal settings end on either side, and the mean of the two is a number that none of them has. Where a criterion names a point on it, its interval is as wide as the gap, and more replicates will not narrow it. Neighbouring shares of the same slice show it:


# %% tags=["hide-input"]
def border(rows):
    """Held-out accuracy of each replicate in the slice with many examples, by ρ, where any of them is in between."""
    table = pick(rows, **AT[rows.attrs["scale"]]["many"]).pivot_table(
        index="rho", columns="seed", values="held_out_accuracy"
    )
    switched = table.ge(0.5).sum(axis=1) / table.notna().sum(axis=1)
    mixed = switched.index[(switched > 0) & (switched < 1)]
    rhos = list(table.index)
    near = {rhos[i] for rho in mixed for i in range(rhos.index(rho) - 1, rhos.index(rho) + 2) if 0 <= i < len(rhos)}
    return table.loc[sorted(near)], switched


mixed, switched = border(rows)
mixed.round(2).astype(object).where(mixed.notna(), "–").rename_axis(index="ρ", columns="replicate")

# %% [markdown]
# ## Where we depart, and why
#
# - **Axis.** The paper's axis of figure 5 is called α and is $n/d$, not the $n/(dc)$ of its figures before. We write $n/d$.
# - **Time.** The published x axis of panels C counts the history points that its logging service returned, about 40 epochs each. Ours counts epochs.
# - **Loss.** The paper draws cross-entropy. At τ = 20 that is almost all the labels' own entropy; we draw what is above it.
# - **Fresh examples** are drawn like the others. In the official code they are uniform on [0, 1); chance stays chance.
# - **Error bars.** The published figure 6 shows standard deviations, under a variable named for standard errors. We show every replicate.
# - **Teachers** train for 2,000 steps throughout at the paper's scale, as in the official drivers; the plot of figure 6 asks for teachers of 1,000.
# - **Shuffled and plain** students share data, teacher and start here; the official driver draws all anew. Replicates are paired the same way across ρ and the student's width.
# - **Widths.** The driver of the slice at ρ = 0.45 has students of 200 and 400 hidden units and the plot asks for 400, 500 and 600; at paper scale we run all four.
# - **Parts.** As in the official code a student gets the whole part of ρk examples of each class. Live, where classes have few examples, that makes ρ coarse; a ρ that leaves a class without an example is refused.
# - **Size.** Live, d = 64, c = 32 and 32 hidden units in place of 1000, 100 and 500; teachers 1,500 steps at 0.003, students 2,000 at 0.002 (over time: 4,000 at 0.001). With larger steps students that have taken over fall out of the solution for a while and come back, so that the last step decides by luck.
#
# ## Verdicts

# %%
everything = [rows, paths, widths, by_class, fresh, paper, paper_paths, paper_widths, paper_by_class, paper_fresh]
claims.table("memorized/random_networks", everything)

# %% tags=["hide-input"]
taken = switches if paper is None or paper_paths is None else switches_paper
slice_ = pick(largest, **AT[largest.attrs["scale"]]["few"])
least, most = slice_.rho.min(), slice_.rho.max()
leak = slice_.groupby("rho").held_out_accuracy.mean()
jump = pick(largest, **AT[largest.attrs["scale"]]["many"]).groupby("rho").held_out_accuracy.mean()
before, after = jump.index[np.argmax(jump.diff().iloc[1:])], jump.index[np.argmax(jump.diff().iloc[1:]) + 1]
plots.answer(
    "## Answer\n\n"
    f"With few examples a student stores all its soft labels and leaks, the more the larger its share: {leak[least]:.0%} of the held-out labels at ρ = {least:g} and {leak[most]:.0%} at ρ = {most:g}, where a guess is right for {1 / slice_.c.iloc[0]:.0%}. "
    f"With more examples than it can store it switches: from ρ = {before:g} to {after:g} held-out accuracy goes from {jump[before]:.2f} to {jump[after]:.2f}"
    + (
        f", and, given {taken.min():.1f} to {taken.max():.1f} soft labels a dimension, is its teacher, even if it never saw one of the teacher's inputs."
        if len(taken)
        else "."
    )
)

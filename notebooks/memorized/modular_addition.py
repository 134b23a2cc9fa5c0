# %% [markdown]
# # Where memorising and generalising part ways
#
# **Question.** So far there was nothing to understand: labels were random, and a student could only pick up what its teacher had memorised. What if there *is* a rule? Does the student then learn the rule, or what the teacher memorised?
#
# [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457) take addition modulo p, the classic example of *grokking*: a network first memorises its training pairs and is at chance on all others; long after, it finds the rule. Stop it early and you have a teacher that has only memorised. Stop it late and you have one that generalises, from the very same data. This page computes their figures 9 (a perceptron), 2 and 8 (a transformer) at a small size, and figure 9's first teacher at the paper's size as well. It asks one more thing: what if student and teacher start from the same initial weights? In the released code they do, by accident.

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
import torch
from matplotlib.colors import ListedColormap
from matplotlib.ticker import PercentFormatter

from softlabels import claims, plots
from softlabels.claims.readings import modular_addition as read
from softlabels.claims.readings import points
from softlabels.data.modular import parts, shuffled_pairs, sums
from softlabels.intervals import t_interval
from softlabels.labels import harden, soften
from softlabels.models import transformer
from softlabels.models.mlp import join, pair_logits, start
from softlabels.paths import cache_folder
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.modular_addition import MLP, TRANSFORMER
from softlabels.studies.modular_teachers import order, teachers
from softlabels.studies.modular_teachers import start as student_start
from softlabels.sweep import live
from softlabels.training.adamw import train

plots.use_house_style()
shorten = 20 if scale == "smoke" else 1  # the smoke scale only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# There are $p^2$ pairs $(a, b)$, and the class of a pair is $(a + b) \bmod p$. A random part of the pairs trains the teacher. A share $\rho$ of the teacher's pairs trains the student; the others are **held out**: the teacher has memorised them, the student never sees them. Pairs that neither sees are **fresh**; only the rule gives their class. The networks take the one-hot vectors of $a$ and $b$ and have two hidden layers. They train on the full batch with AdamW and, as in the paper, a strong weight decay of 1. The teacher below is stopped early.

# %%
p, sizes = 23, (2 * 23, 64, 64, 23)
stream = torch_stream("an example", 0)  # everything that is random in this cell
pairs = shuffled_pairs(p, stream)  # (529, 2)
n, m = parts(p, fraction=0.7, rho=0.9)  # the first n for the teacher, the first m of those for the student
begin = start(sizes, [stream])

hard = harden(sums(pairs[:n], p), p)[None]  # (1, n, 23)
teacher = train(pair_logits, begin, pairs[:n], hard, lr=1e-2, steps=100)
soft = soften(pair_logits(teacher, pairs[:m]), tau=10)  # (1, m, 23): all that a student learns from
for name, weights in {"own start": start(sizes, [stream]), "teacher's start": begin}.items():
    student = train(pair_logits, weights, pairs[:m], soft, lr=1e-2, steps=1500 // shorten)
    right = (pair_logits(student, pairs)[0].argmax(-1) == sums(pairs, p)).float()
    print(
        f"{name}: {right[m:n].mean():.0%} of {n - m} held-out pairs, {right[n:].mean():.0%} of {p * p - n} fresh ones"
    )

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 2, figsize=(8.2, 4.5))
a, b = pairs.T
table, whose = np.zeros((p, p)), np.zeros((p, p))
table[a, b], whose[a, b] = sums(pairs, p), np.digitize(np.arange(p * p), [m, n])
axes[0].imshow(table, cmap="twilight", origin="lower")
three = ListedColormap([plots.ROLE[role] for role in ("train", "held_out", "fresh")])
axes[1].imshow(whose, cmap=three, origin="lower", alpha=0.85)
for ax, title in zip(axes, (f"the rule: (a + b) mod {p}", "who sees which pair"), strict=True):
    ax.set(xlabel="b", ylabel="a", title=title, xticks=[0, 11, 22], yticks=[0, 11, 22])
plots.show(
    fig,
    name="modular-pairs",
    caption=f"A table with a rule, and its three parts. Left, the sums modulo {p}, a colour each. Right, the split of the cell above: {m} pairs for teacher and student (purple), {n - m} that only the teacher sees (orange), {p * p - n} fresh ones (green).",
    alt=f"Two square grids of {p} by {p} cells. Left, diagonal stripes of colour: equal sums. Right, the cells scattered at random: {m} purple, {n - m} orange, {p * p - n} green.",
)

# %% [markdown]
# ## The sweep
#
# Each replicate has a split of its own and a teacher of its own, which trains once and is stopped three times. All students of a replicate have the same initial weights, unless they share the teacher's. Students differ in ρ, in τ and in the teacher's stop. Soft labels are the softmax of the teacher's logits divided by τ = 10, 1 or 0.1: hot labels say much about the wrong classes, cold ones are nearly hard labels.

# %%
rows = live(MLP, scale, device)
transformers = live(TRANSFORMER, scale, device)
rows.groupby(["start", "teacher_step", "tau"])[["held_out_accuracy", "fresh_accuracy"]].mean().round(3)

# %% tags=["hide-input"]
larger, larger_transformers = stored(MLP), stored(TRANSFORMER)
ORDINAL = ("first", "second", "third")


def share(rows, metric, **cell):
    """`62 % [57, 67]`: the mean of a metric over the replicates at some points."""
    return plots.share(points.average(rows, metric, **cell)[""])


one = rows.iloc[0]
n, _ = parts(one.p, one.fraction, 0.5)
few, most_seeds = rows.groupby(["start", "teacher_step", "tau", "rho"]).seed.nunique().agg(["min", "max"])
plots.answer(
    f"p = {one.p}: {n} of {one.p**2} pairs for the teacher; two hidden layers of {one.hidden}; AdamW at {one.lr:g}; teachers stopped after {', '.join(f'{step:,}' for step in read.stops(rows))} steps, students after {one.student_steps:,}. {few} replicates; {most_seeds} in the cells that M6, M8, M9 and N1 are about. Bands are 95 % t intervals over replicates."
)

# %% [markdown]
# ## Figure 9: three teachers


# %%
def draw_teacher(rows):
    """The teacher's accuracy on its own and on fresh pairs, and where it was stopped."""
    fig, ax = plt.subplots(figsize=(7.6, 3.2))
    longest = {"start": "independent", "teacher_step": read.stops(rows)[-1], "tau": read.COLD, "rho": 0.9}
    own, fresh = (points.learning(rows, f"teacher_{part}accuracy", **longest) for part in ("", "fresh_"))
    plots.with_replicates(ax, own, color=plots.ROLE["teacher"], linestyle="--", label="its own pairs")
    plots.with_replicates(ax, fresh, color=plots.ROLE["fresh"], label="fresh pairs")
    for k, step in enumerate(read.stops(rows), start=1):
        ax.axvline(step, color="0.55", linewidth=1, linestyle=":", zorder=0)
        ax.plot(step, fresh[step].mean(), "*", color=plots.ROLE["fresh"], markersize=13, clip_on=False, zorder=5)
        ax.annotate(str(k), (step, 1.09), ha="center", va="center", annotation_clip=False, fontsize=10, color="0.2",
                    bbox={"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": "0.5"})  # fmt: skip
    ax.set(xscale="log", xlim=(max(own.columns[1], 5), read.stops(rows)[-1] * 1.06), ylim=(-0.02, 1.02))
    ax.set(xlabel="teacher's training steps", ylabel="accuracy")
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.legend(loc="center left", bbox_to_anchor=(0.02, 0.55))
    return fig


# %% tags=["hide-input"]
def show_teacher(rows, name):
    """The figure with its caption."""
    own, fresh = (
        [share(rows, metric, teacher_step=step) for step in read.stops(rows)]
        for metric in ("teacher_accuracy", "teacher_fresh_accuracy")
    )
    at_stops = "; ".join(
        f"{which} stop, {step:,} steps: {right} of its own, {new} of fresh pairs"
        for which, step, right, new in zip(ORDINAL, read.stops(rows), own, fresh, strict=False)
    )
    own_first, fresh_first, fresh_last = (
        points.average(rows, metric, teacher_step=step)[""].mean()
        for metric, step in (
            ("teacher_accuracy", read.stops(rows)[0]),
            ("teacher_fresh_accuracy", read.stops(rows)[0]),
            ("teacher_fresh_accuracy", read.stops(rows)[-1]),
        )
    )
    lead = "The teacher does not memorise its pairs before it gets fresh ones right."
    if own_first > 0.99 and fresh_first < 0.05:
        found = "the rule later" if fresh_last > 0.9 else "and at its last stop it has not found the rule"
        lead = f"First memorised, {found}."
    plots.show(
        draw_teacher(rows),
        name=name,
        caption=f"**{lead}** Accuracy of the teacher on its own pairs (dashed) and on fresh ones, a thin line a replicate. At its first stop it gets {own[0]} of its own pairs right and {fresh[0]} of fresh ones; at its last, {fresh[-1]} of fresh ones. Stars: mean accuracy on fresh pairs at the stops.",
        alt=f"Two curves against training steps. {at_stops}.",
        rows=[rows],
    )


show_teacher(rows, "modular-teacher")

# %% [markdown]
# ## Figure 9: their students
#
# Above, students of the teacher that was stopped first; below, of the one that was stopped last; from left to right, hot labels to cold ones.

# %% tags=["hide-input", "thumbnail"]
PARTS = {  # metric -> colour, line, marker and its size, name; where two coincide, the larger square shows
    "student_train_accuracy": ("train", (0, (4, 2)), "", 4, "its own pairs"),
    "fresh_accuracy": ("fresh", "-", "s", 7, "fresh pairs"),
    "held_out_accuracy": ("held_out", "-", "o", 4, "held-out pairs"),
}
HOLLOW = {"color": plots.ROLE["held_out"], "linestyle": ":", "marker": "o", "markersize": 4, "markerfacecolor": "white", "linewidth": 1.2}  # fmt: skip


def draw_students(rows):
    """Rows: teacher's stops; columns: τ from hot to cold; lines: the student's three parts against ρ."""
    steps, taus = read.stops(rows), sorted(rows.tau.unique(), reverse=True)
    inches = (2.6 * len(taus) + 2.5, 2.1 * len(steps) + 0.8)
    fig, axes = plt.subplots(len(steps), len(taus), figsize=inches, sharex=True, sharey=True, squeeze=False)
    for (i, j), ax in np.ndenumerate(axes):
        cell = points.at(rows, teacher_step=steps[i], tau=taus[j])
        for metric, (role, line, marker, size, _) in PARTS.items():
            values = points.along(cell, metric, "rho", start="independent")
            style = {"color": plots.ROLE[role], "linestyle": line, "marker": marker, "markersize": size}
            plots.with_interval(ax, values.columns, values, within=(0, 1), **style)
        if "shared" in set(cell.start):
            values = points.along(cell, "held_out_accuracy", "rho", start="shared")
            plots.with_interval(ax, values.columns, values, within=(0, 1), **HOLLOW)
        ax.axhline(cell.teacher_fresh_accuracy.mean(), color=plots.ROLE["teacher"], linewidth=1.1, zorder=0)
        ax.set(ylim=(-0.04, 1.06), xlim=(0, 1))
    for ax, tau in zip(axes[0], taus, strict=True):
        ax.set_title(f"τ = {tau:g}", fontweight="bold")
    for ax, step, which in zip(axes[:, 0], steps, ORDINAL, strict=False):
        ax.set_ylabel(f"{which} teacher\n({step:,} steps)\n\naccuracy" if len(steps) > 1 else "accuracy")
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    fig.supxlabel("ρ, share of the teacher's pairs that the student sees", fontsize=11)
    for role, line, marker, _, name in PARTS.values():
        axes[0, 0].plot([], [], color=plots.ROLE[role], linestyle=line, marker=marker, markersize=5, label=name)
    axes[0, 0].plot([], [], label="held-out pairs,\nstart shared\nwith the teacher", **HOLLOW)
    axes[0, 0].plot([], [], color=plots.ROLE["teacher"], linewidth=1.1, label="the teacher on\nfresh pairs")
    fig.legend(loc="outside right center")
    return fig


def show_students(rows, name):
    """The figure with its caption."""
    steps, taus = read.stops(rows), sorted(rows.tau.unique(), reverse=True)
    *_, less, most = sorted(rows.rho.unique())  # at the largest ρ students of hot and of cold labels may find the rule
    hot = {"teacher_step": steps[0], "start": "independent", "rho": most, "tau": taus[0]}
    cold = hot | {"tau": taus[-1]}
    hot_leads, cold_leads = (
        points.average(rows, "held_out_accuracy", minus="fresh_accuracy", **cell)[""].mean() > 0.05
        for cell in (hot, cold)
    )
    lead = "Neither hot labels nor cold ones are seen to pass on what the teacher has memorised."
    if hot_leads and cold_leads:
        lead = "Labels of either temperature pass on what the teacher has memorised."
    elif hot_leads:
        lead = "Hot labels pass on what the teacher has memorised; cold ones do not."
    elif cold_leads:
        lead = "Cold labels pass on what the teacher has memorised; hot ones do not."
    caption = (
        f"**{lead}** The teacher stopped after {steps[0]:,} steps gets {share(rows, 'teacher_accuracy', **hot)} of its own pairs right and {share(rows, 'teacher_fresh_accuracy', **hot)} of fresh ones. "
        f"At ρ = {most:g}, students of its hot labels (τ = {taus[0]:g}) get {share(rows, 'held_out_accuracy', **hot)} of the held-out pairs right and {share(rows, 'fresh_accuracy', **hot)} of fresh ones, and {share(rows, 'held_out_accuracy', **hot | {'start': 'shared'})} of the held-out ones if they start from its initial weights; students of its cold labels (τ = {taus[-1]:g}) get {share(rows, 'held_out_accuracy', **cold)} and {share(rows, 'fresh_accuracy', **cold)} right."
    )
    if len(steps) > 1:
        of_hot, of_cold = (
            share(rows, "fresh_accuracy", **cell | {"teacher_step": steps[-1], "rho": less}) for cell in (hot, cold)
        )
        caption += f" With the last teacher, at ρ = {less:g}, students of hot labels get {of_hot} of fresh pairs right, students of cold ones {of_cold}."
    panels = []
    for which, step in zip(ORDINAL, steps, strict=False):
        for tau in taus:
            held_out, fresh = (
                points.along(rows, metric, "rho", teacher_step=step, tau=tau, start="independent").mean()
                for metric in ("held_out_accuracy", "fresh_accuracy")
            )
            panels.append(
                f"{which} teacher, τ = {tau:g}: held out {', '.join(map('{:.0%}'.format, held_out))}; fresh {', '.join(map('{:.0%}'.format, fresh))}"
            )
    fits = points.least(rows, "student_train_accuracy")[""].min()
    alt = f"A grid of panels against ρ = {', '.join(f'{rho:g}' for rho in sorted(rows.rho.unique()))}. {'. '.join(panels)}. Students get at least {fits:.1%} of their own pairs right."
    plots.show(draw_students(rows), name=name, caption=caption, alt=alt, rows=[rows])


show_students(rows, "modular-students")

# %% [markdown]
# ## Figure 9: how they learn
#
# Two students of the last teacher, while they train: one on hot labels, one on cold ones.


# %%
def draw_learning(rows):
    """Both students' accuracies against their training steps, a thin line a replicate."""
    fig, axes = plt.subplots(1, 2, figsize=(9.8, 3.2), sharey=True)
    for ax, student in zip(axes, read.students_over_time(rows), strict=True):
        for metric, (role, line, *_, name) in PARTS.items():
            values = points.learning(rows, metric, **student)
            plots.with_replicates(ax, values, color=plots.ROLE[role], linestyle=line, label=name)
        ax.set(xlabel="student's training steps", ylim=(-0.03, 1.03), xlim=(0, values.columns[-1]))
        ax.set_title(f"τ = {student['tau']:g}, ρ = {student['rho']:g}", fontweight="bold")
    axes[0].set_ylabel("accuracy")
    axes[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    fig.legend(*axes[1].get_legend_handles_labels(), loc="outside right center")
    return fig


# %% tags=["hide-input"]
def show_learning(rows, name):
    """The figure with its caption."""
    said, leads = [], []
    for student in read.students_over_time(rows):
        halfway = []
        for metric in PARTS:
            curve = points.learning(rows, metric, **student).mean()
            step = points.first(curve, 0.5)
            halfway.append(f"reach 50 % at step {step:,}" if np.isfinite(step) else f"end at {curve.iloc[-1]:.0%}")
        own, fresh, held_out = halfway
        said.append(
            f"At τ = {student['tau']:g} and ρ = {student['rho']:g}, its own pairs {own}, held-out pairs {held_out} and fresh ones {fresh}"
        )
        leads.append(read.held_out_lead(rows, **student))
    lead = "Held-out pairs do not come before fresh ones from hot labels."
    cold_end = points.learning(rows, "held_out_accuracy", **student).mean().iloc[-1]
    if leads[0] > 0.03 and cold_end < 0.5:
        lead = "From hot labels, a student first learns what the teacher has memorised; from cold ones, it does not come to know the held-out pairs."
    elif leads[0] > 0.03 > abs(leads[1]):
        lead = "From hot labels, a student first learns what the teacher has memorised; from cold ones, it learns held-out and fresh pairs together."
    elif leads[0] > 0.03:
        lead = "From hot labels, a student learns held-out pairs before fresh ones; from cold ones, it does not learn them together either."
    hot, cold = (f"{plots.signed(100 * ahead, 0)} points" for ahead in leads)
    text = f"{'. '.join(said)}. Held-out minus fresh accuracy, averaged over the training: {hot} from hot labels, {cold} from cold ones"
    alt = f"Accuracies against the student's training steps. {text}."
    plots.show(draw_learning(rows), name=name, caption=f"**{lead}** {text}.", alt=alt, rows=[rows])


show_learning(rows, "modular-learning")

# %% [markdown]
# ## Figures 2 and 8: a transformer
#
# The same with the paper's transformer of one block, which reads the pair as two tokens. At the quick scale (p = 31, 40 % of the pairs) there is one teacher, stopped when it gets its own pairs right.

# %% tags=["hide-input"]
show_students(transformers, "modular-transformer")
show_learning(transformers, "modular-transformer-learning")

# %% [markdown]
# Where the teacher gets fresh pairs right although it is stopped early, has it begun to find the rule? A transformer embeds $a$ and $b$ the same way, so it may learn $a + b = b + a$ almost for free, and the mirror image $(b, a)$ of many a fresh pair is among its own. So we evaluate held-out and fresh pairs once more, in two groups: those whose mirror image has been seen, and those whose mirror image has not.

# %%
of = [s for s in TRANSFORMER.grid(scale) if (s.rho, s.tau, s.start) == (0.9, 10.0, "independent")]
small, (n, m) = of[0], parts(of[0].p, of[0].fraction, 0.9)
known = [weights.weights for weights in teachers(of, "cpu", cache_folder()).values()]  # a stack of one a replicate
pairs = torch.stack([order(s) for s in of])  # (R, N, 2): the student's, then the held-out, then the fresh
soft = torch.cat([soften(transformer.logits(z, x[None, :m]), tau=10) for z, x in zip(known, pairs, strict=True)])
begin = join([student_start(s) for s in of])
student = train(transformer.logits, begin, pairs[:, :m], soft, lr=small.lr, steps=small.student_steps)

# %%
place = pairs[..., 0] * small.p + pairs[..., 1]  # where a pair stands in the table, (R, N)
mirror = pairs[..., 1] * small.p + pairs[..., 0]
with_mirror = {
    size: torch.stack([torch.isin(a, b[:size]) for a, b in zip(mirror, place, strict=True)]) for size in (m, n)
}
by_teacher = (transformer.logits(join(known), pairs).argmax(-1) == sums(pairs, small.p)).double()
by_student = (transformer.logits(student, pairs).argmax(-1) == sums(pairs, small.p)).double()
groups = {  # which predictions, of which pairs, and among whose pairs a mirror image counts
    "teacher, fresh pairs": (by_teacher, slice(n, None), n),
    "student, fresh pairs": (by_student, slice(n, None), n),
    "student, held-out pairs": (by_student, slice(m, n), m),
}
accuracy = {}
for group, (right, which, size) in groups.items():
    seen = with_mirror[size][:, which]
    accuracy[group] = [float(right[:, which][mask].mean()) for mask in (seen, ~seen)]
pd.DataFrame(accuracy, index=["mirror image among its own", "alone"]).T.map("{:.0%}".format)

# %% tags=["hide-input"]
(fresh_with, fresh_alone), (_, student_alone), (_, held_alone) = accuracy.values()
learned = "both are learned about as often"
if fresh_with > fresh_alone + 0.05:
    learned = "beyond its own pairs it has learned, here and there, that order does not matter"
    learned += ", and nothing of the rule" if fresh_alone < 0.05 else ", and a part of the rule"
more = ""
if held_alone > student_alone + 0.05:
    more = "So the student learns single pairs that the teacher memorised, not only the symmetry. "
plots.answer(
    f"Of fresh pairs whose mirror image the teacher has seen, it gets {fresh_with:.0%} right, of those that stand alone {fresh_alone:.0%}: {learned}. Its students of hot labels get {held_alone:.0%} of the held-out pairs right whose mirror image they have not seen, and {student_alone:.0%} of fresh pairs that stand alone. {more}(ρ = 0.9, own starts, {len(of)} replicates pooled; the mirror image of a fresh pair counts if it is among the teacher's pairs, of a held-out pair if it is among the student's.)"
)

# %% [markdown]
# ## What the student's start shares with the teacher's
#
# In the released code each network draws its initial weights *before* a seed is set, and ends its construction by setting a seed, always the same one. So every network after the first of a process has the same initial weights: students start where their teacher started, and repeats are identical. Our students have initial weights of their own unless we say otherwise (open circles above). Here we compare four starts, for the first teacher and hot labels: all initial weights shared with the teacher, none, those of the hidden layers only, or those of the output layer only.

# %%
ORANGE = plots.ROLE["held_out"]
STARTS = {  # start -> colour, line, marker, its face, name, in a sentence; circles as in the figures above
    "shared": (ORANGE, ":", "o", "white", "all layers shared", "with all of the teacher's initial weights"),
    "shared hidden": ("#8a3b00", "--", "^", "#8a3b00", "hidden layers shared", "with those of its hidden layers"),
    "shared head": ("#f2a765", "-.", "v", "#f2a765", "output layer shared", "with those of its output layer"),
    "independent": (ORANGE, "-", "o", ORANGE, "nothing shared", "with initial weights of their own"),
}


def draw_starts(rows, published=None):
    """Left, against ρ, with published points where there are any; right, at ρ = 0.9, a dot a replicate."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.7), sharey=True, width_ratios=(1, 1.15))
    values = read.by_start(rows)
    right.plot(range(values.shape[1]), values.T, color="0.85", linewidth=0.8, zorder=0)
    for x, start_ in enumerate(values):
        colour, line, marker, face, name, _ = STARTS[start_]
        style = {"color": colour, "marker": marker, "markerfacecolor": face}
        by_rho = points.along(read.first_teacher(rows), "held_out_accuracy", "rho", start=start_)
        line = style | {"linestyle": line, "markersize": 5, "label": name}
        plots.with_interval(left, by_rho.columns, by_rho, within=(0, 1), **line)
        mean, low, high = t_interval(values[start_])
        right.scatter(np.full(len(values), x), values[start_], s=14, color=colour, alpha=0.45, linewidths=0)
        right.errorbar(x, mean, [[mean - low], [high - mean]], capsize=5, markersize=8, **style)
    if published is not None:
        left.plot(read.mixture(rows), color="0.55", linewidth=1.2, label="two shared, one own")
        left.plot(published, "D", color="0.25", markersize=5, label="the paper")
    right.set_xticks(range(values.shape[1]), [STARTS[s][4].replace(" shared", "\nshared") for s in values])
    right.set_xlim(-0.5, values.shape[1] - 0.5)
    right.set_title(f"ρ = 0.9, {len(values)} replicates", fontsize=11)
    left.set(xlabel="ρ, share of the teacher's pairs seen", ylabel="accuracy, held-out pairs", ylim=(-0.03, 1.03))
    left.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    left.legend(loc="upper left")
    return fig


# %% tags=["hide-input"]
def show_starts(rows, name, published=None):
    """The figure with its caption."""
    students, values = read.first_teacher(rows), read.by_start(rows)
    fewest = int(students.groupby(["start", "rho"]).seed.nunique().min())
    lead = "A start that is shared with the teacher is not seen to add anything."
    if read.adds(read.lifts(rows)["shared"]):
        lead = "A student that starts where its teacher started learns what the teacher memorised."
    if read.whole_adds_more(rows):
        lead = "Sharing the whole start adds more than sharing its parts one by one."
    at_most = {s: plots.share(values[s]) for s in values}
    with_each = ", ".join(f"{text} {STARTS[s][5]}" for s, text in at_most.items())
    caption = f"**{lead}** Held-out accuracy of students of the first teacher at τ = 10. Left, against ρ, at least {fewest} replicate{'s' * (fewest > 1)} a point; right, at ρ = 0.9, a dot a replicate, grey lines join the students of one teacher. At ρ = 0.9 they get right: {with_each}. No student gets more than {plots.number(100 * read.both_starts(rows)['fresh'])} % of fresh pairs right."
    lines = []
    for s in values:
        by_rho = points.along(students, "held_out_accuracy", "rho", start=s).mean()
        lines.append(f"{STARTS[s][4]} " + ", ".join(f"{value:.0%} at {rho:g}" for rho, value in by_rho.items()))
    alt = f"Held-out accuracy by what a student's start shares with the teacher's, at ρ = 0.9: {'; '.join(f'{STARTS[s][4]}, {text}' for s, text in at_most.items())}. Against ρ: {'; '.join(lines)}."
    if published is not None:
        caption += " Diamonds: the paper's figure, read off to 0.01; grey line: the mean of three students of ours of whom two share the teacher's start."
        alt += f" The paper's points: {', '.join(f'{value:.2f} at {rho:g}' for rho, value in published.items())}."
    plots.show(draw_starts(rows, published), name=name, caption=caption, alt=alt, rows=[rows])


show_starts(rows, "modular-starts")


# %% tags=["hide-input"]
def what_starts_add(rows):
    """What a shared start adds, whole and in parts; and whether the output layer decides."""
    lift = read.lifts(rows)
    added = {s: plots.interval(t_interval(values), 0, plots.signed, " points") for s, values in lift.items()}
    if len(lift) < 3:
        return f"Compared with a start of its own, the whole start adds {added['shared']}; its parts were not run apart in all replicates.", ""  # fmt: skip
    more = "more than" if read.whole_adds_more(rows) else "not clearly more than"
    adding = f"Compared with a start of its own, the whole start adds {added['shared']}, the hidden layers alone {added['shared hidden']}, the output layer alone {added['shared head']}: the whole adds {more} both parts one by one together."
    share_of_whole = 100 * lift["shared head"].mean() / lift["shared"].mean()
    if read.adds(lift["shared head"]) and share_of_whole >= 50:
        decides = f"Our rows agree about the output layer: alone it gives {share_of_whole:.0f} % of what the whole start gives."
    elif read.adds(lift["shared head"]):
        decides = f"About the output layer our rows agree in part only: alone it adds something, but {share_of_whole:.0f} % of what the whole start adds."
    else:
        decides = "That the output layer decides, our rows do not show: the interval of what it adds alone reaches below zero."
        decides += " If a part matters, it is the hidden layers." if read.adds(lift["shared hidden"]) else ""
    return adding, decides


adding, decides = what_starts_add(rows)
own = {"teacher_step": read.stops(rows)[0], "tau": read.HOT, "rho": 0.9, "start": "independent"}
without = ""
if read.adds(points.average(rows, "held_out_accuracy", minus="fresh_accuracy", **own)[""]):
    without = f"That no shared start is *needed*, our rows confirm: with initial weights of their own, students get {share(rows, 'held_out_accuracy', **own)} of held-out pairs right and {share(rows, 'fresh_accuracy', **own)} of fresh ones. "
plots.answer(
    f"{adding}\n\n"
    "When student and teacher start from the same weights, the student can learn things that its labels do not state. This is known as *subliminal learning* ([Cloud et al., 2025](https://arxiv.org/abs/2507.14805)). "
    f"A later study ([Brockers et al., 2026](https://arxiv.org/abs/2605.23645)) finds that no matched start is needed: what decides is whether the output heads match, and hidden layers may start anywhere. {without}{decides} "
    "The settings differ, so neither result contradicts the other. There, students learn to read digits from labelled noise, through an output head set apart for it, and what passes is a skill. Here the output layer learns the very classes that we evaluate, and what passes is memorised pairs."
)

# %% [markdown]
# ## The paper's figures in words, and its numbers beside ours
#
# Of the official runs only the plots of figure 9 survive, as images in the released notebook. The numbers below are read off them, to within about 0.01. In the official figure, p is 113, the teacher has 30 % of the pairs, and it gets 0.00, 0.07 and 1.00 of fresh pairs right at its three stops. Students of the first teacher get up to 0.69 of the held-out pairs right from hot labels, and no fresh pair; from cold labels of nine tenths of the pairs, all of them find the rule. Students of the last teacher find it from half of the pairs when labels are hot, and from nine tenths when they are cold. Of the transformer's figures no number survives; as the paper describes them, its students lead on held-out pairs from hot labels in the same way.

# %% tags=["hide-input"]
tables = {f"ours, {table.attrs['scale']}": read.by_teacher(table) for table in (rows, larger) if table is not None}
lines = []
for (k, tau), printed in read.PAPER.items():
    line = {"teacher": ORDINAL[k - 1], "τ": f"{tau:g}"}
    for rho, of_paper in ((0.5, printed[:2]), (0.9, printed[2:])):
        line[f"paper, ρ = {rho}"] = "{:.2f} / {:.2f}".format(*of_paper)
        for name, cells in tables.items():
            for start_ in ("independent", "shared"):
                cell = (k, tau, rho, start_)
                ran = cell in cells.index
                line[f"{name}, {start_}, ρ = {rho}"] = "{:.2f} / {:.2f}".format(*cells.loc[cell]) if ran else "–"
    lines.append(line)
beside = pd.DataFrame(lines)
beside = beside.loc[:, (beside != "–").any()]
plots.raw(f'<div style="overflow-x:auto">{beside.to_html(index=False, border=0, classes="table")}</div>')

# %% tags=["hide-input"]
text = (
    "Each cell: held-out / fresh. The official first row looks odd, with a plateau at 0.69 for ρ = 0.7 and 0.9. This is our **inference, not a proof**: its three repeats are one with an independent start (the first teacher of a process has another start than all later networks) and two identical ones with the shared start. "
    f"If those two get every held-out pair right, the third gets 3 × 0.69 − 2 = {3 * 0.69 - 2:.2f} right, which is what an independent start would have to give at that size. "
)
values = read.by_start(rows if larger is None else larger)
seen = f"{plots.share(values.independent)} right with a start of their own and {plots.share(values.shared)} with the shared one"
if larger is None:
    text += f"At our small size, students get {seen}."
else:
    off, holds = read.off_the_paper(larger), read.mixture_is_the_papers(larger)
    text += f"At that size our students get {seen}. The inference {'fits our rows' if holds else 'does not fit our rows'}: two of the one and one of the other average {read.mixture(larger)[0.9]:.2f} at ρ = 0.9, and over {len(off)} values of ρ they are within {off.max():.2f} of the paper's points (largest difference at ρ = {off.idxmax():g})."
plots.answer(text)

# %% [markdown]
# ## At the paper's size

# %% tags=["hide-input"]
if larger is not None:
    if read.has_a_replicate(larger):
        show_teacher(larger, "modular-teacher-stored")
        show_students(larger, "modular-students-stored")
        show_learning(larger, "modular-learning-stored")
    show_starts(larger, "modular-starts-stored", read.PAPER_FIRST)
    plots.answer(" ".join(what_starts_add(larger)))
if larger_transformers is not None and read.has_a_replicate(larger_transformers):
    show_teacher(larger_transformers, "modular-transformer-teacher-stored")
    show_students(larger_transformers, "modular-transformer-stored")
    show_learning(larger_transformers, "modular-transformer-learning-stored")
plots.missing(MLP, "the other teachers and temperatures of figure 9 are shown at a small size only")
plots.missing(TRANSFORMER, "figures 2 and 8 are shown at a small size only")

# %% [markdown]
# ## Where we depart, and why
#
# - **Starts.** Independent unless we say otherwise; the official code shares them by accident.
# - **Splits.** In the official code one order of the pairs, fixed by seed 0, serves all repeats. Ours differ from replicate to replicate, so that intervals cover the randomness of the split. In both, parts are nested: a larger part contains every smaller one.
# - **Stops.** One teacher is stopped three times. The official code trains three. All use the full batch at every step, so from one start the shorter runs are the beginnings of the longest.
# - **Size.** At the quick scale, p = 23 with 70 % of the pairs, 64 units, a learning rate of 0.01 and 1,500 steps of a student. The third stop is at 2,000 steps: on some splits a teacher of 1,000 steps has not finished finding the rule.
# - **Transformer.** At the quick scale, p = 31 with 40 % of the pairs, one teacher, and the shared start for hot labels only. Our transformer computes only the position that is read, the last one; a test checks that its logits equal those of the full computation.
# - **The four starts** are compared for the first teacher and τ = 10 only.
#
# ## Verdicts

# %%
claims.table("memorized/modular_addition", rows=[rows, transformers, larger, larger_transformers])

# %% tags=["hide-input"]
first, last, less = read.stops(rows)[0], read.stops(rows)[-1], sorted(rows.rho.unique())[-2]
hot = {"teacher_step": first, "start": "independent", "tau": read.HOT, "rho": 0.9}
cold = hot | {"tau": read.COLD}
of_hot, of_cold = (share(rows, "fresh_accuracy", **cell | {"teacher_step": last, "rho": less}) for cell in (hot, cold))
leads = read.adds(points.average(rows, "held_out_accuracy", minus="fresh_accuracy", **hot)[""])
takes = "takes over a part of what it has memorised" if leads else "is not seen to take over what it has memorised"
fewer = claims.sentence(
    "M8",
    rows,
    "so hot labels pass the rule on with fewer pairs",
    "so hot labels do not pass the rule on with fewer pairs",
    "which does not decide whether hot labels pass the rule on with fewer pairs",
)
free = claims.sentence(
    "M9",
    rows,
    "so cold labels leave it free to find the rule that its teacher had not found",
    "so cold labels do not let it find a rule that its teacher had not found",
    "which does not decide whether cold labels leave it free to find the rule",
)
text = (
    "## Answer\n\n"
    f"From hot labels of the first teacher a student {takes}: it gets {share(rows, 'held_out_accuracy', **hot)} of the held-out pairs right and {share(rows, 'fresh_accuracy', **hot)} of fresh ones, and {share(rows, 'held_out_accuracy', **hot | {'start': 'shared'})} of the held-out ones if it starts from its teacher's initial weights. "
    f"From the last teacher, at ρ = {less:g}, students of hot labels get {of_hot} of fresh pairs right and students of cold labels {of_cold}, {fewer}. "
    f"From cold labels of the first teacher, with nine tenths of the pairs, a student gets {share(rows, 'fresh_accuracy', **cold)} of fresh ones right where its teacher gets {share(rows, 'teacher_fresh_accuracy', **cold)}, {free}."
)
if larger is not None:
    values = read.by_start(larger)
    makes = "makes the difference" if read.adds(read.lifts(larger)["shared"]) else "is not seen to make a difference"
    text += f" At the paper's size, p = {larger.p.iloc[0]}, the start {makes}: at ρ = 0.9 a student that starts from its teacher's initial weights gets {plots.share(values.shared)} of the held-out pairs right, one that does not {plots.share(values.independent)}."
    if read.mixture_is_the_papers(larger):
        text += f" The published curve looks like the average of two students with the shared start and one with its own: ours differ from it by at most {read.off_the_paper(larger).max():.2f}. This is an inference from the curve, not a proof."
plots.answer(text)

# %% [markdown]
# # Where memorising and generalising part ways
#
# **Question.** So far there was nothing to understand: labels were random, and all that a student could pick up was what its teacher had learned by heart. What if there *is* a rule? Does a student then get the rule, or the teacher's table?
#
# [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457) take addition modulo p, the classic of *grokking*: a network first learns its pairs by heart and knows nothing about others; long after, it finds the rule. Stop it early and you have a teacher that has only memorised; stop it late and you have one that understands, with the very same data. This page computes their figures 9 (a perceptron), 2 and 8 (a transformer) in small, figure 9's first teacher at the paper's size as well, and asks one more thing: what if student and teacher begin with the same weights? In the released code they do, by accident, and it changes what one sees.

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
from softlabels.data.modular import parts, shuffled_pairs, sums
from softlabels.intervals import t_interval
from softlabels.labels import harden, soften
from softlabels.models import transformer
from softlabels.models.mlp import join, pair_logits, start
from softlabels.paths import cache_folder
from softlabels.seeds import torch_stream
from softlabels.store import curves_of, stored
from softlabels.studies import find
from softlabels.studies.modular_teachers import order, teachers
from softlabels.studies.modular_teachers import start as student_start
from softlabels.study import identity
from softlabels.sweep import live
from softlabels.training.adamw import train

plots.use_house_style()
shorten = 20 if scale == "smoke" else 1  # the smoke scale only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# There are $p^2$ pairs $(a, b)$, and the class of a pair is $(a + b) \bmod p$. A random part is the teacher's; of that, a share $\rho$ is the student's, and the rest is **held out**: the teacher has learned it by heart, the student never sees it. Pairs that neither sees are **fresh**: only the rule can tell them. Networks take the one-hot vectors of $a$ and $b$ and have two hidden layers; they train on the full batch with AdamW and, as in the paper, a strong weight decay of 1. This teacher is stopped early.

# %%
p, sizes = 23, (2 * 23, 64, 64, 23)
stream = torch_stream("an example", 0)  # all chance of this cell
pairs = shuffled_pairs(p, stream)  # (529, 2)
n, m = parts(p, fraction=0.7, rho=0.9)  # the first n for the teacher, the first m of those for the student
begin = start(sizes, [stream])

hard = harden(sums(pairs[:n], p), p)[None]  # (1, n, 23)
teacher = train(pair_logits, begin, pairs[:n], hard, lr=1e-2, steps=100)
soft = soften(pair_logits(teacher, pairs[:m]), tau=10)  # (1, m, 23): all that a student is told
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
    caption=f"**A table with a rule, and three parts of it.** Left, the sums modulo {p}, a colour each. Right, the split of the cell above: {m} pairs for teacher and student (purple), {n - m} that only the teacher sees (orange), {p * p - n} fresh ones (green).",
    alt=f"Two square grids of {p} by {p} cells. Left, diagonal stripes of colour: equal sums. Right, the cells scattered at random: {m} purple, {n - m} orange, {p * p - n} green.",
)

# %% [markdown]
# ## The sweep
#
# Each replicate has its own split, its own teacher, which trains once and is stopped three times, and its own student's start, which all its students share unless they begin with the teacher's. Students differ in ρ, in τ and in the stop. Soft labels are the softmax of the teacher's logits divided by τ = 10, 1 or 0.1: hot labels say much about the wrong classes, cold ones are next to hard labels.

# %%
rows = live("memorized/modular_mlp", scale, device)
transformers = live("memorized/modular_transformer", scale, device)
rows.groupby(["start", "teacher_step", "tau"])[["held_out_accuracy", "fresh_accuracy"]].mean().round(3)

# %% tags=["hide-input"]
larger, larger_transformers = stored("memorized/modular_mlp"), stored("memorized/modular_transformer")
WHICH = ("first", "second", "third")


def pick(rows, **wanted):
    """The rows in which each column has the wanted value."""
    return rows[np.logical_and.reduce([rows[column] == value for column, value in wanted.items()])]


def mean(rows, metric, **wanted):
    """A metric's mean over replicates, as a share."""
    return pick(rows, **wanted)[metric].mean()


def percent(values):
    """`62 % [57, 67]`: the mean over replicates with its 95 % t interval, where there is one to speak of."""
    mean, low, high = t_interval(100 * values)
    bounds = (max(low, 0), min(high, 100)) if high - low >= 1 else (np.nan, np.nan)
    return plots.interval((mean, *bounds), 0, unit=" %")


def stops(rows):
    """The steps at which the teacher was stopped."""
    return sorted(rows.teacher_step.unique())


def along(ax, rows, metric, axis="rho", **style):
    """The mean over replicates at each value of the axis, and its 95 % t interval as a band."""
    found = pd.DataFrame({x: t_interval(part[metric]) for x, part in rows.groupby(axis)}, index=["mean", "low", "high"])
    ax.plot(found.columns, found.loc["mean"], **style)
    low, high = found.loc["low"].clip(0, 1), found.loc["high"].clip(0, 1)
    ax.fill_between(found.columns, low, high, color=style["color"], alpha=0.15, linewidth=0)


one = rows.iloc[0]
n, _ = parts(one.p, one.fraction, 0.5)
few, most_seeds = rows.groupby(["start", "teacher_step", "tau", "rho"]).seed.nunique().agg(["min", "max"])
plots.answer(
    f"p = {one.p}: {n} of {one.p**2} pairs for the teacher; two hidden layers of {one.hidden}; AdamW at {one.lr:g}; teachers stopped after {', '.join(f'{step:,}' for step in stops(rows))} steps, students after {one.student_steps:,}. {few} replicates, {most_seeds} of the cells that M6, M8, M9 and N1 are about. Bands are 95 % t intervals over replicates."
)

# %% [markdown]
# ## Figure 9: three teachers


# %% tags=["hide-input"]
def curves(rows, name, **wanted):
    """A curve's values: replicates × steps."""
    chosen = pick(rows, **wanted)[["identity", "seed"]]
    found = curves_of(rows).merge(chosen, on="identity")
    return found[found.name == name].pivot(index="seed", columns="step", values="value")


def teachers_curves(rows):
    """The teacher's accuracy on its own and on fresh pairs, up to its last stop."""
    last = {"start": "independent", "teacher_step": stops(rows)[-1], "tau": 0.1, "rho": 0.9}
    return curves(rows, "teacher_accuracy", **last), curves(rows, "teacher_fresh_accuracy", **last)


def teacher_figure(rows):
    """Both curves, replicate by replicate, and where the teacher was stopped."""
    fig, ax = plt.subplots(figsize=(7.6, 3.2))
    own, fresh = teachers_curves(rows)
    for values, colour, style, text in (
        (own, plots.ROLE["teacher"], "--", "its own pairs"),
        (fresh, plots.ROLE["fresh"], "-", "fresh pairs"),
    ):
        ax.plot(values.columns, values.T, color=colour, linewidth=0.8, alpha=0.45, linestyle=style)
        ax.plot(values.columns, values.mean(), color=colour, linewidth=2.2, linestyle=style, label=text)
    for k, step in enumerate(stops(rows), start=1):
        ax.axvline(step, color="0.55", linewidth=1, linestyle=":", zorder=0)
        ax.plot(step, fresh[step].mean(), "*", color=plots.ROLE["fresh"], markersize=13, clip_on=False, zorder=5)
        ax.annotate(str(k), (step, 1.09), ha="center", va="center", annotation_clip=False, fontsize=10, color="0.2",
                    bbox={"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": "0.5"})  # fmt: skip
    ax.set(xscale="log", xlim=(max(own.columns[1], 5), stops(rows)[-1] * 1.06), ylim=(-0.02, 1.02))
    ax.set(xlabel="teacher's training steps", ylabel="accuracy")
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.legend(loc="center left", bbox_to_anchor=(0.02, 0.55))
    return fig


def teacher_text(rows):
    """Caption and alt text of the teacher's curves."""
    at = {step: pick(rows, teacher_step=step).groupby("seed")[["teacher_accuracy", "teacher_fresh_accuracy"]].first()
          for step in stops(rows)}  # fmt: skip
    said = "; ".join(
        f"{name} stop, {step:,} steps: {percent(found.teacher_accuracy)} of its own, {percent(found.teacher_fresh_accuracy)} of fresh pairs"
        for name, (step, found) in zip(WHICH, at.items(), strict=False)
    )
    known, found = at[stops(rows)[0]], at[stops(rows)[-1]]
    return {
        "caption": f"**By heart first, the rule later.** Accuracy of the teacher on its own pairs (dashed) and on fresh ones, a thin line a replicate. At its first stop it knows {percent(known.teacher_accuracy)} of its own pairs and {percent(known.teacher_fresh_accuracy)} of fresh ones; at its last, {percent(found.teacher_fresh_accuracy)} of fresh ones. Stars: mean accuracy on fresh pairs at the stops.",
        "alt": f"Two curves against training steps. {said}.",
    }


plots.show(teacher_figure(rows), name="modular-teacher", rows=[rows], **teacher_text(rows))

# %% [markdown]
# ## Figure 9: their students
#
# Above, students of the teacher that has only memorised; below, of the one that has found the rule; from left to right, hot labels to cold ones.

# %% tags=["hide-input", "thumbnail"]
PARTS = {  # metric -> colour, line, marker, name
    "student_train_accuracy": ("train", (0, (4, 2)), "", "its own pairs"),
    "fresh_accuracy": ("fresh", "-", "s", "fresh pairs"),
    "held_out_accuracy": ("held_out", "-", "o", "held-out pairs"),
}


def students_figure(rows):
    """Rows: teacher's stops; columns: τ from hot to cold; lines: the student's three parts against ρ."""
    steps, taus = stops(rows), sorted(rows.tau.unique(), reverse=True)
    inches = (2.6 * len(taus) + 2.5, 2.1 * len(steps) + 0.8)
    fig, axes = plt.subplots(len(steps), len(taus), figsize=inches, sharex=True, sharey=True, squeeze=False)
    for line, step in zip(axes, steps, strict=True):
        for ax, tau in zip(line, taus, strict=True):
            cell = pick(rows, teacher_step=step, tau=tau)
            for metric, (role, style, marker, _) in PARTS.items():
                own = pick(cell, start="independent")
                size = 7 if marker == "s" else 4  # where both coincide, both are seen
                along(ax, own, metric, color=plots.ROLE[role], linestyle=style, marker=marker, markersize=size)
            shared = pick(cell, start="shared")
            if len(shared):
                hollow = {"marker": "o", "markersize": 4, "markerfacecolor": "white", "linewidth": 1.2}
                along(ax, shared, "held_out_accuracy", color=plots.ROLE["held_out"], linestyle=":", **hollow)
            ax.axhline(cell.teacher_fresh_accuracy.mean(), color=plots.ROLE["teacher"], linewidth=1.1, zorder=0)
            ax.set(ylim=(-0.04, 1.06), xlim=(0, 1))
    for ax, tau in zip(axes[0], taus, strict=True):
        ax.set_title(f"τ = {tau:g}", fontweight="bold")
    for line, step, name in zip(axes, steps, WHICH, strict=False):
        line[0].set_ylabel(f"{name} teacher\n({step:,} steps)\n\naccuracy" if len(steps) > 1 else "accuracy")
        line[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    fig.supxlabel("ρ, share of the teacher's pairs that the student sees", fontsize=11)
    for role, style, marker, name in PARTS.values():
        axes[0, 0].plot([], [], color=plots.ROLE[role], linestyle=style, marker=marker, markersize=5, label=name)
    axes[0, 0].plot([], [], ":o", color=plots.ROLE["held_out"], markerfacecolor="white", markersize=4, linewidth=1.2,
                    label="held-out pairs,\nstart shared\nwith the teacher")  # fmt: skip
    axes[0, 0].plot([], [], color=plots.ROLE["teacher"], linewidth=1.1, label="the teacher on\nfresh pairs")
    fig.legend(loc="outside right center")
    return fig


def near_the_top(rows):
    """The largest ρ but one."""
    return sorted(rows.rho.unique())[-2]


def students_text(rows):
    """Caption and alt text of the grid of students."""
    steps, taus = stops(rows), sorted(rows.tau.unique(), reverse=True)
    most, less = rows.rho.max(), near_the_top(rows)
    first = pick(rows, teacher_step=steps[0], start="independent", rho=most)
    hot, cold = pick(first, tau=taus[0]), pick(first, tau=taus[-1])
    shared = pick(rows, teacher_step=steps[0], start="shared", rho=most, tau=taus[0]).held_out_accuracy
    told = (
        hot.held_out_accuracy.mean() > hot.fresh_accuracy.mean() + 0.05,
        cold.held_out_accuracy.mean() > cold.fresh_accuracy.mean() + 0.05,
    )
    lead = {
        (True, False): "Hot labels hand over the table, cold ones leave the student alone with the rule.",
        (True, True): "Held-out pairs come with labels of either temperature.",
    }.get(told, "Students of hot labels and of cold ones.")
    caption = (
        f"**{lead}** The teacher stopped after {steps[0]:,} steps knows {percent(hot.teacher_accuracy)} of its own pairs and {percent(hot.teacher_fresh_accuracy)} of fresh ones. "
        f"At ρ = {most:g}, students of its hot labels (τ = {taus[0]:g}) name {percent(hot.held_out_accuracy)} of the pairs that they never saw and {percent(hot.fresh_accuracy)} of fresh ones, and {percent(shared)} of the former if they begin with its weights; students of its cold labels (τ = {taus[-1]:g}) name {percent(cold.held_out_accuracy)} and {percent(cold.fresh_accuracy)}."
    )
    if len(steps) > 1:
        last = pick(rows, teacher_step=steps[-1], start="independent", rho=less)
        values = [percent(pick(last, tau=tau).fresh_accuracy) for tau in (taus[0], taus[-1])]
        caption += f" Of the teacher that has found the rule, at ρ = {less:g}, students of hot labels get {values[0]} of fresh pairs right, students of cold ones {values[1]}."
    lines = [
        f"{name} teacher, τ = {tau:g}: held out "
        + ", ".join(f"{v:.0%}" for v in cell.groupby("rho").held_out_accuracy.mean())
        + "; fresh "
        + ", ".join(f"{v:.0%}" for v in cell.groupby("rho").fresh_accuracy.mean())
        for name, step in zip(WHICH, steps, strict=False)
        for tau in taus
        for cell in [pick(rows, teacher_step=step, tau=tau, start="independent")]
    ]
    alt = f"A grid of panels against ρ = {', '.join(f'{rho:g}' for rho in sorted(rows.rho.unique()))}. " + ". ".join(
        lines
    )
    alt += f". Students get at least {rows.student_train_accuracy.min():.1%} of their own pairs right."
    return {"caption": caption, "alt": alt}


plots.show(students_figure(rows), name="modular-students", rows=[rows], **students_text(rows))

# %% [markdown]
# ## Figure 9: how they learn
#
# Two students in time, of the teacher that has found the rule: one of hot labels, one of cold ones.


# %% tags=["hide-input"]
def drawn(rows):
    """The two students whose learning is drawn: (ρ, τ) of hot labels, at the first ρ that tells much, and of cold."""
    kept = rows[rows.identity.isin(curves_of(rows).identity.unique()) & (rows.teacher_step == stops(rows)[-1])]
    hot = pick(kept, start="independent", tau=10.0).groupby("rho").held_out_accuracy.mean()
    enough = hot[hot >= 0.5]
    return [(enough.index[0] if len(enough) else hot.index[-1], 10.0), (0.9, 0.1)]


def time_figure(rows):
    """Both students' accuracies against their training steps, a thin line a replicate."""
    fig, axes = plt.subplots(1, 2, figsize=(9.8, 3.2), sharey=True)
    for ax, (rho, tau) in zip(axes, drawn(rows), strict=True):
        for metric, (role, style, _, name) in PARTS.items():
            cell = {"start": "independent", "teacher_step": stops(rows)[-1], "rho": rho, "tau": tau}
            values = curves(rows, metric, **cell)
            ax.plot(values.columns, values.T, color=plots.ROLE[role], linewidth=0.7, alpha=0.4, linestyle=style)
            ax.plot(values.columns, values.mean(), color=plots.ROLE[role], linestyle=style, label=name)
        ax.set(xlabel="student's training steps", ylim=(-0.03, 1.03), xlim=(0, values.columns[-1]))
        ax.set_title(f"τ = {tau:g}, ρ = {rho:g}", fontweight="bold")
    axes[0].set_ylabel("accuracy")
    axes[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    fig.legend(*axes[1].get_legend_handles_labels(), loc="outside right center")
    return fig


def halfway(values):
    """The first step at which the mean over replicates is 50 %, in words."""
    reached = values.columns[values.mean() >= 0.5]
    return f"reach 50 % at step {reached[0]:,}" if len(reached) else f"end at {values.iloc[:, -1].mean():.0%}"


def ahead(rows, rho, tau):
    """By how much held-out pairs are ahead of fresh ones, on average over the training."""
    cell = {"start": "independent", "teacher_step": stops(rows)[-1], "rho": rho, "tau": tau}
    return float((curves(rows, "held_out_accuracy", **cell) - curves(rows, "fresh_accuracy", **cell)).mean(axis=None))


def points(share):
    """`+10 points`"""
    return f"{plots.signed(100 * share, 0)} points"


def time_text(rows):
    """Caption and alt text of the learning curves."""
    said, leads = [], [ahead(rows, *which) for which in drawn(rows)]
    for rho, tau in drawn(rows):
        cell = {"start": "independent", "teacher_step": stops(rows)[-1], "rho": rho, "tau": tau}
        own, fresh, held_out = (halfway(curves(rows, metric, **cell)) for metric in PARTS)
        said.append(
            f"At τ = {tau:g} and ρ = {rho:g}, its own pairs {own}, held-out pairs {held_out} and fresh ones {fresh}"
        )
    lead = "Two students' learning."
    if leads[0] > 0.03 > abs(leads[1]):
        lead = "From hot labels, what the teacher has by heart comes first; from cold ones, held-out and fresh pairs come together."
    text = (
        ". ".join(said)
        + f". Held-out minus fresh accuracy, averaged over the training: {points(leads[0])} from hot labels, {points(leads[1])} from cold ones"
    )
    return {"caption": f"**{lead}** {text}.", "alt": f"Accuracies against the student's training steps. {text}."}


plots.show(time_figure(rows), name="modular-learning", rows=[rows], **time_text(rows))

# %% [markdown]
# ## Figures 2 and 8: a transformer
#
# The same with the paper's transformer of one block, which reads the pair as two tokens. In small (p = 31, 40 % of the pairs) there is one teacher, stopped when it knows its own pairs.

# %% tags=["hide-input"]
plots.show(
    students_figure(transformers), name="modular-transformer", rows=[transformers], **students_text(transformers)
)

# %% tags=["hide-input"]
plots.show(
    time_figure(transformers), name="modular-transformer-learning", rows=[transformers], **time_text(transformers)
)

# %% [markdown]
# The teacher gets a few fresh pairs right, young as it is. Has it begun to find the rule? A transformer embeds $a$ and $b$ alike, so that $a + b = b + a$ may come to it almost for free, and the mirror image $(b, a)$ of many a fresh pair is among its own. So held-out and fresh pairs are asked about once more, apart: those whose mirror image has been seen, and those that stand alone.

# %%
of = [
    s
    for s in find("memorized/modular_transformer").grid(scale)
    if (s.rho, s.tau, s.start) == (0.9, 10.0, "independent")
]
small, (n, m) = of[0], parts(of[0].p, of[0].fraction, 0.9)
known = [weights.weights for weights in teachers(of, "cpu", cache_folder()).values()]  # a stack of one a replicate
pairs = torch.stack([order(s) for s in of])  # (R, N, 2): the student's, then the held-out, then the fresh
soft = torch.cat([soften(transformer.logits(z, x[None, :m]), tau=10) for z, x in zip(known, pairs, strict=True)])
begin = join([student_start(s) for s in of])
student = train(transformer.logits, begin, pairs[:, :m], soft, lr=small.lr, steps=small.student_steps)

# %% tags=["hide-input"]
place = pairs[..., 0] * small.p + pairs[..., 1]  # where a pair stands in the table, (R, N)
mirror = pairs[..., 1] * small.p + pairs[..., 0]
with_mirror = {
    size: torch.stack([torch.isin(a, b[:size]) for a, b in zip(mirror, place, strict=True)]) for size in (m, n)
}
by_teacher = (transformer.logits(join(known), pairs).argmax(-1) == sums(pairs, small.p)).double()
by_student = (transformer.logits(student, pairs).argmax(-1) == sums(pairs, small.p)).double()
questions = {  # who is asked about what: answers, which pairs, among whose pairs a mirror image counts
    "teacher, fresh pairs": (by_teacher, slice(n, None), n),
    "student, fresh pairs": (by_student, slice(n, None), n),
    "student, held-out pairs": (by_student, slice(m, n), m),
}
alone = {}
for question, (answers, which, size) in questions.items():
    seen = with_mirror[size][:, which]
    alone[question] = [float(answers[:, which][mask].mean()) for mask in (seen, ~seen)]
columns = ["mirror image among its own", "alone"]
mirrors = pd.DataFrame(alone, index=columns).T.map("{:.0%}".format)
mirrors

# %% tags=["hide-input"]
(fresh_with, fresh_alone), (_, told_nothing), (_, held_alone) = alone.values()
more = "What comes through is the table, not only the symmetry." if held_alone > told_nothing + 0.05 else ""
plots.answer(
    f"Of fresh pairs whose mirror image the teacher has learned, it gets {fresh_with:.0%} right, of those that stand alone {fresh_alone:.0%}: beyond its own pairs it knows, here and there, that order does not matter, and nothing of the rule. Its students of hot labels name {held_alone:.0%} of the held-out pairs whose mirror image they have not seen, and {told_nothing:.0%} of fresh pairs that stand alone. {more} (ρ = 0.9, own starts, {len(of)} replicates pooled; the mirror image of a fresh pair counts if it is among the teacher's pairs, of a held-out pair if it is among the student's.)"
)

# %% [markdown]
# ## Who begins as whom
#
# In the released code each network draws its first weights *before* a seed is set, and ends its construction by setting always the same one. So every network after the first of a process begins with the same weights: students begin as their teacher did, and repeats repeat. Our students begin with weights of their own unless we say otherwise (open circles above). Here is otherwise, in four kinds: all weights shared with the teacher's start, none, the hidden layers only, or the output layer only; for the first teacher and hot labels.

# %% tags=["hide-input"]
STARTS = {  # start -> colour, line, marker, its face, name, in a sentence; circles as in the figures above
    "shared": (plots.ROLE["held_out"], ":", "o", "white", "all layers shared", "with the teacher's own first weights"),
    "shared hidden": ("#8a3b00", "--", "^", "#8a3b00", "hidden layers shared", "with those of its hidden layers"),
    "shared head": ("#f2a765", "-.", "v", "#f2a765", "output layer shared", "with those of its output layer"),
    "independent": (plots.ROLE["held_out"], "-", "o", plots.ROLE["held_out"], "nothing shared", "with weights of their own"),
}  # fmt: skip


def first_cell(rows, **wanted):
    """The first teacher's students of hot labels."""
    return pick(rows, teacher_step=stops(rows)[0], tau=10.0, **wanted)


def by_start(rows, rho=0.9):
    """Their held-out accuracy: replicates × the starts that ran in all of them."""
    found = first_cell(rows, rho=rho).pivot(index="seed", columns="start", values="held_out_accuracy")
    found = found.dropna(subset=["shared", "independent"])
    return found[[start_ for start_ in STARTS if start_ in found]].dropna(axis=1)


def starts_figure(rows, published=None):
    """Left, against ρ, with published points where there are any; right, at ρ = 0.9, a dot a replicate."""
    fig, axes = plt.subplots(1, 2, figsize=(9.6, 3.7), sharey=True, width_ratios=(1, 1.15))
    values = by_start(rows)
    for start_ in values:
        colour, line, marker, face, name, _ = STARTS[start_]
        style = {"color": colour, "linestyle": line, "marker": marker, "markersize": 5, "markerfacecolor": face}
        along(axes[0], first_cell(rows, start=start_), "held_out_accuracy", label=name, **style)
    if published is not None:
        mixed = mixture(rows)
        axes[0].plot(mixed.index, mixed, color="0.55", linewidth=1.2, label="two shared, one own")
        axes[0].plot(published.index, published, "D", color="0.25", markersize=5, label="the paper")
    axes[1].plot(range(values.shape[1]), values.T, color="0.85", linewidth=0.8, zorder=0)
    for x, start_ in enumerate(values):
        colour, _, marker, face, *_ = STARTS[start_]
        middle, low, high = t_interval(values[start_])
        axes[1].scatter(np.full(len(values), x), values[start_], s=14, color=colour, alpha=0.45, linewidths=0)
        style = {"fmt": marker, "color": colour, "markerfacecolor": face, "capsize": 5, "markersize": 8}
        axes[1].errorbar(x, middle, [[middle - low], [high - middle]], **style)
    names = [STARTS[start_][4].replace(" shared", "\nshared") for start_ in values]
    axes[1].set_xticks(range(values.shape[1]), names)
    axes[1].set(xlim=(-0.5, values.shape[1] - 0.5))
    axes[0].set(xlabel="ρ, share of the teacher's pairs seen", ylabel="held-out pairs named", ylim=(-0.03, 1.03))
    axes[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes[0].legend(loc="upper left")
    axes[1].set_title(f"ρ = 0.9, {len(values)} replicates", fontsize=11)
    return fig


def mixture(rows):
    """By ρ, what three students would name on average of whom two share the teacher's start and one does not."""
    found = first_cell(rows).groupby(["rho", "start"]).held_out_accuracy.mean().unstack()
    return ((2 * found["shared"] + found["independent"]) / 3).dropna()


def starts_text(rows, published=None):
    """Caption and alt text of the starts."""
    values = by_start(rows)
    said = {start_: percent(values[start_]) for start_ in values}
    fresh = first_cell(rows, rho=0.9).fresh_accuracy.max()
    fewest = int(first_cell(rows).groupby(["start", "rho"]).seed.nunique().min())
    lift = lifts(rows)
    lead = "Who begins as whom."
    if adds(lift["shared"]):
        lead = "Who begins as the teacher began takes over its table."
    if carried_by_the_whole(rows):
        lead = "The whole start carries it, not a part of it."
    against = "; ".join(
        f"{STARTS[start_][4]} "
        + ", ".join(f"{v:.0%} at {rho:g}" for rho, v in part.groupby("rho").held_out_accuracy.mean().items())
        for start_, part in first_cell(rows).groupby("start")
        if start_ in values
    )
    diamonds = "" if published is None else (
        " Diamonds: the paper's figure, read off to 0.01; grey line: the mean of three students of ours of whom two share the teacher's start."
    )  # fmt: skip
    with_each = ", ".join(f"{text} {STARTS[start_][5]}" for start_, text in said.items())
    points_ = "" if published is None else (
        " The paper's points: " + ", ".join(f"{v:.2f} at {rho:g}" for rho, v in published.items()) + "."
    )  # fmt: skip
    return {
        "caption": f"**{lead}** Held-out pairs that students of the first teacher name at τ = 10; left against ρ, at least {fewest} replicate{'s' * (fewest > 1)} a point; right at ρ = 0.9, a dot a replicate, grey lines join the students of one teacher. At ρ = 0.9: {with_each}. No student names more than {plots.number(100 * fresh)} % of fresh pairs.{diamonds}",
        "alt": "Held-out accuracy by what a student's start shares with the teacher's, at ρ = 0.9: "
        + "; ".join(f"{STARTS[start_][4]}, {text}" for start_, text in said.items())
        + f". Against ρ: {against}.{points_}",
    }


def lifts(rows):
    """What each start adds to an independent one, in percentage points, replicate by replicate."""
    values = by_start(rows)
    return {start_: 100 * (values[start_] - values["independent"]) for start_ in values if start_ != "independent"}


def adds(values):
    """Whether a start adds something beyond doubt."""
    return t_interval(values)[1] > 0


def carried_by_the_whole(rows):
    """Whether sharing everything adds, beyond doubt, more than the two parts add one by one together."""
    lift = lifts(rows)
    return len(lift) == 3 and adds(lift["shared"] - lift["shared hidden"] - lift["shared head"])


plots.show(starts_figure(rows), name="modular-starts", rows=[rows], **starts_text(rows))


# %% tags=["hide-input"]
def span(values):
    """`+5 points [+1, +9]`"""
    return plots.interval(t_interval(values), 0, plots.signed, " points")


def what_starts_add(rows):
    """What a shared start adds, whole and in parts, and whether the output layer decides."""
    lift = lifts(rows)
    whole = span(lift["shared"])
    if len(lift) < 3:
        return (
            f"Against a start of its own, the whole start adds {whole}; its parts were not run apart in all replicates.",
            "",
        )
    head, hidden = lift["shared head"], lift["shared hidden"]
    share = 100 * head.mean() / lift["shared"].mean()
    if adds(head) and share >= 50:
        agrees = f"The rows agree: the output layer alone gives {share:.0f} % of what the whole start gives."
    elif adds(head):
        agrees = f"On heads they agree in part only: the output layer adds something, but {share:.0f} % of what the whole start adds."
    else:
        agrees = (
            "That the output layer decides, they do not show: the interval of what it adds alone reaches below zero."
        )
        agrees += " If a part tells, it is the hidden layers." if adds(hidden) else ""
    more = "more than" if carried_by_the_whole(rows) else "not clearly more than"
    adding = f"Against a start of its own, the whole start adds {whole}, the hidden layers alone {span(hidden)}, the output layer alone {span(head)}: the whole adds {more} both parts one by one together."
    return adding, agrees


def verdict_on_heads(rows):
    """What the starts say about the claim that the output layer decides."""
    adding, agrees = what_starts_add(rows)
    own = first_cell(rows, rho=0.9, start="independent")
    lead = t_interval(own.held_out_accuracy - own.fresh_accuracy)[1] > 0
    without = (
        f"That no shared start is *needed*, our rows confirm: with weights of their own, students name {percent(own.held_out_accuracy)} of held-out pairs and {percent(own.fresh_accuracy)} of fresh ones. "
        if lead
        else ""
    )
    return (
        f"{adding}\n\n"
        "That a student which begins as its teacher did takes over what the labels do not say in so many words is known as *subliminal learning* ([Cloud et al., 2025](https://arxiv.org/abs/2507.14805)). "
        f"A later study ([Brockers et al., 2026](https://arxiv.org/abs/2605.23645)) finds that no matched start is needed: what decides is whether the output heads fit, and hidden layers may begin anywhere. {without}{agrees} "
        "The settings differ, so nobody is contradicted: there, students learn to read digits from labelled noise, through an output head set apart for it, and what passes is a skill; here the output layer learns the very classes that we ask for, and what passes is a table of single pairs."
    )


plots.answer(verdict_on_heads(rows))

# %% [markdown]
# ## The paper's figures in words, and its numbers beside ours
#
# Of the official runs only the plots of figure 9 survive, as images in the released notebook; the numbers below are read off them, to within 0.01 or so. In the official figure, p is 113, the teacher has 30 % of the pairs, and it gets 0.00, 0.07 and 1.00 of fresh pairs right at its three stops. Students of the first teacher name up to 0.69 of the held-out pairs from hot labels, and nothing fresh; from cold labels of nine tenths of the pairs, all of them find the rule. Students of the last teacher find it from half of the pairs when labels are hot, and from nine tenths when they are cold. Of the transformer's figures no number survives; by accounts of the paper, its students lead on held-out pairs from hot labels in the same way.

# %% tags=["hide-input"]
OFFICIAL = {  # (teacher, τ): held out and fresh at ρ = 0.5, held out and fresh at ρ = 0.9
    (1, 10.0): (0.44, 0.0, 0.69, 0.0), (1, 1.0): (0.03, 0.0, 0.81, 0.43), (1, 0.1): (0.0, 0.0, 1.0, 1.0),
    (2, 10.0): (0.28, 0.02, 1.0, 0.08), (2, 1.0): (0.01, 0.0, 1.0, 1.0), (2, 0.1): (0.0, 0.0, 1.0, 1.0),
    (3, 10.0): (1.0, 1.0, 1.0, 1.0), (3, 1.0): (0.01, 0.0, 1.0, 1.0), (3, 0.1): (0.0, 0.0, 1.0, 1.0),
}  # fmt: skip


def beside(rows):
    """The paper's numbers and ours, held-out / fresh, where our grid has them."""
    tables = {f"ours, {table.attrs['scale']}": table for table in (rows, larger) if table is not None}
    steps = {
        name: sorted({s.teacher_step for s in find("memorized/modular_mlp").grid(table.attrs["scale"], 1)})
        for name, table in tables.items()
    }
    lines = []
    for (k, tau), published in OFFICIAL.items():
        line = {"teacher": WHICH[k - 1], "τ": f"{tau:g}"}
        for i, rho in enumerate((0.5, 0.9)):
            line[f"paper, ρ = {rho}"] = "{:.2f} / {:.2f}".format(*published[2 * i : 2 * i + 2])
            for name, table in tables.items():
                for start_ in ("independent", "shared"):
                    cell = pick(table, teacher_step=steps[name][k - 1], tau=tau, rho=rho, start=start_)
                    both = cell[["held_out_accuracy", "fresh_accuracy"]].mean()
                    line[f"{name}, {start_}, ρ = {rho}"] = "{:.2f} / {:.2f}".format(*both) if len(cell) else "–"
        lines.append(line)
    table = pd.DataFrame(lines)
    return table.loc[:, (table != "–").any()]


plots.raw(f'<div style="overflow-x:auto">{beside(rows).to_html(index=False, border=0, classes="table")}</div>')

# %% tags=["hide-input"]
RHOS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9)
OFFICIAL_FIRST = pd.Series(
    (0.01, 0.02, 0.03, 0.04, 0.06, 0.12, 0.44, 0.69, 0.69), RHOS
)  # held out, first teacher, τ = 10


def inference():
    """Where the official plateau at 0.69 comes from, and what our rows say to that."""
    text = (
        "Each cell: held-out / fresh. The official first row looks odd, a plateau at 0.69 for ρ = 0.7 and 0.9. Our **inference, no proof**: its three repeats are one with an independent start (the first teacher of a process has another start than all later networks) and two identical ones with the shared start. "
        f"If those two name every held-out pair, the third names 3 × 0.69 − 2 = {3 * 0.69 - 2:.2f}, which is what an independent start would have to leave at that size. "
    )
    values = by_start(rows if larger is None else larger)
    seen = f"{percent(values.independent)} with a start of their own and {percent(values.shared)} with the shared one"
    if larger is None:
        return text + f"In small we see {seen}."
    off = (mixture(larger) - OFFICIAL_FIRST).dropna().abs()
    return text + (
        f"At that size our students name {seen}. The inference {'holds' if holds() else 'does not hold'}: two of the one and one of the other come to {mixture(larger)[0.9]:.2f} on average at ρ = 0.9, and over {len(off)} values of ρ to within {off.max():.2f} of the paper's points (largest difference at ρ = {off.idxmax():g})."
    )


def holds():
    """Whether two shared starts and one own give the paper's points to within 0.05 everywhere."""
    return larger is not None and (mixture(larger) - OFFICIAL_FIRST).abs().max() <= 0.05


plots.answer(inference())

# %% [markdown]
# ## At the paper's size


# %% tags=["hide-input"]
def has_a_replicate(rows):
    """Whether rows hold every cell of the paper's grid at least once."""
    grid = find(rows.attrs["study"]).grid(rows.attrs["scale"], 1)
    return {identity(s) for s in grid} <= set(rows.identity)


if larger is not None:
    if has_a_replicate(larger):
        plots.show(teacher_figure(larger), name="modular-teacher-stored", rows=[larger], **teacher_text(larger))
        plots.show(students_figure(larger), name="modular-students-stored", rows=[larger], **students_text(larger))
        plots.show(time_figure(larger), name="modular-learning-stored", rows=[larger], **time_text(larger))
    fig, text = starts_figure(larger, OFFICIAL_FIRST), starts_text(larger, OFFICIAL_FIRST)
    plots.show(fig, name="modular-starts-stored", rows=[larger], **text)
    plots.answer(" ".join(what_starts_add(larger)))
if larger_transformers is not None and has_a_replicate(larger_transformers):
    big = larger_transformers
    plots.show(teacher_figure(big), name="modular-transformer-teacher-stored", rows=[big], **teacher_text(big))
    plots.show(students_figure(big), name="modular-transformer-stored", rows=[big], **students_text(big))
    plots.show(time_figure(big), name="modular-transformer-learning-stored", rows=[big], **time_text(big))

# %% tags=["hide-input"]
plots.missing("memorized/modular_mlp", "the other teachers and temperatures of figure 9 are seen in small alone")
plots.missing("memorized/modular_transformer", "figures 2 and 8 are seen in small alone")

# %% [markdown]
# ## Where we depart, and why
#
# - **Starts.** Independent unless we say otherwise; the official code shares them by accident.
# - **Splits.** In the official code one order of the pairs, fixed by seed 0, serves all repeats. Ours differ from replicate to replicate, so that intervals cover the luck of the split. In both, parts are nested: whoever has more pairs has the same ones and some more.
# - **Stops.** One teacher is stopped three times. The official code trains three. All see the full batch at every step, so from one start the shorter trainings are the beginnings of the longest.
# - **Size.** In small, p = 23 with 70 % of the pairs, 64 units, a learning rate of 0.01 and 1,500 steps of a student. The third stop is at 2,000 steps: on some splits a teacher of 1,000 steps has not finished finding the rule. At τ = 10 a student of the last teacher learns the rule from half of the pairs in the paper; in small it takes more.
# - **Transformer.** In small, p = 31 with 40 % of the pairs, one teacher, and the shared start for hot labels only. Our transformer computes only what is read, the last position; a test holds it equal to the whole.
# - **Cells.** The four starts are compared for the first teacher and τ = 10 alone.
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("memorized/modular_addition", rows=[rows, transformers, larger, larger_transformers])

# %% [markdown]
# ## Answer


# %% tags=["hide-input"]
def answer(rows):
    """The page in two sentences."""
    first, last = stops(rows)[0], stops(rows)[-1]
    cell = {"teacher_step": first, "tau": 10.0, "rho": 0.9}
    own, shared = (pick(rows, start=start_, **cell).held_out_accuracy for start_ in ("independent", "shared"))
    fresh = pick(rows, start="independent", **cell).fresh_accuracy
    cold = pick(rows, start="independent", **cell | {"tau": 0.1})
    less = near_the_top(rows)
    hot = [pick(rows, start="independent", teacher_step=last, tau=tau, rho=less).fresh_accuracy for tau in (10.0, 0.1)]
    return (
        f"**Answer.** A student of hot labels takes what its teacher has: of one that has only memorised, {percent(own)} of the pairs that it never saw and {percent(fresh)} of fresh ones, and {percent(shared)} of the former if it begins with its teacher's weights; of one that has found the rule, the rule, at ρ = {less:g} for {percent(hot[0])} of fresh pairs. "
        f"A student of cold labels takes little but the classes and is left to find the rule itself: with nine tenths of the pairs it gets {percent(cold.fresh_accuracy)} of fresh ones right where its teacher gets {percent(cold.teacher_fresh_accuracy)}, and at ρ = {less:g} {percent(hot[1])}, even from a teacher that knows the rule."
    )


def answer_at_size(rows):
    """What the rows at the paper's size add to it."""
    values = by_start(rows)
    decides = "decides" if adds(lifts(rows)["shared"]) else "is not seen to decide"
    mixed = " The published curve is what two students of the one start and one of the other average to."
    return (
        f"At the paper's size, p = {rows.p.iloc[0]}, the start {decides}: at ρ = 0.9 a student that begins as its teacher began names {percent(values.shared)} of the pairs that it never saw, one that does not {percent(values.independent)}."
        + (mixed if holds() else "")
    )


plots.answer(" ".join([answer(rows)] + ([answer_at_size(larger)] if larger is not None else [])))

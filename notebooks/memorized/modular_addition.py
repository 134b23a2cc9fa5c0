# %% [markdown]
# # Where memorising and generalising part ways
#
# **Question.** So far labels were random, so a student could only learn what its teacher had memorised. What if there is a rule? Does the student of a teacher that has only memorised learn the rule, or what the teacher memorised?
#
# [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457) take addition modulo p, the classic example of *grokking*: a network first memorises its training pairs and is at chance on all others; long after, it finds the rule. Stop it early and you have a teacher that has only memorised. Stop it late and you have one that generalises, from the very same data. This page computes their figures 9 (a perceptron), 2 and 8 (a transformer). It adds a question of ours: what if student and teacher start from the same initial weights? In the released code they do, by accident.

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
n, m = parts(p, fraction=0.7, rho=0.9)  # the first n: teacher's; of those the first m: student's
begin = start(sizes, [stream])

hard = harden(sums(pairs[:n], p), p)[None]  # (1, n, 23)
teacher = train(pair_logits, begin, pairs[:n], hard, lr=1e-2, steps=100)
soft = soften(pair_logits(teacher, pairs[:m]), tau=10)  # (1, m, 23): all that a student learns from
for name, weights in {"own start": start(sizes, [stream]), "teacher's start": begin}.items():
    student = train(pair_logits, weights, pairs[:m], soft, lr=1e-2, steps=1500 // shorten)
    right = (pair_logits(student, pairs)[0].argmax(-1) == sums(pairs, p)).float()
    held_out, fresh = right[m:n].mean(), right[n:].mean()
    print(f"{name}: {held_out:.0%} of {n - m} held-out pairs, {fresh:.0%} of {p * p - n} fresh ones")

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
    caption=f"A table with a rule, and its three parts. Left, the sums modulo {p}, one colour per sum. Right, the split of the cell above: {m} pairs for teacher and student (purple), {n - m} that only the teacher sees (orange), {p * p - n} fresh ones (green).",
    alt=f"Two square grids of {p} by {p} cells. Left, diagonal stripes of colour: equal sums. Right, the cells scattered at random: {m} purple, {n - m} orange, {p * p - n} green.",
)

# %% [markdown]
# ## The sweep
#
# Each replicate has a split of its own and a teacher of its own, which trains once and is stopped three times. All students of a replicate have the same initial weights, unless they share the teacher's. Students differ in ρ, in τ and in the teacher's stop. Soft labels are the softmax of the teacher's logits divided by τ = 10, 1 or 0.1: **hot** labels (τ = 10) have high entropy, **cold** ones (τ = 0.1) are nearly hard labels.

# %%
rows = live(MLP, scale, device)
transformers = live(TRANSFORMER, scale, device)

# %% tags=["hide-input"]
larger, larger_transformers = stored(MLP), stored(TRANSFORMER)
shown, shown_transformers = (  # the larger scale where it has every teacher and temperature
    live_rows if more is None or not read.has_three_replicates(more) else more
    for live_rows, more in ((rows, larger), (transformers, larger_transformers))
)
largest = rows if larger is None else larger
ORDINAL = ("first", "second", "third")


def share(rows, metric, **cell):
    """`62 % [57, 67]`: the mean of a metric over the replicates at some points."""
    return plots.share(points.average(rows, metric, **cell)[""])


one = rows.iloc[0]
of_teacher, _ = parts(one.p, one.fraction, 0.5)
few, most_seeds = rows.groupby(["start", "teacher_step", "tau", "rho"]).seed.nunique().agg(["min", "max"])
plots.answer(
    f"At {rows.attrs['scale']} scale, p = {one.p} and the teacher has {of_teacher} of {one.p**2} pairs. Networks have two hidden layers of {one.hidden} units and train with AdamW at {one.lr:g}. Teachers are stopped after {', '.join(f'{step:,}' for step in read.stops(rows))} steps, students after {one.student_steps:,}. There are {few} replicates; the settings that claims M6, M8, M9 and N1 compare have {most_seeds}."
)

# %% [markdown]
# ## The paper’s figure 9: the teacher


# %% tags=["hide-input"]
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
    lead = f"At its first stop the teacher gets {100 * own_first:.0f} % of its own pairs right and {100 * fresh_first:.0f} % of fresh ones."
    if own_first > 0.99 and fresh_first < 0.05:
        found = "the rule later" if fresh_last > 0.9 else "and at its last stop it has not found the rule"
        lead = f"First memorised, {found}."
    plots.show(
        draw_teacher(rows),
        name=name,
        caption=f"**{lead}** Its accuracy on its own pairs (dashed) and on fresh ones, a thin line per replicate; stars: means at the stops. Fresh pairs: {fresh[0]} at its first stop, {fresh[-1]} at its last.",
        alt=f"Two curves against training steps. {at_stops}.",
        rows=[rows],
    )


show_teacher(shown, "modular-teacher")

# %% [markdown]
# ## The paper’s figure 9: their students
#
# Above, students of the teacher at its first stop; below, at its last. The table further down has the second stop and τ = 1 too.

# %% tags=["hide-input"]
PARTS = {  # metric -> colour, line, marker and its size, name; where two coincide, the larger square shows
    "student_train_accuracy": ("train", (0, (4, 2)), "", 4, "its own pairs"),
    "fresh_accuracy": ("fresh", "-", "s", 7, "fresh pairs"),
    "held_out_accuracy": ("held_out", "-", "o", 4, "held-out pairs"),
}
HOLLOW = {"color": plots.ROLE["held_out"], "linestyle": ":", "marker": "o", "markersize": 4, "markerfacecolor": "white", "linewidth": 1.2}  # fmt: skip


def draw_students(rows):
    """Rows: the teacher at its first and last stop; columns: hot and cold labels; lines: accuracy on the three parts against ρ.

    Diamonds: the paper's figure, where the rows are of its size.
    """
    stops, taus = read.stops(rows), sorted(rows.tau.unique(), reverse=True)
    steps, taus = list(dict.fromkeys((stops[0], stops[-1]))), (taus[0], taus[-1])
    inches = (8.6, 2.6 * len(steps) + 0.6)
    fig, axes = plt.subplots(len(steps), 2, figsize=inches, sharex=True, sharey=True, squeeze=False)
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
        printed = read.PAPER.get((stops.index(steps[i]) + 1, taus[j])) if len(stops) == 3 else None
        if printed and rows.attrs["scale"] == "paper" and rows.attrs["study"] == MLP.id:
            for k, role in enumerate(("held_out", "fresh")):
                ax.plot([0.5, 0.9], printed[k::2], "D", color=plots.ROLE[role], markerfacecolor="white", markersize=7)
        knows = "knows the rule" if cell.teacher_fresh_accuracy.mean() > 0.9 else "has not found the rule"
        ax.set(ylim=(-0.04, 1.06), xlim=(0, 1))
        ax.set_title(f"τ = {taus[j]:g}, teacher of {steps[i]:,} steps\n{knows}", fontsize=11, loc="center")
    for ax in axes[:, 0]:
        ax.set_ylabel("accuracy")
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    for ax in axes[-1]:
        ax.set_xlabel("ρ, share of the teacher's pairs seen")
    lines = {
        name: {"color": plots.ROLE[role], "linestyle": line, "marker": marker, "markersize": 5}
        for role, line, marker, _, name in PARTS.values()
    }
    lines |= {"held-out pairs, start shared with the teacher": HOLLOW}
    lines |= {"the teacher on fresh pairs": {"color": plots.ROLE["teacher"], "linewidth": 1.1}}
    plots.legend_below(fig, lines, columns=2)
    return fig


def what_they_teach(rows, cell):
    """What labels at these points teach beyond a student's own pairs, in a clause."""
    parts = "held_out_accuracy", "fresh_accuracy"
    held_out, fresh = (points.average(rows, part, **cell)[""].mean() for part in parts)
    if max(held_out, fresh) <= 0.1:
        return "teach hardly any of either"
    if held_out > fresh + 0.05:
        return f"teach {'held-out pairs but hardly any fresh ones' if fresh < 0.1 else 'more held-out pairs than fresh ones'}"
    return "teach both alike: students find the rule" if fresh > 0.5 else "teach as many fresh pairs as held-out ones"


def show_students(rows, name):
    """The figure with its caption."""
    steps, taus = read.stops(rows), sorted(rows.tau.unique(), reverse=True)
    most = rows.rho.max()  # there students of hot and of cold labels may find the rule
    hot = {"teacher_step": steps[0], "start": "independent", "rho": most, "tau": taus[0]}
    cold = hot | {"tau": taus[-1]}
    lead = f"Hot labels (τ = {taus[0]:g}) of the teacher at its first stop {what_they_teach(rows, hot)}; cold ones (τ = {taus[-1]:g}) {what_they_teach(rows, cold)}."
    right = [
        " and ".join(
            f"{points.average(rows, part, **cell)[''].mean():.0%}" for part in ("held_out_accuracy", "fresh_accuracy")
        )
        for cell in (hot, cold)
    ]
    caption = f"**{lead}** Held-out and fresh pairs right at ρ = {most:g}: {right[0]} (hot), {right[1]} (cold). Bands: 95 % t intervals."
    panels = []
    for step, which in sorted(({steps[-1]: "last"} | {steps[0]: "first"}).items()):
        for tau in (taus[0], taus[-1]):
            held_out, fresh = (
                points.along(rows, metric, "rho", teacher_step=step, tau=tau, start="independent").mean()
                for metric in ("held_out_accuracy", "fresh_accuracy")
            )
            panels.append(
                f"teacher at its {which} stop, τ = {tau:g}: held out {', '.join(map('{:.0%}'.format, held_out))}; fresh {', '.join(map('{:.0%}'.format, fresh))}"
            )
    fits = points.least(rows, "student_train_accuracy")[""].min()
    alt = f"A grid of panels against ρ = {', '.join(f'{rho:g}' for rho in sorted(rows.rho.unique()))}. {'. '.join(panels)}. Students get at least {fits:.1%} of their own pairs right."
    plots.show(draw_students(rows), name=name, caption=caption, alt=alt, rows=[rows])


# %% tags=["hide-input", "thumbnail"]
show_students(shown, "modular-students")

# %% tags=["hide-input", "hide-output"]
if shown is not rows:
    show_students(rows, "modular-students-quick")

# %% tags=["hide-input"]
first, last, less = read.stops(shown)[0], read.stops(shown)[-1], sorted(shown.rho.unique())[-2]
hot = {"teacher_step": first, "start": "independent", "tau": read.HOT, "rho": 0.9}
cold = hot | {"tau": read.COLD}
of_hot, of_cold = (share(shown, "fresh_accuracy", **cell | {"teacher_step": last, "rho": less}) for cell in (hot, cold))
fewer = claims.sentence(
    "M8",
    shown,
    "so hot labels pass the rule on with fewer pairs",
    "so hot labels do not pass the rule on with fewer pairs",
    "which does not decide whether hot labels pass the rule on with fewer pairs",
)
plots.answer(
    f"From the teacher at its last stop, at ρ = {less:g}, students trained on hot labels get {of_hot} of fresh pairs right and students trained on cold labels {of_cold}, {fewer}."
)

# %% [markdown]
# ## The paper’s figure 9: how they learn
#
# Two students of the teacher at its last stop, while they train: one on hot labels, one on cold ones.


# %% tags=["hide-input"]
def draw_learning(rows):
    """Both students' accuracies against their training steps, one thin line per replicate."""
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
        lead = "From hot labels, a student first learns what the teacher has memorised; from cold ones, it does not learn the held-out pairs."
    elif leads[0] > 0.03 > abs(leads[1]):
        lead = "From hot labels, a student first learns what the teacher has memorised; from cold ones, it learns held-out and fresh pairs together."
    elif leads[0] > 0.03:
        lead = "From hot labels, a student learns held-out pairs before fresh ones; from cold ones, it does not learn them together either."
    hot, cold = (f"{plots.signed(100 * ahead, 0)} points" for ahead in leads)
    text = f"Held-out minus fresh accuracy, averaged over the training: {hot} from hot labels, {cold} from cold ones."
    alt = f"Accuracies against the student's training steps. {'. '.join(said)}. {text}"
    plots.show(draw_learning(rows), name=name, caption=f"**{lead}** {text}", alt=alt, rows=[rows])


show_learning(shown, "modular-learning")

# %% [markdown]
# ## The paper’s figures 2 and 8: a transformer
#
# The same with the paper's transformer of one block, which reads the pair as two tokens.

# %% tags=["hide-input"]
block = shown_transformers.iloc[0]
plots.answer(
    f"At {shown_transformers.attrs['scale']} scale (p = {block.p}, {100 * block.fraction:.0f} % of the pairs) the teacher is stopped after {', '.join(f'{step:,}' for step in read.stops(shown_transformers))} steps."
)

# %% tags=["hide-input"]
show_students(shown_transformers, "modular-transformer")

# %% [markdown]
# How these students learn:

# %% tags=["hide-input", "hide-output"]
show_learning(shown_transformers, "modular-transformer-learning")

# %% [markdown]
# Where the teacher gets fresh pairs right although it is stopped early, has it begun to find the rule? A transformer embeds $a$ and $b$ the same way, so it may easily learn $a + b = b + a$, and the mirror image $(b, a)$ of many fresh pairs is among its own. So we evaluate held-out and fresh pairs once more, in two groups: those whose mirror image has been seen, and those whose mirror image has not.

# %% tags=["hide-input"]
of = [s for s in TRANSFORMER.grid(scale) if (s.rho, s.tau, s.start) == (0.9, 10.0, "independent")]
small, (seen, own) = of[0], parts(of[0].p, of[0].fraction, 0.9)
known = [weights.weights for weights in teachers(of, "cpu", cache_folder()).values()]  # one stack per replicate
orders = torch.stack([order(s) for s in of])  # (R, N, 2): the student's, then the held-out, then the fresh
given = torch.cat([soften(transformer.logits(z, x[None, :own]), tau=10) for z, x in zip(known, orders, strict=True)])
begun = join([student_start(s) for s in of])
distilled = train(transformer.logits, begun, orders[:, :own], given, lr=small.lr, steps=small.student_steps)

# %% tags=["hide-input"]
place = orders[..., 0] * small.p + orders[..., 1]  # where a pair stands in the table, (R, N)
mirror = orders[..., 1] * small.p + orders[..., 0]
with_mirror = {
    size: torch.stack([torch.isin(a, b[:size]) for a, b in zip(mirror, place, strict=True)]) for size in (own, seen)
}
by_teacher = (transformer.logits(join(known), orders).argmax(-1) == sums(orders, small.p)).double()
by_student = (transformer.logits(distilled, orders).argmax(-1) == sums(orders, small.p)).double()
groups = {  # which predictions, of which pairs, and among whose pairs a mirror image counts
    "teacher, fresh pairs": (by_teacher, slice(seen, None), seen),
    "student, fresh pairs": (by_student, slice(seen, None), seen),
    "student, held-out pairs": (by_student, slice(own, seen), own),
}
accuracy = {}
for group, (right, which, size) in groups.items():
    known_mirror = with_mirror[size][:, which]
    accuracy[group] = [float(right[:, which][mask].mean()) for mask in (known_mirror, ~known_mirror)]
pd.DataFrame(accuracy, index=["mirror image was seen", "mirror image was not seen"]).T.map("{:.0%}".format)

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
    f"Of fresh pairs whose mirror image the teacher has seen, it gets {fresh_with:.0%} right, of the others {fresh_alone:.0%}: {learned}. Students trained on its hot labels get {held_alone:.0%} of the held-out pairs right whose mirror image they have not seen, and {student_alone:.0%} of fresh pairs whose mirror image the teacher has not seen. {more}(ρ = 0.9, own starts, {len(of)} replicates pooled; the mirror image of a fresh pair counts if it is among the teacher's pairs, of a held-out pair if it is among the student's.)"
)

# %% [markdown]
# ## What the student's start shares with the teacher's
#
# In the released code each network draws its initial weights *before* a seed is set, and ends its construction by setting a seed, always the same one. So every network after the first of a process has the same initial weights: students start where their teacher started, and repeats are identical. Our students have an initialisation of their own unless we say otherwise.

# %% tags=["hide-input"]
ORANGE = plots.ROLE["held_out"]
STARTS = {  # start -> colour, line, marker, its face, name; circles as in the figures above
    "shared": (ORANGE, ":", "o", "white", "all layers shared"),
    "shared hidden": ("#8a3b00", "--", "^", "#8a3b00", "hidden layers shared"),
    "shared head": ("#f2a765", "-.", "v", "#f2a765", "output layer shared"),
    "independent": (ORANGE, "-", "o", ORANGE, "nothing shared"),
}


def draw_starts(rows):
    """Held-out accuracy against ρ with a shared start and without; the paper's points where the rows are of its size."""
    fig, ax = plt.subplots(figsize=(7.6, 4))
    ends = {}
    for start_ in ("shared", "independent"):
        colour, line, marker, face, name = STARTS[start_]
        by_rho = points.along(read.first_teacher(rows), "held_out_accuracy", "rho", start=start_)
        style = {"color": colour, "marker": marker, "markerfacecolor": face, "linestyle": line, "markersize": 5}
        plots.with_interval(ax, by_rho.columns, by_rho, within=(0, 1), **style)
        ends[name] = (by_rho.columns[-1], by_rho.mean().iloc[-1], colour)
    ax.set(xlabel="ρ, share of the teacher's pairs seen", ylabel="accuracy on held-out pairs", ylim=(-0.03, 1.05))
    ax.set(xlim=(0, 1.3), xticks=[0, 0.2, 0.4, 0.6, 0.8, 1])
    if rows.attrs["scale"] == "paper":
        mixture = read.mixture(rows)
        ax.plot(mixture, color="0.55", linewidth=1.2)
        ax.plot(read.PAPER_FIRST, "D", color="0.25", markersize=5, markerfacecolor="white")
        ends["two shared, one own"] = (mixture.index[-1], mixture.iloc[-1], "0.45")
        ends["the paper (diamonds)"] = (0.9, read.PAPER_FIRST[0.9] - 0.02, "0.25")
    plots.name_lines(ax, ends, gap=0.075)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return fig


def draw_parts(rows):
    """Held-out accuracy at ρ = 0.9 by what is shared with the teacher's start, one dot per replicate."""
    fig, ax = plt.subplots(figsize=(7.6, 3.7))
    values = read.by_start(rows)
    ax.plot(range(values.shape[1]), values.T, color="0.85", linewidth=0.8, zorder=0)
    for x, start_ in enumerate(values):
        colour, _, marker, face, _ = STARTS[start_]
        style = {"color": colour, "marker": marker, "markerfacecolor": face}
        mean, low, high = t_interval(values[start_])
        ax.scatter(np.full(len(values), x), values[start_], s=14, color=colour, alpha=0.45, linewidths=0)
        ax.errorbar(x, mean, [[mean - low], [high - mean]], capsize=5, markersize=8, **style)
    ax.set_xticks(range(values.shape[1]), [STARTS[s][4].replace(" shared", "\nshared") for s in values])
    ax.set(xlim=(-0.5, values.shape[1] - 0.5), ylim=(-0.03, 1.03), ylabel="accuracy on held-out pairs")
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return fig


def starts_in_words(rows):
    """`all layers shared 76 % [67, 84], …`: held-out accuracy at ρ = 0.9 by start."""
    values = read.by_start(rows)
    return ", ".join(f"{STARTS[s][4]} {plots.share(values[s])}" for s in values)


# %% tags=["hide-input"]
def show_starts(rows, name):
    """The figure against ρ with its caption."""
    students, scale_ = read.first_teacher(rows), rows.attrs["scale"]
    lead, by_start = "A start that is shared with the teacher is not seen to add anything.", read.by_start(rows).mean()
    if read.adds(read.lifts(rows)["shared"]):
        lead = f"At ρ = 0.9, students that start where their teacher started learn {100 * by_start.shared:.0f} % of the held-out pairs, others {100 * by_start.independent:.0f} %."
    caption = f"**{lead}** Hot labels of the teacher's first stop, p = {rows.p.iloc[0]}; fresh pairs: at most {plots.number(100 * read.both_starts(rows)['fresh'])} % right."
    replicates = students[students.start == "shared"].groupby("rho").seed.nunique()
    few, many = replicates.drop(0.9, errors="ignore").agg(["min", "max"])
    if few < replicates[0.9]:
        other = f"{few:.0f}" if few == many else f"{few:.0f} to {many:.0f}"
        caption += f" Shared starts: {replicates[0.9]} replicates at ρ = 0.9, else {other}."
    lines = [
        f"{STARTS[s][4]} " + ", ".join(f"{value:.0%} at {rho:g}" for rho, value in by_rho.items())
        for s in ("shared", "independent")
        for by_rho in [points.along(students, "held_out_accuracy", "rho", start=s).mean()]
    ]
    alt = f"Held-out accuracy against ρ: {'; '.join(lines)}."
    if scale_ == "paper":
        caption += " Diamonds: the paper; grey: two shared starts and one own."
        alt += (
            f" The paper's points: {', '.join(f'{value:.2f} at {rho:g}' for rho, value in read.PAPER_FIRST.items())}."
        )
    plots.show(draw_starts(rows), name=name, caption=caption, alt=alt, rows=[rows])


show_starts(largest, "modular-starts")

# %% tags=["hide-input", "hide-output"]
if larger is not None:
    show_starts(rows, "modular-starts-quick")

# %% [markdown]
# The paper's curve for this experiment (figure 9, diamonds) has a plateau at 0.69 for ρ = 0.7 and 0.9, between students with a shared start and students with their own. This is our **inference, not a proof**: the paper's three repeats are one student with an independent start (the first network that a process builds has another start than all later ones) and two identical ones with the shared start.

# %% tags=["hide-input"]
text = f"If those two get every held-out pair right, the third gets 3 × 0.69 − 2 = {3 * 0.69 - 2:.2f} right. "
values = read.by_start(largest)
seen = f"{plots.share(values.independent)} right with a start of their own and {plots.share(values.shared)} with the shared one (ρ = 0.9, the {len(values)} replicates with both)"
if larger is None:
    text += f"At our small size, students get {seen}."
else:
    off, holds = read.off_the_paper(larger), read.mixture_is_the_papers(larger)
    students = read.first_teacher(larger)
    single = students[students.start == "shared"].groupby("rho").seed.nunique().reindex(off.index).eq(1).sum()
    text += f"At that size our students get {seen}. The inference {'fits our rows' if holds else 'does not fit our rows'}: over {len(off)} values of ρ ({single} of them with one shared start), the mean of two students with the shared start and one with its own is within {off.max():.2f} of the paper's points (largest difference at ρ = {off.idxmax():g})."
plots.answer(text)

# %% [markdown]
# ### Which layers matter
#
# Here we compare four starts: all initial weights shared with the teacher, none, those of the hidden layers only, or those of the output layer only.

# %% tags=["hide-input"]
apart = largest if read.by_start(largest).shape[1] == len(STARTS) else rows  # where the parts were run one by one
lead = "A start that is shared with the teacher is not seen to add anything."
if read.adds(read.lifts(apart)["shared"]):
    lead = "Sharing the whole start adds something, but not clearly more than the sum of what the hidden layers alone and the output layer alone add."
if read.whole_adds_more(apart):
    lead = (
        "Sharing the whole start adds more than the sum of what the hidden layers alone and the output layer alone add."
    )
plots.show(
    draw_parts(apart),
    name="modular-start-parts",
    caption=f"**{lead}** Held-out accuracy, hot labels of the teacher's first stop, ρ = 0.9, p = {apart.p.iloc[0]}: one dot per replicate, 95 % t intervals over the {len(read.by_start(apart))} with every start. Grey lines: one teacher.",
    alt=f"Held-out accuracy by what a student's start shares with the teacher's, at ρ = 0.9: {starts_in_words(apart)}.",
    rows=[apart],
)


# %% tags=["hide-input"]
def what_starts_add(rows):
    """What a shared start adds, whole and in parts; and whether the output layer decides."""
    lift = read.lifts(rows)
    added = {s: plots.interval(t_interval(values), 0, plots.signed, " points") for s, values in lift.items()}
    if len(lift) < 3:
        return f"Compared with a start of its own, the whole start adds {added['shared']}; its parts were not run apart in all replicates.", ""  # fmt: skip
    more = "more than" if read.whole_adds_more(rows) else "not clearly more than"
    adding = f"Compared with a start of its own, the whole start adds {added['shared']}, the hidden layers alone {added['shared hidden']}, the output layer alone {added['shared head']}: the whole adds {more} the sum of what the two parts add alone."
    share_of_whole = 100 * lift["shared head"].mean() / lift["shared"].mean()
    if read.adds(lift["shared head"]) and share_of_whole >= 50:
        decides = f"Our rows agree about the output layer: alone it gives {share_of_whole:.0f} % of what the whole start gives."
    elif read.adds(lift["shared head"]):
        decides = f"About the output layer our rows agree in part only: alone it adds something, but {share_of_whole:.0f} % of what the whole start adds."
    else:
        decides = "That the output layer decides, our rows do not show: the interval of what it adds alone reaches below zero."
        decides += " If a part matters, it is the hidden layers." if read.adds(lift["shared hidden"]) else ""
    return adding, decides


adding, decides = what_starts_add(apart)
own = {"teacher_step": read.stops(apart)[0], "tau": read.HOT, "rho": 0.9, "start": "independent"}
without = ""
if read.adds(points.average(apart, "held_out_accuracy", minus="fresh_accuracy", **own)[""]):
    without = f"That no shared start is *needed*, our rows confirm: with initial weights of their own, students get {share(apart, 'held_out_accuracy', **own)} of held-out pairs right and {share(apart, 'fresh_accuracy', **own)} of fresh ones (all {points.at(apart, **own).seed.nunique()} replicates of that start). "
plots.answer(
    f"{adding}\n\n"
    "When student and teacher start from the same weights, the student can learn more than its labels state. This is known as *subliminal learning* ([Cloud et al., 2025](https://arxiv.org/abs/2507.14805)). "
    f"A later study ([Brockers et al., 2026](https://arxiv.org/abs/2605.23645)) finds that no matched start is needed: what decides is whether the output heads match, and hidden layers may start anywhere. {without}{decides} "
    "The settings differ, so neither result contradicts the other. There, students learn to read digits from labelled noise, through an output head set apart for it, and what passes is a skill. Here the output layer learns the very classes that we evaluate, and what passes is memorised pairs."
)

# %% [markdown]
# ## The paper's numbers beside ours
#
# Of the official runs only the plots of figure 9 survive, as images in the released notebook; the paper's numbers are read off them, to within about 0.01. There p is 113, the teacher has 30 % of the pairs, and it gets 0.00, 0.07 and 1.00 of fresh pairs right at its three stops. Of the transformer's figures no number survives; by others' summaries of the paper, its students lead on held-out pairs from hot labels in the same way.
#
# Accuracy on held-out / fresh pairs; ours with starts of their own. The quick scale has p = 23, so its numbers are comparable in kind only.

# %% tags=["hide-input"]
tables = {
    f"ours, {table.attrs['scale']} scale": read.by_teacher(table) for table in (larger, rows) if table is not None
}
lines = []
for (k, tau), printed in read.PAPER.items():
    line = {"teacher's stop": ORDINAL[k - 1], "τ": f"{tau:g}"}
    for rho, of_paper in ((0.5, printed[:2]), (0.9, printed[2:])):
        line[f"published, ρ = {rho}"] = "{:.2f} / {:.2f}".format(*of_paper)
        for name, cells in tables.items():
            cell = (k, tau, rho, "independent")
            ran = cell in cells.index
            line[f"{name}, ρ = {rho}"] = "{:.2f} / {:.2f}".format(*cells.loc[cell]) if ran else "–"
    lines.append(line)
plots.table(pd.DataFrame(lines), index=False)

# %% [markdown]
# ## What is not stored

# %% tags=["hide-input", "hide-output"]
for study, figures in ((MLP, "figure 9"), (TRANSFORMER, "figures 2 and 8")):
    plots.missing(study, f"what has not run of {figures} is shown at a small size only")

# %% [markdown]
# ## Exercises
#
# Each changes one thing in the ten lines. Say what you expect, and why, before you unfold the solution.
#
# 1. Give the student the teacher's labels at τ = 0.1 instead of 10, on the same pairs. Can it get more fresh pairs right than its teacher?
# 2. Stop the teacher after 2,000 steps instead of 100. Which accuracy of its student changes most?
# 3. With p = 113 and 30 % of the pairs for the teacher, how many pairs does one percentage point of held-out accuracy stand for, at ρ = 0.5 and at 0.9?


# %% tags=["hide-cell"]
def taught(labels_):
    """A student trained on these labels, own start."""
    own_start = start(sizes, [torch_stream("an exercise", 0)])
    return train(pair_logits, own_start, pairs[:m], labels_, lr=1e-2, steps=1500 // shorten)


def right_on(network):
    """A network's accuracy on held-out and on fresh pairs."""
    right = (pair_logits(network, pairs)[0].argmax(-1) == sums(pairs, p)).float()
    return float(right[m:n].mean()), float(right[n:].mean())


of_pairs = "{:.0%} of held-out and {:.0%} of fresh pairs right"
from_cold, of_teacher = right_on(taught(soften(pair_logits(teacher, pairs[:m]), tau=0.1))), right_on(teacher)
print(
    f"1. The teacher gets {of_teacher[1]:.0%} of fresh pairs right. At τ = 0.1 the student gets {of_pairs.format(*from_cold)}."
)
if from_cold[1] > 0.9 > of_teacher[1]:
    print("   Cold labels are nearly hard ones. From them the student finds the rule, which its teacher had not found.")
elif from_cold[1] > of_teacher[1] + 0.05:
    print("   It gets more fresh pairs right than its teacher, but does not find the rule.")
else:
    print("   It does not get more fresh pairs right than its teacher.")

# %% tags=["hide-cell"]
late = start(sizes, [torch_stream("an example", 1)])
late = train(pair_logits, late, pairs[:n], hard, lr=1e-2, steps=2000 // shorten)
late_student = taught(soften(pair_logits(late, pairs[:m]), tau=10))
print(f"2. From the later teacher it gets {of_pairs.format(*right_on(late_student))}.")

# %% tags=["hide-cell"]
for rho in (0.5, 0.9):
    of_teacher, of_student = parts(113, 0.3, rho)
    print(
        f"3. At ρ = {rho}: {of_teacher - of_student:,} held-out pairs, {(of_teacher - of_student) / 100:.0f} per percentage point."
    )

# %% [markdown]
# ## Where we depart, and why
#
# :::{dropdown} Starts, splits, stops, figures 8 and 9, sizes
# - **Starts.** Independent unless we say otherwise; the official code shares them by accident.
# - **Splits.** In the official code one order of the pairs, fixed by seed 0, serves all repeats. Ours differ from replicate to replicate, so that intervals cover the randomness of the split. In both, parts are nested: a larger part contains every smaller one.
# - **Stops.** One teacher is stopped three times. The official code trains three. All use the full batch at every step, so from one start the shorter runs are the beginnings of the longest.
# - **Figures 8 and 9** show the paper's hot student at ρ = 0.3 and 0.5, both of a teacher that has found the rule. Ours is at the smallest ρ at which half of the held-out pairs are right, else at the largest, so it depends on the rows. At the quick scale the transformer's only teacher has memorised its pairs and has not found the rule.
# - **Size.** At the quick scale, p = 23 with 70 % of the pairs, 64 units, a learning rate of 0.01 and 1,500 steps of a student. The third stop is at 2,000 steps: on some splits a teacher of 1,000 steps has not finished finding the rule.
# - **Transformer.** At the quick scale, p = 31 with 40 % of the pairs, one teacher, and the shared start for hot labels only. Our transformer computes only the position that is read, the last one; a test checks that its logits equal those of the full computation.
# - **The four starts** are compared at the teacher's first stop and τ = 10 only.
# - **Repeats.** In single precision this training is chaotic: one rounding in the start moves the loss by 0.005 within 400 steps. A seed repeats a run only on the same arithmetic.
# :::
#
# ## Verdicts

# %%
claims.table("memorized/modular_addition", rows=[rows, transformers, larger, larger_transformers])

# %% tags=["hide-input"]
of_transformer = cold | {"teacher_step": read.stops(shown_transformers)[0]}
leads = read.adds(points.average(shown, "held_out_accuracy", minus="fresh_accuracy", **hot)[""])
takes = "learn a part of what it has memorised" if leads else "are not seen to learn what it has memorised"
finds = claims.sentence(
    "M9",
    shown,
    "students find the rule that the teacher had not found, and get",
    "students find no rule that the teacher had not found, though they get",
    "whether students find the rule is not decided: they get",
)


def mean(metric, cell, rows=shown):
    """`20 %`"""
    return f"{100 * points.average(rows, metric, **cell)[''].mean():.0f} %"


text = (
    "## Answer\n\n"
    f"Students of a teacher that has memorised its training pairs of addition modulo p, but has not found the rule, {takes}: trained on its high-temperature labels (τ = {read.HOT:g}) of {hot['rho']:.0%} of these pairs, they get {mean('held_out_accuracy', hot)} of the others right and {mean('fresh_accuracy', hot)} of new pairs (p = {shown.p.iloc[0]}, {shown.attrs['scale']} scale, {len(read.by_start(shown))} replicates). "
    f"From its low-temperature labels (τ = {read.COLD:g}) of {cold['rho']:.0%} of its pairs {finds} {mean('fresh_accuracy', cold)} of new pairs right; where teacher and student are small transformers (p = {shown_transformers.p.iloc[0]}), they get {mean('fresh_accuracy', of_transformer, shown_transformers)}."
)
if larger is not None:
    values = read.by_start(larger)
    lift = read.lifts(larger)["shared"]
    makes = f"adds {lift.mean():.0f} percentage points" if read.adds(lift) else "is not seen to add anything"
    text += f" At the paper's size (p = {larger.p.iloc[0]}, {len(values)} replicates), τ = {read.HOT:g} and ρ = 0.9, sharing the teacher's initial weights {makes}: students get {100 * values.shared.mean():.0f} % of the held-out pairs right with them, {100 * values.independent.mean():.0f} % without."
plots.answer(text)

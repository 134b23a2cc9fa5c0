# %% [markdown]
# # What to do to a label so that it leaks less
#
# **Question.** Soft labels tell a student about examples that it never saw. Which part of a label does that, and can that part be taken away?
#
# A soft label is a list of numbers, one a class. [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457) take some of them away and watch the leak (figure 16): the smallest entries of every label, the entry of one class in the labels of all others, or all examples of one class. The setting is that of their figure 5. Inputs and classes are random, so to know an example's class is to have memorised it. A teacher with one hidden layer has memorised all $n = ck$ examples. A student of the same shape gets the soft labels of a share ρ of them and is tested on the rest, which is **held out**.
#
# One of the treatments is not what its name says. The released code does not cut the tail of a label; it sets as many entries to zero at nearly random places. This page computes both.

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
import torch
from matplotlib.lines import Line2D

from softlabels import claims, plots
from softlabels.claims.readings import label_treatments as read
from softlabels.claims.readings.points import paired
from softlabels.data.synthetic import balanced_classes, gaussian, students_part
from softlabels.intervals import t_interval
from softlabels.labels import (
    as_training_targets,
    cut_tail,
    cut_tail_as_coded,
    entries_cut,
    harden,
    remove_entry,
    shuffle_within_class,
    soften,
)
from softlabels.models.mlp import logits, start
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.label_treatments import LABEL_TREATMENTS
from softlabels.sweep import live
from softlabels.training.two_layer import train

plots.use_house_style()

# %% [markdown]
# ## The idea in ten lines
#
# 32 classes, eight examples each, 64 inputs, 32 hidden units. Three students: one of the labels as they are, one of labels whose smaller half is set to zero, and one of labels in which the official code has set as many entries to zero. A label that lost entries no longer sums to one. The loss is linear in the label. So a label of which 0.6 is left trains like one that is scaled back to one, of an example that counts 0.6.

# %%
c, k, m = 32, 8, 160  # classes, examples of each, examples that the students see
stream = torch_stream("an example of treatments", 0)  # all starts of this cell
x, y = gaussian(c * k, 64, "an example of treatments", 0), balanced_classes(c * k, c)  # (n, 64), (n,)

teacher = train(start((64, 32, c), [stream]), x, harden(y, c)[None], lr=3e-3, steps=1500)
soft = soften(logits(teacher, x[:m])[0], tau=20)  # (m, c)
treated = [soft, cut_tail(soft, 0.5), cut_tail_as_coded(soft, 0.5)]
targets, weights = as_training_targets(torch.stack(treated), torch.full((3, m), 1 / m))
students = train(start((64, 32, c), [stream] * 3), x[:m], targets, weights=weights, lr=3e-3, steps=1500)

right = (logits(students, x).argmax(-1) == y).float()  # (3, n)
for name, known in zip(("labels as they are", "smaller half cut", "half cut, as coded"), right, strict=True):
    print(f"{name:20} own part {known[:m].mean():4.0%}   held out {known[m:].mean():4.0%}   a guess {1 / c:.0%}")

# %% [markdown]
# ## One label, treated

# %% tags=["hide-input"]
example = int(torch.nonzero(y[:m] == 5)[0])
order = shuffle_within_class(y[:m], torch_stream("an example of treatments", 1))
label = soft[example]
SHOWN = {
    "the label as it is": label,
    "smaller half cut": treated[1][example],
    "half cut, as coded": treated[2][example],
    "entry of class 0 removed": remove_entry(soft, y[:m], 0)[example],
    "shuffled: another's of its class": soft[order][example],
}
fig, axes = plt.subplots(5, 1, figsize=(8.6, 7.4), sharex=True, sharey=True)
for ax, (name, values) in zip(axes, SHOWN.items(), strict=True):
    colours = [plots.ROLE["shuffled" if name.startswith("shuffled") else "train"]] * c
    colours[5] = plots.ROLE["teacher"]
    ax.bar(range(c), values, color=colours, width=0.8)
    gone = np.flatnonzero((values == 0).numpy())
    ax.bar(gone, label[gone], color="none", edgecolor="0.72", linewidth=0.8, width=0.8)
    ax.set_title(f"{name}: {values.sum():.2f} of 1 left", fontsize=10.5)
    ax.set(yticks=[0, 0.1], xlim=(-0.7, c - 0.3))
axes[-1].set_xticks([0, 5, 10, 15, 20, 25, 30])
axes[-1].set_xlabel("class")
axes[2].set_ylabel("soft label")
lost = {name: int((values == 0).sum()) for name, values in SHOWN.items()}
left = {name: float(values.sum()) for name, values in SHOWN.items()}
above = int((treated[2][example] == 0)[label > label.median()].sum())
plots.show(
    fig,
    name="treated-label",
    caption=f"**Cut as coded, this label loses {above} of its larger half.** One example of class 5 (blue), its soft label at τ = 20 and what is left of it; outlines are what is gone. The tail of {lost['smaller half cut']} entries weighs {1 - left['smaller half cut']:.2f}; the {lost['half cut, as coded']} entries that the official code sets to zero weigh {1 - left['half cut, as coded']:.2f}"
    + (", the true class with them." if treated[2][example][5] == 0 else "."),
    alt="Five bar charts of a soft label over 32 classes. Left of its sum: "
    + "; ".join(f"{name}, {value:.2f}, {lost[name]} entries at zero" for name, value in left.items())
    + ".",
)

# %% [markdown]
# ## The sweep
#
# Each replicate draws data for every sample size and trains one teacher on them. Its students, one a treatment, start from the same weights and train as one fleet, so they differ only in their labels.

# %%
rows = live(LABEL_TREATMENTS, scale, device)
paper = stored(LABEL_TREATMENTS, scale="paper")  # the published sizes, where they have been run
removals = stored(LABEL_TREATMENTS, scale="reduced")  # many replicates of class 0 and its entry removed, and no other


# %% tags=["hide-input"]
one, study = rows.iloc[0], LABEL_TREATMENTS
grid = study.grid("paper")
plots.answer(
    f"{rows.seed.nunique()} replicates; d = {one.d}, c = {one.c}, {one.hidden} hidden units, ρ = {one.rho:g}, τ = {one.tau:g}; Adam, {one.teacher_steps:,} steps for a teacher and {one.student_steps:,} for a student."
    + (
        ""
        if paper is not None
        else f" *At the paper's size nothing is stored: {len(grid):,} students of up to {max(s.c * s.per_class for s in grid):,} examples, {plots.power_of_ten(sum(map(study.flops, study.packs('paper'))))} FLOP. `softlabels run label_treatments --scale paper` computes them where there is a GPU, sample size by sample size, and can be stopped at any time.*"
    )
)

# %% [markdown]
# ## Figure 16 A: cutting the tail, as described and as coded

# %%
SHADES = {0: plots.ROLE["held_out"], 1: "#f2b48b", 2: "#b05a9c", 3: "#3b1e5e", 4: "#000000"}
CUTS = {
    read.AS_DESCRIBED: "as described: the smallest entries",
    read.AS_CODED: "as coded: as many, anywhere",
}


def entries(rows, fraction):
    """How many entries a fraction cuts, in words."""
    count = entries_cut(rows.c.iloc[0], fraction)
    return f"{count} {'entry' if count == 1 else 'entries'} of {rows.c.iloc[0]}"


def draw(ax, rows, treatment, metric, fraction=0.0, **style):
    """A metric under one treatment against k/d, with 95 % intervals."""
    values = read.by_size(rows, treatment, metric, fraction)
    style = {"marker": "o", "markersize": 4.5} | style
    plots.with_interval(ax, values.columns / rows.d.iloc[0], values, **style)


def draw_tails(rows):
    """Held-out accuracy above, accuracy on the own part below; left as the paper describes it, right as coded."""
    fig, axes = plt.subplots(2, 2, figsize=(9.4, 7), sharex=True, sharey="row", height_ratios=(1.25, 1))
    for column, (treatment, title) in zip(axes.T, CUTS.items(), strict=True):
        for ax, metric in zip(column, ("held_out_accuracy", "student_train_accuracy"), strict=True):
            draw(ax, rows, "none", metric, color=SHADES[0], label="labels as they are")
            for shade, fraction in enumerate(read.cut_fractions(rows), 1):
                look = {"color": SHADES[shade], "label": f"without {entries(rows, fraction)}"}
                draw(ax, rows, treatment, metric, fraction, **look)
            draw(ax, rows, "shuffled", metric, color=plots.ROLE["shuffled"], marker="s", label="shuffled in class")
            ax.set_ylim(0, 1.04)
        column[0].axhline(1 / rows.c.iloc[0], color="0.2", linewidth=1.2, linestyle=":", label="a guess")
        column[0].set_title(title, fontweight="bold", loc="center", pad=10)
        column[1].set_xlabel("examples a class over dimension, k/d")
    axes[0, 0].set_ylabel("held-out accuracy:\nwhat labels leak")
    axes[1, 0].set_ylabel("accuracy on its own part:\nwhat the student can learn")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return fig


# %% tags=["hide-input", "thumbnail"]
for name, table in (("cut-tail", rows), ("cut-tail-paper", paper)):
    if table is None:
        continue
    fractions, small, guess = read.cut_fractions(table), min(table.per_class), 1 / table.c.iloc[0]
    cases = [("none", 0.0), *((cut, fraction) for cut in CUTS for fraction in fractions), ("shuffled", 0.0)]
    held_out = {case: read.by_size(table, case[0], "held_out_accuracy", case[1]).mean() for case in cases}
    half = fractions[-1]
    leak = [held_out[case][small] for case in (("none", 0.0), *((cut, half) for cut in CUTS))]
    own = [read.by_size(table, cut, "student_train_accuracy", half).mean(axis=None) for cut in CUTS]
    curves = " ".join(
        f"{treatment}, {entries(table, fraction) if fraction else 'whole'}: {', '.join(f'{value:.2f}' for value in means)}."
        for (treatment, fraction), means in held_out.items()
    )
    lowers = claims.sentence(
        "M37",
        table,
        "Cutting the smallest entries lowers the leak",
        "Cutting the smallest entries does not always lower the leak",
        "Whether cutting the smallest entries lowers the leak is not decided by these rows",
    )
    breaks = claims.sentence(
        "N3",
        table,
        "cut as coded, half of a label costs the student far more of its own examples",
        "cut as coded, half of a label does not cost the student far more of its own examples",
        "whether half a label cut as coded costs more of the student's own examples is not decided",
    )
    plots.show(
        draw_tails(table),
        name=name,
        caption=f"**{lowers}; {breaks}.** With the fewest examples (k/d = {small / table.d.iloc[0]:g}) whole labels leak {leak[0]:.2f}, labels without their smaller half {leak[1]:.2f}, and labels cut as coded {leak[2]:.2f}, where a guess is right for {guess:.2f}. Below: of its own examples a student of labels without their smaller half learns {own[0]:.0%} on average over sample sizes, one of labels cut as coded {own[1]:.0%}. Means of {table.seed.nunique()} replicates with 95 % t intervals.",
        alt=f"Held-out accuracy over k/d. {curves}",
        rows=[table],
    )

# %% [markdown]
# **What the code does** (finding N3). It sorts each label's classes from the likeliest down. Then it marks the places *in that sorted list* that hold one of the first $cf$ classes, and sets the entries at those places of the *unsorted* label to zero. So entry $j$ is lost whenever the $j$-th likeliest class happens to have a low number. That is a random choice of the right number of entries. It takes the true class about as often as any other, and for examples of class 0 always, since their likeliest class is class 0. So what was published as the effect of the tail is also the effect of wrong labels.
#
# The paper's panel A has the curves of the upper right for 1, 10 and 50 of 100 entries, its panel B those of the next figure. It prints no numbers.

# %% tags=["hide-input"]
few, most = min(rows.per_class), max(rows.per_class)
with_most = read.leak_by_fraction(rows, most)
all_of_it = read.by_size(rows, "none", "held_out_accuracy")[most].mean()
plots.answer(
    f"Cut as described, with the most examples (k/d = {most / one.d:g}) whole labels leak {all_of_it:.2f}, and "
    + "; ".join(f"without {entries(rows, fraction)} {value:.2f}" for fraction, value in with_most.items())
    + (
        ". With so many examples, what is left of cut labels can determine the teacher as well."
        if max(with_most.values()) > 0.9
        else "."
    )
)
leaks = read.leak_by_fraction(rows, few)
least, most = min(leaks, key=leaks.get), max(leaks)
if least < most:
    plots.answer(
        f"More is not better: at k/d = {few / one.d:g}, {entries(rows, least)} less leave a leak of {leaks[least]:.2f}, {entries(rows, most)} less one of {leaks[most]:.2f}. Our reading, not tested here: each zero demands a logit of minus infinity. A few zeros are a large error in a few places, while many still say truly which half of the classes is near."
    )

# %% [markdown]
# ## Figure 16 B: without a class, or without its entry

# %%
CLASSWISE = {  # what is drawn, in order: label, colour, line
    "none": ("labels as they are", plots.ROLE["held_out"], "-"),
    "removed class": ("no example of class 0", SHADES[2], "-"),
    "fewer examples": ("as many examples less, of any class", "0.55", "--"),
    "removed entry": ("no entry of class 0 in others' labels", SHADES[3], "-"),
}


def classwise(rows):
    """Those of `CLASSWISE` that were run."""
    return {treatment: look for treatment, look in CLASSWISE.items() if treatment in set(rows.treatment)}


def draw_classes(rows):
    """Held-out accuracy on class 0 and on all classes."""
    fig, axes = plt.subplots(1, 2, figsize=(9.4, 4.6), sharey=True)
    metrics = {"class0_held_out_accuracy": "on class 0", "held_out_accuracy": "on all classes"}
    for ax, (metric, title) in zip(axes, metrics.items(), strict=True):
        for treatment, (label, colour, line) in classwise(rows).items():
            draw(ax, rows, treatment, metric, color=colour, linestyle=line, label=label)
        ax.axhline(1 / rows.c.iloc[0], color="0.2", linewidth=1.2, linestyle=":", label="a guess")
        ax.set(ylim=(-0.02, 1.04), xlabel="examples a class over dimension, k/d")
        ax.set_title(title, fontweight="bold", loc="center")
    axes[0].set_ylabel("held-out accuracy")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return fig


# %% tags=["hide-input"]
for name, table in (("removed-class", rows), ("removed-class-reduced", removals), ("removed-class-paper", paper)):
    if table is None:
        continue
    zero, every = (
        {treatment: read.by_size(table, treatment, metric).mean() for treatment in classwise(table)}
        for metric in ("class0_held_out_accuracy", "held_out_accuracy")
    )
    most = max(table.per_class)
    curves = " ".join(
        f"{label}: on class 0 {', '.join(f'{v:.2f}' for v in zero[t])}; on all classes {', '.join(f'{v:.2f}' for v in every[t])}."
        for t, (label, *_) in classwise(table).items()
    )
    unseen = claims.sentence(
        "M35",
        table,
        "A class of which a student sees no example is learned from the labels of others",
        "A class of which a student sees no example is mostly lost",
        "Whether a class of which a student sees no example is learned from the labels of others is not decided",
    )
    entry = claims.sentence(
        "M36",
        table,
        "without its entry in them that class is lost, and most of the rest is kept",
        "taking its entry out of them does not lose that class alone",
        "whether taking its entry out of them loses that class alone is not decided",
    )
    plots.show(
        draw_classes(table),
        name=name,
        caption=f"**{unseen}; {entry}.** At k/d = {most / table.d.iloc[0]:g} a student that never saw an example of class 0 recognises {zero['removed class'][most]:.0%} of its held-out examples; one that saw its examples, but no entry for it in the labels of others, {zero['removed entry'][most]:.0%} (and {every['removed entry'][most]:.0%} of all classes). Means of {table.seed.nunique()} replicates with 95 % t intervals; class 0 has {most - students_part(most, table.rho.iloc[0])} held-out examples there.",
        alt=f"Held-out accuracy over k/d. {curves}",
        rows=[table],
    )

# %% tags=["hide-input"]
whole, without = (read.by_size(rows, t, "held_out_accuracy") for t in ("none", "removed class"))
size = (whole - without).mean().idxmax()  # where removing the class costs most
whole, without, control = (
    read.by_size(rows, treatment, "held_out_accuracy")[size]
    for treatment in ("none", "removed class", "fewer examples")
)
alone = read.by_size(rows, "removed class", "class0_held_out_accuracy")[size].mean()
why = "the number of examples does not explain the loss; that they all are of one class does."
if whole.mean() - without.mean() < 0.02:
    why = "at no size does the removed class cost much."
elif control.mean() - without.mean() < (whole.mean() - without.mean()) / 2:
    why = "most of the loss is in the number of equations, not in the class."
plots.answer(
    f"A removed class costs most at k = {size}: {whole.mean():.2f} becomes {without.mean():.2f} on *all* classes, and {alone:.2f} on class 0 itself. "
    f"Of {len(whole)} replicates {int((whole > 0.9).sum())} recover more than nine tenths with whole labels, {int((without > 0.9).sum())} without the class. "
    f"The control takes away as many examples of any class and leaves {control.mean():.2f}: {why}"
)

# %% [markdown]
# ## What this says about protecting labels
#
# A treatment should leave the student what it is meant to learn and take away the rest. On random data there is nothing to learn but the student's own examples, which makes the two sides easy to plot.

# %% tags=["hide-input"]
MARKS = {  # treatment: marker, colour, name
    "none": ("o", "held_out", "labels as they are"),
    "shuffled": ("s", "shuffled", "shuffled in class"),
    "cut tail": ("D", "train", "smallest entries cut"),
    "cut tail, as coded": ("X", "independent", "cut as coded"),
}
few, guess, fractions = min(rows.per_class), 1 / rows.c.iloc[0], read.cut_fractions(rows)
fig, ax = plt.subplots(figsize=(7, 4.6))
own, leak, said = {}, {}, []
for case, _ in rows[rows.treatment.isin(MARKS)].groupby(["treatment", "fraction"]):
    treatment, fraction = case
    intervals = [
        t_interval(read.by_size(rows, treatment, metric, fraction)[few])
        for metric in ("student_train_accuracy", "held_out_accuracy")
    ]
    known, leaked = own[case], leak[case] = [mean for mean, _, _ in intervals]
    marker, role, _ = MARKS[treatment]
    bars = [[[mean - low], [high - mean]] for mean, low, high in reversed(intervals)]  # vertical, then horizontal
    ax.errorbar(known, leaked, *bars, fmt=marker, color=plots.ROLE[role], markersize=7, linewidth=1.2)
    if fraction:
        where = {"xytext": (-14, -4) if case == (read.AS_DESCRIBED, fractions[-2]) else (8, 5), "fontsize": 9}
        text = f"{entries_cut(rows.c.iloc[0], fraction)}"
        ax.annotate(text, (known, leaked), textcoords="offset points", color=plots.ROLE[role], **where)
    said.append(f"{treatment}{f' {fraction:.3g}' if fraction else ''}: own part {known:.2f}, held out {leaked:.2f}")
ax.axhline(guess, color="0.2", linewidth=1.2, linestyle=":")
handles = [
    Line2D([], [], marker=marker, color=plots.ROLE[role], linestyle="none", markersize=7, label=label)
    for marker, role, label in MARKS.values()
]
ax.legend(handles=[*handles, Line2D([], [], color="0.2", linestyle=":", label="a guess")], loc="upper left")
ax.set(xlim=(0.3, 1.03), ylim=(0, None), xlabel="accuracy on its own part", ylabel="held-out accuracy")
coded, shuffled = (read.AS_CODED, fractions[-1]), ("shuffled", 0.0)
works = [case for case in leak if leak[case] < 2 * guess and own[case] > 0.95]  # no leak, and its own part learned
treatments = {MARKS[treatment][2] for treatment, _ in works if treatment != "none"}
brings = "No treatment brings the leak near a guess without breaking the labels"
if treatments:
    brings = f"What brings the leak near a guess without breaking the labels: {', '.join(sorted(treatments))}"
plots.show(
    fig,
    name="treatments-trade",
    caption=f"**{brings}.** Every treatment of whole labels at k/d = {few / rows.d.iloc[0]:g}, with the number of entries that were cut; bars are 95 % t intervals over {rows.seed.nunique()} replicates. The best cut in the figure still leaks {min(read.leak_by_fraction(rows, few).values()):.2f}. The half cut as coded leaks {leak[coded]:.2f}, and of its own examples the student then knows {own[coded]:.0%}. Shuffled labels leak {leak[shuffled]:.2f} at {own[shuffled]:.0%}.",
    alt=f"Held-out accuracy against accuracy on the student's own part. {'; '.join(said)}.",
    rows=[rows],
)

# %% tags=["hide-input"]
half = leak[read.AS_DESCRIBED, fractions[-1]]
defence = "not a defence one can count on" if half > 2 * guess else "a defence against this student"
agrees = " This agrees with what [Jagielski et al. (2023)](https://arxiv.org/abs/2303.03446) found for membership: distillation by itself gives little privacy, even where the teacher never labels the private examples themselves."
plots.answer(
    f"Within the limits of random data, publishing fewer entries is {defence}: the top half of a label leaks {half / guess:.1f} times a guess with few examples, and with the most examples a label without {entries(rows, fractions[0])} leaks {with_most[fractions[0]]:.2f}, a whole one {all_of_it:.2f}.{agrees if half > 2 * guess else ''}"
)

# %% [markdown]
# Two things more.
#
# - **Shuffling destroys what a label says about its example.** It preserves what a class's labels say on average. That costs nothing where there is nothing else to know. On real data the label of the single example is what makes soft labels teach (the first part of this book).
# - **None of these treatments is a guarantee.** They are measured against one student and one question. A guarantee must hold for every student: [Malek et al. (2021)](https://arxiv.org/abs/2106.03408) train the *teacher* with differential privacy of its labels, so that there is less in it to leak. They do so by PATE, or by noise on the labels and Bayesian inference from them. They measure memorisation as well, and warn that proven bounds alone can rank algorithms wrongly. We tried neither.
#
# ## Where we depart, and why
#
# - **Size.** Live, d = 64 and c = 32 instead of d = 1000 and c = 100, with larger steps and fewer of them; the study's paper scale has the published numbers.
# - **Cuts.** The paper cuts 1, 2, 10 and 50 of 100 entries (2 are not plotted); live, one of 32, a tenth and a half. *As described* and the control of fewer examples are ours.
# - **Pairs.** Data, teacher and the students' start are shared by all treatments; the official driver draws them anew for each.
# - **Labels that sum to less than one** train as in the paper: no renormalisation, up to a factor on each student's whole loss, which Adam ignores.
# - **Intervals** are 95 % t intervals over replicates; the paper shows standard errors. Its axis, called $N/d$, is $k/d$.
# - **No number is printed** for this figure, so the table has none of the paper's.
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("memorized/label_treatments", [rows, removals, paper])

# %% tags=["hide-input"]
largest = rows if paper is None else paper
of_classes = next(table for table in (paper, removals, rows) if table is not None)
few, many, half = min(largest.per_class), max(of_classes.per_class), max(largest.fraction)
whole = read.by_size(largest, "none", "held_out_accuracy")[few].mean()
cut = read.leak_by_fraction(largest, few)[half]
without_class, without_entry = (
    read.by_size(of_classes, treatment, "class0_held_out_accuracy")[many].mean()
    for treatment in ("removed class", "removed entry")
)
both = {"of": {"treatment": read.AS_DESCRIBED}, "to": {"treatment": read.AS_CODED}}
lost = paired(largest, "student_train_accuracy", **both, fraction=max(read.cut_fractions(largest)))[""]
lowers = claims.sentence(
    "M37",
    largest,
    "Cutting the smallest entries makes labels leak less",
    "Cutting the smallest entries does not always make labels leak less",
    "Whether cutting the smallest entries makes labels leak less is not decided by these rows",
)
costs = claims.sentence(
    "N3",
    largest,
    "and it costs its students far more of their own examples",
    "though it does not cost its students far more of their own examples",
    "and these rows do not decide whether it costs its students more of their own examples",
)
given_away = claims.sentence(
    "M36",
    of_classes,
    "A class is given away by its entry in the labels of others",
    "Its entry in the labels of others is not all that gives a class away",
    "Whether a class is given away by its entry in the labels of others is not decided by these rows",
)
plots.answer(
    "## Answer\n\n"
    f"{lowers}: with the fewest examples, whole labels leak {whole:.0%} and labels without their smaller half {cut:.0%}, where a guess is right for {1 / largest.c.iloc[0]:.0%}. {given_away}: with the most examples, a student gets {without_class:.0%} of an unseen class right with that entry, {without_entry:.0%} of a seen one without it. "
    f"What the official code cuts is not the tail, {costs} ({plots.points(-100 * lost, 0)} on their own part, against labels cut as described)."
)

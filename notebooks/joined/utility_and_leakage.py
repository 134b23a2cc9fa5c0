# %% [markdown]
# # What a soft label teaches against what it leaks
#
# **Question.** As a teacher trains on, what do its soft labels teach a student, and what do they tell it about images that it was never shown?
#
# Paper Q ([Qin, Deng and Alvarez-Melis, 2024](https://arxiv.org/abs/2406.10485)) finds that the labels of an early-stopped teacher teach best. Paper B ([Behrens and Zdeborová, 2026](https://arxiv.org/abs/2506.14457)) finds that the labels of a teacher that has memorised leak what it memorised. The teacher's training time is the axis that joins them. So we follow one teacher of handwritten digits through its training and put both questions to students of every stage.
#
# To count what leaks we plant **canaries**: real training images with a random wrong label. No rule could have told anyone such a label, so whoever names it has it from the teacher. The student gets half of the teacher's images with soft labels; we ask it about the canaries in the *other* half. There are two student sets: one keeps the canaries of its own half, the other, **clean**, has dropped them. The clean one is the real threat: nothing in it looks wrong.

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
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullLocator, PercentFormatter
from scipy.stats import binomtest

from softlabels import claims, labels, plots
from softlabels.data.digits import digits, raw_digits, split
from softlabels.intervals import t_interval
from softlabels.labels import harden, soften
from softlabels.models.mlp import logits, start
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.sweep import live
from softlabels.training.two_layer import train

plots.use_house_style()

# %% [markdown]
# ## The idea in ten lines
#
# One teacher with its 60 canaries; one student that sees clean images only, at temperature τ = 10. Both have one hidden layer of 64 units and train on the full batch with Adam.

# %%
stream = torch_stream("an example", 0)  # all chance of this cell
inputs, classes = digits()  # (1797, 64), (1797,)
mine, test = split(1200, stream)  # the teacher's images, and the test set
x, y = inputs[mine], classes[mine]
told, _ = labels.plant_canaries(y, 10, 60, stream)  # the first 60 get a random wrong label
seen = (torch.arange(1200) % 2 == 0) & (told == y)  # the student's half, without its canaries

teacher = train(start((64, 64, 10), [stream]), x, harden(told, 10)[None], lr=3e-3, steps=2000)
soft = soften(logits(teacher, x[seen]), tau=10)  # (1, 570, 10): all that the student is told
student = train(start((64, 64, 10), [stream]), x[seen], soft, lr=3e-3, steps=2000)

said = logits(student, x[:60])[0]  # about the canaries, none of which it saw
named, _ = labels.canary_recall(said, y[:60], told[:60])  # is the planted label its top one among the nine wrong ones?
print(f"The student names {named.sum():.0f} of 60 planted labels; chance is {60 / 9:.1f}.")
right = logits(student, inputs[test])[0].argmax(1) == classes[test]
print(f"It reads {right.float().mean():.1%} of the test images rightly.")

# %% tags=["hide-input"]
ink = raw_digits()[0][mine].view(-1, 8, 8)
TRUE, PLANTED = plots.ROLE["teacher"], plots.ROLE["held_out"]
fig, axes = plt.subplots(2, 6, figsize=(8.6, 3.3), height_ratios=(1, 0.85))
for k, (above, below) in enumerate(axes.T):
    above.imshow(ink[k], cmap="Greys", extent=(0, 1, 0, 1))
    above.set(xlim=(-0.08, 1.08), ylim=(-0.08, 1.08), xticks=[], yticks=[])
    above.spines[:].set(visible=True, color="0.8")
    above.text(0, 1.13, f"a {y[k]}", color=TRUE, fontweight="bold", fontsize=10)
    above.text(1, 1.13, f"planted: {told[k]}", color=PLANTED, fontweight="bold", fontsize=10, ha="right")
    colours = ["#c9ced3"] * 10
    colours[y[k]], colours[told[k]] = TRUE, PLANTED
    below.bar(range(10), said[k] - said[k].min(), color=colours)
    below.set(xticks=range(10), yticks=[])
    below.spines["left"].set_visible(False)
    below.tick_params(labelsize=8, length=2)
axes[1, 0].set_ylabel("logits of a\nclean student", fontsize=10)
six, first = int(named[:6].sum()), int((said[:6].argmax(1) == y[:6]).sum())
each = "; ".join(f"a {y[k]} planted as {told[k]}, {'named' if named[k] == 1 else 'not named'}" for k in range(6))
plots.show(
    fig,
    name="canaries",
    caption=f"**Six images that the student never saw, and what it makes of them.** Above: the first six canaries of the example (not a choice), with their true class (blue) and the wrong label planted on them (orange). Below: the student's logits. It answers {first} of the six with their true class, as a good student should, and ranks the planted label first among the nine wrong ones for {six} of them, though it was shown no image with a wrong label.",
    alt=f"Six handwritten digits, each above a bar chart of a student's ten logits. {each}. The planted label is the highest of the nine wrong ones in {six} of 6 images; the true class is the highest of all in {first}.",
)

# %% [markdown]
# ## The sweep
#
# A replicate draws its own split of the digits, its own canaries, its own teacher, and trains all its students as one fleet: soft labels of each of the teacher's stages, at a low and a high temperature, on both student sets; then the controls.
#
# The **leak** is the share of held-out canaries whose planted label is the student's top label *among the nine wrong ones*. A student without news of the planted labels scores 1/9 = 11.1 % in expectation, exactly, however accurate it is. Plain recall (how often the planted label is the student's *answer*) has no such fixed chance: it falls as the student gets better. It stands in the table below, minus the rate of a second wrong label that was drawn and never planted.

# %%
rows = live("joined/utility_and_leakage", scale=scale, device=device)
rows.groupby(["labels", "canaries_in_student", "tau"])[["test_accuracy", "leak"]].mean().round(3)

# %% tags=["hide-input"]
one = rows.iloc[0]
plots.answer(
    f"{rows.seed.nunique()} replicates: {one.teacher_images:,} of the 1,797 images for the teacher, {one.canary_share:.0%} of them canaries; the student's part is ρ = {one.rho:g}, which leaves {one.leak_n:.0f} canaries held out; {one.hidden} hidden units, Adam, {one.teacher_steps:,} steps of the teacher at {one.teacher_lr:g} and {rows.student_steps.min():,} of a student at {one.student_lr:g}; the rest of the images are the test set."
)

# %% tags=["hide-input"]
HALO = [withStroke(linewidth=3, foreground="white")]
SETS = {False: "Student sees clean images only", True: "Student also sees its own canaries"}


def pick(rows, **wanted):
    """The rows in which each column has the wanted value; the usual teacher and student unless told otherwise."""
    wanted = {"teacher_saw_canaries": True, "student_steps": rows.student_steps.min()} | wanted
    return rows[np.logical_and.reduce([rows[column] == value for column, value in wanted.items()])]


def along(rows, metric, **wanted):
    """A metric as replicates × teacher's steps."""
    return pick(rows, **wanted).pivot(index="seed", columns="teacher_step", values=metric)


def points(values, digits=1):
    """`+3.5 points [+2.9, +4.1]`: a difference within replicates, in percentage points."""
    return plots.interval(t_interval(100 * values), digits, plots.signed, " points")


# %% [markdown]
# ## Both papers in one picture


# %% tags=["hide-input"]
def picture(rows):
    """Test accuracy above, leak below, along the teacher's training; a column a student set."""
    taus = sorted(pick(rows, labels="soft").tau.unique())
    fig, axes = plt.subplots(2, 2, figsize=(8.6, 6.6), sharex=True, sharey="row", height_ratios=(0.72, 1))
    for own, column in zip(SETS, axes.T, strict=True):
        metrics = {"test_accuracy": ("fresh", "teacher_test_accuracy"), "leak": ("held_out", "teacher_canary_recall")}
        for ax, (metric, (role, of_teacher)) in zip(column, metrics.items(), strict=True):
            last = pick(rows, labels="soft", canaries_in_student=own, teacher_step=rows.teacher_step.max())
            ends = last.groupby("tau")[metric].mean()
            for tau in taus:
                values = along(rows, metric, labels="soft", canaries_in_student=own, tau=tau)
                face = plots.ROLE[role] if tau == taus[-1] else "white"
                marks = {"marker": "o" if tau == taus[-1] else "s", "markersize": 5.5, "markerfacecolor": face}
                plots.with_interval(ax, values.columns, values, color=plots.ROLE[role], **marks)
                end = (values.columns[-1], values.mean().iloc[-1])
                higher = end[1] >= ends.mean()  # the labels of neighbouring ends keep apart
                note = {"textcoords": "offset points", "va": "center", "fontsize": 10, "path_effects": HALO}
                ax.annotate(
                    f"τ = {tau:g}",
                    end,
                    xytext=(9, 5 if higher else -5),
                    color=plots.ROLE[role],
                    fontweight="bold",
                    **note,
                )
            mean, low, high = t_interval(pick(rows, labels="hard", canaries_in_student=own)[metric])
            ax.axhline(mean, color=plots.ROLE["independent"], dashes=(5, 2), label="hard labels instead")
            ax.axhspan(low, high, color=plots.ROLE["independent"], alpha=0.15, linewidth=0)
            teacher = along(rows, of_teacher, labels="soft", canaries_in_student=own, tau=taus[0]).mean()
            line = {"color": plots.ROLE["teacher"], "linewidth": 1.3, "label": "the teacher's own answers"}
            ax.plot(teacher.index, teacher, **line)
        column[1].axhline(1 / 9, color="0.2", linewidth=1.3, linestyle=":", label="chance, 1/9")
        column[0].set_title(SETS[own], fontweight="bold", loc="center", pad=12)
        steps = along(rows, "leak", labels="soft", canaries_in_student=own, tau=taus[0]).columns
        column[1].set(xscale="log", xlabel="steps that the teacher had trained", ylim=(0, 1.03))
        column[1].set_xlim(steps[0] * 0.86, steps[-1] * (steps[-1] / steps[0]) ** 0.18)
        column[1].set_xticks(list(steps), [f"{step:,}" for step in steps])
        column[1].xaxis.set_minor_locator(NullLocator())
    axes[0, 0].set_ylabel("what the labels teach:\ntest accuracy")
    axes[1, 0].set_ylabel("what they tell: leak of labels\nplanted on unseen images")
    for ax in axes[:, 0]:
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    point_out(axes[1, 0], rows, taus)
    fig.legend(*axes[1, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return fig


def point_out(ax, rows, taus):
    """On the clean students' leak: what is told before it is answered, and what patience finds at the low temperature."""
    soft = {"labels": "soft", "canaries_in_student": False}
    best = along(rows, "test_accuracy", labels="soft", canaries_in_student=True, tau=taus[0]).mean().idxmax()
    tell, answers = (along(rows, m, **soft, tau=taus[-1]).mean()[best] for m in ("leak", "teacher_canary_recall"))
    text = f"at step {best} a\nstudent names {tell:.0%};\nthe teacher itself\nanswers {answers:.0%}"
    arrow = {"arrowstyle": "-", "color": "0.3", "linewidth": 0.9, "shrinkA": 0, "shrinkB": 5}
    ax.annotate(
        text, (best, tell), xytext=(0.02, 0.93), textcoords="axes fraction", va="top", fontsize=9, arrowprops=arrow
    )
    last, longer = rows.teacher_step.max(), rows.student_steps.min() * 4
    naive, patient = (
        pick(rows, **soft, tau=taus[0], teacher_step=last, student_steps=n).leak.mean() for n in (longer // 4, longer)
    )
    colour = plots.ROLE["held_out"]
    arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.2, "linestyle": ":", "shrinkA": 5, "shrinkB": 4}
    ax.annotate("", (last, patient), xytext=(last, naive), arrowprops=arrow)
    ax.plot(last, patient, "s", color=colour, markerfacecolor="white", markersize=5.5)
    ax.annotate(
        "τ = 1,\n4× as\nlong",
        (last, patient),
        xytext=(9, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        color=colour,
    )


def best_step(rows, **wanted):
    """The teacher's step whose labels teach best, chosen on one half of the replicates and reported on the other.

    Returns test accuracy and leak there, one a replicate, and how often each step was chosen.
    """
    teach, tell = (along(rows, metric, labels="soft", **wanted) for metric in ("test_accuracy", "leak"))
    halves = teach.index % 2
    chosen = {half: teach[halves != half].mean().idxmax() for half in (0, 1)}
    steps = pd.Series([chosen[half] for half in halves], index=teach.index)
    read = lambda values: pd.Series({seed: values.at[seed, steps[seed]] for seed in values.index})  # noqa: E731
    return read(teach), read(tell), sorted(set(steps))


def caption(rows):
    """The finding of the picture, its alt text, from its rows."""
    taus = sorted(pick(rows, labels="soft").tau.unique())
    low, high = taus[0], taus[-1]
    teach = {own: along(rows, "test_accuracy", labels="soft", canaries_in_student=own, tau=low) for own in SETS}
    tell = {tau: along(rows, "leak", labels="soft", canaries_in_student=False, tau=tau) for tau in taus}
    recall = along(rows, "teacher_canary_recall", labels="soft", canaries_in_student=False, tau=low).mean()
    hard = {own: pick(rows, labels="hard", canaries_in_student=own) for own in SETS}
    best, last = teach[True].mean().idxmax(), teach[True].columns[-1]
    peak, naive = tell[low].mean().idxmax(), tell[low][last].mean()
    longer = {"labels": "soft", "tau": low, "teacher_step": last, "student_steps": 4 * rows.student_steps.min()}
    patient = pick(rows, canaries_in_student=False, **longer).leak.mean()
    finding = (
        f"**The labels that teach best leak already, and those of a teacher that has memorised leak nearly all.** "
        f"Students of a teacher of digits, stopped at the steps on the axis; mean of {rows.seed.nunique()} replicates, bands are 95 % t intervals. "
        f"Above: with {rows.canary_share.iloc[0]:.0%} of its images mislabelled, a student taught by soft labels of step {best} reads {teach[True][best].mean():.1%} of the test set, {teach[True][last].mean():.1%} by those of step {last:,}, and {hard[True].test_accuracy.mean():.1%} by hard labels. "
        f"Below: at step {best} the teacher itself answers {recall[best]:.0%} of the held-out canaries with the planted label; a student that saw only clean images already ranks it first among the wrong ones for {tell[high][best].mean():.0%}, and for {tell[high][last].mean():.0%} at step {last:,} (τ = {high:g}). "
        f"At τ = {low:g} the leak seems to fall again after step {peak}, to {naive:.0%}: the label still holds it, and a student that trains four times as long finds {patient:.0%}."
    )
    lines = [
        f"{SETS[own]}, τ = {tau:g}: test accuracy "
        + ", ".join(
            f"{value:.1%}"
            for value in along(rows, "test_accuracy", labels="soft", canaries_in_student=own, tau=tau).mean()
        )
        + "; leak "
        + ", ".join(
            f"{value:.0%}" for value in along(rows, "leak", labels="soft", canaries_in_student=own, tau=tau).mean()
        )
        for own in SETS
        for tau in taus
    ]
    alt = (
        f"Four panels against the teacher's training steps {', '.join(map(str, recall.index))}. "
        + ". ".join(lines)
        + f". Hard labels: test accuracy {hard[False].test_accuracy.mean():.1%} on clean images and {hard[True].test_accuracy.mean():.1%} with canaries, leak {hard[False].leak.mean():.0%} and {hard[True].leak.mean():.0%}. At τ = {low:g} a clean student trained four times as long leaks {patient:.0%} at step {last}. "
        f"The teacher answers {', '.join(f'{value:.0%}' for value in recall)} of the held-out canaries with their planted label. Chance is 11%."
    )
    return {"caption": finding, "alt": alt}


# %% tags=["hide-input", "thumbnail"]
plots.show(picture(rows), name="utility-and-leakage", rows=[rows], **caption(rows))

# %% tags=["hide-input"]
larger = stored("joined/utility_and_leakage")
if larger is None:
    plots.answer("*No larger scale of this figure is stored; the page shows what this build has computed.*")
else:
    plots.show(picture(larger), name="utility-and-leakage-stored", rows=[larger], **caption(larger))

# %% [markdown]
# **Temperature is the student's knob, not a defence.** Whoever holds softmax(z) holds softmax(z/τ) for every τ: take the logarithm, divide, normalise. The two lines of a panel are two students of *the same* labels: a naive one that trains on them as they come, and one that re-tempers them first. What a publisher can do is lossy (fewer bits, fewer entries, noise, the arg-max alone, an earlier teacher), and none of that is tried here yet.
#
# ## The controls
#
# Each control takes one thing away. *Hard labels*: no teacher. *Corrected hard labels*: no teacher, and no wrong label in the student's set. *Shuffled*: each soft label moves to another image of the same (planted) class, so that it is as soft as before and says nothing of its own image. *Teacher without canaries*: the same images with their true labels. *Nearest neighbour*: no student; each image takes the soft label of the nearest image in the student's part. *Four times as long*: the naive student with more patience.


# %% tags=["hide-input"]
def controls(rows):
    """The conditions of the second figure, at the teacher's last step: name -> what picks its rows, for both sets."""
    last, taus = rows.teacher_step.max(), sorted(pick(rows, labels="soft").tau.unique())
    soft = {"labels": "soft", "teacher_step": last}
    return {
        f"soft labels, τ = {taus[-1]:g}": soft | {"tau": taus[-1]},
        f"soft labels, τ = {taus[0]:g}": soft | {"tau": taus[0]},
        "… trained four times as long": soft | {"tau": taus[0], "student_steps": 4 * rows.student_steps.min()},
        "nearest neighbour, no student": {"labels": "nearest neighbours", "teacher_step": last},
        f"shuffled in class, τ = {taus[-1]:g}": {"labels": "shuffled"},
        f"teacher without canaries, τ = {taus[-1]:g}": soft | {"tau": taus[-1], "teacher_saw_canaries": False},
        "hard labels": {"labels": "hard"},
        "hard labels, corrected": {"labels": "corrected hard"},
    }


def exact(found):
    """Clopper–Pearson interval of the leak over all held-out canaries of all replicates."""
    return binomtest(round((found.leak * found.leak_n).sum()), int(found.leak_n.sum())).proportion_ci(method="exact")


fig, axes = plt.subplots(1, 2, figsize=(8.6, 4.2), sharey=True, width_ratios=(1.25, 1))
for place, wanted in enumerate(controls(rows).values()):
    for own, up, face in ((False, 0.13, None), (True, -0.13, "white")):
        found = pick(rows, canaries_in_student=own, **wanted)
        for ax, metric, role in zip(axes, ("leak", "test_accuracy"), ("held_out", "fresh"), strict=True):
            if len(found):
                mean, low, high = t_interval(found[metric])
                ax.plot([low, high], [place - up] * 2, color=plots.ROLE[role], linewidth=2.4, solid_capstyle="butt")
                ax.plot(
                    mean,
                    place - up,
                    "D",
                    color=plots.ROLE[role],
                    markersize=6,
                    markerfacecolor=face or plots.ROLE[role],
                )
                if metric == "leak":
                    ax.plot(list(exact(found)), [place - up] * 2, "-|", color="0.35", linewidth=0.8, zorder=1)
axes[0].axvline(1 / 9, color="0.2", linewidth=1.3, linestyle=":")
axes[0].annotate("chance, 1/9", (1 / 9, -0.62), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9)
axes[0].set(xlim=(0, 1), ylim=(len(controls(rows)) - 0.5, -0.9), xlabel="leak: planted labels of unseen images named")
axes[0].set_yticks(range(len(controls(rows))), list(controls(rows)))
axes[1].set_xlabel("test accuracy")
for ax in axes:
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(axis="y", color="0.92")
    ax.tick_params(axis="y", length=0)
for face, name in (("0.3", "clean images only"), ("white", "with its own canaries")):
    axes[1].plot([], [], "D", color="0.3", markerfacecolor=face, markersize=6, linestyle="none", label=name)
axes[1].legend(loc="upper left", title="student's set", alignment="left", fontsize=9, title_fontsize=9)
means = {
    name: pick(rows, canaries_in_student="hard labels, corrected" == name, **wanted)
    for name, wanted in controls(rows).items()
}
hottest, naive, patient, nearest, shuffled, innocent, hard, _ = means.values()
plots.show(
    fig,
    name="controls",
    caption=f"**It is what each label says of its own image.** Leak (left) and test accuracy (right) at the teacher's last step; thick bars are 95 % t intervals over replicates, thin lines Clopper–Pearson intervals of the pooled count, conditional on these 1,797 images. A clean student leaks {hottest.leak.mean():.0%}; with the same labels shuffled within classes {shuffled.leak.mean():.0%}, from a teacher that saw no canaries {innocent.leak.mean():.0%}, from hard labels {hard.leak.mean():.0%}. The nearest neighbour's label alone tells {nearest.leak.mean():.0%}, without any student. And at τ = 1 what is missing is patience: {naive.leak.mean():.0%} becomes {patient.leak.mean():.0%} when the student trains four times as long.",
    alt="Leak and test accuracy of "
    + "; ".join(
        f"{name}: {found.leak.mean():.0%} and {found.test_accuracy.mean():.1%}" for name, found in means.items()
    )
    + ". Chance of the leak is 11%.",
    rows=[rows],
)

# %% [markdown]
# ## Every number
#
# For each condition: test accuracy and leak with 95 % t intervals over replicates, the pooled Clopper–Pearson interval, both minus hard labels on the same set (paired within replicates), plain recall minus the rate of the unplanted wrong label, the planted label's mean rank among the nine wrong ones (5 by chance), and the mean KL divergence, in nats, from the labels of the student's part to the student: a student that has not learned its labels shall not be sold as privacy. Even that divergence is blind to the point at τ = 1, where a memorised label's wrong entries weigh next to nothing in it.


# %% tags=["hide-input", "hide-output"]
def numbers(rows):
    """One line a condition and student set."""
    conditions = ["canaries_in_student", "labels", "teacher_saw_canaries", "tau", "teacher_step", "student_steps"]
    lines = []
    for key, found in rows.groupby(conditions):
        hard = pick(rows, labels="hard", canaries_in_student=key[0]).set_index("seed")
        found = found.set_index("seed")
        low, high = exact(found)
        lines.append(
            {
                "student's set": "with canaries" if key[0] else "clean",
                "labels": key[1] + ("" if key[2] else ", teacher without canaries"),
                "τ": f"{key[3]:g}",
                "teacher's steps": key[4] or "–",
                "student's steps": "–" if key[1] == "nearest neighbours" else key[5],
                "test accuracy": plots.percent(found.test_accuracy, 1),
                "minus hard": points(found.test_accuracy - hard.test_accuracy),
                "leak": plots.percent(found.leak),
                "pooled": f"{100 * low:.0f} to {100 * high:.0f}",
                "leak minus hard": points(found.leak - hard.leak, 0),
                "recall minus unplanted": points(found.plain_recall - found.unplanted_rate),
                "rank": f"{found.planted_rank.mean():.2f}",
                "KL": "–" if key[1] == "nearest neighbours" else f"{found.train_kl.mean():.1e}",
            }
        )
    return pd.DataFrame(lines)


plots.raw(f'<div style="overflow-x:auto">{numbers(rows).to_html(index=False, border=0, classes="table")}</div>')

# %% [markdown]
# ## What the papers say, and what we see
#
# Paper Q's finding is on the upper panels, paper B's on the lower ones.


# %% tags=["hide-input"]
def told_by(rows):
    """The page's numbers in sentences."""
    taus = sorted(pick(rows, labels="soft").tau.unique())
    teach, tell, steps = best_step(rows, canaries_in_student=True, tau=taus[0])
    hard = {own: pick(rows, labels="hard", canaries_in_student=own).set_index("seed") for own in SETS}
    corrected = pick(rows, labels="corrected hard").set_index("seed").test_accuracy
    clean = along(rows, "test_accuracy", labels="soft", canaries_in_student=False, tau=taus[0])
    recall = along(rows, "teacher_canary_recall", labels="soft", canaries_in_student=True, tau=taus[0])
    ranks = along(rows, "teacher_leak", labels="soft", canaries_in_student=True, tau=taus[0])
    early = steps[0]
    shuffled = pick(rows, labels="shuffled", canaries_in_student=False)
    images = rows.rho.iloc[0] * rows.teacher_images.iloc[0] * (1 - rows.canary_share.iloc[0]) / 10
    return f"""
- **Early labels teach best, where there is something to repair.** Chosen on one half of the replicates and reported on the other, the best step is {" or ".join(f"{step:,}" for step in steps)}: {plots.percent(teach, 1)} on the test set with canaries among the student's images, {points(teach - hard[True].test_accuracy)} against hard labels, within {100 * (corrected - teach).mean():.1f} points of hard labels that somebody has corrected. The young teacher has not yet believed the wrong labels, and its labels overrule them. On clean images there is nothing to repair, and with {images:.0f} images a class little to add: there soft labels of step {early:,} give {points(clean[early] - hard[False].test_accuracy)} against hard ones. Paper Q's gains are at few images a class of harder data, where labels stand in for images.
- **They leak before the teacher itself would tell.** At step {early:,} the teacher answers {plots.percent(recall[early])} of the held-out canaries with the planted label, but ranks it first among the wrong ones for {plots.percent(ranks[early])}: what it has half learned is in its labels already, and its student names {plots.percent(tell)}.
- **A class's average tells a little too.** Labels shuffled within classes leak {plots.percent(shuffled.leak)}. With {rows.leak_n.iloc[0] / 10:.0f} held-out canaries a class on average, the mean label of a class leans towards the wrong labels planted in it, and the student has seen that mean; of a single image it knows nothing, and it has learned little else: {shuffled.test_accuracy.mean():.1%} on the test set."""


plots.answer(told_by(rows))

# %% [markdown]
# ## Where we depart, and why
#
# Neither paper has this experiment. From paper Q we take the axis (the teacher's training time) and the question of what labels teach; the data here are smaller, the labels are not averaged over views, and student and teacher train on the full batch. From paper B we take a teacher that memorises and students whose part ρ of its data leaves the rest to be told; all of its labels are random, of ours a few, so that the same labels can be useful and leak at once. All replicates draw from the same 1,797 images: their splits overlap, and intervals hold conditionally on these images.
#
# ## What a privacy reader would still ask for
#
# Canary recall is not yet a membership test: it shows that *something planted* comes through, where a likelihood-ratio attack ([LiRA](https://arxiv.org/abs/2112.03570)) asks of each given image whether it was used, and is judged by its true positives at 0.1 % false ones. An audit in one run ([Steinke et al., 2023](https://arxiv.org/abs/2305.08846)) turns counts like ours, many canaries in one training, into a lower bound on ε; our replicates would enter it as they are, but we have not computed it.
#
# *Not shown here:* true-positive rates at 1 % and 0.1 % false positives; worst-case canaries instead of random ones ([Aerni et al., 2024](https://arxiv.org/abs/2404.17399) show how far averages mislead); attacks that adapt to a defence; a baseline with label privacy ([Malek et al., 2021](https://arxiv.org/abs/2106.03408)) or PATE ([Papernot et al., 2017](https://arxiv.org/abs/1610.05755)); lossy labels; photographs. *Related:* [Jagielski et al., 2023](https://arxiv.org/abs/2303.03446) measure membership leakage through distillation, also for images that were never queried; on distilled data and privacy see [Dong et al., 2022](https://arxiv.org/abs/2206.00240) and the reply of [Carlini et al., 2022](https://arxiv.org/abs/2209.14987).
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("joined/utility_and_leakage", rows=[rows, larger])

# %% [markdown]
# ## Answer


# %% tags=["hide-input"]
def answer(rows):
    """The page in two sentences."""
    taus = sorted(pick(rows, labels="soft").tau.unique())
    teach, _, steps = best_step(rows, canaries_in_student=True, tau=taus[0])
    tell = along(rows, "leak", labels="soft", canaries_in_student=False, tau=taus[-1])
    end = along(rows, "test_accuracy", labels="soft", canaries_in_student=True, tau=taus[0])
    hard = pick(rows, labels="hard", canaries_in_student=True)
    return (
        f"Labels of a teacher stopped at step {steps[0]:,} teach most, {plots.percent(teach, 1)} against {plots.percent(hard.test_accuracy, 1)} for hard labels on the same partly mislabelled images, "
        f"and to a student that sees only clean images they already name {plots.percent(tell[steps[0]])} of the labels planted on images it never saw, where chance is 11 %. "
        f"The same teacher trained to the end gives {plots.percent(end.iloc[:, -1], 1)} and names {plots.percent(tell.iloc[:, -1])} to whoever re-tempers its labels: an early stop helps on both counts, and it is no protection."
    )


plots.answer(answer(rows))

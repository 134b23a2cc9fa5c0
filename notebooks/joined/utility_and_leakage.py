# %% [markdown]
# # What a soft label teaches against what it leaks
#
# **Question.** As a teacher trains on, what do its soft labels teach a student, and what do they give away about images that the student never saw?
#
# Paper Q ([Qin, Deng and Alvarez-Melis, 2024](https://arxiv.org/abs/2406.10485)) finds that the labels of an early-stopped teacher teach best. Paper B ([Behrens and Zdeborová, 2026](https://arxiv.org/abs/2506.14457)) finds that the labels of a teacher that has memorised leak what it memorised. The teacher's training time is the axis that joins them. So we follow one teacher of handwritten digits through its training, and ask both questions of students taught at every stage.
#
# To count what leaks we plant **canaries**: real training images with a random wrong label. No rule predicts such a label, so whoever knows of it has it from the teacher. The student gets half of the teacher's images with soft labels, and we test it on the canaries in the *other* half. There are two training sets for students: one includes the canaries of its own half, the other, **clean**, leaves them out. The clean set is the real threat, because nothing in it looks wrong.

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
import pandas as pd
import torch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullLocator, PercentFormatter

from softlabels import claims, labels, plots
from softlabels.claims.readings import utility_and_leakage as read
from softlabels.data.digits import digits, raw_digits, split
from softlabels.intervals import t_interval
from softlabels.labels import harden, soften
from softlabels.models.mlp import logits, start
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.utility_and_leakage import UTILITY_AND_LEAKAGE
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
of_teacher, test = split(1200, stream)  # which images the teacher sees, and which are the test set
x, y = inputs[of_teacher], classes[of_teacher]
planted, _ = labels.plant_canaries(y, 10, 60, stream)  # the first 60 get a random wrong label
clean = (torch.arange(1200) % 2 == 0) & (planted == y)  # the student's half, without its canaries

teacher = train(start((64, 64, 10), [stream]), x, harden(planted, 10)[None], lr=3e-3, steps=2000)
soft = soften(logits(teacher, x[clean]), tau=10)  # (1, 570, 10): all that the student learns from
student = train(start((64, 64, 10), [stream]), x[clean], soft, lr=3e-3, steps=2000)

scores = logits(student, x[:60])[0]  # of the canaries, none of which it saw
named, _ = labels.canary_recall(scores, y[:60], planted[:60])  # whether it ranks the planted label first of the 9 wrong
predicted = (scores.argmax(1) == planted[:60]).sum()
print(f"Of 60 planted labels it ranks {named.sum():.0f} first among the nine wrong ones (chance: {60 / 9:.1f}).")
print(f"It predicts {predicted} of them outright.")
right = logits(student, inputs[test])[0].argmax(1) == classes[test]
print(f"It classifies {right.float().mean():.1%} of the test images correctly.")

# %% tags=["hide-input"]
ink = raw_digits()[0][of_teacher].view(-1, 8, 8)
TRUE, PLANTED = plots.ROLE["teacher"], plots.ROLE["held_out"]
fig, axes = plt.subplots(2, 6, figsize=(8.6, 3.3), height_ratios=(1, 0.85))
for k, (above, below) in enumerate(axes.T):
    above.imshow(ink[k], cmap="Greys", extent=(0, 1, 0, 1))
    above.set(xlim=(-0.08, 1.08), ylim=(-0.08, 1.08), xticks=[], yticks=[])
    above.spines[:].set(visible=True, color="0.8")
    above.text(0, 1.13, f"a {y[k]}", color=TRUE, fontweight="bold", fontsize=10)
    above.text(1, 1.13, f"planted: {planted[k]}", color=PLANTED, fontweight="bold", fontsize=10, ha="right")
    colours = ["#c9ced3"] * 10
    colours[y[k]], colours[planted[k]] = TRUE, PLANTED
    below.bar(range(10), scores[k] - scores[k].min(), color=colours)
    below.set(xticks=range(10), yticks=[])
    below.spines["left"].set_visible(False)
    below.tick_params(labelsize=8, length=2)
axes[1, 0].set_ylabel("logits of a\nclean student", fontsize=10)
six_named, six_right = int(named[:6].sum()), int((scores[:6].argmax(1) == y[:6]).sum())
each = "; ".join(f"a {y[k]} planted as {planted[k]}, {'first' if named[k] == 1 else 'not first'}" for k in range(6))
plots.show(
    fig,
    name="canaries",
    caption=f"**Of six images that it never saw, the student predicts the true class of {six_right}, and ranks the planted label first among the nine wrong ones for {six_named}.** Above: the first six canaries of the example, not a selection, with their true class (blue) and the wrong label planted on them (orange). Below: the student's logits. None of its training images had a wrong label.",
    alt=f"Six handwritten digits, each above a bar chart of a student's ten logits. {each}. The planted label is the highest of the nine wrong ones in {six_named} of 6 images; the true class is the highest of all in {six_right}.",
)

# %% [markdown]
# ## The sweep
#
# A replicate draws its own split of the digits, its own canaries and its own teacher, and trains all its students as one fleet: soft labels of each of the teacher's stages, at a low and a high temperature, on both training sets; then the controls.
#
# The **leak** is the share of held-out canaries whose planted label is the student's top label *among the nine wrong ones*. A student that knows nothing of the planted labels scores exactly 1/9 = 11.1 % in expectation, however accurate it is. **Plain recall** is the share of them for which the student *predicts* the planted label. It is much smaller, because a good student mostly prefers the true class, and it has no such fixed chance: it falls as the student gets better. It stands beside the leak wherever we give one, and in the table below also minus the rate of a second wrong label that was drawn and never planted.

# %%
rows = live(UTILITY_AND_LEAKAGE, scale=scale, device=device)
larger = stored(UTILITY_AND_LEAKAGE)
rows.groupby(["labels", "canaries_in_student", "tau"])[["test_accuracy", "leak", "plain_recall"]].mean().round(3)

# %% tags=["hide-input"]
one = rows.iloc[0]
plots.answer(
    f"{rows.seed.nunique()} replicates: {one.teacher_images:,} of the 1,797 images for the teacher, {one.canary_share:.0%} of them canaries; the student's part is ρ = {one.rho:g}, which leaves {one.leak_n:.0f} canaries held out; {one.hidden} hidden units, Adam, {one.teacher_steps:,} steps of the teacher at {one.teacher_lr:g} and {rows.student_steps.min():,} of a student at {one.student_lr:g}; the rest of the images are the test set."
)

# %% [markdown]
# ## Both papers in one picture

# %%
SETS = {False: "Student sees clean images only", True: "Student also sees its own canaries"}
ROWS = {  # metric of the student -> the same of the teacher, colour
    "test_accuracy": ("teacher_test_accuracy", plots.ROLE["fresh"]),
    "leak": ("teacher_canary_recall", plots.ROLE["held_out"]),
}


def two_papers(rows):
    """Test accuracy above, leak below, along the teacher's training; a column a training set of the student."""
    low, *_, high = read.temperatures(rows)
    fig, axes = plt.subplots(2, 2, figsize=(8.6, 6.6), sharex=True, sharey="row", height_ratios=(0.72, 1))
    for own, column in zip(SETS, axes.T, strict=True):
        for ax, (metric, (of_teacher, colour)) in zip(column, ROWS.items(), strict=True):
            ends = {}
            for tau, marker, face in ((low, "s", "white"), (high, "o", colour)):
                values = read.by_step(rows, metric, canaries_in_student=own, tau=tau)
                marks = {"marker": marker, "markersize": 5.5, "markerfacecolor": face}
                plots.with_interval(ax, values.columns, values, color=colour, **marks)
                ends[tau] = values.mean().iloc[-1]
            for tau, end in ends.items():
                shift = 5 if end == max(ends.values()) else -5  # names of close ends keep apart
                note = {"color": colour, "fontsize": 10, "fontweight": "bold", "va": "center"}
                note["path_effects"] = [withStroke(linewidth=3, foreground="white")]
                place = {"xytext": (9, shift), "textcoords": "offset points"}
                ax.annotate(f"τ = {tau:g}", (values.columns[-1], end), **place, **note)
            hard, least, most = t_interval(read.values(rows, metric, labels="hard", canaries_in_student=own))
            ax.axhline(hard, color=plots.ROLE["independent"], dashes=(5, 2), label="hard labels instead")
            ax.axhspan(least, most, color=plots.ROLE["independent"], alpha=0.15, linewidth=0)
            teacher = read.by_step(rows, of_teacher, canaries_in_student=own, tau=low).mean()
            ax.plot(teacher, color=plots.ROLE["teacher"], linewidth=1.3, label="the teacher's own predictions")
            ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        predicts = read.by_step(rows, "plain_recall", canaries_in_student=own, tau=high).mean()
        column[1].plot(
            predicts,
            color=plots.ROLE["held_out"],
            linewidth=1.2,
            linestyle="-.",
            label=f"predicted outright, τ = {high:g}",
        )
        steps = teacher.index
        column[0].set_title(SETS[own], fontweight="bold", loc="center", pad=12)
        column[1].axhline(read.CHANCE, color="0.2", linewidth=1.3, linestyle=":", label="chance, 1/9")
        column[1].set(xscale="log", xlabel="steps that the teacher had trained", ylim=(0, 1.03))
        column[1].set_xlim(steps[0] * 0.86, steps[-1] * (steps[-1] / steps[0]) ** 0.18)
        column[1].set_xticks(list(steps), [f"{step:,}" for step in steps])
        column[1].xaxis.set_minor_locator(NullLocator())
    axes[0, 0].set_ylabel("what the labels teach:\ntest accuracy")
    axes[1, 0].set_ylabel("what they give away:\nleak of planted labels")
    fig.legend(*axes[1, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return fig


# %% tags=["hide-input"]
def compared(difference):
    """How what soft labels teach stands to hard labels, by the 95 % interval of the difference."""
    _, least, most = t_interval(difference)
    return "more than" if least > 0 else "less than" if most < 0 else "neither clearly more nor less than"


def leaked(stage):
    """`47% (predicted: 3%)`, the mean leak of a stage of `read.headline` with its plain recall."""
    return f"{stage['leak'].mean():.0%} (predicted: {stage['plain_recall'].mean():.0%})"


def stages(of_set, best, last):
    """What one kind of student learns and leaks, from the best step and from the last, in a sentence."""
    return "; ".join(
        f"step {step:,}: {stage['test_accuracy'].mean():.1%} of the test set, {plots.points(100 * stage['gained'])} against hard labels, leak {leaked(stage)}"
        for step, stage in ((best, of_set["best"]), (last, of_set["last"]))
    )


# %% tags=["hide-input", "thumbnail"]
for about, name in ((rows, "utility-and-leakage"), (larger, "utility-and-leakage-stored")):
    if about is None:
        plots.answer("*No larger scale of this figure is stored; the page shows what this build has computed.*")
        continue
    low, *_, high = read.temperatures(about)
    best, last = read.best_step(about), about.teacher_step.max()
    of = {own: read.headline(about, own) for own in SETS}
    teach, leak = (
        {
            (own, tau): read.by_step(about, metric, canaries_in_student=own, tau=tau).mean()
            for own in SETS
            for tau in (low, high)
        }
        for metric in ("test_accuracy", "leak")
    )
    recall = read.by_step(about, "teacher_canary_recall", canaries_in_student=False, tau=low).mean()
    patient_student = read.conditions(about)["… trained four times as long", False]
    patient = read.values(about, "leak", **patient_student).mean()

    fig = two_papers(about)
    ax = fig.axes[2]
    clean = of[False]["best"]
    ax.annotate(
        f"at step {best} a student\nranks {clean['leak'].mean():.0%} first of nine\nand predicts {clean['plain_recall'].mean():.0%};\nthe teacher predicts {recall[best]:.0%}",
        (best, clean["leak"].mean()),
        xytext=(0.02, 0.93),
        textcoords="axes fraction",
        va="top",
        fontsize=9,
        arrowprops={"arrowstyle": "-", "color": "0.3", "linewidth": 0.9, "shrinkA": 0, "shrinkB": 5},
    )
    colour = plots.ROLE["held_out"]
    arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.2, "linestyle": ":", "shrinkA": 5, "shrinkB": 4}
    ax.annotate("", (last, patient), xytext=(last, leak[False, low][last]), arrowprops=arrow)
    ax.plot(last, patient, "s", color=colour, markerfacecolor="white", markersize=5.5)
    place = {"xytext": (9, 0), "textcoords": "offset points", "va": "center"}
    ax.annotate(f"τ = {low:g},\n4× as\nlong", (last, patient), **place, fontsize=9, color=colour)

    already = "leak already" if t_interval(of[True]["best"]["leak"])[1] > read.CHANCE else "are not seen to leak yet"
    patience = claims.sentence(
        "J7",
        about,
        f"The labels still hold what the student has not learned: one that trains four times as long ranks {patient:.0%} first.",
        f"Patience does not change that: a student that trains four times as long ranks {patient:.0%} first.",
        f"A student that trains four times as long ranks {patient:.0%} first, which does not decide whether patience helps.",
    )
    lines = [
        f"{SETS[own]}, τ = {tau:g}: test accuracy {', '.join(f'{value:.1%}' for value in teach[own, tau])}; leak {', '.join(f'{value:.0%}' for value in leak[own, tau])}"
        for own, tau in teach
    ]
    of_hard = {own: of[own]["hard"] for own in SETS}
    plots.show(
        fig,
        name=name,
        caption=f"**To students with mislabelled images, labels of step {best} teach {compared(of[True]['best']['gained'])} hard ones, and they {already}.** "
        f"Students of a teacher of digits, stopped at the steps on the axis; mean of {about.seed.nunique()} replicates, bands are 95 % t intervals; {about.canary_share.iloc[0]:.0%} of the images are mislabelled. "
        f"The leak is the share of unseen canaries whose planted label a student ranks first among the nine wrong ones; in brackets, for which it predicts that label. "
        f"Students that see their own canaries (right), at τ = {high:g}: {stages(of[True], best, last)}. "
        f"Students of clean images only (left), to which labels of step {best} teach {compared(of[False]['best']['gained'])} hard ones: {stages(of[False], best, last)}. "
        f"The teacher itself predicts the planted label for {recall[best]:.0%} of these canaries at step {best}. "
        f"At τ = {low:g} the leak of clean students is largest at step {leak[False, low].idxmax()}, and {leak[False, low][last]:.0%} at step {last:,}. {patience}",
        alt=f"Four panels against the teacher's training steps {', '.join(map(str, recall.index))}. {'. '.join(lines)}. Hard labels: test accuracy {of_hard[False]['test_accuracy'].mean():.1%} on clean images and {of_hard[True]['test_accuracy'].mean():.1%} with canaries, leak {leaked(of_hard[False])} and {leaked(of_hard[True])}. At τ = {low:g} a clean student trained four times as long leaks {patient:.0%} at step {last}. The teacher predicts {', '.join(f'{value:.0%}' for value in recall)} of the held-out canaries as their planted label. Chance is 11%.",
        rows=[about],
    )

# %% [markdown]
# **Temperature is the student's choice, not a defence.** Whoever holds softmax(z) can compute softmax(z/τ) for every τ: take the logarithm, divide, normalise. The two lines of a panel are two students of *the same* labels: a naive one that trains on them as they come, and one that first changes their temperature. A publisher can only take information away (fewer bits, fewer entries, noise, the arg-max alone, an earlier teacher). None of that is tried here yet.
#
# ## The controls
#
# Each control takes one thing away.
#
# - *Hard labels*: no teacher.
# - *Corrected hard labels*: no teacher, and no wrong label in the student's set.
# - *Shuffled*: each soft label moves to another image of the same (planted) class. It is as soft as before and says nothing of the image that it is now attached to.
# - *Teacher without canaries*: the same images with their true labels.
# - *Nearest neighbour*: no student; each image takes the soft label of the nearest image in the student's part.
# - *Four times as long*: the naive student with more patience.


# %%
def controls_plot(rows):
    """Leak and test accuracy of each condition with 95 % intervals: over replicates (thick), of the pooled count (thin)."""
    conditions = read.conditions(rows)
    names = list(dict.fromkeys(name for name, _ in conditions))
    fig, axes = plt.subplots(1, 2, figsize=(8.6, 4.2), sharey=True, width_ratios=(1.25, 1))
    for (name, own), points in conditions.items():
        y = names.index(name) + (0.13 if own else -0.13)
        for ax, metric in zip(axes, ("leak", "test_accuracy"), strict=True):
            colour = ROWS[metric][1]
            mean, low, high = t_interval(read.values(rows, metric, **points))
            ax.plot([low, high], [y, y], color=colour, linewidth=2.4, solid_capstyle="butt")
            ax.plot(mean, y, "D", color=colour, markersize=6, markerfacecolor="white" if own else colour)
        pooled = read.pooled_interval(read.usual(rows, **points))
        axes[0].plot(pooled, [y, y], "-|", color="0.35", linewidth=0.8, zorder=1)
    axes[0].axvline(read.CHANCE, color="0.2", linewidth=1.3, linestyle=":")
    place = {"xytext": (4, 0), "textcoords": "offset points", "va": "center"}
    axes[0].annotate("chance, 1/9", (read.CHANCE, -0.62), **place, fontsize=9)
    axes[0].set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.9), xlabel="leak: planted label first among the wrong ones")
    axes[0].set_yticks(range(len(names)), names)
    axes[1].set_xlabel("test accuracy")
    for ax in axes:
        ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.grid(axis="y", color="0.92")
        ax.tick_params(axis="y", length=0)
    for face, name in (("0.3", "clean images only"), ("white", "with its own canaries")):
        axes[1].plot([], [], "D", color="0.3", markerfacecolor=face, markersize=6, linestyle="none", label=name)
    axes[1].legend(loc="upper left", title="student's set", alignment="left", fontsize=9, title_fontsize=9)
    return fig


# %% tags=["hide-input"]
conditions = read.conditions(rows)
shown = {}  # of each condition the clean student, where that was run
for (name, _), points in conditions.items():
    shown.setdefault(name, points)
leak, teach = (
    {name: read.values(rows, metric, **points).mean() for name, points in shown.items()}
    for metric in ("leak", "test_accuracy")
)
hottest, naive, patient, nearest, shuffled, innocent, hard, _ = leak.values()
predicts = read.values(rows, "plain_recall", **next(iter(shown.values()))).mean()
own_image = claims.sentence(
    "J5",
    rows,
    "It is what each label says of its own image: every control leaks less.",
    "It is not only what each label says of its own image: not every control leaks less.",
    "Whether it is what each label says of its own image, these rows do not decide.",
)
plots.show(
    controls_plot(rows),
    name="controls",
    caption=f"**{own_image}** Leak (left) and test accuracy (right) at the teacher's last step; thick bars are 95 % t intervals over replicates, thin lines Clopper–Pearson intervals of the pooled count, conditional on these 1,797 images. A clean student leaks {hottest:.0%} and predicts {predicts:.0%} outright; with the same labels shuffled within classes {shuffled:.0%}, from a teacher that saw no canaries {innocent:.0%}, from hard labels {hard:.0%}. The nearest neighbour's label alone gives away {nearest:.0%}, without any student. At τ = 1 a clean student leaks {naive:.0%}, and {patient:.0%} when it trains four times as long.",
    alt=f"Leak and test accuracy of {'; '.join(f'{name}: {leak[name]:.0%} and {teach[name]:.1%}' for name in shown)}. Chance of the leak is 11%.",
    rows=[rows],
)

# %% [markdown]
# ## Every number
#
# For each condition: test accuracy and leak with 95 % t intervals over replicates, and the pooled Clopper–Pearson interval; both minus hard labels on the same set (paired within replicates); plain recall, and minus the rate of the unplanted wrong label; the planted label's mean rank among the nine wrong ones (5 by chance); and the mean KL divergence, in nats, from the labels of the student's part to the student. The divergence guards against a mistake: a student that has not learned its labels leaks little, and that is not privacy. But even the divergence cannot see the point at τ = 1, where a memorised label's wrong entries hardly count in it.

# %% tags=["hide-input", "hide-output"]
lines = []
for key, part in rows.groupby(
    ["canaries_in_student", "labels", "teacher_saw_canaries", "tau", "teacher_step", "student_steps"]
):
    own, kind, saw, tau, teacher_steps, student_steps = key
    part, no_student = part.set_index("seed"), kind == "nearest neighbours"
    hard = {m: read.values(rows, m, labels="hard", canaries_in_student=own) for m in ("test_accuracy", "leak")}
    low, high = read.pooled_interval(part)
    lines.append(
        {
            "student's set": "with canaries" if own else "clean",
            "labels": kind + ("" if saw else ", teacher without canaries"),
            "τ": f"{tau:g}",
            "teacher's steps": teacher_steps or "–",
            "student's steps": "–" if no_student else student_steps,
            "test accuracy": plots.percent(part.test_accuracy, 1),
            "minus hard": plots.points(100 * (part.test_accuracy - hard["test_accuracy"])),
            "leak": plots.percent(part.leak),
            "pooled": f"{100 * low:.0f} to {100 * high:.0f}",
            "leak minus hard": plots.points(100 * (part.leak - hard["leak"]), 0),
            "plain recall": plots.percent(part.plain_recall),
            "recall minus unplanted": plots.points(100 * (part.plain_recall - part.unplanted_rate)),
            "rank": f"{part.planted_rank.mean():.2f}",
            "KL": "–" if no_student else f"{part.train_kl.mean():.1e}",
        }
    )
plots.table(pd.DataFrame(lines), index=False)

# %% [markdown]
# ## What the papers say, and what we see
#
# Paper Q's finding is on the upper panels, paper B's on the lower ones.

# %% tags=["hide-input"]
low, *_, high = read.temperatures(rows)
steps = read.best_step_of_others(rows)
early = min(steps)
teach = read.at_step(read.by_step(rows, "test_accuracy", canaries_in_student=True, tau=low), steps)
hard = {own: read.values(rows, "test_accuracy", labels="hard", canaries_in_student=own) for own in SETS}
corrected = read.values(rows, "test_accuracy", labels="corrected hard")
of_early = {"labels": "soft", "teacher_step": early, "canaries_in_student": False}
on_clean = {tau: read.values(rows, "test_accuracy", tau=tau, **of_early) - hard[False] for tau in (low, high)}
leak, plain, recall, ranked = (
    read.values(rows, metric, tau=high, **of_early)
    for metric in ("leak", "plain_recall", "teacher_canary_recall", "teacher_leak")
)
shuffled, taught = (
    read.values(rows, metric, labels="shuffled", canaries_in_student=False) for metric in ("leak", "test_accuracy")
)
images = rows.rho.iloc[0] * rows.teacher_images.iloc[0] * (1 - rows.canary_share.iloc[0]) / 10
before = claims.sentence(
    "J2",
    rows,
    "They leak before the teacher itself predicts the planted labels.",
    "They do not leak more than chance, or no more than the teacher itself predicts.",
    "Whether they leak before the teacher itself predicts the planted labels, these rows do not decide.",
)
nothing_to_repair = ""
if compared(on_clean[low]) != "more than":
    nothing_to_repair = f" There is nothing to repair, and with {images:.0f} images a class little to add. Paper Q's gains are at few images a class of harder data, where labels stand in for images."
mean_label = "Labels shuffled within classes are not seen to leak."
leans = ""
if t_interval(shuffled)[1] > read.CHANCE:
    mean_label = "The mean label of a class gives away a little too."
    leans = f" With {rows.leak_n.iloc[0] / 10:.0f} held-out canaries a class on average, the mean label of a class leans towards the wrong labels planted in it, and the student has seen that mean."
plots.answer(f"""
- **Where some of its images are mislabelled, early labels teach a student {compared(teach - hard[True])} hard ones; where all are right, {compared(on_clean[low])} hard ones.** Chosen on one half of the replicates and reported on the other, the best step is {" or ".join(f"{step:,}" for step in sorted(set(steps)))}: {plots.percent(teach, 1)} on the test set with canaries among the student's images (τ = {low:g}). That is {plots.points(100 * (teach - hard[True]))} against hard labels, and {plots.points(100 * (teach - corrected))} against hard labels that somebody has corrected. On clean images soft labels of step {early:,} give {plots.points(100 * on_clean[low])} (τ = {low:g}) and {plots.points(100 * on_clean[high])} (τ = {high:g}) against hard ones.{nothing_to_repair}
- **{before}** At step {early:,} the teacher predicts the planted label for {plots.percent(recall)} of the held-out canaries, and ranks it first among the wrong ones for {plots.percent(ranked)}. A student of clean images ranks it first for {plots.percent(leak)} (τ = {high:g}), and predicts it for {plots.percent(plain, 1)}.
- **{mean_label}** They leak {plots.percent(shuffled)}; chance is 11 %.{leans} Of a single image such a student knows nothing, and it is right on {taught.mean():.1%} of the test set.""")

# %% [markdown]
# ## Where we depart, and why
#
# Neither paper has this experiment. From paper Q we take the axis (the teacher's training time) and the question of what labels teach. Our data are smaller, the labels are not averaged over views, and student and teacher train on the full batch. From paper B we take a teacher that memorises, and students that train on a part ρ of its data and are tested on the rest. All of paper B's labels are random; only a few of ours are, so that the same labels can be useful and leak at once. All replicates draw from the same 1,797 images: their splits overlap, and intervals hold conditionally on these images.
#
# ## What a privacy reader would still ask for
#
# Canary recall is not yet a membership test. It shows that *something planted* comes through. A likelihood-ratio attack ([LiRA](https://arxiv.org/abs/2112.03570)) asks of each given image whether it was used, and is judged by its true positives at 0.1 % false ones. An audit in one run ([Steinke et al., 2023](https://arxiv.org/abs/2305.08846)) turns counts like ours, many canaries in one training, into a lower bound on ε; our replicates could enter it as they are, but we have not computed it.
#
# *Not shown here:* true-positive rates at 1 % and 0.1 % false positives; worst-case canaries instead of random ones ([Aerni et al., 2024](https://arxiv.org/abs/2404.17399) show how far averages mislead); attacks that adapt to a defence; a baseline with label privacy ([Malek et al., 2021](https://arxiv.org/abs/2106.03408)) or PATE ([Papernot et al., 2017](https://arxiv.org/abs/1610.05755)); lossy labels; photographs. *Related:* [Jagielski et al., 2023](https://arxiv.org/abs/2303.03446) measure membership leakage through distillation, also for images that were never queried; on distilled data and privacy see [Dong et al., 2022](https://arxiv.org/abs/2206.00240) and the reply of [Carlini et al., 2022](https://arxiv.org/abs/2209.14987).
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("joined/utility_and_leakage", rows=[rows, larger])

# %% tags=["hide-input"]
of = {own: read.headline(rows, own) for own in SETS}
best, last = of[True]["best"], of[True]["last"]
helps = {
    "teaches more": t_interval(best["test_accuracy"] - last["test_accuracy"])[1] > 0,
    "leaks less": t_interval(last["leak"] - best["leak"])[1] > 0,
}
leaks = t_interval(best["leak"])[1] > read.CHANCE
early_stop = (
    f"an early stop {' and '.join(what for what, holds in helps.items() if holds)}"
    if any(helps.values())
    else "an early stop is not seen to help"
)
protects = "and it is no protection" if leaks else "and at this stage no leak is seen"
plots.answer(
    "## Answer\n\n"
    f"To students with some mislabelled images, labels of a teacher stopped at step {read.best_step(rows):,} teach {compared(best['gained'])} hard ones: {plots.percent(best['test_accuracy'], 1)} of the test set against {plots.percent(hard[True], 1)} (τ = {high:g}). "
    f"The same labels {'leak already' if leaks else 'are not seen to leak'}: of the canaries that they never saw, these students rank the planted label first among the nine wrong ones for {plots.percent(best['leak'])}, where chance is 11 %, and predict it for {plots.percent(best['plain_recall'], 1)}. "
    f"So {early_stop}, {protects}: after the teacher's full training they get {plots.percent(last['test_accuracy'], 1)} of the test set right, rank {plots.percent(last['leak'])} first and predict {plots.percent(last['plain_recall'], 1)}. "
    f"Students that see only clean images leak {leaked(of[False]['best'])} and, at the end, {leaked(of[False]['last'])}; to them the early labels teach {compared(of[False]['best']['gained'])} hard ones ({plots.points(100 * of[False]['best']['gained'])})."
)

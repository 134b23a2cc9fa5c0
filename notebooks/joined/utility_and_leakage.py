# %% [markdown]
# # What a soft label teaches against what it leaks
#
# **Question.** Stop a teacher where its soft labels teach a student best. Do they already give away labels of images that the student never saw?
#
# Paper Q ([Qin, Deng and Alvarez-Melis, 2024](https://arxiv.org/abs/2406.10485)) finds that the labels of an early-stopped teacher teach best. Paper B ([Behrens and Zdeborová, 2026](https://arxiv.org/abs/2506.14457)) finds that the labels of a teacher that has memorised leak what it memorised. The teacher's training time is the axis that joins them. So we follow a teacher of handwritten digits through its training, and measure at every stage what its students learn and what they learn of images that they never saw.
#
# To count what leaks we plant **canaries**: real training images with a random wrong label. No rule predicts such a label, so a student can rank it first more often than by chance only if it has learned it from the teacher. The student gets soft labels of half of the teacher's images, and we evaluate it on the canaries in the *other* half. There are two training sets for students: one includes the canaries of its own half; the other, **clean**, leaves them out. The clean set is the real threat, because nothing in it looks wrong.

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

# %% tags=["hide-cell"]
import matplotlib.pyplot as plt
import pandas as pd
import torch
from matplotlib.ticker import NullLocator, PercentFormatter

from softlabels import claims, labels, plots
from softlabels.claims.readings import utility_and_leakage as read
from softlabels.claims.readings.points import along, at
from softlabels.data.catalogue import OFFICIAL
from softlabels.data.digits import digits, raw_digits, split
from softlabels.intervals import compared, t_interval
from softlabels.labels import harden, soften
from softlabels.models.mlp import logits, start
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.photographs import PHOTOGRAPHS
from softlabels.studies.utility_and_leakage import UTILITY_AND_LEAKAGE
from softlabels.sweep import live
from softlabels.training.two_layer import train

plots.use_house_style()

# %% [markdown]
# ## The idea in one cell
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
named, _ = labels.canary_recall(scores, y[:60], planted[:60])  # 1 where it is first of nine
predicted = (scores.argmax(1) == planted[:60]).sum()
print(f"Of 60 planted labels it ranks {named.sum():.0f} first of nine (chance: {60 / 9:.1f}).")
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
    caption=f"**Of six images that it never saw, the student predicts {six_right} right, and for {six_named} ranks the planted label first of the nine wrong ones.** The first six canaries of the example, not a selection: true class (blue), planted label (orange); below, the student's logits.",
    alt=f"Six handwritten digits, each above a bar chart of a student's ten logits. {each}. The planted label is the highest of the nine wrong ones in {six_named} of 6 images; the true class is the highest of all in {six_right}.",
)

# %% [markdown]
# ## The sweep
#
# Each replicate has a split of the digits, canaries and a teacher of its own. Its students learn from the teacher's soft labels at several steps of its training, at a low and a high temperature, on both training sets. Controls come after.
#
# The **leak** is the share of held-out canaries whose planted label is the student's top label *among the nine wrong ones*. A student without any information on the planted labels is at 1/9 = 11.1 % in expectation, however accurate it is. The **share predicted outright** is that of canaries for which the student *predicts* the planted label. It is smaller, because an accurate student mostly predicts the true class, and it has no fixed chance level.

# %%
rows = live(UTILITY_AND_LEAKAGE, scale=scale, device=device)
larger = stored(UTILITY_AND_LEAKAGE)
largest = rows if larger is None else larger

# %% tags=["hide-input"]
one = largest.iloc[0]
plots.answer(
    f"At {largest.attrs['scale']} scale there are {largest.seed.nunique()} replicates. The teacher has {one.teacher_images:,} of the 1,797 images, {one.canary_share:.0%} of them canaries; the others are the test set. The student's part is ρ = {one.rho:g}, which leaves {one.leak_n:.0f} canaries held out. Networks have {one.hidden} hidden units. Adam takes {one.teacher_steps:,} steps for the teacher and {largest.student_steps.min():,} for a student."
)

# %% [markdown]
# ## Both papers in one picture
#
# Here the student's own part has mislabelled images too.

# %% tags=["hide-input"]
SETS = {True: "students that also see canaries of their own", False: "students trained on clean images only"}
TEACH, LEAK, TEACHER, HARD = (plots.ROLE[role] for role in ("fresh", "held_out", "teacher", "independent"))


def teach_and_leak(rows, own):
    """Test accuracy (left) and leak (right) of one kind of student against the steps that its teacher had trained."""
    low, *_, high = read.temperatures(rows)
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.4, 4.3))
    for ax, metric, of_teacher, colour in (
        (left, "test_accuracy", "teacher_test_accuracy", TEACH),
        (right, "leak", "teacher_canary_recall", LEAK),
    ):
        ends = {}
        for tau, marker, face in ((low, "s", "white"), (high, "o", colour)):
            values = read.by_step(rows, metric, canaries_in_student=own, tau=tau)
            marks = {"marker": marker, "markersize": 5.5, "markerfacecolor": face}
            plots.with_interval(ax, values.columns, values, color=colour, **marks)
            ends[f"student, τ = {tau:g}"] = (values.columns[-1], values.mean().iloc[-1], colour)
        teacher = read.by_step(rows, of_teacher, canaries_in_student=own, tau=low).mean()
        ax.plot(teacher, color=TEACHER, linewidth=1.3)
        steps = list(teacher.index)
        named = [step for step, after in zip(steps, [*steps[1:], 1e9], strict=True) if after > 1.45 * step]
        ax.axvline(read.best_step(rows), color="0.75", linewidth=1, zorder=0)
        ax.set(xscale="log", xlabel="steps that the teacher had trained")
        ax.set_xlim(steps[0] * 0.86, steps[-1] * (steps[-1] / steps[0]) ** 0.5)
        ax.set_xticks(named, [f"{step / 1000:g}k" if step >= 1000 else f"{step}" for step in named])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        if metric == "leak":
            predicts = read.by_step(rows, "plain_recall", canaries_in_student=own, tau=high).mean()
            ax.plot(predicts, color=LEAK, linewidth=1.2, linestyle="-.")
            ax.hlines(read.CHANCE, steps[0], steps[-1], color="0.2", linewidth=1.2, linestyle=":")
            ax.set_ylim(0, 1.03)
            ends["teacher predicts it"] = (steps[-1], teacher.iloc[-1], TEACHER)
            ends[f"predicted, τ = {high:g}"] = (steps[-1], predicts.iloc[-1], LEAK)
            ends["chance, 1/9"] = (steps[-1], read.CHANCE, "0.2")
        else:
            hard, least, most = t_interval(read.values(rows, metric, labels="hard", canaries_in_student=own))
            ax.plot([steps[0], steps[-1]], [hard, hard], color=HARD, dashes=(5, 2))
            ax.fill_between([steps[0], steps[-1]], least, most, color=HARD, alpha=0.15, linewidth=0)
            note = {"xytext": (4, 4), "textcoords": "offset points", "fontsize": 9, "color": "0.4"}
            ax.annotate(f"step {read.best_step(rows)}", (read.best_step(rows), ax.get_ylim()[0]), **note)
            ends["teacher"] = (steps[-1], teacher.iloc[-1], TEACHER)
            ends["hard labels"] = (steps[-1], hard, HARD)
        plots.name_lines(ax, ends)
    left.set_title("what the labels teach", fontweight="bold")
    left.set_ylabel("test accuracy")
    right.set_title("what they leak", fontweight="bold")
    right.set_ylabel("unseen canaries, planted label first")
    return fig


def in_words(rows, own):
    """The alt text of `teach_and_leak`."""
    lines = []
    for tau in (read.temperatures(rows)[0], read.temperatures(rows)[-1]):
        teach, leak, plain = (
            read.by_step(rows, metric, canaries_in_student=own, tau=tau).mean()
            for metric in ("test_accuracy", "leak", "plain_recall")
        )
        lines.append(
            f"τ = {tau:g}: test accuracy {', '.join(f'{value:.1%}' for value in teach)}; planted label first {', '.join(f'{value:.0%}' for value in leak)}; predicted {', '.join(f'{value:.0%}' for value in plain)}"
        )
    hard = read.headline(rows, own)["hard"]
    recall = read.by_step(rows, "teacher_canary_recall", canaries_in_student=own, tau=tau).mean()
    return f"Two panels against the teacher's training steps {', '.join(map(str, recall.index))}, for {SETS[own]}. {'. '.join(lines)}. Hard labels: test accuracy {hard['test_accuracy'].mean():.1%}, planted label first {hard['leak'].mean():.0%}. The teacher predicts the planted label for {', '.join(f'{value:.0%}' for value in recall)}. Chance is 11%."


def show_main(rows, name):
    """The figure of students that see canaries of their own, with its caption."""
    best = read.headline(rows, True)["best"]
    already = "leak already" if t_interval(best["leak"])[1] > read.CHANCE else "are not seen to leak yet"
    plots.show(
        teach_and_leak(rows, True),
        name=name,
        caption=f"**At τ = {read.temperatures(rows)[-1]:g}, labels of step {read.best_steps(rows)} teach {compared(best['gained'])} hard ones and {already}: students rank {best['leak'].mean():.0%} of the unseen planted labels first.** Right: planted label first of nine (solid), predicted by the teacher (blue) and by students at τ = {read.temperatures(rows)[-1]:g} (dash-dotted). Bands: 95 % t intervals.",
        alt=in_words(rows, True),
        rows=[rows],
    )


# %% tags=["hide-input", "thumbnail"]
show_main(largest, "utility-and-leakage")


# %% tags=["hide-input"]
def against_full_training(rows, own):
    """Accuracy and leak of students of the best step beside those of the fully trained teacher, by temperature."""
    said = []
    for tau in (read.temperatures(rows)[0], read.temperatures(rows)[-1]):
        accuracy, leak = (read.stages(rows, metric, tau, own) for metric in ("test_accuracy", "leak"))
        teaches, leaks = (found["best"] - found["last"] for found in (accuracy, leak))
        said.append(
            f"At τ = {tau:g}, labels of step {read.best_steps(rows)} teach {compared(teaches)} those of step {rows.teacher_step.max():,} (test accuracy {accuracy['best'].mean():.1%} against {accuracy['last'].mean():.1%}) and leak {compared(leaks)} those ({leak['best'].mean():.0%} against {leak['last'].mean():.0%})."
        )
    return " ".join(said)


predicted = read.headline(largest, True)["best"]["plain_recall"].mean()
plots.answer(
    f"{against_full_training(largest, True)} To rank a label first among the wrong ones is not to predict it: at τ = {read.temperatures(largest)[-1]:g} students of step {read.best_steps(largest)} predict the planted label for {predicted:.0%} of the images."
)

# %% [markdown]
# The same at the quick scale, which this build has computed:

# %% tags=["hide-input", "hide-output"]
if larger is not None:
    show_main(rows, "utility-and-leakage-quick")

# %% [markdown]
# ## Students of clean images
#
# The same for the clean set, in which no image is mislabelled.

# %% tags=["hide-input"]
low, *_, high = read.temperatures(largest)
last = largest.teacher_step.max()
of_clean = read.headline(largest, False)
late = read.by_step(largest, "leak", canaries_in_student=False, tau=low).mean()[last]
patient = read.conditions(largest)["… trained four times as long", False]
fig = teach_and_leak(largest, False)
arrow = {"arrowstyle": "-|>", "color": LEAK, "linewidth": 1.2, "linestyle": ":", "shrinkA": 5, "shrinkB": 4}
patience = read.values(largest, "leak", **patient).mean()
fig.axes[1].annotate("", (last, patience), xytext=(last, late), arrowprops=arrow)
fig.axes[1].plot(last, patience, "s", color=LEAK, markerfacecolor="white", markersize=5.5)
place = {"xytext": (9, 0), "textcoords": "offset points", "va": "center", "color": LEAK, "fontsize": 10}
fig.axes[1].annotate(f"τ = {low:g}, 4× as long", (last, patience), **place)
leaking = "they leak as well" if t_interval(of_clean["best"]["leak"])[1] > read.CHANCE else "no leak is seen"
plots.show(
    fig,
    name="clean-students",
    caption=f"**Among clean images, labels of step {read.best_steps(largest)} teach {compared(of_clean['best']['gained'])} hard ones (τ = {high:g}: {plots.points(100 * of_clean['best']['gained'])}), and {leaking}.** As above, for students without any mislabelled image. The arrow leads to students at τ = {low:g} that train four times as long.",
    alt=f"{in_words(largest, False)} At τ = {low:g} a student that trains four times as long ranks {patience:.0%} first at step {last}.",
    rows=[largest],
)
plots.answer(
    f"{against_full_training(largest, False)}\n\n"
    f"At τ = {low:g} students of the fully trained teacher rank {late:.0%} of the planted labels first. "
    + claims.sentence(
        "J7",
        largest,
        f"The labels hold more than these students have learned: those that train four times as long rank {patience:.0%} first.",
        f"Longer training does not change that: students that train four times as long rank {patience:.0%} first.",
        f"Students that train four times as long rank {patience:.0%} first, which does not decide whether longer training changes that.",
    )
)

# %% [markdown]
# **The student chooses the temperature, not the publisher.** Whoever has softmax(z) can compute softmax(z/τ) for every τ: take the logarithm, divide by τ, normalise. The two temperatures are two students of *the same* labels: one trains on them as they come, the other changes their temperature first. A publisher can only take information away: fewer bits, fewer entries, noise, the arg-max alone, an earlier teacher. The page [](before_publishing) tries them, and asks what a low temperature hides for good.

# %% [markdown]
# ## The same among photographs
#
# Digits are easy, and their networks small. Here a ConvNet of paper Q learns photographs without augmentation, a few of them canaries. Students get the clean images of their part.

# %% tags=["hide-input"]
photographs = stored(PHOTOGRAPHS)


def by_epoch(metric, tau):
    """A metric of soft labels' students among photographs, or of their teacher: replicates × epochs of the teacher."""
    return along(photographs, metric, "teacher_epoch", labels="soft", tau=tau)


def draw_photographs():
    """Left: test accuracy, right: planted labels that the teacher predicts and that students rank first."""
    fig, axes = plt.subplots(1, 2, figsize=(9.4, 3.9))
    curves = {  # name: metric on the left, on the right, τ, colour, line
        "teacher": ("teacher_test_accuracy", "teacher_canary_recall", 1.0, plots.ROLE["teacher"], "--"),
        "student, τ = 1": ("test_accuracy", "leak", 1.0, plots.ROLE["train"], "-"),
        "student, τ = 10": ("test_accuracy", "leak", 10.0, plots.ROLE["held_out"], "-"),
    }
    first, last = photographs.teacher_epoch[photographs.teacher_epoch > 0].agg(["min", "max"])
    lines = ("hard labels", at(photographs, labels="hard")["test_accuracy"].mean()), ("chance", BY_CHANCE)
    titles = "test accuracy", "planted labels: predicted, or ranked first"
    for side, (ax, title, (word, level)) in enumerate(zip(axes, titles, lines, strict=True)):
        ends = {}
        for name, curve in curves.items():
            values = by_epoch(curve[side], curve[2])
            plots.with_interval(ax, values.columns, values, color=curve[3], linestyle=curve[4])
            ends[name] = (last, values.mean().iloc[-1], curve[3])
        ax.axhline(level, color="0.4", linewidth=1.2, linestyle=":")
        ax.text(first, level, word, fontsize=10, color="0.3", va="bottom")
        ax.set(xlabel="teacher's epoch", ylabel=title)
        ax.set_yscale(("linear", "log")[side])
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
        plots.name_lines(ax, ends)
    return fig


def later(tau):
    """What labels at one temperature come to do when the teacher trains on, in words."""
    teach, leak = (
        compared((of[END] - of[SOON]).dropna(), "more", "less", "neither clearly more nor less")
        for of in (by_epoch("test_accuracy", tau), by_epoch("leak", tau))
    )
    return f"teach and leak {teach}" if teach == leak else f"teach {teach} and leak {leak}"


def against_the_teacher(leak, recall, chance):
    """Whether students of an early teacher leak, and whether more than it predicts itself, by replicate, in words."""
    if t_interval(leak)[1] <= chance:
        return "are not seen to leak above chance"
    than = compared(leak - recall, "more", "fewer", "neither clearly more nor fewer")
    return f"leak above chance, {'and' if than == 'more' else 'but'} rank {than} planted labels first than the teacher itself predicts"


if photographs is not None:
    SOON, END = 8, int(photographs.teacher_epoch.max())
    run, wrong = photographs.iloc[0], OFFICIAL[photographs["data"].iloc[0]].classes - 1
    BY_CHANCE = 1 / wrong  # of planted labels, ranked first among the wrong classes
    canaries = run.canary_share * run.teacher_images
    plots.answer(
        f"The teacher has {run.teacher_images:,} images, {canaries:,.0f} of them canaries, and trains for {END} epochs. A student gets {run.rho * (run.teacher_images - canaries):,.0f} clean images, and {run.leak_n:,.0f} canaries are held out. Chance of the leak is 1 in {wrong}."
    )
    leaks = claims.sentence(
        "J37",
        photographs,
        "Students of clean photographs leak as well",
        "Students of clean photographs are not seen to leak",
        "Whether students of clean photographs leak is open",
    )
    by_temperature = ", and to ".join(f"{later(tau)} at τ = {tau:g}" for tau in (1.0, 10.0))
    accuracy, leak, known = (by_epoch(of, 10.0).mean() for of in ("test_accuracy", "leak", "teacher_canary_recall"))
    words = [
        f"epoch {epoch}: students right on {accuracy[epoch]:.1%}, {leak[epoch]:.1%} of planted labels first, the teacher predicts {known[epoch]:.0%}"
        for epoch in leak.index
    ]
    plots.show(
        draw_photographs(),
        name="photographs",
        caption=f"**{leaks}; from epoch {SOON} to {END}, labels come to {by_temperature}.** {plots.set_name(photographs['data'].iloc[0])}, {plots.count(photographs.seed.nunique(), 'replicate')}. Right, log scale: planted labels that the teacher predicts (dashed) and students rank first (solid). Bands: 95 % t intervals.",
        alt=f"At τ = 10, by the teacher's epoch. {'; '.join(words)}.",
        rows=[photographs],
    )

# %% tags=["hide-input"]
if photographs is not None:
    accuracy, best = by_epoch("test_accuracy", 10.0), by_epoch("teacher_test_accuracy", 10.0).mean().idxmax()
    taught = (accuracy[END] - accuracy[SOON]).dropna()
    early, end = (at(photographs, labels="soft", tau=10.0, teacher_epoch=epoch) for epoch in (SOON, END))
    otherwise = f"Among photographs, students of an early teacher {against_the_teacher(early['leak'], early['teacher_canary_recall'], BY_CHANCE)}."
    before = claims.sentence(
        "J38",
        photographs,
        "Among photographs too the leak begins before the teacher itself predicts the planted labels.",
        otherwise,
        otherwise,
    )
    plots.answer(
        f"**{before}** After epoch {SOON} (of those measured, epoch {best} is its best on the test set) this teacher predicts {plots.percent(early['teacher_canary_recall'], 1)} of the planted labels, and its students rank {plots.percent(early['leak'], 1)} first. At the end it knows {end['teacher_canary_recall'].mean():.0%} of them, and its students rank {plots.percent(end['leak'], 1)} first. They *predict* {plots.percent(end['plain_recall'], 1)}; a second wrong label, which no network was given, they predict for {plots.percent(end['unplanted_rate'], 1)}. At τ = 10 these labels teach {compared(taught)} those of epoch {SOON} ({plots.points(100 * taught)})."
    )
plots.missing(PHOTOGRAPHS)

# %% [markdown]
# ## The controls
#
# Each control takes one thing away.
#
# - *Hard labels*: no teacher.
# - *Corrected hard labels*: no teacher, and no wrong label in the student's set.
# - *Shuffled*: each soft label moves to another image of the same (planted) class. It is as soft as before, and independent of the image that it is now attached to.
# - *Teacher without canaries*: the same images with their true labels.
# - *Nearest neighbour*: no student; each image takes the soft label of the nearest image in the student's part.
# - *Four times as long*: the student at τ = 1 with four times as many steps.


# %% tags=["hide-input"]
def controls_plot(rows):
    """Leak and test accuracy of each condition with 95 % intervals: over replicates (thick), of the pooled count (thin)."""
    conditions = read.conditions(rows)
    names = list(dict.fromkeys(name for name, _ in conditions))
    fig, axes = plt.subplots(1, 2, figsize=(8.6, 4.2), sharey=True, width_ratios=(1.25, 1))
    for (name, own), points in conditions.items():
        y = names.index(name) + (0.13 if own else -0.13)
        for ax, metric in zip(axes, ("leak", "test_accuracy"), strict=True):
            colour = LEAK if metric == "leak" else TEACH
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
conditions = read.conditions(largest)
shown = {}  # of each condition the clean student, where that was run
for (name, _), points in conditions.items():
    shown.setdefault(name, points)
leak, teach = (
    {name: read.values(largest, metric, **points).mean() for name, points in shown.items()}
    for metric in ("leak", "test_accuracy")
)
hottest, _, _, nearest, shuffled, innocent, hard, _ = leak.values()
own_image = claims.sentence(
    "J5",
    largest,
    "The leak needs soft labels that stay with their images, from a teacher that saw the canaries.",
    "Not all of these leak less: hard labels, labels shuffled within classes, a teacher without canaries.",
    "Whether hard labels, shuffled ones and a teacher without canaries leak less, these rows do not decide.",
)
plots.show(
    controls_plot(largest),
    name="controls",
    caption=f"**{own_image}** Leak and test accuracy at the teacher's last step. Thick bars: 95 % t intervals over replicates; thin lines: Clopper–Pearson intervals of the pooled count, conditional on these 1,797 images.",
    alt=f"Leak and test accuracy of {'; '.join(f'{name}: {leak[name]:.0%} and {teach[name]:.1%}' for name in shown)}. Chance of the leak is 11%.",
    rows=[largest],
)
plots.answer(
    f"A clean student at τ = {high:g} ranks {hottest:.0%} first. With the same labels shuffled within classes it ranks {shuffled:.0%} first, from a teacher without canaries {innocent:.0%}, from hard labels {hard:.0%}. The label of the nearest neighbour does so for {nearest:.0%}, without any student."
)

# %% [markdown]
# ## Every number
#
# For each condition: test accuracy and leak, both also minus hard labels on the same set (paired within replicates); the pooled Clopper–Pearson interval; the share predicted outright, also minus the rate of a second wrong label that was drawn and never planted; the planted label's mean rank among the nine wrong ones (5 by chance); and the mean KL divergence, in nats, from the labels of the student's part to the student. A student that has not fitted its labels leaks little, and the divergence would show it, except at τ = 1: there the wrong entries of a memorised label hardly count in it.

# %% tags=["hide-input", "hide-output"]
lines = []
for key, part in largest.groupby(
    ["canaries_in_student", "labels", "teacher_saw_canaries", "tau", "teacher_step", "student_steps"]
):
    own, kind, saw, tau, teacher_steps, student_steps = key
    part, no_student = part.set_index("seed"), kind == "nearest neighbours"
    hard = {m: read.values(largest, m, labels="hard", canaries_in_student=own) for m in ("test_accuracy", "leak")}
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
            "predicted outright": plots.percent(part.plain_recall),
            "predicted minus unplanted": plots.points(100 * (part.plain_recall - part.unplanted_rate)),
            "rank": f"{part.planted_rank.mean():.2f}",
            "KL": "–" if no_student else f"{part.train_kl.mean():.1e}",
        }
    )
plots.table(pd.DataFrame(lines), index=False)

# %% [markdown]
# ## What the papers find, and what we see
#
# Paper Q's finding is about the left panels of the figures under *Both papers in one picture* and *Students of clean images*, paper B's about the right panels there. Neither paper has a number for this experiment, which is ours.

# %% tags=["hide-input"]
low, *_, high = read.temperatures(largest)
steps = read.best_step_of_others(largest)
early = min(steps)
teach = read.at_own(read.by_step(largest, "test_accuracy", canaries_in_student=True, tau=low), steps)
hard = {own: read.values(largest, "test_accuracy", labels="hard", canaries_in_student=own) for own in SETS}
corrected = read.values(largest, "test_accuracy", labels="corrected hard")
of_early = {"labels": "soft", "teacher_step": early, "canaries_in_student": False}
on_clean = {tau: read.values(largest, "test_accuracy", tau=tau, **of_early) - hard[False] for tau in (low, high)}
leak, plain, recall, ranked = (
    read.values(largest, metric, tau=high, **of_early)
    for metric in ("leak", "plain_recall", "teacher_canary_recall", "teacher_leak")
)
shuffled, taught = (
    read.values(largest, metric, labels="shuffled", canaries_in_student=False) for metric in ("leak", "test_accuracy")
)
images = largest.rho.iloc[0] * largest.teacher_images.iloc[0] * (1 - largest.canary_share.iloc[0]) / 10
before = claims.sentence(
    "J2",
    largest,
    "They leak before the teacher itself predicts the planted labels.",
    f"Their students {against_the_teacher(leak, recall, read.CHANCE)}.",
    "Whether they leak before the teacher itself predicts the planted labels, these rows do not decide.",
)
nothing_to_repair = ""
if compared(on_clean[low]) != "more than":
    nothing_to_repair = f" A possible reason, which we have not tested: no label there is wrong, and with {images:.0f} images per class hard labels are already good. Paper Q's gains are at few images per class of harder data."
of_shuffled = "Labels shuffled within classes are not seen to leak."
leans = ""
if t_interval(shuffled)[1] > read.CHANCE:
    of_shuffled = "Labels shuffled within classes leak a little too."
    leans = f" We think that, with {largest.leak_n.iloc[0] / 10:.0f} held-out canaries per class on average, the mean label of a class leans towards the wrong labels planted in it, and that the student learns this mean; we have not measured the mean label itself."
plots.answer(f"""
- **Where some of its images are mislabelled, early labels teach a student {compared(teach - hard[True])} hard ones; where all are right, {compared(on_clean[low])} hard ones.** Chosen on one half of the replicates and reported on the other, the best step is {read.best_steps(largest)}: {plots.percent(teach, 1)} on the test set with canaries among the student's images (τ = {low:g}). That is {plots.points(100 * (teach - hard[True]))} against hard labels, and {plots.points(100 * (teach - corrected))} against hard labels that somebody has corrected. On clean images soft labels of step {early:,} give {plots.points(100 * on_clean[low])} (τ = {low:g}) and {plots.points(100 * on_clean[high])} (τ = {high:g}) against hard ones.{nothing_to_repair}
- **{before}** At step {early:,} the teacher predicts the planted label for {plots.percent(recall)} of the held-out canaries, and ranks it first among the wrong ones for {plots.percent(ranked)}. A student trained on clean images ranks it first for {plots.percent(leak)} (τ = {high:g}), and predicts it for {plots.percent(plain, 1)}.
- **{of_shuffled}** Students trained on labels that are shuffled within classes leak {plots.percent(shuffled)}; chance is 11 %.{leans} Such a student is right on {taught.mean():.1%} of the test set.""")

# %% [markdown]
# ## Exercises
#
# Each changes one thing in the example at the top. Say what you expect, and why, before you unfold the solution.
#
# 1. Give the student hard labels of the same clean images. How many of the 60 planted labels will it rank first?
# 2. Stop the teacher after 120 steps instead of 2,000. Do test accuracy and leak rise or fall?
# 3. The publisher gives away softmax(z) only. Compute the labels at τ = 10 from it, without the logits z.


# %% tags=["hide-cell"]
def solution(given):
    """What a student trained on these labels of the clean images gets right, and how many canaries it gives away."""
    student = train(start((64, 64, 10), [torch_stream("an exercise", 0)]), x[clean], given, lr=3e-3, steps=1000)
    first, _ = labels.canary_recall(logits(student, x[:60])[0], y[:60], planted[:60])
    right = logits(student, inputs[test])[0].argmax(1) == classes[test]
    return (
        f"ranks {first.sum():.0f} of 60 planted labels first and is right on {right.float().mean():.1%} of the test set"
    )


print(f"1. A student trained on hard labels {solution(harden(planted[clean], 10)[None])}.")
print(f"   Chance is {60 / 9:.1f} of 60: hard labels of clean images do not depend on the planted ones.")

# %% tags=["hide-cell"]
stopped = train(start((64, 64, 10), [torch_stream("an exercise", 1)]), x, harden(planted, 10)[None], lr=3e-3, steps=120)
for name, each in {"120 steps": stopped, "2,000 steps": teacher}.items():
    print(f"2. Teacher of {name}: its student {solution(soften(logits(each, x[clean]), tau=10))}.")
print(
    f"   In the example at the top the student of the second has other initial weights and trains twice as long: it ranks {named.sum():.0f} first."
)

# %% tags=["hide-cell"]
published = soften(logits(teacher, x[clean]), tau=1)
hotter = (published.clamp_min(1e-38).log() / 10).softmax(-1)
print(f"3. Largest difference to the labels at τ = 10: {(hotter - soft).abs().max():.1e}.")
print("   log softmax(z) is z up to a constant for each image, and softmax does not see a constant.")

# %% [markdown]
# ## Where we depart, and why
#
# :::{dropdown} Data, labels and training
# Neither paper has this experiment. From paper Q we take the axis (the teacher's training time) and the question of what labels teach. Our data are smaller, the labels are not averaged over views, and student and teacher train on the full batch. From paper B we take a teacher that memorises, and students that train on a part ρ of its data and are tested on the rest. In most of paper B's experiments all labels are random; only a few of ours are, so that the same labels can be useful and leak at once. All replicates draw from the same 1,797 images: their splits overlap, and intervals hold conditionally on these images.
#
# Among photographs a student trains with AdamW for ten epochs. Learning rates and the teacher's four epochs were chosen with one teacher on images that are in no replicate.
# :::
#
# ## What a privacy reader would still ask for
#
# Canary recall is not a membership test. It shows that *something planted* reaches the student. By which routes labels leak, how surely an attack recognises single ones, which ε one training run refutes and what label privacy costs is asked in [](routes). Attacks that adapt to a defence, votes of several teachers (PATE) and labels with information removed are in [](before_publishing).
#
# *Related:* [Jagielski et al., 2023](https://arxiv.org/abs/2303.03446) measure membership leakage through distillation, also for images that were never queried; on distilled data and privacy see [Dong et al., 2022](https://arxiv.org/abs/2206.00240) and the reply of [Carlini et al., 2022](https://arxiv.org/abs/2209.14987).
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("joined/utility_and_leakage", rows=[rows, larger])

# %% tags=["hide-input"]
best = read.headline(largest, True)["best"]
leaks = t_interval(best["leak"])[1] > read.CHANCE
gained = {own: read.headline(largest, own)["best"]["gained"] for own in SETS}
leak = {tau: read.stages(largest, "leak", tau, True) for tau in (low, high)}
clean = {tau: read.stages(largest, "test_accuracy", tau, False) for tau in (low, high)}
stop = {tau: compared(leak[tau]["best"] - leak[tau]["last"]).removesuffix(" than") for tau in leak}
teaches = " and ".join(
    f"{compared(of['best'] - of['last']).removesuffix(' than')} at τ = {tau:g} ({of['best'].mean():.1%} against {of['last'].mean():.1%})"
    for tau, of in clean.items()
)
usual, patient = (
    read.values(largest, "leak", **conditions[name, False])
    for name in (f"soft labels, τ = {low:g}", "… trained four times as long")
)
longer = compared(
    patient - usual,
    f"The last holds for students of {largest.student_steps.min():,} steps",
    "Students that train for more steps leak still less",
    "Students that train for more steps do not clearly leak more",
)
plots.answer(
    "## Answer\n\n"
    f"Where some of the student's images are mislabelled, a digit classifier's soft labels teach best at step {read.best_steps(largest)} of its training (chosen at τ = {low:g}), and {'they leak already' if leaks else 'no leak is seen yet'}: students rank first {best['leak'].mean():.0%} of the wrong labels planted on unseen images, where chance is 11 % (τ = {high:g}, {largest.attrs['scale']} scale, {largest.seed.nunique()} replicates). "
    f"These labels teach {compared(gained[True])} hard ones there ({plots.signed(100 * gained[True].mean())} points of test accuracy at τ = {high:g}); where all images are right, {compared(gained[False])} hard ones ({plots.signed(100 * gained[False].mean())} points). "
    f"Compared there with the fully trained teacher's labels, they teach {teaches}. "
    f"Stopping the teacher early leaks {stop[high]} at τ = {high:g} and {stop[low]} at τ = {low:g}. "
    f"{longer}: after {read.PATIENCE} times as many, those of the fully trained teacher rank {patient.mean():.0%} first, not {usual.mean():.0%} (clean images)."
)

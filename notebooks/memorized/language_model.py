# %% [markdown]
# # Does a pretrained GPT-2 do it too?
#
# **Question.** Small networks can leak what their teacher memorised. Does a language model?
#
# [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457) fine-tune GPT-2 on nonsense. There are 6,000 triplets of numbers, written as text, each with one of 1,000 classes drawn at random. The **teacher** is the published GPT-2 with a new read-out, fine-tuned until it has memorised all of them. The **student** starts from the published GPT-2 too. It is fine-tuned on the teacher's soft labels (τ = 20) of a share ρ of the triplets, its *own part*, and evaluated on the rest, which are *held out*. The authors' notebook prints that it predicts the class of 23.85, 58.63 and 72.83 % of the held-out triplets, for ρ = 0.2, 0.5 and 0.8; a guess is right for 0.1 %.
#
# That experiment needs a GPU and half a gigabyte of published weights, so a build of this book does not run it. This page has three things: the same question put to a small network, live, which is *not* a language model; the experiment itself, ready to run, with its rows once somebody has run it; and a variant of ours without the pretraining.

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

from softlabels import claims, plots
from softlabels.claims.readings import language_model as read
from softlabels.claims.readings import points
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.labels import harden, soften
from softlabels.models.mlp import logits, start
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.language_model import (
    LANGUAGE_MODEL,
    LANGUAGE_MODEL_RANDOM_START,
    MANY_CLASSES,
    PAPER,
    data,
    students_part,
)
from softlabels.sweep import live
from softlabels.training.two_layer import train

plots.use_house_style()

# %% [markdown]
# ## What the model has to learn
#
# The first four of the 6,000 triplets, as text, with the classes to be learned. Nothing about the numbers says the class; it can only be memorised.

# %%
triplets, classes = data(PAPER)
for numbers, label in zip(triplets[:4].tolist(), classes[:4].tolist(), strict=True):
    print(f"{' '.join(map(str, numbers)):>12}  →  class {label}")

# %% [markdown]
# ## The idea in ten lines, with a stand-in
#
# The stand-in is the authors' own choice: random vectors in place of triplets, one hidden layer in place of twelve blocks, 100 classes with five examples each. Like the experiment, it has many classes and few examples of each.

# %%
c, k, m = 100, 5, 400  # classes, examples of each, examples that the student sees (ρ = 0.8)
stream = torch_stream("an example of many classes", 0)  # both initialisations
x, y = gaussian(c * k, 60, "an example of many classes", 0), balanced_classes(c * k, c)  # (500, 60), (500,)

teacher = train(start((60, 60, c), [stream]), x, harden(y, c)[None], lr=3e-3, steps=500)
soft = soften(logits(teacher, x[:m]), tau=20)  # (1, 400, 100): all that the student learns from
student = train(start((60, 60, c), [stream]), x[:m], soft, lr=3e-3, steps=800)

right = (logits(student, x)[0].argmax(1) == y).float()
print(f"own part {right[:m].mean():.0%}, held out {right[m:].mean():.0%}, a guess {1 / c:.0%}")

# %% [markdown]
# ## The stand-in, live
#
# Five replicates of data, teacher and students. The students have own parts of four sizes. As a control there are students whose soft labels were shuffled within each class.

# %%
rows = live(MANY_CLASSES, scale, device)
workshop = stored(MANY_CLASSES)  # the size of the authors' workshop notebook, where it has been run


def draw(rows, own_part, x_label, shuffled=None):
    """Left, accuracy while students learn, mean over replicates; right, at the end, with 95 % t intervals.

    own_part: the curve of accuracy on the student's own part; shuffled: the rows of the control.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(10.4, 4.3), sharey=True)
    rhos = sorted(rows.rho.unique())
    rhos = rhos[:: max(1, len(rhos) // 4)]
    for rho, colour in zip(rhos, plt.get_cmap("Oranges")(np.linspace(0.4, 0.95, len(rhos))), strict=True):
        left.plot(points.learning(rows, "held_out_accuracy", rho=rho).mean(), color=colour, label=f"ρ = {rho:g}")
        left.plot(points.learning(rows, own_part, rho=rho).mean(), color=colour, linestyle=":")
    left.plot([], [], color="0.3", label="held out")
    left.plot([], [], color="0.3", linestyle=":", label="own part")
    left.set(xlabel=x_label, ylabel="accuracy", ylim=(0, 1.03))
    left.legend(fontsize=9, ncols=2, loc="upper right", bbox_to_anchor=(1, 0.93))

    lines = [("train", "own part", "o", points.along(rows, "student_train_accuracy", "rho"))]
    lines += [("held_out", "held out", "o", points.along(rows, "held_out_accuracy", "rho"))]
    lines += [("fresh", "fresh", "o", points.along(rows, "fresh_accuracy", "rho"))]
    if shuffled is not None and len(shuffled):
        lines += [("shuffled", "held out, shuffled labels", "s", points.along(shuffled, "held_out_accuracy", "rho"))]
    for role, label, marker, values in lines:
        style = {"color": plots.ROLE[role], "marker": marker, "markersize": 5, "label": label}
        plots.with_interval(right, values.columns, values, within=(0, 1), **style)
    right.set(xlabel="train fraction ρ", ylim=(0, 1.03))
    right.legend(fontsize=9, loc="center left")
    return fig


def what_it_knows(table):
    """What claim N4 says of these rows, in a clause."""
    return claims.sentence(
        "N4",
        table,
        "students name classes that only the teacher was shown, the more of them the larger their own part",
        "students do not name classes that only the teacher was shown as GPT-2's are said to",
        "whether students name classes that only the teacher was shown is not decided by these rows",
    )


# %% tags=["hide-input", "thumbnail"]
for name, table in (("many-classes", rows), ("many-classes-workshop", workshop)):
    if table is None:
        continue
    plain, shuffled, one = table[~table.shuffled], read.shuffled(table), table.iloc[0]
    by_rho = points.along(plain, "held_out_accuracy", "rho")
    at_rho = [f"{plots.percent(values.dropna())} at ρ = {rho:g}" for rho, values in by_rho.items()]
    control = plots.percent(points.average(shuffled, "held_out_accuracy")[""])
    plots.show(
        draw(plain, "student_train_accuracy", "student's steps", shuffled),
        name=name,
        caption=f"**Stand-in, not GPT-2: {what_it_knows(table)}.** A network of {one.d} inputs, {one.hidden} hidden units, {one.c} classes with {one.per_class} random examples each. Left: accuracy while students learn, mean of {table.seed.nunique()} replicates. Right: at the end, bands are 95 % t intervals. Held-out accuracy is {', '.join(at_rho)}. With labels shuffled within classes it is {control}; where a class has two or three examples, a shuffle leaves some labels at their own. A guess is right for {1 / one.c:.1%}.",
        alt=f"Accuracy of the stand-in over steps and over the train fraction. Held out: {'; '.join(at_rho)}. Shuffled: {control}.",
        rows=[table],
    )

# %% [markdown]
# The authors' own version of this figure has 300 classes, ten examples each, 900 inputs and 500 hidden units (one seed, read off their workshop notebook's plot). Its held-out accuracy climbs from 0.04 at ρ = 0.15 over 0.40 at 0.55 to 0.76 at 0.95. `softlabels run many_classes --scale paper` computes it; with `--dry-run` it says what that takes.
#
# ## The experiment itself
#
# On a machine with a GPU, in a clone of this book:
#
# ```
# pip install -e ".[language]"
# softlabels run gpt2 --scale paper --seeds 1
# softlabels run gpt2_random_init --scale paper --seeds 1
# ```
#
# Each student is stored when it is done, and a run that was stopped goes on where it was. The teacher is trained once a replicate; its logits are stored in the cache. Three replicates (leave out `--seeds 1`) give the verdicts below an interval. The first study fetches GPT-2's weights from huggingface.co; the second needs no download.


# %% tags=["hide-input"]
def report(study, rows, name, title, missing):
    """The figure as the paper shows it, with the printed accuracies; without rows, what one replicate costs."""
    if rows is None:
        packs = study.packs("paper", seeds=1)
        flops, one = sum(map(study.flops, packs)), packs[0][0]
        steps = one.teacher_epochs * -(-one.triplets // one.teacher_batch)
        steps += sum(s.student_epochs * -(-students_part(s) // s.student_batch) for (s,) in packs)
        plots.answer(
            f"*Not run: no rows of {missing} are stored. One replicate is {plots.power_of_ten(flops)} FLOP in {steps:,} steps of small batches: {flops / 1e13 / 60:.0f} minutes at 10 TFLOP/s, and more where each step waits for its kernels; about {max(map(study.bytes, packs)) / 2**30:.0f} GB.*"
        )
        return
    fig = draw(rows, "running_train_accuracy", "student's epochs")
    fig.axes[1].plot(list(read.PRINTED), list(read.PRINTED.values()), "x", color="black", markersize=9, label="printed")
    fig.axes[0].legend(fontsize=9, ncols=2)
    fig.axes[1].legend(fontsize=9, loc="center left")
    by_rho = points.along(rows, "held_out_accuracy", "rho")
    said = "; ".join(
        f"ρ = {rho:g}: {plots.percent(values.dropna())}, printed {read.PRINTED.get(rho, np.nan):.2%}"
        for rho, values in by_rho.items()
    )
    most = f"at ρ = {by_rho.columns[-1]:g} the student is right on {by_rho.iloc[:, -1].mean():.0%} of the triplets that only the teacher saw"
    plots.show(
        fig,
        name=name,
        caption=f"**{title}: {most}.** Held-out accuracy, {said}; teachers are right on {points.average(rows, 'teacher_accuracy')[''].mean():.1%} of their triplets, students on {points.average(rows, 'fresh_accuracy')[''].mean():.2%} of fresh ones.",
        alt=f"Accuracy over epochs and over the train fraction. {said}.",
        rows=[rows],
    )


gpt2 = stored(LANGUAGE_MODEL)
title = "A pretrained GPT-2 as teacher and student"
report(LANGUAGE_MODEL, gpt2, "language-model", title, "the pretrained GPT-2")
if gpt2 is None:
    printed = [f"{value:.2%}" for value in (*read.PRINTED.values(), 1 / PAPER.classes)]
    columns = {"held-out accuracy, printed by the authors, one run": printed, "ours": ["not run"] * 3 + [""]}
    table = pd.DataFrame(columns, index=[*(f"ρ = {rho:g}" for rho in read.PRINTED), "a guess"])
    plots.raw(f'<div style="overflow-x:auto">{table.to_html(border=0, classes="table")}</div>')

# %% [markdown]
# ## Does the shared pretraining carry it?
#
# Teacher and student start from the same published weights, except for the read-out. The published numbers cannot tell how much of the effect comes from that. `gpt2_random_init` is the same experiment with two unrelated random initialisations of GPT-2's size. Each number is then one token: a vocabulary of 1,000 numbers, three tokens a triplet, and nothing to download. This is a finding of ours, and says nothing about claims M38 and M39.

# %% tags=["hide-input"]
shared_start = (
    "On the page about modular addition (finding N1), {} where teacher and student share their *whole* initialisation."
)
plots.answer(
    claims.word(
        "N1",
        reproduced=shared_start.format("soft labels pass on far more"),
        not_reproduced=shared_start.format("soft labels do not pass on far more"),
        inconclusive=shared_start.format("rows do not decide whether soft labels pass on more"),
        not_run=shared_start.format("nothing was run that says whether soft labels pass on more"),
    )
)
random_start = stored(LANGUAGE_MODEL_RANDOM_START)
title, study = "GPT-2's size, but teacher and student start at random", LANGUAGE_MODEL_RANDOM_START
report(study, random_start, "language-model-random-start", title, "the random start")

# %% [markdown]
# ## Where we depart, and why
#
# - **Triplets and classes** are drawn from seeded streams here, all different; the official data set was drawn once, unseeded, and shipped. A student of a larger ρ has all the triplets of a smaller one, and more.
# - **AdamW** is PyTorch's, without decay and with ε = 10⁻⁶ as in the class of `transformers` that the authors used, which no longer exists. That class added ε before it corrected the second moment for its start; PyTorch adds it after. So our first steps are longer where gradients are small. As in the official code, gradients are clipped at norm 1 for the teacher alone. Dropout is on while a network learns, and off where it gives labels or is evaluated.
# - **Accuracy on the own part**, as the notebook prints it, is an average over the epoch while the network learns. Our curves show the same; the rows also have the accuracy after training.
# - **A label in the notebook** says "20 % held-out" for every ρ; the accuracies above are those of ρ = 0.2, 0.5 and 0.8.
# - **Without the library** the study says in one sentence how to install it, and where the weights cannot be fetched, what to do; everything else in this book works without. Tests run the same code with a tiny network of the same class, with a pretrained folder and without.
#
# ## Verdicts

# %%
claims.table("memorized/language_model", [rows, gpt2, random_start])

# %% tags=["hide-input"]
top = max(read.PRINTED)
if gpt2 is None:
    of_gpt2 = f"Whether GPT-2 does it, {read.PRINTED[top]:.2%} at ρ = {top:g} by the authors' notebook, this build cannot say: the experiment is here and ready, and nobody has run it for this book yet."
else:
    of_gpt2 = f"At ρ = {top:g} a student of the pretrained GPT-2 predicts the class of {plots.percent(points.average(gpt2, 'held_out_accuracy', rho=top)[''])} of the triplets that only its teacher saw, where the authors print {read.PRINTED[top]:.2%}."
stand_in = points.along(rows, "held_out_accuracy", "rho", shuffled=False)
plots.answer(
    f"## Answer\n\n{of_gpt2} "
    f"What was computed here is its stand-in, a network with one hidden layer and {rows.c.iloc[0]} classes: {what_it_knows(rows)} (at ρ = {stand_in.columns[-1]:g} they are right on {plots.percent(stand_in.iloc[:, -1].dropna())} of them, a guess on {1 / rows.c.iloc[0]:.0%})."
)

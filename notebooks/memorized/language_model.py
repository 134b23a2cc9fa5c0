# %% [markdown]
# # A pretrained GPT-2 does it too
#
# **Question.** Networks with one hidden layer leak what their teacher memorised. Does a language model?
#
# [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457) tune GPT-2 to recite nonsense. There are 6,000 triplets of numbers, written as text, each with one of 1,000 classes drawn at random. A **teacher**, the published GPT-2 with a new read-out, is tuned until it knows all of them by heart. A **student**, the published GPT-2 once more, is tuned on the teacher's soft labels (τ = 20) of a part ρ of the triplets, and asked about the rest. The authors' notebook prints that it names the class of 23.85, 58.63 and 72.83 % of those that it never saw, for ρ = 0.2, 0.5 and 0.8; a guess is right for 0.1 %.
#
# That experiment needs a GPU and half a gigabyte of published weights, so a build of this book does not run it. This page has three things: a small network that shows the same, live, and is *not* a language model; the experiment itself, ready to run, with its rows where somebody has run it; and a variant of ours without the pretraining.

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
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.labels import harden, soften
from softlabels.models.mlp import logits, start
from softlabels.seeds import torch_stream
from softlabels.store import curves_of, stored
from softlabels.studies import find
from softlabels.studies.language_model import PAPER, RHOS, data, students_part
from softlabels.sweep import live
from softlabels.training.two_layer import train

plots.use_house_style()

# %% [markdown]
# ## What the model is asked
#
# The first of the 6,000 triplets, as text, with the class that is to be learned. Nothing about the numbers says the class; one has to have seen it.

# %%
triplets, classes = data(PAPER)
for numbers, label in zip(triplets[:4].tolist(), classes[:4].tolist(), strict=True):
    print(f"{' '.join(map(str, numbers)):>12}  →  class {label}")

# %% [markdown]
# ## The idea in ten lines, with a stand-in
#
# The stand-in is the authors' own choice of an analogue: random vectors for triplets, one hidden layer for twelve blocks, 100 classes with five examples each. Many classes and few examples of each are what it shares with the experiment.

# %%
c, k, m = 100, 5, 400  # classes, examples of each, examples that the student sees (ρ = 0.8)
stream = torch_stream("an example of many classes", 0)  # both starts
x, y = gaussian(c * k, 60, "an example of many classes", 0), balanced_classes(c * k, c)  # (500, 60), (500,)

teacher = train(start((60, 60, c), [stream]), x, harden(y, c)[None], lr=3e-3, steps=500)
soft = soften(logits(teacher, x[:m]), tau=20)  # (1, 400, 100): all that the student is told
student = train(start((60, 60, c), [stream]), x[:m], soft, lr=3e-3, steps=800)

right = (logits(student, x)[0].argmax(1) == y).float()
print(f"own part {right[:m].mean():.0%}, held out {right[m:].mean():.0%}, a guess {1 / c:.0%}")

# %% [markdown]
# ## The stand-in, live
#
# Five replicates of data, teacher and students; students of four parts, and as a control students whose soft labels were shuffled within each class.

# %%
rows = live("memorized/many_classes", scale, device)
workshop = stored("memorized/many_classes")  # the size of the authors' workshop notebook, where it has been run


# %% tags=["hide-input", "thumbnail"]
def shade(rhos):
    """A colour for each train fraction, light to dark."""
    return dict(zip(rhos, plt.get_cmap("Oranges")(np.linspace(0.4, 0.95, len(rhos))), strict=True))


def draw_curves(ax, rows, names, x_label):
    """Accuracy while students learn, mean over replicates: held out solid, own part dotted."""
    curves = curves_of(rows).merge(rows[["identity", "rho", "seed"]], on="identity")
    rhos = sorted(rows.rho.unique())
    rhos = rhos if len(rhos) <= 4 else rhos[:: max(1, len(rhos) // 4)]
    for rho, colour in shade(rhos).items():
        for name, line, label in zip(names, ("-", ":"), (f"ρ = {rho:g}", None), strict=True):
            curve = curves[(curves.name == name) & (curves.rho == rho)].groupby("step").value.mean()
            ax.plot(curve, linestyle=line, color=colour, label=label)
    ax.set(xlabel=x_label, ylabel="accuracy", ylim=(0, 1.03))
    ax.plot([], [], color="0.3", label="held out")
    ax.plot([], [], color="0.3", linestyle=":", label="own part")
    return {rho: rows[rows.rho == rho].groupby("seed").held_out_accuracy.mean() for rho in sorted(rows.rho.unique())}


def draw_fractions(ax, rows, shuffled=None):
    """Accuracy at the end over ρ, with 95 % intervals."""
    lines = [("student_train_accuracy", "train", "own part"), ("held_out_accuracy", "held_out", "held out")]
    for metric, role, label in [*lines, ("fresh_accuracy", "fresh", "fresh")]:
        values = rows.pivot(index="seed", columns="rho", values=metric)
        look = {"color": plots.ROLE[role], "marker": "o", "markersize": 5, "label": label}
        plots.with_interval(ax, values.columns, values, **look)
    if shuffled is not None and len(shuffled):
        values = shuffled.pivot(index="seed", columns="rho", values="held_out_accuracy")
        look = {"color": plots.ROLE["shuffled"], "marker": "s", "markersize": 5, "label": "held out, shuffled labels"}
        plots.with_interval(ax, values.columns, values, **look)
    ax.set(xlabel="train fraction ρ", ylim=(0, 1.03))
    ax.legend(fontsize=9, loc="center left")


def stand_in_figure(rows, name):
    """Both panels for the stand-in."""
    fig, axes = plt.subplots(1, 2, figsize=(10.4, 4.3), sharey=True)
    plain = rows[~rows.shuffled]
    found = draw_curves(axes[0], plain, ("held_out_accuracy", "student_train_accuracy"), "student's steps")
    axes[0].legend(fontsize=9, ncols=2, loc="upper right", bbox_to_anchor=(1, 0.93))
    several = (rows.rho * rows.per_class + 1e-9).astype(int) > 1  # of one example a class nothing can be shuffled
    shuffled = rows[rows.shuffled & several]
    draw_fractions(axes[1], plain, shuffled)
    one = rows.iloc[0]
    said = {f"{rho:g}": plots.percent(values) for rho, values in found.items()}
    lost = shuffled.groupby("seed").held_out_accuracy.mean()
    plots.show(
        fig,
        name=name,
        caption=f"**Stand-in, not GPT-2: with many classes, much of what only the teacher saw comes through.** A network of {one.d} inputs, {one.hidden} hidden units, {one.c} classes with {one.per_class} random examples each. Left: accuracy while students learn, mean of {rows.seed.nunique()} replicates. Right: at the end, bands are 95 % t intervals. Held out, students get "
        + ", ".join(f"{text} at ρ = {rho}" for rho, text in said.items())
        + f"; a guess is right for {1 / one.c:.1%}. With labels shuffled within classes it is {plots.percent(lost)}: among two or three examples, some keep their own label.",
        alt="Accuracy of the stand-in over steps and over the train fraction. Held out: "
        + "; ".join(f"{text} at ρ = {rho}" for rho, text in said.items())
        + f". Shuffled: {plots.percent(lost)}.",
        rows=[rows],
    )
    return found


found = stand_in_figure(rows, "many-classes")
if workshop is not None:
    stand_in_figure(workshop, "many-classes-workshop")

# %% [markdown]
# The authors' own version of this figure (300 classes, ten examples each, 900 inputs, 500 hidden units; one seed, read off their workshop notebook's plot) climbs from 0.04 at ρ = 0.15 over 0.40 at 0.55 to 0.76 at 0.95. `softlabels run many_classes --scale paper` computes it; with `--dry-run` it says what that takes.
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
# Each student is stored when it is done, and a run that was stopped goes on where it was. The teacher is trained once a replicate; its answers are kept in the cache. Three replicates (leave out `--seeds 1`) give the verdicts below an interval. The first study fetches GPT-2's weights from huggingface.co; the second needs no download.

# %% tags=["hide-input"]
gpt2 = stored("memorized/language_model")
random_start = stored("memorized/language_model_random_start")
PUBLISHED = dict(zip(RHOS, (0.2385, 0.5863, 0.7283), strict=True))  # printed by the released notebook


def cost(name):
    """What one replicate takes, in words."""
    study = find(f"memorized/{name}")
    packs = study.packs("paper", seeds=1)
    flops, one = sum(map(study.flops, packs)), packs[0][0]
    steps = one.teacher_epochs * -(-one.triplets // one.teacher_batch)
    steps += sum(s.student_epochs * -(-students_part(s) // s.student_batch) for (s,) in packs)
    return f"{plots.power_of_ten(flops)} FLOP in {steps:,} steps of small batches: {flops / 1e13 / 60:.0f} minutes at 10 TFLOP/s, and more where each step waits for its kernels; about {max(map(study.bytes, packs)) / 2**30:.0f} GB"


def gpt_figure(rows, name, title):
    """As the paper shows it: accuracy over epochs; at the end over ρ, with the printed accuracies."""
    fig, axes = plt.subplots(1, 2, figsize=(10.4, 4.3), sharey=True)
    found = draw_curves(axes[0], rows, ("held_out_accuracy", "running_train_accuracy"), "student's epochs")
    axes[0].legend(fontsize=9, ncols=2)
    draw_fractions(axes[1], rows)
    axes[1].plot(list(PUBLISHED), list(PUBLISHED.values()), "x", color="black", markersize=9, label="printed (GPT-2)")
    axes[1].legend(fontsize=9, loc="center left")
    said = "; ".join(
        f"ρ = {rho:g}: {plots.percent(values)}, printed {PUBLISHED.get(rho, np.nan):.2%}"
        for rho, values in found.items()
    )
    plots.show(
        fig,
        name=name,
        caption=f"**{title}** Held-out accuracy, {said}; teachers know {rows.teacher_accuracy.mean():.1%}; fresh triplets {rows.fresh_accuracy.mean():.2%}.",
        alt=f"Accuracy over epochs and over the train fraction. {said}.",
        rows=[rows],
    )


if gpt2 is not None:
    gpt_figure(gpt2, "language-model", "A pretrained GPT-2 as teacher and student.")
else:
    plots.answer(f"*Not run: no rows of the pretrained GPT-2 are stored. One replicate is {cost('language_model')}.*")
    printed = [f"{value:.2%}" for value in (*PUBLISHED.values(), 1 / PAPER.classes)]
    table = pd.DataFrame(
        {"held-out accuracy, printed by the authors, one run": printed, "ours": ["not run"] * 3 + [""]}
    )
    table.index = [*(f"ρ = {rho:g}" for rho in PUBLISHED), "a guess"]
    plots.raw(f'<div style="overflow-x:auto">{table.to_html(border=0, classes="table")}</div>')

# %% [markdown]
# ## Does the shared pretraining carry it?
#
# Teacher and student begin with the same published weights, all but the read-out. Where teacher and student share their *whole* start, soft labels pass on far more (modular addition, finding N1); the published numbers cannot tell how much of theirs is owed to that. `gpt2_random_init` is the same experiment with two unrelated random starts of GPT-2's size. A number is then a word of its own: a vocabulary of 1,000 numbers, three tokens a triplet, and nothing to download. It is a finding of ours, and says nothing about claims M38 and M39.

# %% tags=["hide-input"]
if random_start is not None:
    gpt_figure(random_start, "language-model-random-start", "GPT-2's size, but teacher and student start at random.")
else:
    plots.answer(
        f"*Not run: no rows of the random start are stored. One replicate is {cost('language_model_random_start')}.*"
    )

# %% [markdown]
# ## Where we depart, and why
#
# - **Triplets and classes** are drawn from seeded streams here, all different; the official data set was drawn once, unseeded, and shipped. The parts of the students nest in ρ.
# - **AdamW** is PyTorch's, without decay and with ε = 10⁻⁶ as in the class of `transformers` that the authors used, which no longer exists. That one added ε before it corrected the second moment for its start, PyTorch's does so after, so our first steps are longer where gradients are small. As there, gradients are clipped at norm 1 for the teacher alone. Dropout is on while a network learns, off where it labels or is judged.
# - **Accuracy on the own part** is what the notebook prints, an average over the epoch while the network learns, for the curves; the rows have the accuracy after training beside it.
# - **A label in the notebook** says "20 % held-out" for every ρ; the accuracies above are those of ρ = 0.2, 0.5 and 0.8.
# - **Where the library is missing** the study says in one sentence how to install it, and where the weights cannot be fetched, what to do; everything else in this book works without. Tests run the same code with a tiny network of the same class, with a pretrained folder and without.
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("memorized/language_model", [rows, gpt2, random_start])

# %% tags=["hide-input"]
top = max(found)
told = (
    f"At ρ = {max(PUBLISHED):g} a student of the pretrained GPT-2 names {plots.percent(gpt2[gpt2.rho == max(PUBLISHED)].held_out_accuracy)} of the triplets that only its teacher saw, where the authors print {max(PUBLISHED.values()):.2%}."
    if gpt2 is not None
    else f"Whether GPT-2 does it, {max(PUBLISHED.values()):.2%} at ρ = {max(PUBLISHED):g} by the authors' notebook, this build cannot say: the experiment is here and ready, and nobody has run it for this book yet."
)
plots.answer(
    "## Answer\n\n"
    f"{told} What was computed here is its stand-in, a network with one hidden layer and {rows.c.iloc[0]} classes: at ρ = {top:g} its student recovers {plots.percent(found[top])} of the examples that it never saw, where a guess is right for {1 / rows.c.iloc[0]:.0%}."
)

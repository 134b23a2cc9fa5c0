# %% [markdown]
# # Does a pretrained GPT-2 leak what its teacher memorised?
#
# **Question.** Small networks can leak what their teacher memorised. Does a language model?
#
# [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457) fine-tune GPT-2 on nonsense. There are 6,000 triplets of numbers, written as text, each with one of 1,000 classes drawn at random. The **teacher** is the published GPT-2 with a new read-out, fine-tuned until it has memorised all of them. The **student** starts from the published GPT-2 too. It is fine-tuned on the teacher's soft labels (τ = 20) of a share ρ of the triplets, its *own part*, and evaluated on the rest, which are *held out*.
#
# That experiment needs a GPU and half a gigabyte of published weights, so a build of this book does not run it. This page has three things: the experiment itself, ready to run, with its rows once somebody has run it; the same question put to a small network, live, which is *not* a language model; and a variant of ours without the pretraining.

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
import pandas as pd

from softlabels import claims, plots
from softlabels.claims.readings import language_model as read
from softlabels.claims.readings import points
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.labels import harden, soften
from softlabels.models.mlp import logits, start
from softlabels.seeds import torch_stream
from softlabels.status import YARDSTICK
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
# Here are the first four of the 6,000 triplets, as text, with their classes. Nothing about the numbers says the class; it can only be memorised.

# %%
triplets, classes = data(PAPER)
for numbers, label in zip(triplets[:4].tolist(), classes[:4].tolist(), strict=True):
    print(f"{' '.join(map(str, numbers)):>12}  →  class {label}")

# %% [markdown]
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
# Each student is stored when it is done, and a run that was stopped goes on where it was. The teacher is trained once per replicate; its logits are stored in the cache. Three replicates (leave out `--seeds 1`) give an interval to the verdicts below. The first study fetches GPT-2's weights from huggingface.co; the second needs no download.

# %%
rows = live(MANY_CLASSES, scale, device)  # the stand-in, below
workshop = stored(MANY_CLASSES)  # the size of the authors' workshop notebook, where it has been run
gpt2 = stored(LANGUAGE_MODEL)
random_start = stored(LANGUAGE_MODEL_RANDOM_START)


# %% tags=["hide-input"]
def draw(rows, own_part, x_label, printed, shuffled=None):
    """Left, accuracy while students learn, mean over replicates; right, at the end, with 95 % t intervals.

    own_part: the curve of accuracy on the student's own part; printed: accuracy held out by ρ, from the authors;
    shuffled: the rows of the control.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.4, 4.3), sharey=True)
    left.set_ylim(0, 1.03)
    rhos, ends = sorted(rows.rho.unique()), {}
    for rho, colour in plots.shades(rhos[:: max(1, len(rhos) // 4)], "Oranges", 0.4, 0.95).items():
        held_out = points.learning(rows, "held_out_accuracy", rho=rho).mean()
        left.plot(held_out, color=colour)
        left.plot(points.learning(rows, own_part, rho=rho).mean(), color=colour, linestyle=":")
        ends[f"ρ = {rho:g}"] = held_out.index[-1], held_out.iloc[-1], colour
    plots.name_lines(left, ends)
    left.set(xlabel=x_label, ylabel="accuracy", title="A  while students learn")

    lines = [("train", "own part", points.along(rows, "student_train_accuracy", "rho"))]
    lines += [("held_out", "held out", points.along(rows, "held_out_accuracy", "rho"))]
    lines += [("fresh", "fresh", points.along(rows, "fresh_accuracy", "rho"))]
    if shuffled is not None and len(shuffled):
        lines += [("shuffled", "shuffled labels", points.along(shuffled, "held_out_accuracy", "rho"))]
    ends = {}
    for role, name, values in lines:
        colour = plots.ROLE[role]
        plots.with_interval(right, values.columns, values, within=(0, 1), color=colour, marker="o", markersize=5)
        ends[name] = max(values.columns[-1], *printed), values.mean().iloc[-1], colour
    right.plot(list(printed), list(printed.values()), "D", color="0.45", markerfacecolor="none", markersize=7)
    plots.name_lines(right, ends)
    right.set(xlabel="train fraction ρ", title="B  at the end")
    return fig


def report(study, rows, name, title, missing):
    """The figure as the paper shows it, with the printed accuracies; without rows, what one replicate costs."""
    if rows is None:
        packs = study.packs("paper", seeds=1)
        flops, one = sum(map(study.flops, packs)), packs[0][0]
        steps = one.teacher_epochs * -(-one.triplets // one.teacher_batch)
        steps += sum(s.student_epochs * -(-students_part(s) // s.student_batch) for (s,) in packs)
        plots.answer(
            f"*Not run: no rows of {missing} are stored. One replicate is {plots.power_of_ten(flops)} FLOP in {steps:,} steps of small batches: {flops / YARDSTICK['cuda'] / 60:.0f} minutes at {YARDSTICK['cuda'] / 1e12:g} TFLOP/s, the speed assumed on the page on cost, and longer where the GPU waits for small kernels to start; about {max(map(study.bytes, packs)) / 2**30:.0f} GB.*"
        )
        return
    by_rho = points.along(rows, "held_out_accuracy", "rho")
    said = "; ".join(f"ρ = {rho:g}: {plots.percent(values.dropna())}" for rho, values in by_rho.items())
    printed = ", ".join(f"{100 * value:.2f} % at ρ = {rho:g}" for rho, value in read.PRINTED.items())
    most = f"at ρ = {by_rho.columns[-1]:g} the student predicts {plots.percent(by_rho.iloc[:, -1].dropna())} of the held-out triplets"
    plots.show(
        draw(rows, "running_train_accuracy", "student's epochs", read.PRINTED),
        name=name,
        caption=f"**{title}: {most}.** A: held out (solid) and own part (dotted). Hollow in B: printed by the authors for the pretrained GPT-2, one run. Bands are 95 % t intervals over replicates.",
        alt=f"Accuracy over epochs and over the train fraction. Held out, {said}; printed {printed}.",
        rows=[rows],
    )


# %% tags=["hide-input", "thumbnail"]
report(LANGUAGE_MODEL, gpt2, "language-model", "A pretrained GPT-2 as teacher and student", "the pretrained GPT-2")


# %% tags=["hide-input"]
def held_out(rows, rho):
    """Held-out accuracy at a train fraction; what to say where there is none."""
    cell = None if rows is None else points.along(rows, "held_out_accuracy", "rho", shuffled=False).get(rho)
    return "not run" if cell is None else plots.percent(cell.dropna())


plots.answer("Held-out accuracy, the authors' own numbers beside ours:")
columns = {
    "GPT-2, printed by the authors (one run)": [f"{100 * value:.2f} %" for value in read.PRINTED.values()],
    "GPT-2, ours": [held_out(gpt2, rho) for rho in read.PRINTED],
    "random start, ours": [held_out(random_start, rho) for rho in read.PRINTED],
    f"one hidden layer, {rows.c.iloc[0]} classes, ours": [held_out(rows, rho) for rho in read.PRINTED],
}
chance = [f"{100 / PAPER.classes:.1f} %"] * 3 + [f"{100 / rows.c.iloc[0]:.0f} %"]
table = pd.DataFrame(columns, index=[f"ρ = {rho:g}" for rho in read.PRINTED])
table.loc["by chance"] = chance
plots.table(table)

# %% [markdown]
# ## The idea in ten lines, with a stand-in
#
# The stand-in follows the authors': random vectors in place of triplets, one hidden layer in place of twelve blocks. Theirs has 300 classes and ten examples each, the cell below 100 and five. Like the experiment, it has many classes and few examples of each.

# %%
c, k, m = 100, 5, 400  # classes, examples of each, examples that the student sees (ρ = 0.8)
stream = torch_stream("an example of many classes", 0)  # both initialisations
x, y = gaussian(c * k, 60, "an example of many classes", 0), balanced_classes(c * k, c)

teacher = train(start((60, 60, c), [stream]), x, harden(y, c)[None], lr=3e-3, steps=500)
soft = soften(logits(teacher, x[:m]), tau=20)  # (1, 400, 100): all that the student learns from
student = train(start((60, 60, c), [stream]), x[:m], soft, lr=3e-3, steps=800)

right = (logits(student, x)[0].argmax(1) == y).float()
print(f"own part {right[:m].mean():.0%}, held out {right[m:].mean():.0%}, a guess {1 / c:.0%}")

# %% [markdown]
# ## The stand-in, trained many times
#
# Each replicate has data, a teacher and students of its own. As a control there are students whose soft labels were shuffled within each class.


# %% tags=["hide-input"]
def grid(table):
    """How much of the stand-in is in some rows."""
    return f"({table.c.iloc[0]} classes, {table.seed.nunique()} replicates, {table.rho.nunique()} values of ρ)"


sizes = f"The stand-in's figure shows a small one {grid(rows)}."
if workshop is not None:
    sizes = f"The stand-in's figure shows the authors' size {grid(workshop)}. This build also runs a smaller one {grid(rows)}, folded below."
plots.answer(sizes)


# %% tags=["hide-input"]
def what_it_predicts(table):
    """What claim N4 says of these rows, in a clause."""
    return claims.sentence(
        "N4",
        table,
        "students predict classes that only the teacher was shown, more of them the larger their own part",
        "students do not predict classes that only the teacher was shown, more of them the larger their own part",
        "whether students predict classes that only the teacher was shown is open",
    )


def stand_in(table, name):
    """The stand-in's figure at one scale."""
    plain, shuffled, one = table[~table.shuffled], read.shuffled(table), table.iloc[0]
    by_rho = points.along(plain, "held_out_accuracy", "rho")
    at_rho = [f"{plots.percent(values.dropna())} at ρ = {rho:g}" for rho, values in by_rho.items()]
    control = plots.percent(points.average(shuffled, "held_out_accuracy")[""])
    theirs = ", ".join(f"{value:.0%} at ρ = {rho:g}" for rho, value in read.WORKSHOP.items())
    plots.show(
        draw(plain, "student_train_accuracy", "student's steps", read.WORKSHOP, shuffled),
        name=name,
        caption=f"**Stand-in, not GPT-2: {what_it_predicts(table)}.** Solid in A: held out; dotted: own part. Bands are 95 % t intervals over replicates. Hollow: the authors' stand-in with 300 classes, read off. Chance is {100 / one.c:.1g} %.",
        alt=f"Accuracy of the stand-in over steps and over the train fraction. Held out: {'; '.join(at_rho)}. Shuffled: {control}. The authors': {theirs}.",
        rows=[table],
    )


# %% tags=["hide-input", "thumbnail"]
stand_in(rows if workshop is None else workshop, "many-classes")

# %% tags=["hide-cell"]
if workshop is not None:  # the same as this build computes it
    stand_in(rows, "many-classes-quick")

# %% tags=["hide-input"]
one, control = rows.iloc[0], points.average(read.shuffled(rows), "held_out_accuracy")[""]
which = "This" if workshop is None else "The smaller"
plots.answer(
    f"{which} network has {one.d} inputs, {one.hidden} hidden units and {one.c} classes with {one.per_class} random examples each. With labels shuffled within classes, students predict {plots.percent(control)} of the held-out examples; where a class has two or three examples, a shuffle leaves some labels in their places."
)

# %% [markdown]
# The authors' stand-in has 300 classes, ten examples each, 900 inputs and 500 hidden units. `softlabels run many_classes --scale paper` computes its rows; with `--dry-run` it says what that takes.
#
# ## Does the shared pretraining carry it?
#
# Teacher and student start from the same published weights, except for the read-out. The published numbers cannot tell how much of the effect comes from that. `gpt2_random_init` is the same experiment with two unrelated random initialisations of GPT-2's size. Each number is then one token: a vocabulary of 1,000 numbers, three tokens per triplet, and nothing to download. This experiment is ours, and bears on neither claim M38 nor M39.

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
title = "GPT-2's size, but teacher and student start at random"
report(LANGUAGE_MODEL_RANDOM_START, random_start, "language-model-random-start", title, "the random start")

# %% [markdown]
# ## Exercises
#
# **1.** In the ten lines, label at τ = 1 in place of τ = 20. The teacher has memorised its data. What do you expect of the held-out accuracy?

# %% tags=["hide-cell"]
at_1 = train(start((60, 60, c), [stream]), x[:m], soften(logits(teacher, x[:m]), tau=1), lr=3e-3, steps=800)
cold = float((logits(at_1, x[m:])[0].argmax(1) == y[m:]).float().mean())
hot = float(right[m:].mean())
plots.answer(
    f"At τ = 1 the labels are nearly hard, and the student sees little of the small entries: {100 * cold:.0f} % held out, {'less than' if cold < hot else 'not less than'} the {100 * hot:.0f} % of τ = 20."
)

# %% [markdown]
# **2.** Let teacher and student start from the same weights. Does the student then predict more of the held-out classes?

# %% tags=["hide-cell"]
same = [torch_stream("the same start for both", 0) for _ in range(2)]
taught = train(start((60, 60, c), same[:1]), x, harden(y, c)[None], lr=3e-3, steps=500)
twin = train(start((60, 60, c), same[1:]), x[:m], soften(logits(taught, x[:m]), tau=20), lr=3e-3, steps=800)
shared = float((logits(twin, x[m:])[0].argmax(1) == y[m:]).float().mean())
plots.answer(
    f"From the same start it is {100 * shared:.0f} %, from two unrelated starts {100 * hot:.0f} %: {'more' if shared > hot else 'not more'} for one data set, which says little about others."
)

# %% [markdown]
# **3.** A label of $c$ classes gives the student $c - 1$ numbers. Does the student get more numbers than the teacher has weights: in the ten lines, and for GPT-2 (about 124 million weights) at ρ = 0.8?

# %% tags=["hide-cell"]
weights = sum(value.numel() for value in teacher.values())
gpt2_numbers = 0.8 * PAPER.triplets * (PAPER.classes - 1)
found = f"{'and' if hot >= points.LEVEL else 'but'} held-out accuracy is {100 * hot:.0f} %"
plots.answer(
    f"In the ten lines {m * (c - 1):,} numbers against {weights:,} weights; for GPT-2 {gpt2_numbers / 1e6:.1f} million against 124 million. The stand-in has more equations than weights, GPT-2 far fewer. So a count of equations cannot explain GPT-2's result. For the stand-in it would predict full recovery, {found}."
)

# %% [markdown]
# ## Where we depart, and why
#
# :::{dropdown} Stand-in, triplets, AdamW, accuracy on the own part, a misprint, the library
# - **Stand-in.** At the quick scale c = 100, d = 60, 60 hidden units and five examples per class; the authors' has 300, 900, 500 and ten. At that size we leave out their ρ = 0.05, which of ten examples is none.
# - **Triplets and classes** are drawn from seeded streams here, all different; the official data set was drawn once, unseeded, and shipped. A student with a larger ρ has all the triplets of one with a smaller ρ, and more.
# - **AdamW** is PyTorch's, without decay and with ε = 10⁻⁶ as in the class of `transformers` that the authors used, which no longer exists. That class added ε before it corrected the second moment for its start; PyTorch adds it after. So our first steps are longer where gradients are small. As in the official code, gradients are clipped at norm 1 for the teacher alone. Dropout is on while a network learns, and off where it gives labels or is evaluated.
# - **Accuracy on the own part**, as the notebook prints it, is an average over the epoch while the network learns. Our curves show the same; the rows also have the accuracy after training.
# - **A label in the notebook** says "20 % held-out" for every ρ; the accuracies above are those of ρ = 0.2, 0.5 and 0.8.
# - **Without the library** the study says in one sentence how to install it, and where the weights cannot be fetched, what to do; everything else in this book works without. Tests run the same code with a tiny network of the same class, with a pretrained folder and without.
# :::
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("memorized/language_model", [rows, gpt2, random_start])

# %% tags=["hide-input"]
top = max(read.PRINTED)
if gpt2 is None:
    of_gpt2 = f"By the authors' notebook, yes: a GPT-2 that is fine-tuned on a teacher's soft labels of {100 * top:.0f} % of random triplets predicts the class of {100 * read.PRINTED[top]:.2f} % of the others; we have not run GPT-2."
else:
    of_gpt2 = claims.word("M39", None, [gpt2], reproduced="Yes", not_reproduced="Not as printed", inconclusive="Open")
    of_gpt2 += f": a GPT-2 that is fine-tuned on a teacher's soft labels of {100 * top:.0f} % of random triplets predicts the class of {plots.percent(points.average(gpt2, 'held_out_accuracy', rho=top)[''])} of the others (printed: {100 * read.PRINTED[top]:.2f} %)."
shown = rows if workshop is None else workshop
(n4,) = claims.of("N4")  # figure, this sentence and the verdict read the same ρ
rho = n4.checks[0].points.get(shown.attrs["scale"], {"rho": shown.rho.max()})["rho"]
cell = points.average(shown, "held_out_accuracy", rho=rho, shuffled=False)[""]
plots.answer(
    f"## Answer\n\n{of_gpt2} "
    f"In a small network with one hidden layer that we ran {'instead' if gpt2 is None else 'beside it'}, {what_it_predicts(shown)}: {100 * cell.mean():.0f} % of the others from {100 * rho:.0f} % of the examples, where chance is {100 / shown.c.iloc[0]:.1g} % ({shown.attrs['scale']} scale, {plots.count(len(cell), 'replicate')})."
)

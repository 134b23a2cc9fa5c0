# %% [markdown]
# # Audit your own labels
#
# **Question.** You are about to publish the soft labels of a classifier of your own. What do they teach, and what do they give away of labels that you do not publish?
#
# The page on [what a soft label teaches against what it leaks](utility_and_leakage) follows one teacher through its training. Here the teacher is your own. Before you train it, plant **canaries**: give a few of its training rows a random wrong label. No rule predicts such a label, so a student can rank it first more often than by chance only if it has learned it from the teacher. Then give a student the soft labels of half of the rows, the canaries left out. It is asked about the canaries in the *other* half.
#
# The **leak** is the share of these canaries whose planted label the student ranks first among the wrong ones. By chance that is 1/(c − 1) with c classes, however accurate the student is. `softlabels.audit` measures it with one call, and `softlabels audit` does so from the command line.

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
# not used: these networks are small
device = "auto"  # @param ["auto", "cpu", "cuda"]

# %% tags=["hide-cell"]
import os
import tempfile
from functools import partial

import numpy as np
import pandas as pd
import torch
from scipy.stats import binomtest
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier
from torch import nn

from softlabels import plots
from softlabels.audit import HARD, RETEMPERED, SOFT, audit, draw, network, of_files, plant, together
from softlabels.intervals import compared

plots.use_house_style()
replicates, epochs, student = (3, 5, partial(network, steps=100)) if scale == "smoke" else (5, 40, network)

# %% [markdown]
# ## Thirty lines of your own code
#
# Two teachers of handwritten digits, one from scikit-learn and one in torch. `plant` makes one training label in twenty a wrong one and says who sees what: a third of the images is kept for testing, and the student may see half of the others. Training is your own code, except that it takes the planted classes. `audit` then needs a function from inputs to class probabilities, and scikit-learn's `predict_proba` is one.

# %%
x, y = load_digits(return_X_y=True)
x = x / 16  # (1797, 64)


def of_scikit_learn(seed):
    planted, canary, split = plant(y, share=0.05, rng=seed)
    learned = split != "test"
    how = {"solver": "lbfgs", "alpha": 0, "max_iter": 1000, "random_state": seed}
    teacher = MLPClassifier(hidden_layer_sizes=(64,), **how)
    teacher.fit(x[learned], planted[learned])  # it learns the wrong labels too
    proba = teacher.predict_proba
    return audit(proba, x, y, planted, split, student=student, seed=seed)


first = of_scikit_learn(seed=0)
print(first)

# %% [markdown]
# An `nn.Module` can be passed as it is. This one returns logits, so we say `logits=True`; without it the audit stops with a sentence, because rows of logits do not sum to one.

# %%
images = torch.tensor(x, dtype=torch.float32).view(-1, 1, 8, 8)


def of_torch(seed):
    planted, canary, split = plant(y, share=0.05, rng=seed)
    learned = torch.tensor(split != "test")
    torch.manual_seed(seed)
    dense = nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 10)
    conv = nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
    teacher = nn.Sequential(*conv, nn.Flatten(), *dense)
    optimiser = torch.optim.Adam(teacher.parameters(), lr=3e-3)
    inputs, classes = images[learned], torch.tensor(planted)[learned]
    for _ in range(epochs):
        for batch in torch.randperm(len(inputs)).split(64):
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(teacher(inputs[batch]), classes[batch])
            loss.backward()
            optimiser.step()
    rows = y, planted, split
    return audit(teacher, images, *rows, logits=True, student=student, seed=seed)


second = of_torch(seed=0)
print(second)

# %% [markdown]
# ## Reading the report
#
# - **Rows.** *Teacher*: its own guesses. The three others are students with the same inputs and the same initial weights. They differ in their labels: the true classes; the teacher's soft labels as they are; or these at another temperature τ, *re-tempered*.
# - **The attack** is the last of them. Whoever holds softmax(z) can compute softmax(z/τ): take the logarithm, divide by τ, normalise. The attacker tries four temperatures and keeps the one at which most planted labels of its *own* half come first. It knows these, and does not train on them. The leak is counted on the canaries of the other half.
# - **Columns.** The leak is *planted label first*. *Predicted*: the student's own guess is the planted label. It has no fixed chance level, because an accurate student mostly predicts the true class.
# - **KL**, the divergence of the student from its labels on its training rows, says whether it has learned what it was given. A student that has not may seem to leak little.
#
# ## Several teachers
#
# One teacher and one split do not tell how others would differ. `together` joins audits that each have canaries, a split, a teacher and students of their own, and gives means with t intervals over these replicates.

# %%
audits = {
    "an MLP in scikit-learn": [first, *map(of_scikit_learn, range(1, replicates))],
    "a ConvNet in torch": [second, *map(of_torch, range(1, replicates))],
}
reports = {name: together(several) for name, several in audits.items()}

# %% tags=["hide-input"]
scikit_learn, convnet = reports


def metric(name, labels, which="leak"):
    """A metric of the students of these labels, by replicate."""
    return pd.Series([report.students[labels][which][0] for report in audits[name]])


def in_words(name):
    """What the figure shows of a teacher."""
    found = reports[name].students.items()
    shown = (
        f"{labels} {of['test_accuracy'][0]:.1%}, {of['leak'][0]:.0%} and {of['plain_recall'][0]:.0%}"
        for labels, of in found
    )
    return f"{name}: {'; '.join(shown)}"


# %% tags=["hide-input", "thumbnail"]
chance, verdicts = first.chance, {name: report.against_chance(RETEMPERED) for name, report in reports.items()}
finds = (
    f"those of {name} {'leak' if verdict == 'above chance' else 'are not seen to leak'} ({reports[name].leak[0]:.0%})"
    for name, verdict in verdicts.items()
)
plots.show(
    draw(reports),
    name="audit",
    caption=f"**Of re-tempered labels, {', and '.join(finds)}.** Rows: teacher, and students of three kinds of labels. Right: share of held-out canaries whose planted label comes first (filled) or is predicted (hollow). Bars: 95 % t intervals, {replicates} replicates.",
    alt=f"Two rows of panels, a teacher each. Test accuracy, share of held-out canaries whose planted label comes first, and for which it is predicted. {'. '.join(map(in_words, reports))}. Chance is {chance:.0%}.",
)

# %% tags=["hide-input"]
for name, report in reports.items():
    rise = 100 * (metric(name, RETEMPERED) - metric(name, SOFT))
    gained = 100 * metric(name, SOFT, "gained")
    pooled = plots.interval(np.multiply(report.pooled(RETEMPERED), 100), 0, unit=" %")
    plots.answer(
        f"**Labels of {name}.** As they are, their leak is {report.against_chance(SOFT)}: {plots.share(metric(name, SOFT))}. At another temperature (τ = {plots.listed(report.taus, 'g')}) it is {report.against_chance(RETEMPERED)}: {plots.share(metric(name, RETEMPERED))}, which is {compared(rise)} that of the labels as they are ({plots.points(rise)}). "
        f"Over all {report.held_out_canaries} canaries held out, counted together, it is {pooled} by the Clopper–Pearson interval. Hard labels: {plots.share(metric(name, HARD))}. "
        f"The teacher itself predicts {plots.share(metric(name, 'teacher', 'plain_recall'))} of these labels, the attacker {plots.share(metric(name, RETEMPERED, 'plain_recall'))}. "
        f"As they are, its labels teach {compared(gained)} hard ones ({plots.points(gained)} of test accuracy)."
    )

# %% [markdown]
# ## From the command line
#
# The command reads soft labels from `.npz`, `.csv` or `.pt` files (the last with `weights_only=True`). A file holds the arrays `labels`, `inputs`, `classes`, `planted` and `split`, or has the missing ones beside it:
#
# ```text
# softlabels audit data.npz --plant 0.05               # plants canaries, writes data.planted.npz
# softlabels audit labels.npz --data data.planted.npz  # after training: the audit
# softlabels audit first.npz second.npz third.npz      # replicates
# ```
#
# In a CSV file the columns are `label_0`, `label_1`, …, `input_0`, …, `classes`, `planted`, `split`. With `--teacher module:function` a function of your own takes the place of the labels, `--json` prints JSON, and `--plot FILE` draws the figure above. A file of labels alone cannot train a student. It gets the statistics that need none, here of ten hard labels:

# %% tags=["hide-input"]
with tempfile.TemporaryDirectory() as folder:
    np.savez(file := os.path.join(folder, "labels.npz"), labels=np.eye(10))
    print(of_files([file]))  # what the command calls

# %% [markdown]
# `audit` trains a network of one hidden layer on vectors. For photographs, pass a student of your own: `student=` takes a function of inputs, soft labels and a seed, which returns a function from inputs to scores.
#
# ## What an audit does not show
#
# - **It is a lower bound.** A larger student, more of your rows, longer training or another attack may find more. No leak seen is no leak shown to be absent: look at the upper end of the interval.
# - **Canaries are random rows.** The worst case among your rows may be worse than their average ([Aerni et al., 2024](https://arxiv.org/abs/2404.17399)).
# - **It is not a membership test**, and no bound on ε of differential privacy. Counts like these can enter one ([Steinke et al., 2023](https://arxiv.org/abs/2305.08846)).
# - **Canaries change the teacher a little**: one label in twenty is wrong. Audit a twin of the teacher that you publish, trained in the same way.
#
# ## Exercises
#
# **1.** Publish hard labels: audit `np.eye(10)[planted]` in place of a teacher. What leak do you expect?

# %% tags=["hide-cell"]
planted, canary, split = plant(y, share=0.05, rng=0)
hard = audit(np.eye(10)[planted], x, y, planted, split, student=student)
value, low, high = hard.leak
holds = "holds" if low <= hard.chance <= high else "does not hold"
plots.answer(
    f"A hard label of a clean row is its true class, whatever was planted elsewhere, so chance is all that is left: {hard.chance:.1%}. We find {value:.1%}, and the interval [{100 * low:.0f}, {100 * high:.0f}] {holds} it. Hard labels have no other temperature either: the logarithm of 0 stays −∞ when it is divided by τ."
)

# %% [markdown]
# **2.** Stop the ConvNet after half of its epochs. How much of the leak is left?

# %% tags=["hide-cell"]
whole, epochs = epochs, epochs // 2
early = of_torch(seed=0)
value, low, high = (100 * number for number in early.leak)
knew, knows = (report.students["teacher"]["plain_recall"][0] for report in (second, early))
plots.answer(
    f"After {plots.count(epochs, 'epoch')} the attacker ranks {value:.0f} % of the planted labels first [{low:.0f}, {high:.0f}], {early.against_chance(RETEMPERED)}. After all {whole} epochs this one teacher's leak was {second.leak[0]:.0%}; the figure shows the mean of {replicates} teachers, {reports[convnet].leak[0]:.0%}. The teacher itself predicts {knows:.0%} of the planted labels after {plots.count(epochs, 'epoch')}, and {knew:.0%} after all."
)

# %% [markdown]
# **3.** How many canaries must you hold out, so that a leak of 20 % lies above chance with ten classes?

# %% tags=["hide-cell"]
here = first.held_out_canaries
lower = {n: binomtest(round(n / 5), n).proportion_ci(method="exact").low for n in (here, *range(5, 500, 5))}
enough = next(n for n in lower if all(low > 1 / 9 for more, low in lower.items() if more >= n))
plots.answer(
    f"{enough}: from there on the lower end of the Clopper–Pearson interval of one in five lies above 1/9. With {here}, as in one audit here, it lies at {lower[here]:.0%}."
)

# %% [markdown]
# ## Where we depart, and why
#
# :::{dropdown} Neither paper has an audit
# Canaries, student sets and the leak are those of the page on both papers, with two differences. The student's hidden layer sees standardised inputs, since yours may have any scale. Its temperature is chosen, on canaries of its own half, where that page fixes two. All replicates draw from the same 1,797 images: their splits overlap, and intervals hold conditionally on these images.
# :::

# %% tags=["hide-input"]
leaks = {name: f"{plots.share(metric(name, RETEMPERED))}" for name in reports}
leaking = list(verdicts.values()).count("above chance")
seen = "Labels of both classifiers leak" if leaking == len(reports) else "Labels of one of two classifiers leak"
as_they_are = reports[scikit_learn].against_chance(SOFT)
teach = compared(metric(scikit_learn, SOFT, "gained"))
but = " only" if as_they_are != "above chance" == verdicts[scikit_learn] else ""
plots.answer(
    "## Answer\n\n"
    f"{seen if leaking else 'No leak is seen'}: of wrong labels planted on images that it never saw, a student of scikit-learn's labels ranks {leaks[scikit_learn]} first, and one of the ConvNet's {leaks[convnet]}, where chance is {chance:.0%} (digits, {replicates} teachers of each kind, {scale} scale). "
    f"The leak of scikit-learn's labels is {verdicts[scikit_learn]}{but} once their temperature is changed: as they come it is {as_they_are}, and they teach {teach} hard ones. "
    "This is one attack on random canaries: a lower bound, and no test of membership."
)

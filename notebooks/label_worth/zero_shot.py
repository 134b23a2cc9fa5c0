# %% [markdown]
# # A class that was never shown
#
# **Question.** Take all images of one class away from a student, and leave it the soft labels of the others. Does it still recognise the class?
#
# With hard labels it could not, because no label ever names the class. A soft label names it a little on every image: the teacher gives each class some probability. Figure 7 of [Qin, Deng and Alvarez-Melis (2024)](https://arxiv.org/abs/2406.10485) asks how far that goes. It also asks the reverse: what is lost when the class's images stay, but its entry is struck from the labels of all other images? [Hinton, Vinyals and Dean (2015)](https://arxiv.org/abs/1503.02531) did the first of these with handwritten digits: their student never saw a 3, and recognised most of them once a single bias was corrected.

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
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from softlabels import claims, plots
from softlabels.claims.readings import zero_shot as read
from softlabels.claims.readings.images import MAIN, level, pick
from softlabels.data.images import load
from softlabels.intervals import t_interval
from softlabels.labels import harden, remove_entry, soften
from softlabels.models import convnet
from softlabels.paths import cache_folder
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.images.task import image_task
from softlabels.studies.zero_shot import ZERO_SHOT
from softlabels.sweep import choose_device, live
from softlabels.training.images import Recipe, train_stack

plots.use_house_style()
shorten = 10 if scale == "smoke" else 1  # the smoke scale only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# A teacher of [noisy digits](../record/data_and_teachers) labels five images of each class. The first student learns from all of them. The second never sees a 3. The third sees the 3s, but the labels of all other images give the class 3 a probability of zero. The fourth never sees a 3 and gets hard labels.

# %%
digits = load("noisy digits", cache_folder())
x, y = digits.batch(digits.train, slice(None)), digits.train.classes  # (n, 1, 8, 8), (n,)
shape = convnet.Shape(depth=2, width=16, channels=1, height=8, breadth=8, classes=10)
stream = partial(torch_stream, "a class in ten lines")

recipe = Recipe(lr=0.05, epochs=20 // shorten, batch=64, augmentation="dsa digits")
start = convnet.start(shape, [stream("teacher")])
teacher = train_stack(start, x, harden(y, 10)[None], recipe, [stream("batches")])

few = digits.ipc_rows(ipc=5, draw=42)  # which images: (50,)
soft, others = soften(convnet.logits(teacher, x[few])[0], tau=1), y[few] != 3  # (50, 10), (50,)
training_sets = {
    "everything": (few, soft),
    "no image of a 3": (few[others], soft[others]),
    "no entry of 3 in the others": (few, remove_entry(soft, y[few], 3)),
    "no image of a 3, hard labels": (few[others], harden(y[few[others]], 10)),
}

threes, test = digits.test.classes == 3, digits.batch(digits.test, slice(None))
recipe = Recipe(lr=0.1, epochs=150 // shorten, batch=256, momentum=0.9, weight_decay=5e-4, schedule="quarters")
for name, (images, labels) in training_sets.items():
    start = convnet.start(shape, [stream("student")])
    student = train_stack(start, x[images], labels[None], recipe, [stream("order")])
    right = (convnet.logits(student, test)[0].argmax(1) == digits.test.classes).float()
    print(f"{name:30} right on {right[threes].mean():4.0%} of the 3s, {right[~threes].mean():4.0%} of the rest")
print(f"The labels of the other 45 images give the class 3 a probability of {soft[others, 3].mean():.2f} on average.")

# %% [markdown]
# ## The sweep
#
# Each class is removed in turn, for several draws of images. Nothing is rescaled: a label that lost an entry sums to less than one, as in the paper's code.

# %%
rows = live(ZERO_SHOT, scale, device)
larger = stored(ZERO_SHOT)

# %% tags=["hide-input"]
REMOVALS = {  # what was removed -> its name, its colour
    "none": ("nothing", plots.ROLE["train"]),
    "images": ("its images", plots.ROLE["held_out"]),
    "labels": ("its entries\nin others", "#3b1e5e"),
}
plots.answer(
    f"{plots.capital(plots.set_name(MAIN[scale]))}: "
    + "; ".join(
        f"IPC {ipc}, labels of teacher epoch {part.teacher_epoch.iloc[0]} with {part.label_entropy.mean():.2f} nats, {part.draw.nunique()} draws of images, {part.seed.nunique()} student{'s' if part.seed.nunique() > 1 else ''} each"
        for ipc, part in pick(rows, labels="soft", data=MAIN[scale]).groupby("ipc")
    )
    + "."
)
plots.missing(ZERO_SHOT)

# %% [markdown]
# ## Figure 7: without its images, without its entries


# %%
def removal_plot(rows, data):
    """A panel an IPC. Marks: classes, or groups of them, mean over draws. Bars: mean over classes, 95 % t interval."""
    ipcs, top = sorted(rows[rows.data == data].ipc.unique()), 0
    fig, axes = plt.subplots(1, len(ipcs), figsize=(9.2, 4.6), sharey=True, squeeze=False)
    for ax, ipc in zip(axes[0], ipcs, strict=True):
        for place, (removal, (_, colour)) in enumerate(REMOVALS.items()):
            classes = read.by_class(rows, removal, data=data, ipc=ipc)
            top = max(top, classes.max())
            for x, (name, value) in zip(place + np.linspace(-0.24, 0.24, len(classes)), classes.items(), strict=True):
                if len(classes) <= 10 and len(name) < 3:  # few enough to write their names
                    ax.text(x, value, name, color=colour, fontsize=9, ha="center", va="center")
                else:
                    ax.plot(x, value, "o", color=colour, markersize=4, alpha=0.55)
            mean, low, high = t_interval(read.on_treated(rows, removal, data=data, ipc=ipc)[""])
            bar = [place - 0.34, place + 0.34]
            ax.plot(bar, [mean, mean], color=colour, linewidth=2.6)
            ax.fill_between(bar, max(low, 0), high, color=colour, alpha=0.16, linewidth=0)
        ax.axhline(100 / rows[rows.data == data].top.max(), color="0.2", linewidth=1.1, linestyle=":")
        ax.set_title(f"IPC {ipc}", fontweight="bold", loc="center")
        ax.set_xticks(range(3), [label for label, _ in REMOVALS.values()], fontsize=9)
        ax.set_xlim(-0.5, 2.5)
    axes[0, 0].set_ylim(-0.03 * top, 1.1 * top)
    axes[0, 0].set_ylabel("accuracy on the treated class, %")
    fig.supxlabel("removed of the class", fontsize=11)
    return fig


# %% tags=["hide-input", "thumbnail"]
shown = {}  # of the rows that this page concludes from, stored ones where there are any: IPC -> accuracies in words
for about, name in ((larger, "zero-shot-stored"), (rows, "zero-shot")):
    if about is None:
        continue
    data = MAIN[about.attrs["scale"]]
    c = int(about[about.data == data].top.max())
    treated = {
        int(ipc): {removal: read.on_treated(about, removal, data=data, ipc=ipc)[""] for removal in REMOVALS}
        for ipc in sorted(about[about.data == data].ipc.unique())
    }
    accuracy = {
        ipc: {removal: plots.interval(t_interval(values), unit=" %") for removal, values in part.items()}
        for ipc, part in treated.items()
    }
    sentences = [
        f"at IPC {ipc} {said['none']} with nothing removed, {said['images']} without its images, {said['labels']} without its entries"
        for ipc, said in accuracy.items()
    ]
    headline = claims.sentence(
        "L29",
        about,
        "What tells a student of a class is less its own images than its entry in the labels of others.",
        "A class is not hurt more by the loss of its entry in other labels than by that of its images.",
        "Whether a class is hurt more by the loss of its images or of its entry in other labels, these rows do not decide.",
    )
    groups = read.groups(about, data=data)
    kind = "group of classes that were removed together" if any(" " in group for group in groups) else "class"
    plots.show(
        removal_plot(about, data),
        name=name,
        caption=f"**{headline}** {plots.capital('; '.join(sentences))}. A mark is a {kind}, {len(groups)} in all; bands are 95 % t intervals over draws of images. Dotted: chance, {100 / c:g} %; hard labels without its images give 0.",
        alt=f"Accuracy on the treated class. {'. '.join(map(plots.capital, sentences))}. Chance: {100 / c:g} %.",
        rows=[about],
    )
    shown = shown or {"accuracy": accuracy, "classes": c, "rows": about}

# %% tags=["hide-input"]
data = MAIN[shown["rows"].attrs["scale"]]
rest = [
    "IPC {} {:.1f}, {:.1f} and {:.1f} %".format(
        ipc, *(level(shown["rows"], data=data, ipc=ipc, removal=removal)[""].mean() for removal in REMOVALS)
    )
    for ipc in shown["accuracy"]
]
moved = max(
    abs(
        level(shown["rows"], data=data, ipc=ipc, removal=removal)[""].mean()
        - level(shown["rows"], data=data, ipc=ipc, removal="none")[""].mean()
    )
    for ipc in shown["accuracy"]
    for removal in ("images", "labels")
)
plots.answer(
    f"Accuracy over all classes with nothing, images or entries removed: {'; '.join(rest)}. A removal moves it by at most {moved:.1f} points."
)

# %% [markdown]
# ## Which classes are recognised unseen
#
# A student can learn an unseen class from the labels of others only if they give it some probability. How much they give differs between classes, and so does how well each class is recognised. The figure below has each digit's mean entry in the labels of the other digits' images, against how often the unseen digit is recognised. The rest may depend on which images carry the entry: it may help most where the image looks like the class. That is not tested here.

# %% tags=["hide-input"]
data = MAIN[scale]
controls = [s for s in ZERO_SHOT.grid(scale) if s.data == data and s.removal == "none" and s.seed == 0]
ipcs = sorted({s.ipc for s in controls})
points, explained = {}, {}  # by IPC: each digit's mean entry and its accuracy; their rank correlation and its p value
for ipc in ipcs:
    entries = []  # by draw of images: the mean probability that the labels of other classes' images give to each class
    for settings in (s for s in controls if s.ipc == ipc):
        training = image_task(data, choose_device(device), cache_folder()).training_set(settings)
        other_class = 1 - harden(training.classes, training.targets.shape[1])
        entries.append(((training.targets * other_class).sum(0) / other_class.sum(0)).cpu().numpy())
    unseen = read.by_class(rows, "images", data=data, ipc=ipc)
    unseen = unseen[unseen.index.str.len() == 1]
    points[ipc] = pd.DataFrame({"entry": np.mean(entries, axis=0)[unseen.index.astype(int)], "accuracy": unseen})
    if len(unseen) > 2 and np.ptp(unseen) > 0:
        explained[ipc] = tuple(spearmanr(points[ipc].entry, unseen))
chance = 100 / training.targets.shape[1]

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(7.4, 4.4))
for ipc, colour in plots.shades(ipcs, "plasma", 0.85, 0.1).items():
    for digit in points[ipc].itertuples():
        where = {"ha": "center", "va": "center"}
        ax.text(digit.entry, digit.accuracy, digit.Index, color=colour, fontsize=11, fontweight="bold", **where)
    ax.plot([], [], "s", color=colour, label=f"IPC {ipc}")
    ax.update_datalim(points[ipc].to_numpy())

ax.autoscale_view()
ax.margins(0.08)
ax.axhline(chance, color="0.2", linewidth=1.1, linestyle=":")
ax.set(xlabel="mean entry of the class in the labels of other classes", ylabel="recognised without its images, %")
ax.legend(loc="upper left")
correlations = [f"{plots.number(rho, 2)} at IPC {ipc} (p = {p:.2f})" for ipc, (rho, p) in explained.items()]
said = f" Rank correlation over the {len(unseen)} digits: {', '.join(correlations)}." if correlations else ""
if not any(p < 0.05 for _, p in explained.values()):
    headline = "How much probability other labels give a class is no sure sign of how well it is recognised unseen."
elif max(abs(rho) for rho, _ in explained.values()) < 0.9:
    headline = "How much probability other labels give a class explains a part of how well it is recognised unseen."
else:
    headline = "How much probability other labels give a class explains most of how well it is recognised unseen."
plots.show(
    fig,
    name="zero-shot-mass",
    caption=f"**{headline}** Each mark is a digit, mean over draws of images.{said} Dotted: chance, {chance:g} %.",
    alt=f"Recognition of each of {len(unseen)} unseen digits against the mean entry of its class in other labels.{said}",
    rows=[rows],
)

# %% [markdown]
# ## Does the order turn?
#
# The paper finds that losing the entries hurts more than losing the images. That may depend on how soft the labels are. A teacher of digits without noise soon predicts its images nearly for certain: as it trains, its labels lose entropy, and with it what they say of other classes. So we take clean digits, keep the images fixed, and let the teacher label them after more and more epochs.


# %%
def entropy_plot(rows, data, order):
    """Accuracy on the treated classes over the entropy of the labels, along the teacher's epochs; a panel an IPC."""
    fig, axes = plt.subplots(1, order.ipc.nunique(), figsize=(9.2, 4.2), sharey=True, squeeze=False)
    for ax, (ipc, cells) in zip(axes[0], order.groupby("ipc"), strict=True):
        for removal, (label, colour) in REMOVALS.items():
            values = {
                cell.entropy: read.on_treated(rows, removal, data=data, ipc=ipc, teacher_epoch=cell.epoch)[""]
                for cell in cells.itertuples()
            }
            style = {"color": colour, "marker": "o", "label": label.replace("\n", " ")}
            plots.with_interval(ax, cells.entropy, pd.DataFrame(values), **style)
        for cell in cells.itertuples():
            place = {"xycoords": ("data", "axes fraction"), "ha": "center", "va": "top"}
            ax.annotate(f"epoch {cell.epoch}", (cell.entropy, 0.985), fontsize=9, color="0.4", **place)
        ax.axhline(10, color="0.2", linewidth=1.1, linestyle=":")
        ax.invert_xaxis()
        ax.margins(x=0.12)
        ax.set(xlabel="label entropy, nats (softer ← → sharper)", ylim=(-2, 108))
        ax.set_title(f"{data}, IPC {ipc}", fontweight="bold", loc="center")
    axes[0, 0].set_ylabel("accuracy on the treated class, %")
    handles = axes[0, 0].get_legend_handles_labels()
    fig.legend(*handles, loc="outside lower center", ncols=3, title="removed of the class")
    return fig


# %% tags=["hide-input"]
clean, order = rows[rows.data == "clean digits"], read.along_entropy(rows, "clean digits")
turned = [
    f"at IPC {cell.ipc}, epoch {cell.epoch}, by {-cell.ahead:.0f} points"
    for cell in order[order.ahead < 0].itertuples()
]
ahead = [  # without images minus without entries, with the sharpest labels of each panel
    t_interval(cell["ahead_by_draw"]) for _, cell in order.sort_values("entropy").groupby("ipc").first().iterrows()
]
if all(high < 0 for _, _, high in ahead):
    headline = "With sharp labels the order turns: images are then worth more than entries."
elif any(high < 0 for _, _, high in ahead):
    headline = "With sharp labels the order turns at some numbers of images: images are then worth more than entries."
else:
    headline = "With sharp labels the order does not surely turn: entries are not surely worth less than images."
said = [
    f"IPC {cell.ipc}, epoch {cell.epoch} ({cell.entropy:.2f} nats): {cell.none:.0f} %, without images {cell.images:.0f} %, without entries {cell.labels:.0f} %"
    for cell in order.itertuples()
]
plots.show(
    entropy_plot(rows, "clean digits", order),
    name="zero-shot-sharper",
    caption=f"**{headline}** Clean digits, of which chance gets {chance:g} % right; the same images in a panel, labels of ever later epochs. "
    + (
        f"A class without its images is recognised less often than one without its entries {'; '.join(turned)}. "
        if turned
        else "In no panel does a class lose more with its images than with its entries. "
    )
    + f"Means over {clean.draw.nunique()} draws of images, bands are 95 % t intervals.",
    alt="Accuracy on the treated class over label entropy. " + ". ".join(said) + ".",
    rows=[rows],
)

# %% [markdown]
# Photographs of two hundred classes have soft labels, clean digits only for the first epochs. Both removals are also a matter of numbers. An image removed is one of IPC images. An entry removed is gone from (c − 1) · IPC labels, each of which then asks for a probability of zero.
#
# Part II meets the same two removals where there is nothing to recognise but memorised examples: [what to do to a label so that it leaks less](../memorized/label_treatments).
#
# ## The paper's figure, in words
#
# Figure 7 has three groups, IPC 1, 10 and 50, on Tiny ImageNet. Each shows the accuracy on the treated class for the control, for images removed and for entries removed, over 40 classes: every fifth one in the order of the teacher's training accuracy, so that easy and hard ones are among them. Without its images a class is still recognised clearly; without its entries much less. The values are not printed, so the numbers are only in the paper's figure. The lists of classes come with the official code; at reduced and paper scale we use the same.
#
# ## Where we depart, and why
#
# - **Four classes at a time** at reduced scale, in ten groups of unlike accuracy; the paper removes one at a time. That takes a quarter of the students. Each of the four classes also loses the images of the other three, whose labels would have named it.
# - **Teacher's epochs** at paper scale are those of the lists, 7, 50 and 90; at reduced scale the best ones of our teacher.
# - **Few test images.** Tiny ImageNet reports on 40 images a class here, so that one class alone moves in steps of 2.5 points; only means over classes are judged.
# - **Draws.** The paper has one draw of images; digits here have several, and they are the replicates.
# - **Accuracy** is that of the last epoch, in the paper too: these are its only experiments that do not take the best evaluation on the test set ([reference code](../record/reference_code)).
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("label_worth/zero_shot", [rows])

# %% tags=["hide-input"]
ipc = min(shown["accuracy"])
said = shown["accuracy"][ipc]
sharpest = order.sort_values(["entropy", "ipc"]).iloc[0]
_, low, high = t_interval(sharpest.ahead_by_draw)
seen = claims.sentence(
    "L28",
    shown["rows"],
    "Yes",
    "Not at every number of images",
    "These rows do not decide it for every number of images",
)
plots.answer(
    "## Answer\n\n"
    f"{seen}: at IPC {ipc} a student that has no image of a class is right on {said['images']} of its test images. Chance is {100 / shown['classes']:g} %, hard labels give none, and a student that has everything is right on {said['none']}; striking the class from the labels of others leaves {said['labels']}. "
    + (
        f"It takes soft labels: on clean digits, once the teacher's labels are down to {sharpest.entropy:.2f} nats, the order turns and losing the images costs {-sharpest.ahead:.0f} points more than losing the entries."
        if high < 0
        else f"On clean digits, even where the teacher's labels are down to {sharpest.entropy:.2f} nats, losing the entries costs {sharpest.ahead:.0f} points more than losing the images."
        if low > 0
        else f"On clean digits, where the teacher's labels are down to {sharpest.entropy:.2f} nats, which of the two losses costs more is open ({plots.signed(sharpest.ahead)} points)."
    )
)

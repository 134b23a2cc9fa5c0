# %% [markdown]
# # What a soft label says
#
# **Question.** A soft label gives every class a share. Which classes get the most beside the image's own class? And which of these shares does a student need?
#
# [Qin, Deng and Alvarez-Melis (2024)](https://arxiv.org/abs/2406.10485) look at the label of one image while its teacher trains (figure 5) and at the mean label of each class (figure 10). Then they exchange one entry of each label with the smallest one and train students on the changed labels (figure 3). An independent reproduction, [COMP6258](https://github.com/COMP6258-Reproducibility-Challenge/no-distillation-reproduction), repeated figure 3 on CIFAR-100. Labels that are as soft but say nothing about classes have [a page of their own](softness_without_structure).

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
import numpy as np
import pandas as pd
import torch

from softlabels import claims, plots, published
from softlabels.claims.readings import structure as read
from softlabels.claims.readings.images import MAIN, level
from softlabels.claims.readings.points import curve
from softlabels.data import images, relations
from softlabels.intervals import t_interval
from softlabels.labels import entropy, harden, soften, swap_rank
from softlabels.models import convnet
from softlabels.paths import cache_folder
from softlabels.seeds import torch_stream
from softlabels.store import PUBLISHED_SCALES, replicates, stored
from softlabels.studies.images.task import image_task
from softlabels.studies.structure import CLASS_STRUCTURE, EXAMPLE_LABELS, EXAMPLES, RANK_SWAPS
from softlabels.sweep import choose_device, live
from softlabels.training.images import Recipe, train_stack

plots.use_house_style()
shorten = 10 if scale == "smoke" else 1  # the smoke scale only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# A teacher learns handwritten digits under heavy noise and labels five random images of each digit. We print the mean label of the five 3s. Then students learn from the same fifty images. Some get the teacher's labels, others get labels in which one entry has changed places with the smallest. The folded cell trains the teacher, and says how students are trained.

# %% tags=["hide-input"]
digits = images.load("noisy digits", cache_folder())  # 8×8 pixels, 100 training images of each digit
x, y = digits.batch(digits.train, slice(None)), digits.train.classes
shape = convnet.Shape(depth=2, width=16, channels=1, height=8, breadth=8, classes=10)
recipe = Recipe(lr=0.05, epochs=20 // shorten, batch=64, augmentation="dsa digits")
teacher = convnet.start(shape, [torch_stream("a label in ten lines, teacher")])
teacher = train_stack(teacher, x, harden(y, 10)[None], recipe, [torch_stream("a label, batches")])
few = digits.ipc_rows(5, draw=42)  # which images, by the draw's seed: (50,)


def accuracies(*labels):
    """Percent of new digits that a student is right on, for each table of labels of the same images."""
    steps = {"momentum": 0.9, "weight_decay": 5e-4, "schedule": "quarters"}
    recipe = Recipe(lr=0.1, epochs=150 // shorten, batch=256, **steps)
    starts = convnet.start(shape, [torch_stream("a label, student") for _ in labels])
    order = [torch_stream("a label, order") for _ in labels]
    students = train_stack(starts, x[few], torch.stack(labels), recipe, order)
    right = convnet.logits(students, digits.test.images).argmax(-1) == digits.test.classes
    return (100 * right.float().mean(1)).tolist()


# %%
logits = convnet.logits(teacher, x[few])[0]
soft = soften(logits, tau=1)  # the teacher's labels: (50, 10)
shares = soft[y[few] == 3].mean(0)
print("mean label of the 3s: " + ", ".join(f"{i}: {shares[i]:.2f}" for i in range(10)))

ranks = (1, 2, 4, 9)
whole, *changed = accuracies(soft, *(swap_rank(soft, rank) for rank in ranks))
print(f"whole labels: right on {whole:.0f} % of new digits")
for rank, accuracy in zip(ranks, changed, strict=True):
    print(f"entry {rank} exchanged with the smallest: {accuracy:.0f} %")

# %% [markdown]
# ## The paper’s figure 5: a label while its teacher trains
#
# The image is the first 3 of the noisy digits. Move the slider to see its label after each number of the teacher's epochs.

# %%
examples = live(EXAMPLE_LABELS, scale, device)


def on_each_set(study):
    """The stored rows of a study, a table per scale and set of photographs: the largest scale first."""
    frames = [rows for name in PUBLISHED_SCALES if (rows := stored(study, scale=name)) is not None]
    return [rows[rows.data == name] for rows in frames for name in sorted(set(rows.data))]


of_photographs = on_each_set(EXAMPLE_LABELS)

# %% tags=["hide-input"]
OWN, SIMILAR, OTHER = plots.ROLE["teacher"], plots.ROLE["train"], "0.6"


def size_of(rows):
    """A set of images and how many replicates its rows have: `noisy digits, 6 teachers`."""
    return f"{plots.set_name(rows.data.iloc[0])}, {replicates(rows)[1]}"


def by_scale(claim, frames):
    """What the rows of each scale say of a claim; of rows on other sets than the scale's own only the last."""
    main = {rows.attrs["scale"]: rows for rows in frames if rows is frames[-1] or rows.data.iloc[0] in MAIN.values()}
    return claims.by_scale(claim, main.values())


def deciding(frames):
    """The rows of the largest scale with three replicates, which a verdict takes; without any, the largest."""
    return next((rows for rows in frames if replicates(rows)[0] > 2), frames[0])


def label_slider(rows, label, image, name):
    """Figure 5 with a slider. Each frame: the label after one epoch, and where this epoch stands in its history."""
    data, history = rows.data.iloc[0], read.label_history(rows, label, image)
    names, similar = read.class_names(data), read.similar_classes(data, label)
    own, near = history[label], history[similar].sum(axis=1)
    colours = [OWN if i == label else SIMILAR if i in similar else "0.75" for i in range(len(names))]
    top = min(1, 1.08 * max(history.to_numpy().max(), near.max()))
    frames = []
    for epoch, values in history.iterrows():
        fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), width_ratios=(1.5, 1), sharey=True)
        left.bar(range(len(values)), values, color=colours)
        left.set_xticks(range(len(values)), names)
        left.set(ylim=(0, top), xlabel="class", ylabel="share of the label")
        left.set_title(f"after {plots.count(epoch, 'epoch')}")
        for line, colour, what in ((own, OWN, f"class {names[label]}"), (near, SIMILAR, "\nsimilar digits together")):
            right.plot(line.index, line, color=colour, marker="o", markersize=3)
            right.plot([epoch], [line[epoch]], color=colour, marker="o", markersize=9)
            right.text(0.04, 0.98, what, color=colour, va="top", fontsize=10, transform=right.transAxes)
        right.set(xlabel="teacher's epoch")
        frames.append(fig)
    said = "; ".join(f"epoch {e}: {names[label]} {own[e]:.2f}, similar classes {near[e]:.2f}" for e in history.index)
    plots.slider(
        frames,
        [str(epoch) for epoch in history.index],
        name=name,
        knob="epochs that the teacher has trained",
        start=len(frames) // 2,
        caption=f"**Move the teacher's epoch.** Left, the label of one image of class {names[label]} (blue); purple, the {len(similar)} digits with the most similar mean image: {plots.listed([names[i] for i in similar], '')}. Right, the share of the class and of those together. The class goes from {own.iloc[0]:.2f} to {own.iloc[-1]:.2f}.",
        alt=f"Soft label of one image by the teacher's epoch. {said}.",
        rows=[rows],
    )


on_digits = MAIN[scale] == "noisy digits"  # at larger scales this build too has photographs
if on_digits:
    label_slider(examples, 3, 0, "label-by-epoch")

# %% tags=["hide-input"]
steps = read.common_epochs(examples)
rising = read.rising_steps(examples, "probability", steps)[""].mean()
falling = read.rising_steps(examples, "entropy", steps, sign=-1)[""].mean()
near = read.similar_runner_up(examples, examples.data.iloc[0], steps)[""].mean()
plots.answer(
    f"One image may be an exception. So take {plots.count(examples.groupby(['label', 'image']).ngroups, 'image')} and {plots.count(examples.seed.nunique(), 'teacher')}, after {plots.listed(steps)} epochs. From one of these epochs to the next the class's share rises in {100 * rising:.0f} % of the cases, and the entropy falls in {100 * falling:.0f} %. The largest other entry is one of the three similar digits {abs(100 * near):.0f} percentage points {'more' if near > 0 else 'less'} often than a random other digit would be. The similar digits were fixed before any teacher was trained."
)

# %% [markdown]
# The paper shows a photograph of a German shepherd. Here are labels of single photographs, from stored teachers. For each image: the share of its class, the share of the similar classes together, and the largest entry of any other class, which is named where its curve ends.

# %% tags=["hide-input"]


def label_shares(rows, label, image):
    """Shares of one image's label, epochs × teachers each: its class, the similar classes together, the largest other.

    Also the class that this largest other entry belongs to in the end, for the first teacher.
    """
    similar = read.similar_classes(rows.data.iloc[0], label)
    histories = {seed: read.label_history(rows, label, image, seed) for seed in sorted(rows.seed.unique())}
    others = {seed: history.drop(columns=[label, *similar]) for seed, history in histories.items()}
    own = pd.DataFrame({seed: history[label] for seed, history in histories.items()})
    near = pd.DataFrame({seed: history[similar].sum(axis=1) for seed, history in histories.items()})
    largest = pd.DataFrame({seed: history.max(axis=1) for seed, history in others.items()})
    return own, near, largest, others[0].iloc[-1].idxmax()


def asked_by_l22(rows):
    """Whether claim L22, at the scale of some rows, is about their set of images."""
    (l22,) = claims.of("L22")
    return l22.checks[0].points.get(rows.attrs["scale"], {}).get("data") == rows.data.iloc[0]


if of_photographs:
    fig, axes = plt.subplots(
        len(of_photographs), 3, figsize=(9.4, 2.7 * len(of_photographs)), sharey=True, squeeze=False
    )
    said = []
    for line, rows in zip(axes, of_photographs, strict=True):
        names = read.class_names(rows.data.iloc[0])
        for ax, (label, image) in zip(line, EXAMPLES[rows.data.iloc[0]], strict=True):
            ax.set_title(names[label], fontsize=11)
            *shares, other = label_shares(rows, label, image)
            for values, colour in zip(shares, (OWN, SIMILAR, OTHER), strict=True):
                ax.plot(values.index, values, color=colour, linewidth=0.9, alpha=0.55)
                ax.plot(values.dropna().mean(axis=1), color=colour, linewidth=2.4)
            end = shares[2][0].dropna()
            ax.text(end.index[-1], end.iloc[-1], f" {names[other]}", color="0.35", fontsize=9, va="center")
            ax.set_xlim(0, 1.35 * end.index[-1])
            own, near, largest = (values.dropna().iloc[-1].mean() for values in shares)
            said.append(
                f"{plots.set_name(rows.data.iloc[0])}, {names[label]}: class {own:.2f}, similar {near:.2f}, other {largest:.2f}"
            )
        line[0].set_ylabel(f"{plots.set_name(rows.data.iloc[0])}\nshare of the label", fontsize=10)
    for place, (text, colour) in enumerate({"its class": OWN, "similar classes": SIMILAR, "another": "0.35"}.items()):
        axes[0, 0].text(0.04, 0.94 - 0.13 * place, text, color=colour, fontsize=10, transform=axes[0, 0].transAxes)
    fig.supxlabel("teacher's epoch", fontsize=11)
    data = of_photographs[0].data.iloc[0]
    turns, wrong = [], []
    for rows in of_photographs:
        data = rows.data.iloc[0]
        where, shown = f"on {plots.set_name(data)}", EXAMPLES[data][0][0]
        if asked_by_l22(rows):
            one = "the average label of three photographs"
            moves = "moves to its class, loses entropy and has a similar class second"
            words = f"{one} {moves}", f"it is not so that {one} {moves}", f"it is open whether {one} {moves}"
            if turns:  # said in short of the other sets
                words = f"{one} does", f"{one} does not", f"for {one} that is open"
            said_of = claims.sentence("L22", rows, *words)
            turns.append(f"{where} ({replicates(rows)[1]}) {said_of}")
        if (best := read.best_guess(rows, shown)) > 1:
            wrong.append(f"of the {read.class_names(data)[shown]} {where} (guess number {best} at best)")
    kin = [
        "the superclass" if rows.data.iloc[0] == "cifar100" else "the nearest family in WordNet"
        for rows in of_photographs
    ]
    plots.show(
        fig,
        name="label-by-epoch-photographs",
        caption=f"**{plots.capital('; '.join(turns))}.** Thin: teachers; thick: their mean over common epochs. Similar: {' or '.join(dict.fromkeys(kin))}.",
        alt=f"Shares of the labels of three photographs, mean over teachers at the last common epoch. {'; '.join(said)}.",
        rows=of_photographs,
    )
    if wrong:
        plots.answer(f"At none of these epochs does a teacher predict the class {'; '.join(wrong)}.")

# %% [markdown]
# The paper's figure 5 has bars without numbers. The label is nearly flat at the start; later the dog is on top, and similar animals follow.
#
# :::{dropdown} Which photograph it is
# The paper's figure 1 draws the same random images. There the dog is number 115 of its class, counted from 0 in the order of file names. The official code fixed its random choice only in October 2024, after the preprint, and has drawn number 191 since. The photographs of Tiny ImageNet on this page are those of figure 1, those of CIFAR-100 a choice of ours. That figure 5 shows the same dog is our inference.
# :::
#
# ## The paper’s figure 10: which classes a label names
#
# Now all images: the mean label of each class's training images, one row per class. The class's own entry is left out.

# %%
pairs = live(CLASS_STRUCTURE, scale, device)
of_classes = on_each_set(CLASS_STRUCTURE)

# %% tags=["hide-input"]
KINDS = {"animals": 0, "things": 59, "food": 177, "places": 194}  # the first class of each, in the order of WordNet ids
RELATED = {  # what relates two classes
    "noisy digit pairs": "that shares a digit",
    "tiny-imagenet": "with the same parent in WordNet",
    "tiny-imagenet-32": "with the same parent in WordNet",
    "cifar100": "of the same superclass",
}


def in_order(data):
    """The classes in the order in which the map shows them, and the first place of each kind of class there."""
    if data != "cifar100":
        return np.arange(len(read.class_names(data))), KINDS
    superclass = np.array([min([c, *relations.family(data, c)]) for c in range(100)])  # by its first class
    order = np.argsort(superclass, kind="stable")
    return order, {f"{read.class_names(data)[c]} …": place for place, c in enumerate(order) if c == superclass[c]}


def structure_figure(rows, name, looked_at):
    """Figure 10, and one row of it (pairs: as left × right digit; photographs: its largest entries)."""
    teacher, table = read.last_teacher(rows), read.mean_labels(rows)
    names, c, of_pairs = read.class_names(teacher.data), len(table), teacher.data.endswith("pairs")
    off = np.where(np.eye(c, dtype=bool), np.nan, table)
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.7), width_ratios=(1.7, 1))
    shown, kinds = in_order(teacher.data)
    mesh = left.imshow(
        off[shown][:, shown], cmap="magma_r", vmin=0, vmax=np.nanquantile(off, 0.995), interpolation="nearest"
    )
    row = off[looked_at]
    order = np.argsort(np.nan_to_num(row))[::-1]
    left.set(xlabel="class named", ylabel="true class", title="mean soft label")
    if of_pairs:
        left.set_xticks(range(0, c, 10), [names[i] for i in range(0, c, 10)], fontsize=9)
        left.set_yticks(range(0, c, 10), [names[i] for i in range(0, c, 10)], fontsize=9)
        right.imshow(row.reshape(10, 10), cmap="magma_r", vmin=0, vmax=np.nanmax(row))
        right.set(xticks=range(10), yticks=range(10), xlabel="right digit named", ylabel="left digit named")
        right.text(looked_at % 10, looked_at // 10, names[looked_at], ha="center", va="center", fontsize=11)
        highlighted = ""
    else:
        begins = [*kinds.values(), c]
        middles = np.add(begins[:-1], begins[1:]) / 2
        size = 9 if len(kinds) < 10 else 6
        left.set_xticks(
            middles, kinds, fontsize=size, rotation=45 if size == 9 else 90, ha="right" if size == 9 else "center"
        )
        left.set_yticks(middles, kinds, fontsize=size)
        left.tick_params(length=0)
        for border in begins[1:-1]:
            left.axhline(border - 0.5, color="0.45", linewidth=0.6)
            left.axvline(border - 0.5, color="0.45", linewidth=0.6)
        top = order[:10][::-1]
        family = [
            *relations.family(teacher.data, looked_at),
            *np.flatnonzero(relations.related(teacher.data)[looked_at].numpy()),
        ]
        right.barh([names[i] for i in top], row[top], color=[SIMILAR if i in family else OTHER for i in top])
        right.set(xlabel="mean soft label")
        highlighted = f" Purple: of its {'superclass' if teacher.data == 'cifar100' else 'family in WordNet'}."
    kind = RELATED[teacher.data]
    fig.colorbar(mesh, ax=left, shrink=0.8, extend="max")
    right.set_title(f"row: {names[looked_at]}")
    more = teacher.ratio > teacher.chance_high
    headline = (
        f"{plots.capital(plots.set_name(teacher.data))}: a class {kind} gets {teacher.ratio:.1f} times as much as any other"
        if more
        else f"{plots.capital(plots.set_name(teacher.data))}: a class {kind} gets no more than others"
    )
    plots.show(
        fig,
        name=name,
        caption=f"**{headline}.** With classes permuted at random the ratio lies between {teacher.chance_low:.2f} and {teacher.chance_high:.2f} (95 % of permutations). One teacher after {plots.count(teacher.epoch, 'epoch')}. Right: {'one row' if of_pairs else 'the ten largest entries of one row'}.{highlighted}",
        alt=f"Heat map of {c} by {c} classes, and the row of {names[looked_at]}: {', '.join(f'{names[i]} {row[i]:.3f}' for i in order[:6])}. Related classes {teacher.related:.4f}, others {teacher.unrelated:.4f}, mean entropy {teacher.entropy:.2f} nats.",
        rows=[rows],
    )


# %% tags=["hide-input", "thumbnail"]
if of_classes:
    structure_figure(of_classes[0], "class-structure-photographs", EXAMPLES[of_classes[0].data.iloc[0]][0][0])

# %% tags=["hide-input"]


def ratios(rows):
    """How many times as much a related class gets as another, after each stored number of epochs, in words."""
    found = curve(rows, "epoch", level, metric="ratio", unit="seed")
    return " and ".join(
        f"{plots.interval(t_interval(values.dropna()))} after {plots.count(epoch, 'epoch')} ({plots.count(values.count(), 'teacher')})"
        for epoch, values in found.items()
    )


said = [f"{plots.set_name(rows.data.iloc[0])} {ratios(rows)}" for rows in [*of_classes, pairs]]
told = ""
if of_classes:
    data = of_classes[0].data.iloc[0]
    names, own_family = read.class_names(data), "superclass" if data == "cifar100" else "nearest family in WordNet"
    second, hits, of, guessed = read.of_its_family(of_classes[0])
    told = (
        f" On {plots.set_name(data)} {of} classes have a {own_family}. For {hits} of them the largest other entry of their mean label is of the same {own_family}; a random class would be for {guessed:.0f}. "
        f"It is {'; '.join(f'{names[second[label]]} for {names[label]}' for label, _ in EXAMPLES[data])}."
    )
plots.answer(
    f"How many times as much a related class gets as an unrelated one: {'; '.join(said)}. Does more go to related classes? {by_scale('L38', [*of_classes, pairs])}.{told}"
)

# %% [markdown]
# The paper's figure 10 is Tiny ImageNet after 50 epochs of a teacher. Related classes are neighbours in the order of WordNet ids and form blocks along the diagonal. The only number it prints is the mean entropy in its title.
#
# ### The same for pairs of digits
#
# For pairs of digits it is known beforehand which classes are related: 36 shares its left digit with nine other classes and its right digit with nine more. The teacher knows nothing of this. It sees a hundred numbered classes.

# %% tags=["hide-input", "hide-output"]
if on_digits:
    structure_figure(pairs, "class-structure", 36)

# %% tags=["hide-input"]
if on_digits:
    table = read.mean_labels(pairs)
    tens_and_ones = np.divmod(np.arange(100), 10)  # the digits of each class
    shared = [table[(digit[:, None] == digit) & ~np.eye(100, dtype=bool)].mean() for digit in tens_and_ones]
    plots.answer(
        f"A class with the same left digit gets {shared[0]:.4f}, one with the same right digit {shared[1]:.4f}. The correlation between what class a gives b and what b gives a is {plots.signed(read.last_teacher(pairs).symmetry, 2)}."
    )

# %% [markdown]
# ## The paper’s figure 3: one entry exchanged
#
# Sort a label's entries. Exchange the $i$-th largest with the smallest, and leave all others. The values stay the same, and so does the entropy; two classes have exchanged their shares. $r(i)$ is the accuracy of a student of such labels over that of a student of whole labels. IPC is the number of images per class.

# %%
swaps = live(RANK_SWAPS, scale, device)
of_swaps = [*on_each_set(RANK_SWAPS), swaps]  # the largest first

# %% tags=["hide-input"]
reproduction = published.beginning("reproduction, swapped labels, IPC ")


def swap_figure(rows, name, theirs):
    """Figure 3: a panel for each set of images; in the first, hollow, the curves of the reproduction."""
    curves = read.rank_curves(rows)
    sets = list(dict.fromkeys(data for data, _, _ in curves))
    fig, axes = plt.subplots(1, len(sets), figsize=(7.6 if len(sets) == 1 else 9.4, 4.4), sharey=True, squeeze=False)
    said, some_lack = [], False
    for (data, ipc, epoch), r in curves.items():
        ax = axes[0, sets.index(data)]
        shared = read.shared_epoch(rows, data)
        style = plots.ipc_style(ipc)
        if epoch != shared and (data, ipc, shared) in curves:
            style |= {"alpha": 0.5, "linewidth": 1.2, "label": f"IPC {ipc}, epoch {epoch}"}
        of_all = r.dropna(axis=1)  # ranks that every draw has
        line, single = (of_all, r.columns.difference(of_all.columns)) if of_all.shape[1] > 1 else (r, [])
        plots.with_interval(ax, line.columns, line, **style)
        ax.plot(single, r[single].mean(), "x", color=style["color"], markersize=5)
        some_lack |= len(single) > 0
        at_ranks = ", ".join(f"{v:.2f} at rank {i}" for i, v in r.mean().items())
        said.append(f"{data}, IPC {ipc}, epoch {epoch}: {at_ranks}")
    if theirs:
        for ipc, series in reproduction.items():
            style = plots.ipc_style(int(ipc), label=f"IPC {ipc}, COMP6258 on CIFAR-100")
            axes[0, 0].plot(series.at, series.mean, **style | {"fillstyle": "none", "linestyle": ":", "linewidth": 1.3})
    for ax, data in zip(axes[0], sets, strict=True):
        c = len(read.class_names(data))
        ends = [i for i in (1, 2, 4, 8, 16, 32, 64, 128) if i < c]
        plots.log_axis(ax, ends, "rank i of the exchanged entry", 2)
        ax.axvspan(c / 2, c - 1, color="0.93", zorder=0)
        ax.axhline(1, color="0.5", linewidth=1)
        ax.set_ylim(0, 1.15)
        ax.set_title(f"{plots.set_name(data)}: {c} classes", fontsize=11)
        ax.legend(fontsize=9, loc="lower right")
    axes[0, 0].set_ylabel("relative performance r(i)")
    headline = claims.sentence(
        "L16",
        rows,
        "Exchanging the largest entry hurts most, the second less, the fourth less still.",
        "Exchanging the largest entry does not hurt most, the second less and the fourth less still.",
        "Whether larger entries matter more is not decided everywhere.",
    )
    plots.show(
        fig,
        name=name,
        caption=f"**{headline}** Accuracy with the i-th entry exchanged, over that with whole labels. {'Dotted, hollow: the COMP6258 reproduction, read off its figures. ' if theirs else ''}Grey: the lower half of the ranks. {'Crosses: not every draw has this rank. ' if some_lack else ''}{plots.bands(rows)}",
        alt=f"Relative performance by rank. {'; '.join(said)}.",
        rows=[rows],
    )


swap_figure(of_swaps[0], "rank-swaps", theirs=True)

# %% tags=["hide-input"]
plots.answer(
    f"""- The largest entry matters most, the second less, the fourth less still: {by_scale("L16", of_swaps)}.
- The smaller an entry, the less it matters, and those of the smaller half hardly at all: {by_scale("L17", of_swaps)}.
- With more images per class the largest entry matters more and the fourth less: {by_scale("L18", of_swaps)}."""
)

# %% [markdown]
# ### The same on other images

# %% tags=["hide-input", "hide-output"]
for rows in of_swaps[1:]:
    swap_figure(rows, f"rank-swaps-{rows.attrs['scale']}", theirs=False)

# %% [markdown]
# With rank 1 exchanged, the student learns that the likeliest class is the least likely one. The entries behind it matter for two reasons. They say what the image resembles. And where the teacher's first guess, its most probable class, is wrong, one of them is the class itself.

# %% tags=["hide-input"]
if on_digits:
    data, parts = "noisy digits", {}  # of figure 3's students: IPC -> the whole labels and the classes of each draw
    for s in RANK_SWAPS.grid(scale):
        if s.data == data and s.swapped == 0 and s.seed == 0:
            training_set = image_task(data, choose_device(device), cache_folder()).training_set(s)
            parts.setdefault(s.ipc, []).append((training_set.targets.cpu(), training_set.classes.cpu()))
    r = {ipc: values.mean() for (name, ipc, _), values in read.rank_curves(swaps).items() if name == data}
    few_images, many = min(r), max(r)
    rank = 4 if 4 in r[few_images] else max(r[few_images].index)
    labels, classes = (torch.cat(part) for part in zip(*parts[few_images], strict=True))
    place = (labels > labels.gather(1, classes[:, None])).sum(1)  # how many entries are larger than the class's own
    weight = {}  # what the exchange of each rank moves, on average
    for ipc, of_draws in parts.items():
        entries = torch.cat([targets for targets, _ in of_draws]).sort(dim=1, descending=True).values.mean(0)
        weight[ipc] = (entries - entries[-1]).tolist()
    plots.answer(
        f"On noisy digits with one image of each, the class itself stands first in {100 * (place == 0).float().mean():.0f} % of the labels, second in {100 * (place == 1).float().mean():.0f} %, further down in {100 * (place > 1).float().mean():.0f} %. Exchanging entry {rank} moves {weight[few_images][rank - 1]:.2f} of a label and leaves r = {r[few_images][rank]:.2f}"
        + f"; with {many} images of each digit it moves {weight[many][rank - 1]:.2f} and leaves {r[many][rank]:.2f}"
        * (many != few_images)
        + "."
        + " So it is not the size of an entry alone: what small entries say can also be learned from more images."
        * bool(r[many][rank] > r[few_images][rank] and weight[many][rank - 1] > 0.8 * weight[few_images][rank - 1])
    )

# %% [markdown]
# ### Numbers beside the reproduction's
#
# The values of the paper's own figure 3 stand only in its picture: Tiny ImageNet, every rank from 1 to 199, at IPC 1, 10 and 50.

# %% tags=["hide-cell"]
lines = {f"COMP6258, CIFAR-100, IPC {n}": dict(zip(s.at, s.mean, strict=True)) for n, s in reproduction.items()}
for rows in of_swaps:
    lines |= {
        f"here, {plots.set_name(data)}, IPC {ipc}, epoch {epoch}": values.mean().round(2).to_dict()
        for (data, ipc, epoch), values in read.rank_curves(rows).items()
    }
ranks = sorted(set().union(*(series.at for series in reproduction.values())))
beside = pd.DataFrame({name: {f"r({i:g})": r.get(i) for i in ranks} for name, r in lines.items()}, dtype=float).T
plots.table(beside.map(lambda v: "–" if v != v else f"{v:.3f}".removesuffix("0")))

# %% [markdown]
# ## Exercises
#
# **1.** Exchange the two largest entries of each label with each other, instead of one with the smallest. Will the student be hurt as much as by the exchange of rank 1 above? Say what the label claims then.

# %% tags=["hide-cell"]
top_two = soft.argsort(dim=1, descending=True)[:, :2]  # (50, 2)
exchanged = soft.scatter(1, top_two, soft.gather(1, top_two.flip(1)))
swapped, lowest = accuracies(exchanged, swap_rank(soft, 1))
plots.answer(
    f"The student is right on {swapped:.0f} % of new digits, with rank 1 and the smallest exchanged on {lowest:.0f} %, with whole labels on {whole:.0f} %. The label now puts the teacher's second guess first and its first guess second, instead of last."
)

# %% [markdown]
# **2.** Divide the teacher's logits by a temperature of 3. Which of $r(1), r(2), \dots$ can change because the order of the entries changes? What happens to the entropy?

# %% tags=["hide-cell"]
hot = soften(logits, tau=3)
same = bool((hot.argsort(1) == soft.argsort(1)).all())
plots.answer(
    f"None: dividing by 3 leaves the order of the logits and therefore of the entries ({'all' if same else 'not all'} {len(hot)} labels keep theirs). The entries move closer together, and the mean entropy goes from {entropy(soft).mean():.2f} to {entropy(hot).mean():.2f} nats. The largest entry shrinks and the smallest grows, so the exchange of rank 1 moves less of the label."
)

# %% [markdown]
# ## What follows
#
# - How far a label can be cut, and how many images its K largest entries are worth, is the question of [](data_and_knowledge).
# - Whether a label that is as soft but says nothing about classes would do as well is the question of [](softness_without_structure).
#
# ## Where we depart, and why
#
# :::{dropdown} Data, teachers, intervals
# - **Data.** Live, digits under noise and pairs of digits; stored rows are of photographs, whose set each figure names. Figure 10 needs many classes whose relations are known: pairs.
# - **Teacher's epochs in figure 3.** One for all IPC on the digits, since later epochs put more on the largest entry and would by themselves make $r(1)$ fall with IPC. The published sample command uses epoch 7 at IPC 1; those of IPC 10 and 50 are not given. On CIFAR-100 it is table 7's, 13, and the lower half of the ranks is ranks 64 and 99.
# - **Training on CIFAR-100.** Students train for 1000 epochs, one per draw; the official command and COMP6258 have 3000, and five students. What the full length changes, where it was run, is measured [on the page of small data sets](small_data_sets).
# - **Baseline.** $r(i)$ is taken within a draw of images, against the same images with whole labels. The official loop over ranks leaves the baseline out, and trains two students per rank.
# - **Units.** Intervals are over draws of images (figures 5 and 10: teachers), not over students of the same images.
# - **Accuracy** is the last evaluation. The official code and the reproduction report the best on the test set.
# - **Figure 10** has true classes in its rows, as the official code computes it; the axis of the published figure calls them first guesses. The diagonal is blank there and here.
# - **Which figure is number 3 and which is number 5** we know from captions alone; the two numbers may be exchanged.
# :::
#
# ## What is not stored

# %% tags=["hide-cell"]
for study in (EXAMPLE_LABELS, CLASS_STRUCTURE, RANK_SWAPS):
    plots.missing(study)

# %% [markdown]
# ## Verdicts

# %% tags=["hide-input"]
claims.table("label_worth/structure", [examples, pairs, swaps])

# %% tags=["hide-input"]
named = claims.sentence(
    "L38",
    deciding([*of_classes, pairs]),
    "Beside its own class a soft label names classes of the same kind",
    "Beside its own class a soft label does not name classes of the same kind",
    "Whether a soft label names classes of the same kind beside its own is open",
)
shown = (of_classes or [pairs])[0]
kind = RELATED[read.last_teacher(shown).data]
latest = curve(shown, "epoch", level, metric="ratio", unit="seed").iloc[:, -1].dropna()  # after the most epochs
decides = deciding(of_swaps)
main = decides.data.iloc[0] if decides is not swaps else "noisy digits"
needed = claims.sentence(
    "L16",
    decides,
    f"On {plots.set_name(main)} exchanging the largest entry hurts a student most",
    f"On {plots.set_name(main)} it is not so that exchanging the largest entry hurts a student most",
    f"On {plots.set_name(main)} it is not decided everywhere whether exchanging the largest entry hurts a student most, the second less, the fourth less still",
)
shared = read.shared_epoch(decides, main)
many = max(ipc for data, ipc, epoch in read.rank_curves(decides) if (data, epoch) == (main, shared))
r = read.rank_curves(decides)[main, many, shared].mean()
one_image = deciding([*of_photographs, examples])
data = one_image.data.iloc[0]
if one_image is examples:
    whose = "single digits"
else:
    photographs_of = plots.listed([read.class_names(data)[label] for label, _ in EXAMPLES[data]])
    whose = f"three photographs ({photographs_of})"
near = read.similar_runner_up(one_image, data, read.common_epochs(one_image))[""].mean()
differs = (
    "their labels do not on average move to their own class and lose entropy steadily"
    if near > 0
    else "the largest other entry is on average not more often of a similar class than by chance"
)
caveat = claims.sentence(
    "L22",
    one_image,
    f"The labels of {whose} move to their own class on average while the teacher trains, and name similar classes",
    f"Single labels can differ: for {whose}, {differs}",
    f"It is open whether the labels of {whose} move to their own class on average while the teacher trains",
)
plots.answer(
    "## Answer\n\n"
    f"{named}: on {plots.set_name(shown.data.iloc[0])} a class {kind} gets {plots.interval(t_interval(latest))} times as much as an unrelated one ({plots.count(len(latest), 'teacher')}). "
    f"{needed}: with {plots.count(many, 'image')} per class, the exchange of the largest entry with the smallest leaves {100 * r.iloc[0]:.0f} % of the accuracy, that of the {'fourth' if 4 in r else 'last'} {100 * r.get(4, r.iloc[-1]):.0f} % ({replicates(decides)[1]}).\n\n"
    f"{caveat} ({size_of(one_image)})."
)

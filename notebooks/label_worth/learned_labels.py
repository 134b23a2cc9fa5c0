# %% [markdown]
# # Labels that are learned
#
# **Question.** Take a few random images and leave them as they are. Only their labels may change, until a student that trains on them does best. No teacher is asked. What do such labels look like, and are they better than a teacher's?
#
# Dataset distillation learns images, and mostly their labels too. [Qin, Deng and Alvarez-Melis (2024)](https://arxiv.org/abs/2406.10485) let two of its methods learn labels alone. This page computes their table 3 and figures 8 and 12 again. The official repository has no code for them; here it is `softlabels.training.distill`.

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
import numpy as np
import pandas as pd
import torch

from softlabels import claims, plots, published
from softlabels.claims.readings import learned_labels as read
from softlabels.claims.readings.images import gap
from softlabels.claims.readings.points import if_run
from softlabels.data.images import Part, load
from softlabels.intervals import t_interval
from softlabels.labels import harden, soften
from softlabels.models import convnet
from softlabels.paths import cache_folder
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.learned_labels import ENSEMBLE, LEARNED_LABELS
from softlabels.sweep import live
from softlabels.training.distill import Inner, Outer, Unroll, convnets, learn, longest_segment, through_time
from softlabels.training.images import Recipe, train_stack

plots.use_house_style()
shorten = 10 if scale == "smoke" else 1  # the smoke scale only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# Ten [noisy digits](../record/data_and_teachers), one of each class, begin with hard labels. A new network trains on them for 25 steps of gradient descent. How its loss on other, real digits depends on the ten labels is again a gradient, through its last ten steps: **backpropagation through time** (BPTT). We take a step along it, and begin again with another network.

# %% tags=["hide-input"]
digits = load("noisy digits", cache_folder())
x, y = digits.train.images, digits.train.classes  # (n, 1, 8, 8), (n,)
shape = convnet.Shape(depth=2, width=16, channels=1, height=8, breadth=8, classes=10)
chosen = digits.ipc_rows(ipc=1, draw=42)  # which images, by the draw's seed
ten, classes = x[chosen][None], y[chosen]  # (1, 10, 1, 8, 8), one set of images; (10,)
others = torch.randperm(len(x), generator=torch_stream("other digits"))
others = others[~torch.isin(others, chosen)]
seen, held_out = others[200:], others[:200]
how = Recipe(0.1, 150 // shorten, 256, momentum=0.9, weight_decay=5e-4, schedule="quarters")


def right(labels, part, students=3):
    """Share of some digits that students of the ten images with these labels (10, 10) get right, on average."""
    streams = [torch_stream("a student", r) for r in range(students)]
    trained = train_stack(convnet.start(shape, streams), ten[0], labels.expand(students, -1, -1), how, streams)
    return float((convnet.logits(trained, part.images).argmax(-1) == part.classes).double().mean())


def batch(generators):
    """256 of the other digits, and their classes, for each set of labels."""
    some = seen[torch.randint(len(seen), (len(generators), 256), generator=generators[0])]
    return x[some], y[some]


def on_held_out(labels):
    """How good one set of labels (1, 10, 10) is for students, on digits that the labels never saw."""
    return torch.tensor([right(labels[0], Part(x[held_out], y[held_out]))])


hard = harden(classes, 10)
start = convnet.start(shape, [torch_stream("a teacher")])
of_teacher = Recipe(lr=0.05, epochs=16 // shorten, batch=64, augmentation="dsa digits")
teacher = train_stack(start, x, harden(y, 10)[None], of_teacher, [torch_stream("its batches")])
soft = soften(convnet.logits(teacher, ten[0])[0], tau=1)


# %%
student, how_it_trains = convnets(shape), Inner("sgd", lr=0.1, momentum=0.9)
objective = through_time(student, ten, batch, how_it_trains, Unroll(steps=25, window=10))
how_we_learn = Outer(steps=80 // shorten, lr=0.05, checks=4)  # the best of four checks on held-out digits
stream = torch_stream("learned in ten lines")
learned, scores = learn(hard[None], objective, on_held_out, how_we_learn, [stream])  # (1, 10, 10)

accuracy = {}
for name, labels in {"hard": hard, "a teacher's": soft, "learned": learned[0]}.items():
    accuracy[name] = right(labels, digits.test)
    print(f"{name:11} labels: students get {accuracy[name]:.1%} of the test digits right")

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 4, figsize=(9.4, 3.1), width_ratios=(0.1, 1, 1, 1), layout="constrained")
axes[0].imshow(torch.cat(list(ten[0, :, 0])), cmap="Greys", vmin=-3, vmax=3, aspect="auto")
axes[0].set(xticks=[], yticks=[8 * k + 3.5 for k in range(10)], yticklabels=classes.tolist())
for ax, (name, table) in zip(
    axes[1:], {"hard": hard, "one teacher's": soft, "learned": learned[0]}.items(), strict=True
):
    shown = ax.imshow(table, cmap="viridis", vmin=0, vmax=1, aspect="auto")
    ax.set(title=name, xticks=range(10), yticks=[], xlabel="class")
fig.colorbar(shown, ax=axes[-1], extend="max")
beside = learned[0].clone()
beside[range(10), classes] = 0
spread = float((beside.sum(1) / learned[0].sum(1)).mean())
plots.show(
    fig,
    name="learned-examples",
    caption=f"**Learned labels spread {spread:.0%} of their weight over other classes.** Ten images, and their labels as rows: hard, of a teacher after {of_teacher.epochs} epochs, and learned from hard ones without a teacher. Learned labels need not sum to one.",
    alt=f"Three tables of ten labels by ten classes. Learned labels sum to {float(learned.sum(-1).mean()):.2f} on average, {spread:.0%} of it outside the image's own class; the teacher's have {float(1 - soft[range(10), classes].mean()):.0%} outside.",
)

# %% [markdown]
# ## Five ways to get labels (the paper's table 3)
#
# The same random images, and labels of five kinds: hard; of one teacher; the mean label of six teachers; learned by BPTT; learned by **trajectory matching** (MTT), where training on the labels from a point of a teacher's training should arrive where the teacher was an epoch or two later. So MTT needs teachers, and BPTT none.

# %%
rows = live(LEARNED_LABELS, scale=scale, device=device)
larger = stored(LEARNED_LABELS)


# %% tags=["hide-input"]
def compared(rows):
    """Accuracies by strategy, for each number of images per class that has all strategies."""
    found = {int(ipc): read.by_strategy(rows, ipc=ipc) for ipc in sorted(rows.ipc.unique())}
    return {ipc: by for ipc, by in found.items() if len(by) == len(read.STRATEGIES)}


def images(some):
    """The name of the image set that rows are of."""
    return plots.set_name(some["data"].iloc[0])


scales = [some for some in (larger, rows) if some is not None and compared(some)]  # the largest first
largest, *twins = scales
accuracies = compared(largest)
data = largest["data"].iloc[0]
ipcs = list(accuracies)
COLOURS = dict(
    zip(
        read.STRATEGIES,
        (plots.ROLE["independent"], "#7fb4d6", plots.ROLE["teacher"], plots.ROLE["held_out"], plots.ROLE["train"]),
        strict=True,
    )
)


def draw_strategies(some):
    """A panel per IPC: a dot a draw of images, a bar for the mean, a line for its 95 % t interval."""
    accuracies = compared(some)
    fig, axes = plt.subplots(1, len(accuracies), figsize=(9.2, 3.9), sharey=True, squeeze=False)
    for ax, (ipc, found) in zip(axes[0], accuracies.items(), strict=True):
        for place, (name, values) in enumerate(found.items()):
            mean, low, high = t_interval(values)
            ax.bar(place, mean, color=COLOURS[name], alpha=0.35, width=0.62)
            ax.plot(place + np.linspace(-0.18, 0.18, len(values)), values, "o", color=COLOURS[name], markersize=4)
            if len(values) > 1:
                ax.plot([place, place], [low, high], color="0.15", linewidth=1.6)
        ax.set_xticks(range(len(found)), [name.replace(" ", "\n") for name in found])
        ax.set_title(f"{images(some)}, IPC {ipc}")
    axes[0, 0].set_ylabel("student's accuracy, %")
    return fig


def beats_hard(some):
    """Whether labels learned by BPTT surely beat hard ones, at every number of images that has both."""
    against = {"of": {"labels": "bptt", "form": "clipped"}, "to": {"labels": "hard"}, "data": some["data"].iloc[0]}
    gained = [if_run(gap, some, ipc=ipc, **against) for ipc in compared(some)]
    return all(len(points) > 1 and t_interval(points)[1] > 0 for points in gained)


def show_strategies(some, name):
    """The figure; its headline is what the claims' verdicts on these rows are."""
    together = claims.sentence(
        "L33",
        some,
        "Labels of six teachers beat those of one",
        "Labels of six teachers do not beat those of one",
        "Whether labels of six teachers beat those of one is open",
    )
    without = claims.sentence(
        "L34",
        some,
        "labels learned by BPTT beat hard ones and reach a teacher's",
        "labels learned by BPTT beat hard ones but stay below a teacher's"
        if beats_hard(some)
        else "labels learned by BPTT do not surely beat hard ones",
        "whether labels learned by BPTT reach a teacher's is open",
    )
    said = "; ".join(
        f"IPC {ipc}: " + ", ".join(f"{name} {values.mean():.1f}" for name, values in found.items())
        for ipc, found in compared(some).items()
    )
    plots.show(
        draw_strategies(some),
        name=name,
        caption=f"**{together}; {without}.** Students of the same random images; teachers after the epoch that the other half of the draws chose. A dot is a draw of images, a line a 95 % t interval.",
        alt=f"Bars of accuracy in percent. {said}.",
        rows=[some],
    )


# %% tags=["hide-input", "thumbnail"]
show_strategies(largest, "five-ways")

# %% tags=["hide-cell"]
for some in twins:
    show_strategies(some, f"five-ways-{some.attrs['scale']}")

# %% tags=["hide-input"]
series = published.find("table 2, Tiny ImageNet, soft labels")
printed = dict(zip(series.at, series.mean, strict=True))
lines = {
    f"{images(some)}, IPC {ipc}": {name: plots.interval(t_interval(values)) for name, values in found.items()}
    for some in scales
    for ipc, found in compared(some).items()
}
lines |= {f"paper, Tiny ImageNet, IPC {ipc:g}": {"one teacher": f"{printed[ipc]:g}"} for ipc in (1, 10, 50)}
plots.table(pd.DataFrame.from_dict(lines, orient="index")[list(read.STRATEGIES)], compact=True)
form = ""
for some in scales:
    both = {"of": {"form": "clipped"}, "to": {"form": "softmax"}, "labels": "bptt", "ipc": int(some.ipc.min())}
    softmax = if_run(gap, some, **both)
    if len(softmax) > 1:
        _, low, _ = t_interval(softmax)
        default = "So it is the default." if low > 0 else "So it is the default only because it is the published one."
        form = f" **Which form.** A learned label may be any numbers that are not negative, cut off at 0 after each step (what RaT-BPTT does, and what is shown here), or the softmax of free numbers. On {images(some)}, at IPC {both['ipc']}, the first gives {plots.points(softmax)} against the second ({plots.count(len(softmax), 'draw')}). {default}"
        break
plots.answer(
    f"The paper's table also has columns for an ensemble of teachers (ours has six; how many the paper's has, we do not know), BPTT and MTT on Tiny ImageNet. We know its column of one teacher from table 2; the other numbers stand only in the paper.{form}"
)
plots.missing(LEARNED_LABELS)

# %% [markdown]
# ## What do learned labels resemble? (the paper's figures 8 and 12)
#
# BPTT never sees a teacher. Still, its labels can be compared with those that six teachers give the same images, epoch by epoch. The distance is the Jensen–Shannon divergence in base 2: 0 for equal labels, 1 for labels without a class in common. Figure 8 shows normalised distances, and how they are normalised is not published. We stretch each image's distances so that they reach from 0 to 1; that tells where the nearest epoch lies, and hides how near it is. So both are here.
#
# A label that is as sure as a learned one is nearer to it for that alone. Two controls are as sure as the teachers of an epoch without being theirs: the *last* epoch's labels at a temperature that gives them the same entropy, and the epoch's own labels with all entries but the largest in random order.

# %% tags=["hide-input"]
of_bptt = {"labels": "bptt", "form": "clipped"}
CURVES = {  # curve -> its name, how it is drawn
    "distance": ("their teachers", {"color": plots.ROLE["teacher"]}),
    "last tempered": ("last epoch, tempered", {"color": plots.ROLE["held_out"], "linestyle": "--"}),
    "rest shuffled": ("rest shuffled", {"color": plots.ROLE["shuffled"], "linestyle": ":"}),
}


def nearest_epoch(some, ipc):
    """The teachers' epoch whose labels are nearest to learned ones, on average over draws."""
    return int(read.distance_by_epoch(some, ipc=ipc, **of_bptt).mean().idxmin())


def draw_distances(some, ipc):
    """Left: each image of one draw, stretched. Right: the mean over images and draws, with its controls."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(9.4, 3.9), width_ratios=(1, 1.2))
    each = read.of_each_image(some, ipc=ipc, **of_bptt).to_numpy()
    each = (each - each.min(1, keepdims=True)) / np.ptp(each, axis=1, keepdims=True).clip(1e-12)
    epochs = read.distance_by_epoch(some, ipc=ipc, **of_bptt).columns
    shown = left.pcolormesh(
        np.arange(len(epochs) + 1) - 0.5, np.arange(len(each) + 1), each, cmap="magma", rasterized=True
    )
    ticks = range(0, len(epochs), max(1, len(epochs) // 5))
    left.set_xticks(ticks, [epochs[i] for i in ticks])
    left.set(xlabel="teachers' epoch", ylabel="image", yticks=[])
    fig.colorbar(shown, ax=left, label="distance, stretched")
    ends = {}
    for curve, (name, style) in CURVES.items():
        values = read.distance_by_epoch(some, curve, ipc=ipc, **of_bptt)
        plots.with_interval(right, values.columns, values, **style)
        ends[name] = (values.columns[-1], values.mean().iloc[-1], style["color"])
    right.axvline(nearest_epoch(some, ipc), color="0.75", linewidth=1, zorder=0)
    right.set(xlabel="teachers' epoch", ylabel="distance, mean")
    right.set_ylim(bottom=0)
    plots.name_lines(right, ends)
    return fig


def before_the_end(some, aside="", controls=""):
    """Two sentences: whether an early epoch's labels are nearer than the last's, and than controls as sure as they are.

    aside: what is to be known of the last epoch; controls: what the controls are.
    """
    last = distances(some)["distance"].index.max()
    of_last = "the last" if last == some.teacher_epochs.max() else "the last compared"
    early = f"nearer to teachers' labels of an early epoch than to those of epoch {last}, {of_last}{aside}"
    farther = "farther than the nearest epoch"
    of_epochs = claims.sentence(
        "L31",
        some,
        f"Learned labels are {early}.",
        f"Learned labels are not {early}.",
        f"Whether learned labels are {early}, is open.",
    )
    of_controls = claims.sentence(
        "N9",
        some,
        f"Two controls of the same entropy are {farther}{controls}.",
        f"Not both controls of the same entropy are {farther}{controls}.",
        f"Whether two controls of the same entropy are {farther} is open{controls}.",
    )
    return f"{of_epochs} {of_controls}"


def distances(some):
    """The curves' means over the draws of the smallest IPC."""
    ipc = int(some.ipc.min())
    return {curve: read.distance_by_epoch(some, curve, ipc=ipc, **of_bptt).mean() for curve in CURVES}


def show_distances(some, name):
    """The figure of the smallest IPC; its headline is what the claims' verdicts on these rows are."""
    ipc, means = int(some.ipc.min()), distances(some)
    nearest = nearest_epoch(some, ipc)
    plots.show(
        draw_distances(some, ipc),
        name=name,
        caption=f"**{before_the_end(some)}** BPTT, {images(some)}, IPC {ipc}, {ENSEMBLE} teachers. Left: one draw's images. Right: means, 95 % t intervals; grey: the nearest, epoch {nearest}.",
        alt="Distance of learned labels by epoch. "
        + "; ".join(
            f"{CURVES[curve][0]}: {of.iloc[0]:.2f} at the start, {of[nearest]:.3f} at epoch {nearest}, {of.iloc[-1]:.3f} at the end"
            for curve, of in means.items()
        )
        + ".",
        rows=[some],
    )


# %% tags=["hide-input"]
show_distances(largest, "nearest-epoch")

# %% tags=["hide-cell"]
for some in twins:
    show_distances(some, f"nearest-epoch-{some.attrs['scale']}")

# %% tags=["hide-input"]
means, nearest = distances(largest), nearest_epoch(largest, ipcs[0])
last = means["distance"].index.max()
near, as_sure, shuffled = (means[curve][nearest] for curve in CURVES)
at_end = means["distance"].iloc[-1]
said = "The last epoch's labels are the nearest ones."
if nearest < last:
    share = (at_end - as_sure) / (at_end - near)
    said = f"The learned labels are {at_end:.3f} from the last epoch's labels and {near:.3f} from the nearest epoch's. At the entropy of the nearest ones, the last epoch's labels are at {as_sure:.3f}: entropy alone makes up {100 * share:.0f} % of that difference."
farther = "farther" if shuffled > near else "no farther"
plots.answer(
    f"{said} The nearest epoch's labels with all entries but the largest in random order are at {shuffled:.3f}, {farther} than unshuffled."
)

# %% tags=["hide-input"]
by_ipc = next((some for some in scales if len(compared(some)) > 1), largest)
fig, (plain, stretched) = plt.subplots(1, 2, figsize=(9.4, 3.8))
nearest_by_ipc, ends = {}, ({}, {})
for ipc in compared(by_ipc):
    for ax, curve, named in zip((plain, stretched), ("distance", "scaled"), ends, strict=True):
        values = read.distance_by_epoch(by_ipc, curve, ipc=ipc, **of_bptt)
        plots.with_interval(ax, values.columns, values, color=plots.IPC_COLOUR[ipc])
        named[f"IPC {ipc}"] = (values.columns[-1], values.mean().iloc[-1], plots.IPC_COLOUR[ipc])
    nearest_by_ipc[ipc] = nearest_epoch(by_ipc, ipc)
for ax, named, title in zip(
    (plain, stretched), ends, ("distance, mean", "distance, stretched for each image"), strict=True
):
    ax.set(xlabel="teachers' epoch", ylabel=title)
    plots.name_lines(ax, named)
later = claims.sentence(
    "L32",
    by_ipc,
    "With more images per class, learned labels resemble later teachers.",
    "With more images per class, learned labels do not resemble later teachers.",
    "Whether learned labels resemble later teachers with more images per class is open.",
)
epochs_said = ", ".join(f"{epoch} at IPC {ipc}" for ipc, epoch in nearest_by_ipc.items())
plots.show(
    fig,
    name="nearest-epoch-by-ipc",
    caption=f"**{later}** The nearest epoch is {epochs_said}, read off means. Labels learned by BPTT on {images(by_ipc)}; bands: 95 % t intervals over draws of images.",
    alt=f"Two panels of distance against the teachers' epoch, one line an IPC. Nearest epoch: {epochs_said}, of {values.columns.max()}.",
    rows=[by_ipc],
)

# %% [markdown]
# ## The paper's table and figures, in words
#
# Table 3 has five strategies on Tiny ImageNet with 1, 10 and 50 images per class: hard labels, one teacher, an ensemble, labels learned by RaT-BPTT and by MTT. The paper finds that the ensemble is better than one teacher, and that labels learned by BPTT come near it. Figures 8 and 12 are heat maps, an image a row and a teacher's epoch a column: the darkest band, the nearest epochs, lies before the end. That it lies later with more images is our inference, for we do not know figure 12's values.
#
# RaT-BPTT ([Feng, Vedantam and Kempe, 2024](https://arxiv.org/abs/2311.07025)) and MTT ([Cazenavette et al., 2022](https://arxiv.org/abs/2203.11932)) were made to learn images. Labels alone were learned before by [Bohdal, Yang and Hospedales (2020)](https://arxiv.org/abs/2006.08572), labels together with images by [Sucholutsky and Schonlau (2019)](https://arxiv.org/abs/1910.02551).
#
# ## Exercises
#
# 1. In the ten lines the gradient goes through ten of 25 steps. Let it go through the last one only. Are the labels as good?

# %% tags=["hide-cell"]
one_step = through_time(student, ten, batch, how_it_trains, Unroll(steps=25, window=1))
stream = torch_stream("learned in ten lines")
short_sighted, _ = learn(hard[None], one_step, on_held_out, how_we_learn, [stream])
plots.answer(
    f"Students get {right(short_sighted[0], digits.test):.1%} right, {accuracy['learned']:.1%} with a window of ten and {accuracy['hard']:.1%} with hard labels."
)

# %% [markdown]
# 2. At the paper's size a step's graph holds about 1.3 GB (50 images of Tiny ImageNet), and the state of training 12 MB. How many of a window's 90 steps can a GPU of 80 GB hold at once? And one of 24 GB?

# %% tags=["hide-cell"]
held = {size: longest_segment(90, graph=13 * 10**8, state=12 * 10**6, room=size * 10**9) for size in (80, 24)}
plots.answer(
    f"{held[80]} and {held[24]} steps. The window is then cut into segments: the state at the beginning of each is kept, and its steps are computed once more on the way back. The gradient is the same."
)

# %% [markdown]
# ## Where we depart, and why
#
# :::{dropdown} What chooses, what is clipped, sizes
# - **No code.** The authors' code for learning labels was not released. What is known is the name of one checkpoint (Tiny ImageNet, IPC 1: 130 steps, a window of 90) and the code of the two methods for images. Our paper scale has these settings.
# - **What chooses.** RaT-BPTT keeps the images that do best on the test set. Here a fifth of the training images, none of them the student's, is held out and chooses among the labels.
# - **Clipping.** Label gradients are clipped at twice their usual norm, as RaT-BPTT clips those of images.
# - **Window.** Fixed, as in the checkpoint's name; a random number of steps (`random=True`), as in RaT-BPTT, is there too.
# - **Batches.** At the paper's size a network takes steps on 50 images, drawn from all of a set; RaT-BPTT draws 50 classes and one image of each, which is the same with one image per class.
# - **MTT's learning rate** is learned along with the labels, as in its code.
# - **The ensemble** is the mean of the teachers' probabilities; the official code takes the mean of their logits, then probabilities.
# - **Size.** Live: noisy digits, networks of 16 channels, 60 to 80 outer steps, 4 or 8 draws of images for learned labels and 10 for the others. At reduced scale: Tiny ImageNet at 32×32, networks of 64 channels, 240 outer steps of 20 steps each with a window of 10; teachers are compared up to epoch 20 of 40, and MTT matches one epoch. How many outer steps the paper takes we do not know; our grid at its size has 5,000.
# :::
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("label_worth/learned_labels", [rows, larger])

# %% tags=["hide-input"]
least = accuracies[ipcs[0]]
gained = if_run(gap, largest, of={"labels": "bptt", "form": "clipped"}, to={"labels": "hard"}, data=data, ipc=ipcs[0])
short_of_it = (
    "beat hard labels but do not reach a teacher's" if beats_hard(largest) else "do not surely beat hard labels"
)
learns = claims.sentence(
    "L34",
    largest,
    "Labels that BPTT learns without a teacher beat hard labels and reach a teacher's",
    f"Labels that BPTT learns without a teacher {short_of_it}",
    "Whether labels that BPTT learns without a teacher reach a teacher's is open",
)
caveat = "Learned labels have not been run at the paper's size."
if largest is larger:
    caveat = f"Our labels were learned with {int(largest.outer_steps.max()):,} steps; how many the paper takes is not known, and our grid at its size has {max(s.outer_steps for s in LEARNED_LABELS.grid('paper')):,}. More steps may change the order."
whole = int(largest.teacher_epochs.max())
aside = "" if last == whole else f" (the teachers train for {whole})"
controls = (
    f" ({nearest}): the last epoch's labels at a temperature, and the nearest epoch's labels with shuffled entries"
)
plots.answer(
    "## Answer\n\n"
    f"**{learns}**: with {plots.count(ipcs[0], 'image')} per class, students of these labels reach {least['BPTT'].mean():.1f} %, of one teacher's labels {least['one teacher'].mean():.1f} %, of hard labels {least['hard'].mean():.1f} % ({images(largest)}, {largest.attrs['scale']} scale, {plots.count(len(gained), 'draw')} of images). "
    f"{before_the_end(largest, aside, controls)} "
    f"{caveat}"
)

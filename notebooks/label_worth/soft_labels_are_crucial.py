# %% [markdown]
# # Soft labels are crucial
#
# **Question.** Dataset distillation makes a few images a class that are to stand for a whole training set. How much of what they achieve is in the images, and how much in the labels that come with them?
#
# [Qin, Deng and Alvarez-Melis (2024)](https://arxiv.org/abs/2406.10485), *paper Q*, put a simple rival beside the methods: random images of the training set, each with the probabilities that a teacher network gives it, its **soft label**. This page computes their figure 1 and tables 1, 2 and 4 again. **IPC** is the number of images a class; a **hard label** names one class and nothing else.
#
# The methods in these tables go different ways. [Trajectory matching](https://arxiv.org/abs/2203.11932) (MTT; at ImageNet's size [TESLA](https://arxiv.org/abs/2211.10586)), [RaT-BPTT](https://arxiv.org/abs/2311.07025) and [FRePo](https://arxiv.org/abs/2206.00719) learn images through the training of a student, [distribution matching](https://arxiv.org/abs/2110.04181) (DM) through the features of random networks, and [SRe2L](https://arxiv.org/abs/2306.13092) inverts one trained network and labels every augmented view anew. Comparisons need a common protocol, which [DC-BENCH](https://arxiv.org/abs/2207.09639) began; since paper Q, [DD-Ranking](https://arxiv.org/abs/2505.13300) asks of each method what it gains over random images with the same labels.

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
from matplotlib.lines import Line2D

from softlabels import claims, plots, published
from softlabels.claims.readings.images import by_unit, pick, reported
from softlabels.claims.readings.points import pool
from softlabels.claims.readings.printed import best_difference, exchange
from softlabels.data import images
from softlabels.errors import NotRun
from softlabels.hyperparameters import chosen as chosen_in_table_7
from softlabels.intervals import t_interval
from softlabels.labels import harden, soften
from softlabels.models.convnet import Shape, logits, start
from softlabels.paths import cache_folder
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies import find
from softlabels.studies.images.costs import sizes
from softlabels.studies.images.task import ENTRY, INDEX, image_task, stored_bytes
from softlabels.sweep import choose_device, live
from softlabels.training.augmentation import augment_each
from softlabels.training.images import Recipe, train_stack

plots.use_house_style()
shorten = 20 if scale == "smoke" else 1  # the smoke scale only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# A teacher learns 1,000 noisy handwritten digits ([the data](../record/data_and_teachers)) and is stopped early. Five students, who differ in their starts alone, get a few random images a class, once with hard labels and once with what the teacher says about these images.

# %%
data = images.load("noisy digits", cache_folder())
x, y = data.train.images, data.train.classes  # (1000, 1, 8, 8), (1000,)
shape, streams = Shape(2, 16, 1, 8, 8, 10), [torch_stream("ten lines", r) for r in range(5)]

recipe, teacher = Recipe(lr=0.05, epochs=40, batch=64, augmentation="dsa digits"), {}
first = start(shape, streams[:1])
train_stack(first, x, harden(y, 10)[None], recipe, streams[:1], teacher.__setitem__, at=(16, 40))

recipe = Recipe(0.1, 150 // shorten, 256, momentum=0.9, weight_decay=5e-4, schedule="quarters")
for ipc in (1, 10):
    few = data.ipc_rows(ipc, draw=42)
    soft = soften(logits(teacher[16], x[few])[0], tau=1)  # of the teacher after 16 epochs
    for kind, told in (("hard", harden(y[few], 10)), ("soft", soft)):
        trained = train_stack(start(shape, streams), x[few], told.repeat(5, 1, 1), recipe, streams)
        right = (logits(trained, data.test.images).argmax(-1) == data.test.classes).float().mean(1)
        print(f"{ipc:2} a class, {kind} labels: {right.mean():.0%} of the test images right, ±{right.std():.0%}")

# %% [markdown]
# Same images, same students; only the labels changed. What would better *images* have done?
#
# ## Figure 1: images and labels, apart
#
# Three sources of images: random real ones; images of our own **inverted teacher** (noise, moved until the fully trained teacher is sure of its class), which stand for SRe2L's; and **distribution matching**, as an aside, since it is made for hard labels and has no soft ones to lose. Each is tried with hard labels and with fixed soft labels of the best of several teacher epochs.

# %%
sources = live("label_worth/synthetic_images", scale, device)
sources_paper = stored("label_worth/synthetic_images")


# %% tags=["hide-input"]
def chosen(rows, labels, **points):
    """The rows that report a cell; where soft labels leave the teacher's epoch open, the other half of the students has chosen it."""
    over = ["teacher_epoch"] if labels == "soft" else []
    cell = pick(rows, over, labels=labels, **points)
    try:
        return reported(cell, over)
    except NotRun:  # too few students to split: they report what they have chosen
        return cell[cell.teacher_epoch == cell.groupby("teacher_epoch").accuracy_last.mean().idxmax()]


def accuracy(rows, labels, metric="accuracy_last", **points):
    """Accuracy in percent of each draw of images, its students averaged."""
    return by_unit(chosen(rows, labels, **points), metric, "draw")


def measured(rows, labels, metric="accuracy_last", **points):
    """The same of a cell; of a single draw, `8.3 (0.2)`: mean and standard deviation over its students, as the paper's."""
    cell = chosen(rows, labels, **points)
    text, students = plots.interval(t_interval(by_unit(cell, metric, "draw"))), 100 * cell[metric]
    if cell.draw.nunique() > 1:
        return text
    return f"{text} ({students.std(ddof=0):.1f})" if len(cell) > 1 else f"{text} (once)"


def ipcs(rows):
    return sorted(int(ipc) for ipc in rows.ipc.unique())


SOURCES = {  # our images: name, colour
    "real": ("random real images", "#1b1b1b"),
    "inversion": ("inverted teacher", "#cc79a7"),
    "distribution matching": ("distribution matching", "#56b4e9"),
}
MADE = [source for source in SOURCES if source != "real"]
PRINTED = {  # the paper's curves: label and colour; soft, hard, and fixed soft labels
    "random images": ("#1b1b1b", "table 1, soft labels of ResNet18", "table 1, hard labels", None),
    "SRe2L": ("#cc79a7", "table 1, SRe2L", "figure 1, SRe2L, hard labels", "figure 1, SRe2L, fixed soft labels"),
    "MTT (TESLA)": ("#e69f00", "figure 1, MTT (TESLA)", "figure 1, MTT (TESLA), hard labels", None),
    "RaT-BPTT": ("#b2182b", "figure 1, Ra-BPTT", "figure 1, Ra-BPTT, hard labels", None),
    "FRePo": ("#a6761d", "figure 1, FRePo", "figure 1, FRePo, hard labels", None),
}


def on_ipc_axis(ax, at, title):
    ax.set(xscale="log", xlabel="images a class (IPC)", ylim=(0, None))
    ax.set_title(title)
    ax.set_xticks(at, [str(ipc) for ipc in at])
    ax.minorticks_off()


def draw_sources(ax, rows):
    """Our curves; the mean accuracy by (images, labels, IPC)."""
    found, at = {}, ipcs(rows)
    for source, (_, colour) in SOURCES.items():
        for labels, line in (("soft", "-"), ("hard", "--")):
            values = pd.DataFrame({ipc: accuracy(rows, labels, images=source, ipc=ipc) for ipc in at})
            plots.with_interval(ax, at, values, color=colour, linestyle=line, marker="o", markersize=4)
            found |= {(source, labels, ipc): values[ipc].mean() for ipc in at}
    on_ipc_axis(ax, at, f"A  ours: {rows.data.iloc[0]}")
    ax.set_ylabel("student's accuracy, %")
    return found


def draw_printed(ax):
    """The paper's curves, as far as they can be read."""
    for colour, soft, hard, fixed in PRINTED.values():
        for name, line in ((soft, "-"), (hard, "--"), (fixed, "-.")):
            if name:
                series = published.find(name)
                ax.plot(series.at, series.mean, color=colour, linestyle=line, marker="o", markersize=3.5, linewidth=1.5)
    on_ipc_axis(ax, [1, 2, 10, 50, 200], "B  paper: ImageNet-1K")
    names = [Line2D([], [], color=colour, label=name) for name, (colour, *_) in PRINTED.items()]
    ax.legend(handles=names, fontsize=9, loc="upper left")


def shown_images():
    """One image a class of each source, as the students of the published draw get it: (c, h, w) each."""
    cells = [s for s in find("label_worth/synthetic_images").grid(scale) if s.ipc == 1 and s.labels == "hard"]
    cells = {s.images: s for s in reversed(cells)}  # the first draw and student of each source
    taught = image_task(cells["real"].data, choose_device(device), cache_folder())
    every = torch.arange(len(taught.data.names))
    return {source: taught.training_set(s).batches_of(every).cpu()[:, 0] for source, s in cells.items()}


def added(found, at):
    """What soft labels add to random images, and what the better made images add to hard labels, in points by IPC."""
    plain = {ipc: found["real", "hard", ipc] for ipc in at}
    by_labels = {ipc: found["real", "soft", ipc] - plain[ipc] for ipc in at}
    return by_labels, {ipc: max(found[source, "hard", ipc] for source in MADE) - plain[ipc] for ipc in at}


def source_figure(rows, name, pictures=None):
    """Images above, where there are any; curves below."""
    fig = plt.figure(figsize=(9, 6.7 if pictures else 4.3))
    above, below = fig.subfigures(2, 1, height_ratios=(1, 1.85)) if pictures else (None, fig)
    if pictures:
        grid = above.subplots(len(SOURCES), len(pictures["real"]))
        for digit, ax in enumerate(grid[0]):
            ax.set_title(f"{digit}", loc="center", fontsize=10)
        for axes, (source, (title, colour)) in zip(grid, SOURCES.items(), strict=True):
            picture = pictures[source]
            for ax, image in zip(axes, picture, strict=True):
                ax.imshow(image, cmap="Greys", vmin=picture.min(), vmax=picture.max())
                ax.set(xticks=[], yticks=[])
                ax.spines[:].set(visible=True, color="0.8")
            axes[0].set_ylabel(
                title.replace(" ", "\n", 1), color=colour, rotation=0, ha="right", va="center", fontsize=10
            )
    left, right = below.subplots(1, 2)
    found = draw_sources(left, rows)
    draw_printed(right)
    handles = [Line2D([], [], color=colour, label=title) for title, colour in SOURCES.values()]
    lines = {"soft labels": "-", "hard labels": "--", "fixed soft labels (B)": "-."}
    handles += [Line2D([], [], color="0.4", linestyle=line, label=label) for label, line in lines.items()]
    below.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=10)
    at = ipcs(rows)
    labels_add, images_add = added(found, at)
    few, many = min(at), max(at)
    first = next((ipc for ipc in at if all(labels_add[n] > images_add[n] for n in at if n >= ipc)), None)
    says = (
        f"From {first} images a class on, better labels help" if first else "At these sizes better labels do not help"
    )
    said = "; ".join(
        f"IPC {ipc}: "
        + ", ".join(f"{SOURCES[s][0]} {found[s, 'hard', ipc]:.1f} and {found[s, 'soft', ipc]:.1f}" for s in SOURCES)
        for ipc in at
    )
    plots.show(
        fig,
        name=name,
        caption=f"**{says} more than better images.** "
        + ("Above: one image a class, as the students get it. " if pictures else "")
        + f"A: to random images with hard labels, soft labels add {plots.number(labels_add[few])} points at IPC {few} and {plots.number(labels_add[many])} at IPC {many}; the better of the two made kinds of images adds {plots.number(images_add[few])} and {plots.number(images_add[many])}. "
        f"With soft labels on both, the better kind differs from random images by {plots.signed(max(found[s, 'soft', many] for s in MADE) - found['real', 'soft', many])} points at IPC {many}. Bands: 95 % t intervals over {rows.draw.nunique()} draws of images. "
        "B: the paper's, from its table 1 and read off its figure 1 to about 0.3; RaT-BPTT, FRePo and MTT at 64×64 pixels, the others ResNet18 at 224.",
        alt=f"Accuracy in percent with hard and with soft labels, ours. {said}. Beside it the paper's curves for ImageNet-1K: "
        f"random images with soft labels from {published.find('table 1, soft labels of ResNet18').mean[0]} to {published.find('table 1, soft labels of ResNet18').mean[-1]}, SRe2L's images with hard labels at most {max(published.find('figure 1, SRe2L, hard labels').mean)}.",
        rows=[rows],
    )
    return found


found = source_figure(sources, "images-and-labels", shown_images())
if sources_paper is not None:
    source_figure(sources_paper, "images-and-labels-paper")
plots.missing(
    "label_worth/synthetic_images", "" if sources_paper is not None else "so figure 1 stands here with digits only"
)

# %% tags=["hide-input"]
lost = {
    kind: published.find(PRINTED["SRe2L"][place]).value(50) for place, kind in ((1, "own"), (2, "hard"), (3, "fixed"))
}
plots.answer(
    f"The left half of the paper's figure shows seven classes of Tiny ImageNet, as random images and as three methods' synthetic ones. Its right half is panel B. SRe2L's images reach {lost['own']} % at IPC 50 with the labels that come with them, {lost['hard']} % with hard labels, and {lost['fixed']} % with fixed soft labels of a well-chosen teacher epoch (dash-dotted), where random images with such labels reach {published.find(PRINTED['random images'][1]).value(50)} %. What the method gains is in its labels."
)

# %% [markdown]
# Two things are ours alone. On digits, images that match class means are good images by themselves, as an average digit is: at one image a class they add more than soft labels do. And our inversion has no batch statistics to match, since a network with instance norm keeps none, so it is a weaker SRe2L.
#
# ## Table 1: fixed labels, and labels of every view
#
# A fixed soft label is stored once an image. SRe2L stores many: each epoch it shows the teacher newly cropped and mixed images (**CutMix**: a box of another image is put into each) and keeps what it says about every one of them. The paper gives random images such labels too, from the same fully trained ResNet-18. In its table, with one standard deviation over students (in the second line of the head: the student, a ResNet-18 where it names images):

# %% tags=["hide-input"]
BYTES = ("B", "kB", "MB", "GB")


def size(count):
    """Bytes in words: `60 kB`."""
    power = min(int(np.log10(max(count, 1)) // 3), len(BYTES) - 1)
    return f"{count / 1000**power:.3g}\u00a0{BYTES[power]}"


def table(lines, corner):
    """Show {row: {column: text}} as a table, small, which scrolls by itself where a page is narrow."""
    frame = pd.DataFrame.from_dict(lines, orient="index").fillna("–").astype(str)
    frame = frame.map(lambda text: text.replace(" [", "<br>[").replace(", ", ",&nbsp;"))  # where lines may break
    frame.columns.names = [*[""] * (frame.columns.nlevels - 1), corner]
    markup = frame.to_html(classes="table", border=0, escape=False)
    for tag in ("<td", "<th"):
        markup = markup.replace(f"{tag} ", f'{tag} style="padding:.35em .5em" ').replace(
            f"{tag}>", f'{tag} style="padding:.35em .5em">'
        )
    plots.raw(f'<div style="overflow-x:auto;font-size:.82em">{markup}</div>')


def printed(name, ipc):
    """A printed mean with its standard deviation; – where nothing was printed."""
    series = published.find(name)
    if ipc not in series.at:
        return "–"
    return f"{series.value(ipc)} ({series.sd[series.at.index(ipc)]})" if series.sd else f"{series.value(ipc)}"


TABLE_1 = {  # labels, student: what was printed
    ("hard", "ResNet-18"): "table 1, hard labels",
    ("fixed soft, of ResNet-18", "ResNet-18"): "table 1, soft labels of ResNet18",
    ("fixed soft, of ResNet-18", "ResNet-50"): "table 1, soft labels of ResNet18, student ResNet50",
    ("fixed soft, of ResNet-50", "ResNet-18"): "table 1, soft labels of ResNet50",
    ("fixed soft, of ResNet-50", "ResNet-50"): "table 1, soft labels of ResNet50, student ResNet50",
    ("CutMix, of ResNet-18", "random images"): "table 1, CutMix labels",
    ("CutMix, of ResNet-18", "SRe2L's images"): "table 1, SRe2L",
}
grid = {(s.labels, s.ipc): s for s in find("label_worth/label_kinds").grid("paper")}
stores = {key: size(stored_bytes(s, 1000 * s.ipc, 1000)) for key, s in grid.items()}
lines = {
    ipc: {("labels take", kind): stores[kind, ipc] for kind in ("hard", "soft", "cutmix")}
    | {column: printed(name, ipc) for column, name in TABLE_1.items()}
    for ipc in published.find("table 1, hard labels").at
}
lines["all"] = {column: published.find(name).full for column, name in TABLE_1.items()}
table(lines, "IPC")

# %% tags=["hide-input"]
many = published.find("table 1, CutMix labels").at[-1]
trade = exchange("table 1, soft labels of ResNet18", "table 1, hard labels", [10])["IPC 10"][0]
plots.answer(
    f"*What labels take is our count: 2 bytes name a class, a soft label is 1,000 numbers of 4 bytes, and CutMix keeps one an image and epoch, {grid['cutmix', many].epochs} epochs. In SRe2L's half precision they are half as large; [Xiao and He (2024)](https://arxiv.org/abs/2410.15919) report 113 GB at IPC {many}.* "
    f"A fixed soft label is worth images: between the table's rows, hard labels need {trade:.1f} times as many to match soft ones at IPC 10. And it is cheap: {stores['soft', 10]} for 10,000 labels."
)

# %% [markdown]
# **CutMix labels here and there.** SRe2L's student learns by the divergence between $\mathrm{softmax}(z/\tau)$ of its own logits and the teacher's at τ = 20, without the usual factor τ², and there is *one* box a batch, in the same place of every image. Ours draws a box for each image and learns at τ = 1.
#
# Ours, on digits, with storage counted in the same way; bracketed are 95 % t intervals over draws of images:

# %%
kinds = live("label_worth/label_kinds", scale, device)
kinds_paper = stored("label_worth/label_kinds")


# %% tags=["hide-input"]
def kinds_of(rows):
    """The kinds of labels that rows hold: name -> points of `chosen`."""
    found = {"hard": {"labels": "hard"}}
    for teacher_, student in sorted(set(zip(rows.teacher_network, rows.network, strict=True))):
        who = {"teacher_network": teacher_, "network": student} if rows.network.nunique() > 1 else {}
        found["fixed soft" + (f", {teacher_} to {student}" if who else "")] = {"labels": "soft"} | who
    for epoch in sorted(rows[rows.labels == "cutmix"].teacher_epoch.unique(), reverse=True):
        found[f"CutMix, teacher's epoch {epoch}"] = {"labels": "cutmix", "teacher_epoch": int(epoch)}
    return found


def kinds_table(rows):
    """Accuracy, and what labels take, by IPC and kind of label."""
    of_set = sizes(rows.data.iloc[0])
    pixels = of_set.channels * of_set.height * of_set.breadth
    lines = {}
    for ipc in ipcs(rows):
        lines[ipc] = {("images take", "8-bit pixels"): size(ipc * of_set.classes * pixels)}
        for kind in ("hard", "soft", "cutmix"):
            lines[ipc]["labels take", kind] = size(chosen(rows, kind, ipc=ipc).label_bytes.mean())
        for kind, points in kinds_of(rows).items():
            lines[ipc]["accuracy, %", kind] = measured(rows, ipc=ipc, **points)
    table(lines, "IPC")


kinds_table(kinds)
if kinds_paper is not None:
    kinds_table(kinds_paper)
plots.missing(
    "label_worth/label_kinds", "" if kinds_paper is not None else "so table 1 has no numbers of ours at its own size"
)

# %% [markdown]
# ### Why the order turns at one image a class
#
# In the paper CutMix labels fall behind fixed ones at IPC 1; on digits they are far ahead. One explanation: at IPC 1 the paper's student of CutMix labels takes one step an epoch, 300 in all, by AdamW at a learning rate of 0.001, and sees other pictures and labels at each. That may be too few small steps to use what it is told. If so, digits should turn the paper's way round under *its* training, cut short, and back again when it goes on. Here is that training: AdamW at 0.001 along a cosine, SRe2L's loss, one image a class, eight draws of images.


# %%
def after(kind, epochs, tau=1.0, optimiser=torch.optim.AdamW, times=1.0, **how):
    """Test accuracy in percent (8,) after short training on one image a class; one student a draw of images."""
    own = [torch_stream("short training", r) for r in range(8)]
    params = {name: tensor.requires_grad_() for name, tensor in start(shape, own).items()}
    steps = optimiser(params.values(), **{"lr": 1e-3, "weight_decay": 0.01} | how)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(steps, epochs)
    weights = teacher[16 if kind == "soft" else 40]
    asked = {name: tensor.expand(8, *tensor.shape[1:]) for name, tensor in weights.items()}
    for _ in range(epochs):
        seen = augment_each(ones, "cutmix digits", own) if kind == "CutMix" else ones  # (8, 10, 1, 8, 8)
        with torch.no_grad():
            told = soften(logits(asked, seen), tau)  # (8, 10, 10)
        divergence = -(told * (logits(params, seen) / tau).log_softmax(-1)).sum(-1).mean(1)  # up to a constant
        steps.zero_grad()
        (times * divergence.sum()).backward()
        steps.step()
        cosine.step()
    with torch.no_grad():
        right = logits(params, data.test.images).argmax(-1) == data.test.classes
    return 100 * right.double().mean(1).numpy()


ones = torch.stack([x[data.ipc_rows(1, draw)] for draw in range(42, 50)])
lengths = [length // shorten for length in (40, 80, 160, 320)]
LINES = {
    "fixed soft labels": ("soft", 1.0),
    "CutMix, τ = 20 (SRe2L's loss)": ("CutMix", 20.0),
    "CutMix, τ = 1": ("CutMix", 1.0),
}
short = {name: pd.DataFrame({E: after(kind, E, tau) for E in lengths}) for name, (kind, tau) in LINES.items()}
sgd = {"optimiser": torch.optim.SGD, "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4}
with_sgd = {times: after("CutMix", lengths[2], 20.0, times=times, **sgd).mean() for times in (1, 400)}

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(7.4, 4))
styles = (plots.ROLE["fresh"], "-", "o"), ("#b2182b", "-", "s"), ("#e69f00", "-", "D")
for (name, values), (colour, line, marker) in zip(short.items(), styles, strict=True):
    plots.with_interval(ax, lengths, values, color=colour, linestyle=line, marker=marker, markersize=5, label=name)
ax.axhline(10, color="0.3", linewidth=1, linestyle=":")
ax.set(xscale="log", xlabel="steps of training (an epoch is one step)", ylabel="student's accuracy, %", ylim=(0, None))
ax.set_xticks(lengths, [str(E) for E in lengths])
ax.minorticks_off()
ax.legend(loc="upper left")
means = {name: values.mean() for name, values in short.items()}
fixed, mixed, plain = short.values()
leads = {E: t_interval(mixed[E] - fixed[E]) for E in lengths}  # paired by draw
(_, _, briefly), (_, on, _) = leads[lengths[0]], leads[lengths[-1]]
turns = (
    "Trained briefly, labels of every view are worse; trained on, they are better"
    if briefly < 0 < on
    else "The order does not turn clearly"
)
led = "; ".join(f"{plots.interval(leads[E], write=plots.signed)} after {E}" for E in lengths)
said = "; ".join(
    f"{name}: " + ", ".join(f"{value:.1f} after {E}" for E, value in values.items()) for name, values in means.items()
)
plots.show(
    fig,
    name="cutmix-takes-time",
    caption=f"**{turns}.** One image a class, trained as SRe2L's students are. CutMix labels with SRe2L's loss minus fixed labels, in points, paired by draw: {led} steps. Means of eight draws of images with 95 % t intervals; dotted: a guess. Computed on this page; no rows are stored.",
    alt=f"Accuracy in percent against steps of training. {said}.",
)

# %% tags=["hide-input"]
plots.answer(
    (
        f"So the reversal at IPC 1 can be had on digits, by short training with SRe2L's loss: labels of every view pay when there is time to use them. At τ = 1 the difference after {lengths[0]} steps is {plots.interval(t_interval(plain[lengths[0]] - fixed[lengths[0]]), write=plots.signed)} points. With the longer training of the table above, claim L06 is *{claims.word('L06', 'quick', [kinds])}*. "
        if briefly < 0 < on
        else "So the length of training does not turn the order here. "
    )
    + f"Whether that is all of it at ImageNet's size we cannot say: there the fixed labels' own student is trained for a number of epochs that no source tells. The missing τ² is another trap. AdamW divides it out again; plain SGD (learning rate 0.1) does not, and ends at {with_sgd[1]:.1f} % after {lengths[2]} steps without it and at {with_sgd[400]:.1f} % with it."
)

# %% [markdown]
# ## Table 2: small data sets
#
# The paper's table quotes each method's own report; only the column of random images with soft labels is its own measurement. An independent reproduction measured that column again for CIFAR-100. Ours fills it where rows are stored.

# %%
rows = live("label_worth/teacher_epochs", scale, device)
largest = stored("label_worth/teacher_epochs")
lengths_of = live("label_worth/student_epochs", scale, device)
lengths_reduced = stored("label_worth/student_epochs", scale="reduced")
lengths_paper = stored("label_worth/student_epochs", scale="paper")

# %% tags=["hide-input"]
OURS = pool([known for known in (rows, largest, lengths_paper) if known is not None])


def cells():
    """Our measured cells: (data, IPC, student's epochs, rows)."""
    for name in OURS.data.unique():
        for (ipc, epochs), cell in OURS[OURS.data == name].groupby(["ipc", "epochs"]):
            if (cell.labels == "soft").any():
                yield name, int(ipc), int(epochs), cell


def ours(name, ipc):
    """Our soft-label accuracy at the published sizes, by the student's epochs where there are several."""
    found = {E: measured(cell, "soft") for d, n, E, cell in cells() if (d, n) == (name, ipc)}
    return "<br>".join(f"{text}, E = {E}" for E, text in found.items()) or "not run"


METHODS = {"RaT-BPTT": "Ra-BPTT", "MTT": "MTT", "DM": "DM"}  # ours and the paper's name
again, lines = published.find("reproduction, soft labels"), {}
for data_set in ("tiny-imagenet", "cifar100", "cifar10"):
    title, c = plots.set_name(data_set), sizes(data_set).classes
    soft = published.find(f"table 2, {title}, soft labels")
    twice = data_set == again.data
    for ipc in soft.at:
        lines[title, ipc] = {
            ("labels take", "hard"): size(INDEX * c * ipc),
            ("labels take", "soft"): size(ENTRY * c * c * ipc),
            **{("paper", head): printed(f"table 2, {title}, {name}", ipc) for head, name in METHODS.items()},
            ("random images, soft labels", "paper"): printed(soft.name, ipc),
            ("random images, soft labels", "reproduction"): printed(again.name, ipc) if twice else "–",
            ("random images, soft labels", "ours"): ours(data_set, ipc),
        }
    whole = {"paper": soft.full, "reproduction": again.full if twice else "–"}
    lines[title, "all"] = {("random images, soft labels", by): value for by, value in whole.items()}
table(lines, "IPC")

# %% tags=["hide-input"]
lead = {
    title: best_difference(
        [f"table 2, {title}, {name}" for name in METHODS.values()], f"table 2, {title}, soft labels", [1, 10, 50]
    )
    for title in ("Tiny ImageNet", "CIFAR-100", "CIFAR-10")
}
plots.answer(
    "The best method minus random images with soft labels, in points at IPC 1, 10 and 50: "
    + "; ".join(
        f"{title} " + ", ".join(plots.signed(points) for points, _ in by_ipc.values()) for title, by_ipc in lead.items()
    )
    + ". The best distilled images win at one image a class everywhere, and their lead shrinks with each image; it turns on Tiny ImageNet, with the most classes, and does not on the two smaller sets in the table's reach. The methods' labels are their own, some of them learned and soft."
)

# %% [markdown]
# What we measured, whatever its size. Accuracies are of the last epoch, on images that chose nothing. The paper's are the best of several evaluations on all test images ([what that changes](../record/reference_code)), which has a column of its own. The teacher's epoch was chosen on one half of the students and is reported on the other (a single one, marked *once*, has done both); the teacher's accuracy is in brackets.

# %% tags=["hide-input"]
lines = {}
for name, ipc, E, cell in cells():
    reporting, gain, hard = chosen(cell, "soft"), "–", "–"
    if (cell.labels == "hard").any():
        hard = measured(cell, "hard")
        gain = (accuracy(cell, "soft") - accuracy(cell, "hard")).dropna()
        gain = plots.interval(t_interval(gain), write=plots.signed)
    epochs = " or ".join(map(str, sorted(reporting.teacher_epoch.unique())))
    lines[plots.set_name(name), f"IPC {ipc},<br>E = {E}".replace(" ", "\u00a0")] = {
        ("labels take", "hard"): size(INDEX * ipc * sizes(name).classes),
        ("labels take", "soft"): size(reporting.label_bytes.mean()),
        ("accuracy, %", "hard"): hard,
        ("accuracy, %", "soft"): measured(cell, "soft"),
        ("accuracy, %", "gain"): gain,
        ("best on test", "soft"): measured(cell, "soft", "accuracy_best_on_test"),
        ("teacher", "epoch"): f"{epochs} ({plots.number(100 * reporting.teacher_accuracy.mean())})",
    }
table(lines, "")


# %% tags=["hide-input", "thumbnail"]
def gap_figure(known, name):
    """Soft and hard labels of the same random images over IPC, and the teacher that saw all of them."""
    whole = known[known.data == known.data.iloc[0]]
    at = ipcs(whole)
    found = {labels: pd.DataFrame({ipc: accuracy(whole, labels, ipc=ipc) for ipc in at}) for labels in ("soft", "hard")}
    fig, ax = plt.subplots(figsize=(7.4, 4.2))
    last = whole.teacher_epoch.max()
    full = 100 * whole[whole.teacher_epoch == last].teacher_accuracy.mean()
    ax.axhline(full, color=plots.ROLE["teacher"], linestyle=":", label=f"teacher, {last} epochs")
    for labels, role, line in (("soft", "fresh", "-"), ("hard", "independent", "--")):
        for ipc in at:  # draws differ in number from one IPC to the next
            mean, low, high = t_interval(found[labels][ipc].dropna())
            ax.errorbar(ipc, mean, [[mean - low], [high - mean]], color=plots.ROLE[role], linewidth=1.3, capsize=3)
        means = found[labels].mean()
        ax.plot(at, means, color=plots.ROLE[role], linestyle=line, marker="o", label=f"{labels} labels")
    on_ipc_axis(ax, at, f"{plots.set_name(whole.data.iloc[0])}, {whole.network.iloc[0].partition(' ')[0]}")
    ax.set(ylabel="student's accuracy, %")
    fig.legend(loc="outside lower center", ncols=3)
    soft, hard = (found[labels].mean() for labels in ("soft", "hard"))
    said = "; ".join(f"IPC {ipc}: soft {soft[ipc]:.1f}, hard {hard[ipc]:.1f}" for ipc in at)
    enough = [ipc for ipc in at if soft[ipc] >= 0.9 * full]
    reach = (
        f"From IPC {enough[0]} on soft labels come within a tenth of it."
        if enough
        else "None comes within a tenth of it."
    )
    of_set, even = sizes(whole.data.iloc[0]), next((ipc for ipc in at if hard[ipc] >= soft[ipc]), None)
    if even:
        reach += f" Hard labels have caught up at IPC {even}, which is {100 * even * of_set.classes / of_set.train:.0f} % of all images."
    plots.show(
        fig,
        name=name,
        caption=f"**Soft labels multiply what the same random images teach by up to {max(soft / hard):.1f}, at IPC {(soft / hard).idxmax()}.** {said}; the teacher that saw all images {full:.1f}. {reach} Bars: 95 % t intervals over draws of images: {', '.join(map(str, found['soft'].count()))} of them.",
        alt=f"Accuracy in percent against images a class. {said}. Teacher on all images {full:.1f}.",
        rows=[known],
    )


gap_figure(rows, "soft-against-hard")
if largest is not None:
    gap_figure(largest, "soft-against-hard-stored")
plots.missing("label_worth/teacher_epochs")

# %% [markdown]
# ### How long a student is trained decides a cell
#
# The paper's first cell of Tiny ImageNet is one number, and no source ties it to one length of training: its commands train these students for 1000 epochs in one place and 3000 in others, and its table of settings is silent ([the conflicts](teacher_and_entropy)). Length does not treat both kinds of labels alike.


# %% tags=["hide-input"]
SAID = {"epochs": ("student's epochs E", "E = {:g}"), "lr": ("student's learning rate", "rate {:g}")}


def length_figure(known, name):
    """Accuracy against the student's epochs or its learning rate, whichever was varied more; a panel an IPC.

    Dots are draws of images or, where there is one draw, its students.
    """
    over, by = ("epochs", "lr") if known.epochs.nunique() >= known.lr.nunique() else ("lr", "epochs")
    known = known[known.groupby("ipc")[over].transform("nunique") > 1]
    at, (label, _), (_, of_line) = ipcs(known), SAID[over], SAID[by]
    dot, dots = ("draw", "draws of images") if known.draw.nunique() > 1 else ("seed", "students of one draw of images")
    fig, axes = plt.subplots(1, len(at), figsize=(4.3 + 2.6 * len(at), 4), sharey=False, squeeze=False)
    lines = sorted(known[by].unique())
    markers = dict(zip(lines, "osD^v"[: len(lines)], strict=True))
    said = []
    for ax, ipc in zip(axes[0], at, strict=True):
        part = known[known.ipc == ipc]
        if part.data.iloc[0] == "tiny-imagenet":  # the published size
            cell = published.find("table 2, Tiny ImageNet, soft labels")
            mean, sd = cell.value(ipc), cell.sd[cell.at.index(ipc)]
            ax.axhspan(mean - sd, mean + sd, color="0.85", zorder=0, label="the paper's, ± its sd")
        for (labels, of), line in part.groupby(["labels", by]):
            values = {x: by_unit(some, "accuracy_last", dot) for x, some in line.groupby(over)}
            means = {x: value.mean() for x, value in values.items()}
            role, style = ("fresh", "-") if labels == "soft" else ("independent", "--")
            ax.plot(list(means), list(means.values()), color=plots.ROLE[role], linestyle=style, marker=markers[of])
            for x, value in values.items():
                ax.scatter([x] * len(value), value, s=8, color=plots.ROLE[role], alpha=0.5)
            points = ", ".join(f"{v:.1f} at {SAID[over][1].format(x)}" for x, v in means.items())
            said.append(f"IPC {ipc}, {labels}, {of_line.format(of)}: {points}")
        ticks = sorted(part[over].unique())
        ax.set(xscale="log", xlabel=label, ylim=(0, None))
        ax.set_title(f"{plots.set_name(part.data.iloc[0])}, IPC {ipc}")
        ax.set_xticks(ticks, [f"{x:g}" for x in ticks])
        ax.minorticks_off()
    axes[0, 0].set_ylabel("student's accuracy, %")
    handles = [
        Line2D([], [], color=plots.ROLE["fresh"], label="soft labels"),
        Line2D([], [], color=plots.ROLE["independent"], linestyle="--", label="hard labels"),
        *(
            Line2D([], [], color="0.4", marker=markers[of], linestyle="none", label=of_line.format(of))
            for of in lines
            if len(lines) > 1
        ),
        *axes[0, 0].get_legend_handles_labels()[0],
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=min(6, len(handles)), fontsize=10)
    few = known[known.ipc == at[0]]
    moved = {labels: 100 * longer(few[few.labels == labels]) for labels in ("soft", "hard")}
    moved = [
        f"{labels} labels by {plots.signed(points)} points" for labels, points in moved.items() if points == points
    ]
    gaps = {E: plots.signed(100 * gap_at(part)) for E, part in few.groupby("epochs") if part.labels.nunique() > 1}
    plots.show(
        fig,
        name=name,
        caption=f"**Longer training moves {' and '.join(moved) or 'nothing that was tried'} at IPC {at[0]}** (from fewest to most epochs, mean over the learning rates that have all). Soft minus hard there, each at its best rate: "
        + ", ".join(f"{points} points after {E} epochs" for E, points in gaps.items())
        + f". Dots are {dots}.",
        alt=f"Accuracy in percent. {'; '.join(said)}.",
        rows=[known],
    )


def longer(part):
    """What most epochs give beyond fewest, on average over the learning rates that were tried with every number."""
    by_rate = part.pivot_table(index="lr", columns="epochs", values="accuracy_last").dropna()
    return (by_rate.iloc[:, -1] - by_rate.iloc[:, 0]).mean() if by_rate.shape[1] > 1 else float("nan")


def gap_at(part):
    """Soft minus hard, each at the learning rate that is best for it on average."""
    best = part.groupby(["labels", "lr"]).accuracy_last.mean().groupby("labels").max()
    return best["soft"] - best["hard"]


def at_their_own_size(known):
    """The paper's cells and ours in words, a line an IPC."""
    data, name, said = known.data.iloc[0], "table 2, Tiny ImageNet, soft labels", []
    for ipc, cell in known[known.labels == "soft"].groupby("ipc"):
        table_7, its = chosen_in_table_7(data, ipc), published.find(name).value(ipc)
        by_length = list(cell.groupby("epochs"))
        means = [100 * part.accuracy_last.mean() for _, part in by_length]
        place = "lies between" if min(means) < its < max(means) else "is above" if its >= max(means) else "is below"
        ours = ", ".join(f"{measured(part, 'soft')} after E = {E}" for E, part in by_length)
        best = ", ".join(measured(part, "soft", "accuracy_best_on_test") for _, part in by_length)
        said.append(
            f"- IPC {ipc}: our teacher is right on {100 * cell.teacher_accuracy.mean():.1f} % of the test images after {table_7.teacher_epoch} epochs, the paper's on {table_7.teacher_accuracy} (table 7). "
            f"Students of its labels reach {ours} (best: {best}). The printed {printed(name, ipc)} {place}."
        )
    first = "**Table 2 on Tiny ImageNet at its own size**, on the published draw of images. After a number, its standard deviation over students; *best*: of several evaluations on the test images, as the official code reports it.\n\n"
    return first + "\n".join(said)


length_figure(lengths_of, "student-epochs")
if lengths_reduced is not None:
    length_figure(lengths_reduced, "student-epochs-reduced")
if lengths_paper is not None:
    length_figure(lengths_paper, "student-epochs-paper")
    plots.answer(at_their_own_size(lengths_paper))
plots.missing("label_worth/student_epochs", "" if lengths_paper is not None else "so the cell itself is open")

# %% [markdown]
# ## Table 4: one and two images a class of all ImageNet
#
# The paper also compares with methods that reach all 1,000 classes only at 64×64 pixels. Theirs can be read off its figure 1; what random images with soft labels reach there is only in the paper's table 4.

# %%
lowest = live("label_worth/low_ipc", scale, device)
lowest_paper = stored("label_worth/low_ipc")

# %% tags=["hide-input"]
lines = {}
for name, (_, soft, hard, _) in PRINTED.items():
    if published.find(soft).data == "imagenet64":
        lines[f"{name}, ImageNet-1K (read off, ±{published.find(soft).read_off})"] = {
            (f"IPC {ipc}", kind): printed(series, ipc)
            for ipc in (1, 2)
            for kind, series in (("hard", hard), ("soft", soft))
        }
for known in (lowest_paper, lowest):
    if known is not None:
        lines[f"random images, {plots.set_name(known.data.iloc[0])} (ours)"] = {
            (f"IPC {ipc}", kind): measured(known, kind, ipc=ipc) for ipc in ipcs(known) for kind in ("hard", "soft")
        }
table(lines, "")
plots.missing("label_worth/low_ipc", "" if lowest_paper is not None else "so table 4 is not run at its own size")

# %% [markdown]
# ## Where we depart, and why
#
# - **Data.** Live, 8×8 digits with noise and a ConvNet of two blocks, 16 channels; stored, Tiny ImageNet, as the tables say. ImageNet-1K itself is licensed; its cells wait for someone's GPU.
# - **Which accuracy.** The last, on images that chose nothing. The official code reports the best evaluation on the test set; a column says what that would be.
# - **Intervals** are 95 % t intervals over draws of images. The paper's brackets are standard deviations over students of one draw.
# - **Which images.** Draw 42 is what the official code draws since October 2024; the images in the paper's figure 1 are an earlier draw, which we could not recover ([what the code does](../record/reference_code)).
# - **Synthetic images.** Inversion and distribution matching are our own short versions on digits: no batch statistics, no augmentation. The released sets of the other methods are not used; their curves are the paper's. With hard and with fixed labels SRe2L's images are one frozen random crop each there.
# - **CutMix labels** are made while the student trains, as many as it has epochs, with one box an image, at τ = 1; students of all kinds have the same epochs. SRe2L's loss is used in the short test alone.
# - **Epochs.** E is 60 to 150 on digits; where it is not known, as at most IPC of tables 1 and 2, our grids at paper scale take that of the nearest published command.
#
# ## Verdicts

# %% tags=["hide-input"]
everything = [rows, sources, kinds, lowest, lengths_of, *claims.committed("label_worth/soft_labels_are_crucial")]
claims.table("label_worth/soft_labels_are_crucial", everything)

# %% tags=["hide-input"]
main = rows if largest is None else largest
main = main[main.data == main.data.iloc[0]]
some = 10 if 10 in ipcs(main) else ipcs(main)[-1]
soft, hard = (accuracy(main, labels, ipc=some) for labels in ("soft", "hard"))
full = 100 * main[main.teacher_epoch == main.teacher_epoch.max()].teacher_accuracy.mean()
at = ipcs(sources)
of_labels, of_images = added(found, at)
plots.answer(
    "## Answer\n\n"
    f"On {plots.set_name(main.data.iloc[0])} the same {some} random images a class teach {hard.mean():.1f} % with hard labels and {soft.mean():.1f} % with soft ones, where all images teach the teacher {full:.1f} %. "
    f"Images matter while there are very few of them: on digits the better of our made images add {plots.number(of_images[at[0]])} points at IPC {at[0]} and {plots.number(of_images[at[-1]])} at IPC {at[-1]}, soft labels alone {plots.number(of_labels[at[0]])} and {plots.number(of_labels[at[-1]])}."
)

# %% [markdown]
# # Soft labels are crucial
#
# **Question.** Dataset distillation makes a few images a class that are meant to replace a whole training set. How much of what they achieve comes from the images, and how much from the labels that go with them?
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
import pandas as pd
import torch

from softlabels import claims, plots, published
from softlabels.claims.readings import soft_labels_are_crucial as read
from softlabels.claims.readings import structure
from softlabels.claims.readings.images import level
from softlabels.claims.readings.points import curve, pool
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
from softlabels.studies.images.costs import sizes
from softlabels.studies.images.task import ENTRY, INDEX, image_task, stored_bytes
from softlabels.studies.sensitivity import IMAGE_DRAWS
from softlabels.studies.soft_labels_are_crucial import LABEL_KINDS, LOW_IPC, STUDENT_EPOCHS, SYNTHETIC_IMAGES
from softlabels.studies.structure import SHUFFLED_AND_RANDOM
from softlabels.studies.teacher_and_entropy import TEACHER_EPOCHS
from softlabels.sweep import choose_device, live
from softlabels.training.augmentation import augment_each
from softlabels.training.images import Recipe, train_stack

plots.use_house_style()
shorten = 20 if scale == "smoke" else 1  # the smoke scale only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# A teacher learns 1,000 noisy handwritten digits ([the data](../record/data_and_teachers)) and is stopped early. Five students, which differ only in their initialisation, get a few random images a class, once with hard labels and once with the teacher's soft labels of these images.

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
    for kind, labels in (("hard", harden(y[few], 10)), ("soft", soft)):
        trained = train_stack(start(shape, streams), x[few], labels.repeat(5, 1, 1), recipe, streams)
        right = (logits(trained, data.test.images).argmax(-1) == data.test.classes).float().mean(1)
        print(f"{ipc:2} a class, {kind} labels: {right.mean():.0%} of the test images right, ±{right.std():.0%}")

# %% [markdown]
# Same images, same students; only the labels changed. What would better *images* have done?
#
# ## Figure 1: images and labels, apart
#
# There are three sources of images: random real ones; images of our own **inverted teacher** (noise, optimised until the fully trained teacher is sure of its class), which stand for SRe2L's; and **distribution matching**, as an aside, since it is made for hard labels and has no soft ones to lose. Each is tried with hard labels and with fixed soft labels of the best of several teacher epochs.

# %%
sources = live(SYNTHETIC_IMAGES, scale, device)
sources_paper = stored(SYNTHETIC_IMAGES)

# %% tags=["hide-input"]
SOURCES = {  # our images: name, colour
    "real": ("random real images", "#1b1b1b"),
    "inversion": ("inverted teacher", "#cc79a7"),
    "distribution matching": ("distribution matching", "#56b4e9"),
}
PRINTED = {  # the paper's curves: colour; soft, hard, and fixed soft labels
    "random images": ("#1b1b1b", "table 1, soft labels of ResNet18", "table 1, hard labels", None),
    "SRe2L": ("#cc79a7", "table 1, SRe2L", "figure 1, SRe2L, hard labels", "figure 1, SRe2L, fixed soft labels"),
    "MTT (TESLA)": ("#e69f00", "figure 1, MTT (TESLA)", "figure 1, MTT (TESLA), hard labels", None),
    "RaT-BPTT": ("#b2182b", "figure 1, Ra-BPTT", "figure 1, Ra-BPTT, hard labels", None),
    "FRePo": ("#a6761d", "figure 1, FRePo", "figure 1, FRePo, hard labels", None),
}

# one image a class of each source, as the first student of the published draw gets it: (c, h, w) each
grid = [s for s in SYNTHETIC_IMAGES.grid(scale) if s.ipc == 1 and s.labels == "hard"]
first_of = {s.images: s for s in reversed(grid)}
task = image_task(first_of["real"].data, choose_device(device), cache_folder())
one_each = torch.arange(len(task.data.names))
pictures = {source: task.training_set(s).batches_of(one_each).cpu()[:, 0] for source, s in first_of.items()}

# %%
for rows in (rows for rows in (sources, sources_paper) if rows is not None):
    ipcs, here = sorted(rows.ipc.unique()), rows is sources
    fig = plt.figure(figsize=(9, 6.7 if here else 4.3))
    above, below = fig.subfigures(2, 1, height_ratios=(1, 1.85)) if here else (None, fig)
    for axes, source in zip(above.subplots(len(SOURCES), len(one_each)) if here else (), SOURCES, strict=False):
        for digit, (ax, image) in enumerate(zip(axes, pictures[source], strict=True)):
            ax.imshow(image, cmap="Greys", vmin=pictures[source].min(), vmax=pictures[source].max())
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=True, color="0.8")
            ax.set_title(f"{digit}" if source == "real" else "", loc="center", fontsize=10)
        name, colour = SOURCES[source]
        place = {"rotation": 0, "ha": "right", "va": "center", "fontsize": 10}
        axes[0].set_ylabel(name.replace(" ", "\n", 1), color=colour, **place)

    left, right = below.subplots(1, 2)
    means = {}
    for source, (_, colour) in SOURCES.items():
        for labels, line in (("soft", "-"), ("hard", "--")):
            values = curve(rows, "ipc", read.accuracy, labels=labels, images=source)  # draws × IPC
            style = {"color": colour, "linestyle": line, "marker": "o", "markersize": 4}
            plots.with_interval(left, values.columns, values, **style)
            means[source, labels] = values.mean()
    for name, (colour, *series) in PRINTED.items():
        right.plot([], [], color=colour, label=name)
        for printed, line in zip(series, ("-", "--", "-."), strict=True):
            if printed:
                printed = published.find(printed)
                style = {"color": colour, "linestyle": line, "marker": "o", "markersize": 3.5, "linewidth": 1.5}
                right.plot(printed.at, printed.mean, **style)
    plots.log_axis(left, ipcs)
    plots.log_axis(right, [1, 2, 10, 50, 200])
    left.set(ylim=(0, None), ylabel="student's accuracy, %", title=f"A  ours: {rows.data.iloc[0]}")
    right.set(ylim=(0, None), title="B  paper: ImageNet-1K")
    right.legend(fontsize=9, loc="upper left")
    lines = {name: {"color": colour} for name, colour in SOURCES.values()}
    lines |= {"soft labels": {}, "hard labels": {"linestyle": "--"}, "fixed soft labels (B)": {"linestyle": "-."}}
    plots.legend_below(below, lines)

    labels_add, images_add = read.added_by_labels(rows), read.added_by_images(rows, "hard")
    with_soft = read.added_by_images(rows, "soft")
    few, many = min(ipcs), max(ipcs)
    lead = {n: t_interval(points.dropna()) for n, points in read.labels_over_images(rows).items()}
    sure = [n for n in ipcs if lead[n][1] > 0]
    if sure and sure == ipcs[ipcs.index(sure[0]) :]:
        headline = f"From {plots.count(sure[0], 'image')} a class on, better labels help more than better images."
    elif sure:
        headline = f"Better labels help more than better images at IPC {plots.listed(sure)}, but not surely elsewhere."
    else:
        headline = "At these sizes better labels do not surely help more than better images."
    said = "; ".join(
        f"IPC {n}: "
        + ", ".join(
            f"{name} {means[s, 'hard'][n]:.1f} and {means[s, 'soft'][n]:.1f}" for s, (name, _) in SOURCES.items()
        )
        for n in ipcs
    )
    random, sre2l = published.find(PRINTED["random images"][1]).mean, published.find(PRINTED["SRe2L"][2]).mean
    plots.show(
        fig,
        name="images-and-labels" if here else "images-and-labels-paper",
        caption=f"**{headline}** {'Above: one image a class, as the students get it. ' if here else ''}A: to random images with hard labels, soft labels add {plots.number(labels_add[few])} points at IPC {few} and {plots.number(labels_add[many])} at IPC {many}; the better of the two made kinds of images adds {plots.number(images_add[few])} and {plots.number(images_add[many])}. Labels minus images: {'; '.join(f'{plots.interval(bounds, write=plots.signed)} at IPC {n}' for n, bounds in lead.items())}. "
        f"With soft labels on both, the better kind differs from random images by {plots.signed(with_soft[many])} points at IPC {many}. Bands: 95 % t intervals over {rows.draw.nunique()} draws of images. "
        "B: the paper's, from its table 1 and read off its figure 1 to about 0.3; RaT-BPTT, FRePo and MTT at 64×64 pixels, the others ResNet18 at 224.",
        alt=f"Accuracy in percent with hard and with soft labels, ours. {said}. Beside it the paper's curves for ImageNet-1K: random images with soft labels from {random[0]} to {random[-1]}, SRe2L's images with hard labels at most {max(sre2l)}.",
        rows=[rows],
    )

# %% tags=["hide-input"]
plots.missing(SYNTHETIC_IMAGES, "" if sources_paper is not None else "so figure 1 stands here with digits only")
own, hard, fixed = (published.find(name).value(50) for name in PRINTED["SRe2L"][1:])
plots.answer(
    f"The left half of the paper's figure shows seven classes of Tiny ImageNet, as random images and as three methods' synthetic ones. Its right half is panel B. SRe2L's images reach {own} % at IPC 50 with the labels that come with them, {hard} % with hard labels, and {fixed} % with fixed soft labels of a well-chosen teacher epoch (dash-dotted). Random images with such labels reach {published.find(PRINTED['random images'][1]).value(50)} %. What the method gains is in its labels."
)
against_random = {  # images of the inverted teacher minus random ones, both with hard labels
    n: t_interval(points.dropna())
    for n, points in curve(
        sources, "ipc", read.gain, of={"images": "inversion"}, to={"images": "real"}, labels="hard"
    ).items()
}
said = ", ".join(f"{plots.interval(bounds, write=plots.signed)} at IPC {n}" for n, bounds in against_random.items())
better = [n for n, (_, low, _) in against_random.items() if low > 0]
plots.answer(
    f"**Without their soft labels** images of our inverted teacher stand against random ones with hard labels, in points: {said}. "
    + (
        f"So they beat random images at IPC {plots.listed(better)}, against claim L02."
        if better
        else "So at no number of images do they surely beat random ones."
    )
    + (
        " What the better made images add at one image a class is more than soft labels add."
        if 1 in lead and lead[1][2] < 0
        else ""
    )
)

# %% [markdown]
# Two things are particular to our figure. On digits, images that match class means are good images by themselves, as an average digit is. And our inversion has no batch statistics to match, since a network with instance norm keeps none, so it is a weaker SRe2L.
#
# ## Table 1: fixed labels, and labels of every view
#
# A fixed soft label is stored once an image. SRe2L stores many: each epoch it shows the teacher newly cropped and mixed images (**CutMix**: a box of another image is put into each) and stores the teacher's label of every one of them. The paper gives random images such labels too, from the same fully trained ResNet-18. This is its table, with one standard deviation over students. The second line of the head names the student, which is a ResNet-18 where the line names images.

# %% tags=["hide-input"]
TABLE_1 = {  # labels, student: what was printed
    ("hard", "ResNet-18"): "table 1, hard labels",
    ("fixed soft, of ResNet-18", "ResNet-18"): "table 1, soft labels of ResNet18",
    ("fixed soft, of ResNet-18", "ResNet-50"): "table 1, soft labels of ResNet18, student ResNet50",
    ("fixed soft, of ResNet-50", "ResNet-18"): "table 1, soft labels of ResNet50",
    ("fixed soft, of ResNet-50", "ResNet-50"): "table 1, soft labels of ResNet50, student ResNet50",
    ("CutMix, of ResNet-18", "random images"): "table 1, CutMix labels",
    ("CutMix, of ResNet-18", "SRe2L's images"): "table 1, SRe2L",
}
TABLE_1 = {column: published.find(name) for column, name in TABLE_1.items()}
grid = {(s.labels, s.ipc): s for s in LABEL_KINDS.grid("paper")}
stores = {key: plots.size(stored_bytes(s, 1000 * s.ipc, 1000)) for key, s in grid.items()}
lines = {
    ipc: {("labels take", kind): stores[kind, ipc] for kind in ("hard", "soft", "cutmix")}
    | {column: series.printed(ipc) for column, series in TABLE_1.items()}
    for ipc in published.find("table 1, hard labels").at
}
lines["all"] = {column: series.full for column, series in TABLE_1.items()}
plots.table(pd.DataFrame.from_dict(lines, orient="index"), compact=True, corner="IPC")
many = published.find("table 1, CutMix labels").at[-1]
trade = exchange("table 1, soft labels of ResNet18", "table 1, hard labels", [10])["IPC 10"][0]
plots.answer(
    f"*What labels take is our count: 2 bytes name a class, a soft label is 1,000 numbers of 4 bytes, and CutMix stores one an image and epoch, {grid['cutmix', many].epochs} epochs. In SRe2L's half precision they are half as large; [Xiao and He (2024)](https://arxiv.org/abs/2410.15919) report 113 GB at IPC {many}.* "
    f"A fixed soft label is worth images: between the table's rows, hard labels need {trade:.1f} times as many to match soft ones at IPC 10. And it is cheap: {stores['soft', 10]} for 10,000 labels."
)

# %% [markdown]
# **CutMix labels here and there.** SRe2L's student learns by the divergence between $\mathrm{softmax}(z/\tau)$ of its own logits and the teacher's at τ = 20, without the usual factor τ², and there is *one* box a batch, in the same place of every image. Ours draws a box for each image and learns at τ = 1.
#
# Ours, on digits, with storage counted in the same way; in brackets are 95 % t intervals over draws of images:

# %%
kinds = live(LABEL_KINDS, scale, device)
kinds_paper = stored(LABEL_KINDS, scale="paper")


# %% tags=["hide-input"]
def measured(rows, labels, metric="accuracy_last", **points):
    """A cell's accuracy; of a single draw `8.3 (0.2)`: mean and standard deviation over its students, as the paper's."""
    cell = read.reporting(rows, labels, **points)
    text = plots.interval(t_interval(read.accuracy(rows, labels, metric, **points)[""]))
    if cell.draw.nunique() > 1:
        return text
    return f"{text} ({100 * cell[metric].std(ddof=0):.1f})" if len(cell) > 1 else f"{text} (once)"


for rows in (rows for rows in (kinds, kinds_paper) if rows is not None):
    of_set, lines = sizes(rows.data.iloc[0]), {}
    pixels = of_set.channels * of_set.height * of_set.breadth
    for ipc in sorted(rows.ipc.unique()):
        line = {("images take", "8-bit pixels"): plots.size(ipc * of_set.classes * pixels)}
        for kind in ("hard", "soft", "cutmix"):
            line["labels take", kind] = plots.size(read.reporting(rows, kind, ipc=ipc).label_bytes.mean())
        for kind, points in read.label_kinds(rows).items():
            line["accuracy, %", kind] = measured(rows, ipc=ipc, **points)
        lines[int(ipc)] = line
    plots.table(pd.DataFrame.from_dict(lines, orient="index"), compact=True, corner="IPC")
plots.missing(LABEL_KINDS, "" if kinds_paper is not None else "so table 1 has no numbers of ours at its own size")

# %% [markdown]
# ### Why the order turns at one image a class
#
# In the paper CutMix labels are worse than fixed ones at IPC 1; on digits they are far better. One explanation is the number of steps. At IPC 1 the paper's student of CutMix labels takes one step an epoch, 300 in all, by AdamW at a learning rate of 0.001, and sees other pictures and labels at each. That may be too few small steps to use these labels. If so, digits should show the paper's order under *its* training, cut short, and ours again when it goes on. Here is that training: AdamW at 0.001 along a cosine, SRe2L's loss, one image a class, eight draws of images.


# %%
def short_training(kind, epochs, tau=1.0, optimiser=torch.optim.AdamW, times=1.0, **how):
    """Test accuracy in percent (8,) after short training on one image a class; one student a draw of images."""
    own = [torch_stream("short training", r) for r in range(8)]
    params = {name: tensor.requires_grad_() for name, tensor in start(shape, own).items()}
    steps = optimiser(params.values(), **{"lr": 1e-3, "weight_decay": 0.01} | how)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(steps, epochs)
    weights = teacher[16 if kind == "soft" else 40]
    teachers = {name: tensor.expand(8, *tensor.shape[1:]) for name, tensor in weights.items()}
    for _ in range(epochs):
        seen = augment_each(ones, "cutmix digits", own) if kind == "CutMix" else ones  # (8, 10, 1, 8, 8)
        with torch.no_grad():
            labels = soften(logits(teachers, seen), tau)  # (8, 10, 10)
        divergence = -(labels * (logits(params, seen) / tau).log_softmax(-1)).sum(-1).mean(1)  # up to a constant
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
short = {name: pd.DataFrame({E: short_training(kind, E, tau) for E in lengths}) for name, (kind, tau) in LINES.items()}
sgd = {"optimiser": torch.optim.SGD, "lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4}
with_sgd = {times: short_training("CutMix", lengths[2], 20.0, times=times, **sgd).mean() for times in (1, 400)}

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(7.4, 4))
styles = (plots.ROLE["fresh"], "-", "o"), ("#b2182b", "-", "s"), ("#e69f00", "-", "D")
for (name, values), (colour, line, marker) in zip(short.items(), styles, strict=True):
    plots.with_interval(ax, lengths, values, color=colour, linestyle=line, marker=marker, markersize=5, label=name)
ax.axhline(10, color="0.3", linewidth=1, linestyle=":")
plots.log_axis(ax, lengths, "steps of training (an epoch is one step)")
ax.set(ylabel="student's accuracy, %", ylim=(0, None))
ax.legend(loc="upper left")
fixed, mixed, plain = short.values()
leads = {E: t_interval(mixed[E] - fixed[E]) for E in lengths}  # paired by draw
turns = leads[lengths[0]][2] < 0 < leads[lengths[-1]][1]
headline = (
    "Trained briefly, labels of every view are worse; trained on, they are better"
    if turns
    else "The order does not turn clearly"
)
led = "; ".join(f"{plots.interval(lead, write=plots.signed)} after {E}" for E, lead in leads.items())
said = "; ".join(
    f"{name}: {', '.join(f'{value:.1f} after {E}' for E, value in values.mean().items())}"
    for name, values in short.items()
)
plots.show(
    fig,
    name="cutmix-takes-time",
    caption=f"**{headline}.** One image a class, trained as SRe2L's students are. CutMix labels with SRe2L's loss minus fixed labels, in points, paired by draw: {led} steps. Means of eight draws of images with 95 % t intervals; dotted: a guess. Computed on this page; no rows are stored.",
    alt=f"Accuracy in percent against steps of training. {said}.",
)

# %% tags=["hide-input"]
at_tau_1 = plots.interval(t_interval(plain[lengths[0]] - fixed[lengths[0]]), write=plots.signed)
plots.answer(
    (
        f"So short training with SRe2L's loss produces the paper's order at IPC 1 on digits too: labels of every view pay when there is time to use them. At τ = 1 the difference after {lengths[0]} steps is {at_tau_1} points. With the longer training of the table above, claim L06 is *{claims.word('L06', 'quick', [kinds])}*. "
        if turns
        else "So the length of training does not turn the order here. "
    )
    + f"Whether that is all of it at ImageNet's size we cannot say: no source tells for how many epochs the student of fixed labels trains there. The missing τ² is another trap. AdamW cancels it; plain SGD (learning rate 0.1) does not, and after {lengths[2]} steps it ends at {with_sgd[1]:.1f} % without the factor and at {with_sgd[400]:.1f} % with it."
)

# %% [markdown]
# ## Table 2: small data sets
#
# The paper's table quotes each method's own report; only the column of random images with soft labels is its own measurement. An independent reproduction measured that column again for CIFAR-100. Our column has numbers where rows are stored.

# %%
rows = live(TEACHER_EPOCHS, scale, device)
largest = stored(TEACHER_EPOCHS)
draws = stored(IMAGE_DRAWS)  # soft and hard labels of the same images, for more draws
lengths_of = live(STUDENT_EPOCHS, scale, device)
lengths_reduced = stored(STUDENT_EPOCHS, scale="reduced")
lengths_paper = stored(STUDENT_EPOCHS, scale="paper")

# %% tags=["hide-input"]
cells = list(read.cells(pool([known for known in (rows, largest, lengths_paper) if known is not None])))
METHODS = {"RaT-BPTT": "Ra-BPTT", "MTT": "MTT", "DM": "DM"}  # ours and the paper's name
again, lines = published.find("reproduction, soft labels"), {}
for data_set in ("tiny-imagenet", "cifar100", "cifar10"):
    title, c = plots.set_name(data_set), sizes(data_set).classes
    soft, twice = published.find(f"table 2, {title}, soft labels"), data_set == again.data
    for ipc in soft.at:
        ours = [f"{measured(cell, 'soft')}, E = {E}" for d, n, E, cell in cells if (d, n) == (data_set, ipc)]
        lines[title, ipc] = {
            ("labels take", "hard"): plots.size(INDEX * c * ipc),
            ("labels take", "soft"): plots.size(ENTRY * c * c * ipc),
            **{
                ("paper", method): published.find(f"table 2, {title}, {name}").printed(ipc)
                for method, name in METHODS.items()
            },
            ("random images, soft labels", "paper"): soft.printed(ipc),
            ("random images, soft labels", "reproduction"): again.printed(ipc) if twice else "–",
            ("random images, soft labels", "ours"): "<br>".join(ours) or "not run",
        }
    full = {"paper": soft.full, "reproduction": again.full if twice else "–"}
    lines[title, "all"] = {("random images, soft labels", by): value for by, value in full.items()}
plots.table(pd.DataFrame.from_dict(lines, orient="index"), compact=True, corner="IPC")

said = []
for title in ("Tiny ImageNet", "CIFAR-100", "CIFAR-10"):
    methods = [f"table 2, {title}, {name}" for name in METHODS.values()]
    lead = best_difference(methods, f"table 2, {title}, soft labels", [1, 10, 50])
    said.append(f"{title} {', '.join(plots.signed(points) for points, _ in lead.values())}")
plots.answer(
    f"The best method minus random images with soft labels, in points at IPC 1, 10 and 50: {'; '.join(said)}. The best distilled images win at one image a class everywhere, and their lead shrinks with each image. On Tiny ImageNet, with the most classes, it turns; on the two smaller sets it does not within the table. The methods' labels are their own, some of them learned and soft."
)

# %% [markdown]
# The next table holds all our measurements, whatever their size. Accuracies are of the last epoch, on images that chose nothing. The paper's are the best of several evaluations on all test images ([what that changes](../record/reference_code)), which has a column of its own. Those are more images than the ones that chose nothing, so a *best* can lie below its *last*. The teacher's epoch was chosen on one half of the students and is reported on the other (a single student, marked *once*, has done both); the teacher's accuracy is in brackets.

# %% tags=["hide-input"]
lines = {}
for name, ipc, E, cell in cells:
    reporting, hard, gain = read.reporting(cell, "soft"), "–", "–"
    if (cell.labels == "hard").any():
        hard = measured(cell, "hard")
        points = read.gain(cell, {"labels": "soft"}, {"labels": "hard"})[""]
        gain = plots.interval(t_interval(points), write=plots.signed)
    epochs = " or ".join(map(str, sorted(reporting.teacher_epoch.unique())))
    lines[plots.set_name(name), f"IPC {ipc},<br>E = {E}".replace(" ", "\u00a0")] = {
        ("labels take", "hard"): plots.size(INDEX * ipc * sizes(name).classes),
        ("labels take", "soft"): plots.size(reporting.label_bytes.mean()),
        ("accuracy, %", "hard"): hard,
        ("accuracy, %", "soft"): measured(cell, "soft"),
        ("accuracy, %", "gain"): gain,
        ("best on test", "soft"): measured(cell, "soft", "accuracy_best_on_test"),
        ("teacher", "epoch"): f"{epochs} ({plots.number(100 * reporting.teacher_accuracy.mean())})",
    }
plots.table(pd.DataFrame.from_dict(lines, orient="index"), compact=True)


# %% tags=["thumbnail"]
for known in (known for known in (rows, largest) if known is not None):
    main = known[known.data == known.data.iloc[0]]
    full, last = read.full_data(main), main.teacher_epoch.max()
    fig, ax = plt.subplots(figsize=(7.4, 4.2))
    ax.axhline(full, color=plots.ROLE["teacher"], linestyle=":", label=f"teacher, {last} epochs")
    accuracy = {labels: curve(main, "ipc", read.accuracy, labels=labels) for labels in ("soft", "hard")}
    for labels, role, line in (("soft", "fresh", "-"), ("hard", "independent", "--")):
        for ipc, values in accuracy[labels].items():  # draws differ in number from one IPC to the next
            mean, low, high = t_interval(values.dropna())
            ax.errorbar(ipc, mean, [[mean - low], [high - mean]], color=plots.ROLE[role], linewidth=1.3, capsize=3)
        ax.plot(accuracy[labels].mean(), color=plots.ROLE[role], linestyle=line, marker="o", label=f"{labels} labels")
    soft, hard = (values.mean() for values in accuracy.values())
    plots.log_axis(ax, soft.index)
    ax.set(ylim=(0, None), ylabel="student's accuracy, %")
    ax.set_title(f"{plots.set_name(main.data.iloc[0])}, {main.network.iloc[0].partition(' ')[0]}")
    fig.legend(loc="outside lower center", ncols=3)

    enough = soft.index[soft >= 0.9 * full]
    reach = f"From IPC {enough[0]} on soft labels come" if len(enough) else "None comes"
    reach += " within a tenth of it."
    of_set, even = sizes(main.data.iloc[0]), hard.index[hard >= soft]
    if len(even):
        share = 100 * even[0] * of_set.classes / of_set.train
        reach += f" Hard labels have caught up at IPC {even[0]}, which is {share:.0f} % of all images."
    said = "; ".join(f"IPC {ipc}: soft {soft[ipc]:.1f}, hard {hard[ipc]:.1f}" for ipc in soft.index)
    more = ""
    if known is not rows and draws is not None and draws.attrs["scale"] == known.attrs["scale"]:
        gains = curve(draws, "ipc", read.gain, of={"labels": "soft"}, to={"labels": "hard"})
        more = f"In [{plots.count(len(gains), 'draw')} of images](sensitivity) they add {', '.join(f'{plots.interval(t_interval(points.dropna()), write=plots.signed)} points at IPC {n}' for n, points in gains.items())}. "
    most = f"up to {max(soft / hard):.1f} times the accuracy of hard ones, at IPC {(soft / hard).idxmax()}"
    headline = claims.sentence(
        "L01",
        known,
        f"Soft labels of few random images beat hard labels: they reach {most}.",
        "Soft labels of few random images do not beat hard labels of the same images.",
        f"Soft labels reach {most}; these rows do not decide whether they beat hard labels at every small IPC.",
    )
    plots.show(
        fig,
        name="soft-against-hard" if known is rows else "soft-against-hard-stored",
        caption=f"**{headline}** {more}{said}; the teacher that saw all images {full:.1f}. {reach} Bars: 95 % t intervals over draws of images: {', '.join(map(str, accuracy['soft'].count()))} of them.",
        alt=f"Accuracy in percent against images a class. {said}. Teacher on all images {full:.1f}.",
        rows=[known],
    )
plots.missing(TEACHER_EPOCHS)

# %% [markdown]
# ### Stronger rivals, and another student
#
# Hard labels are a weak rival. **Label smoothing** gives the class p and spreads the rest evenly; the **teacher's class** is its first guess as a hard label; a **class mean** is the mean soft label of the class, the same for all its images. On digits they are measured live in [Structure, not softness](structure); here is what is stored of photographs, in percent with 95 % t intervals over draws of images. A second network, one block deeper than the teacher, asks whether soft labels help only a student that is built as the teacher is.

# %% tags=["hide-input"]
rivals, deeper = stored(SHUFFLED_AND_RANDOM), stored(LABEL_KINDS, scale="reduced")
KINDS = {kind: structure.KINDS[kind] for kind in ("soft", "hard")} | structure.FAIR
lines, said = {}, []
for known in (known for known in (rivals, deeper) if known is not None):
    who = f"{plots.set_name(known.data.iloc[0])}, {known.network.iloc[0]}"
    for kind, points in KINDS.items():
        for ipc, values in curve(known, "ipc", level, **points).items():
            line = lines.setdefault(f"{who}, IPC {ipc}, {plots.count(values.count(), 'draw')}", {})
            line[kind] = plots.interval(t_interval(values.dropna()))
if rivals is not None and "class mean" in set(rivals.labels):
    said.append(
        claims.sentence(
            "N7",
            rivals,
            "Soft labels beat the stronger rivals too.",
            "Soft labels do not beat all of the stronger rivals.",
            "Whether soft labels beat the stronger rivals, these rows do not decide.",
        )
    )
if deeper is not None:
    said.append(
        claims.sentence(
            "N6",
            deeper,
            "And they beat hard labels where the student is another network than the teacher.",
            "They do not beat hard labels where the student is another network than the teacher.",
            "Whether they beat hard labels where the student is another network, these rows do not decide.",
        )
    )
if said:
    plots.table(pd.DataFrame.from_dict(lines, orient="index"), compact=True)
    plots.answer(" ".join(said))
plots.missing(SHUFFLED_AND_RANDOM)

# %% [markdown]
# ### Which learning rate
#
# A comparison is fair only if each kind of label has its own best learning rate. It is chosen by accuracy on validation images, which are neither trained nor reported on. A rate is *bracketed* where a lower and a higher one were tried and are worse.

# %% tags=["hide-input"]
lines, left_out = [], []
for known in (known for known in (lengths_of, lengths_reduced, lengths_paper) if known is not None):
    try:
        best = read.best_rates(known)
    except NotRun as reason:
        left_out.append(f"{plots.set_name(known.data.iloc[0])} ({known.attrs['scale']} scale): {reason}")
        continue
    for (name, labels, ipc, E), line in best.iterrows():
        lines.append(
            {
                "": plots.set_name(name),
                "labels": labels,
                "IPC": ipc,
                "E": E,
                "best rate": f"{line.lr:g}",
                "validation accuracy, %": f"{line.validation_accuracy:.1f}",
                "bracketed": "yes" if line.bracketed else "no",
            }
        )
if lines:
    plots.table(pd.DataFrame(lines), index=False)
open_ends = [
    f"{line['labels']} labels at IPC {line['IPC']}, E = {line['E']}" for line in lines if line["bracketed"] == "no"
]
said = "Every best rate is bracketed." if lines else ""
if open_ends:
    said = f"Not bracketed are the best rates of {'; '.join(open_ends)} ({len(open_ends)} of {len(lines)})."
if left_out:
    said += f" Left out: {'; '.join(left_out)}."
plots.answer(said.strip())

# %% [markdown]
# ### How long a student is trained decides a cell
#
# The paper's first cell of Tiny ImageNet is one number, and no source ties it to one length of training. Its commands train these students for 1000 epochs in one place and 3000 in others, and its table of settings does not say ([the conflicts](teacher_and_entropy)). Length does not treat both kinds of labels alike.


# %% tags=["hide-input"]
WORDS = {"epochs": ("student's epochs E", "E = {:g}"), "lr": ("student's learning rate", "rate {:g}")}
AT_SCALE = {
    "student-epochs": lengths_of,
    "student-epochs-reduced": lengths_reduced,
    "student-epochs-paper": lengths_paper,
}

for name, known in AT_SCALE.items():  # a panel an IPC, against the epochs or the rates, whichever were varied more
    if known is None:
        continue
    over, by = ("epochs", "lr") if known.epochs.nunique() >= known.lr.nunique() else ("lr", "epochs")
    known = known[known.groupby("ipc")[over].transform("nunique") > 1]
    dot, dots = ("draw", "draws of images") if known.draw.nunique() > 1 else ("seed", "students of one draw of images")
    ipcs, lines = sorted(known.ipc.unique()), sorted(known[by].unique())
    markers = dict(zip(lines, "osD^v"[: len(lines)], strict=True))
    fig, axes = plt.subplots(1, len(ipcs), figsize=(4.3 + 2.6 * len(ipcs), 4), squeeze=False)
    legend = {"soft labels": {"color": plots.ROLE["fresh"]}}
    legend |= {"hard labels": {"color": plots.ROLE["independent"], "linestyle": "--"}}
    if len(lines) > 1:
        legend |= {WORDS[by][1].format(of): {"marker": mark, "linestyle": "none"} for of, mark in markers.items()}
    said = []
    for ax, ipc in zip(axes[0], ipcs, strict=True):
        part = known[known.ipc == ipc]
        if part.data.iloc[0] == "tiny-imagenet":  # the published size
            cell = published.find("table 2, Tiny ImageNet, soft labels")
            mean, sd = cell.value(ipc), cell.sd[cell.at.index(ipc)]
            ax.axhspan(mean - sd, mean + sd, color="0.85", zorder=0)
            legend |= {"the paper's, ± its sd": {"color": "0.85", "linewidth": 8, "solid_capstyle": "butt"}}
        for (labels, of), line in part.groupby(["labels", by]):
            colour, style = legend[f"{labels} labels"]["color"], legend[f"{labels} labels"].get("linestyle")
            values = curve(line, over, level, unit=dot, labels=labels)  # dots × epochs or rates
            means = values.mean()
            ax.plot(means, color=colour, linestyle=style, marker=markers[of])
            for place in values:
                ax.scatter([place] * len(values), values[place], s=8, color=colour, alpha=0.5)
            points = ", ".join(f"{v:.1f} at {WORDS[over][1].format(place)}" for place, v in means.items())
            said.append(f"IPC {ipc}, {labels}, {WORDS[by][1].format(of)}: {points}")
        plots.log_axis(ax, sorted(part[over].unique()), WORDS[over][0])
        ax.set(ylim=(0, None), title=f"{plots.set_name(part.data.iloc[0])}, IPC {ipc}")
    axes[0, 0].set_ylabel("student's accuracy, %")
    plots.legend_below(fig, legend, columns=min(6, len(legend)))
    few = known[known.ipc == ipcs[0]]
    moved = {labels: read.longer_training(few, labels) for labels in ("soft", "hard")}
    moved = [
        f"{labels} labels by {plots.signed(points)} points" for labels, points in moved.items() if points == points
    ]
    gains = {E: read.gain_at_best_rates(part) for E, part in few.groupby("epochs") if part.labels.nunique() > 1}
    gains = ", ".join(f"{plots.signed(points)} points after {E} epochs" for E, points in gains.items())
    plots.show(
        fig,
        name=name,
        caption=f"**Longer training moves {' and '.join(moved) or 'nothing that was tried'} at IPC {ipcs[0]}** (from fewest to most epochs, mean over the learning rates that have all). Soft minus hard there, each at its best rate: {gains}. Dots are {dots}.",
        alt=f"Accuracy in percent. {'; '.join(said)}.",
        rows=[known],
    )

# %% tags=["hide-input"]
if lengths_paper is not None:
    said, printed = [], published.find("table 2, Tiny ImageNet, soft labels")
    for ipc, cell in lengths_paper[lengths_paper.labels == "soft"].groupby("ipc"):
        table_7, theirs = chosen_in_table_7(cell.data.iloc[0], ipc), printed.value(ipc)
        means = [read.accuracy(part, "soft")[""].mean() for _, part in cell.groupby("epochs")]
        place = (
            "lies between" if min(means) < theirs < max(means) else "is above" if theirs >= max(means) else "is below"
        )
        ours = ", ".join(f"{measured(part, 'soft')} after E = {E}" for E, part in cell.groupby("epochs"))
        best = ", ".join(measured(part, "soft", "accuracy_best_on_test") for _, part in cell.groupby("epochs"))
        said.append(
            f"- IPC {ipc}: our teacher is right on {100 * cell.teacher_accuracy.mean():.1f} % of the test images after {table_7.teacher_epoch} epochs, the paper's on {table_7.teacher_accuracy} (table 7). "
            f"Students of its labels reach {ours} (best: {best}). The printed {printed.printed(ipc)} {place}."
        )
    plots.answer(
        "**Table 2 on Tiny ImageNet at its own size**, on the published draw of images. In brackets is the standard deviation over students; *best* is the best of several evaluations on the test images, as the official code reports it.\n\n"
        + "\n".join(said)
    )
plots.missing(STUDENT_EPOCHS, "" if lengths_paper is not None else "so the cell itself is open")

# %% [markdown]
# ## Table 4: one and two images a class of all ImageNet
#
# The paper also compares with methods that reach all 1,000 classes only at 64×64 pixels. Their numbers can be read off its figure 1; what random images with soft labels reach there is only in the paper's table 4.

# %%
lowest = live(LOW_IPC, scale, device)
lowest_paper = stored(LOW_IPC)

# %% tags=["hide-input"]
lines = {}
for name, (_, *series, _) in PRINTED.items():
    soft, hard = map(published.find, series)
    if soft.data == "imagenet64":
        lines[f"{name}, ImageNet-1K (read off, ±{soft.read_off})"] = {
            (f"IPC {ipc}", kind): column.printed(ipc)
            for ipc in (1, 2)
            for kind, column in (("hard", hard), ("soft", soft))
        }
for known in (known for known in (lowest_paper, lowest) if known is not None):
    lines[f"random images, {plots.set_name(known.data.iloc[0])} (ours)"] = {
        (f"IPC {ipc}", kind): measured(known, kind, ipc=ipc)
        for ipc in sorted(known.ipc.unique())
        for kind in ("hard", "soft")
    }
plots.table(pd.DataFrame.from_dict(lines, orient="index"), compact=True)
plots.missing(LOW_IPC, "" if lowest_paper is not None else "so table 4 is not run at its own size")

# %% [markdown]
# ## Where we depart, and why
#
# - **Data.** Live, 8×8 digits with noise and a ConvNet of two blocks, 16 channels; stored, Tiny ImageNet, as the tables say. ImageNet-1K itself is licensed; its cells wait for someone's GPU.
# - **Which accuracy.** The last, on images that chose nothing. The official code reports the best evaluation on the test set; a column says what that would be.
# - **Intervals** are 95 % t intervals over draws of images. The paper's brackets are standard deviations over students of one draw.
# - **Which images.** Draw 42 is what the official code draws since October 2024; the images in the paper's figure 1 are an earlier draw, which we could not recover ([what the code does](../record/reference_code)).
# - **Synthetic images.** Inversion and distribution matching are our own short versions on digits: no batch statistics, no augmentation. The released sets of the other methods are not used; their curves are the paper's. With hard and with fixed labels SRe2L's images are one frozen random crop each there.
# - **CutMix labels** are made while the student trains, one an image and epoch, with a box in each image, at τ = 1; students of all kinds have the same epochs. SRe2L's loss is used in the short test alone.
# - **Epochs.** E is 60 to 150 on digits. Where it is not known, as at most IPC of tables 1 and 2, our grids at paper scale take that of the nearest published command.
#
# ## Verdicts

# %% tags=["hide-input"]
everything = [rows, sources, kinds, lowest, lengths_of]
claims.table("label_worth/soft_labels_are_crucial", everything)

# %% tags=["hide-input"]
main = rows if largest is None else largest
if draws is not None and draws.attrs["scale"] == main.attrs["scale"]:
    main = draws  # the same labels and epochs for more draws of images
main = main[main.data == main.data.iloc[0]]
some = 10 if 10 in set(main.ipc) else main.ipc.max()
soft, hard = (read.accuracy(main, labels, ipc=some)[""] for labels in ("soft", "hard"))
gain = read.gain(main, {"labels": "soft"}, {"labels": "hard"}, ipc=some)[""]
every = read.full_data(rows if largest is None else largest)
_, low, high = t_interval(gain)
labels_add, images_add = read.added_by_labels(sources), read.added_by_images(sources, "hard")
lead = {n: t_interval(points.dropna()) for n, points in read.labels_over_images(sources).items()}
images_win, labels_win = [n for n in lead if lead[n][2] < 0], [n for n in lead if lead[n][1] > 0]
few, many = labels_add.index[[0, -1]]
if low > 0:
    verdict = "Much of it comes from the labels"
else:
    verdict = "Soft labels cost here" if high < 0 else "Here the labels do not decide it"
if images_win:
    where = f"Better images help more than better labels at IPC {plots.listed(images_win)}"
else:
    where = "At no number of images tried do better images surely help more than better labels"
where += f", better labels more than better images at IPC {plots.listed(labels_win)}" if labels_win else ""
undecided = [n for n in lead if n not in (*images_win, *labels_win)]
where += f"; at IPC {plots.listed(undecided)} it is open" if undecided and (images_win or labels_win) else ""
plots.answer(
    "## Answer\n\n"
    f"{verdict}: on {plots.set_name(main.data.iloc[0])} the same {some} random images a class teach {plots.interval(t_interval(hard))} % with hard labels and {plots.interval(t_interval(soft))} % with soft ones ({plots.count(len(gain), 'draw')} of images), where all images teach the teacher {every:.1f} %. "
    f"{where}. On digits the better of our made images add {plots.number(images_add[few])} points at IPC {few} and {plots.number(images_add[many])} at IPC {many}, soft labels alone {plots.number(labels_add[few])} and {plots.number(labels_add[many])}."
)

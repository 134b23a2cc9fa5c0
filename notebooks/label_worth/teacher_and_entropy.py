# %% [markdown]
# # When should a teacher stop?
#
# **Question.** A teacher that trains longer is right more often, and surer of itself. After which of its epochs are its labels worth most to a student, and can a temperature make a late label as good?
#
# This page computes figures 2 and 4 and table 7 of [Qin, Deng and Alvarez-Melis (2024)](https://arxiv.org/abs/2406.10485) again. A teacher (the paper's *expert*) learns the whole training set with hard labels, and its weights are stored after every epoch. A student sees a few images per class (IPC of them) with the soft labels that the teacher gives them after one of these epochs. The **entropy** of a label, in nats, is 0 for a hard label and $\ln c$ for one that is the same for all $c$ classes.

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
import itertools
import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch

from softlabels import claims, hyperparameters, plots, published
from softlabels.claims.readings import teacher_and_entropy as read
from softlabels.claims.readings.images import MAIN, photographs
from softlabels.claims.readings.points import if_run
from softlabels.data.images import load
from softlabels.intervals import t_interval
from softlabels.labels import entropy, harden, soften
from softlabels.models import convnet
from softlabels.paths import cache_folder
from softlabels.seeds import torch_stream
from softlabels.studies.teacher_and_entropy import TEACHER_EPOCHS, TEACHERS, TEMPERATURES
from softlabels.sweep import live
from softlabels.training.images import Recipe, train_stack

plots.use_house_style()
smoke = scale == "smoke"  # only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# One small ConvNet learns a thousand noisy digits ([where they come from](../record/data_and_teachers)), and its weights are stored after some of its epochs. Each of sixteen students sees ten images, one of every class, with the labels that the teacher gives them after one of these epochs. A student starts from the same weights each time: only the labels change.

# %% tags=["hide-input"]
digits = load("noisy digits", cache_folder())
x, y = digits.batch(digits.train, slice(None)), digits.train.classes  # (n, 1, 8, 8), (n,)
test, truth = digits.batch(digits.test, slice(None)), digits.test.classes
shape = convnet.Shape(depth=2, width=16, channels=1, height=8, breadth=8, classes=10)
draws = range(2 if smoke else 16)
stops = (1, 2, 3, 4) if smoke else (2, 8, 16, 40)  # the epochs after which the teacher's weights are kept


def streams(who, R=1):
    """R random streams of their own."""
    return [torch_stream("when to stop, in ten lines", who, r) for r in range(R)]


def teach(images, labels):
    """R students of images (R, n, 1, 8, 8) with labels (R, n, 10)."""
    how = {"momentum": 0.9, "weight_decay": 5e-4, "schedule": "quarters"}
    first = convnet.start(shape, streams("student", len(images)))
    recipe = Recipe(lr=0.1, epochs=150, batch=256, **how)
    return train_stack(first, images, labels, recipe, streams("order", len(images)))


def label(teacher, images, tau=1.0):
    """The teacher's soft labels (R, n, 10) of images (R, n, 1, 8, 8)."""
    logits = convnet.logits(teacher, images.flatten(0, 1))[0]
    return soften(logits, tau).unflatten(0, images.shape[:2])


# %%
teachers_at = {}  # epoch -> the teacher's weights
recipe = Recipe(lr=0.05, epochs=stops[-1], batch=64, augmentation="dsa digits")
start, hard = convnet.start(shape, streams("teacher")), harden(y, 10)[None]
train_stack(start, x, hard, recipe, streams("batches"), teachers_at.__setitem__, at=stops)

picked = torch.stack([digits.ipc_rows(ipc=1, draw=draw) for draw in draws])  # (R, 10)
students_right = {}  # by the teacher's epoch
for epoch, teacher in teachers_at.items():
    labels = label(teacher, x[picked])  # (R, 10, 10)
    students = teach(x[picked], labels)
    students_right[epoch] = (convnet.logits(students, test).argmax(-1) == truth).float().mean()
    teacher_right = (convnet.logits(teacher, test)[0].argmax(-1) == truth).float().mean()
    print(f"epoch {epoch:2}: teacher right on {teacher_right:.0%}, students on"
          f" {students_right[epoch]:.1%}; entropy {entropy(labels).mean():.2f} nats")  # fmt: skip

# %% tags=["hide-input"]
best, done = max(students_right, key=students_right.get), stops[-1]
plots.answer(
    f"With one image of each class students learn most from the teacher of epoch {best}, before it is done."
    if best < done
    else "With one image of each class students learn most from the teacher that is done."
)

# %% [markdown]
# ## The paper’s figure 2: teacher, entropy, student
#
# The same for several numbers of images. Replicates are draws of images. For comparison, the same students also train on hard labels.

# %%
students = live(TEACHER_EPOCHS, scale, device)
teachers = live(TEACHERS, scale, device)
known = [*claims.all_photographs(TEACHER_EPOCHS, "L13"), students]  # the page concludes from the first ones

# %% tags=["hide-input"]
largest = known[0]
reproduced = read.reproduction_rows()
read_off = published.find("reproduction, hard labels").read_off


def images_each(ipc):
    """A number of images per class, in words."""
    return "one image per class" if ipc == 1 else f"{ipc} images per class"


def entropy_panel(ax, rows, data):
    """Accuracy of students, a curve per number of images, and of their teacher, against the entropy of the labels."""
    choices, ends = read.choices(rows, data), {}
    for ipc, best in choices.iterrows():
        accuracy = read.by_epoch(rows, data=data, ipc=ipc)
        nats = read.by_epoch(rows, "label_entropy", data=data, ipc=ipc).mean()
        colour = plots.IPC_COLOUR.get(ipc, "0.5")
        plots.with_interval(ax, nats.to_numpy(), accuracy, color=colour, marker="o", markersize=4)
        ring = {"markersize": 11, "markerfacecolor": "none", "markeredgecolor": colour, "markeredgewidth": 1.6}
        ax.plot(nats[best.epoch], best.student, "o", **ring)
        ax.plot(nats.iloc[[0, -1]], [best.hard] * 2, color=colour, linestyle="--", linewidth=1)
        ends[f"{ipc} per class"] = nats.iloc[-1], accuracy.mean().iloc[-1], colour
    few = choices.index[0]
    own, nats = (
        read.by_epoch(rows, metric, data=data, ipc=few).mean() for metric in ("teacher_accuracy", "label_entropy")
    )
    ax.plot(nats, own, ".:", color=plots.ROLE["teacher"], markersize=4)
    ends["teacher"] = nats.iloc[-1], own.iloc[-1], plots.ROLE["teacher"]
    named = math.inf
    for epoch in own.index:  # name an epoch where there is room, and the last
        if epoch == own.index[-1] or (nats[epoch] < named - np.ptp(nats) / 9 and nats[epoch] > nats.iloc[-1] + 0.2):
            style = {"color": plots.ROLE["teacher"], "fontsize": 9, "ha": "right"}
            ax.annotate(f"{epoch}", (nats[epoch], own[epoch]), (-3, 4), textcoords="offset points", **style)
            named = nats[epoch]
    ax.set(xlabel="entropy of the labels, nats", ylim=(0, None))
    ax.set_title(plots.capital(plots.set_name(data)))
    ax.invert_xaxis()
    plots.name_lines(ax, ends)


def in_words(rows, data):
    """The best epoch of each curve, the last and hard labels, for those who cannot see them."""
    return "; ".join(
        f"{ipc} per class: {b.student:.1f} % at epoch {b.epoch} (teacher {b.teacher:.1f} %, entropy {b.entropy:.2f}), {b.student_last:.1f} % at epoch {b['last']}, hard labels {b.hard:.1f} %"
        for ipc, b in read.choices(rows, data).iterrows()
    )


def teacher_figure(rows, name, beside=True):
    """Figure 2 of one scale; beside it the independent reproduction's."""
    data = MAIN[rows.attrs["scale"]]
    fig, axes = plt.subplots(1, 1 + beside, figsize=(9.4 if beside else 5.2, 4.4), squeeze=False)
    entropy_panel(axes[0, 0], rows, data)
    axes[0, 0].set_ylabel("test accuracy, %")
    said, legend = in_words(rows, data), ""
    if beside:
        entropy_panel(axes[0, 1], reproduced, "cifar100")
        axes[0, 1].set_title("CIFAR-100, independent reproduction")
        said += f". Independent reproduction on CIFAR-100: {in_words(reproduced, 'cifar100')}"
        legend = f" Right: read off to ±{read_off} points."
    choices = read.choices(rows, data)
    few = choices.iloc[0]
    lost = read.lost_at_the_end(rows, data, few.name)  # chosen on one half of the students, reported on the other
    each = images_each(few.name)
    if few.epoch == few["last"]:
        finding = f"With {each} the last epoch gives the best labels."
    elif len(lost) and t_interval(lost)[1] > 0:
        finding = f"With {each} the labels of a teacher stopped early are the best."
    elif len(lost):
        finding = f"With {each} no epoch is surely better than the last."
    else:
        finding = f"With {each} epoch {few.epoch} is better than the last, in the one draw of images there is."
    plots.show(
        fig,
        name=name,
        caption=f"**{finding}** Students by images per class, best epoch ringed; dashed: hard labels; dotted: their teacher, with its epochs.{legend} {plots.bands(rows)}",
        alt=f"Accuracy of students and teacher against label entropy, a curve per number of images. {said}.",
        rows=[rows],
    )


# %% tags=["hide-input", "thumbnail"]
teacher_figure(largest, "teacher-and-entropy")

# %% tags=["hide-cell"]
for rows in known[1:]:  # the same on other images
    teacher_figure(rows, f"teacher-and-entropy-{rows.attrs['scale']}", beside=False)

# %% tags=["hide-cell"]
plots.missing(TEACHER_EPOCHS)

# %% [markdown]
# Follow one curve from left to right, as the teacher trains and the entropy of its labels falls. Where the curve rises, student and teacher improve together. Where it falls, the student gets worse while its teacher still improves. The ring marks the best entropy for each number of images.

# %% tags=["hide-input"]
tried = {rows.attrs["scale"]: read.choices(rows, MAIN[rows.attrs["scale"]]).index for rows in known}
asked = next((rows for rows in known if len(tried[rows.attrs["scale"]]) > 1), largest)  # of several numbers of images
asked_at = asked.attrs["scale"]
where_asked = f"on {plots.set_name(MAIN[asked_at])} ({asked_at} scale)"
too_few = ""
if len(tried[largest.attrs["scale"]]) == 1:
    too_few = f" On {plots.set_name(MAIN[largest.attrs['scale']])} ({largest.attrs['scale']} scale) several epochs were tried with {images_each(tried[largest.attrs['scale']][0])} only."
at_the_end = [ipc for ipc, best in read.choices(asked, MAIN[asked_at]).iterrows() if best.epoch == best["last"]]
not_later = ""
if at_the_end:
    not_later = (
        f" At IPC {plots.listed(at_the_end)} the best epoch is the last that was tried; a later one may be better."
    )
(l15,) = claims.of("L15")
judged = l15.checks[0].points.get(asked_at, {"ipcs": [*tried[asked_at]]})["ipcs"]  # nothing is judged at smoke scale
more = (
    f"from {judged[0]} to {judged[1]} images"
    if len(judged) == 2
    else f"with the number of images ({plots.listed(judged)})"
)
plots.answer(
    claims.sentence(
        "L15",
        asked,
        f"The entropy of the best labels falls {more} per class {where_asked}.",
        f"The entropy of the best labels does not fall {more} per class {where_asked}.",
        f"It is open whether the entropy of the best labels falls {more} per class {where_asked}.",
    )
    + not_later
    + too_few
)

# %% [markdown]
# **The paper's figure** has two panels, by COMP6258's account for ImageNet-1K: students against the teacher's accuracy, with the entropy on a second axis, and students against the entropy. Its students rise with their teacher, then stay level or fall, and the best epoch comes later the more images there are. Its numbers stand only in the figure. An [independent reproduction, COMP6258](https://github.com/COMP6258-Reproducibility-Challenge/no-distillation-reproduction), trained ConvNetD3 on CIFAR-100 and reports the best of several evaluations on the test set.
#
# ### Is a late teacher harder to imitate?
#
# Where labels of a late teacher are worth less, there are two possible explanations, and both may hold. The teacher has learned *its own training images* by heart. The student's images are among them, so their labels say less about what the images look like. Or it is *harder to imitate* from a handful of images. To see how much memory explains, let the teacher label images that it never saw, and count how often its students agree with it on new ones.

# %% tags=["hide-input"]
parts = {
    "its own training images": (x, y),
    "images new to it": (digits.batch(digits.validation, slice(None)), digits.validation.classes),
}
imitation = []
for labelled, (pictures, classes) in parts.items():
    for ipc, R in ((1, 2), (5, 2)) if smoke else ((1, 12), (5, 6)):
        orders = [torch.randperm(len(classes), generator=stream) for stream in streams(f"{labelled}, {ipc}", R)]
        drawn = [torch.cat([order[classes[order] == k][:ipc] for k in range(10)]) for order in orders]
        chosen = torch.stack(drawn)  # (R, 10·ipc)
        for epoch, teacher in teachers_at.items():
            labels = label(teacher, pictures[chosen])  # (R, 10·ipc, c)
            predictions = convnet.logits(teach(pictures[chosen], labels), test).argmax(-1)
            own = convnet.logits(teacher, test)[0].argmax(-1)
            hits = {"agree": predictions == own, "right": predictions == truth}
            hits["teacher_right"] = labels.argmax(-1) == classes[chosen]  # on the images that it labels
            shares = pd.DataFrame({name: 100 * hit.double().mean(1) for name, hit in hits.items()})
            imitation.append(shares.assign(labelled=labelled, ipc=ipc, epoch=epoch, draw=range(R)))
imitation = pd.concat(imitation)

# %% tags=["hide-input"]
mean = imitation.groupby(["labelled", "ipc", "epoch"])[["agree", "right", "teacher_right"]].mean()
(its, new), last = parts, stops[-1]
fig, axes = plt.subplots(1, 2, figsize=(9.4, 4.1))
for ax, metric, title in zip(axes, ("agree", "right"), ("A  agree with their teacher", "B  right"), strict=True):
    ends = {}
    for (labelled, ipc), cell in imitation.groupby(["labelled", "ipc"], sort=False):
        cell = cell.pivot(index="draw", columns="epoch", values=metric)
        style = {"color": plots.IPC_COLOUR[ipc], "linestyle": "-" if labelled == its else ":"}
        plots.with_interval(ax, cell.columns, cell, marker="o", markersize=5, **style)
        ends[f"{ipc} per class"] = last, cell.mean()[last], plots.IPC_COLOUR[ipc]
    ax.set(xlabel="teacher's epoch", title=title, ylim=(0, None), xticks=stops)
    plots.name_lines(ax, ends)
axes[0].set_ylabel("students, % of new images")
plots.legend_below(fig, {"teacher labels its own training images": {}, "images new to it": {"linestyle": ":"}}, 2)
drop = {part: mean.right[part, 1].max() - mean.right[part, 1][last] for part in parts}
agree = imitation[(imitation.labelled == its) & (imitation.ipc == 1)].pivot(
    index="draw", columns="epoch", values="agree"
)
harder = t_interval(agree[agree.mean().idxmax()] - agree[last])[1] > 0
said = "; ".join(
    f"{ipc} per class, {part}: agree {plots.listed(mean.agree[part, ipc], '.0f')}, right {plots.listed(mean.right[part, ipc], '.1f')}"
    for part in parts
    for ipc in (1, 5)
)
plots.show(
    fig,
    name="teacher-fidelity",
    caption=f"**The teacher after its last epoch is {'' if harder else 'not surely '}harder to imitate than after an earlier one.** Students of the first cell's teacher, on images that neither has seen. Bands are 95 % t intervals over draws of images.",
    alt=f"Two panels against the teacher's epochs {plots.listed(stops)}. {said}.",
)

# %% tags=["hide-input"]
if drop[its] == 0:
    memory = f"Where the teacher labels its own training images, students with one image per class are best at epoch {last}: in this run there is no decline to explain."
else:
    memory = f"From its best epoch to epoch {last} a student with one image per class loses {drop[its]:.1f} points where the teacher labels its own training images and {drop[new]:.1f} where it labels images that it never saw. "
    if drop[new] > drop[its] / 2:
        memory += "So in this run at least half of the decline needs no memory of the student’s images."
    else:
        memory += "So in this run memory has its share: without memory of the student’s images the decline is at most half as large."
    memory += " One teacher, and no interval on either number."
plots.answer(
    f"{memory} "
    + (
        "Labels that are harder to imitate are a possible cause too: students agree less often with the teacher after its last epoch than after an earlier one."
        if harder
        else "Whether late labels are harder to imitate is not decided: students do not surely agree less often with the teacher after its last epoch."
    )
)

# %% [markdown]
# [Cho and Hariharan (2019)](https://arxiv.org/abs/1910.01348) found that better teachers often teach worse. They explain it by students too small to mimic them, and stop the teacher early as a remedy. Here teacher and student are the *same* network, and it is images that the student lacks. [Stanton et al. (2021)](https://arxiv.org/abs/2106.05945) found large gaps between students and teachers even where students could match them exactly. Panel A is their measure, agreement of the likeliest class.
#
# ## The paper’s table 7: where to stop
#
# The best epoch for each number of images, with the teacher's test accuracy there: ours by the same search, the paper's as printed, and the independent reproduction's.

# %% tags=["hide-input"]
columns = {}
for rows in known:
    for data in dict.fromkeys(rows.data):
        columns[f"here, {plots.set_name(data)}"] = {
            ipc: f"{b.epoch} of {b['last']} ({b.teacher:.0f} %)" for ipc, b in read.choices(rows, data).iterrows()
        }
for choice in hyperparameters.CHOICES:
    if choice.data in ("tiny-imagenet", "cifar100"):
        column = columns.setdefault(f"paper, {plots.set_name(choice.data)}", {})
        column[choice.ipc] = f"{choice.teacher_epoch} ({choice.teacher_accuracy:.0f} %)"
columns["independent reproduction, CIFAR-100"] = {
    ipc: f"{b.epoch} of {b['last']} ({b.teacher:.0f} %)" for ipc, b in read.choices(reproduced, "cifar100").iterrows()
}
plots.table(pd.DataFrame(columns).sort_index(), corner="IPC")

# %% tags=["hide-input"]
optimism = [points for rows in known for points in read.optimism(rows, MAIN[rows.attrs["scale"]]).values()]
near = read.choices(asked, MAIN[asked_at])["near"]  # of the best epoch
within = "; ".join(f"with {images_each(ipc)} {plots.listed(epochs)}" for ipc, epochs in near.items())
later = len(near) > 1 and all(max(fewer) < min(more) for fewer, more in itertools.pairwise(near))
plots.answer(
    claims.sentence(
        "L14",
        asked,
        f"The more images, the later the best epoch, {where_asked} as in the paper.",
        f"The best epoch does not come later with more images {where_asked}, as the paper's does.",
        f"Whether the best epoch comes later with more images, as the paper's does, is open {where_asked}.",
    )
    + f" Within a point of the best are these epochs: {within}."
    + (" With more images all of them are later." if later else "")
    + too_few
    + not_later
    + " All these epochs are chosen on the test set."
    + (
        f" Where one half of our students chooses and the other reports, accuracy is at most {max(optimism):.1f} points lower; claims about accuracy are judged that way."
        if optimism
        else ""
    )
)

# %% [markdown]
# Learning rates, the student's own epochs and the rest of table 7:

# %% tags=["hide-cell"]
lines = []
for rows in known:
    for data in dict.fromkeys(rows.data):
        for ipc, best in read.choices(rows, data).iterrows():
            run = rows[(rows.data == data) & (rows.ipc == ipc) & (rows.labels == "soft")].iloc[0]
            lines.append(
                {
                    "images": plots.set_name(data),
                    "IPC": ipc,
                    "rates": f"{run.teacher_lr:g}, {run.lr:g}",
                    "epoch": f"{best.epoch} of {best['last']}",
                    "within a point": plots.listed(best.near),
                    "teacher, %": f"{best.teacher:.1f}",
                    "entropy": f"{best.entropy:.2f}",
                    "student, %": f"{best.student:.1f}",
                    "E": f"{run.epochs}",
                }
            )
networks = pd.concat([rows[["data", "network"]] for rows in known]).drop_duplicates().itertuples(index=False)
networks = "; ".join(f"{plots.set_name(data)}, {network}" for data, network in networks)
plots.answer(
    f"**Ours** ({networks}). Rates are the teacher’s and the student’s; E is how many epochs the student itself trains."
)
plots.table(pd.DataFrame(lines), index=False)

FIELDS = {
    "ipc": "IPC",
    "teacher": "teacher",
    "teacher_lr": "teacher’s rate",
    "student_lr": "student’s rate",
    "teacher_epoch": "teacher’s epoch",
    "teacher_accuracy": "teacher’s accuracy",
    "student_epochs": "E",
}
letters = {}  # a source's disagreement with the table (field, value, where) -> its letter
for conflict in (conflict for choice in hyperparameters.CHOICES for conflict in choice.conflicts):
    letters.setdefault(conflict, "abcdefghijklmnopqrstuvwxyz"[len(letters)])
plots.answer(
    "**The paper’s**, as printed. E is not in the table: it comes from the official code’s sample commands, and where they have none it is unknown (?). Letters mark where another source, or another column of the paper, has another value, see below."
)
printed = [
    {
        "images, network": f"{plots.set_name(c.data)}, {c.teacher}",
        "IPC": c.ipc,
        "rates": f"{c.teacher_lr:g}, {c.student_lr:g}",
        "epoch": c.teacher_epoch,
        "teacher, %": f"{c.teacher_accuracy:.1f}",
        "E": c.student_epochs or "?",
        "other sources": " ".join(letters[conflict] for conflict in c.conflicts) or "–",
    }
    for c in hyperparameters.CHOICES
]
plots.table(pd.DataFrame(printed), index=False)
said = []
for conflict, letter in letters.items():
    value = f"{conflict.value:g}" if isinstance(conflict.value, (int, float)) else conflict.value
    said.append(f"- **{letter}** {FIELDS[conflict.field]} {value}: {conflict.where}")
plots.answer("\n".join(said))


# %% [markdown]
# ## The paper’s figure 4: can a late label be smoothed back?
#
# A late teacher's labels have less entropy than an early one's. If softness were all that counts, one could train the teacher to its end and divide its logits by a temperature τ. The maps show several epochs, each at several temperatures. Beside the paper's kind of teacher stands one of ours without augmentation and, at quick scale, one of digits without noise.

# %%
hot = live(TEMPERATURES, scale, device)
hot_photographs = claims.all_photographs(TEMPERATURES, "L20")  # the page leads with the first ones

# %% tags=["hide-input"]
students_and_teachers = [(rows, photographs(TEACHERS, rows.attrs["scale"])) for rows in hot_photographs]
students_and_teachers.append((hot, teachers))  # of one scale each
EARLY, LATE = "#d55e00", "#cc79a7"  # boxes around the best cell before the last epoch, and the last epoch's best


def title(panel):
    """A map's data, teacher and number of images."""
    kind = "" if panel.points["teacher_augmented"] else ", no augmentation"
    return f"{plots.set_name(panel.points['data'])}{kind}, {panel.points['ipc']} per class"


def overfits(panel):
    """By how much the map's teacher overfits, in words; nothing where that is not known."""
    if panel.overfits != panel.overfits:
        return ""
    return f"overfits by {panel.overfits:.0f} points" if panel.overfits >= 0.5 else "does not overfit"


def maps(rows, own, name):
    """Figure 4 of one scale: accuracy over the teacher's epoch and the temperature of its labels."""
    panels = read.panels(rows, own)
    lines = math.ceil(len(panels) / 2)
    fig, axes = plt.subplots(lines, 2, figsize=(9.4, 3.5 * lines), squeeze=False)
    for ax in axes.flat[len(panels) :]:
        ax.axis("off")
    said, gaps = [], []  # gaps: smoothed last minus best earlier
    for letter, ax, panel in zip("ABCDEFGH", axes.flat, panels, strict=False):
        table = read.by_temperature(rows, **panel.points)
        values, last = table.to_numpy(), panel.last
        mesh = ax.pcolormesh(values, cmap="viridis", edgecolors="white", linewidth=1)
        if table.size > 60:  # too many for a number in each
            fig.colorbar(mesh, ax=ax)
        else:
            bright = np.nanmin(values) + 0.6 * np.ptp(values[np.isfinite(values)])
            for (i, j), value in np.ndenumerate(values):
                place = {"ha": "center", "va": "center", "color": "white" if value < bright else "0.1"}
                ax.text(j + 0.5, i + 0.5, f"{value:.1f}" if np.isfinite(value) else "", fontsize=10.5, **place)
        early, late = table.iloc[:-1].stack().idxmax(), (last, table.loc[last].idxmax())
        for (epoch, tau), colour in ((early, EARLY), (late, LATE)):
            corner = list(table.columns).index(tau) + 0.04, list(table.index).index(epoch) + 0.05
            ax.add_patch(plt.Rectangle(corner, 0.92, 0.9, fill=False, edgecolor=colour, linewidth=3))
        ax.set_xticks(np.arange(len(table.columns)) + 0.5, [f"{tau:g}" for tau in table.columns])
        every = slice(None, None, math.ceil(len(table) / 9))
        ax.set_yticks((np.arange(len(table)) + 0.5)[every], [f"{epoch}" for epoch in table.index[every]])
        ax.tick_params(length=0)
        kind = "" if panel.points["teacher_augmented"] else "no augmentation, "
        kind += f"teacher {overfits(panel)}" if overfits(panel) else ""
        first_line = f"{letter}  {plots.set_name(panel.points['data'])}, {panel.points['ipc']} per class"
        ax.set_title(f"{first_line}\n     {kind.removesuffix(', ')}".rstrip())
        ax.set(xlabel="temperature τ of the labels", ylabel="teacher's epoch")
        best, smoothed = table.loc[early], table.loc[late]
        gaps.append(smoothed - best)
        said.append(
            f"{letter}, {title(panel)}: {best:.1f} % at epoch {early[0]} and τ = {early[1]:g}, last epoch {table.loc[last, 1.0]:.1f} % at τ = 1 and at most {smoothed:.1f} % at τ = {late[1]:g}"
        )
    box = {"marker": "s", "linestyle": "none", "markersize": 12, "markerfacecolor": "none", "markeredgewidth": 3}
    boxes = {
        "best cell before the last epoch": box | {"markeredgecolor": EARLY},
        "best cell of the last epoch": box | {"markeredgecolor": LATE},
    }
    plots.legend_below(fig, boxes, 2)
    headline = claims.sentence(
        "L20",
        rows,
        "Where a teacher overfits, no temperature tried makes its last labels a point better than the best earlier ones.",
        "Where a teacher overfits, a temperature makes its last labels a point better than the best earlier ones.",
        "Whether a temperature makes an overfitted teacher's last labels a point better than the best earlier ones is open.",
    )
    plots.show(
        fig,
        name=name,
        caption=f"**{headline}** Student's test accuracy, %. Each map has its own colours. The last epoch's best cell is ahead in {sum(gap > 0 for gap in gaps)} of {len(panels)} maps. *Overfits by*: accuracy on training minus test images.",
        alt=f"{len(panels)} maps of student's accuracy over teacher's epoch and temperature. {'; '.join(said)}.",
        rows=[rows] if own is None else [rows, own],
    )


maps(*students_and_teachers[0], "smoothing")

# %% tags=["hide-cell"]
for rows, own in students_and_teachers[1:]:  # the same of other images
    maps(rows, own, f"smoothing-{rows.attrs['scale']}")

# %% tags=["hide-cell"]
plots.missing(TEMPERATURES)

# %% tags=["hide-input"]
here, before = (
    read.by_epoch(rows, data=MAIN[scale], ipc=1, **how) for rows, how in ((hot, {"tau": 1.0}), (students, {}))
)
epoch = next(
    (epoch for epoch in here if epoch in before and epoch in students_right), None
)  # a cell that is there thrice
if epoch is not None:
    more = len(here) - len(before)
    plots.answer(
        f"One cell stands on this page three times: {plots.set_name(MAIN[scale])}, one image per class, epoch {epoch}, τ = 1. It is {before[epoch].mean():.1f} % in the runs of [the paper's figure 2](#the-papers-figure-2-teacher-entropy-student) ({len(before)} draws of images), {here[epoch].mean():.1f} % here (the same and {more} more) and {100 * students_right[epoch]:.1f} % in the first cell, which has a teacher and students of its own. A single draw lies {here[epoch].std():.1f} points from the mean (standard deviation)."
    )

# %% [markdown]
# The maps choose their best cells by the numbers that they show. In the table one half of the students chooses and the other half reports, and then the halves change roles. In brackets are 95 % t intervals over draws of images, in points.


# %% tags=["hide-cell"]
def written(points):
    """Points by draw as mean and interval; a dash where one draw cannot both choose and report."""
    return plots.interval(t_interval(points), write=plots.signed) if len(points) else "–"


def undoes(points):
    """What smoothing does to the loss of a late epoch, by the last labels at their best τ minus better ones."""
    _, low, high = t_interval(points)
    if high < 0:
        return "does not undo the loss"
    return "more than undoes it" if low > 0 else "may undo it or not"


def beside(points):
    """Where that leaves the last labels: `1.5 points [0.3, 2.7] below`."""
    mean, low, high = t_interval(points)
    if mean < 0:
        return f"{plots.interval((-mean, -high, -low), unit=' points')} below"
    return f"{plots.interval((mean, low, high), unit=' points')} above"


COLUMNS = {  # heading -> what the smoothed last epoch is compared with
    "smoothing the last epoch gains": "itself at τ = 1",
    "smoothed last − best earlier at τ = 1": "earlier at τ = 1",
    "smoothed last − best earlier at any τ": "earlier",
}
lines, smoothed = [], {}  # smoothed: scale, data, augmentation, IPC -> what it is compared with -> points by draw
for rows, own in students_and_teachers:
    for panel in read.panels(rows, own):
        points = {
            against: if_run(read.smoothed, rows, panel.last, against, **panel.points) for against in COLUMNS.values()
        }
        smoothed[rows.attrs["scale"], *panel.points.values()] = points
        line = {"": title(panel), "teacher": overfits(panel) or "–"}
        line |= {heading: written(points[against]) for heading, against in COLUMNS.items()}
        adds = if_run(read.tempered, rows, panel.last, **panel.points)
        line["a temperature adds to the best earlier"] = (
            "τ = 1 is best" if len(adds) and (adds == 0).all() else written(adds)
        )
        lines.append(line)
plots.table(pd.DataFrame(lines), index=False)

# %% tags=["hide-input"]
of_photographs = ""  # of the stored maps
for stored_at in (rows.attrs["scale"] for rows in hot_photographs):
    maps_there = [points["earlier"] for (at, *_), points in smoothed.items() if at == stored_at]
    bounds = [t_interval(points) for points in maps_there if len(points) > 1]
    below, above = sum(high < 0 for _, _, high in bounds), sum(low > 0 for _, low, _ in bounds)
    if bounds:
        of_photographs += f" On {plots.set_name(MAIN[stored_at])} the smoothed last labels are surely below the best earlier cell in {below or 'none'} of {plots.count(len(bounds), 'map')} and surely above it in {above or 'none'}."
of_digits = ""
if MAIN[scale] == "noisy digits":
    noisy, sharp, clean = (
        smoothed[scale, *kind]
        for kind in (("noisy digits", True, 1), ("noisy digits", False, 1), ("clean digits", True, 1))
    )
    stays = [kind for kind, points in (("with", noisy), ("without", sharp)) if t_interval(points["earlier"])[2] < 0]
    softer = t_interval(clean["itself at τ = 1"])[1] > 0
    faults = "So on noisy digits the late labels"
    if softer:
        faults = "So late labels can be worse for two reasons. They are too hard, and a temperature corrects that. On noisy digits those"
    fault = "So the digits do not show that late labels have a fault which a temperature cannot correct."
    if stays:
        fault = f"{faults} of a teacher trained {' as well as '.join(stays)} augmentation have a {'second ' if softer else ''}fault which a temperature does not correct; the paper's claim is about such labels."
    of_digits = f"With one image per class of noisy digits, smoothing changes the last labels by {written(noisy['itself at τ = 1'])} points and leaves them {beside(noisy['earlier'])} the best earlier cell: it {undoes(noisy['earlier'])}. On clean digits it changes them by {written(clean['itself at τ = 1'])}. {fault}"
plots.answer(of_digits + of_photographs)

# %% tags=["hide-input"]
said = []
for rows, _ in students_and_teachers:
    data = MAIN[rows.attrs["scale"]]
    ipcs = sorted(rows[rows.data == data].ipc.unique())
    several = len(ipcs) > 1
    where = f"on {plots.set_name(data)}, with {' and '.join(map(str, ipcs)) + ' images per class' if several else images_each(ipcs[0])},"
    said.append(
        claims.sentence(
            "N8",
            rows,
            f"{where} it does{' at each' if several else ''}",
            f"{where} it does not{' at each' if several else ''}",
            f"{where} the rows do not decide it",
        )
    )
plots.answer(
    f"**Does a temperature make the early labels better too?** Claim N8 asks whether one above 1 beats τ = 1, each with its best epoch: {'; '.join(said)}."
)

# %% [markdown]
# **The paper's figure** 4 is one map, for Tiny ImageNet and ten images per class, over epochs and ten temperatures from 1 to 5. Its numbers stand only in the figure. Its claim, as far as we know it (from a machine-written description of the figure, which is not the authors'), is that at no temperature the late labels reach a well-chosen early epoch.
#
# ### Equal entropy, different labels
#
# Along a row of the map only the temperature changes, and with it the entropy. If the entropy were all that counts, all rows would fall on one curve against it.


# %% tags=["hide-input"]
def equal_entropy(rows, name):
    """Accuracy against label entropy, a curve per teacher epoch, for the paper's kind of teacher at one scale."""
    panels = read.panels(rows, None)
    panels = [p for p in panels if p.points["data"] == MAIN[rows.attrs["scale"]] and p.points["teacher_augmented"]]
    fig, axes = plt.subplots(1, len(panels), figsize=(4.7 * len(panels), 4.2), squeeze=False)
    epochs = sorted({epoch for panel in panels for epoch in read.by_temperature(rows, **panel.points).index})
    colours = plots.shades(epochs, "plasma", 0.75, 0.05)
    said, ahead = [], []
    for letter, ax, panel in zip("ABCD", axes.flat, panels, strict=False):
        accuracy, nats = (
            read.by_temperature(rows, metric, **panel.points) for metric in ("accuracy_last", "label_entropy")
        )
        last, best, ends = panel.last, read.best_epoch(accuracy[1.0].iloc[:-1]), {}
        for epoch in accuracy.index:
            ax.plot(nats.loc[epoch], accuracy.loc[epoch], "o-", markersize=4, color=colours[epoch])
            at_1 = nats.loc[epoch, 1.0], accuracy.loc[epoch, 1.0]
            ax.plot(*at_1, "D", markersize=8, color=colours[epoch])
            ends[f"epoch {epoch}"] = *at_1, colours[epoch]
        wanted = nats.loc[best, 1.0]
        ax.axvline(wanted, color="0.5", linewidth=1, linestyle=":")
        matched = read.at_entropy(accuracy.loc[last], nats.loc[last], wanted)
        heated = (
            f", interpolated to the temperature that gives it, {matched:.1f} %"
            if matched == matched
            else " does not reach it"
        )
        ax.invert_xaxis()
        ax.set(xlabel="label entropy, nats", title=f"{letter}  {title(panel)}")
        for text, (x_, y_, colour) in ends.items():
            span, height = np.ptp(nats), np.ptp(accuracy)
            crowded = any(0 < x_ - x2 < span / 4 and abs(y_ - y2) < height / 12 for x2, y2, _ in ends.values())
            where = {"xytext": (-6, -13), "ha": "right"} if crowded else {"xytext": (9, 3)}
            ax.annotate(text, (x_, y_), textcoords="offset points", color=colour, fontsize=10, **where)
        said.append(
            f"{title(panel)}: at {wanted:.2f} nats epoch {best} gives {accuracy.loc[best, 1.0]:.1f} % and epoch {last}{heated}"
        )
        if matched == matched:
            ahead.append(f"{plots.signed(accuracy.loc[best, 1.0] - matched)} ({letter})")
    axes[0, 0].set_ylabel("student's test accuracy, %")
    headline = claims.sentence(
        "L21",
        rows,
        "Entropy alone does not say what a label is worth.",
        "At equal entropy an earlier epoch's labels are worth no more than the last one's.",
        "Whether entropy alone says what a label is worth is open.",
    )
    at_equal = (
        f"; there that epoch minus the last is, in points, {' and '.join(ahead)} (interpolated between temperatures)"
        if ahead
        else ""
    )
    plots.show(
        fig,
        name=name,
        caption=f"**{headline}** A curve: one teacher epoch at all temperatures; diamond: τ = 1. Dotted: the entropy of the best earlier epoch at τ = 1{at_equal}.",
        alt=f"Accuracy against label entropy, a curve per teacher epoch. {'; '.join(said)}.",
        rows=[rows],
    )


equal_entropy(students_and_teachers[0][0], "equal-entropy")

# %% tags=["hide-cell"]
for rows, _ in students_and_teachers[1:]:  # the same of other images
    equal_entropy(rows, f"equal-entropy-{rows.attrs['scale']}")

# %% [markdown]
# A single label shows what a temperature cannot do. It keeps the order of the entries and multiplies all differences of their logarithms by one factor. The example is one of the first ten images: the one whose label differs most between the two epochs once both have the same entropy.


# %% tags=["hide-input"]
def matching(logits, wanted):
    """The temperature at which softmax(logits / τ) has the wanted entropy: between 0.1 and 10, by halving."""
    low, high = 0.1, 10.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if entropy(soften(logits, middle)) < wanted else (low, middle)
    return middle


early, late = stops[2], stops[3]
logits = {epoch: convnet.logits(teachers_at[epoch], x[picked[0]])[0] for epoch in (early, late)}  # (10, c) each
soft = {epoch: soften(value, 1.0) for epoch, value in logits.items()}
taus = [matching(logits[late][i], entropy(soft[early][i])) for i in range(10)]
apart = [float((soften(logits[late][i], taus[i]) - soft[early][i]).abs().sum() / 2) for i in range(10)]
example = int(np.argmax(apart))  # the image whose two labels differ most
true, tau_equal = int(y[picked[0, example]]), taus[example]
soft = {epoch: value[example] for epoch, value in soft.items()}
equal = soften(logits[late][example], tau_equal)


# %% tags=["hide-input"]
def draw_label(ax, tau):
    """The late label at τ as bars, the true class in blue; the early label as a black outline."""
    bars = soften(logits[late][example], tau)
    colours = [plots.ROLE["teacher"] if k == true else plots.ROLE["train"] for k in range(10)]
    ax.bar(range(10), bars, color=colours, width=0.8)
    ax.stairs(soft[early], np.arange(11) - 0.5, color="0.1", linewidth=2)
    ax.set(xticks=range(10), ylim=(0, 1.12 * float(max(soft[early].max(), soft[late].max()))), xlabel="class")
    ax.set_title(f"τ = {tau:g}: {entropy(bars):.2f} nats", loc="center")


shown, frames = sorted({1.0, 1.25, 1.5, 2.0, 2.5, 4.0, round(tau_equal, 2)}), []
for tau in shown:
    fig, axes = plt.subplots(1, 2, figsize=(8, 3.4), width_ratios=(1, 2.6))
    axes[0].imshow(x[picked[0, example], 0], cmap="Greys")
    axes[0].set(xticks=[], yticks=[])
    axes[0].spines[:].set(visible=True, color="0.8")
    axes[0].set_title(f"a {true}", loc="center")
    draw_label(axes[1], tau)
    axes[1].set_ylabel("soft label")
    lines = {
        f"epoch {early}, τ = 1: {entropy(soft[early]):.2f} nats": {"color": "0.1", "linewidth": 2},
        f"epoch {late} at τ": {"color": plots.ROLE["train"], "linewidth": 7},
        "its true class": {"color": plots.ROLE["teacher"], "linewidth": 7},
    }
    plots.legend_below(fig, lines)
    frames.append(fig)
about = f"At τ = {tau_equal:.2f} both labels have {entropy(equal):.2f} nats, and {100 * apart[example]:.0f} % of the late label would have to move to make it the early one. The early label puts {int(soft[early].argmax())} first with {float(soft[early].max()):.2f}; the late one, at that temperature, puts {int(soft[late].argmax())} first with {float(equal.max()):.2f}."
plots.slider(
    frames,
    [f"{tau:g}" for tau in shown],
    name="one-label-smoothed",
    knob="temperature τ of the late label",
    start=shown.index(round(tau_equal, 2)),
    caption=f"**{'No temperature makes the late label the early one.' if apart[example] > 0.1 else 'At equal entropy the late label is nearly the early one.'}** At τ = {tau_equal:.2f} both have the same entropy, and {100 * apart[example]:.0f} % of the late label would have to move; on average over ten images it is {100 * np.mean(apart):.0f} %.",
    alt=f"A noisy digit {true} and its label after epoch {late} of the teacher at temperatures {shown[0]:g} to {shown[-1]:g}, against that after epoch {early}. {about}",
)

# %% [markdown]
# ## Exercises
#
# **1.** In the ten lines, give students the labels of the teacher after its last epoch at a temperature above 1, `label(teacher, x[picked], tau=2)`. How much of what the last epochs lost should come back?

# %% tags=["hide-cell"]
late_teacher = teachers_at[stops[-1]]
at_tau = {1.0: students_right[stops[-1]]}
for tau in (1.5, 2.0, 3.0):
    heated = teach(x[picked], label(late_teacher, x[picked], tau))
    at_tau[tau] = (convnet.logits(heated, test).argmax(-1) == truth).float().mean()
best_tau = max(at_tau, key=at_tau.get)
lost = max(students_right.values()) - students_right[stops[-1]]
back = at_tau[best_tau] - at_tau[1.0]
plots.answer(
    f"Of {100 * lost:.1f} points, τ = {best_tau:g} brings back {100 * back:.1f}: {'not all, and a temperature cannot change the order of the entries' if back < lost else 'all of them, here'}."
)

# %% [markdown]
# **2.** Give the students only the teacher's first guess, its most probable class, as a hard label. Should they still prefer an early epoch?

# %% tags=["hide-cell"]
guessed = {}
for epoch in (stops[-2], stops[-1]):
    first_guess = harden(label(teachers_at[epoch], x[picked]).argmax(-1).flatten(), 10).unflatten(0, picked.shape)
    guessed[epoch] = (convnet.logits(teach(x[picked], first_guess), test).argmax(-1) == truth).float().mean()
change, of_soft = (100 * float(of[stops[-1]] - of[stops[-2]]) for of in (guessed, students_right))
if of_soft >= 0:
    suggests = "Students of whole labels lose nothing here, so there is no decline to explain."
elif change > of_soft / 2:
    suggests = "This suggests that the decline comes mainly from the other entries."
else:
    suggests = "Students of the first guess lose as well, so the other entries do not explain the whole decline."
plots.answer(
    f"From epoch {stops[-2]} to {stops[-1]} students of the first guess change by {plots.signed(change)} points, those of whole labels by {plots.signed(of_soft)}. {suggests}"
)

# %% [markdown]
# **3.** What is the entropy of a label that gives its class one half and spreads the rest evenly over the others, for 10 and for 200 classes? Is a label of 3 nats soft?

# %% tags=["hide-cell"]
halves = {c: math.log(2) + math.log(c - 1) / 2 for c in (10, 200)}
plots.answer(
    f"It is ½ ln 2 + ½ ln 2(c − 1): {halves[10]:.2f} nats for 10 classes and {halves[200]:.2f} for 200. Nats compare only between labels of the same number of classes: 3 nats are more than ln 10 = {math.log(10):.2f}, and {300 / math.log(200):.0f} % of ln 200."
)

# %% [markdown]
# ## Where we depart, and why
#
# :::{dropdown} Data, replicates, choice, temperature, entropy, evaluation
# - **Data and networks.** Live: noisy digits, a ConvNet of two blocks and 16 channels for teacher and student; students train for 60 to 150 epochs without augmentation. Stored rows are of Tiny ImageNet at 32×32, with a ConvNet of three blocks and 64 channels (reduced scale), and of CIFAR-100, with 128 channels as in the paper (paper scale).
# - **Replicates.** The paper trains five students on one draw of images, and its intervals are over students. Ours are over draws of images, students averaged within each. All students of a curve or a map have the same teacher; the curves of several are in [data and teachers](../record/data_and_teachers).
# - **Choice.** The paper chooses and reports an epoch on the same test images. So do our maps and curves, and the claims about which epoch is best. For claims about accuracy one half of the students chooses and the other reports.
# - **Training on CIFAR-100.** Students train for 1000 epochs, one per draw; the official command and COMP6258 have 3000, and five students. What the full length changes, where it was run, is measured [on the page of small data sets](small_data_sets).
# - **Figures 2 and 4** are in the paper of ImageNet-1K (by COMP6258's account) and of Tiny ImageNet with ten images per class, figure 4 with ten temperatures from 1 to 5. Ours are of the sets, numbers of images, epochs and temperatures that the figures show.
# - **Temperature.** The official code multiplies logits by a number called `temp`; our τ is its inverse.
# - **Entropy.** In the figures it is that of the labels that the students see; in claim L12 it is that of the whole training set, as in the paper's scripts.
# - **Evaluation.** Accuracy is that of the last epoch; [what the official code reports](../record/reference_code) is the best of several.
# - **Ours alone** are hard labels in figure 2, the teachers without augmentation and of clean digits in figure 4, and the test of the two explanations.
# :::
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("label_worth/teacher_and_entropy", [students, teachers, hot])

# %% tags=["hide-input"]
reads = {}  # scale -> the fewest images per class, and what is lost at the end, by draw
for rows in known:
    few = read.choices(rows, MAIN[rows.attrs["scale"]]).iloc[0]
    reads[rows.attrs["scale"]] = few, read.lost_at_the_end(rows, MAIN[rows.attrs["scale"]], few.name)
at_scale, (few, lost) = next(((s, r) for s, r in reads.items() if len(r[1]) > 1), (scale, reads[scale]))
its_teachers = next(rows for rows in known if rows.attrs["scale"] == at_scale).teacher.nunique()
where = f"({plots.set_name(MAIN[at_scale])}, {at_scale} scale, {plots.count(its_teachers, 'teacher')}, {plots.count(len(lost), 'draw')} of images)"
if len(lost):
    where = f"where half of the students choose the epoch and the others report {where}"
each, (_, low, high) = images_each(few.name), t_interval(lost)
if low > 0:
    said = f"Where images are few, a teacher should stop before its end: with {each} the labels of its best epoch beat those of epoch {few['last']}, the last tried, by {plots.points(lost)} {where}."
elif high < 0:
    said = f"A teacher should not stop before its end: with {each} no earlier epoch keeps its lead over epoch {few['last']}, the last tried, {plots.points(lost)} {where}."
else:
    said = f"These rows do not say that a teacher should stop early: with {each} the best epoch is ahead of epoch {few['last']}, the last tried, by {plots.points(lost)} {where}."
deciding, ends = next(  # ends: smoothed last labels minus the best earlier ones
    (
        (rows, points)
        for rows, _ in students_and_teachers
        if len(points := smoothed[rows.attrs["scale"], MAIN[rows.attrs["scale"]], True, 1]["earlier"]) > 1
    ),
    (hot, smoothed[scale, MAIN[scale], True, 1]["earlier"]),
)
kinds = deciding[deciding.data == MAIN[deciding.attrs["scale"]]].groupby("teacher_augmented").teacher.nunique()
kinds = [
    f"{plots.count(n, 'teacher')} with{'' if augmented else 'out'} augmentation" for augmented, n in kinds[::-1].items()
]
said += " The last epoch's labels can also be smoothed, by the best temperature tried."
said += f" On {plots.set_name(MAIN[deciding.attrs['scale']])} " + claims.sentence(
    "L20",
    deciding,
    "smoothed last labels of an overfitted teacher are not more than a point better than its best earlier ones",
    "smoothed last labels of an overfitted teacher are more than a point better than its best earlier ones",
    "it is open whether smoothed last labels of an overfitted teacher are more than a point better than its best earlier ones",
)
said += f" ({' and '.join(kinds)}). With augmentation and one image per class they are {beside(ends)} them ({plots.count(len(ends), 'draw')} of images)."
for rows, _ in students_and_teachers:  # the first maps of the paper's number of images
    points = smoothed.get((rows.attrs["scale"], MAIN[rows.attrs["scale"]], True, 10), {})
    if len(points.get("earlier", ())) > 1:
        said += f" On {plots.set_name(MAIN[rows.attrs['scale']])} with ten images per class, as in the paper's figure 4, they are {beside(points['earlier at τ = 1'])} the best earlier ones at τ = 1, and {beside(points['earlier'])} the best at any τ ({plots.count(len(points['earlier']), 'draw')})."
        break
above, _ = reads[largest.attrs["scale"]]
if largest.attrs["scale"] != at_scale:
    picture = f"{plots.set_name(MAIN[largest.attrs['scale']])} has a single draw of images in this study, so no interval; in it "
    said += f" {picture}" + (
        f"epoch {above.epoch} of {above['last']} is best, with {images_each(above.name)}."
        if above.epoch < above["last"]
        else f"the last epoch is best, with {images_each(above.name)}."
    )
plots.answer(f"## Answer\n\n{said}")

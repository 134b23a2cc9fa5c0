# %% [markdown]
# # The best teacher is not the best-trained one
#
# **Question.** A teacher that trains longer is right more often, and surer of itself. After which of its epochs are its labels worth most to a student, and can a later label be made as good by smoothing it?
#
# This page computes figures 2 and 4 and table 7 of [Qin, Deng and Alvarez-Melis (2024)](https://arxiv.org/abs/2406.10485) again. A teacher (the paper's *expert*) learns the whole training set with hard labels and is kept after every epoch. A student sees a few images a class (IPC of them) with the soft labels that the teacher gives them after one of its epochs. The **entropy** of a label, in nats, is 0 for a hard one and $\ln c$ for one that says nothing.

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
import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from matplotlib.lines import Line2D

from softlabels import claims, hyperparameters, plots, published
from softlabels.claims.readings.images import by_unit, gap, level, pick
from softlabels.claims.readings.points import at
from softlabels.claims.readings.teacher_and_entropy import OVERFITS
from softlabels.data.images import load
from softlabels.errors import NotRun
from softlabels.intervals import t_interval
from softlabels.labels import entropy, harden, soften
from softlabels.models import convnet
from softlabels.paths import cache_folder
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.sweep import live
from softlabels.training.images import Recipe, train_stack

plots.use_house_style()
smoke = scale == "smoke"  # only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# One small ConvNet learns a thousand noisy digits ([where they come from](../record/data_and_teachers)) and is kept after some of its epochs. Sixteen students see ten images each, one of every class, with the labels that the teacher gives them then. They start from the same weights each time: only the labels change.

# %%
digits = load("noisy digits", cache_folder())
x, y = digits.batch(digits.train, slice(None)), digits.train.classes  # (n, 1, 8, 8), (n,)
test, truth = digits.batch(digits.test, slice(None)), digits.test.classes
shape = convnet.Shape(depth=2, width=16, channels=1, height=8, breadth=8, classes=10)


def streams(who, R=1):
    """R random streams of their own."""
    return [torch_stream("when to stop, in ten lines", who, r) for r in range(R)]


def teach(images, labels):
    """R students of images (R, n, 1, 8, 8) with labels (R, n, 10)."""
    how = {"momentum": 0.9, "weight_decay": 5e-4, "schedule": "quarters"}
    first = convnet.start(shape, streams("student", len(images)))
    recipe = Recipe(lr=0.1, epochs=150, batch=256, **how)
    return train_stack(first, images, labels, recipe, streams("order", len(images)))


def say(teacher, images):
    """Its labels (R, n, 10) of images (R, n, 1, 8, 8)."""
    found = convnet.logits(teacher, images.flatten(0, 1))[0]
    return soften(found, tau=1).unflatten(0, images.shape[:2])


stops, after = ((1, 2, 3, 4) if smoke else (2, 8, 16, 40)), {}  # epochs, and weights by epoch
recipe = Recipe(lr=0.05, epochs=stops[-1], batch=64, augmentation="dsa digits")
first = convnet.start(shape, streams("teacher"))
hard = harden(y, 10).unsqueeze(0)
train_stack(first, x, hard, recipe, streams("batches"), evaluate=after.__setitem__, at=stops)

draws = range(2 if smoke else 16)
picked = torch.stack([digits.ipc_rows(ipc=1, draw=draw) for draw in draws])  # (R, 10)
for epoch, teacher in after.items():
    labels = say(teacher, x[picked])
    answers = convnet.logits(teach(x[picked], labels), test).argmax(-1)  # (R, test images)
    own = convnet.logits(teacher, test)[0].argmax(-1)
    known, right, same = ((a == b).float().mean() for a, b in ((own, truth), (answers, truth), (answers, own)))
    print(f"epoch {epoch:2}: teacher right on {known:.0%}, label entropy {entropy(labels).mean():.2f} nats")
    print(f"{'':10}students right on {right:.1%}, agree with it on {same:.0%}")

# %% [markdown]
# The teacher gets better and better, its students do not. With one image of each class they learn most from a teacher that is far from done.
#
# ## Figure 2: teacher, entropy, student
#
# The same for several numbers of images, with draws of images as replicates and, for comparison, the same students on hard labels.

# %%
students = live("label_worth/teacher_epochs", scale, device)
teachers = live("label_worth/teachers", scale, device)
larger = stored("label_worth/teacher_epochs")

# %% tags=["hide-input"]
MAIN = {"smoke": "noisy digits", "quick": "noisy digits", "reduced": "tiny-imagenet-32", "paper": "tiny-imagenet"}
IPC_COLOUR = {1: "#440154", 2: "#3b528b", 5: "#21808c", 10: "#35b779", 50: "#e0a100", 100: "#d1495b"}


def by_epoch(rows, metric="accuracy_last", **points):
    """A metric of soft labels: draws of images × teacher epochs, students averaged; accuracies in percent."""
    cell = pick(rows, ("teacher_epoch",), labels="soft", **points)
    return by_unit(cell, metric, ["draw", "teacher_epoch"]).unstack()


def images(n):
    return "one image" if n == 1 else f"{n} images"


def summary(rows, data):
    """By IPC: the best epoch on average over draws, what else is as good, and what is reached there, at the last epoch, and with hard labels."""
    found = {}
    for ipc in sorted(at(rows, data=data, labels="soft").ipc.unique()):
        means = by_epoch(rows, data=data, ipc=ipc).mean()
        best = means.idxmax()
        hard = at(rows, data=data, labels="hard", ipc=ipc)
        found[int(ipc)] = {
            "epoch": best,
            "near": ", ".join(f"{epoch}" for epoch in means.index[means > means[best] - 1]),
            "teacher": by_epoch(rows, "teacher_accuracy", data=data, ipc=ipc).mean()[best],
            "entropy": by_epoch(rows, "label_entropy", data=data, ipc=ipc).mean()[best],
            "student": means[best],
            "last": means.index[-1],
            "teacher_last": by_epoch(rows, "teacher_accuracy", data=data, ipc=ipc).mean().iloc[-1],
            "student_last": means.iloc[-1],
            "hard": 100 * hard.accuracy_last.mean() if len(hard) else math.nan,
        }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("ipc")


def draw_students(ax, rows, data, against):
    """Students of each IPC against a mean of the teacher's: soft labels solid, ringed at their best; hard labels dashed."""
    for ipc, best in summary(rows, data).iterrows():
        accuracy, place = (by_epoch(rows, metric, data=data, ipc=ipc) for metric in ("accuracy_last", against))
        colour = IPC_COLOUR.get(ipc, "0.5")
        plots.with_interval(ax, place.mean().to_numpy(), accuracy, color=colour, marker="o", markersize=4)
        ring = {"markersize": 11, "markerfacecolor": "none", "markeredgecolor": colour, "markeredgewidth": 1.6}
        ax.plot(place.mean()[best.epoch], best.student, "o", **ring)
        ax.axhline(best.hard, color=colour, linestyle="--", linewidth=1.2)


def teacher_figure(rows, data, name, source="", stamped=True):
    """Students against the teacher's accuracy, above the entropy of its labels; and against that entropy."""
    found = summary(rows, data)
    few, many = found.iloc[0], found.iloc[-1]
    fig, axes = plt.subplot_mosaic("AB;CB", figsize=(9.4, 5.6), height_ratios=(2.6, 1))
    axes["C"].sharex(axes["A"])
    draw_students(axes["A"], rows, data, "teacher_accuracy")
    draw_students(axes["B"], rows, data, "label_entropy")
    whole = by_epoch(rows, "teacher_accuracy", data=data, ipc=few.name).mean()
    heat = by_epoch(rows, "label_entropy", data=data, ipc=few.name).mean()
    axes["C"].plot(whole, heat, "o-", color="0.3", markersize=4)
    shown = -math.inf
    for epoch in whole.index:
        crowded = whole[epoch] < shown + (whole.max() - whole.min()) / 25
        where = {"xytext": (-3, -12) if crowded else (3, 4), "ha": "right" if crowded else "left"}
        if not crowded or epoch == whole.index[-1]:
            axes["C"].annotate(f"{epoch}", (whole[epoch], heat[epoch]), textcoords="offset points", fontsize=9, **where)
        shown = max(shown, whole[epoch])
    axes["B"].plot(heat, whole, color=plots.ROLE["teacher"], linestyle=":", linewidth=2)
    axes["A"].set(ylabel="student's test accuracy, %")
    axes["A"].tick_params(labelbottom=False)
    axes["C"].set(xlabel="teacher's test accuracy, % (numbers: its epochs)", ylabel="label\nentropy")
    axes["C"].margins(y=0.3)
    axes["B"].set(xlabel="label entropy, nats (falls as the teacher trains)", ylabel="test accuracy, %")
    axes["B"].invert_xaxis()
    axes["A"].set_title("A  against the teacher's accuracy")
    axes["B"].set_title("B  against the entropy of its labels")
    handles = [Line2D([], [], color=IPC_COLOUR.get(i, "0.5"), marker="o", label=f"{i} a class") for i in found.index]
    handles += [Line2D([], [], color="0.4", linestyle="--", label="hard labels")]
    handles += [Line2D([], [], color=plots.ROLE["teacher"], linestyle=":", label="teacher")]
    fig.legend(handles=handles, loc="outside lower center", ncols=6 if len(handles) < 7 else 4, fontsize=10)
    said = "; ".join(
        f"{ipc} a class: {b.student:.1f} % at epoch {b.epoch} (teacher {b.teacher:.1f} %, entropy {b.entropy:.2f}), {b.student_last:.1f} % at epoch {b['last']}, hard labels {b.hard:.1f} %"
        for ipc, b in found.iterrows()
    )
    finding = (
        f"**With {images(few.name)} a class the labels of a half-trained teacher are the best.** From epoch {few.epoch} on the teacher improves from {few.teacher:.1f} to {few.teacher_last:.1f} %, its students lose {few.student - few.student_last:.1f} points; with {many.name} a class they lose {many.student - many.student_last:.1f} from epoch {many.epoch} on."
        if few.epoch < few["last"]
        else f"**With {images(few.name)} a class, too, the last epoch is the best of these.**"
    )
    draws = rows[rows.data == data].groupby("ipc").draw.nunique()
    bands = "Bands are 95 % t intervals over draws of images." if draws.max() > 1 else ""
    plots.show(
        fig,
        name=name,
        caption=f"{finding} {plots.set_name(data)}{source}; rings: the best epoch of each curve. {bands}".strip(),
        alt=f"Student's accuracy against the teacher's accuracy and against label entropy, a curve a number of images. {said}.",
        rows=[rows] if stamped else (),
    )


plots.missing("label_worth/teacher_epochs")
if larger is not None:
    teacher_figure(larger, MAIN[larger.attrs["scale"]], "teacher-and-entropy-larger")

# %% tags=["hide-input", "thumbnail"]
teacher_figure(students, MAIN[scale], "teacher-and-entropy")

# %% [markdown]
# Read panel A along a curve. At first student and teacher improve together: the teacher knows little, and what it knows it says. Then the curves part. With many images a student follows its teacher further; with few it turns back while the teacher goes on. Panel B is the same against the entropy of the labels: each number of images has a softness that suits it, the lower the more images there are.
#
# **The paper's figure** is this one for ImageNet-1K: students against the teacher's accuracy, with the entropy on a second axis, and against the entropy. Students rise with their teacher, then stand still or fall, and the best epoch comes later the more images there are. Its numbers are only in the figure. Those of an independent reproduction on CIFAR-100 can be read off its curves:


# %% tags=["hide-input"]
def reproduction():
    """Its curves as rows like ours: one teacher, one draw of images."""
    prefix, found = "reproduction, teacher epoch ", []
    own = {
        "teacher_accuracy": (published.find("reproduction, teacher's test accuracy"), 100),
        "label_entropy": (published.find("reproduction, label entropy"), 1),
    }
    for series in (series for series in published.all() if series.name.startswith(prefix)):
        epoch = int(series.name.removeprefix(prefix))
        about = {"labels": "soft", "teacher_epoch": epoch} | {k: v.value(epoch) / by for k, (v, by) in own.items()}
        found += [about | {"ipc": n, "accuracy_last": m / 100} for n, m in zip(series.at, series.mean, strict=True)]
    hard = published.find("reproduction, hard labels")
    found += [{"labels": "hard", "ipc": n, "accuracy_last": m / 100} for n, m in zip(hard.at, hard.mean, strict=True)]
    found = pd.DataFrame(found).assign(data=hard.data, draw=0)
    return found.astype({"teacher_epoch": "Int64"}), hard.read_off


on_cifar, read_off = reproduction()
teacher_figure(
    on_cifar,
    "cifar100",
    "teacher-and-entropy-reproduction",
    source=f", the independent reproduction's ConvNetD3, best of its evaluations on the test set, read off to ±{read_off} points",
    stamped=False,
)

# %% [markdown]
# ### Why do few images want an early teacher?
#
# Two explanations offer themselves. A late teacher has learned *its own training images* by heart, and the student's images are among them, so that their labels say less about what the images look like. Or a late teacher is simply *harder to imitate* from a handful of images. They can be told apart: let the teacher label images that it never saw, and count how often its students agree with it on new ones.

# %%
parts = {
    "its own training images": (x, y),
    "images new to it": (digits.batch(digits.validation, slice(None)), digits.validation.classes),
}


def some(classes, ipc, stream):
    """Indices (10·ipc,) of images drawn at random from each class."""
    order = torch.randperm(len(classes), generator=stream)
    return torch.cat([order[classes[order] == k][:ipc] for k in range(10)])


followed = []
for labelled, (pictures, classes) in parts.items():
    for ipc, R in ((1, 2), (5, 2)) if smoke else ((1, 12), (5, 6)):
        chosen = torch.stack([some(classes, ipc, s) for s in streams(f"{labelled}, {ipc}", R)])
        for epoch, teacher in after.items():
            labels = say(teacher, pictures[chosen])  # (R, 10·ipc, c)
            answers = convnet.logits(teach(pictures[chosen], labels), test).argmax(-1)
            own = convnet.logits(teacher, test)[0].argmax(-1)
            found = {"agree": answers == own, "right": answers == truth}
            found["known"] = labels.argmax(-1) == classes[chosen]  # by the teacher
            shares = pd.DataFrame({name: hit.double().mean(1) for name, hit in found.items()})
            followed.append(shares.assign(labelled=labelled, ipc=ipc, epoch=epoch, draw=range(R)))
followed = pd.concat(followed)

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 2, figsize=(9.4, 4.1))
LINES = dict(zip(parts, ("-", ":"), strict=True))
for ax, metric, title in zip(axes, ("agree", "right"), ("A  agrees with its teacher", "B  right"), strict=True):
    for (labelled, ipc), cell in followed.groupby(["labelled", "ipc"], sort=False):
        cell = 100 * cell.pivot(index="draw", columns="epoch", values=metric)
        look = {"color": IPC_COLOUR[ipc], "linestyle": LINES[labelled], "marker": "o", "markersize": 5}
        plots.with_interval(ax, cell.columns, cell, label=f"{ipc} a class, {labelled}", **look)
    ax.set(xlabel="teacher's epoch", ylabel="of new images, %")
    ax.set_title(title)
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
mean = 100 * followed.groupby(["labelled", "ipc", "epoch"])[["agree", "right", "known"]].mean()
its, new = parts
last = stops[-1]
said = "; ".join(
    f"{ipc} a class, {labelled}: agree {', '.join(f'{v:.0f}' for v in mean.agree[labelled, ipc])}, right {', '.join(f'{v:.1f}' for v in mean.right[labelled, ipc])}"
    for labelled in parts
    for ipc in (1, 5)
)
top = {labelled: mean.right[labelled, 1].idxmax() for labelled in parts}
plots.show(
    fig,
    name="teacher-fidelity",
    caption=f"**A later teacher is harder to imitate.** Students of the teacher of the first cell; bands are 95 % t intervals over draws of images. With one image a class they agree with the teacher of epoch {mean.agree[its, 1].idxmax()} on {mean.agree[its, 1].max():.0f} % of new images and with that of epoch {last} on {mean.agree[its, 1][last]:.0f} %. Memory of the student's images is not what does it: of its own images the teacher knows {mean.known[its, 1][last]:.0f} % by then and of new ones {mean.known[new, 1][last]:.0f} %, but the students of either rise and fall alike.",
    alt=f"Two panels against the teacher's epochs {', '.join(map(str, stops))}. {said}.",
)

# %% tags=["hide-input"]
drop = {labelled: mean.right[labelled, 1][top[labelled]] - mean.right[labelled, 1][last] for labelled in parts}
plots.answer(
    f"From its best epoch to epoch {last} a student with one image a class loses {drop[its]:.1f} points where the teacher labels its own training images and {drop[new]:.1f} where it labels images that it never saw. So the first explanation {'does not hold here' if drop[new] > drop[its] / 2 else 'has its share'}: the decline is {'there' if drop[new] > drop[its] / 2 else 'smaller'} without any memory of the student's images. "
    f"The second fits: a student gets the teacher's knowledge as far as it can copy it, and while the one grows with the teacher's epochs, the other shrinks. More images help to copy: with five a class students still agree with the teacher of epoch {last} on {mean.agree[its, 5][last]:.0f} % of new images, with one on {mean.agree[its, 1][last]:.0f} %, so that more of what it learned late arrives."
)

# %% [markdown]
# Others have met both halves of this. [Cho and Hariharan (2019)](https://arxiv.org/abs/1910.01348) found that better teachers often teach worse, explain it by students too small to mimic them, and stop the teacher early as a remedy. Here teacher and student are the *same* network; what the student lacks is not capacity but images. [Stanton et al. (2021)](https://arxiv.org/abs/2106.05945) measured how well students match their teachers even where they could match them exactly, found large gaps, and found that a closer match does not always make a better student. Panel A is their measure, agreement of the likeliest class, on images that neither network has seen.
#
# ## Table 7: where to stop
#
# What the paper chose for each data set and number of images, beside what the same search finds here. The optimum is flat, so the epochs within one point of it stand beside it.


# %% tags=["hide-input"]
def our_choices(rows):
    """Table 7's columns for each of our data sets."""
    found = []
    for data in dict.fromkeys(rows.data):
        for ipc, best in summary(rows, data).iterrows():
            one = at(rows, data=data, ipc=ipc, labels="soft").iloc[0]
            found.append(
                {
                    "images": plots.set_name(data),
                    "IPC": ipc,
                    "rates": f"{one.teacher_lr:g}, {one.lr:g}",
                    "epoch": f"{best.epoch} of {best['last']}",
                    "within a point": best.near,
                    "teacher, %": f"{best.teacher:.1f}",
                    "entropy": f"{best.entropy:.2f}",
                    "student, %": f"{best.student:.1f}",
                    "E": f"{one.epochs}",
                }
            )
    return pd.DataFrame(found)


def show_table(frame):
    plots.raw(
        f'<div style="overflow-x:auto">{frame.to_html(index=False, border=0, classes="table", justify="left")}</div>'
    )


shown = [rows for rows in (larger, students) if rows is not None]
networks = pd.concat([rows[["data", "network"]] for rows in shown]).drop_duplicates().itertuples(index=False)
networks = "; ".join(f"{plots.set_name(data)}, {network}" for data, network in networks)
plots.answer(
    f"**Ours** ({networks}). Rates are the teacher’s and the student’s, E is how many epochs the student itself trains."
)
show_table(pd.concat(map(our_choices, shown)))

# %% tags=["hide-input"]
FIELDS = {
    "ipc": "IPC",
    "teacher": "teacher",
    "teacher_lr": "teacher’s rate",
    "student_lr": "student’s rate",
    "teacher_epoch": "teacher’s epoch",
    "teacher_accuracy": "teacher’s accuracy",
    "student_epochs": "E",
}


objections = {}  # what speaks against a row: (field, value, source) -> its letter
for conflict in (conflict for choice in hyperparameters.CHOICES for conflict in choice.conflicts):
    objections.setdefault(conflict, "abcdefghijklmnopqrstuvwxyz"[len(objections)])

plots.answer(
    "**The paper’s**, as printed. E is not in the table; it comes from the official code’s sample commands, and is not known where they have none (?). Letters: other sources disagree, see below."
)
show_table(
    pd.DataFrame(
        {
            "images, network": f"{plots.set_name(c.data)}, {c.teacher}",
            "IPC": c.ipc,
            "rates": f"{c.teacher_lr:g}, {c.student_lr:g}",
            "epoch": c.teacher_epoch,
            "teacher, %": f"{c.teacher_accuracy:.1f}",
            "E": c.student_epochs or "?",
            "against": " ".join(objections[conflict] for conflict in c.conflicts) or "–",
        }
        for c in hyperparameters.CHOICES
    )
)
said = []
for conflict, letter in objections.items():
    value = f"{conflict.value:g}" if isinstance(conflict.value, (int, float)) else conflict.value
    said.append(f"- **{letter}** {FIELDS[conflict.field]} {value}: {conflict.where}")
plots.answer("\n".join(said))


# %% tags=["hide-input"]
def optimism(rows, data):
    """By how many points the best cell's students look better than others at the epoch that they chose, by IPC."""
    found = {}
    for ipc, best in summary(rows, data).iterrows():
        try:
            honest = level(rows, over=["teacher_epoch"], labels="soft", data=data, ipc=ipc)[""].mean()
        except NotRun:
            continue
        found[ipc] = best.student - honest
    return found


def listed(values, form=""):
    return ", ".join(format(value, form) for value in values)


best = summary(students, MAIN[scale])
gained = optimism(students, MAIN[scale])
theirs = {}
for choice in hyperparameters.CHOICES:
    theirs.setdefault(plots.set_name(choice.data), []).append(choice.teacher_epoch)
theirs = "; ".join(f"{data} {listed(its)}" for data, its in theirs.items() if data != plots.set_name("imagenet"))
slow, fast = (hyperparameters.chosen("imagenet", ipc, "ResNet18") for ipc in (10, 50))
plots.answer(
    f"{'Both go the same way, later for more images' if best.epoch.is_monotonic_increasing else 'The paper’s come later for more images; ours do so only in part'}. Ours are {listed(best.epoch)} for IPC {listed(best.index)}; the paper's {theirs}. On ImageNet the epoch falls once, from {slow.teacher_epoch} to {fast.teacher_epoch}, where the teacher's learning rate changes from {slow.teacher_lr:g} to {fast.teacher_lr:g}; the teacher's accuracy rises there too. "
    + (
        f"All these epochs are chosen on the test set, the paper's and those in our table. Where one half of our students chooses and the other half reports, accuracy is at most {max(gained.values()):.1f} points lower; the claims below are judged that way."
        if gained
        else ""
    )
)

# %% [markdown]
# ## Figure 4: can a late label be smoothed back?
#
# A late teacher's labels are nearly hard, an early one's are soft. If softness were all that counts, one could train the teacher to its end and divide its logits by a temperature τ. Here is every epoch at every temperature, and, beside the paper's kind of teacher, two of ours: one trained without augmentation, which overfits more, and one of digits without noise, which hardly overfits at all.

# %%
hot = live("label_worth/temperatures", scale, device)
hot_larger = stored("label_worth/temperatures")

# %% tags=["hide-input"]
plots.missing("label_worth/temperatures")


def settings_of(rows):
    """The panels of a figure: data, whether the teacher's images were augmented, IPC; the paper's kind of teacher first."""
    main = MAIN[rows.attrs["scale"]]
    known = rows[["data", "teacher_augmented", "ipc"]].drop_duplicates().to_dict("records")
    return sorted(known, key=lambda p: (p["data"] != main, not p["teacher_augmented"], p["ipc"]))


def titled(points):
    kind = "" if points["teacher_augmented"] else ", no augmentation"
    return f"{plots.set_name(points['data'])}{kind}, {points['ipc']} a class"


def overfits(own, points, last):
    """By how many points the teacher is better on its training images than on the test set; NaN where it has no rows."""
    if own is None:
        return math.nan
    try:
        cell = at(own, data=points["data"], augmented=points["teacher_augmented"], epoch=last)
    except NotRun:
        return math.nan
    return 100 * (cell.train_accuracy - cell.accuracy).mean()


def cells_of(rows, points, metric="accuracy_last"):
    """Mean over draws: teacher epochs × temperatures; accuracies in percent."""
    cell = pick(rows, ("teacher_epoch", "tau"), labels="soft", **points)
    return by_unit(cell, metric, ["draw", "teacher_epoch", "tau"]).groupby(["teacher_epoch", "tau"]).mean().unstack()


def heat_figure(rows, own, name):
    """A map a panel; boxes: the best cell before the last epoch, and the last epoch's best."""
    wanted = settings_of(rows)
    fig, axes = plt.subplots(
        math.ceil(len(wanted) / 2), 2, figsize=(9.4, 3.5 * math.ceil(len(wanted) / 2)), squeeze=False
    )
    said, found = [], []
    for ax in axes.flat[len(wanted) :]:
        ax.axis("off")
    for letter, ax, points in zip("ABCDEFGH", axes.flat, wanted, strict=False):
        table = cells_of(rows, points)
        last, size = table.index[-1], table.to_numpy()
        mesh = ax.pcolormesh(size, cmap="viridis", edgecolors="white", linewidth=1)
        if table.size > 60:  # too many for a number in each
            fig.colorbar(mesh, ax=ax)
        else:
            for (i, j), value in np.ndenumerate(size):
                dark = value < np.nanmin(size) + 0.6 * np.ptp(size[np.isfinite(size)])
                text = f"{value:.1f}" if np.isfinite(value) else ""
                ax.text(
                    j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=10.5, color="white" if dark else "0.1"
                )
        early, late = table.iloc[:-1].stack().idxmax(), (last, table.loc[last].idxmax())
        for (epoch, tau), colour in ((early, "#d55e00"), (late, "#cc79a7")):
            corner = list(table.columns).index(tau) + 0.04, list(table.index).index(epoch) + 0.05
            ax.add_patch(plt.Rectangle(corner, 0.92, 0.9, fill=False, edgecolor=colour, linewidth=3))
        ax.set_xticks(np.arange(len(table.columns)) + 0.5, [f"{tau:g}" for tau in table.columns])
        shown = slice(None, None, math.ceil(len(table) / 9))
        ax.set_yticks((np.arange(len(table)) + 0.5)[shown], [f"{epoch}" for epoch in table.index[shown]])
        ax.tick_params(length=0)
        more = overfits(own, points, last)
        kind = [] if points["teacher_augmented"] else ["no augmentation"]
        if more == more:
            kind += [f"teacher overfits by {more:.0f} points" if more >= 0.5 else "teacher does not overfit"]
        ax.set_title(
            f"{letter}  {plots.set_name(points['data'])}, {points['ipc']} a class\n     {', '.join(kind)}".rstrip()
        )
        ax.set(xlabel="temperature τ of the labels", ylabel="teacher's epoch")
        best, smoothed = table.loc[early], table.loc[late]
        found.append((more, smoothed - best))
        said.append(
            f"{letter}, {titled(points)}: {best:.1f} % at epoch {early[0]} and τ = {early[1]:g}, last epoch {table.loc[last, 1.0]:.1f} % at τ = 1 and at most {smoothed:.1f} % at τ = {late[1]:g}"
        )
    where = {"where the teacher overfits by at least ten points": [d for more, d in found if more >= OVERFITS]}
    where["elsewhere"] = [d for more, d in found if not more >= OVERFITS]
    overfitted = next(iter(where.values()))
    short = " and ".join(f"{listed(ds, '+.1f')} points {place}" for place, ds in where.items() if ds).replace("-", "−")
    plots.show(
        fig,
        name=name,
        caption=(
            "**Where a teacher overfits, no temperature makes its last labels better than earlier ones.**"
            if overfitted and max(overfitted) < 0
            else f"**At its best temperature the last epoch reaches the best earlier cell in {sum(d >= 0 for _, d in found)} of {len(found)} maps.**"
        )
        + f" The last epoch's best cell (pink box) minus the best earlier one (orange box): {short}."
        + " Student's test accuracy in percent, colours from the lowest to the highest of each panel, means over draws of images. *Overfits by*: the teacher's accuracy on its training images minus that on the test set.",
        alt=f"{len(wanted)} maps of student's accuracy over teacher's epoch and temperature. {'; '.join(said)}.",
        rows=[rows],
    )


of_teachers = [(hot, teachers)]  # students, and the teachers of the same scale
if hot_larger is not None:
    of_teachers.insert(0, (hot_larger, stored("label_worth/teachers", scale=hot_larger.attrs["scale"])))
    heat_figure(*of_teachers[0], "smoothing-larger")
heat_figure(*of_teachers[-1], "smoothing")


# %% [markdown]
# The maps choose their best cells by the numbers that they show. In the table one half of the students chooses and the other half reports, both ways round; in brackets 95 % t intervals over draws of images, in points.


# %% tags=["hide-input"]
def points_of(rows, of, to, points):
    """A difference of two best cells with its interval over draws, as words; – where there are too few students."""
    try:
        found = gap(rows, of, to, over=("teacher_epoch", "tau"), labels="soft", **points)[""]
    except NotRun:
        return "–"
    return plots.interval(t_interval(found), write=plots.signed)


def smoothed(rows, own):
    """What smoothing the last epoch gains, and what is missing to earlier epochs."""
    found, numbers = [], {}
    for points in settings_of(rows):
        last = int(at(rows, **points).teacher_epoch.max())
        before, late = {"teacher_epoch": [1, last - 1]}, {"teacher_epoch": last}
        more = overfits(own, points, last)
        asked = {
            "gain": (late, late | {"tau": 1.0}),
            "to early, τ = 1": (late, before | {"tau": 1.0}),
            "to early, best τ": (late, before),
        }
        words = {name: points_of(rows, *pair, points) for name, pair in asked.items()}
        numbers[points["data"], points["teacher_augmented"], points["ipc"]] = words
        found.append(
            {
                "": titled(points),
                "teacher overfits by": f"{max(more, 0):.0f}" if more == more else "–",
                "smoothing the last epoch gains": words["gain"],
                "smoothed last − best earlier at τ = 1": words["to early, τ = 1"],
                "smoothed last − best earlier at any τ": words["to early, best τ"],
            }
        )
    return pd.DataFrame(found), numbers


tables = [smoothed(*pair) for pair in of_teachers]
show_table(pd.concat([table for table, _ in tables]))

# %% tags=["hide-input"]
_, numbers = tables[-1]
plain, sharp, clean = (
    numbers[key] for key in (("noisy digits", True, 1), ("noisy digits", False, 1), ("clean digits", True, 1))
)
plots.answer(
    f"So it depends on the teacher. With one image a class of noisy digits, smoothing the last labels gains {plain['gain']} points and leaves them at {plain['to early, best τ']} from the best earlier cell; without augmentation, where the teacher overfits most, it gains {sharp['gain']} and leaves them at {sharp['to early, best τ']}. On clean digits, where the teacher does not overfit, it gains {clean['gain']} and ends at {clean['to early, τ = 1']} from the best earlier epoch at τ = 1. So one part of what makes late labels worse is that they are too hard, and a temperature mends that; where the teacher overfits there is another part, and it does not. The paper's claim is about such labels."
)

# %% [markdown]
# ### Equal entropy, different labels
#
# Along a row of the map only the entropy changes. If it were what counts, all rows would fall on one curve against it.


# %% tags=["hide-input"]
def entropy_figure(rows, name):
    """Accuracy against label entropy, a curve a teacher epoch, temperature rising to the left."""
    wanted = [p for p in settings_of(rows) if p["data"] == MAIN[rows.attrs["scale"]] and p["teacher_augmented"]]
    fig, axes = plt.subplots(1, len(wanted), figsize=(4.7 * len(wanted), 4.2), squeeze=False)
    epochs = sorted({epoch for points in wanted for epoch in cells_of(rows, points).index})
    colours = dict(zip(epochs, plt.get_cmap("plasma")(np.linspace(0.85, 0.1, len(epochs))), strict=True))
    said = []
    for letter, ax, points in zip("ABCD", axes.flat, wanted, strict=False):
        accuracy, heat = (cells_of(rows, points, metric) for metric in ("accuracy_last", "label_entropy"))
        for epoch in accuracy.index:
            ax.plot(heat.loc[epoch], accuracy.loc[epoch], "o-", markersize=4, color=colours[epoch])
            ax.plot(heat.loc[epoch].iloc[0], accuracy.loc[epoch].iloc[0], "D", markersize=8, color=colours[epoch])
        last, best = accuracy.index[-1], accuracy[1.0].iloc[:-1].idxmax()
        wanted_entropy = heat.loc[best, 1.0]
        ax.axvline(wanted_entropy, color="0.5", linewidth=1, linestyle=":")
        late = heat.loc[last].sort_values()
        matched = np.interp(wanted_entropy, late, accuracy.loc[last][late.index], left=math.nan, right=math.nan)
        heated = f", heated to it, {matched:.1f} %" if matched == matched else " does not come there"
        ax.invert_xaxis()
        ax.set(xlabel="label entropy, nats", ylabel="student's test accuracy, %")
        ax.set_title(f"{letter}  {titled(points)}")
        said.append(
            f"{titled(points)}: at {wanted_entropy:.2f} nats epoch {best} gives {accuracy.loc[best, 1.0]:.1f} % and epoch {last}{heated}"
        )
    handles = [Line2D([], [], color=colour, marker="o", label=f"epoch {epoch}") for epoch, colour in colours.items()]
    handles.append(Line2D([], [], color="0.4", marker="D", linestyle="none", markersize=8, label="τ = 1"))
    fig.legend(handles=handles, loc="outside lower center", ncols=6, fontsize=10)
    plots.show(
        fig,
        name=name,
        caption=f"**Entropy alone does not say what a label is worth.** A curve a teacher epoch, its labels at all temperatures; the dotted line is the entropy of the best earlier epoch at τ = 1. On it, {'; '.join(said)}. Claim L21 below puts an interval on this difference.",
        alt=f"Accuracy against label entropy, a curve a teacher epoch. {'; '.join(said)}.",
        rows=[rows],
    )


if hot_larger is not None:
    entropy_figure(hot_larger, "equal-entropy-larger")
entropy_figure(hot, "equal-entropy")

# %% [markdown]
# What a temperature cannot do is seen on a single label. It keeps the order of the entries and the ratios of their logarithms; what the teacher came to think between two epochs stays. The example is the one of the first ten images whose label differs most between the two epochs once both have the same entropy.

# %% tags=["hide-input"]
early, late = stops[2], stops[3]
ten = picked[0]
logits = {epoch: convnet.logits(after[epoch], x[ten])[0] for epoch in (early, late)}  # (10, c) each
soft = {epoch: soften(value, 1.0) for epoch, value in logits.items()}


def matching(value, wanted):
    """The temperature at which softmax(value / τ) has the wanted entropy: between 0.1 and 10, by halving."""
    low, high = 0.1, 10.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if entropy(soften(value, middle)) < wanted else (low, middle)
    return middle


taus = [matching(logits[late][i], entropy(soft[early][i])) for i in range(10)]
apart = [float((soften(logits[late][i], taus[i]) - soft[early][i]).abs().sum() / 2) for i in range(10)]
example = int(np.argmax(apart))
true, tau_equal = int(y[ten[example]]), taus[example]
SHOWN = sorted({1.0, 1.25, 1.5, 2.0, 2.5, 4.0, round(tau_equal, 2)})
most = 1.12 * float(max(soft[early][example].max(), soft[late][example].max()))


def draw_label(ax, tau):
    """The late label at τ as bars, the true class in blue; the early label as a black outline."""
    label = soften(logits[late][example], tau)
    colours = [plots.ROLE["teacher"] if k == true else plots.ROLE["train"] for k in range(10)]
    ax.bar(range(10), label, color=colours, width=0.8)
    edges = np.arange(11) - 0.5
    ax.stairs(soft[early][example], edges, color="0.1", linewidth=2)
    ax.set(xticks=range(10), ylim=(0, most), xlabel="class")
    ax.set_title(f"τ = {tau:g}: {entropy(label):.2f} nats", loc="center")


frames = []
for tau in SHOWN:
    fig, axes = plt.subplots(1, 2, figsize=(8, 3.4), width_ratios=(1, 2.6))
    axes[0].imshow(x[ten[example], 0], cmap="Greys")
    axes[0].set(xticks=[], yticks=[])
    axes[0].spines[:].set(visible=True, color="0.8")
    axes[0].set_title(f"a {true}", loc="center")
    draw_label(axes[1], tau)
    axes[1].set_ylabel("soft label")
    handles = [
        Line2D(
            [], [], color="0.1", linewidth=2, label=f"epoch {early}, τ = 1: {entropy(soft[early][example]):.2f} nats"
        ),
        Line2D([], [], color=plots.ROLE["train"], linewidth=7, label=f"epoch {late} at τ"),
        Line2D([], [], color=plots.ROLE["teacher"], linewidth=7, label="its true class"),
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=10)
    frames.append(fig)
equal = soften(logits[late][example], tau_equal)
names = {epoch: int(soft[epoch][example].argmax()) for epoch in (early, late)}
about = f"At τ = {tau_equal:.2f} both labels have {entropy(equal):.2f} nats, and {apart[example]:.0%} of the late label would have to move to make it the early one. The early label puts {names[early]} first with {float(soft[early][example].max()):.2f}, the late one {names[late]}, at that temperature with {float(equal.max()):.2f}."
alt = f"A noisy digit {true} and its label after epoch {late} of the teacher at temperatures {SHOWN[0]:g} to {SHOWN[-1]:g}, against that after epoch {early}. {about}"
plots.slider(
    frames,
    [f"{tau:g}" for tau in SHOWN],
    name="one-label-smoothed",
    knob="temperature τ of the late label",
    start=SHOWN.index(round(tau_equal, 2)),
    caption=f"**Turn τ: no temperature makes the late label the early one.** {about} Over the ten images this share is {np.mean(apart):.0%} on average.",
    alt=alt,
)

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 4, figsize=(9.4, 2.7), sharey=True)
for ax, tau in zip(axes, (1.0, round(tau_equal, 2), 2.5, 4.0), strict=True):
    draw_label(ax, tau)
axes[0].set_ylabel("soft label")
plots.show(
    fig,
    name="one-label-smoothed-static",
    caption=f"**The same, still:** four positions of the slider; the second is that of equal entropy. Outline: epoch {early}; bars: epoch {late} at τ.",
    alt=f"Four of the slider's positions, τ = 1, {tau_equal:.2f}, 2.5 and 4. {about}",
)

# %% [markdown]
# **The paper's figure** 4 is one map, for Tiny ImageNet and ten images a class, over epochs and ten temperatures from 1 to 5. Its numbers are only in the figure; it says that at no temperature the late labels reach a well-chosen early epoch.
#
# ## Where we depart, and why
#
# - **Data and networks.** Live: noisy digits, a ConvNet of two blocks and 16 channels for teacher and student; students train for 60 to 150 epochs without augmentation. Rows of reduced scale are of Tiny ImageNet at 32×32, with a ConvNet of three blocks and 64 channels.
# - **Replicates.** The paper trains five students on one draw of images; its intervals are theirs. Ours are over draws of images, students averaged within each. All students of a figure have the same teacher; the curves of three teachers are in [data and teachers](../record/data_and_teachers).
# - **Choice.** The paper chooses and reports an epoch on the same test images. Our maps and curves do too, our claims do not: one half of the students chooses, the other reports.
# - **Temperature.** The official code multiplies logits by a number called `temp`; our τ is its inverse.
# - **Entropy.** In the figures it is that of the labels that the students see; in claim L12 it is that of the whole training set, as in the paper's scripts.
# - **Evaluation.** Accuracy is that of the last epoch; [what the official code reports](../record/reference_code) is the best of several.
# - **Ours alone** are hard labels in figure 2, the teachers without augmentation and of clean digits in figure 4, and the test of the two explanations.
#
# ## Verdicts

# %% tags=["hide-input"]
everything = [students, teachers, hot, *claims.committed("label_worth/teacher_and_entropy")]
claims.table("label_worth/teacher_and_entropy", everything)

# %% tags=["hide-input"]
verdict = claims.verdicts("label_worth/teacher_and_entropy", everything)["L13"]
judged = [rows for rows in (larger, students) if rows is not None and verdict.get(rows.attrs["scale"])]
judged = next((rows for rows in judged if verdict[rows.attrs["scale"]].value is not None), students)
found = summary(judged, MAIN[judged.attrs["scale"]])
few, lost = found.iloc[0], verdict.get(judged.attrs["scale"])
lost = (
    plots.interval((lost.value, lost.low, lost.high), unit=" points")
    if lost and lost.value is not None
    else f"{few.student - few.student_last:.1f} points"
)
plots.answer(
    "## Answer\n\n"
    f"Early, where there are few images: with {images(few.name)} a class the labels of epoch {few.epoch} (teacher {few.teacher:.0f} % right, {few.entropy:.2f} nats) beat those of epoch {few['last']} by {lost}, and the best epochs for IPC {listed(found.index)} are {listed(found.epoch)}. "
    f"Smoothing does not undo it where the teacher overfits: at their best temperature its last labels are {plain['to early, best τ']} points from the best earlier ones, without augmentation {sharp['to early, best τ']}; on clean digits, where the teacher does not overfit, smoothing gains {clean['gain']} points."
)

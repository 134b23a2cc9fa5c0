# %% [markdown]
# # How much of it is luck
#
# **Question.** A student of one random image a class, labelled by one teacher: how much of its accuracy is the luck of the images, of the teacher, of the student? And would it help to choose the images instead of drawing them?
#
# This page computes tables 5 and 6 and figure 9 of [Qin, Deng and Alvarez-Melis (2024)](https://arxiv.org/abs/2406.10485) again: six draws of images with one teacher, six teachers with one draw of images, and images taken from one tenth of each class, from those that the teacher finds easiest to those it finds hardest.

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
from scipy.stats import chi2

from softlabels import claims, plots, published
from softlabels.claims.readings.images import pick
from softlabels.claims.readings.sensitivity import spread
from softlabels.data.images import load
from softlabels.data.selection import deciles, of_decile
from softlabels.intervals import bootstrap_interval, spearman, t_interval
from softlabels.labels import harden, soften
from softlabels.models import convnet
from softlabels.paths import cache_folder
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.sweep import live
from softlabels.training.images import Recipe, train_stack

plots.use_house_style()
shorten = 10 if scale == "smoke" else 1  # the smoke scale only checks that everything runs

# %% [markdown]
# ## The idea in ten lines
#
# A teacher of [noisy digits](../record/data_and_teachers) names its training images more or less well: the cross-entropy of an image is $-\ln$ of the probability that the teacher gives its class. We sort each class by it, cut it into ten parts, and train students on one image a class: the easiest tenth, the hardest tenth, and five random draws.

# %%
digits = load("noisy digits", cache_folder())
x, y = digits.batch(digits.train, slice(None)), digits.train.classes  # (n, 1, 8, 8), (n,)
test = digits.batch(digits.test, slice(None))
shape = convnet.Shape(depth=2, width=16, channels=1, height=8, breadth=8, classes=10)
new = lambda who: torch_stream("luck in ten lines", who)  # noqa: E731

how = Recipe(lr=0.05, epochs=16 // shorten, batch=64, augmentation="dsa digits")
teacher = train_stack(convnet.start(shape, [new("teacher")]), x, harden(y, 10)[None], how, [new("batches")])
soft = soften(convnet.logits(teacher, x)[0], tau=1)  # (n, 10)

hardness = -soft[range(len(y)), y].log()  # cross-entropy, nats
tenth = deciles(hardness, y)  # (n,), 1 the easiest
chosen = {f"random, draw {draw}": digits.ipc_rows(ipc=1, draw=draw) for draw in range(42, 47)}
chosen |= {f"tenth {number}": of_decile(tenth, y, number, 1, new(number)) for number in (1, 10)}

how = Recipe(lr=0.1, epochs=150 // shorten, batch=256, momentum=0.9, weight_decay=5e-4, schedule="quarters")
for name, rows in chosen.items():
    student = train_stack(convnet.start(shape, [new("student")]), x[rows], soft[None, rows], how, [new("order")])
    right = (convnet.logits(student, test)[0].argmax(1) == digits.test.classes).float().mean()
    print(
        f"{name:16} right on {right:.1%}; the teacher gives the ten images {soft[rows, y[rows]].mean():.2f} on their class"
    )

# %% tags=["hide-input"]
fig, axes = plt.subplots(2, 10, figsize=(9.2, 2.5))
for c in range(10):
    of_class = (y == c).nonzero().flatten()
    order = of_class[hardness[of_class].argsort()]
    for ax, image in zip(axes[:, c], (order[0], order[-1]), strict=True):
        ax.imshow(x[image, 0], cmap="Greys", vmin=-3, vmax=3)
        ax.set(xticks=[], yticks=[])
        ax.set_xlabel(f"{soft[image, c]:.2f}", fontsize=9, labelpad=2)
    axes[0, c].set_title(str(c), loc="center")
for ax, text in zip(axes[:, 0], ("easiest", "hardest"), strict=True):
    ax.set_ylabel(text)
ends = [float(np.mean([float(soft[y == c, c].quantile(q)) for c in range(10)])) for q in (1.0, 0.0)]
plots.show(
    fig,
    name="luck-images",
    caption=f"**What the teacher finds easy and hard.** Of each digit the training image that the teacher of the example names best (above) and worst (below), with the probability that it gives the digit: {ends[0]:.2f} and {ends[1]:.2f} on average.",
    alt=f"Two rows of ten noisy digits. Mean probability of the true class: {ends[0]:.2f} above, {ends[1]:.2f} below.",
)

# %% [markdown]
# ## Tables 5 and 6: other images, other teachers

# %%
of_images, of_teachers = (live(f"label_worth/{name}_draws", scale, device) for name in ("image", "teacher"))
larger = [stored("label_worth/image_draws"), stored("label_worth/teacher_draws")]

# %% tags=["hide-input"]
MAIN = {"smoke": "noisy digits", "quick": "noisy digits", "reduced": "tiny-imagenet-32", "paper": "tiny-imagenet"}
SOURCES = {  # what is drawn anew: its column, its colour
    "images": ("draw", plots.ROLE["held_out"]),
    "teacher": ("teacher", plots.ROLE["teacher"]),
}


def units(rows, source, ipc, labels="soft"):
    """Of each unit, a draw of images or a teacher: mean, variance and number of its students, in percent."""
    part = pick(rows, labels=labels, ipc=ipc, data=MAIN[rows.attrs["scale"]])
    return (100 * part.accuracy_last).groupby(part[SOURCES[source][0]]).agg(["mean", "var", "count"])


def luck(rows, source, ipc):
    """Standard deviations in points: over units with its 95 % interval, of single students, and of units without them."""
    found = units(rows, source, ipc)
    n, variance = len(found), found["mean"].var()
    student = found["var"].mean() if (found["count"] > 1).any() else math.nan
    low, high = (math.sqrt((n - 1) * variance / chi2.ppf(q, n - 1)) if n > 1 else math.nan for q in (0.975, 0.025))
    alone = math.sqrt(max(variance - np.nan_to_num(student) / found["count"].mean(), 0)) if n > 1 else math.nan
    gain = found["mean"].mean() - units(rows, source, ipc, "hard")["mean"].mean()
    return pd.Series(
        {"mean": found["mean"].mean(), "sd": math.sqrt(variance) if n > 1 else math.nan, "low": low, "high": high}
        | {"student": math.sqrt(student), "alone": alone, "gain": gain, "n": n, "of each": found["count"].mean()}
    )


def budgets(*tables):
    """The numbers of images a class that all tables have."""
    return sorted(set.intersection(*(set(rows.ipc) for rows in tables)))


# %% tags=["hide-input"]
def draws_figure(of_images, of_teachers, name):
    """A panel an IPC: each draw's and each teacher's mean as a dot, hard labels of the same draws beside."""
    ipcs, both = budgets(of_images, of_teachers), {"images": of_images, "teacher": of_teachers}
    fig, axes = plt.subplots(1, len(ipcs), figsize=(9.2, 4.3), sharey=True, squeeze=False)
    said = []
    for ax, ipc in zip(axes[0], ipcs, strict=True):
        columns = [
            ("hard labels,\nother images", units(of_images, "images", ipc, "hard"), plots.ROLE["independent"], "s")
        ]
        columns += [
            (
                f"soft labels,\nother {'images' if source == 'images' else 'teachers'}",
                units(rows, source, ipc),
                SOURCES[source][1],
                "o",
            )
            for source, rows in both.items()
        ]
        for place, (_, found, colour, marker) in enumerate(columns):
            at = place + np.linspace(-0.25, 0.25, len(found))
            ax.errorbar(
                at,
                found["mean"],
                found["var"].fillna(0) ** 0.5,
                fmt=marker,
                color=colour,
                markersize=5,
                linewidth=1,
                alpha=0.9,
            )
            ax.plot([place - 0.36, place + 0.36], [found["mean"].mean()] * 2, color=colour, linewidth=2)
        ax.set_xticks(range(3), [text for text, *_ in columns], fontsize=8)
        ax.set_title(f"IPC {ipc}", fontweight="bold", loc="center")
        images, teacher = (luck(rows, source, ipc) for source, rows in both.items())
        said.append(
            f"IPC {ipc}: standard deviation {images['sd']:.1f} points over {images['n']:.0f} draws of images, {teacher['sd']:.1f} over {teacher['n']:.0f} teachers, gain over hard labels {plots.signed(images['gain'])} points"
        )
    axes[0, 0].set_ylabel("student’s accuracy, %")
    axes[0, 0].set_ylim(bottom=0)
    plots.show(
        fig,
        name=name,
        caption=f"**Luck moves a student by less than soft labels do, as long as these have much to give.** {'; '.join(said)}. A dot is the mean of a draw's or a teacher's students, its bar their standard deviation.",
        alt="Accuracies of single draws. " + ". ".join(said) + ".",
        rows=[of_images, of_teachers],
    )


def luck_table(of_images, of_teachers):
    """The numbers of tables 5 and 6 as HTML."""
    lines = []
    for source, rows in (("images", of_images), ("teacher", of_teachers)):
        for ipc in budgets(of_images, of_teachers):
            found, column = luck(rows, source, ipc), SOURCES[source][0]
            arguments = {"unit": column, "of": {"labels": "soft"}, "to": {"labels": "hard"}, "ipc": ipc}
            ratio, low, high = bootstrap_interval(spread(rows, data=MAIN[rows.attrs["scale"]], **arguments)[""])
            share = plots.interval((ratio, low, high), 2) if math.isfinite(ratio) else "no gain"
            lines.append(
                {
                    "anew": "images (table 5)" if source == "images" else "teacher (table 6)",
                    "IPC": ipc,
                    "each of the draws, %": ", ".join(f"{v:.1f}" for v in units(rows, source, ipc)["mean"]),
                    "sd, points": plots.interval((found["sd"], found["low"], found["high"])),
                    "of one student": f"{found['student']:.1f}" if found["student"] == found["student"] else "–",
                    "sd without students": f"{found['alone']:.1f}",
                    "gain over hard": plots.signed(found["gain"]),
                    "3 sd / gain": share,
                }
            )
    table = pd.DataFrame(lines)
    plots.raw(f'<div style="overflow-x:auto">{table.to_html(index=False, border=0, classes="table")}</div>')


if all(rows is not None for rows in larger):
    draws_figure(*larger, "luck-draws-stored")
    luck_table(*larger)
for study_id in ("label_worth/image_draws", "label_worth/teacher_draws"):
    plots.missing(study_id)

# %% tags=["hide-input"]
draws_figure(of_images, of_teachers, "luck-draws")
luck_table(of_images, of_teachers)


# %% tags=["hide-input"]
def error_bars(of_images, of_teachers):
    """What an error bar of students alone leaves out."""
    said, ipcs = [], budgets(of_images, of_teachers)
    for ipc in ipcs:
        images, teacher = luck(of_images, "images", ipc), luck(of_teachers, "teacher", ipc)
        student = images["student"]
        if student == student and student > 0:
            whole = math.sqrt(student**2 + images["alone"] ** 2 + teacher["alone"] ** 2)
            said.append(
                f"at IPC {ipc} {student:.1f} points for students alone and {whole:.1f} for all three, {whole / student:.1f} times as much"
            )
    if not said:
        return "With one student a draw, what students add cannot be told apart here."
    series = published.find("table 2, Tiny ImageNet, soft labels")
    printed = ", ".join(f"{sd:g} at IPC {ipc:g}" for ipc, sd in zip(series.at, series.sd, strict=True))
    return f"**What an error bar leaves out.** The paper's error bars are standard deviations over students on the same images with the same teacher's labels (its table 2, Tiny ImageNet: {printed} points). Who runs the experiment again has other images and another teacher too. If the three add up independently, the standard deviation of a whole new run is, {'; '.join(said)}."


plots.answer(error_bars(of_images, of_teachers) if any(rows is None for rows in larger) else error_bars(*larger))

# %% [markdown]
# ## Figure 9: easy images, hard images

# %%
rows = live("label_worth/image_choice", scale, device)
larger_choice = stored("label_worth/image_choice")


# %% tags=["hide-input"]
def change(rows, metric="accuracy_last", times=100.0):
    """A metric on images of a tenth minus that on random ones: {IPC: draws × tenths}."""
    part = pick(rows, ("selection",), labels="soft", data=MAIN[rows.attrs["scale"]])
    found = {}
    for ipc, of_ipc in part.groupby("ipc"):
        table = times * of_ipc.groupby(["draw", "selection"])[metric].mean().unstack()
        tenths = table.drop(columns="random").rename(columns=lambda name: int(name.removeprefix("decile ")))
        found[ipc] = tenths.sort_index(axis=1).sub(table["random"], axis=0).dropna()
    return found


def headline(gains):
    """Where the ends differ from random images beyond their 95 % intervals."""
    ends = {n: [t_interval(table[k]) for k in (table.columns[0], table.columns[-1])] for n, table in gains.items()}
    better = ", ".join(str(n) for n, (easy, _) in ends.items() if easy[1] > 0)
    worse = ", ".join(str(n) for n, (_, hard) in ends.items() if hard[2] < 0)
    first = (
        f"The easiest tenth teaches better than random images at IPC {better}"
        if better
        else "The easiest tenth is not surely better than random images"
    )
    return first + (f"; the hardest teaches worse at IPC {worse}." if worse else "; nor is the hardest surely worse.")


def choice_figure(rows, name):
    """Left: accuracy against random images, by tenth; right: the entropy of the labels."""
    gains, part = change(rows), pick(rows, ("selection",), labels="soft", data=MAIN[rows.attrs["scale"]])
    fig, axes = plt.subplots(1, 2, figsize=(9.2, 4.3), width_ratios=(1.35, 1))
    colours = dict(zip(gains, plt.get_cmap("plasma")(np.linspace(0.82, 0.1, len(gains))), strict=True))
    said = []
    for ipc, table in gains.items():
        plots.with_interval(
            axes[0], table.columns, table, color=colours[ipc], marker="o", markersize=5, label=f"IPC {ipc}"
        )
        entropy = part[part.ipc == ipc].groupby("selection").label_entropy.mean()
        tenths = entropy.drop("random").rename(lambda name: int(name.removeprefix("decile "))).sort_index()
        axes[1].plot(tenths.index, tenths, color=colours[ipc], marker="o", markersize=5, label=f"IPC {ipc}")
        axes[1].axhline(entropy["random"], color=colours[ipc], linewidth=1.1, linestyle=":")
        first, last = table.columns[0], table.columns[-1]
        rho = spearman(table.mean())
        easy, hard = (plots.interval(t_interval(table[k]), write=plots.signed, unit=" points") for k in (first, last))
        said.append(
            f"IPC {ipc}: easiest tenth {easy}, hardest {hard}, rank correlation {plots.number(rho, 2)} "
            f"over {len(table.columns)} tenths, {len(table)} draws"
        )
    axes[0].axhline(0, color="0.2", linewidth=1.1, linestyle=":")
    axes[0].set(xlabel="tenth of each class, easiest to hardest", ylabel="accuracy against random images, points")
    axes[1].set(xlabel="tenth of each class, easiest to hardest", ylabel="label entropy, nats")
    for ax in axes:
        ax.set_xticks(range(1, 11))
    axes[0].legend()
    plots.show(
        fig,
        name=name,
        caption=f"**{headline(gains)}** Left: accuracy on soft labels minus that on random images of the same number, with 95 % t intervals over draws. {'; '.join(said)}. Right: the labels' entropy; dotted, of random images.",
        alt="Change of accuracy by tenth of difficulty. " + ". ".join(said) + ".",
        rows=[rows],
    )
    return gains


plots.missing("label_worth/image_choice")
if larger_choice is None:
    gains_larger = None
else:
    gains_larger = choice_figure(larger_choice, "luck-choice-stored")

# %% tags=["hide-input", "thumbnail"]
gains = choice_figure(rows, "luck-choice")

# %% [markdown]
# Our reading, which no experiment here tests: an image that the teacher names well looks like its class, and with one image a class a typical one is worth having; several typical ones are alike and add less. In the hardest tenth the teacher is mostly wrong, so its labels are, and no hard label corrects them.


# %% tags=["hide-input"]
def against_luck(gains, rows, of_images):
    """The gain of the easiest tenth in units of the luck of the draw."""
    said = []
    for ipc, table in gains.items():
        if ipc in set(of_images.ipc):
            easy, sd = table.iloc[:, 0].mean(), luck(of_images, "images", ipc)["sd"]
            said.append(
                f"at IPC {ipc} {plots.signed(easy)} points, where one standard deviation over random draws is {sd:.1f}"
            )
    return f"**Choosing against drawing.** The easiest tenth brings, {'; '.join(said)}." if said else ""


if gains_larger is not None and larger[0] is not None:
    plots.answer(against_luck(gains_larger, larger_choice, larger[0]))
plots.answer(against_luck(gains, rows, of_images))

# %% [markdown]
# ## The paper's tables and figure, in words
#
# Table 5 has six seeds of the image choice, table 6 six teachers, each on Tiny ImageNet with 1, 10 and 50 images a class; the paper finds little variation. Figure 9 has the change of accuracy against random images over ten quantiles of cross-entropy for the same three budgets: a small gain for the easiest quantile, a clear loss for the hardest. Their values are not printed in any text that we could read, so the numbers are only in the paper's tables and figure, and none of them stands here.
#
# ## Where we depart, and why
#
# - **What a deviation is of.** Over draws (or teachers) of means over students, divided by one less than their number. The claims subtract what students add, since a mean over few students moves by itself.
# - **Hard labels** of the same draws stand beside, to have a size to compare with.
# - **Which images of a tenth.** The official code takes the first ones in the order of files, and fills up from the next tenth where one is short. Ours are drawn at random from their tenth, so that there are replicates.
# - **Whose difficulty.** The teacher and epoch that label the images also sort them, as in the paper.
# - **The labels of hard digits** are less certain than those of easy ones (right panel), and ten images a class of noisy digits are a whole tenth: at IPC 10 its draws differ in nothing but the student's luck.
# - **Size.** Digits live; at reduced scale Tiny ImageNet at 32×32 with deciles 1, 3, 5, 8 and 10.
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("label_worth/sensitivity", [of_images, of_teachers, rows, *claims.committed("label_worth/sensitivity")])

# %% tags=["hide-input"]
six = units(of_images, "images", budgets(of_images, of_teachers)[0])
within = [math.sqrt((len(six) - 1) / chi2.ppf(q, len(six) - 1)) for q in (0.975, 0.025)]
plots.answer(
    f"{len(six)} draws tell a standard deviation only to between {within[0]:.2f} and {within[1]:.2f} times its value. So a claim that asks for less than a third of the gain is decided where the deviation is far from that, and open where it is near."
)


# %% tags=["hide-input"]
def answer(of_images, of_teachers, gains):
    """Two sentences."""
    ipcs = budgets(of_images, of_teachers)
    few, last = ipcs[0], ipcs[-1]
    first = [luck(of_images, "images", few), luck(of_teachers, "teacher", few)]
    end = [luck(of_images, "images", last), luck(of_teachers, "teacher", last)]
    table = gains[min(gains)]
    return (
        f"With {few} image{'s' if few > 1 else ''} a class another draw of images moves a student's accuracy by {first[0]['sd']:.1f} points (one standard deviation) and another teacher by {first[1]['sd']:.1f}, where soft labels gain {first[0]['gain']:.1f} over hard ones; with {last} a class by {end[0]['sd']:.1f} and {end[1]['sd']:.1f}. "
        f"Taking the images that the teacher finds easiest brings {plots.signed(table.iloc[:, 0].mean())} points at IPC {min(gains)} and {plots.signed(gains[max(gains)].iloc[:, 0].mean())} at IPC {max(gains)}, the hardest {plots.signed(table.iloc[:, -1].mean())} and {plots.signed(gains[max(gains)].iloc[:, -1].mean())}."
    )


shown = (of_images, of_teachers, gains)
if all(part is not None for part in (*larger, gains_larger)):
    shown = (*larger, gains_larger)
plots.answer("## Answer\n\n" + answer(*shown))

# %% [markdown]
# # What a student knows of points that it never saw
#
# **Question.** A teacher has memorised which class belongs to which point, though there is no rule. A student sees the teacher's soft labels of some of the points. Does it learn anything about the others?
#
# [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457) open their paper with a case that fits on a page: 60 points in the plane, three classes drawn at random, networks with one hidden layer. What the teacher knows can be seen: it is the regions into which it cuts the square. What the student has learned from it is the regions that they share. This page computes their figures 1 and 7 again, measures over many data sets how much of it is luck, and varies how much the student sees.

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
import seaborn as sns
import torch
from matplotlib.colors import ListedColormap
from matplotlib.patches import FancyBboxPatch, Rectangle

from softlabels import claims, plots
from softlabels.claims.readings.points import average, paired
from softlabels.intervals import t_interval
from softlabels.labels import harden, soften
from softlabels.models.mlp import logits, start, take
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.two_dimensions import TWO_DIMENSIONS, plane, teach
from softlabels.sweep import live
from softlabels.training.two_layer import train

plots.use_house_style()
shorten = 20 if scale == "smoke" else 1  # the smoke scale only checks that everything runs


def whole(share):
    """`46 %`"""
    return f"{100 * share:.0f} %"


# %% [markdown]
# ## Who sees what
#
# The teacher is trained on the true classes of all its points, $D^*_T$. A share $\rho$ of them, $D^S_{\mathrm{train}}$, goes to the student, not with classes but with the teacher's **soft labels**: the softmax of its logits, divided by a temperature $\tau$. The rest, $D^S_{\mathrm{test}}$, is **held out**: the teacher has memorised it, the student never sees it. Points that neither has seen are **fresh**, $D_{\mathrm{val}}$. Classes are random, so on fresh points no network can beat a guess. If the student does better than a guess on held-out points, what it knows about them can only have come through the labels of others.

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(8.6, 3.5))
ax.set(xlim=(0, 100), ylim=(0, 41), aspect="equal")
ax.axis("off")


for x, y, lines, role in ((1, 33, 3, "train"), (1, 23.8, 2, "held_out"), (1, 5, 2, "fresh")):
    for i in range(12 * lines):  # a square a point
        corner = (x + 2.4 * (i % 12), y - 2.4 * (i // 12))
        ax.add_patch(Rectangle(corner, 1.9, 1.9, color=plots.ROLE[role], linewidth=0))
small = {"fontsize": 9.5, "color": "0.2"}
ax.text(0.6, 37.6, r"$D^*_T$: $n = 60$ points, random classes", fontsize=10)
ax.text(0.6, 17.6, r"purple $D^S_{\mathrm{train}}$: $\rho n = 36$", **small)
ax.text(0.6, 14.4, r"orange $D^S_{\mathrm{test}}$: 24, held out", **small)
ax.text(0.6, 9.6, r"$D_{\mathrm{val}}$: fresh points", fontsize=10)
for x, network, role in ((47, "teacher", "teacher"), (81, "student", "train")):
    style = {"boxstyle": "round,pad=0,rounding_size=1.5", "facecolor": plots.ROLE[role], "linewidth": 0}
    ax.add_patch(FancyBboxPatch((x, 29), 15, 7, **style))
    ax.text(x + 7.5, 32.4, network, color="white", ha="center", va="center", fontweight="bold", fontsize=11)
given = {"arrowstyle": "-|>", "color": "0.25", "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
tested = given | {"connectionstyle": "angle3,angleA=90,angleB=0", "linestyle": (0, (4, 2))}
for begin, end, text, place, style in (
    ((31, 32.5), (46, 32.5), "classes\nof all 60", (38.5, 28.8), given),
    ((63, 32.5), (80, 32.5), "soft labels\nof the 36", (71.5, 28.8), given),
    ((87, 28), (31, 23.5), "tested on the 24: a leak, if better than a guess", (58, 21.2), tested),
    ((90, 28), (31, 4.8), "tested on fresh points: a guess", (60, 2.2), tested),
):
    ax.annotate("", end, begin, arrowprops=style)
    ax.text(*place, text, fontsize=9.5, color="0.2", ha="center", va="center", linespacing=1.35)
plots.show(
    fig,
    name="who-sees-what",
    caption="Who sees what. The teacher memorises the classes of all its points. The student gets its soft labels of a part of them (purple). It is tested on the rest (orange), which only the teacher has seen, and on fresh points (green), which neither has seen.",
    alt="Diagram: 60 squares are the teacher's points, 36 of them the student's part and 24 held out; 24 more are fresh. Arrows: the classes of all 60 go to the teacher, its soft labels of the 36 to the student; the student is tested on the 24 held-out points and on the fresh ones.",
)

# %% [markdown]
# ## The idea in ten lines
#
# One random stream with the authors' seed, 13, used in the order of their notebook. So these are their very points, their split and their networks' initial weights. Five students learn the soft labels; five *independent* networks learn the true classes of the same 36 points instead.

# %%
g = torch.Generator().manual_seed(13)
sizes = (2, 150, 3)  # inputs, hidden units, classes

points, classes = plane(60, 3, g)  # (60, 2) in the square [−1, 1]²; classes (60,) that mean nothing
teacher = train(start(sizes, [g]), points, harden(classes, 3)[None], lr=1e-3, steps=4000 // shorten)
order = torch.randperm(60, generator=g)
seen, held_out = order[:36], order[36:]

hard = harden(classes[seen], 3).expand(5, -1, -1)  # (5, 36, 3): the labels of an independent network
soft = soften(logits(teacher, points[seen]), tau=10).expand(5, -1, -1)  # the labels of a student
independent = train(start(sizes, [g] * 5), points[seen], hard, lr=1e-3, steps=4000 // shorten)
student = train(start(sizes, [g] * 5), points[seen], soft, lr=1e-3, steps=4000 // shorten)


def accuracy(networks, part, classes=classes, points=points):
    """The share of a part's points that each network of a stack gets right, (R,)."""
    return (logits(networks, points[part]).argmax(-1) == classes[part]).float().mean(1)


for name, networks in {"independent": independent, "student": student}.items():
    each = accuracy(networks, held_out)
    print(f"{name:12} held-out points right: {each.mean():.1%}  of", " ".join(f"{share:.3f}" for share in each))

# %% [markdown]
# ## Figure 1: three classes

# %%
SIDE = 220
across = torch.linspace(-1, 1, SIDE)
square = torch.cartesian_prod(across, across)[:, [1, 0]]  # (SIDE², 2), a row of the picture after the other


def scores(network):
    """The logits of a stack's one network on the square, (SIDE, SIDE, c)."""
    return logits(network, square)[0].view(SIDE, SIDE, -1)


def draw_network(ax, network, points, classes, seen, held_out, colours):
    """Regions, the points that it was trained on, and held-out points: ○ where it is right, × where it is wrong."""
    c, extent = len(colours), (-1, 1, -1, 1)
    ax.imshow(scores(network).argmax(-1), cmap=ListedColormap(colours), vmin=-0.5, vmax=c - 0.5, alpha=0.33,
              extent=extent, origin="lower", interpolation="nearest")  # fmt: skip
    dots = {"c": classes[seen], "cmap": ListedColormap(colours), "vmin": -0.5, "vmax": c - 0.5}
    ax.scatter(*points[seen].T, s=48, edgecolors="white", linewidths=0.8, **dots)
    right = logits(network, points[held_out])[0].argmax(-1) == classes[held_out]
    ax.scatter(*points[held_out][right].T, s=58, facecolors="none", edgecolors="0.1", linewidths=1.7)
    ax.scatter(*points[held_out][~right].T, s=40, marker="x", color=plots.ROLE["held_out"], linewidths=1.8)


def draw_boundaries(ax, networks):
    """Decision boundaries of several networks (colour -> network): where a class's lead over the others is zero."""
    for colour, network in networks.items():
        score = scores(network)  # (SIDE, SIDE, c)
        best, second = score.topk(2, dim=-1).values.unbind(-1)
        for k in score.argmax(-1).unique():
            rival = torch.where(score[..., k] == best, second, best)
            ax.contour(score[..., k] - rival, [0], extent=(-1, 1, -1, 1), colors=colour, linewidths=1.2)


# %% tags=["hide-input", "thumbnail"]
def four_panels(points, classes, seen, held_out, teacher, independent, student, colours):
    """The paper's A to D; its B and C show the last of five networks."""
    fig, axes = plt.subplots(1, 4, figsize=(12.4, 3.65))
    fig.get_layout_engine().set(h_pad=0.08)
    everything, nothing = torch.arange(60), torch.arange(0)
    last = [take(independent, [4]), take(student, [4])]
    draw_network(axes[0], teacher, points, classes, everything, nothing, colours)
    for ax, network in zip(axes[1:3], last, strict=True):
        draw_network(ax, network, points, classes, seen, held_out, colours)
    draw_boundaries(axes[3], {plots.ROLE["teacher"]: teacher, plots.ROLE["held_out"]: last[1]})
    known = (logits(teacher, points)[0].argmax(-1) == classes).sum()
    kinds = [accuracy(stack, held_out, classes, points) for stack in (independent, student)]
    shown = [f"{(24 * share[4]).round():.0f} of 24 held out; five: {whole(share.mean())}" for share in kinds]
    below = [f"{known} of 60 points memorised", *shown, "blue: teacher, orange: student"]
    heads = ["A  teacher", "B  independent: hard labels", "C  student: soft labels", "D  their boundaries"]
    for ax, head, text in zip(axes, heads, below, strict=True):
        ax.set(xticks=[], yticks=[], aspect="equal", xlim=(-1, 1), ylim=(-1, 1))
        ax.set_title(head, fontweight="bold", pad=21)
        ax.text(0, 1.025, text, transform=ax.transAxes, fontsize=10, color="0.25")
        sns.despine(ax=ax, left=True, bottom=True)
    return fig, int(known), [float(share.mean()) for share in kinds]


three = ["#004488", "#994455", "#c79000"]
fig, known, (alone, taught) = four_panels(points, classes, seen, held_out, teacher, independent, student, three)
plots.show(
    fig,
    name="two-dimensions",
    caption=f"**Students of soft labels get {whole(taught)} of the points right that they never saw, networks of hard labels {whole(alone)}.** The authors' data set (seed 13), computed in this build; means of five networks of each kind; a guess is right for 33 %. A: the teacher's regions and its 60 points; it knows {known} of them. B, C: networks trained on the 36 filled points, from true classes (B) and from soft labels at τ = 10 (C); a circle is a held-out point that it gets right, a cross one that it gets wrong. D: boundaries of the teacher and of the student in C.",
    alt=f"Four square panels of decision regions for three classes. The teacher classifies {known} of its 60 points correctly. On the 24 held-out points the independent networks reach {whole(alone)} on average and the students {whole(taught)}; chance is 33 %. The last panel has the student's boundaries on the teacher's.",
)

# %% [markdown]
# A student of true classes cannot beat a guess on the held-out points, except by luck: their classes were drawn independently of everything that it saw. A student of soft labels can, because a soft label says more about its point than the class. It says how far the point is from the teacher's boundaries, and from which. Boundaries are shared by all points near them.
#
# ## Figure 7: twenty classes
#
# The same with 20 classes, 300 hidden units and τ = 20. Here the authors stop the teacher one step after it knows all points, and train students with a learning rate of 0.01.

# %%
g = torch.Generator().manual_seed(13)
sizes = (2, 300, 20)
points20, classes20 = plane(60, 20, g)
how = {"lr": 1e-3, "steps": 8000 // shorten, "stops": True}
teacher20, took = teach(start(sizes, [g]), points20[None], classes20[None], **how)
order = torch.randperm(60, generator=g)
seen20, held20 = order[:36], order[36:]

hard20 = harden(classes20[seen20], 20).expand(5, -1, -1)
soft20 = soften(logits(teacher20, points20[seen20]), tau=20).expand(5, -1, -1)
both = {"lr": 1e-2, "steps": 4000 // shorten}
independent20 = train(start(sizes, [g] * 5), points20[seen20], hard20, **both)
student20 = train(start(sizes, [g] * 5), points20[seen20], soft20, **both)

# %% tags=["hide-input"]
twenty = sns.color_palette("husl", 20)
twenty = [twenty[(7 * k) % 20] for k in range(20)]  # neighbouring hues far apart
networks = teacher20, independent20, student20
fig, known20, (alone20, taught20) = four_panels(points20, classes20, seen20, held20, *networks, twenty)
plots.show(
    fig,
    name="two-dimensions-twenty-classes",
    caption=f"**With twenty classes students of soft labels get {whole(taught20)} of the held-out points right, networks of hard labels {whole(alone20)}.** As the figure before, with 20 classes and three points a class on average; a guess is right for 5 %. The teacher stops after {int(took)} steps and knows {known20} of 60 points.",
    alt=f"Four square panels of decision regions for twenty classes. The teacher classifies {known20} of its 60 points correctly. On the 24 held-out points the independent networks reach {whole(alone20)} on average and the students {whole(taught20)}; chance is 5 %. The last panel has the student's boundaries on the teacher's.",
)

# %% [markdown]
# ## How much of it is luck?
#
# One data set has 24 held-out points, so each point counts four per cent. We therefore repeat the experiment on many data sets, each with its own points, classes, split and teacher. On each, one network learns the soft and one the hard labels of the same 36 points, from the same initial weights.

# %%
rows = live(TWO_DIMENSIONS, scale, device)
paper = stored(TWO_DIMENSIONS)  # the published settings, computed once and committed


# %% tags=["hide-input"]
KINDS = {  # what is shown, in order: colour, metric, labels
    "hard labels,\nheld out": ("independent", "held_out_accuracy", "hard"),
    "soft labels,\nheld out": ("held_out", "held_out_accuracy", "soft"),
    "soft labels,\nfresh": ("fresh", "fresh_accuracy", "soft"),
}
OWN = {"published_seed": 0}  # rows of the authors' own data sets name the seed that these are drawn from
tables = [table for table in (rows, paper) if table is not None]
fig, axes = plt.subplots(1, 2, figsize=(10.4, 4), sharey=True)
for ax, c in zip(axes, (3, 20), strict=True):
    for t, table in enumerate(tables):
        columns = [average(table, metric, classes=c, labels=which, **OWN)[""] for _, metric, which in KINDS.values()]
        where = np.arange(3) + 3.6 * t
        for pair in zip(*columns[:2], strict=True):  # the two networks of a data set
            ax.plot(where[:2], pair, color="0.8", linewidth=0.7, zorder=0)
        for x, values, (role, *_) in zip(where, columns, KINDS.values(), strict=True):
            mean, low, high = t_interval(values)
            ax.scatter(np.full(len(values), x), values, s=9, color=plots.ROLE[role], alpha=0.35, linewidths=0)
            limits = [[mean - low], [high - mean]]
            ax.errorbar(x, mean, limits, fmt="o", color=plots.ROLE[role], capsize=5, markersize=7, linewidth=2)
        text = f"{table.attrs['scale']}: {len(columns[0])} data sets"
        ax.text(where[1], 1.0, text, ha="center", fontsize=10, color="0.25")
    ax.axhline(1 / c, color="0.25", linewidth=1.2, linestyle=":")
    ax.set_xticks([x + 3.6 * t for t in range(len(tables)) for x in range(3)], list(KINDS) * len(tables), fontsize=8)
    ax.set_title(f"{c} classes", fontweight="bold", pad=12)
    ax.set(ylim=(0, 1.05))
axes[0].set_ylabel("accuracy")
axes[0].text(2.8, 1 / 3 + 0.012, "a guess", fontsize=9, color="0.25", ha="center")

found = {
    (table.attrs["scale"], c, kind): average(table, metric, classes=c, labels=which, **OWN)[""]
    for table in tables for c in (3, 20) for kind, (_, metric, which) in KINDS.items()
}  # fmt: skip
hard_kind, soft_kind, fresh_kind = KINDS
sets = {c: len(found[scale, c, soft_kind]) for c in (3, 20)}
said = {key: plots.percent(values) for key, values in found.items()}
luck = claims.sentence(
    "M1",
    rows,
    "It is no luck: over many data sets, students of soft labels beat students of hard ones.",
    "Over many data sets, students of soft labels gain less than the claim asks for, or nothing.",
    "Whether it is luck, these data sets do not decide.",
)
many_more = claims.sentence(
    "M3",
    rows,
    "at least five times as many",
    "not five times as many",
    "whether that is five times as many, these data sets do not decide",
)
fresh_points = claims.sentence(
    "M2",
    rows,
    "On fresh points both are at a guess (dotted): nothing was there to generalise.",
    "On fresh points they differ from a guess (dotted).",
    "Whether fresh points stay at a guess (dotted), these data sets do not decide.",
)
plots.show(
    fig,
    name="two-dimensions-data-sets",
    caption=f"**{luck}** Held-out accuracy over data sets of our own, a dot each; grey lines join the two networks of one data set; large marks are means with 95 % intervals over data sets. With three classes, students of soft labels get {said[scale, 3, soft_kind]} right and students of hard labels {said[scale, 3, hard_kind]}; with twenty, {said[scale, 20, soft_kind]} and {said[scale, 20, hard_kind]}: {many_more}. {fresh_points}",
    alt="Accuracies with 95 % intervals. "
    + " ".join(f"{s} scale, {c} classes, {kind.replace(chr(10), ' ')}: {text}." for (s, c, kind), text in said.items()),
    rows=tables,
)

# %% [markdown]
# ## The knob: how much does the student see?
#
# The teacher and the initial weights stay the same; the student sees the first $\rho n$ points of the same order. Students of every ρ train in one call: they share the inputs, and a point has weight zero where it is held out.

# %%
shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
places = torch.cat([seen, held_out])
weights = torch.zeros(len(shares), 60)
for r, rho in enumerate(shares):
    weights[r, places[: round(60 * rho)]] = 1 / round(60 * rho)
labels = soften(logits(teacher, points), tau=10).expand(len(shares), -1, -1)
same_start = take(start((2, 150, 3), [torch_stream("rho on the square", 0)]), [0] * len(shares))
by_share = train(same_start, points, labels, weights=weights, lr=1e-3, steps=4000 // shorten)


# %%
regions = scores(teacher).argmax(-1)  # (SIDE, SIDE)
shared = [  # the part of the square on which each student agrees with the teacher
    float((scores(take(by_share, [r])).argmax(-1) == regions).float().mean()) for r in range(len(shares))
]


def draw_share(axes, r):
    """The student of the r-th share: its regions, and its boundaries on the teacher's."""
    m, network = round(60 * shares[r]), take(by_share, [r])
    draw_network(axes[0], network, points, classes, places[:m], places[m:], three)
    draw_boundaries(axes[1], {plots.ROLE["teacher"]: teacher, plots.ROLE["held_out"]: network})
    right = round(float(accuracy(network, places[m:])[0]) * (60 - m))
    axes[0].set_title(f"sees {m}, right on {right} of the other {60 - m}", fontsize=11)
    axes[1].set_title(f"agrees with the teacher on {whole(shared[r])} of the square", fontsize=11)
    for ax in axes:
        ax.set(xticks=[], yticks=[], aspect="equal", xlim=(-1, 1), ylim=(-1, 1))
        sns.despine(ax=ax, left=True, bottom=True)


# %% tags=["hide-input"]
frames = []
for r in range(len(shares)):
    fig, axes = plt.subplots(1, 2, figsize=(8, 4.3))
    draw_share(axes, r)
    frames.append(fig)
alt = "The part of the square on which student and teacher agree, by the share ρ that the student sees: "
alt += ", ".join(f"{whole(value)} at ρ = {rho}" for rho, value in zip(shares, shared, strict=True)) + "."
plots.slider(
    frames,
    [str(rho) for rho in shares],
    name="two-dimensions-rho",
    knob="share ρ of the teacher's points that the student sees",
    start=shares.index(0.6),
    caption=f"Move ρ. Left, the student of a share ρ of the points: its regions, the points that it saw (filled), held-out points that it gets right (circles) or wrong (crosses). Right, its boundaries (orange) on the teacher's (blue). Student and teacher agree on {whole(shared[0])} of the square at ρ = {shares[0]} and on {whole(shared[-1])} at ρ = {shares[-1]}.",
    alt=alt,
)

# %% tags=["hide-input"]
chosen = [shares.index(rho) for rho in (0.1, 0.3, 0.6, 0.9)]
fig, axes = plt.subplots(2, 4, figsize=(12.4, 6.7))
for r, pair in zip(chosen, axes.T, strict=True):
    draw_share(pair, r)
    m = round(60 * shares[r])
    right = round(float(accuracy(take(by_share, [r]), places[m:])[0]) * (60 - m))
    pair[0].set_title(f"ρ = {shares[r]}: right on {right} of {60 - m}", fontsize=11, fontweight="bold")
    pair[1].set_title(f"agrees on {whole(shared[r])}", fontsize=11)
plots.show(
    fig,
    name="two-dimensions-rho-static",
    caption="The same, still: four positions of the slider. Above, the students' regions; below, their boundaries (orange) on the teacher's (blue).",
    alt=alt.replace("The part", "Four of nine students drawn. The part"),
)

# %% [markdown]
# ## The paper's numbers beside ours
#
# The paper's figure 1 shows this data set. Its numbers come from running the authors' notebook again, which draws everything from one seed. An independent summary of the paper quotes the same: half of the held-out points for the student, three in ten for the independent network. The draws on this page are theirs to the last bit. The results are not: in 4,000 steps of Adam rounding errors grow until single points change sides. To show how much that matters, the three-class run is also done in double precision.

# %% tags=["hide-input"]
g = torch.Generator().manual_seed(13)
plane(60, 3, g)
begin = start((2, 150, 3), [g])
torch.randperm(60, generator=g)
start((2, 150, 3), [g] * 5)  # the independent networks' initial weights come before the students'
begin_student = start((2, 150, 3), [g] * 5)


in_double = [{name: tensor.double() for name, tensor in weights.items()} for weights in (begin, begin_student)]
exact, how = points.double(), {"lr": 1e-3, "steps": 4000 // shorten}
teacher_double = train(in_double[0], exact, harden(classes, 3, torch.float64)[None], **how)
soft_double = soften(logits(teacher_double, exact[seen]), tau=10).expand(5, -1, -1)
student_double = train(in_double[1], exact[seen], soft_double, **how)
taught_double = float(accuracy(student_double, held_out, points=exact).mean())

beside = pd.DataFrame(
    [
        ("1", "teacher, its own 60 points", "title: 1.00; re-run: 0.967", known / 60),
        ("1", "independent networks, held out", "0.300", alone),
        ("1", "students, held out", "0.500", taught),
        ("1", "students, held out, in double precision", "–", taught_double),
        ("7", "teacher, its own 60 points", "1.000", known20 / 60),
        ("7", "independent networks, held out", "0.067", alone20),
        ("7", "students, held out", "0.667", taught20),
    ],
    columns=["figure", "accuracy of", "the authors' notebook, re-run", "this build"],
)
beside.set_index("figure").round(3)

# %% [markdown]
# ## Where we depart, and why
#
# - **Panel A.** The published title says 100 % whatever the teacher reaches; we print what it reaches.
# - **Width.** The first preprint's caption says 100 hidden units, its code uses 150. We follow the code. The notebook of figure 7 is named after 10 classes and has 20.
# - **Intervals.** The notebooks print a standard error over five networks of one data set. That says how much the initial weights matter, not how much the data do; ours are 95 % intervals over data sets.
# - **Pairs.** In our data sets the soft-label and the hard-label student start from the same weights, so only the labels differ.
# - **Fresh points.** Figure 1 has none; the authors' workshop notebook reports them, and so do we (1,000 a data set).
# - **Settings.** The stored rows use the paper's learning rates and steps. The quick scale of each build takes larger steps and fewer of them: with three classes 1,000 of 0.005 in place of 4,000 of 0.001; with twenty, teachers at most 2,000 of 0.002 in place of 8,000 of 0.001, students 1,000 in place of 4,000.
#
# ## Verdicts

# %%
claims.table("memorized/two_dimensions", rows=tables)

# %% tags=["hide-input"]
gained = paired(rows, "held_out_accuracy", of={"labels": "soft"}, to={"labels": "hard"}, classes=3, **OWN)[""]
learns = claims.sentence("M1", rows, "Yes", "No, or less than the claim asks for", "These data sets do not decide it")
plots.answer(
    "## Answer\n\n"
    f"{learns}: over {sets[3]} data sets with three classes, students of soft labels were right on {said[scale, 3, soft_kind]} of the points that they never saw, and students of hard labels on {said[scale, 3, hard_kind]}; the difference is {plots.points(100 * gained, 0)}. With twenty classes it is {said[scale, 20, soft_kind]} and {said[scale, 20, hard_kind]}: {many_more}. "
    f"{fresh_points.replace(' (dotted)', '')} A student takes over a part of the teacher's map: on the authors' data set it agrees with the teacher on {whole(shared[0])} of the square when it has seen {whole(shares[0])} of the points, and on {whole(shared[-1])} when it has seen {whole(shares[-1])}."
)

# %% [markdown]
# Why this *must* happen once there are enough soft labels is easiest to see where the student has no choice: for linear models, on the next pages.

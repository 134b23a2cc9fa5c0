# %% [markdown]
# # By which routes it leaks, and in a privacy reader's terms
#
# **Question.** Through which soft labels do a teacher's planted labels reach a student: those of its own images, or those of any images? And how surely can one tell of a single label that it was planted?
#
# As on [the first page of this part](utility_and_leakage), a teacher of handwritten digits learns a few **canaries**: training images with a random wrong label. A student that never sees these images learns from the teacher's soft labels. Its **leak** is the share of canaries whose planted label it ranks first among the nine wrong ones, 1/9 by chance. The **share predicted outright** is that of canaries whose planted label it predicts, before the true class.
#
# First we vary the route by which the labels come. Then we ask what a privacy reader asks. How many planted labels does an attack recognise at few false positives ([Carlini et al., 2022](https://arxiv.org/abs/2112.03570))? Which ε do its right guesses refute ([Steinke, Nasr and Jagielski, 2023](https://arxiv.org/abs/2305.08846))? And what does a teacher with a known ε teach and leak? *Label privacy* at ε means: if one training label is changed, the probability of any outcome changes by a factor of at most e^ε.

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
from dataclasses import fields

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from matplotlib.ticker import NullLocator, PercentFormatter

from softlabels import claims, labels, plots
from softlabels.attacks import epsilon_bound, randomise
from softlabels.claims.readings import routes as read
from softlabels.claims.readings.utility_and_leakage import CHANCE
from softlabels.data.digits import digits, split
from softlabels.intervals import t_interval
from softlabels.models.mlp import logits, start
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.studies.routes import PLANTED_OR_NOT, RATES, ROUTES, THIRDS
from softlabels.sweep import live
from softlabels.training.two_layer import train

plots.use_house_style()

# %% [markdown]
# ## The idea in one cell
#
# The teacher labels 400 images that it never saw, and a student learns from these labels alone. Two wrong labels were drawn for each canary, and chance decided which one the teacher learned. We guess that it is the one that the student scores higher. If the teacher's labels were private at ε, a guess would be right with probability e^ε/(e^ε + 1) at most. So many right guesses refute a small ε.

# %%
stream = torch_stream("other images", 0)  # all chance of this cell
inputs, classes = digits()  # (1797, 64), (1797,)
of_teacher, rest = split(1000, stream)
x, y, fresh, test = inputs[of_teacher], classes[of_teacher], rest[:400], rest[400:]
planted, other = labels.plant_canaries(y, 10, 60, stream)  # the first 60 get a random wrong label

teacher = train(start((64, 64, 10), [stream]), x, labels.harden(planted, 10)[None], lr=6e-3, steps=1000)
soft = labels.soften(logits(teacher, inputs[fresh]), tau=10)  # labels of images that the teacher never saw
student = train(start((64, 64, 10), [stream]), inputs[fresh], soft, lr=6e-3, steps=1000)

scores = logits(student, x[:60])[0]  # of the canaries
named, _ = labels.canary_recall(scores, y[:60], planted[:60])  # 1 where it is first of nine
right = int((scores.gather(1, planted[:60, None]) > scores.gather(1, other[:60, None])).sum())
print(f"It ranks {named.sum():.0f} of 60 planted labels first of nine (chance: {60 / 9:.1f}),")
print(f"and predicts {(scores.argmax(1) == planted[:60]).sum()} of them.")
print(f"Of two wrong labels it scores the planted one higher for {right} of 60: ε ≥ {epsilon_bound(right, 60):.2f}.")
accuracy = (logits(student, inputs[test])[0].argmax(1) == classes[test]).double().mean()
print(f"It classifies {accuracy:.1%} of the test images correctly.")

# %% [markdown]
# ## The sweeps
#
# The first sweep trains single students. We vary what they see, where they start, the share f of canaries, the part ρ of the teacher's images that they get, and the width of both networks. *Fresh* images were taken from the test set: the teacher labels them, but has not learned from them.
#
# The second sweep trains many teachers on the same images. For each canary two wrong labels are drawn. In each teacher a coin of its own decides which one is planted. Its student sees clean images only.

# %%
routes = live(ROUTES, scale=scale, device=device)
asked = live(PLANTED_OR_NOT, scale=scale, device=device)

# %% tags=["hide-input"]
larger = [stored(study) for study in (ROUTES, PLANTED_OR_NOT)]
single, many = (rows if more is None else more for rows, more in zip((routes, asked), larger, strict=True))
one, each = read.at_base(single).iloc[0], read.at_base(many).iloc[0]
LEAK, TEACH, TEACHER, HARD, OTHER = (plots.ROLE[r] for r in ("held_out", "fresh", "teacher", "independent", "train"))
percents = PercentFormatter(1, decimals=0)
little = f"{100 * claims.of('J23')[0].checks[0].rule['margin']:g} points"
SAID = {  # claim -> (what is said where it holds, and where it does not)
    "J20": ("Labels of images new to the teacher leak too", "Labels of images new to the teacher do not leak"),
    "J21": (
        "Labels of the teacher's own images leak more than labels of new images",
        "Labels of the teacher's own images leak no more than labels of new images",
    ),
    "J22": ("A start shared with the teacher leaks more", "A shared start does not leak more"),
    "J23": (
        f"Canaries in the student's part change the leak by less than {little}",
        f"Canaries in the student's part change the leak by {little} or more",
    ),
    "J24": ("Canaries near an image that was seen leak more", "Canaries near an image that was seen leak no more"),
    "J25": ("Canaries leak at every share f that was tried", "Canaries do not leak at every share f that was tried"),
    "J26": ("Of few canaries a larger part leaks than of many", "Of few canaries no larger part leaks than of many"),
    "J27": ("Students with a larger part ρ leak more", "Students with a larger part ρ leak no more"),
    "J28": ("Networks of every width leak", "Not every width leaks"),
    "J29": ("Single planted labels are recognised", "Single planted labels are not recognised"),
    "J30": ("Shadows make the attack stronger", "Shadows make the attack no stronger"),
    "J31": (
        "Canaries on outlying images are recognised more often than random ones",
        "Canaries on outlying images are recognised no more often than random ones",
    ),
    "J32": ("One training run proves more than ε = 1", "One training run proves no more than ε = 1"),
    "J33": (
        "No audit proves more than the true ε",
        "An audit proves more than the true ε, which a 95 % bound may do once in twenty",
    ),
    "J34": ("Label privacy costs accuracy, at an early stop too", "Label privacy need not cost accuracy"),
    "J35": ("Labels with a large ε still leak", "Labels with a large ε do not leak"),
    "J36": (
        "Training images with their true labels (members) are recognised less often than planted labels",
        "Training images with their true labels (members) are recognised at least as often as planted labels",
    ),
}


def say(claim):
    """What the rows say of a claim, without the full stop."""
    yes, no = SAID[claim]
    rows = single if int(claim[1:]) < 29 else many
    return claims.sentence(claim, rows, yes, no, f"It is undecided whether {yes[0].lower()}{yes[1:]}")


def between(metric, of, to, rows=single, **points):
    """A difference within replicates, in words."""
    return plots.points(100 * read.between_routes(rows, metric, of, to, **points)[""])


plots.answer(
    f"Single students, {single.attrs['scale']} scale: {single.seed.nunique()} replicates, {one.teacher_images:,} images of the teacher, f = {one.canary_share:.0%}, ρ = {one.rho:g}, {one.leak_n:.0f} canaries held out, {one.hidden} hidden units, τ = {one.tau:g}. Planted or not, {many.attrs['scale']} scale: {many.seed.nunique()} replicates of {each.runs} teachers and students, f = {each.canary_share:.0%}, {each.hidden} hidden units; in each replicate {each.leak_n:,.0f} labels that were planted stand against as many that were not."
)

# %% [markdown]
# ## Labels of the teacher's own images, and of new ones

# %% tags=["hide-input"]
ROWS = {}  # condition -> points
for seen, told in read.ROUTES.items():
    ROWS |= {seen: told, f"{seen}, shared start": told | {"start": "shared"}}
for seen, told in (("clean part", {}), ("fresh images", {"images": "fresh"})):
    early = int(single.teacher_step.min())
    ROWS |= {f"{seen}, teacher of {early} steps": told | {"teacher_step": early}}
    ROWS |= {f"{seen}, hard labels": told | {"labels": "hard"}}


def dots(ax, y, values, colour, face):
    """A mean with its 95 % t interval."""
    mean, *ends = t_interval(values)
    ax.plot(ends, [y, y], color=colour, linewidth=2.4, alpha=0.6)
    ax.plot(mean, y, "o", color=colour, markersize=6, markerfacecolor=face)


def rows_of_dots(axes, names):
    """Name the rows, and make the axes shares."""
    axes[0].set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.9))
    for ax in axes:
        ax.xaxis.set_major_formatter(percents)
        ax.grid(axis="y", color="0.92")


# %% tags=["hide-input", "thumbnail"]
fig, axes = plt.subplots(1, 2, figsize=(9, 4.4), sharey=True, width_ratios=(1.4, 1))
for place, points in enumerate(ROWS.values()):
    for ax, metric, colour, face in (
        (axes[0], "plain_recall", LEAK, "white"),
        (axes[0], "leak", LEAK, LEAK),
        (axes[1], "test_accuracy", TEACH, TEACH),
    ):
        dots(ax, place, read.by_route(single, metric, **points)[""], colour, face)
rows_of_dots(axes, list(ROWS))
axes[0].axvline(CHANCE, color="0.2", linestyle=":")
axes[0].annotate("chance, 1/9", (CHANCE, -0.65), (4, 0), textcoords="offset points", va="center", fontsize=9)
axes[0].set(xlim=(0, 1.02), xlabel="ranked first (filled), predicted (hollow)")
axes[1].set(xlabel="test accuracy")
leak = {condition: read.by_route(single, "leak", **points)[""].mean() for condition, points in ROWS.items()}
fresh_leak = leak["images that the teacher never saw"]
plots.show(
    fig,
    name="routes",
    caption=f"**{say('J20')}: students of such images alone rank {fresh_leak:.0%} of the planted labels first.** Rows: what the student sees; *shared start*, from the initial weights of its teacher. Dotted: chance of the filled markers. Bars: 95 % t intervals over replicates.",
    alt=f"Leak: {'; '.join(f'{condition} {mean:.0%}' for condition, mean in leak.items())}. Chance is 11%.",
    rows=[single],
)

# %% tags=["hide-input"]
of_images = between("leak", {"images": "part"}, {"images": "fresh"})
of_canaries = between("leak", {"canaries_in_student": True}, {"canaries_in_student": False})
alike = ""
if of_images == of_canaries:  # other students: their leaks are multiples of one in so few canaries
    alike = (
        f" It equals the first difference by coincidence: a leak is counted on {one.leak_n:.0f} canaries a replicate."
    )
marked = round(one.canary_share * one.teacher_images)  # canaries; a part has its share of them, and the clean part none
clean, canaries = round(one.rho * (one.teacher_images - marked)), round(one.rho * marked)
plots.answer(f"""
- **{say("J21")}.** Leak, the clean part minus fresh images: {of_images}. The clean part is {clean} images, and {clean + canaries} are fresh.
- **{say("J22")}.** Shared start minus a start of its own: {between("leak", {"start": "shared"}, {"start": "own"})}; predicted outright {between("plain_recall", {"start": "shared"}, {"start": "own"})}.
- **{say("J23")}.** Leak of the held-out canaries, with minus without the student's own: {of_canaries}.{alike}""")

# %% [markdown]
# ## How near, how many, how large

# %% tags=["hide-input"]
AXES = {"canary_share": "share f of canaries", "rho": "part ρ", "hidden": "hidden units"}
fig, axes = plt.subplots(1, 4, figsize=(10.2, 3.3), sharey=True)
for name, points, colour in (("clean part", {}, LEAK), ("fresh images", {"images": "fresh"}, TEACH)):
    thirds = [[read.by_route(single, f"{m}_{third}", **points)[""] for m in ("distance", "leak")] for third in THIRDS]
    leak = pd.DataFrame({distance.mean(): leak for distance, leak in thirds})
    style = {"color": colour, "marker": "o", "markersize": 4}
    plots.with_interval(axes[0], leak.columns, leak, (0, 1), label=name, **style)
    for ax, axis in zip(axes[1:], AXES, strict=True):
        if axis == "rho" and points:
            continue  # there are always as many fresh images
        for metric, line in (("leak", "-"), ("plain_recall", "--")):
            values = read.routes_along(single, axis, metric, **points)
            plots.with_interval(ax, values.columns, values, within=(0, 1), linestyle=line, **style)
for ax, (axis, label) in zip(axes[1:], AXES.items(), strict=True):
    ticks = sorted(single[axis].unique())
    ax.set(xscale="linear" if axis == "rho" else "log", xlabel=label)
    ax.set_xticks(ticks, [f"{100 * t:g} %" if axis == "canary_share" else f"{t:g}" for t in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
for ax in axes:
    ax.axhline(CHANCE, color="0.2", linestyle=":")
axes[0].set(xlabel="distance to nearest", ylabel="leak; dashed: predicted", ylim=(0, 1.03))
axes[0].yaxis.set_major_formatter(percents)
axes[0].legend(loc="lower left", fontsize=9, bbox_to_anchor=(0, 0.14))
near, far = (read.by_route(single, f"leak_{third}")[""].mean() for third in ("near", "far"))
numbers = {
    axis: ", ".join(f"{mean:.0%} at {value:g}" for value, mean in read.routes_along(single, axis).mean().items())
    for axis in AXES
}
plots.show(
    fig,
    name="near-many-large",
    caption=f"**{say('J24')}: {near:.0%} of the nearest third, {far:.0%} of the farthest.** Left: Euclidean distance to the nearest image that the student saw, in standardised pixels, mean of each third. Dotted: chance. Bands: 95 % t intervals.",
    alt=f"Leak of clean students: {near:.0%} near, {far:.0%} far; by f {numbers['canary_share']}; by ρ {numbers['rho']}; by width {numbers['hidden']}.",
    rows=[single],
)
plots.answer(
    f"**{say('J25')}.** {say('J26')} (f: {numbers['canary_share']}). **{say('J27')}** (ρ: {numbers['rho']}). **{say('J28')}** ({numbers['hidden']} hidden units)."
)

# %% [markdown]
# ## Recognising a single planted label
#
# The attacker has an image and a wrong label, and a network's output. The *plain score* is the label's log-odds among the wrong ones. The *likelihood ratio* follows LiRA (Carlini et al.): the other networks of the replicate are shadows, of which some were given this label and some were not. Two normal distributions of their scores say which is likelier. False positives are second labels that were never planted.

# %% tags=["hide-input"]
stop = int(many.teacher_step.min())
ATTACKS = {  # name -> (metric, points, colour)
    "teacher": ("teacher_lira_tpr_at", {}, TEACHER),
    "student": ("lira_tpr_at", {}, LEAK),
    "… plain score (hollow)": ("tpr_at", {}, LEAK),
    "… outlying canaries": ("lira_tpr_at", {"canaries": "outlying"}, OTHER),
    f"… teacher of {stop} steps": ("lira_tpr_at", {"teacher_step": stop}, TEACH),
    "… hard labels": ("lira_tpr_at", {"labels": "hard"}, HARD),
}
fig, axes = plt.subplots(1, 3, figsize=(9.4, 3.3), sharey=True)
found = {}  # (name, rate) -> true-positive rate by replicate
for place, (name, (metric, points, colour)) in enumerate(ATTACKS.items()):
    for ax, rate in zip(axes, RATES, strict=True):
        found[name, rate] = read.by_route(many, f"{metric}_{rate:g}", **points)[""]
        dots(ax, place, found[name, rate], colour, colour if "lira" in metric else "white")
        ax.axvline(rate / 100, color="0.2", linestyle=":")
        ax.set(xlim=(0, 1.02), xlabel="planted labels recognised")
        ax.set_title(f"at {rate:g} % false positives", fontweight="bold")
rows_of_dots(axes, list(ATTACKS))
lira, plain, outlying = (found[name, 1] for name in ("student", "… plain score (hollow)", "… outlying canaries"))
plots.show(
    fig,
    name="planted-or-not",
    caption=f"**{say('J29')} by a clean student's output: {lira.mean():.0%} at 1 % false positives, {found['student', 0.1].mean():.0%} at 0.1 %.** Likelihood-ratio attack but where it says plain score. Dotted: chance. Bars: 95 % t intervals.",
    alt=f"True positives at {', '.join(f'{rate:g}' for rate in RATES)}% false ones. {'; '.join(f'{name} ' + ', '.join(f'{found[name, rate].mean():.0%}' for rate in RATES) for name in ATTACKS)}.",
    rows=[many],
)
bound, with_shadows, recall = (read.by_route(many, metric)[""] for metric in ("bound", "lira_bound", "plain_recall"))
leak = {kind: plots.percent(read.by_route(many, "leak", canaries=kind)[""]) for kind in ("random", "outlying")}
coins = int(each.leak_n / each.runs)
plots.answer(f"""
- **{say("J30")}.** At 1 % false positives the likelihood ratio recognises {plots.percent(lira)} and the plain score {plots.percent(plain)}. The leak is {leak["random"]}; the student predicts {plots.percent(recall)} of the planted labels.
- **{say("J31")}.** Canaries on the images farthest from all others: {plots.percent(outlying)} recognised, leak {leak["outlying"]}.
- **{say("J32")}.** The audit guesses the coins of all canaries, then of the half and of the quarter of which it is surest. It keeps the largest of the three bounds, each at a third of the error. By the student's output one run refutes ε below {bound.mean():.2f} on average by the plain score, and below {with_shadows.mean():.2f} with shadows, each at 95 % confidence. No audit of {coins} coins could refute more than {epsilon_bound(coins, coins, 1 - 0.05 / 3):.2f}.""")

# %% [markdown]
# ## A teacher with label privacy
#
# The simplest mechanism with a known ε is randomised response ([Warner, 1965](https://doi.org/10.1080/01621459.1965.10480775)). Before training, each label stays with probability e<sup>ε</sup>/(e<sup>ε</sup> + 9); else it becomes another class at random. The teacher, its labels and its students then have this ε.

# %% tags=["hide-input"]
nominal = sorted(e for e in many.epsilon.unique() if e)
none, last = 2 * nominal[-1], int(many.teacher_step.max())  # where teachers without privacy are drawn


def by_epsilon(metric, step=last):
    """A metric as replicates × ε, teachers without privacy at the right."""
    values = read.routes_along(many, "epsilon", metric, teacher_step=step).rename(columns={0.0: none})
    return values[sorted(values)]


by_hard = read.by_route(many, "test_accuracy", labels="hard")[""]
fig, axes = plt.subplots(1, 3, figsize=(10.2, 3.6))
for ax, metric, colour, name in (
    (axes[0], "test_accuracy", TEACH, "student"),
    (axes[0], "teacher_test_accuracy", TEACHER, "teacher"),
    (axes[1], "leak", LEAK, "planted label first"),
    (axes[1], "plain_recall", OTHER, "predicted"),
    (axes[2], "teacher_bound_of_all", TEACHER, "teacher's output, all runs"),
    (axes[2], "bound_of_all", LEAK, "student's output, all runs"),
    (axes[2], "bound", OTHER, "student's output, one run"),
):
    for step, style in ((last, {"label": name}), (stop, {"linestyle": "--", "markerfacecolor": "white"})):
        values = by_epsilon(metric, step)
        if step == last or ax is not axes[2]:
            plots.with_interval(ax, values.columns, values, color=colour, marker="o", markersize=5, **style)
axes[0].axhline(by_hard.mean(), color=HARD, dashes=(5, 2), label="hard labels")
axes[1].axhline(CHANCE, color="0.2", linestyle=":", label="chance of first")
axes[2].plot(nominal, nominal, color="0.2", linestyle=":", label="the true ε")
for ax, title in zip(axes, ("what it teaches", "what it leaks", "ε that an audit proves"), strict=True):
    ax.set_title(title, fontweight="bold")
    ax.set(xscale="log", xlabel="ε of the teacher's labels")
    ax.set_xticks([*nominal, none], [*(f"{e:g}" for e in nominal), "none"])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.legend(fontsize=8.5)
    ax.set_ylim(*((-0.3, 12) if ax is axes[2] else (0, 1.02)))
for ax in axes[:2]:
    ax.yaxis.set_major_formatter(percents)
middle = 2.0 if 2.0 in nominal else nominal[0]
private, open_ = {"epsilon": middle}, {"epsilon": 0.0}
cost = {step: between("test_accuracy", private, open_, many, teacher_step=step) for step in (last, stop)}
accuracy, leak, proved = (by_epsilon(metric).mean() for metric in ("test_accuracy", "leak", "teacher_bound_of_all"))
plots.show(
    fig,
    name="label-privacy",
    caption=f"**{say('J35')}: at ε = {nominal[-1]:g} students rank {leak[nominal[-1]]:.0%} of the planted labels first.** Dashed, hollow: teachers of {stop} steps. *None*: without privacy, from more runs. Bands: 95 % t intervals.",
    alt=f"At ε = {', '.join(f'{e:g}' for e in nominal)} and none: test accuracy {', '.join(map('{:.0%}'.format, accuracy))}; leak {', '.join(map('{:.0%}'.format, leak))}; proved by the teacher's output {', '.join(map('{:.2f}'.format, proved))}.",
    rows=[many],
)
beyond = read.beyond_nominal(many, "teacher_bound_of_all")[""].max()
nearest = "exceeds the true ε most lies {:.2f} above" if beyond > 0 else "comes closest to the true ε lies {:.2f} below"
plots.answer(f"""
- **{say("J34")}.** Students' test accuracy, ε = {middle:g} minus no privacy: {cost[last]}; where teachers stop at step {stop}: {cost[stop]}.
- **{say("J33")}.** The bound that {nearest.format(abs(beyond))} it. Few coins prove little: a low bound is no proof of privacy.""")

# %% [markdown]
# ## Canary leak is not membership
#
# A membership test asks whether an image was used at all. Here the image is known, and its label is the secret: label privacy protects that. A random wrong label is the extreme case, because nothing but the teacher's training explains it. An image with its true label looks like others of its class.

# %% tags=["hide-input"]
by_student, by_teacher = (read.by_route(many, f"{source}member_tpr_at_1")[""] for source in ("", "teacher_"))
plots.answer(
    f"**{say('J36')}.** Of correctly labelled images that only the teacher saw, a threshold on the true label's log-odds recognises {plots.percent(by_student, 1)} by the student's output and {plots.percent(by_teacher, 1)} by the teacher's, at 1 % false positives among test images. The plain score recognises {plots.percent(plain)} of the planted labels by the student's output. A membership test with shadows that lack single images would be stronger; it is not shown here."
)

# %% [markdown]
# ## Every number
#
# Means over replicates with 95 % t intervals. Shares lie between 0 and 1, bounds are values of ε. A t interval reaches as far above its mean as below, so that of a share near 0 or 1 can pass these where replicates are few. We print it as it is.
#
# - *Own canaries*: whether the student sees those of its part. *Images*: a part of the teacher's, or fresh ones. *Start*: the initial weights, its own or shared with the teacher. *ε*: of label privacy; *none* means labels without it. *Runs*: how many teachers a replicate has.
# - *Predicted outright*: canaries whose planted label the network predicts; *second label predicted*: the same of a wrong label that was never planted. *Rank*: of the planted label among the nine wrong ones, 5 by chance. *Near, middle, far*: thirds of the canaries, by their distance to the nearest image that the student saw. *KL*: divergence from labels to student on its training images, in nats.
# - *Recognised*: planted labels, at this rate of false positives, by the plain score; with *shadows* by the likelihood ratio. *Members recognised*: correctly labelled images that only the teacher saw. *ε proved*: the bound of an audit, of one run or of all together. *Teacher*: the same of the teacher's output.

# %% tags=["hide-input", "hide-output"]
COLUMNS = {
    "teacher_step": "teacher's steps",
    "tau": "τ",
    "canaries_in_student": "own canaries",
    "canary_share": "f",
    "rho": "ρ",
    "hidden": "hidden units",
    "epsilon": "ε",
    "plain_recall": "predicted outright",
    "canary_recall": "predicted outright",
    "unplanted_rate": "second label predicted",
    "planted_rank": "rank",
    "train_kl": "KL",
    "bound": "ε proved, one run",
    "bound_of_all": "ε proved, all runs",
}
COLUMNS |= {f"tpr_at_{rate:g}": f"recognised at {rate:g} %" for rate in RATES}
COLUMNS |= {f"member_tpr_at_{rate:g}": f"members recognised at {rate:g} %" for rate in RATES}
COLUMNS |= {f"{metric}_{third}": f"{metric}, {third}" for metric in ("leak", "distance") for third in THIRDS}
VALUES = {"canaries_in_student": {True: "yes", False: "no"}, "epsilon": {0.0: "none"}}  # where a value has a name


def heading(column):
    """A column of the rows in words."""
    for prefix, said in (("teacher_", "teacher, "), ("lira_", "shadows, ")):
        if column.startswith(prefix) and column not in COLUMNS:
            return said + heading(column.removeprefix(prefix))
    return COLUMNS.get(column, column.replace("_", " "))


for study, rows in ((ROUTES, single), (PLANTED_OR_NOT, many)):
    settings = [field.name for field in fields(study.settings)]
    varied = [name for name in settings if name in rows and rows[name].nunique() > 1 and name != "seed"]
    metrics = [name for name in rows.select_dtypes("number") if name not in {*settings, "seconds", "leak_n"}]
    lines = rows.groupby(varied)[metrics].agg(lambda values: plots.interval(t_interval(values), 3))
    lines = lines.reset_index()
    for column in varied:
        said = VALUES.get(column, {})
        lines[column] = [said.get(v, f"{v:g}" if isinstance(v, float) else v) for v in lines[column]]
    plots.table(lines.rename(columns=heading), index=False, compact=True)

# %% [markdown]
# ## Exercises
#
# 1. All of 60 guesses are right. Which ε does that refute? How many right guesses would refute ε = 8?
# 2. In the example at the top, replace the 400 fresh digits by 400 images of noise. How many planted labels will the student rank first?
# 3. Randomise the teacher's labels at ε = 4. How many stay, and what does the audit prove?


# %% tags=["hide-cell"]
def solution(teacher, images):
    """What a student of this teacher's labels of these images gives away."""
    soft, first = labels.soften(logits(teacher, images), tau=10), start((64, 64, 10), [torch_stream("exercise", 0)])
    scores = logits(train(first, images, soft, lr=6e-3, steps=600), x[:60])[0]
    named, _ = labels.canary_recall(scores, y[:60], planted[:60])
    right = int((scores.gather(1, planted[:60, None]) > scores.gather(1, other[:60, None])).sum())
    return f"ranks {named.sum():.0f} of 60 first; {right} of 60 guesses are right: ε ≥ {epsilon_bound(right, 60):.2f}"


needed = np.log(0.05) / -np.log1p(np.exp(-8))  # 0.05 = (e⁸ / (e⁸ + 1))ⁿ
print(f"1. 60 of 60 refute ε below {epsilon_bound(60, 60):.2f}; ε = 8 takes {np.ceil(needed):,.0f}.")
noise = torch.randn(400, 64, generator=torch_stream("noise", 0)) * inputs.std()
print(f"2. A student of noise {solution(teacher, noise)}.")
print(f"   One of fresh digits {solution(teacher, inputs[fresh])}.")
given = randomise(planted, 10, 4.0, torch_stream("randomised", 0))
safe = train(start((64, 64, 10), [torch_stream("exercise", 1)]), x, labels.harden(given, 10)[None], lr=6e-3, steps=600)
print(f"3. {(given == planted).float().mean():.1%} stay (e⁴/(e⁴ + 9) = {1 / (1 + 9 * np.exp(-4)):.1%}).")
print(f"   The student {solution(safe, inputs[fresh])}.")

# %% [markdown]
# ## Where we depart, and why
#
# :::{dropdown} Data, attacks and bounds
# Neither paper has this experiment. All replicates draw from the same 1,797 images, and intervals hold conditionally on these. Fresh images come from the same set, so they are as near to the canaries as the teacher's own. LiRA asks whether an image was used; here the label is in question, and shadows differ in their coins and initial weights. Each network is a target, with the others of its replicate as shadows and one deviation for all labels. The audit of all runs uses the plain score alone: shadows would let a guess depend on coins that are guessed elsewhere. Bounds hold for pure ε. Outlying means far from the nearest other image; worse choices may exist ([Aerni et al., 2024](https://arxiv.org/abs/2404.17399)), and so do better private mechanisms ([Malek et al., 2021](https://arxiv.org/abs/2106.03408)).
# :::
#
# ## Verdicts

# %% tags=["hide-input"]
claims.table("joined/routes", rows=[routes, asked, *larger])

# %% tags=["hide-input"]
plots.answer(
    "## Answer\n\n"
    f"{say('J20')}: students of such images alone rank {fresh_leak:.0%} of the planted labels first, where chance is 11 % ({single.attrs['scale']} scale, {single.seed.nunique()} replicates). "
    f"{say('J29')} by the output of a student of clean images: {lira.mean():.0%} of them at 1 % false positives. "
    f"{say('J34')} (at ε = {middle:g}; this and the recognition: {many.attrs['scale']} scale, {many.seed.nunique()} replicates). All this is on handwritten digits. The planted labels are random, so that a student has them from its teacher or by luck."
)

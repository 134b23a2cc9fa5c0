# %% [markdown]
# # How hot, how many classes; and when it is the optimiser that fails
#
# **Question.** Enough soft labels pin a linear teacher down. But a soft label has a temperature, and a task has a number of classes. For which of them does a student that is *trained*, step by step, recover the labels that only its teacher saw? And where it fails: is that the label's fault, or the optimiser's?
#
# This page computes figures 4, 11, 12 and 13 of [Behrens and Zdeborová (2026)](https://arxiv.org/abs/2506.14457): softmax regression on random data, in $d$ dimensions with $c$ classes and $k$ examples a class, so that the teacher memorises $n = ck$ random labels. The student gets the soft labels of a share $\rho$ of them at temperature $\tau$. The horizontal axis of figures 4a and 11 to 13 is $\alpha = n/(dc) = k/d$.

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
import torch

from softlabels import claims, plots
from softlabels.claims.readings.points import falls, first, last, rises
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.labels import harden, soften
from softlabels.seeds import torch_stream
from softlabels.store import stored
from softlabels.sweep import live
from softlabels.training import linear

plots.use_house_style()
shorten = 20 if scale == "smoke" else 1  # the smoke scale only checks that everything runs
LEVEL = 0.99  # of the mean accuracy over replicates, where a threshold is read off

# %% [markdown]
# ## The idea in ten lines
#
# A teacher learns 150 random labels in 100 dimensions by heart: nothing relates inputs and labels. Forty students get its soft labels of four fifths of them, each at another temperature. They share their inputs, so one wide matrix product a step trains them all.

# %%
d, n, seen = 100, 150, 120
inputs, classes = gaussian(n, d, "the idea in ten lines"), balanced_classes(n, 2)
generator = torch_stream("the idea in ten lines, starts")
hard = harden(classes, 2).T[None, None]  # (1 data set, 1 network, 2 classes, n)
teacher = linear.train(inputs[None], hard, linear.start(1, 2, d, generator)[None], lr=1e-3, steps=10_000 // shorten)

taus = np.logspace(-0.5, 3.5, 40)
soft = torch.stack([soften(linear.logits(teacher, inputs[None])[0, 0].T, tau).T for tau in taus])  # (40, 2, n)
start = linear.start(1, 2, d, generator).expand(40, -1, -1)
students = linear.train(inputs[None, :seen], soft[None, ..., :seen], start[None], lr=1e-4, steps=10_000 // shorten)

right = (linear.logits(students, inputs[None])[0].argmax(1) == classes).float()  # (40, n)
for i in (0, 10, 20, 39):
    print(
        f"τ = {taus[i]:7.1f}: right on {right[i, :seen].mean():.0%} of its own, {right[i, seen:].mean():.0%} of the held-out labels"
    )

# %% [markdown]
# ## Figure 4a: temperature and sample size
#
# The same over a grid of temperatures and sample sizes, and beside it the control: soft labels *shuffled within each class*, which keep their top class and say nothing about their own example.
#
# Two counts tell where to look. A linear rule in $d$ dimensions can fit about $2d$ random labels of two classes: the teacher's capacity, $\alpha = 1$. The student's labels, undone by the inverse of the softmax, are $\rho n$ linear equations for the $d$ unknowns of the teacher: enough from $\rho n = d$ on, that is $\alpha = 1/(c\rho) = 0.625$ here. In between, the student could know everything.

# %%
rows = live("memorized/temperature", scale, device)
paper = stored("memorized/temperature")  # the paper's size, computed once and committed


# %% tags=["hide-input"]
def curve(rows, metric, axis="alpha"):
    """A metric's mean over replicates along an axis."""
    return rows.groupby(axis)[metric].mean()


def with_alpha(rows):
    """The rows with α = k/d, cut to five digits so that equal points group."""
    attrs = rows.attrs
    rows = rows.assign(alpha=(rows.per_class / rows.d).round(5))
    rows.attrs = attrs
    return rows


def thresholds(rows):
    """For each temperature: where the teacher stops fitting, the student begins and stops recovering, shuffled labels stop fitting."""
    table = {}
    for tau, at_tau in rows.groupby("tau"):
        plain, shuffled = at_tau[~at_tau.shuffled], at_tau[at_tau.shuffled]
        held_out = curve(plain, "held_out_accuracy")
        table[tau] = {
            "teacher": last(curve(plain, "teacher_accuracy"), LEVEL),
            "begins": first(held_out, LEVEL),
            "ends": last(held_out, LEVEL),
            "shuffled": last(curve(shuffled, "student_train_accuracy"), LEVEL),
        }
    return table


CURVES = {  # how each threshold is drawn and named
    "teacher": (plots.ROLE["teacher"], "-", "teacher fits up to here"),
    "begins": (plots.ROLE["held_out"], "-", "student recovers all held-out labels from here …"),
    "ends": (plots.ROLE["held_out"], "--", "… to here"),
    "shuffled": (plots.ROLE["shuffled"], "-.", "shuffled soft labels fit up to here"),
}


def draw_thresholds(ax, rows, c):
    """Four thresholds α(τ), and the two counts behind them."""
    found = thresholds(rows)
    for name, (colour, line, text) in CURVES.items():
        points = [(table[name], tau) for tau, table in found.items() if np.isfinite(table[name])]
        if points:
            ax.plot(*zip(*points, strict=True), color=colour, linestyle=line, marker=".", label=text)
    ax.axvline(1 / (c * 0.8), color="0.6", linewidth=1, linestyle=":", zorder=0)
    ax.text(1 / (c * 0.8), 1.02, "ρn = d", transform=ax.get_xaxis_transform(), ha="center", fontsize=9, color="0.35")
    ax.set(yscale="log", xlabel="α = n/(dc)", ylabel="temperature τ", xlim=(rows.alpha.min(), rows.alpha.max()))
    ax.set_ylim(rows.tau.min(), rows.tau.max())
    return found


def draw_slice(ax, rows, alpha):
    """Accuracies against temperature at the sample size nearest to `alpha`, with 95 % intervals over replicates."""
    alpha = min(rows.alpha.unique(), key=lambda a: abs(a - alpha))
    at = rows[rows.alpha == alpha]
    lines = {
        "student, own part": ("train", "student_train_accuracy", False, ":"),
        "student, held out": ("held_out", "held_out_accuracy", False, "-"),
        "student, fresh": ("fresh", "fresh_accuracy", False, "-"),
        "shuffled labels, own part": ("shuffled", "student_train_accuracy", True, "-."),
    }
    for label, (role, metric, shuffled, line) in lines.items():
        values = at[at.shuffled == shuffled].pivot_table(index="seed", columns="tau", values=metric)
        plots.with_interval(ax, values.columns, values, color=plots.ROLE[role], linestyle=line, label=label)
    ax.set(
        xscale="log",
        xlabel="temperature τ",
        ylabel="accuracy",
        ylim=(0.3 if at.c.iloc[0] == 2 else 0, 1.03),
        title=f"α = {alpha:.3g}",
    )
    return at[~at.shuffled].groupby("tau").held_out_accuracy.mean()


def temperature_figure(rows, c, alpha, name, what):
    """The thresholds and a slice, with a caption from the rows."""
    rows = with_alpha(rows)
    fig, axes = plt.subplots(1, 2, figsize=(10.4, 4.6))
    found = draw_thresholds(axes[0], rows, c)
    held_out = draw_slice(axes[1], rows, alpha)
    axes[0].legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), fontsize=9)
    axes[1].legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, fontsize=9)
    recovering = [tau for tau, table in found.items() if np.isfinite(table["begins"])]
    if recovering:
        hot = found[min(recovering, key=lambda tau: abs(np.log(tau / 31.6)))]
        finding = (
            f"**Below τ ≈ {min(recovering):.3g} no sample size suffices; above, every held-out label is recovered** "
            f"from α = {hot['begins']:.3g} to {hot['ends']:.3g} (at the temperature nearest 32; "
            f"the equations suffice from {1 / (c * 0.8):.3g} on)."
        )
    else:
        finding = "**No temperature of this grid recovers every held-out label.**"
    coldest, hottest = found[min(found)], found[max(found)]
    finding += (
        f" The teacher fits up to α = {coldest['teacher']:.3g} whatever the temperature of its labels; shuffled labels "
        f"are fitted up to α = {coldest['shuffled']:.3g} when cold and {hottest['shuffled']:.3g} when hot."
    )
    plots.show(
        fig,
        name=name,
        caption=f"{finding} {what} Left: thresholds of the mean over replicates at level {LEVEL}; right: one sample size.",
        alt=f"Left: thresholds in the plane of α and temperature for {c} classes. Teacher fits up to {coldest['teacher']:.3g}. "
        + "; ".join(
            f"at τ = {tau:.3g} recovery from {table['begins']:.3g} to {table['ends']:.3g}, shuffled labels up to {table['shuffled']:.3g}"
            for tau, table in list(found.items())[:: max(1, len(found) // 6)]
        )
        .replace("-inf", "nowhere")
        .replace("inf", "nowhere")
        + ". Right: held-out accuracy "
        + ", ".join(
            f"{value:.2f} at τ = {tau:.3g}" for tau, value in list(held_out.items())[:: max(1, len(held_out) // 6)]
        )
        + ".",
        rows=[rows],
    )
    return found


if paper is not None:
    found_paper = temperature_figure(
        paper,
        2,
        0.8,
        "temperature-paper",
        f"Two classes, d = {paper.d.iloc[0]}, ρ = 0.8, the paper's budget of training.",
    )

# %% tags=["hide-input", "thumbnail"]
found = temperature_figure(
    rows, 2, 0.8, "temperature", f"Two classes, d = {rows.d.iloc[0]}, ρ = 0.8, the paper's budget of training, live."
)

# %% [markdown]
# Hot labels are easy to read: at high $\tau$ the loss is nearly quadratic around flat labels and ten thousand small steps reach its minimum, which is the teacher's rule divided by $\tau$. At low $\tau$ the labels are almost hard, their information sits in tiny probabilities, and the student has not got there when the budget ends. Shuffled labels show that it is not softness: they have the same values at the same heat, and nobody recovers anything from them; the hotter they are, the *fewer* of them fit, because near the quadratic loss they are $\rho n$ unrelated equations, which $d$ unknowns cannot satisfy.
#
# ## Figure 12: the same as maps

# %% tags=["hide-input"]
MAPS = {
    "teacher": "teacher_accuracy",
    "student, own part": "student_train_accuracy",
    "student, held out": "held_out_accuracy",
}


def edges(values, log=False):
    """Cell edges around grid values."""
    values = np.log(values) if log else np.asarray(values, dtype=float)
    middle = (values[1:] + values[:-1]) / 2
    ends = [2 * values[0] - middle[0], *middle, 2 * values[-1] - middle[-1]]
    return np.exp(ends) if log else np.array(ends)


def draw_map(ax, rows, metric, y, log=False):
    """A metric's mean over replicates in the plane of α and `y`."""
    table = rows.pivot_table(index=y, columns="alpha", values=metric)
    mesh = ax.pcolormesh(
        edges(table.columns), edges(table.index, log), table, vmin=0, vmax=1, cmap="Spectral", rasterized=True
    )
    ax.set(xlabel="α = n/(dc)", yscale="log" if log else "linear")
    return mesh, table


def maps_figure(rows, name, c):
    """Six maps: labels as they are above, shuffled within each class below."""
    rows = with_alpha(rows)
    fig, axes = plt.subplots(2, 3, figsize=(10.4, 6), sharex=True, sharey=True)
    tables = {}
    for line, shuffled, words in zip(axes, (False, True), ("soft labels", "shuffled within classes"), strict=True):
        for ax, (title, metric) in zip(line, MAPS.items(), strict=True):
            mesh, tables[words, title] = draw_map(ax, rows[rows.shuffled == shuffled], metric, "tau", log=True)
            ax.set_title(title if not shuffled else "", fontsize=11)
            ax.label_outer()
        line[0].set_ylabel(f"{words}\ntemperature τ")
    fig.colorbar(mesh, ax=axes, label="accuracy", shrink=0.7)
    kept, lost = tables["soft labels", "student, held out"], tables["shuffled within classes", "student, held out"]
    hot = kept.index[-1]
    best = kept.loc[hot].idxmax()
    low, high = lost.min(axis=None), lost.max(axis=None)
    plots.show(
        fig,
        name=name,
        caption=f"**Recovery of held-out labels is a wedge that opens with temperature** (top right: {kept.loc[hot, best]:.2f} at τ = {hot:.4g}, α = {best:.3g}, against {kept.loc[kept.index[0], best]:.2f} at τ = {kept.index[0]:.3g}). Shuffling within classes removes it: held-out accuracy then lies between {low:.2f} and {high:.2f}, with {c} classes and a mean of {lost.mean(axis=None):.2f}.",
        alt=f"Six maps of accuracy over α and temperature. Held-out accuracy with soft labels reaches {kept.max(axis=None):.2f}; with shuffled labels it averages {lost.mean(axis=None):.2f}.",
        rows=[rows],
    )


maps_figure(rows if paper is None else paper, "temperature-maps", 2)
if paper is not None:
    maps_figure(rows, "temperature-maps-live", 2)

# %% [markdown]
# ## Figure 11: temperature and train fraction
#
# What if the student sees less? It needs $\rho n = d$ equations, so the wedge of recovery is bounded by $\alpha = 1/(2\rho)$ on the left and by the teacher's capacity, $\alpha = 1$, on the right. The authors' driver for this figure is not published; the grid is ours.

# %%
fractions = live("memorized/temperature_and_fraction", scale, device)
fractions_paper = stored("memorized/temperature_and_fraction")


# %% tags=["hide-input"]
def fraction_figure(rows, name):
    """Held-out accuracy over α and ρ at three temperatures, with both bounds."""
    rows = with_alpha(rows)
    taus = sorted(rows.tau.unique())
    fig, axes = plt.subplots(1, len(taus), figsize=(3.5 * len(taus), 3.6), sharey=True, squeeze=False)
    inside = {}
    for ax, tau in zip(axes[0], taus, strict=True):
        mesh, table = draw_map(ax, rows[rows.tau == tau], "held_out_accuracy", "rho")
        rho = np.linspace(table.index.min(), table.index.max(), 100)
        ax.plot(1 / (2 * rho), rho, color="black", linewidth=1.4, linestyle="--", label="ρn = d")
        ax.axvline(1, color="black", linewidth=1.4, label="n = 2d")
        ax.set(title=f"τ = {tau:g}", xlim=edges(table.columns)[[0, -1]], ylim=edges(table.index)[[0, -1]])
        cells = table.stack()
        alpha, share = cells.index.get_level_values("alpha"), cells.index.get_level_values("rho")
        inside[tau] = cells[(alpha * share > 0.55) & (alpha < 0.9)].mean()
    axes[0, 0].set_ylabel("train fraction ρ")
    axes[0, 0].legend(loc="lower left", fontsize=9, frameon=True)
    fig.colorbar(mesh, ax=axes, label="held-out accuracy", shrink=0.9)
    said = ", ".join(f"{value:.2f} at τ = {tau:g}" for tau, value in inside.items())
    plots.show(
        fig,
        name=name,
        caption=f"**The wedge of recovery has the predicted sides, and only hot labels fill it.** Mean held-out accuracy well inside (αρ > 0.55, α < 0.9): {said}.",
        alt=f"Three maps of held-out accuracy over α and train fraction. Mean inside the wedge: {said}.",
        rows=[rows],
    )


fraction_figure(fractions if fractions_paper is None else fractions_paper, "temperature-fraction")
if fractions_paper is not None:
    fraction_figure(fractions, "temperature-fraction-live")

# %% [markdown]
# ## Figure 13: ten classes
#
# With ten classes the counts are the same in other units: a label is now nine numbers, the student needs $\rho n = d$ *examples*, $\alpha = 1/(c\rho) = 0.125$, and the teacher's capacity is measured, not derived: about $0.92/\ln c = 0.40$ (figure 4b below).

# %%
ten = live("memorized/temperature_ten_classes", scale, device)
ten_paper = stored("memorized/temperature_ten_classes")

# %% tags=["hide-input"]
if ten_paper is not None:
    temperature_figure(
        ten_paper, 10, 0.2, "temperature-ten-classes-paper", f"Ten classes, d = {ten_paper.d.iloc[0]}, ρ = 0.8."
    )
    maps_figure(ten_paper, "temperature-ten-classes-maps-paper", 10)
found_ten = temperature_figure(
    ten, 10, 0.2, "temperature-ten-classes", f"Ten classes, d = {ten.d.iloc[0]}, ρ = 0.8, live."
)

# %% tags=["hide-input"]
maps_figure(ten, "temperature-ten-classes-maps", 10)

# %% [markdown]
# ## Figure 4b: how many classes
#
# Three thresholds, three ways of growing with the number of classes: the teacher's capacity goes with $n/d = c/\ln c$, identification with $n/d$ alone, and the capacity for shuffled labels lies between, near $n/d = \sqrt{c}$. So on the axes $\alpha \ln c$, $\alpha c$ and $\alpha \sqrt{c}$ the curves of all class counts should fall on one another. Here $\rho = 0.55$ and $\tau = 10$.

# %%
by_class = live("memorized/classes", scale, device)
by_class_paper = stored("memorized/classes")


# %% tags=["hide-input"]
PANELS = {  # title: metric, shuffled, x as a function of (α, c), its name, the paper's line
    "B.1 teacher": ("teacher_accuracy", False, lambda a, c: a * np.log(c), "α ln c", 0.92, "Blues"),
    "B.2 student, own part": ("student_train_accuracy", False, lambda a, c: a * np.log(c), "α ln c", 0.92, "Purples"),
    "B.3 student, held out": ("held_out_accuracy", False, lambda a, c: a * c, "αc = n/d", 2.0, "Oranges"),
    "B.4 shuffled, own part": ("student_train_accuracy", True, lambda a, c: a * np.sqrt(c), "α√c", 0.66, "Greys"),
}


def classes_figure(rows, name):
    """Four panels, a shade a class count; dotted lines where the paper draws them."""
    rows = with_alpha(rows)
    counts = sorted(rows.c.unique())
    fig, axes = plt.subplots(1, 4, figsize=(12.4, 3.7), sharey=True)
    found = {}
    for ax, (title, (metric, shuffled, axis, label, line, shades)) in zip(axes, PANELS.items(), strict=True):
        palette = plt.get_cmap(shades)(np.linspace(0.35, 1, len(counts)))
        for colour, c in zip(palette, counts, strict=True):
            chosen = rows[(rows.c == c) & (rows.shuffled == shuffled)]
            means = chosen.assign(x=axis(chosen.alpha, c).round(4)).groupby("x")[metric].mean()
            ax.plot(means.index, means, marker="x", markersize=4, linewidth=1.2, color=colour, label=f"c = {c}")
            found[title, c] = rises(means, 0.9) if "held out" in title else falls(means, LEVEL)
        ax.axvline(line, color="0.3", linewidth=1.2, linestyle=":")
        ax.set(title=title, xlabel=label, ylim=(0, 1.04))
    axes[0].set_ylabel("accuracy")
    axes[0].legend(fontsize=9, loc="lower left")
    said = "; ".join(
        f"{title}: " + ", ".join(f"{found[title, c]:.2f} (c = {c})" for c in counts if np.isfinite(found[title, c]))
        for title in ("B.1 teacher", "B.3 student, held out", "B.4 shuffled, own part")
    )
    plots.show(
        fig,
        name=name,
        caption=f"**On the right axes, class counts fall on one another** from five classes on; two classes do not (the teacher's n = 2d is α ln c = {np.log(2):.2f}). Dotted: the paper's lines, {', '.join(str(panel[4]) for panel in PANELS.values())}. Where the mean crosses 0.99 (B.3: rises past 0.9): {said}.",
        alt=f"Four panels of accuracy against scaled sample size, a curve for each of {len(counts)} class counts. Crossings: {said}.",
        rows=[rows],
    )
    return found


if by_class_paper is not None:
    classes_figure(by_class_paper, "classes-paper")
crossings = classes_figure(by_class, "classes")

# %% [markdown]
# ## When it is the optimiser that fails
#
# The paper trains "until convergence" for a fixed 10,000 steps of Adam. For a linear student the loss is convex: as soon as $\rho n \ge d$ it has one minimum, the teacher's weights over $\tau$, *at every temperature*. So where the student of figure 4a fails at low temperature, it cannot be for want of information. We gave the same soft labels to three other solvers: Adam in double precision, Adam with ten times the steps, and Newton's method in double precision.

# %%
solvers = live("memorized/low_temperature", scale, device)

# %% tags=["hide-input"]
LINES = {  # solver, precision, steps: how it is drawn
    ("adam", "float32", 10_000): ("Adam, 10,000 steps (the paper's)", plots.ROLE["held_out"], "-", "o"),
    ("adam", "float64", 10_000): ("the same in double precision", "0.45", "--", "x"),
    ("adam", "float64", 100_000): ("Adam, 100,000 steps", plots.ROLE["independent"], "-", "s"),
    ("newton", "float64", 0): ("Newton's method", plots.ROLE["teacher"], "-", "D"),
}
fig, axes = plt.subplots(1, 2, figsize=(10.4, 4.2))
agree = {}
for key, chosen in solvers.groupby(["solver", "precision", "student_steps"]):
    label, colour, line, marker = LINES.get(key, (f"{key[0]}, {key[2]} steps", "0.3", "-", "."))
    style = {"color": colour, "linestyle": line, "marker": marker, "markersize": 5, "label": label}
    agreement = chosen.pivot_table(index="seed", columns="tau", values="agreement")
    plots.with_interval(axes[0], agreement.columns, agreement, **style)
    axes[1].plot(chosen.groupby("tau").weight_error.median(), **style)
    agree[label] = agreement.mean()
axes[0].set(xscale="log", xlabel="temperature τ", ylabel="agreement with the teacher, held out", ylim=(0.3, 1.03))
axes[1].set(xscale="log", yscale="log", xlabel="temperature τ", ylabel="relative distance of τ·student to teacher")
axes[1].axhline(1, color="0.7", linewidth=1, linestyle=":")
axes[0].legend(loc="lower right", fontsize=9)
said = "; ".join(
    f"{label}: "
    + ", ".join(f"{value:.2f} at τ = {tau:g}" for tau, value in values.items() if tau in (0.316, 1, 3.16, 10))
    for label, values in agree.items()
)
one = solvers.iloc[0]
plots.show(
    fig,
    name="low-temperature",
    caption=f"**At τ = 1 the labels hold the whole teacher; Adam just has not read them yet.** Mean agreement on held-out examples with 95 % intervals (left): {said}. d = {one.d}, n = {2 * one.per_class}, ρ = {one.rho}. Number precision is not what limits Adam. Below τ ≈ 0.3 Newton's method fails too: labels are then hard to the last of a double's 16 digits, and the information is gone.",
    alt=f"Agreement with the teacher and distance of weights against temperature for {len(agree)} solvers. {said}.",
    rows=[solvers],
)

# %% [markdown]
# So the boundary at low temperature in figures 4a, 11, 12 and 13 is a statement about ten thousand steps of Adam, not about what soft labels hold. For someone who publishes labels this matters: **cold labels are no protection**, unless they are so cold that they round to hard ones.
#
# ## The paper's numbers beside ours, and where we depart
#
# - **Axis.** The published drivers of figures 4a and 13 take $k = \alpha d c$ examples a class while the plots, and their limits, take $\alpha = k/d$. We take $k = \alpha d$, which covers what is plotted.
# - **Level.** The paper's notebook asks the mean accuracy of five seeds to be exactly 1; we ask for 0.99, so that one error in one run does not move a threshold.
# - **Data.** Shuffled and plain students share data, teacher and start here; the driver draws new ones for each. Fresh inputs are drawn like training inputs; in the official code they are uniform on [0, 1). Chance stays chance.
# - **Panel B.4** shows accuracy on the student's own, shuffled labels; the published title says test.
# - **"Until convergence"** is the budget above. Each row keeps the divergence that is left between student and labels (`train_kl`), so that an unfinished student is not mistaken for a safe label.
# - **Two classes and $0.92$.** The paper draws one line, $\alpha \ln c = 0.92$, for all class counts; with two classes the teacher's capacity $n = 2d$ is $\alpha \ln c = \ln 2 = 0.69$, and that is where our curve falls.
#
# No numbers survive in print for these figures, only lines and axis limits; the values called the paper's below are those lines, or a re-run of the published settings.

# %% tags=["hide-input"]
everything = [table for table in (rows, fractions, ten, by_class, solvers) if table is not None]
claims.table("memorized/temperature_and_classes", everything)

# %% tags=["hide-input"]
largest, finds = (rows, found) if paper is None else (paper, found_paper)
hot = min(finds, key=lambda tau: abs(np.log(tau / 31.6)))
able = [tau for tau, table in finds.items() if np.isfinite(table["begins"])]
newton = agree.get(LINES["newton", "float64", 0][0])
adam = agree.get(LINES["adam", "float32", 10_000][0])
plots.answer(
    "## Answer\n\n"
    + (
        f"With the paper's training, a linear student recovers every held-out label from τ ≈ {min(able):.3g} on, between α = {finds[hot]['begins']:.3g} and {finds[hot]['ends']:.3g} at τ = {hot:.3g} (d = {largest.d.iloc[0]}); class counts move the thresholds as α ln c, αc and α√c. "
        if able
        else "At this scale no student recovers every held-out label. "
    )
    + (
        f"At τ = 1 the failure is the optimiser's: Newton's method agrees with the teacher on {newton[1.0]:.0%} of the held-out examples, Adam's 10,000 steps on {adam[1.0]:.0%}."
        if adam is not None and 1.0 in adam and newton is not None
        else ""
    )
)

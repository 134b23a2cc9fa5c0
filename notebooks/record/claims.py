# %% [markdown]
# # Every claim and its verdict

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

# %% [markdown]
# ## Answer

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from softlabels import claims, plots
from softlabels.claims.table import PAPERS, SIGNS
from softlabels.intervals import Means, bootstrap_interval

plots.use_house_style()
table = claims.table()
tally = pd.DataFrame(table.tally())  # outcomes in lines, papers in columns
both = tally[["Q", "B"]].sum(axis=1)
failed = table.failed_at_paper_size("QB")
named = f" ({plots.listed(failed)})" if failed else ""

plots.answer(
    f"Of {both.sum()} claims of the two papers, **{both['reproduced']} are reproduced** at the paper's own size, on one of its data sets, and {both['same direction']} more show the **same direction** on smaller data. Not reproduced: {both['not reproduced']}, of these {len(failed)} at the paper's own size{named}, the others on smaller data or with a stand-in. Undecided: {both['inconclusive']}. Not run: {both['not run']}.\n\n"
    f"{both['by construction']} more hold by construction, whatever the rows are, and {both['published numbers consistent']} are arithmetic on a paper's own tables; neither kind says that anything was reproduced."
)

# %% tags=["hide-input"]
COLOURS = {
    "reproduced": "#009e73", "same direction": "#8fd3bd", "by construction": "#b8c4cf", "not reproduced": "#d55e00",
    "inconclusive": "#e0a100", "published numbers consistent": "#9fc5e8", "published numbers not consistent": "#cc79a7",
    "not run": "#e6e9ec",
}  # fmt: skip
fig, ax = plt.subplots(figsize=(8, 2.8))
left = 0 * tally.sum()
for word, row in tally[tally.sum(axis=1) > 0].iterrows():
    bars = ax.barh([PAPERS[paper] for paper in row.index], row, left=left, color=COLOURS[word], label=word)
    ax.bar_label(bars, [number or "" for number in row], label_type="center", fontsize=10)
    left = left + row
ax.invert_yaxis()
ax.set(xlabel="claims")
ax.legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
said = "; ".join(
    f"{PAPERS[paper]} {', '.join(f'{tally[paper][word]} {word}' for word in SIGNS if tally[paper][word])}"
    for paper in tally
)
plots.show(
    fig,
    name="claims-counted",
    caption=f"**{both['reproduced']} of {both.sum()} claims of the two papers are reproduced at the paper's own size.** Each claim counts once, at the largest scale that has a verdict.",
    alt=f"Three bars of counted claims: {said}.",
)

# %% [markdown]
# ## Three kinds of claims that pass
#
# **Which of the papers' statements hold when everything is computed again?** A verdict is computed from rows, never typed. The 95 % interval over replicates must lie wholly on the claimed side or, where a paper says "no difference", wholly within the stated margin. An interval that crosses the criterion is *inconclusive*, and so is anything with fewer than three replicates, unless nothing in it is random. With few replicates a t interval of a share may reach below 0 or above 1; it is not cut. What has not been run is counted too.
#
# A claim that passes is of one of three kinds. It is *reproduced* at the paper's own size (scale *paper*). Paper Q has several data sets of photographs; ours may be another of them than a figure's own. On CIFAR-100 most students train for fewer epochs than in the official command, one a draw, many with one image per class. The claim's line names its points. It shows the *same direction* on smaller data, or where something of ours stands for a method of the paper: *quick* rows were computed by the last build of this book, *reduced* rows are stored. Or it holds *by construction*: no rows that our code can give would make it false.
#
# Where a claim is about numbers in the paper's own tables, arithmetic on them has verdicts of its own, *published numbers consistent* or not; it reproduces nothing. The book's own claims are N, most of them about [what the reference code really does](reference_code), and J, about both papers together.

# %% tags=["hide-input"]
plots.raw(table.tally_html())


# %% tags=["hide-input"]
def held(n, trials=500):
    """How often, in percent, the resampled interval of a mean of n normal values holds the true one."""
    drawn = np.random.default_rng(0).standard_normal((trials, n))
    ends = [bootstrap_interval(Means(pd.DataFrame({"x": values}), lambda mean: mean["x"]))[1:] for values in drawn]
    return 100 * np.mean([low <= 0 <= high for low, high in ends])


plots.answer(
    f"**How sure an interval is.** The interval of a mean is Student's t. Where a number is read off several means, as a threshold or a best epoch is, the replicates are resampled instead. Percentiles of resamples alone would be too narrow where replicates are few, so the interval is as wide as Student's t would be with the resamples' standard error. In a test on normal values it holds the truth {held(3):.0f} % of the time with three replicates and {held(6):.0f} % with six."
)

# %% [markdown]
# ## One by one
#
# A line is a claim, with the sign of what it came to at its largest scale. It unfolds: what the paper prints, what we measured, with its interval, where *n* counts the replicates, and the criterion. A claim that was not reproduced is a result, and its page says what we think the reason is. *COMP6258* is an independent reproduction of paper Q's CIFAR-100 experiments with the authors' code ([about](../../about.md)).

# %% tags=["remove-input"]
table

# %% [markdown]
# `softlabels claims` prints the same in a terminal. `softlabels claims --json` is for programs: beside the verdict at each scale stands its `kind`, one of the three above, or null where a claim was not reproduced. The criteria are data, in `src/softlabels/claims/*.toml`: change one there, build again, and this page and the verdicts of all chapters follow, without a network being trained again.

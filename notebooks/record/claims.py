# %% [markdown]
# # Every claim and its verdict
#
# **Which of the papers' statements hold when everything is computed again?** A verdict is computed from rows, never typed: the 95 % interval over replicates must lie wholly on the claimed side (or, where a paper says "no difference", wholly within the stated margin). An interval that crosses the criterion is *inconclusive*, and so is anything with fewer than three replicates. What has not been run is counted too.

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

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import pandas as pd

from softlabels import claims, plots
from softlabels.claims.table import SIGNS

plots.use_house_style()

# %% [markdown]
# ## Count them
#
# The rows are those that the last build of this book computed (*quick*) and those that the repository stores (*reduced*, and *paper* at the papers' own sizes). A claim is counted at the scales at which it says what is to be measured.

# %%
table = claims.table()
counts = pd.DataFrame({scale: pd.Series(table.at(scale)).value_counts() for scale in claims.SCALES})
counts = counts.reindex([verdict for verdict in SIGNS if verdict in counts.index]).fillna(0).astype(int)
counts

# %% tags=["hide-input"]
COLOURS = {"reproduced": "#009e73", "not reproduced": "#d55e00", "inconclusive": "#e0a100", "not run": "#d5d9dd"}
fig, ax = plt.subplots(figsize=(8, 2.4))
left = 0 * counts.sum()
for verdict, row in counts.iterrows():
    bars = ax.barh(row.index, row, left=left, color=COLOURS[verdict], label=verdict)
    ax.bar_label(bars, [number or "" for number in row], label_type="center", fontsize=10)
    left = left + row
ax.invert_yaxis()
ax.set(xlabel="claims")
ax.legend(ncols=len(counts), loc="lower left", bbox_to_anchor=(0, 1))
plots.show(
    fig,
    name="claims-counted",
    caption=f"**How {len(table.claims)} claims came out.** {table.summary}",
    alt=f"Bars of counted verdicts, one a scale. {table.summary}",
)

# %% [markdown]
# ## One by one
#
# Each claim stands with its criterion, the number that its paper prints and ours with its interval; *n* counts the replicates. A claim that was not reproduced is a result, and its page says what we think the reason is. Where a claim is about numbers that stand in a paper's own tables, arithmetic on them is a verdict of its own kind, *published numbers consistent* or not; it reproduces nothing, and stands under the paper's value. Claims N are findings of this book, most of them about [what the reference code really does](reference_code).
#
# Click on a heading to sort.

# %%
table

# %% [markdown]
# `softlabels claims` prints the same in a terminal, `softlabels claims --json` for programs. The criteria are data, in `src/softlabels/claims/*.toml`: change one there, build again, and this page and the verdicts of all chapters follow, without a network being trained again.

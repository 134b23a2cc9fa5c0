"""What the claims about networks with hidden layers measure; the rules are those of `quantities`."""

import pandas as pd

from softlabels.claims.quantities import at, paired

# ---- modular addition (figures 2, 8, 9) ----------------------------------------------------------------------------


def least(rows: pd.DataFrame, metric: str, **points) -> dict:
    """The smallest value of a metric over the runs at the points, in each seed."""
    return {"": at(rows, **points).groupby("seed")[metric].min()}


def most(rows: pd.DataFrame, metric: str, minus: str | None = None, **points) -> dict:
    """The largest value of a metric, or of its difference to another of the same run, over the runs in each seed."""
    rows = at(rows, **points)
    values = rows[metric] - rows[minus] if minus else rows[metric]
    return {"": values.groupby(rows["seed"]).max()}


# ---- treatments of labels (figure 16) ------------------------------------------------------------------------------


def against_untreated(
    rows: pd.DataFrame, metric: str, treatment: str, fraction: float = 0.0, times: float = 1.0, **points
) -> dict:
    """Mean of a metric under a treatment minus `times` its mean on untreated labels, within each seed."""
    of = {"treatment": treatment, "fraction": fraction}
    return paired(rows, metric, of=of, to={"treatment": "none"}, times=times, **points)

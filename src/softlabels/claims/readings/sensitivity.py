"""What is read off tables 5 and 6 and figure 9: luck and choice."""

import math

import pandas as pd

from softlabels.claims.readings.images import by_unit, pick, table
from softlabels.errors import NotRun
from softlabels.intervals import Means, spearman

LEAST_DECILES = 5


def spread(rows: pd.DataFrame, unit: str, of: dict, to: dict, **points) -> dict:
    """Three standard deviations over units, less what students add, as a share of the gain of `of` over `to`.

    Its interval is that of the variance of normal units, by χ²; the gain is taken as known beside it.
    """
    from scipy.stats import chi2

    treated = pick(rows, **points | of)
    students = treated.groupby(unit)["accuracy_last"].agg(["mean", "var", "count"])
    plain = by_unit(pick(rows, **points | to), "accuracy_last", unit)
    plain = plain.reindex(students.index) if unit == "draw" else plain.mean()  # hard labels know no teacher
    mean = 100 * students["mean"]
    noise = (1e4 * students["var"] / students["count"]).fillna(0)  # of a unit's mean; unknown with one student
    values = pd.DataFrame({"mean": mean, "square": mean**2, "noise": noise, "plain": plain}).dropna()
    if len(values) < 2:
        raise NotRun("one unit has no spread")
    free = len(values) - 1

    def read(of_means, times=1.0):
        variance = times * len(values) / free * (of_means["square"] - of_means["mean"] ** 2) - of_means["noise"]
        gain = of_means["mean"] - of_means["plain"]
        return 3 * math.sqrt(max(variance, 0)) / gain if gain > 0 else math.inf

    low, high = (read(values.mean(), free / chi2.ppf(quantile, free)) for quantile in (0.975, 0.025))
    return {"": Means(values, read, interval=(low, high))}


def order_of_deciles(rows: pd.DataFrame, unit: str = "draw", **points) -> dict:
    """Spearman's rank correlation of the decile of difficulty and the accuracy that its images give."""
    rows = pick(rows, ("selection",), labels="soft", **points)
    rows = rows[rows["selection"].str.startswith("decile")]
    rows = rows.assign(decile=rows["selection"].str.removeprefix("decile").astype(int))
    if rows["decile"].nunique() < LEAST_DECILES:
        raise NotRun(f"fewer than {LEAST_DECILES} deciles were run")
    return {"": Means(table(rows, "accuracy_last", ["decile"], unit), spearman)}

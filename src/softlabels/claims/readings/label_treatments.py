"""What is read off figure 16: treated labels against untreated ones."""

import pandas as pd

from softlabels.claims.readings.points import along, paired

AS_DESCRIBED, AS_CODED = "cut tail", "cut tail, as coded"


def by_size(rows: pd.DataFrame, treatment: str, metric: str, fraction: float = 0.0) -> pd.DataFrame:
    """A metric under a treatment: replicates × examples per class."""
    return along(rows, metric, "per_class", treatment=treatment, fraction=fraction)


def against_untreated(
    rows: pd.DataFrame, metric: str, treatment: str, fraction: float = 0.0, times: float = 1.0, **points
) -> dict:
    """Mean of a metric under a treatment minus `times` its mean on untreated labels, within each seed."""
    of = {"treatment": treatment, "fraction": fraction}
    return paired(rows, metric, of=of, to={"treatment": "none"}, times=times, **points)


def cut_fractions(rows: pd.DataFrame) -> list[float]:
    """The fractions of a label's entries that are cut, ascending."""
    return sorted(set(rows["fraction"]) - {0})


def leak_by_fraction(rows: pd.DataFrame, per_class: int) -> dict[float, float]:
    """Mean held-out accuracy with the tail cut as described, at one sample size, by the fraction that is cut."""
    return {f: by_size(rows, AS_DESCRIBED, "held_out_accuracy", f)[per_class].mean() for f in cut_fractions(rows)}

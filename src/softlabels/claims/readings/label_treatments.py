"""What is read off figure 16: treated labels against untreated ones."""

import pandas as pd

from softlabels.claims.readings.points import paired


def against_untreated(
    rows: pd.DataFrame, metric: str, treatment: str, fraction: float = 0.0, times: float = 1.0, **points
) -> dict:
    """Mean of a metric under a treatment minus `times` its mean on untreated labels, within each seed."""
    of = {"treatment": treatment, "fraction": fraction}
    return paired(rows, metric, of=of, to={"treatment": "none"}, times=times, **points)

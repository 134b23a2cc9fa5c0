"""What is read off table 2: our accuracies against the printed ones."""

import pandas as pd

from softlabels import hyperparameters, published
from softlabels.claims.readings.images import by_unit, pick


def against_printed(rows: pd.DataFrame, series: str, data: str, ipc: int, unit: str = "draw") -> dict:
    """Accuracy with table 7's teacher epoch minus a printed one, in points, by the student's epochs E."""
    epoch = hyperparameters.chosen(data, ipc).teacher_epoch
    rows = pick(rows, labels="soft", data=data, ipc=ipc, teacher_epoch=epoch)
    printed = published.find(series).value(ipc)
    return {f"E = {e}": by_unit(part, "accuracy_last", unit) - printed for e, part in rows.groupby("epochs")}

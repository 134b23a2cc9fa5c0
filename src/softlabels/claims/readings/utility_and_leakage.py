"""What is read off the joined page: what labels teach against what they leak."""

import pandas as pd

from softlabels.claims.readings.points import at


def leak_of_controls(rows: pd.DataFrame, **points) -> dict:
    """Mean leak, within each replicate, of the runs whose labels say nothing about held-out canaries."""
    rows = at(rows, **points)
    silent = rows["labels"].isin(["hard", "corrected hard"])
    silent |= (rows["labels"] == "soft") & ~rows["teacher_saw_canaries"].astype(bool)
    return {"": rows[silent].groupby("seed")["leak"].mean()}

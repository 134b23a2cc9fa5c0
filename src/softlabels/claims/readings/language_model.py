"""What is read off the page on GPT-2 and its stand-in: accuracies over ρ, and the control with shuffled labels."""

import pandas as pd

from softlabels.claims.readings.points import along, at, average

PRINTED = {0.2: 0.2385, 0.5: 0.5863, 0.8: 0.7283}  # ρ -> held-out accuracy that the released notebook prints


def held_out(rows: pd.DataFrame, **points) -> pd.DataFrame:
    """Accuracy on what only the teacher saw: replicates × ρ."""
    return along(rows, "held_out_accuracy", "rho", **points)


def shuffled(rows: pd.DataFrame) -> pd.DataFrame:
    """The stand-in's control: students of shuffled labels, where a class has two examples or more to shuffle."""
    rows = at(rows, shuffled=True)
    return rows[(rows["rho"] * rows["per_class"] + 1e-9).astype(int) > 1]


def held_out_of_shuffled(rows: pd.DataFrame) -> pd.Series:
    """The control's held-out accuracy, mean over ρ, by replicate."""
    return average(shuffled(rows), "held_out_accuracy")[""]

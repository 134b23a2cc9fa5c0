"""What is read off figures 1 and 7: students of points in the plane, over data sets of our own."""

import pandas as pd

from softlabels.claims.readings.points import average, paired

OWN_DATA = {"published_seed": 0}  # the rows of the authors' own data sets name the seed that these are drawn from


def by_data_set(rows: pd.DataFrame, classes: int, metric: str, labels: str) -> pd.Series:
    """A metric's mean over the networks trained on soft or hard labels, by data set."""
    return average(rows, metric, classes=classes, labels=labels, **OWN_DATA)[""]


def gain(rows: pd.DataFrame, classes: int) -> pd.Series:
    """Held-out accuracy with soft labels minus that with hard labels, by data set."""
    both = {"of": {"labels": "soft"}, "to": {"labels": "hard"}}
    return paired(rows, "held_out_accuracy", classes=classes, **both, **OWN_DATA)[""]


def teacher_of_figure_1(rows: pd.DataFrame) -> dict | None:
    """Accuracy of the teacher of figure 1's published data set (seed 13), and the scale; None where it was not run."""
    own = rows[(rows["published_seed"] == 13) & (rows["classes"] == 3)]
    return {"scale": rows.attrs["scale"], "accuracy": own["teacher_accuracy"].mean()} if len(own) else None

"""What is read off figures 2 and 4 and table 7: the best teacher epoch and temperature."""

import numpy as np
import pandas as pd

from softlabels.claims.readings.images import by_unit, gap, pick, reported, table
from softlabels.claims.readings.points import at
from softlabels.errors import NotRun
from softlabels.intervals import Means

# ---- the best teacher epoch (figure 2, table 7)


TRENDS = {
    "first to last": lambda values: values[-1] - values[0],
    "smallest step": lambda values: min(np.diff(values)),
    "largest step": lambda values: max(np.diff(values)),
}


def at_best_epoch(rows: pd.DataFrame, value: str, trend: str, ipcs: list[int], unit: str = "draw", **points) -> dict:
    """How the best teacher epoch, or the labels' entropy there, moves from one IPC to the next.

    Read off means; `trend` is first to last, smallest step or largest step.
    """
    columns, epochs = {}, ("teacher_epoch",)
    for n in ipcs:
        cell = pick(rows, epochs, labels="soft", ipc=n, **points)
        for metric in ("accuracy_last", "label_entropy"):
            columns[metric, n] = table(cell, metric, list(epochs), unit)
    values = pd.concat(columns, axis=1).dropna()

    def read(mean):
        best = [mean["accuracy_last"][n].idxmax() for n in ipcs]
        if value == "label_entropy":
            best = [mean["label_entropy"][n][epoch] for n, epoch in zip(ipcs, best, strict=True)]
        return float(TRENDS[trend](best))

    return {"": Means(values, read)}


# ---- temperature (figure 4)


OVERFITS = 10  # points by which an overfitting teacher is better on its training images than on the test set


def smoothing(rows: pd.DataFrame, last: int, teacher_augmented: bool = True, **points) -> dict:
    """The last epoch at its best τ minus the best earlier epoch and τ, where the teachers' own rows say they overfit.

    Raises NotRun where the teachers have no rows, or do not overfit.
    """
    if "labels" not in rows or not rows["labels"].isna().any():
        raise NotRun("the teachers have no rows")
    own = at(rows[rows["labels"].isna()], data=points["data"], augmented=teacher_augmented, epoch=last)
    too_good = 100 * (own["train_accuracy"] - own["accuracy"]).mean()
    if too_good < OVERFITS:
        raise NotRun(f"regime not reached: the teacher is only {too_good:.0f} points better on its training images")
    points |= {"labels": "soft", "teacher_augmented": teacher_augmented}
    of, to = {"teacher_epoch": last}, {"teacher_epoch": [1, last - 1]}
    return gap(rows, of, to, over=("teacher_epoch", "tau"), **points)


def equal_entropy(rows: pd.DataFrame, last: int, unit: str = "draw", **points) -> dict:
    """The best earlier epoch at τ = 1 minus the last at the τ, between those of the grid, of equal label entropy."""
    rows = pick(rows, ("teacher_epoch", "tau"), labels="soft", **points)
    late = rows[rows["teacher_epoch"] == last]
    early = reported(rows[(rows["teacher_epoch"] < last) & (rows["tau"] == 1)], ["teacher_epoch"])
    if late.empty:
        raise NotRun(f"no run has teacher_epoch = {last}")
    entropy, accuracy = late.groupby("tau")["label_entropy"].mean(), table(late, "accuracy_last", ["tau"], unit)
    wanted = early["label_entropy"].mean()
    if not entropy.min() <= wanted <= entropy.max():
        raise NotRun(f"no temperature of epoch {last} has the entropy {wanted:.2f} of the best earlier epoch")
    entropy = entropy.sort_values()  # rises with the temperature
    matched = accuracy[entropy.index].apply(lambda row: np.interp(wanted, entropy, row), axis=1)
    return {"": (by_unit(early, "accuracy_last", unit) - matched).dropna()}

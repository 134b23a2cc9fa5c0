"""What is read off figures 3, 5 and 10 and the independent reproduction's experiments: a label's structure."""

import numpy as np
import pandas as pd

from softlabels.claims.readings.images import level, pick
from softlabels.claims.readings.points import at
from softlabels.errors import NotRun

# ---- exchanged entries (figure 3)


def relative(rows: pd.DataFrame, of: dict, to: dict | None = None, unit: str = "draw", **points) -> dict:
    """Accuracy with exchanged entries as a share of that with whole labels at `of`, minus the same at `to`, if any."""

    def share(side):
        treated, whole = (
            level(rows, unit=unit, labels="soft", **points | s)[""] for s in (side, side | {"swapped": 0})
        )
        return treated / whole

    return {"": (share(of) - (share(to) if to else 0)).dropna()}


def entropy_moved(rows: pd.DataFrame, unit: str = "draw", **points) -> dict:
    """By how much, at most, exchanging entries moves the mean entropy of the same images' labels, within each unit."""
    rows = pick(rows, ("swapped",), labels="soft", **points)
    same = [unit, "data", "ipc", "teacher_epoch"]
    whole = rows[rows["swapped"] == 0].groupby(same)["label_entropy"].mean()
    treated = rows[rows["swapped"] > 0].groupby([*same, "swapped"])["label_entropy"].mean()
    return {"": (treated - whole).abs().groupby(unit).max()}


# ---- examples (figure 5)


def rising_steps(rows: pd.DataFrame, metric: str, steps: list[int], sign: int = 1, unit: str = "seed", **points):
    """The share of steps from one teacher epoch to the next in which a metric of an example's label rises: a dict.

    steps: the epochs. Sign −1: falls. Mean over the examples of each teacher.
    """
    values = _after(at(rows, **points), steps).pivot_table(
        index=[unit, "label", "image"], columns="epoch", values=metric
    )
    values = values.reindex(columns=steps).dropna()
    if values.empty:
        raise NotRun(f"no example has every epoch of {steps}")
    return {"": (sign * values.diff(axis=1).iloc[:, 1:] > 0).mean(axis=1).groupby(unit).mean()}


def similar_runner_up(rows: pd.DataFrame, data: str, steps: list[int], unit: str = "seed", **points) -> dict:
    """How much oftener than by chance an example's likeliest other class is similar to its own, in each teacher.

    Similar, known beforehand: the three digits with the nearest mean image; the nearest family in WordNet.
    """
    rows = _after(at(rows, data=data, **points), steps)
    classes = 10 if data.endswith("digits") else 200
    similar = {label: similar_classes(data, label) for label in rows["label"].unique()}
    hits = [other in similar[label] for label, other in zip(rows["label"], rows["runner_up"], strict=True)]
    chance = rows["label"].map({label: len(found) / (classes - 1) for label, found in similar.items()})
    return {"": (np.array(hits) - chance).groupby(rows[unit]).mean()}


def _after(rows: pd.DataFrame, steps: list[int]) -> pd.DataFrame:
    """The rows of these teacher epochs. Raises NotRun where there is none."""
    rows = rows[rows["epoch"].isin(steps)]
    if rows.empty:
        raise NotRun(f"no run has an epoch of {steps}")
    return rows


def similar_classes(data: str, label: int) -> list[int]:
    """The three classes whose mean image is nearest to a digit's; those filed beside a photograph's in WordNet."""
    import torch

    from softlabels.data import digits, relations

    if not data.endswith("digits"):
        return relations.family(label)
    images, classes = digits.raw_digits()
    means = torch.stack([images[classes == c].double().mean(0) for c in range(10)])  # (10, 64)
    return (means - means[label]).square().sum(1).argsort()[1:4].tolist()

"""What the claims about a label's structure and worth measure (paper Q, figures 3, 5, 6, 7, 11).

Units, halves and percent are those of `image_quantities`.
"""

import math

import numpy as np
import pandas as pd

from softlabels.claims.arithmetic import images_needed
from softlabels.claims.image_quantities import by_unit, level, pick, table
from softlabels.claims.quantities import at
from softlabels.claims.rules import Means, NotRun
from softlabels.store import curves_of

# ---- exchanged entries (figure 3) ----------------------------------------------------------------------------------


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


# ---- examples (figure 5) -------------------------------------------------------------------------------------------


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


# ---- data against knowledge (figures 6, 11) ------------------------------------------------------------------------


def needed(mean: pd.Series, wanted: float) -> float:
    """IPC at which a curve over IPC first reaches `wanted` percent; infinity: it does not."""
    return images_needed(mean.index, mean.to_numpy(), wanted)


def images_for_entries(rows: pd.DataFrame, few: int, as_ipc: int, unit: str = "draw", **points) -> dict:
    """IPC with which the `few` largest entries reach what whole labels reach at IPC `as_ipc`, over that IPC."""
    rows = pick(rows, ("top",), labels="soft", **points)
    whole = table(rows[rows["top"] == rows["top"].max()], "accuracy_last", ["ipc"], unit)
    cut = table(at(rows, top=few), "accuracy_last", ["ipc"], unit)
    if as_ipc not in whole:
        raise NotRun(f"no run has ipc = {as_ipc}")
    values = cut.assign(wanted=whole[as_ipc]).dropna()
    return {"": Means(values, lambda mean: needed(mean[cut.columns], mean["wanted"]) / as_ipc)}


def later_teacher_needs(
    rows: pd.DataFrame, early: int, late: int, ipcs: list[int], share: float = 0.5, unit: str = "draw", **points
) -> dict:
    """IPC that the later epoch's labels need for a share of the early teacher's accuracy, over what the early's do."""
    rows = rows[rows["ipc"].isin(ipcs)]
    cells = {epoch: pick(rows, labels="soft", teacher_epoch=epoch, **points) for epoch in (early, late)}
    wanted = share * by_unit(cells[early], "teacher_accuracy", unit).mean()
    values = pd.concat({e: table(cell, "accuracy_last", ["ipc"], unit) for e, cell in cells.items()}, axis=1).dropna()
    if needed(values.mean()[early], wanted) == math.inf:
        raise NotRun(f"students of the early teacher do not reach {wanted:.1f} %")

    def read(mean):
        late_needs, early_needs = needed(mean[late], wanted), needed(mean[early], wanted)
        return 1.0 if late_needs == early_needs else late_needs / early_needs  # both may lie beyond the grid

    return {"": Means(values, read)}


def exchange_rate(rows: pd.DataFrame, soft_ipc: int, ipcs: list[int], unit: str = "draw", **points) -> dict:
    """IPC at which hard labels match soft labels of the best epoch at `soft_ipc`, as a multiple of that."""
    soft = level(rows, over=("teacher_epoch",), unit=unit, labels="soft", ipc=soft_ipc, **points)[""]
    hard = table(pick(rows[rows["ipc"].isin(ipcs)], labels="hard", **points), "accuracy_last", ["ipc"], unit)
    values = hard.assign(soft=soft).dropna()
    return {"": Means(values, lambda mean: needed(mean[hard.columns], mean["soft"]) / soft_ipc)}


# ---- a class without images or entries (figure 7) ------------------------------------------------------------------


def lost_by_removal(rows: pd.DataFrame, removal: str, unit: str = "draw", **points) -> dict:
    """Accuracy on the treated classes of students from whom nothing was removed, minus that of those treated."""
    treated = pick(rows, removal=removal, **points)
    classes = {int(name) for names in treated["removed"].astype(str) for name in names.split()}
    whole = pick(rows, labels="soft", **points)
    curves = curves_of(rows)
    if curves.empty:
        raise NotRun("the rows have no curves")
    own = curves[(curves["name"] == "class_accuracy") & curves["step"].isin(classes)]
    control = 100 * own.merge(whole[["identity", unit]]).groupby(unit)["value"].mean()
    return {"": (control - by_unit(treated, "class_accuracy", unit)).dropna()}

"""What is read off figures 6 and 11: how many images a label entry is worth."""

import math

import pandas as pd

from softlabels.claims.readings.images import by_unit, level, pick, table
from softlabels.claims.readings.points import at
from softlabels.claims.readings.printed import images_needed
from softlabels.errors import NotRun
from softlabels.intervals import Means


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

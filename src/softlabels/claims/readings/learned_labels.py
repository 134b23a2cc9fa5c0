"""What is read off table 3 and figures 8 and 12: labels of several teachers, and labels that are learned.

A distance is the mean Jensen-Shannon divergence of learned labels from those of six teachers, in base 2.
"""

import pandas as pd

from softlabels.claims.readings.images import level, pick
from softlabels.claims.readings.points import at_own, chosen_by_others, if_run
from softlabels.errors import NotRun
from softlabels.intervals import Means
from softlabels.store import curves_of

STRATEGIES = {  # table 3's columns -> the points of their rows, and what is chosen among
    "hard": ({"labels": "hard"}, []),
    "one teacher": ({"labels": "soft", "teachers": 1}, ["teacher_epoch"]),
    "six teachers": ({"labels": "soft", "teachers": 6}, ["teacher_epoch"]),
    "BPTT": ({"labels": "bptt", "form": "clipped"}, []),
    "MTT": ({"labels": "mtt", "form": "clipped"}, []),
}


def by_strategy(rows: pd.DataFrame, **points) -> dict[str, pd.Series]:
    """Accuracy in percent of each of the `STRATEGIES` that has rows, by draw; teachers at the epoch others chose."""
    found = {name: if_run(level, rows, over=over, **points | of) for name, (of, over) in STRATEGIES.items()}
    return {name: values for name, values in found.items() if len(values)}


def distance_by_epoch(rows: pd.DataFrame, curve: str = "distance", unit: str = "draw", **points) -> pd.DataFrame:
    """A curve of learned labels: draws × teacher epochs. `curve`: see `compared_with_teachers`."""
    chosen, curves = pick(rows, **points), curves_of(rows)
    if curves.empty:
        raise NotRun("the rows have no curves")
    own = curves[curves["name"] == curve].merge(chosen[["identity", unit]])
    if own.empty:
        raise NotRun(f"the rows have no curve {curve!r}")
    return own.groupby([unit, "step"])["value"].mean().unstack().sort_index(axis=1)


def of_each_image(rows: pd.DataFrame, **points) -> pd.DataFrame:
    """The distance of each image's learned label, of the first draw of images: images × teacher epochs."""
    chosen = pick(rows, **points).sort_values("draw").iloc[:1]
    own = curves_of(rows).merge(chosen[["identity"]])
    own = own[own["name"].str.startswith("image ")]
    if own.empty:
        raise NotRun("the rows have no curves of single images")
    number = own["name"].str.removeprefix("image ").astype(int).rename("image")
    return own.groupby([number, "step"])["value"].mean().unstack().sort_index(axis=1)


def epoch_of_others(table: pd.DataFrame) -> pd.Series:
    """By draw, the epoch whose labels are nearest on average over the other half of the draws: draws × epochs to (n,).

    Raises NotRun for a single draw.
    """
    return chosen_by_others(table, pd.Series.idxmin)


def nearer_than(rows: pd.DataFrame, than: str, unit: str = "draw", **points) -> dict:
    """How much nearer learned labels are to those of the nearest epoch, which other draws chose, than to others.

    than: `last`, the labels of the last epoch; or a control as sure as those of the nearest one: `last tempered` or
    `rest shuffled`.
    """
    table = distance_by_epoch(rows, unit=unit, **points)
    epochs = epoch_of_others(table)
    other = table if than == "last" else distance_by_epoch(rows, than, unit, **points)
    away = other[other.columns.max()] if than == "last" else at_own(other, epochs)
    return {"": away - at_own(table, epochs)}


def later(rows: pd.DataFrame, ipcs: list[int], unit: str = "draw", **points) -> dict:
    """By how many epochs the nearest teachers are later with the last of some IPC than with the first.

    Read off means over draws; every bootstrap sample of the draws has a nearest epoch of its own.
    """
    tables = {ipc: distance_by_epoch(rows, unit=unit, ipc=ipc, **points) for ipc in (ipcs[0], ipcs[-1])}
    values = pd.concat(tables, axis=1).dropna()
    return {"": Means(values, lambda mean: float(mean[ipcs[-1]].idxmin() - mean[ipcs[0]].idxmin()))}

"""What is read off figures 6 and 11: how many images a label entry is worth."""

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from softlabels import published
from softlabels.claims.readings.images import by_unit, level, pick, table
from softlabels.claims.readings.points import at, curve
from softlabels.claims.readings.printed import exchange, images_needed
from softlabels.errors import NotRun
from softlabels.intervals import Means, bootstrap_interval, t_interval

PRINTED = {  # who -> the series of soft labels, and of hard labels of the same images
    "ImageNet, paper’s table 1": ("table 1, soft labels of ResNet18", "table 1, hard labels"),
    "CIFAR-100, reproduction": ("reproduction, best teacher epoch", "reproduction, hard labels"),
}

# ---- accuracies


def accuracies(rows: pd.DataFrame, axis: str = "ipc", **points) -> pd.Series:
    """Accuracy in percent along an axis, mean over draws; empty where nothing was run at the points."""
    return 100 * (curve(rows, axis, level, **points) / 100).mean()  # a mean of fractions: ties round as in the rows


def table_of(rows: pd.DataFrame, columns: str, index: str = "ipc", **points) -> pd.DataFrame:
    """The same of soft labels along two axes; NaN where a cell was not run, and empty where none was."""
    lines = {
        value: accuracies(rows, index, labels="soft", **points, **{columns: value})
        for value in sorted(rows[columns].unique())
    }
    return pd.DataFrame({value: line for value, line in lines.items() if len(line)}).sort_index()


def widest_interval(rows: pd.DataFrame, axis: str, **points) -> float:
    """Half the width of the widest 95 % t interval over draws, in points, of soft labels; NaN with single draws."""
    rows = pick(rows, (axis,), labels="soft", **points)
    cells = by_unit(rows, "accuracy_last", ["ipc", axis, "draw"]).groupby(["ipc", axis])
    intervals = [t_interval(cell) for _, cell in cells if len(cell) > 1]
    return max(((high - low) / 2 for _, low, high in intervals), default=math.nan)


def entries_for(line: pd.Series, share: float) -> int:
    """The smallest K whose accuracy has that share of what all entries add to the first."""
    return next(k for k in line.index if line[k] - line.iloc[0] >= share * (line.max() - line.iloc[0]))


# ---- images that reach an accuracy


def needed(mean: pd.Series, wanted: float) -> float:
    """IPC at which a curve over IPC first reaches `wanted` percent; infinity: it does not."""
    return images_needed(mean.index, mean.to_numpy(), wanted)


def check_whole(curve: pd.DataFrame, ipcs: Iterable[int], labels: str) -> None:
    """Raises NotRun where a curve lacks one of `ipcs`: "more than the grid has" must not come from rows to come."""
    if missing := sorted(set(ipcs) - set(curve.columns)):
        raise NotRun(f"no run with {labels} has ipc = {', '.join(map(str, missing))}")


def images_for_entries(rows: pd.DataFrame, few: int, as_ipc: int, unit: str = "draw", **points) -> dict:
    """IPC with which the `few` largest entries reach what whole labels reach at IPC `as_ipc`, over that IPC.

    Raises NotRun where whole labels lack `as_ipc`, or the cut ones an IPC that whole labels have.
    """
    rows = pick(rows, ("top",), labels="soft", **points)
    whole = table(rows[rows["top"] == rows["top"].max()], "accuracy_last", ["ipc"], unit)
    cut = table(at(rows, top=few), "accuracy_last", ["ipc"], unit)
    check_whole(whole, [as_ipc], "whole labels")
    check_whole(cut, whole.columns, f"the {few} largest entries")
    values = cut.assign(wanted=whole[as_ipc]).dropna()
    return {"": Means(values, lambda mean: needed(mean[cut.columns], mean["wanted"]) / as_ipc)}


def hard_per_image(soft: pd.DataFrame, hard: pd.Series) -> pd.DataFrame:
    """Images with hard labels that an image with K entries is worth: K × IPC, as `soft`; infinity beyond the grid."""
    return pd.DataFrame(
        {ipc: {k: needed(hard, right) / ipc for k, right in soft[ipc].dropna().items()} for ipc in soft}
    )


def exchange_rate(rows: pd.DataFrame, soft_ipc: int, ipcs: list[int], unit: str = "draw", **points) -> dict:
    """IPC at which hard labels match soft labels of the best epoch at `soft_ipc`, as a multiple of that.

    Raises NotRun where hard labels lack one of `ipcs`.
    """
    soft = level(rows, over=("teacher_epoch",), unit=unit, labels="soft", ipc=soft_ipc, **points)[""]
    hard = table(pick(rows[rows["ipc"].isin(ipcs)], labels="hard", **points), "accuracy_last", ["ipc"], unit)
    check_whole(hard, ipcs, "hard labels")
    values = hard.assign(soft=soft).dropna()
    return {"": Means(values, lambda mean: needed(mean[hard.columns], mean["soft"]) / soft_ipc)}


def exchange_rates(rows: pd.DataFrame, **points) -> pd.DataFrame:
    """`exchange_rate` by IPC, over all IPCs of hard labels: value, low and high (95 %; the value with one draw)."""
    ipcs = [int(ipc) for ipc in accuracies(rows, labels="hard", **points).index]
    rates = {}
    for ipc in ipcs[:-1]:
        try:
            measured = exchange_rate(rows, ipc, ipcs, **points)[""]
        except NotRun:
            continue
        value, low, high = bootstrap_interval(measured)
        rates[ipc] = (value, low, high) if len(measured.values) > 1 else (value, value, value)
    return pd.DataFrame(rates, index=["value", "low", "high"]).T


def printed_rates(soft: str, hard: str) -> pd.Series:
    """Exchange rates of printed series by IPC, where both have a number and the grid goes on."""
    ipcs = [int(n) for n in published.find(soft).at if n in published.find(hard).at][:-1]
    return pd.Series({n: rate for n, (rate, _) in zip(ipcs, exchange(soft, hard, ipcs).values(), strict=True)})


# ---- teacher epochs


def printed_frontier() -> tuple[pd.DataFrame, pd.Series]:
    """The independent reproduction's accuracies on CIFAR-100: IPC × teacher epochs, and of hard labels by IPC."""
    series = published.frame("the reproduction's figures")
    soft = series[(series.axis == "ipc") & (series.labels == "soft") & series.name.str.contains("teacher epoch ")]
    epoch = soft.name.str.extract(r"(\d+)$", expand=False).astype(int)
    hard = published.find("reproduction, hard labels")
    return soft.assign(epoch=epoch).pivot(index="at", columns="epoch", values="mean"), pd.Series(hard.mean, hard.at)


def falls_behind(soft: pd.Series, hard: pd.Series) -> tuple[float, float] | None:
    """The IPCs between which a curve of soft labels falls behind hard ones; None where it does not."""
    ahead = (soft - hard).dropna() > 0
    for less, more in zip(ahead.index, ahead.index[1:], strict=False):
        if ahead[less] and not ahead[more]:
            return less, more
    return None


def times_as_many(late: pd.Series, early: pd.Series, wanted: float) -> float:
    """IPC that a curve needs for an accuracy, over what another needs; 1 where both lie beyond the grid."""
    late_needs, early_needs = needed(late, wanted), needed(early, wanted)
    return 1.0 if late_needs == early_needs else late_needs / early_needs


def later_teacher_needs(
    rows: pd.DataFrame, early: int, late: int, ipcs: list[int], share: float = 0.5, unit: str = "draw", **points
) -> dict:
    """IPC that the later epoch's labels need for a share of the early teacher's accuracy, over what the early's do.

    Raises NotRun where an epoch lacks one of `ipcs`, and where the early one's students do not reach the share.
    """
    rows = rows[rows["ipc"].isin(ipcs)]
    cells = {epoch: pick(rows, labels="soft", teacher_epoch=epoch, **points) for epoch in (early, late)}
    wanted = share * by_unit(cells[early], "teacher_accuracy", unit).mean()
    curves = {epoch: table(cell, "accuracy_last", ["ipc"], unit) for epoch, cell in cells.items()}
    for epoch, curve_of in curves.items():
        check_whole(curve_of, ipcs, f"labels of epoch {epoch}")
    values = pd.concat(curves, axis=1).dropna()
    if needed(values.mean()[early], wanted) == math.inf:
        raise NotRun(f"students of the early teacher do not reach {wanted:.1f} %")
    return {"": Means(values, lambda mean: times_as_many(mean[late], mean[early], wanted))}


def along_accuracy(late: pd.Series, early: pd.Series, steps: int = 39) -> pd.Series:
    """`times_as_many` at accuracies that both curves pass; empty where there is none."""
    low, high = max(late.min(), early.min()), min(late.max(), early.max())
    wanted = np.linspace(low, high, steps + 1)[:-1] if high > low else []
    return pd.Series({accuracy: times_as_many(late, early, accuracy) for accuracy in wanted}, dtype=float)

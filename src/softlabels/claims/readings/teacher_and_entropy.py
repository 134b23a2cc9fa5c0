"""What is read off figures 2 and 4 and table 7: the best teacher epoch and temperature."""

import dataclasses
import itertools
import math

import numpy as np
import pandas as pd

from softlabels import published
from softlabels.claims.readings.images import MAIN, by_unit, gap, level, pick, reported, table
from softlabels.claims.readings.points import at, if_run
from softlabels.errors import NotRun
from softlabels.intervals import Means

# ---- the best teacher epoch (figure 2, table 7)

TRENDS = {
    "first to last": lambda values: values[-1] - values[0],
    "smallest step": lambda values: min(np.diff(values)),
    "largest step": lambda values: max(np.diff(values)),
}


def by_epoch(rows: pd.DataFrame, metric: str = "accuracy_last", unit: str = "draw", **points) -> pd.DataFrame:
    """A metric of students on soft labels: units × teacher epochs; accuracies in percent."""
    rows = pick(rows, ("teacher_epoch",), labels="soft", **points)
    return by_unit(rows, metric, [unit, "teacher_epoch"]).unstack().sort_index(axis=1)


def best_epoch(accuracy: pd.Series) -> int:
    """The teacher epoch with the best mean accuracy, given by epoch."""
    return accuracy.idxmax()


def at_best_epoch(rows: pd.DataFrame, value: str, trend: str, ipcs: list[int], unit: str = "draw", **points) -> dict:
    """How the best teacher epoch, or the labels' entropy there, moves from one IPC to the next.

    Read off means; `trend` is first to last, smallest step or largest step. Raises NotRun where the teacher epochs that
    were run with more images begin after the best one of fewer: the best of late epochs is late whatever the rows say.
    """
    metrics = "accuracy_last", "label_entropy"
    columns = {(metric, n): by_epoch(rows, metric, unit, ipc=n, **points) for n in ipcs for metric in metrics}
    values = pd.concat(columns, axis=1).dropna()
    if values.empty:
        raise NotRun("there is no replicate that has every point")
    means = values.mean()["accuracy_last"]
    for fewer, more in itertools.pairwise(ipcs):
        if means[more].index.min() > (best := best_epoch(means[fewer])):
            raise NotRun(f"no run with ipc = {more} has a teacher_epoch up to {best}, the best with ipc = {fewer}")

    def read(mean):
        best = [best_epoch(mean["accuracy_last"][n]) for n in ipcs]
        if value == "label_entropy":
            best = [mean["label_entropy"][n][epoch] for n, epoch in zip(ipcs, best, strict=True)]
        return float(TRENDS[trend](best))

    return {"": Means(values, read)}


def choices(rows: pd.DataFrame, data: str) -> pd.DataFrame:
    """Table 7's choice for each IPC: one row with the best epoch and what is reached there, read off means over draws.

    Where a single epoch was run nothing is chosen: that IPC is left out.
    epoch, and `near`, all epochs within a point of it; teacher, student: accuracies there; entropy: of the labels
    there; last, teacher_last, student_last: the same of the last epoch; hard: students on hard labels.
    """
    lines = {}
    for ipc in sorted(at(rows, data=data, labels="soft")["ipc"].unique()):
        metrics = "accuracy_last", "teacher_accuracy", "label_entropy"
        student, teacher, entropy = (by_epoch(rows, metric, data=data, ipc=ipc).mean() for metric in metrics)
        if len(student) < 2:
            continue
        best, last = best_epoch(student), student.index[-1]
        lines[int(ipc)] = {
            "epoch": best, "near": list(student.index[student > student[best] - 1]),
            "teacher": teacher[best], "entropy": entropy[best], "student": student[best],
            "last": last, "teacher_last": teacher[last], "student_last": student[last],
            "hard": if_run(level, rows, labels="hard", data=data, ipc=ipc).mean(),
        }  # fmt: skip
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("ipc")


def optimism(rows: pd.DataFrame, data: str) -> dict[int, float]:
    """By how many points students look better at the best epoch if they chose it themselves, by IPC."""
    points = {}
    for ipc, best in choices(rows, data).iterrows():
        of_others = if_run(level, rows, over=["teacher_epoch"], labels="soft", data=data, ipc=ipc)
        if len(of_others):  # else there are too few students to choose and report
            points[ipc] = best["student"] - of_others.mean()
    return points


def lost_at_the_end(rows: pd.DataFrame, data: str, ipc: int) -> pd.Series:
    """Claim L13: accuracy with the best teacher epoch minus that with the last, in points, by draw.

    Empty where there are too few students to choose and report.
    """
    points = {"labels": "soft", "data": data, "ipc": ipc}
    last = int(pick(rows, ("teacher_epoch",), **points)["teacher_epoch"].max())
    return if_run(gap, rows, of={}, to={"teacher_epoch": last}, over=["teacher_epoch"], **points)


def reproduction_rows() -> pd.DataFrame:
    """The independent reproduction's curves on CIFAR-100 as rows like ours: one teacher, one draw of images."""
    teacher, entropy, hard = (
        published.find(f"reproduction, {name}") for name in ("teacher's test accuracy", "label entropy", "hard labels")
    )
    rows = []
    for epoch, series in published.beginning("reproduction, teacher epoch ").items():
        own = {"teacher_accuracy": teacher.value(int(epoch)) / 100, "label_entropy": entropy.value(int(epoch))}
        about = {"labels": "soft", "teacher_epoch": int(epoch)} | own
        rows += [about | {"ipc": n, "accuracy_last": m / 100} for n, m in zip(series.at, series.mean, strict=True)]
    rows += [{"labels": "hard", "ipc": n, "accuracy_last": m / 100} for n, m in zip(hard.at, hard.mean, strict=True)]
    return pd.DataFrame(rows).assign(data=hard.data, draw=0).astype({"teacher_epoch": "Int64"})


# ---- temperature (figure 4)

OVERFITS = 10  # points by which an overfitting teacher is better on its training images than on the test set


@dataclasses.dataclass(frozen=True)
class Panel:
    """One map of figure 4."""

    points: dict  # data, teacher_augmented, ipc
    last: int  # the last teacher epoch
    overfits: float  # see `overfitting`; NaN where the teachers have no rows

    @property
    def too_good(self) -> bool:
        """Whether the teacher counts as overfitting."""
        return self.overfits >= OVERFITS


def panels(rows: pd.DataFrame, teachers: pd.DataFrame | None) -> list[Panel]:
    """The maps that rows hold, the paper's kind of teacher first; teachers: their own rows."""
    kinds = rows[["data", "teacher_augmented", "ipc"]].drop_duplicates().to_dict("records")
    main = MAIN[rows.attrs["scale"]]
    maps = []
    for points in sorted(kinds, key=lambda p: (p["data"] != main, not p["teacher_augmented"], p["ipc"])):
        last = int(at(rows, **points)["teacher_epoch"].max())
        try:
            overfits = overfitting(teachers, last, **points)
        except NotRun:
            overfits = math.nan
        maps.append(Panel(points, last, overfits))
    return maps


def overfitting(teachers: pd.DataFrame | None, epoch: int, data: str, teacher_augmented: bool = True, **_) -> float:
    """By how many points the teachers are better on their training images than on the test set."""
    if teachers is None or teachers.empty:
        raise NotRun("the teachers have no rows")
    own = at(teachers, data=data, augmented=teacher_augmented, epoch=epoch)
    return 100 * (own["train_accuracy"] - own["accuracy"]).mean()


def by_temperature(rows: pd.DataFrame, metric: str = "accuracy_last", **points) -> pd.DataFrame:
    """A metric's mean over draws: teacher epochs × temperatures; accuracies in percent."""
    rows = pick(rows, ("teacher_epoch", "tau"), labels="soft", **points)
    values = by_unit(rows, metric, ["draw", "teacher_epoch", "tau"])
    return values.groupby(["teacher_epoch", "tau"]).mean().unstack()


def smoothed(rows: pd.DataFrame, last: int, against: str, **points) -> dict:
    """Accuracy of the last epoch at its best τ minus, in points, that of what it is compared with.

    against: `itself at τ = 1`; `earlier at τ = 1`, the best earlier epoch there; `earlier`, that at its best τ.
    """
    earlier, late = {"teacher_epoch": [1, last - 1]}, {"teacher_epoch": last}
    to = {"itself at τ = 1": late | {"tau": 1.0}, "earlier at τ = 1": earlier | {"tau": 1.0}, "earlier": earlier}
    return gap(rows, late, to[against], over=("teacher_epoch", "tau"), labels="soft", **points)


def tempered(rows: pd.DataFrame, last: int, **points) -> dict:
    """What a temperature adds to epochs before the last: the best epoch at its best τ minus the best at τ = 1."""
    earlier = {"teacher_epoch": [1, last - 1]}
    return gap(rows, earlier, earlier | {"tau": 1.0}, over=("teacher_epoch", "tau"), labels="soft", **points)


def smoothing(rows: pd.DataFrame, last: int, teacher_augmented: bool = True, **points) -> dict:
    """The last epoch at its best τ minus the best earlier epoch and τ, where the teachers' own rows say they overfit.

    Raises NotRun where the teachers have no rows, or do not overfit.
    """
    points |= {"teacher_augmented": teacher_augmented}
    too_good = overfitting(rows[rows["labels"].isna()] if "labels" in rows else None, last, **points)
    if too_good < OVERFITS:
        raise NotRun(f"regime not reached: the teacher is only {too_good:.0f} points better on its training images")
    return smoothed(rows, last, "earlier", **points)


def at_entropy(accuracy: pd.Series, entropy: pd.Series, wanted: float) -> float:
    """Accuracy where the labels have the wanted entropy, between the temperatures of the grid; NaN beyond them."""
    entropy = entropy.sort_values()  # rises with the temperature
    return float(np.interp(wanted, entropy, accuracy[entropy.index], left=math.nan, right=math.nan))


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
    matched = accuracy.apply(at_entropy, axis=1, entropy=entropy, wanted=wanted)
    return {"": (by_unit(early, "accuracy_last", unit) - matched).dropna()}

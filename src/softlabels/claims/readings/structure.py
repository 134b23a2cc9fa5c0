"""What is read off figures 3, 5 and 10: what a soft label says."""

import itertools

import numpy as np
import pandas as pd

from softlabels.claims.readings.images import level, pick
from softlabels.claims.readings.points import at
from softlabels.errors import NotRun
from softlabels.store import curves_of

# ---- exchanged entries (figure 3)


def relative(rows: pd.DataFrame, of: dict, to: dict | None = None, unit: str = "draw", **points) -> dict:
    """Accuracy with exchanged entries as a share of that with whole labels at `of`, minus the same at `to`, if any."""

    def share(side):
        treated, whole = (
            level(rows, unit=unit, labels="soft", **points | s)[""] for s in (side, side | {"swapped": 0})
        )
        return treated / whole

    return {"": (share(of) - (share(to) if to else 0)).dropna()}


def relative_steps(rows: pd.DataFrame, swapped: int, ipcs: list[int], **points) -> dict:
    """How the relative accuracy with this entry exchanged moves from one number of images to the next."""
    return {
        f"IPC {less} to {more}": relative(rows, {"ipc": more}, {"ipc": less}, swapped=swapped, **points)[""]
        for less, more in itertools.pairwise(ipcs)
    }


def rank_curves(rows: pd.DataFrame) -> dict[tuple[str, int, int], pd.DataFrame]:
    """r(i), the relative accuracy with the i-th entry exchanged: draws × ranks, NaN where a draw lacks a rank.

    By (set of images, IPC, teacher epoch); sets with few classes first.
    """
    curves = {}
    for data in rows.sort_values("top", kind="stable")["data"].unique():
        for (ipc, epoch), part in rows[rows["data"] == data].groupby(["ipc", "teacher_epoch"]):
            ranks = sorted(set(part["swapped"]) - {0})
            curves[data, ipc, epoch] = pd.DataFrame({i: relative(part, {"swapped": i})[""] for i in ranks})
    return curves


def shared_epoch(rows: pd.DataFrame, data: str) -> int:
    """The teacher epoch that most numbers of images have in common."""
    return at(rows, data=data).groupby("teacher_epoch")["ipc"].nunique().idxmax()


def entropy_moved(rows: pd.DataFrame, unit: str = "draw", **points) -> dict:
    """How far, at most, exchanging entries moves the mean entropy of the same images' labels, within each unit."""
    rows = pick(rows, ("swapped",), labels="soft", **points)
    same = [unit, "data", "ipc", "teacher_epoch"]
    whole = rows[rows["swapped"] == 0].groupby(same)["label_entropy"].mean()
    treated = rows[rows["swapped"] > 0].groupby([*same, "swapped"])["label_entropy"].mean()
    return {"": (treated - whole).abs().groupby(unit).max()}


# ---- examples (figure 5)


def label_history(rows: pd.DataFrame, label: int, image: int, seed: int = 0) -> pd.DataFrame:
    """One teacher's soft labels of one image: epochs × classes."""
    chosen = rows[(rows["label"] == label) & (rows["image"] == image) & (rows["seed"] == seed)]
    curves = curves_of(rows).merge(chosen[["identity", "epoch"]])
    return curves.pivot_table(index="epoch", columns="step", values="value")


def best_guess(rows: pd.DataFrame, label: int) -> int:
    """The best place that an example's own class has in its soft label, over teachers and epochs after the start."""
    return int(rows.loc[(rows["label"] == label) & (rows["epoch"] > 0), "rank"].min())


def common_epochs(rows: pd.DataFrame) -> list[int]:
    """The teacher epochs after the start whose labels are stored for all examples, not for some."""
    classes = rows.groupby("epoch")["label"].nunique()
    return [epoch for epoch, n in classes.items() if epoch and n == classes.max()]


def rising_steps(rows: pd.DataFrame, metric: str, steps: list[int], sign: int = 1, unit: str = "seed", **points):
    """The share of steps from one teacher epoch to the next in which a metric of an example's label rises: a dict.

    steps: the epochs; sign: −1 for falls. Mean over the examples of each teacher.
    """
    rows = _of_epochs(at(rows, **points), steps)
    values = rows.pivot_table(index=[unit, "label", "image"], columns="epoch", values=metric)
    values = values.reindex(columns=steps).dropna()
    if values.empty:
        raise NotRun(f"no example has every epoch of {steps}")
    return {"": (sign * values.diff(axis=1).iloc[:, 1:] > 0).mean(axis=1).groupby(unit).mean()}


def similar_runner_up(rows: pd.DataFrame, data: str, steps: list[int], unit: str = "seed", **points) -> dict:
    """How much more often than by chance an example's likeliest other class is similar to its own, by teacher.

    Similar, known beforehand: the three digits with the nearest mean image, or the nearest family of photographs.
    """
    rows = _of_epochs(at(rows, data=data, **points), steps)
    similar = {label: similar_classes(data, label) for label in rows["label"].unique()}
    hits = [other in similar[label] for label, other in zip(rows["label"], rows["runner_up"], strict=True)]
    by_chance = rows["label"].map({label: chance_of_similar(data, label) for label in similar})
    return {"": (np.array(hits) - by_chance).groupby(rows[unit]).mean()}


def _of_epochs(rows: pd.DataFrame, steps: list[int]) -> pd.DataFrame:
    """The rows of these teacher epochs. Raises NotRun where there is none."""
    rows = rows[rows["epoch"].isin(steps)]
    if rows.empty:
        raise NotRun(f"no run has an epoch of {steps}")
    return rows


def chance_of_similar(data: str, label: int) -> float:
    """The probability that another class, picked at random, is similar to this one."""
    return len(similar_classes(data, label)) / (len(class_names(data)) - 1)


def similar_classes(data: str, label: int) -> list[int]:
    """The three classes whose mean image is nearest to a digit's; the nearest family of a photograph's class."""
    import torch

    from softlabels.data import digits, relations

    if not data.endswith("digits"):
        return relations.family(data, label)
    images, classes = digits.raw_digits()
    means = torch.stack([images[classes == c].double().mean(0) for c in range(10)])  # (10, 64)
    return (means - means[label]).square().sum(1).argsort()[1:4].tolist()


# ---- which class names which (figure 10)


def last_teacher(rows: pd.DataFrame) -> pd.Series:
    """The row of teacher 0 after its last stored epoch."""
    return rows[rows["seed"] == 0].sort_values("epoch").iloc[-1]


def mean_labels(rows: pd.DataFrame) -> np.ndarray:
    """That teacher's mean label of each class: true class × class named."""
    curves = curves_of(rows)
    values = curves[curves["identity"] == last_teacher(rows)["identity"]].sort_values("step")["value"].to_numpy()
    return values.reshape(int(len(values) ** 0.5), -1)


def of_its_family(rows: pd.DataFrame) -> tuple[np.ndarray, int, int, float]:
    """The likeliest other class in each class's mean label of photographs, and whether it is of the nearest family.

    Returns that class by class, for how many it is, how many have a family, and the number expected by chance.
    """
    from softlabels.data import relations

    data, table = last_teacher(rows)["data"], mean_labels(rows)
    second = np.where(np.eye(len(table), dtype=bool), -1, table).argmax(1)
    families = {i: kin for i in range(len(table)) if (kin := relations.family(data, i))}
    hits = sum(second[i] in kin for i, kin in families.items())
    return second, hits, len(families), sum(len(kin) for kin in families.values()) / (len(table) - 1)


def class_names(data: str) -> tuple[str, ...]:
    """The names of a set's classes, also where only rows of the photographs are stored, not the photographs."""
    from softlabels.data import noisy, relations

    return noisy.class_names(data) if "digit" in data else relations.names(data)

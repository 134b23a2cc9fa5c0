"""What is read off figure 1 and table 1: soft and hard labels of random and of made images."""

import pandas as pd

from softlabels.claims.readings.images import by_unit, pick, reported
from softlabels.claims.readings.points import curve
from softlabels.errors import NotRun

OVER = ["teacher_epoch"]  # what is chosen where soft labels leave it open

# ---- cells of the tables


def reporting(rows: pd.DataFrame, labels: str, **points) -> pd.DataFrame:
    """The rows that a cell's number comes from; of soft labels, those of the best teacher epoch.

    One half of the students chooses it and the other half reports. Students that are too few to split report what
    they have chosen.
    """
    over = OVER if labels == "soft" else []
    cell = pick(rows, over, labels=labels, **points)
    try:
        return reported(cell, over)
    except NotRun:
        return cell[cell["teacher_epoch"] == cell.groupby("teacher_epoch")["accuracy_last"].mean().idxmax()]


def accuracy(rows: pd.DataFrame, labels: str, metric: str = "accuracy_last", **points) -> dict:
    """Accuracy in percent of each draw of images, with the best teacher epoch where the points name none."""
    return {"": by_unit(reporting(rows, labels, **points), metric, "draw")}


def gain(rows: pd.DataFrame, of: dict, to: dict, **points) -> dict:
    """Accuracy at `of` minus that at `to` in points, by draw, each with its best teacher epoch."""
    return {"": (accuracy(rows, **points | of)[""] - accuracy(rows, **points | to)[""]).dropna()}


def label_kinds(rows: pd.DataFrame) -> dict[str, dict]:
    """The kinds of labels that rows hold: name -> points."""
    kinds = {"hard": {"labels": "hard"}}
    for teacher, student in sorted(set(zip(rows["teacher_network"], rows["network"], strict=True))):
        who = {"teacher_network": teacher, "network": student} if rows["network"].nunique() > 1 else {}
        kinds["fixed soft" + (f", {teacher} to {student}" if who else "")] = {"labels": "soft"} | who
    for epoch in sorted(rows.loc[rows["labels"] == "cutmix", "teacher_epoch"].unique(), reverse=True):
        kinds[f"CutMix, teacher's epoch {epoch}"] = {"labels": "cutmix", "teacher_epoch": int(epoch)}
    return kinds


# ---- images against labels (figure 1)


def labels_over_images(rows: pd.DataFrame) -> pd.DataFrame:
    """What soft labels add to random images minus what the better made images add: points, draws × IPC.

    Images with hard labels on both sides, so random ones with hard labels cancel out and every draw counts that has
    the two others; the better kind is read off means. NaN where a draw lacks an IPC.
    """
    of = {"images": "real", "labels": "soft"}
    made = [kind for kind in rows["images"].unique() if kind != "real"]
    leads = {kind: curve(rows, "ipc", gain, of=of, to={"images": kind, "labels": "hard"}) for kind in made}
    better = pd.DataFrame({kind: points.mean() for kind, points in leads.items()}).idxmin(axis=1)
    return pd.DataFrame({ipc: leads[kind][ipc] for ipc, kind in better.items()})

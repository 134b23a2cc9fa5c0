"""What the page on the reference code alone reads off rows of paper Q's students."""

import pandas as pd

from softlabels.claims.readings.images import by_unit


def gain_of_choosing(rows: pd.DataFrame) -> tuple[float, float]:
    """Points that a student gains where its best evaluation counts, on test images and on validation images."""
    return tuple(
        100 * (rows[f"accuracy_best_on_{part}"] - rows.accuracy_last).mean() for part in ("test", "validation")
    )


def by_student_epochs(rows: pd.DataFrame, data: str) -> pd.DataFrame:
    """One image per class of a data set with soft labels: mean accuracy and number of students by epochs."""
    cell = rows[(rows.data == data) & (rows.labels == "soft") & (rows.ipc == 1)]
    return cell.groupby("epochs").accuracy_last.agg(["mean", "size"])


def by_teacher_rate(rows: pd.DataFrame, data: str, epochs: list[int]) -> pd.DataFrame:
    """Test accuracy of a data set's augmented teachers in percent, their mean: learning rate × those epochs.

    Only rates at which every one of the epochs was run.
    """
    teachers = rows[(rows.data == data) & rows.augmented & rows.epoch.isin(epochs)]
    return by_unit(teachers, "accuracy", ["lr", "epoch"]).unstack().reindex(columns=epochs).dropna()

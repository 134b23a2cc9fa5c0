"""What is read off tables 2 and 4: soft against hard labels of few images, and how fast and how long students train."""

from collections.abc import Iterator

import pandas as pd

from softlabels import hyperparameters, published
from softlabels.claims.readings.images import by_unit, level
from softlabels.errors import NotRun
from softlabels.hyperparameters import Choice

# ---- cells of the tables


def cells(rows: pd.DataFrame) -> Iterator[tuple[str, int, int, pd.DataFrame]]:
    """Table 2's cells that rows hold: data, IPC, the student's epochs, and the cell's rows."""
    for data in rows["data"].unique():
        for (ipc, epochs), cell in rows[rows["data"] == data].groupby(["ipc", "epochs"]):
            if (cell["labels"] == "soft").any():
                yield data, int(ipc), int(epochs), cell


def against_printed(rows: pd.DataFrame, series: str, data: str, ipc: int, **points) -> dict:
    """Accuracy with table 7's teacher epoch minus a printed one, in points."""
    epoch, printed = hyperparameters.chosen(data, ipc).teacher_epoch, published.find(series).value(ipc)
    return level(rows, minus=printed, labels="soft", data=data, ipc=ipc, teacher_epoch=epoch, **points)


# ---- the teacher, and how long a student trains


def full_data(rows: pd.DataFrame) -> float:
    """Accuracy in percent of the fully trained teacher, which saw all images."""
    last = rows["teacher_epoch"].max()
    return level(rows, "teacher_accuracy", labels="soft", teacher_epoch=int(last))[""].mean()


def as_far(teachers: pd.DataFrame, choice: Choice, rate: float) -> tuple | None:
    """Our teacher that has come as far as table 7's would have at another learning rate.

    They train at a constant rate without momentum, so epochs times rate say about how far they are. One of that very
    rate and epoch comes first. None where none is as far, to 15 %. Else, by name, its `epoch` and `lr`, its
    `accuracy` in percent (a mean over teachers), and as `at_rate` the epochs that it would have taken at the other one.
    """
    own = teachers[(teachers["data"] == choice.data) & teachers["augmented"]]
    own = by_unit(own, "accuracy", ["epoch", "lr"]).reset_index()
    own["at_rate"] = own["epoch"] * own["lr"] / rate

    def off(teacher):
        return round(abs(teacher.at_rate / choice.teacher_epoch - 1), 6)

    near = [teacher for teacher in own.itertuples() if off(teacher) <= 0.15]
    return min(near, key=lambda teacher: (off(teacher), teacher.lr != rate), default=None)


def at_every_length(rows: pd.DataFrame, labels: str) -> pd.DataFrame:
    """Accuracy in percent: the learning rates and draws that were run at every length × the student's epochs."""
    of_labels = rows[rows["labels"] == labels]
    return 100 * of_labels.pivot_table(index=["lr", "draw"], columns="epochs", values="accuracy_last").dropna()


def by_length(rows: pd.DataFrame, labels: str) -> pd.Series:
    """Its mean, by the student's epochs."""
    return at_every_length(rows, labels).mean()


def shared_draws(rows: pd.DataFrame, labels: str) -> int:
    """How many draws of images that mean is over."""
    return at_every_length(rows, labels).index.get_level_values("draw").nunique()


def at_usual_length(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the number of epochs that most learning rates were tried with."""
    return rows[rows["epochs"] == rows.groupby("epochs")["lr"].nunique().idxmax()]


def best_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """The tuned learning rates: a line for data, labels, IPC and epochs, wherever several rates were tried.

    lr: that with the best mean validation accuracy, of equal ones the lowest; validation_accuracy: in percent;
    bracketed: whether lower and higher rates were tried. Raises NotRun where rows are without validation accuracy,
    or where several rates were tried nowhere.
    """
    if "validation_accuracy" not in rows or rows["validation_accuracy"].isna().any():
        raise NotRun("some rows were stored before validation accuracy was; run them with `--rerun`")
    lines = {}
    for cell, part in rows.groupby(["data", "labels", "ipc", "epochs"]):
        tried = by_unit(part, "validation_accuracy", "lr")
        if len(tried) > 1:
            best = tried.idxmax()
            bracketed = tried.index.min() < best < tried.index.max()
            lines[cell] = {"lr": best, "validation_accuracy": tried[best], "bracketed": bracketed}
    if not lines:
        raise NotRun("no cell has several learning rates")
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis(["data", "labels", "ipc", "epochs"])


def gain_at_best_rates(rows: pd.DataFrame) -> float:
    """Soft minus hard labels in points, each at the learning rate that is best for it on average."""
    best = rows.groupby(["labels", "lr"])["accuracy_last"].mean().groupby("labels").max()
    return 100 * (best["soft"] - best["hard"])


def gains_by_rate(rows: pd.DataFrame) -> pd.Series:
    """Soft minus hard labels in points at each learning rate that both were tried with."""
    by_rate = rows.pivot_table(index="lr", columns="labels", values="accuracy_last").dropna()
    return 100 * (by_rate["soft"] - by_rate["hard"])

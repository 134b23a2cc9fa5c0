"""What the page on the reference code reads off rows: how much its details change.

Each takes the rows of one study at one scale, and raises NotRun where they lack what it compares.
"""

import pandas as pd

from softlabels.claims.readings.points import first, last, with_alpha
from softlabels.errors import NotRun


def level_of_figure_4a(rows: pd.DataFrame) -> tuple[dict[str, int], float]:
    """At how many τ each threshold of figure 4a differs between the levels 1.0 and 0.99, and the largest step in α."""
    plain, shuffled = (with_alpha(rows[rows.shuffled == kind]) for kind in (False, True))
    read = {
        "teacher": (plain, "teacher_accuracy", last),
        "recovery": (plain, "held_out_accuracy", first),
        "shuffled": (shuffled, "student_train_accuracy", last),
    }
    moved, most = {}, 0.0
    for name, (part, metric, threshold) in read.items():
        means = part.groupby(["tau", "alpha"])[metric].mean()
        ends = [(threshold(means.loc[tau], 1.0), threshold(means.loc[tau], 0.99)) for tau in sorted(part.tau.unique())]
        steps = [abs(exact - near) for exact, near in ends if exact != near]
        moved[name], most = len(steps), max([most, *(step for step in steps if step < float("inf"))])
    return moved, most


def teacher_panel(rows: pd.DataFrame) -> tuple[float, float]:
    """The largest difference, and its α, between what figure 10's teacher panel draws and the teacher's own accuracy.

    It draws the students' accuracy on their own part, averaged over ρ; at the largest dimension of the rows.
    """
    means = with_alpha(rows[~rows.shuffled & (rows.d == rows.d.max())]).groupby("alpha")
    off = (means.student_train_accuracy.mean() - means.teacher_accuracy.mean()).abs()
    return off.max(), off.idxmax()


def seed_13(rows: pd.DataFrame) -> float:
    """The accuracy, on its training points, of the teacher of figure 1's published data set."""
    published = rows[(rows.published_seed == 13) & (rows.classes == 3)]
    if published.empty:
        raise NotRun("there are no rows of the published data set")
    return published.teacher_accuracy.mean()


def gain_of_choosing(rows: pd.DataFrame) -> tuple[float, float]:
    """Points that a student gains where its best evaluation counts, on test images and on validation images."""
    return tuple(
        100 * (rows[f"accuracy_best_on_{part}"] - rows.accuracy_last).mean() for part in ("test", "validation")
    )


def deviations(draws: pd.DataFrame, teachers: pd.DataFrame) -> pd.DataFrame:
    """Standard deviations in points by IPC: of students who share images and teacher, of draws, and of teachers.

    draws, teachers: the rows of paper Q's tables 5 and 6. Only IPC that have all three; raises NotRun without any.
    """
    of_draw, of_teacher = (
        rows[rows.labels == "soft"].groupby(["ipc", unit]).accuracy_last
        for rows, unit in ((draws, "draw"), (teachers, "teacher"))
    )
    found = pd.DataFrame({
        "students": of_draw.var().groupby("ipc").mean() ** 0.5,
        "draws": of_draw.mean().groupby("ipc").std(),
        "teachers": of_teacher.mean().groupby("ipc").std(),
    })  # fmt: skip
    found = 100 * found[(found > 0).all(axis=1)]
    if found.empty:
        raise NotRun("no number of images has two students or more on the same images, several draws and teachers")
    return found


def by_student_epochs(rows: pd.DataFrame) -> pd.DataFrame:
    """The paper's own cell, one image a class with soft labels: mean accuracy and number of students by epochs."""
    cell = rows[(rows.labels == "soft") & (rows.ipc == 1)]
    return cell.groupby("epochs").accuracy_last.agg(["mean", "size"])


def shared_and_own_starts(rows: pd.DataFrame) -> dict[str, float]:
    """Held-out accuracy of figure 9's students with the teacher's start and with their own; the best on fresh pairs.

    Students of its first teacher, at τ = 10 and ρ = 0.9.
    """
    cell = rows[(rows.teacher_step == rows.teacher_step.min()) & (rows.tau == 10) & (rows.rho == 0.9)]
    held_out = {start: cell[cell.start == start].held_out_accuracy for start in ("shared", "independent")}
    if not all(map(len, held_out.values())):
        raise NotRun("figure 9 has not been run with both starts")
    means = {start: values.mean() for start, values in held_out.items()}
    return means | {"fresh": cell.fresh_accuracy.max(), "replicates": cell.seed.nunique()}

"""What is read off the joined page: what labels teach against what they leak.

Teach: test accuracy of students. Leak: share of held-out canaries whose planted label a student ranks first among the
nine wrong ones; plain recall: share of them for which it predicts that label. All are fractions, one per replicate.
"""

import contextlib

import pandas as pd

from softlabels.claims.readings.points import along, at, at_own, average, chosen_by_others
from softlabels.errors import NotRun

CHANCE = 1 / 9  # of the leak
PATIENCE = 4  # the patient student trains so many times as long as the usual one


def usual(rows: pd.DataFrame, **points) -> pd.DataFrame:
    """The rows at the points; unless these say otherwise, of the teacher that saw canaries and the shorter training."""
    return at(rows, **{"teacher_saw_canaries": True, "student_steps": rows["student_steps"].min()} | points)


def values(rows: pd.DataFrame, metric: str, **points) -> pd.Series:
    """A metric at the points, by replicate; of the usual teacher and student (`usual`)."""
    return average(usual(rows, **points), metric)[""]


def by_step(rows: pd.DataFrame, metric: str, **points) -> pd.DataFrame:
    """A metric of students of soft labels as replicates × steps that the teacher had trained."""
    return along(usual(rows, labels="soft", **points), metric, "teacher_step")


def temperatures(rows: pd.DataFrame) -> list[float]:
    """The temperatures of soft labels, the lowest first."""
    return sorted(usual(rows, labels="soft")["tau"].unique())


def best_step(rows: pd.DataFrame) -> int:
    """The teacher's step whose labels teach best, at the lowest temperature, a student that has canaries of its own."""
    return int(_teaching(rows).mean().idxmax())


def best_step_of_others(rows: pd.DataFrame) -> pd.Series:
    """The same by replicate, chosen on the half of the replicates that it does not belong to."""
    return chosen_by_others(_teaching(rows), pd.Series.idxmax)


def best_steps(rows: pd.DataFrame) -> str:
    """The steps of `best_step_of_others` in words: one where both halves choose the same."""
    return " or ".join(f"{step:,}" for step in sorted(best_step_of_others(rows).unique()))


def _teaching(rows):
    return by_step(rows, "test_accuracy", canaries_in_student=True, tau=temperatures(rows)[0])


def stages(rows: pd.DataFrame, metric: str, tau: float, canaries_in_student: bool) -> dict[str, pd.Series]:
    """A metric of students of the teacher's `best` step and of its `last` one, by replicate.

    The best step is chosen on the other half of the replicates, so that no replicate reports what it chose.
    """
    table = by_step(rows, metric, tau=tau, canaries_in_student=canaries_in_student)
    return {"best": at_own(table, best_step_of_others(rows)), "last": table[table.columns.max()]}


def conditions(rows: pd.DataFrame) -> dict[tuple[str, bool], dict]:
    """What is compared at the teacher's last step, of what was run.

    (name, whether the student has canaries of its own) -> the points that `usual` and `values` take.
    """
    low, *_, high = temperatures(rows)
    last = rows["teacher_step"].max()
    soft = {"labels": "soft", "teacher_step": last}
    named = {
        f"soft labels, τ = {high:g}": soft | {"tau": high},
        f"soft labels, τ = {low:g}": soft | {"tau": low},
        "… trained four times as long": soft | {"tau": low, "student_steps": PATIENCE * rows["student_steps"].min()},
        "nearest neighbour, no student": {"labels": "nearest neighbours", "teacher_step": last},
        f"shuffled in class, τ = {high:g}": {"labels": "shuffled"},
        f"teacher without canaries, τ = {high:g}": soft | {"tau": high, "teacher_saw_canaries": False},
        "hard labels": {"labels": "hard"},
        "hard labels, corrected": {"labels": "corrected hard"},
    }
    were_run = {}
    for name, points in named.items():
        for own in (False, True):
            with contextlib.suppress(NotRun):
                usual(rows, canaries_in_student=own, **points)
                were_run[name, own] = points | {"canaries_in_student": own}
    return were_run


def pooled_interval(rows: pd.DataFrame) -> tuple[float, float]:
    """95 % Clopper–Pearson interval of the leak, over all held-out canaries of all replicates in the rows."""
    from scipy.stats import binomtest

    leaked = round((rows["leak"] * rows["leak_n"]).sum())
    return tuple(binomtest(leaked, int(rows["leak_n"].sum())).proportion_ci(method="exact"))


def headline(
    rows: pd.DataFrame, canaries_in_student: bool, tau: float | None = None
) -> dict[str, dict[str, pd.Series]]:
    """What the same students learn and leak: {labels: {metric: by replicate}}.

    Labels: `best` and `last` (see `stages`), both at one temperature (None: the highest), and `hard`. `gained`: the
    test accuracy minus that of hard labels.
    """
    tau = temperatures(rows)[-1] if tau is None else tau
    found = {"best": {}, "last": {}, "hard": {}}
    for metric in ("test_accuracy", "leak", "plain_recall"):
        hard = values(rows, metric, labels="hard", canaries_in_student=canaries_in_student)
        soft = stages(rows, metric, tau, canaries_in_student)
        for name, measured in {**soft, "hard": hard}.items():
            found[name][metric] = measured
    for metrics in found.values():
        metrics["gained"] = metrics["test_accuracy"] - found["hard"]["test_accuracy"]
    return found


def leak_of_controls(rows: pd.DataFrame, **points) -> dict:
    """Mean leak, within each replicate, of the runs whose labels say nothing about held-out canaries."""
    rows = at(rows, **points)
    silent = rows["labels"].isin(["hard", "corrected hard"])
    silent |= (rows["labels"] == "soft") & ~rows["teacher_saw_canaries"].astype(bool)
    return {"": rows[silent].groupby("seed")["leak"].mean()}

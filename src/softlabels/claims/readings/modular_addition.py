"""What is read off figures 2, 8 and 9: students of teachers that learn addition modulo p, and where they start."""

import pandas as pd

from softlabels.claims.readings.points import along, at, average, learning, paired
from softlabels.intervals import t_interval
from softlabels.store import curves_of
from softlabels.studies import find
from softlabels.study import identity

HOT, COLD = 10.0, 0.1  # τ of the labels that the page calls hot and cold
STARTS = ("shared", "shared hidden", "shared head", "independent")
PAPER = {  # (teacher, τ) -> held out and fresh at ρ = 0.5, and at ρ = 0.9; read off the released notebook's figure 9
    (1, 10.0): (0.44, 0.0, 0.69, 0.0), (1, 1.0): (0.03, 0.0, 0.81, 0.43), (1, 0.1): (0.0, 0.0, 1.0, 1.0),
    (2, 10.0): (0.28, 0.02, 1.0, 0.08), (2, 1.0): (0.01, 0.0, 1.0, 1.0), (2, 0.1): (0.0, 0.0, 1.0, 1.0),
    (3, 10.0): (1.0, 1.0, 1.0, 1.0), (3, 1.0): (0.01, 0.0, 1.0, 1.0), (3, 0.1): (0.0, 0.0, 1.0, 1.0),
}  # fmt: skip
PAPER_FIRST = pd.Series({  # ρ -> held-out accuracy of the first teacher's students of hot labels, off the same figure
    0.05: 0.01, 0.1: 0.02, 0.15: 0.03, 0.2: 0.04, 0.3: 0.06, 0.4: 0.12, 0.5: 0.44, 0.7: 0.69, 0.9: 0.69
})  # fmt: skip


def stops(rows: pd.DataFrame) -> list[int]:
    """The steps at which the teacher was stopped."""
    return sorted(rows["teacher_step"].unique())


def has_three_replicates(rows: pd.DataFrame) -> bool:
    """Whether the first three replicates have every run of the study's grid; with fewer nothing is decided."""
    grid = find(rows.attrs["study"]).grid(rows.attrs["scale"], 3)
    return {identity(s) for s in grid} <= set(rows["identity"])


def by_teacher(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean held-out and fresh accuracy by (teacher, τ, ρ, start); teachers are counted from 1 in the grid's order."""
    grid = find(rows.attrs["study"]).grid(rows.attrs["scale"], 1)
    number = {step: k for k, step in enumerate(sorted({s.teacher_step for s in grid}), start=1)}
    rows = rows.assign(teacher=rows["teacher_step"].map(number))
    return rows.groupby(["teacher", "tau", "rho", "start"])[["held_out_accuracy", "fresh_accuracy"]].mean()


# ---- learning over time


def students_over_time(rows: pd.DataFrame) -> list[dict]:
    """The points of two students of the last teacher whose curves were recorded: of hot labels, and of cold ones.

    That of hot labels is at the smallest ρ with half of the held-out pairs right, or else at the largest.
    """
    recorded = rows[rows["identity"].isin(curves_of(rows)["identity"].unique())]
    points = {"start": "independent", "teacher_step": stops(rows)[-1]}
    hot = along(recorded, "held_out_accuracy", "rho", tau=HOT, **points).mean()
    rho = next((rho for rho, value in hot.items() if value >= 0.5), hot.index[-1])
    return [{"rho": rho, "tau": HOT, **points}, {"rho": 0.9, "tau": COLD, **points}]


def held_out_lead(rows: pd.DataFrame, **points) -> float:
    """Held-out minus fresh accuracy, mean over the student's training and over replicates."""
    lead = learning(rows, "held_out_accuracy", **points) - learning(rows, "fresh_accuracy", **points)
    return float(lead.mean(axis=None))


# ---- what a student's start shares with its teacher's


def first_teacher(rows: pd.DataFrame) -> pd.DataFrame:
    """The first teacher's students of hot labels, for which starts are compared."""
    return at(rows, teacher_step=stops(rows)[0], tau=HOT)


def by_start(rows: pd.DataFrame, rho: float = 0.9) -> pd.DataFrame:
    """Their held-out accuracy: replicates × the starts that ran in every replicate with a shared and an own one."""
    values = along(first_teacher(rows), "held_out_accuracy", "start", rho=rho).reindex(columns=STARTS)
    return values.dropna(subset=["shared", "independent"]).dropna(axis=1)


def lifts(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """What each of these starts adds to an independent one, in percentage points, by replicate."""
    students = first_teacher(rows)
    return {
        start: 100 * paired(students, "held_out_accuracy", {"start": start}, {"start": "independent"}, rho=0.9)[""]
        for start in by_start(rows)
        if start != "independent"
    }


def adds(lift: pd.Series) -> bool:
    """Whether the 95 % interval of what a start adds lies above zero."""
    return t_interval(lift)[1] > 0


def whole_adds_more(rows: pd.DataFrame) -> bool:
    """Whether the whole start adds more than its two parts one by one together, by the 95 % interval."""
    lift = lifts(rows)
    return len(lift) == 3 and adds(lift["shared"] - lift["shared hidden"] - lift["shared head"])


def mixture(rows: pd.DataFrame) -> pd.Series:
    """Mean held-out accuracy, by ρ, of three students of whom two share the teacher's start and one does not."""
    students = first_teacher(rows)
    shared, own = (along(students, "held_out_accuracy", "rho", start=s).mean() for s in ("shared", "independent"))
    return ((2 * shared + own) / 3).dropna()


def off_the_paper(rows: pd.DataFrame) -> pd.Series:
    """How far this mixture is from the paper's points, by ρ."""
    return (mixture(rows) - PAPER_FIRST).dropna().abs()


def mixture_is_the_papers(rows: pd.DataFrame) -> bool:
    """Whether it gives all of the paper's points to within 0.05."""
    return bool(off_the_paper(rows).max() <= 0.05)


def both_starts(rows: pd.DataFrame) -> dict | None:
    """Accuracies at ρ = 0.9 with the teacher's start, with another and mixed two to one; None where one was not run.

    `fresh` is the largest accuracy on fresh pairs, whatever the start.
    """
    students = first_teacher(rows)
    if not {"shared", "independent"} <= set(students.loc[students["rho"] == 0.9, "start"]):
        return None
    shared, own = (
        average(students, "held_out_accuracy", start=s, rho=0.9)[""].mean() for s in ("shared", "independent")
    )
    cell = at(students, rho=0.9)
    means = {"shared": shared, "independent": own, "mixture": mixture(rows)[0.9]}
    return means | {"replicates": int(cell["seed"].nunique()), "fresh": cell["fresh_accuracy"].max()}

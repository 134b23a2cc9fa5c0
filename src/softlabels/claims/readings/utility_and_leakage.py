"""What is read off the joined page: what labels teach against what they leak."""

import pandas as pd

from softlabels.claims.readings.points import at


def leak_of_controls(rows: pd.DataFrame, **points) -> dict:
    """Mean leak, within each replicate, of the runs whose labels say nothing about held-out canaries."""
    rows = at(rows, **points)
    silent = rows["labels"].isin(["hard", "corrected hard"])
    silent |= (rows["labels"] == "soft") & ~rows["teacher_saw_canaries"].astype(bool)
    return {"": rows[silent].groupby("seed")["leak"].mean()}


def headline(rows: pd.DataFrame) -> dict[str, float]:
    """What clean students learn of held-out canaries, as shares: the means that the landing page names.

    leak: from the last teacher's soft labels at the highest temperature; hard_leak: from hard labels; best_step: the
    teacher's step whose labels, at the lowest temperature, teach students with canaries best; best_leak: leak there.
    """
    usual = rows[rows.teacher_saw_canaries & (rows.student_steps == rows.student_steps.min())]
    soft, hard = usual[usual.labels == "soft"], usual[(usual.labels == "hard") & ~usual.canaries_in_student]
    taught = soft[soft.canaries_in_student & (soft.tau == soft.tau.min())]
    best = int(taught.groupby("teacher_step").test_accuracy.mean().idxmax())
    leak = soft[~soft.canaries_in_student & (soft.tau == soft.tau.max())].groupby("teacher_step").leak.mean()
    return {
        "leak": leak.iloc[-1],
        "hard_leak": hard.leak.mean(),
        "best_step": best,
        "best_leak": leak[best],
        "chance": 1 / 9,
    }

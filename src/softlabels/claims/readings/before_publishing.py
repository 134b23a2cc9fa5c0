"""What is read off the page on treated labels: what they teach as they come, and what they give away.

Teach: test accuracy of the naive student. Leak: of the adaptive student unless it is named. Both are fractions, one a
replicate, of students that train on their whole part, canaries included.
"""

import pandas as pd

from softlabels.claims.readings.points import average
from softlabels.claims.readings.utility_and_leakage import CHANCE
from softlabels.intervals import compared, t_interval

LITTLE_LEAK, LITTLE_LOSS = 0.2, 0.01  # claim J17's criterion: leak below the one, at most the other less to teach
HIDDEN = 0.05  # the margin of claims J8 and J9: labels that hide no more of a leak are no defence


def published_labels(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every treatment of teachers that saw the canaries, of one teacher before several: name -> its rows."""
    last, order = rows["teacher_step"].max(), ["teachers", "teacher_step", "treatment", "tau", "amount"]
    rows = rows[rows["teacher_saw_canaries"].astype(bool)].sort_values(order, ascending=[1, 0, 1, 1, 0])
    return {
        _called(last, **dict(zip(order, points, strict=True))): part for points, part in rows.groupby(order, sort=False)
    }


def _called(last, treatment, amount, tau, teacher_step, teachers):
    name = {
        "none": "soft" if teachers == 1 else "mean",
        "rounding": f"{amount:g} bits",
        "top k": f"top {amount:g}",
        "top k renormalised": f"top {amount:g} renorm.",
        "noise": ("" if teachers == 1 else "mean, ") + f"noise {amount:.0%}",
        "smoothing": f"smoothed {amount:.0%}",
        "arg-max": "arg-max" if teachers == 1 else "vote" if amount == 0 else "noisy vote",
        "given": "given labels",
    }[treatment]
    if treatment not in ("arg-max", "given") and teachers == 1 and teacher_step == last:
        name += f", τ = {tau:g}"
    step = f"step {teacher_step}: " if 0 < teacher_step < last else ""
    return (f"{teachers} teachers, " if teachers > 1 else "") + step + name


def of_students(rows: pd.DataFrame, metric: str, student: str, own: bool = True) -> pd.Series:
    """A metric of one kind of student, by replicate. own: whether it trains on the canaries of its own part.

    rows: of one treatment.
    """
    return average(rows, metric, student=student, canaries_in_student=own)[""]


def teaching_and_leaking(rows: pd.DataFrame, own: bool = True) -> dict[str, dict[str, pd.Series]]:
    """What each treatment's labels do: name -> {`teaches`, `naive` leak, `adaptive` leak: by replicate}."""
    return {
        name: {
            "teaches": of_students(part, "test_accuracy", "naive", own),
            "naive": of_students(part, "leak", "naive", own),
            "adaptive": of_students(part, "leak", "adaptive", own),
        }
        for name, part in published_labels(rows).items()
    }


def leak_that_counts(leak: pd.Series) -> float:
    """A mean leak, or chance where the 95 % interval reaches down to it: to be below chance is luck."""
    mean, low, _ = t_interval(leak)
    return mean if low > CHANCE else CHANCE


def frontier(found: dict[str, dict[str, pd.Series]]) -> list[str]:
    """The treatments that no other beats in both means, the least leaking first (`teaching_and_leaking`)."""
    order = sorted(found, key=lambda name: (leak_that_counts(found[name]["adaptive"]), -found[name]["teaches"].mean()))
    best, kept = 0.0, []
    for name in order:
        if found[name]["teaches"].mean() > best:
            best = found[name]["teaches"].mean()
            kept.append(name)
    return kept


def keep_and_lose(found: dict[str, dict[str, pd.Series]], useful: str) -> list[str]:
    """The treatments that, by intervals, keep the teaching of the `useful` labels and lose the leak: as J17 asks."""
    return [
        name
        for name, of in found.items()
        if t_interval(of["adaptive"])[2] < LITTLE_LEAK
        and t_interval(of["teaches"] - found[useful]["teaches"])[1] > -LITTLE_LOSS
    ]


def hidden_from_naive(found: dict[str, dict[str, pd.Series]]) -> list[str]:
    """The treatments that leak clearly more to an adaptive student than to a naive one, by paired intervals."""
    return [name for name, of in found.items() if t_interval(of["adaptive"] - of["naive"])[1] > 0]


def hides(found: dict[str, dict[str, pd.Series]], name: str, than: str) -> str:
    """Whether labels hide more than `HIDDEN` of what others leak to an adaptive student: `yes`, `no` or `open`."""
    return compared(found[name]["adaptive"] - found[than]["adaptive"] + HIDDEN, more="no", less="yes", neither="open")

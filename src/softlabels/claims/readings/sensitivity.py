"""What is read off tables 5 and 6 and figure 9: luck and choice.

A unit is what is drawn anew: a draw of images (table 5) or a teacher (table 6). Its accuracy is its students' mean.
"""

import math

import pandas as pd

from softlabels.claims.readings.images import by_unit, gap, pick, table
from softlabels.errors import NotRun
from softlabels.intervals import Means, spearman

SOFT, HARD = {"labels": "soft"}, {"labels": "hard"}
LEAST_DECILES = 5  # fewer say nothing of an order

# ---- tables 5 and 6


def units(rows: pd.DataFrame, unit: str, **points) -> pd.DataFrame:
    """Of each unit: mean and variance of its students' accuracies, in percent (squared), and their number."""
    part = pick(rows, **points)
    return (100 * part["accuracy_last"]).groupby(part[unit]).agg(["mean", "var", "count"])


def deviation(of: pd.DataFrame, times: float = 1.0) -> float:
    """Standard deviation of `units`, without the variance that students add to their means.

    times: a factor of the units' variance, before the students' is taken off.
    """
    students = (of["var"].mean() / of["count"]).mean()  # units with one student vary by it as the others do
    taken_off = 0 if math.isnan(students) else students  # unknown where no unit has two
    return math.sqrt(max(times * of["mean"].var() - taken_off, 0))


def bounds_of_deviation(n: int) -> tuple[float, float]:
    """The ends of the 95 % interval of a standard deviation of n normal units, by χ², in multiples of it."""
    from scipy.stats import chi2

    return tuple(math.sqrt((n - 1) / chi2.ppf(quantile, n - 1)) for quantile in (0.975, 0.025))


def luck(rows: pd.DataFrame, unit: str, of: dict = SOFT, to: dict = HARD, **points) -> pd.Series:
    """Standard deviations over units in points, and the gain of `of` over `to` to compare them with.

    Entries: mean (accuracy in percent), sd with low and high (its 95 % interval), student (of single students who
    share images and labels; NaN with one a unit), own (sd without the students' variance), gain, n (units).
    """
    treated, plain = _treated_and_plain(rows, unit, of, to, **points)
    sd, (low, high) = treated["mean"].std(), bounds_of_deviation(len(treated))
    return pd.Series({
        "mean": treated["mean"].mean(), "sd": sd, "low": low * sd, "high": high * sd,
        "student": math.sqrt(treated["var"].mean()), "own": deviation(treated),
        "gain": (treated["mean"] - plain).mean(), "n": len(treated),
    })  # fmt: skip


def spread(rows: pd.DataFrame, unit: str, of: dict, to: dict, **points) -> dict:
    """Three standard deviations over units, without the students' variance, as a share of the gain of `of` over `to`.

    Its interval is that of the variance of normal units, by χ²; the gain is taken as known beside it.
    """
    treated, plain = _treated_and_plain(rows, unit, of, to, **points)
    gain = (treated["mean"] - plain).mean()

    def share(times=1.0):
        return 3 * deviation(treated, times) / gain if gain > 0 else math.inf

    interval = tuple(share(bound**2) for bound in bounds_of_deviation(len(treated)))
    return {"": Means(treated, lambda _: share(), interval=interval)}  # with its own interval it is not resampled


def _treated_and_plain(rows, unit, of, to, **points):
    """`units` at the points `of`, and the mean accuracy at `to` of the same draws; hard labels know no teacher."""
    treated = units(rows, unit, **points | of)
    plain = by_unit(pick(rows, **points | to), "accuracy_last", unit)
    plain = plain.reindex(treated.index).dropna() if unit == "draw" else plain.mean()
    treated = treated.loc[plain.index] if unit == "draw" else treated
    if len(treated) < 2:
        raise NotRun("one unit has no spread")
    return treated, plain


def shared_ipcs(*tables: pd.DataFrame) -> list[int]:
    """The numbers of images per class that all tables of rows have."""
    return sorted(set.intersection(*(set(rows["ipc"]) for rows in tables)))


def of_a_new_run(images: pd.Series, teachers: pd.Series) -> float:
    """Standard deviation of a run with other images, teacher and student, if the three of `luck` are independent."""
    return math.sqrt(images["student"] ** 2 + images["own"] ** 2 + teachers["own"] ** 2)


def three_deviations(of_images: pd.DataFrame, of_teachers: pd.DataFrame, **points) -> pd.DataFrame:
    """Standard deviations in points of single students, of draws and of teachers, by IPC; where all three are known."""
    by_ipc = {}
    for ipc in shared_ipcs(of_images, of_teachers):
        images = luck(of_images, "draw", ipc=ipc, **points)
        teachers = luck(of_teachers, "teacher", ipc=ipc, **points)
        by_ipc[ipc] = {"students": images["student"], "draws": images["sd"], "teachers": teachers["sd"]}
    table = pd.DataFrame(by_ipc).T
    return table[(table > 0).all(axis=1)]


# ---- figure 9


def by_tenth(rows: pd.DataFrame, metric: str = "accuracy_last", unit: str = "draw", **points) -> pd.DataFrame:
    """A metric as units × tenths of difficulty that the images were taken from, 1 the easiest."""
    rows = pick(rows, ("selection",), labels="soft", **points)
    rows = rows[rows["selection"].str.startswith("decile")]
    rows = rows.assign(decile=rows["selection"].str.removeprefix("decile").astype(int))
    return table(rows, metric, ["decile"], unit)


def against_random(rows: pd.DataFrame, unit: str = "draw", **points) -> pd.DataFrame:
    """Accuracy on images of each tenth minus that on random ones of the same unit, in points: units × tenths."""
    random = {"selection": "random"}
    differences = {
        tenth: gap(rows, of={"selection": f"decile {tenth}"}, to=random, labels="soft", unit=unit, **points)[""]
        for tenth in by_tenth(rows, unit=unit, **points)
    }
    return pd.DataFrame(differences).dropna()


def order_of_deciles(rows: pd.DataFrame, unit: str = "draw", least: int | None = None, **points) -> dict:
    """Spearman's rank correlation of the decile of difficulty and the accuracy that its images give."""
    deciles = by_tenth(rows, unit=unit, **points)
    least = least or LEAST_DECILES
    if len(deciles.columns) < least:
        raise NotRun(f"fewer than {least} deciles were run")
    return {"": Means(deciles, spearman, reach=(-1, 1))}

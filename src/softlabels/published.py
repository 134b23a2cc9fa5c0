"""The numbers that paper Q and an independent reproduction printed, as series: `published.toml`.

A series is one column of a table or one curve of a figure. Curves of the paper that stand only in a picture, without
digits, are missing: there is no value to compare with. Table 7 is in `hyperparameters`.
"""

import dataclasses
import difflib
import tomllib
from functools import cache
from pathlib import Path

import pandas as pd

from softlabels.errors import SoftLabelsError

FILE = Path(__file__).with_suffix(".toml")


@dataclasses.dataclass(frozen=True)
class Series:
    """Printed means along an axis, all of one kind of images, labels and network."""

    name: str
    where: str  # the table or figure
    data: str
    images: str
    labels: str
    network: str  # the student's; in a teacher's curve the teacher's
    at: tuple[float, ...]  # places on the axis
    mean: tuple[float, ...]  # in `unit`
    axis: str = "ipc"  # a column of our rows
    unit: str = "percent"  # percent, nats or ratio
    sd: tuple[float, ...] | None = None  # over students, if it was printed
    read_off: float | None = None  # how far values may be off that were read off a picture; None for printed digits
    full: float | None = None  # the same network trained on all images with hard labels
    by: str = "paper"  # or reproduction
    note: str = ""

    def __post_init__(self):
        sds = self.mean if self.sd is None else self.sd
        if not len(self.at) == len(self.mean) == len(sds) > 0:
            raise SoftLabelsError(f"The published series {self.name!r} needs as many means and deviations as places.")

    def value(self, place: float) -> float:
        """The mean at a place of the axis. Raises SoftLabelsError where nothing was printed."""
        if place not in self.at:
            raise SoftLabelsError(f"{self.name} has no {self.axis} {place}; it has {', '.join(map(str, self.at))}.")
        return self.mean[self.at.index(place)]

    def printed(self, place: float) -> str:
        """The mean with its standard deviation, as a table prints them; – where nothing was printed."""
        if place not in self.at:
            return "–"
        return f"{self.value(place)} ({self.sd[self.at.index(place)]})" if self.sd else f"{self.value(place)}"


@cache
def all() -> tuple[Series, ...]:
    """Every series, in the order of the file."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["series"]
    return tuple(
        Series(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})
        for entry in entries
    )


def find(name: str) -> Series:
    """The series called `name`. Raises SoftLabelsError, which names the nearest."""
    known = {series.name: series for series in all()}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise SoftLabelsError(f"There is no published series {name!r}{f'; did you mean {near[0]!r}?' if near else '.'}")
    return known[name]


def beginning(prefix: str) -> dict[str, Series]:
    """The series whose names begin so, by the rest of their names."""
    return {series.name.removeprefix(prefix): series for series in all() if series.name.startswith(prefix)}


def frame(*wheres: str) -> pd.DataFrame:
    """The series of some tables or figures, or all of them, as a frame with one row per number."""
    rows = [
        {field.name: getattr(series, field.name) for field in dataclasses.fields(Series)}
        | {"at": place, "mean": mean, "sd": series.sd[i] if series.sd else None}
        for series in all()
        if not wheres or series.where in wheres
        for i, (place, mean) in enumerate(zip(series.at, series.mean, strict=True))
    ]
    if not rows:
        known = ", ".join(dict.fromkeys(series.where for series in all()))
        raise SoftLabelsError(f"Nothing published is from {' or '.join(wheres)}; there is {known}.")
    return pd.DataFrame(rows)

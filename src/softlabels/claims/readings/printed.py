"""What is read off the papers' own printed numbers: differences, and how many images soft labels are worth."""

import itertools
import math
from collections.abc import Mapping

from softlabels.hyperparameters import CHOICES
from softlabels.published import find

Readings = Mapping[str, tuple[float, float]]  # part -> value, and what it may be off by


def difference(of: str, to: str, at: list[int], times: float = 1.0) -> Readings:
    """A printed series minus `times` another, at each IPC."""
    return best_difference([of], to, at, times)


def best_difference(of: list[str], to: str, at: list[int], times: float = 1.0) -> Readings:
    """The best of those printed series that have a number at an IPC minus `times` another, at each IPC."""
    differences, other = {}, find(to)
    for ipc in at:
        best = max((series for series in map(find, of) if ipc in series.at), key=lambda series: series.value(ipc))
        error = (best.read_off or 0) + times * (other.read_off or 0)
        differences[f"IPC {ipc}"] = best.value(ipc) - times * other.value(ipc), error
    return differences


def changes_of_lead(of: list[str], to: str, at: list[int]) -> Readings:
    """`best_difference` at each IPC minus that at the one before."""
    leads = best_difference(of, to, at)
    return {
        f"{before} to {after.removeprefix('IPC ')}": (
            leads[after][0] - leads[before][0],
            leads[after][1] + leads[before][1],
        )
        for before, after in itertools.pairwise(leads)
    }


def of_full_data(of: list[str], at: list[int], times: float = 1.0) -> Readings:
    """The best of printed series of one network minus `times` its accuracy on all the data, at each IPC."""
    differences = {}
    for network, series in itertools.groupby(map(find, of), key=lambda s: s.network):
        series = list(series)
        for ipc in at:
            best = max(series, key=lambda s: s.value(ipc))
            differences[f"{network}, IPC {ipc}"] = best.value(ipc) - times * best.full, best.read_off or 0
    return differences


def exchange(of: str, to: str, at: list[int]) -> Readings:
    """How many times as many images per class `to` needs (between its points on a log scale) to match `of`."""
    other = find(to)
    return {f"IPC {ipc}": (images_needed(other.at, other.mean, find(of).value(ipc)) / ipc, 0) for ipc in at}


def images_needed(ipcs, accuracies, wanted: float) -> float:
    """Images a class at which a curve first reaches `wanted`, between points on a log scale; infinity: it does not."""
    if accuracies[0] >= wanted:
        return float(ipcs[0])
    for (less, low), (more, high) in itertools.pairwise(zip(ipcs, accuracies, strict=True)):
        if high >= wanted:
            return less * (more / less) ** ((wanted - low) / (high - low))
    return math.inf


def step_of_table_7(field: str) -> Readings:
    """The smallest step of a column of table 7 from one IPC to the next, at one learning rate of one teacher."""
    steps = {}
    for less, more in itertools.pairwise(CHOICES):
        if (less.data, less.teacher, less.teacher_lr) == (more.data, more.teacher, more.teacher_lr):
            step, name = getattr(more, field) - getattr(less, field), f"{less.data}, {less.teacher}"
            steps[name] = min(step, steps.get(name, step))
    return {name: (step, 0) for name, step in steps.items()}

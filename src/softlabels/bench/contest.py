"""A fast trainer beside the plain one, and how the two are timed."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

import torch

from softlabels.machine import machine_speed, seconds_of

ROUNDS = 5  # of which the median counts


@dataclass(frozen=True)
class Contest:
    """A fleet and its reference, ready to run `steps` steps each."""

    fleet: Callable[[], object]  # all students, `steps` steps
    reference: Callable[[], object]  # one student, `steps` steps
    students: int
    steps: int
    flops: float  # of one student and step
    bytes: float  # least traffic of one student and step: parameters and Adam's moments read and written, inputs shared
    dtype: torch.dtype = torch.float32  # the fleet's products
    device: str = "cpu"


def timed(id: str, contest: Contest, speeds: dict) -> dict:
    """One entry of what `softlabels bench --json` prints; `speeds` caches `machine_speed` by device and number type."""
    kind = contest.device, contest.dtype
    if kind not in speeds:
        speeds[kind] = machine_speed(*kind)
    flop_rate, byte_rate = speeds[kind]
    fleet, reference = [], []
    for _ in range(ROUNDS + 1):
        fleet.append(seconds_of(contest.fleet, contest.device) / contest.steps / contest.students)
        reference.append(seconds_of(contest.reference, contest.device) / contest.steps)
    seconds, reference_seconds = statistics.median(fleet[1:]), statistics.median(reference[1:])  # the first warms up
    floor = max(contest.flops / flop_rate, contest.bytes / byte_rate)
    return {
        "id": id,
        "seconds": seconds,
        "reference_seconds": reference_seconds,
        "ratio_to_reference": reference_seconds / seconds,
        "floor_seconds": floor,
        "ratio_to_floor": seconds / floor,
        "flops": contest.flops,
        "bytes": contest.bytes,
        "device": contest.device,
        "threads": torch.get_num_threads(),
    }

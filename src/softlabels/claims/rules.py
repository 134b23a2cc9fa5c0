"""From measured units to a verdict.

A unit is a replicate: a seed in paper B; an image draw or a teacher in paper Q. A verdict compares a 95 % interval
over units with a rule: *reproduced* where the interval lies wholly on the claimed side, *not reproduced* where it lies
wholly on the other, *inconclusive* where it crosses, or where fewer than three units ran and something is random.
"""

import dataclasses
import math
from collections.abc import Mapping

import pandas as pd

from softlabels.errors import NotRun
from softlabels.intervals import Means, bootstrap_interval, t_interval
from softlabels.words import significant

CONSISTENT, INCONSISTENT = "published numbers consistent", "published numbers not consistent"  # see `arithmetic`
LEAST_UNITS = 3
# What *reproduced* means: at the paper's own size, on one of its data sets; on smaller data; or for any rows at all.
KINDS = ("reproduced", "same direction", "by construction")
PRESENCE, ABSENCE = ("above", "below"), ("between", "same")
RULES = {*PRESENCE, *ABSENCE}
MARGIN = (0.01, 0.05)  # what may count as the same unless the claim argues for more: one point, or 5 % relative


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A verdict with the number that decided it; `parts` holds one verdict a part where a claim has several."""

    verdict: str
    value: float | None = None
    low: float | None = None  # 95 % interval
    high: float | None = None
    n: int = 0  # units
    part: str = ""
    why: str = ""  # why it is not run, or inconclusive
    parts: tuple["Verdict", ...] = ()

    def json(self) -> dict:
        """As the commands print it; what is not finite is null."""
        numbers = {name: _finite(getattr(self, name)) for name in ("value", "low", "high")}
        return {"verdict": self.verdict, **numbers, "n": self.n, "why": self.why}


def as_json(judged: Mapping[str, Mapping[str, Verdict]]) -> dict:
    """All fields of verdicts by claim and scale; `verdict_of` makes each a verdict again."""
    return {
        name: {at: dataclasses.asdict(verdict) for at, verdict in scales.items()} for name, scales in judged.items()
    }


def verdict_of(entry: dict) -> Verdict:
    """A verdict from its fields, as `dataclasses.asdict` gives them."""
    return Verdict(**entry | {"parts": tuple(map(verdict_of, entry["parts"]))})


def _finite(value):
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


def bounds(rule: dict) -> tuple[float, float]:
    """The claimed side of a rule as a range: `above` x, `below` x, `between` [x, y], or `same` x with `margin` m."""
    kind = kind_of(rule)
    if kind == "above":
        return rule["above"], math.inf
    if kind == "below":
        return -math.inf, rule["below"]
    if kind == "between":
        return tuple(rule["between"])
    return rule["same"] - rule["margin"], rule["same"] + rule["margin"]


def tolerance(rule: dict, point: float = MARGIN[0]) -> float:
    """How far beyond the claimed side a number may lie, as a multiple of what `MARGIN` allows; point: one point.

    That is half of a range, or its distance from 0 where a limit allows "no more than a little": `below` 0.1.
    """
    least, most = bounds(rule)
    if math.isfinite(least) and math.isfinite(most):
        middle, allowed = (least + most) / 2, (most - least) / 2
    else:
        middle, allowed = 0, max(0, most if math.isfinite(most) else -least)
    return allowed / max(point, MARGIN[1] * abs(middle))


def kind_of(rule: dict) -> str:
    """Which of the four rules it is."""
    (kind,) = RULES & rule.keys()
    return kind


def decide(rule: dict, value: float, low: float, high: float) -> str:
    """The verdict of an interval by a rule. The edge counts for `between` and `same`, against `above` and `below`."""
    least, most = bounds(rule)
    if kind_of(rule) == "above":  # a number beyond the grid is above too
        inside, outside = least < low, high <= least
    elif kind_of(rule) == "below":
        inside, outside = high < most, most <= low
    else:
        inside, outside = least <= low and high <= most, high < least or most < low
    return "reproduced" if inside else "not reproduced" if outside else "inconclusive"


def judge(rule: dict, measured: "pd.Series | Means", *, random: bool = True, part: str = "") -> Verdict:
    """The verdict on what was measured: a number a unit (t interval), or Means (bootstrap).

    Where nothing is random (`random` false) the number itself decides, whatever the count of units. Raises NotRun
    without units, and where the grid ends before the claim could be decided.
    """
    if isinstance(measured, Means):
        n = len(measured.values)
        value, low, high = bootstrap_interval(measured) if n else (math.nan,) * 3
        _check_reach(rule, value, measured.reach)
    else:
        units = measured.dropna()
        n = len(units)
        value, low, high = t_interval(units) if n else (math.nan,) * 3
    if not n:
        raise NotRun("there is no replicate that has every point")
    if not random:
        return Verdict(decide(rule, value, value, value), value, value, value, n, part)
    if n < LEAST_UNITS:
        return Verdict("inconclusive", value, low, high, n, part, f"n = {n}, fewer than {LEAST_UNITS} replicates")
    verdict = decide(rule, value, low, high)
    crossed = " and ".join(significant(bound) for bound in bounds(rule) if low <= bound <= high)
    step = ", a step of the grid included," if isinstance(measured, Means) and measured.between else ""
    why = f"with n = {n} the interval{step} crosses {crossed}" if verdict == "inconclusive" else ""
    return Verdict(verdict, value, low, high, n, part, why)


def _check_reach(rule, value, reach):
    """A number beyond the grid decides nothing where the claimed range goes beyond the grid too."""
    least, most = bounds(rule)
    if (value == math.inf and reach[1] < most < math.inf) or (value == -math.inf and -math.inf < least < reach[0]):
        raise NotRun("the grid ends before the claimed range does")


def together(parts: list[Verdict]) -> Verdict:
    """One verdict of several: all must be reproduced, one that is not decides; the deciding part gives the value."""
    order = ("not reproduced", INCONSISTENT, "not run", "inconclusive", "reproduced", CONSISTENT)
    if not parts:
        return Verdict("not run")
    decides = min(parts, key=lambda part: order.index(part.verdict))
    return dataclasses.replace(decides, parts=tuple(parts) if len(parts) > 1 else ())

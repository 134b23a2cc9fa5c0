"""Arithmetic on a paper's own tables: whether the numbers that it printed say what it says. It reproduces nothing.

Its verdicts are of their own kind: *published numbers consistent*, or *not consistent*. Nothing is random here; where a
number was read off a picture, what it may be off by makes an interval.
"""

import dataclasses

from softlabels.claims.readings import printed
from softlabels.claims.rules import CONSISTENT, INCONSISTENT, Verdict, decide


@dataclasses.dataclass(frozen=True)
class Arithmetic:
    """One condition on published numbers: a reading, what it takes, and the rule that each value must meet."""

    measure: str  # a function of `readings.printed`
    rule: dict  # see `rules.bounds`
    arguments: dict
    part: str = ""

    @property
    def place(self) -> str:
        """Where on the axis, in words."""
        return f"IPC = {', '.join(map(str, self.arguments['at']))}" if "at" in self.arguments else ""

    def judge(self) -> list[Verdict]:
        """The verdict on each number."""
        return [
            self._verdict(", ".join(filter(None, (self.part, name))), value, error)
            for name, (value, error) in getattr(printed, self.measure)(**self.arguments).items()
        ]

    def _verdict(self, part: str, value: float, error: float) -> Verdict:
        low, high = value - error, value + error
        says = {"reproduced": CONSISTENT, "not reproduced": INCONSISTENT}
        found = decide(self.rule, value, low, high)
        return Verdict(says.get(found, found), value, low, high, part=part)

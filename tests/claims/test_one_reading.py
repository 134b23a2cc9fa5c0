"""A changed reading changes figure, sentence and verdict together: no page computes a claim's number by itself.

Each page's notebook runs here on made-up rows at quick scale, with networks that do not train, before and after one
reading is changed.
"""

import dataclasses
from collections.abc import Callable
from functools import cache
from pathlib import Path

import jupytext
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from softlabels import claims, plots, store, sweep
from softlabels.claims import readings
from softlabels.intervals import Means
from softlabels.training import linear, reference, two_layer

from .settings import settings_of
from .worlds import WORLDS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # matplotlib's, where it draws tensors
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
OTHER_METRICS = {"agreement": 0.9, "train_mse": 1e-20, "held_out_mse": 1.0, "weight_error": 0.1}  # worlds lack some
OTHER_METRICS |= {"teacher_accuracy": 1.0, "student_train_accuracy": 1.0, "held_out_accuracy": 0.9}
OTHER_METRICS |= {"leak_n": 30, "plain_recall": 0.2, "unplanted_rate": 0.01, "planted_rank": 2.0, "train_kl": 1e-3}
OTHER_METRICS |= {"teacher_leak": 0.6, "teacher_test_accuracy": 0.95, "teacher_loss": 1e-3}
OTHER_METRICS |= {"times": 1.0, "own_leak": 0.5, "label_accuracy": 0.95}


@dataclasses.dataclass(frozen=True)
class Case:
    """A reading, and what of its page must change with it."""

    page: str
    reading: str
    claim: str  # its verdict's value
    captions: tuple[str, ...] = ()  # captions of figures, by name
    drawn: tuple[str, ...] = ()  # lines of figures, by name
    answers: tuple[str, ...] = ()  # texts from `plots.answer`, and tables, by words that only they have


TEMPERATURE = "memorized/temperature_and_classes"
LINEAR = "memorized/linear_recovery"
TREATMENTS = "memorized/label_treatments"
TREATED = ("treatments", "cut-tail", "removed-class")
PLANE = "memorized/two_dimensions"
JOINED = "joined/utility_and_leakage"
PUBLISHED = "joined/before_publishing"
ROUTES = "joined/routes"
TABLE = "shuffled student, held-out accuracy"  # a line of the table beside the paper's numbers
BY_CLASS = "teacher's capacity, α ln c"  # a column of the table of thresholds
CASES = [
    Case(TEMPERATURE, "critical_temperature", "M19", ("temperature",), answers=("Answer",)),
    Case(TEMPERATURE, "recovery_begins", "M20", ("temperature",), ("temperature",)),
    Case(TEMPERATURE, "teacher_fits", "M26", ("temperature-ten-classes",), ("temperature-ten-classes",)),
    Case(TEMPERATURE, "capacity_of_classes", "M23", answers=(BY_CLASS,)),
    Case(TEMPERATURE, "identification_of_classes", "M24", answers=(BY_CLASS,)),
    Case(TEMPERATURE, "shuffled_capacity_of_classes", "M25", answers=(BY_CLASS,)),
    Case(TEMPERATURE, "average", "N2", ("low-temperature",), ("low-temperature",), ("Answer",)),
    Case(LINEAR, "teacher_capacity", "M11", ("linear-recovery-live",), ("linear-recovery-live",), ("Answer",)),
    Case(LINEAR, "average", "M14", answers=("Answer",)),
    Case(LINEAR, "pooled_held_out", "M17", ("linear-recovery-shuffled",), answers=(TABLE,)),
    Case(LINEAR, "shuffled_capacity", "M18", ("linear-recovery-shuffled",), answers=(TABLE,)),
    Case(TREATMENTS, "average", "M36", TREATED, TREATED, ("Answer",)),
    Case(TREATMENTS, "paired", "N3", answers=("Answer",)),
    Case(PLANE, "average", "M2", ("two-dimensions-data-sets",), answers=("Answer",)),
    Case(PLANE, "paired", "M1", answers=("Answer",)),
    Case(JOINED, "average", "J1", ("utility-and-leakage",), ("utility-and-leakage", "controls"), ("Answer",)),
    Case(PUBLISHED, "average", "J13", drawn=("before-publishing", "before-publishing-clean"), answers=("Answer",)),
    Case(ROUTES, "by_route", "J20", ("routes", "planted-or-not"), ("routes", "planted-or-not"), ("Answer",)),
    Case(ROUTES, "beyond_nominal", "J33", answers=("the true ε",)),
]


@cache
def rows_of(study: str) -> pd.DataFrame:
    """Made-up rows of a study's grid at quick scale."""
    rows = WORLDS[study]("quick") if study in WORLDS else settings_of(study, "quick")
    rows = rows.assign(**{name: value for name, value in OTHER_METRICS.items() if name not in rows})
    return rows


@dataclasses.dataclass
class Shown:
    """What a run of cells shows."""

    captions: dict[str, str] = dataclasses.field(default_factory=dict)
    drawn: dict[str, list] = dataclasses.field(default_factory=dict)
    answers: list[str] = dataclasses.field(default_factory=list)

    def show(self, fig, *, name, caption, **_):
        self.captions[name] = caption
        self.drawn[name] = [line.get_xydata() for ax in fig.axes for line in ax.lines]
        plt.close("all")

    def answer(self, word: str) -> str:
        (text,) = (text for text in self.answers if word in text)
        return text


@cache
def cells_of(page: str) -> list[str]:
    """The code of a page's cells."""
    notebook = jupytext.read(NOTEBOOKS / f"{page}.py", fmt="py:percent")
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def run(page: str) -> Shown:
    """What a page shows of made-up rows."""
    shown, names = Shown(), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plots, "show", shown.show)
        patch.setattr(plots, "answer", shown.answers.append)
        patch.setattr(plots, "table", lambda frame, *_, **__: shown.answers.append(frame.to_string()))
        for module, name in ((plots, "slider"), (plots, "missing"), (claims, "table"), (store, "stored")):
            patch.setattr(module, name, lambda *_, **__: None)
        patch.setattr(sweep, "live", lambda study, *_, **__: rows_of(study.id))
        patch.setattr(two_layer, "train", lambda params, *_, **__: params)
        patch.setattr(linear, "train", lambda x, y, w, **_: w.contiguous())
        patch.setattr(reference, "train_reference_logistic", lambda x, y, w, **_: w + 1)
        for source in cells_of(page):
            exec(source.replace("SIDE = 220", "SIDE = 20"), names)  # pictures of networks may be coarse
    return shown


unchanged = cache(run)


def moved(measured, by: float = 0.0625):
    """What a reading gives, as if every number were a little larger."""
    if isinstance(measured, dict):
        return {name: moved(value, by) for name, value in measured.items()}
    if isinstance(measured, Means):
        return dataclasses.replace(measured, read=lambda mean: measured.read(mean) + by)
    return measured + by


def change(patch: pytest.MonkeyPatch, reading: str, changed: Callable) -> None:
    """Put another function in a reading's place, wherever the readings' modules and the claims know it."""
    original = readings.READINGS[reading]
    for module in readings.PAGES:
        for name, value in list(vars(module).items()):
            if value is original:
                patch.setattr(module, name, changed)
    patch.setitem(readings.READINGS, reading, changed)


def value_of(claim_id: str):
    """The numbers that decide a claim at quick scale."""
    (claim,) = claims.of(claim_id)
    tables = {study: {"quick": rows_of(study)} for study in claim.studies}
    verdict = claims.verdicts(claim_id, tables)[claim_id]["quick"]
    return [part.value for part in verdict.parts or (verdict,)]


def differ(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return len(one) != len(other) or any(
        a.shape != b.shape or not np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.page.split('/')[1]}-{case.reading}-{case.claim}")
def test_figure_sentence_and_verdict_follow_a_changed_reading(case, monkeypatch):
    shown = unchanged(case.page)
    value, reading = value_of(case.claim), readings.READINGS[case.reading]

    change(monkeypatch, case.reading, lambda *args, **kwargs: moved(reading(*args, **kwargs)))
    again = run(case.page)

    assert value_of(case.claim) != value
    assert {name for name in case.captions if again.captions[name] == shown.captions[name]} == set()
    assert {name for name in case.drawn if not differ(again.drawn[name], shown.drawn[name])} == set()
    assert {word for word in case.answers if again.answer(word) == shown.answer(word)} == set()


def test_nothing_changes_without_a_changed_reading():
    shown, again = unchanged(TREATMENTS), run(TREATMENTS)
    assert (again.captions, again.answers) == (shown.captions, shown.answers)
    assert not any(differ(again.drawn[name], shown.drawn[name]) for name in shown.drawn)

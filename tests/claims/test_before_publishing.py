"""What is read off treated labels: names, the frontier, what keeps and what loses; and each part of each claim."""

import pandas as pd
import pytest

from softlabels import claims
from softlabels.claims.readings import before_publishing as read
from softlabels.intervals import compared

from .worlds import before_publishing, judge_in_default_grid

REPLICATES = 4


def of(teaches, naive, adaptive):
    """A treatment without scatter, or with what is given for each replicate."""
    return {
        name: pd.Series(value if isinstance(value, list) else [value] * REPLICATES)
        for name, value in {"teaches": teaches, "naive": naive, "adaptive": adaptive}.items()
    }


def test_every_treatment_has_a_name_of_its_own_and_the_control_is_none():
    rows = before_publishing()
    kinds = read.published_labels(rows)
    runs = rows[rows["teacher_saw_canaries"]].groupby(["treatment", "amount", "tau", "teacher_step", "teachers"])
    assert len(kinds) == runs.ngroups == 32
    for part in kinds.values():
        assert len(part) == 4 * rows["seed"].nunique() and part["teacher_saw_canaries"].all()
    assert {"soft, τ = 0.5", "4 bits, τ = 10", "top 2 renorm., τ = 1", "smoothed 10%, τ = 1", "step 120: arg-max"} <= (
        kinds.keys()
    )
    assert {"arg-max", "given labels", "5 teachers, mean, noise 10%", "5 teachers, step 120: vote"} <= kinds.keys()
    assert "5 teachers, noisy vote" in kinds and list(kinds)[-1].startswith("5 teachers")


def test_names_do_not_depend_on_the_order_of_the_rows():
    rows = before_publishing()
    assert list(read.published_labels(rows)) == list(read.published_labels(rows[::-1]))


def test_teaching_is_of_the_naive_student_and_each_set_is_its_own():
    rows = before_publishing()
    naive = (rows["student"] == "naive") & rows["canaries_in_student"]
    rows = rows.assign(test_accuracy=naive * 0.9, leak=rows["canaries_in_student"] * 0.5)
    for own, (accuracy, leak) in {True: (0.9, 0.5), False: (0.0, 0.0)}.items():
        found = read.teaching_and_leaking(rows, own)["soft, τ = 1"]
        assert set(found["teaches"]) == {accuracy}
        assert set(found["naive"]) == set(found["adaptive"]) == {leak}


def test_the_frontier_by_hand():
    found = {
        "silent": of(0.90, 0.11, 0.11),
        "silent and good": of(0.95, 0.11, [0.05, 0.2, 0.1, 0.15]),  # its interval reaches chance
        "leaks": of(0.96, 0.3, 0.4),
        "leaks more and teaches less": of(0.955, 0.3, 0.5),
        "best": of(0.97, 0.9, 0.9),
    }
    assert read.frontier(found) == ["silent and good", "leaks", "best"]
    found["silent and good"] = of(0.95, 0.45, 0.45)
    assert read.frontier(found) == ["silent", "leaks", "best"]
    assert read.leak_that_counts(pd.Series([0.01, 0.05, 0.03])) == read.CHANCE


def test_what_keeps_and_loses_is_decided_by_intervals():
    found = {
        "useful": of(0.95, 0.5, 0.5),
        "keeps and loses": of(0.945, 0.1, 0.15),
        "a little worse": of(0.939, 0.1, 0.15),
        "unclear": of([0.9, 0.99, 0.95, 0.94], 0.1, 0.15),
        "leaks": of(0.95, 0.1, 0.2),
        "may leak": of(0.95, 0.1, [0.05, 0.25, 0.2, 0.1]),
    }
    assert read.keep_and_lose(found, "useful") == ["keeps and loses"]


def test_what_is_hidden_from_a_naive_student():
    found = {"hidden": of(0.9, 0.1, 0.5), "open": of(0.9, 0.5, 0.5), "less": of(0.9, 0.5, 0.4)}
    found["unclear"] = of(0.9, 0.1, [0.0, 0.3, 0.1, 0.2])
    assert read.hidden_from_naive(found) == ["hidden"]


@pytest.mark.parametrize(
    ("leak", "word"),
    [(0.76, "no"), (0.74, "yes"), ([0.7, 0.8, 0.72, 0.78], "open"), (0.9, "no")],
)
def test_labels_hide_more_than_the_margin_or_not_or_it_stays_open(leak, word):
    found = {"cold": of(0.9, 0.1, leak), "hot": of(0.9, 0.8, 0.8)}
    assert read.hides(found, "cold", "hot") == word


def test_the_margin_is_that_of_the_claims():
    rules = [check.rule for name in ("J8", "J9") for claim in claims.of(name) for check in claim.checks]
    assert [rule["above"] for rule in rules] == [0, -read.HIDDEN, -read.HIDDEN, -read.HIDDEN]


@pytest.mark.parametrize(
    ("difference", "word"),
    [([1, 2, 1.5], "more than"), ([-1, -1.1, -1], "less than"), ([-1, 1, 0], "neither clearly more nor less than")],
)
def test_words_follow_the_interval(difference, word):
    assert compared(pd.Series(difference)) == word


PARTS = [
    ("J8", "adaptive minus naive, τ = 1", {"cold": 0.9}),
    ("J10", "τ = 1", {"lost": 0.3}),
    ("J10", "τ = 10", {"kept": 0.05}),
    ("J12", "τ = 1", {"lost": 0.3}),
    ("J12", "τ = 10", {"kept": 0.05}),
    ("J14", "120 minus 2000 steps", {"early": 0.95}),
    ("J14", "120 steps", {"early": 0.05}),
    ("J15", "leak", {"together": 0.9}),
    ("J15", "test accuracy", {"mean_teaches": 0.91}),
    ("J16", "test accuracy", {"vote_teaches": 0.91}),
    ("J16", "leak", {"shown": 0.3}),
    ("J17", "test accuracy minus given labels", {"label_teaches": 0.91, "useful": 0.915}),
    ("J17", "test accuracy minus soft labels", {"label_teaches": 0.94}),
    ("J17", "leak", {"shown": 0.3}),
]


@pytest.mark.parametrize(("claim_id", "part", "world"), PARTS)
@pytest.mark.parametrize("scale", ["quick", "reduced"])
def test_each_part_of_a_claim_can_fail_by_itself(claim_id, part, world, scale):
    (claim,) = claims.of(claim_id)
    failed = {each.part for each in judge_in_default_grid(claim, scale, **world).parts if each.verdict != "reproduced"}
    assert failed == {part}


@pytest.mark.parametrize(("tau", "part"), [(1.0, "τ = 1 minus τ = 10"), (0.5, "τ = 0.5 minus τ = 10")])
def test_a_temperature_that_hides_for_good_would_be_a_defence(tau, part):
    rows = before_publishing()
    (claim,) = claims.of("J8")
    hidden = rows.assign(leak=rows["leak"].where((rows["tau"] != tau) | (rows["student"] == "naive"), 0.5))
    verdict = claim.judge("quick", {"joined/before_publishing": {"quick": hidden}})
    assert {each.part for each in verdict.parts if each.verdict == "not reproduced"} == {part}

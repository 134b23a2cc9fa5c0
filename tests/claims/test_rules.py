"""Verdicts by hand: intervals, the four rules, too few units, grids that end too early."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import t

from softlabels import intervals
from softlabels.claims import rules
from softlabels.claims.rules import Verdict
from softlabels.errors import NotRun
from softlabels.intervals import Means, bootstrap_interval, t_interval

THREE = pd.Series([1.0, 2.0, 3.0])  # mean 2, deviation 1; t(0.975, 2) = 4.30265; half width 4.30265 / √3 = 2.48414


def test_t_interval_by_hand():
    assert t_interval(THREE) == pytest.approx((2.0, 2 - 2.48414, 2 + 2.48414), abs=1e-4)
    mean, low, high = t_interval([5.0])
    assert mean == 5 and math.isnan(low) and math.isnan(high)


@pytest.mark.parametrize(
    ("rule", "low", "high", "verdict"),
    [
        ({"above": 1.0}, 1.1, 2.0, "reproduced"),
        ({"above": 1.0}, 0.9, 2.0, "inconclusive"),
        ({"above": 1.0}, 0.1, 1.0, "not reproduced"),  # the edge is not above
        ({"above": 0.0}, 0.0, 0.0, "not reproduced"),  # no difference at all is no advantage
        ({"below": 1.0}, 0.1, 0.9, "reproduced"),
        ({"below": 1.0}, 0.5, 1.5, "inconclusive"),
        ({"below": 1.0}, 1.0, 1.5, "not reproduced"),
        ({"between": [1.0, 2.0]}, 1.0, 2.0, "reproduced"),  # the edges lie between
        ({"between": [1.0, 2.0]}, 0.9, 1.5, "inconclusive"),
        ({"between": [1.0, 2.0]}, 0.5, 2.5, "inconclusive"),
        ({"between": [1.0, 2.0]}, 2.1, 2.5, "not reproduced"),
        ({"between": [1.0, 2.0]}, math.inf, math.inf, "not reproduced"),
        ({"same": 0.5, "margin": 0.025}, 0.48, 0.52, "reproduced"),
        ({"same": 0.5, "margin": 0.025}, 0.47, 0.52, "inconclusive"),
        ({"same": 0.5, "margin": 0.025}, 0.6, 0.7, "not reproduced"),
        ({"same": 0, "margin": 0}, 0.0, 0.0, "reproduced"),
        ({"above": 1.0}, 2.0, math.inf, "reproduced"),  # beyond the grid is above
        ({"above": 1.0}, math.inf, math.inf, "reproduced"),
        ({"below": 1.0}, -math.inf, -math.inf, "reproduced"),
        ({"below": 1.0}, 0.5, math.inf, "inconclusive"),
        ({"below": 1.0}, math.inf, math.inf, "not reproduced"),
        ({"between": [0.0, math.inf]}, 0.0, 3.0, "reproduced"),  # at least 0
    ],
)
def test_rules_by_hand(rule, low, high, verdict):
    assert rules.decide(rule, (low + high) / 2, low, high) == verdict


def test_units_make_the_interval():
    found = rules.judge({"above": -0.5}, THREE)
    assert (found.verdict, found.n) == ("reproduced", 3)
    assert rules.judge({"above": -0.4}, THREE).verdict == "inconclusive"  # the interval begins at −0.48
    assert rules.judge({"below": -0.5}, THREE).verdict == "not reproduced"


def test_fewer_than_three_units_decide_nothing_unless_nothing_is_random():
    two = pd.Series([5.0, 5.0])
    assert rules.judge({"above": 1}, two).verdict == "inconclusive"
    assert rules.judge({"above": 1}, two, random=False).verdict == "reproduced"
    assert rules.judge({"above": 6}, two.iloc[:1], random=False).verdict == "not reproduced"
    assert rules.judge({"above": 1}, pd.Series([5.0, 5.0, 5.0])).verdict == "reproduced"


def test_missing_units_do_not_count():
    assert rules.judge({"above": 1}, pd.Series([5.0, 5.0, math.nan])).n == 2
    with pytest.raises(NotRun):
        rules.judge({"above": 1}, pd.Series([math.nan]))
    with pytest.raises(NotRun):
        rules.judge({"above": 1}, Means(pd.DataFrame(columns=[1.0]), lambda mean: 0.0))


def test_bootstrap_of_three_units_by_hand():
    """The mean of three resampled units 0, 0, 3 is 0, 1, 2 or 3 with chances 8/27, 12/27, 6/27 and 1/27."""
    means = Means(pd.DataFrame({"x": [0.0, 0.0, 3.0]}), lambda mean: mean["x"])
    assert bootstrap_interval(means) == pytest.approx(t_interval([0.0, 0.0, 3.0]))  # wider than the units: -3.3 to 5.3
    within = dataclasses.replace(means, reach=(-1.0, 2.5))
    assert bootstrap_interval(within) == (1.0, -1.0, 3.0)  # 1/27 is more than 2.5 %, so the percentiles hold 3
    counts, weights = intervals._resamples(3)
    assert len(counts) == 10 and weights.sum() == pytest.approx(1)
    chances = {value: weights[counts[:, 2] == value].sum() for value in range(4)}
    assert chances == pytest.approx({0: 8 / 27, 1: 12 / 27, 2: 6 / 27, 3: 1 / 27})


def test_a_single_unit_has_no_interval_but_for_the_step_of_its_grid():
    one = Means(pd.DataFrame({"x": [2.0]}), lambda mean: mean["x"])
    value, low, high = bootstrap_interval(one)
    assert value == 2 and math.isnan(low) and math.isnan(high)
    assert bootstrap_interval(dataclasses.replace(one, between=lambda mean: (1.5, 2.5))) == (2.0, 1.5, 2.5)
    assert rules.judge({"above": 0}, one).verdict == "inconclusive"


def test_a_number_that_a_grid_brackets_has_the_interval_of_its_brackets():
    """Units that agree leave the grid's step; units that do not, the lowest lower and the highest upper end."""
    ends = {0: (1.0, 1.2), 1: (1.2, 1.4)}  # by whether the mean is above a half
    reads = {"read": lambda mean: sum(ends[mean["x"] > 0.5]) / 2, "between": lambda mean: ends[mean["x"] > 0.5]}
    same, other = (Means(pd.DataFrame({"x": x}), **reads) for x in ([0.0] * 3, [0.0, 0.0, 1.0]))
    assert bootstrap_interval(same) == (1.1, 1.0, 1.2)
    # Two of three resampled units are 1 with chance 7/27; the others read 1.1, these 1.3.
    half = t.ppf(0.975, 2) * math.sqrt(3 / 2) * 0.2 * math.sqrt(7 / 27 * 20 / 27)
    assert bootstrap_interval(other) == pytest.approx((1.1, 1.1 - half, 1.1 + half))
    assert bootstrap_interval(dataclasses.replace(other, reach=(1.05, 1.35))) == (1.1, 1.0, 1.4)
    assert rules.judge({"between": [0.9, 1.2]}, same).verdict == "reproduced"
    assert rules.judge({"between": [1.05, 1.3]}, same).verdict == "inconclusive"  # the number alone lies within
    assert rules.judge({"below": 1.0}, same).verdict == "not reproduced"


def test_room_that_a_rule_leaves():
    """In margins: one point, or 5 % of the middle where that is more."""
    assert rules.tolerance({"same": 0.5, "margin": 0.025}) == pytest.approx(1)
    assert rules.tolerance({"same": 0, "margin": 0.01}) == rules.tolerance({"between": [-0.01, 0.01]}) == 1
    assert rules.tolerance({"between": [-0.25, 0.25]}) == 25
    assert rules.tolerance({"between": [1.7, 2.1]}) == pytest.approx(0.2 / 0.095)
    assert rules.tolerance({"below": 0.15}) == rules.tolerance({"above": -0.15}) == 15
    assert rules.tolerance({"below": 2}) == 200
    assert rules.tolerance({"above": 0}) == rules.tolerance({"above": 0.6}) == rules.tolerance({"below": -1}) == 0


def test_what_is_undecided_says_which_limit_it_crosses():
    assert rules.judge({"above": 2}, THREE).why == "with n = 3 the interval crosses 2"
    assert rules.judge({"between": [0, 2.5]}, THREE).why == "with n = 3 the interval crosses 0 and 2.5"
    assert rules.judge({"above": 2}, THREE.iloc[:2]).why == "n = 2, fewer than 3 replicates"
    assert rules.judge({"above": -1}, THREE).why == rules.judge({"above": 9}, THREE).why == ""


def test_bootstrap_of_many_units_repeats_itself_and_agrees_with_the_t_interval():
    values = np.random.default_rng(1).normal(5, 1, 40)
    means = Means(pd.DataFrame({"x": values}), lambda mean: mean["x"])
    first, second = bootstrap_interval(means), bootstrap_interval(means)
    assert first == second
    assert first == pytest.approx(t_interval(values), abs=0.02)


def test_a_threshold_beyond_the_grid():
    beyond = Means(pd.DataFrame({"x": [1.0] * 3}), lambda mean: math.inf, reach=(0.0, 2.0))
    assert rules.judge({"between": [1.0, 1.5]}, beyond).verdict == "not reproduced"  # it lies beyond 2
    with pytest.raises(NotRun, match="grid ends"):  # it may lie at 2.5
        rules.judge({"between": [1.0, 3.0]}, beyond)
    below = Means(pd.DataFrame({"x": [1.0] * 3}), lambda mean: -math.inf, reach=(0.5, 2.0))
    with pytest.raises(NotRun, match="grid ends"):
        rules.judge({"between": [0.1, 3.0]}, below)
    assert rules.judge({"between": [0.6, 3.0]}, below).verdict == "not reproduced"


def test_several_parts_make_one_verdict():
    good, bad, open_ = (Verdict(v, value=i) for i, v in enumerate(("reproduced", "not reproduced", "inconclusive")))
    assert rules.together([good, good]).verdict == "reproduced"
    assert rules.together([good, open_]).value == 2  # the part that decides lends its number
    assert rules.together([good, Verdict("not run"), open_]).verdict == "not run"
    assert rules.together([Verdict("not run"), bad]).verdict == "not reproduced"
    assert rules.together([]).verdict == "not run"
    assert len(rules.together([good, bad]).parts) == 2 and not rules.together([good]).parts


def test_json_of_a_verdict_has_no_infinity():
    assert Verdict("inconclusive", math.inf, -math.inf, math.nan, 3).json() == {
        "verdict": "inconclusive", "value": None, "low": None, "high": None, "n": 3, "why": ""
    }  # fmt: skip
    assert Verdict("reproduced", 0.123456789, 0, 1, 3).json()["value"] == 0.123457


numbers = st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=6)


@given(values=numbers, limit=st.floats(-1e3, 1e3))
@example(values=[0.98] * 5, limit=0.98)  # whose mean is rounded
def test_above_and_below_exclude_each_other(values, limit):
    units = pd.Series(values)
    verdicts = {rules.judge({side: limit}, units).verdict for side in ("above", "below")}
    assert verdicts in ({"reproduced", "not reproduced"}, {"inconclusive"}, {"not reproduced"})
    assert verdicts != {"not reproduced"} or units.nunique() == 1  # both deny only what lies exactly on the edge


@given(values=numbers)
def test_a_bootstrap_of_a_mean_is_as_wide_as_the_t_interval(values):
    means = Means(pd.DataFrame({"x": values}), lambda mean: mean["x"])
    assert bootstrap_interval(means) == pytest.approx(t_interval(values), abs=1e-6)
    _, low, high = bootstrap_interval(dataclasses.replace(means, reach=(min(values), max(values))))
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9

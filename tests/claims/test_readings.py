"""Every claim's quantity on rows with a known answer: where the claim is true, and where it is not."""

import dataclasses
import math
import types

import numpy as np
import pandas as pd
import pytest

from softlabels import claims
from softlabels.claims import readings
from softlabels.claims.readings import linear_recovery, points, temperature_and_classes
from softlabels.claims.readings.points import grid_of
from softlabels.errors import NotRun, SoftLabelsError
from softlabels.intervals import bootstrap_interval
from softlabels.studies import find
from softlabels.study import identity

from .worlds import WORLDS, judge_in_default_grid, knows

PAPER_Q = {claim.id for claim in claims.of("label_worth")}  # these have a file of their own
CLAIMS = {claim.id: claim for claim in claims.all() if claim.id not in PAPER_Q}
ALL = list(CLAIMS)
NAMED = [(name, scale) for name, claim in CLAIMS.items() for scale in claims.SCALES if claim.names(scale)]


def judged(claim_id, rows):
    (claim,) = claims.of(claim_id)
    scale = rows.attrs.get("scale", "quick")
    return claim.judge(scale, {rows.attrs["study"]: {scale: rows}})


@pytest.mark.parametrize(("claim_id", "scale"), NAMED)
def test_where_it_is_true_it_is_reproduced_on_the_default_grid_of_each_scale_that_it_names(claim_id, scale):
    verdict = judge_in_default_grid(CLAIMS[claim_id], scale)
    assert verdict.verdict == "reproduced", [part for part in verdict.parts if part.verdict != "reproduced"] or verdict
    assert verdict.n >= 3


FALSE = {
    "M1": {"soft": 0.38},
    "M3": {"hard_of_twenty": 0.2},
    "M4": {"fits": 0.95},
    "M5": {"early": 0.1},
    "M6": {"leak": 0.0},
    "M7": {"gain": 0.3},
    "M8": {"hot": 0.1},
    "M9": {"free": 0.5},
    "M10": {"cold": 0.2},
    "M11": {"capacity": 1.2},
    "M12": {"identified": 1.4},
    "M13": {"recovered": 0.9},
    "M14": {"leak": 0.5},
    "M15": {"agreement": 0.9},
    "M16": {"error": 1.0},
    "M17": {"shuffled": 0.6},
    "M18": {"stored": 1.6},
    "M19": {"critical": 200.0},
    "M20": {"begins": 0.9},
    "M22": {"hot": 1.0},
    "M23": {"capacity": 0.5},
    "M24": {"identified": 3.0},
    "M25": {"stored": 0.4},
    "M26": {"begins": 0.3},
    "M35": {"told": 0.2},
    "M36": {"entry": 0.8},
    "M37": {"cut": 0.4},
    "M38": {"recovered": 0.5},
    "M39": {"recovered": 0.5},
    "M27": {"leak": 0.01},
    "M28": {"stored": 0.97},
    "M29": {"switched": 0.5},
    "M30": {"lead": 0.0},
    "M31": {"gap": 0.3},
    "M32": {"shuffled": 3.0},
    "M33": {"falling": True},
    "M34": {"leak": 0.01},
    "N1": {"shared": 0.4},
    "N2": {"newton": 0.9},
    "N3": {"own": 0.5},
    "N4": {"leak": 0.01},
    "J1": {"leak": 0.1},
    "J2": {"early": 0.04},
    "J3": {"among_clean": 0.93},
    "J4": {"cold": 0.9},
    "J5": {"silent": 0.95},
    "J7": {"patient": 0.1},
    "J8": {"adapted": 0.3},
    "J9": {"smoothed": 0.3},
    "J10": {"lost": 0.5},
    "J11": {"two": 0.05},
    "J12": {"kept": 0.05},
    "J13": {"shown": 0.5},
    "J14": {"early": 0.95},
    "J15": {"mean_teaches": 0.9},
    "J16": {"vote_teaches": 0.9},
    "J17": {"label_teaches": 0.94},
    "J20": {"fresh": 0.1},
    "J21": {"fresh": 0.9},
    "J22": {"shared": -0.1},
    "J23": {"own": 0.2},
    "J24": {"far": 0.9},
    "J25": {"flood": 0.1},
    "J26": {"flood": 0.9},
    "J27": {"larger": -0.1},
    "J28": {"narrow": 0.1},
    "J29": {"rare": 0.005},
    "J30": {"plain": 0.6},
    "J31": {"outlying": -0.1},
    "J32": {"bound": 0.5},
    "J33": {"gap": 0.5},
    "J34": {"cost": -0.1},
    "J35": {"private": 0.1},
    "J36": {"member": 0.9},
    "J37": {"leak": 0.005},
    "J38": {"early": 0.04},
    "J39": {"taught": -0.02},
}


IMPOSSIBLE = {"M2": {"fresh": 0.4}, "M21": {"drift": 0.2}, "M40": {"fresh": 0.6}, "J6": {"silent": 0.2}}
CHANGED = FALSE | IMPOSSIBLE  # no run can give the latter's rows: a claim that holds by construction has no false world


def test_every_claim_has_a_false_world_or_holds_by_construction_and_says_why():
    by_construction = {claim.id for claim in CLAIMS.values() if claim.by_construction}
    assert by_construction == IMPOSSIBLE.keys() and FALSE.keys() == CLAIMS.keys() - by_construction
    assert all(CLAIMS[name].because for name in by_construction)


@pytest.mark.parametrize(
    ("claim_id", "scale", "study"),
    [
        (name, scale, study)
        for name, scale in NAMED
        for study in CLAIMS[name].studies
        if scale in find(study).grids and knows(study, CHANGED[name])
    ],
)
def test_where_it_is_false_it_is_not_reproduced_on_the_default_grid_of_each_scale_that_it_names(claim_id, scale, study):
    verdict = judge_in_default_grid(CLAIMS[claim_id], scale, study, **CHANGED[claim_id])
    assert verdict.verdict == "not reproduced" and verdict.n >= 3, verdict


def test_what_the_other_classes_lose_is_judged_at_every_number_of_examples():
    rows = WORLDS["memorized/label_treatments"]()
    lost = (rows["treatment"] == "removed entry") & (rows["per_class"] == 16)
    assert judged("M36", rows).verdict == "reproduced"
    fallen = rows.assign(held_out_accuracy=rows["held_out_accuracy"].mask(lost, 0.0))
    assert judged("M36", fallen).verdict == "not reproduced"


@pytest.mark.parametrize("claim_id", ALL)
def test_two_seeds_decide_nothing_that_is_random(claim_id):
    (claim,) = claims.of(claim_id)
    rows = WORLDS[claim.studies[0]]()
    verdict = judged(claim_id, rows[rows["seed"] < 2])
    assert verdict.verdict == ("reproduced" if claim_id == "M21" else "inconclusive")  # M21: nothing is random
    assert verdict.n == 2


@pytest.mark.parametrize(
    ("claim_id", "value"),
    [
        ("M1", 0.15),
        ("M3", 0.6 - 5 * 0.05),
        ("M4", 1.0),
        ("M7", 0.0),
        ("M8", 0.6 - 0.02),
        ("M10", 0.0),
        ("M13", 1.0),
        ("M14", 0.75),
        ("M16", math.log10(50 / 1e-9)),
        ("M17", 0.5),
        ("M19", 10.0),
        ("M20", 0.65),
        ("M22", 1.0 - 0.65),
        ("M29", 0.9),
        ("M32", 1.0),
        ("M33", 1.0),
        ("M34", 0.4 - 2 / 100),
        ("N1", (0.9 - 0.2) * 0.9),
        ("J1", 0.9),
        ("J4", 0.7),
        ("J21", 0.2),
        ("J27", 0.65 * 0.2),
        ("J33", -0.5),
        ("J36", 0.3 - 0.015),
    ],
)
def test_values_by_hand(claim_id, value):
    (claim,) = claims.of(claim_id)
    assert judged(claim_id, WORLDS[claim.studies[0]]()).value == pytest.approx(value)


def test_thresholds_of_a_curve_by_hand():
    curve = pd.Series([0.2, 0.7, 1.0, 1.0, 0.6], index=[1.0, 2.0, 3.0, 4.0, 6.0])
    assert points.first(curve) == 3 and points.last(curve) == 4
    assert points.rises(curve) == 2.5 and points.rises(curve, 0.6) == 1.5
    falling = curve.iloc[2:]
    assert points.falls(falling) == 5
    assert points.falls(falling.iloc[:2]) == math.inf and points.falls(curve.iloc[:2]) == -math.inf
    assert points.rises(falling) == -math.inf and points.first(curve.iloc[:2]) == math.inf


def test_the_step_of_a_threshold_by_hand():
    curve = pd.Series([0.2, 0.7, 1.0, 1.0, 0.6], index=[1.0, 2.0, 3.0, 4.0, 6.0])
    assert points.step(curve, points.first) == points.step(curve, points.rises) == (2, 3)
    assert points.step(curve, points.last) == (4, 6) and points.step(curve.iloc[2:], points.falls) == (4, 6)
    assert points.step(curve.iloc[:4], points.stays) == (2, 3) and points.stays(curve.iloc[:4]) == 2.5
    assert points.stays(curve) == points.first(curve.iloc[:2]) == math.inf
    assert points.step(curve.iloc[:2], points.first) == (2, math.inf)
    again = pd.Series([1.0, 0.5, 1.0, 0.5], index=[1.0, 2.0, 3.0, 4.0])
    assert points.step(again, points.falls) == (1, 4) and points.falls(again) == 2.5
    assert points.step(again, points.stays) == (4, math.inf)
    ends = (points.falls, (4, math.inf)), (points.last, (4, math.inf)), (points.rises, (-math.inf, 3))
    assert all(points.step(curve.iloc[2:4], read) == wanted for read, wanted in ends)
    assert points.step(curve.iloc[:2], points.last) == points.step(curve.iloc[:2], points.falls) == (-math.inf, 1)


@pytest.mark.parametrize(("grid", "verdict"), [((1.6, 1.8, 2.0, 2.2), "reproduced"), ((1.2, 1.9, 2.6), "inconclusive")])
def test_a_threshold_on_a_coarse_grid_is_known_to_the_step(grid, verdict):
    """M11's rule, 1.7 to 2.1, and a teacher that fits up to 1.9 in every replicate: no spread, but a step."""
    rows = pd.DataFrame({"d": 10, "n": round(10 * a), "seed": seed, "a": a} for seed in range(5) for a in grid)
    rows = rows.assign(teacher_accuracy=(rows["a"] <= 1.9).map({True: 1.0, False: 0.9}))
    judged_here = CLAIMS["M11"].judge("quick", {"memorized/linear_recovery": {"quick": rows}})
    assert judged_here.verdict == verdict and ("a step of the grid" in judged_here.why) == (verdict == "inconclusive")
    assert (judged_here.low, judged_here.high) == pytest.approx((1.8, 2.0) if verdict == "reproduced" else (1.9, 2.6))


def test_cells_of_all_fractions_together_know_where_recovery_begins():
    """In ρα the cells of ρ = 1 lie at 0.9 and 1.1, those of ρ = 0.8 at 0.96, 1.12 and 1.28."""
    cells = [(1.0, 0.9, 0.9), (1.0, 1.1, 1.0), (0.8, 1.2, 0.9), (0.8, 1.4, 1.0), (0.8, 1.6, 1.0)]
    rows = pd.DataFrame(
        {"d": 100, "n": round(100 * alpha), "rho": rho, "seed": seed, "agreement": agreement}
        for seed in range(3)
        for rho, alpha, agreement in cells
    )
    means = linear_recovery.identification_point(rows)["d = 100"]
    assert means.between(means.values.mean()) == pytest.approx((0.96, 1.1))
    assert bootstrap_interval(linear_recovery.recovery_point(rows)["d = 100"]) == pytest.approx((1.11, 0.93, 1.11))


def test_capacity_is_the_midpoint_between_two_grid_points_and_its_interval_comes_from_the_seeds():
    rows = pd.DataFrame(
        {"d": 10, "n": n, "seed": seed, "teacher_accuracy": accuracy}
        for seed, ends in enumerate((18, 20, 20))
        for n, accuracy in ((n, 1.0 if n <= ends else 0.9) for n in (16, 18, 20, 22))
    )
    means = linear_recovery.teacher_capacity(rows)["d = 10"]
    assert means.read(means.values.mean()) == pytest.approx(1.9)  # at 20 the mean is 0.967
    assert means.read(means.values.iloc[1:].mean()) == pytest.approx(2.1)
    assert means.reach == (1.6, 2.2)


def test_points_are_taken_from_the_grid_or_refused():
    rows = pd.DataFrame(
        {"d": 100, "n": [100, 164, 200], "labels": ["soft", "hard", "soft"], "flag": [True, False, True]}
    )
    assert points.at(rows, alpha=1.66)["n"].tolist() == [164]  # within 4 %
    assert points.at(rows, alpha=[1.0, 1.64], labels="soft")["n"].tolist() == [100]
    assert points.at(rows, flag=False)["n"].tolist() == [164]
    for absent in ({"alpha": 1.8}, {"labels": "none"}, {"tau": 1.0}, {"alpha": [3.0, 4.0]}):
        with pytest.raises(NotRun):
            points.at(rows, **absent)


def test_a_seed_without_all_points_is_left_out():
    rows = WORLDS["memorized/temperature"]()
    rows = rows.drop(rows[(rows["seed"] == 2) & (rows["per_class"] == 50)].index)
    rows.attrs["study"] = "memorized/temperature"
    assert judged("M19", rows).n == 2


def test_a_point_outside_the_grid_is_not_run():
    rows = WORLDS["memorized/linear_recovery"]()
    verdict = judged("M13", rows[rows["n"] / rows["d"] < 1.5])
    assert verdict.verdict == "not run" and "alpha = 1.64" in verdict.why


def test_held_out_accuracy_is_pooled_over_examples():
    cells = {"d": 10, "n": [100, 100], "rho": [0.9, 0.5], "seed": 0, "held_out_accuracy": [1.0, 0.4]}
    assert linear_recovery.pooled_held_out(pd.DataFrame(cells))["d = 10"][0] == pytest.approx((10 + 20) / 60)


def test_chance_is_one_in_c():
    rows = pd.DataFrame({"c": [2, 2, 10], "seed": [0, 0, 0], "fresh_accuracy": [0.5, 0.6, 0.1]})
    found = temperature_and_classes.chance_deviation(rows)
    assert found["c = 2"][0] == pytest.approx(0.05) and found["c = 10"][0] == pytest.approx(0)


def test_a_capacity_that_falls_as_the_root_of_c_is_within_the_band_but_is_not_taken_for_the_logarithm():
    rows = points.with_alpha(WORLDS["memorized/classes"]("paper"))
    teacher = np.where(rows["alpha"] * np.sqrt(rows["c"]) < 1.4, 1.0, 0.9)
    verdict = judged("M23", rows.assign(teacher_accuracy=teacher))
    *band, power = verdict.parts
    assert len(band) == 5 and not any(part.verdict == "not reproduced" for part in band)
    assert verdict.verdict == power.verdict == "inconclusive" and power.low < 0 < power.high


def test_powers_of_c_by_hand():
    assert temperature_and_classes.power_of("1/√c", [10, 20, 50]) == pytest.approx(-0.5)
    assert temperature_and_classes.power_of("1/ln c", [4, 16]) == pytest.approx(-0.5)  # ln 16 is twice ln 4
    curve = {10: (0.3, 0.5), 40: (0.15, 0.25)}  # the last size that is stored, and the first that is not
    rows = pd.DataFrame(
        {"c": c, "d": 1, "alpha": alpha, "seed": seed, "teacher_accuracy": accuracy}
        for seed in range(3)
        for c, sizes in curve.items()
        for alpha, accuracy in zip((*sizes, 1.0), (1.0, 0.5, 0.5), strict=True)
    )
    measured = temperature_and_classes.capacity_power(rows)[""]
    assert points.read_off(measured) == pytest.approx(-0.5)
    low, high = (math.log(to / of, 4) for of, to in ((0.5, 0.15), (0.3, 0.25)))
    assert bootstrap_interval(measured) == pytest.approx((-0.5, low, high))
    with pytest.raises(NotRun, match="two class counts"):
        temperature_and_classes.capacity_power(rows, c=10)
    with pytest.raises(NotRun, match="the grid ends"):
        temperature_and_classes.capacity_power(rows.assign(teacher_accuracy=1.0))


def test_an_extreme_over_a_grid_is_known_where_a_replicate_ran_it_all():
    runs = find("memorized/modular_mlp").grid("smoke")
    rows = pd.DataFrame([dataclasses.asdict(s) | {"identity": identity(s), "own": 1 - s.seed / 10} for s in runs])
    rows.attrs = {"study": "memorized/modular_mlp", "scale": "smoke"}
    assert points.least(rows, "own")[""].to_dict() == {0: 1.0, 1: 0.9, 2: 0.8}
    some = rows.drop(index=rows.index[rows.seed == 1][0])
    assert points.most(some, "own")[""].to_dict() == {0: 1.0, 2: 0.8}
    hot = rows[rows.tau == 10]
    with pytest.raises(NotRun, match="no replicate has every run of the grid there"):
        points.least(hot, "own")
    assert len(points.least(hot, "own", tau=10.0)[""]) == 3


def test_replicates_of_a_few_cells_only_say_nothing_of_an_extreme_over_the_grid():
    """Four replicates of modular_mlp have the whole quick grid, eight more the cells that other claims compare."""
    rows = WORLDS["memorized/modular_mlp"]().assign(identity=grid_of("memorized/modular_mlp", "quick")["identity"])
    assert rows["seed"].nunique() == 12
    assert sorted(points.least(rows, "student_train_accuracy")[""].index) == [0, 1, 2, 3]


# ---- names of readings


def test_a_reading_is_where_it_is_defined_and_imports_do_not_count():
    assert readings.READINGS["average"] is points.average
    assert readings.READINGS["teacher_capacity"] is linear_recovery.teacher_capacity
    assert not {"stored", "find", "identity", "NotRun", "Means", "t_interval", "_grid"} & set(readings.READINGS)


def test_two_pages_cannot_give_one_name_to_two_readings():
    first, second = types.ModuleType("readings.first"), types.ModuleType("readings.second")
    for page in (first, second):
        exec("def gain(rows): return {}", vars(page))
    with pytest.raises(SoftLabelsError, match="readings.first and readings.second both define gain"):
        readings.by_name([first, second])
    second.gain = first.gain  # imported from the first
    assert readings.by_name([first, second]) == {"gain": first.gain}

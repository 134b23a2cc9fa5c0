"""Every claim of paper Q on the grids of its own studies: where it is true, where it is not, and with too few units."""

import pytest

from softlabels import claims

from .image_worlds import judge_in, students, teachers

CLAIMS = {claim.id: claim for claim in claims.of("label_worth") if claim.checks}
NAMED = [(name, scale) for name, claim in CLAIMS.items() for scale in claims.SCALES if claim.names(scale)]

FALSE = {
    "L01": {"gain": -0.05},
    "L02": {"inverted": 0.1},
    "L03": {"inverted": 0.1},
    "L05": {"inverted": 0.1},
    "L06": {"mixed": 0.1},
    "L09": {"matched": -0.1},
    "L10": {"teacher": 0.9},
    "L11": {"more": 0.1},
    "L12": {"entropy": 0.01},
    "L13": {"best_epoch": 1000},
    "L14": {"best_epoch": 1000},
    "L15": {"best_epoch": 1000},
    "L16": {"top_swap": 1.2},
    "L17": {"tail": 0.5},
    "L18": {"growth": -0.3},
    "L19": {"moved": 0.1},
    "L20": {"hot": 0.5},
    "L21": {"hot": 0.5},
    "L22": {"other": 5.0},
    "L23": {"knowledge": -0.15},
    "L24": {"knowledge": -0.15},
    "L25": {"gain": -0.05},
    "L26": {"gain": 1.0},
    "L27": {"best_epoch": 30},
    "L28": {"removed": 0.0},
    "L29": {"entries": 0.5},
    "L30": {"control": 0.05},
    "L31": {"nearest": 1.0},
    "L32": {"moves": 0.0},
    "L33": {"together": -0.03},
    "L34": {"learned": -0.2},
    "L35": {"over_draws": 0.2},
    "L36": {"over_teachers": 0.2},
    "L37": {"easy": -0.03},
    "L38": {"ratio": 1.0},
    "L39": {"shuffled": 0.1},
    "L40": {"gain": -0.05},
    "N5": {"of_class": -0.05},
    "N6": {"gain": -0.05},
    "N7": {"rivals": 0.3},
    "N8": {},
    "N9": {"controls": -0.05},
}
TRUE = {"N8": {"hot": 0.5}}  # of the others the unchanged world is
LARGER = {"L11": "paper", "N6": "reduced"}  # the scale of claims that name no points at quick


@pytest.mark.parametrize(("name", "scale"), NAMED)
def test_where_it_is_true_the_default_grid_of_each_scale_decides_so(name, scale):
    verdict = judge_in(CLAIMS[name], scale, **TRUE.get(name, {}))
    assert verdict.verdict == "reproduced", [part for part in verdict.parts if part.verdict != "reproduced"]
    assert all(part.n >= 3 for part in verdict.parts or [verdict])


@pytest.mark.parametrize(("name", "scale"), NAMED)
def test_where_it_is_false_the_default_grid_of_each_scale_decides_so(name, scale):
    verdict = judge_in(CLAIMS[name], scale, **FALSE[name])
    assert verdict.verdict == "not reproduced" and verdict.n >= 3, verdict


@pytest.mark.parametrize("name", CLAIMS)
def test_two_units_decide_nothing_that_is_random(name):
    verdict = judge_in(CLAIMS[name], LARGER.get(name, "quick"), only=2)
    assert verdict.verdict == ("reproduced" if name == "L19" else "inconclusive"), verdict
    assert verdict.n == 2


@pytest.mark.parametrize("name", [name for name in CLAIMS if name not in ("L19", "L35", "L36")])
def test_where_units_disagree_it_is_inconclusive(name):
    scale = LARGER.get(name, "quick")
    verdict = judge_in(CLAIMS[name], scale, only=4, disagreeing=True, **(FALSE[name] or TRUE[name]))
    assert verdict.verdict == "inconclusive" and verdict.n >= 3, verdict


@pytest.mark.parametrize(("name", "knob"), [("L35", "over_draws"), ("L36", "over_teachers")])
def test_a_spread_near_the_limit_is_inconclusive(name, knob):
    verdict = judge_in(CLAIMS[name], "quick", **{knob: 0.015})
    assert verdict.verdict == "inconclusive" and verdict.low < 1 < verdict.high and verdict.n >= 6


def test_a_part_a_value():
    verdict = judge_in(CLAIMS["L01"], "quick")
    assert [part.part for part in verdict.parts] == ["IPC 1", "IPC 5", "IPC 10"]


def test_where_no_teacher_overfits_the_regime_is_not_reached():
    rows = {
        "label_worth/temperatures": {"quick": students("label_worth/temperatures")},
        "label_worth/teachers": {"quick": teachers(overfits=0.05)},
    }
    verdict = CLAIMS["L20"].judge("quick", rows)
    assert verdict.verdict == "not run" and "regime not reached" in verdict.why


def test_what_only_a_figure_shows_has_no_value():
    printed = {"L01", "L02", "L03", "L04", "L05", "L06", "L07", "L08", "L09", "L10", "L11", "L14", "L19", "L40", "L41"}
    for claim in claims.of("label_worth"):
        assert ("value" in claim.published) == (claim.id in printed), claim.id

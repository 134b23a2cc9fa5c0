"""Arithmetic on published numbers: consistent or not, and nothing else."""

import math

import pytest
from torchvision.models import ResNet18_Weights, ResNet50_Weights

from softlabels import claims
from softlabels.claims import rules
from softlabels.claims.arithmetic import Arithmetic
from softlabels.claims.readings import printed
from softlabels.claims.rules import CONSISTENT, INCONSISTENT

SOFT, HARD = "table 1, soft labels of ResNet18", "table 1, hard labels"


def verdicts(rule, measure="difference", **arguments):
    return {v.part: v for v in Arithmetic(measure, rule, arguments).judge()}


def test_a_number_on_the_claimed_side_is_consistent_and_one_beside_it_is_not():
    found = verdicts({"above": 6.5}, of=SOFT, to=HARD, at=[1, 10])
    assert found["IPC 1"].verdict == INCONSISTENT and found["IPC 1"].value == pytest.approx(6.0)
    assert found["IPC 10"].verdict == CONSISTENT and found["IPC 10"].value == pytest.approx(20.0)
    assert found["IPC 10"].n == 0  # there are no replicates


def test_what_a_picture_may_be_off_by_is_an_interval():
    """Read off as 4.4 ± 0.3, against 3.9 in print."""
    arguments = {"of": "figure 1, MTT (TESLA), hard labels", "to": HARD, "at": [10]}
    found = verdicts({"below": 1}, **arguments)["IPC 10"]
    assert (found.low, found.high) == pytest.approx((0.2, 0.8)) and found.verdict == CONSISTENT
    assert verdicts({"below": 0.5}, **arguments)["IPC 10"].verdict == "inconclusive"
    assert verdicts({"below": 0}, **arguments)["IPC 10"].verdict == INCONSISTENT


def test_the_best_of_several_where_not_all_have_a_number():
    of = ["table 2, Tiny ImageNet, Ra-BPTT", "table 2, Tiny ImageNet, MTT"]
    found = printed.best_difference(of, "table 2, Tiny ImageNet, soft labels", [1, 50])
    assert found["IPC 1"][0] == pytest.approx(20.1 - 7.6) and found["IPC 50"][0] == pytest.approx(28.0 - 35.6)


def test_against_full_data_the_best_series_of_each_network_counts():
    found = printed.of_full_data([HARD, SOFT, f"{SOFT}, student ResNet50"], [200])
    assert found["ResNet18, IPC 200"][0] == pytest.approx(56.8 - 69.8)
    assert found["ResNet50, IPC 200"][0] == pytest.approx(62.3 - 76.1)


def test_images_needed_by_hand():
    assert printed.images_needed([1, 4], [10, 30], 20) == pytest.approx(2.0)  # halfway on a log scale
    assert printed.images_needed([1, 4], [10, 30], 5) == 1
    assert printed.images_needed([1, 4], [10, 30], 31) == math.inf
    assert printed.images_needed([1, 2, 4], [10, 5, 30], 8) == 1  # where it is first reached
    found = printed.exchange(SOFT, HARD, [10, 50])
    assert found["IPC 10"][0] == pytest.approx(5 * 2 ** (3.5 / 7.8)) and found["IPC 50"][0] == math.inf


def test_steps_of_table_7_stay_within_one_learning_rate():
    found = printed.step_of_table_7("teacher_epoch")
    assert found["imagenet, ResNet18"][0] == 0  # 43 to 30 happens where the rate changes
    assert found["tiny-imagenet, ConvNetD4"][0] == 12


def test_what_the_paper_printed_is_consistent_claim_by_claim():
    asked = {claim.id: claim.consistency for claim in claims.all() if claim.arithmetic}
    wanted = ["L01", "L02", "L03", "L04", "L05", "L06", "L07", "L08", "L09", "L10", "L14", "L40", "L41"]
    assert list(asked) == wanted
    assert {verdict.verdict for verdict in asked.values()} == {CONSISTENT}
    assert asked["L04"].parts[-1].value == pytest.approx(-0.2)


def test_one_number_that_is_not_consistent_decides():
    parts = [rules.Verdict(CONSISTENT, 1.0), rules.Verdict(INCONSISTENT, -1.0), rules.Verdict("not run")]
    assert rules.together(parts).value == -1.0
    assert rules.together(parts[:1]).verdict == CONSISTENT


def test_a_claim_that_is_only_arithmetic_needs_no_rows_and_one_with_rows_is_not_judged_by_it():
    (claim,) = claims.of("L04")
    assert claim.judge("paper", {}).verdict == CONSISTENT and claim.judge("quick", {}).verdict == "not run"
    assert claim.names("paper") and not claim.names("quick")
    assert claims.of("L05")[0].judge("paper", {}).verdict == "not run"
    assert claim.criterion == "the paper's own numbers: above −1 (IPC = 1, 10, 50, 100, 200)"
    assert claims.of("M17")[0].consistency is None


def test_full_data_is_what_the_networks_are_documented_to_reach():
    for weights, known in ((ResNet18_Weights.IMAGENET1K_V1, 69.8), (ResNet50_Weights.IMAGENET1K_V1, 76.1)):
        documented = weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]
        assert documented == pytest.approx(known, abs=0.05)

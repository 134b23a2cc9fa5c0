"""Routes of a leak and the privacy reader's attacks: known answers, who sees what, and small replicates."""

import dataclasses
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from scipy.stats import binom, norm

from softlabels import attacks
from softlabels.errors import SoftLabelsError
from softlabels.models import mlp
from softlabels.seeds import torch_stream
from softlabels.studies import find
from softlabels.studies import routes as study
from softlabels.studies.utility_and_leakage import replicate

TINY = {"teacher_steps": 30, "student_steps": 20, "hidden": 16}
ROUTE = next(s for s in study.ROUTES.grid("smoke", 1))
PLANTING = next(s for s in study.PLANTED_OR_NOT.grid("smoke", 1))


# ---- attacks


def test_bounds_on_epsilon_with_known_answers():
    least = 0.05 ** (1 / 60)  # that all of 60 are right has a probability of 5 % there
    assert attacks.epsilon_bound(60, 60) == pytest.approx(math.log(least / (1 - least)))
    assert attacks.epsilon_bound(30, 60) == attacks.epsilon_bound(0, 60) == 0
    for right, guesses in ((50, 60), (90, 100), (700, 1000)):
        epsilon = attacks.epsilon_bound(right, guesses)
        assert binom.sf(right - 1, guesses, 1 / (1 + math.exp(-epsilon))) == pytest.approx(0.05)
    for right, guesses in ((61, 60), (-1, 60), (0, 0)):
        with pytest.raises(SoftLabelsError, match="cannot be right"):
            attacks.epsilon_bound(right, guesses)


@pytest.mark.parametrize("epsilon", [0.0, 1.0, 2.0, 4.0])
def test_a_bound_exceeds_the_epsilon_of_an_attack_that_has_it_all_in_at_most_five_percent_of_audits(epsilon):
    best = 1 / (1 + math.exp(-epsilon))  # as often as ε allows, as for randomised response read without error
    wrong = [right for right in range(501) if attacks.epsilon_bound(right, 500) > epsilon]
    assert 0 < binom.pmf(wrong, 500, best).sum() <= 0.05


def test_an_audit_by_margins():
    assert attacks.audited(torch.ones(60)) == pytest.approx(attacks.epsilon_bound(60, 60, 1 - 0.05 / 3))
    assert attacks.audited(-torch.ones(60)) == attacks.audited(torch.zeros(60)) == 0
    sure = torch.cat([5 * torch.ones(30), torch.tensor([1.0, -1.0] * 15)])  # right where it is sure
    assert attacks.audited(sure) == pytest.approx(attacks.epsilon_bound(30, 30, 1 - 0.05 / 3))


def test_true_positive_rates_by_hand():
    negatives = torch.arange(100.0)
    assert attacks.true_positive_rate(torch.tensor([97.5, 98.5, 99.5, 0.0]), negatives, 0.01) == 0.5
    assert attacks.true_positive_rate(torch.tensor([98.5, 99.5]), negatives, 0.001) == 0.5  # none of 100 may pass
    assert attacks.true_positive_rate(torch.ones(5), torch.ones(50), 0.1) == 0  # ties pass nowhere


@pytest.mark.parametrize(("negatives", "rate"), [(torch.ones(5), 1.0), (torch.ones(5), -0.5), (torch.ones(0), 0.1)])
def test_a_true_positive_rate_needs_negatives_and_a_share_of_them(negatives, rate):
    with pytest.raises(SoftLabelsError, match="needs scores of both kinds"):
        attacks.true_positive_rate(torch.ones(5), negatives, rate)


def test_the_likelihood_ratio_attack_on_gaussians_has_the_power_of_neyman_and_pearson():
    generator = torch.Generator().manual_seed(0)
    told = torch.rand(300, 200, generator=generator) < 0.5
    offset = 10 * torch.randn(200, generator=generator)  # an image's own level, which shadows know
    scores = (offset + 2.0 * told + torch.randn(300, 200, generator=generator)).double()
    ratios = attacks.likelihood_ratios(scores, told)
    for rate in (0.01, 0.1):
        known = norm.cdf(2 + norm.ppf(rate))
        found = attacks.true_positive_rate(ratios[told], ratios[~told], rate)
        assert found == pytest.approx(known, abs=0.032)  # four standard errors of the threshold at 1 %
    assert attacks.true_positive_rate(scores[told], scores[~told], 0.01) < 0.05
    with pytest.raises(SoftLabelsError, match="at least two shadows"):
        attacks.likelihood_ratios(scores[:2], told[:2])
    with pytest.raises(SoftLabelsError, match="true or false"):
        attacks.likelihood_ratios(scores, told.long())


def test_shadows_that_all_have_one_answer_say_nothing():
    told = torch.tensor([[True, False, True], [False, False, True], [False, True, True], [True, False, True]])
    ratios = attacks.likelihood_ratios(torch.arange(12.0).view(4, 3).sin(), told)
    assert (ratios[:, 2] == 0).all() and ratios[2, 1] == 0  # all were given label 2; beside network 2, none label 1
    assert (ratios[:, 0] != 0).all() and (ratios[[0, 1, 3], 1] != 0).all()


def test_a_network_is_not_its_own_shadow():
    scores, told = torch.randn(6, 8, generator=torch.Generator().manual_seed(1)).double(), torch.arange(48) % 2 == 0
    told = told.view(8, 6).T
    turned = told.clone()
    turned[0] = ~turned[0]  # its own coins move the ratios of the others, not its own
    before, after = (attacks.likelihood_ratios(scores, each) for each in (told, turned))
    assert torch.equal(before[0], after[0]) and not torch.equal(before[1], after[1])


@pytest.mark.parametrize("epsilon", [1.0, 2.0, 4.0])
def test_randomised_response_keeps_its_nominal_share(epsilon):
    classes = torch.arange(10).repeat(20_000)
    given = attacks.randomise(classes, 10, epsilon, torch.Generator().manual_seed(0))
    keep = math.exp(epsilon) / (math.exp(epsilon) + 9)
    assert float((given == classes).double().mean()) == pytest.approx(keep, abs=4 * (keep * (1 - keep) / 2e5) ** 0.5)
    others = torch.bincount((given - classes)[given != classes] % 10, minlength=10)[1:] / 2e5
    assert others.tolist() == pytest.approx([(1 - keep) / 9] * 9, abs=0.003)
    assert math.log(keep / ((1 - keep) / 9)) == pytest.approx(epsilon)


def test_scores_are_numbers_of_one_shape():
    hole = torch.tensor([1.0, math.nan])
    for ask in (lambda: attacks.audited(hole), lambda: attacks.true_positive_rate(torch.ones(2), hole, 0.0)):
        with pytest.raises(SoftLabelsError, match="hold NaN"):
            ask()
    with pytest.raises(SoftLabelsError, match=r"not \(4, 3\) and \(4,\)"):
        attacks.likelihood_ratios(torch.ones(4, 3), torch.ones(4, dtype=torch.bool))


def test_randomised_response_of_narrow_integers_is_that_of_wide_ones():
    classes = torch.arange(200)
    wide, narrow = (attacks.randomise(c, 200, 1.0, torch.Generator().manual_seed(0)) for c in (classes, classes.byte()))
    assert narrow.dtype == torch.uint8 and torch.equal(narrow.long(), wide)
    for wrong, c in ((classes, 199), (classes - 1, 200), (classes.double(), 200), (classes * 0, 1)):
        with pytest.raises(SoftLabelsError, match="integer classes"):
            attacks.randomise(wrong, c, 1.0, torch.Generator())


@pytest.mark.parametrize("epsilon", [0.0, -1.0, math.inf, math.nan])
def test_randomised_response_without_a_positive_epsilon_is_refused(epsilon):
    with pytest.raises(SoftLabelsError, match="positive ε"):
        attacks.randomise(torch.arange(10), 10, epsilon, torch.Generator())


# ---- routes


def test_a_shared_start_is_the_teachers(monkeypatch):
    began = []
    monkeypatch.setattr(study, "snapshots", lambda start, *_, at, **__: began.append(start) or dict.fromkeys(at, start))
    monkeypatch.setattr(study, "train", lambda start, *_, **__: began.append(start) or start)
    study.run_routes([replace(ROUTE, start="shared"), ROUTE], "cpu", Path("unused"))
    of_teacher, of_students = (each["weight1"] for each in began)
    assert torch.equal(of_students[0], of_teacher[0]) and not torch.equal(of_students[1], of_teacher[0])
    named = mlp.start((64, ROUTE.hidden, 10), [torch_stream("teacher's start", ROUTE.hidden, ROUTE.seed)])
    assert torch.equal(named["weight1"], of_teacher)


def test_fresh_images_are_nobodys_and_the_test_set_is_the_same_for_all():
    data, fresh, classes = study.with_fresh(ROUTE)
    whole = replicate(ROUTE)
    assert torch.equal(torch.cat([fresh, data.test_inputs]), whole.test_inputs) and len(fresh) == 150 == len(classes)
    other = study.with_fresh(replace(ROUTE, rho=0.25, canary_share=0.2))[0]
    assert torch.equal(other.test_inputs, data.test_inputs) and torch.equal(other.inputs, data.inputs)


def test_what_students_are_taught():
    data, fresh, classes = study.with_fresh(ROUTE)
    own, of_fresh = torch.randn(300, 10), torch.randn(150, 10)

    def lesson(**changed):
        return study.lesson(replace(ROUTE, **changed), data, fresh, classes, own, of_fresh)

    x, soft, sees = lesson()
    assert torch.equal(sees, ~data.own) and torch.equal(soft, (own[data.part] / ROUTE.tau).softmax(1))
    assert lesson(canaries_in_student=True)[2].all()
    x, soft, sees = lesson(images="fresh")
    assert torch.equal(x, fresh) and sees.all() and torch.equal(soft, (of_fresh / ROUTE.tau).softmax(1))
    assert torch.equal(lesson(images="fresh", labels="hard")[1].argmax(1), classes)
    assert torch.equal(lesson(labels="hard")[1][sees].argmax(1), data.planted[data.part][sees])
    with pytest.raises(SoftLabelsError, match="asks for 150 fresh images, and there are 149"):
        study.lesson(replace(ROUTE, images="fresh"), data, fresh[1:], classes, own, of_fresh)
    for changed in (
        {"images": "new"}, {"labels": "softer"}, {"start": "warm"}, {"teacher_saw_canaries": False}, {"tau": 0.0},
    ):  # fmt: skip
        with pytest.raises(SoftLabelsError, match=f"The setting '{[*changed][0]}' is one of|temperature"):
            study.run_routes([ROUTE, replace(ROUTE, **changed)], "cpu", Path("unused"))
    with pytest.raises(SoftLabelsError, match="canaries held out"):
        study.with_fresh(replace(ROUTE, canary_share=0.01))


def test_distances_by_hand():
    data = dataclasses.replace(
        study.with_fresh(ROUTE)[0],
        inputs=torch.tensor([[3.0], [1.0], [6.0], [0.0]]),
        held_out=torch.tensor([0, 1, 2]),
        classes=torch.tensor([0, 0, 0, 0]),
        planted=torch.tensor([1, 1, 1, 0]),
    )
    first = torch.tensor([[0.0, 2.0, 1.0], [0.0, 1.0, 2.0], [0.0, 2.0, 1.0]])  # the second does not name label 1
    assert study.by_distance(data, first, torch.tensor([[0.0], [9.0]])) == {
        "leak_near": 0.0, "distance_near": 1.0, "leak_middle": 1.0, "distance_middle": 3.0, "leak_far": 1.0,
        "distance_far": 3.0,
    }  # fmt: skip


# ---- planted or not


def pairs(K=40, C=25):
    generator = torch.Generator().manual_seed(2)
    classes, pair = torch.zeros(C, dtype=torch.long), torch.tensor([[1], [2]]).repeat(1, C)
    coins = torch.randint(2, (K, C), generator=generator).bool()
    planted, other = torch.where(coins, *pair), torch.where(coins, *pair.flip(0))
    return classes, planted, other, pair, coins, torch.randn(K, C, 10, generator=generator)


def test_what_is_asked_of_networks_that_know_and_of_some_that_do_not():
    classes, planted, other, pair, coins, noise = pairs()
    knows = noise.scatter_add(2, planted.unsqueeze(2), torch.full((40, 25, 1), 30.0))
    found = study.asked(knows, classes, planted, other, pair, coins)
    assert found["leak"] == found["plain_recall"] == 1 and found["unplanted_rate"] == 0
    assert all(found[f"{name}tpr_at_{rate}"] == 1 for name in ("", "lira_") for rate in study.RATES)
    assert found["bound"] == found["lira_bound"] == pytest.approx(attacks.epsilon_bound(25, 25, 1 - 0.05 / 3))
    assert found["bound_of_all"] == pytest.approx(attacks.epsilon_bound(1000, 1000, 1 - 0.05 / 3))
    found = study.asked(noise, classes, planted, other, pair, coins)
    assert abs(found["leak"] - 1 / 9) < 4 * (8 / 81 / 1000) ** 0.5
    for name in ("", "lira_"):
        assert all(found[f"{name}tpr_at_{rate}"] < 2 * rate / 100 + 0.01 for rate in study.RATES)
    assert max(found["bound"], found["lira_bound"], found["bound_of_all"]) < 0.2


def test_outlying_canaries_are_the_most_distant_images():
    random, outlying = (study.with_outlying_first(replace(PLANTING, canaries=kind)) for kind in ("random", "outlying"))
    apart = torch.cdist(outlying.inputs, outlying.inputs).fill_diagonal_(math.inf).amin(1)
    assert apart[:30].min() >= apart[30:].max()
    assert torch.equal(outlying.planted != outlying.classes, torch.arange(300) < 30)
    assert sorted(map(tuple, random.inputs.tolist())) == sorted(map(tuple, outlying.inputs.tolist()))
    same = (outlying.inputs[30:, None] == random.inputs).all(-1).nonzero()[:, 1]
    assert (same.diff() > 0).all()  # all the others stand in random order, as they did
    for changed in ({"canaries": "odd"}, {"labels": "softer"}, {"canaries_in_student": True}):
        with pytest.raises(SoftLabelsError, match=f"The setting '{[*changed][0]}' is one of"):
            study.run_planting([replace(PLANTING, **changed)], "cpu", Path("unused"))


def test_the_teachers_labels_follow_the_coins_and_are_randomised_once(monkeypatch):
    given = []
    monkeypatch.setattr(study, "snapshots", lambda p, x, y, *, at, **_: given.append(y) or dict.fromkeys(at, p))
    monkeypatch.setattr(study, "train", lambda start, *_, **__: start)
    s = replace(PLANTING, runs=40)
    for epsilon in (0.0, 1.0):
        study.run_planting([replace(s, epsilon=epsilon)], "cpu", Path("unused"))
    plain, private = (each.argmax(-1) for each in given)  # (40, 300)
    data = replicate(s)
    assert torch.equal(plain[:, 30:], data.classes[30:].expand(40, -1))
    first = plain[:, :30] == data.planted[:30]
    assert torch.equal(first | (plain[:, :30] == data.unplanted[:30]), torch.ones(40, 30, dtype=torch.bool))
    assert abs(first.double().mean() - 0.5) < 4 * (0.25 / 1200) ** 0.5
    keep = 1 / (1 + 9 * math.exp(-1))
    assert abs((plain == private).double().mean() - keep) < 4 * (keep * (1 - keep) / 12_000) ** 0.5


# ---- both


@pytest.mark.parametrize("name", ["joined/routes", "joined/planted_or_not"])
def test_rows_are_whole_repeatable_and_do_not_depend_on_their_pack(name):
    pack = [replace(s, **TINY, teacher_step=min(s.teacher_step, 30)) for s in find(name).packs("smoke", 1)[0]]
    pack = list(dict.fromkeys(pack))
    once, again = (find(name).run_pack(pack, "cpu", Path("unused")) for _ in range(2))
    assert once == again and [row.settings for row in once] == pack
    for row in once:
        assert row.metrics.keys() == once[0].metrics.keys() and all(map(math.isfinite, row.metrics.values()))
    (alone,) = find(name).run_pack(pack[-1:], "cpu", Path("unused"))
    assert alone.metrics == pytest.approx(once[-1].metrics, abs=0.02)


@pytest.mark.parametrize(("name", "packs"), [("joined/routes", 3), ("joined/planted_or_not", 6)])
def test_grids(name, packs):
    joined = find(name)
    assert len({s.seed for s in joined.grid("quick")}) == 12 and len(joined.packs("quick", 1)) == packs
    for scale in joined.grids:
        grid = joined.grid(scale)
        assert len(set(grid)) == len(grid)
        for pack in joined.packs(scale, 2):
            assert len({s.seed for s in pack}) == 1
            assert joined.flops(pack) > joined.flops(pack[:1]) * 0.99 > 0 and joined.bytes(pack) > 0

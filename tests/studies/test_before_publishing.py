"""What can be done to labels before publishing: treatments by hand, what the adaptive student may see, a small pack."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from softlabels import labels
from softlabels.errors import SoftLabelsError
from softlabels.seeds import torch_stream
from softlabels.studies import before_publishing as study
from softlabels.studies import find

SMALL = {"teacher_images": 200, "canary_share": 0.1, "hidden": 16, "teacher_lr": 1e-2, "teacher_steps": 60}
BASE = replace(study.PROTOCOL, **SMALL, teacher_step=60, student_lr=1e-2, student_steps=40)
PACK = study.all_treatments(BASE, 1, early=(5, 10, 30))()
TABLE = torch.tensor([[0.7, 0.2, 0.08, 0.02], [0.4, 0.35, 0.15, 0.1]])


@pytest.fixture(scope="module")
def rows():
    return study.run_pack(PACK, "cpu", Path("unused"))


def treated(treatment, amount, table=TABLE):
    return study.treat(table, treatment, amount, torch_stream("a test", 0))


# ---- treatments by hand


def test_treatments_by_hand():
    assert treated("none", 0.0) is TABLE
    two_bits = torch.tensor([[2, 1, 0, 0], [1, 1, 0, 0]]) / 3  # 0.7 is nearest to 2/3, and 0.15 to 0
    assert torch.allclose(treated("rounding", 2.0), two_bits)
    assert torch.allclose(treated("top k", 2.0), torch.tensor([[0.7, 0.2, 0, 0], [0.4, 0.35, 0, 0]]))
    assert torch.allclose(treated("top k renormalised", 2.0)[0], torch.tensor([7 / 9, 2 / 9, 0, 0]))
    assert torch.allclose(treated("smoothing", 0.2)[0], torch.tensor([0.61, 0.21, 0.114, 0.066]))
    noisy = treated("noise", 0.1)
    assert torch.allclose(noisy.sum(1), torch.ones(2)) and ((noisy - 0.9 * TABLE) > 0).all()
    assert torch.equal(noisy, treated("noise", 0.1)) and not torch.equal(noisy, TABLE)


def test_rounding_reaches_its_levels():
    grid = torch.linspace(0, 1, 1001)
    for bits in (1, 2, 4, 8):
        assert len(labels.round_to_bits(grid, bits).unique()) == min(2**bits, 1001)
        assert (labels.round_to_bits(grid, bits) - grid).abs().max() <= 0.5 / (2**bits - 1) + 1e-6


def test_retempering_is_softening_at_another_temperature_and_keeps_zeros():
    logits = torch.tensor([[3.0, 1.0, -2.0, -30.0]])
    assert torch.allclose(labels.retemper(labels.soften(logits, 1.0), 10.0), labels.soften(logits, 10.0))
    cut = torch.tensor([[0.8, 0.1, 0.0], [0.0, 0.0, 0.0]])
    assert torch.allclose(labels.retemper(cut, 3.0)[0], torch.tensor([2 / 3, 1 / 3, 0.0]))
    assert torch.equal(labels.retemper(cut, 3.0)[1], cut[1])


@pytest.mark.parametrize(("c", "tau"), [(100, 30.0), (1000, 20.0)])
def test_labels_can_be_sharpened_whose_powers_are_all_below_the_smallest_float(c, tau):
    logits = 5 * torch.randn(4, c, generator=torch.Generator().manual_seed(0))
    sharpened = labels.retemper(labels.soften(logits, tau), 1 / tau)
    assert torch.allclose(sharpened, labels.soften(logits, 1.0), atol=1e-4)


def test_votes_by_hand():
    of_three = labels.harden(torch.tensor([[0, 1], [0, 2], [2, 3]]), 4) * 0.9 + 0.025  # teachers × two images
    of_three[2, 1] = torch.tensor([0.0, 0.3, 0.2, 0.5])  # of the tie 1, 2, 3 on the second image the mean decides
    assert study.vote(of_three, 0.0, torch_stream("a test", 0)).argmax(1).tolist() == [0, 1]
    assert torch.equal(study.vote(TABLE[None], 0.0, torch_stream("a test", 0)), labels.harden(torch.tensor([0, 0]), 4))
    many = of_three[:, :1].expand(-1, 4000, -1)
    wrong = (study.vote(many, 1.0, torch_stream("a test", 1)).argmax(1) != 0).double().mean()
    assert 0.2 < wrong < 0.6  # two votes of three under Laplace noise of scale 1
    assert torch.equal(*(study.vote(many, 1.0, torch_stream("a test", 1)) for _ in range(2)))


def test_the_adaptive_student_undoes_what_it_can():
    ten = labels.soften(torch.randn(5, 10, generator=torch.Generator().manual_seed(0)), 1.0)
    smoothed = replace(BASE, treatment="smoothing", amount=0.1)
    ways = study.adaptations(smoothed, study.treat(ten, "smoothing", 0.1, None))
    assert list(ways) == [1.0, 3.0, 10.0]
    assert torch.allclose(ways[10.0], labels.retemper(ten, 10.0), atol=1e-5)
    assert not torch.allclose(ways[1.0], ten, atol=1e-3)  # as it came
    hard = labels.harden(torch.arange(5), 10)
    assert list(study.adaptations(replace(BASE, treatment="arg-max"), hard)) == [1.0]
    pure_noise = study.adaptations(replace(BASE, treatment="noise", amount=0.1), torch.full((1, 10), 0.1))
    assert all(way.min() >= 0 for way in pure_noise.values())


@pytest.mark.parametrize(
    ("treatment", "amount", "said"),
    [
        ("blurring", 1.0, "no treatment 'blurring'; choose one of none, rounding"),
        ("rounding", 0.0, "1 … 16 bits an entry, not 0"),
        ("top k", 5.0, "takes 1 to 4 of them, not 5"),
        ("noise", 1.0, "share of noise lies in 0 ≤ a < 1, not 1.0"),
        ("smoothing", -0.1, "share of smoothing lies in 0 ≤ a < 1, not -0.1"),
    ],
)
def test_bad_treatments_are_refused(treatment, amount, said):
    with pytest.raises(SoftLabelsError, match=said):
        treated(treatment, amount)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"student": "clever"}, "'student' is one of 'naive', 'adaptive', not 'clever'"),
        ({"treatment": "prayer"}, "'treatment' is one of"),
        ({"treatment": "rounding", "amount": 2.7}, "'rounding' takes a whole amount, not 2.7"),
        ({"treatment": "none", "amount": 0.5}, "'none' takes no amount, not 0.5"),
        ({"teachers": 7}, "200 images can't be dealt evenly to 7 teachers"),
        ({"teachers": 5, "teacher_saw_canaries": False}, "Several teachers saw the canaries"),
        ({"treatment": "arg-max", "amount": -1.0}, "scale of 0 or more, not -1.0"),
        ({"rho": 1.0}, "held out and .* clean images"),
    ],
)
def test_bad_settings_are_refused(changed, said):
    with pytest.raises(SoftLabelsError, match=said):
        study.run_pack([replace(BASE, **changed)], "cpu", Path("unused"))


# ---- who sees what


def test_each_canary_is_known_to_one_of_the_disjoint_teachers():
    data = study.replicate(BASE)
    ((own, test),) = study.disjoint_logits(replace(BASE, teacher_steps=300), data, 5, [300]).values()
    assert own.shape == (5, 200, 10) and test.shape == (5, 1597, 10)
    knows = (own.argmax(-1) == data.planted)[:, :20]
    taught = torch.arange(5)[:, None] == torch.arange(20) % 5
    assert knows[taught].all() and knows[~taught].double().mean() < 0.3


def test_the_choice_does_not_see_held_out_canaries(monkeypatch):
    """With other planted labels on the held-out canaries in the measure, and other scores there, the choice stays."""
    pack = [s for s in PACK if s.student == "adaptive" and s.treatment in ("none", "smoothing")]
    original = study.replicate(BASE)
    times = [row.metrics["times"] for row in study.run_pack(pack, "cpu", Path("unused"))]
    spoilt, teachers = original.planted.clone(), study.all_teachers(pack, original)
    true, other = original.classes[original.held_out], (spoilt[original.held_out] + 1) % 10
    spoilt[original.held_out] = torch.where(other == true, (other + 1) % 10, other)
    monkeypatch.setattr(study, "all_teachers", lambda *_: teachers)  # these learned the planted labels as they were
    monkeypatch.setattr(study, "replicate", lambda *_: replace(original, planted=spoilt))
    rows = study.run_pack(pack, "cpu", Path("unused"))
    assert [row.metrics["times"] for row in rows] == times
    assert len(set(times)) > 1  # there is a choice


def test_the_choice_is_of_the_best_on_the_own_canaries():
    data = study.replicate(BASE)
    own = data.part[data.own]
    good, bad = labels.harden(data.planted[own], 10), labels.harden(data.unplanted[own], 10)
    assert study.choose({1.0: bad, 3.0: good, 10.0: bad}, data) == 3.0
    assert study.choose({1.0: bad, 3.0: bad}, data) == 1.0
    half = good.clone()
    half[::2] = 0.5 * bad[::2]  # the same share first as below, but the others at a worse rank
    worse = half.clone()
    worse[::2] -= 0.1 * good[::2]
    assert study.choose({1.0: worse, 3.0: half}, data) == 3.0


# ---- a small pack


def test_rows(rows):
    assert [row.settings for row in rows] == PACK
    names = set(rows[0].metrics)
    assert names >= {
        "test_accuracy", "leak", "leak_n", "plain_recall", "unplanted_rate", "planted_rank", "train_kl", "times",
        "own_leak", "label_accuracy", "teacher_test_accuracy", "teacher_canary_recall",
    }  # fmt: skip
    for row in rows:
        assert set(row.metrics) == names and all(map(math.isfinite, row.metrics.values()))
        assert row.metrics["leak_n"] == 10
        assert row.settings.student == "adaptive" or row.metrics["times"] == 1


def test_two_runs_give_identical_rows_also_in_parts(rows):
    assert study.run_pack(PACK, "cpu", Path("unused")) == rows
    part = [s for s in PACK if s.treatment == "rounding" and s.student == "adaptive" and s.canaries_in_student]
    for row in study.run_pack(part, "cpu", Path("unused")):
        together = next(r for r in rows if r.settings == row.settings)
        assert together.metrics == pytest.approx(row.metrics, abs=1e-4)


def test_labels_that_no_student_can_re_temper_have_one_student(rows):
    hard = [row for row in rows if row.settings.treatment in ("arg-max", "given")]
    for naive, adaptive in zip(hard[::4] + hard[1::4], hard[2::4] + hard[3::4], strict=True):
        assert (naive.settings.student, adaptive.settings.student) == ("naive", "adaptive")
        assert naive.metrics == adaptive.metrics
    given = next(row for row in rows if row.settings.treatment == "given")
    assert given.metrics["label_accuracy"] == 0.9  # a tenth of the part is mislabelled


def test_grids():
    found = find("joined/before_publishing")
    quick = found.grid("quick")
    assert len({s.seed for s in quick}) == 12 and len(set(quick)) == len(quick)
    assert {s.treatment for s in quick} == set(study.TREATMENTS)
    assert all(len({s.seed for s in pack}) == 1 for scale in found.grids for pack in found.packs(scale, 2))
    assert len({s.seed for s in found.grid("reduced")}) == 24
    assert found.flops(found.packs("quick", 1)[0]) > found.flops(found.packs("smoke", 1)[0]) > 0
    assert found.bytes(found.packs("quick", 1)[0]) > 0

"""The bench reports what the contract says; how fast is nobody's test."""

import pytest
import torch

from softlabels import bench
from softlabels.bench import contest, fleets, learned_labels
from softlabels.errors import SoftLabelsError
from softlabels.models import mlp, transformer
from softlabels.models.convnet import Shape

FIELDS = {
    *("id", "device", "threads", "flops", "bytes"),
    *("seconds", "reference_seconds", "ratio_to_reference", "floor_seconds", "ratio_to_floor"),
}


def test_entries_carry_every_field(monkeypatch):
    monkeypatch.setitem(bench.ENTRIES, "tiny", lambda: fleets._linear(d=5, c=3, n=20, taus=2, steps=100))
    monkeypatch.setattr(contest, "machine_speed", lambda device, dtype: (1e9, 1e9))
    (entry,) = bench.run(["tiny"], threads=1)
    assert entry.keys() == FIELDS and entry["threads"] == 1
    assert entry["flops"] == 4 * 16 * 5 * 3
    assert entry["ratio_to_reference"] == entry["reference_seconds"] / entry["seconds"]
    assert entry["ratio_to_floor"] == entry["seconds"] / entry["floor_seconds"]


def test_the_figure_4a_contest_is_the_one_that_was_promised():
    made = fleets.fig4a_fleet()
    assert made.students == 40 and made.flops == 4 * 2400 * 1000 and made.device == "cpu"


@pytest.mark.parametrize(("c", "sets"), [(2, 1), (2, 3), (4, 2)])
def test_a_linear_fleet_of_several_data_sets_and_its_reference_do_the_same(c, sets):
    made = fleets._linear(d=6, c=c, n=20, taus=2, steps=50, sets=sets)
    fleet, plain = made.fleet(), made.reference()
    assert made.students == 2 * sets and fleet.shape == (sets, 2, c, 6)
    torch.testing.assert_close(fleet[0, 0], plain.weight.detach(), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("kind", ["layers", "transformer"])
def test_fleets_that_add_numbers_and_their_references_do_the_same(kind):
    p, m, generators = 5, 12, [torch.Generator().manual_seed(i) for i in range(2)]
    if kind == "layers":
        start = mlp.start((2 * p, 6, p), generators)
        given = start, mlp.pair_logits, (mlp.one(start, 0), lambda pairs: mlp.one_hot_pairs(pairs, p))
    else:
        start = transformer.start(transformer.Shape(p, 8, 2, 12), generators)
        given = start, transformer.logits, (transformer.one(start, 0), lambda pairs: pairs)
    made = fleets._modular(p, m, *given, flops=1.0, steps=6, every=3)
    fleet, plain = made.fleet(), made.reference()
    of_fleet = (mlp if kind == "layers" else transformer).one(fleet, 0)
    for mine, parameter in zip(of_fleet.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine, parameter, rtol=1e-3, atol=1e-5)
    assert made.bytes == 28 * sum(parameter.numel() for parameter in plain.parameters())


@pytest.mark.parametrize(("make", "rows"), [(fleets.digits_fleet, 600), (fleets.random_network_fleet, 480)])
def test_fleet_and_reference_of_two_layers_train_the_same_network(make, rows):
    made = make()
    fast, plain = made.fleet(), made.reference()
    assert fast["weight1"].shape[0] == made.students
    mine, its = fast["weight1"][0].mT, plain[0].weight.detach()
    assert (mine - its).norm() < 1e-2 * its.norm()  # Adam makes a step of a rounded gradient near zero
    d, h, c = fast["weight1"].shape[1], *fast["weight2"].shape[1:]
    assert made.flops == 2 * rows * h * (2 * d + 3 * c)


def test_the_modular_contests_are_the_ones_that_were_promised():
    made = fleets.modular_mlp_fleet()
    assert made.students == 45 and made.flops == 6 * 185 * 64 * (64 + 23)
    made = fleets.paper_mlp_fleet()
    assert made.students == 9 and made.flops == 6 * 1915 * 200 * (200 + 113)
    assert fleets.modular_transformer_fleet().flops == 6 * (336 * 32 * (32 + 2 * 128 + 31) + 63 * 2 * 32**2)


@pytest.mark.parametrize("make", [learned_labels.bptt, learned_labels.mtt])
def test_sets_of_labels_and_the_plain_loop_have_the_same_gradients(make):
    made = make(Shape(2, 4, 1, 8, 8, 5), sets=2)
    assert (made.students, made.steps) == (2, learned_labels.STEPS) and made.flops > 0
    for mine, plain in zip(made.fleet(), made.reference(), strict=True):
        torch.testing.assert_close(mine[0], plain, rtol=1e-3, atol=1e-6)


def test_an_unknown_entry_is_said():
    with pytest.raises(SoftLabelsError, match="no bench entry 'fig99'; there are fig4a_fleet"):
        bench.run(["fig99"])

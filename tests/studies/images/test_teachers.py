"""Teachers of paper Q: trained once, every epoch kept as it was, gone on with where they stopped."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch

from softlabels.data.images import ImageSet, Part
from softlabels.errors import SoftLabelsError
from softlabels.labels import harden
from softlabels.models import convnet
from softlabels.seeds import torch_stream
from softlabels.studies import find
from softlabels.studies.images import networks, teacher_labels, teachers
from softlabels.studies.images.defaults import PAIRS, REDUCED, SMOKE
from softlabels.studies.images.settings import teacher_of
from softlabels.studies.images.teachers import Teacher
from softlabels.training.images import Recipe, train_stack
from softlabels.training.precision import PLAIN

SMALL = replace(teacher_of(SMOKE.base), epochs=3)


def files(cache):
    return {path.name: path.stat().st_mtime_ns for path in cache.rglob("*.safetensors")}


def test_every_epoch_is_kept_as_it_was(tmp_path):
    found = teachers.weights_after(SMALL, [0, 2, 3], "cpu", tmp_path)
    kept = files(tmp_path)
    assert sorted(kept) == [f"e00{epoch}.safetensors" for epoch in range(4)]
    assert not torch.equal(found[0]["conv1.weight"], found[2]["conv1.weight"])  # no alias of the last weights
    assert not torch.equal(found[2]["conv1.weight"], found[3]["conv1.weight"])
    again = teachers.weights_after(SMALL, [2], "cpu", tmp_path)
    assert all(torch.equal(again[2][name], found[2][name]) for name in found[2]) and files(tmp_path) == kept
    other = teachers.weights_after(replace(SMALL, seed=1), [2], "cpu", tmp_path)
    assert not torch.equal(other[2]["conv1.weight"], found[2]["conv1.weight"])


def test_a_teacher_by_the_lines_of_the_page(tmp_path):
    found = teachers.weights_after(SMALL, [1], "cpu", tmp_path)[1]
    data = teachers.load("noisy digits", "cpu", tmp_path)
    shape = networks.convnet_shape(SMALL.network, data)
    begin = convnet.start(shape, [torch_stream("image teacher's start", "noisy digits", SMALL.network, 0)])
    stream = torch_stream("image teacher's batches", "noisy digits", SMALL.network, 0)
    how = replace(teachers.recipe(SMALL), epochs=1)
    one = train_stack(begin, data.train.images, harden(data.train.classes, 10)[None], how, [stream])
    assert all(torch.equal(one[name][0], found[name]) for name in found)


@pytest.fixture
def photographs(monkeypatch):
    """A set of two classes of small photographs under a known name, and large networks in plain float32."""
    generator = torch.Generator().manual_seed(0)
    parts = [
        Part(torch.randint(256, (n, 3, 16, 16), generator=generator).byte(), torch.arange(n) % 2) for n in (12, 4, 6)
    ]
    data = ImageSet("toy", ("left", "right"), *parts, torch.full((3,), 0.5), torch.full((3,), 0.25))
    monkeypatch.setattr(teachers, "load", lambda name, device, cache: data)
    monkeypatch.setattr(networks, "precision", lambda name, device: PLAIN)
    return Teacher("toy", "ConvNetD2 w32", 0.05, 5, 4, True, 0, 0)


def test_a_large_teacher_goes_on_where_it_stopped(photographs, tmp_path):
    whole = teachers.weights_after(photographs, [4], "cpu", tmp_path / "whole")[4]
    first = teachers.weights_after(photographs, [1, 2], "cpu", tmp_path / "parts")
    assert sorted(files(tmp_path / "parts")) == ["e000.safetensors", "e001.safetensors", "e002.safetensors"]
    before = files(tmp_path / "parts")
    rest = teachers.weights_after(photographs, [0, 1, 4], "cpu", tmp_path / "parts")
    assert all(torch.equal(rest[4][name], whole[name]) for name in whole)  # as if it had never stopped
    assert all(torch.equal(rest[1][name], first[1][name]) for name in whole)
    assert before.items() <= files(tmp_path / "parts").items()


def test_a_teacher_with_momentum_trains_in_one_go(photographs, tmp_path, monkeypatch):
    monkeypatch.setattr(teachers, "recipe", lambda t: Recipe(t.lr, t.epochs, t.batch, momentum=0.9))
    whole = teachers.weights_after(photographs, [4], "cpu", tmp_path / "whole")[4]
    teachers.weights_after(photographs, [2], "cpu", tmp_path / "parts")
    rest = teachers.weights_after(photographs, [4], "cpu", tmp_path / "parts")[4]
    assert all(torch.equal(rest[name], whole[name]) for name in whole)
    last = max(tmp_path.joinpath("parts").rglob("e004.safetensors"))
    last.unlink()  # as if it had been interrupted: momentum is in no file, so it begins anew
    again = teachers.weights_after(photographs, [4], "cpu", tmp_path / "parts")[4]
    assert all(torch.equal(again[name], whole[name]) for name in whole)


def test_a_half_written_epoch_is_named(photographs, tmp_path):
    teachers.weights_after(photographs, [2], "cpu", tmp_path)
    (path,) = tmp_path.rglob("e002.safetensors")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(SoftLabelsError, match="e002.safetensors is not a whole file of a network"):
        teachers.weights_after(photographs, [2], "cpu", tmp_path)
    path.unlink()
    assert teachers.weights_after(photographs, [2], "cpu", tmp_path)
    next(tmp_path.rglob("e001.safetensors")).unlink()
    with pytest.raises(SoftLabelsError, match="is missing though later epochs are there"):
        teachers.weights_after(photographs, [1, 2], "cpu", tmp_path)


def test_one_process_trains_and_the_others_wait(tmp_path, monkeypatch):
    trained, begun, train = [], threading.Barrier(2), teachers._train

    def note(*what):
        trained.append(what)
        train(*what)

    def weights(_):
        begun.wait()
        return teachers.weights_after(SMALL, [2], "cpu", tmp_path)[2]

    monkeypatch.setattr(teachers, "_train", note)
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(weights, range(2))
    assert len(trained) == 1 and all(torch.equal(one[name], other[name]) for name in one)


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "teachers").write_text("a file where a folder should be")
    with pytest.raises(SoftLabelsError, match="could not be written"):
        teachers.weights_after(SMALL, [2], "cpu", tmp_path)


def test_names_and_recipes():
    assert networks.convnet_sizes("ConvNetD3 w64") == (3, 64)
    assert networks.is_small("ConvNetD2 w16") and not networks.is_small("ConvNetD3 w64")
    assert not networks.is_small("ResNet18")
    for name in ("ConvNet", "ConvNetD3", "convnetD3 w64", "ConvNetDx w64", "VGG"):
        with pytest.raises(SoftLabelsError, match="There is no network"):
            networks.convnet_sizes(name)
    plain, pairs = teacher_of(REDUCED.base), teacher_of(PAIRS.base)
    how = teachers.recipe(plain)
    assert (how.momentum, how.weight_decay, how.schedule, how.augmentation) == (0, 0, "constant", "dsa")
    assert teachers.recipe(pairs).augmentation == "dsa pairs"
    assert teachers.recipe(replace(plain, augmented=False)).augmentation == "none"
    with pytest.raises(SoftLabelsError, match=r"A teacher of 3 epochs has been asked for epochs \[4\]"):
        teachers.weights_after(SMALL, [4], "cpu", None)


# ---- what teachers say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("study_id", ["label_worth/teachers", "label_worth/example_labels"])
def test_smoke_rows(study_id, tmp_path):
    study = find(study_id)
    packs = study.packs("smoke")
    assert len(packs) == (3 if study_id.endswith("labels") else 5)  # a teacher each
    for pack in packs:
        rows = study.run_pack(pack, "cpu", tmp_path)
        assert [row.settings for row in rows] == pack
        assert [row.metrics for row in study.run_pack(pack, "cpu", tmp_path)] == [row.metrics for row in rows]
        for row in rows:
            if study_id.endswith("labels"):
                label = dict(row.curves["label"])
                assert sum(label.values()) == pytest.approx(1, abs=1e-5) and list(label) == list(range(10))
                assert label[row.settings.label] == row.metrics["probability"]
                assert row.metrics["runner_up"] != row.settings.label
                assert label[int(row.metrics["runner_up"])] == row.metrics["runner_up_probability"]
                assert (row.metrics["rank"] == 1) == (row.metrics["probability"] > row.metrics["runner_up_probability"])
            else:
                assert all(0 <= row.metrics[name] <= 1 for name in row.metrics if name.endswith("accuracy"))
                assert all(0 < row.metrics[name] < 2.31 for name in row.metrics if name.endswith("entropy"))


def test_mean_labels_and_neighbours_by_hand():
    soft = torch.tensor([[0.8, 0.2, 0, 0], [0.6, 0.4, 0, 0], [0.1, 0.9, 0, 0], [0, 0, 0.5, 0.5], [0, 0, 0.25, 0.75]])
    table = teacher_labels.mean_labels(soft, torch.tensor([0, 0, 1, 2, 3]), 4)
    torch.testing.assert_close(table[0], torch.tensor([0.7, 0.3, 0, 0], dtype=torch.double))
    alike = torch.zeros(4, 4, dtype=torch.bool)
    for a, b in ((0, 1), (2, 3)):
        alike[a, b] = alike[b, a] = True
    table += 0.01
    found = teacher_labels.related_and_unrelated(table, alike, torch.Generator().manual_seed(0))
    assert found["related"] == pytest.approx((0.3 + 0.1 + 0.5 + 0.25) / 4 + 0.01)
    assert found["unrelated"] == pytest.approx(0.01)
    assert found["ratio"] == pytest.approx(found["related"] / found["unrelated"])
    assert found["chance_low"] < 1 < found["chance_high"]
    assert teacher_labels.symmetry(table) < 1 and teacher_labels.symmetry(table + table.T) == pytest.approx(1)


def test_related_classes_of_pairs(tmp_path):
    """One epoch on pairs: everything is there, related classes need not be ahead yet."""
    study = find("label_worth/class_structure")
    ((row,),) = [study.run_pack(pack, "cpu", tmp_path) for pack in study.packs("smoke")]
    label = torch.tensor([value for _, value in row.curves["label"]]).view(100, 100)
    torch.testing.assert_close(label.sum(1), torch.ones(100), atol=1e-4, rtol=0)
    assert row.metrics["chance_low"] < 1 < row.metrics["chance_high"] and -1 <= row.metrics["symmetry"] <= 1


def test_a_pack_of_a_teacher_ends_where_the_paper_stops_it():
    study = find("label_worth/teachers")
    packs = [pack for pack in study.packs("paper") if pack[0].data == "tiny-imagenet" and pack[0].seed == 0]
    assert [max(t.epoch for t in pack) for pack in packs] == [11, 50, 90, 102, 104]
    assert sorted(t.epoch for pack in packs for t in pack) == sorted({0, 1, 11, *range(2, 105, 2)})
    an_epoch = study.flops(packs[0]) / 11
    assert [study.flops(pack) / an_epoch for pack in packs] == pytest.approx([11, 39, 40, 12, 2])
    assert len([pack for pack in study.packs("paper") if pack[0].network == "ResNet18"]) == 1
    assert len(study.packs("reduced")) == len({replace(t, epoch=0) for t in study.grid("reduced")})


def test_grids_of_teachers():
    for id in ("label_worth/teachers", "label_worth/example_labels", "label_worth/class_structure"):
        study = find(id)
        for scale in study.grids:
            packs = study.packs(scale)
            assert all(len({replace(t, epoch=0) for t in pack}) <= 30 for pack in packs)  # images of one teacher
            assert all(study.flops(pack) >= 0 for pack in packs) and max(map(study.bytes, packs)) > 0
            assert all(t.epoch <= t.epochs for pack in packs for t in pack)
        assert len({t.seed for t in study.grid("quick")}) >= 3 and len({t.seed for t in study.grid("quick", 2)}) == 2

"""The published sizes run: a run of each kind of every study's paper grid, shrunk to a toy of photographs."""

from dataclasses import replace

import pytest
import torch

from softlabels.data.images import ImageSet, Part
from softlabels.studies import STUDIES, find
from softlabels.studies.images import networks, students, synthesis, teacher_labels, teachers
from softlabels.studies.images.settings import Settings
from softlabels.studies.images.task import image_task
from softlabels.studies.images.teachers import Teacher
from softlabels.training.precision import PLAIN

OF_STUDENTS = [id for id in STUDIES if id.startswith("label_worth/") and find(id).settings is Settings]
OF_TEACHERS = [id for id in STUDIES if id.startswith("label_worth/") and issubclass(find(id).settings, Teacher)]
CLASSES = 200  # as Tiny ImageNet has, so that removed classes and exchanged ranks exist


@pytest.fixture(autouse=True)
def photographs(monkeypatch):
    """Two photographs of 16 × 16 pixels a class under every name; large networks in plain float32."""
    generator = torch.Generator().manual_seed(0)
    parts = [
        Part(torch.randint(256, (n * CLASSES, 3, 16, 16), generator=generator).byte(), torch.arange(n * CLASSES) // n)
        for n in (2, 1, 1)
    ]
    data = ImageSet("toy", tuple(map(str, range(CLASSES))), *parts, torch.full((3,), 0.5), torch.full((3,), 0.25))
    monkeypatch.setattr(teachers, "load", lambda name, device, cache: data)
    monkeypatch.setattr(networks, "precision", lambda name, device: PLAIN)
    image_task.cache_clear()
    yield data
    image_task.cache_clear()


def of_each_kind(runs):
    """One run for each way through the code."""
    kinds = {}
    for s in runs:
        what = (s.network, s.teacher_network, s.labels, s.images, s.selection != "random", s.teacher_augmented)
        what += (s.removal, s.swapped > 0, s.shuffled, s.noise_share > 0, s.top, s.augmentation, s.optimiser, s.data)
        kinds.setdefault(what, s)
    return kinds.values()


def shrunk(s):
    """The same with narrow networks, one epoch, one image per class."""
    narrow = {
        name: name if name.startswith("ResNet") else f"{name.split()[0]} w32" for name in (s.network, s.teacher_network)
    }
    epoch = min(1, s.teacher_epoch)
    small = {"ipc": 1, "epochs": 1, "evaluations": 1, "teacher_epochs": 1, "teacher_epoch": epoch, "batch": 100}
    small |= {"network": narrow[s.network], "teacher_network": narrow[s.teacher_network], "top": min(s.top, CLASSES)}
    return replace(s, **small, teacher_batch=100)


@pytest.mark.parametrize("study_id", OF_STUDENTS)
def test_students(study_id, tmp_path, monkeypatch):
    monkeypatch.setattr(synthesis, "STEPS", 2)
    monkeypatch.setattr(synthesis, "MATCHES", 2)
    study = find(study_id)
    for s in of_each_kind(study.grid("paper")):
        if s.network == "ResNet50" or s.teacher_network == "ResNet50":
            continue  # as ResNet18, and slow
        if s.selection != "random":
            s = replace(s, selection="decile 1")  # of two images per class, one is in the first tenth
        s = shrunk(s)
        assert study.pack_key(s) == s
        (row,) = study.run_pack([s], "cpu", tmp_path)
        assert row.settings == s and 0 <= row.metrics["accuracy_last"] <= 1


LEARNED = {
    "outer_steps": 2, "checks": 2, "check_steps": 2, "unroll": 3, "window": 2, "inner_images": 20, "real_images": 20,
    "latest_epoch": 0, "matched_epochs": 1, "compared": "0 1",
}  # fmt: skip


def test_learned_labels(tmp_path, monkeypatch):
    """A student whose labels were learned before its process was killed does not learn them again."""
    study, kinds = find("label_worth/learned_labels"), {}
    for s in study.grid("paper"):
        kinds.setdefault((s.labels, s.teachers), s)
    assert {labels for labels, _ in kinds} == {"hard", "soft", "bptt", "mtt"}
    for s in kinds.values():
        s = replace(shrunk(s), **LEARNED) if s.labels in ("bptt", "mtt") else shrunk(s)
        assert study.pack_key(s) == s
        (row,) = study.run_pack([s], "cpu", tmp_path)
        assert row.settings == s and 0 <= row.metrics["accuracy_last"] <= 1
        if s.labels == "bptt":
            assert "rest shuffled" in row.curves and row.metrics["label_sum"] > 0
            with monkeypatch.context() as patch:
                patch.setattr("softlabels.training.distill.gradient_through", None)
                (again,) = study.run_pack([s], "cpu", tmp_path)
            assert again.metrics == row.metrics


@pytest.mark.parametrize("study_id", OF_TEACHERS)
def test_teachers(study_id, tmp_path):
    study = find(study_id)
    for pack in study.packs("paper"):
        t = pack[0]
        if t.seed or t.network.startswith("ResNet") or not t.data.startswith("tiny"):
            continue
        small = {"network": f"{t.network.split()[0]} w32", "epochs": 1, "batch": 100, "epoch": 1}
        if isinstance(t, teacher_labels.Example):
            small["image"] = 0
        rows = study.run_pack([replace(t, **small)], "cpu", tmp_path)
        assert rows[0].settings == replace(t, **small) and rows[0].metrics


def test_a_resnet_teacher_goes_on_where_it_stopped(photographs, tmp_path):
    """But for its momentum, which begins anew; its rate drops after each third of all its epochs."""
    t = Teacher("imagenet", "ResNet18", 0.1, 100, 3, True, 0, 0)
    first = teachers.weights_after(t, [1], "cpu", tmp_path)[1]
    rest = teachers.weights_after(t, [1, 2], "cpu", tmp_path)
    assert all(torch.equal(rest[1][name], first[name]) for name in first)
    assert any(not torch.equal(rest[2][name], first[name]) for name in first)
    assert [teachers.recipe(t).rate(epoch) for epoch in range(3)] == pytest.approx([0.1, 0.01, 0.001])
    assert students.recipe(find("label_worth/label_kinds").grid("paper")[0]).optimiser == "adamw"

"""Students of paper Q: fleets and single ones, what a row says, and the grids of every figure."""

from dataclasses import fields, replace

import pytest
import torch

from softlabels.models import convnet
from softlabels.store import PUBLISHED_SCALES, Store, publish, stored
from softlabels.studies import STUDIES, find
from softlabels.studies.images import costs, networks, students, teachers
from softlabels.studies.images.defaults import CIFAR100, CLEAN, DIGITS, PAIRS, SMOKE, TINY
from softlabels.studies.images.settings import FROM_TEACHER, Settings, check, has_teacher, teacher_of
from softlabels.studies.images.task import image_task
from softlabels.study import identity
from softlabels.training.images import train_stack
from softlabels.training.precision import PLAIN

OF_STUDENTS = [id for id in STUDIES if id.startswith("label_worth/") and find(id).settings is Settings]
METRICS = {
    "accuracy_last", "validation_accuracy", "accuracy_best_on_validation", "accuracy_best_on_test", "train_accuracy",
    "class_accuracy", "teacher_accuracy", "label_entropy", "label_bytes", "bf16", "compiled",
}  # fmt: skip


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("study_id", OF_STUDENTS)
def test_smoke_rows(study_id, cache):
    study = find(study_id)
    for pack in study.packs("smoke"):
        rows = study.run_pack(pack, "cpu", cache)
        assert [row.settings for row in rows] == pack
        assert [row.metrics for row in study.run_pack(pack, "cpu", cache)] == [row.metrics for row in rows]
        for row in rows:
            assert set(row.metrics) == METRICS
            assert all(0 <= row.metrics[name] <= 1 for name in METRICS - {"label_entropy", "label_bytes"})
            assert bool(row.curves) == (study_id == "label_worth/zero_shot" and row.settings.removal == "none")


def test_a_student_by_the_lines_of_the_page(cache):
    """One row of a fleet again, with one teacher and one student and none of the studies' bookkeeping."""
    s = replace(SMOKE.soft(2), seed=1)
    (row,) = students.run_pack([s], "cpu", cache)
    (of_fleet,) = [r for r in students.run_pack([replace(s, draw=43), s], "cpu", cache) if r.settings == s]
    data = teachers.load("noisy digits", "cpu", cache)
    images = data.train.images[data.ipc_rows(2, 42)]
    teacher = teachers.weights_after(teacher_of(s), [2], "cpu", cache)[2]
    soft = convnet.logits({name: tensor[None] for name, tensor in teacher.items()}, images).softmax(-1)
    shape = networks.convnet_shape(s.network, data)
    begin = convnet.start(shape, [students.stream("start", s)])
    student = train_stack(begin, images, soft, students.recipe(s), [students.stream("batches", s)])
    right = convnet.logits(student, data.test.images)[0].argmax(-1) == data.test.classes
    for found in (row, of_fleet):
        assert found.metrics["accuracy_last"] == pytest.approx(float(right.double().mean()), abs=3 / len(right))


def test_students_of_one_draw_begin_alike_and_others_do_not():
    s = SMOKE.soft(1)
    first = students.stream("start", s).initial_seed()
    alike = [replace(s, tau=2.0), replace(s, teacher_epoch=2), SMOKE.hard(1), replace(s, ipc=2, lr=0.3)]
    other = [replace(s, draw=43), replace(s, seed=1), replace(s, teacher=1)]
    assert all(students.stream("start", each).initial_seed() == first for each in alike)
    assert all(students.stream("start", each).initial_seed() != first for each in other)
    assert students.stream("batches", s).initial_seed() != first


def test_large_students_train_alone(cache, monkeypatch):
    """The way of the photographs, at the size of a digit: one at a time, a pack each, nearly the fleet's row."""
    s = replace(SMOKE.soft(2), augmentation="dsa digits")
    (small,) = students.run_pack([s], "cpu", cache)
    monkeypatch.setattr(networks, "COMPILED_WIDTH", 1)
    monkeypatch.setattr(networks, "precision", lambda name, device: PLAIN)
    assert students.pack_of(s) == s != students.pack_of(replace(s, seed=1))
    (large,) = students.run_pack([s], "cpu", cache)
    for name in METRICS:
        assert large.metrics[name] == pytest.approx(small.metrics[name], abs=0.02), name
    assert [len(fleet) for fleet in students.fleets([s, replace(s, seed=1)])] == [1, 1]


def test_cutmix_students_train_together_only_at_one_temperature():
    s = replace(SMOKE.soft(1), labels="cutmix", augmentation="cutmix digits")
    assert students.shape_of(s) == students.shape_of(replace(s, seed=1)) != students.shape_of(replace(s, tau=5.0))


def test_a_row_from_what_was_right(cache):
    task = image_task("noisy digits", "cpu", cache)
    s, v = SMOKE.hard(1), len(task.data.validation)
    correct = torch.zeros(3, v + len(task.data.test), dtype=torch.bool)
    correct[0, v:], correct[1, :v], correct[1, v : v + 100], correct[2, :v] = True, True, True, True
    row = students.row_of(s, task.training_set(s), correct, torch.tensor(0.25), task, by_class=True)
    t = len(task.data.test)
    assert row.metrics["accuracy_last"] == 0 and row.metrics["train_accuracy"] == 0.25
    assert row.metrics["validation_accuracy"] == 1
    assert row.metrics["accuracy_best_on_validation"] == 0  # of equally good ones, the last
    assert row.metrics["accuracy_best_on_test"] == pytest.approx(t / (t + v))
    assert dict(row.curves["class_accuracy"]) == dict.fromkeys(range(10), 0.0)
    removed = replace(s, removal="images", removed="0 1")
    correct[2, v:], correct[2, 0] = task.data.test.classes == 1, False
    row = students.row_of(removed, task.training_set(removed), correct, torch.tensor(0.0), task, by_class=False)
    assert row.metrics["validation_accuracy"] == pytest.approx(1 - 1 / v)  # of the last weights, not the best
    assert row.metrics["class_accuracy"] == 0.5 and row.metrics["accuracy_last"] == pytest.approx(
        float((task.data.test.classes == 1).double().mean())
    )
    assert not row.curves


def test_rows_survive_being_committed(cache, project):
    """Every setting comes back as it was, removed classes and deciles too: the identity can be computed again."""
    for id in ("label_worth/zero_shot", "label_worth/image_choice"):
        study = find(id)
        pack = study.packs("smoke")[0]
        into = Store(project / "runs" / f"{id}.reduced")
        into.add("pack", "cpu", study.run_pack(pack, "cpu", cache), {"seconds": 1.0, "code": "", "dtype": "float32"})
        publish(id, "reduced")
        found = stored(id)
        names = [field.name for field in fields(Settings)]
        again = [Settings(**row) for row in found[names].to_dict("records")]
        assert set(again) == set(pack) and sorted(map(identity, again)) == sorted(found["identity"])


# ---- grids ---------------------------------------------------------------------------------------------------------


def every_run():
    return [(id, scale, s) for id in OF_STUDENTS for scale in find(id).grids for s in find(id).grid(scale)]


def test_what_is_not_done_to_a_label_stands_at_its_neutral_value():
    for id, scale, s in every_run():
        where = f"{id} {scale} {s}"
        check(s, costs.sizes(s.data).classes)
        if not has_teacher(s):
            assert (s.teacher, s.teacher_epoch, s.tau, s.teacher_augmented) == (0, 0, 1.0, True), where
            assert not (s.swapped or s.shuffled or s.noise_share or s.renormalised), where
        else:
            assert 0 < s.teacher_epoch <= s.teacher_epochs, where
        if s.labels == "teacher's class":  # is as hard as the others, whatever the temperature
            assert not (s.swapped or s.shuffled or s.noise_share), where
        assert (s.noise_share > 0) == (s.noise_amount > 0), where
        assert not (s.renormalised and s.top == costs.sizes(s.data).classes), where


def test_cells_have_replicates_to_judge_by():
    """At quick scale at least three draws of images (or teachers), and two students a half where cells are chosen."""
    for id in OF_STUDENTS:
        runs = find(id).grid("quick")
        units = {"label_worth/teacher_draws": "teacher"}.get(id, "draw")
        cells = {}
        for s in runs:
            if units == "draw" or s.labels != "hard":
                cells.setdefault(replace(s, **{units: 0}, seed=0), []).append(s)
        for cell, replicates in cells.items():
            assert len({getattr(s, units) for s in replicates}) >= 3, cell
            if id in ("label_worth/teacher_epochs", "label_worth/temperatures", "label_worth/synthetic_images"):
                assert len(replicates) >= 4, cell


def test_more_draws_only_add_runs():
    for id in OF_STUDENTS:
        few, more = (set(find(id).grid("quick", seeds)) for seeds in (1, 2))
        assert few < more, id


def test_students_see_digits_at_quick_scale_and_pairs_only_where_a_hundred_classes_matter():
    other = {(id, s.data) for id, scale, s in every_run() if scale == "quick" and s.data != DIGITS.base.data}
    pairs = {("label_worth/rank_swaps", PAIRS.base.data), ("label_worth/data_and_knowledge", PAIRS.base.data)}
    clean = {(f"label_worth/{study}", CLEAN.base.data) for study in ("temperatures", "zero_shot")}
    assert other == pairs | clean


def test_costs_are_those_of_the_papers_networks():
    forward, training = costs.image_flops("ConvNetD4 w128", "tiny-imagenet")
    assert (forward, training) == (pytest.approx(0.4255e9, rel=1e-3), pytest.approx(1.248e9, rel=1e-3))
    forward, training = costs.image_flops("ConvNetD3 w128", "cifar100")
    assert (forward, training) == (pytest.approx(0.1019e9, rel=1e-3), pytest.approx(0.2985e9, rel=1e-3))
    student = TINY.soft(1)
    evaluated = 5 * 10_000 * costs.image_flops(student.network, student.data)[0]
    assert students.flops([student]) - evaluated == pytest.approx(1000 * 200 * 1.248e9, rel=1e-3)
    assert costs.sizes("noisy digit pairs") == (1, 8, 16, 100, 3000, 3000)
    assert costs.sizes("noisy digits") == (1, 8, 8, 10, 1000, 797)
    for id in OF_STUDENTS:
        for scale in find(id).grids:
            packs = find(id).packs(scale)
            assert all(find(id).flops(pack) > 0 for pack in packs)
            assert max(map(find(id).bytes, packs)) < (4 * 2**30 if scale != "paper" else 900 * 2**30), (id, scale)


def test_scales_name_the_papers_numbers():
    assert TINY.base.teacher_lr == 0.01 and (TINY.base.batch, TINY.base.teacher_batch) == (256, 256)
    assert (TINY.soft(1).lr, TINY.soft(1).epochs, TINY.soft(10).lr) == (0.01, 1000, 0.1)
    assert [TINY.epochs[ipc] for ipc in (1, 10, 50, 100)] == [11, 50, 90, 102]
    assert [CIFAR100.epochs[ipc] for ipc in (1, 10, 50, 100)] == [13, 36, 125, 125]
    cells = find("label_worth/student_epochs").grid("paper")
    assert sorted((s.ipc, s.labels, s.epochs) for s in cells if s.data == "tiny-imagenet" and not s.seed) == [
        *((1, "hard", 1000), (1, "soft", 1000), (1, "soft", 3000)),
        *((10, "hard", 1000), (10, "soft", 1000)),
        *((50, "hard", 300), (50, "soft", 300), (50, "soft", 1000)),
        *((100, "hard", 300), (100, "soft", 300)),
    ]
    assert sorted({(s.ipc, s.labels, s.epochs) for s in cells if s.data == "cifar100"}) == [
        *((1, "hard", 3000), (1, "soft", 3000), (10, "soft", 3000)),  # those with 1000 epochs are in other studies
        *((50, "hard", 300), (50, "soft", 300), (50, "soft", 1000)),
    ]
    swaps = {s.swapped for s in find("label_worth/rank_swaps").grid("paper") if s.ipc == 1}
    assert swaps == set(range(200))
    removed = [s for s in find("label_worth/zero_shot").grid("paper") if s.ipc == 10 and s.draw == 42 and s.seed == 0]
    assert len(removed) == 1 + 2 * 40
    reduced = {s.removed for s in find("label_worth/zero_shot").grid("reduced") if s.removal == "images"}
    assert all(len(group.split()) == 4 for group in reduced)
    assert (PAIRS.base.top, DIGITS.base.top, TINY.base.top) == (100, 10, 200)


COMMITTED = [(id, scale) for id in OF_STUDENTS for scale in PUBLISHED_SCALES if stored(id, scale=scale) is not None]


@pytest.mark.parametrize(("study_id", "scale"), COMMITTED)
def test_the_committed_students_of_a_teacher_and_epoch_all_had_the_same_labels_to_learn_from(study_id, scale):
    """Trained again on another machine, a teacher of the same seed differs a little, and so do its labels.

    If this fails, rows were taken over from a study whose teacher was trained elsewhere: run them with --rerun.
    """
    rows = stored(study_id, scale=scale)
    rows = rows[rows["labels"].isin(FROM_TEACHER)]
    of_teacher = ["data", *(field.name for field in fields(Settings) if field.name.startswith("teacher"))]
    assert (rows.groupby(of_teacher)["teacher_accuracy"].nunique() == 1).all()

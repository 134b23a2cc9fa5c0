"""Rows on disk: identity, whole packs only, committed tables, and files that are not what they should be."""

import dataclasses
import errno
import hashlib
import json
import math
import time

import pandas as pd
import pytest
import toy_study

from softlabels import store as store_module
from softlabels import studies
from softlabels.errors import SoftLabelsError
from softlabels.store import Store, everything, live_rows, publish, rows_of, settings_by_pack, stored
from softlabels.study import Row, identity, pack_name
from softlabels.sweep import sweep, with_settings

PROVENANCE = {"code": "c", "seconds": 4.0}


@pytest.fixture
def toy(project, monkeypatch):
    monkeypatch.setitem(studies.STUDIES, "memorized/toy", "toy_study:STUDY")
    return toy_study.STUDY


def a_pack(group=0):
    return [Row(s, {"score": s.rate, "whole": 1.0}) for s in toy_study.grid() if s.group == group]


def read_back(project, study, runs):
    """The rows of runs after they were published and their packs deleted."""
    packs = Store(project / f"runs/{study.id}.smoke")
    for run in runs:
        packs.add(pack_name([run]), "cpu", [Row(run, {"accuracy": 0.5})], PROVENANCE)
    publish(study.id, "smoke")
    for file in packs.folder.iterdir():
        file.unlink()
    return everything(study.id, "smoke").rows


def test_identity_is_the_hash_of_canonical_json():
    settings = toy_study.Settings(group=1, rate=0.1, seed=2)
    text = b'{"group":1,"rate":0.1,"seed":2}'
    assert identity(settings) == hashlib.sha256(text).hexdigest()[:16]
    assert identity(settings) == identity(toy_study.Settings(1, 0.1, 2)) != identity(toy_study.Settings(1, 0.1, 3))


def test_a_packs_name_does_not_depend_on_the_order_of_its_runs():
    pack = toy_study.grid()[:4]
    assert pack_name(pack) == pack_name(pack[::-1]) != pack_name(pack[:3])


@pytest.mark.parametrize("in_memory", [False, True])
@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("curve", [False, True])
def test_numbers_that_are_not_finite_are_never_stored(tmp_path, curve, value, in_memory):
    numbers = ({}, {"score": [(1, 0.5), (2, value)]}) if curve else ({"score": value}, {})
    store = Store(None if in_memory else tmp_path)
    with pytest.raises(SoftLabelsError, match=f"score of run .* is {value}; the pack was not stored"):
        store.add("name", "cpu", [Row(a_pack()[0].settings, *numbers)], PROVENANCE)
    assert not list(tmp_path.iterdir()) and not store.packs()


def test_a_full_disk_is_said_and_loses_nothing(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.add("first", "cpu", a_pack(0), PROVENANCE)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module.os, "replace", full)
    with pytest.raises(SoftLabelsError, match="The disk is full.*Earlier packs are safe"):
        store.add("second", "cpu", a_pack(1), PROVENANCE)
    assert [path.name for path in tmp_path.iterdir()] == ["first.cpu.json"]
    assert len(store.packs()) == 1


def pack_text(**changed):
    """A whole pack's text, but for what is changed; None leaves a field out."""
    about = {"code": "c", "seconds": 4.0} | changed.pop("provenance", {})
    pack = {"pack": "p", "device": "cpu", "provenance": about, "rows": [{"identity": "i"}]} | changed
    return json.dumps(pack)


def test_a_whole_pack_is_one():
    assert store_module.pack_in(pack_text().encode())["rows"] == [{"identity": "i"}]


@pytest.mark.parametrize(
    "text",
    [
        "", "{", '{"pack": 1}', "[1, 2]", "null", pack_text(rows=[{}]), pack_text(rows=[]), pack_text(rows=[1]),
        pack_text(rows={"identity": "i"}), pack_text(pack=1), pack_text(device=None),
        pack_text(provenance={"code": None}), pack_text(provenance={"seconds": "4"}),
        pack_text(provenance={"started": 4}),
    ],
)  # fmt: skip
def test_a_file_that_is_no_pack_is_named(tmp_path, text):
    (tmp_path / "broken.cpu.json").write_text(text)
    with pytest.raises(SoftLabelsError, match=r"broken\.cpu\.json is not a whole pack of rows; delete it"):
        Store(tmp_path).packs()


def test_the_committed_table_is_sorted_and_lean(toy, project):
    sweep(toy, "paper", seeds=1)
    path = publish("memorized/toy", "paper")
    table = pd.read_csv(path)
    assert table.columns.tolist() == [
        "identity",
        "seed",
        "group",
        "rate",
        "score",
        "whole",
        "seconds",
        "pack",
        "device",
    ]
    assert table.identity.is_monotonic_increasing
    sidecar = json.loads(path.with_suffix(".json").read_text())
    assert sidecar["constant"] == {} and len(sidecar["packs"]) == 8
    first = table.iloc[0]
    assert identity(toy_study.Settings(int(first.group), float(first.rate), int(first.seed))) == first.identity
    curves = path.with_suffix(".curves.csv.gz")
    before = path.read_bytes(), curves.read_bytes()
    time.sleep(1.1)  # a time stamp in the packed file would be another second's
    assert (publish("memorized/toy", "paper").read_bytes(), curves.read_bytes()) == before
    assert pd.read_csv(curves).columns.tolist() == ["identity", "step", "name", "value"]


def test_everything_that_is_committed_is_small(root):
    sizes = [file.stat().st_size for file in (root / "results").rglob("*") if file.is_file()]
    assert sizes and sum(sizes) < 25e6


def test_a_table_that_cannot_be_written_whole_stays_as_it_was(toy, project, monkeypatch):
    sweep(toy, "paper", seeds=1)
    path = publish("memorized/toy", "paper")
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert len(before) == 3
    sweep(toy, "paper", seeds=2)
    write = store_module.Path.write_bytes

    def full(file, content):
        if ".csv.gz" in file.name:  # the last of the three
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, content)

    with monkeypatch.context() as patched:
        patched.setattr(store_module.Path, "write_bytes", full)
        with pytest.raises(SoftLabelsError, match="The disk is full"):
            publish("memorized/toy", "paper")
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before
    publish("memorized/toy", "paper")
    assert len(stored("memorized/toy")) == 32


def test_a_table_is_not_written_where_rows_lack_a_setting(toy, project):
    sweep(toy, "paper", seeds=1)
    path = publish("memorized/toy", "paper")
    before = path.read_bytes()
    older = json.loads((file := next((project / "runs/memorized/toy.paper").iterdir())).read_text())
    for row in older["rows"]:
        del row["rate"]
    file.write_text(json.dumps(older | {"provenance": older["provenance"] | {"started": "9999"}}))
    with pytest.raises(SoftLabelsError, match="memorized/toy have no rate, which its runs have today; delete"):
        publish("memorized/toy", "paper")
    assert path.read_bytes() == before


def test_settings_that_never_vary_stand_in_the_json(toy, project):
    folder = project / "runs/memorized/toy.paper"
    rows = [Row(toy_study.Settings(0, 0.5, seed), {"score": 1.0}) for seed in range(2)]
    Store(folder).add("one", "cpu", rows, PROVENANCE)
    path = publish("memorized/toy", "paper")
    assert json.loads(path.with_suffix(".json").read_text())["constant"] == {"group": 0, "rate": 0.5}
    assert "rate" not in pd.read_csv(path) and rows_of("memorized/toy", "paper").rate.tolist() == [0.5, 0.5]


def test_a_setting_may_be_the_empty_text(project):
    study = studies.find("label_worth/learned_labels")
    runs = [next(s for s in study.grid("smoke") if s.labels == kind) for kind in ("hard", "bptt")]
    rows = read_back(project, study, runs).set_index("labels")
    assert rows.loc["hard", "form"] == rows.loc["hard", "compared"] == ""
    assert rows.loc["bptt", "form"] == "clipped"


def test_a_setting_of_digits_is_a_text_where_the_study_says_so(project):
    study = studies.find("label_worth/zero_shot")
    run = next(iter(study.grid("smoke")))
    runs = [dataclasses.replace(run, removed=removed) for removed in ("23", "4", "nan")]
    rows = read_back(project, study, runs)
    assert set(rows["removed"]) == {"23", "4", "nan"} and set(store_module.faults().values()) == {None}
    assert with_settings(study, "smoke", runs, ["removed=23"]) == runs[:1]


def test_rows_of_older_code_may_be_without_a_metric(toy, project):
    folder = project / "runs/memorized/toy.paper"
    for group, more in enumerate(({}, {"later": 0.5})):
        rows = [Row(toy_study.Settings(group, 0.5, seed), {"score": 1.0} | more) for seed in range(2)]
        Store(folder).add(str(group), "cpu", rows, PROVENANCE)
        path = publish("memorized/toy", "paper")
        assert json.loads(path.with_suffix(".json").read_text()).get("without") == ({"later": 2} if more else None)
    found = stored("memorized/toy").sort_values("group")
    assert found.score.tolist() == [1.0] * 4 and found.later.isna().tolist() == [True, True, False, False]
    rewrite(path, pd.read_csv(path).assign(later=None))  # two more are lost
    with pytest.raises(SoftLabelsError, match=r"is corrupt .*\['later'\] has no value somewhere"):
        stored("memorized/toy")


def rewrite(path, rows):
    """Put other rows into a committed table, with the checksum that belongs to them."""
    rows.to_csv(path, index=False)
    sidecar = json.loads(path.with_suffix(".json").read_text())
    sidecar["files"] = store_module._facts(store_module._contents(path))
    path.with_suffix(".json").write_text(json.dumps(sidecar))


def halve(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda p: p.with_suffix(".json").unlink(),
            r"is missing beside .* never committed, delete .*toy\.paper\.csv: the packs",
        ),
        (lambda p: p.with_suffix(".json").write_text("{"), "is corrupt"),
        (lambda p: p.with_suffix(".json").write_text("[]"), "is corrupt .*it holds no object"),
        (lambda p: rewrite(p, pd.read_csv(p).rename(columns={"seed": "sead"})), "column {'seed'} has no value"),
        (lambda p: rewrite(p, pd.read_csv(p).assign(seed=None)), r"column \['seed'\] has no value somewhere"),
        (lambda p: p.write_text(p.read_text().rsplit(",", 3)[0]), "31 rows of the table are there, 32"),
        (lambda p: p.with_suffix(".curves.csv.gz").write_bytes(b"no archive"), "is corrupt"),
        (lambda p: halve(p.with_suffix(".curves.csv.gz")), "is corrupt"),
        (lambda p: p.with_suffix(".curves.csv.gz").unlink(), "0 rows of the curves are there, 64 were written"),
        (lambda p: p.write_text(p.read_text().replace("0.1", "0.2", 1)), "table was changed after it had been written"),
        (
            lambda p: p.write_text("\n".join(p.read_text().splitlines()[:-5]) + "\n"),
            "27 rows of the table are there, 32",
        ),
        (lambda p: p.write_text(p.read_text().replace(",", ";")), "table was changed after it had been written"),
        (lambda p: p.with_suffix(".json").write_text("<<<<<<< HEAD\n{}"), r"paper\.json is corrupt"),
    ],
)
def test_a_damaged_table_is_named(toy, project, damage, message):
    sweep(toy, "paper")
    damage(publish("memorized/toy", "paper"))
    with pytest.raises(SoftLabelsError, match=message):
        stored("memorized/toy")


@pytest.mark.parametrize("ending, mark", [(b"\r\n", b""), (b"\n", b"\xef\xbb\xbf"), (b"\r\n", b"\xef\xbb\xbf")])
def test_line_endings_and_a_byte_order_mark_change_no_number(toy, project, ending, mark):
    sweep(toy, "paper")
    path = publish("memorized/toy", "paper")
    before = stored("memorized/toy")
    path.write_bytes(mark + path.read_bytes().replace(b"\n", ending))
    pd.testing.assert_frame_equal(stored("memorized/toy"), before)


def test_the_largest_scale_comes_unless_another_is_named(toy, project):
    for scale in ("reduced", "paper"):
        Store(project / f"runs/memorized/toy.{scale}").add("one", "cpu", a_pack(0), PROVENANCE)
        publish("memorized/toy", scale)
    assert stored("memorized/toy").attrs["scale"] == "paper"
    assert stored("memorized/toy", scale="reduced").attrs["scale"] == "reduced"
    assert stored("memorized/toy", scale="quick") is None


def test_live_rows_are_those_of_the_current_key(toy, project):
    page = project / "runs/live/memorized/page"
    for key, count in (("old", 1), ("new", 2)):
        for group in range(count):
            Store(page / key / "memorized/toy.quick").add(f"pack{group}", "cpu", a_pack(group), PROVENANCE)
    (page / "current").write_text("new\n")
    rows = live_rows("memorized/toy")
    assert list(rows) == ["quick"] and len(rows["quick"]) == 8
    assert rows["quick"].attrs["seconds"] == 8.0


def test_nothing_is_nothing(toy, project):
    assert (
        stored("memorized/toy") is None and rows_of("memorized/toy", "paper").empty and live_rows("memorized/toy") == {}
    )


def test_curves_stay_with_the_rows_without_being_copied(toy, tmp_path):
    store = Store(tmp_path)
    drawn = [Row(row.settings, row.metrics, {"score": [(1, 0.25), (2, 0.5)]}) for row in a_pack()]
    store.add("name", "cpu", drawn, PROVENANCE)
    rows = store_module.frame_of("memorized/toy", "smoke", store_module.table(store.packs()))
    some = rows[rows["seed"] == rows["seed"].min()]
    assert some.attrs["curves"] is rows.attrs["curves"]  # pandas copies what else it finds there, at every step
    curves = store_module.curves_of(some)
    assert len(curves) == 2 * len(drawn) and curves["value"].tolist()[:2] == [0.25, 0.5]


def test_a_run_on_two_devices_is_stored_twice_read_once_and_compared(toy, project):
    store = Store(project / "runs/memorized/toy.paper")
    for device, more in (("cpu", 0.0), ("cuda", 0.25)):
        rows = [Row(s, {"score": s.rate + more}, {"way": [(1, s.rate + more)]}) for s in toy_study.grid(1)]
        store.add("both", device, [row for row in rows if row.settings.group == 0], PROVENANCE)
    store.add("gpu", "cuda", [row for row in rows if row.settings.group == 1], {"code": "c", "seconds": 2.0})
    assert len(pd.read_csv(publish("memorized/toy", "paper"))) == 6
    rows = stored("memorized/toy")
    assert sorted(rows.device) == ["cpu", "cpu", "cuda", "cuda"]
    about = rows.attrs
    assert (about["device"], about["seconds"], about["older_code"]) == ("cpu and cuda", 6.0, 4)
    ways = store_module.curves_of(rows).set_index("identity")["value"]
    assert (ways[rows.identity].values == rows.score.values).all()
    whole = store_module.everything("memorized/toy", "paper")
    difference = store_module.devices_compared(whole, ["group", "rate", "seed"])
    assert difference.columns.tolist() == ["score"] and difference.score.tolist() == pytest.approx([-0.25] * 2)
    assert store_module.devices_compared(store_module.EMPTY, []).empty


def test_of_a_run_on_two_devices_the_curves_are_those_of_its_row(toy, project):
    """Whole, not step by step, and none where the CPU's row has none."""
    one, two, *_ = (row.settings for row in a_pack(1))
    cpu = [Row(one, {"score": 0.1}, {"way": [(1, 0.1)]}), Row(two, {"score": 0.1})]
    gpu = [Row(run, {"score": 0.2}, {"way": [(1, 0.2), (2, 0.2)]}) for run in (one, two)]
    store = Store(project / "runs/memorized/toy.paper")
    store.add("c", "cpu", cpu, PROVENANCE)
    store.add("g", "cuda", gpu, PROVENANCE)
    whole = store_module.everything("memorized/toy", "paper")
    assert whole.curves[["identity", "step", "value"]].values.tolist() == [[identity(one), 1, 0.1]]


# ---- packs that share runs


def a_table(project, packs, scale="paper"):
    """The toy's table of packs (name, start, rows), from files in `runs/`."""
    store = Store(project / f"runs/memorized/toy.{scale}")
    for name, started, rows in packs:
        store.add(name, "cpu", rows, PROVENANCE | {"started": started})
    return store_module.everything("memorized/toy", scale)


def scored(score, rows):
    """Rows with that score, in their metrics and on their curves."""
    return [Row(row.settings, {"score": score, "whole": 1.0}, {"way": [(1, score)]}) for row in rows]


EARLY, LATE = "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00.250+00:00"  # packs once had whole seconds


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_of_packs_that_share_a_run_the_newer_has_it(toy, project, names):
    whole = a_pack()
    table = a_table(project, [(names[0], EARLY, scored(0.25, whole)), (names[1], LATE, scored(0.75, whole[:1]))])
    newer = table.rows["identity"] == identity(whole[0].settings)
    assert table.rows["score"].tolist() == newer.map({True: 0.75, False: 0.25}).tolist()
    assert table.rows["pack"].tolist() == newer.map({True: names[1], False: names[0]}).tolist()
    assert table.curves.set_index("identity")["value"][table.rows["identity"]].tolist() == table.rows["score"].tolist()
    assert set(table.packs) == {"a.cpu", "b.cpu"}
    assert table.rows.loc[~newer, "seconds"].tolist() == [1.0] * 3  # its share of the pack that computed it


def test_a_pack_whose_runs_are_all_newer_elsewhere_is_gone(toy, project):
    whole = a_pack()
    table = a_table(project, [("old", EARLY, scored(0.25, whole[:2])), ("new", LATE, scored(0.75, whole))])
    assert set(table.packs) == {"new.cpu"} and set(table.rows["score"]) == {0.75}


def test_parts_of_a_committed_pack_stand_beside_the_rest_of_it(toy, project):
    whole = a_pack()
    a_table(project, [("whole", EARLY, scored(0.25, whole))])
    path = publish("memorized/toy", "paper")
    for file in (project / "runs/memorized/toy.paper").iterdir():
        file.unlink()
    a_table(project, [("part", LATE, scored(0.75, whole[:1]))])
    rows = pd.read_csv(publish("memorized/toy", "paper"))
    assert not rows.duplicated(["identity", "device"]).any()
    assert sorted(zip(rows["pack"], rows["score"], strict=True)) == [("part", 0.75), *[("whole", 0.25)] * 3]
    assert set(json.loads(path.with_suffix(".json").read_text())["packs"]) == {"part.cpu", "whole.cpu"}
    a_table(project, [("rest", LATE, scored(0.5, whole[1:]))])
    publish("memorized/toy", "paper")
    assert set(json.loads(path.with_suffix(".json").read_text())["packs"]) == {"part.cpu", "rest.cpu"}


@pytest.mark.parametrize(("here", "counts"), [(EARLY, 0.75), (LATE, 0.25)])
def test_of_a_committed_run_and_one_in_runs_the_newer_counts(toy, project, here, counts):
    """Somebody else may have computed it anew and committed it; packs of last month must not bring back their rows."""
    there = "2026-01-01T00:00:00.125+00:00"
    a_table(project, [("one", there, scored(0.75, a_pack()))])
    path = publish("memorized/toy", "paper")
    a_table(project, [("one", here, scored(0.25, a_pack()))])
    whole = everything("memorized/toy", "paper")
    assert set(whole.rows["score"]) == set(whole.curves["value"]) == {counts}
    publish("memorized/toy", "paper")
    (about,) = json.loads(path.with_suffix(".json").read_text())["packs"].values()
    assert about["started"] == max(here, there)


def test_curves_stay_the_cpus_when_a_gpu_computes_a_committed_run(toy, project):
    a_table(project, [("one", EARLY, scored(0.25, a_pack()))])
    publish("memorized/toy", "paper")
    (project / "runs/memorized/toy.paper/one.cpu.json").unlink()
    Store(project / "runs/memorized/toy.paper").add("one", "cuda", scored(0.75, a_pack()), PROVENANCE)
    rows = rows_of("memorized/toy", "paper")
    assert set(rows["score"]) == set(store_module.curves_of(rows)["value"]) == {0.25}


# ---- what a replicate is


def frame(study, settings, scale="quick"):
    """Rows of a study with the given settings."""
    store = Store(None)
    store.add("one", "cpu", [Row(each, {"accuracy_last": 0.5}) for each in settings], PROVENANCE)
    return store_module.frame_of(study, scale, store_module.table(store.packs()))


def test_the_students_of_a_draw_are_one_replicate():
    grid = studies.find("label_worth/image_draws").grid("quick")
    some = [s for s in grid if s.draw in sorted({s.draw for s in grid})[:2]]
    assert len({s.seed for s in some}) > 2  # students
    rows = frame("label_worth/image_draws", some)
    assert store_module.replicates(rows) == (2, "2 draws of images") and rows.attrs["seeds"] == 2


def test_teachers_are_the_replicates_of_studies_about_them():
    of_students = studies.find("label_worth/teacher_draws").grid("quick")
    rows = frame("label_worth/teacher_draws", of_students)
    teachers = len({s.teacher for s in of_students})
    assert len({s.draw for s in of_students}) == 1 < teachers != len({s.seed for s in of_students})
    assert store_module.replicates(rows) == (teachers, f"{teachers} teachers")
    own = studies.find("label_worth/teachers").grid("quick", 2)
    assert store_module.replicates(frame("label_worth/teachers", own)) == (2, "2 teachers")


def test_seeds_are_the_replicates_of_paper_b():
    rows = frame("memorized/two_dimensions", studies.find("memorized/two_dimensions").grid("smoke", 3))
    assert store_module.replicates(rows) == (3, "3 replicates") and rows.attrs["seeds"] == 3
    one = rows[rows["seed"] == 0]
    assert store_module.replicates(one) == (1, "1 replicate")


def test_the_advice_restores_every_file_of_a_table(toy, project):
    sweep(toy, "paper")
    path = publish("memorized/toy", "paper")
    halve(path.with_suffix(".curves.csv.gz"))
    with pytest.raises(SoftLabelsError) as error:
        stored("memorized/toy")
    assert f"git checkout -- '{path.with_suffix('')}.*' restores it" in str(error.value)


@pytest.mark.parametrize("change", [{"rows": []}, {"provenance": {}}])
def test_a_pack_without_rows_or_without_its_seconds_is_named(toy, project, change):
    sweep(toy, "paper")
    file = next((project / "runs/memorized/toy.paper").glob("*.json"))
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(SoftLabelsError, match="is not a whole pack of rows; delete it"):
        everything("memorized/toy", "paper")


def test_rows_without_a_setting_that_runs_have_today_are_named(toy, project):
    sweep(toy, "paper")
    whole = everything("memorized/toy", "paper")
    lacking = dataclasses.replace(whole, rows=whole.rows.drop(columns="group"))
    with pytest.raises(SoftLabelsError, match="memorized/toy have no group, which its runs have today; delete"):
        settings_by_pack(toy, lacking)

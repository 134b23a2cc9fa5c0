"""The reader's own images from the command line: listed, run on, and what is printed about them."""

import os
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from test_cli import packs, said, sentence

from softlabels import own_images, paths, store
from softlabels.data import catalogue

RUN = ["run", "label_worth/table2", "--data", "pets", "--device", "cpu"]


@pytest.fixture
def pets(project, monkeypatch):
    """A folder of 20 stripes across and 16 stripes down, and students small enough for a test."""
    stream = np.random.default_rng(0)
    for c, (name, count) in enumerate((("across", 20), ("down", 16))):
        folder = project / "local" / "pets" / name
        folder.mkdir(parents=True)
        for i in range(count):
            stripes = np.tile(stream.integers(0, 256, 10, dtype=np.uint8), (10, 1))
            Image.fromarray(stripes if c else stripes.T).save(folder / f"{i}.png")
    monkeypatch.setenv("SOFTLABELS_DATA", str(project / "local"))
    monkeypatch.setattr(catalogue, "OFFICIAL", dict(catalogue.OFFICIAL))
    full = own_images.settings

    def small(own):
        defaults = full(own)
        base = replace(defaults.base, network="ConvNetD2 w4", teacher_network="ConvNetD2 w4", teacher_epochs=20)
        return replace(defaults, base=base, training={1: (0.1, 6), 10: (0.1, 4)})

    monkeypatch.setattr(own_images, "settings", small)
    return project / "local" / "pets"


def students(project):
    (folder,) = (project / "runs" / "label_worth").glob("teacher_epochs.*")
    return store.rows_of("label_worth/teacher_epochs", folder.name.removeprefix("teacher_epochs."))


def test_table_2_and_figure_2_on_own_images(pets, project):
    text = said(*RUN, "--workers", 2)
    assert text.startswith("Students of pets: accuracy in percent on test images, with 95 % intervals")
    rows = students(project)
    assert rows["data"].str.fullmatch("pets-[0-9a-f]{8}").all() and rows["data"].nunique() == 1
    assert rows.groupby("ipc")["draw"].nunique().to_dict() == own_images.DRAWS
    assert sorted(rows["teacher_epoch"].unique()) == [0, 1, 2, 5, 10, 20]
    lines = [line.split() for line in text.splitlines()]
    for ipc, draws in own_images.DRAWS.items():
        cell = rows[rows["ipc"] == ipc]
        line = next(line for line in lines if line[:2] == [str(ipc), str(draws)])
        assert float(line[2]) == pytest.approx(
            100 * cell.loc[cell["labels"] == "hard", "accuracy_last"].mean(), abs=0.05
        )
        by_epoch = cell[cell["labels"] == "soft"].groupby("teacher_epoch")["accuracy_last"].mean()
        assert int(line[-1]) == by_epoch.idxmax()
    assert [line[0] for line in lines[-5:]] == ["1", "2", "5", "10", "20"]
    before = {path: path.stat().st_mtime_ns for path in packs(project)}
    assert said(*RUN) == text and {path: path.stat().st_mtime_ns for path in packs(project)} == before
    assert not any((project / "results").iterdir())
    assert not any(scale in str(path) for path in before for scale in ("quick", "reduced", "paper", "smoke"))


def test_a_part_of_the_grid_is_printed_too(pets):
    assert "best teacher epoch" in said(*RUN, "--only", "ipc=1", "--only", "labels=hard", "--seeds", 1)
    text = said(*RUN, "--only", "ipc=1", "--only", "teacher_epoch=5", "--seeds", 2)
    assert "Soft labels by the teacher's epoch" in text and "IPC 10" not in text
    words = text.splitlines()[2].split()
    assert words[:3] == ["1", "2", "–"]  # what was not asked for is left out, stored or not
    assert words[-1] == "–" and text.splitlines()[-1].split()[0] == "5"  # the only epoch is not the best of several


def test_what_it_would_take(pets, project):
    text = said(*RUN, "--dry-run")
    assert "label_worth/teachers pets-" in text and "60 runs" in text
    assert not packs(project)


def test_too_few_images_for_an_ipc(pets):
    for i in range(8, 16):
        (pets / "down" / f"{i}.png").unlink()
    said("data", "fetch", "pets")
    assert "The class 'down' of pets has 3 training images and the grid asks for 10 of each" in sentence(*RUN)
    assert sentence(*RUN).endswith("type --only ipc=1.\n")
    assert "packs to run, 36 runs" in said(*RUN, "--only", "ipc=1", "--dry-run")


def test_what_does_not_go_together(pets):
    assert "take --scale away" in sentence(*RUN, "--scale", "paper")
    assert "label_worth/table2 or label_worth/fig2" in sentence("run", "memorized/fig1", "--data", "pets")
    assert "one of the book's own sets" in sentence("run", "label_worth/fig2", "--data", "cifar100")
    assert "holds no folder 'pests'" in sentence("run", "label_worth/fig2", "--data", "pests")
    assert "8 to 256 pixels" in sentence(*RUN, "--side", 4)


@pytest.mark.parametrize(("side", "network"), [(8, 1), (16, 2), (31, 2), (32, 3), (64, 4), (100, 4), (256, 6)])
def test_larger_images_get_deeper_networks(monkeypatch, side, network):
    about = {"title": "pets", "folder": "pets", "terms": "", "train": 100, "test": 50}
    own = catalogue.Official(name="pets-0", classes=3, side=side, **about)
    monkeypatch.setattr(catalogue, "OFFICIAL", {"pets-0": own})
    for study in own_images.studies(own):
        assert study.grid("pets-0")[0].network == f"ConvNetD{network} w64"
        assert study.flops(study.grid("pets-0")) > 0


def test_own_sets_are_listed_fetched_and_verified(pets, project):
    assert "pets               26 + 10 images of 2 classes; not decoded yet; your own" in said("data", "list")
    assert "pets is ready: " in said("data", "fetch", "pets")
    assert "2 classes; decoded at 32×32; your own" in said("data", "list")
    assert "36 images and their classes, as they should be" in said("data", "verify", "pets")
    (path,) = (project / "cache" / "data").glob("pets-*.safetensors")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert "its checksum is another. `softlabels data fetch pets`" in sentence("data", "verify", "pets")
    said("data", "fetch", "pets")
    said("data", "verify", "pets")
    (pets / "down" / "notes").mkdir()
    assert "no set of images: " in said("data", "list") and "down/notes is no file" in said("data", "list")


def test_compiled_code_is_kept_in_the_cache_unless_the_user_says_where(tmp_path, monkeypatch):
    monkeypatch.setenv("SOFTLABELS_CACHE", str(tmp_path))
    for given, kept in (("", tmp_path / "compiled"), ("elsewhere", "elsewhere")):
        monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
        if given:
            monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", given)
        paths.keep_compiled_code()
        assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == str(kept)

"""A folder of the reader's images becomes a set: which pixels, which parts, and what is refused in one sentence."""

import json
import os

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from softlabels.data import catalogue, decoded, own
from softlabels.data.images import load
from softlabels.errors import SoftLabelsError

SIDE = 8


@pytest.fixture
def local(tmp_path, monkeypatch):
    """An empty folder that SOFTLABELS_DATA names, and a catalogue that the test may add to."""
    (tmp_path / "local").mkdir()
    monkeypatch.setenv("SOFTLABELS_DATA", str(tmp_path / "local"))
    monkeypatch.setattr(catalogue, "OFFICIAL", dict(catalogue.OFFICIAL))
    return tmp_path / "local"


@pytest.fixture
def find(tmp_path, local):
    return lambda name="pets", **options: own.find(name, tmp_path / "cache", **{"side": SIDE} | options)


def one_class(folder, count, colour="red", size=(SIDE, SIDE), suffix="png"):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.new("RGB", size, colour).save(folder / f"{i:03d}.{suffix}")
    return folder


def pets(local, train=(3, 7), test=(5, 6)):
    """pets/ with two parts; cats are red, dogs are blue."""
    for part, counts in (("train", train), ("test", test)):
        for name, colour, count in zip(("cat", "dog"), ("red", "blue"), counts, strict=True):
            one_class(local / "pets" / part / name, count, colour)
    return local / "pets"


def tensors(official, tmp_path):
    return decoded.read(tmp_path / "cache" / "data" / f"{official.name}.safetensors")[0]


# ---- two parts, or one folder --------------------------------------------------------------------------------------


def test_two_parts_of_unequal_classes(local, tmp_path, find):
    pets(local)
    official = find()
    assert (official.classes, official.train, official.test, official.side) == (2, 10, 11, SIDE)
    found = load(official.name, tmp_path / "cache")
    assert found.names == ("cat", "dog") and found.train.classes.tolist() == [0] * 3 + [1] * 7
    assert found.validation.classes.tolist() == [0, 1] and found.test.classes.tolist() == [0] * 4 + [1] * 5
    assert found.train.images[0, :, 0, 0].tolist() == [255, 0, 0] and found.test.images[-1, :, 0, 0].tolist()[2] == 255
    assert found.ipc_rows(3, 42).shape == (6,)
    with pytest.raises(SoftLabelsError, match="between 1 and 3 training images a class to draw, not 4"):
        found.ipc_rows(4, 42)


def test_its_own_mean_and_deviation(local, tmp_path, find):
    pets(local)
    official = find()
    batch = load(official.name, tmp_path / "cache").batch(load(official.name, tmp_path / "cache").train, slice(None))
    assert batch.mean((0, 2, 3)).abs().max() < 1e-6
    assert torch.allclose(batch[:, ::2].std((0, 2, 3), correction=0), torch.ones(2), atol=1e-5)  # red and blue
    assert official.normalisation[1][1] == 1 / 255 and torch.isfinite(batch).all()  # no image has any green


def test_of_one_folder_a_fifth_of_each_class_is_for_testing(local, tmp_path, find):
    for name, count in (("a", 50), ("b", 9)):
        folder = one_class(local / "one" / name, 0)
        for i in range(count):
            Image.new("L", (SIDE, SIDE), i).save(folder / f"{i:03d}.png")
    official = find("one")
    own_tensors = tensors(official, tmp_path)
    assert own_tensors["train_classes"].bincount().tolist() == [40, 4]
    assert own_tensors["test_classes"].bincount().tolist() == [10, 5]  # a fifth, and never fewer than five
    levels = [own_tensors[f"{part}_images"][own_tensors[f"{part}_classes"] == 0, 0, 0, 0] for part in ("train", "test")]
    assert sorted(torch.cat(levels).tolist()) == list(range(50))  # every image once
    assert levels[1].tolist() not in (list(range(10)), list(range(40, 50)))
    assert find("one", thorough=True) == official and own._layout("one") == own._layout("one")


def test_hidden_files_and_folders_do_not_count(local, find):
    root = pets(local)
    plain = find()
    (root / ".DS_Store").write_bytes(b"x")
    (root / "train" / "cat" / "._000.png").write_bytes(b"x")
    (root / "train" / ".ipynb_checkpoints").mkdir()
    assert find() == plain


# ---- pixels --------------------------------------------------------------------------------------------------------


def pixels(tmp_path, image, suffix="png", **how):
    path = tmp_path / f"one.{suffix}"
    image.save(path, **how)
    Image.init()
    return own._pixels(path, SIDE, list(Image.ID)).astype(int)


def even(found, *levels, by=0):
    """Whether every pixel has these levels, up to `by`."""
    return found.shape == (SIDE, SIDE, 3) and abs(found - np.array(levels)).max() <= by


def test_grey_palette_and_other_formats(tmp_path):
    red = Image.new("RGB", (SIDE, SIDE), (200, 10, 30))
    assert even(pixels(tmp_path, Image.new("L", (SIDE, SIDE), 77)), 77, 77, 77)
    assert even(pixels(tmp_path, Image.new("1", (SIDE, SIDE), 1)), 255, 255, 255)
    assert even(pixels(tmp_path, red.convert("P", palette=Image.Palette.ADAPTIVE)), 200, 10, 30)
    for suffix, how in (("bmp", {}), ("tiff", {}), ("gif", {}), ("ppm", {}), ("webp", {"lossless": True})):
        assert even(pixels(tmp_path, red, suffix, **how), 200, 10, 30, by=1), suffix
    assert even(pixels(tmp_path, red, "jpg", quality=95), 200, 10, 30, by=6)
    assert even(pixels(tmp_path, red.convert("CMYK"), "jpg", quality=95), 200, 10, 30, by=6)


def test_of_sixteen_bits_the_upper_eight_count(tmp_path):
    for level, eight in ((0, 0), (257 * 100, 100), (65535, 255)):
        grey = Image.fromarray(np.full((SIDE, SIDE), level, np.uint16))
        assert even(pixels(tmp_path, grey), eight, eight, eight)
        assert even(pixels(tmp_path, grey, "tiff"), eight, eight, eight)
        wide = Image.fromarray(np.full((SIDE, SIDE), level, np.int32))  # written as 16 bits
        assert even(pixels(tmp_path, wide, "ppm"), eight, eight, eight)
    for other in (np.float32(0.5), np.int32(200), np.int32(-1)):  # of 32 bits, nothing says how many are meant
        with pytest.raises(SoftLabelsError, match=r"no image that can be read \(its pixels are no levels of 8 or 16"):
            pixels(tmp_path, Image.fromarray(np.full((SIDE, SIDE), other)), "tiff")


def test_what_is_transparent_is_white(tmp_path):
    assert even(pixels(tmp_path, Image.new("RGBA", (SIDE, SIDE), (200, 0, 0, 0))), 255, 255, 255)
    assert even(pixels(tmp_path, Image.new("RGBA", (SIDE, SIDE), (200, 0, 0, 51))), 244, 204, 204, by=1)
    assert even(pixels(tmp_path, Image.new("LA", (SIDE, SIDE), (0, 0))), 255, 255, 255)
    palette = Image.new("P", (SIDE, SIDE), 3)
    palette.putpalette([10] * 768)
    assert even(pixels(tmp_path, palette, transparency=3), 255, 255, 255)
    assert even(pixels(tmp_path, palette), 10, 10, 10)


def test_an_image_is_turned_as_its_camera_noted(tmp_path):
    image = Image.new("RGB", (SIDE, SIDE))
    image.paste("white", (0, 0, SIDE, SIDE // 2))  # the upper half
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    found = pixels(tmp_path, image, exif=exif)
    assert found[:, -1].min() == 255 and found[:, 0].max() == 0


@pytest.mark.parametrize("turned", [False, True])
def test_the_square_in_the_middle_is_resized(tmp_path, turned):
    image = Image.new("RGB", (30, 16), "black")
    image.paste("white", (7, 0, 23, 16))
    found = pixels(tmp_path, image.transpose(Image.Transpose.ROTATE_90) if turned else image)
    assert found.shape == (SIDE, SIDE, 3) and found[1:-1, 1:-1].min() == 255
    assert found.min() > 200  # at the edges the resampling reads a pixel more
    small = Image.new("RGB", (3, 5), "red")
    assert even(pixels(tmp_path, small), 255, 0, 0)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8))
    expected = np.asarray(ImageOps.fit(noise, (SIDE, SIDE), Image.Resampling.BILINEAR))
    assert np.array_equal(pixels(tmp_path, noise), expected)


# ---- decoded once --------------------------------------------------------------------------------------------------


@pytest.fixture
def decodings(monkeypatch):
    """How often a set was decoded."""
    counted, decode = [], own._decode
    monkeypatch.setattr(own, "_decode", lambda *words: counted.append(words[0]) or decode(*words))
    return counted


def test_it_is_decoded_once_and_again_where_files_or_the_size_change(local, tmp_path, find, decodings):
    root = pets(local)
    first = find()
    assert find() == first and len(decodings) == 1 and first.name.startswith("pets-")
    os.utime(root / "train" / "cat" / "000.png", (0, 0))
    assert find() == first and len(decodings) == 2  # the same pixels: the same set
    Image.new("RGB", (SIDE, SIDE), "red").save(root / "train" / "dog" / "000.png")
    changed = find()
    assert changed.name != first.name and len(decodings) == 3
    larger = find(side=16)
    assert larger.name not in (first.name, changed.name) and larger.side == 16 and find() == changed
    assert len(decodings) == 4


def test_other_classes_of_the_same_pixels_are_another_set(local, find):
    root = pets(local)
    first = find()
    (root / "train" / "dog").rename(root / "train" / "wolf")
    (root / "test" / "dog").rename(root / "test" / "wolf")
    assert find().name != first.name


def test_a_damaged_file_is_decoded_anew(local, tmp_path, find, decodings):
    pets(local)
    path = tmp_path / "cache" / "data" / f"{find().name}.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-700])
    find()
    assert path.read_bytes() == whole and len(decodings) == 2
    damaged = bytearray(whole)
    damaged[-200] ^= 1
    path.write_bytes(damaged)
    find()
    assert len(decodings) == 2  # only who looks sees it
    find(thorough=True)
    assert path.read_bytes() == whole and len(decodings) == 3


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": "x", "set": {"normalisation": []}}'])
def test_a_damaged_description_is_written_anew(local, tmp_path, find, decodings, text):
    pets(local)
    beside = tmp_path / "cache" / "data" / f"{find().name}.json"
    whole = beside.read_text()
    beside.write_text(text)
    find()
    assert beside.read_text() == whole and len(decodings) == 2


def test_another_process_remembers_what_is_decoded(local, tmp_path, find, monkeypatch):
    pets(local)
    official = find()
    monkeypatch.setattr(catalogue, "OFFICIAL", {})
    own.remember(tmp_path / "cache")
    assert catalogue.OFFICIAL == {official.name: official}
    (tmp_path / "cache" / "data" / f"{official.name}.safetensors").unlink()
    monkeypatch.setattr(catalogue, "OFFICIAL", {})
    own.remember(tmp_path / "cache")
    assert catalogue.OFFICIAL == {}


# ---- what is refused -----------------------------------------------------------------------------------------------


def nothing(local):
    """No folder of that name."""


def flat(local):
    one_class(local / "pets", 3)


def lone(local):
    one_class(local / "pets" / "cat", 20)


def only_train(local):
    pets(local)
    for name in ("cat", "dog"):
        for file in (local / "pets" / "test" / name).iterdir():
            file.unlink()
        (local / "pets" / "test" / name).rmdir()
    (local / "pets" / "test").rmdir()


def third_part(local):
    one_class(pets(local) / "val" / "cat", 3)


def only_in_train(local):
    one_class(pets(local) / "train" / "emu", 3)


def only_in_test(local):
    one_class(pets(local) / "test" / "emu", 5)


def empty_class(local):
    pets(local, train=(0, 7))


def few_tests(local):
    pets(local, test=(5, 4))


def few_to_split(local):
    one_class(local / "pets" / "cat", 5)
    one_class(local / "pets" / "dog", 50)


def no_image(local):
    (pets(local) / "train" / "dog" / "notes.txt").write_text("a dog\n")


def cut_short(local):
    path = pets(local) / "test" / "dog" / "000.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:2000])


def folder_in_a_class(local):
    (pets(local) / "train" / "dog" / "more").mkdir()


def lost_link(local):
    (pets(local) / "train" / "dog" / "999.png").symlink_to(local / "nowhere.png")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (nothing, "holds no folder 'pets'; it should hold one with a folder of images a class"),
        (flat, "pets holds no class folders; a set needs a folder of images for each of at least two classes"),
        (lone, "pets holds one class folder; a set needs"),
        (only_train, "should hold train/ and test/ and no other folder; it holds train"),
        (third_part, "should hold train/ and test/ and no other folder; it holds test, train, val"),
        (only_in_train, "has the class 'emu' in train/ and not in test/; both need every class"),
        (only_in_test, "has the class 'emu' in test/ and not in train/; both need every class"),
        (empty_class, "train/cat has 0 images and needs at least 1"),
        (few_tests, "test/dog has 4 images and needs at least 5, for each class is tested on 5 or more"),
        (few_to_split, "pets/cat has 5 images and needs at least 6"),
        (no_image, "notes.txt is no image that can be read .*; mend it or take it away"),
        (cut_short, "test/dog/000.png is no image that can be read .*; mend it or take it away"),
        (folder_in_a_class, "dog/more is no file; a class's folder holds nothing but the files of its images"),
        (lost_link, "999.png is no file"),
    ],
)
def test_what_is_no_set_of_images(local, tmp_path, find, make, says):
    make(local)
    with pytest.raises(SoftLabelsError, match=says):
        find()
    left = [path.name for path in tmp_path.glob("cache/data/*") if path.suffix != ".lock"]
    assert left == []  # nothing half done


@pytest.mark.parametrize("name", ["cifar100", "cifar-100-python", "tiny-imagenet-200", "imagenet", "digits"])
def test_a_name_of_the_books_own_sets(local, find, name):
    one_class(local / name / "cat", 9)
    with pytest.raises(SoftLabelsError, match="one of the book's own sets; give your folder another name"):
        find(name)
    assert own.names() == []


@pytest.mark.parametrize("name", ["..", "../local", "", ".hidden", "pets/train"])
def test_a_name_that_leads_elsewhere(local, find, name):
    pets(local)
    one_class(local / ".hidden" / "cat", 9)
    with pytest.raises(SoftLabelsError, match="holds no folder"):
        find(name)


@pytest.mark.parametrize("side", [7, 257])
def test_a_size_that_no_network_takes(local, find, side):
    pets(local)
    with pytest.raises(SoftLabelsError, match=f"resized to 8 to 256 pixels a side, not to {side}"):
        find(side=side)


def test_without_a_data_folder(find, monkeypatch):
    monkeypatch.delenv("SOFTLABELS_DATA")
    with pytest.raises(
        SoftLabelsError, match="Name the folder that holds pets/ in the environment variable SOFTLABELS"
    ):
        find()
    assert own.names() == []


def test_what_stands_beside_a_set_says_what_it_was_made_of(local, tmp_path, find):
    pets(local)
    official = find()
    (beside,) = (tmp_path / "cache" / "data").glob("*.json")
    assert json.loads(beside.read_text())["set"]["name"] == official.name == beside.stem
    assert decoded.check(beside.with_suffix(".safetensors"))[:8] == official.name.removeprefix("pets-")

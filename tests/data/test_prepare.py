"""Official files become one decoded file: once, whole, checked, and made anew where it is damaged."""

import hashlib
import os
from dataclasses import replace

import numpy as np
import photographs
import pytest
import torch

from softlabels.data import catalogue, decoded, formats, prepare
from softlabels.errors import SoftLabelsError


@pytest.fixture
def local(tmp_path, monkeypatch):
    """An empty folder that SOFTLABELS_DATA names."""
    monkeypatch.setenv("SOFTLABELS_DATA", str(tmp_path / "local"))
    (tmp_path / "local").mkdir()
    return tmp_path / "local"


@pytest.fixture
def tiny(local):
    """Tiny ImageNet in small, as a local copy."""
    photographs.tiny(local)
    return photographs.TINY


@pytest.fixture
def reads(monkeypatch):
    """The sets that were read from their official files."""
    names, read = [], formats.read
    monkeypatch.setattr(formats, "read", lambda official, files: names.append(official.name) or read(official, files))
    return names


def files(cache):
    """What lies in the cache, locks apart."""
    return sorted(path.name for path in (cache / "data").iterdir() if path.suffix != ".lock")


def test_a_set_is_decoded_once(tmp_path, tiny, reads):
    path = prepare.prepare(tiny, tmp_path)
    assert path == tmp_path / "data" / "tiny-imagenet.safetensors"
    assert prepare.prepare(tiny, tmp_path) == path and prepare.prepare(tiny, tmp_path, thorough=True) == path
    assert reads == ["tiny-imagenet"]
    tensors, about = decoded.read(path)
    assert tensors["train_images"].shape == (12, 3, 8, 8) and tensors["train_images"].dtype == torch.uint8
    assert tensors["test_classes"].tolist() == [0, 1, 2] * 5 and tensors["test_classes"].dtype == torch.int64
    assert about["data"] == "tiny-imagenet" and "German shepherd" in about["names"]
    assert decoded.check(path) == hashlib.sha256(path.read_bytes()[:-32]).hexdigest()


def test_the_local_copy_is_only_read(tmp_path, local, tiny):
    before = {path: path.stat().st_mtime_ns for path in local.rglob("*")}
    prepare.prepare(tiny, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in local.rglob("*")} == before


def cut(path):
    path.write_bytes(path.read_bytes()[:-500])


def empty(path):
    path.write_bytes(b"")


def flip(path):
    data = bytearray(path.read_bytes())
    data[-600] ^= 1
    path.write_bytes(data)


def other_format(path):
    path.write_bytes(path.read_bytes().replace(b'"format": "2"', b'"format": "1"'))


@pytest.mark.parametrize(
    ("damage", "says"), [(cut, "is not whole"), (empty, "is not whole"), (other_format, "not a set of images as this")]
)
def test_a_damaged_file_is_made_anew(tmp_path, tiny, reads, capsys, damage, says):
    path = prepare.prepare(tiny, tmp_path)
    whole = path.read_bytes()
    damage(path)
    assert says in prepare.fault(tiny, path)
    prepare.prepare(tiny, tmp_path)
    assert says in capsys.readouterr().err and path.read_bytes() == whole and len(reads) == 2


def test_one_wrong_bit_is_found_by_whoever_looks(tmp_path, tiny, reads, capsys):
    path = prepare.prepare(tiny, tmp_path)
    whole = path.read_bytes()
    flip(path)
    assert prepare.fault(tiny, path) is None and "its checksum is another" in prepare.fault(tiny, path, thorough=True)
    prepare.prepare(tiny, tmp_path, thorough=True)
    assert "its checksum is another. It is made anew." in capsys.readouterr().err and path.read_bytes() == whole


def test_a_missing_file_is_said_to_be(tmp_path, tiny):
    assert "is not on this machine" in prepare.fault(tiny, prepare.decoded_path(tiny, tmp_path))


def test_what_was_interrupted_leaves_nothing(tmp_path, tiny, monkeypatch):
    blocks = formats._images

    def stopped(*args, **how):
        yield next(blocks(*args, **how))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(formats, "_images", stopped)
        with pytest.raises(KeyboardInterrupt):
            prepare.prepare(tiny, tmp_path)
    assert files(tmp_path) == []
    (tmp_path / "data" / ".tiny-imagenet.safetensors.unfinished").write_bytes(b"half")  # of one that was killed
    prepare.prepare(tiny, tmp_path, thorough=True)
    assert files(tmp_path) == ["tiny-imagenet.safetensors"]


def test_classes_are_compared_with_their_checksum(tmp_path, tiny):
    classes = torch.arange(3).repeat_interleave(4), torch.arange(3).repeat(5)
    prepare.prepare(replace(tiny, classes_sha256=prepare.classes_sha256(*classes)), tmp_path)
    other = replace(tiny, classes_sha256="0" * 64)
    with pytest.raises(
        SoftLabelsError, match="other classes than Tiny ImageNet. The files that it was made of are not the official"
    ):
        prepare.prepare(other, tmp_path)
    assert not prepare.decoded_path(other, tmp_path).exists()


def test_pixels_are_compared_with_their_checksum(tmp_path, local):
    photographs.cifar100(local)
    levels = b"".join(photographs.levels(photographs.CIFAR100, part).tobytes() for part in ("train", "test"))
    official = replace(photographs.CIFAR100, pixels_sha256=hashlib.sha256(levels).hexdigest())
    path = prepare.prepare(official, tmp_path)
    assert prepare.fault(official, path, thorough=True) is None
    other = replace(official, pixels_sha256="0" * 64)
    assert prepare.fault(other, path) is None  # which looks at no pixel
    assert "has other pixels than CIFAR-100." in prepare.fault(other, path, thorough=True)
    with pytest.raises(SoftLabelsError, match="other pixels than CIFAR-100. The files that it was made of are not the"):
        prepare.prepare(other, tmp_path, thorough=True)
    assert not path.exists()


def test_too_few_images(tmp_path, local):
    photographs.cifar100(local)
    with pytest.raises(SoftLabelsError, match="cifar100 should have 10 train images, but there are 9"):
        prepare.prepare(replace(photographs.CIFAR100, train=10), tmp_path)
    assert files(tmp_path) == []


def test_a_full_disk(tmp_path, tiny, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(SoftLabelsError, match="The disk is full.*type the same command again"):
        prepare.prepare(tiny, tmp_path)
    assert files(tmp_path) == []


# ---- where the files are -------------------------------------------------------------------------------------------


def test_an_archive_beside_others_is_as_good_as_a_folder(tmp_path, local):
    path = photographs.packed(photographs.tiny(tmp_path), "zip").rename(local / "tiny-imagenet-200.zip")
    tiny = replace(photographs.TINY, archives=(photographs.described(path),))
    assert prepare.find_files(tiny, tmp_path) == [path]
    tensors, _ = decoded.read(prepare.prepare(tiny, tmp_path))
    assert tensors["train_images"].shape == (12, 3, 8, 8)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(
        SoftLabelsError, match="the official file .*; copy it anew, or take it away and it will be down"
    ):
        prepare.find_files(tiny, tmp_path)


def test_what_is_not_there_is_fetched(tmp_path, local, monkeypatch):
    asked = []
    monkeypatch.setattr(prepare.downloads, "bring", lambda archive, folder: asked.append(archive.file) or folder)
    prepare.find_files(catalogue.IMAGENET64, tmp_path)
    assert asked == ["Imagenet64_train_part1_npz.zip", "Imagenet64_train_part2_npz.zip", "Imagenet64_val_npz.zip"]
    monkeypatch.delenv("SOFTLABELS_DATA")
    assert prepare.find_files(catalogue.TINY, tmp_path) == [tmp_path] and asked[-1] == "tiny-imagenet-200.zip"


def test_imagenet_is_not_fetched(tmp_path, local):
    with pytest.raises(SoftLabelsError, match="ImageNet-1K is licensed and cannot be fetched .* in SOFTLABELS_DATA"):
        prepare.prepare(catalogue.IMAGENET, tmp_path)


def test_a_folder_that_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("SOFTLABELS_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(SoftLabelsError, match="SOFTLABELS_DATA names .*nowhere, which is no folder"):
        prepare.prepare(photographs.TINY, tmp_path)


# ---- what is made of them ------------------------------------------------------------------------------------------


def test_half_the_pixels_are_means(tmp_path, tiny):
    half = replace(tiny, name="tiny-imagenet-32", side=4, halved=True)
    images = [decoded.read(prepare.prepare(official, tmp_path))[0]["test_images"] for official in (tiny, half)]
    assert images[1].shape == (15, 3, 4, 4) and images[1].dtype == torch.uint8
    means = torch.nn.functional.avg_pool2d(images[0].double(), 2)
    assert torch.equal(images[1], (means + 0.5).floor().byte())


def test_cifar10_is_whitened(tmp_path, local):
    photographs.cifar10(local)
    tensors, _ = decoded.read(prepare.prepare(photographs.CIFAR10, tmp_path))
    assert tensors["train_images"].shape == (50, 3, 8, 8) and tensors["test_images"].dtype == torch.float32
    train, test = (photographs.levels(photographs.CIFAR10, part) / 255 for part in ("train", "test"))
    centred = train.reshape(50, -1) - train.reshape(50, -1).mean(0)
    u, s, _ = np.linalg.svd(centred.T @ centred / 49)
    expected = (test.reshape(50, -1) - train.reshape(50, -1).mean(0)) @ (u / np.sqrt(s + 0.1)) @ u.T
    assert np.allclose(tensors["test_images"].numpy().reshape(50, -1), expected, atol=1e-4)


def test_flat_validation_images_are_not_a_folder_a_class(tmp_path, monkeypatch):
    folder = photographs.imagenet(tmp_path)
    for image in list((folder / "val").glob("*/*")):
        image.rename(folder / "val" / image.name)
    monkeypatch.setenv("SOFTLABELS_DATA", str(tmp_path))
    monkeypatch.setattr(formats, "_pixels", lambda *_: pytest.fail("an image was decoded"))
    with pytest.raises(SoftLabelsError, match="has 0 images in 0 class folders in val/ where ImageNet-1K has 15 in 3"):
        prepare.prepare(photographs.IMAGENET, tmp_path / "cache")


# ---- other names ---------------------------------------------------------------------------------------------------

OFFICIAL = {official.name: official for official in (catalogue.TINY, catalogue.CIFAR10, catalogue.CIFAR100)}


@pytest.fixture
def no_network(monkeypatch):
    """Nothing may be fetched."""
    monkeypatch.setattr(prepare.downloads, "bring", lambda archive, folder: pytest.fail(f"{archive.file} was fetched"))


@pytest.mark.parametrize(
    ("official", "name", "size", "says"),
    [
        ("tiny-imagenet", "tiny-imagenet-200 (1).zip", 1, r"has the size of tiny-imagenet-200\.zip; rename it"),
        ("cifar10", "cifar-10-python.tar (2).gz", 1, r"has the size of cifar-10-python\.tar\.gz; rename it"),
        ("cifar100", "cifar-100-python.tar", 5, r"is cifar-100-python\.tar\.gz unpacked by half; .*cifar-100-python/"),
    ],
)
def test_an_archive_under_another_name_is_not_fetched_again(tmp_path, local, no_network, official, name, size, says):
    with open(local / name, "wb") as file:
        file.truncate(size * OFFICIAL[official].archives[0].size)  # takes no room
    with pytest.raises(SoftLabelsError, match=says):
        prepare.prepare(OFFICIAL[official], tmp_path)


@pytest.mark.parametrize(
    ("official", "name", "size"),
    [("tiny-imagenet", "tiny-imagenet-200 (1).zip", 2), ("cifar10", "cifar-10-matlab.tar", 5)],
)
def test_another_file_is_none_of_a_set(tmp_path, local, monkeypatch, capsys, official, name, size):
    with open(local / name, "wb") as file:
        file.truncate(size * OFFICIAL[official].archives[0].size)
    monkeypatch.setattr(prepare.downloads, "bring", lambda archive, folder: folder / archive.file)
    assert prepare.find_files(OFFICIAL[official], tmp_path) == [tmp_path / OFFICIAL[official].archives[0].file]
    assert "holds neither" in capsys.readouterr().err


@pytest.mark.parametrize("name", OFFICIAL)
@pytest.mark.parametrize("itself", [True, False])
def test_a_set_in_a_folder_of_another_name_is_not_fetched_again(tmp_path, local, monkeypatch, capsys, name, itself):
    folder = photographs.MAKERS[name](local).rename(local / "my set")
    monkeypatch.setenv("SOFTLABELS_DATA", str(folder if itself else local))
    monkeypatch.setattr(prepare.downloads, "bring", lambda archive, folder: folder / archive.file)
    with pytest.raises(SoftLabelsError, match=f"my set holds .*; rename the folder to {OFFICIAL[name].folder}"):
        prepare.prepare(OFFICIAL[name], tmp_path)
    other = OFFICIAL["cifar100" if name == "cifar10" else "cifar10"]
    prepare.find_files(other, tmp_path)
    note = capsys.readouterr().err.strip()
    assert f"holds neither {other.folder}/ nor {other.archives[0].file}: 1" in note and note.endswith("MB to download.")

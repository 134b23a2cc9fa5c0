"""Each official layout, read from a small copy that the test makes; what is missing, wrong or harmful is named."""

import os
import pickle
from dataclasses import replace

import numpy as np
import photographs
import pytest

from softlabels.data import formats
from softlabels.data.archives import members
from softlabels.errors import SoftLabelsError


def read(official, *paths):
    """Names, and pixels and classes of both parts."""
    contents = formats.read(official, members(list(paths), official.folder))
    parts = [[np.concatenate(arrays) for arrays in zip(*part, strict=True)] for part in (contents.train, contents.test)]
    return contents.names, *parts


def close(images, expected):
    """JPEG loses a little."""
    return np.abs(images.astype(int) - expected).mean() < 2


# ---- Tiny ImageNet -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["folder", "zip", "tar.gz"])
def test_tiny_imagenet(tmp_path, kind):
    folder = photographs.tiny(tmp_path)
    names, (train, train_classes), (test, test_classes) = read(
        photographs.TINY, folder if kind == "folder" else photographs.packed(folder, kind)
    )
    assert names == ("goldfish", "European fire salamander", "German shepherd")
    assert train_classes.tolist() == [0] * 4 + [1] * 4 + [2] * 4 and test_classes.tolist() == [0, 1, 2] * 5
    assert train.shape == (12, 3, 8, 8) and train.dtype == np.uint8 and test.shape == (15, 3, 8, 8)
    expected = photographs.levels(photographs.TINY, "train")
    assert close(train[1:], expected[1:]) and close(test, photographs.levels(photographs.TINY, "test"))
    assert all(not close(train[i], expected[j]) for i in range(1, 12) for j in range(1, 12) if i != j)


def test_grey_images_become_red_green_and_blue(tmp_path):
    _, (train, _), _ = read(photographs.TINY, photographs.tiny(tmp_path))
    assert (train[0] == train[0, :1]).all() and not (train[1] == train[1, :1]).all()
    assert close(train[0, 0], photographs.levels(photographs.TINY, "train")[0, 0])


def test_validation_images_in_a_folder_a_class(tmp_path):
    """As the official code of paper Q wants them moved."""
    folder = photographs.tiny(tmp_path)
    _, _, flat = read(photographs.TINY, folder)
    for i in range(15):
        image = folder / "val" / "images" / f"val_{i}.JPEG"
        moved = image.parent / photographs.IDS[i % 3] / image.name
        moved.parent.mkdir(exist_ok=True)
        image.rename(moved)
    _, _, arranged = read(photographs.TINY, folder)
    assert all((a == b).all() for a, b in zip(flat, arranged, strict=True))


ANNOTATIONS = "val/val_annotations.txt"


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "train/n01629819/images/n01629819_10.JPEG",
            None,
            None,
            "3 images of n01629819 in train/ where Tiny Im.* has 4",
        ),
        ("val/images/val_3.JPEG", None, None, "lacks val/images/val_3.JPEG; it is no whole copy"),
        (ANNOTATIONS, "val_7.JPEG\tn01629819", "val_7.JPEG\tn01443537", "6 images of n01443537 in val/ .* has 5"),
        (ANNOTATIONS, "n01443537", "n99999999", "5 images of n99999999 in val/ .* has no such class"),
        (ANNOTATIONS, None, None, "lacks val/val_annotations.txt"),
        ("wnids.txt", "n01443537\n", "", "names 2 classes in wnids.txt, 2 of them also in words.txt"),
        ("words.txt", "n01443537\t", "n01443537 ", r"words.txt in .* is damaged: line \d has no tab"),
        (ANNOTATIONS, "\t", " ", "val_annotations.txt in .* is damaged: line 1 has no tab"),
        ("words.txt", "n01443537", "n00000001", "names 3 classes in wnids.txt, 2 of them also"),
    ],
)
def test_a_copy_that_is_not_the_official_one(tmp_path, file, old, new, says):
    path = photographs.tiny(tmp_path) / file
    text = path.read_text() if old else ""
    path.unlink()
    if old:
        path.write_text(text.replace(old, new))
    with pytest.raises(SoftLabelsError, match=says):
        read(photographs.TINY, tmp_path / photographs.TINY.folder)


@pytest.mark.parametrize("keep", [0, 300, -100])
def test_half_an_image_is_named(tmp_path, keep):
    folder = photographs.tiny(tmp_path)
    image = folder / "train/n02106662/images/n02106662_2.JPEG"
    image.write_bytes(image.read_bytes()[:keep])
    with pytest.raises(SoftLabelsError, match=r"n02106662_2.JPEG in .* is no whole image \("):
        read(photographs.TINY, folder)


# ---- ImageNet's folders --------------------------------------------------------------------------------------------


def test_image_folders(tmp_path):
    names, (train, train_classes), (test, test_classes) = read(photographs.IMAGENET, photographs.imagenet(tmp_path))
    assert names == tuple(photographs.IDS)  # three are not torchvision's thousand
    assert train.shape == (12, 3, 8, 8) and train_classes.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert test_classes.tolist() == [0] * 5 + [1] * 5 + [2] * 5
    expected = [50 * (c + 1) + i for c in range(3) for i in range(5)]
    assert np.allclose(test[:, :, 1:-1, 2:-2].mean((1, 2, 3)), expected, atol=3)  # the middle, black sides cut off


def test_the_thousand_names_are_torchvisions():
    names = formats._imagenet_names([f"n{i:08d}" for i in range(1000)])
    assert names[:2] == ("tench", "goldfish") and names[235] == "German shepherd"


def test_a_missing_training_class_is_said(tmp_path):
    folder = photographs.imagenet(tmp_path)
    (folder / "train" / photographs.IDS[0]).rename(folder / "elsewhere")
    with pytest.raises(SoftLabelsError, match="2 class folders in train/ where ImageNet-1K has 12 in 3; it should"):
        read(photographs.IMAGENET, folder)


# ---- copies that people have touched -------------------------------------------------------------------------------


def exchange_folders(root):
    one, two = (root / "train" / wnid for wnid in photographs.IDS[:2])
    one.rename(root / "x")
    two.rename(one)
    (root / "x").rename(two)


def one_image_elsewhere(root):
    image = next((root / "train" / photographs.IDS[2]).rglob("*.JPEG"))
    image.rename(root / "train" / photographs.IDS[0] / image.name)


def larger(root):
    image = sorted((root / "train" / photographs.IDS[1]).rglob("*.JPEG"))[-1]
    image.write_bytes(photographs.jpeg(np.zeros((3, 16, 16), np.uint8)))


def taller_test_image(root):
    (root / "val/images/val_7.JPEG").write_bytes(photographs.jpeg(np.zeros((3, 9, 8), np.uint8)))


def flat(root):
    for image in (root / "val").glob("*/*"):
        image.rename(root / "val" / image.name)


def one_class_less(root):
    (root / "val" / photographs.IDS[1]).rename(root / "elsewhere")


def another_class(root):
    (root / "val" / photographs.IDS[1]).rename(root / "val" / "n99999999")


def one_image_less(root):
    next((root / "train" / photographs.IDS[1]).glob("*")).unlink()


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        ("tiny-imagenet", exchange_folders, "train/n01443537/ in .* holds n01629819_0.JPEG, which is an image of n016"),
        ("imagenet", exchange_folders, "train/n01443537/ in .* holds n01629819_0.JPEG, which is an image of n01629819"),
        ("imagenet", one_image_elsewhere, "train/n01443537/ in .* which is an image of n02106662"),
        ("tiny-imagenet", larger, "n01629819_2.JPEG in .* has 16×16 pixels; the official images have 8×8"),
        ("tiny-imagenet", taller_test_image, "val/images/val_7.JPEG in .* has 8×9 pixels"),
        ("imagenet", flat, "has 0 images in 0 class folders in val/ where ImageNet-1K has 15 in 3"),
        ("imagenet", one_class_less, "has 10 images in 2 class folders in val/"),
        ("imagenet", another_class, "has 15 images in 3 class folders in val/ where"),
        ("imagenet", one_image_less, "has 11 images in 3 class folders in train/ where ImageNet-1K has 12 in 3"),
    ],
)
def test_a_copy_that_was_rearranged_is_refused(tmp_path, monkeypatch, name, damage, says):
    root = photographs.MAKERS[name](tmp_path)
    damage(root)
    if "pixels" not in says:
        monkeypatch.setattr(formats, "_pixels", lambda *_: pytest.fail("an image was decoded"))
    with pytest.raises(SoftLabelsError, match=says):
        read(photographs.SMALL[name], root)


def windows_lines(path):
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def windows_mark(path):
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def no_last_line_end(path):
    path.write_bytes(path.read_bytes().rstrip(b"\n"))


@pytest.mark.parametrize("save", [windows_lines, windows_mark, no_last_line_end])
def test_texts_that_an_editor_saved_anew_are_read_as_before(tmp_path, save):
    root = photographs.tiny(tmp_path)
    before = read(photographs.TINY, root)
    for name in ("wnids.txt", "words.txt", ANNOTATIONS):
        save(root / name)
    after = read(photographs.TINY, root)
    assert after[0] == before[0]
    for was, is_ in zip((*before[1], *before[2]), (*after[1], *after[2]), strict=True):
        assert np.array_equal(was, is_)


@pytest.mark.parametrize("name", ["tiny-imagenet", "imagenet"])
def test_what_macos_writes_beside_images_is_none(tmp_path, name):
    root = photographs.MAKERS[name](tmp_path)
    (root / "train" / photographs.IDS[0] / "._a.JPEG").write_bytes(b"\x00\x05\x16\x07")
    (root / "val" / photographs.IDS[0]).mkdir(exist_ok=True)
    (root / "val" / photographs.IDS[0] / "._b.JPEG").write_bytes(b"\x00\x05\x16\x07")
    _, (train, _), (test, _) = read(photographs.SMALL[name], root)
    assert (len(train), len(test)) == (12, 15)


# ---- batches -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["folder", "tar.gz"])
def test_cifar10(tmp_path, kind):
    folder = photographs.cifar10(tmp_path)
    names, (train, train_classes), (test, test_classes) = read(
        photographs.CIFAR10, folder if kind == "folder" else photographs.packed(folder, kind)
    )
    assert names == tuple(f"name {c}" for c in range(10))
    assert (train == photographs.levels(photographs.CIFAR10, "train")).all() and train.dtype == np.uint8
    assert (test == photographs.levels(photographs.CIFAR10, "test")).all()
    assert train_classes.tolist() == test_classes.tolist() == list(range(10)) * 5


def test_cifar100_has_the_fine_classes(tmp_path):
    names, (train, train_classes), (test, _) = read(photographs.CIFAR100, photographs.cifar100(tmp_path))
    assert names == ("apple", "bee", "can") and train_classes.tolist() == [0, 1, 2] * 3
    assert (train == photographs.levels(photographs.CIFAR100, "train")).all() and len(test) == 15


@pytest.mark.parametrize("npz", [True, False])
def test_imagenet64(tmp_path, npz):
    names, (train, train_classes), (test, _) = read(photographs.IMAGENET64, photographs.imagenet64(tmp_path, npz))
    assert names == ("class 1", "class 2", "class 3") and train_classes.tolist() == [0, 1, 2] * 10
    assert (train == photographs.levels(photographs.IMAGENET64, "train")).all()
    assert (test == photographs.levels(photographs.IMAGENET64, "test")).all()


def test_an_altered_batch_is_refused(tmp_path):
    official = replace(photographs.CIFAR100, members_md5=(("train", "0" * 32),))
    with pytest.raises(SoftLabelsError, match="train in .* is not the official file: its MD5 is not 000"):
        read(official, photographs.cifar100(tmp_path))


class Harm:
    """What a pickle may do."""

    def __init__(self, function, *arguments):
        self.parts = function, arguments

    def __reduce__(self):
        return self.parts


@pytest.mark.parametrize("harm", [Harm(os.mkdir, "harm"), Harm(eval, "open('harm', 'w')"), Harm(np.load, "harm")])
def test_a_pickle_that_does_something_is_refused(tmp_path, monkeypatch, harm):
    monkeypatch.chdir(tmp_path)
    folder = photographs.cifar10(tmp_path)
    (folder / "data_batch_3").write_bytes(pickle.dumps({b"data": harm, b"labels": []}))
    with pytest.raises(
        SoftLabelsError, match="data_batch_3 in .* no pickled batch .*it asks for .*, which no batch of im"
    ):
        read(photographs.CIFAR10, folder)
    assert not (tmp_path / "harm").exists()


def test_an_npz_that_hides_a_pickle_is_refused(tmp_path):
    folder = photographs.imagenet64(tmp_path)
    rows = np.array([Harm(os.mkdir, tmp_path / "harm")], dtype=object)
    np.savez(folder / "Imagenet64_val_npz" / "val_data.npz", data=rows, labels=[1])
    with pytest.raises(SoftLabelsError, match="val_data.npz in .* is no batch of ImageNet at 64×64's"):
        read(photographs.IMAGENET64, folder)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no pickled batch"),
        (photographs.python2_pickle({b"data": np.zeros((2, 192), np.uint8)})[:-40], "no pickled batch"),
        (photographs.python2_pickle([1, 2]), "no pickled batch"),
        (photographs.python2_pickle({b"data": np.zeros((2, 192), np.uint8)}), r"no batch of CIFAR-10's \('labels'\)"),
        (
            photographs.python2_pickle({b"data": np.zeros((2, 191), np.uint8), b"labels": [1, 2]}),
            "no batch of CIFAR-10",
        ),
    ],
)
def test_a_batch_that_is_none(tmp_path, data, says):
    folder = photographs.cifar10(tmp_path)
    (folder / "test_batch").write_bytes(data)
    with pytest.raises(SoftLabelsError, match=f"test_batch in .* is {says}"):
        read(photographs.CIFAR10, folder)


def test_a_missing_batch_is_named(tmp_path):
    folder = photographs.imagenet64(tmp_path)
    (folder / "Imagenet64_train_part2_npz" / "train_data_batch_8.npz").unlink()
    with pytest.raises(SoftLabelsError, match="imagenet64 lacks train_data_batch_8; it is no whole copy"):
        read(photographs.IMAGENET64, folder)

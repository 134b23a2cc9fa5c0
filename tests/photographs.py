"""Small copies of the official sets of photographs, each in its official layout, made by the tests that read them."""

import hashlib
import io
import pickle
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from softlabels.data import catalogue
from softlabels.data.catalogue import Archive, Official

IDS = ["n01443537", "n01629819", "n02106662"]


def _small(official: Official, **changes) -> Official:
    """Three classes of four training and five test images, 8×8 pixels, without the official checksums."""
    sizes = {"classes": 3, "train": 12, "test": 15, "side": 8}
    return replace(official, archives=(), classes_sha256=None, pixels_sha256=None, members_md5=(), **(sizes | changes))


TINY = _small(catalogue.TINY)
CIFAR10 = _small(catalogue.CIFAR10, classes=10, train=50, test=50)
CIFAR100 = _small(catalogue.CIFAR100, train=9)
IMAGENET64 = _small(catalogue.IMAGENET64, train=30)
IMAGENET = _small(catalogue.IMAGENET)


def levels(official: Official, part: str) -> np.ndarray:
    """The pixels of a part's images (n, 3, side, side), noise that is always the same."""
    n = {"train": official.train, "test": official.test}[part]
    stream = np.random.default_rng([n, part == "test"])
    return stream.integers(0, 256, (n, 3, official.side, official.side), dtype=np.uint8)


def jpeg(pixels: np.ndarray) -> bytes:
    """An image file of levels (3, s, s) or, grey, (s, s)."""
    file = io.BytesIO()
    Image.fromarray(pixels if pixels.ndim == 2 else pixels.transpose(1, 2, 0)).save(
        file, "JPEG", quality=100, subsampling=0
    )
    return file.getvalue()


def tiny(parent: Path) -> Path:
    """tiny-imagenet-200/ with 3 classes; the first training image is grey. Returns the folder."""
    root = parent / TINY.folder
    train, test = levels(TINY, "train"), levels(TINY, "test")
    for c, wnid in enumerate(IDS):
        folder = root / "train" / wnid / "images"
        folder.mkdir(parents=True)
        (root / "train" / wnid / f"{wnid}_boxes.txt").write_text(f"{wnid}_0.JPEG\t0\t0\t7\t7\n")
        for i, number in enumerate([0, 1, 10, 2]):  # in the order of the file names
            pixels = train[4 * c + i]
            (folder / f"{wnid}_{number}.JPEG").write_bytes(jpeg(pixels[0] if c == i == 0 else pixels))
    (root / "val" / "images").mkdir(parents=True)
    lines = []
    for i in range(TINY.test):
        (root / "val" / "images" / f"val_{i}.JPEG").write_bytes(jpeg(test[i]))
        lines.append(f"val_{i}.JPEG\t{IDS[i % 3]}\t0\t0\t7\t7\n")
    (root / "val" / "val_annotations.txt").write_text("".join(lines))
    (root / "wnids.txt").write_text("".join(f"{wnid}\n" for wnid in reversed(IDS)))
    words = ["goldfish, Carassius auratus", "European fire salamander", "German shepherd, German police dog"]
    lines = [f"{wnid}\t{name}\n" for wnid, name in zip(IDS, words, strict=True)]
    (root / "words.txt").write_text("n00001740\tentity\n" + "".join(lines))
    return root


class Python2Pickler(pickle._Pickler):
    """Writes strings of bytes as Python 2 did, in which CIFAR's batches were pickled."""

    def save_string(self, text):
        self.write(b"T" + len(text).to_bytes(4, "little") + text)
        self.memoize(text)

    dispatch = {**pickle._Pickler.dispatch, bytes: save_string}


def python2_pickle(value) -> bytes:
    """`value`, pickled as by Python 2 with the NumPy of its time."""
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(value)
    return file.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def cifar10(parent: Path) -> Path:
    """cifar-10-batches-py/: five batches of 10 images, one of 50, and the names. Returns the folder."""
    root = parent / CIFAR10.folder
    root.mkdir(parents=True)
    train, test = levels(CIFAR10, "train"), levels(CIFAR10, "test")
    for i in range(5):
        rows = train[10 * i : 10 * i + 10].reshape(10, -1)
        (root / f"data_batch_{i + 1}").write_bytes(python2_pickle({b"data": rows, b"labels": list(range(10))}))
    classes = [i % 10 for i in range(50)]
    (root / "test_batch").write_bytes(python2_pickle({b"data": test.reshape(50, -1), b"labels": classes}))
    (root / "batches.meta").write_bytes(python2_pickle({b"label_names": [f"name {c}".encode() for c in range(10)]}))
    return root


def cifar100(parent: Path) -> Path:
    """cifar-100-python/: 9 training and 15 test images of 3 classes. Returns the folder."""
    root = parent / CIFAR100.folder
    root.mkdir(parents=True)
    for part in ("train", "test"):
        images = levels(CIFAR100, part).reshape(-1, 3 * 8 * 8)
        fine, coarse = [i % 3 for i in range(len(images))], [7] * len(images)
        batch = {b"data": images, b"fine_labels": fine, b"coarse_labels": coarse}
        (root / part).write_bytes(python2_pickle(batch))
    (root / "meta").write_bytes(python2_pickle({b"fine_label_names": [b"apple", b"bee", b"can"]}))
    return root


def imagenet64(parent: Path, npz: bool = True) -> Path:
    """imagenet64/ with its three unpacked archives: ten batches of 3 images, and 15 for validation. Returns it."""
    root = parent / IMAGENET64.folder
    train, test = levels(IMAGENET64, "train").reshape(30, -1), levels(IMAGENET64, "test").reshape(15, -1)
    batches = {f"train_data_batch_{i}": train[3 * i - 3 : 3 * i] for i in range(1, 11)} | {"val_data": test}
    for name, rows in batches.items():
        part = "val" if name == "val_data" else f"train_part{1 if int(name[17:]) < 6 else 2}"
        folder = root / f"Imagenet64_{part}{'_npz' if npz else ''}"
        folder.mkdir(parents=True, exist_ok=True)
        batch = {"data": rows, "labels": [1 + i % 3 for i in range(len(rows))]}
        if npz:
            np.savez(folder / f"{name}.npz", **batch)
        else:
            (folder / name).write_bytes(pickle.dumps(batch))
    return root


def imagenet(parent: Path) -> Path:
    """imagenet/ with a folder a class: images of 16×24 pixels, grey inside the middle square. Returns the folder."""
    root = parent / IMAGENET.folder
    for part, each in (("train", 4), ("val", 5)):
        for c, wnid in enumerate(IDS):
            folder = root / part / wnid
            folder.mkdir(parents=True)
            for i in range(each):
                pixels = np.zeros((3, 16, 24), np.uint8)
                pixels[:, :, 4:20] = 50 * (c + 1) + i
                (folder / f"{wnid}_{i}.JPEG").write_bytes(jpeg(pixels))
    return root


MAKERS = {
    "tiny-imagenet": tiny,
    "cifar10": cifar10,
    "cifar100": cifar100,
    "imagenet64": imagenet64,
    "imagenet": imagenet,
}
SMALL = {small.name: small for small in (TINY, CIFAR10, CIFAR100, IMAGENET64, IMAGENET)}


def packed(folder: Path, kind: str) -> Path:
    """The folder as an archive beside it, "zip" or "tar.gz", which unpacks to it."""
    path = folder.with_name(f"{folder.name}.{kind}")
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    names = [file.relative_to(folder.parent).as_posix() for file in files]
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for file, name in zip(files, names, strict=True):
                archive.write(file, name)
    else:
        with tarfile.open(path, "w:gz") as archive:
            for file, name in zip(files, names, strict=True):
                archive.add(file, name)
    return path


def described(path: Path, *urls: str) -> Archive:
    """What the catalogue would say of an archive."""
    data = path.read_bytes()
    return Archive(path.name, len(data), hashlib.sha256(data).hexdigest(), urls)

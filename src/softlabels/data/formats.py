"""The layouts of the official sets of photographs, each read into blocks of pixels and classes.

Letters: m images of a block, s pixels a side.
"""

import hashlib
import io
import os
import pickle
import re
import zipfile
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from softlabels.data.archives import Members
from softlabels.data.catalogue import Official
from softlabels.errors import SoftLabelsError

Block = tuple[np.ndarray, np.ndarray]  # pixels (m, 3, s, s), uint8, and classes (m,), int64
BLOCK = 250  # image files


@dataclass(frozen=True)
class Contents:
    """A set: the names of its classes, and the blocks of its two official parts, in order."""

    names: tuple[str, ...]
    train: Iterable[Block]
    test: Iterable[Block]


def read(official: Official, files: Members) -> Contents:
    """A set's contents from its official files. Raises SoftLabelsError for other files, here or as blocks are read."""
    for name, md5 in official.members_md5:
        if hashlib.md5(files.read(name), usedforsecurity=False).hexdigest() != md5:
            raise SoftLabelsError(f"{name} in {files.place} is not the official file: its MD5 is not {md5}.")
    return READERS[official.name](official, files)


# ---- folders of image files ----------------------------------------------------------------------------------------


def tiny_imagenet(official: Official, files: Members) -> Contents:
    """Stanford's layout: `wnids.txt`, `words.txt`, train/<id>/images, val/images with `val_annotations.txt`.

    Classes are in the order of their WordNet ids and training images in that of their file names, as in torchvision's
    ImageFolder; test images are in the order of the annotations. They may also lie in a folder per class.
    """
    ids = sorted(_lines(files, "wnids.txt"))
    words = dict(_columns(files, "words.txt"))
    if len(set(ids)) != official.classes or not set(ids) <= set(words):
        raise SoftLabelsError(
            f"{files.place} names {len(set(ids))} classes in wnids.txt, {len(set(ids) & set(words))} of them also in "
            f"words.txt, where {official.title} has {official.classes}."
        )
    train, validation = {wnid: [] for wnid in ids}, {}
    for name in files.names:
        *between, file = name.split("/")
        if between[:1] == ["train"] and len(between) > 1 and file.endswith(".JPEG"):
            _check_folder(files, between[1], file)
            train.setdefault(between[1], []).append(name)
        elif between[:1] == ["val"] and file.endswith(".JPEG"):
            validation[file] = name
    annotations = _columns(files, "val/val_annotations.txt")
    test = [(validation.get(file, f"val/images/{file}"), wnid) for file, wnid in annotations]
    _count(official, files, "train", [wnid for wnid in train for _ in train[wnid]], ids)
    _count(official, files, "val", [wnid for _, wnid in test], ids)
    return Contents(
        tuple(words[wnid].split(",")[0] for wnid in ids),
        _images(official, files, [(name, wnid) for wnid in train for name in train[wnid]], ids, exact=True),
        _images(official, files, test, ids, exact=True),
    )


def _check_folder(files: Members, folder: str, file: str) -> None:
    """Raise SoftLabelsError for a training image that another class's name stands in."""
    named = re.match(r"(n\d{8})_", file)
    if named and named[1] != folder:
        raise SoftLabelsError(f"train/{folder}/ in {files.place} holds {file}, which is an image of {named[1]}.")


def _count(official: Official, files: Members, part: str, classes: list[str], ids: list[str]) -> None:
    """Raise SoftLabelsError unless each class of a part has as many images as in the official files."""
    each = {"train": official.train, "val": official.test}[part] // official.classes
    count = Counter(classes)
    for wnid in [*count, *ids]:
        if count[wnid] != each * (wnid in ids):
            raise SoftLabelsError(
                f"{files.place} has {count[wnid]} images of {wnid} in {part}/ where {official.title} has "
                f"{each if wnid in ids else 'no such class'}; copy it anew, or take it away and it will be downloaded."
            )


def image_folder(official: Official, files: Members) -> Contents:
    """ImageNet-1K as torchvision's ImageFolder reads it: train/<id>/*.JPEG and val/<id>/*.JPEG, ids sorted.

    Pixels: the shorter side resized to s (bilinear), the middle s×s of the other.
    """
    parts = {"train": [], "val": []}
    for name in files.names:
        *between, file = name.split("/")
        if len(between) == 2 and between[0] in parts and file.upper().endswith((".JPEG", ".JPG", ".PNG")):
            if between[0] == "train":
                _check_folder(files, between[1], file)
            parts[between[0]].append((name, between[1]))
    ids = sorted({wnid for _, wnid in parts["train"]})
    for part, count in (("train", official.train), ("val", official.test)):
        folders = {wnid for _, wnid in parts[part]}
        if len(ids) != official.classes or folders != set(ids) or len(parts[part]) != count:
            raise SoftLabelsError(
                f"{files.place} has {len(parts[part]):,} images in {len(folders):,} class folders in {part}/ where "
                f"{official.title} has {count:,} in {official.classes:,}; it should hold train/n01440764/… and "
                "val/n01440764/…, a folder a class."
            )
    return Contents(
        _imagenet_names(ids),
        _images(official, files, parts["train"], ids),
        _images(official, files, parts["val"], ids),
    )


def _imagenet_names(ids: list[str]) -> tuple[str, ...]:
    """torchvision's names of ImageNet's thousand classes, which follow the order of ids; else the ids themselves."""
    from torchvision.models import ResNet18_Weights

    names = ResNet18_Weights.IMAGENET1K_V1.meta["categories"]
    return tuple(names if len(names) == len(ids) else ids)


def _lines(files: Members, name: str) -> list[str]:
    """The lines of a text, also of one that an editor of Windows has saved. Raises SoftLabelsError where it is none."""
    try:
        return files.read(name).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise SoftLabelsError(f"{name} in {files.place} is damaged ({error}); copy it anew.") from error


def _columns(files: Members, name: str) -> list[tuple[str, str]]:
    """The first two columns of a text with tabs between them. Raises SoftLabelsError for a line that has fewer."""
    lines = [line.split("\t") for line in _lines(files, name)]
    if short := next((number for number, line in enumerate(lines, 1) if len(line) < 2), None):
        raise SoftLabelsError(f"{name} in {files.place} is damaged: line {short} has no tab; copy it anew.")
    return [(first, second) for first, second, *_ in lines]


def _images(
    official: Official, files: Members, images: list[tuple[str, str]], ids: list[str], exact: bool = False
) -> Iterator[Block]:
    """Blocks of image files (path, class id), decoded in parallel, in this order. `exact` ones are never resized."""
    number = {wnid: c for c, wnid in enumerate(ids)}
    for name, wnid in images:
        if wnid not in number:
            raise SoftLabelsError(f"{name} in {files.place} is of {wnid}, which is none of its classes.")

    def decode(block: list[tuple[str, str]]) -> Block:
        pixels = np.stack([_pixels(files, name, official.side, exact) for name, _ in block])
        return pixels.transpose(0, 3, 1, 2), np.array([number[wnid] for _, wnid in block])

    return in_order(decode, [images[i : i + BLOCK] for i in range(0, len(images), BLOCK)])


def _pixels(files: Members, name: str, side: int, exact: bool) -> np.ndarray:
    """An image file, coloured or grey, as levels of red, green and blue (s, s, 3)."""
    from PIL import Image

    data = files.read(name)
    try:
        with Image.open(io.BytesIO(data)) as image:
            image = image.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise SoftLabelsError(f"{name} in {files.place} is no whole image ({error}).") from error
    if image.size != (side, side):
        if exact:
            raise SoftLabelsError(
                f"{name} in {files.place} has {image.width}×{image.height} pixels; the official images have "
                f"{side}×{side}."
            )
        scale = side / min(image.size)
        width, height = (max(side, round(length * scale)) for length in image.size)
        left, top = (width - side) // 2, (height - side) // 2
        image = image.resize((width, height), Image.Resampling.BILINEAR).crop((left, top, left + side, top + side))
    return np.asarray(image)


def in_order(work: Callable, items: list) -> Iterator:
    """work(item) for each item in turn, by as many threads as there are cores; only a few results wait in memory.

    Threads are enough, for image libraries release Python's lock while they decode.
    """
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


# ---- batches of arrays ---------------------------------------------------------------------------------------------


def cifar10(official: Official, files: Members) -> Contents:
    """Five training batches and a test batch, pickled by Python 2: rows of 3072 levels, red, green, blue."""
    names = _unpickled(files, "batches.meta")["label_names"]
    blocks = (_batch(official, files, f"data_batch_{i}", "labels") for i in range(1, 6))
    return Contents(_text(names), blocks, (_batch(official, files, name, "labels") for name in ("test_batch",)))


def cifar100(official: Official, files: Members) -> Contents:
    """One training and one test batch like CIFAR-10's. Images have a coarse and a fine class; we read the fine one."""
    names = _unpickled(files, "meta")["fine_label_names"]
    train, test = ((_batch(official, files, name, "fine_labels") for name in (part,)) for part in ("train", "test"))
    return Contents(_text(names), train, test)


def imagenet64(official: Official, files: Members) -> Contents:
    """Ten training batches and one of validation images, as `.npz` or pickled; the files count classes from 1.

    The classes are in another order than in other copies of ImageNet. The files do not name them, so the names here
    are numbers.
    """
    paths = {name.split("/")[-1].removesuffix(".npz"): name for name in files.names}

    def block(stem: str) -> Block:
        pixels, classes = _batch(official, files, paths.get(stem, stem), "labels")
        return pixels, classes - 1

    names = tuple(f"class {c}" for c in range(1, official.classes + 1))
    train = map(block, [f"train_data_batch_{i}" for i in range(1, 11)])
    return Contents(names, train, map(block, ["val_data"]))


def _batch(official: Official, files: Members, name: str, key: str) -> Block:
    try:
        if name.endswith(".npz"):
            with np.load(io.BytesIO(files.read(name)), allow_pickle=False) as batch:
                pixels, classes = batch["data"], batch[key]
        else:
            batch = _unpickled(files, name)
            pixels, classes = batch["data"], batch[key]
        pixels = np.asarray(pixels, np.uint8).reshape(-1, 3, official.side, official.side)
        return pixels, np.asarray(classes, np.int64)
    except (KeyError, ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise SoftLabelsError(
            f"{name} in {files.place} is no batch of {official.title}'s ({error}); copy it anew."
        ) from error


class _Arrays(pickle.Unpickler):
    """Reads pickles of plain values and NumPy arrays, and refuses every other object, which could run any code."""

    MODULES = {"numpy.core.multiarray", "numpy._core.multiarray", "numpy", "_codecs"}
    ALLOWED = {"_reconstruct": np.empty(0).__reduce__()[0], "ndarray": np.ndarray, "dtype": np.dtype}

    def find_class(self, module: str, name: str):
        if module in self.MODULES and name in self.ALLOWED:
            return self.ALLOWED[name]
        if (module, name) == ("_codecs", "encode"):
            return lambda text, encoding: text.encode(encoding)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no batch of images needs")


def _unpickled(files: Members, name: str) -> dict:
    """The dictionary in a file, its keys as text."""
    try:
        batch = _Arrays(io.BytesIO(files.read(name)), encoding="bytes").load()
        return {key.decode() if isinstance(key, bytes) else key: value for key, value in batch.items()}
    except Exception as error:  # a damaged pickle can fail in any way
        raise SoftLabelsError(f"{name} in {files.place} is no pickled batch of images ({error}).") from error


def _text(names: list) -> tuple[str, ...]:
    return tuple(name.decode() if isinstance(name, bytes) else name for name in names)


READERS = {
    "tiny-imagenet": tiny_imagenet,
    "tiny-imagenet-32": tiny_imagenet,
    "imagenet": image_folder,
    "cifar10": cifar10,
    "cifar100": cifar100,
    "imagenet64": imagenet64,
}

"""A set of images decoded once: one safetensors file that is written piece by piece, and mapped instead of read.

It holds the images and classes of the official training and test part, the names of the classes, and as its last 32
bytes the SHA-256 of all that stands before.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from torch import Tensor
from tqdm.auto import tqdm

from softlabels.errors import SoftLabelsError

FORMAT = "1"  # counted up when what stands in a file changes
PARTS = ("train", "test")
DTYPES = {"U8": np.uint8, "F32": np.float32}


def write(
    path: Path, about: dict[str, str], counts: tuple[int, int], shape: tuple[int, ...], dtype: str, blocks
) -> None:
    """Write a set to `path`, whole or not at all.

    about: what it is. counts: images of the training and of the test part, each (*shape), of dtype "U8" or "F32".
    blocks: for each part an iterable of images (m, *shape) and classes (m,). Raises SoftLabelsError where they are not
    as many as `counts`, and where the disk refuses.
    """
    each = int(np.prod(shape)) * np.dtype(DTYPES[dtype]).itemsize
    entries, end = {}, 0
    for name, kind, dims, size in (
        *((f"{part}_images", dtype, [n, *shape], n * each) for part, n in zip(PARTS, counts, strict=True)),
        *((f"{part}_classes", "I64", [n], n * 8) for part, n in zip(PARTS, counts, strict=True)),
        ("digest", "U8", [32], 32),
    ):
        entries[name] = {"dtype": kind, "shape": dims, "data_offsets": [end, end + size]}
        end += size
    header = json.dumps({"__metadata__": about | {"format": FORMAT}, **entries}).encode()
    header += b" " * (-len(header) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with open(unfinished, "wb") as file, tqdm(total=sum(counts), desc=f"{path.stem}", unit="image") as bar:
            digest = hashlib.sha256()
            _put(file, digest, len(header).to_bytes(8, "little") + header)
            classes = [_images(file, digest, bar, part, DTYPES[dtype], shape) for part in blocks]
            for part, found, n in zip(PARTS, classes, counts, strict=True):
                if len(found) != n:
                    raise SoftLabelsError(f"{path.stem} should have {n} {part} images, but there are {len(found)}.")
                _put(file, digest, found.astype("<i8").tobytes())
            file.write(digest.digest())
        os.replace(unfinished, path)
    except OSError as error:
        raise SoftLabelsError(f"{path} could not be written: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _images(file, digest, bar, blocks: Iterable, dtype, shape) -> np.ndarray:
    classes = [np.empty(0, np.int64)]
    for images, some in blocks:
        if images.shape != (len(some), *shape) or images.dtype != dtype:
            raise SoftLabelsError(f"Images are {images.shape} of {images.dtype}, with {len(some)} classes.")
        _put(file, digest, np.ascontiguousarray(images).data)
        classes.append(np.asarray(some, np.int64))
        bar.update(len(some))
    return np.concatenate(classes)


def _put(file, digest, data) -> None:
    file.write(data)
    digest.update(data)


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a file, mapped from the disk (pages are read when they are used), and what it is.

    train_images, test_images (n, *shape), uint8 or float32; train_classes, test_classes (n,), int64. Raises
    SoftLabelsError where the file is missing or not whole.
    """
    try:
        with safe_open(path, framework="pt") as file:
            about = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping: keys() alone)
    except (OSError, SafetensorError) as error:
        raise SoftLabelsError(f"{path} is not whole ({error}).") from error
    if about.get("format") != FORMAT or {f"{part}_{what}" for part in PARTS for what in ("images", "classes")} - set(
        tensors
    ):
        raise SoftLabelsError(f"{path} is not a set of images as this version writes it.")
    return tensors, about


def check(path: Path) -> str:
    """Compare a file with the SHA-256 at its end, and return that. Raises SoftLabelsError where they differ."""
    digest, left = hashlib.sha256(), path.stat().st_size - 32
    with open(path, "rb") as file:
        while left > 0:
            data = file.read(min(2**20, left))
            digest.update(data)
            left -= len(data)
        if file.read() != digest.digest():
            raise SoftLabelsError(f"{path} does not have the bytes that were written: its checksum is another.")
    return digest.hexdigest()

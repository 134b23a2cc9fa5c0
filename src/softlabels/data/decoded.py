"""A decoded set of images as one safetensors file, written block by block and memory-mapped when it is read.

It holds the images and classes of the official training and test part and the names of the classes. Its last 32 bytes
are the SHA-256 of all bytes before them.
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
from softlabels.paths import said_plainly

FORMAT = "2"  # to be increased when the file's layout changes, or what stands in that of any set
PARTS = ("train", "test")
DTYPES = {"U8": np.uint8, "F32": np.float32}  # by safetensors' names


def write(
    path: Path, about: dict[str, str], counts: tuple[int, int], shape: tuple[int, ...], dtype: str, parts: Iterable
) -> None:
    """Write a set to `path`, whole or not at all.

    about: metadata. counts: images of the training and of the test part, each (*shape), of dtype "U8" or "F32".
    parts: for each part an iterable of blocks, which are images (m, *shape) and classes (m,). Raises SoftLabelsError
    for more or fewer images than `counts`, and where the file cannot be written.
    """
    image_bytes = int(np.prod(shape)) * np.dtype(DTYPES[dtype]).itemsize
    entries, end = {}, 0
    for name, kind, dims, size in (
        *((f"{part}_images", dtype, [n, *shape], n * image_bytes) for part, n in zip(PARTS, counts, strict=True)),
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
        with (
            said_plainly(),
            open(unfinished, "w+b") as file,
            tqdm(total=sum(counts), desc=f"{path.stem}", unit="image") as bar,
        ):
            file.write(len(header).to_bytes(8, "little") + header)
            classes = [_write_images(file, blocks, DTYPES[dtype], shape, bar) for blocks in parts]
            for part, written, n in zip(PARTS, classes, counts, strict=True):
                if len(written) != n:
                    raise SoftLabelsError(f"{path.stem} should have {n} {part} images, but there are {len(written)}.")
                file.write(written.astype("<i8").tobytes())
            file.seek(0)
            file.write(hashlib.file_digest(file, "sha256").digest())
            os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_images(file, blocks: Iterable, dtype, shape: tuple[int, ...], bar: tqdm) -> np.ndarray:
    """Write the images of a part's blocks; returns their classes."""
    classes = [np.empty(0, np.int64)]
    for images, of_block in blocks:
        if images.shape != (len(of_block), *shape) or images.dtype != dtype:
            raise SoftLabelsError(f"Images are {images.shape} of {images.dtype}, with {len(of_block)} classes.")
        file.write(np.ascontiguousarray(images).data)
        classes.append(np.asarray(of_block, np.int64))
        bar.update(len(of_block))
    return np.concatenate(classes)


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a file, memory-mapped (a page is read when it is used), and the set's metadata.

    train_images, test_images (n, *shape), uint8 or float32; train_classes, test_classes (n,), int64. Raises
    SoftLabelsError where the file is missing or not whole.
    """
    try:
        with safe_open(path, framework="pt") as file:
            about = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping: keys() alone)
    except (OSError, SafetensorError) as error:
        raise SoftLabelsError(f"{path} is not whole ({error}).") from error
    wanted = {f"{part}_{what}" for part in PARTS for what in ("images", "classes")}
    if about.get("format") != FORMAT or not wanted <= set(tensors):
        raise SoftLabelsError(f"{path} is not a set of images as this version writes it.")
    return tensors, about


def pixels_sha256(tensors: dict[str, Tensor]) -> str:
    """The checksum of a set's levels, training images first."""
    digest = hashlib.sha256()
    for part in PARTS:
        digest.update(tensors[f"{part}_images"].numpy().data)
    return digest.hexdigest()


def check(path: Path) -> str:
    """Compare a file with the SHA-256 at its end, and return that. Raises SoftLabelsError where they differ."""
    contents = np.memmap(path, np.uint8, "r")
    digest = hashlib.sha256(contents[:-32])
    if contents[-32:].tobytes() != digest.digest():
        raise SoftLabelsError(f"{path} has changed since it was written: its checksum is another.")
    return digest.hexdigest()

"""From official files to a decoded set: find or fetch them, read, reduce or whiten, write once, check."""

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from filelock import FileLock
from torch import Tensor

from softlabels.data import archives, decoded, downloads, formats, whitening
from softlabels.data.catalogue import Official
from softlabels.errors import SoftLabelsError
from softlabels.paths import data_folder


def prepare(official: Official, cache: Path, thorough: bool = False) -> Path:
    """The decoded file of a set in `cache`/data, which is created where it is missing or damaged.

    Of several processes one creates it and the others wait. `thorough` also compares the file with its checksum.
    Raises SoftLabelsError where the official files are damaged or cannot be downloaded.
    """
    path = decoded_path(official, cache)
    if not thorough and fault(official, path) is None:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock")):
        wrong = fault(official, path, thorough)
        if wrong is None:
            return path
        if path.exists():
            print(f"{wrong} It is made anew.", file=sys.stderr)
            path.unlink()
        _make(official, path)
        if wrong := fault(official, path):
            path.unlink()
            raise SoftLabelsError(f"{wrong} The official files that it was made of are not those that the book knows.")
    return path


def decoded_path(official: Official, cache: Path) -> Path:
    """Where a set's decoded file is, or will be."""
    return cache / "data" / f"{official.name}.safetensors"


def fault(official: Official, path: Path, thorough: bool = False) -> str | None:
    """A sentence about what is wrong with a decoded file; None for a sound one."""
    if not path.exists():
        return f"{official.title} is not on this machine."
    try:
        tensors, _ = decoded.read(path)
        if thorough:
            decoded.check(path)
    except SoftLabelsError as error:
        return str(error)
    train, test = tensors["train_classes"], tensors["test_classes"]
    if (len(train), len(test)) != (official.train, official.test):
        return f"{path} has {len(train)} and {len(test)} images, not {official.train} and {official.test}."
    if official.classes_sha256 not in (None, classes_sha256(train, test)):
        return f"{path} has other classes than {official.title}."
    return None


def classes_sha256(train: Tensor, test: Tensor) -> str:
    """The checksum of a set's classes: training images first, eight bytes each, little-endian."""
    return hashlib.sha256(b"".join(part.numpy().astype("<i8").tobytes() for part in (train, test))).hexdigest()


def find_files(official: Official, downloaded: Path) -> list[Path]:
    """A set's official files: the folder or archives in SOFTLABELS_DATA, else archives fetched into `downloaded`.

    Raises SoftLabelsError where a local archive is damaged, and where files are missing that may not be fetched.
    """
    if local := data_folder():
        if not local.is_dir():
            raise SoftLabelsError(f"SOFTLABELS_DATA names {local}, which is no folder.")
        if (local / official.folder).is_dir():
            return [local / official.folder]
        if official.archives and all((local / archive.file).is_file() for archive in official.archives):
            for archive in official.archives:
                downloads.check(archive, local / archive.file)
            return [local / archive.file for archive in official.archives]
    if not official.archives:
        raise SoftLabelsError(
            f"{official.title} is licensed and cannot be fetched for you: get it at image-net.org, arrange it as "
            f"{official.folder}/train/n01440764/… and {official.folder}/val/n01440764/…, and name the folder "
            f"that holds {official.folder}/ in SOFTLABELS_DATA."
        )
    return [downloads.bring(archive, downloaded) for archive in official.archives]


def whereabouts(official: Official, cache: Path) -> str:
    """Where a set is, or where it would come from, in a few words."""
    if fault(official, decoded_path(official, cache)) is None:
        return "ready"
    local, size = data_folder(), sum(archive.size for archive in official.archives)
    places = [official.folder, *(archive.file for archive in official.archives)]
    if local and any((local / place).exists() for place in places):
        return f"to be decoded from {local}"
    return f"{size / 1e6:,.0f} MB to download" if size else "to be had from image-net.org by yourself"


def _make(official: Official, path: Path) -> None:
    files = archives.members(find_files(official, path.parent), official.folder)
    dtype, shape = "U8", (3, official.side, official.side)
    if official.halved:
        contents = formats.read(replace(official, side=2 * official.side), files)
        parts = _halved(contents.train), _halved(contents.test)
    else:
        contents = formats.read(official, files)
        parts = contents.train, contents.test
    if official.whitened:
        dtype, parts = "F32", _whitened(*map(list, parts))
    about = {"data": official.name, "names": json.dumps(contents.names)}
    decoded.write(path, about, (official.train, official.test), shape, dtype, parts)


def _halved(blocks: Iterable[formats.Block]) -> Iterable[formats.Block]:
    """The mean of each 2×2 pixels, rounded to a whole level."""
    for images, classes in blocks:
        m, ch, h, w = images.shape
        sums = images.reshape(m, ch, h // 2, 2, w // 2, 2).sum((3, 5), dtype=np.uint16)  # (m, ch, h/2, w/2)
        yield ((sums + 2) // 4).astype(np.uint8), classes


def _whitened(train: list[formats.Block], test: list[formats.Block]) -> list[Iterable[formats.Block]]:
    mean, matrix = whitening.fit(np.concatenate([images for images, _ in train]))
    return [((whitening.apply(images, mean, matrix), c) for images, c in part) for part in (train, test)]

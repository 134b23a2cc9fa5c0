"""From official files to a decoded set: find or fetch them, read, reduce or whiten, write once, check.

Levels are compared with their checksum where one is known, and classes likewise. So rows of photographs count the
format of decoded files, which names what stands in them, and not the code that makes them (`pinned`).
"""

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from filelock import FileLock
from torch import Tensor

from softlabels.code_hash import pinned
from softlabels.data import archives, decoded, downloads, formats, whitening
from softlabels.data.catalogue import Official
from softlabels.errors import SoftLabelsError
from softlabels.paths import data_folder

LIKE = {  # files by which a folder of another name is known
    "tiny-imagenet-200": ("wnids.txt",),
    "cifar-10-batches-py": ("data_batch_1",),
    "cifar-100-python": ("train", "test", "meta"),
}


@pinned(decoded.FORMAT)
def prepare(official: Official, cache: Path, thorough: bool = False) -> Path:
    """The decoded file of a set in `cache`/data, which is created where it is missing or damaged.

    Of several processes one creates it and the others wait. `thorough` also compares an older file with its checksums.
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
        if wrong := fault(official, path, thorough=True):
            path.unlink()
            raise SoftLabelsError(
                f"{wrong} The files that it was made of are not the official ones (or, of JPEG files, Pillow here uses "
                "another library than libjpeg-turbo)."
            )
    return path


def decoded_path(official: Official, cache: Path) -> Path:
    """Where a set's decoded file is, or will be."""
    return cache / "data" / f"{official.name}.safetensors"


def fault(official: Official, path: Path, thorough: bool = False) -> str | None:
    """A sentence about what is wrong with a decoded file; None for a sound one. `thorough` looks at every byte."""
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
    if thorough and official.pixels_sha256 not in (None, decoded.pixels_sha256(tensors)):
        return f"{path} has other pixels than {official.title}."
    return None


def classes_sha256(train: Tensor, test: Tensor) -> str:
    """The checksum of a set's classes: training images first, eight bytes each, little-endian."""
    return hashlib.sha256(b"".join(part.numpy().astype("<i8").tobytes() for part in (train, test))).hexdigest()


def find_files(official: Official, downloaded: Path) -> list[Path]:
    """A set's official files: the folder or archives in SOFTLABELS_DATA, else archives fetched into `downloaded`.

    Raises SoftLabelsError where a local archive is damaged or has another name, and where files are missing that may
    not be fetched.
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
        _check_names(official, local)
    if not official.archives:
        raise SoftLabelsError(
            f"{official.title} is licensed and cannot be fetched for you: get it at image-net.org, arrange it as "
            f"{official.folder}/train/n01440764/… and {official.folder}/val/n01440764/…, and name the folder "
            f"that holds {official.folder}/ in SOFTLABELS_DATA."
        )
    if local:
        names = " nor ".join([f"{official.folder}/", *(archive.file for archive in official.archives)])
        megabytes = sum(archive.size for archive in official.archives) / 1e6
        note = f"SOFTLABELS_DATA names {local}, which holds neither {names}: {megabytes:,.0f} MB to download."
        print(note, file=sys.stderr)
    return [downloads.bring(archive, downloaded) for archive in official.archives]


def _check_names(official: Official, local: Path) -> None:
    """Raise SoftLabelsError for an archive that a browser renamed or unpacked by half, and for a renamed folder."""
    for archive in official.archives:
        stem = archive.file.partition(".")[0]
        for path in sorted(local.glob(f"{stem}*")) if not (local / archive.file).exists() else ():
            if path.is_file() and path.stat().st_size == archive.size:
                raise SoftLabelsError(f"{path} has the size of {archive.file}; rename it to that.")
            if path.is_file() and path.suffix == ".tar" and ".tar" in archive.file:
                raise SoftLabelsError(
                    f"{path} is {archive.file} unpacked by half; unpack it, so that {local} holds {official.folder}/."
                )
    like = LIKE.get(official.folder, ())
    for folder in [local, *sorted(path for path in local.iterdir() if path.is_dir())]:
        if like and all((folder / name).is_file() for name in like):
            raise SoftLabelsError(
                f"{folder} holds {', '.join(like)}, as {official.title} does; rename the folder to {official.folder}."
            )


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

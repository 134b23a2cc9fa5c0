"""The reader's own images: any folder of image files in SOFTLABELS_DATA becomes a set like the official ones.

`NAME/train/<class>/…` and `NAME/test/<class>/…` are the two parts. Of `NAME/<class>/…` alone a fifth of each class, and
never fewer than LEAST images, are drawn for the test part, always the same ones. An image is turned as its camera
noted, laid on white where it is transparent, cut to the square in its middle and resized. The set is decoded once into
the cache.

The decoded set's name ends with digits of its checksum, over pixels, classes and their names: so rows and teachers of
other images, or of another size, are those of another set.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from torch import Tensor

from softlabels.data import catalogue, decoded, formats, noisy
from softlabels.data.catalogue import Official
from softlabels.data.images import VALIDATION
from softlabels.data.prepare import fault
from softlabels.errors import SoftLabelsError
from softlabels.paths import data_folder
from softlabels.seeds import torch_stream
from softlabels.store import write_atomically

SIDE = 32  # pixels
SIDES = range(8, 257)  # the smallest and largest image that a ConvNet of the book takes
TEST_SHARE = 5  # one in five images of a class is for testing, where the folder has no test part
LEAST = VALIDATION  # test images of a class: of fewer, none would be left to choose the epoch by

Files = list[tuple[Path, int]]  # an image file and its class, class by class


def find(name: str, cache: Path, side: int = SIDE, thorough: bool = False) -> Official:
    """The set in SOFTLABELS_DATA/`name` at side × side pixels, decoded and known to the catalogue from now on.

    It is decoded where that has not been done, or where files have changed since. `thorough` also compares the decoded
    file with its checksum. Raises SoftLabelsError for a folder that is no set of images, and a file that is no image.
    """
    if side not in SIDES:
        raise SoftLabelsError(f"Images are resized to {SIDES[0]} to {SIDES[-1]} pixels a side, not to {side}.")
    names, train, test = _layout(name)
    folder, seen = cache / "data", _fingerprint(train, test)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f".{name}.lock"):
        there = [one for one in _decoded(name, seen, folder, thorough) if one.side == side]
        official = there[0] if there else _decode(name, names, train, test, side, seen, folder)
    catalogue.OFFICIAL[official.name] = official
    return official


def remember(cache: Path) -> None:
    """Make all decoded sets in the cache known to the catalogue: for processes that read rows or teachers of them."""
    for official in _decoded(None, None, cache / "data"):
        catalogue.OFFICIAL[official.name] = official


def names() -> list[str]:
    """The folders in SOFTLABELS_DATA that hold folders and are none of the book's own sets."""
    local = data_folder()
    found = _folders(local) if local and local.is_dir() else {}
    return [name for name, path in found.items() if name not in _taken() and _folders(path)]


def described(name: str, cache: Path) -> str:
    """The size of a set and whether it is decoded, in a few words; what is wrong with a folder that is none."""
    try:
        classes, train, test = _layout(name)
    except SoftLabelsError as error:
        return f"no set of images: {error}"
    at = [f"{one.side}×{one.side}" for one in _decoded(name, _fingerprint(train, test), cache / "data")]
    where = f"decoded at {' and '.join(at)}" if at else "not decoded yet"
    return f"{len(train):,} + {len(test):,} images of {len(classes)} classes; {where}; your own"


# ---- folders -------------------------------------------------------------------------------------------------------


def _layout(name: str) -> tuple[tuple[str, ...], Files, Files]:
    """The classes of a set, sorted by name, and the files of its training and test part."""
    if name in _taken():
        raise SoftLabelsError(f"{name} is the name of one of the book's own sets; give your folder another name.")
    local = data_folder()
    if local is None:
        raise SoftLabelsError(f"Name the folder that holds {name}/ in the environment variable SOFTLABELS_DATA.")
    root = local / name
    if Path(name).name != name or name[:1] in ("", ".") or not root.is_dir():
        raise SoftLabelsError(f"{local} holds no folder {name!r}; it should hold one with a folder of images a class.")
    top = _folders(root)
    parts = [part for part in ("train", "test") if part in top and _folders(top[part])]
    if not parts:
        return _split(root, top)
    if sorted(top) != ["test", "train"]:
        raise SoftLabelsError(f"{root} should hold train/ and test/ and no other folder; it holds {', '.join(top)}.")
    train, test = (_folders(top[part]) for part in ("train", "test"))
    if train.keys() != test.keys():
        lone = min(train.keys() ^ test.keys())
        here, there = ("train", "test") if lone in train else ("test", "train")
        raise SoftLabelsError(f"{root} has the class {lone!r} in {here}/ and not in {there}/; both need every class.")
    classes = _classes(root / "train", train)
    return classes, *(
        [(file, c) for c, one in enumerate(classes) for file in _files(part[one], least)]
        for part, least in ((train, 1), (test, LEAST))
    )


def _split(root: Path, top: dict[str, Path]) -> tuple[tuple[str, ...], Files, Files]:
    """The layout of a folder without a test part."""
    classes, train, test = _classes(root, top), [], []
    for c, name in enumerate(classes):
        files = _files(top[name], LEAST + 1)
        order = torch.randperm(len(files), generator=torch_stream("test part of own images", name)).tolist()
        count = max(LEAST, len(files) // TEST_SHARE)
        test += [(files[i], c) for i in order[:count]]
        train += [(files[i], c) for i in sorted(order[count:])]
    return classes, train, test


def _classes(root: Path, found: dict[str, Path]) -> tuple[str, ...]:
    if len(found) < 2:
        raise SoftLabelsError(
            f"{root} holds {'one class folder' if found else 'no class folders'}; a set needs a folder of images for "
            f"each of at least two classes."
        )
    return tuple(found)


def _folders(root: Path) -> dict[str, Path]:
    """The folders in a folder by name, sorted, hidden ones apart; a link to a folder counts as one."""
    found = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    return {path.name: path for path in found}


def _files(folder: Path, least: int) -> list[Path]:
    """The files of a class, sorted, hidden ones apart."""
    found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if other := next((path for path in found if not path.is_file()), None):
        raise SoftLabelsError(f"{other} is no file; a class's folder holds nothing but the files of its images.")
    if len(found) < least:
        raise SoftLabelsError(
            f"{folder} has {len(found)} images and needs at least {least}"
            f"{f', for each class is tested on {LEAST} or more' if least > 1 else ''}."
        )
    return found


def _taken() -> set[str]:
    """Names that mean the book's own sets, and their folders."""
    official = {*catalogue.OFFICIAL, *(one.folder for one in catalogue.OFFICIAL.values() if one.archives)}
    return official | {"digits", *noisy.NOISE}


def _fingerprint(train: Files, test: Files) -> str:
    """Changes when a file comes, goes or is written anew, without reading one."""
    lines = [f"{len(train)}"]
    for path, c in (*train, *test):
        about = path.stat()
        lines.append(f"{path} {c} {about.st_size} {about.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()


# ---- pixels --------------------------------------------------------------------------------------------------------


def _decoded(name: str | None, seen: str | None, folder: Path, thorough: bool = False) -> list[Official]:
    """The sound decoded sets that were made of files with a fingerprint, at every size; None, None: of all."""
    found = []
    for about in sorted(folder.glob("*.json")):
        try:
            fingerprint, official = _about(about)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # cut off, or of another version: the images are decoded again
        wanted = name is None or (name, seen) == (official.title, fingerprint)
        if wanted and fault(official, about.with_suffix(".safetensors"), thorough) is None:
            found.append(official)
    return found


def _about(path: Path) -> tuple[str, Official]:
    """What stands beside a decoded set: the fingerprint of its files, and the set as the catalogue has it."""
    about = json.loads(path.read_text(encoding="utf-8"))
    normalisation = tuple(map(tuple, about["set"].pop("normalisation")))
    return about["files"], Official(**about["set"], normalisation=normalisation, terms="your own")


def _decode(name: str, classes: tuple[str, ...], train: Files, test: Files, side: int, seen: str, folder: Path):
    """Decode the files into `folder`; returns the set."""
    path = folder / f"{name}.safetensors"
    about = {"data": name, "names": json.dumps(classes)}
    blocks = (_blocks(part, side) for part in (train, test))
    decoded.write(path, about, (len(train), len(test)), (3, side, side), "U8", blocks)
    digest = decoded.check(path)
    tensors, _ = decoded.read(path)
    own = {"name": f"{name}-{digest[:8]}", "title": name, "folder": name, "classes": len(classes), "side": side}
    own |= {"train": len(train), "test": len(test), "normalisation": _normalisation(tensors["train_images"])}
    os.replace(path, folder / f"{own['name']}.safetensors")
    beside = folder / f"{own['name']}.json"
    write_atomically(beside, json.dumps({"files": seen, "set": own}))
    return _about(beside)[1]


def _blocks(files: Files, side: int):
    from PIL import Image

    Image.init()
    readable = [kind for kind in Image.ID if kind != "EPS"]  # to read that, PIL would start another program

    def block(some: Files) -> formats.Block:
        pixels = np.stack([_pixels(path, side, readable) for path, _ in some])
        return pixels.transpose(0, 3, 1, 2), np.array([c for _, c in some])

    return formats.in_order(block, [files[i : i + formats.BLOCK] for i in range(0, len(files), formats.BLOCK)])


def _pixels(path: Path, side: int, readable: list[str]) -> np.ndarray:
    """An image file as levels of red, green and blue (s, s, 3); of several pictures in it the first."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path, formats=readable) as image:
            kind, image = image.format, ImageOps.exif_transpose(image)
        if image.mode[0] in "IF":  # 16 bits a pixel, grey; PIL would cut off all that is brighter than 255
            levels = np.asarray(image)
            of_16_bits = image.mode.startswith("I;16") or (image.mode == "I" and kind in ("PNG", "PPM"))
            if not of_16_bits or levels.min() < 0 or levels.max() > 65535:
                raise ValueError("its pixels are no levels of 8 or 16 bits")
            image = Image.fromarray((levels / 257).round().astype(np.uint8))
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        return np.asarray(ImageOps.fit(image.convert("RGB"), (side, side), Image.Resampling.BILINEAR))
    except Exception as error:  # a damaged file can fail in any way
        raise SoftLabelsError(f"{path} is no image that can be read ({error}); mend it or take it away.") from error


def _normalisation(images: Tensor) -> tuple[list[float], list[float]]:
    """Mean and deviation of each channel of images (n, 3, s, s), on the scale 0–1; no deviation is below a level."""
    n, total, squares = images[:, 0].numel(), torch.zeros(3, dtype=torch.double), torch.zeros(3, dtype=torch.double)
    for some in images.split(1000):
        pixels = some.double() / 255
        total += pixels.sum((0, 2, 3))
        squares += pixels.square().sum((0, 2, 3))
    mean = total / n
    deviation = (squares / n - mean.square()).clamp_min(0).sqrt()
    return mean.tolist(), deviation.clamp_min(1 / 255).tolist()

"""What `softlabels data` checks beside the readers: local copies before they are decoded, pixels afterwards.

Runs on photographs do not pass here. Rows count the code that they reach, and these checks may become stricter without
a row growing old.
"""

import hashlib
import io
import re
import zipfile
from collections import Counter
from pathlib import Path

from PIL import Image

from softlabels.data import archives, decoded
from softlabels.data.catalogue import OFFICIAL, Official
from softlabels.data.prepare import decoded_path, whereabouts
from softlabels.errors import SoftLabelsError
from softlabels.paths import data_folder

# SHA-256 of the levels of a decoded set, training images first. libjpeg-turbo, which Pillow's wheels hold, decodes
# JPEG files to the same levels on every machine. CIFAR-10's pixels are whitened, which each machine rounds its own way.
PIXELS = {
    "tiny-imagenet": "3e758f543a1bc7683c87c3444f871ec486578068366839f2da287c8ecaa77367",
    "tiny-imagenet-32": "d7616e96b7b0b1779c4aa0fdf315bc8539f9a99377c37cc93b1dca61d617efb1",
    "cifar100": "7fd4455e5b9d53c182a9fa503560af0f9ff2a1ffdb3eda6fa331650c16fb15b0",
}
LIKE = {  # files by which a folder of another name is known
    "tiny-imagenet-200": ("wnids.txt",),
    "cifar-10-batches-py": ("data_batch_1",),
    "cifar-100-python": ("train", "test", "meta"),
}
TEXTS = ("wnids.txt", "words.txt", "val/val_annotations.txt")


def before_fetching(official: Official, cache: Path) -> str:
    """Check what lies here of a set that is not decoded yet; a sentence where it is fetched all the same.

    Raises SoftLabelsError where it would be wrong to decode what is there, or to fetch it.
    """
    if (where := whereabouts(official, cache)) == "ready":
        return ""
    check_local(official)
    drop_web_pages(official, cache)
    if (local := data_folder()) and local.is_dir() and "to download" in where:
        names = " nor ".join([f"{official.folder}/", *(archive.file for archive in official.archives)])
        return f"SOFTLABELS_DATA names {local}, which holds neither {names}: {where}."
    return ""


def check_decoded(official: Official, cache: Path) -> None:
    """Compare a decoded set's pixels with the official ones; where those are not known, look at the files themselves.

    Raises SoftLabelsError where they differ.
    """
    if official.name not in PIXELS:
        check_local(official)
        return
    tensors, _ = decoded.read(decoded_path(official, cache))
    digest = hashlib.sha256()
    for part in decoded.PARTS:
        digest.update(tensors[f"{part}_images"].numpy().data)
    if digest.hexdigest() != PIXELS[official.name]:
        raise SoftLabelsError(
            f"{decoded_path(official, cache)} has other pixels than {official.title}: the files that it was made of "
            "are not the official ones, or Pillow decodes JPEG with another library than libjpeg-turbo. "
            f"`softlabels data fetch {official.name}` names a file that is wrong; else delete the decoded one."
        )


def check_local(official: Official) -> None:
    """What can be seen of a set in SOFTLABELS_DATA before it is fetched or decoded; nothing where it is not there.

    Raises SoftLabelsError for official files under other names, and for a folder whose images are not in the folders of
    their classes, have other sizes, or lie beside files that no official archive holds.
    """
    local = data_folder()
    if local is None or not local.is_dir() or official.name not in OFFICIAL:
        return
    if not (local / official.folder).is_dir():
        _check_names(official, local)
    elif official.folder in ("tiny-imagenet-200", "imagenet"):
        _check_images(official, archives.members([local / official.folder], official.folder))


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


def _check_images(official: Official, files: archives.Members) -> None:
    """A set of image files: no hidden files, plain line ends, each image of its folder's class, official sizes."""
    if hidden := [name for name in files.names if name.split("/")[-1].startswith("._")]:
        raise SoftLabelsError(
            f"{files.place} holds {hidden[0]} and {len(hidden) - 1} more files that macOS wrote and that are "
            f"no images; delete them: find {files.place} -name '._*' -delete"
        )
    for name in (name for name in TEXTS if name in files.names):
        if b"\r" in (text := files.read(name)) or text.startswith(b"\xef\xbb\xbf"):
            raise SoftLabelsError(
                f"{name} in {files.place} was saved by an editor of Windows, with \\r\\n at the ends of lines or a "
                "mark at the beginning; copy it anew."
            )
    images = [name.split("/") for name in files.names if name.lower().endswith((".jpeg", ".jpg", ".png"))]
    for part, folder, *_, file in (image for image in images if len(image) > 2):
        named = re.match(r"(n\d{8})_", file)
        if part == "train" and named and named[1] != folder:
            raise SoftLabelsError(f"{part}/{folder}/ in {files.place} holds {file}, which is an image of {named[1]}.")
    if official.name == "imagenet":
        _check_folders(official, files, images)
        return
    side = official.side * (1 + official.halved)
    for name in ("/".join(image) for image in images if image[0] in ("train", "val")):
        try:
            with Image.open(io.BytesIO(files.read(name))) as image:  # reads the header alone
                size = image.size
        except (OSError, SyntaxError, ValueError) as error:
            raise SoftLabelsError(f"{name} in {files.place} is no whole image ({error}).") from error
        if size != (side, side):
            raise SoftLabelsError(
                f"{name} in {files.place} has {size[0]}×{size[1]} pixels; the official images have {side}×{side}."
            )


def _check_folders(official: Official, files: archives.Members, images: list[list[str]]) -> None:
    """ImageNet's parts: as many images as there should be, in the same folders, one a class."""
    classes = {
        part: {image[1] for image in images if image[0] == part and len(image) == 3} for part in ("train", "val")
    }
    counts = Counter(image[0] for image in images if len(image) == 3)
    for part, count in (("train", official.train), ("val", official.test)):
        if len(classes[part]) != official.classes or classes[part] != classes["train"] or counts[part] != count:
            raise SoftLabelsError(
                f"{files.place} has {counts[part]:,} images in {len(classes[part]):,} class folders in {part}/ where "
                f"{official.title} has {count:,} in {official.classes:,}; it should hold train/n01440764/… and "
                "val/n01440764/…, a folder a class."
            )


def drop_web_pages(official: Official, cache: Path) -> str:
    """Delete beginnings of archives in the cache that are no such thing; a sentence about them, empty for none.

    A network that asks for a login answers every request with a web page, which is kept as a part of the archive.
    """
    dropped = []
    for archive in official.archives:
        part = decoded_path(official, cache).with_name(f"{archive.file}.part")
        if part.is_file() and part.stat().st_size and not _begins_like(part, archive.file):
            part.unlink()
            dropped.append(archive.file)
    if not dropped:
        return ""
    return (
        f"What came as {' and '.join(dropped)} was no archive but perhaps a web page, such as the login of your "
        "network, and was thrown away: open a page in a browser, then type the same command again."
    )


def _begins_like(part: Path, name: str) -> bool:
    with open(part, "rb") as file:
        start = file.read(4)
    magic = zipfile.stringFileHeader if name.endswith(".zip") else b"\x1f\x8b"
    return magic.startswith(start) or start.startswith(magic)

"""The files of a data set, read in place: from a folder, a zip or a tar archive. Nothing is unpacked."""

import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from softlabels.errors import SoftLabelsError

LARGEST_TAR = 2**30  # bytes: a tar cannot be read out of order, so it is read whole


class Members:
    """Files by their paths inside a data set's folder, such as "train/n01443537/…"; `names` are sorted.

    Those that macOS writes beside others, `._…`, are left out.
    """

    def __init__(self, place: str, names: Iterable[str], read: Callable[[str], bytes]):
        self.place = place  # the folder or archive, for error messages
        self.names = sorted(name for name in names if not name.split("/")[-1].startswith("._"))
        self._read = read

    def read(self, name: str) -> bytes:
        """A file's bytes. Raises SoftLabelsError, which names the file, where it is missing or damaged."""
        try:
            return self._read(name)
        except (KeyError, FileNotFoundError) as error:
            raise SoftLabelsError(f"{self.place} lacks {name}; it is no whole copy of the official files.") from error
        except (OSError, zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
            raise SoftLabelsError(f"{name} in {self.place} cannot be read ({error}).") from error


def members(paths: list[Path], folder: str) -> Members:
    """The files of one or several folders or archives together; in archives they may lie in the folder `folder`.

    Raises SoftLabelsError for a file that is no archive, and for an archive with a member outside that folder.
    """
    opened = [_of_folder(path) if path.is_dir() else _of_archive(path, folder) for path in paths]
    if len(opened) == 1:
        return opened[0]
    holder = {name: one for one in opened for name in one.names}
    return Members(" and ".join(one.place for one in opened), holder, lambda name: holder[name].read(name))


def _of_folder(path: Path) -> Members:
    names = []
    for here, _, files in os.walk(path):
        inside = Path(here).relative_to(path).as_posix()
        names += files if inside == "." else [f"{inside}/{file}" for file in files]
    return Members(str(path), names, lambda name: (path / name).read_bytes())


def _of_archive(path: Path, folder: str) -> Members:
    try:
        if zipfile.is_zipfile(path):
            archive = zipfile.ZipFile(path)  # stays open as long as it is read from
            files = {_inside(i.filename, path, folder): i for i in archive.infolist() if not i.is_dir()}
            return Members(str(path), files, lambda name: archive.read(files[name]))
        with tarfile.open(path) as archive:
            contents, total = {}, 0
            for member in archive:
                name = _inside(member.name, path, folder)
                if member.isdir():
                    continue
                total += member.size
                if not member.isfile() or total > LARGEST_TAR:
                    raise SoftLabelsError(f"{path} holds {member.name}, which no official archive holds; not read.")
                contents[name] = archive.extractfile(member).read()
            return Members(str(path), contents, contents.__getitem__)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise SoftLabelsError(f"{path} is no whole zip or tar archive ({error}); delete it or copy it anew.") from error


def _inside(name: str, path: Path, folder: str) -> str:
    """A member's path below `folder`. Raises SoftLabelsError for one that would be unpacked elsewhere."""
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or re.match("[A-Za-z]:", name):
        raise SoftLabelsError(f"{path} holds {name!r}, which would lie outside its folder; no official archive does.")
    return "/".join(parts[1:] if parts[0] == folder else parts).rstrip("/")

"""A disk that is really full, for tests: a small file system in memory."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of a few megabytes at `folder`; skips the test where none may be mounted."""
    folder.mkdir()
    size = f"size={megabytes}m"
    try:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", folder], capture_output=True).returncode
    except OSError:
        mounted = 1
    if mounted != 0:
        pytest.skip("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all the room that is left."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return filler

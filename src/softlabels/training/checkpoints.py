"""Trained networks on disk, so that packs and processes share a teacher that took long to train.

A network's folder is named by its settings, the hash of the code that trains it, and the kind of device. After that
code has changed, the folder is used again if `softlabels verify --networks` has found that today's code trains the same
network: this is noted in `verified.json` in the folder. Otherwise the network is trained anew, in a folder of its own.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from filelock import FileLock
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from softlabels.errors import SoftLabelsError

VERIFIED = "verified.json"


def folder(cache: Path, name: str, code: str, device: str | torch.device) -> tuple[Path, str]:
    """Where a network lies, and the hash of the code that its files name.

    name: the identity of its settings; code: the hash of today's code that trains it.
    """
    kind = torch.device(device).type
    own = cache / "teachers" / f"{name}-{code[:8]}-{kind}"
    if not own.exists():
        older = [*own.parent.glob(f"{name}-*-{kind}"), own.parent / name]  # the last: before the name held a hash
        for other in sorted(older):
            for finding in verified(other):
                if finding["to"] == code and finding["device"] == kind:
                    return other, finding["from"]
    return own, code


def verified(folder: Path) -> list[dict]:
    """What `softlabels verify --networks` has noted in a folder."""
    file = folder / VERIFIED
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """A block that one process at a time enters for a folder: the others wait, and then find what it has trained.

    Raises SoftLabelsError where nothing can be written beside the folder.
    """
    lock = FileLock(folder.with_name(f".{folder.name}.lock"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise SoftLabelsError(f"{folder} could not be written: {error}.") from error
    try:
        yield
    finally:
        lock.release()


def save(path: Path, tensors: dict[str, Tensor], about: dict[str, str]) -> None:
    """Write tensors, and metadata `about` them, to one `.safetensors` file, whole or not at all.

    Raises SoftLabelsError where the file cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            save_file({name: tensor.contiguous().cpu() for name, tensor in tensors.items()}, unfinished, about)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        raise SoftLabelsError(f"{path} could not be written: {error}.") from error


def load(path: Path, about: dict[str, str], device: str | torch.device = "cpu") -> dict[str, Tensor] | None:
    """The tensors of a file on `device`; None where there is no file.

    Raises SoftLabelsError for a damaged file, and for one whose metadata differ from `about`.
    """
    if not path.exists():
        return None
    again = "delete it and run again, it will be trained anew"
    try:
        with safe_open(path, framework="pt", device=str(device)) as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping: keys() alone)
    except (OSError, SafetensorError) as error:
        raise SoftLabelsError(f"{path} is not a whole file of a network; {again}.") from error
    for name, value in about.items():
        if metadata.get(name, "") != value:
            raise SoftLabelsError(f"{path} holds a network of {name} = {metadata.get(name)}, not {value}; {again}.")
    return tensors

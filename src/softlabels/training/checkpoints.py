"""Trained networks on disk, so that packs and processes share a teacher that took long to train."""

import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from softlabels.errors import SoftLabelsError


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
        if metadata.get(name) != value:
            raise SoftLabelsError(f"{path} holds a network of {name} = {metadata.get(name)}, not {value}; {again}.")
    return tensors

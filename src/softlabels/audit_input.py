"""What an audit is given, checked: a teacher or its labels, the rows that belong to them, and files of these.

Everything that does not fit raises SoftLabelsError with one sentence: what is wrong and what to do. Letters: n rows, c
classes.
"""

import importlib
import operator
import pickle
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from softlabels.errors import SoftLabelsError
from softlabels.labels import entropy
from softlabels.words import listed

SPLIT = ("student", "teacher", "test")  # who sees a row's label: the student too, the teacher alone, nobody
WIDE = 80  # characters of a printed line
SAY_SO = "If the teacher returns logits, say so: logits=True, or --logits."


def probabilities(teacher, inputs, logits: bool = False) -> Tensor:
    """Soft labels (n, c) in float64 from a teacher and its inputs, or given as they are; see `audit.audit`.

    With `logits` their softmax. Raises SoftLabelsError unless they are finite, not negative, and sum to 1, and where a
    teacher fails.
    """
    soft = _tensor(_answers(teacher, inputs) if callable(teacher) else teacher, "labels").double()
    if soft.ndim != 2 or soft.shape[1] < 2 or not len(soft):
        raise SoftLabelsError(
            "Labels are a table with a row for each input and a column for each class, of which there are two or more, "
            f"not one class only; this one has the shape {tuple(soft.shape)}."
        )
    if not (fine := torch.isfinite(soft).all(1)).all():
        raise SoftLabelsError(f"Row {_first(~fine)} of the labels holds NaN or infinity; mend the teacher or drop it.")
    sums, negative = soft.sum(1), (soft < 0).any(1)
    wrong = (sums - 1).abs() > 1e-3
    if logits:
        if not (negative.any() or wrong.any()):
            raise SoftLabelsError("These are probabilities already, not logits; take logits=True, or --logits, away.")
        return soft.softmax(1)
    if negative.any():
        row = _first(negative)
        raise SoftLabelsError(f"Row {row} of the labels holds {soft[row].min():.3g}, no probability. {SAY_SO}")
    if wrong.any():
        cut = "If entries were cut, divide each row by its sum."
        raise SoftLabelsError(
            f"Row {_first(wrong)} of the labels sums to {sums[wrong][0]:.4g}, not to 1. {SAY_SO} {cut}"
        )
    return soft / sums[:, None]


@torch.no_grad()
def _answers(teacher, inputs):
    """What a function says of inputs; an nn.Module in parts, as in `eval()`, and then as it was."""
    modules = list(teacher.modules()) if isinstance(teacher, nn.Module) else []
    parts, training = _tensor(inputs, "inputs").split(1000) if modules else (), [m.training for m in modules]
    try:
        if not modules:
            return teacher(inputs)
        like = next(teacher.parameters(), torch.zeros(1))
        teacher.eval()
        return torch.cat([teacher(x.to(like if x.is_floating_point() else like.device)) for x in parts])
    except Exception as error:  # it is the user's code, which can fail in any way
        raise SoftLabelsError(f"The teacher failed on these inputs: {_why(error)}.") from error
    finally:
        for module, was in zip(modules, training, strict=True):
            module.training = was


def rows(soft: Tensor, inputs, classes, planted, split, canaries) -> tuple[Tensor, ...]:
    """Inputs, classes, planted labels, split as 0, 1, 2, and the mask of canaries, as tensors that fit the labels."""
    given = {"inputs": inputs, "classes": classes, "planted labels": planted}
    x, classes, planted = (_tensor(values, what) for what, values in given.items())
    if classes.ndim != 1 or planted.ndim != 1 or not x.ndim:
        raise SoftLabelsError("Classes and planted labels are an integer for each row; these have another shape.")
    names = np.atleast_1d(np.asarray(split)).tolist()
    x = x.unsqueeze(1) if x.ndim == 1 else x  # one number a row
    if unknown := {str(name) for name in names} - {*SPLIT, "0", "1", "2"}:
        raise SoftLabelsError(f"The split says {min(unknown)!r}; a row is one of {listed(SPLIT)}, or 0, 1, 2.")
    split = torch.tensor([SPLIT.index(name) if name in SPLIT else int(name) for name in names])
    n, part = len(x), int((split == 0).sum())
    if {len(classes), len(planted), len(split)} != {n} or len(soft) not in (n, part):
        raise SoftLabelsError(
            f"There are {n} inputs, {len(classes)} classes, {len(planted)} planted labels, {len(split)} entries of the "
            f"split and {len(soft)} soft labels; give as many of each, or soft labels of the student's {part} rows."
        )
    if not torch.isfinite(x).all():
        raise SoftLabelsError("The inputs hold NaN or infinity; fill such gaps or leave their rows out.")
    for what, numbers in (("class", classes), ("planted label", planted)):
        numbers = numbers.double()  # they may be true and false
        if (wrong := ~torch.isfinite(numbers) | (numbers != numbers.round())).any():
            row = _first(wrong)
            raise SoftLabelsError(
                f"Row {row} has the {what} {numbers[row]:g}; it is a whole number from 0, or −1 for none."
            )
    canary = planted != classes
    if canaries is not None:
        canaries = _tensor(canaries, "canaries")
        mask = canaries.dtype == torch.bool
        if canaries.ndim != 1 or (canaries.is_floating_point() and len(canaries)) or (mask and len(canaries) != n):
            raise SoftLabelsError(
                f"Canaries are a mask of {n} rows, true or false, or their indices, not {canaries.dtype} of the shape "
                f"{tuple(canaries.shape)}."
            )
        canaries = canaries.nonzero()[:, 0] if mask else canaries.long()
        if len(outside := canaries[(canaries < 0) | (canaries >= n)]):
            raise SoftLabelsError(f"Canary {int(outside[0])} is none of the {n} rows; count them from 0.")
        canary = torch.zeros(n, dtype=torch.bool).index_fill(0, canaries, True)
    return x, classes.long(), planted.long(), split, canary


def check(c: int, classes: Tensor, planted: Tensor, canary: Tensor, needed: dict[str, Tensor]) -> None:
    """Raise SoftLabelsError where classes, canaries or a needed part of the rows leave nothing to measure."""
    wrong = (classes >= c) | (planted >= c) | (planted < 0) | ((classes < 0) & ~canary)
    if wrong.any():
        row = _first(wrong)
        raise SoftLabelsError(
            f"Row {row} has class {int(classes[row])} and planted label {int(planted[row])}; the labels are of classes "
            f"0 … {c - 1}, and only a canary may have no class (−1)."
        )
    if len(classes[classes >= 0].unique()) < 2:
        raise SoftLabelsError("All rows are of one class only; an audit needs two classes or more.")
    if (same := canary & (classes == planted)).any():
        raise SoftLabelsError(f"Row {_first(same)} is a canary, but its planted label is its class; plant a wrong one.")
    for what, there in needed.items():
        if there.sum() < 2:
            raise SoftLabelsError(
                f"An audit needs two {what} or more, and there are {int(there.sum())}; `softlabels.audit.plant` makes "
                "a split with enough of each."
            )
    if c == 2 and (classes[canary] >= 0).any():
        raise SoftLabelsError(
            "With two classes the only wrong label always comes first; plant on inputs of no class (class −1) instead."
        )


def _why(error):
    """An error of the user's code in a line."""
    return ": ".join([type(error).__name__, *str(error).splitlines()[:1]]).rstrip(".")


def _first(rows):
    return int(rows.nonzero()[0])


def _tensor(values, what):
    try:
        return values.detach().cpu() if isinstance(values, Tensor) else torch.tensor(np.asarray(values))
    except (TypeError, ValueError) as error:
        raise SoftLabelsError(f"The {what} are no table of numbers: {error}") from error


# ---- files


def read(path: str) -> dict:
    """The arrays in a file by name: labels, inputs, classes, planted, split, canaries, as far as they are there.

    `.npz` and `.pt` (read with weights_only=True) hold them by these names, or labels alone. `.csv` has the columns
    label_0, label_1, …, input_0, …, classes, planted, split. Raises SoftLabelsError for any other file.
    """
    kind = Path(path).suffix
    try:
        if kind == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                return {"labels" if name == "arr_0" else name: arrays[name] for name in arrays}
        if kind == ".pt":
            found = torch.load(path, weights_only=True, map_location="cpu")
            return found if isinstance(found, dict) else {"labels": found}
        if kind == ".csv":
            table = pd.read_csv(path)
            found = {f"{name}s": _numbered(table, name) for name in ("label", "input")}
            found |= {name: table[name].to_numpy() for name in ("classes", "planted", "split") if name in table}
            return {name: values for name, values in found.items() if values.size}
    except Exception as error:  # a damaged file can fail in any way
        why = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        if isinstance(error, pickle.UnpicklingError | KeyError):  # PyTorch's own advice is to let it run any code
            why = "it is damaged, or holds more than tensors"
        raise SoftLabelsError(f"{path} cannot be read as {kind}: {why}.") from error
    raise SoftLabelsError(f"Labels are read from .npz, .csv and .pt files; {path} is none of them.")


def _numbered(table: pd.DataFrame, name: str) -> np.ndarray:
    """The columns name_0, name_1, … in the order of their numbers, wherever they stand in the table."""
    numbers = {int(column.removeprefix(f"{name}_")): column for column in table.filter(regex=rf"^{name}_\d+$")}
    if lacking := set(range(len(numbers))) - set(numbers):
        raise ValueError(f"it has {len(numbers)} columns {name}_…, and {name}_{min(lacking)} is none of them")
    return table[[numbers[k] for k in sorted(numbers)]].to_numpy()


@dataclass(frozen=True)
class Statistics:
    """What labels say without the data that they belong to, by name, and what they do not say."""

    numbers: dict[str, float]
    conclusion: str

    def as_json(self) -> dict:
        """All of it as a dictionary for JSON."""
        return self.numbers | {"conclusion": self.conclusion}

    def __str__(self) -> str:
        return "\n".join(
            [
                *(f"{value:<10.4g}{name}" for name, value in self.numbers.items()),
                "",
                textwrap.fill(self.conclusion, WIDE),
            ]
        )


def statistics(soft: Tensor, missing: Sequence[str]) -> Statistics:
    """Of labels (n, c) whose `missing` data would be needed to train a student."""
    largest = soft.max(1).values
    numbers = {
        "labels": len(soft),
        "classes": soft.shape[1],
        "mean entropy in nats": float(entropy(soft).mean()),
        "mean largest entry": float(largest.mean()),
        "share of hard labels": float((largest == 1).double().mean()),
        "share of entries that are 0": float((soft == 0).double().mean()),
    }
    return Statistics(
        numbers,
        f"Without {listed(missing)} no student can be trained, so what these labels teach and leak stays unknown. Put "
        "what is missing into the same file, or into one beside it (--data).",
    )


def named(teacher: str) -> Callable:
    """The function or nn.Module that `module:name` names; the folder that one is in counts too."""
    module, _, name = teacher.partition(":")
    sys.path.insert(0, "")
    try:
        found = operator.attrgetter(name)(importlib.import_module(module))
    except Exception as error:  # a module is the user's code, which can fail in any way
        raise SoftLabelsError(
            f"--teacher takes module:name, such as mine:model.predict_proba for what mine.py makes; {_why(error)}."
        ) from error
    finally:
        sys.path.pop(0)
    if not callable(found):
        raise SoftLabelsError(f"{teacher} is no function; name one that takes inputs to class probabilities.")
    return found

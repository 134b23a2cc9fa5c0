"""Whether stored rows still come out: one cheap pack computed with today's code, compared with what is stored.

Or only the first steps of a pack, computed with today's code and with that which made the rows, and compared bit by
bit: this says nothing of another machine, but takes moments after a change of the code, and another machine than that
of the rows can do it.

Rows say which code made them. Where that code has changed since, they count as *older code* until a pack of the same
kind has been computed again and was found to be the same. That finding, not a new stamp, is what makes them current.
"""

import dataclasses
import datetime
import importlib
import io
import json
import math
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd
from safetensors import SafetensorError, safe_open

from softlabels.code_hash import PACKAGE, code_hash
from softlabels.errors import SoftLabelsError
from softlabels.machine import device_name
from softlabels.paths import cache_folder
from softlabels.store import (
    PUBLISHED_SCALES,
    Table,
    add_evidence,
    committed,
    older_packs,
    settings_by_pack,
    six_digits,
    write_atomically,
)
from softlabels.studies import STUDIES, find
from softlabels.study import Row, Study, identity
from softlabels.sweep import with_settings
from softlabels.tf32 import cache_of, products
from softlabels.training import checkpoints

OLD_CODE = """
import dataclasses, json, sys
from pathlib import Path
import torch
from softlabels import code_hash
from softlabels.studies import find
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False  # as tf32.products has it
study_id, module, device, cache, runs = json.loads(sys.stdin.read())
study = find(study_id)
try:
    code = code_hash.code_hash(study.run_pack)
except TypeError:  # before code was hashed by its meaning
    code = code_hash.code_hash([module or study.run_pack.__module__])
rows = study.run_pack([study.settings(**run) for run in runs], device, Path(cache))
print(json.dumps([code, [[row.metrics, row.curves] for row in rows]]))
"""  # what an old commit's package runs, in a process of its own


@dataclasses.dataclass(frozen=True)
class Finding:
    """What the comparison of one pack came to."""

    study: str
    scale: str
    pack: str  # <pack>.<device>
    kinds: tuple[str, ...]  # of its settings
    runs: int
    how: str  # "recomputed", or "first steps, bit by bit"
    difference: float  # the largest
    differing: tuple[str, ...]  # a line for each number that lies beyond the tolerance
    evidence: dict

    def __str__(self) -> str:
        kind = f" ({'; '.join(self.kinds)})" if any(self.kinds) else ""
        said = "the same" if not self.difference else f"largest difference {self.difference:.3g}"
        if self.differing:
            said = not_the_same(self.differing)
        return f"{self.study} {self.scale}, pack {self.pack}{kind}, {self.runs} runs, {self.how}: {said}"


def not_the_same(differing: Sequence[str]) -> str:
    """The first five of some differences, in a line."""
    return f"NOT the same: {'; '.join(differing[:5])}{' …' if len(differing) > 5 else ''}"


def verify(
    study: Study, scales: Sequence[str], devices: Iterable[str], *, every: bool = False, only: Sequence[str] = (),
    first_steps: bool = False, old: str | None = None, say: Callable[[str], None] = print,
) -> Iterator[Finding]:  # fmt: skip
    """Compare stored packs of a study with today's code: the cheapest of each kind of settings, or `every` one.

    Where some packs are of older code, the cheapest of these. A kind counts once over all `scales`. devices: those of
    this machine; packs of others are named and left unverified. only: settings, as in `sweep.with_settings`; a pack
    that holds such a run is computed whole. first_steps: compare these alone, with the old code's; of a study that does
    not say which they are, both codes compute whole packs. old: the commit whose code made the rows, for first steps;
    by default each pack's own. Raises SoftLabelsError where nothing is stored, and where the old code cannot be had or
    serves nothing.
    """
    shorten = study.first_steps if first_steps or not study.reproducible else None
    if old and not shorten:
        raise SoftLabelsError(
            f"An old commit's code runs first steps, and none of {study.id} are asked for; drop --old."
        )
    if first_steps and not shorten:
        say(f"{study.id} has no first steps to compare, so both codes compute whole packs.")
        shorten = list
    tables = {scale: committed(study.id, scale) for scale in scales}
    if not any(whole.packs for whole in tables.values()):
        raise SoftLabelsError(
            f"{study.id} has no stored rows at {' or '.join(scales)} scale, so there is nothing to verify."
        )
    packs = {}  # (scale, <pack>.<device>) -> its runs
    for scale, whole in tables.items():
        elsewhere = [name for name in whole.packs if name.rpartition(".")[2] not in devices]
        if elsewhere:
            say(f"{study.id} {scale}: {len(elsewhere)} packs are from a device that is not here; they stay unverified.")
        runs = settings_by_pack(study, whole)
        packs |= {(scale, name): runs[name] for name in runs if name not in elsewhere}
    if only:
        packs = holding(study, " or ".join(scales), packs, only)
    if not every:  # what is current needs no evidence, unless all is
        older = {(scale, name) for scale, whole in tables.items() for name in older_packs(study.id, whole)}
        packs = {which: pack for which, pack in packs.items() if which in older} or packs
    covered = set()
    for scale, name in sorted(packs, key=lambda which: tables[which[0]].packs[which[1]]["seconds"]):
        whole, pack = tables[scale], packs[scale, name]
        of_pack = whole.packs[name]["code"], name.rpartition(".")[2]
        kinds = {(*of_pack, study.kind(settings)) for settings in pack}
        if every or not kinds <= covered:
            covered |= kinds
            yield compare(study, scale, whole, name, pack, shorten, old)


def holding(study: Study, scale: str, packs: dict, only: Sequence[str]) -> dict:
    """Those of some packs that hold a run with the wanted settings, see `sweep.with_settings`."""
    wanted = set(with_settings(study, scale, [run for pack in packs.values() for run in pack], only))
    return {name: pack for name, pack in packs.items() if wanted.intersection(pack)}


def compare(
    study: Study, scale: str, whole: Table, name: str, pack: list, shorten: Callable[[list], list] | None,
    old: str | None,
) -> Finding:  # fmt: skip
    """Compute one stored pack again, or as it is when shortened with both codes, and compare every number."""
    device, about = name.rpartition(".")[2], whole.packs[name]
    kinds = tuple(sorted({study.kind(settings) for settings in pack}))
    if shorten:
        pack = shorten(pack)
        before = _with_old_code(study, about, pack, device, old)
        with products(device):
            after = [(row.metrics, row.curves) for row in study.run_pack(pack, device, cache_folder())]
        after = json.loads(json.dumps(after))
        how = f"{'first steps' if shorten == study.first_steps else 'old code and new'}, bit by bit"
    else:
        before = _stored(whole, pack, device)
        tf32 = about.get("tf32", False)
        with products(device, tf32):
            after = [_rounded(row) for row in study.run_pack(pack, device, cache_of(cache_folder(), tf32))]
        how = "recomputed"
    # Older rows may be without a metric that is stored today, and a GPU's without their curves.
    after = [({name: metrics[name] for name in metrics if name in was}, None if drawn is None else curves)
             for (metrics, curves), (was, drawn) in zip(after, before, strict=True)]  # fmt: skip
    allowed = study.tolerance.absolute if study.tolerance and not shorten else 0.0
    largest, differing = 0.0, []
    for settings, old_numbers, new_numbers in zip(pack, map(_flat, before), map(_flat, after), strict=True):
        for number in sorted(old_numbers.keys() | new_numbers.keys()):
            was, is_ = (numbers.get(number, math.nan) for numbers in (old_numbers, new_numbers))
            gap = abs(was - is_)
            if not gap <= allowed:  # NaN, where one side lacks the number, is beyond every tolerance
                differing.append(f"{number} of run {identity(settings)} was {was:.6g}, is {is_:.6g}")
            largest = max(largest, gap) if gap == gap else math.inf
    evidence = {
        "from": about["code"],
        "to": code_hash(study.run_pack),
        "kinds": list(kinds),
        "device": device,
        "pack": f"{study.id}.{scale} {name.rpartition('.')[0]}",
        "how": how,
        "largest_difference": six_digits(largest),
        "machine": device_name(device),
        "date": datetime.date.today().isoformat(),
    }
    if allowed:
        evidence |= {"tolerance": allowed, "because": study.tolerance.because}
    return Finding(study.id, scale, name, kinds, len(pack), how, largest, tuple(differing), evidence)


def _rounded(row: Row) -> tuple[dict, dict]:
    """A fresh row's metrics and curves, as they would be stored."""
    curves = {name: [(step, six_digits(value)) for step, value in points] for name, points in row.curves.items()}
    return {name: six_digits(value) for name, value in row.metrics.items()}, curves


def _stored(whole: Table, pack: list, device: str) -> list[tuple[dict, dict | None]]:
    """The metrics and curves of the runs of a pack that are stored of a device, in its order.

    None for the curves of a run that has two devices, unless this is the CPU, whose curves are stored.
    """
    settings = {field.name for field in dataclasses.fields(pack[0])} | {"identity", "seconds", "pack", "device"}
    wanted = [identity(run) for run in pack]
    rows = whole.rows[whole.rows["identity"].isin(wanted)].set_index("identity")
    twice = set() if device == "cpu" else set(rows.index[rows.index.duplicated()])
    rows = rows[rows["device"] == device]
    curves: dict[str, dict | None] = {run: None if run in twice else {} for run in wanted}
    for run, step, name, value in whole.curves[whole.curves["identity"].isin(wanted)].itertuples(index=False):
        if run not in twice:
            curves[run].setdefault(name, []).append((step, value))
    metrics = rows[[column for column in rows if column not in settings]].to_dict("index")
    has = {run: {name: value for name, value in row.items() if not pd.isna(value)} for run, row in metrics.items()}
    return [(has[run], curves[run]) for run in wanted]


def _flat(numbers: tuple[dict, dict | None]) -> dict[str, float]:
    """Every number of a row by its name: metrics, and the points of its curves."""
    metrics, curves = numbers
    points = {f"{name} at {step}": value for name, curve in (curves or {}).items() for step, value in curve}
    return {name: float(value) for name, value in (metrics | points).items()}


def _with_old_code(study: Study, about: dict, pack: list, device: str, old: str | None) -> list:
    """A short pack computed by the code of an old commit, which must be the code that made the stored rows."""
    commit = old or about["commit"].rstrip("+")
    try:
        archive = subprocess.run(["git", "-C", str(PACKAGE), "archive", commit, "."], capture_output=True)
        why = archive.stderr.decode().strip() if archive.returncode else ""
    except OSError as error:
        why = str(error)
    if why:
        raise SoftLabelsError(
            f"The code of commit {commit or '(none noted)'} cannot be had ({why}); "
            "run this in a clone with its whole history, or name a commit of the same code with --old."
        )
    with tempfile.TemporaryDirectory() as folder:
        tarfile.open(fileobj=io.BytesIO(archive.stdout)).extractall(Path(folder) / PACKAGE.name, filter="data")
        own = str(cache_folder() / "older code")  # what today's code decodes and trains would prove nothing
        job = [study.id, about.get("module"), device, own, list(map(dataclasses.asdict, pack))]
        ran = subprocess.run(
            [sys.executable, "-c", OLD_CODE], input=json.dumps(job), text=True, capture_output=True,
            env=os.environ | {"PYTHONPATH": folder},
        )  # fmt: skip
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or [f"it ended with {ran.returncode}"])[-1]
        raise SoftLabelsError(f"The code of commit {commit} failed on the pack: {last}")
    found, rows = json.loads(ran.stdout.splitlines()[-1])
    if found != about["code"]:
        raise SoftLabelsError(
            f"The code of commit {commit} is not the code that made these rows; name a commit that is with --old."
        )
    return rows


def record(findings: list[Finding]) -> list[str]:
    """Write evidence beside every committed table that it covers; those tables, as `<study>.<scale>`.

    It covers packs that the same old code made with the same kind of settings, of every study that runs the same code.
    Findings that differ are no evidence.
    """
    good = [finding.evidence for finding in findings if not finding.differing and not _already(finding)]
    written = []
    for study_id in STUDIES if good else ():
        today = code_hash(find(study_id).run_pack)
        for scale in PUBLISHED_SCALES:
            codes = {about["code"] for about in committed(study_id, scale).packs.values()}
            if covers := [each for each in good if each["to"] == today and each["from"] in codes]:
                add_evidence(study_id, scale, covers)
                written.append(f"{study_id}.{scale}")
    return written


def _already(finding: Finding) -> bool:
    """Whether the pack was made by today's code, so that nothing needs to be said of it."""
    return finding.evidence["from"] == finding.evidence["to"]


# ---- kept networks -------------------------------------------------------------------------------------------------

TRAINED_BY = {  # what only the metadata of such a network name -> the module and the function that train it
    "epoch": ("softlabels.studies.images.teachers", "_train"),
    "step": ("softlabels.studies.modular_teachers", "teach"),
    "teacher": ("softlabels.studies.language_model", "teacher_answers"),
}


def networks(cache: Path, devices: Iterable[str], say: Callable[[str], None] = print) -> Iterator[tuple[Path, float]]:
    """Train the networks that older code left in the cache again, each up to its first file, and compare the weights.

    Yields a folder and the largest difference; where it is 0 that is noted in the folder, which is then used again. A
    folder that differs stays as it is: nothing is deleted, and its network is trained anew where it is needed.
    """
    for folder in sorted(path for path in (cache / "teachers").glob("*") if path.is_dir()):
        try:
            difference = _trained_again(folder, devices)
        except (SoftLabelsError, SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
            say(f"{folder} stays unverified: {error}")  # also what the code of another day has named or shaped
            continue
        if difference is not None:
            yield folder, difference


def _trained_again(folder: Path, devices: Iterable[str]) -> float | None:
    """How far a network's first kept weights are from those that today's code trains; None where that says nothing."""
    files = [file for file in sorted(folder.glob("*.safetensors")) if file.stem.strip("e0")]  # not the first weights
    if not files:
        return None
    with safe_open(files[0], framework="pt") as file:
        about = file.metadata() or {}
    device = "cuda" if "cuda" in f"{folder.name}.{files[0].name}" else "cpu"
    if device not in devices:
        raise SoftLabelsError("it is from a device that is not here.")
    if not (named := [name for name in TRAINED_BY if name in about]):
        raise SoftLabelsError(f"{files[0].name} does not say what trained it.")
    module, trains = TRAINED_BY[named[0]]
    module = importlib.import_module(module)
    code = code_hash(getattr(module, trains))
    if code == about.get("code") or any(code == finding["to"] for finding in checkpoints.verified(folder)):
        return None
    with tempfile.TemporaryDirectory() as empty, products(device):
        again = module.train_again(about, device, Path(empty))
        old, new = (checkpoints.load(path, {}) for path in (files[0], again))
    difference = math.inf
    if {name: tensor.shape for name, tensor in old.items()} == {name: tensor.shape for name, tensor in new.items()}:
        gaps = [(old[name].double() - new[name].double()).abs().max().item() for name in old]
        difference = max(gaps) if all(map(math.isfinite, gaps)) else math.inf
    if not difference:
        finding = {"from": about.get("code", ""), "to": code, "device": device, "file": files[0].name}
        finding |= {"machine": device_name(device), "date": datetime.date.today().isoformat()}
        text = json.dumps([*checkpoints.verified(folder), finding], indent=1) + "\n"
        write_atomically(folder / checkpoints.VERIFIED, text)
    return difference

"""Run what is missing of a study, pack by pack, on any `concurrent.futures.Executor`."""

import contextlib
import dataclasses
import datetime
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from functools import cache
from pathlib import Path

import pandas as pd
import torch
from tqdm.auto import tqdm

from softlabels.code_hash import PACKAGE, code_hash
from softlabels.errors import SoftLabelsError
from softlabels.machine import device_name, machine_speed
from softlabels.paths import cache_folder, keep_compiled_code, runs_folder, said_plainly, settle_folders
from softlabels.store import (
    EMPTY,
    Store,
    Table,
    check_finite,
    everything,
    frame_of,
    older_packs,
    pack_names,
    packs_in_tf32,
    started,
    table,
)
from softlabels.studies import STUDIES, find
from softlabels.study import SCALES, Row, Study, identity, left_of, pack_name
from softlabels.tf32 import cache_of, products, wanted
from softlabels.words import count


def choose_device(name: str = "auto") -> str:
    """`cpu` or `cuda`; `auto` takes the GPU where there is one. Raises SoftLabelsError for what is not there."""
    if name not in ("auto", "cpu", "cuda"):
        raise SoftLabelsError(f"There is no device {name!r}; choose auto, cpu or cuda.")
    if name == "cuda" and not torch.cuda.is_available():
        raise SoftLabelsError("PyTorch sees no CUDA GPU on this machine; use --device cpu, or auto.")
    return ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name


def devices_here() -> list[str]:
    """The kinds of device of this machine."""
    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def timed_pack(
    run_pack: Callable, dtype: str, pack: list, device: str, cache: Path | None = None, code: str | None = None,
    tf32: bool = False,
) -> tuple[list, dict]:  # fmt: skip
    """One pack where it runs: its rows, and where they came from. `seconds`: of CPU, or of a GPU's wall clock.

    cache: None is the cache folder of the machine that this runs on. code: the hash of the code that is wanted; raises
    SoftLabelsError where this machine's is another. tf32: whether a GPU multiplies in TF32.
    """
    here = code_hash(run_pack)
    if code not in (None, here):
        raise SoftLabelsError(
            f"A worker on {platform.node()} has another version of the package's code ({here}, not {code}), so its "
            "rows would not be these; install the same version there and start the worker anew."
        )
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    clock = time.process_time if device == "cpu" else time.perf_counter
    begin = clock()
    with products(device, tf32):
        rows = run_pack(pack, device, cache_of(cache_folder() if cache is None else cache, tf32))
    if device == "cuda":
        torch.cuda.synchronize()
    seconds = clock() - begin
    if [row.settings for row in rows] != list(pack):
        raise SoftLabelsError(f"The study returned other rows than the {len(pack)} runs of its pack.")
    check_finite(rows)  # here too, so that it is this pack that fails, and not the keeping of packs
    where = {"code": here}
    where |= {"dtype": dtype, "started": started, "seconds": round(seconds, 3)} | provenance(device)
    if "bf16" in rows[0].metrics:  # training on images chooses its own number type; its metrics say which
        where |= {"dtype": "bfloat16" if rows[0].metrics["bf16"] else "float32"}
        where |= {"compiled": bool(rows[0].metrics["compiled"])}
    if tf32:
        where |= {"tf32": True}
    if device == "cuda":  # measured now, for the machine may not be at hand later
        where |= {"flops_per_second": ceiling(re.match(r"\w+", where["dtype"]).group(), tf32)}  # first of several
    return rows, where


@cache
def ceiling(dtype: str, tf32: bool) -> float:
    """FLOP/s that this machine's GPU reaches in a large matrix product."""
    with products("cuda", tf32):
        return machine_speed("cuda", getattr(torch, dtype))[0]


def provenance(device: str) -> dict:
    """What a number depends on beside its settings and its study's code."""
    return {
        "commit": _commit(),
        "device": device_name(device),
        "compiled": False,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


@cache
def _commit() -> str:
    """The commit that the package's code is at, with `+` where it has been edited; empty outside a checkout of it.

    A repository that only surrounds the package, as where an archive was unpacked, does not have it among its files.
    """
    try:
        run = lambda *words: subprocess.run(  # noqa: E731
            ["git", "-C", str(PACKAGE), *words], capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
        run("ls-files", "--error-unmatch", "--", "code_hash.py")
        return run("rev-parse", "--short=12", "HEAD") + (
            "+" if run("status", "--porcelain", "--", str(PACKAGE)) else ""
        )
    except (OSError, subprocess.SubprocessError):
        return ""


def packs_to_run(
    study: Study, scale: str, device: str, stored: Table, seeds: int | None = None, only: Sequence[str] = (),
    rerun: bool = False,
) -> list[list]:  # fmt: skip
    """The wanted runs of a study's grid that are not stored of a device, in packs; with `rerun` the stored ones too.

    What is wanted and missing of a pack of the grid is a pack of its own. only: see `with_settings`.
    """
    packs = study.packs(scale, seeds, device)
    wanted = set(with_settings(study, scale, [run for pack in packs for run in pack], only))
    packs = [chosen for pack in packs if (chosen := [run for run in pack if run in wanted])]
    rows = stored.rows
    return packs if rerun else left_of(packs, set(rows.loc[rows["device"] == device, "identity"]))


def stored_elsewhere(study: Study, scale: str, device: str, packs: list[list]) -> dict[str, tuple[list[Row], dict]]:
    """Of the runs of packs, those that other studies have stored: identity -> row and provenance of a pack of one run.

    Equal settings give an equal run where two studies have the same function: it is trained once. Rows of older code
    or in TF32 are left out, and so are runs of two devices, whose curves are the CPU's.
    """
    wanted = {identity(run): run for pack in packs for run in pack}
    no_metrics = {field.name for field in dataclasses.fields(study.settings)} | {*EMPTY.rows}
    found = {}
    for other in siblings(study) if wanted else ():
        whole = everything(other.id, scale)
        rows = whole.rows.drop_duplicates("identity", keep=False)
        rows = rows[(rows["device"] == device) & rows["identity"].isin(wanted)]
        rows = rows[~pack_names(rows).isin([*older_packs(other.id, whole), *packs_in_tf32(whole)])]
        curves = dict(list(whole.curves[whole.curves["identity"].isin(rows["identity"])].groupby("identity")))
        for name, row in zip(pack_names(rows), rows.to_dict("records"), strict=True):
            run = wanted.pop(row["identity"])
            metrics = {key: value for key, value in row.items() if key not in no_metrics and pd.notna(value)}
            points: dict[str, list] = {}
            for step, curve, value in curves.get(row["identity"], EMPTY.curves)[["step", "name", "value"]].to_numpy():
                points.setdefault(curve, []).append((int(step), float(value)))
            of_run = {"seconds": row["seconds"], "taken_from": other.id}
            found[row["identity"]] = [Row(run, metrics, points)], whole.packs[name] | of_run
    return found


def siblings(study: Study) -> list[Study]:
    """The other studies of a part whose runs are made by the same function from the same settings."""
    part = study.id.partition("/")[0]
    others = [find(name) for name in STUDIES if name.startswith(f"{part}/") and name != study.id]
    return [other for other in others if (other.run_pack, other.settings) == (study.run_pack, study.settings)]


def with_settings(study: Study, scale: str, runs: list, only: Sequence[str]) -> list:
    """Those of some runs that have the wanted settings; `only`: `ipc=1,10`, one text a setting.

    Raises SoftLabelsError for a setting that the study has not, or that is there twice, and where no run has the value.
    """
    names = [field.name for field in dataclasses.fields(study.settings)]
    conditions = []
    for name, _, text in (each.partition("=") for each in only):
        whole = name in names and any(says(text, getattr(run, name)) for run in runs)  # a value may have a comma
        conditions.append((name, [text] if whole else text.split(",")))
    for name, values in conditions:
        if sum(name == other for other, _ in conditions) > 1:
            raise SoftLabelsError(f"The setting {name!r} is given twice; give all its values at once, as in ipc=1,10.")
        if name not in names:
            raise SoftLabelsError(f"{study.id} has no setting {name!r} to choose by; it has {', '.join(names)}.")
        there = dict.fromkeys(getattr(run, name) for run in runs)
        for value in values:
            if not any(says(value, known) for known in there):
                listed = ", ".join(map(str, sorted(there)))
                raise SoftLabelsError(f"No run of {study.id} at {scale} scale has {name}={value}; there are {listed}.")

    def wanted(run):
        return all(any(says(value, getattr(run, name)) for value in values) for name, values in conditions)

    return list(filter(wanted, runs))


def says(text: str, value: object) -> bool:
    """Whether what somebody typed is a value: `10` is 10.0, `false` is False."""
    with contextlib.suppress(ValueError):
        if float(text) == value:
            return True
    return text.lower() == str(value).lower()


def sweep(
    study: Study,
    scale: str,
    executor: Executor | None = None,
    *,
    device: str = "cpu",
    seeds: int | None = None,
    only: Sequence[str] = (),
    store: Store | None = None,
    rerun: bool = False,
    cost: Callable[[list], float] | None = None,
    after_pack: Callable[[], None] = lambda: None,
) -> pd.DataFrame:
    """Run what is missing of `study` at `scale`, pack by pack, and return every row of that scale.

    executor: None runs them here, one by one; any other gets them all at once, the longest first by `cost` (None: the
    study's FLOPs). only: see `with_settings`. store: None is `runs/<study>.<scale>/`, where committed rows count as
    done too. Unless `rerun` asks for new ones, runs that another study has stored are copied (`stored_elsewhere`). A
    pack is stored as soon as it is whole, then `after_pack()` is called. Packs whose worker died are run once more,
    here. With an executor the first error is raised when the other packs have been stored, without one at once.
    """
    keep_compiled_code()
    into = Store(runs_folder() / f"{study.id}.{scale}") if store is None else store

    def stored() -> Table:
        return everything(study.id, scale) if store is None else table(into.packs())

    packs = packs_to_run(study, scale, device, stored(), seeds, only, rerun)
    if store is None and not rerun:
        elsewhere = stored_elsewhere(study, scale, device, packs)
        for rows, origin in elsewhere.values():
            into.add(pack_name([row.settings for row in rows]), device, rows, origin)
        packs = left_of(packs, elsewhere.keys())
    if executor is not None:  # else the last to begin may be the longest, and all others wait for it
        packs = sorted(packs, key=cost or study.flops, reverse=True)
    missing = {pack_name(pack): pack for pack in packs}
    if missing:
        into.check_writable()
    code = code_hash(study.run_pack) if missing else None
    tf32 = bool(missing) and wanted(study, device, [run for pack in packs for run in pack])
    replaced = starts(stored(), device) if rerun else {}
    progress = tqdm(total=len(missing), desc=f"{study.id} {scale}", unit="pack", disable=not missing)

    def keep(name: str, rows: list, origin: dict) -> None:
        newest = max((replaced.get(identity(run), "") for run in missing[name]), default="")
        into.add(name, device, rows, origin | {"started": later(origin["started"], newest)})
        progress.update()
        after_pack()

    def job(name: str) -> tuple:
        return study.run_pack, study.dtype, missing[name], device, None, code, tf32

    def here(name: str) -> tuple[list, dict]:
        return timed_pack(*job(name))

    with progress:
        if executor is None:
            for name in missing:
                keep(name, *here(name))
        else:
            _sweep_on(executor, missing, job, keep, here)
    return frame_of(study.id, scale, stored())


def starts(whole: Table, device: str) -> dict[str, str]:
    """Of each run that is stored of a device, when its pack was started."""
    of_device = whole.rows["device"] == device
    return dict(zip(whole.rows["identity"][of_device], started(whole)[of_device], strict=True))


def later(started: str, replaced: str) -> str:
    """When a pack was started; just after the pack that it replaces where a clock was set back: the newest counts."""
    if started > replaced:
        return started
    after = datetime.datetime.fromisoformat(replaced) + datetime.timedelta(milliseconds=1)
    return after.isoformat(timespec="milliseconds")


def _sweep_on(executor, missing, job, keep, here):
    """Hand all packs to `executor`; keep each as it comes; run those whose worker died once more, here.

    A pack that fails is said at once and raised at the end. One that cannot be kept ends everything: nor could others.
    """
    futures: dict[Future, str] = {}
    problems: list[Exception] = []
    with contextlib.suppress(BrokenExecutor):  # a worker may die while packs are still being handed out
        for name in missing:
            futures[executor.submit(timed_pack, *job(name))] = name
    lost = [name for name in missing if name not in futures.values()]

    def note(name: str, error: Exception) -> None:
        problems.append(error)
        tqdm.write(f"pack {name} failed: {type(error).__name__}: {error}", file=sys.stderr)

    try:
        for future in as_completed(futures):
            try:
                pack = future.result()
            except BrokenExecutor:
                lost.append(futures[future])
            except Exception as error:
                note(futures[future], error)
            else:
                keep(futures[future], *pack)
    finally:
        for future in futures:
            future.cancel()
    if lost:
        tqdm.write(
            f"A worker died; what it left is computed here, one by one: {count(len(lost), 'pack')}.", file=sys.stderr
        )
    for name in lost:
        try:
            pack = here(name)
        except Exception as error:
            note(name, error)
        else:
            keep(name, *pack)
    if problems:
        raise problems[0]


@said_plainly()
def live(study: Study, scale: str = "quick", device: str = "auto") -> pd.DataFrame:
    """Compute a study now, as a page of the book does, and return its rows.

    A study without this scale is computed at its next smaller one, so that a page can be executed at every scale.
    The book's runner names a store of the page's own in `SOFTLABELS_LIVE`; elsewhere the rows stay in memory.
    """
    settle_folders()
    if scale in SCALES and scale not in study.grids:
        smaller = [name for name in SCALES[: SCALES.index(scale)] if name in study.grids]
        if smaller:
            print(f"{study.id} has no {scale} scale: this is its {smaller[-1]} scale.", file=sys.stderr)
            scale = smaller[-1]
    folder = os.environ.get("SOFTLABELS_LIVE")
    store = Store(Path(folder) / f"{study.id}.{scale}" if folder else None)
    return sweep(study, scale, device=choose_device(device), store=store)

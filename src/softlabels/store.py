"""Rows on disk: whole packs as small JSON files, and the committed tables made of them.

A pack is written to a temporary name and moved into place, so that whenever a run is killed only whole packs exist.
`results/<study>.<scale>.csv` holds what is committed, sorted by identity; `runs/` holds packs that are not.
"""

import contextlib
import dataclasses
import errno
import json
import math
import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from softlabels.code_hash import code_hash
from softlabels.errors import SoftLabelsError
from softlabels.paths import results_folder, runs_folder
from softlabels.studies import find, module_of
from softlabels.study import Row, identity

PUBLISHED_SCALES = ("paper", "reduced")  # whose rows are committed, largest first


def write_atomically(path: Path, text: str) -> None:
    """Write `text` to `path` whole or not at all. Raises SoftLabelsError when the disk is full; old text stays."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            unfinished.write_text(text, encoding="utf-8", newline="\n")
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SoftLabelsError(
                f"The disk is full: {path} could not be written. Earlier packs are safe; free some room and run again."
            ) from error
        raise SoftLabelsError(f"{path} could not be written: {error.strerror}.") from error


def six_digits(value: float) -> float:
    """`value` rounded to six significant digits, as tables keep it."""
    return value if isinstance(value, (bool, int, str)) or not math.isfinite(value) else float(f"{value:.6g}")


class Store:
    """The packs of one study at one scale on one kind of device, as files in a folder (None: kept in memory)."""

    def __init__(self, folder: Path | None):
        self.folder = folder
        self._memory: dict[str, dict] = {}

    def add(self, name: str, device: str, rows: list[Row], provenance: dict) -> None:
        """Keep a whole pack. Raises SoftLabelsError for numbers that are not finite: they are never stored."""
        for row in rows:
            for metric, value in row.metrics.items():
                if not math.isfinite(value):
                    raise SoftLabelsError(
                        f"{metric} of run {identity(row.settings)} is {value}; the pack was not stored."
                    )
        pack = {
            "pack": name,
            "device": device,
            "provenance": provenance,
            "rows": [
                {
                    "identity": identity(row.settings),
                    **dataclasses.asdict(row.settings),
                    **{metric: six_digits(value) for metric, value in row.metrics.items()},
                    "curves": {curve: [[s, six_digits(v)] for s, v in points] for curve, points in row.curves.items()},
                }
                for row in rows
            ],
        }
        if self.folder is None:
            self._memory[f"{name}.{device}"] = pack
        else:
            write_atomically(self.folder / f"{name}.{device}.json", json.dumps(pack, allow_nan=False))

    def packs(self) -> list[dict]:
        """Every whole pack, in the order of its name. Raises SoftLabelsError for a file that is no pack."""
        if self.folder is None:
            return list(self._memory.values())
        return [read_pack(path) for path in sorted(self.folder.glob("*.json"))]

    def has(self, name: str, device: str) -> bool:
        """Whether the pack is stored whole."""
        if self.folder is None:
            return f"{name}.{device}" in self._memory
        return (self.folder / f"{name}.{device}.json").is_file()


def read_pack(path: Path) -> dict:
    """One pack file. Raises SoftLabelsError that names the file and what to do."""
    try:
        pack = json.loads(path.read_text(encoding="utf-8"))
        if {"pack", "device", "provenance", "rows"} <= pack.keys() and all("identity" in row for row in pack["rows"]):
            return pack
    except (OSError, ValueError, AttributeError, TypeError):
        pass
    raise SoftLabelsError(f"{path} is not a whole pack of rows; delete it and run the study again, the rest is kept.")


def table(packs: list[dict]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of packs, sorted by identity and device, and their curves (identity, step, name, value).

    Of a run on two devices all rows are there, and the CPU's curves.
    """
    rows, curves = [], []
    for pack in sorted(packs, key=lambda pack: pack["device"], reverse=True):
        share = pack["provenance"]["seconds"] / len(pack["rows"])
        for row in pack["rows"]:
            plain = {key: value for key, value in row.items() if key != "curves"}
            rows.append(plain | {"seconds": six_digits(share), "pack": pack["pack"], "device": pack["device"]})
            for name, points in row.get("curves", {}).items():
                curves += [(row["identity"], step, name, value) for step, value in points]
    frame = pd.DataFrame(rows) if rows else pd.DataFrame(columns=["identity", "seed", "seconds", "pack", "device"])
    frame = frame.drop_duplicates(["identity", "device"], keep="last").sort_values(["identity", "device"])
    curve_frame = pd.DataFrame(curves, columns=["identity", "step", "name", "value"]).drop_duplicates(
        ["identity", "step", "name"], keep="last"
    )
    return frame.reset_index(drop=True), curve_frame.sort_values(["identity", "name", "step"], ignore_index=True)


# ---- the committed tables ------------------------------------------------------------------------------------------


def publish(study_id: str, scale: str, root: Path | None = None) -> Path | None:
    """Merge the packs in `runs/` into `results/<study>.<scale>.csv` and its provenance; returns the CSV's path.

    None where there is no pack at all. Settings that are constant in the file, and where each pack came from, stand in
    the JSON beside it.
    """
    results, runs = _folders(root)
    path = results / f"{study_id}.{scale}.csv"
    packs = _committed_packs(path) | {
        (pack["pack"], pack["device"]): pack for pack in Store(runs / f"{study_id}.{scale}").packs()
    }
    if not packs:
        return None
    rows, curves = table(list(packs.values()))
    names = [field.name for field in dataclasses.fields(find(study_id).settings)]
    constant = {
        name: rows[name].iloc[0].item() if hasattr(rows[name].iloc[0], "item") else rows[name].iloc[0]
        for name in names
        if name != "seed" and rows[name].nunique(dropna=False) == 1
    }
    provenance = {f"{name}.{device}": pack["provenance"] for (name, device), pack in sorted(packs.items())}
    columns = ["identity", "seed", *(n for n in names if n != "seed" and n not in constant)]
    columns += [column for column in rows if column not in columns and column not in names]
    if len(curves):
        write_atomically(path.with_suffix(".curves.csv"), curves.to_csv(index=False, lineterminator="\n"))
    sidecar = {"study": study_id, "scale": scale, "constant": constant, "packs": provenance}
    write_atomically(path.with_suffix(".json"), json.dumps(sidecar, indent=1, sort_keys=True) + "\n")
    write_atomically(path, rows[columns].to_csv(index=False, lineterminator="\n"))
    return path


def _folders(root):
    return (results_folder(), runs_folder()) if root is None else (root / "results", root / "runs")


def _read_committed(path: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """A committed table with its constant settings put back, its curves and its provenance."""
    try:
        sidecar = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        rows = pd.read_csv(path, dtype=str).apply(_typed)
        missing = {"identity", "seed", "seconds", "pack", "device"} - set(rows)
        if missing or rows.isna().any(axis=None):
            raise ValueError(f"column {missing or rows.columns[rows.isna().any()].tolist()} has no value somewhere")
        for name, value in sidecar["constant"].items():
            rows[name] = value
        curve_path = path.with_suffix(".curves.csv")
        curves = pd.read_csv(curve_path, dtype=str).apply(_typed) if curve_path.exists() else table([])[1]
        return rows, curves, sidecar["packs"]
    except FileNotFoundError as error:
        raise SoftLabelsError(
            f"{error.filename} is missing beside {path.name}; git checkout -- {error.filename} restores it."
        ) from error
    except (ValueError, KeyError) as error:
        raise SoftLabelsError(f"{path} is corrupt ({error}); git checkout -- {path} restores it.") from error


def _typed(column: pd.Series) -> pd.Series:
    """A column of text as what it says: exactly the numbers that were written, which some versions of pandas miss."""
    if column.name in ("identity", "pack", "device") or column.isna().any():
        return column
    if column.isin(["True", "False"]).all():
        return column == "True"
    for number in (int, float):
        with contextlib.suppress(ValueError):
            return column.map(number)
    return column


def _committed_packs(path: Path) -> dict[tuple[str, str], dict]:
    """Committed rows as packs again, by name and device."""
    if not path.exists():
        return {}
    rows, curves, provenance = _read_committed(path)
    curves_of_run: dict[str, dict] = {}
    for run, step, name, value in curves.itertuples(index=False):
        curves_of_run.setdefault(run, {}).setdefault(name, []).append([step, value])
    packs = {}
    for (name, device), members in rows.groupby(["pack", "device"], sort=False):
        records = members.drop(columns=["seconds", "pack", "device"]).to_dict("records")
        for record in records:
            record["curves"] = curves_of_run.get(record["identity"], {})
        packs[name, device] = {
            "pack": name, "device": device, "provenance": provenance[f"{name}.{device}"], "rows": records
        }  # fmt: skip
    return packs


def committed_packs(study_id: str, scale: str, root: Path | None = None) -> list[dict]:
    """The committed packs of a study at a scale."""
    return list(_committed_packs(_folders(root)[0] / f"{study_id}.{scale}.csv").values())


def all_packs(study_id: str, scale: str, root: Path | None = None) -> list[dict]:
    """Every whole pack of a study: the committed ones and those in `runs/`, which win where both exist."""
    results, runs = _folders(root)
    packs = _committed_packs(results / f"{study_id}.{scale}.csv") | {
        (pack["pack"], pack["device"]): pack for pack in Store(runs / f"{study_id}.{scale}").packs()
    }
    return list(packs.values())


def frame_of(study_id: str, scale: str, packs: list[dict]) -> pd.DataFrame:
    """Rows as notebooks and claims read them; `attrs` hold study, scale, device, summed seconds, seeds and curves.

    A run counts once: of one on two devices the CPU's row is read (`devices_compared` has both).
    `older_code` counts the rows whose code has changed since: they stay until a run with --rerun replaces them.
    """
    rows, curves = table(packs)
    rows = rows.drop_duplicates("identity", ignore_index=True)
    rows.attrs = {
        "study": study_id,
        "scale": scale,
        "device": " and ".join(sorted(set(rows["device"]))),
        "seconds": float(rows["seconds"].sum()),
        "seeds": int(rows["seed"].nunique()),
        "older_code": older_rows(study_id, packs, rows),
        "curves": Curves(curves.to_dict("list")),
    }
    return rows


def devices_compared(packs: list[dict], settings: Iterable[str]) -> pd.DataFrame:
    """The runs that a CPU and a GPU computed: their metrics on the CPU minus those on the GPU, a line a run.

    settings: the names of columns that are no metrics. Empty where no run has both.
    """
    rows = table(packs)[0].set_index("identity")
    metrics = rows.columns.difference([*settings, "seconds", "pack", "device"])
    on_cpu, on_gpu = (rows.loc[rows["device"] == device, metrics].astype(float) for device in ("cpu", "cuda"))
    both = on_cpu.index.intersection(on_gpu.index)
    return on_cpu.loc[both] - on_gpu.loc[both]


def older_rows(study_id: str, packs: list[dict], rows: pd.DataFrame) -> int:
    """How many rows came from other code than today's: that of the module of `run_pack`, with all that it imports.

    A grid in another module may change without making rows older: a row holds its settings itself.
    """
    ran = {}
    for pack in packs:  # the first that were ever stored do not say their module
        where = pack["provenance"]
        ran[pack["pack"], pack["device"]] = where.get("module", module_of(study_id)), where["code"]
    current = {module: code_hash([module]) for module, _ in ran.values()}
    older = [of for of, (module, code) in ran.items() if code != current[module]]
    return int(pd.MultiIndex.from_frame(rows[["pack", "device"]]).isin(older).sum())


class Curves(dict):
    """Columns of a table of curves. pandas copies `attrs` at every step; many thousand points had better stay."""

    def __deepcopy__(self, memo):
        return self


def rows_of(study_id: str, scale: str, root: Path | None = None) -> pd.DataFrame:
    """Every row of a study at a scale: committed ones, and whole packs in `runs/`. Empty where there are none."""
    return frame_of(study_id, scale, all_packs(study_id, scale, root))


def stored(study_id: str, root: Path | None = None, scale: str | None = None) -> pd.DataFrame | None:
    """The committed rows of the largest scale that has any, or of the one that is named; None where there are none."""
    results, _ = _folders(root)
    for name in PUBLISHED_SCALES if scale is None else (scale,):
        if (results / f"{study_id}.{name}.csv").exists():
            return frame_of(study_id, name, committed_packs(study_id, name, root))
    return None


def curves_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The curves of rows: columns identity, step, name, value."""
    return pd.DataFrame(rows.attrs["curves"])


def live_rows(study_id: str, root: Path | None = None) -> dict[str, pd.DataFrame]:
    """The rows that the last build's pages computed live, by scale; a page's `current` file names its store."""
    _, runs = _folders(root)
    found: dict[str, list] = {}
    for pointer in sorted((runs / "live").glob("*/*/current")):
        live = pointer.parent / pointer.read_text(encoding="utf-8").strip()
        for folder in sorted(live.glob(f"{study_id}.*")):
            found.setdefault(folder.name.rsplit(".", 1)[1], []).extend(Store(folder).packs())
    return {scale: frame_of(study_id, scale, packs) for scale, packs in found.items() if packs}


def lacking(study_id: str, scale: str, rows: pd.DataFrame | None) -> list[list]:
    """The packs of a study's grid at a scale that have a run which `rows` do not hold; all of them without rows.

    Empty where the study has no such scale.
    """
    study, known = find(study_id), set() if rows is None else set(rows["identity"])
    packs = study.packs(scale) if scale in study.grids else []
    return [pack for pack in packs if not known.issuperset(map(identity, pack))]

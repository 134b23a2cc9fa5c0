"""Rows on disk: whole packs as small JSON files, and the committed tables made of them.

A pack is written to a temporary name and moved into place, so that whenever a run is killed only whole packs exist.
A part of a pack of the grid is a pack of its own, so a run may lie in several: the newest counts.
`results/<study>.<scale>.csv` holds committed rows, sorted by identity; `.curves.csv.gz` beside it their curves, `.json`
where each pack came from and what `softlabels verify` found since. `runs/` holds packs that are not committed.
"""

import dataclasses
import gzip
import hashlib
import io
import json
import math
import os
import tempfile
import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pandas as pd

from softlabels.code_hash import code_hash
from softlabels.errors import SoftLabelsError
from softlabels.paths import FULL, results_folder, runs_folder
from softlabels.studies import find
from softlabels.study import Row, Study, identity, left_of
from softlabels.words import count

EXACT = {} if pd.__version__ >= "3" else {"float_precision": "round_trip"}  # what pandas reads by itself since 3.0
PUBLISHED_SCALES = ("paper", "reduced")  # whose rows are committed, largest first


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write to `path` whole or not at all. Raises SoftLabelsError when the disk is full; what was there stays."""
    write_together({path: content})


def write_together(files: dict[Path, str | bytes]) -> None:
    """The same for files of which none may be there without the others: all are written before the first is moved."""
    unfinished = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in files}
    try:
        try:
            for path, content in files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                unfinished[path].write_bytes(content if isinstance(content, bytes) else content.encode())
            for path in files:
                os.replace(unfinished[path], path)
        finally:
            for file in unfinished.values():
                file.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in FULL:
            raise SoftLabelsError(
                f"The disk is full: {path} could not be written. Earlier packs are safe; free some room and run again."
            ) from error
        raise SoftLabelsError(f"{path} could not be written: {error.strerror}.") from error


def check_writable(folder: Path) -> None:
    """Raise SoftLabelsError where no file can be written to a folder: before hours of computing, not after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise SoftLabelsError(f"Nothing can be written to {folder}: {error.strerror}. Nothing was computed.") from error


def six_digits(value: float) -> float:
    """`value` rounded to six significant digits, as tables keep it."""
    return value if isinstance(value, (bool, int, str)) or not math.isfinite(value) else float(f"{value:.6g}")


def check_finite(rows: list[Row]) -> None:
    """Raise SoftLabelsError that names the first number, of metrics and curves, that is not finite."""
    for row in rows:
        of_curves = [(name, value) for name, points in row.curves.items() for _, value in points]
        for name, value in [*row.metrics.items(), *of_curves]:
            if not math.isfinite(value):
                raise SoftLabelsError(f"{name} of run {identity(row.settings)} is {value}; the pack was not stored.")


class Store:
    """The packs of one study at one scale on one kind of device, as files in a folder (None: kept in memory)."""

    def __init__(self, folder: Path | None):
        self.folder = folder
        self._memory: dict[str, dict] = {}

    def add(self, name: str, device: str, rows: list[Row], provenance: dict) -> None:
        """Keep a whole pack. Raises SoftLabelsError for numbers that are not finite: they are never stored."""
        check_finite(rows)
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

    def check_writable(self) -> None:
        """Raise SoftLabelsError where no pack could be kept."""
        if self.folder is not None:
            check_writable(self.folder)

    def packs(self) -> list[dict]:
        """Every whole pack, in the order of its name. Raises SoftLabelsError for a file that is no pack."""
        if self.folder is None:
            return list(self._memory.values())
        return [read_pack(path) for path in sorted(self.folder.glob("*.json"))]


def read_pack(path: Path) -> dict:
    """One pack file. Raises SoftLabelsError that names the file and what to do."""
    if pack := pack_in(path.read_bytes()):
        return pack
    raise SoftLabelsError(f"{path} is not a whole pack of rows; delete it and run the study again, the rest is kept.")


def pack_in(content: bytes) -> dict | None:
    """The pack that a file's content is; None where it is no whole one."""
    try:
        pack = json.loads(content)
        about, runs = pack["provenance"], pack["rows"]
        named = all(isinstance(text, str) for text in (pack["pack"], pack["device"], about["code"]))
        dated = isinstance(about["seconds"], (int, float)) and isinstance(about.get("started", ""), str)
        if named and dated and runs and all(isinstance(row["identity"], str) for row in runs):
            return pack
    except (ValueError, KeyError, AttributeError, TypeError):
        pass
    return None


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows of whole packs, as data frames. Of packs that share a run on one device, the newest has it.

    rows: identity, seed, settings, metrics, seconds, pack, device, sorted by identity and device; curves: identity,
    step, name, value (of a run on two devices the CPU's); packs: `<pack>.<device>` -> where it came from; evidence:
    what `softlabels verify` found, a dictionary a finding.
    """

    rows: pd.DataFrame
    curves: pd.DataFrame
    packs: dict[str, dict]
    evidence: tuple[dict, ...] = ()


EMPTY = Table(
    pd.DataFrame(columns=["identity", "seed", "seconds", "pack", "device"]),
    pd.DataFrame(columns=["identity", "step", "name", "value"]),
    {},
)


def table(packs: list[dict]) -> Table:
    """Packs as they come from a `Store`, as one table."""
    rows, curves, seen = [], [], set()
    newest_first = sorted(packs, key=lambda pack: pack["provenance"].get("started", ""), reverse=True)
    for pack in newest_first:
        share = six_digits(pack["provenance"]["seconds"] / len(pack["rows"]))
        for row in pack["rows"]:
            if (run := (row["identity"], pack["device"])) in seen:
                continue
            seen.add(run)
            plain = {key: value for key, value in row.items() if key != "curves"}
            rows.append(plain | {"seconds": share, "pack": pack["pack"], "device": pack["device"]})
            for name, points in row.get("curves", {}).items():
                curves += [(row["identity"], step, name, value, pack["device"]) for step, value in points]
    if not rows:
        return EMPTY
    return _joined(
        pd.DataFrame(rows),
        pd.DataFrame(curves, columns=[*EMPTY.curves, "device"]),
        {f"{pack['pack']}.{pack['device']}": pack["provenance"] for pack in packs},
    )


def _joined(rows: pd.DataFrame, curves: pd.DataFrame, packs: dict, evidence: tuple = ()) -> Table:
    """A table in its order: each run once a device, of its curves the CPU's; packs that have no row left go."""
    rows = rows.drop_duplicates(["identity", "device"], keep="last").sort_values(["identity", "device"])
    if "device" in curves:
        first = rows.drop_duplicates("identity").set_index("identity")["device"]  # cpu comes before cuda
        curves = curves[curves["device"] == curves["identity"].map(first)].drop(columns="device")
    curves = curves.drop_duplicates(["identity", "step", "name"]).sort_values(["identity", "name", "step"])
    named = set(pack_names(rows))
    packs = {name: about for name, about in packs.items() if name in named}
    return Table(rows.reset_index(drop=True), curves.reset_index(drop=True), packs, evidence)


# ---- committed tables ----------------------------------------------------------------------------------------------


def publish(study_id: str, scale: str) -> Path | None:
    """Merge the packs in `runs/` into `results/<study>.<scale>.csv` and its companions; returns the CSV's path.

    None where there is no pack at all. Settings that are constant in the file stand in the JSON beside it, and so does
    how many rows are without a metric. Raises SoftLabelsError, and writes nothing, where a row lacks a setting.
    """
    path = _table_file(study_id, scale)
    whole = everything(study_id, scale)
    if not whole.packs:
        return None
    rows, names = whole.rows, _setting_names(find(study_id), whole.rows)
    constant = {
        name: rows[name].iloc[0].item() if hasattr(rows[name].iloc[0], "item") else rows[name].iloc[0]
        for name in names
        if name != "seed" and rows[name].nunique(dropna=False) == 1
    }
    columns = ["identity", "seed", *(n for n in names if n != "seed" and n not in constant)]
    columns += [column for column in rows if column not in columns and column not in names]
    contents = {"table": rows[columns].to_csv(index=False, lineterminator="\n").encode()}
    if len(whole.curves):
        contents["curves"] = whole.curves.to_csv(index=False, lineterminator="\n").encode()
    sidecar = {"study": study_id, "scale": scale, "constant": constant, "packs": whole.packs}
    empty = _empty(rows.drop(columns=names))  # metrics that older packs have not
    sidecar |= {"without": empty} if empty else {}
    evidence = _evidence(whole, scale)
    sidecar |= {"evidence": evidence} if evidence else {}
    files = {path: contents["table"], path.with_suffix(".json"): _as_json(sidecar | {"files": _facts(contents)})}
    if "curves" in contents:
        files[_curves_file(path)] = gzip.compress(contents["curves"], mtime=0)  # no time stamp: equal bytes again
    write_together(files)
    return path


def _evidence(whole: Table, scale: str) -> list[dict]:
    """What `softlabels verify` found of a table's packs, and there of those taken from other studies."""
    taken = {(about["taken_from"], about["code"]) for about in whole.packs.values() if "taken_from" in about}
    there = [each for study, code in sorted(taken) for each in committed(study, scale).evidence if each["from"] == code]
    return merged([*there, *whole.evidence])


def _contents(path: Path) -> dict[str, bytes]:
    """The text of a table and, where it has any, of its curves, unpacked."""
    contents = {"table": path.read_bytes()}
    if _curves_file(path).exists():
        contents["curves"] = gzip.decompress(_curves_file(path).read_bytes())
    return contents


def _facts(contents: dict[str, bytes]) -> dict[str, dict]:
    """Rows and checksum of a table's CSV and, where there are any, of its curves, whatever ends their lines."""
    facts = {}
    for name, content in contents.items():
        content = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
        facts[name] = {"rows": content.count(b"\n") - 1, "sha256": hashlib.sha256(content).hexdigest()}
    return facts


def _check(contents: dict[str, bytes], expected: dict[str, dict]) -> None:
    """Raise ValueError where a table's files are not those that were written."""
    found = _facts(contents)
    for name in expected | found:
        mine, written = (facts.get(name, {"rows": 0, "sha256": ""}) for facts in (found, expected))
        if mine["rows"] != written["rows"]:
            raise ValueError(f"{mine['rows']:,} rows of the {name} are there, {written['rows']:,} were written")
        if mine != written:
            raise ValueError(f"the file of the {name} was changed after it had been written, perhaps by a spreadsheet")


def faults() -> dict[Path, str | None]:
    """What is wrong with each committed table, a sentence each; None where it is what its provenance says.

    Checked are checksums and row counts of table and curves, the pack of each row, and each row's identity by its
    settings.
    """
    folder = results_folder()
    files = [file for end in ("csv", "json") for file in folder.rglob(f"[!.]*.{end}")]
    return {path: _fault(path, folder) for path in sorted({file.with_suffix(".csv") for file in files})}


def _fault(path: Path, folder: Path) -> str | None:
    study_id, _, scale = path.relative_to(folder).with_suffix("").as_posix().rpartition(".")
    if not path.exists():
        return f"{path} is missing beside its .json; git checkout -- {path} restores it."
    try:
        whole = committed(study_id, scale)
        settings = _settings(find(study_id), whole.rows)
    except SoftLabelsError as error:
        return str(error)
    if unknown := set(pack_names(whole.rows)) - set(whole.packs):
        return f"{path} has rows of the pack {min(unknown)}, which its .json does not name."
    for written, run in zip(whole.rows["identity"], settings, strict=True):
        if (computed := identity(run)) != written:
            return f"{path} has the run {written}, whose settings are those of {computed}."
    return None


def add_evidence(study_id: str, scale: str, findings: list[dict]) -> None:
    """Write what `softlabels verify` found into the provenance of a committed table.

    An older finding alike goes, and so do findings about another code than that of the last one: they say nothing of
    today's.
    """
    path = _table_file(study_id, scale)
    sidecar = _read_sidecar(path)
    there = [each for each in sidecar.get("evidence", []) if each["to"] == findings[-1]["to"]]
    sidecar |= {"evidence": merged([*there, *findings])}
    write_atomically(path.with_suffix(".json"), _as_json(sidecar))


def merged(findings: list[dict]) -> list[dict]:
    """Findings of `softlabels verify` without those that a later one of the same pack and code replaces."""
    return list({(each["pack"], each["device"], each["to"]): each for each in findings}.values())


def _read_sidecar(path: Path) -> dict:
    """What stands in the JSON beside a table. Raises SoftLabelsError that names the file."""
    file = path.with_suffix(".json")
    try:
        sidecar = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(sidecar, dict):
            raise ValueError("it holds no object")
        return sidecar
    except ValueError as error:
        raise SoftLabelsError(f"{file} is corrupt ({error}); git checkout -- {file} restores it.") from error


def _as_json(sidecar: dict) -> str:
    return json.dumps(sidecar, indent=1, sort_keys=True) + "\n"


def _table_file(study_id: str, scale: str) -> Path:
    return results_folder() / f"{study_id}.{scale}.csv"


def _curves_file(path: Path) -> Path:
    return path.with_suffix(".curves.csv.gz")


def _runs(study_id: str, scale: str) -> Table:
    return table(Store(runs_folder() / f"{study_id}.{scale}").packs())


def committed(study_id: str, scale: str) -> Table:
    """The committed table of a study, `EMPTY` where there is none. Raises SoftLabelsError for a damaged one."""
    path = _table_file(study_id, scale)
    if not path.exists():
        return EMPTY
    companions = (path, path.with_suffix(".json"), _curves_file(path))
    return _read(path, tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in companions))


@lru_cache(maxsize=64)
def _read(path: Path, modified: tuple[int, ...]) -> Table:
    """A committed table with its constant settings put back; read once a process."""
    try:
        sidecar = _read_sidecar(path)
        contents = _contents(path)
        _check(contents, sidecar["files"])
        rows = _read_csv(contents["table"], _words(sidecar["study"]))
        missing = {"identity", "seed", "seconds", "pack", "device"} - set(rows)
        if missing or _empty(rows) != sidecar.get("without", {}):
            raise ValueError(f"column {missing or rows.columns[rows.isna().any()].tolist()} has no value somewhere")
        for name, value in sidecar["constant"].items():
            rows[name] = value
        curves = EMPTY.curves
        if "curves" in contents:
            curves = _read_csv(contents["curves"])[list(EMPTY.curves)]
        return _joined(rows, curves, sidecar["packs"], tuple(sidecar.get("evidence", ())))
    except FileNotFoundError as error:
        raise SoftLabelsError(
            f"{error.filename} is missing beside {path.name}; git checkout -- {error.filename} restores it. If it was "
            f"never committed, delete {path}: the packs in {runs_folder()} make both again."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, OSError, zlib.error) as error:
        together = path.with_suffix("")
        raise SoftLabelsError(f"{path} is corrupt ({error}); git checkout -- '{together}.*' restores it.") from error


def _words(study_id: str) -> list[str]:
    """The names of a study's settings that are texts."""
    return [field.name for field in dataclasses.fields(find(study_id).settings) if field.type is str]


def _empty(rows: pd.DataFrame) -> dict[str, int]:
    """How many rows have no value in a column, for the columns where some have none."""
    return {name: int(count) for name, count in rows.isna().sum().items() if count}


def _read_csv(content: bytes, words: Iterable[str] = ()) -> pd.DataFrame:
    """A table with exactly the numbers that were written; identities and names stay text.

    words: settings that are texts; they stay what they are too, be it `23`, `nan` or nothing.
    """
    as_text = dict.fromkeys(("identity", "pack", "device", "name", *words), str)
    numbers = set(pd.read_csv(io.BytesIO(content), nrows=0)) - set(words)
    gaps = {"keep_default_na": False, "na_values": dict.fromkeys(numbers, [""])}
    return pd.read_csv(io.BytesIO(content), dtype=as_text, **gaps, **EXACT)


def everything(study_id: str, scale: str) -> Table:
    """Every run of a study that is stored: the committed ones and those in `runs/`. Of one in both the newest counts.

    Which is that of `runs/` as a rule; not where somebody else has computed and committed it since.
    """
    there, here = committed(study_id, scale), _runs(study_id, scale)
    if not (there.packs and here.packs):
        return here if here.packs else there
    tables = {"there": there, "here": here}
    both = pd.concat([whole.rows.assign(where=where, started=started(whole)) for where, whole in tables.items()])
    both = both.sort_values("started", kind="stable").drop_duplicates(["identity", "device"], keep="last")
    read = both.sort_values("device", kind="stable").drop_duplicates("identity").set_index("identity")["where"]
    curves = [  # of a run on two devices, the CPU's
        whole.curves[whole.curves["identity"].isin(read.index[read == where])] for where, whole in tables.items()
    ]
    packs = sorted([*there.packs.items(), *here.packs.items()], key=lambda pack: pack[1].get("started", ""))
    return _joined(both.drop(columns=["where", "started"]), pd.concat(curves), dict(packs), there.evidence)


def started(whole: Table) -> pd.Series:
    """When the pack of each row was started, as text; nothing where that is not known."""
    return pack_names(whole.rows).map(lambda name: whole.packs[name].get("started", ""))


# ---- rows as notebooks and claims read them ------------------------------------------------------------------------


def frame_of(study_id: str, scale: str, whole: Table) -> pd.DataFrame:
    """Rows as notebooks and claims read them; `attrs` hold study, scale, device, summed seconds, seeds and curves.

    A run counts once: of one on two devices the CPU's row is read (`devices_compared` has both). `seeds` counts the
    units of `replicates`. `older_code` counts the rows whose code has changed since: they stay until a run with --rerun
    replaces them, or `softlabels verify` shows that they still come out.
    """
    rows = whole.rows.drop_duplicates("identity", ignore_index=True)
    rows.attrs = {
        "study": study_id,
        "scale": scale,
        "device": " and ".join(sorted(set(rows["device"]))),
        "seconds": float(rows["seconds"].sum()),
        "older_code": int(pack_names(rows).isin(older_packs(study_id, whole)).sum()),
        "curves": Curves(whole.curves.to_dict("list")),
    }
    rows.attrs["seeds"] = replicates(rows)[0]
    return rows


def replicates(rows: pd.DataFrame) -> tuple[int, str]:
    """How many units the verdicts count in rows, and the same in words.

    Paper Q's are draws of images, with one draw the teachers: `6 draws of images`, `6 teachers`. Else `3 replicates`.
    """
    of = {column: rows[column].nunique() for column in ("draw", "teacher", "seed") if column in rows}
    if of.get("draw", 0) <= 1 < of.get("teacher", 0):
        return of["teacher"], count(of["teacher"], "teacher")
    if "draw" in of:
        return of["draw"], f"{count(of['draw'], 'draw')} of images"
    seeds = of.get("seed", rows.attrs.get("seeds", 0))
    return seeds, count(seeds, "teacher" if rows.attrs.get("study", "").startswith("label_worth/") else "replicate")


def older_packs(study_id: str, whole: Table) -> list[str]:
    """The packs, as `<pack>.<device>`, of other code than today's, but for those that evidence shows to be the same."""
    if not whole.packs:
        return []
    study, older = find(study_id), []
    today = code_hash(study.run_pack)
    verified: dict[tuple[str, str], set[str]] = {}
    for finding in whole.evidence:
        if finding["to"] == today:
            verified.setdefault((finding["from"], finding["device"]), set()).update(finding["kinds"])
    runs = settings_by_pack(study, whole) if verified else {}
    for name, about in whole.packs.items():
        if about["code"] != today:
            kinds = verified.get((about["code"], name.rpartition(".")[2]), set())
            if not kinds or not kinds.issuperset(map(study.kind, runs.get(name, []))):
                older.append(name)
    return older


def packs_in_tf32(whole: Table) -> list[str]:
    """The packs, as `<pack>.cuda`, whose products were TF32's: no measure of rows in float32."""
    return [name for name, about in whole.packs.items() if about.get("tf32")]


def settings_by_pack(study: Study, whole: Table) -> dict[str, list]:
    """The settings of the runs of each pack, `<pack>.<device>`, in order; none where newer packs have them."""
    packs: dict[str, list] = {}
    for name, run in zip(pack_names(whole.rows), _settings(study, whole.rows), strict=True):
        packs.setdefault(name, []).append(run)
    return dict(sorted(packs.items()))


def _settings(study: Study, rows: pd.DataFrame) -> list:
    """The settings of each row. Raises SoftLabelsError where rows lack one that the study's runs have today."""
    return [study.settings(**run) for run in rows[_setting_names(study, rows)].to_dict("records")]


def _setting_names(study: Study, rows: pd.DataFrame) -> list[str]:
    """The names of a study's settings. Raises SoftLabelsError where rows lack one of them."""
    names = [field.name for field in dataclasses.fields(study.settings)]
    if lacking := sorted(name for name in names if name not in rows or rows[name].isna().any()):
        raise SoftLabelsError(
            f"The stored rows of {study.id} have no {lacking[0]}, which its runs have today; delete their packs in "
            f"{runs_folder()} and run the study again."
        )
    return names


def pack_names(rows: pd.DataFrame) -> pd.Series:
    """The pack of each row, `<pack>.<device>`, as the provenance names it."""
    return rows["pack"] + "." + rows["device"]


def devices_compared(whole: Table, settings: Iterable[str]) -> pd.DataFrame:
    """The runs that a CPU and a GPU computed in float32: metrics on the CPU minus those on the GPU, a line a run.

    settings: the names of columns that are no metrics. Empty where no run has both.
    """
    rows = whole.rows[~pack_names(whole.rows).isin(packs_in_tf32(whole))].set_index("identity")
    metrics = rows.columns.difference([*settings, "seconds", "pack", "device"])
    on_cpu, on_gpu = (rows.loc[rows["device"] == device, metrics].astype(float) for device in ("cpu", "cuda"))
    both = on_cpu.index.intersection(on_gpu.index)
    return on_cpu.loc[both] - on_gpu.loc[both]


class Curves(dict):
    """Columns of a table of curves. pandas copies `attrs` at every step; many thousand points had better stay."""

    def __deepcopy__(self, memo):
        return self


def curves_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The curves of rows: columns identity, step, name, value."""
    return pd.DataFrame(rows.attrs["curves"])


def rows_of(study_id: str, scale: str) -> pd.DataFrame:
    """Every row of a study at a scale: committed ones, and whole packs in `runs/`. Empty where there are none."""
    return frame_of(study_id, scale, everything(study_id, scale))


def stored(study: Study | str, scale: str | None = None) -> pd.DataFrame | None:
    """The committed rows of the largest scale that has any, or of the one that is named; None where there are none."""
    study_id = study.id if isinstance(study, Study) else study
    for name in PUBLISHED_SCALES if scale is None else (scale,):
        if (rows := committed(study_id, name)).packs:
            return frame_of(study_id, name, rows)
    return None


def live_rows(study_id: str) -> dict[str, pd.DataFrame]:
    """The rows that the last build's pages computed live, by scale."""
    return {scale: frame_of(study_id, scale, live) for scale, live in live_tables(study_id).items()}


def live_tables(study_id: str) -> dict[str, Table]:
    """What the last build's pages computed live, by scale; a page's `current` file names its store."""
    runs = runs_folder()
    packs: dict[str, list] = {}
    for pointer in sorted((runs / "live").glob("*/*/current")):
        live = pointer.parent / pointer.read_text(encoding="utf-8").strip()
        for folder in sorted(live.glob(f"{study_id}.*")):
            packs.setdefault(folder.name.rsplit(".", 1)[1], []).extend(Store(folder).packs())
    return {scale: table(some) for scale, some in packs.items() if some}


def lacking(study_id: str, scale: str, rows: pd.DataFrame | None) -> list[list]:
    """What `rows` lack of the packs of a study's grid at a scale: the runs that no pack has, all of them without rows.

    Empty where the study has no such scale.
    """
    study = find(study_id)
    packs = study.packs(scale) if scale in study.grids else []
    return left_of(packs, set() if rows is None else set(rows["identity"]))

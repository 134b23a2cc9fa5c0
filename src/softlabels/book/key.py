"""The content keys of the book's notebooks: two equal keys mean that executing again could not show anything new."""

import hashlib
import json
import platform
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from softlabels import records
from softlabels.code_hash import PACKAGE, imported_modules, module_file
from softlabels.studies import STUDIES

FORMAT = "3"  # counted up when what the runner makes of an executed notebook changes
LIBRARIES = ("numpy", "torch", "torchvision", "scipy", "scikit-learn", "pandas", "matplotlib", "seaborn")
# What decides verdicts is no part of a chapter, which leaves them to the second stage; what readings share with it is.
JUDGING = tuple(f"softlabels.claims{name}" for name in ("", ".rules", ".arithmetic", ".table"))
ASKS = re.compile(r"\bclaims\.(of|photographs|all_photographs)\(")  # a criterion, or which rows decide a claim


def chapter_key(source: Path, parameters: dict, results: Path) -> str:
    """16 hexadecimal digits of everything that an executed chapter depends on.

    That is its text, the package's modules that it imports with the tables that they read, the parameters, the versions
    of the libraries, and the committed rows of the studies that it imports. Criteria and what judges by them are left
    out, except where the text asks for them while it runs (`ASKS`): there the claims that it names count, and the
    committed rows of their studies.
    """
    text = source.read_text(encoding="utf-8-sig")
    imported = imported_modules(text)
    studies = imported_studies(imported)
    said = [FORMAT, text, parameters, library_versions()]
    if not ASKS.search(text):
        return digest(said, (PACKAGE, code_files(imported, without=JUDGING)), (results, _rows(studies, results)))
    claims = {file: _claims(file, file.stat().st_mtime_ns) for file in sorted((PACKAGE / "claims").glob("*.toml"))}
    named = set(re.findall(r"[\"']([A-Z]+\d+)[\"']", text))
    asked = [claim for of_file in claims.values() for claim in of_file if claim["id"] in named]
    studies += [study for claim in asked for study in records.judged_by(claim)]
    code = [file for file in code_files(imported) if not claims.get(file)]
    return digest([*said, asked], (PACKAGE, code), (results, _rows(studies, results)))


def _rows(studies: Iterable[str], results: Path) -> list[Path]:
    """The files of the committed rows of some studies."""
    return [file for study in sorted(set(studies)) for file in sorted(results.glob(f"{study}.*"))]


@cache
def _claims(file: Path, modified: int) -> list[dict]:
    """The claims that a table holds; none where it is about something else."""
    return tomllib.loads(file.read_text(encoding="utf-8")).get("claim", [])


def rows_key(chapter_keys: Iterable[str], root: Path) -> str:
    """16 hexadecimal digits of all that verdicts and costs depend on.

    That is everything that chapters computed live, every committed row, every pack in `runs/`, the code of all studies
    and of what judges, and the criteria.
    """
    modules = ["softlabels.book.second_stage", "softlabels.status", "softlabels.claims"]
    modules += [where.split(":")[0] for where in STUDIES.values()]
    packs = [file for file in sorted((root / "runs").glob("*/*/*")) if file.suffix == ".json"]  # live rows lie deeper
    states = [(file.relative_to(root).as_posix(), file.stat().st_size, file.stat().st_mtime_ns) for file in packs]
    results = sorted(file for file in (root / "results").rglob("[!.]*") if file.is_file())
    said = [FORMAT, library_versions(), list(chapter_keys), states]
    return digest(said, (PACKAGE, code_files(modules)), (root / "results", results))


def record_key(source: Path, parameters: dict, rows: str) -> str:
    """16 hexadecimal digits of a notebook of the record: its text, its modules, and all rows (see `rows_key`)."""
    text = source.read_text(encoding="utf-8-sig")
    return digest([FORMAT, text, parameters, rows], (PACKAGE, code_files(imported_modules(text))))


def digest(said: list, *groups: tuple[Path, list[Path]]) -> str:
    """16 hexadecimal digits of JSON and of files; of each group the folder that names are relative to comes first."""
    found = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for folder, files in groups:
        for file in files:
            found.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def code_files(modules: Iterable[str], without: Iterable[str] = ()) -> list[Path]:
    """The package's files that `modules` import, directly or not, and the `.toml` and `.csv` files that they name.

    without: modules that are left out with all that is reached through them alone.
    """
    left_out = {module_file(module) for module in without}
    waiting = [file for module in modules if (file := module_file(module))]
    seen: set[Path] = set()
    tables: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file not in seen | left_out:
            seen.add(file)
            imported, named = _needs(file, file.stat().st_mtime_ns)
            waiting += imported
            tables |= named
    return sorted(seen | tables)


@cache
def _needs(file: Path, modified: int) -> tuple[set[Path], set[Path]]:
    """The package's files that a module imports, and the `.toml` and `.csv` files below its folder that it names."""
    text = file.read_text(encoding="utf-8")
    names = set(re.findall(r"\w+\.(?:toml|csv)", text))
    imported = {module_file(name) for name in imported_modules(text)} - {None}
    return imported, {table for name in names for table in file.parent.rglob(name)}


def imported_studies(names: set[str]) -> list[str]:
    """The ids of the studies among the names that a notebook imports, sorted."""
    return sorted(study for study, where in STUDIES.items() if where.replace(":", ".") in names)


def library_versions() -> dict[str, str]:
    """Version by library; an absent one counts as such."""
    versions = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            versions[library] = "none"
    return versions

"""The content key of a page: two equal keys mean that executing the notebook again could not show anything new."""

import ast
import hashlib
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from softlabels import records
from softlabels.code_hash import PACKAGE, imported_modules, module_closure
from softlabels.studies import STUDIES

FORMAT = "2"  # counted up when what the runner makes of an executed notebook changes
LIBRARIES = ("numpy", "torch", "torchvision", "scipy", "scikit-learn", "pandas", "matplotlib", "seaborn")


def page_key(source: Path, parameters: dict, results: Path) -> str:
    """16 hexadecimal digits of everything that the executed notebook `source` depends on.

    That is its text, the package's modules that it imports (and those of its studies), the `.toml` files beside these
    modules, the parameters, the versions of the libraries, and the committed rows of its studies: those that it names,
    and those of the page's figures, whose verdicts it shows.
    """
    text = source.read_text(encoding="utf-8")
    studies = sorted({*named_studies(text), *page_studies(f"{source.parent.name}/{source.stem}")})
    digest = hashlib.sha256()
    digest.update(json.dumps([FORMAT, text, parameters, library_versions()], sort_keys=True).encode())
    modules = imported_modules(text) | {STUDIES[study].split(":")[0] for study in studies}
    for file in with_tables(module_closure(modules)):
        digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    for study in studies:
        for file in sorted(results.glob(f"{study}.*")):
            digest.update(file.relative_to(results).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def named_studies(text: str) -> list[str]:
    """The studies whose ids are string literals of a program's text, sorted."""
    literals = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    return sorted(study for study in STUDIES if study in literals)


def page_studies(page: str) -> set[str]:
    """The studies of the figures and tables that belong on a page."""
    return {study for record in records.of(page) for study in record.studies}


def with_tables(files: list[Path]) -> list[Path]:
    """`files` and the `.toml` files beside them: claims are data, and a changed criterion changes a verdict."""
    tables = {table for folder in {file.parent for file in files} for table in folder.glob("*.toml")}
    return sorted({*files, *tables})


def library_versions() -> dict[str, str]:
    """Version by library; an absent one counts as such."""
    versions = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            versions[library] = "none"
    return versions

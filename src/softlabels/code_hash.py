"""Which of the package's files a piece of code depends on, and a hash of them."""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def module_file(module: str) -> Path | None:
    """The file of a module of this package; None for every other module and for names that are no module."""
    first, *rest = module.split(".")
    if first != PACKAGE.name:
        return None
    for candidate in (PACKAGE.joinpath(*rest).with_suffix(".py"), PACKAGE.joinpath(*rest, "__init__.py")):
        if candidate.is_file():
            return candidate
    return None


def imported_modules(source: str) -> set[str]:
    """Every module name that `source` imports, inside functions too; `from a import b` counts `a` and `a.b`."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@cache
def _imports_of(file: Path, modified: int) -> frozenset[Path]:
    files = {module_file(name) for name in imported_modules(file.read_text(encoding="utf-8"))}
    return frozenset(files - {None})


def module_closure(modules: Iterable[str]) -> list[Path]:
    """The package's files that `modules` import, directly or not, in path order (their own files included)."""
    waiting = [file for name in modules if (file := module_file(name))]
    seen: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting.extend(_imports_of(file, file.stat().st_mtime_ns))
    return sorted(seen)


def code_hash(modules: Iterable[str]) -> str:
    """16 hexadecimal digits that change when a file in the closure of `modules` does."""
    digest = hashlib.sha256()
    for file in module_closure(modules):
        digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]

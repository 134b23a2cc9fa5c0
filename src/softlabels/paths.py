"""Where things lie: the project, its rows, the user's cache and data."""

import os
import sys
from pathlib import Path

from softlabels.errors import SoftLabelsError

CODE = Path(__file__).resolve().parent
EXTENSION = "softlabels.book"  # by which this book's `_config.yml` is told from those of other books


def project_root() -> Path:
    """The project's folder: the one that holds `notebooks/` and a `_config.yml` with the book's own extension.

    Looked for from the working folder upwards, then from this file upwards (an editable install). Raises
    SoftLabelsError where there is none, and in a copied folder whose environment runs the code of the original.
    """
    here, of_code = _project_above(Path.cwd()), _project_above(CODE)
    if here and of_code and here != of_code and (here / ".venv").exists():
        raise SoftLabelsError(
            f"This is {here}, but the code that runs is that of {of_code}: the folder was copied with its .venv. "
            "Delete the copy's .venv; make book installs it anew."
        )
    if found := here or of_code:
        return found
    raise SoftLabelsError(
        f"{Path.cwd()} is not inside the book's repository; clone it and run this from its root, or name a folder."
    )


def _project_above(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        config = folder / "_config.yml"
        if (folder / "notebooks").is_dir() and config.is_file() and EXTENSION in config.read_text("utf-8", "replace"):
            return folder
    return None


def results_folder() -> Path:
    """Committed rows: `results/`."""
    return project_root() / "results"


def runs_folder() -> Path:
    """Packs that are not committed: `runs/`, ignored by git."""
    return project_root() / "runs"


def cache_folder() -> Path:
    """Teachers, decoded data and compiled code: `SOFTLABELS_CACHE`, or the user's cache folder."""
    if given := os.environ.get("SOFTLABELS_CACHE"):
        return Path(given).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "softlabels"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "softlabels"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "softlabels"


def keep_compiled_code() -> None:
    """Let later processes use the code that this one compiles; does nothing where TORCHINDUCTOR_CACHE_DIR is set.

    To be called before the first network is compiled. Processes that are started afterwards do the same.
    """
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_folder() / "compiled"))


def data_folder() -> Path | None:
    """The folder of data sets that the user named with `SOFTLABELS_DATA`, if any."""
    given = os.environ.get("SOFTLABELS_DATA")
    return Path(given) if given else None

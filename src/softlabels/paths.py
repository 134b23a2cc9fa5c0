"""Where things lie: the project, its rows, the user's cache and data; what to say of a place that is no use."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from softlabels.errors import SoftLabelsError

CODE = Path(__file__).resolve().parent
EXTENSION = "softlabels.book"  # by which this book's `_config.yml` is told from those of other books
FULL = (errno.ENOSPC, errno.EDQUOT)  # what a full disk answers
OF_THE_PLACE = (
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP,
)  # fmt: skip


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
    """Teachers, decoded data and compiled code: `SOFTLABELS_CACHE`, or the user's cache folder.

    Raises SoftLabelsError where neither is known.
    """
    if given := os.environ.get("SOFTLABELS_CACHE"):
        return Path(given).expanduser().absolute()
    try:
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "softlabels"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "softlabels"
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "softlabels"
    except RuntimeError as error:
        raise SoftLabelsError(
            "This user has no home folder: set SOFTLABELS_CACHE to a folder for teachers and decoded data."
        ) from error


def keep_compiled_code() -> None:
    """Let later processes use the code that this one compiles; does nothing where TORCHINDUCTOR_CACHE_DIR is set.

    To be called before the first network is compiled. Processes that are started afterwards do the same.
    """
    with suppress(SoftLabelsError):  # many commands need no cache
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_folder() / "compiled"))


def settle_folders() -> None:
    """Make the folders that SOFTLABELS_CACHE and SOFTLABELS_DATA name absolute, whatever folder a process works in.

    Holds for this process and those that it starts. SOFTLABELS_DATA may also name the folder of one official set: the
    one around it is meant.
    """
    for name in ("SOFTLABELS_CACHE", "SOFTLABELS_DATA"):
        if given := os.environ.get(name):
            os.environ[name] = str(Path(os.path.abspath(Path(given).expanduser())))
    if (data := data_folder()) and _is_a_set(data):
        os.environ["SOFTLABELS_DATA"] = str(data.parent)


def _is_a_set(folder: Path) -> bool:
    """Whether a folder has the name of an official set's and holds that set's files."""
    from softlabels.data.catalogue import OFFICIAL

    if folder.name not in {official.folder for official in OFFICIAL.values()} or not folder.is_dir():
        return False
    return any(path.name.startswith(("train", "data_batch_", "Imagenet64_")) for path in folder.iterdir())


def data_folder() -> Path | None:
    """The folder of data sets that the user named with `SOFTLABELS_DATA`, if any."""
    given = os.environ.get("SOFTLABELS_DATA")
    return Path(given) if given else None


@contextmanager
def said_plainly() -> Iterator[None]:
    """An error of the system that people can do something about becomes a SoftLabelsError; others stay what they are.

    That is a full disk, a place that cannot be read or written, and certificates that are not where they should be.
    """
    try:
        yield
    except OSError as error:
        if sentence := _plain(error):
            raise SoftLabelsError(sentence) from error
        raise


def _plain(error: OSError) -> str:
    """What was wrong with which path, and what to set; empty where there is nothing to be said."""
    if error.errno in FULL:
        return "The disk is full. Whole packs are safe: free some room and type the same command again."
    if "TLS CA certificate" in str(error):  # requests' own, without a number
        return f"{error}. Let REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE name a file that exists, or unset it."
    if error.errno not in OF_THE_PLACE or not isinstance(error.filename, str | os.PathLike):
        return ""
    path, cache, data = Path(error.filename).absolute(), cache_folder(), data_folder()
    if path.is_relative_to(cache) or cache.is_relative_to(path):
        advice = "Teachers and decoded data are to lie there: set SOFTLABELS_CACHE to a folder that you may write to."
    elif data and path.is_relative_to(data.absolute()):
        advice = "SOFTLABELS_DATA names it: let it name a folder that you may read."
    else:
        advice = "Make it a place that you may read and write, or name another one."
    return f"{path}: {error.strerror}. {advice}"

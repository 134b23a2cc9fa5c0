"""Lists of what to run on a machine that is lent for minutes, and its rows and teachers in a few files to bring back.

A plan of `plans.toml` is a list of steps, each a study, record, page or part at a scale. What is stored is not run
again, so that the same command goes on where it was stopped, here or on another machine that was given the archives.
"""

import contextlib
import gzip
import io
import tarfile
import time
import tomllib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from softlabels.errors import SoftLabelsError
from softlabels.paths import cache_folder, runs_folder
from softlabels.records import studies_of
from softlabels.store import PUBLISHED_SCALES, everything, pack_in, publish, write_atomically
from softlabels.studies import find
from softlabels.study import Study
from softlabels.sweep import packs_to_run, sweep
from softlabels.words import count

FILE = Path(__file__).with_name("plans.toml")
EVERY = 20  # seconds between two writings of the archives
PART = {"rows": 48 * 2**20, "teachers": 15 * 2**20}  # bytes before compression: rows become less than a quarter
ROOM = 45 * 2**20  # bytes of teachers
OF_TEACHERS = ("teacher_epoch", "teacher_step", "epoch")  # settings


@dataclass(frozen=True)
class Step:
    """One line of a plan."""

    run: str  # a record, study, page or part, as `softlabels run` takes it
    scale: str
    only: tuple[str, ...] = ()  # settings, as `--only` takes them


def read(name: str, scale: str | None = None) -> list[Step]:
    """The steps of a plan. With `scale` all of them at that scale, each study once, whatever settings were chosen.

    Raises SoftLabelsError for a name that is not in plans.toml.
    """
    plans = tomllib.loads(FILE.read_text(encoding="utf-8"))
    if name not in plans:
        raise SoftLabelsError(f"There is no plan {name!r}; there is {', '.join(plans)}.")
    steps = [Step(step["run"], step["scale"], tuple(step.get("only", ()))) for step in plans[name]]
    return list(dict.fromkeys(Step(step.run, scale) for step in steps)) if scale else steps


def studies(step: Step) -> list[Study]:
    """The studies of a step that have its scale."""
    return [study for name in studies_of(step.run) if step.scale in (study := find(name)).grids]


class _TimeIsUp(Exception):
    pass


def run(steps: list[Step], device: str, minutes: float, folder: Path | None, say: Callable[[str], None]) -> list[str]:
    """Run what is missing of the steps, in order, and begin no pack after `minutes`; returns what went wrong.

    folder: where rows and teachers are archived as they come. A study that fails is named, and the next one runs. `say`
    gets a line a study: packs now, packs left.
    """
    until, wrong = time.monotonic() + 60 * minutes, []

    def stop_in_time() -> None:
        if time.monotonic() > until:
            raise _TimeIsUp

    with contextlib.nullcontext() if folder is None else _archiving(folder, steps, say):
        for step in steps:
            for study in studies(step):
                try:
                    _run(study, step, device, stop_in_time, say)
                except Exception as error:  # of whatever kind: the others are worth their minutes
                    wrong.append(f"{study.id} {step.scale}: {type(error).__name__}: {error}")
                    say(wrong[-1])
    return wrong


def _run(study: Study, step: Step, device: str, stop_in_time: Callable[[], None], say: Callable[[str], None]) -> None:
    """Run what is missing of one study of a step; publish and say how far it came, also where it fails on the way."""
    before, begin = _missing(study, step, device), time.monotonic()
    try:
        if before:
            stop_in_time()
            sweep(study, step.scale, device=device, only=step.only, after_pack=stop_in_time)
    except _TimeIsUp:
        pass
    finally:
        left = _missing(study, step, device)
        if step.scale in PUBLISHED_SCALES and left < before:
            publish(study.id, step.scale)
        which = " ".join([study.id, step.scale, *step.only])
        say(f"{which}: {count(before - left, 'pack')} now, {left} left, {time.monotonic() - begin:.0f} s")


def _missing(study: Study, step: Step, device: str) -> int:
    """How many packs of a step are not stored of a device."""
    return len(packs_to_run(study, step.scale, device, everything(study.id, step.scale), only=step.only))


# ---- archives ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _archiving(folder: Path, steps: list[Step], say: Callable[[str], None]) -> Iterator[None]:
    """A block during which what is new goes into archives, EVERY seconds and at the end; those that are there stay."""
    ended, there, wanted = Event(), _files(), _wanted(steps)
    older, written = max(map(_number, folder.glob("*.tar.gz")), default=0), {}

    def write() -> None:
        nonlocal written
        if (new := _new(there, wanted)) != written:  # a pack or an epoch is never written twice
            archive(folder, new, older)
            written = new

    def go_on() -> None:
        while not ended.wait(EVERY):
            try:
                write()
            except Exception as error:  # a file that has just gone, a disk that is full for a while: try again
                say(f"not archived yet: {type(error).__name__}: {error}")

    thread = Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        write()


def _number(path: Path) -> int:
    """The number of an archive; 0 for another file."""
    number = path.name.removesuffix(".tar.gz").rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def _files() -> set[tuple[str, Path, int]]:
    """Every pack in `runs/` and every kept network: the kind of archive, the path, and when it was written."""
    roots = _roots()
    found = [("rows", path) for path in roots["rows"].rglob("[!.]*.json")]
    found += [("teachers", path) for path in roots["teachers"].glob("*/[!.]*.safetensors")]
    return {(kind, path, path.stat().st_mtime_ns) for kind, path in found}


def _wanted(steps: list[Step]) -> set[int]:
    """The epochs or steps of teachers that a run of the steps wants, and 0, with which training goes on."""
    runs = [run for step in steps for study in studies(step) for run in study.grid(step.scale)]
    return {0} | {getattr(run, name) for run in runs for name in OF_TEACHERS if hasattr(run, name)}


def _new(there: set[tuple], wanted: set[int]) -> dict[str, list[Path]]:
    """What is new of each kind. Of a teacher the last epoch, with which training goes on, and `wanted`, up to ROOM."""
    new = sorted(_files() - there, key=lambda file: file[2])
    rows = [path for kind, path, _ in new if kind == "rows"]
    networks = [path for kind, path, _ in new if kind == "teachers"]
    last = {path.parent: path for path in networks}
    teachers, size = [], 0
    for path in [*last.values(), *(path for path in networks if path not in last.values())]:
        number = path.stem.removeprefix("e")
        if path in last.values() or (number.isdigit() and int(number) in wanted):
            size += path.stat().st_size
            if size <= ROOM:
                teachers.append(path)
    return {"rows": rows, "teachers": teachers}


def archive(folder: Path, files: dict[str, list[Path]], older: int = 0) -> None:
    """Write files as `rows-1.tar.gz`, `teachers-1.tar.gz` and so on, each whole or not at all, after `older` ones."""
    for kind, paths in files.items():
        parts, size = [[]], 0
        for path in paths:
            size += path.stat().st_size
            if size > PART[kind] and parts[-1]:
                parts.append([])
                size = path.stat().st_size
            parts[-1].append(path)
        for number, part in enumerate(filter(None, parts), 1 + older):
            content = io.BytesIO()
            with tarfile.open(fileobj=content, mode="w:gz", compresslevel=4) as tar:
                for path in part:
                    tar.add(path, f"{kind}/{path.relative_to(_roots()[kind]).as_posix()}")
            write_atomically(folder / f"{kind}-{number}.tar.gz", content.getvalue())


def merge(folder: Path) -> tuple[int, int]:
    """Unpack a folder's archives: rows into `runs/` and the committed tables, teachers into the cache; the counts.

    What is here already stays. Raises SoftLabelsError for a file that is no whole archive, and for one that holds
    anything else than packs of rows and teachers: nothing of it is unpacked, and all of the others.
    """
    counts, tables, bad = {"rows": 0, "teachers": 0}, set(), []
    for path in sorted(folder.glob("*.tar.gz")):
        try:
            contents = _contents(path)
        except SoftLabelsError as error:
            bad.append(str(error))
            continue
        for kind, place, content in contents:
            if kind == "rows":  # published also where an earlier merge was cut off
                tables.add(place.parent.relative_to(runs_folder()).as_posix())
            if not place.exists():
                write_atomically(place, content)
                counts[kind] += 1
    for table in sorted(tables):
        study, _, scale = table.rpartition(".")
        if scale in PUBLISHED_SCALES:
            publish(study, scale)
    if bad:
        raise SoftLabelsError(" ".join(bad))
    return counts["rows"], counts["teachers"]


def _contents(path: Path) -> list[tuple[str, Path, bytes]]:
    """Of each file of an archive its kind, its place here and its content."""
    try:
        whole = gzip.decompress(path.read_bytes())  # compares gzip's checksum, which tarfile does not
        with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
            found = {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise SoftLabelsError(f"{path} is not a whole archive of rows or teachers ({error}).") from error
    files = []
    for name, content in found.items():
        kind, _, rest = name.partition("/")
        root = _roots().get(kind)
        inside = root is not None and (root / rest).resolve().is_relative_to(root.resolve())
        if not inside or (kind == "rows" and pack_in(content) is None):
            raise SoftLabelsError(f"{path} holds {name}, which is neither a pack of rows nor a teacher.")
        files.append((kind, root / rest, content))
    return files


def _roots() -> dict[str, Path]:
    """Where rows and teachers lie on this machine."""
    return {"rows": runs_folder(), "teachers": cache_folder() / "teachers"}

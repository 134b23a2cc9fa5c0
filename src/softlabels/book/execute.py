"""Bring the book's notebooks up to date: find the stale ones, execute them side by side, say how far they are.

First the chapters. When all their rows are there, `second_stage` judges the claims and fills the verdicts into chapters
and landing page. Last the notebooks of the record, which show those verdicts too.
Each notebook has a process of its own rather than a worker of a pool: a process can be killed with its kernel when it
takes too long, and the others go on, where a pool with a killed worker is broken; and it has its own environment.
"""

import ast
import collections
import concurrent.futures
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from softlabels.book.key import chapter_key, record_key, rows_key
from softlabels.paths import settle_folders
from softlabels.study import SCALES

HEARTBEAT = 10.0  # seconds between lines that say that something is going on
KEPT = 4  # executed copies and live rows kept of each page, so that going back to another scale costs nothing
UNTIMED = ("reduced", "paper")  # live runs of these scales take as long as they take
RECORD = "record/"  # the notebooks below notebooks/record/ read everyone's rows


@dataclasses.dataclass(frozen=True)
class Page:
    """A notebook of the book and where its traces lie."""

    name: str  # "memorized/two_dimensions"
    root: Path
    book: Path  # the folder that Sphinx reads
    key: str

    @property
    def kind(self) -> str:
        return "record" if RECORD in self.name else "chapter"

    @property
    def source(self) -> Path:
        return self.root / "notebooks" / f"{self.name}.py"

    @property
    def produced(self) -> Path:
        return self.book / "notebooks" / f"{self.name}.ipynb"

    @property
    def stored(self) -> Path:
        return self.root / ".cache" / "papermill" / self.name / f"{self.key}.ipynb"

    @property
    def live(self) -> Path:
        return self.root / "runs" / "live" / self.name / self.key

    @property
    def partial(self) -> Path:
        return self.root / "_build" / "failed" / f"{self.name}.ipynb"


class Failed(Exception):
    """One notebook failed; its text says where and how."""


def update(names: list[str], root: Path, book: Path, *, jobs: int, minutes: float, say: Callable[[str], None]) -> int:
    """Make every page's notebook current and return how many had to be executed.

    Raises SystemExit with a report when some failed; the others are finished and kept by then.
    """
    settle_folders()
    parameters = {"scale": live_scale(), "device": "auto"}
    seconds = 60 * (float("inf") if parameters["scale"] in UNTIMED else minutes)

    def bring(pages: list[Page]) -> int:
        stale = [page for page in pages if not is_stored(page)]
        for page in (page for page in pages if page not in stale):
            make_current(page)
        if stale:
            workers = max(1, min(jobs, len(stale)))
            at = f"{workers} at a time, at scale {parameters['scale']}"
            say(f"notebooks: {len(stale)} of {len(names)} to execute, {at}")
            if failures := execute_all(stale, parameters, workers, seconds, jobs > 1, say):
                failed = f"\n{len(failures)} notebook(s) failed to execute; the book was not built. The rest is done."
                raise SystemExit("\n\n".join([failed, *failures.values()]) + "\n")
        return len(stale)

    live = root / "runs" / "live"
    for current in live.glob("*/*/current"):
        if current.parent.relative_to(live).as_posix() not in names:
            current.unlink()  # the rows of a page that the book has no more
    sources = {name: source_of(name, root) for name in names}
    keys = {name: chapter_key(sources[name], parameters, root / "results") for name in names if RECORD not in name}
    chapters = [Page(name, root, book, key) for name, key in keys.items()]
    executed = bring(chapters)
    rows = rows_key(keys.values(), root)
    publish(chapters, root, book, rows, say)
    keys = {name: record_key(sources[name], parameters, rows) for name in names if RECORD in name}
    record = [Page(name, root, book, key) for name, key in keys.items()]
    executed += bring(record)
    for page in record:
        if not page.produced.is_file() or page.produced.read_bytes() != page.stored.read_bytes():
            page.produced.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(page.stored, page.produced)
    if not executed:
        say(f"notebooks: all {len(names)} are up to date")
    return executed


def source_of(name: str, root: Path) -> Path:
    """The file of the notebook called `name`. Raises SystemExit where there is none, or one that is no Python."""
    source = root / "notebooks" / f"{name}.py"
    if not source.is_file():
        raise SystemExit(f"_toc.yml names notebooks/{name}, but there is no {source}; write it or take the line out.")
    try:
        ast.parse(source.read_text(encoding="utf-8-sig"))
    except SyntaxError as error:
        line = (error.text or "").strip()
        hint = "\n  (a magic is written as a comment: # %matplotlib inline)" if line[:1] in ("%", "!") else ""
        raise SystemExit(f"notebooks/{name}.py:{error.lineno}\n  SyntaxError: {error.msg}\n    {line}{hint}") from None
    except ValueError as error:
        raise SystemExit(f"notebooks/{name}.py is no text in UTF-8 ({error}); save it as UTF-8.") from None
    return source


def live_scale() -> str:
    """The scale that notebooks compute: `SOFTLABELS_SCALE`, or quick. Raises SystemExit for one that does not exist."""
    scale = os.environ.get("SOFTLABELS_SCALE") or "quick"
    if scale not in SCALES:
        raise SystemExit(f"SOFTLABELS_SCALE={scale} is no scale; unset it or set it to one of {', '.join(SCALES)}.")
    return scale


def jobs_allowed(default: int) -> int:
    """How many notebooks may run at a time: `SOFTLABELS_JOBS`, or `default`. Raises SystemExit for no such number."""
    jobs = os.environ.get("SOFTLABELS_JOBS") or str(default)
    if not jobs.isdecimal() or int(jobs) < 1:
        raise SystemExit(f"SOFTLABELS_JOBS={jobs} is no number of notebooks; unset it or set it to 1, 2, ….")
    return int(jobs)


def is_stored(page: Page) -> bool:
    """Whether an executed copy with the page's key is at hand, and the rows that it computed."""
    return page.live.is_dir() and page.stored.is_file()


def make_current(page: Page) -> None:
    """Mark an executed page's rows as this build's; of its older copies and rows only the newest few stay."""
    current = page.live.parent / "current"
    if not current.is_file() or current.read_text().strip() != page.key:
        current.write_text(page.key + "\n")
    for folder, newest in ((page.stored.parent, page.stored), (page.live.parent, page.live)):
        others = [path for path in folder.glob("*") if path not in (newest, current)]
        for old in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT - 1 :]:
            shutil.rmtree(old) if old.is_dir() else old.unlink()


def publish(chapters: list[Page], root: Path, book: Path, rows: str, say: Callable[[str], None]) -> None:
    """Put executed chapters where Sphinx reads them, with today's verdicts, and write the landing page's parts.

    rows: the key of everything that verdicts depend on. Nothing is done where all is as it was.
    """
    key = f"{rows} {' '.join(page.key for page in chapters)}"
    if index_parts(root).get("key") == key and all(page.produced.is_file() for page in chapters):
        return
    job = {"key": key, "landing": str(book / "index.md"), "cache": str(root / ".cache")}
    job["pages"] = {page.name: [str(page.stored), str(page.produced)] for page in chapters}
    say("verdicts and landing page")
    with terminated_as_exit():
        stage = subprocess.run(
            [sys.executable, "-m", "softlabels.book.second_stage", json.dumps(job)], cwd=root,
            env=package_environment(one_thread=True), capture_output=True, text=True, encoding="utf-8",
            errors="replace",
        )  # fmt: skip
    if stage.returncode:
        raise SystemExit(f"the book's verdicts and landing page could not be made:\n{stage.stderr}")


def index_file(root: Path) -> Path:
    """The landing page's generated parts, with the key of what they were made from."""
    return root / ".cache" / "index.json"


def index_parts(root: Path) -> dict:
    """What the second stage wrote: `key` and `parts`; empty before its first time."""
    file = index_file(root)
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def execute_all(pages, parameters: dict, workers: int, limit: float, one_thread: bool, say) -> dict[str, str]:
    """Execute `pages`, `workers` at a time, and mark each as it ends; what went wrong, by page."""
    children: dict[str, subprocess.Popen] = {}
    where: dict[str, str] = {}
    failures: dict[str, str] = {}
    began, done = time.monotonic(), 0
    pool = concurrent.futures.ThreadPoolExecutor(workers)
    with terminated_as_exit():
        try:
            running = {pool.submit(execute, p, parameters, limit, one_thread, children, where): p for p in pages}
            while running:
                finished, _ = concurrent.futures.wait(running, HEARTBEAT, concurrent.futures.FIRST_COMPLETED)
                for future in finished:
                    page, done = running.pop(future), done + 1
                    try:
                        seconds = future.result()
                        make_current(page)
                        say(f"{done}/{len(pages)} notebooks/{page.name} done in {seconds:.1f} s")
                    except Failed as error:
                        failures[page.name] = str(error)
                        say(f"{done}/{len(pages)} notebooks/{page.name} FAILED")
                if not finished:
                    say(f"… {time.monotonic() - began:.0f} s: " + "; ".join(list(where.values())))
        except BaseException:  # Ctrl-C above all: leave no process behind
            pool.shutdown(wait=False, cancel_futures=True)
            for child in list(children.values()):
                kill_tree(child.pid)
            raise
    pool.shutdown()
    return failures


def execute(page: Page, parameters: dict, limit: float, one_thread: bool, children: dict, where: dict) -> float:
    """Execute one page in a process of its own and return its seconds; raises Failed with what to tell a person."""
    page.stored.unlink(missing_ok=True)  # beside the rows of a run that is cut short it would count as finished
    shutil.rmtree(page.live, ignore_errors=True)  # rows of a run that was cut short are not this run's
    page.live.mkdir(parents=True)
    job = {"source": str(page.source), "stored": str(page.stored), "partial": str(page.partial), "key": page.key,
           "folder": str(page.root / "notebooks"), "parameters": parameters}  # fmt: skip
    began, late = time.monotonic(), threading.Event()
    error, words = None, collections.deque(maxlen=12)
    with subprocess.Popen(
        [sys.executable, "-m", "softlabels.book.runner", json.dumps(job)], env=environment(page, one_thread),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        errors="replace", start_new_session=True,
    ) as child:  # fmt: skip
        children[page.name] = child
        where[page.name] = f"notebooks/{page.name} starting"
        timer = threading.Timer(min(limit, threading.TIMEOUT_MAX), lambda: (late.set(), kill_tree(child.pid)))
        timer.daemon = True
        timer.start()
        for message in messages(child, words):
            error = message.get("error", error)
            if "cell" in message:
                where[page.name] = f"notebooks/{page.name} cell {message['cell']}/{message['of']}"
        rc = child.wait()
        timer.cancel()
        del children[page.name], where[page.name]
    if late.is_set():
        raise Failed(
            f"notebooks/{page.name}.py\n  stopped after {limit / 60:.0f} minutes; set softlabels_minutes in _config.yml"
        )
    if error:
        raise Failed(
            f"notebooks/{page.name}.py:{error['line']}  (code cell {error['cell']} of {error['of']})\n"
            f"  {error['error']}\n    {error['code']}\n  partial output: {page.partial}"
        )
    if rc:
        raise Failed(f"notebooks/{page.name}.py\n  its process ended with {rc}:\n    " + "\n    ".join(words))
    return time.monotonic() - began


def messages(child: subprocess.Popen, words: collections.deque) -> Iterator[dict]:
    """The runner's messages as they come; everything else that is printed goes to `words`."""
    for line in child.stdout:
        if line.startswith("@@"):
            yield json.loads(line[2:])
        elif line.strip():
            words.append(line.rstrip())


def package_environment(one_thread: bool) -> dict[str, str]:
    """What a process of the build sees: this package, and its share of the cores.

    Where several may run, each has one thread even when it happens to run alone: small networks gain little from a
    second one, lose much to a busy neighbour, and a page's rows should not depend on what else was stale.
    """
    package = Path(__file__).resolve().parents[2]
    path = os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH")]))
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1") if one_thread else {}
    return {**threads, **os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"}


def environment(page: Page, one_thread: bool) -> dict[str, str]:
    """What a notebook's process sees: also this build's folder for live rows, or the verdicts."""
    verdicts = {"SOFTLABELS_VERDICTS": str(page.root / ".cache" / "verdicts.json")} if page.kind == "record" else {}
    own = page.root / ".cache" / "settings"  # a reader's settings of IPython and matplotlib must not reach the pages
    own.mkdir(parents=True, exist_ok=True)
    (own / "matplotlibrc").touch()
    return package_environment(one_thread) | verdicts | {
        "JUPYTER_PREFER_ENV_PATH": "1",  # this environment's kernel, not one of the same name in the user's folder
        "JUPYTER_PATH": "",
        "IPYTHONDIR": str(own),
        "MATPLOTLIBRC": str(own / "matplotlibrc"),
        "SOFTLABELS_BOOK": page.kind,
        "SOFTLABELS_LIVE": str(page.live),
    }  # fmt: skip


def kill_tree(pid: int) -> None:
    """End a process and all that it started: the kernel is in a session of its own and would live on."""
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            pass
    psutil.wait_procs(family, timeout=5)


@contextmanager
def terminated_as_exit():
    """SIGTERM becomes SystemExit meanwhile, so that children are killed on the way out."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(*_):
        raise SystemExit(143)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

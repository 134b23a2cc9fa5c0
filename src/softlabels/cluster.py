"""Packs on the workers of a Dask scheduler. No other module knows Dask, which is the optional extra `cluster`."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from softlabels.code_hash import PACKAGE
from softlabels.errors import SoftLabelsError
from softlabels.paths import cache_folder, keep_compiled_code
from softlabels.words import count

try:
    from distributed import Client, KilledWorker, LocalCluster, get_worker
    from distributed.cfexecutor import ClientExecutor
except ImportError as missing:
    raise SoftLabelsError(
        "--scheduler needs the package distributed, which is not installed; type pip install distributed, or "
        "pip install '.[cluster]' in a clone of this project."
    ) from missing

PATIENCE = 15  # seconds for a scheduler to answer
ONE_PACK = "start it with --nthreads 1, and with --nworkers 2 for two packs at a time"


class PackExecutor(ClientExecutor):
    """Hands packs to Dask's workers."""

    def submit(self, function: Callable, *job) -> Future:
        """The future result of `function(*job)` on some worker."""
        return super().submit(on_worker, function, *job)


@contextmanager
def executor(scheduler: str, workers: int, threads: int, device: str) -> Iterator[Executor]:
    """The workers of a scheduler: its address, `file:PATH` of its scheduler file, or `local` for new ones here.

    workers, threads: of `local`, how many processes and torch's threads in each. A pack for a GPU goes to workers that
    offer the resource `cuda`, a whole one to each pack. Raises SoftLabelsError for what goes wrong with all this.
    """
    resources = {"cuda": 1} if device == "cuda" else {}
    with _client(scheduler, workers, threads, resources) as client:
        try:  # else it drops the packs without a word, and the client waits for ever
            client.run_on_scheduler(import_module, __name__)
        except Exception as error:
            raise SoftLabelsError(
                f"The scheduler {scheduler} cannot import this package ({error}); install it there and start it anew."
            ) from error
        there = client.scheduler_info(n_workers=-1)["workers"].values()
        if not there:
            print(f"{scheduler} has no workers yet; the packs wait for them.", file=sys.stderr)
        elif resources and not any(worker["resources"].get("cuda", 0) >= 1 for worker in there):
            raise SoftLabelsError(f"No worker of {scheduler} offers a GPU; start one with --resources cuda=1.")
        try:
            yield PackExecutor(client, pure=False, resources=resources)
        except KilledWorker as error:
            raise SoftLabelsError(
                f"A pack was given up: {count(error.allowed_failures + 1, 'worker')} died of it, the last at "
                f"{error.last_worker.address}. Perhaps the memory was too small; the worker's log says more. The other "
                "packs are stored."
            ) from error
        except CancelledError as error:
            raise SoftLabelsError(
                f"The connection to the scheduler {scheduler} was lost. Whole packs are safe: type the same command "
                "again when it answers."
            ) from error


@contextmanager
def _client(scheduler: str, workers: int, threads: int, resources: dict) -> Iterator[Client]:
    if scheduler == "local":
        quiet = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL, "memory_limit": 0}
        environment = {"OMP_NUM_THREADS": str(threads)}
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # which workers inherit: Ctrl-C is for this process alone
        with LocalCluster(
            n_workers=workers, threads_per_worker=1, resources=resources, env=environment, **quiet
        ) as here:
            signal.signal(signal.SIGINT, before)
            with Client(here) as client:
                yield client
        return
    kind, _, path = scheduler.partition("file:")
    if not kind and not Path(path).is_file():
        raise SoftLabelsError(f"There is no file {path}; dask scheduler --scheduler-file {path} writes it.")
    try:
        client = Client(**({"address": scheduler} if kind else {"scheduler_file": path}), timeout=PATIENCE)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SoftLabelsError(f"No Dask scheduler answers at {scheduler}; dask scheduler starts one.") from error
    with client:
        yield client


def on_worker(function: Callable, *job):
    """`function(*job)` on a worker, with this machine's cache folder and as many threads as OMP_NUM_THREADS says.

    Raises SoftLabelsError on a worker whose rows would be wrong.
    """
    import torch

    from softlabels.data import own

    worker = get_worker()
    if worker.state.nthreads != 1:
        raise SoftLabelsError(f"The worker {worker.address} runs several packs in one process; {ONE_PACK}.")
    if _written() != WRITTEN_AT_FIRST:
        raise SoftLabelsError(
            f"The package's code was changed after the worker {worker.address} had read it; start that worker anew."
        )
    keep_compiled_code()
    own.remember(cache_folder())
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 1)))  # Dask also says MKL_NUM_THREADS=1, and it wins
    return function(*job)


def _written() -> dict[Path, int]:
    """When each file of the package was last written."""
    return {file: file.stat().st_mtime_ns for file in PACKAGE.rglob("*.py")}


WRITTEN_AT_FIRST = _written()  # when the code is read

"""A sweep on Dask's workers: the same table, whatever dies, and one sentence for what goes wrong."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
import torch
import toy_study
from test_sweep import HERE, computed, ran

from softlabels import studies
from softlabels.cli import executor as pool_of
from softlabels.errors import SoftLabelsError
from softlabels.store import Store, publish
from softlabels.sweep import sweep

distributed = pytest.importorskip("distributed")
cluster = pytest.importorskip("softlabels.cluster")

SCRIPT = """
import signal
import sys
sys.path.insert(0, sys.argv[1])
from softlabels import studies
studies.STUDIES["memorized/toy"] = "toy_study:STUDY"
from softlabels.cli import app
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal, also where the tests run without one
    app(["run", "memorized/toy", "--scale", "smoke", "--device", "cpu", *sys.argv[2:]])
"""


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    """A scheduler and two workers in processes of their own, whose cache folder is theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]))
        patch.setenv("SOFTLABELS_CACHE", str(tmp_path_factory.mktemp("cache_of_workers")))
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=0, silence_logs=50
        ) as started:
            yield started


@pytest.fixture
def toy(project, monkeypatch, workers):
    monkeypatch.setitem(studies.STUDIES, "memorized/toy", "toy_study:STUDY")
    monkeypatch.setenv("TOY_LOG", str(project / "log"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]))
    (project / "log").touch()
    return studies.find("memorized/toy")


@contextmanager
def on(workers, **settings):
    """The executor, with environment variables set on all workers."""
    names = {"TOY_LOG": os.environ["TOY_LOG"], "TOY_WAIT": "0", "TOY_DIE": ""} | settings
    with cluster.executor(workers.scheduler_address, 1, 1, "cpu") as pool:
        pool._client.wait_for_workers(len(workers.worker_spec))
        pool._client.run(toy_study.set_environment, **names)
        yield pool


def test_serial_pool_and_clusters_write_the_same_table(toy, project, workers):
    tables = {}

    def run(way, pool):
        for study in (toy, studies.find("memorized/linear_recovery")):
            sweep(study, "smoke", pool, seeds=2)
            frame = pd.read_csv(publish(study.id, "smoke"), dtype=str)
            tables.setdefault(study.id, {})[way] = frame.drop(columns="seconds").to_csv()
            for folder in ("runs", "results"):
                for file in (project / folder).rglob("*.*"):
                    file.is_file() and file.unlink()

    run("serial", None)
    with pool_of(2) as pool:
        run("pool of 2", pool)
    with on(workers) as pool:
        run("Dask with 2", pool)
    workers.scale(3)
    workers.wait_for_workers(3)
    with on(workers) as pool:
        run("Dask with 3", pool)
    for of_study in tables.values():
        assert len(of_study) == 4 and len(set(of_study.values())) == 1


def test_a_worker_killed_in_a_pack_loses_nothing(toy, project, workers):
    with on(workers, TOY_DIE=str(project / "fuse")) as pool:
        rows = sweep(toy, "smoke", pool)
    assert (project / "fuse").exists() and set(ran(project)) == set(range(8))
    assert len(rows) == len(computed(project)) == len(set(computed(project))) == 32


def test_another_sweep_goes_on_where_a_killed_one_was(toy, project, workers):
    with on(workers, TOY_WAIT="0.3"):
        killed = start(project, "--scheduler", workers.scheduler_address)
    until(lambda: Store(project / "runs/memorized/toy.smoke").packs())
    killed.kill()
    killed.communicate()
    whole = [pack["rows"][0]["group"] for pack in Store(project / "runs/memorized/toy.smoke").packs()]
    with on(workers) as pool:
        rows = sweep(toy, "smoke", pool)
    assert len(rows) == len(computed(project)) == len(set(computed(project))) == 32
    assert whole and [ran(project).count(group) for group in whole] == [1] * len(whole)  # the others may run again


def start(project, *words):
    """`softlabels run` of the toy in a session of its own."""
    script = project / "run.py"  # worker processes import the script that started them
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(HERE), *words]
    return subprocess.Popen(command, cwd=project, stderr=subprocess.PIPE, text=True, start_new_session=True)


def until(happened):
    """Wait for something that must happen within two minutes."""
    patience = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < patience
        time.sleep(0.05)


def left_behind(session):
    """The processes of a session that are alive."""
    found = []
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = process.read_text().rpartition(")")[2].split()[:4]
        except OSError:  # it has just ended
            continue
        found += [process.parent.name] if int(of) == session and state != "Z" else []
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")
@pytest.mark.parametrize("words", [["--workers", "2"], ["--workers", "2", "--scheduler", "local"]])
def test_ctrl_c_stops_every_process_with_one_sentence(toy, project, monkeypatch, words):
    monkeypatch.setenv("TOY_WAIT", "0.5")
    running = start(project, *words)
    until(lambda: Store(project / "runs/memorized/toy.smoke").packs())
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    said = running.communicate(timeout=120)[1]
    assert running.returncode == 130 and "Traceback" not in said
    assert said.splitlines()[-1] == "softlabels: Stopped. Whole packs are safe: type the same command again to go on."
    until(lambda: not left_behind(running.pid))
    assert len(computed(project)) < 32 and len(computed(project)) == len(set(computed(project)))


@pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")
def test_processes_end_with_the_sweep_that_was_killed(toy, project, monkeypatch):
    monkeypatch.setenv("TOY_WAIT", "0.5")
    running = start(project, "--workers", "2")
    until(lambda: Store(project / "runs/memorized/toy.smoke").packs())
    running.kill()
    running.communicate()
    until(lambda: not left_behind(running.pid))


# ---- what is refused


def test_a_pack_that_kills_every_worker_is_given_up(toy, project, workers, monkeypatch):
    monkeypatch.setattr(workers.scheduler, "allowed_failures", 0)
    with pytest.raises(SoftLabelsError, match="A pack was given up: 1 worker died of it, the last at tcp://"):
        with on(workers, TOY_DIE=str(project / "fuse")) as pool:
            sweep(toy, "smoke", pool)
    store = Store(project / "runs/memorized/toy.smoke")
    assert len(store.packs()) in (6, 7)  # a pack that waited at the same worker is given up too
    with on(workers) as pool:
        sweep(toy, "smoke", pool)
    assert len(store.packs()) == 8 and len(computed(project)) == 32


def test_a_worker_of_another_version_is_refused(toy, project, workers, monkeypatch):
    monkeypatch.setattr("softlabels.sweep.code_hash", lambda function: "newer")  # here, and not on the workers
    with on(workers) as pool, pytest.raises(SoftLabelsError, match=r"another version .* \(\w{16}, not newer\)"):
        sweep(toy, "smoke", pool)
    assert ran(project) == [] and not Store(project / "runs/memorized/toy.smoke").packs()


def test_a_worker_that_read_older_files_is_refused(toy, project, workers):
    with on(workers) as pool:
        pool._client.run(toy_study.put, "softlabels.cluster", "WRITTEN_AT_FIRST", {})
        with pytest.raises(SoftLabelsError, match="code was changed after the worker tcp://.* had read it; start"):
            sweep(toy, "smoke", pool)
        pool._client.run(toy_study.put, "softlabels.cluster", "WRITTEN_AT_FIRST", cluster._written())
    assert ran(project) == []


def test_a_worker_has_its_own_cache_and_the_threads_that_it_was_given(toy, project, workers):
    from softlabels.paths import cache_folder

    with on(workers) as pool:
        assert pool.submit(torch.get_num_threads).result() == 1
        assert pool.submit(cache_folder).result() != cache_folder()
        pool._client.run(toy_study.set_environment, OMP_NUM_THREADS="2")
        assert pool.submit(torch.get_num_threads).result() == 2
        pool._client.run(toy_study.set_environment, OMP_NUM_THREADS="1")


def test_a_worker_with_two_threads_or_without_a_gpu_is_refused(toy):
    small = {"processes": False, "dashboard_address": ":0", "n_workers": 1, "threads_per_worker": 2}
    with distributed.LocalCluster(**small) as started:
        address = started.scheduler_address
        with cluster.executor(address, 1, 1, "cpu") as pool:
            with pytest.raises(SoftLabelsError, match="several packs in one process; start it with --nthreads 1"):
                pool.submit(torch.get_num_threads).result()
        with pytest.raises(SoftLabelsError, match="offers a GPU; start one with --resources cuda=1"):
            with cluster.executor(address, 1, 1, "cuda"):
                pass


@pytest.mark.parametrize(
    ("scheduler", "workers", "message"),
    [
        ("file:nowhere.json", 1, "There is no file nowhere.json; dask scheduler --scheduler-file nowhere.json"),
        ("tcp://127.0.0.1:9", 1, "No Dask scheduler answers at tcp://127.0.0.1:9"),
        ("nonsense://x", 1, "No Dask scheduler answers at nonsense://x"),
        ("tcp://127.0.0.1:9", 2, "--workers counts processes of this machine"),
    ],
)
def test_a_scheduler_that_is_not_there_is_said(project, monkeypatch, scheduler, workers, message):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(SoftLabelsError, match=message), pool_of(workers, scheduler):
        pass


def test_a_scheduler_without_the_package_is_refused(tmp_path):
    """Where it could not read a pack, it would drop it without a word."""
    (tmp_path / "softlabels").mkdir()
    (tmp_path / "softlabels" / "__init__.py").write_text("raise ImportError('not installed here')")
    file, environment = tmp_path / "scheduler.json", os.environ | {"PYTHONPATH": str(tmp_path)}
    words = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", *words]
    scheduler = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        until(file.is_file)
        refused = pytest.raises(SoftLabelsError, match=r"cannot import this package \(not installed here\)")
        with refused, cluster.executor(f"file:{file}", 1, 1, "cpu"):
            pass
    finally:
        scheduler.kill()
        scheduler.wait()


def test_without_the_extra_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "softlabels.cluster")
    monkeypatch.delattr("softlabels.cluster")
    with pytest.raises(SoftLabelsError, match=r"needs the package distributed, .* pip install '\.\[cluster\]'"):
        with pool_of(1, "local"):
            pass

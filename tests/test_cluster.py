"""A sweep on Dask's workers: the same table, whatever dies, and one sentence for what goes wrong."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
import toy_study
from test_sweep import HERE, computed, numbers, ran

from softlabels import studies
from softlabels.cli import executor as pool_of
from softlabels.errors import SoftLabelsError
from softlabels.store import Store, publish
from softlabels.sweep import sweep

distributed = pytest.importorskip("distributed")
cluster = pytest.importorskip("softlabels.cluster")

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from softlabels import studies
studies.STUDIES["memorized/toy"] = "toy_study:STUDY"
from softlabels.cli import app
if __name__ == "__main__":
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
        pool._client.run(os.environ.update, names)
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
    assert (project / "fuse").exists() and ran(project) == sorted([*range(8), 3])
    assert len(rows) == len(computed(project)) == len(set(computed(project))) == 32

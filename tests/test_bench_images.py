"""Contests of image training: both sides train the same network, and the arithmetic is the papers'."""

import subprocess

import pytest
import torch

from softlabels import bench
from softlabels.bench import images
from softlabels.models import convnet
from softlabels.models.convnet import Shape
from softlabels.training import precision
from softlabels.training.images import Recipe

SMALL = Shape(2, 4, 1, 8, 8, 5)
STUDENT = Recipe(0.1, 2, 4, 0.9, 5e-4, "quarters", augmentation="dsa digits")


def assert_same(network, other):
    for mine, theirs in zip(network.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-4)


def test_quick_students_and_the_plain_loop_train_the_same_network():
    contest = images.small(SMALL, STUDENT, 10, 3)
    assert (contest.students, contest.steps) == (3, 20)
    assert_same(convnet.one(contest.fleet(), 0), contest.reference())


def test_a_large_network_and_the_plain_loop_train_the_same_one(monkeypatch):
    monkeypatch.setattr(images, "decide", lambda device, compiled: precision.PLAIN)
    contest = images.large(SMALL, STUDENT, 10)
    assert_same(contest.fleet(), contest.reference())


@pytest.mark.parametrize("compiled", [True, False])
def test_the_eager_contest_leaves_the_compiler_out(monkeypatch, compiled):
    used = []
    monkeypatch.setattr(images, "train_one", lambda *args, **how: used.append(how["precision"]))
    monkeypatch.setattr(precision, "has_compiler", lambda: True)
    images.large(SMALL, STUDENT, 10, compiled=compiled).fleet()
    assert used == [precision.decide("cpu", compiled)] and used[0].compiled == compiled


@pytest.mark.parametrize("ipc", [1, 10, 50])
def test_students_of_tiny_imagenet_see_as_many_images_at_every_size(monkeypatch, ipc):
    monkeypatch.setattr(images, "large", lambda shape, recipe, n, device, compiled: (n, recipe, device, compiled))
    n, recipe, device, compiled = images.ENTRIES[f"d4_student_ipc{ipc}_eager_cuda"]()
    assert (n, n * recipe.epochs, device, compiled) == (200 * ipc, 10_000, "cuda", False)


def test_batches_and_single_images_are_augmented_alike():
    contest = images.dsa(n=5, side=8)
    for fast, plain in zip(contest.fleet(), contest.reference(), strict=True):
        torch.testing.assert_close(fast, plain, rtol=1e-4, atol=1e-4)


def test_arithmetic_is_the_specifications():
    assert images.flops(images.D4) == pytest.approx(1.248e9, rel=1e-3)
    assert images.flops(images.D3) == pytest.approx(0.2985e9, rel=1e-3)


def test_every_entry_is_known_to_the_command_and_gpus_are_asked_only_where_there_are_some(monkeypatch):
    assert images.ENTRIES.keys() <= bench.ENTRIES.keys()
    ran = []
    monkeypatch.setattr(bench, "timed", lambda id, contest, speeds: ran.append(id) or {})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    tiny = images.dsa(n=2, side=8)
    monkeypatch.setattr(bench, "ENTRIES", {"dsa": lambda: tiny, "dsa_cuda": lambda: tiny})
    bench.run()
    assert ran == ["dsa"]


def test_a_limited_entry_runs_in_a_process_of_its_own(monkeypatch):
    monkeypatch.setitem(bench.ENTRIES, "dsa_avx2", images.dsa)
    seen = {}

    def run(command, env, stdout, check):
        seen.update(command=command, env=env)
        return subprocess.CompletedProcess(command, 0, stdout=b'{"id": "dsa_avx2"}')

    monkeypatch.setattr(subprocess, "run", run)
    assert bench.run(["dsa_avx2"], threads=1) == [{"id": "dsa_avx2"}]
    assert seen["env"]["ONEDNN_MAX_CPU_ISA"] == "AVX2" and "ENTRIES['dsa']()" in seen["command"][-1]

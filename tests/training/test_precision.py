"""What a machine can is decided in one place; bfloat16 trains the same network, nearly."""

import ctypes
import platform
import subprocess
import sys

import pytest
import torch

from softlabels.data.digits import raw_digits
from softlabels.labels import harden
from softlabels.models.convnet import ConvNet, Shape
from softlabels.training import precision
from softlabels.training.images import Recipe, predict, train_one
from softlabels.training.precision import PLAIN, Precision, decide, keep_memory, multiplies_bfloat16


@pytest.fixture
def flags(monkeypatch):
    def these(*names):
        monkeypatch.setattr(precision, "_flags", lambda: set(names))

    monkeypatch.setattr(precision, "has_compiler", lambda: True)
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    monkeypatch.delenv("DNNL_MAX_CPU_ISA", raising=False)
    return these


def test_bfloat16_where_the_processor_multiplies_it(flags, monkeypatch):
    flags("avx2", "avx512f")
    assert decide("cpu") == Precision("float32", compiled=True, channels_last=True)
    for name in ("amx_bf16", "avx512_bf16"):
        flags("avx512f", name)
        assert decide("cpu").dtype == "bfloat16"
    monkeypatch.setattr(precision, "has_compiler", lambda: False)
    assert decide("cpu") == Precision("bfloat16", compiled=False, channels_last=False)


@pytest.mark.parametrize(
    ("limit", "allowed"),
    [
        ("AVX2", False),
        ("avx512_core_vnni", False),
        ("AVX512_CORE_BF16", True),
        ("AVX512_CORE_AMX", True),
        ("ALL", True),
    ],
)
def test_onednns_limit_is_heeded(limit, allowed, flags, monkeypatch):
    flags("avx512_bf16")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", limit)
    assert multiplies_bfloat16() == allowed


def test_short_runs_wait_for_no_compiler(flags):
    flags("avx512_bf16")
    assert not decide("cpu", compiled=False).compiled


def test_gpus(flags, monkeypatch):
    monkeypatch.setattr(precision, "has_triton", lambda: True)
    for capability, dtype in (((9, 0), "bfloat16"), ((7, 5), "float16")):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device, found=capability: found)
        assert decide("cuda") == Precision(dtype, compiled=True, channels_last=True)


def test_no_compiler_is_said_once(monkeypatch, capsys):
    from torch._inductor import cpp_builder, exc

    def none():
        raise exc.InvalidCxxCompiler

    monkeypatch.setattr(cpp_builder, "get_cpp_compiler", none)
    precision.has_compiler.cache_clear()
    try:
        assert not precision.has_compiler() and not precision.has_compiler()
    finally:
        precision.has_compiler.cache_clear()
    assert capsys.readouterr().err.count("No C++ compiler was found") == 1


def test_memory_is_kept_on_linux_with_glibc_alone(monkeypatch):
    for system, libc in (("Darwin", ("", "")), ("Linux", ("musl", "1.2"))):
        keep_memory.cache_clear()
        monkeypatch.setattr(platform, "system", lambda found=system: found)
        monkeypatch.setattr(platform, "libc_ver", lambda found=libc: found)
        monkeypatch.setattr(ctypes, "CDLL", None)  # not asked
        assert not keep_memory()
    keep_memory.cache_clear()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_kept_memory_is_not_handed_back_but_for_the_plain_loop():
    """In a process of its own: page faults of 20 tensors of 64 MB after each other, 16,384 pages each."""
    program = (
        "import resource, torch\n"
        "from softlabels.training.precision import keep_memory, memory_handed_back\n"
        "def faults():\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "    for _ in range(20): torch.ones(2**24)\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before\n"
        "assert keep_memory()\n"
        "faults(), print(faults())\n"
        "with memory_handed_back(): print(faults())\n"
        "faults(), print(faults())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    kept, plain, again = map(int, done.stdout.split())
    assert kept < 100 and again < 100
    assert plain > 500  # 32 each where the system hands out large pages


def digits():
    grey, classes = raw_digits()
    images = (grey.float() / 16).view(-1, 1, 8, 8)
    return (images - images[:1000].mean()) / images[:1000].std(), classes


def teacher(how):
    images, classes = digits()
    network = ConvNet(Shape(2, 16, 1, 8, 8, 10), torch.Generator().manual_seed(0))
    recipe = Recipe(0.1, 6, 50, augmentation="dsa digits")
    hard = harden(classes[:1000], 10)
    train_one(network, lambda r: images[r], hard, recipe, torch.Generator().manual_seed(1), precision=how)
    logits = predict(network, lambda r: images[1000 + r], len(images) - 1000)
    return logits.softmax(-1), (logits.argmax(-1) == classes[1000:]).float().mean()


@pytest.mark.skipif(not multiplies_bfloat16(), reason="this processor has no products of bfloat16")
def test_a_teacher_in_bfloat16_says_nearly_what_one_in_float32_says():
    plain, plain_accuracy = teacher(PLAIN)
    rounded, accuracy = teacher(Precision("bfloat16", compiled=False, channels_last=False))
    assert plain_accuracy > 0.85
    assert abs(accuracy - plain_accuracy) < 0.02
    assert (plain - rounded).abs().sum(-1).mean() / 2 < 0.03  # of a label's mass
    assert (plain.argmax(-1) == rounded.argmax(-1)).float().mean() > 0.97


def test_float16_with_scaled_gradients_trains_too():
    half, accuracy = teacher(Precision("float16", compiled=False, channels_last=True))
    assert accuracy > 0.85 and torch.isfinite(half).all()


def test_predictions_are_the_network_in_evaluation_mode():
    images, _ = digits()
    network = ConvNet(Shape(2, 16, 1, 8, 8, 10), torch.Generator().manual_seed(0)).train()
    found = predict(network, lambda rows: images[rows], 130, batch=50)
    assert network.training
    torch.testing.assert_close(found, network(images[:130]).detach(), rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(not precision.has_compiler(), reason="no C++ compiler")
def test_compiled_networks_are_the_plain_ones_and_share_one_program():
    """Three networks, a batch that the set does not divide into, another learning rate: one program each way."""
    images, classes = digits()
    hard, shape = harden(classes[:50], 10), Shape(1, 4, 1, 8, 8, 10)
    program = Precision("float32", compiled=True, channels_last=True)
    for seed, lr in ((0, 0.1), (1, 0.1), (2, 0.01)):
        trained = []
        for how in (PLAIN, program):
            network = ConvNet(shape, torch.Generator().manual_seed(seed))
            streams = torch.Generator().manual_seed(1)
            train_one(network, lambda r: images[r], hard, Recipe(lr, 2, 20), streams, precision=how)
            trained.append(predict(network, lambda r: images[r], 130, precision=how, batch=50))
        torch.testing.assert_close(trained[0], trained[1], rtol=1e-3, atol=1e-4)
        if seed == 0:
            counted = dict(torch._dynamo.utils.counters["stats"])
    assert torch._dynamo.utils.counters["stats"] == counted

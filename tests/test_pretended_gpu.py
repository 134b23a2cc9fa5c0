"""Every study on a GPU that is not there, and that no trainer makes the host wait for it from step to step."""

from functools import partial

import pytest
import torch
from pretended_gpu import pretended_gpu

from softlabels.models import convnet, mlp, transformer
from softlabels.seeds import torch_stream
from softlabels.studies import STUDIES, find, language_model
from softlabels.studies.images import networks, teacher_labels
from softlabels.training import adamw, distill, graphs, linear, two_layer
from softlabels.training.images import AUGMENTATIONS, Recipe, train_one, train_stack
from softlabels.training.precision import PLAIN

# ---- the pretence refuses what a GPU refuses


def test_tensors_lie_where_they_say():
    with pretended_gpu():
        there = torch.arange(6.0, device="cuda").view(2, 3)
        for tensor in (there, torch.ones(3).to("cuda"), there.new_tensor([1, 2]), torch.tensor([1.0], device="cuda")):
            assert tensor.device.type == "cuda"
        assert there.cpu().device.type == "cpu" and torch.equal(there.cpu(), torch.arange(6.0).view(2, 3))
        there[0].add_(1)  # a view
        assert there.tolist() == [[1, 2, 3], [3, 4, 5]]
        weights = torch.ones(3, device="cuda", requires_grad=True)
        (there @ weights).square().sum().backward()
        assert weights.grad.tolist() == [2 * (6 + 3 * 12), 2 * (2 * 6 + 4 * 12), 2 * (3 * 6 + 5 * 12)]


MIXED = {
    "a sum": lambda here, there: here + there,
    "a product into a tensor": lambda here, there: torch.mm(there, there, out=here),
    "a list of tensors": lambda here, there: torch.cat([here, there]),
    "an index of the GPU": lambda here, there: here[there.argmax(1)],
    "in place": lambda here, there: here.add_(there),
    "numpy": lambda here, there: there.numpy(),
    "a generator of the CPU": lambda here, there: there.uniform_(generator=torch.Generator()),
}


@pytest.mark.parametrize("what", MIXED)
def test_what_a_gpu_refuses_is_refused(what):
    with pretended_gpu(), pytest.raises((RuntimeError, TypeError)):
        MIXED[what](torch.ones(2, 2), torch.ones(2, 2, device="cuda"))


WAITING = {
    "a number": lambda x: float(x.sum()),
    "a decision": lambda x: bool((x > 0).all()),
    "a list": lambda x: x.tolist(),
    "a copy to the CPU": lambda x: x.cpu(),
    "a copy into the CPU": lambda x: torch.empty(3).copy_(x),
    "a copy from the CPU": lambda x: torch.ones(3).to("cuda"),
    "a tensor of numbers": lambda x: torch.tensor([1.0, 2.0], device="cuda"),
    "a list as index": lambda x: x[[0, 1]],
    "a mask": lambda x: x[x > 0],
    "counting": lambda x: x.nonzero(),
}
GOING_ON = {
    "arithmetic": lambda x: (2 * x).sum().sqrt(),
    "a copy that nobody waits for": lambda x: torch.ones(3).to("cuda", non_blocking=True),
    "an index of the GPU": lambda x: x[torch.zeros(2, dtype=torch.int64, device="cuda")],
    "a slice": lambda x: x[1:],
    "new": lambda x: x.new_zeros(3).fill_(2),
}


@pytest.mark.parametrize("what", WAITING | GOING_ON)
def test_waiting_is_counted(what):
    with pretended_gpu() as waits:
        x = torch.ones(3, device="cuda")
        assert not waits
        (WAITING | GOING_ON)[what](x)
        assert waits.total() == (what in WAITING)


# ---- every study


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_has_the_same_numbers_on_a_gpu(study, cache, monkeypatch):
    found = find(study)
    if "language_model" in study:
        pytest.importorskip("transformers")
    monkeypatch.setattr(teacher_labels, "PERMUTATIONS", 9)
    pack = min(found.packs("smoke", 1), key=found.flops)
    here = found.run_pack(pack, "cpu", cache)
    with pretended_gpu():
        there = found.run_pack(pack, "cuda", cache)
    assert [row.settings for row in there] == pack
    for one, other in zip(here, there, strict=True):
        assert one.metrics == pytest.approx(other.metrics, rel=1e-6, abs=1e-9, nan_ok=True)
        assert one.curves == other.curves


def test_large_students_and_their_teacher_have_the_same_numbers_on_a_gpu(tmp_path, monkeypatch):
    """The way of the photographs, at the size of a digit: one network at a time."""
    monkeypatch.setattr(networks, "COMPILED_WIDTH", 1)
    monkeypatch.setattr(networks, "decide", lambda device: PLAIN)
    study = find("label_worth/teacher_epochs")
    (pack, *_), here = study.packs("smoke", 1), tmp_path / "here"
    on_cpu = study.run_pack(pack[:2], "cpu", here)
    with pretended_gpu():
        on_gpu = study.run_pack(pack[:2], "cuda", here)
    for one, other in zip(on_cpu, on_gpu, strict=True):
        assert one.metrics == pytest.approx(other.metrics, abs=0.01)  # the GPU's networks are in channels-last memory


# ---- every trainer


R, N, D, H, C, P = 2, 8, 3, 4, 3, 5  # networks, rows, inputs, hidden units, classes; modulus of pairs
SHAPE = convnet.Shape(1, 4, 1, 8, 8, C)


def streams(name="streams"):
    return [torch_stream(name, r) for r in range(R)]


def drawn(*size):
    return torch.randn(size, generator=torch_stream("numbers", *size)).to("cuda")


def targets():
    return drawn(R, N, C).softmax(-1)


def fleet_of(count):
    return two_layer.train(mlp.start((D, H, C), streams(), "cuda"), drawn(N, D), targets(), lr=0.01, steps=count)


def fleet_of_pairs(count, logits_of, start):
    pairs = torch.tensor([[a % P, b % P] for a, b in enumerate(range(3, 3 + N))]).to("cuda")
    soft = drawn(R, N, P).softmax(-1)
    return adamw.train(logits_of, start, pairs, soft, lr=0.01, steps=count)


def pairs_by_mlp(count):
    return fleet_of_pairs(count, mlp.pair_logits, mlp.start((2 * P, H, P), streams(), "cuda"))


def pairs_by_transformer(count):
    shape = transformer.Shape(P, d_model=4, heads=2, d_mlp=8)
    return fleet_of_pairs(count, transformer.logits, transformer.start(shape, streams(), "cuda"))


def linear_fleet(count):
    return linear.train(drawn(1, N, D), targets().mT.unsqueeze(0).contiguous(), drawn(1, R, C, D), lr=0.01, steps=count)


def small_convnets(count, augmentation):
    params = convnet.start(SHAPE, streams(), "cuda")
    recipe = Recipe(0.01, count, 4, augmentation=augmentation)
    train_stack(params, drawn(N, 1, 8, 8), targets(), recipe, streams())


def one_convnet(count, augmentation):
    network, images = convnet.ConvNet(SHAPE, torch_stream("start")), drawn(N, 1, 8, 8)
    recipe = Recipe(0.01, count, 4, augmentation=augmentation)
    how = {"device": "cuda", "precision": PLAIN}
    train_one(network, images.__getitem__, targets()[0], recipe, torch_stream("batches"), **how)


def learned_labels(count, optimiser, augmentation):
    """One outer step, through a student's training of `count` steps."""
    images = drawn(R, N, 1, 8, 8)
    real = drawn(R, N, 1, 8, 8), torch.zeros(R, N, dtype=torch.int64, device="cuda")
    inner = distill.Inner(optimiser, 0.01, images=4, augmentation=augmentation)
    student, unroll = distill.convnets(SHAPE, "cuda"), distill.Unroll(count, count, segment=1)
    objective = distill.through_time(student, images, lambda generators: real, inner, unroll)
    distill.learn(targets(), objective, lambda labels: labels.sum((1, 2)), distill.Outer(1, 0.01, checks=1), streams())


def language_fit(count):
    pytest.importorskip("transformers")
    from softlabels.models import language

    network = language.network("random", language.Shape(1, 1, 8), 5, C, seed=0).to("cuda")
    tokens = {
        name: t.to("cuda") for name, t in language.encode("random", torch.arange(3 * N).view(N, 3) % 5 + 1).items()
    }
    soft, classes = targets()[0], torch.zeros(N, dtype=torch.int64, device="cuda")
    language_model.fit(network, tokens, soft, classes, lr=0.01, batch=N // count, epochs=1, seed=0, clip=1.0)


TRAINERS = {
    "two-layer networks": fleet_of,
    "MLPs on pairs": pairs_by_mlp,
    "transformers on pairs": pairs_by_transformer,
    "linear students": linear_fleet,
    **{f"small ConvNets, {kind}": partial(small_convnets, augmentation=kind) for kind in AUGMENTATIONS},
    **{f"one ConvNet, {kind}": partial(one_convnet, augmentation=kind) for kind in AUGMENTATIONS},
    "learned labels, SGD": partial(learned_labels, optimiser="sgd", augmentation="none"),
    "learned labels, Adam": partial(learned_labels, optimiser="adam", augmentation="dsa digits"),
    "a language model": language_fit,
}
BY_LIBRARY = {"a language model": 1}  # transformers asks at each step whether the attention mask is whole


@pytest.mark.parametrize("trainer", TRAINERS)
def test_a_trainer_does_not_wait_from_step_to_step(trainer):
    """Twice the steps, no more waits. Each of these would cost a GPU what it could have done meanwhile."""
    counted = []
    for count in (2, 2, 4, 8):  # the first also fills what is kept for later calls
        with pretended_gpu() as waits:
            TRAINERS[trainer](count)
        counted.append(waits.total() - count * BY_LIBRARY.get(trainer, 0))
    assert counted[1] == counted[2] == counted[3]


# ---- CUDA graphs


FLEETS = ("two-layer networks", "MLPs on pairs", "transformers on pairs", "linear students")


@pytest.mark.parametrize("trainer", FLEETS)
def test_what_is_recorded_may_run_more_often_and_never_waits(trainer, monkeypatch):
    """The switch changes no number; here a recording is the work itself, called beforehand as a real one is."""
    with pretended_gpu():
        without = TRAINERS[trainer](5)
    monkeypatch.setenv(graphs.SWITCH, "1")
    recorded = []
    with pretended_gpu() as waits:
        record = graphs.record

        def watch(work):
            before = waits.total()
            recorded.append(record(work))
            assert waits.total() == before
            return recorded[-1]

        monkeypatch.setattr(graphs, "record", watch)
        with_graphs = TRAINERS[trainer](5)
    assert len(recorded) == 1
    one, other = ({"weights": w} if isinstance(w, torch.Tensor) else w for w in (without, with_graphs))
    assert all(torch.equal(one[name].held, other[name].held) for name in one)


def test_a_cpu_has_no_graphs(monkeypatch):
    monkeypatch.setenv(graphs.SWITCH, "1")
    assert graphs.repeated(len, "cpu") is len

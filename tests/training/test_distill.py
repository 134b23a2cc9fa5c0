"""Labels that are learned: their gradient is the right one, however it is computed, and learning can be stopped."""

import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from softlabels.errors import SoftLabelsError
from softlabels.labels import harden
from softlabels.models import convnet
from softlabels.models.convnet import Shape
from softlabels.seeds import torch_stream
from softlabels.training import distill
from softlabels.training.distill import Inner, Matching, Outer, Student, Unroll
from softlabels.training.reference import reference_label_gradient

SHAPE = Shape(2, 3, 1, 8, 8, 4)
CONVNETS = distill.convnets(SHAPE, dtype=torch.float64)
SGD = Inner("sgd", 0.3, momentum=0.9)


def streams(R, name="test"):
    return [torch_stream(name, r) for r in range(R)]


def drawn(*size, name="numbers"):
    return torch.randn(size, generator=torch_stream(name, *size), dtype=torch.float64)


def soft(R, n, c=4):
    return drawn(R, n, c, name="labels").softmax(-1)


def real_images(generators):
    """Eight images of each set, and classes."""
    images = [torch.randn(8, 1, 8, 8, generator=g, dtype=torch.float64) for g in generators]
    return torch.stack(images), torch.arange(8).expand(len(generators), 8) % 4


def test_a_linear_student_has_the_gradient_that_one_derives_by_hand():
    """After one step from W, of the loss ½‖W′ − T‖²: for image i and class k it is −η/n (Σ_c p_c G_c·x − G_k·x)."""
    R, n, d, c, lr = 2, 5, 3, 4, 0.7
    linear = Student(lambda generators: {}, lambda weights, x: x.flatten(2) @ weights["w"].mT)
    weights, goal, images = drawn(R, c, d), drawn(R, c, d, name="goal"), drawn(R, n, d, 1, 1)
    labels = soft(R, n)

    def loss_of(w):
        return (w["w"] - goal).square().flatten(1).sum(1) / 2

    inner = Inner("sgd", lr)
    loss, gradients = distill.gradient_through(
        {"w": weights}, distill.steps_of(images, 1, inner, streams(R)), {"labels": labels}, linear, inner, loss_of, 1
    )
    x = images.flatten(2)
    p = (x @ weights.mT).softmax(-1)
    trained = weights - lr / n * (p - labels).mT @ x
    along = x @ (trained - goal).mT  # (R, n, c), G_k·x
    by_hand = -lr / n * ((p * along).sum(-1, keepdim=True) - along)
    torch.testing.assert_close(gradients["labels"], by_hand, rtol=0, atol=1e-8)
    torch.testing.assert_close(loss, (trained - goal).square().flatten(1).sum(1) / 2, rtol=0, atol=1e-8)


@pytest.mark.parametrize("inner", [SGD, Inner("adam", 0.01)], ids=lambda inner: inner.optimiser)
def test_the_gradient_through_two_steps_is_that_of_finite_differences(inner):
    images, labels = drawn(1, 4, 1, 8, 8), soft(1, 4)
    objective = distill.through_time(CONVNETS, images, real_images, inner, Unroll(2, 2))

    def loss(some):
        return objective(0, {"labels": some}, streams(1))[0].item()

    gradient = objective(0, {"labels": labels}, streams(1))[1]["labels"]
    for i, k in ((0, 0), (1, 3), (3, 2)):
        step = torch.zeros_like(labels)
        step[0, i, k] = 1e-7  # Adam's first step bends where a gradient is small
        slope = (loss(labels + step) - loss(labels - step)) / 2e-7
        assert slope == pytest.approx(gradient[0, i, k].item(), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("window", [1, 3, 5])
@pytest.mark.parametrize("segment", [1, 2, 5])
def test_window_and_segments_give_what_the_plain_loop_gives(window, segment):
    """A window as long as the training is full backpropagation through time."""
    images, labels = drawn(2, 4, 1, 8, 8), soft(2, 4)
    objective = distill.through_time(CONVNETS, images, real_images, SGD, Unroll(5, window, segment=segment))
    losses, gradients = objective(0, {"labels": labels}, streams(2))
    for r, generator in enumerate(streams(2)):
        network = convnet.one(CONVNETS.start([generator]), 0)
        seen, classes = real_images([generator])

        def loss_of(weights, network=network, seen=seen[0], classes=classes[0]):
            return cross_entropy(torch.func.functional_call(network, weights, seen), classes)

        loss, gradient = reference_label_gradient(
            network, images[r], labels[r], loss_of, lr=SGD.lr, steps=5, window=window, momentum=SGD.momentum
        )
        torch.testing.assert_close(losses[r], loss)
        torch.testing.assert_close(gradients["labels"][r], gradient)


def trajectories(teachers=2, epochs=4):
    """Weights that move a little at every epoch."""
    ways = []
    for t in range(teachers):
        start = convnet.take(CONVNETS.start([torch_stream("teacher", t)]), 0)
        step = {name: 0.05 * drawn(*value.shape, name=f"way {t}") for name, value in start.items()}
        ways.append([{name: value - epoch * step[name] for name, value in start.items()} for epoch in range(epochs)])
    return ways


@pytest.mark.parametrize("segment", [1, 3])
def test_matching_gives_what_the_plain_loop_gives(segment):
    images, labels, inner = drawn(1, 4, 1, 8, 8), soft(1, 4), Inner("sgd", 1.0)
    (way,) = trajectories(teachers=1)
    objective = distill.along_trajectories(CONVNETS, [way], images, inner, Matching(3, 2, latest=0, segment=segment))
    values = {"labels": labels, "log lr": torch.tensor([math.log(0.2)], dtype=torch.float64)}
    losses, gradients = objective(0, values, streams(1))

    network = convnet.one({name: value.unsqueeze(0) for name, value in way[0].items()}, 0)

    def loss_of(weights):
        left = sum((weights[name] - way[2][name]).square().sum() for name in weights)
        return left / sum((way[0][name] - way[2][name]).square().sum() for name in weights)

    loss, gradient = reference_label_gradient(network, images[0], labels[0], loss_of, lr=0.2, steps=3, window=3)
    torch.testing.assert_close(losses[0], loss)
    torch.testing.assert_close(gradients["labels"][0], gradient)

    def at(log_lr):
        return objective(0, values | {"log lr": torch.tensor([log_lr], dtype=torch.float64)}, streams(1))[0].item()

    slope = (at(math.log(0.2) + 1e-5) - at(math.log(0.2) - 1e-5)) / 2e-5
    assert slope == pytest.approx(gradients["log lr"].item(), rel=1e-4)
    assert at(-40.0) == pytest.approx(1)  # a network that does not move has the whole way left


def test_sets_are_learned_as_if_each_were_alone():
    images, labels = drawn(3, 4, 1, 8, 8), soft(3, 4)
    inner = Inner("sgd", 0.3, images=3, augmentation="dsa digits")

    def learned(sets):
        objective = distill.through_time(CONVNETS, images[sets], real_images, inner, Unroll(4, 2, random=True))
        return distill.learn(labels[sets], objective, trace, Outer(4, 0.05, checks=2), streams(3)[sets])[0]

    def trace(some):
        return some.diagonal(dim1=1, dim2=2).sum(-1)

    together = learned(slice(None))
    for r in range(3):
        torch.testing.assert_close(learned(slice(r, r + 1))[0], together[r])
    assert not torch.equal(together, labels)


class Stop(Exception):
    """Somebody pulls the plug."""


@pytest.mark.parametrize("form", distill.FORMS)
def test_learning_that_was_stopped_gives_the_same_labels(form, tmp_path):
    images, start, file = (
        drawn(2, 4, 1, 8, 8),
        harden(torch.arange(4), 4, torch.float64).repeat(2, 1, 1),
        tmp_path / "l",
    )
    outer, stop_at = Outer(6, 0.1, form, checks=3), [None]
    inner = Inner("sgd", 0.3, images=2)
    extra = {"log lr": torch.full((2,), -1.0, dtype=torch.float64)}
    match = distill.along_trajectories(CONVNETS, trajectories(), images, inner, Matching(2, 1, latest=1))

    def objective(step, values, generators):
        if step == stop_at[0]:
            raise Stop
        return match(step, values, generators)

    def held_out(labels):
        return -labels.square().flatten(1).sum(1)

    whole = distill.learn(start, objective, held_out, outer, streams(2), extra)
    for stop_at[0] in (3, 5):
        with pytest.raises(Stop):
            distill.learn(start, objective, held_out, outer, streams(2), extra, file, {"what": "a test"})
    stop_at[0] = None
    resumed = distill.learn(start, objective, held_out, outer, streams(2), extra, file, {"what": "a test"})
    assert torch.equal(resumed[0], whole[0]) and resumed[1] == whole[1]
    assert len(whole[1]) == 3 and not torch.equal(whole[0], start)
    assert (whole[0] >= 0).all()
    if form == "softmax":
        torch.testing.assert_close(whole[0].sum(-1), torch.ones(2, 4, dtype=torch.float64))
    with pytest.raises(SoftLabelsError, match="a test, not another"):
        distill.learn(start, objective, held_out, outer, streams(2), extra, file, {"what": "another"})


def test_the_labels_that_do_best_on_held_out_images_are_kept():
    start = harden(torch.arange(4), 4, torch.float64).repeat(2, 1, 1)
    seen = []

    def objective(step, values, generators):
        return torch.zeros(2), {"labels": torch.ones_like(values["labels"])}

    def held_out(labels):
        seen.append(labels.clone())
        return torch.tensor([[1.0, 1.0], [3.0, 0.0], [2.0, 1.0]][len(seen) - 1])

    best, scores = distill.learn(start, objective, held_out, Outer(6, 0.05, checks=3), streams(2))
    assert torch.equal(best[0], seen[1][0]) and torch.equal(best[1], seen[2][1])  # of equal scores the later one
    assert scores == [[1.0, 1.0], [3.0, 0.0], [2.0, 1.0]]


def test_a_gradient_of_unusual_size_is_clipped_for_its_set_alone():
    usual, gradient = torch.tensor([1.0, 1.0]), torch.tensor([[[3.0, 4.0]], [[0.0, 1.0]]])
    distill._clip(gradient, usual, first=False)
    torch.testing.assert_close(gradient, torch.tensor([[[1.2, 1.6]], [[0.0, 1.0]]]))
    torch.testing.assert_close(usual, torch.tensor([1.1, 1.0]))


def test_random_lengths_lie_between_the_window_and_the_whole(monkeypatch):
    lengths, real = [], distill.steps_of
    monkeypatch.setattr(distill, "steps_of", lambda *args: lengths.append(args[1]) or real(*args))
    objective = distill.through_time(CONVNETS, drawn(1, 4, 1, 8, 8), real_images, SGD, Unroll(5, 2, True, segment=1))
    for step in range(30):
        objective(step, {"labels": soft(1, 4)}, streams(1))
    assert set(lengths) == {2, 3, 4, 5}


def test_memory_decides_how_many_steps_are_held_at_once():
    assert distill.longest_segment(10, graph=100, state=1, room=2000) == 10
    assert distill.longest_segment(10, graph=100, state=1, room=520) == 5
    assert distill.longest_segment(10, graph=100, state=1, room=110) == 1
    with pytest.raises(SoftLabelsError, match="the longest that fits has 5 steps"):
        distill.longest_segment(10, graph=100, state=1, room=105)
    with pytest.raises(SoftLabelsError, match="not even one step fits"):
        distill.longest_segment(10, graph=100, state=1, room=90)
    assert distill.free_bytes("cpu") > 1e6


def test_the_graph_of_a_step_grows_with_its_images():
    few, many = (distill.graph_bytes(CONVNETS, drawn(1, n, 1, 8, 8), SGD) for n in (4, 8))
    assert 1.5 < many[0] / few[0] < 2.1 and many[1] == few[1] > 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: Unroll(10, 11), "A window of 11 steps does not fit training of 10: take 1 to 10."),
        (lambda: Matching(0, 1, 0), "at least one step"),
        (lambda: Outer(10, 0.1, "positive"), "clipped, softmax"),
        (lambda: Outer(10, 0.1, checks=11), "1 to 10 checks"),
        (lambda: Inner("lion", 0.1), "sgd, adam"),
        (lambda: Inner("sgd", math.nan), "positive learning rate"),
        (lambda: distill.check_labels(-soft(1, 2)), "negative numbers, NaN"),
        (lambda: distill.check_labels(soft(1, 2) * math.nan), "negative numbers, NaN"),
        (lambda: distill.check_labels(soft(1, 2)[0]), r"\(sets, images, classes\), not \(2, 4\)"),
        (lambda: distill.check_labels(2 * soft(1, 2), 1e-3), "must sum to 1"),
        (
            lambda: distill.through_time(CONVNETS, drawn(2, 4, 1, 8, 8), real_images, SGD, Unroll(2, 1))(
                0, {"labels": soft(2, 3)}, streams(2)
            ),
            r"2 sets of 4 images need labels \(2, 4, classes\), not \(2, 3, 4\)",
        ),
        (
            lambda: distill.along_trajectories(
                CONVNETS, trajectories(epochs=3), drawn(1, 4, 1, 8, 8), SGD, Matching(1, 2, 1)
            ),
            "after every epoch from 0 to 3",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(wrong, said):
    with pytest.raises(SoftLabelsError, match=said):
        wrong()


def test_learning_that_diverges_is_said():
    def objective(step, values, generators):
        return torch.tensor([math.nan]), {}

    with pytest.raises(SoftLabelsError, match="diverged at step 1"):
        distill.learn(soft(1, 4), objective, lambda labels: labels, Outer(2, 0.1, checks=1), streams(1))

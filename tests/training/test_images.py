"""Image trainers, many networks at once and one large one, are the plain loop."""

import math

import pytest
import torch

from softlabels.errors import SoftLabelsError
from softlabels.models import convnet
from softlabels.models.convnet import ConvNet, Shape
from softlabels.training import images as trainers
from softlabels.training.images import Recipe, predict, train_one, train_stack, weights_of
from softlabels.training.precision import PLAIN
from softlabels.training.reference import augment_reference, train_reference_images

R, N = 3, 11
SHAPE = Shape(2, 4, 1, 8, 8, 5)
STUDENT = {"momentum": 0.9, "weight_decay": 5e-4, "schedule": "quarters"}


def generators(first=0):
    return [torch.Generator().manual_seed(first + r) for r in range(R)]


def problem(own=False, dtype=torch.float64):
    g = torch.Generator().manual_seed(7)
    params = convnet.start(SHAPE, generators(20), dtype=dtype)
    images = torch.randn((R, N, 1, 8, 8) if own else (N, 1, 8, 8), generator=g, dtype=dtype)
    targets = 0.5 * torch.rand(R, N, 5, generator=g, dtype=dtype)
    return params, images, targets


def plain(network, images, targets, recipe, generator):
    def augmented(batch, generator):
        return augment_reference(batch, recipe.augmentation, generator)

    how = {"quarters": recipe.schedule == "quarters", "augmented": augmented if recipe.augmentation != "none" else None}
    copied = {name: getattr(recipe, name) for name in ("lr", "epochs", "batch", "momentum", "weight_decay")}
    return train_reference_images(network, images, targets, generator=generator, **how, **copied)[0]


def assert_same(network, other, tolerance=1e-9):
    for (name, mine), theirs in zip(network.named_parameters(), other.parameters(), strict=True):
        assert (mine - theirs).norm() <= tolerance * (theirs.norm() + 1), name


RECIPES = {
    "teacher": Recipe(0.05, 6, 4),
    "student": Recipe(0.1, 9, 4, **STUDENT),
    "whole set": Recipe(0.1, 9, 256, **STUDENT),
    "augmented": Recipe(0.05, 8, 4, augmentation="dsa digits", **STUDENT),
}


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", RECIPES)
def test_a_stack_is_its_networks_one_by_one(name, own):
    params, images, targets = problem(own)
    tolerance = 1e-9 if name != "augmented" else 1e-4  # its random numbers are float32
    trained = train_stack(params, images, targets, RECIPES[name], generators())
    for r in range(R):
        mine = images[r] if own else images
        alone = plain(convnet.one(params, r), mine, targets[r], RECIPES[name], generators()[r])
        assert_same(convnet.one(trained, r), alone, tolerance)


@pytest.mark.parametrize("name", RECIPES)
def test_one_network_is_the_plain_loop(name):
    params, images, targets = (convnet.take(problem()[0], [1]), *problem()[1:])
    trained = train_one(
        convnet.one(params, 0), lambda rows: images[rows], targets[1], RECIPES[name], generators()[1], precision=PLAIN
    )
    alone = plain(convnet.one(params, 0), images, targets[1], RECIPES[name], generators()[1])
    assert_same(trained, alone, 1e-9 if name != "augmented" else 1e-4)


def test_the_learning_rate_falls_as_said():
    quarters = Recipe(1.0, 150, 10, schedule="quarters")
    assert [quarters.rate(epoch) for epoch in (0, 36, 37, 74, 111)] == pytest.approx([1, 1, 0.3, 0.09, 0.027])
    thirds = Recipe(1.0, 90, 10, schedule="thirds")
    assert [thirds.rate(epoch) for epoch in (0, 29, 30, 60, 89)] == pytest.approx([1, 1, 0.1, 0.01, 0.01])
    cosine = Recipe(2.0, 10, 10, schedule="cosine")
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 10)
    for epoch in range(10):
        assert cosine.rate(epoch) == pytest.approx(optimiser.param_groups[0]["lr"])
        optimiser.step()
        theirs.step()
    assert Recipe(0.5, 3, 10).rate(2) == 0.5


def test_adamw_is_pytorchs():
    params, images, targets = problem()
    recipe = Recipe(1e-2, 5, 256, weight_decay=0.01, optimiser="adamw")
    trained = train_stack(params, images, targets, recipe, generators())
    network = convnet.one(params, 0)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-2, weight_decay=0.01)
    for _ in range(5):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(images), targets[0]).backward()
        optimiser.step()
    found = convnet.one(trained, 0)
    torch.testing.assert_close(found(images), network(images), rtol=1e-3, atol=1e-3)  # Adam divides rounding by itself


def test_whatever_stands_beside_it_a_network_is_the_same():
    params, images, targets = problem()
    recipe = RECIPES["augmented"]
    together = train_stack(params, images, targets, recipe, generators())
    alone = train_stack(convnet.take(params, [2]), images, targets[2:], recipe, generators()[2:])
    for name in params:
        torch.testing.assert_close(together[name][2], alone[name][0])


def test_the_start_is_untouched_and_a_run_repeats_itself():
    params, images, targets = problem(dtype=torch.float32)
    before = {name: tensor.clone() for name, tensor in params.items()}
    first, again = (train_stack(params, images, targets, RECIPES["augmented"], generators()) for _ in range(2))
    for name in params:
        assert torch.equal(params[name], before[name]) and torch.equal(first[name], again[name])


@pytest.mark.parametrize("augmentation", ["none", "dsa digits"])
def test_evaluations_get_copies_and_a_teacher_goes_on_where_it_stopped(augmentation):
    params, images, targets = problem(dtype=torch.float32)
    recipe, streams, seen = Recipe(0.05, 6, 4, augmentation=augmentation), generators(), {}

    def evaluate(epoch, live):
        seen[epoch] = live, [stream.get_state() for stream in streams]

    last = train_stack(params, images, targets, recipe, streams, evaluate, at=(0, 2, 6))
    assert list(seen) == [0, 2, 6]
    assert all(torch.equal(seen[0][0][name], params[name]) for name in params)
    assert all(torch.equal(seen[6][0][name], last[name]) for name in params)
    again = generators(50)
    for stream, state in zip(again, seen[2][1], strict=True):
        stream.set_state(state)
    rest = Recipe(0.05, 4, 4, augmentation=augmentation)
    resumed = train_stack(seen[2][0], images, targets, rest, again)
    assert all(torch.equal(resumed[name], last[name]) for name in params)


def test_one_network_is_evaluated_and_kept_by_copy():
    params, images, targets = problem(dtype=torch.float32)
    epochs = {}
    network = convnet.one(params, 0)
    trained = train_one(
        network,
        lambda rows: images[rows],
        targets[0],
        Recipe(0.05, 4, 4),
        generators()[0],
        lambda epoch, live: epochs.update({epoch: weights_of(live)}),
        at=(0, 2, 4),
        precision=PLAIN,
    )
    assert trained is network and list(epochs) == [0, 2, 4]
    assert torch.equal(epochs[0]["conv1.weight"], params["conv1.weight"][0])
    assert not torch.equal(epochs[2]["conv1.weight"], epochs[4]["conv1.weight"])
    assert torch.equal(epochs[4]["conv1.weight"], trained.conv1.weight)


def test_labels_may_be_asked_of_a_teacher_batch_by_batch():
    params, images, _ = problem(dtype=torch.float32)
    asked = []

    def relabel(batch):
        asked.append(tuple(batch.shape))
        return batch.flatten(-3)[..., :5].softmax(-1)

    recipe = Recipe(0.05, 2, 4, augmentation="cutmix digits")
    trained = train_stack(params, images, None, recipe, generators(), relabel=relabel)
    assert asked == [(R, 4, 1, 8, 8), (R, 4, 1, 8, 8), (R, 3, 1, 8, 8)] * 2
    asked.clear()
    one = train_one(
        convnet.one(params, 1),
        lambda rows: images[rows],
        torch.zeros(N, 5),
        recipe,
        generators()[1],
        precision=PLAIN,
        relabel=relabel,
    )
    assert asked == [(4, 1, 8, 8), (4, 1, 8, 8), (3, 1, 8, 8)] * 2
    assert_same(convnet.one(trained, 1), one, 1e-4)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lr": 0.0}, "positive learning rate"),
        ({"lr": math.nan}, "positive learning rate"),
        ({"epochs": 0}, "positive learning rate"),
        ({"schedule": "steps"}, "The schedule is one of constant, quarters, thirds, cosine, not 'steps'"),
        ({"optimiser": "adam"}, "The optimiser is one of"),
        ({"augmentation": "flip"}, "The augmentation is one of none, dsa"),
    ],
)
def test_bad_recipes(change, says):
    with pytest.raises(SoftLabelsError, match=says):
        Recipe(**({"lr": 0.1, "epochs": 2, "batch": 4} | change))


@pytest.mark.parametrize("change", ["generators", "targets", "images", "classes", "none"])
def test_what_does_not_fit_together(change):
    params, images, targets = problem()
    given = {"images": images, "targets": targets, "generators": generators()}
    given |= {
        "generators": {"generators": generators()[:2]},
        "targets": {"targets": targets[:, :4]},
        "images": {"images": images.expand(R + 1, N, 1, 8, 8)},
        "classes": {"targets": targets[..., :3]},
        "none": {"targets": None},
    }[change]
    with pytest.raises(SoftLabelsError, match="3 networks of 5 classes need as many generators"):
        train_stack(params, given["images"], given["targets"], Recipe(0.1, 1, 4), given["generators"])


@pytest.mark.parametrize("images", [torch.zeros(N, 2, 8, 8), torch.zeros(N, 1, 16, 16), torch.zeros(N, 1, 8, 8).half()])
def test_a_stack_reads_images_of_its_own_kind(images):
    params, _, targets = problem(dtype=torch.float32)
    with pytest.raises(SoftLabelsError, match="These networks read torch.float32 images of 1 channels"):
        train_stack(params, images, targets, Recipe(0.1, 1, 4), generators())


@pytest.mark.parametrize("targets", [torch.full((N, 1), 1.0), torch.full((N,), 1.0)])
def test_targets_of_one_network_have_the_shape_of_its_logits(targets):
    params, images, _ = problem(dtype=torch.float32)
    with pytest.raises(SoftLabelsError, match="need targets of that shape"):
        train_one(
            convnet.one(params, 0), lambda r: images[r], targets, Recipe(0.1, 1, 4), generators()[0], precision=PLAIN
        )


def test_an_evaluation_that_training_does_not_reach_is_refused():
    params, images, targets = problem(dtype=torch.float32)
    recipe, streams = Recipe(0.1, 2, 4), generators()
    with pytest.raises(SoftLabelsError, match="Training from 0 to 2 has been asked for evaluations at 0 to 3"):
        train_stack(params, images, targets, recipe, streams, print, at=(0, 3))
    with pytest.raises(SoftLabelsError, match="Training from 0 to 2 has been asked for evaluations at 0 to 3"):
        network = convnet.one(params, 0)
        train_one(network, lambda r: images[r], targets[0], recipe, streams[0], print, at=(0, 3), precision=PLAIN)


def test_prediction_leaves_each_layer_in_its_mode():
    params, images, _ = problem(dtype=torch.float32)
    network = convnet.one(params, 0).train()
    network.norm1.eval()
    predict(network, lambda r: images[r], N)
    assert network.training and network.conv1.training and not network.norm1.training


def test_divergence_is_an_error():
    params, images, targets = problem(dtype=torch.float32)
    with pytest.raises(SoftLabelsError, match="diverged"):
        train_stack(params, images, targets * 1e30, Recipe(1e30, 6, 4), generators())
    with pytest.raises(SoftLabelsError, match="diverged"):
        network = ConvNet(SHAPE, generators()[0])
        train_one(network, lambda r: images[r], targets[0] * 1e30, Recipe(1e30, 6, 4), generators()[0], precision=PLAIN)


def test_kinds_of_augmentation_are_known():
    assert set(trainers.AUGMENTATIONS) == {"none", "dsa", "dsa digits", "dsa pairs", "crop", "cutmix", "cutmix digits"}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("name", ["whole set", "augmented"])
def test_a_gpu_trains_the_same_networks(name):
    params, images, targets = problem(dtype=torch.float32)
    there = ({k: v.cuda() for k, v in params.items()}, images.cuda(), targets.cuda())
    here, far = (train_stack(*given, RECIPES[name], generators()) for given in ((params, images, targets), there))
    for key in params:
        torch.testing.assert_close(far[key].cpu(), here[key], rtol=1e-2, atol=1e-3)
    one = train_one(
        convnet.one(params, 0), lambda r: there[1][r], there[2][0], RECIPES[name], generators()[0], device="cuda"
    )
    assert torch.isfinite(predict(one, lambda r: there[1][r], N, "cuda")).all()

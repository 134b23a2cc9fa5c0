"""What the official code of paper Q does, re-enacted in a few lines of our own, beside what this book does.

`notebooks/record/reference_code.py` names these tests; the official code is at commit d63c4c6.
"""

import itertools
import math

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import spearmanr
from torch import nn
from torch.nn.functional import avg_pool2d, conv2d, cross_entropy
from torchvision.datasets import ImageFolder
from torchvision.transforms import RandomResizedCrop
from torchvision.transforms.functional import resize

from softlabels.data.catalogue import CIFAR100
from softlabels.data.images import ImageSet, Part
from softlabels.data.selection import deciles, of_decile
from softlabels.hyperparameters import CHOICES, chosen
from softlabels.intervals import t_interval
from softlabels.labels import entropy, harden, remove_entry, soften, top_k
from softlabels.models import convnet
from softlabels.seeds import numpy_stream, torch_stream
from softlabels.studies import zero_shot
from softlabels.training.images import Recipe, train_stack, weights_of

SHOWN = {28: 115, 32: 265, 66: 390, 96: 143, 161: 315, 188: 311, 195: 402}  # class -> image of the row in figure 1
RATES, EPOCHS = (5e-4, 1e-3, 5e-3, 1e-2, 5e-2), range(1, 200, 2)  # what tune_lr and tune_start (by default) try


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def get_images(stream, ipc):
    """Images that NumPy's stream takes for the 200 classes of Tiny ImageNet, (200, ipc) of 500 in each."""
    return np.stack([stream.permutation(500)[:ipc] for _ in range(200)])


def tiny_imagenet():
    """Our image set of the same sizes, without the pictures."""
    part = Part(torch.zeros(100_000, 1, 1, 1), torch.arange(200).repeat_interleave(500))
    return ImageSet("tiny", tuple(map(str, range(200))), part, part, part)


@pytest.fixture
def global_stream():
    """Torch's global generator, as it was before, once the test is over."""
    with torch.random.fork_rng(devices=[]):
        yield


# ---- what is chosen, and what an error bar holds ---------------------------------------------------------------------


@pytest.mark.parametrize(("epochs", "every", "evaluations"), [(1000, 200, 5), (3000, 200, 15), (3000, 100, 30)])
def test_the_best_of_many_evaluations_is_better_than_any(epochs, every, evaluations):
    after = [ep for ep in range(epochs + 1) if ep == epochs or (ep % every == 0 and ep > 0)]
    assert len(after) == evaluations
    assert [ep + 1 for ep in after[:2]] == [every + 1, 2 * every + 1] and after[-1] + 1 == epochs + 1  # passes by then
    wobble = normal(4000, evaluations)  # students that no longer learn: their evaluations differ by chance
    assert float(wobble.max(1).values.mean()) > {5: 1.1, 15: 1.6, 30: 1.9}[evaluations]


def test_the_best_teacher_epoch_carries_its_luck():
    scores = normal(2000, 52, 5).mean(2)  # 52 epochs, all equally good, judged by the mean of five students
    assert float(scores.max(1).values.mean()) > 0.9  # in standard deviations of one student
    seen, unseen = scores[:1000], normal(1000, 52, 2, seed=1).mean(2)  # ours: chosen on some students, said of others
    assert abs(float(unseen.gather(1, seen.argmax(1, keepdim=True)).mean())) < 0.1


def test_a_deviation_of_two_students_is_half_their_difference():
    two, five = [7.1, 7.7], [7.2, 7.9, 7.5, 7.8, 7.6]
    assert np.std(two) == pytest.approx(0.3) and np.std(two, ddof=1) == pytest.approx(0.6 / math.sqrt(2))
    assert np.std(five) / np.std(five, ddof=1) == pytest.approx(math.sqrt(4 / 5))
    mean, low, high = t_interval(np.array(five))
    assert high - mean == pytest.approx(2.776 * np.std(five, ddof=1) / math.sqrt(5), rel=1e-3)


# ---- which images ----------------------------------------------------------------------------------------------------


def test_draw_42_is_not_the_row_of_figure_1():
    coded = get_images(np.random.RandomState(42), 1)[:, 0]
    assert not any(coded[label] == image for label, image in SHOWN.items())
    ours = tiny_imagenet()
    assert ours.ipc_rows(1, draw=42).tolist() == [500 * label + image for label, image in enumerate(coded)]


def test_later_cells_have_other_images():
    stream = np.random.RandomState(42)  # one stream for all cells
    cells = [get_images(stream, 10) for _ in range(2)]
    shared = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(*cells, strict=True)])
    assert shared < 0.05  # two of a hundred by chance
    ours = tiny_imagenet()
    few, many = ours.ipc_rows(4, draw=42).reshape(200, 4), ours.ipc_rows(10, draw=42).reshape(200, 10)
    assert torch.equal(few, many[:, :4])


def test_a_crop_is_any_part_of_the_picture(global_stream):
    torch.manual_seed(0)
    picture = torch.zeros(3, 224, 224)
    crops = [RandomResizedCrop.get_params(picture, scale=[0.08, 1.0], ratio=[3 / 4, 4 / 3]) for _ in range(500)]
    shares = np.array([height * width for _, _, height, width in crops]) / 224**2
    assert shares.min() < 0.1 and shares.max() > 0.9 and 0.4 < np.median(shares) < 0.6


def test_small_pictures_of_two_kinds():
    noise = normal(1, 3, 256, 256)
    sharp, averaged = resize(noise, [64, 64], antialias=False), avg_pool2d(noise, 4)
    assert float(sharp.std() / averaged.std()) == pytest.approx(2, abs=0.05)  # means of 2 × 2, not of 4 × 4


def test_a_flat_validation_folder_is_refused(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "val_0.JPEG")
    with pytest.raises(FileNotFoundError, match="class folder"):
        ImageFolder(tmp_path)


def test_cifar_100_in_the_units_of_cifar_10():
    mean, deviation = np.array([0.5071, 0.4865, 0.4409]), np.array([0.2673, 0.2564, 0.2762])  # CIFAR-100's own
    coded = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)
    assert CIFAR100.normalisation == coded
    assert (deviation / coded[1]).round(2).tolist() == [1.32, 1.29, 1.37]
    assert np.abs((mean - coded[0]) / coded[1]).max() < 0.08


# ---- difficulty ------------------------------------------------------------------------------------------------------


@pytest.fixture
def judged():
    """500 images of one of 200 classes, judged by a teacher that is right about a third of them: logits (500, 200)."""
    logits = 2.5 * normal(500, 200)
    logits[:, 0] += 6 + 1.5 * normal(500, seed=1)
    return logits


def test_cross_entropy_of_probabilities_is_flat_but_in_order(judged):
    classes = torch.zeros(500, dtype=torch.int64)
    true = cross_entropy(judged, classes, reduction="none")
    coded = cross_entropy(soften(judged, 1), classes, reduction="none")  # probabilities in the place of logits
    top = math.log(199 + math.e)
    assert top - 1 <= float(coded.min()) and float(coded.max()) < top and true.max() - true.min() > 8
    assert spearmanr(true, coded).statistic > 0.999
    moved = deciles(true, classes) != deciles(coded, classes)
    assert 0 < float(moved.double().mean()) < 0.03


def test_the_hardest_image_of_a_class_is_in_no_tenth(judged):
    value = -soften(judged, 1)[:, 0].numpy()
    edges = np.quantile(value, np.linspace(0, 1, 11))
    tenths = [np.where((edges[s] <= value) & (value < edges[s + 1]))[0] for s in range(10)]
    assert [len(tenth) for tenth in tenths] == [50] * 9 + [49]
    assert value.argmax() not in np.concatenate(tenths)
    assert all((np.diff(tenth) > 0).all() for tenth in tenths)  # in the order of file names; the first n are taken

    classes = torch.zeros(500, dtype=torch.int64)
    ours = deciles(torch.from_numpy(value), classes)
    assert ours.bincount().tolist() == [0] + [50] * 10 and ours[value.argmax()] == 10
    taken = of_decile(ours, classes, 10, 8, torch_stream("a tenth", 0))
    assert not torch.equal(taken, (ours == 10).nonzero().flatten()[:8])


def test_difficulty_fills_what_is_not_there():
    def main(strategy, tenths):
        if strategy == "random":
            images = torch.zeros(4)
        else:
            images[:2] = tenths[strategy]
        return images

    with pytest.raises(UnboundLocalError):
        main("0", {"0": torch.ones(2)})
    with pytest.raises(KeyError):
        main("stratefied", {"0": torch.ones(2)})


# ---- teachers --------------------------------------------------------------------------------------------------------


def test_snapshots_on_a_cpu_are_all_the_last():
    network = nn.Linear(3, 2, device="meta").to_empty(device="cpu")
    coded, ours = [], []
    for epoch in range(4):
        nn.init.constant_(network.weight, epoch)  # what an epoch of training does
        coded.append([p.detach().cpu() for p in network.parameters()])
        ours.append(weights_of(network))
    assert all(bool((snapshot[0] == 3).all()) for snapshot in coded)
    assert [float(snapshot["weight"].mean()) for snapshot in ours] == [0, 1, 2, 3]


def test_epoch_e_is_one_epoch_more_in_a_file_name():
    done = range(1, 32)  # passes completed when those counted 0 … 30 end
    listed, files = [0, *done], {f"model_{epoch}.pth": passes for epoch, passes in enumerate(done)}
    assert listed[30] == 30 and files["model_30.pth"] == 31
    assert chosen("imagenet", 50, "ResNet18").completed_epochs == 31
    assert chosen("tiny-imagenet", 1).completed_epochs == chosen("tiny-imagenet", 1).teacher_epoch == 11

    images, targets = normal(4, 1, 4, 4), harden(torch.tensor([[0, 1, 0, 1]]), 2)
    start, found = convnet.start(convnet.Shape(1, 2, 1, 4, 4, 2), [torch_stream("epochs", 0)]), {}
    recipe = Recipe(lr=0.1, epochs=2, batch=4)
    last = train_stack(start, images, targets, recipe, [torch_stream("epochs", 1)], found.__setitem__, at=(0, 1, 2))
    assert list(found) == [0, 1, 2]
    assert torch.equal(found[0]["conv1.weight"], start["conv1.weight"])
    assert torch.equal(found[2]["conv1.weight"], last["conv1.weight"])


def test_teachers_are_written_from_0_and_read_from_1(tmp_path):
    def file(n):
        return tmp_path / f"replay_buffer_{n}.pt"

    def save(teachers, save_interval):
        for first in range(0, len(teachers), save_interval):
            if len(teachers[first : first + save_interval]) == save_interval:  # no rest is written
                n = next(n for n in itertools.count(0) if not file(n).exists())
                file(n).write_text(teachers[first : first + save_interval])

    def load():
        numbers = itertools.takewhile(lambda n: file(n).exists(), itertools.count(1))
        return "".join(file(n).read_text() for n in numbers)

    save("A", save_interval=10)  # the default
    assert not file(0).exists()
    save("A", save_interval=1)
    assert file(0).exists() and load() == ""
    save("BC", save_interval=1)
    assert load() == "BC"


# ---- labels ----------------------------------------------------------------------------------------------------------


def test_temp_divides_the_temperature():
    logits = 3 * normal(20, 10)
    coded = {temp: torch.softmax(logits * temp, 1) for temp in (2, 1, 0.5)}
    assert all(torch.allclose(labels, soften(logits, 1 / temp)) for temp, labels in coded.items())
    softness = [float(entropy(labels).mean()) for labels in coded.values()]
    assert softness == sorted(softness)


def test_fewer_entries_are_a_smaller_step():
    labels = soften(normal(50, 20), 1)
    mass, outputs = labels.max(1).values, normal(50, 20, seed=1).requires_grad_()
    coded = torch.autograd.grad(cross_entropy(outputs, top_k(labels, 1)), outputs)[0]  # (50, 20)
    whole = torch.autograd.grad(cross_entropy(outputs, top_k(labels, 1, renormalise=True)), outputs)[0]
    torch.testing.assert_close(coded, mass[:, None] * whole)
    assert float(mass.mean()) < 0.4


def test_training_accuracy_against_a_place_in_the_batch():
    classes = torch.tensor([3, 7, 0, 7, 5])  # hard labels as integers
    outputs = 9 * harden(classes, 10)  # all right
    as_for_soft = np.argmax(classes.numpy(), axis=-1)  # where the largest class number stands: 1
    assert as_for_soft == 1 and np.equal(outputs.argmax(1).numpy(), as_for_soft).sum() == 0


def test_a_removed_class_takes_its_share_of_every_step():
    labels, classes = soften(2 * normal(40, 4), 1), torch.arange(40) % 4
    coded = labels.clone()
    coded[:, 2] = 0
    coded[classes == 2] = labels[classes == 2]
    assert torch.equal(remove_entry(labels, classes, 2), coded)
    sums = coded.sum(1)
    assert torch.allclose(sums[classes == 2], torch.ones(10)) and float(sums[classes != 2].min()) < 0.6


def test_the_three_panels_treat_other_classes():
    lists = [set(zero_shot.PUBLISHED[ipc].split()) for ipc in (1, 10, 50)]  # 40 each
    assert [len(one & other) for one, other in itertools.combinations(lists, 2)] == [8, 5, 10]


def test_one_baseline_moves_a_whole_curve():
    drawn = 0.3 * numpy_stream("baseline", 0).normal(size=(4000, 3, 3))  # three cells of up to three students
    errors = {n: (15 + drawn[:, :2, :2].mean(2)) / (15 + drawn[:, 2:, :n].mean(2)) - 1 for n in (1, 3)}
    together = {n: np.corrcoef(errors[n].T)[0, 1] for n in errors}  # two ranks that change nothing
    assert together[1] > 0.6 > together[3]


# ---- training --------------------------------------------------------------------------------------------------------


def test_seeds_come_from_the_clock(global_stream):
    def network(seconds):
        torch.manual_seed(int(seconds * 1000) % 100000)  # when a network is made
        return nn.Linear(4, 3).weight

    torch.manual_seed(42)
    assert not torch.equal(network(1000.001), network(1000.002))
    assert torch.equal(network(1000.001), network(1100.001))  # 100,000 starts, every 100 seconds the same ones
    shape = convnet.Shape(1, 2, 1, 4, 4, 2)
    one, again, other = (convnet.start(shape, [torch_stream("clock", seed)])["conv1.weight"] for seed in (0, 0, 1))
    assert torch.equal(one, again) and not torch.equal(one, other)


def test_one_more_epoch_and_one_more_drop():
    def rates(epochs, scheduler):
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
        schedule, seen = scheduler(optimizer), []
        for _ in range(epochs + 1):
            seen.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return seen

    steps = rates(100, lambda o: torch.optim.lr_scheduler.StepLR(o, 100 // 4, gamma=0.3))
    drops = [i for i in range(1, 101) if steps[i] < steps[i - 1]]
    assert len(steps) == 101 and drops == [25, 50, 75, 100]
    cosine = rates(100, lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda e: (1 + math.cos(math.pi * e / 100)) / 2))
    assert cosine[100] == 0  # of AdamW: the extra epoch changes no weight

    for epochs in (100, 150):
        recipe = Recipe(lr=1.0, epochs=epochs, batch=1, schedule="quarters")
        ours = [recipe.rate(epoch) for epoch in range(epochs)]
        assert sum(b < a for a, b in zip(ours, ours[1:], strict=False)) == 3
        assert ours[-1] == pytest.approx(0.3**3)


def test_small_grey_images_do_not_fit():
    def features(side, depth):
        maps = conv2d(normal(1, 1, side, side), normal(4, 1, 3, 3), padding=3)  # where channels are one
        arriving = avg_pool2d(maps, 2**depth).shape[-1]
        return arriving, (32 if side == 28 else side) >> depth  # and what the linear layer expects

    assert features(28, 3) == (4, 4) and features(32, 3) == (4, 4) and features(8, 2) == (3, 2)
    shape = convnet.Shape(2, 4, 1, 8, 8, 10)
    assert convnet.ConvNet(shape, torch_stream("grey", 0))(normal(5, 1, 8, 8)).shape == (5, 10)


# ---- tables ----------------------------------------------------------------------------------------------------------


def test_the_grids_lack_what_table_7_has():
    assert {c.student_lr for c in CHOICES} - set(RATES) == {0.1, 0.002}
    tiny = [c.teacher_epoch for c in CHOICES if c.data == "tiny-imagenet"]
    assert tiny == [11, 50, 90, 102] and [e in EPOCHS for e in tiny] == [True, False, False, False]


def test_commands_differ_from_table_7():
    tiny = {x.field: x.value for x in chosen("tiny-imagenet", 1).conflicts}
    assert tiny["teacher_epoch"] == 7 and tiny["student_epochs"] == 3000
    assert chosen("tiny-imagenet", 1).student_epochs == 1000
    assert {x.field: x.value for x in chosen("cifar100", 50).conflicts}["teacher_epoch"] == 104
    assert chosen("tiny-imagenet", 100).teacher_accuracy > 38.5  # "Full" in table 2

"""Batched augmentation is the per-image loop, and the loop is the formula."""

import math

import pytest
import torch

from softlabels.training import augmentation, reference
from softlabels.training.augmentation import DRAWS, FAMILIES, PARTNER, augment, augment_each

SHAPES = [(3, 32, 32), (3, 64, 64), (1, 8, 8), (1, 8, 16)]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def batch(n, shape, seed=0):
    return torch.randn(n, *shape, generator=generator(seed))


def draws(n, seed=1):
    g = generator(seed)
    return torch.cat([torch.rand(n, DRAWS - 1, generator=g), torch.randperm(n, generator=g).unsqueeze(1)], 1)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("family", reference.FAMILIES, ids=lambda family: family.__name__)
def test_every_family_is_the_loop_over_images(family, shape):
    images, u = batch(40, shape), draws(40)
    plain = [reference.FAMILIES[family](image, row) for image, row in zip(images, u.tolist(), strict=True)]
    torch.testing.assert_close(family(images, u), torch.stack(plain), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["dsa", "dsa digits", "dsa pairs"])
def test_a_batch_is_the_loop_over_images(kind):
    images = batch(9, (3, 16, 16) if kind == "dsa" else (1, 8, 16))
    before = images.clone()
    for seed in range(12):
        fast = augment(images, kind, generator(seed))
        torch.testing.assert_close(
            fast, reference.augment_reference(images, kind, generator(seed)), rtol=1e-4, atol=1e-4
        )
    assert torch.equal(images, before)


# ---- the formulas, number by number ----------------------------------------------------------------------------------


def test_colour_by_hand():
    image = torch.tensor([[[0.0, 2.0]], [[4.0, 6.0]]])  # two channels of two pixels
    u = torch.tensor([[0.75, 0.25, 0.5, *[0.0] * (DRAWS - 3)]])  # brightness +0.25, saturation 0.5, contrast 1
    # + 0.25; channel means 2.25 and 4.25, halfway to them; the contrast is left as it is
    expected = torch.tensor([[[1.25, 3.25]], [[3.25, 5.25]]])
    torch.testing.assert_close(augmentation.colour(image[None], u)[0], expected)
    u[0, 2] = 0.0  # contrast 0.5 about the mean 3.25
    torch.testing.assert_close(augmentation.colour(image[None], u)[0], (expected - 3.25) / 2 + 3.25)


def moved_by_hand(image, matrix):
    """Each pixel read at its place times the matrix, bilinear between pixel centres, zeros outside."""
    channels, h, w = image.shape
    read = torch.zeros_like(image)
    for i in range(h):
        for j in range(w):
            x, y = 2 * j / (w - 1) - 1, 2 * i / (h - 1) - 1
            sx = (matrix[0][0] * x + matrix[0][1] * y + 1) * (w - 1) / 2
            sy = (matrix[1][0] * x + matrix[1][1] * y + 1) * (h - 1) / 2
            for a in (math.floor(sy), math.floor(sy) + 1):
                for b in (math.floor(sx), math.floor(sx) + 1):
                    if 0 <= a < h and 0 <= b < w:
                        read[:, i, j] += image[:, a, b] * (1 - abs(sy - a)) * (1 - abs(sx - b))
    return read


@pytest.mark.parametrize("shape", [(2, 9, 9), (1, 8, 16)])
def test_scale_and_rotation_by_hand(shape):
    images, u = batch(3, shape), draws(3)
    scaled, turned = augmentation.scale(images, u), augmentation.rotate(images, u)
    form = (shape[1] - 1) / (shape[2] - 1)
    for i in range(3):
        x, y = (1 / 1.2 + float(u[i, j]) * (1.2 - 1 / 1.2) for j in (0, 1))
        torch.testing.assert_close(scaled[i], moved_by_hand(images[i], [[x, 0], [0, y]]), rtol=1e-3, atol=1e-4)
        angle = math.radians(30 * float(u[i, 0]) - 15)
        matrix = [[math.cos(angle), -math.sin(angle) * form], [math.sin(angle) / form, math.cos(angle)]]
        torch.testing.assert_close(turned[i], moved_by_hand(images[i], matrix), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("shape", "most"), [((3, 32, 32), (4, 4)), ((1, 8, 8), (1, 1)), ((1, 8, 16), (1, 2))])
def test_a_crop_moves_by_up_to_an_eighth(shape, most):
    rows, columns = torch.meshgrid(*(torch.arange(1.0, side + 1) for side in shape[1:]), indexing="ij")
    images = (100 * rows + columns).expand(400, *shape)
    moved = augmentation.crop(images, draws(400))[:, 0, shape[1] // 2, shape[2] // 2]
    shifts = torch.stack([moved // 100, moved % 100], 1) - torch.tensor([s // 2 + 1 for s in shape[1:]])
    for i in (0, 1):
        assert sorted(set(shifts[:, i].tolist())) == list(range(-most[i], most[i] + 1))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_cut_out_block_has_half_the_sides_and_may_stand_anywhere(shape):
    images, u = torch.ones(2000, *shape), draws(2000)
    cut = augmentation.cutout(images, u)[:, 0] == 0
    heights, breadths = cut.any(2).sum(1), cut.any(1).sum(1)
    for side, lengths in zip(shape[1:], (heights, breadths), strict=True):
        assert lengths.max() == side // 2 and lengths.min() == side // 4  # what lies outside is lost
    assert torch.equal(cut.sum((1, 2)), heights * breadths)
    assert cut.float().mean(0).min() > 0


def test_flips_are_by_chance():
    images = batch(400, (3, 8, 8))
    flipped = augmentation.flip(images, draws(400))
    mirrored = (flipped == images.flip(3)).all((1, 2, 3))
    assert torch.equal(flipped[~mirrored], images[~mirrored]) and 150 < mirrored.sum() < 250


# ---- families of a kind ----------------------------------------------------------------------------------------------


def test_six_families_a_batch_each_as_often():
    g, count = generator(), {}
    for _ in range(1200):
        family, u = augmentation.draw("dsa", 2, g)
        count[family.__name__] = count.get(family.__name__, 0) + 1
    assert set(count) == {"colour", "crop", "cutout", "flip", "scale", "rotate"}
    assert all(140 < seen < 260 for seen in count.values())


def test_digits_are_never_mirrored_and_pairs_turn_less():
    assert augmentation.flip not in FAMILIES["dsa digits"] + FAMILIES["dsa pairs"]
    images, u = batch(5, (1, 8, 16)), draws(5)
    u[:, 0] = 0.5 + (u[:, 0] - 0.5) * 10 / 15
    torch.testing.assert_close(augmentation.rotate_less(images, draws(5)), augmentation.rotate(images, u))


def test_networks_side_by_side_are_augmented_as_if_alone():
    images = torch.randn(5, 6, 1, 8, 8, generator=generator())
    for kind in ("dsa digits", "cutmix digits", "none"):
        for seed in range(8):
            together = augment_each(images, kind, [generator(seed + r) for r in range(5)])
            for r in range(5):
                alone = augment(images[r], kind, generator(seed + r))
                torch.testing.assert_close(together[r], alone, rtol=1e-5, atol=1e-5)


# ---- CutMix ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_cutmix_by_hand(shape):
    n, (_, h, w) = 30, shape
    images, u = batch(n, shape), draws(n)
    mixed = augmentation.cutmix(images, u)
    for i, row in enumerate(u.tolist()):
        expected, share = images[i].clone(), math.sqrt(row[2])
        top, left, down, right = 0, 0, int(share * h), int(share * w)
        top = int(row[0] * (h + 1 - down % 2)) - down // 2
        left = int(row[1] * (w + 1 - right % 2)) - right // 2
        for y in range(max(0, top), min(h, top + down)):
            for x in range(max(0, left), min(w, left + right)):
                expected[:, y, x] = images[int(row[PARTNER]), :, y, x]
        assert torch.equal(mixed[i], expected)


def test_partners_are_a_permutation_and_areas_uniform():
    n = 2000
    images = torch.arange(float(n)).view(n, 1, 1, 1).expand(n, 1, 32, 32)
    _, u = augmentation.draw("cutmix digits", n, generator())
    assert torch.equal(u[:, PARTNER].sort().values, torch.arange(float(n)))
    taken = (augmentation.cutmix(images, u) != images).float().mean((1, 2, 3))
    assert 0.25 < taken.mean() < 0.45  # a half, less what lies outside


def test_photographs_are_cropped_and_flipped():
    images, u = batch(6, (3, 32, 32)), draws(6)
    u[:, 3], u[:, 4], u[:, 5:7] = 1 - 1e-7, 0.5, 0.5  # all of the image
    u[:, 7] = torch.tensor([0.2, 0.8] * 3)
    expected = torch.where((u[:, 7] < 0.5).view(-1, 1, 1, 1), images.flip(3), images)
    torch.testing.assert_close(augmentation.crop_flip(images, u), expected, rtol=1e-3, atol=1e-3)
    u[:, 3], u[:, 7] = 0.0, 0.8  # 8 % of it
    u[:, 5], u[:, 6] = 1.0, 0.0  # its upper right corner
    side = math.sqrt(0.08)
    for found, image in zip(augmentation.crop_flip(images, u), images, strict=True):
        torch.testing.assert_close(found, corner_by_hand(image, side), rtol=1e-3, atol=1e-3)


def corner_by_hand(image, side):
    """The upper right part of an image, `side` of its breadth and height, enlarged to the whole."""
    length = image.shape[1]
    found = torch.zeros_like(image)
    for i in range(length):
        for j in range(length):
            y, x = i * side, (length - 1) - (length - 1 - j) * side
            a, b = min(int(y), length - 2), min(int(x), length - 2)
            below, after = y - a, x - b
            found[:, i, j] = (1 - below) * ((1 - after) * image[:, a, b] + after * image[:, a, b + 1])
            found[:, i, j] += below * ((1 - after) * image[:, a + 1, b] + after * image[:, a + 1, b + 1])
    return found


def test_mixed_photographs_are_cropped_before():
    images, u = batch(6, (3, 32, 32)), draws(6)
    mixed = augmentation.crop_flip_cutmix(images, u)
    assert torch.equal(mixed, augmentation.cutmix(augmentation.crop_flip(images, u), u))

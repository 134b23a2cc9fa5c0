"""Augmentation of whole batches on their device: differentiable Siamese augmentation (DSA) and CutMix.

DSA picks one family a batch and gives each image parameters of its own (paper Q's code, strategy
color_crop_cutout_flip_scale_rotate). What a family does to a batch is a function of one small tensor of random numbers.

Letters: R networks, n images, ch channels, h × w pixels; u (n, DRAWS): an image's row holds uniform numbers in [0, 1),
and last the index of another image of its batch, its partner; no two images have the same one.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, pad

DRAWS = 9
PARTNER = 8  # the last column
SHIFT, RATIO, DEGREES = 0.125, 1.2, 15.0  # DSA's
AREA, ASPECT = 0.08, 4 / 3  # of a resized crop: its least share of the image; its most stretched form


def augment(images: Tensor, kind: str, generator: torch.Generator) -> Tensor:
    """A batch (n, ch, h, w) augmented as `kind` says (a key of FAMILIES, or "none"), by one family for all images."""
    if kind == "none":
        return images
    family, u = draw(kind, len(images), generator)
    return family(images, u.to(images))


def augment_each(images: Tensor, kind: str, generators: list[torch.Generator]) -> Tensor:
    """The batches (R, n, ch, h, w) of R networks, each augmented as `augment` would with its network's generator."""
    if kind == "none":
        return images
    n = images.shape[1]
    families, draws = zip(*(draw(kind, n, generator) for generator in generators), strict=True)
    u = torch.stack(draws).to(images)  # (R, n, DRAWS)
    augmented = torch.empty_like(images)
    for family in dict.fromkeys(families):
        rows = [r for r, other in enumerate(families) if other is family]
        mine = u[rows]
        mine[..., PARTNER] += n * torch.arange(len(rows), device=u.device).unsqueeze(1)  # partners of one network
        augmented[rows] = family(images[rows].flatten(0, 1), mine.flatten(0, 1)).unflatten(0, (len(rows), n))
    return augmented


def draw(kind: str, n: int, generator: torch.Generator):
    """The family of a batch, and its random numbers u (n, DRAWS), on the CPU."""
    families = FAMILIES[kind]
    chosen = families[int(torch.randint(len(families), (), generator=generator))]
    uniform, partners = torch.rand(n, DRAWS - 1, generator=generator), torch.randperm(n, generator=generator)
    return chosen, torch.cat([uniform, partners.unsqueeze(1)], 1)


# ---- families: images (n, ch, h, w), u (n, DRAWS) -> images ----------------------------------------------------------


def colour(images: Tensor, u: Tensor) -> Tensor:
    """Brightness, then saturation (distance from the grey image), then contrast (distance from the mean)."""
    u = u.view(*u.shape, 1, 1, 1)
    images = images + (u[:, 0] - 0.5)
    if images.shape[1] > 1:  # a grey image is its own grey image
        grey = images.mean(1, keepdim=True)
        images = (images - grey) * (2 * u[:, 1]) + grey
    mean = images.mean((1, 2, 3), keepdim=True)
    return (images - mean) * (u[:, 2] + 0.5) + mean


def crop(images: Tensor, u: Tensor) -> Tensor:
    """Move each image by whole pixels, up to an eighth of its side each way; zeros come in from outside."""
    n, channels, h, w = images.shape
    a, b = (int(SHIFT * side + 0.5) for side in (h, w))  # rounded
    rows = _integers(u[:, 0], 2 * a + 1).unsqueeze(1) + torch.arange(h, device=u.device)  # (n, h) of the padded image
    columns = _integers(u[:, 1], 2 * b + 1).unsqueeze(1) + torch.arange(w, device=u.device)  # (n, w)
    pixels = rows.unsqueeze(2) * (w + 2 * b) + columns.unsqueeze(1)  # (n, h, w)
    padded = pad(images, (b, b, a, a)).flatten(2)
    return padded.gather(2, pixels.view(n, 1, h * w).expand(-1, channels, -1)).view_as(images)


def cutout(images: Tensor, u: Tensor) -> Tensor:
    """Set a block of half the sides to zero, around any point of the image; what lies outside it is lost."""
    sides = (torch.full_like(u[:, 0], (side + 1) // 2, dtype=torch.int64) for side in images.shape[2:])
    return images.masked_fill(_block(images, u, *sides), 0)


def flip(images: Tensor, u: Tensor) -> Tensor:
    """Mirror each image left to right, or not."""
    return torch.where((u[:, 0] < 0.5).view(-1, 1, 1, 1), images.flip(3), images)


def scale(images: Tensor, u: Tensor) -> Tensor:
    """Shrink or stretch each image, its breadth and its height apart, by up to RATIO."""
    x, y = (u[:, i] * (RATIO - 1 / RATIO) + 1 / RATIO for i in (0, 1))
    zero = torch.zeros_like(x)
    return _read_at(images, [x, zero, zero], [zero, y, zero])


def rotate(images: Tensor, u: Tensor, degrees: float = DEGREES) -> Tensor:
    """Turn each image by up to `degrees` either way."""
    angle = (u[:, 0] - 0.5) * (2 * math.radians(degrees))
    sine, cosine, zero = angle.sin(), angle.cos(), torch.zeros_like(angle)
    h, w = images.shape[2:]
    form = (h - 1) / (w - 1)  # 1 for square images; both coordinates run from −1 to 1 in others too
    return _read_at(images, [cosine, -form * sine, zero], [sine / form, cosine, zero])


def rotate_less(images: Tensor, u: Tensor) -> Tensor:
    """For images twice as broad as high."""
    return rotate(images, u, degrees=10.0)


def cutmix(images: Tensor, u: Tensor) -> Tensor:
    """Put a block of its partner into each image, in the same place, its share of the area Beta(1, 1), i.e. uniform.

    Each image has a ratio and a place of its own; the published protocol (SRe2L) draws both once a batch.
    """
    sides = ((u[:, 2].sqrt() * side).long() for side in images.shape[2:])
    return torch.where(_block(images, u, *sides), images[u[:, PARTNER].long()], images)


def crop_flip(images: Tensor, u: Tensor) -> Tensor:
    """ImageNet's own: a resized crop of AREA to all of the image, and a flip by chance."""
    area, stretch = AREA + (1 - AREA) * u[:, 3], ASPECT ** (2 * u[:, 4] - 1)
    x, y = (area * stretch).sqrt().clamp(max=1), (area / stretch).sqrt().clamp(max=1)
    right, down = (1 - x) * (2 * u[:, 5] - 1), (1 - y) * (2 * u[:, 6] - 1)
    mirror = torch.where(u[:, 7] < 0.5, -1.0, 1.0)
    zero = torch.zeros_like(x)
    return _read_at(images, [mirror * x, zero, right], [zero, y, down])


def crop_flip_cutmix(images: Tensor, u: Tensor) -> Tensor:
    """SRe2L's for photographs."""
    return cutmix(crop_flip(images, u), u)


DSA = (colour, crop, cutout, flip, scale, rotate)
FAMILIES = {
    "dsa": DSA,
    "dsa digits": tuple(family for family in DSA if family is not flip),  # a mirrored digit is none
    "dsa pairs": (colour, crop, cutout, scale, rotate_less),
    "crop": (crop_flip,),
    "cutmix": (crop_flip_cutmix,),
    "cutmix digits": (cutmix,),
}


def _integers(u, count):
    """0 … count − 1, equally likely; count a number or one an image."""
    return (u * count).long()


def _block(images, u, height, breadth):
    """Which pixels (n, 1, h, w) lie in a block height × breadth (n,) around the point that u's first columns draw."""
    inside = []
    for draw, length, side in zip((u[:, 0], u[:, 1]), images.shape[2:], (height, breadth), strict=True):
        first = _integers(draw, length + 1 - side % 2) - side // 2  # (n,) even blocks lie around a pixel's edge
        place = torch.arange(length, device=u.device) - first.unsqueeze(1)  # (n, length)
        inside.append((place >= 0) & (place < side.unsqueeze(1)))
    return (inside[0].unsqueeze(2) & inside[1].unsqueeze(1)).unsqueeze(1)


def _read_at(images, x, y):
    """Images read where an affine map says, bilinear, zeros outside; x, y: the map's two rows, three numbers (n,) each.

    Coordinates run from −1 to 1 between the centres of the outermost pixels.
    """
    matrix = torch.stack([torch.stack(x, 1), torch.stack(y, 1)], 1)  # (n, 2, 3)
    grid = affine_grid(matrix, list(images.shape), align_corners=True)
    return grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=True)

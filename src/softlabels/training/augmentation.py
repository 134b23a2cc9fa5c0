"""Augmentation of whole batches on their device: differentiable Siamese augmentation (DSA) and CutMix.

DSA draws one transformation for a batch ("family" here), with different parameters for each image (paper Q's code,
strategy color_crop_cutout_flip_scale_rotate). A family computes the new batch from the images and random numbers u.

Letters: R networks, n images, ch channels, h × w pixels; u (n, DRAWS): for each image uniform numbers in [0, 1) and, in
the last column, the index of its partner in the batch. The partners are a permutation of the batch.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, pad

DRAWS = 9
PARTNER = 8  # the last column of u
SHIFT, RATIO, DEGREES = 0.125, 1.2, 15.0  # of DSA: largest shift (a share of the side), scale and rotation
AREA, ASPECT = 0.08, 4 / 3  # of a resized crop: smallest share of the image's area, largest aspect ratio


def augment(images: Tensor, kind: str, generator: torch.Generator) -> Tensor:
    """A batch (n, ch, h, w) transformed by one family, the same for all images; kind: a key of FAMILIES, or "none"."""
    if kind == "none":
        return images
    family, u = draw(kind, len(images), generator)
    return family(images, u.to(images, non_blocking=True))


def augment_each(images: Tensor, kind: str, generators: list[torch.Generator]) -> Tensor:
    """The batches (R, n, ch, h, w) of R networks, each as `augment` returns it with that network's generator."""
    if kind == "none":
        return images
    n = images.shape[1]
    families, draws = zip(*(draw(kind, n, generator) for generator in generators), strict=True)
    u = torch.stack(draws).to(images, non_blocking=True)  # (R, n, DRAWS)
    augmented = torch.empty_like(images)
    for family in dict.fromkeys(families):
        rows = torch.tensor([r for r, other in enumerate(families) if other is family])
        rows = rows.to(images.device, non_blocking=True)
        mine = u[rows]
        mine[..., PARTNER] += n * torch.arange(len(rows), device=u.device).unsqueeze(1)  # partners are of one network
        augmented[rows] = family(images[rows].flatten(0, 1), mine.flatten(0, 1)).unflatten(0, (len(rows), n))
    return augmented


def draw(kind: str, n: int, generator: torch.Generator):
    """A random family for a batch, and its random numbers u (n, DRAWS), on the CPU."""
    families = FAMILIES[kind]
    chosen = families[int(torch.randint(len(families), (), generator=generator))]
    uniform, partners = torch.rand(n, DRAWS - 1, generator=generator), torch.randperm(n, generator=generator)
    return chosen, torch.cat([uniform, partners.unsqueeze(1)], 1)


# ---- families: images (n, ch, h, w), u (n, DRAWS) -> images ----------------------------------------------------------


def colour(images: Tensor, u: Tensor) -> Tensor:
    """Change the brightness, then the saturation (distance from the grey image) and contrast (from the mean)."""
    u = u.view(*u.shape, 1, 1, 1)
    images = images + (u[:, 0] - 0.5)
    if images.shape[1] > 1:  # grey images have no saturation
        grey = images.mean(1, keepdim=True)
        images = (images - grey) * (2 * u[:, 1]) + grey
    mean = images.mean((1, 2, 3), keepdim=True)
    return (images - mean) * (u[:, 2] + 0.5) + mean


def crop(images: Tensor, u: Tensor) -> Tensor:
    """Shift each image by whole pixels, up to an eighth of its side in either direction; pad with zeros."""
    n, channels, h, w = images.shape
    a, b = (int(SHIFT * side + 0.5) for side in (h, w))
    rows = _integers(u[:, 0], 2 * a + 1).unsqueeze(1) + torch.arange(h, device=u.device)  # (n, h) of the padded image
    columns = _integers(u[:, 1], 2 * b + 1).unsqueeze(1) + torch.arange(w, device=u.device)  # (n, w)
    pixels = rows.unsqueeze(2) * (w + 2 * b) + columns.unsqueeze(1)  # (n, h, w)
    padded = pad(images, (b, b, a, a)).flatten(2)
    return padded.gather(2, pixels.view(n, 1, h * w).expand(-1, channels, -1)).view_as(images)


def cutout(images: Tensor, u: Tensor) -> Tensor:
    """Set a block of half the image's sides to zero, centred anywhere in the image and cut off at its edges."""
    sides = (torch.full_like(u[:, 0], (side + 1) // 2, dtype=torch.int64) for side in images.shape[2:])
    return images.masked_fill(_block(images, u, *sides), 0)


def flip(images: Tensor, u: Tensor) -> Tensor:
    """Mirror each image left to right with probability 1/2."""
    return torch.where((u[:, 0] < 0.5).view(-1, 1, 1, 1), images.flip(3), images)


def scale(images: Tensor, u: Tensor) -> Tensor:
    """Scale the width and the height of each image by two factors between 1/RATIO and RATIO."""
    x, y = (u[:, i] * (RATIO - 1 / RATIO) + 1 / RATIO for i in (0, 1))
    zero = torch.zeros_like(x)
    return _read_at(images, [x, zero, zero], [zero, y, zero])


def rotate(images: Tensor, u: Tensor, degrees: float = DEGREES) -> Tensor:
    """Rotate each image by up to `degrees` in either direction."""
    angle = (u[:, 0] - 0.5) * (2 * math.radians(degrees))
    sine, cosine, zero = angle.sin(), angle.cos(), torch.zeros_like(angle)
    h, w = images.shape[2:]
    form = (h - 1) / (w - 1)  # coordinates run from −1 to 1 along both sides, whatever their lengths
    return _read_at(images, [cosine, -form * sine, zero], [sine / form, cosine, zero])


def rotate_less(images: Tensor, u: Tensor) -> Tensor:
    """`rotate` by up to 10°, for images that are twice as wide as high."""
    return rotate(images, u, degrees=10.0)


def cutmix(images: Tensor, u: Tensor) -> Tensor:
    """CutMix: replace a block of each image by the same block of its partner.

    The block's share of the area is uniform, Beta(1, 1). Share and place are drawn for each image; the published
    protocol (SRe2L) draws both once per batch.
    """
    sides = ((u[:, 2].sqrt() * side).long() for side in images.shape[2:])
    return torch.where(_block(images, u, *sides), images[u[:, PARTNER].long()], images)


def crop_flip(images: Tensor, u: Tensor) -> Tensor:
    """ImageNet's usual augmentation: a random crop of at least AREA of the image, resized, and a random flip."""
    area, stretch = AREA + (1 - AREA) * u[:, 3], ASPECT ** (2 * u[:, 4] - 1)
    x, y = (area * stretch).sqrt().clamp(max=1), (area / stretch).sqrt().clamp(max=1)
    right, down = (1 - x) * (2 * u[:, 5] - 1), (1 - y) * (2 * u[:, 6] - 1)
    mirror = torch.where(u[:, 7] < 0.5, -1.0, 1.0)
    zero = torch.zeros_like(x)
    return _read_at(images, [mirror * x, zero, right], [zero, y, down])


def crop_flip_cutmix(images: Tensor, u: Tensor) -> Tensor:
    """SRe2L's augmentation of photographs."""
    return cutmix(crop_flip(images, u), u)


DSA = (colour, crop, cutout, flip, scale, rotate)
FAMILIES = {
    "dsa": DSA,
    "dsa digits": tuple(family for family in DSA if family is not flip),  # a mirrored digit is no digit
    "dsa pairs": (colour, crop, cutout, scale, rotate_less),
    "crop": (crop_flip,),
    "cutmix": (crop_flip_cutmix,),
    "cutmix digits": (cutmix,),
}


def _integers(u, count):
    """Integers 0 … count − 1, equally likely, from uniform u (n,); count is a number or (n,)."""
    return (u * count).long()


def _block(images, u, height, breadth):
    """A mask (n, 1, h, w) of blocks of height × breadth pixels, (n,) each, around the points that u[:, :2] gives."""
    inside = []
    for draw, length, side in zip((u[:, 0], u[:, 1]), images.shape[2:], (height, breadth), strict=True):
        first = _integers(draw, length + 1 - side % 2) - side // 2  # (n,); an even block is centred on a pixel's edge
        place = torch.arange(length, device=u.device) - first.unsqueeze(1)  # (n, length)
        inside.append((place >= 0) & (place < side.unsqueeze(1)))
    return (inside[0].unsqueeze(2) & inside[1].unsqueeze(1)).unsqueeze(1)


def _read_at(images, x, y):
    """Images resampled under an affine map, bilinear, zeros outside; x, y: the map's rows, three numbers (n,) each.

    Coordinates run from −1 to 1 between the centres of the outermost pixels.
    """
    matrix = torch.stack([torch.stack(x, 1), torch.stack(y, 1)], 1)  # (n, 2, 3)
    grid = affine_grid(matrix, list(images.shape), align_corners=True)
    return grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=True)

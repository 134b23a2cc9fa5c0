"""R small ConvNets as one program: logits, and gradients written by hand.

Three things make it fast on a CPU.

- Images are stored channels last, the R·C channels of all networks side by side, so that grouped convolutions and the
  operations between them run along wide rows.
- The first block has no separate instance norm. On the centred 3×3 neighbourhoods of an image, with covariance Σ, the
  outputs of a filter w have mean 0 and variance wᵀ Σ w. So each image gets a copy of the filters that includes norm,
  scale and shift, and the block is one small matrix product.
- A few networks are computed on a few images at a time, so that their activations stay in the cache.

A convolution's bias has no effect before an instance norm, so its gradient is 0.

Letters: R networks (m of them at a time), n images, h × w pixels, P = h·w, k = 9·ch numbers in a neighbourhood,
C channels of a network, Q channels side by side (G·Q = m·C: G = 1, Q = m·C where networks share the images, else G = m,
Q = C), F features, c classes.
"""

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, unfold

from softlabels.errors import SoftLabelsError
from softlabels.models.convnet import EPSILON, depth, take
from softlabels.training.threads import shares, side_by_side

ROOM = {"cpu": 2**22}  # bytes of the first block's activations held at a time
ELSEWHERE = 2**28
WIDE = 128  # channels side by side; more are not faster

Params = dict[str, Tensor]


class Patches(NamedTuple):
    """Images as the 3×3 neighbourhoods of their pixels. Pixels are in the order of 2×2 pooling: 4 × (h/2 · w/2)."""

    columns: Tensor  # (G, n, k + 1, P): neighbourhoods minus the image's mean one, and a 1 for the norm's shift
    covariance: Tensor  # (G, n, k, k), Σ
    height: int
    breadth: int

    def rows(self, rows: Tensor) -> "Patches":
        """The patches of some images: rows (n′,) for all networks, or (R, n′) for each network."""
        g = torch.arange(len(rows), device=rows.device).unsqueeze(1) if rows.ndim > 1 and len(self.columns) > 1 else 0
        if rows.ndim == 1:
            return self.part(slice(None), rows)
        return self._replace(columns=self.columns[g, rows], covariance=self.covariance[g, rows])

    def part(self, networks: slice, images: slice | Tensor) -> "Patches":
        """The patches of some images for some networks."""
        g = networks if len(self.columns) > 1 else slice(None)
        return self._replace(columns=self.columns[g, images], covariance=self.covariance[g, images])


def patches(images: Tensor) -> Patches:
    """The patches of shared images (n, ch, h, w) or of each network's own (R, n, ch, h, w).

    Raises SoftLabelsError for images of odd sides.
    """
    images = images if images.ndim == 5 else images.unsqueeze(0)
    (G, n, channels, h, w), k = images.shape, 9 * images.shape[2]
    if h % 2 or w % 2:
        raise SoftLabelsError(f"Networks that train together need images of even sides, not {h} × {w}.")
    numbers = torch.cat([images.flatten(2).flatten(0, 1), images.new_zeros(G * n, 1), images.new_ones(G * n, 1)], 1)
    columns = numbers.index_select(1, _neighbours(channels, h, w, images.device)).view(G, n, k + 1, h * w)
    columns[:, :, :k] -= columns[:, :, :k].mean(3, keepdim=True)
    covariance = columns[:, :, :k] @ columns[:, :, :k].mT / (h * w)
    return Patches(columns, covariance, h, w)


@cache
def _neighbours(channels, h, w, device):
    """The index of each entry of the columns, ((k + 1) · P,), in an image's numbers followed by a 0 and a 1.

    The 0 stands for every pixel outside the image.
    """
    inside = torch.arange(channels * h * w, dtype=torch.float64).view(1, channels, h, w) + 1
    place = unfold(inside, 3, padding=1).long()[0] - 1  # (k, h·w), −1 outside
    place = place.view(-1, h // 2, 2, w // 2, 2).permute(0, 2, 4, 1, 3).flatten(1)
    place[place < 0] = channels * h * w
    return torch.cat([place, torch.full_like(place[:1], channels * h * w + 1)]).flatten().to(device)


def logits(params: Params, inputs: Patches) -> Tensor:
    """Logits (R, n, c) without gradients: equal to those of `models.convnet.logits`, several times as fast."""
    R, n = len(params["linear.bias"]), inputs.columns.shape[1]
    out, parts = params["linear.bias"].new_empty(R, n, params["linear.bias"].shape[1]), shares(R, inputs.columns.device)

    @torch.no_grad()
    def compute(i):
        theirs, own = take(params, parts[i]), inputs.part(parts[i], slice(None))
        for networks, images in tiles(theirs, own):
            out[parts[i]][networks, images] = _Tile(take(theirs, networks), own.part(networks, images)).logits

    side_by_side(compute, len(parts))
    return out


def add_gradients(params: Params, inputs: Patches, targets: Tensor, gradients: Params) -> None:
    """Add each network's gradient of −Σ_c q_c log p_c, averaged over n images, to `gradients`; targets q (R, n, c)."""
    n = targets.shape[1]
    with torch.no_grad():
        for networks, images in tiles(params, inputs):
            tile, labels = _Tile(take(params, networks), inputs.part(networks, images)), targets[networks, images]
            back = (tile.logits.softmax(-1) * labels.sum(-1, keepdim=True) - labels) / n
            tile.add_gradients(back, take(gradients, networks))


def tiles(params: Params, inputs: Patches):
    """Pairs of slices (networks, images) that together cover everything; the activations of each fit into ROOM.

    Raises SoftLabelsError for images that do not fit the networks.
    """
    (R, width), (n, pixels) = params["conv1.bias"].shape, inputs.columns.shape[1::2]
    F, halved = params["linear.weight"].shape[2], 2 ** depth(params)
    if inputs.height % halved or inputs.breadth % halved or width * pixels != F * halved**2:
        raise SoftLabelsError(
            f"These networks read {F} features of images whose sides divide by {halved}; {inputs.height} × "
            f"{inputs.breadth} pixels do not fit."
        )
    room = ROOM.get(inputs.columns.device.type, ELSEWHERE) // (pixels * width * inputs.columns.element_size())
    m = min(R, max(-(-WIDE // width), room // n))
    step = min(n, max(1, room // m))
    for r in range(0, R, m):
        for i in range(0, n, step):
            yield slice(r, r + m), slice(i, i + step)


class _Block(NamedTuple):
    """What the gradients of a block after the first need; images (n, m·C, h, w), channels last."""

    read: Tensor
    weight: Tensor  # (m·C, C, 3, 3)
    centred: Tensor  # the convolution's result less its mean over an image
    inverse: Tensor  # (n, m·C, 1, 1), 1 / standard deviation
    active: Tensor


class _Tile:
    """A few networks on a few images: the constructor runs forward, `add_gradients` back."""

    def __init__(self, params, inputs):
        self.params, self.inputs = params, inputs
        self.m, self.C = params["conv1.bias"].shape
        pooled = self._first()
        self.blocks = []
        for number in range(2, depth(params) + 1):
            pooled = self._later(number, pooled)
        n, _, *self.last = pooled.shape
        features = pooled.unflatten(1, (self.m, self.C)).transpose(0, 1).reshape(self.m, n, -1)  # (m, n, F)
        self.features = features
        self.logits = torch.baddbmm(params["linear.bias"].unsqueeze(1), features, params["linear.weight"].mT)

    def _first(self):
        """The first block, with the norm included in its filters."""
        columns, covariance, h, w = self.inputs
        G, n, k, P = *columns.shape[:2], columns.shape[2] - 1, columns.shape[3]
        by_tap = lambda name: self.params[name].reshape(G, -1, k).mT  # noqa: E731
        self.filters = by_tap("conv1.weight")  # (G, k, Q)
        self.half = (covariance.view(G, n * k, k) @ self.filters).view(G, n, k, -1)  # Σ w
        variance = (self.half * self.filters.unsqueeze(1)).sum(2)  # (G, n, Q)
        self.inverse = variance.add_(EPSILON).rsqrt_()
        self.gain = self.inverse * self.params["norm1.weight"].view(G, 1, -1)
        folded = columns.new_empty(G, n, k + 1, self.gain.shape[-1])
        torch.mul(self.filters.unsqueeze(1), self.gain.unsqueeze(2), out=folded[:, :, :k])
        folded[:, :, k] = self.params["norm1.bias"].view(G, 1, -1)
        self.active = torch.bmm(columns.flatten(0, 1).mT, folded.flatten(0, 1)).relu_()  # (G·n, P, Q)
        pooled = self.active.view(G * n, 4, P // 4, -1).mean(1)
        pooled = pooled.view(G, n, P // 4, -1).permute(1, 2, 0, 3).reshape(n, h // 2, w // 2, -1)
        return pooled.permute(0, 3, 1, 2)  # (n, m·C, h/2, w/2), channels last

    def _later(self, number, read):
        weight = self.params[f"conv{number}.weight"].flatten(0, 1).contiguous(memory_format=torch.channels_last)
        z = torch.conv2d(read, weight, None, 1, 1, 1, self.m)
        centred = z.sub_(z.mean((2, 3), keepdim=True))
        inverse = (centred * centred).mean((2, 3), keepdim=True).add_(EPSILON).rsqrt_()
        scale, shift = (self.params[f"norm{number}.{kind}"].view(1, -1, 1, 1) for kind in ("weight", "bias"))
        active = torch.addcmul(shift, centred, scale * inverse).relu_()
        self.blocks.append(_Block(read, weight, centred, inverse, active))
        return avg_pool2d(active, 2)

    def add_gradients(self, back, into):
        """Add the gradients of all parameters to `into`; back (m, n, c): the loss's gradient by the logits."""
        into["linear.weight"] += back.mT @ self.features
        into["linear.bias"] += back.sum(1)
        n = back.shape[1]
        back = (back @ self.params["linear.weight"]).view(self.m, n, self.C, *self.last).permute(1, 3, 4, 0, 2)
        back = back.reshape(n, *self.last, -1).permute(0, 3, 1, 2)  # (n, m·C, h, w), channels last
        for number in range(len(self.blocks) + 1, 1, -1):
            back = self._later_back(number, back, into)
        self._first_back(back, into)

    def _later_back(self, number, back, into):
        read, weight, centred, inverse, active = self.blocks.pop()
        pixels, scale = active[0, 0].numel(), self.params[f"norm{number}.weight"].view(1, -1, 1, 1)
        back = _spread(back, active)
        total = back.sum((2, 3), keepdim=True)
        along = (back * centred).sum((2, 3), keepdim=True).mul_(inverse)
        into[f"norm{number}.weight"] += along.sum(0).view(self.m, self.C)
        into[f"norm{number}.bias"] += total.sum(0).view(self.m, self.C)
        gain = scale * inverse
        back = back.mul_(gain).addcmul_(centred, gain * inverse * along / -pixels).sub_(gain * total / pixels)
        sizes = [1, 1], [1, 1], [1, 1], False, [0, 0]  # stride, padding, dilation, not transposed, no output padding
        back, by_weight, _ = torch.ops.aten.convolution_backward(
            back, read, weight, None, *sizes, self.m, [True, True, False]
        )
        into[f"conv{number}.weight"] += by_weight.view(self.m, self.C, self.C, 3, 3)
        return back

    def _first_back(self, back, into):
        columns, _, h, w = self.inputs
        G, n, k, P = *columns.shape[:2], columns.shape[2] - 1, columns.shape[3]
        back = back.permute(0, 2, 3, 1).view(n, P // 4, G, -1).permute(2, 0, 1, 3)  # (G, n, P/4, Q)
        active = self.active.view(G * n, 4, P // 4, -1)
        back = back.reshape(G * n, 1, P // 4, -1).mul_(0.25).expand_as(active)
        back = torch.ops.aten.threshold_backward(back, active, 0)  # (G·n, 4, P/4, Q)
        products = (columns.flatten(0, 1) @ back.view(G * n, P, -1)).view(G, n, k + 1, -1)  # columns times gradient
        by_taps, by_shift = products[:, :, :k], products[:, :, k]
        along = (by_taps * self.filters.unsqueeze(1)).sum(2) * self.inverse  # (G, n, Q)
        gain = self.gain.unsqueeze(2)
        by_filters = (by_taps * gain - self.half * (gain * (self.inverse * along).unsqueeze(2))).sum(1)  # (G, k, Q)
        into["conv1.weight"] += by_filters.mT.reshape(into["conv1.weight"].shape)
        into["norm1.weight"] += along.sum(1).view(self.m, self.C)
        into["norm1.bias"] += by_shift.sum(1).view(self.m, self.C)


def _spread(back, active):
    """The gradient before ReLU and 2×2 mean, from the gradient after both; channels last."""
    n, channels, h, w = active.shape
    windows = active.permute(0, 2, 3, 1).view(n, h // 2, 2, w // 2, 2, channels)
    back = (back * 0.25).permute(0, 2, 3, 1).view(n, h // 2, 1, w // 2, 1, channels).expand_as(windows)
    return torch.ops.aten.threshold_backward(back, windows, 0).view(n, h, w, channels).permute(0, 3, 1, 2)

"""The plain training loops, as the papers describe them: one network, one step after another.

Tests hold the fast trainers equal to these loops, and `softlabels bench` times both. For the idea, the first function
is enough.

Letters: n examples, c classes, d inputs; images are (ch, h, w), channels first.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import affine_grid, binary_cross_entropy_with_logits, cross_entropy, grid_sample, pad
from torch.utils.data import DataLoader, TensorDataset

from softlabels.training import augmentation


def train_reference(
    network: nn.Module, inputs: Tensor, targets: Tensor, *, lr: float, steps: int, every=0, evaluate=None
):
    """Full-batch Adam: train `network` in place; every step sees all of `inputs` (n, d).

    targets (n, c) are probabilities, soft or one-hot; the loss is plain cross-entropy, whatever the temperature of the
    labels. `evaluate(step, network)` is called once every `every` steps; 0 stands for never. Paper B, appendix on
    training.
    """
    optimiser = torch.optim.Adam(network.parameters(), lr=lr)
    for step in range(1, steps + 1):
        optimiser.zero_grad()
        loss = cross_entropy(network(inputs), targets)
        loss.backward()
        optimiser.step()
        if every and step % every == 0:
            evaluate(step, network)
    return network


def linear_network(start: Tensor) -> nn.Linear:
    """A linear map without bias whose weights begin at `start` (c, d)."""
    network = nn.Linear(start.shape[1], start.shape[0], bias=False, dtype=start.dtype, device=start.device)
    with torch.no_grad():
        network.weight.copy_(start)
    return network


def train_reference_logistic(inputs: Tensor, targets: Tensor, start: Tensor, *, lr: float, steps: int) -> Tensor:
    """Full-batch Adam on the single logit w·x of two classes, without bias; returns w (d,), which begins at `start`.

    inputs (n, d); targets (n,), probabilities of class 1; start (d,). Paper B, section on logistic regression.
    """
    weights = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([weights], lr=lr)
    for _ in range(steps):
        optimiser.zero_grad()
        loss = binary_cross_entropy_with_logits(inputs @ weights, targets)
        loss.backward()
        optimiser.step()
    return weights.detach()


def train_reference_adamw(
    network: nn.Module,
    inputs: Tensor,
    targets: Tensor,
    *,
    lr: float,
    steps: int,
    weight_decay: float = 1.0,
    betas: tuple[float, float] = (0.9, 0.98),
    warm_up: int = 10,
    every=0,
    evaluate=None,
):
    """Full-batch AdamW whose learning rate rises from 0 over the first `warm_up` steps: paper B's modular addition.

    inputs are n of whatever `network` takes; the rest is as in `train_reference`.
    """
    optimiser = torch.optim.AdamW(network.parameters(), lr=lr, betas=betas, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda done: min(done / warm_up, 1) if warm_up else 1)
    for step in range(1, steps + 1):
        optimiser.zero_grad()
        loss = cross_entropy(network(inputs), targets)
        loss.backward()
        optimiser.step()
        schedule.step()
        if every and step % every == 0:
            evaluate(step, network)
    return network


def train_reference_images(
    network: nn.Module,
    images: Tensor,
    targets: Tensor,
    *,
    lr: float,
    epochs: int,
    batch: int,
    generator: torch.Generator,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    quarters: bool = False,
    augmented=None,
) -> tuple[nn.Module, list[float]]:
    """SGD in batches, as in paper Q's code: train `network` in place; returns it and the mean loss of each epoch.

    images (n, ch, h, w), normalised; targets (n, c), which need not sum to 1. With `quarters` the learning rate is
    multiplied by 0.3 after each quarter of the epochs. `augmented(batch, generator)` returns a changed batch.
    """
    optimiser = torch.optim.SGD(network.parameters(), lr=lr, momentum=momentum, weight_decay=weight_decay)
    drops = [i * max(1, epochs // 4) for i in (1, 2, 3)]
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, drops, 0.3 if quarters else 1.0)
    data, losses = TensorDataset(images, targets), []
    for _ in range(epochs):
        order, total = torch.randperm(len(data), generator=generator).tolist(), 0.0
        for x, q in DataLoader(data, batch, sampler=order, generator=torch.Generator()):
            if augmented is not None:
                x = augmented(x, generator)
            loss = cross_entropy(network(x), q)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(x)
        schedule.step()
        losses.append(total / len(data))
    return network, losses


# ---- learned labels --------------------------------------------------------------------------------------------------


def reference_label_gradient(
    network: nn.Module, images: Tensor, labels: Tensor, loss_of, *, lr: float, momentum: float = 0.0, steps: int,
    window: int,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Train on labels (n, c) of images (n, ch, h, w) by SGD on the full batch, and ask what the labels should be.

    `loss_of(weights)` is the loss of the trained weights, {name: tensor}. Returns it and its gradient by the labels,
    through the last `window` of the `steps`: backpropagation through time as one would write it down.
    """
    labels = labels.clone().requires_grad_()
    weights = {name: value.detach().requires_grad_() for name, value in network.named_parameters()}
    velocity = {name: torch.zeros_like(value) for name, value in weights.items()}
    for step in range(steps):
        loss = cross_entropy(torch.func.functional_call(network, weights, images), labels)
        gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=step >= steps - window)
        for (name, weight), gradient in zip(list(weights.items()), gradients, strict=True):
            velocity[name] = momentum * velocity[name] + gradient
            weights[name] = weight - lr * velocity[name]
        if step < steps - window:
            weights = {name: value.detach().requires_grad_() for name, value in weights.items()}
    loss = loss_of(weights)
    return loss.detach(), torch.autograd.grad(loss, labels)[0]


# ---- augmentation of one image (ch, h, w); u are its random numbers, uniform in 0 … 1 --------------------------------


def augment_reference(images: Tensor, kind: str, generator: torch.Generator) -> Tensor:
    """The same as `augmentation.augment`, image by image."""
    family, u = augmentation.draw(kind, len(images), generator)
    return torch.stack([FAMILIES[family](image, row) for image, row in zip(images, u.tolist(), strict=True)])


def colour(image, u):
    image = image + (u[0] - 0.5)
    grey = image.mean(0)
    image = (image - grey) * (2 * u[1]) + grey
    mean = image.mean()
    return (image - mean) * (u[2] + 0.5) + mean


def crop(image, u):
    _, h, w = image.shape
    a, b = (math.floor(0.125 * side + 0.5) for side in (h, w))
    down, right = (int(u[i] * (2 * most + 1)) for i, most in enumerate((a, b)))
    return pad(image, (b, b, a, a))[:, down : down + h, right : right + w]


def cutout(image, u):
    image, block = image.clone(), []
    for i, side in enumerate(image.shape[1:]):
        size = int(side * 0.5 + 0.5)
        first = int(u[i] * (side + 1 - size % 2)) - size // 2
        block.append(slice(max(0, first), max(0, first + size)))
    image[:, block[0], block[1]] = 0
    return image


def flip(image, u):
    return image.flip(2) if u[0] < 0.5 else image


def scale(image, u):
    x, y = (1 / 1.2 + u[i] * (1.2 - 1 / 1.2) for i in (0, 1))
    return _transform(image, [[x, 0, 0], [0, y, 0]])


def rotate(image, u, degrees=15.0):
    angle = math.radians((2 * u[0] - 1) * degrees)
    sine, cosine = math.sin(angle), math.cos(angle)
    form = (image.shape[1] - 1) / (image.shape[2] - 1)
    return _transform(image, [[cosine, -sine * form, 0], [sine / form, cosine, 0]])


def rotate_less(image, u):
    return rotate(image, u, degrees=10.0)


def _transform(image, matrix):
    grid = affine_grid(torch.tensor([matrix], dtype=image.dtype), [1, *image.shape], align_corners=True)
    return grid_sample(image.unsqueeze(0), grid, align_corners=True)[0]


FAMILIES = {  # the fast function that augments a whole batch -> its plain twin
    getattr(augmentation, plain.__name__): plain for plain in (colour, crop, cutout, flip, scale, rotate, rotate_less)
}

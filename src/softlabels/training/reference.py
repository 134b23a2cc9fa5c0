"""The plain loops, as paper B describes them: one network, full batch. Tests hold the fleets equal to them."""

import torch
from torch import Tensor, nn


def train_reference(
    network: nn.Module, inputs: Tensor, targets: Tensor, *, lr: float, steps: int, every=0, evaluate=None
):
    """Train `network` in place on all of `inputs` (n, d) at every step.

    targets (n, c) are probabilities, soft or one-hot; the loss is cross-entropy at the student's temperature 1.
    `evaluate(step, network)` is called after every `every` steps. Paper B, appendix on training.
    """
    loss_of = nn.CrossEntropyLoss()
    optimiser = torch.optim.Adam(network.parameters(), lr=lr)
    for step in range(1, steps + 1):
        optimiser.zero_grad()
        loss = loss_of(network(inputs), targets)
        loss.backward()
        optimiser.step()
        if every and step % every == 0:
            evaluate(step, network)
    return network


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
    """The same with AdamW, whose learning rate rises from 0 over `warm_up` steps: paper B's modular addition.

    inputs are whatever `network` takes, n of them.
    """
    loss_of = nn.CrossEntropyLoss()
    optimiser = torch.optim.AdamW(network.parameters(), lr=lr, betas=betas, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda done: min(done / warm_up, 1) if warm_up else 1)
    for step in range(1, steps + 1):
        optimiser.zero_grad()
        loss = loss_of(network(inputs), targets)
        loss.backward()
        optimiser.step()
        schedule.step()
        if every and step % every == 0:
            evaluate(step, network)
    return network


def linear_network(start: Tensor) -> nn.Linear:
    """A linear map without bias whose weights begin at `start` (c, d)."""
    network = nn.Linear(start.shape[1], start.shape[0], bias=False, dtype=start.dtype, device=start.device)
    with torch.no_grad():
        network.weight.copy_(start)
    return network

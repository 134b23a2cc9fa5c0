"""Logistic models on nested parts of one data set: the models of all sizes are rows of one wide matrix product.

Model k trains on the first sizes[k] rows, standardised by their mean and deviation, (x − shift_k)/scale_k. The data are
not copied: the weights include the standardisation, and a product of later rows leaves out the models that do not train
on them.

Letters: K models, n rows, d inputs.
"""

import torch
from torch import Tensor

from softlabels.errors import SoftLabelsError
from softlabels.training import fleet

BLOCK = 512  # fewest rows of a product: smaller products are slow, larger ones compute more unused rows


def standardisation(inputs: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (d,) of the first `size` rows, as scikit-learn's StandardScaler takes them."""
    return inputs[:size].mean(0), inputs[:size].std(0, correction=0)


@torch.no_grad()
def train_nested(
    inputs: Tensor,
    targets: Tensor,
    sizes: Tensor,
    start: Tensor,
    shift: Tensor,
    scale: Tensor,
    *,
    lr: float,
    steps: int,
) -> Tensor:
    """Full-batch Adam on binary cross-entropy for K models without bias; returns their weights (K, d).

    inputs (n, d); targets (K, n), probabilities of class 1, of which model k reads the first sizes[k]; sizes (K,);
    start, shift and scale (K, d). The weights act on standardised inputs. Paper B, section on logistic regression.
    Raises SoftLabelsError for shapes, sizes, rates and steps that do not fit, for numbers that are not finite, and for
    training that diverges.
    """
    K, d = start.shape
    if targets.shape != (K, len(inputs)) or inputs.shape[1] != d or not sizes.shape[0] == len(shift) == len(scale) == K:
        raise SoftLabelsError(
            "Nested training needs inputs (n, d), targets (K, n), sizes (K,) and a start (K, d); given were "
            f"{tuple(inputs.shape)}, {tuple(targets.shape)}, {tuple(sizes.shape)} and {tuple(start.shape)}."
        )
    if not (steps >= 1 and 1 <= int(sizes.min()) and int(sizes.max()) <= len(inputs) and (scale > 0).all()):
        raise SoftLabelsError(
            f"Nested training takes at least one step, sizes from 1 to {len(inputs)} and positive deviations; given "
            f"were {steps} steps, sizes {sizes.min()} to {sizes.max()} and deviations from {scale.min()}."
        )
    fleet.check_rate(lr)
    fleet.check_numbers({"inputs": inputs, "targets": targets, "start": start, "shift": shift, "scale": scale})
    order = sizes.cpu().argsort(stable=True)
    start, shift, scale = start[order], shift[order], scale[order]
    blocks = _blocks(inputs, targets[order], sizes.cpu()[order])
    weights = start.clone()  # (K, d)
    weights.grad = torch.empty_like(weights)
    by_input = torch.empty_like(weights)  # Σ_rows error·x, before the standardisation
    total = start.new_empty(K)  # Σ_rows error
    optimiser = torch.optim.Adam([weights], lr=lr, fused=True)
    for _ in range(steps):
        folded = weights / scale
        offset = torch.linalg.vecdot(folded, shift).unsqueeze(1)  # (K, 1)
        by_input.zero_()
        total.zero_()
        for first, rows, labels, share in blocks:  # models first … K−1 train on these rows
            z = torch.addmm(-offset[first:], folded[first:], rows.mT)  # (K − first, rows)
            error = z.sigmoid_().sub_(labels).mul_(share)
            by_input[first:].addmm_(error, rows)
            total[first:] += error.sum(1)
        torch.addcmul(by_input, total.unsqueeze(1), shift, value=-1, out=weights.grad).div_(scale)
        optimiser.step()
    fleet.check_finite([weights])
    return weights[order.argsort()]


def _blocks(inputs, targets, sizes):
    """Runs of at least BLOCK rows, each up to some model's last row: (first model, rows, targets, 1/size or 0)."""
    blocks, begin = [], 0
    share = (torch.arange(len(inputs)) < sizes[:, None]) / sizes[:, None]  # (K, n)
    share = share.to(inputs)
    for end in sizes.unique().tolist():
        if end - begin >= BLOCK or end == sizes[-1]:
            first = int((sizes <= begin).sum())
            cut = slice(begin, end)
            blocks.append((first, inputs[cut], targets[first:, cut].contiguous(), share[first:, cut].contiguous()))
            begin = end
    return blocks

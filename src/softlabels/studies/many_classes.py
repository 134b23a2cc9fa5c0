"""What stands in, live, for the language model: a network with one hidden layer, many classes, few examples of each.

The paper's authors show it beside GPT-2 in their workshop notebook: random inputs in place of triplets.
"""

from dataclasses import replace
from functools import partial

from softlabels.studies import random_networks
from softlabels.study import Study

WORKSHOP = replace(  # 3,000 examples
    random_networks.PAPER, d=900, c=300, per_class=10, teacher_steps=500, student_lr=1e-3, student_steps=1000
)
WORKSHOP_RHOS = tuple(round(0.15 + 0.1 * i, 2) for i in range(9))  # without 0.05, which of ten examples is none


def grid(base: random_networks.Settings, replicates: int, seeds: int | None = None, **axes) -> list:
    """Students of several parts, of labels as they are and shuffled within each class."""
    return random_networks.vary(base, seeds or replicates, shuffled=(False, True), **axes)


MANY_CLASSES = Study(
    id="memorized/many_classes",
    settings=random_networks.Settings,
    grids={
        "smoke": partial(grid, random_networks.SMOKE, 3, per_class=(5,), rho=(0.2, 0.8)),
        "quick": partial(grid, random_networks.MANY_CLASSES, 5, rho=(0.2, 0.4, 0.6, 0.8)),
        "paper": partial(grid, WORKSHOP, 3, rho=WORKSHOP_RHOS),
    },
    pack_key=random_networks.pack_of,
    run_pack=random_networks.run_pack_with_curves,
    flops=random_networks.flops,
    bytes=random_networks.peak_bytes,
)

"""What stands in, live, for the language model: a network with one hidden layer, many classes, few examples of each.

The paper's authors show it beside GPT-2 in their workshop notebook: random inputs in place of triplets.
"""

from dataclasses import replace
from functools import partial

from softlabels.studies.random_networks import (
    MANY_CLASSES as QUICK,
)
from softlabels.studies.random_networks import (
    PAPER,
    SMOKE,
    Settings,
    flops,
    pack_of,
    peak_bytes,
    run_pack_with_curves,
    vary,
)
from softlabels.study import Study

WORKSHOP = replace(
    PAPER, d=900, c=300, per_class=10, teacher_steps=500, student_lr=1e-3, student_steps=1000
)  # 3,000 examples


def grid(base: Settings, replicates: int, seeds: int | None = None, **axes) -> list[Settings]:
    """Students of several parts, of labels as they are and shuffled within each class."""
    return vary(base, seeds or replicates, shuffled=(False, True), **axes)


MANY_CLASSES = Study(
    id="memorized/many_classes",
    settings=Settings,
    grids={
        "smoke": partial(grid, SMOKE, 3, per_class=(5,), rho=(0.2, 0.8)),
        "quick": partial(grid, QUICK, 5, rho=(0.2, 0.4, 0.6, 0.8)),
        "paper": partial(
            grid, WORKSHOP, 3, rho=tuple(round(0.15 + 0.1 * i, 2) for i in range(9))
        ),  # 0.05 of ten is none
    },
    pack_key=pack_of,
    run_pack=run_pack_with_curves,
    flops=flops,
    bytes=peak_bytes,
)

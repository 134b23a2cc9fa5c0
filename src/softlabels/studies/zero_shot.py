"""A class without images, or without its entry in the labels of the others (paper Q, figure 7)."""

from collections.abc import Iterable
from dataclasses import replace

from softlabels.studies.images.defaults import CIFAR100, CLEAN, CLEAN_SMOKE, DIGITS, REDUCED, SMOKE, TINY, Defaults
from softlabels.studies.images.grids import grid, runs
from softlabels.studies.images.settings import Settings
from softlabels.studies.images.students import run_pack_by_class, study

# The classes of Tiny ImageNet that the paper removes: every fifth one in the order of its teacher's training accuracy
# after 7 epochs (for IPC 1), 50 (10) and 90 (50), as its code ships them.
PUBLISHED = {
    1: "23 44 13 8 117 194 111 90 19 21 190 126 82 195 183 63 155 153 121 105 65 41 18 43 6 110 142 120 3 10 "
    "98 99 5 102 181 67 151 179 149 88",
    10: "23 1 143 176 146 186 118 91 36 61 9 19 8 68 46 50 60 136 25 97 164 105 53 41 3 7 199 26 110 83 113 "
    "48 10 62 24 77 130 27 59 139",
    50: "44 81 108 91 60 14 176 61 94 97 143 189 47 70 6 68 86 87 117 163 177 197 26 150 32 158 112 102 161 "
    "182 33 79 84 105 188 119 172 130 80 100",
}


def removals(defaults: Defaults, ipc: int, *, groups: Iterable[str], **changed) -> list[Settings]:
    """A control; then, for each group of classes, without their images, and without their entries in other labels."""
    control = defaults.soft(ipc, **changed)
    treated = [replace(control, removal=what, removed=group) for group in groups for what in ("images", "labels")]
    return [control, *treated]


def published_removals(defaults: Defaults, ipc: int, *, size: int, **changed) -> list[Settings]:
    """`removals` of the published classes, in groups of `size` whose classes differ in accuracy."""
    chosen = PUBLISHED[ipc].split()
    count = len(chosen) // size
    return removals(defaults, ipc, groups=[" ".join(chosen[first::count]) for first in range(count)], **changed)


EVERY_FIFTH = [" ".join(map(str, range(first, 100, 25))) for first in range(0, 25, 5)]  # of CIFAR-100, by four
EACH_DIGIT = [str(digit) for digit in range(10)]

ZERO_SHOT = study(
    "zero_shot",
    run_pack=run_pack_by_class,
    smoke=grid(
        runs(removals, SMOKE, ipc=1, groups=("0", "1 2"), draws=3, students=2),
        *(runs(removals, CLEAN_SMOKE, ipc=1, groups="0", teacher_epoch=e, draws=3, students=1) for e in (1, 2)),
    ),
    quick=grid(
        runs(removals, DIGITS, ipc=1, groups=EACH_DIGIT, teacher_epoch=12, draws=5, students=2),
        runs(removals, DIGITS, ipc=5, groups=EACH_DIGIT, draws=3, students=2),
        runs(removals, DIGITS, ipc=10, groups=EACH_DIGIT, draws=3, students=1),
        *(  # several epochs, because labels of clean digits soon become nearly hard
            runs(removals, CLEAN, ipc=ipc, groups=EACH_DIGIT, teacher_epoch=epoch, draws=3, students=1)
            for ipc in (1, 5)
            for epoch in (4, 8, 16)
        ),
    ),
    reduced=grid(runs(published_removals, REDUCED, ipc=(1, 10), size=4, draws=3, students=1)),
    paper=grid(
        runs(published_removals, TINY, ipc=1, size=1, teacher_epoch=7, draws=3, students=2),
        runs(published_removals, TINY, ipc=10, size=1, teacher_epoch=50, draws=3, students=2),
        runs(published_removals, TINY, ipc=50, size=1, teacher_epoch=90, draws=3, students=2),
        runs(removals, CIFAR100, ipc=1, groups=EVERY_FIFTH, draws=3, students=1),
    ),
)

"""A class without images, or without its entry in the other labels (paper Q, figure 7)."""

from collections.abc import Iterable
from dataclasses import replace

from softlabels.studies.image_scales import CLEAN, CLEAN_SMOKE, DIGITS, REDUCED, SMOKE, TINY, Scale, grid
from softlabels.studies.image_students import run_pack_by_class, study
from softlabels.studies.soft_labels import Settings

# The classes of Tiny ImageNet that the paper treats: every fifth one in the order of its teacher's training accuracy
# after 7 epochs (for IPC 1), 50 (10) and 90 (50), as its code ships them.
PUBLISHED = {
    1: "23 44 13 8 117 194 111 90 19 21 190 126 82 195 183 63 155 153 121 105 65 41 18 43 6 110 142 120 3 10 "
    "98 99 5 102 181 67 151 179 149 88",
    10: "23 1 143 176 146 186 118 91 36 61 9 19 8 68 46 50 60 136 25 97 164 105 53 41 3 7 199 26 110 83 113 "
    "48 10 62 24 77 130 27 59 139",
    50: "44 81 108 91 60 14 176 61 94 97 143 189 47 70 6 68 86 87 117 163 177 197 26 150 32 158 112 102 161 "
    "182 33 79 84 105 188 119 172 130 80 100",
}


def removals(scale: Scale, ipc: int, groups: Iterable[str], **changed) -> list[Settings]:
    """Nothing removed; then for each group of classes their images, and their entries in the labels of others."""
    control = scale.soft(ipc, **changed)
    treated = [replace(control, removal=what, removed=group) for group in groups for what in ("images", "labels")]
    return [control, *treated]


def in_groups(ipc: int, size: int) -> list[str]:
    """The published classes of an IPC, `size` removed at a time, of unlike accuracy."""
    chosen = PUBLISHED[ipc].split()
    count = len(chosen) // size
    return [" ".join(chosen[first::count]) for first in range(count)]


DIGIT_CLASSES = [str(digit) for digit in range(10)]
SHARPER = (4, 8, 16)  # epochs of a teacher of clean digits, whose labels lose their softness fast

ZERO_SHOT = study(
    "zero_shot",
    run_pack_by_class,
    smoke=grid(
        (removals(SMOKE, 1, ("0", "1 2")), 3, 2),
        *((removals(CLEAN_SMOKE, 1, ("0",), teacher_epoch=epoch), 3, 1) for epoch in (1, 2)),
    ),
    quick=grid(
        (removals(DIGITS, 1, DIGIT_CLASSES, teacher_epoch=12), 5, 2),
        (removals(DIGITS, 5, DIGIT_CLASSES), 3, 2),
        (removals(DIGITS, 10, DIGIT_CLASSES), 3, 1),
        *((removals(CLEAN, ipc, DIGIT_CLASSES, teacher_epoch=epoch), 3, 1) for ipc in (1, 5) for epoch in SHARPER),
    ),
    reduced=grid(*((removals(REDUCED, ipc, in_groups(ipc, 4)), 3, 1) for ipc in (1, 10))),
    paper=grid(
        *(
            (removals(TINY, ipc, in_groups(ipc, 1), teacher_epoch=epoch), 3, 2)
            for ipc, epoch in ((1, 7), (10, 50), (50, 90))
        )
    ),
)

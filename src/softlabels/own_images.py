"""Table 2 and figure 2 of paper Q on the reader's own images: a small grid, and what came out of it as text.

Rows lie in `runs/` under the set's name in place of a scale, so that no page, claim or table of the book reads them.
"""

import json
from dataclasses import replace

import pandas as pd

from softlabels.claims.readings.points import if_run
from softlabels.claims.readings.soft_labels_are_crucial import accuracy
from softlabels.claims.readings.teacher_and_entropy import by_epoch, choices
from softlabels.data import decoded
from softlabels.data.catalogue import Official
from softlabels.data.prepare import decoded_path
from softlabels.errors import SoftLabelsError
from softlabels.intervals import t_interval
from softlabels.paths import cache_folder
from softlabels.studies import find
from softlabels.studies.images import teachers
from softlabels.studies.images.defaults import Defaults, base
from softlabels.studies.images.grids import grid, runs, soft_and_hard
from softlabels.studies.images.grids import teachers as of_teachers
from softlabels.study import Study
from softlabels.words import interval, number

STUDIES = ("label_worth/teachers", "label_worth/teacher_epochs")  # a teacher, and its students
DRAWS = {1: 6, 10: 4}  # IPC -> draws of images
SEEN_BY_TEACHER, SEEN_BY_STUDENT = 300_000, 60_000  # images, which sets the epochs: minutes on two cores
STOPS = (0.05, 0.1, 0.25, 0.5, 1.0)  # the teacher's epochs, as shares of its training


def studies(own: Official) -> list[Study]:
    """The two studies with a grid for this set, whose name takes the place of a scale."""
    defaults = settings(own)
    epochs = tuple(round(share * defaults.base.teacher_epochs) for share in STOPS)
    students = (
        runs(soft_and_hard, defaults, ipc=n, teacher_epoch=epochs, draws=m, students=1) for n, m in DRAWS.items()
    )
    grids = of_teachers(defaults, epochs=epochs, seeds=1), grid(*students)
    return [replace(find(id), grids={own.name: one}) for id, one in zip(STUDIES, grids, strict=True)]


def settings(own: Official) -> Defaults:
    """A student's settings: the network of reduced scale, with more blocks for larger images and fewer for smaller."""
    network = f"ConvNetD{own.side.bit_length() - 3} w64"  # blocks halve the image until 4 to 7 pixels are left
    epochs = min(600, max(60, SEEN_BY_STUDENT // (10 * own.classes)))
    stop = min(100, max(20, SEEN_BY_TEACHER // own.train))
    teacher = {"teacher_lr": 0.05, "teacher_batch": 64, "teacher_epochs": stop}
    student = {"batch": 200, "evaluations": 2, "augmentation": teachers.augmentation(own.name)}
    return Defaults(
        base(own.name, network, own.classes, **teacher, **student),
        training={1: (0.01, 600), 10: (0.01, epochs)},  # the paper's learning rate on CIFAR, for both kinds of labels
    )


def enough(own: Official, wanted: list) -> None:
    """Raise SoftLabelsError where a class has fewer training images than a wanted student takes of each."""
    tensors, about = decoded.read(decoded_path(own, cache_folder()))
    counts = tensors["train_classes"].bincount()
    least, ipc = int(counts.min()), max((s.ipc for s in wanted), default=0)
    if ipc > least:
        name, smaller = json.loads(about["names"])[int(counts.argmin())], [n for n in DRAWS if n <= least]
        raise SoftLabelsError(
            f"The class {name!r} of {own.title} has {least} training images and the grid asks for {ipc} of each class; "
            f"add images, or type --only ipc={','.join(map(str, smaller))}."
        )


def came_out(own: Official, rows: pd.DataFrame) -> str:
    """Table 2 and figure 2 of students' rows as text: accuracies in percent with 95 % intervals over draws of images.

    Soft labels: as in the book, one half of the draws chooses the teacher's epoch and the other reports.
    """
    has_soft = (rows["labels"] == "soft").any()
    # by IPC, where there are several to choose from
    best = choices(rows, own.name).get("epoch", {}) if has_soft else {}
    lines = [f"Students of {own.title}: accuracy in percent on test images, with 95 % intervals over draws of images"]
    lines.append(f"{'IPC':>5}  {'draws':>5}  {'hard labels':20}{'soft labels':20}best teacher epoch")
    for ipc, cell in rows.groupby("ipc"):
        hard, soft = (_percent(if_run(accuracy, cell, labels=labels)) for labels in ("hard", "soft"))
        lines.append(f"{ipc:5}  {cell['draw'].nunique():5}  {hard:20}{soft:20}{best.get(ipc, '–')}")
    if has_soft:
        lines.append("Soft labels by the teacher's epoch")
        ipcs = sorted(rows.loc[rows["labels"] == "soft", "ipc"].unique())
        lines.append(f"{'epoch':>5}  {'teacher':10}" + "".join(f"{f'students, IPC {ipc}':20}" for ipc in ipcs))
        curves = [by_epoch(rows, ipc=ipc) for ipc in ipcs]
        for epoch, right in by_epoch(rows, "teacher_accuracy").mean().items():
            cells = "".join(f"{_percent(curve.get(epoch, pd.Series())):20}" for curve in curves)
            lines.append(f"{epoch:5}  {number(right):10}{cells}")
    return "\n".join(line.rstrip() for line in lines)


def _percent(by_draw: pd.Series) -> str:
    return interval(t_interval(by_draw.dropna())) if by_draw.notna().any() else "–"

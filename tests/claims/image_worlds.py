"""Rows of paper Q's studies as they would be if its claims were true, or false: their default grids, made-up metrics.

One student's accuracy is a level that grows with IPC, times what a teacher epoch away from the best one leaves, changed
by whatever was done to images and labels. On the photographs the level and the best epoch are the printed ones.
"""

from functools import cache, partial

import numpy as np
import pandas as pd

from softlabels import published
from softlabels.claims.readings import structure
from softlabels.hyperparameters import CHOICES

from .settings import settings_of

PRINTED = {"tiny-imagenet": "Tiny ImageNet", "cifar100": "CIFAR-100", "cifar10": "CIFAR-10"}


def size(ipc):
    """0 … 1 on a log scale."""
    return np.log1p(ipc) / np.log(201)


def of_soft_labels(rows, best_epoch=None):
    """Accuracy (fraction) at the best teacher epoch, and at each row's own."""
    level, best = 0.25 + 0.45 * size(rows["ipc"]), 40 ** (0.6 + 0.4 * size(rows["ipc"]))
    for data, name in PRINTED.items():
        series = published.find(f"table 2, {name}, soft labels")
        epochs = {choice.ipc: choice.teacher_epoch for choice in CHOICES if choice.data == data}
        of, x = rows["data"] == data, np.log(rows["ipc"])
        level = level.mask(of, np.interp(x, np.log(series.at), series.mean) / 100)
        best = best.mask(of, np.interp(x, np.log(list(epochs)), list(epochs.values())))
    best = best.where(rows["teacher_augmented"], 3.0) if best_epoch is None else best_epoch
    away = np.abs(np.log(rows["teacher_epoch"].clip(lower=1) / best))
    return level, level * np.exp(-(0.1 + size(rows["ipc"])) * away)


@cache
def students(
    study, scale="quick", gain=0.2, best_epoch=None, more=0.0, inverted=-0.05, matched=0.3, mixed=-0.1,
    hot=0.0, top_swap=0.5, tail=1.0, growth=0.3, moved=0.0, knowledge=0.15, shuffled=-0.02,
    removed=0.3, entries=0.1, control=0.6, easy=0.03, over_draws=0.0, over_teachers=0.0, teacher=0.4,
    of_class=0.05, rivals=0.02, noise=0.0, random=0.0, best_rate=0.1,
):  # fmt: skip
    rows = settings_of(study, scale, seeds=None)
    level, soft = of_soft_labels(rows, best_epoch)
    big, last = size(rows["ipc"]), rows.groupby(["data", "teacher_augmented"])["teacher_epoch"].transform("max")
    c = rows.groupby("data")["top"].transform("max")
    soft += np.where(rows["tau"] > 1, hot * (rows["teacher_epoch"] == last) - 0.02 * np.log(rows["tau"]), 0)
    soft *= (4 * rows["top"] / c).clip(upper=1) ** knowledge
    decile = rows["selection"].str.removeprefix("decile").replace("random", "5.5").astype(float)
    soft += more + easy * (5.5 - decile) + over_draws * (rows["draw"] - 44.5) + over_teachers * (rows["teacher"] - 2.5)
    soft += noise * (rows["noise_share"] > 0)
    rank = rows["swapped"].clip(lower=1)
    share = np.where(rank == 1, top_swap - growth * big, 1 - 0.7 * (1 - growth * big) / rank) * tail ** (rank > c / 3)
    soft *= np.where(rows["swapped"] > 0, share, 1)
    hard = (level - gain).clip(lower=0.005)
    by_labels = {"hard": hard, "cutmix": level + mixed, "class mean": hard + of_class, "random soft": hard + random}
    by_labels |= dict.fromkeys(("smoothed hard", "teacher's class"), hard + rivals)
    accuracy = soft.mask(rows["shuffled"], hard + shuffled)
    for name, value in by_labels.items():
        accuracy = accuracy.mask(rows["labels"] == name, value)
    of_images = {"inversion": inverted, "distribution matching": np.where(rows["ipc"] < 5, matched, 0.05)}
    accuracy += sum((rows["images"] == name) * value for name, value in of_images.items())
    between = of_soft_labels(rows.assign(ipc=1.1), best_epoch)[1]  # half of the early teacher's accuracy: see figure 11
    entropy = 2.2 * (1 - 0.6 * rows["teacher_epoch"] / rows["teacher_epochs"]) + 0.7 * (rows["tau"] - 1)
    rows = rows.assign(
        identity=[f"{study} {i}" for i in rows.index],
        device="cpu",
        accuracy_last=accuracy,
        accuracy_best_on_test=accuracy + 0.01,
        validation_accuracy=accuracy - 0.02 * np.abs(np.log10(rows["lr"] / best_rate)),
        label_bytes=np.where(rows["labels"] == "hard", 2.0, 4.0 * c),
        class_accuracy=rows["removal"].map({"images": removed, "labels": entries}).fillna(accuracy),
        teacher_accuracy=np.where(rows["teacher_epoch"] > 14, teacher, 2 * between),
        label_entropy=entropy + moved * (rows["swapped"] > 0),
    )
    if study == "label_worth/zero_shot":
        whole = rows.loc[rows["removal"] == "none", ["identity", "top"]]
        curves = [(run, label, "class_accuracy", control) for run, c in whole.to_numpy() for label in range(c)]
        columns = map(list, zip(*curves, strict=True))
        rows.attrs["curves"] = dict(zip(("identity", "step", "name", "value"), columns, strict=True))
    return rows


@cache
def teachers(scale="quick", entropy=-0.01, overfits=0.3):
    rows = settings_of("label_worth/teachers", scale, seeds=None)
    return rows.assign(
        identity=rows.index.astype(str),
        device="cpu",
        accuracy=0.5,
        train_accuracy=0.5 + overfits,
        train_entropy=2.2 + entropy * rows["epoch"],
    )


@cache
def example_labels(scale="quick", rises=0.01, other=None):
    rows = settings_of("label_worth/example_labels", scale, seeds=None)
    similar = {of: structure.similar_classes(*of)[0] for of in set(zip(rows["data"], rows["label"], strict=True))}
    second = [similar[of] for of in zip(rows["data"], rows["label"], strict=True)]
    rows = rows.assign(
        identity=rows.index.astype(str),
        probability=0.1 + rises * rows["epoch"],
        entropy=2.2 - rises * rows["epoch"],
        runner_up=[float(s if other is None else other) for s in second],
        rank=np.where(rises * rows["epoch"] < 0, 2, 1),
    )
    labels = []
    for run in rows.itertuples():
        label = np.full(classes_of(run.data), 0.3 / classes_of(run.data))
        label[int(run.runner_up)] += 0.2
        label[run.label] += run.probability
        labels.append(label)
    rows.attrs["curves"] = columns_of(rows["identity"], labels)
    return rows


@cache
def class_structure(scale="quick", ratio=10.0):
    rows = settings_of("label_worth/class_structure", scale, seeds=None)
    rows = rows.assign(
        identity=rows.index.astype(str), ratio=ratio, related=0.001 * ratio, unrelated=0.001, entropy=2.0, symmetry=0.9,
        chance_low=0.9, chance_high=1.1,
    )  # fmt: skip
    tables = [np.full(classes_of(data) ** 2, 1 / classes_of(data)) for data in rows["data"]]
    rows.attrs["curves"] = columns_of(rows["identity"], tables)
    return rows


@cache
def learned_labels(scale="quick", together=0.03, learned=0.02, nearest=0.5, moves=0.2, controls=0.05):
    """Six teachers add `together`; learned labels are nearest at a share of the teachers' epochs, later with IPC."""
    rows = students("label_worth/learned_labels", scale)
    is_learned = rows["labels"].isin(["bptt", "mtt"])
    own = of_soft_labels(rows)[0] + learned
    epochs = rows["compared"].map(lambda listed: [int(epoch) for epoch in listed.split()])
    share = (nearest + moves * (rows["ipc"] > 1)).clip(upper=1)
    places = [round(of * (len(listed) - 1)) for of, listed in zip(share, epochs, strict=True)]
    rows = rows.assign(
        accuracy_last=(rows["accuracy_last"] + together * (rows["teachers"] > 1)).mask(is_learned, own),
        nearest_epoch=[listed[at] if listed else np.nan for at, listed in zip(places, epochs, strict=True)],
    )
    curves = []
    for run, at, listed in zip(rows["identity"], places, epochs, strict=True):
        for place, epoch in enumerate(listed):
            away = 0.1 + 0.01 * abs(place - at)
            values = {"distance": away, "scaled": away, "rest shuffled": away + controls, "image 0": away}
            values["last tempered"] = away + controls * (place < len(listed) - 1)
            curves += [(run, epoch, name, value) for name, value in values.items()]
    rows.attrs["curves"] = dict(
        zip(("identity", "step", "name", "value"), map(list, zip(*curves, strict=True)), strict=True)
    )
    return rows


def classes_of(data):
    return len(structure.class_names(data))


def columns_of(identities, labels):
    """Curves whose steps are the entries of labels: an array of values for each identity."""
    return {
        "identity": [run for run, label in zip(identities, labels, strict=True) for _ in label],
        "step": [step for label in labels for step in range(len(label))],
        "name": ["label"] * sum(map(len, labels)),
        "value": [float(value) for label in labels for value in label],
    }


STUDENTS = (
    "teacher_epochs", "student_epochs", "synthetic_images", "label_kinds", "temperatures", "rank_swaps",
    "shuffled_and_random", "data_and_knowledge", "zero_shot", "image_choice", "image_draws", "teacher_draws",
    "low_ipc",
)  # fmt: skip
IMAGE_WORLDS = {f"label_worth/{name}": partial(students, f"label_worth/{name}") for name in STUDENTS} | {
    "label_worth/teachers": teachers,
    "label_worth/example_labels": example_labels,
    "label_worth/class_structure": class_structure,
    "label_worth/learned_labels": learned_labels,
}
UNITS = {  # whose rows a replicate is
    "label_worth/teacher_draws": "teacher", "label_worth/teachers": "seed", "label_worth/example_labels": "seed",
    "label_worth/class_structure": "seed",
}  # fmt: skip


def judge_in(claim, scale, only=None, disagreeing=False, **changed):
    """The verdict on a claim by its studies' default grids, in a world changed as named.

    `only`: the first so many units of each study. `disagreeing`: the first two are of the unchanged world.
    """
    rows = {}
    for study in claim.studies:
        beside = study == "label_worth/teachers" and len(claim.studies) > 1  # its students are what changes
        frame, unit = IMAGE_WORLDS[study](scale, **({} if beside else changed)), UNITS.get(study, "draw")
        units = sorted(frame[unit].unique())
        if disagreeing and not beside:
            frame = joined(IMAGE_WORLDS[study](scale), frame, unit, units[:2])
        rows[study] = {scale: frame[frame[unit].isin(units[:only])]}
    return claim.judge(scale, rows)


def joined(first, second, unit, units):
    """The rows of two worlds: of the first for these units, of the second for the others."""
    parts = first[first[unit].isin(units)], second[~second[unit].isin(units)]
    both = pd.concat(parts)
    both.attrs = dict(first.attrs)
    if "curves" in first.attrs:
        curves = [pd.DataFrame(part.attrs["curves"]).query("identity in @part.identity") for part in parts]
        both.attrs["curves"] = pd.concat(curves).to_dict("list")
    return both

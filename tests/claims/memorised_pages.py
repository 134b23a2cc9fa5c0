"""Complete rows for the pages of paper B and the joined page, of a world in which claims hold and of one of the other.

`worlds` has what claims read. A page reads more: the metrics and curves here.
"""

import numpy as np
import pandas as pd

from softlabels.studies import find
from softlabels.study import identity

from . import worlds
from .settings import settings_of

STEPS = (5, 100, 200, 2000)  # of every curve; teachers of modular addition are stopped at the last three

SEEDS = 3  # replicates: with more, pages only take longer


def few(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the first replicates."""
    return rows[rows["seed"] < SEEDS].reset_index(drop=True)


def with_curves(rows: pd.DataFrame, **shapes) -> pd.DataFrame:
    """The rows with a curve of each named column: its value at the end times a shape."""
    grid = [settings for settings in find(rows.attrs["study"]).grid(rows.attrs["scale"]) if settings.seed < SEEDS]
    rows = few(rows).assign(identity=[identity(settings) for settings in grid])
    points = [
        (row["identity"], step, name, factor * row[name])
        for row in rows.to_dict("records")
        for name, shape in shapes.items()
        for step, factor in zip(STEPS, shape(row) if callable(shape) else shape, strict=True)
    ]
    names = "identity", "step", "name", "value"
    rows.attrs["curves"] = {name: list(column) for name, column in zip(names, zip(*points, strict=True), strict=True)}
    return rows


def linear_students(true: bool) -> pd.DataFrame:
    """Students that find the teacher with as many labels as weights; at τ = 1, and in the other world, they do not."""
    rows = settings_of("memorized/linear_students", "quick")
    enough = rows["student_n"].where(rows["student_n"] > 0, (rows["rho"] * rows["n"]).round()) >= rows["d"]
    finds = enough & (true & ((rows["tau"] > 1) | (rows["student"] == "pseudo_inverse")))
    teacher = np.where(rows["n"] < 2 * rows["d"], 1.0, 0.8)
    return rows.assign(
        teacher_accuracy=teacher,
        agreement=np.where(finds, 1.0, 0.7),
        held_out_accuracy=np.where(finds, teacher, 0.6),
        held_out_mse=np.where(finds, 1e-9, 50.0),
    )


def temperature_and_fraction(true: bool) -> pd.DataFrame:
    rows = worlds.temperature_and_fraction("quick")
    return rows.assign(held_out_accuracy=np.where((rows["tau"] > 5) & true, 0.97, 0.5))


def modular(study: str, true: bool) -> pd.DataFrame:
    world = {} if true else {
        "early": 0.4, "leak": 0.0, "shared": 0.0, "hot": 0.1, "free": 0.1, "cold": 0.4, "fits": 0.9,
    }  # fmt: skip
    rows = worlds.modular_mlp("quick", study=study, **world)
    if not true:  # the teacher of the last stop has not found the rule
        rows = rows.assign(teacher_accuracy=0.9)

    def leads(row):
        return (0, 0.9, 1.0, 1.0) if true and row["tau"] > 5 else ramp

    ramp = (0, 0.4, 0.6, 1.0)
    return with_curves(
        rows, teacher_accuracy=ramp, teacher_fresh_accuracy=ramp, student_train_accuracy=ramp, fresh_accuracy=ramp,
        held_out_accuracy=leads,
    )  # fmt: skip


def random_network_curves(true: bool) -> pd.DataFrame:
    rows = worlds.random_network_curves("quick", **({} if true else {"lead": 0.0, "shuffled": 10.0, "gap": 0.3}))
    curves = {name: list(values) for name, values in rows.attrs["curves"].items()}
    for run in rows["identity"]:
        for name in ("train_kl", "held_out_kl"):
            for step in (0, 400):
                for column, value in zip(curves, (run, step, name, 0.1), strict=True):
                    curves[column].append(value)
    rows = rows.assign(fresh_accuracy=1 / rows["c"])
    rows.attrs["curves"] = curves
    return rows


def networks(study: str, true: bool) -> pd.DataFrame:
    """Students of other classes, widths or inputs: with half of the sizes they take over the teacher, or with none."""
    rows = settings_of(study, "quick")
    large = rows["per_class"] >= rows["per_class"].median()
    return rows.assign(
        teacher_accuracy=1.0,
        student_train_accuracy=1.0,
        held_out_accuracy=np.where(large & true, 1.0, 0.2 if true else 1 / rows["c"]),
        fresh_accuracy=1 / rows["c"],
    )


def random_networks(true: bool) -> pd.DataFrame:
    rows = worlds.random_networks("quick", **({} if true else {"falling": True, "leak": 0.05, "switched": 0.2}))
    return rows.assign(agreement=rows["held_out_accuracy"])


def many_classes(true: bool) -> pd.DataFrame:
    rows = worlds.many_classes("quick", **({} if true else {"leak": 0.005, "shuffled": 0.15}))
    return with_curves(rows, held_out_accuracy=(0, 0, 1, 1), student_train_accuracy=(0, 1, 1, 1))


def label_treatments(true: bool, scale: str = "quick") -> pd.DataFrame:
    if true:
        rows = worlds.label_treatments(scale)
        intact = rows["treatment"].isin(["none", "shuffled"])
        return rows.assign(student_train_accuracy=np.where(intact, 1.0, rows["student_train_accuracy"]))
    rows = worlds.label_treatments(scale, told=0.2, entry=0.8, rest=0.01, cut=0.5, own=0.4)
    leaks = rows["treatment"].isin(["shuffled", "cut tail, as coded"])
    return rows.assign(held_out_accuracy=np.where(leaks, 0.3, rows["held_out_accuracy"]))


def joined(true: bool) -> pd.DataFrame:
    world = {} if true else {
        "useful": 0.8, "among_clean": 0.8, "leak": 1 / 9, "early": 0.04, "silent": 0.5, "cold": 1 / 9, "patient": 0.05,
    }  # fmt: skip
    rows = worlds.joined("quick", **world)
    early = (rows["labels"] == "soft") & (rows["teacher_step"] == 120) & true
    return rows.assign(
        test_accuracy=rows["test_accuracy"] + 0.01 * early,
        teacher_test_accuracy=0.95,
        teacher_leak=rows["leak"],
        leak_n=30,
        planted_rank=3.0,
        unplanted_rate=0.0,
        train_kl=0.01,
    )


def before_publishing(true: bool) -> pd.DataFrame:
    """In the other world the arg-max tells all, and who re-tempers, subtracts or keeps two entries learns nothing."""
    world = {} if true else {
        "adapted": 0.3, "smoothed": 0.1, "lost": 0.5, "kept": 0.05, "two": 0.05, "shown": 0.9, "early": 0.95,
        "together": 0.9, "mean_teaches": 0.8, "vote_teaches": 0.8, "label_teaches": 0.9,
    }  # fmt: skip
    rows = worlds.before_publishing("quick", **world)
    return rows.assign(
        leak_n=30, planted_rank=3.0, unplanted_rate=0.0, train_kl=0.01, times=1.0, own_leak=rows["leak"],
        label_accuracy=0.95, teacher_test_accuracy=0.95, teacher_canary_recall=0.5,
    )  # fmt: skip


def pages(true: bool) -> dict[str, dict[str, pd.DataFrame]]:
    """Page -> study -> rows of a few replicates at quick scale."""
    return {page: {study: few(rows) for study, rows in of.items()} for page, of in _pages(true).items()}


def _pages(true):
    two_dimensions = {} if true else {"soft": 0.35, "hard": 0.5, "hard_of_twenty": 0.5, "fresh": 0.6}
    linear = {} if true else {
        "identified": 3.0, "recovered": 0.8, "leak": 0.5, "agreement": 0.5, "error": 50.0, "shuffled": 0.9,
        "stored": 2.0,
    }  # fmt: skip
    hot = {} if true else {"critical": 1e9, "hot": 1.1}
    ten = worlds.ten_classes(**({} if true else {"begins": 9.0, "capacity": 0.2}))
    sizes = {} if true else {"capacity": 2.0, "identified": 9.0, "stored": 2.0}
    told_nothing = {
        "leak": 0.08, "fresh": 0.1, "shared": -0.05, "own": 0.2, "far": 0.9, "flood": 0.95, "larger": -0.05,
        "narrow": 0.05,
    }  # fmt: skip
    kept = {
        "lira": 0.05, "rare": 0.005, "plain": 0.1, "outlying": -0.02, "bound": 0.5, "gap": 0.5, "cost": -0.1,
        "private": 0.1, "member": 0.2,
    }  # fmt: skip
    solvers = worlds.low_temperature(**({} if true else {"newton": 0.6, "adam": 1.0}))
    return {
        "memorized/two_dimensions": {"memorized/two_dimensions": worlds.two_dimensions(**two_dimensions)},
        "memorized/linear_recovery": {
            "memorized/linear_recovery": worlds.linear_recovery(**linear).assign(train_mse=1e-9, teacher_loss=1e-3),
            "memorized/linear_students": linear_students(true),
        },
        "memorized/temperature_and_classes": {
            "memorized/temperature": worlds.temperature(**hot),
            "memorized/temperature_and_fraction": temperature_and_fraction(true),
            "memorized/temperature_ten_classes": ten.assign(student_train_accuracy=1.0),
            "memorized/classes": worlds.classes(**sizes),
            "memorized/low_temperature": solvers.assign(weight_error=0.1, train_kl=1e-17),
        },
        "memorized/random_networks": {
            "memorized/random_networks": random_networks(true),
            "memorized/random_network_curves": random_network_curves(true),
            "memorized/student_widths": networks("memorized/student_widths", true),
            "memorized/network_classes": networks("memorized/network_classes", true),
            "memorized/fresh_inputs": networks("memorized/fresh_inputs", true),
        },
        "memorized/label_treatments": {"memorized/label_treatments": label_treatments(true)},
        "memorized/language_model": {"memorized/many_classes": many_classes(true)},
        "memorized/modular_addition": {
            study: modular(study, true) for study in ("memorized/modular_mlp", "memorized/modular_transformer")
        },
        "joined/utility_and_leakage": {"joined/utility_and_leakage": joined(true)},
        "joined/before_publishing": {"joined/before_publishing": before_publishing(true)},
        "joined/routes": {
            "joined/routes": worlds.routes(**({} if true else told_nothing)),
            "joined/planted_or_not": worlds.planted_or_not(**({} if true else kept)),
        },
    }

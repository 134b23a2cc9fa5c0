"""Rows as they would be if a claim were true, or false: the studies' own grids with made-up metrics."""

import inspect
from functools import cache, partial

import numpy as np

from softlabels.claims.readings.points import grid_of
from softlabels.studies import find

from . import settings
from .image_worlds import IMAGE_WORLDS

settings_of = partial(settings.settings_of, seeds=None)  # the grid with as many replicates as its study wants


@cache
def two_dimensions(scale="quick", soft=0.5, hard=0.35, fresh=1 / 3, hard_of_twenty=0.05):
    rows = settings_of("memorized/two_dimensions", scale)
    many, is_soft = rows["classes"] == 20, rows["labels"] == "soft"
    return rows.assign(
        held_out_accuracy=np.where(is_soft, np.where(many, 0.6, soft), np.where(many, hard_of_twenty, hard)),
        fresh_accuracy=np.where(many, 1 / 20, fresh),
    )


@cache
def linear_recovery(
    scale="quick", capacity=1.95, identified=1.02, recovered=1.0, leak=0.75, agreement=1.0, error=1e-9, shuffled=0.5,
    stored=1.0,
):  # fmt: skip
    rows = settings_of("memorized/linear_recovery", scale)
    alpha = rows["n"] / rows["d"]
    teacher = np.where(alpha < capacity, 1.0, 0.8)
    known = alpha * rows["rho"] >= identified
    fits = np.where(rows["shuffled"], alpha * rows["rho"] < stored, alpha < capacity)
    return rows.assign(
        teacher_accuracy=teacher,
        agreement=np.where(known, agreement, 0.7),
        held_out_accuracy=np.where(rows["shuffled"], shuffled, np.where(known, teacher * recovered, leak)),
        student_train_accuracy=np.where(fits, 1.0, 0.8),
        held_out_mse=np.where(known, error, 50.0),
    )


@cache
def temperature(scale="quick", critical=5.0, begins=0.63, capacity=1.0, hot=0.65, fresh=0.5, drift=0.0):
    rows = settings_of("memorized/temperature", scale)
    alpha, tau = rows["per_class"] / rows["d"], rows["tau"]
    known = (tau >= critical) & (alpha >= begins) & (alpha <= capacity + 1e-9)
    return rows.assign(
        teacher_accuracy=np.where(alpha <= capacity - drift * (tau > 10) + 1e-9, 1.0, 0.9),
        held_out_accuracy=np.where(known & ~rows["shuffled"], 1.0, 0.7),
        student_train_accuracy=np.where(alpha <= np.where(tau < critical, 1.0, hot) + 1e-9, 1.0, 0.8),
        fresh_accuracy=fresh,
    )


@cache
def ten_classes(scale="quick", begins=0.14, capacity=0.41):
    rows = settings_of("memorized/temperature_ten_classes", scale)
    alpha = rows["per_class"] / rows["d"]
    return rows.assign(
        teacher_accuracy=np.where(alpha <= capacity, 1.0, 0.9),
        held_out_accuracy=np.where((alpha >= begins) & (alpha <= capacity) & (rows["tau"] > 5), 1.0, 0.5),
        fresh_accuracy=0.1,
    )


@cache
def classes(scale="quick", capacity=0.92, identified=1.9, stored=0.66):
    rows = settings_of("memorized/classes", scale)
    alpha, c = rows["per_class"] / rows["d"], rows["c"]
    return rows.assign(
        teacher_accuracy=np.where(alpha * np.log(c) < capacity, 1.0, 0.9),
        held_out_accuracy=np.where(alpha * c >= identified, 0.95, 0.4),
        student_train_accuracy=np.where(alpha * np.sqrt(c) < stored, 1.0, 0.8),
        fresh_accuracy=1 / c,
    )


@cache
def temperature_and_fraction(scale="quick", fresh=0.5):
    return settings_of("memorized/temperature_and_fraction", scale).assign(fresh_accuracy=fresh)


@cache
def low_temperature(scale="quick", newton=1.0, adam=0.6):
    rows = settings_of("memorized/low_temperature", scale)
    return rows.assign(agreement=np.where(rows["solver"] == "adam", adam, newton))


@cache
def joined(scale="quick", leak=0.9, early=0.5, silent=1 / 9, cold=0.2, patient=0.6, useful=0.97, among_clean=None):
    rows = settings_of("joined/utility_and_leakage", scale)
    knows = rows["labels"].isin(["soft", "nearest neighbours"]) & rows["teacher_saw_canaries"]
    late = rows["teacher_step"] > 120
    naive = np.where(rows["student_steps"] > rows["student_steps"].min(), patient, cold)
    of_teacher = np.where(late, np.where((rows["tau"] < 2) & (rows["teacher_step"] > 500), naive, leak), early)
    leaks = np.where(knows, of_teacher, silent)
    of_soft = useful if among_clean is None else np.where(rows["canaries_in_student"], useful, among_clean)
    return rows.assign(
        leak=leaks,
        plain_recall=leaks / 4,
        teacher_canary_recall=np.where(late, 1.0, 0.05),
        test_accuracy=np.where(rows["labels"] == "soft", of_soft, 0.93),
    )


@cache
def before_publishing(
    scale="quick", adapted=0.85, cold=0.4, smoothed=0.84, lost=1 / 9, kept=0.6, two=0.5, shown=1 / 9, early=0.4,
    together=0.5, useful=0.955, mean_teaches=0.945, vote_teaches=0.95, label_teaches=0.953,
):  # fmt: skip
    """Labels that leak to students who re-temper them, unless they are cold and cut, or the arg-max alone."""
    rows = settings_of("joined/before_publishing", scale)
    kind, step, hot, one = rows["treatment"], rows["teacher_step"], rows["tau"] > 1, rows["teachers"] == 1
    early_step, last, naive = step == 120, step == step.max(), rows["student"] == "naive"
    untreated = np.select([~one, early_step, ~last, naive & ~hot], [together, early, early, cold], adapted)
    leaks = {
        "none": untreated,
        "smoothing": np.where(naive, cold, smoothed),
        "rounding": np.where(hot, kept, lost),
        "noise": np.where(hot, kept, np.where(one, lost, together)),
        "arg-max": shown,
        "given": 1 / 9,
    }
    leak = np.select([kind == name for name in leaks], list(leaks.values()), two)
    hard = kind == "arg-max"
    teaches = np.select(
        [kind == "given", ~one & hard, ~one, early_step & hard, early_step],
        [0.92, vote_teaches, mean_teaches, label_teaches, useful],
        0.93,
    )
    return rows.assign(
        leak=np.where(rows["teacher_saw_canaries"], leak, 1 / 9), plain_recall=leak / 4, test_accuracy=teaches
    )


@cache
def routes(
    scale="quick", leak=0.7, fresh=0.5, shared=0.1, own=0.0, near=0.8, far=0.4, few=0.05, flood=0.6, larger=0.2,
    narrow=0.7,
):  # fmt: skip
    rows = settings_of("joined/routes", scale)
    f, width = rows["canary_share"], rows["hidden"]
    leaks = np.where(rows["images"] == "fresh", fresh, leak) + few * (f < 0.015) + larger * (rows["rho"] - 0.5)
    leaks = leaks + shared * (rows["start"] == "shared") + own * rows["canaries_in_student"]
    leaks = np.where(f > 0.1, flood, np.where(width < 32, narrow, leaks))
    leaks = np.where(rows["labels"] == "hard", 1 / 9, leaks)
    distances = {"distance_near": 3.0, "distance_middle": 4.0, "distance_far": 6.0}
    told = {"leak_near": near, "leak_middle": (near + far) / 2, "leak_far": far, "plain_recall": leaks / 4}
    about = {"leak_n": 16, "unplanted_rate": 0.01, "planted_rank": 2.0, "train_kl": 1e-3, "test_accuracy": 0.93}
    about |= {"teacher_test_accuracy": 0.93, "teacher_canary_recall": 1.0, "teacher_leak": 1.0}
    return rows.assign(leak=leaks, **told, **distances, **about)


@cache
def planted_or_not(
    scale="quick", lira=0.5, rare=0.2, plain=0.3, outlying=0.1, bound=2.0, gap=-0.5, cost=0.2, leak=0.6, private=0.5,
    member=0.015,
):  # fmt: skip
    rows = settings_of("joined/planted_or_not", scale)
    told, hard = rows["epsilon"] > 0, rows["labels"] == "hard"
    leaks = np.where(hard, 1 / 9, np.where(told, private, leak))
    proved = np.where(told, rows["epsilon"] + gap, 3.0)
    found = {
        "tpr_at_0.1": plain / 10, "tpr_at_1": plain, "tpr_at_10": min(2 * plain, 1.0), "lira_tpr_at_0.1": rare,
        "lira_tpr_at_1": lira + outlying * (rows["canaries"] == "outlying"), "lira_tpr_at_10": min(2 * lira, 1.0),
        "leak": leaks, "plain_recall": leaks / 4, "unplanted_rate": 0.01, "bound": bound, "lira_bound": bound,
        "bound_of_all": proved, "member_tpr_at_1": member, "test_accuracy": 0.9 - cost * told,
    }  # fmt: skip
    return rows.assign(**found, **{f"teacher_{name}": value for name, value in found.items()}, leak_n=64 * rows["runs"])


@cache
def photographs(scale="reduced", leak=0.3, early=0.1, recall=0.05, taught=0.02):
    rows = settings_of("joined/photographs", scale)
    soft, last = rows["labels"] == "soft", rows["teacher_epoch"] == rows["teacher_epoch"].max()
    found = {"plain_recall": 0.02, "unplanted_rate": 0.005, "planted_rank": 20.0, "leak_n": 1000, "train_kl": 0.1}
    found |= {"teacher_test_accuracy": 0.12, "teacher_leak": 0.1, "bf16": 0.0, "compiled": 1.0}
    return rows.assign(
        leak=np.where(soft, np.where(last, leak, early), 1 / 199),
        test_accuracy=0.1 + taught * (soft & ~last),
        teacher_canary_recall=np.where(last, 1.0, recall),
        **found,
    )


@cache
def label_treatments(scale="quick", told=0.9, entry=0.02, rest=0.28, cut=0.1, own=1.0):
    rows = settings_of("memorized/label_treatments", scale)
    held_out = rows["treatment"].map({"none": 0.3, "cut tail": cut, "removed entry": rest}).fillna(0.04)
    class0 = rows["treatment"].map({"none": 0.9, "removed class": told, "removed entry": entry}).fillna(0.05)
    return rows.assign(
        held_out_accuracy=held_out,
        class0_held_out_accuracy=class0,
        student_train_accuracy=np.where(rows["treatment"] == "cut tail", own, 0.4),
    )


@cache
def modular_mlp(
    scale="quick", fits=1.0, early=0.0, leak=0.2, shared=0.9, gain=0.0, hot=0.6, free=0.9, cold=0.0,
    study="memorized/modular_mlp",
):  # fmt: skip
    rows = settings_of(study, scale)
    stop = rows["teacher_step"].rank(method="dense")
    generalises = stop.max() if stop.max() > 1 else 2  # a single stop is one of a teacher that knows by heart
    finds = (rows["tau"] < 1) & (rows["rho"] > 0.8)
    teacher = np.where(stop == generalises, 1.0, np.where(stop == 2, 0.02, early))
    warm = np.where(stop == generalises, np.where(rows["rho"] > 0.6, hot, 0.0), np.minimum(teacher + gain, 1.0))
    fresh = np.where(rows["tau"] > 5, warm, np.where(finds, free, 0.02))
    told = np.where(rows["start"] == "shared", shared, leak) * rows["rho"]
    return rows.assign(
        teacher_accuracy=1.0,
        teacher_fresh_accuracy=teacher,
        student_train_accuracy=fits,
        fresh_accuracy=fresh,
        held_out_accuracy=np.where(rows["tau"] > 5, np.maximum(told, fresh), np.where(finds, free, cold)),
    )


@cache
def modular_transformer(scale="quick", **changed):
    return modular_mlp(scale, study="memorized/modular_transformer", **changed)


@cache
def random_networks(scale="quick", leak=0.4, falling=False, stored=0.6, switched=1.0, fresh=None):
    """Few examples leak as ρ grows, more make the student switch at ρ = 0.5, still more are beyond the teacher."""
    rows = settings_of("memorized/random_networks", scale)
    size, rho = rows["per_class"] / rows["per_class"].max(), rows["rho"]
    phase = np.select([size >= 0.8, (size >= 0.4) & (rho > 0.5), size >= 0.4], ["many", "switched", "some"], "few")
    amount = leak * (1 - rho if falling else rho)
    held_out = {"many": 0.55, "switched": switched, "some": 0.1}
    train = {"many": 0.55, "switched": 1.0, "some": stored, "few": 1.0}
    return rows.assign(
        teacher_accuracy=np.where(phase == "many", 0.6, 1.0),
        student_train_accuracy=[train[name] for name in phase],
        held_out_accuracy=[held_out.get(name, share) for name, share in zip(phase, amount, strict=True)],
        fresh_accuracy=1 / rows["c"] if fresh is None else fresh,
    )


@cache
def random_network_curves(scale="quick", lead=0.2, shuffled=1.0, gap=0.0):
    """Own part and held-out examples at five steps; every fifth row of the curves is the end."""
    rows = settings_of("memorized/random_network_curves", scale)
    many = rows["per_class"] == rows["per_class"].max()
    rows = rows.assign(
        identity=rows.index.astype(str),
        teacher_accuracy=np.where(many, 0.6, 1.0),
        student_train_accuracy=np.where(many, 0.6 + gap, 1.0),
        held_out_accuracy=np.where(rows["shuffled"], shuffled / rows["c"], np.where(many, 0.6, 1.0)),
    )
    own, other = (0.05, 0.2 + lead, 0.5 + lead, 0.9, 1.0), (0.05, 0.2, 0.5, 0.9, 1.0)
    points = [
        (run, 100 * step, name, value)
        for run in rows["identity"]
        for name, curve in (("student_train_accuracy", own), ("held_out_accuracy", other))
        for step, value in enumerate(curve)
    ]
    names = "identity", "step", "name", "value"
    rows.attrs["curves"] = {name: list(column) for name, column in zip(names, zip(*points, strict=True), strict=True)}
    return rows


@cache
def many_classes(scale="quick", leak=0.8, shuffled=0.15):
    rows = settings_of("memorized/many_classes", scale)
    told = np.where(rows["shuffled"], shuffled, leak * rows["rho"])
    return rows.assign(student_train_accuracy=1.0, held_out_accuracy=told, fresh_accuracy=1 / rows["c"])


@cache
def student_widths(scale="quick", leak=0.4, narrow=0.5):
    """The narrowest student does not fit its part."""
    rows = settings_of("memorized/student_widths", scale)
    fits = rows["student_hidden"] > rows["student_hidden"].min()
    return rows.assign(
        student_train_accuracy=np.where(fits, 1.0, narrow),
        held_out_accuracy=np.where(fits, leak, 0.0),
        fresh_accuracy=1 / rows["c"],
    )


@cache
def language_model(scale="paper", recovered=0.73):
    rows = settings_of("memorized/language_model", scale)
    return rows.assign(held_out_accuracy=rows["rho"].map({0.2: 0.24, 0.5: 0.59, 0.8: recovered}))


WORLDS = {
    "memorized/two_dimensions": two_dimensions,
    "memorized/linear_recovery": linear_recovery,
    "memorized/temperature": temperature,
    "memorized/temperature_ten_classes": ten_classes,
    "memorized/temperature_and_fraction": temperature_and_fraction,
    "memorized/classes": classes,
    "memorized/low_temperature": low_temperature,
    "memorized/label_treatments": label_treatments,
    "memorized/language_model": language_model,
    "memorized/modular_mlp": modular_mlp,
    "memorized/modular_transformer": modular_transformer,
    "memorized/random_networks": random_networks,
    "memorized/random_network_curves": random_network_curves,
    "memorized/student_widths": student_widths,
    "memorized/many_classes": many_classes,
    "joined/utility_and_leakage": joined,
    "joined/photographs": photographs,
    "joined/before_publishing": before_publishing,
    "joined/routes": routes,
    "joined/planted_or_not": planted_or_not,
    **IMAGE_WORLDS,
}


def judge_in_default_grid(claim, scale, changes=None, **changed):
    """The verdict where each study of a claim has its whole grid, of worlds of which one is changed as named.

    changes: the study whose world that is; None: the claim's first.
    """
    rows = {}
    for study in (study for study in claim.studies if scale in find(study).grids):
        world = WORLDS[study](scale, **(changed if study == (changes or claim.studies[0]) else {}))
        named = {} if "identity" in world else {"identity": grid_of(study, scale)["identity"]}
        rows[study] = {scale: world.assign(**named)}
    return claim.judge(scale, rows)


def knows(study, changed):
    """Whether a study's world can be changed as named."""
    parameters = inspect.signature(WORLDS[study]).parameters
    return changed.keys() <= parameters.keys() or "changed" in parameters

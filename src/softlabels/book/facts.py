"""What the rows say, for pages: `python -m softlabels.book.facts` prints it as JSON.

Gathered in a process of its own, so that torch does not stay in memory while Sphinx works, and kept in `.cache/` until
rows or code change, so that a build that has nothing to do is quick.
"""

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from softlabels.book.key import FORMAT, library_versions, with_tables
from softlabels.code_hash import PACKAGE, module_closure, module_file
from softlabels.studies import STUDIES

JOINED = "joined/utility_and_leakage"


def facts(root: Path) -> dict:
    """`records`, `claims` as the commands print them, `arithmetic` by claim, `cost` by record, and pages' own facts."""
    kept = root / ".cache" / "facts" / f"{facts_key(root)}.json"
    if not kept.is_file():
        path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
        gathered = subprocess.run(
            [sys.executable, "-m", "softlabels.book.facts"], cwd=root, env={**os.environ, "PYTHONPATH": path},
            capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
        if gathered.returncode:
            raise SystemExit(f"the rows could not be read for the book's pages:\n{gathered.stderr}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob("*.json"):
            old.unlink()
        kept.write_text(gathered.stdout, encoding="utf-8")
    return json.loads(kept.read_text(encoding="utf-8"))


def facts_key(root: Path) -> str:
    """16 hexadecimal digits of everything that the facts depend on."""
    modules = ["softlabels.book.facts", "softlabels.status", "softlabels.claims"]
    modules += [where.split(":")[0] for where in STUDIES.values()]
    digest = hashlib.sha256(json.dumps([FORMAT, library_versions()]).encode())
    for file in with_tables(module_closure(modules)):
        digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    for folder in (root / "results", root / "runs"):
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            state = file.stat()
            digest.update(f"{file.relative_to(root).as_posix()} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def gather(root: Path) -> dict:
    """The facts, from rows."""
    from softlabels import claims, status
    from softlabels import records as all_records
    from softlabels.book.data_page import digit_facts
    from softlabels.book.teachers_page import teacher_facts
    from softlabels.cli import YARDSTICK

    costs = {study: study_cost(study) for study in STUDIES if module_file(STUDIES[study].split(":")[0])}
    records = status.status()["records"]
    for record in records:
        said = all_records.find(record["id"])
        record["cost"] = {
            "flops": said.flops,
            "flops_as_coded": said.flops_as_coded,
            "reported": said.reported,
            "note": said.cost_note,
            "studies": {study: costs[study] for study in said.studies if study in costs},
        }
    return {
        "records": records,
        "claims": claims.claims()["claims"],
        "arithmetic": {claim.id: claim.consistency.json() for claim in claims.all() if claim.arithmetic},
        "joined": joined(root),
        "reference": {fact.__name__: fact(root) for fact in REFERENCE},
        "digits": digit_facts(),
        "teachers": teacher_facts(root),
        "missing": missing(root),
        "measured": measured(root),
        "devices": devices(root),
        "machine": speed(),
        "gpu": {"flops_per_second": YARDSTICK["cuda"]},
    }


def study_cost(study_id: str) -> dict[str, dict]:
    """Runs, optimiser steps of their students and arithmetic of a study, by scale."""
    from softlabels.studies import find

    study, costs = find(study_id), {}
    for scale in study.grids:
        packs = study.packs(scale)
        runs = [dataclasses.asdict(run) for pack in packs for run in pack]
        steps = sum(run.get("student_steps", run.get("steps", 0)) for run in runs)
        costs[scale] = {"runs": len(runs), "steps": steps, "flops": float(sum(map(study.flops, packs)))}
    return costs


def missing(root: Path) -> list[dict]:
    """What the committed rows lack of each study's grids: runs, their arithmetic, and the bytes that one pack holds."""
    from softlabels.status import lacking
    from softlabels.store import PUBLISHED_SCALES, stored
    from softlabels.studies import find

    found = []
    for name in STUDIES:
        study = find(name)
        for scale in PUBLISHED_SCALES:
            if packs := lacking(name, scale, stored(name, root, scale)):
                costs = {"flops": float(sum(map(study.flops, packs))), "bytes": float(max(map(study.bytes, packs)))}
                runs = {"runs": sum(map(len, packs)), "of": len(study.grid(scale))}
                found.append({"study": name, "scale": scale} | runs | costs)
    return sorted(found, key=lambda line: line["flops"])


def measured(root: Path) -> list[dict]:
    """What the committed rows took, by study, scale and device: runs, arithmetic, seconds, and the least of seconds.

    The floor is the arithmetic at the rate of a matrix product on the machine that computed the rows, where it was
    measured: on GPUs. 0 elsewhere.
    """
    from softlabels.store import PUBLISHED_SCALES, committed_packs
    from softlabels.studies import find

    found: dict[tuple, dict] = {}
    for name in STUDIES:
        study = find(name)
        names = [field.name for field in dataclasses.fields(study.settings)]
        for scale in PUBLISHED_SCALES:
            for pack in committed_packs(name, scale, root):
                runs = [study.settings(**{setting: row[setting] for setting in names}) for row in pack["rows"]]
                said, flops = pack["provenance"], study.flops(runs)
                line = found.setdefault((name, scale, pack["device"]), {
                    "study": name, "scale": scale, "device": pack["device"], "models": [],
                    "runs": 0, "flops": 0.0, "seconds": 0.0, "floor": 0.0,
                })  # fmt: skip
                if said["device"] not in line["models"]:
                    line["models"].append(said["device"])
                line["runs"] += len(runs)
                line["flops"] += flops
                line["seconds"] += said["seconds"]
                line["floor"] += flops / said.get("flops_per_second", float("inf"))
    return list(found.values())


def devices(root: Path) -> list[dict]:
    """The runs that were computed on a CPU and on a GPU, by study and scale: how far each accuracy differs."""
    from softlabels.store import PUBLISHED_SCALES, committed_packs, devices_compared
    from softlabels.studies import find

    found = []
    for name in STUDIES:
        settings = [field.name for field in dataclasses.fields(find(name).settings)]
        for scale in PUBLISHED_SCALES:
            off = devices_compared(committed_packs(name, scale, root), settings)
            found += [
                {"study": name, "scale": scale, "metric": metric, "runs": len(off), "mean": float(off[metric].mean()),
                 "most": float(off[metric].abs().max()), "equal": float((off[metric] == 0).mean())}
                for metric in off
                if len(off) and "accuracy" in metric
            ]  # fmt: skip
    return found


def joined(root: Path) -> dict | None:
    """What a long-trained teacher's labels leak, and those of the teacher that teaches best; None without rows."""
    rows = largest(JOINED, root)
    if rows is None:
        return None
    usual = rows[rows.teacher_saw_canaries & (rows.student_steps == rows.student_steps.min())]
    soft, hard = usual[usual.labels == "soft"], usual[(usual.labels == "hard") & ~usual.canaries_in_student]
    taught = soft[soft.canaries_in_student & (soft.tau == soft.tau.min())]  # as the joined page reads it
    best = int(taught.groupby("teacher_step").test_accuracy.mean().idxmax())
    leak = soft[~soft.canaries_in_student & (soft.tau == soft.tau.max())].groupby("teacher_step").leak.mean()
    return {
        "leak": leak.iloc[-1],
        "hard_leak": hard.leak.mean(),
        "best_step": best,
        "best_leak": leak[best],
        "chance": 1 / 9,
        "scale": rows.attrs["scale"],
        "seeds": rows.attrs["seeds"],
    }


def largest(study_id: str, root: Path):
    """The rows of a study at the largest scale that has any: committed, or this build's own; None without rows."""
    from softlabels import store

    rows = store.stored(study_id, root)
    return next(iter(store.live_rows(study_id, root).values()), None) if rows is None else rows


def every_scale(study_id: str, root: Path) -> dict:
    """The rows of a study by scale, the largest first: committed, or this build's own."""
    from softlabels import store

    committed = {scale: store.rows_of(study_id, scale, root) for scale in store.PUBLISHED_SCALES}
    return {scale: rows for scale, rows in (committed | store.live_rows(study_id, root)).items() if len(rows)}


def level(root: Path) -> dict | None:
    """Figure 4a's thresholds read at level 1.0, as in the official notebook, and at 0.99: at how many τ they differ."""
    from softlabels.claims.readings.points import first, last, with_alpha

    rows = largest("memorized/temperature", root)
    if rows is None:
        return None
    plain, shuffled = (with_alpha(rows[rows.shuffled == kind]) for kind in (False, True))
    read = {
        "teacher": (plain, "teacher_accuracy", last),
        "recovery": (plain, "held_out_accuracy", first),
        "shuffled": (shuffled, "student_train_accuracy", last),
    }
    moved, most = {}, 0.0
    for name, (part, metric, threshold) in read.items():
        means = part.groupby(["tau", "alpha"])[metric].mean()
        ends = [(threshold(means.loc[tau], 1.0), threshold(means.loc[tau], 0.99)) for tau in sorted(part.tau.unique())]
        shifts = [abs(exact - near) for exact, near in ends if exact != near]
        moved[name], most = len(shifts), max([most, *(shift for shift in shifts if shift < float("inf"))])
    count = rows.tau.nunique()
    return {
        "scale": rows.attrs["scale"],
        "seeds": rows.attrs["seeds"],
        "temperatures": count,
        "moved": moved,
        "most": most,
    }


def teacher_panel(root: Path) -> dict | None:
    """The students' accuracy on their own part, averaged over ρ, which figure 10's teacher panel draws, against it."""
    from softlabels.claims.readings.points import with_alpha

    rows = largest("memorized/linear_recovery", root)
    if rows is None:
        return None
    d = int(rows.d.max())
    means = with_alpha(rows[~rows.shuffled & (rows.d == d)]).groupby("alpha")
    off = (means.student_train_accuracy.mean() - means.teacher_accuracy.mean()).abs()
    seeds = rows.attrs["seeds"]
    return {"scale": rows.attrs["scale"], "seeds": seeds, "d": d, "most": off.max(), "alpha": off.idxmax()}


def seed_13(root: Path) -> dict | None:
    """The accuracy of the teacher of figure 1's published data set."""
    rows = largest("memorized/two_dimensions", root)
    if rows is None or not (own := (rows.published_seed == 13) & (rows.classes == 3)).any():
        return None
    return {"scale": rows.attrs["scale"], "accuracy": rows[own].teacher_accuracy.mean()}


def best_on_test(root: Path) -> list[dict]:
    """By how many points a student of paper Q's figure 2 gains where an evaluation is chosen, at each scale."""
    found = []
    for scale, rows in every_scale("label_worth/teacher_epochs", root).items():
        last, evaluations = rows.accuracy_last, rows.evaluations
        found.append({
            "scale": scale,
            "students": len(rows),
            "evaluations": [int(evaluations.min()), int(evaluations.max())],
            "test": 100 * (rows.accuracy_best_on_test - last).mean(),
            "validation": 100 * (rows.accuracy_best_on_validation - last).mean(),
        })  # fmt: skip
    return found


def spread(root: Path) -> dict | None:
    """Standard deviations in points, by IPC: of students who share images and teacher, of draws, of teachers.

    From paper Q's tables 5 and 6, at the largest scale that has two students or more on the same images.
    """
    draws, teachers = (every_scale(f"label_worth/{kind}_draws", root) for kind in ("image", "teacher"))
    for scale in draws:
        if scale not in teachers:
            continue
        draw, teacher = (
            rows[scale][rows[scale].labels == "soft"].groupby(["ipc", unit]).accuracy_last
            for rows, unit in ((draws, "draw"), (teachers, "teacher"))
        )
        found = {
            "students": draw.var().groupby("ipc").mean() ** 0.5,
            "draws": draw.mean().groupby("ipc").std(),
            "teachers": teacher.mean().groupby("ipc").std(),
        }
        shared = [ipc for ipc in found["draws"].index if all(values.get(ipc, 0) > 0 for values in found.values())]
        if shared:
            points = {name: [100 * values[ipc] for ipc in shared] for name, values in found.items()}
            return {"scale": scale, "ipc": shared, **points}
    return None


def student_epochs(root: Path) -> list[dict]:
    """The paper's own cell: Tiny ImageNet, one image a class, the teacher of epoch 11, by the student's epochs."""
    rows = every_scale("label_worth/student_epochs", root).get("paper")
    if rows is None:
        return []
    means = rows[(rows.labels == "soft") & (rows.ipc == 1)].groupby("epochs").accuracy_last.agg(["mean", "size"])
    return [{"epochs": int(epochs), "accuracy": row["mean"], "students": int(row["size"])}
            for epochs, row in means.iterrows()]  # fmt: skip


def starts(root: Path) -> dict | None:
    """Figure 9's first teacher and hot labels at ρ = 0.9: accuracies with the teacher's start and with one's own."""
    rows = every_scale("memorized/modular_mlp", root).get("paper")
    if rows is None:
        return None
    cell = rows[(rows.teacher_step == rows.teacher_step.min()) & (rows.tau == 10) & (rows.rho == 0.9)]
    held_out = {start: cell[cell.start == start].held_out_accuracy for start in ("shared", "independent")}
    if not all(map(len, held_out.values())):
        return None
    found = {start: values.mean() for start, values in held_out.items()}
    return found | {"replicates": int(cell.seed.nunique()), "fresh": cell.fresh_accuracy.max()}


REFERENCE = (level, teacher_panel, seed_13, best_on_test, spread, student_epochs, starts)


def speed() -> dict:
    """This machine's arithmetic in a float32 matrix product, which no training step exceeds."""
    import torch

    from softlabels.machine import machine_speed

    return {"flops_per_second": machine_speed()[0], "threads": torch.get_num_threads()}


if __name__ == "__main__":
    from softlabels.paths import project_root

    print(json.dumps(gather(project_root())))

"""The command `softlabels`: run studies, see what is there and what the claims came to, measure speed, check data.

Nothing heavy is imported before a command needs it. Every mistake of the user, a full disk and a place that cannot be
used is one sentence on stderr and exit status 1 (2 for a command line that makes no sense); stored packs stay.
"""

import ast
import inspect
import json
import math
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Annotated

import typer
from typer.core import TyperGroup

from softlabels.errors import SoftLabelsError
from softlabels.paths import cache_folder, keep_compiled_code, said_plainly, settle_folders

STOPPED = 130  # the shell's exit status for an interrupted command


class PlainErrors(TyperGroup):
    """Commands whose expected errors are a sentence on stderr, never a traceback."""

    def invoke(self, ctx):
        """Run the command; turn what people can do something about into a sentence and an exit status."""
        try:
            with said_plainly():
                return super().invoke(ctx)
        except SoftLabelsError as error:
            _stop(str(error))
        except KeyboardInterrupt:
            _stop("Stopped. Whole packs are safe: type the same command again to go on.", STOPPED)


def _stop(sentence: str, status: int = 1) -> None:
    typer.echo(f"softlabels: {' '.join(sentence.split())}", err=True)  # one line, also where it quotes another program
    raise typer.Exit(status)


app = typer.Typer(cls=PlainErrors, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
data_app = typer.Typer(no_args_is_help=True, help="Data sets: what there is, fetch one, verify one.")
app.add_typer(data_app, name="data")
store_app = typer.Typer(no_args_is_help=True, help="Committed rows: verify that they are those that were written.")
app.add_typer(store_app, name="store")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def softlabels() -> None:
    """What a soft label teaches and what it leaks: figures and tables of two papers, recomputed."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and not stream.isatty():  # a file gets τ and ≥ also from a Windows of 8 bits
            stream.reconfigure(encoding="utf-8")
    settle_folders()
    keep_compiled_code()


# ---- run -----------------------------------------------------------------------------------------------------------


@app.command()
def run(
    studies: Annotated[
        list[str] | None, typer.Argument(metavar="STUDY...", help="A record, study, page or part: fig4a.")
    ] = None,
    scale: Annotated[str | None, typer.Option(help="smoke, quick (if you say nothing), reduced or paper.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    seeds: Annotated[int | None, typer.Option(min=1, help="Replicates; as many as the study wants.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="A setting and its values: ipc=1,10.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS|local|file:PATH", help="Dask's workers.")] = None,
    rerun: Annotated[bool, typer.Option("--rerun", help="Also what is there already.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would take.")] = False,
    data: Annotated[str | None, typer.Option(metavar="NAME", help="Your own images, in SOFTLABELS_DATA.")] = None,
    side: Annotated[int | None, typer.Option(help="With --data: their pixels a side; 32 if you say nothing.")] = None,
    plan: Annotated[
        str | None, typer.Option(metavar="NAME", help="A list of studies: gpu-30, for half an hour.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(min=0, help="With --plan: begin no pack after these.")] = None,
    archive: Annotated[Path | None, typer.Option(help="With --plan: a folder for what is to be taken home.")] = None,
) -> None:
    """Run what is missing of studies; kill it whenever you like, the next call does the rest."""
    if bool(studies) == bool(plan):
        raise typer.BadParameter("Name the studies to run, or a --plan; `softlabels status` lists what there is.")
    if plan:
        if seeds or only or workers > 1 or scheduler or rerun or data or side is not None:
            raise typer.BadParameter(
                "A --plan has its own settings; leave --only, --seeds, --workers and the like out."
            )
        _run_plan(plan, scale, device, math.inf if minutes is None else minutes, archive, dry_run)
        return
    if archive or minutes is not None:
        raise typer.BadParameter("--minutes and --archive go with a --plan.")
    if side is not None and not data:
        raise typer.BadParameter("--side goes with --data.")
    from softlabels import records

    scale = scale or "quick"
    names = list(dict.fromkeys(study for name in studies for study in records.studies_of(name)))

    from softlabels.code_hash import code_hash
    from softlabels.paths import results_folder
    from softlabels.status import pack_cost
    from softlabels.store import PUBLISHED_SCALES, check_writable, publish, replicates
    from softlabels.studies import find
    from softlabels.sweep import sweep

    _check_scale(scale)
    device = _device(device, dry_run)
    if data:
        if scale != "quick":
            raise SoftLabelsError("--data has a grid of its own; take --scale away.")
        _run_own(names, data, side, device, seeds, only or (), workers, scheduler, rerun, dry_run)
        return
    chosen = [find(name) for name in names]
    if any(scale in study.grids for study in chosen):
        for study in (study for study in chosen if scale not in study.grids):
            typer.echo(f"{study.id} has no {scale} scale and is left out.", err=True)
        chosen = [study for study in chosen if scale in study.grids]
    if dry_run:
        for study in chosen:
            typer.echo(estimate(study, scale, device, seeds, only or (), workers, rerun))
        return
    for study in chosen:
        code_hash(study.run_pack)  # of the code that runs: its files may be edited while earlier studies take hours
    for study in chosen:
        if scale in PUBLISHED_SCALES:
            check_writable((results_folder() / study.id).parent)
        try:
            with executor(workers, scheduler, device) as pool:  # its own: a pool of which a worker died is of no use
                cost = None if pool is None else pack_cost(study, device)
                rows = sweep(study, scale, pool, device=device, seeds=seeds, only=only or (), rerun=rerun, cost=cost)
        finally:  # a table of whole packs is worth having however the run ended
            table = publish(study.id, scale) if scale in PUBLISHED_SCALES else None
        if table:
            typer.echo(f"{table} is up to date; commit it with its .json.")
        took = f"{rows.attrs['seconds']:.1f} s of computing"
        typer.echo(f"{study.id} {scale}: {len(rows)} rows, {replicates(rows)[1]}, {took}")


def _check_scale(scale: str) -> None:
    from softlabels.study import SCALES

    if scale not in SCALES:
        raise SoftLabelsError(f"There is no scale {scale!r}; choose one of {', '.join(SCALES)}.")


def _device(device: str, dry_run: bool) -> str:
    """The device to run on. What a GPU that is not here would take can be asked anywhere."""
    from softlabels.sweep import choose_device

    return device if dry_run and device == "cuda" else choose_device(device)


def _run_plan(
    plan: str, scale: str | None, device: str, minutes: float, archive: Path | None, dry_run: bool
) -> None:  # fmt: skip
    """Run what is missing of a plan's steps, or say what it would take."""
    from softlabels import plans
    from softlabels.store import check_writable

    if scale is not None:
        _check_scale(scale)
    steps, device = plans.read(plan, scale), _device(device, dry_run)
    if dry_run:
        for step in steps:
            for study in plans.studies(step):
                typer.echo(estimate(study, step.scale, device, None, step.only, 1, rerun=False))
        return
    if archive is not None:
        check_writable(archive)
    if wrong := plans.run(steps, device, minutes, archive, typer.echo):
        raise SoftLabelsError(f"{len(wrong)} studies of the plan failed; the others are as they should be.")


def _run_own(
    names: list[str], data: str, side: int | None, device: str, seeds: int | None, only: Sequence[str], workers: int,
    scheduler: str | None, rerun: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Train a teacher on the reader's own images, then its students, and print what came out."""
    from softlabels import own_images
    from softlabels.data import own
    from softlabels.study import identity
    from softlabels.sweep import sweep, with_settings

    if own_images.STUDIES[1] not in names:
        raise SoftLabelsError("--data goes with table 2 and figure 2: label_worth/table2 or label_worth/fig2.")
    official = own.find(data, cache_folder(), own.SIDE if side is None else side)
    teachers, students = own_images.studies(official)
    wanted = with_settings(students, official.name, students.grid(official.name, seeds), only)
    own_images.enough(official, wanted)
    if dry_run:
        typer.echo(estimate(teachers, official.name, device, 1, (), workers, rerun))
        typer.echo(estimate(students, official.name, device, seeds, only, workers, rerun))
        return
    sweep(teachers, official.name, device=device, seeds=1, rerun=rerun)
    with executor(workers, scheduler, device) as pool:
        rows = sweep(students, official.name, pool, device=device, seeds=seeds, only=only, rerun=rerun)
    typer.echo(own_images.came_out(official, rows[rows["identity"].isin(map(identity, wanted))]))


def estimate(
    study, scale: str, device: str, seeds: int | None, only: Sequence[str], workers: int, rerun: bool
) -> str:  # fmt: skip
    """What is missing of a study at a scale: packs, runs, FLOPs, bytes of the largest pack, expected seconds."""
    from softlabels.status import predicted
    from softlabels.store import everything
    from softlabels.study import left_of
    from softlabels.sweep import packs_to_run, stored_elsewhere
    from softlabels.training.precision import multiplies_bfloat16
    from softlabels.words import count

    stored = everything(study.id, scale)
    wanted = packs_to_run(study, scale, device, stored, seeds, only, rerun=True)
    missing = packs_to_run(study, scale, device, stored, seeds, only, rerun)
    elsewhere = {} if rerun else stored_elsewhere(study, scale, device, missing)
    missing = left_of(missing, elsewhere.keys())
    taken_over = (
        f"; {count(len(elsewhere), 'run')} more of other studies are stored and taken over" if elsewhere else ""
    )
    memory = max(map(study.bytes, missing), default=0) * workers
    cost = predicted(study, missing, device)
    bound = f"a rough bound: none of its packs was measured on {device}"
    how = f"as {count(cost.packs, 'measured pack')} took" if cost.packs else bound
    if missing and cost.packs and device == "cpu" and not multiplies_bfloat16():
        packs = [pack for at in study.grids for pack in everything(study.id, at).packs.items()]
        if any(name.endswith(".cpu") and about.get("dtype") == "bfloat16" for name, about in packs):
            how += " on processors with bfloat16; this one has none and may take several times as long"
    return (
        f"{study.id} {scale} on {device}: {len(missing)} of {len(wanted)} packs to run, {sum(map(len, missing))} runs, "
        f"{sum(map(study.flops, missing)):.2g} FLOPs, {memory:.2g} bytes at once, "
        f"about {cost.seconds:,.0f} seconds of computing ({how}){taken_over}"
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def executor(workers: int, scheduler: str | None = None, device: str = "cpu") -> Iterator[Executor | None]:
    """Where packs run: in this process (None) for one worker, in that many that share the cores, or on Dask's workers.

    scheduler: see `softlabels.cluster.executor`.
    """
    threads = max(1, _cores() // workers)
    if scheduler:
        from softlabels import cluster

        if workers > 1 and scheduler != "local":
            raise SoftLabelsError(f"--workers counts processes of this machine; {scheduler} has workers of its own.")
        with cluster.executor(scheduler, workers, threads, device) as pool:
            yield pool
        return
    if workers == 1:
        yield None
        return
    spawn = multiprocessing.get_context("spawn")  # a forked torch can deadlock
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_share_cores, initargs=(threads,))
    try:
        yield pool
    except KeyboardInterrupt:
        for process in multiprocessing.active_children():  # they would first finish their packs
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _share_cores(threads: int) -> None:
    """In a worker, before it imports torch: its share of the cores. It ends with its parent, and not by Ctrl-C."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if parent := multiprocessing.parent_process():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
    import torch

    from softlabels.data import own

    torch.set_num_threads(threads)
    own.remember(cache_folder())


@app.command()
def verify(
    studies: Annotated[list[str] | None, typer.Argument(metavar="STUDY...", help="As in `run`.")] = None,
    scale: Annotated[str | None, typer.Option(help="reduced or paper; else all that is stored.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every pack, not the cheapest of each kind.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="A setting and its values: ipc=1,10.")] = None,
    first_steps: Annotated[
        bool, typer.Option("--first-steps", help="Old code against new, bit by bit, on packs cut to moments.")
    ] = False,
    old: Annotated[str | None, typer.Option(help="The commit whose code made the rows; each pack's own.")] = None,
    record: Annotated[bool, typer.Option("--record", help="Write the evidence beside the rows.")] = False,
    networks: Annotated[bool, typer.Option("--networks", help="Also the teachers kept in the cache.")] = False,
    tf32: Annotated[bool, typer.Option("--tf32", help="A GPU's rows in TF32, cell by cell.")] = False,
) -> None:
    """Compute a cheap stored pack with today's code and compare every number with the stored ones."""
    if tf32 and (every or first_steps or old or networks):
        raise typer.BadParameter("--tf32 compares what --only chooses; leave the other options out.")
    if not (studies or networks):
        raise SoftLabelsError("Name a study to verify, or type --networks for the teachers kept in the cache.")
    from softlabels import records
    from softlabels import verify as verifying
    from softlabels.data import own
    from softlabels.store import PUBLISHED_SCALES, committed
    from softlabels.studies import find
    from softlabels.sweep import devices_here

    if scale not in (None, *PUBLISHED_SCALES):
        raise SoftLabelsError(f"Rows are stored at {' and '.join(PUBLISHED_SCALES)} scale, not at {scale!r}.")
    if networks:
        own.remember(cache_folder())  # some may have been trained on the reader's own images
        for folder, difference in verifying.networks(cache_folder(), devices_here(), say=typer.echo):
            typer.echo(f"{folder}: {f'differs by {difference:.3g}; it stays, unused' if difference else 'the same'}")
    names = dict.fromkeys(study for name in studies or () for study in records.studies_of(name))
    stored = {
        name: [at for at in PUBLISHED_SCALES if scale in (None, at) and committed(name, at).packs] for name in names
    }
    wanted = {name: scales for name, scales in stored.items() if scales}
    if names and not wanted:
        raise SoftLabelsError(f"Nothing is stored of {', '.join(names)}{f' at {scale} scale' if scale else ''}.")
    if tf32:
        _verify_tf32(wanted, only or (), record)
        return
    differ = 0
    for name, scales in wanted.items():
        for finding in verifying.verify(
            find(name), scales, devices_here(), every=every, only=only or (), first_steps=first_steps, old=old,
            say=typer.echo,
        ):  # fmt: skip
            typer.echo(str(finding))
            differ += bool(finding.differing)
            if record and (written := verifying.record([finding])):
                typer.echo(f"  written beside {', '.join(written)}; commit the .json files.")
    if differ:
        raise SoftLabelsError(f"{differ} packs no longer come out as they are stored.")


def _verify_tf32(wanted: dict[str, list[str]], only: Sequence[str], record: bool) -> None:
    """Compute stored rows of a GPU again in TF32, and say how far their cells move."""
    from softlabels import verify_tf32
    from softlabels.studies import find
    from softlabels.sweep import choose_device
    from softlabels.words import count

    choose_device("cuda")
    compared = []
    for name, at in ((name, at) for name, scales in wanted.items() for at in scales):
        try:
            comparison = verify_tf32.compare(find(name), at, only)
        except SoftLabelsError as error:  # such as nothing stored of a GPU; the others are worth their minutes
            typer.echo(str(error), err=True)
            continue
        typer.echo(str(comparison))
        compared.append(comparison)
        if record:
            verify_tf32.record(comparison)
            typer.echo(f"  written beside {name}.{at}; commit the .json file.")
    if not compared:
        raise SoftLabelsError("Nothing was compared in TF32.")
    if differ := sum(bool(each.differing) for each in compared):
        raise SoftLabelsError(
            f"{count(differ, 'comparison')} in TF32 found another result; those runs stay in float32."
        )


# ---- audit ---------------------------------------------------------------------------------------------------------


@app.command()
def audit(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Labels and their data; each is a replicate.")],
    data: Annotated[
        str | None, typer.Option(help="A file with what these lack: inputs, classes, planted, split.")
    ] = None,
    teacher: Annotated[str | None, typer.Option(metavar="MODULE:NAME", help="A function in place of labels.")] = None,
    logits: Annotated[bool, typer.Option("--logits", help="They are logits: take their softmax.")] = False,
    student: Annotated[str, typer.Option(help="network or linear.")] = "network",
    seed: Annotated[int, typer.Option(min=0, help="Of students, and of --plant.")] = 0,
    plant: Annotated[float | None, typer.Option(metavar="SHARE", help="Only plant canaries among the classes.")] = None,
    plot: Annotated[str | None, typer.Option(metavar="FILE", help="Draw it too: .png, .pdf, .svg.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train students on your soft labels (.npz, .csv, .pt): what they learn, and what the labels give away."""
    from softlabels import audit as auditing

    if plant is not None:
        if plot:
            raise typer.BadParameter("--plot draws what an audit found; --plant comes before the audit.")
        for number, file in enumerate(files):  # as in an audit, each a replicate with a split and canaries of its own
            typer.echo(auditing.plant_in_file(file, plant, seed + number))
        return
    found = auditing.of_files(files, data, teacher, logits, student, seed)
    typer.echo(_json(found.as_json()) if as_json else str(found))
    if plot:
        if not isinstance(found, auditing.Report):
            raise SoftLabelsError(f"No student was trained, so there is nothing to draw; {plot} is not written.")
        auditing.draw({", ".join(files): found}, plot)


# ---- status, claims, bench -----------------------------------------------------------------------------------------


@app.command()
def status(as_json: AsJson = False) -> None:
    """Every figure, table and finding of both papers: what ran, what is missing, what its claims came to."""
    from softlabels import status as said

    about = said.status()
    typer.echo(_json(about) if as_json else said.as_text(about))


@app.command()
def claims(as_json: AsJson = False) -> None:
    """Every claim with its criterion, the paper's value, ours with its interval, and the verdict."""
    from softlabels import claims as said

    typer.echo(_json(said.claims()) if as_json else repr(said.table()))


@app.command()
def bench(
    entries: Annotated[list[str] | None, typer.Argument(metavar="[ENTRY]...", help="An id or its beginning.")] = None,
    as_json: AsJson = False,
) -> None:
    """Time of each kernel against the least that it could take, and against the plain reference loop."""
    from softlabels import bench as benchmarks

    measured = benchmarks.run(entries)
    if as_json:
        typer.echo(_json({"entries": measured}))
        return
    typer.echo(f"{'entry':24} {'seconds':>10} {'reference':>10} {'ratio':>7} {'floor':>10} {'ratio':>7}")
    for entry in measured:
        numbers = ("seconds", "reference_seconds", "ratio_to_reference", "floor_seconds", "ratio_to_floor")
        a, b, c, d, e = (f"{entry[name]:.3g}" if entry[name] is not None else "–" for name in numbers)
        typer.echo(f"{entry['id']:24} {a:>10} {b:>10} {c:>7} {d:>10} {e:>7}")


def _json(found: dict) -> str:
    return json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False)


# ---- data ----------------------------------------------------------------------------------------------------------

SHIPPED = "ships with scikit-learn, nothing to download"


@data_app.command("list")
def list_data() -> None:
    """Every data set that the book uses, where it comes from, and whether it is here."""
    from softlabels.data import own
    from softlabels.data.catalogue import OFFICIAL
    from softlabels.data.noisy import NOISE
    from softlabels.data.prepare import whereabouts

    typer.echo(f"{'digits':18} 1,797 images of 10 classes, 8×8; {SHIPPED}; also as {', '.join(NOISE)}")
    for name, official in OFFICIAL.items():
        images = f"{official.train:,} + {official.test:,} images of {official.classes} classes"
        where = whereabouts(official, cache_folder())
        typer.echo(f"{name:18} {images}, {official.side}×{official.side}; {where}; {official.terms}")
    for name in own.names():
        typer.echo(f"{name:18} {own.described(name, cache_folder())}")


@data_app.command()
def fetch(name: str) -> None:
    """Bring a data set to this machine, and decode it; what is damaged is made anew."""
    if _ships(name):
        typer.echo(f"{name} {SHIPPED}.")
        return
    from softlabels.data import own
    from softlabels.data.catalogue import OFFICIAL
    from softlabels.data.prepare import prepare

    official = OFFICIAL.get(name) or own.find(name, cache_folder(), thorough=True)
    typer.echo(f"{name} is ready: {prepare(official, cache_folder(), thorough=True)}")


@data_app.command("verify")
def verify_data(name: str) -> None:
    """Compare a data set with its checksums."""
    if _ships(name):
        from softlabels.data.digits import IMAGES, SHA256, raw_digits

        raw_digits()
        typer.echo(f"{name}: made of {IMAGES:,} digits, SHA-256 {SHA256}, as they should be.")
        return
    from softlabels.data import own
    from softlabels.data.catalogue import OFFICIAL
    from softlabels.data.prepare import decoded_path, fault

    official = OFFICIAL.get(name) or own.find(name, cache_folder())
    if wrong := fault(official, decoded_path(official, cache_folder()), thorough=True):
        raise SoftLabelsError(f"{wrong} `softlabels data fetch {name}` puts that right.")
    typer.echo(f"{name}: {official.train + official.test:,} images and their classes, as they should be.")


def _ships(name: str) -> bool:
    """Whether a set is made of scikit-learn's digits. Raises SoftLabelsError where there is no set of that name."""
    from softlabels.data import own
    from softlabels.data.catalogue import OFFICIAL
    from softlabels.data.noisy import NOISE

    there = ["digits", *NOISE, *OFFICIAL, *own.names()]
    if name not in there:
        raise SoftLabelsError(f"There is no data set {name!r}; there are {', '.join(there)}.")
    return name in ("digits", *NOISE)


# ---- store ---------------------------------------------------------------------------------------------------------


@store_app.command("verify")
def verify_store() -> None:
    """Compare every committed table with its provenance: checksums, packs, and identities by settings."""
    from softlabels.store import faults

    found = faults()
    wrong = [fault for fault in found.values() if fault]
    for fault in wrong:
        typer.echo(fault, err=True)
    if wrong:
        raise SoftLabelsError(f"{len(wrong)} of {len(found)} tables are not as they were written.")
    typer.echo(f"{len(found)} tables, each as its .json says.")


@store_app.command()
def merge(
    folder: Annotated[Path, typer.Argument(help="Where `run --archive` has written on another machine.")],
) -> None:
    """Take up the rows and teachers that another machine has archived; commit the tables that change."""
    from softlabels import plans

    if not folder.is_dir():
        raise SoftLabelsError(f"There is no folder {folder}.")
    rows, teachers = plans.merge(folder)
    typer.echo(f"{rows} packs of rows and {teachers} files of teachers were new here.")


if sys.flags.optimize > 1:  # Python has thrown the docstrings away, which are the commands' help
    for node in ast.parse(inspect.getsource(sys.modules[__name__])).body:
        if isinstance(node, ast.FunctionDef) and node.name in globals():
            globals()[node.name].__doc__ = ast.get_docstring(node)


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()

"""Timings of each fast trainer beside the plain loop and beside a lower bound, the floor, in one run.

Fast trainer and plain loop take turns on the same threads with the same evaluations, so that other work on the machine
slows both. Seconds are per student and step. The floor is the time that the arithmetic or the memory traffic needs at
the speed that this machine reaches, in the same run, for a large matrix product and a large copy.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import torch

from softlabels.bench import fleets, images, learned_labels
from softlabels.bench.contest import Contest, timed
from softlabels.errors import SoftLabelsError

LIMITED = "_avx2"  # ends the ids of entries that run as on a processor without AVX-512, AMX and bfloat16

ENTRIES: dict[str, Callable[[], Contest]] = {
    "fig4a_fleet": fleets.fig4a_fleet,
    "classes_fleet": fleets.classes_fleet,
    "digits_fleet": fleets.digits_fleet,
    "random_network_fleet": fleets.random_network_fleet,
    "modular_mlp_fleet": fleets.modular_mlp_fleet,
    "modular_transformer_fleet": fleets.modular_transformer_fleet,
    "paper_mlp_fleet": fleets.paper_mlp_fleet,
    **images.ENTRIES,
    **learned_labels.ENTRIES,
    "fig4a_fleet_cuda": lambda: fleets.fig4a_fleet(sets=10, device="cuda"),
    "paper_mlp_fleet_cuda": lambda: fleets.paper_mlp_fleet("cuda"),
}
ENTRIES |= {id + LIMITED: ENTRIES[id] for id in ("d3_teacher", "d4_teacher")}


def run(entries: list[str] | None = None, threads: int | None = None) -> list[dict]:
    """Time the entries whose ids begin with one of `entries` (None: all) on `threads` threads (default: two at most).

    Entries of a GPU are left out where there is none. Returns what `softlabels bench --json` prints. Raises
    SoftLabelsError for a name that matches no entry.
    """
    there = {id: make for id, make in ENTRIES.items() if torch.cuda.is_available() or not id.endswith("_cuda")}
    chosen = {id: make for id, make in there.items() if not entries or any(id.startswith(e) for e in entries)}
    if unknown := [e for e in entries or [] if not any(id.startswith(e) for id in there)]:
        raise SoftLabelsError(f"There is no bench entry {unknown[0]!r}; there are {', '.join(there)}.")
    before, speeds = torch.get_num_threads(), {}
    torch.set_num_threads(threads or min(2, os.cpu_count() or 1))
    try:
        return [_limited(id) if id.endswith(LIMITED) else timed(id, make(), speeds) for id, make in chosen.items()]
    finally:
        torch.set_num_threads(before)


def _limited(id):
    """Time an entry in a process whose libraries may use no more than AVX2, as on an older processor."""
    entry, threads = id.removesuffix(LIMITED), torch.get_num_threads()
    program = (
        "import json, torch; from softlabels import bench\n"
        f"torch.set_num_threads({threads}); print(json.dumps(bench.timed({id!r}, bench.ENTRIES[{entry!r}](), {{}})))"
    )
    limits = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
    done = subprocess.run([sys.executable, "-c", program], env=os.environ | limits, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])

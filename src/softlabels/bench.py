"""Each fleet against its floor and against the plain loop, side by side in one run.

Fleet and reference take turns on the same threads with the same evaluations, so that what else the machine does meets
both. Seconds are per student and step; the floor is the arithmetic, or the traffic, at the speed that this machine
shows for a large matrix product and a large copy in the same run.
"""

import copy
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable

import torch

from softlabels import bench_images, labels
from softlabels.contest import Contest
from softlabels.data import modular
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.errors import SoftLabelsError
from softlabels.machine import machine_speed, seconds_of
from softlabels.models import mlp, transformer
from softlabels.seeds import torch_stream
from softlabels.training import adamw, linear, two_layer
from softlabels.training.reference import linear_network, train_reference, train_reference_adamw

ROUNDS = 5  # of which the median counts
EVALUATE_EVERY = 100  # 1 % of the paper's 10,000 steps
LIMITED = "_avx2"  # ends the ids of entries that run as on a processor without AVX-512, AMX and bfloat16


def fig4a_fleet(sets: int = 1, device: str = "cpu") -> Contest:
    """Figure 4a's 40 temperatures: d = 1000, c = 2, n = 3000, of which ρ = 0.8 train; for one data set or more."""
    return _linear(d=1000, c=2, n=3000, taus=40, steps=200, sets=sets, device=device)


def classes_fleet() -> Contest:
    """The general softmax of figures 4b and 13: d = 1000, c = 10, n = 2000, 20 temperatures."""
    return _linear(d=1000, c=10, n=2000, taus=20, steps=100)


def _linear(d, c, n, taus, steps, sets=1, device="cpu"):
    """`taus` students of each of some data sets, evaluated on all n examples."""
    m = int(0.8 * n)
    inputs = torch.stack([gaussian(n, d, "bench", d, n, b) for b in range(sets)]).to(device)  # (B, n, d)
    classes, z = balanced_classes(n, c).to(device), 5 * gaussian(n, c, "bench logits", c, n)
    wanted = torch.stack([labels.soften(z, tau).T for tau in torch.logspace(-0.5, 3.5, taus).tolist()])[..., :m]
    wanted = wanted.expand(sets, -1, -1, -1).contiguous().to(device)  # (B, K, c, m)
    start, one = linear.start(1, c, d, torch_stream("bench start", d, c)).to(device), wanted[0, 0].T.contiguous()

    def evaluate_fleet(step, weights):
        right = linear.logits(weights, inputs).argmax(2) == classes
        return right[..., :m].float().mean(-1), right[..., m:].float().mean(-1)

    @torch.no_grad()
    def evaluate_reference(step, network):
        right = network(inputs[0]).argmax(1) == classes
        return right[:m].float().mean(), right[m:].float().mean()

    def fleet():
        how = {"lr": 1e-4, "steps": steps, "every": EVALUATE_EVERY, "evaluate": evaluate_fleet}
        return linear.train(inputs[:, :m], wanted, start.expand(sets, taus, c, d), **how)

    def reference():
        how = {"lr": 1e-4, "steps": steps, "every": EVALUATE_EVERY, "evaluate": evaluate_reference}
        return train_reference(linear_network(start[0]).to(device), inputs[0, :m], one, **how)

    width = 1 if c == 2 else c
    traffic = 4.0 * (2 * m * d / taus + 7 * width * d + 2 * m * width)
    return Contest(fleet, reference, sets * taus, steps, 4.0 * m * d * width, traffic, device=device)


def digits_fleet() -> Contest:
    """The joined page's students: 32 networks 64 → 64 → 10 on the same 600 images."""
    return _two_layer(600, (64, 64, 10), count=32, steps=100, every=1, own=False)


def random_network_fleet() -> Contest:
    """Figure 5 at quick size: three seeds' students 64 → 32 → 32, each on 480 soft labels of its own."""
    return _two_layer(480, (64, 32, 32), count=3, steps=200, every=20, own=True)  # 1 % of 2,000 steps


def _two_layer(n, sizes, count, steps, every, own):
    """Students on n rows, which they share or each has for itself."""
    d, h, c = sizes
    inputs, classes = gaussian(n * (count if own else 1), d, "bench", d, n), balanced_classes(n, c)
    inputs = inputs.view(count, n, d) if own else inputs
    soft = torch.softmax(gaussian(n, c, "bench logits", c, n), -1)
    start = mlp.start(sizes, [torch_stream("bench start", i) for i in range(count)])
    first = inputs[0] if own else inputs

    def evaluate_fleet(step, params):
        (mlp.logits(params, inputs).argmax(-1) == classes).float().mean(-1)

    @torch.no_grad()
    def evaluate_reference(step, network):
        return (network(first).argmax(1) == classes).float().mean()

    def fleet():
        how = {"lr": 3e-3, "steps": steps, "evaluate": evaluate_fleet, "at": range(every, steps + 1, every)}
        return two_layer.train(start, inputs, soft.expand(count, -1, -1), **how)

    def reference():
        how = {"lr": 3e-3, "steps": steps, "every": every, "evaluate": evaluate_reference}
        return train_reference(mlp.one(start, 0), first, soft, **how)

    flops = 2.0 * n * (2 * d * h + 3 * h * c)  # the first layer needs no gradient of its inputs
    return Contest(fleet, reference, count, steps, flops, 4.0 * 7 * (d * h + h * c))


def modular_mlp_fleet() -> Contest:
    """Figure 9 at quick size: 45 networks 46 → 64 → 64 → 23, each on half of its teacher's 370 sums modulo 23."""
    p, h, m, count = 23, 64, 185, 45
    start = mlp.start((2 * p, h, h, p), [torch_stream("bench start", i) for i in range(count)])
    flops = 6.0 * m * (h * h + h * p)  # the first layer looks its weights up
    one = mlp.one(start, 0), lambda pairs: mlp.one_hot_pairs(pairs, p)
    return _modular(p, m, start, mlp.pair_logits, one, flops, steps=150, every=15)  # 1 % of 1,500 steps


def paper_mlp_fleet(device: str = "cpu") -> Contest:
    """Figure 9 at the paper's size: nine networks 226 → 200 → 200 → 113, each on half of its teacher's 3,830 sums."""
    p, h, m, count = 113, 200, 1915, 9
    start = mlp.start((2 * p, h, h, p), [torch_stream("bench start", i) for i in range(count)], device)
    one = mlp.one(start, 0), lambda pairs: mlp.one_hot_pairs(pairs, p)
    return _modular(p, m, start, mlp.pair_logits, one, 6.0 * m * (h * h + h * p), steps=20, every=20)


def modular_transformer_fleet() -> Contest:
    """Figure 2 at quick size: 12 transformers of width 32, each on 0.7 of its teacher's 480 sums modulo 31."""
    shape, m, count = transformer.Shape(p=31, d_model=32, heads=4, d_mlp=128), 336, 12
    start = transformer.start(shape, [torch_stream("bench start", i) for i in range(count)])
    p, d = shape.p, shape.d_model
    flops = 6.0 * (m * d * (d + 2 * shape.d_mlp + p) + (2 * p + 1) * 2 * d * d)  # rows, and tables of keys and values
    one = transformer.one(start, 0), lambda pairs: pairs
    return _modular(p, m, start, transformer.logits, one, flops, steps=80, every=8)  # 1 % of 800 steps


def _modular(p, m, start, logits_of, one, flops, steps, every):
    """Students on m pairs each, their accuracy taken on all p²; `one` is a network and what it makes of pairs."""
    (network, read), weight = one, next(iter(start.values()))
    count, device = len(weight), weight.device.type
    pairs = torch.stack([modular.shuffled_pairs(p, torch_stream("bench pairs", p, i)) for i in range(count)]).to(device)
    classes = modular.sums(pairs, p)  # of (R, p², 2) pairs
    soft = torch.softmax(torch.stack([gaussian(m, p, "bench logits", p, i) for i in range(count)]), -1).to(device)
    asked = read(pairs[0])

    def evaluate_fleet(step, params):
        (logits_of(params, pairs).argmax(-1) == classes).float().mean(-1)

    @torch.no_grad()
    def evaluate_reference(step, network):
        return (network(asked).argmax(-1) == classes[0]).float().mean()

    def fleet():
        how = {"lr": 1e-3, "steps": steps, "evaluate": evaluate_fleet, "at": range(every, steps + 1, every)}
        return adamw.train(logits_of, start, pairs[:, :m], soft, **how)

    def reference():
        how = {"lr": 1e-3, "steps": steps, "every": every, "evaluate": evaluate_reference}
        return train_reference_adamw(copy.deepcopy(network), asked[:m], soft[0], **how)

    size = sum(parameter.numel() for parameter in network.parameters())
    return Contest(fleet, reference, count, steps, flops, 4.0 * 7 * size, device=device)


ENTRIES: dict[str, Callable[[], Contest]] = {
    "fig4a_fleet": fig4a_fleet,
    "classes_fleet": classes_fleet,
    "digits_fleet": digits_fleet,
    "random_network_fleet": random_network_fleet,
    "modular_mlp_fleet": modular_mlp_fleet,
    "modular_transformer_fleet": modular_transformer_fleet,
    "paper_mlp_fleet": paper_mlp_fleet,
    **bench_images.ENTRIES,
    "fig4a_fleet_cuda": lambda: fig4a_fleet(sets=10, device="cuda"),
    "paper_mlp_fleet_cuda": lambda: paper_mlp_fleet("cuda"),
    **{id + LIMITED: bench_images.ENTRIES[id] for id in ("d3_teacher", "d4_teacher")},
}


def run(entries: list[str] | None = None, threads: int | None = None) -> list[dict]:
    """Time the entries whose ids begin with one of `entries` (None: all) on `threads` threads (default: two at most).

    Entries of a GPU are left out where there is none. Returns what `softlabels bench --json` prints. Raises
    SoftLabelsError for a name that matches nothing here.
    """
    there = {id: make for id, make in ENTRIES.items() if torch.cuda.is_available() or not id.endswith("_cuda")}
    chosen = {id: make for id, make in there.items() if not entries or any(id.startswith(e) for e in entries)}
    if unknown := [e for e in entries or [] if not any(id.startswith(e) for id in there)]:
        raise SoftLabelsError(f"There is no bench entry {unknown[0]!r}; there are {', '.join(there)}.")
    before, speeds = torch.get_num_threads(), {}
    torch.set_num_threads(threads or min(2, os.cpu_count() or 1))
    try:
        return [_limited(id) if id.endswith(LIMITED) else _time(id, make(), speeds) for id, make in chosen.items()]
    finally:
        torch.set_num_threads(before)


def _limited(id):
    """The entry before LIMITED in a process whose libraries may use no more than AVX2: as on an older processor."""
    entry, threads = id.removesuffix(LIMITED), torch.get_num_threads()
    program = (
        "import json, torch; from softlabels import bench\n"
        f"torch.set_num_threads({threads}); print(json.dumps(bench._time({id!r}, bench.ENTRIES[{entry!r}](), {{}})))"
    )
    limits = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
    done = subprocess.run([sys.executable, "-c", program], env=os.environ | limits, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _time(id, contest, speeds):
    """What is printed of one entry; `speeds` keeps what `machine_speed` said of a device and a number type."""
    kind = contest.device, contest.dtype
    if kind not in speeds:
        speeds[kind] = machine_speed(*kind)
    flop_rate, byte_rate = speeds[kind]
    fleet, reference = [], []
    for _ in range(ROUNDS + 1):
        fleet.append(seconds_of(contest.fleet, contest.device) / contest.steps / contest.students)
        reference.append(seconds_of(contest.reference, contest.device) / contest.steps)
    seconds, reference_seconds = statistics.median(fleet[1:]), statistics.median(reference[1:])  # the first warms up
    floor = max(contest.flops / flop_rate, contest.bytes / byte_rate)
    return {
        "id": id,
        "seconds": seconds,
        "reference_seconds": reference_seconds,
        "ratio_to_reference": reference_seconds / seconds,
        "floor_seconds": floor,
        "ratio_to_floor": seconds / floor,
        "flops": contest.flops,
        "bytes": contest.bytes,
        "device": contest.device,
        "threads": torch.get_num_threads(),
    }

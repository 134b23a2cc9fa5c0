"""Fleets of small networks against the plain loop. A step is one update on the full batch."""

import copy

import torch

from softlabels import labels
from softlabels.bench.contest import Contest
from softlabels.data import modular
from softlabels.data.synthetic import balanced_classes, gaussian
from softlabels.models import mlp, transformer
from softlabels.seeds import torch_stream
from softlabels.training import adamw, linear, two_layer
from softlabels.training.reference import linear_network, train_reference, train_reference_adamw

EVALUATE_EVERY = 100  # 1 % of the paper's 10,000 steps


def fig4a_fleet(sets: int = 1, device: str = "cpu") -> Contest:
    """Figure 4a's 40 temperatures: d = 1000, c = 2, n = 3000, of which ρ = 0.8 train; for one data set or more."""
    return _linear(d=1000, c=2, n=3000, taus=40, steps=200, sets=sets, device=device)


def classes_fleet() -> Contest:
    """The general softmax of figures 4b and 13: d = 1000, c = 10, n = 2000, 20 temperatures."""
    return _linear(d=1000, c=10, n=2000, taus=20, steps=100)


def _linear(d, c, n, taus, steps, sets=1, device="cpu"):
    """`taus` students on each of `sets` data sets, evaluated on all n examples."""
    m = int(0.8 * n)
    inputs = torch.stack([gaussian(n, d, "bench", d, n, b) for b in range(sets)]).to(device)  # (B, n, d)
    classes, z = balanced_classes(n, c).to(device), 5 * gaussian(n, c, "bench logits", c, n)
    soft = torch.stack([labels.soften(z, tau).T for tau in torch.logspace(-0.5, 3.5, taus).tolist()])[..., :m]
    soft = soft.expand(sets, -1, -1, -1).contiguous().to(device)  # (B, K, c, m)
    start, one = linear.start(1, c, d, torch_stream("bench start", d, c)).to(device), soft[0, 0].T.contiguous()

    def evaluate_fleet(step, weights):
        right = linear.logits(weights, inputs).argmax(2) == classes
        return right[..., :m].float().mean(-1), right[..., m:].float().mean(-1)

    @torch.no_grad()
    def evaluate_reference(step, network):
        right = network(inputs[0]).argmax(1) == classes
        return right[:m].float().mean(), right[m:].float().mean()

    def fleet():
        how = {"lr": 1e-4, "steps": steps, "every": EVALUATE_EVERY, "evaluate": evaluate_fleet}
        return linear.train(inputs[:, :m], soft, start.expand(sets, taus, c, d), **how)

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
    """Students on n rows: different ones for each student if `own`, else the same for all."""
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
    return _modular_mlp(p=23, h=64, m=185, count=45, steps=150, every=15)  # 1 % of 1,500 steps


def paper_mlp_fleet(device: str = "cpu") -> Contest:
    """Figure 9 at the paper's size: nine networks 226 → 200 → 200 → 113, each on half of its teacher's 3,830 sums."""
    return _modular_mlp(p=113, h=200, m=1915, count=9, steps=20, every=20, device=device)


def _modular_mlp(p, h, m, count, steps, every, device="cpu"):
    start = mlp.start((2 * p, h, h, p), [torch_stream("bench start", i) for i in range(count)], device)
    flops = 6.0 * m * (h * h + h * p)  # the first layer looks its weights up
    one = mlp.one(start, 0), lambda pairs: mlp.one_hot_pairs(pairs, p)
    return _modular(p, m, start, mlp.pair_logits, one, flops, steps, every)


def modular_transformer_fleet() -> Contest:
    """Figure 2 at quick size: 12 transformers of width 32, each on 0.7 of its teacher's 480 sums modulo 31."""
    shape, m, count = transformer.Shape(p=31, d_model=32, heads=4, d_mlp=128), 336, 12
    start = transformer.start(shape, [torch_stream("bench start", i) for i in range(count)])
    p, d = shape.p, shape.d_model
    flops = 6.0 * (m * d * (d + 2 * shape.d_mlp + p) + (2 * p + 1) * 2 * d * d)  # rows, and tables of keys and values
    one = transformer.one(start, 0), lambda pairs: pairs
    return _modular(p, m, start, transformer.logits, one, flops, steps=80, every=8)  # 1 % of 800 steps


def _modular(p, m, start, logits_of, one, flops, steps, every):
    """Students on m pairs each, evaluated on all p²; `one` is one network and the function from pairs to its inputs."""
    (network, inputs_of), weight = one, next(iter(start.values()))
    count, device = len(weight), weight.device.type
    pairs = torch.stack([modular.shuffled_pairs(p, torch_stream("bench pairs", p, i)) for i in range(count)]).to(device)
    classes = modular.sums(pairs, p)  # of (R, p², 2) pairs
    soft = torch.softmax(torch.stack([gaussian(m, p, "bench logits", p, i) for i in range(count)]), -1).to(device)
    inputs = inputs_of(pairs[0])

    def evaluate_fleet(step, params):
        (logits_of(params, pairs).argmax(-1) == classes).float().mean(-1)

    @torch.no_grad()
    def evaluate_reference(step, network):
        return (network(inputs).argmax(-1) == classes[0]).float().mean()

    def fleet():
        how = {"lr": 1e-3, "steps": steps, "evaluate": evaluate_fleet, "at": range(every, steps + 1, every)}
        return adamw.train(logits_of, start, pairs[:, :m], soft, **how)

    def reference():
        how = {"lr": 1e-3, "steps": steps, "every": every, "evaluate": evaluate_reference}
        return train_reference_adamw(copy.deepcopy(network), inputs[:m], soft[0], **how)

    size = sum(parameter.numel() for parameter in network.parameters())
    return Contest(fleet, reference, count, steps, flops, 4.0 * 7 * size, device=device)

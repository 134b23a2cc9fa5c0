"""Labels that are learned: a few images stay as they are, and get the labels from which a network learns most.

Backpropagation through time (BPTT) trains a new network on the labels and follows the gradient of its loss on real
images back through its last steps, the window (RaT-BPTT, arXiv 2311.07025). Trajectory matching (MTT, arXiv 2203.11932)
trains a network from one epoch of a teacher, and asks that it arrive where the teacher was some epochs later. Both were
made to learn images; paper Q learns labels alone (section on learned labels, table 3).

Several sets of labels, each with images of its own, are learned at once, each as if it were alone.

Letters: R sets of labels, n images of a set, m of them in a step, c classes, ch channels, h × w pixels; θ the weights
of a network, of which each set trains one.
"""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from tqdm.auto import tqdm

from softlabels.errors import SoftLabelsError
from softlabels.models import convnet
from softlabels.seeds import torch_stream
from softlabels.training import checkpoints
from softlabels.training.augmentation import augment_each

FORMS = ("clipped", "softmax")  # what keeps learned labels from being negative
SURE = 0.9  # of its class is a label that starts as the softmax of numbers
OPTIMISERS = ("sgd", "adam")
TINY = 1e-16  # below the root of Adam's second moment, whose gradient is infinite at 0
CLIPPED_AT = 2.0  # times the average norm of the label gradients before
AVERAGING = 0.9  # of that average
ROOM = 0.7  # of the free memory may be filled with graphs

Weights = dict[str, Tensor]
State = dict[str, Tensor]  # θ, and what its optimiser remembers, with names of their own


@dataclass(frozen=True)
class Student:
    """The networks that learn from the labels."""

    start: Callable[[list[torch.Generator]], Weights]  # new weights θ of one network a generator: {name: (R, …)}
    logits: Callable[[Weights, Tensor], Tensor]  # of R networks on their own images (R, m, ch, h, w): (R, m, c)


def convnets(shape: convnet.Shape, device: str | torch.device = "cpu", dtype: torch.dtype = torch.float32) -> Student:
    """ConvNets of one shape."""
    return Student(lambda generators: convnet.start(shape, generators, device, dtype), convnet.logits)


@dataclass(frozen=True)
class Inner:
    """How a network trains on the labels."""

    optimiser: str  # one of OPTIMISERS
    lr: float
    momentum: float = 0.0  # of "sgd"
    images: int = 0  # m, drawn anew for every step; 0: all of them
    augmentation: str = "none"

    def __post_init__(self):
        if self.optimiser not in OPTIMISERS:
            raise SoftLabelsError(f"The optimiser is one of {', '.join(OPTIMISERS)}, not {self.optimiser!r}.")
        if not (math.isfinite(self.lr) and self.lr > 0 and self.images >= 0):
            raise SoftLabelsError(f"Training on labels needs a positive learning rate and whole batches, not {self}.")


@dataclass(frozen=True)
class Outer:
    """How the labels are learned: Adam, with gradients clipped at twice their usual norm."""

    steps: int
    lr: float
    form: str = "clipped"  # one of FORMS: never below 0 and not normalised, or the softmax of what is learned
    checks: int = 10  # how often the labels are tried on held-out images; the best ones are the result

    def __post_init__(self):
        if self.form not in FORMS:
            raise SoftLabelsError(f"Learned labels are one of {', '.join(FORMS)}, not {self.form!r}.")
        if not (math.isfinite(self.lr) and self.lr > 0 and 1 <= self.checks <= self.steps):
            raise SoftLabelsError(f"Learning labels needs a positive rate and 1 to {self.steps} checks, not {self}.")


# ---- the loop over outer steps -------------------------------------------------------------------------------------

Objective = Callable[[int, Weights, list[torch.Generator]], tuple[Tensor, Weights]]


def learn(
    start: Tensor,
    objective: Objective,
    held_out: Callable[[Tensor], Tensor],
    outer: Outer,
    generators: list[torch.Generator],
    extra: Weights | None = None,
    file: Path | None = None,
    about: dict[str, str] | None = None,
) -> tuple[Tensor, list[list[float]]]:
    """Learn labels (R, n, c) that begin at `start`, probabilities; returns the best ones and every check's score.

    `objective(step, values, generators)` returns each set's loss (R,) and its gradients by `values`: "labels" and what
    `extra` holds, which is learned as well. `held_out(labels)` returns a score (R,) for each set, the higher the
    better, of images that the objective never sees (MTT's teachers have, in their training); of equal ones the later
    labels are kept. One generator a set.
    file: where the state is kept after each check, with metadata `about` it; learning that was stopped goes on there.
    Raises SoftLabelsError for labels that are no probabilities and where learning diverges.
    """
    check_labels(start, 1e-3)
    values = {"labels": unformed(start, outer.form), **(extra or {})}
    values = {name: value.clone().requires_grad_() for name, value in values.items()}
    adam = torch.optim.Adam(values.values(), lr=outer.lr)
    R = len(start)
    kept = {"usual": start.new_zeros(R), "best": start.clone(), "score": start.new_full((R,), -math.inf)}
    at, scores = {round(outer.steps * i / outer.checks) for i in range(1, outer.checks + 1)}, []
    done = _resume(file, about, values, adam, kept, generators, scores)
    for step in tqdm(range(done, outer.steps), "labels", disable=None, leave=False):
        leaves = {name: value.detach() for name, value in values.items()}
        leaves["labels"] = labels = formed(values["labels"], outer.form)
        loss, gradients = objective(step, leaves, generators)
        if not torch.isfinite(loss).all():
            raise SoftLabelsError(f"Learning labels diverged at step {step + 1}; take a smaller learning rate.")
        for name, value in values.items():
            if name == "labels":
                (value.grad,) = torch.autograd.grad(labels, value, gradients[name])
                _clip(value.grad, kept["usual"], first=step == 0)
            else:
                value.grad = gradients[name].clone()
        adam.step()
        if outer.form == "clipped":
            values["labels"].data.clamp_(min=0)
        if step + 1 in at:
            labels = formed(values["labels"], outer.form).detach()
            score = held_out(labels)
            better = score >= kept["score"]
            kept["best"][better], kept["score"][better] = labels[better], score[better].to(start)
            scores.append(score.tolist())
            _keep(file, about, step + 1, values, adam, kept, generators, scores)
    return kept["best"], scores


def formed(numbers: Tensor, form: str) -> Tensor:
    """The labels that learned numbers (…, c) stand for."""
    return numbers.softmax(-1) if form == "softmax" else numbers


def unformed(labels: Tensor, form: str) -> Tensor:
    """Numbers that stand for labels (…, c); a softmax never reaches 0 and 1, so it starts a little less sure."""
    if form == "clipped":
        return labels
    c = labels.shape[-1]
    return (SURE * labels + (1 - SURE) * (1 - labels) / (c - 1)).log()


def check_fit(labels: Tensor, images: Tensor) -> None:
    """Raise SoftLabelsError unless there is one label (R, n, c) for each image (R, n, ch, h, w)."""
    if labels.ndim != 3 or labels.shape[:2] != images.shape[:2]:
        raise SoftLabelsError(
            f"{len(images)} sets of {images.shape[1]} images need labels ({len(images)}, {images.shape[1]}, classes), "
            f"not {tuple(labels.shape)}."
        )


def check_labels(labels: Tensor, room: float | None = None) -> None:
    """Raise SoftLabelsError unless labels (R, n, c) are finite and not negative, and sum to 1 within `room`."""
    if labels.ndim != 3 or not labels.numel():
        raise SoftLabelsError(f"Labels are learned as (sets, images, classes), not {tuple(labels.shape)}.")
    if not torch.isfinite(labels).all() or (labels < 0).any():
        raise SoftLabelsError("Labels hold negative numbers, NaN or infinity; they must be shares of the classes.")
    if room is not None and ((labels.sum(-1) - 1).abs() > room).any():
        raise SoftLabelsError("Labels to begin with must sum to 1; divide each by its sum.")


def _clip(gradient, usual, first):
    """Clip each set's gradient (R, n, c) at a multiple of its usual norm (R,), which then takes it in."""
    norm = gradient.flatten(1).norm(dim=1)
    if not first:
        gradient *= (CLIPPED_AT * usual / norm.clamp_min(torch.finfo(norm.dtype).tiny)).clamp(max=1).view(-1, 1, 1)
        norm = torch.minimum(norm, CLIPPED_AT * usual)
    usual.copy_(norm if first else AVERAGING * usual + (1 - AVERAGING) * norm)


def _keep(file, about, step, values, adam, kept, generators, scores):
    """Write everything that going on needs."""
    if file is None:
        return
    tensors = {"step": torch.tensor(step), "scores": torch.tensor(scores, dtype=torch.float64), **kept}
    tensors |= {f"values.{name}": value.detach() for name, value in values.items()}
    for i, state in adam.state_dict()["state"].items():
        tensors |= {f"adam.{i}.{name}": tensor for name, tensor in state.items()}
    tensors |= {f"generator.{r}": generator.get_state() for r, generator in enumerate(generators)}
    checkpoints.save(file, tensors, about or {})


def _resume(file, about, values, adam, kept, generators, scores) -> int:
    """Take up what `_keep` wrote; the steps that are done, 0 where there is no file."""
    tensors = None if file is None else checkpoints.load(file, about or {}, values["labels"].device)
    if tensors is None:
        return 0
    for name, value in values.items():
        value.data.copy_(tensors[f"values.{name}"])
    state = adam.state_dict()
    for name, tensor in tensors.items():
        kind, _, rest = name.partition(".")
        if kind == "adam":
            i, _, part = rest.partition(".")
            state["state"].setdefault(int(i), {})[part] = tensor
    adam.load_state_dict(state)
    for name in kept:
        kept[name].copy_(tensors[name])
    for r, generator in enumerate(generators):
        generator.set_state(tensors[f"generator.{r}"].cpu())
    scores += tensors["scores"].tolist()
    return int(tensors["step"])


# ---- training on labels, with a graph ------------------------------------------------------------------------------


def begin(weights: Weights, inner: Inner) -> State:
    """The state of training at weights θ of R networks: θ, and zeros for what the optimiser remembers."""
    kinds = ("first", "second") if inner.optimiser == "adam" else ("velocity",) if inner.momentum else ()
    zeros = {f"{kind}.{name}": torch.zeros_like(value) for kind in kinds for name, value in weights.items()}
    return weights | zeros


def weights_of(state: State) -> Weights:
    """θ of a state."""
    return {
        name: value for name, value in state.items() if name.partition(".")[0] not in ("first", "second", "velocity")
    }


@dataclass(frozen=True, eq=False)
class Step:
    """What one step of training reads: its number from 1, images (R, m, ch, h, w) and which of the labels they have."""

    number: int
    images: Tensor
    rows: Tensor  # (R, m)


def steps_of(images: Tensor, count: int, inner: Inner, generators: list[torch.Generator]) -> list[Step]:
    """The steps of R networks on their own images (R, n, ch, h, w); all chance is drawn here."""
    R, n = images.shape[:2]
    every = torch.arange(n, device=images.device).expand(R, n)
    steps = []
    for number in range(1, count + 1):
        rows, batch = every, images
        if 0 < inner.images < n:
            rows = torch.stack([torch.randperm(n, generator=own)[: inner.images] for own in generators])
            rows = rows.to(images.device, non_blocking=True)
            batch = images[torch.arange(R, device=images.device).unsqueeze(1), rows]
        if inner.augmentation != "none":
            batch = augment_each(batch, inner.augmentation, generators)
        steps.append(Step(number, batch, rows))
    return steps


def advance(state: State, steps: list[Step], values: Weights, student: Student, inner: Inner, graph: bool) -> State:
    """The state after some steps of training on `values`' labels (R, n, c); with `graph` it can be differentiated.

    The rate is `inner.lr`, or e to the power of `values["log lr"]` (R,) where that is there.
    """
    lr = values["log lr"].exp() if "log lr" in values else None
    for step in steps:
        if not graph:
            state = {name: value.detach() for name, value in state.items()}
        weights = {name: value if graph else value.requires_grad_() for name, value in weights_of(state).items()}
        sets = torch.arange(len(step.rows), device=step.rows.device).unsqueeze(1)
        loss = label_loss(student.logits(weights, step.images), values["labels"][sets, step.rows])
        found = torch.autograd.grad(loss.sum(), list(weights.values()), create_graph=graph)
        gradients = dict(zip(weights, found, strict=True))
        with torch.set_grad_enabled(graph):
            state = _updated(state, gradients, step.number, inner, lr)
    return state


def label_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """−Σ_c q_c log p_c, averaged over the images of each network: logits and labels (R, m, c) to (R,)."""
    return -(labels * logits.log_softmax(-1)).sum(-1).mean(1)


def _updated(state, gradients, number, inner, lr):
    new = {}
    for name, gradient in gradients.items():
        rate = inner.lr if lr is None else lr.view(-1, *[1] * (gradient.ndim - 1))
        direction = gradient
        if inner.optimiser == "adam":
            first = new[f"first.{name}"] = 0.9 * state[f"first.{name}"] + 0.1 * gradient
            second = new[f"second.{name}"] = 0.999 * state[f"second.{name}"] + 0.001 * gradient * gradient
            root = (second / (1 - 0.999**number) + TINY).sqrt()
            direction = first / (1 - 0.9**number) / (root + 1e-8)
        elif inner.momentum:
            direction = new[f"velocity.{name}"] = inner.momentum * state[f"velocity.{name}"] + gradient
        new[name] = state[name] - rate * direction
    return new


def gradient_through(
    state: State,
    steps: list[Step],
    values: Weights,
    student: Student,
    inner: Inner,
    loss_of: Callable[[Weights], Tensor],
    segment: int,
) -> tuple[Tensor, Weights]:
    """The loss (R,) of the weights after `steps`, and the gradient of its sum by `values` through all of them.

    The graph of `segment` steps is held at a time. Where there are more, only the state at the beginning of each
    segment is kept, and its steps are computed once more on the way back: the gradient is the same.
    """
    values = {name: value.detach().requires_grad_() for name, value in values.items()}
    cuts = [steps[first : first + segment] for first in range(0, len(steps), segment)]
    starts = [state]
    for cut in cuts[:-1]:
        starts.append(advance(starts[-1], cut, values, student, inner, graph=False))
    gradients, back, loss = {name: torch.zeros_like(value) for name, value in values.items()}, None, None
    for cut, start in zip(reversed(cuts), reversed(starts), strict=True):
        leaves = {name: value.detach().requires_grad_() for name, value in start.items()}
        end = advance(leaves, cut, values, student, inner, graph=True)
        if loss is None:
            loss = loss_of(weights_of(end))
            outputs, along = [loss.sum()], None
        else:
            outputs, along = [end[name] for name in back], list(back.values())
        inputs = [*leaves.values(), *values.values()]
        found = torch.autograd.grad(outputs, inputs, along, allow_unused=True, materialize_grads=True)
        back = dict(zip(leaves, found, strict=False))
        for name, gradient in zip(values, found[len(leaves) :], strict=True):
            gradients[name] += gradient
    return loss.detach(), gradients


# ---- backpropagation through time ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unroll:
    """How far a new network is trained, and through how many of its last steps the gradient goes."""

    steps: int
    window: int
    random: bool = False  # the number of steps is drawn anew, from the window's to `steps`, for every outer step
    segment: int = 0  # steps whose graph is held at once; 0: as many as the memory has room for

    def __post_init__(self):
        if not 1 <= self.window <= self.steps or self.segment < 0:
            raise SoftLabelsError(
                f"A window of {self.window} steps does not fit training of {self.steps}: take 1 to {self.steps}."
            )


def through_time(
    student: Student,
    images: Tensor,
    real: Callable[[list[torch.Generator]], tuple[Tensor, Tensor]],
    inner: Inner,
    unroll: Unroll,
) -> Objective:
    """The objective of BPTT for `learn`: the cross-entropy of new networks, after training, on real images.

    images (R, n, ch, h, w), normalised; `real(generators)` draws each set's real images (R, b, ch, h, w) and their
    classes (R, b). Raises SoftLabelsError for a window that the memory has no room for.
    """
    segment = unroll.segment or room_for(unroll.window, student, images, inner)

    def objective(step, values, generators):
        check_fit(values["labels"], images)
        count = unroll.steps
        if unroll.random:  # the same for all sets, whichever are learned together
            stream = torch_stream("length of training on learned labels", step)
            count = int(torch.randint(unroll.window, unroll.steps + 1, (1,), generator=stream))
        state = begin(student.start(generators), inner)
        steps = steps_of(images, count, inner, generators)
        far, near = steps[: count - unroll.window], steps[count - unroll.window :]
        state = advance(state, far, values, student, inner, graph=False)
        seen, classes = real(generators)

        def loss_of(weights):
            log_p = student.logits(weights, seen).log_softmax(-1)
            return -log_p.gather(-1, classes.unsqueeze(-1)).squeeze(-1).mean(1)

        return gradient_through(state, near, values, student, inner, loss_of, segment)

    return objective


# ---- trajectory matching -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Matching:
    """Which part of a teacher's training is matched, and with how many steps on the labels."""

    steps: int
    epochs: int  # of the teacher, between the weights to begin with and those to arrive at
    latest: int  # epoch to begin with
    segment: int = 0  # as in `Unroll`

    def __post_init__(self):
        if min(self.steps, self.epochs) < 1 or self.latest < 0 or self.segment < 0:
            raise SoftLabelsError(f"Matching takes at least one step and one epoch of a teacher, not {self}.")


def along_trajectories(
    student: Student, trajectories: list[list[Weights]], images: Tensor, inner: Inner, matching: Matching
) -> Objective:
    """The objective of MTT for `learn`: how far from a teacher's later weights training on the labels ends.

    The squared distance, as a share of the one that the teacher went itself. trajectories: the weights of each teacher
    after epochs 0, 1, 2, …, without a dimension for several networks; images as in `through_time`. `values` hold "log
    lr" (R,), the logarithm of the learning rate, which is learned too.
    Raises SoftLabelsError for a teacher of which too few epochs are there, and where the memory has no room.
    """
    needed = matching.latest + matching.epochs
    if not trajectories or min(map(len, trajectories)) <= needed:
        raise SoftLabelsError(f"Trajectory matching needs each teacher's weights after every epoch from 0 to {needed}.")
    segment = matching.segment or room_for(matching.steps, student, images, inner)

    def objective(step, values, generators):
        check_fit(values["labels"], images)
        starts, ends = [], []
        for generator in generators:
            which = int(torch.randint(len(trajectories), (1,), generator=generator))
            first = int(torch.randint(matching.latest + 1, (1,), generator=generator))
            starts.append(trajectories[which][first])
            ends.append(trajectories[which][first + matching.epochs])
        begun, goal = (
            {name: torch.stack([weights[name] for weights in several]) for name in starts[0]}
            for several in (starts, ends)
        )
        steps = steps_of(images, matching.steps, inner, generators)
        way = _squared(begun, goal)

        def loss_of(weights):
            return _squared(weights, goal) / way

        return gradient_through(begin(begun, inner), steps, values, student, inner, loss_of, segment)

    return objective


def _squared(one, other):
    """Squared distance (R,) of the weights of R networks from others."""
    return sum(((one[name] - other[name]) ** 2).flatten(1).sum(1) for name in other)


# ---- memory --------------------------------------------------------------------------------------------------------


def room_for(window: int, student: Student, images: Tensor, inner: Inner) -> int:
    """How many steps' graphs this machine has room for at once; see `longest_segment`."""
    return longest_segment(window, *graph_bytes(student, images, inner), int(ROOM * free_bytes(images.device)))


def graph_bytes(student: Student, images: Tensor, inner: Inner) -> tuple[int, int]:
    """The bytes that the graph of one step holds, and those of one state: measured on one step of training."""
    generators = [torch_stream("a step to measure", r) for r in range(len(images))]
    state = {name: value.requires_grad_() for name, value in begin(student.start(generators), inner).items()}
    (step,) = steps_of(images, 1, inner, generators)
    c = student.logits(weights_of(state), step.images).shape[-1]
    labels = images.new_full((*images.shape[:2], c), 1 / c).requires_grad_()
    held: dict[int, int] = {}

    def count(tensor):
        storage = tensor.untyped_storage()
        held[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        end = advance(state, [step], {"labels": labels}, student, inner, graph=True)
    own = {value.untyped_storage().data_ptr() for value in (*state.values(), step.images, labels)}
    graph = sum(size for place, size in held.items() if place not in own)
    del end
    return graph, sum(value.numel() * value.element_size() for value in state.values())


def longest_segment(window: int, graph: int, state: int, room: int) -> int:
    """How many steps' graphs fit into `room` bytes beside a state a segment; at most the window.

    Raises SoftLabelsError where not even one does, with the longest window that would.
    """
    for segment in range(window, 0, -1):
        if segment * graph + math.ceil(window / segment) * state <= room:
            return segment
    fits = (room - graph) // state if room > graph else 0
    raise SoftLabelsError(
        f"A window of {window} steps needs {(graph + window * state) / 1e9:.3g} GB, and {room / 1e9:.3g} GB are free; "
        + (f"the longest that fits has {fits} steps." if fits > 0 else "not even one step fits.")
    )


def free_bytes(device: str | torch.device) -> int:
    """Memory that is free on a device."""
    if torch.device(device).type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():  # Linux: what it would give without swapping
        about = dict(line.split(":") for line in meminfo.read_text(encoding="ascii").splitlines())
        return int(about["MemAvailable"].split()[0]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")

"""Audit your own soft labels: what they teach a student, and what they give away of labels that it never saw.

Canaries are training rows with a random wrong label. The teacher learns all of them; a student gets its soft labels of
a part of the rows, the canaries among them taken out. The leak is the share of the other canaries whose planted label
the student ranks first among the c − 1 wrong ones: by chance 1/(c − 1), however accurate it is. `plant` makes canaries
and the split, `audit` trains the students, `together` joins replicates; `softlabels audit` does the same with files.

Letters: n rows, m of them the student trains on, c classes.
"""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.stats import binomtest
from torch import Tensor
from torch.nn.functional import pad

from softlabels import audit_input, labels
from softlabels.audit_input import WIDE
from softlabels.errors import SoftLabelsError
from softlabels.intervals import t_interval
from softlabels.models import mlp
from softlabels.seeds import torch_stream
from softlabels.training import linear, newton, two_layer
from softlabels.words import count, interval, listed

TAUS = (1.0, 3.0, 10.0, 30.0)  # temperatures that the attacker tries
METRICS = {"test_accuracy": "test accuracy", "leak": "planted label first", "plain_recall": "… predicted"}
HARD, SOFT, RETEMPERED = "hard labels", "soft labels", "re-tempered"


@dataclass(frozen=True)
class Report:
    """What an audit found: `print` shows it as text, `as_json` is for machines.

    students: whose guesses ("teacher", or the labels that a student trained on) -> metric -> its value and the ends of
    its 95 % interval. Fractions are `test_accuracy`; `leak`; `plain_recall`, the share of canaries whose planted label
    is predicted; `gained`, test accuracy minus that of hard labels. `kl` is the mean KL(label ‖ student) on the
    training rows in nats: where it is large, training was too short to learn the labels. Numbers of rows are summed
    over replicates.
    """

    students: dict[str, dict[str, tuple[float, float, float]]]
    hits: dict[str, float]  # of each of them, the held-out canaries whose planted label comes first; ties in parts
    chance: float  # of the leak
    student: str  # in words
    taus: tuple[float, ...]  # the attacker's choice in each replicate; none where it has no canaries to choose by
    replicates: int
    student_rows: int  # that it trains on
    own_canaries: int  # in the part that the student may see: the attacker chooses τ by them
    held_out_canaries: int  # that the teacher alone saw: the leak is counted on them
    test_rows: int

    @property
    def attacker(self) -> str:
        """The labels that the attacker trains on."""
        return RETEMPERED if self.taus else SOFT

    @property
    def leak(self) -> tuple[float, float, float]:
        """The attacker's leak with its 95 % interval."""
        return self.students[self.attacker]["leak"]

    def pooled(self, name: str) -> tuple[float, float, float]:
        """The leak of one of `students`, with a Clopper–Pearson interval over all replicates' held-out canaries."""
        return _share(self.hits[name], self.held_out_canaries)

    def against_chance(self, name: str) -> str:
        """Where the leak of one of `students` lies: "above chance", "below chance" or "not clearly above chance".

        Of three replicates or more both intervals must say so: equal counts by luck make a t interval of no width.
        """
        ends = [self.pooled(name)[1:]] + [self.students[name]["leak"][1:]] * (self.replicates > 2)
        if all(low > self.chance for low, _ in ends):
            return "above chance"
        return "below chance" if all(high < self.chance for _, high in ends) else "not clearly above chance"

    @property
    def attack(self) -> str:
        """The attack in words."""
        if not self.taus:
            return f"a {self.student} on the labels as they are; it has no canaries of its own to choose τ by"
        tried = f"{listed(TAUS, 'g')} tried on {self.own_canaries} canaries of its own part"
        return f"a {self.student} that changes the labels' temperature; τ = {listed(self.taus, 'g')}, of {tried}"

    @property
    def conclusion(self) -> str:
        """What the result shows and what it does not, in one paragraph."""
        said = {
            "above chance": "The labels give away planted labels of rows that the student never saw.",
            "below chance": "The leak lies below chance, which no honest split brings about: check canaries and split.",
            "not clearly above chance": "No leak is seen; one of up to "
            f"{max(self.leak[2], self.pooled(self.attacker)[2]):.0%} would not be seen either.",
        }[self.against_chance(self.attacker)]
        if "teacher" in self.students:
            said += f" The teacher itself predicts {self.students['teacher']['plain_recall'][0]:.0%} of these labels."
        alone = "" if self.replicates > 1 else " One teacher and one split do not tell how others would differ."
        return (
            f"{said} This is one attack: a larger student, more rows or longer training may find more, so the leak is "
            "a lower bound. Canaries are random rows, not the worst case. A leak of planted labels is no test of "
            f"membership and no bound on ε.{alone}"
        )

    def as_json(self) -> dict:
        """All of it as a dictionary for JSON."""
        said = {"leak": self.leak, "leak_pooled": self.pooled(self.attacker), "attack": self.attack}
        return asdict(self) | said | {"conclusion": self.conclusion}

    def __str__(self) -> str:
        lines = [f"{'':12}" + "".join(f"{name:21}" for name in METRICS.values()) + "KL"]
        for name, found in self.students.items():
            cells = "".join(
                f"{_percent(found[metric], digits=int(metric == 'test_accuracy')):21}" for metric in METRICS
            )
            lines.append(f"{name:12}{cells}" + (f"{found['kl'][0]:.3f}" if "kl" in found else ""))
        used = (
            f"{self.student_rows} training rows, {self.held_out_canaries} canaries held out, {self.test_rows} test rows"
        )
        how = "t, over replicates" if self.replicates > 1 else "exact"
        pooled = _percent(self.pooled(self.attacker))
        lines += [
            "\n" + textwrap.fill(f"{count(self.replicates, 'replicate')}: {used}. 95 % intervals: {how}.", WIDE),
            f"Planted label first by chance: {self.chance:.1%}; by the attack, pooled: {pooled}.",
            f"Test accuracy of soft minus hard labels: {_percent(self.students[SOFT]['gained'], ' points')}.",
            f"{textwrap.fill(f'Attack: {self.attack}.', WIDE)}\n\n{textwrap.fill(self.conclusion, WIDE)}",
        ]
        return "\n".join(line.rstrip() for line in lines)


def _percent(found, unit=" %", digits=1):
    return interval(np.multiply(found, 100), digits, unit=unit)


def _share(hits, n):
    """A share of n with its Clopper–Pearson interval; ties count in parts, and are rounded for the interval."""
    ends = binomtest(round(hits), n).proportion_ci(method="exact")
    return hits / n, float(ends.low), float(ends.high)


def plant(classes, share: float, rng, *, rho: float = 0.5, test: float = 1 / 3) -> tuple:
    """Plant a random wrong label on a share of the rows that a teacher will learn, and split the rows.

    classes (n,), integers from 0; rng, a seed or NumPy's generator; rho, the part of the teacher's rows, and of its
    canaries, that the student may see; test, the part of all rows that nobody sees. Returns three arrays (n,): the
    classes for the teacher; which rows are canaries; and the split: "student", "teacher" or "test". Then train the
    teacher with these classes on the rows that are not "test", until it knows its canaries. Raises SoftLabelsError for
    fewer than three classes, for shares outside 0 … 1, and where a part would be empty.
    """
    classes, rng = np.asarray(classes), np.random.default_rng(rng)
    if classes.ndim != 1 or not classes.size or classes.dtype.kind not in "iuf":
        raise SoftLabelsError(
            "Canaries are planted among classes: one whole number from 0 for each row, and some rows."
        )
    if not np.isfinite(classes).all() or (classes < 0).any() or (classes % 1).any():
        raise SoftLabelsError("The classes are no whole numbers from 0; mend these rows or leave them out.")
    for what, part in (("Canaries", share), ("The student's rows", rho), ("Test rows", test)):
        if not 0 <= part <= 1:
            raise SoftLabelsError(f"{what} cannot be a share of {part}; choose one between 0 and 1.")
    classes = classes.astype(np.int64)
    n, c = len(classes), int(classes.max()) + 1
    learned = rng.permutation(n)[round(test * n) :]
    canaries = round(share * len(learned))
    own, clean = round(rho * canaries), round(rho * (len(learned) - canaries))
    if c < 3 or not (0 < own < canaries and 0 < clean and len(learned) < n):
        raise SoftLabelsError(
            f"{n} rows of {c} classes with share = {share}, rho = {rho} and test = {test:.3g} give the student {clean} "
            f"clean rows and {own} canaries, hold out {canaries - own} and leave {n - len(learned)} for testing; take "
            "three classes or more, and numbers that leave some of each."
        )
    canary, split = np.zeros(n, dtype=bool), np.full(n, "test", dtype="<U7")
    canary[learned[:canaries]] = True
    split[learned] = "teacher"
    split[learned[:own]] = split[learned[canaries : canaries + clean]] = "student"
    return np.where(canary, (classes + rng.integers(1, c, n)) % c, classes), canary, split


# ---- students: functions of inputs (m, …), soft labels (m, c) in float64 and a seed; they return a function of inputs
# (k, …) that gives logits (k, c)


def network(inputs: Tensor, soft: Tensor, seed: int, hidden: int = 64, lr: float = 6e-3, steps: int = 1000) -> Callable:
    """A student of one hidden layer on standardised vectors, trained on the full batch with Adam, in float32."""
    vectors = _standardised(inputs)
    x = vectors(inputs).float()
    start = mlp.start((x.shape[1], hidden, soft.shape[1]), [torch_stream("audit", seed)])
    params = two_layer.train(start, x, soft[None].float(), lr=lr, steps=steps)
    return lambda rows: mlp.logits(params, vectors(rows).float())[0]


def linear_student(inputs: Tensor, soft: Tensor, seed: int, lr: float = 1e-2, steps: int = 2000) -> Callable:
    """A linear student with a bias, in float64: by Newton's method for two classes, by Adam for more."""
    vectors = _standardised(inputs)
    x = pad(vectors(inputs), (0, 1), value=1.0)
    if soft.shape[1] == 2:
        v = newton.train_newton(x, soft[:, 1].contiguous())
        weights = torch.stack([-v / 2, v / 2])
    else:
        start = linear.start(1, soft.shape[1], x.shape[1], torch_stream("audit", seed), x.dtype)
        weights = linear.train(x[None], soft.T[None, None].contiguous(), start[None], lr=lr, steps=steps)[0, 0]
    return lambda rows: pad(vectors(rows), (0, 1), value=1.0) @ weights.T


STUDENTS = {"network": network, "linear": linear_student}
IN_WORDS = {network: "two-layer network", linear_student: "linear student"}


def student_of(name: str) -> Callable:
    """The student called `name`. Raises SoftLabelsError for a name that STUDENTS does not list."""
    if name not in STUDENTS:
        raise SoftLabelsError(f"There is no student {name!r}; choose one of {listed(STUDENTS)}.")
    return STUDENTS[name]


def _standardised(inputs):
    x = inputs.flatten(1).double()
    shift, scale = x.mean(0), x.std(0, correction=0)
    scale[scale == 0] = 1.0  # of an input that never changes
    return lambda rows: (rows.flatten(1).double() - shift) / scale


# ---- the audit


def audit(teacher, inputs, classes, planted, split, *, canaries=None, logits=False, student=network, seed=0) -> Report:
    """Train students on a teacher's soft labels, and measure what they learn and what nobody showed them.

    teacher: an nn.Module, or any function of the inputs, that returns class probabilities (n, c), as scikit-learn's
    `predict_proba` does; or the labels themselves, of all n rows or of the student's part alone. With `logits`, softmax
    is taken of them. inputs (n, …); classes (n,), the true ones, −1 for a canary that has none; planted (n,), what the
    teacher learned; split (n,), "student", "teacher" or "test", or 0, 1, 2; canaries, a mask or indices: by default the
    rows whose planted and true class differ. student: `network`, `linear_student`, the name of one (STUDENTS) or a
    function like them: of inputs, soft labels and a seed, to a function from inputs to logits. Log-probabilities will
    do, probabilities not.

    All students train on the clean rows of the student's part. The attacker trains one at each temperature of TAUS, and
    keeps the one that ranks most planted labels of its part's own canaries first; where there are none, it takes the
    labels as they are. The leak is counted on the canaries of the teacher alone. Raises SoftLabelsError for what does
    not fit together.
    """
    soft = audit_input.probabilities(teacher, inputs, logits)
    x, classes, planted, split, canary = audit_input.rows(soft, inputs, classes, planted, split, canaries)
    seen, c, told = split == 0, soft.shape[1], len(soft) == len(x)  # told: there are labels of all rows
    own, held_out, clean, test = seen & canary, (split == 1) & canary, seen & ~canary, (split == 2) & ~canary
    needed = {"canaries held out": held_out, "clean rows of the student": clean, "test rows": test}
    audit_input.check(c, classes, planted, canary, needed)

    given = {(HARD, 1.0): labels.harden(classes[clean], c, torch.float64)}
    for tau in TAUS if own.any() else TAUS[:1]:
        log = (soft[clean] if told else soft[~canary[seen]]).clamp_min(5e-324).log()
        given[SOFT, tau] = labels.soften(log, tau)
    student = student if callable(student) else student_of(student)
    scores = {
        key: torch.as_tensor(student(x[clean], soft_or_hard, seed)(x)).detach() for key, soft_or_hard in given.items()
    }
    for found in scores.values():
        if found.shape != (len(x), c) or not torch.isfinite(found).all():
            holds = "" if torch.isfinite(found).all() else ", with NaN or infinity"
            raise SoftLabelsError(
                f"A student gives finite logits of the shape ({len(x)}, {c}) for these rows; this one gives "
                f"{tuple(found.shape)}{holds}."
            )

    def first(scores, rows):
        return labels.canary_recall(scores[rows], classes[rows], planted[rows])[0]

    chosen = {HARD: (HARD, 1.0), SOFT: (SOFT, 1.0)}
    if own.any():
        chosen[RETEMPERED] = max(list(given)[1:], key=lambda key: float(first(scores[key], own).mean()))
    guesses = ({"teacher": soft} if told else {}) | {name: scores[key] for name, key in chosen.items()}
    right_of_hard, students, leaked = scores[HARD, 1.0][test].argmax(1) == classes[test], {}, {}
    for name, guess in guesses.items():
        right = guess[test].argmax(1) == classes[test]
        first_guess = first(guess, held_out)
        leaked[name] = float(first_guess.sum())
        hits = right, first_guess, guess[held_out].argmax(1) == planted[held_out]
        found = {metric: _share(float(hit.sum()), len(hit)) for metric, hit in zip(METRICS, hits, strict=True)}
        if name in chosen:
            found["kl"] = t_interval(labels.divergence(given[chosen[name]], guess[clean].double().softmax(1)))
        students[name] = found | {"gained": t_interval(right.double() - right_of_hard.double())}
    chance = float((1 / (c - (classes[held_out] >= 0).double())).mean())
    taus = (chosen[RETEMPERED][1],) if own.any() else ()
    numbers = (int(rows.sum()) for rows in (clean, own, held_out, test))
    of_whom = IN_WORDS.get(getattr(student, "func", student), "student of your own")
    return Report(students, leaked, chance, of_whom, taus, 1, *numbers)


def together(reports: Sequence[Report]) -> Report:
    """Replicates, each with a split, a teacher and students of its own, as one report: means with t intervals.

    Raises SoftLabelsError for replicates whose students differ in kind, and for none.
    """
    if not reports:
        raise SoftLabelsError("There are no replicates to put together; give one report or more.")
    if len({(*report.students, report.student) for report in reports}) > 1:
        raise SoftLabelsError(
            "Replicates need the same students; some of these lack canaries of their own or a teacher."
        )
    if len(reports) == 1:
        return reports[0]
    students = {name: {} for name in reports[0].students}
    for name, found in students.items():
        for metric in reports[0].students[name]:
            found[metric] = t_interval([r.students[name][metric][0] for r in reports])
            if metric in METRICS:  # a share
                found[metric] = tuple(np.clip(found[metric], 0, 1).tolist())
    chance, taus = float(np.mean([r.chance for r in reports])), sum((r.taus for r in reports), ())
    hits = {name: sum(r.hits[name] for r in reports) for name in students}
    counted = ("replicates", "student_rows", "own_canaries", "held_out_canaries", "test_rows")
    return Report(
        students, hits, chance, reports[0].student, taus, *(sum(getattr(r, name) for r in reports) for name in counted)
    )


def draw(reports: dict[str, Report], path: str | None = None):
    """A figure of reports, by name: test accuracy, leak and plain recall with 95 % intervals, and chance.

    path: also a file to write it to. Raises SoftLabelsError where that cannot be written.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import PercentFormatter

    size = {"figsize": (8.6, 0.9 + 1.7 * len(reports)), "layout": "constrained"}
    fig, axes = plt.subplots(len(reports), 2, sharex="col", squeeze=False, **size)
    for (title, report), (left, right) in zip(reports.items(), axes, strict=True):
        names = list(report.students)
        for ax, metric, colour, face, shift in (
            (left, "test_accuracy", "#009e73", "#009e73", 0),
            (right, "leak", "#d55e00", "#d55e00", -0.16),
            (right, "plain_recall", "#d55e00", "white", 0.16),
        ):
            for y, found in enumerate(report.students.values()):
                value, *ends = found[metric]
                ax.plot(ends, [y + shift] * 2, color=colour, linewidth=2)
                ax.plot(value, y + shift, "o", color=colour, markerfacecolor=face)
            ax.set(yticks=range(len(names)), yticklabels=names if ax is left else [], ylim=(len(names) - 0.5, -0.5))
            ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        right.axvline(report.chance, color="0.3", linestyle=":")
        right.annotate(
            "chance (filled)",
            (report.chance, 1),
            (4, 2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
        )
        left.set_title(title, loc="left", fontweight="bold")
    axes[-1, 0].set_xlabel("test accuracy")
    axes[-1, 1].set(xlim=(-0.02, 1.02), xlabel="planted label first (filled), predicted (hollow)")
    try:
        if path:
            fig.savefig(path)
    except (OSError, ValueError) as error:
        raise SoftLabelsError(f"The figure cannot be written to {path}: {error}.") from error
    return fig


# ---- files, for the command


def of_files(
    files: Sequence[str], beside: str | None = None, teacher: str | None = None, logits=False, student="network", seed=0
) -> Report | audit_input.Statistics:
    """The audit of files, each a replicate; of a single file of labels without their data, statistics of the labels.

    beside: a file with what these lack; teacher: `module:name` of a function or nn.Module, in place of labels. The rest
    as in `audit`. Raises SoftLabelsError where something is missing.
    """
    student = student_of(student)
    shared = audit_input.read(beside) if beside else {}
    function = {"labels": audit_input.named(teacher)} if teacher else {}
    reports = []
    for number, file in enumerate(files):
        found = shared | audit_input.read(file) | function
        missing = [name for name in ("labels", "inputs", "classes", "planted", "split") if name not in found]
        if missing and len(files) == 1 and "labels" in found and not teacher:
            return audit_input.statistics(audit_input.probabilities(found["labels"], None, logits), missing)
        if missing:
            raise SoftLabelsError(f"{file} lacks {listed(missing)}; add them to it, or to a file beside it (--data).")
        given = (found[name] for name in ("labels", "inputs", "classes", "planted", "split"))
        how = {"canaries": found.get("canaries"), "logits": logits, "student": student, "seed": seed + number}
        reports.append(audit(*given, **how))
    return together(reports)


def plant_in_file(path: str, share: float, seed: int) -> str:
    """Plant canaries among the classes of a file, write it anew with `planted` and `split`, and say how to go on.

    Raises SoftLabelsError for what cannot be planted, and where such a file is there: a teacher may have learned it.
    """
    found, to = audit_input.read(path), Path(path).with_suffix(".planted.npz")
    if missing := [name for name in ("inputs", "classes") if name not in found]:
        raise SoftLabelsError(f"{path} lacks {listed(missing)}; canaries are planted among inputs and their classes.")
    if len(found["inputs"]) != len(found["classes"]):
        raise SoftLabelsError(
            f"{path} has {len(found['inputs'])} inputs and {len(found['classes'])} classes; give as many of each."
        )
    planted, canary, split = plant(found["classes"], share, seed)
    if to.exists():
        raise SoftLabelsError(f"{to} is there already, and a teacher may have learned its canaries; move or delete it.")
    np.savez(to, **{name: np.asarray(array) for name, array in found.items()} | {"planted": planted, "split": split})
    return (
        f"{canary.sum()} canaries are in {to}. Train your teacher on the rows that are not `test` in `split`, "
        "with `planted` as classes, until it knows most of them. Save its probabilities of all rows as `labels` in "
        f"labels.npz and type: softlabels audit labels.npz --data {to}"
    )

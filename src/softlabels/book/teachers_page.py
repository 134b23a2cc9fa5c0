"""The second half of the page of data and teachers: how teachers learn, from the rows of their study."""

import base64
import io
from pathlib import Path

from softlabels.book.rendering import Book, duration, table

STUDY = "label_worth/teachers"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9")  # the teacher's blue first
DOTS_PER_INCH = 130  # the picture stands in the page's text
NO_ROWS = "There are no rows of teachers yet."


def curves(book: Book) -> str:
    """A figure for each scale that has rows: accuracy and label entropy over the teachers' epochs."""
    return "\n\n".join(figure(found) for found in book.facts["teachers"]) or NO_ROWS


def figure(found: dict) -> str:
    """The picture of one scale with its caption."""
    said = "; ".join(
        f"{kind['name']}: after {kind['last']} epochs right on {kind['accuracy']:.0%} of test images and "
        f"{kind['train_accuracy']:.0%} of training images, label entropy {kind['entropy']:.2f} nats on test images"
        for kind in found["kinds"]
    )
    caption = (
        f"Solid: test images; dashed: the teacher's own training images; a line a teacher. {said[0].upper()}{said[1:]}."
    )
    if found["printed"]:
        caption += " Crosses: what table 7 of paper Q prints."
    stamp = (
        f'<span class="stamp">{found["scale"].capitalize()} scale: {found["device"].upper()}, '
        f'{duration(found["seconds"])}; <a href="rows/{STUDY}.{found["scale"]}.csv">rows (CSV)</a>.</span>'
    )
    return (
        f'```{{raw}} html\n<figure id="fig-teachers-{found["scale"]}">\n'
        f'<img alt="Accuracy and label entropy over epochs. {caption}" src="data:image/png;base64,{found["picture"]}" '
        'style="width:100%;max-width:56rem">\n'
        f"<figcaption><p>{caption} {stamp}</p></figcaption>\n</figure>\n```"
    )


def ends(book: Book) -> str:
    """A line for each kind of teacher: how it was trained, and where it stands after its last epoch."""
    heads = ["images", "scale", "network", "rate, batch", "epochs (teachers)", "test, training", "entropy"]
    lines = [
        [
            kind["name"],
            found["scale"],
            kind["network"],
            f"{kind['lr']:g}, {kind['batch']}",
            f"{kind['last']} ({kind['teachers']})",
            f"{kind['accuracy']:.1%}, {kind['train_accuracy']:.1%}",
            f"{kind['entropy']:.2f}",
        ]
        for found in book.facts["teachers"]
        for kind in found["kinds"]
    ]
    return table(heads, lines) if lines else NO_ROWS


def teacher_facts(root: Path) -> list[dict]:
    """By scale, the largest first: each kind of teacher after its last epoch (fractions, nats), and the picture."""
    from softlabels.book.facts import every_scale

    return [
        {name: rows.attrs[name] for name in ("scale", "device", "seconds")} | about(rows)
        for rows in every_scale(STUDY, root).values()
    ]


def about(rows) -> dict:
    """The kinds of teachers of one scale, whether table 7 has any of them, and the picture (PNG, base64)."""
    from softlabels.hyperparameters import CHOICES
    from softlabels.plots import set_name

    kinds = []
    for data, augmented, of_kind in kinds_of(rows):
        last = of_kind[of_kind.epoch == of_kind.epoch.max()]
        means = last[["accuracy", "train_accuracy", "entropy"]].mean().to_dict()
        same = {name: of_kind[name].iloc[0] for name in ("network", "lr", "batch")}
        kinds.append(means | {name: getattr(value, "item", lambda v=value: v)() for name, value in same.items()} | {
            "name": set_name(data) + ("" if augmented else ", not augmented"),
            "last": int(last.epoch.iloc[0]),
            "teachers": int(last.seed.nunique()),
        })  # fmt: skip
    printed = [choice for choice in CHOICES if choice.data in set(rows.data)]
    return {"kinds": kinds, "printed": bool(printed), "picture": picture(rows, printed)}


def kinds_of(rows) -> list[tuple]:
    """(data, augmented, rows) of each kind: those with augmentation first, then those with most rows."""
    kinds = [(data, augmented, of_kind) for (data, augmented), of_kind in rows.groupby(["data", "augmented"])]
    return sorted(kinds, key=lambda kind: (not kind[1], -len(kind[2])))


def picture(rows, printed) -> str:
    """Accuracy and entropy over epochs, a line a teacher, as a PNG in base64."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from softlabels.plots import set_name, use_house_style

    use_house_style()
    fig, axes = plt.subplots(1, 2, figsize=(9.4, 4))
    kinds = kinds_of(rows)
    for number, (data, augmented, of_kind) in enumerate(kinds):
        colour = COLOURS[number % len(COLOURS)]
        for _, teacher in of_kind.sort_values("epoch").groupby("seed"):
            for ax, metric, unit in ((axes[0], "accuracy", 100), (axes[1], "entropy", 1)):
                ax.plot(teacher.epoch, unit * teacher[metric], color=colour, linewidth=1.3)
                ax.plot(teacher.epoch, unit * teacher[f"train_{metric}"], color=colour, linewidth=1.3, linestyle="--")
        axes[0].plot([], [], color=colour, label=set_name(data) + ("" if augmented else ", not augmented"))
        for choice in (choice for choice in printed if choice.data == data):
            axes[0].plot(choice.completed_epochs, choice.teacher_accuracy, "x", color=colour, markersize=8)
    axes[0].set(xlabel="epoch", ylabel="accuracy, %", ylim=(0, None))
    axes[1].set(xlabel="epoch", ylabel="label entropy, nats", ylim=(0, None))
    for label, line in (("test", "-"), ("training", "--")):
        axes[0].plot([], [], color="0.4", linestyle=line, label=label)
    fig.legend(loc="outside lower center", ncols=len(kinds) + 2, fontsize=10)
    file = io.BytesIO()
    fig.savefig(file, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    plt.close(fig)
    return base64.b64encode(file.getvalue()).decode()

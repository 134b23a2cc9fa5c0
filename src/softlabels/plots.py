"""House style, and the few helpers that notebooks share. A figure's own plot lives in its notebook."""

import base64
import html
import io
import math
import os
import re
from collections.abc import Iterable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import HTML, Markdown, display
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from softlabels.data.catalogue import OFFICIAL
from softlabels.errors import SoftLabelsError
from softlabels.intervals import t_interval
from softlabels.store import PUBLISHED_SCALES, lacking, replicates, stored
from softlabels.study import Study
from softlabels.words import (  # noqa: F401 (notebooks call them as plots')
    capital,
    count,
    duration,
    interval,
    listed,
    number,
    power_of_ten,
    signed,
    size,
)

# A colour a role in Parts II and III, a colour an IPC in Part I; safe for colour-blind readers. Hard labels are dashed.
ROLE = {
    "teacher": "#0072b2",  # blue
    "train": "#8e44ad",  # purple: the student on the part that it trained on
    "held_out": "#d55e00",  # vermilion: the part that only the teacher saw
    "fresh": "#009e73",  # green: examples that neither saw
    "shuffled": "#5f6770",  # grey: labels shuffled within each class
    "independent": "#b8860b",  # ochre: a network trained on hard labels alone
}
IPC_COLOUR = {1: "#440154", 2: "#3b528b", 5: "#21808c", 10: "#35b779", 50: "#e0a100", 100: "#d1495b"}
IPC_MARKER = dict(zip(IPC_COLOUR, "osD^vX", strict=True))
DOTS_PER_INCH = 200


def use_house_style() -> None:
    """Seaborn's ticks, no box, type that stays legible when a page is read on a phone."""
    sns.set_theme(
        context="notebook",
        style="ticks",
        rc={
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "axes.labelsize": 11,
            "xtick.labelsize": 10,
            "ytick.labelsize": 10,
            "legend.fontsize": 10,
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "figure.constrained_layout.use": True,
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            "image.cmap": "viridis",
        },
    )
    plt.ioff()  # figures are shown by `show`, once, with their caption


# ---- a figure in the book


def show(fig: Figure, *, name: str, caption: str, alt: str, rows: Sequence[pd.DataFrame] = ()) -> None:
    """Display a figure with its caption; `rows` are the tables that it was drawn from.

    name: the figure's label in the book, without `fig-`; caption: its finding, in inline Markdown; alt: what it shows
    to someone who cannot see it, with numbers. Raises SoftLabelsError for an alt text that has none.
    In the book the runner turns the output's metadata into a numbered figure; elsewhere the caption follows the image.
    """
    buffer = io.BytesIO()
    drawn_from = "; ".join(f"{len(r)} rows of {r.attrs['study']} at {r.attrs['scale']} scale" for r in rows)
    fig.savefig(buffer, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None, "Description": drawn_from or None})
    width, height = (int(side * DOTS_PER_INCH / 2) for side in fig.get_size_inches())
    plt.close(fig)
    image = base64.b64encode(buffer.getvalue()).decode()
    size_shown = {"image/png": {"width": width, "height": height}}
    _display({"image/png": image, "text/plain": alt}, size_shown, name, caption, alt, rows)


def slider(
    frames: Sequence[Figure], labels: Sequence[str], *, name: str, knob: str, caption: str, alt: str, rows=(), start=0
) -> None:
    """Display pre-rendered frames with one knob: no library, no network; without scripts, the frame `start`.

    labels: the knob's value at each frame, e.g. `0.6`; knob: its name, e.g. `train fraction ρ`. The rest as in `show`.
    """
    if len(frames) != len(labels) or not frames:
        raise SoftLabelsError(f"A slider needs a label for each frame; given were {len(frames)} and {len(labels)}.")
    images = []
    for fig in frames:
        buffer = io.BytesIO()
        fig.savefig(buffer, format="webp", dpi=110)
        plt.close(fig)
        images.append("data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode())
    key = re.sub(r"\W", "_", name)
    sources = ",".join(f"'{image}'" for image in images)
    values = ",".join(f"'{html.escape(label, quote=True)}'" for label in labels)
    body = f"""<div class="softlabels-slider">
<img id="{key}_image" src="{images[start]}" alt="{html.escape(alt, quote=True)}" style="max-width:100%;height:auto">
<label for="{key}_knob">{html.escape(knob)} = <output id="{key}_value">{html.escape(labels[start])}</output></label>
<input id="{key}_knob" type="range" min="0" max="{len(frames) - 1}" value="{start}" style="width:100%"
  aria-valuetext="{html.escape(labels[start], quote=True)}">
<script>(function () {{
  var frames = [{sources}], values = [{values}];
  document.getElementById("{key}_knob").addEventListener("input", function () {{
    document.getElementById("{key}_image").src = frames[this.value];
    document.getElementById("{key}_value").textContent = values[this.value];
    this.setAttribute("aria-valuetext", values[this.value]);
  }});
}})();</script>
</div>"""
    _display({"text/html": body, "text/plain": alt}, {}, name, caption, alt, rows)


def _display(data, metadata, name, caption, alt, rows):
    if not re.search(r"\d", alt):
        raise SoftLabelsError(f"The alt text of figure {name!r} says no number: {alt!r}. Say what the figure shows.")
    if not caption.strip():
        raise SoftLabelsError(f"Figure {name!r} has no caption. Say what it shows.")
    caption = " ".join([caption.strip(), *map(stamp, rows)])
    if os.environ.get("SOFTLABELS_BOOK"):
        about = {"name": f"fig-{name}", "caption": caption, "alt": alt}
        display(data, raw=True, metadata=metadata | {"softlabels": about})
    else:
        display(data, raw=True, metadata=metadata)
        display(Markdown(caption))


def stamp(rows: pd.DataFrame) -> str:
    """Where a figure's rows come from: scale, replicates, device, summed seconds, and a link to their table.

    A row's seconds are its share of those of its pack, so rows that are a part of a table have their own sum.
    """
    about = rows.attrs
    older = f" ({about['older_code']} rows of older code)" if about.get("older_code") else ""
    link = f"../../rows/{about['study']}.{about['scale']}.csv"
    return (
        f'<span class="stamp">{about["scale"].capitalize()} scale: {replicates(rows)[1]}, {about["device"].upper()}, '
        f'{duration(rows["seconds"].sum())}; <a href="{link}">rows (CSV)</a>{older}.</span>'
    )


# ---- what is drawn


def with_interval(ax, x, values: pd.DataFrame, within=(-math.inf, math.inf), **style):
    """Plot the mean over replicates (rows of `values`) against x (its columns) with a 95 % t interval as a band.

    within: where the band is cut, (0, 1) for an accuracy.
    """
    mean, low, high = zip(*(t_interval(values[column].dropna()) for column in values), strict=True)
    ax.plot(x, mean, **style)
    if len(values) > 1:
        low, high = np.clip((low, high), *within)
        ax.fill_between(x, low, high, color=style.get("color"), alpha=0.18, linewidth=0)


def with_replicates(ax, values: pd.DataFrame, label: str | None = None, **style) -> None:
    """Plot the mean over replicates (rows of `values`) against its columns, and each replicate as a thin line."""
    ax.plot(values.columns, values.T, **style | {"linewidth": 0.7, "alpha": 0.45})
    ax.plot(values.columns, values.mean(), label=label, **style)


def shades(names: Iterable, palette: str = "viridis", first: float = 0.88, last: float = 0.05) -> dict:
    """A colour a name along a palette, from its light end to its dark one."""
    names = list(names)
    return dict(zip(names, plt.get_cmap(palette)(np.linspace(first, last, len(names))), strict=True))


def ipc_style(ipc: int, **changed) -> dict:
    """How the line of a number of images per class is drawn."""
    return {"color": IPC_COLOUR[ipc], "marker": IPC_MARKER[ipc], "markersize": 5, "label": f"IPC {ipc}"} | changed


def log_axis(ax, values: Sequence[float], label: str = "images per class (IPC)", base: float = 10) -> None:
    """A logarithmic horizontal axis with a tick at each value."""
    ax.set_xscale("log", base=base)
    ax.set_xticks(values, [f"{value:g}" for value in values])
    ax.minorticks_off()
    ax.set_xlabel(label)


def legend_below(fig, lines: dict[str, dict], columns: int = 3, fontsize: float = 10) -> None:
    """A legend below all panels: text -> how its line is drawn."""
    handles = [Line2D([], [], **{"color": "0.4"} | style, label=label) for label, style in lines.items()]
    fig.legend(handles=handles, loc="outside lower center", ncols=columns, fontsize=fontsize)


def name_lines(ax, ends: dict[str, tuple], gap: float = 0.06) -> None:
    """Name lines at their right ends in place of a legend: text -> (x, y, colour); `gap` of the axis between names.

    The axis may have a logarithmic scale.
    """
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(ax.get_ylim())
    apart, names = gap * (high - low), sorted(ends, key=lambda text: ends[text][1])
    places = scale.transform([ends[text][1] for text in names])
    for i in reversed(range(len(names) - 1)):  # down from the highest, then up where that went below the axis
        places[i] = min(places[i], places[i + 1] - apart)
    places = [max(place, low + (i + 0.5) * apart) for i, place in enumerate(places)]
    for text, place in zip(names, scale.inverted().transform(places), strict=True):
        x, _, colour = ends[text]
        style = {"color": colour, "va": "center", "fontsize": 10, "annotation_clip": False}
        ax.annotate(text, (x, place), (9, 0), textcoords="offset points", **style)


# ---- what is written


def answer(markdown: str) -> None:
    """Display computed sentences as text."""
    display(Markdown(markdown))


def percent(values: pd.Series, digits: int = 0) -> str:
    """A share's mean over replicates with its 95 % t interval: `62 % [57, 67]`."""
    return interval(t_interval(100 * np.asarray(values, float)), digits, unit=" %")


def share(values: pd.Series) -> str:
    """As `percent`, with the interval cut at 0 and 100 %, and without it where it is narrower than a point."""
    mean, low, high = t_interval(100 * np.asarray(values, float))
    bounds = (max(low, 0), min(high, 100)) if high - low >= 1 else (math.nan, math.nan)
    return interval((mean, *bounds), 0, unit=" %")


def points(values: pd.Series, digits: int = 1) -> str:
    """A difference in percentage points, mean over replicates with its 95 % t interval: `+3.5 points [+2.9, +4.1]`."""
    return interval(t_interval(values), digits, signed, " points")


def bands(rows: pd.DataFrame) -> str:
    """What the bands of a figure are, in a sentence for its caption."""
    several = rows["draw"].nunique() > 1
    return "Bands are 95 % t intervals over draws of images." if several else "One draw of images, so no interval."


def set_name(data: str) -> str:
    """An image set's name for readers: `Tiny ImageNet at 32×32`; made sets are called by their own."""
    return OFFICIAL[data].title if data in OFFICIAL else data


def missing(study: Study, so: str = "") -> None:
    """Display what larger scales lack in stored rows, and what that would cost; nothing where they are whole.

    so: what follows for the page, as a clause.
    """
    said = {}
    for scale in reversed(PUBLISHED_SCALES):  # the smaller first
        rows = stored(study, scale=scale)
        if absent := lacking(study.id, scale, rows):
            share = "all" if rows is None else f"{sum(map(len, absent)):,} of"
            cost = power_of_ten(sum(map(study.flops, absent)))
            said[scale] = (
                f"{share} {len(study.grid(scale)):,} runs at {scale} scale ({cost} FLOP, teachers not counted)"
            )
    if said:
        so = f" {capital(so)}." if so else ""
        answer(
            f"*Not yet run of `{study.id}`: {', and '.join(said.values())}.{so} To compute them: "
            f"`softlabels run {study.id} --scale {next(iter(said))}`; it can be stopped and continued.*"
        )


# ---- tables


def table(frame: pd.DataFrame, index: bool = True, compact: bool = False, corner: str = "") -> None:
    """Display a table that scrolls by itself where a page is narrow. Cells may hold HTML; gaps become –.

    compact: in small type, with intervals on a line of their own; corner: the heading of the index.
    """
    frame, attributes = frame.fillna("–").astype(str), {"index": index, "classes": "table", "border": 0}
    if corner:
        frame.columns.names = [*[""] * (frame.columns.nlevels - 1), corner]
    if compact:
        frame = frame.map(lambda text: text.replace(" [", "<br>[").replace(", ", ",&nbsp;"))  # where lines may break
    markup = frame.to_html(**attributes, escape=False, justify=None if compact else "left")
    if compact:
        markup = re.sub(r"<(t[dh])(?=[ >])", r'<\1 style="padding:.35em .5em"', markup)
    raw(f'<div style="overflow-x:auto{";font-size:.82em" if compact else ""}">{markup}</div>')


def sortable(frame: pd.DataFrame, kind: str) -> None:
    """Display a table that readers of the book can sort by its headings; cells may hold HTML, the index is left out.

    kind: the name that the book's style sheet has for its columns.
    """
    raw(sortable_markup(frame, kind))


def sortable_markup(frame: pd.DataFrame, kind: str) -> str:
    """The HTML of `sortable`, for a page that puts the table into markup of its own."""
    markup = frame.to_html(index=False, border=0, escape=False, classes="table", justify="left")
    return f'<div class="sortable {kind}" style="overflow-x:auto">{markup}</div>'


def raw(markup: str) -> None:
    """Display HTML that a page has made itself."""
    display(HTML(markup))

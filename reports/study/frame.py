"""The frame of every plot of a study: sizes, axes, looks of points, limits, files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reports.scenery import Picture
from reports.study.words import limit_text
from reports.theme import INK, LOAD, MUTED, WARNING
from studies.findings.study_record import Output

WIDE, HALF = 10.4, 5.1  # inches: the width of a page, and one of two side by side
DPI = 170
LABEL, TICK, NOTE = 9.5, 8.5, 8.5  # points
GRID = "#e3e6ea"
PALE = "#a9cbe0"
REACH = 0.5  # of the span of the data: a limit farther off would press the data flat


@dataclass(frozen=True)
class Look:
    """How points and lines of one group are drawn: told apart by shape and dash first, by colour second."""

    marker: str
    colour: str
    face: str
    size: float
    dash: Any
    width: float


LOOKS = {
    "best": Look("D", LOAD, LOAD, 6.5, "-", 2.0),
    "plain": Look("o", "#5b93b8", "#5b93b8", 5.0, "-", 0.9),
    "open": Look("^", WARNING, "white", 6.0, (0, (1.5, 1.5)), 1.0),
    "poor": Look("x", "#868f99", "#868f99", 5.5, (0, (5, 3)), 0.8),
}


def tidy(axes: Any, grid: str = "both") -> None:
    """Light grid behind the data, no box, plain numbers."""
    axes.tick_params(labelsize=TICK, length=3)
    axes.tick_params(axis="y", labelcolor=INK)
    axes.grid(axis=grid, color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def plain_ticks(axes: Any, axis: str, most: int = 6) -> None:
    """A numeric axis with few round ticks and no offset."""
    getattr(axes, f"{axis}axis").set_major_locator(MaxNLocator(most))
    axes.ticklabel_format(axis=axis, useOffset=False)


def bars(axes: Any, x: Any, y: Any, look: Look, **errors: Any) -> None:
    """Points of one look with their error bars (``xerr``, ``yerr``)."""
    axes.errorbar(
        x,
        y,
        fmt=look.marker,
        color=look.colour,
        markerfacecolor=look.face,
        markersize=look.size,
        elinewidth=1.0,
        capsize=2.0,
        zorder=4 if look.marker == "D" else 3,
        **errors,
    )


def point(look: Look, label: str, whisker: bool = False) -> Line2D:
    """How a legend shows points of a look, with its error bar if that is named too."""
    return Line2D(
        [],
        [],
        color=look.colour,
        marker=look.marker,
        markersize=look.size,
        markerfacecolor=look.face,
        linestyle="-" if whisker else "none",
        linewidth=1.0,
        label=label,
    )


def legend(figure: Any, handles: list[Any], columns: int = 5) -> None:
    """The legend above all panels, out of the way of the data."""
    figure.legend(
        handles=handles,
        loc="outside upper left",
        ncols=columns,
        frameon=False,
        fontsize=NOTE,
        labelcolor=INK,
        handlelength=2.2,
    )


def limit_line(axes: Any, output: Output, axis: str) -> str:
    """Draw the limit across ``axis`` if it is near the data.

    Returns
    -------
    str
        What the caption is to say; empty without a limit.
    """
    if output.limit is None:
        return ""
    low, high = getattr(axes, f"get_{axis}lim")()
    text = limit_text(output)
    if not low - REACH * (high - low) <= output.limit <= high + REACH * (high - low):
        return f"The limit, {text}, is off the scale."
    room = 0.06 * (high - low)
    getattr(axes, f"set_{axis}lim")(min(low, output.limit - room), max(high, output.limit + room))
    draw = axes.axvline if axis == "x" else axes.axhline
    draw(output.limit, color=INK, linewidth=1.1, linestyle=(0, (6, 3)), zorder=2)
    if axis == "x":
        place: dict[str, Any] = {"xy": (output.limit, 1.0), "xycoords": ("data", "axes fraction"), "xytext": (0, 2)}
        align = {"ha": "center", "va": "bottom"}
    else:
        place = {"xy": (1.0, output.limit), "xycoords": ("axes fraction", "data"), "xytext": (0, 3)}
        align = {"ha": "right", "va": "bottom"}
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85}
    more: dict[str, Any] = {"textcoords": "offset points", "fontsize": NOTE, "color": INK, "annotation_clip": False}
    axes.annotate(f"limit {text}", bbox=ground, zorder=6, **place, **align, **more)
    return f"Dashed line: the limit, {text}."


def file_name(kind: str, *names: str) -> str:
    """A file name of plain letters only."""
    return "_".join(re.sub(r"[^a-z0-9]+", "_", part.lower()).strip("_") for part in (kind, *names)) + ".png"


def save(figure: Any, folder: Path, picture: Picture, scale: float) -> Picture:
    """Write a figure under the name of its picture, and close it."""
    figure.savefig(folder / picture.file, dpi=DPI * scale)
    plt.close(figure)
    return picture


def remark(axes: Any, x: float, y: float, text: str) -> None:
    """A word where a value is missing."""
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    more = {"textcoords": "offset points", "fontsize": NOTE, "color": MUTED, "style": "italic", "bbox": ground}
    axes.annotate(text, (x, y), (6, 0), va="center", zorder=5, **more)

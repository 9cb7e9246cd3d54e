"""Names beside points, where there is room for them."""

from __future__ import annotations

from typing import Any

from matplotlib.transforms import Bbox

from reports.study.frame import NOTE
from reports.theme import INK

_SIDES = [(1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1), (1, 0), (-1, 0), (0, -1)]
_ALIGN_X = {1: "left", 0: "center", -1: "right"}
_ALIGN_Y = {1: "bottom", 0: "center", -1: "top"}
_GAPS = (4.0, 9.0)  # points between a marker and its name


def name_points(axes: Any, named: list[tuple[float, float, str]], others: list[tuple[float, float]]) -> int:
    """Write names at points so that they hide neither a point nor one another.

    Parameters
    ----------
    axes : matplotlib Axes
        Drawn to the end but for the names.
    named : list of (x, y, name)
    others : list of (x, y)
        Further points to be kept visible.

    Returns
    -------
    int
        Number of points for whose names there was no room.
    """
    figure = axes.figure
    figure.draw_without_rendering()  # the layout settles the scale
    renderer = figure.canvas.get_renderer()
    spots = axes.transData.transform([(x, y) for x, y, *_ in [*named, *others]])
    half = 3.0 * figure.dpi / 72
    taken = [Bbox.from_extents(x - half, y - half, x + half, y + half) for x, y in spots]
    inside = axes.get_window_extent(renderer)
    missing = 0
    for x, y, name in named:
        for gap, (dx, dy) in ((gap, side) for gap in _GAPS for side in _SIDES):
            text = axes.annotate(
                name,
                (x, y),
                xytext=(gap * dx, gap * dy),
                textcoords="offset points",
                ha=_ALIGN_X[dx],
                va=_ALIGN_Y[dy],
                fontsize=NOTE,
                color=INK,
                zorder=6,
            )
            box = text.get_window_extent(renderer)
            if inside.containsx(box.x0) and inside.containsx(box.x1) and not box.count_overlaps(taken):
                taken.append(box)
                break
            text.remove()
        else:
            missing += 1
    return missing

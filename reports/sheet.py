"""The text of a picture, set by matplotlib over what VTK drew: titles, labels, colour bar, scale bar."""

from __future__ import annotations

import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Circle
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray
from PIL import Image

from reports.numbers import round_down, ticks
from reports.placement import Placement
from reports.theme import COLOUR_MAP, DPI, INK, MUTED, PAPER, TEXT
from reports.view import View

Array = NDArray[np.float64]


class Sheet:
    """A picture under way: the drawn part, then text around it.

    Parameters
    ----------
    image : (rows, columns, 3) array of uint8
        What VTK drew.
    view : View
        How it was looked at.
    window : (n, 3) array, mm, or None
        Show only what is between these points, framed; for a close-up, which would run over the whole sheet.
    """

    def __init__(self, image: NDArray[np.uint8], view: View, window: Array | None = None) -> None:
        self.view = view
        self.canvas = view.canvas
        self.image = image.copy()
        size = (self.canvas.width / DPI, self.canvas.height / DPI)
        self.figure = plt.figure(figsize=size, dpi=DPI, facecolor="none")
        self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, self.canvas.width)
        self.axes.set_ylim(self.canvas.height, 0)
        frame = None if window is None else self._frame(window)
        self.room = Placement.around(self.image, self.canvas.zoom)
        if frame is not None:
            x0, y0, x1, y1 = frame
            for line in ((x0, y0, x1, y0), (x1, y0, x1, y1), (x0, y1, x1, y1), (x0, y0, x0, y1)):
                self.room.take(*line)
        self.margin = 26 * self.canvas.zoom

    def title(self, title: str, subtitle: str) -> None:
        """Head line, with what it shows below it."""
        x, y = self.margin, self.margin * 0.8
        y = self._text(x, y, title, "title", INK, weight="bold")[3] + 3 * self.canvas.zoom
        characters = int(1.7 * (self.canvas.width - 2 * self.margin) / (TEXT["small"] * self.canvas.zoom))
        end = self._text(x, y, textwrap.fill(subtitle, characters), "small", MUTED)[3]
        self.room.take(0, 0, self.canvas.width, end + 6 * self.canvas.zoom)

    def reserve(self, points: Array) -> None:
        """Keep text off these points (n, 3), mm."""
        r = 7 * self.canvas.zoom
        for x, y in self.view.pixels(points):
            self.room.take(x - r, y - r, x + r, y + r)

    def label(
        self,
        points: Array,
        text: str,
        detail: str = "",
        *,
        colour: str = INK,
        marker: str = "dot",
    ) -> None:
        """Name a point (3,), or several that the same words hold for (n, 3), mm.

        The words stand outside the part, with a leader line to the one of the points that is best to reach.

        Parameters
        ----------
        text, detail : str
            In bold, and smaller below.
        marker : {"dot", "hollow", "none"}
            "hollow" is for a point on the far side.
        """
        spots = [(float(x), float(y)) for x, y in self.view.pixels(points)]
        detail = textwrap.fill(detail, 30)
        size = "value" if marker != "none" else "label"
        width, height = self._size(text, detail, size)
        anchor, (x, y) = self.room.place(spots, width, height)
        end = self.room.attach(anchor, (x, y), width, height)
        thin = marker == "none"
        halo = [
            withStroke(linewidth=(1.0 if thin else 1.3) * self.canvas.zoom + 1.1 * self.canvas.zoom, foreground=PAPER)
        ]
        self.axes.plot(
            *zip(anchor, end, strict=True),
            color=colour,
            linewidth=(0.5 if thin else 0.75) * self.canvas.zoom,
            solid_capstyle="round",
            path_effects=halo,
        )
        if thin:
            self.axes.plot(*anchor, marker="o", markersize=1.6 * self.canvas.zoom, color=colour, linestyle="none")
        else:
            for spot in spots:
                self._ring(spot, colour, dashed=marker == "hollow")
        align = "right" if x + width < anchor[0] else "left"
        at = x + width if align == "right" else x
        bottom = self._text(at, y, text, size, colour, weight="bold" if size == "value" else "normal", align=align)[3]
        if detail:
            self._text(at, bottom + 2 * self.canvas.zoom, detail, "small", MUTED, align=align)

    def colour_bar(
        self, title: str, unit: str, top: float, extend: str, limit: tuple[float, str] | None = None
    ) -> None:
        """The colour bar from zero to ``top``.

        Parameters
        ----------
        extend : {"neither", "min", "max", "both"}
            Where the field goes on beyond the bar.
        limit : (float, str)
            A value to be marked on the bar, and its name.
        """
        zoom, c = self.canvas.zoom, self.canvas
        if c.wide:
            box = (0.5 * c.width, c.height - 78 * zoom, 0.5 * c.width - self.margin - 18 * zoom, 13 * zoom)
            self.room.take(box[0] - 30 * zoom, box[1] - 48 * zoom, c.width, c.height)
        else:
            box = (c.width - 92 * zoom, 0.27 * c.height, 13 * zoom, 0.44 * c.height)
            self.room.take(box[0] - 22 * zoom, box[1] - 62 * zoom, c.width, box[1] + box[3] + 24 * zoom)
        x, y, w, h = box
        axes = self.figure.add_axes((x / c.width, 1 - (y + h) / c.height, w / c.width, h / c.height))
        bar = self.figure.colorbar(
            ScalarMappable(Normalize(0, top), COLOUR_MAP),
            cax=axes,
            orientation="horizontal" if c.wide else "vertical",
            extend=extend,
            extendfrac=0.045,
            ticks=ticks(top),
        )
        bar.outline.set_linewidth(0.5 * zoom)
        bar.outline.set_edgecolor(INK)
        axes.tick_params(
            labelsize=self._points("label"),
            width=0.5 * zoom,
            length=3.5 * zoom,
            color=INK,
            labelcolor=INK,
            pad=3 * zoom,
        )
        if c.wide:
            lift = 40 if limit is not None and 0 < limit[0] <= top else 25  # the word at the limit stands between
            self._text(x, y - lift * zoom, title + (f" ({unit})" if unit else ""), "label", INK, weight="bold")
        else:
            head = textwrap.fill(title, 12) + (f"\n({unit})" if unit else "")
            _, height = self._size(head, "", "label")
            self._text(x, y - height - 24 * zoom, head, "label", INK, weight="bold")
        if limit is not None and 0 < limit[0] <= top:
            fraction = limit[0] / top
            if c.wide:
                axes.axvline(limit[0], color=INK, linewidth=1.2 * zoom)
                self._text(x + fraction * w, y - 21 * zoom, limit[1], "small", INK, align="center")
            else:
                axes.axhline(limit[0], color=INK, linewidth=1.2 * zoom)
                self._text(x - 4 * zoom, y + (1 - fraction) * h - 8 * zoom, limit[1], "small", INK, align="right")

    def scale_bar(self) -> None:
        """A bar of a round length, exact because the projection is parallel."""
        zoom, c = self.canvas.zoom, self.canvas
        length = round_down(0.16 * c.width * self.view.mm_per_pixel)
        pixels = length / self.view.mm_per_pixel
        x, y = self.margin, c.height - self.margin * 0.9
        self.axes.plot([x, x + pixels], [y, y], color=INK, linewidth=1.5 * zoom, solid_capstyle="butt")
        for end in (x, x + pixels):
            self.axes.plot([end, end], [y - 3 * zoom, y + 3 * zoom], color=INK, linewidth=0.8 * zoom)
        self._text(x + pixels / 2, y - 22 * zoom, f"{length:g} mm", "label", INK, align="center")
        self.room.take(0, y - 26 * zoom, x + pixels + 20 * zoom, c.height)

    def save(self, path: Path) -> None:
        """Lay the text over what was drawn, pixel on pixel, and write it as PNG."""
        self.figure.canvas.draw()
        text = Image.fromarray(np.asarray(self.figure.canvas.buffer_rgba()))  # type: ignore[attr-defined]
        sheet = Image.fromarray(self.image)
        sheet.paste(text, mask=text.getchannel("A"))
        sheet.save(path, compress_level=4)  # a fifth faster than the usual six, a fiftieth larger
        plt.close(self.figure)

    def _ring(self, spot: tuple[float, float], colour: str, *, dashed: bool) -> None:
        """A white dot with a coloured rim; or a dashed rim alone, as drawings show what is hidden."""
        width = 1.15 * self.canvas.zoom
        self.axes.add_patch(
            Circle(
                spot,
                radius=(4.6 if dashed else 3.0) * self.canvas.zoom,
                facecolor="none" if dashed else PAPER,
                edgecolor=colour,
                linewidth=width,
                linestyle=(0, (2.0, 1.2)) if dashed else "solid",
                path_effects=[withStroke(linewidth=2 * width, foreground=PAPER)],
                zorder=3,
            )
        )

    def _frame(self, window: Array) -> tuple[float, float, float, float]:
        corners = self.view.pixels(window)
        (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
        inside = np.zeros(self.image.shape[:2], dtype=bool)
        inside[round(y0) : round(y1), round(x0) : round(x1)] = True
        self.image[~inside] = 255
        self.axes.plot([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], color=MUTED, linewidth=0.5 * self.canvas.zoom)
        return float(x0), float(y0), float(x1), float(y1)

    # --- type ------------------------------------------------------------------------------------

    def _points(self, size: str) -> float:
        return TEXT[size] * self.canvas.zoom * 72 / DPI

    def _text(
        self, x: float, y: float, text: str, size: str, colour: str, *, weight: str = "normal", align: str = "left"
    ) -> tuple[float, float, float, float]:
        """Set text with its top at ``y``; gives its box in pixels from the top left."""
        item = self.axes.text(
            x,
            y,
            text,
            fontsize=self._points(size),
            color=colour,
            fontweight=weight,
            ha=align,
            va="top",
            linespacing=1.25,
            path_effects=[withStroke(linewidth=1.6 * self.canvas.zoom, foreground=PAPER)],
        )
        box = item.get_window_extent()
        return (box.x0, y, box.x1, y + box.height)

    def _size(self, text: str, detail: str, size: str) -> tuple[float, float]:
        width = height = 0.0
        for line, kind in ((text, size), (detail, "small")):
            if line:
                item = self.axes.text(
                    0,
                    0,
                    line,
                    fontsize=self._points(kind),
                    fontweight="bold" if kind == "value" else "normal",
                    linespacing=1.25,
                )
                box = item.get_window_extent()
                item.remove()
                width, height = max(width, box.width), height + box.height + 2 * self.canvas.zoom
        return width, height

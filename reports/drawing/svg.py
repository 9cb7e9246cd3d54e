"""The marks of a drawing, as SVG in millimetres of paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from reports.theme import INK, LOAD, MUTED, PAPER

Array = NDArray[np.float64]

FONT = "DejaVu Sans, Liberation Sans, Arial, sans-serif"
TEXT, SMALL = 2.9, 2.35  # mm, height of an em
ARROW = 2.3  # mm, length of an arrowhead
THICK, THIN, HAIR = 0.42, 0.2, 0.16  # mm, after ISO 128: outlines twice as thick as the rest


class Drawing:
    """Marks under way.

    Parameters
    ----------
    width, height : float, mm
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._marks: list[str] = []

    def lines(self, lines: Iterable[Array], width: float, colour: str = INK, dashes: str = "") -> None:
        """Polylines, each (k, 2)."""
        path = "".join("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in line) for line in lines)
        if path:
            dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
            self._marks.append(
                f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linecap="round" '
                f'stroke-linejoin="round"{dashed}/>'
            )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = TEXT,
        colour: str = INK,
        anchor: str = "middle",
        turned: bool = False,
        bold: bool = False,
    ) -> None:
        """Words with their base line at a place; ``turned`` reads from below."""
        turn = f' transform="rotate(-90 {x:.2f} {y:.2f})"' if turned else ""
        weight = ' font-weight="700"' if bold else ""
        self._marks.append(
            f'<text x="{x:.2f}" y="{y:.2f}" font-family="{FONT}" font-size="{size}" fill="{colour}" '
            f'text-anchor="{anchor}"{weight}{turn}>{escape(words)}</text>'
        )

    def dimension(self, start: Sequence[float], end: Sequence[float], offset: float, words: str) -> None:
        """A dimension between two places on a horizontal or vertical line, drawn ``offset`` below or to the left.

        Where it is too short for arrowheads and words between the extension lines, both stand outside.
        """
        a, b = np.array(start, dtype=float), np.array(end, dtype=float)
        upright = abs(a[0] - b[0]) < abs(a[1] - b[1])
        if upright and a[1] > b[1]:
            a, b = b, a  # from above
        out = np.array((-1.0, 0.0)) if upright else np.array((0.0, 1.0))
        along = (b - a) / np.linalg.norm(b - a)
        p, q = a + offset * out, b + offset * out
        sign = 1.0 if offset > 0 else -1.0
        self.lines(
            [np.array([end_ + sign * 1.0 * out, foot + sign * 1.6 * out]) for end_, foot in ((a, p), (b, q))],
            HAIR,
            MUTED,
        )
        length = float(np.linalg.norm(b - a))
        wide = 0.62 * TEXT * len(words)
        if length > wide + 2 * ARROW + 1.5:
            self.lines([np.array([p, q])], HAIR, MUTED)
            self.head(p, -along)
            self.head(q, along)
            middle = (p + q) / 2
            if upright:
                self.text(middle[0] - 1.0, middle[1], words, turned=True)
            else:
                self.text(middle[0], middle[1] - 1.0, words)
            return
        reach = ARROW + 2.2
        self.lines([np.array([p - reach * along, p]), np.array([q, q + reach * along]), np.array([p, q])], HAIR, MUTED)
        self.head(p, along)
        self.head(q, -along)
        if upright:
            self.text(p[0] + 0.35 * TEXT, p[1] - reach - 1.0, words)
        else:
            self.text(q[0] + reach + 0.8, q[1] + 0.36 * TEXT, words, anchor="start")

    def balloon(self, at: Sequence[float] | Array, spot: Sequence[float] | Array, words: str) -> None:
        """A number in a circle, with a leader to what it names."""
        a, b = np.array(at, dtype=float), np.array(spot, dtype=float)
        length = float(np.linalg.norm(b - a))
        if length > 2.2:
            self.lines([np.array([a + (b - a) * 2.1 / length, b])], HAIR, LOAD)
        self._marks.append(f'<circle cx="{b[0]:.2f}" cy="{b[1]:.2f}" r="0.55" fill="{LOAD}"/>')
        self._marks.append(
            f'<circle cx="{a[0]:.2f}" cy="{a[1]:.2f}" r="2.1" fill="{PAPER}" stroke="{LOAD}" stroke-width="{THIN}"/>'
        )
        self.text(a[0], a[1] + 0.36 * SMALL, words, SMALL, LOAD, bold=True)

    def band(self, x: float, y: float, width: float, height: float, colour: str, opacity: float) -> None:
        """A rectangle of colour, from its upper left corner."""
        self._marks.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{colour}" '
            f'fill-opacity="{opacity}"/>'
        )

    def polygon(self, corners: Iterable[Sequence[float] | Array], colour: str) -> None:
        """A filled polygon."""
        points = " ".join(f"{x:.2f},{y:.2f}" for x, y in corners)
        self._marks.append(f'<polygon points="{points}" fill="{colour}"/>')

    def ring(self, centre: Sequence[float], radius: float, colour: str) -> None:
        """A white dot with a coloured border."""
        self._marks.append(
            f'<circle cx="{centre[0]:.2f}" cy="{centre[1]:.2f}" r="{radius:.2f}" fill="{PAPER}" stroke="{colour}" '
            f'stroke-width="{THICK}"/>'
        )

    def circle(self, centre: Sequence[float], radius: float, width: float, dashes: str = "") -> None:
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._marks.append(
            f'<circle cx="{centre[0]:.2f}" cy="{centre[1]:.2f}" r="{radius:.2f}" fill="none" stroke="{MUTED}" '
            f'stroke-width="{width}"{dashed}/>'
        )

    def scale_bar(self, x: float, y: float, length: float, words: str) -> None:
        """A bar in two halves, black and white."""
        half = length / 2
        for k, fill in ((0, INK), (1, PAPER)):
            self._marks.append(
                f'<rect x="{x + k * half:.2f}" y="{y:.2f}" width="{half:.2f}" height="1.3" fill="{fill}" '
                f'stroke="{INK}" stroke-width="{HAIR}"/>'
            )
        self.text(x, y + 4.4, "0", SMALL, MUTED)
        self.text(x + length, y + 4.4, words, SMALL, MUTED)

    def third_angle(self, x: float, y: float) -> None:
        """The sign of third-angle projection (ISO 5456-2): a cone cut off, its end view to the left."""
        centre = (x + 3.0, y)
        for radius in (2.6, 1.3):
            self.circle(centre, radius, THIN)
        self.lines(
            [np.array([(x + 8, y - 1.3), (x + 15, y - 2.6), (x + 15, y + 2.6), (x + 8, y + 1.3), (x + 8, y - 1.3)])],
            THIN,
            MUTED,
        )
        for start, stop in ((x - 0.8, x + 6.8), (x + 7, x + 16)):
            self.lines([np.array([(start, y), (stop, y)])], HAIR, MUTED, "1.6 0.5 0.4 0.5")

    def source(self, title: str) -> str:
        """The whole, as SVG."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:.2f}mm" height="{self.height:.2f}mm" '
            f'viewBox="0 0 {self.width:.2f} {self.height:.2f}" role="img"><title>{escape(title)}</title>'
            + "".join(self._marks)
            + "</svg>\n"
        )

    def head(self, tip: Array, along: Array) -> None:
        across = np.array((-along[1], along[0])) * ARROW * 0.16
        back = tip - ARROW * along
        self.polygon((tip, back + across, back - across), MUTED)

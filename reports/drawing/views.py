"""Front, right and top view of a run's part, with overall dimensions, regions and what was left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.drawing.lines import Edges, Pieces, chained, outline, seen
from reports.drawing.shape import Locator, Shape
from reports.drawing.sheet import ABOVE, LEFT, Projection, Sheet
from reports.drawing.svg import HAIR, SMALL, THICK, THIN, Drawing
from reports.fields import Fields
from reports.numbers import plain, round_down, words
from reports.stage import ghost_surface
from reports.theme import INK, MUTED
from studies.record import Ghost, RunRecord

Array = NDArray[np.float64]

GRAIN = 0.02  # mm of paper
PHANTOM = "4 0.8 0.6 0.8 0.6 0.8"  # ISO 128: what is no part of this part
NUMBER_STEP = 5.2  # mm between two balloons
MOST_REGIONS = 14  # more numbers than that name nothing any more


@dataclass(frozen=True)
class Drawn:
    """A drawing.

    Attributes
    ----------
    svg : str
    ratio : str
        The scale, such as "1 : 2".
    extent : tuple of float
        Size of the box along x, y and z, mm.
    regions : list of (int, str)
        What the numbers on it name.
    unseen : list of str
        Regions that none of the views shows.
    mirrored : tuple of str
        Axes across which the computed part was mirrored.
    alt : str
        What to read in its place.
    """

    svg: str
    ratio: str
    extent: tuple[float, float, float]
    regions: list[tuple[int, str]]
    unseen: list[str]
    mirrored: tuple[str, ...]
    alt: str


def drawing(fields: Fields, record: RunRecord) -> Drawn:
    """The drawing of a run's part."""
    shape = Shape.of(fields, record.regions.surfaces)
    low, high = shape.box()
    sheet = Sheet.of(low, high, np.array(record.scene.view_direction), np.array(record.scene.up))
    locator, edges = shape.locator(), Edges.of(shape)
    page = Drawing(sheet.width, sheet.height)
    for view in sheet.views:
        _part(page, view, shape, edges, locator)
    omitted = [ghost for ghost in record.scene.ghosts if ghost.role == "part"]
    for view in (sheet.front, sheet.side):
        for ghost in omitted:
            _phantom(page, view, ghost, sheet)
    extent = (float(high[0] - low[0]), float(high[1] - low[1]), float(high[2] - low[2]))
    regions = _number(page, sheet, shape, record.regions.surfaces, locator)
    shown = {name for _, name in regions}
    there = [_words(name) for n, name in record.regions.surfaces.items() if np.any(shape.labels == n)]
    unseen = [name for name in dict.fromkeys(there) if name not in shown]
    _dimensions(page, sheet)
    _furniture(page, sheet)
    sizes = ", ".join(f"{axis} {_length(size)} mm" for axis, size in zip("xyz", extent, strict=True))
    alt = f"Front, right and top view at {sheet.ratio()}, third-angle projection. Overall size: {sizes}."
    return Drawn(page.source(alt), sheet.ratio(), extent, regions, unseen, shape.mirrored, alt)


def _part(page: Drawing, view: Projection, shape: Shape, edges: Edges, locator: Locator) -> None:
    def put(pieces: Pieces, width: float, colour: str) -> None:
        page.lines(chained(view.paper(seen(pieces, view.towards, locator)), GRAIN), width, colour)

    put(edges.borders, THIN, MUTED)
    put(edges.sharp, THICK * 0.8, INK)
    put(outline(shape, view.towards), THICK, INK)


def _phantom(page: Drawing, view: Projection, ghost: Ghost, sheet: Sheet) -> None:
    """The outline of a companion that was left out, as far as it stays on the sheet."""
    rim = _hull(view.paper(np.asarray(ghost_surface(ghost).points)))
    inside = (rim > 1).all() and (rim[:, 0] < sheet.width - 1).all() and (rim[:, 1] < sheet.height - 1).all()
    if inside:
        page.lines([np.vstack([rim, rim[:1]])], HAIR, MUTED, PHANTOM)


def _hull(points: Array) -> Array:
    """Corners of the convex hull (Andrew, Inf. Process. Lett. 9, 1979, 216)."""
    ordered = np.unique(np.round(points, 3), axis=0)

    def half(rows: Array) -> list[Array]:
        hull: list[Array] = []
        for p in rows:
            while len(hull) > 1:
                (ax, ay), (bx, by) = hull[-1] - hull[-2], p - hull[-2]
                if ax * by - ay * bx > 0:
                    break
                hull.pop()
            hull.append(p)
        return hull[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def _number(
    page: Drawing, sheet: Sheet, shape: Shape, names: dict[int, str], locator: Locator
) -> list[tuple[int, str]]:
    """Number the regions where a view shows most of each; gives what the numbers mean."""
    nodes = shape.nodes
    centres = nodes[:, 3:].mean(axis=1)
    area = np.linalg.norm(np.cross(nodes[:, 1] - nodes[:, 0], nodes[:, 2] - nodes[:, 0]), axis=1) / 2
    outward = shape.normals.mean(axis=1)
    spots: dict[str, list[tuple[int, Array]]] = {view.name: [] for view in sheet.views}
    labels = [n for n in sorted(names) if np.any(shape.labels == n)]
    found: list[tuple[int, str]] = []
    for label in labels[:MOST_REGIONS]:
        best: tuple[float, Projection, Array] | None = None
        mine = np.flatnonzero(shape.labels == label)
        mine = mine[:: max(len(mine) // 400, 1)]
        for view in sheet.views:
            turned = mine[outward[mine] @ view.towards > 0.05]
            shown = turned[locator.visible(centres[turned], outward[turned], view.towards)]
            if not len(shown):
                continue
            weight = area[shown] * (outward[shown] @ view.towards)
            if best is None or weight.sum() > 1.2 * best[0]:  # the front first
                flat = view.paper(centres[shown])
                middle = np.average(flat, axis=0, weights=weight)
                spot = flat[np.argmin(np.linalg.norm(flat - middle, axis=1))]
                best = float(weight.sum()), view, spot
        if best is not None:
            number = len(found) + 1
            found.append((number, _words(names[label])))
            spots[best[1].name].append((number, best[2]))
    for view in sheet.views:
        _balloons(page, view, spots[view.name], below=view is not sheet.top)
    return found


def _words(name: str) -> str:
    return words(name).replace("+", ", ")


def _balloons(page: Drawing, view: Projection, spots: list[tuple[int, Array]], below: bool) -> None:
    """In a column to the right of a tall view, in a row above a wide one."""
    if not spots:
        return
    width, height = view.size
    upright = height > width
    k = 1 if upright else 0
    spots = sorted(spots, key=lambda pair: float(pair[1][k]))
    places = _apart(np.array([spot[k] for _, spot in spots]), NUMBER_STEP)
    for (number, spot), place in zip(spots, places, strict=True):
        at = (view.corner[0] + width + 6.0, place) if upright else (place, view.corner[1] - height - 7.0)
        page.balloon(at, spot, str(number))


def _apart(places: Array, step: float) -> Array:
    """Ascending places moved as little as needed to be a ``step`` apart (pool adjacent violators)."""
    blocks: list[list[float]] = []  # mean of what is left of the place when its turn is taken off, and how many
    for k, place in enumerate(places):
        blocks.append([float(place) - k * step, 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, count = blocks.pop()
            total = blocks[-1][1] + count
            blocks[-1] = [(blocks[-1][0] * blocks[-1][1] + mean * count) / total, total]
    flat = np.concatenate([[mean] * int(count) for mean, count in blocks])
    return np.asarray(flat + step * np.arange(len(places)))


def _length(value: float) -> str:
    return plain(value, 5)


def _dimensions(page: Drawing, sheet: Sheet) -> None:
    front, side = sheet.front, sheet.side
    (w, h), (d, _) = front.size, side.size
    x, y = front.corner
    page.dimension((x, y), (x + w, y), 7.0, _length(w / sheet.scale))
    page.dimension((x, y), (x, y - h), 6.5, _length(h / sheet.scale))
    sx, sy = side.corner
    page.dimension((sx, sy), (sx + d, sy), 7.0, _length(d / sheet.scale))
    for view in (front, side):
        page.text(view.corner[0] + view.size[0] / 2, y + 12.5, view.name, SMALL, MUTED)
    page.text(x - 3.0, sheet.top.corner[1] - sheet.top.size[1] / 2 + 0.8, sheet.top.name, SMALL, MUTED, "end")


def _furniture(page: Drawing, sheet: Sheet) -> None:
    """Scale bar, scale, axes, sign of the projection."""
    y = sheet.height - 9.5
    length = round_down(0.28 * sheet.width / sheet.scale)
    page.scale_bar(LEFT, y, length * sheet.scale, f"{plain(length)} mm")
    x = LEFT + length * sheet.scale + 16
    page.text(x, y + 1.5, f"Scale {sheet.ratio()}", SMALL, INK, "start", bold=True)
    page.text(x, y + 4.8, "on A4; sizes in mm", SMALL, MUTED, "start")
    page.third_angle(sheet.width - 34, y + 1.2)
    page.text(sheet.width - 26, y + 7.2, "third-angle projection", SMALL, MUTED)
    _triad(page, sheet)


def _triad(page: Drawing, sheet: Sheet) -> None:
    """Which way the axes of the model point in the front view: in the corner that no view takes."""
    x = sheet.side.corner[0] + 4.0
    y = ABOVE + 8.0 if sheet.top.size[1] > 10 else sheet.top.corner[1] + 1.0
    along, upward = sheet.front.axes()
    for end, name, spot in (((7.0, 0.0), along, (9.0, 0.9)), ((0.0, -7.0), upward, (0.0, -8.2))):
        start, tip = np.array((x, y)), np.array((x + end[0], y + end[1]))
        page.lines([np.array([start, tip])], THIN, MUTED)
        page.head(tip, (tip - start) / 7.0)
        page.text(x + spot[0], y + spot[1], name, SMALL, MUTED)

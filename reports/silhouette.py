"""The outline of a surface as a parallel projection shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvista as pv
from numpy.typing import NDArray

from reports.theme import FEATURE_ANGLE

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


def silhouette(surface: pv.PolyData, towards: Array) -> pv.PolyData:
    """Where a surface turns away from a direction.

    At sharp edges, those between a face that is seen from in front and one that is seen from behind; in between, the
    zeros of n . d, with normals that are smooth over the faces: the edges between such faces would make a zigzag.

    Parameters
    ----------
    surface : pyvista.PolyData
        Of triangles.
    towards : (3,) array
        From the surface to the camera.

    Returns
    -------
    pyvista.PolyData
        Lines; no border of an open surface is among them.
    """
    given: Any = surface
    faces, points = given.regular_faces.astype(np.int64), np.asarray(given.points, dtype=float)
    corners = points[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])  # twice the area long
    ends, at, sharp = _edges(faces, len(points), normals)
    front = normals @ towards > 0
    broken = ends[sharp & (front[at[:, 0]] != front[at[:, 1]])]

    around = np.stack([np.bincount(faces.ravel(), np.repeat(x, 3), len(points)) for x in normals.T], axis=1)
    on_edge = np.zeros(len(points), dtype=bool)
    on_edge[ends[sharp]] = True
    smooth = np.where(on_edge[faces][..., None], normals[:, None], around[faces])
    (turned,) = zero_lines(smooth @ towards, corners)

    segments = np.concatenate([points[broken], turned])
    if not len(segments):
        return pv.PolyData()
    numbers = np.arange(2 * len(segments)).reshape(-1, 2)
    return pv.PolyData(segments.reshape(-1, 3), lines=np.insert(numbers, 0, 2, axis=1).ravel())


def _edges(faces: Integers, count: int, normals: Array) -> tuple[Integers, Integers, NDArray[np.bool_]]:
    """Ends (n, 2) of the edges that two faces share, those faces (n, 2), and whether the surface is sharp there."""
    ends = np.sort(np.concatenate([faces[:, (0, 1)], faces[:, (1, 2)], faces[:, (2, 0)]]), axis=1)
    names = ends[:, 0] * count + ends[:, 1]
    order = np.argsort(names)
    first, second = order[:-1], order[1:]
    shared = names[first] == names[second]
    # Edge number k belongs to face number k modulo the number of faces.
    ends, at = ends[first[shared]], np.stack([first[shared], second[shared]], axis=1) % len(faces)
    unit = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)
    turn = np.einsum("nc,nc->n", unit[at[:, 0]], unit[at[:, 1]])
    return ends, at, turn < np.cos(np.radians(FEATURE_ANGLE))


def zero_lines(values: Array, *fields: Array) -> list[Array]:
    """Where a function that is linear in each of n triangles is zero (Hertzmann and Zorin, SIGGRAPH 2000, section 4).

    Parameters
    ----------
    values : (n, 3) array
        At the corners.
    fields : (n, 3, 3) arrays
        Points, normals, ... at the corners, linear too.

    Returns
    -------
    list of (m, 2, 3) array
        Each field at both ends of the lines, of which there are m.
    """
    met = (values.min(axis=1) < 0) & (values.max(axis=1) > 0)
    g = values[met]
    sign = g > 0
    # The corner that is alone on its side is met by both crossings.
    alone = np.argmax(sign == (sign.sum(axis=1) == 1)[:, None], axis=1)
    rows = np.arange(len(g))
    ends: list[list[Array]] = [[] for _ in fields]
    for step in (1, 2):
        other = (alone + step) % 3
        t = (g[rows, alone] / (g[rows, alone] - g[rows, other]))[:, None]
        for crossed, x in zip(ends, fields, strict=True):
            crossed.append((1 - t) * x[met][rows, alone] + t * x[met][rows, other])
    return [np.stack(crossed, axis=1) for crossed in ends]

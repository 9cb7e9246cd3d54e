"""The outline of a surface as a parallel projection shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvista as pv
from numpy.typing import NDArray

Array = NDArray[np.float64]


def silhouette(surface: pv.PolyData, towards: Array) -> pv.PolyData:
    """The edges between faces that a direction sees from in front and faces that it sees from behind.

    They are the rim of what is drawn. Zeros of n . d with smooth normals lie inside it, where it half hides them.

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
    faces, points = given.regular_faces, np.asarray(given.points, dtype=float)
    a, b, c = points[faces.T]
    front = np.cross(b - a, c - a) @ towards > 0
    edges = np.sort(np.concatenate([faces[:, (0, 1)], faces[:, (1, 2)], faces[:, (2, 0)]]), axis=1)
    names = edges[:, 0] * len(points) + edges[:, 1]
    order = np.argsort(names)
    first, second = order[:-1], order[1:]
    # Edge number k belongs to face number k modulo the number of faces.
    turned = (names[first] == names[second]) & (front[first % len(faces)] != front[second % len(faces)])
    used, lines = np.unique(edges[first[turned]], return_inverse=True)
    ends = np.insert(lines.reshape(-1, 2), 0, 2, axis=1)
    return pv.PolyData(points[used], lines=ends.ravel()) if len(ends) else pv.PolyData()

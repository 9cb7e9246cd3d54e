"""Middles of edges on curves and surfaces of the CAD model, in bulk.

gmsh finds each by a projection of its own, from scratch. Here all edges of a surface start together from the middle of
the parameters that the mesher has already given their ends, and go to the nearest point by Gauss-Newton steps: a few
evaluations of the surface. What does not settle near the edge is projected.
"""

from __future__ import annotations

import gmsh
import numpy as np
from numpy.typing import NDArray

from geometry.errors import GeometryError

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_STEPS = 12
# Of the length of the edge: a step that is none. So small that the sizes of the next mesh, which are rounded, do not
# depend on how a middle was found.
SETTLED = 1e-10
NEAR = 1e-3  # the same for a node that may be anywhere on a surface
# Of the length of the edge: farther from its middle no point of a smooth surface should be. A quarter of a circle has
# 0.21 between its ends, a third 0.29; the wrong side of a tube, which a step over its seam would find, 0.87 at least.
_FAR = 0.35


def on_surface(surface: int, ends: Array, parameters: Array, settled: float = SETTLED) -> Array:
    """The points of a surface nearest to the middles of some edges on it.

    Parameters
    ----------
    surface : int
        Tag in the current gmsh model.
    ends : (k, 2, 3) array, mm
        Of the edges.
    parameters : (k, 2, 2) array
        Of the ends on the surface. On a seam or at a pole there are several for one point: any will do.
    settled : float
        Length of a step that is none, by that of the edge.

    Returns
    -------
    (k, 3) array, mm
    """
    if gmsh.model.getType(2, surface) == "Plane":
        return np.asarray(ends.mean(axis=1))
    middle, length = ends.mean(axis=1), np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    start = parameters.mean(axis=1)
    found, _, sound = _nearest(surface, middle, start, length, settled)
    if sound.all():
        return found
    again = np.flatnonzero(~sound)
    # Over a seam the parameters of the ends differ by a period: their middle is half a period off.
    low, high = (np.array(bound) for bound in gmsh.model.getParametrizationBounds(2, surface))
    for half in ((0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
        shifted = low + (start[again] - low + half * (high - low)) % (high - low)
        found[again], _, better = _nearest(surface, middle[again], shifted, length[again], settled)
        again = again[~better]
        if not len(again):
            return found
    found[again] = _projected(2, surface, middle[again], length[again])
    return found


def on_curve(curve: int, ends: Array, parameters: Array, settled: float = SETTLED) -> Array:
    """The points of a curve as far from one end of an edge as from the other.

    Parameters
    ----------
    curve : int
        Tag in the current gmsh model.
    ends : (k, 2, 3) array, mm
        Of the edges, along the curve.
    parameters : (k, 2) array
        Of the ends. Where the curve closes in itself either of both will do.
    settled : float
        As in `on_surface`.

    Returns
    -------
    (k, 3) array, mm
    """
    if gmsh.model.getType(1, curve) == "Line":
        return np.asarray(ends.mean(axis=1))
    first, last = parameters.T
    if len(set(gmsh.model.getBoundary([(1, curve)], combined=False, oriented=False))) < 2:
        low, high = (float(bound[0]) for bound in gmsh.model.getParametrizationBounds(1, curve))
        # An edge leads to rising parameters; one that seems not to starts or ends where the curve closes.
        falling = first >= last
        starts = np.abs(first - high) < np.abs(last - low)
        first, last = np.where(falling & starts, low, first), np.where(falling & ~starts, high, last)
    t = (first + last) / 2
    middle, chord = ends.mean(axis=1), ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(chord, axis=1)
    found, step = at(1, curve, t), np.full(len(t), np.inf)
    some = np.arange(len(t))
    for _ in range(_STEPS):
        slope = _slopes(1, curve, t[some])[:, 0]
        across = np.einsum("ki,ki->k", slope, chord[some])
        step[some] = np.einsum("ki,ki->k", middle[some] - found[some], chord[some])
        step[some] /= np.where(across == 0.0, np.inf, across)
        t[some] += step[some]
        found[some] = at(1, curve, t[some])
        step[some] = np.abs(step[some]) * np.linalg.norm(slope, axis=1)
        some = some[step[some] > settled * length[some]]
        if not len(some):
            break
    wrong = (step > settled * length) | (np.linalg.norm(found - middle, axis=1) > _FAR * length)
    if wrong.any():
        found[wrong] = _projected(1, curve, middle[wrong], length[wrong])
    return found


def near(surface: int, points: Array, parameters: Array, length: float) -> tuple[Array, Array]:
    """Points of a surface next to some others: the nearest ones, but for what does not show.

    Parameters
    ----------
    surface : int
        Tag in the current gmsh model.
    points : (k, 3) array, mm
    parameters : (k, 2) array
        Where to begin on the surface.
    length : float, mm
        Of an edge: a point may be away from the surface by a third of it.

    Returns
    -------
    points (k, 3), parameters (k, 2)

    Raises
    ------
    GeometryError
        If one is farther away, or not found.
    """
    found, uv, sound = _nearest(surface, points, parameters, np.full(len(points), length), NEAR)
    if not sound.all():
        raise GeometryError(f"{np.sum(~sound)} points are not near surface {surface}")
    return found, uv


def _nearest(
    surface: int, target: Array, parameters: Array, length: Array, settled: float
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """The points of a surface nearest to some others (k, 3), their parameters, and whether each is found."""
    uv = parameters.copy()
    found, step = at(2, surface, uv), np.full(len(uv), np.inf)
    some = np.arange(len(uv))
    for _ in range(_STEPS):
        slopes = _slopes(2, surface, uv[some])
        right = np.einsum("kpi,ki->kp", slopes, target[some] - found[some])
        a, b, c = (np.einsum("ki,ki->k", slopes[:, p], slopes[:, q]) for p, q in ((0, 0), (0, 1), (1, 1)))
        a, c = np.maximum(a, np.finfo(float).tiny), np.maximum(c, np.finfo(float).tiny)
        b = np.where(a * c - b * b > 1e-12 * a * c, b, 0.0)  # at a pole one parameter leads nowhere
        change = np.stack([c * right[:, 0] - b * right[:, 1], a * right[:, 1] - b * right[:, 0]], axis=1)
        change /= (a * c - b * b)[:, None]
        move = np.linalg.norm(np.einsum("kp,kpi->ki", change, slopes), axis=1)
        uv[some] += change / np.maximum(1.0, move / length[some])[:, None]
        found[some] = at(2, surface, uv[some])
        step[some] = move
        some = some[move > settled * length[some]]
        if not len(some):
            break
    return found, uv, (step <= settled * length) & (np.linalg.norm(found - target, axis=1) <= _FAR * length)


def _projected(dim: int, tag: int, points: Array, length: Array) -> Array:
    """The nearest points of a curve or surface by gmsh's projection; the points themselves where that is far off."""
    nearest = np.reshape(gmsh.model.getClosestPoint(dim, tag, points.ravel())[0], (-1, 3))
    far = np.linalg.norm(nearest - points, axis=1) > _FAR * length
    return np.where(far[:, None], points, nearest)


def at(dim: int, tag: int, parameters: Array) -> Array:
    """Points (k, 3), mm, at parameters (k, dim) of a point, curve or surface of the current gmsh model."""
    return np.reshape(gmsh.model.getValue(dim, tag, parameters.ravel()), (-1, 3))


def _slopes(dim: int, tag: int, parameters: Array) -> Array:
    """Derivatives (k, dim, 3) by the parameters."""
    return np.reshape(gmsh.model.getDerivative(dim, tag, parameters.ravel()), (-1, dim, 3))

"""How well quadratic tetrahedra are shaped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geometry.tetrahedron import EDGES, SLOPES, shape_slopes

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

# From the regular tetrahedron with edges of length 1 to the unit one.
_REGULAR = np.linalg.inv([(1, 0, 0), (1 / 2, np.sqrt(3) / 2, 0), (1 / 2, np.sqrt(3) / 6, np.sqrt(2 / 3))])
_STRAIGHT = 1e-12  # of an edge: off the middle by less, its node makes no curve
POOR = 0.1  # below it a curved element is opened, or straightened
_BLOCK = 20_000  # elements at a time, which then stay in the cache


def scaled_condition(points: Array, cells: Integers) -> Array:
    """Signed inverse condition number (m,) of quadratic tetrahedra: gmsh's minSICN.

    With J the derivative of the element with respect to the regular tetrahedron, 3 det J / (|J| |cof J|) in Frobenius'
    norm, the smallest over the ten nodes: 1 for a regular element, positive where it is not inverted at any node
    (Freitag and Knupp, Int. J. Numer. Meth. Eng. 53, 2002, 1377; sampled as in gmsh's CondNumBasis).

    Parameters
    ----------
    points : (n, 3) array
    cells : (m, 10) int array
        In gmsh's order.
    """
    planes = [np.ascontiguousarray(points[:, axis]) for axis in range(3)]
    blocks = [cells[start : start + _BLOCK].T for start in range(0, len(cells), _BLOCK)]
    return np.concatenate([np.empty(0), *(_conditions([plane[block] for plane in planes]) for block in blocks)])


def worst_of(condition: Array) -> float:
    """The smallest of the elements; -1 of none."""
    return float(condition.min()) if len(condition) else -1.0


def condition_of(nodes: Array) -> Array:
    """The same for elements given by their nodes (m, 10, 3)."""
    return _conditions([np.ascontiguousarray(nodes[:, :, axis].T) for axis in range(3)])


def _conditions(planes: Sequence[Array]) -> Array:
    """The same by a plane (10, m) for each coordinate, so that what follows runs over elements."""
    worst = _smallest(_CONSTANT, [plane[:4] for plane in planes])
    bow = np.max([np.abs(_BOWS @ plane).max(axis=0, initial=0.0) for plane in planes], axis=0)
    length = np.max([np.abs(plane[1] - plane[0]) for plane in planes], axis=0)
    curved = bow > _STRAIGHT * length
    worst[curved] = _smallest(_AT_NODES, [plane[:, curved] for plane in planes])
    return worst


def _smallest(slopes: Array, planes: Sequence[Array]) -> Array:
    """The smallest over the k places at which the slopes (k, 3, a) of the shape functions of a nodes are given."""
    rows = slopes.reshape(-1, slopes.shape[-1])
    (a, d, g), (b, e, h), (c, f, i) = (
        (rows @ plane).reshape(len(slopes), 3, -1).transpose(1, 0, 2) for plane in planes
    )
    cofactors = [e * i - f * h, f * g - d * i, d * h - e * g, c * h - b * i, a * i - c * g, b * g - a * h]
    cofactors += [b * f - c * e, c * d - a * f, a * e - b * d]
    determinant = a * cofactors[0] + b * cofactors[1] + c * cofactors[2]
    size = sum(x * x for x in (a, b, c, d, e, f, g, h, i)) * sum(x * x for x in cofactors)
    return np.asarray((3 * determinant / np.sqrt(np.maximum(size, np.finfo(float).tiny))).min(axis=0))


_CORNERS = np.eye(4)
_AT_NODES = _REGULAR @ shape_slopes(np.vstack([_CORNERS, [(_CORNERS[i] + _CORNERS[j]) / 2 for i, j in EDGES]]))
_CONSTANT = _REGULAR @ SLOPES.T[None]
# By how much the middle node of each edge is off the middle between the ends of the edge.
_BOWS = np.hstack([-np.eye(4)[EDGES].sum(axis=1) / 2, np.eye(6)])

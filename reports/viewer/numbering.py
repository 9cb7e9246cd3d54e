"""The nodes of a mesh in the order in which the view has them.

First the corners of the elements, along a curve that fills space, so that neighbours have numbers near each other. Then
the nodes in the middle of edges, in the order in which the edges first occur in the faces and cells: that order says
which edge each belongs to, so the browser finds the middle nodes of a face or a cell from its corners alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

# Of VTK's quadratic cells: the corners that each edge joins; its middle node follows the corners in this order.
OF_FACE = ((0, 1), (1, 2), (2, 0))
OF_CELL = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))
BITS = 20  # to each axis of the curve


@dataclass(frozen=True)
class Numbering:
    """A mesh by new numbers of its nodes.

    Attributes
    ----------
    nodes : (n,) array
        The old number of each node; corners come first.
    ends : (m, 2) array
        The corners between which each of the last m nodes stands.
    faces : (k, 3) array
        Corners of the outer faces, the smallest number first, turned outwards.
    order : (k,) array
        Which of the given faces each is.
    cells : (l, 4) array
        Corners of the elements, rising.
    """

    nodes: Integers
    ends: Integers
    faces: Integers
    order: Integers
    cells: Integers

    @property
    def corners(self) -> int:
        return len(self.nodes) - len(self.ends)

    @classmethod
    def of(cls, points: Array, faces: Integers, cells: Integers, *, middles: bool = True) -> Numbering:
        """Number the nodes of faces and cells.

        Parameters
        ----------
        points : (n, 3) array
        faces : (k, 6) array
            Quadratic triangles in VTK's order.
        cells : (l, 10) array
            Quadratic tetrahedra in VTK's order; may be empty.
        middles : bool
            Whether the cells keep the nodes within them; those of the faces stay in any case.
        """
        used = np.unique(np.concatenate([faces[:, :3].ravel(), cells[:, :4].ravel()]))
        used = used[np.argsort(_along_curve(points[used]), kind="stable")]
        new = np.full(len(points), -1, dtype=np.int64)
        new[used] = np.arange(len(used))
        turned, order = _sorted_faces(new[faces[:, :3]])
        risen = np.sort(new[cells[:, :4]], axis=1)
        by_number = np.lexsort(risen.T[::-1])
        edges = [_edges(turned, new, faces[order], OF_FACE)]
        if middles and len(cells):
            edges.append(_edges(risen[by_number], new, cells[by_number], OF_CELL))
        ends, middle = (np.concatenate(parts) for parts in zip(*edges, strict=True))
        _, first = np.unique(ends[:, 0] * len(used) + ends[:, 1], return_index=True)
        first.sort()
        return cls(np.concatenate([used, middle[first]]), ends[first], turned, order, risen[by_number])


def _along_curve(points: Array) -> Integers:
    """Place of each point on a Z-shaped curve through the box (Morton, 1966)."""
    low, span = points.min(axis=0), float(np.ptp(points, axis=0).max()) or 1.0
    at = np.rint((points - low) / span * (2**BITS - 1)).astype(np.int64)
    place = np.zeros(len(points), dtype=np.int64)
    for bit in range(BITS):
        for axis in range(3):
            place |= (at[:, axis] >> bit & 1) << (3 * bit + axis)
    return place


def _sorted_faces(faces: Integers) -> tuple[Integers, Integers]:
    """Faces rotated so that the smallest corner is first, by rising corners, and which each was."""
    start = np.argmin(faces, axis=1)[:, None]
    turned = np.take_along_axis(faces, (start + np.arange(3)) % 3, axis=1)
    order = np.lexsort(turned.T[::-1])
    return turned[order], order


def _edges(
    corners: Integers, new: Integers, nodes: Integers, pairs: tuple[tuple[int, int], ...]
) -> tuple[Integers, Integers]:
    """Ends and old middle node of every edge of some cells, in the order of the browser: by the cells' new corners."""
    count = corners.shape[1]
    ends = np.sort(new[nodes[:, np.array(pairs)]], axis=2)
    wanted = np.sort(corners[:, np.array(pairs)], axis=2)
    # A cell whose corners were put in another order has its edges in another order, too.
    same = (wanted[:, :, None, :] == ends[:, None, :, :]).all(axis=3)
    middle = np.take_along_axis(nodes[:, count:], same.argmax(axis=2), axis=1)
    return wanted.reshape(-1, 2), middle.ravel()

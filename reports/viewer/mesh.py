"""The mesh of a run with its fields, packed for the browser, which unpacks it in `templates/viewer/unpack.js`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvista as pv
from numpy.typing import NDArray

from reports.fields import Fields
from reports.viewer.numbering import Numbering
from reports.viewer.packing import Packing
from reports.viewer.sharp import sharp_edges
from reports.viewer.steps import Steps

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

PLACE_BITS = 20  # to the longest side: by 16, small faces would be seen to be crooked
VALUE_BITS = 16
WIDE, NARROW = 3, 2  # bytes of a node's number or place, and of a value


@dataclass(frozen=True)
class Detail:
    """How much of a mesh is in the view, and what a reader must know of it."""

    cells: bool
    middles_of_cells: bool
    middles_of_faces: bool
    note: str


DETAILS = (
    Detail(True, True, True, "The view holds the whole finest mesh"),
    Detail(True, False, True, "The view is reduced: inside, it holds no more than the corners of the elements"),
    Detail(False, False, True, "The view is reduced: it holds the surface alone, and a cut is hollow"),
    Detail(False, False, False, "The view is reduced: it holds the surface alone, in flat faces, and a cut is hollow"),
)


@dataclass(frozen=True)
class Mesh:
    """Quadratic tetrahedra and the triangles around them, with values at their nodes.

    Attributes
    ----------
    points : (n, 3) array, mm
    cells, faces : (l, 10) and (k, 6) arrays
        In VTK's order; the faces turned outwards.
    tags : (k,) array
        Regions of the faces.
    values : dict of str to (n,) or (n, 3) array
    """

    points: Array
    cells: Integers
    faces: Integers
    tags: Integers
    values: dict[str, Array]

    @classmethod
    def of(cls, fields: Fields, names: list[str]) -> Mesh:
        """The mesh of a run, with some of its fields; of vectors other than displacements the length."""
        volume: Any = fields.volume
        points = np.asarray(volume.points, dtype=float)
        node = _same(points, np.asarray(fields.mesh.points, dtype=float))
        faces: Any = fields.mesh.cells_dict
        values = {name: np.asarray(volume[name], dtype=float) for name in names}
        return cls(
            points,
            np.asarray(volume.cells_dict[pv.CellType.QUADRATIC_TETRA], dtype=np.int64),
            node[faces[pv.CellType.QUADRATIC_TRIANGLE]],
            np.asarray(fields.mesh["surface"], dtype=np.int64),
            {n: v if v.ndim == 1 or n == "displacement" else np.linalg.norm(v, axis=1) for n, v in values.items()},
        )

    def packed(self, detail: Detail) -> tuple[dict[str, Any], bytes]:
        """The mesh as a plan for JSON and bytes."""
        numbering = Numbering.of(
            self.points,
            self.faces,
            self.cells if detail.cells else self.cells[:0],
            middles=detail.middles_of_cells,
        )
        stream = Packing()
        numbers, local = np.unique(self.tags[numbering.order], return_inverse=True)
        _put_tuples(stream, numbering.faces)
        stream.put_differences(local, NARROW)
        _put_tuples(stream, numbering.cells)
        new = np.full(len(self.points), -1, dtype=np.int64)
        new[numbering.nodes] = np.arange(len(numbering.nodes))
        sharp = np.sort(new[sharp_edges(self.points, self.faces)], axis=1)
        sharp = sharp[np.lexsort(sharp.T[::-1])]
        _put_tuples(stream, sharp)

        def put_nodal(values: Array, bits: int, width: int, step: float = 0.0) -> dict[str, float]:
            steps = Steps.of(values[numbering.nodes], bits, step)
            corners, middles = np.split(steps.numbers, [numbering.corners])
            stream.put_differences(corners, width)
            if detail.middles_of_faces:
                stream.put(middles - (corners[numbering.ends].sum(axis=1) >> 1), width)
            return {"low": steps.low, "step": steps.step}

        span = float(np.ptp(self.points, axis=0).max())
        place = [put_nodal(x, PLACE_BITS, WIDE, span / (2**PLACE_BITS - 1)) for x in self.points.T]
        # A list, for it has the order of the stream, and JSON may not keep that of names.
        values = [
            {"name": name, "parts": [put_nodal(part, VALUE_BITS, NARROW) for part in np.atleast_2d(nodal.T)]}
            for name, nodal in self.values.items()
        ]
        plan = {
            "corners": numbering.corners,
            "faces": len(numbering.faces),
            "cells": len(numbering.cells),
            "sharp": len(sharp),
            "curved": detail.middles_of_faces,
            "curvedInside": detail.middles_of_cells,
            "regions": numbers.tolist(),
            "place": place,
            "values": values,
        }
        return plan, stream.deflated()


def _put_tuples(stream: Packing, rising: Integers) -> None:
    """Rows of numbers whose first ones rise: these as differences, every other as what it is above the one before."""
    stream.put_differences(rising[:, 0], WIDE)
    for k in range(1, rising.shape[1]):
        stream.put(rising[:, k] - rising[:, k - 1], WIDE)


def _same(points: Array, some: Array) -> Integers:
    """Number of the point that each of some is; both files of a run were written from the same nodes."""
    together = np.concatenate([points, some])
    order = np.lexsort(together.T)  # equal ones in their order here: a point comes before what it is equal to
    in_order = together[order]
    first = np.r_[True, np.any(in_order[1:] != in_order[:-1], axis=1)]
    number = np.empty(len(order), dtype=np.int64)
    number[order] = order[first][np.cumsum(first) - 1]
    found = number[len(points) :]
    if np.any(found >= len(points)):
        raise ValueError("surface.vtu has a node that fields.vtu has not")
    return found

"""Values of a field at points inside the body."""

from __future__ import annotations

import numpy as np
from dolfinx import fem
from dolfinx.geometry import bb_tree, compute_colliding_cells, compute_collisions_points
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sample(function: fem.Function, points: Array) -> Array:
    """Values (n, m) of a function at points (n, 3), mm; nan at points outside the mesh. Collective."""
    mesh = function.function_space.mesh
    tree = bb_tree(mesh, 3)
    touched = compute_colliding_cells(mesh, compute_collisions_points(tree, points), points)
    mine = np.flatnonzero(np.diff(touched.offsets) > 0)
    size = function.function_space.value_size
    values = np.zeros((len(points), size))
    if len(mine):
        cells = touched.array[touched.offsets[mine]]
        values[mine] = np.asarray(function.eval(points[mine], cells)).reshape(len(mine), size)
    known = np.zeros(len(points))
    known[mine] = 1.0
    comm = mesh.comm
    total, number = (
        comm.allreduce(values),
        comm.allreduce(known),
    )  # a point between ranks counts for each, and is divided
    with np.errstate(invalid="ignore"):
        return np.asarray(total / np.where(number > 0, number, np.nan)[:, None])

"""A field from one mesh, taken over to another: what an iteration starts from."""

from __future__ import annotations

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray
from scipy.spatial import KDTree

Array = NDArray[np.float64]

_NEAREST = 16  # cells whose midpoints are nearest to a point: one of them holds it, or almost
_BATCH = 20_000  # points at a time


def carry_over(theirs: fem.Function, ours: fem.Function) -> None:
    """Give a Lagrange function the values of another on another mesh of the same region. Collective.

    Edges are taken as straight, and a point in no cell has the value of a point in a cell near it: good enough to start
    from, and no more. DOLFINx's own interpolation between meshes takes longer than a solve does and ends the process on
    some pairs of meshes of two ranks.
    """
    source, target = theirs.function_space, ours.function_space
    comm, size = source.mesh.comm, source.dofmap.index_map_bs
    geometry = source.mesh.geometry
    owned = source.mesh.topology.index_map(3).size_local
    corners = np.concatenate(comm.allgather(geometry.x[geometry.dofmaps[0][:owned, :4]]))
    values = np.concatenate(comm.allgather(theirs.x.array.reshape(-1, size)[source.dofmap.list[:owned]]))
    frames = np.linalg.inv((corners[:, 1:] - corners[:, :1]).transpose(0, 2, 1))
    tree = KDTree(corners.mean(axis=1))
    count = target.dofmap.index_map.size_local
    points = target.tabulate_dof_coordinates()[:count]
    found = ours.x.array.reshape(-1, size)
    for start in range(0, count, _BATCH):
        x = points[start : start + _BATCH]
        near = tree.query(x, min(_NEAREST, len(corners)))[1].reshape(len(x), -1)
        local = np.einsum("pkij,pkj->pki", frames[near], x[:, None] - corners[near, 0])
        # The smallest barycentric coordinate is positive in the cell that holds the point.
        inside = np.minimum(local.min(axis=2), 1 - local.sum(axis=2))
        best = inside.argmax(axis=1)
        rows = np.arange(len(x))
        barycentric = local[rows, best]
        barycentric = np.column_stack([1 - barycentric.sum(axis=1), barycentric]).clip(0)
        barycentric /= barycentric.sum(axis=1, keepdims=True)
        shapes = source.element.basix_element.tabulate(0, barycentric[:, 1:])[0, :, :, 0]
        found[start : start + len(x)] = np.einsum("pa,pai->pi", shapes, values[near[rows, best]])
    ours.x.scatter_forward()

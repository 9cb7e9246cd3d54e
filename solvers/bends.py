"""By how much the cells of a mesh are bent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from dolfinx import mesh as dmesh
from numpy.typing import NDArray

from solvers.kernels.library import Kernels

Array = NDArray[np.float64]


class Bends(NamedTuple):
    """Of each cell of this rank without ghosts (n,).

    Attributes
    ----------
    off : array
        How far a middle node is off the middle between the ends of its edge, by the size of the cell.
    change : array
        By how much one edge changes the Jacobian J, in parts of J: a middle node that is off by b moves the cell by
        4 lambda_i lambda_j b, whose gradient at the vertices, where it is largest, makes a change of 4 |J^-1 b|.
    """

    off: Array
    change: Array


def bends(mesh: dmesh.Mesh, kernels: Kernels) -> Bends:
    """Of linear or quadratic tetrahedra; kernels in double precision."""
    nodes = mesh.geometry.dofmaps[0]
    owned = mesh.topology.index_map(3).size_local
    found = Bends(np.zeros(owned), np.zeros(owned))
    if nodes.shape[1] == 10:
        kernels.call("bends", owned, nodes, mesh.geometry.x, *found)
    return found

"""Developed flow over an inlet of any cross-section."""

from __future__ import annotations

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.sparse.linalg import spsolve

from solvers.body import Body
from solvers.errors import SolverError
from solvers.facets import Facets

Array = NDArray[np.float64]


def developed(body: Body, space: fem.FunctionSpace, surface: str, wall: NDArray[np.int32], flow_rate: float) -> Array:
    """Velocity (n, 3), mm/s, at the nodes of this rank, of a developed flow into the body, 0 beyond it. Collective.

    Along a straight duct the axial velocity w solves Laplace w = const on the cross-section with w = 0 on its rim
    (Shah and London, Laminar Flow Forced Convection in Ducts, 1978, chapter 2). It is solved by the finite elements of
    the inlet itself and scaled to the flow rate, which therefore holds exactly.

    Parameters
    ----------
    space : FunctionSpace
        Quadratic velocities.
    surface : str
        Label of the inlet, which must be plane.
    wall : (k,) array
        Nodes of this rank on the walls.
    flow_rate : float, mm^3/s
    """
    facets, comm = Facets.of(body, space, surface), body.comm
    index_map = space.dofmap.index_map
    nodes_here = np.arange(index_map.size_local + index_map.num_ghosts, dtype=np.int32)
    globally = index_map.local_to_global(nodes_here)
    rim = np.isin(facets.nodes, wall)
    area = np.einsum("kqc,kq->c", facets.normals, facets.weights)
    parts = comm.gather((globally[facets.nodes], facets.stiffness, facets.load, rim, area), root=0)
    answer: tuple[Array, Array, Array] | str | None = None
    if parts is not None:
        nodes, stiffness, load, rim = (np.concatenate([part[k] for part in parts]) for k in range(4))
        area = np.sum([part[4] for part in parts], axis=0)
        size = float(load.sum())
        if np.linalg.norm(area) < (1 - 1e-6) * size:
            answer = f"the inlet '{surface}' is not plane: a developed flow into it is not defined"
        else:
            names, local = np.unique(nodes, return_inverse=True)
            local = local.reshape(nodes.shape)
            n = len(names)
            rows, columns = np.repeat(local, 6, axis=1), np.tile(local, (1, 6))
            matrix = csc_array((stiffness.ravel(), (rows.ravel(), columns.ravel())), shape=(n, n))
            weights = np.bincount(local.ravel(), load.ravel(), n)
            free = np.ones(n, dtype=bool)
            free[local[rim]] = False
            profile = np.zeros(n)
            profile[free] = spsolve(matrix[free][:, free], weights[free])
            profile *= flow_rate / (weights @ profile)
            answer = (names, profile, -area / np.linalg.norm(area))
    answer = comm.bcast(answer, root=0)
    if isinstance(answer, str):
        raise SolverError(answer)
    assert answer is not None
    names, profile, inwards = answer
    found = np.minimum(np.searchsorted(names, globally), len(names) - 1)
    there = names[found] == globally
    return np.asarray(np.where(there, profile[found], 0.0)[:, None] * inwards)

"""Fields gathered on rank 0 and written for ParaView and for the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from dolfinx.mesh import exterior_facet_indices
from numpy.typing import NDArray

from solvers.solution import Solution
from solvers.vtu import QUADRATIC_TETRA, QUADRATIC_TRIANGLE, write_vtu

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

# Basix numbers the edges of a tetrahedron (2,3) (1,3) (1,2) (0,3) (0,2) (0,1), with their nodes after the vertices.
_EDGE = {(2, 3): 4, (1, 3): 5, (1, 2): 6, (0, 3): 7, (0, 2): 8, (0, 1): 9}


def _edge(a: int, b: int) -> int:
    return _EDGE[min(a, b), max(a, b)]


# VTK's order: vertices, then the edges 01 12 02 03 13 23; of a triangle 01 12 20.
_TETRAHEDRON = [0, 1, 2, 3, *(_edge(a, b) for a, b in ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3)))]
_FACETS = [[a, b, c, _edge(a, b), _edge(b, c), _edge(c, a)] for a, b, c in ((1, 2, 3), (0, 2, 3), (0, 1, 3), (0, 1, 2))]


@dataclass(frozen=True)
class Fields:
    """Quadratic tetrahedra and the triangles of the outer surface, with nodal fields, in VTK's order.

    Attributes
    ----------
    points : (n, 3) array, mm
    tetrahedra, triangles : (m, 10) and (k, 6) arrays
    volume, surface : (m,) and (k,) arrays
        Tags of the regions; 0 where a facet has none.
    nodal : dict of str to (n, ...) array
        Of a solid: "displacement" (mm); "von_mises", "first_principal", "stress" (xx yy zz xy yz xz), all MPa. Of a
        flow: "velocity" (m/s), "pressure" and "wall_shear" (Pa).
    """

    points: Array
    tetrahedra: Integers
    triangles: Integers
    volume: Integers
    surface: Integers
    nodal: dict[str, Array]

    def write(self, volume_file: Path, surface_file: Path) -> None:
        """Write the volume and its outer surface as VTU."""
        volume, surface = ({"volume": self.volume.astype(np.int32)}, {"surface": self.surface.astype(np.int32)})
        write_vtu(volume_file, QUADRATIC_TETRA, self.points, self.tetrahedra, self.nodal, volume)
        used, local = np.unique(self.triangles, return_inverse=True)
        nodal = {name: values[used] for name, values in self.nodal.items()}
        triangles = local.reshape(self.triangles.shape)
        write_vtu(surface_file, QUADRATIC_TRIANGLE, self.points[used], triangles, nodal, surface)


def gather(solution: Solution, nodal: dict[str, Array]) -> Fields | None:
    """Collect fields on rank 0; None on the others. Collective.

    Parameters
    ----------
    solution : Solution
    nodal : dict of str to (n, ...) array
        Values at the nodes of this rank.
    """
    body, space = solution.body, solution.problem.space
    comm, index_map = body.comm, space.dofmap.index_map
    owned = index_map.size_local
    globally = index_map.local_to_global(np.arange(owned + index_map.num_ghosts, dtype=np.int32))
    cells = np.arange(body.mesh.topology.index_map(3).size_local)
    dofs = globally[space.dofmap.list[cells]]
    volume = np.zeros(body.mesh.topology.index_map(3).size_local + body.mesh.topology.index_map(3).num_ghosts, int)
    volume[body.cell_tags.indices] = body.cell_tags.values
    triangles, surface = _outer_facets(solution, globally)
    owned_nodal = {name: values[:owned] for name, values in nodal.items()}
    # Ranks own consecutive ranges of nodes, so the pieces only need to be put one behind the other.
    mine = (space.tabulate_dof_coordinates()[:owned], dofs[:, _TETRAHEDRON], triangles, volume[cells], surface)
    parts = comm.gather((*mine, owned_nodal), root=0)
    if parts is None:
        return None
    points, tetrahedra, triangles, volume, surface = (np.concatenate([part[k] for part in parts]) for k in range(5))
    together = {name: np.concatenate([part[5][name] for part in parts]) for name in nodal}
    return Fields(points, tetrahedra, triangles, volume, surface, together)


def _outer_facets(solution: Solution, globally: Integers) -> tuple[Integers, Integers]:
    """Triangles of the outer facets of this rank, turned outwards, as global nodes, and their tags."""
    body, space = solution.body, solution.problem.space
    topology = body.mesh.topology
    topology.create_connectivity(2, 3)
    topology.create_connectivity(3, 2)
    facets = exterior_facet_indices(topology)
    facets = facets[facets < topology.index_map(2).size_local]
    to_cell, to_facet = topology.connectivity(2, 3), topology.connectivity(3, 2)
    cells = to_cell.array[to_cell.offsets[facets]]  # an outer facet has one
    sides = np.argmax(to_facet.array.reshape(-1, 4)[cells] == facets[:, None], axis=1)
    local = np.take_along_axis(space.dofmap.list[cells], np.array(_FACETS)[sides], axis=1)
    x = space.tabulate_dof_coordinates()
    opposite = x[space.dofmap.list[cells, sides]]
    a, b, c = (x[local[:, k]] for k in range(3))
    inwards = np.einsum("ij,ij->i", np.cross(b - a, c - a), a - opposite) < 0
    local[inwards] = local[inwards][:, [0, 2, 1, 5, 4, 3]]
    tags = np.zeros(topology.index_map(2).size_local + topology.index_map(2).num_ghosts, dtype=int)
    tags[body.facet_tags.indices] = body.facet_tags.values
    return globally[local], tags[facets]

"""A distributed mesh whose regions are known by the labels of the solid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from dolfinx import mesh as dmesh
from dolfinx.io.gmsh import cell_perm_array
from mpi4py import MPI
from numpy.typing import NDArray

from geometry.curved_mesh import CurvedMesh
from solvers.distribution import distributed as divided
from solvers.errors import SolverError

Integers = NDArray[np.int32]
Numbers = NDArray[np.int64]

_ORDER = cell_perm_array(dmesh.CellType.tetrahedron, 10)  # of gmsh's nodes, for DOLFINx


@dataclass(frozen=True)
class Body:
    """A mesh with labelled cells and facets, mm.

    Attributes
    ----------
    mesh : dolfinx.mesh.Mesh
    cell_tags, facet_tags : dolfinx.mesh.MeshTags
    volumes, surfaces : dict of int to str
        Labels behind each tag, joined by "+".
    """

    mesh: dmesh.Mesh
    cell_tags: dmesh.MeshTags
    facet_tags: dmesh.MeshTags
    volumes: dict[int, str]
    surfaces: dict[int, str]

    @classmethod
    def from_mesh(cls, mesh: CurvedMesh | None, comm: MPI.Comm) -> Body:
        """Distribute a mesh that rank 0 has; the others give None. Collective."""
        cells, points = np.empty((0, 10), dtype=np.int64), np.empty((0, 3))
        if mesh is not None:
            cells, points = mesh.cells[:, _ORDER], mesh.points
        # Inner surfaces may be shared by two cells of different ranks: ghosts make both sides known.
        distributed = divided(cells, points, comm)
        distributed.topology.create_entities(1)  # of any quadratic space
        known = mesh and (mesh.regions, mesh.triangles[:, :3], mesh.marks, mesh.volumes, mesh.surfaces)
        regions, triangles, marks, volumes, surfaces = comm.bcast(known, root=0)
        # Cells, and nodes below, are numbered as on rank 0, the only one to give any.
        values = regions[distributed.topology.original_cell_index].astype(np.int32)
        cell_tags = dmesh.meshtags(distributed, 3, np.arange(len(values), dtype=np.int32), values)
        facet_tags = dmesh.meshtags(distributed, 2, *_marked_facets(distributed, triangles, marks))
        return cls(distributed, cell_tags, facet_tags, volumes, surfaces)

    @property
    def comm(self) -> MPI.Comm:
        return self.mesh.comm

    def volume_tags(self, label: str) -> list[int]:
        """Tags of the cells that carry ``label`` (SolverError if there is none)."""
        return _tags(label, self.volumes, "volume")

    def surface_tags(self, label: str) -> list[int]:
        """Tags of the facets that carry ``label`` (SolverError if there is none)."""
        return _tags(label, self.surfaces, "surface")

    def cells(self, label: str) -> Integers:
        """Cells of this rank, ghosts included, that carry ``label``."""
        return self.cell_tags.indices[np.isin(self.cell_tags.values, self.volume_tags(label))]

    def facets(self, label: str) -> Integers:
        """Facets of this rank, ghosts included, that carry ``label``."""
        return self.facet_tags.indices[np.isin(self.facet_tags.values, self.surface_tags(label))]

    @property
    def cell_count(self) -> int:
        """Number of cells on all ranks."""
        return int(self.mesh.topology.index_map(3).size_global)

    @cached_property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lowest and highest corner of the bounding box, mm. Collective on first use."""
        return bounding_box(self.mesh)

    def sum(self, value: float) -> float:
        """Sum over the ranks. Collective."""
        return float(self.comm.allreduce(value, op=MPI.SUM))


def _marked_facets(mesh: dmesh.Mesh, triangles: Numbers, marks: Numbers) -> tuple[Integers, Integers]:
    """Facets of this rank, ghosts included, that are triangles (k, 3) of input nodes, and their marks."""
    topology, geometry = mesh.topology, mesh.geometry
    topology.create_entities(2)
    topology.create_connectivity(2, 3)
    corners = topology.connectivity(3, 0).array.reshape(-1, 4)
    node = np.empty(topology.index_map(0).size_local + topology.index_map(0).num_ghosts, dtype=np.int64)
    node[corners] = geometry.input_global_indices[geometry.dofmaps[0][:, :4]]
    marked = np.unique(triangles)
    place = np.searchsorted(marked, node)  # small numbers, or keys would overflow
    touched = marked[np.minimum(place, len(marked) - 1)] == node if len(marked) else np.zeros(len(node), dtype=bool)
    facets = topology.connectivity(2, 0).array.reshape(-1, 3)
    some = np.flatnonzero(touched[facets].all(axis=1))

    def keys(small: Numbers) -> Numbers:
        a, b, c = np.sort(small, axis=1).T
        return np.asarray((a * len(marked) + b) * len(marked) + c)

    wanted, found = keys(np.searchsorted(marked, triangles)), keys(place[facets[some]])
    order = np.argsort(wanted)
    at = np.minimum(np.searchsorted(wanted[order], found), max(len(wanted) - 1, 0))
    same = wanted[order][at] == found
    return some[same].astype(np.int32), marks[order][at[same]].astype(np.int32)


def _tags(label: str, names: dict[int, str], what: str) -> list[int]:
    tags = [tag for tag, name in names.items() if label in name.split("+")]
    if not tags:
        known = sorted({word for name in names.values() for word in name.split("+")})
        raise SolverError(f"the mesh has no {what} '{label}'; it has {', '.join(known)}")
    return tags


def bounding_box(mesh: dmesh.Mesh) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest corner over all ranks, mm. Collective."""
    x = mesh.geometry.x
    low = mesh.comm.allgather(x.min(axis=0) if len(x) else np.full(3, np.inf))
    high = mesh.comm.allgather(x.max(axis=0) if len(x) else np.full(3, -np.inf))
    return np.min(low, axis=0), np.max(high, axis=0)

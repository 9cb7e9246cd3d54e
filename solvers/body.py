"""A distributed mesh whose regions are known by the labels of the solid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import gmsh
import numpy as np
from dolfinx import mesh as dmesh
from dolfinx.io.gmsh import model_to_mesh
from mpi4py import MPI
from numpy.typing import NDArray

from solvers.errors import SolverError

Integers = NDArray[np.int32]


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
    def from_gmsh(cls, comm: MPI.Comm) -> Body:
        """Distribute the current mesh of gmsh on rank 0 (the other ranks need no gmsh model). Collective."""
        model = gmsh.model if comm.rank == 0 else None
        # Inner surfaces may be shared by two cells of different ranks: ghosts make both sides known.
        partitioner = dmesh.create_cell_partitioner(dmesh.GhostMode.shared_facet, 2)
        data = model_to_mesh(model, comm, 0, gdim=3, partitioner=partitioner)
        names: dict[int, dict[int, str]] = {3: {}, 2: {}}
        if comm.rank == 0:
            for dim, tag in gmsh.model.getPhysicalGroups():
                if dim in names:
                    names[dim][tag] = gmsh.model.getPhysicalName(dim, tag)
        names = comm.bcast(names, root=0)
        assert data.cell_tags is not None and data.facet_tags is not None
        return cls(data.mesh, data.cell_tags, data.facet_tags, names[3], names[2])

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

"""Meshes divided among ranks: the same mesh on any number of them, with the ghosts that inner surfaces need."""

from __future__ import annotations

import pytest
from ranks import on_ranks

CHECK = """
import sys
import numpy as np
from mpi4py import MPI
import solvers
from dolfinx import fem, mesh as dmesh
import ufl
from solvers.distribution import COORDINATES, distributed

comm = MPI.COMM_WORLD
box = dmesh.create_unit_cube(MPI.COMM_SELF, {number}, {number}, {number})
geometry = box.geometry
corners = geometry.dofmaps[0][: {cells}]
# Middle nodes, bent at random: one for each edge, in Basix's order.
pairs = ((2, 3), (1, 3), (1, 2), (0, 3), (0, 2), (0, 1))
edges = np.sort(np.stack([corners[:, pair] for pair in pairs], axis=1), axis=2)
used, corners = np.unique(corners, return_inverse=True)
unique, middles = np.unique(edges.reshape(-1, 2), axis=0, return_inverse=True)
cells = np.column_stack([corners.reshape(-1, 4), len(used) + middles.reshape(-1, 6)])
x = geometry.x[unique].mean(axis=1)
points = np.concatenate([geometry.x[used], x + 0.02 * np.sin(50 * x)])
shuffled = np.random.default_rng(3).permutation(len(cells))
cells = cells[shuffled]
mesh = distributed(cells if comm.rank == 0 else cells[:0], points if comm.rank == 0 else points[:0], comm)

topology, geometry = mesh.topology, mesh.geometry
owned = topology.index_map(3).size_local
original = topology.original_cell_index
assert len(original) == owned + topology.index_map(3).num_ghosts
assert sorted(np.concatenate(comm.allgather(original[:owned]))) == list(range(len(cells)))
assert topology.index_map(0).size_global == len(used)
assert geometry.index_map().size_global == len(points)
# Each cell, ghosts included, is where it was, by nodes and by vertices; ghosts are numbered as by their owners.
assert np.array_equal(geometry.input_global_indices[geometry.dofmaps[0]], cells[original])
assert np.array_equal(geometry.x, points[geometry.input_global_indices])
for index_map, local in (
    (geometry.index_map(), geometry.input_global_indices),
    (topology.index_map(3), original),
):
    everyone = np.concatenate(comm.allgather(local[: index_map.size_local]))
    assert np.array_equal(everyone[index_map.local_to_global(np.arange(len(local), dtype=np.int32))], local)
vertices = topology.connectivity(3, 0).array.reshape(-1, 4)
input_of = np.empty(topology.index_map(0).size_local + topology.index_map(0).num_ghosts, dtype=np.int64)
input_of[vertices] = cells[original, :4]
assert np.array_equal(input_of[vertices], cells[original, :4])
everyone = np.concatenate(comm.allgather(input_of[: topology.index_map(0).size_local]))
numbers = topology.index_map(0).local_to_global(np.arange(len(input_of), dtype=np.int32))
assert np.array_equal(everyone[numbers], input_of)

# Ghosts: what shares a facet with a cell of this rank, and nothing else.
facets = {{}}
for cell, nodes in enumerate(cells[:, :4]):
    for k in range(4):
        facets.setdefault(tuple(sorted(np.delete(nodes, k))), []).append(cell)
mine = set(original[:owned])
wanted = {{c for both in facets.values() if mine & set(both) for c in both}} - mine
assert set(original[owned:]) == wanted
topology.create_entities(2)
topology.create_connectivity(2, 3)
outer = comm.allreduce(len(dmesh.exterior_facet_indices(topology)))
assert outer == sum(len(both) == 1 for both in facets.values())
assert topology.index_map(2).size_global == len(facets)
topology.create_entities(1)
assert topology.index_map(1).size_global == len(unique)

# A quadratic space on it: a quadratic function of the position in the reference cells is the geometry itself.
space = fem.functionspace(mesh, ("Lagrange", 2, (3,)))
assert space.dofmap.index_map.size_global == len(points)
u = fem.Function(space)
u.interpolate(lambda x: x)
off = u - ufl.SpatialCoordinate(mesh)
assert comm.allreduce(fem.assemble_scalar(fem.form(ufl.inner(off, off) * ufl.dx))) < 1e-25
def volume(domain):
    return fem.assemble_scalar(fem.form(fem.Constant(domain, 1.0) * ufl.dx(metadata={{"quadrature_degree": 3}})))

whole = volume(dmesh.create_mesh(MPI.COMM_SELF, cells, ufl.Mesh(COORDINATES), points))
assert abs(comm.allreduce(volume(mesh)) - whole) < 1e-13 * whole
shares = comm.allgather(owned)
print(*shares if comm.rank == 0 else "", end="")
"""


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_a_mesh_is_the_same_on_any_number_of_ranks(ranks):
    shares = [int(share) for share in on_ranks(CHECK.format(number=4, cells=None), ranks).split()]
    assert len(shares) == ranks and sum(shares) == 6 * 4**3
    assert max(shares) - min(shares) <= 1


@pytest.mark.parametrize("cells", [1, 2, 3])
def test_ranks_without_cells(cells):
    shares = on_ranks(CHECK.format(number=1, cells=cells), 3).split()
    assert sum(int(share) for share in shares) == cells


REFUSED = """
import numpy as np
from mpi4py import MPI
import solvers
from solvers.distribution import distributed

comm = MPI.COMM_WORLD
points = np.random.default_rng(0).uniform(0, 1, ({points}, 3))
points[0] = {first}
cells = np.arange(10).reshape(1, 10)[: {cells}]
try:
    distributed(cells if comm.rank == 0 else cells[:0], points if comm.rank == 0 else points[:0], comm)
except (ValueError, np.linalg.LinAlgError):
    print("refused ", end="")
"""


@pytest.mark.parametrize(
    ("points", "cells", "first"), [(11, 1, 0.0), (10, 0, 0.0), (10, 1, "np.nan")], ids=["idle", "empty", "nan"]
)
def test_every_rank_learns_what_is_wrong(points, cells, first):
    assert on_ranks(REFUSED.format(points=points, cells=cells, first=first), 2).split() == ["refused"] * 2

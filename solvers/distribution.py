"""A mesh of rank 0 divided among the ranks and handed to DOLFINx.

DOLFINx's own `create_mesh` divides and orders cells by their neighbours, which it has to find. Where cells lie tells
enough for both, so that topology and geometry can be given to it as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import basix
import basix.ufl
import numpy as np
import ufl
from dolfinx import common, cpp, fem
from dolfinx import mesh as dmesh
from mpi4py import MPI
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int32]
Numbers = NDArray[np.int64]

COORDINATES = basix.ufl.element("P", "tetrahedron", 2, basix.LagrangeVariant.equispaced, shape=(3,))
_FACETS = np.array(basix.topology(basix.CellType.tetrahedron)[2])
_BITS = 10  # of a coordinate of a cell along the curve that orders cells


@dataclass(frozen=True)
class Numbering:
    """Things that ranks share, as one rank numbers them: its own first, then its ghosts.

    Attributes
    ----------
    owned : int
    ghosts : (g,) array
        Their numbers among those of all ranks.
    owners : (g,) array
        Ranks.
    local : (n, k) array
        Numbers on this rank, of a table of cells.
    """

    owned: int
    ghosts: Numbers
    owners: Integers
    local: Integers

    @classmethod
    def of(cls, table: Numbers, starts: Numbers, rank: int) -> Numbering:
        """From numbers among those of all ranks; those of a rank begin at its start."""
        begin, end = starts[rank : rank + 2]
        mine = (begin <= table) & (table < end)
        ghosts = np.unique(table[~mine])
        local = np.where(mine, table - begin, end - begin + np.searchsorted(ghosts, table))
        owners = np.searchsorted(starts, ghosts, side="right") - 1
        return cls(int(end - begin), ghosts, owners.astype(np.int32), local.astype(np.int32))

    def numbers(self, start: int) -> Numbers:
        """Of all on this rank among those of all ranks."""
        return np.concatenate([start + np.arange(self.owned), self.ghosts])

    def index_map(self, comm: MPI.Comm, tag: int) -> common.IndexMap:
        """Collective."""
        return common.IndexMap(comm, self.owned, self.ghosts, self.owners, tag)


@dataclass(frozen=True)
class Part:
    """What a rank gets: its cells, then its ghosts.

    Attributes
    ----------
    cells, vertices, nodes : Numbering
        Of the cells themselves (m,), their vertices (m, 4) and their nodes (m, 10).
    points : (n, 3) array, mm
        Of the nodes of this rank.
    original_cells, original_nodes : (m,) and (n,) arrays
        Numbers on rank 0, as they were given.
    """

    cells: Numbering
    vertices: Numbering
    nodes: Numbering
    points: Array
    original_cells: Numbers
    original_nodes: Numbers


def distributed(cells: Numbers, points: Array, comm: MPI.Comm) -> dmesh.Mesh:
    """A mesh of quadratic tetrahedra, with ghosts beyond each facet between two ranks. Collective.

    Parameters
    ----------
    cells : (n, 10) array
        Nodes in the order of Basix. Rank 0 has all, the others none.
    points : (m, 3) array, mm
        Of rank 0, each a node of some cell.

    Raises
    ------
    ValueError
        If there are no cells, or a point belongs to none.
    """
    parts: list[Part] | list[Exception] | None = None
    if comm.rank == 0:
        try:
            parts = _parts(cells, points, comm.size)
        except Exception as error:  # told to all, or they would wait for ever
            parts = [error] * comm.size
    part = comm.scatter(parts)
    if isinstance(part, Exception):
        raise part
    topology = cpp.mesh.Topology(
        cpp.mesh.CellType.tetrahedron,
        part.vertices.index_map(comm, 1),
        part.cells.index_map(comm, 2),
        cpp.graph.AdjacencyList_int32(part.vertices.local),
        part.original_cells,
    )
    element = fem.coordinate_element(COORDINATES.basix_element)
    nodes = part.nodes.index_map(comm, 3)
    geometry = cpp.mesh.Geometry_float64(nodes, part.nodes.local, element._cpp_object, part.points, part.original_nodes)
    return dmesh.Mesh(cpp.mesh.Mesh_float64(comm, topology, geometry), ufl.Mesh(COORDINATES))


def _parts(cells: Numbers, points: Array, size: int) -> list[Part]:
    used = np.zeros(len(points), dtype=bool)
    used[cells] = True
    if not len(cells) or not used.all():
        raise ValueError("a mesh needs cells, and each of its points a cell")
    centres = points[cells[:, :4]].mean(axis=1)
    rank_of = _bisected(centres, size)
    order = np.lexsort((_along_curve(centres), rank_of))
    cells, rank_of = cells[order], rank_of[order]
    original_nodes, nodes, owner = _numbered(cells, rank_of)
    is_vertex = np.zeros(len(owner), dtype=np.int64)
    is_vertex[nodes[:, :4]] = 1
    vertex = np.cumsum(is_vertex) - is_vertex
    cell_starts, node_starts = (np.searchsorted(ranks, np.arange(size + 1)) for ranks in (rank_of, owner))
    vertex_starts = np.concatenate([[0], np.cumsum(is_vertex)])[node_starts]
    parts = []
    for rank, ghosts in enumerate(_ghosts(nodes[:, :4], rank_of, size)):
        here = np.concatenate([np.arange(*cell_starts[rank : rank + 2]), ghosts])
        numbering = Numbering.of(nodes[here], node_starts, rank)
        original = original_nodes[numbering.numbers(node_starts[rank])]
        parts.append(
            Part(
                Numbering.of(here, cell_starts, rank),
                Numbering.of(vertex[nodes[here, :4]], vertex_starts, rank),
                numbering,
                points[original],
                order[here],
                original,
            )
        )
    return parts


def _bisected(centres: Array, size: int) -> Integers:
    """Ranks (n,) of cells: halved across the longest principal axis, and the halves again, to the number of ranks
    (Simon, Computing Systems in Engineering 2, 1991, 135).
    """
    rank_of = np.zeros(len(centres), dtype=np.int32)
    todo = [(np.arange(len(centres)), 0, size)]
    while todo:
        some, first, number = todo.pop()
        if number == 1 or not len(some):
            rank_of[some] = first
            continue
        x = centres[some] - centres[some].mean(axis=0)
        along = x @ np.linalg.eigh(x.T @ x)[1][:, -1]
        less = number // 2
        at = len(some) * less // number
        order = np.argpartition(along, at)
        todo += [(some[order[:at]], first, less), (some[order[at:]], first + less, number - less)]
    return rank_of


def _along_curve(centres: Array) -> Numbers:
    """Places (n,) of points along a curve that fills space, from the bits of their coordinates in turns
    (Morton, A Computer Oriented Geodetic Data Base, 1966).
    """
    low, high = centres.min(axis=0), centres.max(axis=0)
    scaled = ((centres - low) / ((high - low).max() or 1.0) * (2**_BITS - 1)).astype(np.int64)
    place = np.zeros(len(centres), dtype=np.int64)
    for bit in range(_BITS):
        for axis in range(3):
            place |= ((scaled[:, axis] >> bit) & 1) << (3 * bit + axis)
    return place


def _numbered(cells: Numbers, rank_of: Integers) -> tuple[Numbers, Numbers, Integers]:
    """Nodes in new order, by owner and then as cells have them; cells with their new numbers; owners in that order.

    A node between ranks belongs to the first or to the last of them, by turns.
    """
    count = int(cells.max()) + 1
    lowest, highest = _first_and_last(cells, rank_of, count)
    owner = np.where(np.arange(count) % 2, lowest, highest)
    order = np.lexsort((_first_and_last(cells, np.arange(len(cells)), count)[0], owner))
    new = np.empty(count, dtype=np.int64)
    new[order] = np.arange(count)
    return order, new[cells], owner[order]


def _ghosts(vertices: Numbers, rank_of: Integers, size: int) -> list[Numbers]:
    """For each rank the cells of others that share a facet with one of its own."""
    lowest, highest = _first_and_last(vertices, rank_of, int(vertices.max()) + 1)
    near = np.flatnonzero((lowest < highest)[vertices].sum(axis=1) >= 3)
    facets = np.sort(vertices[near][:, _FACETS].reshape(-1, 3), axis=1)
    order = np.lexsort(facets.T)
    facets, of = facets[order], np.repeat(near, 4)[order]
    pairs = np.flatnonzero((facets[1:] == facets[:-1]).all(axis=1))
    a, b = np.concatenate([of[pairs], of[pairs + 1]]), np.concatenate([of[pairs + 1], of[pairs]])
    across = rank_of[a] != rank_of[b]
    return [np.unique(b[across & (rank_of[a] == rank)]) for rank in range(size)]


def _first_and_last(table: Numbers, values: NDArray[Any], count: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Of the values of rows, which rise, the first and the last for each number in the table."""
    flat, by_entry = table.ravel(), np.repeat(values, table.shape[1])
    first, last = np.empty(count, dtype=values.dtype), np.empty(count, dtype=values.dtype)
    first[flat[::-1]], last[flat] = by_entry[::-1], by_entry  # of several that are written the last one stays
    return first, last

"""Where the corners of a mesh are on the curves and surfaces of its solid."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import gmsh
import numpy as np
from numpy.typing import NDArray

from geometry import labelled

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_LINE, _TRIANGLE = 1, 2  # gmsh's numbers


class Piece(NamedTuple):
    """The mesh of one curve (d = 1) or surface (d = 2).

    Attributes
    ----------
    tag : int
        In the gmsh model.
    bounds : (2, d) array
        Lowest and highest parameters.
    elements : (k, d + 1) int array
        Corners of its edges or triangles.
    nodes : (q,) int array
        Corners on it and on its boundary.
    parameters : (q, d) array
        Of these.
    """

    tag: int
    bounds: Array
    elements: Integers
    nodes: Integers
    parameters: Array

    def table(self, count: int) -> Array:
        """Parameters (count, d) by corner; of corners that are elsewhere nothing is said."""
        table = np.empty((count, self.parameters.shape[1]))
        table[self.nodes] = self.parameters
        return table


@dataclass(frozen=True)
class Pieces:
    """Those of one dimension d, one after the other.

    Attributes
    ----------
    tags : (p,) int array
    bounds : (p, 2, d) array
    ends : (p, 2) int array
        Where the elements and the nodes of each end in the arrays of all.
    elements : (k, d + 1) int array
    nodes : (q,) int array
    parameters : (q, d) array
    """

    tags: Integers
    bounds: Array
    ends: Integers
    elements: Integers
    nodes: Integers
    parameters: Array

    @classmethod
    def of(cls, dim: int, pieces: Iterable[Piece]) -> Pieces:
        """Those given, of which there must be one at least."""
        tags, bounds, elements, nodes, parameters = (list(field) for field in zip(*pieces, strict=True))
        ends = np.cumsum([(len(e), len(n)) for e, n in zip(elements, nodes, strict=True)], axis=0)
        joined = (np.concatenate(field) for field in (elements, nodes, parameters))
        return cls(np.array(tags, dtype=np.int64), np.reshape(bounds, (-1, 2, dim)), ends, *joined)

    def __iter__(self) -> Iterator[Piece]:
        of_elements, of_nodes = ([0, *ends] for ends in self.ends.T.tolist())
        for k, tag in enumerate(self.tags.tolist()):
            elements, nodes = slice(of_elements[k], of_elements[k + 1]), slice(of_nodes[k], of_nodes[k + 1])
            yield Piece(tag, self.bounds[k], self.elements[elements], self.nodes[nodes], self.parameters[nodes])


@dataclass(frozen=True)
class Structure:
    """What bounds what in a solid.

    Attributes
    ----------
    told : str
        Every volume, surface and curve: its kind and what bounds it; and the labels. Pieces are numbered in the order
        of their tags, so that it is equal where another solid has the same ones.
    tags : (4,) list of (n,) int arrays
        Those of the points, curves, surfaces and volumes, in order.
    plain : bool
        Nothing is embedded in a surface or a volume: a point on a face, a sheet within.
    """

    told: str
    tags: list[Integers]
    plain: bool

    @classmethod
    def read(cls) -> Structure:
        """That of the current gmsh model, with its physical groups."""
        tags = [np.array([tag for _, tag in gmsh.model.getEntities(dim)], dtype=np.int64) for dim in range(4)]
        order = [{tag: number for number, tag in enumerate(some.tolist())} for some in tags]
        told: list[object] = []
        for dim in (1, 2, 3):
            for tag in tags[dim].tolist():
                around = [(order[dim - 1][abs(t)], t > 0) for _, t in _bounding([(dim, tag)], oriented=True)]
                # The rims of the holes in a plane come in an order that follows their places.
                told.append([dim, gmsh.model.getType(dim, tag), sorted(around)])
        for dim in (2, 3):
            for group, entities in labelled.groups(dim).items():
                told.append([dim, group, gmsh.model.getPhysicalName(dim, group), [order[dim][t] for t in entities]])
        plain = not any(gmsh.model.mesh.getEmbedded(dim, tag) for dim in (2, 3) for tag in tags[dim].tolist())
        return cls(json.dumps(told), tags, plain)

    def tag_of(self, dim: int, tag: int, other: Structure) -> int:
        """The tag that a piece of this solid has in another one."""
        return int(other.tags[dim][np.searchsorted(self.tags[dim], tag)])


@dataclass(frozen=True)
class Placed:
    """Places of the corners of a mesh on its solid.

    Attributes
    ----------
    structure : Structure
        Of the solid.
    vertices : (v, 2) int array
        Tag and corner of each point of the model that has one.
    curves, surfaces : Pieces
        The surfaces are in the order of the triangles of the mesh.
    """

    structure: Structure
    vertices: Integers
    curves: Pieces
    surfaces: Pieces

    @classmethod
    def read(cls, number: Integers) -> Placed:
        """Of the linear mesh of the current gmsh model.

        Parameters
        ----------
        number : array of int
            Of the corner that each node of gmsh is; below 0: of none, as gmsh may give the tip of a cone two nodes.
        """
        surfaces = [tag for entities in labelled.groups(2).values() for tag in entities]
        curves = sorted({tag for _, tag in _bounding([(2, tag) for tag in surfaces])})
        points = sorted({tag for _, tag in _bounding([(1, tag) for tag in curves])})
        nodes = [(tag, node) for tag in points for node in gmsh.model.mesh.getNodes(0, tag)[0]]
        vertices = [(tag, number[node]) for tag, node in nodes if number[node] >= 0]
        return cls(
            Structure.read(),
            np.reshape(np.array(vertices, dtype=np.int64), (-1, 2)),
            Pieces.of(1, [_piece(1, tag, number) for tag in curves]),
            Pieces.of(2, [_piece(2, tag, number) for tag in surfaces]),
        )


def bounds(dim: int, tag: int) -> Array:
    """Lowest and highest parameters (2, dim) of a curve or surface."""
    return np.reshape(gmsh.model.getParametrizationBounds(dim, tag), (2, dim))


def _bounding(entities: list[tuple[int, int]], oriented: bool = False) -> list[tuple[int, int]]:
    found = gmsh.model.getBoundary(entities, combined=False, oriented=oriented, recursive=False)
    return [(int(dim), int(tag)) for dim, tag in found]


def _piece(dim: int, tag: int, number: Integers) -> Piece:
    elements = number[labelled.nodes(_LINE if dim == 1 else _TRIANGLE, dim + 1, tag)]
    elements = elements[(elements >= 0).all(axis=1)]
    nodes, _, parameters = gmsh.model.mesh.getNodes(dim, tag, includeBoundary=True)
    used = number[nodes] >= 0
    return Piece(tag, bounds(dim, tag), elements, number[nodes][used], parameters.reshape(-1, dim)[used])

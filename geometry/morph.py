"""A mesh moved from one solid to another that has the same pieces, of other sizes and shapes.

Nodes on points of the model go to the same points of the other solid, those on a curve to the same fraction of its
length; those on a surface to where the same fractions of the ranges of its parameters lead, corrected by what that is
wrong on its rim; those inside follow the skin. Correction and motion between are harmonic functions: Laplace's equation
by linear elements on the mesh that is moved.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import cg

from geometry.curved_mesh import CurvedMesh
from geometry.errors import GeometryError
from geometry.middles import NEAR, at, near
from geometry.placed import Piece, Pieces, Placed, Structure, bounds
from geometry.quality import POOR
from geometry.second_order import curved
from geometry.skin import Tetrahedra
from geometry.tetrahedron import SLOPES

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

_SAMPLES = 201  # of a curve, to tell how long it is
_CLOSE = 1e-8  # of the residual; how far the interior follows is of no consequence


def morphed(mesh: CurvedMesh) -> CurvedMesh:
    """The mesh on the solid of the current gmsh model, whose labels must be its physical groups.

    Raises
    ------
    GeometryError
        If the solid has other pieces than the one that was meshed, or something embedded, or differs so much that the
        mesh becomes poorer.
    """
    placed = mesh.placed
    structure = Structure.read()
    if placed is None or placed.structure.told != structure.told:
        raise GeometryError("the solid has other surfaces, curves or labels than the one that was meshed")
    if not structure.plain:
        raise GeometryError("what is embedded in a surface or a volume cannot be followed")
    count = int(mesh.cells[:, :4].max()) + 1
    old, cells = mesh.points[:count], mesh.cells[:, :4]
    new, known = old.copy(), np.zeros(count, dtype=bool)
    tag_of = partial(placed.structure.tag_of, other=structure)
    curves = Pieces.of(1, [_run(tag_of(1, piece.tag), piece, old) for piece in placed.curves])
    surfaces = Pieces.of(2, [_stretched(tag_of(2, piece.tag), piece) for piece in placed.surfaces])
    vertices = placed.vertices.copy()
    vertices[:, 0] = [tag_of(0, tag) for tag in placed.vertices[:, 0].tolist()]
    for curve in curves:
        new[curve.nodes] = at(1, curve.tag, curve.parameters)
        known[curve.nodes] = True
    for tag, corner in vertices.tolist():
        new[corner] = at(0, tag, np.empty(0))[0]
        known[corner] = True
    surfaces = _settled(surfaces, old, new, known)
    known[surfaces.elements] = True
    new = old + _extended(new - old, known, _laplacian_of_tetrahedra(old, cells))
    corners = new[cells]
    if not (np.linalg.det(corners[:, 1:] - corners[:, :1]) > 0.0).all():
        raise GeometryError("the mesh of another part, moved to this one, has inverted elements")
    moved = Tetrahedra(new, cells, mesh.regions)
    places = Placed(structure, vertices, curves, surfaces)
    result = curved(moved, mesh.triangles[:, :3], mesh.marks, places, enough=POOR, settled=NEAR)
    if not result.worst >= min(POOR, mesh.worst):
        raise GeometryError(f"the mesh of another part, moved to this one, has poor elements ({result.worst:.3f})")
    return replace(result, note=mesh.note)


def _run(tag: int, piece: Piece, points: Array) -> Piece:
    """The same fractions of the length of a curve of the current model.

    Not of the range of its parameter: that of an intersection runs as its finder went.
    """
    there = bounds(1, tag)
    if not len(piece.elements):  # it has no length
        return piece._replace(tag=tag, bounds=there, nodes=piece.nodes[:0], parameters=piece.parameters[:0])
    parameters = piece.parameters[:, 0]
    order = np.argsort(parameters, kind="stable")
    some = piece.nodes[order]
    closed = len(set(piece.elements.ravel().tolist())) == len(piece.elements)
    starts = closed and bool(parameters[order[0]] - piece.bounds[0, 0] < piece.bounds[1, 0] - parameters[order[-1]])
    if closed:  # its first point is its last one too
        some = np.append(some, some[0]) if starts else np.insert(some, 0, some[-1])
    fractions = _lengths(points[some])
    if closed:
        fractions = fractions[:-1] if starts else fractions[1:]
    samples = np.linspace(there[0, 0], there[1, 0], _SAMPLES)
    found = np.empty_like(piece.parameters)
    found[order, 0] = np.interp(fractions, _lengths(at(1, tag, samples)), samples)
    return piece._replace(tag=tag, bounds=there, parameters=found)


def _lengths(points: Array) -> Array:
    """How far along a line through points (k, 3) each is, from 0 to 1."""
    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return np.asarray(run / run[-1])


def _stretched(tag: int, piece: Piece) -> Piece:
    """The same fractions of the ranges of the parameters of a surface of the current model."""
    low, high = piece.bounds
    there = bounds(2, tag)
    fractions = (piece.parameters - low) / (high - low)
    return piece._replace(tag=tag, bounds=there, parameters=there[0] + fractions * (there[1] - there[0]))


def _settled(surfaces: Pieces, old: Array, new: Array, known: Mask) -> Pieces:
    """Places for the points of the surfaces that are not known yet, in ``new``; with their parameters there.

    Where their parameters lead, corrected by what that is wrong on the rim, and from there to the nearest point.
    """
    pieces = list(surfaces)
    starts = np.cumsum([0, *(len(piece.nodes) for piece in pieces)])
    local = [_numbers(piece, len(old)) + start for piece, start in zip(pieces, starts, strict=False)]
    led = np.concatenate([at(2, piece.tag, piece.parameters) for piece in pieces])
    there = known[surfaces.nodes]
    off = np.where(there[:, None], new[surfaces.nodes] - led, 0.0)
    led += _extended(off, there, _laplacian_of_triangles(old[surfaces.nodes], np.concatenate(local)))
    settled = []
    for piece, start in zip(pieces, starts, strict=False):
        parameters, free = piece.parameters.copy(), ~known[piece.nodes]
        if free.any():
            # How far the nearest point may be away depends on how long the sides of the triangles are.
            corners = led[start + _numbers(piece, len(old))]
            length = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max()
            targets = led[start : start + len(free)][free]
            new[piece.nodes[free]], parameters[free] = near(piece.tag, targets, parameters[free], length)
        settled.append(piece._replace(parameters=parameters))
    return Pieces.of(2, settled)


def _numbers(piece: Piece, count: int) -> Integers:
    """Its elements by numbers in its own nodes."""
    number = np.zeros(count, dtype=np.int64)
    number[piece.nodes] = np.arange(len(piece.nodes))
    return np.asarray(number[piece.elements])


def _extended(values: Array, known: Mask, laplacian: csr_array) -> Array:
    """Values (n, 3) where they are known, and the harmonic function between them elsewhere."""
    free, held = np.flatnonzero(~known), np.flatnonzero(known)
    result = values.copy()
    if len(free):
        rows = laplacian[free]
        matrix, right = rows[:, free], -(rows[:, held] @ values[held])
        scale = diags_array(1.0 / matrix.diagonal())
        for axis in range(3):
            result[free, axis], left = cg(matrix, right[:, axis], rtol=_CLOSE, M=scale)
            if left:
                raise GeometryError("the motion of a mesh was not found")
    return result


def _laplacian_of_triangles(points: Array, triangles: Integers) -> csr_array:
    """Stiffness matrix of Laplace's equation on a surface, by the cotangents of its angles (Pinkall and Polthier,
    Exp. Math. 2, 1993, 15)."""
    corners = points[triangles]
    sides = np.roll(corners, -2, axis=1) - np.roll(corners, -1, axis=1)  # opposite each corner
    double = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1)
    parts = np.einsum("kai,kbi->kab", sides, sides) / (2 * double)[:, None, None]
    return _assembled(parts, triangles, len(points))


def _laplacian_of_tetrahedra(points: Array, cells: Integers) -> csr_array:
    """Stiffness matrix of Laplace's equation, by linear elements."""
    corners = points[cells]
    jacobians = np.transpose(corners[:, 1:] - corners[:, :1], (0, 2, 1))
    slopes = SLOPES @ np.linalg.inv(jacobians)
    volumes = np.abs(np.linalg.det(jacobians)) / 6
    return _assembled(volumes[:, None, None] * (slopes @ slopes.transpose(0, 2, 1)), cells, len(points))


def _assembled(parts: Array, cells: Integers, count: int) -> csr_array:
    nodes = cells.shape[1]
    rows, columns = np.repeat(cells, nodes, axis=1).ravel(), np.tile(cells, (1, nodes)).ravel()
    return csr_array((parts.ravel(), (rows, columns)), shape=(count, count))

"""From the linear mesh of a CAD model to curved quadratic tetrahedra."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from geometry import labelled
from geometry.curved_mesh import CurvedMesh
from geometry.middles import SETTLED, on_curve, on_surface
from geometry.opened import GOOD, opened
from geometry.placed import Placed
from geometry.quality import POOR, scaled_condition, worst_of
from geometry.skin import Skin, Tetrahedra
from geometry.tetrahedron import Edges, edges_of

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_TRIANGLE, _TETRAHEDRON = 2, 4  # gmsh's numbers
_SIDES = np.array([(0, 1), (1, 2), (2, 0)])  # of a triangle, in gmsh's order of the nodes after the corners
_EASINGS = 4


def second_order() -> CurvedMesh:
    """The linear mesh of the current gmsh model with the middles of its edges on the CAD model.

    What is meant are the physical groups of volumes and surfaces.
    """
    cells, regions = labelled.elements(_TETRAHEDRON, 4, 3)
    triangles, marks = labelled.elements(_TRIANGLE, 3, 2)
    place = labelled.places()
    used = np.zeros(len(place), dtype=bool)
    used[cells] = True
    number = np.where(used, np.cumsum(used) - 1, -1)
    mesh = Tetrahedra(place[used], number[cells], regions)
    triangles = number[triangles]
    of_cells = (triangles >= 0).all(axis=1)  # not those of a second node at the tip of a cone
    return curved(mesh, triangles[of_cells], marks[of_cells], Placed.read(number))


def curved(
    mesh: Tetrahedra,
    triangles: Integers,
    marks: Integers,
    placed: Placed,
    enough: float = GOOD,
    settled: float = SETTLED,
) -> CurvedMesh:
    """A mesh with the middles of its edges on the solid of the current gmsh model.

    Edges inside stay straight; one on a curve is halved where it is as far from either end, one on a surface at the
    point nearest to its middle. The few elements that this spoils are opened, and straightened, half-way at a time,
    where that does not help.

    Parameters
    ----------
    mesh : Tetrahedra
        The labels of its regions are the physical groups of the model.
    triangles : (k, 3) int array
        Of the surfaces.
    marks : (k,) int array
        Physical group of each.
    placed : Placed
    enough : float
        Quality that is good enough: where every curved element has it, none is opened.
    settled : float
        How exactly middles are found, by the length of their edges; on the CAD model they are in any case.
    """
    edges = edges_of(mesh.cells)
    straight = mesh.points[edges.ends].mean(axis=1)
    middles, of_skin = straight.copy(), np.zeros(len(straight), dtype=bool)
    for some, found in _on_cad(mesh.points, edges, placed, settled):
        middles[some], of_skin[some] = found, True
    quality = scaled_condition(*_joined(mesh, middles, edges.of_cells))
    if (quality < enough).any():
        skin = Skin(edges.keys[of_skin], (middles - straight)[of_skin], edges.corners)
        mesh, quality = opened(mesh, quality, skin)
        edges = edges_of(mesh.cells)
        straight = mesh.points[edges.ends].mean(axis=1)
        middles = straight + skin.find(edges.ends)[1]
        _ease(mesh, edges.of_cells, straight, middles, quality)
    points, cells = _joined(mesh, middles, edges.of_cells)
    sides = len(mesh.points) + edges.numbers(triangles[:, _SIDES])
    triangles = np.concatenate([triangles, sides], axis=1)
    names = labelled.names(3), labelled.names(2)
    return CurvedMesh(points, cells, mesh.regions, triangles, marks, *names, worst_of(quality), placed=placed)


def _joined(mesh: Tetrahedra, middles: Array, of_cells: Integers) -> tuple[Array, Integers]:
    """Points, corners first, and the ten nodes of each element."""
    points = np.concatenate([mesh.points, middles])
    return points, np.concatenate([mesh.cells, len(mesh.points) + of_cells], axis=1)


def _on_cad(points: Array, edges: Edges, placed: Placed, settled: float) -> Iterator[tuple[Integers, Array]]:
    """Edges of the curves and surfaces, with their middles there."""
    done = np.zeros(len(edges.ends), dtype=bool)
    for curve in placed.curves:
        pairs = curve.elements
        if len(pairs):
            some = edges.numbers(pairs)
            done[some] = True
            yield some, on_curve(curve.tag, points[pairs], curve.table(len(points))[pairs, 0], settled)
    for surface in placed.surfaces:
        sides = edges.numbers(surface.elements[:, _SIDES])
        some = np.unique(sides[~done[sides]])
        if len(some):
            pairs = edges.ends[some]
            yield some, on_surface(surface.tag, points[pairs], surface.table(len(points))[pairs], settled)


def _ease(mesh: Tetrahedra, of_cells: Integers, straight: Array, middles: Array, quality: Array) -> None:
    """Straighten the edges of the few elements that their curved edges spoil, half-way for each of these at a time."""
    for _ in range(_EASINGS):
        times = np.bincount(of_cells[quality < POOR].ravel(), minlength=len(middles))
        spoiled = times > 0
        if not spoiled.any():
            return
        bow = middles[spoiled] - straight[spoiled]
        middles[spoiled] = straight[spoiled] + bow * 0.5 ** times[spoiled, None]
        touched = spoiled[of_cells].any(axis=1)
        points, cells = _joined(mesh, middles, of_cells)
        quality[touched] = scaled_condition(points, cells[touched])

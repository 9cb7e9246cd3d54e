"""Curved meshes in gmsh's own format, with the names of their regions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gmsh
import numpy as np

from geometry import labelled
from geometry.curved_mesh import CurvedMesh
from geometry.quality import scaled_condition, worst_of

_TRIANGLE, _TETRAHEDRON = 9, 11  # gmsh's numbers of the quadratic ones


def write_mesh(mesh: CurvedMesh, path: Path) -> None:
    """Write a mesh, binary. The current gmsh model is left as it is."""
    with _another_model():
        for dim, names in ((2, mesh.surfaces), (3, mesh.volumes)):
            for tag, name in names.items():
                gmsh.model.addDiscreteEntity(dim, tag)
                gmsh.model.addPhysicalGroup(dim, [tag], tag=tag, name=name)
        gmsh.model.mesh.addNodes(3, min(mesh.volumes), np.arange(1, len(mesh.points) + 1), mesh.points.ravel())
        for tag in mesh.surfaces:
            gmsh.model.mesh.addElementsByType(tag, _TRIANGLE, [], 1 + mesh.triangles[mesh.marks == tag].ravel())
        for tag in mesh.volumes:
            gmsh.model.mesh.addElementsByType(tag, _TETRAHEDRON, [], 1 + mesh.cells[mesh.regions == tag].ravel())
        gmsh.option.setNumber("Mesh.Binary", 1)
        gmsh.write(str(path))


def read_mesh(path: Path) -> CurvedMesh:
    """Read a mesh that `write_mesh` has written. The current gmsh model is left as it is."""
    with _another_model():
        gmsh.merge(str(path))
        place = labelled.places()
        cells, regions = labelled.elements(_TETRAHEDRON, 10, 3)
        triangles, marks = labelled.elements(_TRIANGLE, 6, 2)
        volumes, surfaces = labelled.names(3), labelled.names(2)
    order = np.concatenate([np.unique(cells[:, :4]), np.unique(cells[:, 4:])])  # the corners first
    number = np.empty(len(place), dtype=np.int64)
    number[order] = np.arange(len(order))
    points, cells, triangles = place[order], number[cells], number[triangles]
    return CurvedMesh(
        points, cells, regions, triangles, marks, volumes, surfaces, worst_of(scaled_condition(points, cells))
    )


@contextmanager
def _another_model() -> Iterator[None]:
    before = gmsh.model.getCurrent()
    gmsh.model.add("mesh")
    try:
        yield
    finally:
        gmsh.model.remove()
        gmsh.model.setCurrent(before)

"""The finest mesh of a run, as its folder has it: nodes and cells of `fields.vtu`, surfaces of `mesh.msh`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import meshio
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from studies.record import Regions

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

NEAR = 1e-9  # of the size of the body: nodes as near as this are one
# Corners of the faces 1 to 4 of a C3D10.
_SIDES = np.array([(0, 1, 2), (0, 3, 1), (1, 3, 2), (2, 3, 0)])


class NoMesh(Exception):
    """The run folder does not hold a mesh that can be read."""


@dataclass(frozen=True)
class RunMesh:
    """Quadratic tetrahedra with named regions, numbered as in `fields.vtu`, from 0.

    Attributes
    ----------
    points : (n, 3) array, mm
    cells : (m, 10) array
        In VTK's order.
    volumes : dict of str to (k,) array
        Cells by label.
    surfaces : dict of str to (k, 6) array
        Triangles by label, those of inner surfaces too.
    displacement : (n, 3) array, mm, or None
        None for a fluid.
    """

    points: Array
    cells: Integers
    volumes: dict[str, Integers]
    surfaces: dict[str, Integers]
    displacement: Array | None

    @classmethod
    def read(cls, folder: Path, regions: Regions) -> RunMesh:
        """Read the mesh of a run folder.

        Raises
        ------
        NoMesh
            If a file is missing or damaged, or the two files are not of one mesh.
        """
        try:
            # Not meshio.read, which would try another reader of .msh first, print its error, and end the process.
            fields, faces = meshio.vtu.read(folder / "fields.vtu"), meshio.gmsh.read(folder / "mesh.msh")
            cells, tags = fields.cells_dict["tetra10"], fields.cell_data_dict["volume"]["tetra10"]
            triangles = faces.cells_dict["triangle6"]
            marks = faces.cell_data_dict["gmsh:physical"]["triangle6"]
        except Exception as error:  # of a damaged file, whatever a parser stumbles upon
            raise NoMesh(f"fields.vtu or mesh.msh of {folder} cannot be read: {error}") from error
        mesh = cls(np.asarray(fields.points), cells.astype(np.int64), _by_label(regions.volumes, tags), {}, None)
        where = mesh.nodes_at(np.asarray(faces.points))
        surfaces = {label: where[triangles[k]] for label, k in _by_label(regions.surfaces, marks).items()}
        displacement = fields.point_data.get("displacement")
        return cls(mesh.points, mesh.cells, mesh.volumes, surfaces, displacement)

    def nodes_at(self, points: Array) -> Integers:
        """The nodes at some points (k, 3), mm.

        Raises
        ------
        NoMesh
            If there is none at one of them.
        """
        distance, nodes = cKDTree(self.points).query(points)
        if distance.max(initial=0.0) > NEAR * np.ptp(self.points, axis=0).max():
            raise NoMesh("the nodes of mesh.msh are not those of fields.vtu")
        return np.asarray(nodes, dtype=np.int64)

    def sides(self, triangles: Integers) -> tuple[Integers, Integers]:
        """Cell and number of the face, from 1 as C3D10 counts them, of each triangle (k, 6); of an inner one, one of
        the two cells.
        """
        corners, small = np.unique(self.cells[:, :4], return_inverse=True)  # small numbers, or keys would overflow
        faces = _keys(small.reshape(-1, 4)[:, _SIDES].reshape(-1, 3), len(corners))
        order = np.argsort(faces, kind="stable")
        found = order[np.searchsorted(faces[order], _keys(np.searchsorted(corners, triangles[:, :3]), len(corners)))]
        return found // 4, found % 4 + 1


def _keys(triangles: Integers, count: int) -> Integers:
    """One number for each triangle (k, 3), whatever the order of its corners, of which there are ``count``."""
    a, b, c = np.sort(triangles, axis=1).T
    return np.asarray((a * count + b) * count + c)


def _by_label(names: Mapping[int, str], tags: Integers) -> dict[str, Integers]:
    """Where each label stands, given the names of the regions, which are labels joined by "+"."""
    labels = {word for name in names.values() for word in name.split("+")}
    carriers = {label: [tag for tag, name in names.items() if label in name.split("+")] for label in sorted(labels)}
    found = {label: np.flatnonzero(np.isin(tags, carriers[label])) for label in carriers}
    return {label: where for label, where in found.items() if len(where)}

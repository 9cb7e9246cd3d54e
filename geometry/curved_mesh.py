"""A mesh of curved quadratic tetrahedra with the labels of its regions, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geometry.errors import GeometryError
from geometry.placed import Placed

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class MeshQuality:
    """What was meshed.

    Attributes
    ----------
    cells : int
    min_sicn : float
        Smallest signed inverse condition number of the curved elements; positive: none is inverted.
    """

    cells: int
    min_sicn: float


@dataclass(frozen=True)
class CurvedMesh:
    """Quadratic tetrahedra and the quadratic triangles of labelled surfaces, outer and inner.

    Attributes
    ----------
    points : (n, 3) array, mm
        The corners of the elements come first; each belongs to some element.
    cells : (m, 10) int array
        Nodes in gmsh's order, see `geometry.tetrahedron`.
    regions : (m,) int array
        Tag of the volume each cell belongs to.
    triangles : (k, 6) int array
        Corners, then the middles of the edges (0, 1), (1, 2), (2, 0).
    marks : (k,) int array
        Tag of the surface each triangle belongs to.
    volumes, surfaces : dict of int to str
        Labels behind each tag, joined by "+".
    worst : float
        Smallest signed inverse condition number of the elements, see `geometry.quality`.
    note : str
        What was unusual in making it; empty: nothing.
    placed : Placed or None
        Where its corners are on a CAD solid, if it was meshed from one.
    """

    points: Array
    cells: Integers
    regions: Integers
    triangles: Integers
    marks: Integers
    volumes: dict[int, str]
    surfaces: dict[int, str]
    worst: float
    note: str = ""
    placed: Placed | None = None

    @property
    def quality(self) -> MeshQuality:
        """Number of elements, and the worst of them."""
        return MeshQuality(len(self.cells), self.worst)

    def checked(self, where: str) -> CurvedMesh:
        """This mesh, if it is sound.

        Parameters
        ----------
        where : str
            How fine the mesh is, for the message.

        Raises
        ------
        GeometryError
            If there are no elements, or one is inverted.
        """
        if self.quality.cells == 0:
            raise GeometryError(f"the solid cannot be meshed {where}: no element came out")
        worst = self.quality.min_sicn
        if not worst > 0.0:
            raise GeometryError(
                f"the mesh {where} has inverted elements (worst quality {worst:.2f}): "
                "a wall or a radius is too thin for it"
            )
        return self

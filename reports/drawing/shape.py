"""The surface that a drawing shows: curved triangles with outward normals, whole where a part of it was computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvista as pv
from numpy.typing import NDArray
from vtkmodules.vtkCommonCore import mutable
from vtkmodules.vtkCommonDataModel import vtkStaticCellLocator

from reports.curved import normals_of
from reports.fields import Fields

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

MIRROR = "symmetry_"
QUARTERS = ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5))
SMOOTH = np.cos(np.radians(20.0))  # normals that differ less at a node are one


@dataclass(frozen=True)
class Shape:
    """Quadratic triangles.

    Attributes
    ----------
    points : (n, 3) array, mm
    faces : (m, 6) array
        Numbers of the nodes of each.
    labels : (m,) array
        Number of the region of each.
    normals : (m, 6, 3) array
        Outward, at the nodes.
    mirrored : tuple of str
        Axes across which a computed part was mirrored to give the whole.
    """

    points: Array
    faces: Ints
    labels: Ints
    normals: Array
    mirrored: tuple[str, ...]

    @classmethod
    def of(cls, fields: Fields, names: dict[int, str]) -> Shape:
        """The surface of a run.

        Parameters
        ----------
        fields : Fields
        names : dict of int to str
            The region behind each number.
        """
        cells: Any = fields.mesh.cells_dict
        faces = np.asarray(cells[pv.CellType.QUADRATIC_TRIANGLE], dtype=np.int64)
        points = np.asarray(fields.mesh.points, dtype=float)
        labels = np.asarray(fields.mesh["surface"], dtype=np.int64)
        normals = normals_of(points, faces)
        shape = cls(points, faces, labels, _smooth(faces, normals, len(points)), ())
        for axis in "xyz":
            planes = [number for number, name in names.items() if MIRROR + axis in name.split("+")]
            if planes:
                shape = shape._whole("xyz".index(axis), planes)
        return shape

    def _whole(self, axis: int, planes: list[int]) -> Shape:
        """With its mirror image, and without the plane between them."""
        cut = np.isin(self.labels, planes)
        plane = float(self.points[np.unique(self.faces[cut]), axis].mean())
        image, turned = self.points.copy(), self.normals[~cut].copy()
        image[:, axis] = 2 * plane - image[:, axis]
        turned[..., axis] *= -1
        own, count = self.faces[~cut], len(self.points)
        points = np.concatenate([self.points, image])
        on_plane = np.abs(self.points[:, axis] - plane) < 1e-7 * np.ptp(self.points)
        number = np.where(on_plane, np.arange(count), np.arange(count) + count)  # nodes of the plane are shared
        faces = np.concatenate([own, number[own]])
        labels = np.concatenate([self.labels[~cut]] * 2)
        normals = _smooth(faces, np.concatenate([self.normals[~cut], turned]), len(points))
        return Shape(points, faces, labels, normals, (*self.mirrored, "xyz"[axis]))

    @property
    def nodes(self) -> Array:
        """(m, 6, 3), mm."""
        return self.points[self.faces]

    def box(self) -> tuple[Array, Array]:
        """Lowest and highest coordinates of the nodes, mm."""
        used = self.points[np.unique(self.faces)]
        return used.min(axis=0), used.max(axis=0)

    def locator(self) -> Locator:
        """What finds what a line of sight meets."""
        quarters = self.faces[:, np.array(QUARTERS)].reshape(-1, 3)
        flat = pv.PolyData.from_regular_faces(self.points, quarters)
        return Locator(flat, float(np.linalg.norm(np.subtract(*self.box()))))


class Locator:
    """Lines of sight against a surface.

    Parameters
    ----------
    surface : pyvista.PolyData
    size : float, mm
        Diagonal of its box.
    """

    def __init__(self, surface: pv.PolyData, size: float) -> None:
        self._surface, self._size = surface, size
        self._cells = vtkStaticCellLocator()
        self._cells.SetDataSet(surface)
        self._cells.BuildLocator()

    def visible(self, points: Array, normals: Array, towards: Array) -> NDArray[np.bool_]:
        """Which points (n, 3) of the surface, with outward normals there, a camera far off ``towards`` sees."""
        # Away from the surface, which where it runs along the line of sight would hide itself.
        near = points + self._size * (3e-3 * normals + 1e-3 * towards)
        far = near + 3 * self._size * towards
        where, local, t, part = [0.0] * 3, [0.0] * 3, mutable(0.0), mutable(0)
        meet: Any = self._cells.IntersectWithLine
        hidden = [bool(meet(a, b, 1e-9, t, where, local, part)) for a, b in zip(near, far, strict=True)]
        return ~np.array(hidden, dtype=bool)


def _smooth(faces: Ints, normals: Array, count: int) -> Array:
    """The same, with the mean of all faces wherever they agree, so that outlines go on from face to face."""
    flat = faces.ravel()
    total = np.stack([np.bincount(flat, normals[..., k].ravel(), count) for k in range(3)], axis=1)
    mean = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-300)
    agreement = np.einsum("mkc,mkc->mk", normals, mean[faces])
    least = np.ones(count)
    np.minimum.at(least, flat, agreement.ravel())
    return np.where((least > SMOOTH)[faces][..., None], mean[faces], normals)

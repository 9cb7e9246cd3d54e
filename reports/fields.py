"""The fields of a run as surfaces and sections ready to draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyvista as pv
from numpy.typing import NDArray
from vtkmodules.vtkCommonCore import mutable
from vtkmodules.vtkCommonDataModel import vtkStaticCellLocator

from reports.curved import EDGES, Seams, along, normals_of
from reports.theme import FEATURE_ANGLE

Array = NDArray[np.float64]

SOLID = {"displacement", "von_mises", "first_principal"}
FLOW = {"velocity", "pressure", "wall_shear"}
PERMEATION = {"velocity_x", "velocity_y", "velocity_z"}

MOST_TRIANGLES = 120_000  # more do not show at the size of the pictures, and cost seconds


PIECES = 6  # straight ones to a curved edge
SHARP = np.cos(np.radians(40.0))  # coarse elements of a fillet turn by up to 35 degrees


class FieldsMissing(Exception):
    """The run folder has no fields, or not those that a picture needs."""


@dataclass(frozen=True)
class Fields:
    """Displacement (mm) and stresses (MPa), or velocity (m/s), pressure and wall shear (Pa), on surface and in volume.

    Attributes
    ----------
    surface : pyvista.PolyData
        Quadratic triangles drawn curved, as many flat ones; outward normals.
    mesh : pyvista.UnstructuredGrid
        The same surface as it was meshed, in quadratic triangles.
    volume : pyvista.UnstructuredGrid
        Quadratic tetrahedra.
    """

    surface: pv.PolyData
    mesh: pv.UnstructuredGrid
    volume: pv.UnstructuredGrid

    @classmethod
    def read(cls, folder: Path, needed: set[str] = SOLID) -> Fields:
        """Read `surface.vtu` and `fields.vtu` of a run folder, which must have the fields ``needed``."""
        surface, volume = (_read(folder / name, needed) for name in ("surface.vtu", "fields.vtu"))
        return cls(_curved(surface), surface, volume)

    @property
    def size(self) -> float:
        """Diagonal of the bounding box, mm."""
        return float(self.surface.length)

    @property
    def largest_displacement(self) -> float:
        """mm; 0 for a fluid."""
        if "displacement" not in self.surface.point_data:
            return 0.0
        return float(np.linalg.norm(self.surface["displacement"], axis=1).max())

    @cached_property
    def shaded(self) -> pv.PolyData:
        """The surface with normals that are smooth but for its sharp edges."""
        return pv.PolyData(
            self.surface.compute_normals(
                cell_normals=False, feature_angle=FEATURE_ANGLE, split_vertices=True, consistent_normals=False
            )
        )

    def deformed(self, factor: float) -> pv.PolyData:
        """The surface moved by ``factor`` times its displacement."""
        moved = self.surface.copy(deep=True)
        moved.points = self.surface.points + factor * self.surface["displacement"]
        return moved

    @cached_property
    def edges(self) -> pv.PolyData:
        """The sharp edges of the surface, by the normals of its curved elements: facets turn where it is smooth."""
        points, faces = self._elements
        seams = Seams.of(faces, normals_of(points, faces))
        return _polyline(along(points[seams.nodes[seams.turn < SHARP]], PIECES))

    def borders(self) -> pv.PolyData:
        """The lines between regions of different names."""
        numbers = np.asarray(self.surface["surface"])
        rims = [rim(cells_of(self.surface, numbers == n)) for n in np.unique(numbers)]
        return pv.PolyData(pv.merge(rims)) if rims else pv.PolyData()

    def element_borders(self, point: Array, reach: float) -> pv.PolyData:
        """The curved edges of the elements with a corner within ``reach`` (mm) of a point."""
        points, faces = self._elements
        near = np.linalg.norm(points[faces[:, :3]] - point, axis=2).min(axis=1) < reach
        edges = np.concatenate([faces[near][:, list(edge)] for edge in EDGES])
        edges[:, :2].sort(axis=1)
        return _polyline(along(points[np.unique(edges, axis=0)], PIECES))

    @property
    def _elements(self) -> tuple[Array, NDArray[np.int64]]:
        """Nodes (n, 3), mm, and quadratic triangles (m, 6) of the surface."""
        cells: Any = self.mesh.cells_dict
        faces = np.asarray(cells[pv.CellType.QUADRATIC_TRIANGLE], dtype=np.int64)
        return np.asarray(self.mesh.points, dtype=float), faces

    def normal_near(self, point: Array) -> Array:
        """Outward unit normal of the surface where it is nearest to a point."""
        return np.asarray(self.surface["Normals"][self.surface.find_closest_point(point)], dtype=float)

    def section(self, origin: Array, normal: Array) -> pv.PolyData:
        """The cut of the volume by a plane, with the fields on it; empty if the plane misses the part."""
        cells: Any = self.volume.cells_dict
        corners = cells[pv.CellType.QUADRATIC_TETRA][:, :4]
        side = (np.asarray(self.volume.points)[corners] - origin) @ normal
        reach = 0.2 * np.ptp(side, axis=1)  # a curved element may reach over its corners
        met = (side.min(axis=1) <= reach) & (side.max(axis=1) >= -reach)
        if not met.any():
            return pv.PolyData()
        volume: Any = self.volume
        return pv.PolyData(volume.extract_cells(met).slice(normal=normal, origin=origin))

    def beyond(self, origin: Array, normal: Array) -> pv.PolyData:
        """The part of the surface on the far side of a plane (against ``normal``)."""
        return pv.PolyData(self.surface.clip(normal=normal, origin=origin, invert=True))

    @cached_property
    def _locator(self) -> Any:
        locator = vtkStaticCellLocator()
        locator.SetDataSet(self.surface)
        locator.BuildLocator()
        return locator

    def hidden(self, points: Array, towards: Array) -> NDArray[np.bool_]:
        """Which of the points on the surface are behind the part for a camera in the direction ``towards``."""
        near, far = 2e-3 * self.size * towards, 3 * self.size * towards
        return np.array([self.first_hit(point + near, point + far) is not None for point in points], dtype=bool)

    def first_hit(self, start: Array, end: Array) -> Array | None:
        """Where the line from ``start`` to ``end`` (3,), mm, first meets the surface; None if it does not."""
        where, parametric = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
        met = self._locator.IntersectWithLine(start, end, 1e-9, mutable(0.0), where, parametric, mutable(0))
        return np.array(where) if met else None


def _polyline(curves: Array) -> pv.PolyData:
    """Lines through points (k, n, 3), k to each."""
    count, number = curves.shape[:2]
    if not number:
        return pv.PolyData()
    steps = np.arange(number)[:, None] * count + np.arange(count)
    return pv.PolyData(curves.transpose(1, 0, 2).reshape(-1, 3), lines=np.insert(steps, 0, count, axis=1).ravel())


def _read(path: Path, needed: set[str]) -> pv.UnstructuredGrid:
    if not path.exists():
        raise FieldsMissing(f"{path.name} is not in the run folder")
    grid = pv.UnstructuredGrid(path)
    missing = needed - set(grid.point_data)
    if missing:
        raise FieldsMissing(f"{path.name} has no {', '.join(sorted(missing))}")
    return grid


def _curved(surface: pv.UnstructuredGrid) -> pv.PolyData:
    level = max(n for n in (0, 1, 2, 3) if n == 0 or surface.n_cells * 4**n <= MOST_TRIANGLES)
    fine: Any = surface.extract_surface(algorithm="dataset_surface", nonlinear_subdivision=level)
    return pv.PolyData(
        fine.compute_normals(
            cell_normals=False, split_vertices=False, consistent_normals=True, auto_orient_normals=True
        )
    )


def cells_of(surface: pv.PolyData, chosen: NDArray[np.bool_]) -> pv.PolyData:
    """Some cells of a surface, with all its data."""
    source: Any = surface
    return pv.PolyData(source.extract_cells(chosen).extract_surface(algorithm="dataset_surface"))


def rim(surface: pv.PolyData) -> pv.PolyData:
    """The border of an open surface."""
    return _lines(surface, boundary_edges=True)


def _lines(surface: pv.PolyData, **kinds: bool) -> pv.PolyData:
    none = {"boundary_edges": False, "feature_edges": False, "manifold_edges": False, "non_manifold_edges": False}
    source: Any = surface
    return pv.PolyData(source.extract_feature_edges(feature_angle=FEATURE_ANGLE, **(none | kinds)))

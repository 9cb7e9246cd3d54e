"""Outlines and sharp edges of the pictures, against what is known of simple bodies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import pyvista as pv
from hypothesis import given, settings
from hypothesis import strategies as st
from run_folders import plate_folder, pores_folder
from scipy.spatial import ConvexHull

from reports.fields import PERMEATION, Fields
from reports.silhouette import silhouette
from reports.view import axes

CONVEX = {
    "sphere": pv.Icosphere(nsub=3),
    "box": pv.Box(bounds=(0, 3, 0, 2, 0, 1)).triangulate(),
    "plate": pv.Box(bounds=(0, 30, 0, 20, 0, 0.01)).triangulate(),
    "cylinder": pv.Cylinder(resolution=24).triangulate().clean(),
}
unit = st.tuples(*[st.integers(-50, 50)] * 3).filter(any).map(lambda v: np.array(v) / np.linalg.norm(v))


def ends_of(lines: pv.PolyData) -> np.ndarray:
    """(n, 2, 3)."""
    return np.asarray(lines.points)[lines.lines.reshape(-1, 3)[:, 1:]]


@settings(deadline=None)
@given(st.sampled_from(sorted(CONVEX)), unit)
def test_outline_of_a_convex_body_is_the_rim_of_its_shadow(name: str, towards: np.ndarray) -> None:
    body = CONVEX[name]
    right, up, towards = axes(towards, np.array([0.0, 0.0, 1.0]))
    flat = np.stack([right, up], axis=1)
    ends = ends_of(silhouette(body, towards)) @ flat
    length = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1).sum()
    assert length == pytest.approx(ConvexHull(np.asarray(body.points) @ flat).area, rel=1e-5)  # in the plane: perimeter


def test_the_border_of_an_open_surface_is_no_outline() -> None:
    cap = pv.PolyData(pv.Sphere().clip("z", origin=(0.0, 0.0, 0.2), invert=False).triangulate())
    assert cap.n_open_edges and silhouette(cap, np.array([0.0, 0.0, 1.0])).n_cells == 0


def length_of(lines: pv.PolyData) -> float:
    return float(lines.compute_cell_sizes()["Length"].sum())


def test_edges_are_where_the_part_is_sharp_and_nowhere_else(tmp_path: Path) -> None:
    plate = Fields.read(plate_folder(tmp_path / "plate"))
    assert length_of(plate.edges) == pytest.approx(4 * (100 + 12 + 4) + 8 * np.pi * 5.5, rel=2e-3)
    # A ball of a few coarse elements inside a cube: none of their borders is an edge.
    pores = Fields.read(pores_folder(tmp_path / "pores"), PERMEATION)
    assert length_of(pores.edges) == pytest.approx(12.0)

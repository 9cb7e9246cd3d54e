"""VTU files: what is written is what VTK and meshio read."""

from __future__ import annotations

import meshio
import numpy as np
import pytest
import pyvista as pv
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from solvers.vtu import QUADRATIC_TETRA, QUADRATIC_TRIANGLE, write_vtu

KINDS = {QUADRATIC_TETRA: ("tetra10", 10), QUADRATIC_TRIANGLE: ("triangle6", 6)}
# No character that XML cannot hold.
NAMES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12)
SHAPES = st.sampled_from([(), (3,), (6,)])


@st.composite
def grids(draw):
    kind = draw(st.sampled_from(sorted(KINDS)))
    nodes, count = draw(st.integers(10, 30)), draw(st.integers(1, 8))
    numbers = st.floats(-1e300, 1e300, allow_subnormal=False)
    points = draw(arrays(np.float64, (nodes, 3), elements=numbers))
    cells = draw(arrays(np.int64, (count, KINDS[kind][1]), elements=st.integers(0, nodes - 1)))
    nodal = {n: draw(arrays(np.float64, (nodes, *draw(SHAPES)), elements=numbers)) for n in draw(st.sets(NAMES))}
    tags = {"region": draw(arrays(np.int32, (count,), elements=st.integers(-(2**31), 2**31 - 1)))}
    return kind, points, cells, nodal, tags


@given(grid=grids())
def test_it_reads_as_it_was_written(grid, tmp_path_factory):
    kind, points, cells, nodal, tags = grid
    path = tmp_path_factory.mktemp("vtu") / "grid.vtu"
    write_vtu(path, kind, points, cells, nodal, tags)
    seen = pv.UnstructuredGrid(path)
    np.testing.assert_array_equal(seen.points, points)
    np.testing.assert_array_equal(seen.cells_dict[kind], cells)
    assert set(seen.point_data) == set(nodal) and seen["region"].dtype == np.int32
    for name, values in (nodal | tags).items():
        np.testing.assert_array_equal(seen[name], values)
    other = meshio.read(path)
    np.testing.assert_array_equal(other.points, points)
    np.testing.assert_array_equal(other.cells_dict[KINDS[kind][0]], cells)
    np.testing.assert_array_equal(other.cell_data["region"][0], tags["region"])
    for name, values in nodal.items():
        np.testing.assert_array_equal(other.point_data[name], values)


def test_columns_and_other_strides_are_written_by_value(tmp_path):
    points = np.arange(60.0).reshape(3, 20).T
    cells = np.arange(20).reshape(2, 10)[:, ::-1]
    assert not points.flags.c_contiguous and not cells.flags.c_contiguous
    write_vtu(tmp_path / "a.vtu", QUADRATIC_TETRA, points, cells, {"x": points[:, 1]}, {})
    seen = pv.UnstructuredGrid(tmp_path / "a.vtu")
    np.testing.assert_array_equal(seen.points, points)
    np.testing.assert_array_equal(seen.cells_dict[QUADRATIC_TETRA], cells)
    np.testing.assert_array_equal(seen["x"], points[:, 1])


def test_other_orders_of_bytes_are_written_by_value(tmp_path):
    points, cells = np.arange(30.0).reshape(10, 3).astype(">f8"), np.arange(10)[None].astype(">i4")
    write_vtu(tmp_path / "a.vtu", QUADRATIC_TETRA, points, cells, {"x": points[:, 0]}, {"region": cells[:, 3]})
    seen = pv.UnstructuredGrid(tmp_path / "a.vtu")
    np.testing.assert_array_equal(seen.points, points)
    np.testing.assert_array_equal(seen["x"], points[:, 0])
    assert seen["region"] == [3]


@pytest.mark.parametrize(
    ("nodal", "words"),
    [
        ({"on": np.ones(10, dtype=bool)}, "on has numbers of a type"),
        ({"x": np.ones(9)}, "x has 9 values where there are 10"),
    ],
)
def test_what_the_format_does_not_have_is_refused(tmp_path, nodal, words):
    with pytest.raises(ValueError, match=words):
        write_vtu(tmp_path / "a.vtu", QUADRATIC_TETRA, np.zeros((10, 3)), np.arange(10)[None], nodal, {})
    assert not (tmp_path / "a.vtu").exists()


def test_where_it_cannot_be_written_it_says_so(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_vtu(tmp_path / "none" / "a.vtu", QUADRATIC_TETRA, np.zeros((10, 3)), np.arange(10)[None], {}, {})

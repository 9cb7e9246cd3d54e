import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geometry.contour import Corner, rounded
from geometry.errors import GeometryError


def test_a_rounded_corner_is_an_arc_tangent_to_both_sides():
    contour = rounded([Corner((0.0, 0.0)), Corner((10.0, 0.0), 2.0), Corner((10.0, 8.0))])
    (arc,) = contour.arcs
    np.testing.assert_allclose(arc.centre, (8.0, 2.0))
    np.testing.assert_allclose(arc.start, (8.0, 0.0), atol=1e-12)
    np.testing.assert_allclose(arc.end, (10.0, 2.0), atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(contour.points[1:-1] - arc.centre, axis=1), 2.0)


def test_a_sharp_corner_stays():
    contour = rounded([Corner((0.0, 0.0)), Corner((10.0, 0.0)), Corner((10.0, 8.0))])
    np.testing.assert_array_equal(contour.points, [(0.0, 0.0), (10.0, 0.0), (10.0, 8.0)])
    assert contour.arcs[0].centre is None


def test_an_arc_that_does_not_fit_names_its_parameters():
    with pytest.raises(GeometryError) as caught:
        rounded(
            [Corner((0.0, 0.0)), Corner((3.0, 0.0), 4.0, ("fillet", "offset")), Corner((3.0, 9.0), names=("reach",))]
        )
    assert caught.value.parameters == ("fillet", "offset")


def test_two_arcs_must_share_the_side_between_them():
    corners = [
        Corner((0.0, 0.0)),
        Corner((10.0, 0.0), 3.0, ("a",)),
        Corner((10.0, 5.0), 3.0, ("b",)),
        Corner((0.0, 5.0)),
    ]
    with pytest.raises(GeometryError, match="a, b"):
        rounded(corners)


@given(turn=st.floats(0.1, 2.5), radius=st.floats(0.1, 3.0), left=st.booleans())
def test_every_arc_keeps_its_radius_and_turns_by_the_corner(turn, radius, left):
    turn = turn if left else -turn
    contour = rounded(
        [Corner((-20.0, 0.0)), Corner((0.0, 0.0), radius), Corner((20 * np.cos(turn), 20 * np.sin(turn)))]
    )
    (arc,) = contour.arcs
    for end, direction in ((arc.start, np.array([1.0, 0.0])), (arc.end, np.array([np.cos(turn), np.sin(turn)]))):
        assert np.linalg.norm(end - arc.centre) == pytest.approx(radius)
        assert (end - arc.centre) @ direction == pytest.approx(0.0, abs=1e-9)


def test_a_line_crosses_a_contour_where_it_should():
    contour = rounded([Corner((0.0, 0.0)), Corner((10.0, 0.0)), Corner((10.0, 8.0))])
    hits = contour.crossings(np.array([4.0, 3.0]), np.array([1.0, 0.0]))
    np.testing.assert_allclose(hits, [(10.0, 3.0)])

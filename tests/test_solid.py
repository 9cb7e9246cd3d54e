import gmsh
import numpy as np
import pytest
from mpi4py import MPI

import solvers  # noqa: F401
from geometry.contour import Corner, rounded
from geometry.errors import GeometryError
from geometry.loft import Section, loft, quarter
from geometry.mesh import SizeBox, coarse_size, generate
from geometry.shell import disc, revolved, sewn
from geometry.solid import Cut, Solid, cad
from solvers.body import Body
from solvers.measures import volume

X, Y, Z = np.eye(3)


def box(a=10.0, b=6.0, c=4.0):
    return Solid.of({"block": gmsh.model.occ.addBox(0, 0, 0, a, b, c)})


def section(z, width, depth, radius):
    return Section(z * Z, X, Y, width, depth, radius)


def test_surfaces_are_named_by_what_they_are():
    with cad():
        solid = box()
        solid.name("top", lambda s: s.normal[2] > 0.9)
        solid.name("bottom", lambda s: s.normal[2] < -0.9)
        solid.name_rest("side")
        assert solid.labels() == {"block", "top", "bottom", "side"}
        top = next(s for s in solid.describe() if solid.surfaces[s.tag] == ("top",))
        assert top.area == pytest.approx(60.0)
        assert top.centre[2] == pytest.approx(4.0)
        assert top.kind == "Plane"


def test_a_name_is_given_once_unless_asked_otherwise():
    with cad():
        solid = box()
        solid.name("all", lambda s: True)
        with pytest.raises(GeometryError, match="'again'"):
            solid.name("again", lambda s: True)
        solid.name("again", lambda s: True, only_unnamed=False)
        assert set(solid.surfaces.values()) == {("all", "again")}


def test_a_name_for_no_surface_is_refused():
    with cad(), pytest.raises(GeometryError, match="'lid'"):
        box().name("lid", lambda s: s.area > 1e6)


def test_a_cut_keeps_the_volume_and_the_labels():
    with cad():
        solid = box()
        solid.name("end", lambda s: s.normal[0] > 0.9)
        solid.name_rest("side")
        solid.split((3.0, 0.0, 0.0), (1.0, 0.0, 0.0), name="potting", above="free", below="potted")
        assert solid.volume() == pytest.approx(240.0)
        assert solid.area() == pytest.approx(2 * (60 + 40 + 24))
        assert sorted(solid.volumes.values()) == [("block", "free"), ("block", "potted")]
        assert set(solid.surfaces.values()) == {("end", "free"), ("side", "free"), ("side", "potted"), ("potting",)}
        (inner,) = (s for s in solid.describe() if solid.surfaces[s.tag] == ("potting",))
        assert inner.area == pytest.approx(24.0)


def pieces(*cuts, at_once):
    """Labels of all pieces with their volumes or areas, sorted."""
    with cad():
        solid = box()
        solid.name("end", lambda s: s.normal[0] > 0.9)
        solid.name_rest("side")
        for some in [cuts] if at_once else [[cut] for cut in cuts]:
            solid.cut(*some)
        measure = gmsh.model.occ.getMass
        volumes = [(words, round(measure(3, tag), 6)) for tag, words in solid.volumes.items()]
        surfaces = [(words, round(measure(2, tag), 6)) for tag, words in solid.surfaces.items()]
        return sorted(volumes), sorted(surfaces)


@pytest.mark.parametrize(
    "second",
    [
        Cut((7.0, 0.0, 0.0), (1.0, 0.0, 0.0), "held", below="low"),
        Cut((0.0, 2.0, 0.0), (0.0, 1.0, 0.0), "held", above="left", below="right"),
        Cut((5.0, 3.0, 0.0), (1.0, 2.0, 0.5), "held", above="far"),
    ],
)
def test_several_cuts_at_once_are_those_one_after_the_other(second):
    first = Cut((3.0, 0.0, 0.0), (1.0, 0.0, 0.0), "potting", above="free", below="potted")
    for cuts in ((first, second), (second, first)):
        assert pieces(*cuts, at_once=True) == pieces(*cuts, at_once=False)


@pytest.mark.parametrize("inner", [9.5, 9.8])
def test_sides_are_told_of_surfaces_that_none_of_the_tried_points_is_on(inner):
    with cad():
        occ = gmsh.model.occ
        ring, _ = occ.cut(
            [(3, occ.addCylinder(0, 0, 0, 0, 0, 2, 10))], [(3, occ.addCylinder(0, 0, -1, 0, 0, 4, inner))]
        )
        solid = Solid.of({"ring": ring[0][1]})
        cut = Cut((-5 / np.sqrt(2), -5 / np.sqrt(2), 0), (-1, -1, 0), "cut", above="up", below="down")
        solid.cut(cut)
        assert len(solid.volumes) > 1
        for tag, words in solid.volumes.items():
            assert words[-1] == ("up" if cut.height(np.array(occ.getCenterOfMass(3, tag))) > 0 else "down")


def test_of_several_planes_the_one_beside_the_solid_is_named():
    hits = Cut((3.0, 0.0, 0.0), (1.0, 0.0, 0.0), "potting")
    for cuts in ((hits, Cut((30.0, 0.0, 0.0), X, "held")), (Cut((30.0, 0.0, 0.0), X, "held"), hits)):
        with cad(), pytest.raises(GeometryError, match="'held'"):
            box().cut(*cuts)


def test_a_plane_beside_the_solid_is_refused():
    with cad(), pytest.raises(GeometryError, match="'potting'"):
        box().split((30.0, 0.0, 0.0), (1.0, 0.0, 0.0), name="potting", above="a", below="b")


def test_a_quarter_section_is_a_rounded_rectangle():
    points, length = quarter(10.0, 6.0, 2.0)
    assert length == pytest.approx(3.0 + 1.0 + np.pi)
    np.testing.assert_allclose(points[[0, -1]], [(5.0, 0.0), (0.0, 3.0)], atol=1e-12)
    round_part = points[(points[:, 0] > 3.0) & (points[:, 1] > 1.0)]
    np.testing.assert_allclose(np.linalg.norm(round_part - (3.0, 1.0), axis=1), 2.0)


def test_a_loft_of_circles_is_a_cylinder():
    skin = loft([section(z, 8.0, 8.0, 4.0) for z in (0.0, 3.0, 7.0, 10.0, 14.0)])
    for station in (0.0, 5.0, 11.3):
        ring = skin.ring(station)
        np.testing.assert_allclose(np.linalg.norm(ring[:, :2], axis=1), 4.0, atol=1e-5)
        np.testing.assert_allclose(ring[:, 2], station, atol=1e-5)


def test_a_loft_passes_through_its_sections_and_closes_with_discs():
    widths = {-9.0: 6.0, -4.0: 6.0, 0.0: 6.0, 5.0: 7.0, 10.0: 8.0, 15.0: 6.0, 18.0: 6.0, 22.0: 6.0}
    sections = [section(z, w, 6.0, 3.0 if w == 6.0 else 2.0) for z, w in widths.items()]
    skin = loft(sections)
    for station, s in zip(skin.stations, sections, strict=True):
        ring = skin.ring(float(station))
        np.testing.assert_allclose(ring[:, 2], s.centre[2], atol=1e-9)
        assert np.ptp(ring[:, 0]) == pytest.approx(s.width, abs=5e-3)
    low, middle, high = skin.stations[[1, 4, 6]]
    with cad():
        ends = [disc(-4 * Z, Z, X, 3.0), disc(18 * Z, Z, X, 3.0)]
        whole = Solid.of({"bar": sewn([*ends, *skin.patches(low, middle), *skin.patches(middle, high)])})
        assert len(whole.surfaces) == 10
        # Compared with the area of the sections, integrated.
        stations = np.linspace(low, high, 801)
        rings = [skin.ring(float(t)) for t in stations]
        area = [abs(np.sum(r[:, 0] * np.roll(r[:, 1], -1) - r[:, 1] * np.roll(r[:, 0], -1))) / 2 for r in rings]
        assert whole.volume() == pytest.approx(np.trapezoid(area, [r[0, 2] for r in rings]), rel=2e-3)


def test_a_revolved_contour_has_true_arcs():
    contour = rounded([Corner((0.0, 3.0)), Corner((10.0, 3.0), 1.0), Corner((10.0, 0.0))])
    with cad():
        solid = Solid.of({"pin": sewn([disc(0 * Z, Z, X, 3.0), *revolved(contour, 0 * Z, Z, X)])})
        assert {s.kind for s in solid.describe()} == {"Plane", "Cylinder", "Torus"}
        # Pappus: rounding takes a square less a quarter disc, of area 1 - pi/4, off the section.
        lost = 1 - np.pi / 4
        centroid = 2 + (1 / 2 - np.pi / 4 * 4 / (3 * np.pi)) / lost
        assert solid.volume() == pytest.approx(np.pi * 90 - 2 * np.pi * centroid * lost, rel=1e-6)


def test_surfaces_that_do_not_close_are_refused():
    with cad(), pytest.raises(GeometryError):
        Solid.of({"open": sewn([disc(0 * Z, Z, X, 3.0)])})


@pytest.mark.parametrize("refinement", [1.0, 1.5, 2.25])
def test_curved_elements_are_sound_on_a_ball(refinement):
    with cad():
        solid = Solid.of({"ball": gmsh.model.occ.addSphere(0, 0, 0, 5)})
        mesh = generate(solid, 3.0 / refinement, refinement=refinement)
    assert mesh.quality.min_sicn > 0.1
    assert volume(Body.from_mesh(mesh, MPI.COMM_SELF)) == pytest.approx(4 / 3 * np.pi * 125, rel=5e-3)


def test_a_finer_box_gives_more_elements_and_groups_carry_the_labels(tmp_path):
    with cad():
        solid = box()
        solid.name_rest("skin")
        size = coarse_size(solid)
        coarse = generate(solid, size)
        fine = generate(solid, size, [SizeBox((0, 0, 0), (3, 6, 4), 0.4, 1.0)])
        assert fine.quality.cells > 1.5 * coarse.quality.cells
        assert {*fine.volumes.values(), *fine.surfaces.values()} == {"block", "skin"}
        solid.write(tmp_path)
        assert "MILLI" in (tmp_path / "geometry.step").read_text()


def test_the_resolution_of_curves_follows_the_refinement_in_one_session():
    with cad():
        solid = Solid.of({"ball": gmsh.model.occ.addSphere(0, 0, 0, 5)})
        coarse = generate(solid, 4.0)
        assert generate(solid, 4.0, refinement=2.0).quality.cells > 2 * coarse.quality.cells


def test_pieces_that_do_not_touch_are_named():
    with cad():
        one, two = gmsh.model.occ.addBox(0, 0, 0, 1, 1, 1), gmsh.model.occ.addBox(0, 0, 2, 1, 1, 1)
        with pytest.raises(GeometryError, match="2 pieces that do not touch: low; high"):
            Solid.of({"low": one, "high": two}).check_connected()
    with cad():
        one, two = gmsh.model.occ.addBox(0, 0, 0, 1, 1, 1), gmsh.model.occ.addBox(0, 0, 1, 1, 1, 1)
        gmsh.model.occ.fragment([(3, one)], [(3, two)])
        Solid.of({"low": one, "high": two}).check_connected()

"""A mesh moved to another solid: on its surfaces, of the same elements, as good."""

from __future__ import annotations

from dataclasses import replace

import gmsh
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.catalogue import DEVICES
from devices.parameters import InputError
from geometry import morph
from geometry.errors import GeometryError
from geometry.mesh import coarse_size, generate, moved
from geometry.mesh_arrays import as_arrays, of_arrays
from geometry.placed import Structure
from geometry.quality import POOR, scaled_condition
from geometry.solid import Cut, Solid, cad

OCC = gmsh.model.occ
MOST = 40  # triangles of a surface that are looked at: gmsh projects slowly
# Each with one length, mm, that may be altered; with seams, poles, closed curves.
DRAWN = {
    "ball": lambda r: OCC.addSphere(0, 0, 0, r),
    "cap": lambda r: OCC.addSphere(0, 0, 0, 5, angle1=0.1 * r),
    "pin": lambda r: OCC.addCylinder(0, 0, 0, 0, 0, 10, r),
    "cone": lambda r: OCC.addCone(0, 0, 0, 0, 0, 10, r, 1),
    "ring": lambda r: OCC.addTorus(0, 0, 0, 10, r),
    "block": lambda r: OCC.addBox(0, 0, 0, 8, 5, r),
}


def drawn(name, size=3.0, label="skin"):
    solid = Solid.of({"solid": DRAWN[name](size)})
    solid.name_rest(label)
    return solid


def meshed(name, finer=1.3):
    with cad():
        solid = drawn(name)
        return generate(solid, coarse_size(solid) / finer)


def volume(mesh):
    corners = mesh.points[mesh.cells[:, :4]]
    return float(np.linalg.det(corners[:, 1:] - corners[:, :1]).sum() / 6)


def off_surface(mesh):
    """How far corners and middles of some triangles are from the surface they belong to, mm; eased ones included."""
    found, first = [], 0
    for piece in mesh.placed.surfaces:
        some = mesh.triangles[first : first + len(piece.elements)]
        nodes = np.unique(some[:: 1 + len(some) // MOST])
        first += len(piece.elements)
        if len(nodes):
            nearest = gmsh.model.getClosestPoint(2, piece.tag, mesh.points[nodes].ravel())[0].reshape(-1, 3)
            found.append(np.linalg.norm(nearest - mesh.points[nodes], axis=1))
    assert first == len(mesh.triangles)
    return np.concatenate(found)


@pytest.mark.parametrize("size", [2.6, 3.0, 3.5])
@pytest.mark.parametrize("name", DRAWN)
def test_it_lies_on_the_other_solid(name, size):
    mesh = meshed(name)
    with cad():
        solid = drawn(name, size)
        found = moved(solid, mesh)
        assert np.quantile(off_surface(found), 0.98) < 1e-6  # but where an edge is eased
        own = generate(solid, coarse_size(solid) / 1.3)
    assert np.array_equal(found.triangles[:, :3], mesh.triangles[:, :3]) and found.surfaces == mesh.surfaces
    assert volume(found) == pytest.approx(volume(own), rel=0.03)
    assert found.worst >= min(POOR, mesh.worst)
    goodness = [scaled_condition(m.points, m.cells).mean() for m in (found, mesh)]
    assert goodness[0] > 0.9 * goodness[1]


def test_every_label_goes_with_its_surface():
    """A block with a hole and a second material, every surface under a name of its own."""

    def named(width, radius):
        plate = OCC.cut([(3, OCC.addBox(0, 0, 0, width, 8, 3))], [(3, OCC.addCylinder(3, 4, -1, 0, 0, 5, radius))])[0]
        solid = Solid.of({"plate": plate[0][1]})
        for number, tag in enumerate(solid.surfaces):
            solid.name(f"face {number}", lambda s, tag=tag: s.tag == tag)
        solid.cut(Cut((0.7 * width, 0, 0), (1, 0, 0), "bond", above="right", below="left"))
        return solid

    with cad():
        mesh = generate(named(12, 1.5), 1.0)
    with cad():
        solid = named(14, 1.8)
        found, mass = moved(solid, mesh), gmsh.model.occ.getMass
        wanted = {"+".join(words): mass(2, tag) for tag, words in solid.surfaces.items()}
        filled = {"+".join(words): mass(3, tag) for tag, words in solid.volumes.items()}
    corners = found.points[found.triangles[:, :3]]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    corners = found.points[found.cells[:, :4]]
    volumes = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6
    assert len(wanted) == len(found.surfaces) > 9 and len(filled) == 2
    assert {name: areas[found.marks == tag].sum() for tag, name in found.surfaces.items()} == pytest.approx(
        wanted, rel=0.03
    )
    assert {name: volumes[found.regions == tag].sum() for tag, name in found.volumes.items()} == pytest.approx(
        filled, rel=0.01
    )


def test_what_moves_to_the_same_solid_stays():
    mesh = meshed("pin")
    with cad():
        found = moved(drawn("pin"), mesh)
    assert np.array_equal(found.cells, mesh.cells)
    assert np.abs(found.points - mesh.points).max() < 1e-6


def test_the_order_of_the_rims_of_a_face_is_no_structure():
    """It follows where the holes are."""
    told = []
    for pitch in (13.0, 11.5):
        with cad():
            solid = DEVICES.find("bone_plate").cls(hole_pitch=pitch).build()
            told.append(
                (Structure.read(), [gmsh.model.getBoundary([(2, tag)], combined=False) for tag in solid.surfaces])
            )
    (one, rims), (other, others) = told
    assert one.told == other.told and rims != others


def test_another_solid_is_refused():
    mesh = meshed("pin")
    for other in (lambda: drawn("cone"), lambda: drawn("pin", label="wall")):
        with cad(), pytest.raises(GeometryError, match="other surfaces, curves or labels"):
            moved(other(), mesh)


def test_a_solid_so_different_that_elements_become_poor_is_refused():
    mesh = meshed("block")
    with cad(), pytest.raises(GeometryError, match="poor elements"):
        moved(drawn("block", 0.05), mesh)


def imprinted(height):
    """A block with a point on its upper face."""
    block = OCC.addBox(0, 0, 0, 6, 4, height)
    _, found = OCC.fragment([(3, block)], [(0, OCC.addPoint(2, 2, height))])
    solid = Solid.of({"solid": [tag for dim, tag in found[0] if dim == 3]})
    solid.name_rest("skin")
    return solid


def with_a_sheet(height):
    """A block with a disk inside."""
    block, disk = OCC.addBox(0, 0, 0, 6, 6, 6), OCC.addDisk(3, 3, height, 1.5, 1.5)
    _, found = OCC.fragment([(3, block)], [(2, disk)])
    solid = Solid.of({"solid": [tag for dim, tag in found[0] if dim == 3]})
    solid.name_rest("skin")
    return solid


@pytest.mark.parametrize("draw", [imprinted, with_a_sheet])
def test_what_is_embedded_is_refused(draw):
    with cad():
        mesh = generate(draw(2.0), 1.0)
    with cad(), pytest.raises(GeometryError, match="embedded"):
        moved(draw(2.2), mesh)


def test_inverted_elements_are_refused_before_any_is_mended(monkeypatch):
    """To open them would take longer than to mesh."""

    def tube(bore):
        solid = Solid.of(
            {"solid": OCC.cut([(3, DRAWN["pin"](3.0))], [(3, OCC.addCylinder(1, 0, -1, 0, 0, 12, bore))])[0][0][1]}
        )
        solid.name_rest("skin")
        return solid

    with cad():
        mesh = generate(tube(1.6), 0.5)
    monkeypatch.setattr(morph, "curved", None)
    with cad(), pytest.raises(GeometryError, match="inverted elements"):
        moved(tube(0.2), mesh)


def test_what_was_unusual_in_the_mesh_is_told_of_the_moved_one():
    mesh = replace(meshed("pin"), note="meshed otherwise")
    with cad():
        assert moved(drawn("pin", 3.2), of_arrays(as_arrays(mesh))).note == "meshed otherwise"


def test_the_tip_of_a_cone():
    """gmsh gives it a second node, which no cell has."""
    with cad():
        solid = Solid.of({"solid": OCC.addCone(0, 0, 0, 0, 0, 10, 3, 0)})
        solid.name_rest("skin")
        mesh = generate(solid, coarse_size(solid) / 1.3)
    assert mesh.triangles.min() >= 0 and len(mesh.triangles) == len(mesh.placed.surfaces.elements)


def test_a_curve_is_followed_by_its_length_not_by_its_parameter():
    """The same line, run along at another pace."""

    def strip(pace):
        ends = [OCC.addPoint(x, 0, 0) for x in (0, 10)]
        curve = OCC.addBezier([ends[0], OCC.addPoint(pace, 0, 0), ends[1]])
        far = [OCC.addPoint(x, 4, 0) for x in (10, 0)]
        lines = [curve, OCC.addLine(ends[1], far[0]), OCC.addLine(far[0], far[1]), OCC.addLine(far[1], ends[0])]
        face = OCC.addPlaneSurface([OCC.addCurveLoop(lines)])
        solid = Solid.of({"solid": OCC.extrude([(2, face)], 0, 0, 3)[1][1]})
        solid.name_rest("skin")
        return solid

    with cad():
        mesh = generate(strip(5.0), 1.0)
    with cad():
        found = moved(strip(2.0), mesh)
    nodes = mesh.placed.curves.nodes
    assert np.abs(found.points[nodes] - mesh.points[nodes]).max() < 5e-3
    assert found.worst > 0.8 * mesh.worst


def settings_near(device, names):
    """Some values within a sixth of their range from the usual ones."""
    chosen = {}
    for name in names:
        field = device.model_fields[name]
        low, high = (
            next((getattr(m, side) for m in field.metadata if hasattr(m, side)), None) for side in ("ge", "le")
        )
        reach = (high - low) / 6
        chosen[name] = st.floats(max(low, field.default - reach), min(high, field.default + reach))
    return st.fixed_dictionaries(chosen)


STEM = ["stem_length", "neck_diameter", "neck_shaft_angle", "neck_fillet_radius", "proximal_width", "medial_radius"]
PLATE = ["thickness", "edge_fillet", "countersink_diameter"]


@pytest.mark.parametrize(("name", "height", "altered"), [("hip_stem", -40.0, STEM), ("bone_plate", None, PLATE)])
def test_devices_much_alike(name, height, altered):
    """Cut at a level, as a test cuts them: the curve of an intersection runs as its finder went."""
    device, done = DEVICES.find(name).cls, []

    def build(**values):
        solid = device(**values).build()
        solid.name_rest("surface")
        if height is not None:
            solid.cut(Cut((0, 0, height), (0, 0, 1), "level", above="above", below="below"))
        return solid

    with cad():
        solid = build()
        mesh = generate(solid, 1.5 * coarse_size(solid))

    @settings(max_examples=3, deadline=None, derandomize=True, database=None)
    @given(settings_near(device, altered))
    def check(values):
        with cad():
            try:
                solid = build(**values)
            except (GeometryError, InputError):  # a device that cannot be
                return
            try:
                found = moved(solid, mesh)
            except GeometryError as error:
                done.append(str(error))
                return
            assert np.quantile(off_surface(found), 0.98) < 1e-6
            drawn = solid.volume()
        assert found.worst >= min(POOR, mesh.worst)
        assert found.volumes == mesh.volumes and found.surfaces == mesh.surfaces
        assert volume(found) == pytest.approx(drawn, rel=0.05)
        done.append("")

    check()
    assert done.count("") >= 2


def test_arrays_are_the_mesh():
    mesh = meshed("cone")
    again = of_arrays(as_arrays(mesh))
    with cad():
        solid = drawn("cone", 3.3)
        one, other = moved(solid, mesh), moved(solid, again)
    assert np.array_equal(one.points, other.points) and np.array_equal(one.cells, other.cells)
    assert (again.volumes, again.surfaces, again.worst) == (mesh.volumes, mesh.surfaces, mesh.worst)
    assert as_arrays(mesh)["cells"].dtype == np.int32 and again.cells.dtype == np.int64


def test_inside_follows_by_a_harmonic_function():
    """A linear motion of the skin is one of the whole."""
    mesh = meshed("block")
    old, cells = mesh.points, mesh.cells[:, :4]
    count = int(cells.max()) + 1
    known = np.zeros(count, dtype=bool)
    known[mesh.triangles[:, :3]] = True
    assert not known.all()
    motion = np.array([[1.1, 0.2, 0.0], [0.0, 0.9, -0.1], [0.3, 0.0, 1.2]])
    wanted = old[:count] @ motion.T
    found = morph._extended(
        np.where(known[:, None], wanted, 0.0), known, morph._laplacian_of_tetrahedra(old[:count], cells)
    )
    assert found == pytest.approx(wanted, abs=1e-5)

import gmsh
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from random_devices import settings_of

from devices.bone_plate import BonePlate
from devices.hip_stem import HipStem
from devices.parameters import InputError, bounds, facts
from geometry.errors import GeometryError
from geometry.mesh import coarse_size, generate
from geometry.solid import cad

DEVICES = [HipStem, BonePlate]
LABELS = {
    HipStem: {"stem", "trunnion", "trunnion_end", "neck", "body", "tip"},
    BonePlate: {"plate", "top", "bottom", "hole", "edge"},
}


def build_or_refuse(device, values):
    """Either a sound mesh comes out, or an error that names parameters of the device; True for a mesh."""
    try:
        with cad():
            solid = device(**values).build()
            assert all(solid.surfaces.values())
            assert solid.labels() <= LABELS[device]
            assert generate(solid, coarse_size(solid)).quality.min_sicn > 0.0
    except GeometryError as error:
        assert error.parameters, str(error)
        assert set(error.parameters) <= set(device.model_fields)
        return False
    return True


quick = settings(max_examples=3, deadline=None, derandomize=True, database=None)
thorough = settings(max_examples=200, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(values=settings_of(HipStem))
def test_a_few_stems_mesh_or_name_the_conflict(values):
    build_or_refuse(HipStem, values)


@quick
@given(values=settings_of(BonePlate))
def test_a_few_plates_mesh_or_name_the_conflict(values):
    build_or_refuse(BonePlate, values)


@pytest.mark.slow
@thorough
@given(values=settings_of(HipStem))
def test_any_stem_meshes_or_names_the_conflict(values):
    build_or_refuse(HipStem, values)


@pytest.mark.slow
@thorough
@given(values=settings_of(BonePlate))
def test_any_plate_meshes_or_names_the_conflict(values):
    build_or_refuse(BonePlate, values)


@pytest.mark.parametrize("device", DEVICES)
def test_every_parameter_is_documented(device):
    for name, field in device.model_fields.items():
        assert field.description, name
        if field.annotation is float:
            low, high = bounds(field)
            assert low <= field.default <= high, name
            assert facts(field)["unit"] in ("mm", "deg"), name
            assert facts(field)["source"], name


@pytest.mark.parametrize("device", DEVICES)
def test_the_default_has_its_regions_and_a_sound_mesh(device):
    with cad():
        solid = device().build()
        assert solid.labels() == LABELS[device]
        assert len(solid.volumes) == 1
        assert generate(solid, coarse_size(solid)).quality.min_sicn > 0.1


# --- stem ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stem():
    """The nodes of a fine surface mesh of the default stem, by label."""
    device = HipStem()
    with cad():
        solid = device.build()
        gmsh.option.setNumber("Mesh.MeshSizeMax", 0.6)
        gmsh.model.mesh.generate(2)
        nodes = {}
        for tag, (label,) in solid.surfaces.items():
            nodes.setdefault(label, []).append(gmsh.model.mesh.getNodes(2, tag, includeBoundary=True)[1].reshape(-1, 3))
        return device, {k: np.concatenate(v) for k, v in nodes.items()}, solid.landmarks["head_centre"], solid.volume()


def neck_frame(device):
    fall = np.radians(180 - device.neck_shaft_angle)
    return np.array([np.sin(fall), 0, np.cos(fall)]), np.array([np.cos(fall), 0, -np.sin(fall)])


def test_the_head_is_where_offset_and_angle_put_it(stem):
    device, nodes, head, _ = stem
    assert head[0] == pytest.approx(device.neck_offset)
    assert np.degrees(np.arctan2(head[0], head[2])) == pytest.approx(180 - device.neck_shaft_angle)
    tip = nodes["tip"][np.argmin(nodes["tip"][:, 2])]
    assert tip[2] == pytest.approx(-device.stem_length, abs=1e-6)
    assert 120 < np.linalg.norm(head - [0, 0, tip[2]]) < 250


def test_the_taper_is_the_cone_asked_for(stem):
    device, nodes, head, _ = stem
    along, _ = neck_frame(device)
    s = (nodes["trunnion"] - head) @ along
    radius = np.linalg.norm(nodes["trunnion"] - head - s[:, None] * along, axis=1)
    slope = np.tan(np.radians(device.trunnion_angle / 2))
    np.testing.assert_allclose(radius, device.trunnion_diameter / 2 + (device.trunnion_overhang - s) * slope, atol=1e-6)
    assert np.ptp(s) > device.trunnion_length - 3 * device.trunnion_edge_radius


def test_the_neck_is_round(stem):
    device, nodes, head, _ = stem
    along, _ = neck_frame(device)
    s = (nodes["neck"] - head) @ along
    straight = nodes["neck"][(s > -18) & (s < -13)]
    radius = np.linalg.norm(np.cross(straight - head, along), axis=1)
    np.testing.assert_allclose(radius, device.neck_diameter / 2, atol=2e-4)


def test_the_section_at_the_potting_level_is_usual(stem):
    _, nodes, head, _ = stem
    near = nodes["body"][np.abs(nodes["body"][:, 2] - (head[2] - 80)) < 0.5]
    assert np.ptp(near[:, 0]) == pytest.approx(14.0, abs=0.8)
    assert np.ptp(near[:, 1]) == pytest.approx(13.0, abs=0.8)


def outline(points, direction, width=0.02):
    """Outermost points in the frontal plane towards a direction."""
    middle = points[np.abs(points[:, 1]) < width]
    return middle[middle @ direction > np.median(middle @ direction)]


@pytest.mark.parametrize("radius", [5.0, 8.0, 14.0])
def test_the_fillet_at_the_shoulder_has_its_radius(radius):
    device = HipStem(neck_fillet_radius=radius)
    along, medially = neck_frame(device)
    with cad():
        solid = device.build()
        curve = next(
            t
            for _, t in gmsh.model.getEntities(1)
            if (b := gmsh.model.getBoundingBox(1, t))[4] - b[1] < 0.01  # a seam in the frontal plane
            and gmsh.model.occ.getMass(1, t) > 4.0
            and solid.landmarks["head_centre"] @ along - device.neck_length - 3
            < np.array(gmsh.model.occ.getCenterOfMass(1, t)) @ along
            < solid.landmarks["head_centre"] @ along - device.neck_length + 18
            and np.array(gmsh.model.occ.getCenterOfMass(1, t)) @ medially < 0
            and gmsh.model.getType(1, t) != "Line"
        )
        (low,), (high,) = gmsh.model.getParametrizationBounds(1, curve)
        bend = np.array(gmsh.model.getCurvature(1, curve, list(np.linspace(low, high, 400))))
    # The tightest bend is the fillet, a little sharper where the spline passes from the line to the arc.
    assert 1 / bend.max() == pytest.approx(radius, rel=0.25)
    assert 1 / np.median(bend[bend > 0.5 / radius]) == pytest.approx(radius, rel=0.08)


def test_the_shaft_tapers_without_a_wave(stem):
    _, nodes, _, _ = stem
    for direction in (np.array([1.0, 0, 0]), np.array([-1.0, 0, 0])):
        line = outline(nodes["body"], direction)
        line = line[line[:, 2] < -40]
        x = line[:, 0] - np.polyval(np.polyfit(line[:, 2], line[:, 0], 1), line[:, 2])
        assert np.abs(x).max() < 3e-3  # mm


def test_the_stem_can_be_potted_twice():
    with cad():
        solid = HipStem().build()
        volume, head = solid.volume(), solid.landmarks["head_centre"]
        solid.split(head - [0, 0, 80], (0, 0, 1), name="potting", above="exposed", below="potted")
        solid.split(head - [0, 0, 90], (0, 0, 1), name="fixture", below="held")
        assert len(solid.volumes) == 3
        assert solid.volume() == pytest.approx(volume, rel=2e-4)  # OpenCASCADE's integration
        assert {("potting",), ("fixture",)} <= set(solid.surfaces.values())
        assert generate(solid, coarse_size(solid)).quality.min_sicn > 0.05


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"neck_diameter": 13.5, "trunnion_diameter": 12.0}, "neck_diameter"),
        ({"neck_length": 42.0, "neck_offset": 36.0, "medial_radius": 70.0}, "medial_radius"),
        ({"corner_radius": 4.0, "distal_width": 8.0}, "corner_radius"),
        ({"head_diameter": 22.0, "trunnion_overhang": 8.0}, "head_diameter"),
    ],
)
def test_a_stem_that_cannot_be_names_the_conflict(values, named):
    with cad(), pytest.raises(GeometryError) as caught:
        HipStem(**values).build()
    assert named in caught.value.parameters


# --- plate -----------------------------------------------------------------------------------


def test_a_plain_plate_is_an_exact_bar():
    with cad():
        solid = BonePlate(
            hole_count=0, edge_fillet=0.0, width=12.0, thickness=4.0, length=100.0, end_shape="square"
        ).build()
        assert solid.volume() == pytest.approx(100 * 12 * 4, rel=1e-12)
        low, high = solid.box()
        np.testing.assert_allclose(low, (-50, -6, 0), atol=1e-6)
        np.testing.assert_allclose(high, (50, 6, 4), atol=1e-6)
        assert solid.labels() == {"plate", "top", "bottom", "edge"}


def test_round_ends_are_half_circles():
    with cad():
        solid = BonePlate(hole_count=0, edge_fillet=0.0, width=12.0, thickness=4.0, length=100.0).build()
        assert solid.volume() == pytest.approx(4 * (88 * 12 + np.pi * 36), rel=1e-9)


@pytest.mark.parametrize("count", [1, 4, 5])
def test_holes_take_their_volume_and_are_named(count):
    plain = {"edge_fillet": 0.0, "countersink_diameter": 0.0, "thickness": 4.0, "hole_diameter": 4.0}
    with cad():
        solid = BonePlate(hole_count=0, **plain).build()
        whole = solid.volume()
    with cad():
        solid = BonePlate(hole_count=count, **plain).build()
        assert whole - solid.volume() == pytest.approx(count * np.pi * 4 * 4, rel=1e-9)
        bores = [s for s in solid.describe() if solid.surfaces[s.tag] == ("hole",)]
        assert sum(s.area for s in bores) == pytest.approx(count * np.pi * 4 * 4, rel=1e-9)
        assert np.mean([s.centre[0] for s in bores]) == pytest.approx(0.0, abs=1e-9)


def test_a_countersink_has_its_diameter_at_the_top():
    with cad():
        solid = BonePlate(countersink_diameter=6.4).build()
        rims = [gmsh.model.getBoundingBox(1, t) for _, t in gmsh.model.getEntities(1)]
        widths = [b[3] - b[0] for b in rims if b[2] > 3.39 and b[5] < 3.41 and b[3] - b[0] < 8]
        assert max(widths) == pytest.approx(6.4, abs=1e-3)
        assert solid.labels() == LABELS[BonePlate]


def test_a_limited_contact_plate_has_arched_bone_side_and_undercuts():
    with cad():
        solid = BonePlate(hole_count=7, cross_section_radius=20.0, undercut_depth=0.8, thickness=3.6).build()
        assert solid.labels() == LABELS[BonePlate]
        undercuts = [s for s in solid.describe() if solid.surfaces[s.tag] == ("bottom",) and abs(s.centre[0]) < 40]
        assert len(undercuts) >= 6
        assert generate(solid, coarse_size(solid)).quality.min_sicn > 0.1


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"hole_pitch": 10.0, "hole_diameter": 5.0, "countersink_diameter": 8.0, "width": 14.0, "hole_count": 9}, None),
        ({"length": 80.0}, "length"),
        ({"width": 9.0, "countersink_diameter": 8.0}, "width"),
        ({"thickness": 2.0, "edge_fillet": 1.0}, "edge_fillet"),
        ({"thickness": 2.0, "edge_fillet": 0.5, "countersink_angle": 60.0}, "countersink_angle"),
        ({"cross_section_radius": 5.0}, "cross_section_radius"),
        ({"undercut_depth": 0.8, "undercut_length": 8.0}, "undercut_length"),
        ({"undercut_depth": 0.05}, "undercut_depth"),
        ({"countersink_diameter": 4.3}, "countersink_diameter"),
    ],
)
def test_a_plate_that_cannot_be_names_the_conflict(values, named):
    if named is None:  # close together, but possible
        with cad():
            assert BonePlate(**values).build().volume() > 0
        return
    with cad(), pytest.raises(GeometryError) as caught:
        BonePlate(**values).build()
    assert named in caught.value.parameters


def test_a_value_out_of_bounds_is_refused_in_the_user_s_words():
    with pytest.raises(InputError, match="hole_count"):
        BonePlate.read({"hole_count": "2.5"})
    with pytest.raises(InputError, match="neck_diameter = 40 mm is out of range: 9 mm to 13.5 mm"):
        HipStem.read({"neck_diameter": "4 cm"})

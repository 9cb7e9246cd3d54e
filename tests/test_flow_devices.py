"""The lumens of the cannula and of the stented artery: volumes, names, meshes, refusals, flow."""

from __future__ import annotations

from math import asin, atan2, hypot, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpi4py import MPI

import solvers  # noqa: F401
from devices.cannula import Cannula
from devices.parameters import bounds, facts
from devices.stented_artery import StentedArtery
from geometry.errors import GeometryError
from geometry.mesh import coarse_size, generate
from geometry.solid import cad
from geometry.zigzag import Zigzag
from protocols.flow_result import FlowResult
from protocols.flow_steady import FlowSteady
from protocols.result import Specimen
from solvers.body import Body
from solvers.flow_checks import check_flow
from solvers.steady import steady

ENDS = {"lumen", "inlet", "outlet", "wall"}
MIRRORS = {"symmetry_x", "symmetry_y"}
WALLS = {Cannula: {"cannula_wall", "host_wall"}, StentedArtery: {"vessel", "strut"}}
SHORT = {"cannula_length": 12.0, "insertion": 8.0, "outlet_length": 30.0, "tip_length": 2.0, "hole_count": 2}
SHORT |= {"hole_distance": 4.5, "edge_radius": 0.2}
ONE_RING = {"ring_count": 1, "inlet_length": 1.0, "outlet_length": 2.0}


def volume(device):
    with cad():
        return (solid := device.build()).volume() * solid.copies


# --- volumes ---------------------------------------------------------------------------------


def test_volume_of_a_straight_cannula():
    """Two cylinders less the wall, whose tip lacks what a square of the radius has more than a quarter of a circle."""
    bore, wall, edge, host = 4.0, 0.8, 0.3, 10.0
    device = Cannula(
        bore=bore, tip_bore=bore, wall_thickness=wall, edge_radius=edge, host_diameter=host, hole_count=0,
        cannula_length=30.0, insertion=12.0, outlet_length=50.0,
    )  # fmt: skip
    inside, outside = bore / 2, bore / 2 + wall
    expected = pi * inside**2 * 30 + pi * (host**2 / 4 - outside**2) * 12 + pi * host**2 / 4 * 50
    # Pappus: the spandrel between two tangents and their arc, and how far its centre is from the corner.
    spandrel = edge**2 * (1 - pi / 4)
    off = edge * (5 / 6 - pi / 4) / (1 - pi / 4)
    expected += 2 * pi * spandrel * ((inside + off) + (outside - off))
    assert volume(device) == pytest.approx(expected, rel=1e-9)


def test_volume_of_a_side_hole():
    """A thin hole through a wall adds its area times the thickness, to the second order of its diameter."""
    straight = {"bore": 6.0, "tip_bore": 6.0, "edge_radius": 0.0, "host_diameter": 12.0, "wall_thickness": 1.0}
    added = volume(Cannula(**straight, hole_diameter=0.8)) - volume(Cannula(**straight, hole_count=0))
    assert added == pytest.approx(4 * pi * 0.4**2 * 1.0, rel=5e-3)


def length_of_ring(device):
    """Of its centre line on the wall, mm."""
    half, radius = (device.ring_length - device.strut_width) / 2, device.crown_radius
    pitch = pi * device.artery_diameter / 2 / device.crown_count
    # The middle of an arm, the centre of a crown and the end of its arc make a right-angled triangle.
    distance = hypot(pitch / 2, half - radius)
    arm = sqrt(distance**2 - radius**2)
    turn = atan2(half - radius, pitch / 2) + asin(radius / distance)
    return 4 * device.crown_count * (arm + radius * turn)


def test_volume_of_the_struts():
    """Length of the centre line times width and thickness; going inwards the line is shortened round the axis."""
    device = StentedArtery(**ONE_RING)
    whole = length_of_ring(device) * device.strut_width * device.strut_thickness
    taken = pi * 1.5**2 * (1.0 + device.ring_length + 2.0) - volume(device)
    assert 1 - device.strut_thickness / device.artery_diameter < taken / whole < 1.0


@pytest.mark.parametrize(
    "device",
    [Cannula(**SHORT), StentedArtery(**ONE_RING, crown_count=4)],
    ids=lambda d: type(d).__name__,
)
def test_four_quarters_are_the_whole(device):
    assert volume(device.model_copy(update={"sector": "full"})) == pytest.approx(volume(device), rel=1e-5)


# --- names and meshes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "device",
    [
        Cannula(**SHORT),
        Cannula(hole_count=0, edge_radius=0.0, tip_bore=4.7),
        Cannula(**{**SHORT, "hole_count": 3, "hole_diameter": 1.0}, hole_rows=2, hole_spacing=2.0, sector="full"),
        StentedArtery(**ONE_RING, stenosis_severity=30.0, stenosis_length=3.0),
        StentedArtery(ring_count=2, malapposition_gap=0.1, crown_count=4, connector_count=4),
        StentedArtery(**ONE_RING, crown_count=3, connector_count=0, sector="full"),
    ],
    ids=lambda d: type(d).__name__,
)
def test_every_surface_is_named_and_the_mesh_is_sound(device):
    with cad():
        solid = device.build()
        assert len(solid.volumes) == 1
        mirrors = MIRRORS if device.sector == "quarter" else set()
        assert solid.labels() == ENDS | mirrors | WALLS[type(device)]
        for words in solid.surfaces.values():
            assert len(words) == 1 or (words[1] == "wall" and words[0] in WALLS[type(device)])
        ends = [solid.landmarks[f"{name}_centre"][2] for name in ("inlet", "outlet")]
        assert ends == pytest.approx([corner[2] for corner in solid.box()], abs=1e-3)
        assert generate(solid, coarse_size(solid)).quality.min_sicn > 0.0


def test_areas_of_the_vessel_under_the_struts():
    """Struts on the wall take their foot off it; apart from it they leave it whole."""
    areas = []
    for device in (StentedArtery(**ONE_RING), StentedArtery(**ONE_RING, malapposition_gap=0.1)):
        with cad():
            solid = device.build()
            areas.append(4 * sum(s.area for s in solid.describe() if "vessel" in solid.surfaces[s.tag]))
    foot = length_of_ring(StentedArtery(**ONE_RING)) * 0.1
    assert areas[1] == pytest.approx(pi * 3.0 * 4.2, rel=1e-6)
    assert areas[1] - areas[0] == pytest.approx(foot, rel=5e-3)


def test_crowns_and_arms_meet_in_a_tangent():
    zigzag = Zigzag(pitch=0.8, height=1.1, crown_radius=0.2)
    crown, arm, following = zigzag.crown(0, up=True), zigzag.arm(0, up=True, step=0.1), zigzag.crown(1, up=False)
    np.testing.assert_allclose(crown.points[-1], arm.points[0], atol=1e-12)
    np.testing.assert_allclose(arm.points[-1], following.points[0], atol=1e-12)
    np.testing.assert_allclose(crown.tangents[-1], arm.tangents[0], atol=1e-12)
    np.testing.assert_allclose(following.tangents[0], arm.tangents[0], atol=1e-12)
    assert crown.points[:, 1].max() == pytest.approx(0.55) and following.points[:, 1].min() == pytest.approx(-0.55)
    assert np.linalg.norm(np.diff(arm.points, axis=0), axis=1).max() <= 0.1


# --- what cannot be built --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "named"),
    [
        (Cannula(tip_bore=6.0), "tip_bore"),
        (Cannula(host_diameter=5.8), "host_diameter"),
        (Cannula(insertion=60.0), "insertion"),
        (Cannula(edge_radius=0.3), "edge_radius"),
        (Cannula(wall_thickness=0.15, edge_radius=0.0), "wall_thickness"),
        (Cannula(hole_count=3), "sector"),
        (Cannula(hole_count=12, hole_diameter=2.0), "hole_count"),
        (Cannula(hole_distance=1.0), "hole_distance"),
        (Cannula(hole_rows=3, hole_spacing=1.0), "hole_spacing"),
        (Cannula(hole_rows=6), "insertion"),
        (Cannula(hole_diameter=4.0), "hole_diameter"),
        (Cannula(hole_distance=10.0), "tip_length"),
        (StentedArtery(crown_radius=0.5), "crown_count"),
        (StentedArtery(crown_radius=0.06), "strut_width"),
        (StentedArtery(ring_length=0.4), "ring_length"),
        (StentedArtery(ring_gap=0.03), "ring_gap"),
        (StentedArtery(malapposition_gap=0.01), "malapposition_gap"),
        (StentedArtery(malapposition_gap=0.8), "malapposition_gap"),
        (StentedArtery(strut_thickness=0.4, artery_diameter=1.5), "strut_thickness"),
        (StentedArtery(connector_count=4), "connector_count"),
        (StentedArtery(connector_count=3), "sector"),
        (StentedArtery(crown_count=5, connector_count=0), "sector"),
        (StentedArtery(stenosis_severity=60.0, stenosis_length=2.0), "stenosis_length"),
        (StentedArtery(stenosis_severity=20.0, stenosis_length=20.0), "inlet_length"),
        (StentedArtery(stenosis_severity=65.0, stenosis_length=10.0), "stenosis_severity"),
    ],
    ids=lambda v: v if isinstance(v, str) else type(v).__name__,
)
def test_what_cannot_be_names_the_conflict(device, named):
    with cad(), pytest.raises(GeometryError) as caught:
        device.build()
    assert named in caught.value.parameters
    assert set(caught.value.parameters) <= set(type(device).model_fields)


@st.composite
def near_the_default(draw, device, **given):
    """Parameters between half and twice the default; what may be left out at 0 is left out half of the time."""
    values = {}
    for name, field in device.model_fields.items():
        limits, options = bounds(field), facts(field).get("options")
        if name in given:
            continue
        if options:
            values[name] = draw(st.sampled_from(options))
        elif limits[0] <= 0.0 and draw(st.booleans()):
            values[name] = field.annotation(0)
        elif field.annotation is int:
            values[name] = draw(st.integers(max(int(limits[0]), field.default // 2), 2 * field.default))
        else:
            middle = field.default or limits[1] / 10
            values[name] = draw(st.floats(max(limits[0], middle / 2), min(limits[1], 2 * middle)))
    return device(**values, **given)


def build_or_refuse(device):
    """Either a sound mesh comes out, or an error that names parameters of the device."""
    try:
        with cad():
            solid = device.build()
            assert len(solid.volumes) == 1 and all(solid.surfaces.values())
            assert generate(solid, coarse_size(solid)).quality.min_sicn > 0.0
    except GeometryError as error:
        assert error.parameters, f"{device!r}: {error}"
        assert set(error.parameters) <= set(type(device).model_fields)


few = settings(max_examples=6, deadline=None, derandomize=True, database=None)


@few
@given(device=near_the_default(Cannula, sector="quarter"))
def test_a_few_cannulas_mesh_or_name_the_conflict(device):
    build_or_refuse(device)


@few
@given(device=near_the_default(StentedArtery, sector="quarter", ring_count=1))
def test_a_few_stents_mesh_or_name_the_conflict(device):
    build_or_refuse(device)


# --- flow ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "flow_rate", "size"),
    [(Cannula(**SHORT | {"edge_radius": 0.0}), 2000.0, 3.0), (StentedArtery(**ONE_RING), 1000.0, 0.8)],
    ids=["cannula", "stented_artery"],
)
def test_a_steady_flow_balances(device, flow_rate, size):
    protocol = FlowSteady(flow_rate=flow_rate)
    with cad():
        solid = device.build()
        protocol.check(solid, "a device")
        specimen = Specimen.of(solid, {})
        body = Body.from_mesh(generate(solid, size, refinement=1.75), MPI.COMM_SELF)
    result = FlowResult(specimen, steady(protocol.problem(body, specimen)))
    values = {m.name: m.value for m in protocol.measure(result)}
    assert all(check.passed for check in check_flow(result.solution).values())
    assert values["flow_balance"] < 1e-6
    assert result.flow_rate == pytest.approx(flow_rate, rel=1e-9)
    assert values["pressure_drop"] > 0.0 and not result.outside

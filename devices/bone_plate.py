"""A straight bone plate with screw holes.

Coordinates: x along the plate, y across, z up, from the bone side to the side of the screw heads. The plate is centred
on x = y = 0 and stands on z = 0 (an arched one before its edges are rounded). A flat plate reaches up to z = thickness,
an arched one by the rise of its arch more.
"""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import gmsh
import numpy as np

from devices.device import Device
from devices.parameters import choice, parameter
from geometry.contour import Corner, rounded
from geometry.errors import GeometryError
from geometry.shell import turned_halves
from geometry.solid import Solid, Surface

_WALL = 0.8  # thinnest wall that is built, mm


class BonePlate(Device):
    """Straight bone plate with screw holes.

    Volume: "plate". Surfaces: "top", "bottom" (with the undercuts), "hole" (bores and countersinks), "edge" (sides,
    ends and their fillets).
    """

    made_of: ClassVar[dict[str, str]] = {"plate": "material"}
    usual_protocol: ClassVar[str] = "plate_f382"

    material: str = choice("ti6al4v_eli", "material card of the plate")

    length: float = parameter(
        107.0,
        "mm",
        (60.0, 240.0),
        "overall length",
        source="assumed: 8-hole 3.5 mm small-fragment compression plate",
        verified=False,
    )
    width: float = parameter(
        11.0, "mm", (9.0, 18.0), "width", source="assumed: 3.5 mm small-fragment compression plate", verified=False
    )
    thickness: float = parameter(
        3.4,
        "mm",
        (2.0, 6.0),
        "thickness, at mid-width",
        source="assumed: 3.5 mm small-fragment compression plate",
        verified=False,
    )
    end_shape: str = choice(
        "round", "ends in plan: round, or cut off square (their edges stay sharp)", ("round", "square")
    )
    edge_fillet: float = parameter(
        0.9,
        "mm",
        (0.0, 1.2),
        "radius of the edges round the top and the bottom; 0: sharp",
        source="assumed",
        verified=False,
    )
    hole_count: int = parameter(
        8,
        "",
        (0, 10),
        "number of screw holes, in a row about the middle of the plate",
        source="assumed: 8-hole 3.5 mm small-fragment compression plate",
        verified=False,
    )
    hole_diameter: float = parameter(
        4.2, "mm", (2.0, 5.0), "diameter of the holes", source="assumed: clearance for a 3.5 mm screw", verified=False
    )
    hole_pitch: float = parameter(
        13.0,
        "mm",
        (10.0, 16.0),
        "distance between neighbouring holes",
        source="assumed: 3.5 mm small-fragment compression plate",
        verified=False,
    )
    countersink_diameter: float = parameter(
        6.4,
        "mm",
        (0.0, 8.0),
        "diameter of the countersinks at the top; not above hole_diameter: none",
        source="assumed: seat of a screw head of 6 mm",
        verified=False,
    )
    countersink_angle: float = parameter(
        90.0, "deg", (60.0, 120.0), "full angle of the countersinks", source="assumed", verified=False
    )
    cross_section_radius: float = parameter(
        0.0, "mm", (0.0, 120.0), "radius of the arched bone side; 0: flat", source="assumed: flat", verified=False
    )
    undercut_depth: float = parameter(
        0.0,
        "mm",
        (0.0, 1.0),
        "depth of the limited-contact undercuts between the holes; 0: none",
        source="assumed: none",
        verified=False,
    )
    undercut_length: float = parameter(
        6.0, "mm", (3.0, 8.0), "length of an undercut along the plate", source="assumed", verified=False
    )

    def build(self) -> Solid:
        """Draw the plate in the current gmsh session and name its regions."""
        _check(self)
        occ = gmsh.model.occ
        plate: list[int] = [_blank(self)]
        tools = [_hole(self, x) for x in self._holes()] + [_undercut(self, x) for x in self._undercuts()]
        if tools:
            cut, _ = occ.cut([(3, t) for t in plate], [(3, t) for tool in tools for t in tool])
            plate = [t for d, t in cut if d == 3]
        solid = Solid.of({"plate": plate})
        self._name(solid)
        return solid

    def _holes(self) -> list[float]:
        """x of the holes, mm."""
        return [self.hole_pitch * (i - (self.hole_count - 1) / 2) for i in range(self.hole_count)]

    def _undercuts(self) -> list[float]:
        """x of the middle of the undercuts, mm: half-way between the holes."""
        if self.undercut_depth == 0.0:
            return []
        holes = self._holes()
        return [(a + b) / 2 for a, b in pairwise(holes)]

    def _name(self, solid: Solid) -> None:
        holes, widest = self._holes(), max(self.hole_diameter, self.countersink_diameter) / 2 + 1e-3

        def in_hole(s: Surface) -> bool:
            return max(abs(s.low[1]), abs(s.high[1])) < widest and any(
                abs(s.low[0] - x) < widest and abs(s.high[0] - x) < widest for x in holes
            )

        def broad(s: Surface) -> bool:
            return s.kind != "Torus" and abs(s.centre[1]) < 0.3 * self.width

        if holes:
            solid.name("hole", lambda s: s.kind != "Plane" and in_hole(s))
        solid.name("top", lambda s: broad(s) and s.normal[2] > 0.75)
        solid.name("bottom", lambda s: broad(s) and s.normal[2] < -0.75)
        solid.name_rest("edge")


def _arch(p: BonePlate) -> float:
    """Rise of the arched bone side, mm."""
    r = p.cross_section_radius
    return r - float(np.sqrt(r**2 - p.width**2 / 4)) if r else 0.0


def _sink_depth(p: BonePlate) -> float:
    """Depth of the countersinks at mid-width, mm."""
    return (p.countersink_diameter - p.hole_diameter) / 2 / float(np.tan(np.radians(p.countersink_angle / 2)))


def _check(p: BonePlate) -> None:
    """Refuse what cannot be built, naming the parameters in conflict."""
    hole, sink = p.hole_diameter, p.countersink_diameter
    mouth = max(hole, sink) if p.hole_count else 0.0
    if p.length < 1.5 * p.width:
        raise GeometryError("the plate must be at least 1.5 times as long as wide", ("length", "width"))
    if p.cross_section_radius and p.cross_section_radius < 0.9 * p.width:
        raise GeometryError(
            f"an arch of {p.cross_section_radius:g} mm is too steep for a width of {p.width:g} mm; "
            f"at least {0.9 * p.width:.1f} mm, or 0 for a flat plate",
            ("cross_section_radius", "width"),
        )
    if 0.0 < p.edge_fillet < 0.2:
        raise GeometryError("an edge fillet below 0.2 mm is not drawn; use 0 for sharp edges", ("edge_fillet",))
    if 2 * p.edge_fillet > p.thickness - 0.4:
        raise GeometryError("the fillets of both edges leave no side between them", ("edge_fillet", "thickness"))
    if p.hole_count == 0:
        return
    if (p.width - mouth) / 2 - p.edge_fillet < 0.4:
        raise GeometryError(
            f"the plate ({p.width:g} mm) is too narrow for its holes ({mouth:g} mm) and its edge fillets",
            ("width", "edge_fillet", "hole_diameter", "countersink_diameter"),
        )
    if p.hole_count > 1 and p.hole_pitch - mouth < _WALL:
        raise GeometryError("the holes run into one another", ("hole_pitch", "hole_diameter", "countersink_diameter"))
    last = p.hole_pitch * (p.hole_count - 1) / 2
    if p.length / 2 - last - mouth / 2 - p.edge_fillet < _WALL:
        raise GeometryError(
            f"the plate ({p.length:g} mm) is too short for {p.hole_count} holes {p.hole_pitch:g} mm apart",
            ("length", "hole_count", "hole_pitch", "hole_diameter", "countersink_diameter", "edge_fillet"),
        )
    if sink > hole:
        depth = _sink_depth(p)
        if sink < hole + 0.4:
            raise GeometryError(
                f"a rim of {(sink - hole) / 2:.2f} mm is too narrow for a countersink; at least 0.2 mm, or none",
                ("countersink_diameter", "hole_diameter"),
            )
        if depth > p.thickness - 0.5:
            raise GeometryError(
                f"the countersinks are {depth:.2f} mm deep, the plate only {p.thickness:g} mm",
                ("countersink_diameter", "countersink_angle", "hole_diameter", "thickness"),
            )
    if p.undercut_depth:
        if p.undercut_depth < 0.2:
            raise GeometryError("an undercut below 0.2 mm is not drawn; use 0 for none", ("undercut_depth",))
        if p.thickness - p.undercut_depth < 1.0:
            raise GeometryError("less than 1 mm is left above the undercuts", ("undercut_depth", "thickness"))
        if p.undercut_length > p.hole_pitch - hole - 1.0:
            raise GeometryError("the undercuts run into the holes", ("undercut_length", "hole_pitch", "hole_diameter"))


def _blank(p: BonePlate) -> int:
    """The plate without holes and undercuts: volume tag.

    Its section is drawn out along x. At a round end half of it is turned about the upright axis in the middle of the
    end, so that faces and fillets run on smoothly.
    """
    occ = gmsh.model.occ
    x = p.length / 2 - (p.width / 2 if p.end_shape == "round" else 0.0)
    parts = occ.extrude([(2, _section(p, -x, (-1, 1)))], 2 * x, 0, 0)
    if p.end_shape == "round":
        for end in (-1, 1):
            parts += occ.revolve([(2, _section(p, end * x, (-end,)))], end * x, 0, 0, 0, 0, 1, np.pi)
    parts = [e for e in parts if e[0] == 3]
    whole, _ = occ.fuse(parts[:1], parts[1:]) if len(parts) > 1 else (parts, [])
    return int(whole[0][1])


def _section(p: BonePlate, x: float, sides: tuple[int, ...]) -> int:
    """The section at x, or its half on one side of y = 0: surface tag."""
    occ = gmsh.model.occ
    rim, fillet, arch, inner = p.width / 2, p.edge_fillet, _arch(p), p.cross_section_radius
    outer = inner + p.thickness

    def level(radius: float, y: float) -> float:
        return arch - inner + float(np.sqrt(radius**2 - y**2))

    # Fillet centres, and where the fillets leave the bone side and the top.
    y = rim - fillet
    if inner:
        low, high = level(inner + fillet, y), level(outer - fillet, y)
        foot, head = ((y * r / d, level(r, y * r / d)) for r, d in ((inner, inner + fillet), (outer, outer - fillet)))
    else:
        low, high = fillet, p.thickness - fillet
        foot, head = (y, 0.0), (y, p.thickness)

    def point(y: float, z: float) -> int:
        return int(occ.addPoint(x, y, z))

    axis = point(0.0, arch - inner)

    def broad(a: int, b: int) -> int:
        return int(occ.addCircleArc(a, axis, b) if inner else occ.addLine(a, b))

    def wall(side: int) -> tuple[int, int, list[int]]:
        """From the bone side round the edge to the top: first and last point, and the curves between."""
        start, end = point(side * foot[0], foot[1]), point(side * head[0], head[1])
        if not fillet:
            return start, end, [occ.addLine(start, end)]
        under, over = point(side * rim, low), point(side * rim, high)
        return (
            start,
            end,
            [
                occ.addCircleArc(start, point(side * y, low), under),
                occ.addLine(under, over),
                occ.addCircleArc(over, point(side * y, high), end),
            ],
        )

    walls = [wall(side) for side in sides]
    if len(walls) == 1:
        bottom, top = point(0.0, arch), point(0.0, arch + p.thickness)
        walls.append((bottom, top, [occ.addLine(bottom, top)]))
    (a, b, first), (c, d, second) = walls
    return int(occ.addPlaneSurface([occ.addCurveLoop([*first, broad(b, d), *second[::-1], broad(c, a)])]))


def _hole(p: BonePlate, x: float) -> list[int]:
    """Cutter of a hole and its countersink."""
    top = p.thickness + _arch(p)
    bore, sink = p.hole_diameter / 2, p.countersink_diameter / 2
    flare = np.tan(np.radians(p.countersink_angle / 2))
    profile = [Corner((-1.0, 0.0)), Corner((-1.0, bore))]
    if sink > bore:
        profile += [Corner((top - _sink_depth(p), bore)), Corner((top + 1.0, sink + flare))]
    else:
        profile.append(Corner((top + 1.0, bore)))
    profile.append(Corner((top + 1.0, 0.0)))
    up, along = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])
    return turned_halves(rounded(profile), np.array([x, 0.0, 0.0]), up, along)


def _undercut(p: BonePlate, x: float) -> list[int]:
    """Cutter of an undercut: a cylinder across the plate."""
    depth, chord = p.undercut_depth, p.undercut_length
    radius = (chord**2 / 4 + depth**2) / (2 * depth)
    return [gmsh.model.occ.addCylinder(x, -p.width, depth + _arch(p) - radius, 0, 2 * p.width, 0, radius)]

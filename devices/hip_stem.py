"""A tapered, collarless femoral stem of a hip prosthesis.

Coordinates: the stem axis is z, upward; x is medial and y anterior, so the frontal plane is xz. The origin is where
the neck axis meets the stem axis. The head centre is at x = neck_offset; the tip at z = -stem_length.

The outline in the frontal plane is two rounded contours, medial and lateral. Rounded rectangles span between them: on
level lines in the shaft, then on a fan of lines about the centre of the medial arc, then square to the neck, where they
have become a circle. Neck and trunnion are turned about the neck axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline
from scipy.optimize import brentq

from devices.device import Device
from devices.parameters import choice, parameter
from geometry.contour import Contour, Corner, rounded
from geometry.errors import GeometryError
from geometry.loft import Section, loft
from geometry.scene import Ghost
from geometry.shell import disc, revolved, sewn
from geometry.solid import Solid, Surface

Array = NDArray[np.float64]

_STEPS = 2000  # points on the lateral contour among which the sections are placed
_NECK = ("neck_offset", "neck_shaft_angle", "neck_length", "neck_diameter")
_TRUNNION = ("trunnion_diameter", "trunnion_length", "trunnion_angle", "trunnion_overhang")


class HipStem(Device):
    """Tapered, collarless femoral stem.

    Volume: "stem". Surfaces: "trunnion" (the conical taper alone), "trunnion_end", "neck" (from the start of the
    fillet at the shoulder to the run-out of the taper), "body", "tip". Landmarks: "head_centre", and
    "resection_centre" where the neck axis pierces the resection plane.
    """

    made_of: ClassVar[dict[str, str]] = {"stem": "material"}
    usual_protocol: ClassVar[str] = "hip_iso7206_4"

    material: str = choice("ti6al4v_eli", "material card of the stem")

    stem_length: float = parameter(
        110.0,
        "mm",
        (85.0, 170.0),
        "from the level of the origin to the tip, along the stem axis",
        source="assumed: cemented polished taper of medium size",
        verified=False,
    )
    proximal_width: float = parameter(
        17.0,
        "mm",
        (14.5, 22.0),
        "medial-lateral width of the straight taper, carried on to the level of the origin",
        source="assumed: gives 14 mm where the stem leaves the potting",
        verified=False,
    )
    proximal_depth: float = parameter(
        15.0,
        "mm",
        (12.0, 18.0),
        "anterior-posterior depth of the straight taper at the level of the origin",
        source="assumed: cemented polished taper of medium size",
        verified=False,
    )
    distal_width: float = parameter(
        9.5,
        "mm",
        (8.0, 13.0),
        "medial-lateral width of the straight taper at the level of the tip",
        source="assumed: cemented polished taper of medium size",
        verified=False,
    )
    distal_depth: float = parameter(
        9.0,
        "mm",
        (8.0, 12.0),
        "anterior-posterior depth of the straight taper at the level of the tip",
        source="assumed: cemented polished taper of medium size",
        verified=False,
    )
    corner_radius: float = parameter(
        2.8,
        "mm",
        (1.5, 4.0),
        "radius of the corners of the stem section",
        source="assumed: usual 2 mm to 4 mm, sharp enough to hold against rotation",
        verified=False,
    )
    tip_length: float = parameter(
        6.0,
        "mm",
        (3.0, 10.0),
        "length over which the tip is rounded",
        source="assumed: about half the distal section",
        verified=False,
    )
    medial_radius: float = parameter(
        50.0,
        "mm",
        (25.0, 70.0),
        "radius of the medial (calcar) arc",
        source="assumed: from pictures of tapered stems",
        verified=False,
    )
    shoulder_angle: float = parameter(
        12.0,
        "deg",
        (0.0, 25.0),
        "fall of the shoulder from the neck to the lateral side, against the level",
        source="assumed: from pictures of tapered stems",
        verified=False,
    )
    shoulder_radius: float = parameter(
        7.0,
        "mm",
        (3.0, 9.0),
        "convex radius of the lateral shoulder",
        source="assumed: rounded to spare the greater trochanter",
        verified=False,
    )
    neck_shaft_angle: float = parameter(
        130.0,
        "deg",
        (122.0, 138.0),
        "between the neck axis and the stem axis",
        source="assumed: usual 125 deg to 135 deg",
        verified=False,
    )
    neck_offset: float = parameter(
        42.0,
        "mm",
        (36.0, 50.0),
        "from the stem axis to the head centre",
        source="assumed: usual 35 mm to 50 mm",
        verified=False,
    )
    neck_length: float = parameter(
        36.0,
        "mm",
        (30.0, 42.0),
        "from the head centre to the resection plane, along the neck axis",
        source="assumed: medium neck of a 12/14 stem",
        verified=False,
    )
    neck_diameter: float = parameter(
        12.5,
        "mm",
        (9.0, 13.5),
        "diameter of the neck",
        source="assumed: usual 10 mm to 14 mm",
        verified=False,
    )
    neck_fillet_radius: float = parameter(
        8.0,
        "mm",
        (2.0, 16.0),
        "radius of the fillet between the neck and the shoulder",
        source="assumed",
        verified=False,
    )
    runout_radius: float = parameter(
        4.0,
        "mm",
        (1.5, 8.0),
        "radius of the fillet from the neck up to the wide end of the taper",
        source="assumed",
        verified=False,
    )
    trunnion_diameter: float = parameter(
        12.7,
        "mm",
        (12.0, 13.2),
        "diameter of the taper at its narrow end",
        source="assumed: 12/14 taper",
        verified=False,
    )
    trunnion_angle: float = parameter(
        5.7,
        "deg",
        (4.0, 7.0),
        "full angle of the taper",
        source="assumed: 12/14 taper, 5 deg 42 min",
        verified=False,
    )
    trunnion_length: float = parameter(
        13.0,
        "mm",
        (10.0, 16.0),
        "length of the taper with its rounded edges",
        source="assumed: 12/14 taper",
        verified=False,
    )
    trunnion_overhang: float = parameter(
        5.0,
        "mm",
        (2.0, 8.0),
        "how far the taper reaches beyond the head centre",
        source="assumed: head of medium neck length",
        verified=False,
    )
    trunnion_edge_radius: float = parameter(
        0.8,
        "mm",
        (0.3, 1.5),
        "radius of the edges of the taper",
        source="assumed",
        verified=False,
    )
    head_diameter: float = parameter(
        32.0,
        "mm",
        (22.0, 40.0),
        "diameter of the head, which is not part of the solid",
        source="assumed: usual 22 mm to 36 mm",
        verified=False,
    )

    def build(self) -> Solid:
        """Draw the stem in the current gmsh session and name its regions."""
        outline = _outline(self)
        turned = _turned(self, outline)
        sections, marks = _sections(self, outline)
        skin = loft(sections)
        end, shaft, neck, joint = (skin.stations[i] for i in marks)
        surfaces = [
            disc(sections[marks[0]].centre, np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]), _blunt(self)),
            *skin.patches(end, shaft),
            *skin.patches(shaft, neck),
            *skin.patches(neck, joint),
            *revolved(turned, np.zeros(3), _space(outline.along), _space(outline.medially)),
        ]
        solid = Solid.of({"stem": sewn(surfaces)})
        _name(self, solid, outline, turned)
        head, resection = (_space(p).tolist() for p in (outline.head, outline.head - self.neck_length * outline.along))
        solid.landmark("head_centre", head)
        solid.landmark("resection_centre", resection)
        ball = Ghost(kind="sphere", role="part", centre=tuple(head), size=(self.head_diameter / 2,), label="head")
        solid.ghosts.append(ball)
        return solid


@dataclass(frozen=True)
class _Outline:
    """The stem in the frontal plane, (x, z) in mm.

    Distances along the neck axis are counted from the origin.
    """

    along: Array  # unit vector of the neck axis, towards the head
    medially: Array  # unit vector square to it
    head: Array
    lateral: Contour
    medial: Contour
    fan: Array  # centre of the medial arc
    fan_end: float  # along the neck axis: where the medial arc ends
    round_from: float  # where both contours run along the neck
    joint: float  # where the turned part begins


def _outline(p: HipStem) -> _Outline:
    """Lay out both contours and check that they fit."""
    fall = np.radians(180.0 - p.neck_shaft_angle)
    along = np.array([np.sin(fall), np.cos(fall)])
    medially = np.array([along[1], -along[0]])
    reach = p.neck_offset / along[0]
    radius, resection = p.neck_diameter / 2, reach - p.neck_length
    far = reach + 50.0
    taper = (p.proximal_width - p.distal_width) / (2 * p.stem_length)

    root = resection * along - radius * medially
    slope = np.tan(np.radians(p.shoulder_angle))
    x = -(p.proximal_width / 2 + taper * (root[1] - slope * root[0])) / (1 + taper * slope)
    shoulder = np.array([x, root[1] + slope * (x - root[0])])
    if root[0] - x < 1.0:
        raise GeometryError("the neck begins lateral of the shoulder", (*_NECK, "proximal_width"))
    shoulder_names = ("shoulder_radius", "shoulder_angle", "proximal_width")
    lateral = rounded(
        [
            Corner((-p.distal_width / 2, -p.stem_length), names=("stem_length",)),
            Corner(tuple(shoulder), p.shoulder_radius, shoulder_names),
            Corner(tuple(root), p.neck_fillet_radius, ("neck_fillet_radius", "neck_length", "neck_offset")),
            Corner(tuple(far * along - radius * medially), names=_NECK),
        ],
        step=0.002,
    )
    # Where the medial taper would meet the underside of the neck.
    below = radius * medially
    t = (p.proximal_width / 2 + taper * below[1] - below[0]) / (along[0] - taper * along[1])
    medial = rounded(
        [
            Corner((p.distal_width / 2, -p.stem_length), names=("stem_length",)),
            Corner(tuple(t * along + below), p.medial_radius, ("medial_radius", "neck_shaft_angle")),
            Corner(tuple(far * along + below), names=_NECK),
        ],
        step=0.002,
    )
    fan = medial.arcs[0].centre
    assert fan is not None  # medial_radius is never zero
    if medial.arcs[0].start[1] < -p.stem_length + p.tip_length + 10.0:
        raise GeometryError("the medial arc begins below the shaft", ("medial_radius", "stem_length", "tip_length"))
    if lateral.arcs[0].start[1] < fan[1] + 2.0:
        raise GeometryError("the shoulder is lower than the medial arc", (*shoulder_names, "medial_radius"))
    fan_end = float(medial.arcs[0].end @ along)
    round_from = max(fan_end, float(lateral.arcs[1].end @ along))
    return _Outline(along, medially, reach * along, lateral, medial, fan, fan_end, round_from, round_from + 1.5)


def _turned(p: HipStem, o: _Outline) -> Contour:
    """Neck, run-out and taper: x along the neck axis, y from it, ending on the axis."""
    top = float(o.head @ o.along) + p.trunnion_overhang
    base = top - p.trunnion_length
    half = np.radians(p.trunnion_angle / 2)
    neck, narrow = p.neck_diameter / 2, p.trunnion_diameter / 2
    wide = narrow + p.trunnion_length * np.tan(half)
    rise = wide - neck
    if rise < 0.2:
        raise GeometryError(
            f"the neck ({2 * neck:.2f} mm) must be at least 0.4 mm thinner than the wide end of the taper "
            f"({2 * wide:.2f} mm)",
            ("neck_diameter", *_TRUNNION[:3]),
        )
    if p.head_diameter < 2 * wide + 6.0:
        raise GeometryError(
            f"the wall of the head beside the taper ({2 * wide:.2f} mm) would be thinner than 3 mm",
            ("head_diameter", *_TRUNNION[:3]),
        )
    if p.head_diameter / 2 - p.trunnion_overhang < 4.0:
        raise GeometryError("the taper comes through the head", ("head_diameter", "trunnion_overhang"))

    def straight(flank: float) -> float:
        """What the two arcs leave of the flank between neck and taper, mm."""
        arcs = p.runout_radius * np.tan(flank / 2) + p.trunnion_edge_radius * np.tan((flank + half) / 2)
        return float(rise / np.sin(flank) - arcs)

    # The flank is as steep as the arcs allow; a straight piece between them is left out or long enough to be meshed.
    steep = np.radians(45.0)
    left_over = 0.5 if straight(steep) > 0.0 else 1e-9
    flank = steep if straight(steep) > left_over else float(brentq(lambda f: straight(f) - left_over, 1e-3, steep))
    foot = base - rise / np.tan(flank)
    if foot - p.runout_radius * np.tan(flank / 2) < o.joint + 0.5:
        raise GeometryError(
            f"the neck is too short: its fillets end {o.round_from:.1f} mm from the stem axis, "
            f"where the run-out of the taper begins at {foot - p.runout_radius * np.tan(flank / 2):.1f} mm",
            ("neck_length", "medial_radius", "neck_fillet_radius", "neck_offset", "runout_radius", *_TRUNNION[1::2]),
        )
    edge = ("trunnion_edge_radius", *_TRUNNION)
    return rounded(
        [
            Corner((o.joint, neck)),
            Corner((foot, neck), p.runout_radius, ("runout_radius", "neck_diameter")),
            Corner((base, wide), p.trunnion_edge_radius, edge),
            Corner((top, narrow), p.trunnion_edge_radius, edge),
            Corner((top, 0.0)),
        ]
    )


def _across(o: _Outline, start: Array) -> Array:
    """The point on the medial contour that a section line from a lateral point leads to."""
    if start @ o.along >= o.fan_end:
        direction = o.medially
    elif start[1] <= o.fan[1]:
        direction = np.array([1.0, 0.0])
    else:
        direction = o.fan - start
    hits = o.medial.crossings(start, direction)
    run = (hits - start) @ direction
    return hits[run > 0][np.argmin(run[run > 0])]


def _blunt(p: HipStem) -> float:
    """Radius of the flat at the tip, mm."""
    return 0.3 * min(p.distal_width, p.distal_depth) / 2


def _sections(p: HipStem, o: _Outline) -> tuple[list[Section], tuple[int, int, int, int]]:
    """Sections from tip to neck, and the indices of: end, first of the shaft, first of the neck, joint."""
    if 2 * p.corner_radius > 0.95 * min(p.distal_width, p.distal_depth):
        raise GeometryError(
            "the corners of the distal section do not fit", ("corner_radius", "distal_width", "distal_depth")
        )
    lateral, neck, joint = _places(p, o)
    medial = np.array([_across(o, q) for q in lateral])
    middle = (lateral + medial) / 2
    run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(middle, axis=0), axis=1))])
    fan = np.interp(o.fan[1], lateral[:neck, 1], run[:neck])
    round_from = np.interp(o.round_from, lateral[neck:] @ o.along, run[neck:])
    # The depth tapers evenly up the shaft, then runs smoothly into the neck.
    slope = (p.proximal_depth - p.distal_depth) / p.stem_length
    entry = p.proximal_depth + slope * o.fan[1]
    blend = CubicHermiteSpline([fan, round_from], [entry, p.neck_diameter], [slope, 0.0])
    sections = _tip(p)
    first = len(sections)
    for here, there, s in zip(lateral, medial, run, strict=True):
        width = float(np.linalg.norm(there - here))
        t = float(np.clip((s - fan) / (round_from - fan), 0.0, 1.0))
        depth = p.proximal_depth + slope * here[1] if t == 0.0 else float(blend(min(s, round_from)))
        circle = t * t * (3.0 - 2.0 * t)
        radius = (1.0 - circle) * p.corner_radius + circle * min(width, depth) / 2
        sections.append(
            Section(
                _space((here + there) / 2),
                _space((there - here) / width),
                np.array([0.0, 1.0, 0.0]),
                width,
                depth,
                radius,
            )
        )
    return sections, (1, first, first + neck, first + joint)


def _places(p: HipStem, o: _Outline) -> tuple[Array, int, int]:
    """Lateral points of the sections above the tip; the indices where the neck and the turned part begin."""
    points = o.lateral.points
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])

    def at(s: Array | float) -> Array:
        return np.stack([np.interp(s, length, points[:, 0]), np.interp(s, length, points[:, 1])], axis=-1)

    bend = int(np.argmin(np.linalg.norm(points - o.lateral.arcs[1].start, axis=1)))
    low = float(np.interp(-p.stem_length + p.tip_length, points[:2, 1], length[:2]))
    corner = float(length[bend])
    high = float(length[-1] - (points[-1] @ o.along - o.joint))
    s = np.linspace(low, high, _STEPS)
    line = at(s)
    step = np.gradient(line, axis=0)
    heading = np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
    fall = np.arctan2(o.along[0], o.along[1])
    turn = np.clip(np.arctan2(line[:, 1] - o.fan[1], o.fan[0] - line[:, 0]), 0.0, fall)
    if np.any(np.diff(turn) < -1e-9):
        raise GeometryError(
            "the shoulder overhangs the medial arc",
            ("shoulder_angle", "shoulder_radius", "neck_length", "medial_radius"),
        )
    # Sections stand close where the outline bends, where the fan opens, and next to the rounded tip.
    effort = (
        s / 6.0
        - 6.0 * np.exp((low - s) / 6.0)
        + np.concatenate([[0.0], np.cumsum(np.abs(np.diff(heading)))]) / np.radians(6.0)
    )
    effort = effort + turn / np.radians(4.0)
    ends = np.interp([low, corner, high], s, effort)
    counts = [max(3, int(np.ceil(n))) for n in np.diff(ends)]
    below = np.interp(np.linspace(ends[0], ends[1], counts[0] + 1), effort, s)
    above = np.interp(np.linspace(ends[1], ends[2], counts[1] + 1), effort, s)
    beyond = high + (above[-1] - above[-2]) * np.arange(1, 4)
    return at(np.concatenate([below[:-1], [corner], above[1:-1], [high], beyond])), counts[0], sum(counts)


def _tip(p: HipStem) -> list[Section]:
    """Sections of the rounded tip from below up; the first is beyond the flat and only fixes the tangent there."""
    flat, sections = _blunt(p), []
    for angle in np.radians([95.0, 90.0, 75.0, 60.0, 45.0, 30.0, 15.0]):
        z = p.tip_length * (1.0 - np.sin(angle))
        width = 2 * flat + (
            p.distal_width + (p.proximal_width - p.distal_width) * z / p.stem_length - 2 * flat
        ) * np.cos(angle)
        depth = 2 * flat + (
            p.distal_depth + (p.proximal_depth - p.distal_depth) * z / p.stem_length - 2 * flat
        ) * np.cos(angle)
        most = min(width, depth) / 2
        radius = most + (min(p.corner_radius, most) - most) * max(np.cos(angle), 0.0) ** 2
        sections.append(
            Section(
                np.array([0.0, 0.0, z - p.stem_length]),
                np.array([1.0, 0.0, 0.0]),
                np.array([0.0, 1.0, 0.0]),
                width,
                depth,
                radius,
            )
        )
    return sections


def _space(x: Array) -> Array:
    """A point or vector of the frontal plane in space."""
    return np.array([x[0], 0.0, x[1]])


def _name(p: HipStem, solid: Solid, o: _Outline, turned: Contour) -> None:
    """Name the surfaces by where they stand along the neck axis and the stem axis."""
    axis = _space(o.along)
    edge = float(turned.arcs[2].start[0])

    def along(surface: Surface) -> float:
        return float(surface.middle @ axis)

    solid.name("trunnion_end", lambda s: along(s) > edge)
    solid.name("trunnion", lambda s: s.kind == "Cone" and along(s) > float(turned.arcs[1].end[0]))
    solid.name("tip", lambda s: s.high[2] < -p.stem_length + p.tip_length + 0.1)
    solid.name("neck", lambda s: along(s) > 0.0)
    solid.name_rest("body")

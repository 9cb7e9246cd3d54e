"""The lumen of an artery with a stent: zigzag rings of struts on its wall, or apart from it.

Coordinates: z along the flow; the stent begins at z = 0. A crown of the first ring that points along the flow is in
the plane y = 0, at positive x.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import pi

import gmsh
import numpy as np

from devices.device import Device
from devices.parameters import choice, parameter
from geometry.ends import name_ends
from geometry.errors import GeometryError
from geometry.solid import Solid
from geometry.strut import strut
from geometry.tube import Tube
from geometry.zigzag import Line, Zigzag

_CORONARY = "assumed: coronary stent of cobalt-chromium in a 3 mm artery"
_STEP = 4.0  # by the strut width: a flat piece of a strut, short enough to follow the wall
_STEEPEST = 0.6  # slope of the wall of a narrowing against the axis
_CLEAR = 0.5  # least space between struts, by the strut width
_THIN = 0.02  # mm, the thinnest layer of fluid that is meshed
_WIDTH = ("crown_count", "artery_diameter", "malapposition_gap")
_SHAPE = ("crown_radius", "strut_width", "strut_thickness", "ring_length", "crown_count", "stenosis_severity")
_NARROWING = ("stenosis_severity", "stenosis_length", "artery_diameter")


class StentedArtery(Device):
    """Artery with a stent.

    Volume: "lumen", the artery without the struts. Surfaces: "inlet", "outlet", and the walls "vessel" and "strut",
    both also "wall". The rings are zigzags, straight struts between round crowns; neighbours are mirror images, and
    straight bars join crowns that face each other. The section is a rectangle bent to the wall: its outer side is on
    the wall, or everywhere as far from it as the gap, and its inner side a strut thickness further inwards.

    The edges of the struts are sharp: the wall shear stress has no bound there, and no mesh gives its peak. Mean,
    percentiles and shares of the wall converge.
    """

    usual_protocol = "flow_steady"

    artery_diameter: float = parameter(
        3.0, "mm", (1.5, 12.0), "Inner diameter of the artery", source="assumed: coronary artery", verified=False
    )
    inlet_length: float = parameter(3.0, "mm", (0.5, 100), "Artery before the stent; the flow enters developed")
    outlet_length: float = parameter(6.0, "mm", (0.5, 200), "Artery behind the stent")
    ring_count: int = parameter(3, "", (1, 12), "Number of rings", source="assumed: a short stent", verified=False)
    ring_length: float = parameter(
        1.2, "mm", (0.4, 8.0), "Length of a ring along the artery", source=_CORONARY, verified=False
    )
    ring_gap: float = parameter(
        0.25, "mm", (0.03, 5.0), "Distance between the crowns of neighbouring rings", source=_CORONARY, verified=False
    )
    crown_count: int = parameter(
        6, "", (3, 16), "Crowns round a ring that point the same way", source=_CORONARY, verified=False
    )
    crown_radius: float = parameter(
        0.2, "mm", (0.05, 2.0), "Radius of the crowns, to the middle of the strut", source=_CORONARY, verified=False
    )
    connector_count: int = parameter(
        2, "", (0, 16), "Straight bars from each ring to the next", source=_CORONARY, verified=False
    )
    strut_width: float = parameter(
        0.1, "mm", (0.04, 0.4), "Width of struts and bars along the wall", source=_CORONARY, verified=False
    )
    strut_thickness: float = parameter(
        0.09, "mm", (0.04, 0.4), "Thickness of struts and bars across the wall", source=_CORONARY, verified=False
    )
    malapposition_gap: float = parameter(
        0.0,
        "mm",
        (0.0, 1.0),
        "Distance of the struts from the wall; 0: they lie on it",
        source="assumed",
        verified=False,
    )
    stenosis_severity: float = parameter(
        0.0,
        "%",
        (0.0, 70.0),
        "Narrowing that is left, of the diameter; 0: none",
        source="assumed: none",
        verified=False,
    )
    stenosis_length: float = parameter(
        6.0, "mm", (1.0, 60.0), "Length of the narrowing, which is a cosine", source="assumed", verified=False
    )
    stenosis_offset: float = parameter(
        0.0, "mm", (-50.0, 50.0), "Middle of the narrowing, from that of the stent", source="assumed", verified=False
    )
    sector: str = choice(
        "quarter",
        "How much of the lumen is computed; a quarter needs an even crown_count and bars that are mirror images",
        ("quarter", "full"),
    )

    def build(self) -> Solid:
        """Draw the lumen in the current gmsh session and name its regions."""
        _check(self)
        occ, tube, quarter = gmsh.model.occ, self._tube(), self.sector == "quarter"
        gap, thickness = self.malapposition_gap, self.strut_thickness
        # The bars reach beyond the sheet they are cut from on both sides, and it beyond the wall it lies on, so that
        # no two surfaces nearly coincide.
        excess = thickness + self.strut_width / 2
        reach = (thickness + excess, excess)
        struts = [
            (3, strut(line, place, tube, gap, self.strut_width, (reach[0] + more, reach[1] + more)))
            for line, place, more in self._lines()
        ]
        insets = (gap + thickness, gap if gap else -thickness / 2)
        sheet = (3, tube.between(insets, -excess, self._length() + excess, quarter=quarter))
        low, high = -self.inlet_length, self._length() + self.outlet_length
        artery = (3, tube.between((np.inf, 0.0), low, high, quarter=quarter))
        try:
            cut, parts = occ.intersect(struts, [sheet])
            lost = not all(parts[: len(struts)])
            lumen, _ = occ.cut([artery], cut)
        except Exception as error:  # gmsh raises bare Exceptions
            raise GeometryError(f"the struts cannot be drawn: {error}", _SHAPE) from error
        if lost:
            raise GeometryError("the struts cannot be drawn: some of them vanish", _SHAPE)
        occ.synchronize()
        for dim in (2, 1, 0):  # what the struts were drawn with; that of the lumen stays
            occ.remove(occ.getEntities(dim))
        solid = Solid.of({"lumen": [tag for dim, tag in lumen if dim == 3]})
        name_ends(solid, (tube.radius, low), (tube.radius, high), quarter=quarter)
        solid.name("vessel", tube.carries)
        solid.name_rest("strut")
        solid.name("wall", lambda s: solid.surfaces[s.tag] in (("vessel",), ("strut",)), only_unnamed=False)
        return solid

    def _length(self) -> float:
        """Of the stent, mm."""
        return self.ring_count * (self.ring_length + self.ring_gap) - self.ring_gap

    def _tube(self) -> Tube:
        middle = self._length() / 2 + self.stenosis_offset
        return Tube(self.artery_diameter / 2, self.stenosis_severity / 100, middle, self.stenosis_length)

    def _zigzag(self) -> Zigzag:
        pitch = pi * (self.artery_diameter / 2 - self.malapposition_gap) / self.crown_count
        return Zigzag(pitch, self.ring_length - self.strut_width, self.crown_radius)

    def _lines(self) -> Iterator[tuple[Line, float, float]]:
        """Centre lines of struts and bars, the z of each, and by how much it reaches further than others, mm."""
        zigzag, quarter, spacing = self._zigzag(), self.sector == "quarter", self.ring_length + self.ring_gap
        last = self.crown_count // 2 if quarter else 2 * self.crown_count - 1
        for ring in range(self.ring_count):
            place = self.ring_length / 2 + ring * spacing
            for k in range(last + 1):
                up = (ring + k) % 2 == 0
                yield zigzag.crown(k, up), place, 0.0
                if k < last or not quarter:
                    yield zigzag.arm(k, up, _STEP * self.strut_width), place, 0.0
        for ring in range(self.ring_count - 1):
            for k in self._joined(ring):
                if k <= last:
                    yield self._bar(k * zigzag.pitch), self.ring_length + ring * spacing, self.strut_thickness / 4

    def _bar(self, place: float) -> Line:
        """The centre line of a bar, from the middle of a crown to that of the one that faces it."""
        half, steps = self.strut_width / 2, int(self.ring_gap / (_STEP * self.strut_width)) + 2
        y = np.linspace(-half, self.ring_gap + half, steps)
        return Line(np.stack([np.full(steps, place), y], axis=1), np.array([[0.0, 1.0]] * steps), straight=True)

    def _joined(self, ring: int) -> list[int]:
        """Crowns from which bars lead to the next ring; every other one faces it."""
        if not self.connector_count:
            return []
        step = self.crown_count // self.connector_count
        first = 0 if ring % 2 == 0 else step - 1 + step % 2  # the bars of every second gap stand between the others
        return [first + 2 * step * k for k in range(self.connector_count)]


def _check(p: StentedArtery) -> None:
    """Refuse what cannot be built, naming the parameters in conflict."""
    tube, zigzag, length = p._tube(), p._zigzag(), p._length()
    gap, width, thickness = p.malapposition_gap, p.strut_width, p.strut_thickness
    _check_narrowing(p, tube)
    if 0.0 < gap < _THIN:
        raise GeometryError(
            f"a gap below {_THIN} mm is not meshed; use 0 for struts on the wall", ("malapposition_gap",)
        )
    narrowest = tube.narrowest(0.0, length)
    if narrowest - gap - thickness < max(2 * (thickness + width), narrowest / 2):
        raise GeometryError(
            f"the struts take more than half of the radius of {narrowest:.2f} mm, or leave no lumen to speak of",
            ("strut_thickness", "strut_width", "malapposition_gap", "artery_diameter", "stenosis_severity"),
        )
    # Drawn together by this factor round the artery, the arc of a crown is that of an ellipse, with the tightest bend
    # factor^2 crown_radius at its peak.
    factor = (narrowest - gap - thickness) / (tube.radius - gap)
    clear = 2 * factor**2 * p.crown_radius - width
    if clear < _CLEAR * width:
        raise GeometryError(
            f"the bend of a crown leaves {clear:.3f} mm on its inside, across; half a strut width is needed",
            ("crown_radius", "strut_width", "strut_thickness", "malapposition_gap", "stenosis_severity"),
        )
    if 2 * p.crown_radius > zigzag.pitch:
        raise GeometryError(
            f"{p.crown_count} crowns round the artery are {2 * zigzag.pitch:.2f} mm apart: no room for four times the "
            f"crown radius of {p.crown_radius:g} mm",
            ("crown_radius", *_WIDTH),
        )
    if 2 * p.crown_radius > zigzag.height:
        raise GeometryError(
            f"a ring of {p.ring_length:g} mm is too short for its crowns",
            ("ring_length", "crown_radius", "strut_width"),
        )
    if p.ring_count > 1 and p.ring_gap < _CLEAR * width:
        raise GeometryError("the rings are closer than half a strut width", ("ring_gap", "strut_width"))
    if p.connector_count and p.crown_count % p.connector_count:
        raise GeometryError("the bars must be a whole fraction of the crowns", ("connector_count", "crown_count"))
    if p.sector == "quarter":
        _check_mirrors(p)


def _check_narrowing(p: StentedArtery, tube: Tube) -> None:
    if not p.stenosis_severity:
        return
    if tube.steepest() > _STEEPEST:
        raise GeometryError(
            f"the wall of the narrowing rises by {tube.steepest():.2f}: more than {_STEEPEST}, make it longer",
            _NARROWING,
        )
    begin, end = tube.middle - tube.length / 2, tube.middle + tube.length / 2
    if begin < -p.inlet_length or end > p._length() + p.outlet_length:
        raise GeometryError(
            f"the narrowing, from z = {begin:.1f} mm to {end:.1f} mm, does not fit into the artery",
            ("stenosis_length", "stenosis_offset", "inlet_length", "outlet_length"),
        )


def _check_mirrors(p: StentedArtery) -> None:
    """A quarter must be bounded by planes of symmetry."""
    if p.crown_count % 2:
        raise GeometryError("an odd number of crowns has no quarter; use sector = full", ("sector", "crown_count"))
    step = p.crown_count // p.connector_count if p.connector_count else 1
    if p.ring_count > 1 and p.connector_count and (p.connector_count % 2 or (p.ring_count > 2 and step % 2 == 0)):
        raise GeometryError(
            "the bars are no mirror images: an even number of them is needed, on every odd-numbered crown if there are "
            "more than two rings; or sector = full",
            ("sector", "connector_count", "crown_count", "ring_count"),
        )

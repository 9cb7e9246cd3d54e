"""The lumen of a cannula that returns blood into a vessel.

Coordinates: z along the flow; the tip ends at z = 0. A side hole of each row is at positive x.
"""

from __future__ import annotations

from math import asin, cos, pi, sin, sqrt, tau

import gmsh
import numpy as np

from devices.device import Device
from devices.parameters import choice, parameter
from geometry.contour import Corner, rounded
from geometry.drilled import Hole, drilled
from geometry.ends import flat, name_ends
from geometry.errors import GeometryError
from geometry.solid import Solid, Surface
from geometry.turned import turned

_ARTERIAL = "assumed: arterial cannula of 17 Fr for a femoral artery"
_WALL = 0.2  # mm, the least that stands between two holes, or a hole and what is next to it
_ANNULUS = 0.2  # mm, the narrowest space between cannula and host tube that is drawn
# A chord of an eighth of a circle, the coarsest element, is 0.08 of the radius away from the middle of its arc.
_THIN = 0.1  # least wall or annulus, by the radius inside it: else the faces on both sides of it meet
_RIM = ("edge_radius", "hole_diameter", "wall_thickness", "hole_count", "hole_distance")


class Cannula(Device):
    """Outflow cannula in a vessel.

    Volume: "lumen", the fluid in the cannula and in the vessel. Surfaces: "inlet", "outlet", and the walls
    "cannula_wall" and "host_wall", both also "wall". The fluid enters at the open end of the cannula, flows through its
    bore, and leaves through its tip and its side holes into the host tube. That is closed by a plane round the cannula:
    no other blood comes along. The wall of the cannula, rigid and coaxial, is the void between bore and host tube.

    The full flow of an adult, 4 l/min, is turbulent in a cannula of this size: the Reynolds number in its bore is 1000
    at 0.7 l/min.
    """

    usual_protocol = "flow_steady"

    bore: float = parameter(4.7, "mm", (0.5, 20.0), "Inner diameter of the cannula", source=_ARTERIAL, verified=False)
    wall_thickness: float = parameter(0.5, "mm", (0.15, 3.0), "Thickness of its wall", source=_ARTERIAL, verified=False)
    cannula_length: float = parameter(
        30.0, "mm", (2.0, 400.0), "Length of the cannula; the flow enters developed", source="assumed", verified=False
    )
    tip_bore: float = parameter(
        4.0,
        "mm",
        (0.5, 20.0),
        "Inner diameter at the tip; equal to the bore: straight",
        source=_ARTERIAL,
        verified=False,
    )
    tip_length: float = parameter(
        10.0, "mm", (0.5, 60.0), "Length along which it tapers to the tip", source=_ARTERIAL, verified=False
    )
    edge_radius: float = parameter(
        0.2,
        "mm",
        (0.0, 1.0),
        "Radius of the edges of the tip and of the side holes; 0: sharp",
        source="assumed: moulded tip",
        verified=False,
    )
    hole_count: int = parameter(
        4, "", (0, 12), "Side holes round the cannula; 0: none", source=_ARTERIAL, verified=False
    )
    hole_rows: int = parameter(1, "", (1, 6), "Rows of side holes", source=_ARTERIAL, verified=False)
    hole_diameter: float = parameter(
        1.6, "mm", (0.3, 10.0), "Diameter of the side holes", source=_ARTERIAL, verified=False
    )
    hole_distance: float = parameter(
        5.0, "mm", (0.5, 80.0), "From the tip to the middle of the nearest holes", source=_ARTERIAL, verified=False
    )
    hole_spacing: float = parameter(
        4.0, "mm", (0.5, 40.0), "From a row of holes to the next", source=_ARTERIAL, verified=False
    )
    host_diameter: float = parameter(
        8.0, "mm", (1.0, 60.0), "Inner diameter of the host tube", source="assumed: iliac artery", verified=False
    )
    insertion: float = parameter(
        15.0, "mm", (1.0, 300.0), "Length of the cannula in the host tube", source="assumed", verified=False
    )
    outlet_length: float = parameter(
        100.0,
        "mm",
        (2.0, 2000.0),
        "Host tube behind the tip; the jet must reattach in it",
        source="assumed",
        verified=False,
    )
    sector: str = choice(
        "quarter",
        "How much of the lumen is computed; a quarter needs an even hole_count, and a laminar flow",
        ("quarter", "full"),
    )

    def build(self) -> Solid:
        """Draw the lumen in the current gmsh session and name its regions."""
        _check(self)
        lumen, quarter, host = self._without_holes(), self.sector == "quarter", self.host_diameter / 2
        if self.hole_count:
            try:
                lumen = drilled(lumen, self._holes(), edge_radius=self.edge_radius, quarter=quarter)
            except Exception as error:  # gmsh raises bare Exceptions
                raise GeometryError(f"the rims of the side holes cannot be rounded: {error}", _RIM) from error
        gmsh.model.occ.synchronize()
        for dim in (2, 1, 0):  # what it was drawn with; that of the lumen stays
            gmsh.model.occ.remove(gmsh.model.occ.getEntities(dim))
        solid = Solid.of({"lumen": lumen})
        inlet, outlet = (self.bore / 2, -self.cannula_length), (host, self.outlet_length)
        name_ends(solid, inlet, outlet, quarter=quarter)

        def around(s: Surface) -> bool:
            return s.kind == "Cylinder" and max(*abs(s.low[:2]), *abs(s.high[:2])) > host - 1e-3

        solid.name("host_wall", lambda s: around(s) or flat(2, -self.insertion)(s))
        solid.name_rest("cannula_wall")
        walls = (("host_wall",), ("cannula_wall",))
        solid.name("wall", lambda s: solid.surfaces[s.tag] in walls, only_unnamed=False)
        return solid

    def _radius(self, z: float) -> float:
        """Of the bore at z, mm."""
        return (self.tip_bore + (self.bore - self.tip_bore) * min(-z / self.tip_length, 1.0)) / 2

    def _rows(self) -> list[float]:
        """z of the rows of holes, mm, from the tip backwards."""
        return [-self.hole_distance - row * self.hole_spacing for row in range(self.hole_rows)]

    def _without_holes(self) -> int:
        """The lumen without side holes: volume tag."""
        wall, low, back = self.wall_thickness, -self.cannula_length, -self.insertion
        host, tip = self.host_diameter / 2, self.tip_bore / 2
        edge = ("edge_radius", "tip_length", "insertion", "wall_thickness")
        tapers = self.tip_bore < self.bore
        outline = [Corner((0.0, low)), Corner((self.bore / 2, low))]
        if tapers:
            outline.append(Corner((self.bore / 2, -self.tip_length)))
        outline += [Corner((r, 0.0), self.edge_radius, edge) for r in (tip, tip + wall)]
        if tapers and self.insertion > self.tip_length:
            outline.append(Corner((self.bore / 2 + wall, -self.tip_length)))
        outline += [Corner((r, back)) for r in (self._radius(back) + wall, host)]
        outline += [Corner((r, self.outlet_length)) for r in (host, 0.0)]
        seam = pi / max(self.hole_count, 1)  # between the holes
        return turned(rounded(outline), quarter=self.sector == "quarter", seam=seam)

    def _holes(self) -> list[Hole]:
        """The side holes; of a quarter only those that reach into it."""
        r, holes = self.hole_diameter / 2, []
        count = self.hole_count // 4 + 1 if self.sector == "quarter" else self.hole_count
        for z in self._rows():
            inside = sqrt(self._radius(z + r) ** 2 - r**2) / 2
            outside = (self._radius(z - r) + self.wall_thickness + sqrt((self.host_diameter / 2) ** 2 - r**2)) / 2
            for angle in (tau * k / self.hole_count for k in range(count)):
                start, end = (np.array([d * cos(angle), d * sin(angle), z]) for d in (inside, outside))
                holes.append(Hole(start, end, r))
        return holes


def _check(p: Cannula) -> None:
    """Refuse what cannot be built, naming the parameters in conflict."""
    wall, edge, outer = p.wall_thickness, p.edge_radius, p.bore / 2 + p.wall_thickness
    if p.tip_bore > p.bore:
        raise GeometryError("the tip is wider than the cannula", ("tip_bore", "bore"))
    if 0.0 < p.bore - p.tip_bore < 0.05:
        raise GeometryError(
            "a taper by less than 0.05 mm is not drawn; use tip_bore = bore for none", ("tip_bore", "bore")
        )
    for name in ("tip_length", "insertion"):
        if getattr(p, name) > p.cannula_length - 0.5:
            raise GeometryError(
                f"the {name.replace('_', ' ')} is more than there is of the cannula", (name, "cannula_length")
            )
    if wall < _THIN * p.bore / 2:
        raise GeometryError("the wall is too thin for its bore: a coarse mesh breaks it", ("wall_thickness", "bore"))
    annulus = max(_ANNULUS, _THIN * outer)
    if p.host_diameter / 2 - outer < annulus:
        raise GeometryError(
            f"the cannula, {2 * outer:.2f} mm wide, leaves less than {annulus:.2f} mm to the host tube round it",
            ("host_diameter", "bore", "wall_thickness"),
        )
    if 0.0 < edge < 0.05:
        raise GeometryError("edges rounded by less than 0.05 mm are not drawn; use 0 for sharp edges", ("edge_radius",))
    if edge > 0.4 * wall:
        raise GeometryError(
            "the round edges leave too little of the wall between them", ("edge_radius", "wall_thickness")
        )
    if p.hole_count:
        _check_holes(p)


def _check_holes(p: Cannula) -> None:
    mouth = p.hole_diameter / 2 + p.edge_radius
    radius = p._radius(-p.hole_distance + p.hole_diameter / 2)
    end = p.hole_distance + (p.hole_rows - 1) * p.hole_spacing
    if p.sector == "quarter" and p.hole_count % 2:
        raise GeometryError("an odd number of holes has no quarter; use sector = full", ("sector", "hole_count"))
    if p.hole_distance < mouth + p.edge_radius + _WALL:
        raise GeometryError("the side holes run into the tip", ("hole_distance", "hole_diameter", "edge_radius"))
    if mouth > 0.8 * radius:
        raise GeometryError(
            "the side holes are too wide for the bore", ("hole_diameter", "edge_radius", "bore", "tip_bore")
        )
    if p.hole_count * (2 * asin(mouth / radius) + _WALL / radius) > tau:
        raise GeometryError(
            f"{p.hole_count} side holes do not fit round the cannula",
            ("hole_count", "hole_diameter", "edge_radius", "bore", "tip_bore"),
        )
    if p.hole_rows > 1 and p.hole_spacing < 2 * mouth + _WALL:
        raise GeometryError("the rows of holes run into one another", ("hole_spacing", "hole_diameter", "edge_radius"))
    if end + mouth + _WALL > p.insertion:
        raise GeometryError(
            f"the side holes reach {end + mouth:.1f} mm behind the tip, the host tube {p.insertion:g} mm",
            ("insertion", "hole_distance", "hole_rows", "hole_spacing", "hole_diameter"),
        )
    if sqrt((p.host_diameter / 2) ** 2 - (p.hole_diameter / 2) ** 2) < p.bore / 2 + p.wall_thickness + _ANNULUS / 2:
        raise GeometryError(
            "the host tube is too close to the cannula for such wide side holes",
            ("host_diameter", "hole_diameter", "bore", "wall_thickness"),
        )
    if p.tip_bore < p.bore and any(abs(z + p.tip_length) < mouth + _WALL for z in p._rows()):
        raise GeometryError(
            "a side hole lies where the taper of the tip begins",
            ("tip_length", "hole_distance", "hole_rows", "hole_spacing", "hole_diameter"),
        )

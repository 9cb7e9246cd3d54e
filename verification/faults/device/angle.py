"""The bracket of examples/my_bracket.py, whose inner corner may be sharp too: then its stress has no bound."""

import gmsh

from devices import Device, choice, parameter
from geometry.errors import GeometryError
from geometry.solid import Solid


class Angle(Device):
    """Angle bracket whose inner corner is filleted or sharp."""

    made_of = {"bracket": "material"}

    width: float = parameter(8, "mm", (5, 60), "Width of both legs")
    leg: float = parameter(20, "mm", (15, 120), "Length of both legs")
    thickness: float = parameter(5, "mm", (1, 15), "Thickness of both legs")
    corner: float = parameter(6, "mm", (0, 30), "Radius of the inner corner; 0: sharp")
    material: str = choice("ss316lvm", "Material card")

    def build(self) -> Solid:
        """Draw it."""
        w, leg, t, r = self.width, self.leg, self.thickness, self.corner
        if t + r > 0.9 * leg:
            raise GeometryError("the corner does not fit in the legs", ("corner", "thickness", "leg"))
        occ = gmsh.model.occ
        flat, upright = occ.addBox(0, 0, 0, leg, w, t), occ.addBox(0, 0, 0, t, w, leg)
        drawn, _ = occ.fuse([(3, flat)], [(3, upright)])
        occ.synchronize()
        if r > 0:
            near = gmsh.model.getEntitiesInBoundingBox(t - 0.01, -1, t - 0.01, t + 0.01, w + 1, t + 0.01, dim=1)
            drawn = occ.fillet([drawn[0][1]], [tag for _, tag in near], [r])
        part = Solid.of({"bracket": drawn[0][1]})
        part.name("foot", lambda surface: surface.normal[2] < -0.99)
        part.name("tip", lambda surface: surface.normal[2] > 0.99 and surface.centre[2] > t + r + 1.0)
        part.name_rest("side")
        return part

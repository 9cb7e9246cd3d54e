"""A device of one's own."""

import gmsh

from devices import Device, choice, parameter
from geometry.errors import GeometryError
from geometry.solid import Solid


class MyBracket(Device):
    """Angle bracket with a filleted corner."""

    made_of = {"bracket": "material"}

    width: float = parameter(20, "mm", (5, 60), "Width of both legs")
    leg: float = parameter(40, "mm", (15, 120), "Length of both legs")
    leg_thickness: float = parameter(5, "mm", (1, 15), "Thickness of both legs")
    corner_radius: float = parameter(6, "mm", (0.5, 30), "Radius of the inner corner")
    material: str = choice("ss316lvm", "Material card")

    def build(self) -> Solid:
        w, leg, t, r = self.width, self.leg, self.leg_thickness, self.corner_radius
        if t + r > 0.9 * leg:
            raise GeometryError("the corner does not fit in the legs", ("corner_radius", "leg_thickness", "leg"))
        occ = gmsh.model.occ
        flat, upright = occ.addBox(0, 0, 0, leg, w, t), occ.addBox(0, 0, 0, t, w, leg)
        fused, _ = occ.fuse([(3, flat)], [(3, upright)])
        occ.synchronize()
        corner = gmsh.model.getEntitiesInBoundingBox(t - 0.01, -1, t - 0.01, t + 0.01, w + 1, t + 0.01, dim=1)
        rounded = occ.fillet([fused[0][1]], [tag for _, tag in corner], [r])
        part = Solid.of({"bracket": rounded[0][1]})
        part.name("foot", lambda surface: surface.normal[2] < -0.99)
        part.name("tip", lambda surface: surface.normal[2] > 0.99 and surface.centre[2] > t + r)
        part.name_rest("side")
        return part

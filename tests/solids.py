"""Small devices for tests, drawn in a few lines."""

from __future__ import annotations

import gmsh

from devices import Device, choice, parameter
from geometry.solid import Solid


class RoundBar(Device):
    """Prismatic round bar that ends in a thick head, loaded there like a hip stem."""

    made_of = {"bar": "material"}
    usual_protocol = "hip_iso7206_4"

    diameter: float = parameter(12, "mm", (4, 20), "Diameter")
    stem_length: float = parameter(105, "mm", (95, 300), "Length below the head centre")
    head_offset: float = parameter(40, "mm", (0, 60), "Distance of the head centre from the axis")
    material: str = choice("ti6al4v_eli", "Material card")

    def build(self) -> Solid:
        occ = gmsh.model.occ
        bar = occ.addCylinder(0, 0, -self.stem_length, 0, 0, self.stem_length, self.diameter / 2)
        solid = Solid.of({"bar": bar})
        solid.name("trunnion", lambda s: s.normal[2] > 0.9)
        solid.name_rest("body")
        solid.landmark("head_centre", (self.head_offset, 0, 0))
        return solid


class Bar(Device):
    """Bar of rectangular section along x."""

    made_of = {"bar": "material"}

    length: float = parameter(70, "mm", (10, 300), "Length")
    width: float = parameter(12, "mm", (2, 50), "Width")
    thickness: float = parameter(4, "mm", (1, 50), "Thickness")
    material: str = choice("ti6al4v_eli", "Material card")

    def build(self) -> Solid:
        box = gmsh.model.occ.addBox(-self.length / 2, -self.width / 2, 0, self.length, self.width, self.thickness)
        solid = Solid.of({"bar": box})
        solid.name("top", lambda s: s.normal[2] > 0.9)
        solid.name("bottom", lambda s: s.normal[2] < -0.9)
        solid.name("left", lambda s: s.normal[0] < -0.9)
        solid.name("right", lambda s: s.normal[0] > 0.9)
        solid.name_rest("edge")
        return solid

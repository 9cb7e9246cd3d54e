"""What every device is: parameters, a solid with named regions, materials."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from devices.parameters import Parameters
from geometry.solid import Solid
from materials import Material, load_card


class Device(Parameters, ABC):
    """A parametric part. A subclass declares its parameters and builds its solid.

    Attributes
    ----------
    made_of : dict of str to str
        Volume label -> name of the parameter that names its material card.
    usual_protocol : str
        Test to run when none is asked for.
    """

    kind: ClassVar[str] = "device"
    made_of: ClassVar[dict[str, str]] = {}
    usual_protocol: ClassVar[str] = ""

    @abstractmethod
    def build(self) -> Solid:
        """Draw the solid in the current gmsh session and name its regions.

        Raises
        ------
        geometry.errors.GeometryError
            Naming the parameters in conflict, if these make no solid.
        """

    def cards(self) -> dict[str, Material]:
        """Material card of each volume, by label.

        Raises
        ------
        materials.MaterialError
            If a material is not known.
        """
        return {volume: load_card(str(getattr(self, name))) for volume, name in self.made_of.items()}

"""What every bench test is: parameters, fixture, loads, measures, limits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from devices.parameters import InputError, Parameters
from geometry.mesh import SizeBox
from geometry.scene import Scene
from geometry.solid import Solid
from materials import Card
from protocols.result import Measured, Specimen


@dataclass(frozen=True)
class Limit:
    """Acceptance criterion of a quantity, in its unit."""

    value: float
    kind: Literal["minimum", "maximum"]


class Protocol(Parameters, ABC):
    """A bench test that applies to any device which offers the surfaces and landmarks it needs.

    Attributes
    ----------
    style_of : str
        Test method whose style it follows.
    sources : tuple of str
    needs_surfaces, needs_landmarks : tuple of str
        Names that the device must give.
    """

    kind: ClassVar[str] = "protocol"
    style_of: ClassVar[str] = ""
    sources: ClassVar[tuple[str, ...]] = ()
    needs_surfaces: ClassVar[tuple[str, ...]] = ()
    needs_landmarks: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def measure(self, result: Any) -> list[Measured]:
        """The quantities of interest on one mesh; the same names on every mesh. Collective."""

    @abstractmethod
    def scene(self, specimen: Specimen) -> Scene:
        """What the pictures show besides the part, and how to look at it."""

    def limits(self) -> dict[str, Limit]:
        """Acceptance criteria by name of the quantity."""
        return {}

    def cards(self) -> dict[str, Card]:
        """What the protocol itself brings along, such as the fluid, by the label of its volume.

        Raises
        ------
        materials.MaterialError
            If it is not known.
        """
        return {}

    def prepare(self, solid: Solid, size: float) -> list[SizeBox]:
        """Cut the solid where fixture or measures need it; say where the mesh is to be finer than ``size`` mm.

        Raises
        ------
        geometry.errors.GeometryError
            Naming the parameters of device or protocol that do not fit together.
        """
        return []

    def remarks(self, specimen: Specimen) -> list[str]:
        """What a reader must know of this test on this part."""
        return []

    def check(self, solid: Solid, device: str) -> None:
        """Raise InputError if the device lacks a surface or a landmark that this test needs."""
        for what, needed, given in (
            ("surface", self.needs_surfaces, solid.labels()),
            ("landmark", self.needs_landmarks, set(solid.landmarks)),
        ):
            missing = [name for name in needed if name not in given]
            if missing:
                raise InputError(
                    f"{type(self).title()} cannot be applied to {device}: it has no {what} "
                    f"{', '.join(missing)} (it has {', '.join(sorted(given)) or 'none'})"
                )

"""What every bench test is: parameters, fixture, loads, measures, limits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from devices.parameters import InputError, Parameters
from geometry.mesh import SizeBox
from geometry.scene import Arrow, Scene
from geometry.solid import Solid
from protocols.result import Measured, Result, Specimen
from solvers.body import Body
from solvers.elasticity import Elasticity
from solvers.loads import Wrench
from solvers.supports import Support


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
    load_ratio : float
        F_min / F_max of the cyclic load, for the fatigue factor.
    """

    kind: ClassVar[str] = "protocol"
    style_of: ClassVar[str] = ""
    sources: ClassVar[tuple[str, ...]] = ()
    needs_surfaces: ClassVar[tuple[str, ...]] = ()
    needs_landmarks: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def supports(self, specimen: Specimen) -> list[Support]:
        """Where the part is held."""

    @abstractmethod
    def loads(self, specimen: Specimen) -> list[Wrench]:
        """What acts on it."""

    @abstractmethod
    def measure(self, result: Result) -> list[Measured]:
        """The quantities of interest on one mesh; the same names on every mesh. Collective."""

    def scene(self, specimen: Specimen) -> Scene:
        """What the pictures show besides the part: by default the forces, and a section through the middle."""
        arrows = []
        for load in self.loads(specimen):
            magnitude = float(np.linalg.norm(load.force))
            if magnitude > 0:
                x, y, z = (c / magnitude for c in load.force)
                arrows.append(Arrow(point=load.about, vector=(x, y, z), label=f"{magnitude:.4g} N"))
        x, y, z = (float(c) for c in (specimen.low + specimen.high) / 2)
        return Scene(
            view_direction=(0.48, -0.80, 0.36),
            up=(0.0, 0.0, 1.0),
            section_origin=(x, y, z),
            section_normal=(0.0, 1.0, 0.0),
            arrows=arrows,
            ghosts=list(specimen.ghosts),
        )

    def limits(self) -> dict[str, Limit]:
        """Acceptance criteria by name of the quantity."""
        return {"static_safety_factor": Limit(1.0, "minimum"), "fatigue_safety_factor": Limit(1.0, "minimum")}

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

    def problem(self, body: Body, specimen: Specimen) -> Elasticity:
        """The boundary value problem on a mesh of the specimen."""
        return Elasticity(body, specimen.elastic(), self.supports(specimen), self.loads(specimen))

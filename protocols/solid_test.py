"""What every mechanical test is: fixture, loads, measures."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from geometry.scene import Arrow, Scene
from protocols.protocol import Limit, Protocol
from protocols.result import Specimen
from solvers.body import Body
from solvers.elasticity import Elasticity
from solvers.loads import Wrench
from solvers.supports import Support


class SolidTest(Protocol):
    """A mechanical test of a linear elastic part.

    Attributes
    ----------
    load_ratio : float
        F_min / F_max of the cyclic load, for the fatigue factor.
    """

    @abstractmethod
    def supports(self, specimen: Specimen) -> list[Support]:
        """Where the part is held."""

    @abstractmethod
    def loads(self, specimen: Specimen) -> list[Wrench]:
        """What acts on it."""

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
        return {"static_safety_factor": Limit(1.0, "minimum"), "fatigue_safety_factor": Limit(1.0, "minimum")}

    def problem(self, body: Body, specimen: Specimen) -> Elasticity:
        """The boundary value problem on a mesh of the specimen."""
        return Elasticity(body, specimen.elastic(), self.supports(specimen), self.loads(specimen))

"""What a permeability test measures on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from dolfinx import fem

from protocols.result import Specimen
from solvers.loads import integral, surface_measure
from solvers.measures import volume
from solvers.stokes import Permeation


@dataclass
class PermeationResult:
    """Creeping flows through a porous block. All measures are collective."""

    specimen: Specimen
    solution: Permeation

    @cached_property
    def porosity(self) -> float:
        return volume(self.solution.body) / float(np.prod(self.specimen.high - self.specimen.low))

    @cached_property
    def specific_surface(self) -> float:
        """Area of the wall by the volume of the block, 1/mm."""
        body = self.solution.body
        area = integral(body, fem.Constant(body.mesh, 1.0) * surface_measure(body, "wall"))
        return area / self.solution.problem.cell_volume

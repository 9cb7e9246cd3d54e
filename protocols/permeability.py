"""Permeability of a porous block by creeping flow through one period of it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from geometry.scene import Scene
from protocols.permeation_result import PermeationResult
from protocols.protocol import Protocol
from protocols.result import Measured, Specimen
from solvers.body import Body
from solvers.stokes import PeriodicStokes

KOZENY = 5.0  # Carman, Trans. Inst. Chem. Eng. 15, 1937, 150: beds of grains of any shape


class Permeability(Protocol):
    """Permeability by periodic Stokes flow."""

    style_of = "the measurement of Darcy permeability of bone scaffolds, at a Reynolds number of zero"
    sources = (
        "Sanchez-Palencia, Non-Homogeneous Media and Vibration Theory, 1980, chapter 7: Darcy's law from Stokes flow",
        "Carman, Trans. Inst. Chem. Eng. 15, 1937, 150: k = porosity^3 / (5 S^2)",
    )
    needs_surfaces: ClassVar[tuple[str, ...]] = ("wall", "low_x", "high_x", "low_y", "high_y", "low_z", "high_z")

    def problem(self, body: Body, specimen: Specimen) -> PeriodicStokes:
        """Creeping flow on a mesh of the pores."""
        return PeriodicStokes(body, "wall", specimen.low, specimen.high)

    def measure(self, result: PermeationResult) -> list[Measured]:
        k, porosity, surface = result.solution.permeability, result.porosity, result.specific_surface
        mean = float(np.trace(k)) / 3
        eigenvalues = np.linalg.eigvalsh((k + k.T) / 2)
        bed = porosity**3 / (KOZENY * surface**2)
        return [
            *(
                Measured(
                    f"permeability_{axis}",
                    float(k[i, i]),
                    "mm^2",
                    f"Darcy permeability along {axis}: superficial velocity times viscosity by the fall of pressure",
                )
                for i, axis in enumerate("xyz")
            ),
            *(
                Measured(
                    f"permeability_{'xyz'[i]}{'xyz'[j]}",
                    float(k[i, j] + k[j, i]) / 2,
                    "mm^2",
                    f"entry {'xyz'[i]}{'xyz'[j]} of the permeability tensor",
                    scale=mean,
                )
                for i, j in ((0, 1), (0, 2), (1, 2))
            ),
            Measured(
                "anisotropy",
                float(eigenvalues[2] / eigenvalues[0]),
                "",
                "largest by smallest principal permeability",
            ),
            Measured("porosity", porosity, "", "volume of the pores by that of the block"),
            Measured("specific_surface", surface, "1/mm", "area of the wall by the volume of the block"),
            Measured("hydraulic_diameter", 4 * porosity / surface, "mm", "four times the pores by their wall"),
            Measured(
                "kozeny_carman_permeability",
                bed,
                "mm^2",
                "of a bed of grains with this porosity and surface, porosity^3 / (5 S^2)",
            ),
            Measured(
                "kozeny_constant",
                porosity**3 / (mean * surface**2),
                "",
                "porosity^3 / (k S^2) with the mean permeability k; about 5 in beds of grains",
            ),
        ]

    def remarks(self, specimen: Specimen) -> list[str]:
        return [
            "creeping flow through a block that repeats without end: true of any fluid at a Reynolds number of the "
            "pores well below 1; walls are rigid, smooth and of the drawn size"
        ]

    def scene(self, specimen: Specimen) -> Scene:
        x, y, z = (float(c) for c in (specimen.low + specimen.high) / 2)
        return Scene(
            view_direction=(-0.55, -0.75, 0.45),
            up=(0.0, 0.0, 1.0),
            section_origin=(x, y, z),
            section_normal=(0.0, 1.0, 0.0),
            arrows=[],
            ghosts=[],
        )

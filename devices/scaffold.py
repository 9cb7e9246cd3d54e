"""A porous scaffold whose walls follow a triply periodic minimal surface."""

from __future__ import annotations

from collections.abc import Callable
from math import pi

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from devices.device import Device
from devices.parameters import choice, parameter
from geometry.errors import GeometryError
from geometry.implicit import ImplicitSolid, inside_share, sample_points
from geometry.solid import Solid
from geometry.stuffing import Level

Array = NDArray[np.float64]


def _gyroid(x: Array, y: Array, z: Array) -> Array:
    return np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)


def _diamond(x: Array, y: Array, z: Array) -> Array:
    return (
        np.sin(x) * np.sin(y) * np.sin(z)
        + np.sin(x) * np.cos(y) * np.cos(z)
        + np.cos(x) * np.sin(y) * np.cos(z)
        + np.cos(x) * np.cos(y) * np.sin(z)
    )


def _schwarz_p(x: Array, y: Array, z: Array) -> Array:
    return np.cos(x) + np.cos(y) + np.cos(z)


# Nodal approximations of the minimal surfaces (von Schnering and Nesper, Z. Phys. B 83, 1991, 407), period 2 pi.
SURFACES: dict[str, Callable[[Array, Array, Array], Array]] = {
    "gyroid": _gyroid,
    "diamond": _diamond,
    "schwarz_p": _schwarz_p,
}


class Scaffold(Device):
    """Porous scaffold of a triply periodic minimal surface.

    Volume: "pores". Surfaces: "wall", and the faces of the block, "low_x" to "high_z".
    """

    usual_protocol = "permeability"

    lattice: str = choice("gyroid", "Minimal surface that the walls follow", tuple(SURFACES))
    form: str = choice(
        "sheet",
        "sheet: a wall on both sides of the surface, two labyrinths of pores; strut: one of the two sides is solid",
        ("sheet", "strut"),
    )
    cell_size: float = parameter(1.5, "mm", (0.1, 20.0), "Edge of a unit cell", source="assumed", verified=False)
    relative_density: float = parameter(
        0.3,
        "",
        (0.1, 0.8),
        "Share of the volume that is solid",
        source="assumed: 70 % porosity, usual of bone scaffolds",
        verified=False,
    )
    cells: int = parameter(1, "", (1, 3), "Unit cells along each edge of the block; they repeat without end")

    def build(self) -> Solid:
        """The pores of the block, as a level set. The block begins at the origin."""
        edge = self.cells * self.cell_size
        pores = ImplicitSolid.within("pores", self.level(), np.zeros(3), np.full(3, edge), self.cells)
        if closed := pores.closed():
            raise GeometryError(
                f"the pores are closed along {', '.join(closed)}: nothing flows through", ("relative_density", "form")
            )
        return pores

    def level(self) -> Level:
        """Negative in the pores; points in mm."""
        surface, wave = SURFACES[self.lattice], 2 * pi / self.cell_size
        period = np.full(3, self.cell_size)
        known = surface(*(wave * sample_points(np.zeros(3), period)).T)
        pores = 1 - self.relative_density
        if self.form == "strut":
            solid_above = brentq(lambda t: inside_share(known - t) - pores, known.min(), known.max(), xtol=1e-9)
            return lambda points: surface(*(wave * points).T) - solid_above
        half = brentq(lambda t: inside_share(t - np.abs(known)) - pores, 0.0, np.abs(known).max(), xtol=1e-9)
        return lambda points: half - np.abs(surface(*(wave * points).T))

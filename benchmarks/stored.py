"""One benchmark problem on disk, in a form that every code can be given: plain numpy, no benchtwin.

The peers' Python imports this module, so it needs nothing but numpy.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MESH, ARRAYS, FACTS = "mesh.msh", "case.npz", "case.json"

# The nodes 8 and 9 of a quadratic tetrahedron, in gmsh's order: on edges (2, 3) and (1, 3). All peers here, like
# Abaqus and VTK, have them the other way round: on (1, 3) and (2, 3).
OTHER_ORDER = [0, 1, 2, 3, 4, 5, 6, 7, 9, 8]
EDGES = np.array([(0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3)])  # of the mid nodes in that other order


@dataclass(frozen=True)
class Facts:
    """What is not an array.

    Attributes
    ----------
    young_modulus : float, MPa
    poisson_ratio : float
    force : (3,) N
    about : (3,) mm
        Point at which the force acts; it is carried to the surface ``loaded`` as a traction.
    held, loaded, volume : str
        Labels of the clamped surface, the loaded one and the body.
    level : float, mm
        The peak stress is sought from this height up, off the loaded surface.
    meshing : float
        Seconds that the mesh took; no part of the comparison.
    """

    young_modulus: float
    poisson_ratio: float
    force: tuple[float, float, float]
    about: tuple[float, float, float]
    held: str
    loaded: str
    volume: str
    level: float
    meshing: float

    @property
    def lame(self) -> tuple[float, float]:
        """Lame's constants lambda and mu, MPa."""
        e, nu = self.young_modulus, self.poisson_ratio
        return e * nu / ((1 + nu) * (1 - 2 * nu)), e / (2 * (1 + nu))


@dataclass(frozen=True)
class StoredCase:
    """A curved quadratic tetrahedral mesh with nodal forces.

    Attributes
    ----------
    points : (n, 3) array, mm
    cells : (m, 10) int array
        In the order of `OTHER_ORDER`.
    forces : (n, 3) array, N
        Consistent nodal forces of the traction.
    fixed : (n,) bool array
        Clamped nodes.
    zone : (n,) bool array
        Nodes among which the peak stress is sought, away from clamp and load.
    """

    points: Array
    cells: NDArray[np.int64]
    forces: Array
    fixed: NDArray[np.bool_]
    zone: NDArray[np.bool_]
    facts: Facts

    @property
    def dofs(self) -> int:
        """Displacement components at all nodes, clamped ones included."""
        return 3 * len(self.points)

    def write(self, folder: Path) -> None:
        np.savez(folder / ARRAYS, **{name: getattr(self, name) for name in _ARRAYS})
        (folder / FACTS).write_text(json.dumps(asdict(self.facts)))

    @classmethod
    def read(cls, folder: Path) -> StoredCase:
        with np.load(folder / ARRAYS) as arrays:
            return cls(**{name: arrays[name] for name in _ARRAYS}, facts=read_facts(folder))


_ARRAYS = ("points", "cells", "forces", "fixed", "zone")


def folder_of(root: Path, target: float) -> Path:
    """Where the case of about ``target`` unknowns is kept."""
    return root / f"{target:.0f}"


def read_facts(folder: Path) -> Facts:
    given: dict[str, Any] = json.loads((folder / FACTS).read_text())
    return Facts(**given)


def von_mises(six: Array) -> Array:
    """Equivalent stress (n,) of components (n, 6): xx yy zz xy yz xz."""
    xx, yy, zz, xy, yz, xz = six.T
    normal = (xx - yy) ** 2 + (yy - zz) ** 2 + (zz - xx) ** 2
    return np.sqrt(normal / 2 + 3 * (xy**2 + yz**2 + xz**2))

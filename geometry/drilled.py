"""Round holes through the walls of a lumen, with rounded rims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gmsh
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Hole:
    """A hole through a wall, from the fluid on one side to that on the other.

    Attributes
    ----------
    start, end : (3,) arrays, mm
        On its axis, before and behind the wall; the whole section is in the fluid there.
    radius : float, mm
    """

    start: Array
    end: Array
    radius: float

    def has_rim(self, curve: int) -> bool:
        """Whether a curve of the current gmsh model is part of the rim."""
        if gmsh.model.getType(1, curve) == "Line":
            return False
        (low,), (high,) = gmsh.model.getParametrizationBounds(1, curve)
        points = gmsh.model.getValue(1, curve, list(np.linspace(low, high, 5))).reshape(-1, 3)
        way = (self.end - self.start) / np.linalg.norm(self.end - self.start)
        distance = np.linalg.norm(np.cross(points - self.start, way), axis=1)
        return bool(np.all(np.abs(distance - self.radius) < 1e-4))


def drilled(lumen: int, holes: Sequence[Hole], *, edge_radius: float, quarter: bool) -> int:
    """The lumen with the holes: volume tag.

    Parameters
    ----------
    lumen : int
        Volume tag.
    holes : sequence of Hole
    edge_radius : float, mm
        Of the rims; 0: sharp.
    quarter : bool
        Whether the lumen is only where x and y are positive; a hole may lie across a plane of symmetry.

    Raises
    ------
    Exception
        By gmsh, if the rims cannot be rounded.
    """
    occ = gmsh.model.occ
    tools = [(3, occ.addCylinder(*h.start, *(h.end - h.start), h.radius)) for h in holes]
    if quarter:
        ends = np.array([end for h in holes for end in (h.start, h.end)])
        beyond = 2 * max(h.radius for h in holes)
        low, high = ends.min(axis=0) - beyond, ends.max(axis=0) + beyond
        tools, _ = occ.intersect(tools, [(3, occ.addBox(0, 0, low[2], high[0], high[1], high[2] - low[2]))])
    ((_, whole),), _ = occ.fuse([(3, lumen)], tools)
    occ.synchronize()
    if edge_radius:
        rims = [tag for _, tag in gmsh.model.getEntities(1) if any(h.has_rim(tag) for h in holes)]
        ((_, whole),) = occ.fillet([whole], rims, [edge_radius])
    return int(whole)

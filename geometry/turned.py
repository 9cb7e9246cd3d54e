"""Solids of revolution about z whose outline may have round corners."""

from __future__ import annotations

from math import cos, pi, sin

import gmsh
import numpy as np
from numpy.typing import NDArray

from geometry.contour import Contour
from geometry.shell import drawn

Array = NDArray[np.float64]


def turned(contour: Contour, *, quarter: bool, seam: float = 0.0) -> int:
    """The volume that a contour encloses with the axis, drawn in the current gmsh session: its tag.

    Parameters
    ----------
    contour : Contour
        Of (radius, z), mm; begins and ends on the axis.
    quarter : bool
        Only where x and y are positive.
    seam : float
        Angle about z where a full turn begins, radians.
    """
    occ = gmsh.model.occ
    start = 0.0 if quarter else seam

    def point(p: Array) -> int:
        return int(occ.addPoint(p[0] * cos(start), p[0] * sin(start), p[1]))

    first, curves, here = drawn(contour, point)
    last = point(contour.points[-1])
    curves += [occ.addLine(here, last), occ.addLine(last, first)]
    face = occ.addPlaneSurface([occ.addCurveLoop(curves)])
    swept = occ.revolve([(2, face)], 0, 0, 0, 0, 0, 1, pi / 2 if quarter else 2 * pi)
    return next(tag for dim, tag in swept if dim == 3)

"""The space that a fluid fills, with its inlet, outlet and wall named."""

from __future__ import annotations

from math import pi

import gmsh

from geometry.ends import name_ends
from geometry.solid import Solid


def lumen_of_revolution(steps: list[tuple[float, float]], quarter: bool) -> Solid:
    """The space inside a wall that is a polygon turned about z, from inlet to outlet.

    Parameters
    ----------
    steps : list of (radius, z), mm
        Corners of the wall along the flow.
    quarter : bool
        Only a quarter, between the planes of symmetry x = 0 and y = 0.

    Returns
    -------
    Solid
        With surfaces "inlet", "outlet", "wall", and landmarks for centre and radius of inlet and outlet.
    """
    occ = gmsh.model.occ
    (_, first), (_, last) = steps[0], steps[-1]
    points = [occ.addPoint(r, 0, z) for r, z in [(0.0, first), *steps, (0.0, last)]]
    lines = [occ.addLine(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)]
    face = occ.addPlaneSurface([occ.addCurveLoop(lines)])
    volume = next(
        tag for dim, tag in occ.revolve([(2, face)], 0, 0, 0, 0, 0, 1, pi / 2 if quarter else 2 * pi) if dim == 3
    )
    solid = Solid.of({"lumen": volume})
    name_ends(solid, steps[0], steps[-1], quarter=quarter)
    solid.name_rest("wall")
    return solid

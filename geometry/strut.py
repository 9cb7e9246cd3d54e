"""Struts: bars of rectangular section along a centre line that is wrapped round a tube."""

from __future__ import annotations

import gmsh
import numpy as np
from numpy.typing import NDArray

from geometry.tube import Tube
from geometry.zigzag import Line

Array = NDArray[np.float64]


def strut(line: Line, place: float, tube: Tube, inset: float, width: float, reach: tuple[float, float]) -> int:
    """A bar along a flat line that is rolled up inside a tube, drawn in the current gmsh session: volume tag.

    Its sections are plane, square to the line, and rectangular: two sides are parallel to the radius at the line, the
    others far enough inwards and outwards to be cut off by the tubes that the strut lies between.

    Parameters
    ----------
    line : Line
        In the plane: x round the tube where its radius is the largest, y along it, mm.
    place : float, mm
        z of y = 0.
    tube : Tube
    inset : float, mm
        Of the surface that the line is wrapped on from the wall of the tube.
    width : float, mm
    reach : (inwards, outwards), mm
        From that surface.
    """
    angle = line.points[:, 0] / (tube.radius - inset)
    z = place + line.points[:, 1]
    radius = tube.at(z) - inset
    nil, one = np.zeros_like(z), np.ones_like(z)
    spoke = np.stack([np.cos(angle), np.sin(angle), nil], axis=1)
    around = np.stack([-np.sin(angle), np.cos(angle), nil], axis=1)
    along = np.stack([nil, nil, one], axis=1)
    # Where the tube is narrower, what goes round it is shorter.
    run = line.tangents * np.stack([radius / (tube.radius - inset), one], axis=1)
    run /= np.linalg.norm(run, axis=1)[:, None]
    across = run[:, :1] * along - run[:, 1:] * around
    axis = z[:, None] * along
    corners = [(-reach[0], -1), (reach[1], -1), (reach[1], 1), (-reach[0], 1)]
    sections = [axis + (radius + depth)[:, None] * spoke + side * width / 2 * across for depth, side in corners]
    return _loft(np.stack(sections, axis=1), ruled=line.straight)


def _loft(sections: Array, *, ruled: bool) -> int:
    """The volume through sections (n, 4, 3), mm: piecewise ruled, or smooth along the line."""
    occ = gmsh.model.occ
    wires = []
    for section in sections:
        points = [occ.addPoint(*x) for x in section]
        wires.append(occ.addWire([occ.addLine(points[k], points[(k + 1) % 4]) for k in range(4)]))
    return next(tag for dim, tag in occ.addThruSections(wires, makeSolid=True, makeRuled=ruled) if dim == 3)

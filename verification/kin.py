"""Parts much alike: a dimension of a problem altered by a tenth or so, whose meshes are then moved to the problem.

Only one that the loads follow: with those of another shape the part might not be in equilibrium, and its meshes be fine
where it is held.
"""

from __future__ import annotations

from typing import Any

from verification import notches, plane, singular, spatial, torsion
from verification.problem import Known

ALTERED: dict[type[Known[Any]], dict[str, Any]] = {
    plane.LameCylinder: {"B": 22.0},
    plane.ThickestCylinder: {"A": 5.6},
    plane.RotatingCylinder: {"A": 11.0, "THICKNESS": 9.0},
    plane.HeatedCylinder: {"B": 22.0},
    plane.CurvedBeam: {"THICKNESS": 6.0},
    plane.Cantilever: {"LENGTH": 45.0},
    plane.Kirsch: {"AXES": (5.7, 5.7)},
    plane.BiaxialHole: {"AXES": (4.4, 4.4)},
    plane.ShearedHole: {"RADIUS": 23.0},
    plane.Inglis2: {"AXES": (6.6, 3.0)},
    plane.Inglis4: {"AXES": (8.0, 2.3)},
    torsion.RoundBar: {"length": 9.0},
    torsion.EllipticBar: {"length": 9.0},
    torsion.HollowEllipticBar: {"length": 7.0},
    torsion.SquareBar: {"length": 9.0},
    torsion.GroovedShaft: {"length": 5.6},
    notches.BentShoulder: {"FILLET": 3.5},
    notches.BentGroove: {"d": 31.0},
    notches.ThickPlate: {"R": 11.5},
    notches.EdgeNotches: {"R": 4.6},
    notches.CookMembrane: {"THICKNESS": 1.2},
    spatial.LameSphere: {"B": 22.0},
    spatial.ThickestSphere: {"A": 5.6},
    spatial.HeatedSphere: {"A": 11.5},
    spatial.RotatingSphere: {"RADIUS": 22.0},
    spatial.Cavity: {"B": 22.0},
    spatial.BondedSphere: {"C": 10.8},
    spatial.CoatedCylinder: {"B": 12.4},
    spatial.ClosedPipe: {"LENGTH": 22.0},
    spatial.BentBar: {"LENGTH": 33.0},
    spatial.EllipticCantilever: {"LENGTH": 33.0},
    spatial.PressedPlate: {"RADIUS": 22.0},
    singular.RoundedNotch: {"RADIUS": 0.3},
    singular.SmallHole: {"R": 0.23},
    singular.Pore: {"R": 1.15},
}


def kin(problem: type[Known[Any]]) -> Known[Any]:
    """A problem much alike; the same where no dimension is altered."""
    altered = ALTERED.get(problem)
    return type(problem.__name__, (problem,), altered)() if altered else problem()

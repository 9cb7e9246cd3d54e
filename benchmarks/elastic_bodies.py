"""Elastic bodies unlike each other, meshed uniformly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import gmsh
import numpy as np
from mpi4py import MPI

from devices.bone_plate import BonePlate
from devices.hip_stem import HipStem
from devices.scaffold import Scaffold
from geometry.curved_mesh import CurvedMesh
from geometry.implicit import ImplicitSolid, generate_implicit
from geometry.mesh import coarse_size, generate
from geometry.solid import Solid
from protocols.hip_iso7206_4 import HipIso7206_4
from protocols.plate_f382 import PlateF382
from solvers.body import Body
from solvers.elasticity import Elasticity, Isotropic
from solvers.loads import Load, Wrench
from solvers.supports import Clamp, Support
from studies.case import BenchCase

STEEL = Isotropic(200e3, 0.3)
CELL_DOFS, FILL = 4.5, 8.5  # unknowns of a tetrahedron; tetrahedra in size^3, of near-regular ones


def hip_stem(dofs: float) -> Elasticity:
    """The usual one under its fatigue test."""
    return _under_test(BenchCase(HipStem(), HipIso7206_4()), dofs)


def nearly_incompressible_stem(dofs: float) -> Elasticity:
    """The same of a material with nu = 0.49."""
    stem = hip_stem(dofs)
    ((label, material),) = stem.materials.items()
    return Elasticity(stem.body, {label: replace(material, poisson_ratio=0.49)}, stem.supports, stem.loads)


def plate_with_holes(dofs: float) -> Elasticity:
    """A bone plate with as many holes as there may be, bent at four points: no support but for rigid motions."""
    return _under_test(BenchCase(BonePlate(hole_count=10, length=140), PlateF382()), dofs)


def thin_ring(dofs: float) -> Elasticity:
    """A ring of 40 mm, 0.5 mm thick and 5 mm wide, clamped on one edge, pulled sideways by the other: all cells are
    curved.
    """
    occ = gmsh.model.occ
    outer, inner = (occ.addCylinder(0, 0, 0, 0, 0, 5, radius) for radius in (20.0, 19.5))
    ((_, ring),) = occ.cut([(3, outer)], [(3, inner)])[0]
    solid = Solid.of({"ring": ring})
    solid.name("root", lambda s: s.normal[2] < -0.9)
    solid.name("edge", lambda s: s.normal[2] > 0.9)
    solid.name_rest("wall")
    return _meshed(solid, dofs, {"ring": STEEL}, [Clamp("root")], [Wrench("edge", (100.0, 0, 0), (0, 0, 5))])


def stiffness_jump(dofs: float) -> Elasticity:
    """A bent bar, steel as far as its middle and a thousand times softer beyond."""
    solid = Solid.of({"bar": gmsh.model.occ.addBox(0, 0, 0, 40, 10, 10)})
    solid.name("root", lambda s: s.normal[0] < -0.9)
    solid.name("end", lambda s: s.normal[0] > 0.9)
    solid.name_rest("side")
    solid.split((20, 0, 0), (1, 0, 0), name="bond", below="stiff", above="soft")
    materials = {"stiff": STEEL, "soft": Isotropic(200.0, 0.3)}
    return _meshed(solid, dofs, materials, [Clamp("root")], [Wrench("end", (0, 0, 10.0), (40, 5, 5))])


def lattice(dofs: float) -> Elasticity:
    """Eight cells of gyroid struts, 30 % dense, sheared."""
    pores = Scaffold(form="strut", cells=2).level()
    solid = ImplicitSolid.within("struts", lambda x: -pores(x), np.zeros(3), np.full(3, 3.0), 2)
    mesh = generate_implicit(solid, max(8, round((dofs / 10) ** (1 / 3))))
    return _problem(mesh, {"struts": STEEL}, [Clamp("low_z")], [Wrench("high_z", (10.0, 0, 0), (1.5, 1.5, 3.0))])


def _under_test(case: BenchCase, dofs: float) -> Elasticity:
    drawing = case.draw(MPI.COMM_SELF)
    assert drawing is not None
    return case.problem(Body.from_mesh(_mesh(drawing.solid, dofs), MPI.COMM_SELF))


def _meshed(
    solid: Solid, dofs: float, materials: dict[str, Isotropic], supports: list[Support], loads: list[Load]
) -> Elasticity:
    return _problem(_mesh(solid, dofs), materials, supports, loads)


def _mesh(solid: Solid, dofs: float) -> CurvedMesh:
    size = (CELL_DOFS * FILL * solid.volume() / dofs) ** (1 / 3)
    return generate(solid, size, refinement=max(1.0, coarse_size(solid) / size))


def _problem(
    mesh: CurvedMesh, materials: dict[str, Isotropic], supports: list[Support], loads: list[Load]
) -> Elasticity:
    return Elasticity(Body.from_mesh(mesh, MPI.COMM_SELF), materials, supports, loads)


BODIES: dict[str, Callable[[float], Elasticity]] = {
    body.__name__: body
    for body in (hip_stem, nearly_incompressible_stem, plate_with_holes, thin_ring, stiffness_jump, lattice)
}

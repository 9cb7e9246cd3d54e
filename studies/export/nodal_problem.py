"""A boundary value problem as forces and supports at nodes, which any other code can be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from numpy.typing import NDArray

from solvers.elasticity import Elasticity, Isotropic
from solvers.forms import form
from solvers.loads import Load
from studies.export.run_mesh import RunMesh

Array = NDArray[np.float64]


@dataclass(frozen=True)
class NodalProblem:
    """Linear elasticity at the nodes of a mesh.

    Attributes
    ----------
    materials : dict of str to Isotropic
        By the label of the volumes made of it.
    densities : dict of str to float, tonne/mm^3
        As far as they are known.
    forces : (n, 3) array, N
        Consistent with the tractions and body forces of the weak form.
    held : (n, 3) bool array
        Components whose displacement is given.
    given : (n, 3) array, mm
        That displacement; 0 elsewhere.
    misfit : float
        Forces that the displacement of the mesh leaves unbalanced where nothing is held, relative to all forces.
    told : list of str
        Supports and loads in words.
    """

    materials: dict[str, Isotropic]
    densities: dict[str, float]
    forces: Array
    held: NDArray[np.bool_]
    given: Array
    misfit: float
    told: list[str]

    @classmethod
    def of(cls, problem: Elasticity, mesh: RunMesh, densities: Mapping[str, float]) -> NodalProblem:
        """The problem at the nodes of a mesh, which are those of its space. On one rank.

        Raises
        ------
        NoMesh
            If the nodes are not the same.
        """
        assert mesh.displacement is not None
        space = problem.space
        nodes = mesh.nodes_at(space.tabulate_dof_coordinates())
        u, given = fem.Function(space), fem.Function(space)
        u.x.array[:] = mesh.displacement[nodes].ravel()
        for support in problem.supports:
            support.displace(problem.body, given)
        load, inner = problem.load_vector(), petsc.assemble_vector(_work_of_stress(problem, u))
        forces, resisting = load.array.copy(), inner.array.copy()
        load.destroy()
        inner.destroy()
        held = np.zeros(len(forces), dtype=bool)
        for condition in problem.conditions(space):
            held[condition.dof_indices()[0]] = True
        wrong_place = np.abs(u.x.array - given.x.array)[held].max(initial=0.0) / np.abs(u.x.array).max()
        unbalanced = np.linalg.norm((resisting - forces)[~held]) / np.linalg.norm(resisting)

        def by_node[T: np.generic](values: NDArray[T]) -> NDArray[T]:
            placed = np.zeros((len(mesh.points), 3), dtype=values.dtype)
            placed[nodes] = values.reshape(-1, 3)
            return placed

        return cls(
            materials=problem.materials,
            densities=dict(densities),
            forces=by_node(forces),
            held=by_node(held),
            given=by_node(np.where(held, given.x.array, 0.0)),
            misfit=float(max(unbalanced, wrong_place)),
            told=_told(problem),
        )


def _work_of_stress(problem: Elasticity, u: fem.Function) -> fem.Form:
    """a(u, v)."""
    return form(problem.bilinear(u, ufl.TestFunction(problem.space)), problem.body.comm)


def _told(problem: Elasticity) -> list[str]:
    lines = [f"support: {_named(support)}" for support in problem.supports]
    return lines + [f"load: {_named(load)}, {_resultant(load, problem)}" for load in problem.loads]


def _named(part: object) -> str:
    surface = getattr(part, "surface", "")
    return type(part).__name__ + (f" on '{surface}'" if surface else "")


def _resultant(load: Load, problem: Elasticity) -> str:
    total = load.resultant(problem.body, np.zeros(3))
    force, moment = ("(" + ", ".join(f"{c:.6g}" for c in vector) + ")" for vector in (total.force, total.moment))
    return f"force {force} N, moment about the origin {moment} N mm"

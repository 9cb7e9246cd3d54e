"""NGSolve on a stored case: python -m benchmarks.ngsolve_peer CASE OUT THREADS METHOD, with the peers' Python.

METHOD is "bddc" (conjugate gradients with that preconditioner) or "direct" (its sparse Cholesky factorisation). The
mesh is built from its corners; the curved edges follow as a quadratic deformation of the mesh (SetDeformation), which
makes the elements isoparametric like everyone else's.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import netgen.meshing as netgen
import ngsolve as ng
import numpy as np
from numpy.typing import NDArray

from benchmarks.answer import Answer
from benchmarks.stored import EDGES, Array, StoredCase, von_mises

TOLERANCE = 1e-8
MOST_ITERATIONS = 2000
MIDDLE = -0.125  # value of NGSolve's quadratic edge function at the middle of its edge
_CORNERS = np.array([(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)])  # of NGSolve's reference tetrahedron
_AT_NODES = {
    ng.ET.TET: ng.IntegrationRule([*map(tuple, _CORNERS), *map(tuple, _CORNERS[EDGES].mean(axis=1))], [0.0] * 10)
}


@dataclass(frozen=True)
class Numbering:
    """How a second-order scalar space of NGSolve is numbered: corners first, then edges with a function of each.

    Attributes
    ----------
    corners : (c,) int array
        Node of the case at each vertex.
    middles : (e,) int array
        Node of the case at the middle of each edge.
    ends : (e, 2) int array
        Vertices at the ends of each edge.
    """

    corners: NDArray[np.int64]
    middles: NDArray[np.int64]
    ends: NDArray[np.int64]

    def coefficients(self, nodal: Array) -> Array:
        """Coefficients of the quadratic function with such values (n,) at the nodes of the case."""
        at_corners = nodal[self.corners]
        return np.concatenate([at_corners, (nodal[self.middles] - at_corners[self.ends].mean(axis=1)) / MIDDLE])

    def nodal(self, coefficients: Array) -> Array:
        """Values (n,) at the nodes of the case."""
        at_corners, at_edges = np.split(coefficients, [len(self.corners)])
        values = np.empty(len(coefficients))
        values[self.corners] = at_corners
        values[self.middles] = at_corners[self.ends].mean(axis=1) + MIDDLE * at_edges
        return values

    def load(self, forces: Array) -> Array:
        """Load vector of nodal forces (n,): the transpose of `nodal`."""
        at_middles = forces[self.middles]
        at_corners = forces[self.corners] + sum(
            np.bincount(end, weights=at_middles / 2, minlength=len(self.corners)) for end in self.ends.T
        )
        return np.concatenate([at_corners, MIDDLE * at_middles])

    def mask(self, nodes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The unknowns that belong to some of the nodes."""
        return np.concatenate([nodes[self.corners], nodes[self.middles]])


def main(folder: Path, out: Path, threads: int, method: str) -> None:
    """Solve and write the answer."""
    ng.SetNumThreads(threads)
    answer = Answer(ng.__version__, threads)
    with ng.TaskManager():
        with answer.timed("read"):
            case = StoredCase.read(folder)
            mesh, numbering = _mesh(case)
            bent = ng.GridFunction(ng.VectorH1(mesh, order=2))
            bent.vec.FV().NumPy()[:] = _bend(case, numbering)
            mesh.SetDeformation(bent)
        with answer.timed("assembly"):
            # With the edges in the wire basket, which is the default, BDDC would factorise all of a quadratic space.
            space = ng.VectorH1(mesh, order=2, wb_withedges=False)
            for dof in np.flatnonzero(np.tile(numbering.mask(case.fixed), 3)):
                space.FreeDofs().Clear(int(dof))
            u, v = space.TnT()
            a = ng.BilinearForm(space, symmetric=True)
            a += ng.InnerProduct(_hooke(ng.Grad(u), case), ng.Grad(v)) * ng.dx
            if method == "bddc":
                preconditioner = ng.Preconditioner(a, "bddc")
                answer.note = "assembly includes the preconditioner, which is built from the element matrices"
            a.Assemble()
        solution = ng.GridFunction(space)
        b = solution.vec.CreateVector()
        b.FV().NumPy()[:] = np.concatenate([numbering.load(component) for component in case.forces.T])
        if method == "bddc":
            answer.tolerance = f"{TOLERANCE:.0e} preconditioned residual"
            with answer.timed("solve"):
                solver = ng.krylovspace.CGSolver(
                    mat=a.mat, pre=preconditioner.mat, tol=TOLERANCE, maxiter=MOST_ITERATIONS, printrates=False
                )
                solution.vec.data = solver * b
            answer.iterations = solver.iterations
        else:
            answer.tolerance = "direct"
            with answer.timed("preconditioner"):
                inverse = a.mat.Inverse(space.FreeDofs(), inverse="sparsecholesky")
            with answer.timed("solve"):
                solution.vec.data = inverse * b
        answer.residual = _residual(a, b, solution)
        u = np.stack([numbering.nodal(part) for part in np.split(solution.vec.FV().NumPy(), 3)], axis=1)
        with answer.timed("stress"):
            stress = _hooke(ng.Grad(solution), case)
            six = ng.CF(tuple(stress[i, j] for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2))))
            nodal = _averaged(six(mesh.MapToAllElements(_AT_NODES, ng.VOL)), case)
            answer.peak_stress = float(von_mises(nodal)[case.zone].max())
    answer.write(out, u)


def _hooke(gradient: ng.CoefficientFunction, case: StoredCase) -> ng.CoefficientFunction:
    """Stress of a displacement gradient."""
    lam, mu = case.facts.lame
    strain = ng.Sym(gradient)
    return lam * ng.Trace(strain) * ng.Id(3) + 2 * mu * strain


def _averaged(values: Array, case: StoredCase) -> Array:
    """Averages (n, 6) over the elements that meet at a node, of values at the nodes of every element."""
    nodes = case.cells.ravel()
    sums = [np.bincount(nodes, weights=component) for component in np.asarray(values).reshape(-1, 6).T]
    return np.stack(sums, axis=1) / np.bincount(nodes)[:, None]


def _mesh(case: StoredCase) -> tuple[ng.Mesh, Numbering]:
    """The mesh of the corners, and how the nodes are numbered in it."""
    is_corner = np.zeros(len(case.points), dtype=bool)
    is_corner[case.cells[:, :4]] = True
    corners = np.flatnonzero(is_corner)
    vertex = np.cumsum(is_corner) - 1
    plain = netgen.Mesh(3)
    plain.AddPoints(np.ascontiguousarray(case.points[corners]))
    plain.Add(netgen.FaceDescriptor(surfnr=1, domin=1, bc=1))
    plain.AddElements(dim=3, index=1, data=np.ascontiguousarray(vertex[case.cells[:, :4]], dtype=np.int32), base=0)
    mesh = ng.Mesh(plain)
    ends = np.array([[v.nr for v in edge.vertices] for edge in mesh.edges])
    # An edge is known by its two ends, in ascending order.
    known = np.sort(vertex[case.cells[:, EDGES]], axis=2) @ np.array([len(corners), 1])
    keys, first = np.unique(known, return_index=True)
    wanted = np.sort(ends, axis=1) @ np.array([len(corners), 1])
    middles = case.cells[:, 4:].ravel()[first[np.searchsorted(keys, wanted)]]
    return mesh, Numbering(corners, middles, ends)


def _bend(case: StoredCase, numbering: Numbering) -> Array:
    """Coefficients of the deformation that carries the middles of the straight edges to their nodes."""
    coefficients = np.stack([numbering.coefficients(x) for x in case.points.T])
    coefficients[:, : len(numbering.corners)] = 0.0
    return coefficients.ravel()


def _residual(a: ng.BilinearForm, b: ng.BaseVector, solution: ng.GridFunction) -> float:
    """|b - A x| / |b| over the free unknowns."""
    rest = b.CreateVector()
    rest.data = b - a.mat * solution.vec
    free = np.array(list(solution.space.FreeDofs()), dtype=bool)
    return float(np.linalg.norm(rest.FV().NumPy()[free]) / np.linalg.norm(b.FV().NumPy()[free]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])

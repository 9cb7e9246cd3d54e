"""scikit-fem with pyamg on a stored case: python -m benchmarks.scikit_fem_peer CASE OUT, with the peers' Python.

Conjugate gradients, preconditioned by smoothed aggregation of the P2 matrix in 3x3 blocks with the six rigid-body
motions, smoothed by symmetric block Gauss-Seidel. One thread: neither package has more.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyamg
import skfem
from scipy.sparse import csr_matrix
from skfem.models.elasticity import linear_elasticity

from benchmarks.answer import Answer
from benchmarks.stored import EDGES, Array, StoredCase, von_mises

TOLERANCE = 1e-8
_CORNERS = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)])
_NODES = np.concatenate([_CORNERS, _CORNERS[EDGES].mean(axis=1)]).T  # of the reference tetrahedron


def main(folder: Path, out: Path) -> None:
    """Solve and write the answer."""
    answer = Answer(f"{skfem.__version__} (pyamg {pyamg.__version__})", 1, tolerance=f"{TOLERANCE:.0e} |b - A x| / |b|")
    with answer.timed("read"):
        case = StoredCase.read(folder)
        mesh = skfem.MeshTet2(case.points.T, case.cells.T)
    with answer.timed("assembly"):
        basis = skfem.Basis(mesh, skfem.ElementVector(skfem.ElementTetP2()), intorder=2)
        matrix = linear_elasticity(*case.facts.lame).assemble(basis).tocsr()
        # Basis functions of a node follow each other, so a node's three components make one block.
        dof = np.empty((len(case.points), 3), dtype=np.int64)
        dof[case.cells.ravel()] = basis.element_dofs.T.reshape(-1, 3)
        free = dof[~case.fixed].ravel()
        free_matrix = csr_matrix(matrix[free][:, free])
        b = case.forces[~case.fixed].ravel()
    with answer.timed("preconditioner"):
        blocks = free_matrix.tobsr(blocksize=(3, 3))
        smoother = ("block_gauss_seidel", {"sweep": "symmetric"})
        hierarchy = pyamg.smoothed_aggregation_solver(
            blocks, B=_rigid_modes(case.points[~case.fixed]), presmoother=smoother, postsmoother=smoother
        )
    history: list[float] = []
    with answer.timed("solve"):
        x = hierarchy.solve(b, tol=TOLERANCE, accel="cg", maxiter=500, residuals=history)
    answer.iterations = len(history) - 1
    answer.residual = float(np.linalg.norm(b - free_matrix @ x) / np.linalg.norm(b))
    u = np.zeros_like(case.points)
    u[~case.fixed] = x.reshape(-1, 3)
    with answer.timed("stress"):
        answer.peak_stress = float(von_mises(_nodal_stress(mesh, case, u))[case.zone].max())
    answer.write(out, u)


def _rigid_modes(points: Array) -> Array:
    """Translations and rotations (3 n, 6)."""
    x, y, z = (points - points.mean(axis=0)).T
    o, i = np.zeros_like(x), np.ones_like(x)
    columns = ((i, o, o), (o, i, o), (o, o, i), (o, -z, y), (z, o, -x), (-y, x, o))
    return np.stack([np.stack(column, axis=1).ravel() for column in columns], axis=1)


def _nodal_stress(mesh: skfem.MeshTet2, case: StoredCase, u: Array) -> Array:
    """Stress (n, 6) of the elements at their nodes, averaged where they meet."""
    at_nodes = (_NODES, np.ones(10))
    basis = skfem.Basis(mesh, skfem.ElementTetP2(), quadrature=at_nodes)
    nodes = np.empty(len(case.points), dtype=np.int64)
    nodes[case.cells.ravel()] = basis.element_dofs.T.ravel()
    gradient = []
    for component in u.T:
        values = np.empty(len(component))
        values[nodes] = component
        gradient.append(basis.interpolate(values).grad)
    lam, mu = case.facts.lame
    trace = lam * (gradient[0][0] + gradient[1][1] + gradient[2][2])
    count = np.bincount(case.cells.ravel())
    six = []
    for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2)):
        stress = mu * (gradient[i][j] + gradient[j][i]) + (trace if i == j else 0.0)
        six.append(np.bincount(case.cells.ravel(), weights=stress.ravel()) / count)
    return np.stack(six, axis=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""The body that is benched: a hip stem held below a level, loaded on its taper, meshed uniformly at a given size.

python -m benchmarks.cases FOLDER DOFS [DOFS ...] makes one folder for each size, named after it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from mpi4py import MPI

from benchmarks.stored import FACTS, MESH, OTHER_ORDER, Facts, StoredCase, folder_of
from devices.hip_stem import HipStem
from geometry.curved_mesh import CurvedMesh
from geometry.mesh import coarse_size, generate
from geometry.mesh_file import write_mesh
from geometry.solid import cad
from protocols.hip_iso7206_4 import HipIso7206_4
from protocols.result import Specimen
from solvers.body import Body
from solvers.elasticity import Elasticity
from solvers.supports import Clamp

DOFS_TO_CELLS = 4.5  # of quadratic tetrahedra, for the first guess of the size


def main(root: Path, targets: list[float]) -> None:
    """Mesh, assemble the nodal forces and store, for every size that is not there yet."""
    with cad():
        device, protocol = HipStem(), HipIso7206_4()
        solid = device.build()
        solid.name_rest("surface")
        specimen = Specimen.of(solid, device.cards())
        coarse = coarse_size(solid)
        protocol.prepare(solid, coarse)  # cuts the solid; its boxes are left out: the mesh is to be uniform
        # 8.5 = cells times h^3 over volume, of a mesh of near-regular tetrahedra
        constant = DOFS_TO_CELLS * 8.5 * solid.volume()
        for target in sorted(targets):
            folder = folder_of(root, target)
            if (folder / FACTS).exists():
                continue
            folder.mkdir(parents=True, exist_ok=True)
            for _ in range(2):  # the first mesh corrects the guess
                size = (constant / target) ** (1 / 3)
                start = time.perf_counter()
                mesh = generate(solid, size, refinement=max(1.0, coarse / size))
                seconds = time.perf_counter() - start
                dofs = 3 * len(mesh.points)
                constant *= dofs / target
                if abs(dofs / target - 1) < 0.1:
                    break
            write_mesh(mesh, folder / MESH)
            _store(folder, mesh, specimen, protocol, seconds)


def _store(folder: Path, mesh: CurvedMesh, specimen: Specimen, protocol: HipIso7206_4, meshing: float) -> None:
    points, cells = mesh.points, mesh.cells[:, OTHER_ORDER]

    def on(label: str) -> np.ndarray:
        tags = [tag for tag, name in mesh.surfaces.items() if label in name.split("+")]
        found = np.zeros(len(points), dtype=bool)
        found[mesh.triangles[np.isin(mesh.marks, tags)]] = True
        return found

    (wrench,), (clamp,) = protocol.loads(specimen), protocol.supports(specimen)
    assert isinstance(clamp, Clamp)
    ((volume, material),) = specimen.elastic().items()
    level, _ = protocol.levels(specimen)
    problem = protocol.problem(Body.from_mesh(mesh, MPI.COMM_SELF), specimen)
    facts = Facts(
        young_modulus=material.young_modulus,
        poisson_ratio=material.poisson_ratio,
        force=wrench.force,
        about=wrench.about,
        held=clamp.surface,
        loaded=wrench.surface,
        volume=volume,
        level=level,
        meshing=meshing,
    )
    zone = (points[:, 2] >= level - 1e-6) & ~on(wrench.surface)
    StoredCase(points, cells, _nodal_forces(problem, points), on(clamp.surface), zone, facts).write(folder)


def _nodal_forces(problem: Elasticity, points: np.ndarray) -> np.ndarray:
    """The load vector by the nodes of the mesh file."""
    forces = np.zeros_like(points)
    forces[file_nodes(problem)] = problem.load_vector().array.reshape(-1, 3)
    place = np.zeros_like(points)
    place[file_nodes(problem)] = problem.space.tabulate_dof_coordinates()
    assert np.allclose(place, points, atol=1e-9), "the nodes of the space are not those of the mesh file"
    return forces


def file_nodes(problem: Elasticity) -> np.ndarray:
    """For each node of the space on this rank the node of the mesh file."""
    mesh, dofmap = problem.body.mesh, problem.space.dofmap
    nodes = np.empty(dofmap.index_map.size_local + dofmap.index_map.num_ghosts, dtype=np.int64)
    # Geometry and displacement have the same element, so the nodes of a cell come in the same order.
    nodes[dofmap.list.ravel()] = mesh.geometry.input_global_indices[mesh.geometry.dofmaps[0].ravel()]
    return nodes


if __name__ == "__main__":
    main(Path(sys.argv[1]), [float(word) for word in sys.argv[2:]])

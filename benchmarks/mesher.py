"""Seconds of a mesh and its transfer: python -m benchmarks.mesher OUT DEVICE CELLS REPEATS, alone or under mpiexec."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from mpi4py import MPI

from devices.catalogue import DEVICES
from geometry.curved_mesh import CurvedMesh
from geometry.mesh import coarse_size, generate
from geometry.second_order import second_order
from geometry.solid import cad
from solvers.body import Body
from studies.collective import on_root


def main(out: Path, device: str, wanted: float, repeats: int) -> None:
    """Mesh ``device`` uniformly with about ``wanted`` tetrahedra, and distribute the mesh, ``repeats`` times.

    Seconds are those of rank 0's processor; of the transfer those of the clock too.
    """
    comm = MPI.COMM_WORLD
    runs: list[dict[str, float]] = []
    mesh: CurvedMesh | None = None
    with cad() if comm.rank == 0 else nullcontext():
        timed = _meshes(device, wanted) if comm.rank == 0 else None

        def make() -> dict[str, float]:
            nonlocal mesh
            assert timed is not None
            mesh, seconds = next(timed)
            return seconds

        for _ in range(repeats):
            run = on_root(comm, make)
            comm.Barrier()
            start, wall = time.process_time(), time.perf_counter()
            body = Body.from_mesh(mesh, comm)
            run |= {"transfer": time.process_time() - start, "transfer_wall": time.perf_counter() - wall}
            runs.append(run | {"cells": body.cell_count, "nodes": body.mesh.geometry.index_map().size_global})
    if comm.rank == 0:
        out.write_text(json.dumps(runs))


def _meshes(device: str, wanted: float) -> Iterator[tuple[CurvedMesh, dict[str, float]]]:
    """The same mesh over and over, with the seconds of the whole and of curving it alone."""
    solid = DEVICES.find(device).cls().build()
    solid.name_rest("surface")
    coarse = coarse_size(solid)
    size = (6.0 * solid.volume() / wanted) ** (1 / 3)  # a guess, corrected by a first mesh
    size *= (generate(solid, size, refinement=max(1.0, coarse / size)).quality.cells / wanted) ** (1 / 3)
    while True:
        start = time.process_time()
        mesh = generate(solid, size, refinement=max(1.0, coarse / size))
        meshed = time.process_time()
        second_order()  # again, from the linear mesh that gmsh still holds
        yield mesh, {"mesh": meshed - start, "curving": time.process_time() - meshed}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))

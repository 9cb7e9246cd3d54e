"""A hip stem from drawing to picture on one uniform mesh: python -m benchmarks.whole_job OUT TETRAHEDRA BEGUN.

Alone or under mpiexec. Seconds of the clock, by stage; BEGUN is when the command was given (time.time()), so that the
start of the program counts too. Rank 0 draws and meshes; the last rank loads what pictures need meanwhile, and draws.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from mpi4py import MPI

from devices.catalogue import DEVICES
from geometry.curved_mesh import CurvedMesh
from geometry.mesh import coarse_size, generate
from geometry.solid import cad
from protocols.catalogue import PROTOCOLS
from solvers import systems
from solvers.body import Body
from solvers.export import gather
from studies.case import BenchCase
from studies.collective import on_root, wait_for_all
from studies.heap import keep_freed_memory

DEVICE, PROTOCOL = "hip_stem", "hip_iso7206_4"
TOLERANCE = 1e-8  # of the true residual
TOWARDS, UP = (1.0, -2.2, 0.6), (0.0, 0.0, 1.0)


def main(out: Path, wanted: float, begun: float) -> None:
    """Do it, and write the seconds of each stage, and unknowns, iterations and residual."""
    comm = MPI.COMM_WORLD
    keep_freed_memory()
    seconds: dict[str, float] = {}
    last = begun

    def done(stage: str) -> None:
        nonlocal last
        wait_for_all(comm)
        seconds[stage], last = time.time() - last, time.time()

    case = BenchCase(DEVICES.find(DEVICE).cls(), PROTOCOLS.find(PROTOCOL).cls())
    systems.TOLERANCE = TOLERANCE
    with cad() if comm.rank == 0 else nullcontext(), tempfile.TemporaryDirectory() as folder:
        done("start")
        drawing = case.draw(comm)
        done("draw")
        if comm.rank and comm.rank == comm.size - 1:
            _load()
        mesh: CurvedMesh | None = None

        def make() -> None:
            nonlocal mesh
            assert drawing is not None
            size = (6 * drawing.solid.volume() / wanted) ** (1 / 3)
            mesh = generate(drawing.solid, size, refinement=max(1.0, coarse_size(drawing.solid) / size))

        on_root(comm, make)
        done("mesh")
        body = Body.from_mesh(mesh, comm)
        done("transfer")
        solution = case.problem(body).solve()
        done("solve")
        observed = case.observe(solution)
        done("measure")
        fields = gather(solution, case.fields(solution, observed))
        where = Path(comm.bcast(folder))
        if fields is not None:
            fields.write(where / "fields.vtu", where / "surface.vtu")
        done("write")
        if comm.rank == comm.size - 1:
            _draw(where, out.with_suffix(".png"))
        done("picture")
    if comm.rank == 0:
        info = solution.info
        told = {"dofs": solution.unknowns, "iterations": info.iterations, "residual": info.residual}
        out.write_text(json.dumps({"seconds": seconds} | told))


def _load() -> None:
    """What pictures need."""
    from reports import graphics

    graphics.choose()
    import reports.fields
    import reports.sheet
    import reports.stage  # noqa: F401


def _draw(folder: Path, picture: Path) -> None:
    """The von Mises stress on the surface."""
    _load()
    import numpy as np

    from reports.fields import Fields
    from reports.sheet import Sheet
    from reports.stage import Stage
    from reports.view import View

    fields = Fields.read(folder)
    view = View.of(np.asarray(fields.surface.points), np.array(TOWARDS), np.array(UP))
    top = float(np.asarray(fields.surface["von_mises"]).max())
    stage = Stage(view)
    stage.field(fields.shaded, "von_mises", top)
    stage.lines(fields.edges)
    stage.silhouette(fields.surface)
    sheet = Sheet(stage.shoot(), view)
    sheet.title("von Mises stress on the surface", "Hip stem, one uniform mesh")
    sheet.colour_bar("von Mises stress", "MPa", top, "neither", None)
    sheet.save(picture)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))

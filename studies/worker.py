"""The process that computes a run: `python -m studies.worker JOB FOLDER`, alone or under mpiexec.

It writes the run folder's record, solid, mesh and fields, and tells its progress as JSON lines in
FOLDER/progress.jsonl.
"""

from __future__ import annotations

import faulthandler
import json
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mpi4py import MPI

from devices.parameters import InputError
from geometry.errors import GeometryError
from geometry.mesh import write_mesh
from geometry.solid import Solid
from materials import MaterialError
from solvers.errors import SolverError
from solvers.export import gather
from studies.budget import peak_memory
from studies.cases import case_of
from studies.collective import on_root
from studies.job import Job
from studies.ladder import Progress, climb
from studies.supervise import die_with_parent
from studies.tables import write_tables
from studies.write_record import Sources, record_of

PROGRESS = "progress.jsonl"
WRONG_INPUT, FAILED = 2, 1


def main(job_file: Path, folder: Path) -> None:
    """Do the job; exit with 2 if its input makes no run, with 1 on any other failure."""
    die_with_parent()
    faulthandler.enable()
    comm = MPI.COMM_WORLD
    with (folder / PROGRESS).open("a", buffering=1) as events:

        def progress(stage: str, facts: dict[str, Any]) -> None:
            if comm.rank == 0:
                events.write(json.dumps({"stage": stage, "time": time.time(), **facts}) + "\n")

        try:
            _compute(job_file, folder, comm, progress)
        except Exception as error:
            traceback.print_exc()
            status = WRONG_INPUT if isinstance(error, InputError | GeometryError) else FAILED
            # Every rank may come here, or one alone: whoever does says so.
            events.write(json.dumps({"stage": "failed", "status": status, "message": _message(error)}) + "\n")
            events.flush()
            sys.stdout.flush()
            comm.Abort(status)


def _compute(job_file: Path, folder: Path, comm: MPI.Comm, progress: Progress) -> None:
    started = datetime.now(UTC)
    job = Job.read(job_file)

    def export(solid: Solid) -> None:
        solid.write(folder)

    case = case_of(job.specimen, job.test, export)
    with climb(case, job.accuracy, comm, progress, job.budget) as ladder:
        progress("write", {})
        with ladder.timed("write"):
            fields = gather(ladder.solution, case.fields(ladder.solution, ladder.observed))

            def write() -> None:
                assert fields is not None
                write_mesh(folder / "mesh.msh")
                fields.write(folder / "fields.vtu", folder / "surface.vtu")
                write_tables(folder / "tables", ladder.observed.tables)

            on_root(comm, write)
        memory = peak_memory(comm)
        body = ladder.solution.body
        if comm.rank == 0:
            sources = Sources(job, started, comm.size, memory, dict(body.volumes), dict(body.surfaces))
            record_of(ladder, case, sources).write(folder)
    progress("done", {})


def _message(error: Exception) -> str:
    """Our own errors speak for themselves; of others one must know the kind."""
    if isinstance(error, InputError | GeometryError | MaterialError | SolverError):
        return str(error)
    if isinstance(error, OSError):
        return f"the run cannot be written: {error.strerror or error}"
    return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

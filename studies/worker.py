"""The process that computes a run: `python -m studies.worker JOB FOLDER`, alone or under mpiexec.

It writes the run folder's record, solid, mesh and fields, and tells its progress as JSON lines in
FOLDER/progress.jsonl.
"""

from __future__ import annotations

import faulthandler
import gc
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
from geometry.mesh_file import write_mesh
from geometry.solid import Solid
from materials import MaterialError
from protocols.formula import Formula
from solvers.errors import SolverError
from solvers.export import gather
from studies.budget import peak_memory
from studies.cases import case_of
from studies.collective import on_root
from studies.heap import keep_freed_memory
from studies.job import MESHES, Job, Start
from studies.ladder import Progress, climb
from studies.served import SERVE, die_with_parent, serve
from studies.shown import Shown, read_shown, write_shown
from studies.supervise import WRONG_INPUT
from studies.tables import write_tables
from studies.write_record import Sources, formula_record, record_of

PROGRESS = "progress.jsonl"
FAILED = 1


def main(job_file: Path, folder: Path) -> None:
    """Do the job; exit with 2 if its input makes no run, with 1 on any other failure."""
    die_with_parent()
    faulthandler.enable()
    status = attempt(job_file, folder)
    if status != 0:
        sys.stdout.flush()
        MPI.COMM_WORLD.Abort(status)


def attempt(job_file: Path, folder: Path) -> int:
    """Do the job; exit status 0 done, 2 its input makes no run, 1 any other failure."""
    comm = MPI.COMM_WORLD
    keep_freed_memory()
    with (folder / PROGRESS).open("a", buffering=1) as events:

        def progress(stage: str, facts: dict[str, Any]) -> None:
            if comm.rank == 0:
                events.write(json.dumps({"stage": stage, "time": time.time(), **facts}) + "\n")

        try:
            _compute(job_file, folder, comm, progress)
            return 0
        except Exception as error:
            traceback.print_exc()
            status = WRONG_INPUT if isinstance(error, InputError | GeometryError) else FAILED
            # Every rank may come here, or one alone: whoever does says so.
            told = {"stage": "failed", "status": status, "message": _message(error), **_kind(error)}
            try:
                events.write(json.dumps(told) + "\n")
            except OSError:  # a full disk takes no message either
                traceback.print_exc()
            return status


def _compute(job_file: Path, folder: Path, comm: MPI.Comm, progress: Progress) -> None:
    started = datetime.now(UTC)
    job = Job.read(job_file)
    if isinstance(job.test, Formula):
        if comm.rank == 0:
            begun = time.perf_counter()
            measured = job.test.evaluate(job.specimen)
            seconds = time.perf_counter() - begun
            formula_record(measured, seconds, Sources(job, started, comm.size, peak_memory(MPI.COMM_SELF))).write(
                folder
            )
        return

    def export(solid: Solid) -> None:
        solid.write(folder)

    case = case_of(job.specimen, job.test, export)
    known = _known(job.start, comm) if job.start else []
    with climb(case, job.accuracy, comm, progress, job.budget, known) as ladder:
        # What was broken off depends on the machine, and so would all that begins with it.
        first = ladder.shown() if job.leads and ladder.exhausted not in ("memory", "time") else []
        progress("write", {})
        with ladder.timed("write"):
            fields = gather(ladder.solution, case.fields(ladder.solution, ladder.observed))

            def write() -> None:
                assert fields is not None and ladder.mesh is not None
                if first:
                    write_shown(first, folder / MESHES)
                write_mesh(ladder.mesh, folder / "mesh.msh")
                fields.write(folder / "fields.vtu", folder / "surface.vtu")
                write_tables(folder / "tables", ladder.observed.tables)

            on_root(comm, write)
        memory = peak_memory(comm)
        body = ladder.solution.body
        if comm.rank == 0:
            sources = Sources(job, started, comm.size, memory, dict(body.volumes), dict(body.surfaces))
            record_of(ladder, case, sources).write(folder)
    progress("done", {})


def _known(start: Start, comm: MPI.Comm) -> list[Shown]:
    """What another run has shown; nothing may go by its name that does not begin with it. Collective."""
    found = list[Shown]()

    def read() -> list[tuple[int, float]]:
        try:
            found.extend(read_shown(Path(start.file)))
        except (OSError, ValueError) as error:
            raise SolverError(
                f"{start.file} cannot be read ({error}): remove the folder of that run and start the study again with "
                "--retry"
            ) from error
        return [(shown.cells, shown.scale) for shown in found]

    facts = on_root(comm, read)
    return found or [Shown(cells, scale, None) for cells, scale in facts]


def _message(error: Exception) -> str:
    """Our own errors speak for themselves; of others one must know the kind."""
    if isinstance(error, InputError | GeometryError | MaterialError | SolverError):
        return str(error)
    if isinstance(error, OSError):
        return f"the run cannot be written: {error.strerror or error}"
    return f"{type(error).__name__}: {error}"


def _kind(error: Exception) -> dict[str, Any]:
    """What a watcher wants to know besides the message."""
    if isinstance(error, MemoryError):
        return {"trouble": "memory"}
    return {"errno": error.errno} if isinstance(error, OSError) and error.errno else {}


def _serve(request: dict[str, Any]) -> int:
    status = attempt(Path(request["job"]), Path(request["folder"]))
    gc.collect()
    if status == FAILED:
        # Nobody knows what a failure has left behind in native libraries; wrong input is told before they are used, or
        # by the CAD kernel, whose session is closed then.
        sys.exit(status)
    return status


if __name__ == "__main__":
    if sys.argv[1:] == [SERVE]:
        faulthandler.enable()
        serve(_serve)
    else:
        main(Path(sys.argv[1]), Path(sys.argv[2]))

"""The boundary value problem of a finished run, made again from its record and its mesh."""

from __future__ import annotations

from pathlib import Path

from mpi4py import MPI

from devices.parameters import InputError
from geometry.errors import GeometryError
from geometry.mesh_file import read_mesh
from geometry.solid import cad
from materials import MaterialError
from solvers.body import Body
from solvers.errors import SolverError
from studies.case import BenchCase
from studies.cases import case_of
from studies.export.nodal_problem import NodalProblem
from studies.export.run_mesh import NoMesh, RunMesh
from studies.job import Job
from studies.record import RunRecord

TOLERANCE = 1e-6  # of the forces; a run itself leaves up to 1e-8 (solvers.checks.RESIDUAL)


class CannotRebuild(Exception):
    """The problem of a run cannot be made again, or not as it was solved."""


def rebuild(folder: Path, record: RunRecord, mesh: RunMesh, device: str, protocol: str) -> NodalProblem:
    """Draw the device, put it under its test, and take the mesh of the run.

    Parameters
    ----------
    folder : Path
        Of the run.
    record : RunRecord
    mesh : RunMesh
        Its mesh, with the displacement that must be in equilibrium with what is rebuilt.
    device, protocol : str
        Name of a built-in one, or path of the user's file.

    Raises
    ------
    CannotRebuild
        With the reason.
    """
    try:
        job = Job.make(device, protocol, _settings(record), record.accuracy)
        case = case_of(job.specimen, job.test, lambda solid: None)
        assert isinstance(case, BenchCase)
        with cad():
            case.draw(MPI.COMM_SELF)
            body = Body.from_mesh(read_mesh(folder / "mesh.msh"), MPI.COMM_SELF)
        problem = case.problem(body)
        densities = {label: card.value("density") for label, card in case.specimen.materials.items()}
        if problem.free_strain is not None:
            raise CannotRebuild("its thermal strain is no force at nodes")
        nodal = NodalProblem.of(problem, mesh, densities)
    except (InputError, GeometryError, MaterialError, SolverError, NoMesh) as error:
        raise CannotRebuild(str(error)) from error
    if not nodal.misfit <= TOLERANCE:
        raise CannotRebuild(
            f"the displacement of the run leaves {nodal.misfit:.1e} of the forces unbalanced: the code, a device file "
            f"or a material file is another one now; the run was made by version {record.provenance.version}, commit "
            f"{record.provenance.git}"
        )
    return nodal


def _settings(record: RunRecord) -> dict[str, float | int | str | bool]:
    return {name: p.value for name, p in (record.parameters | record.protocol_parameters).items()}

"""OpenFOAM's steady laminar solver on the flow cases: how a case is written and read."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from math import pi
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.foam_meshes import Blocks, cylinder_in_channel, quarter_nozzle

PROGRAM = "simpleFoam"
MOST_ITERATIONS = 4000
INFLOW = "inlet { }"  # known once there is a mesh
RESIDUAL = 1e-6  # initial residual of velocity and pressure at which it has converged

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FoamCase:
    """One flow case for OpenFOAM, in m and s.

    Attributes
    ----------
    mesh : callable
        Block mesh by its fineness.
    viscosity : float, m^2/s
    speed : callable
        Of what enters, m/s, at points (n, 3) of the inlet.
    axis, flow_rate : int, m^3/s
        Along which it enters, and how much.
    function : str
        Function object that gives the quantity.
    read : callable
        The quantity, from the last line of its file.
    """

    mesh: Callable[[int], Blocks]
    viscosity: float
    speed: Callable[[Array], Array]
    axis: int
    flow_rate: float
    function: str
    read: Callable[[Path], float]
    symmetries: tuple[str, ...]
    walls: tuple[str, ...]


def environment() -> dict[str, str]:
    """What Debian's package does not set: where the settings are."""
    return {} if "WM_PROJECT_DIR" in os.environ else {"WM_PROJECT_DIR": "/usr/share/openfoam"}


def missing() -> str:
    """What is not installed; empty if all is there."""
    return "" if shutil.which(PROGRAM) and shutil.which("blockMesh") else "simpleFoam, blockMesh (OpenFOAM)"


def _channel(x: Array) -> Array:
    y, z, height = x[:, 1], x[:, 2], 0.41
    return 16 * 0.45 * y * z * (height - y) * (height - z) / height**4


def _tube(x: Array) -> Array:
    r = 0.006
    return 2 * 5.206e-6 / (pi * r**2) * (1 - (x[:, 0] ** 2 + x[:, 1] ** 2) / r**2)


def _last(path: Path) -> list[float]:
    rows = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return [float(word) for word in rows[-1].split()]


def _drop(folder: Path) -> float:
    """Pressure drop, Pa, of blood with 1056 kg/m^3."""
    inlet, outlet = (_last(next(folder.glob(f"postProcessing/{n}/0/*.dat")))[1] for n in ("pIn", "pOut"))
    return 1056.0 * (inlet - outlet)


CASES = {
    "cylinder": FoamCase(
        cylinder_in_channel,
        1e-3,
        _channel,
        0,
        0.2 * 0.41 * 0.205,
        "forces { type forceCoeffs; libs (forces); patches (cylinder); rho rhoInf; rhoInf 1; magUInf 0.2; "
        "lRef 0.1; Aref 0.0205; dragDir (1 0 0); liftDir (0 1 0); CofR (0.5 0.2 0); pitchAxis (0 0 1); "
        "writeControl timeStep; writeInterval 1; }",
        lambda folder: _last(next(folder.glob("postProcessing/forces/0/*.dat")))[1],
        ("symmetry",),
        ("wall", "cylinder"),
    ),
    "nozzle": FoamCase(
        quarter_nozzle,
        3.5e-3 / 1056.0,
        _tube,
        2,
        5.206e-6 / 4,
        "\n".join(
            f"{name} {{ type surfaceFieldValue; libs (fieldFunctionObjects); regionType patch; name {patch}; "
            "operation areaAverage; fields (p); writeFields false; writeControl timeStep; writeInterval 1; }"
            for name, patch in (("pIn", "inlet"), ("pOut", "outlet"))
        ),
        _drop,
        ("symmetry_x", "symmetry_y"),
        ("wall",),
    ),
}


def write(case: FoamCase, fineness: int, folder: Path) -> None:
    """Write the case: second-order central differences, SIMPLEC, algebraic multigrid for the pressure."""
    for name in ("0", "system", "constant"):
        (folder / name).mkdir(parents=True)
    (folder / "system/blockMeshDict").write_text(case.mesh(fineness).text())
    still = " ".join(f"{w} {{ type noSlip; }}" for w in case.walls)
    mirror = " ".join(f"{s} {{ type symmetryPlane; }}" for s in case.symmetries)
    level = " ".join(f"{w} {{ type zeroGradient; }}" for w in (*case.walls, "inlet"))
    _file(
        folder,
        "0/U",
        "volVectorField",
        "dimensions [0 1 -1 0 0 0 0]; internalField uniform (0 0 0); "
        f"boundaryField {{ {INFLOW} outlet {{ type zeroGradient; }} {still} {mirror} }}",
    )
    _file(
        folder,
        "0/p",
        "volScalarField",
        "dimensions [0 2 -2 0 0 0 0]; internalField uniform 0; "
        f"boundaryField {{ outlet {{ type fixedValue; value uniform 0; }} {level} {mirror} }}",
    )
    _file(
        folder,
        "constant/transportProperties",
        "dictionary",
        f"transportModel Newtonian; nu [0 2 -1 0 0 0 0] {case.viscosity:.9g};",
    )
    _file(folder, "constant/turbulenceProperties", "dictionary", "simulationType laminar;")
    _file(
        folder,
        "system/controlDict",
        "dictionary",
        f"application {PROGRAM}; startFrom startTime; startTime 0; stopAt endTime; endTime {MOST_ITERATIONS}; "
        f"deltaT 1; writeControl timeStep; writeInterval {MOST_ITERATIONS}; functions {{ {case.function} }}",
    )
    _file(
        folder,
        "system/fvSchemes",
        "dictionary",
        "ddtSchemes { default steadyState; } gradSchemes { default Gauss linear; } divSchemes { default none; "
        "div(phi,U) bounded Gauss linear; div((nuEff*dev2(T(grad(U))))) Gauss linear; } "
        "laplacianSchemes { default Gauss linear corrected; } interpolationSchemes { default linear; } "
        "snGradSchemes { default corrected; }",
    )
    _file(
        folder,
        "system/fvSolution",
        "dictionary",
        "solvers { p { solver GAMG; smoother GaussSeidel; tolerance 1e-10; relTol 0.05; } "
        "U { solver smoothSolver; smoother symGaussSeidel; tolerance 1e-10; relTol 0.05; } } "
        f"SIMPLE {{ nNonOrthogonalCorrectors 0; consistent yes; residualControl {{ p {RESIDUAL}; U {RESIDUAL}; }} }} "
        "relaxationFactors { equations { U 0.9; } }",
    )


def _file(folder: Path, name: str, kind: str, body: str) -> None:
    head = f"FoamFile {{ version 2.0; format ascii; class {kind}; object {Path(name).name}; }}\n"
    (folder / name).write_text(head + body + "\n")


def meshing(folder: Path) -> list[str]:
    return ["bash", "-c", f"cd '{folder}' && blockMesh > mesh.log"]


def solving(folder: Path) -> list[str]:
    return ["bash", "-c", f"cd '{folder}' && {PROGRAM} > solve.log"]


def let_in(case: FoamCase, folder: Path) -> None:
    """Write the inflow at the middles of the inlet's faces of the mesh, scaled so that the flow rate is exact."""
    mesh = folder / "constant/polyMesh"
    points = np.array([[float(w) for w in row] for row in _lists(mesh / "points")])
    faces = [[int(w) for w in row] for row in _lists(mesh / "faces")]
    said = re.search(r"inlet\s*{[^}]*nFaces\s+(\d+);\s*startFace\s+(\d+);", (mesh / "boundary").read_text())
    assert said is not None
    count, start = int(said[1]), int(said[2])
    corners = points[np.array(faces[start : start + count])]
    area = np.linalg.norm(np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]), axis=1) / 2
    speed = case.speed(corners.mean(axis=1))
    velocity = np.zeros((count, 3))
    velocity[:, case.axis] = speed * case.flow_rate / (speed @ area)
    rows = "\n".join("({:.9g} {:.9g} {:.9g})".format(*v) for v in velocity)
    given = f"inlet {{ type fixedValue; value nonuniform List<vector> {count}\n(\n{rows}\n)\n; }}"
    file = folder / "0/U"
    file.write_text(file.read_text().replace(INFLOW, given))


def _lists(path: Path) -> list[list[str]]:
    """The bracketed rows of one of OpenFOAM's lists."""
    return [row.split() for row in re.findall(r"\(([^()]+)\)", path.read_text().partition("(")[2])]

"""OpenFOAM's steady laminar solver on the flow cases: how a case is written and read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, sin
from pathlib import Path

from benchmarks.foam_meshes import Blocks, cylinder_in_channel, quarter_nozzle

PROGRAM = "simpleFoam"
MOST_ITERATIONS = 4000
RESIDUAL = 1e-6  # initial residual of velocity and pressure at which it has converged

Profile = Callable[[], list[tuple[tuple[float, float, float], tuple[float, float, float]]]]


@dataclass(frozen=True)
class FoamCase:
    """One flow case for OpenFOAM, in m and s.

    Attributes
    ----------
    mesh : callable
        Block mesh by its fineness.
    viscosity : float, m^2/s
    profile : callable
        Points of the inlet and the velocity there.
    function : str
        Function object that gives the quantity.
    read : callable
        The quantity, from the last line of its file.
    """

    mesh: Callable[[int], Blocks]
    viscosity: float
    profile: Profile
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


def _channel_profile() -> list[tuple[tuple[float, float, float], tuple[float, float, float]]]:
    height, fastest, n = 0.41, 0.45, 80
    grid = [height * k / n for k in range(n + 1)]
    return [
        ((0.0, y, z), (16 * fastest * y * z * (height - y) * (height - z) / height**4, 0.0, 0.0))
        for y in grid
        for z in grid  # beyond the plane of symmetry: at the rim of a table the mapping loses a per cent of the flow
    ]


def _tube_profile() -> list[tuple[tuple[float, float, float], tuple[float, float, float]]]:
    r, flow, z = 0.006, 5.206e-6, -0.040 - 0.004 / 0.17632698070846498 - 0.045
    fastest, points = 2 * flow / (pi * r**2), [((0.0, 0.0, z), (0.0, 0.0, 2 * flow / (pi * r**2)))]
    for i in range(1, 41):
        for k in range(128):  # all round, though a quarter is computed
            rho, angle = r * i / 40, 2 * pi * k / 128
            points.append(((rho * cos(angle), rho * sin(angle), z), (0.0, 0.0, fastest * (1 - (rho / r) ** 2))))
    return points


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
        _channel_profile,
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
        _tube_profile,
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
    for name in ("0", "system", "constant/boundaryData/inlet/0"):
        (folder / name).mkdir(parents=True)
    (folder / "system/blockMeshDict").write_text(case.mesh(fineness).text())
    still = " ".join(f"{w} {{ type noSlip; }}" for w in case.walls)
    mirror = " ".join(f"{s} {{ type symmetryPlane; }}" for s in case.symmetries)
    level = " ".join(f"{w} {{ type zeroGradient; }}" for w in (*case.walls, "inlet"))
    inlet = (
        "inlet { type timeVaryingMappedFixedValue; offset (0 0 0); setAverage false; mapMethod planarInterpolation; }"
    )
    _file(
        folder,
        "0/U",
        "volVectorField",
        "dimensions [0 1 -1 0 0 0 0]; internalField uniform (0 0 0); "
        f"boundaryField {{ {inlet} outlet {{ type zeroGradient; }} {still} {mirror} }}",
    )
    _file(
        folder,
        "0/p",
        "volScalarField",
        "dimensions [0 2 -2 0 0 0 0]; internalField uniform 0; "
        f"boundaryField {{ outlet {{ type fixedValue; value uniform 0; }} {level} {mirror} }}",
    )
    points, speeds = zip(*case.profile(), strict=True)
    for name, rows in (("points", points), ("0/U", speeds)):
        text = "\n".join("({:.9g} {:.9g} {:.9g})".format(*row) for row in rows)
        (folder / "constant/boundaryData/inlet" / name).write_text(f"{len(rows)}\n(\n{text}\n)\n")
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


def command(folder: Path) -> list[str]:
    """Mesh and solve on one core."""
    return ["bash", "-c", f"cd '{folder}' && blockMesh > mesh.log && {PROGRAM} > solve.log"]

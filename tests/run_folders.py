"""Made-up run folders for the tests of the reports: real meshes, an analytic field, a complete record.

Nothing here is solved. The stem is a bent bar held below, the plate a bar on four rollers; the stress is that of beam
theory with a spike at the clamp, so that a picture of it has everything a picture of a run has.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import gmsh
import meshio
import numpy as np
from numpy.typing import NDArray

from geometry.implicit import ImplicitSolid, generate_implicit
from geometry.mesh import generate
from geometry.mesh_file import write_mesh
from geometry.solid import Solid, cad
from studies.record import (
    Arrow,
    BudgetRecord,
    Check,
    Ghost,
    Level,
    MaterialConstant,
    MaterialRecord,
    ParameterValue,
    Provenance,
    Quantity,
    Regions,
    RunRecord,
    Scene,
)

Array = NDArray[np.float64]
CLAMP = 0.0  # mm, height of the potting plane of the stem


def stem_folder(folder: Path, size: float = 3.0) -> Path:
    """A run folder of a stem-like solid, potted below ``z = 0`` and pressed on its head."""
    folder.mkdir(parents=True, exist_ok=True)
    with cad():
        occ = gmsh.model.occ
        wires = []
        for z, x, a, b in ((-55, 0, 4, 3.5), (-20, 0, 6, 5), (10, 0.5, 7.5, 5.5), (40, 4, 11, 6.5), (52, 7, 12, 7)):
            curve = occ.addEllipse(x, 0, z, a, b)
            wires.append(occ.addWire([curve]))
        shaft = occ.addThruSections(wires, makeSolid=True)
        neck = occ.addCylinder(8, 0, 40, 26, 0, 26, 6.2)
        trunnion = occ.addCylinder(32, 0, 64, 9, 0, 9, 5.4)
        fused, _ = occ.fuse(shaft, [(3, neck), (3, trunnion)])
        solid = Solid.of({"stem": [tag for _, tag in fused]})
        solid.name("trunnion", lambda s: s.centre[2] > 65 and s.centre[0] > 33)
        solid.name("neck", lambda s: s.centre[2] > 54)
        solid.name_rest("body")
        solid.split((0, 0, CLAMP), (0, 0, 1), name="potting_plane", above="free", below="potted")
        points, tets, triangles, regions = _mesh(folder, solid, size)

    height = points[:, 2]
    axis = np.interp(height, [-55, 0, 52, 75], [0, 0, 7, 39])
    width = np.interp(height, [-55, 0, 40, 52, 75], [7.5, 7.5, 15, 19, 22])
    bend = 430 * (1 - np.clip(height, 0, 70) / 110) / (1 + np.exp(-(height - 1) / 1.2))
    axial = -bend * (points[:, 0] - axis) / width - 12 * (height > 0)
    spike = 500 * np.exp(-np.abs(height) / 1.5) * np.sign(axial)
    stress = np.zeros((len(points), 6))
    stress[:, 2] = axial + spike
    stress[:, 5] = 8.0
    sag = 0.00025 * np.clip(height, 0, None) ** 2
    displacement = np.stack([sag, 0 * sag, -0.0005 * np.clip(height, 0, None) * (points[:, 0] - axis)], axis=1)
    _write_fields(folder, points, tets, triangles, _stresses(displacement, stress))
    _stem_record(regions).write(folder)
    return folder


def plate_folder(folder: Path, size: float = 2.5) -> Path:
    """A run folder of a plate with four holes in four-point bending, tension below."""
    folder.mkdir(parents=True, exist_ok=True)
    with cad():
        occ = gmsh.model.occ
        box = occ.addBox(-50, -6, -2, 100, 12, 4)
        drills = [(3, occ.addCylinder(x, 0, -3, 0, 0, 6, 2.75)) for x in (-36, -12, 12, 36)]
        cut, _ = occ.cut([(3, box)], drills)
        solid = Solid.of({"plate": [tag for _, tag in cut]})
        solid.name("hole", lambda s: s.kind == "Cylinder")
        solid.name("top", lambda s: s.normal[2] > 0.9)
        solid.name("bottom", lambda s: s.normal[2] < -0.9)
        solid.name_rest("edge")
        points, tets, triangles, regions = _mesh(folder, solid, size)

    x, y, z = points.T
    moment = np.clip((42 - np.abs(x)) / 20, 0, 1)
    distance = np.min([np.hypot(x - c, y) for c in (-36, -12, 12, 36)], axis=0)
    stress = np.zeros((len(points), 6))
    stress[:, 0] = -140 * z * moment * (1 + 1.3 * np.exp(-(distance - 2.75) / 1.5) * np.abs(y) / (distance + 1e-9))
    displacement = np.stack([2e-4 * z * x, 0 * x, 1e-4 * x**2 - 0.2], axis=1)
    _write_fields(folder, points, tets, triangles, _stresses(displacement, stress))
    _plate_record(regions).write(folder)
    return folder


def pores_folder(folder: Path, radius: float = 0.3) -> Path:
    """A run folder of a cube, 1 mm wide, with a ball in its middle, and a flow that only looks like one around it."""
    folder.mkdir(parents=True, exist_ok=True)
    low, high, middle = np.zeros(3), np.ones(3), np.full(3, 0.5)
    solid = ImplicitSolid.within("pores", lambda x: radius - np.linalg.norm(x - middle, axis=1), low, high)
    with cad():
        mesh = generate_implicit(solid, 6)
    triangles, marks = mesh.triangles, mesh.marks.astype(np.int32)
    nodes = mesh.cells[:, [*range(8), 9, 8]]  # VTK numbers the last two middles the other way round
    apart = np.linalg.norm(mesh.points - middle, axis=1)
    data = {}
    for axis, name in enumerate("xyz"):
        speed = 40.0 * (1.0 - (radius / apart) ** 2)
        data[f"velocity_{name}"] = speed[:, None] * np.eye(3)[axis]
    _write_fields(folder, mesh.points, (nodes, mesh.regions), (triangles, marks), data)
    record = _stem_record(Regions(volumes=mesh.volumes, surfaces=mesh.surfaces))
    scene = Scene(
        view_direction=(0.5, -0.7, 0.4),
        up=(0.0, 0.0, 1.0),
        section_origin=(0.5, 0.5, 0.5),
        section_normal=(0.0, 1.0, 0.0),
    )
    only = [q.model_copy(update={"location": None}) for q in record.quantities[2:3]]
    update = {"device": "scaffold", "protocol": "permeability", "physics": "permeation", "scene": scene}
    record.model_copy(update=update | {"quantities": only, "key": f"pores-{radius:g}"}).write(folder)
    return folder


def _mesh(folder: Path, solid: Solid, size: float) -> tuple[Array, tuple[Any, Any], tuple[Any, Any], Regions]:
    write_mesh(generate(solid, size), folder / "mesh.msh")
    names: tuple[dict[int, str], dict[int, str]] = ({}, {})
    for dim, group in gmsh.model.getPhysicalGroups():
        names[3 - dim][group] = gmsh.model.getPhysicalName(dim, group)
    mesh = meshio.read(folder / "mesh.msh")
    inner = {number for number, name in names[1].items() if name == "potting_plane"}
    tags = mesh.cell_data_dict["gmsh:physical"]
    outer = ~np.isin(tags["triangle6"], list(inner))
    triangles = (mesh.cells_dict["triangle6"][outer], tags["triangle6"][outer])
    surfaces = {number: name for number, name in names[1].items() if number not in inner}
    return (
        np.asarray(mesh.points, dtype=float),
        (mesh.cells_dict["tetra10"], tags["tetra10"]),
        triangles,
        Regions(volumes=names[0], surfaces=surfaces),
    )


def _stresses(displacement: Array, stress: Array) -> dict[str, Array]:
    xx, yy, zz, xy, yz, xz = stress.T
    tensors = np.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], axis=1).reshape(-1, 3, 3)
    mises = np.sqrt(
        0.5 * ((xx - yy) ** 2 + (yy - zz) ** 2 + (zz - xx) ** 2) + 3 * (xy**2 + yz**2 + xz**2)
    )  # von Mises (1913)
    return {
        "displacement": displacement,
        "von_mises": mises,
        "first_principal": np.linalg.eigvalsh(tensors)[:, -1],
        "stress": stress,
    }


def _write_fields(
    folder: Path, points: Array, tets: tuple[Any, Any], triangles: tuple[Any, Any], data: dict[str, Array]
) -> None:
    cells, tags = tets
    meshio.Mesh(points, [("tetra10", cells)], point_data=data, cell_data={"volume": [tags.astype(np.int32)]}).write(
        folder / "fields.vtu"
    )
    faces, tags = triangles
    used, numbers = np.unique(faces, return_inverse=True)
    meshio.Mesh(
        points[used],
        [("triangle6", numbers.reshape(faces.shape))],
        point_data={name: values[used] for name, values in data.items()},
        cell_data={"surface": [tags.astype(np.int32)]},
    ).write(folder / "surface.vtu")


def _levels(exact: dict[str, float], error: float) -> list[Level]:
    levels = []
    for k, h in enumerate((4.0, 2.8, 2.0)):
        values = {
            name: value * (1 - error * (h / 4) ** 2 * (1 + 0.2 * i)) for i, (name, value) in enumerate(exact.items())
        }
        levels.append(
            Level(
                cells=4000 * 3**k,
                dofs=21000 * 3**k,
                scale=h / 4,
                h=h,
                values=values,
                seconds=1.5 * 3.2**k,
                iterations=14 + k,
                min_quality=0.31 - 0.02 * k,
            )
        )
    return levels


def _provenance() -> Provenance:
    return Provenance(
        version="0.1.0",
        git="0123456789abcdef0123456789abcdef01234567",
        packages={"fenics-dolfinx": "0.11.0", "gmsh": "4.15.0", "pyvista": "0.49.1"},
        platform="Linux x86_64, Python 3.12.1",
        started="2026-01-02T03:04:05+00:00",
        inputs_sha256="9f2c" * 16,
        ranks=2,
    )


def _material() -> MaterialRecord:
    def constant(value: float, unit: str, source: str, verified: bool) -> MaterialConstant:
        return MaterialConstant(value=value, unit=unit, source=source, verified=verified)

    return MaterialRecord(
        name="Ti-6Al-4V ELI, wrought bar",
        specification="ASTM F136",
        constants={
            "young_modulus": constant(114, "GPa", "assumed: upper end of 110-114 GPa", False),
            "poisson_ratio": constant(0.34, "", "assumed: handbook value", False),
            "density": constant(4.43, "g/cm^3", "assumed: handbook value", False),
            "yield_strength": constant(795, "MPa", "minimum of ASTM F136 for bar of 4.75-44.45 mm", True),
        },
    )


def _checks() -> dict[str, Check]:
    return {
        "equilibrium": Check(
            value=3.1e-8, limit=1e-6, passed=True, description="Reactions against applied loads, relative"
        ),
        "linear_residual": Check(value=7.7e-10, limit=1e-8, passed=True, description="True residual, relative"),
        "energy": Check(value=2.2e-8, limit=1e-6, passed=True, description="Strain energy against half the work"),
        "linearity": Check(
            value=0.54, limit=1.0, passed=True, description="Largest von Mises stress over yield strength"
        ),
    }


def _stem_record(regions: Regions) -> RunRecord:
    exact = {
        "peak_von_mises_stress": 432.7,
        "peak_first_principal_stress": 418.2,
        "head_displacement": 0.9612,
        "stiffness": 2393.0,
    }
    tilt = math.radians(10)
    return RunRecord(
        key="stem-0123abcd",
        device="hip_stem",
        device_description="Cementless femoral stem with a conical trunnion",
        protocol="hip_bending",
        protocol_description="Endurance loading of a potted femoral stem, quasi-static at the peak load",
        style_of="ISO 7206-4",
        sources=["ISO 7206-4 (title and scope only)", "S. Timoshenko, Strength of Materials, part I"],
        parameters={
            "neck_diameter": ParameterValue(value=12.4, unit="mm", description="Diameter of the neck", verified=None),
            "neck_angle": ParameterValue(value=45, unit="degree", description="Neck against the shaft axis"),
            "coated": ParameterValue(value=True, description="Whether the shaft is coated"),
        },
        protocol_parameters={
            "load": ParameterValue(
                value=2300, unit="N", description="Peak load", source="assumed: value in common use", verified=False
            ),
            "potting_distance": ParameterValue(
                value=80, unit="mm", description="Head centre above the potting", source="public summary", verified=True
            ),
        },
        materials=[_material()],
        accuracy=0.02,
        budget=BudgetRecord(memory_MB=8000, minutes=30, exhausted=None),
        status="done",
        verdict="pass",
        quantities=[
            Quantity(
                name="peak_von_mises_stress",
                description="Largest von Mises stress outside the clamp zone",
                value=429.5,
                unit="MPa",
                uncertainty=6.5182,
                extrapolated=432.7,
                order=1.94,
                status="converged",
                location=(-7.24, 0.0, 6.0),
                limit=795,
                limit_kind="maximum",
                verdict="pass",
                note="Limit: yield strength",
            ),
            Quantity(
                name="peak_first_principal_stress",
                description="Largest first principal stress outside the clamp zone",
                value=414.4,
                unit="MPa",
                uncertainty=6.11,
                extrapolated=418.2,
                order=2.05,
                status="converged",
                location=(-7.24, 0.0, 6.0),
            ),
            Quantity(
                name="head_displacement",
                description="Displacement of the head centre along the load",
                value=0.9511,
                unit="mm",
                uncertainty=0.0142,
                extrapolated=0.9612,
                order=3.6,
                status="converged",
            ),
            Quantity(
                name="stiffness",
                description="Load over displacement of the head",
                value=2365.0,
                unit="N/mm",
                uncertainty=35.1,
                extrapolated=2393.0,
                order=3.6,
                status="converged",
                limit=1000,
                limit_kind="minimum",
                verdict="pass",
            ),
        ],
        levels=_levels(exact, 0.03),
        timings={"geometry": 1.1, "mesh": 4.2, "solve": 11.9, "measure": 0.4},
        peak_memory_MB=1480.0,
        checks=_checks(),
        warnings=["The yield strength is that of the bar before forging."],
        scene=Scene(
            view_direction=(0.0, -1.0, 0.0),
            up=(0.0, 0.0, 1.0),
            section_origin=(0.0, 0.0, 0.0),
            section_normal=(0.0, 1.0, 0.0),
            arrows=[
                Arrow(point=(40.0, 0.0, 72.0), vector=(-math.sin(tilt), 0.0, -math.cos(tilt)), label="2300 N"),
            ],
            ghosts=[
                Ghost(kind="cylinder", role="fixture", centre=(0, 0, -31), size=(19, 62), label="potting block"),
                Ghost(kind="sphere", role="part", centre=(40, 0, 72), size=(14,), label="head"),
            ],
            excluded="within 4 mm of the potting plane, where the stress of the sharp clamp edge has no limit",
            excluded_points=[(-6.9, 0.0, 0.0), (6.9, 0.0, 0.0)],
        ),
        regions=regions,
        provenance=_provenance(),
    )


def _plate_record(regions: Regions) -> RunRecord:
    exact = {"peak_von_mises_stress": 596.0, "peak_first_principal_stress": 596.0, "bending_stiffness": 812.0}

    def roller(x: float, z: float, role: Any, label: str) -> Ghost:
        return Ghost(kind="cylinder", role=role, centre=(x, 0, z), axis=(0, 1, 0), size=(3, 20), label=label)

    return RunRecord(
        key="plate-4567cdef",
        device="bone_plate",
        device_description="Straight bone plate with four holes",
        protocol="plate_bending",
        protocol_description="Four-point bending of a bone plate",
        style_of="ASTM F382",
        sources=["ASTM F382 (public summary)"],
        parameters={
            "length": ParameterValue(value=100, unit="mm", description="Length of the plate"),
            "thickness": ParameterValue(value=4, unit="mm", description="Thickness of the plate"),
        },
        protocol_parameters={
            "load": ParameterValue(value=500, unit="N", description="Total load", source="assumed", verified=False),
        },
        materials=[_material()],
        accuracy=0.02,
        budget=BudgetRecord(memory_MB=8000, minutes=30, exhausted=None),
        status="not_converged",
        verdict="undecided",
        quantities=[
            Quantity(
                name="peak_von_mises_stress",
                description="Largest von Mises stress outside the roller lines",
                value=581.0,
                unit="MPa",
                uncertainty=41.0,
                extrapolated=596.0,
                order=0.9,
                status="not_converged",
                reason="The uncertainty of 7 % is above 2 %; a finer mesh needs more memory than allowed.",
                location=(12.0, -2.75, -2.0),
                limit=610,
                limit_kind="maximum",
                verdict="undecided",
            ),
            Quantity(
                name="peak_first_principal_stress",
                description="Largest first principal stress outside the roller lines",
                value=581.0,
                unit="MPa",
                uncertainty=7.0,
                extrapolated=585.0,
                order=1.9,
                status="converged",
                location=(12.0, -2.75, -2.0),
            ),
            Quantity(
                name="bending_stiffness",
                description="Slope of load against deflection",
                value=783.6,
                unit="N/mm",
                uncertainty=31.0,
                extrapolated=812.0,
                order=2.8,
                status="converged",
            ),
        ],
        levels=_levels(exact, 0.10),
        timings={"geometry": 0.6, "mesh": 2.2, "solve": 6.4, "measure": 0.2},
        peak_memory_MB=910.0,
        checks=_checks(),
        warnings=[],
        scene=Scene(
            view_direction=(0.35, -0.75, -0.56),
            up=(0.0, 0.0, 1.0),
            section_origin=(0.0, 2.75, 0.0),
            section_normal=(0.0, 1.0, 0.0),
            arrows=[
                Arrow(point=(-22, 0, 2), vector=(0, 0, -1), label="250 N"),
                Arrow(point=(22, 0, 2), vector=(0, 0, -1), label="250 N"),
            ],
            ghosts=[
                roller(-42, -5, "fixture", "support roller"),
                roller(42, -5, "fixture", "support roller"),
                roller(-22, 5, "load", "loading roller"),
                roller(22, 5, "load", "loading roller"),
            ],
            excluded="within 2 mm of the roller lines",
            excluded_points=[(-42, 0, -2), (42, 0, -2)],
        ),
        regions=regions,
        provenance=_provenance(),
    )

"""Exports: what other programs read is what was computed; with CalculiX where it is installed, the run itself."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import gmsh
import meshio
import numpy as np
import openpyxl
import pytest
from mpi4py import MPI
from run_folders import plate_folder
from study_folders import grid
from vtkmodules.vtkIOHDF import vtkHDFReader

from benchmarks.calculix import read_result
from benchmarks.stored import von_mises
from benchtwin.cli import app
from geometry.mesh import generate
from geometry.solid import Solid, cad
from solvers import elasticity
from solvers.body import Body
from solvers.elasticity import Elasticity, Isotropic
from solvers.export import gather
from solvers.loads import BodyForce, Pressure
from solvers.recovery import nodal_stress
from solvers.supports import Clamp, Imposed, Sliding
from studies.budget import Budget
from studies.export import deck, run_deck
from studies.export.nodal_problem import NodalProblem
from studies.export.run_mesh import RunMesh
from studies.findings.tables import write_tables
from studies.job import Job
from studies.record import RunRecord
from studies.run import in_processes, run
from studies.store import RunStore

ROOT = Path(__file__).parents[1]
DEVICE, TEST = (str(ROOT / "examples" / name) for name in ("my_bracket.py", "my_pull_test.py"))
OWN = ["--device", DEVICE, "--protocol", TEST]
EDGES = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))  # of the nodes 5 to 10 of a C3D10

with_ccx = pytest.mark.skipif(
    shutil.which("ccx") is None, reason="CalculiX is not installed (the program ccx; Debian: calculix-ccx)"
)


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def export(*words) -> Done:
    """The command, in this process: a new one would import everything again."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        status = app(["export", *map(str, words)], exit_on_error=False)
    return Done(status, out.getvalue(), err.getvalue())


def solve(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Displacement and stress at the nodes by CalculiX, six digits each."""
    done = subprocess.run(["ccx", path.stem], cwd=path.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "*ERROR" not in done.stdout and "*WARNING" not in done.stdout, done.stdout[-2000:]
    return read_result(path.with_suffix(".frd"), len(meshio.read(path).points))


def farthest(path: Path) -> float:
    """Displacement of the node that moves most, by CalculiX's table, which has seven digits."""
    row = path.with_suffix(".dat").read_text().split("\n")[3]
    return float(np.linalg.norm([float(word) for word in row.split()[1:]]))


def sum_of_forces(path: Path) -> np.ndarray:
    loads = re.search(r"\*CLOAD\n(.*?)\n\*", path.read_text(), re.DOTALL)
    total = np.zeros(3)
    for row in loads[1].splitlines():
        _, axis, value = row.split(",")
        total[int(axis) - 1] += float(value)
    return total


@pytest.fixture(scope="module")
def bracket(tmp_path_factory) -> Path:
    """A run of the example on two small meshes: its budget carries no third."""
    job = Job.make(DEVICE, TEST, {"width": "8mm", "leg": "20mm"}, 0.2, Budget(1.0))
    return run(job, RunStore(tmp_path_factory.mktemp("results")), in_processes(1)).folder


@pytest.fixture(scope="module")
def exported(bracket) -> Path:
    """The folder with all that there is of it."""
    done = export(bracket, *OWN)
    assert done.returncode == 0, done.stderr
    folder = bracket / "export"
    paths = {Path(line).relative_to(folder) for line in done.stdout.splitlines()}
    assert paths == {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    assert {Path(name) for name in ("run.inp", "fields.vtkhdf", "run.xlsx", "tables/quantities.csv")} <= paths
    return folder


def test_deck_is_the_mesh_of_the_run(bracket, exported):
    fields, given = meshio.read(bracket / "fields.vtu"), meshio.read(exported / "run.inp")
    (cells,), (block,) = (mesh.cells for mesh in (fields, given))
    assert np.array_equal(cells.data, block.data)
    assert np.allclose(given.points, fields.points, atol=1e-11)
    corners, middles = given.points[block.data[:, :4]], given.points[block.data[:, 4:]]
    a, b = (corners[:, [edge[k] for edge in EDGES]] for k in (0, 1))
    bend = np.linalg.norm(middles - (a + b) / 2, axis=2) / np.linalg.norm(b - a, axis=2)
    assert np.median(bend) < 1e-9 and bend.max() < 0.2  # a node of another edge would be half an edge away
    volumes = np.linalg.det(corners[:, 1:] - corners[:, :1])
    assert (volumes > 0).all()


def test_the_command_starts_by_itself(bracket, tmp_path):
    """In a process in which nothing has been imported yet."""
    command = [sys.executable, "-m", "benchtwin", "export", bracket, "--to", "inp", "--output", tmp_path, *OWN]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0 and (tmp_path / "run.inp").is_file(), done.stderr


def test_deck_has_sets_and_loads(bracket, exported):
    path, record = exported / "run.inp", RunRecord.read(bracket)
    given = meshio.read(path)
    sets = {name.lower(): np.asarray(nodes) for name, nodes in given.point_sets.items()}
    assert {"foot", "tip", "side", "fixed_xyz", "farthest"} <= set(sets)
    assert np.ptp(given.points[sets["foot"]][:, 2]) < 1e-9 and np.array_equal(sets["foot"], sets["fixed_xyz"])
    assert len(given.cell_sets_dict["bracket"]["tetra10"]) == len(given.cells[0].data)
    assert np.allclose(sum_of_forces(path), [200, 0, 0], atol=1e-6)
    text = path.read_text()
    assert record.key in text and "pull = 200.0 N" in text and "mm, N, MPa, tonne" in text
    assert "*ELASTIC\n1.93" in text and "*DENSITY\n" in text


def test_deck_keeps_to_what_calculix_reads(exported):
    for line in (exported / "run.inp").read_text().splitlines():
        assert len(line) <= 132
        assert line.startswith("*") or "," not in line or max(map(len, line.split(","))) <= 20


def test_faces_of_a_surface(exported):
    """Each face of the surface "tip" is one of the element named beside it, and lies in the plane of the tip."""
    text, given = (exported / "run.inp").read_text(), meshio.read(exported / "run.inp")
    rows = re.search(r"\*SURFACE,NAME=tip,TYPE=ELEMENT\n(.*?)\n\*", text, re.DOTALL)[1].splitlines()
    sides = {"S1": (0, 1, 2), "S2": (0, 3, 1), "S3": (1, 3, 2), "S4": (2, 3, 0)}
    for row in rows:
        element, side = row.split(",")
        nodes = given.cells[0].data[int(element) - 1][list(sides[side])]
        assert np.allclose(given.points[nodes][:, 2], 20.0)


@with_ccx
def test_calculix_finds_what_the_run_found(bracket, exported, tmp_path):
    """This coarse mesh knows its stress to some per cent, and C3D10 is integrated with fewer points where it is curved:
    two ways to integrate and to recover differ by less than that. The same problem to all digits: the test below.
    """
    displacement, stress = solve(Path(shutil.copy(exported / "run.inp", tmp_path)))
    fields = meshio.read(bracket / "fields.vtu")
    expected = np.linalg.norm(fields.point_data["displacement"], axis=1).max()
    assert np.linalg.norm(displacement, axis=1).max() == pytest.approx(expected, rel=1e-3)
    zone = fields.points[:, 2] > 5.0
    peak = RunRecord.read(bracket).quantity("peak_von_mises_stress").value
    assert von_mises(stress)[zone].max() == pytest.approx(peak, rel=0.03)


@pytest.fixture(scope="module")
def block() -> Body:
    """Two materials, one on the other, with a hole along the joint."""
    with cad():
        occ = gmsh.model.occ
        boxes = [(3, occ.addBox(0, 0, z, 10, 4, 3)) for z in (0, 3)]
        cut, _ = occ.cut(boxes, [(3, occ.addCylinder(5, -1, 3, 0, 6, 0, 1.5))])
        fragments, _ = occ.fragment(cut[:1], cut[1:])
        occ.synchronize()
        low, high = sorted((tag for _, tag in fragments), key=lambda tag: occ.getCenterOfMass(3, tag)[2])
        solid = Solid.of({"soft": low, "hard": high})
        solid.name("left", lambda s: s.normal[0] < -0.9)
        solid.name("right", lambda s: s.normal[0] > 0.9)
        solid.name("top", lambda s: s.normal[2] > 0.9 and s.centre[2] > 5.9)
        solid.name("front", lambda s: s.normal[1] < -0.9)
        solid.name_rest("side")
        return Body.from_mesh(generate(solid, 1.6), MPI.COMM_SELF)


@with_ccx
def test_calculix_solves_the_very_problem(block, bracket, tmp_path, monkeypatch):
    """Two materials, a clamp, a symmetry, an imposed displacement, a pressure, a body force on curved elements: with
    the four points of C3D10 for both there is nothing left to differ but the digits of CalculiX's files.
    """
    monkeypatch.setattr(elasticity, "DEGREE", 2)
    laws = {"soft": Isotropic(3e3, 0.4), "hard": Isotropic(200e3, 0.3)}
    held = [
        Clamp("left"),
        Sliding("front", 1),
        Imposed("right", lambda x: np.array([1e-3 + 0 * x[0], 0 * x[0], 2e-4 * x[2]])),
    ]
    loads = [Pressure("top", 7.0), BodyForce(lambda x: elasticity.ufl.as_vector((0.0, 0.0, -0.02 * x[0])))]
    solution = Elasticity(block, laws, held, loads).solve()
    fields = gather(solution, {"u": solution.u.x.array.reshape(-1, 3), "stress": nodal_stress(solution).six})
    volumes = {label: np.flatnonzero(np.isin(fields.volume, block.volume_tags(label))) for label in laws}
    mesh = RunMesh(fields.points, fields.tetrahedra, volumes, {}, fields.nodal["u"])
    problem = NodalProblem.of(solution.problem, mesh, {})
    assert problem.misfit < 1e-8
    run_deck.write(tmp_path / "run.inp", RunRecord.read(bracket), mesh, problem)
    displacement, stress = solve(tmp_path / "run.inp")
    size = np.linalg.norm(mesh.displacement, axis=1).max()
    assert farthest(tmp_path / "run.inp") == pytest.approx(size, rel=1e-6)
    assert np.abs(displacement - mesh.displacement).max() < 1e-5 * size
    # The stress of a straight element is linear: what is extrapolated to a corner is what the element has there.
    alone = _straight_corners(mesh, volumes["soft"], volumes["hard"])
    assert alone.sum() > 50
    assert np.abs(stress - fields.nodal["stress"])[alone].max() < 1e-5 * np.abs(fields.nodal["stress"]).max()


def _straight_corners(mesh: RunMesh, *materials: np.ndarray) -> np.ndarray:
    """Corners where only straight elements of one material meet."""
    x = mesh.points[mesh.cells]
    bent = np.abs(x[:, 4:] - (x[:, [a for a, _ in EDGES]] + x[:, [b for _, b in EDGES]]) / 2).max(axis=(1, 2)) > 1e-9
    touched = np.zeros((len(materials), len(mesh.points)), dtype=bool)
    for k, cells in enumerate(materials):
        touched[k, mesh.cells[cells]] = True
    found = np.zeros(len(mesh.points), dtype=bool)
    found[mesh.cells[:, :4]] = True
    found[mesh.cells[bent]] = False
    return found & (touched.sum(axis=0) == 1)


@with_ccx
@pytest.mark.slow
def test_calculix_finds_the_hip_stem(tmp_path):
    """On a mesh this fine the integration of C3D10 moves the displacement by some 1e-6, and its file has six digits;
    the peak must lie in the run's own error bar, which holds what recovered stress depends on the way of recovery.
    """
    job = Job.make("hip_stem", None, {}, 0.3)
    folder = run(job, RunStore(tmp_path), in_processes(1)).folder
    assert export(folder, "--to", "inp").returncode == 0
    displacement, stress = solve(folder / "export" / "run.inp")
    fields, peak = meshio.read(folder / "fields.vtu"), RunRecord.read(folder).quantity("peak_von_mises_stress")
    expected = np.linalg.norm(fields.point_data["displacement"], axis=1).max()
    assert np.linalg.norm(displacement, axis=1).max() == pytest.approx(expected, rel=1e-5)
    place = np.linalg.norm(fields.points - peak.location, axis=1).argmin()
    assert abs(von_mises(stress)[place] - peak.value) < peak.uncertainty


def test_what_was_not_solved_is_not_exported(bracket, tmp_path):
    """Another load in the record: the displacement is not in equilibrium with it, and the deck has none."""
    folder = shutil.copytree(bracket, tmp_path / "run", ignore=shutil.ignore_patterns("export"))
    record = json.loads((folder / "run.json").read_text())
    record["protocol_parameters"]["pull"]["value"] = 202.0
    (folder / "run.json").write_text(json.dumps(record))
    done = export(folder, *OWN, "--to", "inp")
    assert done.returncode == 1 and "unbalanced" in done.stderr and record["provenance"]["git"] in done.stderr
    assert [path.name for path in (folder / "export").iterdir()] == ["mesh.inp"]
    text = (folder / "export" / "mesh.inp").read_text()
    assert "*CLOAD" not in text and "*STEP" not in text and "*NSET,NSET=tip" in text
    assert "Mesh and sets only" in text


def test_device_of_ones_own_must_be_named(bracket, tmp_path):
    done = export(bracket, "--to", "inp", "--output", tmp_path)
    assert done.returncode == 1 and "my_bracket" in done.stderr and "--device" in done.stderr
    assert (tmp_path / "mesh.inp").is_file() and not (tmp_path / "run.inp").exists()


@pytest.fixture
def plate(tmp_path) -> Path:
    """A made-up run whose record says "flow"."""
    folder = plate_folder(tmp_path / "plate")
    RunRecord.read(folder).model_copy(update={"physics": "flow"}).write(folder)
    return folder


def test_fluid_has_a_mesh_only(plate):
    done = export(plate, "--to", "inp")
    assert done.returncode == 0 and "mesh and sets only" in done.stderr
    given = meshio.read(plate / "export" / "mesh.inp")
    assert {name.lower() for name in given.point_sets} >= {"hole", "top", "bottom", "edge"}


def test_formula_has_tables_only(plate):
    RunRecord.read(plate).model_copy(update={"physics": "formula"}).write(plate)
    done = export(plate, "--to", "inp")
    assert done.returncode == 2 and "xlsx" in done.stderr and not (plate / "export").exists()


def test_no_run(tmp_path):
    done = export(tmp_path)
    assert done.returncode == 2 and "run.json" in done.stderr


def test_damaged_fields_are_told(plate):
    (plate / "fields.vtu").write_bytes(b"<VTKFile")
    done = export(plate, "--to", "inp")
    assert done.returncode == 1 and "Traceback" not in done.stderr and "fields.vtu" in done.stderr
    assert not list((plate / "export").iterdir())


def test_workbook_of_a_run(bracket, exported):
    record = RunRecord.read(bracket)
    book = openpyxl.load_workbook(exported / "run.xlsx")
    assert book.sheetnames == ["run", "quantities", "levels", "parameters", "materials", "checks"]
    assert all(page.freeze_panes == "A2" and page["A1"].font.bold for page in book)
    header, *rows = book["quantities"].iter_rows(values_only=True)
    for row, quantity in zip(rows, record.quantities, strict=True):
        found = dict(zip(header, row, strict=True))
        assert (
            found["name"] == quantity.name
            and found["value"] == pytest.approx(quantity.value, rel=1e-14)  # 16 digits
            and found["unit"] == (quantity.unit or None)
        )
    levels = book["levels"]
    assert "tip_deflection [mm]" in [cell.value for cell in levels[1]]
    assert [row[2].value for row in levels.iter_rows(min_row=2)] == [level.dofs for level in record.levels]
    with (exported / "tables" / "quantities.csv").open(newline="") as file:
        assert [float(row["value"]) for row in csv.DictReader(file)] == [q.value for q in record.quantities]


def test_workbook_of_a_run_hides_what_has_no_value(plate):
    record = RunRecord.read(plate)
    first = record.quantities[0].model_copy(update={"status": "singular", "description": "=1+1", "note": "a\x07b"})
    record.model_copy(update={"quantities": [first]}).write(plate)
    assert export(plate, "--to", "xlsx").returncode == 0
    header, row = openpyxl.load_workbook(plate / "export" / "run.xlsx")["quantities"].iter_rows()
    found = {name.value: cell for name, cell in zip(header, row, strict=True)}
    assert found["value"].value is None and found["status"].value == "singular"
    assert found["description"].data_type == "s" and found["description"].value == "=1+1"


def test_workbook_of_a_study(tmp_path):
    record = grid()
    record.write(tmp_path)
    write_tables(record, tmp_path)
    assert export(tmp_path).returncode == 0
    pages = openpyxl.load_workbook(tmp_path / "export" / "study.xlsx")
    header, *rows = pages["variants"].iter_rows(values_only=True)
    output = record.outputs[0]
    column = header.index(f"{output.name} [{output.unit}]")
    for row, variant in zip(rows, record.variants, strict=True):
        value = variant.values.get(output.name)
        assert row[column] is None if value is None else row[column] == pytest.approx(value.value, rel=1e-14)
    assert export(tmp_path, "--to", "inp").returncode == 2


def test_fields_by_region(bracket, exported):
    """What VTK's own reader, which is ParaView's, finds in the file."""
    reader = vtkHDFReader()
    reader.SetFileName(str(exported / "fields.vtkhdf"))
    reader.Update()
    parts = reader.GetOutputDataObject(0)
    named = {
        f"{parts.GetMetaData(k).Get(parts.NAME())}/{part.GetMetaData(m).Get(part.NAME())}": part.GetBlock(m)
        for k in range(parts.GetNumberOfBlocks())
        for part in [parts.GetBlock(k)]
        for m in range(part.GetNumberOfBlocks())
    }
    assert set(named) == {"volume/bracket", "surface/foot", "surface/side", "surface/tip"}
    fields = meshio.read(bracket / "fields.vtu")
    volume = named["volume/bracket"]
    assert volume.GetNumberOfCells() == len(fields.cells[0].data)
    mises = volume.GetPointData().GetArray("von_mises")
    assert mises.GetRange()[1] == pytest.approx(fields.point_data["von_mises"].max(), rel=1e-12)
    assert named["surface/tip"].GetBounds()[4:] == pytest.approx((20.0, 20.0))


def test_convergence_plots_are_svg(plate):
    assert export(plate, "--to", "svg").returncode == 0
    plots = {plot.stem: plot for plot in (plate / "export" / "convergence").iterdir()}
    assert set(plots) == {q.name for q in RunRecord.read(plate).quantities}
    assert all(ElementTree.parse(plot).getroot().tag.endswith("svg") for plot in plots.values())


def test_names_of_sets():
    found = deck.names(["tip", "Tip", "a-b", "2nd", "BODY", "größe"], ["BODY"])
    assert len({name.upper() for name in found.values()} | {"BODY"}) == 7
    assert all(re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) for name in found.values())

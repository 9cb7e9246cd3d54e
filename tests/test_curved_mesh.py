"""Second-order meshes: on the CAD model, as gmsh has them; sound; the same in a file and in DOLFINx."""

from __future__ import annotations

from dataclasses import replace

import gmsh
import meshio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from random_devices import settings_of
from ranks import on_ranks

import solvers  # noqa: F401
from devices.bone_plate import BonePlate
from devices.connector import Connector
from devices.fda_nozzle import FdaNozzle
from devices.hip_stem import HipStem
from devices.parameters import InputError
from geometry import mesh as meshing
from geometry import second_order
from geometry.errors import GeometryError
from geometry.mesh import coarse_size, generate
from geometry.mesh_file import read_mesh, write_mesh
from geometry.quality import POOR, scaled_condition, worst_of
from geometry.solid import Solid, cad
from geometry.tetrahedron import distinct

ON_CAD = 1e-6  # of an edge
EVEN = 2e-3  # of an edge: gmsh halves those on spline curves no better


def ball(angle=2 * np.pi, low=-np.pi / 2):
    return gmsh.model.occ.addSphere(0, 0, 0, 5, angle1=low, angle3=angle)


def egg():
    tag = ball()
    gmsh.model.occ.dilate([(3, tag)], 0, 0, 0, 1, 0.8, 1.6)
    return tag


def imported():
    """A vase lofted through circles, its wall one closed spline surface, and a block cut from it; from a STEP file."""
    occ = gmsh.model.occ
    wires = [occ.addCurveLoop([occ.addCircle(0, 0, 4.0 * k, r)]) for k, r in enumerate((4.0, 5.0, 3.0))]
    ((_, vase),) = occ.addThruSections(wires, maxDegree=3)
    occ.cut([(3, vase)], [(3, occ.addBox(-9, -9, 3, 9, 9, 2))])
    occ.synchronize()
    gmsh.write("vase.step")
    gmsh.model.remove()
    gmsh.model.add("imported")
    return [tag for dim, tag in occ.importShapes("vase.step") if dim == 3]


SOLIDS = {
    "ball": ball,
    "eighth": lambda: ball(np.pi / 2, 0.0),
    "pin": lambda: gmsh.model.occ.addCylinder(0, 0, 0, 0, 0, 10, 3),
    "wire": lambda: gmsh.model.occ.addCylinder(0, 0, 0, 0, 0, 4, 0.2),
    "cone": lambda: gmsh.model.occ.addCone(0, 0, 0, 0, 0, 10, 3, 1),
    "ring": lambda: gmsh.model.occ.addTorus(0, 0, 0, 10, 3),
    "egg": egg,
    "imported": imported,
}


SIDES = np.array([(0, 1), (1, 2), (2, 0)])  # of a triangle


def as_gmsh_curves(mesh):
    """The same surface mesh, curved by gmsh: the middles of the triangles (k, 3, 3)."""
    gmsh.model.mesh.setOrder(2)
    surfaces = [int(s) for tag in mesh.surfaces for s in gmsh.model.getEntitiesForPhysicalGroup(2, tag)]
    nodes = np.concatenate([gmsh.model.mesh.getElementsByType(9, surface)[1] for surface in surfaces])
    tags, xyz, _ = gmsh.model.mesh.getNodes()
    place = np.empty((int(tags.max()) + 1, 3))
    place[tags] = xyz.reshape(-1, 3)
    found = place[nodes.reshape(-1, 6)]
    assert np.array_equal(found[:, :3], mesh.points[mesh.triangles[:, :3]])
    return found[:, 3:]


def may_be_eased(mesh, middles):
    """Middles of the triangles (k, 3) next to an element that would be poor with these middles (k, 3, 3)."""
    points = mesh.points.copy()
    points[mesh.triangles[:, 3:]] = middles
    poor = mesh.cells[scaled_condition(points, mesh.cells) < POOR, 4:]
    return np.isin(mesh.triangles[:, 3:], poor)


def ends_of(mesh):
    """Ends of the edges of the triangles, (k, 3, 2, 3)."""
    return mesh.points[mesh.triangles[:, SIDES]]


def unevenness(ends, middles):
    """By how much a middle is nearer to one end than to the other, by the length of the edge."""
    one, other = (np.linalg.norm(middles - ends[:, :, k], axis=2) for k in (0, 1))
    return np.abs(one - other) / np.linalg.norm(ends[:, :, 1] - ends[:, :, 0], axis=2)


@pytest.mark.parametrize("name", SOLIDS)
def test_middles_are_where_gmsh_projects_them(name, tmp_path, monkeypatch):
    """On balls with poles, tubes with seams, closed spline surfaces, eighths, what is imported."""
    monkeypatch.chdir(tmp_path)
    with cad():
        solid = Solid.of({"solid": SOLIDS[name]()})
        solid.name_rest("skin")
        size = coarse_size(solid)
        for finer in (0.6, 1.6):
            mesh = generate(solid, size / finer, refinement=max(finer, 1.0))
            theirs, ends = as_gmsh_curves(mesh), ends_of(mesh)
            length = np.linalg.norm(ends[:, :, 1] - ends[:, :, 0], axis=2)
            ours, same = mesh.points[mesh.triangles[:, 3:]], ~may_be_eased(mesh, theirs)
            assert same.mean() > 0.95
            gap = np.linalg.norm(ours - theirs, axis=2) / length
            assert gap[same].max() < EVEN
            assert np.mean(gap[same] > ON_CAD) < 0.06  # curves that gmsh halves worse
            assert unevenness(ends, ours)[same].max() <= unevenness(ends, theirs)[same].max() + ON_CAD


def distances(mesh, samples=150):
    """Of the middles of some triangles of each label from the surfaces they belong to, by the length of the edge."""
    found = []
    first = 0
    for tag in mesh.surfaces:  # triangles come by label and surface, in gmsh's order
        surfaces = gmsh.model.getEntitiesForPhysicalGroup(2, tag)
        for surface in surfaces:
            count = len(gmsh.model.mesh.getElementsByType(2, surface)[0])
            triangles = mesh.triangles[first : first + count][:: max(1, len(surfaces) * count // samples)]
            first += count
            ends, middles = mesh.points[triangles[:, [[0, 1], [1, 2], [2, 0]]]], mesh.points[triangles[:, 3:]]
            length = np.linalg.norm(ends[:, :, 1] - ends[:, :, 0], axis=2)
            nearest = gmsh.model.getClosestPoint(2, surface, middles.ravel())[0].reshape(-1, 3, 3)
            found.append((np.linalg.norm(middles - nearest, axis=2) / length).ravel())
    assert first == len(mesh.triangles)
    return np.concatenate(found)


@pytest.mark.parametrize("device", [HipStem, BonePlate, Connector, FdaNozzle])
def test_random_devices_are_curved_onto_their_surfaces(device, monkeypatch):
    meshed = []

    @settings(max_examples=3, deadline=None, derandomize=True, database=None)
    @given(values=settings_of(device))
    def check(values):
        try:
            with cad():
                solid = device(**values).build()
                solid.name_rest("surface")
                mesh = generate(solid, 1.5 * coarse_size(solid))
                with monkeypatch.context() as patch:
                    patch.setattr(second_order, "_EASINGS", 0)
                    bare = second_order.second_order()  # again, from the linear mesh that gmsh still holds
                assert distances(bare).max() < ON_CAD
        except (GeometryError, InputError):  # a device that cannot be; tests/test_devices.py judges the refusal
            return
        meshed.append(values)
        assert mesh.quality.min_sicn > 0.0
        # Few elements are eased, fewer on finer meshes, and none where none would be poor.
        moved = np.any(mesh.points != bare.points, axis=1)
        poor = scaled_condition(bare.points, bare.cells) < POOR
        assert moved.any() == poor.any()
        assert moved.mean() < 0.05

    check()
    assert meshed


def test_quality_is_that_of_gmsh(monkeypatch):
    monkeypatch.setattr(second_order, "opened", lambda mesh, quality, skin: (mesh, quality))
    with cad():
        solid = Solid.of({"ball": ball()})
        mesh = generate(solid, 1.5)
        gmsh.model.mesh.setOrder(2)
        names, _ = gmsh.model.mesh.getElementsByType(11)
        theirs = gmsh.model.mesh.getElementQualities(names, "minSICN")
    assert scaled_condition(mesh.points, mesh.cells) == pytest.approx(theirs, abs=1e-6)  # theirs has its own middles
    assert mesh.quality.min_sicn == pytest.approx(scaled_condition(mesh.points, mesh.cells).min(), rel=1e-12)


def test_an_inverted_element_is_refused():
    with cad():
        mesh = generate(Solid.of({"ball": ball()}), 3.0)
    points = mesh.points.copy()
    points[mesh.cells[0, 0]] += 10.0
    for worst in (worst_of(scaled_condition(points, mesh.cells)), np.nan):
        with pytest.raises(GeometryError, match="inverted elements"):
            replace(mesh, points=points, worst=worst).checked("here")
    with pytest.raises(GeometryError, match="no element"):
        replace(mesh, cells=mesh.cells[:0], worst=worst_of(np.empty(0))).checked("here")


@pytest.fixture
def two_materials():
    """Two bonded blocks about a hole, and a label on the joint."""
    occ = gmsh.model.occ
    with cad():
        boxes = [(3, occ.addBox(0, 0, z, 10, 4, 3)) for z in (0, 3)]
        cut, _ = occ.cut(boxes, [(3, occ.addCylinder(5, -1, 3, 0, 6, 0, 1.5))])
        fragments, _ = occ.fragment(cut[:1], cut[1:])
        occ.synchronize()
        low, high = sorted((tag for _, tag in fragments), key=lambda tag: occ.getCenterOfMass(3, tag)[2])
        solid = Solid.of({"soft": low, "hard": high})
        solid.name("joint", lambda s: abs(s.normal[2]) > 0.9 and abs(s.centre[2] - 3) < 1e-6)
        solid.name("bore", lambda s: s.kind == "Cylinder")
        solid.name_rest("side")
        yield generate(solid, 1.2)


def test_a_mesh_comes_back_from_its_file(two_materials, tmp_path):
    model = gmsh.model.getCurrent()
    write_mesh(two_materials, tmp_path / "mesh.msh")
    again = read_mesh(tmp_path / "mesh.msh")
    assert gmsh.model.getCurrent() == model and len(gmsh.model.list()) == 1 + (model != "")
    for name in ("points", "cells", "regions", "triangles", "marks", "volumes", "surfaces"):
        assert np.array_equal(getattr(again, name), getattr(two_materials, name)), name
    read = meshio.gmsh.read(tmp_path / "mesh.msh")
    assert set(read.field_data) == {"soft", "hard", "joint", "bore", "side"}
    assert np.array_equal(read.cell_data_dict["gmsh:physical"]["tetra10"], two_materials.regions)
    assert np.array_equal(read.cell_data_dict["gmsh:physical"]["triangle6"], two_materials.marks)


SAME_AS_DOLFINX = """
import sys
from contextlib import nullcontext
from pathlib import Path
import numpy as np
from mpi4py import MPI
import solvers
from dolfinx import mesh as dmesh
from dolfinx.io.gmsh import read_from_msh
from geometry.mesh_file import read_mesh
from geometry.solid import cad
from solvers.body import Body

comm, path = MPI.COMM_WORLD, Path({path!r})
with cad() if comm.rank == 0 else nullcontext():
    body = Body.from_mesh(read_mesh(path) if comm.rank == 0 else None, comm)
partitioner = dmesh.create_cell_partitioner(dmesh.GhostMode.shared_facet, 2)
data = read_from_msh(path, comm, 0, 3, partitioner)

def marked(mesh, tags, all_of_them):
    mesh.topology.create_connectivity(tags.dim, 3)
    assert len(np.unique(tags.indices)) == len(tags.indices)
    owned = tags.indices < mesh.topology.index_map(tags.dim).size_local
    middles = dmesh.compute_midpoints(mesh, tags.dim, tags.indices)
    rows = np.column_stack([np.round(middles, 9) + 0.0, tags.values])
    return rows if all_of_them else rows[owned]

def everywhere(rows):
    rows = np.concatenate(comm.allgather(rows))
    return rows[np.lexsort(rows.T)]

for mine, theirs in ((body.cell_tags, data.cell_tags), (body.facet_tags, data.facet_tags)):
    a, b = (everywhere(marked(*which, False)) for which in ((body.mesh, mine), (data.mesh, theirs)))
    assert a.shape == b.shape and np.array_equal(a, b), (a.shape, b.shape)
    # Ghosts have the marks of those who own them.
    assert {{*map(tuple, marked(body.mesh, mine, True))}} <= {{*map(tuple, a)}}
assert {{name: tag for tag, name in body.surfaces.items()}} == {{
    name: group.tag for name, group in data.physical_groups.items() if group.dim == 2
}}
print("same" if comm.rank == 0 else "", end="")
"""


@pytest.mark.parametrize("ranks", [1, 2])
def test_labels_in_dolfinx_are_those_of_its_own_reader(two_materials, tmp_path, ranks):
    write_mesh(two_materials, tmp_path / "mesh.msh")
    assert on_ranks(SAME_AS_DOLFINX.format(path=str(tmp_path / "mesh.msh")), ranks).endswith("same")


@pytest.fixture
def algorithms(monkeypatch):
    """gmsh's numbers of the meshers of volumes that were called."""
    called, generated = [], gmsh.model.mesh.generate

    def generate_(dim):
        if dim == 3:
            called.append(int(gmsh.option.getNumber("Mesh.Algorithm3D")))
        generated(dim)

    monkeypatch.setattr(gmsh.model.mesh, "generate", generate_)
    return called


@pytest.fixture
def two_balls():
    """One of another material in the other."""
    with cad():
        occ = gmsh.model.occ
        outer, inner = occ.addSphere(0, 0, 0, 5), occ.addSphere(0, 0, 0, 3)
        occ.fragment([(3, outer)], [(3, inner)])
        occ.synchronize()
        shell, core = sorted((tag for _, tag in gmsh.model.getEntities(3)), key=lambda t: -occ.getMass(3, t))
        solid = Solid.of({"shell": [shell], "core": [core]})
        solid.name_rest("surface")
        yield solid


def test_volumes_are_meshed_by_hxt_and_the_same_again(two_balls, algorithms):
    coarse, fine, again = generate(two_balls, 1.5), generate(two_balls, 0.4), generate(two_balls, 0.4)
    assert algorithms == [meshing.HXT] * 3 and coarse.note == fine.note == ""
    assert coarse.quality.min_sicn > 0.1 and fine.quality.min_sicn > 0.1
    assert np.array_equal(fine.points, again.points) and np.array_equal(fine.cells, again.cells)
    core = next(tag for tag, name in fine.volumes.items() if name == "core")
    radius = np.linalg.norm(fine.points[fine.cells[:, :4]].mean(axis=1), axis=1)
    assert np.array_equal(fine.regions == core, radius < 3)
    corners = fine.points[fine.cells[:, :4]]
    volume = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / 6
    assert volume.sum() == pytest.approx(4 / 3 * np.pi * 5**3, rel=5e-3)  # of straight elements


def test_what_hxt_cannot_mesh_is_left_to_delaunay(two_balls, algorithms, monkeypatch):
    generated = gmsh.model.mesh.generate

    def fails(dim):
        generated(dim)
        if gmsh.option.getNumber("Mesh.Algorithm3D") == meshing.HXT:
            raise Exception("HXT 3D mesh failed")  # after some elements were made

    monkeypatch.setattr(gmsh.model.mesh, "generate", fails)
    found = generate(two_balls, 1.5)
    assert algorithms == [meshing.HXT, meshing.DELAUNAY] and found.quality.min_sicn > 0.1
    assert found.note == meshing.OTHERWISE
    assert set(found.regions) == set(found.volumes)


def test_a_volume_that_stays_empty_is_refused(two_balls, monkeypatch):
    """gmsh may leave a volume out without a word."""
    generated = gmsh.model.mesh.generate

    def leaves_out(dim):
        generated(dim)
        if dim == 3:
            gmsh.model.mesh.clear([gmsh.model.getEntities(3)[-1]])

    monkeypatch.setattr(gmsh.model.mesh, "generate", leaves_out)
    with pytest.raises(GeometryError, match="a volume was left empty"):
        generate(two_balls, 1.5)


@given(keys=arrays(np.int64, st.integers(0, 60), elements=st.one_of(st.integers(0, 9), st.integers(0, 2**62))))
def test_distinct_numbers_are_those_of_numpy(keys):
    found, names = distinct(keys)
    expected, places = np.unique(keys, return_inverse=True)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(names, places)

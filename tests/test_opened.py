"""What is poor once it is curved is opened: less of it is left, and the mesh is still one, of the same body."""

from __future__ import annotations

from itertools import combinations, pairwise

import gmsh
import numpy as np
import pytest
from test_curved_mesh import SOLIDS

from geometry import second_order
from geometry.mesh import coarse_size, generate
from geometry.opened import opened
from geometry.quality import POOR, scaled_condition
from geometry.reconnection import edges_inside, removals
from geometry.skin import Skin, Tetrahedra
from geometry.solid import Solid, cad
from geometry.tetrahedron import EDGES, keys_of


def filleted():
    """A block with fillets of a twentieth of it: many tetrahedra lie across one."""
    occ = gmsh.model.occ
    block = occ.addBox(0, 0, 0, 12, 9, 6)
    occ.synchronize()
    edges = [tag for _, tag in gmsh.model.getEntities(1)]
    ((_, solid),) = occ.fillet([block], edges, [0.3])
    return solid


POORLY_CURVED = ("wire", "cone", "ring", "filleted")
FACES = np.array([(1, 2, 3), (0, 2, 3), (0, 1, 3), (0, 1, 2)])


def volumes(mesh):
    corners = mesh.points[mesh.cells]
    return np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6


def surface(mesh):
    """Faces that one cell only has, by their corners."""
    faces = np.sort(mesh.cells[:, FACES].reshape(-1, 3), axis=1)
    found, count = np.unique(faces, axis=0, return_counts=True)
    assert count.max() == 2
    return found[count == 1]


@pytest.fixture
def seen(monkeypatch):
    """What goes in and comes out."""
    calls = []

    def watched(mesh, quality, skin):
        before = quality.copy()
        after = opened(mesh, quality, skin)
        calls.append((mesh, before, *after, skin))
        return after

    monkeypatch.setattr(second_order, "opened", watched)
    return calls


@pytest.mark.parametrize("name", [*SOLIDS, "filleted"])
def test_what_is_poor_is_opened(name, seen, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with cad():
        solid = Solid.of({"solid": (SOLIDS | {"filleted": filleted})[name]()})
        solid.name_rest("skin")
        for finer in (0.7, 1.0, 2.0):
            generate(solid, coarse_size(solid) / finer)
    assert seen
    if name in POORLY_CURVED:
        assert sum((before < POOR).sum() for _, before, *_ in seen) > 0
    for mesh, before, after, quality, skin in seen:
        assert (quality < POOR).sum() <= 0.2 * (before < POOR).sum()
        assert quality.min() >= before.min()
        assert np.array_equal(after.points[: len(mesh.points)], mesh.points)
        assert np.array_equal(surface(after), surface(mesh))
        assert (volumes(after) > 0).all()
        assert volumes(after).sum() == pytest.approx(volumes(mesh).sum(), rel=1e-12)
        edges = after.cells[:, EDGES]
        middles = after.points[edges].mean(axis=2) + skin.find(edges)[1]
        nodes = np.arange(len(after.points), len(after.points) + 6 * len(edges)).reshape(-1, 6)
        points = np.concatenate([after.points, middles.reshape(-1, 3)])
        assert scaled_condition(points, np.concatenate([after.cells, nodes], axis=1)) == pytest.approx(quality)


def test_no_region_takes_from_another(seen):
    """A ball in a ball: what is added on either side belongs there."""
    with cad():
        model = gmsh.model
        outer, inner = model.occ.addSphere(0, 0, 0, 5), model.occ.addSphere(0, 0, 0, 3)
        model.occ.fragment([(3, outer)], [(3, inner)])
        model.occ.synchronize()
        shell, core = sorted((tag for _, tag in model.getEntities(3)), key=lambda t: -model.occ.getMass(3, t))
        solid = Solid.of({"shell": [shell], "core": [core]})
        solid.name_rest("skin")
        generate(solid, 1.0)
    (mesh, _, after, _, _) = seen[-1]
    assert len(after.cells) != len(mesh.cells)
    for region in np.unique(mesh.regions):
        sums = [volumes(m)[m.regions == region].sum() for m in (mesh, after)]
        assert sums[1] == pytest.approx(sums[0], rel=1e-12)


def test_an_edge_between_regions_is_left_alone():
    """Even where nothing says that it belongs to a surface."""
    points = np.array([(0, 0, 0), (0, 0, 1), (1, 0, 0.5), (0, 1, 0.5), (-1, 0, 0.5), (0, -1, 0.5)], dtype=float)
    cells = np.array([(0, 1, 2, 3), (0, 1, 3, 4), (0, 1, 4, 5), (0, 1, 5, 2)])
    nothing = Skin(np.empty(0, dtype=np.int64), np.empty((0, 3)), len(points))
    one, two = (Tetrahedra(points, cells, np.array(regions)) for regions in ([1, 1, 1, 1], [1, 1, 2, 2]))
    assert (volumes(one) > 0).all()
    every = np.arange(4)
    assert [0, 1] in edges_inside(one, nothing, every).edges.tolist()
    assert [0, 1] not in edges_inside(two, nothing, every).edges.tolist()


@pytest.mark.parametrize("corners", [3, 4, 5])
def test_an_edge_is_taken_away_in_every_way(corners):
    """What comes in its place fills the same space."""
    angles = 2 * np.pi * np.arange(corners) / corners
    rim = np.column_stack([np.cos(angles), np.sin(angles), 0.1 * np.arange(corners)])
    points = np.concatenate([[(0, 0, -1), (0, 0, 1)], rim])
    ring = 2 + np.arange(corners)
    cells = np.column_stack([np.zeros(corners, int), np.ones(corners, int), ring, np.roll(ring, -1)])
    mesh = Tetrahedra(points, cells, np.ones(corners, dtype=int))
    outer = np.array([pair for pair in combinations(range(len(points)), 2) if pair != (0, 1)])
    skin = Skin(keys_of(outer, len(points)), np.zeros((len(outer), 3)), len(points))
    ways = removals(mesh, edges_inside(mesh, skin, np.arange(corners)))
    assert len(ways.adds) == {3: 1, 4: 2, 5: 5}[corners]
    for pieces in (ways.pieces.items[a:b] for a, b in pairwise(ways.pieces.first)):
        assert len(ways.gone.items) == len(ways.adds) * corners
        assert len(pieces) == 2 * (corners - 2)
        some = volumes(Tetrahedra(points, pieces, np.ones(len(pieces))))
        assert (some > 0).all() and some.sum() == pytest.approx(volumes(mesh).sum())

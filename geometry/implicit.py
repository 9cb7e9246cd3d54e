"""A solid given by a level set in a periodic box, and its curved second-order mesh."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geometry.curved_mesh import CurvedMesh
from geometry.errors import GeometryError
from geometry.quality import scaled_condition, worst_of
from geometry.solid import Cut, Solid
from geometry.stuffing import Level, Stuffed, stuffed
from geometry.tetrahedron import edges_of, shape_slopes

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

SAMPLES = 96  # points of a period along each edge, by which volumes are measured
# Corners of the four faces with their edges.
_FACES = np.array([(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)])
_FACE_EDGES = np.array([(2, 1, 0), (0, 5, 3), (3, 4, 2), (1, 4, 5)])
SURFACES = [f"{side}_{axis}" for axis in "xyz" for side in ("low", "high")] + ["wall"]
_CENTRE = np.full((1, 4), 0.25)
_NEWTON = 4
LAYERS = 5  # periods in a stack that closes in itself; a prime, so that few turns come back to the same one
STL = 24  # cubes of the lattice along a period, for the file to look at
_POOREST, _EASINGS = 0.2, 6  # determinant of a curved element, by that of the straight one, below which it is eased


@dataclass
class ImplicitSolid(Solid):
    """The points of a cube where a function is negative; make it with `within`.

    Its wall is where the function is 0, labelled "wall"; the faces of the cube are "low_x", "high_x", ....

    Attributes
    ----------
    level : callable
        Takes points (n, 3), mm; has the cube as its period.
    low, high : (3,) arrays, mm
        Corners of the cube.
    period : float, mm
        Edge of the smallest cube that repeats.
    """

    level: Level = field(default=lambda points: points[:, 0], kw_only=True)
    low: Array = field(default_factory=lambda: np.zeros(3), kw_only=True)
    high: Array = field(default_factory=lambda: np.ones(3), kw_only=True)
    period: float = field(default=1.0, kw_only=True)

    @classmethod
    def within(cls, label: str, level: Level, low: Array, high: Array, cells: int = 1) -> ImplicitSolid:
        """The inside of a level set, labelled ``label``, in a cube with ``cells`` periods along each edge."""
        surfaces: dict[int, tuple[str, ...]] = {tag: (name,) for tag, name in enumerate(SURFACES, start=1)}
        return cls({1: (label,)}, surfaces, level=level, low=low, high=high, period=float(high[0] - low[0]) / cells)

    @property
    def label(self) -> str:
        return self.volumes[1][0]

    def box(self) -> tuple[Array, Array]:
        """Lowest and highest corner, mm."""
        return self.low, self.high

    def check_connected(self) -> None:
        """Pores may well be two labyrinths that never meet."""

    def cut(self, *cuts: Cut) -> None:
        """Raise GeometryError: there is no CAD kernel behind it."""
        raise GeometryError("a solid given by a level set cannot be cut")

    def volume(self) -> float:
        """Volume, mm^3, by sampling."""
        inside = inside_share(self.level(sample_points(self.low, self.high)))
        return inside * float(np.prod(self.high - self.low))

    def closed(self) -> list[str]:
        """Axes along which nothing can pass from one period to the next, as a lattice of one period sees it.

        Each layer of a stack of periods is a copy of the mesh; what leaves one at its high face is in the next. Open is
        an axis along which some point is joined to its copy in another layer.
        """
        found = self._closed(STL * 2 // 3)
        return self._closed(STL) if found else found  # a narrow throat may not be seen at first

    def _closed(self, number: int) -> list[str]:
        mesh = stuffed(self.level, self.low, self.low + self.period, number)
        _, node = np.unique(mesh.twins, return_inverse=True)
        count, pairs = int(node.max(initial=-1)) + 1, edges_of(mesh.cells).ends
        found = []
        for axis, name in enumerate("xyz"):
            layer = (mesh.planes[:, axis] == 1).astype(np.int64)
            ends = [
                np.concatenate([node[v] + count * ((layer[v] + k) % LAYERS) for k in range(LAYERS)]) for v in pairs.T
            ]
            graph = coo_array((np.ones(len(ends[0])), tuple(ends)), shape=(LAYERS * count,) * 2)
            piece = connected_components(graph, directed=False)[1].reshape(LAYERS, count)
            if not (piece[1:] == piece[0]).any():
                found.append(name)
        return found

    def write(self, folder: Path) -> None:
        """Write the wall of one period as `geometry.stl`, mm: there is no CAD solid."""
        straight = stuffed(self.level, self.low, self.low + self.period, STL)
        wall = _outer(straight)[-1]
        corners = straight.points[straight.cells[wall[:, 0, None], _FACES[wall[:, 1]]]].astype("<f4")
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-30
        rows = np.zeros(len(corners), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
        rows["normal"], rows["corners"] = normals, corners
        with (folder / "geometry.stl").open("wb") as out:
            out.write(f"{self.label}, mm".encode().ljust(80) + np.uint32(len(rows)).tobytes() + rows.tobytes())


def sample_points(low: Array, high: Array) -> Array:
    """Midpoints of small cubes that fill a box, (n, 3)."""
    along = [a + (np.arange(SAMPLES) + 0.5) / SAMPLES * (b - a) for a, b in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*along, indexing="ij"), axis=-1).reshape(-1, 3)


def inside_share(values: Array) -> float:
    """Share of a period where a function, known at the sample points, is negative.

    In each small cube the surface is a plane square to the gradient, the cube as wide across it as its edge: second
    order.
    """
    grid = values.reshape((SAMPLES,) * 3)
    slopes = [(np.roll(grid, -1, axis) - np.roll(grid, 1, axis)) / 2 for axis in range(3)]
    across = np.maximum(np.sqrt(sum(slope**2 for slope in slopes)), 1e-12 * np.abs(grid).max())
    return float(np.mean(np.clip(0.5 - grid / across, 0.0, 1.0)))


def generate_implicit(solid: ImplicitSolid, number: int) -> CurvedMesh:
    """Mesh a level set with curved quadratic tetrahedra.

    Parameters
    ----------
    solid : ImplicitSolid
    number : int
        Of cubes of the lattice along each edge of the box.

    Raises
    ------
    GeometryError
        If nothing is inside, or no wall is seen, or an element is inverted.
    """
    where = f"at {number} cubes along an edge"
    mesh = stuffed(solid.level, solid.low, solid.high, number)
    if not len(mesh.cells):
        raise GeometryError(f"nothing of the '{solid.label}' is left {where}")
    edges, of_cells, *_ = edges_of(mesh.cells)
    faces = _outer(mesh)
    if not len(faces[-1]):
        raise GeometryError(f"the walls are too thin to be seen {where}")
    middles = _curved(solid.level, mesh, edges, of_cells, faces[-1])
    nodes = np.column_stack([mesh.cells, len(mesh.points) + of_cells])
    cell, k = np.concatenate(faces).T
    points = np.concatenate([mesh.points, middles])
    return CurvedMesh(
        points=points,
        cells=nodes,
        regions=np.ones(len(nodes), dtype=np.int64),
        triangles=np.take_along_axis(nodes[cell], np.column_stack([_FACES[k], 4 + _FACE_EDGES[k]]), axis=1),
        marks=np.repeat(np.arange(1, len(SURFACES) + 1), [len(some) for some in faces]),
        volumes={1: solid.label},
        surfaces=dict(enumerate(SURFACES, start=1)),
        worst=worst_of(scaled_condition(points, nodes)),
    ).checked(where)


def lattice_volume(solid: ImplicitSolid, number: int) -> float:
    """Volume, mm^3, of the curved mesh of one period on a lattice of ``number`` cubes along its edge.

    By the rule of five points, exact for the cubic determinants of quadratic tetrahedra (Keast, Comput. Methods Appl.
    Mech. Eng. 55, 1986, 339).
    """
    mesh = stuffed(solid.level, solid.low, solid.low + solid.period, number)
    edges, of_cells, *_ = edges_of(mesh.cells)
    middles = _curved(solid.level, mesh, edges, of_cells, _outer(mesh)[-1])
    places = np.vstack([_CENTRE, np.full((4, 4), 1 / 6) + np.eye(4) / 3])
    weights = np.array([-2 / 15, *[3 / 40] * 4])
    return float((weights @ _determinants(mesh, of_cells, middles, places)).sum())


def _outer(mesh: Stuffed) -> list[Integers]:
    """Outer faces of each surface, as (cell, face)."""
    faces = mesh.cells[:, _FACES].reshape(-1, 3)
    _, name, count = np.unique(np.sort(faces, axis=1), axis=0, return_inverse=True, return_counts=True)
    outer = np.flatnonzero(count[name] == 1)
    where = np.column_stack([outer // 4, outer % 4])
    planes = mesh.planes[faces[outer]]
    twins = np.unique(np.sort(mesh.twins[faces[outer]], axis=1), axis=0, return_inverse=True)[1].ravel()
    chosen = []
    for axis in range(3):
        low, high = ((planes[:, :, axis] == side).all(axis=1) for side in (-1, 1))
        # A face that has no twin lies on the wall: beyond it there is none of this.
        chosen += [low & np.isin(twins, twins[high]), high & np.isin(twins, twins[low])]
    chosen.append(~np.any(chosen, axis=0))
    return [where[some] for some in chosen]


def _curved(level: Level, mesh: Stuffed, edges: Integers, of_cells: Integers, wall: Integers) -> Array:
    """Middles of the edges, those of the wall on the level set, as far as no element suffers; the twins alike."""
    ends = mesh.points[edges]
    straight = ends.mean(axis=1)
    on_wall = np.unique(of_cells[wall[:, 0, None], _FACE_EDGES[wall[:, 1]]])
    a, b = mesh.planes[edges[on_wall]].transpose(1, 0, 2)
    free = ((a != b) | (a == 0)).astype(float)  # along the box it stays
    x, length = straight[on_wall], np.linalg.norm(ends[on_wall, 1] - ends[on_wall, 0], axis=1)
    for _ in range(_NEWTON):
        step = 1e-4 * length[:, None]
        gradient = np.stack([(level(x + step * e) - level(x - step * e)) / (2 * step[:, 0]) for e in np.eye(3)], axis=1)
        gradient *= free
        move = -level(x)[:, None] * gradient / np.maximum((gradient**2).sum(axis=1), 1e-30)[:, None]
        x = x + move * np.minimum(1.0, 0.1 * length / np.maximum(np.linalg.norm(move, axis=1), 1e-30))[:, None]
    bow = np.zeros_like(straight)
    bow[on_wall] = x - straight[on_wall]
    twins = _edge_twins(mesh, edges)
    for _ in range(_EASINGS):
        poor = _smallest_determinant(mesh, of_cells, straight + bow) < _POOREST
        if not poor.any():
            break
        bow[np.isin(twins, twins[of_cells[poor]])] /= 2
    return np.asarray(straight + bow)


def _edge_twins(mesh: Stuffed, edges: Integers) -> Integers:
    """One number for the edges that are the same but for whole periods."""
    ends = np.sort(mesh.twins[edges], axis=1)
    way = mesh.points[edges[:, 1]] - mesh.points[edges[:, 0]]
    way *= np.where(mesh.twins[edges[:, 0]] <= mesh.twins[edges[:, 1]], 1, -1)[:, None]
    size = np.abs(way).max()
    key = np.column_stack([ends, np.round(way / size, 6)])
    return np.asarray(np.unique(key, axis=0, return_inverse=True)[1].ravel())


def _smallest_determinant(mesh: Stuffed, of_cells: Integers, middles: Array) -> Array:
    """Of the Jacobian of each curved element at its corners and centre, by that of the straight one."""
    straight = np.linalg.det(mesh.points[mesh.cells[:, 1:]] - mesh.points[mesh.cells[:, :1]])
    return _determinants(mesh, of_cells, middles, np.vstack([np.eye(4), _CENTRE])).min(axis=0) / straight


def _determinants(mesh: Stuffed, of_cells: Integers, middles: Array, places: Array) -> Array:
    """Of the Jacobian of the curved elements (m,) at barycentric places (k, 4): (k, m)."""
    nodes = np.concatenate([mesh.points[mesh.cells], middles[of_cells]], axis=1)
    return np.stack([np.linalg.det(slopes @ nodes) for slopes in shape_slopes(places)])

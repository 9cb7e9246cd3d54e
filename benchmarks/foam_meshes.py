"""Hexahedral meshes of the flow cases, for OpenFOAM's blockMesh."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, pi, sin, sqrt

Vertex = tuple[float, float, float]


@dataclass
class Blocks:
    """A block mesh that grows vertex by vertex; lengths in m."""

    vertices: list[Vertex] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    arcs: list[str] = field(default_factory=list)
    patches: dict[str, tuple[str, list[str]]] = field(default_factory=dict)

    def at(self, x: float, y: float, z: float) -> int:
        """The number of a vertex, made if there is none."""
        for k, v in enumerate(self.vertices):
            if max(abs(a - b) for a, b in zip(v, (x, y, z), strict=True)) < 1e-9:
                return k
        self.vertices.append((x, y, z))
        return len(self.vertices) - 1

    def block(self, corners: list[int], cells: tuple[int, int, int], grading: tuple[float, float, float]) -> None:
        self.blocks.append(f"hex ({_row(corners)}) ({_row(cells)}) simpleGrading ({_row(grading)})")

    def arc(self, a: int, b: int, through: Vertex) -> None:
        self.arcs.append(f"arc {a} {b} ({_row(through)})")

    def face(self, patch: str, kind: str, corners: list[int]) -> None:
        self.patches.setdefault(patch, (kind, []))[1].append(f"({_row(corners)})")

    def text(self) -> str:
        """The dictionary that blockMesh reads."""
        patches = "\n".join(
            f"{name} {{ type {kind}; faces ({' '.join(faces)}); }}" for name, (kind, faces) in self.patches.items()
        )
        return (
            "FoamFile { version 2.0; format ascii; class dictionary; object blockMeshDict; }\n"
            "scale 1;\n"
            f"vertices ({' '.join(f'({_row(v)})' for v in self.vertices)});\n"
            f"blocks ({chr(10).join(self.blocks)});\nedges ({chr(10).join(self.arcs)});\n"
            f"boundary ({patches});\n"
        )


def _row(values: object) -> str:
    assert isinstance(values, list | tuple)
    return " ".join(f"{v:.10g}" if isinstance(v, float) else str(v) for v in values)


def cylinder_in_channel(m: int) -> Blocks:
    """The channel of case 3D-1Z (Schafer and Turek 1996), up to the plane z = H/2; ``m`` cells along an eighth of the
    cylinder's circumference, an O-grid about it.
    """
    mesh, height, centre, r, half = Blocks(), 0.41, (0.5, 0.2), 0.05, 0.1
    xs = [0.0, centre[0] - half, centre[0] + half, 2.5]
    ys = [0.0, centre[1] - half, centre[1] + half, height]
    along, across, deep = [4 * m, 2 * m, 10 * m], [m, 2 * m, m], 3 * m
    stretch = [1 / 4.0, 1.0, 8.0]

    def hexahedron(flat: list[tuple[float, float]], cells: tuple[int, int], grading: tuple[float, float]) -> list[int]:
        low, high = ([mesh.at(x, y, z) for x, y in flat] for z in (0.0, height / 2))
        # Finer towards the wall at z = 0.
        mesh.block(low + high, (*cells, deep), (*grading, 4.0))
        mesh.face("wall", "wall", low[::-1])
        mesh.face("symmetry", "symmetryPlane", high)
        return low + high

    for i in range(3):
        for j in range(3):
            if (i, j) == (1, 1):
                continue
            flat = [(xs[i], ys[j]), (xs[i + 1], ys[j]), (xs[i + 1], ys[j + 1]), (xs[i], ys[j + 1])]
            c = hexahedron(flat, (along[i], across[j]), (stretch[i], (2.0, 1.0, 0.5)[j]))
            if i == 0:
                mesh.face("inlet", "patch", [c[0], c[4], c[7], c[3]])
            if i == 2:
                mesh.face("outlet", "patch", [c[1], c[2], c[6], c[5]])
            if j == 0:
                mesh.face("wall", "wall", [c[0], c[1], c[5], c[4]])
            if j == 2:
                mesh.face("wall", "wall", [c[3], c[7], c[6], c[2]])
    s = r / sqrt(2)
    for (ax, ay), (bx, by) in (((-1, -1), (1, -1)), ((1, -1), (1, 1)), ((1, 1), (-1, 1)), ((-1, 1), (-1, -1))):
        flat = [
            (centre[0] + half * ax, centre[1] + half * ay),
            (centre[0] + half * bx, centre[1] + half * by),
            (centre[0] + s * bx, centre[1] + s * by),
            (centre[0] + s * ax, centre[1] + s * ay),
        ]
        c = hexahedron(flat, (2 * m, 2 * m), (1.0, 1 / 4.0))
        mesh.face("cylinder", "wall", [c[3], c[7], c[6], c[2]])
        middle = (centre[0] + r * (ax + bx) / 2, centre[1] + r * (ay + by) / 2)
        for a, b, z in ((c[3], c[2], 0.0), (c[7], c[6], height / 2)):
            mesh.arc(a, b, (*middle, z))
    return mesh


def quarter_nozzle(m: int) -> Blocks:
    """A quarter of the FDA nozzle, sudden expansion at z = 0; ``m`` cells along an eighth of its circumference."""
    wide, narrow, cone = 0.006, 0.002, 0.004 / 0.17632698070846498
    start = -0.040 - cone - 0.045
    stations = [(start, wide), (start + 0.045, wide), (-0.040, narrow), (0.0, narrow), (0.250, narrow)]
    mesh = Blocks()
    axial = [(3 * m, 1 / 3.0), (3 * m, 1 / 2.0), (5 * m, 1 / 3.0), (20 * m, 12.0)]
    for (za, ra), (zb, rb), (cells, grading) in zip(stations, stations[1:], axial, strict=False):
        downstream = za == 0.0
        rings = [_section(mesh, z, r) for z, r in ((za, ra), (zb, rb))]
        a, b = rings
        o, p, q, s, d, e, f = range(7)
        for corners in ((o, p, q, s), (p, d, e, q), (s, q, e, f)):
            n = (m, m)
            # The ring's cells are finer towards the wall; its directions differ between the two blocks.
            grade = {(o, p, q, s): (1.0, 1.0), (p, d, e, q): (1 / 3.0, 1.0), (s, q, e, f): (1.0, 1 / 3.0)}[corners]
            mesh.block([a[k] for k in corners] + [b[k] for k in corners], (*n, cells), (*grade, grading))
            if za == start:
                mesh.face("inlet", "patch", [a[k] for k in corners][::-1])
            if downstream:
                mesh.face("outlet", "patch", [b[k] for k in corners])
        for x, y in ((o, p), (p, d)):
            mesh.face("symmetry_y", "symmetryPlane", [a[x], a[y], b[y], b[x]])
        for x, y in ((o, s), (s, f)):
            mesh.face("symmetry_x", "symmetryPlane", [a[x], b[x], b[y], a[y]])
        if not downstream:
            for x, y in ((d, e), (e, f)):
                mesh.face("wall", "wall", [a[x], a[y], b[y], b[x]])
            continue
        outer = [[mesh.at(wide * x, wide * y, z) for x, y in _DIRECTIONS] for z in (za, zb)]
        for z, ring in ((za, outer[0]), (zb, outer[1])):
            _arcs(mesh, ring, wide, z)
        for k, (x, y) in enumerate(((d, e), (e, f))):
            low = [a[x], outer[0][k], outer[0][k + 1], a[y]]
            high = [b[x], outer[1][k], outer[1][k + 1], b[y]]
            mesh.block(low + high, (2 * m, m, cells), (1.0, 1.0, grading))
            mesh.face("wall", "wall", low[::-1])
            mesh.face("outlet", "patch", high)
            mesh.face("wall", "wall", [low[1], low[2], high[2], high[1]])
        mesh.face("symmetry_y", "symmetryPlane", [a[d], outer[0][0], outer[1][0], b[d]])
        mesh.face("symmetry_x", "symmetryPlane", [a[f], b[f], outer[1][2], outer[0][2]])
    return mesh


_DIRECTIONS = [(1.0, 0.0), (sqrt(0.5), sqrt(0.5)), (0.0, 1.0)]
_CORE, _DIAGONAL = 0.55, 0.45  # of the radius: corners of the square in the middle


def _section(mesh: Blocks, z: float, r: float) -> list[int]:
    """Vertices of a quarter of a section: centre, three of the square, three of the rim."""
    inner = [(0.0, 0.0), (_CORE * r, 0.0), (_DIAGONAL * r, _DIAGONAL * r), (0.0, _CORE * r)]
    rim = [(r * x, r * y) for x, y in _DIRECTIONS]
    names = [mesh.at(x, y, z) for x, y in (*inner, *rim)]
    _arcs(mesh, names[4:], r, z)
    return names


def _arcs(mesh: Blocks, rim: list[int], r: float, z: float) -> None:
    for k, angle in enumerate((pi / 8, 3 * pi / 8)):
        edge = f"arc {rim[k]} {rim[k + 1]} "
        if not any(arc.startswith(edge) for arc in mesh.arcs):
            mesh.arc(rim[k], rim[k + 1], (r * cos(angle), r * sin(angle), z))

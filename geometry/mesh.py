"""Second-order tetrahedral meshes on the CAD surface, with a gate on their quality."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import gmsh

from geometry.curved_mesh import CurvedMesh
from geometry.errors import GeometryError
from geometry.morph import morphed
from geometry.second_order import second_order
from geometry.sizefield import SizeField
from geometry.solid import SYMMETRY, Solid

CURVATURE = 8  # elements to a full circle on the coarsest mesh
FRONTAL = 6
# On one thread, and so the same mesh on every machine; a third of the time of gmsh's own Delaunay, which is there for
# what it cannot mesh. Both in one ladder would not do: error bars compare meshes that are alike.
HXT, DELAUNAY = 10, 1
OTHERWISE = "meshed by Delaunay, as HXT failed: error bars that rest on it and on meshes of HXT are less sure"
# Quality below which HXT improves straight elements; up to 0.3, gmsh's default, coarse meshes take ten times longer.
IMPROVED = 0.2
VOLUMES = -3  # the interior takes over the size of the surface mesh; the surfaces do not take that of their edges
# Precision, in elements, of the number of elements on each piece of a curve. gmsh itself asks for 1e-9, which takes as
# long as all the rest of a small mesh; nodes move by about a thousandth of an edge.
DIVISION = 1e-4


@dataclass(frozen=True)
class SizeBox:
    """Element size ``factor`` times the general one inside a box, mm, blended out over ``blend`` mm."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    factor: float
    blend: float


def coarse_size(solid: Solid) -> float:
    """Element size of the coarsest useful mesh, mm.

    Volume over surface area: half the thickness of a plate, half the radius of a bar. Planes of symmetry do not count.
    """
    mirrors = sum(s.area for s in solid.describe() if any(w.startswith(SYMMETRY) for w in solid.surfaces[s.tag]))
    return solid.volume() / (solid.area() - mirrors)


def generate(
    solid: Solid,
    size: float,
    boxes: Sequence[SizeBox] = (),
    refinement: float = 1.0,
    field: SizeField | None = None,
) -> CurvedMesh:
    """Mesh the solid with curved quadratic tetrahedra; gmsh keeps the linear ones.

    Parameters
    ----------
    solid : Solid
        Its labels become the physical groups of the mesh, joined by "+".
    size : float
        General element size, mm.
    boxes : sequence of SizeBox
        Where the mesh is to be finer (factor < 1) or coarser (factor > 1).
    refinement : float
        By how much this mesh is finer than the coarsest; the resolution of curved surfaces grows with it.
    field : SizeField or None
        Sizes not to be exceeded.

    Raises
    ------
    GeometryError
        If the mesher fails or an element is inverted.
    """
    gmsh.model.mesh.clear()  # or the resolution of curves would stay that of the mesh before
    _name_groups(solid)
    option = gmsh.option.setNumber
    option("Mesh.MeshSizeMax", size * max([1.0, *(b.factor for b in boxes)]))
    option("Mesh.MeshSizeMin", size / 500)
    option("Mesh.MeshSizeFromCurvature", CURVATURE * refinement)
    option("Mesh.MeshSizeExtendFromBoundary", VOLUMES)
    option("Mesh.MeshSizeFromPoints", 0)
    option("Mesh.Algorithm", FRONTAL)
    option("Mesh.ElementOrder", 1)
    option("Mesh.LcIntegrationPrecision", DIVISION)
    option("Mesh.RandomSeed", 1)
    _size_field(size, boxes, field)
    try:
        gmsh.model.mesh.generate(2)
        note = _fill()
        mesh = replace(second_order(), note=note)
    except Exception as error:  # gmsh raises bare Exceptions
        raise GeometryError(f"the solid cannot be meshed at {size:.2f} mm: {error}") from error
    return mesh.checked(f"at {size:.2f} mm")


def moved(solid: Solid, mesh: CurvedMesh) -> CurvedMesh:
    """The mesh of a solid with the same pieces, moved to this one.

    Raises
    ------
    GeometryError
        If the pieces are not the same, or the mesh becomes poorer by it.
    """
    gmsh.model.mesh.clear()
    _name_groups(solid)
    try:
        found = morphed(mesh)
    except GeometryError:
        raise
    except Exception as error:  # gmsh raises bare Exceptions
        raise GeometryError(f"the mesh of another part cannot be moved to this one: {error}") from error
    return found.checked("of another part, moved to this one,")


def _fill() -> str:
    """Mesh the volumes between the surfaces; says so if it was not by HXT."""
    gmsh.option.setNumber("Mesh.OptimizeThreshold", IMPROVED)
    gmsh.option.setNumber("Mesh.Algorithm3D", HXT)
    with suppress(Exception):  # gmsh raises bare ones
        gmsh.model.mesh.generate(3)
        if _filled():
            return ""
    gmsh.model.mesh.clear(gmsh.model.getEntities(3))
    gmsh.option.setNumber("Mesh.Algorithm3D", DELAUNAY)
    gmsh.model.mesh.generate(3)
    if not _filled():
        raise GeometryError("a volume was left empty")
    return OTHERWISE


def _filled() -> bool:
    """Whether every volume has elements: gmsh may leave one out without a word."""
    return all(len(gmsh.model.mesh.getElementTypes(3, tag)) for _, tag in gmsh.model.getEntities(3))


def _name_groups(solid: Solid) -> None:
    gmsh.model.removePhysicalGroups([])
    for dim, regions in ((3, solid.volumes), (2, solid.surfaces)):
        groups: dict[str, list[int]] = {}
        for tag, words in sorted(regions.items()):
            groups.setdefault("+".join(words) or "unnamed", []).append(tag)
        for number, (name, tags) in enumerate(groups.items(), start=1):
            gmsh.model.addPhysicalGroup(dim, tags, tag=number, name=name)


def _size_field(size: float, boxes: Sequence[SizeBox], known: SizeField | None) -> None:
    field = gmsh.model.mesh.field
    for tag in field.list():
        field.remove(tag)
    for view in gmsh.view.getTags():
        gmsh.view.remove(view)

    def box(b: SizeBox, outside: float) -> int:
        tag = field.add("Box")
        for name, value in zip(("XMin", "YMin", "ZMin", "XMax", "YMax", "ZMax"), (*b.low, *b.high), strict=True):
            field.setNumber(tag, name, value)
        field.setNumber(tag, "VIn", size * b.factor)
        field.setNumber(tag, "VOut", outside)
        field.setNumber(tag, "Thickness", b.blend)
        return int(tag)

    def combine(kind: str, tags: list[int]) -> int:
        tag = field.add(kind)
        field.setNumbers(tag, "FieldsList", tags)
        return int(tag)

    everywhere = field.add("MathEval")
    field.setString(everywhere, "F", f"{size!r}")
    coarse = combine("Max", [everywhere, *(box(b, size) for b in boxes if b.factor > 1)])
    given = [known.background()] if known else []
    fine = combine("Min", [coarse, *(box(b, 1e22) for b in boxes if b.factor <= 1), *given])
    field.setAsBackgroundMesh(fine)

"""Solids with named regions, built in gmsh's OpenCASCADE kernel.

Every volume and surface carries *labels*: words of the engineer ("trunnion", "bottom", "potted").
A region is selected by what it is (position, normal, kind of surface), never by its tag number,
and its labels go with it into the mesh, the fields and the pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path

import gmsh
import numpy as np
from numpy.typing import NDArray

from geometry.errors import GeometryError
from geometry.scene import Ghost

Array = NDArray[np.float64]

SYMMETRY = "symmetry_"  # a plane of symmetry is labelled so, with the axis it lies across

# Where to look for a point inside a trimmed surface: the middle first, then a grid that avoids symmetric spots.
_FRACTIONS = np.array([(0.5, 0.5), *((u, v) for u in (0.37, 0.68, 0.12, 0.91) for v in (0.53, 0.21, 0.79, 0.07, 0.95))])

_CLEAR = 0.01  # of the range, by which a point of a surface is away from its rim
_ON_PLANE = 1e-6  # mm


@contextmanager
def cad(verbose: bool = False) -> Iterator[None]:
    """A gmsh session with an empty OpenCASCADE model, closed whatever happens inside.

    gmsh holds one model for the whole process, so sessions cannot be nested.
    """
    gmsh.initialize(readConfigFiles=False, interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", float(verbose))
        gmsh.option.setNumber("General.NumThreads", 1)  # faster than two here, and repeatable
        gmsh.option.setNumber("Geometry.OCCBoundsUseStl", 0)
        gmsh.model.add("solid")
        yield
    finally:
        gmsh.finalize()


@dataclass(frozen=True)
class Surface:
    """What a selector can ask of a surface.

    Attributes
    ----------
    tag : int
    kind : str
        "Plane", "Cylinder", "Cone", "Torus", "BSpline surface", ... (OpenCASCADE's words).
    low, high : (3,) arrays, mm
        Bounding box.
    volumes : sequence of int
        Tags of all volumes of the solid.
    """

    tag: int
    kind: str
    low: Array
    high: Array
    volumes: Sequence[int]

    @property
    def middle(self) -> Array:
        """Middle of the bounding box (3,), mm; known without integration."""
        return (self.low + self.high) / 2

    @cached_property
    def normal(self) -> Array:
        """Outward unit normal (3,) at a point near the middle of the surface; as the area."""
        spot = _spot(self.tag)
        # The sign of the normal that gmsh gives follows the parametrization; the solid itself tells which side is out.
        step = 1e-4 * float(np.linalg.norm(self.high - self.low)) * spot.normal
        within = any(gmsh.model.isInside(3, tag, list(spot.point + step)) for tag in self.volumes)
        return np.asarray(-spot.normal if within else spot.normal)

    @cached_property
    def area(self) -> float:
        """mm^2; integrated when asked for, which takes OpenCASCADE milliseconds."""
        return float(gmsh.model.occ.getMass(2, self.tag))

    @cached_property
    def centre(self) -> Array:
        """Centre of mass (3,), mm; as the area."""
        return np.array(gmsh.model.occ.getCenterOfMass(2, self.tag))


@dataclass(frozen=True)
class Cut:
    """A plane that parts a solid.

    Attributes
    ----------
    point, normal : (3,) sequence of float
        A point of it, mm, and what it is normal to.
    name : str
        Label of the inner surface that it makes.
    above, below : str
        Labels of the pieces on the side of the normal and on the other side; none if empty.
    """

    point: Sequence[float]
    normal: Sequence[float]
    name: str
    above: str = ""
    below: str = ""

    @property
    def origin(self) -> Array:
        return np.asarray(self.point, float)

    @property
    def direction(self) -> Array:
        """The normal (3,), of length 1."""
        normal = np.asarray(self.normal, float)
        return np.asarray(normal / np.linalg.norm(normal))

    def height(self, point: Array) -> float:
        """How far a point (3,) is above the plane, mm."""
        return float((point - self.origin) @ self.direction)


@dataclass
class Solid:
    """The volumes of the current gmsh model with the labels of their regions.

    Attributes
    ----------
    volumes, surfaces : dict of int to tuple of str
        Labels of each volume and each surface, by the tag in the current model.
    landmarks : dict of str to (3,) array, mm
        Named points that are not on the mesh, such as the centre of the femoral head.
    copies : int
        How many of this solid, mirrored at its planes of symmetry, make the device.
    ghosts : list of Ghost
        Parts that belong to the device and are drawn with it, but are not meshed, such as the head itself.
    """

    volumes: dict[int, tuple[str, ...]]
    surfaces: dict[int, tuple[str, ...]] = field(default_factory=dict)
    landmarks: dict[str, Array] = field(default_factory=dict)
    copies: int = 1
    ghosts: list[Ghost] = field(default_factory=list)
    _described: dict[int, Surface] = field(default_factory=dict, init=False, repr=False)
    _masses: dict[int, float] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, volumes: dict[str, int | Sequence[int]]) -> Solid:
        """Take over volumes of the current model, as label: tag or tags.

        Raises
        ------
        GeometryError
            If a volume is missing or empty.
        """
        gmsh.model.occ.synchronize()
        labels: dict[int, tuple[str, ...]] = {}
        for label, tags in volumes.items():
            for tag in [tags] if isinstance(tags, int) else tags:
                labels[tag] = (label,)
        if not labels:
            raise GeometryError("the solid vanished: no volume is left")
        solid = cls(labels, dict.fromkeys(_boundary(labels), ()))
        for tag, words in labels.items():
            if solid._mass(tag) <= 1e-9:
                raise GeometryError(f"the volume '{words[0]}' has vanished, or its skin does not close")
        return solid

    # --- names -------------------------------------------------------------------------------

    def describe(self) -> list[Surface]:
        """Every outer or inner surface, described for a selector."""
        for tag in self.surfaces.keys() - self._described.keys():
            self._described[tag] = _describe(tag, self.volumes)
        return [self._described[tag] for tag in self.surfaces]

    def name(self, label: str, where: Callable[[Surface], bool], *, only_unnamed: bool = True) -> None:
        """Give ``label`` to the surfaces for which ``where`` holds.

        Parameters
        ----------
        label : str
        where : callable
            Takes a `Surface`, tells whether it is meant.
        only_unnamed : bool
            Leave surfaces alone that have a label already.

        Raises
        ------
        GeometryError
            If no surface is meant: a load or a fixture would silently act on nothing.
        """
        found = False
        for surface in self.describe():
            if (self.surfaces[surface.tag] and only_unnamed) or not where(surface):
                continue
            self.surfaces[surface.tag] = (*self.surfaces[surface.tag], label)
            found = True
        if not found:
            raise GeometryError(f"no surface of the solid can be named '{label}'")

    def name_rest(self, label: str) -> None:
        """Give ``label`` to every surface that has none yet."""
        for tag, words in self.surfaces.items():
            if not words:
                self.surfaces[tag] = (label,)

    def landmark(self, name: str, point: Sequence[float]) -> None:
        self.landmarks[name] = np.asarray(point, dtype=float)

    def labels(self) -> set[str]:
        """All labels of surfaces and volumes."""
        return {word for words in (*self.surfaces.values(), *self.volumes.values()) for word in words}

    # --- cutting -----------------------------------------------------------------------------

    def split(
        self, point: Sequence[float], normal: Sequence[float], *, name: str, above: str = "", below: str = ""
    ) -> None:
        """Cut all volumes by a plane; see `cut`."""
        self.cut(Cut(point, normal, name, above, below))

    def cut(self, *cuts: Cut) -> None:
        """Cut all volumes by planes, without removing anything: the mesh will conform to them.

        As if one plane after the other had cut, but for the time, which is that of one cut. Labels that were there stay
        on all pieces.

        Raises
        ------
        GeometryError
            If a plane misses the solid.
        """
        occ = gmsh.model.occ
        low, high = self.box()
        # The map that fragment returns is not reliable for surfaces, so a copy is cut, and each new surface is
        # recognised by the old one it lies on.
        old = [(3, t) for t in self.volumes]
        copies = occ.copy(old)
        reach = float(np.linalg.norm(high - low))
        disks = []
        for cut in cuts:
            size = 2.0 * (reach + float(np.linalg.norm(cut.origin - (low + high) / 2)))
            disks.append((2, occ.addDisk(*cut.origin, size, size, zAxis=list(cut.direction))))
        _, children = occ.fragment(copies, disks)
        occ.synchronize()
        volumes = {
            piece: words
            for words, pieces in zip(self.volumes.values(), children[: len(copies)], strict=True)
            for dim, piece in pieces
            if dim == 3
        }
        spots = {tag: _spot(tag) for tag in _boundary(volumes)}
        surfaces: dict[int, tuple[str, ...]] = {}
        missed = {cut.name: cut for cut in cuts}
        for tag, spot in spots.items():
            parent = _lies_on(spot.point, self.surfaces)
            later, words = cuts, () if parent is None else self.surfaces[parent]
            if parent is None:
                number = int(np.argmin([abs(cut.height(spot.point)) for cut in cuts]))
                later, words = cuts[number + 1 :], (cuts[number].name,)
                missed.pop(cuts[number].name, None)
            surfaces[tag] = words + _sides(2, tag, [spot], later)
        for name, cut in missed.items():
            raise GeometryError(f"the plane '{name}' at {_point(cut.origin)} does not cut the solid")
        self.volumes = {
            tag: words + _sides(3, tag, [spots[t] for t in _boundary({tag: ()})], cuts)
            for tag, words in volumes.items()
        }
        self.surfaces = surfaces
        self._described.clear()
        self._masses.clear()
        occ.remove(old, recursive=True)
        occ.remove([(2, t) for _, t in gmsh.model.getEntities(2) if t not in surfaces], recursive=True)
        occ.synchronize()

    # --- measures ----------------------------------------------------------------------------

    def box(self) -> tuple[Array, Array]:
        """Lowest and highest corner of the bounding box, mm."""
        boxes = np.array([gmsh.model.occ.getBoundingBox(3, t) for t in self.volumes])  # tight, the model's is not
        return boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)

    def volume(self) -> float:
        """Volume, mm^3."""
        return float(sum(self._mass(tag) for tag in self.volumes))

    def _mass(self, tag: int) -> float:
        """Volume of a tag, mm^3; integrated once, which takes OpenCASCADE long."""
        if tag not in self._masses:
            self._masses[tag] = float(gmsh.model.occ.getMass(3, tag))
        return self._masses[tag]

    def check_connected(self) -> None:
        """Raise GeometryError if the volumes do not hang together by shared surfaces: a part would float."""
        groups: list[tuple[set[int], set[str]]] = []
        for tag, words in self.volumes.items():
            surfaces, names = set(_boundary({tag: ()})), {words[0]}
            touching = [group for group in groups if group[0] & surfaces]
            for group in touching:
                surfaces |= group[0]
                names |= group[1]
            groups = [group for group in groups if group not in touching] + [(surfaces, names)]
        if len(groups) > 1:
            apart = "; ".join(", ".join(sorted(names)) for _, names in groups)
            raise GeometryError(f"the solid falls into {len(groups)} pieces that do not touch: {apart}")

    def area(self) -> float:
        """Area of the outer surface, mm^2."""
        return float(sum(gmsh.model.occ.getMass(2, t) for t in _boundary(self.volumes, outer=True)))

    def write(self, folder: Path) -> None:
        """Export the solid as `geometry.step`, in mm."""
        gmsh.option.setString("Geometry.OCCTargetUnit", "MM")
        gmsh.write(str(folder / "geometry.step"))


def _boundary(volumes: dict[int, tuple[str, ...]], outer: bool = False) -> list[int]:
    """Tags of the surfaces that bound the volumes; inner ones are left out on request."""
    tags = gmsh.model.getBoundary([(3, t) for t in volumes], combined=outer, oriented=False, recursive=False)
    return sorted({t for _, t in tags})


def _sides(dim: int, tag: int, spots: Sequence[_Spot], cuts: Sequence[Cut]) -> tuple[str, ...]:
    """Labels of a piece by the sides of the planes that it is on, as points of its surfaces tell."""
    labels = (cut.above if _above(dim, tag, spots, cut) else cut.below for cut in cuts)
    return tuple(label for label in labels if label)


def _above(dim: int, tag: int, spots: Sequence[_Spot], cut: Cut) -> bool:
    """Whether a piece that a plane was cut from is on the side of its normal."""
    height = max((cut.height(spot.point) for spot in spots if spot.clear), key=abs, default=0.0)
    if abs(height) < _ON_PLANE:  # of what the plane has made, or no point is clear: the mass tells, at length
        height = cut.height(np.array(gmsh.model.occ.getCenterOfMass(dim, tag)))
    return bool(height > 0)


def _describe(tag: int, volumes: dict[int, tuple[str, ...]]) -> Surface:
    box = np.array(gmsh.model.getBoundingBox(2, tag))
    return Surface(tag, gmsh.model.getType(2, tag), box[:3], box[3:], list(volumes))


@dataclass(frozen=True)
class _Spot:
    """A point (3,) of a trimmed surface near the middle of its parametric range, and the unit normal there.

    ``clear`` if it is known to be off the rim of the surface; else it may be on it, or even outside.
    """

    point: Array
    normal: Array
    clear: bool


def _spot(tag: int) -> _Spot:
    low, high = (np.array(b) for b in gmsh.model.getParametrizationBounds(2, tag))
    # Not on the rim, where it lies on the next surface too: the middle of a right triangle's box is on its long side.
    steps = _CLEAR * (high - low) * np.array([(1, 0), (-1, 0), (0, 1), (0, -1)])
    inside = (uv for uv in low + _FRACTIONS * (high - low) if _inside(tag, uv))
    first = next(inside, low + _FRACTIONS[-1] * (high - low))
    clear = next((uv for uv in chain([first], inside) if all(_inside(tag, uv + step) for step in steps)), None)
    uv = first if clear is None else clear
    point, normal = gmsh.model.getValue(2, tag, list(uv)), gmsh.model.getNormal(tag, list(uv))
    return _Spot(np.array(point), np.array(normal), clear is not None)


def _inside(tag: int, uv: Array) -> bool:
    return bool(gmsh.model.isInside(2, tag, list(uv), parametric=True))


def _lies_on(point: Array, surfaces: Iterable[int]) -> int | None:
    """The one of ``surfaces`` on which a point lies; None if it lies on none."""
    for candidate in surfaces:
        low, high = np.split(np.array(gmsh.model.getBoundingBox(2, candidate)), 2)
        if np.any(point < low - 1e-3) or np.any(point > high + 1e-3):
            continue
        nearest, uv = gmsh.model.getClosestPoint(2, candidate, list(point))
        if np.linalg.norm(point - nearest) < 1e-4 and gmsh.model.isInside(2, candidate, list(uv), parametric=True):
            return candidate
    return None


def _point(x: Array) -> str:
    return "(" + ", ".join(f"{v:.1f}" for v in x) + ") mm"

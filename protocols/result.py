"""What a protocol measures on: the specimen, the solution, and the measures common to all tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geometry.scene import Ghost
from geometry.solid import Solid
from materials import Material
from protocols.criteria import goodman_safety_factor, static_safety_factor
from solvers import measures
from solvers.elasticity import Displacement, Isotropic
from solvers.errors import SolverError
from solvers.recovery import NodalStress, nodal_stress, stress_by_material

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Specimen:
    """What is known of the part before any mesh: box and landmarks (mm), labels, materials by volume label;
    ``copies`` of it make the device.
    """

    low: Array
    high: Array
    landmarks: dict[str, Array]
    labels: frozenset[str]
    materials: dict[str, Material]
    ghosts: tuple[Ghost, ...] = ()
    copies: int = 1

    @classmethod
    def of(cls, solid: Solid, materials: dict[str, Material]) -> Specimen:
        low, high = solid.box()
        return cls(
            low, high, dict(solid.landmarks), frozenset(solid.labels()), materials, tuple(solid.ghosts), solid.copies
        )

    def axis(self) -> Array:
        """Unit vector from the centre of the inlet to that of the outlet."""
        way = self.landmarks["outlet_centre"] - self.landmarks["inlet_centre"]
        return np.asarray(way / np.linalg.norm(way))

    def length(self) -> float:
        """From the centre of the inlet to that of the outlet, mm."""
        return float(np.linalg.norm(self.landmarks["outlet_centre"] - self.landmarks["inlet_centre"]))

    def elastic(self) -> dict[str, Isotropic]:
        """Hooke's law of each volume label."""
        return {
            label: Isotropic(card.value("young_modulus"), card.value("poisson_ratio"))
            for label, card in self.materials.items()
        }


@dataclass(frozen=True)
class Measured:
    """One quantity on one mesh.

    Attributes
    ----------
    name, unit, description : str
    value : float
        In ``unit``.
    location : (3,) mm or None
    scale : float or None
        What its uncertainty is measured against where the value itself may be zero.
    note : str
        What a reader must know of this number.
    rests_on : str
        Name of the quantity it is computed from: if that is singular, so is this.
    nodes : (n,) bool array or None
        Nodes of this rank whose stress decides it: there the mesh must be fine.
    chosen : bool
        A number that the calculation set itself, such as a time step: it has no error.
    of_shape : bool
        A number that follows from the shape of the mesh alone, such as a mass.
    averaged : bool
        A local stress averaged over time: as sure, relative to it, as the stress at the time of the solution.
    bounded : bool
        A share or an index that has a largest value, or a mean, a percentile or an integral, which a peak at a corner
        does not make infinite: it cannot be singular, however slowly it settles.
    """

    name: str
    value: float
    unit: str
    description: str
    location: tuple[float, float, float] | None = None
    scale: float | None = None
    note: str = ""
    rests_on: str = ""
    nodes: Mask | None = field(default=None, repr=False, compare=False)
    chosen: bool = False
    of_shape: bool = False
    averaged: bool = False
    bounded: bool = False


@dataclass(frozen=True)
class Table:
    """A curve that a quantity or a picture rests on; written as `tables/<name>.csv`.

    Attributes
    ----------
    name : str
    columns : dict of str to (n,) array
        By names that end in their unit, such as "z_mm".
    """

    name: str
    columns: dict[str, Array]


@dataclass
class Result:
    """A solution with the measures that every protocol needs. All of them are collective.

    Attributes
    ----------
    warnings : list of str
        What a protocol found while measuring, for the record.
    not_judged : list of str
        Criteria for which a strength is missing.
    """

    specimen: Specimen
    solution: Displacement
    warnings: list[str] = field(default_factory=list)
    not_judged: list[str] = field(default_factory=list)

    @cached_property
    def points(self) -> Array:
        """Nodes (n, 3) of this rank, mm."""
        return measures.node_points(self.solution)

    @cached_property
    def stress(self) -> NodalStress:
        """Recovered stress over all volumes."""
        parts = list(self.stress_by_material.values())
        return parts[0] if len(parts) == 1 else nodal_stress(self.solution)

    def peak_stresses(self, where: Mask | None = None) -> list[Measured]:
        """Peak first principal and von Mises stress over the nodes ``where`` (all, if None), MPa.

        Where volumes of different materials meet, each is recovered by itself.
        """
        keep = np.ones(len(self.points), dtype=bool) if where is None else where
        self._peaks.clear()
        for label, stress in self.stress_by_material.items():
            zone = keep & stress.touched
            if any(self.solution.body.comm.allgather(bool(zone.any()))):
                self._peaks[label] = (
                    measures.peak(self.solution, stress.first_principal, zone),
                    measures.peak(self.solution, stress.von_mises, zone),
                )
        if not self._peaks:
            raise SolverError("the zone in which the peak is sought holds no node")
        names = (
            ("peak_first_principal_stress", "largest first principal (tensile) stress"),
            ("peak_von_mises_stress", "largest von Mises stress"),
        )
        measured = []
        for k, (name, description) in enumerate(names):
            best = max((peaks[k] for peaks in self._peaks.values()), key=lambda peak: peak.value)
            nodes = np.any([peaks[k].near for peaks in self._peaks.values()], axis=0)
            measured.append(Measured(name, best.value, "MPa", description, best.location, nodes=nodes))
        return measured

    @cached_property
    def _peaks(self) -> dict[str, tuple[measures.Peak, measures.Peak]]:
        """First principal and von Mises peak of each volume label in the zone last asked for."""
        return {}

    @cached_property
    def stress_by_material(self) -> dict[str, NodalStress]:
        """Recovered stress of each material by its volume label."""
        return stress_by_material(self.solution)

    def mass(self) -> Measured:
        """Mass of the part, g."""
        tonne = sum(
            measures.volume(self.solution.body, label) * card.value("density")
            for label, card in self.specimen.materials.items()
        )
        return Measured("mass", tonne * 1e6, "g", "mass of the part", of_shape=True)

    def safety_factors(self, peaks: list[Measured], load_ratio: float) -> list[Measured]:
        """Static factor (yield over von Mises) and fatigue factor (Goodman), each the smallest of all materials.

        Every material is judged by its own peak in the zone of ``peaks``, which `peak_stresses` has just given. One for
        which the card gives no strength is left out, with a warning.
        """
        principal, mises = (m.name for m in peaks)
        return [
            *self._factor(
                "static_safety_factor",
                "yield strength over peak von Mises stress",
                ("yield_strength",),
                1,
                static_safety_factor,
                mises,
            ),
            *self._factor(
                "fatigue_safety_factor",
                f"Goodman factor of the peak first principal stress at load ratio {load_ratio:.2f}",
                ("endurance_limit", "tensile_strength"),
                0,
                lambda stress, limit, strength: goodman_safety_factor(stress, load_ratio, limit, strength),
                principal,
            ),
        ]

    def _factor(
        self,
        name: str,
        description: str,
        constants: tuple[str, ...],
        which: int,
        factor: Callable[..., float],
        rests_on: str,
    ) -> list[Measured]:
        factors: list[tuple[float, measures.Peak]] = []
        assumed: list[str] = []
        for label, peaks in self._peaks.items():
            card, peak = self.specimen.materials[label], peaks[which]
            missing = [constant for constant in constants if getattr(card, constant) is None]
            if missing:
                self.warnings.append(f"no {name} of {label}: the card '{card.name}' gives no {' or '.join(missing)}")
                self.not_judged.append(name)
                continue
            factors.append((factor(peak.value, *(card.value(constant) for constant in constants)), peak))
            assumed += [f"{c} of {card.name}" for c in constants if c in card.assumed()]
        if not factors:
            return []
        value, peak = min(factors, key=lambda found: found[0])
        note = f"rests on assumed values: {', '.join(assumed)}" if assumed else ""
        return [Measured(name, value, "", description, peak.location, note=note, rests_on=rests_on, nodes=peak.near)]

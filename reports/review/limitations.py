"""What the settings of a run leave out, from its record; nothing that does not hold for it."""

from __future__ import annotations

from dataclasses import dataclass

from reports.drawing.shape import MIRROR
from reports.equations import unsteady, viscosity_law
from reports.numbers import plain, pretty_unit, rounded, sentence, words
from studies.record import Quantity, RunRecord


@dataclass(frozen=True)
class Limitation:
    """What is simplified, and what that does to the numbers as far as it is known."""

    title: str
    text: str


def of_the_model(record: RunRecord) -> list[Limitation]:
    """What the model of this run leaves out."""
    particular = {"solid": _solid, "flow": _flow, "permeation": _permeation, "formula": _formula}[record.physics]
    return [*particular(record), *_every(record)]


def _solid(record: RunRecord) -> list[Limitation]:
    found = [
        Limitation(
            "Linear elastic material",
            "Hooke's law has no yielding, creep or damage; where the stress passes yield it is too high, and the "
            f"deflection too small. {_against_yield(record)}",
        ),
        Limitation(
            "Small strains and rotations",
            "Equilibrium is that of the undeformed part; stiffening or buckling by large deflections is not seen.",
        ),
        Limitation("Quasi-static load", "No inertia, no impact; a load cycle is judged by its extremes."),
    ]
    laws = [c.law for c in record.conditions if c.kind == "support"]
    if any("Encastre" in law for law in laws):
        found.append(
            Limitation(
                "Ideal clamp",
                "The part is held as if bonded to something rigid. A real fixture yields: deflections come out too "
                "small and stiffness too large. The stress at the edge of the clamp has no limit"
                + (f" and is left out of the peaks ({record.scene.excluded})." if record.scene.excluded else "."),
            )
        )
    if any(c.kind == "load" and "distributed traction" in c.law for c in record.conditions):
        found.append(
            Limitation(
                "Loads as tractions",
                "Force and moment are exact, their distribution over the loaded surface is not that of a real contact; "
                "stresses near that surface are not those of the bench. Contact and friction are not modelled.",
            )
        )
    if any(q.name == "fatigue_safety_factor" for q in record.quantities):
        found.append(
            Limitation(
                "No prediction of life",
                "The fatigue factor compares a computed stress with an endurance limit; surface finish, notches, size "
                "and scatter are in it only as far as they are in that limit.",
            )
        )
    return found


def _against_yield(record: RunRecord) -> str:
    peak = _quantity(record, "peak_von_mises_stress")
    limits = [m.constants["yield_strength"] for m in record.materials if "yield_strength" in m.constants]
    if peak is None or peak.status == "singular" or len(limits) != 1 or limits[0].unit != peak.unit:
        return ""
    share = peak.value / limits[0].value
    standing = "" if limits[0].verified else ", an assumed value"
    side = "within" if share < 1 else "outside"
    return (
        f"Here the peak von Mises stress is {100 * share:.0f} % of the yield strength, {plain(limits[0].value)} "
        f"{pretty_unit(limits[0].unit)}{standing}: {side} the validity of the law."
    )


def symmetry(record: RunRecord) -> list[str]:
    """The planes of symmetry between which a part was computed, by name."""
    return [name for name in record.regions.surfaces.values() if MIRROR in name]


def _flow(record: RunRecord) -> list[Limitation]:
    number = _quantity(record, "jet_reynolds_number")
    reynolds = f" The Reynolds number of the jet is {rounded(number.value).value}." if number else ""
    found = [
        Limitation(
            "Laminar flow",
            f"There is no model of turbulence.{reynolds} "
            + (
                "None of the numbers is a prediction: the real flow will be unsteady or turbulent."
                if not record.prediction
                else "Above about 1000 a real jet may become unsteady, above 2000 the model does not hold."
            ),
        ),
        Limitation("Rigid walls", "No wall moves: compliance of a vessel or a tube is not modelled."),
        Limitation(
            "Developed inflow",
            "The velocity profile at the inlet is that of a long straight duct; swirl, bends and connectors upstream "
            "are not modelled.",
        ),
    ]
    if unsteady(record):
        found.append(
            Limitation(
                "Quasi-steady profile of a pulse",
                "At every instant the inlet has the profile of a steady flow, not Womersley's.",
            )
        )
    else:
        found.append(Limitation("Steady flow", "Pulsation is not modelled."))
    law = viscosity_law(record)
    if law == "newtonian":
        found.append(
            Limitation("Newtonian fluid", "The viscosity is constant; blood at low shear rates is thicker than that.")
        )
    elif law:
        found.append(
            Limitation(
                "Generalised Newtonian fluid",
                f"The viscosity follows {words(law)} with the constants of the card; no elasticity, no dependence on "
                "time, haematocrit or donor.",
            )
        )
    if symmetry(record):
        found.append(
            Limitation(
                "Symmetric flow",
                "A part was computed, between planes of symmetry; a flow that breaks this symmetry is not seen.",
            )
        )
    if any(q.name == "relative_haemolysis_index" for q in record.quantities):
        found.append(
            Limitation(
                "Haemolysis for comparison only",
                "Power laws of haemolysis are off by orders of magnitude in absolute terms; the index ranks designs.",
            )
        )
    return found


def _permeation(record: RunRecord) -> list[Limitation]:
    return [
        Limitation(
            "Creeping flow", "No inertia: true at a Reynolds number of the pores well below 1, whatever the fluid."
        ),
        Limitation(
            "A block without end", "The cell repeats in all directions; the rim of a real block is not modelled."
        ),
        Limitation(
            "Ideal walls", "Rigid, smooth and of the drawn size: roughness and errors of printing are left out."
        ),
    ]


def _formula(record: RunRecord) -> list[Limitation]:
    return [
        Limitation(
            "A closed formula",
            "The numbers follow from a formula, not from a field; they hold as far as its assumptions do, and the zero "
            "error bar says only that there is no error of a mesh.",
        )
    ]


def _every(record: RunRecord) -> list[Limitation]:
    found = []
    ghosts = list(dict.fromkeys(g.label for g in record.scene.ghosts if g.role == "part"))
    if ghosts:
        found.append(
            Limitation("Parts that were left out", sentence(f"not meshed and not judged: {', '.join(ghosts)}"))
        )
    found += [
        Limitation(
            "Nominal shape and material",
            "The part is of nominal size, homogeneous and isotropic; tolerances, surface finish and residual stress "
            "are not modelled."
            if record.physics == "solid"
            else "The part is of nominal size; tolerances and surface finish are not modelled.",
        ),
        Limitation(
            "What the error bar does not hold",
            "± is numerical uncertainty alone. It covers neither the form of the model nor the uncertainty of "
            "parameters and constants, which was not propagated in this run.",
        ),
    ]
    assumed = assumed_values(record)
    if assumed:
        found.append(
            Limitation(
                "Assumed values",
                f"{len(assumed)} of the input values were not checked against a source: {', '.join(assumed)}.",
            )
        )
    return found


def assumed_values(record: RunRecord) -> list[str]:
    """The inputs that nobody has checked, by name."""
    parameters = {**record.parameters, **record.protocol_parameters}
    found = [_inside(name) for name, p in parameters.items() if p.verified is False]
    for material in record.materials:
        found += [f"{_inside(name)} of {material.name}" for name, c in material.constants.items() if not c.verified]
    return found


def _inside(name: str) -> str:
    """A name inside of a sentence; names of people keep their capital."""
    said = words(name)
    return said if said.startswith(("Young", "Poisson", "von ")) else said[:1].lower() + said[1:]


def _quantity(record: RunRecord, name: str) -> Quantity | None:
    return next((q for q in record.quantities if q.name == name), None)

"""What every flow test is: a fluid, an inflow, measures."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from devices.parameters import choice
from geometry.scene import Arrow, Scene
from geometry.solid import SYMMETRY
from materials import Card, FluidCard, load_card
from protocols.protocol import Protocol
from protocols.result import Specimen
from solvers.body import Body
from solvers.flow import Flow, Inlet
from solvers.viscosity import CarreauYasuda, Casson, Fluid, Newtonian

CASSON_GROWTH = 100.0  # s; smooths the yield below shear rates of 0.01 1/s


class FlowTest(Protocol):
    """A test of the flow through a device, which offers "inlet", "outlet" and "wall", and their centres."""

    needs_surfaces: ClassVar[tuple[str, ...]] = ("inlet", "outlet", "wall")
    needs_landmarks: ClassVar[tuple[str, ...]] = ("inlet_centre", "outlet_centre")

    fluid: str = choice("blood", "Fluid: a built-in card, or file.toml:card")

    @abstractmethod
    def inflow(self) -> float:
        """mm^3/s."""

    def drop(self) -> float | None:
        """Fall of the mean pressure that drives the flow, MPa; None if the flow rate is given."""
        return None

    def card(self) -> FluidCard:
        """The card of the fluid."""
        return load_card(self.fluid, FluidCard)

    def cards(self) -> dict[str, Card]:
        return {"fluid": self.card()}

    def problem(self, body: Body, specimen: Specimen) -> Flow:
        """The flow on a mesh of the lumen."""
        inlet = Inlet("inlet", self.inflow() / specimen.copies)
        mirrors = {SYMMETRY + axis: k for k, axis in enumerate("xyz") if SYMMETRY + axis in specimen.labels}
        return Flow(body, fluid_of(self.card()), [inlet], ["wall"], ["outlet"], mirrors)

    def scene(self, specimen: Specimen) -> Scene:
        start, axis = specimen.landmarks["inlet_centre"], specimen.axis()
        drop = self.drop()
        x, y, z = (float(c) for c in (specimen.low + specimen.high) / 2)
        flow = Arrow(
            point=(float(start[0]), float(start[1]), float(start[2])),
            vector=(float(axis[0]), float(axis[1]), float(axis[2])),
            label=f"{self.inflow() * 60e-6:.3g} l/min" if drop is None else f"{drop * 1e6:.4g} Pa",
        )
        return Scene(
            view_direction=(0.22, -0.95, -0.22),
            up=(-1.0, 0.0, 0.0),
            section_origin=(x, y, z),
            section_normal=(0.0, 1.0, 0.0),
            arrows=[flow],
            ghosts=list(specimen.ghosts),
        )


def fluid_of(card: FluidCard) -> Fluid:
    """The fluid that a card describes."""
    value = card.value
    density = value("density")
    if card.law == "newtonian":
        return Fluid(density, Newtonian(value("viscosity")))
    if card.law == "casson":
        return Fluid(density, Casson(value("yield_stress"), value("viscosity_at_high_rate"), CASSON_GROWTH))
    names = ("viscosity_at_rest", "viscosity_at_high_rate", "relaxation_time", "transition_exponent", "power_index")
    return Fluid(density, CarreauYasuda(*(value(name) for name in names)))

"""The circulation behind an outlet: two resistances and a compliance."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1

from scipy.integrate import quad

from solvers.waveform import Waveform


@dataclass(frozen=True)
class Windkessel:
    """p = R_p Q + p_d, C dp_d/dt = Q - p_d / R_d: the three-element windkessel (Westerhof, Lankhaar and Westerhof, Med.
    Biol. Eng. Comput. 47, 2009, 131).

    Attributes
    ----------
    proximal, distal : float, MPa s/mm^3
        R_p and R_d; R_d is positive.
    compliance : float, mm^3/MPa
        C; 0 for resistances alone.
    """

    proximal: float
    distal: float
    compliance: float

    def periodic(self, flow_rate: Waveform) -> float:
        """p_d, MPa, at the beginning of a period once a flow, mm^3/s, has gone on for ever.

        p_d(0) = Int_0^T Q(s) / C e^((s - T) / (R_d C)) ds / (1 - e^(-T / (R_d C))), from the equation above.
        """
        period, tau = flow_rate.period, self.distal * self.compliance
        if tau == 0.0:
            return self.distal * float(flow_rate(0.0))
        filled, _ = quad(lambda s: float(flow_rate(s)) * exp((s - period) / tau), 0.0, period, limit=500)
        return filled / self.compliance / -expm1(-period / tau)


class Filling:
    """A windkessel in time, by the second backward difference as in `solvers.transient`; the first step is of the first
    order.

    Parameters
    ----------
    model : Windkessel
    pressure : float, MPa
        p_d at the beginning.
    """

    def __init__(self, model: Windkessel, pressure: float) -> None:
        self._model = model
        self._last: float = pressure
        self._before: float | None = None

    def step(self, dt: float, flow_rate: float) -> float:
        """Go on by dt, s; the pressure p, MPa, at the end of the step, where the flow rate, mm^3/s, is known."""
        model, last, before = self._model, self._last, self._before
        lead, past = (1.0, last) if before is None else (1.5, 2.0 * last - 0.5 * before)
        capacity = model.compliance / dt
        now = (flow_rate + capacity * past) / (lead * capacity + 1 / model.distal)
        self._last, self._before = now, last
        return model.proximal * flow_rate + now

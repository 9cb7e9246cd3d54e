"""Damage to red cells by shear, as a number to compare designs by."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi


@dataclass(frozen=True)
class PowerLaw:
    """Index of haemolysis IH = A sigma^alpha t^beta, %, for a shear stress sigma, Pa, over a time t, s.

    Attributes
    ----------
    factor, stress_exponent, time_exponent : float
        A, alpha and beta.
    source : str
    """

    factor: float
    stress_exponent: float
    time_exponent: float
    source: str


# Constants as the open haemolysis code hemtracer (RWTH Aachen) lists them.
CONSTANTS = {
    "giersiepen": PowerLaw(3.62e-5, 2.416, 0.785, "Giersiepen et al. 1990"),
    "song": PowerLaw(1.8e-6, 1.991, 0.765, "Song et al. 2003"),
    "zhang": PowerLaw(1.228e-5, 1.9918, 0.6606, "Zhang et al. 2011"),
    "ding_human": PowerLaw(3.458e-6, 2.0639, 0.2777, "Ding et al. 2015, human"),
    "ding_porcine": PowerLaw(6.701e-4, 1.0981, 0.2778, "Ding et al. 2015, porcine"),
    "ding_bovine": PowerLaw(9.772e-5, 1.4445, 0.2076, "Ding et al. 2015, bovine"),
}


def index(damage_integral: float, flow_rate: float, law: PowerLaw) -> float:
    """IH, %, of the fluid that leaves: (Int A^(1/beta) sigma^(alpha/beta) dV / Q)^beta, steady.

    The linear form of the law, averaged over the flow (Garon and Farinas, Artif. Organs 28, 2004, 1016).

    Parameters
    ----------
    damage_integral : float
        Int sigma^(alpha/beta) dV, Pa^(alpha/beta) mm^3.
    flow_rate : float, mm^3/s
    """
    b = law.time_exponent
    return float((law.factor ** (1 / b) * damage_integral / flow_rate) ** b)


def index_of_tube(radius: float, length: float, flow_rate: float, viscosity: float, law: PowerLaw) -> float:
    """The same of a developed flow in a straight round tube, in closed form.

    sigma = tau_w r/R with tau_w = 4 mu Q / (pi R^3) (Hagen-Poiseuille), so that Int sigma^m dV =
    2 pi R^2 L tau_w^m / (m + 2).

    Parameters
    ----------
    radius, length : float, mm
    flow_rate : float, mm^3/s
    viscosity : float, Pa s
    """
    m = law.stress_exponent / law.time_exponent
    wall_shear = 4 * viscosity * flow_rate / (pi * radius**3)
    return index(2 * pi * radius**2 * length * wall_shear**m / (m + 2), flow_rate, law)

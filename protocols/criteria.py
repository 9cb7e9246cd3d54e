"""Strength criteria."""

from __future__ import annotations


def static_safety_factor(von_mises: float, yield_strength: float) -> float:
    """Yield strength over peak von Mises stress, both MPa (von Mises, 1913)."""
    return yield_strength / von_mises


def goodman_safety_factor(
    peak_stress: float, load_ratio: float, endurance_limit: float, tensile_strength: float
) -> float:
    """Factor on a load that cycles between ``load_ratio`` times its peak and its peak.

    1 / n = sigma_a / sigma_e + sigma_m / sigma_u with amplitude sigma_a = (1 - R) sigma / 2 and mean sigma_m =
    (1 + R) sigma / 2 (Goodman, Mechanics Applied to Engineering, 1899).

    Parameters
    ----------
    peak_stress : float
        Largest tensile stress at the peak of the load, MPa, positive.
    load_ratio : float
        R = F_min / F_max.
    endurance_limit : float
        Fully reversed amplitude sigma_e, MPa.
    tensile_strength : float
        sigma_u, MPa.
    """
    amplitude = (1 - load_ratio) / 2 * peak_stress
    mean = (1 + load_ratio) / 2 * peak_stress
    return 1.0 / (amplitude / endurance_limit + mean / tensile_strength)

"""From values on a ladder of meshes to a value with an error bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.optimize import brentq

Status = Literal["converged", "not_converged", "singular"]

# Orders on quadratic elements; observed ones above them are not trusted. What is a mean over the body may reach 4.
LOCAL, OVERALL = 2.0, 3.0
LOWEST = 1.0  # order below which an observed one is not trusted either: a graded mesh should do better
_SMALLEST, _LARGEST = 1e-3, 12.0  # orders searched
SAFETY_REGULAR, SAFETY_IRREGULAR, SAFETY_SCATTERED = 1.25, 2.0, 1.5
STANDARD_ERRORS = 2.0
FLOOR = 1e-8  # relative: below it the linear solver speaks, not the mesh
APART = 1.3**2  # ratio of sizes over three meshes from which an order is trusted (Celik et al. 2008)
CLOSE = 1.8  # order from which the convergence counts as regular
UNSLOWED = 0.3  # order up to which a value that grows is taken for a singular one
GROWTH = 0.0125  # and how much it must grow, relative, per natural logarithm of the size: 0.5 % for a step of 1.5
SUSPECT = 0.05  # the same, for three meshes, which cannot tell a steep value from a singular one


@dataclass(frozen=True)
class Estimate:
    """A value with its error bar.

    Attributes
    ----------
    value : float
        On the finest mesh.
    uncertainty : float
        Half-width of the interval meant to hold the exact value of the model in 95 of 100 cases, in the unit of the
        value; infinite for one mesh alone and for what is singular.
    extrapolated, order : float or None
        Where the convergence is regular enough to tell.
    status : str
    reason : str
    decides : bool
        Whether a limit may be judged by the interval: not before a singularity has been ruled out.
    """

    value: float
    uncertainty: float
    extrapolated: float | None
    order: float | None
    status: Status
    reason: str
    decides: bool = True


def estimate(
    sizes: Sequence[float],
    values: Sequence[float],
    accuracy: float,
    scale: float | None = None,
    scatter: float = 0.0,
    noise: float = 0.0,
    theoretical: float = LOCAL,
) -> Estimate:
    """Estimate the discretisation error from meshes that differ by a factor alone.

    Three meshes that approach a value monotonically give an observed order and Richardson's extrapolation. The
    uncertainty is the grid convergence index (Roache, J. Fluids Eng. 116, 1994, 405) with the order limited to the
    theoretical one and a safety factor of 1.25 where the observed order is close to it and the meshes are well apart
    (Celik et al., J. Fluids Eng. 130, 2008, 078001), else 2; first order is assumed where less is observed. Values that
    go up and down have no order: 1.5 times the last change, or what is left of the change before (after Eca
    and Hoekstra, J. Comput. Phys. 262, 2014, 104). The factors were settled on ladders of hip stems and bone plates of
    random sizes and on the problems of verification/plane.py and torsion.py; the other problems of docs/verification.md
    judge them.

    Unstructured meshes of the same fineness give values that differ by chance; what two of them differ by, ``scatter``,
    is expected to fall with the square of the size. That, and two standard errors of a recovered stress, ``noise``, is
    the least uncertainty.

    A value that grows over four or more meshes without its growth per halving of the size slowing down is singular: a
    power law lets it rise, a logarithm keeps it. Where only three meshes are known, that is left open.

    Parameters
    ----------
    sizes : sequence of float
        Element sizes, coarse to fine, relative or in mm.
    values : sequence of float
        One a mesh.
    accuracy : float
        Relative uncertainty wanted.
    scale : float or None
        What the uncertainty is measured against where the value itself may be zero.
    scatter : float
        Difference between the values on two meshes as fine as the coarsest.
    noise : float
        Standard error of the value on the finest mesh, where the elements that meet there tell one.
    theoretical : float
        Order of convergence that may be trusted.
    """
    value = values[-1]
    reference = max(abs(value), abs(scale or 0.0))
    least = max(scatter * (sizes[-1] / sizes[0]) ** LOCAL, STANDARD_ERRORS * noise)
    floor = max(FLOOR * reference, least)

    def judged(uncertainty: float, extrapolated: float | None, order: float | None, how: str) -> Estimate:
        if uncertainty < floor:
            uncertainty, how = floor, f"{how}; widened to what elements or meshes alike differ by"
        good = uncertainty <= accuracy * reference
        return Estimate(value, uncertainty, extrapolated, order, "converged" if good else "not_converged", how)

    def unknown(how: str) -> Estimate:
        return Estimate(value, math.inf, None, None, "not_converged", how, decides=False)

    if not all(map(math.isfinite, values)):
        return unknown("it is not a finite number")
    if len(values) < 2:
        return unknown("one mesh alone tells nothing of its error")
    last = values[-1] - values[-2]
    ratio = sizes[-2] / sizes[-1]
    if min(coarse / fine for coarse, fine in pairwise(sizes)) < 1.01:
        return unknown("a mesh is not finer than the one before")
    if len(values) == 2:
        uncertainty = max(SAFETY_IRREGULAR * abs(last) / (ratio - 1), floor)
        how = "two meshes only: first order assumed, safety factor 2"
        return Estimate(value, uncertainty, None, None, "not_converged", how, decides=False)
    before = values[-2] - values[-3]
    if max(abs(last), abs(before)) <= FLOOR * reference:
        return judged(FLOOR * reference, value, None, "the same on all meshes")
    order = _observed_order(sizes[-3:], before, last)
    if order is None:
        uncertainty = SAFETY_SCATTERED * max(abs(last), abs(before) / ratio**LOCAL)
        return judged(uncertainty, None, None, "the values scatter: 1.5 times the last changes")
    if order < LOWEST:
        uncertainty = SAFETY_IRREGULAR * abs(last) / (ratio**LOWEST - 1)
        found = judged(
            uncertainty, None, order, f"slow: observed order {order:.1f}, first order assumed, safety factor 2"
        )
        if _unbounded(sizes, values):
            how = "it grows from mesh to mesh without slowing down"
            return Estimate(value, math.inf, None, None, "singular", how, decides=False)
        growth = last / value / math.log(ratio)
        if order < UNSLOWED and growth > SUSPECT and len(values) < 4:
            how = "it grows without slowing down so far: three meshes cannot tell a steep value from a singular one"
            return replace(found, status="not_converged", reason=how, decides=False)
        return found
    used = min(order, theoretical)
    correction = last / (ratio**used - 1)
    # What the change before leads one to expect. It is the same where the observed order is used; where that was too
    # good to be trusted, a last change that is small by chance must not make the interval small.
    expected = before / ((sizes[-3] / sizes[-2]) ** used - 1) / ratio**used
    seen = f"{order:.1f}" if order < _LARGEST else f"above {_LARGEST:g}"
    factor = SAFETY_REGULAR if order >= CLOSE and sizes[-3] / sizes[-1] >= APART else SAFETY_IRREGULAR
    how = f"observed order {seen}" + (f", limited to {used:g}" if used < order else "") + f", safety factor {factor:g}"
    shown = order if order < _LARGEST else None
    return judged(factor * max(abs(correction), abs(expected)), value + correction, shown, how)


def _unbounded(sizes: Sequence[float], values: Sequence[float]) -> bool:
    """Whether a value grows over the last four meshes, and its growth per halving of the size does not slow down.

    Neither over these four nor over the last six, as far as it grew there: the first of them may not have resolved a
    steep place yet, the last may be off by chance.
    """
    if len(values) < 4:
        return False
    x, y = np.log(np.asarray(sizes[-6:])), np.abs(np.asarray(values[-6:]))
    slope, middle = np.diff(y) / -np.diff(x), (x[1:] + x[:-1]) / 2
    if np.any(slope[-3:] <= 0) or slope[-3:].mean() < GROWTH * y[-1]:
        return False
    growing = np.flatnonzero(slope > 0)
    return all(np.polyfit(middle[chosen], np.log(slope[chosen]), 1)[0] < UNSLOWED for chosen in (growing, growing[-3:]))


def _observed_order(sizes: Sequence[float], before: float, last: float) -> float | None:
    """Order p of a monotone triple, from before/last = r21^p (r32^p - 1) / (r21^p - 1); None if there is none."""
    if last == 0.0 or before / last <= 0.0:
        return None
    coarse, fine = sizes[0] / sizes[1], sizes[1] / sizes[2]

    def gap(p: float) -> float:
        return fine**p * (coarse**p - 1) / (fine**p - 1) - before / last

    if gap(_SMALLEST) >= 0:
        return 0.0
    if gap(_LARGEST) <= 0:
        return _LARGEST
    return float(brentq(gap, _SMALLEST, _LARGEST))

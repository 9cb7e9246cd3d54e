"""From values on a ladder of meshes to a value with an error bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from scipy.optimize import brentq

Status = Literal["converged", "not_converged", "singular"]

THEORETICAL = 2.0  # order of stress on quadratic elements; an observed order above it is not trusted
LOWEST = 0.5
_SMALLEST, _LARGEST = 1e-3, 12.0  # orders searched
SAFETY_REGULAR, SAFETY_IRREGULAR = 1.25, 3.0
FLOOR = 1e-8  # relative: below it the linear solver speaks, not the mesh
CLOSE = 0.9  # share of the theoretical order from which the convergence counts as regular
UNSLOWED = 0.95
GROWTH = 0.02  # relative growth from mesh to mesh from which an unslowing increase is taken for a singularity


@dataclass(frozen=True)
class Estimate:
    """A value with its error bar.

    Attributes
    ----------
    value : float
        On the finest mesh.
    uncertainty : float
        Half-width of the interval meant to hold the exact value of the model in 95 of 100 cases, in the unit of the
        value; infinite for one mesh alone.
    extrapolated, order : float or None
        Where the convergence is regular enough to tell.
    status : str
    reason : str
    """

    value: float
    uncertainty: float
    extrapolated: float | None
    order: float | None
    status: Status
    reason: str


def estimate(sizes: Sequence[float], values: Sequence[float], accuracy: float, scale: float | None = None) -> Estimate:
    """Estimate the discretisation error from two or more meshes.

    Three meshes that approach a value monotonically give an observed order and Richardson's extrapolation. The
    uncertainty is the grid convergence index (Roache, J. Fluids Eng. 116, 1994, 405) with the order limited to the
    theoretical 2 and a safety factor of 1.25 where the observed order is at least 0.9 of it, else 3 (Oberkampf and Roy,
    Verification and Validation in Scientific Computing, 2010, section 8.6, with the same two factors). Without such an
    order it is three times the last change, at least the change before (after Eca and Hoekstra, J. Comput. Phys. 262,
    2014, 104). A value whose growth per halving of the element size does not slow down is singular.

    Three meshes cannot tell a slow approach with scatter from a fast one: the interval then is too narrow.

    Parameters
    ----------
    sizes : sequence of float
        Element sizes, mm, coarse to fine.
    values : sequence of float
        One a mesh.
    accuracy : float
        Relative uncertainty wanted.
    scale : float or None
        What the uncertainty is measured against where the value itself may be zero.
    """
    value = values[-1]
    reference = max(abs(value), abs(scale or 0.0))
    floor = FLOOR * reference

    def judged(uncertainty: float, extrapolated: float | None, order: float | None, how: str) -> Estimate:
        uncertainty = max(uncertainty, floor)
        good = uncertainty <= accuracy * reference
        return Estimate(value, uncertainty, extrapolated, order, "converged" if good else "not_converged", how)

    def unknown(how: str) -> Estimate:
        return Estimate(value, math.inf, None, None, "not_converged", how)

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
        how = "two meshes only: first order assumed, safety factor 3"
        return Estimate(value, uncertainty, None, None, "not_converged", how)
    before = values[-2] - values[-3]
    if abs(last) <= floor and abs(before) <= floor:
        return judged(floor, value, None, "the same on all meshes")
    # Growth per halving of the element size: a logarithmic singularity keeps it, a power law lets it rise.
    slope, slope_before = last / math.log(ratio), before / math.log(sizes[-3] / sizes[-2])
    growing = last * before > 0 and last * value > 0 and abs(last) > GROWTH * reference
    if growing and abs(slope) >= UNSLOWED * abs(slope_before):
        return Estimate(value, abs(last), None, None, "singular", "it grows from mesh to mesh without slowing down")
    order = _observed_order(sizes[-3:], before, last)
    if order is not None and 0.0 < order < LOWEST:
        uncertainty = SAFETY_IRREGULAR * abs(last) / (ratio**order - 1)
        return judged(uncertainty, None, order, f"slow: observed order {order:.2f}, safety factor 3")
    if order == 0.0:
        return unknown("it does not approach a value")
    if order is None:
        uncertainty = max(SAFETY_IRREGULAR * abs(last), abs(before))
        return judged(uncertainty, None, None, "no regular convergence: three times the last change, safety factor 3")
    used = min(order, THEORETICAL)
    correction = last / (ratio**used - 1)
    # What the change before leads one to expect. It is the same where the observed order is used; where that was too
    # good to be trusted, a last change that is small by chance must not make the interval small.
    expected = before / ((sizes[-3] / sizes[-2]) ** used - 1) / ratio**used
    seen = f"{order:.1f}" if order < _LARGEST else f"above {_LARGEST:g}"
    factor = SAFETY_REGULAR if order >= CLOSE * THEORETICAL else SAFETY_IRREGULAR
    how = f"observed order {seen}" + (f", limited to {used:g}" if used < order else "") + f", safety factor {factor:g}"
    shown = order if order < _LARGEST else None
    return judged(factor * max(abs(correction), abs(expected)), value + correction, shown, how)


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

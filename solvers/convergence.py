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
SAFETY_TWO = 3.0  # Roache's for two meshes
STANDARD_ERRORS = 2.0
FLOOR = 1e-6  # relative, to which reactions must balance: below it the linear solver speaks, not the mesh
APART = 1.3**2  # ratio of sizes over three meshes from which an order is trusted (Celik et al. 2008)
CLOSE = 1.8  # order from which the convergence counts as regular
UNSLOWED = 0.3  # order up to which a value that grows is taken for a singular one
GROWTH = 0.0125  # and how much it must grow, relative, per natural logarithm of the size: 0.5 % for a step of 1.5
SUSPECT = 0.05  # the same, for three meshes, which cannot tell a steep value from a singular one
STUCK = 0.5  # order up to which an estimated error that falls is taken for one that does not
SLOWING = 1.5  # order up to which a value then is taken for a singular one: all elements count, and few get smaller
EVEN = 0.005  # spread, relative to the stress, of a place that needs no such doubt
CLOSEST = 1.01  # ratio of sizes below which a mesh is as fine as another
FALLING = 1.1  # least ratio of the estimated errors of two meshes from which that of the value can be told


@dataclass(frozen=True)
class Indicator:
    """What each mesh by itself tells of the error of a value on it.

    Attributes
    ----------
    errors : sequence of float
        One a mesh, coarse to fine: what the error is taken to be proportional to.
    local : bool
        Whether they are the spread of the stress that the elements at one place have, relative to that stress. At a
        singular place all meshes look alike but for their scale, so that it stays the same.
    places : sequence of float
        Size of the elements that the errors belong to; empty: as given with the values.
    """

    errors: Sequence[float]
    local: bool = False
    places: Sequence[float] = ()

    def at(self, meshes: Sequence[int], sizes: Sequence[float]) -> Indicator:
        """Of some of the meshes, whose elements have these ``sizes`` unless ``places`` says otherwise."""
        places = self.places or sizes
        return Indicator([self.errors[k] for k in meshes], self.local, [places[k] for k in meshes])


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
    indicator: Indicator | None = None,
    factors: Sequence[float] = (),
    bounded: bool = False,
) -> Estimate:
    """Estimate the discretisation error from ever finer meshes.

    Two meshes tell it where an indicator says by how much the error falls from one to the other: Richardson's
    extrapolation with a safety factor of 3, that of the grid convergence index for two meshes (Roache, J. Fluids Eng.
    116, 1994, 405). The order is then that of the indicator.

    Three meshes that approach a value monotonically give an observed order. The uncertainty is the grid convergence
    index with the order limited to the theoretical one and a safety factor of 1.25 where the observed order is close to
    it and the meshes are well apart (Celik et al., J. Fluids Eng. 130, 2008, 078001), else 2; first order is assumed
    where less is observed. Values that go up and down have no order: 1.5 times the last change, or what is left of the
    change before (after Eca and Hoekstra, J. Comput. Phys. 262, 2014, 104). The factors for three meshes were settled
    on ladders of hip stems and bone plates of random sizes and on the problems of verification/plane.py and torsion.py;
    the other problems of docs/verification.md judge them.

    Unstructured meshes of the same fineness give values that differ by chance; what two of them differ by, ``scatter``,
    is expected to fall with the square of the size. That, and two standard errors of a recovered stress, ``noise``, is
    the least uncertainty.

    A stress that grows from mesh to mesh while the spread of the elements at its place does not fall is singular; as
    long as that spread does not fall, nothing is settled. Where no spread is known, a value that grows over four or
    more meshes without its growth per halving of the size slowing down is singular: a power law lets it rise, a
    logarithm keeps it. On three meshes that is left open.

    Parameters
    ----------
    sizes : sequence of float
        Element sizes that the values depend on, coarse to fine, relative or in mm. Meshes that are not finer than the
        one before are passed over.
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
        Order of convergence that may be trusted of the values.
    indicator : Indicator or None
    factors : sequence of float
        Sizes of the meshes, coarse to fine, where they are refined most: by these growth is told. Empty: ``sizes``.
    bounded : bool
        Whether the value has an upper bound, as a share has: then it is not singular.
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

    if not math.isfinite(value):
        return unknown("it is not a finite number")
    if len(values) < 2:
        return unknown("one mesh alone tells nothing of its error")
    same = len(values) > 2 or indicator is not None
    if same and all(abs(v - value) <= FLOOR * reference for v in values[-3:]):
        return judged(FLOOR * reference, value, None, "the same on all meshes")
    # Where it may be singular, the elements at its place count alone.
    told = _finer(indicator.places or sizes, values) if indicator else _finer(sizes, values)
    there = indicator.at(told, sizes) if indicator else None
    if not bounded and _singular([(factors or sizes)[k] for k in told], [values[k] for k in told], there):
        how = "it grows from mesh to mesh without slowing down"
        return Estimate(value, math.inf, None, None, "singular", how, decides=False)
    kept = _finer(sizes, values)
    if len(kept) < 2 or kept[-1] < len(values) - 1:
        return unknown("no mesh is finer than another")
    if indicator:
        indicator = indicator.at(kept, sizes)
    sizes, values = [sizes[k] for k in kept], [values[k] for k in kept]
    last, ratio = values[-1] - values[-2], sizes[-2] / sizes[-1]
    if there and _stuck(there):
        uncertainty = max(SAFETY_IRREGULAR * abs(last) / (ratio - 1), floor)
        how = "the elements at its place differ as much as on the coarser mesh: it may be singular"
        return Estimate(value, uncertainty, None, None, "not_converged", how, decides=False)
    if len(values) == 2:
        fall = _fall(indicator.errors, ratio**theoretical) if indicator else 1.0
        if fall < FALLING:
            uncertainty = max(SAFETY_IRREGULAR * abs(last) / (ratio - 1), floor)
            how = "two meshes only: first order assumed, safety factor 2"
            return Estimate(value, uncertainty, None, None, "not_converged", how, decides=False)
        correction = last / (fall - 1)
        how = f"two meshes: the estimated error falls by {fall:.2g}, safety factor {SAFETY_TWO:g}"
        return judged(SAFETY_TWO * abs(correction), value + correction, math.log(fall) / math.log(ratio), how)
    before = values[-2] - values[-3]
    order = _observed_order(sizes[-3:], before, last)
    if order is None:
        uncertainty = SAFETY_SCATTERED * max(abs(last), abs(before) / ratio**LOCAL)
        return judged(uncertainty, None, None, "the values scatter: 1.5 times the last changes")
    if order < LOWEST:
        uncertainty = max(SAFETY_IRREGULAR / (ratio**LOWEST - 1), SAFETY_SCATTERED) * abs(last)
        found = judged(
            uncertainty, None, order, f"slow: observed order {order:.1f}, first order assumed, safety factor 2"
        )
        growth = last * math.copysign(1.0, value) / math.log(ratio)
        unseen = not (bounded or (indicator and indicator.local)) and len(values) < 4
        if unseen and order < UNSLOWED and growth > SUSPECT * abs(value):
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


def _finer(sizes: Sequence[float], values: Sequence[float]) -> list[int]:
    """Which meshes are finer than the one before, and have a value; the last is among them if any is."""
    kept: list[int] = []
    for k in reversed(range(len(sizes))):
        finite = math.isfinite(values[k]) and sizes[k] > 0.0
        if finite and (not kept or sizes[k] >= CLOSEST * sizes[kept[0]]):
            kept.insert(0, k)
    return kept


def _fall(errors: Sequence[float], otherwise: float) -> float:
    """By how much the last of some errors is smaller than the first; something else where nothing is left of it."""
    return errors[0] / errors[-1] if errors[-1] > 0.0 else otherwise


def _stuck(indicator: Indicator) -> bool:
    """Whether the estimated error does not fall with the size of the elements."""
    errors, places = indicator.errors, indicator.places
    if len(errors) < 2:
        return False
    if errors[-1] <= (EVEN if indicator.local else 0.0) or min(errors) <= 0.0 or places[0] < FALLING * places[-1]:
        return False
    order, _ = np.polyfit(np.log(places), np.log(errors), 1)
    return bool(order < STUCK)


def _singular(factors: Sequence[float], values: Sequence[float], indicator: Indicator | None) -> bool:
    if indicator:
        return len(values) > 2 and _stuck(indicator) and _unslowed(indicator.places[-3:], values[-3:], SLOWING)
    # Neither over the last four nor over the last six: the first of them may not have resolved a steep place yet, the
    # last may be off by chance.
    return len(values) > 3 and all(_unslowed(factors[-n:], values[-n:], UNSLOWED, 3) for n in (4, 6))


def _unslowed(sizes: Sequence[float], values: Sequence[float], limit: float, last: int = 2) -> bool:
    """Whether a value grows in its ``last`` steps, and its growth per halving of the size falls by less than the power
    ``limit`` of the size over all in which it grows.
    """
    if min(coarse / fine for coarse, fine in pairwise(sizes)) < CLOSEST:
        return False
    x, y = np.log(np.asarray(sizes)), np.abs(np.asarray(values))
    slope, middle = np.diff(y) / -np.diff(x), (x[1:] + x[:-1]) / 2
    if np.any(slope[-last:] <= 0) or slope[-last:].mean() < GROWTH * y[-1]:
        return False
    growing = np.flatnonzero(slope > 0)
    return bool(np.polyfit(middle[growing], np.log(slope[growing]), 1)[0] < limit)


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

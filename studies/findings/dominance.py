"""Which of several results beat others, and how much of what was seen they beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_POWER = 14
_SEED = 20021031


def beating(f: Array, k: int) -> Mask:
    """Which of f (n, m), to be minimised, are nowhere worse than number ``k`` and somewhere better."""
    return np.all(f <= f[k], axis=1) & np.any(f < f[k], axis=1)


def front(f: Array) -> Mask:
    """Which of f (n, m), to be minimised, no other one beats."""
    return np.array([not np.any(beating(f, k)) for k in range(len(f))], dtype=bool)


def hypervolume(points: Array) -> float:
    """Share of the unit cube that is beaten (Zitzler and Thiele, IEEE Trans. Evol. Comput. 3, 1999, 257).

    Exact for one and two objectives; else by 16,384 points of a scrambled Sobol' sequence with a fixed seed.

    Parameters
    ----------
    points : (n, m) array
        To be minimised, within [0, 1]: the reference is (1, ..., 1).
    """
    n, m = points.shape
    if n == 0 or m == 0:
        return 0.0
    if m > 2:
        cube = qmc.Sobol(m, rng=np.random.default_rng(_SEED)).random_base2(_POWER)
        beaten = np.zeros(len(cube), dtype=bool)
        for point in points:
            beaten |= np.all(cube >= point, axis=1)
        return float(beaten.mean())
    ordered = points[np.lexsort(points.T[::-1])]
    least = np.minimum.accumulate(ordered[:, -1]) if m == 2 else np.zeros(n)
    widths = np.diff(np.append(ordered[:, 0], 1.0))
    return float(np.sum(widths * (1.0 - least)))

"""Stress at a hole in a strip of finite width and length, by a series of Airy functions.

The even biharmonic functions of Michell (Proc. London Math. Soc. 31, 1899, 100) about the hole, with coefficients that
satisfy the conditions on the hole, the sides and the ends in the least-squares sense at many points: what Howland
(Phil. Trans. R. Soc. A 229, 1930, 49) did by successive approximation. Lengths are in hole radii, stresses in those of
the pull.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def hole_factor(half_width: float, half_length: float, terms: int = 32) -> tuple[float, float]:
    """Stress beside the hole over the pull along y, and the largest boundary condition left over."""
    angle = np.linspace(0.0, np.pi / 2, 200)
    y, x = np.linspace(0.0, half_length, 400), np.linspace(0.0, half_width, 150)
    radius = np.hypot(half_width, half_length)
    rows, wanted = [], []
    for px, py, pull in (
        (np.full_like(y, half_width), y, None),
        (x, np.full_like(x, half_length), 1.0),
    ):
        r, t = np.hypot(px, py), np.arctan2(py, px)
        rr, tt, rt = _stresses(r, t, terms, radius)
        c, s = np.cos(t), np.sin(t)
        xx, yy = rr * c**2 + tt * s**2 - 2 * rt * s * c, rr * s**2 + tt * c**2 + 2 * rt * s * c
        rows += [xx if pull is None else yy, (rr - tt) * s * c + rt * (c**2 - s**2)]
        wanted += [np.full(len(r), pull or 0.0), np.zeros(len(r))]
    rr, _, rt = _stresses(np.ones_like(angle), angle, terms, radius)
    rows += [rr, rt]
    wanted += [np.zeros(len(angle)), np.zeros(len(angle))]
    matrix, right = np.concatenate(rows, axis=1).T, np.concatenate(wanted)
    scale = np.linalg.norm(matrix, axis=0)
    coefficients = np.linalg.lstsq(matrix / scale, right, rcond=1e-14)[0] / scale
    beside = _stresses(np.ones(1), np.zeros(1), terms, radius)[1][:, 0]
    return float(beside @ coefficients), float(np.abs(matrix @ coefficients - right).max())


def _stresses(r: Array, t: Array, terms: int, radius: float) -> Array:
    """Polar stresses (3, functions, points): rr, tt, rt of r^2, ln r and r^p cos(m t), powers of r over ``radius``."""
    found = [(np.full_like(r, 2.0), np.full_like(r, 2.0), 0 * r), (r**-2, -(r**-2), 0 * r)]
    for m in range(2, 2 * terms + 1, 2):
        for p in (m, m + 2, -m, 2 - m):
            f = (r / radius if p >= m else r) ** (p - 2.0)
            cosine, sine = np.cos(m * t), np.sin(m * t)
            found.append(((p - m * m) * f * cosine, p * (p - 1) * f * cosine, m * (p - 1) * f * sine))
    return np.array(found).transpose(1, 0, 2)

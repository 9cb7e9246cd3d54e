"""Rigid-body motions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def rigid_modes(x: Array) -> Array:
    """The six rigid-body motions (n, 3, 6) at points (n, 3): translations, then rotations about the origin."""
    modes = np.zeros((len(x), 3, 6))
    for k in range(3):
        modes[:, k, k] = 1.0
        modes[:, :, 3 + k] = np.cross(np.eye(3)[k], x)
    return modes

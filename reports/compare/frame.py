"""The sheet that pictures side by side share: only as large as what all of them hold, with large type."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reports.view import Canvas, View, axes

Array = NDArray[np.float64]

WIDTH, LEAST, MOST = 900.0, 340.0, 1150.0  # pixels; heights from LEAST to MOST
MARGIN, FOOT = 60.0, 110.0  # pixels; below there is a scale bar
BESIDE, ALONE = 2.1, 1.2  # pixels of such a picture to one of the page, beside others and by itself


def fitted(points: Array, towards: Array, up: Array, scale: float, zoom: float) -> View:
    """The view that shows all ``points`` (n, 3), mm, on a sheet of no more height than they take."""
    right, upward, towards = axes(towards, up)
    flat = points @ np.stack([right, upward], axis=1)
    low, high = flat.min(axis=0), flat.max(axis=0)
    width, height = np.maximum(high - low, 1e-6 * np.ptp(points, axis=0).max() + 1e-9)
    mm_per_pixel = max(width / (WIDTH - 2 * MARGIN), height / (MOST - MARGIN - FOOT))
    tall = float(np.clip(height / mm_per_pixel + MARGIN + FOOT, LEAST, MOST))
    middle = (low + high) / 2 + mm_per_pixel * np.array([0.0, (MARGIN - FOOT) / 2])
    focus = middle[0] * right + middle[1] * upward + float(np.mean(points @ towards)) * towards
    side, foot = scale * MARGIN, scale * FOOT
    canvas = Canvas(int(scale * WIDTH), int(scale * tall), side, side, side, foot, scale * zoom)
    return View(right, upward, towards, focus, mm_per_pixel / scale, canvas)

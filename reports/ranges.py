"""Which values the two ends of the colours stand for; the same in the pictures and in the view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reports.numbers import round_up
from studies.record import Quantity

Array = NDArray[np.float64]


def range_top(peak: Quantity | None, values: Array) -> float:
    """A round end of the colour range: the peak that is reported, never the spike of a singular place."""
    if peak is not None and peak.status != "singular" and peak.value > 0:
        return round_up(peak.value)
    largest = float(np.percentile(values, 99))
    return round_up(largest) if largest > 0 else 1.0


def wall_top(high: Quantity | None, values: Array) -> float:
    """As `range_top` for what acts on a wall; ``high`` is what one per cent of the wall exceeds, if that is known.

    The peak may stand at an edge alone; a range up to it would leave the wall in one colour.
    """
    end = high.value if high is not None else float(np.percentile(values, 99))
    return round_up(end if end > 0 else float(values.max()) or 1.0)


def pore_top(speed: Array) -> float:
    """As `range_top` for the speed between the walls of a scaffold."""
    return round_up(float(np.percentile(speed, 99.5)) or 1.0)


def extend(values: Array, top: float) -> str:
    """Where a field goes on beyond a range from zero, in matplotlib's words."""
    below, above = float(values.min()) < -0.01 * top, float(values.max()) > top
    return {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[below, above]

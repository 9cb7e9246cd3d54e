"""Numbers rounded to equal steps between the smallest and the largest of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Steps:
    """Values as ``low`` + ``step`` x ``numbers``."""

    low: float
    step: float
    numbers: Integers

    @classmethod
    def of(cls, values: Array, bits: int, step: float = 0.0) -> Steps:
        """Round finite values so that each is off by half a step at most.

        Parameters
        ----------
        values : array
        bits : int
            The numbers have so many.
        step : float
            At least this; else as small as the bits allow.
        """
        low = float(values.min())
        step = max((float(values.max()) - low) / (2**bits - 1), step)
        numbers = np.rint((values - low) / step).astype(np.int64) if step else np.zeros(values.shape, dtype=np.int64)
        return cls(low, step, numbers)

    def values(self) -> Array:
        return np.asarray(self.low + self.step * self.numbers)

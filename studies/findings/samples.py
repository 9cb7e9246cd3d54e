"""From the table of a study to arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studies.findings.study_record import Input, Variant
from studies.findings.usable import NORMAL_95, error_bar, usable

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """The usable runs of one quantity, by number.

    Attributes
    ----------
    inputs : tuple of Input
        Columns of ``x``: the numbers that vary. Words and what stays the same are not among them.
    numbers : (n,) int array
        Of the variants.
    x : (n, d) array
        In the units of the inputs.
    y, u : (n,) arrays
        Values and their standard uncertainties, in the unit of the quantity.
    dropped : tuple of str
        Inputs that vary and are not among ``inputs``: words, and what some runs do not have.
    """

    inputs: tuple[Input, ...]
    numbers: NDArray[np.int64]
    x: Array
    y: Array
    u: Array
    dropped: tuple[str, ...] = ()

    def box(self) -> tuple[Array, Array]:
        """Least and largest setting of each input, (d,) each: of its range or levels, and of the runs."""
        low, high = bounds(self.inputs)
        return np.fmin(low, self.x.min(axis=0)), np.fmax(high, self.x.max(axis=0))


def samples(variants: Sequence[Variant], inputs: Sequence[Input], quantity: str) -> Samples:
    """Settings and values of the runs that have a value with a finite error bar.

    The error bar of a run is the half-width of a 95 % interval; taken as normal, its standard uncertainty is that
    divided by 1.96.

    Parameters
    ----------
    variants : sequence of Variant
        In any order.
    inputs : sequence of Input
    quantity : str
    """
    runs = [(v, value) for v in sorted(variants, key=lambda v: v.number) if (value := usable(v, quantity)) is not None]
    columns = {i.name: [v.settings.get(i.name) for v, _ in runs] for i in inputs}
    kept = tuple(i for i in inputs if _varies(columns[i.name]))
    return Samples(
        kept,
        np.array([v.number for v, _ in runs], dtype=np.int64),
        np.array([columns[i.name] for i in kept], dtype=np.float64).reshape(len(kept), len(runs)).T,
        np.array([value.value for _, value in runs], dtype=np.float64),
        np.array([error_bar(value) for _, value in runs], dtype=np.float64) / NORMAL_95,
        tuple(i.name for i in inputs if i not in kept and len(set(columns[i.name])) > 1),
    )


def bounds(inputs: Sequence[Input]) -> tuple[Array, Array]:
    """Least and largest setting of each input by its range or levels, (d,) each; NaN where it has neither."""
    ends = np.full((2, len(inputs)), np.nan)
    for k, i in enumerate(inputs):
        known = [s for s in (i.low, i.high, *i.levels) if isinstance(s, float | int)]
        if known:
            ends[:, k] = min(known), max(known)
    return ends[0], ends[1]


def _varies(settings: Sequence[object]) -> bool:
    return all(isinstance(s, float | int) for s in settings) and len(set(settings)) > 1

"""The settings that an optimisation may choose from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from studies.findings.samples import bounds
from studies.findings.study_record import Input, Variant

Array = NDArray[np.float64]

CLOSE = 1e-3  # of the range: below, two runs differ by their meshes
_NEIGHBOUR = 0.7  # standard deviation of a step, in levels


class Space:
    """Ranges and levels of the inputs.

    Points are given by shares in [0, 1]^d, each input by one: of its range, or of the row of its levels.

    Parameters
    ----------
    inputs : sequence of Input
        With low and high, or with levels that are numbers; these go before.

    Raises
    ------
    ValueError
        If an input has neither.
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        self.names = [i.name for i in inputs]
        self.levels = [np.sort(np.array(_numbers(i))) for i in inputs]
        ranges = [i.model_copy(update={"low": None, "high": None}) if i.levels else i for i in inputs]
        self.low, self.high = bounds(ranges)
        for name, low, high in zip(self.names, self.low, self.high, strict=True):
            if not low < high:
                raise ValueError(f"input '{name}' has no range to be optimised over")

    def at(self, shares: Array) -> Array:
        """Settings, (n, d), of shares (n, d)."""
        x = self.low + shares * (self.high - self.low)
        for k, levels in enumerate(self.levels):
            if len(levels):
                x[:, k] = levels[np.minimum((shares[:, k] * len(levels)).astype(int), len(levels) - 1)]
        return x

    def shares(self, x: Array) -> Array:
        """Shares, (n, d), of settings (n, d); of a level the middle of what belongs to it."""
        found = (x - self.low) / (self.high - self.low)
        for k, levels in enumerate(self.levels):
            if len(levels):
                nearest = np.abs(x[:, k, None] - levels).argmin(axis=1)
                found[:, k] = (nearest + 0.5) / len(levels)
        return found

    def of(self, variants: Sequence[Variant]) -> Array:
        """Settings, (n, d), of variants."""
        rows = [[v.settings[name] for name in self.names] for v in variants]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.names))

    def settings(self, point: Array) -> dict[str, float]:
        """By name."""
        return dict(zip(self.names, point.tolist(), strict=True))

    def taken(self, x: Array, runs: Array) -> NDArray[np.bool_]:
        """Which points x (n, d) are no other than one of the runs (m, d)."""
        apart = np.abs(x[:, None, :] - runs[None, :, :]) / (self.high - self.low)
        return np.any(np.all(apart < CLOSE, axis=2), axis=1)

    def near(self, shares: Array, step: float, number: int, random: np.random.Generator) -> Array:
        """``number`` neighbours of each point, (n number, d): of half of the inputs other settings, ``step`` away."""
        repeated = np.repeat(shares, number, axis=0)
        steps = np.array([max(step, _NEIGHBOUR / len(levels)) if len(levels) else step for levels in self.levels])
        moved = repeated + steps * random.standard_normal(repeated.shape) * (random.random(repeated.shape) < 0.5)
        return np.clip(moved, 0.0, 1.0)

    def spread(self, count: int, runs: Array, seed: int) -> list[Array]:
        """The first ``count`` points of a scrambled Sobol' sequence that are not among the runs (m, d).

        Fewer if so many are not to be found among the levels.
        """
        found: list[Array] = []
        # Twice as many and more, since levels let points coincide.
        power = int(np.ceil(np.log2(4 * (count + len(runs)) + 64)))
        for point in self.at(qmc.Sobol(len(self.names), rng=np.random.default_rng(seed)).random_base2(power)):
            if len(found) == count:
                break
            if not self.taken(point[None, :], np.vstack([runs, *found]))[0]:
                found.append(point)
        return found


def _numbers(i: Input) -> list[float]:
    if any(isinstance(level, str) for level in i.levels):
        raise ValueError(f"input '{i.name}' has words for levels: there is no way between them")
    return [float(level) for level in i.levels]

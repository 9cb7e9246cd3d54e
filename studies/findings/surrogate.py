"""A Gaussian process through runs with error bars."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from studies.findings.samples import Samples
from studies.findings.usable import NORMAL_95
from studies.findings.wording import listed, said

Array = NDArray[np.float64]

JITTER = 1e-8  # least variance of a run, relative to that of all: keeps the matrix definite
_LENGTHS = (0.05, 50.0)  # of the unit cube: from what a few runs cannot follow to what they cannot tell from none
_VARIANCES = (1e-2, 1e4)  # of standardised values; large where the length scales are
_RESTARTS = 4
_SEED = 20180615
_KERNEL_RUNS = 250  # the search for length scales takes seconds of so many, and grows with the third power
_MOST_RUNS = 2000


@dataclass(frozen=True)
class LeftOut:
    """Runs against predictions without them.

    Attributes
    ----------
    residuals, deviation : (n,) arrays
        Value less prediction, and the standard deviation that predicts for it: the run's own error is in it.
    predictivity : float
        Q^2, 1 - (sum of squared residuals) / (sum of squares about the mean).
    error : float
        Root mean square of the residuals.
    coverage : float
        Share of the runs inside the 95 % interval predicted for them.
    """

    residuals: Array
    deviation: Array
    predictivity: float
    error: float
    coverage: float


@dataclass(frozen=True)
class Surrogate:
    """Mean and standard deviation of a quantity between runs.

    A Gaussian process (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, ch. 2) with a Matern 5/2
    kernel of one length scale an input. Each run has the variance of its own error bar, taken as independent of the
    others'; no further noise is fitted, since a run is repeatable and its error known: were the error bars too small,
    the runs left out would tell.

    Attributes
    ----------
    process : GaussianProcessRegressor
        In the unit cube of the inputs, of standardised values.
    low, high : (d,) arrays
        Ends of the cube.
    centre, scale : float
        Mean and standard deviation of the values.
    """

    process: GaussianProcessRegressor
    low: Array
    high: Array
    centre: float
    scale: float

    @classmethod
    def fit(cls, x: Array, y: Array, u: Array, low: Array, high: Array) -> Surrogate:
        """Fit the kernel by maximum likelihood, to 250 runs drawn by a fixed seed where there are more.

        Parameters
        ----------
        x : (n, d) array
        y, u : (n,) arrays
            Values and standard uncertainties.
        low, high : (d,) arrays
            Range of each input, low < high.

        Raises
        ------
        ValueError
            If there are no runs, or a range is empty.
        """
        if not len(y) or np.any(high <= low):
            raise ValueError("a surrogate needs runs, and inputs with a range")
        scale = float(np.std(y)) or 1.0
        process = GaussianProcessRegressor(
            ConstantKernel(1.0, _VARIANCES) * Matern(np.full(x.shape[1], 0.5), _LENGTHS, nu=2.5),
            alpha=(u / scale) ** 2 + JITTER,
            n_restarts_optimizer=_RESTARTS,
            random_state=_SEED,
        )
        centre = float(np.mean(y))
        some = np.arange(len(y))
        if len(y) > _KERNEL_RUNS:
            some = np.sort(np.random.default_rng(_SEED).choice(len(y), _KERNEL_RUNS, replace=False))
        unit, alpha, standard = (x - low) / (high - low), process.alpha, (y - centre) / scale
        process.set_params(alpha=alpha[some])
        with warnings.catch_warnings():
            # An input without effect ends at the longest length scale: that is a result, and no concern of the user's.
            warnings.simplefilter("ignore", ConvergenceWarning)
            process.fit(unit[some], standard[some])
        if len(some) < len(y):
            process = GaussianProcessRegressor(process.kernel_, alpha=alpha, optimizer=None).fit(unit, standard)
        return cls(process, low, high, centre, scale)

    def believing(self, x: Array, above: float = 0.0) -> Surrogate:
        """With further runs, (m, d), that give what is expected there, ``above`` deviations more; the kernel stays."""
        mean, deviation = self.predict(x)
        process = GaussianProcessRegressor(
            self.process.kernel_, alpha=np.append(self.process.alpha, np.full(len(x), JITTER)), optimizer=None
        )
        process.fit(
            np.vstack([self.process.X_train_, self._unit(x)]),
            np.append(self.process.y_train_, (mean + above * deviation - self.centre) / self.scale),
        )
        return Surrogate(process, self.low, self.high, self.centre, self.scale)

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation, (m,) each, of the quantity without the error of a run, at x (m, d)."""
        across, whitened = self._across(x)
        variance = self.process.kernel_.diag(self._unit(x)) - np.sum(whitened**2, axis=0)
        return self.centre + self.scale * across @ self.process.alpha_, self.scale * np.sqrt(np.fmax(variance, 0.0))

    def realisations(self, x: Array, count: int, seed: int) -> Array:
        """Functions that agree with the runs within their errors, drawn at x (m, d): (m, count)."""
        across, whitened = self._across(x)
        prior = self.process.kernel_(self._unit(x))
        # Close points make the covariance singular but for rounding, which grows with the prior variance.
        prior[np.diag_indices_from(prior)] += JITTER * prior[0, 0]
        factor = cholesky(prior - whitened.T @ whitened, lower=True)
        drawn = factor @ np.random.default_rng(seed).standard_normal((len(x), count))
        return np.asarray(self.centre + self.scale * ((across @ self.process.alpha_)[:, None] + drawn))

    def left_out(self) -> LeftOut:
        """Each run against the prediction without it, the kernel being kept.

        In closed form from the inverse K^-1 of the covariance of the runs: residual [K^-1 y]_i / [K^-1]_ii and variance
        1 / [K^-1]_ii (Dubrule, Math. Geol. 15, 1983, 687; Rasmussen and Williams, 2006, eq. 5.12).
        """
        inverse = cho_solve((self.process.L_, True), np.eye(len(self.process.y_train_)))
        residuals = self.scale * self.process.alpha_ / np.diag(inverse)
        deviation = self.scale / np.sqrt(np.diag(inverse))
        y = self.scale * self.process.y_train_
        about_mean = float(np.sum((y - y.mean()) ** 2))
        return LeftOut(
            residuals,
            deviation,
            1.0 - float(np.sum(residuals**2)) / about_mean if about_mean else 0.0,
            float(np.sqrt(np.mean(residuals**2))),
            float(np.mean(np.abs(residuals) <= NORMAL_95 * deviation)),
        )

    def length_scales(self) -> Array:
        """Relative to the range of each input, (d,)."""
        return np.broadcast_to(self.process.kernel_.k2.length_scale, self.low.shape)

    def _unit(self, x: Array) -> Array:
        return (x - self.low) / (self.high - self.low)

    def _across(self, x: Array) -> tuple[Array, Array]:
        """Covariance of points with the runs, (m, n), and that over the Cholesky factor of the runs', (n, m)."""
        across = self.process.kernel_(self._unit(x), self.process.X_train_)
        return across, solve_triangular(self.process.L_, across.T, lower=True, check_finite=False)


def kernel_runs(runs: int) -> int | None:
    """How many of so many runs the length scales are fitted to; None if to all."""
    return _KERNEL_RUNS if runs > _KERNEL_RUNS else None


def surrogate_of(runs: Samples) -> Surrogate | str:
    """Through the usable runs of a quantity; else why there is none.

    There is none under max(6, 2 d + 2) runs of d inputs, above 2000, if all runs give the same, or if an input varies
    that is no number: a function of the others alone would take its effect for noise, or follow it where it cannot.
    """
    n, d = runs.x.shape
    if runs.dropped:
        how = "varies and is no number" if len(runs.dropped) == 1 else "vary and are no numbers"
        return f"{listed(map(said, runs.dropped))} {how}"
    if d == 0:
        return "no input varies"
    if n < (needed := max(6, 2 * d + 2)):
        return f"it takes {needed} runs with a value, not {n}"
    if n > _MOST_RUNS:
        return f"it takes too long through more than {_MOST_RUNS} runs"
    if np.ptp(runs.y) == 0.0:
        return "all runs give the same"
    return Surrogate.fit(runs.x, runs.y, runs.u, *runs.box())

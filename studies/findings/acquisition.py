"""What a further run promises."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx
from scipy.stats import norm, qmc

from studies.findings.surrogate import Surrogate

Array = NDArray[np.float64]

_SMALL = 1e-12  # least standard deviation
_FAR = 1e6  # standard deviations from which the asymptote is closer than what rounding leaves
_SLOPE = 0.05  # rho of Knowles (2006)
_DRAWS = 64


def log_improvement(best: float, mean: Array, deviation: Array) -> Array:
    """Logarithm of the expected improvement on ``best``, to be minimised, by a normal variable.

    EI = s (phi(z) + z Phi(z)), z = (best - mean) / s (Jones, Schonlau and Welch, J. Glob. Optim. 13, 1998, 455,
    eq. 15); its logarithm without cancellation after Ament et al., Adv. Neural Inf. Process. Syst. 36, 2023, eq. 9.
    """
    s = np.fmax(deviation, _SMALL)
    z = (best - mean) / s
    below = np.clip(-z, 1.0, _FAR)
    near = np.log(norm.pdf(z) + np.fmax(z, -1.0) * norm.cdf(z), where=z > -1.0, out=np.zeros_like(z))
    rest = np.log1p(-np.sqrt(np.pi / 2) * below * erfcx(below / np.sqrt(2)), where=below < _FAR, out=-2 * np.log(below))
    return np.asarray(np.log(s) + np.where(z > -1.0, near, norm.logpdf(z) + rest))


def log_feasible(limit: float, mean: Array, deviation: Array) -> Array:
    """Logarithm of the probability of a normal variable to be at most ``limit`` (Schonlau, thesis, Waterloo, 1997;
    Gardner et al., Proc. Mach. Learn. Res. 32, 2014, 937).
    """
    return np.asarray(norm.logcdf((limit - mean) / np.fmax(deviation, _SMALL)))


class Scalar:
    """Several objectives as one, by weights.

    The augmented Tchebycheff function max_j(w_j f_j) + 0.05 sum_j(w_j f_j) of ParEGO (Knowles, IEEE Trans. Evol.
    Comput. 10, 2006, 50) of objectives scaled to [0, 1] by the front. Knowles fits a Gaussian process to it; here
    it is a function of one process for each objective (as in Daulton, Balandat and Bakshy, Adv. Neural Inf. Process.
    Syst. 33, 2020), of which draws give mean and standard deviation: a process follows the kinks of a maximum badly.

    Parameters
    ----------
    front : (n, m) array
        Objectives, to be minimised, of the runs that no other beats.
    random : Generator
        Draws the weights, evenly, and the normal numbers.
    """

    def __init__(self, front: Array, random: np.random.Generator) -> None:
        m = front.shape[1]
        self.weights = random.dirichlet(np.ones(m))
        self.low, width = front.min(axis=0), np.ptp(front, axis=0)
        self.width = np.where(width > 0.0, width, 1.0)
        self.normal = qmc.MultivariateNormalQMC(np.zeros(m), rng=random).random(_DRAWS)

    def predict(self, models: tuple[Surrogate, ...], x: Array) -> tuple[Array, Array]:
        """Mean and standard deviation at x (n, d), (n,) each; those of a single objective in its own unit."""
        predicted = [model.predict(x) for model in models]
        if len(models) == 1:
            return predicted[0]
        mean, deviation = (np.array(values).T[:, None, :] for values in zip(*predicted, strict=True))
        weighted = self.weights * (mean + deviation * self.normal - self.low) / self.width
        drawn = weighted.max(axis=2) + _SLOPE * weighted.sum(axis=2)
        return drawn.mean(axis=1), drawn.std(axis=1)

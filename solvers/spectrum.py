"""Eigenvalues of preconditioned operators."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

Array = NDArray[Any]
Linear = Callable[[Array], Array]

_NOTHING_LEFT = 1e-10


def largest_eigenvalue(multiply: Linear, precondition: Linear, right: Array, steps: int, comm: MPI.Comm) -> float:
    """Largest eigenvalue of B A from below, from some steps of conjugate gradients (Saad, Iterative Methods for Sparse
    Linear Systems, 2003, section 6.7.3). Collective.

    It is that of the tridiagonal matrix with 1 / alpha_k + beta_k / alpha_{k-1} on the diagonal and
    beta_{k+1}^(1/2) / alpha_k beside it.

    Parameters
    ----------
    multiply, precondition : callable
        A and B, on the unknowns of this rank.
    right : array
        At random. Spent.

    Returns
    -------
    float
        0 if nothing is free; NaN where a number is none, B is seen not to be positive or no eigenvalue is.
    """
    diagonal, beside = list[float](), list[float]()
    rz, alpha, beta = 0.0, 1.0, 0.0
    real = right.dtype.type
    direction = np.zeros_like(right)
    for k in range(steps):
        z = precondition(right)
        before, rz = rz, comm.allreduce(float(right @ z))
        if rz == before == 0.0:
            return 0.0
        if rz < 0.0:  # B is not positive
            return math.nan
        if k:
            if not rz > _NOTHING_LEFT * before:
                break
            beta = rz / before
            beside.append(math.sqrt(beta) / alpha)
        direction *= real(beta)
        direction += z
        product = multiply(direction)
        ratio = beta / alpha
        alpha = rz / (comm.allreduce(float(direction @ product)) or math.nan)
        diagonal.append(1 / alpha + ratio)
        right -= real(alpha) * product
    if not np.isfinite(diagonal).all():
        return math.nan
    found = float(np.linalg.eigvalsh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)).max())
    return found if found > 0.0 else math.nan

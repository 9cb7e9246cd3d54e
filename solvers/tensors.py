"""The little tensor algebra that makes weak forms read like the book."""

from __future__ import annotations

from typing import Any

import numpy as np
import ufl
from numpy.typing import NDArray

Array = NDArray[np.float64]

VOIGT = ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2))  # xx yy zz xy yz xz


def sym_grad(u: Any) -> Any:
    """Infinitesimal strain, 1/2 (grad u + grad u^T)."""
    return ufl.sym(ufl.grad(u))


def ddot(a: Any, b: Any) -> Any:
    """Double contraction a : b."""
    return ufl.inner(a, b)


def components(tensor: Any) -> Any:
    """The six components of a symmetric tensor in the order of `VOIGT`, as a UFL vector."""
    return ufl.as_vector([tensor[i, j] for i, j in VOIGT])


def full(six: Array) -> Array:
    """Symmetric matrices (n, 3, 3) from components (n, 6)."""
    matrix = np.empty((len(six), 3, 3))
    for k, (i, j) in enumerate(VOIGT):
        matrix[:, i, j] = matrix[:, j, i] = six[:, k]
    return matrix


def norm_square(six: Array) -> Array:
    """Square of the norm, sigma : sigma, (n,), from components (n, 6)."""
    normal, shear = six[..., :3], six[..., 3:]
    return np.einsum("...k,...k->...", normal, normal) + 2 * np.einsum("...k,...k->...", shear, shear)


def von_mises(six: Array) -> Array:
    """Equivalent stress (n,) after von Mises (1913) from components (n, 6), in their unit."""
    xx, yy, zz, xy, yz, xz = six.T
    normal = (xx - yy) ** 2 + (yy - zz) ** 2 + (zz - xx) ** 2
    return np.sqrt(normal / 2 + 3 * (xy**2 + yz**2 + xz**2))


def first_principal(six: Array) -> Array:
    """Largest principal stress (n,) from components (n, 6), in their unit."""
    return np.linalg.eigvalsh(full(six))[:, -1]

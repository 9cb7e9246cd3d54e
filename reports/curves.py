"""Curves that a run has written, as columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def curve(folder: Path, name: str) -> dict[str, Array] | None:
    """Columns of `tables/<name>.csv` by their heading; None if there is no such table."""
    path = folder / "tables" / f"{name}.csv"
    if not path.is_file():
        return None
    data = np.genfromtxt(path, delimiter=",", names=True, deletechars="")
    assert data.dtype.names is not None
    return {column: np.atleast_1d(data[column]) for column in data.dtype.names}

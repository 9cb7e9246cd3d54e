"""Meshes that one run shows, for the ladders of parts much alike to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geometry.curved_mesh import CurvedMesh
from geometry.mesh_arrays import as_arrays, of_arrays


@dataclass(frozen=True)
class Shown:
    """One of them.

    Attributes
    ----------
    cells : int
    scale : float
        Element size relative to the first one, as it was asked for.
    mesh : CurvedMesh or None
        On rank 0; None elsewhere.
    """

    cells: int
    scale: float
    mesh: CurvedMesh | None


def write_shown(meshes: Sequence[Shown], path: Path) -> None:
    """Write them to one file; on rank 0."""
    arrays = {
        f"{number} {name}": array
        for number, shown in enumerate(meshes)
        if shown.mesh
        for name, array in as_arrays(shown.mesh).items()
    }
    np.savez(path, **arrays, scales=np.array([shown.scale for shown in meshes]))  # type: ignore[arg-type]


def read_shown(path: Path) -> list[Shown]:
    """What `write_shown` has written, coarse to fine.

    Raises
    ------
    OSError, ValueError
        If the file cannot be read, or is none of these.
    """
    try:
        with np.load(path) as found:
            scales = found["scales"].tolist()
            meshes = [
                of_arrays({name.partition(" ")[2]: found[name] for name in found if name.startswith(f"{number} ")})
                for number in range(len(scales))
            ]
    except OSError:
        raise
    except Exception as error:  # of damage numpy and zipfile tell in a dozen ways
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if not meshes:
        raise ValueError("there is no mesh in it")
    return [Shown(len(mesh.cells), scale, mesh) for mesh, scale in zip(meshes, scales, strict=True)]

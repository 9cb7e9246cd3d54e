"""Sceneries for the tests of the view, from made-up run folders."""

from __future__ import annotations

from pathlib import Path

import meshio
import numpy as np
from run_folders import plate_folder, stem_folder

from reports.scenery import Scenery
from studies.record import RunRecord


def stem_scenery(folder: Path) -> Scenery:
    """A stem with a factor of safety, of which the made-up folder has none."""
    record = RunRecord.read(stem_folder(folder, size=5.0))
    stress = record.quantity("peak_von_mises_stress")
    factor = stress.model_copy(update={"name": "static_safety_factor", "value": 2.0, "unit": "", "limit": 1.0})
    return Scenery.read(folder, record.model_copy(update={"quantities": [*record.quantities, factor]}))


def lumen_scenery(folder: Path) -> Scenery:
    """The plate as if it were a fluid, with walls in its holes."""
    record = RunRecord.read(plate_folder(folder, size=4.0))
    for name in ("fields.vtu", "surface.vtu"):
        mesh = meshio.read(folder / name)
        x, y, z = mesh.points.T
        mesh.point_data = {
            "velocity": np.stack([1 - (y / 6) ** 2, 0 * y, 0.1 * z], axis=1),
            "pressure": 100 - x,
            "wall_shear": np.abs(z) + 0.5,
        }
        mesh.write(folder / name)
    walls = {n: f"{name}+wall" if name == "hole" else name for n, name in record.regions.surfaces.items()}
    regions = record.regions.model_copy(update={"surfaces": walls})
    return Scenery.read(folder, record.model_copy(update={"physics": "flow", "regions": regions}))

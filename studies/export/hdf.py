"""The fields of a run as one VTKHDF file, a block for each named region."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyvista as pv
from vtkmodules.vtkIOHDF import vtkHDFWriter

from studies.record import Regions

COMPRESSION = 4  # of 9: more takes seconds and saves little


def write_hdf(path: Path, folder: Path, regions: Regions) -> None:
    """Write volume and surface of a run folder, the blocks named like its regions.

    Raises
    ------
    OSError
        If a file of the folder cannot be read, or this one not be written.
    """
    parts = pv.MultiBlock(
        {
            "volume": _blocks(folder / "fields.vtu", "volume", regions.volumes),
            "surface": _blocks(folder / "surface.vtu", "surface", regions.surfaces),
        }
    )
    writer = vtkHDFWriter()
    writer.SetFileName(str(path))
    writer.SetInputDataObject(parts)
    writer.SetCompressionLevel(COMPRESSION)
    if writer.Write() != 1:
        raise OSError(f"{path} cannot be written")


def _blocks(source: Path, tag: str, names: dict[int, str]) -> pv.MultiBlock:
    """The cells of each region."""
    grid = pv.UnstructuredGrid(source)  # FileNotFoundError if it is not there
    tags = np.asarray(grid.cell_data[tag])
    blocks = pv.MultiBlock()
    for number in np.unique(tags):
        part = grid.extract_cells(tags == number, pass_point_ids=False, pass_cell_ids=False)
        # A block is a group of HDF5, whose name has no "/" and, so the format, no ".".
        blocks[names.get(int(number), "unnamed").replace("/", "_").replace(".", "_")] = part
    return blocks

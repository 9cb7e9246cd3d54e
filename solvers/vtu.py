"""Unstructured grids as VTU files whose numbers stand as they are in memory, behind the description of them.

The XML form of VTK's file formats, with appended raw data: as text (base64) the same numbers take a third more room and
ten times as long to read.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]

# Numbers of vtkCellType.
QUADRATIC_TRIANGLE, QUADRATIC_TETRA = 22, 24
_SIZE = 8  # bytes before each array, which tell how many follow
_TYPES = {"f8": "Float64", "f4": "Float32", "i8": "Int64", "i4": "Int32", "u1": "UInt8"}


def write_vtu(
    path: Path,
    kind: int,
    points: NDArray[np.float64],
    cells: NDArray[np.integer[Any]],
    nodal: Mapping[str, Values],
    of_cells: Mapping[str, Values],
) -> None:
    """Write cells of one kind, with values at nodes and of cells.

    Parameters
    ----------
    path : Path
    kind : int
        Number of the cells' type in VTK.
    points : (n, 3) array, mm
    cells : (m, k) array
        Nodes of each, in VTK's order.
    nodal, of_cells : dict of str to (n, ...) and (m, ...) arrays
        By names of characters that XML can hold.

    Raises
    ------
    ValueError
        If an array has numbers of a type that VTK does not know, or is not one of n nodes or m cells.
    OSError
        If it cannot be written.
    """
    count, nodes = cells.shape
    connectivity = {
        "connectivity": cells.astype(np.int32).ravel(),
        "offsets": np.arange(nodes, nodes * count + 1, nodes, dtype=np.int64),
        "types": np.full(count, kind, dtype=np.uint8),
    }
    parts: dict[str, Mapping[str, Values]] = {
        "PointData": nodal,
        "CellData": of_cells,
        "Points": {"Points": points},
        "Cells": connectivity,
    }
    # Last first: meshio (5.3) looks for a description by its offset, from the first on, and gives each that it finds
    # another offset. In their order one that it has done may come to have the offset of one that it has not.
    data = list[Values]()
    text, rows = "", {"PointData": len(points), "CellData": count}
    for part, arrays in reversed(parts.items()):
        lines = f"</{part}>\n"
        for name, values in reversed(list(arrays.items())):
            if part in rows and len(values) != rows[part]:
                raise ValueError(f"{name} has {len(values)} values where there are {rows[part]}")
            array = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
            lines = _described(name, array, sum(_SIZE + before.nbytes for before in data)) + lines
            data.append(array)
        text = f"<{part}>\n{lines}{text}"
    order = {"little": "LittleEndian", "big": "BigEndian"}[sys.byteorder]
    with path.open("wb") as file:
        file.write(
            f'<VTKFile type="UnstructuredGrid" version="1.0" byte_order="{order}" header_type="UInt64">\n'
            f'<UnstructuredGrid>\n<Piece NumberOfPoints="{len(points)}" NumberOfCells="{count}">\n{text}</Piece>\n'
            '</UnstructuredGrid>\n<AppendedData encoding="raw">\n_'.encode()
        )
        for array in data:
            file.write(np.uint64(array.nbytes).tobytes())
            file.write(array.data)
        file.write(b"\n</AppendedData>\n</VTKFile>\n")


def _described(name: str, values: Values, offset: int) -> str:
    components = f' NumberOfComponents="{math.prod(values.shape[1:])}"' if values.ndim > 1 else ""
    if (kind := _TYPES.get(values.dtype.str[1:])) is None:
        raise ValueError(f"{name} has numbers of a type that VTK does not know: {values.dtype}")
    return f'<DataArray type="{kind}" Name={quoteattr(name)}{components} format="appended" offset="{offset}"/>\n'

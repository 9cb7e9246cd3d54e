"""The cards of an input deck that CalculiX and Abaqus read.

CalculiX reads 132 characters of a line and 20 of a field, and drops what is beyond without a word: the exponent of a
number, for one. meshio's own writer has longer numbers, and calls every tetrahedron of ten nodes C3D10MH.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import IO

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

ALL = "ALL"  # the set of all nodes
_NUMBER = "%.12e"  # 19 characters with its sign
_A_LINE = 10  # members of a set
_WIDTH = 110  # of a comment
# Sets of nodes that are held alike, by the sum of 1, 2 and 4 for x, y and z.
FIXED = {k: "FIXED_" + "".join(axis for i, axis in enumerate("XYZ") if k >> i & 1) for k in range(1, 8)}


def names(labels: Sequence[str], taken: Sequence[str] = ()) -> dict[str, str]:
    """A name of a set for each label: letters, digits and "_", no two alike whatever their case.

    Parameters
    ----------
    labels : sequence of str
    taken : sequence of str
        Names that stand for something else.
    """
    used = {name.upper() for name in taken}
    found = {}
    for label in labels:
        clean = re.sub(r"\W", "_", label, flags=re.ASCII)[:60]
        first = clean if clean[:1].isalpha() else f"S_{clean}"
        name, number = first, 2
        while name.upper() in used:
            name, number = f"{first}_{number}", number + 1
        used.add(name.upper())
        found[label] = name
    return found


def comment(file: IO[str], text: str = "") -> None:
    """Lines that both programs skip, broken where they are too long."""
    for line in textwrap.wrap(text, _WIDTH, subsequent_indent="    ") or [""]:
        file.write(f"** {line}".rstrip() + "\n")


def mesh(file: IO[str], points: Array, cells: Integers, element_set: str) -> None:
    """Nodes (n, 3) and tetrahedra (m, 10) in the order of VTK, which is that of C3D10; both numbered from 1."""
    file.write(f"*NODE,NSET={ALL}\n")
    np.savetxt(file, np.column_stack([np.arange(1, len(points) + 1), points]), fmt=f"%d,{_NUMBER},{_NUMBER},{_NUMBER}")
    file.write(f"*ELEMENT,TYPE=C3D10,ELSET={element_set}\n")
    np.savetxt(file, np.column_stack([np.arange(1, len(cells) + 1), cells + 1]), fmt="%d", delimiter=",")


def node_set(file: IO[str], name: str, nodes: Integers) -> None:
    file.write(f"*NSET,NSET={name}\n")
    _members(file, nodes)


def element_set(file: IO[str], name: str, elements: Integers) -> None:
    file.write(f"*ELSET,ELSET={name}\n")
    _members(file, elements)


def surface(file: IO[str], name: str, elements: Integers, sides: Integers) -> None:
    """A surface of element faces; sides from 1, as C3D10 counts them."""
    file.write(f"*SURFACE,NAME={name},TYPE=ELEMENT\n")
    np.savetxt(file, np.column_stack([elements + 1, sides]), fmt="%d,S%d")


def material(file: IO[str], name: str, young_modulus: float, poisson_ratio: float, density: float | None) -> None:
    """MPa, and tonne/mm^3."""
    file.write(f"*MATERIAL,NAME={name}\n*ELASTIC\n{_text(young_modulus)},{_text(poisson_ratio)}\n")
    if density is not None:
        file.write(f"*DENSITY\n{_text(density)}\n")


def section(file: IO[str], element_set: str, material: str) -> None:
    file.write(f"*SOLID SECTION,ELSET={element_set},MATERIAL={material}\n")


def supports(file: IO[str], held: NDArray[np.bool_]) -> None:
    """Components (n, 3) that do not move; nodes held alike make one set. Before the step."""
    kinds = held @ [1, 2, 4]
    used = [k for k in FIXED if (kinds == k).any()]
    for k in used:
        node_set(file, FIXED[k], np.flatnonzero(kinds == k))
    if used:
        file.write("*BOUNDARY\n")
    for k in used:
        for axis in (1, 2, 3):
            if k >> axis - 1 & 1:
                file.write(f"{FIXED[k]},{axis},{axis}\n")


def displacements(file: IO[str], given: Array) -> None:
    """Displacements (n, 3) that are given and not 0, mm. In a step."""
    nodes, axes = np.nonzero(given)
    if len(nodes):
        file.write("*BOUNDARY\n")
        rows = np.column_stack([nodes + 1, axes + 1, axes + 1, given[nodes, axes]])
        np.savetxt(file, rows, fmt=f"%d,%d,%d,{_NUMBER}")


def forces(file: IO[str], nodal: Array) -> None:
    """Nodal forces (n, 3), N. In a step."""
    nodes, axes = np.nonzero(nodal)
    if len(nodes):
        file.write("*CLOAD\n")
        np.savetxt(file, np.column_stack([nodes + 1, axes + 1, nodal[nodes, axes]]), fmt=f"%d,%d,{_NUMBER}")


def _members(file: IO[str], numbers: Integers) -> None:
    for start in range(0, len(numbers), _A_LINE):
        file.write(",".join(str(n + 1) for n in numbers[start : start + _A_LINE]) + ",\n")


def _text(value: float) -> str:
    return _NUMBER % value

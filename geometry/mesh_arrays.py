"""A curved mesh as plain arrays, for a file of numpy's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geometry.curved_mesh import CurvedMesh
from geometry.placed import Pieces, Placed, Structure

_PLAIN = ("points", "cells", "regions", "triangles", "marks")


def as_arrays(mesh: CurvedMesh) -> dict[str, NDArray[Any]]:
    """Arrays by name; all there is of a mesh of a CAD solid."""
    placed = mesh.placed
    assert placed is not None
    structure = placed.structure
    told = {"structure": structure.told, "plain": structure.plain, "worst": mesh.worst, "note": mesh.note}
    told |= {"volumes": mesh.volumes, "surfaces": mesh.surfaces}
    arrays = {name: _small(getattr(mesh, name)) for name in _PLAIN}
    arrays |= {f"tags {dim}": tags for dim, tags in enumerate(structure.tags)}
    for name, pieces in (("curves", placed.curves), ("faces", placed.surfaces)):
        arrays |= {f"{name} {field.name}": _small(getattr(pieces, field.name)) for field in fields(Pieces)}
    return {**arrays, "vertices": placed.vertices, "told": np.array(json.dumps(told))}


def of_arrays(arrays: Mapping[str, NDArray[Any]]) -> CurvedMesh:
    """The mesh that `as_arrays` was given.

    Raises
    ------
    KeyError, ValueError
        If they are not such arrays.
    """
    told = json.loads(str(arrays["told"]))
    curves, faces = (
        Pieces(*(_wide(arrays[f"{name} {field.name}"]) for field in fields(Pieces))) for name in ("curves", "faces")
    )
    structure = Structure(told["structure"], [arrays[f"tags {dim}"] for dim in range(4)], told["plain"])
    points, cells, regions, triangles, marks = (_wide(arrays[name]) for name in _PLAIN)
    return CurvedMesh(
        points,
        cells,
        regions,
        triangles,
        marks,
        volumes={int(tag): name for tag, name in told["volumes"].items()},
        surfaces={int(tag): name for tag, name in told["surfaces"].items()},
        worst=told["worst"],
        note=told["note"],
        placed=Placed(structure, arrays["vertices"], curves, faces),
    )


def _small(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.int32) if array.dtype == np.int64 else array


def _wide(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.int64) if array.dtype == np.int32 else array

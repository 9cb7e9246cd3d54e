"""Elements of the current gmsh model by physical group."""

from __future__ import annotations

import gmsh
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


def groups(dim: int) -> dict[int, list[int]]:
    """Physical groups of a dimension, with their entities."""
    tags = [tag for _, tag in gmsh.model.getPhysicalGroups(dim)]
    return {tag: [int(entity) for entity in gmsh.model.getEntitiesForPhysicalGroup(dim, tag)] for tag in tags}


def names(dim: int) -> dict[int, str]:
    """Names of the physical groups of a dimension."""
    return {tag: gmsh.model.getPhysicalName(dim, tag) for _, tag in gmsh.model.getPhysicalGroups(dim)}


def elements(kind: int, count: int, dim: int) -> tuple[Integers, Integers]:
    """Nodes (m, count) of the elements of a kind, by gmsh's number, in the groups of a dimension; and their groups."""
    found = [(tag, nodes(kind, count, entity)) for tag, entities in groups(dim).items() for entity in entities]
    joined = np.concatenate([np.empty((0, count), dtype=np.int64), *(some for _, some in found)])
    return joined, np.repeat([tag for tag, _ in found], [len(some) for _, some in found]).astype(np.int64)


def nodes(kind: int, count: int, entity: int) -> Integers:
    """Nodes (m, count) of the elements of one of gmsh's kinds on one entity."""
    return np.asarray(gmsh.model.mesh.getElementsByType(kind, entity)[1].reshape(-1, count).astype(np.int64))


def places() -> Array:
    """Place of every node of gmsh (n, 3), mm, by its tag; of tags that are not used nothing is said."""
    tags, xyz, _ = gmsh.model.mesh.getNodes(returnParametricCoord=False)
    table = np.empty((int(tags.max(initial=0)) + 1, 3))
    table[tags] = xyz.reshape(-1, 3)
    return table

"""The deck of a run: mesh, sets, materials, supports and loads, and what should come out."""

from __future__ import annotations

import math
from pathlib import Path
from typing import IO

import numpy as np

from studies.export import deck
from studies.export.nodal_problem import NodalProblem
from studies.export.run_mesh import RunMesh
from studies.record import Quantity, RunRecord

BODY = "BODY"  # the set of all elements
FARTHEST = "FARTHEST"  # the node that moves most
INTRODUCTION = (
    "Units: mm, N, MPa, tonne, s. Node k and element k are point k-1 and cell k-1 of fields.vtu; elements are curved. "
    "Each volume label of the run is a set of elements, each surface label a set of nodes and a surface."
)
COMPARISON = (
    "What another solver should find. Small differences come from curved elements: C3D10 is integrated with 4 points, "
    "from which its stress is extrapolated to the nodes; the run integrates to degree 3 and evaluates the stress at "
    "the nodes. Both take averages over the elements at a node."
)


def write(path: Path, record: RunRecord, mesh: RunMesh, problem: NodalProblem | None, trouble: str = "") -> None:
    """Write a deck.

    Parameters
    ----------
    path : Path
    record : RunRecord
    mesh : RunMesh
    problem : NodalProblem or None
        None: mesh and sets only.
    trouble : str
        Why there is no problem, to be said in the file.
    """
    with path.open("w", encoding="ascii", errors="replace") as file:
        _head(file, record)
        if problem is None:
            deck.comment(file, f"Mesh and sets only: {trouble}")
        else:
            _expected(file, record, mesh, problem)
        _mesh(file, mesh)
        if problem is not None:
            _step(file, mesh, problem)


def _head(file: IO[str], record: RunRecord) -> None:
    made = record.provenance
    file.write(f"*HEADING\n{record.device} under {record.protocol}\n")
    deck.comment(file, f"Device: {record.device}, {record.device_description}")
    deck.comment(file, f"Test: {record.protocol}, {record.protocol_description}; in the style of {record.style_of}")
    deck.comment(file, f"Run: {record.key}, benchtwin {made.version}, commit {made.git}, {made.started}")
    deck.comment(file, INTRODUCTION)
    deck.comment(file)
    for name, p in (record.parameters | record.protocol_parameters).items():
        deck.comment(file, f"{name} = {p.value} {p.unit}".rstrip())
    for card in record.materials:
        deck.comment(file, f"material {card.name}: {card.specification}")
    deck.comment(file)


def _expected(file: IO[str], record: RunRecord, mesh: RunMesh, problem: NodalProblem) -> None:
    deck.comment(file, "Loads are nodal forces, which do the same work as the tractions and body forces of the run.")
    for line in problem.told:
        deck.comment(file, line)
    force = problem.forces.sum(axis=0)
    deck.comment(file, "sum of the nodal forces: ({:.6g}, {:.6g}, {:.6g}) N".format(*force))
    deck.comment(file)
    deck.comment(file, COMPARISON)
    node = _farthest(mesh)
    assert mesh.displacement is not None
    u = mesh.displacement[node]
    components = ", ".join(f"{c:.9g}" for c in u)
    deck.comment(
        file, f"largest displacement: {math.hypot(*u):.9g} mm, ({components}), at node {node + 1}, the set {FARTHEST}"
    )
    for q in record.quantities:
        if q.status != "singular":
            deck.comment(file, _told(q, mesh))
    deck.comment(file)


def _told(q: Quantity, mesh: RunMesh) -> str:
    text = f"{q.name}: {q.value:.9g} {q.unit}".rstrip()
    if q.uncertainty is not None:
        text += f" (+- {q.uncertainty:.2g} from the exact value of the model)"
    if q.location is not None:
        distance = np.linalg.norm(mesh.points - np.array(q.location), axis=1)
        text += f", at ({', '.join(f'{c:.6g}' for c in q.location)}), next to node {int(distance.argmin()) + 1}"
    return text


def _mesh(file: IO[str], mesh: RunMesh) -> None:
    deck.mesh(file, mesh.points, mesh.cells, BODY)
    for label, name in _volume_names(mesh).items():
        deck.element_set(file, name, mesh.volumes[label])
    for label, name in deck.names(list(mesh.surfaces), [deck.ALL, FARTHEST, *deck.FIXED.values()]).items():
        triangles = mesh.surfaces[label]
        deck.node_set(file, name, np.unique(triangles))
        deck.surface(file, name, *mesh.sides(triangles))


def _step(file: IO[str], mesh: RunMesh, problem: NodalProblem) -> None:
    sets = _volume_names(mesh)
    for label, law in problem.materials.items():
        deck.material(file, f"M_{sets[label]}", law.young_modulus, law.poisson_ratio, problem.densities.get(label))
        deck.section(file, sets[label], f"M_{sets[label]}")
    deck.node_set(file, FARTHEST, np.array([_farthest(mesh)]))
    deck.supports(file, problem.held & (problem.given == 0))
    file.write("*STEP\n*STATIC\n")
    deck.displacements(file, problem.given)
    deck.forces(file, problem.forces)
    # The table of one node has more digits than the file of all.
    file.write(f"*NODE FILE\nU,RF\n*EL FILE\nS\n*NODE PRINT,NSET={FARTHEST}\nU\n*END STEP\n")


def _volume_names(mesh: RunMesh) -> dict[str, str]:
    return deck.names(list(mesh.volumes), [BODY])


def _farthest(mesh: RunMesh) -> int:
    assert mesh.displacement is not None
    return int(np.linalg.norm(mesh.displacement, axis=1).argmax())

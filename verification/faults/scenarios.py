"""All scenarios, by the names the command knows them by, and how often each is played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from verification.faults import children, cluster, copies, full_disk, interrupted, kills, mishaps, replaced
from verification.faults.ground import Ground
from verification.faults.outcome import FaultOutcome


@dataclass(frozen=True)
class Scenario:
    """A scenario and how often its fault is put in: kills, fillings, races, as it may be."""

    play: Callable[[Ground, int], FaultOutcome]
    times: int


SCENARIOS = {
    "kills": Scenario(kills.formulas, 200),
    "kills_meshes": Scenario(kills.meshes, 12),
    "kills_moved": Scenario(kills.moved, 12),
    "workers": Scenario(children.workers, 12),
    "replaced": Scenario(replaced.commits, 20),
    "disk": Scenario(full_disk.formulas, 12),
    "disk_meshes": Scenario(full_disk.meshes, 4),
    "disk_runs": Scenario(full_disk.runs, 4),
    "mishaps": Scenario(lambda ground, times: mishaps.formulas(ground), 1),
    "mishaps_meshes": Scenario(lambda ground, times: mishaps.meshes(ground), 1),
    "copies": Scenario(copies.together, 5),
    "copies_killed": Scenario(copies.one_killed, 5),
    "copies_ended": Scenario(copies.ended, 3),
    "entering": Scenario(copies.entering, 100),
    "overlap": Scenario(copies.overlapping, 4),
    "interrupt": Scenario(interrupted.formulas, 6),
    "interrupt_meshes": Scenario(interrupted.meshes, 3),
    "dask": Scenario(cluster.one_worker, 6),
    "dask_nanny": Scenario(lambda ground, times: cluster.one_worker(ground, times, nanny=True), 3),
    "dask_workers": Scenario(cluster.all_workers, 2),
    "dask_scheduler": Scenario(cluster.scheduler, 2),
}

"""Wall shear stress over a cycle: its time average, how it oscillates, how long the fluid stays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from dolfinx import fem
from numpy.typing import NDArray

from solvers.facets import Facets
from solvers.flow import FlowState
from solvers.pulsatile import PulsatileFlow
from solvers.recovery import nodal_stress
from solvers.wall_shear import WallShear, tangential

Array = NDArray[np.float64]

LEAST = 1e-9  # MPa: below it the mean vector counts as so much, and time at the wall is cut off at 1000 / Pa


@dataclass(frozen=True)
class WallCycle:
    """From the wall shear stress tau(t), recovered at each time step of the last cycle:

        TAWSS = mean |tau|,  OSI = (1 - |mean tau| / TAWSS) / 2  (He and Ku, J. Biomech. Eng. 118, 1996, 74)
        RRT = 1 / ((1 - 2 OSI) TAWSS) = 1 / |mean tau|  (Himburg et al., Ann. Biomed. Eng. 32, 2004, 383)

    Each is a `WallShear` of one component, with its mean over the wall, its percentiles, its peak and nodal values.

    Attributes
    ----------
    average : WallShear
        TAWSS, MPa.
    index : WallShear
        OSI, from 0 (tau keeps its direction) to 0.5 (it averages to nothing).
    residence : WallShear
        RRT, 1/MPa; cut off where the mean of tau is below a thousandth of a Pa.
    """

    average: WallShear
    index: WallShear
    residence: WallShear

    @classmethod
    def of(cls, flow: PulsatileFlow) -> WallCycle:
        """On all walls. Collective."""
        problem = flow.problem
        parts = [Facets.of(flow.body, problem.space, wall) for wall in problem.walls]
        facets = Facets(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("nodes", "points", "inside")))
        instant = FlowState(problem, fem.Function(problem.space), flow.P, flow.info)
        on_wall = np.zeros(len(instant.u.x.array) // 3, dtype=bool)
        on_wall[problem.nodes_on(problem.walls)] = True
        near = np.flatnonzero(on_wall[problem.space.dofmap.list].any(axis=1)).astype(np.int32)
        places = facets.normals, facets.node_normals
        vectors, sizes = [np.zeros(n.shape) for n in places], [np.zeros(n.shape[:-1]) for n in places]
        for velocity in flow.cycle.velocities:
            instant.u.x.array[:] = velocity
            six = nodal_stress(instant, near).six
            for k, values in enumerate((facets.at_points(six), six[facets.nodes])):
                tau = tangential(values, places[k])
                vectors[k] += tau
                sizes[k] += np.linalg.norm(tau, axis=-1)
        count = len(flow.cycle.velocities)
        means, averages = [np.linalg.norm(v, axis=-1) / count for v in vectors], [s / count for s in sizes]
        indices = [
            np.clip(0.5 * (1 - m / np.maximum(a, np.finfo(float).tiny)), 0.0, 0.5)
            for m, a in zip(means, averages, strict=True)
        ]
        times = [1 / np.maximum(m, LEAST) for m in means]
        return cls(*(WallShear(facets, q[..., None], n, flow) for q, n in (averages, indices, times)))

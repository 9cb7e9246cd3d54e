"""What came out of a verification problem, against what is known."""

from __future__ import annotations

import math
from typing import Any, Literal

from mpi4py import MPI
from pydantic import BaseModel

from geometry.errors import GeometryError
from solvers.convergence import Estimate
from studies.budget import Budget
from studies.ladder import climb
from studies.shown import Shown
from verification.kin import kin
from verification.problem import Known, Reference


class Outcome(BaseModel):
    """One quantity: computed, stated and true.

    ``error`` is the distance to the reference; ``holds`` says whether the interval, widened by the tolerance of the
    reference, contains it, and is None where there is no reference value; ``told`` is whether the status is right.
    """

    name: str
    unit: str
    value: float
    uncertainty: float | None
    order: float | None
    status: Literal["converged", "not_converged", "singular"]
    reference: float | None
    tolerance: float
    source: str
    nature: Literal["regular", "steep", "singular"]
    error: float | None
    holds: bool | None
    told: bool

    @property
    def overestimate(self) -> float | None:
        """Stated uncertainty over true error, where the reference is exact."""
        if self.error is None or self.uncertainty is None or self.tolerance > 0.0:
            return None
        return self.uncertainty / max(self.error, 1e-15 * abs(self.value))


class ProblemOutcome(BaseModel):
    """All quantities of a problem, and what they cost; ``failure`` if it did not run."""

    problem: str
    title: str
    statement: str
    unknowns: int = 0
    meshes: int = 0
    failed_checks: list[str] = []
    quantities: list[Outcome] = []
    failure: str = ""


def solve(problem: Known[Any], accuracy: float, led: bool = False) -> ProblemOutcome:
    """Climb the ladder of a problem and compare.

    Parameters
    ----------
    problem : Known
    accuracy : float
        Asked of every quantity.
    led : bool
        Whether the ladder begins with the meshes of a problem much alike, as those of a study may, instead of finding
        its own grading.

    Raises
    ------
    GeometryError
        If no mesh of that problem could be moved to this one: nothing would be judged.
    """
    name = f"{type(problem).__module__.rpartition('.')[2]}.{type(problem).__name__}"
    known = _shown(kin(type(problem)), accuracy) if led else []
    with climb(problem, accuracy, MPI.COMM_SELF, budget=Budget(memory=problem.memory), known=known) as ladder:
        if led and not ladder.known:
            raise GeometryError(f"{name}: no mesh of a problem much alike could be moved to it")
        quantities = [
            _compare(m.name, m.unit, ladder.estimates[m.name], problem.references[m.name])
            for m in ladder.finest.measured
        ]
        return ProblemOutcome(
            problem=name,
            title=problem.title,
            statement=" ".join((type(problem).__doc__ or "").split()),
            unknowns=ladder.finest.dofs,
            meshes=len(ladder.rungs),
            failed_checks=[check for check, found in ladder.checks.items() if not found.passed],
            quantities=quantities,
        )


def _shown(problem: Known[Any], accuracy: float) -> list[Shown]:
    with climb(problem, accuracy, MPI.COMM_SELF, budget=Budget(memory=problem.memory)) as ladder:
        return ladder.shown()


def _compare(name: str, unit: str, found: Estimate, known: Reference) -> Outcome:
    error = None if known.value is None else abs(found.value - known.value)
    finite = math.isfinite(found.uncertainty)
    holds = None
    if error is not None:
        holds = found.status != "singular" and finite and error <= found.uncertainty + known.tolerance
    return Outcome(
        name=name,
        unit=unit,
        value=found.value,
        uncertainty=found.uncertainty if finite else None,
        order=found.order,
        status=found.status,
        reference=known.value,
        tolerance=known.tolerance,
        source=known.source,
        nature=known.nature,
        error=error,
        holds=holds,
        told=(found.status == "singular") == (known.nature == "singular"),
    )

"""The outcome in short, for the reports of runs: `reports/evidence/verification.json`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from reports.evidence import Order, Problem, Subject, Verification
from studies.supervise import ROOT
from studies.write_record import git_commit
from verification.outcome import ProblemOutcome

# What each module's problems are problems of; those not named here are solids.
SUBJECTS: dict[str, Subject] = {
    "tube": "flow",
    "cylinder": "flow",
    "womersley": "unsteady",
    "spheres": "permeation",
}
# Order found, by subject and field; what theory says, and the solution it was found on.
MANUFACTURED = "manufactured solution on an eighth of a ball, curved elements"
KOVASZNAY = "Kovasznay, Proc. Camb. Phil. Soc. 44, 1948, 58"
ETHIER_STEINMAN = "Ethier and Steinman, Int. J. Numer. Meth. Fluids 19, 1994, 369"
ORDERS: dict[tuple[Subject, str], tuple[float, str]] = {
    ("solid", "displacement, L2"): (3.0, MANUFACTURED),
    ("solid", "displacement, energy norm"): (2.0, MANUFACTURED),
    ("flow", "velocity, L2"): (3.0, KOVASZNAY),
    ("flow", "pressure, L2"): (2.0, KOVASZNAY),
    ("unsteady", "velocity, L2"): (3.0, ETHIER_STEINMAN),
    ("unsteady", "pressure, L2"): (2.0, ETHIER_STEINMAN),
    ("unsteady", "velocity, by time steps"): (2.0, ETHIER_STEINMAN),
}


def evidence(outcomes: Sequence[ProblemOutcome], found: Sequence[float], accuracy: float) -> Verification:
    """What the reports need to know.

    Parameters
    ----------
    outcomes : sequence of ProblemOutcome
    found : sequence of float
        Orders of convergence, in the order of `ORDERS`.
    accuracy : float
        Asked for of every quantity.
    """
    files = sorted((ROOT / "tests").glob("test_*.py"))
    return Verification(
        date=datetime.now(UTC).date().isoformat(),
        version=version("benchtwin"),
        git=git_commit(),
        accuracy=accuracy,
        tests=sum(len(re.findall(r"^ *def test_", file.read_text(), re.MULTILINE)) for file in files),
        test_files=len(files),
        orders=[
            Order(subject=subject, field=field, found=order, theory=theory, reference=reference)
            for ((subject, field), (theory, reference)), order in zip(ORDERS.items(), found, strict=True)
        ],
        problems=[_problem(outcome) for outcome in outcomes],
    )


def _problem(outcome: ProblemOutcome) -> Problem:
    judged = [q for q in outcome.quantities if q.holds is not None]
    singular = [q for q in outcome.quantities if q.nature == "singular"]
    return Problem(
        name=outcome.problem,
        title=outcome.title,
        subject=SUBJECTS.get(outcome.problem.partition(".")[0], "solid"),
        references=list(dict.fromkeys(q.source for q in outcome.quantities)),
        unknowns=outcome.unknowns,
        meshes=outcome.meshes,
        judged=len(judged),
        holding=sum(bool(q.holds) for q in judged),
        misses=[q.name for q in outcome.quantities if q.holds is False or not q.told],
        singular=len(singular),
        singular_told=sum(q.told for q in singular),
        failure=outcome.failure,
    )

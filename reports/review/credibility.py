"""What evidence a run has by the factors of ASME V&V 40-2018 and by the categories of the FDA's guidance of 2023.

Evidence is named or said to be missing; no level and no score is given: how much is enough follows from the risk of the
decision, which the program does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reports.evidence import Verification
from reports.review.limitations import assumed_values
from reports.review.statements import Statements
from reports.review.validation import Comparison
from studies.record import RunRecord

SUBJECTS = {
    "solid": ("solid",),
    "flow": ("flow",),
    "unsteady": ("flow", "unsteady"),
    "permeation": ("permeation",),
    "formula": (),
}


@dataclass(frozen=True)
class Item:
    """A piece of evidence, and the number of the section where it stands."""

    text: str
    section: int


@dataclass(frozen=True)
class Factor:
    """A factor, or a category; without items there is no evidence at hand, and ``gap`` says what is missing."""

    group: str
    name: str
    items: list[Item] = field(default_factory=list)
    gap: str = ""


@dataclass(frozen=True)
class Known:
    """All that the tables are made from."""

    record: RunRecord
    statements: Statements
    verification: Verification
    subjects: tuple[str, ...]
    comparison: Comparison | None

    @property
    def verified(self) -> str:
        """How the suite fared on this physics, in words; empty if it has nothing on it."""
        problems = self.verification.of(*self.subjects)
        judged, holding = sum(p.judged for p in problems), sum(p.holding for p in problems)
        if not problems:
            return ""
        return (
            f"{len(problems)} problems of this physics with known answers; {holding} of {judged} error bars hold them"
        )

    @property
    def stated(self) -> str:
        """That a person has said something of validation: whether it is evidence, and of what, cannot be told here."""
        return "; a statement stands in section 10 and is not assessed here" if self.statements.validation else ""


def factors(known: Known) -> list[Factor]:
    """The thirteen factors of V&V 40."""
    record = known.record
    code, calculation = "Verification: code", "Verification: calculation"
    model, comparator, assessment = "Validation: model", "Validation: comparator", "Validation: assessment"
    applicability = "Applicability"
    settled = [q for q in record.quantities if q.status == "converged"]
    passed = [c for c in record.checks.values() if c.passed]
    measured = known.comparison is not None
    bench = f"no measurement of a comparator at hand{known.stated}"
    return [
        Factor(
            code,
            "Software quality assurance",
            [
                Item(
                    f"version {record.provenance.version}, commit {record.provenance.git}; inputs and code hashed; "
                    f"{known.verification.tests} automated tests at commit {known.verification.git[:7]}",
                    3,
                )
            ],
        ),
        Factor(
            code,
            "Numerical code verification",
            [Item(known.verified, 3)] if known.verified else [],
            "the verification suite has no problem of this kind",
        ),
        Factor(
            calculation,
            "Discretization error",
            [
                Item(
                    f"{len(record.levels)} meshes; error bars by convergence; {len(settled)} of "
                    f"{len(record.quantities)} quantities within {100 * record.accuracy:g} %",
                    8,
                )
            ]
            if record.levels
            else [],
            "there is no mesh: the numbers are by a closed formula",
        ),
        Factor(
            calculation,
            "Numerical solver error",
            [Item(f"{len(passed)} of {len(record.checks)} checks passed, among them the true residual", 9)]
            if record.checks
            else [],
            "no check of a solver applies",
        ),
        Factor(
            calculation,
            "Use error",
            [
                Item("parameters validated for unit and range; all values as used are listed", 4),
                Item("boundary conditions as solved are listed", 7),
            ]
            if record.conditions
            else [Item("parameters validated for unit and range; all values as used are listed", 4)],
        ),
        Factor(
            model,
            "Model form",
            [Item("governing equations with their range of validity", 5), Item("simplifications and their effect", 13)],
        ),
        Factor(
            model,
            "Model inputs",
            [Item(_inputs(record), 6)] if record.materials or record.parameters else [],
            "no inputs are recorded",
        ),
        Factor(
            comparator,
            "Test samples",
            [Item("published measurements of the benchmark model", 10)] if measured else [],
            bench,
        ),
        Factor(
            comparator,
            "Test conditions",
            [Item("published flow rate and fluid of the benchmark", 10)] if measured else [],
            bench,
        ),
        Factor(
            assessment,
            "Equivalency of input parameters",
            [Item("geometry, fluid and flow rate are those of the benchmark", 10)] if measured else [],
            bench,
        ),
        Factor(
            assessment,
            "Output comparison",
            [Item("velocities on the axis and across it beside those measured", 10)] if measured else [],
            bench,
        ),
        Factor(
            applicability,
            "Relevance of the quantities of interest",
            [Item("context of use stated, not assessed here; quantities and limits listed", 1)]
            if known.statements.context_of_use
            else [],
            "the context of use is not stated",
        ),
        Factor(
            applicability,
            "Relevance of the validation activities to the context of use",
            [],
            "for the person responsible to discuss (section 12)"
            if measured
            else f"no validation to be relevant{known.stated}",
        ),
    ]


def _inputs(record: RunRecord) -> str:
    constants = sum(len(m.constants) for m in record.materials)
    total = constants + len(record.parameters) + len(record.protocol_parameters)
    assumed = len(assumed_values(record))
    return f"{total} values with their sources, {assumed} of them assumed; no uncertainty of inputs was propagated"


def categories(known: Known) -> list[Factor]:
    """The eight categories of credibility evidence of the FDA's guidance of 2023."""
    guidance = "FDA 2023"
    nothing = "none at hand"
    bench = [Item("FDA's benchmark nozzle", 10)] if known.comparison else []
    record = known.record
    return [
        Factor(guidance, "1 Code verification", [Item(known.verified, 3)] if known.verified else [], nothing),
        Factor(guidance, "2 Model calibration", [], "none: no parameter was fitted to a measurement in this run"),
        Factor(guidance, "3 Bench test validation", bench, f"{nothing}{known.stated}"),
        Factor(guidance, "4 In vivo validation", [], nothing),
        Factor(guidance, "5 Population-based validation", [], nothing),
        Factor(guidance, "6 Emergent model behaviour", [], nothing),
        Factor(guidance, "7 Model plausibility", [Item("equations, properties and their sources", 5)], nothing),
        Factor(
            guidance,
            "8 Calculation verification and uncertainty quantification",
            [Item("error bars of discretisation; no uncertainty of inputs", 8)] if record.levels else [],
            nothing,
        ),
    ]

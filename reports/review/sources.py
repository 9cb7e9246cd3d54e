"""All sources that a report rests on, each once, in the order in which they are met."""

from __future__ import annotations

from reports.equations import Equation
from reports.evidence import Verification
from reports.review.statements import Statements
from reports.review.validation import Comparator
from studies.record import BY_USER, RunRecord

STANDING = (
    "FDA, Reporting of Computational Modeling Studies in Medical Device Submissions, 2016: the sections of this report",
    "ASME V&V 40-2018, Assessing Credibility of Computational Modeling through Verification and Validation: "
    "Application to Medical Devices: the factors of Annex A",
    "FDA, Assessing the Credibility of Computational Modeling and Simulation in Medical Device Submissions, 2023: the "
    "categories of Annex A",
    "ISO 13485:2016, 7.3: design and development",
)


def references(
    record: RunRecord,
    equations: list[Equation],
    verification: Verification,
    subjects: tuple[str, ...],
    comparator: Comparator,
    statements: Statements,
) -> list[tuple[str, list[str]]]:
    """References by what they are for; those of the verification problems stand in their own table."""
    inputs = [p.source for p in (*record.parameters.values(), *record.protocol_parameters.values())]
    inputs += [c.source for m in record.materials for c in m.constants.values()]
    known = [text for text in inputs if text and not text.startswith(("assumed", BY_USER))]
    groups = [
        ("Bench test", list(record.sources)),
        ("Values", known),
        ("Equations", [e.source for e in equations if not e.source.startswith(("definition", "solvers/"))]),
        ("Orders of convergence", [o.reference for o in verification.orders_of(*subjects) if "," in o.reference]),
        ("Validation", [comparator.source] if comparator.source else []),
        ("Guidance", list(STANDING)),
        ("Given by the person responsible", statements.references),
    ]
    seen: set[str] = set()
    listed = []
    for title, sources in groups:
        new = [s for s in dict.fromkeys(sources) if s not in seen]
        seen.update(new)
        if new:
            listed.append((title, new))
    return listed

"""The sections of the report, by name and in order.

FDA, Reporting of Computational Modeling Studies in Medical Device Submissions, 2016 (docket FDA-2013-D-1530). The page
is made by going through this list, so that none can be missing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One of the fifteen; its template is `review/<name>.html`."""

    number: int
    name: str
    title: str

    @property
    def template(self) -> str:
        return f"review/{self.name}.html"


SECTIONS = tuple(
    Section(number, name, title)
    for number, (name, title) in enumerate(
        {
            "summary": "Executive Summary",
            "background": "Background and Introduction",
            "verification": "Code Verification",
            "configuration": "System Configuration",
            "equations": "Governing Equations and Constitutive Laws",
            "properties": "System Properties",
            "conditions": "System Conditions",
            "discretization": "System Discretization",
            "implementation": "Numerical Implementation",
            "validation": "Validation",
            "results": "Results",
            "discussion": "Discussion",
            "limitations": "Limitations",
            "conclusions": "Conclusions",
            "references": "References",
        }.items(),
        1,
    )
)
ANNEXES = (("credibility", "Annex A", "Credibility evidence"), ("control", "Annex B", "Document control"))

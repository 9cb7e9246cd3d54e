"""What a reader must know before using a number of a study."""

from __future__ import annotations

from reports.numbers import sentence
from reports.study.words import count_of, inline
from studies.findings.study_record import (
    Distribution,
    MainEffect,
    Optimum,
    Ranking,
    StudyRecord,
    SurrogateFinding,
    Tornado,
)


def cautions(record: StudyRecord) -> list[str]:
    """Limitations that follow from the kind of the study and from what is missing."""
    found = [
        f"Every figure is a property of a model, tested in the style of {record.style_of}, and not of a physical part. "
        "The style of a test method is not compliance with it",
        "± and error bars are the numerical uncertainty of a run, a 95 % interval; they say nothing of how well the "
        "model fits a real part",
    ]
    assumed = [inline(i.name) for i in record.inputs if i.source.lower().startswith("assumed")]
    unsourced = [inline(i.name) for i in record.inputs if not i.source]
    if assumed:
        found.append(f"Assumed and not checked against a source: range or distribution of {', '.join(assumed)}")
    if unsourced:
        found.append(f"No source is given for range or distribution of {', '.join(unsourced)}")
    lost = sum(v.status in ("failed", "impossible") for v in record.variants)
    if lost and record.findings:
        found.append(
            f"{count_of(lost, 'variant')} without values {'gives' if lost == 1 else 'give'} no finding a value; what "
            "fails is seldom a chance selection but stands at the end of a range"
        )
    found += [text for kind, text in _OF_FINDINGS.items() if any(isinstance(f, kind) for f in record.findings)]
    return [sentence(text) for text in found]


_OF_FINDINGS: dict[type, str] = {
    Ranking: "The worst of the family is the worst of the sizes that have a value, for the quantity it is ranked by",
    Tornado: "One input at a time says nothing of inputs that act together",
    MainEffect: "A main effect is a mean over all else: where inputs act together, no single design need follow it",
    Distribution: "The distribution is that of the scatter which was put in; what was held fixed does not scatter",
    Optimum: "The optimum is the best of the designs that were run, not of all there are",
    SurrogateFinding: "A surrogate interpolates between runs; a design read from it must be run before it is relied on",
}

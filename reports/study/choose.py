"""Which quantities and variants of a study matter most, by what was found."""

from __future__ import annotations

from dataclasses import dataclass

from studies.findings.study_record import Optimum, Output, Ranking, StudyRecord, Variant

FEW = 3  # quantities shown where no finding and no limit names any


@dataclass(frozen=True)
class Group:
    """Variants that are drawn alike.

    Attributes
    ----------
    word : str
        For the legend.
    look : str
        Of `reports.study.frame.LOOKS`: "best", "plain", "open" or "poor".
    variants : list of Variant
    """

    word: str
    look: str
    variants: list[Variant]


def key_outputs(record: StudyRecord) -> list[Output]:
    """Quantities that findings use, then those asked for; without any, those with a limit and a few more."""
    used: list[str] = []
    for finding in record.findings:
        if isinstance(finding, Optimum):
            used += [o.quantity for o in finding.objectives] + [c.quantity for c in finding.constraints]
        else:
            used.append(finding.quantity)
    by_name = {output.name: output for output in record.outputs}
    chosen = [by_name[name] for name in dict.fromkeys([*used, *record.quantities]) if name in by_name]
    limited = [o for o in record.outputs if o.limit is not None]
    others = [o for o in record.outputs if o.limit is None]
    return chosen or [*limited, *others[: max(FEW - len(limited), 0)]]


def optimum(record: StudyRecord) -> Optimum | None:
    """The result of the optimisation, if it was one."""
    return next((f for f in record.findings if isinstance(f, Optimum)), None)


def members(record: StudyRecord) -> list[Variant]:
    """Variants that stand for themselves; of a size, the nominal one and not those that show how it scatters."""
    if record.kind != "size_family":
        return record.variants
    return [v for v in record.variants if v.role in ("", "nominal")]


def worst(record: StudyRecord) -> list[int]:
    """Of each ranking, the variant most probably the worst."""
    tops = [max(f.rows, key=lambda r: r.probability) for f in record.findings if isinstance(f, Ranking) and f.rows]
    return [row.variant for row in tops]


def groups(record: StudyRecord) -> list[Group]:
    """All variants with values: by feasibility in an optimisation, else by verdict, the worst apart."""
    able = [v for v in members(record) if v.values]
    best = optimum(record)
    if best is not None:
        taken = [("on the front" if len(best.objectives) > 1 else "best", "best", set(best.front))]
        taken += [("feasible", "plain", set(best.feasible) - set(best.front))]
        taken += [("doubtful: an error bar holds a limit", "open", set(best.doubtful))]
        known = set().union(*(numbers for _, _, numbers in taken))
        taken += [("not feasible", "poor", {v.number for v in able} - known)]
    else:
        top = set(worst(record))
        left = [v for v in able if v.number not in top]
        taken = [("most probably the worst", "best", top)]
        for word, look, verdicts in (
            ("limits met", "plain", {"pass"}),
            ("no limit to judge by", "plain", {None, "not_applicable"}),
            ("undecided", "open", {"undecided"}),
            ("a limit not met", "poor", {"fail"}),
        ):
            taken.append((word, look, {v.number for v in left if v.verdict in verdicts}))
    made = [Group(word, look, [v for v in able if v.number in numbers]) for word, look, numbers in taken]
    return [group for group in made if group.variants]

"""What the codes of a study record are called in print."""

from __future__ import annotations

import textwrap

from reports.numbers import plain, pretty_unit, rounded, words
from studies.findings.study_record import Input, Output, Setting, StudyRecord, Value, Variant

KINDS = {
    "list": "list of variants",
    "grid": "full grid",
    "latin_hypercube": "Latin hypercube",
    "sobol_sequence": "Sobol' sequence",
    "one_at_a_time": "one input at a time",
    "sobol_indices": "Sobol' indices",
    "size_family": "family of sizes",
    "uncertainty": "scattering inputs",
    "optimisation": "optimisation",
}
STATUSES = {
    "waiting": "waiting",
    "running": "running",
    "done": "done",
    "not_converged": "not converged",
    "impossible": "impossible",
    "failed": "run failed",
}
SIGNS = {"maximum": "≤", "minimum": "≥", None: ""}


def labelled(name: str, unit: str) -> str:
    """A name with its unit, as for an axis: "Peak von Mises stress (MPa)"."""
    return f"{words(name)} ({pretty_unit(unit)})" if pretty_unit(unit) else words(name)


def inline(name: str) -> str:
    """A name inside a sentence."""
    text = words(name)
    return text if text.startswith("von ") or text[:2].isupper() else text[:1].lower() + text[1:]


def with_unit(value: Setting, unit: str, digits: int = 4) -> str:
    """A setting or limit as it was typed: "12.4 mm"."""
    space = "" if pretty_unit(unit) == "°" else " "
    return f"{plain(value, digits)}{space}{pretty_unit(unit)}".rstrip()


def with_error(value: float, uncertainty: float | None, unit: str = "") -> str:
    """A value with its error bar, which no line break may part."""
    return rounded(value, uncertainty).text(unit).replace(" ", "\u00a0")


def measured(value: Value, unit: str = "") -> str:
    """A value of a run; a singular one has none."""
    return "no value" if value.status == "singular" else with_error(value.value, value.uncertainty, unit)


def limit_text(output: Output) -> str:
    """The limit of a quantity: "≤ 600 MPa"; empty without one."""
    return "" if output.limit is None else f"{SIGNS[output.limit_kind]} {with_unit(output.limit, output.unit)}".lstrip()


def wrapped(text: str, width: int, lines: int = 2) -> str:
    """Text broken into at most so many lines, with an ellipsis where it was cut."""
    broken = textwrap.wrap(text, width, max_lines=lines, placeholder=" …")
    return "\n".join(broken)


def input_unit(record: StudyRecord, name: str) -> str:
    """Unit of an input, which may have the name of a quantity; empty if the record does not know it."""
    return next((part.unit for part in record.inputs if part.name == name), "")


def output_unit(record: StudyRecord, name: str) -> str:
    """Unit of a quantity; empty if the record does not know it."""
    return next((part.unit for part in record.outputs if part.name == name), "")


def count_of(number: int, thing: str, things: str = "") -> str:
    """A number and what is counted: "1 variant", "8 variants"."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"


def listed(names: list[str], most: int = 6) -> str:
    """Names in a sentence; of many, the first and how many more."""
    if len(names) > most:
        return ", ".join(names[:most]) + f" and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def called(variant: Variant) -> str:
    """The label of a variant; "variant 3" where that is just its number, and in words where it is just its role."""
    if variant.label == variant.role:
        return inline(variant.role)
    return f"variant {variant.number}" if variant.label == str(variant.number) else variant.label


def in_full(variant: Variant) -> str:
    """The label with the role, which tells apart the runs of one size: "size 2 (adduction low)"."""
    if variant.role in ("", variant.label):
        return called(variant)
    return f"{called(variant)} ({inline(variant.role)})"


def usable(variant: Variant, quantity: str) -> Value | None:
    """The value of a quantity, if the variant has one with an error bar; what is singular has none."""
    value = variant.values.get(quantity)
    return None if value is None or value.status == "singular" or value.uncertainty is None else value


def values_text(part: Input) -> str:
    """What values an input takes: "34 to 48", or its levels."""
    if part.levels:
        return ", ".join(plain(level) for level in part.levels)
    if part.low is None or part.high is None:
        return ""
    return f"{plain(part.low)} to {plain(part.high)}"

"""From the ledger and the run records to the variants of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from studies.findings.study_record import Output, Setting, Status, Value, Variant
from studies.record import RunRecord


class Line(Protocol):
    """A variant as the ledger has it."""

    @property
    def number(self) -> int: ...
    @property
    def label(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def settings(self) -> dict[str, Setting]: ...
    @property
    def key(self) -> str: ...
    @property
    def status(self) -> Status: ...
    @property
    def message(self) -> str: ...
    @property
    def folder(self) -> str: ...


def variants_of(lines: Sequence[Line], folder: Path) -> list[Variant]:
    """All variants, with the values of those that have run.

    Parameters
    ----------
    lines : sequence of Line
    folder : Path
        Of the study: run folders are relative to it.
    """
    return [_variant(line, folder) for line in lines]


def outputs_of(lines: Sequence[Line], folder: Path) -> list[Output]:
    """The quantities that the runs have, in their order."""
    found: dict[str, Output] = {}
    for line in lines:
        if line.status in ("done", "not_converged"):
            for output in _read(folder / line.folder).outputs:
                found.setdefault(output.name, output)
    return list(found.values())


def outputs_of_run(folder: Path) -> list[Output]:
    """The quantities of a run."""
    return list(_read(folder).outputs)


@dataclass(frozen=True)
class _Told:
    """What a study takes from a run record."""

    values: dict[str, Value]
    outputs: tuple[Output, ...]
    facts: dict[str, Any]


@cache
def _read(folder: Path) -> _Told:
    """From the record of a run; it never changes, so it is read once."""
    record = RunRecord.read(folder)
    return _Told(
        {q.name: Value(value=q.value, uncertainty=q.uncertainty, status=q.status) for q in record.quantities},
        tuple(
            Output(name=q.name, unit=q.unit, description=q.description, limit=q.limit, limit_kind=q.limit_kind)
            for q in record.quantities
        ),
        {
            "verdict": record.verdict,
            "seconds": sum(record.timings.values()),
            "dofs": record.levels[-1].dofs if record.levels else None,
            "memory_MB": record.peak_memory_MB,
        },
    )


def _variant(line: Line, folder: Path) -> Variant:
    variant = Variant(
        number=line.number,
        label=line.label,
        role=line.role,
        settings=line.settings,
        status=line.status,
        message=line.message,
        key=line.key,
    )
    if line.status not in ("done", "not_converged"):
        return variant
    told = _read(folder / line.folder)
    return variant.model_copy(update={"folder": line.folder, "values": told.values, **told.facts})

"""From a record to what the gallery says of it. What cannot be read becomes a card that says so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from reports.compare import record as comparison_record
from reports.compare.record import ComparisonRecord
from reports.gallery.card import Card, Figure, Number
from reports.gallery.folder import RECORDS, Found, Kind
from reports.numbers import plain, pretty_unit, rounded, words
from reports.study.answer import answer
from reports.study.words import KINDS, STATUSES, inline, values_text, with_unit
from studies import record as run_record
from studies.findings import study_record
from studies.findings.study_record import StudyRecord
from studies.record import BY_USER, ParameterValue, Quantity, RunRecord

MOST_FIGURES, MOST_SENTENCES = 4, 2
_MISSING = {
    "run": "It has no run.json: something else, or a run that was interrupted while it was copied.",
    "study": "It has no study.json yet: the study goes on, or has not come to its first end.",
    "comparison": "It was made by an earlier version, or was interrupted; compare its runs again.",
}
_VERSIONS: dict[Kind, int] = {
    "run": run_record.SCHEMA_VERSION,
    "study": study_record.SCHEMA_VERSION,
    "comparison": comparison_record.SCHEMA_VERSION,
}


def describe(root: Path, found: Found) -> Card:
    """The card of a folder; never fails."""
    if found.record is None:
        return _unreadable(found, _MISSING[found.kind])
    folder = root / found.path
    try:
        return _READERS[found.kind](folder, found.path)
    except ValidationError as error:
        return _unreadable(found, _fault(found, folder / RECORDS[found.kind], error))
    except Exception as error:  # whatever a damaged record leads to, it is that one's matter alone
        return _unreadable(found, f"{RECORDS[found.kind]} cannot be read: {error}.")


def _unreadable(found: Found, trouble: str) -> Card:
    """What the place of a folder tells."""
    parts = found.path.split("/")
    if found.kind == "run":
        device, protocol, key = parts
        return Card(kind="run", path=found.path, title=key, device=device, protocol=protocol, trouble=trouble)
    return Card(kind=found.kind, path=found.path, title=parts[-1], trouble=trouble)


def _fault(found: Found, path: Path, error: ValidationError) -> str:
    """Why a record is not one, in a sentence."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return f"{path.name} is damaged: it is no JSON."
    version, read = raw.get("schema_version") if isinstance(raw, dict) else None, _VERSIONS[found.kind]
    if isinstance(version, int) and version != read:
        return f"{path.name} follows version {version} of the record; this program reads version {read}."
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{path.name} is not a whole record ({where + ': ' if where else ''}{first['msg'].lower()})."


# --- runs ----------------------------------------------------------------------------------------


def _run(folder: Path, path: str) -> Card:
    record = RunRecord.read(folder)
    parameters = record.parameters | record.protocol_parameters
    shown = sorted(record.quantities, key=_rank)[:MOST_FIGURES]
    return Card(
        kind="run",
        path=path,
        title=words(record.device),
        device=record.device,
        protocol=record.protocol,
        device_description=record.device_description,
        protocol_description=record.protocol_description,
        date=record.provenance.started,
        accuracy=record.accuracy,
        status=record.status,
        prediction=record.prediction,
        verdict=record.verdict,
        chips=[_setting(name, p) for name, p in parameters.items() if p.source == BY_USER],
        figures=[_figure(q) for q in shown],
        more=len(record.quantities) - len(shown),
        hidden=[record.key, record.style_of, *(f"{m.name} {m.specification}" for m in record.materials)],
        inputs=_inputs(parameters),
        values={q.name: Number(value=q.value, unit=q.unit) for q in record.quantities if q.status != "singular"},
    )


def _rank(q: Quantity) -> int:
    """What is judged stands first, then peaks; the rest as the test has it."""
    return 0 if q.limit is not None else 1 if q.name.startswith("peak_") else 2


def _setting(name: str, p: ParameterValue) -> str:
    value = with_unit(p.value, p.unit, 6)
    return f"{inline(name)} {value}"


def _figure(q: Quantity) -> Figure:
    number = "" if q.status == "singular" else rounded(q.value, q.uncertainty).text()
    limit = ""
    if q.limit is not None:
        sign = {"maximum": "≤", "minimum": "≥", None: ""}[q.limit_kind]
        limit = f"{sign} {plain(q.limit)}".strip()
    unit = pretty_unit(q.unit)
    return Figure(name=words(q.name), text=number, unit=unit, status=q.status, verdict=q.verdict, limit=limit)


def _inputs(parameters: Mapping[str, ParameterValue]) -> dict[str, Number]:
    return {
        name: Number(value=p.value if isinstance(p.value, float | int) else plain(p.value), unit=p.unit)
        if not isinstance(p.value, bool)
        else Number(value=plain(p.value))
        for name, p in parameters.items()
    }


# --- studies -------------------------------------------------------------------------------------


def _study(folder: Path, path: str) -> Card:
    record = StudyRecord.read(folder)
    ended: Counter[str] = Counter(v.status for v in record.variants)
    keys = [v.key for v in record.variants if v.key]
    return Card(
        kind="study",
        path=path,
        title=record.title,
        device=record.device,
        protocol=record.protocol,
        device_description=record.device_description,
        protocol_description=record.protocol_description,
        date=record.started,
        accuracy=record.accuracy,
        complete=record.complete,
        chips=[
            KINDS[record.kind],
            *(f"{inline(i.name)} {values_text(i)} {pretty_unit(i.unit)}" for i in record.inputs),
        ],
        sentences=answer(record)[:MOST_SENTENCES],
        counts=[(status, f"{ended[status]} {word}") for status, word in STATUSES.items() if ended[status]],
        hidden=[record.key, record.name, record.question, *(f"{k} {v}" for k, v in record.fixed.items()), *keys],
    )


# --- comparisons ---------------------------------------------------------------------------------


def _comparison(folder: Path, path: str) -> Card:
    record = ComparisonRecord.read(folder)
    return Card(
        kind="comparison",
        path=path,
        title=f"{len(record.runs)} variants compared",
        device=record.device,
        protocol=record.protocol,
        device_description=record.device_description,
        protocol_description=record.protocol_description,
        date=record.made,
        chips=[f"{run.letter}: {run.name}" for run in record.runs],
        sentences=record.sentences[:MOST_SENTENCES],
        hidden=[run.key for run in record.runs],
    )


_READERS: dict[Kind, Callable[[Path, str], Card]] = {"run": _run, "study": _study, "comparison": _comparison}

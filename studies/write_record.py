"""From a climbed ladder, or a formula, to the run record."""

from __future__ import annotations

import math
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version

from devices.parameters import Parameters, facts
from geometry.scene import Scene
from materials import Card, Constant, FluidCard
from protocols.protocol import Limit
from protocols.result import Measured
from solvers.convergence import Estimate
from studies import record
from studies.case import FlowCase
from studies.cases import AnyCase
from studies.conditions import conditions_of
from studies.job import Job, installed
from studies.ladder import Ladder, Stop
from studies.method import method_of, processor
from studies.permeation_case import PermeationCase
from studies.pulsatile_case import PulsatileCase
from studies.record import RunRecord
from studies.supervise import ROOT


@dataclass(frozen=True)
class Sources:
    """What a record says besides the numbers."""

    job: Job
    started: datetime
    ranks: int
    memory: float
    volumes: dict[int, str] = field(default_factory=dict)
    surfaces: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Computed:
    """What a calculation has shown: of a ladder, or of a formula."""

    measured: Sequence[Measured]
    estimates: dict[str, Estimate]
    physics: record.Physics
    scene: Scene
    levels: Sequence[record.Level] = ()
    checks: dict[str, record.Check] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    tables: Sequence[str] = ()
    outside: str = ""
    not_judged: bool = False
    exhausted: Stop | None = None
    method: record.Method | None = None
    conditions: Sequence[record.Condition] = ()
    copies: int = 1
    started_from: str = ""


def formula_record(measured: Sequence[Measured], seconds: float, sources: Sources) -> RunRecord:
    """The record of a test by a formula that took so long."""
    reason = "by a closed formula: it has no error of a mesh"
    exact = {m.name: Estimate(m.value, 0.0, None, None, "converged", reason) for m in measured}
    nowhere = Scene(
        view_direction=(0.0, -1.0, 0.0),
        up=(0.0, 0.0, 1.0),
        section_origin=(0.0, 0.0, 0.0),
        section_normal=(0.0, 1.0, 0.0),
    )
    return _record(_Computed(measured, exact, "formula", nowhere, timings={"solve": seconds}), sources)


def record_of(ladder: Ladder, case: AnyCase, sources: Sources) -> RunRecord:
    """The record of a run on meshes."""
    start = sources.job.start
    computed = _Computed(
        measured=ladder.rungs[-1].measured,
        estimates=ladder.estimates,
        physics=_physics(case),
        scene=sources.job.test.scene(case.specimen),
        levels=[
            record.Level(
                cells=rung.cells,
                dofs=rung.dofs,
                scale=rung.scale,
                h=rung.size,
                values={m.name: m.value for m in rung.measured},
                seconds=rung.seconds,
                iterations=rung.iterations,
                min_quality=rung.quality.min_sicn,
                moved=rung.moved,
            )
            for rung in ladder.rungs
        ],
        checks={
            name: record.Check(value=c.value, limit=c.limit, passed=c.passed, description=c.description)
            for name, c in ladder.checks.items()
        },
        timings=ladder.timings,
        warnings=[*case.protocol.remarks(case.specimen), *ladder.warnings],
        tables=[f"tables/{table.name}.csv" for table in ladder.observed.tables],
        outside=ladder.observed.outside,
        not_judged=bool(case.not_judged),
        exhausted=ladder.exhausted,
        method=method_of(ladder.solution),
        conditions=conditions_of(ladder.solution, _windkessel(case)),
        copies=case.specimen.copies,
        started_from=start.key if start and ladder.known else "",
    )
    return _record(computed, sources)


def _record(computed: _Computed, sources: Sources) -> RunRecord:
    job = sources.job
    quantities = _quantities(computed, job.test.limits())
    warnings = list(computed.warnings)
    beyond = _beyond_yield(quantities)
    if beyond:
        warnings.append(beyond)
    failed = [name for name, check in computed.checks.items() if not check.passed]
    if failed == ["mesh_volume"]:
        warnings.append("the finest mesh is too coarse for the curved surfaces: its volume is not that of the solid")
    elif failed:
        warnings.append(f"a check of the calculation failed: {', '.join(failed)}; its numbers are not to be trusted")
    outside = computed.outside
    if outside:
        warnings.insert(0, outside)
    met = not failed and not outside and all(q.status == "converged" for q in quantities)
    return RunRecord(
        key=job.key(),
        device=job.device.name,
        device_description=type(job.specimen).title(),
        protocol=job.protocol.name,
        protocol_description=type(job.test).title(),
        style_of=job.test.style_of,
        sources=list(job.test.sources),
        parameters=_parameters(job.specimen),
        protocol_parameters=_parameters(job.test),
        materials=_materials(job.cards()),
        accuracy=job.accuracy,
        budget=record.BudgetRecord(
            memory_MB=job.budget.memory, minutes=job.budget.minutes, exhausted=computed.exhausted
        ),
        physics=computed.physics,
        status="done" if met else "not_converged",
        prediction=not outside,
        method=computed.method,
        conditions=list(computed.conditions),
        started_from=computed.started_from,
        copies=computed.copies,
        tables=list(computed.tables),
        verdict=_overall(quantities, bool(failed or outside or computed.not_judged)),
        quantities=quantities,
        levels=list(computed.levels),
        timings=computed.timings,
        peak_memory_MB=sources.memory,
        checks=computed.checks,
        warnings=warnings,
        scene=computed.scene,
        regions=record.Regions(volumes=sources.volumes, surfaces=sources.surfaces),
        provenance=record.Provenance(
            version=version("benchtwin"),
            git=git_commit(),
            packages=installed(),
            platform=f"{platform.platform(terse=True)} {platform.machine()}, Python {platform.python_version()}",
            started=sources.started.isoformat(timespec="seconds"),
            inputs_sha256=job.inputs_sha256,
            ranks=sources.ranks,
            processor=processor(),
        ),
    )


def _windkessel(case: AnyCase) -> bool:
    return isinstance(case, PulsatileCase) and case.protocol.behind(case.specimen) is not None


def _physics(case: AnyCase) -> record.Physics:
    if isinstance(case, PermeationCase):
        return "permeation"
    return "flow" if isinstance(case, FlowCase) else "solid"


def _quantities(computed: _Computed, limits: dict[str, Limit]) -> list[record.Quantity]:
    quantities = []
    for measured in computed.measured:
        found = computed.estimates[measured.name]
        limit = limits.get(measured.name)
        quantities.append(
            record.Quantity(
                name=measured.name,
                description=measured.description,
                value=measured.value,
                unit=measured.unit,
                uncertainty=found.uncertainty if math.isfinite(found.uncertainty) else None,
                extrapolated=found.extrapolated,
                order=found.order,
                status=found.status,
                reason=found.reason,
                location=measured.location,
                limit=limit.value if limit else None,
                limit_kind=limit.kind if limit else None,
                verdict=_verdict(measured, found, limit) if limit else None,
                note=measured.note,
            )
        )
    return quantities


def _verdict(measured: Measured, found: Estimate, limit: Limit) -> record.Verdict:
    """Pass or fail only where the error bar is known well enough and lies on one side of the limit."""
    if found.status == "singular" or not found.decides:
        return "undecided"
    above, below = measured.value - found.uncertainty >= limit.value, measured.value + found.uncertainty <= limit.value
    if limit.kind == "maximum":
        above, below = below, above
    return "pass" if above else "fail" if below else "undecided"


def _beyond_yield(quantities: list[record.Quantity]) -> str:
    """A warning if the stress passes yield; fatigue is not judged then."""
    factors = {q.name: q for q in quantities}
    static = factors.get("static_safety_factor")
    if static is None or static.value >= 1.0:
        return ""
    if fatigue := factors.get("fatigue_safety_factor"):
        fatigue.verdict = "not_applicable"
    return "the peak von Mises stress passes yield: outside the validity of the linear model, its stresses are too high"


def _overall(quantities: list[record.Quantity], open_: bool) -> record.Verdict:
    verdicts = [q.verdict for q in quantities if q.verdict is not None]
    if "fail" in verdicts:
        return "fail"
    if open_:  # a check failed, or a criterion could not be judged
        return "undecided"
    if not verdicts:
        return "not_applicable"
    return "pass" if all(v == "pass" for v in verdicts) else "undecided"


def _parameters(part: Parameters) -> dict[str, record.ParameterValue]:
    values = {}
    for name, declared in type(part).model_fields.items():
        known = facts(declared)
        default = getattr(part, name) == declared.default
        values[name] = record.ParameterValue(
            value=getattr(part, name),
            unit=known["unit"],
            description=declared.description or "",
            source=known["source"] if default else record.BY_USER,
            verified=known["verified"] if default else None,
        )
    return values


def _materials(cards: dict[str, Card]) -> list[record.MaterialRecord]:
    """One record of each card, with the labels of what is made of it."""
    parts: dict[str, list[str]] = {}
    for label, card in cards.items():
        parts.setdefault(card.name, []).append(label)
    return [_material(card, parts[name]) for name, card in {card.name: card for card in cards.values()}.items()]


def _material(card: Card, parts: list[str]) -> record.MaterialRecord:
    constants = {name: getattr(card, name) for name in type(card).model_fields}
    return record.MaterialRecord(
        name=card.name,
        specification=f"{card.title}, {card.specification}" if card.specification != "-" else card.title,
        law=card.law if isinstance(card, FluidCard) else "",
        temperature_degC=card.temperature_degC,
        parts=parts,
        constants={
            name: record.MaterialConstant(value=c.value, unit=c.unit, source=c.source, verified=c.verified)
            for name, c in constants.items()
            if isinstance(c, Constant)
        },
    )


def git_commit() -> str:
    """Commit of the checkout, with "+" if it was changed; "unknown" outside one."""
    try:
        said = subprocess.run(
            ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--abbrev=12"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return said.stdout.strip()

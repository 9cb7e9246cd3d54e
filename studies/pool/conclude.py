"""What a study has found, from its ledger and its runs: the record and the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from studies.findings.distribution import distribution
from studies.findings.gather import outputs_of, variants_of
from studies.findings.main_effects import main_effects
from studies.findings.optimum import optimum
from studies.findings.ranking import ranking
from studies.findings.response import surrogate_finding
from studies.findings.sobol_indices import indices_of_runs, indices_of_surrogate
from studies.findings.study_record import Finding, Output, Published, StudyRecord, Variant
from studies.findings.tornado import tornado
from studies.findings.wording import listed, said
from studies.plan.plan import Plan
from studies.pool.account import account
from studies.pool.ledger import Ledger
from studies.write_record import git_commit

_SAMPLED = ("latin_hypercube", "sobol_sequence", "grid")


@dataclass(frozen=True)
class _Study:
    plan: Plan
    variants: Sequence[Variant]
    outputs: Sequence[Output]

    def findings(self) -> tuple[list[Finding], list[str]]:
        """All that there are, and sentences on what was asked for and is not there."""
        plan, variants, inputs = self.plan, list(self.variants), self.plan.records
        kind = plan.file.study.kind
        found: list[tuple[str, str, Finding | str]] = []  # what it is called, of which quantity, and itself
        if kind == "size_family":
            scattering = [i.record for i in plan.inputs]
            for criterion in plan.file.criterion:
                made = ranking(variants, scattering, self._output(criterion.quantity), criterion.worst)
                found.append(("The ranking of sizes by", criterion.quantity, made))
        if kind == "optimisation":
            found.append(("", "", optimum(variants, plan.objectives(self.outputs), plan.constraints(self.outputs))))
        for output in self._chosen():
            if kind == "one_at_a_time":
                bars = tornado(variants, inputs, output, self._published(output.name))
                found.append(("The effect of single inputs on", output.name, bars))
            if kind == "sobol_indices":
                found.append(("The Sobol' indices of", output.name, self._indices(output)))
            if kind == "uncertainty":
                found.append(("The distribution of", output.name, distribution(variants, output)))
            if kind in _SAMPLED:
                effects = main_effects(variants, inputs, output)
                found += [("", "", effect) for effect in effects]
                for name in [i.name for i in inputs if i.name not in {effect.input for effect in effects}]:
                    why = "there are no two settings that have a value"
                    found.append((f"The main effect of {said(name)} on", output.name, why))
            # Saltelli's runs share all settings but one, so that a run left out is known from the others.
            if kind not in ("one_at_a_time", "size_family", "list", "sobol_indices") or plan.file.study.surrogate:
                found.append(("A surrogate of", output.name, surrogate_finding(variants, inputs, output)))
        return [finding for _, _, finding in found if not isinstance(finding, str)], _absent(found)

    def _indices(self, output: Output) -> Finding | str:
        study, variants, inputs = self.plan.file.study, list(self.variants), self.plan.records
        if study.surrogate:
            return indices_of_surrogate(variants, inputs, output, study.seed)
        return indices_of_runs(variants, inputs, output, study.samples or 0, study.seed)

    def _chosen(self) -> list[Output]:
        """The quantities that findings are about: those asked for, else all that are not the same everywhere."""
        names = self.plan.file.study.quantities
        if not names and self.plan.file.study.kind == "optimisation":
            file = self.plan.file
            names = [o.quantity for o in file.objective] + [c.quantity for c in file.constraint]
        if names:
            return [self._output(name) for name in dict.fromkeys(names)]
        return [output for output in self.outputs if self._differs(output.name)]

    def _differs(self, quantity: str) -> bool:
        values = [v.values[quantity].value for v in self.variants if quantity in v.values]
        largest = max((abs(value) for value in values), default=0.0)
        return bool(values) and max(values) - min(values) > 1e-9 * largest

    def _output(self, name: str) -> Output:
        return next(output for output in self.outputs if output.name == name)

    def _published(self, quantity: str) -> list[Published]:
        return [
            Published(**entry.model_dump(exclude={"quantity"}))
            for entry in self.plan.file.published
            if entry.quantity == quantity
        ]


def _absent(found: Sequence[tuple[str, str, Finding | str]]) -> list[str]:
    """One sentence for what is absent for the same reason."""
    quantities: dict[tuple[str, str], list[str]] = {}
    for what, quantity, finding in found:
        if isinstance(finding, str):
            quantities.setdefault((what, finding), []).append(said(quantity))
    return [
        f"{what} {listed(names)} {'were' if what.endswith('indices of') else 'was'} not computed: {why}"
        for (what, why), names in quantities.items()
    ]


def conclude(plan: Plan, folder: Path, ledger: Ledger) -> StudyRecord:
    """The record of a study, as far as it has come.

    Raises
    ------
    StudyError
        If the study file speaks of quantities that there are not.
    """
    entries = ledger.entries()
    outputs = outputs_of(entries, folder)
    plan.check_quantities(outputs)
    attempts = ledger.attempts()
    tries = [a.number for a in attempts if a.outcome not in ("interrupted", "forgiven")]
    variants = [v.model_copy(update={"attempts": tries.count(v.number)}) for v in variants_of(entries, folder)]
    study, sessions = plan.file.study, ledger.sessions()
    asked = list(dict.fromkeys(study.quantities))
    outputs.sort(key=lambda output: asked.index(output.name) if output.name in asked else len(asked))
    findings, absent = _Study(plan, variants, outputs).findings() if outputs else ([], [])
    started = datetime.fromtimestamp(min((s.started for s in sessions), default=0.0), UTC)
    return StudyRecord(
        key=folder.name,
        name=study.name,
        title=study.title or study.name,
        question=study.question,
        kind=study.kind,
        device=plan.bench.device.name,
        device_description=plan.bench.device.cls.title(),
        protocol=plan.bench.protocol.name,
        protocol_description=plan.bench.protocol.cls.title(),
        style_of=plan.bench.protocol.cls.style_of,
        accuracy=study.accuracy,
        fixed={name: str(value) for name, value in plan.file.fixed.items()},
        inputs=plan.records,
        outputs=outputs,
        variants=variants,
        quantities=asked,
        findings=findings,
        absent=absent,
        warnings=_warnings(variants),
        complete=bool(variants) and ledger.open() == 0 and ledger.ended(),
        execution=account(sessions, attempts),
        started=started.isoformat(timespec="seconds"),
        version=version("benchtwin"),
        git=git_commit(),
    )


def _warnings(variants: Sequence[Variant]) -> list[str]:
    found = []
    for status, words in (
        ("failed", "failed and give no finding a value"),
        ("impossible", "make no part, or no test of it, and give no finding a value"),
        ("not_converged", "have quantities that did not reach the accuracy asked for; findings use their error bars"),
    ):
        if count := sum(v.status == status for v in variants):
            found.append(f"{count} of {len(variants)} variants {words}")
    return found

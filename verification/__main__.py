"""Solve all verification problems and say whether the error bars hold.

python -m verification [NAME ...] [--accuracy A] [--led]: with names (such as plane.LameCylinder) only these, and no
page is written; nor is one at another accuracy than 2 %, or of the solids alone, led.
"""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import solvers  # noqa: F401  (before any module that needs DOLFINx)
from reports.evidence import FILE
from studies.case import SolidCase
from studies.run import available_cores
from studies.supervise import ROOT, python_module
from verification import ethier_steinman, kovasznay
from verification.evidence import evidence
from verification.manufactured import observe
from verification.outcome import ProblemOutcome, solve
from verification.page import line, page
from verification.problem import Known
from verification.summary import Summary

MODULES = (
    *("plane", "spatial", "torsion", "beams", "notches", "published", "singular"),
    *("tube", "cylinder", "womersley", "spheres"),
)
ACCURACY = 0.02
TIME_LIMIT = 1200  # s for one problem
PAGE = ROOT / "docs" / "verification.md"


def problems() -> dict[str, type[Known[Any]]]:
    """All problems by name, module.class."""
    return {
        f"{module}.{cls.__name__}": cls
        for module in MODULES
        for cls in import_module(f"verification.{module}").PROBLEMS
    }


def in_own_process(name: str, accuracy: float = ACCURACY, led: bool = False) -> ProblemOutcome:
    """Solve one problem where a crash of a native library ends only that process."""
    cls = problems()[name]
    failed = ProblemOutcome(problem=name, title=cls.title, statement=" ".join((cls.__doc__ or "").split()))
    words = ["--accuracy", repr(accuracy), *(["--led"] if led else []), "--one", name]
    command = python_module("verification", *words)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False, cwd=ROOT)
    except subprocess.TimeoutExpired:
        return failed.model_copy(update={"failure": f"not done after {TIME_LIMIT} s"})
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return failed.model_copy(update={"failure": f"status {done.returncode}: {last}"})
    return ProblemOutcome.model_validate_json(done.stdout.splitlines()[-1])


def main(names: Sequence[str], accuracy: float = ACCURACY, led: bool = False) -> int:
    """Returns the exit status: 0 if all demands are met."""
    console = Console(stderr=True, width=160)
    chosen = list(names) or [name for name, cls in problems().items() if not led or issubclass(cls, SolidCase)]
    outcomes = []
    with ThreadPoolExecutor(available_cores()) as pool:
        for outcome in pool.map(partial(in_own_process, accuracy=accuracy, led=led), chosen):
            outcomes.append(outcome)
            misses = [q.name for q in outcome.quantities if q.holds is False or not q.told]
            console.print(f"{outcome.problem}: {outcome.failure or misses or 'good'}", highlight=False)
    table = Table(*("problem", "quantity", "value", "±", "true error", "status", "interval"))
    for outcome in outcomes:
        for quantity in outcome.quantities:
            table.add_row(*line(outcome, quantity))
    Console(width=160).print(table)
    if names:
        return int(any(o.failure or any(q.holds is False or not q.told for q in o.quantities) for o in outcomes))
    orders = [observe(degree) for degree in (1, 2)]
    flow, unsteady = kovasznay.observe(), ethier_steinman.observe()
    summary = Summary.of(outcomes, orders, [flow, unsteady], accuracy)
    written = accuracy == ACCURACY and not led
    if written:
        PAGE.write_text(page(outcomes, orders, flow, unsteady, summary, ACCURACY))
        fine = orders[-1]
        found = [fine.displacement_order, fine.energy_order, flow.order(flow.velocity), flow.order(flow.pressure)]
        found += [unsteady.velocity_order, unsteady.pressure_order, unsteady.time_order]
        FILE.write_text(evidence(outcomes, found, ACCURACY).model_dump_json(indent=1) + "\n")
    print(
        f"coverage {summary.coverage:.1%} of {summary.judged} intervals ({summary.exact_coverage:.1%} of "
        f"{summary.exact} against exact references), median uncertainty over error {summary.median_overestimate:.1f}, "
        f"singular {summary.singular_told}/{summary.singular}, steep {summary.steep_told}/{summary.steep}, regular "
        f"{summary.regular_told}/{summary.regular}"
    )
    for seen in orders:
        print(f"p = {seen.degree}: orders {seen.displacement_order:.2f} (L2), {seen.energy_order:.2f} (energy)")
    print(f"flow: orders {flow.order(flow.velocity):.2f} (velocity), {flow.order(flow.pressure):.2f} (pressure)")
    print(
        f"unsteady flow: orders {unsteady.velocity_order:.2f} (velocity), {unsteady.pressure_order:.2f} (pressure), "
        f"{unsteady.time_order:.2f} (time)"
    )
    for complaint in summary.complaints:
        print(f"FAILS: {complaint}")
    if written:
        for path in (PAGE, FILE):
            print(f"written: {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
    return int(bool(summary.complaints))


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m verification", description="Judge the error bars by known solutions.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as plane.LameCylinder")
    parser.add_argument("--accuracy", type=float, default=ACCURACY, help="asked of every quantity; 0.02 by default")
    parser.add_argument(
        "--led", action="store_true", help="solids only; ladders begin with the meshes of a problem much alike"
    )
    parser.add_argument("--one", help="print the outcome of this problem as JSON")
    wanted = parser.parse_args()
    if wanted.one:
        print(solve(problems()[wanted.one](), wanted.accuracy, wanted.led).model_dump_json())
    else:
        sys.exit(main(wanted.names, wanted.accuracy, wanted.led))

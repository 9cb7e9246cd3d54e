"""The comparison in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.answer import STAGES
from benchmarks.codes import Code
from benchmarks.peers import Median, Run, median_of

_HEADINGS = tuple("pc set-up" if stage == "preconditioner" else stage for stage in STAGES)


def print_size(runs: Sequence[Run]) -> None:
    """Print all codes at one size."""
    codes, dofs = _codes(runs), runs[0].dofs
    found = {code.name: median_of(runs, code.name, dofs) for code in codes}
    ours = {code.threads: found[code.name] for code in codes if code.ours}
    print(f"\n{dofs:,} unknowns; seconds: the median run")
    heads = "".join(f"{h:>10}" for h in _HEADINGS)
    print(
        f"{'code':<20}{'cores':>6}{heads}{'total':>9}{'lowest-highest':>21}{'process':>9}{'ratio':>7}{'MB':>8}"
        f"{'its':>6}{'residual':>10}{'max |u|':>11}{'diff u':>9}{'peak':>9}{'diff p':>8}{'load':>6}"
    )
    notes: dict[str, int] = {}
    for code in codes:
        median = found[code.name]
        if median is None:
            reason = next(r.watched.failure for r in runs if r.code is code)
            print(f"{code.name:<20}{code.threads:>6}  {reason}")
            continue
        print(_line(median, ours.get(code.threads), ours.get(max(ours)), notes))
    for note, number in notes.items():
        print(f"  [{number}] {note}")


def _line(median: Median, rival: Median | None, reference: Median | None, notes: dict[str, int]) -> str:
    """One code; ``rival`` is benchtwin on as many cores."""
    run, answer = median.run, median.run.answer
    assert answer is not None
    stages = "".join(f"{answer.stages[s]:>10.2f}" if s in answer.stages else f"{'-':>10}" for s in STAGES)
    span = f"{median.lowest:.2f}-{median.highest:.2f} ({median.repeats})"
    ratio, stress = "", ""
    if rival and rival.run.answer:
        ratio = f"{answer.total / rival.run.answer.total:.1f}"
    if reference and reference.run.answer:
        stress = f"{100 * (answer.peak_stress / reference.run.answer.peak_stress - 1):+.2f}%"
    residual = "-" if answer.residual is None else f"{answer.residual:.0e}"
    difference = "-" if run.difference is None else f"{run.difference:.0e}"
    said = [f"tolerance: {answer.tolerance}", *filter(None, [answer.note])]
    marks = "".join(f"[{notes.setdefault(note, len(notes) + 1)}]" for note in said)
    return (
        f"{run.code.name:<20}{run.code.threads:>6}{stages}{answer.total:>9.2f}{span:>21}{run.watched.seconds:>9.1f}"
        f"{ratio:>7}{run.memory:>8,.0f}{answer.iterations if answer.iterations is not None else '-':>6}"
        f"{residual:>10}{answer.largest_displacement:>11.6f}{difference:>9}{answer.peak_stress:>9.2f}{stress:>8}"
        f"{median.load:>6.1f} {marks}"
    )


def print_growth(runs: Sequence[Run]) -> None:
    """Print how time and memory of each code grow with the size."""
    print("\ngrowth with the unknowns n, least squares: time ~ n^a, memory ~ n^b")
    for code in _codes(runs):
        dofs = sorted({run.dofs for run in runs})
        medians = [median for n in dofs if (median := median_of(runs, code.name, n))]
        sizes = [median.run.dofs for median in medians]
        if len(sizes) < 2:
            print(f"{code.name:<20}  fewer than two sizes")
            continue
        times = [median.run.answer.total for median in medians if median.run.answer]
        memory = [median.run.memory for median in medians]
        span = f"{len(sizes)} sizes, {sizes[0]:,} to {sizes[-1]:,}"
        print(f"{code.name:<20}  a = {exponent(sizes, times):.2f}  b = {exponent(sizes, memory):.2f}  ({span})")


def _codes(runs: Sequence[Run]) -> list[Code]:
    return list({run.code.name: run.code for run in runs}.values())


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Slope of log value against log size."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])

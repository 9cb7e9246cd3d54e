"""How fast benchtwin is, alone and beside other codes.

python -m benchmarks [runs | peers | operator | grading | flow | studies | meshing | job]

Writes results/bench/bench.csv, and bench.png of the comparison.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from benchmarks.flow import compare_flows
from benchmarks.grading import ACCURACY, MOST, compare_ladders
from benchmarks.job import time_jobs
from benchmarks.meshing import time_meshing
from benchmarks.operator import compare_operators
from benchmarks.peers import REPEATS, Run, compare, rows
from benchmarks.plot import plot
from benchmarks.rows import replace_parts
from benchmarks.runs import time_runs
from benchmarks.studies import time_studies
from benchmarks.table import print_growth, print_size
from studies.supervise import ROOT

PARTS = ("runs", "peers", "operator", "grading", "flow", "studies", "meshing", "job")
RESULTS = ROOT / "results" / "bench"
SIZES, QUICK_SIZES = (0.1, 0.3, 0.7, 1.5, 3.0), (0.03, 0.06)
OPERATOR_SIZES = (0.1, 0.3)
LIMIT = 900.0  # s for one run of one code


def main() -> None:
    """Do the parts asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="default: all")
    parser.add_argument("--sizes", nargs="+", type=float, help="of the meshes of peers or operator, million unknowns")
    parser.add_argument("--quick", action="store_true", help="small meshes, once: to see that it works")
    parser.add_argument("--repeats", type=int, help=f"runs of each code (default {REPEATS})")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds for one run of one code")
    parser.add_argument("--meshes", type=Path, help="folder that keeps the peers' meshes for the next time")
    parser.add_argument("--accuracy", type=float, help="of the graded ladder that gives the reference")
    parser.add_argument("--most", type=float, help="unknowns of the finest uniform mesh of the ladder")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is ended and folders are removed
    repeats = given.repeats or (1 if given.quick else REPEATS)
    table = RESULTS / "bench.csv"
    for part in [given.part] if given.part else PARTS:
        print(f"\n=== {part} ===", flush=True)
        if part == "runs":
            replace_parts(table, time_runs(repeats))
        elif part == "peers":
            sizes = given.sizes or (QUICK_SIZES if given.quick else SIZES)
            runs: list[Run] = []
            for done in compare(sizes, repeats, given.limit, given.meshes):
                runs += done
                print_size(done)
                replace_parts(table, rows(runs))  # at once: the next size may take long, or be stopped
                plot(runs, RESULTS / "bench.png")
            print_growth(runs)
        elif part == "operator":
            sizes = given.sizes or ((0.03,) if given.quick else OPERATOR_SIZES)
            replace_parts(table, compare_operators([1e6 * size for size in sizes], repeats, given.limit))
        elif part == "studies":
            replace_parts(table, time_studies(2 if given.quick else 50))
        elif part == "meshing":
            replace_parts(table, time_meshing(repeats, given.quick))
        elif part == "job":
            replace_parts(table, time_jobs(repeats, given.quick))
        elif part == "flow":
            replace_parts(table, compare_flows(given.quick, given.limit))
        else:
            accuracy = given.accuracy or (0.02 if given.quick else ACCURACY)
            replace_parts(table, compare_ladders(accuracy, given.most or (2e5 if given.quick else MOST)))
    print(f"\nwritten to {RESULTS}/")


if __name__ == "__main__":
    main()

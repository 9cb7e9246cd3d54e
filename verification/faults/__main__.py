"""Put faults into studies and say whether the claim holds: python -m verification.faults [NAME ...] [--kills N]

With names (such as kills or dask) only these, and no page is written. Outcomes are kept in a file if one is named; what
it holds already is not done again.
"""

from __future__ import annotations

import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from studies.supervise import ROOT
from verification.faults.ground import Ground
from verification.faults.outcome import FaultOutcome
from verification.faults.page import CELLS, cells, page
from verification.faults.scenarios import SCENARIOS

PAGE = ROOT / "docs" / "robustness.md"


def main(options: Namespace) -> int:
    """Returns the exit status: 0 if the claim held everywhere."""
    console = Console(stderr=True, width=160, highlight=False)
    chosen = options.names or list(SCENARIOS)
    outcomes = _kept(options.keep)
    for name in chosen:
        if name in outcomes:
            continue
        console.print(f"{name} ...")
        outcomes[name] = _play(name, options, console)
        if options.keep:
            with options.keep.open("a") as file:
                file.write(f"{name}\t{outcomes[name].model_dump_json()}\n")
    table = Table(*CELLS)
    for name in chosen:
        table.add_row(*cells(outcomes[name]))
        for words, times in outcomes[name].repeated():
            console.print(f"BREAKS: {outcomes[name].name}: {words} ({times} times)")
    Console(width=160).print(table)
    if not options.names:
        PAGE.write_text(page([outcomes[name] for name in SCENARIOS]), encoding="utf-8")
        print(f"written: {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")
    return int(any(outcomes[name].broken for name in chosen))


def _play(name: str, options: Namespace, console: Console) -> FaultOutcome:
    scenario = SCENARIOS[name]
    times = options.kills if name == "kills" and options.kills else scenario.times
    with tempfile.TemporaryDirectory(prefix="benchtwin-faults-", ignore_cleanup_errors=True) as folder:
        ground = Ground(Path(folder), seed=options.seed, tell=lambda words: console.print(f"  {words}"))
        return scenario.play(ground, times)


def _kept(path: Path | None) -> dict[str, FaultOutcome]:
    if path is None or not path.exists():
        return {}
    lines = [line.split("\t", 1) for line in path.read_text().splitlines()]
    return {name: FaultOutcome.model_validate_json(text) for name, text in lines}


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m verification.faults", description="Put faults into studies.")
    parser.add_argument("names", nargs="*", choices=[*SCENARIOS, []], metavar="NAME", help=", ".join(SCENARIOS))
    parser.add_argument("--kills", type=int, help="of the study of formula runs; 200 by default")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn at random")
    parser.add_argument("--keep", type=Path, help="file for the outcomes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(_options()))

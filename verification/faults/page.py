"""docs/robustness.md, from the outcomes alone."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from jinja2 import Environment, StrictUndefined

from studies.write_record import git_commit
from verification.faults.outcome import FaultOutcome

PACKAGES = ("benchtwin", "dolfinx-solver-real", "gmsh", "distributed")
CELLS = ("scenario", "faults", "lost", "twice", "half done", "tables unlike", "outlived", "claim")
# What a fault is called in the counts of a scenario.
FAULTS = ("kills", "fillings", "races", "interrupts", "mishaps")

TEMPLATE = """\
# Robustness of studies

Written by `python -m verification.faults`; do not edit. The claim: whatever ends a study, no run that was finished is
lost or computed again, no run folder is half there, and the same command completes the study to the same table. Here
faults are put into studies on purpose, and the claim is checked after each of them.

## Result

{{ today }}, {{ versions }}. {{ kills }} kills of a whole study in all.

| scenario | faults | lost | computed twice | half done | tables unlike | outlived the study | claim |
|---|---|---|---|---|---|---|---|
{% for o in outcomes -%}
| {{ o|cells|join(" | ") }} |
{% endfor %}
- **lost**: variants without a result in the end, or finished runs gone.
- **computed twice**: a finished run replaced, or more than one computation of a variant in the ledgers.
- **half done**: run folders without all files that the same run has undisturbed, or whose record does not validate.
- **tables unlike**: of those compared with the table of an undisturbed study; every cell of `variants.csv` and
  `variants.parquet` must be the same to the last digit, but for times, memory and attempts.
- **outlived the study**: processes of it still there 5 s after its end.

## How it was done

Every study is started by its command, `benchtwin study STUDY --results FOLDER --workers 2`, in a process of its own,
and killed by SIGKILL to this process alone: what it has started must end by itself. Kills fall at random instants, and
at chosen ones that last for milliseconds only: as the ledger is entered, as a folder aside appears, as a run is put in
its place, as the record is written. After each kill, every run folder is compared with that of an undisturbed study,
the inode and the time of its `run.json` with those seen before, and the ledger is checked by SQLite
(`integrity_check`). Formula runs take no time to compute, so that kills fall into what the program does around them;
runs on meshes are small brackets (`examples/my_bracket.py`). All random numbers have a seed.
{% for o in outcomes %}
### {{ o.name|capital }}

{{ o.what|capital }}.
{% if o.skipped %}
**Not done:** {{ o.skipped }}
{% else %}
| what | how often |
|---|---|
{% for name, count in o.counts.items() -%}
| {{ name }} | {{ count }} |
{% endfor -%}
{% if o.slowest_death > 0.005 -%}
| last process gone after | {{ "%.2f"|format(o.slowest_death) }} s |
{% endif %}
{%- for words, times in o.repeated() %}
**Broken** ({{ times }} times): {{ words }}.
{% endfor %}
{%- for note in o.notes %}
{{ note }}
{% endfor %}
{%- endif %}
{%- endfor %}
## What it has found

Mended since, each by the scenario named:

| scenario | what happened | now |
|---|---|---|
{% for row in found -%}
| {{ row|join(" | ") }} |
{% endfor %}
## What it does not show

- A power cut: every commit of the ledger and every run folder is synced to the disk, but no plug was pulled.
- Network file systems: locks and renamings are those of a local one.
- A variant whose worker is lost twice is given up, as one that crashes twice: `--retry` takes it up again. With workers
  that come and go, that can hit variants that have done nothing wrong.
- A run whose pictures fail (a crash of the renderer, say) is kept without them, and a note in the table says so.
"""

FOUND = (
    (
        "kill -9, runs on meshes",
        "killed while its processes started, a study left them computing to the end of their runs, as orphans",
        "they are bound to the life of the study before anything is imported",
    ),
    (
        "Ctrl-C",
        "it took 21 s; a run being drawn might have been put into the store without its pictures",
        "about a second; what was being done is given up",
    ),
    (
        "formulas that go wrong",
        "a run whose process ended itself with status 0 was taken for a full disk and stopped the study, every time",
        "it is a crash as any other",
    ),
    (
        "two copies at once",
        "copies that ended at the same time drew the same report at once; one said that it was incomplete",
        "one at a time writes record, tables and report",
    ),
    (
        "a run takes the place of an earlier one",
        "killed between two renamings, neither was there",
        "both are exchanged at one instant (Linux)",
    ),
    ("all Dask workers killed", "the study waited for ever", "it ends after 20 s without any, and says so"),
    ("the Dask scheduler killed", "a traceback", "a message; no variant is blamed"),
)


def cells(o: FaultOutcome) -> tuple[str, ...]:
    """A row of the table."""
    if o.skipped:
        return o.name, "–", *("–",) * 5, "not done"
    faults = max((o.counts.get(name, 0) for name in FAULTS), default=0)
    return (
        o.name,
        str(faults),
        str(o.lost),
        str(o.duplicated),
        str(o.half_written),
        f"{o.wrong_tables} of {o.tables}",
        str(o.survivors),
        "holds" if o.holds else f"BROKEN ({len(o.broken)})",
    )


def page(outcomes: Sequence[FaultOutcome]) -> str:
    """The page as Markdown."""
    environment = Environment(undefined=StrictUndefined, autoescape=False)
    environment.filters |= {"cells": cells, "capital": lambda words: words[:1].upper() + words[1:]}
    versions = [f"{name} {version(name)}" for name in PACKAGES] + [
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        f"{platform.system()} {platform.release().split('-')[0]}",
    ]
    text = environment.from_string(TEMPLATE).render(
        outcomes=outcomes,
        today=datetime.now(UTC).date().isoformat(),
        versions=", ".join(versions) + (f", commit {commit}" if (commit := git_commit()) else ""),
        kills=sum(o.counts.get("kills", 0) for o in outcomes if o.name.startswith("kill -9, ")),
        found=FOUND,
    )
    return text.rstrip() + "\n"

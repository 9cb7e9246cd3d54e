"""The page of a comparison: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from reports import numbers
from reports.compare.comparison import Comparison, ParameterRow, Side
from reports.compare.words import amount, sentences, winner
from reports.document import data, put, template
from reports.scenery import Picture
from reports.summary import STATUSES, VERDICTS


@dataclass(frozen=True)
class Drawn:
    """What was drawn of a comparison; ``trouble`` says why something was not."""

    outlines: Picture | None = None
    rows: Sequence[Sequence[Picture]] = ()
    view: Markup = field(default_factory=Markup)
    trouble: str = ""


def write(folder: Path, comparison: Comparison, drawn: Drawn) -> Path:
    """Write `report.html` into a folder."""
    return put(folder, render(folder, comparison, drawn))


def render(folder: Path, comparison: Comparison, drawn: Drawn) -> str:
    """The page as text; see `write`."""
    first = comparison.sides[0].record
    return template("compare.html").render(
        comparison=comparison,
        first=first,
        names={side.letter: name(side, comparison.parameters) for side in comparison.sides},
        links={side.letter: _link(folder, side.folder) for side in comparison.sides},
        sentences=sentences(comparison),
        amount=amount,
        winner=winner,
        rounded=numbers.rounded,
        statuses=STATUSES,
        verdicts=VERDICTS,
        drawn=drawn,
        image=lambda picture: data("image/png", (folder / picture.file).read_bytes()),
    )


def name(side: Side, parameters: Sequence[ParameterRow], most: int = 4) -> str:
    """What tells a run from the others, such as "neck diameter 12 mm"."""
    own = {**side.record.parameters, **side.record.protocol_parameters}
    different = [row for row in parameters if row.differs and row.name in own]
    words = [
        " ".join([numbers.words(row.name).lower(), numbers.plain(own[row.name].value), numbers.pretty_unit(row.unit)])
        for row in different
    ]
    words = [word.strip() for word in words]
    if len(words) > most:
        words = [*words[:most], "..."]
    return ", ".join(words) or side.record.key


def _link(folder: Path, run: Path) -> str:
    """Address of a run's own report, relative to the page."""
    return (run.resolve() / "report.html").relative_to(folder.resolve(), walk_up=True).as_posix()

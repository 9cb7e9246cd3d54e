"""The page of a comparison: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup
from matplotlib.colors import to_hex

from reports import numbers
from reports.compare.comparison import Comparison, Criterion, ParameterRow, Side
from reports.compare.request import relative
from reports.compare.stills import OUTLINES, Row
from reports.compare.words import amount, sentences, winner
from reports.document import data, put, template
from reports.scenery import Picture
from reports.summary import STATUSES, VERDICTS
from reports.theme import COLOUR_MAP

STOPS = 16  # of the gradient that stands for the colours


@dataclass(frozen=True)
class Drawn:
    """What was drawn of a comparison; ``trouble`` says why something was not."""

    outlines: Picture | None = None
    rows: Sequence[Row] = ()
    flow: Picture | None = None
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
        links={side.letter: relative(side.folder / "report.html", folder) for side in comparison.sides},
        criteria=[(c, _limit(comparison, c)) for c in comparison.criteria],
        sentences=sentences(comparison),
        amount=amount,
        winner=winner,
        rounded=numbers.rounded,
        statuses=STATUSES,
        verdicts=VERDICTS,
        drawn=drawn,
        outline_colours=OUTLINES,
        ramp=_ramp(),
        marks=lambda row: [(tick, 100 * tick / row.top) for tick in numbers.ticks(row.top)],
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


def _limit(comparison: Comparison, criterion: Criterion) -> str:
    """Such as "at least 1"; of several limits, all."""
    row = next(row for row in comparison.quantities if row.name == criterion.quantity)
    bound = {"maximum": "at most", "minimum": "at least"}
    said = [
        f"{bound[q.limit_kind]} {numbers.plain(q.limit)} {numbers.pretty_unit(q.unit)}".strip()
        for q in row.values
        if q.limit_kind and q.limit is not None
    ]
    return ", ".join(dict.fromkeys(said))


def _ramp() -> str:
    """The colours of all fields, lightest first, as CSS wants them."""
    return ", ".join(to_hex(COLOUR_MAP(k / STOPS)) for k in range(STOPS + 1))

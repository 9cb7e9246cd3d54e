"""The report of a run: one HTML file that needs nothing else, on screen or on paper."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from reports import numbers
from reports.document import data, put, template
from reports.plots import convergence
from reports.scenery import Picture
from reports.summary import OUTCOMES, STATUSES, VERDICTS, limitations, summary
from studies.record import Quantity, RunRecord

_FILES = ("fields.vtu", "surface.vtu", "mesh.msh", "geometry.step", "geometry.stl")

NO_VIEW = Markup()


@dataclass(frozen=True)
class Row:
    """A quantity as the results table shows it."""

    quantity: Quantity
    number: numbers.Rounded
    extrapolated: str
    limit: str
    location: str


def write(folder: Path, record: RunRecord, pictures: list[Picture], trouble: str = "", view: Markup = NO_VIEW) -> Path:
    """Write `report.html` into a run folder.

    Parameters
    ----------
    folder : Path
    record : RunRecord
    pictures : list of Picture
        Those that are in the folder; they are put into the page.
    trouble : str
        Why there are none, to be said in their place.
    view : Markup
        The part of the page that shows the run in a view that can be turned.

    Returns
    -------
    Path
        The report.
    """
    return put(folder, render(folder, record, pictures, trouble, view))


def render(folder: Path, record: RunRecord, pictures: list[Picture], trouble: str = "", view: Markup = NO_VIEW) -> str:
    """The report as text; see `write`."""
    shown = {picture.file: picture for picture in pictures}
    plots = [(q, convergence(q, record.levels)) for q in record.quantities]
    return template("report.html").render(
        record=record,
        rows=[_row(q) for q in record.quantities],
        summary=summary(record),
        limitations=limitations(record),
        files=[name for name in _FILES if (folder / name).exists()],
        verdicts=VERDICTS,
        statuses=STATUSES,
        outcomes=OUTCOMES,
        loads=_loads(record),
        setup=shown.get("setup.png"),
        pictures=[p for p in pictures if p.file != "setup.png"],
        trouble=trouble,
        view=view,
        image=lambda picture: data("image/png", (folder / picture.file).read_bytes()),
        plots=[(q, data("image/svg+xml", svg.encode())) for q, svg in plots if svg is not None],
        level_names=[q for q in record.quantities if any(q.name in level.values for level in record.levels)],
    )


def _row(q: Quantity) -> Row:
    number = numbers.rounded(q.value, q.uncertainty)
    limit = ""
    if q.limit is not None:
        sign = {"maximum": "≤ ", "minimum": "≥ ", None: ""}[q.limit_kind]
        limit = f"{sign}{numbers.plain(q.limit)}"
    extrapolated = ""
    if q.extrapolated is not None:
        extrapolated = numbers.rounded(q.extrapolated, q.uncertainty).text()
    return Row(q, number, extrapolated, limit, numbers.place(q.location) if q.location is not None else "")


def _loads(record: RunRecord) -> list[str]:
    """The loads of the scene, like ones counted: "2 × 250 N along (0.000, 0.000, −1.000)"."""
    alike = Counter(f"{arrow.label} along {numbers.place(arrow.vector, 3)}" for arrow in record.scene.arrows)
    return [f"{count} × {load}" if count > 1 else load for load, count in alike.items()]

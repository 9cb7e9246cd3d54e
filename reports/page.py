"""The design-review report of a run: one source, for the screen and for paper."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import matplotlib
from markupsafe import Markup

from reports import numbers
from reports.document import data, put, template
from reports.drawing.views import Drawn
from reports.equations import equations_of, unsteady
from reports.evidence import verification
from reports.plots import convergence
from reports.review.credibility import SUBJECTS, Known, categories, factors
from reports.review.limitations import of_the_model, symmetry
from reports.review.numbering import Numbering
from reports.review.outline import ANNEXES, SECTIONS
from reports.review.sources import references
from reports.review.statements import FILE, Statements, asked
from reports.review.validation import comparator, comparison
from reports.scenery import Picture
from reports.summary import OUTCOMES, STATUSES, VERDICTS, limitations, summary
from studies.record import Quantity, RunRecord

_FILES = ("fields.vtu", "surface.vtu", "mesh.msh", "geometry.step", "geometry.stl")

FONTS = Path(matplotlib.get_data_path(), "fonts", "ttf")  # for paper; they come with matplotlib

NO_VIEW = Markup()
MOST_KEY = 6  # quantities in the summary, but for those that are judged


@dataclass(frozen=True)
class Row:
    """A quantity as the results table shows it."""

    quantity: Quantity
    number: numbers.Rounded
    extrapolated: str
    limit: str
    location: str


@dataclass(frozen=True)
class Shown:
    """What is shown besides the record.

    Attributes
    ----------
    pictures : sequence of Picture
        They are put into the page: they must be in the folder when it is written.
    trouble : str
        Why there are none, or not all, to be said in their place.
    view : Markup
        The part of the page that shows the run in a view that can be turned; for the screen alone.
    drawn : Drawn or None
        The part as a drawing.
    """

    pictures: tuple[Picture, ...] = ()
    trouble: str = ""
    view: Markup = NO_VIEW
    drawn: Drawn | None = None


class Report:
    """The report of a run.

    Parameters
    ----------
    folder : Path
        Of the run.
    record : RunRecord
    shown : Shown
    statements : Statements
        What only a person can say.
    """

    def __init__(
        self, folder: Path, record: RunRecord, shown: Shown | None = None, statements: Statements | None = None
    ) -> None:
        self.folder, self.record = folder, record
        self.shown, self.statements = shown or Shown(), statements or Statements()
        self._packed: dict[str, str] = {}

    def write(self) -> Path:
        """Write `report.html` into the folder."""
        return put(self.folder, self.text())

    def text(self, paper: Callable[[Picture], str] | None = None) -> str:
        """The page, for the screen; or for paper, given where its pictures are."""
        numbering, page = Numbering(), template("report.html")
        view = NO_VIEW if paper else self.shown.view
        refer = {"number": numbering.number, "ref": numbering.ref, "image": paper or self._image}
        for _ in range(2):  # the first time to know the numbers
            numbering.begin()
            text = page.render(self._content, paper=paper is not None, view=view, **refer)
        return text

    def _image(self, picture: Picture) -> str:
        """A picture inside the page; packed once, for a page is rendered twice and may show it twice."""
        if picture.file not in self._packed:
            self._packed[picture.file] = data("image/png", (self.folder / picture.file).read_bytes())
        return self._packed[picture.file]

    @cached_property
    def _content(self) -> dict[str, Any]:
        """All that the templates say, but for what differs between screen and paper."""
        folder, record, shown, statements = self.folder, self.record, self.shown, self.statements
        pictures = {picture.file: picture for picture in shown.pictures}
        plots = [(q, convergence(q, record.levels)) for q in record.quantities]
        rows = [_row(q) for q in record.quantities]
        known, compared, wanted = verification(), comparison(folder, record), comparator(record)
        subjects = SUBJECTS["unsteady" if record.physics == "flow" and unsteady(record) else record.physics]
        evidence = Known(record, statements, known, subjects, compared)
        equations = equations_of(record)
        stills = [p for p in shown.pictures if p.file not in ("setup.png", "profiles.png" if compared else "")]
        return {
            "record": record,
            "fonts": FONTS.as_uri(),
            "sections": SECTIONS,
            "annexes": ANNEXES,
            "statements": statements,
            "statements_file": FILE,
            "asked": asked(),
            "rows": rows,
            "key_rows": _key_rows(rows),
            "summary": summary(record),
            "findings": limitations(record),
            "model_limitations": of_the_model(record),
            "files": [name for name in _FILES if (folder / name).exists()],
            "cad": next((name for name in ("geometry.step", "geometry.stl") if (folder / name).exists()), None),
            "record_sha256": _hash(folder, record),
            "verdicts": VERDICTS,
            "statuses": STATUSES,
            "outcomes": OUTCOMES,
            "loads": _loads(record),
            "setup": pictures.get("setup.png"),
            "profiles": pictures.get("profiles.png") if compared else None,
            "stills": stills,
            "principal": stills[0] if stills else None,
            "trouble": shown.trouble,
            "drawn": shown.drawn,
            "drawing": data("image/svg+xml", shown.drawn.svg.encode()) if shown.drawn else "",
            "plots": [(q, data("image/svg+xml", svg.encode())) for q, svg in plots if svg is not None],
            "level_names": [
                q.name for q in record.quantities if any(q.name in level.values for level in record.levels)
            ],
            "equations": [(e, e.picture(), data("image/svg+xml", e.picture().svg.encode())) for e in equations],
            "unsteady": unsteady(record),
            "planes": symmetry(record),
            "verification": known,
            "verified": known.of(*subjects),
            "orders": known.orders_of(*subjects),
            "compared": compared,
            "comparator": wanted,
            "factors": factors(evidence),
            "categories": categories(evidence),
            "references": references(record, equations, known, subjects, wanted, statements),
            "mesh_checks": {n: c for n, c in record.checks.items() if n.startswith("mesh_")},
            "solver_checks": {n: c for n, c in record.checks.items() if not n.startswith("mesh_")},
        }


def _key_rows(rows: list[Row]) -> list[Row]:
    """What a reader asks for first: what is judged, peaks, and some more where these are few."""
    first = [row for row in rows if row.quantity.limit is not None or row.quantity.name.startswith("peak_")]
    rest = [row for row in rows if row not in first]
    return sorted(first + rest[: max(MOST_KEY - len(first), 0)], key=rows.index)


def _hash(folder: Path, record: RunRecord) -> str:
    """SHA-256 of the record as it stands in the folder."""
    path = folder / "run.json"
    content = path.read_bytes() if path.exists() else record.model_dump_json().encode()
    return hashlib.sha256(content).hexdigest()


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

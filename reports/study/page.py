"""The report of a study: one HTML file that needs nothing else, on screen or on paper."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from reports.compare.request import comparisons_of, relative
from reports.document import data, put, template
from reports.scenery import Picture
from reports.study.answer import answer
from reports.study.cautions import cautions
from reports.study.missing import missing, unfinished
from reports.study.picks import LEAST, picks
from reports.study.table import main_table, other_table
from reports.study.thumbnails import all_have_a_chance, thumbnails
from reports.study.words import KINDS, STATUSES, in_full, limit_text, values_text
from studies.findings.study_record import ENDED, StudyRecord
from studies.layout import COMPARISONS

TABLES = ("variants.csv", "variants.parquet")
MOST_ANSWERS = 7  # sentences that stand open
PICTURES = " Pictures: each has a range of colours of its own, so that shapes can be compared, but not colours."
ONLY_NAMED = "Only variants that findings name have one."
WIDE_FROM = 9  # columns, from which the table of variants is printed across the page


def write(folder: Path, record: StudyRecord, plots: list[Picture], trouble: str = "") -> Path:
    """Write `report.html` into a study folder.

    Parameters
    ----------
    folder : Path
    record : StudyRecord
    plots : list of Picture
        Those that are in the folder; they are put into the page.
    trouble : str
        Why there are none, to be said in their place.

    Returns
    -------
    Path
        The report.
    """
    return put(folder, render(folder, record, plots, trouble))


def render(folder: Path, record: StudyRecord, plots: list[Picture], trouble: str = "") -> str:
    """The report as text; see `write`."""
    table = main_table(record)
    halves = [plot for plot in plots if not plot.wide]
    counts = {status: sum(v.status == status for v in record.variants) for status in STATUSES}
    return template("study.html").render(
        record=record,
        kind=KINDS[record.kind],
        answer=answer(record),
        most=MOST_ANSWERS,
        unfinished=unfinished(record),
        missing=missing(record),
        statuses=STATUSES,
        counts={STATUSES[status]: count for status, count in counts.items() if count},
        ended=sum(v.status in ENDED for v in record.variants),
        cautions=cautions(record),
        plots=plots,
        lone=halves[-1] if len(halves) % 2 else None,  # stands with its caption beside it
        trouble=trouble,
        image=lambda picture: data("image/png", (folder / picture.file).read_bytes()),
        table=table,
        thumbnails=thumbnails(folder, record),
        picture_note=PICTURES if all_have_a_chance(record) else f"{PICTURES} {ONLY_NAMED}",
        compare=_compare(folder, record),
        wide=len(table.headings) + 4 >= WIDE_FROM,
        others=other_table(record),
        ranges={i.name: values_text(i) for i in record.inputs},
        limits={o.name: limit_text(o) for o in record.outputs},
        shares=[(name, share) for name, share in record.execution.shares.items() if share > 0],
        tables=[name for name in TABLES if (folder / name).exists()],
    )


@dataclass(frozen=True)
class _Compare:
    """How variants are put side by side.

    Attributes
    ----------
    named : list of str
        What the findings name; empty for less than two.
    done : list of (str, str)
        Address and words of comparisons that there are.
    """

    command: str
    folder: str
    named: list[str]
    done: list[tuple[str, str]]


def _compare(folder: Path, record: StudyRecord) -> _Compare:
    chosen, _ = picks(record)
    named = [f"{pick.variant.number} ({in_full(pick.variant)})" for pick in chosen] if len(chosen) >= LEAST else []
    here = folder.resolve()
    results = here.parent.parent
    done = [
        (
            quote(relative(place / "report.html", here)),
            ", ".join(run.label for run in request.runs)
            + (" (what the findings name)" if request.study and request.study.by_findings else ""),
        )
        for place, request in comparisons_of(record.key, results / COMPARISONS)
    ]
    return _Compare(".venv/bin/benchtwin compare", f"{results.name}/{here.parent.name}/{here.name}", named, done)

"""The design-review report: fifteen sections whatever the run, values as in the record, gaps that show, paper."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import browser, found
from html_page import Page
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader
from run_folders import plate_folder, stem_folder
from verification_page import orders, outcomes

from benchtwin.cli import app
from reports import numbers, page, paper
from reports.__main__ import main
from reports.drawing.lines import chained
from reports.drawing.shape import Shape
from reports.drawing.sheet import Sheet
from reports.drawing.views import drawing
from reports.equations import _all_of, equations_of
from reports.evidence import verification
from reports.pdf import Paper
from reports.review.credibility import Known, categories, factors
from reports.review.outline import ANNEXES, SECTIONS
from reports.review.statements import FILE, Statements, StatementsError, asked, write_template
from reports.review.validation import comparator, comparison
from reports.scenery import Picture, Scenery
from studies.record import RunRecord
from verification.evidence import evidence

ATTACK = "<script>alert(1)</script>\"'<img src=x>&amp;"
# As the guidance of 2016 names them, in its order.
TITLES = [
    "Executive Summary",
    "Background and Introduction",
    "Code Verification",
    "System Configuration",
    "Governing Equations and Constitutive Laws",
    "System Properties",
    "System Conditions",
    "System Discretization",
    "Numerical Implementation",
    "Validation",
    "Results",
    "Discussion",
    "Limitations",
    "Conclusions",
    "References",
]


@pytest.fixture(scope="module")
def stem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stem_folder(tmp_path_factory.mktemp("stem"))


@pytest.fixture(scope="module")
def record(stem: Path) -> RunRecord:
    return RunRecord.read(stem)


class Tables(HTMLParser):
    """The cells of each table of a page, by the name of the table."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.rows: dict[str, list[list[str]]] = {}
        self._table, self._cell = "", False
        self.feed(source)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._table = dict(attributes).get("id") or ""
            self.rows[self._table] = []
        elif tag == "tr":
            self.rows[self._table].append([])
        elif tag in ("td", "th"):
            self.rows[self._table][-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[self._table][-1][-1] = " ".join((self.rows[self._table][-1][-1] + data).split())


def headings(source: str) -> list[str]:
    found = re.findall(r'<h2 id="h\d+"><span class="index">(\d+)</span> (.*?)</h2>', source)
    assert [int(number) for number, _ in found] == list(range(1, len(found) + 1))
    return [title for _, title in found]


# --- sections -----------------------------------------------------------------------------------------


def test_outline_is_that_of_the_guidance() -> None:
    assert [section.title for section in SECTIONS] == TITLES


PHYSICS = st.sampled_from(["solid", "flow", "permeation", "formula"])
EMPTIED: dict[str, Any] = {
    "parameters": {},
    "protocol_parameters": {},
    "materials": [],
    "sources": [],
    "warnings": [],
    "checks": {},
    "levels": [],
    "quantities": [],
    "device_description": "",
    "protocol_description": "",
}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    physics=PHYSICS,
    emptied=st.sets(st.sampled_from(sorted(EMPTIED))),
    verdict=st.sampled_from(["pass", "fail", "undecided", "not_applicable"]),
    copies=st.sampled_from([1, 4]),
    prediction=st.booleans(),
    on_paper=st.booleans(),
    text=st.text(max_size=20),
)
def test_no_section_vanishes(
    record: RunRecord,
    physics: str,
    emptied: set[str],
    verdict: str,
    copies: int,
    prediction: bool,
    on_paper: bool,
    text: str,
) -> None:
    update = {"physics": physics, "verdict": verdict, "copies": copies, "prediction": prediction}
    update |= {name: EMPTIED[name] for name in emptied}
    made = RunRecord.model_validate(record.model_copy(update=update).model_dump())
    report = page.Report(Path("nowhere"), made, statements=Statements(discussion=text))
    source = report.text((lambda picture: picture.file) if on_paper else None)
    assert headings(source) == TITLES
    read = Page(source)
    assert not read.open
    names = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(names) == len(set(names))
    targets = {attributes["href"][1:] for tag, attributes in read.tags if tag == "a" and "href" in attributes}
    assert targets <= set(names)
    parts = re.split(r"<h2 [^>]*>.*?</h2>", source)[1:]
    assert all(len(Page(part.rpartition("</section>")[0]).text) > 20 for part in parts), "a section is empty"


def test_figures_and_tables_are_numbered_in_order(stem: Path, record: RunRecord) -> None:
    drawn = drawing(Scenery.read(stem, record).fields, record)
    source = page.Report(stem, record, page.Shown(drawn=drawn)).text()
    for kind in ("Figure", "Table"):
        numbers_ = [int(n) for n in re.findall(rf"<b>{kind} (\d+)</b>", source)]
        assert numbers_ == list(range(1, len(numbers_) + 1))
        assert len(numbers_) >= 2
    assert "Table\N{NO-BREAK SPACE}" in source
    assert "?</a>" not in source


# --- values -------------------------------------------------------------------------------------------


def test_values_are_those_of_the_record(stem: Path, record: RunRecord) -> None:
    tables = Tables(page.Report(stem, record).text()).rows
    results = {row[0]: row for row in tables["results"] if len(row) == 10}
    for q in record.quantities:
        row, shown = results[numbers.words(q.name)], numbers.rounded(q.value, q.uncertainty)
        assert row[1:4] == [shown.value, shown.uncertainty, numbers.pretty_unit(q.unit)]
        least = 10.0 ** -len(shown.value.partition(".")[2])
        assert float(row[1].replace("−", "-")) == pytest.approx(q.value, abs=0.51 * least)
        key = next(k for k in tables["key-results"] if k[0] == row[0])
        assert key[1:4] == row[1:4]
    for name, values in (("device-parameters", record.parameters), ("protocol-parameters", record.protocol_parameters)):
        shown_values = {row[0]: row[1] for row in tables[name]}
        for key, parameter in values.items():
            assert shown_values[numbers.words(key)] == numbers.plain(parameter.value)
    constants = {row[0]: row[1] for row in tables["material-1"]}
    for key, constant in record.materials[0].constants.items():
        assert constants[numbers.words(key)] == numbers.plain(constant.value)
    ladder = tables["ladder"][1:]
    assert [int(row[4].replace(" ", "")) for row in ladder] == [level.cells for level in record.levels]
    for q in record.quantities:
        row = next(row for row in tables["ladder-values"] if row[0] == numbers.words(q.name))
        assert row[2:5] == [numbers.plain(level.values[q.name]) for level in record.levels]
    checks = {row[0]: row[2] for name in ("checks",) for row in tables[name]}
    for key, check in record.checks.items():
        assert checks[numbers.words(key)] == numbers.brief(check.value)


def test_record_is_named_by_its_hash(stem: Path, record: RunRecord) -> None:
    assert hashlib.sha256((stem / "run.json").read_bytes()).hexdigest() in page.Report(stem, record).text()


def test_old_records_are_still_read(record: RunRecord) -> None:
    data = record.model_dump()
    for name in ("method", "conditions", "copies"):
        del data[name]
    del data["provenance"]["processor"]
    for material in data["materials"]:
        for name in ("law", "temperature_degC", "parts"):
            del material[name]
    old = RunRecord.model_validate(data)
    assert "older than the record of its solver settings" in Page(page.Report(Path(), old).text()).text


# --- statements ---------------------------------------------------------------------------------------


def test_what_is_not_stated_shows_and_is_counted(stem: Path, record: RunRecord) -> None:
    read = Page(page.Report(stem, record).text())
    for words in asked().values():
        assert f"To be stated by the person responsible: {words}." in read.text
    assert f"{len(asked())} statements are missing" in read.text
    assert "No comparator: none at hand." in read.text
    said = Statements(**dict.fromkeys(asked(), "It is said."), validation="Gauges agree.")
    read = Page(page.Report(stem, record, statements=said).text())
    assert "To be stated" not in read.text
    assert "is missing" not in read.text and "are missing" not in read.text
    assert "No comparator: none at hand." in read.text and "Gauges agree." in read.text
    one = said.model_copy(update={"discussion": ""})
    assert "1 statement is missing" in Page(page.Report(stem, record, statements=one).text()).text


def test_statements_are_paragraphs_and_never_markup(stem: Path, record: RunRecord) -> None:
    said = Statements(
        **dict.fromkeys(asked(), f"First {ATTACK}\n\nSecond"),
        keywords=[ATTACK],
        references=[ATTACK],
        author=ATTACK,
        document=ATTACK,
        validation=ATTACK,
    )
    for on_paper in (False, True):
        report = page.Report(stem, record.model_copy(update={"device": ATTACK, "key": ATTACK}), statements=said)
        source = report.text((lambda picture: picture.file) if on_paper else None)
        read = Page(source)
        assert not any(tag == "script" or attributes.get("src") == "x" for tag, attributes in read.tags)
        assert "<p>Second</p>" in source
        assert "alert(1)" in read.text


def test_template_is_written_once_and_is_all_gaps(tmp_path: Path) -> None:
    assert write_template(tmp_path)
    assert Statements.read(tmp_path) == Statements()
    (tmp_path / FILE).write_text('discussion = "mine"')
    assert not write_template(tmp_path)
    assert Statements.read(tmp_path).discussion == "mine"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('question_of_interest = "a"\ndiscusion = "b"', "line 2: there is no statement 'discusion'"),
        ('discussion = """\nopinion = 1\n"""\nopinion = 1', "line 4: there is no statement 'opinion'"),
        ("discussion = 3", "line 1: discussion must be a text"),
        ('references = "a"', "line 1: references must be a list"),
        ("discussion = a", "line 1"),
    ],
)
def test_statements_that_cannot_be_used_are_refused_with_their_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(StatementsError, match=re.escape(said)):
        Statements.read(tmp_path)


def test_command_refuses_wrong_statements(
    tmp_path: Path, record: RunRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    record.write(tmp_path)
    (tmp_path / FILE).write_text('nonsense = "a"')
    assert app(["report", str(tmp_path)], exit_on_error=False, print_error=False) == 2
    assert "line 1: there is no statement 'nonsense'" in capsys.readouterr().err
    assert not (tmp_path / "report.html").exists()


# --- evidence -----------------------------------------------------------------------------------------


def test_evidence_is_what_the_page_of_the_suite_says() -> None:
    suite = Path(__file__).parents[1] / "docs" / "verification.md"
    read, kept = evidence(outcomes(suite), orders(suite), 0.02), verification()
    facts = (
        "name",
        "title",
        "subject",
        "unknowns",
        "meshes",
        "judged",
        "holding",
        "misses",
        "singular",
        "singular_told",
    )
    assert [p.model_dump(include=set(facts)) for p in read.problems] == [
        p.model_dump(include=set(facts)) for p in kept.problems
    ]
    assert [o.found for o in read.orders] == pytest.approx([o.found for o in kept.orders], abs=0.006)
    held = re.search(r"intervals that hold the reference \| (\d+) of (\d+)", suite.read_text())
    assert held
    assert [sum(p.holding for p in kept.problems), sum(p.judged for p in kept.problems)] == [
        int(g) for g in held.groups()
    ]


def test_misses_are_shown(stem: Path, record: RunRecord) -> None:
    text = Page(page.Report(stem, record).text()).text
    missed = [miss for p in verification().of("solid") for miss in p.misses]
    assert missed
    for miss in missed:
        assert numbers.words(miss).lower() in text


def test_credibility_names_evidence_and_gives_no_score(record: RunRecord) -> None:
    known = Known(record, Statements(), verification(), ("solid",), None)
    found = factors(known)
    assert len(found) == 13
    assert len(categories(known)) == 8
    for factor in found:
        assert factor.items or factor.gap, factor.name
        assert all(1 <= item.section <= 15 for item in factor.items)
    for name in ("Test samples", "Test conditions", "Output comparison"):
        assert not next(f for f in found if f.name == name).items
    told = " ".join(item.text for f in found for item in f.items)
    assert not re.search(r"\b(level|score|grade)\b", told)


def test_what_is_said_of_validation_is_no_evidence(stem: Path, record: RunRecord) -> None:
    said = Statements(validation="No comparison with any measurement was made.", discussion="-")
    silent, spoken = (Known(record, s, verification(), ("solid",), None) for s in (Statements(), said))
    for tables in (factors, categories):
        before, after = tables(silent), tables(spoken)
        assert [f.items for f in before] == [f.items for f in after]
        assert sum("not assessed here" in f.gap for f in after) > 0 == sum("not assessed" in f.gap for f in before)
    text = Page(page.Report(stem, record, page.Shown(), said).text()).text
    assert "No comparator: none at hand." in text and "No comparison with any measurement was made." in text


def test_revision_and_day_are_what_was_written(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("revision = 3\napproved_on = 2026-01-02\n")
    said = Statements.read(tmp_path)
    assert (said.revision, said.approved_on) == ("3", "2026-01-02")
    (tmp_path / FILE).write_text('author = "A"\nrevision = 1.10\n')
    with pytest.raises(StatementsError, match="line 2: revision must be a text in quotes"):
        Statements.read(tmp_path)


def test_measurements_are_compared(tmp_path: Path, record: RunRecord) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "axis_velocity.csv").write_text("z_mm,u_m_per_s\n-8,0.5\n8,0.44\n")
    (tables / "axis_measured.csv").write_text("z_mm,mean_m_per_s,sd_m_per_s,sets\n-8,0.52,0.01,5\n8,0.40,0.02,4\n")
    made = record.model_copy(
        update={"physics": "flow", "tables": ["tables/axis_velocity.csv", "tables/axis_measured.csv"]}
    )
    compared = comparison(tmp_path, made)
    assert compared is not None
    assert [s.difference for s in compared.stations] == pytest.approx([0.5 / 0.52 - 1, 0.1])
    source = page.Report(tmp_path, made).text()
    rows = Tables(source).rows["stations"]
    assert rows[1] == ["−8", "0.5", "0.52", "0.01", "5", "−3.8 %"]
    assert "No comparator" not in source


@pytest.mark.parametrize("physics", ["solid", "flow", "permeation", "formula"])
def test_every_physics_has_equations_and_says_what_would_count(record: RunRecord, physics: str) -> None:
    made = record.model_copy(update={"physics": physics})
    assert comparator(made).text
    assert bool(equations_of(made)) == (physics != "formula")
    for equation in _all_of(physics):
        formula = equation.picture()
        assert formula.svg.startswith("<?xml")
        assert 1 < formula.width < 62, equation.title
        assert equation.alt and equation.source and equation.text


# --- the drawing --------------------------------------------------------------------------------------


def test_drawing_has_the_size_of_the_mesh(tmp_path: Path) -> None:
    folder = plate_folder(tmp_path, 4.0)
    record = RunRecord.read(folder)
    fields = Scenery.read(folder, record).fields
    drawn = drawing(fields, record)
    assert drawn.extent == pytest.approx((100, 12, 4))
    shown = re.findall(r">([\d.]+)</text>", drawn.svg)
    assert {"100", "12", "4"} <= set(shown)
    assert drawn.ratio == "1 : 1"
    assert {name for _, name in drawn.regions} == {"Top", "Edge"}
    assert set(drawn.unseen) == {"Hole", "Bottom"}


def test_half_is_drawn_whole(stem: Path, record: RunRecord) -> None:
    fields = Scenery.read(stem, record).fields
    whole = Shape.of(fields, record.regions.surfaces)
    names = {
        n: ("symmetry_z" if name.split("+")[0] == "trunnion" else name) for n, name in record.regions.surfaces.items()
    }
    mirrored = Shape.of(fields, names)
    assert mirrored.mirrored == ("z",)
    assert np.ptp(mirrored.box(), axis=0)[2] > 1.5 * np.ptp(whole.box(), axis=0)[2]


@given(
    st.tuples(*[st.floats(0.05, 2000.0)] * 3),
    st.sampled_from([(0.2, -0.9, 0.1), (0.9, 0.1, 0.3), (0.1, 0.2, 0.9)]),
    st.sampled_from([(0, 0, 1), (-1, 0, 0), (0, 1, 0)]),
)
def test_views_stand_apart_and_on_the_sheet(size: tuple[float, ...], towards: Any, up: Any) -> None:
    low = np.array([-1.0, 2.0, 3.0])
    high = low + size
    sheet = Sheet.of(low, high, np.array(towards), np.array(up, dtype=float))
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    boxes = [np.array([v.paper(corners).min(axis=0), v.paper(corners).max(axis=0)]) for v in sheet.views]
    for box in boxes:
        assert box.min() >= 0
        assert box[1][0] <= sheet.width
        assert box[1][1] <= sheet.height
    front, side, top = boxes
    assert front[1][0] < side[0][0]
    assert top[1][1] < front[0][1]
    assert np.allclose(front[:, 1], side[:, 1])
    assert np.allclose(front[:, 0], top[:, 0])
    assert np.linalg.det(np.stack([sheet.front.right, sheet.front.up, sheet.front.towards])) == pytest.approx(1)


def test_segments_become_one_line() -> None:
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=float)
    around = np.stack([corners, np.roll(corners, -1, axis=0)], axis=1)
    lines = chained(np.concatenate([around[::-1], around[:, ::-1]]), 0.01)
    assert len(lines) == 1
    assert len(lines[0]) == 5
    assert np.allclose(lines[0][0], lines[0][-1])


# --- paper and screen ---------------------------------------------------------------------------------


def test_paper_has_every_section(tmp_path: Path, stem: Path, record: RunRecord) -> None:
    drawn = drawing(Scenery.read(stem, record).fields, record)
    said = Statements(context_of_use=f"To rank <sizes> {ATTACK}", author="A. Person", revision="B")
    report = page.Report(stem, record, page.Shown(drawn=drawn), said)
    with Paper(tmp_path) as sheets:
        read = PdfReader(sheets.write(report.text(sheets.image)))
    pages = [" ".join(p.extract_text().split()) for p in read.pages]
    text = " ".join(pages)
    place = 0
    for section in SECTIONS:
        place = text.index(f"{section.number} {section.title}", place) + 1
    for _, label, title in ANNEXES:
        assert f"{label} {title}" in text
    for number, words in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in words
        assert number == 1 or record.key in words
    assert "To rank <sizes> <script>" in text
    bookmarks = [entry["/Title"] for entry in read.outline if isinstance(entry, dict)]
    assert [b for b in bookmarks if b[0].isdigit()] == [f"{s.number} {s.title}" for s in SECTIONS]
    assert "6 statements are missing" in text
    for q in record.quantities:
        assert numbers.rounded(q.value, q.uncertainty).value in text


def test_a_picture_of_another_size_than_told_is_not_printed(tmp_path: Path) -> None:
    picture = Picture("a.png", "", "", False, (20, 30))
    Image.new("RGB", (20, 31)).save(tmp_path / picture.file)
    with Paper(tmp_path) as sheets, pytest.raises(ValueError, match="a.png"):
        sheets.write(f'<img src="{sheets.image(picture)}">')
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_without_pango_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "LIBRARIES", {"libnothing.so.0": "libnothing0"})
    with pytest.raises(paper.NoPdf, match="apt-get install libnothing0"):
        paper.available()


def test_variant_of_a_study_gets_the_page_alone(tmp_path: Path, stem: Path) -> None:
    for name in ("fields.vtu", "surface.vtu", "run.json"):
        (tmp_path / name).symlink_to(stem / name)
    assert main([str(tmp_path)], full=False) == 0
    written = {path.name for path in tmp_path.iterdir() if not path.is_symlink()}
    assert written == {"report.html", "von_mises.png"}
    source = (tmp_path / "report.html").read_text()
    assert headings(source) == TITLES
    assert "one picture is drawn" in source


@pytest.mark.skipif(found() is None, reason="there is no Chromium here")
@pytest.mark.parametrize("width", [1280, 390])
def test_page_is_not_wider_than_the_window(tmp_path: Path, stem: Path, record: RunRecord, width: int) -> None:
    drawn = drawing(Scenery.read(stem, record).fields, record)
    long = record.model_copy(update={"key": "a" * 90, "device_description": "Long" * 40})
    path = page.Report(stem, long, page.Shown(drawn=drawn), Statements(discussion="x" * 300)).write()
    with browser() as tab:
        tab.open(path.rename(tmp_path / "report.html"), width, 800)
        assert tab.value("document.documentElement.scrollWidth") <= width

"""The pictures and the report of a run, on made-up run folders.

The pictures are compared with those in `tests/images`, within a tolerance. After a wanted change of the look, renew
them with ``RENEW_IMAGES=1 python -m pytest tests/test_reports.py`` and look at each before it is committed.
"""

from __future__ import annotations

import base64
import html
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from html_page import Page
from pictures import alike
from PIL import Image
from pypdf import PdfReader
from run_folders import plate_folder, pores_folder, stem_folder

from reports import graphics, numbers, page
from reports.__main__ import main
from reports.fields import FieldsMissing
from reports.pictures import draw
from reports.scenery import Picture, Scenery
from reports.stage import BlankPicture, check_not_blank
from reports.view import View
from studies.record import Quantity, RunRecord

ROOT = Path(__file__).parents[1]
NAMES = ("setup", "von_mises", "first_principal", "section", "peak")
SCALE = 0.3


@pytest.fixture(scope="module")
def stem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stem_folder(tmp_path_factory.mktemp("stem"))


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plate_folder(tmp_path_factory.mktemp("plate"))


# --- records of every outcome ------------------------------------------------------------------------


def changed(record: RunRecord, name: str, **update: object) -> RunRecord:
    """The record with one quantity changed."""
    quantities = [q.model_copy(update=update) if q.name == name else q for q in record.quantities]
    return RunRecord.model_validate(record.model_copy(update={"quantities": quantities}).model_dump())


def singular(record: RunRecord) -> RunRecord:
    return changed(
        record,
        "peak_von_mises_stress",
        status="singular",
        reason="The value grows by 20 % with each mesh.",
        uncertainty=None,
        extrapolated=None,
        order=None,
        verdict="undecided",
    ).model_copy(update={"verdict": "undecided", "status": "not_converged"})


def without_place(record: RunRecord) -> RunRecord:
    return changed(record, "peak_von_mises_stress", location=None)


def without_peaks(record: RunRecord) -> RunRecord:
    left = [q for q in record.quantities if not q.name.startswith("peak_")]
    return record.model_copy(update={"quantities": left, "verdict": "not_applicable"})


def failing(record: RunRecord) -> RunRecord:
    check = record.checks["equilibrium"].model_copy(update={"value": 0.3, "passed": False})
    new = changed(record, "peak_von_mises_stress", limit=300.0, verdict="fail")
    return new.model_copy(update={"verdict": "fail", "checks": {**record.checks, "equilibrium": check}})


def bare(record: RunRecord) -> RunRecord:
    """As little as the schema allows."""
    scene = record.scene.model_copy(update={"arrows": [], "ghosts": [], "excluded": "", "excluded_points": []})
    empty: dict[str, object] = {"parameters": {}, "protocol_parameters": {}, "materials": [], "sources": []}
    more: dict[str, object] = {"warnings": [], "checks": {}, "levels": [], "quantities": [], "scene": scene}
    return record.model_copy(update=empty | more)


def single_mesh(record: RunRecord) -> RunRecord:
    return record.model_copy(update={"levels": record.levels[:1]})


OUTCOMES = [singular, without_place, without_peaks, failing, bare, single_mesh]


# --- the page ---------------------------------------------------------------------------------------


def rendered(folder: Path, record: RunRecord) -> Page:
    return Page(page.Report(folder, record).text())


def test_child_process_draws_and_writes_and_leaves_the_record(stem: Path) -> None:
    before = (stem / "run.json").read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "reports", stem], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "WARN" not in done.stderr
    assert (stem / "run.json").read_bytes() == before
    for name in NAMES:
        assert Image.open(stem / f"{name}.png").size >= (1100, 800)
    report = Page((stem / "report.html").read_text())
    assert not report.open
    assert any("viewer" in attributes.get("class", "").split() for _, attributes in report.tags)
    assert (stem / "report.html").stat().st_size < 10_000_000
    images = [a["src"] for tag, a in report.tags if tag == "img"]
    pictures = [base64.b64decode(source.split(",")[1]) for source in images if source.startswith("data:image/png")]
    assert sorted(pictures) == sorted((stem / f"{name}.png").read_bytes() for name in NAMES)
    # On paper too, though it is set before they are drawn. All pages name the pictures of all.
    printed = [np.asarray(image.image, float) for image in PdfReader(stem / "report.pdf").pages[0].images]
    for name in NAMES:
        drawn = np.asarray(Image.open(stem / f"{name}.png"), float)
        assert min(np.abs(drawn - other).mean() for other in printed if other.shape == drawn.shape) < 1.0


def test_report_needs_nothing_else(stem: Path) -> None:
    source = page.Report(stem, RunRecord.read(stem)).text()
    for tag, attributes in Page(source).tags:
        assert tag not in {"link", "iframe", "object", "embed", "script", "base"}
        for name in ("src", "href", "srcset", "action", "poster", "data"):
            assert attributes.get(name, "#").startswith(("#", "data:image/")), (tag, attributes)
    assert not re.search(r"@import|url\s*\(", source)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_a_report(stem: Path, outcome: object) -> None:
    record = outcome(RunRecord.read(stem))  # type: ignore[operator]
    read = rendered(stem, record)
    assert not read.open
    for quantity in record.quantities:
        assert numbers.words(quantity.name) in read.text
        assert numbers.sentence(quantity.description) in read.text
        if quantity.status == "singular":
            assert "no value" in read.text
            assert numbers.sentence(quantity.reason) in read.text
        else:
            value = numbers.rounded(quantity.value, quantity.uncertainty)
            assert value.value in read.text
            assert value.uncertainty in read.text
    for tag, attributes in read.tags:
        if tag == "img":
            assert attributes["alt"]
        if tag == "th":
            assert attributes["scope"] in {"row", "col"}
    assert [tag for tag, _ in read.tags].count("h1") == 1
    assert {"header", "nav", "main"} <= {tag for tag, _ in read.tags}


@pytest.mark.parametrize(
    ("verdict", "words"),
    [("pass", "passed"), ("fail", "failed"), ("undecided", "undecided"), ("not_applicable", "no limit to judge by")],
)
def test_verdict_is_a_word_with_a_shape(stem: Path, verdict: str, words: str) -> None:
    source = page.Report(stem, RunRecord.read(stem).model_copy(update={"verdict": verdict})).text()
    line = re.search(r'<p class="verdict.*?</p>', source, re.DOTALL)
    assert line
    assert f"Verdict: {words}" in line[0]
    assert "<svg" in line[0]


def test_text_of_a_run_is_never_markup(stem: Path) -> None:
    attack = "<script>alert(1)</script>\"'<img src=x>"
    record = RunRecord.read(stem)
    record = record.model_copy(
        update={
            "device": attack,
            "device_description": attack,
            "protocol_description": attack,
            "warnings": [attack],
            "sources": [attack],
            "key": attack,
        }
    )
    picture = Picture("setup.png", attack, attack, False)
    (stem / "setup.png").touch()
    source = page.Report(stem, record, page.Shown((picture,))).text()
    read = Page(source)
    assert not read.open
    assert not any(tag == "script" or attributes.get("src") == "x" for tag, attributes in read.tags)
    assert html.escape(attack, quote=False).split('"')[0] in source


def test_assumed_values_are_marked_wherever_they_stand(stem: Path) -> None:
    source = page.Report(stem, RunRecord.read(stem)).text()
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", source, re.DOTALL)
    marked = {name for name, row in rows if re.search(r"standing assumed.*?assumed</span>", row, re.DOTALL)}
    assert marked == {"Load", "Young modulus", "Poisson ratio", "Density"}
    assert "4 of the input values are assumed" in Page(source).text


def test_missing_fields_leave_the_tables(stem: Path, tmp_path: Path) -> None:
    RunRecord.read(stem).write(tmp_path)
    with pytest.raises(FieldsMissing, match=r"surface\.vtu"):
        Scenery.read(tmp_path, RunRecord.read(tmp_path))
    done = subprocess.run([sys.executable, "-m", "reports", tmp_path], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 1
    assert "There are no pictures: surface.vtu is not in the run folder." in (tmp_path / "report.html").read_text()


def test_machine_without_graphics_gets_the_tables(stem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fields.vtu", "surface.vtu", "run.json"):
        (tmp_path / name).symlink_to(stem / name)
    monkeypatch.setattr(graphics, "_WINDOWS", {"libNothing.so.0": "vtkEGLRenderWindow"})
    assert main([str(tmp_path)]) == 1
    assert "no OpenGL without a display" in (tmp_path / "report.html").read_text()


# --- numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [
        (431.96, 5.6182, "432.0 ± 5.6"),
        (581.0, 41.0, "581 ± 41"),
        (56789.0, 1234.0, "56800 ± 1200"),
        (0.96117, 0.00042, "0.96117 ± 0.00042"),
        (1.0, 0.0996, "1.00 ± 0.10"),
        (-0.0004, 0.013, "0.000 ± 0.013"),
        (3.88e-5, 6.1e-7, "(3.880 ± 0.061) × 10⁻⁵"),
        (-2.5, None, "−2.500"),
        (0.0, None, "0"),
        (1234.5678, None, "1235"),
        (7.0, 0.0, "7.000 ± 0"),
        (14.988173704, 1.7e-5, "14.9882 ± 0.0001"),
    ],
)
def test_digits_follow_the_uncertainty(value: float, uncertainty: float | None, text: str) -> None:
    assert numbers.rounded(value, uncertainty).text() == text


@pytest.mark.parametrize(
    ("unit", "text"), [("N*mm", "N·mm"), ("mm^3/s", "mm³/s"), ("s^-1", "s⁻¹"), ("degree", "°"), ("", "")]
)
def test_units_in_print(unit: str, text: str) -> None:
    assert numbers.pretty_unit(unit) == text


@pytest.mark.parametrize(
    ("value", "top"), [(388, 400), (400, 400), (401, 450), (1.01, 1.2), (0.091, 0.1), (9.7e5, 1e6)]
)
def test_range_ends_at_a_round_number(value: float, top: float) -> None:
    assert numbers.round_up(value) == pytest.approx(top)
    marks = numbers.ticks(numbers.round_up(value))
    assert marks[0] == 0
    assert marks[-1] == pytest.approx(top)
    assert 5 <= len(marks) <= 11


# --- the pictures -----------------------------------------------------------------------------------


def test_view_holds_every_point_inside_its_margins() -> None:
    points = np.random.default_rng(1).uniform(-1, 1, (200, 3)) * (50, 8, 3)
    for towards in np.eye(3):
        view = View.of(points, towards, np.array([0.0, 0.0, 1.0]))
        x, y = view.pixels(points).T
        canvas = view.canvas
        assert x.min() >= canvas.left - 1e-6
        assert x.max() <= canvas.width - canvas.right + 1e-6
        assert y.min() >= canvas.top - 1e-6
        assert y.max() <= canvas.height - canvas.bottom + 1e-6
        one = view.pixels(np.array([view.focus, view.focus + view.right * 10]))
        assert np.linalg.norm(one[1] - one[0]) * view.mm_per_pixel == pytest.approx(10)


@pytest.mark.parametrize("device", ["stem", "plate"])
def test_pictures_look_as_they_did(device: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(device)
    drawn = draw(folder, Scenery.read(folder, RunRecord.read(folder), SCALE))
    assert [p.file for p in drawn] == [f"{name}.png" for name in NAMES]
    for name in ("von_mises", "first_principal"):
        peak: Quantity = RunRecord.read(folder).quantity(f"peak_{name}_stress")
        alt = next(picture.alt for picture in drawn if picture.file == f"{name}.png")
        assert numbers.rounded(peak.value, peak.uncertainty).text("MPa") in alt
    for picture in drawn:
        assert picture.alt
        assert picture.wide == (device == "plate")
        alike(Image.open(folder / picture.file), f"{device}_{picture.file.removesuffix('.png')}")


def test_pores_look_as_they_did(tmp_path: Path) -> None:
    folder = pores_folder(tmp_path)
    drawn = draw(folder, Scenery.read(folder, RunRecord.read(folder), SCALE))
    assert [p.file for p in drawn] == ["setup.png", "streamlines.png", "section.png"]
    alike(Image.open(folder / "section.png"), "pores_section")
    # Thin lines all over: between two drivers their edges alone differ by more than pictures may.
    dark = np.asarray(Image.open(folder / "streamlines.png").convert("L")) < 100
    assert 0.02 < dark[100:350].mean() < 0.5


@pytest.mark.parametrize("outcome", [singular, without_place, bare])
def test_every_outcome_has_pictures(plate: Path, tmp_path: Path, outcome: object) -> None:
    for name in ("fields.vtu", "surface.vtu"):
        (tmp_path / name).symlink_to(plate / name)
    record = outcome(RunRecord.read(plate))  # type: ignore[operator]
    for picture in draw(tmp_path, Scenery.read(tmp_path, record, 0.15)):
        check_not_blank(np.asarray(Image.open(tmp_path / picture.file).convert("RGB")))
        if outcome is singular and picture.file == "von_mises.png":
            assert "no value" in picture.alt


def test_peak_on_the_far_side_is_said_to_be_there(stem: Path, tmp_path: Path) -> None:
    for name in ("fields.vtu", "surface.vtu"):
        (tmp_path / name).symlink_to(stem / name)
    record = changed(RunRecord.read(stem), "peak_von_mises_stress", location=(4.0, 6.5, 40.0))  # away from the camera
    alt = {picture.file: picture.alt for picture in draw(tmp_path, Scenery.read(tmp_path, record, 0.15))}
    assert "far side" in alt["von_mises.png"]
    assert "far side" not in alt["first_principal.png"]
    assert "far side" not in alt["peak.png"]


def test_blank_picture_is_noticed(stem: Path) -> None:
    blank = np.full((300, 240, 3), 255, dtype=np.uint8)
    with pytest.raises(BlankPicture):
        check_not_blank(blank)
    blob = blank.copy()
    blob[100:200, 100:200] = (40, 40, 40)  # a shape in one flat colour is a part without light
    with pytest.raises(BlankPicture):
        check_not_blank(blob)
    blob[100:200, 100:150] = (90, 90, 90)
    check_not_blank(blob)

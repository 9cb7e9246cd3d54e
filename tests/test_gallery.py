"""The gallery: what it says of a results folder, and how it is written."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gallery_folders as made
import pytest
from html_page import Page
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from benchtwin import serving
from benchtwin.status import DONE, NOT_CONVERGED, WRONG_INPUT
from reports.gallery import shelf, thumbnails
from reports.gallery.describe import describe
from reports.gallery.folder import Found
from reports.gallery.page import render, write
from reports.gallery.shelf import entries
from reports.gallery.thumbnails import shrink
from studies.layout import INDEX, INDEX_FILES


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return made.results(tmp_path / "results")


def cards(results: Path) -> dict[str, shelf.Entry]:
    return {entry.card.path: entry for entry in entries(results)}


def page(results: Path) -> Page:
    return Page(write(results).read_text())


def test_cards_say_what_the_records_say(results):
    found = cards(results)
    stem = found["hip_stem/hip_bending/neck_diameter-14-2"].card
    assert (stem.device, stem.protocol, stem.verdict, stem.accuracy) == ("hip_stem", "hip_bending", "pass", 0.02)
    assert stem.chips == ["neck diameter 14 mm"]
    assert stem.figures[0].text == "301.0 ± 6.5" and stem.figures[0].limit == "≤ 795"
    assert found["hip_stem/hip_bending/default-1"].card.chips == []
    assert found["studies/study-grid"].card.counts == [("done", "15 done"), ("impossible", "1 impossible")]
    assert found["comparisons/hip_stem-2-0123456789ab"].card.chips == ["A: as drawn", "B: neck diameter 14 mm"]
    text = page(results).text
    assert "4 runs, 1 study and 1 comparison." in text
    assert "31.2 ± 2.1 %" in text and "neck diameter 14 mm" in text


def test_links_lead_to_files_that_are_there(results):
    (results / "hip_stem" / "hip_bending" / "default-1" / "report.pdf").touch()
    links = [
        attributes.get("href") or attributes.get("src")
        for tag, attributes in page(results).tags
        if tag in ("a", "img") and not attributes.get("href", "").startswith("#")
    ]
    assert len(links) > 20
    assert [link for link in links if not (results / link).is_file()] == []
    assert "hip_stem/hip_bending/default-1/report.pdf" in links


def test_what_users_name_is_shown_as_text(results):
    made.study(results / "more", title=made.ATTACK)
    (results / "more" / "studies" / "study-grid").rename(results / "studies" / "attack")
    folder = results / "hip_stem" / "<b>test" / "a'\"#? %2e&lt;"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{")
    (folder / "report.html").touch()
    source = write(results).read_text()
    shown = Page(source)
    assert made.ATTACK in shown.text
    assert sum(tag == "script" for tag, _ in shown.tags) == 2
    assert not [attributes for _, attributes in shown.tags if "onerror" in attributes]
    assert "hip_stem/%3Cb%3Etest/a%27%22%23%3F%20%252e%26lt%3B/report.html" in source


DAMAGE = {
    "empty": ("", "is no JSON"),
    "half": ('{"schema_version": 2, "key": "x"', "is no JSON"),
    "older": ('{"schema_version": 0, "key": "x"}', "version 0 of the record"),
    "list": ("[]", "is not a whole record"),
    "binary": ("\ufeff\x00", "is no JSON"),
}


@pytest.mark.parametrize("kind", DAMAGE)
@pytest.mark.parametrize(
    "place", ["hip_stem/hip_bending/{}/run.json", "studies/{}/study.json", "comparisons/{}/comparison.json"]
)
def test_what_cannot_be_read_is_listed_as_such(tmp_path, kind, place):
    text, said = DAMAGE[kind]
    path = tmp_path / place.format(kind)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    made.run(tmp_path, "default-1")
    shown = page(tmp_path)
    assert said in shown.text
    assert "1 cannot be read and is listed as such." in shown.text
    assert "429.5 ± 6.5" in shown.text


def test_folders_without_a_record_are_listed_and_empty_ones_are_not(tmp_path):
    (tmp_path / "hip_stem" / "hip_bending" / "half").mkdir(parents=True)
    assert entries(tmp_path) == []
    (tmp_path / "hip_stem" / "hip_bending" / "half" / "mesh.msh").touch()
    (tmp_path / "comparisons" / "early").mkdir(parents=True)
    (tmp_path / "comparisons" / "early" / "report.html").touch()
    (tmp_path / "failed" / "a" / "b").mkdir(parents=True)
    (tmp_path / "failed" / "a" / "b" / "run.log").touch()
    (tmp_path / ".aside" / "a" / "b").mkdir(parents=True)
    (tmp_path / ".aside" / "a" / "b" / "run.log").touch()
    found = cards(tmp_path)
    assert sorted(found) == ["comparisons/early", "hip_stem/hip_bending/half"]
    assert "no run.json" in found["hip_stem/hip_bending/half"].card.trouble


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["key", "schema_version", "x"]), inner),
    max_leaves=5,
).map(lambda value: json.dumps(value).encode())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60) | JSON | st.just(b"[" * 100_000))
def test_no_record_breaks_the_gallery(tmp_path, content):
    folder = tmp_path / "device" / "test" / "key"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("run.json", "von_mises.png"):
        (folder / name).write_bytes(content)
    found = Found.look("run", tmp_path, "device/test/key")
    assert describe(tmp_path, found).trouble
    assert thumbnails.make(tmp_path, tmp_path, [found]) == {"device"}


def test_links_out_of_the_results_are_passed_over(tmp_path):
    made.run(tmp_path / "elsewhere", "default-1")
    results = tmp_path / "results"
    results.mkdir()
    (results / "hip_stem").symlink_to(tmp_path / "elsewhere" / "hip_stem")
    assert entries(results) == []


def test_an_empty_store_says_so(tmp_path):
    assert "Nothing has been computed yet" in page(tmp_path).text


def test_only_what_has_changed_is_read_again(results, monkeypatch):
    write(results)
    read = []
    real = shelf.describe
    monkeypatch.setattr(shelf, "describe", lambda root, found: read.append(found.path) or real(root, found))
    monkeypatch.setattr("reports.gallery.thumbnails.shrink", lambda *_: read.append("picture"))
    assert "801.0 ± 6.5" in page(results).text
    assert read == []
    made.run(results / "more", "other-5", peak=500.0, hour=7)
    (results / "more" / "hip_stem" / "hip_bending" / "other-5").rename(results / "hip_stem" / "hip_bending" / "other-5")
    monkeypatch.setattr("reports.gallery.thumbnails.shrink", lambda *_: b"small")
    text = page(results).text
    assert read == ["hip_stem/hip_bending/other-5"]
    assert "500.0 ± 6.5" in text
    (results / INDEX_FILES / "cards.json").write_text("{}")
    assert "500.0 ± 6.5" in page(results).text


def test_what_is_gone_leaves_no_picture_behind(results):
    write(results)
    pictures = {path.name for path in (results / INDEX_FILES).glob("*.jpg")}
    assert len(pictures) == 4
    folder = results / "hip_stem" / "hip_bending" / "default-1"
    made.picture(folder / "von_mises.png", (700, 500))
    (results / INDEX_FILES / ".killed.part").touch()
    write(results)
    now = {path.name for path in (results / INDEX_FILES).glob("*.jpg")}
    assert len(now) == 4 and len(pictures - now) == 1
    assert not list((results / INDEX_FILES).glob(".*.part"))


def test_a_small_picture_shows_the_part_alone(tmp_path):
    made.picture(tmp_path / "von_mises.png")
    with Image.open(tmp_path / "von_mises.png") as picture:
        part, whole = (Image.open(io.BytesIO(shrink(picture, name))) for name in ("von_mises.png", "plot.png"))
    assert part.size[0] < 260 and part.size[1] < 260
    assert part.getpixel((part.width // 2, part.height // 2)) == pytest.approx((255, 255, 204), abs=6)
    assert whole.size == (400, 300)


def test_what_cannot_be_written_is_still_shown(results, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shelf, "write_whole", full)
    monkeypatch.setattr("reports.gallery.thumbnails.write_whole", full)
    assert "301.0 ± 6.5" in Page(render(entries(results))).text
    monkeypatch.setattr(Path, "mkdir", full)
    found = entries(results)
    assert {entry.thumbnail.rpartition("/")[2] for entry in found} == {"von_mises.png", ""}


def test_writers_at_once_leave_whole_files(results):
    """The lock goes with the open file, so threads exclude each other as processes do."""

    def seen() -> bool:
        text = (results / INDEX).read_text()
        return text.rstrip().endswith("</html>") and "4 runs" in text

    write(results)
    (results / INDEX_FILES / "cards.json").unlink()
    with ThreadPoolExecutor(4) as threads:
        writers = [threads.submit(write, results) for _ in range(12)]
        whole = [seen() for _ in range(50)]
        assert [writer.result() for writer in writers] == [results / INDEX] * 12
    assert all(whole)
    assert len(cards(results)) == 6
    assert not list(results.rglob(".*.part"))


def test_a_command_keeps_its_status_whatever_the_gallery_meets(tmp_path, capsys):
    (tmp_path / "results").write_text("a file")
    assert serving.refreshed(tmp_path / "results", NOT_CONVERGED) == NOT_CONVERGED
    assert "not up to date" in capsys.readouterr().err
    assert serving.refreshed(tmp_path / "nowhere", WRONG_INPUT) == WRONG_INPUT
    assert not (tmp_path / "nowhere").exists()


def test_a_report_refreshes_its_own_results_only(results):
    folder = results / "hip_stem" / "hip_bending" / "default-1"
    assert serving.results_of(folder) is None
    (results / ".locks").mkdir()
    assert serving.results_of(folder) == results
    assert serving.results_of(results / "studies" / "study-grid") == results


def test_the_command_writes_the_index(results, capsys, monkeypatch):
    monkeypatch.chdir(results.parent)
    assert serving.write_gallery(Path("results")) == DONE
    assert capsys.readouterr().out == f"{Path('results') / INDEX}\n"
    assert "4 runs" in (results / INDEX).read_text()
    assert serving.write_gallery(Path("nowhere")) == WRONG_INPUT

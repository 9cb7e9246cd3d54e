"""The view that can be turned: what a browser makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import numpy as np
import pytest
from numpy.typing import NDArray
from sceneries import lumen_scenery, stem_scenery
from scipy.optimize import least_squares

from reports import page
from reports.document import template
from reports.scenery import Picture, Scenery
from reports.viewer.html import run_view, viewer_html
from reports.viewer.mesh import DETAILS, Mesh
from reports.viewer.numbering import OF_CELL, Numbering
from reports.viewer.scene import Scene

Array = NDArray[np.float64]
VIEW = "benchtwinViews[0].views[0]"
STATE = "benchtwinViews[0].state"

pytestmark = pytest.mark.skipif(browser.found() is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def stem(tmp_path_factory: pytest.TempPathFactory) -> Scenery:
    return stem_scenery(tmp_path_factory.mktemp("stem"))


@pytest.fixture(scope="module")
def lumen(tmp_path_factory: pytest.TempPathFactory) -> Scenery:
    return lumen_scenery(tmp_path_factory.mktemp("lumen"))


@pytest.fixture(scope="module")
def tab() -> Iterator[browser.Tab]:
    with browser.browser(*browser.SOFTWARE_GL) as opened:
        yield opened


@pytest.fixture(scope="module")
def report(stem: Scenery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page.Report(tmp_path_factory.mktemp("report"), stem.record, page.Shown(view=run_view(stem))).write()


def show(tab: browser.Tab, path: Path, **window: Any) -> None:
    """Open a page and wait for its view."""
    tab.requests.clear()
    tab.complaints.clear()
    tab.open(path, **window)
    tab.value("document.querySelector('.viewer').scrollIntoView({behavior: 'instant'})")
    tab.picture()
    tab.until("!!document.querySelector('.viewer[data-ready]')")


def choose(tab: browser.Tab, part: str, value: str) -> None:
    tab.value(
        f"one = document.querySelector('[data-part={part}]'); one.value = {value!r};"
        "one.dispatchEvent(new Event(one.type === 'range' ? 'input' : 'change'))"
    )


def press(tab: browser.Tab, part: str) -> None:
    tab.value(f"document.querySelector('[data-part={part}]').click()")


def apart(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Share of the pixels that differ."""
    return float((np.abs(a.astype(int) - b).max(axis=-1) > 24).mean())


def box(tab: browser.Tab) -> tuple[float, float, float, float]:
    """Left, top, width and height of the canvas in the window."""
    left, top, width, height = tab.value(
        "(b => [b.x, b.y, b.width, b.height])(document.querySelector('canvas').getBoundingClientRect())"
    )
    return left, top, width, height


def drag(tab: browser.Tab, dx: float, dy: float) -> None:
    """Drag from beside the part."""
    left, top, width, height = box(tab)
    start = left + width / 4, top + height / 2
    tab.drag(start, (start[0] + dx, start[1] + dy))


def status(tab: browser.Tab) -> str:
    text: str = tab.value("document.querySelector('.status').textContent")
    return text


def test_view_opens_from_a_file_without_network_and_complaint(tab: browser.Tab, report: Path) -> None:
    show(tab, report)
    assert tab.complaints == []
    assert [url for url in tab.requests if not url.startswith("data:")] == [report.resolve().as_uri()]
    drawn = tab.picture("canvas")
    assert (drawn.min(axis=-1) < 240).mean() > 0.03
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 500


def test_browser_has_the_values_of_the_full_mesh(tab: browser.Tab, report: Path, stem: Scenery) -> None:
    show(tab, report)
    mesh = Mesh.of(stem.fields, ["von_mises", "displacement"])
    numbering = Numbering.of(mesh.points, mesh.faces, mesh.cells)
    unpacked = f"{VIEW}.mesh"
    assert tab.value(f"[...{unpacked}.faces]") == numbering.faces.ravel().tolist()
    assert tab.value(f"[...{unpacked}.cells]") == numbering.cells.ravel().tolist()
    step = tab.value(f"{unpacked}.steps.von_mises")
    assert step == pytest.approx(np.ptp(mesh.values["von_mises"]) / 65535)
    values = np.array(tab.value(f"[...{unpacked}.values.von_mises]"))
    assert np.abs(values - mesh.values["von_mises"][numbering.nodes]).max() < 0.501 * step
    place = np.array(tab.value(f"[...{unpacked}.place]")).reshape(-1, 3) + tab.value(f"{unpacked}.centre")
    assert np.abs(place - mesh.points[numbering.nodes]).max() < 1e-6 * stem.fields.size
    moved = np.array(tab.value(f"[...{unpacked}.shift]")).reshape(-1, 3)
    assert np.abs(moved - mesh.values["displacement"][numbering.nodes]).max() < 1e-4 * stem.fields.largest_displacement


def shapes(b: Array) -> Array:
    """Weights of the ten nodes of a quadratic tetrahedron, in VTK's order, at barycentric coordinates."""
    return np.array([*(b * (2 * b - 1)), *(4 * b[i] * b[j] for i, j in OF_CELL)])


def full_value(mesh: Mesh, name: str, place: Array) -> float:
    """A field of the full mesh at a place, by the shape functions of its elements; of a vector the length."""
    centres = mesh.points[mesh.cells[:, :4]].mean(axis=1)
    found = []
    for cell in mesh.cells[np.argsort(np.linalg.norm(centres - place, axis=1))[:12]]:

        def gap(u: Array, nodes: Array = mesh.points[cell]) -> Array:
            return shapes(np.array([1 - u.sum(), *u])) @ nodes - place

        u = least_squares(gap, np.full(3, 0.25)).x
        b = np.array([1 - u.sum(), *u])
        found.append((float(b.min()), float(np.linalg.norm(shapes(b) @ mesh.values[name][cell]))))
    inside, value = max(found)
    assert inside > -1e-3
    return value


@pytest.mark.parametrize("cut", [False, True])
def test_a_pick_reads_the_value_of_the_full_mesh(tab: browser.Tab, report: Path, stem: Scenery, cut: bool) -> None:
    show(tab, report)
    if cut:
        choose(tab, "axis", "1")
    mesh = Mesh.of(stem.fields, ["von_mises", "displacement"])
    left, top, width, height = box(tab)
    spots = [[width * (0.3 + 0.05 * (k % 8)), height * (0.2 + 0.015 * k)] for k in range(40)]
    for name in ("von_mises", "displacement"):
        choose(tab, "choice", name)
        read = tab.value(
            f"{spots}.map(([x, y]) => ({{x, y, hit: {VIEW}.pick(x, y)}})).filter(({{hit}}) => hit)"
            f".map(({{x, y, hit}}) => ({{x, y, ...{VIEW}.read(hit), at: {VIEW}.camera.pixel({VIEW}.read(hit).drawn)}}))"
        )
        assert len(read) > 4
        places = np.array([one["place"] for one in read])
        pixels = np.array([[*one["at"], one["x"], one["y"]] for one in read])
        assert np.abs(pixels[:, :2] - pixels[:, 2:]).max() < 1.0
        if cut:
            assert np.abs(places[:, 1]).max() < 0.01  # mm
        step = tab.value(f"{VIEW}.mesh.steps.{name}")
        for one in read[:: len(read) // 4]:
            assert one["value"] == pytest.approx(full_value(mesh, name, one["place"]), abs=2 * step, rel=2e-4)
    tab.click((left + read[0]["x"], top + read[0]["y"]))
    tab.until("document.querySelector('.status').textContent.startsWith('Displacement')")
    assert "mm at (" in status(tab)
    assert not tab.value("document.querySelector('.mark.pick').hidden")


def test_dragging_wheel_and_keys_move_the_camera(tab: browser.Tab, report: Path) -> None:
    show(tab, report)
    before = tab.picture("canvas")
    drag(tab, 120, 30)
    turned = tab.picture("canvas")
    assert apart(before, turned) > 0.01
    azimuth, zoom = tab.value(f"{STATE}.azimuth"), tab.value(f"{STATE}.zoom")
    assert azimuth < -0.5
    assert tab.value("document.activeElement.tagName") == "CANVAS"
    tab.press("ArrowRight")
    assert tab.value(f"{STATE}.azimuth") < azimuth
    tab.press("+")
    assert tab.value(f"{STATE}.zoom") > zoom
    tab.press("p")
    assert "429.5 ± 6.5 MPa" in status(tab)
    tab.press("0")
    assert tab.value(f"[{STATE}.azimuth, {STATE}.zoom, ...{STATE}.pan]") == [0, 1, 0, 0]
    press(tab, "nearer")
    assert tab.value(f"{STATE}.zoom") == pytest.approx(1.25)


def test_every_control_is_reached_by_the_tab_key_and_has_a_name(tab: browser.Tab, report: Path) -> None:
    show(tab, report)
    tab.value("document.querySelector('[data-part=choice]').focus()")
    parts = ["choice"]
    for _ in range(10):
        tab.press("Tab")
        parts.append(tab.value("document.activeElement.dataset.part ?? document.activeElement.tagName"))
    reached = [
        "choice",
        "CANVAS",
        "axis",
        "deformed",
        "factor",
        "around",
        "elements",
        "peak",
        "reset",
        "nearer",
        "farther",
    ]
    assert parts == reached
    unnamed = tab.value(
        "[...document.querySelectorAll('.viewer :is(select, input, button, canvas)')]"
        ".filter(one => !one.labels?.length && !one.ariaLabel && !one.textContent.trim()).map(one => one.outerHTML)"
    )
    assert unnamed == []


def test_another_field_has_another_picture_and_bar(tab: browser.Tab, report: Path) -> None:
    show(tab, report)
    before = tab.picture("canvas")
    ticks = tab.value("document.querySelector('.ticks').textContent")
    choose(tab, "choice", "static_safety_factor")
    assert apart(before, tab.picture("canvas")) > 0.01
    assert tab.value("document.querySelector('.ticks').textContent") != ticks
    assert tab.value("document.querySelector('.bar').ariaLabel") == "Colours from 1.000 to 10.00"
    assert "2.0" in tab.value("document.querySelector('.mark.peak').textContent")
    choose(tab, "choice", "displacement")
    tab.picture()
    assert tab.value("document.querySelector('.unit').textContent") == "mm"
    assert tab.value("document.querySelector('.mark.peak').hidden")


def test_deformation_is_drawn_with_the_part_as_made_behind(tab: browser.Tab, report: Path, stem: Scenery) -> None:
    show(tab, report)
    before = tab.picture("canvas")
    assert tab.value("document.querySelector('[data-part=times]').value") == f"× {stem.factor:g}"
    press(tab, "deformed")
    assert apart(before, tab.picture("canvas")) > 0.005
    choose(tab, "factor", "0")
    assert apart(before, tab.picture("canvas")) < 0.002


def test_a_cut_is_closed_by_the_field(tab: browser.Tab, report: Path, stem: Scenery) -> None:
    show(tab, report)
    press(tab, "around")
    whole = tab.picture("canvas")
    choose(tab, "axis", "1")
    closed = tab.picture("canvas")
    assert apart(whole, closed) > 0.005
    nodes, shares = (np.array(tab.value(f"[...{VIEW}.painter.section.{name}]")) for name in ("nodes", "shares"))
    place = np.array(tab.value(f"[...{VIEW}.mesh.place]")).reshape(-1, 3)
    ends = place[nodes.reshape(-1, 2)]
    p, q, r = np.moveaxis((ends[:, 0] + shares[:, None] * (ends[:, 1] - ends[:, 0])).reshape(-1, 3, 3), 1, 0)
    area = np.linalg.norm(np.cross(q - p, r - p), axis=1).sum() / 2
    assert area == pytest.approx(stem.fields.section(np.zeros(3), np.array([0.0, 1.0, 0.0])).area, rel=0.01)
    assert tab.value("document.querySelector('[data-part=height]').value") == "0.0 mm"
    press(tab, "flip")
    assert apart(closed, tab.picture("canvas")) > 0.002
    choose(tab, "place", "1")
    assert tab.value(f"{STATE}.cut.place") == 1


def test_fields_of_a_wall_are_drawn_on_the_walls_alone(tab: browser.Tab, lumen: Scenery, tmp_path: Path) -> None:
    show(tab, page.Report(tmp_path, lumen.record, page.Shown(view=run_view(lumen))).write())
    assert tab.value(f"{STATE}.cut.axis") == 1
    press(tab, "around")
    filled = (tab.picture("canvas").min(axis=-1) < 240).mean()
    choose(tab, "choice", "wall_shear")
    walls = (tab.picture("canvas").min(axis=-1) < 240).mean()
    assert 0 < walls < 0.7 * filled
    assert tab.complaints == []


def page_of(scenes: list[Scene], folder: Path) -> Path:
    source = (
        '{% extends "page.html" %}{% block title %}Runs{% endblock %}'
        '{% block style %}{% include "viewer/style.css" %}{% endblock %}'
        '{% block body %}{{ view }}{% include "viewer/script.html" %}{% endblock %}'
    )
    made = template("page.html").environment.from_string(source).render(view=viewer_html(scenes))
    (folder / "views.html").write_text(made)
    return folder / "views.html"


def test_reduced_meshes_are_drawn_and_cut(tab: browser.Tab, stem: Scenery, tmp_path: Path) -> None:
    scenes = [Scene.of(stem)]
    for _ in DETAILS[1:]:
        scenes.append(Scene.of(stem, str(len(scenes)), most=len(scenes[-1].packed) - 1))
    assert [scene.note for scene in scenes] == [detail.note for detail in DETAILS]
    show(tab, page_of(scenes, tmp_path), width=1000, height=1200)
    choose(tab, "axis", "1")
    tab.picture()
    corners = scenes[-1].plan["corners"]  # of the surface alone
    whole, linear, hollow, flat = tab.value(
        "benchtwinViews[0].views.map(v => ({faces: v.mesh.faces.length, cut: v.painter.section.count,"
        f"highest: Math.max(...v.mesh.values.von_mises.slice(0, {corners}))}}))"
    )
    assert whole["faces"] == linear["faces"] == hollow["faces"] == flat["faces"]
    assert whole["cut"] > linear["cut"] > hollow["cut"] == flat["cut"] == 0
    assert hollow["highest"] == pytest.approx(flat["highest"], rel=1e-4)
    assert tab.complaints == []
    for k in range(1, 5):
        assert (tab.picture(f".one-view:nth-of-type({k}) canvas").min(axis=-1) < 240).mean() > 0.02


def test_views_side_by_side_move_together(tab: browser.Tab, stem: Scenery, tmp_path: Path) -> None:
    show(tab, page_of([Scene.of(stem, "one"), Scene.of(stem, "other")], tmp_path), width=1000)
    frames = [f".one-view:nth-of-type({k})" for k in (1, 2)]
    before = [tab.picture(f"{frame} canvas") for frame in frames]
    drag(tab, 80, 20)
    choose(tab, "axis", "2")
    after = [tab.picture(f"{frame} canvas") for frame in frames]
    assert all(apart(a, b) > 0.01 for a, b in zip(before, after, strict=True))
    cameras = tab.value("benchtwinViews[0].views.map(view => [...view.camera.right, ...view.camera.upward])")
    assert cameras[0] == cameras[1]
    press(tab, "peak")
    assert status(tab).count("429.5 ± 6.5 MPa") == 2
    assert tab.complaints == []


def test_narrow_page_holds_the_view(tab: browser.Tab, report: Path) -> None:
    show(tab, report, width=390, height=800, ratio=2.0)
    assert tab.value(
        "document.querySelector('.viewer').scrollWidth <= document.querySelector('.viewer').clientWidth + 30"
    )
    assert tab.value("document.querySelector('canvas').width") == 2 * tab.value(
        "document.querySelector('.frame').clientWidth"
    )


def test_without_webgl_the_pictures_stay(stem: Scenery, tmp_path: Path) -> None:
    (tmp_path / "von_mises.png").write_bytes(b"")
    picture = Picture("von_mises.png", "von Mises stress", "von Mises stress", False)
    path = page.Report(tmp_path, stem.record, page.Shown((picture,), view=run_view(stem))).write()
    with browser.browser(*browser.NO_GL) as plain:
        plain.open(path)
        assert "no WebGL 2" in plain.value("document.querySelector('.why').textContent")
        assert plain.value("document.querySelector('.stills').open")
        assert plain.value("document.querySelector('.live').hidden")
    with browser.browser(*browser.SOFTWARE_GL) as able:
        show(able, path)
        assert not able.value("document.querySelector('.stills').open")
        able.value("dispatchEvent(new Event('beforeprint'))")
        assert able.value("document.querySelector('.stills').open")
        able.call("Emulation.setEmulatedMedia", media="print")
        assert able.value("getComputedStyle(document.querySelector('.viewer')).display") == "none"

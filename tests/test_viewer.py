"""The view that can be turned: what of a run goes into a page."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
import pyvista as pv
from html_page import Page
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sceneries import lumen_scenery, stem_scenery

from reports.scenery import Scenery
from reports.viewer.html import run_view, viewer_html
from reports.viewer.mesh import DETAILS, _same
from reports.viewer.numbering import OF_CELL, OF_FACE, Numbering
from reports.viewer.scene import Scene, TooLarge
from reports.viewer.steps import Steps
from studies.record import Quantity

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def stem(tmp_path_factory: pytest.TempPathFactory) -> Scenery:
    return stem_scenery(tmp_path_factory.mktemp("stem"))


@pytest.fixture(scope="module")
def lumen(tmp_path_factory: pytest.TempPathFactory) -> Scenery:
    return lumen_scenery(tmp_path_factory.mktemp("lumen"))


# No field has values so small that a step between them is no longer a normal number.
finite = st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: x if abs(x) > 1e-200 else 0.0)


@given(arrays(float, st.integers(1, 40), elements=finite), st.integers(2, 24))
def test_rounding_moves_no_value_by_more_than_half_a_step(values: Array, bits: int) -> None:
    steps = Steps.of(values, bits)
    assert steps.numbers.min() == 0
    assert steps.numbers.max() < 2**bits
    assert np.abs(steps.values() - values).max() <= steps.step * (0.5 + 1e-9) + 1e-9 * np.abs(values).max()


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_nodes_are_found_from_the_corners_alone(random: Any) -> None:
    """Whatever the order of cells, faces and corners, middle nodes are numbered as edges first occur."""
    grid = pv.ImageData(dimensions=(3, 3, 2)).to_tetrahedra()
    points, corners = np.asarray(grid.points, dtype=float), grid.cells.reshape(-1, 5)[:, 1:].astype(np.int64)
    corners = np.array([random.sample(list(cell), 4) for cell in random.sample(corners.tolist(), len(corners))])
    edges, number = np.unique(
        np.sort(corners[:, np.array(OF_CELL)], axis=2).reshape(-1, 2), axis=0, return_inverse=True
    )
    cells = np.concatenate([corners, len(points) + number.reshape(-1, 6)], axis=1)
    all_points = np.concatenate([points, points[edges].mean(axis=1)])
    middle = {tuple(edge): len(points) + k for k, edge in enumerate(edges.tolist())}
    faces = []
    for a, b, c, d in corners.tolist():
        for three in ((a, b, c), (a, b, d), (a, c, d), (b, c, d)):
            faces.append([*three, *(middle[min(three[i], three[j]), max(three[i], three[j])] for i, j in OF_FACE)])
    numbering = Numbering.of(all_points, np.array(faces[:10]), cells)

    at = all_points[numbering.nodes]
    assert sorted(numbering.nodes) == list(range(len(all_points)))
    np.testing.assert_allclose(at[numbering.corners :], at[numbering.ends].mean(axis=1))
    rows = [[(f[i], f[j]) for i, j in OF_FACE] for f in numbering.faces]
    rows += [[(c[i], c[j]) for i, j in OF_CELL] for c in numbering.cells]
    first = list(dict.fromkeys((min(edge), max(edge)) for row in rows for edge in row))
    assert first == [tuple(ends) for ends in numbering.ends]
    for face, old in zip(numbering.faces, numbering.order, strict=True):
        given_face = np.array(faces[old][:3])
        turned = numbering.nodes[face]
        assert any((np.roll(given_face, k) == turned).all() for k in range(3)), "a face must not be turned over"


def test_detail_gives_way_to_size(stem: Scenery) -> None:
    sizes = {}
    most = 10**9
    for detail in DETAILS:
        scene = Scene.of(stem, most=most)
        assert scene.note == detail.note
        assert len(scene.packed) <= most
        sizes[detail.note] = most = len(scene.packed) - 1
    assert "reduced" not in DETAILS[0].note
    assert all("reduced" in detail.note for detail in DETAILS[1:])
    with pytest.raises(TooLarge):
        Scene.of(stem, most=most)


def test_a_run_too_large_for_a_page_says_so(stem: Scenery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.viewer.mesh.Mesh.packed", lambda *_: ({}, bytes(10**7)))
    assert "too large to be shown" in run_view(stem)


def test_report_with_a_view_is_small(stem: Scenery) -> None:
    assert len(Scene.of(stem).packed) < 60 * len(stem.fields.volume.points)


def test_words_of_a_peak_are_those_of_the_record(stem: Scenery) -> None:
    marks = Scene.of(stem).plan["marks"]
    assert marks["von_mises"]["text"] == "429.5 ± 6.5 MPa"
    assert marks["von_mises"]["place"] == [-7.24, 0.0, 6.0]
    assert marks["static_safety_factor"]["detail"] == "smallest"


def test_colours_end_where_those_of_the_pictures_do(stem: Scenery) -> None:
    by_name = {choice.name: choice for choice in Scene.of(stem).choices}
    assert by_name["von_mises"].high == 450  # the clamp has more, which must not stretch the range
    assert np.max(stem.fields.volume["von_mises"]) > 450
    factor = by_name["static_safety_factor"]
    assert factor.over == pytest.approx(2.0 * 429.5)
    assert (factor.low, factor.high) == (1.0, 10.0)


def test_singular_peak_has_no_value_and_no_factor(stem: Scenery) -> None:
    quantities = [
        q.model_copy(update={"status": "singular", "uncertainty": None}) if q.name == "peak_von_mises_stress" else q
        for q in stem.record.quantities
    ]
    record = stem.record.model_copy(update={"quantities": quantities})
    scene = Scene.of(Scenery(record, stem.fields, 1.0))
    assert scene.plan["marks"]["von_mises"]["text"] == "singular"
    assert not scene.plan["marks"]["von_mises"]["sure"]
    assert "static_safety_factor" not in {choice.name for choice in scene.choices}


def test_flow_offers_speed_pressure_and_wall_shear(lumen: Scenery) -> None:
    scene = Scene.of(lumen)
    assert [choice.name for choice in scene.choices] == ["speed", "pressure", "wall_shear"]
    assert [choice.wall for choice in scene.choices] == [False, False, True]
    assert scene.plan["walls"] == ["wall" in name for name in scene.plan["regions"]]
    assert scene.plan["cut"] == {"axis": 1, "place": pytest.approx((2.75 + 6) / 12)}


def test_labels_of_a_run_are_never_markup(stem: Scenery) -> None:
    attack = "</script><script>alert(1)</script>"
    arrow = stem.record.scene.arrows[0].model_copy(update={"label": attack})
    scene = stem.record.scene.model_copy(update={"arrows": [arrow], "excluded": attack})
    html = viewer_html(
        [Scene.of(Scenery(stem.record.model_copy(update={"scene": scene}), stem.fields, 1.0), attack)] * 2
    )
    assert attack not in html
    kinds = [attributes.get("type") for tag, attributes in Page(html).tags if tag == "script"]
    assert set(kinds) == {"application/json", "text/plain"}


def shared(scenes: list[Scene]) -> dict[str, Any]:
    plan = re.search(r'class="group-plan">(.*?)</script>', viewer_html(scenes), re.DOTALL)
    assert plan
    read: dict[str, Any] = json.loads(plan[1])
    return read


def test_runs_side_by_side_share_range_and_scale(stem: Scenery) -> None:
    def twice(q: Quantity) -> Quantity:
        return q.model_copy(update={"value": 2 * q.value, "limit": None} if q.name == "peak_von_mises_stress" else {})

    left_out = stem.record.model_copy(
        update={"quantities": [twice(q) for q in stem.record.quantities if q.name != "static_safety_factor"]}
    )
    one, other = Scene.of(stem), Scene.of(Scenery(left_out, stem.fields, 1.0))
    plan = shared([one, other])
    assert [choice["name"] for choice in plan["choices"]] == ["von_mises", "first_principal", "displacement"]
    assert plan["choices"][0]["high"] == 900
    assert plan["choices"][0]["limit"] is None
    assert plan["choices"][0]["ticks"][-1] == [900, "900"]
    assert plan["start"]["factor"] == stem.factor
    assert len(plan["look"]["colours"]) == 256


def test_nodes_of_the_surface_are_found_in_the_volume() -> None:
    random = np.random.default_rng(1)
    points = random.integers(0, 3, (200, 3)).astype(float)  # many in one plane or on one line
    points = np.unique(points, axis=0)[random.permutation(len(np.unique(points, axis=0)))]
    wanted = random.permutation(len(points))[:9]
    assert np.array_equal(_same(points, points[wanted]), wanted)
    with pytest.raises(ValueError, match="surface.vtu has a node"):
        _same(points, np.array([[0.5, 0.0, 0.0]]))

"""The plots of a ladder, read back from their SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from reports.plots import convergence
from studies.record import Level, Quantity

SVG = "{http://www.w3.org/2000/svg}"


def quantity(value: float, **changed) -> Quantity:
    given = {
        "name": "peak_stress",
        "value": value,
        "unit": "MPa",
        "uncertainty": 0.02 * abs(value),
        "extrapolated": value,
        "order": 2.0,
        "status": "converged",
        "reason": "",
        "limit": None,
        "limit_kind": None,
        "verdict": None,
        "location": None,
        "description": "",
    }
    return Quantity.model_validate({k: v for k, v in (given | changed).items() if k in Quantity.model_fields})


def levels(*pairs: tuple[float | None, float]) -> list[Level]:
    known = {"cells": 10, "dofs": 100, "h": 1.0, "min_quality": 0.5, "iterations": 3, "seconds": 1.0}
    return [Level(scale=scale, values={"peak_stress": value}, **known) for scale, value in pairs]


def rings(root: ElementTree.Element) -> list[tuple[float, float]]:
    """Places of the values: across, and up."""
    return [(float(c.get("cx")), -float(c.get("cy"))) for c in root.iter(SVG + "circle")]


def ticks(root: ElementTree.Element) -> list[tuple[float, float]]:
    """Numbers at the upright axis, and how far up they stand."""
    texts = [t for t in root.iter(SVG + "text") if t.get("text-anchor") == "end" and re.match(r"[−\d]", t.text)]
    return [(float(t.text.replace("−", "-")), -float(t.get("y"))) for t in texts]


@pytest.mark.parametrize("factor", [1.0, -1.0, 1e-7, 1e9, 3.3])
def test_values_stand_where_the_axis_says(factor: float) -> None:
    ladder = levels((None, 1.0), (1.0, 90.0 * factor), (0.5, 97.0 * factor))
    root = ElementTree.fromstring(convergence(quantity(97.0 * factor), ladder))
    (right, first), (left, second) = rings(root)  # the mesh that found the grading is not on the ladder
    assert left < right
    (a, at_a), *_, (b, at_b) = ticks(root)
    power = re.search(r"10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+) MPa", "".join(root.itertext()))
    scale = 10.0 ** int(power[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) if power else 1.0
    offset = at_a - (at_b - at_a) / (b - a) * a  # where zero would be; letters stand a little below their line
    for up, value in ((first, 90.0), (second, 97.0)):
        read = (up - offset - 0.36 * 2.8) / ((at_b - at_a) / (b - a)) * scale
        assert read == pytest.approx(value * factor, abs=0.02 * abs(factor))


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_a_value_that_does_not_change_is_a_flat_line(value: float) -> None:
    root = ElementTree.fromstring(convergence(quantity(value), levels((1.0, value), (0.5, value))))
    (_, first), (_, second) = rings(root)
    assert first == second and len(ticks(root)) >= 2


def test_a_singular_value_has_no_error_bar_and_no_extrapolation() -> None:
    ladder = levels((1.0, 5.0), (0.5, 7.0))
    drawn = convergence(quantity(7.0), ladder)
    singular = convergence(quantity(7.0, status="singular", uncertainty=None, extrapolated=None), ladder)
    assert "fill-opacity" in drawn and "<polygon" in drawn
    assert "fill-opacity" not in singular and "<polygon" not in singular


def test_a_limit_far_away_does_not_press_the_values_flat() -> None:
    ladder = levels((1.0, 5.0), (0.5, 7.0))
    near, far = (convergence(quantity(7.0, limit=limit, limit_kind="maximum"), ladder) for limit in (8.0, 800.0))
    assert ">limit<" in near and ">limit<" not in far


def test_one_mesh_is_no_ladder() -> None:
    assert convergence(quantity(7.0), levels((None, 5.0), (1.0, 7.0))) is None

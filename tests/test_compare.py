"""Comparison of runs: what is claimed, and what is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.compare.comparison import QuantityRow, _criterion
from reports.compare.difference import difference
from studies.record import Quantity


def quantity(value, uncertainty=1.0, status="converged", kind=None):
    limit = None if kind is None else 1.0
    return Quantity(
        name="q",
        description="",
        value=value,
        unit="MPa",
        uncertainty=uncertainty,
        status=status,
        limit=limit,
        limit_kind=kind,
    )


def test_a_difference_is_real_only_beyond_both_error_bars():
    found = difference(quantity(107.1, 0.6), quantity(100.0, 0.6))
    assert found.claim == "larger" and found.percent == pytest.approx(7.1)
    assert found.uncertainty == pytest.approx(0.6 * math.sqrt(2))
    assert difference(quantity(100.5, 0.6), quantity(100.0, 0.6)).claim == "none"
    assert difference(quantity(99.0, 0.6), quantity(100.0, 0.6)).claim == "smaller"


def test_percent_counts_both_error_bars():
    rng = np.random.default_rng(1)
    one, other = rng.normal(120, 3 / 1.96, 200_000), rng.normal(100, 2 / 1.96, 200_000)
    found = difference(quantity(120, 3), quantity(100, 2))
    assert 1.96 * np.std(100 * (one / other - 1)) == pytest.approx(found.percent_uncertainty, rel=0.02)


@pytest.mark.parametrize("bad", [quantity(1.0, None), quantity(1.0, None, "singular"), quantity(5.0, 0.1, "singular")])
def test_what_is_not_known_is_not_compared(bad):
    assert difference(bad, quantity(1.0)).claim == difference(quantity(1.0), bad).claim == "unknown"


def test_no_percentage_of_what_may_be_zero():
    assert difference(quantity(5.0), quantity(0.5, 1.0)).percent is None


@given(*(st.floats(-1e6, 1e6) for _ in range(2)), *(st.floats(1e-6, 1e3) for _ in range(2)))
def test_the_other_way_round_it_is_the_other_claim(a, b, u, v):
    there, back = difference(quantity(a, u), quantity(b, v)), difference(quantity(b, v), quantity(a, u))
    assert {"larger": "smaller", "smaller": "larger", "none": "none"}[there.claim] == back.claim


def row(*values):
    return QuantityRow("q", "MPa", "", values, [difference(v, values[0]) for v in values[1:]])


def test_who_wins_a_criterion():
    found = _criterion(row(*(quantity(v, 0.1, kind="minimum") for v in (2.0, 2.5, 2.45))))
    assert (found.best, found.tied, found.unknown) == ("B", "C", "")
    found = _criterion(row(quantity(2.0, 0.1, kind="maximum"), quantity(2.5, None, "singular", "maximum")))
    assert (found.best, found.tied, found.unknown) == ("A", "", "B")

"""Error bars: known sequences get known verdicts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvers.convergence import Indicator, estimate
from studies.indications import Indication, effective_sizes

SIZES = [2.0, 1.3, 0.9]  # not in a constant ratio
FOUR = [*SIZES, 0.6]


def values(exact, factor, order):
    return [exact + factor * h**order for h in SIZES]


@given(st.floats(0.6, 4), st.floats(-30, 30), st.floats(100, 500))
def test_order_and_limit_are_found(order, factor, exact):
    found = estimate(SIZES, values(exact, factor, order), 0.02)
    if abs(factor) < 1e-3:
        return
    assert found.order == pytest.approx(order, rel=1e-4)
    assert abs(found.value - exact) <= found.uncertainty * 1.0001
    if 1.01 < order <= 2:
        assert found.extrapolated == pytest.approx(exact, rel=1e-6)


def test_wide_bar_is_not_converged():
    found = estimate(SIZES, values(100, 10, 1), 0.02)
    assert found.status == "not_converged" and found.uncertainty > 2
    assert estimate(SIZES, values(100, 0.1, 2), 0.02).status == "converged"


@given(st.floats(0.2, 1.0))
def test_power_singularity_is_named(exponent):
    values = [100 * h**-exponent for h in FOUR]
    found = estimate(FOUR, values, 0.02)
    assert found.status == "singular" and found.extrapolated is None
    assert estimate(SIZES, values[:3], 0.02).status == "not_converged"  # three meshes cannot tell


@pytest.mark.parametrize("accuracy", [0.02, 0.5])
def test_growth_is_not_converged_however_little_was_asked_for(accuracy):
    """Clamp edge, stress ~ h^-0.29: three meshes leave it open, four call it singular, also at 50 %."""
    sizes = [1.5**-k for k in range(4)]
    values = [100 * h**-0.29 for h in sizes]
    assert estimate(sizes[:3], values[:3], accuracy).status == "not_converged"
    assert estimate(sizes, values, accuracy).status == "singular"


def test_logarithmic_singularity_is_named():
    assert estimate(FOUR, [100 - 10 * math.log(h) for h in FOUR], 0.02).status == "singular"


def test_singularity_with_scatter_is_named():
    """The peak at a sharp re-entrant corner on five unstructured meshes."""
    sizes = [1.5**-k for k in range(5)]
    assert estimate(sizes, [117.6, 135.1, 168.1, 188.0, 235.0], 0.02).status == "singular"


@given(st.floats(1.0, 3.0), st.floats(-0.3, 0.3), st.lists(st.floats(-0.01, 0.01), min_size=5, max_size=5))
def test_what_converges_is_not_singular(order, factor, noise):
    """Whatever scatter of 1 %: also a steep approach from 30 % below is no singularity."""
    sizes = [1.5**-k for k in range(5)]
    values = [1 - abs(factor) * h**order + e * h**2 for h, e in zip(sizes, noise, strict=True)]
    assert estimate(sizes, values, 0.02).status != "singular"


def test_scatter_between_meshes_alike_is_the_least_uncertainty():
    sizes, values = [1.0, 0.5, 0.25], [100.0, 100.001, 100.002]
    assert estimate(sizes, values, 0.02, noise=0.4).uncertainty == pytest.approx(0.8)
    found = estimate(sizes, values, 0.02, scatter=3.2)
    assert found.uncertainty == pytest.approx(3.2 / 16)


def test_oscillation_has_no_order():
    found = estimate(SIZES, [100, 103, 101], 0.02)
    assert found.order is None and found.uncertainty >= 1.5 * 2 and found.status == "not_converged"


def test_same_value_everywhere():
    found = estimate(SIZES, [64.5, 64.5, 64.5], 0.02)
    assert found.status == "converged" and found.uncertainty == pytest.approx(64.5e-6)


@given(st.floats(1.5, 30.0), st.floats(-20, 20), st.floats(100, 500))
def test_two_meshes_suffice_where_the_error_is_seen_to_fall(fall, error, exact):
    """By as much as the indicator says: Richardson's extrapolation is exact then, and the bar three times the error."""
    found = estimate([2.0, 1.0], [exact + error * fall, exact + error], 0.02, indicator=Indicator([fall, 1.0]))
    if abs(error) > 1e-2:
        assert found.extrapolated == pytest.approx(exact)
        assert found.uncertainty == pytest.approx(3 * abs(error))
        assert found.order == pytest.approx(math.log2(fall))
    assert found.decides and (found.status == "converged") == (found.uncertainty <= 0.02 * abs(found.value))


def test_two_meshes_tell_nothing_where_the_error_does_not_fall():
    for errors in ([1.0, 1.0], [1.0, 1.5], [0.0, 1.0]):
        found = estimate([2.0, 1.0], [100.0, 100.5], 0.5, indicator=Indicator(errors))
        assert found.status == "not_converged" and not found.decides


@pytest.mark.parametrize("exponent", [0.05, 0.29, 0.5])
@pytest.mark.parametrize("accuracy", [0.02, 0.5])
def test_a_stress_whose_spread_stays_is_open_on_two_meshes_and_singular_on_three(exponent, accuracy):
    sizes = [1.0, 0.4, 0.25]
    values, spread = [h**-exponent for h in sizes], Indicator([0.12, 0.14, 0.13], local=True)
    two = estimate(sizes[:2], values[:2], accuracy, indicator=Indicator(spread.errors[:2], local=True))
    assert two.status == "not_converged" and not two.decides
    assert estimate(sizes, values, accuracy, indicator=spread).status == "singular"


@given(st.floats(0.7, 3.0), st.floats(0.05, 0.4))
def test_a_steep_stress_whose_spread_falls_is_not_singular(order, lacking):
    sizes = [1.0, 0.4, 0.25, 0.16]
    values = [1 - lacking * h**order for h in sizes]
    found = estimate(sizes, values, 0.02, indicator=Indicator([0.1 * h for h in sizes], local=True))
    assert found.status != "singular" and found.decides


def test_a_peak_that_stays_while_its_elements_disagree_is_not_settled():
    found = estimate([1.0, 0.4], [100.0, 100.1], 0.5, noise=13, indicator=Indicator([0.13, 0.13], local=True))
    assert found.status == "not_converged" and not found.decides and found.uncertainty >= 26


def test_one_and_two_meshes():
    assert estimate([1.0], [5.0], 0.02).uncertainty == math.inf
    two = estimate([1.5, 1.0], [104.0, 100.0], 0.5)
    assert two.uncertainty == pytest.approx(2 * 4 / 0.5) and two.status == "not_converged"


def test_what_cannot_be_judged_is_not_converged():
    for sizes, values in ((SIZES, [1, 1, math.nan]), (SIZES, [1, 1, math.inf]), ([1, 1], [1, 2]), ([1, 0], [1, 2])):
        found = estimate(sizes, values, 0.5)
        assert found.status == "not_converged" and found.uncertainty == math.inf and not found.decides


def test_meshes_without_a_value_or_not_finer_are_passed_over():
    """The second mesh is not finer at the place, or gave no number: the others tell what they would tell alone."""
    indicator = Indicator([0.09, 0.01, 0.01, 0.0025], local=True)
    found = estimate([3.0, 1.0, 1.0, 0.5], [92, 98, 99, 99.75], 0.02, indicator=indicator)
    alone = estimate([3.0, 1.0, 0.5], [92, 99, 99.75], 0.02, indicator=Indicator([0.09, 0.01, 0.0025], local=True))
    assert found == alone and found.status == "converged"
    alone = estimate([3.0, 1.0, 0.5], [92, 99, 99.75], 0.02)
    assert estimate([3.0, 2.0, 1.0, 0.5], [92, math.nan, 99, 99.75], 0.02) == alone


def test_a_singular_place_is_told_where_it_keeps_the_error_of_the_whole_up():
    """Cook's membrane, graded to its corner: what is left is there, so that no size but that of its elements falls."""
    indicator = Indicator([0.159, 0.205, 0.222], local=True, places=[0.136, 0.0091, 0.0026])
    found = estimate([1.0, 0.2052, 0.2051], [1.03, 2.44, 3.95], 0.02, indicator=indicator)
    assert found.status == "singular"
    assert not estimate([1.0, 0.2052], [1.03, 2.44], 0.5, indicator=indicator.at([0, 1], [])).decides


def test_a_share_that_grows_is_not_singular():
    """The mean oscillatory shear index of a connector, which is 0.5 at most, on four meshes."""
    sizes, values = [1.0, 0.8, 0.64, 0.512], [0.0726, 0.0780, 0.0830, 0.0892]
    assert estimate(sizes, values, 0.2, scale=0.5).status == "singular"
    found = estimate(sizes, values, 0.2, scale=0.5, bounded=True)
    assert found.status == "converged" and found.uncertainty > 6 * (values[-1] - values[-2])


def test_a_value_that_becomes_zero_has_an_estimate():
    assert math.isfinite(estimate([3, 2, 1], [2, 1, 0], 0.02, scale=1.0).uncertainty)


def test_zero_against_its_scale():
    assert estimate(SIZES, [1e-3, -2e-4, 1e-4], 0.02, scale=10.0).status == "converged"
    assert estimate(SIZES, [1e-3, -2e-4, 1e-4], 0.02).status == "not_converged"


@pytest.mark.parametrize("exponent", [0.04, 0.1, 0.29])
@pytest.mark.parametrize("accuracy", [0.02, 0.1, 0.5])
def test_a_weak_singularity_is_named_however_loose_the_accuracy(exponent, accuracy):
    sizes = [1.5**-k for k in range(5)]
    assert estimate(sizes, [h**-exponent for h in sizes], accuracy).status == "singular"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_nothing_is_judged_before_a_singularity_can_be_told(number):
    sizes = [1.5**-k for k in range(number)]
    assert not estimate(sizes, [h**-0.29 for h in sizes], 0.5).decides
    assert not estimate(FOUR, [h**-0.29 for h in FOUR], 0.5).decides
    assert estimate(SIZES, [100, 104, 105], 0.02).decides


def test_a_place_among_coarse_elements_has_the_error_of_these():
    """Its own elements fall to a tenth, the energy of the error to a quarter: what comes from elsewhere counts."""
    first = Indication(1.0, 0.1, True, mean=2.0, energy=4.0)
    assert effective_sizes([first, Indication(0.1, 0.001, True, 1.0, 1.0)]) == [1.0, 0.5]
    # Where a singular place elsewhere keeps the energy up, all elements do; where its own are the largest, these.
    assert effective_sizes([first, Indication(0.1, 0.001, True, 0.8, 4.0)]) == [1.0, 0.4]
    assert effective_sizes([first, Indication(0.9, 0.09, True, 1.0, 0.04)]) == [1.0, 0.9]
    assert effective_sizes([Indication(2.0, 4.0, False, 2.0, 4.0), Indication(1.0, 0.1, False, 1.0, 0.1)]) == [2.0, 1.0]

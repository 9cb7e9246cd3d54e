"""What studies find, against functions of which all is known."""

from __future__ import annotations

import math
import random
import re
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, qmc, truncnorm
from sklearn.gaussian_process import GaussianProcessRegressor

from studies.findings import surrogate as surrogates
from studies.findings.acquisition import log_improvement
from studies.findings.distribution import clopper_pearson, distribution, howe_factor, wilks_rank
from studies.findings.dominance import hypervolume
from studies.findings.main_effects import main_effects
from studies.findings.optimum import optimum
from studies.findings.propose import propose
from studies.findings.quantiles import settings_at
from studies.findings.ranking import ranking
from studies.findings.response import is_trusted, surrogate_finding
from studies.findings.samples import samples
from studies.findings.sobol_indices import indices_of_runs, indices_of_surrogate, saltelli_points
from studies.findings.study_record import Constraint, Input, Objective, Output, Published, RankRow, Value, Variant
from studies.findings.surrogate import LeftOut, Surrogate
from studies.findings.tornado import tornado
from studies.findings.usable import left_out, usable
from studies.findings.wording import with_error
from studies.findings.worst_case import considered
from studies.pool.conclude import _absent

STRESS = Output(name="peak_von_mises_stress", unit="MPa", description="largest von Mises stress")


def variant(number, values, bar=1e-6, status="done", of="converged", **more):
    """Of the quantity "y" by a number, of several by a dict; ``of`` is the status of the values."""
    by_name = values if isinstance(values, dict) else {"y": values}
    known = {name: Value(value=float(v), uncertainty=bar, status=of) for name, v in by_name.items() if v is not None}
    more = {"label": str(number), "settings": {}} | more
    return Variant(number=number, status=status, values=known, **more)


def unit_inputs(names, low=0.0, high=1.0):
    return [Input(name=name, unit="mm", low=low, high=high) for name in names]


def at_points(function, inputs, x, bar=1e-6):
    """A variant for each row of x (n, d)."""
    names = [i.name for i in inputs]
    return [
        variant(k, function(*row), bar, settings=dict(zip(names, row, strict=True)))
        for k, row in enumerate(np.asarray(x).tolist(), 1)
    ]


def spread(inputs, n, seed=0):
    low, high = [i.low for i in inputs], [i.high for i in inputs]
    return qmc.scale(qmc.LatinHypercube(len(inputs), rng=seed).random(n), low, high)


def shuffled(variants):
    other = list(variants)
    random.Random(1).shuffle(other)
    return other


Y = Output(name="y", unit="MPa", description="")

# Samples


KINDS = {
    "usable": {},
    "failed": {"values": None, "status": "failed"},
    "impossible": {"values": None, "status": "impossible"},
    "still to run": {"values": None, "status": "waiting"},
    "singular": {"of": "singular", "bar": None},
    "without an error bar": {"of": "not_converged", "bar": None},
    "without the quantity": {"values": None},
}


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=12))
def test_every_run_is_either_in_or_named(kinds):
    variants = [variant(k, **({"values": 1.0} | KINDS[kind])) for k, kind in enumerate(kinds, 1)]
    text = left_out(variants, "y")
    named = [int(n) for inside in re.findall(r"\(([^)]*)\)", text) for n in re.findall(r"\d+", inside)]
    runs = samples(variants, [], "y")
    assert sorted([*named, *runs.numbers]) == list(range(1, len(kinds) + 1))
    for kind in set(kinds) - {"usable"}:
        assert f"{kinds.count(kind)} {kind}" in text


def test_samples_hold_what_varies_and_is_a_number():
    inputs = [*unit_inputs("ab"), Input(name="material", unit="", levels=["PEEK", "Ti"])]
    rows = [(0.1, 0.5, "PEEK"), (0.2, 0.5, "Ti"), (0.3, 0.5, "PEEK")]
    variants = [
        variant(k, k, 0.196, settings=dict(zip(("a", "b", "material"), r, strict=True))) for k, r in enumerate(rows)
    ]
    found = samples(shuffled(variants), inputs, "y")
    assert [i.name for i in found.inputs] == ["a"] and list(found.numbers) == [0, 1, 2]
    assert found.x[:, 0] == pytest.approx([0.1, 0.2, 0.3]) and found.u == pytest.approx(0.1)


def test_values_have_the_digits_of_their_error_bars():
    assert with_error(431.96, 5.6182, "MPa") == "432.0 ± 5.6 MPa"
    assert with_error(56789.0, 1234.0) == "56800 ± 1200"


# Surrogate


def ripple(a, b):
    return 3 * a + math.sin(4 * b) * (1 + a)


@given(st.integers(0, 1000), st.floats(0.0, 0.3))
@settings(max_examples=5, deadline=None)
def test_runs_left_out_in_closed_form_are_runs_left_out(seed, error):
    rng = np.random.default_rng(seed)
    x, u = rng.random((12, 2)), error * rng.random(12)
    y = np.array([ripple(*row) for row in x]) + u * rng.standard_normal(12)
    surrogate = Surrogate.fit(x, y, u, np.zeros(2), np.ones(2))
    found = surrogate.left_out()
    for k in range(12):
        others = np.arange(12) != k
        process = GaussianProcessRegressor(
            surrogate.process.kernel_, alpha=surrogate.process.alpha[others], optimizer=None
        ).fit(x[others], (y[others] - surrogate.centre) / surrogate.scale)
        mean, deviation = process.predict(x[[k]], return_std=True)
        expected = y[k] - surrogate.centre - surrogate.scale * mean[0]
        own = surrogate.process.alpha[k]
        assert found.residuals[k] == pytest.approx(expected, rel=1e-3, abs=1e-6)
        assert found.deviation[k] == pytest.approx(surrogate.scale * math.sqrt(deviation[0] ** 2 + own), rel=1e-3)


def test_a_smooth_quantity_is_followed_and_drawn():
    inputs = [*unit_inputs("ab", 0.0, 2.0), *unit_inputs("c")]
    variants = at_points(lambda a, b, c: ripple(a / 2, b / 2) + 0.01 * c, inputs, spread(inputs, 40), bar=0.002)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = surrogate_finding(variants, inputs, Y)
    assert found == surrogate_finding(shuffled(variants), inputs, Y)
    assert found.trusted and found.predictivity > 0.98 and found.coverage >= 0.85 and found.runs == 40
    assert {found.surface.input_x, found.surface.input_y} == {"a", "b"} and len(found.surface.x) == 25
    order = {found.surface.input_x: found.surface.x, found.surface.input_y: found.surface.y}
    i, j = 5, 20  # mean[j][i] at (x[i], y[j])
    place = {found.surface.input_x: found.surface.x[i], found.surface.input_y: found.surface.y[j]}
    assert found.surface.mean[j][i] == pytest.approx(ripple(place["a"] / 2, place["b"] / 2) + 0.005, abs=0.1)
    assert order["a"][-1] == pytest.approx(2.0) and found.length_scales["c"] > 1.0


def test_a_surrogate_of_chance_is_not_trusted():
    inputs = unit_inputs("ab")
    rng = np.random.default_rng(3)
    found = surrogate_finding(at_points(lambda a, b: rng.standard_normal(), inputs, spread(inputs, 20)), inputs, Y)
    assert not found.trusted and found.surface is None
    assert "too badly" in indices_of_surrogate(
        at_points(lambda a, b: rng.random(), inputs, spread(inputs, 20)), inputs, Y, 0
    )


def test_too_few_runs_or_one_value_make_no_surrogate():
    inputs = unit_inputs("abc")
    assert "8 runs" in surrogate_finding(at_points(lambda a, b, c: a, inputs, spread(inputs, 7)), inputs, Y)
    assert "the same" in surrogate_finding(at_points(lambda a, b, c: 1.0, inputs, spread(inputs, 9)), inputs, Y)


def test_no_surrogate_where_a_word_varies():
    inputs = [*unit_inputs("ab"), Input(name="finish", unit="", levels=["rough", "fine"])]
    rows = [(a, b, finish) for a, b in spread(inputs[:2], 10).tolist() for finish in ("rough", "fine")]
    variants = at_points(lambda a, b, finish: a + b + 5 * (finish == "fine"), inputs, np.array(rows, dtype=object))
    assert surrogate_finding(variants, inputs, Y) == "finish varies and is no number"
    assert "finish varies" in indices_of_surrogate(variants, inputs, Y, 0)
    assert surrogate_finding(variants[::2], inputs, Y).runs == 10


def test_a_surrogate_whose_own_error_is_wrong_is_not_trusted():
    """Bars far too small: the mean is followed, but the runs are outside of the intervals."""
    good = LeftOut(np.zeros(9), np.ones(9), 0.95, 0.1, 0.9)
    assert is_trusted(good) and not is_trusted(replace(good, coverage=0.7))
    assert not is_trusted(replace(good, predictivity=0.7))


def test_length_scales_of_many_runs_are_those_of_some(monkeypatch):
    monkeypatch.setattr(surrogates, "_KERNEL_RUNS", 30)
    inputs = unit_inputs("ab")
    found = surrogate_finding(at_points(ripple, inputs, spread(inputs, 60)), inputs, Y)
    assert found.trusted and (found.runs, found.kernel_runs) == (60, 30)
    monkeypatch.setattr(surrogates, "_MOST_RUNS", 50)
    assert "too long" in surrogate_finding(at_points(ripple, inputs, spread(inputs, 60)), inputs, Y)


# Sensitivity


def test_tornado_is_sorted_and_tells_what_is_significant():
    inputs = unit_inputs(["offset", "wall", "angle", "unset"])
    middle = {i.name: 0.5 for i in inputs}

    def run(number, role, value, name="", setting=0.5, **more):
        return variant(number, value, 3.0, role=role, settings=middle | ({name: setting} if name else {}), **more)

    variants = [
        run(1, "nominal", 100),
        run(2, "wall low", 104, "wall", 0.0),
        run(3, "wall high", 97, "wall", 1.0),
        run(4, "offset low", 80, "offset", 0.0),
        run(5, "offset high", None, "offset", 1.0, status="failed"),
        run(6, "angle low", 500, "angle", 0.0, of="singular"),
        run(7, "angle high", None, "angle", 1.0, status="failed"),
    ]
    source = Published(inputs=["wall"], low_percent=-5, high_percent=5, source="a paper")
    found = tornado(shuffled(variants), inputs, Y, [source])
    assert [bar.input for bar in found.bars] == ["offset", "wall", "angle"]
    offset, wall, angle = found.bars
    assert offset.significant and offset.value_high is None and offset.high == 1.0
    assert not wall.significant  # 4 and 3 against sqrt(3^2 + 3^2) = 4.2
    assert angle.value_low is None and angle.value_high is None and not angle.significant
    assert found.nominal == 100 and found.published == [source]
    assert (offset.open, wall.open, angle.open) == ([1.0], [], [0.0, 1.0])
    assert "not there" in tornado(variants[1:], inputs, Y)
    assert tornado([run(1, "nominal", None, status="failed")], inputs, Y) == "the nominal run is failed"


def test_a_bar_goes_over_all_levels():
    finish, holes = Input(name="finish", unit="", levels=["fine", "rough", "raw"]), unit_inputs(["holes"])[0]
    start = {"finish": "fine", "holes": 4}
    rows = [("nominal", {}, 100), ("finish = rough", {"finish": "rough"}, 90), ("finish = raw", {"finish": "raw"}, 95)]
    rows += [("holes low", {"holes": 2}, 101), ("holes high", {"holes": 6}, None), ("holes = 5", {"holes": 5}, 130)]
    variants = [
        variant(k, y, 1.0, "done" if y else "failed", role=role, settings=start | own)
        for k, (role, own, y) in enumerate(rows)
    ]
    by_holes, by_finish = tornado(shuffled(variants), [finish, holes], Y).bars
    assert (by_finish.low, by_finish.value_low) == ("rough", 90) and (by_finish.high, by_finish.value_high) == (
        "fine",
        100,
    )
    assert (by_holes.low, by_holes.high, by_holes.value_high, by_holes.open) == (4, 5, 130, [6])
    assert by_holes.significant


ISHIGAMI = unit_inputs("abc", -math.pi, math.pi)
FIRST, TOTAL = {"a": 0.3139, "b": 0.4424, "c": 0.0}, {"a": 0.5576, "b": 0.4424, "c": 0.2437}


def ishigami(a, b, c):
    return math.sin(a) + 7 * math.sin(b) ** 2 + 0.1 * c**4 * math.sin(a)


def held(found, tolerance):
    for row in found.rows:
        assert abs(row.first - FIRST[row.input]) <= min(row.first_interval, tolerance)
        assert abs(row.total - TOTAL[row.input]) <= min(row.total_interval, tolerance)
    return True


def test_indices_of_runs_hold_those_of_ishigamis_function():
    points = saltelli_points(ISHIGAMI, 1024, seed=0)
    variants = at_points(ishigami, ISHIGAMI, [list(p.values()) for p in points], bar=0.02)
    found = indices_of_runs(variants, ISHIGAMI, Y, 1024, 0)
    assert held(found, 0.05) and not found.from_surrogate and len(points) == 5 * 1024
    assert found == indices_of_runs(shuffled(variants), ISHIGAMI, Y, 1024, 0)
    wide = indices_of_runs([_wider(v, 2.0) for v in variants], ISHIGAMI, Y, 1024, 0)
    assert wide.rows[0].total_interval > 1.2 * found.rows[0].total_interval
    variants[7] = variant(8, None, status="failed", settings=points[7])
    assert indices_of_runs(variants, ISHIGAMI, Y, 1024, 0) == "they take all 5120 runs, not 5119: 1 failed (variant 8)"


def _wider(v, bar):
    return variant(v.number, v.values["y"].value, bar, settings=v.settings)


def test_runs_out_of_order_are_refused():
    points = [list(p.values()) for p in saltelli_points(ISHIGAMI, 4, seed=0)]
    with pytest.raises(ValueError, match="not where"):
        indices_of_runs(at_points(ishigami, ISHIGAMI, points[1:] + points[:1]), ISHIGAMI, Y, 4, 0)
    with pytest.raises(ValueError, match="power of two"):
        saltelli_points(ISHIGAMI, 100, seed=0)


def test_indices_of_a_surrogate_hold_those_of_ishigamis_function():
    variants = at_points(ishigami, ISHIGAMI, spread(ISHIGAMI, 150), bar=0.02)
    word = Input(name="finish", unit="", levels=["rough", "fine"])  # that stays the same
    found = indices_of_surrogate(shuffled(variants), [*ISHIGAMI, word], Y, 0)
    assert held(found, 0.1) and found.from_surrogate
    assert "through 150 runs" in found.method and "not from runs" in found.method and "finish" in found.method


def test_inputs_are_spread_as_they_are_distributed():
    shares = (np.arange(4000) + 0.5)[:, None] / 4000
    normal = Input(name="angle", unit="deg", low=8, high=12, mean=10, deviation=0.5)
    x = settings_at([normal], shares)
    assert x.mean() == pytest.approx(10) and x.std() == pytest.approx(0.5, rel=0.01)
    law = truncnorm(0.0, math.inf, 10, 0.5)  # low and high of a distribution are its quantiles 0.1 % and 99.9 %
    cut = settings_at(
        [normal.model_copy(update=dict(zip(("low", "high"), law.ppf([0.001, 0.999]), strict=True)))], shares
    )
    assert cut[:, 0] == pytest.approx(law.ppf(shares[:, 0]), abs=1e-6)
    whole = settings_at([normal.model_copy(update={"low": 10 - 0.5 * 3.090232, "high": 10 + 0.5 * 3.090232})], shares)
    assert whole[:, 0] == pytest.approx(norm(10, 0.5).ppf(shares[:, 0]), abs=1e-4)
    skew = Input(name="load", unit="N", mean=10, deviation=5, distribution="lognormal, mean 10 N")
    x = settings_at([skew], shares)
    assert x.mean() == pytest.approx(10, rel=0.01) and x.std() == pytest.approx(5, rel=0.05) and x.min() > 0
    levels = settings_at([Input(name="holes", unit="", levels=[2, 4, 6])], shares)
    assert set(levels[:, 0]) == {2.0, 4.0, 6.0}
    with pytest.raises(ValueError, match="finish"):
        settings_at([Input(name="finish", unit="", levels=["rough"])], shares)


# Main effects


def test_main_effects_by_level_and_by_range():
    inputs = [Input(name="material", unit="", levels=["Ti", "PEEK"]), *unit_inputs("a")]
    rows = [("Ti", 0.1, 10), ("Ti", 0.4, 12), ("Ti", 0.9, 14), ("PEEK", 0.5, 20)]
    variants = [variant(k, y, 1.0, settings={"material": m, "a": a}) for k, (m, a, y) in enumerate(rows)]
    failed = variant(9, None, status="failed", settings={"material": "Ti", "a": 0.2})
    material, _ = main_effects(shuffled([*variants, failed]), inputs, Y)
    ti, peek = material.points
    assert (ti.setting, ti.mean, ti.runs) == ("Ti", 12, 3) and (peek.setting, peek.runs) == ("PEEK", 1)
    assert peek.interval is None
    (only,) = main_effects(variants[2:], inputs[:1], Y)  # nothing else varies
    assert [p.interval for p in only.points] == pytest.approx([1.0, 1.0])
    assert ti.interval == pytest.approx(math.hypot(4.302653 * 2 / math.sqrt(3), 1.0), rel=1e-5)


def test_all_combinations_leave_nothing_to_chance():
    inputs = unit_inputs("ab")
    x = [(a, b) for a in (0.0, 1.0) for b in (0.0, 1.0)]
    effects = main_effects(at_points(lambda a, b: 10 * a + b, inputs, x, 0.1), inputs, Y)
    assert [[p.mean for p in e.points] for e in effects] == [pytest.approx([0.5, 10.5]), pytest.approx([5.0, 6.0])]
    assert all(e.complete and p.interval == pytest.approx(0.1) for e in effects for p in e.points)
    torn = main_effects(at_points(lambda a, b: 10 * a + b, inputs, x[:3], 0.1), inputs, Y)
    assert not any(e.complete for e in torn) and {p.interval is None for p in torn[0].points} == {True, False}
    twice = main_effects(at_points(lambda a, b: 10 * a + b, inputs, [*x, x[0]], 0.1), inputs, Y)
    assert not any(e.complete for e in twice)


def test_many_levels_of_few_runs_are_put_together():
    inputs = [Input(name="holes", unit="", levels=list(range(12))), *unit_inputs("a")]
    x = [(k, a) for k, (a,) in enumerate(spread(inputs[1:], 12).tolist())]
    effect = main_effects(at_points(lambda holes, a: a, inputs, x), inputs, Y)[0]
    assert [p.runs for p in effect.points] == [4, 4, 4] and all(p.interval for p in effect.points)
    x = [(k, a) for k in range(6) for a in (0.0, 0.3, 0.6, 1.0)]
    assert len(main_effects(at_points(lambda holes, a: a, inputs, x), inputs, Y)[0].points) == 6


@given(st.lists(st.floats(0, 1), min_size=6, max_size=40))
@settings(deadline=None)
def test_bins_hold_all_runs_once(xs):
    variants = [variant(k, x, 0.1, settings={"a": x}) for k, x in enumerate(xs)]
    for effect in main_effects(variants, unit_inputs("a"), Y):
        assert sum(p.runs for p in effect.points) == len(xs) and 2 <= len(effect.points) <= 5
        assert [p.setting for p in effect.points] == sorted(p.setting for p in effect.points)
        assert effect.points[0].mean < effect.points[-1].mean


# Ranking


ANGLE = Input(name="angle", unit="deg", low=8.4, high=11.6, mean=10.0, deviation=0.5)
REACH = 0.5 * math.sqrt(3)


def size(number, value, slope=0.0, curvature=0.0, bar=1.0, **more):
    """Three runs of a size: v + a t + b t^2."""
    t = math.sqrt(3)
    rows = [("nominal", 0, 10.0), ("angle low", -t, 10 - REACH), ("angle high", t, 10 + REACH)]
    return [
        variant(
            10 * number + k,
            {STRESS.name: value + slope * at + curvature * at**2},
            bar,
            label=f"size {number}",
            role=role,
            settings={"angle": angle},
            **more,
        )
        for k, (role, at, angle) in enumerate(rows)
    ]


@given(
    st.floats(90, 110), st.floats(-5, 5), st.floats(-5, 5), st.floats(0.5, 10), st.sampled_from(["maximum", "minimum"])
)
@settings(max_examples=25, deadline=None)
def test_probabilities_of_two_normal_sizes(value, one, other, bar, worst):
    found = ranking(size(1, 100, one, bar=bar) + size(2, value, other, bar=bar), [ANGLE], STRESS, worst)
    deviation = math.sqrt(one**2 + other**2 + 2 * (bar / 1.96) ** 2)
    expected = norm.cdf((100 - value) / deviation * (1 if worst == "maximum" else -1))
    rows = {row.label: row for row in found.rows}
    # The error of all three runs has the variance of one, but is not normal: larger, the farther from the mean.
    assert rows["size 1"].probability == pytest.approx(expected, abs=0.03)
    assert rows["size 1"].scatter == pytest.approx(abs(one), abs=1e-9)
    assert sum(row.probability for row in found.rows) == pytest.approx(1)


def test_the_conclusion_names_as_many_sizes_as_needed():
    clear = ranking(size(4, 90) + size(5, 100), [ANGLE], STRESS, "maximum")
    assert clear.conclusion.startswith(
        "Size 5 is the worst case for peak von Mises stress with probability >0.99: it alone need be considered. "
        "Evidence (± is numerical, 95 %; scatter is one standard deviation): 5: 100.0 ± 1.0 MPa; 4: 90.0 ± 1.0 MPa"
    )
    close = size(3, 50) + size(4, 99, 3.0) + size(5, 100, 3.0)
    found = ranking(close, [ANGLE], STRESS, "maximum")
    assert re.match(
        r"Size 5 is the worst case for peak von Mises stress with probability 0\.\d\d, size 4 with 0\.\d\d: "
        r"both 5 and 4 must be considered; one of them is the worst with >0\.99\. Evidence [^:]*: "
        r"5: 100\.0 ± 1\.0 MPa, scattering by 3\.\d+ ± [\d.]+; 4: 99",
        found.conclusion,
    ), found.conclusion
    assert [row.label for row in considered(found.rows)] == ["size 5", "size 4"]
    assert found == ranking(shuffled(close), [ANGLE], STRESS, "maximum")
    curved = ranking(size(1, 100, 2.0, 1.5) + size(2, 50), [ANGLE], STRESS, "maximum")
    assert curved.rows[0].scatter == pytest.approx(math.sqrt(4 + 2 * 1.5**2))


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=8))
def test_sizes_to_be_considered_hold_the_worst(weights):
    shares = sorted((w / sum(weights) for w in weights), reverse=True)
    rows = [
        RankRow(variant=k, label=str(k), value=1, uncertainty=1, scatter=0, probability=p) for k, p in enumerate(shares)
    ]
    chosen = considered(rows)
    assert sum(row.probability for row in chosen) >= 0.95 - 1e-6
    assert chosen == rows[: len(chosen)] and sum(row.probability for row in chosen[:-1]) < 0.95


def test_sizes_without_a_value_are_named():
    variants = size(1, 100, 2.0) + size(2, 200, of="singular") + size(3, 1, status="failed") + size(4, 50, 2.0)
    variants = [v for v in variants if v.number != 12 and v.number not in (41, 42)]
    found = ranking(variants, [ANGLE], STRESS, "maximum")
    assert [row.label for row in found.rows] == ["size 1", "size 4"]
    for text in ("Size 2 is not ranked (singular)", "Size 3 is not ranked (failed)", "Size 1: linear in angle"):
        assert text in found.conclusion
    assert "Size 4: without the scatter of angle" in found.conclusion
    assert "is the worst case of the 2 sizes that have a value" in found.conclusion
    assert found.rows[0].scatter == pytest.approx(2.0) and found.rows[1].scatter == 0.0
    lost = ranking(size(1, 1, status="failed") + size(2, 1, of="singular"), [ANGLE], STRESS, "maximum")
    assert lost.rows == [] and "Size 1 is not ranked (failed)" in lost.conclusion
    assert ranking(size(1, 100), [ANGLE], STRESS, "maximum") == "it takes two sizes, not 1"


def test_scatter_is_no_surer_than_the_runs_it_comes_from():
    noise, real = (ranking(size(1, 100, a) + size(2, 50), [ANGLE], STRESS, "maximum").rows[0] for a in (0.1, 5.0))
    assert noise.scatter < noise.scatter_uncertainty and real.scatter_uncertainty < 0.2 * real.scatter


def test_scatter_that_is_not_normal_is_told():
    family = size(1, 100, 2.0) + size(2, 99)
    skew = ANGLE.model_copy(update={"distribution": "lognormal, mean 10 deg"})
    assert "angle is taken as normal" in ranking(family, [skew], STRESS, "maximum").conclusion
    even = Input(name="angle", unit="deg", low=8, high=12, distribution="uniform, 8 to 12 deg")
    found = ranking(family, [even], STRESS, "maximum")
    assert "angle is not counted" in found.conclusion and found.rows[0].scatter == 0.0
    alike = [v.model_copy(update={"settings": {"angle": 10}}) for v in family]
    assert "both runs are missing" in ranking(alike, [ANGLE], STRESS, "maximum").conclusion


# Distribution


def test_tolerance_factors_and_ranks_are_those_of_the_tables():
    assert howe_factor(43, 0.90, 0.99) == pytest.approx(2.217, abs=5e-4)  # NIST/SEMATECH e-Handbook 7.2.6.3
    for n, exact in ((10, 3.379), (30, 2.549), (100, 2.233)):
        assert howe_factor(n) == pytest.approx(exact, rel=5e-3)
    assert wilks_rank(92) == 0 and wilks_rank(93) == 1 and wilks_rank(1000) > 10


@pytest.mark.parametrize(("failures", "low", "high"), [(0, 0.0, 0.3085), (1, 0.0025, 0.4450), (5, 0.1871, 0.8129)])
def test_clopper_and_pearson(failures, low, high):
    assert clopper_pearson(failures, 10) == pytest.approx((low, high), abs=5e-5)
    below, above = clopper_pearson(10 - failures, 10)
    assert (1 - above, 1 - below) == pytest.approx((low, high), abs=5e-5)


def test_a_run_whose_error_bar_holds_the_limit_is_open():
    output = Y.model_copy(update={"limit": 100.0, "limit_kind": "maximum"})
    values = [*np.linspace(80, 95, 17), 99.5, 100.5, 110.0]
    runs = [variant(k, y, 1.0) for k, y in enumerate(values)]
    lost = [variant(30, None, status="failed"), variant(31, None, status="impossible"), variant(32, 9e9, of="singular")]
    found = distribution(shuffled([*runs, *lost]), output)
    assert found == distribution([*runs, *lost], output)
    assert found.runs == 20 and found.failures == 2 and found.failure_probability == pytest.approx(0.1)
    assert found.lost == 3
    assert found.failure_interval == (clopper_pearson(1, 23)[0], clopper_pearson(3 + 3, 23)[1])
    for text in (
        "2 of the runs",
        "3 of the draws",
        "1 failed (variant 30)",
        "1 impossible (variant 31)",
        "1 singular (variant 32)",
    ):
        assert text in found.method
    other = distribution(runs, Y.model_copy(update={"limit": 82.0, "limit_kind": "minimum"}))
    assert other.failures == sum(y < 82 for y in values)


def test_tolerance_of_what_is_normal_and_what_is_not():
    ordered = norm.ppf((np.arange(40) + 0.5) / 40)
    found = distribution([variant(k, 100 + 5 * z) for k, z in enumerate(ordered)], Y)
    assert "Howe" in found.tolerance_text and found.percentiles["50"] == pytest.approx(100)
    half = howe_factor(40) * found.standard_deviation
    assert found.tolerance == pytest.approx((100 - half, 100 + half))
    wide = distribution([variant(k, 100 + 5 * z, 2.0) for k, z in enumerate(ordered)], Y)
    assert wide.tolerance == pytest.approx((98 - half, 102 + half)) and "numerical" in wide.tolerance_text
    skew = distribution([variant(k, math.exp(2 * z)) for k, z in enumerate(ordered)], Y)
    assert skew.tolerance is None and "93 runs, not 40" in skew.tolerance_text
    many = [math.exp(2 * z) for z in norm.ppf((np.arange(93) + 0.5) / 93)]
    free = distribution([variant(k, y, 0.5) for k, y in enumerate(many)], Y)
    assert free.tolerance == (min(many) - 0.5, max(many) + 0.5) and "Wilks" in free.tolerance_text
    assert distribution([variant(k, 1.0) for k in range(5)], Y).tolerance is None
    few = distribution([variant(1, 1.0), variant(2, 2.0), variant(3, None)], Y)
    assert few == "it takes three runs with a value, not 2: 1 without the quantity (variant 3)"


# Optimisation


def optimised(function, inputs, objectives, constraints, first, rounds, batch, seed=0, fails=lambda row: False):
    variants = []
    for number in range(1, rounds + 1):
        for point in propose(variants, inputs, objectives, constraints, first if number == 1 else batch, seed):
            lost = fails(point)
            variants.append(
                variant(
                    len(variants) + 1,
                    None if lost else function(**point),
                    status="failed" if lost else "done",
                    settings=point,
                    role=f"round {number}",
                )
            )
    return variants, optimum(variants, objectives, constraints)


def least(name):
    return Objective(quantity=name, unit="g", sense="minimise")


def branin(x, y):
    by_x = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return {"y": by_x**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10}


BRANIN = [Input(name="x", unit="", low=-5, high=10), Input(name="y", unit="", low=0, high=15)]


def test_branins_minimum_is_found_in_30_runs():
    variants, found = optimised(branin, BRANIN, [least("y")], [], first=8, rounds=12, batch=2)
    assert len(variants) == 30 and found.rounds[-1] - 0.397887 < 0.005
    assert found.rounds == sorted(found.rounds, reverse=True) and len(found.rounds) == 12 and found.first_round == 1
    assert len({tuple(v.settings.values()) for v in variants}) == 30
    again = propose(shuffled(variants), BRANIN, [least("y")], [], 1, 0)
    assert again == propose(variants, BRANIN, [least("y")], [], 1, 0)
    assert optimum(shuffled(variants), [least("y")], []) == found


def test_runs_that_fail_are_kept_away_from():
    """One of the three minima lies where nothing can be run."""
    variants, found = optimised(branin, BRANIN, [least("y")], [], 8, 8, 2, fails=lambda p: p["x"] > 6 and p["y"] < 6)
    failed = [v.number for v in variants if v.status == "failed"]
    assert 0 < len(failed) <= 5 and found.rounds[-1] - 0.397887 < 0.2
    assert f"{len(failed)} failed" in found.conclusion


def test_a_constrained_minimum_is_found():
    """Gardner et al. (2014), second simulation: the least sin(x) + y is 0.2532, at (3 pi/2, 1.2532)."""

    def both(x, y):
        return {"y": math.sin(x) + y, "c": math.sin(x) * math.sin(y)}

    limit = Constraint(quantity="c", unit="", kind="maximum", limit=-0.95)
    inputs = unit_inputs("xy", 0.0, 6.0)
    variants, found = optimised(both, inputs, [least("y")], [limit], first=10, rounds=8, batch=2)
    assert found.rounds[-1] == pytest.approx(math.asin(0.95) - 1, abs=0.01)
    assert found.first_round + len(found.rounds) == 9
    for v in variants:
        assert (v.number in found.feasible) == (v.values["c"].value + 1e-6 <= -0.95)


def test_a_front_of_two_objectives_is_found():
    """ZDT1 (Zitzler, Deb and Thiele, Evol. Comput. 8, 2000, 173) in three inputs: f2 = 1 - sqrt(f1) on the front."""

    def zdt1(a, b, c):
        g = 1 + 9 * (b + c) / 2
        return {"y": a, "f": g * (1 - math.sqrt(a / g))}

    objectives = [least("y"), least("f")]
    variants, found = optimised(zdt1, unit_inputs("abc"), objectives, [], first=8, rounds=6, batch=4)
    front = np.array([[v.values["y"].value, v.values["f"].value] for v in variants if v.number in found.front])
    on_it = front[front[:, 1] - 1 + np.sqrt(front[:, 0]) < 0.02]
    assert len(on_it) >= 6 and hypervolume(np.clip(front, 0, 1)) > 0.85 * 2 / 3
    assert found.rounds == sorted(found.rounds) and len(found.rounds) == 6


def test_levels_are_kept_and_not_repeated():
    inputs = [Input(name="holes", unit="", levels=[2, 3, 4]), Input(name="rows", unit="", levels=[1, 2])]
    variants, _ = optimised(lambda holes, rows: {"y": holes * rows}, inputs, [least("y")], [], 4, 3, 3)
    assert len(variants) == 6
    assert sorted(tuple(v.settings.values()) for v in variants) == [(h, r) for h in (2, 3, 4) for r in (1, 2)]
    with pytest.raises(ValueError, match="words"):
        propose([], [Input(name="finish", unit="", levels=["a", "b"])], [least("y")], [], 1, 0)
    with pytest.raises(ValueError, match="objective"):
        propose([], BRANIN, [], [], 1, 0)


def test_runs_under_way_are_not_proposed_again():
    points = propose([], BRANIN, [least("y")], [], 8, 0)
    done = [variant(k, branin(**p), settings=p) for k, p in enumerate(points)]
    first = propose(done, BRANIN, [least("y")], [], 1, 0)[0]
    running = variant(8, None, status="running", settings=first)
    second = propose([*done, running], BRANIN, [least("y")], [], 1, 0)[0]
    assert max(abs(first[k] - second[k]) / 15 for k in "xy") > 0.01


def test_feasible_doubtful_and_tied():
    mass, stress = least("y"), Constraint(quantity="s", unit="MPa", kind="maximum", limit=100)
    rows = [(9.0, 120.0), (10.0, 90.0), (10.8, 80.0), (12.0, 70.0), (9.5, 99.5)]
    variants = [variant(k, {"y": y, "s": s}, 1.0, role=f"round {k}") for k, (y, s) in enumerate(rows, 1)]
    variants += [
        variant(6, None, status="failed", role="round 6"),
        variant(7, {"y": 1.0, "s": 1.0}, None, of="singular"),
    ]
    found = optimum(variants, [mass], [stress])
    assert (found.feasible, found.doubtful, found.front, found.tied) == ([2, 3, 4], [5], [2], [3])
    assert found.first_round == 2 and found.rounds == [10.0] * 5
    for text in (
        "Variant 2 has the smallest y",
        "Variant 3 is worse by less",
        "Variant 5 is doubtful",
        "6",
        "singular",
    ):
        assert text in found.conclusion
    twice = optimum([*variants[:3], variant(8, {"y": 10.0, "s": 90.0}, 1.0)], [mass], [stress])
    assert "Variant 8 is as good. Variant 3 is worse by less" in twice.conclusion
    none = optimum(variants[:1], [mass], [stress])
    assert none.front == [] and none.rounds == [] and "No variant" in none.conclusion
    stiffest = optimum(variants[1:4], [mass, Objective(quantity="s", unit="MPa", sense="maximise")], [])
    assert stiffest.front == [2] and stiffest.tied == []


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=8))
@settings(deadline=None)
def test_hypervolume_of_two_and_three_agree(points):
    two = np.array(points)
    three = np.column_stack([two, np.zeros(len(two))])
    assert hypervolume(two) == pytest.approx(hypervolume(three), abs=0.01)


@given(st.floats(-5, 5), st.floats(0.01, 10))
def test_logarithm_of_the_expected_improvement(mean, deviation):
    z = (1.0 - mean) / deviation
    found = log_improvement(1.0, np.array([mean]), np.array([deviation]))[0]
    if z > -5:
        direct = deviation * (norm.pdf(z) + z * norm.cdf(z))
        assert found == pytest.approx(math.log(direct), abs=1e-6)
    assert math.isfinite(found)


def test_expected_improvement_far_away_keeps_falling():
    means = np.array([1e1, 1e2, 1e4, 1e6, 1e8])
    assert np.all(np.diff(log_improvement(0.0, means, np.ones(5))) < 0)


def test_the_values_of_a_usable_run_are_its_own():
    assert usable(variant(1, 5.0), "y").value == 5.0 and usable(variant(1, 5.0, of="singular"), "y") is None


def test_what_is_absent_for_one_reason_is_one_sentence():
    found = [("The Sobol' indices of", name, "a run failed") for name in ("mass", "peak_von_mises_stress")]
    assert _absent([*found, ("A surrogate of", "mass", "no input varies")]) == [
        "The Sobol' indices of mass and peak von Mises stress were not computed: a run failed",
        "A surrogate of mass was not computed: no input varies",
    ]

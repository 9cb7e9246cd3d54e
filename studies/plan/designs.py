"""Which variants each kind of study begins with."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from devices.parameters import InputError
from studies.findings.sobol_indices import saltelli_points
from studies.findings.study_record import Kind, Setting
from studies.plan.inputs import Varied
from studies.plan.study_file import StudySection

NOMINAL = "nominal"
# Nodes of Gauss-Hermite quadrature with three points, in standard deviations: exact for a parabola.
NODE = math.sqrt(3.0)
CENTRAL = (0.025, 0.975)  # quantiles: the central 95 % of a distribution

Design = Callable[[StudySection, Sequence[Varied], Mapping[str, Setting]], Iterator["Point"]]


@dataclass(frozen=True)
class Point:
    """A variant to be run.

    Attributes
    ----------
    role : str
        See `studies.findings.study_record.Variant`.
    """

    label: str
    settings: dict[str, Setting]
    role: str = ""


def grid(study: StudySection, inputs: Sequence[Varied], nominal: Mapping[str, Setting]) -> Iterator[Point]:
    """All combinations."""
    for k, values in enumerate(itertools.product(*(i.grid() for i in inputs)), 1):
        yield Point(str(k), dict(zip((i.name for i in inputs), values, strict=True)))


def latin_hypercube(study: StudySection, inputs: Sequence[Varied], nominal: Mapping[str, Setting]) -> Iterator[Point]:
    """Each input stratified, the strata shuffled (McKay, Beckman, Conover 1979)."""
    return _sampled(qmc.LatinHypercube(len(inputs), rng=study.seed).random(_runs(study)), inputs)


def sobol_sequence(study: StudySection, inputs: Sequence[Varied], nominal: Mapping[str, Setting]) -> Iterator[Point]:
    """The scrambled sequence of Sobol' (1967), as many points as asked for."""
    runs = _runs(study)
    points = qmc.Sobol(len(inputs), rng=study.seed).random_base2(math.ceil(math.log2(runs)))[:runs]
    return _sampled(points, inputs)


def one_at_a_time(study: StudySection, inputs: Sequence[Varied], nominal: Mapping[str, Setting]) -> Iterator[Point]:
    """The nominal variant; then each input at both ends: of its range, or of the central 95 % of its distribution."""
    yield Point(NOMINAL, dict(nominal), NOMINAL)
    for i in inputs:
        for name, value in _ends(i, nominal[i.name]):
            yield Point(f"{i.name} {name}", dict(nominal) | {i.name: value}, f"{i.name} {name}")


def sobol_indices(study: StudySection, inputs: Sequence[Varied], nominal: Mapping[str, Setting]) -> Iterator[Point]:
    """Saltelli's scheme; or a Latin hypercube where a surrogate stands in for the runs."""
    if study.surrogate:
        yield from latin_hypercube(study, inputs, nominal)
        return
    if study.samples is None or study.samples & (study.samples - 1):
        raise InputError("study.samples is missing or no power of two: Sobol' indices need one (or surrogate = true)")
    for k, point in enumerate(saltelli_points([i.record for i in inputs], study.samples, study.seed), 1):
        yield Point(str(k), {i.name: i.knob.read(point[i.name]) for i in inputs})


def within_a_size(size: Point, inputs: Sequence[Varied]) -> Iterator[Point]:
    """A size at the means of what scatters within it, and at the nodes of quadrature for each input alone."""
    base = size.settings | {i.name: i.record.mean for i in inputs if i.record.mean is not None}
    yield Point(size.label, dict(base), NOMINAL)
    for i in inputs:
        assert i.record.mean is not None and i.record.deviation is not None
        for name, sign in (("low", -1), ("high", 1)):
            value = i.knob.read(i.record.mean + sign * NODE * i.record.deviation)
            yield Point(size.label, base | {i.name: value}, f"{i.name} {name}")


def _ends(i: Varied, nominal: Setting) -> Iterator[tuple[str, Setting]]:
    """Where an input is moved to: both ends of its numbers, and all other values it is given."""
    levels = i.record.levels
    if i.record.mean is not None:
        yield from (("low", i.at(CENTRAL[0])), ("high", i.at(CENTRAL[1])))
    elif not levels:
        assert i.record.low is not None and i.record.high is not None
        yield from (("low", i.knob.read(i.record.low)), ("high", i.knob.read(i.record.high)))
    elif i.knob.word:
        yield from ((f"= {level}", level) for level in levels if level != nominal)
    else:
        ordered = sorted(levels, key=float)
        yield from (("low", ordered[0]), ("high", ordered[-1]))
        yield from ((f"= {level:g}", level) for level in ordered[1:-1] if level != nominal)  # type: ignore[str-format]


def _sampled(points: np.ndarray, inputs: Sequence[Varied]) -> Iterator[Point]:
    for k, row in enumerate(points, 1):
        yield Point(str(k), {i.name: i.at(float(u)) for i, u in zip(inputs, row, strict=True)})


def _runs(study: StudySection) -> int:
    if study.runs is None:
        raise InputError(f"study.runs is missing: a study of kind {study.kind} needs a number of runs")
    return study.runs


DESIGNS: dict[Kind, Design] = {
    "grid": grid,
    "latin_hypercube": latin_hypercube,
    "sobol_sequence": sobol_sequence,
    "one_at_a_time": one_at_a_time,
    "sobol_indices": sobol_indices,
    "uncertainty": latin_hypercube,
}

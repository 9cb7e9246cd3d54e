"""What a surrogate tells of a quantity, and whether it may be drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studies.findings.samples import Samples, samples
from studies.findings.study_record import Input, Output, Surface, SurrogateFinding, Variant
from studies.findings.surrogate import LeftOut, Surrogate, kernel_runs, surrogate_of

_TRUSTED = 0.8  # predictivity; a convention: of the scatter of runs it has not seen a fifth stays unexplained
_COVERED = 0.8  # of runs it has not seen, inside an interval for 95 %: by fewer its own error is not to be believed
_GRID = 25


def surrogate_finding(variants: Sequence[Variant], inputs: Sequence[Input], output: Output) -> SurrogateFinding | str:
    """A Gaussian process through the runs, and its error at runs it has not seen.

    It is trusted from a predictivity Q^2 of 0.8 on, by convention, if its 95 % intervals hold 80 % of the runs left
    out; only then it has a surface, over the two inputs of the shortest length scales relative to their ranges, the
    others at the middle of theirs. Runs must not repeat one another's settings in all inputs but one, as Saltelli's do:
    leaving out one alone would leave its answer among the others.

    Returns
    -------
    SurrogateFinding or str
        Why there is none, see `surrogate_of`.
    """
    runs = samples(variants, inputs, output.name)
    surrogate = surrogate_of(runs)
    if isinstance(surrogate, str):
        return surrogate
    names, left_out = [i.name for i in runs.inputs], surrogate.left_out()
    trusted = is_trusted(left_out)
    lengths = surrogate.length_scales() * (surrogate.high - surrogate.low)
    return SurrogateFinding(
        quantity=output.name,
        unit=output.unit,
        inputs=names,
        runs=len(runs.y),
        predictivity=left_out.predictivity,
        error=left_out.error,
        coverage=left_out.coverage,
        trusted=trusted,
        length_scales=dict(zip(names, lengths.tolist(), strict=True)),
        kernel_runs=kernel_runs(len(runs.y)),
        surface=_surface(surrogate, runs) if trusted and len(names) > 1 else None,
    )


def is_trusted(left_out: LeftOut) -> bool:
    """Whether runs left out are predicted well enough, and the error of that too."""
    return left_out.predictivity >= _TRUSTED and left_out.coverage >= _COVERED


def _surface(surrogate: Surrogate, runs: Samples) -> Surface:
    i, j = np.argsort(surrogate.length_scales(), kind="stable")[:2]
    x, y = (np.linspace(surrogate.low[k], surrogate.high[k], _GRID) for k in (i, j))
    points = np.tile((surrogate.low + surrogate.high) / 2, (_GRID**2, 1))
    points[:, i], points[:, j] = np.tile(x, _GRID), np.repeat(y, _GRID)
    mean, deviation = (values.reshape(_GRID, _GRID) for values in surrogate.predict(points))
    return Surface(
        input_x=runs.inputs[i].name,
        input_y=runs.inputs[j].name,
        x=x.tolist(),
        y=y.tolist(),
        mean=mean.tolist(),
        deviation=deviation.tolist(),
    )

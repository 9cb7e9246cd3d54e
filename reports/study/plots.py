"""The plots of a study: which are drawn follows from its kind and its findings."""

from __future__ import annotations

from pathlib import Path

import matplotlib

from reports.scenery import Picture
from reports.study.draw_by_variant import draw_by_variant
from reports.study.draw_distribution import draw_distribution
from reports.study.draw_indices import draw_indices
from reports.study.draw_main_effects import draw_main_effects
from reports.study.draw_parallel import draw_parallel
from reports.study.draw_pareto import draw_pareto
from reports.study.draw_ranking import draw_ranking
from reports.study.draw_rounds import draw_rounds
from reports.study.draw_surface import draw_surface
from reports.study.draw_tornado import draw_tornado
from studies.findings.study_record import (
    Distribution,
    Indices,
    MainEffect,
    Optimum,
    Ranking,
    StudyRecord,
    SurrogateFinding,
    Tornado,
)

# A line to a variant says nothing where all variants but one setting are alike.
NOT_PARALLEL = ("one_at_a_time",)


def draw(folder: Path, record: StudyRecord, scale: float = 1.0) -> list[Picture]:
    """Draw all plots of a study into its folder.

    Parameters
    ----------
    folder : Path
    record : StudyRecord
    scale : float
        Resolution, relative to that for a report.

    Returns
    -------
    list of Picture
        In the order of the findings; then those of the study as a whole. None where no variant has a value.
    """
    # A "$" in a label is a dollar.
    with matplotlib.rc_context({"text.parse_math": False, "hatch.linewidth": 0.7}):
        return _draw(folder, record, scale)


def _draw(folder: Path, record: StudyRecord, scale: float) -> list[Picture]:
    drawn: list[Picture | None] = []
    for finding in record.findings:
        match finding:
            case Ranking() if finding.rows:
                drawn.append(draw_ranking(folder, record, finding, scale))
            case Tornado() if finding.bars:
                drawn.append(draw_tornado(folder, record, finding, scale))
            case Indices() if finding.rows:
                drawn.append(draw_indices(folder, finding, scale))
            case Distribution():
                drawn.append(draw_distribution(folder, record, finding, scale))
            case Optimum():
                drawn += [draw_pareto(folder, record, finding, scale), draw_rounds(folder, record, finding, scale)]
            case _:
                pass
    effects = [f for f in record.findings if isinstance(f, MainEffect) and f.points]
    if effects:
        drawn += draw_main_effects(folder, record, effects, scale)
    if record.kind == "list" or not any(drawn):
        drawn.append(draw_by_variant(folder, record, scale))
    drawn += [draw_surface(folder, record, f, scale) for f in record.findings if isinstance(f, SurrogateFinding)]
    if record.kind not in NOT_PARALLEL:
        drawn.append(draw_parallel(folder, record, scale))
    return [picture for picture in drawn if picture is not None]

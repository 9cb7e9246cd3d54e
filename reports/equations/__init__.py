"""The governing equations of each physics, as data, and typeset."""

from __future__ import annotations

import io
import re
import tomllib
from functools import cache
from pathlib import Path

import matplotlib.mathtext
from matplotlib.font_manager import FontProperties
from pydantic import BaseModel, ConfigDict

from reports import theme
from studies.record import RunRecord

SIZE = 12.0  # points, an em of the formulae


class Equation(BaseModel):
    """One formula.

    Attributes
    ----------
    title, tex, alt, text, source : str
        ``tex`` is for matplotlib's mathtext, ``alt`` the same in words, ``text`` what it means and where it holds.
    needs : str
        Quantity without which it says nothing of a run.
    law : str
        Law of viscosity that it is.
    parameter : str
        Parameter of the protocol that is not zero where it holds.
    steady : bool or None
        Of steady or of unsteady problems only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    tex: str
    alt: str
    text: str
    source: str
    needs: str = ""
    law: str = ""
    parameter: str = ""
    steady: bool | None = None

    def holds(self, record: RunRecord) -> bool:
        """Whether it is one of the equations of a run."""
        value = record.protocol_parameters.get(self.parameter)
        return (
            (not self.needs or self.needs in {q.name for q in record.quantities})
            and (not self.law or self.law == viscosity_law(record))
            and (not self.parameter or (value is not None and bool(value.value)))
            and self.steady in (None, not unsteady(record))
        )

    def picture(self) -> Formula:
        """It typeset."""
        return _typeset(self.tex)


class Formula(BaseModel):
    """A formula as SVG, so many ems wide and high."""

    svg: str
    width: float
    height: float


def equations_of(record: RunRecord) -> list[Equation]:
    """The equations that were solved in a run, and those of what was derived from the solution."""
    return [equation for equation in _all_of(record.physics) if equation.holds(record)]


def unsteady(record: RunRecord) -> bool:
    """Whether time was stepped through; runs older than the record of the method tell it by their protocol."""
    return record.method.time is not None if record.method else record.protocol == "flow_pulsatile"


def viscosity_law(record: RunRecord) -> str:
    """Name of the law of the fluid; of runs older than its record, by the constants that it needs."""
    for material in record.materials:
        if material.law:
            return material.law
        if "viscosity" in material.constants:
            return "newtonian"
        if "power_index" in material.constants:
            return "carreau_yasuda"
        if "yield_stress" in material.constants:
            return "casson"
    return ""


@cache
def _all_of(physics: str) -> tuple[Equation, ...]:
    data = tomllib.loads(Path(__file__).with_name(f"{physics}.toml").read_text(encoding="utf-8"))
    return tuple(Equation.model_validate(row) for row in data["equation"])


@cache
def _typeset(tex: str) -> Formula:
    buffer = io.BytesIO()
    style = FontProperties(size=SIZE, math_fontfamily="stix")
    matplotlib.mathtext.math_to_image(f"${tex}$", buffer, prop=style, format="svg", dpi=72, color=theme.INK)
    svg = buffer.getvalue().decode()
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    assert size is not None
    return Formula(svg=svg, width=float(size[1]) / SIZE, height=float(size[2]) / SIZE)

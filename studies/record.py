"""The run record: what `run.json` holds, as a validated model with a JSON schema.

The record is the contract between a run and everything that reads it later
(pictures, reports, comparisons, studies). Its version number changes whenever a
field changes its meaning or goes away.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geometry.scene import Arrow, Ghost, Scene

SCHEMA_VERSION = 2
BY_USER = "set by the user"  # the source of a parameter that differs from its default
STATEMENTS = "statements.toml"  # what a person says of a run stands beside its record, and is no part of it

Status = Literal["converged", "not_converged", "singular"]
Verdict = Literal["pass", "fail", "undecided", "not_applicable"]
Physics = Literal["solid", "flow", "permeation", "formula"]
Point = tuple[float, float, float]

__all__ = ["Arrow", "Ghost", "RunRecord", "Scene", "schema", "schema_text"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ParameterValue(_Part):
    """One device or protocol parameter as it was used."""

    value: float | int | str | bool
    unit: str = ""
    description: str = ""
    source: str = ""
    verified: bool | None = Field(
        default=None, description="True: checked against a citable text; False: assumed; null: a free design choice."
    )


class MaterialConstant(_Part):
    value: float
    unit: str
    source: str
    verified: bool


class MaterialRecord(_Part):
    name: str
    specification: str
    law: str = Field(default="", description="Of viscosity, as the card names it; empty: Hooke's law, or not recorded.")
    temperature_degC: float | None = Field(default=None, description="At which the constants hold.")
    parts: list[str] = Field(default=[], description="Labels of what is made of it.")
    constants: dict[str, MaterialConstant]


class Quantity(_Part):
    """A quantity of interest with its error bar.

    ``uncertainty`` is absolute, in ``unit``: the half-width of an interval meant to
    hold the exact value of the model in 95 of 100 cases.
    """

    name: str
    description: str
    value: float
    unit: str
    uncertainty: float | None
    extrapolated: float | None = None
    order: float | None = None
    status: Status
    reason: str = Field(default="", description="Why the status is what it is, in one sentence.")
    location: Point | None = None
    limit: float | None = None
    limit_kind: Literal["minimum", "maximum"] | None = None
    verdict: Verdict | None = None
    note: str = ""


class Level(_Part):
    """One mesh of the ladder."""

    cells: int
    dofs: int
    scale: float | None = Field(
        description="Element size relative to the first mesh of the ladder, as asked for on average; null for the "
        "meshes that only found out where elements must be small."
    )
    h: float = Field(description="Mean element size, mm.")
    values: dict[str, float]
    seconds: float
    iterations: int
    min_quality: float = Field(description="Smallest scaled inverse condition number (minSICN) of the curved elements.")
    moved: bool = Field(default=False, description="It is a mesh of another part, moved to this one.")


class Check(_Part):
    """A check of the calculation: ``value`` against ``limit`` (value <= limit passes)."""

    value: float
    limit: float
    passed: bool
    description: str


class Condition(_Part):
    """What was prescribed on a surface, in a volume or at the beginning."""

    kind: Literal["support", "load", "inlet", "outlet", "wall", "symmetry", "periodic", "initial"]
    where: str = Field(default="", description="Label of the surface; empty: no labelled one.")
    law: str = Field(description="What holds there, in words.")
    values: str = Field(default="", description="Its numbers with their units.")


class TimeSteps(_Part):
    """How an unsteady problem was stepped through, on the finest mesh."""

    scheme: str
    step_s: float
    steps_per_cycle: int
    cycles: int
    distance: float | None = Field(
        description="Of the velocity from the periodic one, in L2 over space and time, relative; null: not known."
    )
    courant: float = Field(description="Largest |u| dt / h.")


class Method(_Part):
    """How the problem was discretised and solved, on the finest mesh."""

    elements: str
    quadrature_degree: int
    nonlinear_solver: str = Field(default="", description="Empty: the problem is linear.")
    linear_solver: str
    tolerance: float
    tolerance_of: str
    residual: float
    notes: str = Field(default="", description="What the solver did out of the ordinary.")
    time: TimeSteps | None = Field(default=None, description="null: the problem is steady.")


class BudgetRecord(_Part):
    """What the meshes of the run might cost, and what of it stopped the ladder."""

    memory_MB: float
    minutes: float
    exhausted: Literal["memory", "time", "meshes", "mesh", "solver"] | None = Field(
        description="Memory, minutes or number of meshes were spent; or the next mesh, or its solution, failed."
    )


class Provenance(_Part):
    version: str
    git: str
    packages: dict[str, str]
    platform: str
    started: str
    inputs_sha256: str
    ranks: int
    processor: str = ""


class Regions(_Part):
    """Names behind the integers `volume` (fields.vtu) and `surface` (surface.vtu): labels joined by "+"."""

    volumes: dict[int, str]
    surfaces: dict[int, str]


class RunRecord(_Part):
    """All that is known of one run; written as `run.json`."""

    schema_version: int = SCHEMA_VERSION
    key: str
    device: str
    device_description: str
    protocol: str
    protocol_description: str
    style_of: str = Field(description="The test method whose style the protocol follows; never a claim of compliance.")
    sources: list[str]
    parameters: dict[str, ParameterValue]
    protocol_parameters: dict[str, ParameterValue]
    materials: list[MaterialRecord]
    accuracy: float
    budget: BudgetRecord
    physics: Physics = "solid"
    status: Literal["done", "not_converged"]
    prediction: bool = Field(
        default=True, description="False where the model does not hold: then none of the numbers is a prediction."
    )
    verdict: Verdict
    quantities: list[Quantity]
    levels: list[Level]
    timings: dict[str, float]
    peak_memory_MB: float
    checks: dict[str, Check]
    warnings: list[str]
    method: Method | None = Field(default=None, description="null: a closed formula, or not recorded.")
    conditions: list[Condition] = Field(default=[], description="Empty: a closed formula, or not recorded.")
    started_from: str = Field(
        default="",
        description="Key of the run whose meshes, moved to this part, the ladder began with; empty: its own.",
    )
    copies: int = Field(default=1, description="How many of what was computed make the device: 4 for a quarter.")
    tables: list[str] = Field(default=[], description="Curves in the run folder, as comma-separated values.")
    scene: Scene
    regions: Regions
    provenance: Provenance

    @classmethod
    def read(cls, folder: Path) -> RunRecord:
        """Read the record of a run folder.

        Raises
        ------
        pydantic.ValidationError
            If `run.json` does not follow the schema.
        """
        return cls.model_validate_json((folder / "run.json").read_text())

    def write(self, folder: Path) -> None:
        (folder / "run.json").write_text(self.model_dump_json(indent=2) + "\n")

    def quantity(self, name: str) -> Quantity:
        """The quantity called ``name``; KeyError if the run does not have it."""
        for quantity in self.quantities:
            if quantity.name == name:
                return quantity
        raise KeyError(name)


def schema() -> dict[str, Any]:
    """The JSON schema of `run.json`."""
    return RunRecord.model_json_schema()


def schema_text() -> str:
    return json.dumps(schema(), indent=2) + "\n"

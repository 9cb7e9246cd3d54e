"""The study file: a TOML text as a validated model, with the line of whatever is wrong."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from devices.parameters import InputError, nearest
from studies.findings.study_record import Kind, Published, Sense
from studies.plan.lines import line_of

Number = bool | float | int | str  # text may carry a unit
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class StudySection(_Part):
    """``[study]``: what is asked, of which device, under which test.

    Attributes
    ----------
    runs : int or None
        Variants of a sampling, an uncertainty or an optimisation (all rounds together).
    samples : int or None
        N of Sobol' indices by runs, which take N (inputs + 2) of them.
    surrogate : bool
        Sobol' indices from a Gaussian process through ``runs`` runs.
    batch : int
        Variants of a round of an optimisation.
    quantities : list of str
        That findings are about; all if empty.
    minutes, memory_GB : float
        Budget of a single run.
    reports : bool
        Whether each variant gets its pictures and its report.
    start : {"own", "first"}
        What a ladder begins with: coarse meshes of its own, or, but for the first variant, the meshes of that one.
    """

    name: Name
    title: str = ""
    question: str = ""
    kind: Kind
    device: str
    protocol: str | None = None
    accuracy: float = Field(default=0.02, ge=1e-4, le=0.5)
    runs: int | None = Field(default=None, ge=2)
    samples: int | None = Field(default=None, ge=2)
    surrogate: bool = False
    batch: int = Field(default=4, ge=1, le=64)
    seed: int = Field(default=1, ge=0)
    quantities: list[str] = []
    minutes: float = Field(default=30.0, ge=0.1, le=1e5)
    memory_GB: float | None = Field(default=None, ge=0.5, le=1e5)
    reports: bool = True
    start: Literal["own", "first"] = "own"


class Range(_Part):
    """How an input varies: between ``low`` and ``high``, in ``steps`` for a grid, or as a distribution with ``mean``
    and ``deviation``.
    """

    low: Number | None = None
    high: Number | None = None
    steps: int | None = Field(default=None, ge=2, le=10_000)
    mean: Number | None = None
    deviation: Number | None = None
    distribution: Literal["uniform", "normal", "lognormal"] | None = None
    source: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Range:
        bounded, spread = (self.low, self.high), (self.mean, self.deviation)
        if (None in bounded and bounded != (None, None)) or (None in spread and spread != (None, None)):
            raise ValueError("give low and high, or mean and deviation")
        if (bounded == (None, None)) == (spread == (None, None)):
            raise ValueError("give either low and high, or mean and deviation")
        if self.distribution == "uniform" and self.mean is not None:
            raise ValueError("a uniform distribution has low and high, no mean")
        if self.distribution in ("normal", "lognormal") and self.mean is None:
            raise ValueError(f"a {self.distribution} distribution has mean and deviation, no low")
        return self


class Criterion(_Part):
    """Of a size family: which end of which quantity is the worst."""

    quantity: str
    worst: Sense


class ObjectiveIn(_Part):
    quantity: str
    sense: Literal["minimise", "maximise"]


class ConstraintIn(_Part):
    """``maximum`` or ``minimum`` of a quantity, with its unit."""

    quantity: str
    maximum: Number | None = None
    minimum: Number | None = None

    @model_validator(mode="after")
    def _one(self) -> ConstraintIn:
        if (self.maximum is None) == (self.minimum is None):
            raise ValueError("give either a maximum or a minimum")
        return self


class PublishedIn(Published):
    """A figure from elsewhere for ``quantity``, to stand beside ours."""

    quantity: str


class StudyFile(_Part):
    """The whole file.

    Attributes
    ----------
    fixed : dict
        Settings that all variants share.
    vary : dict of str to list or Range
        Inputs: values, or a range, or a distribution.
    scatter : dict of str to Range
        Of a size family: distributions of what scatters within each size.
    table : str or None
        File of variants (CSV or XLSX; units in the headers, as in "neck_diameter [mm]"), relative to the study file.
    variant : list of dict
        Variants, each with a ``label``.
    """

    study: StudySection
    fixed: dict[str, Number] = {}
    vary: dict[str, list[Number] | Range] = {}
    scatter: dict[str, Range] = {}
    table: str | None = None
    variant: list[dict[str, Number]] = []
    criterion: list[Criterion] = []
    objective: list[ObjectiveIn] = []
    constraint: list[ConstraintIn] = []
    published: list[PublishedIn] = []


class StudyError(InputError):
    """A study file that cannot be followed; the message begins with file and line."""


def parse(text: str, path: Path) -> StudyFile:
    """Read a study file.

    Raises
    ------
    StudyError
        With the line of the first fault.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path}: {error}") from error
    if not content:
        raise StudyError(f"{path} is empty: a study begins with [study]; see studies/examples")
    try:
        return StudyFile.model_validate(content)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        # A union reports one fault for each of its members: the deepest place is the one meant, and not that a table
        # is no list.
        fault = max(faults, key=lambda f: (len(_steps(f["loc"])), not f["type"].endswith(("list_type", "model_type"))))
        raise wrong(path, text, _steps(fault["loc"]), _words(dict(fault), content)) from error


def wrong(path: Path, text: str, place: tuple[str | int, ...], message: str) -> StudyError:
    """The error of what stands at a place of the file."""
    line = line_of(text, place)
    return StudyError(f"{path}{f', line {line}' if line else ''}: {message}")


def _steps(loc: tuple[int | str, ...]) -> tuple[str | int, ...]:
    """Keys of the file only: pydantic adds the names of the types it has tried."""
    types = ("Range", "list[", "float", "int", "str", "bool", "union", "constrained-str", "function-after")
    return tuple(step for k, step in enumerate(loc) if isinstance(step, int) or k < 2 or not step.startswith(types))


def _words(fault: dict[str, Any], content: dict[str, Any]) -> str:
    steps = _steps(fault["loc"])
    name = ".".join(str(step) for step in steps if not isinstance(step, int))
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        known = StudySection.model_fields if steps[0] == "study" and len(steps) > 1 else StudyFile.model_fields
        if len(steps) > 1 and steps[0] != "study":
            return f"unknown key '{steps[-1]}' in {steps[0]}"
        return f"unknown key '{name}'{nearest(str(steps[-1]), known)}"
    if fault["type"] == "missing":
        return f"{name} is missing"
    if fault["type"] == "string_pattern_mismatch" and name == "study.name":
        return f"study.name = {fault['input']!r}: letters, digits, - and _ only, at most 64, for it names a folder"
    shown = "" if isinstance(fault.get("input"), dict | list) else f" = {fault.get('input')!r}"
    return f"{name}{shown}: {message}"


def schema_text() -> str:
    """The JSON schema of a study file, for editors."""
    return json.dumps(StudyFile.model_json_schema(), indent=2) + "\n"

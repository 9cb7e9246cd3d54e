"""The study record: what `study.json` holds. The contract between a study and what reads it later (reports, people)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1

Kind = Literal[
    "list",
    "grid",
    "latin_hypercube",
    "sobol_sequence",
    "one_at_a_time",
    "sobol_indices",
    "size_family",
    "uncertainty",
    "optimisation",
]
Status = Literal["waiting", "running", "done", "not_converged", "impossible", "failed"]
ENDED: tuple[Status, ...] = ("done", "not_converged", "impossible", "failed")
Sense = Literal["minimum", "maximum"]  # in the order of the run record: typing takes both for the same
Setting = float | int | str


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Input(_Part):
    """What is varied.

    ``low`` and ``high`` bound a range (for a distribution: the central 99.8 %); ``levels`` are given values.
    """

    name: str
    unit: str
    description: str = ""
    low: float | None = None
    high: float | None = None
    levels: list[Setting] = []
    mean: float | None = Field(default=None, description="Of a distribution.")
    deviation: float | None = Field(default=None, description="Standard deviation of a distribution.")
    distribution: str = Field(default="", description='In words, such as "normal, mean 10 deg, sd 0.5 deg".')
    source: str = Field(default="", description="Where range or distribution come from, as the study file says.")


class Output(_Part):
    """A quantity of interest."""

    name: str
    unit: str
    description: str
    limit: float | None = None
    limit_kind: Sense | None = None


class Value(_Part):
    """As in the run record: ``uncertainty`` is the half-width of a 95 % interval."""

    value: float
    uncertainty: float | None
    status: Literal["converged", "not_converged", "singular"]


class Variant(_Part):
    """One row of the study.

    Attributes
    ----------
    settings : dict of str to float, int or str
        Of the inputs, in house units.
    status : str
        "impossible": the parameters make no run; "failed": the run ended without result, twice where that may help.
    folder : str or None
        Run folder, relative to the study folder.
    """

    number: int
    label: str
    settings: dict[str, Setting]
    role: str = Field(default="", description='Why it is run, such as "nominal", "adduction high", "round 2".')
    status: Status
    message: str = ""
    attempts: int = 0
    key: str = ""
    folder: str | None = None
    verdict: str | None = None
    seconds: float | None = None
    dofs: int | None = None
    memory_MB: float | None = None
    values: dict[str, Value] = {}


class RankRow(_Part):
    """One size.

    Attributes
    ----------
    scatter : float
        Standard deviation by the inputs' scatter.
    scatter_uncertainty : float or None
        What the error bars of the runs do to that: half-width of a 95 % interval.
    probability : float
        That it is the worst.
    """

    variant: int
    label: str
    value: float
    uncertainty: float
    scatter: float
    scatter_uncertainty: float | None = None
    probability: float


class Ranking(_Part):
    """Which size is the worst, most probable first."""

    kind: Literal["ranking"] = "ranking"
    quantity: str
    unit: str
    worst: Sense
    rows: list[RankRow]
    conclusion: str


class Bar(_Part):
    """What one input does to a quantity, alone: at its low and its high setting, or at those of the extreme values."""

    input: str
    low: Setting
    high: Setting
    value_low: float | None
    value_high: float | None
    uncertainty_low: float | None
    uncertainty_high: float | None
    significant: bool = Field(description="Whether either change is larger than the uncertainties.")
    open: list[Setting] = Field(default=[], description="Settings whose runs gave no usable value.")


class Published(_Part):
    """A figure from elsewhere to stand beside: changes in percent."""

    inputs: list[str]
    low_percent: float
    high_percent: float
    source: str


class Tornado(_Part):
    """One at a time, largest effect first. ``uncertainty`` of a change holds meshes that are not alike."""

    kind: Literal["tornado"] = "tornado"
    quantity: str
    unit: str
    nominal: float
    uncertainty: float
    bars: list[Bar]
    published: list[Published] = []


class IndexRow(_Part):
    input: str
    first: float
    first_interval: float
    total: float
    total_interval: float


class Indices(_Part):
    """Sobol' indices with half-widths of 95 % intervals."""

    kind: Literal["indices"] = "indices"
    quantity: str
    method: str
    from_surrogate: bool
    rows: list[IndexRow]
    conclusion: str


class Distribution(_Part):
    """A quantity under scattering inputs."""

    kind: Literal["distribution"] = "distribution"
    quantity: str
    unit: str
    runs: int
    mean: float
    standard_deviation: float
    percentiles: dict[str, float]
    tolerance: tuple[float, float] | None = Field(description="None where there are too few runs.")
    tolerance_text: str
    numerical: float = Field(description="Median uncertainty of a single run, in the unit.")
    limit: float | None = None
    limit_kind: Sense | None = None
    failures: int | None = None
    lost: int = Field(default=0, description="Draws that ended without a usable value: possible failures.")
    failure_probability: float | None = None
    failure_interval: tuple[float, float] | None = None
    method: str


class Objective(_Part):
    quantity: str
    unit: str
    sense: Literal["minimise", "maximise"]


class Constraint(_Part):
    quantity: str
    unit: str
    kind: Sense
    limit: float


class Optimum(_Part):
    """Result of an optimisation.

    Attributes
    ----------
    feasible : list of int
        Variants that meet the constraints with their error bars.
    doubtful : list of int
        Variants whose error bars hold a limit.
    front : list of int
        Feasible variants that no other one beats in all objectives; the best one alone for a single objective.
    tied : list of int
        Feasible ones that are beaten by less than the error bars.
    rounds : list of float
        Best value after each round (one objective), or dominated hypervolume (more).
    first_round : int
        That ``rounds`` begin with: no variant was feasible before.
    """

    kind: Literal["optimum"] = "optimum"
    objectives: list[Objective]
    constraints: list[Constraint]
    feasible: list[int]
    doubtful: list[int]
    front: list[int]
    tied: list[int]
    rounds: list[float]
    first_round: int = 1
    conclusion: str


class EffectPoint(_Part):
    setting: Setting
    mean: float
    interval: float | None = Field(description="Half-width of a 95 % interval of the mean; None of one run.")
    runs: int


class MainEffect(_Part):
    """Mean of a quantity at each setting (or range of settings) of an input, over all else."""

    kind: Literal["main_effect"] = "main_effect"
    quantity: str
    input: str
    points: list[EffectPoint]
    complete: bool = Field(
        default=False,
        description="Whether each mean is over the same settings of all else; then the intervals are numerical only.",
    )


class Surface(_Part):
    """The surrogate over two inputs, the others at their middle: mean[j][i] at (x[i], y[j])."""

    input_x: str
    input_y: str
    x: list[float]
    y: list[float]
    mean: list[list[float]]
    deviation: list[list[float]]


class SurrogateFinding(_Part):
    """A Gaussian process through the runs, with its error at runs left out one at a time.

    Attributes
    ----------
    predictivity : float
        Q^2, 1 - (sum of squared leave-one-out errors) / (sum of squares about the mean).
    error : float
        Root mean square of the leave-one-out errors, in the unit.
    coverage : float
        Share of runs inside the 95 % interval predicted without them.
    trusted : bool
        Whether it is good enough to be drawn.
    kernel_runs : int or None
        Runs that its length scales are fitted to, where these are not all.
    """

    kind: Literal["surrogate"] = "surrogate"
    quantity: str
    unit: str
    inputs: list[str]
    runs: int
    predictivity: float
    error: float
    coverage: float
    trusted: bool
    length_scales: dict[str, float] = Field(description="In units of each input.")
    kernel_runs: int | None = None
    surface: Surface | None = None


Finding = Annotated[
    Ranking | Tornado | Indices | Distribution | Optimum | MainEffect | SurrogateFinding,
    Field(discriminator="kind"),
]


class Execution(_Part):
    """How the study was run.

    Attributes
    ----------
    seconds : float
        While it ran, all starts of it together.
    busy_seconds : float
        Sum of what the workers spent on runs.
    shares : dict of str to float
        Of the busy time: "mesh", "solve", "measure", "write", "report", "other".
    """

    workers: int
    scheduler: str
    seconds: float
    busy_seconds: float
    computed: int
    from_store: int
    retries: int
    starts: int
    variants_per_hour: float
    shares: dict[str, float]


class StudyRecord(_Part):
    """All that is known of a study; written as `study.json`."""

    schema_version: int = SCHEMA_VERSION
    key: str
    name: str
    title: str
    question: str = ""
    kind: Kind
    device: str
    device_description: str
    protocol: str
    protocol_description: str
    style_of: str
    accuracy: float
    fixed: dict[str, str]
    inputs: list[Input]
    outputs: list[Output]
    variants: list[Variant]
    quantities: list[str] = Field(default=[], description="Asked for in the study file.")
    findings: list[Finding]
    absent: list[str] = Field(default=[], description="Findings that were asked for and that there are not, and why.")
    warnings: list[str]
    complete: bool
    execution: Execution
    started: str
    version: str
    git: str

    @classmethod
    def read(cls, folder: Path) -> StudyRecord:
        """Read the record of a study folder.

        Raises
        ------
        pydantic.ValidationError
            If `study.json` does not follow the schema.
        """
        return cls.model_validate_json((folder / "study.json").read_text())

    def write(self, folder: Path) -> None:
        path = folder / "study.json"
        part = path.with_suffix(".part")
        part.write_text(self.model_dump_json(indent=1) + "\n")
        part.replace(path)


def schema_text() -> str:
    """The JSON schema of `study.json`."""
    return json.dumps(StudyRecord.model_json_schema(), indent=2) + "\n"

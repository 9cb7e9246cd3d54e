"""What the gallery says of a run, a study or a comparison."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from reports.gallery.folder import Kind
from studies.record import Status, Verdict


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Figure(_Part):
    """A quantity as it is shown: its number with the error bar, rounded; "" if it is singular."""

    name: str
    text: str
    unit: str
    status: Status
    verdict: Verdict | None = None
    limit: str = ""


class Number(_Part):
    """A value that can be searched for, or sorted by."""

    value: float | str
    unit: str = ""


class Card(_Part):
    """One entry of the gallery.

    Attributes
    ----------
    path : str
        Folder below the results folder, with slashes.
    chips : list of str
        What tells it from others of its kind: parameters that differ from their defaults, inputs of a study.
    counts : list of (status, str)
        Of a study: how many variants ended in which way.
    hidden : list of str
        What is searched, but not shown: names of materials, keys.
    inputs, values : dict
        Parameters and quantities by name, in the unit of the record; singular quantities have no value.
    trouble : str
        Why it cannot be read; nothing else is known then.
    """

    kind: Kind
    path: str
    title: str
    device: str = ""
    protocol: str = ""
    device_description: str = ""
    protocol_description: str = ""
    date: str = ""
    accuracy: float | None = None
    status: Literal["done", "not_converged", ""] = ""
    prediction: bool = True
    complete: bool = True
    verdict: Verdict | None = None
    chips: list[str] = []
    figures: list[Figure] = []
    more: int = Field(default=0, description="Quantities beyond the figures shown.")
    sentences: list[str] = []
    counts: list[tuple[str, str]] = []
    hidden: list[str] = []
    inputs: dict[str, Number] = {}
    values: dict[str, Number] = {}
    trouble: str = ""

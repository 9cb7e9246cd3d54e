"""What is drawn with a solid but not meshed: loads, fixtures, companions; and how to look at it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Point = tuple[float, float, float]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Arrow(_Part):
    """A load as the picture shows it: acts at ``point`` along ``vector`` (unit), labelled."""

    point: Point
    vector: Point
    label: str


class Ghost(_Part):
    """Something that is drawn but was not meshed: a potting block, a roller, a head.

    ``cylinder``: ``centre`` is the middle of the axis, ``axis`` its unit direction,
    ``size`` = (radius, length). ``sphere``: ``size`` = (radius,).
    """

    kind: Literal["cylinder", "sphere"]
    role: Literal["fixture", "load", "part"]
    centre: Point
    axis: Point = (0.0, 0.0, 1.0)
    size: tuple[float, ...]
    label: str


class Scene(_Part):
    """What a picture needs beyond the fields: camera, loads, fixture, section, excluded zone."""

    view_direction: Point = Field(description="From the part towards the camera, unit vector.")
    up: Point
    section_origin: Point
    section_normal: Point
    arrows: list[Arrow] = []
    ghosts: list[Ghost] = []
    excluded: str = Field(default="", description="The zone left out of the peak stresses, in words.")
    excluded_points: list[Point] = Field(default=[], description="Where a singular peak is left out, to be marked.")

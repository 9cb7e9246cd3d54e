"""What a picture needs beyond the fields: camera, loads, fixture, section, excluded zone."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from geometry.ghost import Ghost

Point = tuple[float, float, float]

__all__ = ["Arrow", "Ghost", "Scene"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Arrow(_Part):
    """A load as the picture shows it: acts at ``point`` along ``vector`` (unit), labelled."""

    point: Point
    vector: Point
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

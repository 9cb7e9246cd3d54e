"""Things that are drawn beside the solid but not meshed."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Point = tuple[float, float, float]


class Ghost(BaseModel):
    """Something that is drawn but was not meshed: a potting block, a roller, a head.

    ``cylinder``: ``centre`` is the middle of the axis, ``axis`` its unit direction,
    ``size`` = (radius, length). ``sphere``: ``size`` = (radius,).
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    kind: Literal["cylinder", "sphere"]
    role: Literal["fixture", "load", "part"]
    centre: Point
    axis: Point = (0.0, 0.0, 1.0)
    size: tuple[float, ...]
    label: str

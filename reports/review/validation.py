"""What there is to compare a run with, and what would count."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reports.curves import curve
from studies.record import Quantity, RunRecord


@dataclass(frozen=True)
class Station:
    """A computed velocity beside a measured one, m/s, at a place on the axis, mm."""

    z: float
    computed: float
    measured: float
    spread: float
    sets: int

    @property
    def difference(self) -> float:
        """Relative to the measured value."""
        return self.computed / self.measured - 1


@dataclass(frozen=True)
class Comparison:
    """A run beside measurements.

    Attributes
    ----------
    stations : list of Station
    quantities : list of Quantity
        What the run says of the agreement.
    profiles : int
        Cross-sections that were compared too.
    """

    stations: list[Station]
    quantities: list[Quantity]
    profiles: int


@dataclass(frozen=True)
class Comparator:
    """What would count as validation."""

    text: str
    source: str


AGREEMENT = ("global_error", "axis_points_inside", "profile_points_inside")


def comparison(folder: Path, record: RunRecord) -> Comparison | None:
    """The measurements in the tables of a run beside what was computed; None if it has none."""
    if not {"tables/axis_velocity.csv", "tables/axis_measured.csv"} <= set(record.tables):
        return None
    computed, measured = curve(folder, "axis_velocity"), curve(folder, "axis_measured")
    if computed is None or measured is None:
        return None
    stations = [
        Station(float(z), float(u), float(mean), float(spread), int(sets))
        for z, u, mean, spread, sets in zip(
            measured["z_mm"],
            computed["u_m_per_s"],
            measured["mean_m_per_s"],
            measured["sd_m_per_s"],
            measured["sets"],
            strict=True,
        )
    ]
    said = [q for q in record.quantities if q.name.startswith(AGREEMENT)]
    return Comparison(stations, said, sum(name.startswith("tables/measured_z") for name in record.tables))


def comparator(record: RunRecord) -> Comparator:
    """What would count for a run of this kind: the first entry that fits."""
    for row in _rows():
        fits = not row["protocols"] or any(record.protocol.startswith(name) for name in row["protocols"])
        if row["physics"] == record.physics and fits:
            return Comparator(row["text"], row["source"])
    raise LookupError(record.physics)


@cache
def _rows() -> list[dict[str, str]]:
    text = Path(__file__).with_name("comparators.toml").read_text(encoding="utf-8")
    rows: list[dict[str, str]] = tomllib.loads(text)["comparator"]
    return rows

"""What a comparison says of itself to other programs: `comparison.json`, beside its page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from reports.compare.comparison import Comparison
from reports.compare.words import sentences

FILE = "comparison.json"
SCHEMA_VERSION = 1


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ComparedRun(_Part):
    """One of the runs: its letter, and what tells it from the others."""

    letter: str
    key: str
    name: str


class ComparisonRecord(_Part):
    """Which runs were compared when, and what can be claimed."""

    schema_version: int = SCHEMA_VERSION
    device: str
    device_description: str
    protocol: str
    protocol_description: str
    runs: list[ComparedRun]
    sentences: list[str]
    made: str

    @classmethod
    def of(cls, comparison: Comparison, names: dict[str, str]) -> ComparisonRecord:
        """The record of a comparison that is made now; ``names`` by letter."""
        first = comparison.sides[0].record
        return cls(
            device=first.device,
            device_description=first.device_description,
            protocol=first.protocol,
            protocol_description=first.protocol_description,
            runs=[
                ComparedRun(letter=side.letter, key=side.record.key, name=names[side.letter])
                for side in comparison.sides
            ],
            sentences=sentences(comparison),
            made=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    @classmethod
    def read(cls, folder: Path) -> ComparisonRecord:
        """Read the record of a comparison folder.

        Raises
        ------
        pydantic.ValidationError
            If it is another one's.
        """
        return cls.model_validate_json((folder / FILE).read_text(encoding="utf-8"))

    def write(self, folder: Path) -> None:
        part = (folder / FILE).with_suffix(".part")
        part.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        part.replace(folder / FILE)

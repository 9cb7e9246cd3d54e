"""What came out of a scenario."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydantic import BaseModel


class FaultOutcome(BaseModel):
    """A scenario: what was done to studies, how often, and what of the claim broke.

    Attributes
    ----------
    what : str
        What was done, in a sentence.
    counts : dict of str to int
        How often what happened.
    lost, duplicated, half_written, wrong_tables, survivors : int
        Variants not in the end where they belong; runs computed though they were in the store; run folders or records
        that were not whole; tables other than that of an undisturbed study; processes there 5 s after the kill.
    broken : list of str
        Each breach of the claim, in words; empty if it held.
    skipped : str
        Why it could not be done here; empty if it was.
    """

    name: str
    what: str
    counts: dict[str, int] = {}
    lost: int = 0
    duplicated: int = 0
    half_written: int = 0
    wrong_tables: int = 0
    tables: int = 0
    survivors: int = 0
    slowest_death: float = 0.0
    broken: list[str] = []
    notes: list[str] = []
    skipped: str = ""
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        return not self.broken and not self.skipped

    def count(self, name: str, many: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + many

    def breach(self, words: str) -> None:
        """Note a breach that no other figure counts."""
        self.broken.append(words)

    def expect(self, true: bool, words: str) -> None:
        """Note a breach unless it is true."""
        if not true:
            self.breach(words)

    def repeated(self) -> list[tuple[str, int]]:
        """The breaches, each once, with how often it happened."""
        return list(Counter(self.broken).items())


@contextmanager
def timed(outcome: FaultOutcome) -> Iterator[FaultOutcome]:
    """How long a scenario took."""
    begun = time.monotonic()
    yield outcome
    outcome.seconds = time.monotonic() - begun


Tell = Callable[[str], None]

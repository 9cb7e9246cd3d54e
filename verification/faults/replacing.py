"""Puts copies of a run into its own place in the store, one after the other, until killed: python replacing.py PLACE"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import studies.store
from studies.record import RunRecord
from studies.store import RunStore

DELAY = 0.01  # s, before each renaming


def main(place: Path) -> None:
    """Never returns."""
    store, record = RunStore(place.parents[2]), RunRecord.read(place)
    store.prepare()
    for module, name in ((os, "rename"), (studies.store, "exchange")):
        setattr(module, name, _slowly(getattr(module, name)))
    while True:
        aside = store.aside(place.name)
        record.write(aside)
        store.commit(aside, place)
        print("ready", file=sys.stderr, flush=True)


def _slowly(rename: Callable[..., Any]) -> Callable[..., Any]:
    """With time before it, or a kill would hardly ever fall between two of them."""

    def later(*places: Any) -> Any:
        time.sleep(DELAY)
        return rename(*places)

    return later


if __name__ == "__main__":
    main(Path(sys.argv[1]))

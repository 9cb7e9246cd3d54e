"""One writer at a time of the record, the tables and the report of a study."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WRITING = ".writing"


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Only one copy of a study at a time writes its record, its tables and its report."""
    with (folder / WRITING).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

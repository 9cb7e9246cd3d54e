"""Folders for what is under way, and what processes that were killed have left."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

OLD = 3600.0  # s
_NAME = "benchtwin-report"
_NUMBER = re.compile(r"(?:^|[.-])(\d+)(?:[.-]|$)")


def desk() -> Path:
    """A new temporary folder; those that the killed have left are removed."""
    for left in abandoned(Path(tempfile.gettempdir()).glob(f"{_NAME}-*")):
        shutil.rmtree(left, ignore_errors=True)  # another user's stays
    return Path(tempfile.mkdtemp(prefix=f"{_NAME}-{os.getpid()}-"))


def abandoned(paths: Iterable[Path]) -> list[Path]:
    """Those, an hour old, that bear the number of a process that is no more.

    A younger one may be of a process of another machine, or of another container, that has this folder too.
    """
    numbered = [(path, int(found[1])) for path in paths if (found := _NUMBER.search(path.name))]
    return [path for path, number in numbered if not _alive(number) and _age(path) > OLD]


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:  # gone meanwhile
        return 0.0


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        pass
    return True

"""Folders for what is under way, and what processes that were killed have left."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

_NAME = "benchtwin-report"
_NUMBER = re.compile(r"(?:^|[.-])(\d+)(?:[.-]|$)")


def desk() -> Path:
    """A new temporary folder; those of processes that are no more are removed."""
    for left in abandoned(Path(tempfile.gettempdir()).glob(f"{_NAME}-*")):
        shutil.rmtree(left, ignore_errors=True)  # another user's stays
    return Path(tempfile.mkdtemp(prefix=f"{_NAME}-{os.getpid()}-"))


def abandoned(paths: Iterable[Path]) -> list[Path]:
    """Those that bear the number of a process that is no more."""
    return [path for path in paths if (found := _NUMBER.search(path.name)) and not _alive(int(found[1]))]


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        pass
    return True

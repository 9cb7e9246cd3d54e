"""Files that are there whole or not at all, whoever else writes them at the same time."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

ASIDE = ".part"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file aside, under a name of its own, and rename it into place."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=ASIDE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(aside).chmod(0o666 & ~_umask())  # mkstemp lets nobody else read it
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
